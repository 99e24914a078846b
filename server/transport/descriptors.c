/* Reads the descriptor set once, and finds files and symbols in it. Files are few: it looks through
 * them in order. */

#include "server/transport/descriptors.h"

#include <assert.h>
#include <google/protobuf/descriptor.pb-c.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct descriptors_file {
    struct bytes packed; /* As the set has it: what reflection sends. */
    Google__Protobuf__FileDescriptorProto *proto;
};

enum {
    FILES_MAX = 256,
    MESSAGE_DEPTH_MAX = 16, /* Messages declared in messages. */
    FILE_TAG = 0x0a,        /* Field 1 of a FileDescriptorSet, length-delimited. */
};

struct descriptors {
    size_t count;
    struct descriptors_file files[FILES_MAX];
};

/* ---- reading ---- */

/* Reads a varint at the front and drops it from the bytes; false when there is none. */
static bool varint_take(struct bytes *bytes, uint64_t *out) {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && bytes->size > 0; shift += 7) {
        const uint8_t byte = bytes->data[0];
        *bytes = bytes_of(bytes->data + 1, bytes->size - 1);
        value |= (uint64_t)(byte & 0x7fU) << shift;
        if (byte < 0x80) {
            *out = value;
            return true;
        }
    }
    return false;
}

/* A set is nothing but files: 0a, size, file, 0a, size, file... False at anything else. */
static bool file_take(struct bytes *set, struct descriptors_file *out) {
    uint64_t tag = 0;
    uint64_t size = 0;
    if (!varint_take(set, &tag) || tag != FILE_TAG || !varint_take(set, &size) ||
        size > set->size) {
        return false;
    }
    out->packed = bytes_of(set->data, size);
    out->proto = google__protobuf__file_descriptor_proto__unpack(NULL, size, set->data);
    *set = bytes_of(set->data + size, set->size - size);
    return out->proto != NULL;
}

struct status descriptors_open(struct bytes set, struct descriptors **out) {
    struct descriptors *descriptors = calloc(1, sizeof *descriptors);
    if (descriptors == NULL) {
        abort();
    }
    while (set.size > 0) {
        assert(descriptors->count < FILES_MAX);
        struct descriptors_file *file = &descriptors->files[descriptors->count];
        if (!file_take(&set, file)) {
            descriptors_close(descriptors);
            return status_of(STATUS_INTERNAL, REASON_NONE, "the descriptor set cannot be read");
        }
        descriptors->count++;
    }
    *out = descriptors;
    return OK;
}

void descriptors_close(struct descriptors *descriptors) {
    for (size_t i = 0; i < descriptors->count; i++) {
        google__protobuf__file_descriptor_proto__free_unpacked(descriptors->files[i].proto, NULL);
    }
    free(descriptors);
}

/* ---- files ---- */

const struct descriptors_file *descriptors_file_named(const struct descriptors *descriptors,
                                                      const char *name) {
    for (size_t i = 0; i < descriptors->count; i++) {
        if (strcmp(descriptors->files[i].proto->name, name) == 0) {
            return &descriptors->files[i];
        }
    }
    return NULL;
}

static void closure_add(const struct descriptors_file **files, size_t *count,
                        const struct descriptors_file *file) {
    for (size_t i = 0; i < *count; i++) {
        if (files[i] == file) {
            return;
        }
    }
    files[(*count)++] = file;
}

size_t descriptors_closure(const struct descriptors *descriptors,
                           const struct descriptors_file *file, struct arena *arena,
                           struct bytes **out) {
    const struct descriptors_file **files =
        arena_array(arena, descriptors->count, sizeof(struct descriptors_file *));
    size_t count = 0;
    closure_add(files, &count, file);
    for (size_t i = 0; i < count; i++) { /* The count grows as imports are found. */
        const Google__Protobuf__FileDescriptorProto *proto = files[i]->proto;
        for (size_t k = 0; k < proto->n_dependency; k++) {
            const struct descriptors_file *import =
                descriptors_file_named(descriptors, proto->dependency[k]);
            if (import != NULL) {
                closure_add(files, &count, import);
            }
        }
    }
    struct bytes *packed = arena_array(arena, count, sizeof(struct bytes));
    for (size_t i = 0; i < count; i++) {
        packed[i] = files[i]->packed;
    }
    *out = packed;
    return count;
}

/* ---- symbols ---- */

/* Whether the name is the first part of a dotted path; *rest is what comes behind its dot. */
static bool part_take(const char *path, const char *name, const char **rest) {
    const size_t size = strlen(name);
    if (strncmp(path, name, size) != 0) {
        return false;
    }
    if (path[size] == '\0') {
        *rest = path + size;
        return true;
    }
    *rest = path + size + 1;
    return path[size] == '.' && path[size + 1] != '\0';
}

