/* The layout of every key. keys.h draws them. */

#include "server/store/keys.h"
#include "server/base/limits.h"

#include <string.h>

#include "server/store/fact.h"

const struct engine_table store_tables[] = {
    {.first = STORE_TABLE_PROFILE, .beside = STORE_TABLE_PROFILE, .in_order = true},
    {.first = STORE_TABLE_IDENTITY},
    {.first = STORE_TABLE_ATTRIBUTE, .member_size = ID_SIZE},
    {.first = STORE_TABLE_NAME_WORD, .member_size = ID_SIZE},
    {.first = STORE_TABLE_CONTACT, .member_size = ID_SIZE},
    {.first = STORE_TABLE_UPDATE_TIME, .in_order = true},
    {.first = STORE_TABLE_OWN_STATE, .beside = STORE_TABLE_PROFILE},
    {.first = STORE_TABLE_MERGE},
    {.first = STORE_TABLE_MERGE_BY_ID},
    {.first = STORE_TABLE_NEVER_JOIN},
    {.first = STORE_TABLE_REVIEW},
    {.first = STORE_TABLE_REVIEW_LIST},
    {.first = STORE_TABLE_REVIEW_COUNT},
    {.first = STORE_TABLE_DECISION, .beside = STORE_TABLE_PROFILE, .in_order = true},
    {.first = STORE_TABLE_INTERACTION, .beside = STORE_TABLE_PROFILE},
    {.first = STORE_TABLE_SUMMARY, .beside = STORE_TABLE_PROFILE},
    {.first = STORE_TABLE_FACT},
    {.first = STORE_TABLE_COUNT},
    {.first = STORE_TABLE_EVENT},
    {.first = STORE_TABLE_REQUEST},
    {.first = STORE_TABLE_IMPORT},
    {.first = STORE_TABLE_RULES},
    {.first = STORE_TABLE_ATTRIBUTE_RULES},
    {.first = STORE_TABLE_THEMES},
    {.first = STORE_TABLE_CHANNELS},
    {.first = STORE_TABLE_TRAIT_STATE},
    {.first = STORE_TABLE_RETENTION},
    {.first = STORE_TABLE_TRAIT_DUE},
    {.first = STORE_TABLE_MARK},
    {.first = STORE_TABLE_TRAITS},
    {.first = STORE_TABLE_SEGMENT},
    {.first = STORE_TABLE_SEGMENT_NAME},
    {.first = STORE_TABLE_SEGMENT_PLACE},
    {.first = STORE_TABLE_SEGMENT_LIST, .beside = STORE_TABLE_PROFILE},
    {.first = STORE_TABLE_MEMBERSHIP, .beside = STORE_TABLE_PROFILE},
    {.first = STORE_TABLE_MEMBER, .member_size = ID_SIZE},
    {.first = STORE_TABLE_SEGMENT_DUE},
    {.first = STORE_TABLE_SEGMENT_SIZE},
    {.first = STORE_TABLE_CHANGE, .in_order = true},
    {.first = STORE_TABLE_POPULATION},
    {.first = STORE_TABLE_SUBSCRIPTION},
    {.first = STORE_TABLE_DELIVERY},
};
const size_t store_table_count = sizeof store_tables / sizeof *store_tables;
static_assert(sizeof store_tables / sizeof *store_tables <= (size_t)ENGINE_TABLES_MAX,
              "as many tables as the engine takes");

void store_put_u32(uint8_t *out, uint32_t value) {
    for (size_t i = 0; i < 4; i++) {
        out[i] = (uint8_t)(value >> (24 - 8 * i));
    }
}

void store_put_u64(uint8_t *out, uint64_t value) {
    for (size_t i = 0; i < 8; i++) {
        out[i] = (uint8_t)(value >> (56 - 8 * i));
    }
}

uint32_t store_get_u32(const uint8_t *in) {
    uint32_t value = 0;
    for (size_t i = 0; i < 4; i++) {
        value = value << 8 | in[i];
    }
    return value;
}

