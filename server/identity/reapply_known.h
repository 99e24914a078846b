#pragma once
/* Who was told anew with all that he is related to, and came out as he is: those whose region is
 * the same would again, as long as nothing changes. So the rows of a family are told once a call,
 * and not once for each of them; what comes of a row is the same with and without. */

#include "server/identity/retell.h"

enum { REAPPLY_KNOWN_MAX = 1024 }; /* Persons that are known at a time. */

struct reapply_known {
    const struct store_view *view;
    uint64_t wish_count; /* Of the view: what is known is so until it is another number. */
    size_t count;
    struct id ids[REAPPLY_KNOWN_MAX]; /* Of profiles that answer. */
    bool fits[REAPPLY_KNOWN_MAX];     /* False: the region can't be told anew. */
};

/* Whether it is known what comes of the profile; forgets what is not so any more. */
bool reapply_known_find(struct reapply_known *known, const struct store_view *view, struct id id,
                        bool *fits);

/* Once the region of a profile that was not known was told: nothing is kept if that changed
 * anything. */
void reapply_known_keep(struct reapply_known *known, const struct store_view *view,
                        const struct retell_region *region, bool fits);
