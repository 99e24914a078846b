/* GetRetention, UpdateRetention, and what is past it. */

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/engine/seeded.h"
#include "tests/handlers/segments.h"
#include "tests/handlers/traits.h"

TestSuite(retention, .init = ask_open, .fini = ask_close);

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static Profiled__V1__UpdateRetentionRequest request_of(Profiled__V1__Retention *retention,
                                                       const char *path) {
    Profiled__V1__UpdateRetentionRequest request = PROFILED__V1__UPDATE_RETENTION_REQUEST__INIT;
    request.retention = retention;
    request.update_mask = mask_told(path);
    return request;
}

/* Keeps engagements for so many days; how many are past it. */
static int64_t keep_engagements(int32_t days) {
    Profiled__V1__Retention retention = PROFILED__V1__RETENTION__INIT;
    retention.engagement_days = days;
    Profiled__V1__UpdateRetentionRequest request = request_of(&retention, "engagement_days");
    const Profiled__V1__UpdateRetentionResponse *response =
        ask_twice(&rpc_interaction_service, "UpdateRetention", &request.base);
    cr_expect_eq(response->retention->engagement_days, days);
    return response->expired_count;
}

static const Profiled__V1__Retention *get_retention(void) {
    const Profiled__V1__GetRetentionRequest request = PROFILED__V1__GET_RETENTION_REQUEST__INIT;
    const Profiled__V1__GetRetentionResponse *response =
        ask(&rpc_interaction_service, "GetRetention", &request.base);
    return response->retention;
}

static const Profiled__V1__RecordInteractionResponse *say(const char *id, const char *event_id,
                                                          const char *theme,
                                                          Profiled__V1__Sentiment sentiment,
                                                          int64_t days_ago) {
    Profiled__V1__Interaction *interaction =
        engagement_told(event_id, "email", ask_now_us() - days_ago * US_PER_DAY);
    interaction->engagement->theme = text(theme);
    interaction->engagement->sentiment = sentiment;
    return record_event(event_by_id(interaction, id));
}

static void sweep(void) {
    call_sweep(ask_fixture);
    cr_assert_eq(call_verify(ask_fixture), 0);
}

static int64_t count_all(void) {
    const Profiled__V1__AnalyzeInteractionsRequest request =
        PROFILED__V1__ANALYZE_INTERACTIONS_REQUEST__INIT;
    const struct feed feed =
        ask_feed(&rpc_interaction_service, "AnalyzeInteractions", &request.base);
    return ((const Profiled__V1__AnalyzeInteractionsResponse *)feed.messages[feed.count - 1])
        ->interaction_count;
}

Test(retention, what_is_past_it_goes_and_is_counted) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    cr_expect_eq(get_retention()->engagement_days, 0);
    say(id, "m-1", "complaint", PROFILED__V1__SENTIMENT__SENTIMENT_NEGATIVE, 40);
    say(id, "m-2", "complaint", PROFILED__V1__SENTIMENT__SENTIMENT_NEGATIVE, 10);
    say(id, "m-3", "question", PROFILED__V1__SENTIMENT__SENTIMENT_POSITIVE, 35);
    record_event(event_by_id(activity_told(NULL, 0), id));
    sweep();
    cr_expect_eq(count_all(), 4); /* For ever, as long as nobody says otherwise. */

    cr_expect_eq(keep_engagements(30), 2);
    cr_expect_eq(count_all(), 4); /* Until the upkeep comes. */
    sweep();
    cr_expect_eq(count_all(), 2);
    cr_expect_eq(events_of(id)->n_interactions, 2);
    const Profiled__V1__InteractionSummary *summary = get(id)->interaction_summary;
    cr_expect_eq(summary->count, 2);
    cr_expect_eq(summary->removed_count, 2);
    cr_expect_eq(summary->removed_time->seconds, (CALL_START_US - 35 * US_PER_DAY) / US_PER_SECOND);
    cr_assert_eq(summary->n_themes, 1);
    cr_expect_str_eq(summary->themes[0]->label, "complaint");
    cr_expect_eq(summary->themes[0]->count, 1);
    cr_expect_eq(summary->net_sentiment->count, 1);
    cr_expect_eq(get_retention()->removed_engagement_count, 2);
    cr_expect_eq(get_retention()->removed_activity_count, 0);
    cr_expect_not_null(get_retention()->remove_time);

    /* What is gone does not come again. */
    cr_expect(say(id, "m-1", "complaint", PROFILED__V1__SENTIMENT__SENTIMENT_NEGATIVE, 40)
                  ->repeated_event);
    cr_expect_eq(count_all(), 2);
    /* Days go by. */
    ask_wait_us(21 * US_PER_DAY);
    sweep();
    cr_expect_eq(count_all(), 1);
    cr_expect_eq(get(id)->interaction_summary->removed_count, 3);
    cr_expect_eq(get(id)->interaction_summary->count, 1);
}

