/* The facts and how each is asked for. */

#include "tests/crash/ledger.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/profiled_calls.h"
#include "tests/crash/load.h"

enum { SIZE_FIRST = 64, PAGE_SIZE = 1000 };

void ledger_add(struct ledger *ledger, const struct fact *fact) {
    if (ledger->count == ledger->size) {
        ledger->size = ledger->size == 0 ? SIZE_FIRST : 2 * ledger->size;
        ledger->facts = realloc(ledger->facts, ledger->size * sizeof *ledger->facts);
        assert(ledger->facts != NULL);
    }
    ledger->facts[ledger->count++] = *fact;
}

void ledger_free(struct ledger *ledger) {
    free(ledger->facts);
    *ledger = (struct ledger){0};
}

void ledger_append(struct ledger *to, struct ledger *from) {
    for (size_t i = 0; i < from->count; i++) {
        ledger_add(to, &from->facts[i]);
    }
    ledger_free(from);
}

static bool lost(const char *what, struct profiled_error *error) {
    fprintf(stderr, "crash: %s: %s\n", what, error->message == NULL ? "" : error->message);
    profiled_error_clear(error);
    return false;
}

static char *text_of(const char *text) { return (char *)(uintptr_t)text; }

/* The profile that an id answers with now; false when there is none. */
static bool profile_now(struct profiled_client *client, const char *id, char out[LEDGER_ID_SIZE]) {
    struct profiled_error error = PROFILED_ERROR_INIT;
    Profiled__V1__GetProfileRequest request = PROFILED__V1__GET_PROFILE_REQUEST__INIT;
    request.id = text_of(id);
    Profiled__V1__GetProfileResponse *response = NULL;
    if (!profiled_get_profile(client, &request, NULL, &response, &error)) {
        return lost("a profile is lost", &error);
    }
    snprintf(out, LEDGER_ID_SIZE, "%s", response->profile->id);
    profiled_message_free(&response->base);
    return true;
}

static bool profile_holds(const struct fact *fact, struct profiled_client *client) {
    char now[LEDGER_ID_SIZE];
    if (!profile_now(client, fact->id, now)) {
        return false;
    }
    struct profiled_error error = PROFILED_ERROR_INIT;
    Profiled__V1__Identity identity = PROFILED__V1__IDENTITY__INIT;
    identity.type = text_of("email");
    identity.value = text_of(fact->text);
    Profiled__V1__LookupProfileRequest request = PROFILED__V1__LOOKUP_PROFILE_REQUEST__INIT;
    request.identity = &identity;
    Profiled__V1__LookupProfileResponse *response = NULL;
    if (!profiled_lookup_profile(client, &request, NULL, &response, &error)) {
        return lost("an identity is lost", &error);
    }
    const bool same = strcmp(response->profile->id, now) == 0;
    profiled_message_free(&response->base);
    return same || lost("an identity belongs to another profile", &error);
}

static bool redirect_holds(const struct fact *fact, struct profiled_client *client) {
    char one[LEDGER_ID_SIZE];
    char two[LEDGER_ID_SIZE];
    struct profiled_error error = PROFILED_ERROR_INIT;
    if (!profile_now(client, fact->id, one) || !profile_now(client, fact->other, two)) {
        return false;
    }
    return strcmp(one, two) == 0 || lost("a merge is lost", &error);
}

static bool interaction_holds(const struct fact *fact, struct profiled_client *client) {
    struct profiled_error error = PROFILED_ERROR_INIT;
    Profiled__V1__ListInteractionsRequest request = PROFILED__V1__LIST_INTERACTIONS_REQUEST__INIT;
    request.profile_id = text_of(fact->id);
    request.page_size = PAGE_SIZE;
    Profiled__V1__ListInteractionsResponse *response = NULL;
    if (!profiled_list_interactions(client, &request, NULL, &response, &error)) {
        return lost("interactions are lost", &error);
    }
    size_t found = 0;
    for (size_t i = 0; i < response->n_interactions; i++) {
        found += strcmp(response->interactions[i]->id, fact->other) == 0 ? 1 : 0;
    }
    profiled_message_free(&response->base);
    return found == 1 || lost("an interaction is lost or doubled", &error);
}

static bool import_holds(const struct fact *fact, struct profiled_client *client) {
    struct profiled_error error = PROFILED_ERROR_INIT;
    int64_t durable_row = -1;
    struct profiled_stream *stream = load_import_open(client, fact->text, &durable_row);
    if (stream == NULL) {
        return lost("an import can't be opened again", &error);
    }
    profiled_stream_half_close(stream);
    if (!profiled_stream_finish(stream, &error)) {
        return lost("an import does not end", &error);
    }
    return durable_row >= fact->row || lost("rows of an import are lost", &error);
}

static bool request_holds(const struct fact *fact, struct profiled_client *client) {
    struct profiled_error error = PROFILED_ERROR_INIT;
    char id[LEDGER_ID_SIZE];
    if (!load_create(client, fact->text, fact->other, id)) {
        return lost("a request can't be repeated", &error);
    }
    return strcmp(id, fact->id) == 0 || lost("a repeated request was done again", &error);
}

bool fact_holds(const struct fact *fact, struct profiled_client *client) {
    switch (fact->kind) {
    case FACT_PROFILE:
        return profile_holds(fact, client);
    case FACT_REDIRECT:
        return redirect_holds(fact, client);
    case FACT_INTERACTION:
        return interaction_holds(fact, client);
    case FACT_IMPORT:
        return import_holds(fact, client);
    case FACT_REQUEST:
        return request_holds(fact, client);
    }
    abort();
}
