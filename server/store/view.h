#pragma once
/* What the files of the store share among themselves: the store, its views, and rows by key.
 * Private to the store. */

#include "server/engine/engine.h"
#include "server/store/keys.h"
#include "server/store/keystore.h"
#include "server/store/mark.h"
#include "server/store/overlay.h"
#include "server/store/store.h"

/* Bytes of a packed message in a row: leaves room for sealing and for what goes before it. */
enum { STORE_PACKED_SIZE_MAX = ENGINE_VALUE_SIZE_MAX / 10 * 9 };

struct store_traits;

/* The mark as the writer knows it: it alone changes it. */
struct mark_cache {
    bool known;
    struct store_mark mark;
};

/* The traits as they were read last, with their filters compiled, and the row that they were read
 * from: all of it the arena's. */
struct trait_cache {
    struct arena arena;
    struct bytes row; /* {NULL, 0}: nothing was read. */
    const struct store_traits *traits;
};

struct store {
    struct engine *engine;
    struct keystore *keystore;
    const struct random *random;
    profile_terms_fn *terms;
    const struct store_trait_filters *trait_filters;
    const struct store_follower *follower; /* NULL for none. */
    void *follower_state;
    char *workspace;
    char *default_region;
    struct vault_key index_key; /* Of the keyed hashes. */
    struct vault_key token_key; /* Of page tokens. */
    struct vault_key tag_key;   /* Of tagged rows. */
    struct vault_key row_key;   /* Of those that are sealed. */
    /* The writer's own: where the next sweep of imports begins; size 0: with the first. */
    struct store_key import_next;
    struct mark_cache mark_cache;   /* The writer's own, too: as of the last commit. */
    struct trait_cache trait_cache; /* The same. */
    size_t backfill_max;
    bool is_backfilling; /* The same: a trait may not be ready. */
};

struct store_reader {
    struct store *store;
    struct engine_txn *txn;
    bool active;
};

/* Slots that enter and leave sets of persons, in the order in which that was wished. Owned. */
struct population_move;
struct population_moves {
    size_t count;
    size_t capacity;
    struct population_move *items;
};

struct store_write {
    struct store *store;
    struct engine_txn *txn;
    size_t size;
    struct mark_cache mark_cache;  /* As of what was applied. */
    struct population_moves moves; /* Of all its views: made when it commits. */
};

struct store_view {
    struct store *store;
    struct arena *arena;
    struct engine_txn *txn;
    struct store_reader *reader; /* NULL on a write transaction. */
    struct store_write *write;   /* NULL on a reader. */
    struct overlay *overlay;     /* Its own, or that of the what-if that it goes on with. */
    struct overlay own_overlay;
    struct overlay *below; /* Of the what-if that something is tried on; NULL: of none. */
    bool is_never_over;
    int64_t now_us;                    /* For which its wishes are made; 0: not told. */
    const struct store_mark *mark;     /* NULL: not yet read. */
    const struct store_traits *traits; /* The same. */
    size_t member_change_count;
    struct member_change *member_changes; /* Who enters and leaves segments. */
};

struct member_change {
    uint32_t segment;
    struct id profile;
    bool enters;
    int32_t day;
};

struct store_what_if {
    struct overlay overlay;
};

/* What is wished of a key, by the view itself or by the what-if that it tries something on; NULL
 * when nothing is. Not to be changed. */
const struct overlay_entry *view_wish(const struct store_view *view, const struct store_key *key);

/* The value of a key as the view sees it; {NULL, 0} when there is none. Valid until the view is
 * applied or ends. */
MUST_USE struct status view_get(struct store_view *view, const struct store_key *key,
                                struct bytes *out);

/* Wishes a key to have a value, borrowed until the view is applied (copy it when in doubt). */
void view_put(struct store_view *view, const struct store_key *key, struct bytes value);
void view_delete(struct store_view *view, const struct store_key *key);

/* FAILED_PRECONDITION MESSAGE_TOO_LARGE for a packed message that no row could hold. */
MUST_USE struct status view_size_check(struct bytes packed);

/* Wishes a row that is sealed under a profile's key: version, slot u64, sealed text. The profile
 * must have a row, or a wish for one. */
