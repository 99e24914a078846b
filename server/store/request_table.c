/* Answered writes, so that a retry gets the first answer. They lie by day, so that whole days are
 * swept at once, and their answers are sealed under the key of the day, which is destroyed when the
 * day is over: no backup keeps them readable. An answer lies in as many rows as it needs. */

#include <assert.h>
#include <string.h>

#include "server/base/clock.h"
#include "server/base/limits.h"
#include "server/store/view.h"

enum {
    HEAD_SIZE = VAULT_FINGERPRINT_SIZE + 8 + 4,
    PART_SIZE = 90000,
    SEALED_SIZE_MAX = RESPONSE_SIZE_MAX + VAULT_SEAL_OVERHEAD,
};
static_assert(1 + HEAD_SIZE + PART_SIZE <= ENGINE_VALUE_SIZE_MAX, "a part fits a row");
static_assert(SEALED_SIZE_MAX / PART_SIZE < UINT16_MAX, "parts are numbered in 16 bits");

static uint32_t day_of(int64_t now_us) { return (uint32_t)(now_us / US_PER_DAY); }

/* Binds the answer to its request, day and workspace, and to what stands in clear before it. */
static struct bytes associated_of(struct store_view *view, uint32_t day, struct id request_id,
                                  const struct fingerprint *body, int64_t answer_us) {
    uint8_t clear[VAULT_FINGERPRINT_SIZE + 8];
    memcpy(clear, body->bytes, VAULT_FINGERPRINT_SIZE);
    store_put_u64(clear + VAULT_FINGERPRINT_SIZE, (uint64_t)answer_us);
    const struct store_key key = store_key_request(day, request_id, 0);
    return view_associated(view, store_key_bytes(&key), bytes_of(clear, sizeof clear));
}

/* The size of a part of an answer. */
static size_t part_size(size_t size, uint32_t part) {
    const size_t left = size - (size_t)part * PART_SIZE;
    return left < PART_SIZE ? left : PART_SIZE;
}

/* Body hash, time, size, first part. */
struct status request_head_read(struct bytes row, struct request_head *out) {
    struct bytes content = {NULL, 0};
    TRY(view_unversioned(row, &content));
    if (content.size < HEAD_SIZE) {
        return store_corrupt("a row of the request table is too short");
    }
    struct request_head head = {
        .answer_us = (int64_t)store_get_u64(content.data + VAULT_FINGERPRINT_SIZE),
        .size = store_get_u32(content.data + VAULT_FINGERPRINT_SIZE + 8),
        .first = bytes_of(content.data + HEAD_SIZE, content.size - HEAD_SIZE),
    };
    memcpy(head.body.bytes, content.data, VAULT_FINGERPRINT_SIZE);
    if (head.size < VAULT_SEAL_OVERHEAD || head.size > SEALED_SIZE_MAX ||
        head.first.size != part_size(head.size, 0)) {
        return store_corrupt("a row of the request table has not the size that it says");
    }
    head.part_count = (uint32_t)((head.size + PART_SIZE - 1) / PART_SIZE);
    *out = head;
    return OK;
}

static struct status gather_parts(struct store_view *view, uint32_t day, struct id request_id,
                                  const struct request_head *head, struct bytes *out) {
    if (head->part_count == 1) {
        *out = head->first;
        return OK;
    }
    assert(head->first.data != NULL);
    uint8_t *sealed = arena_alloc(view->arena, head->size);
    memcpy(sealed, head->first.data, head->first.size);
    for (uint32_t part = 1; part < head->part_count; part++) {
        const struct store_key key = store_key_request(day, request_id, (uint16_t)part);
        struct bytes row = {NULL, 0};
        TRY(view_get(view, &key, &row));
        TRY(view_unversioned(row, &row));
        if (row.data == NULL || row.size != part_size(head->size, part)) {
            return store_corrupt("a part of an answer is missing or cut");
        }
        memcpy(sealed + (size_t)part * PART_SIZE, row.data, row.size);
    }
    *out = bytes_of(sealed, head->size);
    return OK;
}

struct status request_response_open(struct store_view *view, uint32_t day, struct id request_id,
                                    const struct request_head *head, bool *found,
                                    struct bytes *out) {
    struct bytes sealed = {NULL, 0};
    TRY(gather_parts(view, day, request_id, head, &sealed));
    struct vault_key key;
    const struct status status = keystore_day_key(view->store->keystore, day, false, &key);
    if (status.code == STATUS_NOT_FOUND) {
        *found = false; /* The day is over: it is as if the answer had never been. */
        return OK;
    }
    TRY(status);
    const struct status opened =
        vault_open(&key, associated_of(view, day, request_id, &head->body, head->answer_us), sealed,
                   view->arena, out);
    vault_wipe(&key);
    *found = status_is_ok(opened);
    if (*found) {
        return OK;
    }
    bool is_second = false; /* Then it lies under the first one, which is gone. */
    TRY(keystore_day_is_second(view->store->keystore, day, &is_second));
    return is_second ? OK : opened;
}

