#include "core/base/b64.h"

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool b64_encode(struct buf *out, struct slice bytes)
{
    const uint8_t *from = (const uint8_t *)bytes.ptr;
    if (bytes.len > SIZE_MAX / 4 || !buf_reserve(out, (bytes.len + 2) / 3 * 4)) return false;
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t left = bytes.len - i;
        uint32_t group = (uint32_t)from[i] << 16;
        if (left > 1) group |= (uint32_t)from[i + 1] << 8;
        if (left > 2) group |= from[i + 2];
        char *to = out->ptr + out->len;
        to[0] = letters[group >> 18];
        to[1] = letters[group >> 12 & 63];
        to[2] = left > 1 ? letters[group >> 6 & 63] : '=';
        to[3] = left > 2 ? letters[group & 63] : '=';
        out->len += 4;
    }
    return true;
}

static int letter_value(char c)
{
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+') return 62;
    return c == '/' ? 63 : -1;
}

bool b64_decode(struct buf *out, struct slice text)
{
    if (text.len % 4 != 0 || !buf_reserve(out, text.len / 4 * 3)) return false;
    size_t len = out->len; /* out->len moves only when all of the text was good */
    for (size_t i = 0; i < text.len; i += 4) {
        size_t count = 4; /* letters of this group */
        if (i + 4 == text.len && text.ptr[i + 3] == '=') count = text.ptr[i + 2] == '=' ? 2 : 3;
        uint32_t group = 0;
        for (size_t k = 0; k < 4; k++) {
            int value = k < count ? letter_value(text.ptr[i + k]) : 0;
            if (value < 0) return false;
            group = group << 6 | (uint32_t)value;
        }
        /* Bits behind the last byte must be zero, or one text would have several spellings. */
        if ((count == 2 && (group & 0xffff) != 0) || (count == 3 && (group & 0xff) != 0))
            return false;
        for (size_t k = 0; k + 1 < count; k++)
            out->ptr[len++] = (char)(group >> (16 - 8 * k));
    }
    out->len = len;
    return true;
}
