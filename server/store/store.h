#pragma once
/* The store of one workspace: typed tables over the engine. Every key layout is in keys.h; every
 * secondary row (identity index, attribute and name index, order by update time) is derived in
 * derive.c from (old profile, new profile) and nowhere else.
 *
 * A request works on a view: a snapshot with the request's wishes over it. It sees what it wished,
 * and nothing reaches the engine before store_view_apply(). A view that is not applied leaves
 * nothing: that is what validate_only is. Single rows and the scans of profiles, merges, reviews,
 * decisions and interactions are answered as wished; other scans tell what is stored, and those
 * that would mislead are for views without wishes (asserted). */

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/base/arena.h"
#include "server/base/bytes.h"
#include "server/base/id.h"
#include "server/base/random.h"
#include "server/base/status.h"
#include "server/store/profile.h"
#include "server/vault/vault.h"

struct store;
struct store_reader;
struct store_write;
struct store_view;

/* Who derives rows that the store itself can't: those that hang on rules of the floors above.
 * Called by the thread that writes. */
struct store_follower {
    /* Before a view is applied: may wish further rows. *state is the follower's own, NULL at first,
     * one a store. */
    struct status (*follow)(void **state, struct store_view *view, int64_t now_us);
    /* The clock was set back past a time of store_mark_pass(): wishes that all that hangs on the
     * time is derived anew, step by step. In a view without other wishes. */
    struct status (*anew)(void **state, struct store_view *view, int64_t now_us);
    /* store_follow_step(). */
    struct status (*step)(struct store *store, void **state, int64_t now_us, int64_t step_us,
                          bool *more, int64_t *next_us);
    void (*close)(void *state);
};

/* Filters of traits, of which the store knows the text alone. Pure, but for the arena. */
struct store_interaction;
struct Stored__V1__Interaction;
struct store_trait_filters {
    /* Compiles one; *out is the arena's. DATA_LOSS STORE_CORRUPT where it can't be read. */
    struct status (*compile)(const char *filter, struct arena *arena, const void **out);
    /* Whether a compiled one takes an interaction. */
    bool (*takes)(const void *compiled, const struct store_interaction *interaction,
                  const struct Stored__V1__Interaction *message, struct arena *arena);
};

struct store_options {
    const char *data_directory; /* Of this workspace's data. */
    const char *keys_directory; /* Of this workspace's keystore: elsewhere, outside its backups. */
    const char *workspace;      /* Its name, 1 to 64 characters; bound into every sealed row. */
    const struct vault_key *root;
    const struct random *random; /* For nonces and keys. */
    profile_terms_fn *terms;
    const struct store_trait_filters *trait_filters; /* NULL: no trait has one. */
    const struct store_follower *follower;           /* NULL for none. */
    size_t backfill_max; /* Interactions that a step of store_backfill_step() goes through; 0: it
                            does nothing. */
    const char *default_region;    /* Of national phone numbers; "" for none. */
    size_t map_size;               /* As engine_options. */
    int64_t (*monotonic_us)(void); /* The same. */
    bool create;
    bool read_only;
};

/* Opens a workspace's store, or makes it. Errors: as engine_open() and keystore_open();
 * STORE_VERSION when it was made by a newer version; KEY_INVALID when it was made with another root
 * key, or when there are data and no keystore. */
MUST_USE struct status store_open(const struct store_options *options, struct store **out);
void store_close(struct store *store);

const char *store_workspace(const struct store *store);

/* The region of national phone numbers; "" for none. */
const char *store_default_region(const struct store *store);

/* ---- reading: one reader a thread at a time ---- */

MUST_USE struct status store_reader_open(struct store *store, struct store_reader **out);
void store_reader_close(struct store_reader *reader);

/* Begins a view on a fresh snapshot. What it answers is allocated from the arena and stays valid
 * with it. End it before a second one is begun with the same reader. */
MUST_USE struct status store_view_begin_read(struct store_reader *reader, struct arena *arena,
                                             struct store_view **out);
