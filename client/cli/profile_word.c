/* Profiles by a word. */

#include "client/cli/profile_word.h"

#include "client/cli/command.h"
#include "client/cli/request.h"

#include <stdio.h>
#include <string.h>

int profile_word_ask(struct session *session, const struct arguments *arguments,
                     ProtobufCMessage **out) {
    const char *word = arguments->words[0];
    const bool is_id = strchr(word, ':') == NULL;
    if (is_id && arguments_has(arguments, OPT_REGION)) {
        fprintf(stderr, "profilectl: --region is of TYPE:VALUE, not of an id\n");
        return EXIT_USAGE;
    }
    if (!is_id && arguments_has(arguments, OPT_SHOW_DELETED)) {
        fprintf(stderr, "profilectl: --show-deleted is of an id, not of TYPE:VALUE\n");
        return EXIT_USAGE;
    }
    if (is_id) {
        json_t *request = json_pack("{s:s}", "id", word);
        request_flag(request, "showDeleted", arguments, OPT_SHOW_DELETED);
        const int code = session_call(session, "GetProfile", request, out);
        if (code == EXIT_DONE) {
            profile_word_note((const Profiled__V1__GetProfileResponse *)*out);
        }
        return code;
    }
    json_t *identity = request_identity(word, arguments);
    return identity == NULL ? EXIT_USAGE
                            : session_call(session, "LookupProfile",
                                           json_pack("{s:o}", "identity", identity), out);
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
