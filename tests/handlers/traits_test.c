/* ListTraits, CreateTrait, UpdateTrait, DeleteTrait, BackfillTraits, and the values of traits on
 * profiles. Random histories are in traits_properties_test.c. */

#include <math.h>
#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/engine/seeded.h"
#include "tests/handlers/segments.h"
#include "tests/handlers/traits.h"

enum {
    FILTER_SIZE_MAX = 1024, /* Of a trait. */
    ROUNDS_MAX = 100000,
};

TestSuite(traits, .init = ask_open, .fini = ask_close);

static char *text(const char *string) { return (char *)(uintptr_t)string; }

/* ---- what happens ---- */

/* An order of so much, with a coupon, days ago. */
static void order(const char *id, double amount, const char *coupon, int days_ago) {
    Profiled__V1__PropertyValue *value = arena_alloc(&ask_arena, sizeof *value);
    profiled__v1__property_value__init(value);
    value->value_case = PROFILED__V1__PROPERTY_VALUE__VALUE_TEXT;
    value->text = text(coupon);
    Profiled__V1__Interaction *interaction = activity_told(value, 1);
    interaction->activity->amount = amount;
    interaction->activity->currency = text("SAR");
    interaction->occur_time = time_told(ask_now_us() - days_ago * US_PER_DAY);
    record_event(event_by_id(interaction, id));
}

static void say(const char *id, const char *channel, int days_ago) {
    record_event(
        event_by_id(engagement_told("", channel, ask_now_us() - days_ago * US_PER_DAY), id));
}

static Profiled__V1__TraitDefinition *amount_told(const char *name, int aggregation,
                                                  int window_days) {
    Profiled__V1__TraitDefinition *trait =
        trait_told(name, aggregation, FIELD(AMOUNT), window_days);
    trait->filter = text("currency = SAR");
    return trait;
}

static Profiled__V1__TraitDefinition *coupon_told(const char *name, int aggregation,
                                                  int window_days) {
    Profiled__V1__TraitDefinition *trait =
        trait_told(name, aggregation, FIELD(PROPERTY), window_days);
    trait->field_name = text("p0");
    return trait;
}

static void make_all(int window_days) {
    create_trait(trait_told("count", AGGREGATION(COUNT), 0, window_days));
    create_trait(amount_told("sum", AGGREGATION(SUM), window_days));
    create_trait(amount_told("least", AGGREGATION(MIN), window_days));
    create_trait(amount_told("most", AGGREGATION(MAX), window_days));
    create_trait(amount_told("mean", AGGREGATION(AVERAGE), window_days));
    create_trait(coupon_told("first", AGGREGATION(FIRST), window_days));
    create_trait(coupon_told("last", AGGREGATION(LAST), window_days));
    create_trait(coupon_told("frequent", AGGREGATION(MOST_FREQUENT), window_days));
    create_trait(coupon_told("distinct", AGGREGATION(DISTINCT_COUNT), window_days));
}

static void expect_sound(void) { cr_expect_eq(call_verify(ask_fixture), 0); }

/* ---- definitions ---- */

Test(traits, are_listed_by_name_as_they_were_made) {
    cr_expect_eq(list_traits()->n_traits, 0);
    Profiled__V1__TraitDefinition *told = amount_told("spent_30d", AGGREGATION(SUM), 30);
    told->description = text("  What was  ordered ");
    told->filter = text("name:order_placed currency = SAR");
    Profiled__V1__CreateTraitRequest request = PROFILED__V1__CREATE_TRAIT_REQUEST__INIT;
    request.trait = told;
    const Profiled__V1__CreateTraitResponse *made =
        ask_twice(&rpc_schema_service, "CreateTrait", &request.base);
    cr_expect_str_eq(made->trait->description, "What was ordered");
    create_trait(trait_told("contacts", AGGREGATION(COUNT), 0, 0));
    call_reopen(ask_fixture);

    const Profiled__V1__ListTraitsResponse *list = list_traits();
    cr_assert_eq(list->n_traits, 2);
    cr_expect_str_eq(list->traits[0]->name, "contacts");
    cr_expect_str_eq(list->traits[0]->filter, "");
    const Profiled__V1__TraitDefinition *spent = list->traits[1];
    cr_expect_str_eq(spent->name, "spent_30d");
    cr_expect_eq(spent->aggregation, AGGREGATION(SUM));
    cr_expect_eq(spent->field, FIELD(AMOUNT));
    cr_expect_str_eq(spent->filter, "name:order_placed currency = SAR");
    cr_expect_eq(spent->window_days, 30);
    cr_expect(spent->ready, "there is nothing to count");
    cr_expect_eq(spent->create_time->seconds, CALL_START_US / US_PER_SECOND);
    expect_sound();
}

static void expect_bad(Profiled__V1__TraitDefinition *trait, const char *field) {
    Profiled__V1__CreateTraitRequest request = PROFILED__V1__CREATE_TRAIT_REQUEST__INIT;
    request.trait = trait;
    const struct answer *answer = ask_refused(&rpc_schema_service, "CreateTrait", &request.base,
                                              STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, field), "%s", field);
}

