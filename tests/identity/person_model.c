/* The model of persons. */

#include "tests/identity/person_model.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum event_kind { TELL, LINK, UNLINK, SET, CLEAR, YIELD };

/* Something that one profile was told, as it was decided then. */
struct event {
    size_t number;
    enum event_kind kind;
    int profile;
    struct model_record record; /* TELL. */
    int rules[MODEL_RECORD_IDENTITIES_MAX];
    int type; /* LINK, UNLINK, YIELD. */
    int value;
    int name; /* SET. */
    int attribute;
    int64_t at_us;
};

struct tie {
    int one;
    int other;
    bool undone;
};

struct model {
    int limits[MODEL_TYPES];
    size_t profile_count;
    size_t tie_count;
    struct tie ties[MODEL_TIES_MAX];
    size_t event_count;
    struct event events[MODEL_EVENTS_MAX];
    size_t apart_count;
    int apart[MODEL_APART_MAX][2];
    bool deleted[MODEL_PROFILES_MAX]; /* Of those that answer. */
    int interactions[MODEL_PROFILES_MAX];
    struct model_state views[MODEL_PROFILES_MAX]; /* As last written. */
    int owners[MODEL_TYPES][MODEL_VALUES];        /* Who is found by an identity; MODEL_NONE. */
};

struct model *model_new(const int limits[MODEL_TYPES]) {
    struct model *model = calloc(1, sizeof *model);
    assert(model != NULL);
    memcpy(model->limits, limits, sizeof model->limits);
    for (int type = 0; type < MODEL_TYPES; type++) {
        for (int value = 0; value < MODEL_VALUES; value++) {
            model->owners[type][value] = MODEL_NONE;
        }
    }
    return model;
}

void model_free(struct model *model) { free(model); }

size_t model_profile_count(const struct model *model) { return model->profile_count; }

size_t model_tie_count(const struct model *model) { return model->tie_count; }

bool model_tie_stands(const struct model *model, size_t tie) { return !model->ties[tie].undone; }

/* ---- who is with whom ---- */

/* Profiles are numbered in the order of their creation: the least answers. */
static int root_of(const struct model *model, int profile) {
    bool reached[MODEL_PROFILES_MAX] = {false};
    reached[profile] = true;
    for (size_t round = 0; round < model->tie_count; round++) {
        for (size_t i = 0; i < model->tie_count; i++) {
            const struct tie *tie = &model->ties[i];
            if (!tie->undone && (reached[tie->one] || reached[tie->other])) {
                reached[tie->one] = true;
                reached[tie->other] = true;
            }
        }
    }
    int root = 0;
    while (!reached[root]) {
        root++;
    }
    return root;
}

bool model_is_member(const struct model *model, int profile, int member) {
    return root_of(model, profile) == root_of(model, member);
}

size_t model_member_count(const struct model *model, int profile) {
    size_t count = 0;
    for (size_t i = 0; i < model->profile_count; i++) {
        count += model_is_member(model, profile, (int)i);
    }
    return count;
}

int model_answers(const struct model *model, int profile) {
    const int root = root_of(model, profile);
    return model->deleted[root] ? MODEL_NONE : root;
}

const struct model_state *model_view(const struct model *model, int profile) {
    return &model->views[root_of(model, profile)];
}

int model_interaction_count(const struct model *model, int profile) {
    int count = 0;
    for (size_t i = 0; i < model->profile_count; i++) {
        count += model_is_member(model, profile, (int)i) ? model->interactions[i] : 0;
    }
    return count;
}

/* ---- states ---- */

static struct model_identity *find(struct model_state *state, int type, int value) {
    for (size_t i = 0; i < state->identity_count; i++) {
        if (state->identities[i].type == type && state->identities[i].value == value) {
            return &state->identities[i];
        }
    }
    return NULL;
}

static bool has_active(const struct model_state *state, int type, int value) {
    const struct model_identity *found = find((struct model_state *)(uintptr_t)state, type, value);
    return found != NULL && found->rule == MODEL_ACTIVE;
}

static void join_identity(struct model_state *state, const struct model_identity *from) {
    struct model_identity *there = find(state, from->type, from->value);
    if (there == NULL) {
        assert(state->identity_count < MODEL_IDENTITIES_MAX);
        state->identities[state->identity_count++] = *from;
        return;
    }
    there->rule = from->rule == MODEL_ACTIVE ? MODEL_ACTIVE : there->rule;
    there->provenance = from->provenance > there->provenance ? from->provenance : there->provenance;
    if (from->last_us > there->last_us ||
        (from->last_us == there->last_us && from->event > there->event)) {
        there->source = from->source;
        there->last_us = from->last_us;
        there->event = from->event;
    }
    there->first_us = from->first_us < there->first_us ? from->first_us : there->first_us;
}

