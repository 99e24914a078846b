#pragma once
/* A tree on a screen: lines under branches, each wrapped at the screen's edge. */

#include "client/cli/screen.h"

enum { TREE_DEPTH_MAX = 8 };

struct tree {
    const struct screen *screen;
    size_t depth;              /* Of the branches that the next line hangs on. */
    bool last[TREE_DEPTH_MAX]; /* Whether the branch of a depth is the last one there. */
    size_t column;             /* Columns that the present line has. */
    size_t start;              /* Those of its branches. */
    bool fresh;                /* Nothing stands behind them yet. */
};

/* Begins a tree at its root. */
void tree_init(struct tree *tree, const struct screen *screen);

/* Begins a branch; what follows hangs on it, until tree_close(). `last`: none follows beside it. */
void tree_open(struct tree *tree, bool last);
void tree_close(struct tree *tree);

/* Begins a line within the present branch. */
void tree_line(struct tree *tree);

/* An empty line before the next branch beside those that were. */
void tree_gap(struct tree *tree);

/* Adds words of ours to the present line: broken at their spaces. */
void tree_words(struct tree *tree, const char *words);

/* Adds a piece of somebody's text: cleaned, kept whole where a line holds it, else cut; isolated
 * where it runs from right to left. */
void tree_value(struct tree *tree, enum screen_style style, const char *raw);

/* Ends the present line. */
void tree_end(struct tree *tree);
