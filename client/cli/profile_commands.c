/* The commands of the group `profile`. */

#include "client/cli/answer.h"
#include "client/cli/command.h"
#include "client/cli/output.h"
#include "client/cli/pages.h"
#include "client/cli/profile_rows.h"
#include "client/cli/profile_word.h"
#include "client/cli/request.h"
#include "client/cli/text.h"
#include "client/json.h"

#include "profiled/v1/interaction_service.pb-c.h"
#include "profiled/v1/profile_service.pb-c.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_INTERACTIONS = 10, SHOWN_SURVEYS = 3 };

/* A profile out of --json, or out of --name, --identity and --attribute. */
static json_t *read_profile(const struct arguments *arguments, bool with_identities) {
    const char *path = arguments_get(arguments, OPT_JSON);
    if (path != NULL) {
        return request_file(path);
    }
    json_t *profile = json_object();
    if ((with_identities && !request_identities(profile, arguments)) ||
        !request_attributes(profile, arguments, true)) {
        json_decref(profile);
        return NULL;
    }
    request_text(profile, "name", arguments, OPT_NAME);
    return profile;
}

int profile_create(struct session *session, const struct arguments *arguments) {
    json_t *profile = read_profile(arguments, true);
    if (profile == NULL) {
        return EXIT_USAGE;
    }
    json_t *request = json_pack("{s:o}", "profile", profile);
    request_write(request, arguments);
    return answer_ask(session, arguments, "CreateProfile", request, answer_view_profile);
}

static int get_one(struct session *session, const struct arguments *arguments) {
    json_t *request = json_pack("{s:s}", "id", arguments->words[0]);
    request_flag(request, "showDeleted", arguments, OPT_SHOW_DELETED);
    ProtobufCMessage *response = NULL;
    const int code = session_call(session, "GetProfile", request, &response);
    if (code != EXIT_DONE) {
        return code;
    }
    profile_word_note((const Profiled__V1__GetProfileResponse *)response);
    return answer_print(session, arguments, response, answer_view_profile);
}

static void view_rows(const struct session *session, const struct arguments *arguments,
                      const ProtobufCMessage *answer) {
    (void)arguments;
    const Profiled__V1__BatchGetProfilesResponse *response =
        (const Profiled__V1__BatchGetProfilesResponse *)answer;
    Profiled__V1__Profile **profiles = calloc(response->n_profiles + 1, sizeof *profiles);
    assert(profiles != NULL);
    for (size_t i = 0; i < response->n_profiles; i++) {
        profiles[i] = response->profiles[i]->profile;
    }
    profile_rows_print(session, profiles, response->n_profiles, false);
    free(profiles);
}

static int get_many(struct session *session, const struct arguments *arguments) {
    json_t *ids = json_array();
    for (size_t i = 0; i < arguments->word_count; i++) {
        json_array_append_new(ids, json_string(arguments->words[i]));
    }
    ProtobufCMessage *message = NULL;
    int code = session_call(session, "BatchGetProfiles", json_pack("{s:o}", "ids", ids), &message);
    if (code != EXIT_DONE) {
        return code;
    }
    const Profiled__V1__BatchGetProfilesResponse *response =
        (const Profiled__V1__BatchGetProfilesResponse *)message;
    for (size_t i = 0; i < response->n_profiles; i++) {
        profile_word_note(response->profiles[i]);
    }
    for (size_t i = 0; i < response->n_missing_ids; i++) {
        fprintf(stderr, "profilectl: there is no profile %s\n", response->missing_ids[i]);
    }
    const bool any_missing = response->n_missing_ids > 0;
    code = answer_print(session, arguments, message, view_rows);
    return code == EXIT_DONE && any_missing ? EXIT_STATUS + PROFILED_NOT_FOUND : code;
}

int profile_get(struct session *session, const struct arguments *arguments) {
    if (arguments->word_count > 1 && arguments_has(arguments, OPT_SHOW_DELETED)) {
        fprintf(stderr, "profilectl: --show-deleted takes one id: several are answered without "
                        "those that are deleted\n");
        return EXIT_USAGE;
    }
    return arguments->word_count == 1 ? get_one(session, arguments) : get_many(session, arguments);
}

/* The latest interactions of a profile, of a kind unless that is NULL. Answers an exit code; `*out`
 * is the caller's when it is 0. */
static int ask_latest(struct session *session, const Profiled__V1__Profile *profile,
                      const char *kind, int count, Profiled__V1__ListInteractionsResponse **out) {
    json_t *request = json_pack("{s:s,s:i}", "profileId", profile->id, "pageSize", count);
    if (kind != NULL) {
        json_object_set_new(request, "filter", json_pack("{s:s}", "kind", kind));
    }
    ProtobufCMessage *message = NULL;
    const int code = session_call(session, "ListInteractions", request, &message);
    *out = (Profiled__V1__ListInteractionsResponse *)message;
    return code;
}

