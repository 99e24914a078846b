#pragma once
/* A simple model of persons, for histories over few identities. It knows of merges only as ties
 * between profiles; what each profile would be by itself it finds by going through all that it was
 * ever told, from the beginning. Slow and plain, and written apart from the product. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MODEL_PROFILES_MAX = 64,
    MODEL_TIES_MAX = 64,
    MODEL_EVENTS_MAX = 256,
    MODEL_IDENTITIES_MAX = 48,
    MODEL_RECORD_IDENTITIES_MAX = 4,
    MODEL_APART_MAX = 64,
    MODEL_TYPES = 3, /* external_id, email, phone: the highest priority first. */
    MODEL_VALUES = 6,
    MODEL_ATTRIBUTES = 2, /* city, job. */
    MODEL_NONE = -1,
};

/* The rules that the model knows, with the contract's numbers. */
enum model_rule { MODEL_ACTIVE = 0, MODEL_OVER_LIMIT = 6, MODEL_OWNED_ELSEWHERE = 14 };

struct model_identity {
    int type;
    int value;
    int rule;
    int provenance; /* The best that was told. */
    int source;     /* Who told it last. */
    int64_t first_us;
    int64_t last_us;
    size_t event; /* That told that it was seen last. */
};

struct model_attribute {
    int value;    /* 0: cleared; MODEL_NONE: never told. */
    size_t event; /* That told it. */
    int64_t observe_us;
    int64_t force_us;
    int source;
};

/* The contract's number of the provenance that suffices for all, and the source of what is told by
 * nobody else: of LinkIdentity and UpdateProfile. */
enum { MODEL_ATTESTED = 2, MODEL_API = 0 };

/* What a profile is, by itself or with others. */
struct model_state {
    size_t identity_count;
    struct model_identity identities[MODEL_IDENTITIES_MAX];
    struct model_attribute attributes[MODEL_ATTRIBUTES];
    struct model_attribute name; /* MODEL_NONE: nobody told it. */
};

struct model_record {
    size_t identity_count;
    struct {
        int type;
        int value;
        int provenance;
    } identities[MODEL_RECORD_IDENTITIES_MAX];
    int name; /* MODEL_NONE: not told. */
    int attributes[MODEL_ATTRIBUTES];
    int source;
    int64_t observe_us;
};

/* What a record came to. */
struct model_outcome {
    int profile; /* That answers for it. */
    int member;  /* That it went to. */
    size_t merged_count;
    bool created;
};

struct model;

/* `limits` are those of the types. */
struct model *model_new(const int limits[MODEL_TYPES]);
void model_free(struct model *model);

size_t model_profile_count(const struct model *model);
size_t model_tie_count(const struct model *model);

/* The profile that answers for one; MODEL_NONE when that is deleted. */
int model_answers(const struct model *model, int profile);

/* What a profile that answers is. */
const struct model_state *model_view(const struct model *model, int profile);
bool model_is_member(const struct model *model, int profile, int member);
int model_interaction_count(const struct model *model, int profile);
size_t model_member_count(const struct model *model, int profile);

/* Calls. Those that return false change nothing: the server must refuse them. */
struct model_outcome model_resolve(struct model *model, const struct model_record *record,
                                   int64_t now_us);
bool model_link(struct model *model, int profile, int type, int value, int64_t now_us);
bool model_unlink(struct model *model, int profile, int type, int value);
bool model_merge(struct model *model, int one, int other);
bool model_unmerge(struct model *model, size_t tie);
bool model_update(struct model *model, int profile, int name, int attribute, int value,
                  int64_t now_us);
bool model_delete(struct model *model, int profile);
void model_interact(struct model *model, int profile);

/* The tie that a resolve or a merge made last; in the order in which they were made. */
bool model_tie_stands(const struct model *model, size_t tie);
