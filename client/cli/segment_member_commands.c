/* The commands of the group `segment` that tell who is in segments. */

#include "client/cli/answer.h"
#include "client/cli/bar.h"
#include "client/cli/command.h"
#include "client/cli/pages.h"
#include "client/cli/profile_rows.h"
#include "client/cli/request.h"
#include "client/cli/table.h"

#include "profiled/v1/segment_service.pb-c.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- members ---- */

/* Says, after what was printed, that somebody may be missing. */
static void tell_not_ready(void) {
    fflush(stdout); /* What is there first, where both go to one place. */
    fputs("profilectl: not ready: the server is still filling it\n", stderr);
}

static struct page page_of(const Profiled__V1__ListSegmentMembersResponse *list) {
    return (struct page){list->n_profiles, "profiles", list->next_page_token, NULL};
}

static void print_page(const struct session *session, const ProtobufCMessage *message,
                       struct page *page) {
    const Profiled__V1__ListSegmentMembersResponse *list =
        (const Profiled__V1__ListSegmentMembersResponse *)message;
    *page = page_of(list);
    if (session->output == OUTPUT_TABLE && list->n_profiles > 0) {
        profile_rows_print(session, list->profiles, list->n_profiles, false);
    } else if (session->output == OUTPUT_TABLE && list->next_page_token[0] == '\0' &&
               !session->screen.run->begun) {
        fputs("No members.\n", stdout);
    }
    if (list->next_page_token[0] == '\0' && !list->ready) {
        tell_not_ready();
    }
}

static void print_ids(const struct session *session, const ProtobufCMessage *message,
                      struct page *page) {
    const Profiled__V1__ListSegmentMembersResponse *list =
        (const Profiled__V1__ListSegmentMembersResponse *)message;
    *page = page_of(list);
    for (size_t i = 0; session->output == OUTPUT_TABLE && i < list->n_profiles; i++) {
        fprintf(stdout, "%s\n", list->profiles[i]->id);
    }
    if (list->next_page_token[0] == '\0' && !list->ready) {
        tell_not_ready();
    }
}

int segment_members(struct session *session, const struct arguments *arguments) {
    const bool ids = arguments_has(arguments, OPT_IDS);
    json_t *request = json_pack("{s:s}", "name", arguments->words[0]);
    if (ids) {
        json_object_set_new(request, "readMask", json_string("id"));
    } else if (session->output == OUTPUT_TABLE) {
        json_object_set_new(request, "readMask", json_string("id,name,identities,updateTime"));
    }
    return pages_print(session, arguments, "ListSegmentMembers", request,
                       ids ? print_ids : print_page);
}

/* ---- one person ---- */

static void view_memberships(const struct session *session, const struct arguments *arguments,
                             const ProtobufCMessage *answer) {
    static const struct table_column columns[] = {
        {.title = "SEGMENT", .whole = true},
        {.title = "MEMBER", .whole = true},
        {.title = "READY", .whole = true},
    };
    (void)arguments;
    const Profiled__V1__CheckMembershipResponse *response =
        (const Profiled__V1__CheckMembershipResponse *)answer;
    fprintf(stdout, "%s\n\n", response->profile_id);
    if (response->n_memberships == 0) {
        fputs("In no segment.\n", stdout);
        return;
    }
    struct table table;
    table_init(&table, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < response->n_memberships; i++) {
        const Profiled__V1__Membership *membership = response->memberships[i];
        table_add(&table, membership->segment);
        table_add(&table, membership->member ? "yes" : "no");
        table_add(&table, membership->ready ? "yes" : "no");
    }
    table_print(&table, &session->screen);
    table_free(&table);
}

/* The words from `first` on. */
static json_t *words_from(const struct arguments *arguments, size_t first) {
    json_t *words = json_array();
    for (size_t i = first; i < arguments->word_count; i++) {
        json_t *word = json_string(arguments->words[i]);
        json_array_append_new(words, word == NULL ? json_false() : word);
    }
    return words;
}

int segment_check(struct session *session, const struct arguments *arguments) {
    const char *person = arguments->words[0];
    json_t *request = json_pack("{s:o}", "segments", words_from(arguments, 1));
    if (strchr(person, ':') != NULL) {
        json_t *identity = request_identity(person, arguments);
        if (identity == NULL) {
            json_decref(request);
            return EXIT_USAGE;
        }
        json_object_set_new(request, "identity", identity);
    } else if (arguments_has(arguments, OPT_REGION)) {
        fputs("profilectl: --region is of TYPE:VALUE, not of an id\n", stderr);
        json_decref(request);
        return EXIT_USAGE;
    } else {
        json_object_set_new(request, "profileId", json_string(person));
    }
    return answer_ask(session, arguments, "CheckMembership", request, view_memberships);
}

/* ---- what segments share ---- */

static void add_count(struct table *table, const char *names, int64_t count, int64_t any) {
    char bar[BAR_SIZE];
    bar_draw(count, any, bar);
    table_add(table, names);
    table_add_number(table, count);
    table_add(table, bar);
}

/* The names with commas between them; the caller's. */
static char *join_names(char *const *names, size_t count) {
    char *joined = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&joined, &size);
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "%s%s", i == 0 ? "" : ", ", names[i]);
    }
    fclose(out);
    return joined;
}

static void view_overlap(const struct session *session, const struct arguments *arguments,
                         const ProtobufCMessage *answer) {
    static const struct table_column columns[] = {
        {.title = "IN THESE, IN NO OTHER"},
        {.title = "PEOPLE", .whole = true, .right = true},
        {.title = "", .drop = 1},
    };
    (void)arguments;
    const Profiled__V1__OverlapSegmentsResponse *response =
        (const Profiled__V1__OverlapSegmentsResponse *)answer;
    struct table table;
    table_init(&table, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < response->n_overlaps; i++) {
        const Profiled__V1__SegmentOverlap *overlap = response->overlaps[i];
        char *names = join_names(overlap->segments, overlap->n_segments);
        add_count(&table, names, overlap->count, response->any_count);
        free(names);
    }
    if (response->n_overlaps > 0) {
        table_print(&table, &session->screen);
        fputc('\n', stdout);
    }
    table_free(&table);
    fprintf(stdout, "In all of them  %" PRId64 "\nIn any of them  %" PRId64 "\n",
            response->all_count, response->any_count);
    if (!response->ready) {
        tell_not_ready();
    }
}

int segment_overlap(struct session *session, const struct arguments *arguments) {
    return answer_ask(session, arguments, "OverlapSegments",
                      json_pack("{s:o}", "segments", words_from(arguments, 0)), view_overlap);
}
