/* sha256.h - SHA-256 (FIPS 180-4) over bytes that come in pieces: the name of a stored file.
 *
 * Tokens and keys are hashed by net/crypto.h, which has a library behind it; this is for the layers
 * below, and fast enough to keep ahead of a disk. Any thread. */
#ifndef TAVLA_BASE_SHA256_H
#define TAVLA_BASE_SHA256_H

#include "core/base/slice.h"

#define SHA256_BYTES 32
#define SHA256_TEXT  64

struct sha256 {
    uint32_t state[8];
    uint64_t bytes;
    uint8_t block[64]; /* bytes % 64 of them wait */
};

void sha256_init(struct sha256 *s);
void sha256_add(struct sha256 *s, struct slice bytes);
void sha256_end(struct sha256 *s, char ret_hex[SHA256_TEXT + 1]); /* lower case; s is used up */

#endif
