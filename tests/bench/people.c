/* The people of the sample (client/sample/people.h), as requests tell them. What the sample does
 * not know of them is a hash of their number. */

#include "tests/bench/people.h"

#include <stddef.h>

#include "client/sample/people.h"
#include "client/sample/said.h"

enum { SEED = 1, NATIONAL_EACH = 8, AGENTS = 8, CONVERSATION = 4 };

static const char *const companies[] = {"Example Trading", "Sample Foods", "Model Transport",
                                        "Pattern Media"};
static const char *const jobs[] = {"Teacher", "Engineer", "Nurse", "Accountant"};
static const char *const channels[] = {"whatsapp", "email", "chat", "call"};

#define PICK(LIST, HASH) ((LIST)[(HASH) % (sizeof(LIST) / sizeof *(LIST))])

static uint64_t hash_of(uint64_t number) {
    uint64_t state = number;
    return sample_next(&state);
}

static struct person *person_new(uint64_t number, struct arena *arena) {
    struct person *person = arena_alloc(arena, sizeof *person);
    person_make(SEED, number, person);
    return person;
}

static const char *language_of(const struct person *person) {
    return person->writes_arabic ? "ar" : "en";
}

static char *text(const char *string) { return (char *)(uintptr_t)string; }

/* ---- records ---- */

static Profiled__V1__Identity *identity_new(const char *type, char *value, struct arena *arena) {
    Profiled__V1__Identity *identity = arena_alloc(arena, sizeof *identity);
    profiled__v1__identity__init(identity);
    identity->type = text(type);
    identity->value = value;
    return identity;
}

static Profiled__V1__Identity *phone_of(struct person *person, struct arena *arena) {
    Profiled__V1__Identity *identity = identity_new(
        "phone", person->number % NATIONAL_EACH == 0 ? person->national : person->phone, arena);
    identity->region = text(person->country);
    return identity;
}

Profiled__V1__Identity *people_email(uint64_t number, struct arena *arena) {
    return identity_new("email", person_new(number, arena)->email, arena);
}

Profiled__V1__Identity *people_phone(uint64_t number, struct arena *arena) {
    return phone_of(person_new(number, arena), arena);
}

static Profiled__V1__Record__AttributesEntry *attribute_new(const char *name, const char *value,
                                                            struct arena *arena) {
    Profiled__V1__RecordAttribute *attribute = arena_alloc(arena, sizeof *attribute);
    profiled__v1__record_attribute__init(attribute);
    attribute->value_case = PROFILED__V1__RECORD_ATTRIBUTE__VALUE_TEXT;
    attribute->text = text(value);
    Profiled__V1__Record__AttributesEntry *entry = arena_alloc(arena, sizeof *entry);
    profiled__v1__record__attributes_entry__init(entry);
    entry->key = text(name);
    entry->value = attribute;
    return entry;
}

Profiled__V1__Record *people_record(uint64_t number, struct arena *arena) {
    struct person *person = person_new(number, arena);
    Profiled__V1__Record *record = arena_alloc(arena, sizeof *record);
    profiled__v1__record__init(record);
    record->name = person->name;
    record->n_identities = 2;
    record->identities = arena_array(arena, 2, sizeof *record->identities);
    record->identities[0] = identity_new("email", person->email, arena);
    record->identities[1] = phone_of(person, arena);
    const struct {
        const char *name;
        const char *value;
    } attributes[] = {
        {"given_name", person->given},
        {"country", person->country},
        {"city", person->city},
        {"gender", person->gender},
        {"language", language_of(person)},
        {"company", PICK(companies, hash_of(number))},
    };
    record->n_attributes = sizeof attributes / sizeof *attributes;
    record->attributes = arena_array(arena, record->n_attributes, sizeof *record->attributes);
    for (size_t i = 0; i < record->n_attributes; i++) {
        record->attributes[i] = attribute_new(attributes[i].name, attributes[i].value, arena);
    }
    return record;
}

/* ---- interactions ---- */

