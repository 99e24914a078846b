/* A table of ids with open addressing, and what each kind of change does to an entry. */

#include "tests/crash/journal.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profiled/v1/change.pb-c.h"
#include "tests/crash/consumer.h"

enum { ROOM_FIRST = 1024, NAME_SIZE = 65, TOLD_MAX = 20 };

#define KIND(NAME) PROFILED__V1__CHANGE_KIND__CHANGE_KIND_##NAME

/* One line of a journal. */
struct change {
    int64_t time_us;
    int kind;
    char profile[JOURNAL_ID_SIZE];
    char interaction[JOURNAL_ID_SIZE];
    char segment[NAME_SIZE];
};

/* ---- ids ---- */

static size_t place_of(const struct journal *journal, const char *id) {
    uint64_t hash = UINT64_C(14695981039346656037);
    for (const char *character = id; *character != '\0'; character++) {
        hash = (hash ^ (unsigned char)*character) * UINT64_C(1099511628211);
    }
    size_t place = (size_t)hash & (journal->room - 1);
    while (journal->entries[place].id[0] != '\0' && strcmp(journal->entries[place].id, id) != 0) {
        place = (place + 1) & (journal->room - 1);
    }
    return place;
}

static void make_room(struct journal *journal) {
    struct journal before = *journal;
    if (2 * (journal->count + 1) < journal->room) {
        return;
    }
    journal->room = before.room == 0 ? ROOM_FIRST : 2 * before.room;
    journal->entries = calloc(journal->room, sizeof *journal->entries);
    assert(journal->entries != NULL);
    for (size_t i = 0; i < before.room; i++) {
        if (before.entries[i].id[0] != '\0') {
            journal->entries[place_of(journal, before.entries[i].id)] = before.entries[i];
        }
    }
    free(before.entries);
}

static struct journal_entry *entry_of(struct journal *journal, const char *id) {
    make_room(journal);
    struct journal_entry *entry = &journal->entries[place_of(journal, id)];
    if (entry->id[0] == '\0') {
        snprintf(entry->id, sizeof entry->id, "%s", id);
        journal->count++;
    }
    return entry;
}

const struct journal_entry *journal_find(const struct journal *journal, const char *id) {
    if (journal->room == 0) {
        return NULL;
    }
    const struct journal_entry *entry = &journal->entries[place_of(journal, id)];
    return entry->id[0] == '\0' ? NULL : entry;
}

uint32_t journal_segment_bit(const struct journal *journal, const char *name) {
    for (uint32_t i = 0; journal->segments[i] != NULL; i++) {
        assert(i < JOURNAL_SEGMENTS_MAX);
        if (strcmp(journal->segments[i], name) == 0) {
            return UINT32_C(1) << i;
        }
    }
    return 0;
}

/* ---- changes ---- */

static void expect(struct journal *journal, bool holds, const char *what,
                   const struct change *change) {
    if (!holds && journal->bad++ < TOLD_MAX) {
        fprintf(stderr, "crash: message %zu: %s: profile %s, interaction %s, segment %s\n",
                journal->messages + 1, what, change->profile, change->interaction, change->segment);
    }
}

static void take_segment(struct journal *journal, const struct change *change) {
    const uint32_t bit = journal_segment_bit(journal, change->segment);
    struct journal_entry *entry = entry_of(journal, change->profile);
    expect(journal, bit != 0, "a segment that nobody asked for", change);
    if (change->kind == KIND(SEGMENT_LEFT)) {
        expect(journal, (entry->segments & bit) != 0, "one leaves who is not in it", change);
        entry->segments &= ~bit;
    } else {
        expect(journal, (entry->segments & bit) == 0, "one enters who is in it", change);
        entry->segments |= bit;
    }
}

static void take_interaction(struct journal *journal, const struct change *change) {
    struct journal_entry *entry = entry_of(journal, change->interaction);
    expect(journal, !entry->is_interaction, "an interaction is told again", change);
    entry->is_interaction = true;
    journal->interactions++;
}

/* A profile that begins, or ceases, to answer for a person. */
static void take_profile(struct journal *journal, const struct change *change) {
    struct journal_entry *entry = entry_of(journal, change->profile);
    switch (change->kind) {
    case KIND(PROFILE_CREATED):
        expect(journal, !entry->made, "a profile is made again", change);
        entry->made = true;
        entry->live = true;
        break;
    case KIND(PROFILE_MERGED):
    case KIND(PROFILE_DELETED):
        expect(journal, entry->live, "one goes who is not there", change);
        entry->live = false;
        break;
    case KIND(PROFILE_UNMERGED):
    case KIND(PROFILE_UNDELETED):
        expect(journal, entry->made && !entry->live, "one comes back who is there", change);
        entry->live = true;
        break;
    default:
        expect(journal, entry->live, "something happens to one who is not there", change);
        break;
    }
}

static void take_change(struct journal *journal, const struct change *change) {
    journal->changes++;
    switch (change->kind) {
    case KIND(SEGMENT_ENTERED):
    case KIND(SEGMENT_LEFT):
        take_segment(journal, change);
        break;
    case KIND(INTERACTION_RECORDED):
        take_interaction(journal, change);
        break;
    case KIND(SNAPSHOT): /* Its time is that of the telling. */
        expect(journal, !journal->of_all, "somebody is there who was not made", change);
        take_segment(journal, change);
        return;
    default:
        take_profile(journal, change);
        break;
    }
    expect(journal, change->time_us >= journal->time_us, "a time before the one before", change);
    journal->time_us = change->time_us;
}

/* ---- reading ---- */

static const char *part_of(char **rest) {
    const char *part = strsep(rest, " ");
    assert(part != NULL);
    return part;
}

static void take_line(struct journal *journal, char *line) {
    char *rest = line;
    const char *mark = part_of(&rest);
    if (mark[0] == 'T') {
        journal->messages++;
        return;
    }
    struct change change;
    change.time_us = strtoll(part_of(&rest), NULL, 10);
    change.kind = (int)strtol(part_of(&rest), NULL, 10);
    snprintf(change.profile, sizeof change.profile, "%s", part_of(&rest));
    (void)part_of(&rest); /* The other profile of a merge. */
    snprintf(change.interaction, sizeof change.interaction, "%s", part_of(&rest));
    snprintf(change.segment, sizeof change.segment, "%s", part_of(&rest));
    take_change(journal, &change);
}

static char *file_read(const char *path) {
    FILE *file = fopen(path, "r");
    assert(file != NULL);
    fseek(file, 0, SEEK_END);
    const size_t size = (size_t)ftell(file);
    rewind(file);
    char *text = calloc(1, size + 1);
    assert(text != NULL);
    const size_t got = fread(text, 1, size, file);
    assert(got == size);
    fclose(file);
    return text;
}

void journal_read(struct journal *journal, const char *path, const char *const *segments,
                  bool of_all) {
    *journal = (struct journal){.segments = segments, .of_all = of_all};
    char *text = file_read(path);
    text[consumer_whole_size(text)] = '\0';
    for (char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        *end = '\0';
        take_line(journal, line);
    }
    free(text);
}

void journal_free(struct journal *journal) {
    free(journal->entries);
    *journal = (struct journal){0};
}
