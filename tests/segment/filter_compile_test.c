/* What filters are compiled into: which fields they read, which terms of indexes a person must
 * have, and what does not go with a field. */

#include <string.h>

#include <criterion/criterion.h>

#include "server/segment/filter.h"
#include "tests/store/fixture.h"

static struct field_names names;
static struct store_view *view;

static void init(void) {
    fixture_open();
    view = write_begin();
    cr_assert(status_is_ok(field_names_read(view, "SA", FIXTURE_NOW_US, &names)));
}

static void fini(void) {
    write_drop();
    fixture_close();
}

TestSuite(filter_compile, .init = init, .fini = fini);

static struct filter compile(const char *text, struct fields *fields) {
    struct filter filter;
    struct filter_error error = {.found = "", .expected = ""};
    *fields = (struct fields){.arena = &arena};
    const struct status status = filter_compile(text, &names, fields, &filter, &error);
    cr_assert(status_is_ok(status), "%s: at %zu found %s, expected %s", text, error.offset,
              error.found, error.expected);
    return filter;
}

/* The clauses, each behind a space: " name=sara city=riyadh|city=jeddah". */
static const char *clauses_of(const char *text) {
    struct fields fields;
    const struct filter filter = compile(text, &fields);
    const char *all = "";
    for (size_t i = 0; i < filter.clause_count; i++) {
        const struct store_clause *clause = &filter.clauses[i];
        for (size_t k = 0; k < clause->term_count; k++) {
            all = arena_format(&arena, "%s%s%s=%s", all, k == 0 ? " " : "|", clause->terms[k].field,
                               clause->terms[k].value);
        }
    }
    return all;
}

