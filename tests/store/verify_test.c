/* A sound store verifies, and whatever is done to a row is found: a table of damages. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "server/engine/engine.h"
#include "server/store/records/record.pb-c.h"
#include "server/store/summary.h"
#include "server/store/trait_state.h"
#include "tests/engine/scratch.h"
#include "tests/store/fixture.h"
#include "tests/store/history.h"

TestSuite(verify, .init = fixture_open, .fini = fixture_close);

/* ---- what was told ---- */

enum { TOLD_MAX = 4096 };

struct told {
    const char *table;
    const char *key;
    const char *what;
};

static struct told told[TOLD_MAX];
static size_t told_count;

static void take(void *state, const struct verify_problem *problem) {
    (void)state;
    cr_assert_lt(told_count, TOLD_MAX);
    told[told_count++] = (struct told){
        problem->table, arena_string(&arena, bytes_of_string(problem->key)), problem->what};
}

static struct verify_result verify(void) {
    const struct verify_sink sink = {.problem = take};
    struct verify_result result;
    told_count = 0;
    const struct status status = store_verify(store, &sink, &result);
    cr_assert(status_is_ok(status), "%s", status.text);
    cr_assert_eq(result.problems, told_count);
    return result;
}

static bool was_told(const char *table, const char *what) {
    for (size_t i = 0; i < told_count; i++) {
        if (strcmp(told[i].table, table) == 0 && strstr(told[i].what, what) != NULL) {
            return true;
        }
    }
    return false;
}

static void assert_sound(void) {
    (void)verify();
    cr_assert_eq(told_count, 0, "%s %s: %s", told[0].table, told[0].key, told[0].what);
}

/* ---- sound stores ---- */

Test(verify, empty_store_is_sound) {
    const struct verify_result result = verify();

    cr_assert_eq(result.problems, 0);
    cr_assert_eq(result.rows, 1); /* That of the format. */
}

Test(verify, store_after_a_random_history_is_sound) {
    for (size_t round = 0; round < 4; round++) {
        history_run(250);
        assert_sound();
    }
}

Test(verify, every_table_is_counted) {
    history_run(400);
    fixture_reopen(true);

    const struct verify_result result = verify();

    size_t rows = 0;
    (void)rows_of(bytes_of(NULL, 0), &rows);
    cr_assert_eq(result.rows, rows);
    uint64_t sum = 0;
    for (size_t i = 0; i + 1 < VERIFY_TABLES; i++) {
        cr_assert_gt(result.tables[i].rows, 0, "%s", result.tables[i].table);
        sum += result.tables[i].rows;
    }
    cr_assert_eq(sum, result.rows);
    cr_assert_eq(result.tables[VERIFY_TABLES - 1].rows, 0);
    cr_assert_eq(result.problems, 0);
}

Test(verify, nothing_is_written) {
    history_run(200);
    size_t before_count = 0;
    size_t after_count = 0;
    const struct row *before = rows_of(bytes_of(NULL, 0), &before_count);

    (void)verify();

    const struct row *after = rows_of(bytes_of(NULL, 0), &after_count);
    cr_assert_eq(before_count, after_count);
    for (size_t i = 0; i < after_count; i++) {
        cr_assert(bytes_equal(before[i].key, after[i].key));
        cr_assert(bytes_equal(before[i].value, after[i].value));
    }
}

/* ---- damages ---- */

/* The first row of a table that has at least this many bytes of value. */
static struct row row_of(enum store_table table, size_t size_min) {
    size_t count = 0;
    const struct row *rows = rows_of_table(table, &count);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].value.size >= size_min) {
            return rows[i];
        }
    }
    cr_assert_fail("no such row");
    return (struct row){{NULL, 0}, {NULL, 0}};
}

static struct bytes with_byte(struct bytes value, size_t at, uint8_t xor) {
    uint8_t *copy = arena_alloc(&arena, value.size);
    memcpy(copy, value.data, value.size);
    copy[at] ^= xor;
    return bytes_of(copy, value.size);
}

static struct bytes cut(struct bytes value, size_t size) { return bytes_of(value.data, size); }

struct damage;
typedef void damage_fn(const struct damage *damage);

/* What is done to a row of a table, and what is told of which table. */
struct damage {
    damage_fn *apply;
    enum store_table table;
    const char *told_table;
    const char *what;
    size_t number; /* What the function makes of it. */
};

static void drop(const struct damage *damage) {
    row_delete(row_of(damage->table, damage->number).key);
}

/* A bit of the last byte: in what is sealed, its tag. */
static void flip(const struct damage *damage) {
    const struct row row = row_of(damage->table, 1);
    row_put(row.key, with_byte(row.value, row.value.size - 1, 0x10));
}

static void flip_at(const struct damage *damage) {
    const struct row row = row_of(damage->table, 1);
    row_put(row.key, with_byte(row.value, damage->number, 0x10));
}

static void shorten(const struct damage *damage) {
    const struct row row = row_of(damage->table, damage->number + 1);
    row_put(row.key, cut(row.value, damage->number));
}

static void fill(const struct damage *damage) {
    row_put(row_of(damage->table, 0).key, bytes_of("x", 1));
}

/* Version 1, then what no message begins with. */
static void garble(const struct damage *damage) {
    row_put(row_of(damage->table, 0).key, bytes_of("\x01\xff\xff\xff", 4));
}

