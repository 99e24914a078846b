#pragma once
/* The words and signs of a filter. Private to the reading of filters. */

#include "server/segment/filter_tree.h"

enum filter_token_kind {
    FILTER_TOKEN_END,
    FILTER_TOKEN_TEXT, /* Quoted or not. */
    FILTER_TOKEN_AND,
    FILTER_TOKEN_OR,
    FILTER_TOKEN_NOT,
    FILTER_TOKEN_MINUS,
    FILTER_TOKEN_DOT,
    FILTER_TOKEN_COMMA,
    FILTER_TOKEN_OPEN,
    FILTER_TOKEN_CLOSE,
    FILTER_TOKEN_COMPARATOR,
};

struct filter_token {
    enum filter_token_kind kind;
    size_t offset;
    size_t end;        /* Behind its last byte. */
    bool space_before; /* White space, or the beginning, stands before it. */
    bool space_behind; /* White space, or the end, stands behind it. */
    struct filter_text text;
    enum filter_comparator comparator;
};

struct filter_lexer {
    const char *text;
    size_t at;
    struct arena *arena;
    struct filter_error *error;
    char *room; /* What a text is read into, before it is copied: as large as the whole filter. */
    char *cut;  /* The same, with wildcards as NUL. */
    struct filter_token token; /* The one that is looked at. */
};

/* Begins, and looks at the first token. */
MUST_USE struct status filter_lexer_begin(struct filter_lexer *lexer, const char *text,
                                          struct arena *arena, struct filter_error *error);

/* Goes on to the next token. */
MUST_USE struct status filter_lexer_next(struct filter_lexer *lexer);

/* The same on the right of a comparator, or among the arguments of a function, where texts have
 * dots and colons. */
MUST_USE struct status filter_lexer_next_argument(struct filter_lexer *lexer);

/* Refuses the token that is looked at. */
struct status filter_lexer_refuse(const struct filter_lexer *lexer, const char *expected);
