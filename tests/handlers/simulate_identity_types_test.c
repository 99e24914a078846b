/* SimulateIdentityTypes. */

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/rules.h"

TestSuite(simulate_identity_types, .init = ask_open, .fini = ask_close);

static char *text(const char *string) { return (char *)(uintptr_t)string; }

/* A request with one change of one field. */
struct made {
    Profiled__V1__SimulateIdentityTypesRequest request;
    Profiled__V1__IdentityTypeChange change;
    Profiled__V1__IdentityTypeChange *changes[1];
    Profiled__V1__IdentityType type;
    Google__Protobuf__FieldMask mask;
    char *path;
};

static struct made *make(const char *type, const char *path) {
    struct made *made = arena_alloc(&ask_arena, sizeof *made);
    profiled__v1__simulate_identity_types_request__init(&made->request);
    profiled__v1__identity_type_change__init(&made->change);
    profiled__v1__identity_type__init(&made->type);
    google__protobuf__field_mask__init(&made->mask);
    made->type.type = text(type);
    made->path = text(path);
    made->mask.n_paths = 1;
    made->mask.paths = &made->path;
    made->change.identity_type = &made->type;
    made->change.update_mask = &made->mask;
    made->changes[0] = &made->change;
    made->request.n_changes = 1;
    made->request.changes = made->changes;
    return made;
}

static const struct answer *refused(const Profiled__V1__SimulateIdentityTypesRequest *request) {

    struct rpc_stream *stream = rpc_stream_new();
    const struct answer *answer = call_stream(ask_fixture, stream, &rpc_identity_service,
                                              "SimulateIdentityTypes", &request->base, NULL);
    rpc_stream_free(stream);
    return answer;
}

static void expect_violation(const Profiled__V1__SimulateIdentityTypesRequest *request,
                             const char *field, const char *description) {
    const struct answer *answer = refused(request);
    cr_assert_eq(answer->code, STATUS_INVALID_ARGUMENT);
    const char *found = answer_violation(answer, field);
    cr_assert_not_null(found, "%s", field);
    cr_expect_str_eq(found, description);
}

static void make_people(int count) {
    for (int i = 0; i < count; i++) {
        ask_wait_us(US_PER_SECOND);
        resolve(TOLD(.identities = {ID("email", arena_format(&ask_arena, "p%d@x.example", i)),
                                    ID("phone", arena_format(&ask_arena, "+96650012%04d", i))}));
    }
    for (int i = 0; i + 1 < count; i += 2) {
        ask_wait_us(US_PER_SECOND);
        resolve(
            TOLD(.identities = {ID("email", arena_format(&ask_arena, "p%d@x.example", i)),
                                ID("phone", arena_format(&ask_arena, "+96650012%04d", i + 1))}));
    }
}

Test(simulate_identity_types, tells_what_apply_does) {
    make_people(250);
    struct made *made = make("phone", "disabled");
    made->type.disabled = true;

    const struct simulated *simulated = simulate(&made->request);

    expect_effect(&simulated->effect, EFFECT(250, 125, 250, 0, 125, 0));
    cr_expect_eq(simulated->message_count, 6, "a hundred rows each");
    cr_expect_eq(simulated->pass, 2, "which changes nothing");
    cr_expect_eq(simulated->listed_count, 125, "with those that are split off");
    cr_expect_eq(simulated->progress.looked_at_count, 250);
    cr_expect_eq(simulated->progress.profile_count, 250);
    cr_expect_eq(simulated->uncounted_count, 0);
    cr_expect_eq(simulated->listed[0]->n_split_ids, 1);
    cr_expect_eq(simulated->listed[0]->lost_identity_count, 2, "of both");
    set_disabled("phone", true);
    const Profiled__V1__IdentityTypesEffect effect = apply_rules(1000);
    expect_effect(&effect, &simulated->effect);
    simulated = simulate_version(1);
    cr_expect_eq(simulated->effect.joined_count, 125);
    restore_rules(1);
    const Profiled__V1__IdentityTypesEffect back = apply_rules(17);
    expect_effect(&back, &simulated->effect);
}

