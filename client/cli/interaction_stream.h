#pragma once
/* An import of interactions over the wire: the messages of StreamInteractions, and what it tells.
 */

#include "client/cli/transfer.h"

#include "profiled/v1/interaction_service.pb-c.h"

struct interaction_stream {
    Profiled__V1__InteractionStreamHeader header;
    struct transfer_report report;
    Profiled__V1__InteractionStreamCounts counts; /* Of the server, since the import began. */
};

/* Its transfer's state is a struct interaction_stream. */
extern const struct transfer_kind interaction_stream_kind;
