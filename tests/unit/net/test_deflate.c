/* gzip and permessage-deflate: negotiation, round trips, bombs, broken data, each message at
 * every cut. */
#include "tests/unit/net/ws_frames.h"

#include <zlib.h>

struct offer_case {
    struct slice lines;
    const char *answer; /* NULL: declined */
};

#define BASE       "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
#define EXT(value) BYTES("Sec-WebSocket-Extensions: " value "\r\n")

static const struct offer_case offers[] = {
        {BYTES(""), NULL},
        {EXT(""), NULL},
        {EXT("x-webkit-deflate-frame"), NULL},
        {EXT("permessage-deflate"), BASE},
        {EXT("Permessage-Deflate"), BASE},
        {EXT("permessage-deflate; client_max_window_bits"), BASE "; client_max_window_bits=12"},
        {EXT("permessage-deflate ;client_max_window_bits=10"), BASE "; client_max_window_bits=10"},
        {EXT("permessage-deflate; client_max_window_bits=\"15\""),
                BASE "; client_max_window_bits=12"},
        {EXT("permessage-deflate; client_max_window_bits=8"), BASE "; client_max_window_bits=8"},
        {EXT("permessage-deflate; server_max_window_bits=15"), BASE "; server_max_window_bits=12"},
        {EXT("permessage-deflate; server_max_window_bits=9"), BASE "; server_max_window_bits=9"},
        {EXT("permessage-deflate; server_no_context_takeover; client_no_context_takeover"), BASE},
        {EXT("permessage-deflate; server_max_window_bits=10; client_max_window_bits"),
                BASE "; server_max_window_bits=10; client_max_window_bits=12"},
        {EXT("foo, permessage-deflate; x=1, permessage-deflate; server_max_window_bits=11"),
                BASE "; server_max_window_bits=11"},
        {BYTES("Sec-WebSocket-Extensions: foo\r\nSec-WebSocket-Extensions: permessage-deflate\r\n"),
                BASE},
        {EXT("permessage-deflate; server_max_window_bits=8, permessage-deflate"), BASE},
        {EXT("permessage-deflate; unknown"), NULL},
        {EXT("permessage-deflate;"), NULL},
        {EXT("permessage-deflate; server_no_context_takeover=1"), NULL},
        {EXT("permessage-deflate; server_no_context_takeover; server_no_context_takeover"), NULL},
        {EXT("permessage-deflate; client_max_window_bits; client_max_window_bits=10"), NULL},
        {EXT("permessage-deflate; server_max_window_bits"), NULL},
        {EXT("permessage-deflate; server_max_window_bits=8"), NULL},
        {EXT("permessage-deflate; server_max_window_bits=16"), NULL},
        {EXT("permessage-deflate; server_max_window_bits=7"), NULL},
        {EXT("permessage-deflate; server_max_window_bits=010"), NULL},
        {EXT("permessage-deflate; client_max_window_bits=0"), NULL},
        {EXT("permessage-deflate; client_max_window_bits=16"), NULL},
        {EXT("permessage-deflate; client_max_window_bits="), NULL},
        {EXT("permessage-deflate; client_max_window_bits=+9"), NULL},
        {EXT("permessage-deflate; client_max_window_bits=\"9"), NULL},
};

static void test_offers__are_answered_or_declined(void **state)
{
    (void)state;
    static struct http_reader r;
    for (size_t i = 0; i < sizeof(offers) / sizeof(*offers); i++) {
        struct buf text;
        struct fault f;
        struct ws_deflate d;
        size_t used;
        buf_init(&text, KIB(1));
        BUF_ADD(&text, "GET / HTTP/1.1\r\nHost: a\r\n");
        buf_add(&text, offers[i].lines);
        BUF_ADD(&text, "\r\n");
        http_reader_init(&r);
        assert_int_equal(http_read_head(&r, buf_slice(&text), &used, &f), HTTP_HEAD);
        bool on = ws_deflate_offer(&r.request, &d);
        assert_int_equal(on, d.on);
        if (on != (offers[i].answer != NULL)) fail_msg("offer %zu: %d", i, on);
        buf_clear(&text);
        if (on) {
            assert_true(ws_deflate_answer(&d, &text));
            buf_add_char(&text, 0);
            assert_string_equal(text.ptr, offers[i].answer);
        }
        http_reader_fini(&r);
        buf_fini(&text);
    }
}

static const struct ws_deflate on = {
        .on = true, .server_window_bits = 12, .client_window_bits = 15};

