/* Profiles: what was put is what is got, the indexes follow, and a view that is not applied leaves
 * nothing. */

#include <criterion/criterion.h>
#include <string.h>

#include "tests/store/fixture.h"
#include "tests/store/history.h"

TestSuite(profile, .init = fixture_open, .fini = fixture_close);

static const struct profile *get(struct store_view *view, struct id id) {
    const struct profile *profile = NULL;
    const struct status status = store_profile_get(view, id, &profile);
    cr_assert(status_is_ok(status), "%s", status.text);
    return profile;
}

static const struct profile *owner_of(struct store_view *view, const char *type,
                                      const char *canonical) {
    const struct profile *profile = NULL;
    const struct status status = store_identity_owner(view, type, canonical, &profile);
    cr_assert(status_is_ok(status), "%s", status.text);
    return profile;
}

/* ---- round trips ---- */

static void assert_identity(const struct profile_identity *a, const struct profile_identity *b) {
    cr_assert_str_eq(a->type, b->type);
    cr_assert_str_eq(a->value, b->value);
    cr_assert_str_eq(a->canonical, b->canonical);
    cr_assert_str_eq(a->match, b->match);
    cr_assert_str_eq(a->source, b->source);
    cr_assert_eq(a->provenance, b->provenance);
    cr_assert_eq(a->rule, b->rule);
    cr_assert_eq(a->first_seen_us, b->first_seen_us);
    cr_assert_eq(a->last_seen_us, b->last_seen_us);
    cr_assert_eq(a->tell_us, b->tell_us);
    cr_assert(id_equal(a->origin, b->origin));
}

static void assert_attribute(const struct profile_attribute *a, const struct profile_attribute *b) {
    cr_assert_not_null(b);
    cr_assert_str_eq(a->name, b->name);
    cr_assert_str_eq(a->value, b->value);
    cr_assert_str_eq(a->source, b->source);
    cr_assert_eq(a->observe_us, b->observe_us);
    cr_assert_eq(a->tell_us, b->tell_us);
    cr_assert_eq(a->force_us, b->force_us);
    cr_assert_eq(a->replaced, b->replaced);
    cr_assert_eq(a->personal, b->personal);
    cr_assert(id_equal(a->origin, b->origin));
}

static void assert_profile(const struct profile *a, const struct profile *b) {
    cr_assert(id_equal(a->id, b->id));
    cr_assert_eq(a->revision, b->revision);
    cr_assert_eq(a->create_us, b->create_us);
    cr_assert_eq(a->update_us, b->update_us);
    cr_assert_eq(a->delete_us, b->delete_us);
    cr_assert(id_equal(a->merged_into, b->merged_into));
    cr_assert_eq(a->decision_count, b->decision_count);
    cr_assert_eq(a->name_force_us, b->name_force_us);
    cr_assert_eq(a->apart_count, b->apart_count);
    for (size_t i = 0; i < a->apart_count; i++) {
        cr_assert(id_equal(a->apart[i], b->apart[i]));
    }
    cr_assert_eq(a->absorbed_count, b->absorbed_count);
    for (size_t i = 0; i < a->absorbed_count; i++) {
        cr_assert(id_equal(a->absorbed[i], b->absorbed[i]));
        cr_assert(id_equal(a->merges[i].id, b->merges[i].id));
        cr_assert(id_equal(a->merges[i].one, b->merges[i].one));
        cr_assert(id_equal(a->merges[i].other, b->merges[i].other));
    }
    cr_assert_str_eq(a->name, b->name);
    cr_assert_eq(a->name_derived, b->name_derived);
    cr_assert_str_eq(a->name_source, b->name_source);
    cr_assert_eq(a->name_observe_us, b->name_observe_us);
    cr_assert_eq(a->name_tell_us, b->name_tell_us);
    cr_assert_eq(a->identity_count, b->identity_count);
    for (size_t i = 0; i < a->identity_count; i++) {
        assert_identity(&a->identities[i], &b->identities[i]);
    }
    cr_assert_eq(a->attribute_count, b->attribute_count);
    for (size_t i = 0; i < a->attribute_count; i++) {
        assert_attribute(&a->attributes[i], profile_attribute_find(b, a->attributes[i].name));
    }
    cr_assert_eq(a->cleared_count, b->cleared_count);
    for (size_t i = a->attribute_count; i < a->attribute_count + a->cleared_count; i++) {
        assert_attribute(&a->attributes[i], &b->attributes[i]);
    }
}

