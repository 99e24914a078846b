/* BCP 47: reads a tag subtag by subtag, in the order of the grammar in RFC 5646, 2.1, and sets the
 * case of each as it is recognised. Languages, scripts and regions must be some that there are;
 * variants and extensions only have their form, and each comes once. Extended languages are
 * refused: each has a subtag of its own, by which RFC 5646, 4.5 writes it. */

#include "server/identity/language.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "server/identity/language_subtag.h"

enum { SUBTAG_SIZE_MAX = 8 };

/* RFC 5646, 2.2.8: tags from before the grammar that do not follow it. */
static const char *const irregular[] = {
    "en-GB-oed", "i-ami", "i-bnn",     "i-default", "i-enochian", "i-hak",
    "i-klingon", "i-lux", "i-mingo",   "i-navajo",  "i-pwn",      "i-tao",
    "i-tay",     "i-tsu", "sgn-BE-FR", "sgn-BE-NL", "sgn-CH-DE",
};

/* The rest of a tag that is being read. */
struct reader {
    char *at;    /* The subtag that is looked at. */
    size_t size; /* Its size; 0 at the end. */
};

static void reader_look(struct reader *reader) { reader->size = strcspn(reader->at, "-"); }

static void reader_next(struct reader *reader) {
    reader->at += reader->size;
    reader->at += *reader->at == '-' ? 1 : 0;
    reader_look(reader);
}

static bool is_all(const struct reader *reader, int (*is_kind)(int)) {
    for (size_t i = 0; i < reader->size; i++) {
        if (!is_kind((unsigned char)reader->at[i])) {
            return false;
        }
    }
    return reader->size > 0;
}

static bool is_alpha(const struct reader *reader, size_t size) {
    return reader->size == size && is_all(reader, isalpha);
}

static bool is_region(const struct reader *reader) {
    return is_alpha(reader, 2) || (reader->size == 3 && is_all(reader, isdigit));
}

/* variant = 5*8alphanum / (DIGIT 3alphanum) */
static bool is_variant(const struct reader *reader) {
    return is_all(reader, isalnum) && ((reader->size >= 5 && reader->size <= SUBTAG_SIZE_MAX) ||
                                       (reader->size == 4 && isdigit((unsigned char)*reader->at)));
}

static void upper(struct reader *reader, size_t size) {
    for (size_t i = 0; i < size; i++) {
        reader->at[i] = (char)toupper((unsigned char)reader->at[i]);
    }
}

static struct status invalid(const char *text) {
    return status_of(STATUS_INVALID_ARGUMENT, REASON_FIELD_INVALID, text);
}

/* Whether the subtag that is looked at is one of those from `first` on before it. */
static bool is_repeated(const struct reader *reader, char *first) {
    struct reader before = {.at = first};
    for (reader_look(&before); before.at < reader->at; reader_next(&before)) {
        if (before.size == reader->size && memcmp(before.at, reader->at, before.size) == 0) {
            return true;
        }
    }
    return false;
}

/* No variant twice: RFC 5646, 2.2.5. */
static bool read_variants(struct reader *reader) {
    char *const first = reader->at;
    while (is_variant(reader)) {
        if (is_repeated(reader, first)) {
            return false;
        }
        reader_next(reader);
    }
    return true;
}

/* extension = singleton 1*("-" (2*8alphanum)), privateuse = "x" 1*("-" (1*8alphanum)), to the end
 * of the tag. No singleton twice (RFC 5646, 2.2.6), but in what is private. */
static bool read_extensions(struct reader *reader) {
    char *const first = reader->at;
    bool is_private = false;
    while (reader->size == 1 && isalnum((unsigned char)*reader->at)) {
        if (is_repeated(reader, first)) {
            return false;
        }
        is_private = is_private || *reader->at == 'x';
        reader_next(reader);
        size_t count = 0;
        while (is_all(reader, isalnum) && reader->size <= SUBTAG_SIZE_MAX &&
               (reader->size >= 2 || is_private)) {
            count++;
            reader_next(reader);
        }
        if (count == 0) {
            return false;
        }
    }
    return reader->size == 0;
}

/* The first subtag, written with two letters where it has such a code: RFC 5646, 4.5. */
static struct status read_language(struct reader *reader) {
    if (!is_alpha(reader, 2) && !is_alpha(reader, 3)) {
        return invalid("is not a language tag of BCP 47, as ar or en-GB");
    }
    if (!language_subtag_is_language(reader->at, reader->size) &&
        language_subtag_preferred(reader->at, reader->size) == NULL) {
        return invalid("has a language that is none of ISO 639");
    }
    const char *preferred = language_subtag_preferred(reader->at, reader->size);
    if (preferred != NULL) {
        memcpy(reader->at, preferred, 2);
        memmove(reader->at + 2, reader->at + reader->size, strlen(reader->at + reader->size) + 1);
        reader->size = 2;
    }
    reader_next(reader);
    if (is_alpha(reader, 3)) {
        return invalid(
            "has an extended language, of three letters: a language is written by its own "
            "subtag, as yue for zh-yue, and a region by two letters, as in ar-SA");
    }
    return OK;
}

static struct status read_script(struct reader *reader) {
    if (!is_alpha(reader, 4)) {
        return OK;
    }
    if (!language_subtag_is_script(reader->at)) {
        return invalid("has a script that is none of ISO 15924");
    }
    upper(reader, 1);
    reader_next(reader);
    return OK;
}

static struct status read_region(struct reader *reader) {
    if (!is_region(reader)) {
        return OK;
    }
    if (strncasecmp(reader->at, "uk", reader->size) == 0) {
        return invalid("has a region that is none of ISO 3166-1; the nearest is GB");
    }
    if (!language_subtag_is_region(reader->at, reader->size)) {
        return invalid("has a region that is none of ISO 3166-1, or of UN M.49");
    }
    upper(reader, reader->size);
    reader_next(reader);
    return OK;
}

/* langtag = language ["-" script] ["-" region] *("-" variant) *("-" extension) ["-" privateuse] */
static struct status read_langtag(struct reader *reader) {
    TRY(read_language(reader));
    TRY(read_script(reader));
    TRY(read_region(reader));
    if (!read_variants(reader)) {
        return invalid("has a variant twice");
    }
    return read_extensions(reader) ? OK : invalid("is not a language tag of BCP 47");
}

struct status language_canonicalise(char *tag) {
    const size_t size = strlen(tag);
    if (size == 0 || size > LANGUAGE_SIZE_MAX) {
        return invalid("is not a language tag of BCP 47, of at most 64 characters");
    }
    for (size_t i = 0; i < size; i++) {
        tag[i] = tag[i] == '_' ? '-' : (char)tolower((unsigned char)tag[i]);
    }
    for (size_t i = 0; i < sizeof irregular / sizeof irregular[0]; i++) {
        if (strcasecmp(tag, irregular[i]) == 0) {
            memcpy(tag, irregular[i], size);
            return OK;
        }
    }
    if (tag[size - 1] == '-' || strstr(tag, "--") != NULL) {
        return invalid("is not a language tag of BCP 47");
    }
    struct reader reader = {.at = tag};
    reader_look(&reader);
    if (tag[0] == 'x' && tag[1] == '-') {
        return read_extensions(&reader) ? OK : invalid("is not a language tag of BCP 47");
    }
    return read_langtag(&reader);
}
