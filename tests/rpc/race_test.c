/* Threads that write and read at the same time, for the thread sanitizer, with which Criterion does
 * not go together: a main of its own. */

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/rpc/host_fixture.h"

enum { THREADS = 4, CALLS_EACH = 500 };

static void read_once(void) {
    Profiled__V1__GetProfileRequest request = PROFILED__V1__GET_PROFILE_REQUEST__INIT;
    struct caller caller;
    caller_submit(&caller, fixture_workspace, &rpc_get_profile, &request.base);
    const enum status_code code = caller_finish(&caller);
    assert(code == STATUS_OK);
}

static void *work(void *argument) {
    (void)argument;
    for (int i = 0; i < CALLS_EACH; i++) {
        struct caller caller;
        submit_create(&caller, i % 7 == 0 ? "refused" : "taken", NULL, i % 5 == 0);
        const enum status_code code = caller_finish(&caller);
        assert(code == (i % 7 == 0 ? STATUS_NOT_FOUND : STATUS_OK));
        read_once();
    }
    return NULL;
}

int main(void) {
    fixture_open();
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        const int failed = pthread_create(&threads[i], NULL, work, NULL);
        assert(failed == 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    printf("%zu commits\n", fake_store_counts(fixture_store).commits);
    fixture_close();
    return EXIT_SUCCESS;
}