Test(traits, bad_fields_are_named) {
    char long_text[130] = "";
    memset(long_text, 'x', sizeof long_text - 1);
    expect_bad(NULL, "trait");
    expect_bad(trait_told("Orders", AGGREGATION(COUNT), 0, 0), "trait.name");
    expect_bad(trait_told("orders", 0, 0, 0), "trait.aggregation");
    expect_bad(trait_told("orders", 10, FIELD(AMOUNT), 0), "trait.aggregation");
    expect_bad(trait_told("orders", AGGREGATION(COUNT), FIELD(AMOUNT), 0), "trait.field");
    expect_bad(trait_told("orders", AGGREGATION(LAST), 0, 0), "trait.field");
    expect_bad(trait_told("orders", AGGREGATION(LAST), 15, 0), "trait.field");
    expect_bad(trait_told("orders", AGGREGATION(SUM), FIELD(CHANNEL), 0), "trait.field");
    expect_bad(trait_told("orders", AGGREGATION(LAST), FIELD(PROPERTY), 0), "trait.field_name");
    expect_bad(trait_told("orders", AGGREGATION(COUNT), 0, -1), "trait.window_days");
    expect_bad(trait_told("orders", AGGREGATION(COUNT), 0, 367), "trait.window_days");
    Profiled__V1__TraitDefinition *trait = coupon_told("orders", AGGREGATION(LAST), 0);
    trait->field_name = long_text;
    expect_bad(trait, "trait.field_name");
    trait = trait_told("orders", AGGREGATION(LAST), FIELD(CHANNEL), 0);
    trait->field_name = text("p0");
    expect_bad(trait, "trait.field_name");
    trait = trait_told("orders", AGGREGATION(COUNT), 0, 0);
    trait->description = long_text;
    expect_bad(trait, "trait.description");
}

static void expect_no_filter(const char *filter, const char *offset, const char *expected,
                             const char *nearest) {
    Profiled__V1__TraitDefinition *trait = trait_told("orders", AGGREGATION(COUNT), 0, 0);
    Profiled__V1__CreateTraitRequest request = PROFILED__V1__CREATE_TRAIT_REQUEST__INIT;
    trait->filter = text(filter);
    request.trait = trait;
    const struct answer *answer = ask_refused(&rpc_schema_service, "CreateTrait", &request.base,
                                              STATUS_INVALID_ARGUMENT, "FILTER_INVALID");
    cr_expect_str_eq(answer_metadata(answer, "offset"), offset, "%s", filter);
    cr_expect_str_eq(answer_metadata(answer, "expected"), expected, "%s", filter);
    if (nearest != NULL) {
        cr_expect_str_eq(answer_metadata(answer, "nearest"), nearest, "%s", filter);
    }
}

Test(traits, a_filter_that_says_nothing_is_refused_with_its_place) {
    expect_no_filter("chanel = email", "0",
                     "a field of interactions, as channel, sentiment or properties.coupon",
                     "channel");
    expect_no_filter("sentiment = positiv", "12", "negative, neutral or positive", "positive");
    expect_no_filter("kind : order", "7", "engagement, survey_response or activity", NULL);
    expect_no_filter("direction != in", "13", "inbound or outbound", NULL);
    expect_no_filter("dialect = egiptian", "10",
                     "one of saudi, khaleji, egyptian, modern_ar, iraqi, shami, maghrebi, white",
                     "egyptian");
    expect_no_filter("currency = sar", "11", "a code of ISO 4217, as SAR", NULL);
    expect_no_filter("amount > many", "9", "a number", NULL);
    expect_no_filter("channel < email", "8", "=, != or : for this field", NULL);
    expect_no_filter("time > now - 30d", "7",
                     "a time as 2026-01-31T12:00:00Z, or a date: traits have windows", NULL);
    expect_no_filter("anniversary(time)", "0", "a field: filters of interactions have no functions",
                     NULL);
    expect_no_filter("properties = x", "11",
                     ": and a name, or a dot and a name, behind a collection", NULL);
    expect_no_filter("channel = email)", "15", "AND, OR or the end", NULL);
}

Test(traits, filters_are_kept_in_canonical_form) {
    Profiled__V1__TraitDefinition *trait = trait_told("orders", AGGREGATION(COUNT), 0, 0);
    trait->filter = text("dialect = \"Modern AR\" OR sub_dialect = \"najdi-SA\" language = ar_sa");
    cr_expect_str_eq(create_trait(trait)->filter,
                     "dialect = modern_ar OR sub_dialect = najdi_sa language = \"ar-SA\"");
}

static void expect_bad_filter(int aggregation, int field, const char *filter) {
    Profiled__V1__TraitDefinition *trait = trait_told("orders", aggregation, field, 0);
    trait->filter = text(filter);
    expect_bad(trait, "trait.filter");
}

Test(traits, what_a_filter_names_is_not_in_clear_in_the_data) {
    Profiled__V1__TraitDefinition *told = trait_told("of_one", AGGREGATION(COUNT), 0, 0);
    told->filter = text("answers.q1 = \"one.alone@example.com\"");
    create_trait(told);
    cr_expect_not(call_data_has(ask_fixture, "one.alone"));
    cr_expect_eq(call_verify(ask_fixture), 0);
    cr_expect_str_eq(list_traits()->traits[0]->filter, "answers.q1 = \"one.alone@example.com\"");
}

Test(traits, amounts_are_of_one_currency) {
    expect_bad_filter(AGGREGATION(SUM), FIELD(AMOUNT), "");
    expect_bad_filter(AGGREGATION(SUM), FIELD(AMOUNT), "currency = SAR OR currency = USD");
    expect_bad_filter(AGGREGATION(SUM), FIELD(AMOUNT), "currency = (SAR OR USD)");
    expect_bad_filter(AGGREGATION(MAX), FIELD(AMOUNT), "currency != USD");
    expect_bad_filter(AGGREGATION(MAX), FIELD(AMOUNT), "NOT currency = USD");
    expect_bad_filter(AGGREGATION(MAX), FIELD(AMOUNT), "currency = S*");
    Profiled__V1__TraitDefinition *trait = trait_told("spent", AGGREGATION(SUM), FIELD(AMOUNT), 0);
    trait->filter = text("(name:order OR name:refund) AND currency:SAR");
    create_trait(trait);
}

