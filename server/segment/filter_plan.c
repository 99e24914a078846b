/* What indexes know of a filter. A set of tests of which all have passed one for whom the filter
 * holds is a clause: take their ways on away, and no way leads to the end. One test that has to
 * hold is such a set, and so are the sides of an OR, where indexes know each of them. */

#include "server/segment/filter_plan.h"

#include <assert.h>

/* The ways from tests that are taken away. */
struct gone {
    bool yes[FILTER_TESTS_MAX];
    bool no[FILTER_TESTS_MAX];
};

/* Whether no way leads to the end. Each test leads to tests that were added before it. */
static bool is_cut(const struct filter *filter, const struct gone *gone) {
    bool accepts[FILTER_TESTS_MAX] = {false};
    assert(filter->start < filter->test_count && filter->test_count <= FILTER_TESTS_MAX);
    for (size_t i = 0; i < filter->test_count; i++) {
        const struct filter_test *test = &filter->tests[i];
        const bool yes =
            test->yes == FILTER_ACCEPT || (test->yes != FILTER_REJECT && accepts[test->yes]);
        const bool no =
            test->no == FILTER_ACCEPT || (test->no != FILTER_REJECT && accepts[test->no]);
        accepts[i] = (yes && !gone->yes[i]) || (no && !gone->no[i]);
    }
    return !accepts[filter->start];
}

/* Whether all have passed a test for whom the filter holds. */
static bool is_required(const struct filter *filter, size_t required) {
    struct gone gone = {.yes = {false}};
    gone.yes[required] = true;
    return is_cut(filter, &gone);
}

/* Whether all have failed it. */
static bool is_refuted(const struct filter *filter, size_t refuted) {
    struct gone gone = {.no = {false}};
    gone.no[refuted] = true;
    return is_cut(filter, &gone);
}

bool filter_fixes(const struct filter *filter, const struct fields *fields, enum field_kind kind,
                  uint32_t number) {
    for (size_t i = 0; i < filter->test_count; i++) {
        const struct field *field = &fields->items[filter->tests[i].field];
        if (filter->tests[i].op == FILTER_OP_EQUAL && field->kind == kind &&
            field->number == number && is_required(filter, i)) {
            return true;
        }
    }
    return false;
}

/* ---- terms ---- */

/* Of an attribute: whether it has an index, and compares texts. */
static bool is_indexed(const struct field_names *names, const struct field *field) {
    const struct attribute_rule *rule = attribute_rules_find(names->attributes, field->name);
    return rule != NULL && rule->kind->indexed && field->type == FIELD_TEXT;
}

/* Indexes do not have what folding leaves nothing of: invisible characters alone. */
static bool has_text(const struct filter_test *test) { return test->constant.text.size > 0; }

/* How many terms those who pass a test have, each of them; 0 where no index knows of it. */
static size_t term_count_of(const struct field_names *names, const struct field *field,
                            const struct filter_test *test) {
    if (test->op == FILTER_OP_ALL_WORDS) {
        return field->kind == FIELD_NAME ? test->constant.piece_count : 0;
    }
    if (test->op != FILTER_OP_EQUAL) {
        return 0;
    }
    switch ((int)field->kind) {
    case FIELD_ID:
        return has_text(test) ? 1 : 0;
    case FIELD_SEGMENT:
        return test->constant.number > 0 ? 1 : 0;
    case FIELD_ATTRIBUTE:
        return has_text(test) && is_indexed(names, field) ? 1 : 0;
    case FIELD_IDENTITY:
        return has_text(test) && field->name[0] != '\0' ? 1 : 0;
    default:
        return 0;
    }
}

static struct profile_term term_of(const struct field *field, const struct filter_test *test,
                                   size_t position, struct arena *arena) {
    const char *text = arena_string(arena, test->constant.text);
    switch ((int)field->kind) {
    case FIELD_ID:
        return (struct profile_term){PROFILE_TERM_ID, "id", text};
    case FIELD_SEGMENT:
        return (struct profile_term){PROFILE_TERM_MEMBER, "segments",
                                     arena_format(arena, "%u", field->number)};
    case FIELD_IDENTITY:
        return (struct profile_term){PROFILE_TERM_IDENTITY, identity_match_name(field->name), text};
    case FIELD_NAME:
        return (struct profile_term){PROFILE_TERM_NAME_WORD, "name",
                                     arena_string(arena, test->constant.pieces[position])};
    default:
        return (struct profile_term){PROFILE_TERM_ATTRIBUTE,
                                     arena_string(arena, bytes_of_string(field->name)), text};
    }
}

/* ---- clauses ---- */

struct planner {
    const struct field_names *names;
    struct fields *fields;
    struct filter *filter;
    struct gone left; /* `yes`: tests that indexes know of, and no clause has yet. */
};

