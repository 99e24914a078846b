/* Judging one person: what it was in, what of it changed, and what it is in by now. */

#include "server/segment/judge.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "server/base/day.h"
#include "server/segment/person.h"

/* One person, by item of the set. */
struct verdict {
    struct judging *judging;
    struct id id;
    struct person person;
    struct store_membership row; /* What it was in. */
    bool *member;
    int64_t *due_us; /* INT64_MAX for none. */
    bool *affected;
    const bool *forced; /* By its own filter, wherever the pass is; NULL for none. */
    bool *known;        /* By field. */
    struct field_value *values;
    bool *listed; /* By static segment. */
    bool *kept;   /* By frozen segment. */
};

static void affect_readers(struct verdict *verdict, size_t field) {
    const struct segment_readers *readers = &verdict->judging->set->readers[field];
    for (size_t i = 0; i < readers->count; i++) {
        verdict->affected[readers->items[i]] = true;
    }
}

/* Whether the person is in a segment by now: those that an item reads are judged before it. */
static bool is_in(const struct verdict *verdict, uint32_t number) {
    const struct segment_set *set = verdict->judging->set;
    const size_t item = segment_set_find(set, number);
    const size_t of_statics = segment_number_find(set->statics, set->static_count, number);
    const size_t of_frozen = segment_number_find(set->frozen, set->frozen_count, number);
    return item != SIZE_MAX         ? verdict->member[item]
           : of_statics != SIZE_MAX ? verdict->listed[of_statics]
           : of_frozen != SIZE_MAX  ? verdict->kept[of_frozen]
                                    : false;
}

static struct status value_of(struct verdict *verdict, size_t position) {
    const struct field *field = &verdict->judging->set->fields.items[position];
    struct field_value *value = &verdict->values[position];
    if (field->kind == FIELD_SEGMENT) {
        struct field_item *item = arena_alloc(verdict->judging->scratch, sizeof *item);
        item->number = is_in(verdict, field->number) ? 1 : 0;
        *value = (struct field_value){.count = 1, .items = item, .change_us = INT64_MAX};
        return OK;
    }
    if (!verdict->known[position]) {
        TRY(person_value(&verdict->person, field, value));
        verdict->known[position] = true;
    }
    return OK;
}

/* Those who read a segment that a person entered or left are judged too: they come later. */
static void tell_readers(struct verdict *verdict, uint32_t number) {
    const struct fields *fields = &verdict->judging->set->fields;
    for (size_t i = 0; i < fields->count; i++) {
        if (fields->items[i].kind == FIELD_SEGMENT && fields->items[i].number == number) {
            affect_readers(verdict, i);
        }
    }
}

static struct status judge_item(struct verdict *verdict, size_t index) {
    const struct segment_item *item = &verdict->judging->set->items[index];
    const struct filter *filter = &item->filter;
    const bool forced = verdict->forced != NULL && verdict->forced[index];
    verdict->due_us[index] = INT64_MAX;
    if (!forced && !segment_has_come_to(verdict->judging->set, index, verdict->id)) {
        if (!item->has_before) {
            return OK; /* It stays as it is until the backfill comes. */
        }
        filter = &item->before;
    }
    for (size_t i = 0; i < filter->field_count; i++) {
        TRY(value_of(verdict, filter->fields[i]));
    }
    struct filter_times times = {INT64_MAX, verdict->judging->passed_us};
    const bool holds = filter_holds_at(filter, verdict->values, verdict->judging->now_us, &times);
    verdict->due_us[index] = times.next_us;
    verdict->judging->passed_us = times.passed_us;
    if (holds != verdict->member[index]) {
        verdict->member[index] = holds;
        tell_readers(verdict, item->number);
    }
    return OK;
}

static struct status judge_items(struct verdict *verdict) {
    for (size_t i = 0; i < verdict->judging->set->count; i++) {
        if (verdict->affected[i]) {
            TRY(judge_item(verdict, i));
        }
    }
    return OK;
}

