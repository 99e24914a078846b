/* UnmergeProfiles against what it promises: a history in one workspace, and in the other the same
 * calls at the same times with the merges that were undone forbidden from the beginning. Afterwards
 * all that can be read of the one is all that can be read of the other.
 *
 * The merges are forbidden by CreateNeverJoin of their two members, in place of a MergeProfiles and
 * before a record that made them. There are neither limits nor vetoes. Decisions that were made
 * while a merge stood are not made anew (`keep_decisions`): where the replay decides otherwise, and
 * a merge stood then at what the step was about, there is nothing to compare; how often, and what
 * for, is counted and printed. Anywhere else a difference is a failure. Half of the histories make
 * them anew: where there is something to compare that changes nothing.
 *
 * A failure names the seed of its history and what to run it alone with. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "tests/engine/seeds.h"
#include "tests/handlers/definitions.h"
#include "tests/handlers/rules.h"
#include "tests/identity/replay_history.h"
#include "tests/identity/replay_picture.h"

enum {
    SEEDS = 250,       /* Of each test. */
    UNMERGE_TYPES = 4, /* Of replay_types: those of a family, an address and an id. */
};

static uint64_t seed;
static struct replay_history history;
static struct replay_run replay; /* Of the last unmerge. */
static bool is_replayed;         /* Whether it goes on with the history. */

/* What came of the replays, one for each unmerge. */
enum replayed {
    REPLAYED,
    LEFT_OTHER_ANSWER,  /* A call was taken, or refused, for the merge. */
    LEFT_OTHER_PROFILE, /* A record would have gone to another profile. */
    LEFT_OTHER_MERGES,  /* A record would have joined others. */
    LEFT_UNLINKED,      /* An identity was taken from the other side too. */
    REPLAYED_COUNT,
};

static const char *const replayed_names[REPLAYED_COUNT] = {
    "compared",
    "left out: a call was taken or refused for the merge",
    "left out: a record would have gone to another profile",
    "left out: a record would have joined others",
    "left out: unlinked what both sides had",
};

static size_t replayed_counts[REPLAYED_COUNT];
static size_t step_count;
static size_t picture_count;
static size_t by_record_count; /* Compared, of a merge that a record made. */

/* ---- failing ---- */

static void expect(bool condition, size_t number, const char *what) {
    if (condition) {
        return;
    }
    for (size_t i = 0; i < history.count; i++) {
        fprintf(stderr, "%s\n", replay_step_text(&history.steps[i], i));
    }
    cr_assert(false,
              "seed %" PRIu64 ", step %zu: %s. Alone: bazel test "
              "//tests/identity:unmerge_replay_test --test_env=PROFILED_SEED=%" PRIu64,
              seed, number, what, seed);
}

/* ---- what hung on a merge ---- */

/* A merge that the replay at hand forbids: it is undone by now. */
static bool is_forbidden(const struct replay_tie *tie) { return tie->undone != REPLAY_STANDS; }

/* Whether a merge that is forbidden in the replay stood at what a step was about. */
static bool depends_on_merge(size_t number, uint64_t touched) {
    const uint64_t persons = replay_persons(&history, touched, number);
    for (size_t i = 0; i < history.tie_count; i++) {
        const struct replay_tie *tie = &history.ties[i];
        if (is_forbidden(tie) && replay_tie_stood(tie, number) &&
            (persons & UINT64_C(1) << tie->one) != 0) {
            return true;
        }
    }
    return false;
}

/* ---- the replay ---- */

/* The profile that answers for another in the replay; NULL when none does. */
static const Profiled__V1__Profile *replayed_profile(int profile) {
    Profiled__V1__GetProfileRequest request = PROFILED__V1__GET_PROFILE_REQUEST__INIT;
    request.id = replay.profiles[profile];
    ProtobufCMessage *response = NULL;
    call_in(ask_fixture, replay.workspace, &rpc_profile_service, "GetProfile", &request.base,
            &response);
    return response == NULL ? NULL : ((Profiled__V1__GetProfileResponse *)response)->profile;
}

/* Whether another one, with whom the profile was one then, has the identity in the replay. */
static bool others_have(const struct replay_step *step, size_t number) {
    const uint64_t persons = replay_persons(&history, UINT64_C(1) << step->profile, number);
    const struct replay_identity *identity = &step->identities[0];
    const char *canonical = replay.values[identity->type][identity->value][0];
    const Profiled__V1__Profile *own = replayed_profile(step->profile);
    for (int i = 0; i < REPLAY_STEPS; i++) {
        const Profiled__V1__Profile *other =
            (persons & UINT64_C(1) << i) == 0 ? NULL : replayed_profile(i);
        if (other != NULL && (own == NULL || strcmp(other->id, own->id) != 0) &&
            identity_in(other, replay_types[identity->type], canonical) != NULL) {
            return true;
        }
    }
    return false;
}

