/* Invented people. */

#include "client/sample/people.h"

#include <assert.h>
#include <stdio.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

struct given_name {
    const char *arabic;
    const char *latin;
    const char *gender;
};

static const struct given_name given_names[] = {
    {"نورة", "noura", "female"}, {"سارة", "sara", "female"},    {"ريم", "reem", "female"},
    {"هند", "hind", "female"},   {"فاطمة", "fatima", "female"}, {"مريم", "maryam", "female"},
    {"ليلى", "layla", "female"}, {"دانة", "dana", "female"},    {"لولوة", "lulwa", "female"},
    {"أمل", "amal", "female"},   {"محمد", "mohammed", "male"},  {"أحمد", "ahmed", "male"},
    {"خالد", "khalid", "male"},  {"فهد", "fahad", "male"},      {"عبدالله", "abdullah", "male"},
    {"سلطان", "sultan", "male"}, {"يوسف", "yousef", "male"},    {"طارق", "tariq", "male"},
    {"عمر", "omar", "male"},     {"ماجد", "majed", "male"},
};

struct family_name {
    const char *arabic;
    const char *latin;
};

static const struct family_name family_names[] = {
    {"القحطاني", "alqahtani"}, {"العتيبي", "alotaibi"},  {"الدوسري", "aldosari"},
    {"الحربي", "alharbi"},     {"الشمري", "alshammari"}, {"المطيري", "almutairi"},
    {"الزهراني", "alzahrani"}, {"الغامدي", "alghamdi"},  {"المصري", "almasri"},
    {"الكعبي", "alkaabi"},     {"السبيعي", "alsubaie"},  {"حداد", "haddad"},
};

enum { PREFIXES = 2 };

/* Where somebody is from, and how mobile numbers look there: behind the country's code come a
 * prefix and so many digits. */
struct place {
    const char *country;
    const char *city;
    const char *dialect;
    const char *sub_dialect;
    const char *code;
    const char *trunk; /* Before the prefix, in national form. */
    int digits;
    const char *prefixes[PREFIXES]; /* Of the first people, and of those after them. */
    const char *spare;              /* Of those whose digits would be one all through. */
};

static const struct place places[] = {
    {"SA", "Riyadh", "saudi", "najdi_sa", "966", "0", 7, {"55", "56"}, "59"},
    {"SA", "Jeddah", "saudi", "hijazi_sa", "966", "0", 7, {"50", "53"}, "59"},
    {"SA", "Dammam", "saudi", "other_sa", "966", "0", 7, {"54", "58"}, "59"},
    {"AE", "Dubai", "khaleji", "emirati", "971", "0", 7, {"50", "52"}, "54"},
    {"KW", "Kuwait City", "khaleji", "kuwaiti", "965", "", 5, {"500", "501"}, "502"},
    {"EG", "Cairo", "egyptian", "egyptian", "20", "0", 7, {"100", "101"}, "102"},
};

uint64_t sample_next(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

size_t sample_below(uint64_t *state, size_t count) { return (size_t)(sample_next(state) % count); }

/* The digits of a text in Arabic-Indic ones. */
static void arabic_digits(const char *digits, char out[PERSON_TEXT_SIZE]) {
    size_t size = 0;
    for (; *digits != '\0' && size + 3 < PERSON_TEXT_SIZE; digits++) {
        out[size++] = (char)0xd9;
        out[size++] = (char)(0xa0 + (*digits - '0'));
    }
    out[size] = '\0';
}

static uint64_t number_count(const struct place *place) {
    uint64_t count = 1;
    for (int i = 0; i < place->digits; i++) {
        count *= 10;
    }
    return count;
}

/* The place that was chosen, or, where it has no number for somebody, the first, which has. */
static const struct place *place_with_room(const struct place *place, uint64_t number) {
    return number < PREFIXES * number_count(place) ? place : &places[0];
}

/* Digits that are one all through are not believed to be anybody's number. */
static bool is_one_digit(uint64_t digits, const struct place *place) {
    uint64_t ones = 1;
    for (int i = 1; i < place->digits; i++) {
        ones = ones * 10 + 1;
    }
    return digits % ones == 0;
}

static void make_phone(const struct place *place, uint64_t *state, struct person *out) {
    char national[PERSON_TEXT_SIZE];
    /* The number of the person is in it: no two have one. */
    const uint64_t count = number_count(place);
    const uint64_t which = out->number / count;
    uint64_t digits = out->number % count;
    const char *prefix = place->prefixes[which];
    if (is_one_digit(digits, place)) {
        prefix = place->spare;
        digits = (digits + count / 2 + 1 + 2 * which) % count;
    }
    snprintf(out->phone, sizeof out->phone, "+%s%s%0*llu", place->code, prefix, place->digits,
             (unsigned long long)digits);
    snprintf(national, sizeof national, "%s%s%0*llu", place->trunk, prefix, place->digits,
             (unsigned long long)digits);
    if (sample_below(state, 3) == 0) {
        arabic_digits(national, out->national);
    } else {
        snprintf(out->national, sizeof out->national, "%s", national);
    }
}

void person_make(uint64_t seed, uint64_t number, struct person *out) {
    assert(number < PEOPLE_MAX);
    uint64_t state = seed * UINT64_C(0x2545f4914f6cdd1d) + number;
    const struct given_name *given = &given_names[sample_below(&state, COUNT(given_names))];
    const struct family_name *family = &family_names[sample_below(&state, COUNT(family_names))];
    const struct place *place =
        place_with_room(&places[sample_below(&state, COUNT(places))], number);
    *out = (struct person){.number = number,
                           .writes_arabic = sample_below(&state, 10) < 7,
                           .country = place->country,
                           .city = place->city,
                           .gender = given->gender,
                           .dialect = "",
                           .sub_dialect = ""};
    if (out->writes_arabic) {
        out->dialect = place->dialect;
        out->sub_dialect = place->sub_dialect;
        snprintf(out->name, sizeof out->name, "%s %s", given->arabic, family->arabic);
    } else {
        snprintf(out->name, sizeof out->name, "%c%s %c%s", given->latin[0] - 'a' + 'A',
                 given->latin + 1, family->latin[0] - 'a' + 'A', family->latin + 1);
    }
    snprintf(out->given, sizeof out->given, "%s", given->latin);
    snprintf(out->email, sizeof out->email, "%s.%s.%llu@example.com", given->latin, family->latin,
             (unsigned long long)number);
    snprintf(out->handle, sizeof out->handle, "%s_%llu", given->latin, (unsigned long long)number);
    make_phone(place, &state, out);
}
