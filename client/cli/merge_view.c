/* Merges as branches of a tree: who became part of whom, when and by which call, the id by which it
 * is undone, and which record asked for it by which of its identities. */

#include "client/cli/merge_view.h"

#include "client/cli/output.h"

#include <inttypes.h>
#include <string.h>

enum { NUMBER_SIZE = 32 };

static void value_of_id(struct tree *tree, const char *id) { tree_value(tree, STYLE_DIM, id); }

static void value_of_time(struct tree *tree, enum screen_style style,
                          const Google__Protobuf__Timestamp *time) {
    char text[SHORT_TIME_SIZE];
    output_time(time, text);
    tree_value(tree, style, text);
}

static const Profiled__V1__MergeCause *find_cause(const struct history *history,
                                                  const char *merge_id) {
    const Profiled__V1__ExplainProfileResponse *first = history->pages[0];
    for (size_t i = 0; i < first->n_merge_causes; i++) {
        if (strcmp(first->merge_causes[i]->merge_id, merge_id) == 0) {
            return first->merge_causes[i];
        }
    }
    return NULL;
}

/* The identities that reached one side. */
static void print_reached(struct tree *tree, Profiled__V1__Identity *const *identities,
                          size_t count, const char *profile_id) {
    for (size_t i = 0; i < count; i++) {
        const Profiled__V1__Identity *identity = identities[i];
        tree_line(tree);
        tree_value(tree, STYLE_PLAIN, identity->type);
        tree_value(tree, STYLE_PLAIN, identity->canonical_value);
        tree_words(tree, "reached");
        value_of_id(tree, profile_id);
        tree_end(tree);
    }
}

/* Which record: by its number where it is shown, else by where it lies. */
static void print_record(struct tree *tree, const struct history *history,
                         const Profiled__V1__Merge *merge, const Profiled__V1__MergeCause *cause) {
    const int64_t number = history_number(history, merge->decision_id);
    tree_line(tree);
    if (number > 0) {
        char text[NUMBER_SIZE];
        snprintf(text, sizeof text, "#%" PRId64, number);
        tree_words(tree, merge->made_of_records ? "linked was" : "asked for by");
        tree_value(tree, STYLE_BOLD, text);
    } else {
        tree_words(tree, merge->made_of_records ? "linked was a record" : "asked for by a record");
    }
    if (cause->source[0] != '\0') {
        tree_words(tree, number > 0 ? ", from" : "from");
        tree_value(tree, STYLE_PLAIN, cause->source);
    }
    if (number == 0) {
        tree_words(tree, "that lies under");
        value_of_id(tree, cause->record_profile_id);
        if (cause->source[0] == '\0') {
            tree_words(tree, ", which is deleted");
        } else {
            tree_words(tree, ", observed");
            value_of_time(tree, STYLE_PLAIN, cause->observe_time);
        }
    }
    tree_end(tree);
}

/* The two that somebody named, where they are not those that answered then. */
static void print_pair(struct tree *tree, const Profiled__V1__Merge *merge) {
    const bool is_known = (strcmp(merge->profile_id, merge->survivor_id) == 0 &&
                           strcmp(merge->other_profile_id, merge->absorbed_id) == 0) ||
                          (strcmp(merge->profile_id, merge->absorbed_id) == 0 &&
                           strcmp(merge->other_profile_id, merge->survivor_id) == 0);
    if (!is_known) {
        tree_words(tree, ", of");
        value_of_id(tree, merge->profile_id);
        tree_words(tree, "and");
        value_of_id(tree, merge->other_profile_id);
    }
}

