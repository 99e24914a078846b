/* Whatever is done to segments, to who is in them and to what is due of them is found. */

#include <criterion/criterion.h>
#include <string.h>

#include "server/base/limits.h"
#include "server/store/records/record.pb-c.h"
#include "server/store/segment.h"
#include "tests/store/damage.h"
#include "tests/store/fixture.h"
#include "tests/store/history.h"

TestSuite(verify_segments, .init = fixture_open, .fini = fixture_close);

static char *text(const char *string) { return (char *)(uintptr_t)string; }

/* Puts a row that is tagged as it should be. */
static void put_tagged(const struct store_key *key, const ProtobufCMessage *message) {
    struct store_view *view = write_begin();
    cr_assert(status_is_ok(view_put_tagged(view, key, store_pack(&arena, message))));
    write_end();
}

/* The first row of a table that has so many bytes of key at least. */
static struct row keyed_row(enum store_table table, size_t key_size_min) {
    size_t count = 0;
    const struct row *rows = rows_of_table(table, &count);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].key.size >= key_size_min) {
            return rows[i];
        }
    }
    cr_assert_fail("no such row");
    return (struct row){{NULL, 0}, {NULL, 0}};
}

static struct id id_of(const struct row *row) {
    struct id id;
    memcpy(id.bytes, row->key.data + row->key.size - ID_SIZE, ID_SIZE);
    return id;
}

/* ---- what they are ---- */

/* Of a segment, not of the stamp of all, which is the first row of the table. */
static void flip_segment(const struct damage *damage) {
    (void)damage;
    const struct row row = keyed_row(STORE_TABLE_SEGMENT, 2);
    row_put(row.key, with_byte(row.value, row.value.size - 1, 0x10));
}

static void drop_segment(const struct damage *damage) {
    (void)damage;
    row_delete(keyed_row(STORE_TABLE_SEGMENT, 2).key);
}

/* The segment `vip`, of another number. */
static void renumber_segment(const struct damage *damage) {
    const struct store_key key = store_key_segment(bytes_of_string("vip"));
    Stored__V1__Segment row = STORED__V1__SEGMENT__INIT;
    row.number = (uint32_t)damage->number;
    put_tagged(&key, &row.base);
}

/* A name of so many letters for the first number. */
static void rename_segment(const struct damage *damage) {
    char name[SEGMENT_NAME_SIZE_MAX + 2];
    memset(name, 'x', sizeof name);
    row_put(keyed_row(STORE_TABLE_SEGMENT_NAME, 0).key, bytes_of(name, damage->number));
}

/* The place of a segment that is there, as one of what is gone, or the other way round. */
static void spoil_place(const struct damage *damage) {
    const struct store_key key =
        store_key_segment_number(STORE_TABLE_SEGMENT_PLACE, (uint32_t)damage->number);
    Stored__V1__SegmentPlace row = STORED__V1__SEGMENT_PLACE__INIT;
    row.filter_before = text("");
    row.gone = damage->number != 3;
    put_tagged(&key, &row.base);
}

static void shorten_place(const struct damage *damage) {
    const struct store_key key = store_key_segment_number(STORE_TABLE_SEGMENT_PLACE, 1);
    Stored__V1__SegmentPlace row = STORED__V1__SEGMENT_PLACE__INIT;
    uint8_t id[3] = {1, 2, 3};
    (void)damage;
    row.from = (ProtobufCBinaryData){sizeof id, id};
    put_tagged(&key, &row.base);
}

static void shorten_pass(const struct damage *damage) {
    const struct store_key key = store_key_segment_number(STORE_TABLE_SEGMENT_PLACE, 0);
    Stored__V1__SegmentPass row = STORED__V1__SEGMENT_PASS__INIT;
    uint8_t id[3] = {1, 2, 3};
    (void)damage;
    row.profile = (ProtobufCBinaryData){sizeof id, id};
    put_tagged(&key, &row.base);
}

/* ---- who is in them ---- */

enum { LIST_EMPTY, LIST_TWICE, LIST_DESCENDING, LIST_OF_NOBODY };

static void spoil_list(const struct damage *damage) {
    uint32_t numbers[] = {2, damage->number == LIST_DESCENDING ? 1 : 2};
    struct id id = {{0x01}};
    if (damage->number != LIST_OF_NOBODY) {
        const struct row row = row_of(STORE_TABLE_SEGMENT_LIST, 0);
        id = id_of(&row);
    }
    const struct store_key key = store_key_id(STORE_TABLE_SEGMENT_LIST, id);
    Stored__V1__SegmentList list = STORED__V1__SEGMENT_LIST__INIT;
    list.segments = numbers;
    list.n_segments = damage->number == LIST_EMPTY ? 0 : damage->number == LIST_OF_NOBODY ? 1 : 2;
    put_tagged(&key, &list.base);
}

