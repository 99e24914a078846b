/* ListProfiles: order, pages, filters. */

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "server/base/limits.h"
#include "tests/handlers/definitions.h"
#include "tests/handlers/segments.h"

TestSuite(list_profiles, .init = ask_open, .fini = ask_close);

static Profiled__V1__ListProfilesRequest request_of(const char *filter, const char *order_by) {
    Profiled__V1__ListProfilesRequest request = PROFILED__V1__LIST_PROFILES_REQUEST__INIT;
    request.filter = (char *)(uintptr_t)filter;
    request.order_by = (char *)(uintptr_t)order_by;
    return request;
}

/* The names on all pages, each behind a space; *pages tells how many there were. */
static const char *names(Profiled__V1__ListProfilesRequest request, size_t *pages) {
    const char *all = "";
    for (*pages = 1;; ++*pages) {
        const Profiled__V1__ListProfilesResponse *page =
            ask(&rpc_profile_service, "ListProfiles", &request.base);
        for (size_t i = 0; i < page->n_profiles; i++) {
            all = arena_format(&ask_arena, "%s %s", all, page->profiles[i]->name);
        }
        if (page->next_page_token[0] == '\0') {
            return all;
        }
        cr_assert_lt(*pages, 100);
        request.page_token = page->next_page_token;
    }
}

static const char *listed(const char *filter, const char *order_by) {
    size_t pages = 0;
    return names(request_of(filter, order_by), &pages);
}

static void make_people(void) {
    static const char *const people[] = {"A", "B", "C", "D", "E"};
    for (size_t i = 0; i < 5; i++) {
        create(TOLD(.name = people[i], .identities = {ID("external_id", people[i])},
                    .attributes = {ATTRIBUTE("country", i % 2 == 0 ? "SA" : "EG")}));
        ask_wait_us(US_PER_SECOND);
    }
    /* B is written last. */
    resolve(TOLD(.identities = {ID("external_id", "B")}, .attributes = {ATTRIBUTE("job", "x")}));
}

Test(list_profiles, in_every_order) {
    make_people();
    cr_expect_str_eq(listed("", ""), " A B C D E");
    cr_expect_str_eq(listed("", "create_time"), " A B C D E");
    cr_expect_str_eq(listed("", "create_time desc"), " E D C B A");
    cr_expect_str_eq(listed("", "  create_time   desc "), " E D C B A", "blanks say nothing");
    cr_expect_str_eq(listed("", "update_time"), " A C D E B");
    cr_expect_str_eq(listed("", "update_time desc"), " B E D C A");
    cr_expect_str_eq(listed("attributes.country = SA", "create_time desc"), " E C A");
    cr_expect_str_eq(listed("attributes.country = EG", "update_time"), " D B");
    cr_expect_str_eq(listed("attributes.country = EG", "update_time desc"), " B D");
}

Test(list_profiles, pages_hold_each_profile_once) {
    make_people();
    static const char *const orders[] = {"", "create_time desc", "update_time", "update_time desc"};
    for (size_t i = 0; i < 4; i++) {
        for (int size = 1; size <= 6; size++) {
            size_t pages = 0;
            Profiled__V1__ListProfilesRequest request = request_of("", orders[i]);
            request.page_size = size;
            cr_expect_str_eq(names(request, &pages), listed("", orders[i]), "size %d", size);
            cr_expect_geq(pages, (size_t)((5 + size - 1) / size));
            request.filter = (char *)(uintptr_t) "attributes.country=\"SA\"";
            cr_expect_str_eq(names(request, &pages), listed("attributes.country=\"SA\"", orders[i]),
                             "size %d", size);
        }
    }
}

