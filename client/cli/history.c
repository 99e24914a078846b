/* The decisions of several pages as one list, in which each is found by its id: ids are in the
 * order of time, as the pages are. */

#include "client/cli/history.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void add_page(struct history *history, const Profiled__V1__ExplainProfileResponse *page) {
    for (size_t i = 0; i < page->n_decisions; i++) {
        const Profiled__V1__ExplainedDecision *decision = page->decisions[i];
        if (decision->decision != NULL && decision->record != NULL) {
            history->decisions[history->count++] = decision;
        }
    }
}

void history_open(struct history *history, Profiled__V1__ExplainProfileResponse *const *pages,
                  size_t page_count) {
    assert(page_count > 0);
    size_t room = 1;
    for (size_t i = 0; i < page_count; i++) {
        room += pages[i]->n_decisions;
    }
    *history = (struct history){.pages = pages, .page_count = page_count};
    history->decisions = calloc(room, sizeof *history->decisions);
    assert(history->decisions != NULL);
    int64_t there = 0;
    for (size_t i = 0; i < page_count; i++) {
        add_page(history, pages[i]);
    }
    for (size_t i = 0; i < pages[0]->n_members; i++) {
        there += pages[0]->members[i]->decision_count;
    }
    history->whole = (int64_t)history->count >= there;
}

void history_close(struct history *history) {
    free(history->decisions);
    history->decisions = NULL;
}

int64_t history_number(const struct history *history, const char *decision_id) {
    size_t low = 0;
    size_t high = history->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = strcmp(history->decisions[middle]->id, decision_id);
        if (order == 0) {
            return history->decisions[middle]->number;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return 0;
}
