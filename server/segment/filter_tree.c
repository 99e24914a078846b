/* Reads a filter into a tree, by descent: as deep as parentheses may stand in each other. */

#include "server/segment/filter_tree.h"

#include <stdlib.h>
#include <string.h>

#include "server/base/limits.h"
#include "server/base/nearest.h"
#include "server/identity/text.h"
#include "server/segment/filter_found.h"
#include "server/segment/filter_lexer.h"

enum { DURATION_DAYS_MAX = 100000 }; /* The errors name it. */

struct parser {
    struct filter_lexer lexer;
    size_t depth;
    size_t test_count;
    /* Inside an argument of texts: what each of them is compared with, and how. NULL outside. */
    const struct filter_comparable *comparable;
    enum filter_comparator comparator;
    size_t comparator_offset;
};

static struct status read_expression(struct parser *parser, const struct filter_node **out);

static bool looks_at(const struct parser *parser, enum filter_token_kind kind) {
    return parser->lexer.token.kind == kind;
}

static struct status next(struct parser *parser) {
    return parser->comparable == NULL ? filter_lexer_next(&parser->lexer)
                                      : filter_lexer_next_argument(&parser->lexer);
}

static struct status refuse(const struct parser *parser, const char *expected) {
    return filter_lexer_refuse(&parser->lexer, expected);
}

/* ---- durations and relative times ---- */

bool filter_duration_read(const char *text, struct arena *arena, int64_t *out_us) {
    static const struct {
        const char *unit;
        double us;
    } units[] = {{"s", 1e6}, {"m", 60e6}, {"h", 3600e6}, {"d", 86400e6}, {"w", 604800e6}};
    const char *ascii = text_ascii_number(text, arena);
    char *end = NULL;
    const size_t digits = strspn(ascii, "0123456789.");
    const double number = strtod(ascii, &end);
    if (digits == 0 || end != ascii + digits) {
        return false; /* No signs, words, exponents or other bases, as strtod() would take them. */
    }
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcmp(end, units[i].unit) == 0 &&
            number * units[i].us <= DURATION_DAYS_MAX * 86400e6) {
            *out_us = (int64_t)(number * units[i].us + 0.5);
            return true;
        }
    }
    return false;
}

/* `now-30d` in one piece. */
static bool read_now_in_one(const struct parser *parser, const struct filter_text *text,
                            struct filter_argument *out) {
    const bool is_one = !text->quoted && strncmp(text->text, "now", 3) == 0 &&
                        (text->text[3] == '-' || text->text[3] == '+');
    if (!is_one || !filter_duration_read(text->text + 4, parser->lexer.arena, &out->delta_us)) {
        return false;
    }
    out->delta_us = text->text[3] == '-' ? -out->delta_us : out->delta_us;
    out->relative = true;
    return true;
}

/* The text that the parser looks at, where it has no quotation marks; "" for anything else. */
static const char *unquoted(const struct parser *parser) {
    const struct filter_token *token = &parser->lexer.token;
    return token->kind == FILTER_TOKEN_TEXT && !token->text.quoted ? token->text.text : "";
}

/* The duration `text`, which the parser looks at; it looks behind it then. */
static struct status read_duration(struct parser *parser, const char *text, bool is_minus,
                                   struct filter_argument *out) {
    if (!filter_duration_read(text, parser->lexer.arena, &out->delta_us)) {
        return refuse(parser,
                      "a duration as 30d: a number and s, m, h, d or w, at most 100,000 days");
    }
    out->relative = true;
    out->delta_us = is_minus ? -out->delta_us : out->delta_us;
    return next(parser);
}

/* `30d`, which comes behind a sign. */
static struct status read_next_duration(struct parser *parser, bool is_minus,
                                        struct filter_argument *out) {
    TRY(filter_lexer_next_argument(&parser->lexer));
    return read_duration(parser, unquoted(parser), is_minus, out);
}

/* `- 30d` and `+ 30d` behind `now`, `-30d` and `+30d` too. A minus that stands at the beginning of
 * anything else is the next term's, as in `create_time > now -name:sara`. */
