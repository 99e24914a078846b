/* Page after page of a list. */

#include "client/cli/pages.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "client/cli/command.h"
#include "client/cli/output.h"
#include "client/cli/request.h"
#include "client/cli/table.h"
#include "client/json.h"

enum { PAGE_MAX = 1000, LIST_DEFAULT = 50, COUNT_SIZE = 24 };

/* A list on its way. */
struct listing {
    struct session *session;
    const char *method;
    json_t *request; /* Its page token moves on. */
    page_print *print;
    int64_t left; /* Items that are still wanted. */
    void *state;
    bool more;
    json_t *whole; /* All pages in one, for JSON; NULL before the first. */
};

/* Adds a count of an earlier page to that of a later one. 64 bits are texts in JSON. */
static void add_count(json_t *plan, const json_t *before, const char *name) {
    char text[COUNT_SIZE];
    int64_t sum = 0;
    const json_t *const counts[] = {json_object_get(before, name), json_object_get(plan, name)};
    for (size_t i = 0; i < 2; i++) {
        const char *digits = json_string_value(counts[i]);
        sum += digits == NULL ? 0 : strtoll(digits, NULL, 10);
    }
    snprintf(text, sizeof text, "%" PRId64, sum);
    json_object_set_new(plan, name, json_string(text));
}

/* Puts the page's items behind those of the pages before. What else it says is that of the last. */
static void merge_page(struct listing *listing, json_t *json, const char *items) {
    json_t *before = json_object_get(listing->whole, items);
    if (before != NULL) {
        json_array_extend(before, json_object_get(json, items));
        json_object_set(json, items, before);
    }
    json_t *plan = json_object_get(json, "plan");
    if (plan != NULL && listing->whole != NULL) {
        add_count(plan, json_object_get(listing->whole, "plan"), "rowCount");
        add_count(plan, json_object_get(listing->whole, "plan"), "profileCount");
    }
    json_decref(listing->whole);
    listing->whole = json;
}

static int print_items(struct listing *listing, const ProtobufCMessage *message,
                       const char *items) {
    if (listing->session->output == OUTPUT_TABLE) {
        return EXIT_DONE;
    }
    json_t *json = json_from_message(message);
    if (listing->session->output == OUTPUT_JSON) {
        merge_page(listing, json, items);
        return EXIT_DONE;
    }
    json_t *array = json_incref(json_object_get(json, items));
    json_decref(json);
    return output_lines(array);
}

/* One page; takes what it holds from what is left. */
static int print_one(struct listing *listing) {
    const int64_t size = listing->left < PAGE_MAX ? listing->left : PAGE_MAX;
    json_object_set_new(listing->request, "pageSize", json_integer(size));
    ProtobufCMessage *message = NULL;
    int code =
        session_call(listing->session, listing->method, json_copy(listing->request), &message);
    if (code != EXIT_DONE) {
        return code;
    }
    struct page page = {0, "", "", listing->state};
    listing->print(listing->session, message, &page);
    code = print_items(listing, message, page.items);
    listing->left -= (int64_t)page.count;
    const bool last = page.next_token[0] == '\0';
    listing->more = !last && listing->left > 0;
    json_object_set_new(listing->request, "pageToken", json_string(page.next_token));
    if (!last && !listing->more && listing->session->output == OUTPUT_TABLE) {
        fflush(stdout); /* The page first, where both go to one place. */
        fprintf(stderr, "There are more: --all, or --page-token %s\n", page.next_token);
    }
    profiled_message_free(message);
    return code;
}

int pages_print(struct session *session, const struct arguments *arguments, const char *method,
                json_t *request, page_print *print) {
    return pages_print_with(session, arguments, method, request, print, NULL);
}

int pages_print_with(struct session *session, const struct arguments *arguments, const char *method,
                     json_t *request, page_print *print, void *state) {
    struct listing listing = {session, method, request, print, 0, state, true, NULL};
    struct table_run run = {.begun = false};
    session->screen.run = &run;
    int code = EXIT_USAGE;
    if (arguments_number(arguments, OPT_LIMIT, 1, INT64_MAX,
                         arguments_has(arguments, OPT_ALL) ? INT64_MAX : LIST_DEFAULT,
                         &listing.left)) {
        request_text(request, "pageToken", arguments, OPT_PAGE_TOKEN);
        code = EXIT_DONE;
        while (listing.more && code == EXIT_DONE) {
            code = print_one(&listing);
        }
    }
    session->screen.run = NULL;
    if (code == EXIT_DONE) {
        table_run_end(&run, &session->screen);
    }
    if (code == EXIT_DONE && listing.whole != NULL) {
        code = output_json(session, json_incref(listing.whole));
    }
    json_decref(listing.whole);
    json_decref(request);
    return code;
}
