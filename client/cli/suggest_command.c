/* `profilectl identity suggest`: profiles that are likely one person, and the weights by which that
 * is said. The answer comes as a stream: progress goes to a terminal, counts to standard error, and
 * what was asked for to standard output. */

#include "client/cli/command.h"
#include "client/cli/output.h"
#include "client/cli/request.h"
#include "client/cli/rule_words.h"
#include "client/cli/similarity_words.h"
#include "client/cli/table.h"
#include "client/json.h"

#include "profiled/v1/identity_service.pb-c.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    SUGGESTIONS_MAX = 10000,
    PROGRESS_EVERY_MS = 200,
    WHY_FIELDS = 3,
    WHY_SIZE = 256,
    PAIRS_MAX = 1000,       /* In one call of BatchCreateReviews. */
    REVIEWS_OPEN_MAX = 100, /* Of a profile. */
};

/* An answer that is coming in. */
struct suggesting {
    struct session *session;
    struct screen progress; /* Standard error. */
    Profiled__V1__SuggestPhase phase;
    int64_t phase_ms; /* When it began: with the message before its first. */
    int64_t heard_ms;
    int64_t shown_ms;
    struct table table;
    bool is_wide;
    size_t wide_count;
    json_t *whole; /* For JSON: counts and suggestions, in one document. Ours. */
    json_t *pairs; /* What is to be queued for review; NULL: nothing is. Ours. */
    int64_t changed_count;
    int code;
};

/* ---- progress ---- */

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void show_progress(struct suggesting *suggesting,
                          const Profiled__V1__SuggestProgress *progress) {
    const int64_t now = now_ms();
    if (progress->phase != suggesting->phase) {
        suggesting->phase = progress->phase;
        suggesting->phase_ms = suggesting->heard_ms;
    }
    suggesting->heard_ms = now;
    if (!suggesting->progress.terminal || now - suggesting->shown_ms < PROGRESS_EVERY_MS) {
        return;
    }
    suggesting->shown_ms = now;
    const double seconds = (double)(now - suggesting->phase_ms) / 1000.0 + 0.001;
    char line[WHY_SIZE];
    if (progress->phase == PROFILED__V1__SUGGEST_PHASE__SUGGEST_PHASE_COUNTING) {
        snprintf(line, sizeof line, "counting: %" PRId64 " profiles", progress->profile_count);
    } else if (progress->phase == PROFILED__V1__SUGGEST_PHASE__SUGGEST_PHASE_READING) {
        snprintf(line, sizeof line, "reading: %" PRId64 " of %" PRId64 " profiles, %.0f profiles/s",
                 progress->looked_at_count, progress->profile_count,
                 (double)progress->looked_at_count / seconds);
    } else {
        snprintf(line, sizeof line,
                 "comparing: %" PRId64 " of %" PRId64 " profiles, %" PRId64 " pairs, %.0f pairs/s",
                 progress->compared_profile_count, progress->read_count,
                 progress->compared_pair_count, (double)progress->compared_pair_count / seconds);
    }
    fprintf(stderr, "\r%-79.79s", line);
}

static void end_progress(const struct suggesting *suggesting) {
    if (suggesting->shown_ms > 0) {
        fprintf(stderr, "\r%79s\r", "");
    }
}

/* ---- suggestions ---- */

/* Positive when the first says less than the second, for or against. */
static int by_strength(const void *one, const void *other) {
    const Profiled__V1__FieldScore *const *a = one;
    const Profiled__V1__FieldScore *const *b = other;
    return fabs((*a)->bits) < fabs((*b)->bits) ? 1 : fabs((*a)->bits) > fabs((*b)->bits) ? -1 : 0;
}

/* Puts the fields first that say most. */
static void sort_fields(const Profiled__V1__MergeSuggestion *suggestion) {
    if (suggestion->n_fields > 0) {
        qsort(suggestion->fields, suggestion->n_fields, sizeof(Profiled__V1__FieldScore *),
              by_strength);
    }
}

/* The first fields in words. */
static void describe_why(const Profiled__V1__MergeSuggestion *suggestion, char out[WHY_SIZE]) {
    out[0] = '\0';
    for (size_t i = 0; i < suggestion->n_fields && i < WHY_FIELDS; i++) {
        const size_t used = strlen(out);
        snprintf(out + used, WHY_SIZE - used, "%s", i == 0 ? "" : ", ");
        similarity_field_words(suggestion->fields[i], out + strlen(out), WHY_SIZE - strlen(out));
    }
}

