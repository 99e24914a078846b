/* Messages out of what tests tell, and the calls in a line each. */

#include "tests/handlers/people.h"

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "server/base/limits.h"

static char *text(const char *string) { return (char *)(uintptr_t)(string == NULL ? "" : string); }

static void *make(size_t size) { return arena_alloc(&ask_arena, size); }

Google__Protobuf__Timestamp *time_told(int64_t time_us) {
    Google__Protobuf__Timestamp *time = make(sizeof *time);
    google__protobuf__timestamp__init(time);
    time->seconds = time_us / US_PER_SECOND;
    int64_t rest_us = time_us % US_PER_SECOND;
    if (rest_us < 0) {
        rest_us += US_PER_SECOND;
        time->seconds--;
    }
    time->nanos = (int32_t)(rest_us * 1000);
    return time;
}

Profiled__V1__Identity *identity_told(const char *type, const char *value) {
    Profiled__V1__Identity *identity = make(sizeof *identity);
    profiled__v1__identity__init(identity);
    identity->type = text(type);
    identity->value = text(value);
    return identity;
}

static Profiled__V1__Identity **identities_told(const struct told *told, size_t *count) {
    Profiled__V1__Identity **list = arena_array(&ask_arena, TOLD_IDENTITIES_MAX, sizeof *list);
    for (*count = 0; *count < TOLD_IDENTITIES_MAX && told->identities[*count].type != NULL;
         ++*count) {
        const struct told_identity *one = &told->identities[*count];
        Profiled__V1__Identity *identity = identity_told(one->type, one->value);
        identity->region = text(one->region);
        identity->source = text(one->source);
        identity->provenance = (Profiled__V1__Provenance)one->provenance;
        list[*count] = identity;
    }
    return list;
}

static Profiled__V1__AttributeList *list_told(const char *const *items) {
    Profiled__V1__AttributeList *list = make(sizeof *list);
    profiled__v1__attribute_list__init(list);
    for (; items[list->n_items] != NULL; list->n_items++) {
        Profiled__V1__AttributeItem *item = make(sizeof *item);
        profiled__v1__attribute_item__init(item);
        item->value_case = PROFILED__V1__ATTRIBUTE_ITEM__VALUE_TEXT;
        item->text = text(items[list->n_items]);
        list->items = arena_append(&ask_arena, list->items, list->n_items, sizeof *list->items);
        list->items[list->n_items] = item;
    }
    return list;
}

Profiled__V1__Record *record_told(const struct told *told) {
    Profiled__V1__Record *record = make(sizeof *record);
    profiled__v1__record__init(record);
    record->name = text(told->name);
    record->source = text(told->source);
    record->default_region = text(told->region);
    record->observe_time = told->observe_us == 0 ? NULL : time_told(told->observe_us);
    record->identities = identities_told(told, &record->n_identities);
    record->attributes = arena_array(&ask_arena, TOLD_ATTRIBUTES_MAX, sizeof *record->attributes);
    for (size_t i = 0; i < TOLD_ATTRIBUTES_MAX && told->attributes[i].name != NULL; i++) {
        Profiled__V1__RecordAttribute *value = make(sizeof *value);
        profiled__v1__record_attribute__init(value);
        if (told->attributes[i].value != NULL) {
            value->value_case = PROFILED__V1__RECORD_ATTRIBUTE__VALUE_TEXT;
            value->text = text(told->attributes[i].value);
        } else if (told->attributes[i].items != NULL) {
            value->value_case = PROFILED__V1__RECORD_ATTRIBUTE__VALUE_LIST;
            value->list = list_told(told->attributes[i].items);
        }
        Profiled__V1__Record__AttributesEntry *entry = make(sizeof *entry);
        profiled__v1__record__attributes_entry__init(entry);
        entry->key = text(told->attributes[i].name);
        entry->value = value;
        record->attributes[record->n_attributes++] = entry;
    }
    return record;
}

Profiled__V1__Profile *profile_told(const struct told *told) {
    Profiled__V1__Profile *profile = make(sizeof *profile);
    profiled__v1__profile__init(profile);
    profile->name = text(told->name);
    profile->identities = identities_told(told, &profile->n_identities);
    profile->attributes = arena_array(&ask_arena, TOLD_ATTRIBUTES_MAX, sizeof *profile->attributes);
    for (size_t i = 0; i < TOLD_ATTRIBUTES_MAX && told->attributes[i].name != NULL; i++) {
        const struct told_attribute *one = &told->attributes[i];
        Profiled__V1__AttributeValue *value = make(sizeof *value);
        profiled__v1__attribute_value__init(value);
        if (one->value != NULL) {
            value->value_case = PROFILED__V1__ATTRIBUTE_VALUE__VALUE_TEXT;
            value->text = text(one->value);
        } else if (one->items != NULL) {
            value->value_case = PROFILED__V1__ATTRIBUTE_VALUE__VALUE_LIST;
            value->list = list_told(one->items);
        }
        value->source = text(one->source);
        value->observe_time = one->observe_us == 0 ? NULL : time_told(one->observe_us);
        Profiled__V1__Profile__AttributesEntry *entry = make(sizeof *entry);
        profiled__v1__profile__attributes_entry__init(entry);
        entry->key = text(one->name);
        entry->value = value;
        profile->attributes[profile->n_attributes++] = entry;
    }
    return profile;
}