/* Rows and profiles share the time that a view has. */
Test(list_profiles, a_page_comes_short_when_its_time_is_over_and_the_next_goes_on) {
    static const char *const orders[] = {"", "create_time desc", "update_time", "update_time desc"};
    make_people();
    resolve(TOLD(.name = "G", .identities = {ID("email", "g@example.com")}));
    resolve(TOLD(.identities = {ID("email", "g@example.com"), ID("external_id", "C")}));
    for (size_t i = 0; i < 4; i++) {
        for (int64_t looks = 1; looks <= 12; looks++) {
            const char *all = listed("", orders[i]);
            size_t pages = 0;
            call_step_set(US_PER_SECOND / looks);

            cr_expect_str_eq(names(request_of("", orders[i]), &pages), all, "%s", orders[i]);

            call_step_set(0);
            cr_expect(looks > 5 || pages > 1);
            cr_expect(looks > 1 || pages > 5, "one at a time");
        }
    }
}

Test(list_profiles, what_is_made_between_two_pages_is_neither_lost_nor_doubled) {
    make_people();
    Profiled__V1__ListProfilesRequest request = request_of("", "");
    request.page_size = 2;
    const Profiled__V1__ListProfilesResponse *page =
        ask(&rpc_profile_service, "ListProfiles", &request.base);
    create(TOLD(.name = "F"));
    request.page_token = page->next_page_token;
    size_t pages = 0;
    cr_expect_str_eq(names(request, &pages), " C D E F");
}

Test(list_profiles, the_deleted_are_listed_where_asked_for_the_merged_never) {
    make_people();
    Profiled__V1__DeleteProfileRequest deletion = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    deletion.id = lookup("external_id", "C")->id;
    ask(&rpc_profile_service, "DeleteProfile", &deletion.base);
    resolve(TOLD(.name = "G", .identities = {ID("email", "g@example.com")}));
    resolve(TOLD(.identities = {ID("email", "g@example.com"), ID("external_id", "A")}));

    cr_expect_str_eq(listed("", ""), " G B D E");
    Profiled__V1__ListProfilesRequest request = request_of("", "");
    request.show_deleted = true;
    size_t pages = 0;
    cr_expect_str_eq(names(request, &pages), " G B C D E");
    request.filter = (char *)(uintptr_t) "name:C";
    const struct answer *answer = ask_refused(&rpc_profile_service, "ListProfiles", &request.base,
                                              STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "show_deleted"));
}

Test(list_profiles, names_are_found_in_any_order_script_and_dress) {
    create(TOLD(.name = "أحمد بن محمد القحطاني"));
    create(TOLD(.name = "José Núñez García"));
    create(TOLD(.name = "O'Neil Strauß"));

    static const struct {
        const char *filter;
        const char *found;
    } searches[] = {
        {"name:\"القحطاني احمد\"", " أحمد بن محمد القحطاني"},
        {"name:\"أَحْمَد\"", " أحمد بن محمد القحطاني"},
        {"name:محمد AND name:بن", " أحمد بن محمد القحطاني"},
        {"name:\"GARCIA jose\"", " José Núñez García"},
        {"name:nunez", " José Núñez García"},
        {"name:\"strauss oneil\"", " O'Neil Strauß"},
        {"name:\"jose strauss\"", ""},
        {"name:jos", ""},
    };
    for (size_t i = 0; i < sizeof searches / sizeof *searches; i++) {
        cr_expect_str_eq(listed(searches[i].filter, ""), searches[i].found, "%s",
                         searches[i].filter);
    }
}