uint64_t store_get_u64(const uint8_t *in) {
    uint64_t value = 0;
    for (size_t i = 0; i < 8; i++) {
        value = value << 8 | in[i];
    }
    return value;
}

static void add(struct store_key *key, const void *data, size_t size) {
    assert(size <= sizeof key->bytes - key->size);
    if (size == 0) {
        return;
    }
    memcpy(key->bytes + key->size, data, size);
    key->size += size;
}

static void add_u32(struct store_key *key, uint32_t value) {
    uint8_t bytes[4];
    store_put_u32(bytes, value);
    add(key, bytes, sizeof bytes);
}

static void add_u64(struct store_key *key, uint64_t value) {
    uint8_t bytes[8];
    store_put_u64(bytes, value);
    add(key, bytes, sizeof bytes);
}

static void add_id(struct store_key *key, struct id id) { add(key, id.bytes, ID_SIZE); }

static void add_sized(struct store_key *key, struct bytes part) {
    assert(part.size > 0 && part.size <= STORE_TERM_VALUE_SIZE_MAX);
    const uint8_t size = (uint8_t)part.size;
    add(key, &size, 1);
    add(key, part.data, part.size);
}

struct store_key store_key_table(enum store_table table) {
    struct store_key key;
    key.size = 1;
    key.bytes[0] = (uint8_t)table;
    return key;
}

struct store_key store_key_rules(uint64_t rule_version) {
    struct store_key key = store_key_table(STORE_TABLE_RULES);
    add_u64(&key, rule_version);
    return key;
}

struct store_key store_key_definition(struct bytes name) {
    assert(name.size > 0 && name.size <= STORE_DEFINITION_NAME_SIZE_MAX);
    struct store_key key = store_key_table(STORE_TABLE_ATTRIBUTE_RULES);
    add(&key, name.data, name.size);
    return key;
}

struct store_key store_key_id(enum store_table table, struct id id) {
    assert(table == STORE_TABLE_PROFILE || table == STORE_TABLE_OWN_STATE ||
           table == STORE_TABLE_MERGE || table == STORE_TABLE_REVIEW_COUNT ||
           table == STORE_TABLE_SUMMARY || table == STORE_TABLE_SEGMENT_LIST ||
           table == STORE_TABLE_MEMBERSHIP);
    struct store_key key = store_key_table(table);
    add_id(&key, id);
    return key;
}

struct store_key store_key_ids(enum store_table table, struct id first, struct id second) {
    assert(table == STORE_TABLE_DECISION || table == STORE_TABLE_MERGE_BY_ID ||
           table == STORE_TABLE_NEVER_JOIN || table == STORE_TABLE_REVIEW);
    struct store_key key = store_key_table(table);
    add_id(&key, first);
    add_id(&key, second);
    return key;
}

struct store_key store_key_review_list(struct id profile, uint8_t list) {
    struct store_key key = store_key_table(STORE_TABLE_REVIEW_LIST);
    add_id(&key, profile);
    add(&key, &list, 1);
    return key;
}

struct store_key store_key_hash(enum store_table table, struct fingerprint hash) {
    assert(table == STORE_TABLE_IDENTITY || table == STORE_TABLE_EVENT ||
           table == STORE_TABLE_IMPORT);
    struct store_key key = store_key_table(table);
    add(&key, hash.bytes, sizeof hash.bytes);
    return key;
}

struct store_key store_key_attribute(struct bytes name, struct bytes value) {
    struct store_key key = store_key_table(STORE_TABLE_ATTRIBUTE);
    add_sized(&key, name);
    add_sized(&key, value);
    return key;
}

struct store_key store_key_word(enum store_table table, struct fingerprint hash) {
    struct store_key key = store_key_table(table);
    add(&key, hash.bytes, STORE_WORD_HASH_SIZE);
    return key;
}

struct store_key store_key_with_id(const struct store_key *prefix, struct id id) {
    struct store_key key = *prefix;
    add_id(&key, id);
    return key;
}

