/* What must hold for every history, on random ones from fixed seeds: held against a simple model,
 * against a union-find, and against itself in another order or another way of calling. Each history
 * has identities of its own, so that all of a test share one store. */

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/engine/seeded.h"
#include "tests/engine/seeds.h"
#include "tests/handlers/people.h"

TestSuite(resolve_properties, .init = ask_open, .fini = ask_close, .timeout = 240);

enum {
    TYPES = 4,
    VALUES = 4, /* Of each type: under the limit of five. */
    ALPHABET = TYPES * VALUES,
    PROFILES_MAX = 200,
    RECORD_MAX = 3, /* Identities of a record. */
};

static const char *const types[TYPES] = {"email", "phone", "twitter", "linkedin"};

/* The identity `i` of the history `h`, as its canonical value. */
static const char *value_of(unsigned h, size_t i) {
    const size_t type = i / VALUES;
    const unsigned k = (unsigned)(i % VALUES);
    switch (type) {
    case 0:
        return arena_format(&ask_arena, "p%u.%u@example.com", h, k);
    case 1:
        return arena_format(&ask_arena, "+966501%06u", h * VALUES + k);
    default:
        return arena_format(&ask_arena, "person_%u_%u", h, k);
    }
}

static const char *type_of(size_t i) { return types[i / VALUES]; }

static struct told_identity told_of(unsigned h, size_t i) {
    return (struct told_identity){.type = type_of(i), .value = value_of(h, i)};
}

/* ---- a model: profiles as sets of identities ---- */

struct model_profile {
    char id[ID_TEXT_SIZE + 1];
    bool has[ALPHABET];
    bool deleted;
    size_t merged_into; /* Itself: not merged. */
};

struct model {
    size_t count; /* In the order in which they were made: the first is the oldest. */
    struct model_profile profiles[PROFILES_MAX];
};

static size_t model_root(const struct model *model, size_t i) {
    while (model->profiles[i].merged_into != i) {
        i = model->profiles[i].merged_into;
    }
    return i;
}

static size_t model_owner(const struct model *model, size_t identity) {
    size_t owner = SIZE_MAX;
    for (size_t i = 0; i < model->count; i++) {
        const struct model_profile *profile = &model->profiles[i];
        if (profile->merged_into == i && !profile->deleted && profile->has[identity]) {
            cr_assert_eq(owner, SIZE_MAX, "the model has two owners");
            owner = i;
        }
    }
    return owner;
}

static size_t model_merge(struct model *model, size_t one, size_t other) {
    const size_t older = one < other ? one : other;
    const size_t younger = one < other ? other : one;
    for (size_t i = 0; i < ALPHABET; i++) {
        model->profiles[older].has[i] |= model->profiles[younger].has[i];
    }
    model->profiles[younger].merged_into = older;
    return older;
}

/* ---- steps, each on the server and on the model ---- */

struct history {
    unsigned number;
    struct seeded seeded;
    struct model model;
};

static size_t some(struct history *history, size_t count) {
    return seeded_below(&history->seeded, count);
}

static void step_resolve(struct history *history) {
    struct model *model = &history->model;
    struct told told = {.name = "Somebody"};
    const size_t count = 1 + some(history, RECORD_MAX);
    size_t picked[RECORD_MAX];
    size_t root = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        picked[i] = some(history, ALPHABET);
        told.identities[i] = told_of(history->number, picked[i]);
        const size_t owner = model_owner(model, picked[i]);
        if (owner != SIZE_MAX && owner != root) {
            root = root == SIZE_MAX ? owner : model_merge(model, root, owner);
        }
    }
    told.identities[count] = (struct told_identity)ID("external_id", "null");

    const Profiled__V1__Decision *decision = resolve(&told);

    if (root == SIZE_MAX) {
        cr_assert_lt(model->count, PROFILES_MAX);
        root = model->count++;
        model->profiles[root].merged_into = root;
        memcpy(model->profiles[root].id, decision->profile_id, ID_TEXT_SIZE);
        cr_assert_eq(decision->outcome, OUTCOME(CREATED));
    }
    for (size_t i = 0; i < count; i++) {
        model->profiles[root].has[picked[i]] = true;
    }
    cr_assert_str_eq(decision->profile_id, model->profiles[root].id);
}

