/* CreateAttribute. */

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/limits.h"
#include "tests/handlers/definitions.h"

TestSuite(create_attribute, .init = ask_open, .fini = ask_close);

static const struct answer *refused(const struct defined *defined, enum status_code code,
                                    const char *reason) {
    return ask_refused(&rpc_schema_service, "CreateAttribute", &create_request(defined)->base, code,
                       reason);
}

static const char *violation(const struct defined *defined, const char *field) {
    const char *text =
        answer_violation(refused(defined, STATUS_INVALID_ARGUMENT, "FIELD_INVALID"), field);
    return text == NULL ? "" : text;
}

Test(create_attribute, what_is_not_said_has_a_default) {
    Profiled__V1__CreateAttributeRequest *request = create_request(PLAIN("nickname", STRING));
    request->schema_version = 1;
    request->attribute->bounds = NULL;

    const Profiled__V1__CreateAttributeResponse *response =
        ask_twice(&rpc_schema_service, "CreateAttribute", &request->base);

    cr_expect_eq(response->schema_version, 2);
    const Profiled__V1__AttributeDefinition *made = response->attribute;
    cr_expect_str_eq(made->name, "nickname");
    cr_expect_eq(made->type, ATTRIBUTE_TYPE(STRING));
    cr_expect_eq(made->bounds->max_length, 256);
    cr_expect_eq(made->max_values, 1);
    cr_expect_eq(made->survivorship, SURVIVORSHIP(MOST_RECENT));
    cr_expect(made->indexed);
    cr_expect_not(made->personal || made->retired || made->built_in);
    cr_expect_eq(made->n_required_for, 0);
}

