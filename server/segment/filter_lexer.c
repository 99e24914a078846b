/* The words and signs of a filter. */

#include "server/segment/filter_lexer.h"

#include <ctype.h>
#include <string.h>

#include "server/identity/text.h"
#include "server/segment/filter_found.h"

/* Characters that are no part of a text, beside white space. */
static const char signs[] = "(),<>=!:\"'";

/* The size of the character at the text's start where it is of a kind; 0 where it is none. */
static size_t size_of_kind(const char *text, bool (*is_of_kind)(int32_t character)) {
    const char *behind = text;
    const int32_t character = text_next(&behind);
    return character > 0 && is_of_kind(character) ? (size_t)(behind - text) : 0;
}

static size_t mark_size(const char *text) { return size_of_kind(text, text_is_invisible); }

static bool is_space(const char *text) { return size_of_kind(text, text_is_space) > 0; }

static size_t space_size(const char *text) {
    const size_t size = size_of_kind(text, text_is_space);
    return size > 0 ? size : mark_size(text);
}

/* Behind marks. */
static const char *skip_marks(const char *text) {
    for (size_t size = mark_size(text); size > 0; size = mark_size(text)) {
        text += size;
    }
    return text;
}

const char *filter_comparator_text(enum filter_comparator comparator) {
    switch (comparator) {
    case FILTER_NO_COMPARATOR:
        return "";
    case FILTER_EQUAL:
        return "=";
    case FILTER_NOT_EQUAL:
        return "!=";
    case FILTER_LESS:
        return "<";
    case FILTER_LESS_OR_EQUAL:
        return "<=";
    case FILTER_GREATER:
        return ">";
    case FILTER_GREATER_OR_EQUAL:
        return ">=";
    case FILTER_HAS:
        return ":";
    }
    return "";
}

static const char *found_of(const struct filter_lexer *lexer) {
    const struct filter_token *token = &lexer->token;
    switch (token->kind) {
    case FILTER_TOKEN_END:
        return "the end";
    case FILTER_TOKEN_TEXT:
        return filter_found(&token->text, lexer->arena);
    case FILTER_TOKEN_AND:
        return "AND";
    case FILTER_TOKEN_OR:
        return "OR";
    case FILTER_TOKEN_NOT:
        return "NOT";
    case FILTER_TOKEN_MINUS:
        return "-";
    case FILTER_TOKEN_DOT:
        return ".";
    case FILTER_TOKEN_COMMA:
        return ",";
    case FILTER_TOKEN_OPEN:
        return "(";
    case FILTER_TOKEN_CLOSE:
        return ")";
    case FILTER_TOKEN_COMPARATOR:
        return filter_comparator_text(token->comparator);
    }
    return "";
}

struct status filter_refuse(struct filter_error *error, size_t offset, const char *found,
                            const char *expected) {
    *error = (struct filter_error){.offset = offset, .found = found, .expected = expected};
    return status_of(STATUS_INVALID_ARGUMENT, REASON_FILTER_INVALID,
                     "the filter can't be read: see offset, found and expected");
}

struct status filter_lexer_refuse(const struct filter_lexer *lexer, const char *expected) {
    return filter_refuse(lexer->error, lexer->token.offset, found_of(lexer), expected);
}

/* ---- signs that look like others ---- */

/* Signs that writing aids and Arabic keyboards put in the place of those of the language. Some may
 * stand within a word, as the mark in O'Brien. */
static const struct look_alike {
    const char *sign;
    const char *meant;
    bool within_words;
} look_alikes[] = {
    {"\u060c", ",", false},       {"\uff0c", ",", false},       {"\u201c", "\" or '", false},
    {"\u201d", "\" or '", false}, {"\u201e", "\" or '", false}, {"\u00ab", "\" or '", false},
    {"\u00bb", "\" or '", false}, {"\u2018", "\" or '", true},  {"\u2019", "\" or '", true},
    {"\u2264", "<=", false},      {"\u2265", ">=", false},      {"\u2260", "!=", false},
    {"\u2013", "-", true},        {"\u2014", "-", true},        {"\u2212", "-", true},
};

