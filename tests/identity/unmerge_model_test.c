/* Random histories over few identities, beside a simple model: after each step every profile is
 * what the model says, which finds what each would be by itself by going through all that it was
 * told.
 *
 * A failure names the seed of its history; PROFILED_SEED=N runs that one alone. */

#include <inttypes.h>
#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/engine/seeded.h"
#include "tests/engine/seeds.h"
#include "tests/handlers/events.h"
#include "tests/handlers/people.h"
#include "tests/identity/person_model.h"

enum { STEPS = 50, ID_TEXT = 37 };

static const int limits[MODEL_TYPES] = {1, 2, 3};
static const char *const types[MODEL_TYPES] = {"external_id", "email", "phone"};
static const char *const attributes[MODEL_ATTRIBUTES] = {"city", "job"};
static const char *const sources[] = {"api", "crm", "web"};

/* One history: the model, and what the server called the same things. */
struct history {
    uint64_t seed;
    struct seeded random;
    struct seeded tellers; /* Who tells, and how well it is known: decides nothing. */
    struct model *model;
    char ids[MODEL_PROFILES_MAX][ID_TEXT];
    char merges[MODEL_TIES_MAX][ID_TEXT];
    size_t step;
};

static struct history history;

static char *text_of(const char *text) { return (char *)(uintptr_t)text; }

static const char *value_text(int type, int value) {
    switch (type) {
    case 0:
        return arena_format(&ask_arena, "c-%" PRIx64 "-%d", history.seed, value);
    case 1:
        return arena_format(&ask_arena, "e%" PRIx64 "-%d@x.example", history.seed, value);
    default:
        return arena_format(&ask_arena, "+9665%07" PRIu64 "%d", history.seed, value);
    }
}

static const char *attribute_text(int attribute, int value) {
    return arena_format(&ask_arena, "%s%d", attributes[attribute], value);
}

static const char *name_text(int name) { return arena_format(&ask_arena, "Name %d", name); }

static void id_keep(char out[ID_TEXT], const char *id) {
    cr_assert_eq(strlen(id), ID_TEXT - 1);
    memcpy(out, id, ID_TEXT);
}

static int below(size_t count) { return (int)seeded_below(&history.random, count); }

static int tellers_below(size_t count) { return (int)seeded_below(&history.tellers, count); }

static int a_profile(void) { return below(model_profile_count(history.model)); }

/* ---- comparing ---- */

#define EXPECT(condition, ...) cr_assert(condition, "seed %" PRIu64 ", step %zu, " __VA_ARGS__)
#define PLACE history.seed, history.step

static void expect_identities(int profile, const struct model_state *state,
                              const Profiled__V1__Profile *found) {
    EXPECT(found->n_identities == state->identity_count, "profile %d: %zu identities, not %zu",
           PLACE, profile, found->n_identities, state->identity_count);
    for (size_t i = 0; i < state->identity_count; i++) {
        const struct model_identity *identity = &state->identities[i];
        const Profiled__V1__Identity *there =
            identity_in(found, types[identity->type], value_text(identity->type, identity->value));
        EXPECT(there != NULL, "profile %d: %s %d is missing", PLACE, profile, types[identity->type],
               identity->value);
        EXPECT((int)there->rule == identity->rule, "profile %d: %s %d has the rule %d, not %d",
               PLACE, profile, types[identity->type], identity->value, (int)there->rule,
               identity->rule);
        const Google__Protobuf__Timestamp *first = time_told(identity->first_us);
        const Google__Protobuf__Timestamp *last = time_told(identity->last_us);
        EXPECT(there->first_seen_time->seconds == first->seconds &&
                   there->first_seen_time->nanos == first->nanos &&
                   there->last_seen_time->seconds == last->seconds &&
                   there->last_seen_time->nanos == last->nanos,
               "profile %d: %s %d was seen at other times", PLACE, profile, types[identity->type],
               identity->value);
        EXPECT((int)there->provenance == identity->provenance &&
                   strcmp(there->source, sources[identity->source]) == 0,
               "profile %d: %s %d is of %s, provenance %d", PLACE, profile, types[identity->type],
               identity->value, there->source, (int)there->provenance);
    }
}

static const Profiled__V1__AttributeValue *attribute_value_in(const Profiled__V1__Profile *profile,
                                                              const char *name) {
    for (size_t i = 0; i < profile->n_attributes; i++) {
        if (strcmp(profile->attributes[i]->key, name) == 0) {
            return profile->attributes[i]->value;
        }
    }
    return NULL;
}

