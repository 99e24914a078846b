/* profilectl against the server: exit codes, what goes where, and each command once. */

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "profiled/v1/identity_service.pb-c.h"
#include "tests/engine/scratch.h"
#include "tests/server/profilectl.h"

TestSuite(profilectl, .init = fixture_setup, .fini = fixture_teardown, .timeout = 60);

/* ---- exit codes ---- */

Test(profilectl, success_is_0_and_silent_on_standard_error) {
    struct program program = profilectl("profile", "create", "--name", "Nora Salem");

    cr_expect_eq(program.code, 0);
    cr_expect_str_not_empty(program.out);
    cr_expect_str_empty(program.err);
    program_free(&program);
}

Test(profilectl, wrong_usage_is_2) {
    expect_failure(EXIT_USAGE, "no such command", "surf");
    expect_failure(EXIT_USAGE, "ID", "profile", "get");
    expect_failure(EXIT_USAGE, "", "profile", "list", "--colour");
    expect_failure(EXIT_USAGE, "--output", "profile", "list", "--output", "xml");
    expect_failure(EXIT_USAGE, "--limit", "profile", "list", "--limit", "many");
    expect_failure(EXIT_USAGE, "", "profile", "create", "--name", "Nora", "--identity", "noura");
}

Test(profilectl, what_fails_here_is_1) {
    expect_failure(1, "can't read", "import", scratch_path("missing.csv"));
}

Test(profilectl, what_the_server_refuses_is_64_and_its_code) {
    char id[ID_SIZE_MAX];
    make("Nora Salem", "email:nora@example.org", id);

    expect_failure(EXIT_CODES + NOT_FOUND, "PROFILE_NOT_FOUND", "profile", "show", MISSING_ID);
    expect_failure(EXIT_CODES + INVALID_ARGUMENT, "id: ", "profile", "show", "1");
    expect_failure(EXIT_CODES + FAILED_PRECONDITION, id, "profile", "create", "--name", "Other",
                   "--identity", "email:NORA@example.org");
    expect_failure(EXIT_CODES + ABORTED, "ETAG_MISMATCH", "profile", "update", id, "--name",
                   "Noura", "--etag", "stale");
    expect_failure(EXIT_CODES + NOT_FOUND, "WORKSPACE_NOT_FOUND", "profile", "list", "--workspace",
                   "nowhere");
    expect_failure(EXIT_CODES + INVALID_ARGUMENT, "FILTER_INVALID", "profile", "list", "--filter",
                   "city = Riyadh");
}

Test(profilectl, every_bad_field_is_told) {
    struct program program = profilectl("profile", "create", "--identity", "email:nobody", "-a",
                                        "birth_date=2001-02-30", "-a", "shoe=44");

    cr_expect_eq(program.code, EXIT_CODES + INVALID_ARGUMENT);
    cr_expect_neq(strstr(program.err, "profile.name: "), NULL);
    cr_expect_neq(strstr(program.err, "profile.identities[0].value: "), NULL);
    cr_expect_neq(strstr(program.err, "profile.attributes.birth_date"), NULL);
    cr_expect_neq(strstr(program.err, "profile.attributes.shoe"), NULL);
    program_free(&program);
}

Test(profilectl, server_that_is_gone_is_78) {
    server_stop(&fixture.server);

    expect_failure(EXIT_CODES + UNAVAILABLE, "UNAVAILABLE", "profile", "list", "--timeout", "1");
}

/* ---- profiles ---- */

Test(profilectl, profile_create_and_get) {
    json_t *made = profilectl_json(0, "profile", "create", "--name", "Nora Salem", "--identity",
                                   "phone:0545462356", "--region", "SA", "--attribute",
                                   "city=Riyadh", "--source", "crm", "--provenance", "verified");
    json_t *got = profilectl_json(0, "profile", "get", json_text(made, "profile.id"));

    cr_expect_str_eq(json_text(made, "profile.name"), "Nora Salem");
    cr_expect_str_eq(json_text(made, "profile.identities.0.canonicalValue"), "+966545462356");
    cr_expect_str_eq(json_text(made, "profile.identities.0.provenance"), "PROVENANCE_VERIFIED");
    cr_expect_str_eq(json_text(made, "profile.attributes.city.text"), "Riyadh");
    cr_expect_str_eq(json_text(made, "profile.attributes.city.source"), "crm");
    cr_expect(json_equal(
        json_object_get(made, "profile"),
        json_is_object(json_object_get(got, "profile"))
            ? json_object_get(got, "profile")
            : json_object_get(json_array_get(json_object_get(got, "profiles"), 0), "profile")));
    json_decref(made);
    json_decref(got);
}

