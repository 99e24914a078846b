/* Compiling a filter: each restriction becomes a test of one field with one constant, each AND, OR
 * and NOT becomes the way from test to test. */

#include "server/segment/filter.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "server/base/nearest.h"
#include "server/identity/attribute_time.h"
#include "server/identity/canonical.h"
#include "server/identity/match_value.h"
#include "server/identity/name_words.h"
#include "server/identity/text.h"
#include "server/segment/attribute_choice.h"
#include "server/segment/filter_found.h"
#include "server/segment/filter_plan.h"
#include "server/segment/filter_range.h"
#include "server/segment/identity_pattern.h"
#include "server/segment/interaction_field.h"

static const char ANNIVERSARY[] = "anniversary"; /* The function there is. */

struct compiler {
    const struct field_names *names;
    struct fields *fields;
    struct arena *arena;   /* Keeps the filter. */
    struct arena *scratch; /* The call's. */
    struct filter_error *error;
    struct filter *out;
};

/* ---- tests ---- */

static void add_field(struct compiler *compiler, uint16_t field) {
    struct filter *out = compiler->out;
    for (size_t i = 0; i < out->field_count; i++) {
        if (out->fields[i] == field) {
            return;
        }
    }
    uint16_t *fields =
        arena_append(compiler->arena, out->fields, out->field_count, sizeof *out->fields);
    fields[out->field_count++] = field;
    out->fields = fields;
}

static void add_segment(struct compiler *compiler, uint32_t number) {
    struct filter *out = compiler->out;
    for (size_t i = 0; i < out->segment_count; i++) {
        if (out->segments[i] == number) {
            return;
        }
    }
    uint32_t *segments =
        arena_append(compiler->arena, out->segments, out->segment_count, sizeof *out->segments);
    segments[out->segment_count++] = number;
    out->segments = segments;
}

/* Adds a test; answers with its place. */
static uint16_t add_test(struct compiler *compiler, const struct field *field, enum filter_op op,
                         const struct filter_constant *constant, uint16_t yes, uint16_t no) {
    struct filter *out = compiler->out;
    out->tests = arena_grow(compiler->arena, out->tests, out->test_count, sizeof *out->tests);
    const uint16_t position = (uint16_t)fields_add(compiler->fields, field);
    add_field(compiler, position);
    if (field->kind == FIELD_SEGMENT) {
        add_segment(compiler, field->number);
    }
    out->tests[out->test_count] = (struct filter_test){.field = position,
                                                       .op = op,
                                                       .type = field->type,
                                                       .constant = *constant,
                                                       .yes = yes,
                                                       .no = no};
    return (uint16_t)out->test_count++;
}

/* ---- constants ---- */

static struct status refuse_value(struct compiler *compiler, const struct filter_text *text,
                                  const char *expected) {
    return filter_refuse(compiler->error, text->offset, filter_found(text, compiler->scratch),
                         expected);
}

/* What folding leaves as it is may be the filter's own text, which goes: the test keeps a copy. */
static const char *fold(struct compiler *compiler, const char *text) {
    const char *folded = "";
    const bool is_utf8 = text_fold(text, compiler->scratch, &folded);
    assert(is_utf8); /* Requests are. */
    return arena_string(compiler->arena, bytes_of_string(folded));
}

static bool read_number(struct compiler *compiler, const struct filter_text *text, double *out) {
    const char *digits = text_ascii_number(text->text, compiler->scratch);
    char *end = NULL;
    const size_t size = strlen(digits);
    if (size == 0 || strspn(digits, "+-.0123456789eE") != size) {
        return false;
    }
    *out = strtod(digits, &end);
    return *end == '\0' && isfinite(*out);
}

/* As 1,000, or with the Arabic sign between thousands (U+066C). */
static struct status refuse_number(struct compiler *compiler, const struct filter_text *text) {
    const bool has_thousands =
        strchr(text->text, ',') != NULL || strstr(text->text, "\xd9\xac") != NULL;
    return refuse_value(compiler, text,
                        has_thousands ? "a number without signs between thousands" : "a number");
}

static struct status read_number_of(struct compiler *compiler, const struct field_target *target,
                                    const struct filter_text *text, enum filter_op op,
                                    double *out) {
    if (!read_number(compiler, text, out)) {
        return refuse_number(compiler, text);
    }
    const char *refusal = compiler->names->is_accepted
                              ? NULL
                              : filter_range_refusal(&target->field, op, *out, compiler->scratch);
    return refusal == NULL ? OK : refuse_value(compiler, text, refusal);
}