void store_view_end(struct store_view *view); /* Lets the snapshot go. */

/* Whether a view has held its snapshot for as long as a call may (ENGINE_READ_MS_MAX). What loops
 * over rows stops then, and answers with what it has and a cursor, or refuses. Never on a write. */
bool store_view_is_over(const struct store_view *view);

/* The clock that snapshots are timed by, in microseconds: for what goes through many rows in a
 * write, which others wait for. */
int64_t store_view_clock_us(const struct store_view *view);

/* Makes a view one that is never over: for what is bounded otherwise and is no use by halves. Who
 * does one such thing after another asks in between, of a view that it is beside. */
void store_view_take_time(struct store_view *view);

/* A view of the same transaction that sees no wishes, and answers out of another arena: for going
 * through many rows, and to see what was there before a request. Good as long as `view` is. */
struct store_view *store_view_beside(struct store_view *view, struct arena *arena);

/* A view of the same transaction that sees what `view` sees, wishes and what-if and all, and keeps
 * what it reads and wishes itself out of it, in the arena: it is dropped with that. What `view`
 * wishes later is not to be seen by it. No view that has wishes and is over a what-if. */
struct store_view *store_view_above(struct store_view *view, struct arena *arena);

/* ---- writing: one thread a store ---- */

enum store_write_kind { STORE_WRITE_ORDINARY, STORE_WRITE_ERASE }; /* As engine_write. */

MUST_USE struct status store_write_begin(struct store *store, enum store_write_kind kind,
                                         struct store_write **out);

/* Begins a view of one request on the write transaction: it sees those applied before it. */
MUST_USE struct status store_view_begin_write(struct store_write *write, struct arena *arena,
                                              struct store_view **out);

/* Tells a view for which time its wishes are made: that at which it will be applied. Without it is
 * for the time of the last write. */
void store_view_come_to(struct store_view *view, int64_t now_us);

/* Puts the view's wishes into the write transaction, and what the follower makes of them at the
 * time `now_us`. When it fails the whole transaction is lost: call store_write_abort(). */
MUST_USE struct status store_view_apply(struct store_view *view, int64_t now_us);

/* Makes what was applied durable, or nothing. Frees the handle either way. */
MUST_USE struct status store_write_commit(struct store_write *write);
void store_write_abort(struct store_write *write);

/* Bytes of keys and values that were applied so far: when to commit and begin anew. */
size_t store_write_size(const struct store_write *write);

/* The wishes of several requests that are never applied: each sees those before it. */
struct store_what_if;

/* Lets a view, which holds no wishes yet, go on with those of a what-if; a new one is made where
 * *what_if is NULL. It lives in the arena, as does what the view answers from now on. */
void store_view_go_on(struct store_view *view, struct arena *arena, struct store_what_if **what_if);

/* A view of the same transaction, good as long as `view` is, that sees the wishes of a what-if
 * (NULL: none) and keeps what it reads and wishes itself out of it, in the arena: it is dropped
 * with that. What comes in to the what-if later is not to be seen by it: make another one. */
struct store_view *store_view_try(struct store_view *view, struct store_what_if *what_if,
                                  struct arena *arena);

/* Adds the wishes of a view that was tried to the what-if that it was tried on (a new one is made
 * where *what_if is NULL), copied into the arena, in which the what-if lives: nothing else of the
 * view is kept. States of traits are left out: they are for who applies. */
void store_view_keep(const struct store_view *view, struct arena *arena,
                     struct store_what_if **what_if);

/* Whether a view wishes anything, or its what-if does. */
bool store_view_has_wishes(const struct store_view *view);

/* How often anything was wished in it: while it is the same number, all that the view sees is. */
uint64_t store_view_wish_count(const struct store_view *view);

/* ---- what a view knows of its own ---- */

struct store *store_view_store(const struct store_view *view);
struct arena *store_view_arena(const struct store_view *view);

/* A number that is one greater at each call on the view, from 0: added to the time it keeps what
 * one request makes in the order in which it was made. */
