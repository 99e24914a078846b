#pragma once
/* What the files of the verification share: the walk over all rows, and the checks of each table.
 * Private to the store.
 *
 * A check gets a row whose key has the shape of its table. What it returns with STORE_CORRUPT or
 * STORE_VERSION is a problem of that row, and the walk goes on; any other error ends the walk.
 *
 * Index rows are proved by counting: each profile counts those of its rows that it found (no row is
 * found by two), and an index that has as many rows has no others. Only where it has more are its
 * rows looked at one by one. */

#include "server/store/fact.h"
#include "server/store/mark.h"
#include "server/store/records/record.pb-c.h"
#include "server/store/segment.h"
#include "server/store/summary.h"
#include "server/store/trait_state.h"
#include "server/store/verify.h"
#include "server/store/view.h"

/* The interactions of one profile, added up again. */
struct verify_recount {
    bool started;
    struct id profile;
    struct arena arena; /* Of the labels. */
    struct store_summary summary;
    bool labels_unknown;        /* One of them could not be read. */
    struct trait_tally *states; /* Of each trait, in their order. */
};

/* The facts of one kind and one day, counted again. */
struct verify_day {
    bool started;
    enum store_kind kind;
    int32_t day;
    struct arena arena;
    size_t count;
    struct verify_day_count *counts;
};

struct verify_day_count {
    struct store_key key;
    int64_t count;
};

struct verify {
    struct store *store;
    const struct verify_sink *sink;
    struct verify_result *result;
    uint64_t shaped[VERIFY_TABLES]; /* Rows of the right shape. */
    uint64_t found[VERIFY_TABLES];  /* Index rows that what they lead to says to be right. */
    struct arena arena;             /* Of the row at hand: reset before each. */
    struct arena hop;               /* Of the row that a redirect led to last. */
    struct arena lasting;           /* Of the traits. */
    struct store_mark mark;         /* Zeroes where it could not be read. */
    struct store_traits traits;     /* None where they could not be read. */
    bool traits_unknown;
    struct store_view view; /* On the snapshot and that arena; it holds no wishes. */
    bool owner_known;       /* The profile that was last asked for: */
    struct id owner;
    uint64_t owner_slot;
    struct verify_recount recount;
    struct verify_day day;
    uint64_t counted;      /* Places that persons have in sets, by what they are. */
    uint64_t in_sets;      /* Those that the sets have. */
    uint64_t rule_version; /* Of the present identity rules; 0: not yet read. */
};

/* The status of a row that is well-formed and yet wrong. */
static inline struct status verify_wrong(const char *text) { return store_corrupt(text); }

/* True for what is wrong with a row; false for what keeps us from looking. */
bool verify_is_problem(struct status status);

/* Tells a problem of a row. */
void verify_tell(struct verify *verify, struct bytes key, const char *what);

/* Counts a row of an index as found. */
void verify_count_found(struct verify *verify, enum store_table table);

/* ---- verify_profile.c ---- */

struct status verify_profile(struct verify *verify, struct bytes key, struct bytes value);

/* Reads and opens a profile; *out is NULL when it has no row. */
struct status verify_profile_open(struct verify *verify, struct id id, struct profile **out);

/* The keys of all index rows of a live profile, each once: first those that it must have, then
 * those of what it shares with others, of whom one has the row. In the row's arena. */
struct status verify_index_keys(struct verify *verify, const struct profile *profile,
                                struct store_key **out, size_t *own_count, size_t *count);

/* ---- verify_redirect.c ---- */

/* That the profile's redirect, and those of the profiles that it absorbed, lead where they should.
 */
struct status verify_redirects(struct verify *verify, const struct profile *profile);

/* Follows redirects to the end: *last is the profile that answers for the id. A problem when it has
 * none. */
struct status verify_follow(struct verify *verify, struct id id, struct id *last);

/* ---- verify_merge.c ---- */

struct status verify_own_state(struct verify *verify, struct bytes key, struct bytes value);
struct status verify_merge(struct verify *verify, struct bytes key, struct bytes value);
struct status verify_never_join(struct verify *verify, struct bytes key, struct bytes value);

/* Looks at one row that leads to a merge. */
struct status verify_merge_by_id(struct verify *verify, struct bytes key, struct bytes value);

/* What a profile says of its merges, of its own state, and of how many decisions it has. */
struct status verify_members(struct verify *verify, const struct profile *profile);

/* ---- verify_review.c ---- */

struct status verify_review(struct verify *verify, struct bytes key, struct bytes value);
struct status verify_review_list(struct verify *verify, struct bytes key, struct bytes value);
struct status verify_review_count(struct verify *verify, struct bytes key, struct bytes value);

/* Looks at one row of a list of reviews. */
struct status verify_review_list_row(struct verify *verify, struct bytes key, struct bytes value);

/* ---- verify_index.c ---- */

struct status verify_identity(struct verify *verify, struct bytes key, struct bytes value);
struct status verify_term(struct verify *verify, struct bytes key, struct bytes value);

/* Looks at one row of an index: that it leads to a live profile which has what it says. */
struct status verify_index_row(struct verify *verify, struct bytes key, struct bytes value);

/* ---- verify_interaction.c ---- */

