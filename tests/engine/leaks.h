#pragma once
/* A leak fails the test that made it: call at the end of a suite's .fini. */

#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>

static inline void leaks_check(void) {
    if (__lsan_do_recoverable_leak_check() != 0) {
        abort();
    }
}
#else
static inline void leaks_check(void) {}
#endif
