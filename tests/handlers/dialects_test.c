/* Dialects and sub-dialects, which belong together. */

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/people.h"

TestSuite(dialects, .init = ask_open, .fini = ask_close);

/* What a profile tells of the two, as "saudi/najdi_sa". */
static const char *both(const char *id) {
    const Profiled__V1__Profile *profile = get(id);
    const char *dialect = attribute_in(profile, "dialect");
    const char *sub_dialect = attribute_in(profile, "sub_dialect");
    return arena_format(&ask_arena, "%s/%s", dialect == NULL ? "" : dialect,
                        sub_dialect == NULL ? "" : sub_dialect);
}

/* A record of somebody, at a day, with what is not NULL. */
static const char *tell(const char *email, int day, const char *dialect, const char *sub_dialect) {
    struct told told = {.identities = {ID("email", email)},
                        .observe_us = CALL_START_US - (30 - day) * US_PER_DAY};
    size_t count = 0;
    if (dialect != NULL) {
        told.attributes[count++] = (struct told_attribute)ATTRIBUTE("dialect", dialect);
    }
    if (sub_dialect != NULL) {
        told.attributes[count++] = (struct told_attribute)ATTRIBUTE("sub_dialect", sub_dialect);
    }
    ask_wait_us(US_PER_SECOND);
    return resolve(&told)->profile_id;
}

Test(dialects, a_pair_that_does_not_belong_together_is_refused) {
    Profiled__V1__ResolveProfileRequest request = PROFILED__V1__RESOLVE_PROFILE_REQUEST__INIT;
    request.record =
        record_told(TOLD(.name = "Noura", .attributes = {ATTRIBUTE("dialect", "khaleji"),
                                                         ATTRIBUTE("sub_dialect", "Najdi-SA")}));
    cr_expect_str_eq(
        answer_violation(ask_refused(&rpc_identity_service, "ResolveProfile", &request.base,
                                     STATUS_INVALID_ARGUMENT, "FIELD_INVALID"),
                         "record.attributes.sub_dialect"),
        "belongs to another dialect: saudi");
}

Test(dialects, a_sub_dialect_alone_tells_its_dialect) {
    cr_expect_str_eq(both(tell("n@example.com", 1, NULL, "hijaze-SA")), "saudi/hijazi_sa");
    cr_expect_str_eq(both(tell("r@example.com", 1, "white", NULL)), "white/");
}

Test(dialects, another_dialect_puts_the_sub_dialect_aside_until_it_belongs_again) {
    tell("n@example.com", 1, "saudi", "najdi_sa");
    const char *id = tell("n@example.com", 2, "khaleji", NULL);
    cr_expect_str_eq(both(id), "khaleji/");

    tell("n@example.com", 3, "saudi", NULL);
    cr_expect_str_eq(both(id), "saudi/najdi_sa");

    tell("n@example.com", 4, NULL, "emirati");
    cr_expect_str_eq(both(id), "khaleji/emirati");
    cr_expect_eq(call_verify(ask_fixture), 0);
}

/* Whatever the order in which records come, what they told last holds. */
Test(dialects, the_order_of_telling_does_not_matter) {
    static const struct {
        const char *dialect;
        const char *sub_dialect;
    } records[] = {{"saudi", "najdi_sa"}, {"khaleji", NULL}, {NULL, "kuwaiti"}, {"saudi", NULL}};
    static const int orders[][4] = {{0, 1, 2, 3}, {3, 2, 1, 0}, {2, 0, 3, 1}, {1, 3, 0, 2}};
    for (size_t i = 0; i < 4; i++) {
        const char *email = arena_format(&ask_arena, "order%zu@example.com", i);
        const char *id = NULL;
        for (size_t k = 0; k < 4; k++) {
            const int record = orders[i][k];
            id = tell(email, 1 + record, records[record].dialect, records[record].sub_dialect);
        }
        cr_expect_str_eq(both(id), "saudi/", "order %zu", i);
    }
}

