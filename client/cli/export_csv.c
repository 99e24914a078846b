/* Columns of an export, and their cells. */

#include "client/cli/export_csv.h"

#include "client/cli/attribute_text.h"
#include "client/cli/command.h"
#include "client/cli/csv_cells.h"
#include "client/cli/text.h"

#include "profiled/v1/identity_service.pb-c.h"
#include "profiled/v1/schema_service.pb-c.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { ITEM_SIZE = 96 };

/* ---- sets of columns ---- */

static void add(struct export_columns *columns, enum export_source source, const char *prefix,
                const char *key, bool personal) {
    columns->items = realloc(columns->items, (columns->count + 1) * sizeof *columns->items);
    assert(columns->items != NULL);
    struct export_column *column = &columns->items[columns->count++];
    *column = (struct export_column){.source = source, .key = strdup(key), .personal = personal};
    const int length = asprintf(&column->title, "%s%s", prefix, key);
    assert(column->key != NULL && length >= 0);
}

void export_columns_free(struct export_columns *columns) {
    for (size_t i = 0; i < columns->count; i++) {
        free(columns->items[i].title);
        free(columns->items[i].key);
    }
    free(columns->items);
    *columns = (struct export_columns){.count = 0};
}

/* ---- all of them ---- */

static void add_plain(struct export_columns *all) {
    add(all, EXPORT_ID, "id", "", false);
    add(all, EXPORT_NAME, "name", "", true);
}

static int add_identities(struct session *session, struct export_columns *all) {
    ProtobufCMessage *message = NULL;
    const int code = session_call(session, "ListIdentityTypes", json_object(), &message);
    if (code == EXIT_DONE) {
        const Profiled__V1__ListIdentityTypesResponse *list =
            (const Profiled__V1__ListIdentityTypesResponse *)message;
        for (size_t i = 0; i < list->n_identity_types; i++) {
            add(all, EXPORT_IDENTITY, "identity.", list->identity_types[i]->type, true);
        }
        profiled_message_free(message);
    }
    return code;
}

/* The name is listed among them, and is none. */
static int add_attributes(struct session *session, struct export_columns *all) {
    ProtobufCMessage *message = NULL;
    const int code = session_call(session, "ListAttributes", json_object(), &message);
    if (code == EXIT_DONE) {
        const Profiled__V1__ListAttributesResponse *list =
            (const Profiled__V1__ListAttributesResponse *)message;
        for (size_t i = 0; i < list->n_attributes; i++) {
            const Profiled__V1__AttributeDefinition *attribute = list->attributes[i];
            if (strcmp(attribute->name, "name") != 0) {
                add(all, EXPORT_ATTRIBUTE, "attribute.", attribute->name, attribute->personal);
            }
        }
        profiled_message_free(message);
    }
    return code;
}

static void add_interactions(struct export_columns *all) {
    static const char *const kinds[] = {"", "engagement", "survey_response", "activity"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        add(all, EXPORT_INTERACTIONS, i == 0 ? "interactions" : "interactions.", kinds[i], false);
    }
}

static int add_traits(struct session *session, struct export_columns *all) {
    ProtobufCMessage *message = NULL;
    const int code = session_call(session, "ListTraits", json_object(), &message);
    if (code == EXIT_DONE) {
        const Profiled__V1__ListTraitsResponse *list =
            (const Profiled__V1__ListTraitsResponse *)message;
        for (size_t i = 0; i < list->n_traits; i++) {
            add(all, EXPORT_TRAIT, "trait.", list->traits[i]->name, false);
        }
        profiled_message_free(message);
    }
    return code;
}

static int read_all(struct session *session, struct export_columns *all) {
    add_plain(all);
    int code = add_identities(session, all);
    if (code == EXIT_DONE) {
        code = add_attributes(session, all);
    }
    if (code == EXIT_DONE) {
        add_interactions(all);
        code = add_traits(session, all);
    }
    return code;
}

/* ---- choosing ---- */

/* The field of a profile that a column is of, by its name in the contract and in JSON. */
static const struct field_names {
    const char *name;
    const char *json;
} fields[] = {
    [EXPORT_ID] = {"id", "id"},
    [EXPORT_NAME] = {"name", "name"},
    [EXPORT_IDENTITY] = {"identities", "identities"},
    [EXPORT_ATTRIBUTE] = {"attributes", "attributes"},
    [EXPORT_INTERACTIONS] = {"interaction_summary", "interactionSummary"},
    [EXPORT_TRAIT] = {"traits", "traits"},
};
enum { FIELDS_COUNT = sizeof fields / sizeof fields[0] };

