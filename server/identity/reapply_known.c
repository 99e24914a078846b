/* The region of a person is whoever it leads to, and so on from these. Who leads back to the person
 * has the same one: the same profiles, records and words, which come to the same whoever asks. */

#include "server/identity/reapply_known.h"

bool reapply_known_find(struct reapply_known *known, const struct store_view *view, struct id id,
                        bool *fits) {
    const uint64_t wish_count = store_view_wish_count(view);
    if (known->view != view || known->wish_count != wish_count) {
        known->view = view;
        known->wish_count = wish_count;
        known->count = 0;
    }
    for (size_t i = known->count; i-- > 0;) { /* Families mostly come together. */
        if (id_equal(known->ids[i], id)) {
            *fits = known->fits[i];
            return true;
        }
    }
    return false;
}

void reapply_known_keep(struct reapply_known *known, const struct store_view *view,
                        const struct retell_region *region, bool fits) {
    if (known->view != view || known->wish_count != store_view_wish_count(view)) {
        return;
    }
    const uint64_t back = retell_leading_back(region);
    if (known->count + region->person_count > REAPPLY_KNOWN_MAX) {
        known->count = 0;
    }
    size_t person = 0;
    for (size_t i = 0; i < region->member_count && person < region->person_count; i++) {
        if (region->members[i].person != person) {
            continue; /* Each person's first member answers for it. */
        }
        if ((back >> person & 1) != 0) {
            known->ids[known->count] = region->members[i].id;
            known->fits[known->count++] = fits;
        }
        person++;
    }
}
