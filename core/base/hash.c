#include "core/base/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t hash64(struct slice bytes, uint64_t seed)
{
    return XXH3_64bits_withSeed(bytes.ptr, bytes.len, seed);
}

struct hash128 hash_chain(struct hash128 prev, struct slice a, struct slice b)
{
    XXH3_state_t state;
    XXH128_canonical_t canonical;
    struct hash128 next;
    XXH3_128bits_reset(&state);
    XXH3_128bits_update(&state, prev.bytes, sizeof(prev.bytes));
    /* xxHash answers an error for NULL, even with length 0. */
    if (a.len > 0) XXH3_128bits_update(&state, a.ptr, a.len);
    if (b.len > 0) XXH3_128bits_update(&state, b.ptr, b.len);
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&state));
    memcpy(next.bytes, canonical.digest, sizeof(next.bytes));
    return next;
}

uint64_t hash_head(struct hash128 h)
{
    uint64_t head = 0;
    for (size_t i = 0; i < 8; i++)
        head = head << 8 | h.bytes[i];
    return head;
}

void hash_head_format(struct hash128 h, char ret_text[17])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < 8; i++) {
        ret_text[2 * i] = digits[h.bytes[i] >> 4];
        ret_text[2 * i + 1] = digits[h.bytes[i] & 15];
    }
    ret_text[16] = '\0';
}
