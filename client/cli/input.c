/* A file that is read in order. Memory is bounded by the largest row, not by the file; a row that
 * turns out broken can be gone back to, since its bytes are kept until the row is done. */

#include "client/cli/input.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void input_open(struct input *input, FILE *file) {
    *input = (struct input){.file = file, .bytes = malloc(INPUT_SIZE_MAX), .line = 1};
    assert(input->bytes != NULL);
    input_fill(input);
    if (input->end >= 3 && memcmp(input->bytes, "\xef\xbb\xbf", 3) == 0) {
        input->start = 3;
        input->done = 3;
    }
}

void input_close(struct input *input) {
    free(input->bytes);
    input->bytes = NULL;
}

bool input_fill(struct input *input) {
    if (input->ended) {
        return false;
    }
    memmove(input->bytes, input->bytes + input->start, input->end - input->start);
    input->end -= input->start;
    input->start = 0;
    const size_t room = INPUT_SIZE_MAX - input->end;
    if (room == 0) {
        return false;
    }
    const size_t got = fread(input->bytes + input->end, 1, room, input->file);
    input->end += got;
    if (got < room) {
        input->ended = true;
        input->failed = ferror(input->file) != 0;
    }
    return got > 0;
}

/* A line ends with LF, CRLF or CR; the LF of a CRLF is counted, its CR is not. */
void input_advance(struct input *input, size_t position) {
    assert(position >= input->start && position <= input->end);
    for (size_t i = input->start; i < position; i++) {
        const bool lone_cr =
            input->bytes[i] == '\r' && !(i + 1 < input->end && input->bytes[i + 1] == '\n');
        input->line += input->bytes[i] == '\n' || lone_cr ? 1 : 0;
    }
    input->done += (int64_t)(position - input->start);
    input->start = position;
}

size_t input_line_end(const struct input *input, size_t from) {
    for (size_t i = from; i < input->end; i++) {
        if (input->bytes[i] == '\n' || input->bytes[i] == '\r') {
            return i + 1;
        }
    }
    return SIZE_MAX;
}

void input_skip_line(struct input *input) {
    size_t end = input_line_end(input, input->start);
    while (end == SIZE_MAX) {
        input_advance(input, input->end);
        if (!input_fill(input)) {
            return;
        }
        end = input_line_end(input, input->start);
    }
    input_advance(input, end);
}
