/* Facts of interactions, and the counts of days: that they are what was put, in order of time, and
 * that scans go on where they stopped. */

#include "server/store/fact.h"

#include <criterion/criterion.h>
#include <string.h>

#include "server/base/clock.h"
#include "server/base/day.h"
#include "tests/engine/seeded.h"
#include "tests/store/fixture.h"

TestSuite(fact, .init = fixture_open, .fini = fixture_close);

enum { COUNT = 300, DAYS = 4 };

static const char *const channels[] = {"email", "whatsapp"};
static const char *const themes[] = {"", "complaint", "question"};

/* What was put. */
struct told {
    struct store_interaction interaction;
    size_t channel;
    size_t theme;
    uint32_t sentiment;
};
static struct told model[COUNT];

static int64_t some_time(struct seeded *random) {
    /* Days before 1970 too: their counts come first. */
    return ((int64_t)seeded_below(random, DAYS) - 1) * US_PER_DAY +
           (int64_t)seeded_below(random, 5) * US_PER_HOUR;
}

static void tell_all(struct seeded *random) {
    struct store_view *view = write_begin();
    struct profile *profile = profile_new("Noura");
    cr_assert(status_is_ok(store_profile_put(view, profile)));
    for (size_t i = 0; i < COUNT; i++) {
        struct told *told = &model[i];
        told->channel = seeded_below(random, 2);
        told->theme = seeded_below(random, 3);
        told->sentiment = (uint32_t)seeded_below(random, 4);
        told->interaction =
            interaction_add(view, profile->id, some_time(random), "", channels[told->channel],
                            themes[told->theme], told->sentiment);
    }
    write_end();
}

/* ---- facts ---- */

struct seen {
    size_t count;
    int64_t last_us;
    int64_t sum;
};

static const struct told *find(struct id interaction) {
    for (size_t i = 0; i < COUNT; i++) {
        if (id_equal(model[i].interaction.id, interaction)) {
            return &model[i];
        }
    }
    cr_assert_fail("nobody told it");
    return NULL;
}

static bool is_label(struct bytes label, const char *text) {
    return bytes_equal(label, bytes_of_string(text));
}

static struct status see_fact(void *state, const struct store_fact *fact) {
    struct seen *seen = state;
    const struct told *told = find(fact->interaction);
    cr_assert_eq(fact->occur_us, told->interaction.occur_us);
    cr_assert(id_equal(fact->profile, told->interaction.profile));
    cr_assert_eq(fact->kind, STORE_KIND_ENGAGEMENT);
    cr_assert_eq(fact->sentiment, told->sentiment);
    cr_assert(is_label(fact->labels[STORE_FACT_CHANNEL], channels[told->channel]));
    cr_assert(is_label(fact->labels[STORE_FACT_THEME], themes[told->theme]));
    cr_assert(seen->count == 0 || seen->last_us <= fact->occur_us);
    seen->last_us = fact->occur_us;
    seen->count++;
    return OK;
}

static size_t told_between(int64_t min_us, int64_t max_us) {
    size_t count = 0;
    for (size_t i = 0; i < COUNT; i++) {
        const int64_t time_us = model[i].interaction.occur_us;
        count += time_us >= min_us && time_us < max_us;
    }
    return count;
}

Test(fact, there_is_one_for_each_interaction_in_order_of_time) {
    struct seeded random = {.state = 7};
    tell_all(&random);
    struct store_view *view = read_begin();
    const int64_t bounds[] = {INT64_MIN, -US_PER_DAY, 0, US_PER_DAY + 2 * US_PER_HOUR, INT64_MAX};
    for (size_t from = 0; from + 1 < sizeof bounds / sizeof *bounds; from++) {
        for (size_t to = from + 1; to < sizeof bounds / sizeof *bounds; to++) {
            struct seen seen = {0};
            struct store_fact_cursor cursor = {.set = false};
            bool more = true;
            cr_assert(status_is_ok(store_fact_scan(view, STORE_KIND_ANY, bounds[from], bounds[to],
                                                   &cursor, see_fact, &seen, &more)));
            cr_assert_not(more);
            cr_assert_eq(seen.count, told_between(bounds[from], bounds[to]));
            /* Behind the last there is nothing. */
            cr_assert(status_is_ok(store_fact_scan(view, STORE_KIND_ANY, bounds[from], bounds[to],
                                                   &cursor, see_fact, &seen, &more)));
            cr_assert_eq(seen.count, told_between(bounds[from], bounds[to]));
        }
    }
    read_end();
}

