/* The scan against hostile input, and against a naive model. */

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/limits.h"
#include "server/rpc/rpc.h"
#include "tests/rpc/scan_model.h"
#include "tests/rpc/shapes.pb-c.h"
#include "tests/rpc/wire.h"

#define SHAPE (&tests__rpc__v1__shape__descriptor)

static struct wire wire;

static struct status scan(size_t *offset) { return rpc_scan(SHAPE, wire_bytes_of(&wire), offset); }

static void expect_taken(void) {
    size_t offset = 12345;
    const struct status status = scan(&offset);
    cr_expect_eq((int)status.code, STATUS_OK, "%s", status.text);
    cr_expect_eq(offset, 12345);
}

static void expect_refused_at(size_t expected) {
    size_t offset = 12345;
    const struct status status = scan(&offset);
    cr_expect_eq((int)status.code, STATUS_INVALID_ARGUMENT);
    cr_expect_eq((int)status.reason, REASON_MESSAGE_INVALID);
    cr_expect_eq(offset, expected);
}

Test(scan, empty_message_is_taken) { expect_taken(); }

Test(scan, every_type_is_taken) {
    wire_string(&wire, 1, "نورة");
    wire_bytes(&wire, 2, "\x00\xff", 2);
    wire_tag(&wire, 3, WIRE_VARINT);
    wire_varint(&wire, UINT64_MAX);
    wire_tag(&wire, 5, WIRE_32);
    wire_bytes(&wire, 0, "", 0); /* Tag 0x02 and length 0: bytes of the fixed32. */
    wire_byte(&wire, 0);
    wire_byte(&wire, 0);
    wire_tag(&wire, 6, WIRE_64);
    for (int i = 0; i < 8; i++) {
        wire_byte(&wire, 0xff);
    }
    wire_bytes(&wire, 11, "\x01\x02\x80\x01", 4);
    wire_tag(&wire, 11, WIRE_VARINT);
    wire_varint(&wire, 7);
    wire_bytes(&wire, 12, "\x05", 1);
    wire_bytes(&wire, 20, "0123456701234567", 16);
    wire_bytes(&wire, 14, "\x0a\x01\x6b", 3);

    expect_taken();
}

Test(scan, nul_in_string_is_refused_with_its_offset) {
    wire_string(&wire, 13, "ab");
    const size_t bad = wire.size;
    wire_bytes(&wire, 1, "a\0b", 3);

    expect_refused_at(bad);
}

Test(scan, bad_utf8_is_refused) {
    static const char *const texts[] = {
        "\x80",             /* A continuation alone. */
        "\xc3",             /* Cut off. */
        "\xc0\xaf",         /* Overlong. */
        "\xe0\x80\xaf",     /* Overlong. */
        "\xf0\x80\x80\xaf", /* Overlong. */
        "\xed\xa0\x80",     /* A surrogate. */
        "\xf4\x90\x80\x80", /* Above U+10FFFF. */
        "\xff",
        "abc\xe2\x82",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        wire.size = 0;
        wire_string(&wire, 1, texts[i]);
        expect_refused_at(0);
    }
}

Test(scan, utf8_at_its_borders_is_taken) {
    wire_string(&wire, 1,
                "\x01\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"
                "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");

    expect_taken();
}

Test(scan, submessage_twice_is_refused) {
    wire_bytes(&wire, 9, "", 0);
    wire_bytes(&wire, 9, "", 0);

    expect_refused_at(2);
}

Test(scan, scalar_twice_is_taken) {
    wire_string(&wire, 1, "a");
    wire_string(&wire, 1, "b");

    expect_taken();
}

Test(scan, submessage_in_two_siblings_is_taken) {
    wire_bytes(&wire, 10, "\x4a\x00", 2);
    wire_bytes(&wire, 10, "\x4a\x00", 2);

    expect_taken();
}