Test(filter_compile, what_must_hold_is_a_clause_of_terms_of_indexes) {
    static const struct {
        const char *filter;
        const char *clauses;
    } cases[] = {
        {"", ""},
        {"attributes.city = Riyadh", " city=riyadh"},
        {"attributes.country = sa OR name:sara", " country=sa|name=sara"},
        {"attributes.country : sa", " country=sa"},
        {"attributes.gender = f sara", " gender=female name=sara"},
        {"name:\"Sara Otaibi\"", " name=sara name=otaibi"},
        {"a AND (b OR c) AND d", " name=a name=d name=b|name=c"},
        {"(a OR b) (c OR NOT d) e", " name=e name=a|name=b"},
        {"(a AND b) OR (a AND c)", " name=b|name=c name=a|name=a"},
        {"NOT (a AND b) c", " name=c"},
        {"a AND NOT b AND c", " name=a name=c"},
        {"-a", ""},
        {"NOT (a OR b) c", " name=c"},
        {"NOT (NOT a)", " name=a"},
        {"NOT (NOT a OR NOT b)", " name=a name=b"},
        {"a OR b", " name=a|name=b"},
        {"a OR b OR completeness > 5", ""},
        {"NOT (NOT a AND NOT b)", " name=a|name=b"},
        {"a OR (b AND completeness > 5)", " name=a|name=b"},
        {"\"a c\" OR b", " name=a|name=b"},
        {"((a))", " name=a"},
        {"attributes.city != riyadh", ""},
        {"attributes.city = riy*", ""},
        {"attributes.city:*", ""},
        {"attributes.city:riyadh", ""},
        {"attributes.birth_date = 1990-05-17", ""},
        {"attributes.job = doctor", ""},
        {"identity.email = A@example.com", " email=a@example.com"},
        {"identity.whatsapp = \"050 000 0017\"", " phone=+966500000017"},
        {"identity.email = \"a*@example.com\"", ""},
        {"id = 01a209a1-f6cb-790a-a265-bd075835d7e7", " id=01a209a1-f6cb-790a-a265-bd075835d7e7"},
        {"name = sara", ""},
        {"attributes.city = (riyadh)", " city=riyadh"},
        {"attributes.city = (riyadh OR jeddah)", " city=riyadh|city=jeddah"},
        {"attributes.city = (riyadh AND jeddah)", " city=riyadh city=jeddah"},
        {"completeness > 5 attributes.city = x", " city=x"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_expect_str_eq(clauses_of(cases[i].filter), cases[i].clauses, "%s: %s", cases[i].filter,
                         clauses_of(cases[i].filter));
    }
}

Test(filter_compile, each_field_is_read_once) {
    struct fields fields;
    const struct filter filter = compile("attributes.city = x OR attributes.city = y OR "
                                         "attributes.city:z OR name:a OR b OR name = c",
                                         &fields);
    cr_expect_eq(filter.test_count, 6);
    cr_expect_eq(filter.field_count, 4, "two, each as it is and by its words");
    cr_expect_eq(fields.count, 4);
    cr_expect_eq(filter.segment_count, 0);
}

Test(filter_compile, filters_share_their_fields) {
    struct fields fields = {.arena = &arena};
    struct filter one;
    struct filter two;
    struct filter_error error;
    cr_assert(
        status_is_ok(filter_compile("name:a completeness > 1", &names, &fields, &one, &error)));
    cr_assert(status_is_ok(filter_compile("completeness > 2", &names, &fields, &two, &error)));
    cr_expect_eq(fields.count, 2);
    cr_expect_eq(two.field_count, 1);
    cr_expect_eq(fields.items[two.fields[0]].kind, FIELD_COMPLETENESS);
}

/* ---- what is refused ---- */

struct refused {
    const char *filter;
    size_t offset;
    const char *found;
    const char *expected; /* How it begins. */
};

static void check(const struct refused *refused) {
    struct fields fields = {.arena = &arena};
    struct filter filter;
    struct filter_error error = {.found = "", .expected = ""};
    const struct status status = filter_compile(refused->filter, &names, &fields, &filter, &error);
    cr_expect_eq(status.reason, REASON_FILTER_INVALID, "%s", refused->filter);
    cr_expect_eq(error.offset, refused->offset, "%s: %zu", refused->filter, error.offset);
    cr_expect_str_eq(error.found, refused->found, "%s: %s", refused->filter, error.found);
    cr_expect_eq(strncmp(error.expected, refused->expected, strlen(refused->expected)), 0, "%s: %s",
                 refused->filter, error.expected);
}

#define CHECK(...)                                                                                 \
    do {                                                                                           \
        static const struct refused all[] = {__VA_ARGS__};                                         \
        for (size_t i = 0; i < sizeof all / sizeof *all; i++) {                                    \
            check(&all[i]);                                                                        \
        }                                                                                          \
    } while (0)

Test(filter_compile, orders_are_of_numbers_and_times) {
    CHECK({"a name < b", 7, "<", "=, != or :"}, {"name_derived >= true", 13, ">=", "=, != or :"},
          {"identity.phone<=1", 14, "<=", "=, != or :"},
          {"create_time != now", 12, "!=", "<, <=, > or >="},
          {"create_time:now-1d", 11, ":", "<, <=, > or >="},
          {"completeness > now", 15, "a time", "a value of the field's type"},
          {"attributes.city = now - 1d", 16, "=", "<, <=, > or >="});
}

#define A_TIME                                                                                     \
    "a time as 2026-01-31T12:00:00Z, a date, or now - 30d: a number and s, m, h, d or w, at most " \
    "100,000 days"

Test(filter_compile, values_are_of_the_field_s_type) {
    CHECK(
        {"completeness > x", 15, "a text of 1 character", "a number"},
        {"completeness = \"\"", 15, "a text of 0 characters in quotation marks", "a number"},
        {"completeness = 1e999", 15, "a text of 5 characters", "a number"},
        {"completeness = 0x10", 15, "a text of 4 characters", "a number"},
        {"completeness = nan", 15, "a text of 3 characters", "a number"},
        {"interaction_count >= ١٬٠٠٠", 21, "a text of 5 characters",
         "a number without signs between thousands"},
        {"completeness = \"1,000\"", 15, "a text of 5 characters in quotation marks",
         "a number without signs between thousands"},
        {"completeness = 5*", 15, "a text of 2 characters", "a number"},
        {"create_time < 1990", 14, "a number of 4 characters", "a time as"},
        {"create_time < -٣.5", 14, "a number of 4 characters", "a time as"},
        {"create_time < 3.5.1", 14, "a text of 5 characters", "a time as"},
        {"completeness = (1 OR x)", 21, "a text of 1 character", "a number"},
        {"create_time > 2026-02-30", 14, "a text of 10 characters", "a time as"},
        {"create_time > x", 14, "a text of 1 character", "a time as"},
        {"create_time > \"now\"", 14, "a text of 3 characters in quotation marks", "a time as"},
        {"create_time > now-18y", 14, "a text of 7 characters", A_TIME},
        {"create_time > now-1000000d", 14, "a text of 12 characters", A_TIME},
        {"name_derived = 1", 15, "a number of 1 character", "true or false"},
        {"name:\"\"", 5, "a text of 0 characters in quotation marks", "a word with"},
        {"attributes.country = 12", 21, "a number of 2 characters", "a country by its two letters"},
        {"attributes.language = klingon", 22, "a text of 7 characters", "a language by its tag"},
        {"attributes.gender = x", 20, "a text of 1 character", "one of female, male, other"},
        {"attributes.gender = \"x\"", 20, "a text of 1 character in quotation marks",
         "one of female, "},
        {"attributes.sub_dialect = x", 25, "a text of 1 character", "one of "},
        {"identity.email = x", 17, "a text of 1 character that has no @", "an e-mail address"},
        {"identity.phone = 12", 17, "a number of 2 characters that is too short for a phone number",
         "a phone number, national or with its country code"},
        {"id = nope", 5, "a text of 4 characters", "an id of a profile, as"});
}

/* Nor is the name of one a text that nobody would look for. */
Test(filter_compile, fields_are_not_compared_with_each_other) {
    static const char expected[] = "a value: fields are not compared with each other";
    CHECK({"attributes.city = attributes.country", 18, "a text of 18 characters", expected},
          {"name = (a OR attributes.given_name)", 13, "a text of 21 characters", expected},
          {"identity.email != identity.phone", 18, "a text of 14 characters", expected});
    struct fields fields;
    (void)compile("attributes.city = \"attributes.country\" attributes.city = attributes.town "
                  "attributes.city = name attributes.city = st.john",
                  &fields);
}

Test(filter_compile, a_national_number_is_of_a_region) {
    names.default_region = "";
    CHECK({"identity.phone = \"050 000 0017\"", 17,
           "a text of 12 characters in quotation marks that is a national number and no known "
           "region is given",
           "a phone number with its country code, as +966500000017"});
}

struct misspelt {
    const char *filter;
    size_t offset;
    const char *expected;
    const char *nearest; /* NULL for none. */
};

/* What interactions are counted by has words of its own, as attributes have. */
Test(filter_compile, words_that_there_are_not_are_refused_with_the_nearest) {
    static const struct misspelt all[] = {
        {"sentiments.negativ:*", 11, "negative, neutral or positive", "negative"},
        {"sentiments:x", 11, "negative, neutral or positive", NULL},
        {"kinds.engagment > 1", 6, "engagement, survey_response or activity", "engagement"},
        {"kinds:\"\"", 6, "engagement, survey_response or activity", NULL},
        {"languages.arabic:*", 10, "a language by its tag of BCP 47, as ar or en-GB", NULL},
        {"dialects.sawdi:*", 9,
         "one of saudi, khaleji, egyptian, modern_ar, iraqi, shami, maghrebi, white", "saudi"},
        {"dominant_dialect = Gulff", 19,
         "one of saudi, khaleji, egyptian, modern_ar, iraqi, shami, maghrebi, white", "khaleji"},
        {"dominant_language = \"\"", 20, "a language by its tag of BCP 47, as ar or en-GB", NULL},
        {"dominant_language = arabic", 20, "a language by its tag of BCP 47, as ar or en-GB", NULL},
        {"attributes.dialect = hijazi", 21,
         "one of saudi, khaleji, egyptian, modern_ar, iraqi, shami, maghrebi, white",
         "attributes.sub_dialect"},
        {"dialects.hijazi:*", 9,
         "one of saudi, khaleji, egyptian, modern_ar, iraqi, shami, maghrebi, white",
         "attributes.sub_dialect"},
        {"create_time > noww", 14, A_TIME, "now"},
        {"create_time > noww - 30d", 14, "now", "now"},
        {"create_time > NOW-30d", 14, A_TIME, "now"},
        {"create_time > Now - 30d", 14, "now", "now"},
        {"create_time > today + 1d", 14, "now", "now"},
        {"create_time > now-1month", 14, A_TIME, NULL},
        {"Anniversary(attributes.birth_date)", 0, "anniversary(FIELD) or anniversary(FIELD, 7d)",
         "anniversary"},
        {"birthday(attributes.birth_date)", 0, "anniversary(FIELD) or anniversary(FIELD, 7d)",
         "anniversary"},
        {"about(create_time)", 0, "anniversary(FIELD) or anniversary(FIELD, 7d)", NULL},
        {"attributes.country = Sowdi", 21, "a country by its two letters of ISO 3166-1, as SA",
         NULL},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct fields fields = {.arena = &arena};
        struct filter filter;
        struct filter_error error = {.found = "", .expected = ""};
        const struct status status =
            filter_compile(all[i].filter, &names, &fields, &filter, &error);
        cr_expect_eq(status.reason, REASON_FILTER_INVALID, "%s", all[i].filter);
        cr_expect_eq(error.offset, all[i].offset, "%s: %zu", all[i].filter, error.offset);
        cr_expect_str_eq(error.expected, all[i].expected, "%s: %s", all[i].filter, error.expected);
        cr_expect((error.nearest == NULL) == (all[i].nearest == NULL) &&
                      (error.nearest == NULL || strcmp(error.nearest, all[i].nearest) == 0),
                  "%s: %s", all[i].filter, error.nearest == NULL ? "none" : error.nearest);
    }
}

/* What fields are compared with may be personal: the length is told, the text is not. */
Test(filter_compile, names_are_told_and_values_are_not) {
    CHECK({"shoe_size = 42", 0, "the name shoe_size", "a field of profiles"},
          {"\"shoe size\" = 42", 0, "a name of 9 characters in quotation marks", "a field of"},
          {"identity:0500000017", 9, "a name of 10 characters", "an identity type"},
          {"identity:nora@example.com", 9, "a name of 16 characters", "an identity type"},
          {"nora.otaibi@example.com", 0, "a text of 4 characters", "a field of profiles"},
          {"channels.whatsap > 1", 9, "the name whatsap", "a channel of the workspace"},
          {"dominant_language = nora", 20, "a text of 4 characters", "a language"});
}

/* Those that stand on Arabic keyboards, and those that writing aids make. */
Test(filter_compile, signs_that_look_like_others_are_refused_with_those_that_are_meant) {
    CHECK({"anniversary(attributes.birth_date، 7d)", 33, "،", ","},
          {"attributes.city = “Riyadh”", 18, "“", "\" or '"},
          {"attributes.city = «Riyadh»", 18, "«", "\" or '"},
          {"attributes.city = ‘Riyadh’", 18, "‘", "\" or '"},
          {"interaction_count ≥ 3", 18, "≥", ">="}, {"interaction_count≥3", 17, "≥", ">="},
          {"create_time > now – 30d", 18, "–", "-"}, {"net_sentiment < −0.5", 16, "−", "-"});
    struct fields fields;
    cr_expect_eq(compile("name = O’Brien name:al–riyadh \"“a، b”\"", &fields).test_count, 3);
}

Test(filter_compile, white_space_is_that_of_unicode) {
    struct fields fields;
    const struct filter filter = compile("attributes.city\u00a0=\u00a0riyadh\u3000AND\u2003create_"
                                         "time\u202f>\u2009now\u00a0-\u00a030d"
                                         "\u2067 sara\u2069\ufeff",
                                         &fields);
    cr_expect_eq(filter.test_count, 3);
    cr_expect_eq(filter.tests[1].constant.time_us, INT64_C(-30) * 86400 * 1000000);
}

Test(filter_compile, numbers_out_of_the_range_of_the_field_are_refused_with_it) {
    CHECK(
        {"net_sentiment > 2", 16, "a number of 1 character", "what a number from -1 to 1"},
        {"net_sentiment > 1", 16, "a number of 1 character", "what a number from -1 to 1"},
        {"recent_net_sentiment < -1", 23, "a number of 2 characters", "what a number from -1 to 1"},
        {"net_sentiment = 1.5", 16, "a number of 3 characters", "what a number from -1 to 1"},
        {"completeness > 100", 15, "a number of 3 characters", "what a whole number from 0 to 100"},
        {"completeness < 0", 15, "a number of 1 character", "what a whole number from 0 to 100"},
        {"completeness = 50.5", 15, "a number of 4 characters", "what a whole number from 0 to"},
        {"completeness >= 101", 16, "a number of 3 characters", "what a whole number from 0"},
        {"interaction_count < 0", 20, "a number of 1 character",
         "what a whole number of 0 or more"},
        {"channels.email <= -3", 18, "a number of 2 characters", "what a whole number of 0"});
    names.is_accepted = true;
    struct fields fields;
    (void)compile("net_sentiment > 2", &fields);
}

/* Nor is a comparison that all of them meet. */
Test(filter_compile, numbers_that_a_field_has_not_are_compared_with_where_it_is_met) {
    struct fields fields;
    (void)compile("net_sentiment >= -1 net_sentiment <= 1 completeness < 100 merged_count >= 0 "
                  "completeness > -1 completeness < 101 completeness <= 1000 completeness > 99.5 "
                  "completeness != 50.5 interaction_count > -5 interaction_count < 0.5 "
                  "channels.email.count > -3 net_sentiment > -2 net_sentiment != 2",
                  &fields);
}

Test(filter_compile, a_pattern_that_no_value_of_an_enumeration_is_as_is_refused) {
    CHECK({"attributes.gender = \"zz*\"", 20, "a text of 3 characters in quotation marks",
           "one of female, male, other"},
          {"attributes.dialect:*zz", 19, "a text of 3 characters", "one of saudi, "},
          {"attributes.gender = ma*le*x", 20, "a text of 7 characters", "one of female, "});
    struct fields fields;
    (void)compile("attributes.gender = *male attributes.gender:FE* attributes.gender = \"**\" "
                  "attributes.country = s* attributes.city = zz* attributes.gender != zz*",
                  &fields);
    names.is_accepted = true;
    (void)compile("attributes.gender = zz*", &fields);
}

/* Values are kept with the country's code, and a * takes the place of a part of them. */
Test(filter_compile, a_pattern_that_no_number_can_have_is_refused) {
    static const char expected[] = "digits and *, with + and the country code";
    CHECK({"identity.phone = \"05*\"", 17, "a text of 3 characters in quotation marks", expected},
          {"identity.phone:05*", 15, "a text of 3 characters", expected},
          {"identity.phone != 00966*", 18, "a text of 6 characters", expected},
          {"identity.whatsapp = +0*", 20, "a text of 3 characters", expected},
          {"identity.phone = *x", 17, "a text of 2 characters", expected},
          {"identity.phone = +966*+1", 17, "a text of 7 characters", expected},
          {"identity.phone = *9*+1", 17, "a text of 5 characters", expected},
          {"identity.phone = *+0*", 17, "a text of 4 characters", expected},
          {"identity.twitter = @nora*", 19, "a text of 6 characters", "the name without @"});
    static const char *const good[] = {
        "identity.phone = +96650*",         "identity.phone = *17",
        "identity.phone = \"+٩٦٦ (50) *\"", "identity.email = 05*",
        "identity.twitter = nora*@",        "identity.phone = \"*+9665*\"",
        "identity.phone = \"**+9665*\""};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct fields fields;
        const struct filter filter = compile(good[i], &fields);
        cr_expect_eq(filter.tests[0].op, FILTER_OP_MATCHES, "%s", good[i]);
        cr_expect(i != 2 ||
                  bytes_equal(filter.tests[0].constant.pieces[0], bytes_of_string("+96650")));
    }
}

