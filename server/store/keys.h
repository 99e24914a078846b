#pragma once
/* Every key of the store, by typed constructors. A key is a table byte, then parts of fixed size or
 * with their length before them, numbers big-endian, so that the order of keys is the order of what
 * they mean. Values begin with a version byte (STORE_ROW_VERSION) unless they are said to be bare.
 *
 * table            key after the table byte                       value
 * '@' format       –                                              format u32, key check 16 bytes
 * 'P' profile      id 16                                          version, stored.v1.Profile
 * 'I' identity     hash 16 of (type, match value)                 bare: profile id 16
 * 'A' attribute    name size u8, name, value size u8, value, id   bare: empty
 * 'W' name word    hash 8 of the word, profile id 16              bare: empty
 * 'w' contact      hash 8 of (type, folded value), profile id 16  bare: empty
 * 'U' update time  update time u64, profile id 16                 bare: empty
 * 'O' own state    profile id 16                                  version, slot u64, sealed
 * 'G' merge        merge id 16                                    tagged, stored.v1.Merge
 * 'H' merge by id  profile id 16, merge id 16                     bare: empty
 * 'N' never join   profile id 16, the greater id 16               tagged, stored.v1.NeverJoin
 * 'R' review       profile id 16, the greater id 16               tagged, stored.v1.Review
 * 'L' review list  profile id 16, list u8, review id 16           bare: both profile ids 32
 * 'C' review count profile id 16                                  tagged, stored.v1.ReviewCount
 * 'D' decision     profile id 16, decision id 16                  version, slot u64, sealed
 * 'E' interaction  profile id 16, ~time u64, interaction id 16    version, slot u64, sealed
 * 'S' summary      profile id 16                                  version, stored.v1.Summary
 * 'F' fact         kind u8, time u64, interaction id 16         version, profile 16, mood u8, 7
 *                                                                 labels with sizes u8 before them
 * 'J' count        fine u8, day u32, channel, theme (sizes u8   bare: count u64
 *                  before them), mood u8, sub-theme, kind u8
 * 'V' event        hash 16 of (source, event id)                  bare: profile 16, interaction 16;
 *                                                                 then, once retention removed it,
 *                                                                 the last day it is known u32
 *                  0 u64, that day u32, the hash 16               bare: empty
 * 'Q' request      day u32, request id 16, part u16               version, then of part 0: body 16,
 *                                                                 time u64, size u32; then the part
 * 'M' import       hash 16 of (kind, import or stream id)         tagged, stored.v1.Import
 * 'T' rules        –; of an earlier version its number u64        tagged, stored.v1.IdentityRules
 * 'B' attributes   –                                              tagged, stored.v1.AttributeRules
 *                  name, of one that the workspace defined        tagged,
 *                                                                 stored.v1.AttributeDefinition
 * 'K' themes       –                                              tagged, stored.v1.Themes
 * 'k' channels     –                                              tagged, stored.v1.Channels
 * 'X' trait state  trait u32, profile id 16, day u32 or none      version, slot u64, sealed
 * 'Y' retention    –                                              tagged, stored.v1.Retention
 * 'Z' trait due    day u32, trait u32, profile id 16              bare: empty
 * 't' mark         –                                              tagged, stored.v1.Mark
 * 'x' traits       –                                              sealed, stored.v1.Traits
 * 's' segments     –                                              bare: their stamp 16
 *                  name                                           sealed, stored.v1.Segment
 * 'g' segment      number u32                                     bare: its name
 * 'p' place        segment u32                                    sealed, stored.v1.SegmentPlace
 *                  0                                              sealed, stored.v1.SegmentPass
 * 'l' segment list profile id 16                                  tagged, stored.v1.SegmentList
 * 'b' membership   profile id 16                                  tagged, stored.v1.Membership
 * 'm' member       segment u32, profile id 16                     bare: empty
 * 'd' segment due  time u64, profile id 16                        bare: empty
 * 'n' segment size segment u32                                    tagged, stored.v1.SegmentSize
 *                  segment u32, day u32                           bare: count u64
 * 'c' change       sequence u64                                   tagged, stored.v1.Changes
 * 'f' subscription name                                           sealed, stored.v1.Subscription
 * 'y' delivery     name size u8, name, dead u8, sequence u64,     tagged, stored.v1.Delivery
 *                  place in the row of changes u32
 * 'i' population   name size u8, name, value size u8, value,      bare: a portable Roaring bitmap
 * of slots / 65,536 u32                             slots, but for these
 *
 * Each review is in three lists: those of its two profiles, and that of the workspace, which is
 * under an id of zeroes.
 *
 * An answer may be larger than a value: it is sealed as a whole and cut into parts of 90,000 bytes;
 * the size is that of all.
 *
 * A tagged value stands in clear, and no other row says what it should be: so it proves itself. It
 * begins with a version byte of its own (STORE_TAGGED_ROW_VERSION) and a keyed hash of 16 bytes, of
 * the version, the key, the workspace and what follows. 02, the hash, then the message:
 *
 *   02 5c0d6a1f3be27794a80c51d2e6f3907b 0803, for rules of version 3
 *
 * One that holds what people ask for is sealed under a key of the workspace instead, with the hash
 * of a tagged row without a message as its associated data. 03, the nonce of 24 bytes, the sealed
 * message, the 16 bytes that prove it:
 *
 *   03 9be1730ac26d5f1884e0b37c91a25d0e6f4813b7d250ca69 5fd2 0a14e86b90c7f3255d18b4720e6fa39e, for
 * one of two bytes
 *
 * Hashes are keyed: a stolen index shows no e-mail address and no phone number. */

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "server/base/bytes.h"
#include "server/base/id.h"
#include "server/engine/engine.h"
#include "server/vault/vault.h"

