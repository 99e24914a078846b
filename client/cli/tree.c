/* Trees. Whatever the width, branches stay whole; where there is hardly any room, text is cut. */

#include "client/cli/tree.h"

#include "client/cli/text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { BRANCH_WIDTH = 3, CONTINUATION = 2, ROOM_MIN = 8 };

void tree_init(struct tree *tree, const struct screen *screen) {
    *tree = (struct tree){.screen = screen};
}

static void put(const struct tree *tree, const char *text) { fputs(text, tree->screen->out); }

/* The lines that lead on from the branches above, down to `depth`. */
static void put_trunks(const struct tree *tree, size_t depth) {
    for (size_t i = 0; i < depth; i++) {
        put(tree, tree->last[i] ? "   " : "\xe2\x94\x82  ");
    }
}

static void begin(struct tree *tree) {
    tree->start = tree->depth * BRANCH_WIDTH;
    tree->column = tree->start;
    tree->fresh = true;
}

void tree_open(struct tree *tree, bool last) {
    assert(tree->depth < TREE_DEPTH_MAX);
    screen_style(tree->screen, STYLE_DIM);
    put_trunks(tree, tree->depth);
    put(tree, last ? "\xe2\x94\x94\xe2\x94\x80 " : "\xe2\x94\x9c\xe2\x94\x80 ");
    screen_plain(tree->screen);
    tree->last[tree->depth++] = last;
    begin(tree);
}

void tree_close(struct tree *tree) {
    assert(tree->depth > 0);
    tree->depth--;
}

void tree_line(struct tree *tree) {
    if (tree->depth > 0) {
        screen_style(tree->screen, STYLE_DIM);
        put_trunks(tree, tree->depth);
        screen_plain(tree->screen);
    }
    begin(tree);
}

void tree_gap(struct tree *tree) {
    screen_style(tree->screen, STYLE_DIM);
    put_trunks(tree, tree->depth);
    put(tree, "\xe2\x94\x82");
    screen_plain(tree->screen);
    tree_end(tree);
}

void tree_end(struct tree *tree) { put(tree, "\n"); }

/* Columns of the present line that text may have: one is kept for a mark behind it. */
static size_t room(const struct tree *tree) {
    const size_t taken = tree->column + 1;
    return tree->screen->width > taken + ROOM_MIN ? tree->screen->width - taken : ROOM_MIN;
}

/* Goes on with a line below. */
static void go_on(struct tree *tree) {
    tree_end(tree);
    tree_line(tree);
    tree->column += CONTINUATION;
    fprintf(tree->screen->out, "%*s", CONTINUATION, "");
}

/* A mark follows its word, whatever the line has. */
static bool is_mark(const char *text) {
    return text[0] != '\0' && text[1] == '\0' && strchr(",;:.", text[0]) != NULL;
}

/* One piece, with a space before it unless it is the first. */
static void add(struct tree *tree, enum screen_style style, const char *clean) {
    const size_t width = text_width(clean);
    if (!is_mark(clean) && !tree->fresh) {
        if (tree->column + 1 + width + 1 > tree->screen->width) {
            go_on(tree);
        } else {
            put(tree, " ");
            tree->column++;
        }
    }
    const size_t shown = width < room(tree) ? width : room(tree);
    if (style != STYLE_PLAIN) {
        screen_style(tree->screen, style);
    }
    text_put(tree->screen->out, clean,
             (struct text_cell){.width = shown, .isolated = tree->screen->terminal, .last = true});
    if (style != STYLE_PLAIN) {
        screen_plain(tree->screen);
    }
    tree->column += shown;
    tree->fresh = false;
}

void tree_words(struct tree *tree, const char *words) {
    while (*words != '\0') {
        const size_t size = strcspn(words, " ");
        if (size > 0) {
            char *word = strndup(words, size);
            assert(word != NULL);
            add(tree, STYLE_PLAIN, word);
            free(word);
        }
        words += size + (words[size] == ' ' ? 1 : 0);
    }
}

void tree_value(struct tree *tree, enum screen_style style, const char *raw) {
    char *clean = text_clean(raw == NULL ? "" : raw);
    if (clean[0] != '\0') {
        add(tree, style, clean);
    }
    free(clean);
}
