/* digits.h - numbers as text: two digits a look-up, as every event has a hundred of them. Any
 * thread. */
#ifndef TAVLA_BASE_DIGITS_H
#define TAVLA_BASE_DIGITS_H

#include "core/base/slice.h"

#define DECIMAL_DIGITS_MAX 20 /* 2^64 - 1 has so many */

extern const char hex_pairs[2 * 256 + 1];     /* "000102..ff" */
extern const char decimal_pairs[2 * 100 + 1]; /* "000102..99" */

/* 2 * len lower-case hexadecimal digits, without a terminating zero. */
static inline void hex_put(char *to, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        memcpy(to + 2 * i, hex_pairs + 2 * (size_t)bytes[i], 2);
}

/* A number below 100 as two digits; the place behind them. */
static inline char *decimal_put_pair(char *to, unsigned value)
{
    memcpy(to, decimal_pairs + 2 * (size_t)value, 2);
    return to + 2;
}

/* Without leading zeros; lies at the end of `room`. */
static inline struct slice decimal_of(uint64_t value, char room[DECIMAL_DIGITS_MAX])
{
    char *at = room + DECIMAL_DIGITS_MAX;
    for (; value >= 10; value /= 100)
        decimal_put_pair(at -= 2, (unsigned)(value % 100));
    if (value > 0 || at == room + DECIMAL_DIGITS_MAX) *--at = (char)('0' + value);
    return slice_of(at, (size_t)(room + DECIMAL_DIGITS_MAX - at));
}

#endif