static struct status read_delta(struct parser *parser, struct filter_argument *out) {
    const size_t behind = parser->lexer.at;
    TRY(filter_lexer_next_argument(&parser->lexer));
    const char *text = unquoted(parser);
    if (looks_at(parser, FILTER_TOKEN_MINUS) &&
        (!parser->lexer.token.space_before || parser->lexer.token.space_behind)) {
        return read_next_duration(parser, true, out);
    }
    if (strcmp(text, "+") == 0) {
        return read_next_duration(parser, false, out);
    }
    if (text[0] == '+' || text[0] == '-') {
        return read_duration(parser, text + 1, text[0] == '-', out);
    }
    parser->lexer.at = behind; /* now alone: what follows is no argument */
    out->relative = true;
    return next(parser);
}

const char *filter_now_nearest(const struct filter_text *text, struct arena *arena) {
    const size_t size = strcspn(text->text, "+-");
    struct nearest nearest =
        nearest_begin(arena_string(arena, bytes_of((const uint8_t *)text->text, size)));
    nearest_try(&nearest, "now", "now");
    nearest_try(&nearest, "today", "now");
    const bool is_now = strncmp(text->text, "now", size) == 0 && size == strlen("now");
    return text->quoted || is_now ? NULL : nearest.name;
}

/* `noww - 30d`: a sign and a duration stand behind now alone. */
static struct status check_word_before_sign(const struct parser *parser,
                                            const struct filter_text *text) {
    const struct filter_token *token = &parser->lexer.token;
    const bool is_sign = (looks_at(parser, FILTER_TOKEN_MINUS) && token->space_behind) ||
                         strcmp(unquoted(parser), "+") == 0;
    const char *nearest = is_sign ? filter_now_nearest(text, parser->lexer.arena) : NULL;
    if (nearest == NULL) {
        return OK;
    }
    const struct status status = filter_refuse(parser->lexer.error, text->offset,
                                               filter_found(text, parser->lexer.arena), "now");
    parser->lexer.error->nearest = nearest;
    return status;
}

/* A text, or a relative time, which the parser looks at; it looks behind it then. */
static struct status read_argument(struct parser *parser, struct filter_argument *out) {
    const struct filter_token token = parser->lexer.token;
    if (token.kind != FILTER_TOKEN_TEXT) {
        return refuse(parser, "a value");
    }
    *out = (struct filter_argument){.text = token.text};
    if (read_now_in_one(parser, &token.text, out)) {
        return next(parser);
    }
    const char *word = unquoted(parser);
    if (strcmp(word, "now") == 0) {
        return read_delta(parser, out);
    }
    if (strcmp(word, "now-") == 0 || strcmp(word, "now+") == 0) {
        return read_next_duration(parser, word[3] == '-', out);
    }
    TRY(next(parser));
    return check_word_before_sign(parser, &out->text);
}

/* ---- restrictions ---- */

static struct filter_node *node_new(struct parser *parser, enum filter_node_kind kind) {
    struct filter_node *node = arena_alloc(parser->lexer.arena, sizeof *node);
    node->kind = kind;
    return node;
}

static struct status read_function(struct parser *parser, struct filter_comparable *out) {
    out->is_function = true;
    TRY(filter_lexer_next_argument(&parser->lexer));
    if (looks_at(parser, FILTER_TOKEN_CLOSE)) {
        return filter_lexer_next(&parser->lexer);
    }
    for (;;) {
        if (out->argument_count == FILTER_ARGUMENTS_MAX) {
            return refuse(parser, "at most 4 arguments");
        }
        TRY(read_argument(parser, &out->arguments[out->argument_count]));
        out->argument_count++;
        if (looks_at(parser, FILTER_TOKEN_CLOSE)) {
            return filter_lexer_next(&parser->lexer);
        }
        if (!looks_at(parser, FILTER_TOKEN_COMMA)) {
            return refuse(parser, "a comma or )");
        }
        TRY(filter_lexer_next_argument(&parser->lexer));
    }
}

/* Behind a dot keywords are names as others are. */
static bool is_part(const struct parser *parser, bool first) {
    return looks_at(parser, FILTER_TOKEN_TEXT) ||
           (!first && (looks_at(parser, FILTER_TOKEN_AND) || looks_at(parser, FILTER_TOKEN_OR) ||
                       looks_at(parser, FILTER_TOKEN_NOT)));
}

