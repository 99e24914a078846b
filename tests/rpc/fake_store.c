/* The store in memory. One mutex guards it all; a write transaction keeps its rows apart until it
 * commits. */

#include "tests/rpc/fake_store.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MAX = 20000, WISHES_MAX = 16, REQUESTS_MAX = 4000 };

struct kept_request {
    struct id id;
    int64_t at_us;
    struct fingerprint body;
    struct bytes response;
};

struct store {
    char workspace[64];
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct status failures[FAKE_STEP_COUNT];
    bool hold;
    bool held;
    bool upkept;
    int64_t follow_us; /* The time of the last step. */
    size_t row_size;
    size_t sweeps_left;
    struct fake_counts counts;
    char *rows[ROWS_MAX]; /* Those behind counts.rows belong to the write transaction. */
    struct kept_request requests[REQUESTS_MAX];
};

struct store_reader {
    struct store *store;
};

struct store_write {
    struct store *store;
    size_t row_count; /* Committed ones, and those applied here. */
    size_t request_count;
};

struct store_view {
    struct store *store;
    struct store_write *write; /* NULL: a snapshot. */
    struct arena *arena;
    size_t row_count;
    size_t wish_count;
    const char *wishes[WISHES_MAX];
    bool has_request;
    struct kept_request request;
};

static void *allocated(void *memory) {
    assert(memory != NULL);
    return memory;
}

struct store *fake_store_new(const char *workspace) {
    struct store *store = allocated(calloc(1, sizeof *store));
    strncpy(store->workspace, workspace, sizeof store->workspace - 1);
    pthread_mutex_init(&store->mutex, NULL);
    pthread_cond_init(&store->changed, NULL);
    for (size_t i = 0; i < FAKE_STEP_COUNT; i++) {
        store->failures[i] = OK;
    }
    return store;
}

void fake_store_free(struct store *store) {
    for (size_t i = 0; i < ROWS_MAX; i++) {
        free(store->rows[i]);
    }
    for (size_t i = 0; i < REQUESTS_MAX; i++) {
        free((void *)(uintptr_t)store->requests[i].response.data);
    }
    pthread_cond_destroy(&store->changed);
    pthread_mutex_destroy(&store->mutex);
    free(store);
}

static void changed(struct store *store) {
    pthread_cond_broadcast(&store->changed);
    pthread_mutex_unlock(&store->mutex);
}

void fake_store_fail(struct store *store, enum fake_step step, struct status status) {
    pthread_mutex_lock(&store->mutex);
    store->failures[step] = status;
    changed(store);
}

void fake_store_hold(struct store *store) {
    pthread_mutex_lock(&store->mutex);
    store->hold = true;
    changed(store);
}

void fake_store_release(struct store *store) {
    pthread_mutex_lock(&store->mutex);
    store->hold = false;
    changed(store);
}

void fake_store_await_held(struct store *store) {
    pthread_mutex_lock(&store->mutex);
    while (!store->held) {
        pthread_cond_wait(&store->changed, &store->mutex);
    }
    pthread_mutex_unlock(&store->mutex);
}

void fake_store_row_size_set(struct store *store, size_t size) {
    pthread_mutex_lock(&store->mutex);
    store->row_size = size;
    changed(store);
}

void fake_store_sweeps_set(struct store *store, size_t count) {
    pthread_mutex_lock(&store->mutex);
    store->sweeps_left = count;
    changed(store);
}

void fake_store_await_upkeep(struct store *store) {
    pthread_mutex_lock(&store->mutex);
    while (!store->upkept) {
        pthread_cond_wait(&store->changed, &store->mutex);
    }
    pthread_mutex_unlock(&store->mutex);
}

struct fake_counts fake_store_counts(struct store *store) {
    pthread_mutex_lock(&store->mutex);
    const struct fake_counts counts = store->counts;
    pthread_mutex_unlock(&store->mutex);
    return counts;
}

const char *fake_store_row(struct store *store, size_t index) {
    pthread_mutex_lock(&store->mutex);
    assert(index < store->counts.rows);
    const char *row = store->rows[index];
    pthread_mutex_unlock(&store->mutex);
    return row;
}

void fake_view_put(struct store_view *view, const char *row) {
    assert(view->wish_count < WISHES_MAX);
    view->wishes[view->wish_count++] = row;
}

size_t fake_view_count(const struct store_view *view) { return view->row_count + view->wish_count; }

static struct status failure(struct store *store, enum fake_step step) {
    pthread_mutex_lock(&store->mutex);
    const struct status status = store->failures[step];
    pthread_mutex_unlock(&store->mutex);
    return status;
}

/* ---- what rpc uses ---- */

const char *store_workspace(const struct store *store) { return store->workspace; }

const char *store_default_region(const struct store *store) {
    (void)store;
    return "";
}

struct status store_reader_open(struct store *store, struct store_reader **out) {
    *out = allocated(calloc(1, sizeof **out));
    (*out)->store = store;
    pthread_mutex_lock(&store->mutex);
    store->counts.readers_opened++;
    pthread_mutex_unlock(&store->mutex);
    return OK;
}

void store_reader_close(struct store_reader *reader) { free(reader); }

static struct store_view *view_new(struct store *store, struct arena *arena) {
    struct store_view *view = arena_alloc(arena, sizeof *view);
    view->store = store;
    view->arena = arena;
    return view;
}

struct status store_view_begin_read(struct store_reader *reader, struct arena *arena,
                                    struct store_view **out) {
    *out = view_new(reader->store, arena);
    (*out)->row_count = fake_store_counts(reader->store).rows;
    return OK;
}

void store_view_end(struct store_view *view) { view->store = NULL; }

