/* Frames to messages: the groups of the public WebSocket case lists, each at every cut. */
#include "tests/unit/net/ws_frames.h"

struct frame {
    uint8_t first;
    struct slice payload;
    enum frame_flaw flaw;
};

struct frames_case {
    const char *want;       /* a '*' at the end: anything may follow */
    struct frame frames[6]; /* up to the first with a payload.ptr of NULL */
};

#define F(first, text)                                                                             \
    {                                                                                              \
        first, BYTES(text), FRAME_RIGHT                                                            \
    }
#define FLAWED(first, text, flaw)                                                                  \
    {                                                                                              \
        first, BYTES(text), flaw                                                                   \
    }
#define T50  "01234567890123456789012345678901234567890123456789"
#define T125 T50 T50 "0123456789012345678901234"

static const struct frames_case framing[] = {
        {"T()", {F(0x81, "")}},
        {"T(hello)", {F(0x81, "hello")}},
        {"B()", {F(0x82, "")}},
        {"B(\xff\xfe)", {F(0x82, "\xff\xfe")}},
        {"T(" T125 ")", {F(0x81, T125)}},
        {"T(" T125 "x)", {F(0x81, T125 "x")}},
        {"T(a)B(b)T(c)", {F(0x81, "a"), F(0x82, "b"), F(0x81, "c")}},
        {"T(\xc3\xa9)", {F(0x81, "\xc3\xa9")}},
        {"!1002 a frame is not masked*", {FLAWED(0x81, "hello", FRAME_UNMASKED)}},
        {"!1002 a frame is not masked*", {FLAWED(0x82, "", FRAME_UNMASKED)}},
        {"!1002 a frame is not masked*", {FLAWED(0x89, "", FRAME_UNMASKED)}},
        {"!1002 a frame is not masked*", {FLAWED(0x88, "", FRAME_UNMASKED)}},
        {"!1002 a frame is not masked*", {FLAWED(0x81, T125 "x", FRAME_UNMASKED)}},
        {"!1002 a length in more bytes*", {FLAWED(0x81, "", FRAME_LENGTH_16)}},
        {"!1002 a length in more bytes*", {FLAWED(0x81, T125, FRAME_LENGTH_16)}},
        {"!1002 a length in more bytes*", {FLAWED(0x82, "", FRAME_LENGTH_64)}},
        {"!1002 a length in more bytes*", {FLAWED(0x82, T125 "x", FRAME_LENGTH_64)}},
        {"!1002 a control frame is longer*", {FLAWED(0x89, "", FRAME_LENGTH_16)}},
        {"!1002 a control frame is longer*", {FLAWED(0x8a, "", FRAME_LENGTH_64)}},
        /* RSV */
        {"!1002 RSV1 is set, but*", {F(0xc1, "hello")}},
        {"!1002 RSV2 or RSV3*", {F(0xa1, "hello")}},
        {"!1002 RSV2 or RSV3*", {F(0x91, "hello")}},
        {"!1002 RSV2 or RSV3*", {F(0xf1, "hello")}},
        {"!1002 RSV2 or RSV3*", {F(0xb2, "hello")}},
        {"!1002 RSV1 is set, but*", {F(0xc2, "hello")}},
        {"!1002 RSV1 is set, but*", {F(0xc9, "hello")}},
        {"!1002 RSV2 or RSV3*", {F(0xa9, "hello")}},
        {"!1002 RSV2 or RSV3*", {F(0xf8, "")}},
        {"T(a)!1002 RSV2 or RSV3*", {F(0x81, "a"), F(0xa1, "b")}},
        {"T(a)P()!1002 RSV1 is set, but*", {F(0x81, "a"), F(0x89, ""), F(0xc1, "b")}},
        {"!1002 RSV1 is set, but*", {F(0x01, "a"), F(0xc0, "b")}},
        /* opcodes */
        {"!1002 unknown opcode*", {F(0x83, "")}},
        {"!1002 unknown opcode*", {F(0x84, "x")}},
        {"!1002 unknown opcode*", {F(0x85, "")}},
        {"!1002 unknown opcode*", {F(0x86, "x")}},
        {"!1002 unknown opcode*", {F(0x87, "")}},
        {"!1002 unknown opcode*", {F(0x8b, "")}},
        {"!1002 unknown opcode*", {F(0x8c, "x")}},
        {"!1002 unknown opcode*", {F(0x8d, "")}},
        {"!1002 unknown opcode*", {F(0x8e, "x")}},
        {"!1002 unknown opcode*", {F(0x8f, "")}},
        {"!1002 unknown opcode*", {F(0x03, "")}},
        {"T(a)!1002 unknown opcode*", {F(0x81, "a"), F(0x8b, ""), F(0x81, "b")}},
        /* control frames */
        {"P()", {F(0x89, "")}},
        {"P(hello)", {F(0x89, "hello")}},
        {"P(\x01\xff\xfe)", {F(0x89, "\x01\xff\xfe")}},
        {"P(" T125 ")", {F(0x89, T125)}},
        {"!1002 a control frame is longer*", {F(0x89, T125 "x")}},
        {"!1002 a control frame is longer*", {F(0x8a, T125 "x")}},
        {"!1002 a control frame is longer*", {F(0x88, T125 "x")}},
        {"!1002 a control frame is fragmented*", {F(0x09, "a")}},
        {"!1002 a control frame is fragmented*", {F(0x0a, "")}},
        {"!1002 a control frame is fragmented*", {F(0x08, "")}},
        {"O()", {F(0x8a, "")}},
        {"O(x)", {F(0x8a, "x")}},
        {"O(x)P(y)", {F(0x8a, "x"), F(0x89, "y")}},
        {"P(1)P(2)P(3)P(4)P(5)P(6)", {F(0x89, "1"), F(0x89, "2"), F(0x89, "3"), F(0x89, "4"),
                                             F(0x89, "5"), F(0x89, "6")}},
        {"T(a)P(p)T(b)", {F(0x81, "a"), F(0x89, "p"), F(0x81, "b")}},
        /* fragments */
        {"T(ab)", {F(0x01, "a"), F(0x80, "b")}},
        {"T(abc)", {F(0x01, "a"), F(0x00, "b"), F(0x80, "c")}},
        {"T()", {F(0x01, ""), F(0x00, ""), F(0x80, "")}},
        {"T(a)", {F(0x01, ""), F(0x00, "a"), F(0x80, "")}},
        {"B(ab)", {F(0x02, "a"), F(0x80, "b")}},
        {"P(p)T(ab)", {F(0x01, "a"), F(0x89, "p"), F(0x80, "b")}},
        {"P(p)P(q)T(abc)", {F(0x01, "a"), F(0x89, "p"), F(0x00, "b"), F(0x89, "q"), F(0x80, "c")}},
        {"O()T(ab)", {F(0x01, "a"), F(0x8a, ""), F(0x80, "b")}},
        {"C1000()", {F(0x01, "a"), F(0x88, "\x03\xe8"), F(0x80, "b")}},
        {"T(ab)T(cd)", {F(0x01, "a"), F(0x80, "b"), F(0x01, "c"), F(0x80, "d")}},
        {"!1002 a continuation without*", {F(0x80, "a")}},
        {"!1002 a continuation without*", {F(0x00, "a")}},
        {"T(a)!1002 a continuation without*", {F(0x81, "a"), F(0x80, "b")}},
        {"T(ab)!1002 a continuation without*", {F(0x01, "a"), F(0x80, "b"), F(0x80, "c")}},
        {"!1002 a new message inside*", {F(0x01, "a"), F(0x81, "b")}},
        {"!1002 a new message inside*", {F(0x01, "a"), F(0x01, "b")}},
        {"!1002 a new message inside*", {F(0x02, "a"), F(0x82, "b")}},
        {"P()!1002 a new message inside*", {F(0x01, "a"), F(0x89, ""), F(0x81, "b")}},
        /* text over fragments */
        {"T(\xe2\x82\xac)", {F(0x01, "\xe2"), F(0x00, "\x82"), F(0x80, "\xac")}},
        {"P(p)T(\xf0\x9f\x98\x80)", {F(0x01, "\xf0\x9f"), F(0x89, "p"), F(0x80, "\x98\x80")}},
        {"!1007 text that ends*", {F(0x01, "\xe2"), F(0x80, "\x82")}},
        {"!1007 text that is not*", {F(0x01, "\xe2"), F(0x80, "a")}},
        {"!1007 text that is not*", {F(0x01, "\xff"), F(0x80, "a")}},
        {"B(\xe2\x82)", {F(0x02, "\xe2"), F(0x80, "\x82")}},
        /* close */
        {"C1005()", {F(0x88, "")}},
        {"C1000()", {F(0x88, "\x03\xe8")}},
        {"C1000(bye)", {F(0x88, "\x03\xe8"
                                "bye")}},
        {"C1001(\xe2\x82\xac)", {F(0x88, "\x03\xe9\xe2\x82\xac")}},
        {"C1000(" T50 T50 "01234567890123456789012)",
                {F(0x88, "\x03\xe8" T50 T50 "01234567890123456789012")}},
        {"!1002 a close frame of one byte*", {F(0x88, "\x03")}},
        {"!1007 a close reason*", {F(0x88, "\x03\xe8\xff")}},
        {"!1007 a close reason*", {F(0x88, "\x03\xe8\xe2\x82")}},
        {"!1007 a close reason*", {F(0x88, "\x03\xe8\xed\xa0\x80")}},
        /* swallowed behind a close */
        {"T(a)C1000()", {F(0x81, "a"), F(0x88, "\x03\xe8"), F(0x81, "b"), F(0x89, "c")}},
        {"C1000()", {F(0x88, "\x03\xe8"), F(0x88, "\x03\xe8")}},
        {"C1000()", {F(0x88, "\x03\xe8"), F(0xff, "\xff")}},
};