Test(scan, oneof_with_submessage_set_twice_is_refused) {
    static const struct {
        uint32_t first, second;
        bool taken;
    } cases[] = {{17, 17, false}, {17, 18, false}, {18, 16, false},
                 {16, 17, false}, {16, 16, true},  {16, 9, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        wire.size = 0;
        wire_bytes(&wire, cases[i].first, "", 0);
        const size_t second_at = wire.size;
        wire_bytes(&wire, cases[i].second, "", 0);
        if (cases[i].taken) {
            expect_taken();
        } else {
            expect_refused_at(second_at);
        }
    }
}

Test(scan, nesting_ends_at_the_limit) {
    for (int depth = 0; depth < REQUEST_DEPTH_MAX; depth++) {
        wire_wrap(&wire, 9);
    }
    expect_taken();

    wire_wrap(&wire, 9);
    size_t offset = 0;
    cr_expect_eq((int)scan(&offset).reason, REASON_MESSAGE_INVALID);
}

Test(scan, deep_nesting_of_75_kilobytes_is_refused) {
    /* Wrapped from the inside: 25,000 levels. */
    static uint8_t reversed[100000];
    size_t size = 0;
    for (int i = 0; i < 25000; i++) {
        size_t value = size;
        uint8_t length[4];
        size_t length_size = 0;
        do {
            length[length_size++] = (uint8_t)((value & 0x7f) | (value >= 0x80 ? 0x80 : 0));
            value >>= 7;
        } while (value > 0);
        while (length_size > 0) {
            reversed[size++] = length[--length_size];
        }
        reversed[size++] = 9 << 3 | WIRE_BYTES;
    }
    for (size_t i = size; i > 0; i--) {
        wire_byte(&wire, reversed[i - 1]);
    }
    cr_assert_gt(wire.size, 75000);

    size_t offset = 0;
    const struct status status = scan(&offset);

    cr_expect_eq((int)status.reason, REASON_MESSAGE_INVALID);
}

Test(scan, too_many_fields_are_refused) {
    for (int i = 0; i < REQUEST_FIELDS_MAX; i++) {
        wire_bytes(&wire, 10, "", 0);
    }
    expect_taken();

    const size_t size = wire.size;
    wire_bytes(&wire, 10, "", 0);
    expect_refused_at(size);
}

Test(scan, unknown_fields_are_counted_and_skipped) {
    wire_string(&wire, 1000, "\xff no string of ours");
    wire_tag(&wire, 1001, WIRE_VARINT);
    wire_varint(&wire, 1);
    wire_tag(&wire, 1002, WIRE_32);
    wire_varint(&wire, 0);
    wire_varint(&wire, 0);
    wire_varint(&wire, 0);
    wire_varint(&wire, 0);
    expect_taken();

    const size_t size = wire.size;
    for (int i = 0; i < REQUEST_FIELDS_MAX; i++) {
        wire_bytes(&wire, 1000, "", 0);
    }
    size_t offset = 0;
    cr_expect_eq((int)scan(&offset).reason, REASON_MESSAGE_INVALID);
    cr_expect_gt(offset, size);
}

Test(scan, groups_are_refused) {
    wire_tag(&wire, 1000, WIRE_GROUP);
    wire_tag(&wire, 1000, (enum wire_type)4);

    expect_refused_at(0);
}

Test(scan, bad_tags_are_refused) {
    static const struct {
        const char *bytes;
        size_t size;
    } tags[] = {
        {"\x00\x00", 2},                                          /* Field 0. */
        {"\x80", 1},                                              /* Cut off. */
        {"\x80\x80\x80\x80\x80\x01", 6},                          /* Too long. */
        {"\x82\x80\x80\x80\x10\x00", 6},                          /* A number of 30 bits. */
        {"\x0e\x00", 2},                                          /* Wire type 6. */
        {"\x0f\x00", 2},                                          /* Wire type 7. */
        {"\x08\x01", 2},                                          /* A number for a string. */
        {"\x1a\x01\x01", 3},                                      /* Bytes for one number. */
        {"\x0a\x02\x61", 3},                                      /* A length past the end. */
        {"\x0a\xff\xff\xff\xff\x0f\x61", 7},                      /* A length of 4 GiB. */
        {"\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12}, /* A varint of 11 bytes. */
        {"\x5a\x01\x80", 3},                              /* A packed number that is cut off. */
        {"\xa2\x01\x07\x30\x31\x32\x33\x34\x35\x36", 10}, /* 7 bytes of fixed64. */
    };
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        wire.size = 0;
        for (size_t j = 0; j < tags[i].size; j++) {
            wire_byte(&wire, (uint8_t)tags[i].bytes[j]);
        }
        expect_refused_at(0);
    }
}

Test(scan, length_past_the_parent_is_refused) {
    wire_bytes(&wire, 9, "\x0a\x05", 2); /* A string of 5 bytes in a message of 2. */
    wire_string(&wire, 1, "more than five bytes follow");

    expect_refused_at(2);
}

Test(scan, larger_than_the_limit_is_refused) {
    wire_bytes(&wire, 2, NULL, 0);
    wire.size = REQUEST_SIZE_MAX + 1;

    size_t offset = 0;
    const struct status status = scan(&offset);

    cr_expect_eq((int)status.code, STATUS_RESOURCE_EXHAUSTED);
    cr_expect_eq((int)status.reason, REASON_MESSAGE_TOO_LARGE);
}

enum { RANDOM_DEPTH_MAX = 3 };

/* What is being written at each depth. */
static struct wire random_children[RANDOM_DEPTH_MAX];

/* Some field of a Shape, mostly a good one; with its children inside it. */
static void random_field(struct wire *out, uint64_t *seed, int depth) {
    static const uint32_t texts[] = {1, 2, 13, 16, 18, 21, 500};
    static const char *const values[] = {"", "a", "\xd9\x86", "\xff", "Riyadh", "\xed\xa0\x80"};
    static const uint32_t children[] = {9, 10, 17};
    static const uint32_t varints[] = {3, 4, 7, 8, 11, 12, 19, 501};
    switch (wire_random(seed) % 5) {
    case 0:
        wire_string(out, texts[wire_random(seed) % 7], values[wire_random(seed) % 6]);
        break;
    case 1:
        wire_tag(out, varints[wire_random(seed) % 8], WIRE_VARINT);
        wire_varint(out, wire_random(seed) >> wire_random(seed) % 64);
        break;
    case 2:
        wire_bytes(out, wire_random(seed) % 2 == 0 ? 11 : 20, "12345678", 8);
        break;
    case 3:
        wire_bytes(out, wire_random(seed) % 2 == 0 ? 14 : 22, "\x0a\x01z", 3);
        break;
    default:
        if (depth < RANDOM_DEPTH_MAX) {
            struct wire *child = &random_children[depth];
            child->size = 0;
            for (uint64_t i = wire_random(seed) % 3; i > 0; i--) {
                random_field(child, seed, depth + 1);
            }
            wire_bytes(out, children[wire_random(seed) % 3], child->data, child->size);
        }
    }
}

Test(scan, agrees_with_the_naive_model_and_with_protobuf_c) {
    uint64_t seed = 7;
    size_t taken_count = 0;
    for (int round = 0; round < 30000; round++) {
        wire.size = 0;
        for (uint64_t i = wire_random(&seed) % 6; i > 0; i--) {
            random_field(&wire, &seed, 0);
        }
        for (uint64_t i = wire_random(&seed) % 3; i > 0 && wire.size > 0; i--) {
            wire.data[wire_random(&seed) % wire.size] = (uint8_t)wire_random(&seed);
        }

        size_t offset = 0;
        const bool taken = status_is_ok(scan(&offset));

        cr_assert_eq(taken, scan_model(SHAPE, wire_bytes_of(&wire)), "round %d", round);
        if (taken) {
            taken_count++;
            ProtobufCMessage *message =
                protobuf_c_message_unpack(SHAPE, NULL, wire.size, wire.data);
            cr_assert_neq(message, NULL, "round %d", round);
            protobuf_c_message_free_unpacked(message, NULL);
        }
    }
    /* Both verdicts were met often. */
    cr_expect_gt(taken_count, 5000);
    cr_expect_lt(taken_count, 25000);
}

/* ---- texts of records ---- */

static const struct rpc_bad_texts *scan_records(void) {
    static struct arena arena;
    static struct rpc_bad_texts texts;
    size_t offset = 0;
    arena_init(&arena, 1 << 20);
    texts = (struct rpc_bad_texts){.record = &tests__rpc__v1__three_field_entry__descriptor,
                                   .arena = &arena};
    const struct status status = rpc_scan_records(&tests__rpc__v1__not_an_entry__descriptor,
                                                  wire_bytes_of(&wire), &texts, &offset);
    cr_assert(status_is_ok(status), "%s", status.text);
    return &texts;
}

Test(scan, texts_of_records_are_noted_once_each) {
    wire_bytes(&wire, 1, "\x0a\x01k", 3);
    wire_bytes(&wire, 1, "\x0a\x01\x00\x0a\x01\xff", 6);
    wire_bytes(&wire, 1, "", 0);
    wire_bytes(&wire, 1, "\x0a\x02\xc3z", 4);

    const struct rpc_bad_texts *texts = scan_records();

    cr_assert_eq(texts->count, 2);
    cr_expect_eq(texts->items[0].record, 1);
    cr_expect_str_eq(texts->items[0].field, "key");
    cr_expect_eq(texts->items[1].record, 3);
}

Test(scan, more_records_with_such_texts_than_a_batch_has_are_refused) {
    for (int i = 0; i <= BATCH_RECORDS_MAX; i++) {
        wire_bytes(&wire, 1, "\x0a\x01\x00", 3);
    }
    size_t offset = 0;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    struct rpc_bad_texts texts = {.record = &tests__rpc__v1__three_field_entry__descriptor,
                                  .arena = &arena};
    const struct status status = rpc_scan_records(&tests__rpc__v1__not_an_entry__descriptor,
                                                  wire_bytes_of(&wire), &texts, &offset);
    cr_expect_eq((int)status.reason, REASON_MESSAGE_INVALID);
    arena_free(&arena);
}

/* Of a message without records. */
static void expect_path(const char *expected) {
    size_t offset = 0;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    struct rpc_bad_texts texts = {.arena = &arena};
    const struct status status = rpc_scan_records(SHAPE, wire_bytes_of(&wire), &texts, &offset);
    cr_expect_eq((int)status.reason, REASON_MESSAGE_INVALID);
    cr_assert_not_null(texts.outside);
    cr_expect_str_eq(texts.outside, expected);
    arena_free(&arena);
    wire.size = 0;
}

Test(scan, a_text_that_refuses_the_message_is_told_by_its_path) {
    wire_string(&wire, 13, "good");
    wire_bytes(&wire, 13, "\xff", 1);
    expect_path("texts[1]");
    wire_bytes(&wire, 10, "", 0);
    wire_bytes(&wire, 10, "\x0a\x01\x00", 3);
    expect_path("children[1].text");
}

Test(scan, an_entry_of_a_map_is_told_by_its_key_where_it_may_be) {
    wire_bytes(&wire, 14, "\x0a\x01\x6b\x12\x03\x0a\x01\xff", 8);
    expect_path("by_name.k.text");
    wire_bytes(&wire, 14, "\x0a\x01\x30\x12\x03\x0a\x01\xff", 8);
    expect_path("by_name[0].text"); /* A key of a digit may be anything. */
    wire_bytes(&wire, 14, "\x12\x03\x0a\x01\xff\x0a\x01\x6b", 8);
    expect_path("by_name[0].text"); /* The key comes behind the value. */
    wire_bytes(&wire, 14, "\x0a\x01\x6b", 3);
    wire_bytes(&wire, 14, "\x0a\x02\x6b\x00", 4);
    expect_path("by_name[1].key");
    wire_bytes(&wire, 15, "\x08\x05\x12\x01\xff", 5);
    expect_path("by_number[0]");
}
