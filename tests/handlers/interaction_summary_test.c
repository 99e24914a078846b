/* What the interactions of a profile add up to, as profiles tell it. */

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/events.h"

TestSuite(interaction_summary, .init = ask_open, .fini = ask_close);

static char *text(const char *string) { return (char *)(uintptr_t)string; }

/* A message of a theme, a sub-theme and a mood, so many days ago. */
static void say(const char *id, const char *theme, const char *sub_theme,
                Profiled__V1__Sentiment sentiment, int days_ago) {
    Profiled__V1__Interaction *interaction =
        engagement_told("", "whatsapp", CALL_START_US - days_ago * US_PER_DAY);
    interaction->engagement->theme = text(theme);
    interaction->engagement->sub_theme = text(sub_theme);
    interaction->engagement->sentiment = sentiment;
    record_event(event_by_id(interaction, id));
}

static void write_in(const char *id, const char *language, const char *dialect,
                     Profiled__V1__Direction direction) {
    Profiled__V1__Interaction *interaction = engagement_told("", "email", 0);
    interaction->engagement->language = text(language);
    interaction->engagement->dialect = text(dialect);
    interaction->engagement->direction = direction;
    record_event(event_by_id(interaction, id));
}

static const Profiled__V1__InteractionSummary *summary_of(const char *id) {
    return get(id)->interaction_summary;
}

Test(interaction_summary, themes_have_their_counts_and_times) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    say(id, "complaint", "delivery", PROFILED__V1__SENTIMENT__SENTIMENT_NEGATIVE, 3);
    say(id, "complaint", "payment", PROFILED__V1__SENTIMENT__SENTIMENT_NEGATIVE, 1);
    say(id, "question", "delivery", PROFILED__V1__SENTIMENT__SENTIMENT_NEUTRAL, 2);
    say(id, "other", "", PROFILED__V1__SENTIMENT__SENTIMENT_UNSPECIFIED, 9);
    say(id, "thanks", "", PROFILED__V1__SENTIMENT__SENTIMENT_POSITIVE, 5);
    const Profiled__V1__InteractionSummary *summary = summary_of(id);

    cr_assert_eq(summary->n_themes, 4);
    cr_expect_str_eq(summary->themes[0]->label, "complaint");
    cr_expect_eq(summary->themes[0]->count, 2);
    cr_expect_eq(summary->themes[0]->first_time->seconds,
                 (CALL_START_US - 3 * US_PER_DAY) / US_PER_SECOND);
    cr_expect_eq(summary->themes[0]->last_time->seconds,
                 (CALL_START_US - US_PER_DAY) / US_PER_SECOND);
    cr_assert_eq(summary->n_sub_themes, 3);
    cr_expect_str_eq(summary->sub_themes[0]->label, "payment");
    cr_expect_str_eq(summary->sub_themes[0]->theme, "complaint");
    cr_expect_str_eq(summary->sub_themes[1]->theme, "question");
    /* Of those that are as frequent the one that came up later. */
    cr_assert_eq(summary->n_main_themes, 3);
    cr_expect_str_eq(summary->main_themes[0], "complaint");
    cr_expect_str_eq(summary->main_themes[1], "question");
    cr_expect_str_eq(summary->main_themes[2], "thanks");
    cr_assert_eq(summary->n_kinds, 1);
    cr_expect_str_eq(summary->kinds[0]->label, "engagement");
    cr_expect_eq(summary->kinds[0]->count, 5);
}

/* Whether themes that are counted together may be among the most frequent. */
Test(interaction_summary, main_themes_that_may_be_others_say_so) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    const Profiled__V1__Sentiment none = PROFILED__V1__SENTIMENT__SENTIMENT_UNSPECIFIED;
    for (int i = 0; i < 128; i++) {
        say(id, arena_format(&ask_arena, "t%d", i), "", none, 1);
    }
    for (int i = 0; i < 12; i++) {
        say(id, i % 3 == 0 ? "t1" : i % 3 == 1 ? "t2" : "t3", "", none, 1);
    }
    cr_expect_not(summary_of(id)->uncertain);
    say(id, "beyond", "", none, 0);
    say(id, "beyond", "", none, 0);
    say(id, "beyond", "", none, 0);
    cr_expect_not(summary_of(id)->uncertain, "three of them, and five of the third one");
    say(id, "beyond", "", none, 0);
    const Profiled__V1__InteractionSummary *summary = summary_of(id);
    cr_expect(summary->uncertain);
    cr_expect_str_eq(summary->themes[3]->label, "");
    cr_expect_eq(summary->themes[3]->count, 4);
}

