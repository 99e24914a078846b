/* UpdateAttribute. */

#include <criterion/criterion.h>
#include <string.h>

#include "server/base/limits.h"
#include "tests/handlers/people.h"

TestSuite(update_attribute, .init = ask_open, .fini = ask_close);

enum { SOURCES_MAX = TRUSTED_SOURCES_MAX + 1 };

/* A request with one attribute, its trusted sources, and some paths. */
struct made {
    Profiled__V1__UpdateAttributeRequest request;
    Profiled__V1__AttributeDefinition attribute;
    Google__Protobuf__FieldMask mask;
    char *paths[4];
    char *sources[SOURCES_MAX];
};

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static void name_path(struct made *made, const char *path) {
    made->paths[made->mask.n_paths++] = text(path);
}

static void trust(struct made *made, const char *source) {
    made->sources[made->attribute.n_trusted_sources++] = text(source);
}

static struct made *make(const char *name) {
    struct made *made = arena_alloc(&ask_arena, sizeof *made);
    profiled__v1__update_attribute_request__init(&made->request);
    profiled__v1__attribute_definition__init(&made->attribute);
    google__protobuf__field_mask__init(&made->mask);
    made->attribute.name = text(name);
    made->attribute.trusted_sources = made->sources;
    made->request.attribute = &made->attribute;
    made->request.update_mask = &made->mask;
    made->mask.paths = made->paths;
    return made;
}

static struct made *make_first_seen(const char *name) {
    struct made *made = make(name);
    made->attribute.survivorship = SURVIVORSHIP(FIRST_SEEN);
    name_path(made, "survivorship");
    return made;
}

static const struct answer *refused(struct made *made, enum status_code code, const char *reason) {
    return ask_refused(&rpc_schema_service, "UpdateAttribute", &made->request.base, code, reason);
}

static const struct answer *invalid(struct made *made) {
    return refused(made, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
}

Test(update_attribute, changes_what_the_mask_names_and_the_version) {
    struct made *made = make("city");
    made->attribute.survivorship = SURVIVORSHIP(TRUSTED_SOURCE);
    trust(made, "crm");
    trust(made, "pos");
    name_path(made, "survivorship");
    name_path(made, "trusted_sources");
    made->request.schema_version = 1;

    const Profiled__V1__UpdateAttributeResponse *response =
        ask_twice(&rpc_schema_service, "UpdateAttribute", &made->request.base);

    cr_expect_eq(response->schema_version, 2);
    cr_expect_str_eq(response->attribute->name, "city");
    cr_expect(response->attribute->indexed);
    cr_expect_not(response->attribute->personal);
    cr_expect_eq(response->attribute->survivorship, SURVIVORSHIP(TRUSTED_SOURCE));
    cr_assert_eq(response->attribute->n_trusted_sources, 2);
    cr_expect_str_eq(response->attribute->trusted_sources[0], "crm");

    response = ask(&rpc_schema_service, "UpdateAttribute", &make_first_seen("city")->request.base);

    cr_expect_eq(response->schema_version, 3);
    cr_expect_eq(response->attribute->survivorship, SURVIVORSHIP(FIRST_SEEN));
    cr_expect_eq(response->attribute->n_trusted_sources, 2, "not named");
}

Test(update_attribute, the_name_is_one_of_them) {
    const Profiled__V1__UpdateAttributeResponse *response =
        ask_twice(&rpc_schema_service, "UpdateAttribute", &make_first_seen("name")->request.base);

    cr_expect_str_eq(response->attribute->name, "name");
    cr_expect(response->attribute->personal);
}

Test(update_attribute, goes_back_to_the_default) {
    set_survivorship("city", SURVIVORSHIP(TRUSTED_SOURCE), "crm");

    const Profiled__V1__UpdateAttributeResponse *response =
        set_survivorship("city", SURVIVORSHIP(MOST_RECENT), "");

    cr_expect_eq(response->schema_version, 3);
    cr_expect_eq(response->attribute->survivorship, SURVIVORSHIP(MOST_RECENT));
    cr_expect_eq(response->attribute->n_trusted_sources, 0);
}

Test(update_attribute, attribute_and_mask_are_required) {
    struct made *made = make("");
    cr_expect_not_null(answer_violation(invalid(made), "attribute.name"));
    made->request.attribute = NULL;
    cr_expect_not_null(answer_violation(invalid(made), "attribute.name"));
    cr_expect_not_null(answer_violation(invalid(make("city")), "update_mask"));
}

Test(update_attribute, every_bad_field_is_named) {
    struct made *made = make("city");
    made->attribute.survivorship = (Profiled__V1__Survivorship)4;
    trust(made, "crm");
    trust(made, "Not a source");
    trust(made, "crm");
    trust(made, "");
    name_path(made, "survivorship");
    name_path(made, "trusted_sources");
    name_path(made, "personal");

    const struct answer *answer = invalid(made);

    static const char *const fields[] = {"attribute.survivorship", "attribute.trusted_sources[1]",
                                         "attribute.trusted_sources[2]",
                                         "attribute.trusted_sources[3]", "update_mask.paths[2]"};
    for (size_t i = 0; i < 5; i++) {
        cr_expect_not_null(answer_violation(answer, fields[i]), "%s", fields[i]);
    }
    cr_expect_eq(answer->violation_count, 5);
    made = make("city");
    name_path(made, "survivorship");
    cr_expect_not_null(answer_violation(invalid(made), "attribute.survivorship"), "unspecified");
}

Test(update_attribute, twenty_sources_are_trusted_at_most) {
    struct made *made = make("city");
    name_path(made, "trusted_sources");
    for (size_t i = 0; i < SOURCES_MAX; i++) {
        trust(made, arena_format(&ask_arena, "source-%zu", i));
    }
    cr_expect_str_eq(answer_violation(invalid(made), "attribute.trusted_sources"),
                     "there are more than 20");
    made->attribute.n_trusted_sources = TRUSTED_SOURCES_MAX;
    ask(&rpc_schema_service, "UpdateAttribute", &made->request.base);
}

Test(update_attribute, trusted_source_needs_a_source) {
    struct made *made = make("city");
    made->attribute.survivorship = SURVIVORSHIP(TRUSTED_SOURCE);
    name_path(made, "survivorship");
    cr_expect_not_null(answer_violation(invalid(made), "attribute.trusted_sources"));

    set_survivorship("city", SURVIVORSHIP(TRUSTED_SOURCE), "crm");

    struct made *emptied = make("city");
    name_path(emptied, "trusted_sources");
    cr_expect_not_null(answer_violation(invalid(emptied), "attribute.trusted_sources"));
}

Test(update_attribute, unknown_attributes_and_old_versions) {
    refused(make_first_seen("eye_colour"), STATUS_NOT_FOUND, "ATTRIBUTE_NOT_FOUND");
    struct made *made = make_first_seen("city");
    made->request.schema_version = 7;
    refused(made, STATUS_ABORTED, "ETAG_MISMATCH");
}

Test(update_attribute, another_workspace_keeps_its_own) {
    set_survivorship("city", SURVIVORSHIP(FIRST_SEEN), "");
    struct made *made = make_first_seen("city");
    made->request.schema_version = 2;
    ask_refused_elsewhere(&rpc_schema_service, "UpdateAttribute", &made->request.base,
                          STATUS_ABORTED, "ETAG_MISMATCH");
}

Test(update_attribute, is_done_once_for_one_request_id) {
    ask_again(&rpc_schema_service, "UpdateAttribute", &make_first_seen("city")->request.base,
              &make_first_seen("job")->request.base);
}
