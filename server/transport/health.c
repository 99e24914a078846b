/* Check answers at once. Watch keeps its call in a list; what has changed is pushed to each, by the
 * thread that changes it, or, when the last message is still on its way, as soon as that is out.
 * Locks are taken in one order: the health's, then a call's. */

#include "server/transport/health.h"

#include <assert.h>
#include <grpc/health/v1/health.pb-c.h>
#include <pthread.h>
#include <stdlib.h>

#include "server/base/arena.h"
#include "server/transport/exchange.h"
#include "server/transport/foreign.h"

enum { REQUEST_ARENA_SIZE_MAX = 64 << 10, STATUS_NEVER_SENT = -1 };

/* The state of a Watch call; in the list until the call is over. */
struct watch {
    struct watch *next;
    struct watch **link; /* What points here; NULL when not in the list. */
    struct exchange *exchange;
    bool known; /* The service is one of ours. */
    int sent;   /* The status that the client has been told. */
};

struct health {
    const struct method_table *table;
    pthread_mutex_t lock; /* Guards what follows, and the watches. */
    bool draining;
    struct watch *watches;
};

static const struct status request_invalid = {STATUS_INVALID_ARGUMENT, REASON_MESSAGE_INVALID,
                                              "this is not a HealthCheckRequest"};

struct health *health_new(const struct method_table *table) {
    struct health *health = calloc(1, sizeof *health);
    if (health == NULL) {
        abort();
    }
    health->table = table;
    pthread_mutex_init(&health->lock, NULL);
    return health;
}

void health_free(struct health *health) {
    assert(health->watches == NULL);
    pthread_mutex_destroy(&health->lock);
    free(health);
}

/* Reads the name of the service and whether it is ours; the empty name is the whole server's. */
static bool request_read(const struct health *health, struct bytes message, bool *known) {
    struct arena arena;
    arena_init(&arena, REQUEST_ARENA_SIZE_MAX);
    const Grpc__Health__V1__HealthCheckRequest *request =
        foreign_unpack(&grpc__health__v1__health_check_request__descriptor, message, &arena);
    if (request != NULL) {
        *known = request->service[0] == '\0' ||
                 method_table_has_service(health->table, request->service);
    }
    arena_free(&arena);
    return request != NULL;
}

static struct bytes response_pack(int status, struct arena *arena) {
    Grpc__Health__V1__HealthCheckResponse response = GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__INIT;
    response.status = (Grpc__Health__V1__HealthCheckResponse__ServingStatus)status;
    return foreign_pack(&response.base, arena);
}

/* Under the lock. */
static int status_now(const struct health *health) {
    return health->draining ? GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__NOT_SERVING
                            : GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING;
}

/* ---- Check ---- */

static void check_message(struct exchange *exchange, struct bytes message) {
    struct health *health = exchange_method(exchange)->state;
    bool known = false;
    if (!request_read(health, message, &known)) {
        exchange_finish(exchange, request_invalid, bytes_of(NULL, 0));
        return;
    }
    if (!known) {
        exchange_finish(
            exchange,
            status_of(STATUS_NOT_FOUND, REASON_METHOD_NOT_FOUND, "there is no such service"),
            bytes_of(NULL, 0));
        return;
    }
    pthread_mutex_lock(&health->lock);
    const int status = status_now(health);
    pthread_mutex_unlock(&health->lock);
    struct arena arena;
    arena_init(&arena, REQUEST_ARENA_SIZE_MAX);
    exchange_answer(exchange, response_pack(status, &arena));
    arena_free(&arena);
}

/* ---- Watch ---- */

/* Under the lock: tells the client what it does not know, if nothing is on its way to it. */
static void watch_tell(const struct health *health, struct watch *watch) {
    const int status =
        watch->known ? status_now(health)
                     : GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVICE_UNKNOWN;
    if (watch->sent != status) {
        struct arena arena;
        arena_init(&arena, REQUEST_ARENA_SIZE_MAX);
        if (exchange_push(watch->exchange, response_pack(status, &arena))) {
            watch->sent = status;
        }
        arena_free(&arena);
    }
    if (health->draining && watch->sent == status) {
        exchange_finish(
            watch->exchange,
            status_of(STATUS_UNAVAILABLE, REASON_SHUTTING_DOWN, "the server is shutting down"),
            bytes_of(NULL, 0));
    }
}

static void watch_message(struct exchange *exchange, struct bytes message) {
    struct health *health = exchange_method(exchange)->state;
    bool known = false;
    if (!request_read(health, message, &known)) {
        exchange_finish(exchange, request_invalid, bytes_of(NULL, 0));
        return;
    }
    struct watch *watch = exchange_state_new(exchange, sizeof *watch);
    watch->exchange = exchange;
    watch->known = known;
    watch->sent = STATUS_NEVER_SENT;
    pthread_mutex_lock(&health->lock);
    watch->next = health->watches;
    watch->link = &health->watches;
    if (watch->next != NULL) {
        watch->next->link = &watch->next;
    }
    health->watches = watch;
    watch_tell(health, watch);
    pthread_mutex_unlock(&health->lock);
}

static void watch_sent(struct exchange *exchange) {
    struct health *health = exchange_method(exchange)->state;
    struct watch *watch = exchange_state(exchange);
    pthread_mutex_lock(&health->lock);
    watch_tell(health, watch);
    pthread_mutex_unlock(&health->lock);
}

static void watch_closed(struct exchange *exchange) {
    struct health *health = exchange_method(exchange)->state;
    struct watch *watch = exchange_state(exchange);
    if (watch == NULL) {
        return; /* The request could not be read. */
    }
    pthread_mutex_lock(&health->lock);
    *watch->link = watch->next;
    if (watch->next != NULL) {
        watch->next->link = watch->link;
    }
    pthread_mutex_unlock(&health->lock);
}

void health_drain(struct health *health) {
    pthread_mutex_lock(&health->lock);
    health->draining = true;
    for (struct watch *watch = health->watches; watch != NULL; watch = watch->next) {
        watch_tell(health, watch);
    }
    pthread_mutex_unlock(&health->lock);
}

const struct method_behaviour health_check_behaviour = {.message = check_message};

const struct method_behaviour health_watch_behaviour = {
    .message = watch_message,
    .sent = watch_sent,
    .closed = watch_closed,
};