static struct profile *profile_with_everything(void) {
    struct profile *profile = profile_new("نورة الحربي");
    static const struct id absorbed[] = {{{1}}, {{2}}};
    static const struct profile_merge merges[] = {{{{3}}, {{1}}, {{2}}}, {{{4}}, {{5}}, {{1}}}};
    static const struct id apart[] = {{{6}}};
    profile->absorbed = absorbed;
    profile->absorbed_count = 2;
    profile->merges = merges;
    profile->apart = apart;
    profile->apart_count = 1;
    profile->decision_count = 3;
    profile->name_force_us = 4;
    profile->delete_us = profile->update_us;
    profile->name_derived = true;
    profile->name_source = "";
    profile->name_observe_us = -5;
    profile->name_tell_us = 9;
    profile_add_identity(profile, "email", "noura@example.com");
    profile_add_identity(profile, "phone", "+966500000001");
    profile->identities[0].value = "Noura@Example.COM";
    profile->identities[0].rule = 6;
    profile->identities[0].provenance = PROFILE_PROVENANCE_VERIFIED;
    profile->identities[0].first_seen_us = -7;
    profile->identities[0].tell_us = 11;
    profile->identities[1].origin = absorbed[1];
    profile->identities[1].provenance = PROFILE_PROVENANCE_INFERRED;
    profile->identities[1].source = "";
    profile_add_attribute(profile, "birth_date", "1990-02-28", true);
    profile_add_attribute(profile, "city", "riyadh", false);
    profile_add_attribute(profile, "about", "", true);
    profile_add_attribute(profile, "city", "jeddah", false);
    profile->attributes[1].origin = absorbed[0];
    profile->attributes[1].observe_us = -9;
    profile->attributes[0].force_us = 8;
    profile->attributes[1].tell_us = 7;
    profile->attributes[3].replaced = true;
    profile->attribute_count = 2; /* What it says about itself was cleared. */
    profile->cleared_count = 2;
    return profile;
}

Test(profile, keeps_the_spellings_of_an_address) {
    struct profile *profile = profile_new("Noura");
    profile_add_identity(profile, "email", "noura@example.com");
    struct profile_identity spellings[2] = {profile->identities[0], profile->identities[0]};
    spellings[1].value = "Nou.ra@Example.com";
    spellings[1].canonical = "nou.ra@example.com";
    spellings[1].rule = 14;
    spellings[1].claimed = true;
    spellings[1].last_seen_us += 5;
    profile->identities[0].spellings = spellings;
    profile->identities[0].spelling_count = 2;
    profile_save(profile);

    fixture_reopen(false);

    const struct profile_identity *identity = &get(read_begin(), profile->id)->identities[0];
    cr_assert_eq(identity->spelling_count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_identity(&spellings[i], &identity->spellings[i]);
        cr_expect_str_eq(identity->spellings[i].match, spellings[i].match);
        cr_expect_eq(identity->spellings[i].claimed, spellings[i].claimed);
    }
    read_end();
}

Test(profile, is_found_by_the_match_value_of_an_identity) {
    struct profile *profile = profile_new("Noura");
    profile_add_identity(profile, "email", "nou.ra+shop@example.com");
    profile->identities[0].value = "Nou.ra+Shop@example.com";
    profile->identities[0].match = "noura@example.com";
    profile_add_identity(profile, "phone", "+966500000001");
    profile_save(profile);

    fixture_reopen(false);

    struct store_view *view = read_begin();
    assert_profile(profile, get(view, profile->id));
    cr_assert_not_null(owner_of(view, "email", "noura@example.com"));
    cr_assert_null(owner_of(view, "email", "nou.ra+shop@example.com"));
    cr_assert_not_null(owner_of(view, "phone", "+966500000001"));
    read_end();
}

Test(profile, all_fields_come_back) {
    struct profile *profile = profile_with_everything();
    profile_save(profile);

    const struct profile *found = get(read_begin(), profile->id);

    cr_assert_eq(profile->revision, 1);
    assert_profile(profile, found);
    cr_assert(found->has_slot);
    read_end();
}

Test(profile, merged_row_keeps_what_it_was) {
    struct profile *profile = profile_with_everything();
    profile->delete_us = 0;
    profile->merged_into = (struct id){{9}};
    profile_save(profile);

    fixture_reopen(false);

    assert_profile(profile, get(read_begin(), profile->id));
    read_end();
}

