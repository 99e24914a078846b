/* Similar profiles held against sets of records of which it is known whose they are, through the
 * calls that clients make: ImportProfiles, then SuggestMerges, all by default. Every pair of
 * records of the file counts, those of rows that failed too. */

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "profiled/v1/transfer_service.pb-c.h"
#include "server/base/limits.h"
#include "tests/handlers/people.h"
#include "tests/identity/truth_set.h"

TestSuite(similar_truth, .init = ask_open, .fini = ask_close, .timeout = 240);

enum { TOLD_ATTRIBUTES = 4 };

static struct truth_set set; /* Of one test: each is a process of its own. */

/* Which columns of a file tell what. */
struct columns {
    size_t attributes[TOLD_ATTRIBUTES]; /* Given name, family name, birth date, city. */
    size_t identity;
    const char *type;
};

static const struct columns columns_of_fake = {{1, 2, 3, 4}, 5, "email"};
static const struct columns columns_of_febrl = {{1, 2, 9, 6}, 10, "national_id"};

/* ---- importing ---- */

static Profiled__V1__Record *record_of(const struct truth_row *row, const struct columns *columns) {
    static const char *const names[TOLD_ATTRIBUTES] = {"given_name", "family_name", "birth_date",
                                                       "city"};
    struct told told = {0};
    size_t count = 0;
    for (size_t i = 0; i < TOLD_ATTRIBUTES; i++) {
        const char *value = row->columns[columns->attributes[i]];
        if (value[0] != '\0') {
            told.attributes[count++] = (struct told_attribute)ATTRIBUTE(names[i], value);
        }
    }
    if (row->columns[columns->identity][0] != '\0') {
        told.identities[0] =
            (struct told_identity)ID(columns->type, row->columns[columns->identity]);
    }
    return record_told(&told);
}

static const Profiled__V1__ImportProfilesResponse *
send(struct rpc_stream *stream, const Profiled__V1__ImportProfilesRequest *request) {
    ProtobufCMessage *response = NULL;
    const struct answer *answer = call_stream(ask_fixture, stream, &rpc_transfer_service,
                                              "ImportProfiles", &request->base, &response);
    cr_assert_eq(answer->code, STATUS_OK, "%s %s", answer->reason, answer->text);
    return (const Profiled__V1__ImportProfilesResponse *)response;
}

static void begin_import(struct rpc_stream *stream) {
    static char import_id[] = "truth";
    Profiled__V1__ImportHeader header = PROFILED__V1__IMPORT_HEADER__INIT;
    Profiled__V1__ImportProfilesRequest request = PROFILED__V1__IMPORT_PROFILES_REQUEST__INIT;
    header.import_id = import_id;
    request.payload_case = PROFILED__V1__IMPORT_PROFILES_REQUEST__PAYLOAD_HEADER;
    request.header = &header;
    send(stream, &request);
}

static void import_batch(struct rpc_stream *stream, size_t first, size_t count,
                         const struct columns *columns) {
    Profiled__V1__ImportBatch batch = PROFILED__V1__IMPORT_BATCH__INIT;
    batch.n_rows = count;
    batch.rows = arena_array(&ask_arena, count, sizeof *batch.rows);
    for (size_t i = 0; i < count; i++) {
        batch.rows[i] = arena_alloc(&ask_arena, sizeof **batch.rows);
        profiled__v1__import_row__init(batch.rows[i]);
        batch.rows[i]->row = (int64_t)(first + i + 1);
        batch.rows[i]->record = record_of(&set.rows[first + i], columns);
    }
    Profiled__V1__ImportProfilesRequest request = PROFILED__V1__IMPORT_PROFILES_REQUEST__INIT;
    request.payload_case = PROFILED__V1__IMPORT_PROFILES_REQUEST__PAYLOAD_BATCH;
    request.batch = &batch;
    const Profiled__V1__ImportAck *ack = send(stream, &request)->ack;
    for (size_t i = 0; i < count; i++) {
        const char *id = ack->verdicts[i]->profile_id;
        set.rows[first + i].profile =
            id[0] == '\0' ? NULL : arena_string(&ask_arena, bytes_of_string(id));
    }
}

/* Of one identity a record, none merges two: the ids that verdicts tell stay. */
static void import_set(const struct columns *columns) {
    struct rpc_stream *stream = rpc_stream_new();
    begin_import(stream);
    for (size_t i = 0; i < set.count; i += BATCH_RECORDS_MAX) {
        const size_t rest = set.count - i;
        ask_wait_us(1000000);
        import_batch(stream, i, rest < BATCH_RECORDS_MAX ? rest : BATCH_RECORDS_MAX, columns);
    }
    rpc_stream_free(stream);
}