/* In the form that interactions have. */
Test(filter_compile, words_of_interactions_are_kept_in_their_form) {
    struct fields fields;
    static const char written[] = "sentiments.NEGATIVE > 1 kinds:Activity languages.AR_sa:* "
                                  "dialects.\"modern ar\":* languages.\"\":*";
    const struct filter filter = compile(written, &fields);

    cr_expect_str_eq(filter_settle(written, &filter, &arena),
                     "sentiments.negative > 1 kinds:activity languages.\"ar-SA\":* "
                     "dialects.modern_ar:* languages.\"\":*");
}

Test(filter_compile, fields_alone_and_collections) {
    CHECK({"a create_time", 2, "a field alone", "a field with a comparator"},
          {"attributes.city", 0, "a field alone", "a field with a comparator"},
          {"attributes", 0, "a field alone", "a field with a comparator"},
          {"x.y", 0, "the name x", "a field of profiles"},
          {"attributes != city", 11, "!=", ": and a name"},
          {"attributes:now", 10, ":", ": and a name"},
          {"attributes:citty", 11, "the name citty", "an attribute"},
          {"identity:fax", 9, "the name fax", "an identity type"},
          {"traits:*", 7, "a name of 1 character", "the name of a trait"},
          {"traits.x > 1", 7, "the name x", "the name of a trait"},
          {"segments.vip", 9, "the name vip", "the name of a segment"},
          {"themes:a*", 7, "a name with a *", "a name as it is"});
}

