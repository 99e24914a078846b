/* Inventing steps. What a step is about is chosen among what the history has so far; whether the
 * server takes it is for the server to say. */

#include "tests/identity/replay_history.h"

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/people.h"

/* What an unmerge does not undo exactly: an attribute that was cleared in the merged profile, and
 * one that was set there while another member's value was said to be observed later than now. 1: it
 * is done too. */
enum { CLEARS = 1, OBSERVES_AHEAD = 0 };

/* ---- choosing ---- */

static int below(struct replay_history *history, size_t count) {
    return (int)seeded_below(&history->random, count);
}

static int a_profile(struct replay_history *history) {
    int found = REPLAY_NONE;
    int seen = 0;
    for (size_t i = 0; i < history->count; i++) {
        if (history->run.profiles[i][0] != '\0' && below(history, (size_t)++seen) == 0) {
            found = (int)i;
        }
    }
    return found;
}

static struct replay_identity an_identity(struct replay_history *history) {
    static const int provenances[] = {PROVENANCE(UNSPECIFIED), PROVENANCE(INFERRED),
                                      PROVENANCE(ATTESTED), PROVENANCE(ATTESTED),
                                      PROVENANCE(VERIFIED)};
    return (struct replay_identity){
        .type = below(history, 8) == 0 ? 0 : 1 + below(history, (size_t)history->type_count - 1),
        .value = below(history, REPLAY_VALUES),
        .form = below(history, REPLAY_FORMS),
        .provenance = provenances[below(history, sizeof provenances / sizeof *provenances)],
        .source = below(history, 3),
    };
}

/* Now, or earlier. No two steps observe at one time, but for now and then: then two are told as of
 * the same. */
static int64_t observe_time(struct replay_history *history, size_t number) {
    const int64_t now_us = replay_time_us(number);
    const int choice = below(history, 6);
    switch (choice) {
    case 0:
    case 1:
        return now_us - (int64_t)below(history, 60) * US_PER_SECOND - (int64_t)number - 1;
    case 2:
        return now_us + US_PER_SECOND * (int64_t)(OBSERVES_AHEAD == 1 ? below(history, 30)
                                                                      : -below(history, 3));
    default:
        return now_us;
    }
}

static bool has_identity(const struct replay_step *step, const struct replay_identity *identity) {
    for (size_t i = 0; i < step->identity_count; i++) {
        if (step->identities[i].type == identity->type &&
            step->identities[i].value == identity->value) {
            return true;
        }
    }
    return false;
}

static const struct replay_step *an_earlier_record(struct replay_history *history, size_t number) {
    const struct replay_step *found = NULL;
    int seen = 0;
    for (size_t i = 0; i < number; i++) {
        const struct replay_step *step = &history->steps[i];
        if ((step->kind == REPLAY_RECORD || step->kind == REPLAY_RESOLVE) &&
            below(history, (size_t)++seen) == 0) {
            found = step;
        }
    }
    return found;
}

/* Somebody writes again, of whom nothing else is told. */
static bool invent_again(struct replay_history *history, struct replay_step *step, size_t number) {
    const struct replay_step *earlier = an_earlier_record(history, number);
    if (step->kind == REPLAY_CREATE || earlier == NULL || below(history, 2) == 0) {
        return false;
    }
    memcpy(step->identities, earlier->identities, sizeof step->identities);
    step->identity_count = earlier->identity_count;
    step->source = earlier->source;
    step->observe_us = observe_time(history, number);
    return true;
}

static void invent_record(struct replay_history *history, struct replay_step *step, size_t number) {
    if (invent_again(history, step, number)) {
        return;
    }
    const size_t wanted = 1 + (size_t)below(history, REPLAY_IDENTITIES_MAX);
    while (step->identity_count < wanted) {
        const struct replay_identity identity = an_identity(history);
        if (!has_identity(step, &identity)) {
            step->identities[step->identity_count++] = identity;
        }
    }
    for (int i = 0; i < REPLAY_ATTRIBUTES; i++) {
        step->attributes[i] = below(history, 3) == 0 ? 1 + below(history, 3) : REPLAY_NONE;
    }
    step->name =
        step->kind == REPLAY_CREATE || below(history, 3) == 0 ? 1 + below(history, 5) : REPLAY_NONE;
    step->observe_us = observe_time(history, number);
}

static void invent_event(struct replay_history *history, struct replay_step *step, size_t number) {
    step->event = below(history, 3) == 0 ? below(history, 6) : REPLAY_NONE;
    step->channel = below(history, 3);
    step->theme = below(history, 3);
    step->sentiment = below(history, 4);
    /* The latest are listed first: no two happened at one time. */
    step->observe_us = replay_time_us(number) -
                       (below(history, 2) == 0
                            ? 0
                            : (int64_t)below(history, 60) * US_PER_SECOND + (int64_t)number + 1);
}

