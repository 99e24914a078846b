#pragma once
/* Methods for tests, over the fake store: rows as handlers' files export them. */

#include "server/rpc/rpc.h"

/* RPC_WRITE: puts the profile's name as a row; answers with the name, and with the number of rows
 * that it saw, its own among them, as etag. Some names make it fail:
 *   "refused"  wishes a row, then fails with NOT_FOUND PROFILE_NOT_FOUND and metadata
 *   "huge"     answers with more than RESPONSE_SIZE_MAX
 *   "hungry"   allocates more than CALL_ARENA_MAX
 *   ""         two violations in its check */
extern const struct rpc_method rpc_create_profile;

/* RPC_READ: answers with the number of rows as etag. Allocates past the budget for id "hungry". */
extern const struct rpc_method rpc_get_profile;

/* RPC_ERASE: puts the id as a row. */
extern const struct rpc_method rpc_delete_profile;

/* RPC_STREAM: each message puts a row and is answered with how many came before in its stream. A
 * header with validate_only applies nothing; one with the import_id "hungry" counts as if the
 * stream remembered 600 MiB. */
extern const struct rpc_method rpc_import_profiles;

/* RPC_READ: takes any Shape. */
extern const struct rpc_method rpc_shape;