Test(filter_compile, days_may_have_digits_of_any_script) {
    struct fields fields;
    const struct filter filter = compile("anniversary(create_time, ٧d)", &fields);
    cr_expect_eq(filter.tests[0].constant.days, 7);
}

Test(filter_compile, numbers_may_have_digits_and_the_decimal_sign_of_arabic) {
    static const char *const halves[] = {"net_sentiment < -0.5", "net_sentiment < -٠٫٥",
                                         "net_sentiment < -٫٥", "net_sentiment < \"-۰٫۵\""};
    for (size_t i = 0; i < sizeof halves / sizeof *halves; i++) {
        struct fields fields;
        const struct filter filter = compile(halves[i], &fields);
        cr_assert_eq(filter.test_count, 1);
        cr_expect_eq(filter.tests[0].constant.number, -0.5, "%s", halves[i]);
    }
}

Test(filter_compile, functions) {
    CHECK(
        {"a birthday(x)", 2, "the name birthday", "anniversary(FIELD)"},
        {"anniversary()", 0, "0 arguments", "anniversary(FIELD)"},
        {"anniversary(create_time, 1d, 2d)", 0, "3 arguments", "anniversary(FIELD)"},
        {"anniversary(create_time) = true", 25, "=", "AND, OR or the end"},
        {"anniversary(name)", 12, "a text of 4 characters", "a field with a date or a time"},
        {"anniversary(attributes)", 12, "a text of 10 characters", "a field with a date or a time"},
        {"anniversary(attributes.x)", 23, "the name x", "an attribute"},
        {"anniversary(create_time, 367d)", 25, "a text of 4 characters", "0 to 366 whole days"},
        {"anniversary(create_time, 7)", 25, "a number of 1 character", "0 to 366 whole days"},
        {"anniversary(create_time, 25h)", 25, "a text of 3 characters", "0 to 366 whole days"},
        {"anniversary(create_time, now)", 25, "a text of 3 characters", "0 to 366 whole days"},
        {"a.anniversary(create_time)", 0, "the name anniversary", "anniversary(FIELD)"});
}