Test(list_profiles, attributes_are_compared_in_their_canonical_form) {
    create(
        TOLD(.name = "A",
             .attributes = {ATTRIBUTE("country", "sa"), ATTRIBUTE("city", "الرياض"),
                            ATTRIBUTE("gender", "f"), ATTRIBUTE("language", "ar-SA"),
                            ATTRIBUTE("dialect", "saudi"), ATTRIBUTE("sub_dialect", "najdi_sa")}));
    create(TOLD(.name = "B", .attributes = {ATTRIBUTE("country", "SA"), ATTRIBUTE("city", "Jeddah"),
                                            ATTRIBUTE("gender", "male")}));

    static const struct {
        const char *filter;
        const char *found;
    } filters[] = {
        {"attributes.country = \"SA\"", " A B"},
        {"attributes.country=sa AND attributes.gender=f", " A"},
        {"attributes.city = \"JEDDAH\"", " B"},
        {"attributes.city = \"الرياض\"", " A"},
        {"attributes.language = \"AR-sa\"", " A"},
        {"attributes.language = \"ar\"", ""},
        {"attributes.dialect = saudi AND attributes.sub_dialect = najdi_sa AND name:a", " A"},
        {"  ", " A B"},
        {"attributes.country : SA", " A B"},
        {"attributes.gender != female", " B"},
        {"attributes.dialect != saudi", ""},
        {"NOT attributes.dialect = saudi", " B"},
        {"-attributes.dialect = saudi", " B"},
        {"attributes.dialect:*", " A"},
        {"attributes:dialect", " A"},
        {"attributes:job", ""},
        {"attributes.city = jed*", " B"},
        {"attributes.city = *d*a*", " B"},
        {"attributes.city != *ض", " B"},
        {"attributes.city = (riyadh OR jeddah OR \"الرياض\")", " A B"},
        {"attributes.city:jeddah", " B"},
        {"a", " A"},
        {"a OR b", " A B"},
        {"a b", ""},
        {"a AND attributes.gender = f OR attributes.gender = male", " A"},
        {"create_time > now - 1d", " A B"},
        {"create_time < now-1d", ""},
        {"create_time < now + 1h AND update_time <= now+1m", " A B"},
        {"interaction_count = 0 AND NOT last_interaction_time:*", " A B"},
        {"name_derived", ""},
        {"NOT name_derived completeness >= 20", " A B"},
        {"identity.email:*", ""},
    };
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        cr_expect_str_eq(listed(filters[i].filter, ""), filters[i].found, "%s", filters[i].filter);
    }
}

/* A filter that is refused, and what is said of it. */
struct refused {
    const char *filter;
    const char *offset;
    const char *found;
    const char *nearest; /* NULL for none. */
};

static void check_refused(const struct refused *refused) {
    Profiled__V1__ListProfilesRequest request = request_of(refused->filter, "");
    const struct answer *answer = ask_refused(&rpc_profile_service, "ListProfiles", &request.base,
                                              STATUS_INVALID_ARGUMENT, "FILTER_INVALID");
    cr_expect_str_eq(answer_metadata(answer, "offset"), refused->offset, "%s: %s", refused->filter,
                     answer_metadata(answer, "offset"));
    cr_expect_str_eq(answer_metadata(answer, "found"), refused->found, "%s: %s", refused->filter,
                     answer_metadata(answer, "found"));
    cr_expect_not_null(answer_metadata(answer, "expected"));
    const char *nearest = answer_metadata(answer, "nearest");
    cr_expect((nearest == NULL) == (refused->nearest == NULL), "%s", refused->filter);
    cr_expect(nearest == NULL || refused->nearest == NULL || strcmp(nearest, refused->nearest) == 0,
              "%s: %s", refused->filter, nearest);
}

