/* `theme update`: what the options say goes into what the theme has. */

#include "client/cli/command.h"
#include "tests/client/ran.h"

#include <stdio.h>

#include "profiled/v1/schema_service.pb-c.h"

TestSuite(theme_commands, .init = ran_isolate);

/* What UpdateTheme was asked for. */
struct updated {
    size_t calls;
    char labels[256]; /* "en=Complaint ar=..." */
    char sub_labels[256];
    char mask[64];
};

/* The one theme, `complaint`, with labels in two languages and a sub-theme with one. */
static ProtobufCMessage *list_themes(void) {
    static Profiled__V1__ListThemesResponse list = PROFILED__V1__LIST_THEMES_RESPONSE__INIT;
    static Profiled__V1__Theme theme = PROFILED__V1__THEME__INIT;
    static Profiled__V1__Theme *themes[] = {&theme};
    static Profiled__V1__Theme__LabelsEntry labels[] = {PROFILED__V1__THEME__LABELS_ENTRY__INIT,
                                                        PROFILED__V1__THEME__LABELS_ENTRY__INIT};
    static Profiled__V1__Theme__LabelsEntry *label_list[] = {&labels[0], &labels[1]};
    static Profiled__V1__SubTheme sub = PROFILED__V1__SUB_THEME__INIT;
    static Profiled__V1__SubTheme *subs[] = {&sub};
    static Profiled__V1__SubTheme__LabelsEntry sub_label =
        PROFILED__V1__SUB_THEME__LABELS_ENTRY__INIT;
    static Profiled__V1__SubTheme__LabelsEntry *sub_labels[] = {&sub_label};
    static char texts[][16] = {"complaint", "ar",       "Shakwa",  "en",
                               "Complaint", "delivery", "Delivery"};
    labels[0].key = texts[1];
    labels[0].value = texts[2];
    labels[1].key = texts[3];
    labels[1].value = texts[4];
    sub_label.key = texts[3];
    sub_label.value = texts[6];
    sub.name = texts[5];
    sub.labels = sub_labels;
    sub.n_labels = 1;
    theme.name = texts[0];
    theme.labels = label_list;
    theme.n_labels = 2;
    theme.sub_themes = subs;
    theme.n_sub_themes = 1;
    list.themes = themes;
    list.n_themes = 1;
    return &list.base;
}

static void append(char *out, size_t size, const char *key, const char *value) {
    const size_t used = strlen(out);
    snprintf(out + used, size - used, "%s%s=%s", used == 0 ? "" : " ", key, value);
}

static void note_update(struct updated *updated, const struct fake_request *request) {
    Profiled__V1__UpdateThemeRequest *got =
        profiled__v1__update_theme_request__unpack(NULL, request->size, request->bytes);
    cr_assert_not_null(got);
    updated->calls++;
    for (size_t i = 0; i < got->theme->n_labels; i++) {
        append(updated->labels, sizeof updated->labels, got->theme->labels[i]->key,
               got->theme->labels[i]->value);
    }
    for (size_t i = 0; i < got->theme->n_sub_themes; i++) {
        const Profiled__V1__SubTheme *sub = got->theme->sub_themes[i];
        for (size_t k = 0; k < sub->n_labels; k++) {
            append(updated->sub_labels, sizeof updated->sub_labels, sub->labels[k]->key,
                   sub->labels[k]->value);
        }
    }
    for (size_t i = 0; i < got->update_mask->n_paths; i++) {
        const size_t used = strlen(updated->mask);
        snprintf(updated->mask + used, sizeof updated->mask - used, "%s%s", used == 0 ? "" : ",",
                 got->update_mask->paths[i]);
    }
    profiled__v1__update_theme_request__free_unpacked(got, NULL);
}

static void serve(void *data, const struct fake_request *request, struct fake_answer *answer) {
    static Profiled__V1__UpdateThemeResponse response = PROFILED__V1__UPDATE_THEME_RESPONSE__INIT;
    static Profiled__V1__Theme theme = PROFILED__V1__THEME__INIT;
    answer->last = true;
    if (strcmp(request->path, "/profiled.v1.SchemaService/ListThemes") == 0) {
        answer->response = list_themes();
        return;
    }
    note_update(data, request);
    response.theme = &theme;
    answer->response = &response.base;
}

static void check_labels(const char *line, const char *labels) {
    struct updated updated = {0};

    const struct ran ran = ran_line(serve, &updated, line);

    cr_expect_eq(ran.code, EXIT_DONE, "%s", ran.err);
    cr_expect_str_eq(updated.labels, labels);
    cr_expect_str_eq(updated.mask, "labels");
}

Test(theme_commands, a_label_is_added) {
    check_labels("theme|update|complaint|--label|fr=Plainte", "ar=Shakwa en=Complaint fr=Plainte");
}

Test(theme_commands, a_label_replaces_that_of_its_language) {
    check_labels("theme|update|complaint|--label|AR=Ashkwa", "en=Complaint AR=Ashkwa");
}

Test(theme_commands, an_empty_label_takes_that_of_its_language_away) {
    check_labels("theme|update|complaint|--label|en=|--label|fr=Plainte", "ar=Shakwa fr=Plainte");
}

Test(theme_commands, the_last_label_can_be_taken_away) {
    check_labels("theme|update|complaint|--label|en=|--label|ar=", "");
}

Test(theme_commands, a_label_that_is_not_there_can_not_be_taken_away) {
    struct updated updated = {0};

    const struct ran ran = ran_line(serve, &updated, "theme|update|complaint|--label|fr=");

    cr_expect_eq(ran.code, EXIT_USAGE);
    expect_said(ran.err, "--label fr=: the theme is not called anything in this language\n");
    cr_expect_eq(updated.calls, 0);
}

Test(theme_commands, sub_themes_keep_their_labels) {
    struct updated updated = {0};

    const struct ran ran =
        ran_line(serve, &updated, "theme|update|complaint|--sub-themes|delivery,payment");

    cr_expect_eq(ran.code, EXIT_DONE);
    cr_expect_str_eq(updated.sub_labels, "en=Delivery");
    cr_expect_str_eq(updated.mask, "sub_themes");
}
