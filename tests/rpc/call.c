/* The fixture of the handlers' tests. What calls answer is kept in a list until the end, so that a
 * test frees nothing. */

#include "tests/rpc/call.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/segment/membership_verify.h"
#include "server/store/segment.h"
#include "server/store/store.h"
#include "server/store/verify.h"
#include "server/vault/vault.h"
#include "tests/engine/leaks.h"
#include "tests/engine/scratch.h"
#include "tests/engine/seeded.h"
#include "tests/rpc/caller.h"

enum { WORKSPACES = 2, MAP_SIZE = 256 << 20, PATH_SIZE_MAX = 4096 };

static const char *const workspaces[WORKSPACES] = {"default", "other"};

/* A call that was made, with all that it answered. */
struct made {
    struct made *next;
    struct caller caller;
};

struct call_fixture {
    profile_terms_fn *terms;
    const struct store_trait_filters *trait_filters;
    const struct store_follower *follower;
    size_t backfill_max;
    char region[8];
    uint8_t tilde;                /* What stands for `~`. */
    pthread_mutex_t random_mutex; /* Writers of two workspaces draw from one source. */
    struct seeded seeded;
    struct random random;
    struct vault_key root;
    struct store *stores[WORKSPACES];
    struct rpc_host *host;
    struct made *made; /* The last one first. */
};

/* The clock has no argument: one for the process, which is one test's. */
static _Atomic int64_t clock_us;

static _Atomic int64_t monotonic;
static _Atomic int64_t monotonic_step;

void call_step_set(int64_t step_us) { atomic_store(&monotonic_step, step_us); }

static int64_t monotonic_us(void) {
    return atomic_fetch_add(&monotonic, atomic_load(&monotonic_step));
}

static int64_t now_us(void) { return atomic_load(&clock_us); }

/* ---- the follower, whose steps are counted ---- */

enum { STEP_US = 5000 }; /* As the writer's, where nobody writes. */

static const struct store_follower *followed;
static _Atomic int64_t steps_allowed;

void call_steps_allow(int64_t count) { atomic_store(&steps_allowed, count); }

static struct status follow(void **state, struct store_view *view, int64_t at_us) {
    return followed->follow(state, view, at_us);
}

static struct status follow_step(struct store *store, void **state, int64_t at_us, int64_t step_us,
                                 bool *more, int64_t *next_us) {
    if (atomic_load(&steps_allowed) <= 0) {
        *more = false;
        *next_us = INT64_MAX;
        return OK;
    }
    TRY(followed->step(store, state, at_us, step_us, more, next_us));
    atomic_fetch_sub(&steps_allowed, *more ? 1 : 0); /* There was something to do. */
    return OK;
}

static struct status follow_anew(void **state, struct store_view *view, int64_t at_us) {
    return followed->anew(state, view, at_us);
}

static void follow_close(void *state) { followed->close(state); }

static const struct store_follower follower_counted = {
    .follow = follow, .anew = follow_anew, .step = follow_step, .close = follow_close};

static void fill(void *state, uint8_t *out, size_t size) {
    struct call_fixture *fixture = state;
    pthread_mutex_lock(&fixture->random_mutex);
    seeded_fill(&fixture->seeded, out, size);
    pthread_mutex_unlock(&fixture->random_mutex);
}

static void expect_ok(struct status status) {
    if (!status_is_ok(status)) {
        fprintf(stderr, "%s: %s\n", error_reason_name(status.reason), status.text);
        abort();
    }
}

static void directory_of(const char *kind, const char *workspace, char out[PATH_SIZE_MAX]) {
    char name[64];
    snprintf(name, sizeof name, "%s-%s", kind, workspace);
    const int size = snprintf(out, PATH_SIZE_MAX, "%s", scratch_path(name));
    assert(size > 0 && size < PATH_SIZE_MAX);
}

