/* The records of a profile: reading them, and moving some to a profile of their own. */

#include "server/identity/history.h"

#include <string.h>

#include "server/identity/spelling.h"
#include "server/store/records/record.pb-c.h"
#include "server/store/summary.h"
#include "server/store/trait.h"

enum {
    PAGE = 100,      /* Rows of one scan. */
    FORMS_MAX = 16,  /* Among which a record that says the same is looked for, */
    SHARES_FROM = 8, /* from this record on. */
};

/* ---- reading ---- */

/* A reading under way. */
struct reading {
    struct arena *arena;
    struct arena scratch; /* For one record. */
    size_t form_count;
    struct form {
        struct bytes packed; /* Without its times. */
        size_t position;     /* Of the first record that is of it. */
    } forms[FORMS_MAX];      /* The latest. */
};

/* What it says and came to, without its times; those of attributes go with them. */
static struct bytes form_of(struct decision decision, struct record record, struct arena *arena) {
    decision.decide_us = 0;
    record.observe_us = 0;
    return decision_pack(&decision, &record, arena);
}

static const struct form *find_form(const struct reading *reading, struct bytes packed) {
    for (size_t i = 0; i < reading->form_count && i < FORMS_MAX; i++) {
        if (bytes_equal(reading->forms[i].packed, packed)) {
            return &reading->forms[i];
        }
    }
    return NULL;
}

static void keep_form(struct reading *reading, struct bytes packed, size_t position) {
    reading->forms[reading->form_count++ % FORMS_MAX] =
        (struct form){arena_copy(reading->arena, packed), position};
}

/* Whether it shares with an earlier one; *out is that one's, but for its times. */
static struct status share(struct reading *reading, const struct history *history,
                           const struct store_decision *row, struct history_record *out,
                           bool *shares) {
    arena_empty(&reading->scratch);
    TRY(decision_unpack(row->packed, row->profile, &reading->scratch, &out->decision,
                        &out->record));
    const struct bytes packed = form_of(out->decision, out->record, &reading->scratch);
    const struct form *form = find_form(reading, packed);
    *shares = form != NULL && out->record.attribute_count == 0;
    if (!*shares) {
        keep_form(reading, packed, history->count);
        return OK;
    }
    const int64_t decide_us = out->decision.decide_us;
    const int64_t observe_us = out->record.observe_us;
    *out = history->records[form->position];
    out->decision.decide_us = decide_us;
    out->record.observe_us = observe_us;
    return OK;
}

static struct status add_record(struct reading *reading, struct history *history,
                                const struct store_decision *row) {
    struct history_record told = {0};
    bool shares = false;
    if (history->count >= SHARES_FROM) {
        TRY(share(reading, history, row, &told, &shares));
    }
    if (!shares) {
        told.same = history->count;
        TRY(decision_unpack(row->packed, row->profile, reading->arena, &told.decision,
                            &told.record));
    }
    told.id = row->id;
    told.record.tell_us = id_time_us(row->id);
    history->records =
        arena_grow(reading->arena, history->records, history->count, sizeof *history->records);
    history->records[history->count++] = told;
    return OK;
}

static struct status read_records(struct store_view *view, size_t max, struct reading *reading,
                                  struct history *out) {
    struct store_decision rows[PAGE];
    struct id after = {{0}};
    for (bool more = true; more;) {
        size_t count = 0;
        TRY(store_decision_scan(view, &out->profile, 1, after, PAGE, rows, &count, &more));
        for (size_t i = 0; i < count; i++) {
            TRY(add_record(reading, out, &rows[i]));
            after = rows[i].id;
        }
        if (more && out->count >= max) {
            out->is_whole = false;
            return OK;
        }
    }
    return OK;
}

struct status history_read(struct store_view *view, struct id profile, size_t max,
                           struct history *out) {
    *out = (struct history){.profile = profile, .is_whole = true};
    struct reading reading = {.arena = store_view_arena(view)};
    arena_init(&reading.scratch, SIZE_MAX);
    const struct status status = read_records(view, max, &reading, out);
    arena_free(&reading.scratch);
    return status;
}