/* What is told holds, whatever was before. */
static void add(struct model_state *state, struct model_identity told) {
    join_identity(state, &told);
    find(state, told.type, told.value)->rule = told.rule;
}

static void limit(const struct model *model, struct model_state *state) {
    for (int type = 0; type < MODEL_TYPES; type++) {
        for (;;) {
            int active = 0;
            struct model_identity *victim = NULL;
            for (size_t i = 0; i < state->identity_count; i++) {
                struct model_identity *identity = &state->identities[i];
                if (identity->type == type && identity->rule == MODEL_ACTIVE) {
                    active++;
                    if (victim == NULL || identity->last_us < victim->last_us ||
                        (identity->last_us == victim->last_us &&
                         (identity->first_us > victim->first_us ||
                          (identity->first_us == victim->first_us &&
                           identity->event >= victim->event)))) {
                        victim = identity;
                    }
                }
            }
            if (active <= model->limits[type]) {
                break;
            }
            assert(victim != NULL);
            victim->rule = MODEL_OVER_LIMIT;
        }
    }
}

static int64_t rank(const struct model_attribute *attribute) {
    return attribute->observe_us > attribute->force_us ? attribute->observe_us
                                                       : attribute->force_us;
}

static void outweigh(struct model_attribute *there, const struct model_attribute *told) {
    if (told->value != MODEL_NONE && (there->value == MODEL_NONE || rank(told) > rank(there) ||
                                      (rank(told) == rank(there) && told->event > there->event))) {
        *there = *told;
    }
}

static struct model_attribute told_value(const struct event *event, int value) {
    return (struct model_attribute){.value = value,
                                    .event = event->number,
                                    .observe_us = event->record.observe_us,
                                    .source = event->record.source};
}

static struct model_attribute set_value(const struct event *event, int value) {
    return (struct model_attribute){.value = value,
                                    .event = event->number,
                                    .observe_us = event->at_us,
                                    .force_us = event->at_us,
                                    .source = MODEL_API};
}

static struct model_identity told_identity(const struct event *event, size_t position) {
    const struct model_record *record = &event->record;
    return (struct model_identity){
        .type = record->identities[position].type,
        .value = record->identities[position].value,
        .rule = event->rules[position],
        .provenance = record->identities[position].provenance,
        .source = record->source,
        .first_us = record->observe_us,
        .last_us = record->observe_us,
        .event = event->number,
    };
}

static struct model_identity linked_identity(const struct event *event) {
    return (struct model_identity){
        .type = event->type,
        .value = event->value,
        .rule = MODEL_ACTIVE,
        .provenance = MODEL_ATTESTED,
        .source = MODEL_API,
        .first_us = event->at_us,
        .last_us = event->at_us,
        .event = event->number,
    };
}

static void remove_identity(struct model_state *state, int type, int value) {
    struct model_identity *there = find(state, type, value);
    if (there != NULL) {
        state->identity_count--;
        for (; there < &state->identities[state->identity_count]; there++) {
            *there = there[1];
        }
    }
}

static void apply(const struct model *model, const struct event *event, struct model_state *state) {
    const struct model_record *record = &event->record;
    switch (event->kind) {
    case TELL: {
        for (size_t i = 0; i < record->identity_count; i++) {
            add(state, told_identity(event, i));
        }
        limit(model, state);
        for (int i = 0; i < MODEL_ATTRIBUTES; i++) {
            const struct model_attribute told = told_value(event, record->attributes[i]);
            outweigh(&state->attributes[i], &told);
        }
        const struct model_attribute name = told_value(event, record->name);
        outweigh(&state->name, &name);
        return;
    }
    case LINK:
        add(state, linked_identity(event));
        return;
    case UNLINK:
        remove_identity(state, event->type, event->value);
        return;
    case SET:
        if (event->name != MODEL_NONE) {
            state->name = set_value(event, event->name);
        }
        if (event->attribute != MODEL_NONE) {
            state->attributes[event->attribute] = set_value(event, event->value);
        }
        return;
    case CLEAR:
        state->attributes[event->attribute] = set_value(event, 0);
        return;
    case YIELD:
        find(state, event->type, event->value)->rule = MODEL_OWNED_ELSEWHERE;
        return;
    }
}

