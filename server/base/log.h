#pragma once
/* The server's log: one line an event on standard error, as
 *   2026-11-23T17:00:00.000Z info  listening address=127.0.0.1:50051
 * Events are few: starts, stops, failures. Personal data never enters it: no names, no identities,
 * no texts; ids of profiles may. Thread-safe. */

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

/* Events below this level are left out; LOG_INFO until set. Not thread-safe: set it at start. */
void log_set_level(enum log_level level);

void log_event(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_info(...) log_event(LOG_INFO, __VA_ARGS__)
#define log_warning(...) log_event(LOG_WARNING, __VA_ARGS__)
#define log_error(...) log_event(LOG_ERROR, __VA_ARGS__)