static void expect_attribute(int profile, int number, const struct model_attribute *attribute,
                             const Profiled__V1__AttributeValue *found) {
    EXPECT(strcmp(found->text, attribute_text(number, attribute->value)) == 0,
           "profile %d: %s is %s, not %d", PLACE, profile, attributes[number], found->text,
           attribute->value);
    const Google__Protobuf__Timestamp *observed = time_told(attribute->observe_us);
    EXPECT(strcmp(found->source, sources[attribute->source]) == 0 &&
               found->observe_time->seconds == observed->seconds &&
               found->observe_time->nanos == observed->nanos,
           "profile %d: %s is of %s, or of another time", PLACE, profile, attributes[number],
           found->source);
}

static void expect_attributes(int profile, const struct model_state *state,
                              const Profiled__V1__Profile *found) {
    size_t count = 0;
    for (int i = 0; i < MODEL_ATTRIBUTES; i++) {
        const struct model_attribute *attribute = &state->attributes[i];
        count += attribute->value != MODEL_NONE;
        const Profiled__V1__AttributeValue *there = attribute_value_in(found, attributes[i]);
        EXPECT((there != NULL) == (attribute->value != MODEL_NONE),
               "profile %d: %s is there or not", PLACE, profile, attributes[i]);
        if (there != NULL) {
            expect_attribute(profile, i, attribute, there);
        }
    }
    EXPECT(found->n_attributes == count, "profile %d: attributes", PLACE, profile);
    EXPECT(found->name_derived == (state->name.value == MODEL_NONE), "profile %d: name derived",
           PLACE, profile);
    EXPECT(found->name_derived || strcmp(found->name, name_text(state->name.value)) == 0,
           "profile %d: %s", PLACE, profile, found->name);
}

static void expect_profile(int profile) {
    const int answers_for = model_answers(history.model, profile);
    EXPECT(answers(history.ids[profile]) == (answers_for != MODEL_NONE), "profile %d answers",
           PLACE, profile);
    if (answers_for == MODEL_NONE) {
        return;
    }
    const Profiled__V1__Profile *found = get(history.ids[profile]);
    EXPECT(strcmp(found->id, history.ids[answers_for]) == 0, "profile %d: another one answers",
           PLACE, profile);
    const struct model_state *state = model_view(history.model, profile);
    expect_identities(profile, state, found);
    expect_attributes(profile, state, found);
    EXPECT(found->n_merged_ids + 1 == model_member_count(history.model, profile),
           "profile %d: merged ids", PLACE, profile);
    EXPECT(found->interaction_summary->count == model_interaction_count(history.model, profile),
           "profile %d: %d interactions", PLACE, profile, (int)found->interaction_summary->count);
}

/* ---- steps ---- */

/* All times are different: what is most recent is never in doubt. */
static int64_t observe_time(void) {
    ask_wait_us(US_PER_SECOND);
    return ask_now_us() - (below(4) == 0 ? below(100) * US_PER_SECOND + 500 : 0);
}

static struct model_record a_record(void) {
    struct model_record record = {
        .observe_us = observe_time(), .name = MODEL_NONE, .source = 1 + tellers_below(2)};
    record.identity_count = 1 + (size_t)below(3);
    for (size_t i = 0; i < record.identity_count; i++) {
        bool again = true;
        while (again) {
            record.identities[i].type = below(8) == 0 ? 0 : 1 + below(2);
            record.identities[i].value = below(record.identities[i].type == 0 ? 3 : MODEL_VALUES);
            record.identities[i].provenance = MODEL_ATTESTED + tellers_below(2);
            again = false;
            for (size_t k = 0; k < i; k++) {
                again |= record.identities[k].type == record.identities[i].type &&
                         record.identities[k].value == record.identities[i].value;
            }
        }
    }
    for (int i = 0; i < MODEL_ATTRIBUTES; i++) {
        record.attributes[i] = below(3) == 0 ? 1 + below(3) : MODEL_NONE;
    }
    record.name = below(3) == 0 ? 1 + below(5) : MODEL_NONE;
    return record;
}