Test(retention, a_profile_may_lose_all_of_them_and_stays) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    say(id, "", "complaint", PROFILED__V1__SENTIMENT__SENTIMENT_NEGATIVE, 3);
    keep_engagements(1);
    sweep();
    const Profiled__V1__InteractionSummary *summary = get(id)->interaction_summary;
    cr_expect_eq(summary->count, 0);
    cr_expect_eq(summary->removed_count, 1);
    cr_expect_eq(events_of(id)->n_interactions, 0);
    say(id, "", "complaint", PROFILED__V1__SENTIMENT__SENTIMENT_NEGATIVE, 0);
    cr_expect_eq(get(id)->interaction_summary->count, 1);
}

/* Nor does it make anybody; what is still there is told as repeated, and other kinds are kept. */
Test(retention, what_is_told_past_it_is_not_stored) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    say(id, "m-1", "", PROFILED__V1__SENTIMENT__SENTIMENT_UNSPECIFIED, 31);
    keep_engagements(30);
    Profiled__V1__Interaction *message =
        engagement_told("m-2", "email", ask_now_us() - 30 * US_PER_DAY - 1);

    const Profiled__V1__RecordInteractionResponse *response =
        record_event(event_by_record(message, TOLD(.identities = {ID("email", "n@example.com")})));

    cr_expect(response->expired);
    cr_expect_str_eq(response->interaction_id, "");
    cr_expect_str_eq(response->profile_id, "");
    cr_expect_null(response->decision);
    cr_expect_null(lookup("email", "n@example.com"));
    cr_expect(
        say(id, "m-1", "", PROFILED__V1__SENTIMENT__SENTIMENT_UNSPECIFIED, 31)->repeated_event);
    cr_expect_not(say(id, "m-3", "", PROFILED__V1__SENTIMENT__SENTIMENT_UNSPECIFIED, 30)->expired);
    Profiled__V1__Interaction *order = activity_told(NULL, 0);
    order->occur_time = time_told(ask_now_us() - 100 * US_PER_DAY);
    cr_expect_not(record_event(event_by_id(order, id))->expired);
    keep_engagements(0);
    cr_expect_not(record_event(event_by_id(message, id))->expired);
}

Test(retention, every_bad_field_is_named) {
    Profiled__V1__Retention retention = PROFILED__V1__RETENTION__INIT;
    retention.activity_days = 36501;
    Profiled__V1__UpdateRetentionRequest request = request_of(&retention, "activity_days");
    cr_expect_not_null(
        answer_violation(ask_refused(&rpc_interaction_service, "UpdateRetention", &request.base,
                                     STATUS_INVALID_ARGUMENT, "FIELD_INVALID"),
                         "retention.activity_days"));
    request = request_of(&retention, "remove_time");
    cr_expect_not_null(
        answer_violation(ask_refused(&rpc_interaction_service, "UpdateRetention", &request.base,
                                     STATUS_INVALID_ARGUMENT, "FIELD_INVALID"),
                         "update_mask.paths[0]"));
    request.update_mask = NULL;
    ask_refused(&rpc_interaction_service, "UpdateRetention", &request.base, STATUS_INVALID_ARGUMENT,
                "FIELD_INVALID");
}

