#pragma once
/* Sets of records of which it is known whose they are, resolved into profiles as an import does. */

#include <stdbool.h>
#include <stdint.h>

#include "server/identity/similar_person.h"

/* How a file is read. Both are comma-separated, without quotes. */
enum similar_format {
    SIMILAR_FORMAT_FAKE,  /* unique_id, first_name, surname, dob, city, email, cluster */
    SIMILAR_FORMAT_FEBRL, /* rec_id, given_name, surname, … suburb (6), … date_of_birth (9),
                             soc_sec_id (10); rec-223-dup-0 is of person 223 */
};

/* What of the rules is in force. */
enum similar_join {
    SIMILAR_JOIN_DEFAULT,  /* The defaults: another birth date keeps two apart. */
    SIMILAR_JOIN_UNVETOED, /* No attribute keeps two apart: all that is equal is joined. */
};

struct similar_record {
    uint32_t person;  /* Whose it is: the truth. */
    uint32_t profile; /* Where it came to: a position in `people`. */
};

/* Allocated from an arena. */
struct similar_set {
    size_t record_count;
    struct similar_record *records;
    size_t people_count;
    struct similar_person *people; /* The profiles that came of the records. */
    size_t refused_count;          /* Identities that have no canonical form, and were left out. */
};

/* Reads a file and resolves its records over a store of its own, in a directory that is removed.
 * Ends the program when the file cannot be read. */
struct similar_set similar_set_read(const char *path, enum similar_format format,
                                    enum similar_join join, struct arena *arena);
