/* The file, and its count in the store: every page of every person. */

#include "tests/crash/events.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/profiled_calls.h"

enum { ADDRESS_SIZE = 64, PAGE_SIZE = 1000, TOLD_MAX = 10 };

static const char event_name[] = "event ";

void events_write(const char *path, size_t count, size_t people) {
    FILE *file = fopen(path, "w");
    assert(file != NULL);
    for (size_t i = 1; i <= count; i++) {
        fprintf(file,
                "{\"interaction\":{\"activity\":{\"name\":\"%s%zu\"}},\"record\":{\"identities\":"
                "[{\"type\":\"email\",\"value\":\"p%zu@crash.example\"}]}}\n",
                event_name, i, i % people);
    }
    const int failed = fclose(file);
    assert(failed == 0);
}

/* How often the store has each event. */
struct tally {
    struct profiled_client *client;
    size_t count;
    uint8_t *seen;
};

static bool refused(struct profiled_error *error) {
    fprintf(stderr, "crash: %s\n", error->message);
    profiled_error_clear(error);
    return false;
}

static bool tally_event(struct tally *tally, const Profiled__V1__Interaction *interaction) {
    const char *name = interaction->activity->name;
    assert(strncmp(name, event_name, sizeof event_name - 1) == 0);
    const size_t number = strtoull(name + sizeof event_name - 1, NULL, 10);
    assert(number >= 1 && number <= tally->count);
    if (tally->seen[number] > 0) {
        fprintf(stderr, "crash: %s is there twice\n", name);
    }
    return tally->seen[number]++ == 0;
}

static bool tally_pages(struct tally *tally, char *profile_id) {
    Profiled__V1__ListInteractionsRequest request = PROFILED__V1__LIST_INTERACTIONS_REQUEST__INIT;
    static char first[] = "";
    char *token = first;
    request.profile_id = profile_id;
    request.page_size = PAGE_SIZE;
    bool good = true;
    do {
        struct profiled_error error = PROFILED_ERROR_INIT;
        Profiled__V1__ListInteractionsResponse *response = NULL;
        request.page_token = token;
        if (!profiled_list_interactions(tally->client, &request, NULL, &response, &error)) {
            good = refused(&error);
            break;
        }
        for (size_t i = 0; i < response->n_interactions; i++) {
            good = tally_event(tally, response->interactions[i]) && good;
        }
        if (token != first) {
            free(token);
        }
        token = strdup(response->next_page_token);
        profiled_message_free(&response->base);
    } while (token[0] != '\0');
    if (token != first) {
        free(token);
    }
    return good;
}

static bool tally_person(struct tally *tally, size_t person) {
    char address[ADDRESS_SIZE];
    snprintf(address, sizeof address, "p%zu@crash.example", person);
    struct profiled_error error = PROFILED_ERROR_INIT;
    Profiled__V1__Identity identity = PROFILED__V1__IDENTITY__INIT;
    identity.type = (char[]){"email"};
    identity.value = address;
    Profiled__V1__LookupProfileRequest request = PROFILED__V1__LOOKUP_PROFILE_REQUEST__INIT;
    request.identity = &identity;
    Profiled__V1__LookupProfileResponse *response = NULL;
    if (!profiled_lookup_profile(tally->client, &request, NULL, &response, &error)) {
        return refused(&error);
    }
    const bool good = tally_pages(tally, response->profile->id);
    profiled_message_free(&response->base);
    return good;
}

bool events_are_whole(struct profiled_client *client, size_t count, size_t people) {
    struct tally tally = {.client = client, .count = count, .seen = calloc(count + 1, 1)};
    assert(tally.seen != NULL);
    bool good = true;
    for (size_t i = 0; i < people; i++) {
        good = tally_person(&tally, i) && good;
    }
    size_t lost = 0;
    for (size_t i = 1; i <= count; i++) {
        if (tally.seen[i] == 0 && lost++ < TOLD_MAX) {
            fprintf(stderr, "crash: %s%zu is lost\n", event_name, i);
        }
    }
    free(tally.seen);
    return good && lost == 0;
}