struct store_key store_key_update_time(int64_t update_us, struct id id) {
    assert(update_us >= 0);
    struct store_key key = store_key_table(STORE_TABLE_UPDATE_TIME);
    add_u64(&key, (uint64_t)update_us);
    add_id(&key, id);
    return key;
}

#define SIGN_BIT (UINT64_C(1) << 63)

uint64_t store_time_descending(int64_t time_us) { return ~((uint64_t)time_us ^ SIGN_BIT); }

int64_t store_time_of_descending(uint64_t part) { return (int64_t)(~part ^ SIGN_BIT); }

struct store_key store_key_interaction(struct id profile, int64_t occur_us, struct id interaction) {
    struct store_key key = store_key_table(STORE_TABLE_INTERACTION);
    add_id(&key, profile);
    add_u64(&key, store_time_descending(occur_us));
    add_id(&key, interaction);
    return key;
}

struct store_key store_key_facts(uint8_t kind) {
    struct store_key key = store_key_table(STORE_TABLE_FACT);
    add(&key, &kind, 1);
    return key;
}

struct store_key store_key_fact(uint8_t kind, int64_t occur_us, struct id interaction) {
    struct store_key key = store_key_facts(kind);
    add_u64(&key, (uint64_t)occur_us ^ SIGN_BIT);
    add_id(&key, interaction);
    return key;
}

int64_t store_time_of_ascending(uint64_t part) { return (int64_t)(part ^ SIGN_BIT); }

#define DAY_SIGN_BIT (UINT32_C(1) << 31)

int32_t store_day_of_key(uint32_t part) { return (int32_t)(part ^ DAY_SIGN_BIT); }

struct store_key store_key_counts(bool fine) {
    struct store_key key = store_key_table(STORE_TABLE_COUNT);
    const uint8_t byte = fine ? 1 : 0;
    add(&key, &byte, 1);
    return key;
}

struct store_key store_key_count_day(bool fine, int32_t day) {
    struct store_key key = store_key_counts(fine);
    uint8_t bytes[4];
    store_put_u32(bytes, (uint32_t)day ^ DAY_SIGN_BIT);
    add(&key, bytes, sizeof bytes);
    return key;
}

static void add_label(struct store_key *key, struct bytes label) {
    assert(label.size <= STORE_COUNT_LABEL_SIZE_MAX);
    const uint8_t size = (uint8_t)label.size;
    add(key, &size, 1);
    add(key, label.data, label.size);
}

struct store_key store_key_count(bool fine, int32_t day, const struct store_fact *fact) {
    struct store_key key = store_key_count_day(fine, day);
    add_label(&key, fact->labels[STORE_FACT_CHANNEL]);
    add_label(&key, fact->labels[STORE_FACT_THEME]);
    const uint8_t sentiment = (uint8_t)fact->sentiment;
    add(&key, &sentiment, 1);
    add_label(&key, fine ? fact->labels[STORE_FACT_SUB_THEME] : bytes_of(NULL, 0));
    const uint8_t kind = (uint8_t)fact->kind;
    add(&key, &kind, 1);
    return key;
}

struct store_key store_key_trait_states(uint32_t trait) {
    struct store_key key = store_key_table(STORE_TABLE_TRAIT_STATE);
    add_u32(&key, trait);
    return key;
}

struct store_key store_key_trait_state(uint32_t trait, struct id profile) {
    struct store_key key = store_key_trait_states(trait);
    add_id(&key, profile);
    return key;
}

struct store_key store_key_trait_day(uint32_t trait, struct id profile, int32_t day) {
    struct store_key key = store_key_trait_state(trait, profile);
    add_u32(&key, (uint32_t)day ^ DAY_SIGN_BIT);
    return key;
}

struct store_key store_key_trait_due(int32_t day, uint32_t trait, struct id profile) {
    struct store_key key = store_key_table(STORE_TABLE_TRAIT_DUE);
    add_u32(&key, (uint32_t)day ^ DAY_SIGN_BIT);
    add_u32(&key, trait);
    add_id(&key, profile);
    return key;
}

