#pragma once
/* A store in memory in place of the real one, for the tests of the way of a call: its rows are
 * texts in the order of their commits, and it fails or waits when it is told to. It defines what
 * rpc uses of server/store/store.h. */

#include <stdbool.h>
#include <stddef.h>

#include "server/store/store.h"

struct store *fake_store_new(const char *workspace);
void fake_store_free(struct store *store);

enum fake_step { FAKE_BEGIN_ORDINARY, FAKE_BEGIN_ERASE, FAKE_APPLY, FAKE_COMMIT, FAKE_STEP_COUNT };

/* Every such step fails with this from now on; OK ends that. */
void fake_store_fail(struct store *store, enum fake_step step, struct status status);

/* Makes commits wait until fake_store_release(). */
void fake_store_hold(struct store *store);
void fake_store_release(struct store *store);

/* Waits until a commit waits. */
void fake_store_await_held(struct store *store);

/* Each row counts as this many bytes in store_write_size(). */
void fake_store_row_size_set(struct store *store, size_t size);

/* The next sweeps find their maximum this many times, then nothing. */
void fake_store_sweeps_set(struct store *store, size_t count);

/* Waits until readers were checked, which ends an upkeep. */
void fake_store_await_upkeep(struct store *store);

/* Waits until what waits for a time was looked at, at this time. */
void fake_store_await_followed(struct store *store, int64_t now_us);

struct fake_counts {
    size_t rows; /* Committed. */
    size_t commits;
    size_t aborts;
    size_t sweeps;
    size_t readers_opened;
    size_t requests;  /* Answers kept for retries. */
    int64_t apply_us; /* The time that was applied last; what waits for a time was looked */
    int64_t apply_followed_us; /* at by then at this one. */
};
struct fake_counts fake_store_counts(struct store *store);

/* A committed row. Valid until the store is freed. */
const char *fake_store_row(struct store *store, size_t index);

/* For handlers: wishes a row; counts those that the view sees, its own wishes among them. */
void fake_view_put(struct store_view *view, const char *row);
size_t fake_view_count(const struct store_view *view);
