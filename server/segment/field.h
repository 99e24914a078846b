#pragma once
/* Fields: what a filter may read of a person, or of an interaction. Each has a type; its value is a
 * list of items, since an identity type or a list may have several: empty where there is none. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/base/arena.h"
#include "server/base/bytes.h"
#include "server/identity/attribute_rules.h"
#include "server/identity/rules.h"
#include "server/segment/filter_tree.h"
#include "server/store/segment.h"
#include "server/store/summary.h"
#include "server/store/trait.h"

enum field_kind {
    FIELD_ID,
    FIELD_NAME,
    FIELD_NAME_DERIVED,
    FIELD_COMPLETENESS,
    FIELD_CREATE_TIME,
    FIELD_UPDATE_TIME,
    FIELD_MERGED_COUNT,
    FIELD_ATTRIBUTE,       /* `name`. */
    FIELD_ATTRIBUTE_NAMES, /* Of those that have a value. */
    FIELD_IDENTITY,        /* Of the type `name`; of all types where that is "". */
    FIELD_INTERACTION_COUNT,
    FIELD_FIRST_INTERACTION_TIME,
    FIELD_LAST_INTERACTION_TIME,
    FIELD_LABEL,       /* `name`, one of `label`: what `aspect` says. */
    FIELD_LABEL_COUNT, /* How many different ones of `label` there are. */
    FIELD_MAIN_THEMES,
    FIELD_NET_SENTIMENT,
    FIELD_RECENT_NET_SENTIMENT,
    FIELD_DOMINANT_LANGUAGE,
    FIELD_DOMINANT_DIALECT,
    FIELD_TRAIT,         /* `number`. */
    FIELD_SEGMENT,       /* `number`: whether the person is a member. */
    FIELD_SEGMENT_COUNT, /* Of how many. */
    FIELD_INTERACTION,   /* Of an interaction, not of a person: interaction_field.h. */
};

enum field_type { FIELD_TEXT, FIELD_NUMBER, FIELD_FLAG, FIELD_TIME };

enum field_aspect { FIELD_COUNT, FIELD_FIRST_TIME, FIELD_LAST_TIME };

struct field {
    enum field_kind kind;
    enum field_type type;
    bool words;       /* Of texts: all their words, as names are searched, one by one. */
    const char *name; /* "" where the kind has none. */
    uint32_t number;
    enum store_label label;
    enum field_aspect aspect;
};

/* The different fields that some filters read, each once: filters know them by their position. */
struct fields {
    struct arena *arena; /* Keeps them, with copies of their names. */
    size_t count;
    struct field *items;
};

/* The position of a field, which is added where it is not among them. */
size_t fields_add(struct fields *fields, const struct field *field);

/* ---- values ---- */

struct field_item {
    struct bytes text; /* FIELD_TEXT: NFKC and case-folded; a word as name_words() has it. */
    double number;     /* FIELD_NUMBER; 0 or 1 for FIELD_FLAG. */
    int64_t time_us;   /* FIELD_TIME. */
};

struct field_value {
    size_t count;
    const struct field_item *items;
    int64_t change_us; /* The first time to come at which it is another one if nothing is written;
                          INT64_MAX for none. */
    int64_t passed_us; /* The last time at which it may have become what it is for that reason; 0
                          for none. No part of what it is. */
};

bool field_value_equal(enum field_type type, const struct field_value *a,
                       const struct field_value *b);

/* ---- names ---- */

enum field_subject { FIELD_OF_PERSONS, FIELD_OF_INTERACTIONS };

/* What names mean: the schema of a workspace as a view sees it. */
struct field_names {
    enum field_subject subject;
    struct arena *scratch;   /* For what is of no use once the filter is compiled. */
    struct store_view *view; /* Of interactions: unless the filter was accepted. */
    /* Of persons: all that follows. */
    const struct attribute_rules *attributes;
    const struct identity_rules *identities;
    const struct store_traits *traits;
    const char *default_region;
    const char *segment; /* Of a new one, whose filter it is; NULL for others. */
    int64_t now_us;      /* Bounds birth dates in filters. */
    bool is_accepted;    /* It is one that was kept: its texts are in canonical form, and none is
                            refused. */
};

MUST_USE struct status field_names_read(struct store_view *view, const char *default_region,
                                        int64_t now_us, struct field_names *out);

/* What stands before a comparator. */
struct field_target {
    struct field field;
    bool is_collection; /* attributes, identity, traits, segments, channels, …: of which `:` finds
                           one by its name. `field.kind` is that of its members. */
    bool is_free_text;  /* `:` asks for words. */
    bool any_type;      /* Its values are of any type: what they are compared with says of which. */
    const struct attribute_rule *attribute; /* FIELD_ATTRIBUTE. */
    const struct identity_type *identity;   /* FIELD_IDENTITY, of one type. */
};

/* Finds the field of a name with dots. INVALID_ARGUMENT FILTER_INVALID, with *error filled and the
 * nearest name, when there is none. */
MUST_USE struct status field_find(const struct field_names *names, const struct filter_text *parts,
                                  size_t part_count, struct arena *arena, struct field_target *out,
                                  struct filter_error *error);

/* Whether a single word names a field or a collection. */
bool field_is_known(const struct field_names *names, const char *word);

/* What a word alone is one of: names of persons, texts of interactions. */
struct field_target field_of_words(const struct field_names *names);
