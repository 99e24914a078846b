/* profilectl against the server: the rules of identity, suggestions by them and without, other
 * rules for profiles that are there. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/server/profilectl.h"

TestSuite(profilectl_rules, .init = fixture_setup, .fini = fixture_teardown, .timeout = 60);

/* Somebody without an identity. */
static void tell_of(const char *given, const char *family, const char *birth_date) {
    char attributes[3][ID_SIZE_MAX];
    snprintf(attributes[0], ID_SIZE_MAX, "given_name=%s", given);
    snprintf(attributes[1], ID_SIZE_MAX, "family_name=%s", family);
    snprintf(attributes[2], ID_SIZE_MAX, "birth_date=%s", birth_date);
    struct program program = profilectl("identity", "resolve", "-a", attributes[0], "-a",
                                        attributes[1], "-a", attributes[2]);
    cr_assert_eq(program.code, 0, "%s", program.err);
    program_free(&program);
}

/* The one suggestion goes through the review queue, until it is dismissed. */
static void suggest_for_review(void) {
    struct program queued = profilectl("identity", "suggest", "--review");
    json_t *list = profilectl_json(0, "review", "list");
    const char *id = json_text(list, "reviews.0.id");
    struct program shown = profilectl("review", "show", id);
    struct program dismissed = profilectl("review", "decide", id, "dismiss");
    struct program again = profilectl("identity", "suggest", "--review");

    cr_expect_eq(queued.code, 0, "%s", queued.err);
    cr_expect_neq(strstr(queued.err, "1 queued for review"), NULL, "%s", queued.err);
    cr_expect_str_eq(json_text(list, "reviews.0.rule"), "IDENTITY_RULE_SIMILAR");
    cr_expect_neq(strstr(shown.out, "alike, and nothing joins them"), NULL, "%s", shown.out);
    cr_expect_neq(strstr(shown.out, "bits  same birth date"), NULL, "%s", shown.out);
    cr_expect_eq(dismissed.code, 0, "%s", dismissed.err);
    cr_expect_neq(strstr(again.err, "dismissed in review: 1 pairs"), NULL, "%s", again.err);
    cr_expect_neq(strstr(again.err, "0 queued for review"), NULL, "%s", again.err);
    json_decref(list);
    program_free(&queued);
    program_free(&shown);
    program_free(&dismissed);
    program_free(&again);
}

Test(profilectl_rules, the_likeliest_suggestions_are_listed_first) {
    tell_of("محمد", "القحطاني", "1985-10-15");
    tell_of("Mohammed", "Al-Qahtani", "1985-10-15");
    tell_of("Reem", "Zahrani", "1999-01-02");
    tell_of("Reem", "Zahrani", "1999-01-02");
    tell_of("Hind", "Salem", "1970-03-04");
    tell_of("Hind", "Salem", "1970-03-05");

    struct program queued =
        profilectl("identity", "suggest", "--review", "--min-probability", "0.5");
    json_t *list = profilectl_json(0, "review", "list");
    const json_t *reviews = json_object_get(list, "reviews");

    cr_expect_eq(queued.code, 0, "%s", queued.err);
    cr_assert_geq(json_array_size(reviews), 2, "%s", queued.err);
    for (size_t i = 1; i < json_array_size(reviews); i++) {
        cr_expect_geq(
            json_number_value(json_object_get(json_array_get(reviews, i - 1), "probability")),
            json_number_value(json_object_get(json_array_get(reviews, i), "probability")));
    }
    expect_texts(WORDS("review", "list"), WORDS(" % likely one"));
    json_decref(list);
    program_free(&queued);
}

