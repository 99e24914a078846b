/* The history of a profile as a tree, the way somebody reads it who is asked why two people are one
 * profile. Members are branches; under each stand its records in the order of time. */

#include "client/cli/explain_view.h"
#include "client/cli/attribute_text.h"

#include "client/cli/history.h"
#include "client/cli/member_view.h"
#include "client/cli/merge_view.h"
#include "client/cli/output.h"
#include "client/cli/rule_words.h"
#include "client/cli/tree.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    NUMBER_SIZE = 32,
    COMMAND_SIZE = 160,
    TYPE_LIMIT_MAX = 50, /* IdentityType.limit. */
};

static void words_of_count(struct tree *tree, size_t count, const char *one, const char *many) {
    char text[NUMBER_SIZE];
    snprintf(text, sizeof text, "%zu", count);
    tree_words(tree, text);
    tree_words(tree, count == 1 ? one : many);
}

static void value_of_id(struct tree *tree, const char *id) { tree_value(tree, STYLE_DIM, id); }

static void value_of_time(struct tree *tree, const Google__Protobuf__Timestamp *time) {
    char text[SHORT_TIME_SIZE];
    output_time(time, text);
    tree_value(tree, STYLE_BOLD, text);
}

/* ---- what a record told ---- */

static void print_told(struct tree *tree, const Profiled__V1__Record *record) {
    if (record->name[0] != '\0') {
        tree_line(tree);
        tree_words(tree, "name");
        tree_value(tree, STYLE_PLAIN, record->name);
        tree_end(tree);
    }
    for (size_t i = 0; i < record->n_attributes; i++) {
        const Profiled__V1__RecordAttribute *value = record->attributes[i]->value;
        char *text = attribute_text_told(value);
        if (text == NULL) {
            continue;
        }
        tree_line(tree);
        tree_value(tree, STYLE_PLAIN, record->attributes[i]->key);
        tree_value(tree, STYLE_PLAIN, text);
        free(text);
        if (value->source[0] != '\0') {
            tree_words(tree, ", from");
            tree_value(tree, STYLE_PLAIN, value->source);
        }
        tree_end(tree);
    }
}

static void print_rule(struct tree *tree, Profiled__V1__IdentityRule rule, enum screen_style style,
                       const char *what) {
    char room[WORDS_SIZE];
    tree_words(tree, ":");
    tree_value(tree, style, what);
    tree_words(tree, ",");
    tree_words(tree, rule_words(rule, room));
}

/* An identity, as it was told, and what became of it: who had it, where it was not the profile. */
static void print_identity(struct tree *tree, const char *profile_id,
                           const Profiled__V1__IdentityDecision *identity,
                           const Profiled__V1__Identity *told, const char *demoted) {
    tree_line(tree);
    tree_value(tree, STYLE_PLAIN, identity->type);
    tree_value(tree, STYLE_PLAIN, identity->canonical_value);
    if (told != NULL && strcmp(told->value, identity->canonical_value) != 0) {
        tree_words(tree, ", told as");
        tree_value(tree, STYLE_PLAIN, told->value);
    }
    if (demoted != NULL) {
        print_rule(tree, identity->rule, STYLE_WARN, demoted);
    } else if (identity->rule != PROFILED__V1__IDENTITY_RULE__IDENTITY_RULE_UNSPECIFIED) {
        print_rule(tree, identity->rule, STYLE_WARN, "contact only");
    } else {
        tree_words(tree, identity->matched_profile_id[0] != '\0' ? ": known" : ": new");
    }
    if (identity->matched_profile_id[0] != '\0' &&
        strcmp(identity->matched_profile_id, profile_id) != 0) {
        tree_words(tree, ", with");
        value_of_id(tree, identity->matched_profile_id);
    }
    tree_end(tree);
}

static void print_candidate(struct tree *tree, const Profiled__V1__CandidateDecision *candidate) {
    if (candidate->accepted) {
        return; /* What it was linked to, and what was merged, is told above. */
    }
    tree_line(tree);
    tree_value(tree, STYLE_BAD, "not joined");
    tree_words(tree, "with");
    value_of_id(tree, candidate->profile_id);
    char room[WORDS_SIZE];
    tree_words(tree, ":");
    tree_words(tree, rule_words(candidate->rule, room));
    tree_end(tree);
}

/* ---- a decision ---- */

/* By which rules it was decided. */
static void print_version(struct tree *tree, const Profiled__V1__ExplainedDecision *explained) {
    char version[NUMBER_SIZE];
    snprintf(version, sizeof version, "%s %" PRId64,
             explained->earlier_rules ? "earlier rules" : "rules",
             explained->decision->rule_version);
    tree_words(tree, ",");
    tree_value(tree, STYLE_PLAIN, version);
}