static struct status read_row(struct store_view *view, uint32_t day, struct id request_id,
                              int64_t now_us, struct bytes row, bool *found,
                              struct store_request *out) {
    struct request_head head = {0};
    TRY(request_head_read(row, &head));
    if (now_us - head.answer_us > REQUEST_ID_HOURS * US_PER_HOUR) {
        return OK; /* *found stays false. */
    }
    struct store_request request = {.body = head.body};
    TRY(request_response_open(view, day, request_id, &head, found, &request.response));
    if (*found) {
        *out = request;
    }
    return OK;
}

static struct status get_of_day(struct store_view *view, uint32_t day, struct id request_id,
                                int64_t now_us, bool *found, struct store_request *out) {
    const struct store_key key = store_key_request(day, request_id, 0);
    struct bytes row = {NULL, 0};
    TRY(view_get(view, &key, &row));
    return row.data == NULL ? OK : read_row(view, day, request_id, now_us, row, found, out);
}

/* The first day from this one on that has answers; false where there is none. */
static struct status find_day(struct store_view *view, uint32_t *day, bool *found) {
    const struct store_key table = store_key_table(STORE_TABLE_REQUEST);
    const struct store_key from = store_key_request(*day, (struct id){{0}}, 0);
    struct engine_scan *scan = NULL;
    struct bytes key = {NULL, 0};
    struct bytes value;
    TRY(engine_scan_open(view->txn, store_key_bytes(&table), store_key_bytes(&from),
                         ENGINE_ASCENDING, &scan));
    const struct status status = engine_scan_next(scan, &key, &value);
    *found = key.data != NULL;
    *day = *found ? store_get_u32(key.data + 1) : 0;
    engine_scan_close(scan);
    return status;
}

/* What was answered before the clock was set back lies under later days; few, and mostly none. */
static struct status get_of_later(struct store_view *view, struct id request_id, int64_t now_us,
                                  bool *found, struct store_request *out) {
    uint32_t day = day_of(now_us) + 1;
    bool is_day = false;
    TRY(find_day(view, &day, &is_day));
    while (is_day && !*found) {
        TRY(get_of_day(view, day, request_id, now_us, found, out));
        day++;
        TRY(find_day(view, &day, &is_day));
    }
    return OK;
}

struct status store_request_get(struct store_view *view, struct id request_id, int64_t now_us,
                                bool *found, struct store_request *out) {
    const uint32_t today = day_of(now_us);
    *found = false;
    TRY(get_of_day(view, today, request_id, now_us, found, out));
    if (!*found) {
        TRY(get_of_day(view, today - 1, request_id, now_us, found, out));
    }
    return *found ? OK : get_of_later(view, request_id, now_us, found, out);
}

/* A day that has answers and no key has had one: a clock that was ahead has ended the day. */
static struct status key_take(struct store_view *view, uint32_t day, struct vault_key *out) {
    struct keystore *keystore = view->store->keystore;
    const struct status status = keystore_day_key(keystore, day, false, out);
    if (status.code != STATUS_NOT_FOUND) {
        return status;
    }
    bool has_rows = false;
    uint32_t first_day = day;
    TRY(find_day(view, &first_day, &has_rows));
    return has_rows && first_day == day ? keystore_day_key_again(keystore, day, out)
                                        : keystore_day_key(keystore, day, true, out);
}

/* Of an answer under the first key of a day that now has a second one: it may have had more parts.
 */
static struct status delete_parts(struct store_view *view, uint32_t day, struct id request_id,
                                  uint32_t from) {
    for (uint32_t part = from;; part++) { /* Up to the first that is not there. */
        const struct store_key key = store_key_request(day, request_id, (uint16_t)part);
        struct bytes row = {NULL, 0};
        TRY(view_get(view, &key, &row));
        if (row.data == NULL) {
            return OK;
        }
        view_delete(view, &key);
    }
}

struct status store_request_put(struct store_view *view, struct id request_id, int64_t now_us,
                                const struct store_request *request) {
    assert(request->response.size <= RESPONSE_SIZE_MAX);
    const uint32_t day = day_of(now_us);
    struct vault_key key;
    TRY(key_take(view, day, &key));
    const struct bytes sealed =
        vault_seal(&key, associated_of(view, day, request_id, &request->body, now_us),
                   request->response, view->store->random, view->arena);
    vault_wipe(&key);
    uint8_t head[HEAD_SIZE];
    memcpy(head, request->body.bytes, VAULT_FINGERPRINT_SIZE);
    store_put_u64(head + VAULT_FINGERPRINT_SIZE, (uint64_t)now_us);
    store_put_u32(head + VAULT_FINGERPRINT_SIZE + 8, (uint32_t)sealed.size);
    uint32_t part = 0;
    for (; (size_t)part * PART_SIZE < sealed.size; part++) {
        const size_t head_size = part == 0 ? HEAD_SIZE : 0;
        const size_t size = part_size(sealed.size, part);
        uint8_t *content = arena_alloc(view->arena, head_size + size);
        memcpy(content, head, head_size);
        memcpy(content + head_size, sealed.data + (size_t)part * PART_SIZE, size);
        const struct store_key row_key = store_key_request(day, request_id, (uint16_t)part);
        view_put(view, &row_key, view_versioned(view, bytes_of(content, head_size + size)));
    }
    return delete_parts(view, day, request_id, part);
}
