/* Counting interactions: a table of groups, and one of who is in each. Both are open hash tables
 * that double: entries lie in the order in which they came, slots hold their places. */

#include "server/interaction/analysis.h"

#include <stdlib.h>
#include <string.h>

#include "server/base/day.h"
#include "server/base/slots.h"
#include "server/store/interaction_part.h"

enum {
    KEY_SIZE_MAX = 4 + 1 + ANALYSIS_DIMENSIONS_MAX * (1 + STORE_FACT_LABEL_SIZE_MAX),
};

/* A group while it is counted. Its key: the day, then the labels, each behind its size. */
struct group {
    uint64_t hash;
    struct bytes key;
    int32_t day;
    int64_t count;
    int64_t person_count;
};

/* That somebody is in a group. */
struct presence {
    uint64_t hash;
    uint32_t group; /* EVERYBODY: of all groups together. */
    struct id person;
};

#define EVERYBODY UINT32_MAX

struct analysis {
    const struct analysis_question *question;
    struct arena *arena;
    int64_t count;
    int64_t person_count;
    size_t group_count;
    struct group *groups;
    struct slots group_slots;
    size_t presence_count;
    struct presence *presences;
    struct slots presence_slots;
    size_t last; /* The group that was counted last; what comes in order is often of one. */
};

/* ---- groups ---- */

/* `segment` is the one that is counted at the moment. */
static struct bytes label_of(enum analysis_dimension dimension, const struct store_fact *fact,
                             const struct analysis_person *person, const char *segment) {
    switch (dimension) {
    case ANALYSIS_CHANNEL:
        return fact->labels[STORE_FACT_CHANNEL];
    case ANALYSIS_KIND:
        return bytes_of_string(store_kind_word(fact->kind));
    case ANALYSIS_THEME:
        return fact->labels[STORE_FACT_THEME];
    case ANALYSIS_SUB_THEME:
        return fact->labels[STORE_FACT_SUB_THEME];
    case ANALYSIS_SENTIMENT:
        return bytes_of_string(store_sentiment_word(fact->sentiment));
    case ANALYSIS_DIALECT:
        return fact->labels[STORE_FACT_DIALECT];
    case ANALYSIS_LANGUAGE:
        return fact->labels[STORE_FACT_LANGUAGE];
    case ANALYSIS_AGENT:
        return fact->labels[STORE_FACT_AGENT];
    case ANALYSIS_COUNTRY:
        return bytes_of_string(person->country);
    case ANALYSIS_NAME:
        return fact->labels[STORE_FACT_NAME];
    case ANALYSIS_SEGMENT:
        return bytes_of_string(segment);
    }
    return bytes_of("", 0);
}

static int32_t span_of(const struct analysis_question *question, int64_t time_us) {
    switch (question->bucket) {
    case ANALYSIS_ALL_TIME:
        return 0;
    case ANALYSIS_DAY:
        return zone_day(&question->zone, time_us);
    case ANALYSIS_WEEK:
        return day_week(zone_day(&question->zone, time_us));
    case ANALYSIS_MONTH:
        return day_month(zone_day(&question->zone, time_us));
    }
    return 0;
}

static struct bytes key_of(const struct analysis_question *question, const struct store_fact *fact,
                           const struct analysis_person *person, const char *segment, int32_t day,
                           uint8_t out[KEY_SIZE_MAX]) {
    memcpy(out, &day, sizeof day);
    size_t size = sizeof day;
    out[size++] = 0; /* No rest: which is 1, and has no labels. */
    for (size_t i = 0; i < question->dimension_count; i++) {
        const struct bytes label = label_of(question->dimensions[i], fact, person, segment);
        out[size++] = (uint8_t)label.size;
        if (label.size > 0) {
            memcpy(out + size, label.data, label.size);
        }
        size += label.size;
    }
    return bytes_of(out, size);
}

static void place_groups(struct analysis *analysis) {
    if (slots_grow(&analysis->group_slots, analysis->group_count, analysis->arena)) {
        for (size_t i = 0; i < analysis->group_count; i++) {
            slots_put(&analysis->group_slots, analysis->groups[i].hash, i);
        }
    }
}

