/* Sums in millionths, and their shares: rounded once, to the nearest double and of two that are as
 * near to the even one. */

#include "server/base/millionths.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>

enum { MILLION = 1000000 };

/* For products of a million. */
__extension__ typedef __int128 signed_wide;
__extension__ typedef unsigned __int128 wide;

struct millionths millionths_of(double number) {
    int64_t whole = (int64_t)number; /* Towards 0. */
    whole -= (double)whole > number;
    const uint32_t part = (uint32_t)((number - (double)whole) * MILLION + 0.5);
    return (struct millionths){whole + part / MILLION, part % MILLION};
}

void millionths_add(struct millionths *into, struct millionths part) {
    into->whole += part.whole;
    into->part += part.part;
    if (into->part >= MILLION) {
        into->part -= MILLION;
        into->whole++;
    }
}

void millionths_take(struct millionths *from, struct millionths part) {
    if (from->part < part.part) {
        from->part += MILLION;
        from->whole--;
    }
    from->part -= part.part;
    from->whole -= part.whole;
}

/* Divides on, bit by bit, until there are two more than a double has, the last of which says as
 * well whether anything is behind it: so that what is left is to round them. */
static double divide(wide dividend, wide divisor) {
    const wide enough = (wide)1 << (DBL_MANT_DIG + 1);
    wide quotient = dividend / divisor;
    wide rest = dividend % divisor;
    int exponent = 0;
    while (quotient < enough) {
        rest *= 2;
        quotient = quotient * 2 + (rest >= divisor);
        rest -= rest >= divisor ? divisor : 0;
        exponent--;
    }
    return ldexp((double)(quotient | (rest > 0)), exponent);
}

double millionths_share(struct millionths sum, int64_t count) {
    assert(count > 0);
    const signed_wide all = (signed_wide)sum.whole * MILLION + sum.part;
    const bool is_less = all < 0;
    const wide dividend = (wide)(is_less ? -all : all);
    const wide divisor = (wide)count * MILLION;
    const wide exact = (wide)1 << DBL_MANT_DIG; /* Doubles hold what is whole up to here, */
    const double share =
        dividend <= exact && divisor <= exact
            ? (double)dividend / (double)divisor /* and one division rounds once. */
            : divide(dividend, divisor);
    return is_less ? -share : share;
}
