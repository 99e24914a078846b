/* Scans of profiles against a model: in order of creation and of updates, up and down, with terms,
 * page by page. */

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/store/fixture.h"

TestSuite(profile_scan, .init = fixture_open, .fini = fixture_close);

enum { PROFILES = 120 };

static struct profile *people[PROFILES];

/* Some are deleted, some merged away, all updated at times in another order; two at the same. */
static void populate(void) {
    static const char *const cities[] = {"riyadh", "jeddah", "abha"};
    static const char *const names[] = {"Noura Alharbi", "Reem Alharbi", "Noura Alotaibi", "Sami"};
    struct store_view *view = write_begin();
    for (size_t i = 0; i < PROFILES; i++) {
        struct profile *profile = profile_new(names[i % 4]);
        profile->update_us = profile->create_us + (int64_t)(i * 37 % 100) * US_PER_HOUR;
        profile_add_attribute(profile, "city", cities[i % 3], false);
        profile_add_attribute(profile, "gender", i % 2 == 0 ? "female" : "male", false);
        const bool is_contact = i % 5 == 4; /* And another one has it. */
        profile_add_identity(profile, "external_id",
                             arena_format(&arena, "%zu", is_contact ? i - 2 : i));
        profile->identities[0].rule = is_contact ? 6 : 0;
        profile->delete_us = i % 11 == 10 ? profile->update_us : 0;
        profile->merged_into = i % 13 == 12 ? people[0]->id : (struct id){{0}};
        cr_assert(status_is_ok(store_profile_put(view, profile)));
        people[i] = profile;
    }
    people[5] = profile_copy(people[5], &arena);
    people[5]->update_us = people[6]->update_us;
    cr_assert(status_is_ok(store_profile_put(view, people[5])));
    write_end();
}

static bool has_word(const char *name, const char *word) {
    const char *at = strstr(name, word);
    return at != NULL && (at[strlen(word)] == ' ' || at[strlen(word)] == '\0');
}

static bool has_term(const struct profile *profile, const struct profile_term *term) {
    if (term->kind == PROFILE_TERM_NAME_WORD) {
        return has_word(profile->name, term->value);
    }
    if (term->kind == PROFILE_TERM_ID) {
        char text[ID_TEXT_SIZE + 1];
        id_format(profile->id, text);
        return strcmp(text, term->value) == 0;
    }
    if (term->kind == PROFILE_TERM_IDENTITY) {
        return profile->identity_count > 0 &&
               strcmp(profile->identities[0].match, term->value) == 0;
    }
    const struct profile_attribute *attribute = profile_attribute_find(profile, term->field);
    return attribute != NULL && strcmp(attribute->value, term->value) == 0;
}

static bool has_one_of(const struct profile *profile, const struct store_clause *clause) {
    for (size_t i = 0; i < clause->term_count; i++) {
        if (has_term(profile, &clause->terms[i])) {
            return true;
        }
    }
    return false;
}

/* A choice of those that have all terms. */
static struct store_choice choice_of(const struct profile_term *terms, size_t count) {
    struct store_choice choice = store_choice_all();
    struct store_clause *clauses = arena_array(&arena, count, sizeof *clauses);
    for (size_t i = 0; i < count; i++) {
        clauses[i] = (struct store_clause){1, &terms[i]};
    }
    choice.clause_count = count;
    choice.clauses = clauses;
    return choice;
}

static enum store_order model_order;
static bool model_descending;

static int compare_people(const void *left, const void *right) {
    const struct profile *a = *(struct profile *const *)left;
    const struct profile *b = *(struct profile *const *)right;
    int order = id_compare(a->id, b->id);
    if (model_order == STORE_BY_UPDATE && a->update_us != b->update_us) {
        order = a->update_us < b->update_us ? -1 : 1;
    }
    return model_descending ? -order : order;
}

static bool is_within(const struct store_span *span, int64_t time_us) {
    return time_us >= span->from_us && time_us <= span->to_us;
}

/* What a scan should give. Whether those outside of the span of writes are among them is left open:
 * `exact` leaves them out. */
