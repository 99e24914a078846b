/* A review as somebody who decides wants to see it: why, how often and when, then the two profiles
 * beside each other, with what differs and what is the same marked. */

#include "client/cli/attribute_text.h"
#include "client/cli/output.h"
#include "client/cli/similarity_words.h"
#include "client/cli/table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIFFERENT "\xe2\x89\xa0"

const char *review_reason(Profiled__V1__IdentityRule rule) {
    static const struct {
        Profiled__V1__IdentityRule rule;
        const char *words;
    } reasons[] = {
        {PROFILED__V1__IDENTITY_RULE__IDENTITY_RULE_VETO_BIRTH_DATE, "birth dates differ"},
        {PROFILED__V1__IDENTITY_RULE__IDENTITY_RULE_VETO_GENDER, "genders differ"},
        {PROFILED__V1__IDENTITY_RULE__IDENTITY_RULE_VETO_GIVEN_NAME, "given names differ"},
        {PROFILED__V1__IDENTITY_RULE__IDENTITY_RULE_VETO_SINGLE_VALUE,
         "two values of what a person has one of"},
        {PROFILED__V1__IDENTITY_RULE__IDENTITY_RULE_MERGE_TYPE,
         "related by what may not join profiles"},
        {PROFILED__V1__IDENTITY_RULE__IDENTITY_RULE_MERGE_PROVENANCE,
         "related by what is not sure enough"},
        {PROFILED__V1__IDENTITY_RULE__IDENTITY_RULE_MERGE_LIMIT,
         "more identities than a profile may have"},
        {PROFILED__V1__IDENTITY_RULE__IDENTITY_RULE_OWNED_ELSEWHERE,
         "one told an identity of the other"},
        {PROFILED__V1__IDENTITY_RULE__IDENTITY_RULE_SIMILAR, "alike, and nothing joins them"},
    };
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (reasons[i].rule == rule) {
            return reasons[i].words;
        }
    }
    return "by a rule that this profilectl does not know";
}

/* How alike the two are, where somebody told it. */
static void view_likeness(const Profiled__V1__Review *review) {
    if (review->probability > 0) {
        char percent[WORDS_SIZE];
        similarity_percent(review->probability, percent, sizeof percent);
        fprintf(stdout, "Likely    %s that they are one person\n", percent);
    }
    for (size_t i = 0; i < review->n_fields; i++) {
        char words[2 * WORDS_SIZE];
        similarity_field_words(review->fields[i], words, sizeof words);
        fprintf(stdout, "%s%+6.1f bits  %s\n", i == 0 ? "Score     " : "          ",
                review->fields[i]->bits, words);
    }
}

static void view_head(const struct session *session, const Profiled__V1__Review *review) {
    char state[WORDS_SIZE];
    char first[SHORT_TIME_SIZE];
    char last[SHORT_TIME_SIZE];
    char decided[SHORT_TIME_SIZE];
    output_words(&profiled__v1__review_state__descriptor, (int32_t)review->state, "REVIEW_STATE_",
                 state);
    output_time(review->first_time, first);
    output_time(review->last_time, last);
    output_time(review->decide_time, decided);
    screen_style(&session->screen, STYLE_BOLD);
    fprintf(stdout, "%s", state);
    screen_plain(&session->screen);
    fprintf(stdout, "  %s\n\n", review->id);
    for (size_t i = 0; i < review->n_rules; i++) {
        fprintf(stdout, "%s%s%s\n", i == 0 ? "Why       " : "          ",
                review_reason(review->rules[i]),
                review->n_rules > 1 && review->rules[i] == review->rule ? ", as was found last"
                                                                        : "");
    }
    if (review->record_count > 0) {
        fprintf(stdout, "Records   %" PRId64 ", from %s to %s (rules %" PRId64 ")\n",
                review->record_count, first, last, review->rule_version);
    } else {
        fprintf(stdout, "Records   none; queued %s (rules %" PRId64 ")\n", first,
                review->rule_version);
    }
    view_likeness(review);
    if (decided[0] != '\0') {
        fprintf(stdout, "Decided   %s\n", decided);
    }
    if (review->merge_id[0] != '\0') {
        fprintf(stdout, "Merge     %s\n", review->merge_id);
    }
    if (review->state == PROFILED__V1__REVIEW_STATE__REVIEW_STATE_UNRELATED) {
        fputs("Now       nothing relates the two by the present identity types: there is\n"
              "          nothing to decide\n",
              stdout);
    }
}

/* The profile that the review is of, and the one that answers for it where that is another. */
static void view_side(const char *title, const Profiled__V1__ReviewSide *side) {
    fprintf(stdout, "%-10s%s", title, side->member_id);
    if (strcmp(side->member_id, side->profile_id) != 0) {
        fprintf(stdout, "\n          merged into %s", side->profile_id);
    }
    fputc('\n', stdout);
}

/* The caller's, for free(); NULL when it is not known. */
static char *attribute_of(const Profiled__V1__Profile *profile, const char *name) {
    for (size_t i = 0; i < profile->n_attributes; i++) {
        if (strcmp(profile->attributes[i]->key, name) == 0) {
            return attribute_text(profile->attributes[i]->value);
        }
    }
    return NULL;
}

