/* Interactions: timelines woven over several profiles, events, summaries. */

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "server/store/summary.h"
#include "server/store/view.h"
#include "tests/store/fixture.h"

TestSuite(interaction, .init = fixture_open, .fini = fixture_close);

enum { PROFILES = 4, INTERACTIONS = 150 };

static struct id ids[PROFILES];
static struct store_interaction model[INTERACTIONS];

/* Latest first; of one time, the smaller id. */
static int compare(const void *left, const void *right) {
    const struct store_interaction *a = left;
    const struct store_interaction *b = right;
    if (a->occur_us != b->occur_us) {
        return a->occur_us > b->occur_us ? -1 : 1;
    }
    return id_compare(a->id, b->id);
}

/* Few different times, on both sides of 1970: many are equal. */
static void populate(void) {
    struct store_view *view = write_begin();
    for (size_t i = 0; i < PROFILES; i++) {
        struct profile *profile = profile_new("Noura");
        cr_assert(status_is_ok(store_profile_put(view, profile)));
        ids[i] = profile->id;
    }
    for (size_t i = 0; i < INTERACTIONS; i++) {
        const int64_t occur_us = ((int64_t)seeded_below(&seeded, 12) - 6) * US_PER_DAY;
        model[i] = interaction_add(view, ids[seeded_below(&seeded, PROFILES)], occur_us, "",
                                   arena_format(&arena, "channel%zu", i), "", 0);
    }
    write_end();
    qsort(model, INTERACTIONS, sizeof *model, compare);
}

static void assert_same(const struct store_interaction *a, const struct store_interaction *b) {
    cr_assert(id_equal(a->id, b->id));
    cr_assert(id_equal(a->profile, b->profile));
    cr_assert_eq(a->occur_us, b->occur_us);
    cr_assert(bytes_equal(a->packed, b->packed));
}

Test(interaction, timeline_is_woven_page_by_page) {
    static const size_t page_sizes[] = {1, 2, 17, INTERACTIONS + 1};
    populate();
    for (size_t i = 0; i < sizeof page_sizes / sizeof *page_sizes; i++) {
        struct store_interaction page[INTERACTIONS + 1];
        size_t seen = 0;
        size_t count = 0;
        bool more = true;
        while (more) {
            const bool set = seen > 0;
            const struct store_interaction last =
                set ? model[seen - 1] : (struct store_interaction){0};
            const struct status status =
                store_interaction_scan(read_begin(), ids, PROFILES, set, last.occur_us, last.id,
                                       page_sizes[i], page, &count, &more);
            cr_assert(status_is_ok(status), "%s", status.text);
            cr_assert_leq(seen + count, INTERACTIONS);
            for (size_t j = 0; j < count; j++) {
                assert_same(&page[j], &model[seen + j]);
            }
            seen += count;
            cr_assert_eq(more, seen < INTERACTIONS);
            read_end();
        }
        cr_assert_eq(seen, INTERACTIONS);
    }
}

Test(interaction, timeline_has_no_others) {
    populate();
    struct store_interaction page[INTERACTIONS];
    size_t count = 0;
    bool more = true;

    cr_assert(status_is_ok(store_interaction_scan(read_begin(), ids, 1, false, 0, ids[0],
                                                  INTERACTIONS, page, &count, &more)));

    size_t expected = 0;
    for (size_t i = 0; i < INTERACTIONS; i++) {
        if (id_equal(model[i].profile, ids[0])) {
            assert_same(&page[expected++], &model[i]);
        }
    }
    cr_assert_eq(count, expected);
    read_end();
}

/* A place in the timeline that is no interaction: of another profile's, or of none. */
Test(interaction, timeline_goes_on_behind_any_place) {
    populate();
    struct store_interaction page[INTERACTIONS];
    size_t count = 0;
    bool more = true;
    const struct id high = {{0xff, 0xff, 0xff, 0xff}};

    cr_assert(status_is_ok(store_interaction_scan(read_begin(), ids, PROFILES, true, 0, high,
                                                  INTERACTIONS, page, &count, &more)));

    size_t expected = 0;
    for (size_t i = 0; i < INTERACTIONS; i++) {
        expected += model[i].occur_us < 0;
    }
    cr_assert_eq(count, expected);
    cr_assert_gt(count, 0);
    cr_assert_lt(page[0].occur_us, 0);
    read_end();
}

