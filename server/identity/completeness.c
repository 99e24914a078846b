/* The points of profiled.v1.Profile.completeness: 20 each for a name that was told, an e-mail
 * address, a phone number; 10 for any other identity; 5 each for six attributes. Together 100.
 * Contact data counts: the person can be reached by it. */

#include "server/identity/completeness.h"

#include <string.h>

static int32_t identity_points(const struct profile *profile) {
    bool email = false;
    bool phone = false;
    bool other = false;
    for (size_t i = 0; i < profile->identity_count; i++) {
        const char *type = profile->identities[i].type;
        if (strcmp(type, "email") == 0) {
            email = true;
        } else if (strcmp(type, "phone") == 0 || strcmp(type, "whatsapp") == 0) {
            phone = true;
        } else {
            other = true;
        }
    }
    return (email ? 20 : 0) + (phone ? 20 : 0) + (other ? 10 : 0);
}

int32_t profile_completeness(const struct profile *profile) {
    static const char *const single[] = {"given_name", "family_name", "birth_date", "gender",
                                         "country"};
    int32_t points = profile->name_derived ? 0 : 20;
    points += identity_points(profile);
    for (size_t i = 0; i < sizeof single / sizeof *single; i++) {
        points += profile_attribute_find(profile, single[i]) != NULL ? 5 : 0;
    }
    points += profile_attribute_find(profile, "language") != NULL ||
                      profile_attribute_find(profile, "dialect") != NULL
                  ? 5
                  : 0;
    return points;
}
