/* Which value survives, how a name is derived, and how full a profile is. */

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/people.h"

TestSuite(survivorship, .init = ask_open, .fini = ask_close);

static const struct told *told_at(int64_t observe_us, const char *name, const char *city) {
    struct told *told = arena_alloc(&ask_arena, sizeof *told);
    *told = (struct told){
        .name = name,
        .observe_us = observe_us,
        .identities = {ID("email", "n@example.com")},
        .attributes = {ATTRIBUTE(city == NULL ? NULL : "city", city)},
    };
    return told;
}

Test(survivorship, the_most_recently_observed_stays_in_every_order) {
    const int64_t day = CALL_START_US - 10 * US_PER_DAY;
    resolve_profile(told_at(day + 2, "Second", "Jeddah"));
    const Profiled__V1__Profile *after = resolve_profile(told_at(day + 1, "First", "Riyadh"));
    cr_expect_str_eq(after->name, "Second");
    cr_expect_str_eq(attribute_in(after, "city"), "Jeddah");
    after = resolve_profile(told_at(day + 3, "Third", NULL));
    cr_expect_str_eq(after->name, "Third");
    cr_expect_str_eq(attribute_in(after, "city"), "Jeddah");
    cr_expect_eq(after->identities[0]->first_seen_time->nanos,
                 (int32_t)((day + 1) % US_PER_SECOND * 1000));
    cr_expect_eq(after->identities[0]->last_seen_time->nanos,
                 (int32_t)((day + 3) % US_PER_SECOND * 1000));
}

Test(survivorship, the_later_record_wins_a_tie) {
    resolve(told_at(CALL_START_US, "First", "Riyadh"));
    const Profiled__V1__Profile *after = resolve_profile(told_at(CALL_START_US, "Second", "Abha"));
    cr_expect_str_eq(after->name, "Second");
    cr_expect_str_eq(attribute_in(after, "city"), "Abha");
}

Test(survivorship, a_merge_keeps_the_most_recent_of_both) {
    resolve(told_at(CALL_START_US - 5, "Old name", "Riyadh"));
    ask_wait_us(US_PER_SECOND);
    resolve(TOLD(.name = "New name", .observe_us = CALL_START_US - 3,
                 .identities = {ID("twitter", "noura_x")},
                 .attributes = {ATTRIBUTE("city", "Abha"), ATTRIBUTE("job", "Pilot")}));
    const Profiled__V1__Profile *after =
        resolve_profile(TOLD(.observe_us = CALL_START_US - 4,
                             .identities = {ID("twitter", "noura_x"), ID("email", "n@example.com")},
                             .attributes = {ATTRIBUTE("city", "Taif"), ATTRIBUTE("job", "Cook"),
                                            ATTRIBUTE("gender", "f")}));
    cr_expect_str_eq(after->name, "New name");
    cr_expect_str_eq(attribute_in(after, "city"), "Abha");
    cr_expect_str_eq(attribute_in(after, "job"), "Pilot");
    cr_expect_str_eq(attribute_in(after, "gender"), "female");
}

/* A name and a city of a source. */
static const Profiled__V1__Profile *hear(const char *source, int64_t observe_us, const char *name,
                                         const char *city) {
    struct told told = *told_at(observe_us, name, city);
    told.source = source;
    return resolve_profile(&told);
}

Test(survivorship, the_first_seen_stays_where_the_rule_says_so) {
    set_survivorship("city", SURVIVORSHIP(FIRST_SEEN), "");
    hear("web", CALL_START_US - 20, "First", "Riyadh");

    const Profiled__V1__Profile *after = hear("web", CALL_START_US - 10, "Second", "Jeddah");
    cr_expect_str_eq(attribute_in(after, "city"), "Riyadh");
    cr_expect_str_eq(after->name, "Second", "the name has a rule of its own");

    after = hear("web", CALL_START_US - 30, "Third", "Abha");
    cr_expect_str_eq(attribute_in(after, "city"), "Abha", "it was seen before");
    cr_expect_str_eq(after->name, "Second");
}

