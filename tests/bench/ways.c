/* Streams by the C client, profilectl as a process, LMDB by itself. */

#include "tests/bench/ways.h"

#include <assert.h>
#include <limits.h>
#include <lmdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "client/profiled_calls.h"
#include "client/sample/said.h"
#include "profiled/v1/change_service.pb-c.h"
#include "profiled/v1/schema_service.pb-c.h"
#include "profiled/v1/segment_service.pb-c.h"
#include "tests/bench/people.h"

enum {
    EVENTS_A_BATCH = 500,
    BATCHES_AHEAD = 2,
    TOKEN_SIZE = 512,
    KEY_SIZE = 17, /* A table's byte, and an id or a hash. */
    ARENA_MAX = 64 << 20,
    LOOK_US = 5000, /* Between two looks at a program that runs. */
    LOOKS = 1024,   /* For which there is more room at a time. */
};

#define MAP_SIZE ((size_t)1 << 40)

static struct {
    const struct process *server;
    const char *directory;
    struct crowd *crowd;
    struct profiled_client *client;
    struct arena arena;
    char token[TOKEN_SIZE]; /* Behind which the first change comes. */
    uint64_t streams;
    uint64_t files;
    MDB_env *env;
    MDB_dbi identities; /* As server/engine/lmdb_rows.c lays them out: a tree for each table. */
    MDB_dbi profiles;
} ways;

static _Noreturn void die(const char *what, const char *why) {
    fprintf(stderr, "%s: %s\n", what, why);
    exit(EXIT_FAILURE);
}

static void check(bool done, const struct profiled_error *error) {
    if (!done) {
        die(profiled_code_name(error->code), error->message);
    }
}

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static struct profiled_stream *stream_open(const ProtobufCServiceDescriptor *service,
                                           const char *method) {
    struct profiled_error error = PROFILED_ERROR_INIT;
    struct profiled_stream *stream =
        profiled_stream_open(ways.client, service, method, NULL, &error);
    check(stream != NULL, &error);
    return stream;
}

static void stream_send(struct profiled_stream *stream, const ProtobufCMessage *message) {
    struct profiled_error error = PROFILED_ERROR_INIT;
    if (!profiled_stream_send(stream, message)) {
        check(profiled_stream_finish(stream, &error), &error);
        die("a stream", "ended early");
    }
}

/* ---- changes ---- */

static struct profiled_stream *watch(void) {
    Profiled__V1__WatchChangesRequest request = PROFILED__V1__WATCH_CHANGES_REQUEST__INIT;
    request.resume_token = ways.token;
    struct profiled_stream *stream =
        stream_open(&profiled__v1__change_service__descriptor, "WatchChanges");
    stream_send(stream, &request.base);
    profiled_stream_half_close(stream);
    return stream;
}

static Profiled__V1__WatchChangesResponse *next_changes(struct profiled_stream *stream) {
    ProtobufCMessage *message = profiled_stream_receive(stream);
    if (message == NULL) {
        struct profiled_error error = PROFILED_ERROR_INIT;
        check(profiled_stream_finish(stream, &error), &error);
        die("WatchChanges", "ended");
    }
    return (Profiled__V1__WatchChangesResponse *)message;
}

static void stop_watching(struct profiled_stream *stream) {
    struct profiled_error error = PROFILED_ERROR_INIT;
    profiled_stream_cancel(stream);
    if (!profiled_stream_finish(stream, &error)) {
        profiled_error_clear(&error);
    }
}

static void keep_token(const Profiled__V1__WatchChangesResponse *response) {
    const size_t size = strlen(response->resume_token);
    assert(size < TOKEN_SIZE);
    if (size > 0) {
        memcpy(ways.token, response->resume_token, size + 1);
    }
}

void ways_watch(uint64_t max, struct load_result *out) {
    *out = (struct load_result){0};
    const uint64_t start_ns = load_now_ns();
    struct profiled_stream *stream = watch();
    for (bool more = true; more;) {
        Profiled__V1__WatchChangesResponse *response = next_changes(stream);
        out->items += response->n_changes;
        more = !response->caught_up && out->items < max;
        profiled_message_free(&response->base);
    }
    out->duration_ns = load_now_ns() - start_ns;
    stop_watching(stream);
}