/* ---- what a filter leans on ---- */

/* All texts of a filter, each behind a line's end. */
static const char *texts_of(const struct filter *filter, const struct fields *fields) {
    const char *all = "";
    for (size_t i = 0; i < filter->test_count; i++) {
        const struct filter_constant *constant = &filter->tests[i].constant;
        all = arena_format(&arena, "%s%.*s\n", all, (int)constant->text.size,
                           (const char *)constant->text.data);
        for (size_t k = 0; k < constant->piece_count; k++) {
            all = arena_format(&arena, "%s%.*s\n", all, (int)constant->pieces[k].size,
                               (const char *)constant->pieces[k].data);
        }
    }
    for (size_t i = 0; i < filter->clause_count; i++) {
        for (size_t k = 0; k < filter->clauses[i].term_count; k++) {
            all = arena_format(&arena, "%s%s %s\n", all, filter->clauses[i].terms[k].field,
                               filter->clauses[i].terms[k].value);
        }
    }
    for (size_t i = 0; i < fields->count; i++) {
        all = arena_format(&arena, "%s%s\n", all,
                           fields->items[i].name == NULL ? "" : fields->items[i].name);
    }
    return all;
}

/* Segments keep their filters, and let go of all that these were read from. Text that folding
 * leaves as it is, as Arabic, is as much the filter's own as any other. */
