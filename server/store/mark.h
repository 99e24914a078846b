#pragma once
/* The mark of a store: a time later than which nothing of it was judged. What hangs on the time is
 * derived for a time: who is in which segment, and what is out of a window and may be forgotten.
 * The mark goes along with what is written; where the clock stands before it, the clock was set
 * back, and the mark goes back too: where a time was passed at which somebody entered or left a
 * segment, or would have, all segments are judged anew then, and where days of windows may be
 * missing they are counted again, out of the interactions, which lack nothing. */

#include "server/store/store.h"

struct store_mark {
    int64_t until_us;  /* 0: nothing was written yet. */
    int64_t passed_us; /* No later time than this one has changed what somebody is in. */
    bool counting;     /* Windows are counted anew: behind `place` they may lack days. */
    struct id place;   /* The last profile of whom they were; zero for none. */
};

MUST_USE struct status store_mark_get(struct store_view *view, const struct store_mark **out);

/* Wishes that it is known that the time changed what somebody is in, or may have: at this time, and
 * at none later. */
MUST_USE struct status store_mark_pass(struct store_view *view, int64_t passed_us);

/* What was out of a window on this day (UTC, since 1970) may be forgotten. */
int32_t store_mark_day(const struct store_mark *mark);

/* Whether the windows of a profile, as a member of a person, lack no day. */
static inline bool store_mark_has_come_to(const struct store_mark *mark, struct id profile) {
    return !mark->counting || id_compare(profile, mark->place) <= 0;
}

/* Whether the windows of a person, of all members, lack nothing on a day. */
bool store_mark_has_windows(const struct store_mark *mark, const struct id *members,
                            size_t member_count, int32_t today);
