/* The built-in attributes: one table row each, with the function that reads its values. */

#include "server/identity/attribute.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

#include "server/base/clock.h"
#include "server/base/day.h"
#include "server/base/nearest.h"
#include "server/identity/attribute_words.h"
#include "server/identity/country.h"
#include "server/identity/language.h"
#include "server/identity/text.h"

enum {
    ABOUT_LENGTH_MAX = 2000,
    LINE_LENGTH_MAX = 128,
    URL_LENGTH_MAX = 2048,
    BIRTH_YEAR_MIN = 1900,
    DATE_SIZE = 10, /* 2001-12-31 */
};

/* It is tomorrow already east of Greenwich, at most by this (UTC+14, Kiribati). */
#define EASTERNMOST_US (14 * US_PER_HOUR)

static struct status invalid(const char *text) {
    return status_of(STATUS_INVALID_ARGUMENT, REASON_FIELD_INVALID, text);
}

/* ---- texts ---- */

static struct status read_about(const char *value, int64_t now_us, struct arena *arena,
                                const char **out) {
    (void)now_us;
    return text_clean_lines(value, ABOUT_LENGTH_MAX, arena, out);
}

static struct status read_line(const char *value, int64_t now_us, struct arena *arena,
                               const char **out) {
    (void)now_us;
    return text_clean_line(value, LINE_LENGTH_MAX, arena, out);
}

/* Trimmed and folded; "" when it is not UTF-8, which nothing below takes. */
static const char *fold_word(const char *value, struct arena *arena) {
    const char *folded = "";
    return text_fold(value, arena, &folded) ? text_trim(folded, arena) : "";
}

static struct status read_gender(const char *value, int64_t now_us, struct arena *arena,
                                 const char **out) {
    (void)now_us;
    return attribute_word_read(ATTRIBUTE_GENDER, fold_word(value, arena), arena, out)
               ? OK
               : invalid("is none of female, male and other");
}

/* What may be told instead: all words, and the nearest one by any of its names. */
static struct status refuse_word(enum attribute attribute, const char *wrong, const char *word,
                                 struct arena *arena) {
    struct nearest nearest = nearest_begin(word);
    const char *list = "";
    size_t count = 0;
    const struct attribute_word *words = attribute_words_of(attribute, &count);
    for (size_t i = 0; i < count; i++) {
        nearest_try(&nearest, words[i].value, words[i].value);
        nearest_try(&nearest, fold_word(words[i].english, arena), words[i].value);
        nearest_try(&nearest, fold_word(words[i].arabic, arena), words[i].value);
        list = arena_format(arena, "%s%s%s", list, i == 0 ? "" : ", ", words[i].value);
    }
    return invalid(arena_format(arena, "%s; there are: %s%s%s", wrong, list,
                                nearest.name == NULL ? "" : "; the nearest is ",
                                nearest.name == NULL ? "" : nearest.name));
}

static struct status read_dialect(const char *value, int64_t now_us, struct arena *arena,
                                  const char **out) {
    const char *word = fold_word(value, arena);
    (void)now_us;
    return attribute_word_read(ATTRIBUTE_DIALECT, word, arena, out)
               ? OK
               : refuse_word(ATTRIBUTE_DIALECT, "is not a dialect", word, arena);
}

static struct status read_sub_dialect(const char *value, int64_t now_us, struct arena *arena,
                                      const char **out) {
    const char *word = fold_word(value, arena);
    (void)now_us;
    return attribute_word_read(ATTRIBUTE_SUB_DIALECT, word, arena, out)
               ? OK
               : refuse_word(ATTRIBUTE_SUB_DIALECT, "is not a sub-dialect", word, arena);
}

/* ---- codes ---- */

static struct status read_country(const char *value, int64_t now_us, struct arena *arena,
                                  const char **out) {
    (void)now_us;
    char *code = arena_string(arena, bytes_of_string(fold_word(value, arena)));
    for (char *at = code; *at != '\0'; at++) {
        *at = (char)toupper((unsigned char)*at);
    }
    if (!country_is_assigned(code)) {
        return invalid("is not a country code of ISO 3166-1 alpha-2");
    }
    *out = code;
    return OK;
}

static struct status read_language(const char *value, int64_t now_us, struct arena *arena,
                                   const char **out) {
    (void)now_us;
    char *tag = arena_string(arena, bytes_of_string(text_trim(value, arena)));
    TRY(language_canonicalise(tag));
    *out = tag;
    return OK;
}

/* ---- dates ---- */

static int days_in_month(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && is_leap ? 29 : days[month - 1];
}

/* The number that `size` ASCII digits write. */
static int digits_value(const char *digits, size_t size) {
    int value = 0;
    for (size_t i = 0; i < size; i++) {
        value = value * 10 + (digits[i] - '0');
    }
    return value;
}

