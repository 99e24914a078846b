/* Identities in common: what each side tells that matches, sorted, and the one looked for in the
 * other. */

#include "server/identity/relation.h"

#include <stdlib.h>
#include <string.h>

#include "server/identity/identity_rule.h"
#include "server/identity/match_value.h"
#include "server/identity/rejudge.h"
#include "server/identity/spelling.h"

/* What is told, as it is compared. */
struct term {
    const char *name;
    const char *match;
    bool own; /* Of whom it is told, active or not. */
};

struct terms {
    size_t count;
    struct term *items;
};

/* ---- what a side tells ---- */

static struct terms terms_with_room(size_t count, struct arena *arena) {
    return (struct terms){.items = arena_array(arena, count, sizeof(struct term))};
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

static void add(struct terms *terms, const struct identity_rules *rules,
                const struct profile_identity *told, struct arena *arena) {
    if (identity_rules_find(rules, told->type) == NULL) {
        return;
    }
    struct profile_identity judged = *told;
    rejudge_identity(rules, &judged, arena);
    if (identity_rule_is_of_type((enum identity_rule)judged.rule)) {
        return;
    }
    terms->items[terms->count++] = (struct term){
        .name = identity_match_name(told->type),
        .match = judged.match,
        .own = judged.rule != IDENTITY_RULE_OWNED_ELSEWHERE,
    };
}

static struct terms terms_of_person(const struct identity_rules *rules,
                                    const struct profile *person, struct arena *arena) {
    struct terms terms = terms_with_room(count_spellings(person), arena);
    for (size_t i = 0; i < person->identity_count; i++) {
        size_t count = 0;
        const struct profile_identity *spellings = spellings_of(&person->identities[i], &count);
        for (size_t k = 0; k < count; k++) {
            add(&terms, rules, &spellings[k], arena);
        }
    }
    return terms;
}

static struct terms terms_of_record(const struct identity_rules *rules, const struct record *record,
                                    struct arena *arena) {
    struct terms terms = terms_with_room(record->identity_count, arena);
    for (size_t i = 0; i < record->identity_count; i++) {
        const struct profile_identity told = {
            .type = record->identities[i].type,
            .canonical = record->identities[i].canonical,
            .match = record->identities[i].match,
            .rule = IDENTITY_RULE_OWNED_ELSEWHERE,
        };
        add(&terms, rules, &told, arena);
    }
    return terms;
}

/* ---- comparing ---- */

static int by_value(const void *one, const void *other) {
    const struct term *a = one;
    const struct term *b = other;
    int order = strcmp(a->name, b->name);
    order = order != 0 ? order : strcmp(a->match, b->match);
    return order != 0 ? order : (int)a->own - (int)b->own;
}

static bool has(const struct terms *sorted, struct term term) {
    return bsearch(&term, sorted->items, sorted->count, sizeof term, by_value) != NULL;
}

/* Whether both tell one that is the own of either. */
static bool meet(const struct terms *ones, struct terms *others) {
    bool found = false;
    if (others->count > 0) {
        qsort(others->items, others->count, sizeof *others->items, by_value);
    }
    for (size_t i = 0; i < ones->count && others->count > 0 && !found; i++) {
        const struct term *term = &ones->items[i];
        found = has(others, (struct term){term->name, term->match, true}) ||
                (term->own && has(others, (struct term){term->name, term->match, false}));
    }
    return found;
}

bool relation_holds(const struct identity_rules *rules, const struct profile *one,
                    const struct profile *other, struct arena *arena) {
    const struct terms ones = terms_of_person(rules, one, arena);
    struct terms others = terms_of_person(rules, other, arena);
    return meet(&ones, &others);
}

bool relation_reaches(const struct identity_rules *rules, const struct record *record,
                      const struct profile *person, struct arena *arena) {
    const struct terms told = terms_of_record(rules, record, arena);
    struct terms there = terms_of_person(rules, person, arena);
    return meet(&told, &there);
}
