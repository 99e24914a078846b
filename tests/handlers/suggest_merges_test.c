/* SuggestMerges, run to its end. How people are compared is tested with similar_find. */

#include <criterion/criterion.h>

#include <math.h>
#include <string.h>

#include "server/base/clock.h"
#include "server/base/limits.h"
#include "tests/handlers/reviews.h"

TestSuite(suggest_merges, .init = ask_open, .fini = ask_close);

enum { CROWD = 400, NONE = -1 };

static char *text(const char *string) { return (char *)(uintptr_t)string; }

#define NAMED(GIVEN, FAMILY) ATTRIBUTE("given_name", GIVEN), ATTRIBUTE("family_name", FAMILY)
#define BORN(DATE) ATTRIBUTE("birth_date", DATE)
#define CITY(NAME) ATTRIBUTE("city", NAME)
#define LEVEL(NAME) PROFILED__V1__SIMILARITY_LEVEL__SIMILARITY_LEVEL_##NAME

/* ---- calls ---- */

static const char *make(const struct told *told) {
    ask_wait_us(US_PER_SECOND);
    return resolve(told)->profile_id;
}

static const char *make_noura(void) {
    return make(TOLD(.attributes = {NAMED("Noura", "Harbi"), BORN("1985-10-15"), CITY("Abha")}));
}

/* The same, with a slip and another spelling. */
static const char *make_nora(void) {
    return make(TOLD(.attributes = {NAMED("Nora", "Harbbi"), BORN("1985-10-15"), CITY("Abha")}));
}

static void unmerge(const char *merge_id) {
    Profiled__V1__UnmergeProfilesRequest request = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
    request.merge_id = text(merge_id);
    ask(&rpc_identity_service, "UnmergeProfiles", &request.base);
}

static void delete (const char *id) {
    Profiled__V1__DeleteProfileRequest request = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    request.id = text(id);
    ask(&rpc_profile_service, "DeleteProfile", &request.base);
}

/* ---- answers ---- */

/* All that a call answered. */
struct suggested {
    size_t progress_count;
    const Profiled__V1__SuggestProgress *progress; /* The last. */
    const Profiled__V1__SuggestCounts *counts;
    const Profiled__V1__SimilarityEstimate *estimate;
    int64_t changed_count;
    size_t count;
    const Profiled__V1__MergeSuggestion **items;
};

static void gather(const Profiled__V1__SuggestMergesResponse *message, struct suggested *out) {
    switch (message->payload_case) {
    case PROFILED__V1__SUGGEST_MERGES_RESPONSE__PAYLOAD_PROGRESS:
        cr_expect_null(out->counts, "progress comes first");
        out->progress = message->progress;
        out->progress_count++;
        return;
    case PROFILED__V1__SUGGEST_MERGES_RESPONSE__PAYLOAD_COUNTS:
        cr_expect_null(out->counts, "counts come once");
        out->counts = message->counts;
        return;
    case PROFILED__V1__SUGGEST_MERGES_RESPONSE__PAYLOAD_SUGGESTIONS:
        cr_expect_not_null(out->counts, "suggestions come behind the counts");
        cr_expect_leq(message->suggestions->n_suggestions, 100);
        out->changed_count += message->suggestions->changed_count;
        for (size_t i = 0; i < message->suggestions->n_suggestions; i++) {
            out->items = arena_append(&ask_arena, out->items, out->count, sizeof *out->items);
            out->items[out->count++] = message->suggestions->suggestions[i];
        }
        return;
    case PROFILED__V1__SUGGEST_MERGES_RESPONSE__PAYLOAD_ESTIMATE:
        out->estimate = message->estimate;
        return;
    case PROFILED__V1__SUGGEST_MERGES_RESPONSE__PAYLOAD__NOT_SET:
    case _PROFILED__V1__SUGGEST_MERGES_RESPONSE__PAYLOAD__CASE_IS_INT_SIZE:
        break;
    }
    cr_assert_fail("a message says nothing");
}

static struct suggested gather_all(const struct feed *feed) {
    struct suggested out = {0};
    cr_assert_eq(feed->answer->code, STATUS_OK, "%s %s", feed->answer->reason, feed->answer->text);
    for (size_t i = 0; i < feed->count; i++) {
        gather((const Profiled__V1__SuggestMergesResponse *)feed->messages[i], &out);
    }
    return out;
}

