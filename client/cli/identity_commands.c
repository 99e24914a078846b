/* The commands of the group `identity`. */

#include "client/cli/answer.h"
#include "client/cli/command.h"
#include "client/cli/output.h"
#include "client/cli/request.h"

#include "profiled/v1/identity_service.pb-c.h"

#include <stdio.h>

static void view_resolved(const struct session *session, const struct arguments *arguments,
                          const ProtobufCMessage *answer) {
    (void)arguments;
    const Profiled__V1__ResolveProfileResponse *response =
        (const Profiled__V1__ResolveProfileResponse *)answer;
    if (response->decision != NULL) {
        output_decision(session, response->decision);
    }
    if (response->profile != NULL) {
        fputc('\n', stdout);
        output_profile(session, response->profile);
    }
}

int identity_resolve(struct session *session, const struct arguments *arguments) {
    json_t *record = request_record(arguments);
    if (record == NULL) {
        return EXIT_USAGE;
    }
    json_t *request = json_pack("{s:o}", "record", record);
    request_flag(request, "includeProfile", arguments, OPT_SHOW_PROFILE);
    request_write(request, arguments);
    return answer_ask(session, arguments, "ResolveProfile", request, view_resolved);
}

static int link_or_unlink(struct session *session, const struct arguments *arguments,
                          const char *method) {
    json_t *identity = request_identity(arguments->words[1], arguments);
    if (identity == NULL) {
        return EXIT_USAGE;
    }
    json_t *request =
        json_pack("{s:s,s:o}", "profileId", arguments->words[0], "identity", identity);
    request_write(request, arguments);
    return answer_ask(session, arguments, method, request, answer_view_profile);
}

int identity_link(struct session *session, const struct arguments *arguments) {
    return link_or_unlink(session, arguments, "LinkIdentity");
}

int identity_unlink(struct session *session, const struct arguments *arguments) {
    return link_or_unlink(session, arguments, "UnlinkIdentity");
}

static void view_merged(const struct session *session, const struct arguments *arguments,
                        const ProtobufCMessage *answer) {
    fprintf(stdout, "%s  %s\n\n",
            arguments_has(arguments, OPT_DRY_RUN) ? "would be merged" : "merged",
            ((const Profiled__V1__MergeProfilesResponse *)answer)->merged_id);
    answer_view_profile(session, arguments, answer);
}

int identity_merge(struct session *session, const struct arguments *arguments) {
    json_t *request = request_pair(arguments);
    request_write(request, arguments);
    return answer_ask(session, arguments, "MergeProfiles", request, view_merged);
}