static void test_frames__tell_the_same_story_at_every_cut(void **state)
{
    (void)state;
    struct story c = {.message_bytes_max = 4096};
    struct buf bytes;
    buf_init(&bytes, KIB(8));
    for (size_t i = 0; i < sizeof(framing) / sizeof(*framing); i++) {
        buf_clear(&bytes);
        for (size_t k = 0; k < 6 && framing[i].frames[k].payload.ptr != NULL; k++) {
            const struct frame *f = &framing[i].frames[k];
            frame_add(&bytes, f->first, f->payload, f->flaw);
        }
        assert_story(buf_slice(&bytes), &c, framing[i].want);
    }
    buf_fini(&bytes);
}

static void test_close_codes__are_judged_by_the_registry(void **state)
{
    (void)state;
    struct buf bytes;
    struct buf trace;
    struct story c = {.message_bytes_max = 64};
    buf_init(&bytes, 64);
    buf_init(&trace, CUT_TRACE_BYTES_MAX);
    for (unsigned code = 0; code <= 65535; code++) {
        uint8_t payload[2] = {(uint8_t)(code >> 8), (uint8_t)code};
        bool good =
                (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
                (code >= 3000 && code < 5000);
        buf_clear(&bytes);
        buf_clear(&trace);
        frame_add(&bytes, 0x88, slice_of(payload, 2), FRAME_RIGHT);
        struct slice whole = buf_slice(&bytes);
        run_ws(&c, &whole, 1, &trace);
        assert_true(
                slice_starts(buf_slice(&trace), good ? SLICE("C") : SLICE("!1002 a close code")));
    }
    buf_fini(&bytes);
    buf_fini(&trace);
}

struct text_case {
    bool good;
    struct slice text;
};

#define YES(text)                                                                                  \
    {                                                                                              \
        true, BYTES(text)                                                                          \
    }
#define NO(text)                                                                                   \
    {                                                                                              \
        false, BYTES(text)                                                                         \
    }

static const struct text_case texts[] = {
        YES("\0"),
        YES("\x7f"),
        YES("\xc2\x80"),
        YES("\xdf\xbf"),
        YES("\xe0\xa0\x80"),
        YES("\xef\xbf\xbf"),
        YES("\xed\x9f\xbf"),
        YES("\xee\x80\x80"),
        YES("\xef\xbf\xbd"),
        YES("\xf0\x90\x80\x80"),
        YES("\xf4\x8f\xbf\xbf"),
        YES("\xef\xbb\xbf"
            "bom"),
        YES("\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5"),
        YES("\xf0\x9f\x91\xa9\xe2\x80\x8d"),
        NO("\x80"),
        NO("\xbf"),
        NO("\x80\xbf"),
        NO("\xc0\x80"),
        NO("\xc0\xaf"),
        NO("\xc1\xbf"),
        NO("\xc2"),
        NO("\xc2 "),
        NO("\xc2\xc2"),
        NO("\xdf\xc0"),
        NO("\xe0\x80\x80"),
        NO("\xe0\x9f\xbf"),
        NO("\xe0\xa0"),
        NO("\xe0\xa0 "),
        NO("\xe1\x80"),
        NO("\xed\xa0\x80"),
        NO("\xed\xbf\xbf"),
        NO("\xed\xa0\x80\xed\xb0\x80"),
        NO("\xef\xbf"),
        NO("\xf0\x80\x80\x80"),
        NO("\xf0\x8f\xbf\xbf"),
        NO("\xf0\x90\x80"),
        NO("\xf0\x90\x80 "),
        NO("\xf4\x90\x80\x80"),
        NO("\xf5\x80\x80\x80"),
        NO("\xf7\xbf\xbf\xbf"),
        NO("\xf8\x88\x80\x80\x80"),
        NO("\xfb\xbf\xbf\xbf\xbf"),
        NO("\xfc\x84\x80\x80\x80\x80"),
        NO("\xfd\xbf\xbf\xbf\xbf\xbf"),
        NO("\xfe"),
        NO("\xff"),
        NO("\xfe\xfe\xff\xff"),
        NO("\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xf4\x90\x80\x80"
           "edited"),
};

/* Every text whole, in the middle of a long one, and in two fragments cut at each byte. */
static void test_text__must_be_utf8_over_all_fragments(void **state)
{
    (void)state;
    struct story c = {.message_bytes_max = 4096};
    struct buf bytes;
    struct buf trace;
    buf_init(&bytes, KIB(8));
    buf_init(&trace, CUT_TRACE_BYTES_MAX);
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct slice t = texts[i].text;
        for (size_t at = 0; at <= t.len; at++) {
            buf_clear(&bytes);
            frame_add(&bytes, 0x01, slice_head(t, at), FRAME_RIGHT);
            frame_add(&bytes, 0x80, slice_from(t, at), FRAME_RIGHT);
            cut_check(run_ws, &c, buf_slice(&bytes), &trace);
            if (texts[i].good != slice_starts(buf_slice(&trace), SLICE("T("))) {
                print_error("text %zu cut at %zu: %.*s\n", i, at, SLICE_ARG(trace));
                fail();
            }
            assert_true(texts[i].good || slice_starts(buf_slice(&trace), SLICE("!1007 ")));
        }
    }
    buf_fini(&bytes);
    buf_fini(&trace);
}