static struct suggested suggest_with(const Profiled__V1__SuggestMergesRequest *request) {
    const struct feed feed = ask_feed(&rpc_identity_service, "SuggestMerges", &request->base);
    return gather_all(&feed);
}

static struct suggested suggest(void) {
    return suggest_with(
        &(Profiled__V1__SuggestMergesRequest)PROFILED__V1__SUGGEST_MERGES_REQUEST__INIT);
}

static const Profiled__V1__FieldScore *field_in(const Profiled__V1__MergeSuggestion *suggestion,
                                                const char *name) {
    for (size_t i = 0; i < suggestion->n_fields; i++) {
        if (strcmp(suggestion->fields[i]->field, name) == 0) {
            return suggestion->fields[i];
        }
    }
    return NULL;
}

static int level_in(const Profiled__V1__MergeSuggestion *suggestion, const char *name) {
    const Profiled__V1__FieldScore *field = field_in(suggestion, name);
    return field == NULL ? NONE : (int)field->level;
}

/* ---- suggestions ---- */

Test(suggest_merges, slips_and_spellings_of_one_person) {
    const char *noura = make_noura();
    make(TOLD(.attributes = {NAMED("Reem", "Zahrani"), BORN("1999-01-02"), CITY("Jeddah")}));
    const char *nora = make_nora();

    const struct suggested told = suggest();

    cr_assert_eq(told.count, 1);
    const Profiled__V1__MergeSuggestion *suggestion = told.items[0];
    cr_expect_str_eq(suggestion->profile_id, noura, "the older first");
    cr_expect_str_eq(suggestion->other_profile_id, nora);
    cr_expect_gt(suggestion->probability, 0.7);
    cr_expect_eq(suggestion->rule, 0);
    cr_expect_eq(level_in(suggestion, "given_name"), LEVEL(SOUNDS));
    cr_expect_eq(level_in(suggestion, "birth_date"), LEVEL(SAME));
    cr_expect_eq(level_in(suggestion, "city"), LEVEL(SAME));
    cr_expect_eq(level_in(suggestion, "email"), NONE, "nobody knows it");
    cr_expect_null(suggestion->profile, "nobody asked for it");
    cr_expect_eq(told.counts->profile_count, 3);
    cr_expect_eq(told.counts->suggestion_count, 1);
    cr_expect_gt(told.counts->compared_pair_count, 0);
    cr_expect_gt(told.progress_count, 1);
    cr_expect_eq(told.progress->looked_at_count, 3);
    cr_expect_eq(told.progress->read_count, 3);
}

Test(suggest_merges, bits_add_up) {
    make_noura();
    make_nora();

    const struct suggested told = suggest();

    cr_assert_eq(told.count, 1);
    double bits = told.items[0]->prior_bits + told.items[0]->swap_bits;
    for (size_t i = 0; i < told.items[0]->n_fields; i++) {
        bits += told.items[0]->fields[i]->bits;
    }
    cr_expect_float_eq(told.items[0]->bits, bits, 1e-9);
    cr_expect_float_eq(told.items[0]->probability, 1 / (1 + exp2(-bits)), 1e-9);
}

Test(suggest_merges, arabic_and_latin_spelling_with_the_profiles_themselves) {
    make(TOLD(.name = "محمد القحطاني", .attributes = {BORN("1985-10-15"), CITY("الرياض")}));
    make(TOLD(.name = "Mohammed Al-Qahtani", .attributes = {BORN("1985-10-15"), CITY("Riyadh")}));
    Profiled__V1__SuggestMergesRequest request = PROFILED__V1__SUGGEST_MERGES_REQUEST__INIT;
    request.include_profiles = true;

    const struct suggested told = suggest_with(&request);

    cr_assert_eq(told.count, 1);
    cr_expect_eq(level_in(told.items[0], "given_name"), LEVEL(SOUNDS));
    cr_expect_eq(level_in(told.items[0], "family_name"), LEVEL(SOUNDS));
    cr_expect_str_eq(told.items[0]->profile->name, "محمد القحطاني");
    cr_expect_str_eq(told.items[0]->other_profile->name, "Mohammed Al-Qahtani");
    cr_expect_str_eq(told.items[0]->other_profile->id, told.items[0]->other_profile_id);
}

