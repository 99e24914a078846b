#pragma once
/* Which fields of profiles a caller wants to have. */

#include "google/protobuf/field_mask.pb-c.h"
#include "profiled/v1/profile.pb-c.h"
#include "server/rpc/rpc.h"

/* Notes paths that are no field of Profile. NULL and an empty mask are all fields. */
void profile_mask_check(struct rpc_context *ctx, const Google__Protobuf__FieldMask *mask,
                        const char *field);

/* Whether the id alone is wanted. */
bool profile_mask_is_id(const Google__Protobuf__FieldMask *mask);

/* Takes away what is not wanted. */
void profile_mask_apply(const Google__Protobuf__FieldMask *mask, Profiled__V1__Profile *profile);