static void invent_update(struct replay_history *history, struct replay_step *step, size_t number) {
    step->observe_us = observe_time(history, number);
    if (below(history, 3) == 0) {
        step->name = 1 + below(history, 5);
        return;
    }
    const bool clears = CLEARS == 1 && below(history, 3) == 0;
    step->attributes[below(history, REPLAY_ATTRIBUTES)] = clears ? 0 : 1 + below(history, 5);
}

/* One that the profile has, mostly. */
static void invent_unlink(struct replay_history *history, struct replay_step *step) {
    step->identity_count = 1;
    step->identities[0] = an_identity(history);
    ask_in(history->run.workspace);
    const char *id = history->run.profiles[step->profile];
    if (!answers(id)) {
        return;
    }
    const Profiled__V1__Profile *profile = get(id);
    if (profile->n_identities > 0) {
        const Profiled__V1__Identity *one =
            profile->identities[below(history, profile->n_identities)];
        cr_assert(replay_value_find(&history->run, one->type, one->canonical_value,
                                    &step->identities[0]));
    }
}

static int a_standing_tie(struct replay_history *history) {
    int found = REPLAY_NONE;
    int seen = 0;
    for (size_t i = 0; i < history->tie_count; i++) {
        if (history->ties[i].undone == REPLAY_STANDS && below(history, (size_t)++seen) == 0) {
            found = (int)i;
        }
    }
    return found;
}

static int a_deleted_profile(struct replay_history *history) {
    int found = REPLAY_NONE;
    int seen = 0;
    for (size_t i = 0; i < history->count; i++) {
        if (history->steps[i].kind == REPLAY_DELETE && history->outcomes[i].code == STATUS_OK &&
            below(history, (size_t)++seen) == 0) {
            found = history->steps[i].profile;
        }
    }
    return found;
}

static enum replay_kind a_kind(struct replay_history *history) {
    static const struct {
        enum replay_kind kind;
        int weight;
    } weights[] = {
        {REPLAY_RESOLVE, 13}, {REPLAY_CREATE, 3}, {REPLAY_RECORD, 4},   {REPLAY_RECORD_BY, 4},
        {REPLAY_LINK, 3},     {REPLAY_UNLINK, 2}, {REPLAY_MERGE, 5},    {REPLAY_UNMERGE, 7},
        {REPLAY_UPDATE, 5},   {REPLAY_DELETE, 1}, {REPLAY_UNDELETE, 1}, {REPLAY_ALLOW, 1},
    };
    static const uint32_t of_records = 1u << REPLAY_RESOLVE | 1u << REPLAY_CREATE |
                                       1u << REPLAY_RECORD | 1u << REPLAY_RECORD_BY |
                                       1u << REPLAY_MERGE | 1u << REPLAY_UNMERGE;
    if (history->forbids && below(history, 8) == 0) {
        return REPLAY_FORBID;
    }
    int rest = below(history, 49);
    for (size_t i = 0; i < sizeof weights / sizeof *weights; i++) {
        rest -= weights[i].weight;
        if (rest < 0) {
            const bool is_left =
                history->is_of_records && (of_records & 1u << weights[i].kind) == 0;
            return is_left ? REPLAY_RESOLVE : weights[i].kind;
        }
    }
    return REPLAY_RESOLVE;
}

/* Fills the step by its kind. False: there is nothing yet that it could be about. */
static bool invent(struct replay_history *history, struct replay_step *step, size_t number) {
    step->profile = a_profile(history);
    const bool has_profile = step->profile != REPLAY_NONE;
    const int tie = below(history, history->tie_count + 1);
    switch (step->kind) {
    case REPLAY_RECORD:
    case REPLAY_RESOLVE:
    case REPLAY_CREATE:
        step->profile = REPLAY_NONE;
        invent_record(history, step, number);
        if (step->kind == REPLAY_RECORD) {
            invent_event(history, step, number);
        }
        return true;
    case REPLAY_RECORD_BY:
        invent_event(history, step, number);
        return has_profile;
    case REPLAY_LINK:
        step->identity_count = 1;
        step->identities[0] = an_identity(history);
        return has_profile;
    case REPLAY_UNLINK:
        if (has_profile) {
            invent_unlink(history, step);
        }
        return has_profile;
    case REPLAY_MERGE:
    case REPLAY_FORBID:
        step->other = a_profile(history);
        return has_profile && step->other != step->profile;
    case REPLAY_UNMERGE:
        step->profile = REPLAY_NONE;
        step->tie = a_standing_tie(history);
        return step->tie != REPLAY_NONE;
    case REPLAY_UPDATE:
        invent_update(history, step, number);
        return has_profile;
    case REPLAY_DELETE:
        return has_profile;
    case REPLAY_UNDELETE:
        step->profile = a_deleted_profile(history);
        return step->profile != REPLAY_NONE;
    case REPLAY_ALLOW:
        if ((size_t)tie == history->tie_count || history->ties[tie].undone == REPLAY_STANDS) {
            return false;
        }
        step->profile = history->ties[tie].one;
        step->other = history->ties[tie].other;
        return true;
    case REPLAY_LEFT_OUT:
        break;
    }
    return false;
}