static void copy(const struct export_column *column, struct export_columns *out) {
    struct export_columns *columns = out;
    add(columns, column->source, "", column->key, column->personal);
    struct export_column *made = &columns->items[columns->count - 1];
    free(made->title);
    made->title = strdup(column->title);
    assert(made->title != NULL);
}

/* Chooses those that an item of --fields names. False, told, when there is none. */
static bool choose(const struct export_columns *all, const char *item, struct export_columns *out) {
    const size_t before = out->count;
    for (size_t i = 0; i < all->count; i++) {
        const struct export_column *column = &all->items[i];
        if (strcmp(column->title, item) == 0 || strcmp(fields[column->source].name, item) == 0) {
            copy(column, out);
        }
    }
    if (out->count > before) {
        return true;
    }
    fputs("profilectl: --fields: there is no column `", stderr);
    text_tell(stderr, item);
    fputs("`; there are id, name, identities or identity.TYPE, attributes or attribute.NAME, "
          "interactions, and traits or trait.NAME\n",
          stderr);
    return false;
}

static bool choose_list(const struct export_columns *all, const char *list,
                        struct export_columns *out) {
    while (*list != '\0') {
        const size_t size = strcspn(list, ",");
        char *item = strndup(list, size);
        assert(item != NULL);
        const bool found = size == 0 || choose(all, item, out);
        free(item);
        if (!found) {
            return false;
        }
        list += size + (list[size] == ',' ? 1 : 0);
    }
    if (out->count == 0) {
        fprintf(stderr, "profilectl: --fields: names none\n");
    }
    return out->count > 0;
}

static void choose_all(const struct export_columns *all, bool personal,
                       struct export_columns *out) {
    for (size_t i = 0; i < all->count; i++) {
        if (personal || !all->items[i].personal) {
            copy(&all->items[i], out);
        }
    }
}

int export_columns_read(struct session *session, const struct arguments *arguments,
                        struct export_columns *out) {
    struct export_columns all = {.count = 0};
    const char *list = arguments_get(arguments, OPT_FIELDS);
    *out = (struct export_columns){.count = 0};
    int code = read_all(session, &all);
    if (code == EXIT_DONE && list == NULL) {
        choose_all(&all, arguments_has(arguments, OPT_WITH_PERSONAL), out);
    } else if (code == EXIT_DONE && !choose_list(&all, list, out)) {
        code = EXIT_USAGE;
    }
    export_columns_free(&all);
    return code;
}

json_t *export_columns_mask(const struct export_columns *columns) {
    char mask[FIELDS_COUNT * ITEM_SIZE] = "";
    for (size_t i = 0; i < FIELDS_COUNT; i++) {
        for (size_t k = 0; k < columns->count; k++) {
            if (columns->items[k].source == (enum export_source)i) {
                text_append(mask, sizeof mask, ",", fields[i].json);
                break;
            }
        }
    }
    return json_string(mask);
}

bool export_columns_may_lack(const struct export_columns *columns) {
    for (size_t i = 0; i < columns->count; i++) {
        if (columns->items[i].personal || columns->items[i].source == EXPORT_TRAIT) {
            return true;
        }
    }
    return false;
}

/* ---- cells ---- */

static const char *identity_text(const Profiled__V1__Identity *identity) {
    return identity->canonical_value[0] == '\0' ? identity->value : identity->canonical_value;
}

/* One stands as it is, since an import takes a cell for one; several as the values of a list do. */
static void write_identities(const Profiled__V1__Profile *profile, const char *type, FILE *out) {
    const char *first = "";
    size_t count = 0;
    char *all = NULL;
    size_t size = 0;
    FILE *joined = open_memstream(&all, &size);
    assert(joined != NULL);
    for (size_t i = 0; i < profile->n_identities; i++) {
        const Profiled__V1__Identity *identity = profile->identities[i];
        if (strcmp(identity->type, type) == 0) {
            char *escaped = attribute_text_escaped(identity_text(identity));
            fprintf(joined, "%s%s", count == 0 ? "" : ";", escaped);
            free(escaped);
            first = count == 0 ? identity_text(identity) : first;
            count++;
        }
    }
    fclose(joined);
    csv_cell_told(count > 1 ? all : first, out);
    free(all);
}

