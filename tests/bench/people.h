#pragma once
/* The people of the sample as requests tell them. The same number is the same person, in every run.
 */

#include <stdint.h>
#include <stdio.h>

#include "profiled/v1/identity_service.pb-c.h"
#include "profiled/v1/interaction_service.pb-c.h"
#include "server/base/arena.h"

/* A record of a person with a name, an e-mail address, a mobile number (every eighth in national
 * form, of these a third in Arabic-Indic digits) and six attributes; on the wire about 330 bytes.
 */
Profiled__V1__Record *people_record(uint64_t number, struct arena *arena);

/* The identities by which the same person is looked up, as the record has them. */
Profiled__V1__Identity *people_email(uint64_t number, struct arena *arena);
Profiled__V1__Identity *people_phone(uint64_t number, struct arena *arena);

/* What a service that normalises nothing is given of the same person: the address in lower case,
 * the number in E.164, the attributes as a JSON object. */
struct plain_person {
    char name[96];
    char email[96];
    char phone[96];
    char attributes[512];
};

void people_plain(uint64_t number, struct plain_person *out);

/* An interaction of the person, an engagement as of `occur_us` with a text, theme and sentiment of
 * the sample's; on the wire about 250 bytes with its record, which tells the e-mail address alone.
 */
Profiled__V1__InteractionRecord *people_interaction(uint64_t number, int64_t occur_us,
                                                    struct arena *arena);

/* The same with the whole record of people_record(). */
Profiled__V1__InteractionRecord *people_interaction_whole(uint64_t number, int64_t occur_us,
                                                          struct arena *arena);

/* A CSV file of people, three identifiers and ten attributes each, of which some know eight: its
 * header and a line. */
void people_csv_header(FILE *file);
void people_csv_line(FILE *file, uint64_t number);