/* A moment, or a date for its midnight. */
static bool read_time(struct compiler *compiler, const struct filter_text *text, int64_t *out) {
    const char *day = NULL;
    const struct status status = attribute_day_read(text->text, compiler->scratch, &day);
    if (!status_is_ok(status)) {
        return attribute_time_read(text->text, out);
    }
    return attribute_time_read(arena_format(compiler->scratch, "%sT00:00:00Z", day), out);
}

static struct status refuse_time(struct compiler *compiler, const struct filter_text *text) {
    const struct status status = refuse_value(
        compiler, text,
        "a time as 2026-01-31T12:00:00Z, a date, or now - 30d: a number and s, m, h, d or w, at "
        "most 100,000 days");
    compiler->error->nearest = filter_now_nearest(text, compiler->scratch);
    return status;
}

/* What no value is as, all values are not: that an enumeration has none is refused of = alone. */
static struct status read_pieces(struct compiler *compiler, const struct field_target *target,
                                 const struct filter_text *text, enum filter_op op,
                                 struct filter_constant *out) {
    const char *const *texts = text->pieces;
    if (target->identity != NULL) {
        texts = identity_pattern_pieces(target->identity, text, compiler->scratch);
        const char *refusal = identity_pattern_refusal(target->identity, texts, text->piece_count);
        if (refusal != NULL && !compiler->names->is_accepted) {
            return refuse_value(compiler, text, refusal);
        }
    }
    struct bytes *pieces = arena_array(compiler->arena, text->piece_count, sizeof *pieces);
    for (size_t i = 0; i < text->piece_count; i++) {
        pieces[i] = bytes_of_string(fold(compiler, texts[i]));
    }
    out->piece_count = text->piece_count;
    out->pieces = pieces;
    return target->attribute == NULL || compiler->names->is_accepted || op == FILTER_OP_NOT_MATCHES
               ? OK
               : attribute_choice_check(compiler->names, target->attribute, text, out,
                                        compiler->error);
}

static struct status read_words(struct compiler *compiler, const struct filter_text *text,
                                struct filter_constant *out) {
    const char *const *words = NULL;
    out->piece_count = name_words(text->text, compiler->arena, &words);
    struct bytes *pieces = arena_array(compiler->arena, out->piece_count, sizeof *pieces);
    for (size_t i = 0; i < out->piece_count; i++) {
        pieces[i] = bytes_of_string(words[i]);
    }
    out->pieces = pieces;
    return out->piece_count > 0 ? OK
                                : refuse_value(compiler, text, "a word with a letter or a digit");
}

/* Values that are retired are found too. */
static struct status canonicalise_attribute(struct compiler *compiler,
                                            const struct attribute_rule *rule, const char *value,
                                            const char **out) {
    if (rule->kind->own) {
        const struct attribute_definition *definition = NULL;
        TRY(attribute_rule_define(compiler->names->view, rule, &definition));
        return attribute_filter_read(definition, value, compiler->scratch, out);
    }
    enum attribute attribute = ATTRIBUTE_ABOUT;
    const bool found = attribute_find(rule->kind->name, &attribute);
    assert(found);
    return attribute_canonicalise(attribute, value, compiler->names->now_us, compiler->scratch,
                                  out);
}

/* Tells what a text is called where it is kept. */
static void note_name(struct compiler *compiler, const struct filter_text *text, const char *name) {
    struct filter *out = compiler->out;
    if (strcmp(name, text->text) == 0) {
        return;
    }
    out->renamed =
        arena_grow(compiler->arena, out->renamed, out->renamed_count, sizeof *out->renamed);
    out->renamed[out->renamed_count++] = (struct filter_renamed){
        text->offset, text->size, arena_string(compiler->arena, bytes_of_string(name))};
}

static struct status read_interaction_text(struct compiler *compiler, const struct field *field,
                                           const struct filter_text *text,
                                           struct filter_constant *out) {
    const char *name = NULL;
    TRY(interaction_field_text(compiler->names, field, text, &name, compiler->error));
    note_name(compiler, text, name);
    out->text = bytes_of_string(fold(compiler, name));
    return OK;
}

/* An id, or a text of what interactions add up to: a theme by its name, a language or a dialect as
 * the attribute has it. Others stay as they are. */
