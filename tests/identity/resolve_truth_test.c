/* Resolution held against sets of records of which it is known whose they are. Every pair of
 * records is counted: joined and one person (true), joined and two people (false). */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "server/base/limits.h"
#include "tests/engine/seeded.h"
#include "tests/handlers/people.h"
#include "tests/identity/truth_set.h"

TestSuite(resolve_truth, .init = ask_open, .fini = ask_close, .timeout = 240);

/* What one record of a set tells; `told` comes empty. */
typedef void tell_fn(const struct truth_row *row, struct told *told);

struct pairs {
    size_t true_count;
    size_t false_count;
    size_t refused;
};

static struct truth_set set; /* Of one test: each is a process of its own. */

/* ---- resolving ---- */

static void resolve_batch(size_t first, size_t count, tell_fn *tell, struct pairs *pairs) {
    Profiled__V1__BatchResolveProfilesRequest request =
        PROFILED__V1__BATCH_RESOLVE_PROFILES_REQUEST__INIT;
    request.n_records = count;
    request.records = arena_array(&ask_arena, count, sizeof *request.records);
    for (size_t i = 0; i < count; i++) {
        struct told told = {.name = "Somebody"};
        tell(&set.rows[first + i], &told);
        request.records[i] = record_told(&told);
    }
    const Profiled__V1__BatchResolveProfilesResponse *response =
        ask(&rpc_identity_service, "BatchResolveProfiles", &request.base);
    cr_assert_eq(response->n_verdicts, count);
    for (size_t i = 0; i < count; i++) {
        const Profiled__V1__ResolveVerdict *verdict = response->verdicts[i];
        cr_assert_neq(verdict->decision == NULL, verdict->n_errors == 0);
        set.rows[first + i].profile =
            verdict->decision == NULL
                ? NULL
                : arena_string(&ask_arena, bytes_of_string(verdict->decision->profile_id));
        if (verdict->n_errors > 0) {
            cr_assert_str_eq(verdict->errors[0]->field, "identities[0].value");
            pairs->refused++;
        }
    }
}

/* Where the ids lead now: profiles were merged since. */
static void follow(size_t first, size_t count) {
    Profiled__V1__BatchGetProfilesRequest request = PROFILED__V1__BATCH_GET_PROFILES_REQUEST__INIT;
    request.ids = arena_array(&ask_arena, count, sizeof *request.ids);
    for (size_t i = 0; i < count; i++) {
        if (set.rows[first + i].profile != NULL) {
            request.ids[request.n_ids++] = (char *)(uintptr_t)set.rows[first + i].profile;
        }
    }
    const Profiled__V1__BatchGetProfilesResponse *response =
        ask(&rpc_profile_service, "BatchGetProfiles", &request.base);
    cr_assert_eq(response->n_profiles, request.n_ids, "every id answers");
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        if (set.rows[first + i].profile != NULL) {
            set.rows[first + i].profile =
                arena_string(&ask_arena, bytes_of_string(response->profiles[at++]->profile->id));
        }
    }
}

static struct pairs resolve_set(tell_fn *tell) {
    struct pairs pairs = {0};
    for (size_t i = 0; i < set.count; i += BATCH_RECORDS_MAX) {
        const size_t rest = set.count - i;
        ask_wait_us(1000000);
        resolve_batch(i, rest < BATCH_RECORDS_MAX ? rest : BATCH_RECORDS_MAX, tell, &pairs);
    }
    for (size_t i = 0; i < set.count; i += BATCH_RECORDS_MAX) {
        const size_t rest = set.count - i;
        follow(i, rest < BATCH_RECORDS_MAX ? rest : BATCH_RECORDS_MAX);
    }
    for (size_t i = 0; i < set.count; i++) {
        for (size_t k = 0; k < i && set.rows[i].profile != NULL; k++) {
            if (set.rows[k].profile != NULL &&
                strcmp(set.rows[i].profile, set.rows[k].profile) == 0) {
                const bool same = strcmp(set.rows[i].person, set.rows[k].person) == 0;
                pairs.true_count += same ? 1 : 0;
                pairs.false_count += same ? 0 : 1;
            }
        }
    }
    return pairs;
}

/* ---- what the records tell ---- */

static void tell_email(const struct truth_row *row, struct told *told) {
    if (row->columns[5][0] != '\0') {
        told->identities[0] = (struct told_identity)ID("email", row->columns[5]);
    }
}

static void tell_national_id(const struct truth_row *row, struct told *told) {
    if (row->columns[10][0] != '\0') {
        told->identities[0] = (struct told_identity)ID("national_id", row->columns[10]);
    }
}

