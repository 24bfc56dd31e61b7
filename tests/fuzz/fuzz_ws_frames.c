/* WebSocket frames, compressed or not, whole and in steps: the same events, never a message
 * beyond the limit. The first byte chooses limit and compression, the second the step; the rest
 * is the wire. */
#include "tests/fuzz/fuzz.h"

#include "core/base/check.h"
#include "net/ws.h"

#define EVENTS_BYTES_MAX MIB(16)

static void note(struct buf *story, enum ws_event event, const struct ws_message *m)
{
    buf_add_format(story, "<%d %d %d %zu>", (int)event, m->text, m->close_code, m->payload.len);
    buf_add(story, m->payload);
    CHECK(!(event == WS_MESSAGE && m->text) || utf_valid(m->payload));
    CHECK(event != WS_CLOSE || m->close_code == WS_CLOSE_NO_STATUS ||
            ws_close_code_is_valid(m->close_code));
}

static void feed(struct slice bytes, size_t step, size_t limit, bool deflate, struct buf *story)
{
    struct ws_reader r;
    enum ws_event event = WS_MORE;
    ws_reader_init(&r, limit, deflate);
    for (size_t at = 0; at < bytes.len && event != WS_BAD;) {
        struct slice part = slice_head(slice_from(bytes, at), step);
        struct ws_message m = {0};
        size_t used = 0;
        event = ws_read(&r, part, &used, &m);
        CHECK(used > 0 && used <= part.len);
        CHECK(event != WS_MORE || used == part.len);
        CHECK(r.message.len <= limit);
        at += used;
        if (event == WS_BAD) {
            CHECK(ws_close_code_is_valid(m.close_code));
            buf_add_format(story, "bad %d %s", m.close_code, m.why);
        } else if (event != WS_MORE) {
            note(story, event, &m);
        }
    }
    ws_reader_fini(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const size_t limits[] = {16, 256, 4096, 65536};
    if (size < 2) return 0;
    struct slice bytes = slice_of(data + 2, size - 2);
    size_t limit = limits[data[0] >> 1 & 3];
    bool deflate = (data[0] & 1) != 0;
    struct buf a;
    struct buf b;
    buf_init(&a, EVENTS_BYTES_MAX);
    buf_init(&b, EVENTS_BYTES_MAX);
    feed(bytes, SIZE_MAX, limit, deflate, &a);
    feed(bytes, 1 + (size_t)data[1] % 16, limit, deflate, &b);
    CHECK(slice_eq(buf_slice(&a), buf_slice(&b)));
    buf_fini(&a);
    buf_fini(&b);
    return 0;
}
