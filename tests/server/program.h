#pragma once
/* Other programs, run to their end. */

/* How a program ended and what it printed. */
struct program {
    int code;  /* Its exit code, or 128 + the number of the signal that ended it. */
    char *out; /* Standard output, NUL-terminated. */
    char *err; /* Standard error, the same. */
};

/* Runs `arguments`, NULL-terminated, the program's path first, with `input` on standard input;
 * without any when NULL. It dies with us. */
struct program program_run(const char *const *arguments, const char *input);

/* Frees what it printed. */
void program_free(struct program *program);

/* Starts a program without waiting for it. What it gets as its standard streams; -1 for none. */
int program_start(const char *const *arguments, int in, int out, int err);

/* Starts a program and waits for the first byte of its standard output, of which the rest comes
 * through `*out`, a pipe: one that prints more than a pipe holds is in the middle of its work. What
 * it says goes to `err`; -1 for nowhere. */
int program_begin(const char *const *arguments, int err, int *out);

/* Reads what is still to come, as long as it comes, and closes. */
void program_read_to_the_end(int fd);

/* Waits for it. Its exit code, or 128 + the signal's number. */
int program_wait(int pid);