static void add_key_byte(const struct damage *damage) {
    const struct row row = row_of(damage->table, 0);
    uint8_t *key = arena_alloc(&arena, row.key.size + 1);
    memcpy(key, row.key.data, row.key.size);
    row_put(bytes_of(key, row.key.size + 1), row.value);
}

/* A row more: the key of another, with one byte changed. */
static void add_row(const struct damage *damage) {
    const struct row row = row_of(damage->table, 0);
    row_put(with_byte(row.key, damage->number, 0x40), row.value);
}

static void swap_values(const struct damage *damage) {
    size_t count = 0;
    const struct row *rows = rows_of_table(damage->table, &count);
    row_put(rows[0].key, rows[count - 1].value);
    row_put(rows[count - 1].key, rows[0].value);
}

static void put_alone(const struct damage *damage) {
    uint8_t key[1] = {(uint8_t)damage->number};
    row_put(bytes_of(key, 1), bytes_of("\x01", 1));
}

/* ---- damages by the store itself: rows that are well sealed and wrong ---- */

/* The first profile that is live, with so many absorbed. */
static struct profile *live_profile(struct store_view *view, size_t absorbed_min) {
    size_t count = 0;
    const struct row *rows = rows_of_table(STORE_TABLE_PROFILE, &count);
    for (size_t i = 0; i < count; i++) {
        struct id id;
        memcpy(id.bytes, rows[i].key.data + 1, ID_SIZE);
        struct profile *profile = profile_to_change(view, id);
        if (profile_is_live(profile) && profile->absorbed_count >= absorbed_min) {
            return profile;
        }
    }
    cr_assert_fail("no such profile");
    return NULL;
}

enum {
    ORIGIN,
    ATTRIBUTE_ORIGIN,
    TWO_VALUES,
    REDIRECT_NOWHERE,
    REDIRECT_ITSELF,
    REDIRECT_STRANGER,
    LISTED_STRANGER,
    LISTED_TWICE,
    UNLISTED,
    FREED
};

static void spoil_fields(struct profile *profile, size_t number) {
    static const struct id nobody = {{1, 2, 3}};
    switch (number) {
    case ORIGIN:
        profile->identities[0].origin = nobody;
        return;
    case ATTRIBUTE_ORIGIN:
        profile->attributes[0].origin = nobody;
        return;
    case TWO_VALUES:
        profile_add_attribute(profile, "city", "abha", false);
        return;
    case REDIRECT_NOWHERE:
        profile->merged_into = nobody;
        return;
    case REDIRECT_ITSELF:
        profile->merged_into = profile->id;
        return;
    default:
        return;
    }
}

static void list(struct profile *profile, struct id id) {
    struct id *ids = arena_append(&arena, profile->absorbed, profile->absorbed_count, sizeof *ids);
    struct profile_merge *merges =
        arena_append(&arena, profile->merges, profile->absorbed_count, sizeof *merges);
    ids[profile->absorbed_count++] = id;
    profile->absorbed = ids;
    profile->merges = merges;
}

static void spoil(const struct damage *damage) {
    struct store_view *view = write_begin();
    const bool merged = damage->number >= LISTED_TWICE;
    struct profile *profile = live_profile(view, merged ? 1 : 0);
    if (damage->number == REDIRECT_STRANGER || damage->number == LISTED_STRANGER) {
        struct profile *stranger = profile_new("Stranger");
        cr_assert(status_is_ok(store_profile_put(view, stranger)));
        if (damage->number == REDIRECT_STRANGER) {
            profile->merged_into = stranger->id;
        } else {
            list(profile, stranger->id);
        }
    } else if (damage->number == LISTED_TWICE) {
        list(profile, profile->absorbed[0]);
    } else if (damage->number == UNLISTED) {
        profile->absorbed_count = 0;
    } else if (damage->number == FREED) {
        profile = profile_to_change(view, profile->absorbed[0]);
        profile->merged_into = (struct id){{0}};
    } else {
        spoil_fields(profile, damage->number);
    }
    cr_assert(status_is_ok(store_profile_put(view, profile)));
    write_end();
}

/* One thing less or more in a summary than the interactions tell. */
static void spoil_summary(const struct damage *damage) {
    struct store_view *view = write_begin();
    struct id id;
    memcpy(id.bytes, row_of(STORE_TABLE_SUMMARY, 0).key.data + 1, ID_SIZE);
    struct store_summary summary;
    cr_assert(status_is_ok(store_summary_get(view, id, &summary)));
    summary.count += damage->number == 0;
    summary.first_us -= damage->number == 1;
    summary.labels[0].count += damage->number == 2;
    summary.label_count -= damage->number == 3;
    summary.labels[0].last_us += damage->number == 4;
    summary.moods_since -= damage->number == 5;
    if (damage->number >= 6) {
        cr_assert_gt(summary.mood_count, 0);
        summary.moods[0].neutral += damage->number == 6;
        summary.mood_count -= damage->number == 7;
    }
    cr_assert(status_is_ok(store_summary_put(view, id, &summary)));
    write_end();
}