static size_t expect(enum store_order order, bool descending, const struct store_choice *choice,
                     bool exact, struct profile *out[PROFILES]) {
    size_t count = 0;
    const bool all = order == STORE_BY_CREATE && choice->clause_count == 0 && !exact;
    for (size_t i = 0; i < PROFILES; i++) {
        bool wanted = (all || profile_is_live(people[i])) &&
                      is_within(&choice->create, people[i]->create_us) &&
                      (!exact || is_within(&choice->update, people[i]->update_us));
        for (size_t j = 0; j < choice->clause_count; j++) {
            wanted = wanted && has_one_of(people[i], &choice->clauses[j]);
        }
        if (wanted) {
            out[count++] = people[i];
        }
    }
    model_order = order;
    model_descending = descending;
    qsort(out, count, sizeof *out, compare_people);
    return count;
}

/* Takes a page off the scan, on a view of its own. */
static size_t page(enum store_order order, bool descending, const struct store_choice *choice,
                   struct store_cursor *cursor, size_t size, struct id *ids, bool *more,
                   struct store_scan_report *report) {
    size_t count = 0;
    const struct status status = store_profile_scan(read_begin(), order, descending, choice, cursor,
                                                    size, ids, &count, more, report);
    cr_assert(status_is_ok(status), "%s", status.text);
    read_end();
    return count;
}

static void assert_pages(enum store_order order, bool descending, const struct store_choice *choice,
                         size_t page_size) {
    struct profile *expected[PROFILES];
    const size_t expected_count = expect(order, descending, choice, false, expected);
    struct store_cursor cursor = {.set = false};
    size_t seen = 0;
    for (bool more = true; more;) {
        struct id ids[PROFILES + 1];
        const size_t count = page(order, descending, choice, &cursor, page_size, ids, &more, NULL);
        cr_assert_leq(seen + count, expected_count);
        for (size_t i = 0; i < count; i++) {
            cr_assert(id_equal(ids[i], expected[seen + i]->id));
        }
        seen += count;
        cr_assert_eq(more, seen < expected_count); /* Few rows: it knows. */
        cr_assert(count == page_size || !more);
    }
    cr_assert_eq(seen, expected_count);
}

static void assert_all_pages(const struct store_choice *choice) {
    static const size_t page_sizes[] = {1, 7, PROFILES};
    for (size_t size = 0; size < 3; size++) {
        assert_pages(STORE_BY_CREATE, false, choice, page_sizes[size]);
        assert_pages(STORE_BY_CREATE, true, choice, page_sizes[size]);
        assert_pages(STORE_BY_UPDATE, false, choice, page_sizes[size]);
        assert_pages(STORE_BY_UPDATE, true, choice, page_sizes[size]);
    }
}

Test(profile_scan, gives_what_a_list_gives) {
    static const struct profile_term sets[][2] = {
        {{PROFILE_TERM_ATTRIBUTE, "city", "jeddah"}, {PROFILE_TERM_ATTRIBUTE, "gender", "male"}},
        {{PROFILE_TERM_NAME_WORD, "name", "Noura"}, {PROFILE_TERM_ATTRIBUTE, "city", "abha"}},
        {{PROFILE_TERM_ATTRIBUTE, "city", "abha"}, {PROFILE_TERM_NAME_WORD, "name", "Alharbi"}},
        {{PROFILE_TERM_NAME_WORD, "name", "Noura"}, {PROFILE_TERM_NAME_WORD, "name", "Alharbi"}},
        {{PROFILE_TERM_ATTRIBUTE, "city", "tabuk"}, {PROFILE_TERM_NAME_WORD, "name", "Sami"}},
    };
    populate();
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        for (size_t terms = 0; terms <= 2; terms++) {
            const struct store_choice choice = choice_of(sets[i], terms);
            assert_all_pages(&choice);
        }
    }
}

static const char *id_text(const struct profile *profile) {
    char *text = arena_alloc(&arena, ID_TEXT_SIZE + 1);
    id_format(profile->id, text);
    return text;
}

