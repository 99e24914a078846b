/* Where output goes. Colour and direction marks are for terminals; so is fitting a table to a
 * width: what goes into a file or a pipe is read by programs, which want all of it. */

#include "client/cli/screen.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { WIDTH_DEFAULT = 80, WIDTH_MIN = 40, WIDTH_MAX = 400 };

static size_t find_width(FILE *out) {
    const char *columns = getenv("COLUMNS");
    long width = columns == NULL ? 0 : strtol(columns, NULL, 10);
    struct winsize size;
    if (width <= 0 && ioctl(fileno(out), TIOCGWINSZ, &size) == 0) {
        width = size.ws_col;
    }
    if (width <= 0) {
        return WIDTH_DEFAULT;
    }
    if (width < WIDTH_MIN) {
        return WIDTH_MIN;
    }
    return width > WIDTH_MAX ? WIDTH_MAX : (size_t)width;
}

struct screen screen_of(FILE *out) {
    const char *no_colour = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    const bool terminal = isatty(fileno(out)) == 1;
    return (struct screen){
        .out = out,
        .width = find_width(out),
        .terminal = terminal,
        .uncut = !terminal && getenv("COLUMNS") == NULL,
        .colour = terminal && (no_colour == NULL || no_colour[0] == '\0') && term != NULL &&
                  strcmp(term, "dumb") != 0,
    };
}

void screen_style(const struct screen *screen, enum screen_style style) {
    static const char *const codes[] = {"1", "2", "32", "31", "33", "0"};
    if (screen->colour) {
        fprintf(screen->out, "\033[%sm", codes[style]);
    }
}

void screen_plain(const struct screen *screen) { screen_style(screen, STYLE_PLAIN); }