static void add_row(struct table *table, const Profiled__V1__MergeSuggestion *suggestion) {
    char percent[16];
    char rule[WORDS_SIZE];
    char why[WHY_SIZE];
    similarity_percent(suggestion->probability, percent, sizeof percent);
    output_words(&profiled__v1__identity_rule__descriptor, (int32_t)suggestion->rule,
                 "IDENTITY_RULE_", rule);
    describe_why(suggestion, why);
    table_add(table, percent);
    table_add(table, suggestion->profile == NULL ? "" : suggestion->profile->name);
    table_add(table, suggestion->other_profile == NULL ? "" : suggestion->other_profile->name);
    table_add(table, why);
    table_add(table, rule);
    table_add(table, suggestion->profile_id);
    table_add(table, suggestion->other_profile_id);
}

/* ---- in full ---- */

static void print_bits(double bits, const char *words) {
    fprintf(stdout, "%+8.1f bits  %s\n", bits, words);
}

static void print_side(const struct suggesting *suggesting, const char *likely, const char *id,
                       const Profiled__V1__Profile *profile) {
    fprintf(stdout, "%8s  %s  ", likely, id);
    output_text(&suggesting->session->screen, profile == NULL ? "" : profile->name);
    fputc('\n', stdout);
}

/* Both profiles, and what each field says of them: the sum is how likely they are one. */
static void print_wide(struct suggesting *suggesting,
                       const Profiled__V1__MergeSuggestion *suggestion) {
    char text[WHY_SIZE];
    similarity_percent(suggestion->probability, text, sizeof text);
    fputs(suggesting->wide_count++ > 0 ? "\n" : "", stdout);
    print_side(suggesting, text, suggestion->profile_id, suggestion->profile);
    print_side(suggesting, "", suggestion->other_profile_id, suggestion->other_profile);
    for (size_t i = 0; i < suggestion->n_fields; i++) {
        similarity_field_words(suggestion->fields[i], text, sizeof text);
        print_bits(suggestion->fields[i]->bits, text);
    }
    if (suggestion->swap_bits < 0 || suggestion->swap_bits > 0) {
        print_bits(suggestion->swap_bits, "given and family name in exchanged places");
    }
    print_bits(suggestion->prior_bits, "two of whom nothing is known");
    print_bits(suggestion->bits, "together");
    if (suggestion->rule != PROFILED__V1__IDENTITY_RULE__IDENTITY_RULE_UNSPECIFIED) {
        char room[WORDS_SIZE];
        fprintf(stdout, "%13s  kept apart: %s\n", "", rule_words(suggestion->rule, room));
    }
}

/* What BatchCreateReviews takes of a suggestion. */
static json_t *pair_of(const Profiled__V1__MergeSuggestion *suggestion) {
    json_t *fields = json_array();
    for (size_t i = 0; i < suggestion->n_fields; i++) {
        json_array_append_new(fields, json_from_message(&suggestion->fields[i]->base));
    }
    return json_pack("{s:s,s:s,s:f,s:o}", "profileId", suggestion->profile_id, "otherProfileId",
                     suggestion->other_profile_id, "probability", suggestion->probability, "fields",
                     fields);
}

static void take_batch(struct suggesting *suggesting, const Profiled__V1__SuggestionBatch *batch) {
    suggesting->changed_count += batch->changed_count;
    for (size_t i = 0; i < batch->n_suggestions && suggesting->pairs != NULL; i++) {
        json_array_append_new(suggesting->pairs, pair_of(batch->suggestions[i]));
    }
    if (suggesting->session->output == OUTPUT_TABLE) {
        for (size_t i = 0; i < batch->n_suggestions; i++) {
            sort_fields(batch->suggestions[i]);
            if (suggesting->is_wide) {
                print_wide(suggesting, batch->suggestions[i]);
            } else {
                add_row(&suggesting->table, batch->suggestions[i]);
            }
        }
        return;
    }
    json_t *items = json_array();
    for (size_t i = 0; i < batch->n_suggestions; i++) {
        json_array_append_new(items, json_from_message(&batch->suggestions[i]->base));
    }
    if (suggesting->session->output == OUTPUT_JSON) {
        json_array_extend(json_object_get(suggesting->whole, "suggestions"), items);
        json_decref(items);
    } else if (suggesting->code == EXIT_DONE) {
        suggesting->code = output_lines(items);
    } else {
        json_decref(items);
    }
}

