/* The commands of the group `interaction`. */

#include "client/cli/answer.h"
#include "client/cli/command.h"
#include "client/cli/interaction_request.h"
#include "client/cli/output.h"
#include "client/cli/pages.h"
#include "client/cli/profile_word.h"
#include "client/cli/request.h"

#include "profiled/v1/interaction_service.pb-c.h"

#include <stdio.h>

static void view_recorded(const struct session *session, const struct arguments *arguments,
                          const ProtobufCMessage *answer) {
    (void)arguments;
    const Profiled__V1__RecordInteractionResponse *response =
        (const Profiled__V1__RecordInteractionResponse *)answer;
    if (response->expired) {
        fputs("Not stored: it is past retention\n", stdout);
        return;
    }
    fprintf(stdout, "interaction  %s%s\nprofile      %s\n", response->interaction_id,
            response->repeated_event ? "  (was there before)" : "", response->profile_id);
    if (response->decision != NULL) {
        fputc('\n', stdout);
        output_decision(session, response->decision);
    }
    output_identity_decisions(session, response->identities, response->n_identities);
}

int interaction_record(struct session *session, const struct arguments *arguments) {
    json_t *record = interaction_request(arguments);
    if (record == NULL) {
        return EXIT_USAGE;
    }
    json_t *request = json_pack("{s:o}", "interactionRecord", record);
    request_write(request, arguments);
    return answer_ask(session, arguments, "RecordInteraction", request, view_recorded);
}

static void print_page(const struct session *session, const ProtobufCMessage *message,
                       struct page *page) {
    const Profiled__V1__ListInteractionsResponse *list =
        (const Profiled__V1__ListInteractionsResponse *)message;
    *page = (struct page){list->n_interactions, "interactions", list->next_page_token, page->state};
    if (session->output == OUTPUT_TABLE) {
        output_interactions(session, list->interactions, list->n_interactions, 0);
    }
}

int interaction_list(struct session *session, const struct arguments *arguments) {
    json_t *filter = interaction_filter_request(arguments);
    if (filter == NULL) {
        return EXIT_USAGE;
    }
    json_t *id = NULL;
    const int code = profile_word_id(session, arguments, &id);
    if (code != EXIT_DONE) {
        json_decref(filter);
        return code;
    }
    json_t *request = json_pack("{s:o,s:o}", "profileId", id, "filter", filter);
    return pages_print(session, arguments, "ListInteractions", request, print_page);
}
