/* Redis: a script for each record, an append-only file that is synced before answers. */

#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/peer.h"
#include "tests/bench/people.h"

enum {
    PATH_SIZE = 4096,
    SOCKET_SIZE = 100,
    HASH_SIZE = 41,
    OUTSTANDING_MAX = 1024,
    LOAD_AHEAD = 1000,
    START_TRIES = 200,
    START_WAIT_US = 50000,
};

/* Keys: of the address and of the number. Arguments: name, attributes, time. */
static const char resolve_script[] =
    "local id = redis.call('GET', KEYS[1]) or redis.call('GET', KEYS[2]) "
    "if not id then id = tostring(redis.call('INCR', 'next')) end "
    "redis.call('SETNX', KEYS[1], id) redis.call('SETNX', KEYS[2], id) "
    "redis.call('HSET', 'p:' .. id, 'name', ARGV[1], 'attributes', ARGV[2], 'time', ARGV[3]) "
    "redis.call('RPUSH', 'i:' .. id, ARGV[3] .. ' bench') "
    "return id";
static const char look_up_script[] =
    "local id = redis.call('GET', KEYS[1]) "
    "if not id then return redis.error_reply('nobody is found') end "
    "return redis.call('HGETALL', 'p:' .. id)";

static int server;
static redisContext *connection;
static char resolve_hash[HASH_SIZE];
static char look_up_hash[HASH_SIZE];

static _Noreturn void die(const char *what) {
    fprintf(stderr, "Redis: %s%s%s\n", what, connection == NULL ? "" : ": ",
            connection == NULL ? "" : connection->errstr);
    exit(EXIT_FAILURE);
}

static void load_script(const char *script, char hash[HASH_SIZE]) {
    redisReply *reply = redisCommand(connection, "SCRIPT LOAD %s", script);
    if (reply == NULL || reply->type != REDIS_REPLY_STRING) {
        die("a script is refused");
    }
    snprintf(hash, HASH_SIZE, "%s", reply->str);
    freeReplyObject(reply);
}

static void append(enum peer_call call, uint64_t number) {
    struct plain_person person;
    people_plain(number, &person);
    if (call == PEER_LOOKUP) {
        redisAppendCommand(connection, "EVALSHA %s 1 e:%s", look_up_hash, person.email);
    } else {
        redisAppendCommand(connection, "EVALSHA %s 2 e:%s t:%s %s %s %lld", resolve_hash,
                           person.email, person.phone, person.name, person.attributes,
                           (long long)time(NULL));
    }
}

static bool take(void) {
    redisReply *reply = NULL;
    if (redisGetReply(connection, (void **)&reply) != REDIS_OK) {
        die("the connection is lost");
    }
    const bool good = reply->type != REDIS_REPLY_ERROR;
    freeReplyObject(reply);
    return good;
}

static void command(const char *text) {
    redisReply *reply = redisCommand(connection, text);
    if (reply == NULL || reply->type == REDIS_REPLY_ERROR) {
        die(text);
    }
    freeReplyObject(reply);
}

static bool redis_open(const char *directory, uint64_t count) {
    char path[SOCKET_SIZE];
    snprintf(path, sizeof path, "%s/redis.sock", directory);
    char *const arguments[] = {"redis-server",
                               "--port",
                               "0",
                               "--unixsocket",
                               path,
                               "--appendonly",
                               "yes",
                               "--appendfsync",
                               "everysec",
                               "--save",
                               "",
                               "--daemonize",
                               "no",
                               "--dir",
                               (char *)(uintptr_t)directory,
                               NULL};
    server = peer_start(directory, "redis", NULL, arguments);
    for (int i = 0; i < START_TRIES && (connection == NULL || connection->err != 0); i++) {
        usleep(START_WAIT_US);
        if (connection != NULL) {
            redisFree(connection);
        }
        connection = redisConnectUnix(path);
    }
    if (connection == NULL || connection->err != 0) {
        die("it does not start: is redis-server installed? See bazel/setup --bench");
    }
    load_script(resolve_script, resolve_hash);
    load_script(look_up_script, look_up_hash);
    for (uint64_t i = 0; i < count + LOAD_AHEAD; i++) {
        if (i < count) {
            append(PEER_CREATE, i);
        }
        if (i >= LOAD_AHEAD && !take()) {
            die("a record is refused");
        }
    }
    command("CONFIG SET auto-aof-rewrite-percentage 0");
    command("CONFIG SET appendfsync always");
    return true;
}

static void redis_run(const struct peer_plan *plan, struct load_result *out) {
    static uint64_t sent_ns[OUTSTANDING_MAX];
    uint64_t sent = 0;
    *out = (struct load_result){0};
    const uint64_t start_ns = load_now_ns();
    for (uint64_t now_ns = start_ns; now_ns < start_ns + plan->duration_ns || out->calls < sent;
         now_ns = load_now_ns()) {
        while (sent - out->calls < plan->outstanding && now_ns < start_ns + plan->duration_ns) {
            sent_ns[sent++ % OUTSTANDING_MAX] = load_now_ns();
            append(plan->call, peer_number(plan));
        }
        out->failures += !take();
        histogram_add(&out->latency, load_now_ns() - sent_ns[out->calls++ % OUTSTANDING_MAX]);
    }
    out->duration_ns = load_now_ns() - start_ns;
}

static uint64_t redis_cpu_ns(void) { return peer_cpu_ns(server); }

static void redis_close(void) {
    redisFree(connection);
    peer_stop(server, SIGTERM);
}

const struct peer peer_redis = {
    .name = "Redis",
    .setting = "append-only file, appendfsync always, a Lua script a record, one connection over a "
               "unix socket, pipelined",
    .open = redis_open,
    .run = redis_run,
    .cpu_ns = redis_cpu_ns,
    .close = redis_close,
};