Test(profilectl, profile_create_from_json) {
    const char *path = profilectl_file(
        "nora.json", "{\"name\": \"Nora Salem\", \"attributes\": {\"city\": {\"text\": \"جدة\"}}}");

    json_t *made = profilectl_json(0, "profile", "create", "--json", path);

    cr_expect_str_eq(json_text(made, "profile.attributes.city.text"), "جدة");
    json_decref(made);
}

Test(profilectl, profile_show_tells_people) {
    char id[ID_SIZE_MAX];
    make("نورة السالم", "email:nora@example.org", id);

    struct program program = profilectl("profile", "show", id);

    cr_expect_eq(program.code, 0);
    cr_expect_neq(strstr(program.out, "نورة السالم"), NULL);
    cr_expect_neq(strstr(program.out, "nora@example.org"), NULL);
    program_free(&program);
}

Test(profilectl, profile_list_has_pages_and_all) {
    char id[ID_SIZE_MAX];
    make("One", "email:one@example.org", id);
    make("Two", "email:two@example.org", id);
    make("Three", "email:three@example.org", id);

    json_t *page = profilectl_json(0, "profile", "list", "--limit", "2");
    json_t *rest = profilectl_json(0, "profile", "list", "--limit", "2", "--page-token",
                                   json_text(page, "nextPageToken"));
    struct program all = profilectl("profile", "list", "--all", "--output", "ndjson");

    cr_expect_eq(json_array_size(json_object_get(page, "profiles")), 2);
    cr_expect_eq(json_array_size(json_object_get(rest, "profiles")), 1);
    size_t lines = 0;
    for (const char *at = all.out; (at = strchr(at, '\n')) != NULL; at++) {
        lines++;
    }
    cr_expect_eq(lines, 3);
    json_decref(page);
    json_decref(rest);
    program_free(&all);
}

Test(profilectl, profile_lookup_update_delete_undelete) {
    char id[ID_SIZE_MAX];
    make("Nora Salem", "phone:+966545462356", id);

    json_t *found = profilectl_json(0, "profile", "lookup", "phone:٠٥٤٥٤٦٢٣٥٦", "--region", "SA");
    json_t *updated = profilectl_json(0, "profile", "update", id, "--attribute", "job=Pilot",
                                      "--etag", json_text(found, "profile.etag"));
    json_t *cleared = profilectl_json(0, "profile", "update", id, "--clear", "job");
    json_t *deleted = profilectl_json(0, "profile", "delete", id);
    expect_failure(EXIT_CODES + NOT_FOUND, "PROFILE_NOT_FOUND", "profile", "lookup",
                   "phone:+966545462356");
    json_t *back = profilectl_json(0, "profile", "undelete", id);

    cr_expect_str_eq(json_text(found, "profile.id"), id);
    cr_expect_str_eq(json_text(updated, "profile.attributes.job.text"), "Pilot");
    cr_expect_str_eq(json_text(cleared, "profile.attributes.job.text"), "");
    cr_expect_str_not_empty(json_text(deleted, "profile.deleteTime"));
    cr_expect_str_empty(json_text(back, "profile.deleteTime"));
    json_decref(found);
    json_decref(updated);
    json_decref(cleared);
    json_decref(deleted);
    json_decref(back);
}

Test(profilectl, dry_run_changes_nothing) {
    json_t *would = profilectl_json(0, "profile", "create", "--name", "Nora", "--dry-run");
    json_t *list = profilectl_json(0, "profile", "list");

    cr_expect_str_eq(json_text(would, "profile.name"), "Nora");
    cr_expect_eq(json_array_size(json_object_get(list, "profiles")), 0);
    json_decref(would);
    json_decref(list);
}

Test(profilectl, request_id_makes_a_repetition_safe) {
    json_t *once =
        profilectl_json(0, "profile", "create", "--name", "Nora", "--request-id", MISSING_ID);
    json_t *twice =
        profilectl_json(0, "profile", "create", "--name", "Nora", "--request-id", MISSING_ID);

    cr_expect(json_equal(once, twice));
    expect_failure(EXIT_CODES + INVALID_ARGUMENT, "REQUEST_ID_REUSED", "profile", "create",
                   "--name", "Noura", "--request-id", MISSING_ID);
    json_decref(once);
    json_decref(twice);
}

/* ---- identities ---- */

