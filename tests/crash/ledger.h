#pragma once
/* What the server has acknowledged: facts that must hold for ever after, whatever happens to it.
 * One thread at a time. */

#include <stddef.h>
#include <stdint.h>

#include "client/profiled_client.h"

enum { LEDGER_ID_SIZE = 37, LEDGER_TEXT_SIZE = 64 };

enum fact_kind {
    FACT_PROFILE,     /* `id` answers with a profile; the identity `text` (e-mail) with the same. */
    FACT_REDIRECT,    /* `id` answers with the same profile as `other`. */
    FACT_INTERACTION, /* `other` is the id of an interaction among those of the profile `id`. */
    FACT_IMPORT,      /* The import `text` is durable up to `row`. */
    FACT_REQUEST,     /* The request_id `other`, sent again, answers with the profile `id`; `text`
                         is the name that the request had. */
};

enum { FACT_KINDS = FACT_REQUEST + 1 };

struct fact {
    enum fact_kind kind;
    char id[LEDGER_ID_SIZE];
    char other[LEDGER_ID_SIZE];
    char text[LEDGER_TEXT_SIZE];
    int64_t row;
};

struct ledger {
    struct fact *facts;
    size_t count;
    size_t size;
};

void ledger_add(struct ledger *ledger, const struct fact *fact);
void ledger_free(struct ledger *ledger);

/* Moves all facts of `from` behind those of `to`. */
void ledger_append(struct ledger *to, struct ledger *from);

/* Asks the server. False, told on standard error, when the fact does not hold. */
bool fact_holds(const struct fact *fact, struct profiled_client *client);
