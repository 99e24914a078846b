/* A stream of interactions that is killed and resumed. `profilectl interaction import` brings a
 * file while the server is killed under it, and now and then the client as well; each goes on where
 * it was. Each kill comes in the middle: after answers on this connection, and with more rows to
 * come than can be on their way. When all of a file is in, every event must be there exactly once,
 * and another file begins. */

#include <assert.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/crash/events.h"
#include "tests/crash/options.h"
#include "tests/crash/steps.h"
#include "tests/engine/scratch.h"
#include "tests/engine/seeded.h"
#include "tests/server/program.h"
#include "tests/server/server.h"

#define PROFILECTL_PROGRAM "client/profilectl"

enum {
    EVENTS = 10000, /* Of one file. */
    PEOPLE = 50,
    BATCH_MIN = 20,
    BATCH_MAX = 200,
    REST_MIN = 2500,        /* Events left at a kill: more than eight batches and a pipe hold. */
    TOLD_SIZE_MAX = 100000, /* Bytes of verdicts before the next kill: some 200 events. */
    KILL_US_MAX = 20000,    /* Behind them. */
    KILL_CLIENT_ONE_IN = 4,
    KILL_AT_START_ONE_IN = 8,
    QUIET_MS = 50, /* In which a client tells what it knows. */
    LINE_SIZE = 32,
    PATH_SIZE_MAX = 256,
    CODE_UNAVAILABLE = 64 + 14, /* The client gave up: the same command goes on. */
};

struct stream {
    struct seeded seeded;
    char data[PATH_SIZE_MAX];
    char file[PATH_SIZE_MAX];
    char address[SERVER_ADDRESS_SIZE_MAX]; /* Of the first server, and so of all of them. */
    struct server server;
    int client;           /* Its process; 0 for none. */
    int verdicts;         /* What it tells, */
    char line[LINE_SIZE]; /* the beginning of the present line of that, */
    size_t line_size;
    int64_t told; /* and the last row that it told. */
    int64_t kills;
    int64_t client_kills;
    int64_t client_runs;
};

static bool serve(struct stream *stream) {
    const char *const same_address[] = {"--listen", stream->address, NULL};
    const bool again = stream->address[0] != '\0';
    if (again && seeded_below(&stream->seeded, KILL_AT_START_ONE_IN) == 0) {
        server_launch(&stream->server, stream->data, same_address);
        steps_wait_us(seeded_below(&stream->seeded, KILL_US_MAX));
        server_kill(&stream->server);
    }
    if (!server_start(&stream->server, stream->data, again ? same_address : NULL)) {
        fprintf(stderr, "crash: the server does not start\n%s", stream->server.log);
        return false;
    }
    if (!again) {
        snprintf(stream->address, sizeof stream->address, "%s", stream->server.address);
    }
    return true;
}

/* Starts the client, or the next one, which takes the stream up where it is. */
static void client_start(struct stream *stream) {
    char batch[16];
    snprintf(batch, sizeof batch, "%zu",
             BATCH_MIN + seeded_below(&stream->seeded, BATCH_MAX - BATCH_MIN + 1));
    const char *const arguments[] = {PROFILECTL_PROGRAM,
                                     "interaction",
                                     "import",
                                     stream->file,
                                     "--source",
                                     "crash",
                                     "--batch",
                                     batch,
                                     "--verdicts",
                                     "-",
                                     "--server",
                                     stream->address,
                                     NULL};
    int fds[2];
    const int failed = pipe2(fds, O_CLOEXEC);
    assert(failed == 0);
    const int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);
    stream->client = program_start(arguments, -1, fds[1], nothing);
    stream->verdicts = fds[0];
    stream->line_size = 0;
    stream->client_runs++;
    close(nothing);
    close(fds[1]);
}

/* Takes the row out of each line that ends here. */
static void note_rows(struct stream *stream, const char *bytes, size_t size) {
    static const char begin[] = "{\"row\":";
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != '\n') {
            if (stream->line_size < LINE_SIZE - 1) {
                stream->line[stream->line_size++] = bytes[i];
            }
            continue;
        }
        stream->line[stream->line_size] = '\0';
        stream->line_size = 0;
        if (strncmp(stream->line, begin, sizeof begin - 1) == 0) {
            stream->told = strtoll(stream->line + sizeof begin - 1, NULL, 10);
        }
    }
}

