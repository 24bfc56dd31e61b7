/* hash.h - the door to xxHash: checksums and chains against accidents, not against attackers.
 * Secrets are hashed with SHA-256 in net/crypto. Any thread. */
#ifndef TAVLA_BASE_HASH_H
#define TAVLA_BASE_HASH_H

#include "core/base/slice.h"

struct hash128 {
    uint8_t bytes[16]; /* XXH3_128bits in canonical (big-endian) order */
};

uint64_t hash64(struct slice bytes, uint64_t seed);
/* Next link of a chain: XXH3_128 over prev, then a, then b. */
struct hash128 hash_chain(struct hash128 prev, struct slice a, struct slice b);
uint64_t hash_head(struct hash128 h); /* its first 64 bits */
/* those as 16 hex digits: the h of a position */
void hash_head_format(struct hash128 h, char ret_text[17]);

#endif