static enum status_code called(const struct rpc_service *service, const char *method,
                               const ProtobufCMessage *request) {
    return call(ask_fixture, service, method, request, NULL)->code;
}

static void step_link(struct history *history, size_t at, bool link) {
    struct model *model = &history->model;
    const size_t identity = some(history, ALPHABET);
    const size_t root = model_root(model, at);
    struct model_profile *profile = &model->profiles[root];
    const size_t owner = model_owner(model, identity);
    Profiled__V1__LinkIdentityRequest to = PROFILED__V1__LINK_IDENTITY_REQUEST__INIT;
    Profiled__V1__UnlinkIdentityRequest from = PROFILED__V1__UNLINK_IDENTITY_REQUEST__INIT;
    to.profile_id = from.profile_id = model->profiles[at].id;
    to.identity = from.identity =
        identity_told(type_of(identity), value_of(history->number, identity));

    const enum status_code code = link
                                      ? called(&rpc_identity_service, "LinkIdentity", &to.base)
                                      : called(&rpc_identity_service, "UnlinkIdentity", &from.base);

    if (profile->deleted || (!link && !profile->has[identity])) {
        cr_assert_eq(code, STATUS_NOT_FOUND);
    } else if (link && owner != SIZE_MAX && owner != root) {
        cr_assert_eq(code, STATUS_FAILED_PRECONDITION);
    } else {
        cr_assert_eq(code, STATUS_OK);
        profile->has[identity] = link;
    }
}

static void step_merge(struct history *history, size_t one, size_t other) {
    struct model *model = &history->model;
    const size_t left = model_root(model, one);
    const size_t right = model_root(model, other);
    Profiled__V1__MergeProfilesRequest request = PROFILED__V1__MERGE_PROFILES_REQUEST__INIT;
    request.profile_id = model->profiles[one].id;
    request.other_profile_id = model->profiles[other].id;

    const enum status_code code = called(&rpc_identity_service, "MergeProfiles", &request.base);

    if (one == other) {
        cr_assert_eq(code, STATUS_INVALID_ARGUMENT);
    } else if (model->profiles[left].deleted || model->profiles[right].deleted) {
        cr_assert_eq(code, STATUS_NOT_FOUND);
    } else if (left == right) {
        cr_assert_eq(code, STATUS_FAILED_PRECONDITION);
    } else {
        cr_assert_eq(code, STATUS_OK);
        model_merge(model, left, right);
    }
}

static void step_delete(struct history *history, size_t at) {
    struct model_profile *profile = &history->model.profiles[model_root(&history->model, at)];
    Profiled__V1__DeleteProfileRequest request = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    request.id = history->model.profiles[at].id;
    const enum status_code code = called(&rpc_profile_service, "DeleteProfile", &request.base);
    cr_assert_eq(code, profile->deleted ? STATUS_NOT_FOUND : STATUS_OK);
    profile->deleted = true;
}

static void step_undelete(struct history *history, size_t at) {
    struct model_profile *profile = &history->model.profiles[model_root(&history->model, at)];
    bool taken = false;
    for (size_t i = 0; i < ALPHABET; i++) {
        taken |= profile->has[i] && model_owner(&history->model, i) != SIZE_MAX;
    }
    Profiled__V1__UndeleteProfileRequest request = PROFILED__V1__UNDELETE_PROFILE_REQUEST__INIT;
    request.id = history->model.profiles[at].id;
    const enum status_code code = called(&rpc_profile_service, "UndeleteProfile", &request.base);
    if (!profile->deleted || taken) {
        cr_assert_eq(code, STATUS_FAILED_PRECONDITION);
    } else {
        cr_assert_eq(code, STATUS_OK);
        profile->deleted = false;
    }
}