void store_view_come_to(struct store_view *view, int64_t now_us) {
    (void)view;
    (void)now_us;
}

struct status store_write_begin(struct store *store, enum store_write_kind kind,
                                struct store_write **out) {
    TRY(failure(store, kind == STORE_WRITE_ERASE ? FAKE_BEGIN_ERASE : FAKE_BEGIN_ORDINARY));
    const struct fake_counts counts = fake_store_counts(store);
    *out = allocated(calloc(1, sizeof **out));
    **out = (struct store_write){store, counts.rows, counts.requests};
    return OK;
}

struct status store_view_begin_write(struct store_write *write, struct arena *arena,
                                     struct store_view **out) {
    *out = view_new(write->store, arena);
    (*out)->write = write;
    (*out)->row_count = write->row_count;
    return OK;
}

static void request_keep(struct store_write *write, const struct kept_request *request) {
    assert(write->request_count < REQUESTS_MAX);
    struct kept_request *kept = &write->store->requests[write->request_count++];
    free((void *)(uintptr_t)kept->response.data); /* Of a transaction that was lost. */
    *kept = *request;
    uint8_t *copy = allocated(malloc(request->response.size + 1));
    if (request->response.size > 0) {
        memcpy(copy, request->response.data, request->response.size);
    }
    kept->response.data = copy;
}

struct status store_view_apply(struct store_view *view, int64_t now_us) {
    struct store_write *write = view->write;
    TRY(failure(view->store, FAKE_APPLY));
    pthread_mutex_lock(&view->store->mutex);
    view->store->counts.apply_us = now_us;
    view->store->counts.apply_followed_us = view->store->follow_us;
    pthread_mutex_unlock(&view->store->mutex);
    for (size_t i = 0; i < view->wish_count; i++) {
        assert(write->row_count < ROWS_MAX);
        free(write->store->rows[write->row_count]);
        write->store->rows[write->row_count++] = allocated(strdup(view->wishes[i]));
    }
    if (view->has_request) {
        request_keep(write, &view->request);
    }
    return OK;
}

struct status store_write_commit(struct store_write *write) {
    struct store *store = write->store;
    pthread_mutex_lock(&store->mutex);
    while (store->hold) {
        store->held = true;
        pthread_cond_broadcast(&store->changed);
        pthread_cond_wait(&store->changed, &store->mutex);
    }
    store->held = false;
    const struct status status = store->failures[FAKE_COMMIT];
    if (status_is_ok(status)) {
        store->counts.rows = write->row_count;
        store->counts.requests = write->request_count;
        store->counts.commits++;
    }
    changed(store);
    free(write);
    return status;
}

void store_write_abort(struct store_write *write) {
    pthread_mutex_lock(&write->store->mutex);
    write->store->counts.aborts++;
    changed(write->store);
    free(write);
}

size_t store_write_size(const struct store_write *write) {
    return (write->row_count - fake_store_counts(write->store).rows) * write->store->row_size;
}

struct status store_request_get(struct store_view *view, struct id request_id, int64_t now_us,
                                bool *found, struct store_request *out) {
    (void)now_us;
    *found = false;
    for (size_t i = 0; i < view->write->request_count && !*found; i++) {
        const struct kept_request *kept = &view->store->requests[i];
        if (id_equal(kept->id, request_id)) {
            *found = true;
            *out = (struct store_request){kept->body, kept->response};
        }
    }
    return OK;
}

struct status store_request_put(struct store_view *view, struct id request_id, int64_t now_us,
                                const struct store_request *request) {
    view->has_request = true;
    view->request = (struct kept_request){request_id, now_us, request->body, request->response};
    return OK;
}

/* FNV-1a, twice. */
struct fingerprint store_fingerprint(const struct store *store, const struct bytes *parts,
                                     size_t count) {
    (void)store;
    struct fingerprint out;
    for (size_t half = 0; half < 2; half++) {
        uint64_t hash = 0xcbf29ce484222325 + half;
        for (size_t i = 0; i < count; i++) {
            for (size_t j = 0; j < parts[i].size; j++) {
                hash = (hash ^ parts[i].data[j]) * 0x100000001b3;
            }
            hash = (hash ^ parts[i].size) * 0x100000001b3;
        }
        memcpy(out.bytes + half * sizeof hash, &hash, sizeof hash);
    }
    return out;
}

struct status store_follow_step(struct store *store, int64_t now_us, int64_t step_us, bool *more,
                                int64_t *next_us) {
    (void)step_us;
    pthread_mutex_lock(&store->mutex);
    store->follow_us = now_us;
    changed(store);
    *more = false;
    *next_us = INT64_MAX;
    return OK;
}

void fake_store_await_followed(struct store *store, int64_t now_us) {
    pthread_mutex_lock(&store->mutex);
    while (store->follow_us != now_us) {
        pthread_cond_wait(&store->changed, &store->mutex);
    }
    pthread_mutex_unlock(&store->mutex);
}

struct status store_backfill_step(struct store *store, int64_t now_us, bool *more) {
    (void)store;
    (void)now_us;
    *more = false;
    return OK;
}

struct status store_sweep(struct store *store, int64_t now_us, size_t max, size_t *deleted) {
    (void)now_us;
    pthread_mutex_lock(&store->mutex);
    store->counts.sweeps++;
    *deleted = store->sweeps_left > 0 ? max : 0;
    store->sweeps_left -= store->sweeps_left > 0 ? 1 : 0;
    changed(store);
    return OK;
}

struct status store_check_readers(struct store *store) {
    pthread_mutex_lock(&store->mutex);
    store->upkept = true;
    changed(store);
    return OK;
}