/* ---- themes ---- */

/* What a theme of the sample has: its sub-themes, each once. */
static void add_sub_themes(Profiled__V1__Theme *theme, struct arena *arena) {
    theme->sub_themes = arena_array(arena, said_count, sizeof *theme->sub_themes);
    for (size_t i = 0; i < said_count; i++) {
        bool is_there = strcmp(said[i].theme, theme->name) != 0;
        for (size_t k = 0; k < theme->n_sub_themes && !is_there; k++) {
            is_there = strcmp(theme->sub_themes[k]->name, said[i].sub_theme) == 0;
        }
        if (!is_there) {
            Profiled__V1__SubTheme *sub_theme = arena_alloc(arena, sizeof *sub_theme);
            profiled__v1__sub_theme__init(sub_theme);
            sub_theme->name = text(said[i].sub_theme);
            theme->sub_themes[theme->n_sub_themes++] = sub_theme;
        }
    }
}

static void make_theme(const char *name) {
    struct profiled_error error = PROFILED_ERROR_INIT;
    ProtobufCMessage *response = NULL;
    Profiled__V1__Theme theme = PROFILED__V1__THEME__INIT;
    Profiled__V1__CreateThemeRequest request = PROFILED__V1__CREATE_THEME_REQUEST__INIT;
    theme.name = text(name);
    add_sub_themes(&theme, &ways.arena);
    request.theme = &theme;
    check(profiled_call(ways.client, &profiled__v1__schema_service__descriptor, "CreateTheme",
                        &request.base, NULL, &response, &error),
          &error);
    profiled_message_free(response);
}

/* Of one theme they stand behind each other. */
static void make_themes(void) {
    for (size_t i = 0; i < said_count; i++) {
        if (i == 0 || strcmp(said[i].theme, said[i - 1].theme) != 0) {
            make_theme(said[i].theme);
        }
    }
}

/* ---- opening ---- */

static void open_store(void) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/workspaces/default", ways.directory);
    MDB_txn *txn = NULL;
    int code = mdb_env_create(&ways.env);
    code = code == 0 ? mdb_env_set_mapsize(ways.env, MAP_SIZE) : code;
    code = code == 0 ? mdb_env_set_maxdbs(ways.env, 2) : code;
    code = code == 0 ? mdb_env_open(ways.env, path, MDB_RDONLY | MDB_NOTLS, 0) : code;
    code = code == 0 ? mdb_txn_begin(ways.env, NULL, MDB_RDONLY, &txn) : code;
    code = code == 0 ? mdb_dbi_open(txn, "I", 0, &ways.identities) : code;
    code = code == 0 ? mdb_dbi_open(txn, "P", 0, &ways.profiles) : code;
    code = code == 0 ? mdb_txn_commit(txn) : code; /* So that the handles stay. */
    if (code != 0) {
        die("the store", mdb_strerror(code));
    }
}

void ways_open(const struct process *server, const char *directory, struct crowd *crowd) {
    struct profiled_error error = PROFILED_ERROR_INIT;
    ways.server = server;
    ways.directory = directory;
    ways.crowd = crowd;
    arena_init(&ways.arena, ARENA_MAX);
    ways.client = profiled_connect(server->address, NULL, &error);
    check(ways.client != NULL, &error);
    make_themes();
    open_store();
    struct profiled_stream *stream = watch();
    Profiled__V1__WatchChangesResponse *response = next_changes(stream);
    keep_token(response);
    profiled_message_free(&response->base);
    stop_watching(stream);
}

void ways_close(void) {
    mdb_env_close(ways.env);
    profiled_disconnect(ways.client);
    arena_free(&ways.arena);
}

/* ---- interactions ---- */

