#include "core/base/id.h"

#include "core/base/digits.h"
#include "core/base/hash.h"

#define SHORT_LINK_SEED                                                                            \
    0x5461766c61ull /* "Tavla"; part of every short link ever given out: never change it */

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

bool id_parse(struct slice text, struct id *ret_id)
{
    struct id id;
    if (text.len != ID_TEXT) return false;
    for (size_t i = 0; i < ID_BYTES; i++) {
        int high = hex_value(text.ptr[2 * i]);
        int low = hex_value(text.ptr[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        id.bytes[i] = (uint8_t)(high << 4 | low);
    }
    *ret_id = id;
    return true;
}

void id_format(struct id id, char ret_text[ID_TEXT + 1])
{
    hex_put(ret_text, id.bytes, ID_BYTES);
    ret_text[ID_TEXT] = '\0';
}

struct id id_make(uint32_t unix_seconds, uint64_t random_bits)
{
    struct id id;
    for (size_t i = 0; i < 4; i++)
        id.bytes[i] = (uint8_t)(unix_seconds >> (24 - 8 * i));
    for (size_t i = 0; i < 8; i++)
        id.bytes[4 + i] = (uint8_t)(random_bits >> (56 - 8 * i));
    return id;
}

uint32_t id_seconds(struct id id)
{
    return (uint32_t)id.bytes[0] << 24 | (uint32_t)id.bytes[1] << 16 | (uint32_t)id.bytes[2] << 8 |
           id.bytes[3];
}

void short_link_make(struct id id, char ret_text[SHORT_LINK_TEXT + 1])
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    /* 62^8 is about 2^47.6, so the low digits of a 64-bit hash are as good as even. */
    uint64_t hash = hash64(slice_of(id.bytes, ID_BYTES), SHORT_LINK_SEED);
    for (size_t i = 0; i < SHORT_LINK_TEXT; i++) {
        ret_text[i] = digits[hash % 62];
        hash /= 62;
    }
    ret_text[SHORT_LINK_TEXT] = '\0';
}

bool short_link_valid(struct slice text)
{
    if (text.len != SHORT_LINK_TEXT) return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')))
            return false;
    }
    return true;
}
