#pragma once
/* Numbers in millionths: exact to add up, whatever the order. */

#include <stdint.h>

struct millionths {
    int64_t whole; /* Towards minus infinity. */
    uint32_t part; /* Less than a million. */
};

#define MILLIONTHS_MAX 1e12 /* Of a number, on either side. */

/* The millionths that are nearest to a number. */
struct millionths millionths_of(double number);

void millionths_add(struct millionths *into, struct millionths part);
void millionths_take(struct millionths *from, struct millionths part);

/* The double that is nearest to a sum shared by so many: 1 at least. */
double millionths_share(struct millionths sum, int64_t count);
