#pragma once
/* The server as a process of its own: started, watched through the kernel's accounts, stopped. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { PROCESS_ADDRESS_SIZE = 32 };

struct process {
    pid_t pid;
    char address[PROCESS_ADDRESS_SIZE]; /* Where it listens: 127.0.0.1 and a port. */
};

enum { PROCESS_WORKSPACES_MAX = 8 };

/* Starts the server that stands beside this program, on a directory; with workspaces beside
 * `default`, NULL behind the last, or NULL for none. It ends when we do. */
struct process process_start(const char *directory, const char *const *workspaces);

/* The same of another program that stands there and takes a directory and an address. */
struct process process_start_program(const char *program, const char *directory);

/* Processor time that all its threads have used since it began, in the kernel as well. */
uint64_t process_cpu_ns(const struct process *process);

/* Bytes that the kernel's status of a process tells under a name: "RssAnon", what it has for
 * itself, without the pages of files that are mapped; "VmHWM", the most that it has had. 0 when it
 * is gone. */
uint64_t process_memory(pid_t pid, const char *name);

/* Waits until it takes connections, for a minute at most. */
void process_wait_listening(const struct process *process);

/* Asks it to end, and waits until it has. */
void process_stop(struct process *process);

/* Bytes on disk below a directory. */
uint64_t directory_size(const char *directory);

/* Reads all files below it, so that the kernel has them in memory; and has the kernel forget them,
 * once nobody has them open. */
void directory_read(const char *directory);
void directory_forget(const char *directory);

/* False where something is left, of what somebody still writes. */
bool directory_remove(const char *directory);