Test(profilectl, identity_resolve_link_unlink_merge) {
    char one[ID_SIZE_MAX];
    char two[ID_SIZE_MAX];
    make("Nora Salem", "email:nora@example.org", one);
    make("N. Salem", "phone:+966545462356", two);

    json_t *resolved = profilectl_json(0, "identity", "resolve", "--identity",
                                       "email:nora@example.org", "--show-profile");
    json_t *linked = profilectl_json(0, "identity", "link", one, "twitter:@Nora");
    json_t *unlinked = profilectl_json(0, "identity", "unlink", one, "twitter:nora");
    json_t *merged = profilectl_json(0, "identity", "merge", two, one);

    cr_expect_str_eq(json_text(resolved, "decision.outcome"), "OUTCOME_LINKED");
    cr_expect_str_eq(json_text(resolved, "profile.id"), one);
    cr_expect_eq(json_array_size(json_object_get(json_object_get(linked, "profile"), "identities")),
                 2);
    cr_expect_eq(
        json_array_size(json_object_get(json_object_get(unlinked, "profile"), "identities")), 1);
    cr_expect_str_eq(json_text(merged, "profile.id"), one);
    cr_expect_str_eq(json_text(merged, "mergedId"), two);
    json_decref(resolved);
    json_decref(linked);
    json_decref(unlinked);
    json_decref(merged);
}

Test(profilectl, identity_explain_is_a_tree) {
    char one[ID_SIZE_MAX];
    char two[ID_SIZE_MAX];
    char merge[ID_SIZE_MAX];
    make_joined(one, two, merge);

    expect_texts(
        WORDS("identity", "explain", "phone:0500000017", "--region", "SA"),
        WORDS("هند القحطاني\n", one, "is 2 profiles in one.\n", "├─ ", one, "answers\n", "│  made ",
              "1 record\n", "│  ├─ identities\n",
              "│  │  ├─ phone +966500000017: attested by survey, seen ", "told by #1,", " #3\n",
              "│  │  └─ email info@example.com: contact only, a role mailbox", "told by #1\n",
              "│  └─ #1 ", " crm: created, rules 1\n", "│     name هند القحطاني\n",
              "│     city Riyadh\n", "│     phone +966500000017, told as ٠٥٠٠٠٠٠٠١٧: new\n",
              "│     email info@example.com: contact only, a role mailbox", "├─ ", two,
              "is part of it\n", "2 records\n", "│  ├─ identities\n", "told by\n", "#2, #3\n",
              "│  ├─ #2 ", " api: created, rules 1\n", "│  └─ #3 ", " survey: merged ", two,
              " into ", one, "rules 1\n", "hind@example.org: known", "└─ merges\n", "   └─ ",
              "ResolveProfile joined, rules 1\n", "merge ", merge, two, "became part of\n", one,
              "asked for by #3, from survey\n", "email hind@example.org reached ", two,
              "phone +966500000017 reached ", one));
}

Test(profilectl, identity_explain_tells_what_was_done_by_hand) {
    char one[ID_SIZE_MAX];
    char two[ID_SIZE_MAX];
    char three[ID_SIZE_MAX];
    make("Nora Salem", "email:nora@example.org", one);
    make("سارة", "phone:+966500000018", two);
    make("Hind", "phone:+966500000019", three);
    json_decref(
        profilectl_json(0, "identity", "link", one, "twitter:nora_example", "--source", "desk"));
    json_decref(profilectl_json(0, "profile", "update", one, "--name", "نورة السالم", "--attribute",
                                "city=Riyadh"));
    json_decref(profilectl_json(0, "identity", "merge", one, two));
    json_decref(profilectl_json(0, "profile", "update", two, "--clear", "city"));
    json_decref(profilectl_json(0, "identity", "never-join", "create", two, three));

    expect_texts(WORDS("identity", "explain", one),
                 WORDS("twitter nora_example: attested by desk, seen ", "told by no\n",
                       "record: linked by hand\n", "│  ├─ by hand\n",
                       "name set to نورة السالم, by api\n", "├─ ", two, "by hand\n",
                       " city taken away\n", "never to be one with\n", three, "merges\n",
                       "MergeProfiles joined, rules 1\n", "asked for by hand: MergeProfiles\n"));
    struct program cut = profilectl("identity", "explain", one, "--limit", "1");
    cr_expect_not_null(strstr(cut.out, "record that is shown\n"), "%s", cut.out);
    program_free(&cut);
}

