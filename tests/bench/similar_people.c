/* Profiles out of numbers: each choice is a hash of the number. Frequencies fall off as those of
 * real names do: a squared random number chooses from the list. */

#include "tests/bench/similar_people.h"

#include <string.h>

#include "server/identity/similar_letters.h"

static const char *const given_names[] = {
    "Mohammed", "Ahmed",  "Ali",    "Fatima", "Noura",   "Sara",   "Omar",    "Khalid",
    "Layla",    "Yousef", "Huda",   "Hassan", "Hussein", "Maryam", "Ibrahim", "Aisha",
    "Salma",    "Tariq",  "Majed",  "Reem",   "Dalia",   "Karim",  "Mona",    "Fahad",
    "Nasser",   "Salem",  "Hanan",  "Amal",   "Walid",   "Jamal",  "Samir",   "Rania",
    "Ziad",     "Lina",   "Bassam", "Dina",   "Faisal",  "Ghada",  "Hatem",   "Iman",
};
static const char *const beginnings[] = {"Al-Har", "Al-Qah", "Man", "Sul", "Ham", "Far",
                                         "Al-Ota", "Sha",    "Gab", "Bad", "Raj", "Al-Ghan",
                                         "Zah",    "Tam",    "Kur", "Dos"};
static const char *const middles[] = {"", "ba", "mi", "ru", "ta", "la", "ni", "ku", "sa", "wi"};
static const char *const ends[] = {"bi",  "tani", "sour", "man",  "dan",  "ouk", "mari", "heri",
                                   "ish", "zir",  "lawi", "noun", "rash", "fi",  "kil",  "jad"};
static const char *const cities[] = {"Riyadh", "Cairo", "Jeddah", "Alexandria",
                                     "Dammam", "Giza",  "Abha",   "Luxor",
                                     "Tabuk",  "Aswan", "Medina", "Mansoura"};

#define COUNT(LIST) (sizeof(LIST) / sizeof *(LIST))

static uint64_t pick(uint64_t person, uint64_t what, uint64_t count) {
    return similar_hash(person, what) % count;
}

/* Low positions more often. */
static size_t pick_skewed(uint64_t person, uint64_t what, size_t count) {
    const uint64_t one = pick(person, what, 1000);
    return (size_t)(one * one * count / 1000000);
}

uint64_t similar_people_person(uint64_t number) {
    return number % SIMILAR_PEOPLE_TWICE == 1 ? number - 1 : number;
}

/* The text with a slip somewhere: two neighbours exchanged, or a letter left out. */
static const char *slipped(const char *text, uint64_t hash, struct arena *arena) {
    char *copy = arena_string(arena, bytes_of_string(text));
    const size_t size = strlen(copy);
    if (size < 4) {
        return copy;
    }
    const size_t at = 1 + hash % (size - 2);
    if (hash >> 32 & 1) {
        const char moved = copy[at];
        copy[at] = copy[at + 1];
        copy[at + 1] = moved;
    } else {
        memmove(copy + at, copy + at + 1, size - at);
    }
    return copy;
}

static void add_attribute(struct profile *profile, const char *name, const char *value) {
    profile->attributes[profile->attribute_count++] =
        (struct profile_attribute){.name = name, .value = value, .source = "bench"};
}

static void add_identity(struct profile *profile, const char *type, const char *canonical) {
    profile->identities[profile->identity_count++] =
        (struct profile_identity){.type = type, .value = canonical, .canonical = canonical};
}

/* What a second profile of a person has otherwise than the first: one name slipped, the birth date
 * half the time unknown, and the address and the number of one digit less. */
const struct profile *similar_people_profile(uint64_t number, struct arena *arena) {
    enum { PARTS_MAX = 4 };
    const uint64_t person = similar_people_person(number);
    const bool again = person != number;
    const uint64_t hash = similar_hash(number, 99);
    struct profile *profile = arena_alloc(arena, sizeof *profile);
    profile->attributes = arena_array(arena, PARTS_MAX, sizeof *profile->attributes);
    profile->identities = arena_array(arena, PARTS_MAX, sizeof *profile->identities);
    memcpy(profile->id.bytes, &number, sizeof number);
    profile->name_derived = true;
    const char *given = given_names[pick_skewed(person, 1, COUNT(given_names))];
    const char *family = arena_format(
        arena, "%s%s%s", beginnings[pick(person, 2, COUNT(beginnings))],
        middles[pick_skewed(person, 3, COUNT(middles))], ends[pick(person, 4, COUNT(ends))]);
    const char *birth_date =
        arena_format(arena, "%04d-%02d-%02d", 1940 + (int)pick(person, 5, 70),
                     1 + (int)pick(person, 6, 12), 1 + (int)pick(person, 7, 28));
    const char *email = arena_format(arena, "%c%s%d@example.%s", given[0] | 0x20, family + 3,
                                     (int)pick(person, 8, 10000), person % 2 ? "com" : "org");
    const char *phone = arena_format(arena, "+9665%08d", (int)pick(person, 9, 100000000));
    add_attribute(profile, "given_name", again && hash & 1 ? slipped(given, hash, arena) : given);
    add_attribute(profile, "family_name",
                  again && !(hash & 1) ? slipped(family, hash, arena) : family);
    add_attribute(profile, "city", cities[pick_skewed(person, 10, COUNT(cities))]);
    if (!again || hash & 2) {
        add_attribute(profile, "birth_date", birth_date);
    }
    if (!again || hash & 4) {
        add_identity(profile, "email", again ? slipped(email, hash, arena) : email);
    }
    if (!again || !(hash & 4)) {
        add_identity(profile, "phone", again ? slipped(phone, hash, arena) : phone);
    }
    return profile;
}