/* What a profile would be by itself: all that it was told, from the beginning. */
static struct model_state alone(const struct model *model, int profile) {
    struct model_state state = {0};
    state.name.value = MODEL_NONE;
    for (int i = 0; i < MODEL_ATTRIBUTES; i++) {
        state.attributes[i].value = MODEL_NONE;
    }
    for (size_t i = 0; i < model->event_count; i++) {
        if (model->events[i].profile == profile) {
            apply(model, &model->events[i], &state);
        }
    }
    return state;
}

/* What all that are with the profile are together. */
static struct model_state together(const struct model *model, int profile) {
    struct model_state both = {0};
    both.name.value = MODEL_NONE;
    for (int i = 0; i < MODEL_ATTRIBUTES; i++) {
        both.attributes[i].value = MODEL_NONE;
    }
    for (size_t p = 0; p < model->profile_count; p++) {
        if (!model_is_member(model, profile, (int)p)) {
            continue;
        }
        const struct model_state one = alone(model, (int)p);
        for (size_t i = 0; i < one.identity_count; i++) {
            join_identity(&both, &one.identities[i]);
        }
        for (int i = 0; i < MODEL_ATTRIBUTES; i++) {
            outweigh(&both.attributes[i], &one.attributes[i]);
        }
        outweigh(&both.name, &one.name);
    }
    limit(model, &both);
    for (int i = 0; i < MODEL_ATTRIBUTES; i++) {
        both.attributes[i].value =
            both.attributes[i].value == 0 ? MODEL_NONE : both.attributes[i].value;
    }
    return both;
}

static struct event *event_new(struct model *model, enum event_kind kind, int profile) {
    assert(model->event_count < MODEL_EVENTS_MAX);
    struct event *event = &model->events[model->event_count++];
    *event = (struct event){.number = model->event_count, .kind = kind, .profile = profile};
    event->name = MODEL_NONE;
    event->attribute = MODEL_NONE;
    return event;
}

/* Writes what answers for the profile anew. `was_several` or split off: what it has may be somebody
 * else's by now. */
static void write(struct model *model, int profile, bool yields, const struct model_state *before) {
    const int root = root_of(model, profile);
    struct model_state view = together(model, root);
    const bool is_single = model_member_count(model, root) == 1;
    for (size_t i = 0; i < view.identity_count; i++) {
        struct model_identity *identity = &view.identities[i];
        const int owner = model->owners[identity->type][identity->value];
        if ((yields || !is_single) && identity->rule == MODEL_ACTIVE && owner != MODEL_NONE &&
            !model_is_member(model, owner, root) &&
            (before == NULL || !has_active(before, identity->type, identity->value))) {
            identity->rule = MODEL_OWNED_ELSEWHERE;
            if (is_single) {
                struct event *event = event_new(model, YIELD, root);
                event->type = identity->type;
                event->value = identity->value;
            }
        }
    }
    for (int type = 0; type < MODEL_TYPES; type++) {
        for (int value = 0; value < MODEL_VALUES; value++) {
            int *owner = &model->owners[type][value];
            if (has_active(&view, type, value) && !model->deleted[root]) {
                *owner = root;
            } else if (*owner != MODEL_NONE && model_is_member(model, *owner, root)) {
                *owner = MODEL_NONE;
            }
        }
    }
    model->views[root] = view;
}

/* ---- calls ---- */

/* The member that has an identity by itself. */
static int member_with(const struct model *model, int root, int type, int value) {
    for (size_t p = 0; p < model->profile_count; p++) {
        if (model_is_member(model, root, (int)p)) {
            const struct model_state one = alone(model, (int)p);
            if (has_active(&one, type, value)) {
                return (int)p;
            }
        }
    }
    return MODEL_NONE;
}

static bool are_apart(const struct model *model, int one, int other) {
    for (size_t i = 0; i < model->apart_count; i++) {
        const int a = root_of(model, model->apart[i][0]);
        const int b = root_of(model, model->apart[i][1]);
        if ((a == one && b == other) || (a == other && b == one)) {
            return true;
        }
    }
    return false;
}

