#pragma once
/* What is measured otherwise than by unary calls: streams, a file through profilectl, the bare
 * store. One server and one crowd a program. What goes wrong ends the program. */

#include "tests/bench/load.h"
#include "tests/bench/process.h"
#include "tests/bench/rows.h"

enum { CSV_ROWS = 20000 }; /* Of a file, by default. */

/* Connects to the server, which has no profiles yet: keeps where its changes are, makes the themes
 * of the sample. `directory` is that of its data. */
void ways_open(const struct process *server, const char *directory, struct crowd *crowd);
void ways_close(void);

/* Records so many interactions by StreamInteractions, 500 a batch, two batches on the way. A call
 * is a batch. */
void ways_stream_events(uint64_t count, struct load_result *out);

/* Previews the segment of three classification fields, for so long. */
void ways_preview(uint64_t duration_ns, struct load_result *out);

/* Reads the first changes since ways_open(), up to `max` items. */
void ways_watch(uint64_t max, struct load_result *out);

/* What an import through profilectl took. */
struct ways_csv {
    uint64_t rows;
    uint64_t duration_ns;
    uint64_t client_cpu_ns;
    /* Bytes at most, of the server without the mapped store: in the first quarter of the time, and
     * in all of it. */
    uint64_t client_memory_first;
    uint64_t client_memory;
    uint64_t server_memory_first;
    uint64_t server_memory;
};

/* Imports a file of new people. */
void ways_import_csv(uint64_t rows, struct ways_csv *out);

/* The same begun, and waited for. */
int ways_import_csv_start(uint64_t rows);
void ways_import_csv_wait(int pid);

/* Reads identities by chance and the profiles that have them, out of the store itself, a
 * transaction each, for so long. *cpu_ns: of this thread. */
void ways_read_store(uint64_t duration_ns, struct load_result *out, uint64_t *cpu_ns);
