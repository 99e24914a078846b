/* Other rules that are taken back: what each kind of identity, attribute and tie is then. Each of
 * these came out of a random history (reapply_history_test.c). */

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/rules.h"

static int64_t version; /* Of the earlier rules. */
static struct bytes before;

static void close_proven(void) {
    cr_expect_eq(call_verify(ask_fixture), 0, "the store is sound");
    ask_close();
}

TestSuite(reapply_back, .init = ask_open, .fini = close_proven);

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static const char *tell(const struct told *told) {
    ask_wait_us(US_PER_SECOND);
    return resolve(told)->profile_id;
}

static void link(const char *id, const struct told_identity *told) {
    ask_wait_us(US_PER_SECOND);
    Profiled__V1__LinkIdentityRequest request = PROFILED__V1__LINK_IDENTITY_REQUEST__INIT;
    request.profile_id = text(id);
    request.identity = identity_told(told->type, told->value);
    request.identity->provenance = (Profiled__V1__Provenance)told->provenance;
    ask(&rpc_identity_service, "LinkIdentity", &request.base);
}

/* What is there before other rules. */
static void keep(void) {
    version = rule_version();
    before = profiles_alike();
}

static Profiled__V1__IdentityTypesEffect apply(void) {
    ask_wait_us(US_PER_SECOND);
    return apply_rules(2);
}

/* Applies the present rules, and the earlier ones. */
static void expect_all_back(void) {
    apply();
    cr_expect_eq(apply().changed_count, 0, "once more, under other rules");
    restore_rules(version);
    apply();
    cr_expect(bytes_equal(before, profiles_alike()), "it is otherwise");
    cr_expect_eq(apply().changed_count, 0, "once more");
}

#define NUMBER "+966500000001"
#define KNOWN(TYPE, VALUE, PROVENANCE_NAME)                                                        \
    { .type = (TYPE), .value = (VALUE), .provenance = PROVENANCE(PROVENANCE_NAME) }

/* By its own telling the number is known better than it was when the record came. */
Test(reapply_back, a_record_joins_nobody_whom_it_did_not_join) {
    tell(TOLD(.identities = {KNOWN("national_id", "1011111111", INFERRED)}));
    tell(TOLD(.identities = {KNOWN("twitter", "noura_x", VERIFIED)}));
    tell(TOLD(.name = "Noura", .identities = {ID("national_id", "1011111111"),
                                              KNOWN("twitter", "noura_x", VERIFIED)}));
    cr_assert_eq(profile_count(), 2);
    keep();
    set_blocked("national_id", "1011111111");
    expect_all_back();
}

Test(reapply_back, a_pair_for_review_is_not_joined) {
    tell(TOLD(.name = "Noura", .identities = {ID("anonymous_id", "a-3")}));
    tell(TOLD(.identities = {KNOWN("instagram", "reem_x", INFERRED), ID("anonymous_id", "a-4")}));
    tell(
        TOLD(.name = "Reem", .identities = {ID("instagram", "reem_x"), ID("anonymous_id", "a-3")}));
    cr_assert_eq(profile_count(), 2);
    keep();
    set_limit("anonymous_id", 1);
    expect_all_back();
}

/* Of two handles the one that was seen first names the profile, whichever member has it. */
Test(reapply_back, a_derived_name_is_derived_of_the_same_identity) {
    const char *id = tell(TOLD(.identities = {ID("national_id", "1011111111")}));
    tell(TOLD(.identities = {ID("national_id", "1011111111"), ID("twitter", "noura_x")}));
    link(id, &(struct told_identity)ID("phone", NUMBER));
    tell(TOLD(.identities = {ID("whatsapp", NUMBER), ID("twitter", "noura_y")}));
    cr_assert_str_eq(get(id)->name, "noura_x");
    keep();
    set_disabled("national_id", true);
    expect_all_back();
}