/* One fact of both; NULL where it is not known. */
static void add_fact(struct table *table, const char *name, const char *one, const char *other) {
    const bool both = one != NULL && other != NULL;
    table_add(table, !both ? "" : strcmp(one, other) == 0 ? "=" : DIFFERENT);
    table_add(table, name);
    table_add(table, one);
    table_add(table, other);
}

static void add_attribute(struct table *table, const char *name, const Profiled__V1__Profile *one,
                          const Profiled__V1__Profile *other) {
    char *of_one = attribute_of(one, name);
    char *of_other = attribute_of(other, name);
    add_fact(table, name, of_one, of_other);
    free(of_one);
    free(of_other);
}

static bool has_attribute(const Profiled__V1__Profile *profile, const char *name) {
    char *text = attribute_of(profile, name);
    free(text);
    return text != NULL;
}

static void add_attributes(struct table *table, const Profiled__V1__Profile *one,
                           const Profiled__V1__Profile *other) {
    for (size_t i = 0; i < one->n_attributes; i++) {
        const char *name = one->attributes[i]->key;
        add_attribute(table, name, one, other);
    }
    for (size_t i = 0; i < other->n_attributes; i++) {
        const char *name = other->attributes[i]->key;
        if (!has_attribute(one, name)) {
            add_attribute(table, name, one, other);
        }
    }
}

static const Profiled__V1__Identity *find(const Profiled__V1__Profile *profile,
                                          const Profiled__V1__Identity *wanted) {
    for (size_t i = 0; i < profile->n_identities; i++) {
        if (strcmp(profile->identities[i]->type, wanted->type) == 0 &&
            strcmp(profile->identities[i]->canonical_value, wanted->canonical_value) == 0) {
            return profile->identities[i];
        }
    }
    return NULL;
}

static const char *identity_text(const Profiled__V1__Identity *identity, char *out, size_t size) {
    if (identity == NULL) {
        return NULL;
    }
    const bool contact = identity->state == PROFILED__V1__IDENTITY_STATE__IDENTITY_STATE_CONTACT;
    snprintf(out, size, "%s%s", identity->canonical_value, contact ? " (contact only)" : "");
    return out;
}

/* An identity that both have relates them, be it active or contact data. */
static void add_identity(struct table *table, const Profiled__V1__Identity *one,
                         const Profiled__V1__Identity *other) {
    char left[1024];
    char right[1024];
    table_add(table, one != NULL && other != NULL ? "=" : "");
    table_add(table, one != NULL ? one->type : other->type);
    table_add(table, identity_text(one, left, sizeof left));
    table_add(table, identity_text(other, right, sizeof right));
}

static void add_identities(struct table *table, const Profiled__V1__Profile *one,
                           const Profiled__V1__Profile *other) {
    for (size_t i = 0; i < one->n_identities; i++) {
        add_identity(table, one->identities[i], find(other, one->identities[i]));
    }
    for (size_t i = 0; i < other->n_identities; i++) {
        if (find(one, other->identities[i]) == NULL) {
            add_identity(table, NULL, other->identities[i]);
        }
    }
}

static void add_head(struct table *table, const Profiled__V1__ReviewSide *one,
                     const Profiled__V1__ReviewSide *other) {
    char left[SHORT_TIME_SIZE] = "";
    char right[SHORT_TIME_SIZE] = "";
    output_time(one->profile == NULL ? NULL : one->profile->create_time, left);
    output_time(other->profile == NULL ? NULL : other->profile->create_time, right);
    add_fact(table, "name", one->deleted ? NULL : one->name, other->deleted ? NULL : other->name);
    table_add(table, "");
    table_add(table, "created");
    table_add(table, one->deleted ? "(deleted)" : left);
    table_add(table, other->deleted ? "(deleted)" : right);
}

void output_review(const struct session *session, const Profiled__V1__Review *review) {
    static const struct table_column columns[] = {
        {.title = "", .whole = true},
        {.title = "", .width_min = 11},
        {.title = "ONE", .width_min = 12},
        {.title = "OTHER", .width_min = 12},
    };
    static const Profiled__V1__Profile nobody = PROFILED__V1__PROFILE__INIT;
    const Profiled__V1__ReviewSide *one = review->side;
    const Profiled__V1__ReviewSide *other = review->other_side;
    const Profiled__V1__Profile *left = one->profile == NULL ? &nobody : one->profile;
    const Profiled__V1__Profile *right = other->profile == NULL ? &nobody : other->profile;
    view_head(session, review);
    view_side("One", one);
    view_side("Other", other);
    fputc('\n', stdout);
    struct table table;
    table_init(&table, columns, sizeof columns / sizeof columns[0]);
    add_head(&table, one, other);
    add_attributes(&table, left, right);
    add_identities(&table, left, right);
    table_print(&table, &session->screen);
    table_free(&table);
    if (one->dropped_count + other->dropped_count > 0) {
        fprintf(stdout,
                "\nOther pairs with them were not queued, %" PRId64
                " times: they had 100 open reviews\n",
                one->dropped_count + other->dropped_count);
    }
}
