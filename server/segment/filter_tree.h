#pragma once
/* The filter language, read into a tree. It is AIP-160 (https://google.aip.dev/160), the grammar
 * whole, with what AIP-160 leaves to services settled so:
 *
 *   filter      = [ expression ]
 *   expression  = sequence { "AND" sequence }
 *   sequence    = factor { factor }                    one after the other is AND too
 *   factor      = term { "OR" term }                   OR binds closer than AND
 *   term        = [ "NOT" | "-" ] simple
 *   simple      = restriction | "(" expression ")"
 *   restriction = comparable [ comparator argument ]
 *   comparable  = value { "." value } | name { "." name } "(" [ argument { "," argument } ] ")"
 *   comparator  = "=" | "!=" | "<" | "<=" | ">" | ">=" | ":"
 *   argument    = text | "now" [ ( "+" | "-" ) duration ] | "(" expression of texts ")"
 *
 * White space may stand between all of these, and has to between factors; there is none behind a -
 * that is NOT, nor before the parenthesis of a function. It is that of Unicode (U+00A0 and others).
 * Invisible marks, as those that say in which direction a text runs (U+200E, U+200F, U+061C), are
 * white space there, but for behind a -: who writes Arabic beside quotation marks sets them, and
 * nobody sees them.
 *
 * A text is a run of characters without white space and without ( ) , < > = ! : " ', or characters
 * in quotation marks of either kind, in which \ stands before one that is meant as such. Signs that
 * look like those of the language (the Arabic comma, curly quotation marks, dashes) are refused
 * without quotation marks. On the
 * right of a comparator a text may have dots, and colons where it begins with a digit: 1.5,
 * person@example.com, 2026-01-31T12:00:00Z. A * in it stands for any characters; \* for itself.
 * An expression of texts compares with each of them: city = (riyadh OR jeddah).
 *
 * Reading knows no fields and looks at nothing but the text. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/base/arena.h"
#include "server/base/status.h"

enum {
    FILTER_DEPTH_MAX = 32,    /* Parentheses in parentheses. */
    FILTER_TESTS_MAX = 100,   /* Restrictions of one filter. */
    FILTER_PARTS_MAX = 4,     /* Of a name with dots. */
    FILTER_ARGUMENTS_MAX = 4, /* Of a function. */
    FILTER_PIECES_MAX = 9,    /* Of a text with wildcards: eight of them. */
};

/* What is wrong with a filter, and where. The texts hold nothing of what fields are compared with:
 * it may be personal. */
struct filter_error {
    size_t offset;        /* Bytes from its beginning. */
    const char *found;    /* "the end", "a text of 5 characters", … */
    const char *expected; /* "a comparator", … */
    const char *nearest;  /* The known name that is most like the one there; NULL for none. */
    const char *segment;  /* The name of a segment that is not there, or archived; else NULL. */
};

enum filter_comparator {
    FILTER_NO_COMPARATOR,
    FILTER_EQUAL,
    FILTER_NOT_EQUAL,
    FILTER_LESS,
    FILTER_LESS_OR_EQUAL,
    FILTER_GREATER,
    FILTER_GREATER_OR_EQUAL,
    FILTER_HAS,
};

struct filter_text {
    size_t offset;
    size_t size; /* Bytes that it takes there, with its quotation marks. */
    bool quoted;
    bool is_name;       /* Of a field, or of one of its parts. */
    const char *text;   /* Without quotation marks and backslashes; wildcards are in it as *. */
    size_t piece_count; /* 0 without wildcards; else what stands before, between and behind them. */
    const char *const *pieces;
};

struct filter_argument {
    struct filter_text text;
    bool relative; /* A time: now, and so many microseconds later. */
    int64_t delta_us;
};

/* What stands before a comparator: the parts of a name, and the arguments where it is a function.
 */
struct filter_comparable {
    size_t offset;
    size_t part_count;
    struct filter_text parts[FILTER_PARTS_MAX];
    bool is_function;
    size_t argument_count;
    struct filter_argument arguments[FILTER_ARGUMENTS_MAX];
};

enum filter_node_kind { FILTER_AND, FILTER_OR, FILTER_NOT, FILTER_RESTRICTION };

struct filter_node {
    enum filter_node_kind kind;
    /* FILTER_AND and FILTER_OR: two or more; FILTER_NOT: one. */
    size_t count;
    const struct filter_node **items;
    /* FILTER_RESTRICTION. */
    const struct filter_comparable *comparable;
    enum filter_comparator comparator;
    size_t comparator_offset;
    struct filter_argument argument;
};

/* Reads a filter; *out is NULL for one of nothing but white space. INVALID_ARGUMENT FILTER_INVALID,
 * with *error filled. All of it lives in the arena. */
MUST_USE struct status filter_tree_read(const char *text, struct arena *arena,
                                        const struct filter_node **out, struct filter_error *error);

/* The same of one that was accepted: its values in canonical form may be longer. */
MUST_USE struct status filter_tree_read_kept(const char *text, struct arena *arena,
                                             const struct filter_node **out,
                                             struct filter_error *error);

/* The status of a filter that can't be read, filling *error. */
struct status filter_refuse(struct filter_error *error, size_t offset, const char *found,
                            const char *expected);

/* A comparator as it is written. */
const char *filter_comparator_text(enum filter_comparator comparator);

/* "now" for a text that may be meant so, as noww and Now-3d, else NULL. */
const char *filter_now_nearest(const struct filter_text *text, struct arena *arena);

/* Reads 30d, 1.5h, 20s: a number, in digits of any script, and one of s, m, h, d and w. False for
 * anything else, and for more than 100,000 days. */
bool filter_duration_read(const char *text, struct arena *arena, int64_t *out_us);
