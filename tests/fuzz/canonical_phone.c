/* Phone numbers, with and without a region, and accounts that are named by them, out of any bytes.
 */

#include "tests/fuzz/canonical_form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    (void)canonical_form_check("whatsapp", data, size);
    return canonical_form_check("phone", data, size);
}
