/* Ids that are compared without case, out of any bytes. */

#include "tests/fuzz/canonical_form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    return canonical_form_check("national_id", data, size);
}
