/* rng.h - a seeded generator for simulation, tests and jitter; never for secrets (net/crypto has
 * those). xoshiro256** seeded through splitmix64. One thread. */
#ifndef TAVLA_BASE_RNG_H
#define TAVLA_BASE_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
    uint64_t state[4];
};

void rng_init(struct rng *r, uint64_t seed);
uint64_t rng_next(struct rng *r);
uint64_t rng_below(struct rng *r, uint64_t bound); /* 0 .. bound-1; CHECKs bound > 0 */
bool rng_chance(struct rng *r, uint32_t percent);

#endif
