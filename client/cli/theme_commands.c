/* The commands of the group `theme`. */

#include "client/cli/answer.h"
#include "client/cli/command.h"
#include "client/cli/output.h"
#include "client/cli/request.h"
#include "client/cli/table.h"
#include "client/cli/term.h"
#include "client/cli/text.h"
#include "client/json.h"

#include "profiled/v1/schema_service.pb-c.h"

#include <stdio.h>
#include <string.h>

enum { LIST_SIZE = 4096 };

/* ---- printing ---- */

static void add_theme(struct table *table, const Profiled__V1__Theme *theme) {
    char labels[LIST_SIZE] = "";
    char subs[LIST_SIZE] = "";
    for (size_t i = 0; i < theme->n_labels; i++) {
        text_append(labels, sizeof labels, ", ", theme->labels[i]->key);
        text_append(labels, sizeof labels, " ", theme->labels[i]->value);
    }
    for (size_t i = 0; i < theme->n_sub_themes; i++) {
        text_append(subs, sizeof subs, ", ", theme->sub_themes[i]->name);
        if (theme->sub_themes[i]->retired) {
            text_append(subs, sizeof subs, " ", "(retired)");
        }
    }
    table_add(table, theme->name);
    table_add(table, theme->retired ? "retired" : "in use");
    table_add(table, labels);
    table_add(table, subs);
}

static void print_themes(const struct session *session, Profiled__V1__Theme *const *themes,
                         size_t count) {
    static const struct table_column columns[] = {
        {.title = "THEME", .whole = true},
        {.title = "STATE", .whole = true},
        {.title = "CALLED"},
        {.title = "SUB-THEMES"},
    };
    struct table table;
    table_init(&table, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < count; i++) {
        add_theme(&table, themes[i]);
    }
    table_print(&table, &session->screen);
    table_free(&table);
}

static void view_themes(const struct session *session, const struct arguments *arguments,
                        const ProtobufCMessage *answer) {
    (void)arguments;
    const Profiled__V1__ListThemesResponse *list = (const Profiled__V1__ListThemesResponse *)answer;
    if (list->n_themes == 0) {
        fputs("No themes: engagements may name any.\n", stdout);
    } else {
        print_themes(session, list->themes, list->n_themes);
    }
}

int theme_list(struct session *session, const struct arguments *arguments) {
    return answer_ask(session, arguments, "ListThemes", json_object(), view_themes);
}

/* ---- changing ---- */

/* The three answers of a change are of one shape. */
static void view_theme(const struct session *session, const struct arguments *arguments,
                       const ProtobufCMessage *answer) {
    (void)arguments;
    print_themes(session, &((const Profiled__V1__CreateThemeResponse *)answer)->theme, 1);
}

/* Asks for a change, and prints the theme that comes of it. */
static int change(struct session *session, const char *method, json_t *request,
                  const struct arguments *arguments) {
    request_write(request, arguments);
    return answer_ask(session, arguments, method, request, view_theme);
}

/* The theme's fields; false, told, when they can't be read. */
static bool read_theme(json_t *theme, const struct arguments *arguments) {
    const enum cli_option label = arguments_has(arguments, OPT_RENAMED) ? OPT_RENAMED : OPT_CALLED;
    if (arguments_has(arguments, label) &&
        !request_single_pairs(theme, "labels", arguments, label)) {
        return false;
    }
    if (arguments_has(arguments, OPT_SUB_THEMES)) {
        request_names(theme, "subThemes", arguments, OPT_SUB_THEMES);
        json_t *subs = json_object_get(theme, "subThemes");
        size_t i;
        json_t *name;
        json_array_foreach(subs, i, name) {
            json_array_set_new(subs, i, json_pack("{s:O}", "name", name));
        }
    }
    return request_choice(theme, "retired", arguments, OPT_RETIRED);
}

/* The theme of --json, or out of the options. NULL, told, when it can't be read. */
static json_t *theme_request(const struct arguments *arguments) {
    const char *path = arguments_get(arguments, OPT_JSON);
    json_t *theme = path == NULL ? json_object() : request_file(path);
    if (theme == NULL) {
        return NULL;
    }
    json_object_set_new(theme, "name", json_string(arguments->words[0]));
    if (path == NULL && !read_theme(theme, arguments)) {
        json_decref(theme);
        return NULL;
    }
    return theme;
}

int theme_create(struct session *session, const struct arguments *arguments) {
    json_t *theme = theme_request(arguments);
    return theme == NULL
               ? EXIT_USAGE
               : change(session, "CreateTheme", json_pack("{s:o}", "theme", theme), arguments);
}

/* The fields that a theme in JSON has, as a mask. */
static json_t *mask_of(const json_t *theme) {
    static const char *const fields[] = {"labels", "subThemes", "retired"};
    return term_mask(theme, fields, sizeof fields / sizeof fields[0]);
}

/* The theme as the server has it; NULL when it has none of this name. Borrowed. */
static const Profiled__V1__Theme *find_theme(const Profiled__V1__ListThemesResponse *list,
                                             const char *name) {
    for (size_t i = 0; i < list->n_themes; i++) {
        if (strcmp(list->themes[i]->name, name) == 0) {
            return list->themes[i];
        }
    }
    return NULL;
}

