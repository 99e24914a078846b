/* `profilectl channel`, and what is recorded on channels, against the server. */

#include <criterion/criterion.h>
#include <string.h>

#include "tests/server/profilectl.h"

TestSuite(profilectl_channel, .init = fixture_setup, .fini = fixture_teardown, .timeout = 60);

enum { FAILED = 1 };

Test(profilectl_channel, create_list_update_and_delete) {
    expect_texts(WORDS("channel", "list"),
                 WORDS("CHANNEL", "AUTHORS ARE", "whatsapp", "in use", "واتساب", "twitter", "x",
                       "sms", "phone", "genesys"));
    expect_texts(WORDS("channel", "create", "forum", "--label", "en=Our forum", "--label",
                       "ar=منتدانا", "--identity-type", "external_id"),
                 WORDS("forum", "in use", "yes", "external_id", "ar منتدانا, en Our forum"));
    expect_texts(WORDS("channel", "update", "forum", "--label", "en=", "--label", "fr=Notre forum"),
                 WORDS("forum", "ar منتدانا, fr Notre forum"));
    expect_texts(WORDS("channel", "delete", "forum"), WORDS("forum", "retired"));
    expect_texts(WORDS("channel", "update", "forum", "--retired", "no"), WORDS("forum", "in use"));

    expect_failure(EXIT_CODES + ALREADY_EXISTS, "CHANNEL_EXISTS", "channel", "create", "email");
    expect_failure(EXIT_CODES + NOT_FOUND, "CHANNEL_NOT_FOUND", "channel", "delete", "kiosk");
    expect_failure(EXIT_CODES + INVALID_ARGUMENT,
                   "--label fr, channel.labels.fr: is what whatsapp is called", "channel", "create",
                   "kiosk", "--label", "fr=WhatsApp");
    expect_failure(EXIT_CODES + INVALID_ARGUMENT, "the nearest is phone", "channel", "create",
                   "kiosk", "--identity-type", "phon");
}

/* What is told to be typed is: then the handle says whose it is. */
Test(profilectl_channel, the_identity_type_of_a_channel_is_made_as_it_is_told) {
    expect_texts(WORDS("channel", "create", "kiosk"), WORDS("kiosk"));
    expect_failure(EXIT_CODES + INVALID_ARGUMENT,
                   "`profilectl identity types create kiosk --normalizer handle` makes it",
                   "interaction", "record", "--source", "chat", "--channel", "kiosk", "--author",
                   "nora_x");
    expect_texts(WORDS("identity", "types", "create", "kiosk", "--normalizer", "handle"),
                 WORDS("kiosk"));
    expect_texts(WORDS("interaction", "record", "--source", "chat", "--channel", "kiosk",
                       "--author", "nora_x"),
                 WORDS("nora_x"));
}

Test(profilectl_channel, what_is_recorded_names_one) {
    expect_failure(EXIT_CODES + INVALID_ARGUMENT,
                   "is no channel of the workspace; the nearest is whatsapp", "interaction",
                   "record", "--source", "chat", "--channel", "whatsap", "--author",
                   "+966501234567");
    static const char lines[] =
        "{\"interaction\":{\"engagement\":{\"channel\":\"X\",\"authorHandle\":\"nora_x\"}}}\n"
        "{\"interaction\":{\"engagement\":{\"channel\":\"twiter\",\"authorHandle\":\"nora_x\"}}}\n"
        "{\"interaction\":{\"engagement\":{\"channel\":\"twitter\",\"authorHandle\":\"nora_x\"}}}"
        "\n";
    const char *path = profilectl_file("posts.ndjson", lines);

    struct program program =
        profilectl("interaction", "import", path, "--source", "posts", "--output", "json");

    cr_expect_eq(program.code, FAILED);
    cr_expect_neq(strstr(program.err, "row 2 (line 2), interaction.engagement.channel: is no "
                                      "channel of the workspace; the nearest is twitter"),
                  NULL, "%s", program.err);
    json_t *json = profilectl_json(0, "profile", "lookup", "twitter:nora_x");
    cr_expect_str_eq(json_text(json, "profile.interactionSummary.count"), "2");
    json_decref(json);
    program_free(&program);
}