Test(interaction, no_profiles_have_no_interactions) {
    size_t count = 9;
    bool more = true;
    struct store_interaction page;

    cr_assert(status_is_ok(store_interaction_scan(read_begin(), NULL, 0, false, 0, (struct id){{0}},
                                                  1, &page, &count, &more)));

    cr_assert_eq(count, 0);
    cr_assert_not(more);
    read_end();
}

/* Three profiles are opened, then a few interactions come in the time that a view has. */
Test(interaction, timeline_stops_when_the_view_is_over_and_goes_on) {
    populate();
    fixture_step_us = US_PER_SECOND / 8;
    struct store_interaction page[INTERACTIONS];
    size_t seen = 0;
    size_t pages = 0;
    bool more = true;
    while (more) {
        const bool set = seen > 0;
        const struct store_interaction last = set ? model[seen - 1] : (struct store_interaction){0};
        size_t count = 0;
        cr_assert(
            status_is_ok(store_interaction_scan(read_begin(), ids, PROFILES, set, last.occur_us,
                                                last.id, INTERACTIONS, page, &count, &more)));
        cr_assert_gt(count, 0);
        cr_assert_lt(count, 8);
        for (size_t i = 0; i < count; i++) {
            assert_same(&page[i], &model[seen + i]);
        }
        seen += count;
        pages++;
        cr_assert_eq(more, seen < INTERACTIONS);
        read_end();
    }
    cr_assert_gt(pages, 1);
}

Test(interaction, timeline_that_takes_too_long_to_open_is_refused) {
    populate();
    fixture_step_us = US_PER_SECOND;
    struct store_interaction page[1];
    size_t count = 9;
    bool more = true;

    const struct status status = store_interaction_scan(read_begin(), ids, PROFILES, false, 0,
                                                        ids[0], 1, page, &count, &more);

    cr_assert_eq(status.code, STATUS_RESOURCE_EXHAUSTED);
    cr_assert_eq(status.reason, REASON_OVERLOADED);
    cr_assert_eq(count, 9);
    read_end();
}

Test(interaction, values_of_two_profiles_cannot_be_swapped) {
    struct store_view *view = write_begin();
    struct profile *one = profile_new("Noura");
    struct profile *two = profile_new("Reem");
    cr_assert(status_is_ok(store_profile_put(view, one)));
    cr_assert(status_is_ok(store_profile_put(view, two)));
    (void)interaction_add(view, one->id, 5, "", "email", "", 0);
    (void)interaction_add(view, two->id, 5, "", "email", "", 0);
    write_end();
    size_t count = 0;
    const struct row *rows = rows_of_table(STORE_TABLE_INTERACTION, &count);
    cr_assert_eq(count, 2);

    row_put(rows[0].key, rows[1].value);

    struct store_interaction page[2];
    bool more = false;
    cr_assert_eq(
        store_interaction_scan(read_begin(), &one->id, 1, false, 0, one->id, 2, page, &count, &more)
            .reason,
        REASON_STORE_CORRUPT);
    read_end();
}

/* ---- events ---- */

Test(interaction, event_leads_to_its_interaction) {
    struct profile *profile = profile_new("Noura");
    struct store_view *view = write_begin();
    cr_assert(status_is_ok(store_profile_put(view, profile)));
    const struct store_interaction interaction =
        interaction_add(view, profile->id, 5, "event-1", "email", "", 0);
    for (size_t applied = 0; applied < 2; applied++) {
        bool found = false;
        struct id stored_under;
        struct id id;
        cr_assert(
            status_is_ok(store_event_get(view, "helpdesk", "event-1", &found, &stored_under, &id)));
        cr_assert(found);
        cr_assert(id_equal(stored_under, profile->id));
        cr_assert(id_equal(id, interaction.id));
        cr_assert(
            status_is_ok(store_event_get(view, "helpdesk", "event-2", &found, &stored_under, &id)));
        cr_assert_not(found);
        cr_assert(
            status_is_ok(store_event_get(view, "shop", "event-1", &found, &stored_under, &id)));
        cr_assert_not(found);
        if (applied == 0) {
            write_end();
            view = read_begin();
        }
    }
    read_end();
}

