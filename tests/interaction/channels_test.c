/* Which channel a word names, and the channels that are built in. */

#include "server/interaction/channels.h"

#include <string.h>

#include <criterion/criterion.h>

static struct arena arena;
static struct channels channels;

static const struct term_label forum_labels[] = {{"en", "Our forum"}, {"ar", "منتدانا"}};

/* Those that are built in, of which snapchat is retired, and one of the workspace's own. */
static void init(void) {
    arena_init(&arena, 1 << 20);
    channels = (struct channels){.arena = &arena};
    const struct channel *builtin = channels_builtin(&channels.count);
    channels.items = arena_array(&arena, channels.count + 2, sizeof *channels.items);
    memcpy(channels.items, builtin, channels.count * sizeof *builtin);
    channels_find(&channels, "snapchat")->term.retired = true;
    channels.items[channels.count++] =
        (struct channel){.term = {"forum", 2, forum_labels, false}, .identity_type = "forum"};
}

static void fini(void) { arena_free(&arena); }
TestSuite(channels, .init = init, .fini = fini);

static void expect(const char *word, const char *name) {
    const struct channel_choice choice = channels_choose(&channels, word);
    cr_expect_null(choice.error, "%s", word);
    cr_expect_str_eq(choice.name, name);
}

Test(channels, names_other_names_and_labels_in_any_case) {
    expect("whatsapp", "whatsapp");
    expect(" WhatsApp ", "whatsapp");
    expect("واتساب", "whatsapp");
    expect("X", "twitter");
    expect("twitter", "twitter");
    expect("phone_call", "call");
    expect("Phone call", "call");
    expect("Appel téléphonique", "call");
    expect("web_chat", "chat");
    expect("OUR FORUM", "forum");
    expect("منتدانا", "forum");
}

Test(channels, the_empty_word_names_none) {
    const struct channel_choice choice = channels_choose(&channels, "");
    cr_expect_null(choice.error);
    cr_expect_null(choice.channel);
    cr_expect_str_eq(choice.name, "");
}

Test(channels, what_names_none_is_told_with_the_nearest) {
    static const struct {
        const char *word;
        const char *error;
    } wrong[] = {
        {"whatsap", "is no channel of the workspace; the nearest is whatsapp"},
        {"Phone cal", "is no channel of the workspace; the nearest is call"},
        {"الواتساب", "is no channel of the workspace; the nearest is whatsapp"},
        {"منتدنا", "is no channel of the workspace; the nearest is forum"},
        {"twiter", "is no channel of the workspace; the nearest is twitter"},
        {"snapchatt", "is no channel of the workspace"}, /* What is retired is not proposed. */
        {"carrier pigeon", "is no channel of the workspace"},
        {"\xff", "is no channel of the workspace"},
        {"  ", "is no channel of the workspace"},
        {"snapchat", "is retired"},
        {"سناب شات", "is retired"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const struct channel_choice choice = channels_choose(&channels, wrong[i].word);
        cr_assert_not_null(choice.error, "%zu", i);
        cr_expect_str_eq(choice.error, wrong[i].error);
    }
    cr_expect_str_eq(channels_choose(&channels, "carrier pigeon").name, "carrier pigeon");
    cr_expect_str_eq(channels_choose(&channels, "Snapchat").name, "snapchat");
}

Test(channels, surveys_have_a_word_of_their_own) {
    const struct channel_choice choice = channels_choose(&channels, "Survey");
    cr_expect_not_null(choice.error);
    cr_expect_null(choice.channel);
    cr_expect_str_eq(choice.name, "survey");
}

Test(channels, what_a_text_is_what_another_one_is_called) {
    cr_expect_str_eq(channels_called(&channels, "x", "x"), "twitter");
    cr_expect_str_eq(channels_called(&channels, "واتساب", "wa"), "whatsapp");
    cr_expect_str_eq(channels_called(&channels, "Web_Chat", "talk"), "chat");
    cr_expect_str_eq(channels_called(&channels, "Snapchat", "talk"), "snapchat");
    cr_expect_str_eq(channels_called(&channels, "Survey", "survey"), "survey");
    cr_expect_null(channels_called(&channels, "Viber", "viber"), "it is its own");
    cr_expect_null(channels_called(&channels, "talk", "talk"));
    cr_expect_null(channels_called(&channels, "\xff", "talk"));
}

Test(channels, names) {
    static const char *const good[] = {"x", "web.chat", "google-business", "7", "_old"};
    static const char *const bad[] = {"", "WhatsApp", "-x", "واتساب", ".x"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        cr_expect(channel_name_is_good(good[i]), "%s", good[i]);
        cr_expect_not(channel_name_is_good(bad[i]), "%s", bad[i]);
    }
}

/* No word is of two channels; names are good and of one that is built in. */
Test(channels, those_that_are_built_in_are_told_apart) {
    size_t count = 0;
    const struct channel *builtin = channels_builtin(&count);
    for (size_t i = 0; i < count; i++) {
        const struct channel *channel = &builtin[i];
        cr_expect(channel_name_is_good(channel->term.name));
        cr_expect(channel->built_in);
        cr_expect_null(channels_called(&channels, channel->term.name, channel->term.name));
        cr_expect_eq(channel_builtin(channel->term.name), channel);
        for (size_t k = 0; k < channel->alias_count; k++) {
            cr_expect_eq(channel_builtin(channel->aliases[k]), channel);
            cr_expect_str_eq(term_word(channel->aliases[k], &arena), channel->aliases[k]);
            cr_expect_str_eq(channels_choose(&channels, channel->aliases[k]).name,
                             channel->term.name);
        }
        for (size_t k = 0; k < channel->term.label_count; k++) {
            const char *label = channel->term.labels[k].text;
            cr_expect_null(channels_called(&channels, label, channel->term.name), "%s", label);
            cr_expect_str_eq(channels_choose(&channels, channel->term.labels[k].text).name,
                             channel->term.name, "%s", channel->term.labels[k].text);
        }
    }
    cr_expect_null(channel_builtin("forum"));
}
