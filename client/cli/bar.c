/* Bars of block characters: eighths of a block make those that differ by little look so. */

#include "client/cli/bar.h"

#include <stddef.h>
#include <stdio.h>

void bar_draw(int64_t count, int64_t most, char out[BAR_SIZE]) {
    static const char *const parts[] = {"",
                                        "\xe2\x96\x8f",
                                        "\xe2\x96\x8e",
                                        "\xe2\x96\x8d",
                                        "\xe2\x96\x8c",
                                        "\xe2\x96\x8b",
                                        "\xe2\x96\x8a",
                                        "\xe2\x96\x89"};
    const double share = most <= 0 ? 0 : (double)count / (double)most;
    const int64_t eighths = (int64_t)((share > 1 ? 1 : share) * BAR_WIDTH * 8 + 0.5);
    size_t size = 0;
    for (int64_t i = 0; i < eighths / 8; i++) {
        size += (size_t)snprintf(out + size, BAR_SIZE - size, "\xe2\x96\x88");
    }
    snprintf(out + size, BAR_SIZE - size, "%s", parts[eighths % 8]);
}