Test(profilectl_rules, identity_suggest) {
    tell_of("محمد", "القحطاني", "1985-10-15");
    tell_of("Mohammed", "Al-Qahtani", "1985-10-15");
    tell_of("Reem", "Zahrani", "1999-01-02");

    json_t *json = profilectl_json(0, "identity", "suggest", "--show-profile");
    struct program table = profilectl("identity", "suggest");
    struct program wide = profilectl("identity", "suggest", "--wide");
    struct program lines = profilectl("identity", "suggest", "--output", "ndjson");

    cr_expect_str_eq(json_text(json, "suggestions.0.profile.name"), "محمد القحطاني");
    cr_expect_str_eq(json_text(json, "suggestions.0.otherProfile.name"), "Mohammed Al-Qahtani");
    cr_expect_str_eq(json_text(json, "counts.profileCount"), "3");
    cr_expect_neq(strstr(table.out, "Mohammed Al"), NULL, "%s", table.out);
    cr_expect_neq(strstr(table.out, "same birth date"), NULL, "%s", table.out);
    cr_expect_neq(strstr(table.err, "1 suggestions, of 3 profiles"), NULL, "%s", table.err);
    cr_expect_eq(lines.out[0], '{');
    cr_expect_neq(strstr(wide.out, json_text(json, "suggestions.0.otherProfileId")), NULL, "%s",
                  wide.out);
    cr_expect_neq(strstr(wide.out, " bits  same birth date\n"), NULL, "%s", wide.out);
    cr_expect_neq(strstr(wide.out, " bits  together\n"), NULL, "%s", wide.out);
    json_decref(json);
    program_free(&table);
    program_free(&wide);
    program_free(&lines);
    suggest_for_review();
    expect_failure(EXIT_CODES + NOT_FOUND, "PROFILE_NOT_FOUND", "identity", "suggest", "--profile",
                   MISSING_ID);
    expect_failure(EXIT_CODES + INVALID_ARGUMENT, "min_probability", "identity", "suggest",
                   "--min-probability", "0.1");
    expect_failure(EXIT_USAGE, "--max", "identity", "suggest", "--max", "0");
    expect_failure(EXIT_USAGE, "min_probability", "identity", "suggest", "--min-probability",
                   "low");
}

/* A file of people of whom each is there twice. */
static const char *write_people(void) {
    enum { COUNT = 200, LINE_SIZE = 64 };
    static char content[COUNT * LINE_SIZE];
    size_t size = (size_t)snprintf(content, sizeof content, "given_name,family_name,birth_date\n");
    for (int i = 0; i < COUNT; i++) {
        size += (size_t)snprintf(
            content + size, sizeof content - size, "g%dqu,f%dabcdefg%s,19%02d-%02d-%02d\n", i / 2,
            i / 2, i % 2 == 0 ? "" : "h", 10 + i / 2 % 80, 1 + i / 2 % 12, 1 + i / 2 % 28);
    }
    return profilectl_file("people.csv", content);
}

Test(profilectl_rules, identity_suggest_estimate_writes_weights_to_be_given) {
    expect_failure(EXIT_CODES + FAILED_PRECONDITION, "too few profiles", "identity", "suggest",
                   "estimate");
    struct program import = profilectl("import", write_people());
    cr_assert_eq(import.code, 0, "%s", import.err);

    struct program estimate = profilectl("identity", "suggest", "estimate");
    const char *weights = profilectl_file("weights.json", estimate.out);
    json_t *json = profilectl_json(0, "identity", "suggest", "--weights", weights);
    struct program again = profilectl("identity", "suggest", "estimate", "--weights", weights);

    cr_expect_eq(estimate.code, 0, "%s", estimate.err);
    cr_expect_neq(strstr(estimate.err, "Estimated from 200 profiles"), NULL, "%s", estimate.err);
    cr_expect_eq(json_array_size(json_object_get(json, "suggestions")), 100);
    cr_expect_eq(again.code, 0, "%s", again.err);
    expect_failure(EXIT_CODES + INVALID_ARGUMENT, "weights", "identity", "suggest", "--weights",
                   profilectl_file("empty.json", "{}"));
    expect_failure(EXIT_USAGE, "no JSON that can be read", "identity", "suggest", "--weights",
                   profilectl_file("broken.json", "{"));
    json_decref(json);
    program_free(&import);
    program_free(&estimate);
    program_free(&again);
}

