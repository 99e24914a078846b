#pragma once
/* What interactions add up to, a row for each profile that any came in under: of all of them how
 * many and when, the same by kind, channel, theme, sub-theme, sentiment, language and dialect, and
 * the moods of the latest days. What a person's interactions add up to is the fold of the rows of
 * all members; so nothing changes in a merge. */

#include "server/store/store.h"

/* Stored as these numbers. */
enum store_label {
    STORE_LABEL_CHANNEL = 1,   /* Of engagements; `survey` for surveys. */
    STORE_LABEL_THEME = 2,     /* Of engagements. */
    STORE_LABEL_SENTIMENT = 3, /* `negative`, `neutral`, `positive`. */
    STORE_LABEL_SUB_THEME = 4, /* With its theme. */
    STORE_LABEL_KIND = 5,      /* `engagement`, `survey_response`, `activity`. */
    STORE_LABEL_LANGUAGE = 6,  /* Of engagements that the company did not write. */
    STORE_LABEL_DIALECT = 7,   /* Likewise. */
};

enum {
    STORE_LABELS_MAX = 128,   /* Of one kind of a profile; further ones are counted together, until
                               * retention has made room, and a new one may be one of them. */
    STORE_MOOD_DAYS_MAX = 61, /* Days up to that of the mark; later ones are kept, too. */
};

struct store_label_count {
    enum store_label kind;
    const char *label; /* "" for those beyond STORE_LABELS_MAX. */
    const char *theme; /* Of a sub-theme; else "". */
    int64_t count;     /* All of a profile's own, but for "". */
    int64_t first_us;
    int64_t last_us;
    bool at_least; /* Of several profiles: one counts it with others, perhaps. Not stored. */
};

/* The engagements of a day (UTC) of which a mood was told. */
struct store_mood_day {
    int32_t day; /* Since 1970-01-01. */
    int64_t negative;
    int64_t neutral;
    int64_t positive;
};

struct store_summary {
    int64_t count;
    int64_t first_us; /* When count is not 0. */
    int64_t last_us;
    size_t label_count;
    size_t label_room; /* Of `labels`. */
    struct store_label_count *labels;
    size_t mood_count;
    struct store_mood_day *moods; /* In no order. */
    int64_t removed_count; /* Those that are no longer kept: counted above by first times alone. */
    int64_t removed_us;    /* When the latest of them happened. */
};

/* Zeroes when there is none. */
MUST_USE struct status store_summary_get(struct store_view *view, struct id profile,
                                         struct store_summary *out);

/* Wishes the row; none where nothing is counted. */
MUST_USE struct status store_summary_put(struct store_view *view, struct id profile,
                                         const struct store_summary *summary);

/* Adds an interaction, whose packed form it unpacks. */
MUST_USE struct status store_summary_add(struct store_view *view, struct store_summary *summary,
                                         const struct store_interaction *interaction);

/* Adds what other interactions add up to. What is new in it is borrowed from `part`, whose labels
 * are marked where more of them may be in the other one. */
void store_summary_fold(struct store_summary *into, struct store_summary *part,
                        struct arena *arena);
