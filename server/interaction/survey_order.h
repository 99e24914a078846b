#pragma once
/* The order of a survey's questions, by how responses have them one behind the other. Questions are
 * told by the places at which they were first seen. */

#include <stddef.h>

#include "server/base/arena.h"

enum { SURVEY_QUESTIONS_MAX = 1000 };

struct survey_order;

/* Begins; lives in the arena. */
struct survey_order *survey_order_begin(struct arena *arena);

/* Notes that a response has a question right behind another one. */
void survey_order_note(struct survey_order *order, size_t before, size_t behind);

/* The rank of each of the questions, from 0, in an array of the arena: an order that contradicts no
 * response where there is one, and between those that it leaves open as they were first seen. */
const size_t *survey_order_ranks(const struct survey_order *order, size_t question_count,
                                 struct arena *arena);