Test(profilectl_rules, identity_suggest_estimate_says_what_can_not_be_estimated) {
    enum { NAMESAKES = 120, LINE_SIZE = 32 };
    static char content[NAMESAKES * LINE_SIZE];
    size_t size = (size_t)snprintf(content, sizeof content, "name,external_id\n");
    for (int i = 0; i < NAMESAKES; i++) {
        size += (size_t)snprintf(content + size, sizeof content - size, "Ali Salem,card-%d\n", i);
    }
    struct program import = profilectl("import", profilectl_file("namesakes.csv", content));
    cr_assert_eq(import.code, 0, "%s", import.err);

    struct program estimate = profilectl("identity", "suggest", "estimate");

    cr_expect_eq(estimate.code, 0, "%s", estimate.err);
    cr_expect_neq(strstr(estimate.err, "kept as they were: given_name, family_name\n"), NULL, "%s",
                  estimate.err);
    program_free(&import);
    program_free(&estimate);
}

Test(profilectl_rules, identity_types_list_and_update) {
    json_t *before = profilectl_json(0, "identity", "types");
    json_t *updated = profilectl_json(0, "identity", "types", "update", "email", "--limit", "3",
                                      "--veto", "birth_date,given_name");

    cr_expect_eq(json_array_size(json_object_get(before, "identityTypes")), 14);
    cr_expect_eq(json_number(updated, "identityType.limit"), 3);
    cr_expect_str_eq(json_text(updated, "identityType.vetoAttributes.1"), "given_name");
    json_decref(before);
    json_decref(updated);
}

Test(profilectl_rules, identity_types_of_one_s_own) {
    json_t *made =
        profilectl_json(0, "identity", "types", "create", "loyalty_card", "--normalizer",
                        "case-fold", "--limit", "1", "--merge", "no", "--blocked-pattern", "^demo");
    json_t *resolved = profilectl_json(0, "identity", "resolve", "--identity", "loyalty_card:AB-1",
                                       "--identity", "loyalty_card:demo-1");
    json_t *off = profilectl_json(0, "identity", "types", "disable", "loyalty_card");
    json_t *on = profilectl_json(0, "identity", "types", "enable", "loyalty_card");
    json_t *list = profilectl_json(0, "identity", "types", "list");
    json_t *first = profilectl_json(0, "identity", "types", "--rules", "1");

    cr_expect_str_eq(json_text(made, "identityType.normalizer"), "NORMALIZER_CASE_FOLD");
    cr_expect_eq(json_number(made, "identityType.limit"), 1);
    cr_expect_eq(json_number(made, "identityType.priority"), 100);
    cr_expect_str_eq(json_text(made, "identityType.blockedPatterns.0"), "^demo");
    cr_expect(json_is_true(json_object_get(json_object_get(made, "identityType"), "match")));
    cr_expect_not(json_is_true(json_object_get(json_object_get(made, "identityType"), "merge")));
    cr_expect_str_eq(json_text(resolved, "decision.identities.0.canonicalValue"), "ab-1");
    cr_expect_str_eq(json_text(resolved, "decision.identities.1.rule"),
                     "IDENTITY_RULE_BLOCKED_PATTERN");
    cr_expect(json_is_true(json_object_get(json_object_get(off, "identityType"), "disabled")));
    cr_expect_not(json_is_true(json_object_get(json_object_get(on, "identityType"), "disabled")));
    cr_expect_eq(json_array_size(json_object_get(list, "identityTypes")), 15);
    cr_expect_eq(json_array_size(json_object_get(first, "identityTypes")), 14);
    json_t *const all[] = {made, resolved, off, on, list, first};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        json_decref(all[i]);
    }
}