/* What is past it is written by nobody: whoever is in a segment by it leaves all the same. */
Test(retention, segments_are_those_of_what_is_left) {
    static const char *const early = "first_interaction_time < now - 30d";
    const char *const filters[] = {"interaction_count >= 2", "channels.email >= 2",
                                   "themes:complaint",       "net_sentiment < 0",
                                   "traits.events_all >= 2", early};
    const size_t count = sizeof filters / sizeof *filters;
    const char *id = create(TOLD(.name = "Noura"))->id;
    create_trait(trait_told("events_all", AGGREGATION(COUNT), 0, 0));
    say(id, "m-1", "complaint", PROFILED__V1__SENTIMENT__SENTIMENT_NEGATIVE, 40);
    say(id, "m-2", "praise", PROFILED__V1__SENTIMENT__SENTIMENT_POSITIVE, 10);
    say(id, "m-3", "complaint", PROFILED__V1__SENTIMENT__SENTIMENT_NEGATIVE, 50);
    for (size_t i = 0; i < count; i++) {
        create_segment(arena_format(&ask_arena, "s%zu", i), filters[i]);
        ready_segment(arena_format(&ask_arena, "s%zu", i));
        cr_expect_str_neq(ids_found_by(filters[i]), "", "%s", filters[i]);
    }
    Profiled__V1__Retention retention = PROFILED__V1__RETENTION__INIT;
    retention.engagement_days = 30;
    Profiled__V1__UpdateRetentionRequest request = request_of(&retention, "engagement_days");
    ask(&rpc_interaction_service, "UpdateRetention", &request.base);

    sweep();

    for (size_t i = 0; i < count; i++) {
        cr_expect_str_eq(members_of(arena_format(&ask_arena, "s%zu", i)), ids_found_by(filters[i]),
                         "%s", filters[i]);
    }
}

/* ---- events ---- */

/* Without a time of its own: it is not past retention when it is sent again. */
static const Profiled__V1__RecordInteractionResponse *send_order(const char *id) {
    return record_event(event_by_id(engagement_told("order-1", "email", 0), id));
}

Test(retention, what_was_removed_and_is_sent_again_is_repeated_for_as_long_again) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    keep_engagements(2);
    const char *first = send_order(id)->interaction_id;
    ask_wait_us(3 * US_PER_DAY);
    sweep();
    cr_assert_eq(get(id)->interaction_summary->removed_count, 1);

    const Profiled__V1__RecordInteractionResponse *again = send_order(id);
    cr_expect(again->repeated_event);
    cr_expect_not(again->expired);
    cr_expect_str_eq(again->interaction_id, first);
    cr_expect_str_eq(again->profile_id, id);
    cr_expect_eq(get(id)->interaction_summary->count, 0);

    ask_wait_us(2 * US_PER_DAY);
    sweep();
    cr_expect(send_order(id)->repeated_event);
    ask_wait_us(US_PER_DAY);
    sweep();
    cr_expect_not(send_order(id)->repeated_event);
    cr_expect(send_order(id)->repeated_event);
    cr_expect_eq(get(id)->interaction_summary->count, 1);
    sweep();
}

Test(retention, what_was_removed_is_repeated_where_retention_is_lifted) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    const Profiled__V1__Sentiment none = PROFILED__V1__SENTIMENT__SENTIMENT_UNSPECIFIED;
    say(id, "m-1", "", none, 2);
    keep_engagements(1);
    sweep();
    keep_engagements(0);
    cr_expect(say(id, "m-1", "", none, 2)->repeated_event);
    sweep();
    cr_expect(say(id, "m-1", "", none, 2)->repeated_event);
}

/* Of more than one transaction. */
Test(retention, what_is_known_of_many_events_goes) {
    enum { EVENTS = 250 };
    const char *id = create(TOLD(.name = "Noura"))->id;
    keep_engagements(1);
    for (int i = 0; i < EVENTS; i++) {
        record_event(
            event_by_id(engagement_told(arena_format(&ask_arena, "order-%d", i), "email", 0), id));
    }
    ask_wait_us(2 * US_PER_DAY);
    sweep();
    cr_assert_eq(get(id)->interaction_summary->removed_count, EVENTS);
    ask_wait_us(2 * US_PER_DAY);
    sweep();
    for (int i = 0; i < EVENTS; i += 83) {
        cr_expect_not(
            record_event(
                event_by_id(engagement_told(arena_format(&ask_arena, "order-%d", i), "email", 0),
                            id))
                ->repeated_event);
    }
}

/* ---- labels that were counted together ---- */

