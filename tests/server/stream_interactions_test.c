/* StreamInteractions through the client library: many batches on their way, answers in order, a
 * client that does not receive, two clients with one stream. */

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/profiled_calls.h"
#include "tests/server/fixture.h"

TestSuite(stream_interactions, .init = fixture_setup, .fini = fixture_teardown, .timeout = 60);

enum { BATCH_MAX = 1000, NAME_SIZE = 32, SILENCE_MS = 1000 };

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static struct profiled_stream *stream_open(int64_t timeout_ms) {
    struct profiled_error error = PROFILED_ERROR_INIT;
    const struct profiled_call_options options = {.timeout_ms = timeout_ms};
    struct profiled_stream *stream =
        profiled_stream_open(fixture.client, &profiled__v1__interaction_service__descriptor,
                             "StreamInteractions", &options, &error);
    cr_assert_neq(stream, NULL);
    return stream;
}

static Profiled__V1__StreamInteractionsResponse *receive(struct profiled_stream *stream) {
    return (Profiled__V1__StreamInteractionsResponse *)profiled_stream_receive(stream);
}

/* Sends the header; where to go on. */
static int64_t stream_begin(struct profiled_stream *stream) {
    Profiled__V1__InteractionStreamHeader header = PROFILED__V1__INTERACTION_STREAM_HEADER__INIT;
    header.stream_id = text("bus");
    header.source = text("bus");
    Profiled__V1__StreamInteractionsRequest request =
        PROFILED__V1__STREAM_INTERACTIONS_REQUEST__INIT;
    request.payload_case = PROFILED__V1__STREAM_INTERACTIONS_REQUEST__PAYLOAD_HEADER;
    request.header = &header;
    cr_assert(profiled_stream_send(stream, &request.base));
    Profiled__V1__StreamInteractionsResponse *response = receive(stream);
    cr_assert_neq(response, NULL);
    cr_assert_eq(response->payload_case,
                 PROFILED__V1__STREAM_INTERACTIONS_RESPONSE__PAYLOAD_STARTED);
    const int64_t durable = response->started->durable_sequence;
    profiled_message_free(&response->base);
    return durable;
}

/* Events of one person, numbered from `first` on, none of which has an id of its own. */
struct batch {
    Profiled__V1__Identity identity;
    Profiled__V1__Identity *identities[1];
    Profiled__V1__Record record;
    Profiled__V1__Activity activities[BATCH_MAX];
    Profiled__V1__Interaction interactions[BATCH_MAX];
    Profiled__V1__InteractionRecord records[BATCH_MAX];
    Profiled__V1__SequencedInteraction items[BATCH_MAX];
    Profiled__V1__SequencedInteraction *list[BATCH_MAX];
    char names[BATCH_MAX][NAME_SIZE];
};

static bool send_events(struct profiled_stream *stream, int64_t first, size_t count) {
    struct batch *batch = calloc(1, sizeof *batch);
    cr_assert_neq(batch, NULL);
    profiled__v1__identity__init(&batch->identity);
    batch->identity.type = text("email");
    batch->identity.value = text("nora@example.org");
    batch->identities[0] = &batch->identity;
    profiled__v1__record__init(&batch->record);
    batch->record.n_identities = 1;
    batch->record.identities = batch->identities;
    for (size_t i = 0; i < count; i++) {
        snprintf(batch->names[i], NAME_SIZE, "event %lld", (long long)first + (long long)i);
        profiled__v1__activity__init(&batch->activities[i]);
        batch->activities[i].name = batch->names[i];
        profiled__v1__interaction__init(&batch->interactions[i]);
        batch->interactions[i].payload_case = PROFILED__V1__INTERACTION__PAYLOAD_ACTIVITY;
        batch->interactions[i].activity = &batch->activities[i];
        profiled__v1__interaction_record__init(&batch->records[i]);
        batch->records[i].interaction = &batch->interactions[i];
        batch->records[i].subject_case = PROFILED__V1__INTERACTION_RECORD__SUBJECT_RECORD;
        batch->records[i].record = &batch->record;
        profiled__v1__sequenced_interaction__init(&batch->items[i]);
        batch->items[i].sequence = first + (int64_t)i;
        batch->items[i].interaction_record = &batch->records[i];
        batch->list[i] = &batch->items[i];
    }
    Profiled__V1__InteractionBatch message = PROFILED__V1__INTERACTION_BATCH__INIT;
    message.n_interactions = count;
    message.interactions = batch->list;
    Profiled__V1__StreamInteractionsRequest request =
        PROFILED__V1__STREAM_INTERACTIONS_REQUEST__INIT;
    request.payload_case = PROFILED__V1__STREAM_INTERACTIONS_REQUEST__PAYLOAD_BATCH;
    request.batch = &message;
    const bool sent = profiled_stream_send(stream, &request.base);
    free(batch);
    return sent;
}

static Profiled__V1__Profile *nora(Profiled__V1__LookupProfileResponse **response) {
    struct profiled_error error = PROFILED_ERROR_INIT;
    Profiled__V1__Identity identity = PROFILED__V1__IDENTITY__INIT;
    identity.type = text("email");
    identity.value = text("nora@example.org");
    Profiled__V1__LookupProfileRequest request = PROFILED__V1__LOOKUP_PROFILE_REQUEST__INIT;
    request.identity = &identity;
    cr_assert(profiled_lookup_profile(fixture.client, &request, NULL, response, &error));
    return (*response)->profile;
}

