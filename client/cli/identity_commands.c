/* The commands of the group `identity`. */

#include "client/cli/command.h"
#include "client/cli/output.h"
#include "client/cli/request.h"

#include "profiled/v1/identity_service.pb-c.h"

#include <stdio.h>

static int call(struct session *session, const char *method, json_t *request,
                ProtobufCMessage **response) {
    return session_call(session, &profiled__v1__identity_service__descriptor, method, request,
                        response);
}

int identity_resolve(struct session *session, const struct arguments *arguments) {
    json_t *record = request_record(arguments);
    if (record == NULL) {
        return EXIT_USAGE;
    }
    json_t *request = json_object();
    json_object_set_new(request, "record", record);
    request_flag(request, "includeProfile", arguments, OPT_SHOW_PROFILE);
    request_write(request, arguments);
    ProtobufCMessage *message = NULL;
    int code = call(session, "ResolveProfile", request, &message);
    if (code != EXIT_DONE) {
        return code;
    }
    const Profiled__V1__ResolveProfileResponse *response =
        (const Profiled__V1__ResolveProfileResponse *)message;
    if (session->output != OUTPUT_TABLE) {
        code = output_message(session, message);
    } else {
        if (response->decision != NULL) {
            output_decision(session, response->decision);
        }
        if (response->profile != NULL) {
            fputc('\n', stdout);
            output_profile(session, response->profile);
        }
    }
    profiled_message_free(message);
    return code;
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
    ProtobufCMessage *message = NULL;
    int code = call(session, method, request, &message);
    if (code != EXIT_DONE) {
        return code;
    }
    /* Both answers have the profile as their first member. */
    const Profiled__V1__Profile *profile =
        ((const Profiled__V1__LinkIdentityResponse *)message)->profile;
    if (session->output != OUTPUT_TABLE) {
        code = output_message(session, message);
    } else if (profile != NULL) {
        output_profile(session, profile);
    }
    profiled_message_free(message);
    return code;
}

int identity_link(struct session *session, const struct arguments *arguments) {
    return link_or_unlink(session, arguments, "LinkIdentity");
}

int identity_unlink(struct session *session, const struct arguments *arguments) {
    return link_or_unlink(session, arguments, "UnlinkIdentity");
}

int identity_merge(struct session *session, const struct arguments *arguments) {
    json_t *request = json_pack("{s:s,s:s}", "profileId", arguments->words[0], "otherProfileId",
                                arguments->words[1]);
    request_write(request, arguments);
    ProtobufCMessage *message = NULL;
    int code = call(session, "MergeProfiles", request, &message);
    if (code != EXIT_DONE) {
        return code;
    }
    const Profiled__V1__MergeProfilesResponse *response =
        (const Profiled__V1__MergeProfilesResponse *)message;
    if (session->output != OUTPUT_TABLE) {
        code = output_message(session, message);
    } else {
        fprintf(stdout, "merged  %s\n\n", response->merged_id);
        output_profile(session, response->profile);
    }
    profiled_message_free(message);
    return code;
}