static void step(struct history *history) {
    ask_wait_us(US_PER_SECOND);
    const size_t count = history->model.count;
    const size_t kind = count == 0 ? 0 : some(history, 16);
    const size_t at = count == 0 ? 0 : some(history, count);
    if (kind < 7) {
        step_resolve(history);
    } else if (kind < 11) {
        step_link(history, at, kind < 9);
    } else if (kind < 12) {
        step_merge(history, at, some(history, count));
    } else if (kind < 14) {
        step_delete(history, at);
    } else {
        step_undelete(history, at);
    }
}

/* ---- what must hold after every step ---- */

static void expect_identities(const struct history *history) {
    for (size_t i = 0; i < ALPHABET; i++) {
        const char *value = value_of(history->number, i);
        const Profiled__V1__Profile *found = lookup(type_of(i), value);
        const size_t owner = model_owner(&history->model, i);
        cr_assert_eq(found == NULL, owner == SIZE_MAX, "identity %zu", i);
        if (found != NULL) {
            cr_assert_str_eq(found->id, history->model.profiles[owner].id);
            cr_assert_eq(identity_in(found, type_of(i), value)->state, STATE(ACTIVE));
        }
    }
    cr_assert_null(lookup("external_id", "null"));
}

static void expect_profiles(const struct history *history) {
    for (size_t i = 0; i < history->model.count; i++) {
        const struct model_profile *root = &history->model.profiles[model_root(&history->model, i)];
        Profiled__V1__GetProfileRequest request = PROFILED__V1__GET_PROFILE_REQUEST__INIT;
        request.id = (char *)(uintptr_t)history->model.profiles[i].id;
        request.show_deleted = true;
        const Profiled__V1__GetProfileResponse *response =
            ask(&rpc_profile_service, "GetProfile", &request.base);
        cr_assert_str_eq(response->profile->id, root->id);
        cr_assert_eq(response->profile->delete_time != NULL, root->deleted);
        cr_assert_str_eq(response->redirected_from_id,
                         root == &history->model.profiles[i] ? "" : request.id);
        size_t active = 0;
        for (size_t k = 0; k < ALPHABET; k++) {
            active += root->has[k];
        }
        for (size_t k = 0; k < response->profile->n_identities; k++) {
            active -= response->profile->identities[k]->state == STATE(ACTIVE);
        }
        cr_assert_eq(active, 0, "the profile has the identities of the model");
    }
}

Test(resolve_properties, random_histories_are_as_a_simple_model_has_them) {
    enum { HISTORIES = 12, STEPS = 60 };
    static struct history history;
    for (unsigned h = 0; h < HISTORIES; h++) {
        history = (struct history){.number = h, .seeded = {h + 1}};
        for (int i = 0; i < STEPS; i++) {
            step(&history);
            expect_identities(&history);
            expect_profiles(&history);
        }
    }
}

/* ---- order ---- */

enum { RECORDS = 14, ORDERS = 4 };

struct picks {
    size_t count;
    size_t picked[RECORD_MAX];
};

static void union_of(const struct picks *records, size_t groups[ALPHABET]) {
    for (size_t i = 0; i < ALPHABET; i++) {
        groups[i] = SIZE_MAX; /* Of no record. */
    }
    for (size_t r = 0; r < RECORDS; r++) {
        for (size_t k = 0; k < records[r].count; k++) {
            if (groups[records[r].picked[k]] == SIZE_MAX) {
                groups[records[r].picked[k]] = records[r].picked[k];
            }
            const size_t from = groups[records[r].picked[k]];
            const size_t to = groups[records[r].picked[0]];
            for (size_t i = 0; i < ALPHABET; i++) {
                groups[i] = groups[i] == from ? to : groups[i];
            }
        }
    }
}

