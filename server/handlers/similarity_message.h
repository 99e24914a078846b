#pragma once
/* Similar profiles on the wire: weights, levels, scores. */

#include "profiled/v1/identity_service.pb-c.h"
#include "server/identity/similar_score.h"
#include "server/rpc/rpc.h"

/* Reads weights; the built-in ones where the message is NULL. Notes what is wrong, below `field`.
 * *out is to be used only when nothing is. */
void similarity_weights_read(struct rpc_context *ctx,
                             const Profiled__V1__SimilarityWeights *message, const char *field,
                             struct similar_weights *out);

Profiled__V1__SimilarityWeights *similarity_weights_message(const struct similar_weights *weights,
                                                            struct arena *arena);

/* The fields that are known of both. */
Profiled__V1__FieldScore **similarity_fields_message(const struct similar_score *score,
                                                     struct arena *arena, size_t *count);