/* Writes 2001-12-31 for itself and for 20011231, the extended and the basic form of ISO 8601;
 * NULL for anything else. */
static const char *date_extended(const char *date, struct arena *arena) {
    const bool is_basic = strspn(date, "0123456789") == 8 && date[8] == '\0';
    if (is_basic) {
        return arena_format(arena, "%.4s-%.2s-%.2s", date, date + 4, date + 6);
    }
    const bool is_extended = strlen(date) == DATE_SIZE && strspn(date, "0123456789") == 4 &&
                             date[4] == '-' && strspn(date + 5, "0123456789") == 2 &&
                             date[7] == '-' && strspn(date + 8, "0123456789") == 2;
    return is_extended ? date : NULL;
}

struct status attribute_day_read(const char *value, struct arena *arena, const char **out) {
    const char *date = text_ascii_digits(fold_word(value, arena), arena);
    date = date_extended(date, arena);
    if (date == NULL) {
        return invalid("is not a date in the form 2001-12-31 or 20011231");
    }
    const int month = digits_value(date + 5, 2);
    const int day = digits_value(date + 8, 2);
    if (month < 1 || month > 12 || day < 1 || day > days_in_month(digits_value(date, 4), month)) {
        return invalid("is a date that the calendar does not have");
    }
    *out = date;
    return OK;
}

static struct status read_date(const char *value, int64_t now_us, struct arena *arena,
                               const char **out) {
    const char *date = NULL;
    TRY(attribute_day_read(value, arena, &date));
    if (digits_value(date, 4) < BIRTH_YEAR_MIN) {
        return invalid("is a date before 1900");
    }
    if (strcmp(date, day_text(day_of(now_us + EASTERNMOST_US), arena)) > 0) {
        return invalid("is later than today in UTC+14, where it is latest");
    }
    *out = date;
    return OK;
}

/* ---- addresses of images ---- */

/* RFC 3986, 2: what has to be percent-encoded; beyond ASCII RFC 3987 allows it. */
static bool is_url_character(int32_t character) {
    if (character > ' ' && character < 0x7F) {
        return strchr("\"<>\\^`{|}", character) == NULL;
    }
    return character >= 0xA0 && !text_is_space(character) && !text_is_invisible(character);
}

/* Whether it is a name, an IPv4 address or an IPv6 address in brackets, and perhaps a port. */
static bool is_authority(const char *authority, size_t size) {
    size_t host_size = 0;
    if (size > 0 && authority[0] == '[') {
        host_size = 1 + strspn(authority + 1, "0123456789abcdefABCDEF:.");
        if (host_size < 4 || host_size >= size || authority[host_size] != ']') {
            return false;
        }
        host_size++;
    } else {
        for (; host_size < size && authority[host_size] != ':'; host_size++) {
            const unsigned char at = (unsigned char)authority[host_size];
            if (at < 0x80 && !isalnum(at) && strchr("-._~%", at) == NULL) {
                return false;
            }
        }
    }
    if (host_size == 0 || host_size == size) {
        return host_size > 0;
    }
    const size_t digits = strspn(authority + host_size + 1, "0123456789");
    return authority[host_size] == ':' && host_size + 1 + digits == size && digits >= 1 &&
           digits <= 5 && digits_value(authority + host_size + 1, digits) <= 65535;
}

static struct status read_url(const char *value, int64_t now_us, struct arena *arena,
                              const char **out) {
    (void)now_us;
    const char *text = NULL;
    TRY(text_clean_line(value, URL_LENGTH_MAX, arena, &text));
    for (const char *cursor = text; *cursor != '\0';) {
        if (!is_url_character(text_next(&cursor))) {
            return invalid("has a character that a URL cannot have");
        }
    }
    size_t scheme_size = 0;
    if (strncasecmp(text, "https://", 8) == 0) {
        scheme_size = 8;
    } else if (strncasecmp(text, "http://", 7) == 0) {
        scheme_size = 7;
    } else {
        return invalid("is not an absolute http or https URL");
    }
    const size_t authority_size = strcspn(text + scheme_size, "/?#");
    if (!is_authority(text + scheme_size, authority_size)) {
        return invalid("is a URL without a host, or with credentials");
    }
    /* RFC 3986, 6.2.2.1: scheme and host have no case. */
    char *url = arena_string(arena, bytes_of_string(text));
    for (size_t i = 0; i < scheme_size + authority_size; i++) {
        url[i] = (char)tolower((unsigned char)url[i]);
    }
    *out = url;
    return OK;
}

/* ---- the table ---- */

