/* Phone numbers. libphonenumber knows the numbering plans; here is what it leaves to its users:
 * cleaning what people and channels wrap round a number, deciding between the readings that digits
 * alone allow, and folding what a country writes in two ways. */

#include "server/identity/phone.h"

#include <assert.h>
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "server/identity/phone_shim.h"
#include "server/identity/text.h"

enum {
    DIGITS_MAX = 40,               /* More than any number with prefixes has. */
    INTERNATIONAL_DIGITS_MIN = 10, /* Digits without a + or 00 are not read as international below
                                      this: too many national numbers would be. */
    REGION_SIZE = 2,
    SETTLE_ROUNDS_MAX = 4, /* Two suffice for all that anybody has. */
};

static struct status invalid(const char *text) {
    return status_of(STATUS_INVALID_ARGUMENT, REASON_FIELD_INVALID, text);
}

/* ---- regions and country codes ---- */

/* Writes the region in upper case; false when it has not the form of one. */
static bool region_read(const char *region, char out[REGION_SIZE + 1]) {
    if (strlen(region) != REGION_SIZE || !isalpha((unsigned char)region[0]) ||
        !isalpha((unsigned char)region[1])) {
        return false;
    }
    for (size_t i = 0; i <= REGION_SIZE; i++) {
        out[i] = (char)toupper((unsigned char)region[i]);
    }
    return true;
}

bool phone_region_is_known(const char *region) {
    char upper[REGION_SIZE + 1];
    return region_read(region, upper) && phone_shim_region_is_known(upper);
}

/* Country codes are prefix-free (ITU-T E.164): 1 and 7 alone, these pairs, all others of three. */
static size_t country_code_size(const char *digits) {
    static const char pairs[] = "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 "
                                "55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98";
    const size_t size = strlen(digits);
    if (size <= 1 || digits[0] == '1' || digits[0] == '7') {
        return size == 0 ? 0 : 1;
    }
    for (const char *pair = pairs;; pair += 3) {
        if (pair[0] == digits[0] && pair[1] == digits[1]) {
            return 2;
        }
        if (pair[2] == '\0') {
            return size < 3 ? size : 3;
        }
    }
}

const char *phone_national_part(const char *e164) {
    const char *digits = *e164 == '+' ? e164 + 1 : e164;
    return digits + country_code_size(digits);
}

/* ---- the short way ---- */

/* Ranges of mobile numbers of one length, by their E.164 prefix. Every number in one is its own
 * canonical form: of a length that the country has, with nothing that libphonenumber would strip
 * and no country rule below. tests/identity/phone_test.c holds random numbers of each range against
 * the long way, which takes about 10 microseconds more. */
struct plain_range {
    const char *prefix;
    size_t digits; /* In all, those of the prefix included. */
};

static const struct plain_range plain_ranges[] = {
    {"201", 12},  /* Egypt */
    {"2126", 12}, /* Morocco */
    {"2162", 11}, /* Tunisia */
    {"2189", 12}, /* Libya */
    {"336", 11},  /* France */
    {"447", 12},  /* United Kingdom */
    {"905", 12},  /* Turkey */
    {"919", 12},  /* India */
    {"923", 12},  /* Pakistan */
    {"9627", 12}, /* Jordan */
    {"9647", 13}, /* Iraq */
    {"9655", 11}, /* Kuwait */
    {"9656", 11}, /* Kuwait */
    {"9659", 11}, /* Kuwait */
    {"9665", 12}, /* Saudi Arabia */
    {"9689", 11}, /* Oman */
    {"9715", 12}, /* United Arab Emirates */
    {"9733", 11}, /* Bahrain */
    {"9743", 11}, /* Qatar */
    {"9745", 11}, /* Qatar */
    {"9746", 11}, /* Qatar */
};

