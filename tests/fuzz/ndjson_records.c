/* Foreign bytes as a line of NDJSON: a record, an interaction. What is taken for one can be packed
 * and printed again. */

#include "client/cli/record.h"
#include "client/json.h"

#include "profiled/v1/interaction_service.pb-c.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool fact) {
    if (!fact) {
        abort();
    }
}

static void check(const ProtobufCMessageDescriptor *shape, const char *text, size_t size) {
    json_t *errors = json_array();
    ProtobufCMessage *message = message_from_json(shape, text, size, errors);
    require((message == NULL) == (json_array_size(errors) > 0));
    if (message != NULL) {
        json_t *json = json_from_message(message);
        struct json_problem problem;
        ProtobufCMessage *again = json_to_message(shape, json, &problem);
        require(again != NULL);
        require(protobuf_c_message_get_packed_size(again) ==
                protobuf_c_message_get_packed_size(message));
        protobuf_c_message_free_unpacked(again, NULL);
        json_decref(json);
        protobuf_c_message_free_unpacked(message, NULL);
    }
    json_decref(errors);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    check(&profiled__v1__record__descriptor, (const char *)data, size);
    check(&profiled__v1__interaction_record__descriptor, (const char *)data, size);
    return 0;
}