/* Dates that are none are left out: 13 months are a slip of the pen, no strong fact. */
static bool is_date(const char *text) {
    if (strlen(text) != 8 || strspn(text, "0123456789") != 8) {
        return false;
    }
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const long number = strtol(text, NULL, 10);
    const long year = number / 10000;
    const long month = number / 100 % 100;
    const long day = number % 100;
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return year >= 1900 && month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] &&
           (leap || month != 2 || day <= 28);
}

static void tell_birth_date(const struct truth_row *row, struct told *told) {
    tell_national_id(row, told);
    if (is_date(row->columns[9])) {
        told->attributes[0] = (struct told_attribute)ATTRIBUTE("birth_date", row->columns[9]);
    }
}

/* ---- the sets ---- */

Test(resolve_truth, fake_1000_by_email_joins_682_pairs_and_none_falsely) {
    truth_set_read("tests/identity/data/fake_1000.csv", &set, truth_of_fake);

    const struct pairs pairs = resolve_set(tell_email);

    cr_expect_eq(set.count, 1000);
    cr_expect_eq(pairs.true_count, 682, "%zu", pairs.true_count);
    cr_expect_eq(pairs.false_count, 0, "%zu", pairs.false_count);
    cr_expect_eq(pairs.refused, 30, "%zu", pairs.refused);
}

Test(resolve_truth, febrl1_by_national_id_joins_450_pairs_and_none_falsely) {
    truth_set_read("tests/identity/data/febrl1.csv", &set, truth_of_febrl);

    const struct pairs pairs = resolve_set(tell_national_id);

    cr_expect_eq(set.count, 1000);
    cr_expect_eq(pairs.true_count, 450, "%zu", pairs.true_count);
    cr_expect_eq(pairs.false_count, 0, "%zu", pairs.false_count);
    cr_expect_eq(pairs.refused, 0);
}

Test(resolve_truth, febrl1_with_birth_dates_joins_none_falsely_and_fewer) {
    truth_set_read("tests/identity/data/febrl1.csv", &set, truth_of_febrl);

    const struct pairs pairs = resolve_set(tell_birth_date);

    printf("febrl1 by national id, birth dates veto: %zu true, %zu false\n", pairs.true_count,
           pairs.false_count);
    cr_expect_eq(pairs.false_count, 0, "%zu", pairs.false_count);
    cr_expect_lt(pairs.true_count, 450);
    cr_expect_gt(pairs.true_count, 300);
    cr_expect_eq(pairs.refused, 0);
}

/* All pairs whose numbers are equal: those with a slip in the number are out of reach for it. */
Test(resolve_truth, febrl2_by_national_id_joins_1686_pairs_and_none_falsely) {
    truth_set_read("tests/identity/data/febrl2.csv", &set, truth_of_febrl);

    const struct pairs pairs = resolve_set(tell_national_id);

    cr_expect_eq(set.count, 5000);
    cr_expect_eq(pairs.true_count, 1686, "%zu", pairs.true_count);
    cr_expect_eq(pairs.false_count, 0, "%zu", pairs.false_count);
}

/* ---- the order does not matter ---- */

static void shuffle(struct seeded *seeded) {
    for (size_t i = set.count; i > 1; i--) {
        const size_t k = seeded_below(seeded, i);
        const struct truth_row moved = set.rows[i - 1];
        set.rows[i - 1] = set.rows[k];
        set.rows[k] = moved;
    }
}

static void expect_same_groups_when_shuffled(uint64_t seed) {
    struct seeded seeded = {seed};
    truth_set_read("tests/identity/data/febrl1.csv", &set, truth_of_febrl);
    shuffle(&seeded);

    const struct pairs pairs = resolve_set(tell_national_id);

    /* Groups by one exact key: the same number of pairs, none false, are the same groups. */
    cr_expect_eq(pairs.true_count, 450, "%zu", pairs.true_count);
    cr_expect_eq(pairs.false_count, 0, "%zu", pairs.false_count);
}

Test(resolve_truth, febrl1_in_a_first_order) { expect_same_groups_when_shuffled(1); }
Test(resolve_truth, febrl1_in_a_second_order) { expect_same_groups_when_shuffled(2); }
Test(resolve_truth, febrl1_in_a_third_order) { expect_same_groups_when_shuffled(3); }
Test(resolve_truth, febrl1_in_a_fourth_order) { expect_same_groups_when_shuffled(4); }
Test(resolve_truth, febrl1_in_a_fifth_order) { expect_same_groups_when_shuffled(5); }
