/* CreateIdentityType. */

#include <string.h>

#include <criterion/criterion.h>

#include "tests/handlers/people.h"

TestSuite(create_identity_type, .init = ask_open, .fini = ask_close);

static char *text(const char *string) { return (char *)(uintptr_t)string; }

/* A request with one type, and room for a mask. */
struct made {
    Profiled__V1__CreateIdentityTypeRequest request;
    Profiled__V1__IdentityType type;
    Google__Protobuf__FieldMask mask;
    char *paths[4];
};

static struct made *make(const char *name, int normalizer) {
    struct made *made = arena_alloc(&ask_arena, sizeof *made);
    profiled__v1__create_identity_type_request__init(&made->request);
    profiled__v1__identity_type__init(&made->type);
    google__protobuf__field_mask__init(&made->mask);
    made->type.type = text(name);
    made->type.normalizer = (Profiled__V1__Normalizer)normalizer;
    made->request.identity_type = &made->type;
    made->mask.paths = made->paths;
    return made;
}

static const struct answer *refused(struct made *made, enum status_code code, const char *reason) {
    return ask_refused(&rpc_identity_service, "CreateIdentityType", &made->request.base, code,
                       reason);
}

static const Profiled__V1__IdentityType *type_made(struct made *made) {
    const Profiled__V1__CreateIdentityTypeResponse *response =
        ask_twice(&rpc_identity_service, "CreateIdentityType", &made->request.base);
    return response->identity_type;
}

Test(create_identity_type, what_is_not_said_has_a_default) {
    struct made *made = make("loyalty_card", NORMALIZER(DIGITS));
    made->request.rule_version = 1;

    const Profiled__V1__CreateIdentityTypeResponse *response =
        ask_twice(&rpc_identity_service, "CreateIdentityType", &made->request.base);

    cr_expect_eq(response->rule_version, 2);
    const Profiled__V1__IdentityType *type = response->identity_type;
    cr_expect_str_eq(type->type, "loyalty_card");
    cr_expect_eq(type->normalizer, NORMALIZER(DIGITS));
    cr_expect_eq(type->limit, 5);
    cr_expect_eq(type->priority, 100);
    cr_expect_eq(type->min_length, 1);
    cr_expect(type->match);
    cr_expect(type->merge);
    cr_expect_eq(type->merge_provenance, PROVENANCE(ATTESTED));
    cr_assert_eq(type->n_veto_attributes, 1);
    cr_expect_str_eq(type->veto_attributes[0], "birth_date");
    cr_expect_str_eq(type->match_as, "");
    cr_expect_not(type->block_role_mailboxes);
    cr_expect_not(type->built_in);
}

/* A pattern's own would be found in no value. */
Test(create_identity_type, digits_of_a_pattern_are_those_of_values) {
    struct made *made = make("card", NORMALIZER(EXACT));
    char *patterns[] = {text("^\u0660\u0661\u0662")};
    made->type.n_blocked_patterns = 1;
    made->type.blocked_patterns = patterns;

    cr_expect_str_eq(type_made(made)->blocked_patterns[0], "^012");
}

Test(create_identity_type, what_is_given_is_set) {
    struct made *made = make("work_email", NORMALIZER(EMAIL));
    char *values[] = {text("Front.Desk@Example.com")};
    char *patterns[] = {text("@example\\.org$")};
    made->type.limit = 1;
    made->type.priority = 2;
    made->type.n_blocked_values = 1;
    made->type.blocked_values = values;
    made->type.n_blocked_patterns = 1;
    made->type.blocked_patterns = patterns;
    made->type.email_ignore_tag = true;
    made->type.disabled = true;

    const Profiled__V1__IdentityType *type = type_made(made);

    cr_expect_eq(type->limit, 1);
    cr_expect_eq(type->priority, 2);
    cr_expect_str_eq(type->blocked_values[0], "front.desk@example.com");
    cr_expect_str_eq(type->blocked_patterns[0], "@example\\.org$");
    cr_expect(type->email_ignore_tag);
    cr_expect_not(type->email_ignore_dots);
    cr_expect(type->block_role_mailboxes, "the default of addresses");
    cr_expect(type->disabled);
}

Test(create_identity_type, a_mask_sets_fields_to_their_zero) {
    struct made *made = make("device", NORMALIZER(EXACT));
    made->request.create_mask = &made->mask;
    made->paths[0] = text("match");
    made->paths[1] = text("merge");
    made->paths[2] = text("veto_attributes");
    made->mask.n_paths = 3;
    made->type.limit = 40; /* Not named. */

    const Profiled__V1__IdentityType *type = type_made(made);

    cr_expect_not(type->match);
    cr_expect_not(type->merge);
    cr_expect_eq(type->n_veto_attributes, 0);
    cr_expect_eq(type->limit, 5);
}

