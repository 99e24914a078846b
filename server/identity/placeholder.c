/* Which texts are placeholders. The lists are what well-known systems refuse by default (Segment,
 * PostHog, Adobe) and what people type when a form insists; each line is a reason. Folding needs no
 * memory but the key: no placeholder is long. */

#include "server/identity/placeholder.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <utf8proc.h>

#include "server/base/bytes.h"
#include "server/identity/name_words.h"
#include "server/identity/text.h"

/* Characters that one character decomposes into; U+FDFA makes the most, eighteen. */
enum { DECOMPOSED_MAX = 32 };

/* Keys as they are before trimming: trimmed, they are ids and names. */
static const char *const untrimmed[] = {
    "-1", "<na>", "#value!", "#ref!", "#name?", "\\n",
};

/* Trimmed keys, for every type. */
static const char *const placeholders[] = {
    /* Nothing, as programs write it. */
    "null",
    "nil",
    "none",
    "undefined",
    "nan",
    "infinity",
    "true",
    "false",
    "objectobject",
    "objectundefined",
    "objectnull",
    /* Nothing, as people and spreadsheets write it. */
    "n/a",
    "n.a",
    "_",
    "xxx",
    "blank",
    "missing",
    "notavailable",
    "notapplicable",
    "notprovided",
    "notset",
    "notspecified",
    "notgiven",
    "noemail",
    "nophone",
    "noname",
    "tbd",
    "tba",
    "invalid",
    "deleted",
    "removed",
    "unknown",
    "unknownuser",
    "unknown_user",
    /* Somebody, anybody. */
    "anonymous",
    "anonymoususer",
    "anonymous_user",
    "anon",
    "guest",
    "guestuser",
    "guest_user",
    "visitor",
    "not_authenticated",
    "notauthenticated",
    "default",
    "system",
    /* The name of the field in place of its value. */
    "user_id",
    "userid",
    "distinct_id",
    "distinctid",
    "anonymous_id",
    "anonymousid",
    "customer_id",
    "customerid",
    "external_id",
    "email",
    "e-mail",
    "phone",
    "username",
    /* Somebody trying things out. */
    "test",
    "testing",
    "testuser",
    "test_user",
    "tester",
    "dummy",
    "sample",
    "example",
    "asdf",
    "qwerty",
    "1234567",
    "12345678",
    "123456789",
    "1234567890",
    "0123456789",
    /* Device ids that many devices have: Android's emulator, an interface without an address. */
    "9774d56d682e549c",
    "02:00:00:00:00:00",
    "020000000000",
    /* There is none; unknown; not available; not specified; nothing; without; empty;
     * guest; visitor; trial. */
    "لايوجد",
    "لاتوجد",
    "غيرمعروف",
    "غيرمعروفه",
    "مجهول",
    "مجهوله",
    "غيرمتوفر",
    "غيرمتوفره",
    "غيرمتاح",
    "غيرمحدد",
    "غيرمحدده",
    "غيرموجود",
    "غيرمسجل",
    "غيرمسجله",
    "لاشيء",
    "لاشي",
    "بدون",
    "فارغ",
    "ضيف",
    "زاير",
    "تجربه",
    "اختبار",
};