enum {
    STORE_FORMAT = 6, /* Of the whole store; 1 had no populations, 2 no texts of traits' filters, 3
                         no contacts, and filters in clear, 4 one tree for all tables, and every
                         name in full, 5 all days of a trait in one row, and no mark. */
    STORE_ROW_VERSION = 1,        /* The first byte of a versioned value. */
    STORE_TAGGED_ROW_VERSION = 2, /* That of a tagged value; 1 had no tag. */
    STORE_SEALED_ROW_VERSION = 3, /* That of one that is sealed. */
    STORE_KEY_SIZE_MAX = 208,
    STORE_TERM_NAME_SIZE_MAX = 64,
    STORE_TERM_VALUE_SIZE_MAX = 64, /* A longer one is cut to 48 bytes and its hash. */
    STORE_WORD_HASH_SIZE = 8,
    STORE_COUNT_LABEL_SIZE_MAX = 64, /* Of a channel, a theme, a sub-theme. */
    STORE_DEFINITION_NAME_SIZE_MAX = 32,
};
static_assert((int)STORE_KEY_SIZE_MAX <= (int)ENGINE_KEY_SIZE_MAX, "a key that the engine takes");
static_assert(1 + 1 + STORE_TERM_NAME_SIZE_MAX + 1 + STORE_TERM_VALUE_SIZE_MAX + ID_SIZE <=
                  STORE_KEY_SIZE_MAX,
              "the longest key of an attribute fits");
static_assert(1 + 1 + 4 + 3 * (1 + STORE_COUNT_LABEL_SIZE_MAX) + 1 + 1 <= STORE_KEY_SIZE_MAX,
              "the longest key of a count fits");

