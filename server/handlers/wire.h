#pragma once
/* Small forms of the wire: strings, times, ids, sources. */

#include <stdbool.h>
#include <stdint.h>

#include "google/protobuf/field_mask.pb-c.h"
#include "google/protobuf/timestamp.pb-c.h"
#include "server/base/arena.h"
#include "server/base/id.h"
#include "server/handlers/field_errors.h"

/* protobuf-c's strings are not const, although packing only reads them. */
static inline char *wire_string(const char *string) { return (char *)(uintptr_t)string; }

/* Whether a text is one of several. Lists of messages, which are not const, are cast. */
bool wire_is_among(const char *const *texts, size_t count, const char *text);

/* An id's text. */
char *wire_id(struct id id, struct arena *arena);

/* A time as a message. */
Google__Protobuf__Timestamp *wire_time(int64_t time_us, struct arena *arena);

/* Reads a time of the years 1 to 9999, cut to microseconds; false when it is none. */
bool wire_time_of(const Google__Protobuf__Timestamp *time, int64_t *out);

/* A time that is not said; one of no year that a message may hold. */
#define WIRE_TIME_UNSET INT64_MIN

/* Reads a time; WIRE_TIME_UNSET when it is not set. Notes what is wrong. */
int64_t wire_any_time_read(const Google__Protobuf__Timestamp *time, struct field_errors *errors,
                           const char *field);

/* Reads a time that must not be far in the future; WIRE_TIME_UNSET when it is not set. Notes what
 * is wrong. */
int64_t wire_time_read(const Google__Protobuf__Timestamp *time, int64_t now_us,
                       struct field_errors *errors, const char *field);

/* Checks a source: 1 to SOURCE_LENGTH_MAX of a-z, 0-9, _, - and .; `otherwise` when it is empty. */
const char *wire_source_read(const char *source, const char *otherwise, struct field_errors *errors,
                             const char *field);

/* Reads a required id; notes what is wrong. */
bool wire_id_read(struct rpc_context *ctx, const char *text, const char *field, struct id *out);

/* The id of a text that the check has read with wire_id_read(). */
struct id wire_id_checked(const char *text);

/* Checks an optional region; notes what is wrong. */
void wire_region_check(const char *region, struct field_errors *errors, const char *field);

/* Checks page_size, and gives the size that counts: what is more than a page holds is taken for a
 * whole page (AIP-158). */
void wire_page_size_check(struct rpc_context *ctx, int32_t page_size);
size_t wire_page_size(int32_t page_size);

/* The items of a page so far, as they are packed. */
struct wire_page {
    size_t count; /* That are in the size. */
    size_t size;
};

/* Whether a page has taken its time, its memory, or the bytes of an answer: it comes short then.
 * `items` are its messages. */
bool wire_page_is_over(const struct rpc_context *ctx, struct wire_page *page, const void *items,
                       size_t count);

/* Whether a mask names the field, or `*` for all; NULL names none. */
bool wire_mask_has(const Google__Protobuf__FieldMask *mask, const char *path);
