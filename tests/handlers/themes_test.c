/* ListThemes, CreateTheme, UpdateTheme, DeleteTheme, and engagements that name themes. */

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/segments.h"

TestSuite(themes, .init = ask_open, .fini = ask_close);

static char *text(const char *string) { return (char *)(uintptr_t)string; }

/* A theme that is called `label` in Arabic ("" for nothing), with a sub-theme `delivery`. */
static Profiled__V1__Theme *theme_told(const char *name, const char *label) {
    Profiled__V1__Theme *theme = arena_alloc(&ask_arena, sizeof *theme);
    profiled__v1__theme__init(theme);
    theme->name = text(name);
    theme->labels = arena_array(&ask_arena, 1, sizeof *theme->labels);
    theme->labels[0] = arena_alloc(&ask_arena, sizeof *theme->labels[0]);
    profiled__v1__theme__labels_entry__init(theme->labels[0]);
    theme->labels[0]->key = text("AR");
    theme->labels[0]->value = text(label);
    theme->n_labels = label[0] == '\0' ? 0 : 1;
    theme->sub_themes = arena_array(&ask_arena, 2, sizeof *theme->sub_themes);
    for (size_t i = 0; i < 2; i++) {
        theme->sub_themes[i] = arena_alloc(&ask_arena, sizeof *theme->sub_themes[i]);
        profiled__v1__sub_theme__init(theme->sub_themes[i]);
        theme->sub_themes[i]->name = text(i == 0 ? "delivery" : "payment");
    }
    theme->n_sub_themes = 1;
    return theme;
}

static Profiled__V1__CreateThemeRequest creation_of(Profiled__V1__Theme *theme) {
    Profiled__V1__CreateThemeRequest request = PROFILED__V1__CREATE_THEME_REQUEST__INIT;
    request.theme = theme;
    return request;
}

static const Profiled__V1__Theme *create_theme(Profiled__V1__Theme *theme) {
    const Profiled__V1__CreateThemeRequest request = creation_of(theme);
    const Profiled__V1__CreateThemeResponse *response =
        ask(&rpc_schema_service, "CreateTheme", &request.base);
    return response->theme;
}

static const struct answer *creation_refused(Profiled__V1__Theme *theme, enum status_code code,
                                             const char *reason) {
    const Profiled__V1__CreateThemeRequest request = creation_of(theme);
    return ask_refused(&rpc_schema_service, "CreateTheme", &request.base, code, reason);
}

static Profiled__V1__UpdateThemeRequest update_of(Profiled__V1__Theme *theme, const char *path) {
    Profiled__V1__UpdateThemeRequest request = PROFILED__V1__UPDATE_THEME_REQUEST__INIT;
    request.theme = theme;
    request.update_mask = mask_told(path);
    return request;
}

static const Profiled__V1__Theme *update_theme(Profiled__V1__Theme *theme, const char *path) {
    const Profiled__V1__UpdateThemeRequest request = update_of(theme, path);
    const Profiled__V1__UpdateThemeResponse *response =
        ask(&rpc_schema_service, "UpdateTheme", &request.base);
    return response->theme;
}

static const struct answer *update_refused(Profiled__V1__Theme *theme, const char *path) {
    const Profiled__V1__UpdateThemeRequest request = update_of(theme, path);
    return ask_refused(&rpc_schema_service, "UpdateTheme", &request.base, STATUS_INVALID_ARGUMENT,
                       "FIELD_INVALID");
}

static const Profiled__V1__ListThemesResponse *list_themes(void) {
    const Profiled__V1__ListThemesRequest request = PROFILED__V1__LIST_THEMES_REQUEST__INIT;
    return ask(&rpc_schema_service, "ListThemes", &request.base);
}

static Profiled__V1__InteractionRecord *message_about(const char *theme, const char *sub_theme,
                                                      const char *id) {
    Profiled__V1__Interaction *interaction = engagement_told("", "email", 0);
    interaction->engagement->theme = text(theme);
    interaction->engagement->sub_theme = text(sub_theme);
    return event_by_id(interaction, id);
}