int64_t store_view_tick(struct store_view *view);

/* ---- profiles ---- */

/* The row of an id, merged and deleted ones included; *out is NULL when there is none. */
MUST_USE struct status store_profile_get(struct store_view *view, struct id id,
                                         const struct profile **out);

/* The same, as it was before the view's wishes. */
MUST_USE struct status store_profile_before(struct store_view *view, struct id id,
                                            const struct profile **out);

/* The row of an id, following redirects: *out is the survivor. */
MUST_USE struct status store_profile_follow(struct store_view *view, struct id id,
                                            const struct profile **out);

/* Wishes the profile to be as it is in `profile`, which the view borrows from now on. The caller
 * sets all fields but `revision`, which is made one greater, and the slot. */
MUST_USE struct status store_profile_put(struct store_view *view, struct profile *profile);

/* What a profile that others were merged into would be by itself: as a profile, of which identity,
 * name, attributes, `apart` and `decision_count` count. *out is NULL when it has no row of its own:
 * then the profile's row says it. */
MUST_USE struct status store_own_get(struct store_view *view, struct id id,
                                     const struct profile **out);
MUST_USE struct status store_own_put(struct store_view *view, const struct profile *own);
void store_own_delete(struct store_view *view, struct id id);

/* The live profile that has an identity: found by keyed hash, then compared. `match_as` is the type
 * it matches as, `match` its match value. *out is NULL when there is none. */
MUST_USE struct status store_identity_owner(struct store_view *view, const char *match_as,
                                            const char *match, const struct profile **out);

/* The first live profile with a shared term; *out is NULL when there is none. */
MUST_USE struct status store_shared_owner(struct store_view *view, const char *field,
                                          const char *value, const struct profile **out);

enum store_order { STORE_BY_CREATE, STORE_BY_UPDATE };

/* Where a scan of profiles goes on: behind the profile that the cursor names. */
struct store_cursor {
    bool set; /* false: from the beginning. */
    struct id id;
    int64_t update_us; /* STORE_BY_UPDATE only. */
};

/* Terms of which a profile has one at least. An identity is looked for as a contact too: by the
 * canonical value, folded. Shared and counted ones are none of these. */
struct store_clause {
    size_t term_count;
    const struct profile_term *terms;
};

/* From a time to another one, both included. */
struct store_span {
    int64_t from_us;
    int64_t to_us;
};

/* Which profiles a scan is for: those that meet every clause, and were made in the span of times.
 * That of the latest writes only helps to find them: others may be among them. */
struct store_choice {
    size_t clause_count;
    const struct store_clause *clauses;
    struct store_span create;
    struct store_span update;
};

/* All: to be narrowed. */
static inline struct store_choice store_choice_all(void) {
    return (struct store_choice){.create = {INT64_MIN, INT64_MAX},
                                 .update = {INT64_MIN, INT64_MAX}};
}

/* How a scan went through the profiles. */
enum store_scan_way {
    STORE_SCAN_ALL,     /* Through all in its order, or those of a span. */
    STORE_SCAN_CLAUSE,  /* Through those who have one of the terms of `clause`, the rarest. */
    STORE_SCAN_UPDATED, /* Through those of the span of the latest writes, in order of creation. */
};
struct store_scan_report {
    enum store_scan_way way;
    size_t clause;
    size_t row_count; /* Index rows that were looked at. */
};

/* Fills `out` with up to `max` ids in order, behind the cursor, and moves the cursor behind the
 * last. `choice` may be NULL: all. With clauses only live profiles are found. Without, and in order
 * of creation, merged and deleted rows may be among them: look at the row. *report, unless it is
 * NULL, gets what was done. Looks at a bounded number of index rows, and no longer than a view may
 * last (but at one new row at least): *more tells whether there may be further ones, even when
 * *count is 0. */
MUST_USE struct status store_profile_scan(struct store_view *view, enum store_order order,
                                          bool descending, const struct store_choice *choice,
                                          struct store_cursor *cursor, size_t max, struct id *out,
                                          size_t *count, bool *more,
                                          struct store_scan_report *report);