Test(profilectl_rules, identity_types_tell_what_a_change_blocks) {
    for (int i = 0; i < 3; i++) {
        char identity[64];
        snprintf(identity, sizeof identity, "external_id:crm-%d", i);
        json_decref(profilectl_json(0, "identity", "resolve", "--identity", identity));
    }
    struct program program = profilectl("identity", "types", "update", "external_id",
                                        "--blocked-pattern", "^crm-[01]", "--dry-run");
    cr_expect_eq(program.code, 0, "%s", program.err);
    cr_expect_not_null(strstr(program.out, "Blocks 2 of the 3 that profiles have"), "%s",
                       program.out);
    program_free(&program);
    program = profilectl("identity", "types", "update", "email", "--blocked-pattern", "(");
    cr_expect_eq(program.code, 64 + 3);
    cr_expect_not_null(strstr(program.err, "identity_type.blocked_patterns[0]"), "%s", program.err);
    program_free(&program);
}

Test(profilectl_rules, identity_types_tell_that_a_sibling_has_rules_of_its_own) {
    expect_texts(WORDS("identity", "types", "update", "phone", "--blocked-value", "+966500000003"),
                 WORDS("whatsapp matches the same numbers by rules of its own\n"));
    expect_texts(WORDS("identity", "types", "update", "whatsapp", "--blocked-pattern", "^.966"),
                 WORDS("phone matches the same numbers by rules of its own\n"));
    struct program other = profilectl("identity", "types", "update", "phone", "--limit", "4");
    cr_expect_null(strstr(other.out, "the same numbers"), "%s", other.out);
    program_free(&other);
}

/* A type out of use, several changes at once, and what does not go together. */
static void simulate_in_other_ways(void) {
    static const char changes[] =
        "{\"changes\": [{\"identityType\": {\"type\": \"email\", \"disabled\": true}, "
        "\"updateMask\": \"disabled\"}, {\"identityType\": {\"type\": \"phone\", \"limit\": 1}, "
        "\"updateMask\": \"limit\"}]}";
    struct program disabled = profilectl("identity", "simulate", "email", "--disabled", "yes");
    cr_expect_eq(disabled.code, 0, "%s", disabled.err);
    cr_expect_not_null(strstr(disabled.out, "1 split off, 0 joined\n"), "%s", disabled.out);
    program_free(&disabled);
    const char *file = profilectl_file("changes.json", changes);
    json_t *several = profilectl_json(0, "identity", "simulate", "--json", file);
    cr_expect_str_eq(json_text(several, "effect.splitCount"), "1");
    json_decref(several);
    expect_failure(EXIT_USAGE, "name a type", "identity", "simulate", "email", "--json", file);
    expect_failure(EXIT_USAGE, "name a type", "identity", "simulate", "--rules", "1", "--limit",
                   "2");
}

Test(profilectl_rules, identity_simulate_apply_and_restore) {
    char one[ID_SIZE_MAX];
    char two[ID_SIZE_MAX];
    char merge[ID_SIZE_MAX];
    make_joined(one, two, merge);
    struct program simulated = profilectl("identity", "simulate", "email", "--match", "no");
    cr_expect_eq(simulated.code, 0);
    cr_expect_not_null(strstr(simulated.out, "1 split off, 0 joined\n"), "%s", simulated.out);
    cr_expect_not_null(strstr(simulated.out, "0 profiles made of them\n"), "%s", simulated.out);
    cr_expect_not_null(strstr(simulated.out, "  split off "), "%s", simulated.out);
    program_free(&simulated);
    json_t *json = profilectl_json(0, "identity", "simulate", "--rules", "1");
    cr_expect_eq(json_number(json, "effect.changedCount"), -1, "nothing would change");
    json_decref(json);
    json_decref(profilectl_json(0, "identity", "types", "update", "email", "--match", "no"));

    json = profilectl_json(0, "identity", "apply", "--rate", "1000");

    cr_expect_str_eq(json_text(json, "splitCount"), "1");
    cr_expect_eq(json_number(json, "madeCount"), -1, "the record goes with the one split off");
    json_decref(json);
    struct program merges = profilectl("identity", "merges", one);
    cr_expect_not_null(strstr(merges.out, "undone by rules 2 "), "%s", merges.out);
    cr_expect_not_null(strstr(merges.out, "a linked record "), "%s", merges.out);
    program_free(&merges);
    json_decref(profilectl_json(0, "identity", "types", "restore", "1"));
    struct program applied = profilectl("identity", "apply");
    cr_expect_eq(applied.code, 0);
    cr_expect_not_null(strstr(applied.out, "0 split off, 1 joined\n"), "%s", applied.out);
    cr_expect_str_empty(applied.err);
    program_free(&applied);
    simulate_in_other_ways();
    expect_failure(EXIT_USAGE, "name a type", "identity", "simulate");
    expect_failure(EXIT_CODES + NOT_FOUND, "no identity type", "identity", "simulate", "shoe_size",
                   "--limit", "2");
    expect_failure(EXIT_CODES + INVALID_ARGUMENT, "changes[0].identity_type.limit", "identity",
                   "simulate", "email", "--limit", "99");
    expect_failure(EXIT_USAGE, "--limit: must be a number from 1 to 50", "identity", "simulate",
                   "phone", "--limit", "many");
    expect_failure(EXIT_USAGE, "--priority: must be a number from 1 to 1000", "identity", "types",
                   "update", "phone", "--priority", "3rd");
    expect_failure(EXIT_USAGE, "--min-length: must be a number from 1 to 64", "identity", "types",
                   "create", "loyalty", "--normalizer", "exact", "--min-length", "99999999999");
    expect_failure(EXIT_CODES + NOT_FOUND, "no rules of this version", "identity", "types",
                   "restore", "99");
}

