/* profilectl against the server: attributes that a workspace defines. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/server/profilectl.h"

TestSuite(profilectl_attribute, .init = fixture_setup, .fini = fixture_teardown, .timeout = 60);

static void define(const char *const *words) {
    struct program program = profilectl_run(words, NULL);
    cr_assert_eq(program.code, 0, "%s", program.err);
    program_free(&program);
}

static void define_all(void) {
    define(WORDS("attribute", "define", "tier", "--type", "enum", "--title", "Loyalty tier",
                 "--value", "gold", "--label", "en=Gold", "--label", "ar=ذهبي", "--value",
                 "silver"));
    define(
        WORDS("attribute", "define", "visits", "--type", "number", "--min", "0", "--max", "100"));
    define(WORDS("attribute", "define", "tags", "--type", "string", "--max-values", "3"));
    define(WORDS("attribute", "define", "vip", "--type", "bool", "--personal", "yes"));
}

Test(profilectl_attribute, define_show_and_list) {
    define_all();

    expect_texts(WORDS("attribute", "show", "tier"), WORDS("tier", "Loyalty tier", "enum", "Values",
                                                           "gold", "en: Gold, ar: ذهبي", "silver"));
    expect_texts(WORDS("attribute", "show", "visits"), WORDS("number", "At least", "0", "100"));
    expect_texts(WORDS("attribute", "show", "sub_dialect"), WORDS("najdi_sa", "Najdi", "saudi"));
    expect_texts(WORDS("attribute", "list"),
                 WORDS("ATTRIBUTE", "TYPE", "birth_date", "date", "tier", "enum", "tags",
                       "string, up to 3", "Schema 5"));
    json_t *json = profilectl_json(0, "attribute", "show", "tier");
    cr_expect_str_eq(json_text(json, "attribute.enumValues.0.labels.1.text"), "ذهبي");
    json_decref(json);
}

Test(profilectl_attribute, values_are_told_shown_and_found) {
    define_all();
    json_t *made = profilectl_json(0, "profile", "create", "--name", "Nora", "--identity",
                                   "email:nora@example.org", "-a", "tier=GOLD", "-a", "visits=42",
                                   "-a", "tags=a", "-a", "tags=b", "-a", "vip=yes");

    cr_expect_str_eq(json_text(made, "profile.attributes.tags.list.items.1.text"), "b");
    const json_t *attributes = json_object_get(json_object_get(made, "profile"), "attributes");
    cr_expect(json_is_true(json_object_get(json_object_get(attributes, "vip"), "flag")));
    expect_texts(WORDS("profile", "show", "email:nora@example.org"),
                 WORDS("Attributes", "tags", "a, b", "tier", "gold", "vip", "yes", "visits", "42"));
    expect_texts(
        WORDS("profile", "list", "--filter", "attributes.tier = gold AND attributes.tags = b"),
        WORDS("Nora"));
    char id[ID_SIZE_MAX];
    snprintf(id, sizeof id, "%s", json_text(made, "profile.id"));
    expect_texts(WORDS("profile", "update", id, "-a", "visits=7", "--clear", "tags"),
                 WORDS("Nora"));
    json_t *after = profilectl_json(0, "profile", "get", id);
    cr_expect_str_eq(json_text(after, "profiles.0.profile.attributes.tags.list.items.0.text"), "");
    expect_failure(EXIT_CODES + INVALID_ARGUMENT, "profile.attributes.visits", "profile", "update",
                   id, "-a", "visits=700");
    json_decref(made);
    json_decref(after);
}

Test(profilectl_attribute, update_changes_one_thing_and_says_what_would_break) {
    define_all();
    define(WORDS("profile", "create", "--name", "Nora", "-a", "visits=42", "-a", "tier=silver"));

    expect_failure(EXIT_CODES + FAILED_PRECONDITION, "refused_count: 1", "attribute", "update",
                   "visits", "--max", "41");
    expect_texts(WORDS("attribute", "update", "visits", "--max", "41", "--force", "--dry-run"),
                 WORDS("1 of the 1 profiles has a value; 1 of these would be refused"));
    expect_texts(WORDS("attribute", "update", "visits", "--max", "41", "--force"),
                 WORDS("Schema 6"));
    expect_texts(WORDS("attribute", "show", "visits"), WORDS("At least", "0", "At most", "41"));
    expect_texts(
        WORDS("attribute", "update", "tier", "--value", "bronze", "--retire-value", "silver"),
        WORDS("Schema 7"));
    expect_texts(WORDS("attribute", "show", "tier"),
                 WORDS("gold", "en: Gold", "silver", "retired", "bronze"));
    expect_failure(EXIT_CODES + FAILED_PRECONDITION, "refused_count: 1", "attribute", "update",
                   "tier", "--drop-value", "silver");
    expect_failure(EXIT_USAGE, "no such value", "attribute", "update", "tier", "--drop-value",
                   "tin");
    expect_failure(EXIT_USAGE, "LANGUAGE=TEXT", "attribute", "update", "tier", "--label", "en=x");
    expect_failure(EXIT_USAGE, "create, import", "attribute", "define", "x", "--type", "bool",
                   "--required-for", "export");
    expect_failure(EXIT_USAGE, "--type: must be one of string, number", "attribute", "define", "x",
                   "--type", "colour");
}

Test(profilectl_attribute, delete_keeps_values_and_restore_brings_it_back) {
    define_all();
    define(WORDS("profile", "create", "--name", "Nora", "-a", "tags=a"));

    expect_texts(WORDS("attribute", "delete", "tags"),
                 WORDS("string, up to 3, retired", "1 of the 1 profiles has a value"));
    expect_failure(EXIT_CODES + INVALID_ARGUMENT, "is retired", "profile", "create", "--name",
                   "Reem", "-a", "tags=a");
    expect_failure(EXIT_CODES + FAILED_PRECONDITION, "ATTRIBUTE_BUILT_IN", "attribute", "delete",
                   "city");
    define(WORDS("attribute", "update", "tags", "--restore"));
    define(WORDS("profile", "create", "--name", "Reem", "-a", "tags=a"));
}

Test(profilectl_attribute, columns_of_an_import_go_to_them) {
    define_all();
    define(WORDS("attribute", "update", "tier", "--required-for", "import"));
    const char *path = profilectl_file("people.csv", "Who,Mail,Tier,Tags\n"
                                                     "Sara,s@example.org,Gold,x; y ;;x\n"
                                                     "Huda,h@example.org,tin,z\n"
                                                     "Reem,r@example.org,,z\n");

    struct program program =
        profilectl("import", path, "--map", "Who=name", "--map", "Mail=identity.email", "--map",
                   "Tier=attribute.tier", "--map", "Tags=attribute.tags", "--verdicts", "-");

    cr_expect_eq(program.code, 1);
    cr_expect_neq(strstr(program.out, "\"field\":\"attributes.tier\",\"description\":\"is none of "
                                      "the attribute's values: gold, silver\",\"column\":\"Tier\""),
                  NULL, "%s", program.out);
    cr_expect_neq(strstr(program.out, "\"description\":\"is required\""), NULL, "%s", program.out);
    expect_texts(WORDS("profile", "show", "email:s@example.org"),
                 WORDS("tags", "x, y", "tier", "gold"));
    program_free(&program);
}
