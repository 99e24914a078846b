/* Starts programs with their standard streams on files, so that none waits for us to read. */

#include "tests/server/program.h"

#include <assert.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIGNAL_CODE = 128, CODE_NOT_STARTED = 127 };

static void put(int fd, int at) {
    const int source = fd >= 0 ? fd : open("/dev/null", O_RDWR | O_CLOEXEC);
    if (source < 0 || dup2(source, at) != at) {
        _exit(CODE_NOT_STARTED);
    }
}

int program_start(const char *const *arguments, int in, int out, int err) {
    const pid_t parent = getpid();
    const pid_t pid = fork();
    assert(pid >= 0);
    if (pid > 0) {
        return pid;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(CODE_NOT_STARTED);
    }
    put(in, STDIN_FILENO);
    put(out, STDOUT_FILENO);
    put(err, STDERR_FILENO);
    execv(arguments[0], (char *const *)(uintptr_t)arguments);
    _exit(CODE_NOT_STARTED);
}

int program_begin(const char *const *arguments, int err, int *out) {
    int fds[2];
    const int piped = pipe2(fds, O_CLOEXEC);
    assert(piped == 0);
    const int pid = program_start(arguments, -1, fds[1], err);
    close(fds[1]);
    char first;
    const ssize_t got = read(fds[0], &first, 1);
    assert(got == 1);
    *out = fds[0];
    return pid;
}

void program_read_to_the_end(int fd) {
    char bytes[4096];
    while (read(fd, bytes, sizeof bytes) > 0) {
    }
    close(fd);
}

int program_wait(int pid) {
    int status = 0;
    const pid_t waited = waitpid(pid, &status, 0);
    assert(waited == pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : SIGNAL_CODE + WTERMSIG(status);
}

static int file_in_memory(const char *content) {
    const int fd = memfd_create("program", MFD_CLOEXEC);
    assert(fd >= 0);
    const size_t size = strlen(content);
    const ssize_t written = write(fd, content, size);
    assert(written == (ssize_t)size);
    const off_t start = lseek(fd, 0, SEEK_SET);
    assert(start == 0);
    return fd;
}

static char *read_and_close(int fd) {
    struct stat info;
    const int failed = fstat(fd, &info);
    assert(failed == 0);
    const size_t size = (size_t)info.st_size;
    char *text = malloc(size + 1);
    assert(text != NULL);
    const ssize_t got = pread(fd, text, size, 0);
    assert(got == (ssize_t)size);
    text[size] = '\0';
    close(fd);
    return text;
}

struct program program_run(const char *const *arguments, const char *input) {
    const int in = file_in_memory(input == NULL ? "" : input);
    const int out = file_in_memory("");
    const int err = file_in_memory("");
    const int code = program_wait(program_start(arguments, in, out, err));
    close(in);
    return (struct program){.code = code, .out = read_and_close(out), .err = read_and_close(err)};
}

void program_free(struct program *program) {
    free(program->out);
    free(program->err);
    *program = (struct program){0};
}