size_t history_find(const struct history *history, struct id decision) {
    size_t found = 0;
    while (found < history->count && !id_equal(history->records[found].id, decision)) {
        found++;
    }
    return found;
}

static struct status add_interaction(struct store_view *view, struct history *history,
                                     const struct store_interaction *row) {
    struct arena *arena = store_view_arena(view);
    ProtobufCMessage *message = NULL;
    TRY(store_unpack(arena, &stored__v1__interaction__descriptor, row->packed, &message));
    const ProtobufCBinaryData decision = ((const Stored__V1__Interaction *)message)->decision;
    const size_t count = history->interaction_count;
    history->interactions =
        arena_grow(arena, history->interactions, count, sizeof *history->interactions);
    history->interaction_records = arena_grow(arena, history->interaction_records, count,
                                              sizeof *history->interaction_records);
    history->interactions[count] = *row;
    struct id id = {{0}};
    if (decision.len == ID_SIZE) {
        memcpy(id.bytes, decision.data, ID_SIZE);
    }
    history->interaction_records[count] = history_find(history, id);
    history->interaction_count++;
    return OK;
}

struct status history_read_interactions(struct store_view *view, struct history *history) {
    struct store_interaction rows[PAGE];
    struct store_interaction last = {0};
    for (bool more = true; more;) {
        size_t count = 0;
        TRY(store_interaction_scan(view, &history->profile, 1, history->interaction_count > 0,
                                   last.occur_us, last.id, PAGE, rows, &count, &more));
        for (size_t i = 0; i < count; i++) {
            TRY(add_interaction(view, history, &rows[i]));
            last = rows[i];
        }
        if (more && history->interaction_count >= HISTORY_INTERACTIONS_MAX) {
            history->is_whole = false;
            return OK;
        }
    }
    return OK;
}

/* ---- what was known ---- */

/* UNSPECIFIED: the record does not tell it. */
static enum provenance told_by(const struct record *record, const struct identity_rules *rules,
                               const struct record_identity *told, struct arena *arena) {
    enum provenance best = PROVENANCE_UNSPECIFIED;
    for (size_t i = 0; i < record->identity_count; i++) {
        const struct record_identity *identity = &record->identities[i];
        if (identity->provenance > best &&
            spellings_are_one(rules, identity->type, identity->canonical, told->type,
                              told->canonical, arena)) {
            best = identity->provenance;
        }
    }
    return best;
}

enum provenance history_provenance(const struct history *history, size_t position,
                                   const struct identity_rules *rules,
                                   const struct record_identity *told, const struct profile *member,
                                   struct arena *arena) {
    enum provenance before = PROVENANCE_UNSPECIFIED;
    enum provenance since = PROVENANCE_UNSPECIFIED;
    int64_t told_us = INT64_MAX;
    for (size_t i = 0; i < history->count; i++) {
        const struct record *record = &history->records[i].record;
        const enum provenance by = told_by(record, rules, told, arena);
        if (i < position) {
            before = by > before ? by : before;
        } else if (by != PROVENANCE_UNSPECIFIED) {
            since = by > since ? by : since;
            told_us = record->observe_us < told_us ? record->observe_us : told_us;
        }
    }
    int64_t first_us = 0;
    const enum provenance now =
        spellings_known(rules, member, told->type, told->canonical, arena, &first_us);
    /* Somebody linked it by hand: as it is known now, unless a record since may have told that. */
    const bool by_hand = before == PROVENANCE_UNSPECIFIED ? first_us < told_us : now > since;
    return by_hand || now < before ? now : before; /* It may have been unlinked. */
}

