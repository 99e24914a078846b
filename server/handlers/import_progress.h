#pragma once
/* How far an import of profiles, or a stream of interactions, has come. It lies in the store with
 * its rows, in the same transaction: after a broken stream it goes on behind the last durable one.
 */

#include "server/handlers/field_errors.h"
#include "server/rpc/rpc.h"
#include "server/store/records/record.pb-c.h"

/* Which one: made by its header, in the stream's arena. */
struct import_name {
    enum store_import kind;
    char *id;
    struct fingerprint header; /* Of all that must be the same when it is taken up again. */
};

/* Checks what every header has; notes what is wrong. */
void import_id_check(const char *id, struct field_errors *errors, const char *field);
void import_digest_check(const char *digest, struct field_errors *errors, const char *field);

/* Reads what it has come to; zeroes for a new one. `mismatch` when it was begun with another
 * header.
 */
MUST_USE struct status import_progress_read(struct rpc_context *ctx, const struct import_name *name,
                                            struct status mismatch, Stored__V1__Import *out);

/* Wishes what it has come to, at the time of the call. */
MUST_USE struct status import_progress_write(struct rpc_context *ctx,
                                             const struct import_name *name,
                                             Stored__V1__Import *progress);
