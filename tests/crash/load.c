/* What one thread of load does: two people and then, by chance, a merge of them, an interaction, or
 * an import. A person's name, e-mail address and phone come from their number. */

#include "tests/crash/load.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/profiled_calls.h"
#include "profiled/v1/transfer_service.pb-c.h"

enum { DEEDS_MAX = 1 << 20, ROWS_MAX = 20, BATCHES_MAX = 8, PHONES = 1000000 };

static char *text_of(const char *text) { return (char *)(uintptr_t)text; }

/* The identities of a person. */
struct contact {
    Profiled__V1__Identity email;
    Profiled__V1__Identity phone;
    Profiled__V1__Identity *both[2];
    char email_text[LEDGER_TEXT_SIZE];
    char phone_text[LEDGER_TEXT_SIZE];
};

static void contact_init(struct contact *contact, int64_t person) {
    snprintf(contact->email_text, LEDGER_TEXT_SIZE, "p%" PRId64 "@crash.example", person);
    snprintf(contact->phone_text, LEDGER_TEXT_SIZE, "+966501%06" PRId64, person % PHONES);
    profiled__v1__identity__init(&contact->email);
    profiled__v1__identity__init(&contact->phone);
    contact->email.type = text_of("email");
    contact->email.value = contact->email_text;
    contact->phone.type = text_of("phone");
    contact->phone.value = contact->phone_text;
    contact->both[0] = &contact->email;
    contact->both[1] = &contact->phone;
}

/* A call failed. When that is because the server went, the load is over. */
static bool ended(struct load *load, struct profiled_error *error) {
    load->code = error->code;
    if (error->code != PROFILED_UNAVAILABLE) {
        fprintf(stderr, "crash: a call failed: %s %s: %s\n", profiled_code_name(error->code),
                error->reason, error->message);
    }
    profiled_error_clear(error);
    return false;
}

static bool create(struct profiled_client *client, const char *name, const char *request_id,
                   char id[LEDGER_ID_SIZE], struct profiled_error *error) {
    struct contact contact;
    contact_init(&contact, strtoll(strrchr(name, ' '), NULL, 10));
    Profiled__V1__Profile profile = PROFILED__V1__PROFILE__INIT;
    profile.name = text_of(name);
    profile.n_identities = 2;
    profile.identities = contact.both;
    Profiled__V1__CreateProfileRequest request = PROFILED__V1__CREATE_PROFILE_REQUEST__INIT;
    request.profile = &profile;
    request.request_id = text_of(request_id);
    Profiled__V1__CreateProfileResponse *response = NULL;
    if (!profiled_create_profile(client, &request, NULL, &response, error)) {
        return false;
    }
    snprintf(id, LEDGER_ID_SIZE, "%s", response->profile->id);
    profiled_message_free(&response->base);
    return true;
}

bool load_create(struct profiled_client *client, const char *name, const char *request_id,
                 char id[LEDGER_ID_SIZE]) {
    struct profiled_error error = PROFILED_ERROR_INIT;
    const bool created = create(client, name, request_id, id, &error);
    profiled_error_clear(&error);
    return created;
}

/* Makes the next person, whose number and id go to the caller. */
static bool do_create(struct load *load, int64_t *person, char id[LEDGER_ID_SIZE]) {
    *person = load->person++;
    struct fact fact = {.kind = FACT_REQUEST};
    struct profiled_error error = PROFILED_ERROR_INIT;
    snprintf(fact.text, sizeof fact.text, "Person %" PRId64, *person);
    profiled_request_id_make(fact.other);
    if (!create(load->client, fact.text, fact.other, fact.id, &error)) {
        return ended(load, &error);
    }
    snprintf(id, LEDGER_ID_SIZE, "%s", fact.id);
    ledger_add(&load->ledger, &fact);
    struct contact contact;
    contact_init(&contact, *person);
    fact.kind = FACT_PROFILE;
    memcpy(fact.text, contact.email_text, sizeof fact.text);
    ledger_add(&load->ledger, &fact);
    return true;
}