Test(list_profiles, what_does_not_read_is_told_with_its_place) {
    static const struct refused filters[] = {
        {"name:", "5", "the end", NULL},
        {"name:\"x", "5", "a text without its closing quotation mark", NULL},
        {"name:\"!\"", "5", "a text of 1 character in quotation marks", NULL},
        {"name:x AND", "10", "the end", NULL},
        {"name:x OR OR name:y", "10", "OR", NULL},
        {"(name:x", "7", "the end", NULL},
        {"name:x)", "6", ")", NULL},
        {"(name:x)(name:y)", "8", "(", NULL},
        {"attributes.country = Narnia", "21", "a text of 6 characters", NULL},
        {"attributes.gender = x", "20", "a text of 1 character", NULL},
        {"attributes.gender = femal", "20", "a text of 5 characters", "female"},
        {"attributes.gender:Males", "18", "a text of 5 characters", "male"},
        {"name:\"\\", "5", "a text without its closing quotation mark", NULL},
        {"! name:x", "0", "!", NULL},
        {"attributes.city < x", "16", "<", NULL},
        {"create_time = now", "12", "=", NULL},
        {"create_time > now - month", "20", "a text of 5 characters", NULL},
        {"completeness > much", "15", "a text of 4 characters", NULL},
        {"name_derived = maybe", "15", "a text of 5 characters", NULL},
        {"identity.email = nobody", "17", "a text of 6 characters that has no @", NULL},
        {"attributes = x", "11", "=", NULL},
        {"create_time", "0", "a field alone", NULL},
        {"about()", "0", "the name about", NULL},
        {"anniversary(create_time, 1h)", "25", "a text of 2 characters", NULL},
        {"name.first = x", "5", "the name first", NULL},
    };
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        check_refused(&filters[i]);
    }
}

Test(list_profiles, a_name_that_is_not_known_is_told_with_the_nearest) {
    static const struct refused filters[] = {
        {"shoe_size = 42", "0", "the name shoe_size", NULL},
        {"country = SA", "0", "the name country", "attributes.country"},
        {"atributes.city = x", "0", "the name atributes", "attributes"},
        {"attributes.citty = x", "11", "the name citty", "city"},
        {"identity.e-mail = x@example.com", "9", "the name e-mail", "email"},
        {"create_tme > now - 1d", "0", "the name create_tme", "create_time"},
        {"channels.web.counts > 1", "13", "the name counts", "count"},
        {"traits:orders", "7", "the name orders", NULL},
        {"segments:vip", "9", "the name vip", NULL},
    };
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        check_refused(&filters[i]);
    }
    create_segment("unhappy", "name:x");
    ready_segment("unhappy");
    check_refused(&(struct refused){"segments:unhapy", "9", "the name unhapy", "unhappy"});
}

Test(list_profiles, a_value_that_an_enumeration_has_not_is_told_with_those_that_it_has) {
    define(DEFINITION("tier", ENUM, .enum_values = {"gold", "silver", "platinum", "bronze"},
                      .retired_value = "bronze"));
    check_refused(
        &(struct refused){"attributes.tier = plat", "18", "a text of 4 characters", NULL});
    check_refused(&(struct refused){"attributes.tier = PLATINIUM", "18", "a text of 9 characters",
                                    "platinum"});
    Profiled__V1__ListProfilesRequest request = request_of("attributes.tier = (gold OR x)", "");
    const struct answer *answer = ask_refused(&rpc_profile_service, "ListProfiles", &request.base,
                                              STATUS_INVALID_ARGUMENT, "FILTER_INVALID");
    cr_expect_str_eq(answer_metadata(answer, "expected"),
                     "one of gold, silver, platinum, bronze (retired)");
    (void)listed("attributes.tier = bronze", ""); /* Whoever had it may have it still. */
}

Test(list_profiles, an_archived_segment_is_told_of_as_such) {
    create_segment("unhappy", "name:x");
    update_segment("unhappy", NULL, SEGMENT_STATE(ARCHIVED));
    check_refused(
        &(struct refused){"segments:unhappy", "9", "the name of an archived segment", NULL});
    check_refused(&(struct refused){"segments:unhapy", "9", "the name unhapy", NULL});
}

/* "(" times count, a test, ")" times count. */
static char *nested(size_t count) {
    char *parentheses = arena_alloc(&ask_arena, 2 * count + 2);
    char *closing = parentheses + count + 1;
    memset(parentheses, '(', count);
    parentheses[count] = '\0';
    memset(closing, ')', count);
    closing[count] = '\0';
    return arena_format(&ask_arena, "%sname:a%s", parentheses, closing);
}