static bool has_answered(const Profiled__V1__Profile *profile) {
    const Profiled__V1__InteractionSummary *summary = profile->interaction_summary;
    for (size_t i = 0; summary != NULL && i < summary->n_kinds; i++) {
        if (strcmp(summary->kinds[i]->label, "survey_response") == 0) {
            return true;
        }
    }
    return false;
}

/* A customer as it is shown: NULL where there is none of it. */
struct shown {
    ProtobufCMessage *answer; /* Has the profile. */
    Profiled__V1__ListInteractionsResponse *latest;
    Profiled__V1__ListInteractionsResponse *surveys; /* The latest, however long ago. */
};

/* Asks for what was done and said, of a profile that is not deleted. */
static int ask_interactions(struct session *session, struct shown *shown) {
    const Profiled__V1__Profile *profile = profile_word_profile(shown->answer);
    int code = EXIT_DONE;
    if (profile->delete_time == NULL) {
        code = ask_latest(session, profile, NULL, SHOWN_INTERACTIONS, &shown->latest);
    }
    if (code == EXIT_DONE && shown->latest != NULL && has_answered(profile)) {
        code = ask_latest(session, profile, "INTERACTION_KIND_SURVEY_RESPONSE", SHOWN_SURVEYS,
                          &shown->surveys);
    }
    return code;
}

static void view_shown(const struct session *session, const struct shown *shown) {
    output_profile(session, profile_word_profile(shown->answer));
    if (shown->surveys != NULL && shown->surveys->n_interactions > 0) {
        output_heading(session, "Latest survey answers\n");
        output_answers(session, shown->surveys->interactions, shown->surveys->n_interactions);
    }
    if (shown->latest != NULL && shown->latest->n_interactions > 0) {
        output_heading(session, "Latest\n");
        output_interactions(session, shown->latest->interactions, shown->latest->n_interactions, 2);
    }
}

/* Puts the interactions of a list into the JSON under this name. */
static void put_interactions(json_t *json, const char *name,
                             const Profiled__V1__ListInteractionsResponse *list) {
    json_t *all = list == NULL ? NULL : json_from_message(&list->base);
    json_t *interactions = json_object_get(all, "interactions");
    if (interactions != NULL) {
        json_object_set(json, name, interactions);
    }
    json_decref(all);
}

static int print_shown(const struct session *session, const struct shown *shown) {
    if (session->output == OUTPUT_TABLE) {
        view_shown(session, shown);
        return EXIT_DONE;
    }
    json_t *json = json_from_message(shown->answer);
    put_interactions(json, "interactions", shown->latest);
    put_interactions(json, "surveyResponses", shown->surveys);
    return output_json(session, json);
}

int profile_show(struct session *session, const struct arguments *arguments) {
    struct shown shown = {NULL, NULL, NULL};
    int code = profile_word_ask(session, arguments, &shown.answer);
    if (code != EXIT_DONE) {
        return code;
    }
    code = ask_interactions(session, &shown);
    if (code == EXIT_DONE) {
        code = print_shown(session, &shown);
    }
    profiled_message_free(shown.answer);
    profiled_message_free(shown.latest == NULL ? NULL : &shown.latest->base);
    profiled_message_free(shown.surveys == NULL ? NULL : &shown.surveys->base);
    return code;
}

/* What was done for all pages of a list. */
struct plan {
    char *index; /* Of the first page; NULL where none was told. Ours. */
    int64_t row_count;
    int64_t profile_count;
};

static void add_plan(struct plan *plan, const Profiled__V1__ListPlan *page) {
    if (plan->index == NULL) {
        plan->index = text_clean(page->index);
    }
    plan->row_count += page->row_count;
    plan->profile_count += page->profile_count;
}

/* How a list was found, for who asks why it takes so long. */
static void tell_plan(const struct plan *plan) {
    const bool is_order =
        strcmp(plan->index, "create_time") == 0 || strcmp(plan->index, "update_time") == 0;
    fflush(stdout); /* The list first, where both go to one place. */
    fprintf(stderr,
            "Found by %s%s: rows looked at: %" PRId64
            ", profiles that the filter was tried on: %" PRId64 "\n",
            is_order ? "going along " : "the index of ", plan->index, plan->row_count,
            plan->profile_count);
}

/* Pages are printed as they come: a list may be longer than memory. */
static void print_page(const struct session *session, const ProtobufCMessage *message,
                       struct page *page) {
    const Profiled__V1__ListProfilesResponse *list =
        (const Profiled__V1__ListProfilesResponse *)message;
    *page = (struct page){list->n_profiles, "profiles", list->next_page_token, page->state};
    if (session->output == OUTPUT_TABLE) {
        profile_rows_print(session, list->profiles, list->n_profiles, false);
        if (list->plan != NULL) {
            add_plan(page->state, list->plan);
        }
    }
}

