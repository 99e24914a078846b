/* UnmergeProfiles under limits and vetoes: what came since is told again, so that all is what it
 * would be had the merge never been. A history of records, merges by hand and their undoing is made
 * in one workspace; after each unmerge all of it is made in another one, where those whose merges
 * were undone are never to be one from the beginning. The persons of both are the same.
 *
 * Nothing to compare there is where a call of the history was taken that would be refused without
 * the merge, as a merge by hand of two who are never to be one then: whoever made it was told that
 * it was done. And where the server says that it did not tell all again. Both are counted.
 *
 * A failure names the seed of its history; PROFILED_SEED=N runs that one alone, with the
 * PROFILED_RULES of the failure, PROFILED_HISTORIES=N so many. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "tests/engine/seeds.h"
#include "tests/handlers/definitions.h"
#include "tests/handlers/rules.h"
#include "tests/identity/replay_history.h"
#include "tests/identity/replay_picture.h"

enum {
    SEEDS = 100, /* Of each test. */
    TYPES = 4,   /* Of replay_types. */
};

struct rules_of_test {
    const char *name;
    bool limits;
    bool vetoes;
    bool mixed; /* Every second type vetoes on nothing. */
};

static const struct rules_of_test *rules;
static uint64_t seed;
static struct replay_history history;
static struct replay_run replay;
static int
    replayed[REPLAY_STEPS]; /* To whom the record of each step went; REPLAY_NONE: none yet. */
static bool is_forbidden[REPLAY_HISTORY_TIES_MAX];
static size_t compared_count;
static size_t refused_count;
static size_t not_retold_count;

static void expect(bool condition, size_t number, const char *what) {
    if (!condition) {
        for (size_t i = 0; i < history.count; i++) {
            fprintf(stderr, "%s\n", replay_step_text(&history.steps[i], i));
        }
        cr_assert(false, "%s, seed %" PRIu64 ", step %zu: %s", rules->name, seed, number, what);
    }
}

/* ---- the replay ---- */

/* As soon as both are there. True: the step is a merge that was undone. */
static bool forbid(size_t number) {
    bool is_undone = false;
    for (size_t i = 0; i < history.tie_count; i++) {
        const struct replay_tie *tie = &history.ties[i];
        if (tie->undone == REPLAY_STANDS) {
            continue;
        }
        const int one = replayed[tie->one];
        const int other = replayed[tie->other];
        if (!is_forbidden[i] && one != REPLAY_NONE && other != REPLAY_NONE) {
            is_forbidden[i] = true;
            if (one != other) {
                (void)replay_forbid(&replay, one, other);
            }
        }
        is_undone = is_undone || tie->made == number;
    }
    return is_undone;
}

/* The step about those whom the profiles of the history are by now. */
static struct replay_step step_of(const struct replay_step *step) {
    struct replay_step replayed_step = *step;
    replayed_step.profile = step->profile == REPLAY_NONE ? REPLAY_NONE : replayed[step->profile];
    replayed_step.other = step->other == REPLAY_NONE ? REPLAY_NONE : replayed[step->other];
    return replayed_step;
}

/* False: the call was taken, and is refused, or the other way round. */
static bool replay_one(size_t number) {
    const struct replay_step step = step_of(&history.steps[number]);
    const struct replay_outcome *outcome = &history.outcomes[number];
    replay_clock_set(&replay, number);
    const bool is_undone = forbid(number);
    const bool is_merge = step.kind == REPLAY_MERGE;
    if (step.kind == REPLAY_UNMERGE ||
        (is_merge && (is_undone || outcome->code != STATUS_OK || step.profile == step.other))) {
        return true;
    }
    const struct replay_outcome again = replay_step_make(&replay, &step, number);
    if (again.code == STATUS_OK && again.profile != REPLAY_NONE) {
        replayed[number] = again.profile;
    }
    return again.code == outcome->code;
}

