#pragma once
/* How much of the standard profile is filled. */

#include <stdint.h>

#include "server/store/profile.h"

/* 0 to 100, by the points that profiled.v1.Profile.completeness lists. Pure. */
int32_t profile_completeness(const struct profile *profile);
