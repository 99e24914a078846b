/* Derived keys and fingerprints against values made with Python's hashlib.blake2b. */

#include <criterion/criterion.h>

#include "server/vault/vault.h"

static void init(void) { cr_assert_eq(vault_init().code, STATUS_OK); }

TestSuite(vault, .init = init);

/* The key 00 01 02 … 1f. */
static struct vault_key counting_key(void) {
    struct vault_key key;
    for (size_t i = 0; i < VAULT_KEY_SIZE; i++) {
        key.bytes[i] = (uint8_t)i;
    }
    return key;
}

static struct fingerprint fingerprint_of(const char *first, const char *second) {
    const struct vault_key key = counting_key();
    const struct bytes parts[] = {bytes_of_string(first), bytes_of_string(second)};
    return vault_fingerprint(&key, parts, 2);
}

static bool same(struct fingerprint a, struct fingerprint b) {
    return memcmp(a.bytes, b.bytes, VAULT_FINGERPRINT_SIZE) == 0;
}

Test(vault, init_may_be_called_again) { cr_assert_eq(vault_init().code, STATUS_OK); }

Test(vault, fingerprint_is_the_keyed_hash_of_sizes_and_parts) {
    static const struct fingerprint expected = {{0x1d, 0x0b, 0xa8, 0x91, 0xea, 0xa2, 0x6c, 0x2a,
                                                 0x94, 0xe7, 0xcf, 0xd8, 0xe5, 0xf7, 0xca, 0x18}};
    static const struct fingerprint expected_none = {{0x3d, 0xaf, 0x97, 0xbc, 0xe7, 0x88, 0x8f,
                                                      0xd5, 0x97, 0x73, 0xc6, 0x6b, 0xf6, 0x47,
                                                      0x45, 0x9c}};
    static const struct fingerprint expected_empty = {{0x13, 0xbf, 0x7e, 0x01, 0xdf, 0x7b, 0xe8,
                                                       0x2c, 0x21, 0xb1, 0xb4, 0x19, 0x8f, 0x11,
                                                       0x88, 0x97}};
    const struct vault_key key = counting_key();
    const struct bytes empty = bytes_of(NULL, 0);

    cr_assert(same(fingerprint_of("email", "a@b.example"), expected));
    cr_assert(same(vault_fingerprint(&key, NULL, 0), expected_none));
    cr_assert(same(vault_fingerprint(&key, &empty, 1), expected_empty));
}

Test(vault, fingerprint_tells_where_parts_end) {
    const struct fingerprint whole = fingerprint_of("ab", "c");

    cr_assert(same(whole, fingerprint_of("ab", "c")));
    cr_assert_not(same(whole, fingerprint_of("a", "bc")));
    cr_assert_not(same(whole, fingerprint_of("abc", "")));
    cr_assert_not(same(whole, fingerprint_of("", "abc")));
    cr_assert_not(same(whole, fingerprint_of("c", "ab")));
}

Test(vault, fingerprint_depends_on_the_key) {
    struct vault_key other = counting_key();
    other.bytes[31] ^= 1;
    const struct bytes parts[] = {bytes_of_string("ab"), bytes_of_string("c")};

    cr_assert_not(same(vault_fingerprint(&other, parts, 2), fingerprint_of("ab", "c")));
}

Test(vault, derived_key_is_that_of_crypto_kdf) {
    static const struct vault_key expected = {{0xc5, 0x33, 0x77, 0x09, 0x51, 0x08, 0xce, 0x46,
                                               0xa0, 0x52, 0x25, 0xb6, 0x78, 0x23, 0x8a, 0x0d,
                                               0x27, 0xcd, 0xc7, 0x9f, 0x24, 0xa7, 0xb3, 0xc5,
                                               0xcd, 0x98, 0xd9, 0xdb, 0x99, 0xa1, 0x20, 0x1a}};
    const struct vault_key key = counting_key();
    struct vault_key derived;

    vault_derive(&key, "exampleA", 7, &derived);

    cr_assert_arr_eq(derived.bytes, expected.bytes, VAULT_KEY_SIZE);
}

Test(vault, derived_keys_differ_by_context_and_number) {
    const struct vault_key key = counting_key();
    struct vault_key first;
    struct vault_key other;
    vault_derive(&key, "exampleA", 7, &first);

    vault_derive(&key, "exampleA", 8, &other);
    cr_assert_arr_neq(first.bytes, other.bytes, VAULT_KEY_SIZE);
    vault_derive(&key, "exampleB", 7, &other);
    cr_assert_arr_neq(first.bytes, other.bytes, VAULT_KEY_SIZE);
}

Test(vault, random_fills_all_and_never_the_same) {
    uint8_t first[64] = {0};
    uint8_t second[64] = {0};

    random_fill(vault_random(), first, sizeof first);
    random_fill(vault_random(), second, sizeof second);

    cr_assert_arr_neq(first, second, sizeof first);
    cr_assert_arr_neq(first + 32, second + 32, 32);
}

Test(vault, wiped_key_is_zero) {
    static const struct vault_key zero;
    struct vault_key key = counting_key();

    vault_wipe(&key);

    cr_assert_arr_eq(key.bytes, zero.bytes, VAULT_KEY_SIZE);
}
