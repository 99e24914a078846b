/* Maps in one form: ordered, without duplicates, without absent messages. */

#include "server/rpc/maps.h"

#include <criterion/criterion.h>

#include "tests/rpc/shapes.pb-c.h"
#include "tests/rpc/wire.h"

static struct wire wire;
static struct wire entry;
static struct arena arena;

static void *arena_take(void *data, size_t size) {
    (void)data;
    return arena_alloc(&arena, size);
}

static void arena_keep(void *data, void *pointer) {
    (void)data;
    (void)pointer;
}

/* Packs what the wire's message is after unpacking and settling. */
static struct bytes settled(void) {
    ProtobufCAllocator allocator = {arena_take, arena_keep, &arena};
    Tests__Rpc__V1__Shape *shape = tests__rpc__v1__shape__unpack(&allocator, wire.size, wire.data);
    cr_assert_not_null(shape);
    maps_settle(&shape->base, &arena);
    uint8_t *packed = arena_alloc(&arena, tests__rpc__v1__shape__get_packed_size(shape));
    return bytes_of(packed, tests__rpc__v1__shape__pack(shape, packed));
}

static void init(void) { arena_init(&arena, 1 << 20); }

static void fini(void) { arena_free(&arena); }

TestSuite(maps, .init = init, .fini = fini);

Test(maps, entries_are_ordered_and_the_last_duplicate_wins) {
    wire_bytes(&wire, 15, "\x08\x07\x12\x01\x61", 5); /* 7: a */
    wire_bytes(&wire, 15, "\x08\x03\x12\x01\x62", 5); /* 3: b */
    wire_bytes(&wire, 15, "\x08\x07\x12\x01\x63", 5); /* 7: c */
    wire_bytes(&wire, 15, "\x08\x03\x12\x01\x64", 5); /* 3: d */

    const struct bytes packed = settled();

    wire.size = 0;
    wire_bytes(&wire, 15, "\x08\x03\x12\x01\x64", 5);
    wire_bytes(&wire, 15, "\x08\x07\x12\x01\x63", 5);
    cr_expect(bytes_equal(packed, wire_bytes_of(&wire)));
}

Test(maps, maps_of_nested_messages_are_settled_too) {
    wire_bytes(&wire, 14, "\x0a\x01z", 3);
    wire_bytes(&wire, 14, "\x0a\x01m", 3);
    wire_wrap(&wire, 2);  /* The value of an entry … */
    wire_wrap(&wire, 14); /* … in a map … */
    wire_wrap(&wire, 10); /* … of one of the children … */
    wire_wrap(&wire, 17); /* … of the oneof's message. */

    const struct bytes packed = settled();

    wire.size = 0;
    wire_bytes(&wire, 14, "\x0a\x01m\x12\x00", 5); /* The absent value is an empty one. */
    wire_bytes(&wire, 14, "\x0a\x01z\x12\x00", 5);
    wire_wrap(&wire, 2);
    wire_wrap(&wire, 14);
    wire_wrap(&wire, 10);
    wire_wrap(&wire, 17);
    cr_expect(bytes_equal(packed, wire_bytes_of(&wire)));
}

Test(maps, order_of_entries_does_not_matter) {
    uint64_t seed = 11;
    for (int round = 0; round < 200; round++) {
        uint32_t keys[12];
        const size_t count = 1 + wire_random(&seed) % 12;
        for (size_t i = 0; i < count; i++) {
            keys[i] = (uint32_t)(i * 2654435761U);
        }
        struct bytes before = {NULL, 0};
        for (int shuffle = 0; shuffle < 3; shuffle++) {
            for (size_t i = count; i > 1; i--) {
                const size_t other = wire_random(&seed) % i;
                const uint32_t key = keys[i - 1];
                keys[i - 1] = keys[other];
                keys[other] = key;
            }
            wire.size = 0;
            for (size_t i = 0; i < count; i++) {
                entry.size = 0;
                wire_tag(&entry, 1, WIRE_VARINT);
                wire_varint(&entry, keys[i]);
                wire_bytes(&wire, 15, entry.data, entry.size);
            }
            const struct bytes packed = settled();
            cr_assert(shuffle == 0 || bytes_equal(before, packed), "round %d", round);
            before = packed;
        }
    }
}

Test(maps, lists_that_only_look_like_maps_stay) {
    wire_bytes(&wire, 1, "\x0a\x01z", 3);
    wire_bytes(&wire, 1, "\x0a\x01m", 3);
    wire_bytes(&wire, 1, "\x0a\x01z", 3);
    Tests__Rpc__V1__NotAnEntry *message =
        tests__rpc__v1__not_an_entry__unpack(NULL, wire.size, wire.data);
    cr_assert_not_null(message);

    maps_settle(&message->base, &arena);

    cr_expect_eq(message->n_entries, 3);
    cr_expect_str_eq(message->entries[0]->key, "z");
    cr_expect_str_eq(message->entries[1]->key, "m");
    tests__rpc__v1__not_an_entry__free_unpacked(message, NULL);
}
