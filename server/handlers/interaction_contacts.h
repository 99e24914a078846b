#pragma once
/* The identities that an interaction itself tells: answers that are e-mail addresses or telephone
 * numbers, and the handle of the author. */

#include "server/handlers/interaction_message.h"

/* Adds them to the item's record, where its subject is not a profile's id. Notes those that can't
 * be read. */
void interaction_contacts_read(const Profiled__V1__Interaction *message,
                               const struct record_defaults *defaults, struct field_errors *errors,
                               struct interaction_item *item);

/* Takes the author's handle from the record where the channel is no identity type of the workspace;
 * notes where nothing is left that says whose the interaction is. */
void interaction_contacts_settle(const struct identity_rules *rules, struct interaction_item *item,
                                 struct field_errors *errors);
