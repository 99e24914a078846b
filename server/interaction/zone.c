/* Time zones: ICU knows them. It is asked once, for all changes of the clocks. */

#include "server/interaction/zone.h"

#include <string.h>
#include <unicode/ucal.h>

#include "server/base/clock.h"
#include "server/base/day.h"

enum {
    ID_LENGTH_MAX = 64,
    US_PER_MS = 1000,
    CHANGES_MAX = 1000, /* Two a year. */
};

/* 1900-01-01, in milliseconds since 1970. */
#define BEGIN_MS (-2208988800000.0)

static bool read_id(const char *name, UChar out[ID_LENGTH_MAX + 1]) {
    const size_t size = strlen(name);
    if (size > ID_LENGTH_MAX) {
        return false;
    }
    for (size_t i = 0; i <= size; i++) {
        if ((unsigned char)name[i] > '~') {
            return false;
        }
        out[i] = (UChar)name[i];
    }
    UChar canonical[ID_LENGTH_MAX + 1];
    UBool is_system = false;
    UErrorCode error = U_ZERO_ERROR;
    (void)ucal_getCanonicalTimeZoneID(out, -1, canonical, ID_LENGTH_MAX, &is_system, &error);
    return U_SUCCESS(error) && is_system;
}

static int64_t ahead_us(const UCalendar *calendar, UErrorCode *error) {
    const int32_t ms =
        ucal_get(calendar, UCAL_ZONE_OFFSET, error) + ucal_get(calendar, UCAL_DST_OFFSET, error);
    return (int64_t)ms * US_PER_MS;
}

/* What the zone is at a time, put behind the offsets where it is something else. */
static void note(UCalendar *calendar, UDate time, struct arena *arena, struct zone *zone,
                 struct zone_offset **offsets, UErrorCode *error) {
    ucal_setMillis(calendar, time, error);
    const int64_t ahead = ahead_us(calendar, error);
    if (zone->count > 0 && (*offsets)[zone->count - 1].ahead_us == ahead) {
        return;
    }
    *offsets = arena_grow(arena, *offsets, zone->count, sizeof **offsets);
    (*offsets)[zone->count++] = (struct zone_offset){(int64_t)time * US_PER_MS, ahead};
}

bool zone_read(const char *name, int64_t until_us, struct arena *arena, struct zone *out) {
    *out = (struct zone){0};
    struct zone_offset *offsets = NULL;
    UChar id[ID_LENGTH_MAX + 1];
    if (!read_id(name[0] == '\0' ? "UTC" : name, id)) {
        return false;
    }
    UErrorCode error = U_ZERO_ERROR;
    UCalendar *calendar = ucal_open(id, -1, "", UCAL_GREGORIAN, &error);
    if (U_FAILURE(error)) {
        return false;
    }
    UDate time = BEGIN_MS;
    note(calendar, time, arena, out, &offsets, &error);
    for (size_t i = 0; i < CHANGES_MAX && U_SUCCESS(error); i++) {
        UDate next = 0;
        const UBool found =
            ucal_getTimeZoneTransitionDate(calendar, UCAL_TZ_TRANSITION_NEXT, &next, &error);
        if (!found || U_FAILURE(error) || (int64_t)next * US_PER_MS > until_us) {
            break;
        }
        time = next;
        note(calendar, time, arena, out, &offsets, &error);
    }
    ucal_close(calendar);
    out->offsets = offsets;
    return U_SUCCESS(error);
}

bool zone_is_utc(const struct zone *zone) {
    return zone->count == 1 && zone->offsets[0].ahead_us == 0;
}

int32_t zone_day(const struct zone *zone, int64_t time_us) {
    size_t at = zone->count - 1;
    while (at > 0 && zone->offsets[at].from_us > time_us) {
        at--;
    }
    return day_of(time_us + zone->offsets[at].ahead_us);
}