/* The text of a value, guarded where somebody told it as a text; "" for none. */
static void write_value(const Profiled__V1__AttributeValue *value, FILE *out) {
    if (value == NULL) {
        csv_cell("", out);
        return;
    }
    char *text = attribute_text_cell(value);
    const bool is_told = value->value_case == PROFILED__V1__ATTRIBUTE_VALUE__VALUE_TEXT ||
                         value->value_case == PROFILED__V1__ATTRIBUTE_VALUE__VALUE_LIST;
    (is_told ? csv_cell_told : csv_cell)(text == NULL ? "" : text, out);
    free(text);
}

static void write_attribute(const Profiled__V1__Profile *profile, const char *name, FILE *out) {
    for (size_t i = 0; i < profile->n_attributes; i++) {
        if (strcmp(profile->attributes[i]->key, name) == 0) {
            write_value(profile->attributes[i]->value, out);
            return;
        }
    }
    csv_cell("", out);
}

static void write_trait(const Profiled__V1__Profile *profile, const char *name, FILE *out) {
    Profiled__V1__AttributeValue value = PROFILED__V1__ATTRIBUTE_VALUE__INIT;
    for (size_t i = 0; i < profile->n_traits; i++) {
        const Profiled__V1__TraitValue *trait = profile->traits[i]->value;
        if (trait == NULL || strcmp(profile->traits[i]->key, name) != 0) {
            continue;
        }
        switch (trait->value_case) {
        case PROFILED__V1__TRAIT_VALUE__VALUE_NUMBER:
            value.value_case = PROFILED__V1__ATTRIBUTE_VALUE__VALUE_NUMBER;
            value.number = trait->number;
            break;
        case PROFILED__V1__TRAIT_VALUE__VALUE_TEXT:
            value.value_case = PROFILED__V1__ATTRIBUTE_VALUE__VALUE_TEXT;
            value.text = trait->text;
            break;
        case PROFILED__V1__TRAIT_VALUE__VALUE_TIME:
            value.value_case = PROFILED__V1__ATTRIBUTE_VALUE__VALUE_TIME;
            value.time = trait->time;
            break;
        case PROFILED__V1__TRAIT_VALUE__VALUE__NOT_SET:
        case _PROFILED__V1__TRAIT_VALUE__VALUE__CASE_IS_INT_SIZE:
            break;
        }
    }
    write_value(&value, out);
}

static void write_interactions(const Profiled__V1__Profile *profile, const char *kind, FILE *out) {
    const Profiled__V1__InteractionSummary *summary = profile->interaction_summary;
    int64_t count = summary == NULL || kind[0] != '\0' ? 0 : summary->count;
    for (size_t i = 0; summary != NULL && i < summary->n_kinds; i++) {
        if (strcmp(summary->kinds[i]->label, kind) == 0) {
            count = summary->kinds[i]->count;
        }
    }
    csv_cell_number(count, out);
}

/* ---- rows ---- */

static void write_column(const struct export_column *column, const Profiled__V1__Profile *profile,
                         FILE *out) {
    switch (column->source) {
    case EXPORT_ID:
        csv_cell(profile->id, out);
        return;
    case EXPORT_NAME:
        csv_cell_told(profile->name, out);
        return;
    case EXPORT_IDENTITY:
        write_identities(profile, column->key, out);
        return;
    case EXPORT_ATTRIBUTE:
        write_attribute(profile, column->key, out);
        return;
    case EXPORT_INTERACTIONS:
        write_interactions(profile, column->key, out);
        return;
    case EXPORT_TRAIT:
        write_trait(profile, column->key, out);
        return;
    }
}

void export_csv_header(const struct export_columns *columns, FILE *out) {
    for (size_t i = 0; i < columns->count; i++) {
        fputs(i == 0 ? "" : ",", out);
        csv_cell(columns->items[i].title, out);
    }
    fputs("\r\n", out);
}

void export_csv_row(const struct export_columns *columns, const Profiled__V1__Profile *profile,
                    FILE *out) {
    for (size_t i = 0; i < columns->count; i++) {
        fputs(i == 0 ? "" : ",", out);
        write_column(&columns->items[i], profile, out);
    }
    fputs("\r\n", out);
}