MUST_USE struct status view_put_sealed(struct store_view *view, const struct store_key *key,
                                       struct id profile, struct bytes plain);

/* The plain text of such a row as the view sees it, wished or stored; {NULL, 0} when there is none.
 */
MUST_USE struct status view_get_sealed(struct store_view *view, const struct store_key *key,
                                       struct bytes *out);

/* Opens the value of such a row. */
MUST_USE struct status view_open_sealed(struct store_view *view, struct bytes row_key,
                                        struct bytes value, struct bytes *out);

/* The associated data of a sealed row: its version, its whole key, the workspace, and what stands
 * in clear beside the sealed part. Nobody can move a row, or change what is in clear, unseen. */
struct bytes view_associated(struct store_view *view, struct bytes key, struct bytes clear);

/* A value that is a version byte and then `content`, in the arena. */
struct bytes view_versioned(struct store_view *view, struct bytes content);

/* What is behind the version byte; STORE_VERSION or STORE_CORRUPT when it is not ours. {NULL, 0}
 * stays {NULL, 0}. */
MUST_USE struct status view_unversioned(struct bytes value, struct bytes *out);

/* tagged_row.c: wishes a row that proves what it holds, where it lies and whose it is: in clear
 * behind a tag, or sealed. */
MUST_USE struct status view_put_tagged(struct store_view *view, const struct store_key *key,
                                       struct bytes packed);

/* What such a row holds, in the arena where it is sealed; STORE_VERSION or STORE_CORRUPT when it is
 * not ours. {NULL, 0} stays {NULL, 0}. An older value of the same row passes: a tag does not tell
 * when. */
MUST_USE struct status view_untagged(const struct store *store, struct bytes key,
                                     struct bytes value, struct arena *arena, struct bytes *out);

/* What the row at `key` holds as the view sees it; {NULL, 0} when there is none. */
MUST_USE struct status view_get_tagged(struct store_view *view, const struct store_key *key,
                                       struct bytes *out);

/* The message in such a row, in the view's arena; NULL when there is none. */
MUST_USE struct status view_get_message(struct store_view *view, const struct store_key *key,
                                        const ProtobufCMessageDescriptor *shape,
                                        ProtobufCMessage **out);

/* How many rows the store has with the prefix, up to `max`. Wishes are not seen. */
MUST_USE struct status view_count_rows(struct store_view *view, const struct store_key *prefix,
                                       uint64_t max, uint64_t *out);

/* The keyed hash of parts, told apart by purpose ("identity", "word", …). */
struct fingerprint view_hash(const struct store *store, const char *purpose, const char *first,
                             const char *second);

/* interaction_table.c: the key of the row of a source's event, and the row. */
struct store_key view_event_key(const struct store *store, const char *source,
                                const char *event_id);
void view_event_put(struct store_view *view, const char *source, const char *event_id,
                    const struct store_interaction *interaction);

/* The same file: the event of an interaction that retention removes is known to the end of a day.
 */
enum { EVENT_ROW_SIZE = 2 * ID_SIZE, EVENT_REMOVED_ROW_SIZE = EVENT_ROW_SIZE + 4 };
void view_event_removed(struct store_view *view, const char *source, const char *event_id,
                        const struct store_interaction *interaction, int32_t until_day);

/* request_table.c: the first row of an answered request, not yet opened. */
struct request_head {
    struct fingerprint body;
    int64_t answer_us;
    size_t size;         /* Of the sealed answer. */
    uint32_t part_count; /* Rows that it lies in. */
    struct bytes first;  /* The part in this row. */
};
MUST_USE struct status request_head_read(struct bytes row, struct request_head *out);

/* Puts the parts together and opens the answer; *found is false when the key of the day is gone. */
MUST_USE struct status request_response_open(struct store_view *view, uint32_t day,
                                             struct id request_id, const struct request_head *head,
                                             bool *found, struct bytes *out);

/* review_table.c: what is in rows of its tables. */
MUST_USE struct status review_row_unpack(struct store_view *view, struct bytes key,
                                         struct bytes value, struct store_review *out);
MUST_USE struct status review_count_row_unpack(struct store_view *view, struct bytes key,
                                               struct bytes value, struct store_review_count *out);
