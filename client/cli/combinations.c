/* The one table of options that are of another option, or not beside one. Where it hangs on the
 * words of a command, or on what is in a file, the command looks itself. */

#include "client/cli/combinations.h"

#include <stdio.h>

enum { OTHERS_MAX = 5 };

/* An option that says nothing without one of `of`, where there are any, and nothing beside any of
 * `not_with`. Both end in 0. */
struct combination {
    int (*run)(struct session *session, const struct arguments *arguments); /* NULL: of any. */
    enum cli_option option;
    enum cli_option of[OTHERS_MAX];
    enum cli_option not_with[OTHERS_MAX];
};

#define OF_ENGAGEMENT(option)                                                                      \
    {                                                                                              \
        interaction_record, option, {OPT_CHANNEL}, { OPT_ACTIVITY, OPT_SURVEY }                    \
    }
#define OF_ACTIVITY(option)                                                                        \
    {                                                                                              \
        interaction_record, option, {OPT_ACTIVITY}, { OPT_CHANNEL, OPT_SURVEY }                    \
    }
#define OF_SURVEY(option)                                                                          \
    {                                                                                              \
        interaction_record, option, {OPT_SURVEY}, { OPT_CHANNEL, OPT_ACTIVITY }                    \
    }

static const struct combination combinations[] = {
    {NULL, OPT_ALL, {0}, {OPT_LIMIT}},
    {profile_create, OPT_SOURCE, {OPT_IDENTITY, OPT_ATTRIBUTE}, {0}},
    {profile_create, OPT_REGION, {OPT_IDENTITY}, {0}},
    {profile_create, OPT_PROVENANCE, {OPT_IDENTITY}, {0}},
    {profile_create, OPT_TIME, {OPT_ATTRIBUTE}, {0}}, /* A name has no time of its own. */
    {profile_update, OPT_SOURCE, {OPT_ATTRIBUTE}, {0}},
    {profile_update, OPT_TIME, {OPT_ATTRIBUTE}, {OPT_NAME}},
    {identity_resolve, OPT_REGION, {OPT_IDENTITY}, {0}},
    {identity_resolve, OPT_PROVENANCE, {OPT_IDENTITY}, {0}},
    {identity_why_not, OPT_SOURCE, {OPT_IDENTITY, OPT_NAME, OPT_ATTRIBUTE}, {0}},
    {identity_why_not, OPT_TIME, {OPT_IDENTITY, OPT_NAME, OPT_ATTRIBUTE}, {0}},
    {identity_why_not, OPT_REGION, {OPT_IDENTITY}, {0}},
    {identity_why_not, OPT_PROVENANCE, {OPT_IDENTITY}, {0}},
    {subscription_pull, OPT_ACK, {0}, {OPT_DRY_RUN}},
    {interaction_record, OPT_NAME, {0}, {OPT_PROFILE}},
    {interaction_record, OPT_REGION, {OPT_IDENTITY, OPT_NAME, OPT_ANSWER, OPT_AUTHOR}, {0}},
    OF_ENGAGEMENT(OPT_VISIBILITY),
    OF_ENGAGEMENT(OPT_DIRECTION),
    OF_ENGAGEMENT(OPT_AUTHOR),
    OF_ENGAGEMENT(OPT_TEXT),
    OF_ENGAGEMENT(OPT_URL),
    OF_ENGAGEMENT(OPT_LANGUAGE),
    OF_ENGAGEMENT(OPT_DIALECT),
    OF_ENGAGEMENT(OPT_SUB_DIALECT),
    OF_ENGAGEMENT(OPT_THEME),
    OF_ENGAGEMENT(OPT_SUB_THEME),
    OF_ENGAGEMENT(OPT_SENTIMENT),
    OF_ENGAGEMENT(OPT_SCORE),
    OF_ENGAGEMENT(OPT_CONVERSATION),
    OF_ENGAGEMENT(OPT_AGENT),
    OF_ACTIVITY(OPT_PROPERTY),
    OF_ACTIVITY(OPT_AMOUNT),
    OF_ACTIVITY(OPT_CURRENCY),
    OF_SURVEY(OPT_SURVEY_NAME),
    OF_SURVEY(OPT_ANSWER),
    {interaction_analyze, OPT_ZONE, {OPT_EVERY}, {0}},
    {interaction_analyze, OPT_CSV, {0}, {OPT_OUTPUT}},
    {survey_analyze, OPT_CSV, {0}, {OPT_OUTPUT}},
    {segment_create, OPT_STATIC, {0}, {OPT_SEGMENT_FILTER, OPT_WAIT}},
    {segment_create, OPT_WAIT, {0}, {OPT_DRY_RUN}},
    {segment_update, OPT_WAIT, {0}, {OPT_DRY_RUN}},
    {server_health, OPT_WATCH, {0}, {OPT_TIMEOUT}},
    {changes_watch, OPT_FROM, {0}, {OPT_SNAPSHOT}}, /* The token knows of the snapshot. */
    {changes_watch,
     OPT_SUBSCRIPTION,
     {0},
     {OPT_FROM, OPT_SNAPSHOT, OPT_CHANGE_KINDS, OPT_OF_SEGMENTS, OPT_CHANGE_FILTER}},
};

