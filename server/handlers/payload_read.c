/* What the payloads of interactions are read with. */

#include "server/handlers/payload_read.h"

#include <string.h>

#include "server/identity/text.h"

char *payload_text(char *text, size_t size_max, struct field_errors *errors, const char *field) {
    if (strlen(text) > size_max) {
        field_errors_add(errors, text_too_long(size_max, "bytes", errors->arena).text,
                         "interaction.%s", field);
    }
    return text;
}

char *payload_required(char *text, size_t size_max, struct field_errors *errors,
                       const char *field) {
    if (text_is_blank(text)) {
        field_errors_add(errors, "is required", "interaction.%s", field);
    }
    return payload_text(text, size_max, errors, field);
}

uint32_t payload_enum(int value, int max, struct field_errors *errors, const char *field) {
    if (value < 0 || value > max) {
        field_errors_add(errors, "is not a value that this server knows", "interaction.%s", field);
        return 0;
    }
    return (uint32_t)value;
}
