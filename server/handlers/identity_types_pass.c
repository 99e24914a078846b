/* Passes through all profiles: the place, when one ends, and what is counted of it. */

#include "server/handlers/identity_types_pass.h"

#include "server/identity/reapply_known.h"

enum {
    PASSES_MAX = 8,
    ARENA_MAX = 32 << 20, /* Bytes after which a piece ends: half of what a call may have. */
};

struct identity_types_place identity_types_place_begin(int64_t now_us) {
    return (struct identity_types_place){.begin_us = now_us, .pass = 1};
}

static void effect_add(Profiled__V1__IdentityTypesEffect *effect,
                       const struct reapply_outcome *outcome, bool is_first_pass) {
    for (; outcome != NULL; outcome = outcome->next) {
        effect->profile_count += outcome->looked_at && is_first_pass;
        effect->changed_count += outcome->changed;
        effect->lost_identity_count += (int64_t)outcome->lost_count;
        effect->gained_identity_count += (int64_t)outcome->gained_count;
        effect->made_count += (int64_t)outcome->made_count;
        effect->unjudged_count += outcome->unjudged && is_first_pass;
        effect->split_count += (int64_t)outcome->splits.count;
        effect->joined_count += (int64_t)outcome->joins.count;
        effect->moved_count += (int64_t)outcome->moves_to.count;
    }
}

static void place_move(struct identity_types_place *place, struct id row,
                       const struct reapply_outcome *outcome) {
    place->last = row;
    place->rows.looked_at += outcome->is_new ? 0 : 1;
    place->looked_at += outcome->looked_at && place->pass == 1;
    for (; outcome != NULL; outcome = outcome->next) {
        place->is_changed = place->is_changed == 1 || outcome->changed;
    }
}

static bool is_over(const struct identity_types_pass *pass) {
    return pass->is_full || store_view_is_over(pass->ctx->store) ||
           (pass->end_us != 0 && store_view_clock_us(pass->ctx->store) >= pass->end_us) ||
           pass->ctx->arena->used > (size_t)ARENA_MAX;
}

/* Runs rows until the pass ends, or this piece of it does. */
static struct status run_rows(struct identity_types_pass *pass, size_t max, bool *ends) {
    struct identity_types_place *place = pass->place;
    for (size_t count = 0;; count++) { /* At the end it looks whether there is one more. */
        struct id row;
        TRY(reapply_row_behind(pass->context.members.view, place->last, &row));
        *ends = id_is_zero(row) || (!id_is_zero(pass->last) && id_compare(row, pass->last) > 0);
        if (*ends || count == max || (count > 0 && is_over(pass))) {
            return OK;
        }
        struct reapply_outcome outcome;
        TRY(pass->run(pass, row, &outcome));
        effect_add(pass->effect, &outcome, place->pass == 1);
        place_move(place, row, &outcome);
    }
}

/* The same, with what the rows share. */
static struct status run_piece(struct identity_types_pass *pass, size_t max, bool *ends) {
    struct retell_room room;
    retell_room_init(&room);
    pass->context.room = &room;
    pass->context.known = arena_alloc(pass->ctx->arena, sizeof *pass->context.known);
    const struct status status = run_rows(pass, max, ends);
    retell_room_free(&room);
    pass->context.room = NULL;
    return status;
}

/* The next pass begins at the oldest profile, where there is one. */
static void end(struct identity_types_pass *pass) {
    struct identity_types_place *place = pass->place;
    pass->settled = place->is_changed == 0;
    pass->done = pass->settled || place->pass == PASSES_MAX;
    if (!pass->done) {
        place->pass++;
        place->is_changed = 0;
        place->last = (struct id){{0}};
        place->rows.looked_at = 0;
    }
}

struct status identity_types_pass_go_on(struct identity_types_pass *pass, size_t max) {
    struct identity_types_place *place = pass->place;
    bool whole = false;
    bool ends = false;
    pass->number = (int32_t)place->pass;
    TRY(profile_rows_count(pass->ctx->store, &place->rows, &whole));
    TRY(run_piece(pass, max, &ends));
    if (ends) { /* What was made on the way is not among them. */
        place->rows.counted = place->rows.looked_at;
        place->rows.last_counted = place->last;
    }
    pass->progress = profile_rows_message(&place->rows, whole || ends, pass->ctx->arena);
    if (ends) {
        end(pass);
    }
    return OK;
}
