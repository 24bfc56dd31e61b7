/* A body, by length or in chunks, whole and byte by byte; and what we write in chunks is read
 * back. */
#include "tests/fuzz/fuzz.h"

#include "core/base/check.h"
#include "net/http.h"

static enum http_body_status feed(const struct http_request *q, struct slice bytes, size_t step,
        struct buf *content, size_t *ret_used)
{
    struct http_body b;
    struct fault f;
    enum http_body_status s = HTTP_BODY_MORE;
    size_t at = 0;
    http_body_begin(&b, q);
    while (at < bytes.len && s == HTTP_BODY_MORE) {
        struct slice part = slice_head(slice_from(bytes, at), step);
        struct slice piece;
        size_t used;
        s = http_body_read(&b, part, &used, &piece, &f);
        CHECK(used <= part.len);
        CHECK(used > 0 || s != HTTP_BODY_MORE);
        at += used;
        if (s == HTTP_BODY_BAD) break;
        CHECK(piece.len == 0 ||
                (piece.ptr >= part.ptr && piece.ptr + piece.len <= part.ptr + part.len));
        buf_add(content, piece);
    }
    CHECK(s == HTTP_BODY_BAD || b.bytes == content->len);
    *ret_used = at;
    return s;
}

static void check_round_trip(struct slice content, size_t step)
{
    struct http_request q = {.chunked = true};
    struct buf wire;
    struct buf back;
    size_t used;
    buf_init(&wire, MIB(1));
    buf_init(&back, MIB(1));
    for (struct slice rest = content; rest.len > 0;) {
        struct slice part = slice_head(rest, step);
        http_chunk_add(&wire, part);
        rest = slice_from(rest, part.len);
    }
    http_chunk_end(&wire);
    CHECK(buf_ok(&wire));
    CHECK(feed(&q, buf_slice(&wire), step + 3, &back, &used) == HTTP_BODY_END);
    CHECK(used == wire.len && slice_eq(buf_slice(&back), content));
    buf_fini(&wire);
    buf_fini(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1) return 0;
    struct http_request q = {.chunked = (data[0] & 1) != 0, .has_length = (data[0] & 1) == 0};
    q.content_length = q.has_length ? (uint64_t)(data[0] >> 1) * 4 : 0;
    struct slice bytes = slice_of(data + 1, size - 1);
    struct buf a;
    struct buf b;
    size_t used_a;
    size_t used_b;
    buf_init(&a, MIB(1));
    buf_init(&b, MIB(1));
    enum http_body_status whole = feed(&q, bytes, SIZE_MAX, &a, &used_a);
    enum http_body_status cut = feed(&q, bytes, 1, &b, &used_b);
    CHECK(whole == cut && used_a == used_b);
    CHECK(slice_eq(buf_slice(&a), buf_slice(&b)));
    buf_fini(&a);
    buf_fini(&b);
    check_round_trip(slice_head(bytes, 4096), 1 + (size_t)data[0]);
    return 0;
}
