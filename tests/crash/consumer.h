#pragma once
/* One who watches changes and keeps what comes of them in a file, its journal, together with the
 * token: a message's changes and its token are one piece of it, and what is not whole is cut off.
 * It is a process of its own, to be killed at any moment.
 *
 * A line for each change, "C TIME KIND PROFILE OTHER INTERACTION SEGMENT" (TIME in microseconds,
 * "-" for nothing), and at the end of each message "T TOKEN". */

/* The arguments that make this program a consumer: the server, the journal, and what is watched. */
#define CONSUMER_MODE "--consume"

/* What is watched: everything, or entering and leaving the segments that are named, behind a
 * snapshot of their members. */
#define CONSUMER_OF_ALL "all"

/* Runs until it is killed, or something is wrong: then it returns the exit code. */
int consumer_run(const char *address, const char *journal, const char *watched);

/* The number of bytes of a journal's whole messages. The text has a NUL behind it. */
long consumer_whole_size(const char *text);