static struct store *open_store(struct call_fixture *fixture, const char *workspace,
                                bool read_only) {
    char data[PATH_SIZE_MAX];
    char keys[PATH_SIZE_MAX];
    directory_of("data", workspace, data);
    directory_of("keys", workspace, keys);
    const struct store_options options = {
        .data_directory = data,
        .keys_directory = keys,
        .workspace = workspace,
        .root = &fixture->root,
        .random = &fixture->random,
        .terms = fixture->terms,
        .trait_filters = fixture->trait_filters,
        .follower = fixture->follower == NULL ? NULL : &follower_counted,
        .backfill_max = fixture->backfill_max,
        .default_region = fixture->region,
        .map_size = MAP_SIZE,
        .monotonic_us = monotonic_us,
        .create = !read_only,
        .read_only = read_only,
    };
    struct store *store = NULL;
    expect_ok(store_open(&options, &store));
    return store;
}

static void parts_open(struct call_fixture *fixture) {
    for (size_t i = 0; i < WORKSPACES; i++) {
        fixture->stores[i] = open_store(fixture, workspaces[i], false);
    }
    const struct rpc_host_options options = {
        .stores = fixture->stores,
        .store_count = WORKSPACES,
        .random = &fixture->random,
        .now_us = now_us,
    };
    expect_ok(rpc_host_open(&options, &fixture->host));
}

static void parts_close(struct call_fixture *fixture) {
    rpc_host_close(fixture->host);
    for (size_t i = 0; i < WORKSPACES; i++) {
        store_close(fixture->stores[i]);
    }
}

struct call_fixture *call_open(profile_terms_fn *terms, const struct store_trait_filters *filters,
                               const struct store_follower *follower) {
    expect_ok(vault_init());
    struct call_fixture *fixture = calloc(1, sizeof *fixture);
    assert(fixture != NULL);
    fixture->tilde = '~';
    scratch_open();
    fixture->terms = terms;
    fixture->trait_filters = filters;
    fixture->follower = follower;
    followed = follower;
    call_steps_allow(INT64_MAX);
    fixture->random = (struct random){fill, fixture};
    pthread_mutex_init(&fixture->random_mutex, NULL);
    memset(fixture->root.bytes, 0x5a, sizeof fixture->root.bytes);
    call_time_set(fixture, CALL_START_US);
    parts_open(fixture);
    return fixture;
}

void call_reopen(struct call_fixture *fixture) {
    parts_close(fixture);
    parts_open(fixture);
}

void call_backfill_set(struct call_fixture *fixture, size_t backfill_max) {
    fixture->backfill_max = backfill_max;
}

void call_sweep(struct call_fixture *fixture) {
    enum { ROWS = 100 };
    parts_close(fixture);
    struct store *store = open_store(fixture, workspaces[0], false);
    for (size_t deleted = ROWS; deleted == ROWS;) {
        expect_ok(store_sweep(store, now_us(), ROWS, &deleted));
    }
    for (bool more = true; more;) {
        int64_t next_us = 0;
        expect_ok(store_follow_step(store, now_us(), STEP_US, &more, &next_us));
    }
    store_close(store);
    parts_open(fixture);
}

static int64_t due_first_us(struct store *store) {
    struct store_reader *reader = NULL;
    struct store_view *view = NULL;
    struct arena arena;
    int64_t first_us = 0;
    arena_init(&arena, 1 << 20);
    expect_ok(store_reader_open(store, &reader));
    expect_ok(store_view_begin_read(reader, &arena, &view));
    expect_ok(store_segment_due_first(view, &first_us));
    store_view_end(view);
    store_reader_close(reader);
    arena_free(&arena);
    return first_us;
}

void call_dues(struct call_fixture *fixture) {
    const int64_t allowed = atomic_load(&steps_allowed);
    parts_close(fixture);
    struct store *store = open_store(fixture, workspaces[0], false);
    call_steps_allow(0);
    for (bool more = true; more;) { /* Where the clock was set back. */
        int64_t next_us = 0;
        expect_ok(store_follow_step(store, now_us(), STEP_US, &more, &next_us));
    }
    call_steps_allow(INT64_MAX);
    while (due_first_us(store) <= now_us()) {
        bool more = false;
        int64_t next_us = 0;
        expect_ok(store_follow_step(store, now_us(), STEP_US, &more, &next_us));
        assert(more); /* What is due comes first. */
    }
    call_steps_allow(allowed);
    store_close(store);
    parts_open(fixture);
}

