#pragma once
/* A workspace of a test that is made at random: attributes of any type, traits over any
 * interactions, and filters out of a grammar over these and all that there is anyway. */

#include "tests/engine/seeded.h"
#include "tests/handlers/definitions.h"
#include "tests/handlers/traits.h"

enum { SCHEMA_ATTRIBUTES_MAX = 6, SCHEMA_TRAITS_MAX = 4 };

struct random_attribute {
    const char *name;
    int type;
    bool is_list;
};

struct random_trait {
    const char *name;
    bool is_number; /* Else a text. */
};

struct random_schema {
    struct seeded *rolls;
    size_t attribute_count;
    struct random_attribute attributes[SCHEMA_ATTRIBUTES_MAX];
    size_t trait_count;
    struct random_trait traits[SCHEMA_TRAITS_MAX];
};

/* Makes attributes and traits in the workspace. */
struct random_schema random_schema_make(struct seeded *rolls);

/* Tells a profile a value of one of the attributes; the path of it, for a mask. */
const char *random_value_tell(const struct random_schema *schema, Profiled__V1__Profile *profile);

/* What filters name beside the schema. */
struct random_names {
    size_t person_count;  /* pN@d.example and tN: their identities. */
    size_t segment_count; /* sN: which may not be there. */
    size_t list_count;    /* lN */
    size_t id_count;
    const char *const *ids; /* Of profiles. */
};

/* A filter. It may name what is not there, or a circle: then it is refused. */
const char *random_filter(const struct random_schema *schema, const struct random_names *names);