/* A record with the e-mail address of one person and the phone of another: they are one. */
static bool do_merge(struct load *load, int64_t one, int64_t two, const char *one_id,
                     const char *two_id) {
    struct contact first;
    struct contact second;
    contact_init(&first, one);
    contact_init(&second, two);
    Profiled__V1__Identity *identities[] = {&first.email, &second.phone};
    Profiled__V1__Record record = PROFILED__V1__RECORD__INIT;
    record.n_identities = 2;
    record.identities = identities;
    Profiled__V1__ResolveProfileRequest request = PROFILED__V1__RESOLVE_PROFILE_REQUEST__INIT;
    request.record = &record;
    Profiled__V1__ResolveProfileResponse *response = NULL;
    struct profiled_error error = PROFILED_ERROR_INIT;
    if (!profiled_resolve_profile(load->client, &request, NULL, &response, &error)) {
        return ended(load, &error);
    }
    const bool merged = response->decision->outcome == PROFILED__V1__OUTCOME__OUTCOME_MERGED;
    profiled_message_free(&response->base);
    if (!merged) {
        fprintf(stderr, "crash: a record of two people did not merge them\n");
        load->code = PROFILED_INTERNAL;
        return false;
    }
    struct fact fact = {.kind = FACT_REDIRECT};
    snprintf(fact.id, sizeof fact.id, "%s", one_id);
    snprintf(fact.other, sizeof fact.other, "%s", two_id);
    ledger_add(&load->ledger, &fact);
    return true;
}

static bool do_record(struct load *load, int64_t person) {
    struct contact contact;
    contact_init(&contact, person);
    Profiled__V1__Identity *identities[] = {&contact.email};
    Profiled__V1__Record record = PROFILED__V1__RECORD__INIT;
    record.n_identities = 1;
    record.identities = identities;
    Profiled__V1__Engagement engagement = PROFILED__V1__ENGAGEMENT__INIT;
    engagement.channel = text_of("email");
    engagement.text = text_of("Where is my order?");
    Profiled__V1__Interaction interaction = PROFILED__V1__INTERACTION__INIT;
    interaction.source = text_of("crash");
    interaction.payload_case = PROFILED__V1__INTERACTION__PAYLOAD_ENGAGEMENT;
    interaction.engagement = &engagement;
    Profiled__V1__InteractionRecord subject = PROFILED__V1__INTERACTION_RECORD__INIT;
    subject.interaction = &interaction;
    subject.subject_case = PROFILED__V1__INTERACTION_RECORD__SUBJECT_RECORD;
    subject.record = &record;
    Profiled__V1__RecordInteractionRequest request = PROFILED__V1__RECORD_INTERACTION_REQUEST__INIT;
    request.interaction_record = &subject;
    Profiled__V1__RecordInteractionResponse *response = NULL;
    struct profiled_error error = PROFILED_ERROR_INIT;
    if (!profiled_record_interaction(load->client, &request, NULL, &response, &error)) {
        return ended(load, &error);
    }
    struct fact fact = {.kind = FACT_INTERACTION};
    snprintf(fact.id, sizeof fact.id, "%s", response->profile_id);
    snprintf(fact.other, sizeof fact.other, "%s", response->interaction_id);
    profiled_message_free(&response->base);
    ledger_add(&load->ledger, &fact);
    return true;
}

/* ---- imports ---- */

struct profiled_stream *load_import_open(struct profiled_client *client, const char *import_id,
                                         int64_t *durable_row) {
    struct profiled_error error = PROFILED_ERROR_INIT;
    struct profiled_stream *stream = profiled_stream_open(
        client, &profiled__v1__transfer_service__descriptor, "ImportProfiles", NULL, &error);
    if (stream == NULL) {
        profiled_error_clear(&error);
        return NULL;
    }
    Profiled__V1__ImportHeader header = PROFILED__V1__IMPORT_HEADER__INIT;
    header.import_id = text_of(import_id);
    Profiled__V1__ImportProfilesRequest request = PROFILED__V1__IMPORT_PROFILES_REQUEST__INIT;
    request.payload_case = PROFILED__V1__IMPORT_PROFILES_REQUEST__PAYLOAD_HEADER;
    request.header = &header;
    profiled_stream_send(stream, &request.base);
    Profiled__V1__ImportProfilesResponse *response =
        (Profiled__V1__ImportProfilesResponse *)profiled_stream_receive(stream);
    if (response == NULL) {
        profiled_stream_finish(stream, &error);
        profiled_error_clear(&error);
        return NULL;
    }
    *durable_row = response->started->durable_row;
    profiled_message_free(&response->base);
    return stream;
}