static const struct answer *message_refused(const char *theme, const char *sub_theme,
                                            const char *id) {
    Profiled__V1__RecordInteractionRequest request = PROFILED__V1__RECORD_INTERACTION_REQUEST__INIT;
    request.interaction_record = message_about(theme, sub_theme, id);
    return ask_refused(&rpc_interaction_service, "RecordInteraction", &request.base,
                       STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
}

Test(themes, are_listed_by_name_as_they_were_made) {
    cr_expect_eq(list_themes()->n_themes, 0);
    create_theme(theme_told("question", ""));
    const Profiled__V1__Theme *made = create_theme(theme_told("complaint", " شكوى "));
    cr_expect_str_eq(made->labels[0]->key, "ar");
    cr_expect_str_eq(made->labels[0]->value, "شكوى");
    const Profiled__V1__ListThemesResponse *list = list_themes();
    cr_assert_eq(list->n_themes, 2);
    cr_expect_str_eq(list->themes[0]->name, "complaint");
    cr_expect_str_eq(list->themes[0]->sub_themes[0]->name, "delivery");
    cr_expect_str_eq(list->themes[1]->name, "question");
    cr_expect_not(list->themes[0]->retired);
}

Test(themes, engagements_name_them_in_any_language) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    /* Until there are any, every word is one. */
    record_event(message_about("Anything", "at all", id));
    create_theme(theme_told("complaint", "شكوى"));
    ask_wait_us(US_PER_SECOND);
    record_event(message_about("COMPLAINT", "Delivery", id));
    ask_wait_us(US_PER_SECOND);
    record_event(message_about("شكوى", "", id));
    ask_wait_us(US_PER_SECOND);
    record_event(message_about("", "", id));
    const Profiled__V1__ListInteractionsResponse *list = events_of(id);
    cr_expect_str_eq(list->interactions[1]->engagement->theme, "complaint");
    cr_expect_str_eq(list->interactions[2]->engagement->theme, "complaint");
    cr_expect_str_eq(list->interactions[2]->engagement->sub_theme, "delivery");
    cr_expect_str_eq(list->interactions[3]->engagement->theme, "Anything");
    cr_expect_eq(get(id)->interaction_summary->themes[0]->count, 2);
    /* So do those who ask for them. */
    Profiled__V1__InteractionFilter filter = PROFILED__V1__INTERACTION_FILTER__INIT;
    Profiled__V1__ListInteractionsRequest request = PROFILED__V1__LIST_INTERACTIONS_REQUEST__INIT;
    filter.theme = text("شكوى");
    request.profile_id = text(id);
    request.filter = &filter;
    const Profiled__V1__ListInteractionsResponse *some =
        ask(&rpc_interaction_service, "ListInteractions", &request.base);
    cr_expect_eq(some->n_interactions, 2);
}

Test(themes, what_is_none_is_named_by_its_field) {
    static const char *const theme_field = "interaction_record.interaction.engagement.theme";
    static const char *const sub_field = "interaction_record.interaction.engagement.sub_theme";
    const char *id = create(TOLD(.name = "Noura"))->id;
    create_theme(theme_told("complaint", "شكوى"));
    cr_expect_not_null(answer_violation(message_refused("praise", "", id), theme_field));
    cr_expect_not_null(answer_violation(message_refused("complaint", "payment", id), sub_field));
    cr_expect_not_null(answer_violation(message_refused("", "delivery", id), sub_field));
    cr_expect_eq(events_of(id)->n_interactions, 0);

    /* The others of a batch are kept. */
    Profiled__V1__InteractionRecord *events[] = {message_about("praise", "", id),
                                                 message_about("complaint", "", id)};
    Profiled__V1__BatchRecordInteractionsRequest request =
        PROFILED__V1__BATCH_RECORD_INTERACTIONS_REQUEST__INIT;
    request.n_interaction_records = 2;
    request.interaction_records = events;
    const Profiled__V1__BatchRecordInteractionsResponse *response =
        ask(&rpc_interaction_service, "BatchRecordInteractions", &request.base);
    cr_assert_eq(response->verdicts[0]->n_errors, 1);
    cr_expect_str_eq(response->verdicts[0]->errors[0]->field, "interaction.engagement.theme");
    cr_expect_not_null(response->verdicts[1]->recorded);
}