static void spoil_import(const struct damage *damage) {
    uint8_t header[VAULT_FINGERPRINT_SIZE] = {5};
    Stored__V1__Import progress = STORED__V1__IMPORT__INIT;
    progress.header = (ProtobufCBinaryData){sizeof header, header};
    progress.durable_row = 3;
    progress.failed = damage->number < 2 ? 4 : 1;
    progress.of_interactions = damage->number == 1 || damage->number == 2;
    progress.recorded = damage->number >= 2 ? 1 : 0;
    progress.linked = damage->number == 2 ? 2 : 0;
    struct store_view *view = write_begin();
    cr_assert(status_is_ok(store_import_put(view, STORE_IMPORT_PROFILES, "winter",
                                            store_pack(&arena, &progress.base))));
    write_end();
}

/* What no message begins with, behind a tag that is right. */
static void garble_tagged(const struct damage *damage) {
    const struct row row = row_of(damage->table, 0);
    struct store_key key = {.size = row.key.size};
    memcpy(key.bytes, row.key.data, row.key.size);
    cr_assert(status_is_ok(view_put_tagged(write_begin(), &key, bytes_of("\xff\xff\xff", 3))));
    write_end();
}

static void spoil_attribute_rules(const struct damage *damage) {
    Stored__V1__AttributeRule rule = STORED__V1__ATTRIBUTE_RULE__INIT;
    Stored__V1__AttributeRule *both[] = {&rule, &rule};
    rule.name = (char *)(uintptr_t) "city";
    rule.survivorship = (uint32_t)damage->number;
    Stored__V1__AttributeRules rules = STORED__V1__ATTRIBUTE_RULES__INIT;
    rules.n_attributes = 2;
    rules.attributes = both;
    struct store_view *view = write_begin();
    cr_assert(status_is_ok(store_attribute_rules_put(view, store_pack(&arena, &rules.base))));
    write_end();
}

/* Two themes of one name, or, 0, of none. */
static void spoil_themes(const struct damage *damage) {
    Stored__V1__Term term = STORED__V1__TERM__INIT;
    term.name = (char *)(uintptr_t) "complaint";
    Stored__V1__Theme theme = STORED__V1__THEME__INIT;
    theme.term = damage->number == 0 ? NULL : &term;
    Stored__V1__Theme *both[] = {&theme, &theme};
    Stored__V1__Themes themes = STORED__V1__THEMES__INIT;
    themes.n_themes = 2;
    themes.themes = both;
    struct store_view *view = write_begin();
    cr_assert(status_is_ok(store_themes_put(view, store_pack(&arena, &themes.base))));
    write_end();
}

enum {
    TRAIT_COUNT,
    TRAIT_VALUE,
    TRAIT_CELL_GONE,
    TRAIT_ALL_GONE,
    TRAIT_MORE_LEFT_OUT,
};

/* A state that is well sealed and says something else: the first of the trait of a number. What is
 * due goes with it. */
static void spoil_state(uint32_t number, size_t how) {
    const struct store_key prefix = store_key_trait_states(number);
    size_t count = 0;
    const struct row *rows = rows_of(store_key_bytes(&prefix), &count);
    cr_assert_gt(count, 0);
    uint32_t unused = 0;
    struct id member;
    trait_key_read(rows[0].key, &unused, &member);
    struct store_view *view = write_begin();
    const struct store_traits *traits = NULL;
    struct trait_state *state = NULL;
    cr_assert(status_is_ok(store_traits_get(view, &traits)));
    cr_assert(
        status_is_ok(trait_state_change(view, trait_of_number(traits, number), member, &state)));
    state->cells[0].count += how == TRAIT_COUNT;
    if (how == TRAIT_VALUE) {
        state->cells[0].datum.text = "pigeon";
    }
    state->count -= how == TRAIT_CELL_GONE;
    if (how == TRAIT_ALL_GONE) {
        *state = (struct trait_state){.count = 0};
    }
    if (how == TRAIT_MORE_LEFT_OUT) { /* On a day that counts no more: that excuses nothing. */
        state->left_out = 1;
        state->left_out_day = 1;
        state->cells[0].count++;
    }
    write_end();
}

/* Of the one that counts all, or, from 10 on, of the one with a window. */
static void spoil_trait(const struct damage *damage) {
    spoil_state(damage->number >= 10 ? 2 : 1, damage->number % 10);
}

enum { NUMBER_NEVER_GIVEN, NUMBER_TWICE, NAME_TWICE, TRAIT_LOST };

static void spoil_traits(const struct damage *damage) {
    struct store_view *view = write_begin();
    const struct store_traits *there = NULL;
    cr_assert(status_is_ok(store_traits_get(view, &there)));
    struct store_traits *traits = store_traits_copy(there, &arena);
    switch (damage->number) {
    case NUMBER_NEVER_GIVEN:
        traits->items[1].number = 1000;
        break;
    case NUMBER_TWICE:
        traits->items[1].number = traits->items[0].number;
        break;
    case NAME_TWICE:
        traits->items[1].name = traits->items[0].name;
        break;
    default:
        traits->items[0] = traits->items[--traits->count];
        break;
    }
    cr_assert(status_is_ok(store_traits_put(view, traits)));
    write_end();
}

enum {
    REVIEW_STATE,
    REVIEW_TIMES,
    REVIEW_UNMET,
    REVIEW_DECIDED,
    REVIEW_NOBODY,
    REVIEW_ORDER,
};

