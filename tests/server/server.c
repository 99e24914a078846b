/* The server's process. Its log comes through a pipe: reading it is how we wait for it. */

#include "tests/server/server.h"

#include <assert.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/server/program.h"

enum { OWN_ARGUMENTS = 8 };

/* Reads more of the log. False at its end. Past the room for it, the log is dropped. */
static bool read_log(struct server *server) {
    const size_t size = strlen(server->log);
    char dropped[1024];
    const size_t room = sizeof server->log - 1 - size;
    char *to = room == 0 ? dropped : server->log + size;
    const ssize_t got = read(server->log_fd, to, room == 0 ? sizeof dropped : room);
    assert(got >= 0);
    if (room > 0) {
        to[got] = '\0';
    }
    return got > 0;
}

void server_launch(struct server *server, const char *data, const char *const *options) {
    const char *arguments[OWN_ARGUMENTS + SERVER_OPTIONS_MAX + 1] = {
        SERVER_PROGRAM, "serve",       "--data",           data,
        "--listen",     "127.0.0.1:0", "--default-region", "SA"};
    for (size_t i = 0; options != NULL && options[i] != NULL; i++) {
        assert(i < SERVER_OPTIONS_MAX);
        arguments[OWN_ARGUMENTS + i] = options[i];
    }
    int pipe_fds[2];
    const int failed = pipe2(pipe_fds, O_CLOEXEC);
    assert(failed == 0);
    server->log[0] = '\0';
    server->address[0] = '\0';
    server->pid = program_start(arguments, -1, -1, pipe_fds[1]);
    close(pipe_fds[1]);
    server->log_fd = pipe_fds[0];
}

static bool serves(struct server *server) {
    static const char mark[] = "listening address=127.0.0.1:0 port=";
    if (strstr(server->log, " serving\n") == NULL) {
        return false;
    }
    const char *port = strstr(server->log, mark);
    assert(port != NULL);
    snprintf(server->address, sizeof server->address, "127.0.0.1:%ld",
             strtol(port + sizeof mark - 1, NULL, 10));
    return true;
}

bool server_start(struct server *server, const char *data, const char *const *options) {
    server_launch(server, data, options);
    while (read_log(server)) {
        if (serves(server)) {
            return true;
        }
    }
    server_wait(server);
    return false;
}

void server_signal(const struct server *server, int signal) {
    const int failed = kill(server->pid, signal);
    assert(failed == 0);
}

int server_wait(struct server *server) {
    while (read_log(server)) {
    }
    close(server->log_fd);
    const int code = program_wait(server->pid);
    server->pid = 0;
    return code;
}

int server_stop(struct server *server) {
    server_signal(server, SIGTERM);
    return server_wait(server);
}

void server_kill(struct server *server) {
    server_signal(server, SIGKILL);
    server_wait(server);
}