/* Refuses such a sign at the reader's place: what is meant by it nobody would find out. */
static struct status check_look_alike(const struct filter_lexer *lexer, bool within_word) {
    for (size_t i = 0; i < sizeof look_alikes / sizeof *look_alikes; i++) {
        const struct look_alike *one = &look_alikes[i];
        if ((!within_word || !one->within_words) &&
            strncmp(lexer->text + lexer->at, one->sign, strlen(one->sign)) == 0) {
            return filter_refuse(lexer->error, lexer->at, one->sign,
                                 arena_format(lexer->arena,
                                              "%s (a text with the sign stands in quotation marks)",
                                              one->meant));
        }
    }
    return OK;
}

/* ---- texts ---- */

/* What was read of a text so far, into the lexer's room. */
struct builder {
    size_t size;
    size_t piece_count;
};

static struct status builder_add(struct filter_lexer *lexer, struct builder *builder, char c,
                                 bool is_wildcard) {
    if (is_wildcard) {
        builder->piece_count += builder->piece_count == 0 ? 2 : 1;
        if (builder->piece_count > FILTER_PIECES_MAX) {
            return filter_refuse(lexer->error, lexer->at, "a further *", "at most 8 wildcards");
        }
    }
    lexer->room[builder->size] = c;
    lexer->cut[builder->size] = is_wildcard ? '\0' : c;
    builder->size++;
    return OK;
}

static void builder_end(struct filter_lexer *lexer, const struct builder *builder, bool quoted) {
    const char **pieces = arena_array(lexer->arena, builder->piece_count, sizeof *pieces);
    const char *piece = builder->piece_count == 0
                            ? ""
                            : arena_string(lexer->arena, bytes_of(lexer->cut, builder->size));
    for (size_t i = 0; i < builder->piece_count; i++) {
        pieces[i] = piece;
        piece += strlen(piece) + 1;
    }
    lexer->token.kind = FILTER_TOKEN_TEXT;
    lexer->token.text = (struct filter_text){
        .offset = lexer->token.offset,
        .quoted = quoted,
        .text = arena_string(lexer->arena, bytes_of(lexer->room, builder->size)),
        .piece_count = builder->piece_count,
        .pieces = pieces};
}

static struct status read_quoted(struct filter_lexer *lexer) {
    const char quote = lexer->text[lexer->at];
    struct builder builder = {.size = 0};
    for (lexer->at++; lexer->text[lexer->at] != quote; lexer->at++) {
        const bool is_escaped = lexer->text[lexer->at] == '\\';
        lexer->at += is_escaped ? 1 : 0;
        if (lexer->text[lexer->at] == '\0') {
            return filter_refuse(lexer->error, lexer->token.offset,
                                 "a text without its closing quotation mark",
                                 "a closing quotation mark");
        }
        const char c = lexer->text[lexer->at];
        TRY(builder_add(lexer, &builder, c, c == '*' && !is_escaped));
    }
    lexer->at++;
    builder_end(lexer, &builder, true);
    return OK;
}

/* Whether the character at the reader's place goes on an unquoted text. Marks do where something
 * stands behind them that does. */
static bool goes_on(const struct filter_lexer *lexer, bool in_argument) {
    const char *behind = skip_marks(lexer->text + lexer->at);
    const char c = *behind;
    if (c == '\0' || is_space(behind)) {
        return false;
    }
    if (c == '.') {
        return in_argument;
    }
    if (c == ':') {
        return in_argument && isdigit((unsigned char)lexer->text[lexer->token.offset]) != 0;
    }
    return strchr(signs, c) == NULL;
}

static struct status read_unquoted(struct filter_lexer *lexer, bool in_argument) {
    struct builder builder = {.size = 0};
    while (goes_on(lexer, in_argument)) {
        TRY(check_look_alike(lexer, lexer->at > lexer->token.offset));
        const bool is_escaped = lexer->text[lexer->at] == '\\' && lexer->text[lexer->at + 1] == '*';
        lexer->at += is_escaped ? 1 : 0;
        const char c = lexer->text[lexer->at];
        TRY(builder_add(lexer, &builder, c, c == '*' && !is_escaped));
        lexer->at++;
    }
    builder_end(lexer, &builder, false);
    return OK;
}

static void name_keyword(struct filter_token *token) {
    static const struct {
        const char *word;
        enum filter_token_kind kind;
    } keywords[] = {{"AND", FILTER_TOKEN_AND}, {"OR", FILTER_TOKEN_OR}, {"NOT", FILTER_TOKEN_NOT}};
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
        if (strcmp(token->text.text, keywords[i].word) == 0) {
            token->kind = keywords[i].kind;
        }
    }
}

