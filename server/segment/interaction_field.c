/* Fields of interactions: which one a name is of, and which texts they may have. */

#include "server/segment/interaction_field.h"

#include <assert.h>
#include <string.h>

#include "server/base/nearest.h"
#include "server/identity/text.h"
#include "server/interaction/asked_term.h"
#include "server/interaction/currency.h"
#include "server/segment/attribute_choice.h"
#include "server/segment/field_alias.h"
#include "server/segment/filter_found.h"

/* ---- names ---- */

static const struct {
    const char *name;
    enum interaction_field field;
    enum field_type type;
} plain_fields[] = {
    {"kind", INTERACTION_KIND, FIELD_TEXT},
    {"time", INTERACTION_TIME, FIELD_TIME},
    {"source", INTERACTION_SOURCE, FIELD_TEXT},
    {"channel", INTERACTION_CHANNEL, FIELD_TEXT},
    {"visibility", INTERACTION_VISIBILITY, FIELD_TEXT},
    {"direction", INTERACTION_DIRECTION, FIELD_TEXT},
    {"conversation_id", INTERACTION_CONVERSATION_ID, FIELD_TEXT},
    {"text", INTERACTION_TEXT, FIELD_TEXT},
    {"url", INTERACTION_URL, FIELD_TEXT},
    {"language", INTERACTION_LANGUAGE, FIELD_TEXT},
    {"dialect", INTERACTION_DIALECT, FIELD_TEXT},
    {"sub_dialect", INTERACTION_SUB_DIALECT, FIELD_TEXT},
    {"theme", INTERACTION_THEME, FIELD_TEXT},
    {"sub_theme", INTERACTION_SUB_THEME, FIELD_TEXT},
    {"sentiment", INTERACTION_SENTIMENT, FIELD_TEXT},
    {"sentiment_score", INTERACTION_SENTIMENT_SCORE, FIELD_NUMBER},
    {"agent", INTERACTION_AGENT, FIELD_TEXT},
    {"name", INTERACTION_NAME, FIELD_TEXT},
    {"amount", INTERACTION_AMOUNT, FIELD_NUMBER},
    {"currency", INTERACTION_CURRENCY, FIELD_TEXT},
};

static const struct {
    const char *name;
    enum interaction_field member;
    enum interaction_field names;
} collections[] = {
    {"properties", INTERACTION_PROPERTY, INTERACTION_PROPERTIES},
    {"answers", INTERACTION_ANSWER, INTERACTION_ANSWERS},
};

enum {
    PLAIN_FIELDS = sizeof plain_fields / sizeof *plain_fields,
    COLLECTIONS = sizeof collections / sizeof *collections,
};

