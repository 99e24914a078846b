/* What a member has, as branches of a tree: its identities with the records that told them, what
 * somebody did by hand, and what somebody is to decide on. */

#include "client/cli/member_view.h"

#include "client/cli/output.h"
#include "client/cli/rule_words.h"

#include <inttypes.h>
#include <string.h>

enum { NUMBER_SIZE = 32, NUMBERS_SHOWN = 5 };

static const Profiled__V1__ExplainProfileResponse *first_of(const struct history *history) {
    return history->pages[0];
}

/* ---- identities ---- */

static bool is_same(const Profiled__V1__Identity *one, const Profiled__V1__Identity *other) {
    return strcmp(one->type, other->type) == 0 &&
           strcmp(one->canonical_value, other->canonical_value) == 0;
}

/* Each page names those of its own decisions that told the identity. */
static size_t numbers_of(const struct history *history, const Profiled__V1__Identity *identity,
                         int64_t numbers[NUMBERS_SHOWN]) {
    size_t count = 0;
    for (size_t i = 0; i < history->page_count; i++) {
        const Profiled__V1__ExplainProfileResponse *page = history->pages[i];
        for (size_t k = 0; k < page->n_identities; k++) {
            const Profiled__V1__ExplainedIdentity *there = page->identities[k];
            if (there->identity == NULL || !is_same(there->identity, identity)) {
                continue;
            }
            for (size_t m = 0; m < there->n_decision_ids; m++, count++) {
                if (count < NUMBERS_SHOWN) {
                    numbers[count] = history_number(history, there->decision_ids[m]);
                }
            }
        }
    }
    return count;
}

static void print_tellers(struct tree *tree, const struct history *history,
                          const Profiled__V1__Identity *identity) {
    int64_t numbers[NUMBERS_SHOWN];
    const size_t count = numbers_of(history, identity, numbers);
    if (count == 0) {
        tree_words(tree, history->whole ? ", told by no record: linked by hand"
                                        : ", told by no record that is shown");
        return;
    }
    char text[NUMBER_SIZE];
    tree_words(tree, ", told by");
    for (size_t i = 0; i < count && i < NUMBERS_SHOWN; i++) {
        snprintf(text, sizeof text, "#%" PRId64 "%s", numbers[i],
                 i + 1 < count && i + 1 < NUMBERS_SHOWN ? "," : "");
        tree_words(tree, text);
    }
    if (count > NUMBERS_SHOWN) {
        snprintf(text, sizeof text, "and %zu more", count - NUMBERS_SHOWN);
        tree_words(tree, text);
    }
}

static void print_seen(struct tree *tree, const Profiled__V1__Identity *identity) {
    char first[SHORT_TIME_SIZE];
    char last[SHORT_TIME_SIZE];
    output_day(identity->first_seen_time, first);
    output_day(identity->last_seen_time, last);
    tree_words(tree, ", seen");
    tree_value(tree, STYLE_PLAIN, first);
    if (strcmp(first, last) != 0) {
        tree_words(tree, "to");
        tree_value(tree, STYLE_PLAIN, last);
    }
}

static void print_identity(struct tree *tree, const struct history *history,
                           const Profiled__V1__Identity *identity, bool last) {
    char room[WORDS_SIZE];
    tree_open(tree, last);
    tree_value(tree, STYLE_PLAIN, identity->type);
    tree_value(tree, STYLE_BOLD, identity->canonical_value);
    tree_words(tree, ":");
    if (identity->state == PROFILED__V1__IDENTITY_STATE__IDENTITY_STATE_CONTACT) {
        tree_value(tree, STYLE_WARN, "contact only");
        tree_words(tree, ",");
        tree_words(tree, rule_words(identity->rule, room));
        tree_words(tree, ";");
    }
    output_words(&profiled__v1__provenance__descriptor, (int32_t)identity->provenance,
                 "PROVENANCE_", room);
    tree_words(tree, room);
    if (identity->source[0] != '\0') {
        tree_words(tree, "by");
        tree_value(tree, STYLE_PLAIN, identity->source);
    }
    print_seen(tree, identity);
    print_tellers(tree, history, identity);
    tree_end(tree);
    tree_close(tree);
}

static bool is_identity_of(const Profiled__V1__ExplainedIdentity *identity, const char *member) {
    return identity->identity != NULL && strcmp(identity->member_id, member) == 0;
}

static size_t count_identities(const struct history *history, const char *member) {
    size_t count = 0;
    for (size_t i = 0; i < first_of(history)->n_identities; i++) {
        count += is_identity_of(first_of(history)->identities[i], member) ? 1 : 0;
    }
    return count;
}

static void print_identities(struct tree *tree, const struct history *history, const char *member,
                             bool last) {
    size_t left = count_identities(history, member);
    if (left == 0) {
        return;
    }
    tree_open(tree, last);
    tree_value(tree, STYLE_BOLD, "identities");
    tree_end(tree);
    for (size_t i = 0; i < first_of(history)->n_identities; i++) {
        const Profiled__V1__ExplainedIdentity *identity = first_of(history)->identities[i];
        if (is_identity_of(identity, member)) {
            print_identity(tree, history, identity->identity, --left == 0);
        }
    }
    tree_close(tree);
}

/* ---- by hand ---- */

static bool names_member(const Profiled__V1__NeverJoin *never, const char *member) {
    return strcmp(never->profile_id, member) == 0 || strcmp(never->other_profile_id, member) == 0;
}