/* ---- calls ---- */

static const Profiled__V1__ResolveProfileResponse *resolve_with(const struct told *told,
                                                                bool include_profile) {
    Profiled__V1__ResolveProfileRequest request = PROFILED__V1__RESOLVE_PROFILE_REQUEST__INIT;
    request.record = record_told(told);
    request.include_profile = include_profile;
    return ask(&rpc_identity_service, "ResolveProfile", &request.base);
}

const Profiled__V1__Decision *resolve(const struct told *told) {
    return resolve_with(told, false)->decision;
}

const Profiled__V1__Profile *resolve_profile(const struct told *told) {
    return resolve_with(told, true)->profile;
}

const Profiled__V1__Profile *create(const struct told *told) {
    Profiled__V1__CreateProfileRequest request = PROFILED__V1__CREATE_PROFILE_REQUEST__INIT;
    request.profile = profile_told(told);
    const Profiled__V1__CreateProfileResponse *response =
        ask(&rpc_profile_service, "CreateProfile", &request.base);
    return response->profile;
}

const Profiled__V1__Profile *get(const char *id) {
    Profiled__V1__GetProfileRequest request = PROFILED__V1__GET_PROFILE_REQUEST__INIT;
    request.id = text(id);
    const Profiled__V1__GetProfileResponse *response =
        ask(&rpc_profile_service, "GetProfile", &request.base);
    return response->profile;
}

const char *merge_two(const char *one, const char *other) {
    ask_wait_us(US_PER_SECOND);
    Profiled__V1__MergeProfilesRequest request = PROFILED__V1__MERGE_PROFILES_REQUEST__INIT;
    request.profile_id = text(one);
    request.other_profile_id = text(other);
    const Profiled__V1__MergeProfilesResponse *response =
        ask(&rpc_identity_service, "MergeProfiles", &request.base);
    return response->merge_id;
}

void unlink_identity(const char *id, const char *type, const char *value) {
    ask_wait_us(US_PER_SECOND);
    Profiled__V1__UnlinkIdentityRequest request = PROFILED__V1__UNLINK_IDENTITY_REQUEST__INIT;
    request.profile_id = text(id);
    request.identity = identity_told(type, value);
    ask(&rpc_identity_service, "UnlinkIdentity", &request.base);
}

void unlink_and_forget(const char *id, const char *type, const char *value) {
    unlink_identity(id, type, value);
    for (int i = 0; i < PROFILE_UNLINKED_MAX; i++) {
        const char *handle = arena_format(&ask_arena, "forgotten_%d", i);
        Profiled__V1__LinkIdentityRequest request = PROFILED__V1__LINK_IDENTITY_REQUEST__INIT;
        request.profile_id = text(id);
        request.identity = identity_told("twitter", handle);
        ask(&rpc_identity_service, "LinkIdentity", &request.base);
        unlink_identity(id, "twitter", handle);
    }
}

bool answers(const char *id) {
    Profiled__V1__GetProfileRequest request = PROFILED__V1__GET_PROFILE_REQUEST__INIT;
    request.id = text(id);
    const struct answer *answer =
        call(ask_fixture, &rpc_profile_service, "GetProfile", &request.base, NULL);
    cr_assert(answer->code == STATUS_OK || answer->code == STATUS_NOT_FOUND);
    return answer->code == STATUS_OK;
}

const Profiled__V1__Profile *lookup(const char *type, const char *value) {
    Profiled__V1__LookupProfileRequest request = PROFILED__V1__LOOKUP_PROFILE_REQUEST__INIT;
    request.identity = identity_told(type, value);
    ProtobufCMessage *response = NULL;
    const struct answer *answer =
        call(ask_fixture, &rpc_profile_service, "LookupProfile", &request.base, &response);
    cr_assert(answer->code == STATUS_OK || answer->code == STATUS_NOT_FOUND, "%s: %s",
              answer->reason, answer->text);
    return response == NULL ? NULL
                            : ((const Profiled__V1__LookupProfileResponse *)response)->profile;
}