static const char *name_of(enum cli_option option) { return option_get(option)->name; }

/* The first of them that was given; OPT_NONE for none. */
static enum cli_option given_of(const struct arguments *arguments,
                                const enum cli_option others[OTHERS_MAX]) {
    for (size_t i = 0; i < OTHERS_MAX && others[i] != 0; i++) {
        if (arguments_has(arguments, others[i])) {
            return others[i];
        }
    }
    return OPT_NONE;
}

/* Says which options it is of. */
static void tell_of(const enum cli_option of[OTHERS_MAX]) {
    for (size_t i = 0; i < OTHERS_MAX && of[i] != 0; i++) {
        const bool last = i + 1 == OTHERS_MAX || of[i + 1] == 0;
        fprintf(stderr, "%s--%s", i == 0 ? "" : last ? " or " : ", ", name_of(of[i]));
    }
}

static void tell_both(enum cli_option option, enum cli_option other) {
    fprintf(stderr, "profilectl: --%s and --%s do not go together", name_of(option),
            name_of(other));
}

static bool check(const struct combination *combination, const struct arguments *arguments) {
    const enum cli_option other = given_of(arguments, combination->not_with);
    const bool has_of = combination->of[0] != 0;
    if (!arguments_has(arguments, combination->option)) {
        return true;
    }
    if (other != OPT_NONE) {
        tell_both(combination->option, other);
        if (has_of) {
            fprintf(stderr, ": --%s is of ", name_of(combination->option));
            tell_of(combination->of);
        }
        fputc('\n', stderr);
        return false;
    }
    if (has_of && given_of(arguments, combination->of) == OPT_NONE) {
        fprintf(stderr, "profilectl: --%s says nothing without ", name_of(combination->option));
        tell_of(combination->of);
        fputc('\n', stderr);
        return false;
    }
    return true;
}

static bool is_among(enum cli_option option, const enum cli_option *options, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (options[i] == option) {
            return true;
        }
    }
    return false;
}

/* Those of every command may be there again, as behind an alias: the last one counts. */
static bool is_common(enum cli_option option) {
    size_t count = 0;
    while (common_options[count] != 0) {
        count++;
    }
    return is_among(option, common_options, count);
}

/* What stays beside --json, which says all the rest; of --rules a command says more itself. */
static bool goes_with_json(enum cli_option option) {
    static const enum cli_option others[] = {OPT_JSON, OPT_REQUEST_ID,   OPT_DRY_RUN,
                                             OPT_ETAG, OPT_SHOW_PROFILE, OPT_RULES};
    return is_common(option) || is_among(option, others, sizeof others / sizeof others[0]);
}

static bool check_json(const struct arguments *arguments) {
    for (size_t i = 0; arguments_has(arguments, OPT_JSON) && i < arguments->given_count; i++) {
        const enum cli_option option = arguments->given[i].option;
        if (!goes_with_json(option)) {
            tell_both(OPT_JSON, option);
            fputs(": the file says all of it\n", stderr);
            return false;
        }
    }
    return true;
}

/* Of an option that has one value the last one would be all that is left. */
static bool check_twice(const struct arguments *arguments) {
    static const enum cli_option several[] = {
        OPT_IDENTITY, OPT_ATTRIBUTE,    OPT_CLEAR,      OPT_BLOCKED, OPT_PATTERN, OPT_VALUE,
        OPT_LABEL,    OPT_RETIRE_VALUE, OPT_DROP_VALUE, OPT_CALLED,  OPT_RENAMED, OPT_PROPERTY,
        OPT_ANSWER,   OPT_MAP,          OPT_TAGGED,     OPT_RETAGGED};
    for (size_t i = 0; i < arguments->given_count; i++) {
        const enum cli_option option = arguments->given[i].option;
        const bool counts = option_get(option)->arg != NULL && !is_common(option) &&
                            !is_among(option, several, sizeof several / sizeof several[0]);
        for (size_t k = 0; counts && k < i; k++) {
            if (arguments->given[k].option == option) {
                fprintf(stderr, "profilectl: --%s is there twice\n", name_of(option));
                return false;
            }
        }
    }
    return true;
}

bool combinations_check(const struct command *command, const struct arguments *arguments) {
    if (!check_twice(arguments) || !check_json(arguments)) {
        return false;
    }
    for (size_t i = 0; i < sizeof combinations / sizeof combinations[0]; i++) {
        const struct combination *combination = &combinations[i];
        if ((combination->run == NULL || combination->run == command->run) &&
            !check(combination, arguments)) {
            return false;
        }
    }
    return true;
}