/* (source, event id) is a pair: where one ends and the other begins matters. */
Test(interaction, events_of_two_sources_are_two) {
    const struct store_interaction interaction = {.id = {{1}}};
    struct store_view *view = write_begin();
    bool found = true;
    struct id stored_under;
    struct id id;

    view_event_put(view, "ab", "c", &interaction);

    cr_assert(status_is_ok(store_event_get(view, "a", "bc", &found, &stored_under, &id)));
    cr_assert_not(found);
    write_drop();
}

/* ---- summaries ---- */

Test(interaction, summary_comes_back) {
    struct store_label_count labels[] = {
        {STORE_LABEL_CHANNEL, "email", "", 3, -9, 77, false},
        {STORE_LABEL_SUB_THEME, "delivery", "complaint", 2, 0, 5, false},
        {STORE_LABEL_SENTIMENT, "negative", "", 1, -9, -9, false},
    };
    struct store_mood_day moods[] = {{.day = -1, .negative = 1}, {.day = 2, .positive = 7}};
    const struct store_summary summary = {
        .count = 5,
        .first_us = -9,
        .last_us = 77,
        .label_count = 3,
        .labels = labels,
        .mood_count = 2,
        .moods = moods,
    };
    const struct id id = {{4}};
    struct store_view *view = write_begin();
    struct store_summary found;
    cr_assert(status_is_ok(store_summary_get(view, id, &found)));
    cr_assert_eq(found.count, 0);
    cr_assert_eq(found.label_count, 0);

    cr_assert(status_is_ok(store_summary_put(view, id, &summary)));
    write_end();

    cr_assert(status_is_ok(store_summary_get(read_begin(), id, &found)));
    cr_assert_eq(found.count, 5);
    cr_assert_eq(found.first_us, -9);
    cr_assert_eq(found.last_us, 77);
    cr_assert_eq(found.label_count, 3);
    for (size_t i = 0; i < 3; i++) {
        cr_assert_eq(found.labels[i].kind, labels[i].kind);
        cr_assert_eq(found.labels[i].count, labels[i].count);
        cr_assert_str_eq(found.labels[i].label, labels[i].label);
        cr_assert_str_eq(found.labels[i].theme, labels[i].theme);
        cr_assert_eq(found.labels[i].first_us, labels[i].first_us);
        cr_assert_eq(found.labels[i].last_us, labels[i].last_us);
    }
    cr_assert_eq(found.mood_count, 2);
    cr_assert_eq(found.moods[0].day, -1);
    cr_assert_eq(found.moods[0].negative, 1);
    cr_assert_eq(found.moods[1].positive, 7);
    read_end();
}

/* More labels than a row can hold are refused when they are wished. */
Test(interaction, too_large_a_summary_is_refused) {
    enum { LABELS = 2000 };
    struct store_label_count labels[LABELS];
    for (size_t i = 0; i < LABELS; i++) {
        labels[i] = (struct store_label_count){
            STORE_LABEL_THEME, arena_format(&arena, "%064zu", i), "", 1, 0, 0, false};
    }
    const struct store_summary summary = {.count = 1, .label_count = LABELS, .labels = labels};
    struct store_view *view = write_begin();

    cr_assert_eq(store_summary_put(view, (struct id){{4}}, &summary).reason,
                 REASON_MESSAGE_TOO_LARGE);
    write_drop();
}

Test(interaction, too_large_a_decision_is_refused) {
    struct profile *profile = profile_new("Noura");
    struct store_view *view = write_begin();
    cr_assert(status_is_ok(store_profile_put(view, profile)));
    const struct bytes large = bytes_of(arena_alloc(&arena, 95000), 95000);

    cr_assert_eq(store_decision_put(view, profile->id, (struct id){{1}}, large).reason,
                 REASON_MESSAGE_TOO_LARGE);
    cr_assert_eq(store_rules_put(view, 2, large).reason, REASON_MESSAGE_TOO_LARGE);
    cr_assert_eq(store_import_put(view, STORE_IMPORT_PROFILES, "spring", large).reason,
                 REASON_MESSAGE_TOO_LARGE);
    write_drop();
}
