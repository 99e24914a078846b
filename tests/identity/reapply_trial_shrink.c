/* Making a trial that fails small, and telling of it. */

#include "tests/identity/reapply_trial.h"

#include "tests/handlers/ask.h"

/* Keeps the smaller one if it fails too. */
static bool keep_if_fails(struct trial *trial, const struct trial *smaller) {
    const bool fails = trial_fails(smaller);
    if (fails) {
        *trial = *smaller;
    }
    return fails;
}

static bool drop_rules(struct trial *trial) {
    bool dropped = false;
    for (size_t i = 0; i < trial->before_count; i++) {
        struct trial smaller = *trial;
        smaller.before[i] = smaller.before[--smaller.before_count];
        dropped = keep_if_fails(trial, &smaller) || dropped;
    }
    for (size_t i = 0; trial->change_count > 1 && i < trial->change_count; i++) {
        struct trial smaller = *trial;
        smaller.changes[i] = smaller.changes[--smaller.change_count];
        dropped = keep_if_fails(trial, &smaller) || dropped;
    }
    return dropped;
}

static bool drop_steps(struct trial *trial) {
    bool dropped = false;
    for (size_t i = trial->history.count; i > 0; i--) {
        if (trial->history.steps[i - 1].kind != REPLAY_LEFT_OUT) {
            struct trial smaller = *trial;
            smaller.history.steps[i - 1].kind = REPLAY_LEFT_OUT;
            dropped = keep_if_fails(trial, &smaller) || dropped;
        }
    }
    return dropped;
}

/* What a step tells: one of its identities, its name, an attribute. */
static bool drop_told(struct trial *trial, size_t number) {
    const struct replay_step *step = &trial->history.steps[number];
    if (step->kind != REPLAY_RESOLVE && step->kind != REPLAY_RECORD &&
        step->kind != REPLAY_CREATE) {
        return false;
    }
    bool dropped = false;
    for (size_t i = 0; step->identity_count > 1 && i < step->identity_count; i++) {
        struct trial smaller = *trial;
        struct replay_step *less = &smaller.history.steps[number];
        less->identities[i] = less->identities[--less->identity_count];
        dropped = keep_if_fails(trial, &smaller) || dropped;
    }
    for (int i = 0; i < REPLAY_ATTRIBUTES; i++) {
        if (step->attributes[i] != REPLAY_NONE) {
            struct trial smaller = *trial;
            smaller.history.steps[number].attributes[i] = REPLAY_NONE;
            dropped = keep_if_fails(trial, &smaller) || dropped;
        }
    }
    return dropped;
}

void trial_shrink(struct trial *trial) {
    for (bool more = true; more;) {
        more = drop_rules(trial);
        more = drop_steps(trial) || more;
        for (size_t i = 0; i < trial->history.count; i++) {
            more = drop_told(trial, i) || more;
        }
    }
}

/* ---- in words ---- */

static const char *rules_text(const char *text, const char *when, const struct trial_rule *rules,
                              size_t count) {
    static const char *const kinds[TRIAL_KIND_COUNT] = {
        "disabled",       "matches nobody", "merges nobody",      "limit",
        "value blocked",  "pattern",        "merges if verified", "limit of one",
        "two facts veto", "no veto",        "email tag ignored"};
    for (size_t i = 0; i < count; i++) {
        text = arena_format(&ask_arena, "%s%s: %s %s (%d)\n", text, when,
                            replay_types[rules[i].type], kinds[rules[i].kind], rules[i].value);
    }
    return text;
}

const char *trial_text(const struct trial *trial) {
    const char *text = rules_text("", "before", trial->before, trial->before_count);
    for (size_t i = 0; i < trial->history.count; i++) {
        if (trial->history.steps[i].kind != REPLAY_LEFT_OUT) {
            text = arena_format(&ask_arena, "%s%s\n", text,
                                replay_step_text(&trial->history.steps[i], i));
        }
    }
    text = rules_text(text, "change", trial->changes, trial->change_count);
    return arena_format(&ask_arena, "%s%d profiles at a time, and %d on the way back\n", text,
                        trial->page_size, trial->back_page_size);
}