/* Whether the step's merges that are not forbidden are those that its replay made. */
static bool same_ties(size_t number, const struct replay_outcome *replayed, size_t *count) {
    bool same = true;
    *count = 0;
    for (size_t i = 0; i < history.tie_count; i++) {
        const struct replay_tie *tie = &history.ties[i];
        if (tie->made != number || is_forbidden(tie)) {
            continue;
        }
        same = same && *count < replayed->tie_count && replayed->ties[*count].one == tie->one &&
               replayed->ties[*count].other == tie->other;
        ++*count;
    }
    return same && *count == replayed->tie_count;
}

static enum replayed compare(size_t number, const struct replay_outcome *replayed) {
    const struct replay_outcome *outcome = &history.outcomes[number];
    size_t ties = 0;
    if (outcome->code != replayed->code || strcmp(outcome->reason, replayed->reason) != 0 ||
        outcome->repeated != replayed->repeated) {
        return LEFT_OTHER_ANSWER;
    }
    if (outcome->profile != replayed->profile) {
        /* A profile of its own, where the one that it belongs to is deleted with another. */
        expect(outcome->profile == (int)number || replayed->profile == (int)number, number,
               "replayed the record goes to another profile");
        return LEFT_OTHER_PROFILE;
    }
    if (!same_ties(number, replayed, &ties)) {
        expect(ties != replayed->tie_count, number, "replayed the record ties other profiles");
        return LEFT_OTHER_MERGES;
    }
    return REPLAYED;
}

/* What the replay forbids for this step it does not do. */
static void expect_forbidden(size_t number, const struct replay_outcome *replayed) {
    for (size_t i = 0; i < history.tie_count; i++) {
        const struct replay_tie *tie = &history.ties[i];
        for (size_t k = 0; k < replayed->tie_count; k++) {
            expect(tie->made != number || !is_forbidden(tie) || tie->one != replayed->ties[k].one ||
                       tie->other != replayed->ties[k].other,
                   number, "replayed a merge is made that is forbidden");
        }
    }
}

/* Whether somebody took back since that the two of a merge are never to be one. */
static bool is_allowed_again(const struct replay_tie *tie) {
    for (size_t i = tie->undone; i < history.count; i++) {
        const struct replay_step *step = &history.steps[i];
        const bool is_of_both = (step->profile == tie->one && step->other == tie->other) ||
                                (step->profile == tie->other && step->other == tie->one);
        if (step->kind == REPLAY_ALLOW && is_of_both) {
            return true;
        }
    }
    return false;
}

/* Those whose merge was undone are not one again. */
static void expect_apart(size_t number) {
    for (size_t i = 0; i < history.tie_count; i++) {
        const struct replay_tie *tie = &history.ties[i];
        if (is_forbidden(tie) && !is_allowed_again(tie)) {
            const uint64_t one = replay_persons(&history, UINT64_C(1) << tie->one, number);
            expect((one & UINT64_C(1) << tie->other) == 0, number,
                   "two are one again whose merge was undone");
        }
    }
}

/* Forbids the merges that the step made in the history, and that were undone. How many. */
static size_t forbid_ties_of(size_t number) {
    size_t count = 0;
    for (size_t i = 0; i < history.tie_count; i++) {
        const struct replay_tie *tie = &history.ties[i];
        if (tie->made == number && is_forbidden(tie)) {
            expect(replay_forbid(&replay, tie->one, tie->other), number, "two are one already");
            count++;
        }
    }
    return count;
}

/* Makes one step of the history in the replay. */
static enum replayed replay_one(size_t number) {
    const struct replay_step *step = &history.steps[number];
    const struct replay_outcome *outcome = &history.outcomes[number];
    if (step->kind == REPLAY_UNMERGE) {
        return REPLAYED; /* What was undone never was; what was refused changed nothing. */
    }
    replay_clock_set(&replay, number);
    const size_t forbidden = forbid_ties_of(number);
    if (step->kind == REPLAY_MERGE && forbidden > 0) {
        return REPLAYED;
    }
    if (step->kind == REPLAY_UNLINK && outcome->code == STATUS_OK && others_have(step, number)) {
        return LEFT_UNLINKED;
    }
    const struct replay_outcome replayed = replay_step_make(&replay, step, number);
    expect_forbidden(number, &replayed);
    const enum replayed result = compare(number, &replayed);
    expect(result == REPLAYED || depends_on_merge(number, outcome->touched | replayed.touched),
           number,
           arena_format(&ask_arena, "replayed it is otherwise (%s)", replayed_names[result]));
    return result;
}

