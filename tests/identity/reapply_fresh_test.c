/* Other rules for records that are there already make of them what they make of the same records
 * when they hold from the beginning.
 *
 * A failure names the seed of its history; PROFILED_SEED=N runs that one alone. */

#include <inttypes.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/engine/seeded.h"
#include "tests/engine/seeds.h"
#include "tests/handlers/rehearsal.h"

enum { SEEDS = 60, RECORDS = 9, IDENTITIES = 3, VALUES = 3, TYPES = 5, KINDS = 8 };

static uint64_t seed;

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static void close_proven(void) {
    cr_expect_eq(call_verify(ask_fixture), 0, "seed %" PRIu64 ": the store is sound", seed);
    ask_close();
}

TestSuite(reapply_fresh, .init = ask_open, .fini = close_proven, .timeout = 600);

/* Identities of the type neither match nor merge. */
static void reach_nobody(const char *type) {
    Profiled__V1__IdentityType rules = PROFILED__V1__IDENTITY_TYPE__INIT;
    rules.type = text(type);
    set_rules("match,merge", &rules);
}

/* ---- cases ---- */

/* Whoever has the number has nothing else in common with the others, whom a later record made one.
 */
Test(reapply_fresh, who_was_linked_by_a_blocked_number_goes_though_others_joined_since) {
    const char *one =
        tell(TOLD(.identities = {ID("phone", "+966500000010"), ID("email", "z@example.com")}));
    tell(TOLD(.identities = {ID("phone", "+966500000010"), ID("email", "a@example.com")}));
    tell(TOLD(.identities = {ID("email", "b@example.com")}));
    tell(TOLD(.identities = {ID("email", "b@example.com"), ID("email", "a@example.com")}));
    cr_assert_str_eq(lookup("email", "b@example.com")->id, one);
    set_blocked("phone", "+966500000010");

    (void)rehearsed();

    cr_expect_str_eq(lookup("email", "z@example.com")->id, one);
    cr_expect_str_neq(lookup("email", "a@example.com")->id, one);
    cr_expect_str_eq(lookup("email", "a@example.com")->id, lookup("email", "b@example.com")->id);
}

/* The tie by the blocked value goes, and that by the later record is made. */
Test(reapply_fresh, two_whom_a_later_record_joins_stay_one) {
    const char *one = tell(TOLD(.identities = {ID("twitter", "handle0")}));
    tell(TOLD(.identities = {ID("twitter", "handle1"), ID("external_id", "crm-101")}));
    tell(TOLD(.identities = {ID("twitter", "handle0"), ID("external_id", "crm-101")}));
    tell(TOLD(.identities = {ID("twitter", "handle1"), ID("twitter", "handle0")}));
    set_blocked("external_id", "crm-101");

    const Profiled__V1__IdentityTypesEffect effect = rehearsed()->effect;

    cr_expect_eq(effect.split_count, 0);
    cr_expect_str_eq(lookup("twitter", "handle1")->id, one);
    cr_expect_str_eq(lookup("twitter", "handle0")->id, one);
}

/* A veto kept the number from the first one: it is nobody else's any more. */
Test(reapply_fresh, what_the_owner_may_not_have_any_more_is_whose_it_was_told_of) {
    const char *one = tell(TOLD(.identities = {ID("email", "b@example.com")},
                                .attributes = {ATTRIBUTE("birth_date", "1990-01-01")}));
    tell(TOLD(.identities = {ID("whatsapp", "+966500000013"), ID("anonymous_id", "zz-1")},
              .attributes = {ATTRIBUTE("birth_date", "1991-02-02")}));
    tell(TOLD(.identities = {ID("email", "b@example.com"), ID("phone", "+966500000013")},
              .attributes = {ATTRIBUTE("birth_date", "1990-01-01")}));
    reach_nobody("whatsapp");

    (void)rehearsed();

    cr_expect_str_eq(lookup("phone", "+966500000013")->id, one);
}