static struct told told_of(const struct model_record *record) {
    struct told told = {.observe_us = record->observe_us, .source = sources[record->source]};
    told.name = record->name == MODEL_NONE ? NULL : name_text(record->name);
    for (size_t i = 0; i < record->identity_count; i++) {
        told.identities[i].type = types[record->identities[i].type];
        told.identities[i].value =
            value_text(record->identities[i].type, record->identities[i].value);
        told.identities[i].provenance = record->identities[i].provenance;
    }
    size_t count = 0;
    for (int i = 0; i < MODEL_ATTRIBUTES; i++) {
        if (record->attributes[i] != MODEL_NONE) {
            told.attributes[count].name = attributes[i];
            told.attributes[count++].value = attribute_text(i, record->attributes[i]);
        }
    }
    return told;
}

static void expect_decision(const Profiled__V1__Decision *decision, size_t ties_before,
                            const struct model_outcome *outcome) {
    if (outcome->created) {
        id_keep(history.ids[outcome->member], decision->profile_id);
    }
    EXPECT(strcmp(decision->profile_id, history.ids[outcome->profile]) == 0, "another profile",
           PLACE);
    EXPECT(strcmp(decision->member_id, history.ids[outcome->member]) == 0, "another member", PLACE);
    EXPECT(decision->n_merge_ids == outcome->merged_count, "%zu merges, not %zu", PLACE,
           decision->n_merge_ids, outcome->merged_count);
    for (size_t i = 0; i < outcome->merged_count; i++) {
        id_keep(history.merges[ties_before + i], decision->merge_ids[i]);
    }
}

static void do_resolve(void) {
    const struct model_record record = a_record();
    const struct told told = told_of(&record);
    const size_t ties = model_tie_count(history.model);
    const struct model_outcome outcome = model_resolve(history.model, &record, ask_now_us());
    expect_decision(resolve(&told), ties, &outcome);
}

static void do_interact(void) {
    if (below(2) == 0) {
        const int profile = a_profile();
        if (model_answers(history.model, profile) != MODEL_NONE) {
            record_event(event_by_id(engagement_told("", "whatsapp", 0), history.ids[profile]));
            model_interact(history.model, profile);
        }
        return;
    }
    const struct model_record record = a_record();
    const struct told told = told_of(&record);
    const size_t ties = model_tie_count(history.model);
    const struct model_outcome outcome = model_resolve(history.model, &record, ask_now_us());
    expect_decision(record_event(event_by_record(engagement_told("", "email", 0), &told))->decision,
                    ties, &outcome);
    model_interact(history.model, outcome.member);
}

/* A call that the server takes where the model does, and refuses where it does. */
static const ProtobufCMessage *take(const struct rpc_service *service, const char *method,
                                    const ProtobufCMessage *request, bool taken) {
    ProtobufCMessage *response = NULL;
    const struct answer *answer = call(ask_fixture, service, method, request, &response);
    EXPECT((answer->code == STATUS_OK) == taken, "%s: %s", PLACE, method, answer->reason);
    return response;
}

static void do_link(void) {
    ask_wait_us(US_PER_SECOND);
    const int profile = a_profile();
    const int type = 1 + below(2);
    const int value = below(MODEL_VALUES);
    Profiled__V1__LinkIdentityRequest request = PROFILED__V1__LINK_IDENTITY_REQUEST__INIT;
    request.profile_id = history.ids[profile];
    request.identity = identity_told(types[type], value_text(type, value));
    take(&rpc_identity_service, "LinkIdentity", &request.base,
         model_link(history.model, profile, type, value, ask_now_us()));
}

static void do_unlink(void) {
    ask_wait_us(US_PER_SECOND);
    const int profile = a_profile();
    const int type = below(MODEL_TYPES);
    const int value = below(MODEL_VALUES);
    Profiled__V1__UnlinkIdentityRequest request = PROFILED__V1__UNLINK_IDENTITY_REQUEST__INIT;
    request.profile_id = history.ids[profile];
    request.identity = identity_told(types[type], value_text(type, value));
    take(&rpc_identity_service, "UnlinkIdentity", &request.base,
         model_unlink(history.model, profile, type, value));
}

static void do_merge(void) {
    ask_wait_us(US_PER_SECOND);
    const int one = a_profile();
    const int other = a_profile();
    if (one == other) {
        return;
    }
    const size_t ties = model_tie_count(history.model);
    Profiled__V1__MergeProfilesRequest request = PROFILED__V1__MERGE_PROFILES_REQUEST__INIT;
    request.profile_id = history.ids[one];
    request.other_profile_id = history.ids[other];
    const bool taken = model_merge(history.model, one, other);
    const Profiled__V1__MergeProfilesResponse *response =
        (const Profiled__V1__MergeProfilesResponse *)take(&rpc_identity_service, "MergeProfiles",
                                                          &request.base, taken);
    if (taken) {
        id_keep(history.merges[ties], response->merge_id);
    }
}

