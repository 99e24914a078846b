#pragma once
/* The pages of ExplainProfile as one list. Decisions have numbers, so that what else is told can
 * name them. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "profiled/v1/identity_service.pb-c.h"

struct history {
    Profiled__V1__ExplainProfileResponse *const *pages;
    size_t page_count;
    const Profiled__V1__ExplainedDecision **decisions;
    size_t count;
    bool whole; /* There are no decisions but these. */
};

/* Borrows the pages, one at least, which are those of one profile in order. */
void history_open(struct history *history, Profiled__V1__ExplainProfileResponse *const *pages,
                  size_t page_count);
void history_close(struct history *history);

/* The number of a decision, as the server tells it, from 1; 0 when it is not among these. */
int64_t history_number(const struct history *history, const char *decision_id);
