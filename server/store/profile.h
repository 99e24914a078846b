#pragma once
/* A profile as the store holds it: the noun that handlers and resolution work on. Plain data in an
 * arena: strings and arrays are borrowed from it. A profile that was read from the store is shared
 * with the store's view: copy it (profile_copy) before changing it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/base/arena.h"
#include "server/base/id.h"
#include "server/base/status.h"

/* The numbers are those of profiled.v1.Provenance and of the stored form. */
enum profile_provenance {
    PROFILE_PROVENANCE_INFERRED = 1,
    PROFILE_PROVENANCE_ATTESTED = 2,
    PROFILE_PROVENANCE_VERIFIED = 3,
};

/* An identity of the profile. */
struct profile_identity {
    const char *type;      /* The identity type's name. */
    const char *value;     /* As given. */
    const char *canonical; /* Canonical; equal to `value` where it could not be canonicalised. */
    const char *match;     /* As compared and indexed; equal to `canonical` but for addresses of
                              which a part is ignored. */
    const char *source;    /* Who told it last. */
    enum profile_provenance provenance;
    uint32_t rule;       /* 0: active. Otherwise profiled.v1.IdentityRule: contact data. */
    uint32_t over_limit; /* OVER_LIMIT: the limit that it was over; 0: not known. Also where it
                            would be active under a higher one, but is another profile's. */
    uint32_t
        rule_before; /* Where rules that came later block it: 1 + the rule of before; else 0. */
    bool claimed;    /* ApplyIdentityTypes found that another one has what was to match here. */
    uint32_t lent;   /* Of a part (identity/part.h), which may have it active while it stands alone:
                        1 + the rule by which it is contact data where the part came from; else 0. */
    int64_t first_seen_us;
    int64_t last_seen_us;
    int64_t tell_us; /* When that it was seen last was told: as of an attribute. */
    int64_t hand_us; /* When somebody linked it by hand; 0: nobody did, or it is not known. */
    enum profile_provenance hand_provenance; /* As which, where that is known. */
    struct id origin;      /* The profile that it is active by: this one, or one merged into it. */
    size_t spelling_count; /* 0: it was told in one spelling. Otherwise it is an address that was */
    const struct profile_identity *spellings; /* told in several that are compared as one: each as
                                                 it is by itself, the latest, as which all are told,
                                                 among them. */
};

/* An identity that somebody unlinked from the profile: records that told it before are told again
 * without it (identity/retell.h). */
struct profile_unlinked {
    struct id id; /* Made when it was said, as the id of a decision is: so the two have an order. */
    const char *type;
    const char *canonical;
    const char *match;
};

/* A value of an attribute. */
struct profile_attribute {
    const char *name;   /* As in the contract, as "city". */
    const char *value;  /* Canonical. "": cleared, which hides what other members know
                           (identity/members.h). */
    const char *source; /* Who told it. */
    int64_t observe_us; /* When it was observed. */
    int64_t tell_us;    /* When it was told: of what was observed at once what was told later
                           counts. Where it is not known, when it was observed. */
    int64_t force_us;   /* When somebody set it, whatever was there; 0: it came with a record. */
    bool personal;      /* Sealed; the others stay readable without the profile's key. */
    uint32_t form; /* Of one that the workspace defined, as identity/attribute.h has it; else 0. */
    bool aside;    /* Kept and not told, since it does not go with another one that is there. */
    bool replaced; /* Kept and not told: somebody set it, and what was observed since took its
                      place. Beside the attribute of its name, or as "name". */
    struct id origin; /* As of an identity. */
};

/* A merge that stands: by it two profiles, each with those merged into it, became one. */
struct profile_merge {
    struct id id;    /* Of the merge's own record. */
    struct id one;   /* The two profiles that were found to be one person: not always those that */
    struct id other; /* answered at that time, but ones merged into them. */
};

