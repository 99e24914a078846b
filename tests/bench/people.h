#pragma once
/* Invented people. The same number is the same person, in every run. */

#include <stdint.h>
#include <stdio.h>

#include "profiled/v1/identity_service.pb-c.h"
#include "profiled/v1/interaction_service.pb-c.h"
#include "server/base/arena.h"

/* A record of a person with a name, an e-mail address, a mobile number of Saudi Arabia or Egypt
 * (every eighth in national form) and six attributes; on the wire about 330 bytes. */
Profiled__V1__Record *people_record(uint64_t number, struct arena *arena);

/* The identities by which the same person is looked up, as the record has them. */
Profiled__V1__Identity *people_email(uint64_t number, struct arena *arena);
Profiled__V1__Identity *people_phone(uint64_t number, struct arena *arena);

/* What a service that normalises nothing is given of the same person: the address in lower case,
 * the number in E.164, the attributes as a JSON object. */
struct person {
    char name[64];
    char email[64];
    char phone[24];
    char attributes[256];
};

void people_person(uint64_t number, struct person *out);

/* An interaction of the person, an engagement as of `occur_us`; on the wire about 180 bytes with
 * its record, which tells the e-mail address alone. */
Profiled__V1__InteractionRecord *people_interaction(uint64_t number, int64_t occur_us,
                                                    struct arena *arena);

/* A CSV file of people, three identifiers and ten attributes each: its header and a line. */
void people_csv_header(FILE *file);
void people_csv_line(FILE *file, uint64_t number);