Test(themes, retired_ones_are_kept_and_taken_no_more) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    create_theme(theme_told("complaint", "شكوى"));
    record_event(message_about("complaint", "delivery", id));
    Profiled__V1__DeleteThemeRequest request = PROFILED__V1__DELETE_THEME_REQUEST__INIT;
    request.name = text("complaint");
    const Profiled__V1__DeleteThemeResponse *deleted =
        ask_twice(&rpc_schema_service, "DeleteTheme", &request.base);
    cr_expect(deleted->theme->retired);
    message_refused("complaint", "", id);
    cr_expect_str_eq(events_of(id)->interactions[0]->engagement->theme, "complaint");
    cr_expect(list_themes()->themes[0]->retired);
    creation_refused(theme_told("complaint", ""), STATUS_ALREADY_EXISTS, "THEME_EXISTS");
    /* And taken back. */
    cr_expect_not(update_theme(theme_told("complaint", ""), "retired")->retired);
    record_event(message_about("complaint", "", id));

    Profiled__V1__Theme *theme = theme_told("complaint", "");
    theme->sub_themes[0] = theme->sub_themes[1]; /* Delivery is left out. */
    const Profiled__V1__Theme *changed = update_theme(theme, "sub_themes");
    cr_assert_eq(changed->n_sub_themes, 2);
    cr_expect_str_eq(changed->sub_themes[0]->name, "payment");
    cr_expect_str_eq(changed->sub_themes[1]->name, "delivery");
    cr_expect(changed->sub_themes[1]->retired);
    message_refused("complaint", "delivery", id);
    record_event(message_about("complaint", "payment", id));
    request.name = text("praise");
    ask_refused(&rpc_schema_service, "DeleteTheme", &request.base, STATUS_NOT_FOUND,
                "THEME_NOT_FOUND");
}

Test(themes, every_bad_field_is_named) {
    static const char *const bad[] = {"", "_x", "Complaint", "a b", "شكوى"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_expect_not_null(answer_violation(
            creation_refused(theme_told(bad[i], ""), STATUS_INVALID_ARGUMENT, "FIELD_INVALID"),
            "theme.name"));
    }
    Profiled__V1__Theme *theme = theme_told("complaint", "two\nlines");
    theme->n_sub_themes = 2;
    theme->sub_themes[1]->name = theme->sub_themes[0]->name;
    const struct answer *answer = creation_refused(theme, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "theme.labels[0]"));
    cr_expect_not_null(answer_violation(answer, "theme.sub_themes[1]"));
    theme = theme_told("complaint", "x");
    theme->labels[0]->key = text("not a language");
    answer = creation_refused(theme, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "theme.labels[0]"));

    create_theme(theme_told("complaint", "شكوى"));
    creation_refused(theme_told("other", "شكوى"), STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    creation_refused(theme_told("other", "COMPLAINT"), STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    create_theme(theme_told("other", ""));
    cr_expect_not_null(
        answer_violation(update_refused(theme_told("other", "شكوى"), "labels"), "theme"));
    cr_expect_not_null(
        answer_violation(update_refused(theme_told("other", ""), "name"), "update_mask.paths[0]"));
    const Profiled__V1__UpdateThemeRequest request = update_of(theme_told("praise", ""), "labels");
    ask_refused(&rpc_schema_service, "UpdateTheme", &request.base, STATUS_NOT_FOUND,
                "THEME_NOT_FOUND");
}

Test(themes, no_more_than_a_hundred) {
    for (int i = 0; i < 100; i++) {
        create_theme(theme_told(arena_format(&ask_arena, "t%d", i), ""));
    }
    const struct answer *answer =
        creation_refused(theme_told("t100", ""), STATUS_FAILED_PRECONDITION, "RULES_INVALID");
    cr_expect_not_null(answer);
    cr_expect_eq(list_themes()->n_themes, 100);
}

/* ---- filters of interactions ---- */

static Profiled__V1__ListInteractionsRequest listing(const char *theme, const char *sub_theme,
                                                     const char *id) {
    Profiled__V1__InteractionFilter *filter = arena_alloc(&ask_arena, sizeof *filter);
    profiled__v1__interaction_filter__init(filter);
    filter->theme = text(theme);
    filter->sub_theme = text(sub_theme);
    Profiled__V1__ListInteractionsRequest request = PROFILED__V1__LIST_INTERACTIONS_REQUEST__INIT;
    request.profile_id = text(id);
    request.filter = filter;
    return request;
}

static size_t count_listed(const char *theme, const char *sub_theme, const char *id) {
    const Profiled__V1__ListInteractionsRequest request = listing(theme, sub_theme, id);
    const Profiled__V1__ListInteractionsResponse *list =
        ask(&rpc_interaction_service, "ListInteractions", &request.base);
    return list->n_interactions;
}

static const char *listing_refused(const char *theme, const char *sub_theme, const char *id,
                                   const char *field) {
    const Profiled__V1__ListInteractionsRequest request = listing(theme, sub_theme, id);
    return answer_violation(ask_refused(&rpc_interaction_service, "ListInteractions", &request.base,
                                        STATUS_INVALID_ARGUMENT, "FIELD_INVALID"),
                            field);
}

Test(themes, what_there_is_not_is_not_asked_for) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    cr_expect_eq(count_listed("anything", "at all", id), 0, "there are no themes");
    record_event(message_about("Old Theme", "of old", id));
    create_theme(theme_told("complaint", "شكوى"));
    record_event(message_about("complaint", "delivery", id));

    cr_expect_str_eq(listing_refused("complant", "", id, "filter.theme"),
                     "is no theme of the workspace; the nearest is complaint");
    cr_expect_str_eq(listing_refused("شكوي", "", id, "filter.theme"),
                     "is no theme of the workspace; the nearest is complaint");
    cr_expect_str_eq(listing_refused("complaint", "delivry", id, "filter.sub_theme"),
                     "is no sub-theme of the theme; the nearest is delivery");
    cr_expect_str_eq(listing_refused("", "delivry", id, "filter.sub_theme"),
                     "is no sub-theme of the workspace; the nearest is delivery");
    cr_expect_eq(count_listed("", "Delivery", id), 1, "of whatever theme");
    cr_expect_eq(count_listed("Old Theme", "", id), 1, "as it was told when there were no themes");
    cr_expect_eq(count_listed("", "of old", id), 1);
    Profiled__V1__DeleteThemeRequest deletion = PROFILED__V1__DELETE_THEME_REQUEST__INIT;
    deletion.name = text("complaint");
    (void)ask(&rpc_schema_service, "DeleteTheme", &deletion.base);
    cr_expect_eq(count_listed("شكوى", "delivery", id), 1, "it is retired");
}

