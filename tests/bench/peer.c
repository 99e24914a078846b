/* Programs of peers, as processes of the benchmark. */

#include "tests/bench/peer.h"

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH_SIZE = 4096, STAT_SIZE = 1024 };

uint64_t peer_number(const struct peer_plan *plan) {
    struct crowd *crowd = plan->crowd;
    return plan->call == PEER_CREATE ? crowd->next++ : crowd_anybody(crowd);
}

static void become(const char *user) {
    const struct passwd *entry = user == NULL || geteuid() != 0 ? NULL : getpwnam(user);
    if (entry != NULL && (initgroups(user, entry->pw_gid) != 0 || setgid(entry->pw_gid) != 0 ||
                          setuid(entry->pw_uid) != 0)) {
        perror(user);
        _exit(127);
    }
}

int peer_start(const char *directory, const char *name, const char *user, char *const *arguments) {
    char log[PATH_SIZE];
    snprintf(log, sizeof log, "%s/%s.log", directory, name);
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid != 0) {
        return pid;
    }
    const int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (fd >= 0) {
        dup2(fd, STDOUT_FILENO);
        dup2(fd, STDERR_FILENO);
    }
    become(user);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == parent && chdir(directory) == 0) {
        execvp(arguments[0], arguments);
    }
    perror(arguments[0]);
    _exit(127);
}

void peer_stop(int pid, int signal) {
    kill(pid, signal);
    waitpid(pid, NULL, 0);
}

/* The parent of a process, and the processor time of it and its children that have ended, in ticks.
 * False when it is gone. */
static bool read_stat(int pid, int *parent, uint64_t *ticks) {
    char path[64];
    char text[STAT_SIZE];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return false;
    }
    const size_t size = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[size] = '\0';
    const char *behind_name = strrchr(text, ')');
    unsigned long long own_user = 0;
    unsigned long long own_system = 0;
    long long ended_user = 0;
    long long ended_system = 0;
    if (behind_name == NULL ||
        sscanf(behind_name + 1, " %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %lld %lld",
               parent, &own_user, &own_system, &ended_user, &ended_system) != 5) {
        return false;
    }
    *ticks = own_user + own_system + (uint64_t)(ended_user + ended_system);
    return true;
}

uint64_t peer_cpu_ns(int pid) {
    uint64_t ticks = 0;
    DIR *directory = opendir("/proc");
    for (struct dirent *entry = directory == NULL ? NULL : readdir(directory); entry != NULL;
         entry = readdir(directory)) {
        const int other = atoi(entry->d_name);
        int parent = 0;
        uint64_t used = 0;
        if (other > 0 && read_stat(other, &parent, &used) && (other == pid || parent == pid)) {
            ticks += used;
        }
    }
    if (directory != NULL) {
        closedir(directory);
    }
    return ticks * (UINT64_C(1000000000) / (uint64_t)sysconf(_SC_CLK_TCK));
}
