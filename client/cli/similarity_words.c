/* Scores of similarity for people. */

#include "client/cli/similarity_words.h"

#include <stdio.h>
#include <string.h>

/* What is likelier is not told apart: it is never certain. */
static const double likely_most = 0.999;

void similarity_field_words(const Profiled__V1__FieldScore *field, char *out, size_t size) {
    static const char *const formats[] = {"%s unknown", "other %s",           "%s alike",
                                          "near %s",    "%s sounds the same", "same %s"};
    char name[WORDS_SIZE];
    snprintf(name, sizeof name, "%s", field->field);
    for (char *at = name; *at != '\0'; at++) {
        *at = *at == '_' ? ' ' : *at;
    }
    const size_t level = (size_t)field->level;
    const char *format = formats[level < sizeof formats / sizeof *formats ? level : 0];
    const char *mark = strstr(format, "%s");
    snprintf(out, size, "%.*s%s%s", (int)(mark - format), format, name, mark + 2);
}

void similarity_percent(double probability, char *out, size_t size) {
    if (probability > likely_most) {
        snprintf(out, size, ">%.1f %%", likely_most * 100);
    } else {
        snprintf(out, size, "%.1f %%", probability * 100);
    }
}