/* ---- counts ---- */

static void take_counts(struct suggesting *suggesting, const Profiled__V1__SuggestCounts *counts) {
    end_progress(suggesting);
    json_object_set_new(suggesting->whole, "counts", json_from_message(&counts->base));
    fprintf(stderr, "%" PRId64 " suggestions, of %" PRId64 " profiles and %" PRId64 " pairs\n",
            counts->suggestion_count, counts->profile_count, counts->compared_pair_count);
    if (counts->skipped_block_count > 0) {
        fprintf(stderr,
                "  not compared by %" PRId64 " of %" PRId64
                " shared facts: more than 32 profiles share each, one %" PRId64 "\n",
                counts->skipped_block_count, counts->block_count, counts->skipped_block_largest);
    }
    if (counts->uncompared_profile_count > 0) {
        fprintf(stderr, "  compared with nobody for that: %" PRId64 " profiles\n",
                counts->uncompared_profile_count);
    }
    if (counts->never_join_count > 0) {
        fprintf(stderr, "  left out, never to be one: %" PRId64 " pairs\n",
                counts->never_join_count);
    }
    if (counts->dismissed_count > 0) {
        fprintf(stderr, "  left out, dismissed in review: %" PRId64 " pairs\n",
                counts->dismissed_count);
    }
    if (counts->left_out_count > 0) {
        fprintf(stderr, "  left out, less likely than these: %" PRId64 " pairs (--max)\n",
                counts->left_out_count);
    }
}

static void take_estimate(struct suggesting *suggesting,
                          const Profiled__V1__SimilarityEstimate *estimate) {
    end_progress(suggesting);
    fprintf(stderr,
            "Estimated from %" PRId64 " profiles: %" PRId64
            " pairs compared, %.0f of them expected to be one person; %" PRId32 " rounds, %s\n",
            estimate->profile_count, estimate->compared_pair_count, estimate->match_count,
            estimate->round_count, estimate->settled ? "settled" : "not settled");
    if (estimate->left_out_count > 0) {
        fprintf(stderr, "  left out, for they agree as hardly any others do: %" PRId64 " pairs\n",
                estimate->left_out_count);
    }
    for (size_t i = 0; i < estimate->n_kept_fields; i++) {
        fprintf(stderr, "%s%s%s",
                i == 0 ? "  not estimated, for two people are the same in them as often as one is; "
                         "weights kept as they were: "
                       : ", ",
                estimate->kept_fields[i], i + 1 == estimate->n_kept_fields ? "\n" : "");
    }
    if (estimate->weights != NULL) {
        suggesting->code = output_message(suggesting->session, &estimate->weights->base);
    }
}

/* ---- the stream ---- */

static void take_message(struct suggesting *suggesting,
                         const Profiled__V1__SuggestMergesResponse *message) {
    switch (message->payload_case) {
    case PROFILED__V1__SUGGEST_MERGES_RESPONSE__PAYLOAD_PROGRESS:
        show_progress(suggesting, message->progress);
        return;
    case PROFILED__V1__SUGGEST_MERGES_RESPONSE__PAYLOAD_COUNTS:
        take_counts(suggesting, message->counts);
        return;
    case PROFILED__V1__SUGGEST_MERGES_RESPONSE__PAYLOAD_SUGGESTIONS:
        take_batch(suggesting, message->suggestions);
        return;
    case PROFILED__V1__SUGGEST_MERGES_RESPONSE__PAYLOAD_ESTIMATE:
        take_estimate(suggesting, message->estimate);
        return;
    case PROFILED__V1__SUGGEST_MERGES_RESPONSE__PAYLOAD__NOT_SET:
    case _PROFILED__V1__SUGGEST_MERGES_RESPONSE__PAYLOAD__CASE_IS_INT_SIZE:
        break; /* Of a newer server. */
    }
}

