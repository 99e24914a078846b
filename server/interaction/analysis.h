#pragma once
/* Counting interactions by what they have in common. Facts are given one after the other; then the
 * groups are told. */

#include "server/interaction/zone.h"
#include "server/store/fact.h"

/* The numbers are those of profiled.v1.InteractionDimension. */
enum analysis_dimension {
    ANALYSIS_CHANNEL = 1,
    ANALYSIS_KIND = 2,
    ANALYSIS_THEME = 3,
    ANALYSIS_SUB_THEME = 4,
    ANALYSIS_SENTIMENT = 5,
    ANALYSIS_DIALECT = 6,
    ANALYSIS_LANGUAGE = 7,
    ANALYSIS_AGENT = 8,
    ANALYSIS_COUNTRY = 9,
    ANALYSIS_NAME = 10,
    ANALYSIS_SEGMENT = 11,
};

/* The numbers are those of profiled.v1.TimeBucket. */
enum analysis_bucket {
    ANALYSIS_ALL_TIME = 0,
    ANALYSIS_DAY = 1,
    ANALYSIS_WEEK = 2,
    ANALYSIS_MONTH = 3,
};

enum {
    ANALYSIS_DIMENSIONS_MAX = 3,
    ANALYSIS_GROUPS_MAX = 1000000,
    ANALYSIS_LIMIT_MAX = 1000, /* Groups of labels that are told. */
};

/* What is counted, and by what. Empty labels and zeroes take all. */
struct analysis_question {
    enum store_kind kind;
    uint32_t sentiment;
    struct bytes labels[STORE_FACT_LABELS];
    size_t dimension_count;
    enum analysis_dimension dimensions[ANALYSIS_DIMENSIONS_MAX];
    enum analysis_bucket bucket;
    struct zone zone;
    size_t limit;
    bool counts_persons;
};

/* Whose an interaction is. */
struct analysis_person {
    struct id id;        /* Of the profile that answers for it. */
    const char *country; /* "" where nobody knows. */
    size_t segment_count;
    const char *const *segments; /* The names of those that the person is in. */
};

struct analysis_group {
    int32_t day;         /* The first of the span; 0 without spans. */
    bool rest;           /* Of all that is beyond the limit. */
    struct bytes labels; /* Each behind its size, one byte. */
    int64_t count;
    int64_t person_count;
};

struct analysis;

/* Begins. The question and all that is counted live in the arena. */
struct analysis *analysis_begin(const struct analysis_question *question, struct arena *arena);

/* Whether the question takes the fact. */
bool analysis_takes(const struct analysis *analysis, const struct store_fact *fact);

/* Counts a fact that is taken. The person's fields count where the question asks for them: by
 * segment it is counted in each of the person's groups, and once in all together. False once there
 * are more groups than ANALYSIS_GROUPS_MAX; then it was not counted. */
bool analysis_add(struct analysis *analysis, const struct store_fact *fact,
                  const struct analysis_person *person);

/* How many were counted, and of how many persons. */
int64_t analysis_count(const struct analysis *analysis);
int64_t analysis_person_count(const struct analysis *analysis);

/* The groups, by day, those of most interactions first and the rest behind them. Once. */
const struct analysis_group *analysis_end(struct analysis *analysis, size_t *count);
