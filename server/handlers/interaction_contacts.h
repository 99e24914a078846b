#pragma once
/* The identities that an interaction itself tells: answers that are e-mail addresses or telephone
 * numbers, and the handle of the author. */

#include "server/handlers/interaction_message.h"
#include "server/interaction/channels.h"

/* Adds them to the item's record, by the defaults of the record that was told; where its subject is
 * a profile's id they are all of it. Notes those that can't be read. Whether there is any, read or
 * not. */
bool interaction_contacts_read(const Profiled__V1__Interaction *message,
                               const struct record_defaults *defaults, struct field_errors *errors,
                               struct interaction_item *item);

/* Where what is wrong with a path of the item's record came from: the author's handle, or the
 * record that was told. */
const char *interaction_identity_path(const struct interaction_item *item, const char *path,
                                      struct arena *arena);

/* Makes the author's handle an identity of the channel's type, or none where the workspace has no
 * such type; notes where nothing is left that says whose the interaction is. A channel of NULL is
 * none, which was told. */
void interaction_contacts_settle(const struct identity_rules *rules, const struct channel *channel,
                                 struct interaction_item *item, struct field_errors *errors);
