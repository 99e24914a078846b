#pragma once
/* Answers that leave together. C core sends each answer by a sendmsg() of its own, a third of what
 * a small call costs. While a thread coalesces, what it sends on TCP waits in the kernel (MSG_MORE)
 * until it flushes: many answers are one segment then. Nothing is held back for a time: the thread
 * flushes before it waits for anything. */

#include <stdbool.h>

/* From now on what the calling thread sends waits. */
void coalesce_begin(void);

/* Sends what waits. What the thread sends from now on leaves at once. */
void coalesce_end(void);
