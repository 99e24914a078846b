/* Randomness, derived keys, fingerprints and wiping. Sealing and the root key's file have files of
 * their own. */

#include "server/vault/vault.h"

#include <assert.h>
#include <sodium.h>

static_assert(VAULT_KEY_SIZE == crypto_kdf_KEYBYTES, "derivation takes our keys");
static_assert(VAULT_KEY_SIZE <= crypto_generichash_KEYBYTES_MAX, "fingerprints take our keys");
static_assert(VAULT_FINGERPRINT_SIZE >= crypto_generichash_BYTES_MIN, "BLAKE2b-128");
static_assert(crypto_kdf_CONTEXTBYTES == 8, "as the header says");

struct status vault_init(void) {
    if (sodium_init() < 0) {
        return (struct status){STATUS_UNAVAILABLE, REASON_NONE,
                               "the system's random source can't be used"};
    }
    return OK;
}

static void fill_from_system(void *state, uint8_t *out, size_t size) {
    (void)state;
    randombytes_buf(out, size);
}

const struct random *vault_random(void) {
    static const struct random system = {.fill = fill_from_system, .state = NULL};
    return &system;
}

void vault_derive(const struct vault_key *key, const char context[8], uint64_t number,
                  struct vault_key *out) {
    const int failed =
        crypto_kdf_derive_from_key(out->bytes, VAULT_KEY_SIZE, number, context, key->bytes);
    assert(failed == 0); /* Only a wrong size fails. */
}

/* Example: the parts "email" and "a@b.example" go in as
 * 00 00 00 05 65 6d 61 69 6c 00 00 00 0b 61 40 62 2e 65 78 61 6d 70 6c 65. */
struct fingerprint vault_fingerprint(const struct vault_key *key, const struct bytes *parts,
                                     size_t count) {
    crypto_generichash_state state;
    int failed =
        crypto_generichash_init(&state, key->bytes, VAULT_KEY_SIZE, VAULT_FINGERPRINT_SIZE);
    for (size_t i = 0; i < count; i++) {
        assert(parts[i].size <= UINT32_MAX);
        const uint32_t size = (uint32_t)parts[i].size;
        const uint8_t prefix[4] = {(uint8_t)(size >> 24), (uint8_t)(size >> 16),
                                   (uint8_t)(size >> 8), (uint8_t)size};
        failed |= crypto_generichash_update(&state, prefix, sizeof prefix);
        failed |= crypto_generichash_update(&state, parts[i].data, parts[i].size);
    }
    struct fingerprint result;
    failed |= crypto_generichash_final(&state, result.bytes, VAULT_FINGERPRINT_SIZE);
    assert(failed == 0); /* Only wrong sizes fail. */
    sodium_memzero(&state, sizeof state);
    return result;
}

void vault_wipe(struct vault_key *key) { sodium_memzero(key->bytes, VAULT_KEY_SIZE); }