Test(traits, filters_are_not_too_long) {
    char filter[FILTER_SIZE_MAX + 8] = "name = ";
    memset(filter + 7, 'x', FILTER_SIZE_MAX);
    expect_bad_filter(AGGREGATION(COUNT), 0, filter);
    filter[FILTER_SIZE_MAX] = '\0';
    Profiled__V1__TraitDefinition *trait = trait_told("orders", AGGREGATION(COUNT), 0, 0);
    trait->filter = filter;
    cr_expect_str_eq(create_trait(trait)->filter, filter);
}

Test(traits, a_name_is_taken_once) {
    create_trait(trait_told("orders", AGGREGATION(COUNT), 0, 0));
    Profiled__V1__CreateTraitRequest request = PROFILED__V1__CREATE_TRAIT_REQUEST__INIT;
    request.trait = trait_told("orders", AGGREGATION(COUNT), 0, 30);
    ask_refused(&rpc_schema_service, "CreateTrait", &request.base, STATUS_ALREADY_EXISTS,
                "TRAIT_EXISTS");
    Profiled__V1__CreateTraitRequest again = PROFILED__V1__CREATE_TRAIT_REQUEST__INIT;
    Profiled__V1__CreateTraitRequest other = PROFILED__V1__CREATE_TRAIT_REQUEST__INIT;
    again.trait = trait_told("visits", AGGREGATION(COUNT), 0, 0);
    other.trait = trait_told("visits", AGGREGATION(COUNT), 0, 1);
    ask_again(&rpc_schema_service, "CreateTrait", &again.base, &other.base);
}

static Profiled__V1__UpdateTraitRequest update_of(Profiled__V1__TraitDefinition *trait,
                                                  const char *path) {
    Profiled__V1__UpdateTraitRequest request = PROFILED__V1__UPDATE_TRAIT_REQUEST__INIT;
    request.trait = trait;
    request.update_mask = mask_told(path);
    return request;
}

Test(traits, what_is_said_of_one_changes_and_nothing_else) {
    create_trait(trait_told("contacts", AGGREGATION(COUNT), 0, 30));
    const char *id = create(TOLD(.name = "Noura"))->id;
    say(id, "email", 3);
    Profiled__V1__TraitDefinition *trait = trait_told("contacts", AGGREGATION(SUM), 0, 7);
    trait->description = text(" Messages of a month ");
    Profiled__V1__UpdateTraitRequest request = update_of(trait, "description");

    const Profiled__V1__UpdateTraitResponse *response =
        ask_twice(&rpc_schema_service, "UpdateTrait", &request.base);

    cr_expect_str_eq(response->trait->description, "Messages of a month");
    cr_expect_eq(response->trait->aggregation, AGGREGATION(COUNT));
    cr_expect_eq(response->trait->window_days, 30);
    cr_expect_str_eq(list_traits()->traits[0]->description, "Messages of a month");
    cr_expect_eq(trait_number(id, "contacts"), 1);
    trait->description = text("");
    request = update_of(trait, "description");
    response = ask(&rpc_schema_service, "UpdateTrait", &request.base);
    cr_expect_str_eq(response->trait->description, "");
    expect_sound();
}

Test(traits, what_one_computes_never_changes) {
    static const char *const paths[] = {"filter", "filter.channel", "window_days", "aggregation",
                                        "field",  "field_name",     "name",        "*"};
    create_trait(trait_told("contacts", AGGREGATION(COUNT), 0, 30));
    Profiled__V1__TraitDefinition *trait = trait_told("contacts", AGGREGATION(COUNT), 0, 7);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        const Profiled__V1__UpdateTraitRequest request = update_of(trait, paths[i]);
        const char *wrong =
            answer_violation(ask_refused(&rpc_schema_service, "UpdateTrait", &request.base,
                                         STATUS_INVALID_ARGUMENT, "FIELD_INVALID"),
                             "update_mask.paths[0]");
        cr_assert_not_null(wrong, "%s", paths[i]);
        cr_expect_eq(strcmp(wrong, "never changes: make another trait") == 0, i < 6);
    }
    trait->description = text("two\nlines");
    Profiled__V1__UpdateTraitRequest request = update_of(trait, "description");
    ask_refused(&rpc_schema_service, "UpdateTrait", &request.base, STATUS_INVALID_ARGUMENT,
                "FIELD_INVALID");
    trait->description = text("");
    trait->name = text("orders");
    ask_refused(&rpc_schema_service, "UpdateTrait", &request.base, STATUS_NOT_FOUND,
                "TRAIT_NOT_FOUND");
    trait->name = text("contacts");
    ask_refused_elsewhere(&rpc_schema_service, "UpdateTrait", &request.base, STATUS_NOT_FOUND,
                          "TRAIT_NOT_FOUND");
}

Test(traits, there_are_fifty_at_most) {
    for (int i = 0; i < 50; i++) {
        create_trait(trait_told(arena_format(&ask_arena, "t%d", i), AGGREGATION(COUNT), 0, i % 3));
    }
    Profiled__V1__CreateTraitRequest request = PROFILED__V1__CREATE_TRAIT_REQUEST__INIT;
    request.trait = trait_told("more", AGGREGATION(COUNT), 0, 0);
    ask_refused(&rpc_schema_service, "CreateTrait", &request.base, STATUS_FAILED_PRECONDITION,
                "RULES_INVALID");
    delete_trait("t7");
    create_trait(trait_told("more", AGGREGATION(COUNT), 0, 0));
    cr_expect_eq(list_traits()->n_traits, 50);
}

