/* `profilectl identity explain` and `profilectl identity why-not`. */

#include "client/cli/answer.h"
#include "client/cli/command.h"
#include "client/cli/explain_view.h"
#include "client/cli/pages.h"
#include "client/cli/profile_word.h"
#include "client/cli/request.h"

#include "profiled/v1/identity_service.pb-c.h"

#include <assert.h>
#include <stdlib.h>

enum { PAGE_MAX = 1000, DECISIONS_DEFAULT = 200 };

/* ---- explain ---- */

/* The pages of a tree: it is printed at once, since members are branches and decisions come in the
 * order of time. */
struct explanation {
    Profiled__V1__ExplainProfileResponse **pages;
    size_t count;
};

static void explanation_free(struct explanation *explanation) {
    for (size_t i = 0; i < explanation->count; i++) {
        profiled_message_free(&explanation->pages[i]->base);
    }
    free(explanation->pages);
}

/* Reads pages from the token on, "" for the first, until there are `left` decisions. */
static int explanation_read(struct session *session, const char *id, const char *token,
                            int64_t left, struct explanation *out) {
    do {
        json_t *request = json_pack("{s:s,s:i,s:s}", "profileId", id, "pageSize",
                                    (int)(left < PAGE_MAX ? left : PAGE_MAX), "pageToken", token);
        ProtobufCMessage *message = NULL;
        const int code = session_call(session, "ExplainProfile", request, &message);
        if (code != EXIT_DONE) {
            return code;
        }
        out->pages = realloc(out->pages, (out->count + 1) * sizeof(void *));
        assert(out->pages != NULL);
        Profiled__V1__ExplainProfileResponse *page =
            (Profiled__V1__ExplainProfileResponse *)message;
        out->pages[out->count++] = page;
        left -= (int64_t)page->n_decisions;
        token = page->next_page_token;
    } while (token[0] != '\0' && left > 0);
    if (token[0] != '\0') {
        fprintf(stderr, "There are more: --all, or --page-token %s\n", token);
    }
    return EXIT_DONE;
}

static int print_tree(struct session *session, const struct arguments *arguments,
                      const Profiled__V1__Profile *profile) {
    int64_t limit = 0;
    if (!arguments_number(arguments, OPT_LIMIT, 1, INT64_MAX,
                          arguments_has(arguments, OPT_ALL) ? INT64_MAX : DECISIONS_DEFAULT,
                          &limit)) {
        return EXIT_USAGE;
    }
    const char *token = arguments_get(arguments, OPT_PAGE_TOKEN);
    struct explanation explanation = {NULL, 0};
    const int code =
        explanation_read(session, profile->id, token == NULL ? "" : token, limit, &explanation);
    if (code == EXIT_DONE) {
        explain_profile_print(session, profile->name, explanation.pages, explanation.count);
    }
    explanation_free(&explanation);
    return code;
}

static void describe_page(const struct session *session, const ProtobufCMessage *message,
                          struct page *page) {
    (void)session; /* Not for tables. */
    const Profiled__V1__ExplainProfileResponse *list =
        (const Profiled__V1__ExplainProfileResponse *)message;
    *page = (struct page){list->n_decisions, "decisions", list->next_page_token, page->state};
}

int identity_explain(struct session *session, const struct arguments *arguments) {
    ProtobufCMessage *message = NULL;
    int code = profile_word_ask(session, arguments, &message);
    if (code != EXIT_DONE) {
        return code;
    }
    const Profiled__V1__Profile *profile = profile_word_profile(message);
    if (session->output == OUTPUT_TABLE) {
        code = print_tree(session, arguments, profile);
    } else {
        code = pages_print(session, arguments, "ExplainProfile",
                           json_pack("{s:s}", "profileId", profile->id), describe_page);
    }
    profiled_message_free(message);
    return code;
}

/* ---- why-not ---- */

/* Whether the command line tells a record. */
static bool tells_record(const struct arguments *arguments) {
    return arguments_has(arguments, OPT_IDENTITY) || arguments_has(arguments, OPT_NAME) ||
           arguments_has(arguments, OPT_ATTRIBUTE) || arguments_has(arguments, OPT_JSON);
}

/* The request; NULL, told, when the line has neither two ids nor a record. */
static json_t *read_question(const struct arguments *arguments) {
    const bool of_record = tells_record(arguments);
    if (arguments->word_count > (of_record ? 1 : 2) || (!of_record && arguments->word_count < 2)) {
        fprintf(stderr, "profilectl: who? Give two ids, or a record (--identity, --name, "
                        "--attribute or --json) and one id at most\n");
        return NULL;
    }
    json_t *request = json_object();
    if (arguments->word_count > 0) {
        json_object_set_new(request, "profileId", json_string(arguments->words[0]));
    }
    if (!of_record) {
        json_object_set_new(request, "otherProfileId", json_string(arguments->words[1]));
        return request;
    }
    json_t *record = request_record(arguments);
    if (record == NULL) {
        json_decref(request);
        return NULL;
    }
    json_object_set_new(request, "record", record);
    return request;
}

static void view_match(const struct session *session, const struct arguments *arguments,
                       const ProtobufCMessage *answer) {
    (void)arguments;
    explain_match_print(session, (const Profiled__V1__ExplainMatchResponse *)answer);
}

int identity_why_not(struct session *session, const struct arguments *arguments) {
    return answer_ask(session, arguments, "ExplainMatch", read_question(arguments), view_match);
}
