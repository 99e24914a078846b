/* The commands that list merges, undo them, and say which profiles are never to be one. */

#include "client/cli/answer.h"
#include "client/cli/command.h"
#include "client/cli/output.h"
#include "client/cli/pages.h"
#include "client/cli/request.h"
#include "client/cli/table.h"

#include "profiled/v1/identity_service.pb-c.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    LINE_SIZE = 128,
    STATE_SIZE = 40,
    WIDE_MIN = 168, /* Columns that a line with three ids, time, state and method takes. */
};

/* ---- merges ---- */

/* By which rules is told where it was kept. */
static const char *state_of(const Profiled__V1__Merge *merge, char room[STATE_SIZE]) {
    if (merge->undo_time != NULL && merge->undo_rule_version > 0) {
        snprintf(room, STATE_SIZE, "undone by rules %" PRId64, merge->undo_rule_version);
        return room;
    }
    return merge->undo_time == NULL ? "stands"
           : merge->undone_by_rules ? "undone by rules"
                                    : "undone";
}

/* No call joined a profile that rules made of records with the one that they had been linked to. */
static const char *method_of(const Profiled__V1__Merge *merge) {
    return merge->made_of_records ? "a linked record" : merge->method;
}

/* A line a merge. */
static void print_wide(const struct session *session,
                       const Profiled__V1__ListMergesResponse *list) {
    static const struct table_column columns[] = {
        {.title = "MERGE", .whole = true}, {.title = "STATE", .whole = true},
        {.title = "TIME", .whole = true},  {.title = "MERGED", .whole = true},
        {.title = "INTO", .whole = true},  {.title = "BY", .whole = true},
    };
    struct table table;
    table_init(&table, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < list->n_merges; i++) {
        const Profiled__V1__Merge *merge = list->merges[i];
        char time[SHORT_TIME_SIZE];
        char state[STATE_SIZE];
        output_time(merge->merge_time, time);
        table_add(&table, merge->id);
        table_add(&table, state_of(merge, state));
        table_add(&table, time);
        table_add(&table, merge->absorbed_id);
        table_add(&table, merge->survivor_id);
        table_add(&table, method_of(merge));
    }
    table_print(&table, &session->screen);
    table_free(&table);
}

/* Three lines a merge, so that 80 columns hold who was merged into whom, in whole. */
static void print_narrow(const struct session *session,
                         const Profiled__V1__ListMergesResponse *list) {
    static const struct table_column columns[] = {
        {.title = "MERGE, WHEN AND BY WHAT", .whole = true},
        {.title = "MERGED INTO", .whole = true},
    };
    struct table table;
    table_init(&table, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < list->n_merges; i++) {
        const Profiled__V1__Merge *merge = list->merges[i];
        char time[SHORT_TIME_SIZE];
        char line[LINE_SIZE];
        char state[STATE_SIZE];
        table_add(&table, merge->id);
        table_add(&table, merge->absorbed_id);
        output_time(merge->merge_time, time);
        snprintf(line, sizeof line, "%s  %s", time, method_of(merge));
        table_add(&table, line);
        snprintf(line, sizeof line, "into %s", merge->survivor_id);
        table_add(&table, line);
        output_time(merge->undo_time, time);
        snprintf(line, sizeof line, "%s%s%s", state_of(merge, state), time[0] == '\0' ? "" : "  ",
                 time);
        table_add(&table, line);
        table_add(&table, "");
    }
    table_print(&table, &session->screen);
    table_free(&table);
}

static void print_merges(const struct session *session, const ProtobufCMessage *message,
                         struct page *page) {
    const Profiled__V1__ListMergesResponse *list =
        (const Profiled__V1__ListMergesResponse *)message;
    *page = (struct page){list->n_merges, "merges", list->next_page_token, page->state};
    if (session->output != OUTPUT_TABLE) {
        return;
    }
    if (session->screen.width >= WIDE_MIN) {
        print_wide(session, list);
    } else {
        print_narrow(session, list);
    }
}

int identity_merges(struct session *session, const struct arguments *arguments) {
    json_t *request = json_object();
    if (arguments->word_count > 0) {
        json_object_set_new(request, "profileId", json_string(arguments->words[0]));
    }
    return pages_print(session, arguments, "ListMerges", request, print_merges);
}

/* What is decided anew. */
static void view_reconsidered(const Profiled__V1__UnmergeProfilesResponse *response, bool dry_run) {
    for (size_t i = 0; i < response->n_reconsidered_profile_ids; i++) {
        fprintf(stdout, "%s %s\n  of what only the merge let in\n", dry_run ? "Would make" : "Made",
                response->reconsidered_profile_ids[i]);
    }
    for (size_t i = 0; i < response->n_reconsidered_undone_merges; i++) {
        const Profiled__V1__Merge *undone = response->reconsidered_undone_merges[i];
        fprintf(stdout, "%s %s\n  from %s,\n  whom only the merge joined\n",
                dry_run ? "Would restore" : "Restored", undone->absorbed_id, undone->survivor_id);
    }
    for (size_t i = 0; i < response->n_reconsidered_merges; i++) {
        const Profiled__V1__Merge *joined = response->reconsidered_merges[i];
        fprintf(stdout, "%s %s\n  with %s,\n  whom only the merge kept apart\n",
                dry_run ? "Would join" : "Joined", joined->absorbed_id, joined->survivor_id);
    }
    const bool is_changed = response->n_reconsidered_profile_ids > 0 ||
                            response->n_reconsidered_undone_merges > 0 ||
                            response->n_reconsidered_merges > 0;
    fputs(is_changed ? "\n" : "", stdout);
    if (!response->retold) {
        fputs("Not all that came since could be told again: of it only those are joined whom the\n"
              "merge alone kept apart.\n\n",
              stdout);
    }
}