static void expect_same(size_t number) {
    const char *picture = replay_picture(&history.run);
    const char *replayed = replay_picture(&replay);
    const char *difference = replay_difference(picture, replayed);
    if (difference != NULL) {
        fprintf(stderr, "the history:\n%s\nreplayed:\n%s\n", picture, replayed);
    }
    picture_count++;
    expect(difference == NULL, number, difference);
}

/* After an unmerge: the whole history from its beginning. */
static void replay_all(size_t number) {
    replay_run_begin(&replay, "other", replay.tag + 1);
    enum replayed result = REPLAYED;
    for (size_t i = 0; i <= number && result == REPLAYED; i++) {
        result = replay_one(i);
    }
    replayed_counts[result]++;
    is_replayed = result == REPLAYED;
    const struct replay_tie *tie = &history.ties[history.steps[number].tie];
    by_record_count += is_replayed && history.steps[tie->made].kind != REPLAY_MERGE;
}

static void run_step(size_t number) {
    replay_history_go_on(&history);
    expect_apart(number);
    if (history.steps[number].kind == REPLAY_UNMERGE &&
        history.outcomes[number].code == STATUS_OK) {
        replay_all(number);
    } else if (is_replayed) {
        expect(replay_one(number) == REPLAYED, number, "replayed it is otherwise");
    }
    if (is_replayed) {
        expect_same(number);
    }
    step_count++;
    call_forget(ask_fixture);
    arena_reset(&ask_arena);
}

/* ---- many histories ---- */

/* Nothing is over a limit, nothing vetoes. What survives differs from history to history. */
static void set_up(const char *workspace) {
    ask_in(workspace);
    for (int type = 0; type < UNMERGE_TYPES; type++) {
        set_limit(replay_types[type], 50);
        set_vetoes(replay_types[type], "");
    }
    define_once(PLAIN("visits", NUMBER));
    define_once(DEFINITION("tags", STRING, .max_values = 3, .personal = seed % 4 < 2));
    if (seed % 2 == 0) {
        set_survivorship("name", SURVIVORSHIP(TRUSTED_SOURCE), "crm,web");
        set_survivorship("city", SURVIVORSHIP(FIRST_SEEN), "");
        set_survivorship("job", SURVIVORSHIP(TRUSTED_SOURCE), "web,crm");
        set_survivorship("visits", SURVIVORSHIP(FIRST_SEEN), "");
        set_survivorship("tags", SURVIVORSHIP(TRUSTED_SOURCE), "shop,web");
        set_survivorship("dialect", SURVIVORSHIP(TRUSTED_SOURCE), "crm");
    }
}

static void run(uint64_t of) {
    ask_anew(); /* A store for each: all of its pairs that are never one are read. */
    seed = of;
    set_up("default");
    set_up("other");
    replay_history_begin(&history, seed, UNMERGE_TYPES, "default");
    history.reconsiders = seed % 2 == 0;
    replay = (struct replay_run){0};
    is_replayed = false;
    for (size_t i = 0; i < REPLAY_STEPS; i++) {
        run_step(i);
    }
}

static void run_seeds(uint64_t from) {
    const struct seeds seeds = seeds_from(from, SEEDS);
    for (uint64_t of = seeds.first; of <= seeds.last; of++) {
        run(of);
    }
    size_t total = 0;
    for (int i = 0; i < REPLAYED_COUNT; i++) {
        fprintf(stderr, "%s: %zu\n", replayed_names[i], replayed_counts[i]);
        total += replayed_counts[i];
    }
    fprintf(stderr, "of those compared, of a merge by a record: %zu\n", by_record_count);
    fprintf(stderr, "%zu steps, %zu comparisons\n", step_count, picture_count);
    cr_assert_geq(replayed_counts[REPLAYED] * 3, total, "most replays were left out");
}

TestSuite(unmerge_replay, .init = ask_open, .fini = ask_close, .timeout = 900);

/* Two tests, so that two processors have something. */
Test(unmerge_replay, undone_merges_leave_what_never_merging_leaves) { run_seeds(1); }

Test(unmerge_replay, undone_merges_of_other_histories_do_too) { run_seeds(100001); }