/* After an unmerge. */
static void replay_all(size_t number) {
    replay_run_begin(&replay, "other", replay.tag + 1);
    memset(is_forbidden, 0, sizeof is_forbidden);
    for (size_t i = 0; i < REPLAY_STEPS; i++) {
        replayed[i] = REPLAY_NONE;
    }
    for (size_t i = 0; i <= number; i++) {
        if (!replay_one(i)) {
            refused_count++;
            return;
        }
    }
    const char *persons = replay_picture_persons(&history.run, &replay);
    const char *others = replay_picture_persons(&replay, &history.run);
    const char *difference = replay_difference(persons, others);
    if (difference != NULL) {
        fprintf(stderr, "the history:\n%s\n\nreplayed:\n%s\n\n", persons, others);
    }
    compared_count++;
    expect(difference == NULL, number, difference);
}

/* False: from now on there is nothing to compare. */
static bool run_step(size_t number) {
    replay_history_go_on(&history);
    const struct replay_outcome *outcome = &history.outcomes[number];
    const bool is_unmerge =
        history.steps[number].kind == REPLAY_UNMERGE && outcome->code == STATUS_OK;
    const bool goes_on = !is_unmerge || outcome->retold;
    if (is_unmerge && outcome->retold) {
        replay_all(number);
    }
    not_retold_count += !goes_on;
    call_forget(ask_fixture);
    arena_reset(&ask_arena);
    return goes_on;
}

/* ---- many histories ---- */

static void set_up(const char *workspace) {
    ask_in(workspace);
    for (int type = 0; type < TYPES; type++) {
        set_limit(replay_types[type], !rules->limits ? 50 : type == 0 ? 1 : 2);
        const bool vetoes = rules->vetoes && !(rules->mixed && type % 2 == 1);
        set_vetoes(replay_types[type], vetoes ? "given_name,gender" : "");
    }
    define_once(PLAIN("visits", NUMBER));
    define_once(DEFINITION("tags", STRING, .max_values = 3));
}

static void run(uint64_t of) {
    ask_anew();
    seed = of;
    set_up("default");
    set_up("other");
    replay_history_begin(&history, seed, TYPES, "default");
    history.reconsiders = true;
    history.is_of_records = true;
    replay = (struct replay_run){0};
    for (size_t i = 0; i < REPLAY_STEPS && run_step(i); i++) {
    }
    cr_assert_eq(call_verify(ask_fixture), 0, "%s, seed %" PRIu64, rules->name, seed);
}

static void run_seeds(const struct rules_of_test *of_test) {
    const char *only = getenv("PROFILED_RULES");
    const struct seeds seeds = seeds_of(SEEDS);
    rules = of_test;
    if (only != NULL && strcmp(only, rules->name) != 0) {
        return;
    }
    for (uint64_t of = seeds.first; of <= seeds.last; of++) {
        run(of);
    }
    fprintf(stderr,
            "%s: %zu unmerges compared; left out: a call would have been refused %zu, not told "
            "again %zu\n",
            rules->name, compared_count, refused_count, not_retold_count);
    /* One in twenty, and two: of a few histories it may be more. */
    cr_assert_geq(compared_count + 40, 20 * (refused_count + not_retold_count),
                  "%s: too many were left out", rules->name);
}

TestSuite(unmerge_retold, .init = ask_open, .fini = ask_close, .timeout = 900);

Test(unmerge_retold, without_limits_and_vetoes) {
    static const struct rules_of_test of_test = {.name = "none"};
    run_seeds(&of_test);
}

Test(unmerge_retold, with_limits) {
    static const struct rules_of_test of_test = {.name = "limits", .limits = true};
    run_seeds(&of_test);
}

Test(unmerge_retold, with_vetoes) {
    static const struct rules_of_test of_test = {.name = "vetoes", .vetoes = true};
    run_seeds(&of_test);
}

Test(unmerge_retold, with_vetoes_of_some_types) {
    static const struct rules_of_test of_test = {.name = "mixed", .vetoes = true, .mixed = true};
    run_seeds(&of_test);
}

Test(unmerge_retold, with_limits_and_vetoes) {
    static const struct rules_of_test of_test = {.name = "both", .limits = true, .vetoes = true};
    run_seeds(&of_test);
}