static void print_outcome(struct tree *tree, const Profiled__V1__ExplainedDecision *explained) {
    const Profiled__V1__Decision *decision = explained->decision;
    char number[NUMBER_SIZE];
    snprintf(number, sizeof number, "#%" PRId64, explained->number);
    tree_value(tree, STYLE_BOLD, number);
    value_of_time(tree, decision->decide_time);
    tree_value(tree, STYLE_PLAIN, explained->record->source);
    tree_words(tree, ":");
    char outcome[WORDS_SIZE];
    output_words(&profiled__v1__outcome__descriptor, (int32_t)decision->outcome, "OUTCOME_",
                 outcome);
    tree_value(tree, STYLE_GOOD, outcome);
    for (size_t i = 0; i < decision->n_merged_ids; i++) {
        tree_words(tree, i == 0 ? "" : ",");
        value_of_id(tree, decision->merged_ids[i]);
    }
    if (decision->n_merged_ids > 0) {
        tree_words(tree, "into");
        value_of_id(tree, decision->profile_id);
    }
    char observed[SHORT_TIME_SIZE];
    char decided[SHORT_TIME_SIZE];
    output_time(explained->record->observe_time, observed);
    output_time(decision->decide_time, decided);
    if (strcmp(observed, decided) != 0) {
        tree_words(tree, ", observed");
        tree_value(tree, STYLE_PLAIN, observed);
    }
    print_version(tree, explained);
    tree_end(tree);
}

static void print_decision(struct tree *tree, const Profiled__V1__ExplainedDecision *explained,
                           bool last) {
    const Profiled__V1__Decision *decision = explained->decision;
    const Profiled__V1__Record *record = explained->record;
    tree_open(tree, last);
    print_outcome(tree, explained);
    print_told(tree, record);
    for (size_t i = 0; i < decision->n_identities; i++) {
        print_identity(tree, decision->profile_id, decision->identities[i],
                       i < record->n_identities ? record->identities[i] : NULL, NULL);
    }
    for (size_t i = 0; i < decision->n_demoted; i++) {
        print_identity(tree, decision->profile_id, decision->demoted[i], NULL,
                       "demoted to contact data");
    }
    for (size_t i = 0; i < decision->n_candidates; i++) {
        print_candidate(tree, decision->candidates[i]);
    }
    tree_close(tree);
}

/* ---- members ---- */

/* The member's decision after `*item`, which starts at 0; NULL at the end. */
static const Profiled__V1__ExplainedDecision *next_of(const struct history *history,
                                                      const char *member, size_t *item) {
    while (*item < history->count) {
        const Profiled__V1__ExplainedDecision *decision = history->decisions[(*item)++];
        if (strcmp(decision->decision->member_id, member) == 0) {
            return decision;
        }
    }
    return NULL;
}

static void print_member(struct tree *tree, const struct history *history,
                         const Profiled__V1__Member *member, bool last) {
    tree_open(tree, last);
    tree_value(tree, STYLE_BOLD, member->id);
    tree_words(tree, member->answers ? "answers" : "is part of it");
    tree_end(tree);
    tree_line(tree);
    tree_words(tree, "made");
    value_of_time(tree, member->create_time);
    tree_words(tree, ",");
    words_of_count(tree, (size_t)member->decision_count, "record", "records");
    tree_end(tree);
    size_t item = 0;
    const Profiled__V1__ExplainedDecision *decision = next_of(history, member->id, &item);
    member_view_print(tree, history, member->id, decision == NULL);
    while (decision != NULL) {
        const Profiled__V1__ExplainedDecision *next = next_of(history, member->id, &item);
        print_decision(tree, decision, next == NULL);
        decision = next;
    }
    tree_close(tree);
}

static void print_heading_of(struct tree *tree, const char *name,
                             const Profiled__V1__ExplainProfileResponse *first) {
    tree_line(tree);
    tree_value(tree, STYLE_BOLD, name);
    tree_end(tree);
    tree_line(tree);
    tree_value(tree, STYLE_PLAIN, first->profile_id);
    if (first->n_members == 1) {
        tree_words(tree, "is one profile, none merged into it.");
    } else {
        tree_words(tree, "is");
        words_of_count(tree, first->n_members, "profile.", "profiles in one.");
    }
    tree_end(tree);
    fputc('\n', tree->screen->out);
}