/* Those that change with somebody else are told of by themselves. */
Test(reapply_fresh, whoever_loses_an_identity_to_another_one_is_counted) {
    tell(TOLD(.identities = {ID("whatsapp", "+966500000020"), ID("email", "m@example.com")}));
    tell(TOLD(.identities = {ID("whatsapp", "+966500000013"), ID("anonymous_id", "a-77")},
              .attributes = {ATTRIBUTE("birth_date", "1991-02-02")}));
    tell(TOLD(.identities = {ID("whatsapp", "+966500000020"), ID("phone", "+966500000013")},
              .attributes = {ATTRIBUTE("birth_date", "1990-01-01")}));
    reach_nobody("whatsapp");

    const Profiled__V1__IdentityTypesEffect effect = rehearsed()->effect;

    cr_expect_eq(effect.lost_identity_count, 2);
}

/* A record may tell an identity twice, one time better known: nobody linked it by hand. */
Test(reapply_fresh, what_a_record_tells_twice_goes_with_it) {
    tell(TOLD(.identities = {ID("external_id", "c-1")}));
    const char *other = tell(TOLD(.identities = {ID("twitter", "handle1")}));
    tell(TOLD(.identities = {
                  ID("external_id", "c-1"),
                  {.type = "twitter", .value = "handle1", .provenance = PROVENANCE(INFERRED)},
                  ID("twitter", "handle1")}));
    set_disabled("external_id", true);

    const Profiled__V1__IdentityTypesEffect effect = rehearsed()->effect;

    cr_expect_eq(effect.split_count, 1);
    cr_expect_eq(effect.made_count, 0, "the record goes with the other one");
    cr_expect_eq(get(other)->n_merged_ids, 1);
}

/* Who is one with whom stays; why the number is contact data does not. */
Test(reapply_fresh, contact_data_has_the_reason_of_the_present_rules) {
    const char *one =
        tell(TOLD(.identities = {ID("email", "a@example.com"), ID("phone", "+966500000010")}));
    tell(TOLD(.identities = {ID("email", "b@example.com"), ID("phone", "+966500000010")}));
    reach_nobody("phone");
    (void)rehearsed();
    cr_assert_eq(identity_in(get(one), "phone", "+966500000010")->rule, RULE(TYPE_NOT_MATCHING));
    set_disabled("phone", true);

    cr_expect_eq(rehearsed()->effect.changed_count, 2);

    cr_expect_eq(identity_in(get(one), "phone", "+966500000010")->rule, RULE(TYPE_DISABLED));
}

/* A record made it better known since: it was not, when that record came. */
Test(reapply_fresh, what_somebody_linked_is_told_as_it_was_linked) {
    tell(TOLD(.identities = {ID("external_id", "crm-100"), ID("email", "b@example.com")}));
    const char *other = tell(TOLD(.identities = {ID("external_id", "crm-101")}));
    ask_wait_us(US_PER_SECOND);
    Profiled__V1__LinkIdentityRequest link = PROFILED__V1__LINK_IDENTITY_REQUEST__INIT;
    link.profile_id = text(other);
    link.identity = identity_told("national_id", "1017654321");
    link.identity->provenance = PROVENANCE(INFERRED);
    ask(&rpc_identity_service, "LinkIdentity", &link.base);
    tell(TOLD(.identities = {ID("national_id", "1017654321"), ID("email", "b@example.com")}));
    cr_assert_str_neq(lookup("email", "b@example.com")->id, other);
    set_limit("external_id", 2);

    cr_expect_eq(rehearsed()->effect.joined_count, 0);
}