static void test_wrong_text__fails_before_the_frame_is_whole(void **state)
{
    (void)state;
    struct ws_reader r;
    struct ws_message m;
    size_t used;
    ws_reader_init(&r, 4096, false);
    /* A frame of 1000 bytes of which only three come: the mask is zero. */
    assert_int_equal(ws_read(&r, SLICE("\x81\xfe\x03\xe8\0\0\0\0ok"), &used, &m), WS_MORE);
    assert_true(ws_reader_is_inside(&r));
    assert_int_equal(ws_read(&r, SLICE("\xff"), &used, &m), WS_BAD);
    assert_int_equal(m.close_code, 1007);
    ws_reader_fini(&r);
}

static void test_lengths__are_refused_from_the_head_alone(void **state)
{
    (void)state;
    struct story c = {.message_bytes_max = 4096};
    assert_story(SLICE("\x81\xfe\x10\x01"), &c, "!1009 a message larger than the limit");
    assert_story(SLICE("\x82\xff\0\0\0\0\0\1\0\0"), &c, "!1009 a message larger than the limit");
    assert_story(SLICE("\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff"), &c,
            "!1009 a message larger than the limit");
    assert_story(SLICE("\x82\xff\x80\0\0\0\0\0\0\0"), &c, "!1002 a length with its top bit set");
    assert_story(SLICE("\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff"), &c,
            "!1002 a length with its top bit set");
    assert_story(SLICE("\x82\xff\0\0\0\0\0\0\xff\xff"), &c, "!1002 a length in more bytes*");
    assert_story(SLICE("\x82\xfe\x10\x00"), &c, ""); /* exactly the limit: goes on */
}

