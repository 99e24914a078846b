#pragma once
/* A person of the model, out of what GetProfile tells: filters must see the same. */

#include "profiled/v1/profile.pb-c.h"
#include "tests/segment/filter_model.h"

/* Borrows the profile's texts. */
struct model_person person_seen(const Profiled__V1__Profile *profile);
