/* Reading what the members of a person tell. Most persons have one member, and are not read. */

#include "server/identity/veto_person.h"

struct veto_person veto_person_of(const struct profile *profile, const struct members *members) {
    return (struct veto_person){profile, members->count,
                                (const struct profile *const *)members->items};
}

struct status veto_person_read(struct store_view *view, const struct profile *profile,
                               struct veto_person *out) {
    if (profile->absorbed_count == 0) {
        *out = veto_person_alone(profile);
        return OK;
    }
    struct members *members = NULL;
    TRY(members_read(view, profile, &members));
    *out = veto_person_of(profile, members);
    return OK;
}
