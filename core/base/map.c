#include "core/base/map.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t map_seed;

unsigned map_hash(const void *key, size_t len)
{
    uint64_t hash = XXH3_64bits_withSeed(key, len, map_seed);
    return (unsigned)(hash ^ hash >> 32);
}
