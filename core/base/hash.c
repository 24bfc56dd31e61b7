#include "core/base/hash.h"

#include "core/base/digits.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#define CHAINED_AT_ONCE 1024 /* bytes of either part; most events have less */

uint64_t hash64(struct slice bytes, uint64_t seed)
{
    return XXH3_64bits_withSeed(bytes.ptr, bytes.len, seed);
}

static XXH128_hash_t chain(struct hash128 prev, struct slice a, struct slice b)
{
    XXH3_state_t state;
    XXH3_128bits_reset(&state);
    XXH3_128bits_update(&state, prev.bytes, sizeof(prev.bytes));
    /* xxHash answers an error for NULL, even with length 0. */
    if (a.len > 0) XXH3_128bits_update(&state, a.ptr, a.len);
    if (b.len > 0) XXH3_128bits_update(&state, b.ptr, b.len);
    return XXH3_128bits_digest(&state);
}

/* The same hash without the state, whose upkeep costs as much as a small event itself. Zeroing the
 * room for the copy would, too. */
static XXH128_hash_t chain_at_once(struct hash128 prev, struct slice a, struct slice b)
{
    __attribute__((uninitialized)) char text[sizeof(prev.bytes) + 2 * CHAINED_AT_ONCE];
    size_t len = sizeof(prev.bytes);
    memcpy(text, prev.bytes, len);
    if (a.len > 0) memcpy(text + len, a.ptr, a.len);
    if (b.len > 0) memcpy(text + len + a.len, b.ptr, b.len);
    return XXH3_128bits(text, len + a.len + b.len);
}

struct hash128 hash_chain(struct hash128 prev, struct slice a, struct slice b)
{
    XXH128_canonical_t canonical;
    struct hash128 next;
    bool small = a.len <= CHAINED_AT_ONCE && b.len <= CHAINED_AT_ONCE;
    XXH128_canonicalFromHash(&canonical, small ? chain_at_once(prev, a, b) : chain(prev, a, b));
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
    hex_put(ret_text, h.bytes, 8);
    ret_text[16] = '\0';
}
