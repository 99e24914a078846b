#pragma once
/* A store in a scratch directory for one test, with terms of its own: the active identities, the
 * words of the name, the attributes that are not personal. All people are invented. */

#include "server/base/clock.h"
#include "server/store/store.h"
#include "server/store/verify.h"
#include "server/store/view.h"
#include "tests/engine/seeded.h"

/* 2026-11-23, in the morning. */
#define FIXTURE_NOW_US (INT64_C(20780) * US_PER_DAY + 8 * US_PER_HOUR)

extern struct store *store;         /* Open from fixture_open() to fixture_close(). */
extern struct arena arena;          /* Of the test. */
extern struct seeded seeded;        /* What the store's random bytes and the tests' come from. */
extern struct random random_source; /* The same, as the store takes it. */

/* The time of what is written; FIXTURE_NOW_US at first. */
extern int64_t fixture_now_us;

/* How much later each look at the monotonic clock is than the one before: 0 at first. */
extern int64_t fixture_step_us;

void fixture_open(void);
void fixture_close(void);

/* A new store in place of the one that is open. Leaks are looked for by fixture_close() alone. */
void fixture_anew(void);

/* Closes the store and opens it again. */
void fixture_reopen(bool read_only);

/* Opens a store in the fixture's directories, with other options where they are not NULL. */
struct status fixture_try_open(const struct vault_key *root, const char *workspace, bool create,
                               struct store **out);

/* A view that writes; one at a time. */
struct store_view *write_begin(void);

/* Applies it and commits. */
void write_end(void);

/* Drops it. */
void write_drop(void);

/* A view that reads, beside any that writes. */
struct store_view *read_begin(void);
void read_end(void);

/* A new profile, made a second after the one before it. Its fields may be set. */
struct profile *profile_new(const char *name);
void profile_add_identity(struct profile *profile, const char *type, const char *canonical);
void profile_add_attribute(struct profile *profile, const char *name, const char *value,
                           bool personal);

/* The row of a profile, to be changed. */
struct profile *profile_to_change(struct store_view *view, struct id id);

/* Puts one profile in a transaction of its own. */
void profile_save(struct profile *profile);

/* Merges two live profiles into the older one; either is put first. */
struct id profiles_merge(struct store_view *view, struct id one, struct id other, int64_t now_us,
                         bool survivor_first);

/* Changes what a profile would be by itself. */
void own_state_change(struct store_view *view, struct id id,
                      void (*change)(struct profile *own, struct id other), struct id other);

/* A packed stored.v1.Interaction. */
struct bytes engagement(const char *source, const char *event_id, const char *channel,
                        const char *theme, uint32_t sentiment);

/* Puts an interaction of the profile and counts it, as the handlers do. */
struct store_interaction interaction_add(struct store_view *view, struct id profile,
                                         int64_t occur_us, const char *event_id,
                                         const char *channel, const char *theme,
                                         uint32_t sentiment);

struct row {
    struct bytes key;
    struct bytes value;
};

/* All rows of the store whose keys start with a prefix, copied to the arena. */
struct row *rows_of(struct bytes prefix, size_t *count);
struct row *rows_of_table(enum store_table table, size_t *count);

/* Changes rows behind the store's back. */
void row_put(struct bytes key, struct bytes value);
void row_delete(struct bytes key);
