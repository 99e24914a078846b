#pragma once
/* Invented people. The same number is the same person, in every run. */

#include <stdint.h>

#include "profiled/v1/identity_service.pb-c.h"
#include "server/base/arena.h"

/* A record of a person with a name, an e-mail address, a mobile number of Saudi Arabia or Egypt
 * (every eighth in national form) and six attributes; on the wire about 330 bytes. */
Profiled__V1__Record *people_record(uint64_t number, struct arena *arena);

/* The identities by which the same person is looked up, as the record has them. */
Profiled__V1__Identity *people_email(uint64_t number, struct arena *arena);
Profiled__V1__Identity *people_phone(uint64_t number, struct arena *arena);
