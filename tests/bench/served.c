/* The server is there once it answers a call. */

#include "tests/bench/served.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "client/profiled_calls.h"

enum { PATH_SIZE = 4096, WAIT_TRIES = 200, WAIT_US = 50000 };

struct served served;

static char directory[PATH_SIZE];

_Noreturn void served_fail(const struct profiled_error *error) {
    fprintf(stderr, "%s %s\n", profiled_code_name(error->code), error->message);
    exit(EXIT_FAILURE);
}

static void wait_for_server(void) {
    Profiled__V1__ListIdentityTypesRequest request =
        PROFILED__V1__LIST_IDENTITY_TYPES_REQUEST__INIT;
    for (int i = 0; i < WAIT_TRIES; i++) {
        struct profiled_error error = PROFILED_ERROR_INIT;
        Profiled__V1__ListIdentityTypesResponse *response = NULL;
        if (profiled_list_identity_types(served.client, &request, NULL, &response, &error)) {
            profiled_message_free(&response->base);
            return;
        }
        profiled_error_clear(&error);
        usleep(WAIT_US);
    }
    fputs("the server does not answer\n", stderr);
    exit(EXIT_FAILURE);
}

void served_open(const char *name) { served_open_workspaces(name, NULL); }

void served_open_workspaces(const char *name, const char *const *workspaces) {
    const char *parent = getenv("TMPDIR");
    snprintf(directory, sizeof directory, "%s/profiled-%s.XXXXXX", parent == NULL ? "/tmp" : parent,
             name);
    if (mkdtemp(directory) == NULL) {
        perror(directory);
        exit(EXIT_FAILURE);
    }
    struct profiled_error error = PROFILED_ERROR_INIT;
    served.server = process_start(directory, workspaces);
    served.client = profiled_connect(served.server.address, NULL, &error);
    served_check(served.client != NULL, &error);
    wait_for_server();
}

void served_close(void) {
    profiled_disconnect(served.client);
    process_stop(&served.server);
    directory_remove(directory);
}

static int by_size(const void *a, const void *b) {
    const double *left = a;
    const double *right = b;
    return (*left > *right) - (*left < *right);
}

static char *text(const char *string) { return (char *)(uintptr_t)string; }

void served_create(const char *name, const char *email, char id[SERVED_ID_SIZE]) {
    Profiled__V1__Identity identity = PROFILED__V1__IDENTITY__INIT;
    identity.type = text("email");
    identity.value = text(email);
    Profiled__V1__Identity *identities[] = {&identity};
    Profiled__V1__Profile profile = PROFILED__V1__PROFILE__INIT;
    profile.name = text(name);
    profile.n_identities = 1;
    profile.identities = identities;
    Profiled__V1__CreateProfileRequest request = PROFILED__V1__CREATE_PROFILE_REQUEST__INIT;
    request.profile = &profile;
    struct profiled_error error = PROFILED_ERROR_INIT;
    Profiled__V1__CreateProfileResponse *response = NULL;
    served_check(profiled_create_profile(served.client, &request, NULL, &response, &error), &error);
    if (id != NULL) {
        snprintf(id, SERVED_ID_SIZE, "%s", response->profile->id);
    }
    profiled_message_free(&response->base);
}

void served_record(const struct profiled_call_options *options, const char *email,
                   Profiled__V1__Engagement *engagement) {
    Profiled__V1__Identity identity = PROFILED__V1__IDENTITY__INIT;
    identity.type = text("email");
    identity.value = text(email);
    Profiled__V1__Identity *identities[] = {&identity};
    Profiled__V1__Record subject = PROFILED__V1__RECORD__INIT;
    subject.n_identities = 1;
    subject.identities = identities;
    Profiled__V1__Interaction interaction = PROFILED__V1__INTERACTION__INIT;
    interaction.source = text("bench");
    interaction.payload_case = PROFILED__V1__INTERACTION__PAYLOAD_ENGAGEMENT;
    interaction.engagement = engagement;
    Profiled__V1__InteractionRecord one = PROFILED__V1__INTERACTION_RECORD__INIT;
    one.interaction = &interaction;
    one.subject_case = PROFILED__V1__INTERACTION_RECORD__SUBJECT_RECORD;
    one.record = &subject;
    Profiled__V1__RecordInteractionRequest request = PROFILED__V1__RECORD_INTERACTION_REQUEST__INIT;
    request.interaction_record = &one;
    struct profiled_error error = PROFILED_ERROR_INIT;
    Profiled__V1__RecordInteractionResponse *response = NULL;
    served_check(profiled_record_interaction(served.client, &request, options, &response, &error),
                 &error);
    profiled_message_free(&response->base);
}

double served_median(double *values, size_t count) {
    qsort(values, count, sizeof *values, by_size);
    return values[count / 2];
}