/* Gives the profiles to a function, deleted ones too but none that was merged into another, the
 * latest made first: `max` at most, and no longer than a view may last (but one at least), in a
 * write as well, which others wait for. Each lives until the function returns. *more tells whether
 * there are further ones, or may be. */
typedef void store_profile_fn(void *state, const struct profile *profile);
MUST_USE struct status store_profile_each(struct store_view *view, size_t max,
                                          store_profile_fn *each, void *state, bool *more);

/* ---- merges ---- */

/* The record of one merge, undone or not. */
struct store_merge {
    struct id id;
    struct id
        survivor; /* The profiles that answered before it, as if those that were undone since */
    struct id absorbed;          /* had never been. */
    struct id decision_absorbed; /* The latter as the decision tells it. */
    struct id one;               /* Those that were found to be one person: see profile_merge. */
    struct id other;
    int64_t merge_us;
    const char *method;        /* The call, as "ResolveProfile". */
    struct id decision;        /* That asked for it; zero when somebody did by hand. */
    struct id decision_member; /* The profile that the decision lies under. */
    uint64_t rule_version;
    int64_t undo_us;      /* 0 while it stands. */
    bool undone_by_rules; /* Not somebody, but other rules: those of before let it stand again. */
    uint64_t undo_rule_version; /* Their version; 0: it was not kept. */
    bool linked;            /* By a record that was the first of `one`: it was linked to `other`. */
    bool parted;            /* Rules parted the two: `one` is made of records linked to `other`. */
    bool retold;            /* Rules made or undid it by telling all records anew. */
    uint64_t apart_version; /* Rules joined the two: by those of this version a review had kept them
                               apart; 0 where there was none. */
};

/* *found is false when there is none of the id. */
MUST_USE struct status store_merge_get(struct store_view *view, struct id id, bool *found,
                                       struct store_merge *out);
MUST_USE struct status store_merge_put(struct store_view *view, const struct store_merge *merge);

/* Wishes that the merge is no longer found by the profile, which is neither of its two now. */
void store_merge_forget(struct store_view *view, const struct store_merge *merge,
                        struct id profile);

/* Up to `max` ids of merges, the latest first, strictly before `before` unless it is zero: those
 * that named one of the profiles, or, when profile_count is 0, all. */
MUST_USE struct status store_merge_scan(struct store_view *view, const struct id *profiles,
                                        size_t profile_count, struct id before, size_t max,
                                        struct id *out, size_t *count);

/* Two profiles that are never to be one. Kept here to be listed; the rows of both say it too. */
struct store_never_join {
    struct id one; /* The lesser id. */
    struct id other;
    int64_t create_us;
    struct id merge;  /* The one that was undone; zero when there was none. */
    struct id review; /* The one that decided so; zero when there was none. */
};

MUST_USE struct status store_never_join_get(struct store_view *view, struct id one, struct id other,
                                            bool *found, struct store_never_join *out);
MUST_USE struct status store_never_join_put(struct store_view *view,
                                            const struct store_never_join *never);
void store_never_join_delete(struct store_view *view, struct id one, struct id other);

/* Up to `max` of the workspace, in order, behind (one, other) unless `one` is zero. */
MUST_USE struct status store_never_join_scan(struct store_view *view, struct id one,
                                             struct id other, size_t max,
                                             struct store_never_join *out, size_t *count);

/* ---- reviews ---- */

/* The numbers are those of profiled.v1.ReviewState and of the stored form. */
enum store_review_state {
    STORE_REVIEW_OPEN = 1,
    STORE_REVIEW_JOINED = 2,
    STORE_REVIEW_KEPT_APART = 3,
    STORE_REVIEW_DISMISSED = 4,
};

/* How far two profiles agree in one field: by the numbers of identity/similar_weights.h. */
struct store_review_score {
    uint32_t field;
    uint32_t level;
    double bits;
};

