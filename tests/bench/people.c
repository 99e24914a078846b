/* People out of numbers: each choice is a hash of the number, what must be unique holds it. */

#include "tests/bench/people.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { EMAIL_SIZE = 64 };

static const char *const given_names[] = {
    "Noura", "Fahad", "Sara",  "Omar",   "Layla", "Khalid", "Mona",  "Yousef",
    "Huda",  "Tariq", "Salma", "Hassan", "Reem",  "Majed",  "Dalia", "Karim",
};
static const char *const family_names[] = {
    "Al-Harbi",  "Al-Qahtani", "Mansour", "El-Sayed", "Al-Otaibi",  "Hamdan", "Farouk", "Al-Dosari",
    "Abdelaziz", "Al-Shehri",  "Nasser",  "Soliman",  "Al-Zahrani", "Saleh",  "Gaber",  "Al-Ghamdi",
};
static const char *const domains[] = {"example.com", "example.org", "example.net",
                                      "mail.example.com"};
static const char *const saudi_cities[] = {"Riyadh", "Jeddah", "Dammam", "Abha"};
static const char *const egyptian_cities[] = {"Cairo", "Alexandria", "Giza", "Luxor"};
static const char *const companies[] = {"Example Trading", "Sample Foods", "Model Transport",
                                        "Pattern Media"};

#define PICK(LIST, HASH) ((LIST)[(HASH) % (sizeof(LIST) / sizeof *(LIST))])