static int64_t stored_count(void) {
    Profiled__V1__LookupProfileResponse *response = NULL;
    const int64_t count = nora(&response)->interaction_summary->count;
    profiled_message_free(&response->base);
    return count;
}

static void expect_end(struct profiled_stream *stream, int code) {
    struct profiled_error error = PROFILED_ERROR_INIT;
    const bool good = profiled_stream_finish(stream, &error);
    cr_expect_eq(good, code == 0, "%s", error.message == NULL ? "" : error.message);
    cr_expect(good || error.code == code, "%d", (int)error.code);
    profiled_error_clear(&error);
}

Test(stream_interactions, batches_sent_ahead_are_answered_in_order) {
    enum { BATCHES = 20, SIZE = 7 };
    struct profiled_stream *stream = stream_open(0);
    cr_expect_eq(stream_begin(stream), 0);

    for (int64_t i = 0; i < BATCHES; i++) {
        cr_assert(send_events(stream, i * SIZE + 1, SIZE));
    }
    cr_assert(profiled_stream_half_close(stream));

    for (int64_t i = 0; i < BATCHES; i++) {
        Profiled__V1__StreamInteractionsResponse *response = receive(stream);
        cr_assert_neq(response, NULL);
        const Profiled__V1__InteractionStreamAck *ack = response->ack;
        cr_expect_eq(ack->n_verdicts, SIZE);
        cr_expect_eq(ack->verdicts[0]->sequence, i * SIZE + 1);
        cr_expect_eq(ack->durable_sequence, (i + 1) * SIZE);
        cr_expect_eq(ack->counts->recorded, (i + 1) * SIZE);
        profiled_message_free(&response->base);
    }
    expect_end(stream, 0);
    cr_expect_eq(stored_count(), (int64_t)BATCHES * SIZE);
}

/* Its writes block once the server can't get rid of answers; and only its own. */
Test(stream_interactions, client_that_does_not_receive_is_held_up) {
    enum { BATCHES_MAX = 1000 }; /* Windows grow to some 20 MB of answers. */
    struct profiled_stream *stream = stream_open(SILENCE_MS);
    stream_begin(stream);

    int64_t sent = 0;
    while (sent < BATCHES_MAX && send_events(stream, sent * BATCH_MAX + 1, BATCH_MAX)) {
        sent++;
    }

    cr_expect_lt(sent, BATCHES_MAX, "nothing held it up");
    cr_expect_leq(stored_count(), (sent + 1) * BATCH_MAX, "others are answered");
    expect_end(stream, PROFILED_DEADLINE_EXCEEDED);
    stream = stream_open(0);
    const int64_t durable = stream_begin(stream);
    cr_expect_eq(durable, stored_count());
    cr_assert(send_events(stream, durable + 1, 1));
    Profiled__V1__StreamInteractionsResponse *response = receive(stream);
    cr_assert_neq(response, NULL);
    cr_expect_eq(response->ack->counts->recorded, durable + 1);
    profiled_message_free(&response->base);
    cr_assert(profiled_stream_half_close(stream));
    expect_end(stream, 0);
}

/* ---- two clients ---- */

enum { SHARED = 4000 };

struct sharer {
    pthread_t thread;
    size_t size; /* Of its batches. */
    int64_t recorded;
    int64_t skipped;
};

static void *share(void *state) {
    struct sharer *sharer = state;
    struct profiled_stream *stream = stream_open(0);
    stream_begin(stream);
    for (int64_t first = 1; first <= SHARED; first += (int64_t)sharer->size) {
        const size_t rest = (size_t)(SHARED - first + 1);
        const size_t count = rest < sharer->size ? rest : sharer->size;
        cr_assert(send_events(stream, first, count));
        Profiled__V1__StreamInteractionsResponse *response = receive(stream);
        cr_assert_neq(response, NULL);
        for (size_t i = 0; i < count; i++) {
            const bool skipped = response->ack->verdicts[i]->skipped != 0;
            sharer->skipped += skipped ? 1 : 0;
            sharer->recorded += skipped ? 0 : 1;
        }
        profiled_message_free(&response->base);
    }
    cr_assert(profiled_stream_half_close(stream));
    expect_end(stream, 0);
    return NULL;
}

Test(stream_interactions, two_clients_with_one_stream_store_each_sequence_once) {
    struct sharer sharers[] = {{.size = 7}, {.size = 11}};
    for (size_t i = 0; i < 2; i++) {
        cr_assert_eq(pthread_create(&sharers[i].thread, NULL, share, &sharers[i]), 0);
    }
    for (size_t i = 0; i < 2; i++) {
        pthread_join(sharers[i].thread, NULL);
    }

    cr_expect_eq(stored_count(), SHARED);
    cr_expect_eq(sharers[0].recorded + sharers[1].recorded, SHARED);
    cr_expect_eq(sharers[0].skipped + sharers[1].skipped, SHARED);
}

Test(stream_interactions, what_was_answered_survives_a_crash) {
    struct profiled_stream *stream = stream_open(0);
    stream_begin(stream);
    cr_assert(send_events(stream, 1, BATCH_MAX));
    Profiled__V1__StreamInteractionsResponse *response = receive(stream);
    cr_assert_neq(response, NULL);
    profiled_message_free(&response->base);
    profiled_stream_cancel(stream);
    expect_end(stream, PROFILED_CANCELLED);

    fixture_crash();

    stream = stream_open(0);
    cr_expect_eq(stream_begin(stream), BATCH_MAX);
    cr_assert(profiled_stream_half_close(stream));
    expect_end(stream, 0);
    cr_expect_eq(stored_count(), BATCH_MAX);
}