static void print_cause(struct tree *tree, const struct history *history,
                        const Profiled__V1__Merge *merge, const Profiled__V1__MergeCause *cause) {
    if (cause->record_profile_id[0] != '\0') {
        print_record(tree, history, merge, cause);
        print_reached(tree, cause->identities, cause->n_identities, merge->profile_id);
        print_reached(tree, cause->other_identities, cause->n_other_identities,
                      merge->other_profile_id);
        return;
    }
    tree_line(tree);
    if (strcmp(merge->method, "ApplyIdentityTypes") == 0) {
        tree_words(tree, "asked for by rules: an identity that both were told of");
    } else {
        tree_words(tree, "asked for by hand:");
        tree_value(tree, STYLE_PLAIN, merge->method);
        print_pair(tree, merge);
    }
    tree_end(tree);
}

/* The review that it has decided. */
static void print_review(struct tree *tree, const Profiled__V1__MergeCause *cause) {
    if (cause->review_id[0] != '\0') {
        tree_line(tree);
        tree_words(tree, "decided the review");
        value_of_id(tree, cause->review_id);
        tree_end(tree);
    }
}

/* A profile that rules made of records was none as long as these lay with another one. */
static void print_sides(struct tree *tree, const Profiled__V1__Merge *merge) {
    tree_line(tree);
    if (merge->made_of_records) {
        tree_words(tree, "records of");
        value_of_id(tree, merge->profile_id);
        tree_words(tree, merge->undo_time == NULL ? "lie with" : "lay with");
        value_of_id(tree, merge->other_profile_id);
    } else {
        value_of_id(tree, merge->absorbed_id);
        tree_words(tree, merge->undo_time == NULL ? "became part of" : "was part of");
        value_of_id(tree, merge->survivor_id);
    }
    tree_end(tree);
}

static void value_of_version(struct tree *tree, int64_t version) {
    char text[NUMBER_SIZE];
    snprintf(text, sizeof text, "rules %" PRId64, version);
    tree_value(tree, STYLE_PLAIN, text);
}

/* An older server, or merge, does not tell by which rules. */
static void print_undone(struct tree *tree, const Profiled__V1__Merge *merge) {
    tree_line(tree);
    tree_value(tree, STYLE_WARN,
               merge->made_of_records                                    ? "parted"
               : merge->undone_by_rules && merge->undo_rule_version == 0 ? "undone by rules"
                                                                         : "undone");
    value_of_time(tree, STYLE_BOLD, merge->undo_time);
    if (merge->undo_rule_version > 0) {
        tree_words(tree, "by ApplyIdentityTypes,");
        value_of_version(tree, merge->undo_rule_version);
    }
    tree_end(tree);
}

/* What made the two one. */
static void print_joined(struct tree *tree, const Profiled__V1__Merge *merge) {
    value_of_time(tree, STYLE_BOLD, merge->merge_time);
    if (merge->made_of_records) {
        tree_words(tree,
                   merge->undo_time == NULL ? "a record was linked" : "a record had been linked");
    } else {
        tree_value(tree, STYLE_PLAIN, merge->method);
        tree_words(tree, merge->undo_time == NULL ? "joined" : "had joined");
    }
    tree_words(tree, ",");
    value_of_version(tree, merge->rule_version);
}

static void print_merge(struct tree *tree, const struct history *history,
                        const Profiled__V1__Merge *merge, bool last) {
    tree_open(tree, last);
    print_joined(tree, merge);
    tree_end(tree);
    tree_line(tree);
    tree_words(tree, "merge");
    tree_value(tree, STYLE_BOLD, merge->id);
    tree_end(tree);
    print_sides(tree, merge);
    const Profiled__V1__MergeCause *cause = history == NULL ? NULL : find_cause(history, merge->id);
    if (cause != NULL) {
        print_cause(tree, history, merge, cause);
        print_review(tree, cause);
    }
    if (merge->undo_time != NULL) {
        print_undone(tree, merge);
    }
    tree_close(tree);
}

void merge_view_print(struct tree *tree, const struct history *history,
                      Profiled__V1__Merge *const *merges, size_t count) {
    tree_open(tree, true);
    tree_value(tree, STYLE_BOLD, "merges");
    tree_end(tree);
    for (size_t i = 0; i < count; i++) {
        print_merge(tree, history, merges[i], i + 1 == count);
    }
    tree_close(tree);
}
