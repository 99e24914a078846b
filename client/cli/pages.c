/* Page after page of a list. */

#include "client/cli/pages.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "client/cli/command.h"
#include "client/cli/request.h"

enum { PAGE_MAX = 1000, LIST_DEFAULT = 50 };

/* One page; takes what it holds from `left`. */
static int print_one(struct session *session, const ProtobufCServiceDescriptor *service,
                     const char *method, json_t *request, page_print *print, int64_t *left,
                     bool *more) {
    json_object_set_new(request, "pageSize", json_integer(*left < PAGE_MAX ? *left : PAGE_MAX));
    ProtobufCMessage *message = NULL;
    int code = session_call(session, service, method, json_incref(request), &message);
    if (code != EXIT_DONE) {
        return code;
    }
    struct page page = {0, ""};
    code = print(session, message, &page);
    *left -= (int64_t)page.count;
    const bool last = page.next_token[0] == '\0';
    *more = !last && *left > 0;
    json_object_set_new(request, "pageToken", json_string(page.next_token));
    if (!last && !*more && session->output == OUTPUT_TABLE) {
        fprintf(stderr, "There are more: --all, or --page-token %s\n", page.next_token);
    }
    profiled_message_free(message);
    return code;
}

int pages_print(struct session *session, const struct arguments *arguments,
                const ProtobufCServiceDescriptor *service, const char *method, json_t *request,
                page_print *print) {
    int64_t left;
    int code = EXIT_USAGE;
    if (arguments_number(arguments, OPT_LIMIT, 1, INT64_MAX,
                         arguments_has(arguments, OPT_ALL) ? INT64_MAX : LIST_DEFAULT, &left)) {
        request_text(request, "pageToken", arguments, OPT_PAGE_TOKEN);
        code = EXIT_DONE;
        for (bool more = true; more && code == EXIT_DONE;) {
            code = print_one(session, service, method, request, print, &left, &more);
        }
    }
    json_decref(request);
    return code;
}