static void send_events(struct profiled_stream *stream, int64_t first) {
    Profiled__V1__InteractionBatch batch = PROFILED__V1__INTERACTION_BATCH__INIT;
    Profiled__V1__StreamInteractionsRequest request =
        PROFILED__V1__STREAM_INTERACTIONS_REQUEST__INIT;
    arena_reset(&ways.arena);
    batch.n_interactions = EVENTS_A_BATCH;
    batch.interactions = arena_array(&ways.arena, EVENTS_A_BATCH, sizeof *batch.interactions);
    for (int64_t i = 0; i < EVENTS_A_BATCH; i++) {
        Profiled__V1__SequencedInteraction *told = arena_alloc(&ways.arena, sizeof *told);
        profiled__v1__sequenced_interaction__init(told);
        told->sequence = first + i;
        told->interaction_record = row_interaction(ways.crowd, &ways.arena);
        batch.interactions[i] = told;
    }
    request.payload_case = PROFILED__V1__STREAM_INTERACTIONS_REQUEST__PAYLOAD_BATCH;
    request.batch = &batch;
    stream_send(stream, &request.base);
}

static Profiled__V1__StreamInteractionsResponse *next_ack(struct profiled_stream *stream) {
    struct profiled_error error = PROFILED_ERROR_INIT;
    ProtobufCMessage *message = profiled_stream_receive(stream);
    if (message == NULL) {
        check(profiled_stream_finish(stream, &error), &error);
        die("StreamInteractions", "ended");
    }
    return (Profiled__V1__StreamInteractionsResponse *)message;
}

void ways_stream_events(uint64_t count, struct load_result *out) {
    uint64_t sent_ns[BATCHES_AHEAD];
    char id[32];
    const uint64_t batches = (count + EVENTS_A_BATCH - 1) / EVENTS_A_BATCH;
    Profiled__V1__InteractionStreamHeader header = PROFILED__V1__INTERACTION_STREAM_HEADER__INIT;
    Profiled__V1__StreamInteractionsRequest request =
        PROFILED__V1__STREAM_INTERACTIONS_REQUEST__INIT;
    *out = (struct load_result){0};
    snprintf(id, sizeof id, "bench-%llu", (unsigned long long)ways.streams++);
    header.stream_id = id;
    header.source = text("bench");
    request.payload_case = PROFILED__V1__STREAM_INTERACTIONS_REQUEST__PAYLOAD_HEADER;
    request.header = &header;
    struct profiled_stream *stream =
        stream_open(&profiled__v1__interaction_service__descriptor, "StreamInteractions");
    stream_send(stream, &request.base);
    const uint64_t start_ns = load_now_ns();
    uint64_t sent = 0;
    while (out->calls < batches) {
        while (sent < batches && sent - out->calls < BATCHES_AHEAD) {
            sent_ns[sent % BATCHES_AHEAD] = load_now_ns();
            send_events(stream, (int64_t)(sent * EVENTS_A_BATCH) + 1);
            sent++;
        }
        Profiled__V1__StreamInteractionsResponse *response = next_ack(stream);
        if (response->payload_case == PROFILED__V1__STREAM_INTERACTIONS_RESPONSE__PAYLOAD_ACK) {
            histogram_add(&out->latency, load_now_ns() - sent_ns[out->calls++ % BATCHES_AHEAD]);
            out->failures = (uint64_t)response->ack->counts->failed;
            out->items = out->calls * EVENTS_A_BATCH - out->failures;
        }
        profiled_message_free(&response->base);
    }
    out->duration_ns = load_now_ns() - start_ns;
    profiled_stream_half_close(stream);
    struct profiled_error error = PROFILED_ERROR_INIT;
    check(profiled_stream_finish(stream, &error), &error);
}

/* ---- segments ---- */