/* A row of a review that is tagged as it should be, and wrong; its lists stay as they are. */
static void spoil_review(const struct damage *damage) {
    const struct row row = row_of(STORE_TABLE_REVIEW, 0);
    Stored__V1__Review review = STORED__V1__REVIEW__INIT;
    struct store_view *view = write_begin();
    struct bytes packed;
    cr_assert(status_is_ok(view_untagged(store, row.key, row.value, &packed)));
    ProtobufCMessage *message = NULL;
    cr_assert(
        status_is_ok(store_unpack(&arena, &stored__v1__review__descriptor, packed, &message)));
    memcpy(&review, message, sizeof review);
    struct store_key key = {.size = row.key.size};
    memcpy(key.bytes, row.key.data, row.key.size);
    review.state = damage->number == REVIEW_STATE ? 9 : review.state;
    review.last_us -= damage->number == REVIEW_TIMES ? review.last_us : 0;
    review.record_count = damage->number == REVIEW_UNMET ? 0 : review.record_count;
    if (damage->number == REVIEW_DECIDED) {
        review.decide_us = review.decide_us == 0 ? 1 : 0;
        review.state = review.decide_us == 0 ? STORE_REVIEW_OPEN : STORE_REVIEW_JOINED;
    } else if (damage->number == REVIEW_NOBODY) {
        key.bytes[ID_SIZE + 1] = 0xff; /* The greater id. */
    } else if (damage->number == REVIEW_ORDER) {
        memcpy(key.bytes + 1, row.key.data + 1 + ID_SIZE, ID_SIZE);
        memcpy(key.bytes + 1 + ID_SIZE, row.key.data + 1, ID_SIZE);
    }
    cr_assert(status_is_ok(view_put_tagged(view, &key, store_pack(&arena, &review.base))));
    write_end();
}

/* One open review more than there are, of a profile or of nobody. */
static void spoil_review_count(const struct damage *damage) {
    struct id id;
    memcpy(id.bytes, row_of(STORE_TABLE_REVIEW_COUNT, 0).key.data + 1, ID_SIZE);
    id.bytes[0] ^= damage->number == 1 ? 0xff : 0;
    struct store_view *view = write_begin();
    struct store_review_count count;
    cr_assert(status_is_ok(store_review_count_get(view, id, &count)));
    count.open++;
    cr_assert(status_is_ok(store_review_count_put(view, id, &count)));
    write_end();
}

/* An event's row that leads to an interaction of the same profile which came from another event. */
static void cross_events(const struct damage *damage) {
    (void)damage;
    size_t count = 0;
    const struct row *rows = rows_of_table(STORE_TABLE_EVENT, &count);
    cr_assert_geq(count, 2);
    row_put(rows[0].key, rows[1].value);
}

