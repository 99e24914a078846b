/* Abseil's time zones behind a C function. Exceptions (of allocation) end here as "no zone". */

#include "server/interaction/zone_shim.h"

#include <absl/time/time.h>

namespace {

size_t offsets(const char *name, absl::Time time, absl::Time until, zone_shim_offset *out,
               size_t max) {
    absl::TimeZone zone;
    absl::TimeZone::CivilTransition change;
    size_t count = 0;
    if (!absl::LoadTimeZone(name, &zone)) {
        return 0;
    }
    while (time <= until && count < max) {
        const int64_t ahead_s = zone.At(time).offset;
        if (count == 0 || out[count - 1].ahead_s != ahead_s) {
            out[count++] = {absl::ToUnixSeconds(time), ahead_s};
        }
        if (!zone.NextTransition(time, &change)) {
            break;
        }
        time = zone.At(change.to).trans;
    }
    return count;
}

} // namespace

extern "C" size_t zone_shim_offsets(const char *name, int64_t from_s, int64_t until_s,
                                    zone_shim_offset *out, size_t max) {
    try {
        return offsets(name, absl::FromUnixSeconds(from_s), absl::FromUnixSeconds(until_s), out,
                       max);
    } catch (...) {
        return 0;
    }
}
