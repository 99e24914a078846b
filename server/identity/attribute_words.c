/* The built-in enumerations, one table each. Other spellings are those of systems that
 * people import from. */

#include "server/identity/attribute_words.h"

#include <string.h>

static const struct attribute_word genders[] = {
    {"female", "Female", "أنثى", NULL},
    {"male", "Male", "ذكر", NULL},
    {"other", "Other", "آخر", NULL},
};

static const struct attribute_word dialects[] = {
    {"saudi", "Saudi", "سعودية", NULL},
    {"khaleji", "Gulf", "خليجية", NULL},
    {"egyptian", "Egyptian", "مصرية", NULL},
    {"modern_ar", "Modern Standard Arabic", "فصحى", NULL},
    {"iraqi", "Iraqi", "عراقية", NULL},
    {"shami", "Levantine", "شامية", NULL},
    {"maghrebi", "Maghrebi", "مغاربية", NULL},
    {"white", "White dialect", "بيضاء", NULL},
};

static const struct attribute_word sub_dialects[] = {
    {"najdi_sa", "Najdi", "نجدية", "saudi"},
    {"hijazi_sa", "Hijazi", "حجازية", "saudi"},
    {"other_sa", "Other Saudi", "سعودية أخرى", "saudi"},
    {"emirati", "Emirati", "إماراتية", "khaleji"},
    {"bahraini", "Bahraini", "بحرينية", "khaleji"},
    {"kuwaiti", "Kuwaiti", "كويتية", "khaleji"},
    {"egyptian", "Egyptian", "مصرية", "egyptian"},
    {"modern_ar", "Modern Standard Arabic", "فصحى", "modern_ar"},
    {"iraqi", "Iraqi", "عراقية", "iraqi"},
    {"syrian", "Syrian", "سورية", "shami"},
    {"lebanese", "Lebanese", "لبنانية", "shami"},
    {"palestinian", "Palestinian", "فلسطينية", "shami"},
    {"algerian", "Algerian", "جزائرية", "maghrebi"},
    {"moroccan", "Moroccan", "مغربية", "maghrebi"},
    {"libyan", "Libyan", "ليبية", "maghrebi"},
    {"white", "White dialect", "بيضاء", "white"},
};

/* Another spelling, folded, and the value that it is read as. */
struct synonym {
    enum attribute attribute;
    const char *word;
    const char *value;
};

static const struct synonym synonyms[] = {
    {ATTRIBUTE_GENDER, "f", "female"},
    {ATTRIBUTE_GENDER, "أنثى", "female"},
    {ATTRIBUTE_GENDER, "انثى", "female"},
    {ATTRIBUTE_GENDER, "m", "male"},
    {ATTRIBUTE_GENDER, "ذكر", "male"},
    {ATTRIBUTE_SUB_DIALECT, "hijaze_sa", "hijazi_sa"},
    {ATTRIBUTE_SUB_DIALECT, "bahrani", "bahraini"},
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

const struct attribute_word *attribute_words_of(enum attribute attribute, size_t *count) {
    if (attribute == ATTRIBUTE_GENDER) {
        *count = COUNT(genders);
        return genders;
    }
    if (attribute == ATTRIBUTE_DIALECT) {
        *count = COUNT(dialects);
        return dialects;
    }
    if (attribute == ATTRIBUTE_SUB_DIALECT) {
        *count = COUNT(sub_dialects);
        return sub_dialects;
    }
    *count = 0;
    return NULL;
}

bool attribute_word_read(enum attribute attribute, const char *folded, struct arena *arena,
                         const char **out) {
    char *word = arena_string(arena, bytes_of_string(folded));
    for (char *at = word; *at != '\0'; at++) {
        *at = *at == ' ' || *at == '-' ? '_' : *at;
    }
    size_t count = 0;
    const struct attribute_word *words = attribute_words_of(attribute, &count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(words[i].value, word) == 0) {
            *out = words[i].value;
            return true;
        }
    }
    for (size_t i = 0; i < COUNT(synonyms); i++) {
        if (synonyms[i].attribute == attribute && strcmp(synonyms[i].word, word) == 0) {
            *out = synonyms[i].value;
            return true;
        }
    }
    return false;
}

const char *attribute_dialect_of(const char *sub_dialect) {
    for (size_t i = 0; i < COUNT(sub_dialects); i++) {
        if (strcmp(sub_dialects[i].value, sub_dialect) == 0) {
            return sub_dialects[i].belongs_to;
        }
    }
    return NULL;
}

bool attribute_dialects_agree(const char *dialect, const char *sub_dialect) {
    const char *belongs_to = sub_dialect == NULL ? NULL : attribute_dialect_of(sub_dialect);
    return dialect == NULL || belongs_to == NULL || strcmp(dialect, belongs_to) == 0;
}