Test(list_profiles, a_filter_has_limits) {
    char filter[4200] = "name:a";
    size_t size = strlen(filter);
    for (int i = 1; i < 100; i++) {
        size += (size_t)snprintf(filter + size, sizeof filter - size, " AND name:a");
    }
    listed(filter, "");
    snprintf(filter + size, sizeof filter - size, " AND name:a");
    check_refused(&(struct refused){filter, "1100", "a text of 4 characters", NULL});
    memset(filter, ' ', sizeof filter);
    filter[4096] = '\0';
    listed(filter, "");
    filter[4096] = ' ';
    filter[4097] = '\0';
    check_refused(&(struct refused){filter, "4096", "a longer filter", NULL});

    listed(nested(32), "");
    check_refused(&(struct refused){nested(33), "32", "(", NULL});
    check_refused(&(struct refused){nested(2000), "32", "(", NULL});
    listed("name = *a*a*a*a*a*a*a*", "");
    check_refused(&(struct refused){"name = *a*a*a*a*a*a*a*a*", "23", "a further *", NULL});
}

/* ---- plans ---- */

enum { MANY = 40 };

/* Many, of whom C5 has an address and an account, and the last half were written later. */
static void make_many(void) {
    for (size_t i = 0; i < MANY; i++) {
        const char *name = arena_format(&ask_arena, "C%zu", i);
        create(TOLD(.name = name,
                    .identities = {ID("external_id", name), ID("email", "info@a.example")},
                    .attributes = {ATTRIBUTE("city", i % 4 == 0 ? "riyadh" : "jeddah"),
                                   ATTRIBUTE("gender", i % 20 == 0 ? "female" : "male")}));
        ask_wait_us(US_PER_SECOND);
    }
    ask_wait_us(US_PER_HOUR);
    for (size_t i = 0; i < MANY; i += MANY / 2) {
        const char *name = arena_format(&ask_arena, "C%zu", i);
        resolve(
            TOLD(.identities = {ID("external_id", name)}, .attributes = {ATTRIBUTE("job", "x")}));
        ask_wait_us(US_PER_SECOND);
    }
}

static void expect_plan(const char *filter, const char *order_by, const char *index, int64_t rows,
                        int64_t judged, size_t found) {
    Profiled__V1__ListProfilesRequest request = request_of(filter, order_by);
    request.explain = true;
    const Profiled__V1__ListProfilesResponse *page =
        ask(&rpc_profile_service, "ListProfiles", &request.base);
    cr_expect_str_eq(page->plan->index, index, "%s: %s", filter, page->plan->index);
    cr_expect_eq(page->plan->row_count, rows, "%s: %d rows", filter, (int)page->plan->row_count);
    cr_expect_eq(page->plan->profile_count, judged, "%s: %d judged", filter,
                 (int)page->plan->profile_count);
    cr_expect_eq(page->n_profiles, found, "%s: %zu found", filter, page->n_profiles);
    cr_expect_str_eq(page->next_page_token, "");
}

Test(list_profiles, what_few_have_is_gone_through) {
    make_many();
    const char *id = lookup("external_id", "C5")->id;
    expect_plan("", "", "create_time", MANY, 0, MANY);
    expect_plan("identity.external_id = c5", "", "identity.external_id", 1, 1, 1);
    expect_plan("identity.external_id = c5 merged_count > 9999", "", "identity.external_id", 1, 1,
                0);
    expect_plan("identity.external_id = c99", "", "identity.external_id", 0, 0, 0);
    expect_plan("identity.external_id = \"c3*\"", "", "create_time", MANY, MANY, 11);
    expect_plan("identity.email = info@a.example", "", "identity.email", MANY, MANY, MANY);
    expect_plan(arena_format(&ask_arena, "id = %s", id), "", "id", 1, 1, 1);
    expect_plan(arena_format(&ask_arena, "id = %s attributes.city = riyadh", id), "", "id", 1, 0,
                0);
    expect_plan("attributes.city = (riyadh OR abha)", "", "attributes.city", 10, 10, 10);
    expect_plan("attributes.gender = female OR name:c5 OR identity.external_id = c6", "",
                "attributes.gender OR name OR identity.external_id", 4, 4, 4);
    expect_plan("attributes.gender = female OR name:c0", "", "attributes.gender OR name", 3, 2, 2);
    expect_plan("attributes.gender = female OR merged_count > 9999", "", "create_time", MANY, MANY,
                2);
}