/* ---- what it was in, and what it is in ---- */

/* Puts it, and tells which segments the person entered and left. */
static struct status membership_put(struct judging *judging, struct id id,
                                    const struct store_membership *before,
                                    const struct store_membership *after) {
    TRY(changes_of_membership(judging->changes, judging->view, id, before, after,
                              judging->filling));
    return store_membership_put(judging->view, id, before, after, day_of(judging->now_us));
}

static struct status verdict_begin(struct judging *judging, struct id id, struct verdict *out) {
    const struct segment_set *set = judging->set;
    struct arena *arena = judging->scratch;
    *out = (struct verdict){.judging = judging,
                            .id = id,
                            .member = arena_array(arena, set->count, sizeof(bool)),
                            .due_us = arena_array(arena, set->count, sizeof(int64_t)),
                            .affected = arena_array(arena, set->count, sizeof(bool)),
                            .known = arena_array(arena, set->fields.count, sizeof(bool)),
                            .values =
                                arena_array(arena, set->fields.count, sizeof(struct field_value)),
                            .listed = arena_array(arena, set->static_count, sizeof(bool)),
                            .kept = arena_array(arena, set->frozen_count, sizeof(bool))};
    TRY(store_membership_get(judging->view, id, &out->row));
    for (size_t i = 0; i < set->count; i++) {
        out->due_us[i] = INT64_MAX;
    }
    for (size_t i = 0; i < out->row.count; i++) {
        const size_t item = segment_set_find(set, out->row.segments[i]);
        if (item != SIZE_MAX) {
            out->member[item] = true;
        }
    }
    for (size_t i = 0; i < set->static_count; i++) {
        out->listed[i] = store_membership_has(&out->row, set->statics[i]);
    }
    for (size_t i = 0; i < set->frozen_count; i++) {
        out->kept[i] = store_membership_has(&out->row, set->frozen[i]);
    }
    return OK;
}

/* What is due by now is judged, whatever else is. */
static void dues_read(struct verdict *verdict) {
    for (size_t i = 0; i < verdict->row.due_count; i++) {
        const struct store_segment_due *due = &verdict->row.dues[i];
        const size_t item = segment_set_find(verdict->judging->set, due->segment);
        if (item != SIZE_MAX) {
            verdict->due_us[item] = due->due_us;
            verdict->affected[item] = due->due_us <= verdict->judging->now_us;
        }
    }
}

static int by_number(const void *a, const void *b) {
    const uint32_t *left = a;
    const uint32_t *right = b;
    return (*left > *right) - (*left < *right);
}

static int by_segment(const void *a, const void *b) {
    const struct store_segment_due *left = a;
    const struct store_segment_due *right = b;
    return (left->segment > right->segment) - (left->segment < right->segment);
}

static struct status verdict_put(struct verdict *verdict) {
    struct judging *judging = verdict->judging;
    const struct segment_set *set = judging->set;
    struct arena *arena = judging->scratch;
    uint32_t *numbers =
        arena_array(arena, set->count + set->static_count + set->frozen_count, sizeof *numbers);
    struct store_segment_due *dues = arena_array(arena, set->count, sizeof *dues);
    size_t count = 0;
    size_t due_count = 0;
    for (size_t i = 0; i < set->count; i++) {
        if (verdict->member[i]) {
            numbers[count++] = set->items[i].number;
        }
        if (verdict->due_us[i] != INT64_MAX) {
            dues[due_count++] =
                (struct store_segment_due){set->items[i].number, verdict->due_us[i]};
        }
    }
    for (size_t i = 0; i < set->static_count; i++) {
        if (verdict->listed[i]) {
            numbers[count++] = set->statics[i];
        }
    }
    for (size_t i = 0; i < set->frozen_count; i++) {
        if (verdict->kept[i]) {
            numbers[count++] = set->frozen[i];
        }
    }
    if (count > 0) {
        qsort(numbers, count, sizeof *numbers, by_number);
    }
    if (due_count > 0) {
        qsort(dues, due_count, sizeof *dues, by_segment);
    }
    const struct store_membership after = {
        .count = count, .segments = numbers, .due_count = due_count, .dues = dues};
    return membership_put(judging, verdict->id, &verdict->row, &after);
}

