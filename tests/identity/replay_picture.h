#pragma once
/* All that can be read of a run's profiles, as a text in which ids and identities have the names
 * that they have in every run: two runs that came to the same have the same text. */

#include "tests/identity/replay_step.h"

/* In the test's arena. A line each: who answers under an id, each profile's fields, interactions
 * and standing merges, who is found by each identity, and the pairs that are never to be one. */
const char *replay_picture(const struct replay_run *run);

/* The same but for what other rules leave behind once they are gone: which members a profile has,
 * and which of them each interaction lies under; identities and attributes in no order. */
const char *replay_picture_alike(const struct replay_run *run);

/* The persons alone, each of those of its members that another run has too, or in one line with
 * nobody: identities, attributes and interactions, sorted. Merges and who was first are left out.
 */
const char *replay_picture_persons(const struct replay_run *run, const struct replay_run *beside);

/* The first line that differs of two texts, one behind the other; NULL when none does. */
const char *replay_difference(const char *one, const char *other);