Test(traits, are_of_one_workspace) {
    create_trait(trait_told("orders", AGGREGATION(COUNT), 0, 0));
    ask_in("other");
    cr_expect_eq(list_traits()->n_traits, 0);
    Profiled__V1__DeleteTraitRequest request = PROFILED__V1__DELETE_TRAIT_REQUEST__INIT;
    request.name = text("orders");
    ask_refused_elsewhere(&rpc_schema_service, "DeleteTrait", &request.base, STATUS_NOT_FOUND,
                          "TRAIT_NOT_FOUND");
}

Test(traits, a_deleted_one_is_gone_and_a_new_one_of_its_name_begins_anew) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    create_trait(trait_told("contacts", AGGREGATION(COUNT), 0, 30));
    say(id, "email", 0);
    Profiled__V1__DeleteTraitRequest request = PROFILED__V1__DELETE_TRAIT_REQUEST__INIT;
    ask_refused(&rpc_schema_service, "DeleteTrait", &request.base, STATUS_INVALID_ARGUMENT,
                "FIELD_INVALID");
    request.name = text("contacts");
    ask_twice(&rpc_schema_service, "DeleteTrait", &request.base);
    ask_refused(&rpc_schema_service, "DeleteTrait", &request.base, STATUS_NOT_FOUND,
                "TRAIT_NOT_FOUND");

    cr_expect_eq(get(id)->n_traits, 0);
    create_trait(trait_told("contacts", AGGREGATION(COUNT), 0, 0));
    cr_expect_eq(trait_number(id, "contacts"), 0);
    expect_sound(); /* It opens the store anew, which sweeps. */
    say(id, "email", 0);
    expect_sound();
    backfill_traits(0);
    cr_expect_eq(trait_number(id, "contacts"), 2);
}

/* ---- values ---- */

Test(traits, are_what_the_interactions_come_to) {
    make_all(0);
    const char *id = create(TOLD(.name = "Noura"))->id;
    order(id, 10.10, "spring", 400);
    order(id, 20.20, "summer", 2);
    order(id, -5.05, "spring", 90);
    say(id, "email", 1);

    cr_expect_eq(trait_number(id, "count"), 4);
    cr_expect_eq(trait_number(id, "sum"), 25.25, "in millionths");
    cr_expect_eq(trait_number(id, "least"), -5.05);
    cr_expect_eq(trait_number(id, "most"), 20.20);
    cr_expect_float_eq(trait_number(id, "mean"), 25.25 / 3, 1e-12);
    cr_expect_str_eq(trait_text(id, "first"), "spring");
    cr_expect_str_eq(trait_text(id, "last"), "summer");
    cr_expect_str_eq(trait_text(id, "frequent"), "spring");
    cr_expect_eq(trait_number(id, "distinct"), 2);
    const Profiled__V1__TraitValue *last = trait_in(get(id), "last");
    cr_expect_eq(last->count, 3);
    cr_expect_eq(last->occur_time->seconds, (ask_now_us() - 2 * US_PER_DAY) / US_PER_SECOND);
    cr_expect_not(last->backfilling);
    cr_expect_eq(last->left_out_count, 0);
    cr_expect_not(last->text_cut);
    cr_expect_eq(trait_in(get(id), "frequent")->count, 2);
    expect_sound();
}

/* As lists of ids have it. */
static const char *spaced(const char *id) { return arena_format(&ask_arena, " %s", id); }

/* Also where no double is what a sum by so many is. */
Test(traits, are_the_nearest_number_and_found_by_it) {
    create_trait(amount_told("sum", AGGREGATION(SUM), 0));
    create_trait(amount_told("mean", AGGREGATION(AVERAGE), 0));
    const char *one = create(TOLD(.name = "Noura"))->id;
    order(one, -0.3, "spring", 1);
    const char *other = create(TOLD(.name = "Huda"))->id;
    order(other, 0.1, "spring", 1);
    order(other, 0.2, "spring", 2);
    order(other, 0, "spring", 3);

    create_segment("refunded", "traits.sum = -0.3");
    (void)ready_segment("refunded");
    cr_expect_eq(trait_number(one, "sum"), -0.3);
    cr_expect_eq(trait_number(one, "mean"), -0.3);
    cr_expect_eq(trait_number(other, "sum"), 0.3);
    cr_expect_eq(trait_number(other, "mean"), 0.1);
    cr_expect_str_eq(ids_found_by("traits.sum = -0.3"), spaced(one));
    cr_expect_str_eq(ids_found_by("traits.sum <= 0.3 AND traits.mean = 0.1"), spaced(other));
    cr_expect_str_eq(members_of("refunded"), spaced(one));
    expect_sound();
}

static void expect_great(const char *id, double sum, int64_t left_out) {
    cr_expect_eq(trait_number(id, "sum"), sum);
    cr_expect_eq(trait_in(get(id), "sum")->left_out_count, left_out);
    cr_expect_eq(trait_in(get(id), "mean")->left_out_count, left_out);
    cr_expect_eq(trait_in(get(id), "least")->left_out_count, 0);
    cr_expect_eq(trait_in(get(id), "most")->left_out_count, 0);
    expect_sound();
}