void explain_profile_print(const struct session *session, const char *name,
                           Profiled__V1__ExplainProfileResponse *const *pages, size_t page_count) {
    struct history history;
    history_open(&history, pages, page_count);
    struct tree tree;
    const Profiled__V1__ExplainProfileResponse *first = pages[0];
    tree_init(&tree, &session->screen);
    print_heading_of(&tree, name, first);
    for (size_t i = 0; i < first->n_members; i++) {
        if (i > 0) {
            tree_gap(&tree);
        }
        print_member(&tree, &history, first->members[i],
                     i + 1 == first->n_members && first->n_merges == 0);
    }
    if (first->n_merges > 0) {
        tree_gap(&tree);
        merge_view_print(&tree, &history, first->merges, first->n_merges);
    }
    history_close(&history);
}

/* ---- two of them ---- */

static void print_evidence(struct tree *tree, const Profiled__V1__MatchEvidence *evidence,
                           bool last) {
    char room[WORDS_SIZE];
    tree_open(tree, last);
    tree_value(tree, STYLE_PLAIN, evidence->type);
    if (strcmp(evidence->type, evidence->other_type) != 0) {
        tree_words(tree, "and");
        tree_value(tree, STYLE_PLAIN, evidence->other_type);
    }
    tree_value(tree, STYLE_BOLD, evidence->canonical_value);
    tree_words(tree, ":");
    if (evidence->may_merge) {
        tree_value(tree, STYLE_GOOD, "may join");
    } else {
        tree_value(tree, STYLE_WARN, evidence->may_match ? "matches, may not join" : "no match");
        tree_words(tree, ",");
        tree_words(tree, rule_words(evidence->rule, room));
    }
    if (evidence->contact_rule != PROFILED__V1__IDENTITY_RULE__IDENTITY_RULE_UNSPECIFIED &&
        evidence->contact_rule != evidence->rule) {
        tree_words(tree, "; contact data with one of the two:");
        tree_words(tree, rule_words(evidence->contact_rule, room));
    }
    tree_end(tree);
    tree_close(tree);
}

/* The pair that is never to be one: what said so, and the command that takes it back. */
static void print_pair(struct tree *tree, const Profiled__V1__NeverJoin *never) {
    tree_line(tree);
    tree_words(tree, "said");
    value_of_time(tree, never->create_time);
    if (never->merge_id[0] != '\0') {
        tree_words(tree, "when the merge was undone:");
        value_of_id(tree, never->merge_id);
    } else if (never->review_id[0] != '\0') {
        tree_words(tree, "by the review");
        value_of_id(tree, never->review_id);
    }
    tree_end(tree);
    tree_line(tree);
    tree_words(tree, "to change it: profilectl identity never-join delete");
    value_of_id(tree, never->profile_id);
    value_of_id(tree, never->other_profile_id);
    tree_end(tree);
}

/* The option of a type that lets match what matches nothing; NULL when there is none. */
static const char *matching_option(int rule) {
    static const struct {
        int rule;
        const char *option;
    } rows[] = {
        {PROFILED__V1__IDENTITY_RULE__IDENTITY_RULE_BLOCKED_SHORT, "--min-length COUNT"},
        {PROFILED__V1__IDENTITY_RULE__IDENTITY_RULE_BLOCKED_ROLE_MAILBOX,
         "--block-role-mailboxes no"},
        {PROFILED__V1__IDENTITY_RULE__IDENTITY_RULE_BLOCKED_PATTERN, "--blocked-pattern REGEX"},
        {PROFILED__V1__IDENTITY_RULE__IDENTITY_RULE_TYPE_NOT_MATCHING, "--match yes"},
        {PROFILED__V1__IDENTITY_RULE__IDENTITY_RULE_TYPE_DISABLED, "--disabled no"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].rule == rule) {
            return rows[i].option;
        }
    }
    return NULL;
}

/* The command for what the server names in the words of the contract; false when there is none that
 * does it. */