Test(profilectl, identity_explain_tells_open_reviews_of_both) {
    char one[ID_SIZE_MAX];
    char two[ID_SIZE_MAX];
    char words[ID_SIZE_MAX + 32];
    make("Nora Salem", "email:nora@example.org", one);
    make("N. Salem", "phone:+966545462356", two);
    json_decref(profilectl_json(0, "profile", "update", one, "-a", "birth_date=1980-01-31"));
    json_decref(profilectl_json(0, "profile", "update", two, "-a", "birth_date=1990-01-31"));
    json_decref(profilectl_json(0, "identity", "resolve", "-i", "email:nora@example.org", "-i",
                                "phone:+966545462356"));
    json_t *list = profilectl_json(0, "review", "list");
    snprintf(words, sizeof words, "review %s\n", json_text(list, "reviews.0.id"));

    expect_texts(WORDS("identity", "explain", one),
                 WORDS("open reviews\n", "perhaps one with", two, "birth dates differ", words));
    expect_texts(WORDS("identity", "explain", two),
                 WORDS("open reviews\n", "perhaps one with", one, "birth dates differ", words));
    json_decref(profilectl_json(0, "review", "decide", json_text(list, "reviews.0.id"), "join"));
    expect_texts(WORDS("identity", "explain", one),
                 WORDS("asked for by hand: DecideReview\n", "decided the", words));
    json_decref(list);
}

Test(profilectl, identity_explain_tells_what_was_undone_and_ruled_out) {
    char one[ID_SIZE_MAX];
    char two[ID_SIZE_MAX];
    char merge[ID_SIZE_MAX];
    make_joined(one, two, merge);
    Profiled__V1__UnmergeProfilesRequest undo = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
    undo.merge_id = merge;
    ProtobufCMessage *response = NULL;
    struct profiled_error error = PROFILED_ERROR_INIT;
    cr_assert(profiled_call(fixture.client, &profiled__v1__identity_service__descriptor,
                            "UnmergeProfiles", &undo.base, NULL, &response, &error));
    profiled_message_free(response);
    json_decref(profilectl_json(0, "identity", "types", "update", "email", "--priority", "2"));
    json_decref(profilectl_json(0, "identity", "resolve", "-i", "email:hind@example.org", "-i",
                                "phone:+966500000017", "--source", "chat"));

    expect_texts(WORDS("identity", "explain", two),
                 WORDS(two, "is one profile, none merged into it.\n", "never to be one with", one,
                       "since the merge was undone:", merge, "survey: merged", "earlier rules 1\n",
                       "chat: linked, rules 2\n", "contact only, another profile has it, with\n",
                       one, "not joined with ", one, ": somebody said that", "had joined", two,
                       "was part of\n", one, "asked for by #2, from survey\n", "undone "));
    expect_texts(WORDS("identity", "explain", one),
                 WORDS("had joined", "asked for by a record from survey that lies under\n", two,
                       "email hind@example.org reached", two));
    expect_texts(WORDS("identity", "why-not", one, two),
                 WORDS("They are kept apart.\n", "In common\n", "+966500000017: may join",
                       "In the way\n", "never_join: somebody said that they are never to be one\n",
                       "when the merge was undone:\n", merge,
                       "to change it: profilectl identity never-join delete\n", one, " ", two));
}

Test(profilectl, why_not_names_the_command_that_changes_it) {
    char one[ID_SIZE_MAX];
    make("Nora Salem", "email:nora@example.org", one);
    json_decref(profilectl_json(0, "identity", "types", "update", "email", "--merge", "no"));
    json_decref(profilectl_json(0, "identity", "resolve", "-i", "external_id:crm-1"));

    expect_texts(WORDS("identity", "why-not", one, "-i", "external_id:crm-1", "-i",
                       "email:nora@example.org"),
                 WORDS("to change it: let the type email merge",
                       "command: profilectl identity types update email --merge yes\n"));
}

Test(profilectl, why_not_names_all_commands_for_what_matches_nothing) {
    char one[ID_SIZE_MAX];
    json_decref(profilectl_json(0, "identity", "types", "disable", "phone"));
    make("Nora Salem", "email:nora@example.org", one);
    json_decref(profilectl_json(0, "identity", "resolve", "-i", "email:nora@example.org", "-i",
                                "phone:+966500000017"));

    expect_texts(WORDS("identity", "why-not", one, "-i", "phone:+966500000017"),
                 WORDS("In the way\n", "identities.phone: its type is out of use",
                       "command: profilectl identity types update phone --disabled no\n",
                       "command: profilectl identity link ", one, "phone:VALUE\n"));
    json_decref(profilectl_json(0, "identity", "types", "enable", "phone"));
    expect_texts(WORDS("identity", "why-not", one, "-i", "phone:+966500000017"),
                 WORDS("its type is out of use, which holds no more", "link the phone"));
}

