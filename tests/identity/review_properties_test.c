/* Who was joined stays one, whatever records tell of the two: on random ones from fixed seeds, by
 * types of which each vetoes on whatever it may. Two tell other strong facts and are joined;
 * records of either's identities tell facts of the one, of the other, or of both. And each of the
 * two keeps its own: once they are two again, they tell what they told.
 *
 * A failure names its seed; tests/engine/seeds.h says how to run it alone. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/engine/seeded.h"
#include "tests/engine/seeds.h"
#include "tests/handlers/events.h"
#include "tests/handlers/reviews.h"
#include "tests/handlers/rules.h"

TestSuite(review_properties, .init = ask_open, .fini = ask_close, .timeout = 240);

enum { SEEDS = 40, STEPS = 12, TYPES = 5, ONES = 2, FACTS = 3 };

/* The first ONES are the one's, the others the other's. */
static const char *const types[TYPES] = {"email", "twitter", "phone", "linkedin", "anonymous_id"};
static const char *const facts[FACTS] = {"birth_date", "gender", "given_name"};
static const char *const told_facts[2][FACTS] = {{"1990-01-01", "female", "Noura"},
                                                 {"1990-01-02", "male", "Sara"}};

static uint64_t seed;
static struct seeded seeded;
static bool is_strong[FACTS]; /* A type vetoes on it. */

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static bool once_in(size_t count) { return seeded_below(&seeded, count) == 0; }

static struct told_identity identity(size_t type) {
    const char *const forms[TYPES] = {"p%u@example.com", "person_%u", "+966501%06u", "person_%u",
                                      "tablet-%u"};
    return (struct told_identity){.type = types[type],
                                  .value = arena_format(&ask_arena, forms[type], (unsigned)seed)};
}

/* A birth date vetoes by the types that nobody here has. */
static void set_random_vetoes(void) {
    is_strong[0] = true;
    is_strong[1] = is_strong[2] = false;
    for (size_t i = 0; i < TYPES; i++) {
        const char *vetoes = "";
        for (size_t k = 0; k < FACTS; k++) {
            if (once_in(2)) {
                vetoes = arena_format(&ask_arena, "%s%s%s", vetoes, vetoes[0] == '\0' ? "" : ",",
                                      facts[k]);
                is_strong[k] = true;
            }
        }
        set_vetoes(types[i], vetoes);
    }
}

static const char *make(size_t first, size_t end, const char *const values[FACTS]) {
    struct told told = {0};
    for (size_t i = first; i < end; i++) {
        told.identities[i - first] = identity(i);
    }
    for (size_t i = 0; i < FACTS; i++) {
        told.attributes[i] = (struct told_attribute)ATTRIBUTE(facts[i], values[i]);
    }
    ask_wait_us(US_PER_SECOND);
    return resolve(&told)->profile_id;
}

/* A record of both joins the two, or asks for it. The id of the merge. */
static const char *join(const char *one) {
    ask_wait_us(US_PER_SECOND);
    resolve(TOLD(.identities = {identity(0), identity(ONES)}));
    const Profiled__V1__ListReviewsResponse *open = reviews(FILTER(OPEN), one);
    if (open->n_reviews > 0) {
        (void)decide(open->reviews[0]->id, DECISION(JOIN));
    }
    Profiled__V1__ListMergesRequest list = PROFILED__V1__LIST_MERGES_REQUEST__INIT;
    list.profile_id = text(one);
    const Profiled__V1__ListMergesResponse *merges =
        ask(&rpc_identity_service, "ListMerges", &list.base);
    cr_assert_eq(merges->n_merges, 1, "seed %" PRIu64, seed);
    return merges->merges[0]->id;
}

/* Of some of their identities, with some of their facts. */
static struct told random_record(void) {
    struct told told = {0};
    size_t count = 0;
    for (size_t i = 0; i < TYPES; i++) {
        if (once_in(3)) {
            told.identities[count++] = identity(i);
        }
    }
    if (count == 0) {
        told.identities[0] = identity(seeded_below(&seeded, TYPES));
    }
    count = 0;
    for (size_t i = 0; i < FACTS; i++) {
        if (!once_in(3)) {
            told.attributes[count++] =
                (struct told_attribute)ATTRIBUTE(facts[i], told_facts[seeded_below(&seeded, 2)][i]);
        }
    }
    return told;
}

static const char *step(void) {
    const struct told told = random_record();
    ask_wait_us(US_PER_SECOND);
    return once_in(5)
               ? record_event(event_by_record(engagement_told("", "email", 0), &told))->profile_id
               : resolve(&told)->profile_id;
}

static void undo(const char *merge_id) {
    Profiled__V1__UnmergeProfilesRequest request = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
    request.merge_id = text(merge_id);
    request.keep_decisions = true;
    ask_wait_us(US_PER_SECOND);
    ask(&rpc_identity_service, "UnmergeProfiles", &request.base);
}

static void expect_facts(const char *id, const char *const values[FACTS]) {
    const Profiled__V1__Profile *profile = get(id);
    for (size_t i = 0; i < FACTS; i++) {
        cr_assert(!is_strong[i] || strcmp(attribute_in(profile, facts[i]), values[i]) == 0,
                  "seed %" PRIu64 ", %s", seed, facts[i]);
    }
}

static void run(void) {
    seeded.state = seed;
    set_random_vetoes();
    const char *one = make(0, ONES, told_facts[0]);
    const char *other = make(ONES, TYPES, told_facts[1]);
    const char *merge_id = join(one);

    for (size_t i = 0; i < STEPS; i++) {
        cr_assert_str_eq(step(), one, "seed %" PRIu64 ", step %zu", seed, i);
    }

    undo(merge_id);
    expect_facts(one, told_facts[0]);
    expect_facts(other, told_facts[1]);
}

Test(review_properties, whatever_is_told_of_those_joined_they_are_one_and_each_keeps_its_own) {
    const struct seeds seeds = seeds_of(SEEDS);
    for (seed = seeds.first; seed <= seeds.last; seed++) {
        run();
        call_forget(ask_fixture);
        arena_reset(&ask_arena);
    }
    cr_expect_eq(call_verify(ask_fixture), 0);
}