/* Each profile keeps its own apart: of what one counts together the other may count some by itself.
 */
Test(interaction_summary, of_a_merged_person_more_may_be_counted_together) {
    const char *one = create(TOLD(.name = "Noura"))->id;
    const char *other = create(TOLD(.name = "Noura"))->id;
    const Profiled__V1__Sentiment none = PROFILED__V1__SENTIMENT__SENTIMENT_UNSPECIFIED;
    for (int i = 0; i < 128; i++) {
        say(one, arena_format(&ask_arena, "t%d", i), "", none, 1);
    }
    say(one, "beyond", "", none, 0);
    say(other, "beyond", "", none, 0);
    say(other, "t1", "", none, 0);
    cr_expect_not(summary_of(other)->themes[0]->at_least);
    merge_two(one, other);
    const Profiled__V1__InteractionSummary *summary = summary_of(one);
    for (size_t i = 0; i < summary->n_themes; i++) {
        const Profiled__V1__LabelCount *theme = summary->themes[i];
        cr_expect_eq(theme->at_least, strcmp(theme->label, "beyond") == 0, "%s", theme->label);
    }
    cr_expect_eq(summary->n_themes, 130);
}

Test(interaction_summary, net_sentiment_is_of_all_and_of_the_last_thirty_days) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    cr_expect_null(summary_of(id)->net_sentiment);
    say(id, "", "", PROFILED__V1__SENTIMENT__SENTIMENT_POSITIVE, 40);
    say(id, "", "", PROFILED__V1__SENTIMENT__SENTIMENT_POSITIVE, 29);
    say(id, "", "", PROFILED__V1__SENTIMENT__SENTIMENT_NEGATIVE, 0);
    say(id, "", "", PROFILED__V1__SENTIMENT__SENTIMENT_NEGATIVE, 0);
    say(id, "", "", PROFILED__V1__SENTIMENT__SENTIMENT_NEUTRAL, 0);
    const Profiled__V1__InteractionSummary *summary = summary_of(id);
    cr_assert_not_null(summary->net_sentiment);
    cr_expect_eq(summary->net_sentiment->count, 5);
    cr_expect_float_eq(summary->net_sentiment->score, 0, 1e-9);
    cr_expect_eq(summary->recent_net_sentiment->count, 4);
    cr_expect_float_eq(summary->recent_net_sentiment->score, -0.25, 1e-9);
    cr_assert_eq(summary->n_sentiment_days, 2);
    cr_expect_eq(summary->sentiment_days[0]->positive, 1);
    cr_expect_eq(summary->sentiment_days[1]->negative, 2);
    cr_expect_lt(strcmp(summary->sentiment_days[0]->day, summary->sentiment_days[1]->day), 0);

    /* Days go by without anything that happens. */
    ask_wait_us(US_PER_DAY);
    summary = summary_of(id);
    cr_expect_eq(summary->recent_net_sentiment->count, 3);
    ask_wait_us(29 * US_PER_DAY);
    summary = summary_of(id);
    cr_expect_null(summary->recent_net_sentiment);
    cr_expect_eq(summary->net_sentiment->count, 5);
    /* What comes late has its own day. */
    say(id, "", "", PROFILED__V1__SENTIMENT__SENTIMENT_POSITIVE, -29);
    say(id, "", "", PROFILED__V1__SENTIMENT__SENTIMENT_POSITIVE, 90);
    summary = summary_of(id);
    cr_expect_eq(summary->recent_net_sentiment->count, 1);
    cr_expect_eq(summary->net_sentiment->count, 7);
}

