/* The checks of the tables of a row or a few, of decisions, and of what is sealed for a profile. */

#include <string.h>

#include "server/base/clock.h"
#include "server/store/verify_walk.h"

struct status verify_format(struct verify *verify, struct bytes key, struct bytes value) {
    (void)verify;
    (void)key;
    /* What it says was proved when the store was opened. */
    return value.size == 4 + VAULT_FINGERPRINT_SIZE ? OK
                                                    : verify_wrong("its value has not 20 bytes");
}

/* ---- what is sealed for a profile ---- */

/* The slot of a profile's key. Rows lie by profile: the last one is remembered. */
static struct status find_slot(struct verify *verify, struct id profile, uint64_t *out) {
    if (!verify->owner_known || !id_equal(verify->owner, profile)) {
        verify->owner_known = false;
        const struct store_key key = store_key_id(STORE_TABLE_PROFILE, profile);
        struct bytes row;
        TRY(engine_get(verify->view.txn, store_key_bytes(&key), &row));
        if (row.data == NULL) {
            return verify_wrong("belongs to no profile");
        }
        TRY(view_unversioned(row, &row));
        ProtobufCMessage *message = NULL;
        TRY(store_unpack(&verify->arena, &stored__v1__profile__descriptor, row, &message));
        verify->owner_known = true;
        verify->owner = profile;
        verify->owner_slot = ((const Stored__V1__Profile *)message)->slot;
    }
    *out = verify->owner_slot;
    return OK;
}

struct status verify_sealed(struct verify *verify, struct bytes key, struct bytes value,
                            struct bytes *out) {
    struct id profile;
    memcpy(profile.bytes, key.data + 1, ID_SIZE);
    return verify_sealed_for(verify, profile, key, value, out);
}

struct status verify_sealed_for(struct verify *verify, struct id profile, struct bytes key,
                                struct bytes value, struct bytes *out) {
    uint64_t slot = 0;
    TRY(find_slot(verify, profile, &slot));
    struct bytes content = {NULL, 0};
    TRY(view_unversioned(value, &content));
    if (content.size < 8) {
        return verify_wrong("its value is too short");
    }
    if (store_get_u64(content.data) != slot) {
        return verify_wrong("it is not sealed under its profile's key");
    }
    return view_open_sealed(&verify->view, key, value, out);
}

static struct status rules_open(struct verify *verify, struct bytes key, struct bytes row,
                                const Stored__V1__IdentityRules **out) {
    TRY(view_untagged(verify->store, key, row, &verify->arena, &row));
    ProtobufCMessage *message = NULL;
    TRY(store_unpack(&verify->arena, &stored__v1__identity_rules__descriptor, row, &message));
    *out = (const Stored__V1__IdentityRules *)message;
    return OK;
}

/* The version of the present identity rules: 1 when they were never changed. A row that does not
 * read is told by its own check. */
static struct status present_rule_version(struct verify *verify, uint64_t *out) {
    if (verify->rule_version == 0) {
        verify->rule_version = 1;
        const struct store_key key = store_key_table(STORE_TABLE_RULES);
        struct bytes row;
        TRY(engine_get(verify->view.txn, store_key_bytes(&key), &row));
        const Stored__V1__IdentityRules *rules = NULL;
        const struct status status =
            row.data == NULL ? OK : rules_open(verify, store_key_bytes(&key), row, &rules);
        if (!verify_is_problem(status)) {
            TRY(status);
            verify->rule_version = rules == NULL ? 1 : rules->version;
        }
    }
    *out = verify->rule_version;
    return OK;
}

struct status verify_decision(struct verify *verify, struct bytes key, struct bytes value) {
    struct bytes plain = {NULL, 0};
    TRY(verify_sealed(verify, key, value, &plain));
    ProtobufCMessage *message = NULL;
    TRY(store_unpack(&verify->arena, &stored__v1__decision__descriptor, plain, &message));
    const Stored__V1__Decision *decision = (const Stored__V1__Decision *)message;
    uint64_t present = 0;
    TRY(present_rule_version(verify, &present));
    if (decision->rule_version > present) {
        return verify_wrong("it was decided by later rules than there are");
    }
    return decision->merged.len % ID_SIZE == 0 ? OK : verify_wrong("its list of merged ids is cut");
}

/* ---- requests ---- */

struct status verify_request(struct verify *verify, struct bytes key, struct bytes value) {
    const uint32_t day = store_get_u32(key.data + 1);
    struct id request_id;
    memcpy(request_id.bytes, key.data + 1 + 4, ID_SIZE);
    const uint32_t part = (uint32_t)key.data[key.size - 2] << 8 | key.data[key.size - 1];
    struct bytes head = value;
    if (part > 0) {
        const struct store_key first = store_key_request(day, request_id, 0);
        TRY(engine_get(verify->view.txn, store_key_bytes(&first), &head));
        if (head.data == NULL) {
            return verify_wrong("is a further part of an answer without a first");
        }
    }
    struct request_head read;
    const struct status status = request_head_read(head, &read);
    if (part > 0) {
        const bool belongs = !verify_is_problem(status) && part < read.part_count;
        return belongs ? OK : verify_wrong("is no part of the answer");
    }
    TRY(status);
    if (read.answer_us < 0 || read.answer_us / US_PER_DAY != (int64_t)day) {
        return verify_wrong("lies under another day than its own");
    }
    bool found = false;
    struct bytes response;
    return request_response_open(&verify->view, day, request_id, &read, &found, &response);
}