static void expect_told(struct program program, const char *const *words) {
    cr_expect_eq(program.code, 0, "%s", program.err);
    for (; *words != NULL; words++) {
        cr_expect_not_null(strstr(program.out, *words), "it does not say \"%s\":\n%s", *words,
                           program.out);
    }
    program_free(&program);
}

/* Of two birth dates: the record of both lies with the one, then with the other. */
Test(profilectl_rules, a_record_that_rules_link_to_another_one_is_told_as_that) {
    json_decref(profilectl_json(0, "identity", "resolve", "--identity", "twitter:handle2", "-a",
                                "birth_date=1990-01-01"));
    json_t *other = profilectl_json(0, "identity", "resolve", "--identity", "anonymous_id:anon-50",
                                    "-a", "birth_date=1991-01-01");
    json_decref(profilectl_json(0, "identity", "resolve", "--identity", "twitter:handle2",
                                "--identity", "anonymous_id:anon-50", "--source", "web"));
    expect_told(
        profilectl("identity", "simulate", "twitter", "--blocked-value", "handle2"),
        WORDS("2, 2 changed", "1 profile takes over records", "  records to ", "  records from "));
    json_decref(
        profilectl_json(0, "identity", "types", "update", "twitter", "--blocked-value", "handle2"));
    json_decref(profilectl_json(0, "identity", "apply"));

    expect_told(profilectl("identity", "explain", json_text(other, "decision.profileId")),
                WORDS("a record had been linked, rules 1\n", "records of ", "lay with",
                      "linked was #2, from web\n", "parted ", "by ApplyIdentityTypes, rules 2\n",
                      "ApplyIdentityTypes joined, rules 2\n"));
    json_t *list = profilectl_json(0, "review", "list", "--state", "all");
    expect_told(profilectl("review", "list", "--state", "all"), WORDS("unrelated: "));
    expect_told(profilectl("review", "show", json_text(list, "reviews.0.id")),
                WORDS("unrelated  ", "nothing to decide\n"));
    json_decref(list);
    json_decref(other);
}

Test(profilectl_rules, dots_and_tags_are_ignored_on_demand) {
    json_decref(profilectl_json(0, "identity", "types", "update", "email", "--email-ignore-dots",
                                "yes", "--email-ignore-tag", "yes"));
    char id[ID_SIZE_MAX];
    make("Nora Salem", "email:nora.salem@example.org", id);
    json_t *found = profilectl_json(0, "profile", "lookup", "email:norasalem+1@example.org");
    cr_expect_str_eq(json_text(found, "profile.id"), id);
    json_decref(found);
}