static Profiled__V1__Engagement *engagement_of(const struct person *person, uint64_t hash,
                                               struct arena *arena) {
    const struct said *words = &said[(hash >> 8) % said_count];
    Profiled__V1__Engagement *engagement = arena_alloc(arena, sizeof *engagement);
    profiled__v1__engagement__init(engagement);
    engagement->channel = text(PICK(channels, hash));
    engagement->direction = PROFILED__V1__DIRECTION__DIRECTION_INBOUND;
    engagement->visibility = PROFILED__V1__VISIBILITY__VISIBILITY_PRIVATE;
    engagement->conversation_id =
        arena_format(arena, "c-%llu", (unsigned long long)(hash >> 16) / CONVERSATION % 100000);
    engagement->text = text(person->writes_arabic ? words->arabic : words->english);
    engagement->language = text(language_of(person));
    engagement->theme = text(words->theme);
    engagement->sub_theme = text(words->sub_theme);
    engagement->sentiment = words->sentiment < 0    ? PROFILED__V1__SENTIMENT__SENTIMENT_NEGATIVE
                            : words->sentiment == 0 ? PROFILED__V1__SENTIMENT__SENTIMENT_NEUTRAL
                                                    : PROFILED__V1__SENTIMENT__SENTIMENT_POSITIVE;
    engagement->agent = arena_format(arena, "agent-%u", 1 + (unsigned)((hash >> 32) % AGENTS));
    if (person->writes_arabic) {
        engagement->dialect = text(person->dialect);
        engagement->sub_dialect = text(person->sub_dialect);
    }
    return engagement;
}

static Profiled__V1__InteractionRecord *interaction_of(const struct person *person,
                                                       Profiled__V1__Record *record,
                                                       int64_t occur_us, struct arena *arena) {
    Google__Protobuf__Timestamp *occur = arena_alloc(arena, sizeof *occur);
    google__protobuf__timestamp__init(occur);
    occur->seconds = occur_us / 1000000;
    occur->nanos = (int32_t)(occur_us % 1000000) * 1000;
    Profiled__V1__Interaction *interaction = arena_alloc(arena, sizeof *interaction);
    profiled__v1__interaction__init(interaction);
    interaction->source = text("bench");
    interaction->occur_time = occur;
    interaction->payload_case = PROFILED__V1__INTERACTION__PAYLOAD_ENGAGEMENT;
    interaction->engagement =
        engagement_of(person, hash_of(person->number ^ (uint64_t)occur_us), arena);
    Profiled__V1__InteractionRecord *told = arena_alloc(arena, sizeof *told);
    profiled__v1__interaction_record__init(told);
    told->interaction = interaction;
    told->subject_case = PROFILED__V1__INTERACTION_RECORD__SUBJECT_RECORD;
    told->record = record;
    return told;
}

Profiled__V1__InteractionRecord *people_interaction(uint64_t number, int64_t occur_us,
                                                    struct arena *arena) {
    const struct person *person = person_new(number, arena);
    Profiled__V1__Record *record = arena_alloc(arena, sizeof *record);
    profiled__v1__record__init(record);
    record->n_identities = 1;
    record->identities = arena_array(arena, 1, sizeof *record->identities);
    record->identities[0] = people_email(number, arena);
    return interaction_of(person, record, occur_us, arena);
}

Profiled__V1__InteractionRecord *people_interaction_whole(uint64_t number, int64_t occur_us,
                                                          struct arena *arena) {
    return interaction_of(person_new(number, arena), people_record(number, arena), occur_us, arena);
}

/* ---- in other forms ---- */

void people_plain(uint64_t number, struct plain_person *out) {
    struct person person;
    person_make(SEED, number, &person);
    snprintf(out->name, sizeof out->name, "%s", person.name);
    snprintf(out->email, sizeof out->email, "%s", person.email);
    snprintf(out->phone, sizeof out->phone, "%s", person.phone);
    snprintf(out->attributes, sizeof out->attributes,
             "{\"given_name\":\"%s\",\"country\":\"%s\",\"city\":\"%s\",\"gender\":\"%s\","
             "\"language\":\"%s\",\"company\":\"%s\"}",
             person.given, person.country, person.city, person.gender, language_of(&person),
             PICK(companies, hash_of(number)));
}

void people_csv_header(FILE *file) {
    fputs("name,email,phone,external_id,given_name,country,city,language,company,gender,"
          "birth_date,dialect,sub_dialect,job\n",
          file);
}

void people_csv_line(FILE *file, uint64_t number) {
    struct person person;
    const uint64_t hash = hash_of(number);
    person_make(SEED, number, &person);
    fprintf(file, "%s,%s,%s,c-%llu,%s,%s,%s,%s,%s,%s,%u-%02u-%02u,%s,%s,%s\n", person.name,
            person.email, person.phone, (unsigned long long)number, person.given, person.country,
            person.city, language_of(&person), PICK(companies, hash), person.gender,
            1950 + (unsigned)(hash >> 3) % 55, 1 + (unsigned)(hash >> 11) % 12,
            1 + (unsigned)(hash >> 17) % 28, person.dialect, person.sub_dialect,
            PICK(jobs, hash >> 44));
}
