/* Signals that end what runs in good order. Blocked before there is another thread, they come to
 * the one that waits for them. */

#include "client/cli/signals.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

/* Those that end it; one that whoever started us wants to be ignored is not among them. */
static sigset_t ending_signals(void) {
    static const int signals[] = {SIGINT, SIGTERM};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        struct sigaction action;
        if (sigaction(signals[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN) {
            sigaddset(&set, signals[i]);
        }
    }
    return set;
}

struct waiting {
    void (*stop)(void *state);
    void *state;
};

/* Waits for one. A second one, while the first is being heeded, ends the process. */
static void *wait_for_signal(void *data) {
    const struct waiting *waiting = data;
    sigset_t set = ending_signals();
    int signal_number = 0;
    if (sigwait(&set, &signal_number) == 0) {
        int before = 0;
        pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
        pthread_sigmask(SIG_UNBLOCK, &set, NULL);
        waiting->stop(waiting->state);
        pthread_setcancelstate(before, NULL);
    }
    for (;;) {
        (void)pause(); /* Until it is cancelled. */
    }
    return NULL;
}

void signals_hold(void) {
    const sigset_t set = ending_signals();
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

int signals_run(int (*run)(void *state), void (*stop)(void *state), void *state) {
    signals_hold();
    struct waiting waiting = {stop, state};
    pthread_t waiter;
    const int failed = pthread_create(&waiter, NULL, wait_for_signal, &waiting);
    assert(failed == 0);
    const int code = run(state);
    pthread_cancel(waiter);
    pthread_join(waiter, NULL);
    return code;
}