/* The record was kept from the one that both were, and is from the other alone. */
Test(reapply_fresh, whom_a_veto_keeps_apart_now_is_queued) {
    tell(TOLD(.identities = {ID("whatsapp", "+966500000010")},
              .attributes = {ATTRIBUTE("birth_date", "1990-01-01")}));
    tell(TOLD(.identities = {ID("whatsapp", "+966500000010"), ID("twitter", "handle1")},
              .attributes = {ATTRIBUTE("birth_date", "1990-01-01")}));
    const char *apart = tell(TOLD(.identities = {ID("twitter", "handle1")},
                                  .attributes = {ATTRIBUTE("birth_date", "1991-02-02")}));
    set_disabled("whatsapp", true);

    (void)rehearsed();

    const char *owner = lookup("twitter", "handle1")->id;
    Profiled__V1__ListReviewsRequest request = PROFILED__V1__LIST_REVIEWS_REQUEST__INIT;
    request.profile_id = text(owner);
    const Profiled__V1__ListReviewsResponse *response =
        ask(&rpc_identity_service, "ListReviews", &request.base);
    cr_assert_eq(response->n_reviews, 1);
    const Profiled__V1__Review *review = response->reviews[0];
    cr_expect(strcmp(review->side->profile_id, apart) == 0 ||
              strcmp(review->other_side->profile_id, apart) == 0);
}

/* Two records of one met the other, who was queued with the one once: they are two by now. */
Test(reapply_fresh, each_of_a_profile_that_came_apart_is_queued) {
    const char *owner = tell(TOLD(.identities = {ID("phone", "+966500000011")},
                                  .attributes = {ATTRIBUTE("birth_date", "1991-02-02")}));
    for (int i = 0; i < 2; i++) {
        tell(TOLD(.identities = {ID("twitter", "handle1"), ID("phone", "+966500000011")},
                  .attributes = {ATTRIBUTE("birth_date", "1990-01-01")}));
    }
    Profiled__V1__ListReviewsRequest request = PROFILED__V1__LIST_REVIEWS_REQUEST__INIT;
    request.profile_id = text(owner);
    const Profiled__V1__ListReviewsResponse *response =
        ask(&rpc_identity_service, "ListReviews", &request.base);
    cr_assert_eq(response->n_reviews, 1);
    reach_nobody("twitter");

    cr_expect_eq(rehearsed()->effect.made_count, 1);

    response = ask(&rpc_identity_service, "ListReviews", &request.base);
    cr_expect_eq(response->n_reviews, 2);
    (void)apply_rules(0);
    response = ask(&rpc_identity_service, "ListReviews", &request.base);
    cr_expect_eq(response->n_reviews, 2, "nobody is queued again");
}

/* A weak record met the two, and a better one joined them, which the rules do not any more. */
Test(reapply_fresh, who_comes_apart_is_for_review_again) {
    const char *one =
        tell(TOLD(.identities = {ID("external_id", "crm-101"), ID("email", "u1@d.example")}));
    const char *other = tell(TOLD(.identities = {ID("email", "u2@d.example")}));
    tell(TOLD(.identities = {
                  ID("email", "u1@d.example"),
                  {.type = "email", .value = "u2@d.example", .provenance = PROVENANCE(INFERRED)}}));
    tell(TOLD(.identities = {
                  ID("external_id", "crm-101"),
                  {.type = "email", .value = "u2@d.example", .provenance = PROVENANCE(VERIFIED)}}));
    Profiled__V1__ListReviewsRequest request = PROFILED__V1__LIST_REVIEWS_REQUEST__INIT;
    request.profile_id = text(one);
    cr_assert_str_eq(get(other)->id, one);
    set_limit("email", 1);

    (void)rehearsed();

    const Profiled__V1__ListReviewsResponse *response =
        ask(&rpc_identity_service, "ListReviews", &request.base);
    cr_assert_eq(response->n_reviews, 1);
    cr_expect_eq(response->reviews[0]->rule,
                 PROFILED__V1__IDENTITY_RULE__IDENTITY_RULE_VETO_SINGLE_VALUE);
}

/* ---- random records ---- */

