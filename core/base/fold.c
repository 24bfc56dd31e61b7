#include "core/base/fold.h"

#include "core/base/check.h"
#include "core/base/fold_char.h"
#include "core/base/fold_table.h"

/* -- one character */

size_t char_read(struct slice text, uint32_t *ret_point)
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

size_t char_write(uint32_t point, char to[CHAR_BYTES_MAX])
{
    size_t len = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    static const uint8_t heads[] = {0, 0xc0, 0xe0, 0xf0};
    for (size_t i = len; i-- > 1; point >>= 6)
        to[i] = (char)(0x80 | (point & 0x3f));
    to[0] = (char)(heads[len - 1] | point);
    return len;
}

uint32_t fold_char(uint32_t point)
{
    if (point < 0x80) return point >= 'A' && point <= 'Z' ? point | 0x20 : point;
    if (point > 0xffff) return point;
    uint16_t to = fold_pages[fold_page_of[point >> 8]][point & 0xff];
    if (to == 0) return point;
    return to == FOLD_GONE ? CHAR_GONE : to == FOLD_LONG ? CHAR_LONG : to;
}

struct slice fold_char_long(uint32_t point)
{
    for (size_t low = 0, high = ARRAY_COUNT(fold_long); low < high;) {
        size_t middle = (low + high) / 2;
        if (fold_long[middle].from == point) return slice_cstr(fold_long[middle].to);
        if (fold_long[middle].from < point)
            low = middle + 1;
        else
            high = middle;
    }
    return SLICE("");
}

void fold_sources(uint32_t point, void (*each)(void *context, uint32_t source), void *context)
{
    char bytes[CHAR_BYTES_MAX];
    size_t len = char_write(point, bytes);
    for (uint32_t page = 0; page < ARRAY_COUNT(fold_page_of); page++) {
        const uint16_t *to = fold_pages[fold_page_of[page]];
        for (uint32_t i = 0; fold_page_of[page] != 0 && i < 256; i++) {
            if (to[i] != 0 && to[i] == point) each(context, page << 8 | i);
        }
    }
    for (size_t i = 0; i < ARRAY_COUNT(fold_long); i++) {
        const char *to = fold_long[i].to;
        if (memmem(to, strlen(to), bytes, len)) each(context, fold_long[i].from);
    }
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
    char bytes[CHAR_BYTES_MAX];
    while (text.len > 0) {
        uint32_t point;
        if (!buf_reserve(out, text.len)) return;
        text = slice_from(text, plain_add(out, text));
        while (text.len > 0 && (uint8_t)text.ptr[0] >= 0x80) {
            size_t len = char_read(text, &point);
            uint32_t to = len > 1 ? fold_char(point) : point;
            if (to == point)
                buf_add(out, slice_of(text.ptr, len));
            else if (to == CHAR_LONG)
                buf_add(out, fold_char_long(point));
            else if (to != CHAR_GONE)
                buf_add(out, slice_of(bytes, char_write(to, bytes)));
            text = slice_of(text.ptr + len, text.len - len);
        }
    }
}

/* -- finding */

static bool joins(uint32_t point)
{
    if (point < 0x80)
        return (point >= 'a' && point <= 'z') || (point >= '0' && point <= '9') || point == '_' ||
               (point >= 'A' && point <= 'Z');
    if (point < 0xc0) return point == 0xaa || point == 0xb5 || point == 0xba;
    return point != 0xd7 && point != 0xf7 && point < 0xe00;
}

bool char_joins(uint32_t before, uint32_t behind)
{
    return joins(before) && joins(behind);
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
    return char_joins(before, behind);
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