bool interaction_field_is_known(const char *word) {
    for (size_t i = 0; i < PLAIN_FIELDS; i++) {
        if (strcmp(plain_fields[i].name, word) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < COLLECTIONS; i++) {
        if (strcmp(collections[i].name, word) == 0) {
            return true;
        }
    }
    return false;
}

static struct status refuse(const struct filter_text *part, const char *found, const char *expected,
                            const char *nearest, struct filter_error *error) {
    const struct status status = filter_refuse(error, part->offset, found, expected);
    error->nearest = nearest;
    return status;
}

static struct status refuse_first(const struct field_names *names, const struct filter_text *part,
                                  struct filter_error *error) {
    struct nearest nearest = nearest_begin(part->text);
    for (size_t i = 0; i < PLAIN_FIELDS; i++) {
        nearest_try(&nearest, plain_fields[i].name, plain_fields[i].name);
    }
    for (size_t i = 0; i < COLLECTIONS; i++) {
        nearest_try(&nearest, collections[i].name, collections[i].name);
    }
    const char *alias = field_alias_find(FIELD_OF_INTERACTIONS, part->text);
    return refuse(part, filter_found(part, names->scratch),
                  "a field of interactions, as channel, sentiment or properties.coupon",
                  alias != NULL && nearest.distance > 0 ? alias : nearest.name, error);
}

static struct status find_collection(const struct field_names *names, size_t at,
                                     const struct filter_text *parts, size_t part_count,
                                     struct field_target *out, struct filter_error *error) {
    out->is_collection = part_count == 1;
    out->any_type = part_count == 2;
    out->field.number = part_count == 1 ? collections[at].names : collections[at].member;
    if (part_count > 2) {
        return refuse(&parts[2], filter_found(&parts[2], names->scratch), "a comparator", NULL,
                      error);
    }
    if (part_count == 2 && parts[1].piece_count > 0) {
        return refuse(&parts[1], "a name with a *", "a name as it is, or * alone", NULL, error);
    }
    out->field.name = part_count == 2 ? parts[1].text : "";
    return OK;
}

struct status interaction_field_find(const struct field_names *names,
                                     const struct filter_text *parts, size_t part_count,
                                     struct field_target *out, struct filter_error *error) {
    *out =
        (struct field_target){.field = {.kind = FIELD_INTERACTION, .type = FIELD_TEXT, .name = ""}};
    for (size_t i = 0; i < PLAIN_FIELDS; i++) {
        if (strcmp(plain_fields[i].name, parts[0].text) == 0) {
            out->field.number = plain_fields[i].field;
            out->field.type = plain_fields[i].type;
            out->is_free_text = plain_fields[i].field == INTERACTION_TEXT;
            return part_count == 1 ? OK
                                   : refuse(&parts[1], filter_found(&parts[1], names->scratch),
                                            "a comparator", NULL, error);
        }
    }
    for (size_t i = 0; i < COLLECTIONS; i++) {
        if (strcmp(collections[i].name, parts[0].text) == 0) {
            return find_collection(names, i, parts, part_count, out, error);
        }
    }
    return refuse_first(names, &parts[0], error);
}

/* ---- constants ---- */

/* The words of a field that has some alone, from 1 on, "" behind the last. */
struct vocabulary {
    const char *(*word)(uint32_t number);
    const char *expected;
};

static struct vocabulary vocabulary_of(uint32_t field) {
    switch (field) {
    case INTERACTION_KIND:
        return (struct vocabulary){store_kind_word, "engagement, survey_response or activity"};
    case INTERACTION_SENTIMENT:
        return (struct vocabulary){store_sentiment_word, "negative, neutral or positive"};
    case INTERACTION_DIRECTION:
        return (struct vocabulary){store_direction_word, "inbound or outbound"};
    case INTERACTION_VISIBILITY:
        return (struct vocabulary){store_visibility_word, "public or private"};
    default:
        return (struct vocabulary){NULL, NULL};
    }
}

static struct status read_word(const struct field_names *names, uint32_t field,
                               const struct filter_text *text, const char **out,
                               struct filter_error *error) {
    const struct vocabulary vocabulary = vocabulary_of(field);
    const char *folded = "";
    const bool is_utf8 = text_fold(text->text, names->scratch, &folded);
    assert(is_utf8); /* Requests are. */
    struct nearest nearest = nearest_begin(folded);
    for (uint32_t i = 1; vocabulary.word(i)[0] != '\0'; i++) {
        if (strcmp(vocabulary.word(i), folded) == 0) {
            *out = vocabulary.word(i);
            return OK;
        }
        nearest_try(&nearest, vocabulary.word(i), vocabulary.word(i));
    }
    return refuse(text, filter_found(text, names->scratch), vocabulary.expected, nearest.name,
                  error);
}

static struct status ask(struct store_view *view, enum store_label label, const char *word,
                         struct asked_term *out) {
    return label == STORE_LABEL_CHANNEL ? asked_channel(view, word, out)
           : label == STORE_LABEL_THEME ? asked_theme(view, word, out)
                                        : asked_sub_theme(view, "", word, out);
}

static struct status read_term(const struct field_names *names, enum store_label label,
                               const struct filter_text *text, const char **out,
                               struct filter_error *error) {
    struct asked_term term;
    TRY(ask(names->view, label, text->text, &term));
    *out = term.name;
    if (term.error == NULL) {
        return OK;
    }
    if (label == STORE_LABEL_SUB_THEME) {
        return refuse(text,
                      arena_format(names->scratch,
                                   "%s that is not known, or that several are called",
                                   filter_found(text, names->scratch)),
                      "the name of a sub-theme of the workspace", term.nearest, error);
    }
    return refuse(text, filter_found(text, names->scratch),
                  label == STORE_LABEL_CHANNEL ? "a channel of the workspace, or survey"
                                               : "a theme of the workspace",
                  term.nearest, error);
}

/* Languages and dialects are kept as the attributes of the same name are. */
static bool attribute_of(uint32_t field, enum attribute *out) {
    switch (field) {
    case INTERACTION_LANGUAGE:
        *out = ATTRIBUTE_LANGUAGE;
        return true;
    case INTERACTION_DIALECT:
        *out = ATTRIBUTE_DIALECT;
        return true;
    case INTERACTION_SUB_DIALECT:
        *out = ATTRIBUTE_SUB_DIALECT;
        return true;
    default:
        return false;
    }
}

static struct status read_attribute(const struct field_names *names, enum attribute attribute,
                                    const struct filter_text *text, const char **out,
                                    struct filter_error *error) {
    const struct status status =
        attribute_canonicalise(attribute, text->text, names->now_us, names->scratch, out);
    return status.reason == REASON_FIELD_INVALID
               ? attribute_choice_refuse_built_in(names, attribute, text, error)
               : status;
}

struct status interaction_label_text(const struct field_names *names, enum store_label label,
                                     const struct filter_text *text, const char **out,
                                     struct filter_error *error) {
    *out = text->text;
    switch (label) {
    case STORE_LABEL_CHANNEL:
    case STORE_LABEL_THEME:
    case STORE_LABEL_SUB_THEME:
        return read_term(names, label, text, out, error);
    case STORE_LABEL_SENTIMENT:
        return read_word(names, INTERACTION_SENTIMENT, text, out, error);
    case STORE_LABEL_KIND:
        return read_word(names, INTERACTION_KIND, text, out, error);
    case STORE_LABEL_LANGUAGE:
        return read_attribute(names, ATTRIBUTE_LANGUAGE, text, out, error);
    case STORE_LABEL_DIALECT:
        return read_attribute(names, ATTRIBUTE_DIALECT, text, out, error);
    }
    return OK;
}

struct status interaction_field_text(const struct field_names *names, const struct field *field,
                                     const struct filter_text *text, const char **out,
                                     struct filter_error *error) {
    *out = text->text;
    if (names->is_accepted) {
        return OK;
    }
    if (vocabulary_of(field->number).word != NULL) {
        return read_word(names, field->number, text, out, error);
    }
    enum attribute attribute = ATTRIBUTE_LANGUAGE;
    if (attribute_of(field->number, &attribute)) {
        return read_attribute(names, attribute, text, out, error);
    }
    if (field->number == INTERACTION_CHANNEL) {
        return interaction_label_text(names, STORE_LABEL_CHANNEL, text, out, error);
    }
    if (field->number == INTERACTION_THEME) {
        return interaction_label_text(names, STORE_LABEL_THEME, text, out, error);
    }
    if (field->number == INTERACTION_SUB_THEME) {
        return interaction_label_text(names, STORE_LABEL_SUB_THEME, text, out, error);
    }
    return field->number == INTERACTION_CURRENCY && !currency_is_assigned(text->text)
               ? refuse(text, filter_found(text, names->scratch), "a code of ISO 4217, as SAR",
                        NULL, error)
               : OK;
}
