/* The table of channels in proto/README.md, held against those that are built in. */

#include "server/interaction/channels.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/identity/identity_type.h"
#include "tests/identity/documented.h"

static void put_row(FILE *out, const struct channel *channel) {
    static const char *const languages[] = {"en", "ar", "fr", "es"}; /* The order of the columns. */
    const bool is_type = identity_type_builtin(channel->identity_type) != NULL;
    fprintf(out, is_type ? "| %s | %s | " : "| %s | (%s) | ", channel->term.name,
            channel->identity_type);
    for (size_t i = 0; i < channel->alias_count; i++) {
        fprintf(out, "%s%s", i == 0 ? "" : ", ", channel->aliases[i]);
    }
    cr_assert_eq(channel->term.label_count, sizeof languages / sizeof *languages);
    for (size_t i = 0; i < channel->term.label_count; i++) {
        cr_expect_str_eq(channel->term.labels[i].language, languages[i]);
        fprintf(out, " | %s", channel->term.labels[i].text);
    }
    fputs(" |\n", out);
}

Test(channels_documented, what_is_built_in) {
    char *table = NULL;
    size_t size = 0;
    size_t count = 0;
    FILE *out = open_memstream(&table, &size);
    fputs("| channel | authors are | also | English | Arabic | French | Spanish |\n"
          "|---|---|---|---|---|---|---|\n",
          out);
    const struct channel *channels = channels_builtin(&count);
    for (size_t i = 0; i < count; i++) {
        put_row(out, &channels[i]);
    }
    fputc('\n', out); /* And no further row. */
    fclose(out);
    expect_documented(table);
    free(table);
}
