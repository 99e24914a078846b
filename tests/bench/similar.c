/* How good the suggestions of similar profiles are, held against sets of which the truth is known,
 * and what they cost as the people become more. */

#include <argp.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "server/identity/similar_em.h"
#include "server/identity/similar_find.h"
#include "server/identity/similar_key.h"
#include "tests/bench/similar_people.h"
#include "tests/bench/similar_set.h"

enum {
    OPTION_FAKE = 256,
    OPTION_FEBRL,
    OPTION_LEAST,
    OPTION_WEIGHTS,
    OPTION_PAIRS,
    OPTION_PEOPLE,
    FILES_MAX = 16,
    PEOPLE_MAX = 1000000,
};

/* All that one set or one size needs. */
static const size_t arena_max = (size_t)4 << 30;

struct file {
    const char *path;
    enum similar_format format;
};

struct arguments {
    struct file files[FILES_MAX];
    size_t file_count;
    double least;
    uint64_t people; /* The most people of whom the cost is measured. */
    bool print_weights;
    bool print_pairs;
};

/* ---- pairs of records ---- */

/* Pairs that are joined or suggested: of one person, and of two. */
struct pairs {
    size_t of_one;
    size_t of_two;
};

static double precision(struct pairs pairs) {
    const size_t all = pairs.of_one + pairs.of_two;
    return all == 0 ? 1 : (double)pairs.of_one / (double)all;
}

static struct pairs sum_of(struct pairs one, struct pairs other) {
    return (struct pairs){one.of_one + other.of_one, one.of_two + other.of_two};
}

/* The records of each profile or group, one after another. */
struct groups {
    size_t count;
    size_t *firsts; /* Where those of a group begin in `records`; one more at the end. */
    const struct similar_record **records;
};

static struct groups groups_of(const struct similar_set *set, const uint32_t *group_of,
                               struct arena *arena) {
    struct groups groups = {.count = set->people_count};
    groups.firsts = arena_array(arena, groups.count + 2, sizeof *groups.firsts);
    groups.records = arena_array(arena, set->record_count, sizeof *groups.records);
    for (size_t i = 0; i < set->record_count; i++) {
        groups.firsts[group_of[set->records[i].profile] + 2]++;
    }
    for (size_t i = 2; i < groups.count + 2; i++) {
        groups.firsts[i] += groups.firsts[i - 1];
    }
    for (size_t i = 0; i < set->record_count; i++) {
        groups.records[groups.firsts[group_of[set->records[i].profile] + 1]++] = &set->records[i];
    }
    return groups;
}

/* Pairs with one record in one group and one in the other. */
static struct pairs pairs_between(const struct groups *groups, size_t one, size_t other) {
    struct pairs pairs = {0};
    for (size_t i = groups->firsts[one]; i < groups->firsts[one + 1]; i++) {
        for (size_t k = groups->firsts[other]; k < groups->firsts[other + 1]; k++) {
            if (one != other || k < i) {
                const bool same = groups->records[i]->person == groups->records[k]->person;
                pairs.of_one += same ? 1 : 0;
                pairs.of_two += same ? 0 : 1;
            }
        }
    }
    return pairs;
}

static struct pairs pairs_within(const struct groups *groups) {
    struct pairs pairs = {0};
    for (size_t i = 0; i < groups->count; i++) {
        pairs = sum_of(pairs, pairs_between(groups, i, i));
    }
    return pairs;
}

static size_t count_truth(const struct similar_set *set) {
    size_t count = 0;
    for (size_t i = 0; i < set->record_count; i++) {
        for (size_t k = 0; k < i; k++) {
            count += set->records[i].person == set->records[k].person ? 1 : 0;
        }
    }
    return count;
}