Test(profile, empty_one_comes_back) {
    struct profile *profile = profile_new("");
    profile->name_source = "";
    profile->create_us = 0;
    profile->update_us = 0;
    profile->name_observe_us = 0;
    profile_save(profile);

    assert_profile(profile, get(read_begin(), profile->id));
    read_end();
}

Test(profile, long_values_come_back_and_are_found) {
    struct profile *one = profile_new("Long");
    struct profile *two = profile_new("Long");
    char *value = arena_alloc(&arena, 20001);
    memset(value, 'x', 20000);
    char *other = arena_string(&arena, bytes_of_string(value));
    other[19999] = 'y'; /* The same but for the last byte. */
    profile_add_attribute(one, "company", value, false);
    profile_add_attribute(two, "company", other, false);
    profile_save(one);
    profile_save(two);

    struct store_view *view = read_begin();
    assert_profile(one, get(view, one->id));
    const struct profile_term term = {PROFILE_TERM_ATTRIBUTE, "company", value};
    struct store_cursor cursor = {.set = false};
    struct id ids[3];
    size_t count = 0;
    bool more = true;
    const struct store_clause clause = {1, &term};
    struct store_choice choice = store_choice_all();
    choice.clause_count = 1;
    choice.clauses = &clause;
    const struct status status = store_profile_scan(view, STORE_BY_CREATE, false, &choice, &cursor,
                                                    3, ids, &count, &more, NULL);
    cr_assert(status_is_ok(status));
    cr_assert_eq(count, 1);
    cr_assert(id_equal(ids[0], one->id));
    read_end();
}

/* A row that the engine would not take is refused when it is wished, not when it is applied. */
Test(profile, too_large_a_profile_is_refused) {
    struct profile *profile = profile_new("Large");
    for (size_t i = 0; i < 200; i++) {
        char *value = arena_alloc(&arena, 501);
        memset(value, 'v', 500);
        profile_add_attribute(profile, arena_format(&arena, "attribute%zu", i), value, i % 2 == 0);
    }
    struct store_view *view = write_begin();

    cr_assert_eq(store_profile_put(view, profile).reason, REASON_IDENTITY_LIMIT);

    profile->attribute_count = 0;
    profile->absorbed = arena_array(&arena, 1500, sizeof *profile->absorbed);
    profile->merges = arena_array(&arena, 1500, sizeof *profile->merges);
    profile->absorbed_count = 1500;
    cr_assert_eq(store_profile_put(view, profile).reason, REASON_IDENTITY_LIMIT);
    profile->absorbed_count = 1250;
    cr_assert(status_is_ok(store_profile_put(view, profile)));
    write_end();
}

Test(profile, missing_one_is_null) {
    cr_assert_null(get(read_begin(), (struct id){{1}}));
    read_end();
}

Test(profile, revision_counts_the_writes) {
    struct profile *profile = profile_new("Reem");
    profile_save(profile);
    for (uint64_t i = 2; i < 5; i++) {
        struct store_view *view = write_begin();
        struct profile *change = profile_to_change(view, profile->id);
        cr_assert(status_is_ok(store_profile_put(view, change)));
        write_end();
        cr_assert_eq(change->revision, i);
    }
}

Test(profile, key_stays_the_same) {
    struct profile *profile = profile_new("Reem");
    profile_save(profile);
    struct store_view *view = write_begin();
    struct profile *change = profile_to_change(view, profile->id);
    change->has_slot = false; /* What the caller says does not count. */
    change->slot = 77;

    cr_assert(status_is_ok(store_profile_put(view, change)));
    write_end();

    cr_assert_eq(get(read_begin(), profile->id)->slot, profile->slot);
    read_end();
}

/* ---- redirects ---- */

Test(profile, follow_leads_to_the_survivor) {
    struct profile *profiles[3];
    struct store_view *view = write_begin();
    for (size_t i = 0; i < 3; i++) {
        profiles[i] = profile_new("Sami");
        cr_assert(status_is_ok(store_profile_put(view, profiles[i])));
    }
    (void)profiles_merge(view, profiles[1]->id, profiles[2]->id, FIXTURE_NOW_US, true);
    (void)profiles_merge(view, profiles[0]->id, profiles[1]->id, FIXTURE_NOW_US, false);
    write_end();

    view = read_begin();
    const struct profile *found = NULL;
    cr_assert(status_is_ok(store_profile_follow(view, profiles[2]->id, &found)));
    cr_assert(id_equal(found->id, profiles[0]->id));
    cr_assert_eq(found->absorbed_count, 2);
    cr_assert(status_is_ok(store_profile_follow(view, (struct id){{1}}, &found)));
    cr_assert_null(found);
    read_end();
}

