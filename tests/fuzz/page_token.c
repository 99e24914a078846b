/* Foreign page tokens: as they are, and as changes of a token that was
 * good (behind a first byte of 1: positions and bytes to be put there). None may be taken but the
 * good one unchanged. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "profiled/v1/profile_service.pb-c.h"
#include "server/handlers/services.h"
#include "tests/fuzz/fuzz_host.h"
#include "tests/rpc/caller.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TOKEN_SIZE_MAX = 2048, PROFILES = 2 };

static const struct answer *call(const struct rpc_service *service, const char *name,
                                 const ProtobufCMessage *request) {
    static uint8_t packed[TOKEN_SIZE_MAX * 2];
    if (protobuf_c_message_get_packed_size(request) > sizeof packed) {
        abort();
    }
    const size_t size = protobuf_c_message_pack(request, packed);
    return fuzz_host_call(caller_method(service, name), NULL, bytes_of(packed, size));
}

/* A list of two profiles, one on a page: its token. */
static void good_token(char out[TOKEN_SIZE_MAX]) {
    Profiled__V1__Profile profile = PROFILED__V1__PROFILE__INIT;
    profile.name = (char *)(uintptr_t) "Sara";
    Profiled__V1__CreateProfileRequest create = PROFILED__V1__CREATE_PROFILE_REQUEST__INIT;
    create.profile = &profile;
    for (int i = 0; i < PROFILES; i++) {
        if (call(&rpc_profile_service, "CreateProfile", &create.base)->code != STATUS_OK) {
            abort();
        }
    }
    Profiled__V1__ListProfilesRequest list = PROFILED__V1__LIST_PROFILES_REQUEST__INIT;
    list.page_size = 1;
    if (call(&rpc_profile_service, "ListProfiles", &list.base)->code != STATUS_OK) {
        abort();
    }
    const struct bytes response = fuzz_host_response();
    Profiled__V1__ListProfilesResponse *page =
        profiled__v1__list_profiles_response__unpack(NULL, response.size, response.data);
    strncpy(out, page->next_page_token, TOKEN_SIZE_MAX - 1);
    profiled__v1__list_profiles_response__free_unpacked(page, NULL);
}

/* Whether the list takes the token. */
static bool is_taken(char *token) {
    Profiled__V1__ListProfilesRequest list = PROFILED__V1__LIST_PROFILES_REQUEST__INIT;
    list.page_size = 1;
    list.page_token = token;
    return call(&rpc_profile_service, "ListProfiles", &list.base)->code == STATUS_OK;
}

/* Tokens are texts of UTF-8 without NUL: what is not, the scan refuses before. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static char good[TOKEN_SIZE_MAX];
    char token[TOKEN_SIZE_MAX] = {0};
    if (size == 0 || size > TOKEN_SIZE_MAX / 2) {
        return 0;
    }
    if (fuzz_host_ready()) {
        good_token(good);
    }
    if (data[0] != 1) {
        memcpy(token, data, size);
    } else {
        memcpy(token, good, sizeof token);
        for (size_t i = 1; i + 1 < size; i += 2) {
            token[data[i] % strlen(good)] = (char)data[i + 1];
        }
    }
    const bool unchanged = strcmp(token, good) == 0;
    if (token[0] != '\0' && is_taken(token) != unchanged) {
        abort();
    }
    return 0;
}
