/* Sealing: the test vector of draft-irtf-cfrg-xchacha-03, A.3.1, and that nothing else opens. */

#include <criterion/criterion.h>

#include "server/vault/vault.h"
#include "tests/engine/leaks.h"
#include "tests/engine/seeded.h"

static const struct vault_key key = {{0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87,
                                      0x88, 0x89, 0x8a, 0x8b, 0x8c, 0x8d, 0x8e, 0x8f,
                                      0x90, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97,
                                      0x98, 0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f}};
static const struct random *random_source;
static struct seeded seeded = {3};
static struct random seeded_source;
static struct arena arena;

static void init(void) {
    cr_assert_eq(vault_init().code, STATUS_OK);
    arena_init(&arena, 1 << 20);
    seeded_source = seeded_random(&seeded);
    random_source = &seeded_source;
}

static void fini(void) {
    arena_free(&arena);
    leaks_check();
}

TestSuite(seal, .init = init, .fini = fini);

static struct bytes seal(const char *associated, const char *plain) {
    return vault_seal(&key, bytes_of_string(associated), bytes_of_string(plain), random_source,
                      &arena);
}

static struct status open_with(const struct vault_key *with, const char *associated,
                               struct bytes sealed) {
    struct bytes plain = bytes_of("untouched", 9);
    const struct status status =
        vault_open(with, bytes_of_string(associated), sealed, &arena, &plain);
    if (status.code != STATUS_OK) {
        cr_assert(bytes_equal(plain, bytes_of("untouched", 9)));
    }
    return status;
}

/* The vector's nonce: 40 41 42 … 57. */
static void fill_counting(void *state, uint8_t *out, size_t size) {
    (void)state;
    for (size_t i = 0; i < size; i++) {
        out[i] = (uint8_t)(0x40 + i);
    }
}

Test(seal, known_answer) {
    static const uint8_t associated[] = {0x50, 0x51, 0x52, 0x53, 0xc0, 0xc1,
                                         0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7};
    static const char plain[] = "Ladies and Gentlemen of the class of '99: If I could offer you "
                                "only one tip for the future, sunscreen would be it.";
    static const uint8_t expected[] = {
        0xbd, 0x6d, 0x17, 0x9d, 0x3e, 0x83, 0xd4, 0x3b, 0x95, 0x76, 0x57, 0x94, 0x93, 0xc0, 0xe9,
        0x39, 0x57, 0x2a, 0x17, 0x00, 0x25, 0x2b, 0xfa, 0xcc, 0xbe, 0xd2, 0x90, 0x2c, 0x21, 0x39,
        0x6c, 0xbb, 0x73, 0x1c, 0x7f, 0x1b, 0x0b, 0x4a, 0xa6, 0x44, 0x0b, 0xf3, 0xa8, 0x2f, 0x4e,
        0xda, 0x7e, 0x39, 0xae, 0x64, 0xc6, 0x70, 0x8c, 0x54, 0xc2, 0x16, 0xcb, 0x96, 0xb7, 0x2e,
        0x12, 0x13, 0xb4, 0x52, 0x2f, 0x8c, 0x9b, 0xa4, 0x0d, 0xb5, 0xd9, 0x45, 0xb1, 0x1b, 0x69,
        0xb9, 0x82, 0xc1, 0xbb, 0x9e, 0x3f, 0x3f, 0xac, 0x2b, 0xc3, 0x69, 0x48, 0x8f, 0x76, 0xb2,
        0x38, 0x35, 0x65, 0xd3, 0xff, 0xf9, 0x21, 0xf9, 0x66, 0x4c, 0x97, 0x63, 0x7d, 0xa9, 0x76,
        0x88, 0x12, 0xf6, 0x15, 0xc6, 0x8b, 0x13, 0xb5, 0x2e, 0xc0, 0x87, 0x59, 0x24, 0xc1, 0xc7,
        0x98, 0x79, 0x47, 0xde, 0xaf, 0xd8, 0x78, 0x0a, 0xcf, 0x49};
    const struct random counting = {.fill = fill_counting, .state = NULL};

    const struct bytes sealed = vault_seal(&key, bytes_of(associated, sizeof associated),
                                           bytes_of_string(plain), &counting, &arena);

    cr_assert_eq(sealed.size, VAULT_NONCE_SIZE + sizeof expected);
    for (size_t i = 0; i < VAULT_NONCE_SIZE; i++) {
        cr_assert_eq(sealed.data[i], 0x40 + i);
    }
    cr_assert_arr_eq(sealed.data + VAULT_NONCE_SIZE, expected, sizeof expected);
}

Test(seal, opens_to_what_was_sealed) {
    static const char *const plains[] = {"", "x", "a text of several words"};
    for (size_t i = 0; i < sizeof plains / sizeof *plains; i++) {
        const struct bytes sealed = seal("profile", plains[i]);
        cr_assert_eq(sealed.size, strlen(plains[i]) + VAULT_SEAL_OVERHEAD);

        struct bytes plain;
        const struct status status =
            vault_open(&key, bytes_of_string("profile"), sealed, &arena, &plain);

        cr_assert_eq(status.code, STATUS_OK);
        cr_assert(bytes_equal(plain, bytes_of_string(plains[i])));
        cr_assert_not_null(plain.data);
    }
}

Test(seal, same_plain_never_looks_the_same) {
    const struct bytes first = seal("profile", "plain");
    const struct bytes second = seal("profile", "plain");

    cr_assert_not(bytes_equal(first, second));
}

Test(seal, any_changed_bit_is_corrupt) {
    const struct bytes sealed = seal("profile", "plain");
    for (size_t bit = 0; bit < sealed.size * 8; bit++) {
        const struct bytes changed = arena_copy(&arena, sealed);
        ((uint8_t *)changed.data)[bit / 8] ^= (uint8_t)(1U << bit % 8);

        const struct status status = open_with(&key, "profile", changed);

        cr_assert_eq(status.code, STATUS_DATA_LOSS);
        cr_assert_eq(status.reason, REASON_STORE_CORRUPT);
    }
}

Test(seal, any_cut_is_corrupt) {
    const struct bytes sealed = seal("profile", "plain");
    for (size_t size = 0; size < sealed.size; size++) {
        cr_assert_eq(open_with(&key, "profile", bytes_of(sealed.data, size)).reason,
                     REASON_STORE_CORRUPT);
    }
    cr_assert_eq(open_with(&key, "profile", bytes_of(NULL, 0)).reason, REASON_STORE_CORRUPT);
}

Test(seal, other_binding_is_corrupt) {
    const struct bytes sealed = seal("profile", "plain");

    cr_assert_eq(open_with(&key, "profilf", sealed).reason, REASON_STORE_CORRUPT);
    cr_assert_eq(open_with(&key, "profile2", sealed).reason, REASON_STORE_CORRUPT);
    cr_assert_eq(open_with(&key, "", sealed).reason, REASON_STORE_CORRUPT);
    cr_assert_eq(open_with(&key, "profile", sealed).code, STATUS_OK);
}

Test(seal, other_key_is_corrupt) {
    const struct bytes sealed = seal("profile", "plain");
    struct vault_key other = key;
    other.bytes[0] ^= 1;

    cr_assert_eq(open_with(&other, "profile", sealed).reason, REASON_STORE_CORRUPT);
}