/* Whether the value is + and digits in a plain range. */
static bool is_plain(const char *value) {
    if (*value != '+') {
        return false;
    }
    const char *digits = value + 1;
    const size_t size = strspn(digits, "0123456789");
    if (digits[size] != '\0') {
        return false;
    }
    for (size_t i = 0; i < sizeof plain_ranges / sizeof plain_ranges[0]; i++) {
        const struct plain_range *range = &plain_ranges[i];
        if (size == range->digits && strncmp(digits, range->prefix, strlen(range->prefix)) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- cleaning ---- */

/* A number as written: its digits, and whether the writing says that it is international. */
struct dialled {
    char digits[DIGITS_MAX + 1];
    size_t count;
    bool is_international;
};

/* What people put between digits: spaces, dashes, dots, brackets, slashes, invisible marks. */
static bool is_separator(int32_t character) {
    if (character > 0 && character < 0x80) {
        return strchr(" \t-.()[]/", character) != NULL;
    }
    return text_is_space(character) || text_is_invisible(character) ||
           (character >= 0x2010 && character <= 0x2015) || character == 0x2212 ||
           character == 0x00AD || character == 0x30FC;
}

/* Whether the text behind the digits says that an extension follows. */
static bool is_extension(const char *text) {
    return strncasecmp(text, "ext", 3) == 0 || strchr("xX#,;*", *text) != NULL;
}

/* Reads separators, a + before the first digit, and digits. */
static struct status dialled_read(const char *text, struct dialled *out) {
    *out = (struct dialled){.count = 0};
    for (const char *cursor = text; *cursor != '\0';) {
        const char *at = cursor;
        const int32_t character = text_next(&cursor);
        const int digit = text_digit_value(character);
        if (digit >= 0) {
            if (out->count == DIGITS_MAX) {
                return invalid("is too long for a phone number");
            }
            out->digits[out->count++] = (char)('0' + digit);
        } else if (character == '+' && out->count == 0 && !out->is_international) {
            out->is_international = true;
        } else if (!is_separator(character)) {
            return invalid(out->count > 0 && is_extension(at)
                               ? "has an extension"
                               : "has a character that no phone number has");
        }
    }
    return out->count == 0 ? invalid("has no digit") : OK;
}

/* Digits after 00, or 00 after a +, are international: no country code begins with 0. What starts
 * with one 0 is national, whatever + stands before it. */
static void dialled_strip_prefix(struct dialled *dialled) {
    const size_t zeros = strspn(dialled->digits, "0");
    if (zeros == 0) {
        return;
    }
    dialled->is_international = zeros >= 2;
    if (zeros >= 2) {
        dialled->count -= zeros;
        memmove(dialled->digits, dialled->digits + zeros, dialled->count + 1);
    }
}

/* Takes off the .0 that a spreadsheet lays behind a number it takes for a quantity: digits alone,
 * one dot and zeros. Dots that people write stand between groups of digits. */
static const char *strip_fraction(const char *text, struct arena *arena) {
    const char *whole = *text == '+' ? text + 1 : text;
    const char *at = whole;
    for (const char *next = at; text_digit_value(text_next(&next)) >= 0;) {
        at = next;
    }
    if (at == whole || *at != '.' || at[1] == '\0') {
        return text;
    }
    for (const char *cursor = at + 1; *cursor != '\0';) {
        if (text_digit_value(text_next(&cursor)) != 0) {
            return text;
        }
    }
    return arena_string(arena, bytes_of(text, (size_t)(at - text)));
}

/* Takes off what channels wrap round a number: tel: with its parameters (RFC 3966), the host and
 * the device of a WhatsApp id. */
static struct status unwrap(const char *text, struct arena *arena, const char **out,
                            bool *is_account) {
    const size_t size = strlen(text);
    const size_t hosted = strcspn(text, "@");
    *is_account = hosted < size;
    if (*is_account) {
        if (strcasecmp(text + hosted, "@s.whatsapp.net") != 0 &&
            strcasecmp(text + hosted, "@c.us") != 0) {
            return invalid("has a character that no phone number has");
        }
        *out = arena_string(arena, bytes_of(text, strcspn(text, "@:")));
        return OK;
    }
    if (strncasecmp(text, "tel:", 4) != 0) {
        *out = text;
        return OK;
    }
    const char *number = text + 4;
    if (strcasestr(number, ";ext=") != NULL) {
        return invalid("has an extension");
    }
    const char *context = strcasestr(number, ";phone-context=+");
    const size_t number_size = strcspn(number, ";");
    const bool needs_context = context != NULL && *number != '+';
    context = needs_context ? context + strlen(";phone-context=") : "";
    *out = arena_format(arena, "%.*s%.*s", (int)strcspn(context, ";"), context, (int)number_size,
                        number);
    return OK;
}

/* ---- reading ---- */

/* One reading of the digits. */
struct reading {
    enum phone_shim_result result;
    char e164[PHONE_E164_SIZE_MAX];
};

static struct reading read_international(const char *digits) {
    char number[DIGITS_MAX + 2];
    /* Benin's plan of 2024 is younger than the metadata: 01 before the eight digits that it knows.
     * fold_benin() puts it back. */
    const bool is_new_benin = strncmp(digits, "22901", 5) == 0 && strlen(digits) == 13;
    const int size = is_new_benin ? snprintf(number, sizeof number, "+229%s", digits + 5)
                                  : snprintf(number, sizeof number, "+%s", digits);
    assert(size > 0 && (size_t)size < sizeof number);
    struct reading reading;
    reading.result = phone_shim_parse(number, "ZZ", reading.e164);
    return reading;
}

static struct reading read_national(const char *digits, const char *region) {
    const bool is_new_benin =
        strcmp(region, "BJ") == 0 && strncmp(digits, "01", 2) == 0 && strlen(digits) == 10;
    struct reading reading;
    reading.result = phone_shim_parse(is_new_benin ? digits + 2 : digits, region, reading.e164);
    return reading;
}

static bool is_usable(const struct reading *reading) {
    return reading->result == PHONE_SHIM_VALID || reading->result == PHONE_SHIM_POSSIBLE;
}

static const char *reading_fault(enum phone_shim_result result) {
    switch (result) {
    case PHONE_SHIM_TOO_SHORT:
        return "is too short for a phone number";
    case PHONE_SHIM_TOO_LONG:
        return "is too long for a phone number";
    case PHONE_SHIM_BAD_LENGTH:
        return "is not a phone number of the country or region: digits are missing, wrong or too "
               "many";
    case PHONE_SHIM_NO_COUNTRY:
        return "has a country code that does not exist";
    case PHONE_SHIM_EXTENSION:
        return "has an extension";
    case PHONE_SHIM_VALID:
    case PHONE_SHIM_POSSIBLE:
    case PHONE_SHIM_NOT_A_NUMBER:
        break;
    }
    return "is not a phone number";
}

/* ---- what countries write in two ways ---- */

/* Brazil: mobiles got a 9 before their eight digits (ANATEL, 2012 to 2016); WhatsApp still knows
 * many without. Fixed lines begin with 2 to 5. +55 11 12345678 is +55 11 912345678. */
static const char *fold_brazil(const char *e164, struct arena *arena) {
    const char *national = e164 + 3;
    if (strlen(national) != 10 || national[0] == '0' || national[1] == '0' ||
        (national[2] >= '2' && national[2] <= '5')) {
        return e164;
    }
    const char *folded = arena_format(arena, "+55%.2s9%s", national, national + 2);
    return read_international(folded + 1).result == PHONE_SHIM_VALID ? folded : e164;
}

/* Mexico: a 1 stood before mobiles that were called from abroad, until 2019.
 * +52 1 55 12345678 is +52 55 12345678. */
static const char *fold_mexico(const char *e164, struct arena *arena) {
    const char *national = e164 + 3;
    return strlen(national) == 11 && *national == '1' ? arena_format(arena, "+52%s", national + 1)
                                                      : e164;
}

/* Argentina: a 9 stands before mobiles that are called from abroad. Both forms are valid; the one
 * without is that of fixed lines too, whose numbers are different ones.
 * +54 9 11 23456789 is +54 11 23456789. */
static const char *fold_argentina(const char *e164, struct arena *arena) {
    const char *national = e164 + 3;
    return strlen(national) == 11 && *national == '9' ? arena_format(arena, "+54%s", national + 1)
                                                      : e164;
}

/* Benin: fixed lines and mobiles got 01 before their eight digits (ARCEP, November 2024); what
 * begins with 8 did not. +229 95123456 is +229 01 95123456. */
static const char *fold_benin(const char *e164, struct arena *arena) {
    const char *national = e164 + 4;
    return strlen(national) == 8 && *national != '8' ? arena_format(arena, "+22901%s", national)
                                                     : e164;
}

static const char *fold_country(const char *e164, struct arena *arena) {
    if (strncmp(e164, "+229", 4) == 0) {
        return fold_benin(e164, arena);
    }
    if (strncmp(e164, "+55", 3) == 0) {
        return fold_brazil(e164, arena);
    }
    if (strncmp(e164, "+52", 3) == 0) {
        return fold_mexico(e164, arena);
    }
    return strncmp(e164, "+54", 3) == 0 ? fold_argentina(e164, arena) : e164;
}

/* ---- deciding ---- */

/* The reading that counts: the first if it is in a known range, else the second if that is, else
 * the first if its length is right, else the second if that is. */
static const struct reading *better(const struct reading *first, const struct reading *second) {
    if (first->result == PHONE_SHIM_VALID || second->result == PHONE_SHIM_VALID) {
        return first->result == PHONE_SHIM_VALID ? first : second;
    }
    return is_usable(first) || !is_usable(second) ? first : second;
}

/* A national reading in a range that the metadata does not know counts only when a country rule
 * brings it into one it does know, or when it is the whole number as written, without a leading 0,
 * and as long as a mobile number of the country. */
static struct reading demand_national(struct reading reading, const char *digits,
                                      struct arena *arena) {
    if (reading.result != PHONE_SHIM_POSSIBLE) {
        return reading;
    }
    const char *folded = fold_country(reading.e164, arena);
    const bool is_folded = strcmp(folded, reading.e164) != 0 &&
                           read_international(folded + 1).result == PHONE_SHIM_VALID;
    const bool is_whole = *digits != '0' &&
                          strcmp(phone_national_part(reading.e164), digits) == 0 &&
                          phone_shim_has_mobile_length(reading.e164);
    if (!is_folded && !is_whole) {
        reading.result = PHONE_SHIM_BAD_LENGTH;
    }
    return reading;
}

/* Reads the digits in the ways that they can mean, `region` being NULL for none. */
static struct status read_digits(const struct dialled *dialled, const char *region,
                                 enum phone_use use, struct arena *arena, struct reading *out) {
    const bool may_be_international =
        dialled->digits[0] != '0' &&
        (use == PHONE_ACCOUNT || dialled->count >= INTERNATIONAL_DIGITS_MIN);
    if (dialled->is_international || (use == PHONE_ACCOUNT && region == NULL)) {
        *out = read_international(dialled->digits);
    } else if (region == NULL) {
        return invalid("is a national number and no known region is given");
    } else if (!may_be_international) {
        *out = demand_national(read_national(dialled->digits, region), dialled->digits, arena);
    } else {
        const struct reading national =
            demand_national(read_national(dialled->digits, region), dialled->digits, arena);
        struct reading international = read_international(dialled->digits);
        if (use == PHONE_DIALLED && international.result == PHONE_SHIM_POSSIBLE) {
            international.result = PHONE_SHIM_NOT_A_NUMBER; /* Without a +, too weak a guess. */
        }
        *out = use == PHONE_ACCOUNT ? *better(&international, &national)
                                    : *better(&national, &international);
    }
    return is_usable(out) ? OK : invalid(reading_fault(out->result));
}

/* Reads an E.164 number again until that changes nothing: what is a number in one reading can be a
 * prefix and a number in the next, and what cannot be read again is none. A number that was read
 * from `digits` as they stand needs no second reading, nor does one of a plain range. */
static struct status settle(const char *e164, const char *digits, struct arena *arena,
                            const char **out) {
    if (is_plain(e164)) {
        *out = e164;
        return OK;
    }
    for (int round = 0; round < SETTLE_ROUNDS_MAX; round++) {
        const char *folded = fold_country(e164, arena);
        if (strcmp(folded + 1, digits) == 0) {
            *out = folded;
            return OK;
        }
        digits = folded + 1;
        const struct reading again = read_international(digits);
        if (!is_usable(&again)) {
            return invalid(reading_fault(again.result));
        }
        e164 = arena_string(arena, bytes_of_string(again.e164));
    }
    return invalid("is not a phone number");
}

/* ---- the whole ---- */

struct status phone_canonicalise(const char *value, const char *region, enum phone_use use,
                                 struct arena *arena, const char **out) {
    if (is_plain(value)) {
        *out = arena_string(arena, bytes_of_string(value));
        return OK;
    }
    const char *text = NULL;
    if (!text_nfkc(value, arena, &text)) {
        return invalid("is not UTF-8");
    }
    text = strip_fraction(text_trim(text, arena), arena);
    bool is_account = false;
    TRY(unwrap(text, arena, &text, &is_account));
    struct dialled dialled;
    TRY(dialled_read(text, &dialled));
    dialled_strip_prefix(&dialled);

    char upper[REGION_SIZE + 1];
    const bool is_known = phone_region_is_known(region) && region_read(region, upper);
    struct reading reading;
    TRY(read_digits(&dialled, is_known ? upper : NULL, is_account ? PHONE_ACCOUNT : use, arena,
                    &reading));
    return settle(arena_string(arena, bytes_of_string(reading.e164)),
                  dialled.is_international ? dialled.digits : "", arena, out);
}
