/* profilectl against the server: traits. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/server/profilectl.h"

TestSuite(profilectl_trait, .init = fixture_setup, .fini = fixture_teardown, .timeout = 60);

static void must(const char *const *words) {
    struct program program = profilectl_run(words, NULL);
    cr_assert_eq(program.code, 0, "%s", program.err);
    program_free(&program);
}

static void order(const char *id, const char *amount, const char *coupon) {
    must(WORDS("interaction", "record", "--profile", id, "--source", "shop", "--activity",
               "order_placed", "--amount", amount, "--currency", "SAR", "--property", coupon));
}

static void make_traits(void) {
    must(WORDS("trait", "create", "spent_30d", "--aggregation", "sum", "--field", "amount",
               "--filter", "name = order_placed AND currency = SAR", "--window", "30d",
               "--description", "What was ordered lately"));
    must(WORDS("trait", "create", "coupon", "--aggregation", "most-frequent", "--field",
               "property:coupon"));
    must(WORDS("trait", "create", "complaints", "--aggregation", "count", "--filter",
               "channel:email theme:complaint (sentiment:negative OR sentiment:neutral)"));
}

Test(profilectl_trait, create_and_show) {
    char id[ID_SIZE_MAX];
    make_traits();
    make("Nora", "email:nora@example.org", id);
    order(id, "120.5", "coupon=spring");
    order(id, "79.5", "coupon=spring");

    expect_texts(WORDS("trait", "list"),
                 WORDS("TRAIT", "complaints", "count", "channel:email theme:complaint", "all time",
                       "ready", "coupon", "most frequent of property coupon", "all", "spent_30d",
                       "sum of amount", "name = order_placed AND currency = SAR", "30d", "ready",
                       "What was ordered lately"));
    expect_texts(WORDS("profile", "show", id),
                 WORDS("Traits", "complaints", "0", "coupon", "spring", "spent_30d", "200"));
    json_t *json = profilectl_json(0, "profile", "get", id);
    cr_expect_str_eq(json_text(json, "profile.traits.coupon.text"), "spring");
    cr_expect_str_eq(json_text(json, "profile.traits.coupon.count"), "2");
    json_decref(json);
}

Test(profilectl_trait, backfill_tells_how_far_it_has_come) {
    char id[ID_SIZE_MAX];
    make("Nora", "email:nora@example.org", id);
    order(id, "10", "coupon=spring");
    order(id, "20", "coupon=spring");
    struct program made = profilectl("trait", "create", "orders", "--aggregation", "count");
    cr_expect_neq(strstr(made.err, "profilectl trait list"), NULL, "%s", made.err);
    cr_expect_neq(strstr(made.out, "0 of 2"), NULL, "%s", made.out);

    struct program filled = profilectl("trait", "backfill");

    cr_expect_eq(filled.code, 0);
    cr_expect_neq(strstr(filled.err, "All traits are ready"), NULL, "%s", filled.err);
    cr_expect_neq(strstr(filled.out, "ready"), NULL, "%s", filled.out);
    expect_texts(WORDS("profile", "show", id), WORDS("orders", "2"));
    program_free(&made);
    program_free(&filled);
}

Test(profilectl_trait, delete_and_what_is_refused) {
    make_traits();
    struct program tried = profilectl("trait", "delete", "coupon", "--dry-run");
    cr_expect_eq(tried.code, 0);
    program_free(&tried);
    expect_texts(WORDS("trait", "delete", "coupon"), WORDS("coupon", "most frequent"));
    const char *file =
        profilectl_file("trait.json", "{\"aggregation\": \"TRAIT_AGGREGATION_LAST\", \"field\": "
                                      "\"TRAIT_FIELD_CHANNEL\", \"windowDays\": 7}");
    expect_texts(WORDS("trait", "create", "last_channel", "--json", file),
                 WORDS("last_channel", "last of channel", "7d"));

    expect_texts(WORDS("trait", "update", "last_channel", "--description", "Where to answer"),
                 WORDS("last_channel", "7d", "Where to answer"));

    expect_failure(EXIT_CODES + NOT_FOUND, "TRAIT_NOT_FOUND", "trait", "delete", "coupon");
    expect_failure(EXIT_CODES + NOT_FOUND, "TRAIT_NOT_FOUND", "trait", "update", "coupon",
                   "--description", "x");
    expect_failure(EXIT_USAGE, "nothing to change", "trait", "update", "last_channel");
    expect_failure(EXIT_CODES + INVALID_ARGUMENT, "trait.aggregation", "trait", "create", "x");
    struct program marked =
        profilectl("trait", "create", "x", "--aggregation", "count", "--filter", "chanel = email");
    cr_expect_eq(marked.code, EXIT_CODES + INVALID_ARGUMENT);
    cr_expect_neq(strstr(marked.err, "  chanel = email\n  ^\n"), NULL, "%s", marked.err);
    cr_expect_neq(strstr(marked.err, "nearest: channel"), NULL, "%s", marked.err);
    program_free(&marked);
    expect_failure(EXIT_USAGE, "--window", "trait", "create", "x", "--aggregation", "count",
                   "--window", "30h");
    expect_failure(EXIT_USAGE, "--field", "trait", "create", "x", "--aggregation", "last",
                   "--field", "channel:x");
    expect_failure(EXIT_USAGE, "--aggregation", "trait", "create", "x", "--aggregation", "most");
}