static const struct damage damages[] = {
    {drop, STORE_TABLE_FORMAT, "format", "is missing", 0},
    {shorten, STORE_TABLE_FORMAT, "format", "has not 20 bytes", 4},

    {drop, STORE_TABLE_PROFILE, "interaction", "belongs to no profile", 0},
    {drop, STORE_TABLE_PROFILE, "update time", "leads to no profile", 0},
    {flip, STORE_TABLE_PROFILE, "profile", "", 0},
    {flip, STORE_TABLE_PROFILE, "update time", "does not open", 0},
    {flip_at, STORE_TABLE_PROFILE, "profile", "newer version", 0},
    {garble, STORE_TABLE_PROFILE, "profile", "does not decode", 0},
    {shorten, STORE_TABLE_PROFILE, "profile", "empty", 0},
    {swap_values, STORE_TABLE_PROFILE, "profile", "", 0},
    {add_key_byte, STORE_TABLE_PROFILE, "profile", "shape", 0},
    {spoil, STORE_TABLE_PROFILE, "profile", "an identity came from", ORIGIN},
    {spoil, STORE_TABLE_PROFILE, "profile", "an attribute came from", ATTRIBUTE_ORIGIN},
    {spoil, STORE_TABLE_PROFILE, "profile", "two values", TWO_VALUES},
    {spoil, STORE_TABLE_PROFILE, "profile", "leads to no profile", REDIRECT_NOWHERE},
    {spoil, STORE_TABLE_PROFILE, "profile", "in a circle", REDIRECT_ITSELF},
    {spoil, STORE_TABLE_PROFILE, "profile", "does not list it", REDIRECT_STRANGER},
    {spoil, STORE_TABLE_PROFILE, "profile", "does not lead to it", LISTED_STRANGER},
    {spoil, STORE_TABLE_PROFILE, "profile", "twice", LISTED_TWICE},
    {spoil, STORE_TABLE_PROFILE, "profile", "does not list it", UNLISTED},
    {spoil, STORE_TABLE_PROFILE, "profile", "does not lead to it", FREED},

    {drop, STORE_TABLE_IDENTITY, "identity", "is missing", 0},
    {shorten, STORE_TABLE_IDENTITY, "identity", "has not 16 bytes", 15},
    {swap_values, STORE_TABLE_IDENTITY, "identity", "leads past", 0},
    {swap_values, STORE_TABLE_IDENTITY, "identity", "does not have it", 0},
    {flip, STORE_TABLE_IDENTITY, "identity", "leads to no profile", 0},
    {add_row, STORE_TABLE_IDENTITY, "identity", "does not have it", 5},
    {add_key_byte, STORE_TABLE_IDENTITY, "identity", "shape", 0},

    {drop, STORE_TABLE_ATTRIBUTE, "attribute", "is missing", 0},
    {fill, STORE_TABLE_ATTRIBUTE, "attribute", "not empty", 0},
    {add_row, STORE_TABLE_ATTRIBUTE, "attribute", "does not have it", 8},
    {add_row, STORE_TABLE_ATTRIBUTE, "attribute", "shape", 1},
    {add_key_byte, STORE_TABLE_ATTRIBUTE, "attribute", "shape", 0},

    {drop, STORE_TABLE_NAME_WORD, "name word", "is missing", 0},
    {fill, STORE_TABLE_NAME_WORD, "name word", "not empty", 0},
    {add_row, STORE_TABLE_NAME_WORD, "name word", "does not have it", 3},
    {add_row, STORE_TABLE_NAME_WORD, "name word", "leads to no profile", 20},

    {drop, STORE_TABLE_UPDATE_TIME, "update time", "is missing", 0},
    {fill, STORE_TABLE_UPDATE_TIME, "update time", "not empty", 0},
    {add_row, STORE_TABLE_UPDATE_TIME, "update time", "does not have it", 8},

    {drop, STORE_TABLE_OWN_STATE, "profile", "has no state of its own", 0},
    {flip, STORE_TABLE_OWN_STATE, "own state", "", 0},
    {shorten, STORE_TABLE_OWN_STATE, "own state", "too short", 5},
    {swap_values, STORE_TABLE_OWN_STATE, "own state", "its profile's key", 0},
    {add_row, STORE_TABLE_OWN_STATE, "own state", "belongs to no profile", 10},

    {drop, STORE_TABLE_MERGE, "profile", "has no record", 0},
    {garble_tagged, STORE_TABLE_MERGE, "merge", "does not decode", 0},
    {flip_at, STORE_TABLE_MERGE, "merge", "another version", 0},
    {flip, STORE_TABLE_MERGE, "merge", "was changed", 0},
    {swap_values, STORE_TABLE_MERGE, "merge", "was changed", 0},
    {add_row, STORE_TABLE_MERGE, "merge", "was changed", 5},

    {drop, STORE_TABLE_MERGE_BY_ID, "merge by id", "is missing", 0},
    {fill, STORE_TABLE_MERGE_BY_ID, "merge by id", "not empty", 0},
    {add_row, STORE_TABLE_MERGE_BY_ID, "merge by id", "of other profiles", 10},
    {add_row, STORE_TABLE_MERGE_BY_ID, "merge by id", "leads to no merge", 30},

    {drop, STORE_TABLE_NEVER_JOIN, "profile", "no row says so", 0},
    {garble_tagged, STORE_TABLE_NEVER_JOIN, "never join", "does not decode", 0},
    {flip, STORE_TABLE_NEVER_JOIN, "never join", "was changed", 0},
    {add_row, STORE_TABLE_NEVER_JOIN, "never join", "was changed", 30},

    {drop, STORE_TABLE_REVIEW, "review list", "leads to no review", 0},
    {flip, STORE_TABLE_REVIEW, "review", "was changed", 0},
    {swap_values, STORE_TABLE_REVIEW, "review", "was changed", 0},
    {garble_tagged, STORE_TABLE_REVIEW, "review", "does not decode", 0},
    {spoil_review, STORE_TABLE_REVIEW, "review", "no state", REVIEW_STATE},
    {spoil_review, STORE_TABLE_REVIEW, "review", "can't be", REVIEW_TIMES},
    {spoil_review, STORE_TABLE_REVIEW, "review", "can't be", REVIEW_UNMET},
    {spoil_review, STORE_TABLE_REVIEW, "review list", "other lists", REVIEW_DECIDED},
    {spoil_review, STORE_TABLE_REVIEW, "review", "not there", REVIEW_NOBODY},
    {spoil_review, STORE_TABLE_REVIEW, "review", "not in order", REVIEW_ORDER},

    {drop, STORE_TABLE_REVIEW_LIST, "review list", "is missing", 0},
    {shorten, STORE_TABLE_REVIEW_LIST, "review list", "has not 32 bytes", 31},
    {flip, STORE_TABLE_REVIEW_LIST, "review list", "leads to no review", 0},
    {add_row, STORE_TABLE_REVIEW_LIST, "review list", "other lists", 10},
    {add_row, STORE_TABLE_REVIEW_LIST, "review list", "leads to no review", 30},

    {drop, STORE_TABLE_REVIEW_COUNT, "review count", "is missing", 0},
    {flip, STORE_TABLE_REVIEW_COUNT, "review count", "was changed", 0},
    {garble_tagged, STORE_TABLE_REVIEW_COUNT, "review count", "does not decode", 0},
    {spoil_review_count, STORE_TABLE_REVIEW_COUNT, "review count", "not as many", 0},
    {spoil_review_count, STORE_TABLE_REVIEW_COUNT, "review count", "not there", 1},

    {drop, STORE_TABLE_DECISION, "profile", "not as many decisions", 0},
    {flip, STORE_TABLE_DECISION, "decision", "", 0},
    {shorten, STORE_TABLE_DECISION, "decision", "too short", 5},
    {flip_at, STORE_TABLE_DECISION, "decision", "its profile's key", 8},
    {swap_values, STORE_TABLE_DECISION, "decision", "its profile's key", 0},
    {add_row, STORE_TABLE_DECISION, "decision", "belongs to no profile", 10},

    {drop, STORE_TABLE_INTERACTION, "summary", "", 0},
    {flip, STORE_TABLE_INTERACTION, "interaction", "", 0},
    {swap_values, STORE_TABLE_INTERACTION, "interaction", "its profile's key", 0},
    {add_row, STORE_TABLE_INTERACTION, "summary", "does not count", 40},
    {add_row, STORE_TABLE_INTERACTION, "interaction", "belongs to no profile", 10},
    {add_row, STORE_TABLE_INTERACTION, "summary", "does not count", 23}, /* At another time. */

    {drop, STORE_TABLE_SUMMARY, "summary", "is missing", 0},
    {garble, STORE_TABLE_SUMMARY, "summary", "does not decode", 0},
    {add_row, STORE_TABLE_SUMMARY, "summary", "without interactions", 10},
    {spoil_summary, STORE_TABLE_SUMMARY, "summary", "does not count", 0},
    {spoil_summary, STORE_TABLE_SUMMARY, "summary", "the times", 1},
    {spoil_summary, STORE_TABLE_SUMMARY, "summary", "the labels", 2},
    {spoil_summary, STORE_TABLE_SUMMARY, "summary", "the labels", 3},
    {spoil_summary, STORE_TABLE_SUMMARY, "summary", "the labels", 4},
    {spoil_summary, STORE_TABLE_SUMMARY, "summary", "the moods", 5},
    {spoil_summary, STORE_TABLE_SUMMARY, "summary", "the moods", 6},
    {spoil_summary, STORE_TABLE_SUMMARY, "summary", "the moods", 7},

    {drop, STORE_TABLE_FACT, "fact", "is missing", 0},
    {flip, STORE_TABLE_FACT, "fact", "something else", 0},
    {flip_at, STORE_TABLE_FACT, "fact", "has not the form", 0},
    {add_row, STORE_TABLE_FACT, "fact", "is of no interaction", 10},
    {drop, STORE_TABLE_COUNT, "count", "is missing", 0},
    {flip, STORE_TABLE_COUNT, "count", "does not count", 0},
    {shorten, STORE_TABLE_COUNT, "count", "has not the form", 7},
    {add_row, STORE_TABLE_COUNT, "count", "counts nothing", 7},
    {drop, STORE_TABLE_EVENT, "event", "is missing", 0},
    {shorten, STORE_TABLE_EVENT, "event", "has not 32 bytes", 31},
    {flip, STORE_TABLE_EVENT, "event", "leads past", 0},
    {flip, STORE_TABLE_EVENT, "event", "leads to no interaction", 0},
    {cross_events, STORE_TABLE_EVENT, "event", "came from another event", 0},
    {add_row, STORE_TABLE_EVENT, "event", "came from another event", 5},

    {flip, STORE_TABLE_REQUEST, "request", "", 0},
    {shorten, STORE_TABLE_REQUEST, "request", "too short", 20},
    {flip_at, STORE_TABLE_REQUEST, "request", "", 30},
    {flip_at, STORE_TABLE_REQUEST, "request", "", 9}, /* Of the hash of the body. */
    {add_row, STORE_TABLE_REQUEST, "request", "another day", 3},
    {add_row, STORE_TABLE_REQUEST, "request", "", 10},
    {add_row, STORE_TABLE_REQUEST, "request", "no part of the answer", 22},

    {flip, STORE_TABLE_IMPORT, "import", "was changed", 0},
    {flip_at, STORE_TABLE_IMPORT, "import", "another version", 0},
    {flip_at, STORE_TABLE_IMPORT, "import", "was changed", 1},
    {shorten, STORE_TABLE_IMPORT, "import", "too short", 16},
    {shorten, STORE_TABLE_IMPORT, "import", "was changed", 17},
    {swap_values, STORE_TABLE_IMPORT, "import", "was changed", 0},
    {add_row, STORE_TABLE_IMPORT, "import", "was changed", 5},
    {garble, STORE_TABLE_IMPORT, "import", "another version", 0}, /* As before there were tags. */
    {garble_tagged, STORE_TABLE_IMPORT, "import", "does not decode", 0},
    {spoil_import, STORE_TABLE_IMPORT, "import", "counts more rows", 0},
    {spoil_import, STORE_TABLE_IMPORT, "import", "counts more rows", 1},
    {spoil_import, STORE_TABLE_IMPORT, "import", "counts more profiles", 2},
    {spoil_import, STORE_TABLE_IMPORT, "import", "is an import of profiles", 3},
    {flip, STORE_TABLE_RULES, "rules", "was changed", 0},
    {garble_tagged, STORE_TABLE_RULES, "rules", "does not decode", 0},
    {flip, STORE_TABLE_ATTRIBUTE_RULES, "attribute rules", "was changed", 0},
    {flip_at, STORE_TABLE_ATTRIBUTE_RULES, "attribute rules", "another version", 0},
    {garble_tagged, STORE_TABLE_ATTRIBUTE_RULES, "attribute rules", "does not decode", 0},
    {spoil_attribute_rules, STORE_TABLE_ATTRIBUTE_RULES, "attribute rules", "two rules", 1},
    {spoil_attribute_rules, STORE_TABLE_ATTRIBUTE_RULES, "attribute rules", "says nothing", 0},
    {flip, STORE_TABLE_TRAITS, "traits", "was changed", 0},
    {garble_tagged, STORE_TABLE_TRAITS, "traits", "does not decode", 0},
    {spoil_traits, STORE_TABLE_TRAITS, "traits", "never given", NUMBER_NEVER_GIVEN},
    {spoil_traits, STORE_TABLE_TRAITS, "traits", "two traits", NUMBER_TWICE},
    {spoil_traits, STORE_TABLE_TRAITS, "traits", "two traits", NAME_TWICE},
    {spoil_traits, STORE_TABLE_TRAITS, "trait state", "is of no trait", TRAIT_LOST},
    {drop, STORE_TABLE_TRAITS, "trait state", "is of no trait", 0},
    {drop, STORE_TABLE_TRAIT_STATE, "trait state", "does not count", 0},
    {flip, STORE_TABLE_TRAIT_STATE, "trait state", "", 0},
    {swap_values, STORE_TABLE_TRAIT_STATE, "trait state", "", 0},
    {add_row, STORE_TABLE_TRAIT_STATE, "trait state", "belongs to no profile", 10},
    {spoil_trait, STORE_TABLE_TRAIT_STATE, "trait state", "does not count", TRAIT_COUNT},
    {spoil_trait, STORE_TABLE_TRAIT_STATE, "trait state", "does not count", TRAIT_CELL_GONE},
    {spoil_trait, STORE_TABLE_TRAIT_STATE, "trait state", "does not count", TRAIT_ALL_GONE},
    {spoil_trait, STORE_TABLE_TRAIT_STATE, "trait state", "does not count", 10 + TRAIT_COUNT},
    {spoil_trait, STORE_TABLE_TRAIT_STATE, "trait state", "does not count", 10 + TRAIT_VALUE},
    {spoil_trait, STORE_TABLE_TRAIT_STATE, "trait state", "does not count", 10 + TRAIT_CELL_GONE},
    {spoil_trait, STORE_TABLE_TRAIT_STATE, "trait state", "does not count",
     10 + TRAIT_MORE_LEFT_OUT},
    {drop, STORE_TABLE_TRAIT_DUE, "trait due", "is missing", 0},
    {fill, STORE_TABLE_TRAIT_DUE, "trait due", "is not empty", 0},
    {add_row, STORE_TABLE_TRAIT_DUE, "trait due", "leads to no state", 2},
    {add_row, STORE_TABLE_TRAIT_DUE, "trait due", "is of no trait", 7},
    {flip, STORE_TABLE_THEMES, "themes", "was changed", 0},
    {garble_tagged, STORE_TABLE_THEMES, "themes", "does not decode", 0},
    {spoil_themes, STORE_TABLE_THEMES, "themes", "without a name", 0},
    {spoil_themes, STORE_TABLE_THEMES, "themes", "two themes", 1},
    {put_alone, STORE_TABLE_RULES, "unknown", "no table", 'z'},
    {put_alone, STORE_TABLE_PROFILE, "profile", "shape", 'P'},
};

