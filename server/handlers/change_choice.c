/* Choosing changes. */

#include "server/handlers/change_choice.h"

#include "server/handlers/segment_message.h"
#include "server/handlers/wire.h"

/* Whether it is among those before it: a snapshot would tell its members twice. */
static bool is_twice(char *const *segments, size_t position) {
    return wire_is_among((const char *const *)segments, position, segments[position]);
}

void change_choice_check(struct rpc_context *ctx, const Profiled__V1__ChangeKind *kinds,
                         size_t kind_count, char *const *segments, size_t segment_count,
                         const char *path) {
    for (size_t i = 0; i < kind_count; i++) {
        if (!store_change_kind_is_known((int)kinds[i])) {
            rpc_violation(ctx, "must be one that this server knows", "%skinds[%zu]", path, i);
        }
    }
    if (segment_count > CHANGE_SEGMENTS_MAX) {
        rpc_violation(ctx, "there are more than 100", "%ssegments", path);
        return;
    }
    for (size_t i = 0; i < segment_count; i++) {
        segment_name_check(ctx, segments[i], arena_format(ctx->arena, "%ssegments[%zu]", path, i));
        if (is_twice(segments, i)) {
            rpc_violation(ctx, "is there twice", "%ssegments[%zu]", path, i);
        }
    }
}

uint64_t change_kinds(const Profiled__V1__ChangeKind *kinds, size_t count) {
    uint64_t bits = 0;
    for (size_t i = 0; i < count; i++) {
        bits |= UINT64_C(1) << kinds[i];
    }
    return bits;
}

struct status change_segments_check(struct rpc_context *ctx, char *const *segments, size_t count,
                                    const char *path) {
    for (size_t i = 0; i < count; i++) {
        struct store_segment segment;
        TRY(segment_find(ctx, segments[i], arena_format(ctx->arena, "%ssegments[%zu]", path, i),
                         &segment));
    }
    return OK;
}

struct change_choice change_choice_of(uint64_t kinds, const char *const *segments,
                                      size_t segment_count) {
    const uint64_t of_segments = UINT64_C(1) << STORE_CHANGE_SEGMENT_ENTERED |
                                 UINT64_C(1) << STORE_CHANGE_SEGMENT_LEFT |
                                 UINT64_C(1) << STORE_CHANGE_SEGMENT_DELETED;
    return (struct change_choice){.kinds = kinds != 0          ? kinds
                                           : segment_count > 0 ? of_segments
                                                               : UINT64_MAX,
                                  .segment_count = segment_count,
                                  .segments = segments};
}

struct status change_choice_read(struct rpc_context *ctx, uint64_t kinds,
                                 const char *const *segments, size_t segment_count,
                                 const char *filter, bool is_kept, struct change_choice *out) {
    *out = change_choice_of(kinds, segments, segment_count);
    return profile_filter_read(ctx, filter, is_kept, &out->filter);
}

void change_choice_free(struct change_choice *choice) { profile_filter_free(&choice->filter); }

static bool asks_for(const struct change_choice *choice, const char *segment) {
    return choice->segment_count == 0 ||
           wire_is_among(choice->segments, choice->segment_count, segment);
}

struct status change_choice_takes(struct rpc_context *ctx, struct change_choice *choice,
                                  const struct store_change *change, bool *out) {
    const struct profile *profile = NULL;
    *out = (choice->kinds & UINT64_C(1) << change->kind) != 0 &&
           (change->segment[0] == '\0' || asks_for(choice, change->segment));
    if (!*out || choice->filter.filter.test_count == 0) {
        return OK;
    }
    TRY(store_profile_get(ctx->store, change->profile, &profile));
    return profile != NULL && profile_is_live(profile)
               ? profile_filter_takes(ctx, &choice->filter, change->profile, out)
               : OK;
}