struct store_key review_list_key(const struct store_review *review, struct id profile);
MUST_USE struct status review_place_read(struct bytes key, struct bytes value,
                                         struct store_review_place *out);

/* merge_table.c: what is in rows of its tables. */
MUST_USE struct status merge_row_unpack(struct arena *arena, struct id id, struct bytes packed,
                                        struct store_merge *out);
MUST_USE struct status never_join_row_unpack(struct store_view *view, struct bytes key,
                                             struct bytes value, struct store_never_join *out);

/* membership_table.c: what is in a row of its table. */
struct store_membership;
MUST_USE struct status membership_row_unpack(struct arena *arena, struct bytes packed,
                                             struct store_membership *out);

/* The same file: wishes the sizes of segments to be what they are with those who enter and leave,
 * each once. When the view is applied. */
MUST_USE struct status membership_sizes_put(struct store_view *view);

/* change_table.c: a change as a stored message, which borrows it; and back. */
struct store_change;
struct Stored__V1__Change;
void change_row_make(const struct store_change *change, struct Stored__V1__Change *row);
MUST_USE struct status change_row_read(const struct Stored__V1__Change *row, int64_t time_us,
                                       struct store_change *out);

/* change_table.c: the keys of up to `max` rows of changes that are no longer kept. In a view
 * without wishes. */
MUST_USE struct status change_rows_old(struct store_view *view, int64_t now_us, size_t max,
                                       struct bytes *keys, size_t *count);

/* fact_table.c: the fact of an interaction, borrowed from both; its row, and back. */
struct store_fact;
struct Stored__V1__Interaction;
MUST_USE struct status view_fact_of(const struct store_interaction *interaction,
                                    const struct Stored__V1__Interaction *message,
                                    struct store_fact *out);
struct bytes view_fact_row(const struct store_fact *fact, struct arena *arena);
MUST_USE struct status view_fact_read(struct bytes key, struct bytes value, struct store_fact *out);
void view_fact_put(struct store_view *view, const struct store_fact *fact);

/* The same file: the row of a count, and what is added to that of a fact. */
MUST_USE struct status view_count_read(struct bytes key, struct bytes value,
                                       struct store_fact *out);
MUST_USE struct status view_count_add(struct store_view *view, const struct store_fact *fact,
                                      int64_t change);

/* mark_table.c: reads what is behind the tag of the row of the mark; zeroes where it is {NULL, 0}.
 */
MUST_USE struct status mark_row_read(struct arena *arena, struct bytes packed,
                                     struct store_mark *out);

/* The same file: the day of the mark as it is once the view is applied. */
MUST_USE struct status mark_day_get(struct store_view *view, int32_t *out);

/* The same file: wishes the mark to be no earlier than a time. When the view is applied. */
MUST_USE struct status mark_follow(struct store_view *view, int64_t now_us);

/* The same file: follows a clock that went back, or counts the windows of some profiles anew, in a
 * transaction of its own. *more: there may be further steps. */
MUST_USE struct status mark_step(struct store *store, int64_t now_us, bool *more);

/* recount.c: counts anew what is in windows, of the interactions of one profile. In a view that
 * wishes nothing of its interactions. */
MUST_USE struct status windows_recount(struct store_view *view, struct id profile);

/* retention.c: removes up to `max` interactions that are past retention, in a transaction of its
 * own, and counts them. */
MUST_USE struct status retention_sweep(struct store *store, int64_t now_us, size_t max,
                                       size_t *removed);

/* summary.c: takes away an interaction that was added and is no longer kept. Moods are kept as of
 * the day of the mark. */
struct store_summary;
MUST_USE struct status summary_remove(struct store_summary *summary, int64_t occur_us,
                                      const struct Stored__V1__Interaction *interaction,
                                      int32_t mark_day, struct arena *arena);

/* summary.c: adds an interaction. STORE_CORRUPT when it tells nothing that there is. */
MUST_USE struct status summary_count(struct store_summary *summary, int64_t occur_us,
                                     const struct Stored__V1__Interaction *interaction,
                                     int32_t mark_day, struct arena *arena);

