/* Persons, a line each. A line that can't be read is told by whoever asked, and the next one is
 * read all the same. */

#include "client/cli/member_lines.h"

#include "client/cli/text.h"

#include <string.h>

/* Reads a line of the file as far as there is room. False at the end. */
static bool read_line(struct member_lines *lines) {
    size_t size = 0;
    int byte = getc(lines->file);
    if (byte == EOF) {
        return false;
    }
    lines->problem = NULL;
    for (; byte != EOF && byte != '\n'; byte = getc(lines->file)) {
        lines->size_done++;
        if (byte == '\0') {
            lines->problem = "has a byte that is no text";
        } else if (size + 1 == sizeof lines->text) {
            lines->problem = "is too long";
        } else {
            lines->text[size++] = (char)byte;
        }
    }
    lines->size_done += byte == '\n' ? 1 : 0;
    lines->text[size] = '\0';
    lines->line++;
    return true;
}

static bool read_word(struct member_lines *lines) {
    if (lines->next_word == lines->word_count) {
        return false;
    }
    const char *word = lines->words[lines->next_word++];
    const size_t size = strnlen(word, sizeof lines->text - 1);
    lines->problem = word[size] == '\0' ? NULL : "is too long";
    memcpy(lines->text, word, size);
    lines->text[size] = '\0';
    lines->line++;
    return true;
}

static void trim(struct member_lines *lines) {
    static const char blanks[] = " \t\r";
    static const char mark[] = "\xef\xbb\xbf"; /* Some programs begin a file with it. */
    char *text = lines->text;
    text += lines->line == 1 && strncmp(text, mark, sizeof mark - 1) == 0 ? sizeof mark - 1 : 0;
    text += strspn(text, blanks);
    size_t size = strlen(text);
    while (size > 0 && strchr(blanks, text[size - 1]) != NULL) {
        size--;
    }
    memmove(lines->text, text, size);
    lines->text[size] = '\0';
}

bool member_lines_next(struct member_lines *lines) {
    while (lines->file == NULL ? read_word(lines) : read_line(lines)) {
        trim(lines);
        if (lines->text[0] != '\0' || lines->problem != NULL) {
            return true;
        }
    }
    return false;
}

json_t *member_lines_json(struct member_lines *lines, const char *region) {
    const char *text = lines->text;
    const char *colon = strchr(text, ':');
    if (lines->problem == NULL && !text_is_utf8(text, strlen(text))) {
        lines->problem = "is not UTF-8";
    } else if (lines->problem == NULL && (colon == text || (colon != NULL && colon[1] == '\0'))) {
        lines->problem = "reads neither as an id nor as TYPE:VALUE";
    }
    if (lines->problem != NULL) {
        return NULL;
    }
    if (colon == NULL) {
        return json_pack("{s:s}", "profileId", text);
    }
    return json_pack("{s:{s:s%,s:s,s:s*}}", "identity", "type", text, (size_t)(colon - text),
                     "value", colon + 1, "region", region);
}
