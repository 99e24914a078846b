/* The table of defaults in proto/README.md, held against the built-in types: every rule of a type
 * is a column, and none says what is not so. */

#include "server/identity/block.h"
#include "server/identity/identity_type.h"
#include "tests/identity/documented.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a type of the workspace's own has by its normalizer. */
static const char OWN[] = "of the workspace's own";

static const char *yes(bool is) { return is ? "yes" : "no"; }

static const char *normalizer_of(const struct identity_type *type) {
    switch (type->normalizer) {
    case NORMALIZER_EXACT:
        return "EXACT";
    case NORMALIZER_CASE_FOLD:
        return "CASE_FOLD";
    case NORMALIZER_EMAIL:
        return "EMAIL";
    case NORMALIZER_PHONE:
        return "PHONE";
    case NORMALIZER_HANDLE:
        return "HANDLE";
    case NORMALIZER_DIGITS:
    case NORMALIZER_UNSPECIFIED:
        break;
    }
    return "as it says";
}

static const char *provenance_of(const struct identity_type *type) {
    static const char *const names[] = {"", "INFERRED", "ATTESTED", "VERIFIED"};
    return names[type->merge_provenance];
}

static const char *vetoes_of(const struct identity_type *type) {
    return type->vetoes == IDENTITY_VETO_BIRTH_DATE ? "birth_date" : "others";
}

static bool is_blocked(const struct identity_type *type, const char *value, enum block_rule rule) {
    enum block_rule found;
    return identity_block_rule(type, value, &found) && found == rule;
}

/* The built-in lists, by what they find. */
static const char *placeholders_of(const struct identity_type *type) {
    if (type->normalizer == NORMALIZER_EMAIL) {
        return is_blocked(type, "unknown", BLOCK_VALUE) &&
                       is_blocked(type, "noemail@shop.example", BLOCK_VALUE)
                   ? "clear, mailboxes"
                   : "";
    }
    if (type->normalizer == NORMALIZER_PHONE) {
        return is_blocked(type, "unknown", BLOCK_VALUE) &&
                       is_blocked(type, "+9661234567890", BLOCK_VALUE)
                   ? "clear, numbers"
                   : "";
    }
    if (is_blocked(type, "unknown", BLOCK_VALUE)) {
        return is_blocked(type, "user", BLOCK_VALUE) ? "clear, weak" : "clear";
    }
    return "";
}

static const char *repeated_of(const struct identity_type *type) {
    if (is_blocked(type, "+966501111111", BLOCK_REPEATED)) {
        return is_blocked(type, "+9665555", BLOCK_REPEATED) ? "4 times, or 7 at the end" : "";
    }
    if (type->normalizer == NORMALIZER_EMAIL) { /* An address has more than one character. */
        return is_blocked(type, "xxxxxxx@xxxxxxx.xx", BLOCK_REPEATED) ? "always" : "";
    }
    if (!is_blocked(type, "xxxxx", BLOCK_REPEATED)) {
        return "";
    }
    return is_blocked(type, "xxxx", BLOCK_REPEATED) ? "4 times" : "5 times";
}

static void put_how(FILE *out, const struct identity_type *type) {
    cr_expect_eq(type->fold_case, type->normalizer == NORMALIZER_HANDLE);
    fprintf(out, "| %s | %s | %u | %u | %u | %s | %s | %s | %s | %s |\n", type->name,
            normalizer_of(type), type->limit, type->priority, type->min_length, yes(type->match),
            yes(type->merge), provenance_of(type), vetoes_of(type), yes(type->limit == 1));
}

static void put_what(FILE *out, const struct identity_type *type) {
    const bool is_own = type->name == OWN;
    fprintf(out, "| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", type->name,
            type->match_as == NULL ? "" : type->match_as, yes(type->disabled),
            is_own ? "of EMAIL" : yes(type->block_role_mailboxes),
            yes((type->email_form & EMAIL_FORM_NO_DOTS) != 0),
            yes((type->email_form & EMAIL_FORM_NO_TAG) != 0),
            type->blocked_count == 0 ? "" : "some", type->pattern_count == 0 ? "" : "some",
            is_own ? "by its normalizer" : placeholders_of(type),
            is_own ? "by its normalizer" : repeated_of(type));
}

typedef void put_row(FILE *out, const struct identity_type *type);

static char *table_of(const char *head, put_row *put) {
    char *table = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&table, &size);
    fputs(head, out);
    size_t count = 0;
    const struct identity_type *types = identity_types_builtin(&count);
    for (size_t i = 0; i < count; i++) {
        put(out, &types[i]);
    }
    const struct identity_type own = identity_type_own(OWN, NORMALIZER_DIGITS);
    put(out, &own);
    fputc('\n', out); /* And no further row. */
    fclose(out);
    return table;
}

Test(identity_types_documented, how_they_are_read_and_what_they_count) {
    char *table =
        table_of("| type | `normalizer` | `limit` | `priority` | `min_length` | `match` | "
                 "`merge` | `merge_provenance` | `veto_attributes` | another value "
                 "vetoes |\n|---|---|---|---|---|---|---|---|---|---|\n",
                 put_how);

    expect_documented(table);

    free(table);
}

Test(identity_types_documented, what_is_ignored_and_blocked) {
    char *table = table_of("| type | `match_as` | `disabled` | `block_role_mailboxes` | "
                           "`email_ignore_dots` | `email_ignore_tag` | `blocked_values` | "
                           "`blocked_patterns` | placeholders | one character alone |\n"
                           "|---|---|---|---|---|---|---|---|---|---|\n",
                           put_what);

    expect_documented(table);

    free(table);
}

Test(identity_types_documented, a_type_of_the_workspaces_own_is_read_as_those_that_are_built_in) {
    for (int i = NORMALIZER_EXACT; i <= NORMALIZER_HANDLE; i++) {
        const struct identity_type own = identity_type_own(OWN, (enum normalizer)i);
        cr_expect_eq(own.block_role_mailboxes, i == NORMALIZER_EMAIL);
        cr_expect_eq(own.fold_case, i == NORMALIZER_HANDLE);
        if (i == NORMALIZER_DIGITS) {
            cr_expect_str_eq(placeholders_of(&own), "clear, weak");
            cr_expect_str_eq(repeated_of(&own), "4 times");
        }
    }
}
