/* Random histories, and other rules for all that came of them: under the rules that were always
 * there nothing changes, and once they are back everything is what it was. What was made of records
 * goes on as members: a history ends once some are made and came back.
 *
 * A failure names the seed of its history; PROFILED_SEED=N runs that one alone. */

#include <inttypes.h>
#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/engine/seeded.h"
#include "tests/engine/seeds.h"
#include "tests/handlers/rules.h"

enum { SEEDS = 40, STEPS = 40, ROUNDS = 3, PROFILES_MAX = STEPS, ID_TEXT = 37 };

static struct seeded rolls;
static uint64_t seed;
static size_t id_count;
static char ids[PROFILES_MAX][ID_TEXT];
static bool records_come; /* The rules are those of before. */

static size_t below(size_t count) { return seeded_below(&rolls, count); }

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static const char *const types[] = {"email", "phone", "twitter", "external_id"};

/* Of e-mail addresses some are one without their dots. There are no more values than a profile may
 * have: what is over the limit of several profiles together may get to another one for good. */
static const char *value_of(size_t type) {
    static const size_t counts[] = {2, 5, 5, 20};
    const size_t value = below(counts[type]);
    switch (type) {
    case 0:
        return arena_format(&ask_arena, "%sx%zu@d%" PRIu64 ".example", below(2) == 0 ? "a." : "a",
                            value, seed);
    case 1:
        return arena_format(&ask_arena, "+9665%05" PRIu64 "30%zu", seed, value);
    case 2:
        return arena_format(&ask_arena, "t%" PRIu64 "_%zu", seed, value);
    default:
        return arena_format(&ask_arena, "c-%" PRIu64 "-%zu", seed, value);
    }
}

static struct told_identity an_identity(size_t type) {
    static const int provenances[] = {PROVENANCE(ATTESTED), PROVENANCE(VERIFIED),
                                      PROVENANCE(INFERRED), PROVENANCE(ATTESTED)};
    return (struct told_identity){
        .type = types[type], .value = value_of(type), .provenance = provenances[below(4)]};
}

static void do_resolve(void) {
    static const char *const names[] = {"Noura", "Reem", "Huda"};
    struct told told = {.source = "crm", .observe_us = ask_now_us()};
    size_t count = 0;
    for (size_t type = 0; type < 4; type++) {
        if (below(type == 3 ? 6 : 2) == 0) {
            told.identities[count++] = an_identity(type);
        }
    }
    if (count == 0) {
        told.identities[0] = an_identity(below(3));
    }
    if (below(3) == 0) {
        told.attributes[0] = (struct told_attribute)ATTRIBUTE("given_name", names[below(3)]);
    }
    const char *id = resolve(&told)->profile_id;
    if (id_count < PROFILES_MAX) {
        memcpy(ids[id_count++], id, ID_TEXT);
    }
}

/* A call that the server may refuse. */
static void may(const char *method, const ProtobufCMessage *request) {
    (void)call(ask_fixture, &rpc_identity_service, method, request, NULL);
}

static void do_merge(void) {
    Profiled__V1__MergeProfilesRequest request = PROFILED__V1__MERGE_PROFILES_REQUEST__INIT;
    request.profile_id = ids[below(id_count)];
    request.other_profile_id = ids[below(id_count)];
    may("MergeProfiles", &request.base);
}

static void do_unmerge(void) {
    Profiled__V1__UnmergeProfilesRequest request = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
    request.profile_id = ids[below(id_count)];
    may("UnmergeProfiles", &request.base);
}

static void do_link(void) {
    const struct told_identity told = an_identity(below(3));
    Profiled__V1__LinkIdentityRequest request = PROFILED__V1__LINK_IDENTITY_REQUEST__INIT;
    request.profile_id = ids[below(id_count)];
    request.identity = identity_told(told.type, told.value);
    may("LinkIdentity", &request.base);
}

static void do_unlink(void) {
    const struct told_identity told = an_identity(below(3));
    Profiled__V1__UnlinkIdentityRequest request = PROFILED__V1__UNLINK_IDENTITY_REQUEST__INIT;
    request.profile_id = ids[below(id_count)];
    request.identity = identity_told(told.type, told.value);
    may("UnlinkIdentity", &request.base);
}