/* Two profiles that are related or alike, and were not joined. One review a pair. */
struct store_review {
    struct id id;
    struct id one; /* The lesser id. */
    struct id other;
    enum store_review_state state;
    uint32_t rule;         /* That stood in the way last. */
    uint64_t rules;        /* Bit 1 << rule of each that ever did. */
    uint64_t record_count; /* 0: no record met it, and there is no decision. */
    int64_t first_us;
    int64_t last_us;
    struct id decision; /* That of the last record, under this profile: */
    struct id decision_member;
    uint64_t rule_version;
    int64_t decide_us;     /* 0 while it is open. */
    struct id merge;       /* That joined the two; zero when there was none. */
    uint32_t state_before; /* What it was before that merge decided it; 0: not known. */
    double probability;    /* That they are one, as was told last; 0 when nobody did. */
    size_t score_count;
    const struct store_review_score *scores; /* The arena's. */
};

/* The review of a pair, in either order; *found is false when there is none. */
MUST_USE struct status store_review_get(struct store_view *view, struct id one, struct id other,
                                        bool *found, struct store_review *out);

/* The same by the review's id. */
MUST_USE struct status store_review_find(struct store_view *view, struct id id, bool *found,
                                         struct store_review *out);

/* Wishes the review of its pair to be this, in the lists and counts too. A review that was decided
 * may be replaced by an open one with another id. */
MUST_USE struct status store_review_put(struct store_view *view, const struct store_review *review);

/* Wishes that there is no review of the pair. */
MUST_USE struct status store_review_delete(struct store_view *view, struct id one, struct id other);

/* What is counted of the reviews that name a profile. */
struct store_review_count {
    uint32_t open;
    uint64_t dropped; /* Not queued because it had as many as it may. */
    bool is_there;    /* False: no review ever named the profile, and all is zero. Only read. */
};
MUST_USE struct status store_review_count_get(struct store_view *view, struct id profile,
                                              struct store_review_count *out);
MUST_USE struct status store_review_count_put(struct store_view *view, struct id profile,
                                              const struct store_review_count *count);

/* The lists that a review may be in, as bits. */
enum store_review_lists {
    STORE_REVIEWS_OPEN = 1,
    STORE_REVIEWS_DECIDED = 2,
    STORE_REVIEWS_ALL = STORE_REVIEWS_OPEN | STORE_REVIEWS_DECIDED,
};

/* Where a review is found. */
struct store_review_place {
    struct id id;
    struct id one;
    struct id other;
};

/* Up to `max` reviews of the lists, the latest first, strictly before `before` unless it is zero:
 * those that name one of the profiles, or, when profile_count is 0, all. */
MUST_USE struct status store_review_scan(struct store_view *view, enum store_review_lists lists,
                                         const struct id *profiles, size_t profile_count,
                                         struct id before, size_t max,
                                         struct store_review_place *out, size_t *count);

/* ---- decisions: the history of each profile ---- */

/* Keeps what was resolved and how: a packed stored.v1.Decision, sealed with the profile's key. */
MUST_USE struct status store_decision_put(struct store_view *view, struct id profile,
                                          struct id decision, struct bytes packed);

void store_decision_delete(struct store_view *view, struct id profile, struct id decision);

/* One of them; {NULL, 0} when there is none. */
MUST_USE struct status store_decision_get(struct store_view *view, struct id profile,
                                          struct id decision, struct bytes *out);

enum { STORE_DECISIONS_SIZE_MAX = 1 << 20 }; /* Bytes of packed decisions that end a scan. */

struct store_decision {
    struct id profile; /* The one that it lies under: it stays there through merges. */
    struct id id;
    struct bytes packed; /* stored.v1.Decision, packed. */
};

/* Up to `max` decisions of the profiles, the oldest first, strictly behind `after` unless it is
 * zero; fewer once they hold STORE_DECISIONS_SIZE_MAX bytes. *more tells whether there are further
 * ones. */