enum {
    MEMBERSHIP_TWICE,
    MEMBERSHIP_DESCENDING,
    MEMBERSHIP_MORE,
    MEMBERSHIP_DUE_EARLIER,
    MEMBERSHIP_NOT_DUE,
    MEMBERSHIP_DUE_WITHOUT_TIME,
    MEMBERSHIP_OF_NOBODY,
};

/* The first row, or that of the first who is due, as something else. */
static void spoil_membership(const struct damage *damage) {
    uint32_t numbers[] = {1, 2, 3};
    uint32_t due_segment = 2;
    int64_t due_us = FIXTURE_NOW_US;
    const struct row row = row_of(
        damage->number == MEMBERSHIP_NOT_DUE ? STORE_TABLE_SEGMENT_DUE : STORE_TABLE_MEMBERSHIP, 0);
    const struct id id = damage->number == MEMBERSHIP_OF_NOBODY ? (struct id){{0x01}} : id_of(&row);
    const struct store_key key = store_key_id(STORE_TABLE_MEMBERSHIP, id);
    Stored__V1__Membership membership = STORED__V1__MEMBERSHIP__INIT;
    membership.segments = numbers;
    membership.due_segments = &due_segment;
    membership.due_us = &due_us;
    switch (damage->number) {
    case MEMBERSHIP_TWICE:
    case MEMBERSHIP_DESCENDING:
        numbers[0] = damage->number == MEMBERSHIP_TWICE ? 2 : 3;
        membership.n_segments = 2;
        break;
    case MEMBERSHIP_MORE:
        membership.n_segments = 3;
        break;
    case MEMBERSHIP_DUE_EARLIER:
        membership.n_due_segments = membership.n_due_us = 1;
        break;
    case MEMBERSHIP_DUE_WITHOUT_TIME:
        membership.n_due_segments = 1;
        break;
    case MEMBERSHIP_OF_NOBODY:
        membership.n_segments = 1;
        break;
    default: /* Nothing is left. */
        break;
    }
    put_tagged(&key, &membership.base);
}

/* The row of somebody who is a member. */
static void drop_membership(const struct damage *damage) {
    const struct row row = row_of(STORE_TABLE_MEMBER, 0);
    const struct store_key key = store_key_id(STORE_TABLE_MEMBERSHIP, id_of(&row));
    (void)damage;
    row_delete(store_key_bytes(&key));
}

/* A member row of somebody who does not say so. */
static void add_member(const struct damage *damage) {
    const struct row row = row_of(STORE_TABLE_MEMBER, 0);
    (void)damage;
    row_put(with_byte(row.key, row.key.size - 1, 0x40), bytes_of("", 0));
}

/* ---- sizes ---- */

static void spoil_size(const struct damage *damage) {
    const struct store_key key = store_key_segment_number(STORE_TABLE_SEGMENT_SIZE, 2);
    Stored__V1__SegmentSize size = STORED__V1__SEGMENT_SIZE__INIT;
    size.count = damage->number;
    size.day = 20780;
    put_tagged(&key, &size.base);
}

static void add_point(const struct damage *damage) {
    const struct store_key key = store_key_segment_size(2, 20700);
    (void)damage;
    row_put(store_key_bytes(&key), bytes_of("seven..", 7));
}