Test(verify, finds_every_damage, .timeout = 300) {
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        const struct damage *damage = &damages[i];
        history_reset();
        history_run(250);
        damage->apply(damage);

        (void)verify();

        for (size_t j = 0; j < told_count && !was_told(damage->told_table, damage->what); j++) {
            fprintf(stderr, "%s %s: %s\n", told[j].table, told[j].key, told[j].what);
        }
        cr_expect(was_told(damage->told_table, damage->what), "damage %zu: %s %s", i,
                  damage->told_table, damage->what);
        fixture_close();
        fixture_open();
    }
}

/* That of the last profile is compared behind the last row. */
Test(verify, finds_the_last_summary_missing) {
    profile_save(profile_new("Noura"));
    struct store_view *view = write_begin();
    struct id id;
    memcpy(id.bytes, row_of(STORE_TABLE_PROFILE, 0).key.data + 1, ID_SIZE);
    (void)interaction_add(view, id, FIXTURE_NOW_US, "", "email", "", 0);
    write_end();
    assert_sound();

    row_delete(row_of(STORE_TABLE_SUMMARY, 0).key);

    (void)verify();
    cr_assert_eq(told_count, 1);
    cr_assert(was_told("summary", "is missing"));
}

/* Parts of one answer: the first, a middle one, the last. */
Test(verify, finds_a_lost_part_of_an_answer) {
    static const char *const what[] = {"without a first", "missing or cut", "missing or cut"};
    for (size_t part = 0; part < 3; part++) {
        struct store_view *view = write_begin();
        const struct store_request request = {.response =
                                                  bytes_of(arena_alloc(&arena, 200000), 200000)};
        const struct id id = {{(uint8_t)part, 1}};
        cr_assert(status_is_ok(store_request_put(view, id, FIXTURE_NOW_US, &request)));
        write_end();
        assert_sound();
        const struct store_key key = store_key_request(20780, id, (uint16_t)part);

        row_delete(store_key_bytes(&key));

        (void)verify();
        cr_assert(was_told("request", what[part]));
        for (uint16_t i = 0; i < 3; i++) {
            const struct store_key each = store_key_request(20780, id, i);
            row_delete(store_key_bytes(&each));
        }
    }
}