static bool change_command(const Profiled__V1__MatchObstacle *obstacle, char *out, size_t size) {
    const char *type = obstacle->type[0] == '\0' ? "TYPE" : obstacle->type;
    switch ((int)obstacle->rule) { /* A newer server may know others. */
    case PROFILED__V1__IDENTITY_RULE__IDENTITY_RULE_VETO_BIRTH_DATE:
    case PROFILED__V1__IDENTITY_RULE__IDENTITY_RULE_VETO_GENDER:
    case PROFILED__V1__IDENTITY_RULE__IDENTITY_RULE_VETO_GIVEN_NAME:
        if (obstacle->stops_merge) {
            return false;
        }
        snprintf(out, size, "profilectl identity types update %s --veto NAMES", type);
        return true;
    case PROFILED__V1__IDENTITY_RULE__IDENTITY_RULE_VETO_SINGLE_VALUE:
    case PROFILED__V1__IDENTITY_RULE__IDENTITY_RULE_OWNED_ELSEWHERE:
        snprintf(out, size, "profilectl identity unlink ID %s:VALUE", type);
        return true;
    case PROFILED__V1__IDENTITY_RULE__IDENTITY_RULE_MERGE_LIMIT:
    case PROFILED__V1__IDENTITY_RULE__IDENTITY_RULE_OVER_LIMIT:
        if (obstacle->type[0] == '\0' || obstacle->count > TYPE_LIMIT_MAX) {
            return false;
        }
        snprintf(out, size, "profilectl identity types update %s --limit %" PRId64, type,
                 obstacle->count);
        return true;
    case PROFILED__V1__IDENTITY_RULE__IDENTITY_RULE_MERGE_TYPE:
        snprintf(out, size, "profilectl identity types update %s --merge yes", type);
        return true;
    case PROFILED__V1__IDENTITY_RULE__IDENTITY_RULE_MERGE_PROVENANCE:
        if ((int)obstacle->provenance <= PROFILED__V1__PROVENANCE__PROVENANCE_INFERRED) {
            return false;
        }
        snprintf(out, size, "profilectl identity types update %s --merge-provenance attested",
                 type);
        return true;
    default:
        if (matching_option((int)obstacle->rule) == NULL) {
            return false;
        }
        snprintf(out, size, "profilectl identity types update %s %s", type,
                 matching_option((int)obstacle->rule));
        return true;
    }
}

static void print_command(struct tree *tree, const char *command) {
    tree_line(tree);
    tree_words(tree, "command:");
    tree_words(tree, command);
    tree_end(tree);
}

static void print_change(struct tree *tree, const Profiled__V1__MatchObstacle *obstacle) {
    char command[COMMAND_SIZE];
    tree_line(tree);
    tree_words(tree, "to change it:");
    tree_words(tree, obstacle->what_would_change);
    tree_end(tree);
    if (!obstacle->lapsed && change_command(obstacle, command, sizeof command)) {
        print_command(tree, command);
    }
    if (obstacle->links) {
        snprintf(command, sizeof command, "profilectl identity link %s %s:VALUE",
                 obstacle->profile_id, obstacle->type);
        print_command(tree, command);
    }
}

static void print_obstacle(struct tree *tree, const Profiled__V1__MatchObstacle *obstacle,
                           bool with_id, bool last) {
    char room[WORDS_SIZE];
    char count[NUMBER_SIZE * 2];
    tree_open(tree, last);
    tree_value(tree, STYLE_BAD, obstacle->field);
    tree_words(tree, ":");
    tree_words(tree, rule_words(obstacle->rule, room));
    if (obstacle->limit > 0) {
        snprintf(count, sizeof count, ", %" PRId64 " > %" PRId64, obstacle->count, obstacle->limit);
        tree_words(tree, count);
    }
    if (obstacle->lapsed) {
        tree_words(tree, ", which holds no more");
    }
    if (!obstacle->stops_merge) {
        tree_words(tree, "; not in the way of a merge by hand");
    } else if (!obstacle->stops_records) {
        tree_words(tree, "; in the way of a merge by hand alone");
    }
    tree_end(tree);
    if (with_id) {
        tree_line(tree);
        tree_words(tree, "keeps it from");
        value_of_id(tree, obstacle->profile_id);
        tree_end(tree);
    }
    if (obstacle->never_join != NULL) {
        print_pair(tree, obstacle->never_join);
    } else {
        print_change(tree, obstacle);
    }
    tree_close(tree);
}

static void print_heading(struct tree *tree, const char *heading) {
    fputc('\n', tree->screen->out);
    tree_line(tree);
    tree_value(tree, STYLE_BOLD, heading);
    tree_end(tree);
}

void explain_match_print(const struct session *session,
                         const Profiled__V1__ExplainMatchResponse *response) {
    const bool of_record = response->decision != NULL;
    struct tree tree;
    tree_init(&tree, &session->screen);
    tree_line(&tree);
    tree_words(&tree, verdict_words(response));
    tree_end(&tree);
    if (response->n_path > 0) {
        merge_view_print(&tree, NULL, response->path, response->n_path);
    }
    if (response->n_evidence > 0) {
        print_heading(&tree, "In common");
    }
    for (size_t i = 0; i < response->n_evidence; i++) {
        print_evidence(&tree, response->evidence[i], i + 1 == response->n_evidence);
    }
    if (response->n_obstacles > 0) {
        print_heading(&tree, "In the way");
    }
    for (size_t i = 0; i < response->n_obstacles; i++) {
        print_obstacle(&tree, response->obstacles[i], response->profile_id[0] == '\0',
                       i + 1 == response->n_obstacles);
    }
    if (of_record) {
        print_heading(&tree, "What would come of the record");
        output_decision(session, response->decision);
    }
}