Test(survivorship, the_most_trusted_source_wins_over_a_later_one) {
    set_survivorship("name", SURVIVORSHIP(TRUSTED_SOURCE), "crm,pos");
    set_survivorship("city", SURVIVORSHIP(TRUSTED_SOURCE), "crm,pos");
    hear("web", CALL_START_US - 10, "Of the web", "Riyadh");

    const Profiled__V1__Profile *after = hear("pos", CALL_START_US - 50, "Of the till", "Jeddah");
    cr_expect_str_eq(after->name, "Of the till");
    cr_expect_str_eq(attribute_in(after, "city"), "Jeddah");
    hear("crm", CALL_START_US - 90, "Of the CRM", NULL);
    after = hear("web", CALL_START_US, "Of the web", "Riyadh");
    cr_expect_str_eq(after->name, "Of the CRM");
    cr_expect_str_eq(attribute_in(after, "city"), "Jeddah");
    after = hear("crm", CALL_START_US - 80, "Of the CRM, later", NULL);
    cr_expect_str_eq(after->name, "Of the CRM, later");
    after = hear("crm", CALL_START_US - 85, "Of the CRM, before", NULL);
    cr_expect_str_eq(after->name, "Of the CRM, later");
}

Test(survivorship, a_told_name_takes_the_place_of_a_derived_one_whatever_the_rule) {
    set_survivorship("name", SURVIVORSHIP(FIRST_SEEN), "");
    resolve(TOLD(.observe_us = 1000, .identities = {ID("email", "n@example.com")}));

    cr_expect_str_eq(hear("web", CALL_START_US, "Noura", NULL)->name, "Noura");
    cr_expect_str_eq(hear("web", CALL_START_US - 1, "Nora", NULL)->name, "Nora");
}

Test(survivorship, a_merge_goes_by_the_rules_too) {
    set_survivorship("city", SURVIVORSHIP(FIRST_SEEN), "");
    set_survivorship("name", SURVIVORSHIP(TRUSTED_SOURCE), "crm");
    hear("crm", CALL_START_US - 9, "Of the CRM", "Riyadh");
    ask_wait_us(US_PER_SECOND);
    resolve(TOLD(.name = "Of the web", .source = "web", .observe_us = CALL_START_US - 3,
                 .identities = {ID("twitter", "noura_x")},
                 .attributes = {ATTRIBUTE("city", "Abha"), ATTRIBUTE("job", "Pilot")}));

    const Profiled__V1__Profile *after =
        resolve_profile(TOLD(.observe_us = CALL_START_US,
                             .identities = {ID("twitter", "noura_x"), ID("email", "n@example.com")},
                             .attributes = {ATTRIBUTE("job", "Cook")}));

    cr_expect_eq(after->n_merged_ids, 1);
    cr_expect_str_eq(after->name, "Of the CRM");
    cr_expect_str_eq(attribute_in(after, "city"), "Riyadh");
    cr_expect_str_eq(attribute_in(after, "job"), "Cook");
}

/* Whichever profile is the older. */
Test(survivorship, the_later_record_wins_a_tie_in_a_merge_too_under_every_rule) {
    static const int rules[] = {SURVIVORSHIP(MOST_RECENT), SURVIVORSHIP(FIRST_SEEN),
                                SURVIVORSHIP(TRUSTED_SOURCE)};
    for (size_t i = 0; i < 6; i++) {
        const bool tells_again = i % 2 == 1;
        set_survivorship("city", rules[i / 2], "crm");
        char *email = arena_format(&ask_arena, "n%zu@example.com", i);
        char *handle = arena_format(&ask_arena, "noura_%zu", i);
        resolve(TOLD(.name = "Noura", .observe_us = CALL_START_US,
                     .identities = {ID("email", email)},
                     .attributes = {ATTRIBUTE("city", "Riyadh")}));
        ask_wait_us(US_PER_SECOND);
        resolve(TOLD(.name = "Nora", .observe_us = CALL_START_US,
                     .identities = {ID("twitter", handle)},
                     .attributes = {ATTRIBUTE("city", "Abha")}));
        if (tells_again) {
            resolve(TOLD(.name = "Nura", .observe_us = CALL_START_US,
                         .identities = {ID("email", email)},
                         .attributes = {ATTRIBUTE("city", "Taif")}));
        }

        const Profiled__V1__Profile *after =
            resolve_profile(TOLD(.identities = {ID("twitter", handle), ID("email", email)}));

        cr_expect_eq(after->n_merged_ids, 1);
        cr_expect_str_eq(attribute_in(after, "city"), tells_again ? "Taif" : "Abha", "%zu", i);
        cr_expect_str_eq(after->name, tells_again ? "Nura" : "Nora", "%zu", i);
    }
}