int profile_list(struct session *session, const struct arguments *arguments) {
    json_t *request = json_object();
    request_text(request, "filter", arguments, OPT_FILTER);
    request_text(request, "orderBy", arguments, OPT_ORDER_BY);
    request_flag(request, "showDeleted", arguments, OPT_SHOW_DELETED);
    request_flag(request, "explain", arguments, OPT_EXPLAIN);
    struct plan plan = {.index = NULL};
    const int code =
        pages_print_with(session, arguments, "ListProfiles", request, print_page, &plan);
    if (plan.index != NULL) {
        tell_plan(&plan);
    }
    free(plan.index);
    return code;
}

int profile_lookup(struct session *session, const struct arguments *arguments) {
    json_t *identity = request_identity(arguments->words[0], arguments);
    json_t *request = identity == NULL ? NULL : json_pack("{s:o}", "identity", identity);
    return answer_ask(session, arguments, "LookupProfile", request, answer_view_profile);
}

/* The mask: what the command line names. With --json the server takes every field that is set. */
static json_t *read_mask(const struct arguments *arguments) {
    char *mask = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&mask, &size);
    const char *comma = "";
    if (arguments_has(arguments, OPT_NAME)) {
        fputs("name", out);
        comma = ",";
    }
    static const enum cli_option named[] = {OPT_ATTRIBUTE, OPT_CLEAR};
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
        size_t position = 0;
        for (const char *text = arguments_next(arguments, named[i], &position); text != NULL;
             text = arguments_next(arguments, named[i], &position)) {
            fprintf(out, "%sattributes.%.*s", comma, (int)strcspn(text, "="), text);
            comma = ",";
        }
    }
    fclose(out);
    json_t *json = json_string(mask);
    free(mask);
    return json;
}

/* Whether --attribute sets the attribute. */
static bool is_set(const struct arguments *arguments, const char *name) {
    const size_t size = strlen(name);
    size_t position = 0;
    for (const char *text = arguments_next(arguments, OPT_ATTRIBUTE, &position); text != NULL;
         text = arguments_next(arguments, OPT_ATTRIBUTE, &position)) {
        if (strncmp(text, name, size) == 0 && text[size] == '=') {
            return true;
        }
    }
    return false;
}

/* A profile has a name, always: --clear takes attributes, that are not set at once. */
static bool check_clear(const struct arguments *arguments) {
    size_t position = 0;
    for (const char *text = arguments_next(arguments, OPT_CLEAR, &position); text != NULL;
         text = arguments_next(arguments, OPT_CLEAR, &position)) {
        if (strcmp(text, "name") == 0) {
            fprintf(stderr, "profilectl: --clear: a name can't be cleared; --name sets another\n");
            return false;
        }
        if (is_set(arguments, text)) {
            fputs("profilectl: --clear and --attribute do not go together of one attribute: ",
                  stderr);
            text_tell(stderr, text);
            fputc('\n', stderr);
            return false;
        }
    }
    return true;
}

int profile_update(struct session *session, const struct arguments *arguments) {
    if (!check_clear(arguments)) {
        return EXIT_USAGE;
    }
    json_t *profile = read_profile(arguments, false);
    if (profile == NULL) {
        return EXIT_USAGE;
    }
    const bool from_file = arguments_has(arguments, OPT_JSON);
    json_t *mask = from_file ? NULL : read_mask(arguments);
    if (mask != NULL && json_string_length(mask) == 0) {
        json_decref(mask);
        json_decref(profile);
        fprintf(stderr, "profilectl: nothing to change: give --name, --attribute, --clear or "
                        "--json\n");
        return EXIT_USAGE;
    }
    json_object_set_new(profile, "id", json_string(arguments->words[0]));
    request_text(profile, "etag", arguments, OPT_ETAG);
    json_t *request = json_object();
    json_object_set_new(request, "profile", profile);
    if (mask != NULL) {
        json_object_set_new(request, "updateMask", mask);
    }
    request_write(request, arguments);
    return answer_ask(session, arguments, "UpdateProfile", request, answer_view_profile);
}

static int by_id(struct session *session, const struct arguments *arguments, const char *method) {
    json_t *request = json_pack("{s:s}", "id", arguments->words[0]);
    request_text(request, "etag", arguments, OPT_ETAG);
    request_write(request, arguments);
    return answer_ask(session, arguments, method, request, answer_view_profile);
}

int profile_delete(struct session *session, const struct arguments *arguments) {
    return by_id(session, arguments, "DeleteProfile");
}

int profile_undelete(struct session *session, const struct arguments *arguments) {
    return by_id(session, arguments, "UndeleteProfile");
}
