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

Profiled__V1__FieldScore *similarity_field_message(enum similar_field field,
                                                   enum similar_level level, double bits,
                                                   struct arena *arena);

/* Reads the scores of fields, each at most once: how many. Notes what is wrong, below `path`. */
size_t similarity_fields_read(struct rpc_context *ctx, Profiled__V1__FieldScore *const *messages,
                              size_t count, const char *path,
                              const struct store_review_score **out);

/* The fields that are known of both. */
Profiled__V1__FieldScore **similarity_fields_message(const struct similar_score *score,
                                                     struct arena *arena, size_t *count);
