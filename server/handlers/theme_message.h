#pragma once
/* Themes between the wire, their checks, and the workspace's. */

#include "profiled/v1/schema_service.pb-c.h"
#include "server/interaction/themes.h"
#include "server/rpc/rpc.h"

/* Reads the fields of a theme; notes what is wrong. Its own name is not looked at. */
void theme_labels_read(struct rpc_context *ctx, const Profiled__V1__Theme *message,
                       struct theme *out);
void theme_subs_read(struct rpc_context *ctx, const Profiled__V1__Theme *message,
                     struct theme *out);

/* NOT_FOUND THEME_NOT_FOUND. */
MUST_USE struct status theme_find(const struct themes *themes, const char *name,
                                  struct theme **out);

/* Notes a label that another theme is called by. */
void theme_clash_check(struct rpc_context *ctx, const struct themes *themes,
                       const struct theme *theme);

Profiled__V1__Theme *theme_message(const struct theme *theme, struct arena *arena);
