#pragma once
/* The vault: keys, keyed fingerprints, sealing. The only user of libsodium. It holds no state but
 * what the caller keeps; any thread may call it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/base/arena.h"
#include "server/base/bytes.h"
#include "server/base/random.h"
#include "server/base/status.h"

enum {
    VAULT_KEY_SIZE = 32,
    VAULT_FINGERPRINT_SIZE = 16,
    VAULT_NONCE_SIZE = 24,
    VAULT_TAG_SIZE = 16,
    VAULT_SEAL_OVERHEAD = VAULT_NONCE_SIZE + VAULT_TAG_SIZE,
};

struct vault_key {
    uint8_t bytes[VAULT_KEY_SIZE];
};

struct fingerprint {
    uint8_t bytes[VAULT_FINGERPRINT_SIZE];
};

/* Once, before anything else here. */
MUST_USE struct status vault_init(void);

/* The system's random source. */
const struct random *vault_random(void);

/* Reads the root key from a file of 32 bytes in 64 hexadecimal digits and a newline. When the file
 * is missing and `create` says so, makes a random one: written under another name with mode 0400,
 * synced, then renamed. Refuses (FAILED_PRECONDITION KEY_INVALID) a file that others can read or
 * write, or that holds something else. */
MUST_USE struct status vault_root_load(const char *path, bool create, struct vault_key *out);

/* A key derived from another for one purpose: crypto_kdf (BLAKE2b) with an 8-character context and
 * a number. */
void vault_derive(const struct vault_key *key, const char context[8], uint64_t number,
                  struct vault_key *out);

/* The keyed BLAKE2b-128 of the parts. Each part goes in with its size (4 bytes, big-endian) before
 * it, so that no two lists of parts give the same input. */
struct fingerprint vault_fingerprint(const struct vault_key *key, const struct bytes *parts,
                                     size_t count);

/* Seals with XChaCha20-Poly1305 and a fresh random nonce. The result is nonce, ciphertext, tag:
 * VAULT_SEAL_OVERHEAD bytes longer, allocated from the arena. `associated` is bound to it. */
struct bytes vault_seal(const struct vault_key *key, struct bytes associated, struct bytes plain,
                        const struct random *random, struct arena *arena);

/* Opens what vault_seal() made. DATA_LOSS STORE_CORRUPT when it is not that, or was bound to
 * something else. */
MUST_USE struct status vault_open(const struct vault_key *key, struct bytes associated,
                                  struct bytes sealed, struct arena *arena, struct bytes *out);

/* Overwrites a key that is needed no more. */
void vault_wipe(struct vault_key *key);

/* Bytes as text of base64url characters without padding, NUL-terminated, in the arena. */
char *vault_text_encode(struct bytes bytes, struct arena *arena);

/* Reads what vault_text_encode() wrote; false when it is not that. */
bool vault_text_decode(const char *text, struct arena *arena, struct bytes *out);
