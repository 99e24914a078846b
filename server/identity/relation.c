/* Identities in common: what each side tells, sorted by how it is compared, and gone through side
 * by side. Only what both tell is judged: that costs more than to compare. */

#include "server/identity/relation.h"

#include <stdlib.h>
#include <string.h>

#include "server/identity/identity_rule.h"
#include "server/identity/match_value.h"
#include "server/identity/rejudge.h"
#include "server/identity/spelling.h"

/* What is told, and how it is compared. */
struct term {
    const char *name;
    const char *match;
    const struct profile_identity *told;
};

struct terms {
    size_t count;
    struct term *items;
};

/* ---- what a side tells ---- */

static int compare(const struct term *one, const struct term *other) {
    const int order = strcmp(one->name, other->name);
    return order != 0 ? order : strcmp(one->match, other->match);
}

static int by_value(const void *one, const void *other) { return compare(one, other); }

static void sort(struct terms *terms) {
    if (terms->count > 0) {
        qsort(terms->items, terms->count, sizeof *terms->items, by_value);
    }
}

static void add(struct terms *terms, const struct identity_rules *rules,
                const struct profile_identity *told, struct arena *arena) {
    const struct identity_type *type = identity_rules_find(rules, told->type);
    if (type != NULL) {
        terms->items[terms->count++] =
            (struct term){identity_type_match_name(type),
                          identity_match_value(type, told->canonical, arena), told};
    }
}

static size_t count_spellings(const struct profile *person) {
    size_t all = 0;
    for (size_t i = 0; i < person->identity_count; i++) {
        size_t count = 0;
        (void)spellings_of(&person->identities[i], &count);
        all += count;
    }
    return all;
}

static struct terms terms_of_person(const struct identity_rules *rules,
                                    const struct profile *person, struct arena *arena) {
    struct terms terms = {.items =
                              arena_array(arena, count_spellings(person), sizeof *terms.items)};
    for (size_t i = 0; i < person->identity_count; i++) {
        size_t count = 0;
        const struct profile_identity *spellings = spellings_of(&person->identities[i], &count);
        for (size_t k = 0; k < count; k++) {
            add(&terms, rules, &spellings[k], arena);
        }
    }
    sort(&terms);
    return terms;
}

/* What a record tells is nobody's yet. */
static struct terms terms_of_record(const struct identity_rules *rules, const struct record *record,
                                    struct arena *arena) {
    struct terms terms = {.items = arena_array(arena, record->identity_count, sizeof *terms.items)};
    struct profile_identity *told = arena_array(arena, record->identity_count, sizeof *told);
    for (size_t i = 0; i < record->identity_count; i++) {
        told[i] = (struct profile_identity){
            .type = record->identities[i].type,
            .canonical = record->identities[i].canonical,
            .match = record->identities[i].match,
            .rule = IDENTITY_RULE_OWNED_ELSEWHERE,
        };
        add(&terms, rules, &told[i], arena);
    }
    sort(&terms);
    return terms;
}

/* ---- comparing ---- */

/* Whether it matches by the rules. *own: and is of whom it was told, be there too many of them. */
static bool matches(const struct identity_rules *rules, const struct term *term,
                    struct arena *arena, bool *own) {
    struct profile_identity judged = *term->told;
    rejudge_identity(rules, &judged, arena);
    *own = judged.rule != IDENTITY_RULE_OWNED_ELSEWHERE;
    return !identity_rule_is_of_type((enum identity_rule)judged.rule);
}

static bool relates(const struct identity_rules *rules, const struct term *one,
                    const struct term *other, struct arena *arena) {
    bool is_ones = false;
    bool is_others = false;
    return matches(rules, one, arena, &is_ones) && matches(rules, other, arena, &is_others) &&
           (is_ones || is_others);
}

static bool meet(const struct identity_rules *rules, const struct terms *ones,
                 const struct terms *others, struct arena *arena) {
    size_t first = 0;
    for (size_t i = 0; i < ones->count; i++) {
        const struct term *one = &ones->items[i];
        while (first < others->count && compare(&others->items[first], one) < 0) {
            first++;
        }
        for (size_t k = first; k < others->count && compare(&others->items[k], one) == 0; k++) {
            if (relates(rules, one, &others->items[k], arena)) {
                return true;
            }
        }
    }
    return false;
}

bool relation_holds(const struct identity_rules *rules, const struct profile *one,
                    const struct profile *other, struct arena *arena) {
    const struct terms ones = terms_of_person(rules, one, arena);
    const struct terms others = terms_of_person(rules, other, arena);
    return meet(rules, &ones, &others, arena);
}

bool relation_reaches(const struct identity_rules *rules, const struct record *record,
                      const struct profile *person, struct arena *arena) {
    const struct terms told = terms_of_record(rules, record, arena);
    const struct terms there = terms_of_person(rules, person, arena);
    return meet(rules, &told, &there, arena);
}
