/* Looking at a record. */

#include "server/identity/record.h"

const char *record_attribute_value(const struct record *record, enum attribute attribute) {
    for (size_t i = 0; i < record->attribute_count; i++) {
        if (record->attributes[i].attribute == attribute) {
            return record->attributes[i].value;
        }
    }
    return NULL;
}