/* What sums leave out they count, the least and the greatest take all. */
static void expect_great_numbers(int window_days) {
    make_all(window_days);
    const char *id = create(TOLD(.name = "Noura"))->id;
    order(id, 5e11, "spring", 3);
    order(id, 2e12, "spring", 3);
    order(id, -7e300, "spring", 2);
    order(id, 1e12, "spring", 1);
    expect_great(id, 1.5e12, 2);
    cr_expect_eq(trait_number(id, "mean"), 0.75e12);
    cr_expect_eq(trait_in(get(id), "mean")->count, 2);
    cr_expect_eq(trait_number(id, "least"), -7e300);
    cr_expect_eq(trait_number(id, "most"), 2e12);
    call_reopen(ask_fixture);
    expect_great(id, 1.5e12, 2);
    const char *other = create(TOLD(.name = "Huda"))->id;
    order(other, 3e13, "spring", 0);
    expect_great(other, 0, 1);
    cr_expect(isnan(trait_number(other, "mean")));
    (void)merge_two(id, other);
    expect_great(id, 1.5e12, 3);
    cr_expect_eq(trait_number(id, "most"), 3e13);
}

Test(traits, count_what_is_too_great_to_be_added) { expect_great_numbers(0); }

Test(traits, with_a_window_forget_what_was_too_great) {
    expect_great_numbers(4);
    const char *id = create(TOLD(.name = "Mona"))->id;
    order(id, 2e12, "spring", 3);
    order(id, 3e12, "spring", 2);
    order(id, 7, "spring", 2);
    expect_great(id, 7, 2);
    ask_wait_us(US_PER_DAY);
    expect_great(id, 7, 1);
    ask_wait_us(US_PER_DAY);
    expect_great(id, 0, 0);
}

Test(traits, of_nobody_who_did_anything_are_nothing) {
    make_all(30);
    const char *id = create(TOLD(.name = "Noura"))->id;
    cr_expect_eq(get(id)->n_traits, 9);
    cr_expect_eq(trait_number(id, "count"), 0);
    cr_expect_eq(trait_number(id, "sum"), 0);
    cr_expect_eq(trait_number(id, "distinct"), 0);
    cr_expect(isnan(trait_number(id, "least")));
    cr_expect(isnan(trait_number(id, "mean")));
    cr_expect_str_eq(trait_text(id, "last"), "");
    cr_expect_null(trait_in(get(id), "last")->occur_time);
    cr_expect_str_eq(trait_text(id, "frequent"), "");
}

Test(traits, with_a_window_are_exact_when_the_clock_is_set_back) {
    make_all(30);
    const char *id = create(TOLD(.name = "Noura"))->id;
    order(id, 1, "spring", 45);
    order(id, 2, "summer", 10);
    cr_expect_eq(trait_number(id, "sum"), 2);

    ask_wait_us(-40 * US_PER_DAY); /* Before both, one of which came too late. */
    call_sweep(ask_fixture);
    cr_expect_eq(trait_number(id, "sum"), 3);
    cr_expect_str_eq(trait_text(id, "first"), "spring");
    expect_sound();

    ask_wait_us(800 * US_PER_DAY);
    call_sweep(ask_fixture);
    order(id, 4, "winter", 0);
    cr_expect_eq(trait_number(id, "sum"), 4);

    ask_wait_us(-760 * US_PER_DAY);
    call_sweep(ask_fixture);
    cr_expect_not(trait_in(get(id), "sum")->backfilling);
    cr_expect_eq(trait_number(id, "sum"), 6);
    order(id, 8, "spring", 29);
    cr_expect_eq(trait_number(id, "sum"), 14);
    expect_sound();
}

Test(traits, with_a_window_forget_with_time_alone) {
    make_all(30);
    const char *id = create(TOLD(.name = "Noura"))->id;
    order(id, 1, "spring", 30);
    order(id, 2, "spring", 29);
    order(id, 4, "spring", 20);
    order(id, 8, "summer", 0);
    order(id, 16, "winter", -1);

    cr_expect_eq(trait_number(id, "count"), 4);
    cr_expect_eq(trait_number(id, "sum"), 30);
    cr_expect_eq(trait_number(id, "least"), 2);
    cr_expect_str_eq(trait_text(id, "frequent"), "spring");
    ask_wait_us(US_PER_DAY);
    cr_expect_eq(trait_number(id, "sum"), 28);
    cr_expect_str_eq(trait_text(id, "first"), "spring");
    expect_sound();
    ask_wait_us(9 * US_PER_DAY);
    cr_expect_eq(trait_number(id, "sum"), 24);
    cr_expect_str_eq(trait_text(id, "first"), "summer");
    cr_expect_str_eq(trait_text(id, "frequent"), "summer", "of two the first in order");
    cr_expect_eq(trait_number(id, "distinct"), 2);
    expect_sound();
    ask_wait_us(21 * US_PER_DAY);
    cr_expect_eq(trait_number(id, "count"), 0);
    cr_expect(isnan(trait_number(id, "mean")));
    expect_sound();
    order(id, 32, "spring", 29);
    order(id, 64, "spring", 300);
    cr_expect_eq(trait_number(id, "sum"), 32);
    expect_sound();
}

