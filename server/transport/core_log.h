#pragma once
/* What C core complains of, in our log. */

/* Takes C core's log over, for the whole process. Call it before grpc_init(). */
void core_log_install(void);