Test(profile, circle_of_redirects_is_corrupt) {
    struct profile *profile = profile_new("Sami");
    profile->merged_into = profile->id;
    profile_save(profile);
    const struct profile *found = NULL;

    cr_assert_eq(store_profile_follow(read_begin(), profile->id, &found).reason,
                 REASON_STORE_CORRUPT);
    read_end();
}

/* ---- identities ---- */

Test(profile, owner_is_the_survivor_in_either_order_of_puts) {
    for (size_t survivor_first = 0; survivor_first < 2; survivor_first++) {
        for (size_t shared_view = 0; shared_view < 2; shared_view++) {
            const char *email =
                arena_format(&arena, "%zu%zu@example.com", survivor_first, shared_view);
            struct profile *older = profile_new("Faisal");
            struct profile *younger = profile_new("Faisal");
            profile_add_identity(younger, "email", email);
            struct store_view *view = write_begin();
            cr_assert(status_is_ok(store_profile_put(view, older)));
            cr_assert(status_is_ok(store_profile_put(view, younger)));
            if (shared_view == 0) {
                write_end();
                view = write_begin();
            }
            cr_assert(id_equal(owner_of(view, "email", email)->id, younger->id));

            (void)profiles_merge(view, older->id, younger->id, FIXTURE_NOW_US, survivor_first == 1);

            cr_assert(id_equal(owner_of(view, "email", email)->id, older->id));
            write_end();
            view = read_begin();
            cr_assert(id_equal(owner_of(view, "email", email)->id, older->id));
            cr_assert_null(owner_of(view, "phone", email));
            read_end();
        }
    }
}

Test(profile, deleted_profile_owns_nothing_until_taken_back) {
    struct profile *profile = profile_new("Faisal");
    profile_add_identity(profile, "email", "faisal@example.com");
    profile_save(profile);
    for (size_t i = 0; i < 2; i++) {
        struct store_view *view = write_begin();
        struct profile *change = profile_to_change(view, profile->id);
        change->delete_us = i == 0 ? FIXTURE_NOW_US : 0;
        cr_assert(status_is_ok(store_profile_put(view, change)));
        write_end();
        cr_assert_eq(owner_of(read_begin(), "email", "faisal@example.com") == NULL, i == 0);
        read_end();
    }
}

Test(profile, index_that_leads_astray_is_corrupt) {
    struct profile *profile = profile_new("Faisal");
    profile_add_identity(profile, "email", "faisal@example.com");
    profile_save(profile);
    size_t count = 0;
    const struct row *rows = rows_of_table(STORE_TABLE_IDENTITY, &count);
    cr_assert_eq(count, 1);
    const struct profile *found = NULL;

    row_put(rows[0].key, bytes_of("0123456789abcdef", ID_SIZE));
    cr_assert_eq(store_identity_owner(read_begin(), "email", "faisal@example.com", &found).reason,
                 REASON_STORE_CORRUPT);
    read_end();
    row_put(rows[0].key, bytes_of("0123456789abcde", ID_SIZE - 1));
    cr_assert_eq(store_identity_owner(read_begin(), "email", "faisal@example.com", &found).reason,
                 REASON_STORE_CORRUPT);
    read_end();
}

/* A hash alone joins nobody: the index leads to a live profile, but the value is not there. */
Test(profile, owner_is_compared_by_value) {
    struct profile *profile = profile_new("Faisal");
    struct profile *other = profile_new("Reem");
    profile_add_identity(profile, "email", "faisal@example.com");
    profile_save(profile);
    profile_save(other);
    size_t count = 0;
    const struct row *rows = rows_of_table(STORE_TABLE_IDENTITY, &count);

    row_put(rows[0].key, bytes_of(other->id.bytes, ID_SIZE));

    cr_assert_null(owner_of(read_begin(), "email", "faisal@example.com"));
    read_end();
}

/* ---- what is applied ---- */

