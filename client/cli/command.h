#pragma once
/* The one table of commands. It feeds dispatch, help and completion. */

#include "client/cli/arguments.h"

#include <stdbool.h>
#include <stddef.h>

enum cli_exit {
    EXIT_DONE = 0,
    EXIT_LOCAL = 1,   /* Something failed on this side, or rows of an import did. */
    EXIT_USAGE = 2,   /* The command line can't be read. */
    EXIT_STATUS = 64, /* Plus gRPC's code: the server refused, or can't be reached. */
};

enum { COMMAND_OPTIONS_MAX = 40 };

struct session;

struct command {
    const char *name; /* With its group, as "profile create". */
    const char *summary;
    const char *words; /* What follows, as "ID..."; NULL for nothing. */
    const char *example;
    enum cli_option options[COMMAND_OPTIONS_MAX]; /* Its own, besides the common ones. Ends in 0. */
    size_t words_min;
    size_t words_max;
    bool local; /* Asks no server: the settings are not read, and may be bad. */
    int (*run)(struct session *session, const struct arguments *arguments);
};

/* The options that every command takes; ends in 0. */
extern const enum cli_option common_options[];

/* The table, and how many rows it has. */
extern const struct command commands[];
extern const size_t command_count;

/* What each command does; see their files. Each answers an exit code. */
int profile_create(struct session *session, const struct arguments *arguments);
int profile_get(struct session *session, const struct arguments *arguments);
int profile_show(struct session *session, const struct arguments *arguments);
int profile_list(struct session *session, const struct arguments *arguments);
int profile_lookup(struct session *session, const struct arguments *arguments);
int profile_update(struct session *session, const struct arguments *arguments);
int profile_delete(struct session *session, const struct arguments *arguments);
int profile_undelete(struct session *session, const struct arguments *arguments);
int identity_resolve(struct session *session, const struct arguments *arguments);
int identity_link(struct session *session, const struct arguments *arguments);
int identity_unlink(struct session *session, const struct arguments *arguments);
int identity_merge(struct session *session, const struct arguments *arguments);
int identity_explain(struct session *session, const struct arguments *arguments);
int identity_why_not(struct session *session, const struct arguments *arguments);
int identity_merges(struct session *session, const struct arguments *arguments);
int identity_unmerge(struct session *session, const struct arguments *arguments);
int never_join_list(struct session *session, const struct arguments *arguments);
int never_join_create(struct session *session, const struct arguments *arguments);
int never_join_delete(struct session *session, const struct arguments *arguments);
int identity_suggest(struct session *session, const struct arguments *arguments);
int identity_suggest_estimate(struct session *session, const struct arguments *arguments);
int identity_types(struct session *session, const struct arguments *arguments);
int identity_types_create(struct session *session, const struct arguments *arguments);
int identity_types_disable(struct session *session, const struct arguments *arguments);
int identity_types_enable(struct session *session, const struct arguments *arguments);
int identity_types_update(struct session *session, const struct arguments *arguments);
int identity_types_restore(struct session *session, const struct arguments *arguments);
int identity_simulate(struct session *session, const struct arguments *arguments);
int identity_apply(struct session *session, const struct arguments *arguments);
int review_list(struct session *session, const struct arguments *arguments);
int review_show(struct session *session, const struct arguments *arguments);
int review_decide(struct session *session, const struct arguments *arguments);
int attribute_list(struct session *session, const struct arguments *arguments);
int attribute_show(struct session *session, const struct arguments *arguments);
int attribute_define(struct session *session, const struct arguments *arguments);
int attribute_update(struct session *session, const struct arguments *arguments);
int attribute_delete(struct session *session, const struct arguments *arguments);
int channel_list(struct session *session, const struct arguments *arguments);
int channel_create(struct session *session, const struct arguments *arguments);
int channel_update(struct session *session, const struct arguments *arguments);
int channel_delete(struct session *session, const struct arguments *arguments);
int theme_list(struct session *session, const struct arguments *arguments);
int theme_create(struct session *session, const struct arguments *arguments);
int theme_update(struct session *session, const struct arguments *arguments);
int theme_delete(struct session *session, const struct arguments *arguments);
int theme_import(struct session *session, const struct arguments *arguments);
int trait_list(struct session *session, const struct arguments *arguments);
int trait_create(struct session *session, const struct arguments *arguments);
int trait_update(struct session *session, const struct arguments *arguments);
int trait_delete(struct session *session, const struct arguments *arguments);
int trait_backfill(struct session *session, const struct arguments *arguments);
int segment_list(struct session *session, const struct arguments *arguments);
int segment_show(struct session *session, const struct arguments *arguments);
int segment_create(struct session *session, const struct arguments *arguments);
int segment_update(struct session *session, const struct arguments *arguments);
int segment_delete(struct session *session, const struct arguments *arguments);
int segment_members(struct session *session, const struct arguments *arguments);
int segment_check(struct session *session, const struct arguments *arguments);
int segment_add(struct session *session, const struct arguments *arguments);
int segment_remove(struct session *session, const struct arguments *arguments);
int segment_preview(struct session *session, const struct arguments *arguments);
int segment_overlap(struct session *session, const struct arguments *arguments);
int interaction_record(struct session *session, const struct arguments *arguments);
int interaction_analyze(struct session *session, const struct arguments *arguments);
int interaction_import(struct session *session, const struct arguments *arguments);
int interaction_list(struct session *session, const struct arguments *arguments);
int survey_list(struct session *session, const struct arguments *arguments);
int survey_show(struct session *session, const struct arguments *arguments);
int survey_analyze(struct session *session, const struct arguments *arguments);
int retention_show(struct session *session, const struct arguments *arguments);
int retention_update(struct session *session, const struct arguments *arguments);
int subscription_list(struct session *session, const struct arguments *arguments);
int subscription_show(struct session *session, const struct arguments *arguments);
int subscription_create(struct session *session, const struct arguments *arguments);
int subscription_delete(struct session *session, const struct arguments *arguments);
int subscription_pull(struct session *session, const struct arguments *arguments);
int subscription_ack(struct session *session, const struct arguments *arguments);
int subscription_retry(struct session *session, const struct arguments *arguments);
int subscription_dead(struct session *session, const struct arguments *arguments);
int subscription_dead_retry(struct session *session, const struct arguments *arguments);
int subscription_dead_drop(struct session *session, const struct arguments *arguments);
int import_file(struct session *session, const struct arguments *arguments);
int export_profiles(struct session *session, const struct arguments *arguments);
int changes_watch(struct session *session, const struct arguments *arguments);
int server_health(struct session *session, const struct arguments *arguments);
int completion_print(struct session *session, const struct arguments *arguments);
int version_print(struct session *session, const struct arguments *arguments);

/* Runs profilectl. Answers its exit code. */
int cli_run(int argc, char **argv);
