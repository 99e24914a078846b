#pragma once
/* Load: one thread that writes all kinds of things until the server is gone, and keeps a ledger of
 * what was acknowledged. People are numbered: no two threads or cycles have one in common. */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "client/profiled_client.h"
#include "tests/crash/ledger.h"
#include "tests/engine/seeded.h"

struct load {
    pthread_t thread;
    struct profiled_client *client; /* Borrowed. */
    struct seeded seeded;
    int64_t person; /* The number of the next person. */
    struct ledger ledger;
    int32_t code; /* What ended it. */
};

/* Starts the thread. Everything but `thread` and `ledger` was set. */
void load_start(struct load *load);

/* Waits for its end. False, told on standard error, when it did not end because the server went. */
bool load_join(struct load *load);

/* Makes the profile that has this name, which also says its identities. False when it fails;
 * `code` may be NULL. */
bool load_create(struct profiled_client *client, const char *name, const char *request_id,
                 char id[LEDGER_ID_SIZE]);

/* Opens an import and reads where it goes on. NULL when it fails. */
struct profiled_stream *load_import_open(struct profiled_client *client, const char *import_id,
                                         int64_t *durable_row);
