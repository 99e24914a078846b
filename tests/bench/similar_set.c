/* Reading and resolving. Every record is told with all that its file knows of a person and a
 * profile can hold; what has no canonical form is left out, since nobody could have told it. */

#include "tests/bench/similar_set.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/identity/canonical.h"
#include "server/identity/match_value.h"
#include "server/identity/resolve.h"
#include "server/identity/terms.h"
#include "server/segment/trait_filter.h"
#include "server/vault/vault.h"
#include "tests/engine/scratch.h"

enum {
    COLUMNS_MAX = 12,
    LINE_SIZE_MAX = 1024,
    RECORDS_MAX = 100000,
    ATTRIBUTES_MAX = 4,
    MAP_SIZE = 1 << 30,
    BATCH_RECORDS = 1000,
    SCRATCH_ARENA_MAX = 1 << 28,
};

/* 2026-11-23 12:00 UTC; each record a second later. */
static const int64_t start_us = (int64_t)1795435200 * 1000000;

struct row {
    char line[LINE_SIZE_MAX];
    char *columns[COLUMNS_MAX];
};

static void expect_ok(struct status status) {
    if (!status_is_ok(status)) {
        fprintf(stderr, "%s: %s\n", error_reason_name(status.reason), status.text);
        exit(1);
    }
}

/* ---- files ---- */

static char *trimmed(char *text) {
    text += strspn(text, " ");
    size_t size = strlen(text);
    while (size > 0 && strchr(" \r\n", text[size - 1]) != NULL) {
        text[--size] = '\0';
    }
    return text;
}

static bool row_read(FILE *file, struct row *row) {
    static char no_column[] = "";
    if (fgets(row->line, sizeof row->line, file) == NULL) {
        return false;
    }
    char *rest = row->line;
    for (size_t i = 0; i < COLUMNS_MAX; i++) {
        char *column = strsep(&rest, ",");
        row->columns[i] = column == NULL ? no_column : trimmed(column);
    }
    return true;
}

static uint32_t person_of(const struct row *row, enum similar_format format) {
    const char *number =
        format == SIMILAR_FORMAT_FAKE ? row->columns[6] : row->columns[0] + strlen("rec-");
    return (uint32_t)strtoul(number, NULL, 10);
}

/* ---- records ---- */

static void tell_attribute(struct record *record, enum attribute attribute, const char *value,
                           struct arena *arena) {
    struct record_attribute *told = &record->attributes[record->attribute_count];
    *told = (struct record_attribute){
        .kind = attribute_kind_of(attribute), .source = "file", .observe_us = record->observe_us};
    if (status_is_ok(
            attribute_canonicalise(attribute, value, record->observe_us, arena, &told->value))) {
        record->attribute_count++;
    }
}

/* False when the value has no canonical form. */
static bool tell_identity(struct record *record, const char *type, const char *value,
                          struct arena *arena) {
    if (*value == '\0') {
        return true;
    }
    struct record_identity *told = &record->identities[0];
    const struct identity_type *rules = identity_type_builtin(type);
    *told = (struct record_identity){.type = type,
                                     .value = value,
                                     .region = "",
                                     .source = "file",
                                     .provenance = PROVENANCE_ATTESTED};
    if (!status_is_ok(identity_canonicalise(rules, value, "", arena, &told->canonical))) {
        return false;
    }
    told->match = identity_match_value(rules, told->canonical, arena);
    record->identity_count = 1;
    return true;
}

static struct record record_of(const struct row *row, enum similar_format format, int64_t now_us,
                               struct arena *arena, size_t *refused) {
    struct record record = {.name = "", .source = "file", .observe_us = now_us};
    record.identities = arena_array(arena, 1, sizeof *record.identities);
    record.attributes = arena_array(arena, ATTRIBUTES_MAX, sizeof *record.attributes);
    const bool is_fake = format == SIMILAR_FORMAT_FAKE;
    char *const *columns = row->columns;
    tell_attribute(&record, ATTRIBUTE_GIVEN_NAME, columns[1], arena);
    tell_attribute(&record, ATTRIBUTE_FAMILY_NAME, columns[2], arena);
    tell_attribute(&record, ATTRIBUTE_BIRTH_DATE, columns[is_fake ? 3 : 9], arena);
    tell_attribute(&record, ATTRIBUTE_CITY, columns[is_fake ? 4 : 6], arena);
    const bool is_taken = is_fake ? tell_identity(&record, "email", columns[5], arena)
                                  : tell_identity(&record, "national_id", columns[10], arena);
    *refused += is_taken ? 0 : 1;
    return record;
}

/* ---- resolving ---- */

static struct store *store_new(void) {
    struct vault_key root;
    struct store *store = NULL;
    expect_ok(vault_init());
    memset(root.bytes, 0x5a, sizeof root.bytes);
    expect_ok(store_open(&(struct store_options){.data_directory = scratch_path("data"),
                                                 .keys_directory = scratch_path("keys"),
                                                 .workspace = "default",
                                                 .root = &root,
                                                 .random = vault_random(),
                                                 .terms = identity_profile_terms,
                                                 .trait_filters = &trait_filters,
                                                 .default_region = "",
                                                 .map_size = MAP_SIZE,
                                                 .create = true},
                         &store));
    return store;
}

