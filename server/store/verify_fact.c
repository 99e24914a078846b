/* The checks of facts and of counts. Interactions prove facts; facts, which come by kind and day by
 * day, prove counts: those of a day are counted on the way and compared behind its last. */

#include <string.h>

#include "server/base/clock.h"
#include "server/base/day.h"
#include "server/store/verify_walk.h"

struct status verify_fact_of(struct verify *verify, const struct store_interaction *interaction,
                             const Stored__V1__Interaction *message) {
    struct store_fact fact;
    TRY(view_fact_of(interaction, message, &fact));
    const struct store_key key =
        store_key_fact((uint8_t)fact.kind, fact.occur_us, fact.interaction);
    struct bytes row;
    TRY(engine_get(verify->view.txn, store_key_bytes(&key), &row));
    if (row.data == NULL) {
        verify_tell(verify, store_key_bytes(&key), "is missing: there is such an interaction");
    } else if (!bytes_equal(row, view_fact_row(&fact, &verify->arena))) {
        verify_tell(verify, store_key_bytes(&key), "says something else than its interaction");
    } else {
        verify_count_found(verify, STORE_TABLE_FACT);
    }
    return OK;
}

/* ---- counting again ---- */

static int by_key(const struct store_key *a, const struct store_key *b) {
    return bytes_compare(store_key_bytes(a), store_key_bytes(b));
}

/* The place of a key among the day's, which are in order: where it is, or where it belongs. */
static size_t place_of(const struct verify_day *day, const struct store_key *key) {
    size_t low = 0;
    size_t high = day->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (by_key(&day->counts[middle].key, key) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void count(struct verify_day *day, bool fine, const struct store_fact *fact) {
    const struct store_key key = store_key_count(fine, day->day, fact);
    const size_t place = place_of(day, &key);
    if (place < day->count && by_key(&day->counts[place].key, &key) == 0) {
        day->counts[place].count++;
        return;
    }
    day->counts = arena_grow(&day->arena, day->counts, day->count, sizeof *day->counts);
    memmove(&day->counts[place + 1], &day->counts[place],
            (day->count - place) * sizeof *day->counts);
    day->counts[place] = (struct verify_day_count){key, 1};
    day->count++;
}

struct status verify_day_end(struct verify *verify) {
    struct verify_day *day = &verify->day;
    for (size_t i = 0; i < day->count; i++) {
        const struct bytes key = store_key_bytes(&day->counts[i].key);
        struct bytes row;
        TRY(engine_get(verify->view.txn, key, &row));
        if (row.data == NULL) {
            verify_tell(verify, key, "is missing: there are interactions that it counts");
        } else if (row.size != 8 || (int64_t)store_get_u64(row.data) != day->counts[i].count) {
            verify_tell(verify, key, "does not count the interactions of its day");
        } else {
            verify_count_found(verify, STORE_TABLE_COUNT);
        }
    }
    day->started = false;
    day->count = 0;
    day->counts = NULL;
    arena_reset(&day->arena);
    return OK;
}

struct status verify_fact(struct verify *verify, struct bytes key, struct bytes value) {
    struct store_fact fact;
    TRY(view_fact_read(key, value, &fact));
    struct verify_day *day = &verify->day;
    const int32_t its_day = day_of(fact.occur_us);
    if (day->started && (its_day != day->day || fact.kind != day->kind)) {
        TRY(verify_day_end(verify));
    }
    for (size_t i = 0; i < STORE_COUNTED_LABELS; i++) {
        if (fact.labels[i].size > STORE_COUNT_LABEL_SIZE_MAX) {
            return verify_wrong("has a label that is too long");
        }
    }
    day->started = true;
    day->day = its_day;
    day->kind = fact.kind;
    count(day, false, &fact);
    count(day, true, &fact);
    return OK;
}

struct status verify_fact_row(struct verify *verify, struct bytes key, struct bytes value) {
    struct store_fact fact;
    if (!status_is_ok(view_fact_read(key, value, &fact))) {
        return OK; /* Told already. */
    }
    const struct store_key right =
        store_key_interaction(fact.profile, fact.occur_us, fact.interaction);
    struct bytes row;
    TRY(engine_get(verify->view.txn, store_key_bytes(&right), &row));
    return row.data != NULL ? OK : verify_wrong("is of no interaction");
}

struct status verify_count(struct verify *verify, struct bytes key, struct bytes value) {
    (void)verify;
    struct store_fact fact;
    return view_count_read(key, value, &fact);
}

static struct status is_there(void *state, const struct store_fact *fact) {
    struct verify_day_count *wanted = state;
    const bool fine = wanted->key.bytes[1] != 0;
    const struct store_key key = store_key_count(fine, day_of(fact->occur_us), fact);
    wanted->count += by_key(&key, &wanted->key) == 0;
    return OK;
}

struct status verify_count_row(struct verify *verify, struct bytes key, struct bytes value) {
    struct store_fact fact;
    if (!status_is_ok(view_count_read(key, value, &fact))) {
        return OK; /* Told already. */
    }
    struct verify_day_count wanted = {.key.size = key.size};
    memcpy(wanted.key.bytes, key.data, key.size);
    struct store_fact_cursor cursor = {.set = false};
    bool more = true;
    while (more) {
        TRY(store_fact_scan(&verify->view, fact.kind, fact.occur_us, fact.occur_us + US_PER_DAY,
                            &cursor, is_there, &wanted, &more));
    }
    return wanted.count > 0 ? OK : verify_wrong("counts nothing that there is");
}