Test(simulate_identity_types, a_run_that_lasts_too_long_goes_on_in_the_next) {
    make_people(6);
    struct made *made = make("phone", "disabled");
    made->type.disabled = true;
    const Profiled__V1__IdentityTypesEffect whole = simulate(&made->request)->effect;
    call_step_set((int64_t)400 * 1000);

    const struct simulated *simulated = simulate(&made->request);

    call_step_set(0);
    expect_effect(&simulated->effect, &whole);
    cr_expect_gt(simulated->message_count, 1);
    cr_expect_gt(simulated->uncounted_count, 0, "they are counted on the way");
    cr_expect_lt(simulated->uncounted_count, simulated->message_count);
    cr_expect_eq(simulated->progress.looked_at_count, 6);
    cr_expect_eq(simulated->progress.profile_count, 6);
}

/* Who comes in meanwhile is not among them, on no pass. */
Test(simulate_identity_types, goes_as_far_as_the_profiles_of_the_beginning) {
    make_people(250);
    struct made *made = make("phone", "disabled");
    made->type.disabled = true;
    const struct simulated *whole = simulate(&made->request);
    struct rpc_stream *stream = rpc_stream_new();
    ProtobufCMessage *message = NULL;
    size_t count = 0;
    for (bool more = true; more; count++) {
        const struct answer *answer =
            call_stream(ask_fixture, stream, &rpc_identity_service, "SimulateIdentityTypes",
                        &made->request.base, &message);
        cr_assert_eq(answer->code, STATUS_OK);
        more = call_more(ask_fixture);
        ask_wait_us(US_PER_SECOND);
        resolve(
            TOLD(.identities = {ID("email", arena_format(&ask_arena, "new%zu@x.example", count)),
                                ID("phone", arena_format(&ask_arena, "+96650013%04zu", count))}));
    }

    const Profiled__V1__SimulateIdentityTypesResponse *last =
        (const Profiled__V1__SimulateIdentityTypesResponse *)message;
    cr_expect_eq(count, whole->message_count);
    expect_effect(last->effect, &whole->effect);
    cr_expect_eq(last->progress->looked_at_count, 250);
    cr_expect_eq(last->progress->profile_count, 250);
    rpc_stream_free(stream);
}

Test(simulate_identity_types, nothing_changes_where_nothing_does) {
    make_people(4);

    const struct simulated *simulated = simulate_version(1);

    expect_effect(&simulated->effect, EFFECT(2, 0, 0, 0, 0, 0));
    cr_expect_eq(simulated->listed_count, 0);
}

Test(simulate_identity_types, several_changes_at_once) {
    make_people(2);
    struct made *made = make("phone", "disabled");
    struct made *other = make("email", "limit");
    made->type.disabled = true;
    other->type.limit = 1;
    Profiled__V1__IdentityTypeChange *changes[] = {&made->change, &other->change};
    made->request.n_changes = 2;
    made->request.changes = changes;

    const struct simulated *simulated = simulate(&made->request);

    expect_effect(&simulated->effect, EFFECT(2, 1, 2, 0, 1, 0));
}

/* The record goes to whom its best identity reaches. */
Test(simulate_identity_types, another_priority_tells_what_apply_does) {
    ask_wait_us(US_PER_SECOND);
    resolve(TOLD(.identities = {ID("twitter", "handle2")},
                 .attributes = {ATTRIBUTE("birth_date", "1990-01-01")}));
    ask_wait_us(US_PER_SECOND);
    resolve(TOLD(.identities = {ID("anonymous_id", "anon-50")},
                 .attributes = {ATTRIBUTE("birth_date", "1991-01-01")}));
    ask_wait_us(US_PER_SECOND);
    resolve(TOLD(.identities = {ID("twitter", "handle2"), ID("anonymous_id", "anon-50")}));
    struct made *made = make("twitter", "priority");
    made->type.priority = 20;

    const struct simulated *simulated = simulate(&made->request);

    cr_expect_eq(simulated->effect.changed_count, 2, "who has the record, and who had it");
    cr_expect_eq(simulated->effect.moved_count, 1);
    set_rules("priority", &made->type);
    const Profiled__V1__IdentityTypesEffect effect = apply_rules(1000);
    expect_effect(&effect, &simulated->effect);
}