Test(verify, answers_of_days_gone_by_need_not_open) {
    struct store_view *view = write_begin();
    const struct store_request request = {.response = bytes_of_string("an answer")};
    const struct id id = {{1}};
    cr_assert(status_is_ok(store_request_put(view, id, FIXTURE_NOW_US, &request)));
    write_end();

    view = write_begin();
    cr_assert(status_is_ok(store_request_put(view, id, FIXTURE_NOW_US + 9 * US_PER_DAY, &request)));
    write_end();

    assert_sound();
}

/* Long chains of redirects lead to one survivor, and a circle of them does not hang. */
Test(verify, chains_and_circles_of_redirects) {
    enum { COUNT = 50 };
    struct id ids[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        struct profile *profile = profile_new("Link");
        ids[i] = profile->id;
        profile_save(profile);
    }
    struct store_view *view = write_begin();
    for (size_t i = COUNT - 1; i > 0; i--) {
        (void)profiles_merge(view, ids[i - 1], ids[i], FIXTURE_NOW_US + US_PER_DAY, true);
    }
    write_end();
    assert_sound();

    view = write_begin();
    struct profile *first = profile_to_change(view, ids[0]);
    first->merged_into = ids[COUNT - 1];
    cr_assert(status_is_ok(store_profile_put(view, first)));
    write_end();

    (void)verify();
    cr_assert(was_told("profile", "in a circle"));
}