/* ---- imports and rules ---- */

/* That counts of different rows come to no more than there are. */
static struct status verify_counts(const uint64_t *counts, size_t count, uint64_t sum_max,
                                   const char *problem) {
    uint64_t left = sum_max;
    for (size_t i = 0; i < count; i++) {
        if (counts[i] > left) {
            return verify_wrong(problem);
        }
        left -= counts[i];
    }
    return OK;
}

struct status verify_import(struct verify *verify, struct bytes key, struct bytes value) {
    TRY(view_untagged(verify->store, key, value, &verify->arena, &value));
    ProtobufCMessage *message = NULL;
    TRY(store_unpack(&verify->arena, &stored__v1__import__descriptor, value, &message));
    const Stored__V1__Import *import = (const Stored__V1__Import *)message;
    if (import->header.len != VAULT_FINGERPRINT_SIZE) {
        return verify_wrong("the hash of its header has not 16 bytes");
    }
    if (import->durable_row < 1) {
        return verify_wrong("it has come to no row");
    }
    const uint64_t rows = (uint64_t)import->durable_row;
    const uint64_t profiles[] = {import->created, import->linked, import->merged, import->skipped,
                                 import->failed};
    const uint64_t interactions[] = {import->recorded, import->repeated, import->expired,
                                     import->failed};
    if (import->of_interactions) {
        TRY(verify_counts(interactions, 4, rows, "counts more rows than it has come to"));
        return verify_counts(profiles, 3, import->recorded,
                             "counts more profiles than interactions");
    }
    if (import->recorded > 0 || import->repeated > 0 || import->expired > 0) {
        return verify_wrong("it counts interactions, and is an import of profiles");
    }
    return verify_counts(profiles, 5, rows, "counts more rows than it has come to");
}

/* That a row of an earlier version is the one that its key says, and earlier than the present. */
static struct status verify_rules_version(struct verify *verify, struct bytes key,
                                          uint64_t rule_version) {
    if (store_get_u64(key.data + 1) != rule_version) {
        return verify_wrong("lies under another version than its own");
    }
    const struct store_key present_key = store_key_table(STORE_TABLE_RULES);
    struct bytes row;
    TRY(engine_get(verify->view.txn, store_key_bytes(&present_key), &row));
    if (row.data == NULL) {
        return verify_wrong("is an earlier version of rules that are not there");
    }
    const Stored__V1__IdentityRules *present = NULL;
    TRY(rules_open(verify, store_key_bytes(&present_key), row, &present));
    return rule_version < present->version ? OK
                                           : verify_wrong("is no earlier version than the present");
}

struct status verify_rules(struct verify *verify, struct bytes key, struct bytes value) {
    const Stored__V1__IdentityRules *rules = NULL;
    TRY(rules_open(verify, key, value, &rules));
    if (key.size > 1) {
        TRY(verify_rules_version(verify, key, rules->version));
    }
    for (size_t i = 0; i < rules->n_types; i++) {
        for (size_t j = 0; j < i; j++) {
            if (strcmp(rules->types[i]->name, rules->types[j]->name) == 0) {
                return verify_wrong("it has two rules for one type");
            }
        }
    }
    return OK;
}

static struct status attribute_rules_open(struct verify *verify, struct bytes key,
                                          struct bytes value,
                                          const Stored__V1__AttributeRules **out) {
    TRY(view_untagged(verify->store, key, value, &verify->arena, &value));
    ProtobufCMessage *message = NULL;
    TRY(store_unpack(&verify->arena, &stored__v1__attribute_rules__descriptor, value, &message));
    *out = (const Stored__V1__AttributeRules *)message;
    return OK;
}

/* The rule of an attribute that the workspace defined; NULL when there is none. */
static struct status own_rule_find(struct verify *verify, const char *name,
                                   const Stored__V1__AttributeRule **out) {
    *out = NULL;
    const struct store_key key = store_key_table(STORE_TABLE_ATTRIBUTE_RULES);
    struct bytes row;
    TRY(engine_get(verify->view.txn, store_key_bytes(&key), &row));
    if (row.data == NULL) {
        return OK;
    }
    const Stored__V1__AttributeRules *rules = NULL;
    TRY(attribute_rules_open(verify, store_key_bytes(&key), row, &rules));
    for (size_t i = 0; i < rules->n_attributes; i++) {
        if (rules->attributes[i]->form != 0 && strcmp(rules->attributes[i]->name, name) == 0) {
            *out = rules->attributes[i];
        }
    }
    return OK;
}