/* splitmix64: every number another, well spread. */
static uint64_t hash_of(uint64_t number) {
    uint64_t hash = (number + 1) * UINT64_C(0x9e3779b97f4a7c15);
    hash = (hash ^ hash >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    hash = (hash ^ hash >> 27) * UINT64_C(0x94d049bb133111eb);
    return hash ^ hash >> 31;
}

static bool is_egyptian(uint64_t number) { return hash_of(number) >> 40 & 1; }

static char *given_name(uint64_t number) {
    return (char *)(uintptr_t)PICK(given_names, hash_of(number) >> 8);
}

static char *family_name(uint64_t number) {
    return (char *)(uintptr_t)PICK(family_names, hash_of(number) >> 16);
}

static const char *city_of(uint64_t number) {
    return is_egyptian(number) ? PICK(egyptian_cities, hash_of(number) >> 32)
                               : PICK(saudi_cities, hash_of(number) >> 32);
}

static const char *country_of(uint64_t number) { return is_egyptian(number) ? "EG" : "SA"; }

static const char *company_of(uint64_t number) { return PICK(companies, hash_of(number) >> 36); }

static void email_of(uint64_t number, char *out, size_t size) {
    snprintf(out, size, "%s.%llu@%s", given_name(number), (unsigned long long)number,
             PICK(domains, hash_of(number) >> 24));
}

static Profiled__V1__Identity *identity_new(const char *type, char *value, struct arena *arena) {
    Profiled__V1__Identity *identity = arena_alloc(arena, sizeof *identity);
    profiled__v1__identity__init(identity);
    identity->type = (char *)(uintptr_t)type;
    identity->value = value;
    return identity;
}

Profiled__V1__Identity *people_email(uint64_t number, struct arena *arena) {
    char *email = arena_alloc(arena, EMAIL_SIZE);
    email_of(number, email, EMAIL_SIZE);
    return identity_new("email", email, arena);
}

/* A permutation: the factor has no common divisor with the numbers that there are, which are those
 * of seven prefixes. Saudi Arabia has no others of mobiles that are all assigned. */
static unsigned phone_place(uint64_t number) {
    return (unsigned)((number * UINT64_C(61803401) + 31415926) % 70000000);
}

static const char phone_prefixes[] = "0345689";

Profiled__V1__Identity *people_phone(uint64_t number, struct arena *arena) {
    const char prefix = phone_prefixes[phone_place(number) / 10000000];
    const unsigned digits = phone_place(number) % 10000000;
    const bool is_national =
        hash_of(number) >> 48 & 1 && hash_of(number) >> 49 & 1 && hash_of(number) >> 50 & 1;
    const char *format = is_egyptian(number) ? is_national ? "010%c%07u" : "+2010%c%07u"
                         : is_national       ? "05%c%07u"
                                             : "+9665%c%07u";
    Profiled__V1__Identity *identity =
        identity_new("phone", arena_format(arena, format, prefix, digits), arena);
    identity->region = (char *)(uintptr_t)country_of(number);
    return identity;
}

static Profiled__V1__Record__AttributesEntry *attribute_new(const char *name, const char *value,
                                                            struct arena *arena) {
    Profiled__V1__RecordAttribute *attribute = arena_alloc(arena, sizeof *attribute);
    profiled__v1__record_attribute__init(attribute);
    attribute->value_case = PROFILED__V1__RECORD_ATTRIBUTE__VALUE_TEXT;
    attribute->text = (char *)(uintptr_t)value;
    Profiled__V1__Record__AttributesEntry *entry = arena_alloc(arena, sizeof *entry);
    profiled__v1__record__attributes_entry__init(entry);
    entry->key = (char *)(uintptr_t)name;
    entry->value = attribute;
    return entry;
}

Profiled__V1__Record *people_record(uint64_t number, struct arena *arena) {
    Profiled__V1__Record *record = arena_alloc(arena, sizeof *record);
    profiled__v1__record__init(record);
    record->name = arena_format(arena, "%s %s", given_name(number), family_name(number));
    record->n_identities = 2;
    record->identities = arena_array(arena, 2, sizeof *record->identities);
    record->identities[0] = people_email(number, arena);
    record->identities[1] = people_phone(number, arena);
    const struct {
        const char *name;
        const char *value;
    } attributes[] = {
        {"given_name", given_name(number)},
        {"family_name", family_name(number)},
        {"country", country_of(number)},
        {"city", city_of(number)},
        {"language", "ar"},
        {"company", company_of(number)},
    };
    record->n_attributes = sizeof attributes / sizeof *attributes;
    record->attributes = arena_array(arena, record->n_attributes, sizeof *record->attributes);
    for (size_t i = 0; i < record->n_attributes; i++) {
        record->attributes[i] = attribute_new(attributes[i].name, attributes[i].value, arena);
    }
    return record;
}

/* ---- in other forms ---- */

static void e164_of(uint64_t number, char *out, size_t size) {
    snprintf(out, size, is_egyptian(number) ? "+2010%c%07u" : "+9665%c%07u",
             phone_prefixes[phone_place(number) / 10000000], phone_place(number) % 10000000);
}

void people_person(uint64_t number, struct person *out) {
    snprintf(out->name, sizeof out->name, "%s %s", given_name(number), family_name(number));
    email_of(number, out->email, sizeof out->email);
    for (char *at = out->email; *at != '\0'; at++) {
        *at = (char)tolower((unsigned char)*at);
    }
    e164_of(number, out->phone, sizeof out->phone);
    snprintf(out->attributes, sizeof out->attributes,
             "{\"given_name\":\"%s\",\"family_name\":\"%s\",\"country\":\"%s\",\"city\":\"%s\","
             "\"language\":\"ar\",\"company\":\"%s\"}",
             given_name(number), family_name(number), country_of(number), city_of(number),
             company_of(number));
}

Profiled__V1__InteractionRecord *people_interaction(uint64_t number, int64_t occur_us,
                                                    struct arena *arena) {
    static const char *const channels[] = {"whatsapp", "email", "chat", "call"};
    static const char *const texts[] = {
        "When will my order come?", "The box was open when it came, and one piece is missing.",
        "\u0645\u062a\u0649 \u064a\u0635\u0644 \u0637\u0644\u0628\u064a\u061f",
        "Thank you, that was quick."};
    const uint64_t hash = hash_of(number ^ (uint64_t)occur_us);
    Profiled__V1__Engagement *engagement = arena_alloc(arena, sizeof *engagement);
    profiled__v1__engagement__init(engagement);
    engagement->channel = (char *)(uintptr_t)PICK(channels, hash);
    engagement->text = (char *)(uintptr_t)PICK(texts, hash >> 8);
    engagement->direction = PROFILED__V1__DIRECTION__DIRECTION_INBOUND;
    engagement->sentiment = (Profiled__V1__Sentiment)(1 + (hash >> 16) % 3);
    Google__Protobuf__Timestamp *occur = arena_alloc(arena, sizeof *occur);
    google__protobuf__timestamp__init(occur);
    occur->seconds = occur_us / 1000000;
    occur->nanos = (int32_t)(occur_us % 1000000) * 1000;
    Profiled__V1__Interaction *interaction = arena_alloc(arena, sizeof *interaction);
    profiled__v1__interaction__init(interaction);
    interaction->source = (char *)(uintptr_t) "bench";
    interaction->occur_time = occur;
    interaction->payload_case = PROFILED__V1__INTERACTION__PAYLOAD_ENGAGEMENT;
    interaction->engagement = engagement;
    Profiled__V1__Record *record = arena_alloc(arena, sizeof *record);
    profiled__v1__record__init(record);
    record->n_identities = 1;
    record->identities = arena_array(arena, 1, sizeof *record->identities);
    record->identities[0] = people_email(number, arena);
    Profiled__V1__InteractionRecord *told = arena_alloc(arena, sizeof *told);
    profiled__v1__interaction_record__init(told);
    told->interaction = interaction;
    told->subject_case = PROFILED__V1__INTERACTION_RECORD__SUBJECT_RECORD;
    told->record = record;
    return told;
}

void people_csv_header(FILE *file) {
    fputs("name,email,phone,external_id,given_name,family_name,country,city,language,company,"
          "gender,birth_date,dialect,job\n",
          file);
}

void people_csv_line(FILE *file, uint64_t number) {
    static const char *const jobs[] = {"Teacher", "Engineer", "Nurse", "Accountant"};
    char email[EMAIL_SIZE];
    char phone[24];
    const uint64_t hash = hash_of(number);
    email_of(number, email, sizeof email);
    e164_of(number, phone, sizeof phone);
    fprintf(file, "%s %s,%s,%s,c-%llu,%s,%s,%s,%s,ar,%s,%s,%u-%02u-%02u,%s,%s\n",
            given_name(number), family_name(number), email, phone, (unsigned long long)number,
            given_name(number), family_name(number), country_of(number), city_of(number),
            company_of(number), hash & 1 ? "female" : "male", 1950 + (unsigned)(hash >> 3) % 55,
            1 + (unsigned)(hash >> 11) % 12, 1 + (unsigned)(hash >> 17) % 28,
            is_egyptian(number) ? "egyptian" : "saudi", PICK(jobs, hash >> 44));
}