Test(profilectl, identity_why_not_of_a_record) {
    char one[ID_SIZE_MAX];
    char two[ID_SIZE_MAX];
    char merge[ID_SIZE_MAX];
    make_joined(one, two, merge);

    json_t *same = profilectl_json(0, "identity", "why-not", two, one);
    json_t *fresh = profilectl_json(0, "identity", "why-not", "-i", "email:new@example.org");
    expect_texts(WORDS("identity", "why-not", two, one),
                 WORDS("They are one profile already.\n", "merges\n", two, one));
    expect_texts(
        WORDS("identity", "why-not", one, "--identity", "email:hind@example.org", "--name", "Hind"),
        WORDS("would be joined with the profile.\n", "In common\n", "email hind@example.org",
              "What would come of the record\n", "linked"));

    cr_expect_str_eq(json_text(same, "verdict"), "MATCH_VERDICT_SAME");
    cr_expect_str_eq(json_text(same, "path.0.id"), merge);
    cr_expect_str_eq(json_text(fresh, "verdict"), "MATCH_VERDICT_NEW_PROFILE");
    json_decref(same);
    json_decref(fresh);
    expect_failure(EXIT_USAGE, "who?", "identity", "why-not", one);
    expect_failure(EXIT_USAGE, "who?", "identity", "why-not", one, two, "--name", "Hind");
    expect_failure(EXIT_CODES + NOT_FOUND, "PROFILE_NOT_FOUND", "identity", "explain", MISSING_ID);
}

Test(profilectl, identity_explain_has_json_pages) {
    char one[ID_SIZE_MAX];
    char two[ID_SIZE_MAX];
    char merge[ID_SIZE_MAX];
    make_joined(one, two, merge);

    json_t *all = profilectl_json(0, "identity", "explain", one);
    struct program two_lines =
        profilectl("identity", "explain", one, "--limit", "2", "--output", "ndjson");
    struct program cut = profilectl("identity", "explain", one, "--limit", "1");

    cr_expect_eq(json_array_size(json_object_get(all, "decisions")), 3);
    cr_expect_eq(json_array_size(json_object_get(all, "members")), 2);
    cr_expect_str_eq(json_text(all, "decisions.0.record.attributes.city.text"), "Riyadh");
    size_t lines = 0;
    for (const char *at = two_lines.out; (at = strchr(at, '\n')) != NULL; at++) {
        lines++;
    }
    cr_expect_eq(lines, 2);
    const char *token = strstr(cut.err, "There are more: --all, or --page-token ");
    cr_assert_not_null(token, "%s", cut.err);
    token = strrchr(token, ' ') + 1;
    char rest[512];
    snprintf(rest, sizeof rest, "%.*s", (int)strcspn(token, "\n"), token);
    expect_texts(WORDS("identity", "explain", one, "--page-token", rest),
                 WORDS("told by #3\n", "#2 ", "#3 ", "asked for by #3, from survey\n"));
    json_decref(all);
    program_free(&two_lines);
    program_free(&cut);
}

