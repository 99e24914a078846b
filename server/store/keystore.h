#pragma once
/* The keystore: a random key for each profile, in an engine of its own beside the data and outside
 * its backups, so that destroying a key erases the person in every copy.
 *
 * Keys are numbered slots in blocks of KEYSTORE_BLOCK_SLOTS, made ahead of use. A block of keys is
 * sealed under a random block key, the block key under a key derived from the root key. Taking a
 * slot writes nothing, except that the first of a block makes the block durable. After a restart a
 * new block is begun: slots of the old one that were not taken stay empty.
 *
 * Tables (big-endian):
 *   'F' -> format version, 4 bytes, then a text sealed under the derived key, to tell a wrong one
 *   'B' block u64 -> sealed block key (72 bytes), then the sealed keys of the block
 *   'D' day u32   -> sealed key of the day, then 01 for a second one (see keystore_day_key)
 * Example: key 42 00 00 00 00 00 00 00 03 is block 3, with slots 768 to 1023. */

#include <stdbool.h>
#include <stdint.h>

#include "server/base/random.h"
#include "server/base/status.h"
#include "server/engine/engine.h"
#include "server/vault/vault.h"

enum {
    KEYSTORE_BLOCK_SLOTS = 256,
    KEYSTORE_CACHE_BLOCKS_MAX = 4096, /* Opened blocks kept in memory, 8 KiB each. */
    KEYSTORE_DAYS_KEPT = 2,           /* Keys of days before that are destroyed. */
};

struct keystore;

enum keystore_mode {
    KEYSTORE_OPEN,
    KEYSTORE_CREATE,    /* Made when it is missing. */
    KEYSTORE_READ_ONLY, /* No slot may be taken and no day's key made. */
};

/* Opens the keystore in a directory. The root key is copied (derived from); `random` is borrowed
 * until the keystore is closed, and used by the writer only.
 * Errors: as engine_open(); KEY_INVALID when the root key is not the one that the store was made
 * with. */
MUST_USE struct status keystore_open(const char *directory, enum keystore_mode mode,
                                     const struct vault_key *root, const struct random *random,
                                     struct keystore **out);

void keystore_close(struct keystore *keystore);

/* Whether it has keys of profiles: then there is, or was, data sealed under them. */
bool keystore_has_keys(const struct keystore *keystore);

/* Takes the next free slot. Only the writer's thread calls it. The slot's key is durable when it
 * returns. */
MUST_USE struct status keystore_slot_take(struct keystore *keystore, uint64_t *out);

/* The key of a slot. Any thread. DATA_LOSS STORE_CORRUPT when the block is missing or damaged. */
MUST_USE struct status keystore_key(struct keystore *keystore, uint64_t slot,
                                    struct vault_key *out);

/* The key of a day (days since 1970 UTC), under which the answers kept for retries are sealed: with
 * it gone, no backup can open them. Made durable at first use when `create` says so (only the
 * writer's thread); without, NOT_FOUND when there is none. Making one destroys those of more than
 * KEYSTORE_DAYS_KEPT days before. */
MUST_USE struct status keystore_day_key(struct keystore *keystore, uint32_t day, bool create,
                                        struct vault_key *out);

/* The same for a day that has no key and had one: a clock that was ahead destroyed it and was set
 * back. What is sealed under the first one is gone for good, and nobody is to wonder that the
 * second one does not open it. */
MUST_USE struct status keystore_day_key_again(struct keystore *keystore, uint32_t day,
                                              struct vault_key *out);

/* Whether the key of a day is a second one; false where there is none. */
MUST_USE struct status keystore_day_is_second(struct keystore *keystore, uint32_t day, bool *out);

/* Destroys the keys of more than KEYSTORE_DAYS_KEPT days before `today`, so that they go when no
 * new one is made, too. The writer's thread only. */
MUST_USE struct status keystore_days_destroy(struct keystore *keystore, uint32_t today);
