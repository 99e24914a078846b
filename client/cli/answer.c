/* Answers on standard output. */

#include "client/cli/answer.h"

#include "client/cli/command.h"
#include "client/cli/output.h"
#include "client/cli/profile_word.h"

int answer_print(const struct session *session, const struct arguments *arguments,
                 ProtobufCMessage *answer, answer_view *view) {
    int code = EXIT_DONE;
    if (session->output == OUTPUT_TABLE) {
        view(session, arguments, answer);
    } else {
        code = output_message(session, answer);
    }
    profiled_message_free(answer);
    return code;
}

int answer_ask(struct session *session, const struct arguments *arguments, const char *method,
               json_t *request, answer_view *view) {
    if (request == NULL) {
        return EXIT_USAGE;
    }
    ProtobufCMessage *answer = NULL;
    const int code = session_call(session, method, request, &answer);
    return code == EXIT_DONE ? answer_print(session, arguments, answer, view) : code;
}

void answer_view_profile(const struct session *session, const struct arguments *arguments,
                         const ProtobufCMessage *answer) {
    (void)arguments;
    const Profiled__V1__Profile *profile = profile_word_profile(answer);
    if (profile != NULL) {
        output_profile(session, profile);
    }
}
