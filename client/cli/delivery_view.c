/* Deliveries, a line each. */

#include "client/cli/delivery_view.h"

#include "client/cli/output.h"
#include "client/cli/table.h"

#include "profiled/v1/change.pb-c.h"

#include <assert.h>
#include <stdlib.h>

/* Writes a word, unless it is "", with what stands between it and those before. */
static void write_word(FILE *out, const char *word) {
    if (word[0] != '\0') {
        fprintf(out, "%s%s", ftell(out) > 0 ? ", " : "", word);
    }
}

/* What the change is about: those of the fields that its kind has. The caller's. */
static char *subject_of(const Profiled__V1__Change *change) {
    char *text = NULL;
    size_t size = 0;
    char words[WORDS_SIZE];
    FILE *out = open_memstream(&text, &size);
    assert(out != NULL);
    for (size_t i = 0; change->update_mask != NULL && i < change->update_mask->n_paths; i++) {
        write_word(out, change->update_mask->paths[i]);
    }
    if (change->other_profile_id[0] != '\0') {
        const bool merged = change->kind == PROFILED__V1__CHANGE_KIND__CHANGE_KIND_PROFILE_MERGED;
        fprintf(out, "%s %s", merged ? "into" : "from", change->other_profile_id);
    }
    write_word(out, change->identity_type);
    output_words(&profiled__v1__identity_rule__descriptor, (int32_t)change->identity_rule,
                 "IDENTITY_RULE_", words);
    write_word(out, words);
    output_words(&profiled__v1__interaction_kind__descriptor, (int32_t)change->interaction_kind,
                 "INTERACTION_KIND_", words);
    write_word(out, words);
    write_word(out, change->channel);
    write_word(out, change->interaction_id);
    write_word(out, change->segment);
    write_word(out, change->filled ? "filled" : "");
    fclose(out);
    return text;
}

static void add_delivery(struct table *table, const Profiled__V1__Delivery *delivery) {
    static const Profiled__V1__Change nothing = PROFILED__V1__CHANGE__INIT;
    const Profiled__V1__Change *change = delivery->change == NULL ? &nothing : delivery->change;
    char time[SHORT_TIME_SIZE];
    char kind[WORDS_SIZE];
    output_time(change->commit_time, time);
    output_words(&profiled__v1__change_kind__descriptor, (int32_t)change->kind, "CHANGE_KIND_",
                 kind);
    char *subject = subject_of(change);
    table_add(table, delivery->ack_id);
    table_add_number(table, delivery->attempt);
    table_add(table, time);
    table_add(table, kind);
    table_add(table, change->profile_id);
    table_add(table, subject);
    free(subject);
}

void delivery_view(const struct session *session, Profiled__V1__Delivery *const *deliveries,
                   size_t count) {
    static const struct table_column columns[] = {
        {.title = "ACK ID", .whole = true},
        {.title = "TRY", .whole = true, .right = true},
        {.title = "TIME", .whole = true},
        {.title = "KIND", .whole = true},
        {.title = "PROFILE", .whole = true, .drop = 2},
        {.title = "WHAT", .drop = 1},
    };
    struct table table;
    table_init(&table, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < count; i++) {
        add_delivery(&table, deliveries[i]);
    }
    table_print(&table, &session->screen);
    table_free(&table);
}
