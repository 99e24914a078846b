/* Sets of persons: each is in those that follow from what it is, and nobody else is in any. */

#include "server/store/population.h"
#include "server/store/verify_walk.h"

struct status verify_population(struct verify *verify, struct bytes key, struct bytes value) {
    uint64_t count = 0;
    (void)key;
    TRY(population_row_count(value, &count));
    verify->in_sets += count;
    return count > 0 ? OK : verify_wrong("is an empty set");
}

static struct status is_in(struct verify *verify, const struct profile *profile, const char *name,
                           const char *value) {
    bool has = false;
    TRY(population_has(&verify->view, name, value, profile->slot, &has));
    verify->counted += has ? 1 : 0;
    return has ? OK : verify_wrong("is not counted as what it is");
}

struct status verify_counted(struct verify *verify, const struct profile *profile) {
    const struct profile_term *terms = NULL;
    const size_t count = population_terms(&verify->view, profile, &verify->arena, &terms);
    for (size_t i = 0; i < count; i++) {
        TRY(is_in(verify, profile, terms[i].field, terms[i].value));
    }
    return OK;
}

struct status verify_counted_members(struct verify *verify, const struct profile *profile,
                                     const struct store_membership *membership) {
    for (size_t i = 0; i < membership->count; i++) {
        TRY(is_in(verify, profile, ":segment",
                  arena_format(&verify->arena, "%u", membership->segments[i])));
    }
    return OK;
}

void verify_population_end(struct verify *verify) {
    const struct store_key table = store_key_table(STORE_TABLE_POPULATION);
    if (verify->in_sets != verify->counted) {
        verify_tell(verify, store_key_bytes(&table), "has somebody who should not be counted");
    }
}
