#pragma once
/* Requests in JSON out of the command line. */

#include "client/cli/arguments.h"

#include <jansson.h>
#include <protobuf-c/protobuf-c.h>

/* Sets the field to the option's value; nothing when it was not given. */
void request_text(json_t *object, const char *field, const struct arguments *arguments,
                  enum cli_option option);

/* The same for a time, which people write in digits of their own. */
void request_time(json_t *object, const char *field, const struct arguments *arguments,
                  enum cli_option option);

/* The same for one that the server needs: where it is not given its error names the option. */
void request_needed(json_t *object, const char *field, const struct arguments *arguments,
                    enum cli_option option);
void request_flag(json_t *object, const char *field, const struct arguments *arguments,
                  enum cli_option option);

/* Likewise a number, whose digits may be Arabic-Indic or Persian ones. */
void request_number(json_t *object, const char *field, const struct arguments *arguments,
                    enum cli_option option);

/* A whole number, likewise. False, told with the range, when it is none; whether it is within that
 * range is for the server to say. */
bool request_whole(json_t *object, const char *field, const struct arguments *arguments,
                   enum cli_option option, int32_t min, int32_t max);

/* An enum by the end of its name: `verified` with the prefix PROVENANCE_. Nothing when the option
 * was not given; false, told with the names that there are, when it is none of them. */
bool request_enum(json_t *object, const char *field, const ProtobufCEnumDescriptor *names,
                  const char *prefix, const struct arguments *arguments, enum cli_option option);

/* Likewise a list of them, separated by commas. */
bool request_enums(json_t *object, const char *field, const ProtobufCEnumDescriptor *names,
                   const char *prefix, const struct arguments *arguments, enum cli_option option);

/* The kinds of changes that somebody asks for. That of a snapshot is not asked for. */
bool request_change_kinds(json_t *object, const struct arguments *arguments);

/* A list out of names that are separated by commas, which may be empty; nothing when the option was
 * not given. */
void request_names(json_t *object, const char *field, const struct arguments *arguments,
                   enum cli_option option);

/* `yes` or `no`. False, told, when it is neither. */
bool request_choice(json_t *object, const char *field, const struct arguments *arguments,
                    enum cli_option option);

/* Notes that the last item of a list comes of the option, and which of those that were given it is.
 */
void request_note_item(json_t *list, const struct arguments *arguments, enum cli_option option);

/* A number of days from `min` to `max`, with or without a `d` behind it; nothing when the option
 * was not given. False, told, when it is none. */
bool request_days(json_t *object, const char *field, const struct arguments *arguments,
                  enum cli_option option, int64_t min, int64_t max);

/* An identity out of TYPE:VALUE, with --region, --provenance and --source. NULL, told, when the
 * text is none. */
json_t *request_identity(const char *text, const struct arguments *arguments);

/* `identities` out of every --identity. False when one can't be read. */
bool request_identities(json_t *object, const struct arguments *arguments);

/* A map of strings out of every NAME=VALUE of the option. False, told, when one is none. */
bool request_pairs(json_t *object, const char *field, const struct arguments *arguments,
                   enum cli_option option);

/* The same, where each name may be there once. */
bool request_single_pairs(json_t *object, const char *field, const struct arguments *arguments,
                          enum cli_option option);

/* `attributes` out of every --attribute, several of one name as a list; where `timed`, with
 * --source and --time. */
bool request_attributes(json_t *object, const struct arguments *arguments, bool timed);

/* A record: name, identities, attributes, source, time, region. NULL when it can't be read. */
json_t *request_record(const struct arguments *arguments);

/* The JSON of a file, or of standard input for `-`. NULL, told, when it can't be read. */
json_t *request_file(const char *path);

/* Whether the files of --json and --weights can be opened, those that there are. False, told,
 * otherwise. */
bool request_files_check(const struct arguments *arguments);

/* An identity type's change, `identityType` and `updateMask`, out of the options of `identity types
 * update`; see identity_type_commands.c. NULL, told, when it can't be read or changes nothing. */
json_t *identity_type_change(const char *name, const struct arguments *arguments);

/* The two profiles that the first two words name. */
json_t *request_pair(const struct arguments *arguments);

/* request_id and validate_only. */
void request_write(json_t *object, const struct arguments *arguments);