enum store_table {
    STORE_TABLE_FORMAT = '@',
    STORE_TABLE_PROFILE = 'P',
    STORE_TABLE_IDENTITY = 'I',
    STORE_TABLE_ATTRIBUTE = 'A',
    STORE_TABLE_NAME_WORD = 'W',
    STORE_TABLE_CONTACT = 'w',
    STORE_TABLE_UPDATE_TIME = 'U',
    STORE_TABLE_OWN_STATE = 'O',
    STORE_TABLE_MERGE = 'G',
    STORE_TABLE_MERGE_BY_ID = 'H',
    STORE_TABLE_NEVER_JOIN = 'N',
    STORE_TABLE_REVIEW = 'R',
    STORE_TABLE_REVIEW_LIST = 'L',
    STORE_TABLE_REVIEW_COUNT = 'C',
    STORE_TABLE_DECISION = 'D',
    STORE_TABLE_INTERACTION = 'E',
    STORE_TABLE_SUMMARY = 'S',
    STORE_TABLE_FACT = 'F',
    STORE_TABLE_COUNT = 'J',
    STORE_TABLE_EVENT = 'V',
    STORE_TABLE_REQUEST = 'Q',
    STORE_TABLE_IMPORT = 'M',
    STORE_TABLE_RULES = 'T',
    STORE_TABLE_ATTRIBUTE_RULES = 'B',
    STORE_TABLE_THEMES = 'K',
    STORE_TABLE_CHANNELS = 'k',
    STORE_TABLE_TRAIT_STATE = 'X',
    STORE_TABLE_RETENTION = 'Y',
    STORE_TABLE_TRAIT_DUE = 'Z',
    STORE_TABLE_MARK = 't',
    STORE_TABLE_TRAITS = 'x',
    STORE_TABLE_SEGMENT = 's',
    STORE_TABLE_SEGMENT_NAME = 'g',
    STORE_TABLE_SEGMENT_PLACE = 'p',
    STORE_TABLE_SEGMENT_LIST = 'l',
    STORE_TABLE_MEMBERSHIP = 'b',
    STORE_TABLE_MEMBER = 'm',
    STORE_TABLE_SEGMENT_DUE = 'd',
    STORE_TABLE_SEGMENT_SIZE = 'n',
    STORE_TABLE_CHANGE = 'c',
    STORE_TABLE_POPULATION = 'i',
    STORE_TABLE_SUBSCRIPTION = 'f',
    STORE_TABLE_DELIVERY = 'y',
};

/* The tables as the engine has them: each by itself but '@', which every version finds in the same
 * place, and what is of one profile ('O', 'D', 'E', 'S', 'l' and 'b'), which lies beside its row;
 * 'A', 'W' and 'm' are sets of profile ids. */
extern const struct engine_table store_tables[];
extern const size_t store_table_count;

struct store_key {
    size_t size;
    uint8_t bytes[STORE_KEY_SIZE_MAX];
};

/* The key's bytes, borrowed from it. */
static inline struct bytes store_key_bytes(const struct store_key *key) {
    return bytes_of(key->bytes, key->size);
}

/* 54 0000000000000007, for the rules of version 7 once there is a later one. */
struct store_key store_key_rules(uint64_t rule_version);

/* The table alone: '@', 'T', 'B', 'K', 'Y', 't', 'x' and 's' rows, the prefix of a scan of a whole
 * table. 54 for 'T'. */
struct store_key store_key_table(enum store_table table);

/* 42 74696572, for the definition of the attribute tier. The name has 1 to 32 bytes. */
struct store_key store_key_definition(struct bytes name);

/* A row by id: 'P', 'O', 'G', 'C', 'S', 'l' and 'b'. 50 019ab1c8cc807800 8000000000000001 */
struct store_key store_key_id(enum store_table table, struct id id);

/* A row by two ids: 'D', 'H', 'N' and 'R'. 44, the profile's id, the decision's id. */
struct store_key store_key_ids(enum store_table table, struct id first, struct id second);

/* The prefix of a list of reviews: 4c, the profile's id or 16 zeroes, 01 for those that are open or
 * 02 for the others. The review's id is behind it. */
struct store_key store_key_review_list(struct id profile, uint8_t list);

/* A row by hash: 'I', 'V' and 'M'. 49 and the 16 bytes of the hash. */
struct store_key store_key_hash(enum store_table table, struct fingerprint hash);

/* The prefix of an attribute's value. 41 04 63697479 06 726979616468 for city, riyadh. `value` has
 * at most STORE_TERM_VALUE_SIZE_MAX bytes. */
struct store_key store_key_attribute(struct bytes name, struct bytes value);

/* The prefix of a name word, or of a contact. 57 or 77, and the first 8 bytes of the hash. */
struct store_key store_key_word(enum store_table table, struct fingerprint hash);

/* A term's prefix with the profile's id behind it. */
struct store_key store_key_with_id(const struct store_key *prefix, struct id id);

/* 55 00064d7a 2f1b4000 and the id, for an update at 0x00064d7a2f1b4000 µs. */
struct store_key store_key_update_time(int64_t update_us, struct id id);

/* 45, the profile's id, 7ff9b285d0e4bfff, the interaction's id, for one that occurred at
 * 0x00064d7a2f1b4000 µs: the complement makes the latest come first. Times before 1970 come after
 * those of 1970: the sign bit is turned. */
