#pragma once
/* The server's program, running. */

#include <stdbool.h>

#define SERVER_PROGRAM "server/profiled"

enum { SERVER_LOG_SIZE_MAX = 1 << 16, SERVER_ADDRESS_SIZE_MAX = 128, SERVER_OPTIONS_MAX = 16 };

struct server {
    int pid;
    int log_fd;
    char address[SERVER_ADDRESS_SIZE_MAX]; /* Of its TCP port, as "127.0.0.1:40000". */
    char log[SERVER_LOG_SIZE_MAX];         /* What it has said, as far as it was read. */
};

/* Starts a server on a data directory, on a free port of 127.0.0.1, region SA, with `options` (NULL
 * for none, otherwise NULL-terminated) and waits until it serves. False, with its log read and its
 * process gone, when it ended first. */
bool server_start(struct server *server, const char *data, const char *const *options);

/* Starts it and waits for nothing. */
void server_launch(struct server *server, const char *data, const char *const *options);

/* Sends it a signal. */
void server_signal(const struct server *server, int signal);

/* Waits for its end and reads the rest of its log. Its exit code, as program_wait(). */
int server_wait(struct server *server);

/* SIGTERM, and its exit code. */
int server_stop(struct server *server);

/* SIGKILL. */
void server_kill(struct server *server);
