/* bytes16.h - sixteen bytes compared at a time, as every processor does that has registers of this
 * size; the compiler knows how. Any thread. */
#ifndef TAVLA_BASE_BYTES16_H
#define TAVLA_BASE_BYTES16_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define BYTES16 16

typedef uint8_t bytes16 __attribute__((vector_size(BYTES16)));

static inline bytes16 bytes16_load(const char *from)
{
    bytes16 b;
    memcpy(&b, from, sizeof b);
    return b;
}

static inline bytes16 bytes16_all(uint8_t byte)
{
    return (bytes16){0} + byte;
}

/* Where a comparison holds, from the first byte on: places_of(b == bytes16_all('x')), then
 * places_next until it is false. */
struct places {
    uint64_t low, high; /* 0x80 for each place */
};

static inline struct places places_of(bytes16 holds)
{
    uint64_t halves[2];
    bytes16 one_bit = holds & 0x80;
    memcpy(halves, &one_bit, sizeof halves);
    return (struct places){le64toh(halves[0]), le64toh(halves[1])};
}

static inline bool places_none(struct places p)
{
    return (p.low | p.high) == 0;
}

static inline bool places_next(struct places *p, size_t *ret_i)
{
    if (places_none(*p)) return false;
    uint64_t *half = p->low != 0 ? &p->low : &p->high;
    *ret_i = (size_t)__builtin_ctzll(*half) / 8 + (half == &p->high ? 8 : 0);
    *half &= *half - 1;
    return true;
}

#endif
