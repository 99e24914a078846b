/* Foreign bytes as an NDJSON record. What is taken for a record can be packed and printed again. */

#include "client/cli/record.h"
#include "client/json.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool fact) {
    if (!fact) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    json_t *errors = json_array();
    Profiled__V1__Record *record = record_from_json((const char *)data, size, errors);
    require((record == NULL) == (json_array_size(errors) > 0));
    if (record != NULL) {
        json_t *json = json_from_message(&record->base);
        struct json_problem problem;
        ProtobufCMessage *again =
            json_to_message(&profiled__v1__record__descriptor, json, &problem);
        require(again != NULL);
        require(protobuf_c_message_get_packed_size(again) ==
                profiled__v1__record__get_packed_size(record));
        protobuf_c_message_free_unpacked(again, NULL);
        json_decref(json);
        profiled__v1__record__free_unpacked(record, NULL);
    }
    json_decref(errors);
    return 0;
}