struct status verify_interaction(struct verify *verify, struct bytes key, struct bytes value);
struct status verify_summary(struct verify *verify, struct bytes key, struct bytes value);
struct status verify_event(struct verify *verify, struct bytes key, struct bytes value);

/* Looks at one row of the event table: that it leads to the interaction that came from the event.
 */
struct status verify_event_row(struct verify *verify, struct bytes key, struct bytes value);

/* Compares what the interactions of the last profile add up to with its summary. */
struct status verify_recount_end(struct verify *verify);

/* ---- verify_fact.c ---- */

/* That an interaction has its fact. */
struct status verify_fact_of(struct verify *verify, const struct store_interaction *interaction,
                             const Stored__V1__Interaction *message);

struct status verify_fact(struct verify *verify, struct bytes key, struct bytes value);
struct status verify_count(struct verify *verify, struct bytes key, struct bytes value);

/* Looks at one fact: that there is an interaction that it is of. */
struct status verify_fact_row(struct verify *verify, struct bytes key, struct bytes value);

/* Looks at one count: that there are facts that it counts. */
struct status verify_count_row(struct verify *verify, struct bytes key, struct bytes value);

/* Compares the counts of the last day with its facts. */
struct status verify_day_end(struct verify *verify);

/* ---- verify_mark.c ---- */

/* Reads the mark, before the walk. */
struct status verify_mark_read(struct verify *verify);
struct status verify_mark(struct verify *verify, struct bytes key, struct bytes value);

/* ---- verify_trait.c ---- */

/* Reads the traits, before the walk. */
struct status verify_traits_read(struct verify *verify);

/* Counts an interaction into the states of its profile, and compares them with the rows. */
MUST_USE struct status verify_traits_count(struct verify *verify,
                                           const struct store_interaction *interaction,
                                           const struct Stored__V1__Interaction *message);
struct status verify_traits_compare(struct verify *verify);

struct status verify_traits(struct verify *verify, struct bytes key, struct bytes value);
struct status verify_trait_state(struct verify *verify, struct bytes key, struct bytes value);

/* Looks at one row of what is due: that it leads to a state that is due on its day. */
struct status verify_trait_due_row(struct verify *verify, struct bytes key, struct bytes value);

/* ---- verify_segment.c ---- */

struct status verify_segment(struct verify *verify, struct bytes key, struct bytes value);
struct status verify_segment_name(struct verify *verify, struct bytes key, struct bytes value);
struct status verify_segment_place(struct verify *verify, struct bytes key, struct bytes value);
struct status verify_segment_list(struct verify *verify, struct bytes key, struct bytes value);
struct status verify_segment_size(struct verify *verify, struct bytes key, struct bytes value);
struct status verify_membership(struct verify *verify, struct bytes key, struct bytes value);
struct status verify_member(struct verify *verify, struct bytes key, struct bytes value);

/* Looks at one member, and at one row of what is due: that its profile says the same. */
struct status verify_member_row(struct verify *verify, struct bytes key, struct bytes value);
struct status verify_segment_due_row(struct verify *verify, struct bytes key, struct bytes value);

/* ---- verify_population.c ---- */

struct status verify_population(struct verify *verify, struct bytes key, struct bytes value);

/* That a live profile is in the sets that it is counted in; and a member of segments in theirs. */
struct status verify_counted(struct verify *verify, const struct profile *profile);
struct status verify_counted_members(struct verify *verify, const struct profile *profile,
                                     const struct store_membership *membership);

/* That the sets have nobody else. */
void verify_population_end(struct verify *verify);

/* ---- verify_change.c ---- */

struct status verify_change(struct verify *verify, struct bytes key, struct bytes value);
struct status verify_subscription(struct verify *verify, struct bytes key, struct bytes value);
struct status verify_delivery(struct verify *verify, struct bytes key, struct bytes value);

/* ---- verify_small.c ---- */

struct status verify_format(struct verify *verify, struct bytes key, struct bytes value);
struct status verify_decision(struct verify *verify, struct bytes key, struct bytes value);
struct status verify_request(struct verify *verify, struct bytes key, struct bytes value);
struct status verify_import(struct verify *verify, struct bytes key, struct bytes value);
struct status verify_rules(struct verify *verify, struct bytes key, struct bytes value);
struct status verify_attribute_rules(struct verify *verify, struct bytes key, struct bytes value);
struct status verify_themes(struct verify *verify, struct bytes key, struct bytes value);
struct status verify_channels(struct verify *verify, struct bytes key, struct bytes value);
struct status verify_retention(struct verify *verify, struct bytes key, struct bytes value);

/* That an attribute of the workspace's own is one of the rules, and does not stand in clear where
 * it is personal. */
struct status verify_own_attribute(struct verify *verify,
                                   const struct profile_attribute *attribute);

/* Opens a row that is sealed under the key of the profile whose id its key begins with. */
struct status verify_sealed(struct verify *verify, struct bytes key, struct bytes value,
                            struct bytes *out);

/* Opens a row that is sealed under the key of a profile. */
struct status verify_sealed_for(struct verify *verify, struct id profile, struct bytes key,
                                struct bytes value, struct bytes *out);
