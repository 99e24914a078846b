#pragma once
/* Passes: ways through all profiles, from the oldest on, that put each of them under other rules,
 * again and again until one changes nothing. Trying and applying differ in what becomes of the
 * wishes, and in nothing else. */

#include "profiled/v1/identity_service.pb-c.h"
#include "server/handlers/profile_rows.h"
#include "server/identity/reapply.h"
#include "server/rpc/method.h"

/* Where the passes have come to: kept between calls, in a token or in the stream's arena. */
struct identity_types_place {
    int64_t begin_us;    /* When the first pass began. */
    int64_t looked_at;   /* Profiles that answered for themselves, on the first pass. */
    struct id last;      /* Behind which row it goes on; zero: at the oldest. */
    uint32_t pass;       /* From 1 on. */
    uint32_t is_changed; /* 1: it changed something. */
    struct profile_rows rows;
};

/* A piece of a pass: what one call, or one message of a stream, does of it. */
struct identity_types_pass {
    struct rpc_context *ctx;
    struct reapply_context context; /* Rows are found in its view; `run` may give it another one. */
    struct identity_types_place *place;
    struct id last; /* Behind which profile it does not go; zero: to the end. */
    Profiled__V1__IdentityTypesEffect *effect; /* Is added to. */
    int64_t end_us; /* By the clock of the store's views: no further row then; 0: as it is read. */
    bool is_full;   /* `run` may set it: no further row fits. */
    /* Puts a row under the rules. */
    struct status (*run)(struct identity_types_pass *pass, struct id row,
                         struct reapply_outcome *out);
    void *state; /* The caller's, for `run`. */
    /* What became of it: */
    int32_t number; /* Of the pass, from 1 on. */
    bool done;      /* It changed nothing up to its end, or was the last that there may be. */
    bool settled;   /* Done, and it changed nothing. */
    Profiled__V1__IdentityTypesProgress *progress;
};

struct identity_types_place identity_types_place_begin(int64_t now_us);

/* Goes on, through up to `max` rows, fewer where they take much memory or time, and no further than
 * to the end of the pass: then the place is where the next one begins. What effects count can be
 * added up over all passes: who is there, and who is left whole, counts on the first one. */
MUST_USE struct status identity_types_pass_go_on(struct identity_types_pass *pass, size_t max);