/* The place of a group, made where there is none. */
static size_t group_of(struct analysis *analysis, struct bytes key, int32_t day) {
    if (analysis->last < analysis->group_count &&
        bytes_equal(analysis->groups[analysis->last].key, key)) {
        return analysis->last;
    }
    const uint64_t hash = hash_more(HASH_BEGIN, key.data, key.size);
    place_groups(analysis);
    const struct slots *slots = &analysis->group_slots;
    for (size_t at = slots_first(slots, hash); slots->places[at] != 0; at = slots_next(slots, at)) {
        const size_t place = slots->places[at] - 1;
        if (analysis->groups[place].hash == hash && bytes_equal(analysis->groups[place].key, key)) {
            return place;
        }
    }
    analysis->groups = arena_grow(analysis->arena, analysis->groups, analysis->group_count,
                                  sizeof *analysis->groups);
    analysis->groups[analysis->group_count] =
        (struct group){.hash = hash, .key = arena_copy(analysis->arena, key), .day = day};
    slots_put(&analysis->group_slots, hash, analysis->group_count);
    return analysis->group_count++;
}

/* ---- persons ---- */

static void place_presences(struct analysis *analysis) {
    if (slots_grow(&analysis->presence_slots, analysis->presence_count, analysis->arena)) {
        for (size_t i = 0; i < analysis->presence_count; i++) {
            slots_put(&analysis->presence_slots, analysis->presences[i].hash, i);
        }
    }
}

/* Notes that somebody is in a group; false when it was known. */
static bool note_presence(struct analysis *analysis, uint32_t group, struct id person) {
    const uint64_t hash =
        hash_more(hash_more(HASH_BEGIN, person.bytes, ID_SIZE), &group, sizeof group);
    place_presences(analysis);
    const struct slots *slots = &analysis->presence_slots;
    for (size_t at = slots_first(slots, hash); slots->places[at] != 0; at = slots_next(slots, at)) {
        const struct presence *there = &analysis->presences[slots->places[at] - 1];
        if (there->group == group && id_equal(there->person, person)) {
            return false;
        }
    }
    analysis->presences = arena_grow(analysis->arena, analysis->presences, analysis->presence_count,
                                     sizeof *analysis->presences);
    analysis->presences[analysis->presence_count] = (struct presence){hash, group, person};
    slots_put(&analysis->presence_slots, hash, analysis->presence_count++);
    return true;
}

/* ---- counting ---- */

struct analysis *analysis_begin(const struct analysis_question *question, struct arena *arena) {
    struct analysis *analysis = arena_alloc(arena, sizeof *analysis);
    *analysis = (struct analysis){.question = question, .arena = arena};
    return analysis;
}

bool analysis_takes(const struct analysis *analysis, const struct store_fact *fact) {
    const struct analysis_question *question = analysis->question;
    if ((question->kind != 0 && question->kind != fact->kind) ||
        (question->sentiment != 0 && question->sentiment != fact->sentiment)) {
        return false;
    }
    for (size_t i = 0; i < STORE_FACT_LABELS; i++) {
        if (question->labels[i].size > 0 && !bytes_equal(question->labels[i], fact->labels[i])) {
            return false;
        }
    }
    return true;
}

static bool asks_segments(const struct analysis_question *question) {
    for (size_t i = 0; i < question->dimension_count; i++) {
        if (question->dimensions[i] == ANALYSIS_SEGMENT) {
            return true;
        }
    }
    return false;
}

static void add_to_group(struct analysis *analysis, const struct store_fact *fact,
                         const struct analysis_person *person, const char *segment) {
    const struct analysis_question *question = analysis->question;
    uint8_t buffer[KEY_SIZE_MAX];
    const int32_t day = span_of(question, fact->occur_us);
    const size_t place =
        group_of(analysis, key_of(question, fact, person, segment, day, buffer), day);
    analysis->last = place;
    analysis->groups[place].count += fact->count;
    if (question->counts_persons) {
        analysis->groups[place].person_count +=
            note_presence(analysis, (uint32_t)place, person->id);
    }
}

bool analysis_add(struct analysis *analysis, const struct store_fact *fact,
                  const struct analysis_person *person) {
    const struct analysis_question *question = analysis->question;
    if (analysis->group_count > ANALYSIS_GROUPS_MAX) {
        return false;
    }
    const bool by_segment = asks_segments(question);
    const size_t times = by_segment && person->segment_count > 0 ? person->segment_count : 1;
    for (size_t i = 0; i < times; i++) {
        add_to_group(analysis, fact, person,
                     by_segment && person->segment_count > 0 ? person->segments[i] : "");
    }
    analysis->count += fact->count;
    if (question->counts_persons) {
        analysis->person_count += note_presence(analysis, EVERYBODY, person->id);
    }
    return true;
}

int64_t analysis_count(const struct analysis *analysis) { return analysis->count; }

int64_t analysis_person_count(const struct analysis *analysis) { return analysis->person_count; }

/* ---- telling ---- */