void call_unmake_channels(struct call_fixture *fixture) {
    parts_close(fixture);
    struct store *store = open_store(fixture, workspaces[0], false);
    struct store_write *write = NULL;
    struct store_view *view = NULL;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    expect_ok(store_write_begin(store, STORE_WRITE_ORDINARY, &write));
    expect_ok(store_view_begin_write(write, &arena, &view));
    expect_ok(store_channels_put(view, bytes_of(NULL, 0)));
    expect_ok(store_view_apply(view, now_us()));
    expect_ok(store_write_commit(write));
    arena_free(&arena);
    store_close(store);
    parts_open(fixture);
}

static void print_problem(void *state, const struct verify_problem *problem) {
    (void)state;
    fprintf(stderr, "%s %s: %s\n", problem->table, problem->key, problem->what);
}

uint64_t call_verify(struct call_fixture *fixture) {
    parts_close(fixture);
    struct store *store = open_store(fixture, workspaces[0], true);
    struct verify_result result;
    expect_ok(store_verify(store, &(struct verify_sink){print_problem, NULL}, &result));
    struct membership_verify_result members = {0};
    if (fixture->follower != NULL && result.problems == 0) {
        expect_ok(membership_verify(store, &(struct verify_sink){print_problem, NULL}, &members));
    }
    store_close(store);
    parts_open(fixture);
    return result.problems + members.problem_count;
}

void call_forget(struct call_fixture *fixture) {
    while (fixture->made != NULL) {
        struct made *made = fixture->made;
        fixture->made = made->next;
        caller_free(&made->caller);
        free(made);
    }
}

void call_end(struct call_fixture *fixture) {
    parts_close(fixture);
    call_forget(fixture);
    pthread_mutex_destroy(&fixture->random_mutex);
    free(fixture);
    scratch_close();
}

void call_close(struct call_fixture *fixture) {
    call_end(fixture);
    leaks_check();
}

void call_time_set(struct call_fixture *fixture, int64_t time_us) {
    (void)fixture;
    atomic_store(&clock_us, time_us);
}

void call_tilde_set(struct call_fixture *fixture, uint8_t byte) { fixture->tilde = byte; }

static void put_tildes(const struct call_fixture *fixture, uint8_t *bytes, size_t size) {
    for (size_t i = 0; i < size && fixture->tilde != '~'; i++) {
        bytes[i] = bytes[i] == '~' ? fixture->tilde : bytes[i];
    }
}

void call_region_set(struct call_fixture *fixture, const char *region) {
    const int size = snprintf(fixture->region, sizeof fixture->region, "%s", region);
    assert(size >= 0 && (size_t)size < sizeof fixture->region);
}

static const struct answer *submit(struct call_fixture *fixture, const char *workspace_name,
                                   struct rpc_stream *stream, const struct rpc_method *method,
                                   const ProtobufCMessage *request, ProtobufCMessage **response) {
    struct rpc_workspace *workspace =
        rpc_workspace_find(fixture->host, bytes_of_string(workspace_name));
    assert(workspace != NULL);
    struct made *made = calloc(1, sizeof *made);
    assert(made != NULL);
    made->next = fixture->made;
    fixture->made = made;

    caller_pack(&made->caller, workspace, method, request);
    put_tildes(fixture, made->caller.request, made->caller.call->request.size);
    made->caller.call->stream = stream;
    caller_start(&made->caller);
    const struct answer *answer = caller_await(&made->caller);
    if (response != NULL) {
        *response = made->caller.response;
    }
    return answer;
}

const struct answer *call_in(struct call_fixture *fixture, const char *workspace,
                             const struct rpc_service *service, const char *method,
                             const ProtobufCMessage *request, ProtobufCMessage **response) {
    return submit(fixture, workspace, NULL, caller_method(service, method), request, response);
}

const struct answer *call(struct call_fixture *fixture, const struct rpc_service *service,
                          const char *method, const ProtobufCMessage *request,
                          ProtobufCMessage **response) {
    return call_in(fixture, workspaces[0], service, method, request, response);
}

