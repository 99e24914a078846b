#pragma once
/* Phone numbers in E.164, as +966512345678. */

#include <stdbool.h>

#include "server/base/arena.h"
#include "server/base/status.h"

enum phone_use {
    PHONE_DIALLED, /* As people write it: national with a region, or international. */
    PHONE_ACCOUNT, /* The name of an account, as WhatsApp's: international even without a +. */
};

/* The canonical form of a number. Read are:
 * - international forms after + or 00, and tel: URIs; without them (966512345678) where the number
 *   is not one of the region, or is an account;
 * - national forms with a region;
 * - account ids, 966512345678@s.whatsapp.net and @c.us;
 * - digits of any script; spaces, dashes, dots, brackets and bidi marks between them;
 * - what a spreadsheet makes of a number, 966512345678.0.
 *
 * Country rules fold what one person is reached by to one form: Brazilian mobiles have their ninth
 * digit, Mexican numbers lack the 1 and Argentine numbers the 9 after the country code, numbers in
 * Benin have the 01 of 2024.
 *
 * Refused: an extension (it reaches another person), letters, a length that the country does not
 * have. International forms of a right length in a range that the metadata does not know yet are
 * taken: ranges open faster than servers are updated. National ones are taken there only when they
 * are the whole number, without a leading 0, and as long as mobile numbers are: a digit too many or
 * too few is a slip of the hand, and may make another person's number.
 *
 * `region` is "" when none is known. Errors and memory as identity_canonicalise(). Thread-safe. */
MUST_USE struct status phone_canonicalise(const char *value, const char *region, enum phone_use use,
                                          struct arena *arena, const char **out);

/* Whether there are phone numbers of the region, ISO 3166-1 alpha-2 of either case. */
bool phone_region_is_known(const char *region);

/* The digits of an E.164 number behind its country code. Borrowed from `e164`. */
const char *phone_national_part(const char *e164);
