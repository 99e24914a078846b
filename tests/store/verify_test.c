/* A sound store verifies, and whatever is done to a row is found: a table of damages. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "server/engine/engine.h"
#include "server/store/fact.h"
#include "server/store/records/record.pb-c.h"
#include "server/store/summary.h"
#include "tests/engine/scratch.h"
#include "tests/store/damage.h"
#include "tests/store/fixture.h"
#include "tests/store/history.h"

TestSuite(verify, .init = fixture_open, .fini = fixture_close);

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
    if (damage->number >= 5) {
        cr_assert_gt(summary.mood_count, 0);
        summary.moods[0].neutral += damage->number == 5;
        summary.mood_count -= damage->number == 6;
    }
    cr_assert(status_is_ok(store_summary_put(view, id, &summary)));
    write_end();
}

/* A place, and nothing that is counted up to it. */
static void spoil_mark(const struct damage *damage) {
    (void)damage;
    Stored__V1__Mark mark = STORED__V1__MARK__INIT;
    const struct store_key key = store_key_table(STORE_TABLE_MARK);
    const struct id place = {{1}};
    struct store_view *view = write_begin();
    mark.until_us = INT64_MAX;
    mark.place = store_id_data(&place);
    cr_assert(status_is_ok(view_put_tagged(view, &key, store_pack(&arena, &mark.base))));
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

/* Two channels of one name, or, 0, of none. */
static void spoil_channels(const struct damage *damage) {
    Stored__V1__Term term = STORED__V1__TERM__INIT;
    term.name = (char *)(uintptr_t) "forum";
    Stored__V1__Channel channel = STORED__V1__CHANNEL__INIT;
    channel.term = damage->number == 0 ? NULL : &term;
    Stored__V1__Channel *both[] = {&channel, &channel};
    Stored__V1__Channels channels = STORED__V1__CHANNELS__INIT;
    channels.n_channels = 2;
    channels.channels = both;
    struct store_view *view = write_begin();
    cr_assert(status_is_ok(store_channels_put(view, store_pack(&arena, &channels.base))));
    write_end();
}

/* The definition of an attribute that the rules have: gone, or under another name; and one of
 * another attribute. */
enum { DEFINITION_GONE, DEFINITION_NAME, DEFINITION_ALONE };

static void spoil_definition(const struct damage *damage) {
    if (damage->number == DEFINITION_GONE) {
        const struct store_key key = store_key_definition(bytes_of_string("tier"));
        row_delete(store_key_bytes(&key));
        return;
    }
    Stored__V1__AttributeDefinition other = STORED__V1__ATTRIBUTE_DEFINITION__INIT;
    other.name = (char *)(uintptr_t) "rank";
    const char *under = damage->number == DEFINITION_NAME ? "tier" : "rank";
    struct store_view *view = write_begin();
    cr_assert(status_is_ok(store_definition_put(view, under, store_pack(&arena, &other.base))));
    write_end();
}

static void spoil_retention(const struct damage *damage) {
    const struct store_retention retention = {
        .removed = {[STORE_KIND_ACTIVITY] = damage->number == 0 ? 0 : 3},
        .remove_us = damage->number == 0 ? 5 : 0};
    struct store_view *view = write_begin();
    cr_assert(status_is_ok(store_retention_put(view, &retention)));
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
    cr_assert(status_is_ok(view_untagged(store, row.key, row.value, &arena, &packed)));
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

/* The row of a profile that is in the order of updates. */
static struct row live_row(void) {
    const struct bytes time_key = row_of(STORE_TABLE_UPDATE_TIME, 0).key;
    struct id id;
    size_t count = 0;
    memcpy(id.bytes, time_key.data + time_key.size - ID_SIZE, ID_SIZE);
    const struct store_key key = store_key_id(STORE_TABLE_PROFILE, id);
    const struct row *rows = rows_of(store_key_bytes(&key), &count);
    cr_assert_eq(count, 1);
    return rows[0];
}

static void drop_live(const struct damage *damage) {
    (void)damage;
    row_delete(live_row().key);
}

static void flip_live(const struct damage *damage) {
    (void)damage;
    const struct row row = live_row();
    row_put(row.key, with_byte(row.value, row.value.size - 1, 0x10));
}

static const struct damage damages[] = {
    {damage_drop, STORE_TABLE_FORMAT, "format", "is missing", 0},
    {damage_shorten, STORE_TABLE_FORMAT, "format", "has not 20 bytes", 4},

    {damage_drop, STORE_TABLE_PROFILE, "interaction", "belongs to no profile", 0},
    {drop_live, STORE_TABLE_PROFILE, "update time", "leads to no profile", 0},
    {damage_flip, STORE_TABLE_PROFILE, "profile", "", 0},
    {flip_live, STORE_TABLE_PROFILE, "update time", "does not open", 0},
    {damage_flip_at, STORE_TABLE_PROFILE, "profile", "newer version", 0},
    {damage_garble, STORE_TABLE_PROFILE, "profile", "does not decode", 0},
    {damage_shorten, STORE_TABLE_PROFILE, "profile", "empty", 0},
    {damage_swap_values, STORE_TABLE_PROFILE, "profile", "", 0},
    {damage_add_key_byte, STORE_TABLE_PROFILE, "profile", "shape", 0},
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

    {damage_drop, STORE_TABLE_IDENTITY, "identity", "is missing", 0},
    {damage_shorten, STORE_TABLE_IDENTITY, "identity", "has not 16 bytes", 15},
    {damage_swap_values, STORE_TABLE_IDENTITY, "identity", "leads past", 0},
    {damage_swap_values, STORE_TABLE_IDENTITY, "identity", "does not have it", 0},
    {damage_flip, STORE_TABLE_IDENTITY, "identity", "leads to no profile", 0},
    {damage_add_row, STORE_TABLE_IDENTITY, "identity", "does not have it", 5},
    {damage_add_key_byte, STORE_TABLE_IDENTITY, "identity", "shape", 0},

    {damage_drop, STORE_TABLE_ATTRIBUTE, "attribute", "is missing", 0},
    {damage_add_row, STORE_TABLE_ATTRIBUTE, "attribute", "does not have it", 8},
    {damage_add_row, STORE_TABLE_ATTRIBUTE, "attribute", "shape", 1},
    {damage_add_key_byte, STORE_TABLE_ATTRIBUTE, "attribute", "shape", 0},

    {damage_drop, STORE_TABLE_NAME_WORD, "name word", "is missing", 0},
    {damage_add_row, STORE_TABLE_NAME_WORD, "name word", "does not have it", 3},
    {damage_add_row, STORE_TABLE_NAME_WORD, "name word", "leads to no profile", 20},

    {damage_drop, STORE_TABLE_UPDATE_TIME, "update time", "is missing", 0},
    {damage_fill, STORE_TABLE_UPDATE_TIME, "update time", "not empty", 0},
    {damage_add_row, STORE_TABLE_UPDATE_TIME, "update time", "does not have it", 8},

    {damage_drop, STORE_TABLE_OWN_STATE, "profile", "has no state of its own", 0},
    {damage_flip, STORE_TABLE_OWN_STATE, "own state", "", 0},
    {damage_shorten, STORE_TABLE_OWN_STATE, "own state", "too short", 5},
    {damage_swap_values, STORE_TABLE_OWN_STATE, "own state", "its profile's key", 0},
    {damage_add_row, STORE_TABLE_OWN_STATE, "own state", "belongs to no profile", 10},

    {damage_drop, STORE_TABLE_MERGE, "profile", "has no record", 0},
    {damage_garble_tagged, STORE_TABLE_MERGE, "merge", "does not decode", 0},
    {damage_flip_at, STORE_TABLE_MERGE, "merge", "another version", 0},
    {damage_flip, STORE_TABLE_MERGE, "merge", "was changed", 0},
    {damage_swap_values, STORE_TABLE_MERGE, "merge", "was changed", 0},
    {damage_add_row, STORE_TABLE_MERGE, "merge", "was changed", 5},

    {damage_drop, STORE_TABLE_MERGE_BY_ID, "merge by id", "is missing", 0},
    {damage_fill, STORE_TABLE_MERGE_BY_ID, "merge by id", "not empty", 0},
    {damage_add_row, STORE_TABLE_MERGE_BY_ID, "merge by id", "of other profiles", 10},
    {damage_add_row, STORE_TABLE_MERGE_BY_ID, "merge by id", "leads to no merge", 30},

    {damage_drop, STORE_TABLE_NEVER_JOIN, "profile", "no row says so", 0},
    {damage_garble_tagged, STORE_TABLE_NEVER_JOIN, "never join", "does not decode", 0},
    {damage_flip, STORE_TABLE_NEVER_JOIN, "never join", "was changed", 0},
    {damage_add_row, STORE_TABLE_NEVER_JOIN, "never join", "was changed", 30},

    {damage_drop, STORE_TABLE_REVIEW, "review list", "leads to no review", 0},
    {damage_flip, STORE_TABLE_REVIEW, "review", "was changed", 0},
    {damage_swap_values, STORE_TABLE_REVIEW, "review", "was changed", 0},
    {damage_garble_tagged, STORE_TABLE_REVIEW, "review", "does not decode", 0},
    {spoil_review, STORE_TABLE_REVIEW, "review", "no state", REVIEW_STATE},
    {spoil_review, STORE_TABLE_REVIEW, "review", "can't be", REVIEW_TIMES},
    {spoil_review, STORE_TABLE_REVIEW, "review", "can't be", REVIEW_UNMET},
    {spoil_review, STORE_TABLE_REVIEW, "review list", "other lists", REVIEW_DECIDED},
    {spoil_review, STORE_TABLE_REVIEW, "review", "not there", REVIEW_NOBODY},
    {spoil_review, STORE_TABLE_REVIEW, "review", "not in order", REVIEW_ORDER},

    {damage_drop, STORE_TABLE_REVIEW_LIST, "review list", "is missing", 0},
    {damage_shorten, STORE_TABLE_REVIEW_LIST, "review list", "has not 32 bytes", 31},
    {damage_flip, STORE_TABLE_REVIEW_LIST, "review list", "leads to no review", 0},
    {damage_add_row, STORE_TABLE_REVIEW_LIST, "review list", "other lists", 10},
    {damage_add_row, STORE_TABLE_REVIEW_LIST, "review list", "leads to no review", 30},

    {damage_drop, STORE_TABLE_REVIEW_COUNT, "review count", "is missing", 0},
    {damage_flip, STORE_TABLE_REVIEW_COUNT, "review count", "was changed", 0},
    {damage_garble_tagged, STORE_TABLE_REVIEW_COUNT, "review count", "does not decode", 0},
    {spoil_review_count, STORE_TABLE_REVIEW_COUNT, "review count", "not as many", 0},
    {spoil_review_count, STORE_TABLE_REVIEW_COUNT, "review count", "not there", 1},

    {damage_drop, STORE_TABLE_DECISION, "profile", "not as many decisions", 0},
    {damage_flip, STORE_TABLE_DECISION, "decision", "", 0},
    {damage_shorten, STORE_TABLE_DECISION, "decision", "too short", 5},
    {damage_flip_at, STORE_TABLE_DECISION, "decision", "its profile's key", 8},
    {damage_swap_values, STORE_TABLE_DECISION, "decision", "its profile's key", 0},
    {damage_add_row, STORE_TABLE_DECISION, "decision", "belongs to no profile", 10},

    {damage_drop, STORE_TABLE_INTERACTION, "summary", "", 0},
    {damage_flip, STORE_TABLE_INTERACTION, "interaction", "", 0},
    {damage_swap_values, STORE_TABLE_INTERACTION, "interaction", "its profile's key", 0},
    {damage_add_row, STORE_TABLE_INTERACTION, "summary", "does not count", 40},
    {damage_add_row, STORE_TABLE_INTERACTION, "interaction", "belongs to no profile", 10},
    {damage_add_row, STORE_TABLE_INTERACTION, "summary", "does not count",
     23}, /* At another time. */

    {damage_drop, STORE_TABLE_SUMMARY, "summary", "is missing", 0},
    {damage_garble, STORE_TABLE_SUMMARY, "summary", "does not decode", 0},
    {damage_add_row, STORE_TABLE_SUMMARY, "summary", "without interactions", 10},
    {spoil_summary, STORE_TABLE_SUMMARY, "summary", "does not count", 0},
    {spoil_summary, STORE_TABLE_SUMMARY, "summary", "the times", 1},
    {spoil_summary, STORE_TABLE_SUMMARY, "summary", "the labels", 2},
    {spoil_summary, STORE_TABLE_SUMMARY, "summary", "the labels", 3},
    {spoil_summary, STORE_TABLE_SUMMARY, "summary", "the labels", 4},
    {spoil_summary, STORE_TABLE_SUMMARY, "summary", "the moods", 5},
    {spoil_summary, STORE_TABLE_SUMMARY, "summary", "the moods", 6},

    {damage_flip, STORE_TABLE_MARK, "mark", "was changed", 0},
    {spoil_mark, STORE_TABLE_MARK, "mark", "counts nothing", 0},

    {damage_drop, STORE_TABLE_FACT, "fact", "is missing", 0},
    {damage_flip, STORE_TABLE_FACT, "fact", "something else", 0},
    {damage_flip_at, STORE_TABLE_FACT, "fact", "has not the form", 0},
    {damage_add_row, STORE_TABLE_FACT, "fact", "is of no interaction", 10},
    {damage_drop, STORE_TABLE_COUNT, "count", "is missing", 0},
    {damage_flip, STORE_TABLE_COUNT, "count", "does not count", 0},
    {damage_shorten, STORE_TABLE_COUNT, "count", "has not the form", 7},
    {damage_add_row, STORE_TABLE_COUNT, "count", "counts nothing", 7},
    {damage_drop, STORE_TABLE_EVENT, "event", "is missing", 0},
    {damage_shorten, STORE_TABLE_EVENT, "event", "neither 32 bytes", 31},
    {damage_flip, STORE_TABLE_EVENT, "event", "leads past", 0},
    {damage_flip, STORE_TABLE_EVENT, "event", "leads to no interaction", 0},
    {cross_events, STORE_TABLE_EVENT, "event", "came from another event", 0},
    {damage_add_row, STORE_TABLE_EVENT, "event", "came from another event", 5},

    {damage_flip, STORE_TABLE_REQUEST, "request", "", 0},
    {damage_shorten, STORE_TABLE_REQUEST, "request", "too short", 20},
    {damage_flip_at, STORE_TABLE_REQUEST, "request", "", 30},
    {damage_flip_at, STORE_TABLE_REQUEST, "request", "", 9}, /* Of the hash of the body. */
    {damage_add_row, STORE_TABLE_REQUEST, "request", "another day", 3},
    {damage_add_row, STORE_TABLE_REQUEST, "request", "", 10},
    {damage_add_row, STORE_TABLE_REQUEST, "request", "no part of the answer", 22},

    {damage_flip, STORE_TABLE_IMPORT, "import", "was changed", 0},
    {damage_flip_at, STORE_TABLE_IMPORT, "import", "another version", 0},
    {damage_flip_at, STORE_TABLE_IMPORT, "import", "was changed", 1},
    {damage_shorten, STORE_TABLE_IMPORT, "import", "too short", 16},
    {damage_shorten, STORE_TABLE_IMPORT, "import", "was changed", 17},
    {damage_swap_values, STORE_TABLE_IMPORT, "import", "was changed", 0},
    {damage_add_row, STORE_TABLE_IMPORT, "import", "was changed", 5},
    {damage_garble, STORE_TABLE_IMPORT, "import", "another version",
     0}, /* As before there were tags. */
    {damage_garble_tagged, STORE_TABLE_IMPORT, "import", "does not decode", 0},
    {spoil_import, STORE_TABLE_IMPORT, "import", "counts more rows", 0},
    {spoil_import, STORE_TABLE_IMPORT, "import", "counts more rows", 1},
    {spoil_import, STORE_TABLE_IMPORT, "import", "counts more profiles", 2},
    {spoil_import, STORE_TABLE_IMPORT, "import", "is an import of profiles", 3},
    {damage_flip, STORE_TABLE_RULES, "rules", "was changed", 0},
    {damage_garble_tagged, STORE_TABLE_RULES, "rules", "does not decode", 0},
    {damage_flip, STORE_TABLE_ATTRIBUTE_RULES, "attribute rules", "was changed", 0},
    {damage_flip_at, STORE_TABLE_ATTRIBUTE_RULES, "attribute rules", "another version", 0},
    {damage_garble_tagged, STORE_TABLE_ATTRIBUTE_RULES, "attribute rules", "does not decode", 0},
    {spoil_attribute_rules, STORE_TABLE_ATTRIBUTE_RULES, "attribute rules", "two rules", 1},
    {spoil_attribute_rules, STORE_TABLE_ATTRIBUTE_RULES, "attribute rules", "says nothing", 0},
    {spoil_definition, STORE_TABLE_ATTRIBUTE_RULES, "attribute rules", "without a definition",
     DEFINITION_GONE},
    {spoil_definition, STORE_TABLE_ATTRIBUTE_RULES, "attribute rules", "another name",
     DEFINITION_NAME},
    {spoil_definition, STORE_TABLE_ATTRIBUTE_RULES, "attribute rules", "do not have",
     DEFINITION_ALONE},
    {damage_flip, STORE_TABLE_THEMES, "themes", "was changed", 0},
    {damage_garble_tagged, STORE_TABLE_THEMES, "themes", "does not decode", 0},
    {spoil_themes, STORE_TABLE_THEMES, "themes", "without a name", 0},
    {spoil_themes, STORE_TABLE_THEMES, "themes", "two themes", 1},
    {damage_flip, STORE_TABLE_CHANNELS, "channels", "was changed", 0},
    {damage_garble_tagged, STORE_TABLE_CHANNELS, "channels", "does not decode", 0},
    {spoil_channels, STORE_TABLE_CHANNELS, "channels", "without a name", 0},
    {spoil_channels, STORE_TABLE_CHANNELS, "channels", "two channels", 1},
    {damage_flip, STORE_TABLE_RETENTION, "retention", "was changed", 0},
    {damage_garble_tagged, STORE_TABLE_RETENTION, "retention", "does not decode", 0},
    {spoil_retention, STORE_TABLE_RETENTION, "retention", "does not say", 0},
    {spoil_retention, STORE_TABLE_RETENTION, "retention", "does not say", 1},
    {put_alone, STORE_TABLE_RULES, "unknown", "no table", 'z'},
    {put_alone, STORE_TABLE_IDENTITY, "identity", "shape", 'I'},
};

Test(verify, finds_every_damage, .timeout = 300) {
    damages_find(damages, sizeof damages / sizeof *damages);
}

/* Rules with one attribute that the workspace defined, of form 1. */
static void define_tier(bool personal) {
    Stored__V1__AttributeRule rule = STORED__V1__ATTRIBUTE_RULE__INIT;
    Stored__V1__AttributeRule *only[] = {&rule};
    rule.name = (char *)(uintptr_t) "tier";
    rule.survivorship = 1;
    rule.form = 1;
    rule.personal = personal;
    Stored__V1__AttributeRules rules = STORED__V1__ATTRIBUTE_RULES__INIT;
    rules.n_attributes = 1;
    rules.attributes = only;
    Stored__V1__AttributeDefinition definition = STORED__V1__ATTRIBUTE_DEFINITION__INIT;
    definition.name = rule.name;
    struct store_view *view = write_begin();
    cr_assert(status_is_ok(store_attribute_rules_put(view, store_pack(&arena, &rules.base))));
    cr_assert(
        status_is_ok(store_definition_put(view, "tier", store_pack(&arena, &definition.base))));
    write_end();
}

Test(verify, finds_own_attributes_that_are_not_defined_or_stand_in_clear) {
    struct profile *profile = profile_new("Noura");
    profile_add_attribute(profile, "tier", "gold", false);
    profile->attributes[profile->attribute_count - 1].form = 1;
    profile_save(profile);

    (void)verify();
    cr_expect(was_told("profile", "is not defined"));
    define_tier(true);
    (void)verify();
    cr_expect(was_told("profile", "stands in clear"));
    define_tier(false);
    assert_sound();
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

/* ---- labels that are counted together ---- */

static struct id told_themes(int count) {
    struct profile *profile = profile_new("Noura");
    profile_save(profile);
    struct store_view *view = write_begin();
    for (int i = 0; i < count; i++) {
        interaction_add(view, profile->id, FIXTURE_NOW_US + i, "", "email",
                        arena_format(&arena, "theme-%d", i % (STORE_LABELS_MAX + 5)), 0);
    }
    write_end();
    return profile->id;
}

/* One interaction more or less of what is kept apart, and of the others. */
static void change_themes(struct id id, int64_t of_first, int64_t of_others) {
    struct store_view *view = write_begin();
    struct store_summary summary;
    cr_assert(status_is_ok(store_summary_get(view, id, &summary)));
    bool first = true;
    for (size_t i = 0; i < summary.label_count; i++) {
        struct store_label_count *label = &summary.labels[i];
        if (label->kind == STORE_LABEL_THEME && (label->label[0] == '\0' || first)) {
            label->count += label->label[0] == '\0' ? of_others : of_first;
            first = false;
        }
    }
    cr_assert(status_is_ok(store_summary_put(view, id, &summary)));
    write_end();
}

Test(verify, finds_a_label_that_is_not_counted_whole) {
    const struct id id = told_themes(2 * (STORE_LABELS_MAX + 5));
    assert_sound();
    change_themes(id, -1, 1); /* As many as there are on the whole. */
    (void)verify();
    cr_assert(was_told("summary", "the labels"));
    change_themes(id, 2, -2);
    (void)verify();
    cr_assert(was_told("summary", "the labels"));
    change_themes(id, -1, 2);
    (void)verify();
    cr_assert(was_told("summary", "the labels"));
    change_themes(id, 0, -1);
    assert_sound();
}

/* ---- events that are known still ---- */

Test(verify, finds_an_event_without_its_day_and_a_day_without_its_event) {
    const struct store_interaction gone = {.profile = {{1}}, .id = {{2}}};
    struct store_view *view = write_begin();
    view_event_removed(view, "shop", "order-1", &gone, 20768);
    write_end();
    assert_sound();
    size_t count = 0;
    const struct row *rows = rows_of_table(STORE_TABLE_EVENT, &count);
    cr_assert_eq(count, 2);
    const struct row day = rows[0];
    const struct row event = rows[1];
    uint8_t changed[EVENT_REMOVED_ROW_SIZE];
    cr_assert_eq(event.value.size, sizeof changed);

    row_delete(day.key);
    (void)verify();
    cr_expect(was_told("event", "has no day"));
    row_put(day.key, day.value);
    row_delete(event.key);
    (void)verify();
    cr_expect(was_told("event", "no event that is known until its day"));
    memcpy(changed, event.value.data, sizeof changed);
    changed[sizeof changed - 1] ^= 1;
    row_put(event.key, bytes_of(changed, sizeof changed));
    (void)verify();
    cr_expect(was_told("event", "no event that is known until its day"));
    row_put(event.key, event.value);
    assert_sound();
}