/* Names may be told in errors. An address without its field has dots too, and none. */
static void mark_names(struct filter_comparable *comparable) {
    bool is_address = false;
    for (size_t i = 0; i < comparable->part_count; i++) {
        is_address = is_address || strchr(comparable->parts[i].text, '@') != NULL;
    }
    for (size_t i = 0; i < comparable->part_count; i++) {
        comparable->parts[i].is_name = !is_address;
    }
}

static struct status read_comparable(struct parser *parser, struct filter_comparable *out) {
    *out = (struct filter_comparable){.offset = parser->lexer.token.offset};
    for (;;) {
        if (!is_part(parser, out->part_count == 0)) {
            return refuse(parser, out->part_count == 0 ? "a field, a word, NOT, - or ("
                                                       : "a name behind the dot");
        }
        if (out->part_count == FILTER_PARTS_MAX) {
            return refuse(parser, "at most 4 names with dots between");
        }
        const size_t end = parser->lexer.token.end;
        out->parts[out->part_count++] = parser->lexer.token.text;
        TRY(filter_lexer_next(&parser->lexer));
        if (looks_at(parser, FILTER_TOKEN_OPEN) && parser->lexer.token.offset == end) {
            mark_names(out);
            return read_function(parser, out);
        }
        if (!looks_at(parser, FILTER_TOKEN_DOT)) {
            mark_names(out);
            return OK;
        }
        TRY(filter_lexer_next(&parser->lexer));
    }
}

static struct status count_test(struct parser *parser) {
    if (parser->test_count == FILTER_TESTS_MAX) {
        return refuse(parser, "at most 100 comparisons");
    }
    parser->test_count++;
    return OK;
}

/* One of the texts that a field is compared with. */
static struct status read_shared(struct parser *parser, const struct filter_node **out) {
    TRY(count_test(parser));
    struct filter_node *node = node_new(parser, FILTER_RESTRICTION);
    node->comparable = parser->comparable;
    node->comparator = parser->comparator;
    node->comparator_offset = parser->comparator_offset;
    TRY(read_argument(parser, &node->argument));
    *out = node;
    return OK;
}

/* An expression of texts in parentheses, on the right of a comparator. */
static struct status read_choice(struct parser *parser, const struct filter_node *restriction,
                                 const struct filter_node **out) {
    parser->comparable = restriction->comparable;
    parser->comparator = restriction->comparator;
    parser->comparator_offset = restriction->comparator_offset;
    parser->depth++;      /* One at most: it is no loop. */
    parser->test_count--; /* The texts are counted, each. */
    TRY(filter_lexer_next_argument(&parser->lexer));
    TRY(read_expression(parser, out));
    if (!looks_at(parser, FILTER_TOKEN_CLOSE)) {
        return refuse(parser, "AND, OR or )");
    }
    parser->comparable = NULL;
    parser->depth--;
    return filter_lexer_next(&parser->lexer);
}

static struct status read_restriction(struct parser *parser, const struct filter_node **out) {
    if (parser->comparable != NULL) {
        return read_shared(parser, out);
    }
    TRY(count_test(parser));
    struct filter_node *node = node_new(parser, FILTER_RESTRICTION);
    struct filter_comparable *comparable = arena_alloc(parser->lexer.arena, sizeof *comparable);
    TRY(read_comparable(parser, comparable));
    node->comparable = comparable;
    *out = node;
    if (!looks_at(parser, FILTER_TOKEN_COMPARATOR)) {
        return OK;
    }
    node->comparator = parser->lexer.token.comparator;
    node->comparator_offset = parser->lexer.token.offset;
    TRY(filter_lexer_next_argument(&parser->lexer));
    return looks_at(parser, FILTER_TOKEN_OPEN) ? read_choice(parser, node, out)
                                               : read_argument(parser, &node->argument);
}

/* ---- what holds them together ---- */

