#pragma once
/* Lists that come a page at a time: --limit, --all, --page-token. */

#include "client/cli/session.h"

/* What a page says of the list. */
struct page {
    size_t count;           /* Items on it. */
    const char *items;      /* The field that holds them, by its JSON name. */
    const char *next_token; /* Empty on the last one. Borrowed from the page. */
    void *state;            /* Given: the caller's, of pages_print_with(). */
};

/* Tells what a page says; and prints it, when output is a table. */
typedef void page_print(const struct session *session, const ProtobufCMessage *message,
                        struct page *page);

/* Asks for page after page, until as many items are printed as the command line wants, and says
 * when there are more. Tables and ndjson are printed page by page, of which one without items
 * leaves nothing, and the titles of a table stand once; JSON is one document, which is held until
 * its end, with one plan of all its pages where there are such. Takes the reference to `request`.
 * Answers an exit code. */
int pages_print(struct session *session, const struct arguments *arguments, const char *method,
                json_t *request, page_print *print);

/* The same with a state that `print` finds in its page. */
int pages_print_with(struct session *session, const struct arguments *arguments, const char *method,
                     json_t *request, page_print *print, void *state);
