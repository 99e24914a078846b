#pragma once
/* Attributes that a workspace defines, a line each:
 *
 *   define(DEFINITION("tier", ENUM, .enum_values = {"gold", "silver"}));
 */

#include "tests/handlers/people.h"

enum { DEFINED_VALUES_MAX = 8 };

/* What is told of a definition; NULL and 0 are what is not said. Lists end with the first NULL. */
struct defined {
    const char *name;
    int type;
    const char *display_name;
    const char *min;
    const char *max;
    int32_t min_length;
    int32_t max_length;
    const char *pattern;
    const char *enum_values[DEFINED_VALUES_MAX];
    const char *retired_value; /* One of them. */
    int32_t max_values;
    int required_for;
    bool personal;
    int survivorship;
    const char *trusted; /* Names separated by commas. */
};

#define ATTRIBUTE_TYPE(NAME) PROFILED__V1__ATTRIBUTE_TYPE__ATTRIBUTE_TYPE_##NAME
#define REQUIREMENT(NAME) PROFILED__V1__ATTRIBUTE_REQUIREMENT__ATTRIBUTE_REQUIREMENT_##NAME
#define PLAIN(NAME, TYPE) (&(const struct defined){.name = (NAME), .type = ATTRIBUTE_TYPE(TYPE)})
#define DEFINITION(NAME, TYPE, ...)                                                                \
    (&(const struct defined){.name = (NAME), .type = ATTRIBUTE_TYPE(TYPE), __VA_ARGS__})

/* As messages, in the test's arena. */
Profiled__V1__AttributeDefinition *definition_told(const struct defined *defined);
Profiled__V1__CreateAttributeRequest *create_request(const struct defined *defined);
/* `paths` are separated by commas. */
Profiled__V1__UpdateAttributeRequest *redefine_request(const char *paths,
                                                       const struct defined *defined);

const Profiled__V1__CreateAttributeResponse *define(const struct defined *defined);
/* The same, without the what-if before it. */
void define_once(const struct defined *defined);
const Profiled__V1__UpdateAttributeResponse *redefine(const char *paths,
                                                      const struct defined *defined);
const Profiled__V1__DeleteAttributeResponse *retire(const char *name);
const Profiled__V1__AttributeDefinition *definition_of(const char *name);

/* Values, and a profile that is told one more of them. */
Profiled__V1__AttributeValue *number_value(double number);
Profiled__V1__AttributeValue *flag_value(bool flag);
Profiled__V1__AttributeValue *time_value(int64_t time_us);
/* Of texts, which end with NULL. */
Profiled__V1__AttributeValue *list_value(const char *const *texts);
Profiled__V1__Profile *with_value(Profiled__V1__Profile *profile, const char *name,
                                  Profiled__V1__AttributeValue *value);

/* What a profile has: "number 3.5", "flag true", "time 5", "list text a, text b" or the text alone;
 * "" for nothing. */
const char *value_in(const Profiled__V1__Profile *profile, const char *name);

/* The ids' number that a filter finds. */
size_t found_by(const char *filter);