/* Damage in the keystore shows in what it should open. */
Test(verify, lost_keys_are_found) {
    profile_save(profile_new("Sealed"));
    store_close(store);
    const struct engine_options options = {.directory = scratch_path("keys"),
                                           .map_size = (size_t)1 << 30};
    struct engine *keys = NULL;
    struct engine_txn *txn = NULL;
    cr_assert(status_is_ok(engine_open(&options, &keys)));
    cr_assert(status_is_ok(engine_write_begin(keys, ENGINE_WRITE_ORDINARY, &txn)));
    cr_assert(status_is_ok(engine_delete(txn, bytes_of("B\0\0\0\0\0\0\0\0", 9))));
    cr_assert(status_is_ok(engine_commit(txn)));
    engine_close(keys);
    cr_assert(status_is_ok(fixture_try_open(NULL, NULL, false, &store)));

    (void)verify();

    cr_assert(was_told("profile", "keystore"));
}

/* A store that is verified is open for nobody else. */
Test(verify, read_only_store_is_alone) {
    fixture_reopen(true);

    struct store *other = NULL;

    cr_assert_eq(fixture_try_open(NULL, NULL, false, &other).reason, REASON_STORE_IN_USE);
}

static void rules_save(uint64_t rule_version) {
    struct store_view *view = write_begin();
    Stored__V1__IdentityRules rules = STORED__V1__IDENTITY_RULES__INIT;
    rules.version = rule_version;
    cr_assert(status_is_ok(store_rules_put(view, rule_version, store_pack(&arena, &rules.base))));
    write_end();
}

/* A row of rules that is tagged as it should be, of any version under any key. */
static void rules_put(const struct store_key *key, uint64_t rule_version) {
    struct store_view *view = write_begin();
    Stored__V1__IdentityRules rules = STORED__V1__IDENTITY_RULES__INIT;
    rules.version = rule_version;
    cr_assert(status_is_ok(view_put_tagged(view, key, store_pack(&arena, &rules.base))));
    write_end();
}

Test(verify, finds_earlier_rules_that_are_not_what_their_key_says) {
    rules_save(2);
    rules_save(3);
    rules_save(4);
    assert_sound();
    const struct store_key present = store_key_table(STORE_TABLE_RULES);
    const struct store_key two = store_key_rules(2);
    const struct store_key three = store_key_rules(3);
    const struct store_key four = store_key_rules(4);
    size_t count = 0;
    struct row *rows = rows_of_table(STORE_TABLE_RULES, &count);
    cr_assert_eq(count, 3, "the present ones, 2 and 3");

    rules_put(&four, 4);
    (void)verify();
    cr_assert(was_told("rules", "no earlier version"));
    row_delete(store_key_bytes(&four));
    rules_put(&three, 2);
    (void)verify();
    cr_assert(was_told("rules", "another version"));
    row_delete(store_key_bytes(&three));
    row_put(store_key_bytes(&three), rows[1].value);
    (void)verify();
    cr_assert(was_told("rules", ""), "a row that was moved");
    row_delete(store_key_bytes(&three));
    row_delete(store_key_bytes(&present));
    (void)verify();
    cr_assert(was_told("rules", "rules that are not there"));
    row_put(bytes_of(store_key_bytes(&two).data, 5), rows[1].value);
    (void)verify();
    cr_assert(was_told("rules", "shape"));
}

Test(verify, finds_the_rules_lost_that_something_was_decided_by) {
    profile_save(profile_new("Noura"));
    rules_save(2);
    struct store_view *view = write_begin();
    struct id id;
    memcpy(id.bytes, row_of(STORE_TABLE_PROFILE, 0).key.data + 1, ID_SIZE);
    struct profile *profile = profile_to_change(view, id);
    profile->decision_count++;
    cr_assert(status_is_ok(store_profile_put(view, profile)));
    Stored__V1__Decision decision = STORED__V1__DECISION__INIT;
    decision.rule_version = 2;
    cr_assert(status_is_ok(store_decision_put(view, id, id_make(FIXTURE_NOW_US, &random_source),
                                              store_pack(&arena, &decision.base))));
    write_end();
    assert_sound();
    const struct store_key present = store_key_table(STORE_TABLE_RULES);

    row_delete(store_key_bytes(&present));

    (void)verify();
    cr_assert(was_told("decision", "later rules than there are"));
}
