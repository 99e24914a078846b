/* Accounts of every network out of any bytes. */

#include "tests/fuzz/canonical_form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    (void)canonical_form_check("twitter", data, size);
    (void)canonical_form_check("facebook", data, size);
    (void)canonical_form_check("tiktok", data, size);
    (void)canonical_form_check("instagram", data, size);
    return canonical_form_check("linkedin", data, size);
}
