/* Request ids. A retry is safe because it carries the id of the first try; a UUIDv7 keeps the
 * server's table of them in order of time. */

#include "client/profiled_client.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

static void fill_random(uint8_t *out, size_t size) {
    size_t have = 0;
    while (have < size) {
        const ssize_t got = getrandom(out + have, size - have, 0);
        if (got < 0) {
            /* The kernel always has random bytes once it is up; only a signal interrupts. */
            assert(errno == EINTR);
            continue;
        }
        have += (size_t)got;
    }
}

/* RFC 9562, section 5.7: 48 bits of milliseconds, the version, 12 random bits, the variant, 62
 * random bits. Example: 2026-11-23T17:00:00Z -> 019ab1c8-cc80-7…-8…-… . */
void profiled_request_id_make(char out[PROFILED_REQUEST_ID_SIZE]) {
    struct timespec now;
    const int got = clock_gettime(CLOCK_REALTIME, &now);
    assert(got == 0);
    const uint64_t ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    uint8_t b[16];
    fill_random(b, sizeof b);
    for (size_t i = 0; i < 6; i++) {
        b[i] = (uint8_t)(ms >> (40 - 8 * i));
    }
    b[6] = (uint8_t)(0x70U | (b[6] & 0x0fU));
    b[8] = (uint8_t)(0x80U | (b[8] & 0x3fU));
    const int length = snprintf(out, PROFILED_REQUEST_ID_SIZE,
                                "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
                                "%02x%02x%02x%02x%02x%02x",
                                b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10],
                                b[11], b[12], b[13], b[14], b[15]);
    assert(length == PROFILED_REQUEST_ID_SIZE - 1);
}