Test(traits, take_what_their_filter_says) {
    Profiled__V1__TraitDefinition *trait = trait_told("complaints", AGGREGATION(COUNT), 0, 0);
    trait->filter = text("kind:engagement theme:complaint sub_theme:delivery sentiment:negative "
                         "direction:inbound channel:EMAIL source:inbox");
    create_trait(trait);
    const char *id = create(TOLD(.name = "Noura"))->id;
    for (int i = 0; i < 8; i++) {
        Profiled__V1__Interaction *interaction =
            engagement_told("", i == 1 ? "twitter" : "email", 0);
        interaction->engagement->theme = text(i == 2 ? "praise" : "complaint");
        interaction->engagement->sub_theme = text(i == 3 ? "price" : "delivery");
        interaction->engagement->sentiment = i == 4 ? PROFILED__V1__SENTIMENT__SENTIMENT_NEUTRAL
                                                    : PROFILED__V1__SENTIMENT__SENTIMENT_NEGATIVE;
        interaction->engagement->direction = i == 5 ? PROFILED__V1__DIRECTION__DIRECTION_OUTBOUND
                                                    : PROFILED__V1__DIRECTION__DIRECTION_INBOUND;
        interaction->source = text(i == 6 ? "chat" : "inbox");
        record_event(event_by_id(interaction, id));
    }
    cr_expect_eq(trait_number(id, "complaints"), 2);
}

Test(traits, are_of_answers_too) {
    Profiled__V1__TraitDefinition *trait =
        trait_told("nps", AGGREGATION(AVERAGE), FIELD(ANSWER), 90);
    trait->field_name = text("q1");
    trait->filter = text("name = delivery");
    create_trait(trait);
    const char *id = create(TOLD(.name = "Noura"))->id;
    for (int i = 0; i < 3; i++) {
        Profiled__V1__SurveyAnswer *answer = arena_alloc(&ask_arena, sizeof *answer);
        profiled__v1__survey_answer__init(answer);
        answer->question_id = text(i == 2 ? "q2" : "q1");
        answer->answer_case = PROFILED__V1__SURVEY_ANSWER__ANSWER_NPS;
        answer->nps = 5 + 2 * i;
        record_event(event_by_id(answers_told(answer, 1), id));
    }
    cr_expect_eq(trait_number(id, "nps"), 6);
}

Test(traits, of_those_who_are_merged_are_of_both_and_of_each_again) {
    make_all(30);
    const char *one =
        create(TOLD(.name = "Noura", .identities = {ID("email", "n@example.com")}))->id;
    const char *other = create(TOLD(.name = "Noura", .identities = {ID("twitter", "noura_x")}))->id;
    order(one, 1, "spring", 3);
    order(one, 2, "spring", 1);
    order(other, 4, "summer", 3);
    const char *merge = merge_two(one, other);
    order(other, 8, "summer", 2);
    order(one, 16, "autumn", 0);

    cr_expect_eq(trait_number(other, "sum"), 31);
    cr_expect_eq(trait_number(one, "distinct"), 3);
    cr_expect_str_eq(trait_text(one, "frequent"), "spring");
    cr_expect_str_eq(trait_text(one, "last"), "autumn");
    expect_sound();
    Profiled__V1__UnmergeProfilesRequest request = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
    request.merge_id = text(merge);
    (void)ask(&rpc_identity_service, "UnmergeProfiles", &request.base);
    cr_expect_eq(trait_number(one, "sum"), 19);
    cr_expect_eq(trait_number(other, "sum"), 12);
    cr_expect_str_eq(trait_text(other, "last"), "summer");
    expect_sound();
}

/* Days go by, and the store is swept, which it is when it is opened: before the second write. */
static void wait_and_sweep(int days) {
    ask_wait_us(days * US_PER_DAY);
    call_reopen(ask_fixture);
    (void)create(TOLD(.name = "Huda"));
}

/* What is over the limit is said; with time it is whole again. */
Test(traits, with_more_values_than_are_kept_apart_say_so) {
    create_trait(coupon_told("distinct", AGGREGATION(DISTINCT_COUNT), 10));
    const char *id = create(TOLD(.name = "Noura"))->id;
    for (int i = 0; i < 505; i++) {
        order(id, 1, arena_format(&ask_arena, "c%d", i), i < 10 ? 5 : 2);
    }
    cr_expect_eq(trait_number(id, "distinct"), 500);
    cr_expect_eq(trait_in(get(id), "distinct")->left_out_count, 5);
    expect_sound();
    wait_and_sweep(7);
    order(id, 1, "c0", 0);
    cr_expect_eq(trait_number(id, "distinct"), 496, "there is room for those that were left out");
    cr_expect_eq(trait_in(get(id), "distinct")->left_out_count, 0);
    expect_sound();
    wait_and_sweep(1);
    cr_expect_eq(trait_number(id, "distinct"), 1);
    cr_expect_eq(trait_in(get(id), "distinct")->left_out_count, 0);
    expect_sound();
}

enum { CODES = 2000, CODE_WINDOW_DAYS = 10 };

/* How many of the codes were told in the window; `days` has the last day of each, -1 for none. */
static int codes_in_window(const int days[CODES], int today) {
    int count = 0;
    for (int i = 0; i < CODES; i++) {
        count += days[i] >= 0 && days[i] > today - CODE_WINDOW_DAYS;
    }
    return count;
}

static void tell_codes(const char *id, struct seeded *rolls, int today, int days[CODES]) {
    for (size_t i = seeded_below(rolls, 400); i > 0; i--) {
        const int code = (int)seeded_below(rolls, CODES);
        const int ago = (int)seeded_below(rolls, today < 4 ? (size_t)today + 1 : 4);
        order(id, 1, arena_format(&ask_arena, "c%d", code), ago);
        days[code] = today - ago > days[code] ? today - ago : days[code];
    }
}