Test(profilectl, identity_merges_and_unmerge) {
    char one[ID_SIZE_MAX];
    char two[ID_SIZE_MAX];
    char merge[ID_SIZE_MAX];
    make("Nora Salem", "email:nora@example.org", one);
    make("N. Salem", "phone:+966545462356", two);
    json_t *merged = profilectl_json(0, "identity", "merge", one, two);
    snprintf(merge, sizeof merge, "%s", json_text(merged, "mergeId"));

    json_t *list = profilectl_json(0, "identity", "merges", two);
    json_t *all = profilectl_json(0, "identity", "merges");
    struct program table = profilectl("identity", "merges");
    struct program dry = profilectl("identity", "unmerge", "-p", two, "--dry-run");
    struct program help = profilectl("identity", "unmerge", "--help");
    json_t *undone = profilectl_json(0, "identity", "unmerge", merge);

    cr_expect_str_eq(json_text(list, "merges.0.id"), merge);
    cr_expect(json_equal(list, all));
    cr_expect_neq(strstr(table.out, "stands"), NULL, "%s", table.out);
    cr_expect_neq(strstr(table.out, two), NULL, "%s", table.out);
    cr_expect_neq(strstr(strstr(table.out, two), one), NULL, "%s", table.out);
    cr_expect_neq(strstr(table.out, "MergeProfiles"), NULL, "%s", table.out);
    cr_expect_neq(strstr(dry.out, "Would restore  "), NULL, "%s", dry.out);
    cr_expect_neq(strstr(dry.out, "would never be joined again"), NULL, "%s", dry.out);
    cr_expect_neq(strstr(dry.err, "A dry run: nothing was changed.\n"), NULL, "%s", dry.err);
    cr_expect_neq(strstr(help.out, "Undo the merge that took in this profile"), NULL, "%s",
                  help.out);
    cr_expect_str_eq(json_text(undone, "profile.id"), one);
    cr_expect_str_eq(json_text(undone, "restoredProfile.id"), two);
    expect_failure(EXIT_CODES + FAILED_PRECONDITION, "MERGE_UNDONE", "identity", "unmerge", merge);
    expect_failure(EXIT_CODES + NOT_FOUND, "MERGE_NOT_FOUND", "identity", "unmerge", "--profile",
                   two);
    expect_failure(EXIT_USAGE, "--profile", "identity", "unmerge");
    expect_failure(EXIT_USAGE, "--profile", "identity", "unmerge", merge, "--profile", two);
    json_decref(merged);
    json_decref(list);
    json_decref(all);
    program_free(&table);
    program_free(&dry);
    program_free(&help);
    json_decref(undone);
}

Test(profilectl, identity_merge_says_what_would_come_of_it) {
    char one[ID_SIZE_MAX];
    char two[ID_SIZE_MAX];
    char would[ID_SIZE_MAX + 32];
    char did[ID_SIZE_MAX + 32];
    make("Nora Salem", "email:nora@example.org", one);
    make("N. Salem", "phone:+966545462356", two);
    snprintf(would, sizeof would, "would be merged  %s\n", two);
    snprintf(did, sizeof did, "merged  %s\n", two);

    struct program dry = profilectl("identity", "merge", one, two, "--dry-run");
    struct program done = profilectl("identity", "merge", one, two);

    cr_expect_eq(strncmp(dry.out, would, strlen(would)), 0, "%s", dry.out);
    cr_expect_eq(strncmp(done.out, did, strlen(did)), 0, "%s", done.out);
    program_free(&dry);
    program_free(&done);
}

Test(profilectl, identity_unmerge_says_what_came_of_it) {
    char one[ID_SIZE_MAX];
    char two[ID_SIZE_MAX];
    make("Nora Salem", "email:nora@example.org", one);
    make("N. Salem", "phone:+966545462356", two);
    json_decref(profilectl_json(0, "identity", "merge", one, two));

    expect_texts(WORDS("identity", "unmerge", "--profile", two),
                 WORDS("Restored  ", two, "From      ", one,
                       "The two are never joined again, whatever records say, until\n",
                       "profilectl identity never-join delete", one, two, "Nora Salem\n",
                       "N. Salem\n"));
}

Test(profilectl, identity_never_join_create_list_delete) {
    char one[ID_SIZE_MAX];
    char two[ID_SIZE_MAX];
    make("Nora Salem", "email:nora@example.org", one);
    make("N. Salem", "phone:+966545462356", two);

    struct program dry = profilectl("identity", "never-join", "create", two, one, "--dry-run");
    json_t *empty = profilectl_json(0, "identity", "never-join", "list");
    json_t *made = profilectl_json(0, "identity", "never-join", "create", two, one);
    struct program table = profilectl("identity", "never-join", "list");

    cr_expect_eq(dry.code, 0);
    cr_expect_eq(json_array_size(json_object_get(empty, "neverJoins")), 0);
    cr_expect_str_eq(json_text(made, "neverJoin.profileId"), one);
    cr_expect_neq(strstr(table.out, two), NULL, "%s", table.out);
    expect_failure(EXIT_CODES + FAILED_PRECONDITION, "field: never_join", "identity", "merge", one,
                   two);
    json_t *gone = profilectl_json(0, "identity", "never-join", "delete", one, two);
    cr_expect_str_eq(json_text(gone, "neverJoin.otherProfileId"), two);
    expect_failure(EXIT_CODES + NOT_FOUND, "NEVER_JOIN_NOT_FOUND", "identity", "never-join",
                   "delete", one, two);
    program_free(&dry);
    json_decref(empty);
    json_decref(made);
    program_free(&table);
    json_decref(gone);
}

/* ---- reviews ---- */