Test(suggest_merges, what_a_strong_fact_keeps_apart_has_its_rule) {
    const char *one = make(TOLD(.attributes = {NAMED("Noura", "Harbi"), BORN("1985-10-15")},
                                .identities = {ID("email", "noura.harbi@example.com")}));
    const char *other = make(TOLD(.attributes = {NAMED("Noura", "Harbi"), BORN("1985-01-15")},
                                  .identities = {ID("email", "noura.harbi@exmaple.com")}));

    const struct suggested told = suggest();

    cr_assert_eq(told.count, 1);
    cr_expect_str_eq(told.items[0]->profile_id, one);
    cr_expect_eq(told.items[0]->rule, RULE(VETO_BIRTH_DATE));
    Profiled__V1__MergeProfilesRequest request = PROFILED__V1__MERGE_PROFILES_REQUEST__INIT;
    request.profile_id = text(one);
    request.other_profile_id = text(other);
    ask_refused(&rpc_identity_service, "MergeProfiles", &request.base, STATUS_FAILED_PRECONDITION,
                "MERGE_NOT_ALLOWED");
}

/* Of two that were joined the other date survived. */
Test(suggest_merges, who_agrees_with_either_of_two_joined_has_no_rule) {
    make(TOLD(.attributes = {NAMED("Noura", "Harbi"), BORN("1985-10-15")},
              .identities = {ID("email", "noura.harbi@example.com")}));
    make(TOLD(.attributes = {NAMED("Noura", "Harbi"), BORN("1985-01-15")},
              .identities = {ID("email", "noura.harbi@example.com"), ID("twitter", "noura_x")}));
    decide(the_review()->id, DECISION(JOIN));
    make(TOLD(.attributes = {NAMED("Noura", "Harbi"), BORN("1985-10-15")},
              .identities = {ID("email", "noura.harbi@exmaple.com")}));

    const struct suggested told = suggest();

    cr_assert_eq(told.count, 1);
    cr_expect_eq(told.items[0]->rule, 0);
}

Test(suggest_merges, nobody_and_strangers_have_none) {
    struct suggested told = suggest();
    cr_expect_eq(told.count, 0);
    cr_expect_eq(told.counts->profile_count, 0);

    make_noura();
    make(TOLD(.attributes = {NAMED("Fahad", "Harbi"), BORN("1990-03-02"), CITY("Abha")}));
    told = suggest();
    cr_expect_eq(told.count, 0);
    cr_expect_eq(told.counts->profile_count, 2);
}

/* ---- what is left out ---- */

Test(suggest_merges, deleted_and_merged_profiles_are_left_out) {
    const char *noura = make_noura();
    const char *nora = make_nora();
    const char *third = make_nora();
    cr_expect_eq(suggest().count, 3);

    delete (third);
    cr_expect_eq(suggest().count, 1);
    merge_two(noura, nora);

    const struct suggested told = suggest();
    cr_expect_eq(told.count, 0);
    cr_expect_eq(told.counts->profile_count, 1);
    cr_expect_eq(told.progress->looked_at_count, 3);
}

Test(suggest_merges, pairs_that_are_never_to_be_one_are_left_out_and_counted) {
    const char *noura = make_noura();
    const char *nora = make_nora();
    unmerge(merge_two(noura, nora));

    struct suggested told = suggest();
    cr_expect_eq(told.count, 0);
    cr_expect_eq(told.counts->never_join_count, 1);

    /* It holds for whoever one of the two was merged into. */
    const char *third = make_nora();
    merge_two(third, nora);
    told = suggest();
    cr_expect_eq(told.count, 0);
    cr_expect_eq(told.counts->profile_count, 2);
    cr_expect_eq(told.counts->never_join_count, 1);
}

Test(suggest_merges, what_changes_between_reading_and_sending_is_left_out_and_counted) {
    const char *noura = make_noura();
    make_nora();
    const Profiled__V1__SuggestMergesRequest request = PROFILED__V1__SUGGEST_MERGES_REQUEST__INIT;
    struct rpc_stream *stream = rpc_stream_new();
    struct suggested told = {0};
    bool more = true;
    while (more) {
        ProtobufCMessage *message = NULL;
        call_stream(ask_fixture, stream, &rpc_identity_service, "SuggestMerges", &request.base,
                    &message);
        more = call_more(ask_fixture);
        cr_assert_not_null(message);
        gather((const Profiled__V1__SuggestMergesResponse *)message, &told);
        if (more && told.counts != NULL) {
            delete (noura);
        }
    }
    rpc_stream_free(stream);

    cr_expect_eq(told.counts->suggestion_count, 1);
    cr_expect_eq(told.count, 0);
    cr_expect_eq(told.changed_count, 1);
}