Test(list_profiles, what_few_have_is_put_in_order_of_updates) {
    make_many();
    expect_plan("identity.external_id = c5", "update_time", "identity.external_id", 1, 1, 1);
    expect_plan("attributes.gender = female", "update_time desc", "attributes.gender", 2, 2, 2);
    cr_expect_str_eq(listed("name:c0 OR name:c3 OR name:c20 OR name:c7", "update_time desc"),
                     " C20 C0 C7 C3");
}

Test(list_profiles, times_narrow_what_is_gone_through) {
    make_many();
    expect_plan("update_time > now - 30m", "", "update_time", 2, 2, 2);
    expect_plan("NOT update_time < now - 30m", "update_time", "update_time", 2, 2, 2);
    expect_plan("update_time > now - 30m AND name:c20", "", "name", 3, 1, 1);
    expect_plan("create_time > now - 3605s", "", "create_time", 3, 3, 3);
    expect_plan("create_time > now - 3605s", "update_time desc", "update_time", MANY, 3, 3);
    expect_plan("create_time > now + 1d", "", "create_time", 0, 0, 0);
    expect_plan("create_time < now - 1d OR name:c5", "", "create_time", MANY, MANY, 1);
}

Test(list_profiles, bad_sizes_and_orders_are_refused) {
    Profiled__V1__ListProfilesRequest request = request_of("", "name");
    request.page_size = -1;
    const struct answer *answer = ask_refused(&rpc_profile_service, "ListProfiles", &request.base,
                                              STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "order_by"));
    cr_expect_str_eq(answer_violation(answer, "page_size"), "must not be negative");
}

/* AIP-158: what is more than a page holds is not refused. */
Test(list_profiles, a_size_above_a_page_s_is_taken_for_it) {
    static Profiled__V1__Record records[BATCH_RECORDS_MAX];
    static Profiled__V1__Record *list[BATCH_RECORDS_MAX];
    for (size_t i = 0; i < BATCH_RECORDS_MAX; i++) {
        profiled__v1__record__init(&records[i]);
        records[i].name = (char *)(uintptr_t) "N";
        list[i] = &records[i];
    }
    Profiled__V1__BatchResolveProfilesRequest batch =
        PROFILED__V1__BATCH_RESOLVE_PROFILES_REQUEST__INIT;
    batch.records = list;
    batch.n_records = BATCH_RECORDS_MAX;
    ask(&rpc_identity_service, "BatchResolveProfiles", &batch.base);
    create(TOLD(.name = "N"));
    Profiled__V1__ListProfilesRequest request = request_of("", "");
    request.page_size = INT32_MAX;

    const Profiled__V1__ListProfilesResponse *page =
        ask(&rpc_profile_service, "ListProfiles", &request.base);

    cr_expect_eq(page->n_profiles, PAGE_SIZE_MAX);
    cr_expect_str_not_empty(page->next_page_token);
}

static const struct answer *refused_token(const Profiled__V1__ListProfilesRequest *request) {
    return ask_refused(&rpc_profile_service, "ListProfiles", &request->base,
                       STATUS_INVALID_ARGUMENT, "PAGE_TOKEN_INVALID");
}