static void assert_same_rows(const struct row *before, size_t before_count) {
    size_t count = 0;
    const struct row *after = rows_of(bytes_of(NULL, 0), &count);
    cr_assert_eq(count, before_count);
    for (size_t i = 0; i < count; i++) {
        cr_assert(bytes_equal(after[i].key, before[i].key));
        cr_assert(bytes_equal(after[i].value, before[i].value));
    }
}

Test(profile, dropped_wishes_leave_nothing) {
    history_run(100);
    size_t count = 0;
    const struct row *before = rows_of(bytes_of(NULL, 0), &count);

    struct store_view *view = write_begin();
    struct profile *profile = profile_new("Nobody");
    profile_add_identity(profile, "email", "nobody@example.com");
    cr_assert(status_is_ok(store_profile_put(view, profile)));
    (void)interaction_add(view, profile->id, FIXTURE_NOW_US, "event-x", "email", "", 1);
    cr_assert_not_null(owner_of(view, "email", "nobody@example.com"));
    assert_same_rows(before, count);
    write_drop();

    assert_same_rows(before, count);
    cr_assert_not(profile->has_slot);
}

Test(profile, later_requests_of_a_batch_see_earlier_ones) {
    struct store_write *write = NULL;
    struct store_view *view = NULL;
    struct profile *profile = profile_new("Reem");
    profile_add_identity(profile, "email", "reem@example.com");
    cr_assert(status_is_ok(store_write_begin(store, STORE_WRITE_ORDINARY, &write)));
    cr_assert(status_is_ok(store_view_begin_write(write, &arena, &view)));
    cr_assert(status_is_ok(store_profile_put(view, profile)));
    cr_assert(status_is_ok(store_view_apply(view, 0)));
    const size_t size = store_write_size(write);
    cr_assert_gt(size, 100);

    /* The next one fails and leaves nothing, the one after it sees the first only. */
    cr_assert(status_is_ok(store_view_begin_write(write, &arena, &view)));
    struct profile *other = profile_new("Sami");
    profile_add_identity(other, "email", "sami@example.com");
    cr_assert(status_is_ok(store_profile_put(view, other)));
    cr_assert(status_is_ok(store_view_begin_write(write, &arena, &view)));
    cr_assert_not_null(owner_of(view, "email", "reem@example.com"));
    cr_assert_null(owner_of(view, "email", "sami@example.com"));
    cr_assert_null(get(view, other->id));
    cr_assert_eq(store_write_size(write), size);
    cr_assert_null(get(read_begin(), profile->id)); /* Not committed yet. */
    read_end();
    cr_assert(status_is_ok(store_write_commit(write)));

    view = read_begin();
    cr_assert_not_null(get(view, profile->id));
    cr_assert_null(get(view, other->id));
    read_end();
}

Test(profile, ticks_ascend_by_one) {
    struct store_view *view = read_begin();
    for (int64_t i = 0; i < 5; i++) {
        cr_assert_eq(store_view_tick(view), i);
    }
    read_end();
}

/* Each request of a what-if sees the wishes of those before it, and none is ever a row. */
Test(profile, what_if_goes_on_and_is_never_applied) {
    profile_save(profile_new("Reem"));
    size_t count = 0;
    const struct row *before = rows_of(bytes_of(NULL, 0), &count);
    struct store_what_if *what_if = NULL;
    for (size_t i = 0; i < 10; i++) {
        struct store_view *view = i % 2 == 0 ? read_begin() : write_begin();
        store_view_go_on(view, &arena, &what_if);
        for (size_t j = 0; j <= i; j++) {
            const char *email = arena_format(&arena, "%zu@example.com", j);
            cr_assert_eq(owner_of(view, "email", email) != NULL, j < i);
        }
        cr_assert_eq(store_view_tick(view), (int64_t)i);
        struct profile *profile = profile_new("What if");
        profile_add_identity(profile, "email", arena_format(&arena, "%zu@example.com", i));
        cr_assert(status_is_ok(store_profile_put(view, profile)));
        if (i % 2 == 0) {
            read_end();
        } else {
            write_drop();
        }
    }
    assert_same_rows(before, count);
}

