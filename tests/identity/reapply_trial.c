/* Trials: what SimulateIdentityTypes and ApplyIdentityTypes say of each other and of themselves. */

#include "tests/identity/reapply_trial.h"

#include <inttypes.h>
#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "server/base/limits.h"
#include "tests/handlers/definitions.h"
#include "tests/handlers/rehearsal.h"
#include "tests/identity/replay_picture.h"

/* ---- rules ---- */

static void change(const struct replay_run *run, const struct trial_rule *rule) {
    const char *type = replay_types[rule->type];
    Profiled__V1__IdentityType rules = PROFILED__V1__IDENTITY_TYPE__INIT;
    rules.type = (char *)(uintptr_t)type;
    char *pattern = strcmp(type, "email") == 0 ? arena_format(&ask_arena, "\\+t@")
                                               : arena_format(&ask_arena, "[0-%d]$", rule->value);
    switch (rule->kind) {
    case TRIAL_DISABLE:
        set_disabled(type, true);
        break;
    case TRIAL_MATCH_NOBODY:
        set_rules("match", &rules);
        break;
    case TRIAL_MERGE_NOBODY:
        set_rules("merge", &rules);
        break;
    case TRIAL_LIMIT:
        set_limit(type, rule->value + 2);
        break;
    case TRIAL_BLOCK_VALUE:
        set_blocked(type, run->values[rule->type][rule->value][0]);
        break;
    case TRIAL_BLOCK_PATTERN:
        rules.n_blocked_patterns = 1;
        rules.blocked_patterns = &pattern;
        set_rules("blocked_patterns", &rules);
        break;
    case TRIAL_VERIFIED:
        rules.merge_provenance = PROVENANCE(VERIFIED);
        set_rules("merge_provenance", &rules);
        break;
    case TRIAL_SINGLE:
        set_limit(type, 1);
        break;
    case TRIAL_VETO:
        set_vetoes(type, "given_name,gender");
        break;
    case TRIAL_NO_VETO:
        set_vetoes(type, "");
        break;
    case TRIAL_IGNORE_TAG:
        rules.type = (char *)(uintptr_t) "email";
        rules.email_ignore_tag = true;
        set_rules("email_ignore_tag", &rules);
        break;
    }
}

static struct trial_rule a_rule(struct seeded *random) {
    return (struct trial_rule){
        .kind = (enum trial_kind)seeded_below(random, TRIAL_KIND_COUNT),
        .type = (int)seeded_below(random, REPLAY_TYPES),
        .value = (int)seeded_below(random, REPLAY_VALUES),
    };
}

/* ---- making ---- */

/* Whether somebody unlinked an identity that a record told again as of an earlier time. Of an
 * identity only the times at which it was seen are known: which of its records came before it was
 * unlinked cannot be told from them then. */
static bool is_told_as_of_before_unlink(const struct replay_history *history, size_t number,
                                        const struct replay_identity *unlinked) {
    for (size_t i = number + 1; i < history->count; i++) {
        const struct replay_step *step = &history->steps[i];
        for (size_t k = 0; k < step->identity_count; k++) {
            if (step->identities[k].type == unlinked->type &&
                step->identities[k].value == unlinked->value &&
                step->observe_us < replay_time_us(number)) {
                return true;
            }
        }
    }
    return false;
}

bool trial_is_exact(const struct trial *trial) {
    for (size_t i = 0; i < trial->history.count; i++) {
        const struct replay_step *step = &trial->history.steps[i];
        if (step->kind == REPLAY_UNLINK &&
            is_told_as_of_before_unlink(&trial->history, i, &step->identities[0])) {
            return false;
        }
    }
    return true;
}

/* A store for each: all of its profiles are put under other rules. */
static void begin(const struct trial *trial) {
    ask_anew();
    define_once(PLAIN("visits", NUMBER));
    define_once(DEFINITION("tags", STRING, .max_values = 3));
    struct replay_run run;
    replay_run_begin(&run, "default", 1);
    for (size_t i = 0; i < trial->before_count; i++) {
        change(&run, &trial->before[i]);
    }
}

void trial_invent(struct trial *trial, uint64_t seed, size_t step_count) {
    struct seeded random = {seed};
    *trial = (struct trial){
        .before_count = seeded_below(&random, 3),
        .change_count = 1 + seeded_below(&random, 2),
        .page_size = 1 + (int)seeded_below(&random, 12),
        .back_page_size = 1 + (int)seeded_below(&random, 12),
        .is_slow = seed % 3 == 0,
    };
    for (size_t i = 0; i < TRIAL_RULES_MAX; i++) {
        trial->before[i] = a_rule(&random);
        trial->changes[i] = a_rule(&random);
    }
    begin(trial);
    replay_history_begin(&trial->history, seed, REPLAY_TYPES, "default");
    trial->history.forbids = seed % 4 == 0;
    for (size_t i = 0; i < step_count; i++) {
        replay_history_go_on(&trial->history);
    }
}