/* Sends a batch of new people, and takes its verdicts into the ledger. False when it is not
 * acknowledged. */
static bool import_batch(struct load *load, struct profiled_stream *stream, const char *import_id,
                         int64_t *row) {
    struct contact contacts[ROWS_MAX];
    Profiled__V1__Record records[ROWS_MAX];
    Profiled__V1__ImportRow rows[ROWS_MAX];
    Profiled__V1__ImportRow *list[ROWS_MAX];
    const size_t count = 1 + seeded_below(&load->seeded, ROWS_MAX);
    for (size_t i = 0; i < count; i++) {
        contact_init(&contacts[i], load->person++);
        profiled__v1__record__init(&records[i]);
        records[i].n_identities = 2;
        records[i].identities = contacts[i].both;
        profiled__v1__import_row__init(&rows[i]);
        rows[i].row = ++*row;
        rows[i].record = &records[i];
        list[i] = &rows[i];
    }
    Profiled__V1__ImportBatch batch = PROFILED__V1__IMPORT_BATCH__INIT;
    batch.n_rows = count;
    batch.rows = list;
    Profiled__V1__ImportProfilesRequest request = PROFILED__V1__IMPORT_PROFILES_REQUEST__INIT;
    request.payload_case = PROFILED__V1__IMPORT_PROFILES_REQUEST__PAYLOAD_BATCH;
    request.batch = &batch;
    profiled_stream_send(stream, &request.base);
    Profiled__V1__ImportProfilesResponse *response =
        (Profiled__V1__ImportProfilesResponse *)profiled_stream_receive(stream);
    if (response == NULL) {
        return false;
    }
    struct fact fact = {.kind = FACT_IMPORT, .row = response->ack->durable_row};
    snprintf(fact.text, sizeof fact.text, "%s", import_id);
    ledger_add(&load->ledger, &fact);
    for (size_t i = 0; i < response->ack->n_verdicts; i++) {
        struct fact made = {.kind = FACT_PROFILE};
        snprintf(made.id, sizeof made.id, "%s", response->ack->verdicts[i]->profile_id);
        memcpy(made.text, contacts[i].email_text, sizeof made.text);
        ledger_add(&load->ledger, &made);
    }
    const bool whole = response->ack->durable_row == *row && response->ack->n_verdicts == count;
    profiled_message_free(&response->base);
    return whole;
}

static bool do_import(struct load *load) {
    char import_id[LEDGER_TEXT_SIZE];
    snprintf(import_id, sizeof import_id, "import-%" PRId64, load->person);
    int64_t row = 0;
    struct profiled_stream *stream = load_import_open(load->client, import_id, &row);
    if (stream == NULL) {
        load->code = PROFILED_UNAVAILABLE; /* The next unary call tells more. */
        return true;
    }
    const size_t batches = 1 + seeded_below(&load->seeded, BATCHES_MAX);
    bool good = true;
    for (size_t i = 0; good && i < batches; i++) {
        good = import_batch(load, stream, import_id, &row);
    }
    profiled_stream_half_close(stream);
    struct profiled_error error = PROFILED_ERROR_INIT;
    if (!profiled_stream_finish(stream, &error)) {
        return ended(load, &error);
    }
    return true;
}

static bool do_something(struct load *load) {
    int64_t one;
    int64_t two;
    char one_id[LEDGER_ID_SIZE];
    char two_id[LEDGER_ID_SIZE];
    if (!do_create(load, &one, one_id) || !do_create(load, &two, two_id)) {
        return false;
    }
    switch (seeded_below(&load->seeded, 4)) {
    case 0:
        return do_merge(load, one, two, one_id, two_id) && do_record(load, two);
    case 1:
        return do_record(load, one) && do_record(load, two);
    case 2:
        return do_record(load, one) && do_merge(load, two, one, two_id, one_id);
    default:
        return do_import(load);
    }
}

static void *run(void *state) {
    struct load *load = state;
    for (int i = 0; i < DEEDS_MAX && do_something(load); i++) {
    }
    return NULL;
}

void load_start(struct load *load) {
    const int failed = pthread_create(&load->thread, NULL, run, load);
    assert(failed == 0);
}

bool load_join(struct load *load) {
    pthread_join(load->thread, NULL);
    return load->code == PROFILED_UNAVAILABLE;
}
