/* Sealing: XChaCha20-Poly1305, whose nonces are long enough to be random. */

#include <assert.h>
#include <sodium.h>

#include "server/vault/vault.h"

static_assert(VAULT_KEY_SIZE == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "keys");
static_assert(VAULT_NONCE_SIZE == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "nonces");
static_assert(VAULT_TAG_SIZE == crypto_aead_xchacha20poly1305_ietf_ABYTES, "tags");

/* Example: 3 bytes become 43: 24 of nonce, 3 of ciphertext, 16 of tag. */
struct bytes vault_seal(const struct vault_key *key, struct bytes associated, struct bytes plain,
                        const struct random *random, struct arena *arena) {
    assert(plain.size <= SIZE_MAX - VAULT_SEAL_OVERHEAD);
    const size_t size = plain.size + VAULT_SEAL_OVERHEAD;
    uint8_t *sealed = arena_alloc(arena, size);
    random_fill(random, sealed, VAULT_NONCE_SIZE);
    unsigned long long written = 0;
    const int failed = crypto_aead_xchacha20poly1305_ietf_encrypt(
        sealed + VAULT_NONCE_SIZE, &written, plain.data, plain.size, associated.data,
        associated.size, NULL, sealed, key->bytes);
    assert(failed == 0);
    assert(written == plain.size + VAULT_TAG_SIZE);
    return bytes_of(sealed, size);
}

struct status vault_open(const struct vault_key *key, struct bytes associated, struct bytes sealed,
                         struct arena *arena, struct bytes *out) {
    const struct status corrupt = {STATUS_DATA_LOSS, REASON_STORE_CORRUPT,
                                   "sealed data is damaged, or was sealed for something else"};
    if (sealed.size < VAULT_SEAL_OVERHEAD) {
        return corrupt;
    }
    const size_t size = sealed.size - VAULT_SEAL_OVERHEAD;
    uint8_t *plain = arena_alloc(arena, size);
    unsigned long long written = 0;
    const int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
        plain, &written, NULL, sealed.data + VAULT_NONCE_SIZE, sealed.size - VAULT_NONCE_SIZE,
        associated.data, associated.size, sealed.data, key->bytes);
    if (failed != 0) {
        return corrupt;
    }
    assert(written == size);
    *out = bytes_of(plain, size);
    return OK;
}