/* Takes the reference to the request. */
static int receive_all(struct suggesting *suggesting, json_t *request) {
    struct profiled_stream *stream = NULL;
    const int code = session_listen(suggesting->session, "SuggestMerges", request, &stream);
    if (code != EXIT_DONE) {
        return code;
    }
    for (ProtobufCMessage *message = profiled_stream_receive(stream); message != NULL;
         message = profiled_stream_receive(stream)) {
        take_message(suggesting, (const Profiled__V1__SuggestMergesResponse *)message);
        profiled_message_free(message);
    }
    struct profiled_error error = PROFILED_ERROR_INIT;
    if (!profiled_stream_finish(stream, &error)) {
        end_progress(suggesting);
        return session_failed(suggesting->session, &error);
    }
    return suggesting->code;
}

/* Puts in the weights of --weights. False, told, when they can't be read. */
static bool request_weights(json_t *request, const struct arguments *arguments) {
    const char *path = arguments_get(arguments, OPT_WEIGHTS);
    if (path == NULL) {
        return true;
    }
    json_t *weights = request_file(path);
    return weights != NULL && json_object_set_new(request, "weights", weights) == 0;
}

static int print_all(struct suggesting *suggesting) {
    if (suggesting->changed_count > 0) {
        fprintf(stderr, "  left out, changed meanwhile: %" PRId64 " pairs\n",
                suggesting->changed_count);
    }
    if (suggesting->session->output == OUTPUT_JSON) {
        return output_json(suggesting->session, json_incref(suggesting->whole));
    }
    if (suggesting->table.cell_count > 0) {
        table_print(&suggesting->table, &suggesting->session->screen);
    }
    return EXIT_DONE;
}

/* ---- the review queue ---- */

enum { OUTCOME_COUNT = PROFILED__V1__QUEUE_OUTCOME__QUEUE_OUTCOME_NO_ROOM + 1 };

static json_int_t count_of(const json_t *counts, const char *profile_id) {
    return json_integer_value(json_object_get(counts, profile_id));
}

static void count_one(json_t *counts, const char *profile_id) {
    json_object_set_new(counts, profile_id, json_integer(count_of(counts, profile_id) + 1));
}

/* The pairs as they are to be queued: what is queued last is listed first, so the likeliest come
 * last. But for those of profiles that have more of them than there is room for: there the
 * likeliest find it, and the rest come behind them. Ours. */
static json_t *queue_order(const json_t *pairs) {
    json_t *order = json_array();
    json_t *rest = json_array();
    json_t *counts = json_object();
    for (size_t i = 0; i < json_array_size(pairs); i++) {
        json_t *pair = json_array_get(pairs, i);
        const char *one = json_string_value(json_object_get(pair, "profileId"));
        const char *other = json_string_value(json_object_get(pair, "otherProfileId"));
        if (count_of(counts, one) < REVIEWS_OPEN_MAX &&
            count_of(counts, other) < REVIEWS_OPEN_MAX) {
            count_one(counts, one);
            count_one(counts, other);
            json_array_insert(order, 0, pair);
        } else {
            json_array_append(rest, pair);
        }
    }
    json_array_extend(order, rest);
    json_decref(rest);
    json_decref(counts);
    return order;
}

static int queue_some(struct suggesting *suggesting, size_t first, int64_t counts[OUTCOME_COUNT]) {
    json_t *pairs = json_array();
    for (size_t i = first; i < first + PAIRS_MAX && i < json_array_size(suggesting->pairs); i++) {
        json_array_append(pairs, json_array_get(suggesting->pairs, i));
    }
    ProtobufCMessage *message = NULL;
    const int code = session_call(suggesting->session, "BatchCreateReviews",
                                  json_pack("{s:o}", "pairs", pairs), &message);
    if (code != EXIT_DONE) {
        return code;
    }
    const Profiled__V1__BatchCreateReviewsResponse *response =
        (const Profiled__V1__BatchCreateReviewsResponse *)message;
    for (size_t i = 0; i < response->n_verdicts; i++) {
        const int outcome = (int)response->verdicts[i]->outcome;
        counts[outcome > 0 && outcome < OUTCOME_COUNT ? outcome : 0]++;
    }
    profiled_message_free(message);
    return EXIT_DONE;
}