/* That the rules have the attribute that a definition is of. */
static struct status verify_definition(struct verify *verify, struct bytes key,
                                       struct bytes value) {
    struct bytes packed;
    TRY(view_untagged(verify->store, key, value, &verify->arena, &packed));
    ProtobufCMessage *message = NULL;
    TRY(store_unpack(&verify->arena, &stored__v1__attribute_definition__descriptor, packed,
                     &message));
    const Stored__V1__AttributeDefinition *row = (const Stored__V1__AttributeDefinition *)message;
    if (!bytes_equal(bytes_of(key.data + 1, key.size - 1), bytes_of_string(row->name))) {
        return verify_wrong("lies under another name than its own");
    }
    const Stored__V1__AttributeRule *rule = NULL;
    TRY(own_rule_find(verify, row->name, &rule));
    return rule == NULL ? verify_wrong("defines an attribute that the rules do not have") : OK;
}

struct status verify_own_attribute(struct verify *verify,
                                   const struct profile_attribute *attribute) {
    const Stored__V1__AttributeRule *rule = NULL;
    TRY(own_rule_find(verify, attribute->name, &rule));
    if (rule == NULL || rule->form != attribute->form) {
        return verify_wrong("it has an attribute that is not defined, or defined otherwise");
    }
    return rule->personal && !attribute->personal
               ? verify_wrong("a personal attribute stands in clear")
               : OK;
}

static struct status check_rule(struct verify *verify, const Stored__V1__AttributeRule *rule) {
    if (rule->survivorship == 0) {
        return verify_wrong("it has a rule that says nothing");
    }
    const size_t name_size = strlen(rule->name);
    if (rule->form == 0) {
        return OK;
    }
    if (name_size == 0 || name_size > STORE_DEFINITION_NAME_SIZE_MAX) {
        return verify_wrong("it has an attribute whose name is none");
    }
    const struct store_key key = store_key_definition(bytes_of_string(rule->name));
    struct bytes row;
    TRY(engine_get(verify->view.txn, store_key_bytes(&key), &row));
    return row.data == NULL ? verify_wrong("it has an attribute without a definition") : OK;
}

struct status verify_attribute_rules(struct verify *verify, struct bytes key, struct bytes value) {
    if (key.size > 1) {
        return verify_definition(verify, key, value);
    }
    const Stored__V1__AttributeRules *rules = NULL;
    TRY(attribute_rules_open(verify, key, value, &rules));
    for (size_t i = 0; i < rules->n_attributes; i++) {
        TRY(check_rule(verify, rules->attributes[i]));
        for (size_t j = 0; j < i; j++) {
            if (strcmp(rules->attributes[i]->name, rules->attributes[j]->name) == 0) {
                return verify_wrong("it has two rules for one attribute");
            }
        }
    }
    return OK;
}

struct status verify_themes(struct verify *verify, struct bytes key, struct bytes value) {
    TRY(view_untagged(verify->store, key, value, &verify->arena, &value));
    ProtobufCMessage *message = NULL;
    TRY(store_unpack(&verify->arena, &stored__v1__themes__descriptor, value, &message));
    const Stored__V1__Themes *themes = (const Stored__V1__Themes *)message;
    for (size_t i = 0; i < themes->n_themes; i++) {
        if (themes->themes[i]->term == NULL) {
            return verify_wrong("it has a theme without a name");
        }
        for (size_t j = 0; j < i; j++) {
            if (strcmp(themes->themes[i]->term->name, themes->themes[j]->term->name) == 0) {
                return verify_wrong("it has two themes of one name");
            }
        }
    }
    return OK;
}

struct status verify_channels(struct verify *verify, struct bytes key, struct bytes value) {
    TRY(view_untagged(verify->store, key, value, &verify->arena, &value));
    ProtobufCMessage *message = NULL;
    TRY(store_unpack(&verify->arena, &stored__v1__channels__descriptor, value, &message));
    const Stored__V1__Channels *channels = (const Stored__V1__Channels *)message;
    for (size_t i = 0; i < channels->n_channels; i++) {
        if (channels->channels[i]->term == NULL) {
            return verify_wrong("it has a channel without a name");
        }
        for (size_t j = 0; j < i; j++) {
            if (strcmp(channels->channels[i]->term->name, channels->channels[j]->term->name) == 0) {
                return verify_wrong("it has two channels of one name");
            }
        }
    }
    return OK;
}

struct status verify_retention(struct verify *verify, struct bytes key, struct bytes value) {
    TRY(view_untagged(verify->store, key, value, &verify->arena, &value));
    ProtobufCMessage *message = NULL;
    TRY(store_unpack(&verify->arena, &stored__v1__retention__descriptor, value, &message));
    const Stored__V1__Retention *retention = (const Stored__V1__Retention *)message;
    const bool removed = retention->removed_engagements > 0 ||
                         retention->removed_survey_responses > 0 ||
                         retention->removed_activities > 0;
    return removed == (retention->remove_us > 0)
               ? OK
               : verify_wrong("it does not say when anything was removed, or what");
}