Test(suggest_merges, a_profile_that_is_asked_for_and_deleted_meanwhile_is_not_found) {
    const char *noura = make_noura();
    Profiled__V1__SuggestMergesRequest request = PROFILED__V1__SUGGEST_MERGES_REQUEST__INIT;
    request.profile_id = text(noura);
    struct rpc_stream *stream = rpc_stream_new();
    const struct answer *answer = NULL;
    for (bool more = true; more;) {
        ProtobufCMessage *message = NULL;
        answer = call_stream(ask_fixture, stream, &rpc_identity_service, "SuggestMerges",
                             &request.base, &message);
        more = answer->code == STATUS_OK && call_more(ask_fixture);
        if (more && answers(noura)) {
            delete (noura);
        }
    }
    rpc_stream_free(stream);

    cr_expect_eq(answer->code, STATUS_NOT_FOUND);
    cr_expect_str_eq(answer->reason, "PROFILE_NOT_FOUND");
}

/* ---- what is asked for ---- */

Test(suggest_merges, thresholds) {
    make_noura();
    make(TOLD(.attributes = {NAMED("Noura", "Harbi"), CITY("Abha")}));
    Profiled__V1__SuggestMergesRequest request = PROFILED__V1__SUGGEST_MERGES_REQUEST__INIT;
    request.min_probability = 0.5;

    const struct suggested low = suggest_with(&request);
    request.min_probability = 0.999;
    const struct suggested high = suggest_with(&request);

    cr_assert_eq(low.count, 1);
    cr_expect_geq(low.items[0]->probability, 0.5);
    cr_expect_lt(low.items[0]->probability, 0.999);
    cr_expect_eq(high.count, 0);
}

Test(suggest_merges, the_likeliest_are_sent_and_the_others_counted) {
    make_noura();
    make_nora();
    make(TOLD(.attributes = {NAMED("Noura", "Harbi"), BORN("1985-10-15"), CITY("Abha")}));
    const struct suggested all = suggest();
    Profiled__V1__SuggestMergesRequest request = PROFILED__V1__SUGGEST_MERGES_REQUEST__INIT;
    request.max_suggestions = 1;

    const struct suggested best = suggest_with(&request);

    cr_assert_eq(all.count, 3);
    cr_expect_geq(all.items[0]->probability, all.items[1]->probability);
    cr_expect_geq(all.items[1]->probability, all.items[2]->probability);
    cr_assert_eq(best.count, 1);
    cr_expect_str_eq(best.items[0]->other_profile_id, all.items[0]->other_profile_id);
    cr_expect_eq(best.counts->left_out_count, 2);
}

Test(suggest_merges, of_one_profile_by_any_of_its_ids) {
    const char *noura = make_noura();
    const char *nora = make_nora();
    const char *merged = make(TOLD(.name = "Huda"));
    make(TOLD(.attributes = {NAMED("Reem", "Zahrani"), BORN("1999-01-02")}));
    make(TOLD(.attributes = {NAMED("Rim", "Zahrani"), BORN("1999-01-02")}));
    merge_two(nora, merged);
    cr_expect_eq(suggest().count, 2);
    Profiled__V1__SuggestMergesRequest request = PROFILED__V1__SUGGEST_MERGES_REQUEST__INIT;
    const char *const ids[] = {noura, nora, merged};

    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        request.profile_id = text(ids[i]);
        const struct suggested told = suggest_with(&request);
        cr_assert_eq(told.count, 1, "%zu", i);
        cr_expect_str_eq(told.items[0]->profile_id, noura);
        cr_expect_str_eq(told.items[0]->other_profile_id, nora);
    }
}

Test(suggest_merges, missing_and_elsewhere) {
    Profiled__V1__SuggestMergesRequest request = PROFILED__V1__SUGGEST_MERGES_REQUEST__INIT;
    request.profile_id = text("0190b8a2-0000-7000-8000-00000000000a");
    const struct feed missing = ask_feed(&rpc_identity_service, "SuggestMerges", &request.base);
    cr_expect_eq(missing.answer->code, STATUS_NOT_FOUND);
    cr_expect_str_eq(missing.answer->reason, "PROFILE_NOT_FOUND");

    request.profile_id = text(make_noura());
    make_nora();
    struct feed elsewhere =
        ask_feed_elsewhere(&rpc_identity_service, "SuggestMerges", &request.base);
    cr_expect_eq(elsewhere.answer->code, STATUS_NOT_FOUND);
    cr_expect_str_eq(elsewhere.answer->reason, "PROFILE_NOT_FOUND");

    request.profile_id = text("");
    elsewhere = ask_feed_elsewhere(&rpc_identity_service, "SuggestMerges", &request.base);
    cr_expect_eq(gather_all(&elsewhere).counts->profile_count, 0);
}

