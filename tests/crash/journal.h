#pragma once
/* A consumer's journal, replayed: who there is, who is in which segment, which interactions there
 * were. Whatever can't follow on what came before (a profile that is made twice, one who enters
 * where it is, an interaction that is told again, a time that is before the one before) is told on
 * standard error and counted. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { JOURNAL_ID_SIZE = 37, JOURNAL_SEGMENTS_MAX = 8 };

/* What is known of an id. */
struct journal_entry {
    char id[JOURNAL_ID_SIZE];
    bool made;           /* A profile, by a change. */
    bool live;           /* It answers for a person. */
    bool is_interaction; /* It is an interaction's. */
    uint32_t segments;   /* A bit for each that it is in. */
};

struct journal {
    const char *const *segments; /* Their names, NULL behind the last. */
    bool of_all;                 /* Not of segments alone. */
    struct journal_entry *entries;
    size_t count;
    size_t room;
    size_t changes;
    size_t messages;
    size_t interactions;
    size_t bad;
    int64_t time_us;
};

/* Reads the whole messages of the file. `segments` stays the caller's. */
void journal_read(struct journal *journal, const char *path, const char *const *segments,
                  bool of_all);
void journal_free(struct journal *journal);

/* NULL for an id that was never told. */
const struct journal_entry *journal_find(const struct journal *journal, const char *id);

/* The bit of a segment's name; 0 for another. */
uint32_t journal_segment_bit(const struct journal *journal, const char *name);