/* The default rules, without the vetoes of attributes where those are not in force. */
static const struct identity_rules *rules_of(struct store_view *view, enum similar_join join,
                                             struct arena *arena) {
    const struct identity_rules *read = NULL;
    expect_ok(identity_rules_read(view, &read));
    if (join == SIMILAR_JOIN_DEFAULT) {
        return read;
    }
    struct identity_rules *rules = arena_alloc(arena, sizeof *rules);
    *rules = *read;
    rules->types = arena_array(arena, read->type_count, sizeof *rules->types);
    for (size_t i = 0; i < read->type_count; i++) {
        rules->types[i] = read->types[i];
        rules->types[i].vetoes = 0;
    }
    return rules;
}

static const struct attribute_rules *attributes_of(struct store_view *view) {
    const struct attribute_rules *rules = NULL;
    expect_ok(attribute_rules_read(view, &rules));
    return rules;
}

static struct id resolve_row(struct store_write *write, const struct row *row,
                             enum similar_format format, enum similar_join join, int64_t now_us,
                             struct arena *scratch, size_t *refused) {
    struct store_view *view = NULL;
    expect_ok(store_view_begin_write(write, scratch, &view));
    const struct record record = record_of(row, format, now_us, scratch, refused);
    const struct resolve_context context = {.view = view,
                                            .rules = rules_of(view, join, scratch),
                                            .attributes = attributes_of(view),
                                            .random = vault_random(),
                                            .now_us = now_us,
                                            .method = "ImportProfiles",
                                            .policy = RESOLVE_LINK};
    struct decision decision;
    expect_ok(record_resolve(&context, &record, &decision));
    expect_ok(store_view_apply(view, 0));
    return decision.profile;
}

/* Resolves the file's records in batches; *ids is where each came to at first. */
static void resolve_file(struct store *store, FILE *file, enum similar_format format,
                         enum similar_join join, struct similar_set *set, struct id *ids) {
    struct row row;
    struct arena scratch;
    arena_init(&scratch, SCRATCH_ARENA_MAX);
    bool more = row_read(file, &row) && row_read(file, &row); /* The names of the columns. */
    while (more) {
        struct store_write *write = NULL;
        expect_ok(store_write_begin(store, STORE_WRITE_ORDINARY, &write));
        for (size_t i = 0; i < BATCH_RECORDS && more; i++) {
            assert(set->record_count < RECORDS_MAX);
            const int64_t now_us = start_us + (int64_t)set->record_count * 1000000;
            set->records[set->record_count].person = person_of(&row, format);
            ids[set->record_count++] =
                resolve_row(write, &row, format, join, now_us, &scratch, &set->refused_count);
            arena_reset(&scratch);
            more = row_read(file, &row);
        }
        expect_ok(store_write_commit(write));
    }
    arena_free(&scratch);
}

/* The position of a profile among the people; a new one when it is not there yet. */
static uint32_t position_of(struct similar_set *set, const struct profile *profile, uint32_t *table,
                            size_t table_size, struct arena *arena) {
    uint64_t hash = 0;
    memcpy(&hash, profile->id.bytes + sizeof profile->id - sizeof hash, sizeof hash);
    size_t at = hash % table_size;
    for (; table[at] != 0; at = (at + 1) % table_size) {
        if (id_equal(set->people[table[at] - 1].id, profile->id)) {
            return table[at] - 1;
        }
    }
    similar_person_of(profile, arena, arena, &set->people[set->people_count]);
    table[at] = (uint32_t)++set->people_count;
    return table[at] - 1;
}

/* Where the records' profiles have come to since, through merges. */
static void follow(struct store *store, struct similar_set *set, const struct id *ids,
                   struct arena *arena) {
    struct store_reader *reader = NULL;
    struct store_view *view = NULL;
    expect_ok(store_reader_open(store, &reader));
    expect_ok(store_view_begin_read(reader, arena, &view));
    const size_t table_size = 2 * set->record_count + 1;
    uint32_t *table = arena_array(arena, table_size, sizeof *table);
    set->people = arena_array(arena, set->record_count, sizeof *set->people);
    for (size_t i = 0; i < set->record_count; i++) {
        const struct profile *profile = NULL;
        expect_ok(store_profile_follow(view, ids[i], &profile));
        assert(profile != NULL);
        set->records[i].profile = position_of(set, profile, table, table_size, arena);
    }
    store_view_end(view);
    store_reader_close(reader);
}

struct similar_set similar_set_read(const char *path, enum similar_format format,
                                    enum similar_join join, struct arena *arena) {
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        perror(path);
        exit(1);
    }
    struct similar_set set = {.records = arena_array(arena, RECORDS_MAX, sizeof *set.records)};
    struct id *ids = arena_array(arena, RECORDS_MAX, sizeof *ids);
    scratch_open();
    struct store *store = store_new();
    resolve_file(store, file, format, join, &set, ids);
    follow(store, &set, ids, arena);
    store_close(store);
    scratch_close();
    fclose(file);
    return set;
}