static struct status canonicalise_plain(struct compiler *compiler, enum field_kind kind,
                                        const struct filter_text *text, const char **out) {
    struct id id;
    switch ((int)kind) {
    case FIELD_ID:
        return id_parse(text->text, &id)
                   ? OK
                   : refuse_value(compiler, text,
                                  "an id of a profile, as 01a209a1-f6cb-790a-a265-bd075835d7e7");
    case FIELD_MAIN_THEMES:
        return interaction_label_text(compiler->names, STORE_LABEL_THEME, text, out,
                                      compiler->error);
    case FIELD_DOMINANT_LANGUAGE:
        return interaction_label_text(compiler->names, STORE_LABEL_LANGUAGE, text, out,
                                      compiler->error);
    case FIELD_DOMINANT_DIALECT:
        return interaction_label_text(compiler->names, STORE_LABEL_DIALECT, text, out,
                                      compiler->error);
    default:
        return OK;
    }
}

/* A value that the identity type does not take: `why`, a literal as "has no @". */
static struct status refuse_identity(struct compiler *compiler, const struct identity_type *type,
                                     const struct filter_text *text, const char *why) {
    const char *expected = "a value that the identity type takes";
    if (type->normalizer == NORMALIZER_PHONE) {
        expected = compiler->names->default_region[0] == '\0'
                       ? "a phone number with its country code, as +966500000017"
                       : "a phone number, national or with its country code, as +966500000017";
    } else if (type->normalizer == NORMALIZER_EMAIL) {
        expected = "an e-mail address, as nora@example.com";
    }
    return filter_refuse(
        compiler->error, text->offset,
        arena_format(compiler->scratch, "%s that %s", filter_found(text, compiler->scratch), why),
        expected);
}

/* The names of a field that was read as one text with dots: an argument of a function. */
static size_t split(struct compiler *compiler, const struct filter_text *text,
                    struct filter_text parts[FILTER_PARTS_MAX]) {
    char *const all = arena_string(compiler->scratch, bytes_of_string(text->text));
    char *rest = all;
    size_t count = 0;
    while (count < FILTER_PARTS_MAX && rest != NULL) {
        const char *part = strsep(&rest, ".");
        parts[count++] = (struct filter_text){
            .offset = text->offset + (size_t)(part - all), .is_name = true, .text = part};
    }
    return count;
}

/* Whether a text that stands without quotation marks is a field's name with its collection: it may
 * be meant for the value that the field has. */
static bool is_field(struct compiler *compiler, const struct filter_text *text) {
    struct filter_text parts[FILTER_PARTS_MAX];
    struct field_target target;
    struct filter_error error;
    if (text->quoted || strchr(text->text, '.') == NULL ||
        compiler->names->subject != FIELD_OF_PERSONS || compiler->names->is_accepted) {
        return false;
    }
    const size_t count = split(compiler, text, parts);
    return status_is_ok(
        field_find(compiler->names, parts, count, compiler->scratch, &target, &error));
}

/* A text in the form in which the field has its values. One that was accepted is in it. */
static struct status read_text(struct compiler *compiler, const struct field_target *target,
                               const struct filter_text *text, struct filter_constant *out) {
    const char *canonical = text->text;
    struct status status = OK;
    if (is_field(compiler, text)) {
        return refuse_value(compiler, text,
                            "a value: fields are not compared with each other, and a text that is "
                            "called as one stands in quotation marks");
    }
    if (target->field.kind == FIELD_INTERACTION) {
        return read_interaction_text(compiler, &target->field, text, out);
    }
    if (!compiler->names->is_accepted && target->attribute != NULL) {
        status = canonicalise_attribute(compiler, target->attribute, text->text, &canonical);
    } else if (!compiler->names->is_accepted && target->identity != NULL) {
        status =
            identity_canonicalise(target->identity, text->text, compiler->names->default_region,
                                  compiler->scratch, &canonical);
    } else if (!compiler->names->is_accepted) {
        status = canonicalise_plain(compiler, target->field.kind, text, &canonical);
    }
    if (status.reason == REASON_FIELD_INVALID && target->attribute != NULL) {
        return attribute_choice_refuse(compiler->names, target->attribute, text, compiler->error);
    }
    if (status.reason == REASON_FIELD_INVALID && target->identity != NULL) {
        return refuse_identity(compiler, target->identity, text, status.text);
    }
    TRY(status);
    note_name(compiler, text, canonical);
    out->text = bytes_of_string(fold(compiler, canonical));
    return OK;
}

