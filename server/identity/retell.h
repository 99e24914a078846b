#pragma once
/* What records would have come to, had a merge never been, or had other rules held: they are told
 * again, each at its time, in a view that is dropped.
 *
 *   the region     all profiles that the person is related to, by whatever records of any of them
 *   told again     what is there, to the record: the region is understood
 *   told anew      what is to be: records that would lie elsewhere, persons that would be others
 *
 * Only a region that is told again as it is counts: what came of calls that leave no record, or of
 * rules that are not kept any more, is nobody's to guess. */

#include "server/base/random.h"
#include "server/identity/history.h"
#include "server/identity/members.h"

enum {
    RETELL_MEMBERS_MAX = 64,            /* Of a region. */
    RETELL_RECORDS_MAX = 50000,         /* Of all its members, */
    RETELL_TOLD_MAX = 500,              /* without those that tell what is known. */
    RETELL_RECORDS_BY_RULES_MAX = 5000, /* The same by rules, which tell them several times. */
    RETELL_TOLD_BY_RULES_MAX = 200,
    RETELL_PAIRS_MAX = 1000, /* Of them that are never to be one. */
};

#define RETELL_NOTHING SIZE_MAX /* For a place in a list: none. */

struct retell_member {
    struct id id;
    size_t person;               /* Members of one person have one number. */
    const struct profile *state; /* Its own. */
    struct history history;
};

/* What somebody told of a member: one of the three. */
struct retell_hand {
    int64_t time_us;
    size_t member;
    struct id id;                            /* Of the member. */
    const struct profile_identity *identity; /* That was linked. */
    const struct profile_unlinked *unlinked;
    const struct profile_attribute *attribute; /* That was set. */
};

struct retell_record {
    struct id id;    /* Of its decision. */
    size_t member;   /* Under which it lies. */
    size_t position; /* In its history. */
    size_t kind; /* Those of one number tell the same, by one version of the rules. RETELL_NOTHING:
                    it has attributes with times of their own. */
};

/* Profiles, with all that was ever told of them. */
struct retell_region {
    bool is_by_rules; /* It is told by other rules; else without a merge. */
    size_t person_count;
    size_t member_count;
    struct retell_member *members;
    size_t record_count;
    struct retell_record *records; /* The oldest first. */
    size_t kind_count;
    size_t told_max; /* That may be told, without those that tell what is known. */
    size_t hand_count;
    struct retell_hand *hands; /* The oldest first. */
    size_t tie_count;
    struct store_merge *ties; /* Those that stand. */
    size_t pair_count;
    struct store_never_join *pairs;
    uint64_t leads[RETELL_MEMBERS_MAX]; /* Of each person the bits of those whom it leads to. */
};

/* A profile that records make as they are told again. */
struct retold_profile {
    struct id id;                /* In the view that was dropped. */
    struct id person;            /* Who answers for it there, */
    const struct profile *row;   /* and what it answers. */
    const struct profile *state; /* Its own. */
};

struct retold_tie {
    size_t one;
    size_t other;
    size_t record; /* That asked for it; the region's record_count: somebody joined the two. */
};

/* Somebody whom a record reached, and from whom it was kept. */
struct retold_apart {
    size_t record;
    size_t profile;
    size_t first; /* The first record of that profile, by which two tellings name it alike. */
    enum identity_rule rule;
};

/* What somebody unlinked, from a profile among others. */
struct retold_unlinked {
    const struct profile_unlinked *what;
    size_t profile;
};

/* What came of telling a region again. */
struct retelling {
    size_t profile_count;
    struct retold_profile *profiles;
    size_t *of_record;     /* The profile of each record of the region. */
    uint32_t *left;        /* Strong facts that each record left to others (see decision.h). */
    bool *hand_is_refused; /* Links that could not be made: somebody else had the identity, or there
                              was no room. What rules block stays contact data. */
    size_t *of_member; /* That of the first record of each member; RETELL_NOTHING: it has none. */
    size_t tie_count;
    struct retold_tie *ties;
    size_t apart_count;
    struct retold_apart *apart;
    size_t unlinked_count;
    struct retold_unlinked *unlinked;
};

