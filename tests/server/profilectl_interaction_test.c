/* profilectl against the server: interactions and surveys. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/server/profilectl.h"

TestSuite(profilectl_interaction, .init = fixture_setup, .fini = fixture_teardown, .timeout = 60);

Test(profilectl_interaction, list_by_an_identity) {
    char id[ID_SIZE_MAX];
    make("Nora", "phone:+966500000017", id);
    json_decref(profilectl_json(0, "interaction", "record", "--profile", id, "--source", "chat",
                                "--channel", "whatsapp", "--text", "hello"));

    json_t *list = profilectl_json(0, "interaction", "list", "phone:٠٥٠٠٠٠٠٠١٧", "--region", "SA");

    cr_expect_eq(json_array_size(json_object_get(list, "interactions")), 1);
    json_decref(list);
    expect_texts(WORDS("interaction", "list", "phone:+966500000017", "--kind", "engagement"),
                 WORDS("hello"));
    expect_failure(EXIT_CODES + NOT_FOUND, "PROFILE_NOT_FOUND", "interaction", "list",
                   "email:nobody@example.org");
    expect_failure(EXIT_USAGE, "--region is of TYPE:VALUE", "interaction", "list", id, "--region",
                   "SA");
    expect_failure(EXIT_CODES + INVALID_ARGUMENT, "the nearest is whatsapp", "interaction", "list",
                   id, "--channel", "whatsap");
}

Test(profilectl_interaction, amounts_in_other_digits) {
    char id[ID_SIZE_MAX];
    make("Nora", "email:nora@example.org", id);
    static const char *const amounts[] = {"١٢٩٫٥", "۱۲۹٫۵", "129.5"};
    for (size_t i = 0; i < sizeof amounts / sizeof *amounts; i++) {
        json_decref(profilectl_json(0, "interaction", "record", "--profile", id, "--source", "shop",
                                    "--activity", "order_placed", "--amount", amounts[i],
                                    "--currency", "SAR"));
    }

    json_t *list = profilectl_json(0, "interaction", "list", id);

    for (size_t i = 0; i < sizeof amounts / sizeof *amounts; i++) {
        const json_t *interaction = json_array_get(json_object_get(list, "interactions"), i);
        const json_t *activity = json_object_get(interaction, "activity");
        cr_expect_float_eq(json_number_value(json_object_get(activity, "amount")), 129.5, 1e-9,
                           "%s", amounts[i]);
    }
    json_decref(list);
    expect_failure(EXIT_USAGE, "--amount", "interaction", "record", "--profile", id, "--source",
                   "shop", "--activity", "order_placed", "--amount", "مئة", "--currency", "SAR");
}

Test(profilectl_interaction, answers_are_numbers_in_any_digits) {
    char id[ID_SIZE_MAX];
    make("Nora", "email:nora@example.org", id);
    json_decref(profilectl_json(0, "interaction", "record", "--profile", id, "--source", "survey",
                                "--survey", "delivery", "--answer", "a:nps=٩", "--answer",
                                "b:rating=۷۵", "--answer", "c:number=-١٫٥"));
    json_t *list = profilectl_json(0, "interaction", "list", id);
    const json_t *interaction = json_array_get(json_object_get(list, "interactions"), 0);
    const json_t *answers =
        json_object_get(json_object_get(interaction, "surveyResponse"), "answers");
    static const char *const types[] = {"nps", "rating", "number"};
    static const double values[] = {9, 75, -1.5};
    for (size_t i = 0; i < 3; i++) {
        const json_t *value = json_object_get(json_array_get(answers, i), types[i]);
        cr_expect_float_eq(json_number_value(value), values[i], 1e-9, "%s", types[i]);
    }
    json_decref(list);

    static const char *const bad[][2] = {
        {"a:nps=eleven", "a:nps: must be a whole number from 0 to 10"},
        {"a:nps=٩٫٥", "from 0 to 10"},
        {"b:rating=", "from 0 to 100"},
        {"c:number=nine", "must be a number"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        expect_failure(EXIT_USAGE, bad[i][1], "interaction", "record", "--profile", id, "--source",
                       "survey", "--survey", "delivery", "--answer", bad[i][0]);
    }
    expect_failure(EXIT_CODES + INVALID_ARGUMENT, "--answer a:nps, ", "interaction", "record",
                   "--profile", id, "--source", "survey", "--survey", "delivery", "--answer",
                   "a:nps=١١");
    expect_failure(EXIT_CODES + INVALID_ARGUMENT, "--source, ", "interaction", "record",
                   "--profile", id, "--survey", "delivery");
}

Test(profilectl_interaction, what_is_told_of_a_profile_is_shown) {
    char id[ID_SIZE_MAX];
    char other[ID_SIZE_MAX];
    make("Nora", "email:nora@example.org", id);
    make("Reem", "email:reem@example.org", other);

    expect_texts(WORDS("interaction", "record", "--profile", id, "--source", "survey", "--survey",
                       "delivery", "--answer", "mail:email=reem@example.org", "--answer",
                       "phone:phone=0500000017@SA"),
                 WORDS("email", "reem@example.org", "owned elsewhere", other, "phone",
                       "+966500000017", "active"));
    expect_texts(WORDS("review", "list"), WORDS("one told an identity of the other"));
}

Test(profilectl_interaction, a_number_that_was_answered_has_a_country) {
    expect_texts(WORDS("interaction", "record", "--source", "survey", "--survey", "delivery",
                       "--region", "AE", "--answer", "a:phone=0501234567", "--answer",
                       "b:phone=0500000017@SA"),
                 WORDS("+971501234567", "+966500000017"));
    expect_failure(EXIT_CODES + INVALID_ARGUMENT, "--region, ", "interaction", "record", "--source",
                   "survey", "--survey", "delivery", "--region", "XX", "--answer",
                   "a:phone=0501234567");
}

Test(profilectl_interaction, surveys_as_csv) {
    static const char *const answers[] = {"why:choice==fast", "why:choice=late"};
    char id[ID_SIZE_MAX];
    make("Nora", "email:nora@example.org", id);
    for (size_t i = 0; i < 2; i++) {
        json_decref(profilectl_json(0, "interaction", "record", "--profile", id, "--source",
                                    "survey", "--survey", "delivery", "--answer", answers[i],
                                    "--answer", "score:nps=9", "--answer", "words=fine"));
    }

    struct program program = profilectl("survey", "analyze", "delivery", "--csv");

    cr_expect_eq(program.code, 0, "%s", program.err);
    cr_expect_str_eq(
        program.out,
        "\"question_id\",\"question\",\"section\",\"type\",\"answer_count\",\"skipped_count\","
        "\"average\",\"min\",\"max\",\"promoter_count\",\"passive_count\",\"detractor_count\","
        "\"nps\",\"answer\",\"rest\",\"count\"\r\n"
        "\"why\",\"\",\"\",\"choice\",\"2\",\"0\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"'=fast\","
        "\"false\",\"1\"\r\n"
        "\"why\",\"\",\"\",\"choice\",\"2\",\"0\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"late\","
        "\"false\",\"1\"\r\n"
        "\"score\",\"\",\"\",\"nps\",\"2\",\"0\",\"9\",\"9\",\"9\",\"2\",\"0\",\"0\",\"100\",\"9\","
        "\"false\",\"2\"\r\n"
        "\"words\",\"\",\"\",\"text\",\"2\",\"0\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\","
        "\"false\","
        "\"2\"\r\n");
    program_free(&program);
    expect_failure(EXIT_USAGE, "do not go together", "survey", "analyze", "delivery", "--csv",
                   "--output", "json");
}

Test(profilectl_interaction, counts_as_csv) {
    char id[ID_SIZE_MAX];
    make("Nora", "email:nora@example.org", id);
    json_decref(profilectl_json(0, "interaction", "record", "--profile", id, "--source", "chat",
                                "--channel", "whatsapp", "--agent", "=Sara"));

    struct program program = profilectl("interaction", "analyze", "--by", "agent", "--csv");

    cr_expect_str_eq(program.out, "\"day\",\"agent\",\"rest\",\"count\"\r\n"
                                  "\"\",\"'=Sara\",\"false\",\"1\"\r\n");
    program_free(&program);
    program = profilectl("interaction", "analyze", "--by", "agent", "--people", "--csv");
    cr_expect_str_eq(program.out, "\"day\",\"agent\",\"rest\",\"count\",\"profile_count\"\r\n"
                                  "\"\",\"'=Sara\",\"false\",\"1\",\"1\"\r\n");
    program_free(&program);
}
