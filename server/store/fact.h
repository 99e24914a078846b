#pragma once
/* What stands in clear of interactions: a fact for each, by kind and in order of time, and how many
 * there were of each sort a day. Derived when an interaction is put; for analysis, and for what
 * goes by time alone. */

#include "server/store/store.h"

/* Stored as these numbers, which are those of profiled.v1.InteractionKind. */
enum store_kind {
    STORE_KIND_ANY = 0,
    STORE_KIND_ENGAGEMENT = 1,
    STORE_KIND_SURVEY_RESPONSE = 2,
    STORE_KIND_ACTIVITY = 3,
};

/* The labels of a fact, in the order in which it has them. */
enum store_fact_label {
    STORE_FACT_CHANNEL = 0, /* `survey` for surveys, none for activities. */
    STORE_FACT_THEME = 1,
    STORE_FACT_SUB_THEME = 2,
    STORE_FACT_LANGUAGE = 3,
    STORE_FACT_DIALECT = 4,
    STORE_FACT_AGENT = 5,
    STORE_FACT_NAME = 6, /* The survey's id; the activity's name. */
};
enum {
    STORE_FACT_LABELS = 7,
    STORE_COUNTED_LABELS = 3, /* Those that counts tell too. */
    STORE_FACT_LABEL_SIZE_MAX = 128,
    STORE_FACT_ARENA_MAX = 32 << 20,
};

/* An interaction; or, of counts, all those of a day that have its kind, mood and labels. */
struct store_fact {
    int64_t count;    /* 1 for an interaction. */
    int64_t occur_us; /* Of counts the beginning of the day (UTC). */
    struct id interaction;
    struct id profile; /* The one that it lies under. */
    enum store_kind kind;
    uint32_t sentiment;                     /* 0: none was told. */
    struct bytes labels[STORE_FACT_LABELS]; /* Borrowed; empty: none was told. */
};

/* Where a scan goes on: behind this one. */
struct store_fact_cursor {
    bool set; /* false: from the beginning. */
    enum store_kind kind;
    int64_t occur_us;
    struct id interaction;
};

/* Takes a fact; what it fails with ends the scan. */
typedef struct status store_fact_fn(void *state, const struct store_fact *fact);

/* Gives the facts of a kind (0: of each, one kind after the other) from `min_us` on and before
 * `max_us` to a function, the earliest first, behind the cursor, and moves the cursor. No longer
 * than a view may last, and not once its arena has given STORE_FACT_ARENA_MAX bytes: *more tells
 * whether there may be further ones. */
MUST_USE struct status store_fact_scan(struct store_view *view, enum store_kind kind,
                                       int64_t min_us, int64_t max_us,
                                       struct store_fact_cursor *cursor, store_fact_fn *each,
                                       void *state, bool *more);

/* When the latest interaction of a kind (0: of any) happened; INT64_MIN when there is none. */
MUST_USE struct status store_fact_latest(struct store_view *view, enum store_kind kind,
                                         int64_t *out_us);

/* Gives the counts of days (UTC since 1970) from `min_day` on and before `max_day`, likewise. Those
 * of a day come in the order of channel, theme, mood, sub-theme and kind. Only fine ones tell
 * sub-themes; there are several times as many. RESOURCE_EXHAUSTED OVERLOADED when the view is over
 * before the last. */
MUST_USE struct status store_count_scan(struct store_view *view, bool fine, int32_t min_day,
                                        int32_t max_day, store_fact_fn *each, void *state);

/* Whether an interaction that is kept has the label, one of STORE_COUNTED_LABELS; which all counts
 * are gone through for. */
MUST_USE struct status store_count_has(struct store_view *view, enum store_fact_label label,
                                       const char *text, bool *out);

/* ---- how long interactions are kept ---- */

/* By kind. */
struct store_retention {
    uint32_t days[4];     /* 0: for ever. */
    int64_t removed[4];   /* That were past it. */
    int64_t remove_us;    /* When any was removed last; 0: none was. */
    uint32_t change_days; /* For how long changes are kept; 0: STORE_CHANGE_DAYS_DEFAULT. */
};

MUST_USE struct status store_retention_get(struct store_view *view, struct store_retention *out);
MUST_USE struct status store_retention_put(struct store_view *view,
                                           const struct store_retention *retention);

/* Before which time interactions of a kind are past it; INT64_MIN: none are. */
int64_t store_retention_until(const struct store_retention *retention, enum store_kind kind,
                              int64_t now_us);
