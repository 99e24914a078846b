/* Every pair that shares a key is compared and scored; of those that are likely enough the best are
 * kept in a heap, whose first is the least likely of them. */

#include "server/identity/similar_find.h"

#include <assert.h>
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

/* What one step does at most, some ten milliseconds of work. */
enum { STEP_PAIRS = 8192, STEP_PEOPLE = 1 << 14 };

struct similar_search {
    const struct similar_person *people;
    size_t count;
    const struct similar_weights *weights;
    double probability_least;
    struct similar_filter filter;
    struct arena *arena;
    struct similar_pairs *pairs;
    bool paired;                                   /* The pairs are made. */
    const struct similar_frequencies *frequencies; /* NULL until then, as the rest. */
    double prior_bits;
    uint32_t *seen;
    uint32_t *partners;
    size_t next; /* The person whose pairs are compared next. */
    struct heap heap;
    struct similar_result result;
};

struct status similar_search_begin(const struct similar_person *people, size_t count,
                                   const struct similar_weights *weights,
                                   const struct similar_options *options,
                                   const struct similar_filter *filter, struct arena *arena,
                                   struct similar_search **out) {
    TRY(check(count, weights, options));
    assert(filter == NULL || !filter->is_single || filter->person < count);
    struct similar_search *search = arena_alloc(arena, sizeof *search);
    *search = (struct similar_search){
        .people = people,
        .count = count,
        .weights = weights,
        .probability_least = options->probability_least,
        .filter = filter == NULL ? (struct similar_filter){0} : *filter,
        .arena = arena,
        .pairs = similar_pairs_begin(people, count, arena),
        .prior_bits = similar_prior_bits(weights, count),
        .heap = {.max = options->suggestions_max},
    };
    *out = search;
    return OK;
}

static void prepare(struct similar_search *search) {
    search->result.blocks = *similar_pairs_blocks(search->pairs);
    search->frequencies = similar_frequencies_of(search->people, search->count, search->arena);
    search->seen = arena_array(search->arena, search->count + 1, sizeof *search->seen);
    search->partners = arena_array(search->arena, SIMILAR_PARTNERS_MAX, sizeof *search->partners);
}

static void compare_pair(struct similar_search *search, uint32_t one, uint32_t other) {
    const struct similar_filter *filter = &search->filter;
    struct similar_suggestion suggestion = {.one = one, .other = other};
    struct similar_agreement agreement;
    search->result.compared_count++;
    similar_compare(&search->people[one], &search->people[other], &agreement);
    similar_score_of(&search->people[one], &search->people[other], &agreement, search->weights,
                     search->frequencies, search->prior_bits, &suggestion.score);
    if (suggestion.score.probability < search->probability_least) {
        return;
    }
    if (filter->refuses != NULL && filter->refuses(filter->state, one, other)) {
        search->result.refused_count++;
    } else if (!heap_add(&search->heap, &suggestion, search->arena)) {
        search->result.left_out_count++;
    }
}

static void compare_next(struct similar_search *search) {
    const struct similar_filter *filter = &search->filter;
    const size_t people_end = search->next + STEP_PEOPLE;
    const size_t pairs_end = search->result.compared_count + STEP_PAIRS;
    while (search->next < search->count && search->next < people_end &&
           search->result.compared_count < pairs_end) {
        const uint32_t one = (uint32_t)search->next++;
        if (filter->is_single && one > filter->person) {
            continue; /* Its partners are further behind. */
        }
        const size_t partner_count =
            similar_pairs_partners(search->pairs, one, search->seen, search->partners);
        for (size_t k = 0; k < partner_count; k++) {
            if (!filter->is_single || one == filter->person ||
                search->partners[k] == filter->person) {
                compare_pair(search, one, search->partners[k]);
            }
        }
    }
}

bool similar_search_step(struct similar_search *search) {
    if (!search->paired) {
        search->paired = !similar_pairs_step(search->pairs);
        return true;
    }
    if (search->frequencies == NULL) {
        prepare(search);
        return true;
    }
    compare_next(search);
    return search->next < search->count;
}

void similar_search_progress(const struct similar_search *search, size_t *people_count,
                             size_t *compared_count) {
    *people_count = search->next;
    *compared_count = search->result.compared_count;
}

void similar_search_end(struct similar_search *search, struct similar_result *out) {
    assert(search->frequencies != NULL);
    assert(search->next == search->count);
    const struct heap *heap = &search->heap;
    if (heap->count > 0) {
        qsort(heap->at, heap->count, sizeof *heap->at, compare_likeliest_first);
    }
    search->result.suggestions = heap->at;
    search->result.suggestion_count = heap->count;
    *out = search->result;
}

struct status similar_find(const struct similar_person *people, size_t count,
                           const struct similar_weights *weights,
                           const struct similar_options *options, struct arena *arena,
                           struct similar_result *out) {
    struct similar_search *search = NULL;
    TRY(similar_search_begin(people, count, weights, options, NULL, arena, &search));
    while (similar_search_step(search)) {
    }
    similar_search_end(search, out);
    return OK;
}
