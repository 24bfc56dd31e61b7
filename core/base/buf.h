/* buf.h - growable bytes with a cap.
 *
 * The cap is given at init. An append that would pass it writes nothing and sets `failed`, which
 * sticks until buf_clear: build the whole text, then ask buf_ok once. Owned by one thread. */
#ifndef TAVLA_BASE_BUF_H
#define TAVLA_BASE_BUF_H

#include "core/base/slice.h"

struct buf {
    char *ptr;
    size_t len;
    size_t cap;       /* allocated bytes */
    size_t bytes_max; /* never holds more than this */
    bool failed;      /* an append was refused since the last clear */
};

void buf_init(struct buf *b, size_t bytes_max); /* allocates nothing yet */
void buf_fini(struct buf *b);
void buf_clear(struct buf *b);  /* keeps the memory, forgets the failure */
void buf_shrink(struct buf *b); /* gives all memory back; content must be gone (len == 0) */

/* Room for `bytes` more at ptr + len; false (and failed) when that passes the cap. */
bool buf_reserve(struct buf *b, size_t bytes);
bool buf_add_u64(struct buf *b, uint64_t value);                /* decimal */
bool buf_add_hex(struct buf *b, const void *bytes, size_t len); /* lower case */
bool buf_add_format(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_drop_front(struct buf *b, size_t bytes); /* memmove; CHECKs bytes <= len */

static inline struct slice buf_slice(const struct buf *b)
{
    return slice_of(b->ptr, b->len);
}

static inline bool buf_ok(const struct buf *b)
{
    return !b->failed;
}

/* Those that make up most of every JSON text: inline while there is room. */
static inline bool buf_add(struct buf *b, struct slice s)
{
    if (__builtin_expect(b->failed || s.len > b->cap - b->len, 0) && !buf_reserve(b, s.len))
        return false;
    if (s.len > 0) memcpy(b->ptr + b->len, s.ptr, s.len);
    b->len += s.len;
    return true;
}

/* The next `bytes`, for the caller to fill; NULL: refused. */
static inline char *buf_more(struct buf *b, size_t bytes)
{
    if (__builtin_expect(b->failed || bytes > b->cap - b->len, 0) && !buf_reserve(b, bytes))
        return NULL;
    char *to = b->ptr + b->len;
    b->len += bytes;
    return to;
}

static inline bool buf_add_char(struct buf *b, char c)
{
    if (__builtin_expect(b->failed || b->len == b->cap, 0) && !buf_reserve(b, 1)) return false;
    b->ptr[b->len++] = c;
    return true;
}

#define BUF_ADD(b, literal) buf_add((b), SLICE(literal))

#endif