static void expect_groups(unsigned h, const size_t groups[ALPHABET]) {
    const char *ids[ALPHABET] = {NULL};
    for (size_t i = 0; i < ALPHABET; i++) {
        const Profiled__V1__Profile *found = lookup(type_of(i), value_of(h, i));
        cr_assert_eq(found == NULL, groups[i] == SIZE_MAX);
        ids[i] = found == NULL ? NULL : found->id;
        for (size_t k = 0; k < i; k++) {
            if (ids[i] != NULL && ids[k] != NULL) {
                cr_assert_eq(strcmp(ids[i], ids[k]) == 0, groups[i] == groups[k],
                             "history %u, identities %zu and %zu", h, i, k);
            }
        }
    }
}

Test(resolve_properties, every_order_gives_the_groups_of_a_union_find) {
    enum { HISTORIES = 250 }; /* Each in 4 orders: 1,000 shuffled histories. */
    const struct seeds seeds = seeds_from(0, HISTORIES);
    for (uint64_t seed = seeds.first; seed <= seeds.last; seed++) {
        struct seeded seeded = {seed + 100};
        struct picks records[RECORDS];
        for (size_t r = 0; r < RECORDS; r++) {
            records[r].count = 1 + seeded_below(&seeded, RECORD_MAX);
            for (size_t k = 0; k < records[r].count; k++) {
                records[r].picked[k] = seeded_below(&seeded, ALPHABET);
            }
        }
        size_t groups[ALPHABET];
        union_of(records, groups);
        for (unsigned order = 0; order < ORDERS; order++) {
            const unsigned h = 1000 + (unsigned)seed * ORDERS + order;
            for (size_t r = RECORDS; r > 0; r--) {
                const size_t k = seeded_below(&seeded, r);
                const struct picks moved = records[k];
                records[k] = records[r - 1];
                records[r - 1] = moved;
                struct told told = {0};
                for (size_t i = 0; i < moved.count; i++) {
                    told.identities[i] = told_of(h, moved.picked[i]);
                }
                resolve(&told);
            }
            expect_groups(h, groups);
            call_forget(ask_fixture);
            arena_reset(&ask_arena);
        }
    }
}

/* ---- with everything that keeps profiles apart ---- */

static struct told random_record(struct seeded *seeded, unsigned h) {
    static const char *const dates[] = {"1980-01-01", "1990-02-02", "2000-03-03"};
    static const char *const names[] = {"Amal", "Badr", "Dina"};
    struct told told = {.name = names[seeded_below(seeded, 3)]};
    const size_t count = 1 + seeded_below(seeded, RECORD_MAX);
    for (size_t i = 0; i < count; i++) {
        told.identities[i] = told_of(h, seeded_below(seeded, ALPHABET));
        told.identities[i].provenance = (int)seeded_below(seeded, 4);
    }
    if (seeded_below(seeded, 3) == 0) {
        told.identities[count] = (struct told_identity)ID(
            "external_id", arena_format(&ask_arena, "crm-%u-%zu", h, seeded_below(seeded, VALUES)));
    }
    if (seeded_below(seeded, 3) == 0) {
        told.attributes[0] =
            (struct told_attribute)ATTRIBUTE("birth_date", dates[seeded_below(seeded, 3)]);
    }
    return told;
}

/* Limits that are met all the time. */
static void set_low_limits(void) {
    for (size_t i = 0; i < TYPES; i++) {
        Profiled__V1__IdentityType rules = PROFILED__V1__IDENTITY_TYPE__INIT;
        rules.type = (char *)(uintptr_t)types[i];
        rules.limit = 2;
        set_rules("limit", &rules);
    }
}

/* Every profile that lists, and each of its identities: an active one is found there and nowhere
 * else; contact data is not found there. */
static void expect_one_owner_each(void) {
    Profiled__V1__ListProfilesRequest request = PROFILED__V1__LIST_PROFILES_REQUEST__INIT;
    request.page_size = 1000;
    const Profiled__V1__ListProfilesResponse *page =
        ask(&rpc_profile_service, "ListProfiles", &request.base);
    cr_assert_str_eq(page->next_page_token, "");
    for (size_t i = 0; i < page->n_profiles; i++) {
        const Profiled__V1__Profile *profile = page->profiles[i];
        for (size_t k = 0; k < profile->n_identities; k++) {
            const Profiled__V1__Identity *identity = profile->identities[k];
            const Profiled__V1__Profile *owner = lookup(identity->type, identity->canonical_value);
            if (identity->state == STATE(ACTIVE)) {
                cr_assert_not_null(owner);
                cr_assert_str_eq(owner->id, profile->id);
            } else {
                cr_assert_neq(identity->rule, RULE(UNSPECIFIED));
                cr_assert(owner == NULL || strcmp(owner->id, profile->id) != 0);
            }
        }
    }
}

