/* BCP 47: reads a tag subtag by subtag, in the order of the grammar in RFC 5646, 2.1, and sets the
 * case of each as it is recognised. Whether a subtag is registered is not asked. */

#include "server/identity/language.h"

#include <ctype.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

enum { SUBTAG_SIZE_MAX = 8, EXTLANGS_MAX = 3 };

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

/* extension = singleton 1*("-" (2*8alphanum)), privateuse = "x" 1*("-" (1*8alphanum)), to the end
 * of the tag. */
static bool read_extensions(struct reader *reader) {
    bool is_private = false;
    while (reader->size == 1 && isalnum((unsigned char)*reader->at)) {
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

/* langtag = language ["-" script] ["-" region] *("-" variant) *("-" extension) ["-" privateuse] */
static bool read_langtag(struct reader *reader) {
    if (!is_alpha(reader, 2) && !is_alpha(reader, 3)) {
        return false;
    }
    reader_next(reader);
    for (size_t i = 0; i < EXTLANGS_MAX && is_alpha(reader, 3); i++) {
        reader_next(reader);
    }
    if (is_alpha(reader, 4)) {
        upper(reader, 1);
        reader_next(reader);
    }
    if (is_region(reader)) {
        upper(reader, reader->size);
        reader_next(reader);
    }
    while (is_variant(reader)) {
        reader_next(reader);
    }
    return read_extensions(reader);
}

bool language_canonicalise(char *tag) {
    const size_t size = strlen(tag);
    if (size == 0 || size > LANGUAGE_SIZE_MAX) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        tag[i] = tag[i] == '_' ? '-' : (char)tolower((unsigned char)tag[i]);
    }
    for (size_t i = 0; i < sizeof irregular / sizeof irregular[0]; i++) {
        if (strcasecmp(tag, irregular[i]) == 0) {
            memcpy(tag, irregular[i], size);
            return true;
        }
    }
    if (tag[size - 1] == '-' || strstr(tag, "--") != NULL) {
        return false;
    }
    struct reader reader = {.at = tag};
    reader_look(&reader);
    return *tag == 'x' ? read_extensions(&reader) : read_langtag(&reader);
}
