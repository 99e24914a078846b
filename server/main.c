/* profiled: the command line of the server. It wires the parts; serve.c runs them. */

#include <argp.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profiled_descriptor_set.h"
#include "server/base/log.h"
#include "server/handlers/services.h"
#include "server/identity/phone.h"
#include "server/serve.h"
#include "server/vault/vault.h"
#include "server/verify_command.h"

enum { ADDRESSES_MAX = 8, EXIT_USAGE = 2, GRACE_MS_DEFAULT = 10000, LARGE_BLOCK_SIZE = 256 << 10 };

/* What a map may be: the least has room for a batch of writes, and for erasing beside it. */
#define MAP_GIB_MIN (1.0 / 64)
#define MAP_GIB_MAX 65536.0

enum {
    OPTION_KEY_FILE = 256,
    OPTION_REGION,
    OPTION_MAP_SIZE,
    OPTION_GRACE,
    OPTION_SEND_TIMEOUT,
    OPTION_NO_COALESCING,
    OPTION_LOG_LEVEL
};

struct arguments {
    const char *command;
    struct serve_options serve;
    const char *addresses[ADDRESSES_MAX];
    const char *names[WORKSPACES_MAX];
};

static const struct argp_option option_list[] = {
    {"data", 'd', "DIR", 0, "The directory of the data; made when it is missing (serve)", 1},
    {"listen", 'l', "ADDRESS", 0,
     "127.0.0.1:PORT, [::1]:PORT, localhost:PORT or unix:PATH; may be given several times "
     "(127.0.0.1:50051)",
     1},
    {"workspace", 'w', "NAME", 0,
     "A workspace to make when it is missing, beside `default` and those that are there; may be "
     "given several times",
     2},
    {"default-region", OPTION_REGION, "CC", 0,
     "The region of national phone numbers that come without one, ISO 3166-1 alpha-2, as SA", 2},
    {"key-file", OPTION_KEY_FILE, "FILE", 0,
     "The root key's file, made when missing (DIR/root.key)", 2},
    {"map-size", OPTION_MAP_SIZE, "GIB", 0,
     "What each workspace may grow to, as 0.5 or 200, from 1/64 on", 3},
    {"grace", OPTION_GRACE, "SECONDS", 0,
     "How long calls in flight may take after SIGTERM; a second one ends it (10)", 3},
    {"send-timeout", OPTION_SEND_TIMEOUT, "SECONDS", 0,
     "How long a caller may leave a message of a stream before it is cut off (60)", 3},
    {"no-coalescing", OPTION_NO_COALESCING, NULL, 0,
     "Send each answer by itself; by default those to calls that wait together leave together", 3},
    {"log-level", OPTION_LOG_LEVEL, "LEVEL", 0, "debug, info, warning or error (info)", 3},
    {0},
};

static long number_of(struct argp_state *state, const char *text, long max, const char *option) {
    char *end = NULL;
    const long number = strtol(text, &end, 10);
    if (end == text || *end != '\0' || number < 1 || number > max) {
        argp_error(state, "%s takes a number from 1 to %ld", option, max);
    }
    return number;
}

/* GiB, whole or not, in bytes. */
static size_t size_of(struct argp_state *state, const char *text, const char *option) {
    char *end = NULL;
    const double gib = strtod(text, &end);
    if (end == text || *end != '\0' || !(gib >= MAP_GIB_MIN && gib <= MAP_GIB_MAX)) {
        argp_error(state, "%s takes a number of GiB from 1/64 (0.015625) to %d", option,
                   (int)MAP_GIB_MAX);
    }
    return (size_t)(gib * (double)((size_t)1 << 30));
}

static void set_log_level(struct argp_state *state, const char *name) {
    static const char *const names[] = {"debug", "info", "warning", "error"};
    for (int i = 0; i < 4; i++) {
        if (strcmp(names[i], name) == 0) {
            log_set_level((enum log_level)i);
            return;
        }
    }
    argp_error(state, "--log-level takes debug, info, warning or error");
}

static void add_address(struct argp_state *state, struct arguments *arguments,
                        const char *address) {
    if (arguments->serve.address_count == ADDRESSES_MAX) {
        argp_error(state, "--listen may be given %d times at most", ADDRESSES_MAX);
    }
    arguments->addresses[arguments->serve.address_count++] = address;
}

static void add_workspace(struct argp_state *state, struct arguments *arguments, const char *name) {
    struct workspaces_options *options = &arguments->serve.workspaces;
    if (!workspace_name_is_valid(name)) {
        argp_error(state,
                   "a workspace's name has 1 to %d of a-z, 0-9, - and _, a letter or digit "
                   "first",
                   WORKSPACE_NAME_SIZE_MAX);
    }
    if (options->name_count == WORKSPACES_MAX) {
        argp_error(state, "there may be %d workspaces at most", WORKSPACES_MAX);
    }
    arguments->names[options->name_count++] = name;
}