static void check_size(size_t first, size_t second, const char *want)
{
    struct story c = {.message_bytes_max = 1000};
    struct buf bytes;
    buf_init(&bytes, KIB(8));
    struct slice text = cut_repeat('x', first + second);
    frame_add(&bytes, 0x02, slice_head(text, first), FRAME_RIGHT);
    frame_add(&bytes, 0x80, slice_from(text, first), FRAME_RIGHT);
    assert_story(buf_slice(&bytes), &c, want);
    test_free((void *)(uintptr_t)text.ptr);
    buf_fini(&bytes);
}

static void test_limits__count_the_whole_message(void **state)
{
    (void)state;
    check_size(999, 0, "B(*");
    check_size(1000, 0, "B(*");
    check_size(1001, 0, "!1009*");
    check_size(500, 499, "B(*");
    check_size(500, 500, "B(*");
    check_size(500, 501, "!1009*");
    check_size(0, 1001, "!1009*");
}

static void check_fragments(size_t count, uint8_t first, const char *text, const char *want)
{
    struct story c = {.message_bytes_max = 4096, .deflate = true};
    struct buf bytes;
    buf_init(&bytes, KIB(8));
    for (size_t i = 0; i < count; i++) {
        uint8_t fin = i + 1 == count ? 0x80 : 0;
        frame_add(&bytes, (uint8_t)(fin | (i == 0 ? first : 0)), slice_cstr(text), FRAME_RIGHT);
        if (i % 8 == 0) frame_add(&bytes, 0x89, SLICE(""), FRAME_RIGHT); /* pings do not count */
    }
    assert_story(buf_slice(&bytes), &c, want);
    buf_fini(&bytes);
}

