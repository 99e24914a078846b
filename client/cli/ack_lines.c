/* Ack ids, some at a time. What an id looks like is for the server to say; here it is some text
 * without blanks, so that a file of something else is told by its line. */

#include "client/cli/ack_lines.h"

#include "client/cli/origins.h"
#include "client/cli/text.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum { BATCH_MAX = 1000, ID_SIZE = 65, PLACE_SIZE = 32 };

bool ack_lines_open(struct ack_lines *lines, const struct arguments *arguments) {
    const char *path = arguments_get(arguments, OPT_ACK_FILE);
    *lines = (struct ack_lines){.arguments = arguments, .path = path, .next_word = 1};
    if ((path == NULL) == (arguments->word_count == 1)) {
        fprintf(stderr, "profilectl: give either ids or --file\n");
        return false;
    }
    if (path == NULL) {
        return true;
    }
    const bool is_input = strcmp(path, "-") == 0;
    lines->path = is_input ? "standard input" : path;
    lines->file = is_input ? stdin : fopen(path, "r");
    if (lines->file == NULL) {
        fprintf(stderr, "profilectl: can't open %s: %s\n", path, strerror(errno));
    }
    return lines->file != NULL;
}

void ack_lines_close(struct ack_lines *lines) {
    if (lines->file != NULL && lines->file != stdin) {
        fclose(lines->file);
    }
    lines->file = NULL;
}

/* Reads a line without its end; *size is its length, or that of the buffer where it is longer.
 * False at the end of the file. */
static bool read_line(struct ack_lines *lines, char text[ID_SIZE], size_t *size) {
    int byte = getc(lines->file);
    if (byte == EOF) {
        return false;
    }
    *size = 0;
    for (; byte != EOF && byte != '\n'; byte = getc(lines->file)) {
        if (*size < ID_SIZE) {
            text[(*size)++] = (char)byte;
        }
    }
    *size -= *size > 0 && *size < ID_SIZE && text[*size - 1] == '\r' ? 1 : 0;
    lines->line++;
    return true;
}

/* The id in the text; NULL where it can't be one. */
static json_t *read_id(const char *text, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (text[i] <= ' ' || text[i] > '~') {
            return NULL;
        }
    }
    return size < ID_SIZE ? json_stringn(text, size) : NULL;
}

/* Adds the id of the next line that has one. False at the end, and when a line is none, told. */
static bool add_line(struct ack_lines *lines, json_t *ids) {
    char text[ID_SIZE];
    char place[PLACE_SIZE];
    size_t size = 0;
    while (size == 0) {
        if (!read_line(lines, text, &size)) {
            lines->failed = ferror(lines->file) != 0;
            if (lines->failed) {
                fprintf(stderr, "profilectl: %s can't be read\n", lines->path);
            }
            return false;
        }
    }
    json_t *id = read_id(text, size);
    lines->failed = id == NULL;
    if (id == NULL) {
        fprintf(stderr, "profilectl: %s, line %" PRId64 ": is no ack id\n", lines->path,
                lines->line);
        return false;
    }
    json_array_append_new(ids, id);
    snprintf(place, sizeof place, "line %" PRId64, lines->line);
    origins_note(lines->arguments->origins, id, OPT_ACK_FILE, place);
    return true;
}

static bool add_word(struct ack_lines *lines, json_t *ids) {
    if (lines->next_word == lines->arguments->word_count) {
        return false;
    }
    const char *word = lines->arguments->words[lines->next_word];
    json_t *id = read_id(word, strlen(word));
    lines->failed = id == NULL || word[0] == '\0';
    if (lines->failed) {
        fputs("profilectl: ", stderr);
        text_tell(stderr, word);
        fputs(": is no ack id\n", stderr);
        json_decref(id);
        return false;
    }
    json_array_append_new(ids, id);
    lines->next_word++;
    return true;
}

json_t *ack_lines_next(struct ack_lines *lines) {
    json_t *ids = json_array();
    bool more = true;
    if (lines->arguments->origins != NULL) {
        origins_free(lines->arguments->origins); /* Of the ids before, which were taken. */
    }
    while (more && json_array_size(ids) < BATCH_MAX) {
        more = lines->file == NULL ? add_word(lines, ids) : add_line(lines, ids);
    }
    if (lines->failed) {
        json_array_clear(ids);
    }
    return ids;
}
