/* The server's process and its directory. What goes wrong here ends the benchmark. */

#include "tests/bench/process.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    WALK_FILES_MAX = 16,
    BLOCK_SIZE = 512,
    READ_SIZE = 1 << 20,
    LISTEN_TRIES = 60000,
    LISTEN_WAIT_US = 1000,
};

static void die(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

/* A port that was free a moment ago. */
static uint16_t port_find(void) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    const int socket_fd = socket(AF_INET, SOCK_STREAM, 0);
    if (socket_fd < 0 || bind(socket_fd, (struct sockaddr *)&address, size) != 0 ||
        getsockname(socket_fd, (struct sockaddr *)&address, &size) != 0) {
        die("no port");
    }
    close(socket_fd);
    return ntohs(address.sin_port);
}

static void program_path(const char *program, char out[PATH_MAX]) {
    const ssize_t size = readlink("/proc/self/exe", out, PATH_MAX - 1);
    if (size < 0) {
        die("/proc/self/exe");
    }
    out[size] = '\0';
    char *name = strrchr(out, '/') + 1;
    const size_t program_size = strlen(program) + 1;
    if (name + program_size > out + PATH_MAX) {
        die("path");
    }
    memcpy(name, program, program_size);
}

static struct process start(const char *program, const char *directory,
                            const char *const *workspaces) {
    struct process process;
    char path[PATH_MAX];
    const char *arguments[3 + PROCESS_WORKSPACES_MAX + 1] = {path, directory, process.address};
    for (size_t i = 0; workspaces != NULL && workspaces[i] != NULL; i++) {
        assert(i < PROCESS_WORKSPACES_MAX);
        arguments[3 + i] = workspaces[i];
    }
    program_path(program, path);
    snprintf(process.address, sizeof process.address, "127.0.0.1:%u", port_find());
    const pid_t parent = getpid();
    process.pid = fork();
    if (process.pid < 0) {
        die("fork");
    }
    if (process.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() == parent) { /* Otherwise we died before it was set. */
            execv(path, (char *const *)(uintptr_t)arguments);
        }
        perror(path);
        _exit(127);
    }
    return process;
}

struct process process_start(const char *directory, const char *const *workspaces) {
    return start("server", directory, workspaces);
}

struct process process_start_program(const char *program, const char *directory) {
    return start(program, directory, NULL);
}

static bool is_listening(const struct process *process) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)atoi(strrchr(process->address, ':') + 1));
    const int socket_fd = socket(AF_INET, SOCK_STREAM, 0);
    const bool listens =
        socket_fd >= 0 && connect(socket_fd, (struct sockaddr *)&address, sizeof address) == 0;
    if (socket_fd >= 0) {
        close(socket_fd);
    }
    return listens;
}

void process_wait_listening(const struct process *process) {
    for (int i = 0; i < LISTEN_TRIES && !is_listening(process); i++) {
        usleep(LISTEN_WAIT_US);
    }
}

uint64_t process_cpu_ns(const struct process *process) {
    clockid_t clock;
    struct timespec used;
    if (clock_getcpuclockid(process->pid, &clock) != 0 || clock_gettime(clock, &used) != 0) {
        die("the server has gone");
    }
    return (uint64_t)used.tv_sec * 1000000000 + (uint64_t)used.tv_nsec;
}

uint64_t process_memory(pid_t pid, const char *name) {
    char path[64];
    char line[256];
    unsigned long long kib = 0;
    const size_t name_size = strlen(name);
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, name, name_size) == 0 && line[name_size] == ':') {
            (void)sscanf(line + name_size, ": %llu kB", &kib);
            break;
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return (uint64_t)kib << 10;
}

void process_stop(struct process *process) {
    int status = 0;
    kill(process->pid, SIGTERM);
    if (waitpid(process->pid, &status, 0) != process->pid || !WIFEXITED(status) ||
        WEXITSTATUS(status) != 0) {
        fputs("the server did not end well\n", stderr);
    }
}

static void walk(const char *directory, __nftw_func_t each) {
    if (nftw(directory, each, WALK_FILES_MAX, FTW_PHYS) != 0) {
        die(directory);
    }
}

/* nftw() has no argument for its function. */
static uint64_t walked_size;

static int add_size(const char *path, const struct stat *info, int type, struct FTW *place) {
    (void)path;
    (void)type;
    (void)place;
    walked_size += (uint64_t)info->st_blocks * BLOCK_SIZE;
    return 0;
}

uint64_t directory_size(const char *directory) {
    walked_size = 0;
    walk(directory, add_size);
    return walked_size;
}

static int read_one(const char *path, const struct stat *info, int type, struct FTW *place) {
    static char piece[READ_SIZE];
    (void)info;
    (void)place;
    const int fd = type == FTW_F ? open(path, O_RDONLY) : -1;
    while (fd >= 0 && read(fd, piece, sizeof piece) > 0) {
    }
    if (fd >= 0) {
        close(fd);
    }
    return 0;
}

void directory_read(const char *directory) { walk(directory, read_one); }

static int forget_one(const char *path, const struct stat *info, int type, struct FTW *place) {
    (void)info;
    (void)place;
    const int fd = type == FTW_F ? open(path, O_RDONLY) : -1;
    if (fd >= 0) {
        posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
        close(fd);
    }
    return 0;
}

void directory_forget(const char *directory) { walk(directory, forget_one); }

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *place) {
    (void)info;
    (void)type;
    (void)place;
    return remove(path) != 0 && errno != ENOENT;
}

bool directory_remove(const char *directory) {
    return nftw(directory, remove_one, WALK_FILES_MAX, FTW_PHYS | FTW_DEPTH) == 0;
}