static void step(void) {
    ask_wait_us(US_PER_SECOND);
    const size_t choice = id_count == 0 ? 0 : below(20);
    if (choice < 14) {
        do_resolve();
    } else if (choice < 16) {
        do_merge();
    } else if (choice < 17) {
        do_unmerge();
    } else if (choice < 19) {
        do_link();
    } else {
        do_unlink();
    }
}

/* By all types, or none, while records come: what these left to other members of a person, who tell
 * it already, nobody knows where they are judged piece by piece. */
static void set_vetoes_of(const char *type, const char *vetoes) {
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (records_come || types[i] == type) {
            set_vetoes(types[i], vetoes);
        }
    }
}

static void change_rules(size_t kind) {
    const size_t at = below(3);
    const char *type = types[at];
    Profiled__V1__IdentityType rules = PROFILED__V1__IDENTITY_TYPE__INIT;
    rules.type = text(type);
    switch (kind) {
    case 0:
        set_blocked(type, value_of(at));
        break;
    case 1:
        set_disabled(type, true);
        break;
    case 2:
        set_vetoes_of(type, "birth_date,given_name");
        break;
    case 3:
        set_ignore_dots("email", true);
        break;
    case 4:
        rules.merge_provenance = PROVENANCE(VERIFIED);
        set_rules("merge_provenance", &rules);
        break;
    case 5:
        set_vetoes_of(type, "");
        break;
    case 6:
        set_rules("merge", &rules); /* It may not. */
        break;
    case 7: /* What keeps the fewest apart. */
        rules.merge = true;
        rules.limit = 10;
        rules.merge_provenance = PROVENANCE(ATTESTED);
        set_rules("merge,limit,merge_provenance,veto_attributes", &rules);
        break;
    default:
        set_limit(type, 2 + (int)below(3));
        break;
    }
}

static void run(uint64_t of) {
    seed = of;
    rolls = (struct seeded){of};
    id_count = 0;
    records_come = true;
    for (size_t i = below(4); i > 0; i--) {
        change_rules(below(7)); /* Under some more is kept apart. */
    }
    for (size_t i = 0; i < STEPS; i++) {
        step();
    }
    const struct bytes before = profiles_alike();
    cr_assert_eq(apply_rules(7).changed_count, 0, "seed %" PRIu64 ": under the same rules", seed);
    cr_assert(bytes_equal(before, profiles_alike()), "seed %" PRIu64 ": under the same rules",
              seed);
    const int64_t version = rule_version();
    records_come = false;
    int64_t made_count = 0;
    for (size_t round = 0; round < ROUNDS && made_count == 0; round++) {
        for (size_t i = 1 + below(2); i > 0; i--) {
            change_rules(below(9));
        }
        ask_wait_us(US_PER_SECOND);
        made_count = apply_rules(1 + (int)below(20)).made_count;
        const struct bytes after = profiles_alike();
        apply_rules(1000);
        cr_assert(bytes_equal(after, profiles_alike()), "seed %" PRIu64 ": once more", seed);
        const struct simulated *told = simulate_version(version);
        restore_rules(version);
        const struct applied *applied = apply_rules_by_page(1 + (int)below(20));
        expect_effect(&applied->effect, &told->effect);
        cr_expect_eq(applied->pass, told->pass);
        cr_assert(bytes_equal(before, profiles_alike()),
                  "seed %" PRIu64 ", round %zu: back under the earlier rules", seed, round);
    }
    cr_assert_eq(call_verify(ask_fixture), 0, "seed %" PRIu64 ": the store is sound", seed);
}

TestSuite(reapply_properties, .timeout = 600);

Test(reapply_properties, earlier_rules_bring_everything_back) {
    const struct seeds seeds = seeds_of(SEEDS);
    for (uint64_t i = seeds.first; i <= seeds.last; i++) {
        ask_open(); /* A store for each: all of its profiles are compared. */
        run(i);
        ask_close();
    }
}
