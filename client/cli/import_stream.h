#pragma once
/* An import of profiles over the wire: the messages of ImportProfiles. */

#include "client/cli/import_report.h"
#include "client/cli/transfer.h"

struct import_stream {
    Profiled__V1__ImportHeader header;
    struct import_report report;
};

/* Its transfer's state is a struct import_stream. */
extern const struct transfer_kind import_stream_kind;
