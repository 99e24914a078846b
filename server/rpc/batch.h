#pragma once
/* A batch: the write calls of one transaction and one commit. Private to rpc; of one thread. */

struct batch;
struct call;
struct rpc_workspace;

struct batch *batch_new(struct rpc_workspace *workspace);
void batch_free(struct batch *batch);

/* Runs calls from the front of the list (not NULL, linked by `next`) in one write transaction,
 * commits, and answers those. Returns the rest of the list, for the next batch. */
struct call *batch_run(struct batch *batch, struct call *calls);