/* The group that every profile is in when all suggestions are accepted. */
static uint32_t *accept_all(size_t people_count, const struct similar_result *result,
                            struct arena *arena) {
    uint32_t *leads = arena_array(arena, people_count, sizeof *leads);
    for (size_t i = 0; i < people_count; i++) {
        leads[i] = (uint32_t)i;
    }
    for (size_t i = 0; i < result->suggestion_count; i++) {
        uint32_t one = result->suggestions[i].one;
        uint32_t other = result->suggestions[i].other;
        for (; leads[one] != one; one = leads[one]) {
        }
        for (; leads[other] != other; other = leads[other]) {
        }
        leads[one > other ? one : other] = one > other ? other : one;
    }
    for (size_t i = 0; i < people_count; i++) {
        leads[i] = leads[leads[i]]; /* The lead is the least of its group: settled already. */
    }
    return leads;
}

/* ---- running ---- */

static void expect_ok(struct status status) {
    if (!status_is_ok(status)) {
        fprintf(stderr, "%s: %s\n", error_reason_name(status.reason), status.text);
        exit(1);
    }
}

/* Processor time, of which what else the machine does takes no share. */
static double now_s(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void print_weights(const struct similar_weights *weights) {
    printf("    share %.3f\n", weights->share);
    for (size_t i = 0; i < SIMILAR_FIELD_COUNT; i++) {
        printf("    %-12s", similar_field_name((enum similar_field)i));
        for (size_t k = SIMILAR_LEVEL_COUNT; k-- > SIMILAR_DIFFERENT;) {
            const struct similar_weight *weight = &weights->fields[i][k];
            if (weight->m > 0) {
                printf("  %s %.3f/%.5f %+.1f", similar_level_name((enum similar_level)k), weight->m,
                       weight->u, log2(weight->m / weight->u));
            }
        }
        putchar('\n');
    }
}

static void print_letters(struct similar_letters letters) {
    for (size_t i = 0; i < letters.count; i++) {
        printf("%c", letters.at[i] < 0x80 ? (int)letters.at[i] : '?');
    }
    putchar(' ');
}

static void print_person(const struct similar_person *person) {
    printf("      ");
    print_letters(person->given.letters);
    print_letters(person->family.letters);
    print_letters(person->city.letters);
    printf("%d-%d-%d ", person->birth.year, person->birth.month, person->birth.day);
    for (size_t i = 0; i < person->email_count; i++) {
        print_letters(person->emails[i].whole);
    }
    for (size_t i = 0; i < person->phone_count; i++) {
        print_letters(person->phones[i]);
    }
    for (size_t i = 0; i < person->national_id_count; i++) {
        print_letters(person->national_ids[i]);
    }
    putchar('\n');
}

/* A suggestion, and why it was made. */
static void print_suggestion(const struct similar_person *people,
                             const struct similar_suggestion *suggestion) {
    printf("    %.3f:", suggestion->score.probability);
    for (size_t k = 0; k < SIMILAR_FIELD_COUNT; k++) {
        if (suggestion->score.agreement.levels[k] != SIMILAR_UNKNOWN) {
            printf(" %s %+.1f", similar_field_name((enum similar_field)k),
                   suggestion->score.field_bits[k]);
        }
    }
    putchar('\n');
    print_person(&people[suggestion->one]);
    print_person(&people[suggestion->other]);
}

/* The suggestions that are wrong, in part at least. */
static void print_wrong(const struct similar_set *set, const struct similar_result *result,
                        const struct groups *groups) {
    for (size_t i = 0; i < result->suggestion_count; i++) {
        const struct similar_suggestion *suggestion = &result->suggestions[i];
        const struct pairs pairs = pairs_between(groups, suggestion->one, suggestion->other);
        if (pairs.of_two > 0) {
            printf("    wrong in %zu of %zu,\n", pairs.of_two, pairs.of_one + pairs.of_two);
            print_suggestion(set->people, suggestion);
        }
    }
}

/* Whether the people share a key. */
static bool share_key(const struct similar_person *one, const struct similar_person *other) {
    uint64_t ones[SIMILAR_KEYS_MAX];
    uint64_t others[SIMILAR_KEYS_MAX];
    const size_t one_count = similar_keys(one, ones);
    const size_t other_count = similar_keys(other, others);
    for (size_t i = 0; i < one_count; i++) {
        for (size_t k = 0; k < other_count; k++) {
            if (ones[i] == others[k]) {
                return true;
            }
        }
    }
    return false;
}

static bool is_suggested(const struct similar_result *result, uint32_t one, uint32_t other) {
    for (size_t i = 0; i < result->suggestion_count; i++) {
        if (result->suggestions[i].one == (one < other ? one : other) &&
            result->suggestions[i].other == (one < other ? other : one)) {
            return true;
        }
    }
    return false;
}

/* Facts that both people have, names included. */
static size_t count_known(const struct similar_person *one, const struct similar_person *other) {
    struct similar_agreement agreement;
    similar_compare(one, other, &agreement);
    size_t count = 0;
    for (size_t i = 0; i < SIMILAR_FIELD_COUNT; i++) {
        count += agreement.levels[i] != SIMILAR_UNKNOWN ? 1 : 0;
    }
    return count;
}

/* Why true pairs are missed. */
static void print_missed(const struct similar_set *set, const struct similar_result *result,
                         bool print_people) {
    enum { LITTLE_KNOWN = 2 };
    size_t all = 0;
    size_t apart = 0;
    size_t little = 0;
    for (size_t i = 0; i < set->record_count; i++) {
        for (size_t k = 0; k < i; k++) {
            const uint32_t one = set->records[i].profile;
            const uint32_t other = set->records[k].profile;
            if (set->records[i].person != set->records[k].person || one == other ||
                is_suggested(result, one, other)) {
                continue;
            }
            const bool shared = share_key(&set->people[one], &set->people[other]);
            const size_t known = count_known(&set->people[one], &set->people[other]);
            all++;
            apart += shared ? 0 : 1;
            little += shared && known <= LITTLE_KNOWN ? 1 : 0;
            if (print_people) {
                printf("    missed, %s key, %zu facts known of both\n", shared ? "a" : "no", known);
                print_person(&set->people[one]);
                print_person(&set->people[other]);
            }
        }
    }
    printf("    missed %zu: %zu share no key, of %zu at most %d facts are known on both sides\n",
           all, apart, little, LITTLE_KNOWN);
}

static void run_weights(const struct arguments *arguments, const struct similar_set *set,
                        const char *name, const struct similar_weights *weights, size_t truth,
                        struct arena *arena) {
    uint32_t *own = arena_array(arena, set->people_count, sizeof *own);
    for (size_t i = 0; i < set->people_count; i++) {
        own[i] = (uint32_t)i;
    }
    const struct groups groups = groups_of(set, own, arena);
    const struct similar_options options = {arguments->least, SIMILAR_SUGGESTIONS_MAX};
    struct similar_result result;
    const double begin_s = now_s();
    expect_ok(similar_find(set->people, set->people_count, weights, &options, arena, &result));
    const double end_s = now_s();
    struct pairs suggested = {0};
    for (size_t i = 0; i < result.suggestion_count; i++) {
        suggested = sum_of(suggested, pairs_between(&groups, result.suggestions[i].one,
                                                    result.suggestions[i].other));
    }
    const struct pairs joined = pairs_within(&groups);
    const struct pairs both = sum_of(joined, suggested);
    const uint32_t *accepted = accept_all(set->people_count, &result, arena);
    const struct groups accepted_groups = groups_of(set, accepted, arena);
    const struct pairs all = pairs_within(&accepted_groups);
    printf("  %-9s %9zu %9zu %9.4f %9.4f %9.4f %9.4f %9.4f %9zu %8.1f\n", name,
           result.suggestion_count, suggested.of_one, precision(suggested), precision(both),
           (double)both.of_one / (double)truth, precision(all), (double)all.of_one / (double)truth,
           result.compared_count, (end_s - begin_s) * 1e3);
    if (result.blocks.skipped_count > 0) {
        printf("    %zu blocks skipped, the largest of %zu; %zu profiles compared with nobody\n",
               result.blocks.skipped_count, result.blocks.skipped_largest,
               result.blocks.uncompared_people);
    }
    print_missed(set, &result, arguments->print_pairs);
    if (arguments->print_weights) {
        print_weights(weights);
    }
    if (arguments->print_pairs) {
        print_wrong(set, &result, &groups);
    }
}

static void run_set(const struct arguments *arguments, const struct file *file,
                    enum similar_join join) {
    struct arena arena;
    arena_init(&arena, arena_max);
    const struct similar_set set = similar_set_read(file->path, file->format, join, &arena);
    const size_t truth = count_truth(&set);
    uint32_t *own = arena_array(&arena, set.people_count, sizeof *own);
    for (size_t i = 0; i < set.people_count; i++) {
        own[i] = (uint32_t)i;
    }
    const struct groups groups = groups_of(&set, own, &arena);
    const struct pairs joined = pairs_within(&groups);
    const char *name = strrchr(file->path, '/');
    printf("\n%s, %s: %zu records, %zu true pairs; %zu identities refused\n",
           name == NULL ? file->path : name + 1,
           join == SIMILAR_JOIN_DEFAULT ? "default rules" : "no veto by attributes",
           set.record_count, truth, set.refused_count);
    printf("  joined exactly: %zu profiles, %zu pairs, %zu of them true, recall %.4f\n",
           set.people_count, joined.of_one + joined.of_two, joined.of_one,
           (double)joined.of_one / (double)truth);
    printf("  weights     suggest- true pairs precision precision    recall precision    recall"
           "  compared   cpu ms\n"
           "                 ions   of these  of these with exact with exact   all acc.  all acc."
           "     pairs\n");
    run_weights(arguments, &set, "default", similar_weights_default(), truth, &arena);
    struct similar_weights weights;
    struct similar_em_report report;
    const double begin_s = now_s();
    const struct status status = similar_em_estimate(
        set.people, set.people_count, similar_weights_default(), &arena, &weights, &report);
    const double end_s = now_s();
    if (status_is_ok(status)) {
        run_weights(arguments, &set, "estimated", &weights, truth, &arena);
        printf("    estimated in %zu rounds, %.0f ms of cpu\n", report.round_count,
               (end_s - begin_s) * 1e3);
    } else {
        printf("  estimated  none: %s\n", status.text);
    }
    arena_free(&arena);
}

/* ---- cost ---- */

static void run_people(const struct arguments *arguments, size_t count) {
    struct arena arena;
    struct arena scratch;
    arena_init(&arena, arena_max);
    arena_init(&scratch, arena_max);
    struct similar_person *people = arena_array(&arena, count, sizeof *people);
    double prepare_s = 0;
    for (size_t i = 0; i < count; i++) {
        const struct profile *profile = similar_people_profile(i, &scratch);
        const double begin_s = now_s();
        similar_person_of(profile, &scratch, &arena, &people[i]);
        prepare_s += now_s() - begin_s;
        arena_reset(&scratch);
    }
    const size_t people_size = arena.used;
    const struct similar_options options = {arguments->least, SIMILAR_SUGGESTIONS_MAX};
    struct similar_result result;
    const double begin_s = now_s();
    expect_ok(similar_find(people, count, similar_weights_default(), &options, &arena, &result));
    const double find_s = now_s() - begin_s;
    struct pairs pairs = {0};
    for (size_t i = 0; i < result.suggestion_count; i++) {
        const struct similar_suggestion *suggestion = &result.suggestions[i];
        const bool same =
            similar_people_person(suggestion->one) == similar_people_person(suggestion->other);
        pairs.of_one += same ? 1 : 0;
        pairs.of_two += same ? 0 : 1;
        if (arguments->print_pairs && !same) {
            print_suggestion(people, suggestion);
        }
    }
    const double each = 1e6 / (double)count;
    printf("  %8zu %11zu %9.1f %9.1f %9.1f %9zu %9zu %9.4f %9.4f %8zu %8zu\n", count,
           result.compared_count, (double)result.compared_count / (double)count, prepare_s * each,
           find_s * each, people_size / count, (arena.used - people_size) / count, precision(pairs),
           (double)pairs.of_one / ((double)count / SIMILAR_PEOPLE_TWICE),
           result.blocks.skipped_count, result.blocks.uncompared_people);
    arena_free(&scratch);
    arena_free(&arena);
}

/* ---- arguments ---- */

static error_t parse(int key, char *argument, struct argp_state *state) {
    struct arguments *arguments = state->input;
    switch (key) {
    case OPTION_FAKE:
    case OPTION_FEBRL:
        if (arguments->file_count == FILES_MAX) {
            argp_error(state, "too many files");
        }
        arguments->files[arguments->file_count++] = (struct file){
            argument, key == OPTION_FAKE ? SIMILAR_FORMAT_FAKE : SIMILAR_FORMAT_FEBRL};
        return 0;
    case OPTION_LEAST:
        arguments->least = strtod(argument, NULL);
        return 0;
    case OPTION_WEIGHTS:
        arguments->print_weights = true;
        return 0;
    case OPTION_PAIRS:
        arguments->print_pairs = true;
        return 0;
    case OPTION_PEOPLE:
        arguments->people = strtoul(argument, NULL, 10);
        if (arguments->people > PEOPLE_MAX) {
            argp_error(state, "too many people");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static struct arguments arguments_of(int argc, char **argv) {
    static const struct argp_option options[] = {
        {"fake", OPTION_FAKE, "FILE", 0, "A set in the form of fake_1000.csv", 0},
        {"febrl", OPTION_FEBRL, "FILE", 0, "A set in the form of febrl1.csv", 0},
        {"least", OPTION_LEAST, "P", 0, "The least probability of a suggestion", 0},
        {"people", OPTION_PEOPLE, "N", 0, "Invented people at most, for the cost (100000)", 0},
        {"weights", OPTION_WEIGHTS, NULL, 0, "Print the weights: m/u and bits", 0},
        {"pairs", OPTION_PAIRS, NULL, 0, "Print the wrong suggestions", 0},
        {0},
    };
    static const struct argp argp = {
        options, parse, NULL, "How good suggestions of similar profiles are, and what they cost.",
        NULL,    NULL,  NULL};
    static const struct file shipped[] = {
        {"tests/identity/data/fake_1000.csv", SIMILAR_FORMAT_FAKE},
        {"tests/identity/data/febrl1.csv", SIMILAR_FORMAT_FEBRL},
        {"tests/identity/data/febrl2.csv", SIMILAR_FORMAT_FEBRL},
    };
    struct arguments arguments = {.least = SIMILAR_PROBABILITY_DEFAULT, .people = 100000};
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    if (arguments.file_count == 0) {
        memcpy(arguments.files, shipped, sizeof shipped);
        arguments.file_count = sizeof shipped / sizeof *shipped;
    }
    return arguments;
}

int main(int argc, char **argv) {
    enum { PEOPLE_FIRST = 1000, PEOPLE_FACTOR = 10 };
    const struct arguments arguments = arguments_of(argc, argv);
    printf(
        "Pairs are pairs of records: joined when they came to one profile, suggested when their\n"
        "profiles are. Suggested from a probability of %.2f on. \"With exact\" counts what was\n"
        "joined exactly and what is suggested against the truth; \"all acc.\" what would be one\n"
        "profile if all suggestions were accepted.\n",
        arguments.least);
    for (size_t i = 0; i < arguments.file_count; i++) {
        run_set(&arguments, &arguments.files[i], SIMILAR_JOIN_DEFAULT);
        run_set(&arguments, &arguments.files[i], SIMILAR_JOIN_UNVETOED);
    }
    if (arguments.people >= PEOPLE_FIRST) {
        printf("\nInvented profiles, a tenth there twice: the cost of each\n"
               "    people    compared      each   prepare      find     bytes     bytes precision"
               "    recall  skipped compared\n"
               "                                        us        us    itself finding          "
               "           blocks with none\n");
    }
    for (size_t count = PEOPLE_FIRST; count <= arguments.people; count *= PEOPLE_FACTOR) {
        run_people(&arguments, count);
    }
    return 0;
}