MUST_USE struct status store_decision_scan(struct store_view *view, const struct id *profiles,
                                           size_t profile_count, struct id after, size_t max,
                                           struct store_decision *out, size_t *count, bool *more);

/* ---- interactions: what they add up to is in summary.h ---- */

/* The numbers are those of the contract and of the stored form. */
enum store_sentiment {
    STORE_SENTIMENT_NEGATIVE = 1,
    STORE_SENTIMENT_NEUTRAL = 2,
    STORE_SENTIMENT_POSITIVE = 3,
};
enum store_direction { STORE_DIRECTION_INBOUND = 1, STORE_DIRECTION_OUTBOUND = 2 };

struct store_interaction {
    struct id profile; /* The one it came in under: it stays there through merges. */
    struct id id;
    int64_t occur_us;
    struct bytes packed; /* stored.v1.Interaction, packed; sealed at rest. */
};

/* Wishes it stored, counted in its profile's summary and traits, and its event remembered. */
MUST_USE struct status store_interaction_put(struct store_view *view,
                                             const struct store_interaction *interaction);

/* Reads the packed form of one that lies there. DATA_LOSS STORE_CORRUPT when none does. */
MUST_USE struct status store_interaction_get(struct store_view *view,
                                             struct store_interaction *interaction);

/* Wishes it to lie under another profile. The summaries and the states of traits of both are the
 * caller's to wish. */
MUST_USE struct status store_interaction_move(struct store_view *view,
                                              struct store_interaction *interaction, struct id to);

/* Where the event of a source was stored before; *found is false when it was not. One that
 * retention removed is known for as long again as its kind was kept. */
MUST_USE struct status store_event_get(struct store_view *view, const char *source,
                                       const char *event_id, bool *found, struct id *profile,
                                       struct id *interaction);

/* Up to `max` interactions of the profiles, latest first, strictly behind (before_us, before_id)
 * when `before_set`. Fewer, but one at least, where the view is over before: *more tells whether
 * there are further ones. RESOURCE_EXHAUSTED OVERLOADED when it is over before the first. */
MUST_USE struct status store_interaction_scan(struct store_view *view, const struct id *profiles,
                                              size_t profile_count, bool before_set,
                                              int64_t before_us, struct id before_id, size_t max,
                                              struct store_interaction *out, size_t *count,
                                              bool *more);

/* ---- rules, imports, requests ---- */

/* The workspace's identity rules: a packed stored.v1.IdentityRules; {NULL, 0} when never changed.
 */
MUST_USE struct status store_rules_get(struct store_view *view, struct bytes *out);

/* Those of an earlier version; {NULL, 0} when they are not kept, or there is none. */
MUST_USE struct status store_rules_get_version(struct store_view *view, uint64_t rule_version,
                                               struct bytes *out);

/* Wishes the rules of a version, the one after the present one, which is kept as an earlier one.
 * The oldest beyond RULE_VERSIONS_MAX goes. */
MUST_USE struct status store_rules_put(struct store_view *view, uint64_t rule_version,
                                       struct bytes packed);

/* The rules of its attributes: a packed stored.v1.AttributeRules; {NULL, 0} when never changed. */
MUST_USE struct status store_attribute_rules_get(struct store_view *view, struct bytes *out);
MUST_USE struct status store_attribute_rules_put(struct store_view *view, struct bytes packed);

/* The definition of an attribute of the workspace's own, whose name has 1 to 32 bytes: a packed
 * stored.v1.AttributeDefinition; {NULL, 0} when there is none. */
MUST_USE struct status store_definition_get(struct store_view *view, const char *name,
                                            struct bytes *out);
MUST_USE struct status store_definition_put(struct store_view *view, const char *name,
                                            struct bytes packed);

/* Its themes: a packed stored.v1.Themes; {NULL, 0} when it has none. */
MUST_USE struct status store_themes_get(struct store_view *view, struct bytes *out);
MUST_USE struct status store_themes_put(struct store_view *view, struct bytes packed);