static struct bytes labels_of(const struct group *group) {
    return bytes_of(group->key.data + sizeof group->day + 1,
                    group->key.size - sizeof group->day - 1);
}

static bool is_rest(const struct group *group) { return group->key.data[sizeof group->day] != 0; }

/* All groups of the same labels. */
struct total {
    struct bytes labels;
    int64_t count;
};

static int by_labels(const void *a, const void *b) {
    const struct group *const *left = a;
    const struct group *const *right = b;
    return bytes_compare(labels_of(*left), labels_of(*right));
}

static int by_total(const void *a, const void *b) {
    const struct total *left = a;
    const struct total *right = b;
    if (left->count != right->count) {
        return left->count > right->count ? -1 : 1;
    }
    return bytes_compare(left->labels, right->labels);
}

static struct total *totals_of(const struct analysis *analysis, size_t *count) {
    struct arena *arena = analysis->arena;
    const struct group **sorted = arena_array(arena, analysis->group_count, sizeof *sorted);
    struct total *totals = arena_array(arena, analysis->group_count, sizeof *totals);
    for (size_t i = 0; i < analysis->group_count; i++) {
        sorted[i] = &analysis->groups[i];
    }
    qsort(sorted, analysis->group_count, sizeof *sorted, by_labels);
    *count = 0;
    for (size_t i = 0; i < analysis->group_count; i++) {
        if (i == 0 || by_labels(&sorted[i - 1], &sorted[i]) != 0) {
            totals[(*count)++].labels = labels_of(sorted[i]);
        }
        totals[*count - 1].count += sorted[i]->count;
    }
    qsort(totals, *count, sizeof *totals, by_total);
    return totals;
}

static int by_total_labels(const void *a, const void *b) {
    const struct total *left = a;
    const struct total *right = b;
    return bytes_compare(left->labels, right->labels);
}

/* The rest of a day, made where there is none. */
static size_t rest_of(struct analysis *analysis, int32_t day) {
    uint8_t key[sizeof day + 1];
    memcpy(key, &day, sizeof day);
    key[sizeof day] = 1;
    return group_of(analysis, bytes_of(key, sizeof key), day);
}

/* Moves what is beyond the limit to the rest of its day: its count becomes 0. */
static void fold_rest(struct analysis *analysis) {
    size_t total_count = 0;
    struct total *totals = totals_of(analysis, &total_count);
    const size_t limit = analysis->question->limit;
    if (total_count <= limit) {
        return;
    }
    qsort(totals, limit, sizeof *totals, by_total_labels);
    const size_t group_count = analysis->group_count;
    size_t *rests = arena_array(analysis->arena, group_count, sizeof *rests);
    for (size_t i = 0; i < group_count; i++) {
        const struct total wanted = {.labels = labels_of(&analysis->groups[i])};
        rests[i] = SIZE_MAX;
        if (bsearch(&wanted, totals, limit, sizeof *totals, by_total_labels) == NULL) {
            rests[i] = rest_of(analysis, analysis->groups[i].day);
            analysis->groups[rests[i]].count += analysis->groups[i].count;
            analysis->groups[i].count = 0;
        }
    }
    const size_t presence_count = analysis->presence_count;
    for (size_t i = 0; i < presence_count; i++) { /* Who is in several of them counts once. */
        const struct presence at = analysis->presences[i];
        if (at.group != EVERYBODY && rests[at.group] != SIZE_MAX) {
            analysis->groups[rests[at.group]].person_count +=
                note_presence(analysis, (uint32_t)rests[at.group], at.person);
        }
    }
}

static int in_order(const void *a, const void *b) {
    const struct analysis_group *left = a;
    const struct analysis_group *right = b;
    if (left->day != right->day) {
        return left->day < right->day ? -1 : 1;
    }
    if (left->rest != right->rest) {
        return left->rest ? 1 : -1;
    }
    if (left->count != right->count) {
        return left->count > right->count ? -1 : 1;
    }
    return bytes_compare(left->labels, right->labels);
}

const struct analysis_group *analysis_end(struct analysis *analysis, size_t *count) {
    fold_rest(analysis);
    struct analysis_group *told = arena_array(analysis->arena, analysis->group_count, sizeof *told);
    *count = 0;
    for (size_t i = 0; i < analysis->group_count; i++) {
        const struct group *group = &analysis->groups[i];
        if (group->count > 0) {
            told[(*count)++] = (struct analysis_group){
                .day = group->day,
                .rest = is_rest(group),
                .labels = labels_of(group),
                .count = group->count,
                .person_count = group->person_count,
            };
        }
    }
    qsort(told, *count, sizeof *told, in_order);
    return told;
}