/* What is to be once a merge is undone, or under other rules. */
struct retell {
    const struct random *random;
    bool is_settled; /* By rules: who is one with whom is what they make of it, not what was before;
                        why an identity is contact data may be as before. */
    int64_t merge_us; /* When the merge was made. */
    struct retell_region region;
    struct retelling again; /* As it is: what records left to others and, by rules only, who is kept
                               apart. */
    struct retelling anew;
    size_t merge_count; /* That were made, or stand again, and */
    struct store_merge *merges;
    size_t undone_count; /* undone: not the merge itself. */
    struct store_merge *undone;
    size_t made_count; /* Profiles that are made of records. */
    struct id *made;
    size_t *made_of; /* Members that they were part of. */
};

/* Reads the region of a person and tells it again, before its merge is undone and before the view
 * wishes anything; where nothing leans on the merge there is nothing to tell. *fits is false where
 * the region is too large, or is not understood: then nothing of *out counts. */
MUST_USE struct status retell_read(const struct members_context *context,
                                   const struct random *random, const struct profile *profile,
                                   const struct store_merge *merge, struct retell *out, bool *fits);

/* What is told for a while, for one person after the other. */
struct retell_room {
    struct arena anew; /* Until the next person's turn. */
    struct arena again;
};

void retell_room_init(struct retell_room *room);
void retell_room_free(struct retell_room *room);

/* Reads the region of a person and tells it anew under the context's rules, into the room. It was
 * told by those of then, or was put under some since. */
MUST_USE struct status retell_read_under(const struct members_context *context,
                                         const struct random *random, const struct profile *profile,
                                         struct retell_room *room, struct retell *out, bool *fits);

/* Once the merge is undone, if there was one: wishes the region to be what it was told to. */
MUST_USE struct status retell_apply(const struct members_context *context, struct retell *retell);

/* ---- between the two, for the files of this module ---- */

/* Whether anything that came since the merge may lean on it: false where each of the two is what
 * its own state says. Reads what came since, however much there was before. */
MUST_USE struct status retell_leans_on(const struct members_context *context,
                                       const struct profile *profile,
                                       const struct store_merge *merge, bool *out);

/* *fits is false where there is more than may be, or where what is not known any more counts: what
 * came of somebody who was deleted since the merge, and by rules (NULL) also of ties that rules
 * judged each by itself. */
MUST_USE struct status retell_region_read(const struct members_context *context,
                                          const struct profile *profile, const int64_t *merge_us,
                                          struct retell_region *out, bool *fits);

/* The member of an id; member_count when it is none. */
size_t retell_member_find(const struct retell_region *region, struct id id);

/* Whether somebody unlinked the identity from one of the region, since it was told by the decision
 * where `since` is not NULL. */
bool retell_is_unlinked(const struct retell_region *region, const char *type, const char *canonical,
                        const char *match, const struct id *since);

/* Makes identities that were unlinked the state's, or not any more: of a member whose records went
 * to a retold profile. */
void retell_settle_unlinked(const struct retell *retell, size_t retold, size_t member,
                            struct profile *state, struct arena *arena);

/* Tells the state of a member whose records went to a retold profile the strong facts that these
 * take as they are told anew. Whether that makes a difference. */
bool retell_settle_facts(const struct retell *retell, size_t retold, size_t member,
                         const struct attribute_rules *rules, struct profile *state,
                         struct arena *arena);

/* Bits of the persons that lead to the first one: each of them has the same region. Also where it
 * was not read to its end. */
uint64_t retell_leading_back(const struct retell_region *region);

/* Whether two are retold as two; also where one of them is none of the region's, or has no record.
 */
bool retell_are_two(const struct retell_region *region, const struct retelling *retelling,
                    struct id one, struct id other);

/* The rules that a region was told again by, and those of now. */
struct retell_rules {
    const struct identity_rules *then;
    const struct identity_rules *now;
};

/* Whether a region that was told again with all its merges is what it is: the persons, the records
 * that tie them, and what they are found by, as far as the two rules find alike. */
bool retell_is_as_it_is(const struct retell_region *region, const struct retelling *retelling,
                        const struct retell_rules *rules, struct arena *arena);

/* Whether its members have the strong facts that they are retold with; what somebody set is not
 * told by records. */
bool retell_has_same_facts(const struct retell_region *region, const struct retelling *retelling);

/* The part of each record of a member, by its position: those that went to one retold profile are
 * of one, numbered by their first records. retold[part] is that profile. How many there are. */
size_t retell_parts(const struct retell *retell, size_t member, size_t *retold, size_t *record);

/* The record as it was told, with its decision. */
static inline const struct history_record *retell_told(const struct retell_region *region,
                                                       size_t record) {
    const struct retell_record *told = &region->records[record];
    return &region->members[told->member].history.records[told->position];
}