/* What was tried is kept with all that it holds, and nothing else of the view that tried it. */
Test(profile, what_was_tried_outlives_its_arena) {
    struct profile *saved = profile_new("Reem");
    profile_save(saved);
    size_t count = 0;
    const struct row *before = rows_of(bytes_of(NULL, 0), &count);
    struct store_what_if *what_if = NULL;
    struct store_view *view = read_begin();
    for (size_t i = 0; i < 5; i++) {
        struct arena tried;
        arena_init(&tried, (size_t)1 << 20);
        struct store_view *trial = store_view_try(view, what_if, &tried);
        cr_assert_eq(store_view_tick(trial), (int64_t)i);
        const struct profile *found = NULL;
        cr_assert(status_is_ok(store_profile_get(trial, saved->id, &found)));
        cr_assert_eq(found->identity_count, i);
        struct profile *changed = profile_copy(found, &tried);
        profile_add_identity(changed, "email", arena_format(&tried, "%zu@example.com", i));
        changed->name = arena_format(&tried, "Reem %zu", i);
        cr_assert(status_is_ok(store_profile_put(trial, changed)));
        store_view_keep(trial, &arena, &what_if);
        arena_free(&tried);
    }
    struct store_view *trial = store_view_try(view, what_if, &arena);
    const struct profile *owner = owner_of(trial, "email", "3@example.com");
    cr_assert_not_null(owner);
    cr_expect_str_eq(owner->name, "Reem 4");
    cr_expect_str_eq(owner->identities[0].canonical, "0@example.com");
    cr_expect_null(owner_of(view, "email", "3@example.com"));
    read_end();
    assert_same_rows(before, count);
}

/* The rows of the indexes are the terms of what is live, after whatever came before. */
Test(profile, indexes_follow_random_puts) {
    struct verify_result result;
    const struct verify_sink sink = {0}; /* A problem would crash: there is none. */
    for (size_t i = 0; i < 20; i++) {
        history_run(60);
        cr_assert(status_is_ok(store_verify(store, &sink, &result)));
        cr_assert_eq(result.problems, 0);
    }
}

/* ---- sealing ---- */

Test(profile, values_of_two_profiles_cannot_be_swapped) {
    struct profile *one = profile_new("Noura");
    struct profile *two = profile_new("Reem");
    profile_save(one);
    profile_save(two);
    size_t count = 0;
    const struct row *rows = rows_of_table(STORE_TABLE_PROFILE, &count);
    cr_assert_eq(count, 2);

    row_put(rows[0].key, rows[1].value);

    const struct profile *found = NULL;
    struct store_view *view = read_begin();
    cr_assert_eq(store_profile_get(view, one->id, &found).reason, REASON_STORE_CORRUPT);
    cr_assert(status_is_ok(store_profile_get(view, two->id, &found)));
    read_end();
}

static bool contains(struct bytes all, const char *text) {
    return memmem(all.data, all.size, text, strlen(text)) != NULL;
}

Test(profile, nothing_personal_is_readable_in_rows) {
    static const char *const personal[] = {"Zubaida",       "Almutlaq",     "zubaida@example.com",
                                           "966555444333",  "0555 444 333", "1983-04-05",
                                           "likes-falcons", "shawarma"};
    struct profile *profile = profile_new("Zubaida Almutlaq");
    profile_add_identity(profile, "email", "zubaida@example.com");
    profile_add_identity(profile, "phone", "+966555444333");
    profile->identities[1].value = "0555 444 333";
    profile_add_attribute(profile, "birth_date", "1983-04-05", true);
    profile_add_attribute(profile, "about", "likes-falcons", true);
    profile_add_attribute(profile, "city", "riyadh", false);
    struct store_view *view = write_begin();
    cr_assert(status_is_ok(store_profile_put(view, profile)));
    (void)interaction_add(view, profile->id, FIXTURE_NOW_US, "zubaida@example.com", "email", "", 1);
    cr_assert(status_is_ok(store_decision_put(view, profile->id, (struct id){{5}},
                                              bytes_of_string("Zubaida Almutlaq"))));
    const struct store_request request = {.response = bytes_of_string("zubaida@example.com")};
    cr_assert(status_is_ok(store_request_put(view, (struct id){{6}}, FIXTURE_NOW_US, &request)));
    write_end();

    size_t count = 0;
    const struct row *rows = rows_of(bytes_of(NULL, 0), &count);

    bool city = false;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < sizeof personal / sizeof *personal; j++) {
            cr_assert_not(contains(rows[i].key, personal[j]));
            cr_assert_not(contains(rows[i].value, personal[j]));
        }
        city = city || contains(rows[i].key, "riyadh");
    }
    cr_assert(city); /* What is searched for would be found. */
}
