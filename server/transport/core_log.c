/* C core's own texts may quote what clients sent, and a client can make it complain at each call:
 * so only the place in its source is logged, and each place once. Where it aborts is such a place
 * too. */

#include "server/transport/core_log.h"

#include <grpc/support/log.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "server/base/log.h"

enum { PLACES_MAX = 64 }; /* Places after these are not logged. */

static struct {
    pthread_mutex_t lock;
    size_t count;
    struct {
        const char *file; /* A literal of C core's. */
        int line;
    } places[PLACES_MAX];
} known = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Whether the place is a new one. */
static bool place_add(const char *file, int line) {
    pthread_mutex_lock(&known.lock);
    bool is_new = known.count < PLACES_MAX;
    for (size_t i = 0; i < known.count && is_new; i++) {
        is_new = known.places[i].line != line || strcmp(known.places[i].file, file) != 0;
    }
    if (is_new) {
        known.places[known.count].file = file;
        known.places[known.count].line = line;
        known.count++;
    }
    pthread_mutex_unlock(&known.lock);
    return is_new;
}

static void core_log_event(gpr_log_func_args *event) {
    if (event->severity == GPR_LOG_SEVERITY_ERROR && place_add(event->file, event->line)) {
        log_warning("grpc complains, told once for this place file=%s line=%d", event->file,
                    event->line);
    }
}

void core_log_install(void) { gpr_set_log_function(core_log_event); }