/* Trimmed keys, not where ids are plain and names are chosen. */
static const char *const weak_placeholders[] = {
    "na", "id",  "user", "void", "empty", "error",  "x",
    "xx", "abc", "123",  "1234", "12345", "123456",
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* ---- keys ---- */

/* A dash of any length, or a minus sign. */
static bool is_dash(int32_t character) {
    return character == '-' || (character >= 0x2010 && character <= 0x2015) || character == 0x2212;
}

/* Adds what a decomposed character counts as; false when there is no room. */
static bool key_add(struct placeholder_key *key, size_t *size, int32_t character) {
    if (text_is_space(character)) {
        key->has_space = true;
        return true;
    }
    const int digit = text_digit_value(character);
    const int32_t letter =
        is_dash(character) ? '-' : (digit >= 0 ? '0' + digit : name_arabic_letter(character));
    if (letter == 0) {
        return true;
    }
    utf8proc_uint8_t bytes[4];
    const size_t added = (size_t)utf8proc_encode_char(letter, bytes);
    if (*size + added >= sizeof key->text) {
        return false;
    }
    memcpy(key->text + *size, bytes, added);
    *size += added;
    key->text[*size] = '\0';
    return true;
}

/* Rule 5. */
static void key_drop_fraction(struct placeholder_key *key) {
    const size_t sign_size = key->text[0] == '-' ? 1 : 0;
    const size_t digits = strspn(key->text + sign_size, "0123456789");
    char *dot = key->text + sign_size + digits;
    if (digits > 0 && *dot == '.' && dot[1] != '\0' && dot[1 + strspn(dot + 1, "0")] == '\0') {
        *dot = '\0';
    }
}

bool placeholder_key(const char *value, struct placeholder_key *out) {
    *out = (struct placeholder_key){.has_space = false};
    size_t size = 0;
    for (const char *cursor = value; *cursor != '\0';) {
        const int32_t character = text_next(&cursor);
        if (character < 0) {
            return false;
        }
        utf8proc_int32_t parts[DECOMPOSED_MAX];
        int boundary = 0;
        const utf8proc_ssize_t count = utf8proc_decompose_char(
            character, parts, DECOMPOSED_MAX,
            UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE, &boundary);
        assert(count <= DECOMPOSED_MAX);
        for (utf8proc_ssize_t i = 0; i < count; i++) {
            if (!key_add(out, &size, parts[i])) {
                return false;
            }
        }
    }
    key_drop_fraction(out);
    return true;
}

void placeholder_key_trim(struct placeholder_key *key) {
    const char *start = NULL;
    const char *end = key->text;
    for (const char *cursor = key->text; *cursor != '\0';) {
        const char *at = cursor;
        const int32_t character = text_next(&cursor);
        if (character == '_' || !text_is_punctuation(character)) {
            start = start == NULL ? at : start;
            end = cursor;
        }
    }
    start = start == NULL ? end : start;
    const size_t size = (size_t)(end - start);
    memmove(key->text, start, size);
    key->text[size] = '\0';
}

/* ---- the lists ---- */

static bool list_has(const char *const *keys, size_t count, const char *text, size_t size) {
    for (size_t i = 0; i < count; i++) {
        if (keys[i][0] == text[0] && strlen(keys[i]) == size && memcmp(keys[i], text, size) == 0) {
            return true;
        }
    }
    return false;
}

/* The size of the placeholder that the key has several times; 0 for none. */
static size_t repeated_size(const char *text) {
    const size_t size = strlen(text);
    for (size_t part = 1; part <= size / 2; part++) {
        if (size % part == 0 && memcmp(text, text + part, size - part) == 0 &&
            list_has(placeholders, COUNT(placeholders), text, part)) {
            return part;
        }
    }
    return 0;
}

/* Leaves the one spelling in the key. */
static enum placeholder_kind find(const char *value, struct placeholder_key *key) {
    if (!placeholder_key(value, key)) {
        return PLACEHOLDER_NONE;
    }
    if (list_has(untrimmed, COUNT(untrimmed), key->text, strlen(key->text))) {
        return PLACEHOLDER_ALWAYS;
    }
    placeholder_key_trim(key);
    const size_t size = strlen(key->text);
    if (list_has(placeholders, COUNT(placeholders), key->text, size)) {
        return PLACEHOLDER_ALWAYS;
    }
    const size_t part = key->has_space ? repeated_size(key->text) : 0;
    if (part > 0) {
        key->text[part] = '\0';
        return PLACEHOLDER_ALWAYS;
    }
    return list_has(weak_placeholders, COUNT(weak_placeholders), key->text, size)
               ? PLACEHOLDER_WEAK
               : PLACEHOLDER_NONE;
}

enum placeholder_kind placeholder_kind_of(const char *value) {
    struct placeholder_key key;
    return find(value, &key);
}

const char *placeholder_spelling(const char *value, struct arena *arena) {
    struct placeholder_key key;
    return find(value, &key) != PLACEHOLDER_ALWAYS ? NULL
                                                   : arena_string(arena, bytes_of_string(key.text));
}