static struct profile_term planner_term(const struct planner *planner, size_t test,
                                        size_t position) {
    const struct filter_test *one = &planner->filter->tests[test];
    return term_of(&planner->fields->items[one->field], one, position, planner->fields->arena);
}

static void add_clause(struct planner *planner, const struct profile_term *terms, size_t count) {
    struct filter *filter = planner->filter;
    struct store_clause *clauses = arena_append(planner->fields->arena, filter->clauses,
                                                filter->clause_count, sizeof *clauses);
    clauses[filter->clause_count++] = (struct store_clause){count, terms};
    filter->clauses = clauses;
}

/* A test that all have passed: they have each of its terms. */
static void add_required(struct planner *planner, size_t test) {
    const struct filter_test *one = &planner->filter->tests[test];
    const size_t count = term_count_of(planner->names, &planner->fields->items[one->field], one);
    for (size_t i = 0; i < count; i++) {
        struct profile_term *term = arena_alloc(planner->fields->arena, sizeof *term);
        *term = planner_term(planner, test, i);
        add_clause(planner, term, 1);
    }
    planner->left.yes[test] = false;
}

/* Tests of which all have passed one, as few of those that are left as that takes; of each its
 * first term. */
static void add_alternatives(struct planner *planner) {
    struct gone few = planner->left;
    struct profile_term *terms =
        arena_array(planner->fields->arena, planner->filter->test_count, sizeof *terms);
    size_t count = 0;
    for (size_t i = planner->filter->test_count; i > 0; i--) { /* In the order of the filter. */
        const bool had = few.yes[i - 1];
        few.yes[i - 1] = false;
        if (had && !is_cut(planner->filter, &few)) {
            few.yes[i - 1] = true;
            planner->left.yes[i - 1] = false;
            terms[count++] = planner_term(planner, i - 1, 0);
        }
    }
    assert(count > 0); /* Where nothing is taken away there is a way to the end. */
    add_clause(planner, terms, count);
}

void filter_plan(const struct field_names *names, struct fields *fields, struct filter *filter) {
    struct planner planner = {.names = names, .fields = fields, .filter = filter};
    if (names->subject != FIELD_OF_PERSONS) {
        return;
    }
    for (size_t i = 0; i < filter->test_count; i++) {
        const struct filter_test *test = &filter->tests[i];
        planner.left.yes[i] = term_count_of(names, &fields->items[test->field], test) > 0;
    }
    for (size_t i = filter->test_count; i > 0; i--) { /* In the order of the filter. */
        if (planner.left.yes[i - 1] && is_required(filter, i - 1)) {
            add_required(&planner, i - 1);
        }
    }
    while (is_cut(filter, &planner.left)) {
        add_alternatives(&planner);
    }
}

/* ---- spans of times ---- */

static void narrow(struct store_span *span, int64_t from_us, int64_t to_us) {
    span->from_us = from_us > span->from_us ? from_us : span->from_us;
    span->to_us = to_us < span->to_us ? to_us : span->to_us;
}

/* Narrows to those who pass an order with a time, or, where `passes` is false, who do not: each
 * person has the times that indexes know. Times are far from the ends of their type. */
static void narrow_by(struct store_span *span, enum filter_op op, bool passes, int64_t time_us) {
    switch ((int)op) {
    case FILTER_OP_EQUAL:
        if (passes) {
            narrow(span, time_us, time_us);
        }
        return;
    case FILTER_OP_LESS:
        narrow(span, passes ? INT64_MIN : time_us, passes ? time_us - 1 : INT64_MAX);
        return;
    case FILTER_OP_LESS_OR_EQUAL:
        narrow(span, passes ? INT64_MIN : time_us + 1, passes ? time_us : INT64_MAX);
        return;
    case FILTER_OP_GREATER:
        narrow(span, passes ? time_us + 1 : INT64_MIN, passes ? INT64_MAX : time_us);
        return;
    case FILTER_OP_GREATER_OR_EQUAL:
        narrow(span, passes ? time_us : INT64_MIN, passes ? INT64_MAX : time_us - 1);
        return;
    default:
        return;
    }
}

struct store_choice filter_choice(const struct filter *filter, const struct fields *fields,
                                  int64_t now_us) {
    struct store_choice choice = store_choice_all();
    choice.clause_count = filter->clause_count;
    choice.clauses = filter->clauses;
    for (size_t i = 0; i < filter->test_count; i++) {
        const struct filter_test *test = &filter->tests[i];
        const enum field_kind kind = fields->items[test->field].kind;
        const bool is_time = kind == FIELD_CREATE_TIME || kind == FIELD_UPDATE_TIME;
        const bool passes = is_time && is_required(filter, i);
        if (passes || (is_time && is_refuted(filter, i))) {
            narrow_by(kind == FIELD_CREATE_TIME ? &choice.create : &choice.update, test->op, passes,
                      test->constant.time_us + (test->constant.relative ? now_us : 0));
        }
    }
    return choice;
}