/* Who has the number under the rules of now, and would not, lets go of it in the what-if alone. */
Test(simulate_identity_types, a_number_goes_from_a_type_to_another) {
    set_disabled("whatsapp", true);
    resolve(TOLD(.identities = {ID("phone", "+966500000001")}));
    ask_wait_us(US_PER_SECOND);
    resolve(TOLD(.identities = {ID("whatsapp", "+966500000001"), ID("email", "n@x.example")}));
    struct made *made = make("phone", "disabled");
    struct made *other = make("whatsapp", "disabled");
    made->type.disabled = true;
    Profiled__V1__IdentityTypeChange *changes[] = {&made->change, &other->change};
    made->request.n_changes = 2;
    made->request.changes = changes;

    const struct simulated *simulated = simulate(&made->request);

    expect_effect(&simulated->effect, EFFECT(2, 2, 1, 1, 0, 0));
    set_disabled("phone", true);
    set_disabled("whatsapp", false);
    const Profiled__V1__IdentityTypesEffect effect = apply_rules(1000);
    expect_effect(&effect, &simulated->effect);
}

/* As UpdateIdentityType would refuse it. */
Test(simulate_identity_types, rules_by_which_nothing_matches_are_refused_with_the_count) {
    enum { CHANGES = 14 };
    make_people(2);
    Profiled__V1__ListIdentityTypesRequest list = PROFILED__V1__LIST_IDENTITY_TYPES_REQUEST__INIT;
    const Profiled__V1__ListIdentityTypesResponse *types =
        ask(&rpc_identity_service, "ListIdentityTypes", &list.base);
    cr_assert_eq(types->n_identity_types, CHANGES);
    struct made *made = make("email", "disabled");
    Profiled__V1__IdentityTypeChange *changes[CHANGES];
    for (size_t i = 0; i < CHANGES; i++) {
        struct made *one = make(types->identity_types[i]->type, i % 2 == 0 ? "disabled" : "match");
        one->type.disabled = true;
        changes[i] = &one->change;
    }
    made->request.n_changes = CHANGES;
    made->request.changes = changes;

    const struct answer *answer = refused(&made->request);

    cr_expect_eq(answer->code, STATUS_FAILED_PRECONDITION);
    cr_expect_str_eq(answer->reason, "RULES_INVALID");
    cr_expect_str_eq(answer_metadata(answer, "identity_count"), "4", "two of each kind");
    cr_expect_str_eq(answer_metadata(answer, "blocked_count"), "4");
    cr_expect_str_eq(answer_metadata(answer, "profile_count"), "1");
    made->request.n_changes = CHANGES - 1;
    simulate(&made->request);
}

Test(simulate_identity_types, every_bad_field_is_named) {
    struct made *made = make("phone", "limit");
    made->type.limit = 51;
    expect_violation(&made->request, "changes[0].identity_type.limit", "must be 1 to 50");
    made = make("phone", "email_ignore_dots");
    made->type.email_ignore_dots = true;
    expect_violation(&made->request, "changes[0].identity_type.email_ignore_dots",
                     "is only for e-mail addresses");
    made = make("phone", "merge");
    char *paths[] = {text("match"), text("merge")};
    made->mask.n_paths = 2;
    made->mask.paths = paths;
    made->type.merge = true;
    expect_violation(&made->request, "changes[0].identity_type.merge",
                     "can't be true of a type that does not match");
    made = make("", "limit");
    expect_violation(&made->request, "changes[0].identity_type.type", "is required");
    made = make("phone", "limit");
    made->change.update_mask = NULL;
    expect_violation(&made->request, "changes[0].update_mask", "is required");
    made = make("phone", "colour");
    const struct answer *answer = refused(&made->request);
    cr_expect_not_null(answer_violation(answer, "changes[0].update_mask.paths[0]"));
    made = make("phone", "disabled");
    made->request.rule_version = 1;
    expect_violation(&made->request, "rule_version", "goes without changes");
    made->request.rule_version = 0;
    made->request.n_changes = 0;
    expect_violation(&made->request, "changes", "must be 1 to 32, where there is no rule_version");
}

Test(simulate_identity_types, what_there_is_not) {
    struct made *made = make("loyalty_card", "limit");
    made->type.limit = 2;
    const struct answer *answer = refused(&made->request);
    cr_expect_eq(answer->code, STATUS_NOT_FOUND);
    cr_expect_str_eq(answer->reason, "IDENTITY_TYPE_NOT_FOUND");
    cr_expect_str_eq(answer_metadata(answer, "field"), "changes[0].identity_type.type");
    Profiled__V1__SimulateIdentityTypesRequest request =
        PROFILED__V1__SIMULATE_IDENTITY_TYPES_REQUEST__INIT;
    request.rule_version = 7;
    answer = refused(&request);
    cr_expect_eq(answer->code, STATUS_NOT_FOUND);
    cr_expect_str_eq(answer->reason, "RULE_VERSION_NOT_FOUND");
}