/* Says what came of each, none left out. */
static void tell_queued(const int64_t counts[OUTCOME_COUNT]) {
    static const char *const words[OUTCOME_COUNT] = {
        "of an outcome that this profilectl does not know",
        "queued for review",
        "in the review queue already",
        "dismissed before",
        "never to be one",
        "one profile by now",
        "deleted by now",
        "not queued, since a profile has at most 100 open reviews",
    };
    for (size_t i = 1; i <= OUTCOME_COUNT; i++) {
        const size_t outcome = i % OUTCOME_COUNT;
        if (counts[outcome] > 0 || outcome == 1) {
            fprintf(stderr, "%" PRId64 " %s\n", counts[outcome], words[outcome]);
        }
    }
}

static int queue_all(struct suggesting *suggesting) {
    int64_t counts[OUTCOME_COUNT] = {0};
    int code = EXIT_DONE;
    json_t *order = queue_order(suggesting->pairs);
    json_decref(suggesting->pairs);
    suggesting->pairs = order;
    for (size_t i = 0; i < json_array_size(suggesting->pairs) && code == EXIT_DONE;
         i += PAIRS_MAX) {
        code = queue_some(suggesting, i, counts);
    }
    tell_queued(counts);
    return code;
}

/* False, told, when an option says something that this output does not have. */
static bool check_output(const struct session *session, const struct arguments *arguments) {
    const bool is_table = session->output == OUTPUT_TABLE;
    if (is_table && arguments_has(arguments, OPT_SHOW_PROFILE)) {
        fprintf(stderr, "profilectl: --show-profile is of --output json and ndjson\n");
        return false;
    }
    if (!is_table && arguments_has(arguments, OPT_WIDE)) {
        fprintf(stderr, "profilectl: --wide is of --output table: JSON has all of it\n");
        return false;
    }
    return true;
}

int identity_suggest(struct session *session, const struct arguments *arguments) {
    static const struct table_column columns[] = {
        {.title = "LIKELY", .right = true, .whole = true},
        {.title = "NAME", .width_min = 12},
        {.title = "OTHER NAME", .width_min = 12},
        {.title = "WHY", .width_min = 24},
        {.title = "VETO", .width_min = 12},
        {.title = "PROFILE", .whole = true, .drop = 1},
        {.title = "OTHER PROFILE", .whole = true, .drop = 1},
    };
    int64_t max = 0;
    if (!check_output(session, arguments)) {
        return EXIT_USAGE;
    }
    json_t *request = json_object();
    if (!arguments_number(arguments, OPT_MAX, 1, SUGGESTIONS_MAX, 0, &max) ||
        !request_weights(request, arguments)) {
        json_decref(request);
        return EXIT_USAGE;
    }
    json_object_set_new(request, "maxSuggestions", json_integer(max));
    request_text(request, "minProbability", arguments, OPT_MIN_PROBABILITY);
    request_text(request, "profileId", arguments, OPT_PROFILE);
    request_flag(request, "includeProfiles", arguments, OPT_SHOW_PROFILE);
    if (session->output == OUTPUT_TABLE) {
        json_object_set_new(request, "includeProfiles", json_true()); /* For the names. */
    }
    struct suggesting suggesting = {
        .session = session,
        .progress = screen_of(stderr),
        .heard_ms = now_ms(),
        .is_wide = arguments_has(arguments, OPT_WIDE),
        .whole = json_pack("{s:[]}", "suggestions"),
        .pairs = arguments_get(arguments, OPT_REVIEW) != NULL ? json_array() : NULL};
    table_init(&suggesting.table, columns, sizeof columns / sizeof columns[0]);
    int code = receive_all(&suggesting, request);
    if (code == EXIT_DONE) {
        code = print_all(&suggesting);
    }
    if (code == EXIT_DONE && suggesting.pairs != NULL) {
        code = queue_all(&suggesting);
    }
    table_free(&suggesting.table);
    json_decref(suggesting.pairs);
    json_decref(suggesting.whole);
    return code;
}

int identity_suggest_estimate(struct session *session, const struct arguments *arguments) {
    json_t *request = json_pack("{s:b}", "estimateWeights", 1);
    if (!request_weights(request, arguments)) {
        json_decref(request);
        return EXIT_USAGE;
    }
    struct suggesting suggesting = {
        .session = session, .progress = screen_of(stderr), .heard_ms = now_ms()};
    return receive_all(&suggesting, request);
}