enum { APART = 128 };

static const Profiled__V1__LabelCount *theme_in(const Profiled__V1__InteractionSummary *summary,
                                                const char *theme) {
    for (size_t i = 0; i < summary->n_themes; i++) {
        if (strcmp(summary->themes[i]->label, theme) == 0) {
            return summary->themes[i];
        }
    }
    return NULL;
}

static int64_t theme_count(const char *id, const char *theme) {
    const Profiled__V1__LabelCount *count = theme_in(get(id)->interaction_summary, theme);
    return count == NULL ? 0 : count->count;
}

static void say_themes(const char *id, const char *prefix, int count, int times, int days_ago) {
    for (int i = 0; i < count * times; i++) {
        say(id, "", arena_format(&ask_arena, "%s%d", prefix, i % count),
            PROFILED__V1__SENTIMENT__SENTIMENT_UNSPECIFIED, days_ago);
    }
}

Test(retention, labels_come_apart_where_it_makes_room) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    say_themes(id, "c", APART, 1, 3);
    say_themes(id, "d", 5, 4, 1);
    cr_expect_eq(theme_count(id, ""), 20);
    create_segment("often", "themes.d1 >= 5");
    ready_segment("often");
    keep_engagements(2);
    sweep();
    const Profiled__V1__InteractionSummary *summary = get(id)->interaction_summary;
    cr_expect_eq(summary->n_themes, 5);
    cr_expect_eq(summary->n_main_themes, 3);
    cr_expect_eq(theme_count(id, "d1"), 4);
    cr_expect_eq(members_of("often")[0], '\0');
    say_themes(id, "d", 2, 1, 0);
    cr_expect_eq(theme_count(id, "d1"), 5);
    cr_expect(is_member("often", id));
    sweep();
}

/* More than the few that are counted anew in one transaction. */
Test(retention, labels_of_many_profiles_come_apart) {
    enum { PEOPLE = 11 };
    const char *ids[PEOPLE];
    for (int i = 0; i < PEOPLE; i++) {
        ids[i] = create(TOLD(.name = "Noura"))->id;
        say_themes(ids[i], "c", APART, 1, 3);
        say_themes(ids[i], "d", 2, 1, 1);
    }
    keep_engagements(2);
    sweep();
    for (int i = 0; i < PEOPLE; i++) {
        cr_expect_eq(theme_count(ids[i], ""), 0);
        cr_expect_eq(theme_count(ids[i], "d1"), 1);
    }
    cr_expect_eq(get_retention()->removed_engagement_count, (int64_t)PEOPLE * APART);
}

/* What is kept apart is counted whole, at any moment; verify says so. */
Test(retention, labels_that_are_kept_apart_are_counted_whole) {
    enum { ROUNDS = 12, TOLD_MAX = 90, THEMES = 300 };
    struct seeded rolls = {.state = 3};
    const char *id = create(TOLD(.name = "Noura"))->id;
    bool together = false;
    bool apart = false;
    keep_engagements(4);
    for (int round = 0; round < ROUNDS; round++) {
        const size_t themes = round % 4 == 3 ? 20 : THEMES;
        for (size_t i = seeded_below(&rolls, TOLD_MAX); i > 0; i--) {
            Profiled__V1__Interaction *event = engagement_told(
                "", "email", ask_now_us() - (int64_t)seeded_below(&rolls, 3) * US_PER_DAY);
            const int theme = (int)seeded_below(&rolls, themes);
            event->engagement->theme = arena_format(&ask_arena, "t%d", theme);
            event->engagement->sub_theme = arena_format(&ask_arena, "s%d", theme / 2);
            record_event(event_by_id(event, id));
        }
        cr_assert_eq(call_verify(ask_fixture), 0, "round %d", round);
        ask_wait_us((int64_t)seeded_below(&rolls, 3) * US_PER_DAY);
        sweep();
        const Profiled__V1__InteractionSummary *summary = get(id)->interaction_summary;
        const bool has_others = theme_in(summary, "") != NULL;
        cr_assert(!has_others || summary->n_themes == APART + 1, "round %d", round);
        apart = apart || (together && !has_others);
        together = together || has_others;
    }
    cr_expect(together);
    cr_expect(apart);
}
