/* The commands of the group `trait`. */

#include "client/cli/answer.h"
#include "client/cli/command.h"
#include "client/cli/origins.h"
#include "client/cli/output.h"
#include "client/cli/progress.h"
#include "client/cli/request.h"
#include "client/cli/table.h"
#include "client/cli/text.h"

#include "profiled/v1/schema_service.pb-c.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_SIZE = 512, PAGE_MAX = 500, WINDOW_DAYS_MAX = 366 };

/* ---- printing ---- */

/* "sum of amount", "last of property coupon". */
static void add_computation(struct table *table, const Profiled__V1__TraitDefinition *trait) {
    char how[WORDS_SIZE];
    char field[WORDS_SIZE];
    char text[TEXT_SIZE];
    output_words(&profiled__v1__trait_aggregation__descriptor, (int32_t)trait->aggregation,
                 "TRAIT_AGGREGATION_", how);
    output_words(&profiled__v1__trait_field__descriptor, (int32_t)trait->field, "TRAIT_FIELD_",
                 field);
    snprintf(text, sizeof text, "%s%s%s%s%s", how, field[0] == '\0' ? "" : " of ", field,
             trait->field_name[0] == '\0' ? "" : " ", trait->field_name);
    table_add(table, text);
}

static void add_trait(struct table *table, const Profiled__V1__TraitDefinition *trait) {
    char window[WORDS_SIZE] = "all time";
    char state[WORDS_SIZE] = "ready";
    if (trait->window_days > 0) {
        snprintf(window, sizeof window, "%" PRId32 "d", trait->window_days);
    }
    if (!trait->ready) {
        snprintf(state, sizeof state, "%" PRId64 " of %" PRId64, trait->looked_at_count,
                 trait->interaction_count);
    }
    table_add(table, trait->name);
    add_computation(table, trait);
    table_add(table, trait->filter[0] == '\0' ? "all" : trait->filter);
    table_add(table, window);
    table_add(table, state);
    table_add(table, trait->description);
}

static void print_traits(const struct session *session,
                         Profiled__V1__TraitDefinition *const *traits, size_t count) {
    static const struct table_column columns[] = {
        {.title = "TRAIT", .whole = true},
        {.title = "COMPUTES"},
        {.title = "OF"},
        {.title = "WINDOW", .whole = true},
        {.title = "STATE", .whole = true},
        {.title = "WHAT FOR", .drop = 1},
    };
    struct table table;
    table_init(&table, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < count; i++) {
        add_trait(&table, traits[i]);
    }
    table_print(&table, &session->screen);
    table_free(&table);
}

static void view_traits(const struct session *session, const struct arguments *arguments,
                        const ProtobufCMessage *answer) {
    (void)arguments;
    const Profiled__V1__ListTraitsResponse *list = (const Profiled__V1__ListTraitsResponse *)answer;
    if (list->n_traits == 0) {
        fputs("No traits.\n", stdout);
    } else {
        print_traits(session, list->traits, list->n_traits);
    }
}

int trait_list(struct session *session, const struct arguments *arguments) {
    return answer_ask(session, arguments, "ListTraits", json_object(), view_traits);
}

/* ---- changing ---- */

/* The answers of a change are of one shape. */
static void view_trait(const struct session *session, const struct arguments *arguments,
                       const ProtobufCMessage *answer) {
    (void)arguments;
    print_traits(session, &((const Profiled__V1__CreateTraitResponse *)answer)->trait, 1);
}

/* FIELD, or FIELD:NAME of a property or an answer. False, told, when there is no such field. */
static bool read_field(json_t *trait, const struct arguments *arguments) {
    const char *given = arguments_get(arguments, OPT_FIELD);
    const char *colon = given == NULL ? NULL : strchr(given, ':');
    if (colon == NULL) {
        return request_enum(trait, "field", &profiled__v1__trait_field__descriptor, "TRAIT_FIELD_",
                            arguments, OPT_FIELD);
    }
    const bool is_property = strncmp(given, "property:", strlen("property:")) == 0;
    if (!is_property && strncmp(given, "answer:", strlen("answer:")) != 0) {
        fputs("profilectl: --field: only property:NAME and answer:QUESTION have a name\n", stderr);
        return false;
    }
    json_object_set_new(trait, "field",
                        json_string(is_property ? "TRAIT_FIELD_PROPERTY" : "TRAIT_FIELD_ANSWER"));
    json_object_set_new(trait, "fieldName", json_string(colon + 1));
    origins_note(arguments->origins, json_object_get(trait, "fieldName"), OPT_FIELD, NULL);
    return true;
}