/* What one profile would tell whom all records had reached; each by itself tells its own. */
Test(dialects, a_merge_puts_aside_what_the_last_does_not_belong_to) {
    const char *one = tell("n@example.com", 1, "saudi", "najdi_sa");
    const char *other = tell("r@example.com", 2, "khaleji", "emirati");
    const char *third = tell("s@example.com", 3, "saudi", NULL);

    const char *merge = merge_two(one, other);
    cr_expect_str_eq(both(one), "khaleji/emirati");
    merge_two(one, third);
    cr_expect_str_eq(both(one), "saudi/");
    cr_expect_eq(call_verify(ask_fixture), 0);

    Profiled__V1__UnmergeProfilesRequest request = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
    request.merge_id = (char *)(uintptr_t)merge;
    ask(&rpc_identity_service, "UnmergeProfiles", &request.base);
    cr_expect_str_eq(both(one), "saudi/najdi_sa");
    cr_expect_str_eq(both(other), "khaleji/emirati");
    cr_expect_eq(call_verify(ask_fixture), 0);
}

static Profiled__V1__UpdateProfileRequest update_request(const char *id, const struct told *told,
                                                         const char *path) {
    Profiled__V1__UpdateProfileRequest request = PROFILED__V1__UPDATE_PROFILE_REQUEST__INIT;
    request.profile = profile_told(told);
    request.profile->id = (char *)(uintptr_t)id;
    if (path != NULL) {
        request.update_mask = arena_alloc(&ask_arena, sizeof *request.update_mask);
        google__protobuf__field_mask__init(request.update_mask);
        request.update_mask->paths = arena_alloc(&ask_arena, sizeof(char *));
        request.update_mask->paths[0] = (char *)(uintptr_t)path;
        request.update_mask->n_paths = 1;
    }
    return request;
}

static void update(const char *id, const struct told *told, const char *path) {
    ask_wait_us(US_PER_SECOND);
    Profiled__V1__UpdateProfileRequest request = update_request(id, told, path);
    ask_twice(&rpc_profile_service, "UpdateProfile", &request.base);
}

static void expect_refused(const char *id, const struct told *told, const char *path,
                           const char *field) {
    Profiled__V1__UpdateProfileRequest request = update_request(id, told, path);
    cr_expect_not_null(
        answer_violation(ask_refused(&rpc_profile_service, "UpdateProfile", &request.base,
                                     STATUS_INVALID_ARGUMENT, "FIELD_INVALID"),
                         field),
        "%s", field);
}

Test(dialects, an_update_makes_the_two_agree) {
    const char *id = tell("n@example.com", 1, "saudi", "najdi_sa");

    expect_refused(id, TOLD(.attributes = {ATTRIBUTE("dialect", "khaleji")}), NULL,
                   "profile.attributes.dialect");
    expect_refused(id, TOLD(.attributes = {ATTRIBUTE("sub_dialect", "emirati")}), NULL,
                   "profile.attributes.sub_dialect");
    expect_refused(id, TOLD(.attributes = {ATTRIBUTE("sub_dialect", "emirati")}),
                   "attributes.sub_dialect", "profile.attributes.sub_dialect");

    update(id, TOLD(.attributes = {ATTRIBUTE("sub_dialect", "hijazi_sa")}),
           "attributes.sub_dialect");
    cr_expect_str_eq(both(id), "saudi/hijazi_sa");
    update(
        id,
        TOLD(.attributes = {ATTRIBUTE("dialect", "khaleji"), ATTRIBUTE("sub_dialect", "emirati")}),
        NULL);
    cr_expect_str_eq(both(id), "khaleji/emirati");
    update(id, TOLD(.name = ""), "attributes.sub_dialect");
    update(id, TOLD(.attributes = {ATTRIBUTE("dialect", "white")}), "attributes.dialect");
    cr_expect_str_eq(both(id), "white/");
    update(id, TOLD(.attributes = {ATTRIBUTE("dialect", "iraqi")}), "attributes");
    cr_expect_str_eq(both(id), "iraqi/");
    cr_expect_eq(call_verify(ask_fixture), 0);
}