struct store_key store_key_interaction(struct id profile, int64_t occur_us, struct id interaction);

/* The complement above, and back. */
uint64_t store_time_descending(int64_t time_us);
int64_t store_time_of_descending(uint64_t part);

/* 46 01 80064d7a2f1b4000 and the interaction's id, for an engagement: the earliest come first, the
 * sign bit is turned. */
struct store_key store_key_fact(uint8_t kind, int64_t occur_us, struct id interaction);
/* The prefix of all of a kind. */
struct store_key store_key_facts(uint8_t kind);
int64_t store_time_of_ascending(uint64_t part);

/* 4a 01 80005120, 08 7768617473617070, 09 636f6d706c61696e74, 01, 08 64656c6976657279, 01 for
 * negative engagements on whatsapp, complaint, delivery of day 20,768: the sign bit is turned. What
 * is not fine has 00 for 01, and no sub-theme. */
struct store_fact;
struct store_key store_key_count(bool fine, int32_t day, const struct store_fact *fact);
/* The prefix of all fine counts, or of all others; that of a day's; the day of the number in it. */
struct store_key store_key_counts(bool fine);
struct store_key store_key_count_day(bool fine, int32_t day);
int32_t store_day_of_key(uint32_t part);

/* 51 00005120, the request's id, 0000, for the first part of an answer of day 20,768 since 1970. */
struct store_key store_key_request(uint32_t day, struct id request, uint16_t part);
/* The prefix of a day's requests. */
struct store_key store_key_request_day(uint32_t day);

/* 58 00000003 and the profile's id, for the state of trait 3. */
struct store_key store_key_trait_state(uint32_t trait, struct id profile);
/* 58 00000003, the profile's id and 80005120, for what day 20,768 comes to in it: the sign bit is
 * turned. Behind that of all days. */
struct store_key store_key_trait_day(uint32_t trait, struct id profile, int32_t day);
/* The prefix of all states of a trait. */
struct store_key store_key_trait_states(uint32_t trait);

/* 5a 80005120 00000003 and the profile's id, for a state of trait 3 that forgets something on day
 * 20,768: the sign bit is turned. */
struct store_key store_key_trait_due(int32_t day, uint32_t trait, struct id profile);

/* 73 766970, for the segment vip. The name has 1 to 64 bytes. */
struct store_key store_key_segment(struct bytes name);

/* A row by the number of a segment: 'g', 'p' and 'n'; the prefix of its 'm' rows. 67 00000003 */
struct store_key store_key_segment_number(enum store_table table, uint32_t segment);

/* 64 80064d7a2f1b4000 and the profile's id, for something that comes to be at that time: the sign
 * bit is turned. */
struct store_key store_key_segment_due(int64_t due_us, struct id profile);

/* 6e 00000003 80005120, for the size of segment 3 at the end of day 20,768. */
struct store_key store_key_segment_size(uint32_t segment, int32_t day);

/* 63 0000000000000007, for the seventh row of changes. */
struct store_key store_key_change(uint64_t sequence);

/* 69 04 63697479 06 726979616468 00000000, for those in riyadh among the first 65,536 slots. The
 * value may be empty. */
struct store_key store_key_population(struct bytes name, struct bytes value, uint32_t part);

/* 66 6d61696c73, for the subscription mails. The name has 1 to 64 bytes. */
struct store_key store_key_subscription(struct bytes name);

/* 79 05 6d61696c73 00, the prefix of what is out of it; 01 for its dead letters. */
struct store_key store_key_deliveries(struct bytes name, bool dead);

/* 56 0000000000000000, the prefix of those that are known for some time still: no hash begins so.
 */
struct store_key store_key_event_days(void);

/* The prefix, then 80005120 and the hash of an event that is known until day 20,768. */
struct store_key store_key_event_day(int32_t day, struct fingerprint hash);

/* The prefix, then 0000000000000007 00000002, for the third change of the seventh row. */
struct store_key store_key_delivery(struct bytes name, bool dead, uint64_t sequence,
                                    uint32_t place);

void store_put_u32(uint8_t *out, uint32_t value);
void store_put_u64(uint8_t *out, uint64_t value);
uint32_t store_get_u32(const uint8_t *in);
uint64_t store_get_u64(const uint8_t *in);