Test(resolve_properties, limits_and_vetoes_leave_one_owner_each_and_every_id_answers) {
    enum { HISTORIES = 4, STEPS = 50 };
    set_low_limits();
    const char *ids[HISTORIES * STEPS];
    size_t id_count = 0;
    for (unsigned h = 0; h < HISTORIES; h++) {
        struct seeded seeded = {h + 200};
        for (int i = 0; i < STEPS; i++) {
            ask_wait_us(US_PER_SECOND);
            const struct told told = random_record(&seeded, h);
            ids[id_count++] = resolve(&told)->profile_id;
            if (i % 5 == 0) {
                expect_one_owner_each();
            }
        }
    }
    for (size_t i = 0; i < id_count; i++) {
        cr_assert(answers(ids[i]));
    }
}

Test(resolve_properties, a_what_if_answers_as_the_real_thing) {
    set_low_limits();
    struct seeded seeded = {300};
    for (int i = 0; i < 25; i++) {
        ask_wait_us(US_PER_SECOND);
        const struct told told = random_record(&seeded, 0);
        Profiled__V1__ResolveProfileRequest request = PROFILED__V1__RESOLVE_PROFILE_REQUEST__INIT;
        request.record = record_told(&told);
        request.include_profile = true;
        ask_twice(&rpc_identity_service, "ResolveProfile", &request.base);
    }
}

static void expect_same_decision(const Profiled__V1__Decision *one,
                                 const Profiled__V1__Decision *other) {
    cr_assert_eq(one->outcome, other->outcome);
    cr_assert_eq(one->n_merged_ids, other->n_merged_ids);
    cr_assert_eq(one->n_demoted, other->n_demoted);
    cr_assert_eq(one->n_identities, other->n_identities);
    for (size_t i = 0; i < one->n_identities; i++) {
        cr_assert_eq(one->identities[i]->rule, other->identities[i]->rule);
    }
    cr_assert_eq(one->n_candidates, other->n_candidates);
    for (size_t i = 0; i < one->n_candidates; i++) {
        cr_assert_eq(one->candidates[i]->rule, other->candidates[i]->rule);
        cr_assert_eq(one->candidates[i]->accepted, other->candidates[i]->accepted);
    }
}

Test(resolve_properties, a_batch_decides_as_its_records_one_by_one) {
    enum { STEPS = 120 };
    set_low_limits();
    struct seeded one_seeded = {400};
    struct seeded other_seeded = {400};
    Profiled__V1__BatchResolveProfilesRequest request =
        PROFILED__V1__BATCH_RESOLVE_PROFILES_REQUEST__INIT;
    request.n_records = STEPS;
    request.records = arena_array(&ask_arena, STEPS, sizeof *request.records);
    const int64_t observe_us = ask_now_us();
    const Profiled__V1__Decision *alone[STEPS];
    for (int i = 0; i < STEPS; i++) {
        struct told told = random_record(&one_seeded, 1);
        told.observe_us = observe_us + i;
        ask_wait_us(US_PER_SECOND);
        alone[i] = resolve(&told);
        struct told twin = random_record(&other_seeded, 2);
        twin.observe_us = observe_us + i;
        request.records[i] = record_told(&twin);
    }

    const Profiled__V1__BatchResolveProfilesResponse *batch =
        ask(&rpc_identity_service, "BatchResolveProfiles", &request.base);

    for (int i = 0; i < STEPS; i++) {
        expect_same_decision(alone[i], batch->verdicts[i]->decision);
    }
}