Test(create_attribute, what_is_said_is_kept_over_a_restart) {
    define(DEFINITION("tier", ENUM, .display_name = " Loyalty  tier ",
                      .enum_values = {"gold", "silver"}, .retired_value = "silver", .max_values = 3,
                      .required_for = REQUIREMENT(CREATE), .personal = true,
                      .survivorship = SURVIVORSHIP(TRUSTED_SOURCE), .trusted = "crm,pos"));
    define(DEFINITION("visits", NUMBER, .min = "-0", .max = "1e3"));
    call_reopen(ask_fixture);

    const Profiled__V1__AttributeDefinition *tier = definition_of("tier");
    const Profiled__V1__AttributeDefinition *visits = definition_of("visits");

    cr_expect_str_eq(tier->display_name, "Loyalty tier");
    cr_assert_eq(tier->n_enum_values, 2);
    cr_expect_str_eq(tier->enum_values[1]->value, "silver");
    cr_expect(tier->enum_values[1]->retired && !tier->enum_values[0]->retired);
    cr_expect_eq(tier->max_values, 3);
    cr_assert_eq(tier->n_required_for, 1);
    cr_expect_eq(tier->required_for[0], REQUIREMENT(CREATE));
    cr_expect(tier->personal && !tier->indexed);
    cr_expect_eq(tier->survivorship, SURVIVORSHIP(TRUSTED_SOURCE));
    cr_assert_eq(tier->n_trusted_sources, 2);
    cr_expect_str_eq(tier->trusted_sources[1], "pos");
    cr_expect_str_eq(visits->bounds->min, "0");
    cr_expect_str_eq(visits->bounds->max, "1000");
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(create_attribute, labels_are_read_by_language) {
    Profiled__V1__CreateAttributeRequest *request =
        create_request(DEFINITION("tier", ENUM, .enum_values = {"gold"}));
    Profiled__V1__AttributeLabel labels[3];
    Profiled__V1__AttributeLabel *list[] = {&labels[0], &labels[1], &labels[2]};
    static const char *const told[][2] = {{"ar", "ذهبي"}, {"EN-gb", "Gold"}, {"ar", ""}};
    for (size_t i = 0; i < 3; i++) {
        profiled__v1__attribute_label__init(&labels[i]);
        labels[i].language = (char *)(uintptr_t)told[i][0];
        labels[i].text = (char *)(uintptr_t)told[i][1];
    }
    request->attribute->enum_values[0]->labels = list;
    request->attribute->enum_values[0]->n_labels = 3;
    const struct answer *answer =
        ask_refused(&rpc_schema_service, "CreateAttribute", &request->base, STATUS_INVALID_ARGUMENT,
                    "FIELD_INVALID");
    cr_expect_str_eq(answer_violation(answer, "attribute.enum_values[0].labels[2].language"),
                     "is there twice");
    cr_expect_not_null(answer_violation(answer, "attribute.enum_values[0].labels[2].text"));
    request->attribute->enum_values[0]->n_labels = 2;

    ask_twice(&rpc_schema_service, "CreateAttribute", &request->base);

    const Profiled__V1__AttributeDefinition *tier = definition_of("tier");
    cr_assert_eq(tier->enum_values[0]->n_labels, 2);
    cr_expect_str_eq(tier->enum_values[0]->labels[0]->text, "ذهبي");
    cr_expect_str_eq(tier->enum_values[0]->labels[1]->language, "en-GB");
}

Test(create_attribute, every_bad_field_is_named) {
    static const struct {
        struct defined defined;
        const char *field;
    } cases[] = {
        {{.name = "Tier", .type = 1}, "attribute.name"},
        {{.name = "", .type = 1}, "attribute.name"},
        {{.name = "tier", .type = 0}, "attribute.type"},
        {{.name = "tier", .type = 10}, "attribute.type"},
        {{.name = "tier", .type = 6}, "attribute.enum_values"},
        {{.name = "tier", .type = 1, .enum_values = {"gold"}}, "attribute.enum_values"},
        {{.name = "tier", .type = 6, .enum_values = {"gold", "GOLD"}},
         "attribute.enum_values[1].value"},
        {{.name = "tier", .type = 6, .enum_values = {" "}}, "attribute.enum_values[0].value"},
        {{.name = "tier", .type = 1, .max_values = 51}, "attribute.max_values"},
        {{.name = "tier", .type = 1, .max_values = -1}, "attribute.max_values"},
        {{.name = "tier", .type = 1, .max_length = 1025}, "attribute.bounds.max_length"},
        {{.name = "tier", .type = 1, .min_length = 5, .max_length = 4},
         "attribute.bounds.min_length"},
        {{.name = "tier", .type = 1, .pattern = "("}, "attribute.bounds.pattern"},
        {{.name = "tier", .type = 2, .pattern = "a"}, "attribute.bounds"},
        {{.name = "tier", .type = 1, .min = "1"}, "attribute.bounds.min"},
        {{.name = "tier", .type = 2, .min = "one"}, "attribute.bounds.min"},
        {{.name = "tier", .type = 2, .min = "2", .max = "1"}, "attribute.bounds.max"},
        {{.name = "tier", .type = 4, .max = "2001-02-30"}, "attribute.bounds.max"},
        {{.name = "tier", .type = 5, .min = "2001-02-20"}, "attribute.bounds.min"},
        {{.name = "tier", .type = 1, .required_for = 7}, "attribute.required_for[0]"},
        {{.name = "tier", .type = 1, .survivorship = 4}, "attribute.survivorship"},
        {{.name = "tier", .type = 1, .survivorship = 2}, "attribute.trusted_sources"},
        {{.name = "tier", .type = 1, .display_name = "a\nb"}, "attribute.display_name"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_expect_str_neq(violation(&cases[i].defined, cases[i].field), "", "case %zu: %s", i,
                          cases[i].field);
    }
    Profiled__V1__CreateAttributeRequest *request = create_request(PLAIN("tier", STRING));
    request->attribute->retired = true;
    cr_expect_not_null(
        answer_violation(ask_refused(&rpc_schema_service, "CreateAttribute", &request->base,
                                     STATUS_INVALID_ARGUMENT, "FIELD_INVALID"),
                         "attribute.retired"));
    request->attribute = NULL;
    cr_expect_not_null(
        answer_violation(ask_refused(&rpc_schema_service, "CreateAttribute", &request->base,
                                     STATUS_INVALID_ARGUMENT, "FIELD_INVALID"),
                         "attribute"));
}

Test(create_attribute, names_are_taken_once) {
    define(PLAIN("tier", STRING));

    refused(PLAIN("tier", NUMBER), STATUS_ALREADY_EXISTS, "ATTRIBUTE_EXISTS");
    refused(PLAIN("city", STRING), STATUS_ALREADY_EXISTS, "ATTRIBUTE_EXISTS");
    refused(PLAIN("name", STRING), STATUS_ALREADY_EXISTS, "ATTRIBUTE_EXISTS");
    retire("tier");
    refused(PLAIN("tier", STRING), STATUS_ALREADY_EXISTS, "ATTRIBUTE_EXISTS");
}

Test(create_attribute, another_version_is_refused) {
    Profiled__V1__CreateAttributeRequest *request = create_request(PLAIN("tier", STRING));
    request->schema_version = 2;

    ask_refused(&rpc_schema_service, "CreateAttribute", &request->base, STATUS_ABORTED,
                "ETAG_MISMATCH");
}

Test(create_attribute, there_are_a_hundred_at_most) {
    for (int i = 0; i < ATTRIBUTES_OWN_MAX; i++) {
        const char *name = arena_format(&ask_arena, "a%d", i);
        ask(&rpc_schema_service, "CreateAttribute",
            &create_request(&(struct defined){.name = name, .type = ATTRIBUTE_TYPE(BOOL)})->base);
    }
    const struct answer *answer =
        refused(PLAIN("one_more", BOOL), STATUS_FAILED_PRECONDITION, "ATTRIBUTE_LIMIT");
    cr_expect_str_eq(answer_metadata(answer, "limit"), "100");

    retire("a7");
    define(PLAIN("one_more", BOOL));

    refused(PLAIN("another", BOOL), STATUS_FAILED_PRECONDITION, "ATTRIBUTE_LIMIT");
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(create_attribute, a_definition_has_its_size) {
    Profiled__V1__CreateAttributeRequest *request =
        create_request(DEFINITION("tier", ENUM, .enum_values = {"gold"}));
    enum { LABELS = 20, VALUES = 8 };
    Profiled__V1__AttributeDefinition *attribute = request->attribute;
    attribute->enum_values = arena_array(&ask_arena, VALUES, sizeof *attribute->enum_values);
    attribute->n_enum_values = VALUES;
    char *label = arena_alloc(&ask_arena, LABEL_LENGTH_MAX + 1);
    memset(label, 'a', LABEL_LENGTH_MAX);
    for (int i = 0; i < VALUES; i++) {
        Profiled__V1__AttributeEnumValue *value = arena_alloc(&ask_arena, sizeof *value);
        profiled__v1__attribute_enum_value__init(value);
        value->value = arena_format(&ask_arena, "v%d", i);
        value->labels = arena_array(&ask_arena, LABELS, sizeof *value->labels);
        for (int k = 0; k < LABELS; k++) {
            Profiled__V1__AttributeLabel *one = arena_alloc(&ask_arena, sizeof *one);
            profiled__v1__attribute_label__init(one);
            one->language = arena_format(&ask_arena, "ar-x-%c", 'a' + k);
            one->text = label;
            value->labels[value->n_labels++] = one;
        }
        attribute->enum_values[i] = value;
    }
    const struct answer *answer =
        ask_refused(&rpc_schema_service, "CreateAttribute", &request->base,
                    STATUS_FAILED_PRECONDITION, "ATTRIBUTE_LIMIT");
    cr_expect_not_null(answer);
}

Test(create_attribute, another_workspace_does_not_have_it) {
    define(PLAIN("tier", STRING));
    ask_in("other");
    Profiled__V1__GetAttributeRequest request = PROFILED__V1__GET_ATTRIBUTE_REQUEST__INIT;
    request.name = (char *)(uintptr_t) "tier";

    ask_refused_elsewhere(&rpc_schema_service, "GetAttribute", &request.base, STATUS_NOT_FOUND,
                          "ATTRIBUTE_NOT_FOUND");
}

Test(create_attribute, a_retry_gets_the_first_answer) {
    Profiled__V1__CreateAttributeRequest *request = create_request(PLAIN("tier", STRING));
    Profiled__V1__CreateAttributeRequest *other = create_request(PLAIN("rank", STRING));

    ask_again(&rpc_schema_service, "CreateAttribute", &request->base, &other->base);
}
