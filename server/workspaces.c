/* Finding, making and opening the stores of a data directory. */

#include "server/workspaces.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "server/identity/terms.h"
#include "server/segment/membership.h"
#include "server/segment/trait_filter.h"
#include "server/vault/vault.h"

enum { BACKFILL_MAX = 200 }; /* Interactions, for which a write may have to wait. */

static const char default_name[] = "default";

bool workspace_name_is_valid(const char *name) {
    const size_t size = strlen(name);
    return size > 0 && size <= WORKSPACE_NAME_SIZE_MAX && name[0] != '-' && name[0] != '_' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") == size;
}

static struct status path_join(char out[PATH_MAX], const char *one, const char *two,
                               const char *three) {
    const int size =
        snprintf(out, PATH_MAX, "%s/%s%s%s", one, two, three[0] == '\0' ? "" : "/", three);
    return size > 0 && size < PATH_MAX ? OK
                                       : status_of(STATUS_INVALID_ARGUMENT, REASON_NOT_A_STORE,
                                                   "the path of the data directory is too long");
}

static struct status make_directory(const char *path) {
    if (mkdir(path, 0700) == 0 || errno == EEXIST) {
        return OK;
    }
    return status_of(STATUS_FAILED_PRECONDITION, REASON_NOT_A_STORE,
                     errno == ENOSPC ? "no space is left to make the data directory"
                                     : "the data directory can't be made: does its parent exist, "
                                       "and may we write there?");
}

/* Whether a directory of the data directory holds anything; one that is missing does not. */
static struct status holds_anything(const struct workspaces_options *options, const char *name,
                                    bool *out) {
    char path[PATH_MAX];
    TRY(path_join(path, options->directory, name, ""));
    DIR *directory = opendir(path);
    if (directory == NULL && errno != ENOENT) {
        return status_of(STATUS_FAILED_PRECONDITION, REASON_NOT_A_STORE,
                         errno == ENOTDIR
                             ? "workspaces or keys of the data directory is a file, not a directory"
                             : "the workspaces or keys of the data directory can't be read");
    }
    bool holds = false;
    if (directory != NULL) {
        for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
            holds = holds || (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
                              strcmp(entry->d_name, "lost+found") != 0);
        }
        closedir(directory);
    }
    *out = holds;
    return OK;
}

/* Fresh is a directory with neither workspaces nor keys. A workspace's data are made before its
 * keys: with keys alone, data were lost, and new ones would hide that. */
static struct status check_fresh(const struct workspaces_options *options, bool *fresh) {
    bool workspaces = false;
    bool keys = false;
    TRY(holds_anything(options, "workspaces", &workspaces));
    TRY(holds_anything(options, "keys", &keys));
    if (keys && !workspaces) {
        return status_of(STATUS_FAILED_PRECONDITION, REASON_NOT_A_STORE,
                         "the data directory has keys/ but no workspaces/: the data are lost or "
                         "elsewhere; restore workspaces/ and root.key");
    }
    *fresh = !workspaces;
    return OK;
}

/* Names of our layout; what a server that was killed left of the root key it made is one. */
static bool is_ours(const char *name) {
    static const char *const ours[] = {".", "..", "root.key", "workspaces", "keys", "lost+found"};
    static const char unfinished[] = "root.key.";
    bool known = strncmp(name, unfinished, sizeof unfinished - 1) == 0;
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
        known = known || strcmp(name, ours[i]) == 0;
    }
    return known;
}

/* A directory that is missing or empty, or has our layout. *fresh tells that it has no workspaces
 * and no keys yet. */
static struct status check_directory(const struct workspaces_options *options, bool *fresh) {
    *fresh = true;
    DIR *directory = opendir(options->directory);
    if (directory == NULL) {
        if (errno == ENOENT && options->create) {
            return OK;
        }
        return status_of(STATUS_FAILED_PRECONDITION, REASON_NOT_A_STORE,
                         errno == ENOENT    ? "the data directory does not exist"
                         : errno == ENOTDIR ? "the path is a file, not a directory"
                                            : "the data directory can't be read");
    }
    bool foreign = false;
    bool workspaces = false;
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        foreign = foreign || !is_ours(entry->d_name);
        workspaces = workspaces || strcmp(entry->d_name, "workspaces") == 0;
    }
    closedir(directory);
    TRY(check_fresh(options, fresh));
    if (!workspaces && (foreign || !options->create)) {
        return status_of(STATUS_FAILED_PRECONDITION, REASON_NOT_A_STORE,
                         foreign ? "the directory holds something else than a store"
                                 : "the directory holds no store");
    }
    return OK;
}