static bool read_trait(json_t *trait, const struct arguments *arguments) {
    request_text(trait, "description", arguments, OPT_DESCRIPTION);
    request_text(trait, "filter", arguments, OPT_TRAIT_FILTER);
    return request_enum(trait, "aggregation", &profiled__v1__trait_aggregation__descriptor,
                        "TRAIT_AGGREGATION_", arguments, OPT_AGGREGATION) &&
           read_field(trait, arguments) &&
           request_days(trait, "windowDays", arguments, OPT_WINDOW, 1, WINDOW_DAYS_MAX);
}

int trait_create(struct session *session, const struct arguments *arguments) {
    const char *path = arguments_get(arguments, OPT_JSON);
    json_t *trait = path == NULL ? json_object() : request_file(path);
    if (trait == NULL) {
        return EXIT_USAGE;
    }
    json_object_set_new(trait, "name", json_string(arguments->words[0]));
    if (path == NULL && !read_trait(trait, arguments)) {
        json_decref(trait);
        return EXIT_USAGE;
    }
    json_t *request = json_pack("{s:o}", "trait", trait);
    request_write(request, arguments);
    ProtobufCMessage *message = NULL;
    const int code = session_call(session, "CreateTrait", request, &message);
    if (code != EXIT_DONE) {
        return code;
    }
    const Profiled__V1__TraitDefinition *made =
        ((const Profiled__V1__CreateTraitResponse *)message)->trait;
    const bool is_ready = made == NULL || made->ready;
    const int printed = answer_print(session, arguments, message, view_trait);
    if (!is_ready) {
        fflush(stdout); /* The trait first, where both go to one place. */
        fputs("Interactions were recorded before, which the server counts now: profilectl trait "
              "list tells how far\n",
              stderr);
    }
    return printed;
}

int trait_update(struct session *session, const struct arguments *arguments) {
    json_t *trait = json_pack("{s:s}", "name", arguments->words[0]);
    if (!arguments_has(arguments, OPT_DESCRIPTION)) {
        fputs("profilectl: nothing to change: give --description; what a trait computes never "
              "changes, make another one\n",
              stderr);
        json_decref(trait);
        return EXIT_USAGE;
    }
    request_text(trait, "description", arguments, OPT_DESCRIPTION);
    json_t *request = json_pack("{s:o,s:s}", "trait", trait, "updateMask", "description");
    request_write(request, arguments);
    return answer_ask(session, arguments, "UpdateTrait", request, view_trait);
}

int trait_delete(struct session *session, const struct arguments *arguments) {
    json_t *request = json_pack("{s:s}", "name", arguments->words[0]);
    request_write(request, arguments);
    return answer_ask(session, arguments, "DeleteTrait", request, view_trait);
}

/* ---- the backfill ---- */

/* Tells how far the trait is that has the longest way to go. */
static void tell_place(struct progress *progress,
                       const Profiled__V1__BackfillTraitsResponse *response) {
    const Profiled__V1__TraitDefinition *last = NULL;
    for (size_t i = 0; i < response->n_traits; i++) {
        const Profiled__V1__TraitDefinition *trait = response->traits[i];
        if (last == NULL || trait->interaction_count - trait->looked_at_count >
                                last->interaction_count - last->looked_at_count) {
            last = trait;
        }
    }
    if (last != NULL) {
        const struct progress_place place = {last->looked_at_count, last->looked_at_count,
                                             last->interaction_count};
        progress_tell(progress, &place, progress_now_us());
    }
}

/* The server goes on by itself, too; how far it has come it keeps. */
int trait_backfill(struct session *session, const struct arguments *arguments) {
    struct progress progress = {.screen = screen_of(stderr), .noun = "interactions"};
    bool done = false;
    int code = EXIT_DONE;
    while (code == EXIT_DONE && !done) {
        ProtobufCMessage *message = NULL;
        code = session_call(session, "BackfillTraits",
                            json_pack("{s:i}", "maxInteractions", PAGE_MAX), &message);
        if (code == EXIT_DONE) {
            const Profiled__V1__BackfillTraitsResponse *response =
                (const Profiled__V1__BackfillTraitsResponse *)message;
            done = response->done;
            tell_place(&progress, response);
            profiled_message_free(message);
        }
    }
    progress_end(&progress);
    if (!done) {
        return code;
    }
    fputs("All traits are ready\n", stderr);
    return trait_list(session, arguments);
}
