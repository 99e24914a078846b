#pragma once
/* Filters of traits: which interactions a trait is made of. */

#include "server/segment/filter.h"
#include "server/store/store.h"

/* The filter of a new trait. */
struct trait_filter {
    const char *text;      /* With channels and themes by their names. */
    bool has_one_currency; /* All amounts that it takes are of one. */
};

/* Reads one. INVALID_ARGUMENT FILTER_INVALID, with *error filled. */
MUST_USE struct status trait_filter_read(struct store_view *view, const char *text,
                                         struct trait_filter *out, struct filter_error *error);

/* store_options.trait_filters. */
extern const struct store_trait_filters trait_filters;
