#pragma once
/* How far something long has come, on standard error: on a terminal one line that is written over,
 * in a log a line now and then. */

#include "client/cli/screen.h"

#include <stdint.h>

struct progress {
    struct screen screen;
    int64_t begun_us; /* When it was told for the first time; 0: not yet. */
    int64_t begun_at; /* How far it was then: what goes on has come some way before. */
    int64_t told_us;
    int64_t told_tenth; /* Of the way, when it was told last. */
    bool is_shown;      /* A line stands on the terminal. */
    const char *noun;   /* What is done, in the plural; NULL: profiles. */
    int32_t pass;       /* Which of several ways it is on: told from the second one on. */
};

/* Where it is. */
struct progress_place {
    int64_t profiles;  /* Done: what people are told. */
    int64_t looked_at; /* Of the way. */
    int64_t whole;     /* The way; 0 while nobody knows. */
};

/* The time of the clock that only goes forward. */
int64_t progress_now_us(void);

/* Waits until so many may be done, of which `rate` may be done in a second, 0 for any number, since
 * then; or until a signal comes. */
void progress_wait(int64_t began_us, int64_t done, int64_t rate);

/* Tells the place, when it is time to; the end of the way is for the result to tell. Off a terminal
 * that is after ten seconds, or after a further tenth of the way that took a second. */
void progress_tell(struct progress *progress, const struct progress_place *place, int64_t now_us);

/* It is on this way: where that is another one than before, how fast it goes is told of what is
 * told from now on. */
void progress_pass(struct progress *progress, int32_t pass);

/* Wipes the line off a terminal. */
void progress_end(struct progress *progress);
