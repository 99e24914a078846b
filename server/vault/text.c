/* Bytes as text, for tokens: libsodium's base64url without padding. */

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "server/vault/vault.h"

char *vault_text_encode(struct bytes bytes, struct arena *arena) {
    const size_t size =
        sodium_base64_ENCODED_LEN(bytes.size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *text = arena_alloc(arena, size);
    const char *written = sodium_bin2base64(text, size, bytes.data, bytes.size,
                                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    assert(written == text);
    return text;
}

bool vault_text_decode(const char *text, struct arena *arena, struct bytes *out) {
    const size_t text_size = strlen(text);
    uint8_t *data = arena_alloc(arena, text_size / 4 * 3 + 3);
    size_t size = 0;
    const char *end = NULL;
    if (sodium_base642bin(data, text_size / 4 * 3 + 3, text, text_size, NULL, &size, &end,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        end != text + text_size) {
        return false;
    }
    *out = bytes_of(data, size);
    return true;
}