struct store_key store_key_event_days(void) {
    struct store_key key = store_key_table(STORE_TABLE_EVENT);
    add_u64(&key, 0);
    return key;
}

struct store_key store_key_event_day(int32_t day, struct fingerprint hash) {
    struct store_key key = store_key_event_days();
    add_u32(&key, (uint32_t)day ^ DAY_SIGN_BIT);
    add(&key, hash.bytes, sizeof hash.bytes);
    return key;
}

struct store_key store_key_segment(struct bytes name) {
    assert(name.size > 0 && name.size <= SEGMENT_NAME_SIZE_MAX);
    struct store_key key = store_key_table(STORE_TABLE_SEGMENT);
    add(&key, name.data, name.size);
    return key;
}

struct store_key store_key_segment_number(enum store_table table, uint32_t segment) {
    assert(table == STORE_TABLE_SEGMENT_NAME || table == STORE_TABLE_SEGMENT_PLACE ||
           table == STORE_TABLE_SEGMENT_SIZE || table == STORE_TABLE_MEMBER);
    struct store_key key = store_key_table(table);
    add_u32(&key, segment);
    return key;
}

struct store_key store_key_segment_due(int64_t due_us, struct id profile) {
    struct store_key key = store_key_table(STORE_TABLE_SEGMENT_DUE);
    add_u64(&key, (uint64_t)due_us ^ SIGN_BIT);
    add_id(&key, profile);
    return key;
}

struct store_key store_key_segment_size(uint32_t segment, int32_t day) {
    struct store_key key = store_key_segment_number(STORE_TABLE_SEGMENT_SIZE, segment);
    add_u32(&key, (uint32_t)day ^ DAY_SIGN_BIT);
    return key;
}

struct store_key store_key_change(uint64_t sequence) {
    struct store_key key = store_key_table(STORE_TABLE_CHANGE);
    add_u64(&key, sequence);
    return key;
}

struct store_key store_key_population(struct bytes name, struct bytes value, uint32_t part) {
    assert(name.size > 0 && name.size <= STORE_TERM_NAME_SIZE_MAX);
    assert(value.size <= STORE_TERM_VALUE_SIZE_MAX);
    struct store_key key = store_key_table(STORE_TABLE_POPULATION);
    add_sized(&key, name);
    add_label(&key, value);
    add_u32(&key, part);
    return key;
}

struct store_key store_key_subscription(struct bytes name) {
    assert(name.size > 0 && name.size <= SEGMENT_NAME_SIZE_MAX);
    struct store_key key = store_key_table(STORE_TABLE_SUBSCRIPTION);
    add(&key, name.data, name.size);
    return key;
}

struct store_key store_key_deliveries(struct bytes name, bool dead) {
    assert(name.size <= SEGMENT_NAME_SIZE_MAX);
    struct store_key key = store_key_table(STORE_TABLE_DELIVERY);
    const uint8_t of_dead = dead ? 1 : 0;
    add_sized(&key, name);
    add(&key, &of_dead, 1);
    return key;
}

struct store_key store_key_delivery(struct bytes name, bool dead, uint64_t sequence,
                                    uint32_t place) {
    struct store_key key = store_key_deliveries(name, dead);
    add_u64(&key, sequence);
    add_u32(&key, place);
    return key;
}

struct store_key store_key_request_day(uint32_t day) {
    struct store_key key = store_key_table(STORE_TABLE_REQUEST);
    uint8_t bytes[4];
    store_put_u32(bytes, day);
    add(&key, bytes, sizeof bytes);
    return key;
}

struct store_key store_key_request(uint32_t day, struct id request, uint16_t part) {
    struct store_key key = store_key_request_day(day);
    add_id(&key, request);
    const uint8_t bytes[2] = {(uint8_t)(part >> 8), (uint8_t)part};
    add(&key, bytes, sizeof bytes);
    return key;
}