static const struct damage damages[] = {
    {damage_shorten, STORE_TABLE_SEGMENT, "segment", "has not 16 bytes", 15},
    {flip_segment, STORE_TABLE_SEGMENT, "segment", "was changed", 0},
    {drop_segment, STORE_TABLE_SEGMENT, "segment name", "is of no segment", 0},
    {renumber_segment, STORE_TABLE_SEGMENT, "segment", "not its own", 1},
    {renumber_segment, STORE_TABLE_SEGMENT, "segment", "not its own", 7},
    {renumber_segment, STORE_TABLE_SEGMENT, "segment name", "with another number", 7},
    {rename_segment, STORE_TABLE_SEGMENT_NAME, "segment name", "too long",
     SEGMENT_NAME_SIZE_MAX + 1},
    {rename_segment, STORE_TABLE_SEGMENT_NAME, "segment name", "is of no segment",
     SEGMENT_NAME_SIZE_MAX},
    {damage_drop, STORE_TABLE_SEGMENT_NAME, "segment", "not its own", 1},
    {damage_add_key_byte, STORE_TABLE_SEGMENT_NAME, "segment name", "shape", 0},
    {damage_flip, STORE_TABLE_SEGMENT_PLACE, "segment place", "was changed", 0},
    {damage_garble_tagged, STORE_TABLE_SEGMENT_PLACE, "segment place", "does not decode", 0},
    {damage_swap_values, STORE_TABLE_SEGMENT_PLACE, "segment place", "was changed", 0},
    {shorten_place, STORE_TABLE_SEGMENT_PLACE, "segment place", "", 0},
    {shorten_pass, STORE_TABLE_SEGMENT_PLACE, "segment place", "", 0},
    {spoil_place, STORE_TABLE_SEGMENT_PLACE, "segment place", "not there", 1},
    {spoil_place, STORE_TABLE_SEGMENT_PLACE, "segment place", "not there", 3},
    {spoil_place, STORE_TABLE_SEGMENT_PLACE, "segment place", "not there", 2},
    {damage_flip, STORE_TABLE_SEGMENT_LIST, "segment list", "was changed", 0},
    {damage_garble_tagged, STORE_TABLE_SEGMENT_LIST, "segment list", "does not decode", 0},
    {spoil_list, STORE_TABLE_SEGMENT_LIST, "segment list", "in order", LIST_EMPTY},
    {spoil_list, STORE_TABLE_SEGMENT_LIST, "segment list", "in order", LIST_TWICE},
    {spoil_list, STORE_TABLE_SEGMENT_LIST, "segment list", "in order", LIST_DESCENDING},
    {spoil_list, STORE_TABLE_SEGMENT_LIST, "segment list", "of no profile", LIST_OF_NOBODY},
    {damage_flip, STORE_TABLE_MEMBERSHIP, "membership", "was changed", 0},
    {damage_garble_tagged, STORE_TABLE_MEMBERSHIP, "membership", "does not decode", 0},
    {drop_membership, STORE_TABLE_MEMBERSHIP, "member", "says nothing of it", 0},
    {spoil_membership, STORE_TABLE_MEMBERSHIP, "membership", "not in order", MEMBERSHIP_TWICE},
    {spoil_membership, STORE_TABLE_MEMBERSHIP, "membership", "not in order", MEMBERSHIP_DESCENDING},
    {spoil_membership, STORE_TABLE_MEMBERSHIP, "membership", "no such member", MEMBERSHIP_MORE},
    {spoil_membership, STORE_TABLE_MEMBERSHIP, "segment due", "due for nothing",
     MEMBERSHIP_NOT_DUE},
    {spoil_membership, STORE_TABLE_MEMBERSHIP, "membership", "is not looked at",
     MEMBERSHIP_DUE_EARLIER},
    {spoil_membership, STORE_TABLE_MEMBERSHIP, "membership", "not a time for each",
     MEMBERSHIP_DUE_WITHOUT_TIME},
    {spoil_membership, STORE_TABLE_MEMBERSHIP, "membership", "of no live profile",
     MEMBERSHIP_OF_NOBODY},
    {damage_drop, STORE_TABLE_MEMBER, "membership", "no such member", 0},
    {damage_add_key_byte, STORE_TABLE_MEMBER, "member", "shape", 0},
    {add_member, STORE_TABLE_MEMBER, "member", "says nothing of it", 0},
    {damage_drop, STORE_TABLE_SEGMENT_DUE, "membership", "is not looked at", 0},
    {damage_fill, STORE_TABLE_SEGMENT_DUE, "segment due", "is not empty", 0},
    {damage_add_row, STORE_TABLE_SEGMENT_DUE, "segment due", "due for nothing", 8},
    {damage_add_row, STORE_TABLE_SEGMENT_DUE, "segment due", "due for nothing", 20},
    {damage_drop, STORE_TABLE_SEGMENT_SIZE, "member", "has no size", 0},
    {damage_flip, STORE_TABLE_SEGMENT_SIZE, "segment size", "was changed", 0},
    {damage_garble_tagged, STORE_TABLE_SEGMENT_SIZE, "segment size", "does not decode", 0},
    {damage_swap_values, STORE_TABLE_SEGMENT_SIZE, "segment size", "was changed", 0},
    {spoil_size, STORE_TABLE_SEGMENT_SIZE, "segment size", "how many members", 0},
    {add_member, STORE_TABLE_SEGMENT_SIZE, "segment size", "how many members", 0},
    {damage_drop, STORE_TABLE_MEMBER, "segment size", "how many members", 0},
    {add_point, STORE_TABLE_SEGMENT_SIZE, "segment size", "is no number", 0},
};

Test(verify_segments, finds_every_damage, .timeout = 200) {
    damages_find(damages, sizeof damages / sizeof *damages);
}