struct profile {
    struct id id;
    uint64_t revision; /* Counts the writes; the etag. */
    int64_t create_us;
    int64_t update_us;
    int64_t delete_us;     /* 0: not deleted. */
    struct id merged_into; /* Zero: not merged. Otherwise this row does not answer; it has what the
                              profile would be by itself. */
    size_t absorbed_count;
    const struct id *absorbed; /* Those merged into this one, directly or not, the oldest first. */
    const struct profile_merge *merges; /* As many as `absorbed`, in the order of the merges: with
                                           each merge one more profile became part of this one. */
    size_t apart_count;
    const struct id *apart;  /* Profiles that are never to be one with this one, by somebody's
                                word. */
    uint64_t decision_count; /* Rows of its decisions; those merged into it have their own. */

    const char *name;
    bool name_derived;
    const char *name_source;
    int64_t name_observe_us;
    int64_t name_tell_us;
    int64_t name_force_us; /* As of an attribute. */

    size_t identity_count;
    struct profile_identity *identities;
    size_t unlinked_count;                   /* At most PROFILE_UNLINKED_MAX, the latest. */
    const struct profile_unlinked *unlinked; /* The oldest first; of its own, not of all members. */
    size_t attribute_count;
    struct profile_attribute *attributes; /* At most one of each name; in no order. */
    size_t cleared_count; /* Behind them in the array: those that were cleared, whose value is "",
                             those put aside, and those replaced. Kept for what is told and merged
                             later. */

    bool has_slot;
    uint64_t slot; /* Of its key in the keystore. Taken when it is first applied. */
};

/* A copy whose own fields and arrays may be changed; the strings are shared. */
struct profile *profile_copy(const struct profile *profile, struct arena *arena);

/* A copy of all of it, strings too: good as long as the arena is. */
struct profile *profile_keep(const struct profile *profile, struct arena *arena);

/* True when it answers for itself: neither merged nor deleted. */
static inline bool profile_is_live(const struct profile *profile) {
    return profile->delete_us == 0 && id_is_zero(profile->merged_into);
}

/* Puts the attributes that were cleared, put aside or replaced behind the others, which alone are
 * counted from then on. */
void profile_attributes_part(struct profile *profile, struct arena *arena);

/* The attribute of a name that was not replaced, or NULL. */
const struct profile_attribute *profile_attribute_find(const struct profile *profile,
                                                       const char *name);

/* Whether the canonical value is one of the identity's spellings. */
bool profile_identity_is_told_as(const struct profile_identity *identity, const char *canonical);

/* Whether the identity is what was unlinked. */
bool profile_unlinked_is(const struct profile_unlinked *unlinked, const char *type,
                         const char *canonical, const char *match);

/* The identity of a type that is told as the canonical value, else the one that has the match
 * value; NULL when the profile has neither. */
const struct profile_identity *profile_identity_find(const struct profile *profile,
                                                     const char *type, const char *canonical,
                                                     const char *match);

/* ---- terms: what a profile is found by ---- */

enum profile_term_kind {
    PROFILE_TERM_IDENTITY, /* Unique: at most one live profile has it. Kept as a keyed hash. */
    PROFILE_TERM_SHARED,   /* Something that several may have, of whom one is found: kept as an
                              identity is. */
    PROFILE_TERM_CONTACT,  /* An identity that filters find and the first kind does not lead to from
                              the folded value: contact data, and what is compared in another form.
                              Kept as a keyed hash. */
    PROFILE_TERM_NAME_WORD, /* Kept as a keyed hash. */
    PROFILE_TERM_ATTRIBUTE, /* Kept in clear: classification fields only. */
    PROFILE_TERM_COUNTED,   /* The same, for those of few values: persons are counted by it. */
    PROFILE_TERM_MEMBER,    /* Of a segment: kept with the memberships, and only looked for here. */
    PROFILE_TERM_ID,        /* The profile itself: only looked for. */
};

/* One term. For an identity: the type that it matches as, and the match value. For a shared one:
 * what its owner makes of it. For a contact: the type that it matches as, and the canonical value,
 * folded. For an id: "id" and its text. For a name word: "name" and the normalised word. For an
 * attribute: its name and its value as compared. For a member: "segments" and the segment's number.
 */
struct profile_term {
    enum profile_term_kind kind;
    const char *field;
    const char *value;
};

/* Tells the terms of a live profile. Pure; the array is allocated from the arena. The identity
 * floor has the one that the product uses: the store derives every index row from it. */
typedef size_t profile_terms_fn(const struct profile *profile, struct arena *arena,
                                struct profile_term **out);