static bool is_word(const struct filter_text *text, const char *word) {
    return strcmp(text->text, word) == 0;
}

/* A * alone, which is no star. */
static bool is_any(const struct filter_text *text) {
    return text->piece_count > 0 && is_word(text, "*");
}

/* A text may be "now" as any other. */
static bool is_now_text(const struct filter_argument *argument, const struct field_target *target) {
    return target->field.type == FIELD_TEXT && argument->relative && argument->delta_us == 0;
}

/* Attributes take other words for true and false too. */
static struct status read_flag(struct compiler *compiler, const struct field_target *target,
                               const struct filter_text *text, struct filter_constant *out) {
    const char *word = text->text;
    if (target->attribute != NULL && !compiler->names->is_accepted) {
        (void)canonicalise_attribute(compiler, target->attribute, text->text, &word);
    }
    if (strcmp(word, "true") != 0 && strcmp(word, "false") != 0) {
        return refuse_value(compiler, text, "true or false");
    }
    note_name(compiler, text, word);
    out->number = strcmp(word, "true") == 0 ? 1 : 0;
    return OK;
}

/* The constant of a comparison with a field of a type. */
static struct status read_constant(struct compiler *compiler, const struct field_target *target,
                                   const struct filter_argument *argument, enum filter_op op,
                                   struct filter_constant *out) {
    const struct filter_text *text = &argument->text;
    *out = (struct filter_constant){.relative = argument->relative, .time_us = argument->delta_us};
    if (argument->relative && target->field.kind == FIELD_INTERACTION &&
        target->field.type == FIELD_TIME) {
        return filter_refuse(compiler->error, text->offset, "a time that goes by",
                             "a time as 2026-01-31T12:00:00Z, or a date: traits have windows");
    }
    if (argument->relative && target->field.type != FIELD_TIME && !is_now_text(argument, target)) {
        return filter_refuse(compiler->error, text->offset, "a time",
                             "a value of the field's type");
    }
    switch (target->field.type) {
    case FIELD_TEXT:
        return read_text(compiler, target, text, out);
    case FIELD_NUMBER:
        return read_number_of(compiler, target, text, op, &out->number);
    case FIELD_FLAG:
        return read_flag(compiler, target, text, out);
    case FIELD_TIME:
        return argument->relative || read_time(compiler, text, &out->time_us)
                   ? OK
                   : refuse_time(compiler, text);
    }
    return OK;
}

/* ---- comparisons ---- */

static enum filter_op op_of(enum filter_comparator comparator) {
    switch (comparator) {
    case FILTER_NO_COMPARATOR:
        return FILTER_OP_PRESENT;
    case FILTER_EQUAL:
    case FILTER_HAS:
        return FILTER_OP_EQUAL;
    case FILTER_NOT_EQUAL:
        return FILTER_OP_NOT_EQUAL;
    case FILTER_LESS:
        return FILTER_OP_LESS;
    case FILTER_LESS_OR_EQUAL:
        return FILTER_OP_LESS_OR_EQUAL;
    case FILTER_GREATER:
        return FILTER_OP_GREATER;
    case FILTER_GREATER_OR_EQUAL:
        return FILTER_OP_GREATER_OR_EQUAL;
    }
    return FILTER_OP_EQUAL;
}

static struct status check_comparator(struct compiler *compiler, const struct filter_node *node,
                                      const struct field_target *target) {
    const bool is_order =
        node->comparator == FILTER_LESS || node->comparator == FILTER_LESS_OR_EQUAL ||
        node->comparator == FILTER_GREATER || node->comparator == FILTER_GREATER_OR_EQUAL;
    if (is_order && (target->field.type == FIELD_TEXT || target->field.type == FIELD_FLAG)) {
        return filter_refuse(compiler->error, node->comparator_offset,
                             filter_comparator_text(node->comparator), "=, != or : for this field");
    }
    if (!is_order && node->argument.relative && !is_now_text(&node->argument, target)) {
        return filter_refuse(compiler->error, node->comparator_offset,
                             filter_comparator_text(node->comparator), "<, <=, > or >= before now");
    }
    return OK;
}