struct status history_provenance_before(struct store_view *view, struct id decision,
                                        const struct identity_rules *rules,
                                        const struct record_identity *told,
                                        const struct profile *state, enum provenance *out) {
    struct history history;
    TRY(history_read(view, state->id, HISTORY_RECORDS_MAX, &history));
    size_t position = 0;
    while (position < history.count && id_compare(history.records[position].id, decision) < 0) {
        position++;
    }
    *out = history_provenance(&history, position, rules, told, state, store_view_arena(view));
    return OK;
}

/* A record may tell it several times: what is known best counts. */
static const struct record_identity *find_telling(const struct record *record,
                                                  const struct profile_identity *identity) {
    const struct record_identity *best = NULL;
    for (size_t i = 0; i < record->identity_count; i++) {
        const struct record_identity *told = &record->identities[i];
        if (strcmp(told->type, identity->type) == 0 &&
            strcmp(told->canonical, identity->canonical) == 0 &&
            (best == NULL || told->provenance > best->provenance)) {
            best = told;
        }
    }
    return best;
}

bool history_tells_all(const struct history *history, const struct profile_identity *identity) {
    int64_t first_us = INT64_MAX;
    int64_t last_us = INT64_MIN;
    enum provenance best = PROVENANCE_UNSPECIFIED;
    for (size_t i = 0; i < history->count; i++) {
        const struct record *record = &history->records[i].record;
        const struct record_identity *told = find_telling(record, identity);
        if (told != NULL && record->observe_us >= identity->first_seen_us) {
            first_us = record->observe_us < first_us ? record->observe_us : first_us;
            last_us = record->observe_us > last_us ? record->observe_us : last_us;
            best = told->provenance > best ? told->provenance : best;
        }
    }
    return identity->first_seen_us >= first_us && identity->last_seen_us <= last_us &&
           (enum provenance)identity->provenance <= best;
}

/* ---- moving ---- */

/* Whether an interaction is one of a record that moves, and has not moved before. */
static bool is_to_go(const struct history *history, const bool *moves, size_t interaction) {
    const size_t record = history->interaction_records[interaction];
    return record < history->count && moves[record] &&
           id_equal(history->interactions[interaction].profile, history->profile);
}

static bool any_is_to_go(const struct history *history, const bool *moves) {
    for (size_t i = 0; i < history->interaction_count; i++) {
        if (is_to_go(history, moves, i)) {
            return true;
        }
    }
    return false;
}

/* Both summaries, and the states of all traits of both, are added up anew. */
static struct status move_interactions(struct store_view *view, const struct history *history,
                                       const bool *moves, struct id to) {
    struct store_summary present;
    struct store_summary goes = {0};
    if (!any_is_to_go(history, moves)) {
        return OK;
    }
    TRY(store_trait_states_clear(view, history->profile));
    TRY(store_trait_states_clear(view, to));
    TRY(store_summary_get(view, history->profile, &present));
    struct store_summary stays = {.removed_count = present.removed_count,
                                  .removed_us = present.removed_us};
    for (size_t i = 0; i < history->interaction_count; i++) {
        struct store_interaction *interaction = &history->interactions[i];
        const bool goes_now = is_to_go(history, moves, i);
        if (!id_equal(interaction->profile, history->profile)) {
            continue; /* It has moved before. */
        }
        if (goes_now) {
            TRY(store_interaction_move(view, interaction, to));
        }
        TRY(store_summary_add(view, goes_now ? &goes : &stays, interaction));
        TRY(store_trait_states_add(view, interaction));
    }
    TRY(store_summary_put(view, to, &goes));
    return store_summary_put(view, history->profile, &stays);
}

struct status history_move(struct store_view *view, const struct history *history,
                           const bool *moves, struct id to) {
    for (size_t i = 0; i < history->count; i++) {
        const struct history_record *record = &history->records[i];
        if (!moves[i]) {
            continue;
        }
        struct decision decision = record->decision;
        decision.member = to; /* Whom it was linked to then is kept. */
        store_decision_delete(view, history->profile, record->id);
        TRY(store_decision_put(view, to, record->id,
                               decision_pack(&decision, &record->record, store_view_arena(view))));
    }
    return move_interactions(view, history, moves, to);
}