/* ---- invalid ---- */

static void expect_violation(const Profiled__V1__SuggestMergesRequest *request, const char *field) {
    const struct feed feed = ask_feed(&rpc_identity_service, "SuggestMerges", &request->base);
    cr_expect_eq(feed.answer->code, STATUS_INVALID_ARGUMENT, "%s", field);
    cr_expect_str_eq(feed.answer->reason, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(feed.answer, field), "%s", field);
    cr_expect_eq(feed.count, 0);
}

Test(suggest_merges, invalid_fields) {
    static const double probabilities[] = {0.49, -1, 1, NAN, INFINITY};
    for (size_t i = 0; i < sizeof probabilities / sizeof *probabilities; i++) {
        Profiled__V1__SuggestMergesRequest request = PROFILED__V1__SUGGEST_MERGES_REQUEST__INIT;
        request.min_probability = probabilities[i];
        expect_violation(&request, "min_probability");
    }
    Profiled__V1__SuggestMergesRequest request = PROFILED__V1__SUGGEST_MERGES_REQUEST__INIT;
    request.max_suggestions = SUGGESTIONS_MAX + 1;
    expect_violation(&request, "max_suggestions");
    request.max_suggestions = -1;
    request.profile_id = text("x");
    expect_violation(&request, "max_suggestions");
    expect_violation(&request, "profile_id");
    request = (Profiled__V1__SuggestMergesRequest)PROFILED__V1__SUGGEST_MERGES_REQUEST__INIT;
    request.estimate_weights = true;
    request.include_profiles = true;
    request.min_probability = 0.9;
    expect_violation(&request, "include_profiles");
    expect_violation(&request, "min_probability");
}

/* ---- weights ---- */

/* People of whom a tenth are there twice, with a slip. */
static void make_crowd(void) {
    Profiled__V1__Record *records[CROWD];
    for (size_t i = 0; i < CROWD; i++) {
        const size_t person = i < CROWD / 5 ? i / 2 : i;
        const char *family =
            arena_format(&ask_arena, "f%zuabcdefg%s", person, person != i && i % 2 == 1 ? "h" : "");
        const char *date = arena_format(&ask_arena, "19%02zu-%02zu-%02zu", 10 + person % 80,
                                        1 + person % 12, 1 + person / 12 % 28);
        const char *given = arena_format(&ask_arena, "g%zuq", person);
        records[i] = record_told(TOLD(.attributes = {NAMED(given, family), BORN(date)}));
    }
    Profiled__V1__BatchResolveProfilesRequest request =
        PROFILED__V1__BATCH_RESOLVE_PROFILES_REQUEST__INIT;
    request.n_records = CROWD;
    request.records = records;
    ask(&rpc_identity_service, "BatchResolveProfiles", &request.base);
}

static struct suggested estimate(Profiled__V1__SimilarityWeights *weights) {
    Profiled__V1__SuggestMergesRequest request = PROFILED__V1__SUGGEST_MERGES_REQUEST__INIT;
    request.estimate_weights = true;
    request.weights = weights;
    return suggest_with(&request);
}

Test(suggest_merges, estimated_weights_are_taken_as_weights) {
    make_crowd();
    const struct suggested by_default = suggest();
    const struct suggested estimated = estimate(NULL);
    cr_assert_not_null(estimated.estimate);
    Profiled__V1__SuggestMergesRequest request = PROFILED__V1__SUGGEST_MERGES_REQUEST__INIT;
    request.weights = estimated.estimate->weights;

    const struct suggested told = suggest_with(&request);
    const struct suggested again = estimate(estimated.estimate->weights);

    cr_expect_eq(by_default.count, CROWD / 10);
    cr_expect_eq(told.count, CROWD / 10);
    cr_expect_eq(estimated.count, 0);
    cr_expect_null(estimated.counts);
    cr_expect_eq(estimated.estimate->profile_count, CROWD);
    cr_expect_gt(estimated.estimate->compared_pair_count, 0);
    cr_expect_gt(estimated.estimate->match_count, CROWD / 20.0);
    cr_expect_neq(told.items[0]->bits, by_default.items[0]->bits, "other weights, another score");
    cr_expect_not_null(again.estimate);
}