static size_t count_by_hand(const struct history *history, const char *member) {
    const Profiled__V1__ExplainProfileResponse *first = first_of(history);
    size_t count = 0;
    for (size_t i = 0; i < first->n_hand_set_values; i++) {
        count += strcmp(first->hand_set_values[i]->member_id, member) == 0 ? 1 : 0;
    }
    for (size_t i = 0; i < first->n_never_joins; i++) {
        count += names_member(first->never_joins[i], member) ? 1 : 0;
    }
    return count;
}

static void print_time(struct tree *tree, const Google__Protobuf__Timestamp *time) {
    char text[SHORT_TIME_SIZE];
    output_time(time, text);
    tree_value(tree, STYLE_BOLD, text);
}

static void print_value(struct tree *tree, const Profiled__V1__HandSetValue *value, bool last) {
    static const char prefix[] = "attributes.";
    const bool is_attribute = strncmp(value->field, prefix, sizeof prefix - 1) == 0;
    tree_open(tree, last);
    print_time(tree, value->set_time);
    tree_value(tree, STYLE_PLAIN, value->field + (is_attribute ? sizeof prefix - 1 : 0));
    if (value->text[0] == '\0') {
        tree_words(tree, "taken away");
    } else {
        tree_words(tree, "set to");
        tree_value(tree, STYLE_PLAIN, value->text);
    }
    if (value->source[0] != '\0') {
        tree_words(tree, ", by");
        tree_value(tree, STYLE_PLAIN, value->source);
    }
    tree_end(tree);
    tree_close(tree);
}

static void print_never_join(struct tree *tree, const Profiled__V1__NeverJoin *never,
                             const char *member, bool last) {
    const bool is_one = strcmp(never->profile_id, member) == 0;
    tree_open(tree, last);
    print_time(tree, never->create_time);
    tree_value(tree, STYLE_BAD, "never to be one");
    tree_words(tree, "with");
    tree_value(tree, STYLE_DIM, is_one ? never->other_profile_id : never->profile_id);
    if (never->merge_id[0] != '\0') {
        tree_words(tree, ", since the merge was undone:");
        tree_value(tree, STYLE_DIM, never->merge_id);
    } else if (never->review_id[0] != '\0') {
        tree_words(tree, ", by the review");
        tree_value(tree, STYLE_DIM, never->review_id);
    }
    tree_end(tree);
    tree_close(tree);
}

static void print_by_hand(struct tree *tree, const struct history *history, const char *member,
                          bool last) {
    const Profiled__V1__ExplainProfileResponse *first = first_of(history);
    size_t left = count_by_hand(history, member);
    if (left == 0) {
        return;
    }
    tree_open(tree, last);
    tree_value(tree, STYLE_BOLD, "by hand");
    tree_end(tree);
    for (size_t i = 0; i < first->n_hand_set_values; i++) {
        if (strcmp(first->hand_set_values[i]->member_id, member) == 0) {
            print_value(tree, first->hand_set_values[i], --left == 0);
        }
    }
    for (size_t i = 0; i < first->n_never_joins; i++) {
        if (names_member(first->never_joins[i], member)) {
            print_never_join(tree, first->never_joins[i], member, --left == 0);
        }
    }
    tree_close(tree);
}

/* ---- reviews ---- */

static bool is_review_of(const Profiled__V1__Review *review, const char *member) {
    return strcmp(review->side->member_id, member) == 0 ||
           strcmp(review->other_side->member_id, member) == 0;
}

static size_t count_reviews(const struct history *history, const char *member) {
    size_t count = 0;
    for (size_t i = 0; i < first_of(history)->n_open_reviews; i++) {
        count += is_review_of(first_of(history)->open_reviews[i], member) ? 1 : 0;
    }
    return count;
}

/* With whom, why, and the id that `review show` takes. */
static void print_review(struct tree *tree, const Profiled__V1__Review *review, const char *member,
                         bool last) {
    const bool is_one = strcmp(review->side->member_id, member) == 0;
    const Profiled__V1__ReviewSide *other = is_one ? review->other_side : review->side;
    tree_open(tree, last);
    print_time(tree, review->last_time);
    tree_value(tree, STYLE_WARN, "perhaps one");
    tree_words(tree, "with");
    tree_value(tree, STYLE_DIM, other->member_id);
    tree_words(tree, ":");
    tree_words(tree, review_reason(review->rule));
    tree_end(tree);
    tree_line(tree);
    tree_words(tree, "review");
    tree_value(tree, STYLE_BOLD, review->id);
    tree_end(tree);
    tree_close(tree);
}

static void print_reviews(struct tree *tree, const struct history *history, const char *member,
                          bool last) {
    size_t left = count_reviews(history, member);
    if (left == 0) {
        return;
    }
    tree_open(tree, last);
    tree_value(tree, STYLE_BOLD, "open reviews");
    tree_end(tree);
    for (size_t i = 0; i < first_of(history)->n_open_reviews; i++) {
        const Profiled__V1__Review *review = first_of(history)->open_reviews[i];
        if (is_review_of(review, member)) {
            print_review(tree, review, member, --left == 0);
        }
    }
    tree_close(tree);
}

void member_view_print(struct tree *tree, const struct history *history, const char *member_id,
                       bool last) {
    const bool has_reviews = count_reviews(history, member_id) > 0;
    const bool has_by_hand = count_by_hand(history, member_id) > 0;
    print_identities(tree, history, member_id, last && !has_by_hand && !has_reviews);
    print_by_hand(tree, history, member_id, last && !has_reviews);
    print_reviews(tree, history, member_id, last);
}
