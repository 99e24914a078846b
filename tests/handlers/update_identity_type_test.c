/* UpdateIdentityType. */

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/people.h"
#include "tests/handlers/rules.h"

TestSuite(update_identity_type, .init = ask_open, .fini = ask_close);

/* A request with one type and up to ten paths. */
struct made {
    Profiled__V1__UpdateIdentityTypeRequest request;
    Profiled__V1__IdentityType type;
    Google__Protobuf__FieldMask mask;
    char *paths[10];
};

static struct made *make(const char *type) {
    struct made *made = arena_alloc(&ask_arena, sizeof *made);
    profiled__v1__update_identity_type_request__init(&made->request);
    profiled__v1__identity_type__init(&made->type);
    google__protobuf__field_mask__init(&made->mask);
    made->type.type = (char *)(uintptr_t)type;
    made->request.identity_type = &made->type;
    made->request.update_mask = &made->mask;
    made->mask.paths = made->paths;
    return made;
}

static void name_path(struct made *made, const char *path) {
    made->paths[made->mask.n_paths++] = (char *)(uintptr_t)path;
}

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static const struct answer *refused(struct made *made, enum status_code code, const char *reason) {
    return ask_refused(&rpc_identity_service, "UpdateIdentityType", &made->request.base, code,
                       reason);
}

Test(update_identity_type, what_changes_nothing_makes_no_version) {
    struct made *made = make("email");
    static char date[] = "birth_date";
    char *twice[] = {date, date};
    made->type.veto_attributes = twice;
    made->type.n_veto_attributes = 2;
    made->type.limit = 5;
    name_path(made, "veto_attributes");
    name_path(made, "limit");

    const Profiled__V1__UpdateIdentityTypeResponse *response =
        ask(&rpc_identity_service, "UpdateIdentityType", &made->request.base);

    cr_expect_eq(response->rule_version, 1);
    cr_expect_eq(response->identity_type->n_veto_attributes, 1);
}

Test(update_identity_type, changes_what_the_mask_names_and_the_version) {
    struct made *made = make("email");
    static char blocked[] = "shop@example.com";
    char *values[] = {blocked};
    made->type.limit = 9;
    made->type.priority = 700;
    made->type.min_length = 3;
    made->type.n_blocked_values = 1;
    made->type.blocked_values = values;
    name_path(made, "limit");
    name_path(made, "blocked_values");
    name_path(made, "merge");
    made->request.rule_version = 1;

    const Profiled__V1__UpdateIdentityTypeResponse *response =
        ask_twice(&rpc_identity_service, "UpdateIdentityType", &made->request.base);

    const Profiled__V1__IdentityType *type = response->identity_type;
    cr_expect_eq(response->rule_version, 2);
    cr_expect_eq(type->limit, 9);
    cr_expect_eq(type->priority, 3, "not named");
    cr_expect_eq(type->min_length, 1, "not named");
    cr_expect_eq(type->n_blocked_values, 1);
    cr_expect_not(type->merge);
    cr_expect(type->match);
    const struct told *told = TOLD(.identities = {ID("email", "SHOP@example.com")});
    resolve(told);
    const Profiled__V1__Decision *decision = resolve(told);
    cr_expect_eq(decision->outcome, OUTCOME(CREATED));
    cr_expect_eq(decision->identities[0]->rule, RULE(BLOCKED_VALUE));
    cr_expect_eq(decision->rule_version, 2);
}

