#pragma once
/* The workspaces of a data directory: one store each, and the root key that they share.
 *
 *   DIR/root.key                 the root key, mode 0400; or elsewhere (--key-file)
 *   DIR/workspaces/NAME/         the data of a workspace
 *   DIR/keys/NAME/               its keystore: keep it out of backups of the data */

#include <stdbool.h>
#include <stddef.h>

#include "server/base/status.h"
#include "server/store/store.h"

enum { WORKSPACES_MAX = 64, WORKSPACE_NAME_SIZE_MAX = 64 };

struct workspaces_options {
    const char *directory;
    const char *key_file;     /* NULL: DIR/root.key. */
    const char *const *names; /* To be made when missing, beside `default` and those there. */
    size_t name_count;
    const char *default_region; /* "" for none. */
    size_t map_size;            /* Of each; 0: the engine's default. */
    bool create;
    bool read_only;
};

struct workspaces {
    size_t count;
    struct store *stores[WORKSPACES_MAX];
};

/* Whether a name can be a workspace's: 1 to 64 of a-z, 0-9, - and _, a letter or digit first. */
bool workspace_name_is_valid(const char *name);

/* Opens every workspace of the directory, `default` first, and makes those that are named and
 * missing when `create` says so. Errors: NOT_A_STORE for a directory that is missing (without
 * `create`) or holds something else; those of store_open(). *failed, when it is not NULL, is set to
 * the name of the workspace that an error is about, or "". */
MUST_USE struct status workspaces_open(const struct workspaces_options *options,
                                       struct workspaces *out,
                                       char failed[WORKSPACE_NAME_SIZE_MAX + 1]);

void workspaces_close(struct workspaces *workspaces);