Test(suggest_merges, a_name_that_all_bear_keeps_its_weights_and_is_told) {
    enum { COUNT = 150 };
    for (size_t i = 0; i < COUNT; i++) {
        resolve(TOLD(.name = "Ali Salem",
                     .identities = {ID("external_id", arena_format(&ask_arena, "x%zu", i))}));
    }

    const struct suggested told = estimate(NULL);

    cr_assert_not_null(told.estimate);
    cr_assert_eq(told.estimate->n_kept_fields, 2);
    cr_expect_str_eq(told.estimate->kept_fields[0], "given_name");
    cr_expect_str_eq(told.estimate->kept_fields[1], "family_name");
    Profiled__V1__SuggestMergesRequest request = PROFILED__V1__SUGGEST_MERGES_REQUEST__INIT;
    request.weights = told.estimate->weights;
    suggest_with(&request);
}

Test(suggest_merges, of_too_few_profiles_no_weights_are_estimated) {
    make_noura();
    Profiled__V1__SuggestMergesRequest request = PROFILED__V1__SUGGEST_MERGES_REQUEST__INIT;
    request.estimate_weights = true;

    const struct feed feed = ask_feed(&rpc_identity_service, "SuggestMerges", &request.base);

    cr_expect_eq(feed.answer->code, STATUS_FAILED_PRECONDITION);
    cr_expect_str_eq(answer_metadata(feed.answer, "read_count"), "1");
}

Test(suggest_merges, weights_that_are_none_are_refused_by_their_place) {
    Profiled__V1__SimilarityWeight one = PROFILED__V1__SIMILARITY_WEIGHT__INIT;
    Profiled__V1__SimilarityWeight *list[] = {&one, &one};
    Profiled__V1__SimilarityWeights weights = PROFILED__V1__SIMILARITY_WEIGHTS__INIT;
    Profiled__V1__SuggestMergesRequest request = PROFILED__V1__SUGGEST_MERGES_REQUEST__INIT;
    request.weights = &weights;
    expect_violation(&request, "weights");
    weights.weights = list;
    weights.n_weights = 1;
    one.field = text("shoe_size");
    expect_violation(&request, "weights.weights[0].field");
    one.field = text("gender");
    one.level = LEVEL(NEAR);
    expect_violation(&request, "weights.weights[0].level");
    one.level = (Profiled__V1__SimilarityLevel)17;
    expect_violation(&request, "weights.weights[0].level");
    one.level = LEVEL(SAME);
    one.m_probability = 0.9;
    one.u_probability = 0.5;
    weights.n_weights = 2;
    expect_violation(&request, "weights.weights[1]");
    weights.n_weights = 1;
    weights.share = 0.2;
    expect_violation(&request, "weights");
}

/* ---- steps ---- */

Test(suggest_merges, a_server_that_is_about_to_stop_ends_it) {
    make_noura();
    const Profiled__V1__SuggestMergesRequest request = PROFILED__V1__SUGGEST_MERGES_REQUEST__INIT;
    struct rpc_stream *stream = rpc_stream_new();
    const struct answer *first = call_stream(ask_fixture, stream, &rpc_identity_service,
                                             "SuggestMerges", &request.base, NULL);
    cr_expect_eq(first->code, STATUS_OK);
    cr_expect(call_more(ask_fixture));

    call_end_feeds(ask_fixture);
    const struct answer *next = call_stream(ask_fixture, stream, &rpc_identity_service,
                                            "SuggestMerges", &request.base, NULL);
    rpc_stream_free(stream);

    cr_expect_eq(next->code, STATUS_UNAVAILABLE);
    cr_expect_str_eq(next->reason, "SHUTTING_DOWN");
    cr_expect(answers(make_nora()), "other calls go on");
}

Test(suggest_merges, snapshots_that_are_over_at_once_change_nothing) {
    make_crowd();
    const struct suggested whole = suggest();

    call_step_set(US_PER_SECOND);
    const struct suggested pieces = suggest();

    cr_expect_gt(pieces.progress_count, (size_t)CROWD);
    cr_assert_eq(pieces.count, whole.count);
    for (size_t i = 0; i < whole.count; i++) {
        cr_expect_str_eq(pieces.items[i]->profile_id, whole.items[i]->profile_id);
        cr_expect_str_eq(pieces.items[i]->other_profile_id, whole.items[i]->other_profile_id);
    }
}
