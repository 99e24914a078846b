/* JSON as text, with numbers in the shortest form that is read as the same one. jansson writes them
 * with 17 digits, as -0.40000000000000002, or all of a text with as many as it is told: so what it
 * writes is gone through on its way, and numbers with a fraction or an exponent are written anew.
 */

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "client/json.h"

enum { NUMBER_SIZE = 64 };

/* Where the way through the text has come to. */
struct writing {
    FILE *out;
    bool in_string;
    bool is_escaped;
    size_t number_size; /* Of a number that has not ended yet. */
    char number[NUMBER_SIZE];
};

/* Of how many digits every decimal can be told again: but for the least of numbers, whose digits
 * are fewer than that. */
static int digits_of(double value) { return fabs(value) < DBL_MIN ? 1 : DBL_DIG; }

/* A number that is whole keeps `.0`: it is of a field that may have others. */
static void shorten(char number[NUMBER_SIZE]) {
    const double value = strtod(number, NULL);
    for (int digits = digits_of(value); digits <= DBL_DECIMAL_DIG; digits++) {
        snprintf(number, NUMBER_SIZE, "%.*g", digits, value);
        if (strtod(number, NULL) == value) {
            break;
        }
    }
    if (strpbrk(number, ".e") == NULL) {
        memcpy(number + strlen(number), ".0", sizeof ".0");
    }
}

static void end_number(struct writing *writing) {
    if (writing->number_size == 0) {
        return;
    }
    writing->number[writing->number_size] = '\0';
    writing->number_size = 0;
    if (strpbrk(writing->number, ".eE") != NULL) {
        shorten(writing->number);
    }
    fputs(writing->number, writing->out);
}

static bool is_of_number(const struct writing *writing, char letter) {
    const bool begins = letter == '-' || (letter >= '0' && letter <= '9');
    return writing->number_size == 0
               ? begins
               : writing->number_size + 1 < NUMBER_SIZE &&
                     (begins || letter == '+' || letter == '.' || letter == 'e' || letter == 'E');
}

static void write_letter(struct writing *writing, char letter) {
    if (!writing->in_string && is_of_number(writing, letter)) {
        writing->number[writing->number_size++] = letter;
        return;
    }
    end_number(writing);
    if (letter == '"' && !writing->is_escaped) {
        writing->in_string = !writing->in_string;
    }
    writing->is_escaped = writing->in_string && letter == '\\' && !writing->is_escaped;
    putc_unlocked(letter, writing->out);
}

static int write_part(const char *text, size_t size, void *state) {
    struct writing *writing = state;
    for (size_t i = 0; i < size; i++) {
        write_letter(writing, text[i]);
    }
    return ferror(writing->out) == 0 ? 0 : -1;
}

int json_write(const json_t *json, size_t flags, FILE *out) {
    struct writing writing = {.out = out};
    const int code = json_dump_callback(json, write_part, &writing, flags);
    end_number(&writing);
    return code == 0 && ferror(out) == 0 ? 0 : -1;
}