Test(update_identity_type, blocked_values_are_kept_in_canonical_form) {
    struct made *made = make("phone");
    char *values[] = {text("+966 54 546 2356"), text("\u0660\u0660966545462357"),
                      text("0545462358")};
    made->type.n_blocked_values = 2;
    made->type.blocked_values = values;
    name_path(made, "blocked_values");

    const Profiled__V1__UpdateIdentityTypeResponse *response =
        ask(&rpc_identity_service, "UpdateIdentityType", &made->request.base);

    cr_assert_eq(response->identity_type->n_blocked_values, 2);
    cr_expect_str_eq(response->identity_type->blocked_values[0], "+966545462356");
    cr_expect_str_eq(response->identity_type->blocked_values[1], "+966545462357");

    made->type.n_blocked_values = 3;
    const struct answer *answer = refused(made, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_eq(answer->violation_count, 1);
    cr_expect_str_eq(answer_violation(answer, "identity_type.blocked_values[2]"),
                     "is a national number and no known region is given");
    call_region_set(ask_fixture, "SA");
    call_reopen(ask_fixture);
    response = ask(&rpc_identity_service, "UpdateIdentityType", &made->request.base);
    cr_expect_str_eq(response->identity_type->blocked_values[2], "+966545462358");
}

Test(update_identity_type, equal_blocked_values_are_kept_once) {
    struct made *made = make("phone");
    char *values[] = {text("+966500000003"), text("+966500000004"),
                      text("\u0660\u0660\u0669\u0666\u0666500000003"), text("00966500000003")};
    made->type.n_blocked_values = 4;
    made->type.blocked_values = values;
    name_path(made, "blocked_values");

    const Profiled__V1__UpdateIdentityTypeResponse *response =
        ask(&rpc_identity_service, "UpdateIdentityType", &made->request.base);

    cr_assert_eq(response->identity_type->n_blocked_values, 2);
    cr_expect_str_eq(response->identity_type->blocked_values[0], "+966500000003");
    cr_expect_str_eq(response->identity_type->blocked_values[1], "+966500000004");
}

Test(update_identity_type, goes_back_and_lasts) {
    struct made *made = make("twitter");
    made->type.limit = 7;
    name_path(made, "limit");
    ask(&rpc_identity_service, "UpdateIdentityType", &made->request.base);
    call_reopen(ask_fixture);
    Profiled__V1__ListIdentityTypesRequest list = PROFILED__V1__LIST_IDENTITY_TYPES_REQUEST__INIT;
    const Profiled__V1__ListIdentityTypesResponse *types =
        ask(&rpc_identity_service, "ListIdentityTypes", &list.base);
    cr_expect_eq(types->identity_types[5]->limit, 7);
    made->type.limit = 5;
    const Profiled__V1__UpdateIdentityTypeResponse *response =
        ask(&rpc_identity_service, "UpdateIdentityType", &made->request.base);
    cr_expect_eq(response->rule_version, 3);
    cr_expect_eq(response->identity_type->limit, 5);
}

Test(update_identity_type, every_bad_field_is_named) {
    struct made *made = make("phone");
    static char eye[] = "eye_colour";
    static char empty[] = "";
    char *vetoes[] = {eye};
    char *values[] = {empty};
    made->type.limit = 51;
    made->type.priority = 1001;
    made->type.min_length = 65;
    made->type.merge_provenance = PROVENANCE(INFERRED);
    made->type.n_veto_attributes = 1;
    made->type.veto_attributes = vetoes;
    made->type.n_blocked_values = 1;
    made->type.blocked_values = values;
    made->type.block_role_mailboxes = true;
    static const char *const paths[] = {
        "limit",           "priority",       "min_length",          "merge_provenance",
        "veto_attributes", "blocked_values", "block_role_mailboxes"};
    for (size_t i = 0; i < 7; i++) {
        name_path(made, paths[i]);
    }
    name_path(made, "match_as");

    const struct answer *answer = refused(made, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");

    for (size_t i = 0; i < 7; i++) {
        cr_expect_not_null(answer_violation(answer, arena_format(&ask_arena, "identity_type.%s%s",
                                                                 paths[i], i == 5 ? "[0]" : "")),
                           "%s", paths[i]);
    }
    cr_expect_not_null(answer_violation(answer, "update_mask.paths[7]"));
    cr_expect_eq(answer->violation_count, 8);
}

Test(update_identity_type, a_built_in_type_is_read_as_ever) {
    struct made *made = make("phone");
    made->type.normalizer = NORMALIZER(EXACT);
    name_path(made, "normalizer");
    const struct answer *answer = refused(made, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_str_eq(answer_violation(answer, "identity_type.normalizer"),
                     "of a built-in type can't be changed");

    made->type.normalizer = (Profiled__V1__Normalizer)99;
    answer = refused(made, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_eq(answer->violation_count, 1, "one field, one violation");
    cr_expect_str_eq(answer_violation(answer, "identity_type.normalizer"),
                     "is not a normalizer that this server knows");
}

Test(update_identity_type, fields_of_addresses_are_for_addresses) {
    struct made *made = make("phone");
    made->type.email_ignore_dots = true;
    made->type.email_ignore_tag = true;
    name_path(made, "email_ignore_dots");
    name_path(made, "email_ignore_tag");
    cr_expect_eq(refused(made, STATUS_INVALID_ARGUMENT, "FIELD_INVALID")->violation_count, 2);
    add_type("pager", NORMALIZER(DIGITS));
    made->type.type = text("pager");
    cr_expect_eq(refused(made, STATUS_INVALID_ARGUMENT, "FIELD_INVALID")->violation_count, 2);
}

Test(update_identity_type, merging_without_matching_is_a_contradiction) {
    struct made *made = make("phone");
    made->type.merge = true;
    name_path(made, "match");
    ask(&rpc_identity_service, "UpdateIdentityType", &made->request.base);
    name_path(made, "merge");
    const struct answer *answer = refused(made, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "identity_type.merge"));
}

/* ---- patterns ---- */

static void give_patterns(struct made *made, size_t count, char **patterns) {
    made->type.n_blocked_patterns = count;
    made->type.blocked_patterns = patterns;
    name_path(made, "blocked_patterns");
}

Test(update_identity_type, patterns_block_what_they_are_found_in) {
    struct made *made = make("external_id");
    char *patterns[] = {text("^demo-"), text("(?i)walk-?in")};
    give_patterns(made, 2, patterns);

    const Profiled__V1__UpdateIdentityTypeResponse *response =
        ask_twice(&rpc_identity_service, "UpdateIdentityType", &made->request.base);

    cr_assert_eq(response->identity_type->n_blocked_patterns, 2);
    cr_expect_str_eq(response->identity_type->blocked_patterns[1], "(?i)walk-?in");
    call_reopen(ask_fixture);
    const Profiled__V1__Decision *decision =
        resolve(TOLD(.identities = {ID("external_id", "demo-7"), ID("external_id", "store WALKIN"),
                                    ID("external_id", "crm-7"), ID("intercom", "demo-7")}));
    cr_expect_eq(decision->identities[0]->rule, RULE(BLOCKED_PATTERN));
    cr_expect_eq(decision->identities[1]->rule, RULE(BLOCKED_PATTERN));
    cr_expect_eq(decision->identities[2]->state, STATE(ACTIVE));
    cr_expect_eq(decision->identities[3]->state, STATE(ACTIVE), "of another type");
}

Test(update_identity_type, bad_patterns_are_named_one_by_one) {
    struct made *made = make("external_id");
    char *patterns[] = {text("demo"), text("(demo"), text("(a+)+b"), text(".*")};
    give_patterns(made, 4, patterns);

    const struct answer *answer = refused(made, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");

    cr_expect_eq(answer->violation_count, 3);
    cr_expect_str_eq(answer_violation(answer, "identity_type.blocked_patterns[1]"),
                     "is no pattern: missing closing parenthesis, at byte 5");
    cr_expect_not_null(
        strstr(answer_violation(answer, "identity_type.blocked_patterns[2]"), "too many steps"));
    cr_expect_not_null(answer_violation(answer, "identity_type.blocked_patterns[3]"));
    char *many[51];
    for (size_t i = 0; i < 51; i++) {
        many[i] = text("demo");
    }
    struct made *more = make("external_id");
    give_patterns(more, 51, many);
    cr_expect_str_eq(answer_violation(refused(more, STATUS_INVALID_ARGUMENT, "FIELD_INVALID"),
                                      "identity_type.blocked_patterns"),
                     "there are more than 50");
}

/* ---- what would block everything ---- */

static void populate(size_t count) {
    for (size_t i = 0; i < count; i++) {
        ask_wait_us(US_PER_SECOND);
        resolve(TOLD(.identities = {ID("external_id", arena_format(&ask_arena, "crm-%zu", i)),
                                    ID("email", arena_format(&ask_arena, "p%zu@example.com", i))}));
    }
}

Test(update_identity_type, what_would_block_all_there_is_is_refused_with_the_count) {
    populate(12);
    struct made *made = make("external_id");
    char *patterns[] = {text("^crm-")};
    give_patterns(made, 1, patterns);

    const struct answer *answer = refused(made, STATUS_FAILED_PRECONDITION, "RULES_INVALID");

    cr_expect_str_eq(answer_metadata(answer, "identity_count"), "12");
    cr_expect_str_eq(answer_metadata(answer, "blocked_count"), "12");
    cr_expect_str_eq(answer_metadata(answer, "profile_count"), "12");
    cr_expect_str_eq(answer_metadata(answer, "type"), "external_id");
    patterns[0] = text("^crm-1");
    const Profiled__V1__UpdateIdentityTypeResponse *response =
        ask_twice(&rpc_identity_service, "UpdateIdentityType", &made->request.base);
    cr_expect_eq(response->identity_count, 12);
    cr_expect_eq(response->blocked_count, 3, "1, 10 and 11");
    cr_expect_eq(response->profile_count, 12);
    cr_expect_not(response->partial);
    made = make("external_id");
    made->type.min_length = 7;
    name_path(made, "min_length");
    refused(made, STATUS_FAILED_PRECONDITION, "RULES_INVALID");
}

Test(update_identity_type, what_would_block_all_there_is_step_by_step_is_refused) {
    populate(12);
    struct made *made = make("external_id");
    char *patterns[] = {text("^crm-[0-5]$"), text("^crm-")};
    give_patterns(made, 1, patterns);
    ask(&rpc_identity_service, "UpdateIdentityType", &made->request.base);
    apply_rules(0);
    made = make("external_id");
    give_patterns(made, 2, patterns);

    const struct answer *answer = refused(made, STATUS_FAILED_PRECONDITION, "RULES_INVALID");

    cr_expect_str_eq(answer_metadata(answer, "identity_count"), "12");
    cr_expect_str_eq(answer_metadata(answer, "blocked_count"), "12");
    patterns[1] = text("^crm-[6-8]$");
    const Profiled__V1__UpdateIdentityTypeResponse *response =
        ask(&rpc_identity_service, "UpdateIdentityType", &made->request.base);
    cr_expect_eq(response->identity_count, 6, "those that are active");
    cr_expect_eq(response->blocked_count, 3);
}

/* What a CRM writes where it knows nothing. */
Test(update_identity_type, what_blocks_no_more_than_is_blocked_already_is_not_refused) {
    for (size_t i = 0; i < 12; i++) {
        resolve(TOLD(.identities = {ID("external_id", "unknown"),
                                    ID("email", arena_format(&ask_arena, "p%zu@example.com", i))}));
    }
    struct made *made = make("external_id");
    char *patterns[] = {text("^demo")};
    give_patterns(made, 1, patterns);

    const Profiled__V1__UpdateIdentityTypeResponse *response =
        ask(&rpc_identity_service, "UpdateIdentityType", &made->request.base);

    cr_expect_eq(response->identity_count, 0);
}

Test(update_identity_type, a_handful_may_all_be_blocked) {
    populate(9);
    struct made *made = make("external_id");
    char *patterns[] = {text("^crm-")};
    give_patterns(made, 1, patterns);
    const Profiled__V1__UpdateIdentityTypeResponse *response =
        ask(&rpc_identity_service, "UpdateIdentityType", &made->request.base);
    cr_expect_eq(response->blocked_count, 9);
    made = make("external_id");
    made->type.limit = 2;
    name_path(made, "limit");
    response = ask(&rpc_identity_service, "UpdateIdentityType", &made->request.base);
    cr_expect_eq(response->identity_count, 0, "not counted");
}

/* Whoever disables a type wants just that. */
Test(update_identity_type, what_a_type_has_that_matches_nobody_is_counted_and_not_refused) {
    populate(12);
    static const char *const paths[] = {"disabled", "match"};
    for (size_t i = 0; i < 2; i++) {
        struct made *made = make("external_id");
        made->type.disabled = i == 0;
        made->type.match = i == 0;
        name_path(made, paths[i]);
        if (i == 1) {
            name_path(made, "disabled");
        }
        const Profiled__V1__UpdateIdentityTypeResponse *response =
            ask_twice(&rpc_identity_service, "UpdateIdentityType", &made->request.base);
        cr_expect_eq(response->identity_count, 12, "%s", paths[i]);
        cr_expect_eq(response->blocked_count, 12, "%s", paths[i]);
        cr_expect_eq(response->profile_count, 12, "%s", paths[i]);
    }
}

/* The names of all types that match. */
static size_t matching_types(char **out) {
    Profiled__V1__ListIdentityTypesRequest list = PROFILED__V1__LIST_IDENTITY_TYPES_REQUEST__INIT;
    const Profiled__V1__ListIdentityTypesResponse *response =
        ask(&rpc_identity_service, "ListIdentityTypes", &list.base);
    size_t count = 0;
    for (size_t i = 0; i < response->n_identity_types; i++) {
        const Profiled__V1__IdentityType *type = response->identity_types[i];
        if (type->match && !type->disabled) {
            out[count++] = type->type;
        }
    }
    return count;
}

/* Each by itself may be wanted; all of them together leave a service that joins nobody. */
Test(update_identity_type, the_last_type_that_matches_goes_on_matching) {
    populate(2);
    char *types[64];
    const size_t count = matching_types(types);
    cr_assert_gt(count, 1);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(types[i], "email") != 0) {
            struct made *made = make(types[i]);
            made->type.disabled = i % 2 == 0;
            name_path(made, i % 2 == 0 ? "disabled" : "match");
            ask(&rpc_identity_service, "UpdateIdentityType", &made->request.base);
        }
    }
    static const char *const paths[] = {"disabled", "match"};
    for (size_t i = 0; i < 2; i++) {
        struct made *made = make("email");
        made->type.disabled = true;
        name_path(made, paths[i]);

        const struct answer *answer = refused(made, STATUS_FAILED_PRECONDITION, "RULES_INVALID");

        cr_expect_str_eq(answer_metadata(answer, "type"), "email", "%s", paths[i]);
        cr_expect_str_eq(answer_metadata(answer, "identity_count"), "2", "%s", paths[i]);
        cr_expect_str_eq(answer_metadata(answer, "blocked_count"), "2", "%s", paths[i]);
        cr_expect_str_eq(answer_metadata(answer, "profile_count"), "2", "%s", paths[i]);
    }
    add_type("badge", NORMALIZER(EXACT));
    struct made *made = make("email");
    made->type.disabled = true;
    name_path(made, "disabled");
    ask(&rpc_identity_service, "UpdateIdentityType", &made->request.base);
    made = make("badge");
    name_path(made, "match");
    refused(made, STATUS_FAILED_PRECONDITION, "RULES_INVALID");
    made->mask.n_paths = 0;
    made->type.limit = 2;
    name_path(made, "limit");
    ask(&rpc_identity_service, "UpdateIdentityType", &made->request.base);
}

/* Other writes wait while it counts. */
Test(update_identity_type, counts_for_a_second_at_most_and_says_so) {
    populate(30);
    struct made *made = make("external_id");
    char *patterns[] = {text("^crm-2[0-4]")};
    give_patterns(made, 1, patterns);
    call_step_set(US_PER_SECOND / 10);

    const Profiled__V1__UpdateIdentityTypeResponse *response =
        ask(&rpc_identity_service, "UpdateIdentityType", &made->request.base);

    cr_expect_eq(response->profile_count, 10);
    cr_expect_eq(response->identity_count, 10);
    cr_expect_eq(response->blocked_count, 5, "of 20 to 29");
    cr_expect(response->partial);
    patterns[0] = text("^crm-2");
    const struct answer *answer = refused(made, STATUS_FAILED_PRECONDITION, "RULES_INVALID");
    cr_expect_str_eq(answer_metadata(answer, "profile_count"), "10");
    call_step_set(0);
}

/* ---- types of the workspace's own ---- */

Test(update_identity_type, an_own_type_can_be_read_anew_while_nobody_has_one) {
    add_type("badge", NORMALIZER(EXACT));
    struct made *made = make("badge");
    made->type.normalizer = NORMALIZER(CASE_FOLD);
    name_path(made, "normalizer");
    ask(&rpc_identity_service, "UpdateIdentityType", &made->request.base);
    const char *id = resolve(TOLD(.identities = {ID("badge", "AB-17")}))->profile_id;
    cr_expect_str_eq(lookup("badge", "ab-17")->id, id);

    made->type.normalizer = NORMALIZER(EXACT);
    const struct answer *answer = refused(made, STATUS_FAILED_PRECONDITION, "RULES_INVALID");
    cr_expect_str_eq(answer_metadata(answer, "identity_count"), "1");
    made->type.normalizer = (Profiled__V1__Normalizer)7;
    refused(made, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
}

static void disable(const char *type) {
    struct made *made = make(type);
    made->type.disabled = true;
    name_path(made, "disabled");
    ask(&rpc_identity_service, "UpdateIdentityType", &made->request.base);
}

/* It would be active again by other rules, and told again be somebody else's. */
Test(update_identity_type, an_own_type_is_not_read_anew_while_somebody_has_contact_data_of_it) {
    add_type("badge", NORMALIZER(DIGITS));
    disable("badge");
    const char *id = resolve(TOLD(.identities = {ID("badge", "77-88-91")}))->profile_id;
    struct made *made = make("badge");
    made->type.normalizer = NORMALIZER(EXACT);
    name_path(made, "normalizer");

    const struct answer *answer = refused(made, STATUS_FAILED_PRECONDITION, "RULES_INVALID");
    cr_expect_str_eq(answer_metadata(answer, "identity_count"), "1");

    Profiled__V1__DeleteProfileRequest gone = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    gone.id = text(id);
    ask(&rpc_profile_service, "DeleteProfile", &gone.base);
    answer = refused(made, STATUS_FAILED_PRECONDITION, "RULES_INVALID");
    cr_expect_str_eq(answer_metadata(answer, "identity_count"), "1", "it may be undeleted");
}

Test(update_identity_type, an_own_type_is_not_read_anew_while_not_all_profiles_are_looked_at) {
    populate(3);
    add_type("badge", NORMALIZER(DIGITS));
    struct made *made = make("badge");
    made->type.normalizer = NORMALIZER(EXACT);
    name_path(made, "normalizer");
    call_step_set(US_PER_SECOND);

    const struct answer *answer = refused(made, STATUS_FAILED_PRECONDITION, "RULES_INVALID");

    cr_expect_str_eq(answer_metadata(answer, "profile_count"), "1");
    call_step_set(0);
    ask(&rpc_identity_service, "UpdateIdentityType", &made->request.base);
}

Test(update_identity_type, blocked_values_of_an_own_type_go_by_its_normalizer) {
    add_type("badge", NORMALIZER(CASE_FOLD));
    struct made *made = make("badge");
    char *values[] = {text(" GUEST "), text("\t")};
    made->type.n_blocked_values = 2;
    made->type.blocked_values = values;
    name_path(made, "blocked_values");
    cr_expect_not_null(answer_violation(refused(made, STATUS_INVALID_ARGUMENT, "FIELD_INVALID"),
                                        "identity_type.blocked_values[1]"));
    made->type.n_blocked_values = 1;
    const Profiled__V1__UpdateIdentityTypeResponse *response =
        ask(&rpc_identity_service, "UpdateIdentityType", &made->request.base);
    cr_expect_str_eq(response->identity_type->blocked_values[0], "guest");

    made = make("badge");
    made->type.normalizer = NORMALIZER(EXACT);
    name_path(made, "normalizer");
    cr_expect_not_null(answer_violation(refused(made, STATUS_INVALID_ARGUMENT, "FIELD_INVALID"),
                                        "identity_type.blocked_values"));
}

Test(update_identity_type, zeroes_are_below_the_limits) {
    struct made *made = make("phone");
    name_path(made, "limit");
    name_path(made, "priority");
    name_path(made, "min_length");
    name_path(made, "merge_provenance");
    cr_expect_eq(refused(made, STATUS_INVALID_ARGUMENT, "FIELD_INVALID")->violation_count, 4);
}

Test(update_identity_type, type_and_mask_are_required) {
    struct made *made = make("");
    cr_expect_not_null(answer_violation(refused(made, STATUS_INVALID_ARGUMENT, "FIELD_INVALID"),
                                        "identity_type.type"));
    made = make("phone");
    cr_expect_not_null(
        answer_violation(refused(made, STATUS_INVALID_ARGUMENT, "FIELD_INVALID"), "update_mask"));
}

Test(update_identity_type, unknown_types_and_old_versions) {
    struct made *made = make("pager");
    made->type.limit = 1;
    name_path(made, "limit");
    refused(made, STATUS_NOT_FOUND, "IDENTITY_TYPE_NOT_FOUND");
    made->type.type = (char *)(uintptr_t) "phone";
    made->request.rule_version = 7;
    refused(made, STATUS_ABORTED, "ETAG_MISMATCH");
}

Test(update_identity_type, more_than_a_row_holds_is_refused) {
    struct made *made = make("external_id");
    enum { VALUES = 1000 };
    char *values[VALUES];
    for (size_t i = 0; i < VALUES; i++) {
        values[i] = arena_format(&ask_arena, "%0250zu", i);
    }
    made->type.n_blocked_values = VALUES;
    made->type.blocked_values = values;
    name_path(made, "blocked_values");
    refused(made, STATUS_FAILED_PRECONDITION, "FIELD_INVALID");
}

Test(update_identity_type, is_done_once_for_one_request_id) {
    struct made *made = make("phone");
    made->type.limit = 2;
    name_path(made, "limit");
    struct made *other = make("phone");
    other->type.limit = 3;
    name_path(other, "limit");
    ask_again(&rpc_identity_service, "UpdateIdentityType", &made->request.base,
              &other->request.base);
}

/* ---- what profiles have by a type that matches nobody any more ---- */

static void set_phone(const char *path, bool value) {
    struct made *made = make("phone");
    made->type.disabled = value;
    made->type.match = value;
    name_path(made, path);
    ask(&rpc_identity_service, "UpdateIdentityType", &made->request.base);
}

#define NUMBER "+966500000017"

static void expect_apart(const char *path, bool value) {
    const char *one = resolve(TOLD(.identities = {ID("phone", NUMBER)}))->profile_id;
    set_phone(path, value);
    cr_expect_null(lookup("phone", NUMBER), "as if it were applied");
    cr_expect_null(lookup("whatsapp", NUMBER));
    cr_expect_eq(identity_in(get(one), "phone", NUMBER)->state, STATE(ACTIVE), "not yet applied");
    const struct told *told = TOLD(.identities = {ID("whatsapp", NUMBER)});

    const Profiled__V1__Decision *decision = resolve(told);

    const char *other = decision->profile_id;
    cr_expect_eq(decision->outcome, OUTCOME(CREATED));
    cr_expect_eq(decision->identities[0]->state, STATE(ACTIVE));
    cr_expect_str_eq(resolve(told)->profile_id, other, "told again it is the same");
    cr_expect_str_eq(lookup("whatsapp", NUMBER)->id, other);
    cr_expect_eq(identity_in(get(one), "phone", NUMBER)->state, STATE(CONTACT));
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(update_identity_type, a_disabled_type_reaches_nobody_through_its_sibling) {
    expect_apart("disabled", true);
}

Test(update_identity_type, a_type_that_does_not_match_reaches_nobody_through_its_sibling) {
    expect_apart("match", false);
}

Test(update_identity_type, what_lapsed_is_there_again_once_the_type_is) {
    expect_apart("disabled", true);
    const char *one = lookup("whatsapp", NUMBER)->id;
    set_phone("disabled", false);
    Profiled__V1__ApplyIdentityTypesRequest apply =
        PROFILED__V1__APPLY_IDENTITY_TYPES_REQUEST__INIT;

    const Profiled__V1__ApplyIdentityTypesResponse *response =
        ask(&rpc_identity_service, "ApplyIdentityTypes", &apply.base);

    cr_expect_eq(response->effect->joined_count, 1);
    cr_expect_str_neq(lookup("phone", NUMBER)->id, one, "the older one answers");
    cr_expect_str_eq(lookup("phone", NUMBER)->id, get(one)->id);
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(update_identity_type, what_lapsed_can_be_linked_and_undeleted_elsewhere) {
    const char *gone = resolve(TOLD(.identities = {ID("whatsapp", NUMBER)}))->profile_id;
    Profiled__V1__DeleteProfileRequest delete = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    delete.id = text(gone);
    ask(&rpc_profile_service, "DeleteProfile", &delete.base);
    const char *one = resolve(TOLD(.identities = {ID("phone", NUMBER)}))->profile_id;
    set_phone("disabled", true);
    Profiled__V1__UndeleteProfileRequest undelete = PROFILED__V1__UNDELETE_PROFILE_REQUEST__INIT;
    undelete.id = text(gone);

    ask(&rpc_profile_service, "UndeleteProfile", &undelete.base);

    cr_expect_str_eq(lookup("whatsapp", NUMBER)->id, gone);
    cr_expect_eq(identity_in(get(one), "phone", NUMBER)->state, STATE(CONTACT));
    set_phone("disabled", false);
    const char *two = resolve(TOLD(.identities = {ID("phone", "+966500000018")}))->profile_id;
    set_phone("disabled", true);
    Profiled__V1__LinkIdentityRequest link = PROFILED__V1__LINK_IDENTITY_REQUEST__INIT;
    link.profile_id = text(gone);
    link.identity = identity_told("whatsapp", "+966500000018");
    ask(&rpc_identity_service, "LinkIdentity", &link.base);
    cr_expect_str_eq(lookup("whatsapp", "+966500000018")->id, gone);
    cr_expect_eq(identity_in(get(two), "phone", "+966500000018")->state, STATE(CONTACT));
    cr_expect_eq(call_verify(ask_fixture), 0);
}

/* One value of an address is blocked, and others that are compared as the same are not. */
Test(update_identity_type, a_blocked_address_reaches_nobody_by_another_spelling) {
    struct made *dots = make("email");
    dots->type.email_ignore_dots = true;
    name_path(dots, "email_ignore_dots");
    ask(&rpc_identity_service, "UpdateIdentityType", &dots->request.base);
    const char *one = resolve(TOLD(.identities = {ID("email", "no.ra@x.example")}))->profile_id;
    struct made *made = make("email");
    char *patterns[] = {text("^no\\.ra@")};
    give_patterns(made, 1, patterns);
    ask(&rpc_identity_service, "UpdateIdentityType", &made->request.base);

    const Profiled__V1__Decision *decision =
        resolve(TOLD(.identities = {ID("email", "nora@x.example")}));

    cr_expect_eq(decision->outcome, OUTCOME(CREATED));
    cr_expect_eq(identity_in(get(one), "email", "no.ra@x.example")->rule, RULE(BLOCKED_PATTERN));
    cr_expect_eq(call_verify(ask_fixture), 0);
}

/* An identity of the record's person stays there: its own phone lapses by itself. */
Test(update_identity_type, what_lapsed_of_the_same_person_stays) {
    const char *one =
        resolve(TOLD(.identities = {ID("phone", NUMBER), ID("email", "nora@x.example")}))
            ->profile_id;
    set_phone("disabled", true);

    const Profiled__V1__Decision *decision =
        resolve(TOLD(.identities = {ID("whatsapp", NUMBER), ID("email", "nora@x.example")}));

    cr_expect_str_eq(decision->profile_id, one);
    cr_expect_eq(decision->n_demoted, 0);
    cr_expect_str_eq(lookup("whatsapp", NUMBER)->id, one);
    cr_expect_eq(call_verify(ask_fixture), 0);
}