/* What values of any type are compared with says of which it is meant. */
static void settle_type(struct compiler *compiler, const struct filter_argument *argument,
                        struct field_target *target) {
    double number = 0;
    int64_t time_us = 0;
    if (!target->any_type || argument->text.quoted) {
        return;
    }
    if (!argument->relative && read_number(compiler, &argument->text, &number)) {
        target->field.type = FIELD_NUMBER;
    } else if (argument->relative || read_time(compiler, &argument->text, &time_us)) {
        target->field.type = FIELD_TIME;
    }
}

/* The rest of a restriction whose field is known: its test. */
static struct status compile_comparison(struct compiler *compiler, const struct filter_node *node,
                                        struct field_target *target, uint16_t yes, uint16_t no,
                                        uint16_t *out) {
    const struct filter_text *text = &node->argument.text;
    struct filter_constant constant = {.number = 0};
    enum filter_op op = op_of(node->comparator);
    const bool has_wildcard = text->piece_count > 0;
    settle_type(compiler, &node->argument, target);
    TRY(check_comparator(compiler, node, target));
    if (is_any(text) && node->comparator == FILTER_HAS) {
        /* Whoever has none of a label has the number 0 of it, and is no member of a segment. */
        const bool has_zero =
            (target->field.kind == FIELD_LABEL && target->field.aspect == FIELD_COUNT) ||
            target->field.kind == FIELD_SEGMENT;
        op = has_zero ? FILTER_OP_GREATER_OR_EQUAL : FILTER_OP_PRESENT;
        constant.number = 1;
    } else if (has_wildcard && target->field.type == FIELD_TEXT) {
        op = op == FILTER_OP_NOT_EQUAL ? FILTER_OP_NOT_MATCHES : FILTER_OP_MATCHES;
        TRY(read_pieces(compiler, target, text, op, &constant));
    } else if (node->comparator == FILTER_HAS && target->is_free_text) {
        op = FILTER_OP_ALL_WORDS;
        target->field.words = true;
        TRY(read_words(compiler, text, &constant));
    } else {
        TRY(read_constant(compiler, target, &node->argument, op, &constant));
    }
    *out = add_test(compiler, &target->field, op, &constant, yes, no);
    return OK;
}

/* A theme and a channel are called by their names where the filter is kept. */
static void note_label(struct compiler *compiler, const struct field_target *target,
                       const struct filter_text *text) {
    if (target->field.kind == FIELD_LABEL) {
        note_name(compiler, text, target->field.name);
    }
}

/* `attributes:city`, `segments:vip`, `channels:*`: whether there is one of the name. */
static struct status compile_collection(struct compiler *compiler, const struct filter_node *node,
                                        struct field_target *target, uint16_t yes, uint16_t no,
                                        uint16_t *out) {
    if (node->comparator != FILTER_HAS || node->argument.relative) {
        return filter_refuse(compiler->error, node->comparator_offset,
                             filter_comparator_text(node->comparator),
                             ": and a name, or a dot and a name, behind a collection");
    }
    struct filter_text parts[] = {node->comparable->parts[0], node->argument.text};
    parts[1].is_name = true;
    struct filter_constant constant = {.number = 1};
    if (!is_any(&parts[1])) {
        TRY(field_find(compiler->names, parts, 2, compiler->scratch, target, compiler->error));
        note_label(compiler, target, &parts[1]);
        const enum filter_op op = target->field.kind == FIELD_SEGMENT ? FILTER_OP_EQUAL
                                  : target->field.kind == FIELD_LABEL ? FILTER_OP_GREATER_OR_EQUAL
                                                                      : FILTER_OP_PRESENT;
        *out = add_test(compiler, &target->field, op, &constant, yes, no);
        return OK;
    }
    enum filter_op op = FILTER_OP_PRESENT;
    if (target->field.kind == FIELD_ATTRIBUTE) {
        target->field.kind = FIELD_ATTRIBUTE_NAMES;
    } else if (target->field.kind == FIELD_LABEL || target->field.kind == FIELD_SEGMENT) {
        op = FILTER_OP_GREATER_OR_EQUAL;
        target->field.type = FIELD_NUMBER;
        target->field.kind =
            target->field.kind == FIELD_LABEL ? FIELD_LABEL_COUNT : FIELD_SEGMENT_COUNT;
    } else if (target->field.kind == FIELD_TRAIT) {
        return refuse_value(compiler, &parts[1], "the name of a trait");
    }
    *out = add_test(compiler, &target->field, op, &constant, yes, no);
    return OK;
}