/* summary.c: counting labels anew. The kinds, a bit each, that have room for some that are counted
 * together; a summary of the same labels that counts nothing; adds the labels of an interaction, of
 * some kinds and more of each than a summary keeps; and takes these, the most frequent ones apart,
 * for the kinds that have room. */
enum { SUMMARY_RECOUNT_MAX = 1024 };
uint32_t summary_kinds_with_room(struct store_summary *summary);
struct store_summary summary_of_nothing(const struct store_summary *like, struct arena *arena);
MUST_USE struct status summary_count_labels(struct store_summary *summary, int64_t occur_us,
                                            const struct Stored__V1__Interaction *interaction,
                                            uint32_t kinds, struct arena *arena);
void summary_take_labels(struct store_summary *summary, struct store_summary *counted,
                         struct arena *arena);

/* recount.c: counts the labels of a profile anew for which there is room, by its interactions. */
MUST_USE struct status labels_recount(struct store_view *view, struct id profile);

/* summary.c: whether moods of a day are kept; adds the mood of an interaction alone; whether two
 * have the same moods, of the days that are kept. */
bool summary_keeps_mood(int32_t day, int32_t mark_day);
void summary_count_mood(struct store_summary *summary, int64_t occur_us,
                        const struct Stored__V1__Interaction *interaction, int32_t mark_day,
                        struct arena *arena);
bool summary_has_moods(const struct store_summary *summary, const struct store_summary *other,
                       int32_t mark_day);

/* The status of a row that does not read. */
struct status store_corrupt(const char *text);

/* profile_table.c: what a profile is found by; made once for one that the view has read. */
size_t view_terms(struct store_view *view, const struct profile *profile,
                  struct profile_term **out);

/* derive.c: wishes every secondary row of `profile` from what it was (NULL: not there) to what it
 * is to be (NULL: gone). */
MUST_USE struct status derive_rows(struct store_view *view, const struct profile *before,
                                   const struct profile *after);

/* A value as it is part of a key: one that is too long is cut, into the buffer, to 48 bytes and 16
 * of its hash. */
struct bytes derive_term_part(const struct store *store, const char *field, const char *value,
                              uint8_t buffer[STORE_TERM_VALUE_SIZE_MAX]);

/* population.c: notes who enters and leaves sets of persons by what was applied: profiles, which
 * have their slots by now, and who entered and left segments. The sets are brought in line when the
 * transaction commits, each once: one may be 8 kB. */
MUST_USE struct status population_apply(struct store_view *view);
MUST_USE struct status population_write(struct store_write *write);

/* population.c: how many are in a row's set; whether a slot is in the set of a term; the terms by
 * which a live profile is counted. */
MUST_USE struct status population_row_count(struct bytes value, uint64_t *out);
MUST_USE struct status population_has(struct store_view *view, const char *name, const char *value,
                                      uint64_t slot, bool *out);
size_t population_terms(struct store_view *view, const struct profile *profile, struct arena *arena,
                        const struct profile_term **out);

/* The prefix of a term's rows; the whole key for an identity. */
struct store_key derive_term_key(const struct store *store, const struct profile_term *term);

/* profile_record.c: between a profile and its row. */
MUST_USE struct status profile_row_pack(struct store_view *view, const struct profile *profile,
                                        struct bytes *out);
/* What the row has at most, about: never less than it really has. */
size_t profile_row_size(const struct profile *profile);
MUST_USE struct status profile_row_unpack(struct store_view *view, struct id id, struct bytes row,
                                          struct profile **out);

/* The same for its own state: a packed stored.v1.OwnState. `profile` is the row's profile. */
struct bytes profile_own_pack(const struct profile *profile, struct arena *arena);
MUST_USE struct status profile_own_unpack(struct store_view *view, const struct profile *profile,
                                          struct bytes packed, struct profile **out);

/* An id as a field of a stored message, borrowed; empty for zero. And back. */
ProtobufCBinaryData store_id_data(const struct id *id);
MUST_USE struct status store_id_read(ProtobufCBinaryData data, struct id *out);

/* Ids one after the other, `count` bytes' worth of 16 each; STORE_CORRUPT when one is cut. */
MUST_USE struct status store_ids_read(struct bytes ids, struct arena *arena, size_t *count,
                                      const struct id **out);
