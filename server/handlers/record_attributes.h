#pragma once
/* Attributes of records and profiles on the wire: read, and told. Those that are built in are read
 * by the check; those that the workspace defines wait for its definitions
 * (record_attributes_settle). */

#include "profiled/v1/identity.pb-c.h"
#include "profiled/v1/profile.pb-c.h"
#include "server/handlers/record_message.h"
#include "server/identity/attribute_rules.h"

/* Adds an attribute of this name to the record, whose list has room for it. NULL: there is none. */
void record_attribute_read(const char *name, const Profiled__V1__RecordAttribute *value,
                           const struct record_defaults *defaults, struct field_errors *errors,
                           struct record *out);
void profile_attribute_read(const char *name, const Profiled__V1__AttributeValue *value,
                            const struct record_defaults *defaults, struct field_errors *errors,
                            struct record *out);

/* A sub-dialect that is told alone tells its dialect too; with another one it is refused. The list
 * has room for one more. */
void record_dialects_read(struct record *record, struct field_errors *errors);

/* Reads what waits for the definitions of the workspace, and notes what is of no attribute, of one
 * that is retired, or can't be read. Fails only where the store does. */
MUST_USE struct status record_attributes_settle(struct store_view *view,
                                                const struct attribute_rules *rules,
                                                struct record *record, struct field_errors *errors);

/* Notes the attributes that are required (REQUIRED_FOR_CREATE or REQUIRED_FOR_IMPORT) and not told.
 */
void record_required_check(const struct attribute_rules *rules, uint32_t required_for,
                           const struct record *record, struct field_errors *errors);

/* What is told, by the form of the value (attribute_form). */
Profiled__V1__AttributeValue *attribute_value_message(uint32_t form, const char *canonical,
                                                      struct arena *arena);
Profiled__V1__RecordAttribute *record_attribute_message(uint32_t form, const char *canonical,
                                                        struct arena *arena);

/* As one text, for people: the values of a list with commas between them. */
const char *attribute_value_text(uint32_t form, const char *canonical, struct arena *arena);
