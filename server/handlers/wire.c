/* Small forms of the wire. */

#include "server/handlers/wire.h"

#include <assert.h>
#include <string.h>

#include "server/base/clock.h"
#include "server/base/limits.h"
#include "server/identity/phone.h"

enum {
    UNMEASURED_ARENA_MAX = RESPONSE_SIZE_MAX, /* Which no answer that is too long fits into. */
    PAGE_SIZE_BYTES_MAX = 3 << 20,            /* Of an answer, after which a page comes short. */
};

char *wire_id(struct id id, struct arena *arena) {
    char *text = arena_alloc(arena, ID_TEXT_SIZE + 1);
    id_format(id, text);
    return text;
}

Google__Protobuf__Timestamp *wire_time(int64_t time_us, struct arena *arena) {
    Google__Protobuf__Timestamp *time = arena_alloc(arena, sizeof *time);
    google__protobuf__timestamp__init(time);
    time->seconds = time_us / US_PER_SECOND;
    int64_t rest_us = time_us % US_PER_SECOND;
    if (rest_us < 0) { /* Nanoseconds count forward, also before 1970. */
        rest_us += US_PER_SECOND;
        time->seconds--;
    }
    time->nanos = (int32_t)rest_us * 1000;
    return time;
}

/* From 0001-01-01 to 9999-12-31: what google.protobuf.Timestamp may hold. */
#define TIME_SECONDS_MIN INT64_C(-62135596800)
#define TIME_SECONDS_MAX INT64_C(253402300799)
enum { NANOS_MAX = 999999999 };

bool wire_time_of(const Google__Protobuf__Timestamp *time, int64_t *out) {
    if (time->seconds < TIME_SECONDS_MIN || time->seconds > TIME_SECONDS_MAX || time->nanos < 0 ||
        time->nanos > NANOS_MAX) {
        return false;
    }
    *out = time->seconds * US_PER_SECOND + time->nanos / 1000;
    return true;
}

int64_t wire_any_time_read(const Google__Protobuf__Timestamp *time, struct field_errors *errors,
                           const char *field) {
    if (time == NULL) {
        return WIRE_TIME_UNSET;
    }
    int64_t time_us = 0;
    if (!wire_time_of(time, &time_us)) {
        field_errors_add(errors, "is not a time of the years 1 to 9999", "%s", field);
        return WIRE_TIME_UNSET;
    }
    return time_us;
}

int64_t wire_time_read(const Google__Protobuf__Timestamp *time, int64_t now_us,
                       struct field_errors *errors, const char *field) {
    const int64_t time_us = wire_any_time_read(time, errors, field);
    if (time_us > now_us + FUTURE_HOURS_MAX * US_PER_HOUR) {
        field_errors_add(errors, "is more than 24 hours ahead of the server's clock", "%s", field);
        return WIRE_TIME_UNSET;
    }
    return time_us;
}

static bool is_source(const char *source) {
    const size_t size = strlen(source);
    return size > 0 && size <= SOURCE_LENGTH_MAX &&
           strspn(source, "abcdefghijklmnopqrstuvwxyz0123456789_-.") == size;
}

const char *wire_source_read(const char *source, const char *otherwise, struct field_errors *errors,
                             const char *field) {
    if (source[0] == '\0' && otherwise != NULL) {
        return otherwise;
    }
    if (!is_source(source)) {
        field_errors_add(errors, "must be 1 to 64 characters of a-z, 0-9, _, - and .", "%s", field);
    }
    return source;
}

bool wire_id_read(struct rpc_context *ctx, const char *text, const char *field, struct id *out) {
    if (text[0] == '\0') {
        rpc_violation(ctx, "is required", "%s", field);
        return false;
    }
    if (!id_parse(text, out)) {
        rpc_violation(ctx, "is not an id: a UUID of 36 characters", "%s", field);
        return false;
    }
    return true;
}

struct id wire_id_checked(const char *text) {
    struct id id;
    const bool read = id_parse(text, &id);
    assert(read);
    return id;
}

void wire_region_check(const char *region, struct field_errors *errors, const char *field) {
    if (region[0] != '\0' && !phone_region_is_known(region)) {
        field_errors_add(errors, "is not a region: ISO 3166-1 alpha-2, as SA", "%s", field);
    }
}

void wire_page_size_check(struct rpc_context *ctx, int32_t page_size) {
    if (page_size < 0) {
        rpc_violation(ctx, "must not be negative", "page_size");
    }
}

bool wire_is_among(const char *const *texts, size_t count, const char *text) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(texts[i], text) == 0) {
            return true;
        }
    }
    return false;
}

size_t wire_page_size(int32_t page_size) {
    assert(page_size >= 0);
    if (page_size > PAGE_SIZE_MAX) {
        return PAGE_SIZE_MAX;
    }
    return page_size == 0 ? PAGE_SIZE_DEFAULT : (size_t)page_size;
}

/* Pages of short items are not measured: what an answer holds took several times that to make. */
bool wire_page_is_over(const struct rpc_context *ctx, struct wire_page *page, const void *items,
                       size_t count) {
    ProtobufCMessage *const *messages = items;
    if (store_view_is_over(ctx->store) || ctx->arena->used > (size_t)PAGE_ARENA_MAX) {
        return true;
    }
    for (; ctx->arena->used > (size_t)UNMEASURED_ARENA_MAX && page->count < count; page->count++) {
        page->size += protobuf_c_message_get_packed_size(messages[page->count]);
    }
    return page->size > (size_t)PAGE_SIZE_BYTES_MAX;
}

bool wire_mask_has(const Google__Protobuf__FieldMask *mask, const char *path) {
    for (size_t i = 0; mask != NULL && i < mask->n_paths; i++) {
        if (strcmp(mask->paths[i], path) == 0 || strcmp(mask->paths[i], "*") == 0) {
            return true;
        }
    }
    return false;
}
