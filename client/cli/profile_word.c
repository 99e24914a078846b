/* Profiles by a word. */

#include "client/cli/profile_word.h"

#include "client/cli/command.h"
#include "client/cli/request.h"

#include <stdio.h>
#include <string.h>

static bool is_id(const struct arguments *arguments) {
    return strchr(arguments->words[0], ':') == NULL;
}

/* False, told, where --region is given of an id. */
static bool check_region(const struct arguments *arguments) {
    if (is_id(arguments) && arguments_has(arguments, OPT_REGION)) {
        fprintf(stderr, "profilectl: --region is of TYPE:VALUE, not of an id\n");
        return false;
    }
    return true;
}

static int look_up(struct session *session, const struct arguments *arguments,
                   ProtobufCMessage **out) {
    json_t *identity = request_identity(arguments->words[0], arguments);
    return identity == NULL ? EXIT_USAGE
                            : session_call(session, "LookupProfile",
                                           json_pack("{s:o}", "identity", identity), out);
}

int profile_word_ask(struct session *session, const struct arguments *arguments,
                     ProtobufCMessage **out) {
    if (!check_region(arguments)) {
        return EXIT_USAGE;
    }
    if (!is_id(arguments) && arguments_has(arguments, OPT_SHOW_DELETED)) {
        fprintf(stderr, "profilectl: --show-deleted is of an id, not of TYPE:VALUE\n");
        return EXIT_USAGE;
    }
    if (is_id(arguments)) {
        json_t *request = json_pack("{s:s}", "id", arguments->words[0]);
        request_flag(request, "showDeleted", arguments, OPT_SHOW_DELETED);
        const int code = session_call(session, "GetProfile", request, out);
        if (code == EXIT_DONE) {
            profile_word_note((const Profiled__V1__GetProfileResponse *)*out);
        }
        return code;
    }
    return look_up(session, arguments, out);
}

int profile_word_id(struct session *session, const struct arguments *arguments, json_t **out) {
    if (!check_region(arguments)) {
        return EXIT_USAGE;
    }
    if (is_id(arguments)) {
        *out = json_string(arguments->words[0]);
        return EXIT_DONE;
    }
    ProtobufCMessage *answer = NULL;
    const int code = look_up(session, arguments, &answer);
    if (code == EXIT_DONE) {
        *out = json_string(profile_word_profile(answer)->id);
        profiled_message_free(answer);
    }
    return code;
}

const Profiled__V1__Profile *profile_word_profile(const ProtobufCMessage *response) {
    if (response == NULL) {
        return NULL;
    }
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(response->descriptor, "profile");
    const Profiled__V1__Profile *profile;
    memcpy(&profile, (const char *)response + field->offset, sizeof profile);
    return profile;
}

void profile_word_note(const Profiled__V1__GetProfileResponse *response) {
    if (response->redirected_from_id[0] != '\0') {
        fprintf(stderr, "profilectl: %s was merged into %s\n", response->redirected_from_id,
                response->profile->id);
    }
}
