/* Filters of traits. A filter is kept as its text, which says all of it: what it means never
 * changes, whatever becomes of the workspace's schema. */

#include "server/segment/trait_filter.h"

#include "server/segment/interaction_field.h"

struct compiled {
    struct filter filter;
    struct fields fields;
};

/* ---- new ones ---- */

struct status trait_filter_read(struct store_view *view, const char *text, struct trait_filter *out,
                                struct filter_error *error) {
    struct arena *arena = store_view_arena(view);
    const struct field_names names = {
        .subject = FIELD_OF_INTERACTIONS, .scratch = arena, .view = view};
    struct compiled compiled = {.fields = {.arena = arena}};
    TRY(filter_compile(text, &names, &compiled.fields, &compiled.filter, error));
    out->text = filter_settle(text, &compiled.filter, arena);
    out->has_one_currency =
        filter_fixes(&compiled.filter, &compiled.fields, FIELD_INTERACTION, INTERACTION_CURRENCY);
    return OK;
}

/* ---- those of traits ---- */

static struct status compile(const char *text, struct arena *arena, const void **out) {
    const struct field_names names = {
        .subject = FIELD_OF_INTERACTIONS, .scratch = arena, .is_accepted = true};
    struct compiled *compiled = arena_alloc(arena, sizeof *compiled);
    struct filter_error error = {.nearest = NULL};
    *compiled = (struct compiled){.fields = {.arena = arena}};
    const struct status status =
        filter_compile(text, &names, &compiled->fields, &compiled->filter, &error);
    *out = compiled;
    return status.reason == REASON_FILTER_INVALID
               ? status_of(STATUS_DATA_LOSS, REASON_STORE_CORRUPT,
                           "the filter of a trait can't be read")
               : status;
}

static bool takes(const void *state, const struct store_interaction *interaction,
                  const Stored__V1__Interaction *message, struct arena *arena) {
    const struct compiled *compiled = state;
    const size_t count = compiled->fields.count;
    struct field_value *values = arena_array(arena, count, sizeof *values);
    int64_t change_us = INT64_MAX;
    for (size_t i = 0; i < count; i++) {
        interaction_field_value(&compiled->fields.items[i], interaction, message, arena,
                                &values[i]);
    }
    return filter_holds(&compiled->filter, values, 0, &change_us); /* None asks for now. */
}

const struct store_trait_filters trait_filters = {.compile = compile, .takes = takes};