/* ---- what changed of a person ---- */

static bool same_members(const struct profile *a, const struct profile *b) {
    return a->absorbed_count == b->absorbed_count &&
           (a->absorbed_count == 0 ||
            memcmp(a->absorbed, b->absorbed, a->absorbed_count * sizeof *a->absorbed) == 0);
}

/* Judges by the segments whose filters read what has another value than before. */
static struct status affect_by_fields(struct verdict *verdict, const struct profile *before,
                                      unsigned parts) {
    struct judging *judging = verdict->judging;
    const struct fields *fields = &judging->set->fields;
    struct person was = before == NULL
                            ? person_of_nobody(judging->before, judging->now_us, judging->scratch)
                            : person_of(judging->before, before, judging->now_us, judging->scratch);
    for (size_t i = 0; i < fields->count; i++) {
        struct field_value value;
        if ((field_parts(&fields->items[i]) & parts) == 0) {
            continue;
        }
        TRY(person_value(&was, &fields->items[i], &value));
        TRY(value_of(verdict, i));
        if (!field_value_equal(fields->items[i].type, &value, &verdict->values[i])) {
            affect_readers(verdict, i);
        }
    }
    return OK;
}

/* A new person begins as one of whom nothing is known; but is in no segment that has not come to
 * her, which those that read it are told. */
static void begin_as_nobody(struct verdict *verdict) {
    const struct segment_set *set = verdict->judging->set;
    for (size_t i = 0; i < set->count; i++) {
        const bool has_come = segment_has_come_to(set, i, verdict->id);
        const bool nobody = set->items[i].holds_for_nobody;
        verdict->member[i] = has_come && nobody;
        verdict->affected[i] = verdict->affected[i] || (!has_come && set->items[i].has_before);
        if (!has_come && nobody) {
            tell_readers(verdict, set->items[i].number);
        }
    }
}

/* Which static segments somebody put one of the person's profiles into. */
static struct status read_lists(struct verdict *verdict) {
    const struct segment_set *set = verdict->judging->set;
    const struct profile *profile = verdict->person.profile;
    bool *listed = arena_array(verdict->judging->scratch, set->static_count, sizeof *listed);
    for (size_t i = 0; i <= profile->absorbed_count; i++) {
        const uint32_t *numbers = NULL;
        size_t count = 0;
        TRY(store_segment_list_get(verdict->judging->view,
                                   i == 0 ? profile->id : profile->absorbed[i - 1], &numbers,
                                   &count));
        for (size_t k = 0; k < set->static_count; k++) {
            listed[k] =
                listed[k] || segment_number_find(numbers, count, set->statics[k]) != SIZE_MAX;
        }
    }
    for (size_t k = 0; k < set->static_count; k++) {
        if (listed[k] != verdict->listed[k]) {
            verdict->listed[k] = listed[k];
            tell_readers(verdict, set->statics[k]);
        }
    }
    return OK;
}

/* The person is in the frozen segments that another one was in. */
static struct status bring_frozen_of(struct verdict *verdict, struct id other) {
    const struct segment_set *set = verdict->judging->set;
    struct store_membership row;
    TRY(store_membership_get(verdict->judging->before, other, &row));
    for (size_t i = 0; i < set->frozen_count; i++) {
        if (!verdict->kept[i] && store_membership_has(&row, set->frozen[i])) {
            verdict->kept[i] = true;
            tell_readers(verdict, set->frozen[i]);
        }
    }
    return OK;
}

/* Who was merged into the person has brought along the frozen segments that it was in; and so has
 * whom the person is parted from. */
