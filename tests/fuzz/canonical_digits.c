/* Numbers of which nothing but the digits is compared, out of any bytes. No built-in type is read
 * so; a workspace's own may be. */

#include "tests/fuzz/canonical_form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct identity_type card = identity_type_own("card", NORMALIZER_DIGITS);
    return canonical_form_check_type(&card, data, size);
}
