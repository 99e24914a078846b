#pragma once
/* Tables of proto/README.md, held against the code. A test that includes this has the file among
 * its data. */

/* Expects the contract's README to have the table, byte for byte. */
void expect_documented(const char *table);