static bool may_merge(const struct model *model, const struct model_state *one, int one_root,
                      int other_root) {
    const struct model_state *other = &model->views[other_root];
    for (int type = 0; type < MODEL_TYPES; type++) {
        int active = 0;
        for (int value = 0; value < MODEL_VALUES; value++) {
            active += has_active(one, type, value) || has_active(other, type, value);
        }
        if (active > model->limits[type]) {
            return false;
        }
    }
    return !are_apart(model, one_root, other_root);
}

static void tie_new(struct model *model, int one, int other) {
    assert(model->tie_count < MODEL_TIES_MAX);
    model->ties[model->tie_count++] = (struct tie){one, other, false};
}

/* A type of which a person has one: another value than the profile's is a veto. */
static bool vetoes(const struct model *model, const struct model_record *record, int root) {
    for (int type = 0; type < MODEL_TYPES; type++) {
        bool tells = false;
        bool tells_same = false;
        bool has = false;
        for (size_t i = 0; i < record->identity_count; i++) {
            tells |= record->identities[i].type == type;
            tells_same |= record->identities[i].type == type &&
                          has_active(&model->views[root], type, record->identities[i].value);
        }
        for (int value = 0; value < MODEL_VALUES; value++) {
            has |= has_active(&model->views[root], type, value);
        }
        if (model->limits[type] == 1 && tells && has && !tells_same) {
            return true;
        }
    }
    return false;
}

struct candidate {
    int root;
    int member; /* That was reached first. */
};

static size_t candidates_of(const struct model *model, const struct model_record *record,
                            struct candidate *out) {
    size_t count = 0;
    for (int type = 0; type < MODEL_TYPES; type++) {
        for (size_t i = 0; i < record->identity_count; i++) {
            const int owner = record->identities[i].type == type
                                  ? model->owners[type][record->identities[i].value]
                                  : MODEL_NONE;
            size_t at = 0;
            while (at < count && out[at].root != owner) {
                at++;
            }
            if (owner != MODEL_NONE && at == count) {
                out[count++] = (struct candidate){
                    owner, member_with(model, owner, type, record->identities[i].value)};
            }
        }
    }
    return count;
}

/* The member that the record goes to: the one that has, by itself, the best of its identities,
 * which nobody else has. What is over a limit of all together is still its member's. */
static int member_of(const struct model *model, const struct model_record *record,
                     const struct candidate *candidate) {
    for (int type = 0; type < MODEL_TYPES; type++) {
        for (size_t i = 0; i < record->identity_count; i++) {
            const int value = record->identities[i].value;
            const int owner = model->owners[type][value];
            if (record->identities[i].type != type ||
                (owner != MODEL_NONE && owner != candidate->root)) {
                continue;
            }
            const int member = member_with(model, candidate->root, type, value);
            if (member != MODEL_NONE) {
                return member;
            }
        }
    }
    return candidate->member;
}

static void tell_member(struct model *model, const struct model_record *record, int member,
                        const int owners[MODEL_RECORD_IDENTITIES_MAX]) {
    int rules[MODEL_RECORD_IDENTITIES_MAX] = {0};
    for (size_t i = 0; i < record->identity_count; i++) {
        const int type = record->identities[i].type;
        const int value = record->identities[i].value;
        /* Nobody has what is over a limit of all together: it is still its member's. */
        const bool joined = owners[i] == MODEL_NONE || model_is_member(model, owners[i], member);
        const int with = joined ? member_with(model, member, type, value) : MODEL_NONE;
        rules[i] =
            joined && (with == MODEL_NONE || with == member) ? MODEL_ACTIVE : MODEL_OWNED_ELSEWHERE;
    }
    struct event *event = event_new(model, TELL, member);
    event->record = *record;
    memcpy(event->rules, rules, sizeof rules);
}