/* ---- names ---- */

struct names {
    size_t count;
    char names[WORKSPACES_MAX][WORKSPACE_NAME_SIZE_MAX + 1];
};

static struct status names_add(struct names *names, const char *name) {
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->names[i], name) == 0) {
            return OK;
        }
    }
    if (names->count == WORKSPACES_MAX) {
        return status_of(STATUS_FAILED_PRECONDITION, REASON_NOT_A_STORE,
                         "there are more than 64 workspaces");
    }
    strncpy(names->names[names->count], name, WORKSPACE_NAME_SIZE_MAX);
    names->count++;
    return OK;
}

static int by_name(const void *a, const void *b) { return strcmp(a, b); }

/* `default`, those that are there in order of their names, those that are asked for. */
static struct status names_gather(const struct workspaces_options *options, const char *root,
                                  struct names *names) {
    TRY(names_add(names, default_name));
    DIR *directory = opendir(root);
    if (directory == NULL) {
        return status_of(STATUS_FAILED_PRECONDITION, REASON_NOT_A_STORE,
                         "the workspaces of the data directory can't be read");
    }
    struct status status = OK;
    for (struct dirent *entry = readdir(directory); entry != NULL && status_is_ok(status);
         entry = readdir(directory)) {
        if (workspace_name_is_valid(entry->d_name)) {
            status = names_add(names, entry->d_name);
        }
    }
    closedir(directory);
    TRY(status);
    qsort(names->names + 1, names->count - 1, sizeof *names->names, by_name);
    for (size_t i = 0; i < options->name_count; i++) {
        TRY(names_add(names, options->names[i]));
    }
    return OK;
}

/* ---- opening ---- */

static struct status open_one(const struct workspaces_options *options, const char *name,
                              const struct vault_key *root, struct store **out) {
    char data[PATH_MAX];
    char keys[PATH_MAX];
    TRY(path_join(data, options->directory, "workspaces", name));
    TRY(path_join(keys, options->directory, "keys", name));
    return store_open(&(struct store_options){.data_directory = data,
                                              .keys_directory = keys,
                                              .workspace = name,
                                              .root = root,
                                              .random = vault_random(),
                                              .terms = identity_profile_terms,
                                              .trait_filters = &trait_filters,
                                              .follower = &membership_follower,
                                              .backfill_max = BACKFILL_MAX,
                                              .default_region = options->default_region,
                                              .map_size = options->map_size,
                                              .create = options->create,
                                              .read_only = options->read_only},
                      out);
}

/* The root key is made before the first workspace, and never after: a lost one is not replaced by a
 * new one, which could open nothing. */
static struct status prepare(const struct workspaces_options *options, char workspaces[PATH_MAX],
                             struct vault_key *root) {
    char path[PATH_MAX];
    bool fresh = false;
    TRY(check_directory(options, &fresh));
    if (options->create) {
        TRY(make_directory(options->directory));
    }
    TRY(path_join(path, options->directory, "root.key", ""));
    TRY(vault_root_load(options->key_file == NULL ? path : options->key_file,
                        options->create && fresh, root));
    TRY(path_join(workspaces, options->directory, "workspaces", ""));
    if (options->create) {
        TRY(path_join(path, options->directory, "keys", ""));
        TRY(make_directory(path));
        TRY(make_directory(workspaces));
    }
    return OK;
}

struct status workspaces_open(const struct workspaces_options *options, struct workspaces *out,
                              char failed[WORKSPACE_NAME_SIZE_MAX + 1]) {
    char directory[PATH_MAX];
    struct vault_key root;
    *out = (struct workspaces){0};
    failed[0] = '\0';
    TRY(prepare(options, directory, &root));
    struct names names = {0};
    struct status status = names_gather(options, directory, &names);
    for (size_t i = 0; i < names.count && status_is_ok(status); i++) {
        status = open_one(options, names.names[i], &root, &out->stores[i]);
        if (status_is_ok(status)) {
            out->count++;
        } else {
            memcpy(failed, names.names[i], sizeof names.names[i]);
        }
    }
    vault_wipe(&root);
    if (!status_is_ok(status)) {
        workspaces_close(out);
    }
    return status;
}

void workspaces_close(struct workspaces *workspaces) {
    for (size_t i = 0; i < workspaces->count; i++) {
        store_close(workspaces->stores[i]);
    }
    *workspaces = (struct workspaces){0};
}
