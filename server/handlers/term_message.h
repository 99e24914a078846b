#pragma once
/* Terms of the wire: their names, and what they are called. The maps of labels are of as many types
 * as there are messages with labels, all of one shape: so they are read label by label. */

#include "server/interaction/terms.h"
#include "server/rpc/rpc.h"

/* Notes a name that can be none, as the field `name` behind `path`. */
void term_name_check(struct rpc_context *ctx, const char *name, const char *path);

/* Makes room for so many labels, *labels, of which out->label_count are to be read: none when there
 * are too many, which is noted as the field `labels` behind `path`. */
void term_labels_begin(struct rpc_context *ctx, size_t count, const char *path, struct term *out,
                       struct term_label **labels);

/* Reads one; notes what is wrong with it as the field `path`. */
void term_label_read(struct rpc_context *ctx, const char *language, const char *text,
                     const char *path, struct term_label *out);
