/* Rows that prove themselves, since no other row says what they should be. Most stand in clear
 * behind a tag. Those of what people ask for (segments, subscriptions, traits) are sealed: filters
 * name values that name a person. They are of nobody in particular, so they lie under a key of the
 * workspace, which is derived from the root key: it is not in the data, nor in copies of it. */

#include <string.h>

#include "server/store/view.h"

enum { TAGGED_HEAD_SIZE = 1 + VAULT_FINGERPRINT_SIZE };

static bool is_sealed(struct bytes key) {
    switch (key.data[0]) {
    case STORE_TABLE_SEGMENT:
    case STORE_TABLE_SEGMENT_PLACE:
    case STORE_TABLE_SUBSCRIPTION:
    case STORE_TABLE_TRAITS:
        return true;
    default:
        return false;
    }
}

static uint8_t version_of(struct bytes key) {
    return is_sealed(key) ? STORE_SEALED_ROW_VERSION : STORE_TAGGED_ROW_VERSION;
}

static struct fingerprint row_tag(const struct store *store, struct bytes key,
                                  struct bytes content) {
    const uint8_t version = version_of(key);
    const struct bytes parts[] = {bytes_of(&version, 1), key, bytes_of_string(store->workspace),
                                  content};
    return vault_fingerprint(&store->tag_key, parts, sizeof parts / sizeof *parts);
}

/* What a sealed row is bound to: the tag of a row without content. */
static struct bytes associated_of(const struct store *store, struct bytes key,
                                  struct arena *arena) {
    const struct fingerprint tag = row_tag(store, key, bytes_of(NULL, 0));
    return arena_copy(arena, bytes_of(tag.bytes, sizeof tag.bytes));
}

static struct bytes proof_of(struct store_view *view, struct bytes key, struct bytes packed) {
    struct store *store = view->store;
    if (is_sealed(key)) {
        return vault_seal(&store->row_key, associated_of(store, key, view->arena), packed,
                          store->random, view->arena);
    }
    const struct fingerprint tag = row_tag(store, key, packed);
    uint8_t *proof = arena_alloc(view->arena, sizeof tag.bytes + packed.size);
    memcpy(proof, tag.bytes, sizeof tag.bytes);
    if (packed.size > 0) {
        memcpy(proof + sizeof tag.bytes, packed.data, packed.size);
    }
    return bytes_of(proof, sizeof tag.bytes + packed.size);
}

struct status view_put_tagged(struct store_view *view, const struct store_key *key,
                              struct bytes packed) {
    TRY(view_size_check(packed));
    const struct bytes proof = proof_of(view, store_key_bytes(key), packed);
    uint8_t *value = arena_alloc(view->arena, 1 + proof.size);
    value[0] = version_of(store_key_bytes(key));
    memcpy(value + 1, proof.data, proof.size);
    view_put(view, key, bytes_of(value, 1 + proof.size));
    return OK;
}

struct status view_untagged(const struct store *store, struct bytes key, struct bytes value,
                            struct arena *arena, struct bytes *out) {
    if (value.data == NULL) {
        *out = value;
        return OK;
    }
    if (value.size > 0 && value.data[0] != version_of(key)) {
        return status_of(STATUS_FAILED_PRECONDITION, REASON_STORE_VERSION,
                         "a row was written by another version of profiled");
    }
    if (value.size < TAGGED_HEAD_SIZE) {
        return store_corrupt("a tagged row is too short");
    }
    if (is_sealed(key)) {
        const struct status opened =
            vault_open(&store->row_key, associated_of(store, key, arena),
                       bytes_of(value.data + 1, value.size - 1), arena, out);
        return status_is_ok(opened) ? OK : store_corrupt("a row was changed: it does not open");
    }
    const struct bytes content =
        bytes_of(value.data + TAGGED_HEAD_SIZE, value.size - TAGGED_HEAD_SIZE);
    const struct fingerprint tag = row_tag(store, key, content);
    if (memcmp(tag.bytes, value.data + 1, sizeof tag.bytes) != 0) {
        return store_corrupt("a row was changed: its tag is that of another");
    }
    *out = content;
    return OK;
}

struct status view_get_tagged(struct store_view *view, const struct store_key *key,
                              struct bytes *out) {
    struct bytes row;
    TRY(view_get(view, key, &row));
    return view_untagged(view->store, store_key_bytes(key), row, view->arena, out);
}

struct status view_get_message(struct store_view *view, const struct store_key *key,
                               const ProtobufCMessageDescriptor *shape, ProtobufCMessage **out) {
    struct bytes row = {NULL, 0};
    *out = NULL;
    TRY(view_get_tagged(view, key, &row));
    return row.data == NULL ? OK : store_unpack(view->arena, shape, row, out);
}
