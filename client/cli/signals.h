#pragma once
/* SIGINT and SIGTERM, where something is to be said before the end. */

/* Keeps them for signals_run(). Before the first call to the server: the threads that come with it
 * would take them, and end the process in the middle of a line. */
void signals_hold(void);

/* Calls run(state), and stop(state) from another thread when one of them comes: once, so that a
 * second one ends the process. stop() is over, or never called, when this answers; with what run()
 * does. */
int signals_run(int (*run)(void *state), void (*stop)(void *state), void *state);