void trial_repeat(struct trial *out, const struct trial *trial) {
    *out = *trial;
    begin(trial);
    replay_history_repeat(&out->history, &trial->history, "default");
}

/* ---- judging ---- */

/* What nothing of may be lost. */
struct total {
    int64_t record_count;
    int64_t interaction_count;
};

static int64_t record_count(const char *id) {
    Profiled__V1__ExplainProfileRequest request = PROFILED__V1__EXPLAIN_PROFILE_REQUEST__INIT;
    request.profile_id = (char *)(uintptr_t)id;
    request.page_size = PAGE_SIZE_MAX;
    const Profiled__V1__ExplainProfileResponse *response =
        ask(&rpc_identity_service, "ExplainProfile", &request.base);
    return (int64_t)response->n_decisions;
}

static struct total count_all(void) {
    Profiled__V1__ListProfilesRequest request = PROFILED__V1__LIST_PROFILES_REQUEST__INIT;
    request.page_size = PAGE_SIZE_MAX;
    const Profiled__V1__ListProfilesResponse *response =
        ask(&rpc_profile_service, "ListProfiles", &request.base);
    struct total total = {0};
    for (size_t i = 0; i < response->n_profiles; i++) {
        total.record_count += record_count(response->profiles[i]->id);
        total.interaction_count += response->profiles[i]->interaction_summary->count;
    }
    return total;
}

/* Simulates, applies, and applies again: one application is enough. */
static const char *apply(const char *where, int page_size, bool is_slow,
                         const struct total *total) {
    const struct applied *done = NULL;
    const char *fault = rehearse(page_size, is_slow, &done);
    if (fault != NULL) {
        return arena_format(&ask_arena, "%s: %s", where, fault);
    }
    const struct total left = count_all();
    if (left.record_count != total->record_count ||
        left.interaction_count != total->interaction_count) {
        return arena_format(&ask_arena, "%s: something is lost", where);
    }
    ask_wait_us(US_PER_SECOND);
    const Profiled__V1__IdentityTypesEffect again = apply_rules(page_size);
    return again.changed_count == 0
               ? NULL
               : arena_format(&ask_arena, "%s: applied again %s", where, effect_text(&again));
}

const char *trial_judge(const struct trial *trial) {
    const struct replay_run *run = &trial->history.run;
    ask_wait_us(US_PER_SECOND);
    const char *before = replay_picture_alike(run);
    const struct total total = count_all();
    const int64_t version = rule_version();
    for (size_t i = 0; i < trial->change_count; i++) {
        change(run, &trial->changes[i]);
    }
    const char *fault = apply("there", trial->page_size, trial->is_slow, &total);
    if (fault != NULL) {
        return fault;
    }
    restore_rules(version);
    fault = apply("back", trial->back_page_size, trial->is_slow, &total);
    if (fault != NULL) {
        return fault;
    }
    const char *difference = replay_difference(before, replay_picture_alike(run));
    return difference == NULL ? NULL
                              : arena_format(&ask_arena, "back: it is otherwise: %s", difference);
}

/* What somebody else does meanwhile: tells something, changes the rules, applies them or some. */
static void disturb(struct trial *trial, struct seeded *random) {
    struct trial_rule rule;
    ask_wait_us(US_PER_SECOND);
    switch (seeded_below(random, 8)) {
    case 0:
        rule = a_rule(random);
        change(&trial->history.run, &rule);
        break;
    case 1:
        apply_rules(1 + (int)seeded_below(random, 12));
        break;
    case 2:
    case 3:
    case 4:
        if (trial->history.count < REPLAY_STEPS) {
            replay_history_go_on(&trial->history);
        }
        break;
    default:
        break;
    }
}

const char *trial_outlast(struct trial *trial, uint64_t seed) {
    struct seeded random = {~seed};
    const char *fault = NULL;
    Profiled__V1__SimulateIdentityTypesRequest request =
        PROFILED__V1__SIMULATE_IDENTITY_TYPES_REQUEST__INIT;
    request.rule_version = rule_version();
    for (size_t i = 0; i < trial->change_count; i++) {
        change(&trial->history.run, &trial->changes[i]);
    }
    apply_rules(trial->page_size);
    struct rpc_stream *stream = rpc_stream_new();
    for (bool more = true; more && fault == NULL;) {
        call_step_set(US_PER_SECOND / 3); /* A row or two a message. */
        const struct answer *answer = call_stream(ask_fixture, stream, &rpc_identity_service,
                                                  "SimulateIdentityTypes", &request.base, NULL);
        more = call_more(ask_fixture);
        call_step_set(0);
        if (answer->code != STATUS_OK) {
            fault = arena_format(&ask_arena, "%s %s", answer->reason, answer->text);
        }
        disturb(trial, &random);
    }
    rpc_stream_free(stream);
    return fault;
}

bool trial_fails(const struct trial *trial) {
    static struct trial made;
    trial_repeat(&made, trial);
    return trial_judge(&made) != NULL;
}