/* Gives the sub-themes of --sub-themes the labels that they have: names on a command line say
 * nothing of those. */
static void keep_sub_labels(json_t *theme, const Profiled__V1__Theme *there) {
    size_t i;
    json_t *sub;
    json_array_foreach(json_object_get(theme, "subThemes"), i, sub) {
        const char *name = json_string_value(json_object_get(sub, "name"));
        for (size_t k = 0; name != NULL && k < there->n_sub_themes; k++) {
            if (strcmp(there->sub_themes[k]->name, name) == 0) {
                json_t *kept = json_from_message(&there->sub_themes[k]->base);
                json_t *labels = json_object_get(kept, "labels");
                if (labels != NULL) {
                    json_object_set(sub, "labels", labels);
                }
                json_decref(kept);
            }
        }
    }
}

/* Completes what the options say by what the theme has: neither --label nor --sub-themes says all
 * of its field. Answers an exit code. */
static int complete(struct session *session, json_t *theme) {
    ProtobufCMessage *message = NULL;
    int code = session_call(session, "ListThemes", json_object(), &message);
    if (code != EXIT_DONE) {
        return code;
    }
    const Profiled__V1__Theme *there =
        find_theme((const Profiled__V1__ListThemesResponse *)message,
                   json_string_value(json_object_get(theme, "name")));
    if (there != NULL) {
        keep_sub_labels(theme, there);
        code = json_object_get(theme, "labels") == NULL ||
                       term_labels_add(theme, &there->base, "theme")
                   ? EXIT_DONE
                   : EXIT_USAGE;
    }
    profiled_message_free(message);
    return code;
}

int theme_update(struct session *session, const struct arguments *arguments) {
    json_t *theme = theme_request(arguments);
    if (theme == NULL) {
        return EXIT_USAGE;
    }
    if (arguments_has(arguments, OPT_SUB_THEMES) || arguments_has(arguments, OPT_RENAMED)) {
        const int code = complete(session, theme);
        if (code != EXIT_DONE) {
            json_decref(theme);
            return code;
        }
    }
    json_t *mask = mask_of(theme);
    if (json_string_length(mask) == 0) {
        fprintf(stderr, "profilectl: nothing to change: give --label, --sub-themes, --retired or "
                        "--json\n");
        json_decref(mask);
        json_decref(theme);
        return EXIT_USAGE;
    }
    return change(session, "UpdateTheme",
                  json_pack("{s:o,s:o}", "theme", theme, "updateMask", mask), arguments);
}

int theme_delete(struct session *session, const struct arguments *arguments) {
    return change(session, "DeleteTheme", json_pack("{s:s}", "name", arguments->words[0]),
                  arguments);
}

/* ---- a whole taxonomy ---- */

/* Makes or changes one, and counts it: counts[0] made, counts[1] changed. */
static int import_theme(struct session *session, const Profiled__V1__ListThemesResponse *list,
                        json_t *theme, const struct arguments *arguments, size_t counts[2]) {
    const char *name = json_string_value(json_object_get(theme, "name"));
    if (name == NULL) {
        fprintf(stderr, "profilectl: each theme needs a name\n");
        return EXIT_USAGE;
    }
    const bool is_there = find_theme(list, name) != NULL;
    json_t *request = json_pack("{s:O}", "theme", theme);
    if (is_there) {
        json_object_set_new(request, "updateMask", mask_of(theme));
    }
    request_write(request, arguments);
    ProtobufCMessage *message = NULL;
    const int code =
        session_call(session, is_there ? "UpdateTheme" : "CreateTheme", request, &message);
    if (code == EXIT_DONE) {
        profiled_message_free(message);
        counts[is_there ? 1 : 0]++;
    } else {
        fprintf(stderr, "profilectl: in theme %s\n", name);
    }
    return code;
}

int theme_import(struct session *session, const struct arguments *arguments) {
    json_t *themes = request_file(arguments->words[0]);
    if (themes == NULL) {
        return EXIT_USAGE;
    }
    if (!json_is_array(themes)) {
        fprintf(stderr, "profilectl: %s: a list of themes is wanted\n", arguments->words[0]);
        json_decref(themes);
        return EXIT_USAGE;
    }
    ProtobufCMessage *message = NULL;
    int code = session_call(session, "ListThemes", json_object(), &message);
    size_t counts[2] = {0, 0};
    size_t i;
    json_t *theme;
    json_array_foreach(themes, i, theme) {
        if (code == EXIT_DONE) {
            code = import_theme(session, (const Profiled__V1__ListThemesResponse *)message, theme,
                                arguments, counts);
        }
    }
    json_decref(themes);
    profiled_message_free(message);
    fprintf(stderr, "%zu themes made, %zu changed%s\n", counts[0], counts[1],
            arguments_has(arguments, OPT_DRY_RUN) ? " (a dry run: nothing was)" : "");
    return code == EXIT_DONE ? theme_list(session, arguments) : code;
}
