/* Sides as they were: along the ties that rules took away since. */

#include "server/identity/tie_extend.h"

#include "server/identity/merge.h"

enum { MERGES_MAX = 1000 }; /* Of a profile that are looked at, the latest first. */

/* A side that grows. */
struct side {
    const struct members_context *context;
    enum tie_extend whom;
    int64_t then_us;
    const struct profile *const *opposite;
    size_t opposite_count;
    size_t count;
    const struct profile **items;
};

/* Whether the tie stood at the time, and rules took it away since. A part is as old as the first of
 * its records: it was one with those that it came from. */
static bool stood_then(const struct side *side, const struct store_merge *merge) {
    return merge->undone_by_rules && merge->undo_us > side->then_us &&
           (merge->parted || merge->merge_us <= side->then_us);
}

/* Whether the tie is one of those that count. Either end may be part of another person by now. */
static struct status counts(const struct side *side, const struct store_merge *merge,
                            const struct members *ones, const struct members *others, bool *out) {
    bool stands = false;
    const struct tie tie = {merge, ones->count, (const struct profile *const *)ones->items,
                            others->count, (const struct profile *const *)others->items};
    TRY(tie_may_stand(side->context, &tie, &stands));
    *out = stands == (side->whom == TIE_EXTEND_BACK);
    return OK;
}

static struct status read_end(const struct side *side, struct id id, struct members **out) {
    const struct profile *profile = NULL;
    *out = NULL;
    TRY(store_profile_follow(side->context->view, id, &profile));
    return profile == NULL || !profile_is_live(profile)
               ? OK
               : members_read(side->context->view, profile, out);
}

static void add(struct side *side, const struct members *members) {
    for (size_t i = 0; i < members->count && side->count < MEMBERS_MAX; i++) {
        const struct profile *item = members->items[i];
        if (item->create_us <= side->then_us &&
            tie_state(side->items, side->count, item->id) == NULL) {
            side->items = arena_append(store_view_arena(side->context->view), side->items,
                                       side->count, sizeof *side->items);
            side->items[side->count++] = item;
        }
    }
}

/* Adds whom the tie leads to from the profile of the side. */
static struct status follow(struct side *side, const struct store_merge *merge, struct id from) {
    const bool is_one = id_equal(merge->one, from);
    struct members *ones = NULL;
    struct members *others = NULL;
    bool found = false;
    TRY(read_end(side, merge->one, &ones));
    TRY(read_end(side, merge->other, &others));
    const struct members *there = is_one ? others : ones;
    if (ones == NULL || others == NULL || members_have(ones, others->items[0]->id) ||
        tie_state(side->opposite, side->opposite_count, there->items[0]->id) != NULL) {
        return OK;
    }
    TRY(counts(side, merge, ones, others, &found));
    if (found) {
        add(side, there);
    }
    return OK;
}

static struct status grow(struct side *side) {
    struct store_view *view = side->context->view;
    struct id *ids = arena_array(store_view_arena(view), MERGES_MAX, sizeof *ids);
    for (size_t i = 0; i < side->count; i++) { /* Whoever is added may lead to others. */
        const struct id id = side->items[i]->id;
        size_t count = 0;
        TRY(store_merge_scan(view, &id, 1, (struct id){{0}}, MERGES_MAX, ids, &count));
        for (size_t k = 0; k < count; k++) {
            struct store_merge merge;
            TRY(merge_read(view, ids[k], &merge));
            if (stood_then(side, &merge)) {
                TRY(follow(side, &merge, id));
            }
        }
    }
    return OK;
}

/* A side with whom it is extended by. */
static struct status extend(struct side side, const struct profile *const *items, size_t count,
                            struct side *out) {
    side.count = count;
    side.items = arena_array(store_view_arena(side.context->view), count, sizeof *side.items);
    for (size_t i = 0; i < count; i++) {
        side.items[i] = items[i];
    }
    *out = side;
    return grow(out);
}

struct status tie_extend(const struct members_context *context, const struct tie *tie,
                         enum tie_extend whom, int64_t then_us, struct tie *out) {
    struct side one = {context, whom, then_us, tie->others, tie->other_count, 0, NULL};
    struct side other = {context, whom, then_us, tie->ones, tie->one_count, 0, NULL};
    TRY(extend(one, tie->ones, tie->one_count, &one));
    TRY(extend(other, tie->others, tie->other_count, &other));
    *out = (struct tie){tie->merge, one.count, one.items, other.count, other.items};
    return OK;
}
