/* Profiles, a line each. */

#include "client/cli/profile_rows.h"

#include "client/cli/output.h"
#include "client/cli/table.h"

static void add_row(struct table *table, const Profiled__V1__Profile *profile) {
    char changed[SHORT_TIME_SIZE];
    output_day(profile->update_time, changed);
    const Profiled__V1__Identity *best = profile->n_identities == 0 ? NULL : profile->identities[0];
    table_add(table, profile->id);
    table_add(table, profile->name);
    table_add(table, best == NULL                       ? ""
                     : best->canonical_value[0] != '\0' ? best->canonical_value
                                                        : best->value);
    table_add(table, changed);
}

void profile_rows_print(const struct session *session, Profiled__V1__Profile *const *profiles,
                        size_t count, bool is_section) {
    static const struct table_column columns[] = {
        {.title = "ID", .whole = true},
        {.title = "NAME", .width_min = 12},
        {.title = "IDENTITY", .drop = 2, .width_min = 8},
        {.title = "CHANGED", .whole = true, .drop = 1},
    };
    struct table table;
    (is_section ? table_init_section : table_init)(&table, columns,
                                                   sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < count; i++) {
        add_row(&table, profiles[i]);
    }
    table_print(&table, &session->screen);
    table_free(&table);
}