/* ---- signs ---- */

/* The comparator at the reader's place; false when there is none. */
static bool read_comparator(struct filter_lexer *lexer) {
    static const struct {
        const char *sign;
        enum filter_comparator comparator;
    } comparators[] = {{"<=", FILTER_LESS_OR_EQUAL},
                       {">=", FILTER_GREATER_OR_EQUAL},
                       {"!=", FILTER_NOT_EQUAL},
                       {"<", FILTER_LESS},
                       {">", FILTER_GREATER},
                       {"=", FILTER_EQUAL},
                       {":", FILTER_HAS}};
    for (size_t i = 0; i < sizeof comparators / sizeof *comparators; i++) {
        const size_t size = strlen(comparators[i].sign);
        if (strncmp(lexer->text + lexer->at, comparators[i].sign, size) == 0) {
            lexer->token.kind = FILTER_TOKEN_COMPARATOR;
            lexer->token.comparator = comparators[i].comparator;
            lexer->at += size;
            return true;
        }
    }
    return false;
}

/* Whether a number begins with a minus or a dot, with digits of any script. */
static bool is_signed_number(const char *text) {
    static const char decimal_sign[] = "\xd9\xab"; /* U+066B, the Arabic one. */
    const size_t minus = text[0] == '-' ? 1 : 0;
    const size_t dot = text[minus] == '.' ? 1
                       : strncmp(text + minus, decimal_sign, strlen(decimal_sign)) == 0
                           ? strlen(decimal_sign)
                           : 0;
    const char *digit = text + minus + dot;
    return minus + dot > 0 && text_digit_value(text_next(&digit)) >= 0;
}

/* The sign at the reader's place; false when there is none. */
static bool read_sign(struct filter_lexer *lexer, bool in_argument) {
    static const struct {
        char sign;
        enum filter_token_kind kind;
    } kinds[] = {{'(', FILTER_TOKEN_OPEN},
                 {')', FILTER_TOKEN_CLOSE},
                 {',', FILTER_TOKEN_COMMA},
                 {'.', FILTER_TOKEN_DOT},
                 {'-', FILTER_TOKEN_MINUS}};
    const char c = lexer->text[lexer->at];
    const bool is_number = in_argument && is_signed_number(lexer->text + lexer->at);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds && !is_number; i++) {
        if (c == kinds[i].sign) {
            lexer->token.kind = kinds[i].kind;
            lexer->at++;
            return true;
        }
    }
    return read_comparator(lexer);
}

static struct status read_token(struct filter_lexer *lexer, bool in_argument) {
    const size_t before = lexer->at;
    size_t step = 0;
    while ((step = space_size(lexer->text + lexer->at)) > 0) {
        lexer->at += step;
    }
    lexer->token = (struct filter_token){.kind = FILTER_TOKEN_END,
                                         .offset = lexer->at,
                                         .space_before = lexer->at > before || before == 0};
    const char c = lexer->text[lexer->at];
    if (c == '"' || c == '\'') {
        TRY(read_quoted(lexer));
    } else if (c == '!' && lexer->text[lexer->at + 1] != '=') {
        return filter_refuse(lexer->error, lexer->at, "!", "!=, NOT or -");
    } else if (c != '\0' && !read_sign(lexer, in_argument)) {
        TRY(read_unquoted(lexer, in_argument));
        name_keyword(&lexer->token);
    }
    lexer->token.end = lexer->at;
    lexer->token.text.size = lexer->at - lexer->token.offset;
    lexer->token.space_behind = lexer->text[lexer->at] == '\0' || is_space(lexer->text + lexer->at);
    return OK;
}

struct status filter_lexer_begin(struct filter_lexer *lexer, const char *text, struct arena *arena,
                                 struct filter_error *error) {
    const size_t size = strlen(text);
    *lexer = (struct filter_lexer){.text = text,
                                   .arena = arena,
                                   .error = error,
                                   .room = arena_alloc(arena, size),
                                   .cut = arena_alloc(arena, size)};
    return read_token(lexer, false);
}

struct status filter_lexer_next(struct filter_lexer *lexer) {
    return read_token(lexer, false);
}

struct status filter_lexer_next_argument(struct filter_lexer *lexer) {
    return read_token(lexer, true);
}