Test(filter_compile, it_leans_on_its_own_memory_alone) {
    static const char *const filters[] = {
        "attributes.city = \"جدة\"",
        "attributes.city = \"ال*\"",
        "attributes.city = (\"جدة\" OR 東京)",
        "name = \"سارة محمد\"",
        "name:\"سار*\"",
        "name:\"سارة محمد\"",
        "attributes.job = \"مهندس\"",
        "identity.external_id = \"عميل\"",
        "NOT attributes.city = \"جدة\"",
        "segments.vip = true OR سارة",
        "attributes.city = jeddah",
        "channels.whatsapp >= 2",
    };
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        struct arena kept;
        arena_init(&kept, SIZE_MAX);
        char *text = strdup(filters[i]);
        struct arena scratch;
        arena_init(&scratch, SIZE_MAX);
        struct field_names own = names;
        own.scratch = &scratch;
        own.is_accepted = true;
        struct fields fields = {.arena = &kept};
        struct filter filter;
        struct filter_error error = {.found = "", .expected = ""};
        if (!status_is_ok(filter_compile(text, &own, &fields, &filter, &error))) {
            cr_assert_not_null(strstr(filters[i], "segments"), "%s: %s", filters[i],
                               error.expected);
        } else {
            const char *before = texts_of(&filter, &fields);

            memset(text, '?', strlen(text));
            const size_t size = scratch.used;
            arena_reset(&scratch);
            memset(arena_alloc(&scratch, size), '?', size);

            cr_expect_str_eq(texts_of(&filter, &fields), before, "%s", filters[i]);
        }
        free(text);
        arena_free(&scratch);
        arena_free(&kept);
    }
}