static const char *const types[TYPES] = {"email", "phone", "whatsapp", "external_id",
                                         "anonymous_id"};

static const char *value_of(size_t type, size_t value) {
    switch (type) {
    case 0:
        return arena_format(&ask_arena, "e%zu@d.example", value);
    case 1:
    case 2:
        return arena_format(&ask_arena, "+96650000001%zu", value);
    case 3:
        return arena_format(&ask_arena, "crm-10%zu", value);
    default:
        return arena_format(&ask_arena, "anon-5%zu", value);
    }
}

static void change_rules(struct seeded *rolls) {
    const size_t type = seeded_below(rolls, TYPES);
    Profiled__V1__IdentityType rules = PROFILED__V1__IDENTITY_TYPE__INIT;
    rules.type = text(types[type]);
    switch (seeded_below(rolls, KINDS)) {
    case 0:
        set_blocked(types[type], value_of(type, seeded_below(rolls, VALUES)));
        break;
    case 1:
        set_disabled(types[type], true);
        break;
    case 2:
        set_vetoes(types[type], "given_name");
        break;
    case 3:
        set_vetoes(types[type], "");
        break;
    case 4:
        rules.merge_provenance = PROVENANCE(VERIFIED);
        set_rules("merge_provenance", &rules);
        break;
    case 5:
        reach_nobody(types[type]);
        break;
    case 6:
        set_rules("merge", &rules);
        break;
    default:
        set_limit(types[type], 1 + (int)seeded_below(rolls, 2));
        break;
    }
}

/* Each has a source of its own: r0 and so on. */
static void tell_records(struct seeded *rolls) {
    static const char *const names[] = {"Noura", "Reem"};
    for (size_t r = 0; r < RECORDS; r++) {
        struct told told = {.source = arena_format(&ask_arena, "r%zu", r)};
        const size_t count = 1 + seeded_below(rolls, IDENTITIES);
        for (size_t i = 0; i < count; i++) {
            const size_t type = seeded_below(rolls, TYPES);
            told.identities[i] = (struct told_identity){
                .type = types[type],
                .value = value_of(type, seeded_below(rolls, VALUES)),
                .provenance =
                    seeded_below(rolls, 4) == 0 ? PROVENANCE(INFERRED) : PROVENANCE(ATTESTED),
            };
        }
        if (seeded_below(rolls, 3) == 0) {
            told.attributes[0] =
                (struct told_attribute)ATTRIBUTE("given_name", names[seeded_below(rolls, 2)]);
        }
        (void)tell(&told);
    }
}

/* Whose the records are, as the number of the first of each profile, and whom identities find. */
struct picture {
    size_t of_record[RECORDS];
    size_t of_identity[TYPES][VALUES]; /* RECORDS: nobody. */
};

static size_t record_of(const Profiled__V1__ExplainedDecision *decision) {
    return (size_t)(decision->record->source[1] - '0');
}

/* The first record of a profile, which is what all of them are said to be of. */
static size_t read_profile(const char *id, size_t *of_record) {
    Profiled__V1__ExplainProfileRequest request = PROFILED__V1__EXPLAIN_PROFILE_REQUEST__INIT;
    request.profile_id = text(id);
    request.page_size = RECORDS;
    const Profiled__V1__ExplainProfileResponse *response =
        ask(&rpc_identity_service, "ExplainProfile", &request.base);
    size_t first = RECORDS;
    for (size_t i = 0; i < response->n_decisions; i++) {
        const size_t record = record_of(response->decisions[i]);
        first = record < first ? record : first;
    }
    for (size_t i = 0; i < response->n_decisions; i++) {
        of_record[record_of(response->decisions[i])] = first;
    }
    return first;
}