/* Another day's mood was told meanwhile, of her and of nobody else. */
Test(interaction_summary, a_clock_far_ahead_and_back_leaves_the_last_thirty_days) {
    const char *noura = create(TOLD(.name = "Noura"))->id;
    const char *reem = create(TOLD(.name = "Reem"))->id;
    say(noura, "", "", PROFILED__V1__SENTIMENT__SENTIMENT_POSITIVE, 29);
    say(noura, "", "", PROFILED__V1__SENTIMENT__SENTIMENT_POSITIVE, 0);
    say(reem, "", "", PROFILED__V1__SENTIMENT__SENTIMENT_NEGATIVE, 3);
    ask_wait_us(400 * US_PER_DAY);
    say(noura, "", "", PROFILED__V1__SENTIMENT__SENTIMENT_NEGATIVE, -400);
    cr_expect_eq(summary_of(noura)->recent_net_sentiment->count, 1);

    ask_wait_us(-400 * US_PER_DAY);
    call_sweep(ask_fixture);

    const Profiled__V1__InteractionSummary *summary = summary_of(noura);
    cr_expect_not(summary->backfilling);
    cr_expect_eq(summary->recent_net_sentiment->count, 2);
    cr_expect_float_eq(summary->recent_net_sentiment->score, 1, 1e-9);
    cr_expect_eq(summary->n_sentiment_days, 2);
    cr_expect_eq(summary->net_sentiment->count, 3);
    cr_expect_eq(summary_of(reem)->recent_net_sentiment->count, 1);
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(interaction_summary, language_and_dialect_are_those_that_the_person_mostly_uses) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    write_in(id, "ar", "saudi", PROFILED__V1__DIRECTION__DIRECTION_INBOUND);
    write_in(id, "ar", "", PROFILED__V1__DIRECTION__DIRECTION_UNSPECIFIED);
    write_in(id, "en", "", PROFILED__V1__DIRECTION__DIRECTION_INBOUND);
    for (int i = 0; i < 3; i++) {
        write_in(id, "fr", "white", PROFILED__V1__DIRECTION__DIRECTION_OUTBOUND);
    }
    const Profiled__V1__InteractionSummary *summary = summary_of(id);
    cr_expect_str_eq(summary->dominant_language, "ar");
    cr_expect_str_eq(summary->dominant_dialect, "saudi");
    cr_expect_eq(summary->n_languages, 2);
    cr_expect_eq(summary->n_dialects, 1);

    const char *other =
        create(TOLD(.name = "Sara", .attributes = {ATTRIBUTE("language", "en")}))->id;
    write_in(other, "ar", "saudi", PROFILED__V1__DIRECTION__DIRECTION_INBOUND);
    summary = summary_of(other);
    cr_expect_str_eq(summary->dominant_language, "");
    cr_expect_str_eq(summary->dominant_dialect, "saudi");
    cr_expect_eq(summary->n_languages, 1);
}

/* Nothing is lost, and the row stays small. */
Test(interaction_summary, labels_beyond_the_limit_are_counted_together) {
    enum { THEMES = 140, KEPT = 128 };
    const Profiled__V1__Sentiment none = PROFILED__V1__SENTIMENT__SENTIMENT_UNSPECIFIED;
    const char *id = create(TOLD(.name = "Noura"))->id;
    for (int i = 0; i < THEMES; i++) {
        say(id, arena_format(&ask_arena, "t%d", i), "", none, 0);
    }
    say(id, "t0", "", none, 0);
    say(id, "t139", "", none, 0);
    const Profiled__V1__InteractionSummary *summary = summary_of(id);
    cr_assert_eq(summary->n_themes, KEPT + 1);
    cr_expect_str_eq(summary->themes[0]->label, "");
    cr_expect_eq(summary->themes[0]->count, THEMES - KEPT + 1);
    cr_expect_str_eq(summary->themes[1]->label, "t0");
    cr_expect_eq(summary->themes[1]->count, 2);
    cr_expect_eq(summary->count, THEMES + 2);
}

Test(interaction_summary, of_a_merged_person_it_is_that_of_both) {
    const char *one =
        create(TOLD(.name = "Noura", .identities = {ID("email", "n@example.com")}))->id;
    const char *other = create(TOLD(.name = "Noura", .identities = {ID("twitter", "noura_x")}))->id;
    say(one, "complaint", "delivery", PROFILED__V1__SENTIMENT__SENTIMENT_NEGATIVE, 3);
    say(other, "complaint", "delivery", PROFILED__V1__SENTIMENT__SENTIMENT_POSITIVE, 3);
    resolve(TOLD(.identities = {ID("email", "n@example.com"), ID("twitter", "noura_x")}));
    const Profiled__V1__InteractionSummary *summary = summary_of(other);
    cr_assert_eq(summary->n_sub_themes, 1);
    cr_expect_eq(summary->sub_themes[0]->count, 2);
    cr_expect_float_eq(summary->net_sentiment->score, 0, 1e-9);
    cr_assert_eq(summary->n_sentiment_days, 1);
    cr_expect_eq(summary->sentiment_days[0]->positive, 1);
    cr_expect_eq(summary->sentiment_days[0]->negative, 1);
}
