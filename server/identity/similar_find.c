/* Every pair that shares a key is compared and scored; of those that are likely enough the best are
 * kept in a heap, whose first is the least likely of them. */

#include "server/identity/similar_find.h"

#include <stdlib.h>

/* Positive when `one` is likelier; among equals the earlier people are. */
static int likelier(const struct similar_suggestion *one, const struct similar_suggestion *other) {
    if (one->score.bits != other->score.bits) {
        return one->score.bits > other->score.bits ? 1 : -1;
    }
    if (one->one != other->one) {
        return one->one < other->one ? 1 : -1;
    }
    return one->other < other->other ? 1 : one->other > other->other ? -1 : 0;
}

static int compare_likeliest_first(const void *one, const void *other) {
    return likelier(other, one);
}

/* ---- the best ---- */

struct heap {
    struct similar_suggestion *at;
    size_t count;
    size_t room;
    size_t max;
};

static void heap_exchange(struct heap *heap, size_t one, size_t other) {
    const struct similar_suggestion moved = heap->at[one];
    heap->at[one] = heap->at[other];
    heap->at[other] = moved;
}

static void heap_rise(struct heap *heap, size_t at) {
    while (at > 0 && likelier(&heap->at[(at - 1) / 2], &heap->at[at]) > 0) {
        heap_exchange(heap, at, (at - 1) / 2);
        at = (at - 1) / 2;
    }
}

static void heap_sink(struct heap *heap, size_t at) {
    for (size_t least = at;; at = least) {
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < heap->count; child++) {
            least = likelier(&heap->at[least], &heap->at[child]) > 0 ? child : least;
        }
        if (least == at) {
            return;
        }
        heap_exchange(heap, at, least);
    }
}

/* Doubles the room, up to `max`: what was there before stays in the arena, as much once more. */
static void heap_grow(struct heap *heap, struct arena *arena) {
    enum { ROOM_FIRST = 64 };
    const size_t doubled = heap->room == 0 ? ROOM_FIRST : 2 * heap->room;
    const size_t room = doubled < heap->max ? doubled : heap->max;
    struct similar_suggestion *grown = arena_array(arena, room, sizeof *grown);
    for (size_t i = 0; i < heap->count; i++) {
        grown[i] = heap->at[i];
    }
    heap->at = grown;
    heap->room = room;
}

/* Keeps the suggestion when it is among the best; false when one had to be left out for it. */
static bool heap_add(struct heap *heap, const struct similar_suggestion *suggestion,
                     struct arena *arena) {
    if (heap->count == heap->max) {
        if (likelier(suggestion, &heap->at[0]) > 0) {
            heap->at[0] = *suggestion;
            heap_sink(heap, 0);
        }
        return false;
    }
    if (heap->count == heap->room) {
        heap_grow(heap, arena);
    }
    heap->at[heap->count++] = *suggestion;
    heap_rise(heap, heap->count - 1);
    return true;
}

/* ---- finding ---- */

static struct status invalid(const char *text) {
    return status_of(STATUS_INVALID_ARGUMENT, REASON_FIELD_INVALID, text);
}

static struct status check(size_t count, const struct similar_weights *weights,
                           const struct similar_options *options) {
    TRY(similar_weights_check(weights));
    if (!(options->probability_least > 0 && options->probability_least <= 1)) {
        return invalid("asks for a probability that is not above 0 to 1");
    }
    if (options->suggestions_max == 0 || options->suggestions_max > SIMILAR_SUGGESTIONS_MAX) {
        return invalid("asks for no suggestions or for too many");
    }
    if (count > SIMILAR_PEOPLE_MAX) {
        return invalid("has too many people");
    }
    return OK;
}

struct status similar_find(const struct similar_person *people, size_t count,
                           const struct similar_weights *weights,
                           const struct similar_options *options, struct arena *arena,
                           struct similar_result *out) {
    TRY(check(count, weights, options));
    const struct similar_pairs *pairs = similar_pairs_of(people, count, arena);
    const struct similar_frequencies *frequencies = similar_frequencies_of(people, count, arena);
    const double prior_bits = similar_prior_bits(weights, count);
    uint32_t *seen = arena_array(arena, count + 1, sizeof *seen);
    uint32_t *partners = arena_array(arena, SIMILAR_PARTNERS_MAX, sizeof *partners);
    struct heap heap = {.max = options->suggestions_max};
    struct similar_result result = {.blocks = *similar_pairs_blocks(pairs)};
    for (size_t i = 0; i < count; i++) {
        const size_t partner_count = similar_pairs_partners(pairs, i, seen, partners);
        result.compared_count += partner_count;
        for (size_t k = 0; k < partner_count; k++) {
            struct similar_suggestion suggestion = {.one = (uint32_t)i, .other = partners[k]};
            struct similar_agreement agreement;
            similar_compare(&people[i], &people[partners[k]], &agreement);
            similar_score_of(&people[i], &people[partners[k]], &agreement, weights, frequencies,
                             prior_bits, &suggestion.score);
            if (suggestion.score.probability >= options->probability_least &&
                !heap_add(&heap, &suggestion, arena)) {
                result.left_out_count++;
            }
        }
    }
    if (heap.count > 0) {
        qsort(heap.at, heap.count, sizeof *heap.at, compare_likeliest_first);
    }
    result.suggestions = heap.at;
    result.suggestion_count = heap.count;
    *out = result;
    return OK;
}