/* One is live, one deleted, one merged, and one is not there. */
Test(profile_scan, of_alternatives_each_profile_is_given_once_in_order) {
    populate();
    const struct profile_term terms[] = {
        {PROFILE_TERM_ATTRIBUTE, "city", "jeddah"},   {PROFILE_TERM_NAME_WORD, "name", "Noura"},
        {PROFILE_TERM_ID, "id", id_text(people[3])},  {PROFILE_TERM_ID, "id", id_text(people[10])},
        {PROFILE_TERM_ID, "id", id_text(people[12])}, {PROFILE_TERM_IDENTITY, "external_id", "7"},
        {PROFILE_TERM_IDENTITY, "external_id", "9"},  {PROFILE_TERM_IDENTITY, "external_id", "x"},
    };
    static const struct profile_term male = {PROFILE_TERM_ATTRIBUTE, "gender", "male"};
    for (size_t from = 0; from < 8; from++) {
        for (size_t count = 1; from + count <= 8; count++) {
            const struct store_clause clauses[] = {{count, terms + from}, {1, &male}};
            struct store_choice choice = store_choice_all();
            choice.clauses = clauses;
            for (choice.clause_count = 1; choice.clause_count <= 2; choice.clause_count++) {
                assert_all_pages(&choice);
            }
        }
    }
}

Test(profile_scan, a_span_of_creation_is_exact) {
    populate();
    static const struct profile_term jeddah = {PROFILE_TERM_ATTRIBUTE, "city", "jeddah"};
    for (size_t i = 0; i < PROFILES; i += 9) {
        for (size_t k = 0; k < PROFILES; k += 13) { /* Empty ones too. */
            for (size_t terms = 0; terms < 2; terms++) {
                struct store_choice choice = choice_of(&jeddah, terms);
                choice.create.from_us = people[i]->create_us;
                assert_all_pages(&choice);
                choice.create.to_us = people[k]->create_us;
                assert_all_pages(&choice);
                choice.create.from_us = i == 0 ? -1 : people[i]->create_us + 1;
                choice.create.to_us = people[k]->create_us - 1;
                assert_all_pages(&choice);
            }
        }
    }
}

/* Those of the span, in each order, and few rows for it. */
static void assert_updated(enum store_order order, bool descending,
                           const struct store_choice *choice) {
    struct profile *expected[PROFILES];
    const size_t expected_count = expect(order, descending, choice, true, expected);
    for (size_t size = 1; size <= 7; size += 3) {
        struct store_cursor cursor = {.set = false};
        size_t seen = 0;
        for (bool more = true; more;) {
            struct store_scan_report report = {.row_count = 0};
            struct id ids[PROFILES];
            const size_t count =
                page(order, descending, choice, &cursor, size, ids, &more, &report);
            cr_assert_leq(report.row_count, expected_count + 1);
            for (size_t i = 0; i < count; i++) {
                cr_assert_lt(seen, expected_count);
                cr_assert(id_equal(ids[i], expected[seen++]->id));
            }
        }
        cr_assert_eq(seen, expected_count);
    }
}

Test(profile_scan, a_span_of_writes_is_gone_through_in_either_order) {
    populate();
    for (size_t i = 0; i < PROFILES; i += 7) {
        struct store_choice choice = store_choice_all();
        choice.update.from_us = people[i]->update_us;
        for (size_t k = 0; k < PROFILES; k += 5) {
            choice.update.to_us = people[k]->update_us;
            for (size_t descending = 0; descending < 2; descending++) {
                assert_updated(STORE_BY_CREATE, descending == 1, &choice);
                assert_updated(STORE_BY_UPDATE, descending == 1, &choice);
            }
        }
    }
}

