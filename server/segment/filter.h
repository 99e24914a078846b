#pragma once
/* Filters: compiled once, then run against the values of a person without reading or allocating
 * anything.
 *
 * What comparisons mean:
 * - A comparison with a field that has no value is false, != too. NOT turns true and false around.
 * - Of several values (a list, the addresses of a person) one that is as asked for is enough; !=
 * asks that there is a value, and none that is equal.
 * - Texts are compared NFKC and case-folded. `field:words` asks for all the words, as names are
 *   searched; of what is no free text (an enumeration, an identity, a list) for the value.
 * - `field:*` asks for any value, of a number of interactions for one of 1 or more. In = != and : a
 * * stands for any characters.
 * - Times are compared to the microsecond; a date is its midnight, UTC.
 * - Names of channels, themes and the like are in any case; a theme's labels name it too.
 * - A word alone is one of the name: `sara` is `name:sara`. */

#include "server/segment/field.h"
#include "server/store/profile.h"

enum filter_op {
    FILTER_OP_PRESENT,
    FILTER_OP_EQUAL,
    FILTER_OP_NOT_EQUAL,
    FILTER_OP_LESS,
    FILTER_OP_LESS_OR_EQUAL,
    FILTER_OP_GREATER,
    FILTER_OP_GREATER_OR_EQUAL,
    FILTER_OP_MATCHES,     /* A text with wildcards. */
    FILTER_OP_NOT_MATCHES, /* There are texts, and none does. */
    FILTER_OP_ALL_WORDS,
    FILTER_OP_ANNIVERSARY,
};

/* Where a test leads when it is not one of the tests that follow. */
enum { FILTER_ACCEPT = 0xffff, FILTER_REJECT = 0xfffe };

struct filter_constant {
    struct bytes text;
    size_t piece_count; /* Of a text with wildcards; and words of ALL_WORDS. */
    const struct bytes *pieces;
    double number;
    int64_t time_us; /* Of a relative time: what is added to now. */
    bool relative;
    int32_t days; /* Of an anniversary: how many days before it as well. */
};

struct filter_test {
    uint16_t field; /* Position among the fields. */
    enum filter_op op;
    enum field_type type;
    struct filter_constant constant;
    uint16_t yes; /* The next test. */
    uint16_t no;
};

/* A text of a filter that is another one where the filter is kept: a theme by one of its labels, a
 * telephone number in a national form. */
struct filter_renamed {
    size_t offset; /* Bytes from the beginning of the filter. */
    size_t size;   /* Of the text, with its quotation marks. */
    const char *name;
};

struct filter {
    size_t test_count;
    struct filter_test *tests;
    uint16_t start;
    size_t field_count; /* The fields that it reads, each once. */
    const uint16_t *fields;
    size_t segment_count; /* The segments that it reads, by number. */
    const uint32_t *segments;
    /* What a person must meet, all of it, for the filter to hold: terms of indexes. */
    size_t clause_count;
    const struct store_clause *clauses;
    size_t renamed_count;
    struct filter_renamed *renamed;
};

/* Compiles a filter; one of white space alone holds for everybody. What it leans on is kept by
 * fields->arena. INVALID_ARGUMENT FILTER_INVALID, with *error filled. */
MUST_USE struct status filter_compile(const char *text, const struct field_names *names,
                                      struct fields *fields, struct filter *out,
                                      struct filter_error *error);

/* The text of a compiled filter for keeping: with themes by their names, and values in canonical
 * form. It is compiled as an accepted one (field_names.is_accepted), whatever becomes of labels,
 * identity types and the region: what it means does not change. */
const char *filter_settle(const char *text, const struct filter *filter, struct arena *arena);

/* Whether all for which it holds have passed a test of this kind and number of field that asks for
 * one value. */
bool filter_fixes(const struct filter *filter, const struct fields *fields, enum field_kind kind,
                  uint32_t number);

/* What a scan of profiles can be told of it at a time: those for whom the filter holds are among
 * those that are chosen. Borrows the filter. */
struct store_choice filter_choice(const struct filter *filter, const struct fields *fields,
                                  int64_t now_us);

/* Whether a text is as the pieces of a constant are, with anything between them. */
bool filter_text_matches(const struct filter_constant *constant, struct bytes text);

/* Reads what it needs of a person, and runs it. */
struct person;
MUST_USE struct status filter_holds_for(const struct filter *filter, const struct fields *fields,
                                        struct person *person, bool *out);

/* The times at which an answer may be another one if nothing is written. */
struct filter_times {
    int64_t next_us;   /* The first one to come. */
    int64_t passed_us; /* The last one that has come; it may be a later one by up to a day's
                          midnight, never an earlier one. */
};

/* Whether it holds for a person: values[i] is that of field i, of those that the filter reads.
 * `times`, which the caller sets before, become the first and the last of what they were and of
 * those of this answer. */
bool filter_holds_at(const struct filter *filter, const struct field_value *values, int64_t now_us,
                     struct filter_times *times);

/* The same, where only the time to come matters. */
bool filter_holds(const struct filter *filter, const struct field_value *values, int64_t now_us,
                  int64_t *change_us);