/* Two of a family, who share a mailbox; the id of their review. */
static const char *make_review(char id[ID_SIZE_MAX]) {
    static const char *const relatives[][2] = {{"phone:+966545462356", "birth_date=1960-01-01"},
                                               {"phone:+966545462357", "birth_date=1990-01-01"}};
    for (size_t i = 0; i < sizeof relatives / sizeof relatives[0]; i++) {
        json_decref(profilectl_json(0, "identity", "resolve", "--name", "A relative", "--identity",
                                    relatives[i][0], "--identity", "email:family@example.org",
                                    "--attribute", relatives[i][1]));
    }
    json_t *list = profilectl_json(0, "review", "list");
    cr_assert_eq(json_array_size(json_object_get(list, "reviews")), 1);
    snprintf(id, ID_SIZE_MAX, "%s", json_text(list, "reviews.0.id"));
    json_decref(list);
    return id;
}

Test(profilectl, review_list_and_show) {
    char id[ID_SIZE_MAX];
    make_review(id);

    struct program list = profilectl("review", "list");
    struct program lines = profilectl("review", "list", "--output", "ndjson", "--all");
    struct program shown = profilectl("review", "show", id);
    json_t *json = profilectl_json(0, "review", "show", id);

    cr_expect_neq(strstr(list.out, "birth dates differ"), NULL, "%s", list.out);
    cr_expect_neq(strstr(lines.out, id), NULL, "%s", lines.out);
    cr_expect_neq(strstr(shown.out, "Records   1, from "), NULL, "%s", shown.out);
    cr_expect_neq(strstr(shown.out, "≠  birth_date  1960-01-01"), NULL, "%s", shown.out);
    cr_expect_neq(strstr(shown.out, "=  email       family@example.org"), NULL, "%s", shown.out);
    cr_expect_str_eq(json_text(json, "review.rule"), "IDENTITY_RULE_VETO_BIRTH_DATE");
    cr_expect_str_eq(json_text(json, "review.otherSide.profile.name"), "A relative");
    expect_failure(EXIT_CODES + NOT_FOUND, "REVIEW_NOT_FOUND", "review", "show", MISSING_ID);
    expect_failure(EXIT_USAGE, "state", "review", "list", "--state", "closed");
    program_free(&list);
    program_free(&lines);
    program_free(&shown);
    json_decref(json);
}

Test(profilectl, review_decide) {
    char id[ID_SIZE_MAX];
    make_review(id);

    expect_failure(EXIT_USAGE, "keep-apart", "review", "decide", id, "perhaps");
    expect_failure(EXIT_CODES + ABORTED, "ETAG_MISMATCH", "review", "decide", id, "join",
                   "--last-time", "2020-01-01T00:00:00Z");
    struct program dry = profilectl("review", "decide", id, "join", "--dry-run");
    struct program decided = profilectl("review", "decide", id, "keep-apart");
    json_t *open = profilectl_json(0, "review", "list", "--state", "open");
    json_t *list = profilectl_json(0, "review", "list", "--state", "decided");
    json_t *nevers = profilectl_json(0, "identity", "never-join", "list");

    cr_expect_neq(strstr(dry.out, "would be joined\n"), NULL, "%s", dry.out);
    cr_expect_neq(strstr(dry.err, "A dry run: nothing was changed.\n"), NULL, "%s", dry.err);
    cr_expect_str_empty(decided.err);
    cr_expect_neq(strstr(decided.out, "kept apart"), NULL, "%s", decided.out);
    cr_expect_eq(json_array_size(json_object_get(open, "reviews")), 0);
    cr_expect_str_eq(json_text(list, "reviews.0.state"), "REVIEW_STATE_KEPT_APART");
    cr_expect_str_eq(json_text(nevers, "neverJoins.0.reviewId"), id);
    expect_failure(EXIT_CODES + FAILED_PRECONDITION, "REVIEW_DECIDED", "review", "decide", id,
                   "dismiss");
    program_free(&dry);
    program_free(&decided);
    json_decref(open);
    json_decref(list);
    json_decref(nevers);
}

/* ---- attributes ---- */

