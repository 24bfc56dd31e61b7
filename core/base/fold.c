#include "core/base/fold.h"

#include <stdlib.h>

#include "core/base/check.h"
#include "core/base/fold_table.h"

/* -- one character */

/* The bytes of the character at text.ptr, and which it is; 1 and the byte itself when it is not
 * valid. */
static size_t char_read(struct slice text, uint32_t *ret_point)
{
    static const uint8_t heads[] = {0x1f, 0x0f, 0x07};
    static const uint32_t least[] = {0x80, 0x800, 0x10000};
    uint8_t first = (uint8_t)text.ptr[0];
    size_t len = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
    *ret_point = first;
    if (len == 1 || len > text.len) return 1;
    uint32_t point = first & heads[len - 2];
    for (size_t i = 1; i < len; i++) {
        if (((uint8_t)text.ptr[i] & 0xc0) != 0x80) return 1;
        point = point << 6 | ((uint8_t)text.ptr[i] & 0x3f);
    }
    if (point < least[len - 2]) return 1; /* a longer form than need be */
    *ret_point = point;
    return len;
}

static void char_add(struct buf *out, uint32_t point) /* from U+0080 to U+FFFF, and ASCII */
{
    if (point < 0x80) {
        buf_add_char(out, (char)point);
    } else if (point < 0x800) {
        buf_add_char(out, (char)(0xc0 | point >> 6));
        buf_add_char(out, (char)(0x80 | (point & 0x3f)));
    } else {
        buf_add_char(out, (char)(0xe0 | point >> 12));
        buf_add_char(out, (char)(0x80 | (point >> 6 & 0x3f)));
        buf_add_char(out, (char)(0x80 | (point & 0x3f)));
    }
}

static int by_first(const void *key, const void *row)
{
    uint16_t a = *(const uint16_t *)key, b = *(const uint16_t *)row;
    return a < b ? -1 : a > b;
}

static int by_range(const void *key, const void *row)
{
    uint16_t point = *(const uint16_t *)key;
    const uint16_t *range = row;
    return point < range[0] ? -1 : point > range[1];
}

/* False: it stays as it is. */
static bool char_fold(struct buf *out, uint32_t wide)
{
    uint16_t point = (uint16_t)wide;
    if (wide > 0xffff) return false;
    if (wide < FOLD_DIRECT_END) { /* most of what is met */
        uint16_t to = fold_direct[wide - 0x80];
        if (to > 0) char_add(out, to);
        if (to > 0) return true;
    }
    const uint16_t *single =
            bsearch(&point, fold_single, ARRAY_COUNT(fold_single), sizeof fold_single[0], by_first);
    if (single) {
        char_add(out, single[1]);
        return true;
    }
    if (bsearch(&point, fold_gone, ARRAY_COUNT(fold_gone), sizeof fold_gone[0], by_range))
        return true;
    for (size_t low = 0, high = ARRAY_COUNT(fold_long); low < high;) {
        size_t middle = (low + high) / 2;
        if (fold_long[middle].from == point) {
            buf_add(out, slice_cstr(fold_long[middle].to));
            return true;
        }
        if (fold_long[middle].from < point)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

static inline char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* ASCII in lower case, eight at a time, up to the first byte that is none. out has room. */
static size_t plain_add(struct buf *out, struct slice text)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), high = 0x80 * ones;
    char *to = out->ptr + out->len;
    size_t at = 0;
    for (; at + 8 <= text.len; at += 8) {
        uint64_t eight;
        memcpy(&eight, text.ptr + at, sizeof eight);
        if (eight & high) break;
        /* The high bit of each byte from 'A' on, but not from behind 'Z' on. */
        uint64_t upper = (eight + (0x80 - 'A') * ones) & ~(eight + (0x7f - 'Z') * ones) & high;
        eight |= upper >> 2;
        memcpy(to + at, &eight, sizeof eight);
    }
    for (; at < text.len && (uint8_t)text.ptr[at] < 0x80; at++)
        to[at] = lower(text.ptr[at]);
    out->len += at;
    return at;
}

void fold_add(struct buf *out, struct slice text)
{
    while (text.len > 0) {
        uint32_t point;
        if (!buf_reserve(out, text.len)) return;
        size_t len = plain_add(out, text);
        text = slice_from(text, len);
        if (text.len == 0) return;
        len = char_read(text, &point);
        if (len == 1 || !char_fold(out, point)) buf_add(out, slice_head(text, len));
        text = slice_from(text, len);
    }
}

/* -- finding */

/* Does a word go on over this spot? Before it and behind it are letters or digits of a script with
 * spaces between words. */
static bool joins(uint32_t point)
{
    if (point < 0x80)
        return (point >= 'a' && point <= 'z') || (point >= '0' && point <= '9') || point == '_' ||
               (point >= 'A' && point <= 'Z');
    if (point < 0xc0) return point == 0xaa || point == 0xb5 || point == 0xba;
    return point != 0xd7 && point != 0xf7 && point < 0xe00;
}

static bool is_inside(struct slice text, size_t at)
{
    uint32_t before, behind;
    size_t start = at;
    if (at == 0 || at == text.len) return false;
    do {
        start--;
    } while (start > 0 && at - start < 4 && ((uint8_t)text.ptr[start] & 0xc0) == 0x80);
    char_read(slice_from(text, start), &before);
    char_read(slice_from(text, at), &behind);
    return joins(before) && joins(behind);
}

static bool stands(struct slice text, size_t at, size_t len, enum fold_find how)
{
    switch (how) {
    case FOLD_ANYWHERE: return true;
    case FOLD_STARTS_WORD: return !is_inside(text, at);
    case FOLD_WORDS: return !is_inside(text, at) && !is_inside(text, at + len);
    }
    UNREACHABLE();
}

bool fold_has(struct slice text, struct slice needle, enum fold_find how)
{
    for (size_t from = 0; needle.len > 0 && text.len - from >= needle.len;) {
        const char *found = memmem(text.ptr + from, text.len - from, needle.ptr, needle.len);
        if (!found) return false;
        size_t at = (size_t)(found - text.ptr);
        if (stands(text, at, needle.len, how)) return true;
        from = at + 1;
    }
    return false;
}