static struct status read_simple(struct parser *parser, const struct filter_node **out) {
    if (!looks_at(parser, FILTER_TOKEN_OPEN)) {
        return read_restriction(parser, out);
    }
    if (parser->depth >= FILTER_DEPTH_MAX) {
        return refuse(parser, "at most 32 parentheses in each other");
    }
    parser->depth++;
    TRY(next(parser));
    TRY(read_expression(parser, out));
    if (!looks_at(parser, FILTER_TOKEN_CLOSE)) {
        return refuse(parser, "AND, OR or )");
    }
    parser->depth--;
    return next(parser);
}

static struct status read_term(struct parser *parser, const struct filter_node **out) {
    if (!looks_at(parser, FILTER_TOKEN_NOT) && !looks_at(parser, FILTER_TOKEN_MINUS)) {
        return read_simple(parser, out);
    }
    if (looks_at(parser, FILTER_TOKEN_MINUS) && parser->lexer.token.space_behind) {
        return refuse(parser, "a - without white space behind it"); /* No `now - 1d - 2h` either. */
    }
    struct filter_node *node = node_new(parser, FILTER_NOT);
    node->count = 1;
    node->items = arena_array(parser->lexer.arena, 1, sizeof *node->items);
    TRY(next(parser));
    if (parser->comparable == NULL && !looks_at(parser, FILTER_TOKEN_TEXT) &&
        !looks_at(parser, FILTER_TOKEN_OPEN)) {
        return refuse(parser, "a field, a word or ("); /* One NOT, or one -, and no more. */
    }
    TRY(read_simple(parser, &node->items[0]));
    *out = node;
    return OK;
}

/* Adds an item to a list of a kind; a list of one is the item itself. */
static void add(struct parser *parser, enum filter_node_kind kind, struct filter_node **list,
                const struct filter_node *item) {
    if (*list == NULL) {
        *list = node_new(parser, kind);
    }
    (*list)->items =
        arena_grow(parser->lexer.arena, (*list)->items, (*list)->count, sizeof *(*list)->items);
    (*list)->items[(*list)->count++] = item;
}

static const struct filter_node *list_end(const struct filter_node *list) {
    return list->count == 1 ? list->items[0] : list;
}

static struct status read_factor(struct parser *parser, const struct filter_node **out) {
    struct filter_node *list = NULL;
    for (;;) {
        const struct filter_node *term = NULL;
        TRY(read_term(parser, &term));
        add(parser, FILTER_OR, &list, term);
        if (!looks_at(parser, FILTER_TOKEN_OR)) {
            *out = list_end(list);
            return OK;
        }
        TRY(next(parser));
    }
}

static struct status read_expression(struct parser *parser, const struct filter_node **out) {
    struct filter_node *list = NULL;
    for (;;) {
        const struct filter_node *factor = NULL;
        TRY(read_factor(parser, &factor));
        add(parser, FILTER_AND, &list, factor);
        if (looks_at(parser, FILTER_TOKEN_END) || looks_at(parser, FILTER_TOKEN_CLOSE)) {
            *out = list_end(list);
            return OK;
        }
        if (looks_at(parser, FILTER_TOKEN_AND)) {
            TRY(next(parser));
        } else if (!parser->lexer.token.space_before) {
            return refuse(parser, "AND, OR, white space or the end");
        }
    }
}

struct status filter_tree_read(const char *text, struct arena *arena,
                               const struct filter_node **out, struct filter_error *error) {
    *out = NULL;
    return strlen(text) > FILTER_SIZE_MAX
               ? filter_refuse(error, FILTER_SIZE_MAX, "a longer filter", "at most 4,096 bytes")
               : filter_tree_read_kept(text, arena, out, error);
}

struct status filter_tree_read_kept(const char *text, struct arena *arena,
                                    const struct filter_node **out, struct filter_error *error) {
    struct parser parser = {.depth = 0};
    *out = NULL;
    if (strlen(text) > FILTER_KEPT_SIZE_MAX) {
        return filter_refuse(error, FILTER_KEPT_SIZE_MAX, "a longer filter",
                             "at most 65,536 bytes");
    }
    TRY(filter_lexer_begin(&parser.lexer, text, arena, error));
    if (looks_at(&parser, FILTER_TOKEN_END)) {
        return OK;
    }
    TRY(read_expression(&parser, out));
    return looks_at(&parser, FILTER_TOKEN_END) ? OK : refuse(&parser, "AND, OR or the end");
}
