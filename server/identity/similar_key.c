/* Keys of people. The kinds keep keys of different facts apart. */

#include "server/identity/similar_key.h"

#include <string.h>

enum kind {
    KIND_BIRTH_DATE = 1,
    KIND_NAMES,
    KIND_NAME_YEAR,
    KIND_NAME_DATE,
    KIND_NAME_MONTH,
    KIND_NAME_DAY,
    KIND_NAME_CITY,
    KIND_NAMES_CITY,
    KIND_EMAIL_LOCAL,
    KIND_EMAIL_DOMAIN,
    KIND_ACCOUNT,
    KIND_NATIONAL_ID,
    KIND_PHONE,
};

enum {
    EMAIL_LOCAL_MIN = 3,
    EMAIL_BEGINNING = 4,
    PHONES_MAX = 2, /* Numbers of one person that make keys. */
    PHONE_TAIL = 9,
    ID_MIN = 6,
    ID_MAX = 20,
};

struct keys {
    uint64_t *at;
    size_t count;
};

static void add(struct keys *keys, enum kind kind, uint64_t one, uint64_t other) {
    const uint64_t key = similar_hash(one, similar_hash(other, kind));
    for (size_t i = 0; i < keys->count; i++) {
        if (keys->at[i] == key) {
            return;
        }
    }
    if (keys->count < SIMILAR_KEYS_MAX) {
        keys->at[keys->count++] = key;
    }
}

/* Keys of one name, by its sound; `other` is the other name of the person. With its initial a key
 * is rare enough to go with little else. */
static void add_name(struct keys *keys, const struct similar_person *person, uint64_t sound,
                     const struct similar_name *other) {
    if (sound == 0) {
        return;
    }
    const struct similar_date *birth = &person->birth;
    const uint64_t with_initial =
        other->hash == 0 ? 0 : similar_hash(sound, (uint64_t)other->letters.at[0]);
    if (birth->year != 0) {
        add(keys, KIND_NAME_YEAR, sound, (uint64_t)birth->year);
        add(keys, KIND_NAME_DATE, sound, (uint64_t)(birth->month * 100 + birth->day));
    }
    if (birth->year != 0 && with_initial != 0) {
        add(keys, KIND_NAME_MONTH, with_initial, (uint64_t)birth->month);
        add(keys, KIND_NAME_DAY, with_initial, (uint64_t)birth->day);
    }
    if (person->city.hash != 0) {
        add(keys, KIND_NAME_CITY, sound, person->city.sound_hash);
    }
    if (person->city.hash != 0 && with_initial != 0) {
        add(keys, KIND_NAMES_CITY, with_initial, person->city.sound_hash);
    }
}

/* The names by each way to say them; most have one. */
static void add_names(struct keys *keys, const struct similar_person *person) {
    for (size_t i = 0; i < SIMILAR_READINGS_COUNT; i++) {
        const uint64_t given = similar_name_sound(&person->given, i);
        for (size_t k = 0; k < SIMILAR_READINGS_COUNT && given != 0; k++) {
            const uint64_t family = similar_name_sound(&person->family, k);
            if (family != 0) {
                add(keys, KIND_NAMES, given < family ? given : family,
                    given < family ? family : given);
            }
        }
    }
    for (size_t i = 0; i < SIMILAR_READINGS_COUNT; i++) {
        add_name(keys, person, similar_name_sound(&person->given, i), &person->family);
        add_name(keys, person, similar_name_sound(&person->family, i), &person->given);
    }
}

static void add_email(struct keys *keys, const struct similar_email *email) {
    if (email->local_count < EMAIL_LOCAL_MIN) {
        return;
    }
    const struct similar_letters local = similar_letters_part(email->whole, 0, email->local_count);
    const struct similar_letters domain =
        similar_letters_part(email->whole, email->local_count, SIMILAR_LETTERS_MAX);
    add(keys, KIND_EMAIL_LOCAL, similar_letters_hash(local, 0), 0);
    add(keys, KIND_EMAIL_DOMAIN,
        similar_letters_hash(similar_letters_part(local, 0, EMAIL_BEGINNING), 0),
        similar_letters_hash(domain, 0));
}

/* A key for each character that is left out. */
static void add_without_one(struct keys *keys, enum kind kind, struct similar_letters number) {
    int32_t rest[SIMILAR_LETTERS_MAX];
    for (size_t i = 0; i < number.count; i++) {
        memcpy(rest, number.at, i * sizeof *rest);
        memcpy(rest + i, number.at + i + 1, (number.count - i - 1) * sizeof *rest);
        add(keys, kind, similar_letters_hash((struct similar_letters){rest, number.count - 1}, 0),
            0);
    }
    /* A character more on one side is none less on the other. */
    add(keys, kind, similar_letters_hash(number, 0), 0);
}

size_t similar_keys(const struct similar_person *person, uint64_t out[SIMILAR_KEYS_MAX]) {
    struct keys keys = {out, 0};
    if (person->birth.year != 0) {
        add(&keys, KIND_BIRTH_DATE,
            (uint64_t)(person->birth.year * 10000 + person->birth.month * 100 + person->birth.day),
            0);
    }
    add_names(&keys, person);
    for (size_t i = 0; i < person->email_count; i++) {
        add_email(&keys, &person->emails[i]);
    }
    if (person->national_id_count > 0) {
        const struct similar_letters id = person->national_ids[0];
        if (id.count >= ID_MIN && id.count <= ID_MAX) {
            add_without_one(&keys, KIND_NATIONAL_ID, id);
        }
    }
    for (size_t i = 0; i < person->phone_count && i < PHONES_MAX; i++) {
        const struct similar_letters phone = person->phones[i];
        if (phone.count >= PHONE_TAIL) {
            add_without_one(&keys, KIND_PHONE,
                            similar_letters_part(phone, phone.count - PHONE_TAIL, PHONE_TAIL));
        }
    }
    for (size_t i = 0; i < person->account_count; i++) {
        add(&keys, KIND_ACCOUNT, person->accounts[i], 0);
    }
    return keys.count;
}