/* Whatever the time that each row takes, pages get somewhere, and together are the list. */
static void assert_pages_in_time(enum store_order order, bool descending,
                                 const struct profile_term *terms, size_t term_count,
                                 int64_t step_us) {
    struct profile *expected[PROFILES];
    const struct store_choice choice = choice_of(terms, term_count);
    const size_t expected_count = expect(order, descending, &choice, false, expected);
    const size_t rows_max = (size_t)(US_PER_SECOND / step_us); /* Looks at the clock in a page. */
    struct store_cursor cursor = {.set = false};
    fixture_step_us = step_us;
    size_t seen = 0;
    size_t pages = 0;
    for (bool more = true; more; pages++) {
        struct id ids[PROFILES];
        const size_t count = page(order, descending, &choice, &cursor, PROFILES, ids, &more, NULL);
        cr_assert_leq(count, rows_max);
        cr_assert_leq(seen + count, expected_count);
        for (size_t i = 0; i < count; i++) {
            cr_assert(id_equal(ids[i], expected[seen + i]->id));
        }
        seen += count;
        cr_assert_lt(pages, PROFILES + 1);
    }
    cr_assert_eq(seen, expected_count);
    if (term_count == 0) { /* Else the rarest is gone through, of which there are few rows. */
        cr_assert_gt(pages, PROFILES / 3 / rows_max);
    }
    fixture_step_us = 0;
}

Test(profile_scan, stops_when_the_view_is_over_and_goes_on) {
    static const struct profile_term terms[] = {{PROFILE_TERM_ATTRIBUTE, "city", "jeddah"},
                                                {PROFILE_TERM_NAME_WORD, "name", "Noura"}};
    static const int64_t steps_us[] = {US_PER_SECOND, US_PER_SECOND / 8};
    populate();
    for (size_t step = 0; step < 2; step++) {
        for (size_t count = 0; count <= 2; count += 2) {
            for (size_t descending = 0; descending < 2; descending++) {
                assert_pages_in_time(STORE_BY_CREATE, descending == 1, terms, count,
                                     steps_us[step]);
                assert_pages_in_time(STORE_BY_UPDATE, descending == 1, terms, count,
                                     steps_us[step]);
            }
        }
    }
}

Test(profile_scan, empty_store_has_no_more) {
    struct store_cursor cursor = {.set = false};
    struct id id;
    size_t count = 9;
    bool more = true;

    cr_assert(status_is_ok(store_profile_scan(read_begin(), STORE_BY_CREATE, false, NULL, &cursor,
                                              1, &id, &count, &more, NULL)));

    cr_assert_eq(count, 0);
    cr_assert_not(more);
    cr_assert_not(cursor.set);
    read_end();
}

/* The profile that the cursor stands on is gone from the index: the scan goes on behind its place.
 */
Test(profile_scan, goes_on_behind_what_is_gone) {
    const struct profile_term term = {PROFILE_TERM_ATTRIBUTE, "city", "jeddah"};
    struct profile *profiles[3];
    for (size_t i = 0; i < 3; i++) {
        profiles[i] = profile_new("Reem");
        profile_add_attribute(profiles[i], "city", "jeddah", false);
        profile_save(profiles[i]);
    }
    const struct store_choice choice = choice_of(&term, 1);
    for (size_t descending = 0; descending < 2; descending++) {
        struct store_cursor cursor = {.set = true, .id = profiles[1]->id};
        struct store_view *view = write_begin();
        struct profile *change = profile_to_change(view, profiles[1]->id);
        change->delete_us = FIXTURE_NOW_US;
        cr_assert(status_is_ok(store_profile_put(view, change)));
        write_end();
        struct id ids[3];
        bool more = true;

        const size_t count =
            page(STORE_BY_CREATE, descending == 1, &choice, &cursor, 3, ids, &more, NULL);

        cr_assert_eq(count, 1);
        cr_assert(id_equal(ids[0], profiles[descending == 1 ? 0 : 2]->id));
        cr_assert_not(more);
    }
}

/* Two terms that so many have that neither is taken for the rarer one: a call looks at a bounded
 * number of rows and says that there may be more; the calls come to the end, and find all. */
