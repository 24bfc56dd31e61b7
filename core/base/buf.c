#include "core/base/buf.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/base/check.h"
#include "core/base/digits.h"
#include "core/base/mem.h"

#define BUF_BYTES_FIRST 64

void buf_init(struct buf *b, size_t bytes_max)
{
    *b = (struct buf){.bytes_max = bytes_max};
}

void buf_fini(struct buf *b)
{
    mem_free(b->ptr);
    *b = (struct buf){.bytes_max = b->bytes_max};
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    b->failed = false;
}

void buf_shrink(struct buf *b)
{
    CHECK(b->len == 0);
    b->ptr = mem_free(b->ptr);
    b->cap = 0;
}

bool buf_reserve(struct buf *b, size_t bytes)
{
    CHECK(b->len <= b->bytes_max);
    /* Once something was refused, whatever follows would leave a hole in the text. */
    if (b->failed || bytes > b->bytes_max - b->len) {
        b->failed = true;
        return false;
    }
    size_t want = b->len + bytes;
    if (want <= b->cap) return true;
    size_t cap = b->cap == 0 ? BUF_BYTES_FIRST : b->cap;
    while (cap < want)
        cap = cap > b->bytes_max / 2 ? b->bytes_max : cap * 2;
    if (cap > b->bytes_max) cap = b->bytes_max; /* a cap below the first size */
    b->ptr = mem_resize(b->ptr, cap);
    b->cap = cap;
    return true;
}

bool buf_add_u64(struct buf *b, uint64_t value)
{
    char digits[DECIMAL_DIGITS_MAX];
    return buf_add(b, decimal_of(value, digits));
}

bool buf_add_hex(struct buf *b, const void *bytes, size_t len)
{
    CHECK(len <= SIZE_MAX / 2);
    char *to = buf_more(b, len * 2);
    if (to != NULL) hex_put(to, bytes, len);
    return to != NULL;
}

bool buf_add_format(struct buf *b, const char *format, ...)
{
    /* Most texts fit the first try; the others are measured by it and printed into room of their
     * length. The terminating zero needs a byte that the cap may not grant, so print beside the
     * buf, not into it. */
    char small[256];
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(small, sizeof(small), format, args);
    CHECK(len >= 0);
    bool ok;
    if ((size_t)len < sizeof(small)) {
        ok = buf_add(b, slice_of(small, (size_t)len));
    } else {
        ok = buf_reserve(b, (size_t)len);
        if (ok) {
            char *large = mem_resize(NULL, (size_t)len + 1);
            vsnprintf(large, (size_t)len + 1, format, again);
            ok = buf_add(b, slice_of(large, (size_t)len));
            mem_free(large);
        }
    }
    va_end(again);
    va_end(args);
    return ok;
}

void buf_drop_front(struct buf *b, size_t bytes)
{
    CHECK(bytes <= b->len);
    b->len -= bytes;
    if (b->len > 0 && bytes > 0) memmove(b->ptr, b->ptr + bytes, b->len);
}
