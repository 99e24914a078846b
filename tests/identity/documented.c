/* What proto/README.md is to have. */

#include "tests/identity/documented.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

enum { DOCUMENT_SIZE_MAX = 1 << 20 };

void expect_documented(const char *table) {
    static char document[DOCUMENT_SIZE_MAX];
    FILE *file = fopen("proto/README.md", "r");
    cr_assert_not_null(file);
    document[fread(document, 1, sizeof document - 1, file)] = '\0';
    fclose(file);
    cr_expect_not_null(strstr(document, table), "proto/README.md is to have\n%s", table);
}
