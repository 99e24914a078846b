#pragma once
/* Lists that come a page at a time: --limit, --all, --page-token. */

#include "client/cli/session.h"

/* What a page says of the list. */
struct page {
    size_t count;           /* Items on it. */
    const char *items;      /* The field that holds them, by its JSON name. */
    const char *next_token; /* Empty on the last one. Borrowed from the page. */
};

/* Tells what a page says; and prints it, when output is a table. */
typedef void page_print(const struct session *session, const ProtobufCMessage *message,
                        struct page *page);

/* Asks for page after page, until as many items are printed as the command line wants, and says
 * when there are more. Tables and ndjson are printed page by page; JSON is one document, which is
 * held until its end. Takes the reference to `request`. Answers an exit code. */
int pages_print(struct session *session, const struct arguments *arguments, const char *method,
                json_t *request, page_print *print);
