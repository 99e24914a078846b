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

/* Waits for it. Its exit code, or 128 + the signal's number. */
int program_wait(int pid);
