/* Similar profiles on the wire. */

#include "server/handlers/similarity_message.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "server/handlers/wire.h"

#define LEVEL(NAME) PROFILED__V1__SIMILARITY_LEVEL__SIMILARITY_LEVEL_##NAME

/* The numbers of the levels are those of the wire. */
static_assert((int)SIMILAR_UNKNOWN == (int)LEVEL(UNSPECIFIED), "one number");
static_assert((int)SIMILAR_DIFFERENT == (int)LEVEL(DIFFERENT), "one number");
static_assert((int)SIMILAR_ALIKE == (int)LEVEL(ALIKE), "one number");
static_assert((int)SIMILAR_NEAR == (int)LEVEL(NEAR), "one number");
static_assert((int)SIMILAR_SOUNDS == (int)LEVEL(SOUNDS), "one number");
static_assert((int)SIMILAR_SAME == (int)LEVEL(SAME), "one number");

enum { WEIGHTS_MAX = SIMILAR_FIELD_COUNT * SIMILAR_LEVEL_COUNT };

/* False when there is no such field. */
static bool field_read(const char *name, enum similar_field *out) {
    for (size_t i = 0; i < SIMILAR_FIELD_COUNT; i++) {
        if (strcmp(similar_field_name((enum similar_field)i), name) == 0) {
            *out = (enum similar_field)i;
            return true;
        }
    }
    return false;
}

static void weight_read(struct rpc_context *ctx, const Profiled__V1__SimilarityWeight *message,
                        const char *path, size_t position, struct similar_weights *out) {
    enum similar_field field = SIMILAR_GIVEN_NAME;
    const int level = (int)message->level;
    if (!field_read(message->field, &field)) {
        rpc_violation(ctx, "is not a field that is compared", "%s.weights[%zu].field", path,
                      position);
        return;
    }
    if (level <= 0 || level >= SIMILAR_LEVEL_COUNT ||
        !similar_weights_has(field, (enum similar_level)level)) {
        rpc_violation(ctx, "is not a level that the field has", "%s.weights[%zu].level", path,
                      position);
        return;
    }
    struct similar_weight *weight = &out->fields[field][level];
    if (weight->m != 0 || weight->u != 0) {
        rpc_violation(ctx, "is there twice", "%s.weights[%zu]", path, position);
        return;
    }
    *weight = (struct similar_weight){message->m_probability, message->u_probability};
}

void similarity_weights_read(struct rpc_context *ctx,
                             const Profiled__V1__SimilarityWeights *message, const char *field,
                             struct similar_weights *out) {
    if (message == NULL) {
        *out = *similar_weights_default();
        return;
    }
    if (message->n_weights > WEIGHTS_MAX) {
        rpc_violation(ctx, "has more than one for each level of each field", "%s.weights", field);
        return;
    }
    *out = (struct similar_weights){.share = message->share, .swap_bits = message->swap_bits};
    const size_t violation_count = ctx->violation_count;
    for (size_t i = 0; i < message->n_weights; i++) {
        weight_read(ctx, message->weights[i], field, i, out);
    }
    const struct status status = similar_weights_check(out);
    if (ctx->violation_count == violation_count && !status_is_ok(status)) {
        rpc_violation(ctx, status.text, "%s", field);
    }
}

static Profiled__V1__SimilarityWeight *weight_message(enum similar_field field,
                                                      enum similar_level level,
                                                      const struct similar_weight *weight,
                                                      struct arena *arena) {
    Profiled__V1__SimilarityWeight *message = arena_alloc(arena, sizeof *message);
    profiled__v1__similarity_weight__init(message);
    message->field = wire_string(similar_field_name(field));
    message->level = (Profiled__V1__SimilarityLevel)level;
    message->m_probability = weight->m;
    message->u_probability = weight->u;
    return message;
}

Profiled__V1__SimilarityWeights *similarity_weights_message(const struct similar_weights *weights,
                                                            struct arena *arena) {
    Profiled__V1__SimilarityWeights *message = arena_alloc(arena, sizeof *message);
    profiled__v1__similarity_weights__init(message);
    message->share = weights->share;
    message->swap_bits = weights->swap_bits;
    message->weights = arena_array(arena, WEIGHTS_MAX, sizeof *message->weights);
    for (size_t i = 0; i < SIMILAR_FIELD_COUNT; i++) {
        for (size_t k = SIMILAR_DIFFERENT; k < SIMILAR_LEVEL_COUNT; k++) {
            if (similar_weights_has((enum similar_field)i, (enum similar_level)k)) {
                message->weights[message->n_weights++] = weight_message(
                    (enum similar_field)i, (enum similar_level)k, &weights->fields[i][k], arena);
            }
        }
    }
    return message;
}

Profiled__V1__FieldScore *similarity_field_message(enum similar_field field,
                                                   enum similar_level level, double bits,
                                                   struct arena *arena) {
    Profiled__V1__FieldScore *message = arena_alloc(arena, sizeof *message);
    profiled__v1__field_score__init(message);
    message->field = wire_string(similar_field_name(field));
    message->level = (Profiled__V1__SimilarityLevel)level;
    message->bits = bits;
    return message;
}

Profiled__V1__FieldScore **similarity_fields_message(const struct similar_score *score,
                                                     struct arena *arena, size_t *count) {
    Profiled__V1__FieldScore **fields = arena_array(arena, SIMILAR_FIELD_COUNT, sizeof *fields);
    *count = 0;
    for (size_t i = 0; i < SIMILAR_FIELD_COUNT; i++) {
        const enum similar_level level = score->agreement.levels[i];
        if (level != SIMILAR_UNKNOWN) {
            fields[(*count)++] =
                similarity_field_message((enum similar_field)i, level, score->field_bits[i], arena);
        }
    }
    return fields;
}

static bool is_there(const struct store_review_score *scores, size_t count,
                     enum similar_field field) {
    for (size_t i = 0; i < count; i++) {
        if (scores[i].field == (uint32_t)field) {
            return true;
        }
    }
    return false;
}

size_t similarity_fields_read(struct rpc_context *ctx, Profiled__V1__FieldScore *const *messages,
                              size_t count, const char *path,
                              const struct store_review_score **out) {
    struct store_review_score *scores =
        arena_array(ctx->arena, SIMILAR_FIELD_COUNT, sizeof *scores);
    size_t read_count = 0;
    *out = scores;
    if (count > SIMILAR_FIELD_COUNT) {
        rpc_violation(ctx, "has more than there are fields that are compared", "%s", path);
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        const Profiled__V1__FieldScore *message = messages[i];
        const int level = (int)message->level;
        enum similar_field field = SIMILAR_GIVEN_NAME;
        if (!field_read(message->field, &field)) {
            rpc_violation(ctx, "is not a field that is compared", "%s[%zu].field", path, i);
        } else if (is_there(scores, read_count, field)) {
            rpc_violation(ctx, "is there twice", "%s[%zu].field", path, i);
        } else if (level <= 0 || level >= SIMILAR_LEVEL_COUNT) {
            rpc_violation(ctx, "is not a level", "%s[%zu].level", path, i);
        } else if (!isfinite(message->bits)) {
            rpc_violation(ctx, "must be a number", "%s[%zu].bits", path, i);
        } else {
            scores[read_count++] =
                (struct store_review_score){(uint32_t)field, (uint32_t)level, message->bits};
        }
    }
    return read_count;
}
