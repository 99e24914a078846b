#pragma once
/* Bars of block characters. */

#include <stdint.h>

enum {
    BAR_WIDTH = 30,
    BAR_SIZE = BAR_WIDTH * 3 + 1, /* Three bytes a block. */
};

/* A bar as long as `count` is of `most`, which takes the whole width. */
void bar_draw(int64_t count, int64_t most, char out[BAR_SIZE]);
