/* Most persons have one member, and most records contradict nothing: then no merge is read. */

#include "server/identity/left.h"

#include "server/identity/merge.h"
#include "server/identity/survivorship.h"
#include "server/identity/veto.h"

/* A member with those that are made of records linked to it, or that it is made of: as if they had
 * never been apart they are one, and neither is another to the other. */
struct whole {
    const struct members *members;
    bool *has; /* Each of the members. */
};

static bool has(const struct whole *whole, struct id id) {
    for (size_t i = 0; i < whole->members->count; i++) {
        if (whole->has[i] && id_equal(whole->members->items[i]->id, id)) {
            return true;
        }
    }
    return false;
}

static void add(struct whole *whole, struct id id) {
    for (size_t i = 0; i < whole->members->count; i++) {
        whole->has[i] = whole->has[i] || id_equal(whole->members->items[i]->id, id);
    }
}

/* Which ties are of such: reads each once. */
static struct status read_links(struct store_view *view, const struct members *members, bool *out) {
    for (size_t i = 0; i < members->merge_count; i++) {
        struct store_merge merge;
        TRY(merge_read(view, members->merges[i].id, &merge));
        out[i] = merge.linked || merge.parted;
    }
    return OK;
}

static struct status read_whole(struct store_view *view, const struct members *members,
                                struct id member, struct whole *out) {
    struct arena *arena = store_view_arena(view);
    bool *links = arena_array(arena, members->merge_count, sizeof *links);
    TRY(read_links(view, members, links));
    *out = (struct whole){members, arena_array(arena, members->count, sizeof *out->has)};
    add(out, member);
    for (bool grows = true; grows;) { /* Others may be tied to those that were added. */
        grows = false;
        for (size_t i = 0; i < members->merge_count; i++) {
            const struct profile_merge *tie = &members->merges[i];
            if (links[i] && has(out, tie->one) != has(out, tie->other)) {
                add(out, tie->one);
                add(out, tie->other);
                grows = true;
            }
        }
    }
    return OK;
}

/* What all of it tells. */
static const struct profile *unify(const struct members_context *context,
                                   const struct whole *whole) {
    struct arena *arena = store_view_arena(context->view);
    const struct profile **states = arena_array(arena, whole->members->count, sizeof *states);
    size_t count = 0;
    for (size_t i = 0; i < whole->members->count; i++) {
        if (whole->has[i]) {
            states[count++] = whole->members->items[i];
        }
    }
    struct profile *unified = profile_copy(states[0], arena);
    survivorship_unify(unified, states, count, context->attributes, arena);
    return unified;
}

/* Of the facts those that a member tells that is none of the whole. */
static uint32_t told_by_others(const struct whole *whole, uint32_t facts,
                               const struct record *record, struct arena *arena) {
    uint32_t same = 0;
    for (size_t i = 0; i < whole->members->count; i++) {
        if (!whole->has[i]) {
            same |= veto_compare(facts, record, whole->members->items[i], arena).same;
        }
    }
    return same;
}

struct status left_find(const struct members_context *context, const struct members *members,
                        const struct profile *member, const struct record *record, uint32_t *out) {
    struct arena *arena = store_view_arena(context->view);
    const uint32_t vetoes = identity_rules_vetoes(context->rules);
    *out = 0;
    if (members->count == 1 || veto_compare(vetoes, record, member, arena).differing == 0) {
        return OK;
    }
    struct whole whole;
    TRY(read_whole(context->view, members, member->id, &whole));
    *out = told_by_others(&whole,
                          veto_compare(vetoes, record, unify(context, &whole), arena).differing,
                          record, arena);
    return OK;
}