Test(themes, sub_themes_of_several_names_are_not_asked_for_by_one_word) {
    Profiled__V1__Theme *themes[] = {theme_told("complaint", ""), theme_told("question", "")};
    for (size_t i = 0; i < 2; i++) {
        Profiled__V1__SubTheme__LabelsEntry *label = arena_alloc(&ask_arena, sizeof *label);
        profiled__v1__sub_theme__labels_entry__init(label);
        label->key = text("ar");
        label->value = text("توصيل");
        Profiled__V1__SubTheme *sub = themes[i]->sub_themes[0];
        sub->name = text(i == 0 ? "delivery" : "shipping");
        sub->labels = arena_array(&ask_arena, 1, sizeof(Profiled__V1__SubTheme__LabelsEntry *));
        sub->labels[0] = label;
        sub->n_labels = 1;
        create_theme(themes[i]);
    }
    const char *id = create(TOLD(.name = "Noura"))->id;
    record_event(message_about("question", "توصيل", id));

    cr_expect_str_eq(listing_refused("", "توصيل", id, "filter.sub_theme"),
                     "is what sub-themes of several names are called");
    cr_expect_eq(count_listed("question", "توصيل", id), 1);
}

/* ---- traits ---- */

static Profiled__V1__CreateTraitRequest counting(const char *filter) {
    Profiled__V1__TraitDefinition *trait = arena_alloc(&ask_arena, sizeof *trait);
    profiled__v1__trait_definition__init(trait);
    trait->name = text("about_it");
    trait->aggregation = PROFILED__V1__TRAIT_AGGREGATION__TRAIT_AGGREGATION_COUNT;
    trait->filter = text(filter);
    Profiled__V1__CreateTraitRequest request = PROFILED__V1__CREATE_TRAIT_REQUEST__INIT;
    request.trait = trait;
    return request;
}

static void expect_counting(const char *filter, const char *kept) {
    Profiled__V1__CreateTraitRequest request = counting(filter);
    request.validate_only = true;
    const Profiled__V1__CreateTraitResponse *response =
        ask(&rpc_schema_service, "CreateTrait", &request.base);
    cr_expect_str_eq(response->trait->filter, kept);
}

