/* Foreign bytes as filters: read into a tree, which must keep to its limits and to a little memory,
 * and asked of ListProfiles, which compiles them against a workspace and runs them on two people,
 * and of CreateTrait. Whatever comes, the answer is a page, or what is wrong with the filter and
 * where. */

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "profiled/v1/interaction_service.pb-c.h"
#include "profiled/v1/profile_service.pb-c.h"
#include "profiled/v1/schema_service.pb-c.h"
#include "server/base/limits.h"
#include "server/handlers/services.h"
#include "server/segment/filter_tree.h"
#include "server/segment/interaction_field.h"
#include "server/segment/trait_filter.h"
#include "tests/fuzz/fuzz_host.h"
#include "tests/rpc/caller.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TREE_ARENA_SIZE = 512 << 10, TREE_DEPTH_MAX = 3 * (FILTER_DEPTH_MAX + 2) };

/* ---- reading ---- */

static size_t count_tests(const struct filter_node *node, size_t depth) {
    assert(depth <= TREE_DEPTH_MAX);
    if (node->kind == FILTER_RESTRICTION) {
        assert(node->comparable->part_count > 0 &&
               node->comparable->part_count <= FILTER_PARTS_MAX &&
               node->comparable->argument_count <= FILTER_ARGUMENTS_MAX &&
               node->argument.text.piece_count <= FILTER_PIECES_MAX);
        return 1;
    }
    assert(node->kind == FILTER_NOT ? node->count == 1 : node->count >= 2);
    size_t count = 0;
    for (size_t i = 0; i < node->count; i++) {
        count += count_tests(node->items[i], depth + 1);
    }
    return count;
}

static void read_tree(const char *filter) {
    struct arena arena;
    arena_init(&arena, TREE_ARENA_SIZE);
    const struct filter_node *tree = NULL;
    struct filter_error error = {.found = NULL};
    const struct status status = filter_tree_read(filter, &arena, &tree, &error);
    if (status_is_ok(status)) {
        assert(tree == NULL || count_tests(tree, 0) <= FILTER_TESTS_MAX);
    } else {
        assert(status.reason == REASON_FILTER_INVALID && error.offset <= strlen(filter));
        assert(error.found != NULL && error.expected != NULL);
    }
    assert(!arena.exhausted);
    arena_free(&arena);
}

/* ---- people ---- */

static const struct answer *call(const struct rpc_service *service, const char *name,
                                 const ProtobufCMessage *request) {
    uint8_t *packed = malloc(protobuf_c_message_get_packed_size(request));
    assert(packed != NULL);
    const size_t size = protobuf_c_message_pack(request, packed);
    const struct answer *answer =
        fuzz_host_call(caller_method(service, name), NULL, bytes_of(packed, size));
    free(packed);
    return answer;
}

static char *text(const char *string) { return (char *)(uintptr_t)string; }

/* Of one a good deal is known: out of a record, with a message that she wrote. */
static void make_known(void) {
    static const char *const told[][2] = {{"city", "Riyadh"},
                                          {"country", "SA"},
                                          {"gender", "female"},
                                          {"birth_date", "1990-05-17"},
                                          {"language", "ar"}};
    enum { TOLD = sizeof told / sizeof *told };
    Profiled__V1__RecordAttribute values[TOLD];
    Profiled__V1__Record__AttributesEntry entries[TOLD];
    Profiled__V1__Record__AttributesEntry *attributes[TOLD];
    for (size_t i = 0; i < TOLD; i++) {
        profiled__v1__record_attribute__init(&values[i]);
        profiled__v1__record__attributes_entry__init(&entries[i]);
        values[i].value_case = PROFILED__V1__RECORD_ATTRIBUTE__VALUE_TEXT;
        values[i].text = text(told[i][1]);
        entries[i].key = text(told[i][0]);
        entries[i].value = &values[i];
        attributes[i] = &entries[i];
    }
    Profiled__V1__Identity email = PROFILED__V1__IDENTITY__INIT;
    Profiled__V1__Identity *identities[] = {&email};
    Profiled__V1__Record record = PROFILED__V1__RECORD__INIT;
    Profiled__V1__Engagement engagement = PROFILED__V1__ENGAGEMENT__INIT;
    Google__Protobuf__Timestamp now = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    Profiled__V1__Interaction interaction = PROFILED__V1__INTERACTION__INIT;
    Profiled__V1__InteractionRecord event = PROFILED__V1__INTERACTION_RECORD__INIT;
    Profiled__V1__RecordInteractionRequest request = PROFILED__V1__RECORD_INTERACTION_REQUEST__INIT;
    email.type = text("email");
    email.value = text("sara@example.com");
    record.name = text("Sara Otaibi");
    record.n_identities = 1;
    record.identities = identities;
    record.n_attributes = TOLD;
    record.attributes = attributes;
    engagement.channel = text("whatsapp");
    engagement.direction = PROFILED__V1__DIRECTION__DIRECTION_INBOUND;
    engagement.theme = text("complaint");
    engagement.sentiment = PROFILED__V1__SENTIMENT__SENTIMENT_NEGATIVE;
    now.seconds = time(NULL);
    interaction.source = text("inbox");
    interaction.occur_time = &now;
    interaction.payload_case = PROFILED__V1__INTERACTION__PAYLOAD_ENGAGEMENT;
    interaction.engagement = &engagement;
    event.interaction = &interaction;
    event.subject_case = PROFILED__V1__INTERACTION_RECORD__SUBJECT_RECORD;
    event.record = &record;
    request.interaction_record = &event;
    if (call(&rpc_interaction_service, "RecordInteraction", &request.base)->code != STATUS_OK) {
        abort();
    }
}

