#pragma once
/* What may be listened on: loopback and unix sockets. Whoever can reach the server can read
 * everything, and there is no TLS yet: so every other address is refused. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/base/status.h"

enum {
    ADDRESS_HOST_SIZE = 16,  /* "127.255.255.255" and a NUL. */
    ADDRESS_PATH_SIZE = 108, /* Linux's sun_path, NUL included. */
    ADDRESS_TEXT_SIZE = 128,
};

enum address_kind {
    ADDRESS_IPV4,
    ADDRESS_IPV6,
    ADDRESS_LOCALHOST, /* 127.0.0.1, and ::1 where the machine has it. */
    ADDRESS_UNIX,
};

struct address {
    enum address_kind kind;
    char host[ADDRESS_HOST_SIZE]; /* Numeric; not of ADDRESS_UNIX. */
    uint16_t port;                /* 0: the system chooses. */
    char path[ADDRESS_PATH_SIZE]; /* ADDRESS_UNIX only. */
};

/* Reads an address. Errors: INVALID_ARGUMENT, FAILED_PRECONDITION for one that is refused. */
MUST_USE struct status address_parse(const char *text, struct address *out);

/* Writes it as C core reads it; ADDRESS_LOCALHOST as its IPv4 address. */
void address_format(const struct address *address, char out[ADDRESS_TEXT_SIZE]);

/* The IPv6 half of ADDRESS_LOCALHOST, with this port. */
struct address address_localhost_ipv6(uint16_t port);

/* Whether it can be bound now, as far as that shows without leaving anything behind. Errors: as
 * address_explain(). */
MUST_USE struct status address_check(const struct address *address);

/* ADDRESS_UNIX: removes the socket file of a server that has died, refuses that of one that lives.
 * (C core would take the file from either.) Others: nothing. */
MUST_USE struct status address_prepare(const struct address *address);

/* Why it cannot be bound, after an attempt has failed; never OK. *is_missing tells that the machine
 * does not have the address. */
MUST_USE struct status address_explain(const struct address *address, bool *is_missing);