static void expect_no_counting(const char *filter, const char *offset, const char *nearest) {
    const Profiled__V1__CreateTraitRequest request = counting(filter);
    const struct answer *answer = ask_refused(&rpc_schema_service, "CreateTrait", &request.base,
                                              STATUS_INVALID_ARGUMENT, "FILTER_INVALID");
    cr_expect_str_eq(answer_metadata(answer, "offset"), offset, "%s", filter);
    if (nearest != NULL) {
        cr_expect_str_eq(answer_metadata(answer, "nearest"), nearest, "%s", filter);
    }
}

Test(themes, filters_of_traits_keep_their_names) {
    expect_counting("theme = anything", "theme = anything"); /* There are no themes. */
    create_theme(theme_told("complaint", "شكوى"));
    create_theme(theme_told("question", ""));

    expect_counting("theme:\"شكوى\" channel:email", "theme:complaint channel:email");
    expect_counting("theme=( 'شكوى' OR Question )AND sub_theme = Delivery",
                    "theme=( complaint OR question )AND sub_theme = delivery");
    expect_counting("theme = comp*", "theme = comp*");
    expect_no_counting("theme = complaints", "8", "complaint");
    expect_no_counting("channel:email sub_theme = size", "26", NULL);
    expect_no_counting("sub_theme = delivry", "12", "delivery");
}

Test(themes, filters_of_traits_stay_when_themes_are_called_otherwise) {
    create_theme(theme_told("complaint", "شكوى"));
    const Profiled__V1__CreateTraitRequest request = counting("theme = \"شكوى\"");
    (void)ask(&rpc_schema_service, "CreateTrait", &request.base);
    update_theme(theme_told("complaint", "بلاغ"), "labels");
    const char *id = create(TOLD(.name = "Noura"))->id;

    record_event(message_about("بلاغ", "", id));

    const Profiled__V1__Profile *profile = get(id);
    cr_assert_eq(profile->n_traits, 1);
    cr_expect_eq(profile->traits[0]->value->number, 1);
}

/* ---- segments ---- */

static void filter_refused(const char *filter, const char *offset, const char *nearest) {
    Profiled__V1__ListProfilesRequest request = PROFILED__V1__LIST_PROFILES_REQUEST__INIT;
    request.filter = text(filter);
    const struct answer *answer = ask_refused(&rpc_profile_service, "ListProfiles", &request.base,
                                              STATUS_INVALID_ARGUMENT, "FILTER_INVALID");
    cr_expect_str_eq(answer_metadata(answer, "offset"), offset, "%s", filter);
    cr_expect_str_eq(answer_metadata(answer, "nearest"), nearest, "%s", filter);
}

Test(themes, filters_of_segments_keep_their_names) {
    const char *old = create(TOLD(.name = "Noura"))->id;
    record_event(message_about("Billing Issue", "", old));
    create_segment("words", "themes:\"Billing Issue\"");
    cr_expect_eq(ready_segment("words")->member_count, 1);
    create_theme(theme_told("billing", "Billing Issue"));
    create_theme(theme_told("complaint", "شكوى"));
    create_segment("complaints", "themes:\"شكوى\" OR themes.\"شكوى\".count > 1");
    cr_expect_str_eq(ready_segment("complaints")->filter,
                     "themes:complaint OR themes.complaint.count > 1");
    const char *id = create(TOLD(.name = "Huda"))->id;
    record_event(message_about("شكوى", "", id));
    record_event(message_about("Billing Issue", "", id));
    update_theme(theme_told("complaint", "بلاغ"), "labels");
    update_theme(theme_told("billing", "شكوى"), "labels");
    record_event(message_about("شكوى", "", old));
    call_reopen(ask_fixture);

    filter_refused("themes:complant", "7", "complaint");
    filter_refused("sub_themes.delivry.count > 1", "11", "delivery");
    filter_refused("main_themes = complant", "14", "complaint");
    create_segment("mainly",
                   "main_themes = \"بلاغ\" dialects:* OR dominant_dialect = \"modern ar\"");
    cr_expect_str_eq(ready_segment("mainly")->filter,
                     "main_themes = complaint dialects:* OR dominant_dialect = modern_ar");
    cr_expect_str_eq(names_in("words"), " Noura", "which had no theme of a name then");
    cr_expect_str_eq(names_in("complaints"), " Huda");
    cr_expect_eq(call_verify(ask_fixture), 0);
}