Test(profile_scan, looks_at_a_bounded_number_of_rows) {
    enum { COUNT = 45000, BATCH = 5000, RARE = 600 };
    const struct profile_term terms[] = {{PROFILE_TERM_ATTRIBUTE, "city", "riyadh"},
                                         {PROFILE_TERM_ATTRIBUTE, "language", "fr"}};
    for (size_t i = 0; i < COUNT; i += BATCH) {
        arena_reset(&arena);
        struct store_view *view = write_begin();
        for (size_t j = i; j < i + BATCH; j++) {
            struct profile *profile = profile_new("");
            profile_add_attribute(profile, "city", "riyadh", false);
            if (j >= COUNT - RARE) {
                profile_add_attribute(profile, "language", "fr", false);
            }
            cr_assert(status_is_ok(store_profile_put(view, profile)));
        }
        write_end();
    }
    const struct store_choice choice = choice_of(terms, 2);
    struct store_cursor cursor = {.set = false};
    size_t calls = 0;
    size_t found = 0;
    for (bool more = true; more; calls++) {
        struct id ids[RARE];
        found += page(STORE_BY_CREATE, false, &choice, &cursor, RARE, ids, &more, NULL);
        cr_assert_lt(calls, 10);
    }
    cr_assert_eq(found, RARE);
    cr_assert_geq(calls, 3);
}

Test(profile_scan, goes_through_the_rarest_term) {
    const struct profile_term terms[] = {{PROFILE_TERM_NAME_WORD, "name", "Reem"},
                                         {PROFILE_TERM_ATTRIBUTE, "city", "jeddah"}};
    struct id rare = {{0}};
    for (size_t i = 0; i < 20; i++) {
        struct profile *profile = profile_new("Reem");
        if (i == 7) {
            profile_add_attribute(profile, "city", "jeddah", false);
            rare = profile->id;
        }
        profile_save(profile);
    }
    struct store_cursor cursor = {.set = false};
    struct store_scan_report report = {.row_count = 0};
    const struct store_choice choice = choice_of(terms, 2);
    struct id id;
    bool more = true;

    const size_t count = page(STORE_BY_CREATE, false, &choice, &cursor, 1, &id, &more, &report);

    cr_assert_eq(count, 1);
    cr_assert(id_equal(id, rare));
    cr_assert_eq(report.way, STORE_SCAN_CLAUSE);
    cr_assert_eq(report.clause, 1);
    cr_assert_eq(report.row_count, 1);
}

/* ---- each ---- */

struct seen {
    size_t count;
    struct id last;
    bool has_all; /* Each was open and live, and made before the one before it. */
};

static void see(void *state, const struct profile *profile) {
    struct seen *seen = state;
    seen->has_all = seen->has_all && id_is_zero(profile->merged_into) && profile->name[0] != '\0' &&
                    (seen->count == 0 || id_compare(profile->id, seen->last) < 0);
    seen->last = profile->id;
    seen->count++;
}

static size_t see_each(struct store_view *view, size_t max, bool *more) {
    struct seen seen = {.has_all = true};
    cr_assert(status_is_ok(store_profile_each(view, max, see, &seen, more)));
    cr_assert(seen.has_all);
    return seen.count;
}

Test(profile_scan, each_profile_is_seen_the_latest_first_deleted_ones_too) {
    struct id ids[5];
    for (int i = 0; i < 5; i++) {
        struct profile *profile = profile_new("Reem");
        ids[i] = profile->id;
        profile_save(profile);
    }
    struct profile *gone = profile_new("Huda");
    gone->delete_us = gone->update_us;
    profile_save(gone);
    profiles_merge(write_begin(), ids[0], ids[1], FIXTURE_NOW_US + US_PER_HOUR, true);
    write_end();
    bool more = true;

    cr_expect_eq(see_each(read_begin(), 5, &more), 5, "four of six answer, one is deleted");
    read_end();
    cr_expect_not(more);
    cr_expect_eq(see_each(read_begin(), 3, &more), 3);
    read_end();
    cr_expect(more);
}

Test(profile_scan, each_profile_is_seen_for_a_second_at_most) {
    for (int i = 0; i < 5; i++) {
        profile_save(profile_new("Reem"));
    }
    bool more = false;
    fixture_step_us = US_PER_SECOND / 2;

    cr_expect_eq(see_each(read_begin(), 5, &more), 2);
    cr_expect(more);
    read_end();
    more = false;
    cr_expect_eq(see_each(write_begin(), 5, &more), 2, "others wait for a write");
    cr_expect(more);
    write_drop();
    fixture_step_us = INT64_C(2) * US_PER_SECOND;
    cr_expect_eq(see_each(read_begin(), 5, &more), 1, "each call sees something");
    read_end();
    fixture_step_us = 0;
}