static void set_region(struct argp_state *state, struct arguments *arguments, const char *region) {
    if (!phone_region_is_known(region)) {
        argp_error(state, "--default-region takes a region of ISO 3166-1 alpha-2, as SA");
    }
    arguments->serve.workspaces.default_region = region;
}

static void check(struct argp_state *state, const struct arguments *arguments) {
    const char *command = arguments->command == NULL ? "" : arguments->command;
    if (command[0] == '\0') {
        argp_error(state, "a command is required: serve or verify");
    } else if (strcmp(command, "serve") != 0 && strcmp(command, "verify") != 0) {
        argp_error(state, "there is no command %s: serve or verify", command);
    }
    const char *directory = arguments->serve.workspaces.directory;
    if (directory == NULL || directory[0] == '\0') {
        argp_error(state, "--data DIR is required");
    }
}

static error_t parse(int key, char *value, struct argp_state *state) {
    struct arguments *arguments = state->input;
    struct workspaces_options *workspaces = &arguments->serve.workspaces;
    switch (key) {
    case 'd':
        workspaces->directory = value;
        return 0;
    case 'l':
        add_address(state, arguments, value);
        return 0;
    case 'w':
        add_workspace(state, arguments, value);
        return 0;
    case OPTION_REGION:
        set_region(state, arguments, value);
        return 0;
    case OPTION_KEY_FILE:
        workspaces->key_file = value;
        return 0;
    case OPTION_MAP_SIZE:
        workspaces->map_size = size_of(state, value, "--map-size");
        return 0;
    case OPTION_GRACE:
        arguments->serve.grace_ms = (uint32_t)number_of(state, value, 3600, "--grace") * 1000;
        return 0;
    case OPTION_SEND_TIMEOUT:
        arguments->serve.send_timeout_ms =
            (uint32_t)number_of(state, value, 3600, "--send-timeout") * 1000;
        return 0;
    case OPTION_NO_COALESCING:
        arguments->serve.sends_each = true;
        return 0;
    case OPTION_LOG_LEVEL:
        set_log_level(state, value);
        return 0;
    case ARGP_KEY_ARG:
        if (arguments->command != NULL) {
            argp_error(state, "one command at a time: %s is one too many", value);
        }
        arguments->command = value;
        return 0;
    case ARGP_KEY_END:
        check(state, arguments);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const char *argp_program_version = "profiled 0.1.0";

/* Messages are up to a megabyte and more. What is freed of them goes back to the system at once:
 * malloc() would learn to keep it, a megabyte for each caller who once did not read. */
static void return_large_blocks(void) { mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK_SIZE); }

int main(int argc, char **argv) {
    return_large_blocks();
    static const struct argp argp = {
        .options = option_list,
        .parser = parse,
        .args_doc = "serve --data DIR [--listen ADDRESS]\nverify --data DIR",
        .doc =
            "The customer-profile service: one unified profile a person.\v"
            "serve answers calls until SIGTERM or SIGINT. verify proves every row of a store that "
            "no server has open against every other, and exits with 1 and a list when something "
            "is off.\n\nExample:\n  profiled serve --data /var/lib/profiled --default-region SA\n",
    };
    argp_err_exit_status = EXIT_USAGE;
    const struct rpc_service services[] = {
        rpc_profile_service, rpc_identity_service, rpc_interaction_service, rpc_schema_service,
        rpc_segment_service, rpc_change_service,   rpc_transfer_service};
    struct arguments arguments = {.serve = {.workspaces = {.default_region = "", .create = true},
                                            .services = services,
                                            .service_count = sizeof services / sizeof *services,
                                            .descriptor_set = profiled_descriptor_set,
                                            .descriptor_set_size = profiled_descriptor_set_size,
                                            .thread_count = 1,
                                            .grace_ms = GRACE_MS_DEFAULT}};
    arguments.serve.addresses = arguments.addresses;
    arguments.serve.workspaces.names = arguments.names;
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    if (arguments.serve.address_count == 0) {
        arguments.addresses[arguments.serve.address_count++] = "127.0.0.1:50051";
    }
    const struct status ready = vault_init();
    if (ready.code != STATUS_OK) {
        log_error("can't start: %s", ready.text);
        return EXIT_FAILURE;
    }
    return strcmp(arguments.command, "verify") == 0 ? verify_command(&arguments.serve.workspaces)
                                                    : serve(&arguments.serve);
}