/* What we pack, as a client's frames in so many fragments, must be read back. */
static void check_round_trip(struct slice text, size_t fragment_bytes, uint8_t opcode)
{
    struct buf packed;
    struct buf bytes;
    struct buf want;
    struct story c = {.message_bytes_max = 100000, .deflate = true};
    buf_init(&packed, MIB(1));
    buf_init(&bytes, MIB(1));
    buf_init(&want, MIB(1));
    assert_int_equal(ws_deflate_pack(&packed, text, &on), ERR_OK);
    struct slice rest = buf_slice(&packed);
    uint8_t first = (uint8_t)(0x40 | opcode);
    do {
        struct slice part = slice_head(rest, fragment_bytes);
        rest = slice_from(rest, part.len);
        frame_add(&bytes, (uint8_t)(first | (rest.len == 0 ? 0x80 : 0)), part, FRAME_RIGHT);
        first = 0;
    } while (rest.len > 0);
    /* compression is chosen message by message */
    frame_add(&bytes, 0x81, SLICE("plain"), FRAME_RIGHT);
    buf_add(&want, opcode == 1 ? SLICE("T(") : SLICE("B("));
    buf_add(&want, text);
    BUF_ADD(&want, ")T(plain)");
    buf_add_char(&want, 0);
    assert_story(buf_slice(&bytes), &c, want.ptr);
    buf_fini(&packed);
    buf_fini(&bytes);
    buf_fini(&want);
}

static void test_messages__survive_a_round_trip(void **state)
{
    (void)state;
    struct slice zeros = cut_repeat('0', 50000);
    check_round_trip(SLICE(""), 100, 1);
    check_round_trip(SLICE("Hello"), 100, 1);
    check_round_trip(SLICE("Hello"), 1, 2);
    check_round_trip(SLICE("\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xf0\x9f\x98\x80"), 2, 1);
    check_round_trip(
            SLICE("{\"t\":\"op\",\"ops\":[{\"op\":\"card.move\"},{\"op\":\"card.move\"}]}"), 7, 1);
    check_round_trip(zeros, 10, 1);
    check_round_trip(zeros, 100000, 2);
    test_free((void *)(uintptr_t)zeros.ptr);
}

static void test_packed_messages__are_small_and_end_without_the_marker(void **state)
{
    (void)state;
    struct buf out;
    struct slice zeros = cut_repeat('0', 50000);
    buf_init(&out, KIB(4));
    assert_int_equal(ws_deflate_pack(&out, zeros, &on), ERR_OK);
    assert_true(out.len < 200);
    assert_false(slice_ends(buf_slice(&out), SLICE("\0\0\xff\xff")));
    buf_fini(&out);
    buf_init(&out, 20);
    assert_int_equal(ws_deflate_pack(&out, zeros, &on), ERR_TOO_LARGE);
    assert_int_equal(out.len, 0);
    buf_fini(&out);
    test_free((void *)(uintptr_t)zeros.ptr);
}

static void check_packed(
        struct slice payload, size_t message_bytes_max, uint8_t first, const char *want)
{
    struct buf bytes;
    struct story c = {.message_bytes_max = message_bytes_max, .deflate = true};
    buf_init(&bytes, MIB(2));
    frame_add(&bytes, first, payload, FRAME_RIGHT);
    frame_add(&bytes, 0x89, SLICE("p"), FRAME_RIGHT);
    assert_story(buf_slice(&bytes), &c, want);
    buf_fini(&bytes);
}

/* The RFC's own bytes, section 7.2.3. */
static void test_the_rfcs_examples__are_read(void **state)
{
    (void)state;
    check_packed(SLICE("\xf2\x48\xcd\xc9\xc9\x07\x00"), 100, 0xc1, "T(Hello)P(p)");
    check_packed(SLICE("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"), 100, 0xc1, "T(Hello)P(p)");
    check_packed(SLICE("\xf3\x48\xcd\xc9\xc9\x07\x00\x00"), 100, 0xc1, "T(Hello)P(p)");
    check_packed(SLICE("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"), 100, 0xc1,
            "T(Hello)P(p)");
    check_packed(SLICE("\x00"), 100, 0xc1, "T()P(p)");
    check_packed(SLICE(""), 100, 0xc1, "T()P(p)");
}

static void test_broken_data__is_refused(void **state)
{
    (void)state;
    check_packed(SLICE("\xff\xff\xff"), 100, 0xc1, "!1007 a compressed message*");
    check_packed(SLICE("\x06"), 100, 0xc1, "!1007 a compressed message*");
    check_packed(SLICE("\x00\x05\x00\xfb\xff\x48\x65\x6c\x6c\x6f\x00"), 100, 0xc1,
            "!1007 a compressed message*");
    /* cut off inside a block */
    check_packed(SLICE("\x00\x09\x00\xf6\xff\x48"), 100, 0xc2, "!1007 a compressed message*");
    check_packed(
            SLICE("\x00\x02\x00\xfd\xff\x41\xff\x00"), 100, 0xc1, "!1007 text that is not UTF-8");
    check_packed(
            SLICE("\x00\x02\x00\xfd\xff\x41\xc3\x00"), 100, 0xc1, "!1007 text that ends inside*");
    check_packed(SLICE("\x00\x02\x00\xfd\xff\x41\xff\x00"), 100, 0xc2, "B(A\xff)P(p)");
}

