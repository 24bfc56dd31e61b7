/* A form in parts, whole and byte by byte; and any content comes out of a form as it went in. */
#include "tests/fuzz/fuzz.h"

#include "core/base/check.h"
#include "net/multipart.h"

/* What happened, in a text that does not tell how the content was cut. */
static bool feed(struct slice bytes, size_t step, struct buf *trace)
{
    static struct multipart m;
    struct fault f = {0};
    enum multipart_status s = MULTIPART_MORE;
    multipart_init(&m, SLICE("b"));
    for (size_t at = 0; at < bytes.len && s != MULTIPART_BAD;) {
        struct slice part = slice_head(slice_from(bytes, at), step), piece;
        size_t used;
        s = multipart_read(&m, part, &used, &piece, &f);
        CHECK(used <= part.len);
        CHECK(s != MULTIPART_MORE || used == part.len);
        at += used;
        if (s == MULTIPART_PART) {
            CHECK(m.name.len > 0);
            buf_add_format(trace, "[%zu %zu %d|", m.name.len, m.file_name.len, m.has_file_name);
        }
        if (s == MULTIPART_DATA) {
            CHECK(piece.len > 0);
            buf_add(trace, piece);
        }
        if (s == MULTIPART_PART_END) BUF_ADD(trace, "]");
        if (s == MULTIPART_END) BUF_ADD(trace, "END");
    }
    if (s == MULTIPART_BAD) fault_text(&f, trace);
    return multipart_ended(&m);
}

static void check_round_trip(struct slice content)
{
    struct buf form, want, got;
    buf_init(&form, MIB(1));
    buf_init(&want, MIB(1));
    buf_init(&got, MIB(1));
    BUF_ADD(&form, "--b\r\nContent-Disposition: form-data; name=n\r\n\r\n");
    buf_add(&form, content);
    BUF_ADD(&form, "\r\n--b--");
    BUF_ADD(&want, "[1 0 0|");
    buf_add(&want, content);
    BUF_ADD(&want, "]END");
    CHECK(feed(buf_slice(&form), 7, &got));
    CHECK(slice_eq(buf_slice(&want), buf_slice(&got)));
    buf_fini(&form);
    buf_fini(&want);
    buf_fini(&got);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice bytes = slice_of((const char *)data, size);
    char boundary[MULTIPART_BOUNDARY_MAX + 1];
    struct buf a, b;
    buf_init(&a, MIB(8));
    buf_init(&b, MIB(8));
    bool whole = feed(bytes, SIZE_MAX, &a), cut = feed(bytes, 1, &b);
    CHECK(whole == cut && slice_eq(buf_slice(&a), buf_slice(&b)));
    buf_fini(&a);
    buf_fini(&b);
    multipart_boundary(bytes, boundary);
    if (size < 4096 && memmem(data, size, "\r\n--b", 5) == NULL) check_round_trip(bytes);
    return 0;
}