/* Of the other a name on which wildcards could be tried for long. */
static void make_long(void) {
    char name[NAME_LENGTH_MAX + 1];
    memset(name, 'a', NAME_LENGTH_MAX);
    name[NAME_LENGTH_MAX] = '\0';
    Profiled__V1__Profile profile = PROFILED__V1__PROFILE__INIT;
    Profiled__V1__CreateProfileRequest request = PROFILED__V1__CREATE_PROFILE_REQUEST__INIT;
    profile.name = name;
    request.profile = &profile;
    if (call(&rpc_profile_service, "CreateProfile", &request.base)->code != STATUS_OK) {
        abort();
    }
}

/* ---- asking ---- */

/* What is no UTF-8 is refused before it is read as a filter. */
static void check_refused(const struct answer *answer, size_t size) {
    assert(answer->code == STATUS_INVALID_ARGUMENT);
    if (strcmp(answer->reason, "FILTER_INVALID") == 0) {
        const char *offset = answer_metadata(answer, "offset");
        assert(offset != NULL && strtoull(offset, NULL, 10) <= size);
        assert(answer_metadata(answer, "found") != NULL);
        assert(answer_metadata(answer, "expected") != NULL);
    }
}

static void ask(char *filter) {
    Profiled__V1__ListProfilesRequest request = PROFILED__V1__LIST_PROFILES_REQUEST__INIT;
    request.filter = filter;
    request.explain = true;
    const struct answer *answer = call(&rpc_profile_service, "ListProfiles", &request.base);
    if (answer->code != STATUS_OK) {
        check_refused(answer, strlen(filter));
    }
}

/* The same bytes as the filter of a trait, which nobody keeps. */
static void ask_of_interactions(char *filter) {
    Profiled__V1__TraitDefinition trait = PROFILED__V1__TRAIT_DEFINITION__INIT;
    Profiled__V1__CreateTraitRequest request = PROFILED__V1__CREATE_TRAIT_REQUEST__INIT;
    trait.name = text("asked");
    trait.aggregation = PROFILED__V1__TRAIT_AGGREGATION__TRAIT_AGGREGATION_COUNT;
    trait.filter = filter;
    request.trait = &trait;
    request.validate_only = true;
    const struct answer *answer = call(&rpc_schema_service, "CreateTrait", &request.base);
    if (answer->code != STATUS_OK) {
        check_refused(answer, strlen(filter));
    }
}

/* What is kept of a filter takes some interactions or none. */
static void take(const char *filter) {
    static const struct store_interaction when = {.occur_us = 1};
    static const Stored__V1__Interaction nothing = STORED__V1__INTERACTION__INIT;
    struct arena arena;
    const void *compiled = NULL;
    arena_init(&arena, TREE_ARENA_SIZE);
    if (status_is_ok(trait_filters.compile(filter, &arena, &compiled))) {
        (void)trait_filters.takes(compiled, &when, &nothing, &arena);
    }
    assert(!arena.exhausted);
    arena_free(&arena);
}

/* A filter ends at its first NUL, which no text on the wire has. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *filter = malloc(size + 1);
    assert(filter != NULL);
    if (size > 0) {
        memcpy(filter, data, size);
    }
    filter[size] = '\0';
    read_tree(filter);
    if (fuzz_host_ready()) {
        make_known();
        make_long();
    }
    if (size < REQUEST_SIZE_MAX / 2) {
        ask(filter);
        ask_of_interactions(filter);
    }
    take(filter);
    free(filter);
    return 0;
}