Test(fact, a_scan_goes_on_behind_its_cursor) {
    struct seeded random = {.state = 7};
    tell_all(&random);
    struct store_view *view = read_begin();
    for (size_t i = 0; i < COUNT; i += 17) {
        struct seen seen = {0};
        const struct store_interaction *at = &model[i].interaction;
        struct store_fact_cursor cursor = {true, STORE_KIND_ENGAGEMENT, at->occur_us, at->id};
        bool more = true;
        cr_assert(status_is_ok(store_fact_scan(view, STORE_KIND_ENGAGEMENT, INT64_MIN, INT64_MAX,
                                               &cursor, see_fact, &seen, &more)));
        size_t behind = 0;
        for (size_t k = 0; k < COUNT; k++) {
            const struct store_interaction *other = &model[k].interaction;
            behind += other->occur_us > at->occur_us ||
                      (other->occur_us == at->occur_us && id_compare(other->id, at->id) > 0);
        }
        cr_assert_eq(seen.count, behind);
    }
    read_end();
}

/* ---- counts ---- */

static struct status see_count(void *state, const struct store_fact *fact) {
    struct seen *seen = state;
    int64_t count = 0;
    for (size_t i = 0; i < COUNT; i++) {
        const struct told *told = &model[i];
        count += day_of(told->interaction.occur_us) == day_of(fact->occur_us) &&
                 told->sentiment == fact->sentiment &&
                 is_label(fact->labels[STORE_FACT_CHANNEL], channels[told->channel]) &&
                 is_label(fact->labels[STORE_FACT_THEME], themes[told->theme]);
    }
    cr_assert_eq(fact->count, count);
    cr_assert_eq(fact->kind, STORE_KIND_ENGAGEMENT);
    cr_assert(seen->count == 0 || seen->last_us <= fact->occur_us);
    seen->last_us = fact->occur_us;
    seen->sum += fact->count;
    seen->count++;
    return OK;
}

Test(fact, days_have_their_counts) {
    struct seeded random = {.state = 7};
    tell_all(&random);
    struct store_view *view = read_begin();
    for (int fine = 0; fine < 2; fine++) {
        struct seen seen = {0};
        cr_assert(
            status_is_ok(store_count_scan(view, fine, INT32_MIN, INT32_MAX, see_count, &seen)));
        cr_assert_eq(seen.sum, COUNT);
        seen = (struct seen){0};
        cr_assert(status_is_ok(store_count_scan(view, fine, 0, 2, see_count, &seen)));
        cr_assert_eq((size_t)seen.sum, told_between(0, 2 * US_PER_DAY));
    }
    read_end();
}

/* What moves is another profile's, and counts as it did. */
Test(fact, what_moves_keeps_its_count) {
    struct seeded random = {.state = 7};
    tell_all(&random);
    struct store_view *view = write_begin();
    struct profile *other = profile_new("Sara");
    cr_assert(status_is_ok(store_profile_put(view, other)));
    for (size_t i = 0; i < COUNT; i += 3) {
        cr_assert(status_is_ok(store_interaction_move(view, &model[i].interaction, other->id)));
    }
    write_end();
    struct seen seen = {0};
    struct store_fact_cursor cursor = {.set = false};
    bool more = true;
    view = read_begin();
    cr_assert(status_is_ok(store_fact_scan(view, STORE_KIND_ENGAGEMENT, INT64_MIN, INT64_MAX,
                                           &cursor, see_fact, &seen, &more)));
    cr_assert_eq(seen.count, COUNT);
    seen = (struct seen){0};
    cr_assert(status_is_ok(store_count_scan(view, true, INT32_MIN, INT32_MAX, see_count, &seen)));
    cr_assert_eq(seen.sum, COUNT);
    read_end();
}