static void invent_next(struct replay_history *history, struct replay_step *step, size_t number) {
    do {
        *step = (struct replay_step){.kind = a_kind(history),
                                     .profile = REPLAY_NONE,
                                     .other = REPLAY_NONE,
                                     .tie = REPLAY_NONE,
                                     .name = REPLAY_NONE,
                                     .event = REPLAY_NONE,
                                     .source = below(history, 3),
                                     .observe_us = replay_time_us(number)};
        for (int i = 0; i < REPLAY_ATTRIBUTES; i++) {
            step->attributes[i] = REPLAY_NONE;
        }
    } while (!invent(history, step, number));
}

/* ---- making them ---- */

static void make_unmerge(struct replay_history *history, const struct replay_step *step,
                         size_t number) {
    struct replay_tie *tie = &history->ties[step->tie];
    replay_clock_set(&history->run, number);
    history->outcomes[number] = replay_unmerge(&history->run, tie->id, history->reconsiders);
    if (history->outcomes[number].code == STATUS_OK) {
        tie->undone = number;
    }
}

static void make(struct replay_history *history, const struct replay_step *step, size_t number) {
    struct replay_outcome *outcome = &history->outcomes[number];
    *outcome = replay_step_make(&history->run, step, number);
    for (size_t i = 0; i < outcome->tie_count; i++) {
        struct replay_tie *tie = &history->ties[history->tie_count++];
        *tie = (struct replay_tie){.one = outcome->ties[i].one,
                                   .other = outcome->ties[i].other,
                                   .made = number,
                                   .undone = REPLAY_STANDS};
        memcpy(tie->id, outcome->ties[i].id, REPLAY_ID_SIZE);
    }
}

void replay_history_begin(struct replay_history *history, uint64_t seed, int type_count,
                          const char *workspace) {
    *history = (struct replay_history){.random = {seed}, .type_count = type_count};
    replay_run_begin(&history->run, workspace, 1);
}

static void make_next(struct replay_history *history) {
    const size_t number = history->count++;
    const struct replay_step *step = &history->steps[number];
    if (step->kind == REPLAY_UNMERGE) {
        make_unmerge(history, step, number);
    } else {
        make(history, step, number);
    }
}

void replay_history_go_on(struct replay_history *history) {
    invent_next(history, &history->steps[history->count], history->count);
    make_next(history);
}

/* ---- once more ---- */

/* The same merge; REPLAY_NONE when it was not made. */
static int find_tie(const struct replay_history *history, const struct replay_tie *sought) {
    for (size_t i = 0; i < history->tie_count; i++) {
        const struct replay_tie *tie = &history->ties[i];
        if (tie->made == sought->made && tie->one == sought->one && tie->other == sought->other) {
            return (int)i;
        }
    }
    return REPLAY_NONE;
}

static bool is_there(const struct replay_history *history, int profile) {
    return profile == REPLAY_NONE || history->run.profiles[profile][0] != '\0';
}

void replay_history_repeat(struct replay_history *history, const struct replay_history *other,
                           const char *workspace) {
    replay_history_begin(history, 0, other->type_count, workspace);
    while (history->count < other->count) {
        struct replay_step *step = &history->steps[history->count];
        *step = other->steps[history->count];
        if (step->kind == REPLAY_UNMERGE) {
            step->tie = find_tie(history, &other->ties[step->tie]);
            step->kind = step->tie == REPLAY_NONE ? REPLAY_LEFT_OUT : REPLAY_UNMERGE;
        } else if (!is_there(history, step->profile) || !is_there(history, step->other)) {
            step->kind = REPLAY_LEFT_OUT;
        }
        make_next(history);
    }
}

/* ---- what stood when ---- */

bool replay_tie_stood(const struct replay_tie *tie, size_t step) {
    return tie->made <= step && tie->undone > step;
}

uint64_t replay_persons(const struct replay_history *history, uint64_t profiles, size_t step) {
    uint64_t before = 0;
    while (before != profiles) {
        before = profiles;
        for (size_t i = 0; i < history->tie_count; i++) {
            const struct replay_tie *tie = &history->ties[i];
            const uint64_t both = UINT64_C(1) << tie->one | UINT64_C(1) << tie->other;
            if (replay_tie_stood(tie, step) && (profiles & both) != 0) {
                profiles |= both;
            }
        }
    }
    return profiles;
}
