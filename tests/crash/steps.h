#pragma once
/* What the programs of this folder do on their way. */

#include <stdbool.h>
#include <stddef.h>

struct profiled_client;
struct server;

void steps_wait_us(size_t us);

/* A client of a server that is up. */
struct profiled_client *steps_connect(const struct server *server, int attempts_max);

/* Runs `profiled verify`. False, told, when it finds anything. */
bool steps_verify(const char *data);