static void test_bombs__stop_at_the_limit(void **state)
{
    (void)state;
    struct buf packed;
    struct slice zeros = cut_repeat('0', 200000);
    buf_init(&packed, MIB(1));
    assert_int_equal(ws_deflate_pack(&packed, zeros, &on), ERR_OK);
    check_packed(buf_slice(&packed), 100000, 0xc1,
            "!1009 a message larger than the limit once inflated");
    check_packed(buf_slice(&packed), 199999, 0xc2,
            "!1009 a message larger than the limit once inflated");
    check_packed(buf_slice(&packed), 200000, 0xc2, "B(0*");
    buf_clear(&packed);
    /* Within the limit but wrong text, then beyond it: whichever comes first in the stream
     * decides. */
    assert_int_equal(ws_deflate_pack(&packed,
                             SLICE("ab\xff"
                                   "ddddddddddddddddddddd"),
                             &on),
            ERR_OK);
    check_packed(buf_slice(&packed), 20, 0xc1, "!1007 text*");
    buf_clear(&packed);
    assert_int_equal(ws_deflate_pack(&packed, SLICE("abddddddddddddddddddddd\xff"), &on), ERR_OK);
    check_packed(buf_slice(&packed), 20, 0xc1, "!1009 *");
    buf_fini(&packed);
    test_free((void *)(uintptr_t)zeros.ptr);
}

static void test_compressed_continuations_and_controls__break_the_rules(void **state)
{
    (void)state;
    struct story c = {.message_bytes_max = 100, .deflate = true};
    struct buf bytes;
    buf_init(&bytes, KIB(1));
    frame_add(&bytes, 0x41, SLICE("\xf2\x48"), FRAME_RIGHT);
    frame_add(&bytes, 0xc0, SLICE("\xcd\xc9\xc9\x07\x00"), FRAME_RIGHT);
    assert_story(buf_slice(&bytes), &c, "!1002 RSV1 on a continuation*");
    buf_clear(&bytes);
    frame_add(&bytes, 0xc9, SLICE(""), FRAME_RIGHT);
    assert_story(buf_slice(&bytes), &c, "!1002 a control frame is compressed*");
    buf_clear(&bytes);
    frame_add(&bytes, 0x41, SLICE("\xf2\x48"), FRAME_RIGHT);
    frame_add(&bytes, 0x89, SLICE("p"), FRAME_RIGHT);
    frame_add(&bytes, 0x80, SLICE("\xcd\xc9\xc9\x07\x00"), FRAME_RIGHT);
    assert_story(buf_slice(&bytes), &c, "P(p)T(Hello)");
    buf_fini(&bytes);
}

static void test_gzip__is_read_back_by_zlib(void **state)
{
    (void)state;
    struct buf out;
    struct slice text = cut_repeat('j', 300000);
    buf_init(&out, KIB(64));
    BUF_ADD(&out, "kept");
    assert_int_equal(gzip_pack(&out, text, 6), ERR_OK);
    assert_true(slice_starts(buf_slice(&out), SLICE("kept\x1f\x8b")));
    uint8_t *plain = test_malloc(400000);
    z_stream z = {.next_in = (Bytef *)out.ptr + 4,
            .avail_in = (uInt)(out.len - 4),
            .next_out = plain,
            .avail_out = 400000};
    assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    assert_int_equal(z.total_out, text.len);
    assert_memory_equal(plain, text.ptr, text.len);
    inflateEnd(&z);
    test_free(plain);
    buf_fini(&out);
    buf_init(&out, 100);
    assert_int_equal(gzip_pack(&out, text, 6), ERR_TOO_LARGE);
    assert_int_equal(out.len, 0);
    buf_clear(&out);
    assert_int_equal(gzip_pack(&out, SLICE(""), 1), ERR_OK);
    assert_int_equal(out.len, 20);
    buf_fini(&out);
    test_free((void *)(uintptr_t)text.ptr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_offers__are_answered_or_declined),
            cmocka_unit_test(test_messages__survive_a_round_trip),
            cmocka_unit_test(test_packed_messages__are_small_and_end_without_the_marker),
            cmocka_unit_test(test_the_rfcs_examples__are_read),
            cmocka_unit_test(test_broken_data__is_refused),
            cmocka_unit_test(test_bombs__stop_at_the_limit),
            cmocka_unit_test(test_compressed_continuations_and_controls__break_the_rules),
            cmocka_unit_test(test_gzip__is_read_back_by_zlib),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