/* ---- words, flags and functions: what stands without a comparator ---- */

/* `sara` is `name:sara`. */
static struct status compile_word(struct compiler *compiler, const struct filter_text *text,
                                  uint16_t yes, uint16_t no, uint16_t *out) {
    struct field_target target = field_of_words(compiler->names);
    struct filter_node node = {.kind = FILTER_RESTRICTION,
                               .comparator = FILTER_HAS,
                               .comparator_offset = text->offset,
                               .argument = {.text = *text}};
    node.argument.text.is_name = false;
    return compile_comparison(compiler, &node, &target, yes, no, out);
}

static struct status compile_bare(struct compiler *compiler, const struct filter_node *node,
                                  uint16_t yes, uint16_t no, uint16_t *out) {
    const struct filter_comparable *comparable = node->comparable;
    const struct filter_text *first = &comparable->parts[0];
    struct field_target target;
    if (comparable->part_count == 1 &&
        (first->quoted || !field_is_known(compiler->names, first->text))) {
        return compile_word(compiler, first, yes, no, out);
    }
    TRY(field_find(compiler->names, comparable->parts, comparable->part_count, compiler->scratch,
                   &target, compiler->error));
    if (target.is_collection || target.field.type != FIELD_FLAG) {
        return filter_refuse(compiler->error, comparable->offset, "a field alone",
                             "a field with a comparator and a value behind it");
    }
    const struct filter_constant constant = {.number = 1};
    *out = add_test(compiler, &target.field, FILTER_OP_EQUAL, &constant, yes, no);
    return OK;
}

static struct status read_days(struct compiler *compiler, const struct filter_argument *argument,
                               int32_t *out) {
    static const int64_t day_us = INT64_C(86400) * 1000000;
    int64_t us = 0;
    if (argument->relative || !filter_duration_read(argument->text.text, compiler->scratch, &us) ||
        us % day_us != 0 || us > 366 * day_us) {
        return refuse_value(compiler, &argument->text, "0 to 366 whole days, as 7d");
    }
    *out = (int32_t)(us / day_us);
    return OK;
}

/* Its name is told, and `anniversary` where it is like it. */
static struct status refuse_function(struct compiler *compiler,
                                     const struct filter_comparable *function) {
    const struct filter_text *name = &function->parts[function->part_count - 1];
    const struct status status =
        filter_refuse(compiler->error, function->offset, filter_found(name, compiler->scratch),
                      "anniversary(FIELD) or anniversary(FIELD, 7d)");
    struct nearest nearest = nearest_begin(name->text);
    nearest_try(&nearest, ANNIVERSARY, ANNIVERSARY);
    nearest_try(&nearest, "birthday", ANNIVERSARY);
    compiler->error->nearest = nearest.name;
    return status;
}

static struct status compile_function(struct compiler *compiler, const struct filter_node *node,
                                      uint16_t yes, uint16_t no, uint16_t *out) {
    const struct filter_comparable *function = node->comparable;
    if (compiler->names->subject == FIELD_OF_INTERACTIONS) {
        return filter_refuse(compiler->error, function->offset,
                             filter_found(&function->parts[0], compiler->scratch),
                             "a field: filters of interactions have no functions");
    }
    if (function->part_count != 1 || !is_word(&function->parts[0], ANNIVERSARY)) {
        return refuse_function(compiler, function);
    }
    if (node->comparator != FILTER_NO_COMPARATOR) {
        return filter_refuse(compiler->error, node->comparator_offset,
                             filter_comparator_text(node->comparator),
                             "AND, OR or the end: the function is true or false");
    }
    if (function->argument_count == 0 || function->argument_count > 2) {
        return filter_refuse(compiler->error, function->offset,
                             arena_format(compiler->scratch, "%zu argument%s",
                                          function->argument_count,
                                          function->argument_count == 1 ? "" : "s"),
                             "anniversary(FIELD) or anniversary(FIELD, 7d)");
    }
    struct filter_text parts[FILTER_PARTS_MAX];
    struct filter_constant constant = {.days = 0};
    struct field_target target;
    const size_t part_count = split(compiler, &function->arguments[0].text, parts);
    TRY(field_find(compiler->names, parts, part_count, compiler->scratch, &target,
                   compiler->error));
    if (target.is_collection || target.field.type != FIELD_TIME) {
        return refuse_value(compiler, &function->arguments[0].text,
                            "a field with a date or a time");
    }
    if (function->argument_count == 2) {
        TRY(read_days(compiler, &function->arguments[1], &constant.days));
    }
    *out = add_test(compiler, &target.field, FILTER_OP_ANNIVERSARY, &constant, yes, no);
    return OK;
}