Test(create_identity_type, name_and_normalizer_are_required) {
    static const char *const names[] = {
        "",       "Badge", "1badge",  "_badge",
        "bad ge", "bädge", "badge-1", "a23456789012345678901234567890123"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct made *made = make(names[i], 0);
        const struct answer *answer = refused(made, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
        cr_expect_not_null(answer_violation(answer, "identity_type.type"), "%s", names[i]);
        cr_expect_str_eq(answer_violation(answer, "identity_type.normalizer"), "is required");
    }
    type_made(make("a2345678901234567890123456789012", NORMALIZER(EXACT)));
    Profiled__V1__CreateIdentityTypeRequest request =
        PROFILED__V1__CREATE_IDENTITY_TYPE_REQUEST__INIT;
    ask_refused(&rpc_identity_service, "CreateIdentityType", &request.base, STATUS_INVALID_ARGUMENT,
                "FIELD_INVALID");
}

Test(create_identity_type, every_bad_field_is_named) {
    struct made *made = make("badge", NORMALIZER(PHONE));
    char *values[] = {text("0545462356")};
    char *patterns[] = {text("(")};
    made->type.limit = 51;
    made->type.priority = -1;
    made->type.min_length = 65;
    made->type.merge_provenance = PROVENANCE(INFERRED);
    made->type.n_blocked_patterns = 1;
    made->type.blocked_patterns = patterns;
    const struct answer *answer = refused(made, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_eq(answer->violation_count, 5);

    made = make("badge", NORMALIZER(PHONE));
    made->type.n_blocked_values = 1;
    made->type.blocked_values = values;
    made->type.block_role_mailboxes = true;
    made->type.email_ignore_dots = true;
    answer = refused(made, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_eq(answer->violation_count, 3);
    cr_expect_not_null(answer_violation(answer, "identity_type.blocked_values[0]"));
    made = make("badge", 9);
    refused(made, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
}

Test(create_identity_type, merging_without_matching_is_a_contradiction) {
    struct made *made = make("device", NORMALIZER(EXACT));
    made->request.create_mask = &made->mask;
    made->paths[0] = text("match");
    made->paths[1] = text("merge");
    made->mask.n_paths = 2;
    made->type.merge = true;
    cr_expect_not_null(answer_violation(refused(made, STATUS_INVALID_ARGUMENT, "FIELD_INVALID"),
                                        "identity_type.merge"));
}

Test(create_identity_type, names_are_taken_once) {
    refused(make("email", NORMALIZER(EXACT)), STATUS_ALREADY_EXISTS, "IDENTITY_TYPE_EXISTS");
    add_type("badge", NORMALIZER(EXACT));
    refused(make("badge", NORMALIZER(EXACT)), STATUS_ALREADY_EXISTS, "IDENTITY_TYPE_EXISTS");
    struct made *made = make("card", NORMALIZER(EXACT));
    made->request.rule_version = 1;
    refused(made, STATUS_ABORTED, "ETAG_MISMATCH");
}

Test(create_identity_type, a_workspace_has_at_most_32_of_its_own) {
    for (int i = 0; i < 32; i++) {
        add_type(arena_format(&ask_arena, "type_%d", i), NORMALIZER(EXACT));
    }
    const struct answer *answer =
        refused(make("one_more", NORMALIZER(EXACT)), STATUS_FAILED_PRECONDITION, "RULES_INVALID");
    cr_expect_str_eq(answer_metadata(answer, "limit"), "32");
}

Test(create_identity_type, another_workspace_does_not_have_it) {
    add_type("badge", NORMALIZER(EXACT));
    Profiled__V1__LookupProfileRequest request = PROFILED__V1__LOOKUP_PROFILE_REQUEST__INIT;
    request.identity = identity_told("badge", "17");
    ask_refused(&rpc_profile_service, "LookupProfile", &request.base, STATUS_NOT_FOUND,
                "PROFILE_NOT_FOUND");
    ask_refused_elsewhere(&rpc_profile_service, "LookupProfile", &request.base,
                          STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
}

Test(create_identity_type, is_done_once_for_one_request_id) {
    struct made *made = make("badge", NORMALIZER(EXACT));
    struct made *other = make("card", NORMALIZER(EXACT));
    ask_again(&rpc_identity_service, "CreateIdentityType", &made->request.base,
              &other->request.base);
}
