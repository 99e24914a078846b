/* Answered writes, so that a retry gets the first answer. They lie by day, so that whole days are
 * swept at once, and their answers are sealed under the key of the day, which is destroyed when the
 * day is over: no backup keeps them readable. */

#include <assert.h>
#include <string.h>

#include "server/base/clock.h"
#include "server/base/limits.h"
#include "server/store/view.h"

enum {
    PREFIX_SIZE = VAULT_FINGERPRINT_SIZE + 8 + 2, /* Body, time, count of parts. */
    PART_SIZE_MAX = 64 << 10, /* Of the sealed answer in one row: a batch's answer needs several. */
};

static uint32_t day_of(int64_t now_us) {
    return (uint32_t)(now_us / US_PER_DAY);
}

/* Binds the answer to its request and workspace. */
static struct bytes associated_of(struct store_view *view, struct id request_id) {
    return view_associated(view, STORE_TABLE_REQUEST, request_id);
}

/* The answer's first row, taken apart. */
struct first_part {
    struct fingerprint body;
    int64_t answer_us;
    uint16_t part_count;
    struct bytes sealed; /* As much of it as this row holds. */
};

static struct status first_part_read(struct bytes row, struct first_part *out) {
    struct bytes content;
    TRY(view_unversioned(row, &content));
    if (content.size < PREFIX_SIZE) {
        return store_corrupt("a row of the request table is too short");
    }
    memcpy(out->body.bytes, content.data, VAULT_FINGERPRINT_SIZE);
    out->answer_us = (int64_t)store_get_u64(content.data + VAULT_FINGERPRINT_SIZE);
    const uint8_t *count = content.data + VAULT_FINGERPRINT_SIZE + 8;
    out->part_count = (uint16_t)(count[0] << 8 | count[1]);
    out->sealed = bytes_of(content.data + PREFIX_SIZE, content.size - PREFIX_SIZE);
    return OK;
}

static struct status join_parts(struct store_view *view, uint32_t day, struct id request_id,
                                const struct first_part *first, struct bytes *out) {
    uint8_t *sealed =
        arena_alloc(view->arena, first->sealed.size + (size_t)first->part_count * PART_SIZE_MAX);
    memcpy(sealed, first->sealed.data, first->sealed.size);
    size_t size = first->sealed.size;
    for (uint16_t part = 1; part < first->part_count; part++) {
        const struct store_key key = store_key_request(day, request_id, part);
        struct bytes row;
        TRY(view_get(view, &key, &row));
        TRY(view_unversioned(row, &row));
        if (row.data == NULL || row.size > PART_SIZE_MAX) {
            return store_corrupt("a part of an answer in the request table is missing");
        }
        memcpy(sealed + size, row.data, row.size);
        size += row.size;
    }
    *out = bytes_of(sealed, size);
    return OK;
}

static struct status read_request(struct store_view *view, uint32_t day, struct id request_id,
                                  int64_t now_us, struct bytes row, bool *found,
                                  struct store_request *out) {
    struct first_part first = {0};
    TRY(first_part_read(row, &first));
    if (now_us - first.answer_us > REQUEST_ID_HOURS * US_PER_HOUR) {
        return OK; /* *found stays false. */
    }
    struct bytes sealed;
    TRY(join_parts(view, day, request_id, &first, &sealed));
    struct vault_key key;
    TRY(keystore_day_key(view->store->keystore, day, false, &key));
    struct store_request request = {.body = first.body};
    const struct status opened = vault_open(&key, associated_of(view, request_id), sealed,
                                            view->arena, &request.response);
    vault_wipe(&key);
    TRY(opened);
    *out = request;
    *found = true;
    return OK;
}

struct status store_request_get(struct store_view *view, struct id request_id, int64_t now_us,
                                bool *found, struct store_request *out) {
    *found = false;
    for (uint32_t back = 0; back < 2 && !*found; back++) {
        const uint32_t day = day_of(now_us) - back;
        const struct store_key key = store_key_request(day, request_id, 0);
        struct bytes row;
        TRY(view_get(view, &key, &row));
        if (row.data != NULL) {
            TRY(read_request(view, day, request_id, now_us, row, found, out));
        }
    }
    return OK;
}

static void put_first(struct store_view *view, const struct store_key *key, int64_t now_us,
                      const struct store_request *request, size_t part_count,
                      struct bytes sealed) {
    uint8_t *content = arena_alloc(view->arena, PREFIX_SIZE + sealed.size);
    memcpy(content, request->body.bytes, VAULT_FINGERPRINT_SIZE);
    store_put_u64(content + VAULT_FINGERPRINT_SIZE, (uint64_t)now_us);
    content[VAULT_FINGERPRINT_SIZE + 8] = (uint8_t)(part_count >> 8);
    content[VAULT_FINGERPRINT_SIZE + 9] = (uint8_t)part_count;
    memcpy(content + PREFIX_SIZE, sealed.data, sealed.size);
    view_put(view, key, view_versioned(view, bytes_of(content, PREFIX_SIZE + sealed.size)));
}

struct status store_request_put(struct store_view *view, struct id request_id, int64_t now_us,
                                const struct store_request *request) {
    const uint32_t day = day_of(now_us);
    struct vault_key key;
    TRY(keystore_day_key(view->store->keystore, day, true, &key));
    const struct bytes sealed =
        vault_seal(&key, associated_of(view, request_id), request->response, view->store->random,
                   view->arena);
    vault_wipe(&key);
    const size_t part_count = (sealed.size + PART_SIZE_MAX - 1) / PART_SIZE_MAX;
    assert(part_count >= 1 && part_count <= UINT16_MAX); /* A sealed text is never empty. */
    for (size_t part = 0; part < part_count; part++) {
        const size_t at = part * PART_SIZE_MAX;
        const size_t size = sealed.size - at < PART_SIZE_MAX ? sealed.size - at : PART_SIZE_MAX;
        const struct store_key row_key = store_key_request(day, request_id, (uint16_t)part);
        if (part == 0) {
            put_first(view, &row_key, now_us, request, part_count,
                      bytes_of(sealed.data, size));
        } else {
            view_put(view, &row_key, view_versioned(view, bytes_of(sealed.data + at, size)));
        }
    }
    return OK;
}