void ways_preview(uint64_t duration_ns, struct load_result *out) {
    Profiled__V1__PreviewSegmentRequest request = PROFILED__V1__PREVIEW_SEGMENT_REQUEST__INIT;
    request.filter = text("attributes.city = \"Riyadh\" AND attributes.gender = \"female\" AND "
                          "attributes.language = \"ar\"");
    *out = (struct load_result){0};
    const uint64_t start_ns = load_now_ns();
    for (uint64_t now_ns = start_ns; now_ns < start_ns + duration_ns; now_ns = load_now_ns()) {
        struct profiled_error error = PROFILED_ERROR_INIT;
        struct profiled_stream *stream =
            stream_open(&profiled__v1__segment_service__descriptor, "PreviewSegment");
        stream_send(stream, &request.base);
        profiled_stream_half_close(stream);
        for (ProtobufCMessage *message = profiled_stream_receive(stream); message != NULL;
             message = profiled_stream_receive(stream)) {
            profiled_message_free(message);
        }
        check(profiled_stream_finish(stream, &error), &error);
        histogram_add(&out->latency, load_now_ns() - now_ns);
        out->items = ++out->calls;
    }
    out->duration_ns = load_now_ns() - start_ns;
}

/* ---- files ---- */

/* profilectl lies two directories from here, in Bazel's output as in its runfiles. */
static void profilectl_path(char out[PATH_MAX]) {
    const ssize_t size = readlink("/proc/self/exe", out, PATH_MAX - 1);
    static const char there[] = "client/profilectl";
    if (size < 0) {
        die("/proc/self/exe", "can't be read");
    }
    out[size] = '\0';
    for (int i = 0; i < 3; i++) {
        *strrchr(out, '/') = '\0';
    }
    const size_t used = strlen(out);
    if (used + 1 + sizeof there > PATH_MAX) {
        die(out, "is too long");
    }
    out[used] = '/';
    memcpy(out + used + 1, there, sizeof there);
}

static void file_path(char out[PATH_MAX], uint64_t number) {
    snprintf(out, PATH_MAX, "%s.%llu.csv", ways.directory, (unsigned long long)number);
}

static void write_file(const char *path, uint64_t rows) {
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        die(path, "can't be written");
    }
    people_csv_header(file);
    for (uint64_t i = 0; i < rows; i++) {
        people_csv_line(file, ways.crowd->next++);
    }
    if (fclose(file) != 0) {
        die(path, "can't be written");
    }
}

int ways_import_csv_start(uint64_t rows) {
    char program[PATH_MAX];
    char path[PATH_MAX];
    profilectl_path(program);
    file_path(path, ways.files++);
    write_file(path, rows);
    const pid_t pid = fork();
    if (pid == 0) {
        const char *const arguments[] = {
            program, "import", path, "--server", ways.server->address, "--output", "json", NULL};
        if (freopen("/dev/null", "w", stdout) != NULL &&
            freopen("/dev/null", "w", stderr) != NULL) {
            execv(program, (char *const *)(uintptr_t)arguments);
        }
        _exit(127);
    }
    return pid;
}

static uint64_t ns_of(struct timeval time) {
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_usec * 1000;
}

/* Memory over time: most by the end, and most by a quarter of it. */
struct memory_watch {
    size_t count;
    uint64_t *most; /* So far, at each look. */
};

static void look(struct memory_watch *watch, uint64_t bytes) {
    const uint64_t before = watch->count == 0 ? 0 : watch->most[watch->count - 1];
    if (watch->count % LOOKS == 0) {
        watch->most = realloc(watch->most, (watch->count + LOOKS) * sizeof *watch->most);
        assert(watch->most != NULL);
    }
    watch->most[watch->count++] = bytes > before ? bytes : before;
}

static void look_ends(struct memory_watch *watch, uint64_t *first, uint64_t *all) {
    *first = watch->count == 0 ? 0 : watch->most[watch->count / 4];
    *all = watch->count == 0 ? 0 : watch->most[watch->count - 1];
    free(watch->most);
}