static struct status bring_frozen(struct verdict *verdict) {
    const struct profile *profile = verdict->person.profile;
    const struct profile *was = NULL;
    if (verdict->judging->set->frozen_count == 0) {
        return OK;
    }
    for (size_t k = 0; k < profile->absorbed_count; k++) {
        TRY(bring_frozen_of(verdict, profile->absorbed[k]));
    }
    TRY(store_profile_follow(verdict->judging->before, verdict->id, &was));
    return was == NULL || id_equal(was->id, verdict->id) ? OK : bring_frozen_of(verdict, was->id);
}

/* One who is no longer there is in nothing. */
static struct status leave_all(struct judging *judging, struct id id) {
    const struct store_membership nothing = {.count = 0};
    struct store_membership row;
    TRY(store_membership_get(judging->view, id, &row));
    return membership_put(judging, id, &row, &nothing);
}

static struct status live_profile(struct store_view *view, struct id id,
                                  const struct profile **out) {
    TRY(store_profile_get(view, id, out));
    *out = *out != NULL && profile_is_live(*out) ? *out : NULL;
    return OK;
}

static struct status verdict_of(struct judging *judging, struct id id,
                                const struct profile *profile, struct verdict *out) {
    TRY(verdict_begin(judging, id, out));
    out->person = person_of(judging->view, profile, judging->now_us, judging->scratch);
    return OK;
}

struct status judge_change(struct judging *judging, struct id id, unsigned parts) {
    const struct profile *before = NULL;
    const struct profile *after = NULL;
    struct verdict verdict;
    TRY(store_profile_before(judging->view, id, &before));
    before = before != NULL && profile_is_live(before) ? before : NULL;
    TRY(live_profile(judging->view, id, &after));
    if (after == NULL) {
        return leave_all(judging, id);
    }
    TRY(verdict_of(judging, id, after, &verdict));
    const bool all = before == NULL || !same_members(before, after);
    if (before == NULL) {
        begin_as_nobody(&verdict);
    } else {
        dues_read(&verdict);
    }
    TRY(affect_by_fields(&verdict, before, all ? STORE_TOUCH_ALL : parts));
    if (all) {
        TRY(bring_frozen(&verdict));
    }
    if (all || (parts & STORE_TOUCH_LIST) != 0) {
        TRY(read_lists(&verdict));
    }
    TRY(judge_items(&verdict));
    return verdict_put(&verdict);
}

/* ---- what nobody writes ---- */

struct status judge_due(struct judging *judging, struct id id) {
    const struct profile *profile = NULL;
    struct verdict verdict;
    TRY(live_profile(judging->view, id, &profile));
    if (profile == NULL) {
        return leave_all(judging, id);
    }
    TRY(verdict_of(judging, id, profile, &verdict));
    dues_read(&verdict);
    TRY(judge_items(&verdict));
    return verdict_put(&verdict);
}

struct status judge_forced(struct judging *judging, struct id id, const bool *forced) {
    const struct profile *profile = NULL;
    struct verdict verdict;
    TRY(live_profile(judging->view, id, &profile));
    if (profile == NULL) {
        return OK;
    }
    TRY(verdict_of(judging, id, profile, &verdict));
    dues_read(&verdict);
    verdict.forced = forced;
    for (size_t i = 0; i < judging->set->count; i++) {
        verdict.affected[i] = verdict.affected[i] || forced[i];
    }
    TRY(read_lists(&verdict));
    TRY(judge_items(&verdict));
    return verdict_put(&verdict);
}

struct status judge_without(struct judging *judging, struct id id, uint32_t segment) {
    struct store_membership row;
    TRY(store_membership_get(judging->view, id, &row));
    uint32_t *numbers = arena_array(judging->scratch, row.count, sizeof *numbers);
    struct store_membership after = row;
    after.count = 0;
    after.segments = numbers;
    for (size_t i = 0; i < row.count; i++) {
        if (row.segments[i] != segment) {
            numbers[after.count++] = row.segments[i];
        }
    }
    return store_membership_put(judging->view, id, &row, &after, day_of(judging->now_us));
}