/* The same of the form in which an identity was given that is contact data of two. */
Test(survivorship, the_form_that_was_told_later_wins_a_tie) {
    Profiled__V1__IdentityType phone = PROFILED__V1__IDENTITY_TYPE__INIT;
    char *blocked[] = {"+966500000001"};
    phone.type = "phone";
    phone.blocked_values = blocked;
    phone.n_blocked_values = 1;
    set_rules("blocked_values", &phone);
    const char *one = resolve_profile(TOLD(.observe_us = CALL_START_US,
                                           .identities = {ID("phone", "+966 50 000 0001")}))
                          ->id;
    ask_wait_us(US_PER_SECOND);
    const char *other = resolve_profile(TOLD(.observe_us = CALL_START_US,
                                             .identities = {ID("phone", "00966500000001")}))
                            ->id;
    cr_assert_str_neq(one, other);

    merge_two(one, other);

    cr_expect_str_eq(identity_in(get(one), "phone", "+966500000001")->value, "00966500000001");
}

static void set_city(const char *id, const char *city) {
    Profiled__V1__UpdateProfileRequest request = PROFILED__V1__UPDATE_PROFILE_REQUEST__INIT;
    Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
    char *paths[] = {"attributes.city"};
    mask.paths = paths;
    mask.n_paths = 1;
    request.profile =
        profile_told(TOLD(.attributes = {ATTRIBUTE(city == NULL ? NULL : "city", city)}));
    request.profile->id = (char *)(uintptr_t)id;
    request.update_mask = &mask;
    ask(&rpc_profile_service, "UpdateProfile", &request.base);
}

/* What somebody set or cleared outweighs what was observed until then, whoever told it when, and
 * under whichever rule; what is observed since meets it by the rule. */
Test(survivorship, what_somebody_set_outweighs_what_was_observed_until_then) {
    static const int rules[] = {SURVIVORSHIP(MOST_RECENT), SURVIVORSHIP(FIRST_SEEN),
                                SURVIVORSHIP(TRUSTED_SOURCE)};
    static const char *const cities[] = {"Jeddah", NULL};
    for (size_t i = 0; i < 6; i++) {
        const char *city = cities[i % 2];
        set_survivorship("city", rules[i / 2], "crm");
        char *email = arena_format(&ask_arena, "n%zu@example.com", i);
        char *handle = arena_format(&ask_arena, "noura_%zu", i);
        const int64_t before_us = ask_now_us();
        ask_wait_us(US_PER_SECOND);
        const char *id = resolve_profile(TOLD(.identities = {ID("email", email)},
                                              .attributes = {ATTRIBUTE("city", "Riyadh")}))
                             ->id;
        set_city(id, city);
        ask_wait_us(US_PER_SECOND);

        const Profiled__V1__Profile *after = resolve_profile(
            TOLD(.source = "crm", .observe_us = before_us, .identities = {ID("email", email)},
                 .attributes = {ATTRIBUTE("city", "Abha")}));
        cr_expect_str_eq(attribute_in(after, "city") == NULL ? "" : attribute_in(after, "city"),
                         city == NULL ? "" : city, "told of the same, %zu", i);

        resolve(TOLD(.source = "crm", .observe_us = before_us,
                     .identities = {ID("twitter", handle)},
                     .attributes = {ATTRIBUTE("city", "Abha")}));
        after = resolve_profile(TOLD(.identities = {ID("twitter", handle), ID("email", email)}));
        cr_expect_eq(after->n_merged_ids, 1);
        cr_expect_str_eq(attribute_in(after, "city") == NULL ? "" : attribute_in(after, "city"),
                         city == NULL ? "" : city, "merged, %zu", i);

        after = resolve_profile(TOLD(.source = "crm", .identities = {ID("email", email)},
                                     .attributes = {ATTRIBUTE("city", "Taif")}));
        cr_expect_str_eq(attribute_in(after, "city"),
                         city != NULL && rules[i / 2] == SURVIVORSHIP(FIRST_SEEN) ? city : "Taif",
                         "observed since, %zu", i);
    }
}

Test(survivorship, a_rule_brings_back_nothing_that_was_dropped) {
    hear("web", CALL_START_US - 20, "First", "Riyadh");
    hear("web", CALL_START_US - 10, "Second", "Jeddah");

    set_survivorship("city", SURVIVORSHIP(FIRST_SEEN), "");

    cr_expect_str_eq(attribute_in(hear("web", CALL_START_US, "Third", "Abha"), "city"), "Jeddah");
}