char **words_told(const char *list, size_t *count) {
    char *copy = arena_string(&ask_arena, bytes_of_string(list));
    char **words = arena_array(&ask_arena, strlen(list) + 1, sizeof *words);
    char *rest = NULL;
    *count = 0;
    for (char *word = strtok_r(copy, ",", &rest); word != NULL; word = strtok_r(NULL, ",", &rest)) {
        words[(*count)++] = word;
    }
    return words;
}

Google__Protobuf__FieldMask *mask_told(const char *paths) {
    Google__Protobuf__FieldMask *mask = arena_alloc(&ask_arena, sizeof *mask);
    google__protobuf__field_mask__init(mask);
    mask->paths = words_told(paths, &mask->n_paths);
    return mask;
}

void set_rules(const char *paths, const Profiled__V1__IdentityType *type) {
    Profiled__V1__UpdateIdentityTypeRequest request =
        PROFILED__V1__UPDATE_IDENTITY_TYPE_REQUEST__INIT;
    request.identity_type = (Profiled__V1__IdentityType *)(uintptr_t)type;
    request.update_mask = mask_told(paths);
    ask(&rpc_identity_service, "UpdateIdentityType", &request.base);
}

const Profiled__V1__UpdateAttributeResponse *
set_survivorship(const char *attribute, int survivorship, const char *trusted) {
    Profiled__V1__AttributeDefinition definition = PROFILED__V1__ATTRIBUTE_DEFINITION__INIT;
    definition.name = text(attribute);
    definition.survivorship = (Profiled__V1__Survivorship)survivorship;
    definition.trusted_sources = words_told(trusted, &definition.n_trusted_sources);
    Profiled__V1__UpdateAttributeRequest request = PROFILED__V1__UPDATE_ATTRIBUTE_REQUEST__INIT;
    request.attribute = &definition;
    request.update_mask = mask_told("survivorship,trusted_sources");
    return ask(&rpc_schema_service, "UpdateAttribute", &request.base);
}

void add_type(const char *type, int normalizer) {
    Profiled__V1__IdentityType made = PROFILED__V1__IDENTITY_TYPE__INIT;
    made.type = (char *)(uintptr_t)type;
    made.normalizer = (Profiled__V1__Normalizer)normalizer;
    Profiled__V1__CreateIdentityTypeRequest request =
        PROFILED__V1__CREATE_IDENTITY_TYPE_REQUEST__INIT;
    request.identity_type = &made;
    ask(&rpc_identity_service, "CreateIdentityType", &request.base);
}

/* ---- looking at answers ---- */

const Profiled__V1__Identity *identity_in(const Profiled__V1__Profile *profile, const char *type,
                                          const char *canonical) {
    for (size_t i = 0; i < profile->n_identities; i++) {
        if (strcmp(profile->identities[i]->type, type) == 0 &&
            strcmp(profile->identities[i]->canonical_value, canonical) == 0) {
            return profile->identities[i];
        }
    }
    return NULL;
}

const char *attribute_in(const Profiled__V1__Profile *profile, const char *name) {
    for (size_t i = 0; i < profile->n_attributes; i++) {
        if (strcmp(profile->attributes[i]->key, name) == 0) {
            return profile->attributes[i]->value->text;
        }
    }
    return NULL;
}

size_t identity_count(const Profiled__V1__Profile *profile, const char *type, bool active) {
    size_t count = 0;
    for (size_t i = 0; i < profile->n_identities; i++) {
        count += strcmp(profile->identities[i]->type, type) == 0 &&
                 (profile->identities[i]->state == STATE(ACTIVE)) == active;
    }
    return count;
}

size_t profile_count(void) {
    Profiled__V1__ListProfilesRequest request = PROFILED__V1__LIST_PROFILES_REQUEST__INIT;
    request.page_size = PAGE_SIZE_MAX;
    size_t count = 0;
    for (;;) {
        const Profiled__V1__ListProfilesResponse *page =
            ask(&rpc_profile_service, "ListProfiles", &request.base);
        count += page->n_profiles;
        if (page->next_page_token[0] == '\0') {
            return count;
        }
        request.page_token = page->next_page_token;
    }
}

const char *identity_over_limit(const char *profile_id) {
    const Profiled__V1__Profile *profile = get(profile_id);
    for (size_t i = 0; i < profile->n_identities; i++) {
        if (profile->identities[i]->rule == PROFILED__V1__IDENTITY_RULE__IDENTITY_RULE_OVER_LIMIT) {
            return profile->identities[i]->canonical_value;
        }
    }
    return "";
}