/* Values are named in the scope of their enum, not within it. */
static bool enum_declares(const Google__Protobuf__EnumDescriptorProto *proto, const char *path) {
    if (strcmp(proto->name, path) == 0) {
        return true;
    }
    for (size_t i = 0; i < proto->n_value; i++) {
        if (strcmp(proto->value[i]->name, path) == 0) {
            return true;
        }
    }
    return false;
}

static bool service_declares(const Google__Protobuf__ServiceDescriptorProto *proto,
                             const char *path) {
    const char *rest = NULL;
    if (!part_take(path, proto->name, &rest)) {
        return false;
    }
    if (*rest == '\0') {
        return true;
    }
    for (size_t i = 0; i < proto->n_method; i++) {
        if (strcmp(proto->method[i]->name, rest) == 0) {
            return true;
        }
    }
    return false;
}

static bool fields_declare(Google__Protobuf__FieldDescriptorProto *const *fields, size_t count,
                           const char *path) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(fields[i]->name, path) == 0) {
            return true;
        }
    }
    return false;
}

/* What a message declares besides messages. */
static bool message_declares(const Google__Protobuf__DescriptorProto *proto, const char *path) {
    for (size_t i = 0; i < proto->n_enum_type; i++) {
        if (enum_declares(proto->enum_type[i], path)) {
            return true;
        }
    }
    for (size_t i = 0; i < proto->n_oneof_decl; i++) {
        if (strcmp(proto->oneof_decl[i]->name, path) == 0) {
            return true;
        }
    }
    return fields_declare(proto->field, proto->n_field, path) ||
           fields_declare(proto->extension, proto->n_extension, path);
}

/* Walks down the messages that the path names, then looks for its last part. */
static bool messages_declare(Google__Protobuf__DescriptorProto *const *messages, size_t count,
                             const char *path) {
    for (size_t depth = 0; depth < MESSAGE_DEPTH_MAX; depth++) {
        const Google__Protobuf__DescriptorProto *inner = NULL;
        const char *rest = NULL;
        for (size_t i = 0; i < count && inner == NULL; i++) {
            inner = part_take(path, messages[i]->name, &rest) ? messages[i] : NULL;
        }
        if (inner == NULL) {
            return false;
        }
        if (*rest == '\0' || message_declares(inner, rest)) {
            return true;
        }
        messages = inner->nested_type;
        count = inner->n_nested_type;
        path = rest;
    }
    return false;
}

static bool file_declares(const Google__Protobuf__FileDescriptorProto *proto, const char *symbol) {
    const char *path = symbol;
    if (proto->package != NULL && proto->package[0] != '\0' &&
        !part_take(symbol, proto->package, &path)) {
        return false;
    }
    for (size_t i = 0; i < proto->n_service; i++) {
        if (service_declares(proto->service[i], path)) {
            return true;
        }
    }
    for (size_t i = 0; i < proto->n_enum_type; i++) {
        if (enum_declares(proto->enum_type[i], path)) {
            return true;
        }
    }
    return fields_declare(proto->extension, proto->n_extension, path) ||
           messages_declare(proto->message_type, proto->n_message_type, path);
}

const struct descriptors_file *descriptors_file_of_symbol(const struct descriptors *descriptors,
                                                          const char *symbol) {
    for (size_t i = 0; i < descriptors->count; i++) {
        if (file_declares(descriptors->files[i].proto, symbol)) {
            return &descriptors->files[i];
        }
    }
    return NULL;
}

/* ---- methods ---- */

static const Google__Protobuf__ServiceDescriptorProto *
service_find(const Google__Protobuf__FileDescriptorProto *proto, const char *name) {
    const char *path = name;
    if (proto->package != NULL && proto->package[0] != '\0' &&
        !part_take(name, proto->package, &path)) {
        return NULL;
    }
    for (size_t i = 0; i < proto->n_service; i++) {
        if (strcmp(proto->service[i]->name, path) == 0) {
            return proto->service[i];
        }
    }
    return NULL;
}

bool descriptors_method(const struct descriptors *descriptors, const char *service,
                        const char *method, struct descriptors_streams *out) {
    for (size_t i = 0; i < descriptors->count; i++) {
        const Google__Protobuf__ServiceDescriptorProto *found =
            service_find(descriptors->files[i].proto, service);
        for (size_t k = 0; found != NULL && k < found->n_method; k++) {
            const Google__Protobuf__MethodDescriptorProto *proto = found->method[k];
            if (strcmp(proto->name, method) == 0) {
                *out = (struct descriptors_streams){
                    .client = proto->has_client_streaming && proto->client_streaming,
                    .server = proto->has_server_streaming && proto->server_streaming,
                };
                return true;
            }
        }
    }
    return false;
}