Test(survivorship, an_update_sets_whatever_the_rule_says) {
    set_survivorship("city", SURVIVORSHIP(TRUSTED_SOURCE), "crm");
    const char *id = hear("crm", CALL_START_US - 20, "Noura", "Riyadh")->id;
    Profiled__V1__UpdateProfileRequest request = PROFILED__V1__UPDATE_PROFILE_REQUEST__INIT;
    request.profile = profile_told(TOLD(.attributes = {ATTRIBUTE("city", "Jeddah")}));
    request.profile->id = (char *)(uintptr_t)id;

    ask(&rpc_profile_service, "UpdateProfile", &request.base);

    cr_expect_str_eq(attribute_in(get(id), "city"), "Jeddah");
}

Test(survivorship, names_are_derived_until_one_is_told) {
    const Profiled__V1__Profile *after = resolve_profile(
        TOLD(.identities = {ID("phone", "+966500000001"), ID("anonymous_id", "device-1")}));
    cr_expect_str_eq(after->name, "+966500000001");
    cr_expect(after->name_derived);
    after = resolve_profile(
        TOLD(.identities = {ID("phone", "+966500000001"), ID("email", "n@example.com")}));
    cr_expect_str_eq(after->name, "n@example.com");
    after = resolve_profile(TOLD(.identities = {ID("email", "n@example.com")},
                                 .attributes = {ATTRIBUTE("family_name", "القحطاني")}));
    cr_expect_str_eq(after->name, "القحطاني");
    after = resolve_profile(TOLD(.identities = {ID("email", "n@example.com")},
                                 .attributes = {ATTRIBUTE("given_name", "نورة")}));
    cr_expect_str_eq(after->name, "نورة القحطاني");
    cr_expect(after->name_derived);
    /* The first one that is told takes its place, however old it is. */
    after = resolve_profile(told_at(CALL_START_US - 100 * US_PER_DAY, "Noura", NULL));
    cr_expect_str_eq(after->name, "Noura");
    cr_expect_not(after->name_derived);
    after = resolve_profile(TOLD(.identities = {ID("email", "n@example.com")},
                                 .attributes = {ATTRIBUTE("given_name", "هدى")}));
    cr_expect_str_eq(after->name, "Noura");
}

Test(survivorship, a_told_name_survives_a_derived_one_in_a_merge) {
    resolve(TOLD(.identities = {ID("email", "n@example.com")}));
    ask_wait_us(US_PER_SECOND);
    resolve(TOLD(.name = "Noura", .observe_us = 1, .identities = {ID("twitter", "noura_x")}));
    const Profiled__V1__Profile *after = resolve_profile(
        TOLD(.identities = {ID("twitter", "noura_x"), ID("email", "n@example.com")}));
    cr_expect_str_eq(after->name, "Noura");
    cr_expect_not(after->name_derived);
}

Test(survivorship, nobody_known_by_anything_is_unnamed) {
    cr_expect_str_eq(resolve_profile(TOLD(.identities = {ID("anonymous_id", "device-1")}))->name,
                     "Unnamed");
}

Test(survivorship, completeness_adds_up_to_a_hundred) {
    static const struct {
        struct told told;
        int32_t points;
    } steps[] = {
        {{.identities = {ID("anonymous_id", "device-1")}}, 10},
        {{.identities = {ID("email", "info@example.com")}}, 30},
        {{.identities = {ID("email", "n@example.com")}}, 30},
        {{.identities = {ID("whatsapp", "966500000001")}}, 50},
        {{.identities = {ID("phone", "+966500000001")}}, 50},
        {{.name = "Noura"}, 70},
        {{.attributes = {ATTRIBUTE("given_name", "N"), ATTRIBUTE("family_name", "Q")}}, 80},
        {{.attributes = {ATTRIBUTE("birth_date", "1990-01-01"), ATTRIBUTE("gender", "f")}}, 90},
        {{.attributes = {ATTRIBUTE("country", "SA"), ATTRIBUTE("dialect", "saudi")}}, 100},
        {{.attributes = {ATTRIBUTE("language", "ar"), ATTRIBUTE("job", "x")}}, 100},
    };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct told told = steps[i].told;
        told.identities[2] = told.identities[0];
        told.identities[0] = (struct told_identity)ID("anonymous_id", "device-1");
        told.identities[1] =
            told.identities[2].type == NULL ? told.identities[0] : told.identities[2];
        cr_expect_eq(resolve_profile(&told)->completeness, steps[i].points, "step %zu", i);
    }
}