static void do_unmerge(void) {
    const size_t count = model_tie_count(history.model);
    if (count == 0) {
        return;
    }
    ask_wait_us(US_PER_SECOND);
    const size_t tie = (size_t)below(count);
    Profiled__V1__UnmergeProfilesRequest request = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
    request.merge_id = history.merges[tie];
    request.keep_decisions = true; /* What would have been, unmerge_retold_test.c asks. */
    take(&rpc_identity_service, "UnmergeProfiles", &request.base,
         model_unmerge(history.model, tie));
}

static void do_update(void) {
    ask_wait_us(US_PER_SECOND);
    const int profile = a_profile();
    const bool names = below(3) == 0;
    const int attribute = names ? MODEL_NONE : below(MODEL_ATTRIBUTES);
    const int value = names || below(3) > 0 ? 1 + below(5) : MODEL_NONE;
    struct told told = {.name = names ? name_text(value) : NULL};
    if (!names && value != MODEL_NONE) {
        told.attributes[0] = (struct told_attribute)ATTRIBUTE(attributes[attribute],
                                                              attribute_text(attribute, value));
    }
    char *path =
        names ? text_of("name") : arena_format(&ask_arena, "attributes.%s", attributes[attribute]);
    Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
    mask.n_paths = 1;
    mask.paths = &path;
    Profiled__V1__UpdateProfileRequest request = PROFILED__V1__UPDATE_PROFILE_REQUEST__INIT;
    request.profile = profile_told(&told);
    request.profile->id = history.ids[profile];
    request.update_mask = &mask;
    take(&rpc_profile_service, "UpdateProfile", &request.base,
         model_update(history.model, profile, names ? value : MODEL_NONE, attribute, value,
                      ask_now_us()));
}

static void do_delete(void) {
    ask_wait_us(US_PER_SECOND);
    const int profile = a_profile();
    Profiled__V1__DeleteProfileRequest request = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    request.id = history.ids[profile];
    take(&rpc_profile_service, "DeleteProfile", &request.base,
         model_delete(history.model, profile));
}

static void step(void) {
    const int choice = model_profile_count(history.model) == 0 ? 0 : below(40);
    if (choice < 14) {
        do_resolve();
    } else if (choice < 19) {
        do_interact();
    } else if (choice < 22) {
        do_link();
    } else if (choice < 24) {
        do_unlink();
    } else if (choice < 28) {
        do_merge();
    } else if (choice < 34) {
        do_unmerge();
    } else if (choice < 39) {
        do_update();
    } else {
        do_delete();
    }
    for (size_t i = 0; i < model_profile_count(history.model); i++) {
        expect_profile((int)i);
    }
}

static void set_limit(const char *type, int limit) {
    Profiled__V1__IdentityType rules = PROFILED__V1__IDENTITY_TYPE__INIT;
    rules.type = text_of(type);
    rules.limit = limit;
    set_rules("limit", &rules);
}

static void run(uint64_t seed) {
    history = (struct history){
        .seed = seed, .random = {seed}, .tellers = {~seed}, .model = model_new(limits)};
    for (history.step = 0; history.step < STEPS; history.step++) {
        step();
        call_forget(ask_fixture);
        arena_reset(&ask_arena);
    }
    model_free(history.model);
}

static void run_seeds(uint64_t from, uint64_t count) {
    for (int type = 0; type < MODEL_TYPES; type++) {
        set_limit(types[type], limits[type]);
    }
    const struct seeds seeds = seeds_from(from, count);
    for (uint64_t seed = seeds.first; seed <= seeds.last; seed++) {
        run(seed);
    }
}

TestSuite(unmerge_model, .init = ask_open, .fini = ask_close, .timeout = 900);

/* 2,000 histories of 50 steps: 100,000 steps. Two tests, so that two processors have something. */
Test(unmerge_model, every_profile_is_what_the_model_says) { run_seeds(1, 1000); }

Test(unmerge_model, every_profile_is_what_the_model_says_of_other_histories) {
    run_seeds(100001, 1000);
}