/* Reads what the client tells, `size` bytes of it. False when it has ended. */
static bool client_read(struct stream *stream, size_t size) {
    static char bytes[1 << 12];
    while (size > 0) {
        const ssize_t got =
            read(stream->verdicts, bytes, size < sizeof bytes ? size : sizeof bytes);
        assert(got >= 0);
        if (got == 0) {
            return false;
        }
        note_rows(stream, bytes, (size_t)got);
        size -= (size_t)got;
    }
    return true;
}

/* Reads all that the client has to tell of a connection that is gone: what comes later came over
 * another one. */
static void client_quiet(struct stream *stream) {
    struct pollfd wanted = {.fd = stream->verdicts, .events = POLLIN};
    while (poll(&wanted, 1, QUIET_MS) > 0 && client_read(stream, 1)) {
    }
}

static int client_end(struct stream *stream) {
    while (client_read(stream, SIZE_MAX)) {
    }
    close(stream->verdicts);
    const int code = program_wait(stream->client);
    stream->client = 0;
    return code;
}

/* Kills the server while the client streams. False when there is no middle any more. */
static bool kill_in_the_middle(struct stream *stream) {
    if (!client_read(stream, 1 + seeded_below(&stream->seeded, TOLD_SIZE_MAX)) ||
        stream->told > EVENTS - REST_MIN) {
        return false;
    }
    steps_wait_us(seeded_below(&stream->seeded, KILL_US_MAX));
    server_kill(&stream->server);
    stream->kills++;
    if (seeded_below(&stream->seeded, KILL_CLIENT_ONE_IN) == 0) {
        kill(stream->client, SIGKILL);
        stream->client_kills++;
    }
    client_quiet(stream);
    return true;
}

/* Ends what the client did. True when the file is in; otherwise another one has begun. */
static bool client_is_done(struct stream *stream, bool *good) {
    const int code = client_end(stream);
    if (code == 0) {
        return true;
    }
    *good = code == CODE_UNAVAILABLE || code == 128 + SIGKILL;
    if (!*good) {
        fprintf(stderr, "crash: the client ends with %d\n", code);
        return true;
    }
    client_start(stream);
    return false;
}

/* Brings a file, until all of it is in. The server is killed as long as kills are wanted. */
static bool bring(struct stream *stream, int64_t kills_wanted) {
    client_start(stream);
    bool good = true;
    bool done = false;
    while (!done && good) {
        if (stream->kills < kills_wanted && kill_in_the_middle(stream)) {
            good = serve(stream);
        } else {
            done = client_is_done(stream, &good);
        }
    }
    return good;
}

/* One file: a store of its own, every event exactly once, a store that is sound. */
static bool run_file(struct stream *stream, int64_t number, int64_t kills_wanted) {
    char name[32];
    snprintf(name, sizeof name, "stream%" PRId64, number);
    snprintf(stream->data, sizeof stream->data, "%s", scratch_path(name));
    snprintf(stream->file, sizeof stream->file, "%s", scratch_path("events.ndjson"));
    stream->address[0] = '\0';
    stream->told = 0;
    events_write(stream->file, EVENTS, PEOPLE);
    if (!serve(stream) || !bring(stream, kills_wanted)) {
        return false;
    }
    struct profiled_client *client = steps_connect(&stream->server, 0);
    const bool whole = events_are_whole(client, EVENTS, PEOPLE);
    profiled_disconnect(client);
    const bool ended = server_stop(&stream->server) == 0;
    return steps_verify(stream->data) && whole && ended;
}

int main(int argc, char **argv) {
    const struct crash_options options =
        crash_options_read(argc, argv, "kills", "How often the server is killed (10)", 10);
    static struct stream stream;
    stream.seeded.state = options.seed;
    printf("crash: a stream, %" PRId64 " kills, seed %" PRIu64 "\n", options.count, options.seed);
    scratch_open();
    int64_t files = 0;
    bool good = true;
    while (good && (files == 0 || stream.kills < options.count)) {
        good = run_file(&stream, files++, options.count);
        printf("crash: file %" PRId64 "%s, %" PRId64 " kills so far\n", files,
               good ? " is whole" : " FAILED", stream.kills);
        fflush(stdout);
    }
    printf("crash: %" PRId64 " kills of the server in the middle of a stream, %" PRId64
           " of the client too, %" PRId64 " runs of it; %" PRId64 " events in %" PRId64
           " files, %s\n",
           stream.kills, stream.client_kills, stream.client_runs, files * EVENTS, files,
           good ? "each exactly once" : "NOT each exactly once");
    if (good) {
        scratch_close();
    } else {
        printf("crash: the data stays in %s\n", stream.data);
    }
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
