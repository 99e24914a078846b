#pragma once
/* libphonenumber for C. No exception leaves it; it prints and logs nothing. Thread-safe. */

#include <stdbool.h>

enum { PHONE_E164_SIZE_MAX = 24 }; /* Bytes, with the + and the NUL. */

enum phone_shim_result {
    PHONE_SHIM_VALID,    /* In a range that the metadata knows. */
    PHONE_SHIM_POSSIBLE, /* Of a length that the country has. */
    PHONE_SHIM_TOO_SHORT,
    PHONE_SHIM_TOO_LONG,
    PHONE_SHIM_BAD_LENGTH,
    PHONE_SHIM_NO_COUNTRY, /* National, and the region is not known; or no such country code. */
    PHONE_SHIM_EXTENSION,
    PHONE_SHIM_NOT_A_NUMBER,
};

#ifdef __cplusplus
extern "C" {
#endif

/* Reads a number; `region` is upper case, "ZZ" for none. E.164 is written to `out` for VALID and
 * POSSIBLE only. */
enum phone_shim_result phone_shim_parse(const char *number, const char *region,
                                        char out[PHONE_E164_SIZE_MAX]);

/* Whether an E.164 number has a length that mobile numbers of its country have. */
bool phone_shim_has_mobile_length(const char *e164);

bool phone_shim_region_is_known(const char *region);

#ifdef __cplusplus
}
#endif
