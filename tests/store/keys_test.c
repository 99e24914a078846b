/* Keys: every worked example of keys.h, and that their order is the order of what they mean. */

#include "server/store/keys.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "server/store/fact.h"
#include "tests/engine/seeded.h"

static const struct id one = {
    {0x01, 0x9a, 0xb1, 0xc8, 0xcc, 0x80, 0x78, 0x00, 0x80, 0, 0, 0, 0, 0, 0, 0x01}};
static const struct id two = {
    {0x01, 0x9a, 0xb1, 0xc8, 0xcc, 0x80, 0x78, 0x00, 0x80, 0, 0, 0, 0, 0, 0, 0x02}};

#define ONE "019ab1c8cc8078008000000000000001"
#define TWO "019ab1c8cc8078008000000000000002"
#define HASH "000102030405060708090a0b0c0d0e0f"
#define TIME_US INT64_C(0x00064d7a2f1b4000)

static struct fingerprint a_hash(void) {
    struct fingerprint hash;
    for (size_t i = 0; i < sizeof hash.bytes; i++) {
        hash.bytes[i] = (uint8_t)i;
    }
    return hash;
}

static void assert_key(struct store_key key, const char *hex) {
    char text[2 * STORE_KEY_SIZE_MAX + 1] = "";
    for (size_t i = 0; i < key.size; i++) {
        (void)snprintf(text + 2 * i, 3, "%02x", key.bytes[i]);
    }
    cr_assert_str_eq(text, hex);
}

static int compare(struct store_key a, struct store_key b) {
    return bytes_compare(store_key_bytes(&a), store_key_bytes(&b));
}

Test(keys, worked_examples) {
    assert_key(store_key_table(STORE_TABLE_RULES), "54");
    assert_key(store_key_table(STORE_TABLE_ATTRIBUTE_RULES), "42");
    assert_key(store_key_rules(7), "540000000000000007");
    assert_key(store_key_definition(bytes_of_string("tier")), "4274696572");
    assert_key(store_key_id(STORE_TABLE_PROFILE, one), "50" ONE);
    assert_key(store_key_hash(STORE_TABLE_IDENTITY, a_hash()), "49" HASH);
    assert_key(store_key_attribute(bytes_of_string("city"), bytes_of_string("riyadh")),
               "410463697479"
               "06726979616468");
    assert_key(store_key_word(STORE_TABLE_NAME_WORD, a_hash()), "570001020304050607");
    assert_key(store_key_word(STORE_TABLE_CONTACT, a_hash()), "770001020304050607");
    assert_key(store_key_table(STORE_TABLE_THEMES), "4b");
    assert_key(store_key_table(STORE_TABLE_CHANNELS), "6b");
    assert_key(store_key_table(STORE_TABLE_RETENTION), "59");
    assert_key(store_key_fact(1, TIME_US, one), "460180064d7a2f1b4000" ONE);
    const struct store_fact fact = {.kind = STORE_KIND_ENGAGEMENT,
                                    .sentiment = STORE_SENTIMENT_NEGATIVE,
                                    .labels = {bytes_of_string("whatsapp"),
                                               bytes_of_string("complaint"),
                                               bytes_of_string("delivery")}};
    assert_key(store_key_count(true, 20768, &fact), "4a0180005120"
                                                    "087768617473617070"
                                                    "09636f6d706c61696e74"
                                                    "01"
                                                    "0864656c6976657279"
                                                    "01");
    assert_key(store_key_count(false, 20768, &fact), "4a0080005120"
                                                     "087768617473617070"
                                                     "09636f6d706c61696e74"
                                                     "01"
                                                     "00"
                                                     "01");
    assert_key(store_key_counts(false), "4a00");
    assert_key(store_key_count_day(true, -1), "4a017fffffff");
    cr_assert_eq(store_day_of_key(0x7fffffff), -1);
    assert_key(store_key_update_time(TIME_US, one), "5500064d7a2f1b4000" ONE);
    assert_key(store_key_ids(STORE_TABLE_DECISION, one, two), "44" ONE TWO);
    assert_key(store_key_ids(STORE_TABLE_MERGE_BY_ID, one, two), "48" ONE TWO);
    assert_key(store_key_ids(STORE_TABLE_NEVER_JOIN, one, two), "4e" ONE TWO);
    assert_key(store_key_ids(STORE_TABLE_REVIEW, one, two), "52" ONE TWO);
    assert_key(store_key_review_list(one, 1), "4c" ONE "01");
    assert_key(store_key_review_list((struct id){{0}}, 2), "4c00000000000000000000000000000000"
                                                           "02");
    assert_key(store_key_id(STORE_TABLE_REVIEW_COUNT, one), "43" ONE);
    assert_key(store_key_id(STORE_TABLE_OWN_STATE, one), "4f" ONE);
    assert_key(store_key_id(STORE_TABLE_MERGE, one), "47" ONE);
    assert_key(store_key_interaction(one, TIME_US, two), "45" ONE "7ff9b285d0e4bfff" TWO);
    assert_key(store_key_trait_state(3, one), "5800000003" ONE);
    assert_key(store_key_trait_day(3, one, 20768), "5800000003" ONE "80005120");
    assert_key(store_key_trait_states(3), "5800000003");
    assert_key(store_key_table(STORE_TABLE_TRAITS), "78");
    assert_key(store_key_trait_due(20768, 3, one), "5a8000512000000003" ONE);
    assert_key(store_key_event_days(), "560000000000000000");
    assert_key(store_key_event_day(20768, a_hash()), "56000000000000000080005120" HASH);
    assert_key(store_key_request(20768, one, 0), "5100005120" ONE "0000");
    assert_key(store_key_request(20768, one, 258), "5100005120" ONE "0102");
    assert_key(store_key_request_day(20768), "5100005120");
    assert_key(store_key_table(STORE_TABLE_SEGMENT), "73");
    assert_key(store_key_segment(bytes_of_string("vip")), "73766970");
    assert_key(store_key_segment_number(STORE_TABLE_SEGMENT_NAME, 3), "6700000003");
    assert_key(store_key_segment_number(STORE_TABLE_SEGMENT_PLACE, 3), "7000000003");
    assert_key(store_key_segment_number(STORE_TABLE_SEGMENT_SIZE, 3), "6e00000003");
    assert_key(store_key_segment_number(STORE_TABLE_MEMBER, 3), "6d00000003");
    assert_key(store_key_id(STORE_TABLE_SEGMENT_LIST, one), "6c" ONE);
    assert_key(store_key_id(STORE_TABLE_MEMBERSHIP, one), "62" ONE);
    assert_key(store_key_segment_due(TIME_US, one), "6480064d7a2f1b4000" ONE);
    assert_key(store_key_segment_size(3, 20768), "6e0000000380005120");
}