/* Waits until the import has ended, and removes its file. */
static void finish_import(int pid, struct ways_csv *out) {
    struct rusage usage;
    char path[PATH_MAX];
    int status = 0;
    int ended = 0;
    struct memory_watch client = {0};
    struct memory_watch server = {0};
    while ((ended = wait4(pid, &status, WNOHANG, &usage)) == 0) {
        usleep(LOOK_US); /* At once it would be what we had when it was forked. */
        look(&client, process_memory(pid, "RssAnon"));
        look(&server, process_memory(ways.server->pid, "RssAnon"));
    }
    look_ends(&client, &out->client_memory_first, &out->client_memory);
    look_ends(&server, &out->server_memory_first, &out->server_memory);
    if (ended != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        die("profilectl import", "failed");
    }
    out->client_cpu_ns = ns_of(usage.ru_utime) + ns_of(usage.ru_stime);
    file_path(path, ways.files - 1);
    unlink(path);
}

void ways_import_csv_wait(int pid) {
    struct ways_csv csv = {.rows = 0};
    finish_import(pid, &csv);
}

void ways_import_csv(uint64_t rows, struct ways_csv *out) {
    const int pid = ways_import_csv_start(rows);
    const uint64_t start_ns = load_now_ns();
    *out = (struct ways_csv){.rows = rows};
    finish_import(pid, out);
    out->duration_ns = load_now_ns() - start_ns;
}

/* ---- the store ---- */

static uint64_t thread_cpu_ns(void) {
    struct timespec used;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return (uint64_t)used.tv_sec * 1000000000 + (uint64_t)used.tv_nsec;
}

/* The first identity behind a place; false where there is none. */
static bool find_identity(MDB_cursor *cursor, uint64_t place, MDB_val *profile) {
    uint8_t bytes[KEY_SIZE] = {'I'};
    memcpy(bytes + 1, &place, sizeof place);
    MDB_val key = {sizeof bytes, bytes};
    return mdb_cursor_get(cursor, &key, profile, MDB_SET_RANGE) == 0 &&
           *(const uint8_t *)key.mv_data == 'I' && profile->mv_size == KEY_SIZE - 1;
}

/* An identity by chance, and its profile. Behind the last one comes the first. */
static bool read_one(MDB_txn *txn, MDB_cursor *cursor) {
    uint8_t profile[KEY_SIZE]; /* Its id, and 0 for its own row. */
    MDB_val value;
    (void)crowd_anybody(ways.crowd);
    if (!find_identity(cursor, ways.crowd->random, &value) && !find_identity(cursor, 0, &value)) {
        return false;
    }
    memcpy(profile, value.mv_data, KEY_SIZE - 1);
    profile[KEY_SIZE - 1] = 0;
    MDB_val key = {sizeof profile, profile};
    return mdb_get(txn, ways.profiles, &key, &value) == 0 && value.mv_size > 0;
}

void ways_read_store(uint64_t duration_ns, struct load_result *out, uint64_t *cpu_ns) {
    MDB_txn *txn = NULL;
    MDB_cursor *cursor = NULL;
    *out = (struct load_result){0};
    if (mdb_txn_begin(ways.env, NULL, MDB_RDONLY, &txn) != 0 ||
        mdb_cursor_open(txn, ways.identities, &cursor) != 0) {
        die("the store", "can't be read");
    }
    const uint64_t cpu_start_ns = thread_cpu_ns();
    const uint64_t start_ns = load_now_ns();
    for (uint64_t now_ns = start_ns; now_ns < start_ns + duration_ns;) {
        mdb_txn_reset(txn);
        if (mdb_txn_renew(txn) != 0 || mdb_cursor_renew(txn, cursor) != 0) {
            die("the store", "can't be read");
        }
        if (!read_one(txn, cursor)) {
            die("the store", "has no profile of an identity");
        }
        out->items = ++out->calls;
        const uint64_t end_ns = load_now_ns();
        histogram_add(&out->latency, end_ns - now_ns);
        now_ns = end_ns;
    }
    out->duration_ns = load_now_ns() - start_ns;
    *cpu_ns = thread_cpu_ns() - cpu_start_ns;
    mdb_cursor_close(cursor);
    mdb_txn_abort(txn);
}
