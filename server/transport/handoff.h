#pragma once
/* The thread sanitizer does not see C core's own locks: this tells it that what was done before a
 * batch was started happens before what is done when it completes. */

#ifdef __SANITIZE_THREAD__
void __tsan_acquire(void *address);
void __tsan_release(void *address);
#define HANDOFF_RELEASE(tag) __tsan_release(tag)
#define HANDOFF_ACQUIRE(tag) __tsan_acquire(tag)
#else
#define HANDOFF_RELEASE(tag) ((void)(tag))
#define HANDOFF_ACQUIRE(tag) ((void)(tag))
#endif