Test(keys, members_end_with_the_id) {
    const struct store_key members = store_key_segment_number(STORE_TABLE_MEMBER, 3);
    assert_key(store_key_with_id(&members, one), "6d00000003" ONE);
}

Test(keys, segments_are_due_in_the_order_of_time_also_before_1970) {
    static const int64_t times[] = {INT64_MIN, -TIME_US, -1, 0, 1, TIME_US, INT64_MAX};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        const struct store_key key = store_key_segment_due(times[i], two);
        cr_assert_eq(store_time_of_ascending(store_get_u64(key.bytes + 1)), times[i]);
        cr_assert(i == 0 || compare(store_key_segment_due(times[i - 1], two),
                                    store_key_segment_due(times[i], one)) < 0);
    }
}

Test(keys, sizes_of_a_segment_ascend_with_the_day_behind_that_of_now) {
    const struct store_key now = store_key_segment_number(STORE_TABLE_SEGMENT_SIZE, 3);
    cr_assert_lt(compare(now, store_key_segment_size(3, INT32_MIN)), 0);
    cr_assert_lt(compare(store_key_segment_size(3, -1), store_key_segment_size(3, 0)), 0);
    cr_assert_lt(compare(store_key_segment_size(3, 255), store_key_segment_size(3, 256)), 0);
    cr_assert_lt(compare(store_key_segment_size(3, INT32_MAX),
                         store_key_segment_number(STORE_TABLE_SEGMENT_SIZE, 4)),
                 0);
}

