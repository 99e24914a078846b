#pragma once
/* Steps of a history that is run more than once: a step is what is asked, with profiles named by
 * the step that made them; a run is one workspace in which steps are made, with the ids that it
 * gave. The same steps make the same calls in every run, with identities of the run's own. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/base/status.h"

enum {
    REPLAY_STEPS_MAX = 64, /* So that a set of profiles is a uint64_t. */
    REPLAY_ID_SIZE = 37,
    REPLAY_TYPES = 8,
    REPLAY_VALUES = 5,
    REPLAY_FORMS = 2, /* Spellings of one value. */
    REPLAY_ATTRIBUTES = 6,
    REPLAY_IDENTITIES_MAX = 3,
    REPLAY_TIES_MAX = 3, /* That one step may make. */
    REPLAY_REASON_SIZE = 64,
    REPLAY_VALUE_SIZE = 32,
    REPLAY_NONE = -1,
};

enum replay_kind {
    REPLAY_RESOLVE,
    REPLAY_CREATE,
    REPLAY_RECORD,    /* An interaction of a record. */
    REPLAY_RECORD_BY, /* An interaction of a profile. */
    REPLAY_LINK,
    REPLAY_UNLINK,
    REPLAY_MERGE,
    REPLAY_UNMERGE, /* Made by whoever runs the history: a merge has an id in one run alone. */
    REPLAY_UPDATE,
    REPLAY_DELETE,
    REPLAY_UNDELETE,
    REPLAY_ALLOW,    /* DeleteNeverJoin. */
    REPLAY_FORBID,   /* CreateNeverJoin. */
    REPLAY_LEFT_OUT, /* Nothing: a step that was taken out of a history. */
};

struct replay_identity {
    int type;
    int value;
    int form;
    int provenance;
    int source;
};

struct replay_step {
    enum replay_kind kind;
    int profile; /* The step that made it. */
    int other;
    int tie; /* Of an unmerge: its number in the history. */
    size_t identity_count;
    struct replay_identity identities[REPLAY_IDENTITIES_MAX];
    int name;                          /* REPLAY_NONE: not told. */
    int attributes[REPLAY_ATTRIBUTES]; /* The same; 0 clears one in an update. */
    int source;
    int64_t observe_us; /* Since the run began. */
    int event;          /* Its id; REPLAY_NONE: it has none. */
    int channel;
    int theme;
    int sentiment;
};

struct replay_run {
    const char *workspace;
    int tag; /* Makes the run's identities its own. */
    int64_t begin_us;
    char values[REPLAY_TYPES][REPLAY_VALUES][REPLAY_FORMS][REPLAY_VALUE_SIZE];
    char profiles[REPLAY_STEPS_MAX][REPLAY_ID_SIZE]; /* By the step that made it; "" for none. */
    char events[REPLAY_STEPS_MAX][REPLAY_ID_SIZE];
};

/* What a step came to, in words that mean the same in every run. */
struct replay_outcome {
    enum status_code code;
    char reason[REPLAY_REASON_SIZE];
    int profile; /* That the record went to; REPLAY_NONE for none. */
    bool repeated;
    bool retold; /* Of an unmerge: all that came since was told again. */
    size_t tie_count;
    struct {
        int one;
        int other;
        char id[REPLAY_ID_SIZE];
    } ties[REPLAY_TIES_MAX];
    uint64_t touched; /* The profiles that were looked at, a bit each. */
};

/* A run that has no steps yet, on a day of its own: a workspace's time does not go back. No two
 * runs of one workspace have the same tag, and the later one has the higher. */
void replay_run_begin(struct replay_run *run, const char *workspace, int tag);

/* The time of a step since its run began, the same in every run. */
int64_t replay_time_us(size_t step);

/* Sets the clock to the time of a step. */
void replay_clock_set(const struct replay_run *run, size_t step);

/* Makes the step of this number. */
struct replay_outcome replay_step_make(struct replay_run *run, const struct replay_step *step,
                                       size_t number);

/* Undoes a merge of the run. Profiles that are made of records since then are named by the steps of
 * these. */
struct replay_outcome replay_unmerge(struct replay_run *run, const char *merge_id, bool reconsider);

/* Says that two profiles are never to be one; false when they are. */
bool replay_forbid(struct replay_run *run, int one, int other);

/* The profile, or the interaction, of an id; REPLAY_NONE when it is of another run. */
int replay_profile_of(const struct replay_run *run, const char *id);
int replay_event_of(const struct replay_run *run, const char *id);

/* What a spelling is in every run; the text itself when it is none of a value. */
const char *replay_value_name(const struct replay_run *run, const char *text);

/* The value of a canonical form, which is the first spelling. */
bool replay_value_find(const struct replay_run *run, const char *type, const char *canonical,
                       struct replay_identity *out);

extern const char *const replay_types[REPLAY_TYPES];

/* A step in words, for whoever reads of a failure. */
const char *replay_step_text(const struct replay_step *step, size_t number);
