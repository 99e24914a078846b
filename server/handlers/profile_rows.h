#pragma once
/* How far a way through all profiles has come. How many there are is counted beside the way, some
 * at each stop, so that no call waits for it. */

#include "profiled/v1/identity_service.pb-c.h"
#include "server/store/store.h"

/* The profile at one end of all of them, deleted and merged ones too: the oldest, or the latest
 * one. Zero where there is none. */
MUST_USE struct status profile_rows_end(struct store_view *view, bool latest, struct id *out);

/* Kept between the stops, in a token or in the stream's arena. Zero at the beginning. */
struct profile_rows {
    int64_t looked_at; /* The caller's to add to. */
    int64_t counted;
    struct id last_counted;
};

/* Goes on counting, and says in *whole whether that was all. Once it was, each call counts what has
 * come in since. */
MUST_USE struct status profile_rows_count(struct store_view *view, struct profile_rows *rows,
                                          bool *whole);

/* As the contract has it; the number only where it is whole, and never less than were looked at. */
Profiled__V1__IdentityTypesProgress *profile_rows_message(const struct profile_rows *rows,
                                                          bool whole, struct arena *arena);