Test(keys, terms_end_with_the_id) {
    const struct store_key city =
        store_key_attribute(bytes_of_string("city"), bytes_of_string("riyadh"));
    const struct store_key word = store_key_word(STORE_TABLE_NAME_WORD, a_hash());

    assert_key(store_key_with_id(&city, one), "41046369747906726979616468" ONE);
    assert_key(store_key_with_id(&word, one), "570001020304050607" ONE);
}

Test(keys, longest_attribute_fits) {
    char text[STORE_TERM_VALUE_SIZE_MAX + 1] = "";
    memset(text, 'x', STORE_TERM_VALUE_SIZE_MAX);

    const struct store_key prefix =
        store_key_attribute(bytes_of_string(text), bytes_of_string(text));

    cr_assert_leq(store_key_with_id(&prefix, one).size, STORE_KEY_SIZE_MAX);
}

/* A value is no prefix of another's key: "riyadh" does not find "riyadh north". */
Test(keys, attribute_values_do_not_run_into_each_other) {
    const struct store_key shorter =
        store_key_attribute(bytes_of_string("city"), bytes_of_string("riyadh"));
    const struct store_key longer =
        store_key_attribute(bytes_of_string("city"), bytes_of_string("riyadh north"));
    const struct store_key other =
        store_key_attribute(bytes_of_string("cityr"), bytes_of_string("iyadh"));

    cr_assert_not(bytes_start_with(store_key_bytes(&longer), store_key_bytes(&shorter)));
    cr_assert_neq(compare(shorter, other), 0);
}

Test(keys, update_times_ascend) {
    struct seeded seeded = {1};
    for (size_t i = 0; i < 10000; i++) {
        const int64_t a = (int64_t)(seeded_next(&seeded) >> 1 >> seeded_below(&seeded, 60));
        const int64_t b = (int64_t)(seeded_next(&seeded) >> 1 >> seeded_below(&seeded, 60));
        const int order = compare(store_key_update_time(a, one), store_key_update_time(b, one));
        cr_assert_eq(order < 0, a < b);
        cr_assert_eq(order > 0, a > b);
    }
    cr_assert_lt(compare(store_key_update_time(5, one), store_key_update_time(5, two)), 0);
}

Test(keys, interactions_descend_in_time_also_before_1970) {
    static const int64_t times[] = {INT64_MIN, INT64_MIN + 1, -TIME_US,      -2,       -1, 0, 1,
                                    2,         TIME_US,       INT64_MAX - 1, INT64_MAX};
    const size_t count = sizeof times / sizeof *times;
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(store_time_of_descending(store_time_descending(times[i])), times[i]);
        for (size_t j = 0; j < count; j++) {
            const int order = compare(store_key_interaction(one, times[i], one),
                                      store_key_interaction(one, times[j], one));
            cr_assert_eq(order<0, times[i]> times[j]);
            cr_assert_eq(order > 0, times[i] < times[j]);
        }
    }
    cr_assert_lt(compare(store_key_interaction(one, 5, one), store_key_interaction(one, 5, two)),
                 0);
    cr_assert_lt(compare(store_key_interaction(one, 5, two), store_key_interaction(two, 9, one)),
                 0);
}

Test(keys, days_of_requests_ascend) {
    cr_assert_lt(compare(store_key_request(255, two, 9), store_key_request(256, one, 0)), 0);
    cr_assert_lt(compare(store_key_request(256, one, 255), store_key_request(256, one, 256)), 0);
}

Test(keys, days_on_which_traits_are_due_ascend_also_before_1970) {
    cr_assert_lt(compare(store_key_trait_due(-1, 9, two), store_key_trait_due(0, 1, one)), 0);
    cr_assert_lt(compare(store_key_trait_due(255, 9, two), store_key_trait_due(256, 1, one)), 0);
}

Test(keys, numbers_round_trip) {
    uint8_t bytes[8];
    store_put_u32(bytes, 0x01020304);
    cr_assert_eq(bytes[0], 1);
    cr_assert_eq(bytes[3], 4);
    cr_assert_eq(store_get_u32(bytes), 0x01020304);
    store_put_u64(bytes, UINT64_C(0xfffefdfcfbfaf9f8));
    cr_assert_eq(bytes[0], 0xff);
    cr_assert_eq(bytes[7], 0xf8);
    cr_assert_eq(store_get_u64(bytes), UINT64_C(0xfffefdfcfbfaf9f8));
}