/* ---- suggestions ---- */

/* The suggestions of a feed, each by its two profiles. */
struct suggestions {
    size_t count;
    const Profiled__V1__MergeSuggestion **items;
};

static struct suggestions suggest(void) {
    Profiled__V1__SuggestMergesRequest request = PROFILED__V1__SUGGEST_MERGES_REQUEST__INIT;
    request.max_suggestions = SUGGESTIONS_MAX;
    const struct feed feed = ask_feed(&rpc_identity_service, "SuggestMerges", &request.base);
    cr_assert_eq(feed.answer->code, STATUS_OK, "%s", feed.answer->text);
    struct suggestions out = {0};
    for (size_t i = 0; i < feed.count; i++) {
        const Profiled__V1__SuggestMergesResponse *message =
            (const Profiled__V1__SuggestMergesResponse *)feed.messages[i];
        if (message->payload_case != PROFILED__V1__SUGGEST_MERGES_RESPONSE__PAYLOAD_SUGGESTIONS) {
            continue;
        }
        for (size_t k = 0; k < message->suggestions->n_suggestions; k++) {
            out.items = arena_append(&ask_arena, out.items, out.count, sizeof *out.items);
            out.items[out.count++] = message->suggestions->suggestions[k];
        }
    }
    return out;
}

/* ---- pairs ---- */

struct pairs {
    size_t there;  /* Pairs of one person, in the file. */
    size_t of_one; /* Joined or suggested, rightly … */
    size_t of_two; /* … and wrongly. */
};

static void count_pair(const struct truth_row *one, const struct truth_row *other,
                       struct pairs *pairs) {
    const bool same = strcmp(one->person, other->person) == 0;
    pairs->of_one += same ? 1 : 0;
    pairs->of_two += same ? 0 : 1;
}

static bool came_to(const struct truth_row *row, const char *profile) {
    return row->profile != NULL && strcmp(row->profile, profile) == 0;
}

static void count_suggested(const Profiled__V1__MergeSuggestion *suggestion, struct pairs *pairs) {
    for (size_t i = 0; i < set.count; i++) {
        for (size_t k = 0; k < set.count && came_to(&set.rows[i], suggestion->profile_id); k++) {
            if (came_to(&set.rows[k], suggestion->other_profile_id)) {
                count_pair(&set.rows[i], &set.rows[k], pairs);
            }
        }
    }
}

static void count_joined(struct pairs *pairs) {
    for (size_t i = 0; i < set.count; i++) {
        for (size_t k = 0; k < i; k++) {
            const struct truth_row *one = &set.rows[i];
            pairs->there += strcmp(one->person, set.rows[k].person) == 0 ? 1 : 0;
            if (one->profile != NULL && came_to(&set.rows[k], one->profile)) {
                count_pair(one, &set.rows[k], pairs);
            }
        }
    }
}

static void expect_found(const struct columns *columns, double precision_least,
                         double recall_least) {
    import_set(columns);
    const struct suggestions suggestions = suggest();
    struct pairs pairs = {0};
    count_joined(&pairs);
    for (size_t i = 0; i < suggestions.count; i++) {
        count_suggested(suggestions.items[i], &pairs);
    }

    const double precision = (double)pairs.of_one / (double)(pairs.of_one + pairs.of_two);
    const double recall = (double)pairs.of_one / (double)pairs.there;

    printf("%zu suggestions, precision %.4f, recall %.4f\n", suggestions.count, precision, recall);
    cr_expect_geq(precision, precision_least, "%f", precision);
    cr_expect_geq(recall, recall_least, "%f", recall);
}

/* ---- the sets ---- */

Test(similar_truth, fake_1000_has_a_recall_of_075_at_a_precision_of_095) {
    truth_set_read("tests/identity/data/fake_1000.csv", &set, truth_of_fake);
    expect_found(&columns_of_fake, 0.95, 0.75);
}

Test(similar_truth, febrl1_has_a_recall_of_085_at_a_precision_of_099) {
    truth_set_read("tests/identity/data/febrl1.csv", &set, truth_of_febrl);
    expect_found(&columns_of_febrl, 0.99, 0.85);
}

Test(similar_truth, febrl2_has_a_recall_of_085_at_a_precision_of_099) {
    truth_set_read("tests/identity/data/febrl2.csv", &set, truth_of_febrl);
    expect_found(&columns_of_febrl, 0.99, 0.85);
}