/* Its channels, those that are built in as far as it changed them: a packed stored.v1.Channels;
 * {NULL, 0} when it has changed nothing. */
MUST_USE struct status store_channels_get(struct store_view *view, struct bytes *out);
MUST_USE struct status store_channels_put(struct store_view *view, struct bytes packed);

/* What an import of profiles, or a stream of interactions, has come to: a packed stored.v1.Import;
 * {NULL, 0} when there is none. One id may be of one of each. */
enum store_import { STORE_IMPORT_PROFILES, STORE_IMPORT_INTERACTIONS };

MUST_USE struct status store_import_get(struct store_view *view, enum store_import kind,
                                        const char *import_id, struct bytes *out);
MUST_USE struct status store_import_put(struct store_view *view, enum store_import kind,
                                        const char *import_id, struct bytes packed);

/* An answered write, kept for REQUEST_ID_HOURS so that a retry gets the first answer. */
struct store_request {
    struct fingerprint body; /* Of method and request. */
    struct bytes response;   /* Sealed at rest under the key of the day. */
};

/* *found is false when there is none of at most REQUEST_ID_HOURS before now_us. */
MUST_USE struct status store_request_get(struct store_view *view, struct id request_id,
                                         int64_t now_us, bool *found, struct store_request *out);
MUST_USE struct status store_request_put(struct store_view *view, struct id request_id,
                                         int64_t now_us, const struct store_request *request);

/* The fingerprint of a request: keyed, so that it tells nothing. */
struct fingerprint store_fingerprint(const struct store *store, const struct bytes *parts,
                                     size_t count);

/* Seals a page token, and opens one. Text of base64url characters; INVALID_ARGUMENT
 * PAGE_TOKEN_INVALID for one that is not ours, of another purpose, or older than 24 hours. */
const char *store_token_seal(struct store_view *view, const char *purpose, int64_t now_us,
                             struct bytes content);
MUST_USE struct status store_token_open(struct store_view *view, const char *purpose,
                                        int64_t now_us, const char *token, struct bytes *out);

/* The same of any age, which the caller judges by the time at which it was sealed. */
MUST_USE struct status store_token_open_any(struct store_view *view, const char *purpose,
                                            const char *token, int64_t *seal_us, struct bytes *out);

/* ---- stored messages, for the floors above that have some of their own ---- */

/* Packs into the arena. */
struct bytes store_pack(struct arena *arena, const ProtobufCMessage *message);

/* Unpacks into the arena; DATA_LOSS STORE_CORRUPT when it does not decode. */
MUST_USE struct status store_unpack(struct arena *arena, const ProtobufCMessageDescriptor *shape,
                                    struct bytes packed, ProtobufCMessage **out);

/* ---- upkeep ---- */

/* Destroys the keys of days gone by, and deletes up to `max` rows that have had their time:
 * answered requests, imports (and further parts of the last answer, uncounted), interactions past
 * retention, what traits forget. Tells how many in *deleted: `max` when there may be more. In write
 * transactions of its own. */
MUST_USE struct status store_sweep(struct store *store, int64_t now_us, size_t max,
                                   size_t *deleted);

/* A step of what is to be done without anybody writing: where the clock was set back, all that
 * hangs on the time is derived anew (server/store/mark.h); and what the follower has to do at
 * `now_us`, or put off. A few hundred persons at most, in write transactions of their own; the
 * follower ends behind the person with whom it has taken `step_us`. *more: there may be further
 * steps; *next_us: when something is due next, INT64_MAX for never. */
MUST_USE struct status store_follow_step(struct store *store, int64_t now_us, int64_t step_us,
                                         bool *more, int64_t *next_us);

/* A step of the backfill of traits that are not ready, without anybody asking for it, in a write
 * transaction of its own. *more: there may be further steps. */
MUST_USE struct status store_backfill_step(struct store *store, int64_t now_us, bool *more);

/* Each minute: frees the reader slots of the dead. */
MUST_USE struct status store_check_readers(struct store *store);