static struct status compile_restriction(struct compiler *compiler, const struct filter_node *node,
                                         uint16_t yes, uint16_t no, uint16_t *out) {
    if (node->comparable->is_function) {
        return compile_function(compiler, node, yes, no, out);
    }
    if (node->comparator == FILTER_NO_COMPARATOR) {
        return compile_bare(compiler, node, yes, no, out);
    }
    struct field_target target;
    TRY(field_find(compiler->names, node->comparable->parts, node->comparable->part_count,
                   compiler->scratch, &target, compiler->error));
    if (!target.is_collection) {
        note_label(compiler, &target, &node->comparable->parts[1]);
    }
    return target.is_collection ? compile_collection(compiler, node, &target, yes, no, out)
                                : compile_comparison(compiler, node, &target, yes, no, out);
}

/* ---- the whole ---- */

/* Compiles what is to lead to `yes` or `no`; *out is where it begins. The last item comes first:
 * each leads to the one behind it. As deep as the tree. */
static struct status compile_node(struct compiler *compiler, const struct filter_node *node,
                                  uint16_t yes, uint16_t no, uint16_t *out) {
    switch (node->kind) {
    case FILTER_RESTRICTION:
        return compile_restriction(compiler, node, yes, no, out);
    case FILTER_NOT:
        return compile_node(compiler, node->items[0], no, yes, out);
    case FILTER_AND:
    case FILTER_OR:
        break;
    }
    uint16_t next = node->kind == FILTER_AND ? yes : no;
    for (size_t i = node->count; i > 0; i--) {
        TRY(compile_node(compiler, node->items[i - 1], node->kind == FILTER_AND ? next : yes,
                         node->kind == FILTER_AND ? no : next, &next));
    }
    *out = next;
    return OK;
}

struct status filter_compile(const char *text, const struct field_names *names,
                             struct fields *fields, struct filter *out,
                             struct filter_error *error) {
    struct compiler compiler = {.names = names,
                                .fields = fields,
                                .arena = fields->arena,
                                .scratch = names->scratch,
                                .error = error,
                                .out = out};
    const struct filter_node *tree = NULL;
    *out = (struct filter){.start = FILTER_ACCEPT};
    TRY(names->is_accepted ? filter_tree_read_kept(text, names->scratch, &tree, error)
                           : filter_tree_read(text, names->scratch, &tree, error));
    if (tree != NULL) {
        TRY(compile_node(&compiler, tree, FILTER_ACCEPT, FILTER_REJECT, &out->start));
        filter_plan(names, fields, out);
    }
    return OK;
}

/* ---- keeping a filter ---- */

static const struct filter_renamed *first_behind(const struct filter *filter, size_t offset) {
    const struct filter_renamed *first = NULL;
    for (size_t i = 0; i < filter->renamed_count; i++) {
        const struct filter_renamed *one = &filter->renamed[i];
        if (one->offset >= offset && (first == NULL || one->offset < first->offset)) {
            first = one;
        }
    }
    return first;
}

/* A text as it stands in a filter: a name as it is, others in quotation marks. */
static const char *written(const char *text, struct arena *arena) {
    static const char characters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
    const size_t size = strlen(text);
    if (size > 0 && strspn(text, characters) == size && strcmp(text, "now") != 0) {
        return text;
    }
    char *out = arena_alloc(arena, 2 * size + 3);
    char *at = out;
    *at++ = '"';
    for (size_t i = 0; i < size; i++) {
        if (strchr("\"\\*", text[i]) != NULL) {
            *at++ = '\\';
        }
        *at++ = text[i];
    }
    *at++ = '"';
    *at = '\0';
    return out;
}

const char *filter_settle(const char *text, const struct filter *filter, struct arena *arena) {
    const char *out = "";
    size_t at = 0;
    for (const struct filter_renamed *next = first_behind(filter, at); next != NULL;
         next = first_behind(filter, at)) {
        out = arena_format(arena, "%s%.*s%s", out, (int)(next->offset - at), text + at,
                           written(next->name, arena));
        at = next->offset + next->size;
    }
    return arena_format(arena, "%s%s", out, text + at);
}
