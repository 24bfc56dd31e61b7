/* ws_frames.h - the client's side for tests: masked frames, right and wrong, and a reader's
 * story as text. */
#ifndef TAVLA_TESTS_WS_FRAMES_H
#define TAVLA_TESTS_WS_FRAMES_H

#include "tests/unit/net/cut.h"

#include "net/ws.h"

/* the last two: a longer form than needed */
enum frame_flaw { FRAME_RIGHT, FRAME_UNMASKED, FRAME_LENGTH_16, FRAME_LENGTH_64 };

/* first: the whole first byte (FIN, RSV, opcode). */
static inline void frame_add(
        struct buf *out, uint8_t first, struct slice payload, enum frame_flaw flaw)
{
    static const uint8_t mask[4] = {0x37, 0xfa, 0x21, 0x3d};
    uint8_t masked = flaw == FRAME_UNMASKED ? 0 : 0x80;
    size_t extra = payload.len > 65535 || flaw == FRAME_LENGTH_64 ? 8
                   : payload.len > 125 || flaw == FRAME_LENGTH_16 ? 2
                                                                  : 0;
    buf_add_char(out, (char)first);
    buf_add_char(out, (char)(masked | (extra == 8 ? 127 : extra == 2 ? 126 : payload.len)));
    for (size_t i = extra; i > 0; i--) {
        buf_add_char(out, (char)((uint64_t)payload.len >> (8 * (i - 1))));
    }
    if (masked != 0) buf_add(out, slice_of(mask, 4));
    for (size_t i = 0; i < payload.len; i++) {
        buf_add_char(out, (char)(payload.ptr[i] ^ (masked != 0 ? mask[i & 3] : 0)));
    }
}

struct story {
    size_t message_bytes_max;
    bool deflate;
};

/* Every event of the pieces: T(text) B(binary) P(ping) O(pong) C1000(reason) !1002 why */
static inline void run_ws(
        const void *context, const struct slice *pieces, size_t count, struct buf *trace)
{
    const struct story *c = context;
    struct ws_reader r;
    ws_reader_init(&r, c->message_bytes_max, c->deflate);
    enum ws_event event = WS_MORE;
    for (size_t i = 0; i < count && event != WS_BAD; i++) {
        struct slice rest = pieces[i];
        while (rest.len > 0 && event != WS_BAD) {
            size_t used = SIZE_MAX;
            struct ws_message m = {0};
            event = ws_read(&r, rest, &used, &m);
            assert_true(used <= rest.len);
            assert_true(event != WS_MORE || used == rest.len);
            assert_true(r.message.len <= c->message_bytes_max);
            rest = slice_from(rest, used);
            switch (event) {
            case WS_MORE: break;
            case WS_MESSAGE: buf_add(trace, m.text ? SLICE("T(") : SLICE("B(")); break;
            case WS_PING: BUF_ADD(trace, "P("); break;
            case WS_PONG: BUF_ADD(trace, "O("); break;
            case WS_CLOSE: buf_add_format(trace, "C%d(", m.close_code); break;
            case WS_BAD: buf_add_format(trace, "!%d %s", m.close_code, m.why); break;
            }
            if (event != WS_MORE && event != WS_BAD) {
                buf_add(trace, m.payload);
                BUF_ADD(trace, ")");
            }
        }
    }
    if (event == WS_BAD) {
        size_t used;
        struct ws_message m;
        assert_int_equal(ws_read(&r, SLICE("\x81\x80zzzz"), &used, &m), WS_BAD); /* final */
    }
    ws_reader_fini(&r);
}

static inline void assert_story(struct slice bytes, const struct story *context, const char *want)
{
    struct buf trace;
    buf_init(&trace, CUT_TRACE_BYTES_MAX);
    cut_check(run_ws, context, bytes, &trace);
    buf_add_char(&trace, 0);
    bool prefix = want[0] != 0 && want[strlen(want) - 1] == '*';
    if (prefix ? strncmp(trace.ptr, want, strlen(want) - 1) != 0 : strcmp(trace.ptr, want) != 0) {
        print_error("wanted %s\n   got %.200s\n", want, trace.ptr);
        fail();
    }
    buf_fini(&trace);
}

#endif