const struct answer *call_stream_in(struct call_fixture *fixture, const char *workspace,
                                    struct rpc_stream *stream, const struct rpc_service *service,
                                    const char *method, const ProtobufCMessage *request,
                                    ProtobufCMessage **response) {
    return submit(fixture, workspace, stream, caller_method(service, method), request, response);
}

const struct answer *call_stream(struct call_fixture *fixture, struct rpc_stream *stream,
                                 const struct rpc_service *service, const char *method,
                                 const ProtobufCMessage *request, ProtobufCMessage **response) {
    return call_stream_in(fixture, workspaces[0], stream, service, method, request, response);
}

bool call_more(const struct call_fixture *fixture) { return fixture->made->caller.call->more; }

void call_end_feeds(struct call_fixture *fixture) { rpc_host_end_feeds(fixture->host); }

struct bytes call_response_bytes(const struct call_fixture *fixture) {
    for (const struct made *made = fixture->made; made != NULL; made = made->next) {
        if (made->caller.answer.code == STATUS_OK) {
            return made->caller.call->response;
        }
    }
    assert(false && "no call has succeeded");
    return bytes_of(NULL, 0);
}

bool call_data_has(struct call_fixture *fixture, const char *text) {
    (void)fixture;
    char path[PATH_SIZE_MAX];
    directory_of("data", workspaces[0], path);
    strncat(path, "/data.mdb", sizeof path - strlen(path) - 1);
    FILE *file = fopen(path, "rb");
    assert(file != NULL);
    static char buffer[1 << 16];
    bool found = false;
    size_t kept = 0; /* The end of what was read before: the text may lie across. */
    for (size_t size = fread(buffer, 1, sizeof buffer, file); size > 0 && !found;
         size = fread(buffer + kept, 1, sizeof buffer - kept, file)) {
        found = memmem(buffer, kept + size, text, strlen(text)) != NULL;
        const size_t all = kept + size;
        kept = all < strlen(text) ? all : strlen(text);
        memmove(buffer, buffer + all - kept, kept);
    }
    fclose(file);
    return found;
}

/* Four hashes at a time, which do not wait for each other, and no sanitizer looks on: this is most
 * of what tests do. */
__attribute__((no_sanitize("address", "undefined"))) static void
hash_words(uint64_t hashes[4], const uint64_t *words, size_t count) {
    const uint64_t factor = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t a = hashes[0];
    uint64_t b = hashes[1];
    uint64_t c = hashes[2];
    uint64_t d = hashes[3];
    for (size_t i = 0; i < count; i += 4) {
        a = (a ^ words[i]) * factor;
        b = (b ^ words[i + 1]) * factor;
        c = (c ^ words[i + 2]) * factor;
        d = (d ^ words[i + 3]) * factor;
        a ^= a >> 32; /* A product hands nothing down. */
        b ^= b >> 32;
        c ^= c >> 32;
        d ^= d >> 32;
    }
    hashes[0] = a;
    hashes[1] = b;
    hashes[2] = c;
    hashes[3] = d;
}

/* FNV-1a of the whole file, but of words. */
uint64_t call_data_hash(struct call_fixture *fixture) {
    (void)fixture;
    char path[PATH_SIZE_MAX];
    directory_of("data", workspaces[0], path);
    strncat(path, "/data.mdb", sizeof path - strlen(path) - 1);
    FILE *file = fopen(path, "rb");
    assert(file != NULL);
    uint64_t hashes[] = {1, 2, 3, 4};
    static uint64_t buffer[1 << 13];
    for (size_t count = fread(buffer, sizeof *buffer, 1 << 13, file); count > 0;
         count = fread(buffer, sizeof *buffer, 1 << 13, file)) {
        assert(count % 4 == 0); /* The file is one of whole pages. */
        hash_words(hashes, buffer, count);
    }
    assert(!ferror(file));
    (void)fclose(file); /* It was only read. */
    uint64_t hash = 0;
    for (size_t i = 0; i < 4; i++) {
        hash = (hash ^ hashes[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}
