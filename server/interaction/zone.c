/* Time zones: those of the system's zoneinfo, which is kept up to date with what countries decide.
 * A zone is asked once, for all changes of its clocks. */

#include "server/interaction/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "server/base/clock.h"
#include "server/base/day.h"
#include "server/interaction/zone_shim.h"

enum {
    NAME_SIZE_MAX = 64,
    PATH_SIZE_MAX = 4096,
    CHANGES_MAX = 1000, /* Two a year. */
};

#define BEGIN_S INT64_C(-2208988800) /* 1900-01-01. */

/* IANA's letters. All names begin with a capital: what else is among the files does not, and lists
 * have a dot. */
static bool name_is_good(const char *name) {
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
    const size_t size = strlen(name);
    return size > 0 && size <= NAME_SIZE_MAX && name[0] >= 'A' && name[0] <= 'Z' &&
           strspn(name, letters) == size && strstr(name, "//") == NULL && name[size - 1] != '/';
}

/* What is in the folder of time zones under a name, "." itself: of a mode as S_IFREG. */
static bool is_there(const char *name, mode_t mode) {
    const char *folder = getenv("TZDIR");
    char path[PATH_SIZE_MAX];
    struct stat found;
    const int size =
        snprintf(path, sizeof path, "%s/%s",
                 folder == NULL || folder[0] == '\0' ? "/usr/share/zoneinfo" : folder, name);
    return size > 0 && size < PATH_SIZE_MAX && stat(path, &found) == 0 &&
           (found.st_mode & S_IFMT) == mode;
}

bool zones_are_there(void) { return is_there(".", S_IFDIR); }

bool zone_read(const char *name, int64_t until_us, struct arena *arena, struct zone *out) {
    static const struct zone_offset utc = {BEGIN_S * US_PER_SECOND, 0};
    *out = (struct zone){.count = 1, .offsets = &utc};
    if (name[0] == '\0' || strcmp(name, "UTC") == 0) {
        return true;
    }
    if (!name_is_good(name) || !is_there(name, S_IFREG)) {
        return false;
    }
    struct zone_shim_offset found[CHANGES_MAX];
    out->count = zone_shim_offsets(name, BEGIN_S, until_us / US_PER_SECOND, found, CHANGES_MAX);
    struct zone_offset *offsets = arena_array(arena, out->count, sizeof *offsets);
    for (size_t i = 0; i < out->count; i++) {
        offsets[i] =
            (struct zone_offset){found[i].from_s * US_PER_SECOND, found[i].ahead_s * US_PER_SECOND};
    }
    out->offsets = offsets;
    return out->count > 0;
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
