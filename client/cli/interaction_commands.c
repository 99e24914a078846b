/* The commands of the group `interaction`. */

#include "client/cli/command.h"
#include "client/cli/interaction_request.h"
#include "client/cli/output.h"
#include "client/cli/pages.h"
#include "client/cli/request.h"
#include "client/json.h"

#include "profiled/v1/interaction_service.pb-c.h"

#include <stdio.h>

static int call(struct session *session, const char *method, json_t *request,
                ProtobufCMessage **response) {
    return session_call(session, &profiled__v1__interaction_service__descriptor, method, request,
                        response);
}

int interaction_record(struct session *session, const struct arguments *arguments) {
    json_t *record = interaction_request(arguments);
    if (record == NULL) {
        return EXIT_USAGE;
    }
    json_t *request = json_object();
    json_object_set_new(request, "interactionRecord", record);
    request_write(request, arguments);
    ProtobufCMessage *message = NULL;
    int code = call(session, "RecordInteraction", request, &message);
    if (code != EXIT_DONE) {
        return code;
    }
    const Profiled__V1__RecordInteractionResponse *response =
        (const Profiled__V1__RecordInteractionResponse *)message;
    if (session->output != OUTPUT_TABLE) {
        code = output_message(session, message);
    } else {
        fprintf(stdout, "interaction  %s%s\nprofile      %s\n", response->interaction_id,
                response->repeated_event ? "  (was there before)" : "", response->profile_id);
        if (response->decision != NULL) {
            fputc('\n', stdout);
            output_decision(session, response->decision);
        }
    }
    profiled_message_free(message);
    return code;
}

static void print_page(const struct session *session, const ProtobufCMessage *message,
                       struct page *page) {
    const Profiled__V1__ListInteractionsResponse *list =
        (const Profiled__V1__ListInteractionsResponse *)message;
    *page = (struct page){list->n_interactions, "interactions", list->next_page_token};
    if (session->output == OUTPUT_TABLE) {
        output_interactions(session, list->interactions, list->n_interactions, 0);
    }
}

int interaction_list(struct session *session, const struct arguments *arguments) {
    json_t *filter = interaction_filter_request(arguments);
    if (filter == NULL) {
        return EXIT_USAGE;
    }
    json_t *request = json_pack("{s:s,s:o}", "profileId", arguments->words[0], "filter", filter);
    return pages_print(session, arguments, &profiled__v1__interaction_service__descriptor,
                       "ListInteractions", request, print_page);
}
