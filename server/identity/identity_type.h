#pragma once
/* An identity type: how values of one kind (e-mail address, phone number, account) are read,
 * compared and protected. The built-in types and their defaults are one table; a workspace's own
 * settings lie over it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How values are brought into their canonical form. The numbers are those of Normalizer in
 * proto/profiled/v1/identity.proto. */
enum normalizer {
    NORMALIZER_UNSPECIFIED = 0, /* Of no type. */
    NORMALIZER_EXACT = 1,
    NORMALIZER_CASE_FOLD = 2,
    NORMALIZER_DIGITS = 3,
    NORMALIZER_EMAIL = 4,
    NORMALIZER_PHONE = 5,
    NORMALIZER_HANDLE = 6,
};

/* How it is known that an identity belongs to a person; the higher one wins. The numbers are those
 * of Provenance in proto/profiled/v1/identity.proto. */
enum provenance {
    PROVENANCE_UNSPECIFIED = 0, /* Only on the wire: taken as ATTESTED. */
    PROVENANCE_INFERRED = 1,
    PROVENANCE_ATTESTED = 2,
    PROVENANCE_VERIFIED = 3,
};

/* The bits of identity_type.vetoes: strong facts that keep a record from a profile. */
enum identity_veto {
    IDENTITY_VETO_BIRTH_DATE = 1,
    IDENTITY_VETO_GENDER = 2,
    IDENTITY_VETO_GIVEN_NAME = 4,
};

/* The bits of an e-mail form: what of the local part is ignored in comparison. */
enum email_form {
    EMAIL_FORM_WHOLE = 0,
    EMAIL_FORM_NO_DOTS = 1,
    EMAIL_FORM_NO_TAG = 2, /* From the + on. */
    EMAIL_FORM_COUNT = 4,  /* Forms that there are: of each bit both. */
};

enum {
    IDENTITY_TYPES_OWN_MAX = 32, /* Types that a workspace adds. */
    IDENTITY_TYPE_NAME_SIZE_MAX = 32,
    IDENTITY_TYPES_BUILTIN = 14,
    IDENTITY_LIMIT_MAX = 50,      /* identity_type.limit is 1 to this. */
    IDENTITY_PRIORITY_MAX = 1000, /* identity_type.priority is 1, the highest, to this. */
    IDENTITY_MIN_LENGTH_MAX = 64, /* identity_type.min_length is 1 to this. */
};

/* Fields that borrow (name, match_as, blocked, patterns) live as long as whoever made the struct
 * says; those of the built-in types for ever. */
struct identity_type {
    const char *name;
    enum normalizer normalizer;
    uint32_t limit;      /* Active identities of the type on one profile. */
    uint32_t priority;   /* 1 counts most. */
    uint32_t min_length; /* Characters of the canonical value below which it matches nobody. */
    bool disabled;       /* What comes is kept as contact data, whatever `match` says. */
    bool match;          /* Identities of the type match records to profiles. */
    bool merge;          /* They may join two profiles. */
    enum provenance merge_provenance; /* The least with which they do. */
    uint32_t vetoes;                  /* Bits of enum identity_veto. */
    const char *match_as;             /* The type whose values these match too; NULL for none. */
    bool block_role_mailboxes;        /* Only with NORMALIZER_EMAIL. */
    bool fold_case;                   /* Only with NORMALIZER_HANDLE: the network ignores case. */
    uint32_t email_form;              /* Only with NORMALIZER_EMAIL: bits of enum email_form. */
    uint32_t email_forms_before;      /* Bit 1 << form of each form that the type had before: rows
                                         may still lie under it. */
    size_t blocked_count;
    const char *const *blocked; /* Canonical values that identify nobody, beside those of
                                   block.h. */
    size_t pattern_count;
    const char *const *patterns; /* Canonical values in which one is found identify nobody. */
};

/* What a type of a workspace's own starts with: of this name, read in this way. */
struct identity_type identity_type_own(const char *name, enum normalizer normalizer);

/* Whether a type of a workspace may have the name: a letter of a-z, then a-z, 0-9 and _. */
bool identity_type_name_is_good(const char *name);

/* Sets what of e-mail addresses is ignored in comparison, and remembers what was ignored before. */
void identity_type_email_form_set(struct identity_type *type, uint32_t form);

/* Whether the two block the same values. */
bool identity_types_block_alike(const struct identity_type *one, const struct identity_type *other);

/* Whether the two are the same rules: only what was before may differ. */
bool identity_types_are_alike(const struct identity_type *one, const struct identity_type *other);

/* The built-in types with their defaults, those of the highest priority first;
 * *count is IDENTITY_TYPES_BUILTIN. */
const struct identity_type *identity_types_builtin(size_t *count);

/* The built-in type of a name; NULL when there is none. */
const struct identity_type *identity_type_builtin(const char *name);

/* The name under which values of the type are compared: that of `match_as` where it has one. */
const char *identity_type_match_name(const struct identity_type *type);

/* The same by the type's name. Only built-in types match as another one, and it never changes: so
 * it can be told without the rules. */
const char *identity_match_name(const char *type);