static struct picture picture_read(void) {
    struct picture picture;
    Profiled__V1__ListProfilesRequest request = PROFILED__V1__LIST_PROFILES_REQUEST__INIT;
    request.page_size = RECORDS;
    const Profiled__V1__ListProfilesResponse *list =
        ask(&rpc_profile_service, "ListProfiles", &request.base);
    for (size_t i = 0; i < list->n_profiles; i++) {
        (void)read_profile(list->profiles[i]->id, picture.of_record);
    }
    for (size_t type = 0; type < TYPES; type++) {
        for (size_t value = 0; value < VALUES; value++) {
            const Profiled__V1__Profile *found = lookup(types[type], value_of(type, value));
            picture.of_identity[type][value] =
                found == NULL ? RECORDS : read_profile(found->id, picture.of_record);
        }
    }
    return picture;
}

/* Where two pictures differ; NULL: nowhere. */
static const char *difference(const struct picture *one, const struct picture *other) {
    for (size_t r = 0; r < RECORDS; r++) {
        if (one->of_record[r] != other->of_record[r]) {
            return arena_format(&ask_arena, "record %zu is %zu's and %zu's", r, one->of_record[r],
                                other->of_record[r]);
        }
    }
    for (size_t type = 0; type < TYPES; type++) {
        for (size_t value = 0; value < VALUES; value++) {
            const size_t here = one->of_identity[type][value];
            const size_t there = other->of_identity[type][value];
            if (here != there) {
                return arena_format(&ask_arena, "%s %zu finds %zu and %zu", types[type], value,
                                    here, there);
            }
        }
    }
    return NULL;
}

static void tighten(void) {
    for (size_t type = 0; type < TYPES; type++) {
        set_limit(types[type], 1);
    }
}

static void loosen(struct seeded *rolls) {
    set_limit(types[seeded_below(rolls, TYPES)], 2 + (int)seeded_below(rolls, 4));
}

/* Rules that are changed, from what a workspace has or from the least that may be. */
struct rules_of_test {
    void (*begin)(void); /* NULL: from what it has. */
    void (*change)(struct seeded *rolls);
};

static void begin(const struct rules_of_test *of_test) {
    ask_anew();
    if (of_test->begin != NULL) {
        of_test->begin();
    }
}

static struct picture tell_fresh(const struct rules_of_test *of_test) {
    struct seeded records = {seed};
    struct seeded rules = {~seed};
    begin(of_test);
    of_test->change(&rules);
    tell_records(&records);
    return picture_read();
}

/* What is told of one seed under rules that come later; and it is there again under those of
 * before. */
static struct picture tell_first(const struct rules_of_test *of_test) {
    struct seeded records = {seed};
    struct seeded rules = {~seed};
    begin(of_test);
    tell_records(&records);
    const struct picture before = picture_read();
    const int64_t version = rule_version();
    of_test->change(&rules);
    (void)rehearsed();
    const struct picture applied = picture_read();
    restore_rules(version);
    (void)rehearsed();
    const struct picture back = picture_read();
    const char *found = difference(&before, &back);
    cr_expect_null(found, "seed %" PRIu64 ", there and back: %s", seed, found);
    return applied;
}

static void run_seeds(const struct rules_of_test *of_test) {
    const struct seeds seeds = seeds_of(SEEDS);
    for (seed = seeds.first; seed <= seeds.last; seed++) {
        const struct picture applied = tell_first(of_test);
        const struct picture fresh = tell_fresh(of_test);
        const char *found = difference(&applied, &fresh);
        cr_expect_null(found, "seed %" PRIu64 ": %s", seed, found);
    }
}

Test(reapply_fresh, records_are_whose_they_would_be_had_the_rules_always_held) {
    static const struct rules_of_test of_test = {.change = change_rules};
    run_seeds(&of_test);
}

/* Whoever has what is over a limit as contact data may have it under a higher one. */
Test(reapply_fresh, records_are_whose_they_would_be_had_a_limit_always_been_higher) {
    static const struct rules_of_test of_test = {.begin = tighten, .change = loosen};
    run_seeds(&of_test);
}
