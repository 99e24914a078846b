/* A first part of AIP-160:
 *
 *   filter = term { "AND" term }
 *   term   = "attributes." NAME "=" STRING | "name" ":" STRING
 *   STRING = '"' characters, with \" and \\ '"' | a word of letters, digits, _ and -
 *
 * NAME is one of the indexed attributes: built in, or the workspace's own that are not personal. Of
 * a list one of the values is looked for. */

#include "server/handlers/filter.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

#include "server/base/limits.h"
#include "server/identity/attribute_rules.h"
#include "server/identity/name_words.h"

struct reader {
    struct rpc_context *ctx;
    const char *text;
    const char *at;
};

static struct status refuse(const struct reader *reader, const char *at, const char *expected) {
    rpc_error_metadata(reader->ctx, "offset",
                       arena_format(reader->ctx->arena, "%td", at - reader->text));
    rpc_error_metadata(reader->ctx, "expected", expected);
    return status_of(STATUS_INVALID_ARGUMENT, REASON_FILTER_INVALID,
                     "the filter can't be read: see offset and expected");
}

static void skip_spaces(struct reader *reader) {
    while (*reader->at == ' ' || *reader->at == '\t' || *reader->at == '\n') {
        reader->at++;
    }
}

static bool is_word_character(char c) {
    return isalnum((unsigned char)c) != 0 || c == '_' || c == '-' || ((unsigned char)c & 0x80) != 0;
}

static struct bytes read_word(struct reader *reader) {
    const char *start = reader->at;
    while (is_word_character(*reader->at)) {
        reader->at++;
    }
    return bytes_of(start, (size_t)(reader->at - start));
}

static bool bytes_are(struct bytes bytes, const char *string) {
    return bytes_equal(bytes, bytes_of_string(string));
}

static struct status read_quoted(struct reader *reader, const char **out) {
    const char *start = reader->at;
    char *value = arena_alloc(reader->ctx->arena, strlen(reader->at) + 1);
    size_t size = 0;
    for (reader->at++; *reader->at != '"'; reader->at++) {
        if (*reader->at == '\\') {
            reader->at++;
        }
        if (*reader->at == '\0') {
            return refuse(reader, start, "a closing quotation mark");
        }
        value[size++] = *reader->at;
    }
    reader->at++;
    *out = value;
    return OK;
}

static struct status read_string(struct reader *reader, const char **out) {
    skip_spaces(reader);
    if (*reader->at == '"') {
        return read_quoted(reader, out);
    }
    const struct bytes word = read_word(reader);
    if (word.size == 0) {
        return refuse(reader, reader->at, "a value: a word, or a text in quotation marks");
    }
    *out = arena_string(reader->ctx->arena, word);
    return OK;
}

static struct status expect(struct reader *reader, char sign, const char *expected) {
    skip_spaces(reader);
    if (*reader->at != sign) {
        return refuse(reader, reader->at, expected);
    }
    reader->at++;
    return OK;
}

static void add(struct reader *reader, struct filter *filter, struct profile_term term) {
    filter->terms =
        arena_append(reader->ctx->arena, filter->terms, filter->term_count, sizeof *filter->terms);
    filter->terms[filter->term_count++] = term;
}

/* Values that are retired are found too. */
static struct status read_value(struct reader *reader, const struct attribute_rule *rule,
                                const char *value, const char **out) {
    struct arena *arena = reader->ctx->arena;
    if (rule->kind->own) {
        const struct attribute_definition *definition = NULL;
        TRY(attribute_rule_define(reader->ctx->store, rule, &definition));
        return attribute_filter_read(definition, value, arena, out);
    }
    enum attribute attribute = ATTRIBUTE_ABOUT;
    const bool found = attribute_find(rule->kind->name, &attribute);
    assert(found);
    return attribute_canonicalise(attribute, value, reader->ctx->now_us, arena, out);
}

static struct status read_attribute(struct reader *reader, struct filter *filter) {
    TRY(expect(reader, '.', "a dot and the name of an attribute"));
    const char *name_at = reader->at;
    const char *name = arena_string(reader->ctx->arena, read_word(reader));
    const struct attribute_rules *rules = NULL;
    TRY(attribute_rules_read(reader->ctx->store, &rules));
    const struct attribute_rule *rule = attribute_rules_find(rules, name);
    if (rule == NULL || rule == &rules->rules[0] || !rule->kind->indexed) {
        return refuse(reader, name_at,
                      arena_format(reader->ctx->arena, "one of %s",
                                   attribute_rules_names(rules, true, reader->ctx->arena)));
    }
    TRY(expect(reader, '=', "= and a value"));
    skip_spaces(reader);
    const char *value_at = reader->at;
    const char *value = NULL;
    TRY(read_string(reader, &value));
    const char *canonical = NULL;
    const struct status status = read_value(reader, rule, value, &canonical);
    if (status.reason == REASON_FIELD_INVALID) {
        return refuse(reader, value_at, "a value that the attribute may have");
    }
    TRY(status);
    add(reader, filter,
        (struct profile_term){PROFILE_TERM_ATTRIBUTE, rule->kind->name,
                              attribute_index_form(canonical, reader->ctx->arena)});
    return OK;
}

static struct status read_name(struct reader *reader, struct filter *filter) {
    TRY(expect(reader, ':', ": and the words of a name"));
    skip_spaces(reader);
    const char *value_at = reader->at;
    const char *value = NULL;
    TRY(read_string(reader, &value));
    const char *const *words = NULL;
    const size_t count = name_words(value, reader->ctx->arena, &words);
    if (count == 0) {
        return refuse(reader, value_at, "a word with a letter or a digit");
    }
    for (size_t i = 0; i < count; i++) {
        add(reader, filter, (struct profile_term){PROFILE_TERM_NAME_WORD, "name", words[i]});
    }
    return OK;
}

static struct status read_term(struct reader *reader, struct filter *filter) {
    skip_spaces(reader);
    const char *field_at = reader->at;
    const struct bytes field = read_word(reader);
    if (bytes_are(field, "attributes")) {
        return read_attribute(reader, filter);
    }
    if (bytes_are(field, "name")) {
        return read_name(reader, filter);
    }
    return refuse(reader, field_at, "attributes.NAME or name");
}

struct status filter_parse(struct rpc_context *ctx, const char *text, struct filter *out) {
    *out = (struct filter){0, NULL};
    struct reader reader = {ctx, text, text};
    if (strlen(text) > FILTER_SIZE_MAX) {
        return refuse(&reader, text + FILTER_SIZE_MAX, "at most 2,048 bytes");
    }
    skip_spaces(&reader);
    if (*reader.at == '\0') {
        return OK;
    }
    for (size_t terms = 1;; terms++) {
        if (terms > FILTER_TERMS_MAX) {
            return refuse(&reader, reader.at, "at most 16 terms");
        }
        TRY(read_term(&reader, out));
        skip_spaces(&reader);
        if (*reader.at == '\0') {
            return OK;
        }
        const char *and_at = reader.at;
        if (!bytes_are(read_word(&reader), "AND")) {
            return refuse(&reader, and_at, "AND, or the end");
        }
    }
}
