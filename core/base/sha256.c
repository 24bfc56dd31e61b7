#include "core/base/sha256.h"

static const uint32_t round_keys[64] = {0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b,
        0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
        0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6,
        0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d,
        0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
        0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585,
        0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
        0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa,
        0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static inline uint32_t rotate(uint32_t x, unsigned n)
{
    return x >> n | x << (32 - n);
}

static void schedule(const uint8_t block[64], uint32_t w[64])
{
    for (unsigned i = 0; i < 16; i++)
        w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
               (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    for (unsigned i = 16; i < 64; i++) {
        uint32_t a = w[i - 15], b = w[i - 2];
        w[i] = w[i - 16] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + w[i - 7] +
               (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
    }
}

/* The eight words move on by one place a round: the round is told where they stand instead, which
 * is twice as fast. */
static inline void add_round(uint32_t s[8], unsigned at, uint32_t input)
{
#define WORD(i) s[((i) - at) & 7]
    uint32_t a = WORD(0), e = WORD(4);
    uint32_t one = WORD(7) + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) +
                   ((e & WORD(5)) ^ (~e & WORD(6))) + input;
    uint32_t two = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) +
                   ((a & WORD(1)) ^ (a & WORD(2)) ^ (WORD(1) & WORD(2)));
    WORD(3) += one;
    WORD(7) = one + two;
#undef WORD
}

static void add_block(uint32_t state[8], const uint8_t block[64])
{
    uint32_t w[64], s[8];
    schedule(block, w);
    memcpy(s, state, sizeof s);
    for (unsigned i = 0; i < 64; i += 8) {
        add_round(s, 0, round_keys[i] + w[i]);
        add_round(s, 1, round_keys[i + 1] + w[i + 1]);
        add_round(s, 2, round_keys[i + 2] + w[i + 2]);
        add_round(s, 3, round_keys[i + 3] + w[i + 3]);
        add_round(s, 4, round_keys[i + 4] + w[i + 4]);
        add_round(s, 5, round_keys[i + 5] + w[i + 5]);
        add_round(s, 6, round_keys[i + 6] + w[i + 6]);
        add_round(s, 7, round_keys[i + 7] + w[i + 7]);
    }
    for (unsigned i = 0; i < 8; i++)
        state[i] += s[i];
}

void sha256_init(struct sha256 *s)
{
    *s = (struct sha256){.state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f,
                                 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}};
}

void sha256_add(struct sha256 *s, struct slice bytes)
{
    size_t waiting = s->bytes % sizeof s->block;
    s->bytes += bytes.len;
    if (waiting > 0) {
        struct slice head = slice_head(bytes, sizeof s->block - waiting);
        if (head.len > 0) memcpy(s->block + waiting, head.ptr, head.len);
        bytes = slice_from(bytes, head.len);
        if (waiting + head.len < sizeof s->block) return;
        add_block(s->state, s->block);
    }
    for (; bytes.len >= sizeof s->block; bytes = slice_from(bytes, sizeof s->block))
        add_block(s->state, (const uint8_t *)bytes.ptr);
    if (bytes.len > 0) memcpy(s->block, bytes.ptr, bytes.len);
}

void sha256_end(struct sha256 *s, char ret_hex[SHA256_TEXT + 1])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t tail[72] = {0x80};
    size_t waiting = s->bytes % 64, pad = waiting < 56 ? 56 - waiting : 120 - waiting;
    uint64_t bits = s->bytes * 8;
    for (unsigned i = 0; i < 8; i++)
        tail[pad + i] = (uint8_t)(bits >> (56 - 8 * i));
    sha256_add(s, slice_of((const char *)tail, pad + 8));
    for (unsigned i = 0; i < SHA256_TEXT; i++)
        ret_hex[i] = digits[s->state[i / 8] >> (28 - 4 * (i % 8)) & 15];
    ret_hex[SHA256_TEXT] = '\0';
}