Test(profilectl, attribute_list_and_update) {
    json_t *before = profilectl_json(0, "attribute", "list");
    json_t *updated =
        profilectl_json(0, "attribute", "update", "city", "--survivorship", "trusted_source",
                        "--trusted", "crm,pos", "--schema-version", "1");
    struct program table = profilectl("attribute", "list");

    cr_expect_eq(json_array_size(json_object_get(before, "attributes")), 14);
    cr_expect_str_eq(json_text(before, "attributes.0.name"), "name");
    cr_expect_str_eq(json_text(before, "attributes.0.survivorship"), "SURVIVORSHIP_MOST_RECENT");
    cr_expect_str_eq(json_text(updated, "attribute.survivorship"), "SURVIVORSHIP_TRUSTED_SOURCE");
    cr_expect_str_eq(json_text(updated, "attribute.trustedSources.1"), "pos");
    cr_expect_str_eq(json_text(updated, "schemaVersion"), "2");
    cr_expect_eq(table.code, 0);
    cr_expect_neq(strstr(table.out, "trusted source"), NULL, "%s", table.out);
    cr_expect_neq(strstr(table.out, "crm pos"), NULL, "%s", table.out);
    program_free(&table);
    json_decref(before);
    json_decref(updated);
}

Test(profilectl, attribute_update_says_what_is_wrong) {
    expect_failure(EXIT_CODES + NOT_FOUND, "ATTRIBUTE_NOT_FOUND", "attribute", "update",
                   "eye_colour", "--survivorship", "first_seen");
    expect_failure(EXIT_CODES + INVALID_ARGUMENT, "attribute.trusted_sources", "attribute",
                   "update", "city", "--survivorship", "trusted-source", "--trusted", "");
    expect_failure(EXIT_USAGE, "nothing to change", "attribute", "update", "city");
}

/* ---- interactions, health, the rest ---- */

Test(profilectl, interaction_record_and_list) {
    char id[ID_SIZE_MAX];
    make("Nora Salem", "email:nora@example.org", id);

    json_t *once = profilectl_json(0, "interaction", "record", "--profile", id, "--source", "chat",
                                   "--event-id", "e1", "--channel", "whatsapp", "--text", "مرحبا");
    json_t *twice = profilectl_json(0, "interaction", "record", "--profile", id, "--source", "chat",
                                    "--event-id", "e1", "--channel", "whatsapp", "--text", "مرحبا");
    json_t *list = profilectl_json(0, "interaction", "list", id);

    cr_expect_str_eq(json_text(twice, "interactionId"), json_text(once, "interactionId"));
    cr_expect(json_is_true(json_object_get(twice, "repeatedEvent")));
    cr_expect_eq(json_array_size(json_object_get(list, "interactions")), 1);
    cr_expect_str_eq(json_text(list, "interactions.0.engagement.text"), "مرحبا");
    json_t *found = profilectl_json(0, "interaction", "list", id, "--kind", "engagement", "--text",
                                    "مرحبا", "--since", "2020-01-01T00:00:00Z");
    json_t *none = profilectl_json(0, "interaction", "list", id, "--channel", "email");
    cr_expect_eq(json_array_size(json_object_get(found, "interactions")), 1);
    cr_expect_eq(json_array_size(json_object_get(none, "interactions")), 0);
    expect_failure(EXIT_USAGE, "survey-response", "interaction", "list", id, "--kind", "call");
    json_decref(found);
    json_decref(none);
    json_decref(once);
    json_decref(twice);
    json_decref(list);
}

Test(profilectl, answers_of_a_survey_are_shown) {
    json_decref(profilectl_json(0, "interaction", "record", "--identity", "email:n@example.org",
                                "--source", "survey", "--survey", "delivery", "--answer",
                                "speed=good", "--answer", "recommend:nps=9"));

    struct program program = profilectl("profile", "show", "email:n@example.org");

    cr_expect_neq(strstr(program.out, "speed: good"), NULL, "%s", program.out);
    cr_expect_neq(strstr(program.out, "recommend: 9 of 10"), NULL, "%s", program.out);
    program_free(&program);
}

Test(profilectl, health_is_serving) {
    struct program program = profilectl("health");

    cr_expect_eq(program.code, 0);
    cr_expect_neq(strcasestr(program.out, "serving"), NULL, "%s", program.out);
    program_free(&program);
}

Test(profilectl, help_version_and_completion_are_on_standard_output) {
    static const char *const words[][3] = {
        {"--help", NULL}, {"version", NULL}, {"completion", "bash", NULL}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        const char *const arguments[] = {PROFILECTL_PROGRAM, words[i][0], words[i][1], NULL};
        struct program program = program_run(arguments, NULL);

        cr_expect_eq(program.code, 0, "%s", words[i][0]);
        cr_expect_str_not_empty(program.out);
        cr_expect_str_empty(program.err);
        program_free(&program);
    }
}