struct model_outcome model_resolve(struct model *model, const struct model_record *record,
                                   int64_t now_us) {
    (void)now_us;
    struct candidate candidates[MODEL_RECORD_IDENTITIES_MAX];
    const size_t count = candidates_of(model, record, candidates);
    int owners[MODEL_RECORD_IDENTITIES_MAX];
    for (size_t i = 0; i < record->identity_count; i++) {
        owners[i] = model->owners[record->identities[i].type][record->identities[i].value];
    }
    bool vetoed[MODEL_RECORD_IDENTITIES_MAX];
    for (size_t i = 0; i < count; i++) {
        vetoed[i] = vetoes(model, record, candidates[i].root);
    }
    struct model_outcome outcome = {.member = MODEL_NONE};
    struct model_state joined = {0};
    bool was_several = false;
    for (size_t i = 0; i < count; i++) {
        if (vetoed[i]) {
            continue;
        }
        if (outcome.member == MODEL_NONE) {
            outcome.member = member_of(model, record, &candidates[i]);
            joined = model->views[candidates[i].root];
            was_several = model_member_count(model, candidates[i].root) > 1;
        } else if (may_merge(model, &joined, root_of(model, outcome.member), candidates[i].root)) {
            tie_new(model, outcome.member, candidates[i].member);
            joined = together(model, outcome.member);
            outcome.merged_count++;
        }
    }
    if (outcome.member == MODEL_NONE) {
        assert(model->profile_count < MODEL_PROFILES_MAX);
        outcome.member = (int)model->profile_count++;
        outcome.created = true;
    }
    tell_member(model, record, outcome.member, owners);
    write(model, outcome.member, was_several, NULL);
    outcome.profile = root_of(model, outcome.member);
    return outcome;
}

bool model_link(struct model *model, int profile, int type, int value, int64_t now_us) {
    const int root = model_answers(model, profile);
    if (root == MODEL_NONE) {
        return false;
    }
    const int owner = model->owners[type][value];
    int active = 0;
    for (int i = 0; i < MODEL_VALUES; i++) {
        active += has_active(&model->views[root], type, i);
    }
    if ((owner != MODEL_NONE && owner != root) ||
        (active >= model->limits[type] && !has_active(&model->views[root], type, value))) {
        return false;
    }
    const int with = member_with(model, root, type, value);
    struct event *event = event_new(model, LINK, with == MODEL_NONE ? profile : with);
    event->type = type;
    event->value = value;
    event->at_us = now_us;
    write(model, root, model_member_count(model, root) > 1, NULL);
    return true;
}

bool model_unlink(struct model *model, int profile, int type, int value) {
    const int root = model_answers(model, profile);
    if (root == MODEL_NONE || find(&model->views[root], type, value) == NULL) {
        return false;
    }
    for (size_t p = 0; p < model->profile_count; p++) {
        if (model_is_member(model, root, (int)p)) {
            struct event *event = event_new(model, UNLINK, (int)p);
            event->type = type;
            event->value = value;
        }
    }
    write(model, root, false, NULL);
    return true;
}

bool model_merge(struct model *model, int one, int other) {
    const int one_root = model_answers(model, one);
    const int other_root = model_answers(model, other);
    if (one_root == MODEL_NONE || other_root == MODEL_NONE || one_root == other_root ||
        !may_merge(model, &model->views[one_root], one_root, other_root)) {
        return false;
    }
    tie_new(model, one, other);
    write(model, one, true, NULL);
    return true;
}

bool model_unmerge(struct model *model, size_t number) {
    struct tie *tie = &model->ties[number];
    const int root = root_of(model, tie->one);
    if (tie->undone || model->deleted[root]) {
        return false;
    }
    const struct model_state before = model->views[root];
    tie->undone = true;
    assert(model->apart_count < MODEL_APART_MAX);
    model->apart[model->apart_count][0] = tie->one;
    model->apart[model->apart_count++][1] = tie->other;
    const int split = root_of(model, tie->one) == root ? tie->other : tie->one;
    write(model, root, true, &before);
    /* What the first side has not kept belongs to nobody until the second one takes it. */
    write(model, split, true, NULL);
    return true;
}

bool model_update(struct model *model, int profile, int name, int attribute, int value,
                  int64_t now_us) {
    const int root = model_answers(model, profile);
    if (root == MODEL_NONE) {
        return false;
    }
    struct event *event = event_new(model, value == MODEL_NONE ? CLEAR : SET, profile);
    event->name = name;
    event->attribute = attribute;
    event->value = value;
    event->at_us = now_us;
    write(model, root, model_member_count(model, root) > 1, NULL);
    return true;
}

bool model_delete(struct model *model, int profile) {
    const int root = model_answers(model, profile);
    if (root == MODEL_NONE) {
        return false;
    }
    model->deleted[root] = true;
    for (int type = 0; type < MODEL_TYPES; type++) {
        for (int value = 0; value < MODEL_VALUES; value++) {
            if (model->owners[type][value] == root) {
                model->owners[type][value] = MODEL_NONE;
            }
        }
    }
    return true;
}

void model_interact(struct model *model, int profile) { model->interactions[profile]++; }