Test(list_profiles, tokens_are_good_for_their_list_their_workspace_and_a_day) {
    make_people();
    Profiled__V1__ListProfilesRequest request = request_of("", "");
    request.page_size = 2;
    const Profiled__V1__ListProfilesResponse *page =
        ask(&rpc_profile_service, "ListProfiles", &request.base);
    char *token = page->next_page_token;
    cr_assert_str_neq(token, "");

    request.page_token = token;
    request.page_size = 3; /* The size of a page is no part of the list. */
    ask(&rpc_profile_service, "ListProfiles", &request.base);
    ask_refused_elsewhere(&rpc_profile_service, "ListProfiles", &request.base,
                          STATUS_INVALID_ARGUMENT, "PAGE_TOKEN_INVALID");
    request.filter = (char *)(uintptr_t) "name:a";
    refused_token(&request);
    request = request_of("", "create_time desc");
    request.page_token = token;
    refused_token(&request);
    request = request_of("", "");
    request.page_token = token;
    request.show_deleted = true;
    refused_token(&request);
    request.show_deleted = false;
    ask_wait_us(23 * US_PER_HOUR);
    ask(&rpc_profile_service, "ListProfiles", &request.base);
    ask_wait_us(2 * US_PER_HOUR);
    refused_token(&request);
}

Test(list_profiles, forged_tokens_are_refused) {
    make_people();
    Profiled__V1__ListProfilesRequest request = request_of("", "");
    request.page_size = 2;
    const Profiled__V1__ListProfilesResponse *page =
        ask(&rpc_profile_service, "ListProfiles", &request.base);
    char *token = arena_string(&ask_arena, bytes_of_string(page->next_page_token));
    request.page_token = token;
    for (size_t i = 0; i < strlen(token); i += 5) {
        const char there = token[i];
        token[i] = there == 'A' ? 'B' : 'A';
        refused_token(&request);
        token[i] = there;
    }
    token[strlen(token) - 4] = '\0';
    refused_token(&request);
    request.page_token = (char *)(uintptr_t) "!";
    refused_token(&request);
}

Test(list_profiles, another_workspace_lists_its_own) {
    make_people();
    Profiled__V1__ListProfilesRequest request = request_of("", "");
    ProtobufCMessage *response = NULL;
    call_in(ask_fixture, "other", &rpc_profile_service, "ListProfiles", &request.base, &response);
    cr_assert_not_null(response);
    cr_expect_eq(((const Profiled__V1__ListProfilesResponse *)response)->n_profiles, 0);
}

/* Rules may hold as much as a row: a page reads them once, not for each of its profiles. */
Test(list_profiles, a_full_page_with_a_long_list_of_blocked_values) {
    enum { VALUES = 300, PROFILES = 1000 };
    Profiled__V1__IdentityType rules = PROFILED__V1__IDENTITY_TYPE__INIT;
    rules.type = (char *)(uintptr_t) "external_id";
    char *values[VALUES];
    for (size_t i = 0; i < VALUES; i++) {
        values[i] = arena_format(&ask_arena, "%0250zu", i + 1);
    }
    rules.n_blocked_values = VALUES;
    rules.blocked_values = values;
    set_rules("blocked_values", &rules);
    Profiled__V1__BatchResolveProfilesRequest batch =
        PROFILED__V1__BATCH_RESOLVE_PROFILES_REQUEST__INIT;
    batch.n_records = PROFILES;
    batch.records = arena_array(&ask_arena, PROFILES, sizeof *batch.records);
    for (size_t i = 0; i < PROFILES; i++) {
        batch.records[i] = record_told(TOLD(.name = "N"));
    }
    ask(&rpc_identity_service, "BatchResolveProfiles", &batch.base);

    Profiled__V1__ListProfilesRequest request = request_of("", "");
    request.page_size = PROFILES;
    const Profiled__V1__ListProfilesResponse *page =
        ask(&rpc_profile_service, "ListProfiles", &request.base);

    cr_expect_eq(page->n_profiles, PROFILES);
}