/* Whatever there was no room for: it counts once the window has slid to where there is. */
Test(traits, with_more_values_than_are_kept_apart_recover) {
    static int days[CODES];
    struct seeded rolls = {.state = 7};
    bool recovered = false;
    memset(days, -1, sizeof days);
    create_trait(coupon_told("distinct", AGGREGATION(DISTINCT_COUNT), CODE_WINDOW_DAYS));
    create_segment("many", "traits.distinct > 300");
    const char *id = create(TOLD(.name = "Noura"))->id;
    int today = 0;
    for (int round = 0; round < 10; round++) {
        tell_codes(id, &rolls, today, days);
        const bool was_left_out = trait_in(get(id), "distinct")->left_out_count > 0;
        const int step = 1 + (int)seeded_below(&rolls, 4);
        ask_wait_us(step * US_PER_DAY);
        call_sweep(ask_fixture);
        today += step;

        const Profiled__V1__TraitValue *value = trait_in(get(id), "distinct");
        const int wanted = codes_in_window(days, today);
        cr_assert_eq((int)value->number, wanted < 500 ? wanted : 500,
                     "round %d: %d of %d, %d left out", round, (int)value->number, wanted,
                     (int)value->left_out_count);
        cr_assert_eq(value->left_out_count > 0, wanted > 500, "round %d", round);
        recovered = recovered || (was_left_out && value->left_out_count == 0);
    }
    cr_expect(recovered);
    expect_sound();
}

/* Twenty values on each of a hundred days are twenty values. */
Test(traits, keep_values_apart_however_many_days_tell_them) {
    enum { DAYS = 100, VALUES = 20 };
    create_trait(coupon_told("distinct", AGGREGATION(DISTINCT_COUNT), 366));
    create_trait(coupon_told("frequent", AGGREGATION(MOST_FREQUENT), 366));
    const char *id = create(TOLD(.name = "Noura"))->id;
    for (int i = 0; i < DAYS * VALUES; i++) {
        order(id, 1, arena_format(&ask_arena, "c%02d", i % VALUES), i / VALUES);
    }
    order(id, 1, "c07", 300);
    cr_expect_eq(trait_number(id, "distinct"), VALUES);
    cr_expect_str_eq(trait_text(id, "frequent"), "c07");
    cr_expect_eq(trait_in(get(id), "frequent")->count, DAYS + 1);
    cr_expect_eq(trait_in(get(id), "distinct")->left_out_count, 0);
    wait_and_sweep(66);
    cr_expect_str_eq(trait_text(id, "frequent"), "c00");
    cr_expect_eq(trait_in(get(id), "frequent")->count, DAYS);
    expect_sound();
}

/* Texts that begin alike are others, and a text that is told in part says so. */
Test(traits, tell_long_texts_apart_and_say_that_they_are_cut) {
    char one[200];
    char other[200];
    memset(one, 'x', sizeof one);
    memset(other, 'x', sizeof other);
    one[198] = 'a';
    one[199] = other[199] = '\0';
    create_trait(coupon_told("distinct", AGGREGATION(DISTINCT_COUNT), 30));
    create_trait(coupon_told("frequent", AGGREGATION(MOST_FREQUENT), 0));
    const char *id = create(TOLD(.name = "Noura"))->id;
    order(id, 1, one, 2);
    order(id, 1, other, 2);
    order(id, 1, one, 1);

    cr_expect_eq(trait_number(id, "distinct"), 2);
    const Profiled__V1__TraitValue *frequent = trait_in(get(id), "frequent");
    cr_expect_eq(frequent->count, 2);
    cr_expect_eq(strlen(frequent->text), 128);
    cr_expect(frequent->text_cut);
    expect_sound();
}

/* Keeps activities for so many days, and removes those that are past it. */
static void keep_for(int days) {
    Profiled__V1__Retention retention = PROFILED__V1__RETENTION__INIT;
    retention.activity_days = days;
    Profiled__V1__UpdateRetentionRequest request = PROFILED__V1__UPDATE_RETENTION_REQUEST__INIT;
    request.retention = &retention;
    request.update_mask = mask_told("activity_days");
    (void)ask(&rpc_interaction_service, "UpdateRetention", &request.base);
    call_sweep(ask_fixture);
}

Test(traits, forget_what_is_no_longer_kept) {
    make_all(0);
    const char *id = create(TOLD(.name = "Noura"))->id;
    order(id, 1, "spring", 50);
    order(id, 64, "spring", 40);
    order(id, 16, "summer", 30);
    order(id, 2, "summer", 20);
    order(id, 8, "autumn", 10);
    cr_expect_str_eq(trait_text(id, "first"), "spring");
    cr_expect_eq(trait_number(id, "most"), 64);

    keep_for(25);
    cr_expect_eq(trait_number(id, "count"), 2);
    cr_expect_eq(trait_number(id, "sum"), 10);
    cr_expect_eq(trait_number(id, "mean"), 5);
    cr_expect_eq(trait_number(id, "least"), 2);
    cr_expect_eq(trait_number(id, "most"), 8);
    cr_expect_str_eq(trait_text(id, "first"), "summer");
    cr_expect_str_eq(trait_text(id, "frequent"), "autumn");
    cr_expect_eq(trait_number(id, "distinct"), 2);
    expect_sound();
    keep_for(15);
    cr_expect_eq(trait_number(id, "least"), 8);
    cr_expect_str_eq(trait_text(id, "last"), "autumn");
    keep_for(1);
    cr_expect_eq(trait_number(id, "count"), 0);
    cr_expect_str_eq(trait_text(id, "last"), "");
    expect_sound();
}

/* ---- the backfill ---- */