/* What came of it, before the two as they are then. */
static void view_unmerged(const struct session *session, const struct arguments *arguments,
                          const ProtobufCMessage *answer) {
    const Profiled__V1__UnmergeProfilesResponse *response =
        (const Profiled__V1__UnmergeProfilesResponse *)answer;
    const bool dry_run = arguments_has(arguments, OPT_DRY_RUN);
    const Profiled__V1__Merge *merge = response->merge;
    fprintf(stdout,
            dry_run ? "Would restore  %s\nFrom           %s\n" : "Restored  %s\nFrom      %s\n",
            response->restored_profile->id, response->profile->id);
    fprintf(stdout,
            "The two %s joined again, whatever records say, until\n"
            "  profilectl identity never-join delete \\\n    %s \\\n    %s\n\n",
            dry_run ? "would never be" : "are never", merge->profile_id, merge->other_profile_id);
    if (!arguments_has(arguments, OPT_KEEP_DECISIONS)) {
        view_reconsidered(response, dry_run);
    }
    output_profile(session, response->profile);
    fputs("\n\n", stdout);
    output_profile(session, response->restored_profile);
}

int identity_unmerge(struct session *session, const struct arguments *arguments) {
    const bool by_profile = arguments_has(arguments, OPT_ABSORBED);
    if (by_profile == (arguments->word_count > 0)) {
        fprintf(stderr, "profilectl: name the merge, as `identity merges` lists it, or a profile "
                        "that was merged\ninto another with --profile\n");
        return EXIT_USAGE;
    }
    json_t *request = json_object();
    request_text(request, "profileId", arguments, OPT_ABSORBED);
    request_flag(request, "keepDecisions", arguments, OPT_KEEP_DECISIONS);
    if (!by_profile) {
        json_object_set_new(request, "mergeId", json_string(arguments->words[0]));
    }
    request_write(request, arguments);
    return answer_ask(session, arguments, "UnmergeProfiles", request, view_unmerged);
}

/* ---- pairs that are never to be one ---- */

static void add_never_join(struct table *table, const Profiled__V1__NeverJoin *never) {
    char time[SHORT_TIME_SIZE];
    output_time(never->create_time, time);
    table_add(table, never->profile_id);
    table_add(table, never->other_profile_id);
    table_add(table, time);
    table_add(table, never->review_id[0] != '\0'  ? "a review"
                     : never->merge_id[0] != '\0' ? "an unmerge"
                                                  : "somebody");
}

static void print_never_joins(const struct session *session, Profiled__V1__NeverJoin *const *nevers,
                              size_t count) {
    static const struct table_column columns[] = {
        {.title = "PROFILE", .whole = true},
        {.title = "NEVER WITH", .whole = true},
        {.title = "SINCE", .whole = true, .drop = 2},
        {.title = "BY", .drop = 1},
    };
    struct table table;
    table_init(&table, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < count; i++) {
        add_never_join(&table, nevers[i]);
    }
    table_print(&table, &session->screen);
    table_free(&table);
}

static void print_page(const struct session *session, const ProtobufCMessage *message,
                       struct page *page) {
    const Profiled__V1__ListNeverJoinsResponse *list =
        (const Profiled__V1__ListNeverJoinsResponse *)message;
    *page = (struct page){list->n_never_joins, "neverJoins", list->next_page_token, page->state};
    if (session->output == OUTPUT_TABLE) {
        print_never_joins(session, list->never_joins, list->n_never_joins);
    }
}

int never_join_list(struct session *session, const struct arguments *arguments) {
    return pages_print(session, arguments, "ListNeverJoins", json_object(), print_page);
}

/* Both answers of a change have the pair as their first member. */
static void view_never_join(const struct session *session, const struct arguments *arguments,
                            const ProtobufCMessage *answer) {
    (void)arguments;
    print_never_joins(session, &((const Profiled__V1__CreateNeverJoinResponse *)answer)->never_join,
                      1);
}

static int change(struct session *session, const struct arguments *arguments, const char *method) {
    json_t *request = request_pair(arguments);
    request_write(request, arguments);
    return answer_ask(session, arguments, method, request, view_never_join);
}

int never_join_create(struct session *session, const struct arguments *arguments) {
    return change(session, arguments, "CreateNeverJoin");
}

int never_join_delete(struct session *session, const struct arguments *arguments) {
    return change(session, arguments, "DeleteNeverJoin");
}