typedef struct status read_fn(const char *value, int64_t now_us, struct arena *arena,
                              const char **out);

struct row {
    struct attribute_kind kind;
    read_fn *read;
};

/* One row: whether it is personal, its type and its reader. What is not personal is in the index.
 */
#define ROW(NAME, PERSONAL, TYPE, READ)                                                            \
    {                                                                                              \
        {.name = (NAME),                                                                           \
         .personal = (PERSONAL),                                                                   \
         .indexed = !(PERSONAL),                                                                   \
         .type = ATTRIBUTE_TYPE_##TYPE},                                                           \
            (READ)                                                                                 \
    }

static const struct row rows[] = {
    [ATTRIBUTE_ABOUT] = ROW("about", true, STRING, read_about),
    [ATTRIBUTE_GIVEN_NAME] = ROW("given_name", true, STRING, read_line),
    [ATTRIBUTE_FAMILY_NAME] = ROW("family_name", true, STRING, read_line),
    [ATTRIBUTE_BIRTH_DATE] = ROW("birth_date", true, DATE, read_date),
    [ATTRIBUTE_GENDER] = ROW("gender", false, ENUM, read_gender),
    [ATTRIBUTE_COUNTRY] = ROW("country", false, COUNTRY, read_country),
    [ATTRIBUTE_CITY] = ROW("city", false, STRING, read_line),
    [ATTRIBUTE_LANGUAGE] = ROW("language", false, LANGUAGE, read_language),
    [ATTRIBUTE_DIALECT] = ROW("dialect", false, ENUM, read_dialect),
    [ATTRIBUTE_SUB_DIALECT] = ROW("sub_dialect", false, ENUM, read_sub_dialect),
    [ATTRIBUTE_JOB] = ROW("job", true, STRING, read_line),
    [ATTRIBUTE_COMPANY] = ROW("company", true, STRING, read_line),
    [ATTRIBUTE_IMAGE_URL] = ROW("image_url", true, URL, read_url),
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
static_assert(COUNT(rows) == ATTRIBUTE_COUNT, "every attribute has its row");

const struct attribute_kind *attribute_kind_of(enum attribute attribute) {
    assert((unsigned)attribute < ATTRIBUTE_COUNT);
    return &rows[attribute].kind;
}

bool attribute_find(const char *name, enum attribute *out) {
    for (size_t i = 0; i < ATTRIBUTE_COUNT; i++) {
        if (strcmp(rows[i].kind.name, name) == 0) {
            *out = (enum attribute)i;
            return true;
        }
    }
    return false;
}

struct status attribute_canonicalise(enum attribute attribute, const char *value, int64_t now_us,
                                     struct arena *arena, const char **out) {
    assert((unsigned)attribute < ATTRIBUTE_COUNT);
    if (strlen(value) > ATTRIBUTE_VALUE_SIZE_MAX) {
        return text_too_long(ATTRIBUTE_VALUE_SIZE_MAX, "bytes", arena);
    }
    return rows[attribute].read(value, now_us, arena, out);
}

struct status attribute_type_canonicalise(enum attribute_type type, const char *value,
                                          struct arena *arena, const char **out) {
    if (strlen(value) > ATTRIBUTE_VALUE_SIZE_MAX) {
        return text_too_long(ATTRIBUTE_VALUE_SIZE_MAX, "bytes", arena);
    }
    switch (type) {
    case ATTRIBUTE_TYPE_DATE:
        return attribute_day_read(value, arena, out);
    case ATTRIBUTE_TYPE_URL:
        return read_url(value, 0, arena, out);
    case ATTRIBUTE_TYPE_COUNTRY:
        return read_country(value, 0, arena, out);
    case ATTRIBUTE_TYPE_LANGUAGE:
        return read_language(value, 0, arena, out);
    case ATTRIBUTE_TYPE_STRING:
    case ATTRIBUTE_TYPE_NUMBER:
    case ATTRIBUTE_TYPE_BOOL:
    case ATTRIBUTE_TYPE_TIME:
    case ATTRIBUTE_TYPE_ENUM:
        break;
    }
    assert(false && "a type that needs a definition");
    return invalid("can't be read");
}

struct attribute_kind attribute_kind_of_form(const char *name, uint32_t form) {
    return (struct attribute_kind){.name = name,
                                   .personal = true,
                                   .type = (enum attribute_type)(form & ATTRIBUTE_FORM_TYPES),
                                   .list = (form & ATTRIBUTE_FORM_LIST) != 0,
                                   .own = true};
}

const char *attribute_index_form(const char *canonical, struct arena *arena) {
    const char *folded = "";
    const bool is_folded = text_fold(canonical, arena, &folded);
    assert(is_folded); /* Canonical values are UTF-8. */
    return folded;
}