static void test_fragments__are_counted_also_when_empty(void **state)
{
    (void)state;
#define P8 "P()P()P()P()P()P()P()P()"
    check_fragments(WS_FRAGMENTS_MAX - 1, 0x01, "a", P8 "T(*");
    check_fragments(WS_FRAGMENTS_MAX, 0x01, "a", P8 "T(*");
    check_fragments(
            WS_FRAGMENTS_MAX + 1, 0x01, "a", P8 "!1002 a message in more than 64 fragments*");
    check_fragments(WS_FRAGMENTS_MAX, 0x02, "", P8 "B()*");
    check_fragments(
            WS_FRAGMENTS_MAX + 1, 0x02, "", P8 "!1002 a message in more than 64 fragments*");
}

static void test_the_limit__can_be_raised_between_messages(void **state)
{
    (void)state;
    struct ws_reader r;
    struct ws_message m;
    struct buf bytes;
    size_t used;
    struct slice text = cut_repeat('y', 70000);
    buf_init(&bytes, MIB(1));
    frame_add(&bytes, 0x81, text, FRAME_RIGHT);
    ws_reader_init(&r, WS_MESSAGE_BYTES_MAX_FIRST, false);
    assert_int_equal(ws_read(&r, SLICE("\x81\x82\0\0\0\0hi"), &used, &m), WS_MESSAGE);
    r.message_bytes_max = WS_MESSAGE_BYTES_MAX;
    assert_int_equal(ws_read(&r, buf_slice(&bytes), &used, &m), WS_MESSAGE);
    assert_true(slice_eq(m.payload, text));
    assert_int_equal(ws_read(&r, SLICE("\x89\x80"), &used, &m), WS_MORE);
    assert_int_equal(r.message.cap, 0); /* a large message's memory is given back at once */
    ws_reader_fini(&r);
    buf_fini(&bytes);
    test_free((void *)(uintptr_t)text.ptr);
}

static void test_every_first_byte__is_taken_or_refused_as_the_table_says(void **state)
{
    (void)state;
    struct story c = {.message_bytes_max = 64, .deflate = true};
    struct buf bytes;
    struct buf trace;
    buf_init(&bytes, 64);
    buf_init(&trace, CUT_TRACE_BYTES_MAX);
    for (unsigned first = 0; first < 256; first++) {
        unsigned op = first & 15;
        bool fin = (first & 0x80) != 0;
        bool data = op == 1 || op == 2;
        bool control = op >= 8 && op <= 10;
        bool good = (first & 0x30) == 0 && ((data) || (control && fin && (first & 0x40) == 0));
        buf_clear(&bytes);
        buf_clear(&trace);
        frame_add(&bytes, (uint8_t)first, SLICE(""), FRAME_RIGHT);
        struct slice whole = buf_slice(&bytes);
        run_ws(&c, &whole, 1, &trace);
        assert_int_equal(good, !slice_starts(buf_slice(&trace), SLICE("!1002 ")));
    }
    buf_fini(&bytes);
    buf_fini(&trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_frames__tell_the_same_story_at_every_cut),
            cmocka_unit_test(test_close_codes__are_judged_by_the_registry),
            cmocka_unit_test(test_text__must_be_utf8_over_all_fragments),
            cmocka_unit_test(test_wrong_text__fails_before_the_frame_is_whole),
            cmocka_unit_test(test_lengths__are_refused_from_the_head_alone),
            cmocka_unit_test(test_limits__count_the_whole_message),
            cmocka_unit_test(test_fragments__are_counted_also_when_empty),
            cmocka_unit_test(test_the_limit__can_be_raised_between_messages),
            cmocka_unit_test(test_every_first_byte__is_taken_or_refused_as_the_table_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