Test(traits, what_was_recorded_before_is_counted_once) {
    const char *one = create(TOLD(.name = "Noura"))->id;
    const char *other = create(TOLD(.name = "Sara"))->id;
    for (int i = 0; i < 7; i++) {
        order(i % 2 == 0 ? one : other, i + 1, "spring", 20 - i);
    }
    order(one, 100, "spring", 50);
    const Profiled__V1__TraitDefinition *all =
        create_trait(amount_told("all", AGGREGATION(SUM), 0));
    cr_expect_not(all->ready);
    cr_expect_eq(all->interaction_count, 8);
    create_trait(amount_told("latest", AGGREGATION(SUM), 18));
    cr_expect(trait_in(get(one), "all")->backfilling);

    Profiled__V1__BackfillTraitsRequest request = PROFILED__V1__BACKFILL_TRAITS_REQUEST__INIT;
    request.max_interactions = 3;
    const Profiled__V1__BackfillTraitsResponse *page =
        ask_twice(&rpc_schema_service, "BackfillTraits", &request.base);
    cr_expect_not(page->done);
    cr_expect_eq(page->looked_at_count, 3);
    cr_assert_eq(page->n_traits, 2);
    cr_expect_eq(page->traits[0]->looked_at_count, 3);
    cr_expect_eq(trait_number(one, "all"), 101);
    cr_expect_eq(trait_number(one, "latest"), 0);
    expect_sound();                 /* In the middle, and after a restart. */
    order(one, 1000, "spring", 60); /* Before the place, and behind it. */
    order(one, 10000, "spring", 0);
    cr_expect_eq(trait_number(one, "all"), 1101);
    for (int i = 0; i < 3; i++) {
        page = backfill_traits(2);
        expect_sound();
    }
    cr_expect(page->done);
    cr_expect_eq(page->n_traits, 2);
    cr_expect(page->traits[0]->ready);
    cr_expect_eq(trait_number(one, "all"), 11116);
    cr_expect_eq(trait_number(other, "all"), 12);
    cr_expect_eq(trait_number(one, "latest"), 10015 - 3);
    cr_expect_eq(trait_number(other, "latest"), 12 - 2);
    cr_expect_not(trait_in(get(one), "all")->backfilling);
    page = backfill_traits(0);
    cr_expect(page->done);
    cr_expect_eq(page->looked_at_count, 0);
    cr_expect_eq(page->n_traits, 0);
    order(one, 1, "spring", 0);
    cr_expect_eq(trait_number(one, "all"), 11117);
}

/* Waits until all are. */
static void wait_until_ready(void) {
    const Profiled__V1__ListTraitsResponse *list = list_traits();
    for (size_t i = 0, ready = 0; ready < list->n_traits; i++) {
        cr_assert_lt(i, ROUNDS_MAX, "the traits do not get ready");
        ready = 0;
        list = list_traits();
        for (size_t k = 0; k < list->n_traits; k++) {
            ready += list->traits[k]->ready ? 1 : 0;
        }
    }
}

Test(traits, a_backfill_goes_on_by_itself_and_after_a_restart) {
    enum { COUNT = 30 };
    const char *id = create(TOLD(.name = "Noura"))->id;
    for (int i = 0; i < COUNT; i++) {
        order(id, 1, "spring", i);
    }
    call_backfill_set(ask_fixture, 1);
    call_reopen(ask_fixture);

    cr_expect_not(create_trait(amount_told("all", AGGREGATION(SUM), 0))->ready);
    create_segment("buyers", "traits.all >= 30");
    call_reopen(ask_fixture); /* Mostly in the middle. */
    order(id, 10, "spring", 0);
    wait_until_ready();
    create_trait(amount_told("latest", AGGREGATION(SUM), 10));
    wait_until_ready();

    cr_expect_eq(trait_number(id, "all"), COUNT + 10);
    cr_expect_eq(trait_number(id, "latest"), 20);
    cr_expect_eq(list_traits()->traits[1]->looked_at_count, COUNT + 1);
    ready_segment("buyers");
    cr_expect(is_member("buyers", id));
    cr_expect(backfill_traits(0)->done);
    expect_sound();
}

Test(traits, a_backfill_names_its_bad_field) {
    Profiled__V1__BackfillTraitsRequest request = PROFILED__V1__BACKFILL_TRAITS_REQUEST__INIT;
    request.max_interactions = 1001;
    const struct answer *answer = ask_refused(&rpc_schema_service, "BackfillTraits", &request.base,
                                              STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_str_eq(answer_violation(answer, "max_interactions"),
                     "must be 1 to 1,000, or 0 for 500");
}

Test(traits, one_that_a_segment_asks_for_is_kept) {
    create_trait(trait_told("orders", AGGREGATION(COUNT), 0, 30));
    create_segment("buyers", "traits.orders >= 2");
    ready_segment("buyers");
    Profiled__V1__DeleteTraitRequest request = PROFILED__V1__DELETE_TRAIT_REQUEST__INIT;
    request.name = text("orders");

    const struct answer *answer = ask_refused(&rpc_schema_service, "DeleteTrait", &request.base,
                                              STATUS_FAILED_PRECONDITION, "TRAIT_IN_USE");
    cr_expect_str_eq(answer_metadata(answer, "segment"), "buyers");

    /* The filter of before asks for it as long as those behind the place are judged by it. */
    update_segment("buyers", "interaction_count >= 2", 0);
    ready_segment("buyers");
    ask(&rpc_schema_service, "DeleteTrait", &request.base);
    expect_sound();
}
