/* The names that have numbers, and the sources of a row. */

#include "server/store/row_texts.h"

#include <string.h>

#include "server/store/view.h"

/* By number: none is ever another's. */
static const char *const names[] = {
    NULL, /* 0: it has no number. */
    "external_id", "national_id",  "email",     "phone",      "whatsapp",        "twitter",
    "facebook",    "instagram",    "tiktok",    "linkedin",   "google_business", "intercom",
    "genesys",     "anonymous_id", "about",     "given_name", "family_name",     "birth_date",
    "gender",      "country",      "city",      "language",   "dialect",         "sub_dialect",
    "job",         "company",      "image_url",
};

enum { NAME_COUNT = sizeof names / sizeof *names };

uint32_t row_name_number(const char *name) {
    for (uint32_t i = 1; i < NAME_COUNT; i++) {
        if (names[i][0] == name[0] && strcmp(names[i], name) == 0) {
            return i;
        }
    }
    return 0;
}

struct status row_name(uint32_t number, const char *otherwise, const char **out) {
    if (number >= NAME_COUNT) {
        return store_corrupt("a row has a number for a name that is none");
    }
    *out = number == 0 ? otherwise : names[number];
    return OK;
}

uint32_t row_source_number(struct row_sources *sources, const char *source, const char *usual) {
    if (strcmp(source, usual) == 0) {
        return 0;
    }
    size_t at = 0;
    while (at < sources->count && strcmp(sources->items[at], source) != 0) {
        at++;
    }
    if (at == sources->count) {
        sources->items =
            arena_grow(sources->arena, sources->items, sources->count, sizeof *sources->items);
        sources->items[sources->count++] = (char *)(uintptr_t)source;
    }
    return (uint32_t)at + 1;
}

struct status row_source(size_t count, char *const *sources, uint32_t number, const char *usual,
                         const char **out) {
    if (number > count) {
        return store_corrupt("a row has a number for a source that is none");
    }
    *out = number == 0 ? usual : sources[number - 1];
    return OK;
}
