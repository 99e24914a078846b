#pragma once
/* What to tell who compares an attribute, or what interactions tell of one, with a value that it
 * can't have: those that it may have, where they can be counted. Private to filters. */

#include "server/segment/filter.h"

/* Refuses the text, filling *error. */
MUST_USE struct status attribute_choice_refuse(const struct field_names *names,
                                               const struct attribute_rule *rule,
                                               const struct filter_text *text,
                                               struct filter_error *error);

/* Refuses the text where it is a pattern of an enumeration that is as none of its values. */
MUST_USE struct status attribute_choice_check(const struct field_names *names,
                                              const struct attribute_rule *rule,
                                              const struct filter_text *text,
                                              const struct filter_constant *pattern,
                                              struct filter_error *error);

/* The same as attribute_choice_refuse() of one that is built in. */
MUST_USE struct status attribute_choice_refuse_built_in(const struct field_names *names,
                                                        enum attribute attribute,
                                                        const struct filter_text *text,
                                                        struct filter_error *error);
