/* Bodies by length and in chunks: content, ends and refusals, the same at every cut. */
#include "tests/unit/net/cut.h"

#include "net/http.h"

struct body_case {
    bool chunked;
    uint64_t length;
    struct slice input;
    const char *want; /* content, then END, MORE or BAD with a text that starts so; @ bytes used */
};

static void run_body(
        const void *context, const struct slice *pieces, size_t count, struct buf *trace)
{
    const struct body_case *c = context;
    static struct http_request q;
    struct http_body b;
    struct fault f = {0};
    enum http_body_status s = HTTP_BODY_MORE;
    size_t total = 0;
    q.chunked = c->chunked;
    q.has_length = !c->chunked;
    q.content_length = c->length;
    http_body_begin(&b, &q);
    for (size_t i = 0; i < count && s == HTTP_BODY_MORE; i++) {
        struct slice rest = pieces[i];
        do {
            size_t used = SIZE_MAX;
            struct slice piece;
            s = http_body_read(&b, rest, &used, &piece, &f);
            assert_true(used <= rest.len);
            if (s != HTTP_BODY_BAD) buf_add(trace, piece);
            total += used;
            rest = slice_from(rest, used);
        } while (s == HTTP_BODY_MORE && rest.len > 0);
    }
    assert_true(s == HTTP_BODY_BAD || trace->len == b.bytes);
    BUF_ADD(trace, "|");
    if (s == HTTP_BODY_MORE) BUF_ADD(trace, "MORE");
    if (s == HTTP_BODY_END) BUF_ADD(trace, "END");
    if (s == HTTP_BODY_BAD) {
        BUF_ADD(trace, "BAD ");
        fault_text(&f, trace);
        assert_int_equal(f.err, ERR_INVALID);
    } else {
        buf_add_format(trace, " @%zu", total);
    }
}

#define BY_LENGTH(length, text, want)                                                              \
    {                                                                                              \
        false, length, BYTES(text), want                                                           \
    }
#define IN_CHUNKS(text, want)                                                                      \
    {                                                                                              \
        true, 0, BYTES(text), want                                                                 \
    }

#define X60 ";xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static const struct body_case cases[] = {
        BY_LENGTH(0, "x", "|END @0"),
        BY_LENGTH(1, "x", "x|END @1"),
        BY_LENGTH(5, "hello", "hello|END @5"),
        BY_LENGTH(5, "hell", "hell|MORE @4"),
        BY_LENGTH(5, "helloGET /", "hello|END @5"),
        BY_LENGTH(3, "\0\r\n", "\0\r\n|END @3"),
        BY_LENGTH(UINT64_MAX, "hello", "hello|MORE @5"),
        IN_CHUNKS("0\r\n\r\n", "|END @5"),
        IN_CHUNKS("0\r\n\r\nGET /", "|END @5"),
        IN_CHUNKS("5\r\nhello\r\n0\r\n\r\n", "hello|END @15"),
        IN_CHUNKS("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "hello world|END @26"),
        IN_CHUNKS("a\r\n0123456789\r\n0\r\n\r\n", "0123456789|END @20"),
        IN_CHUNKS("A\r\n0123456789\r\n0\r\n\r\n", "0123456789|END @20"),
        IN_CHUNKS("0000000A\r\n0123456789\r\n00000000\r\n\r\n", "0123456789|END @34"),
        IN_CHUNKS("2\r\n\r\n\r\n0\r\n\r\n", "\r\n|END @12"),
        IN_CHUNKS("1;x=y\r\na\r\n0\r\n\r\n", "a|END @15"),
        IN_CHUNKS("1;x=\"\\\"\"\r\na\r\n0;z\r\n\r\n", "a|END @20"),
        IN_CHUNKS("1;\r\na\r\n0\r\n\r\n", "a|END @12"),
        IN_CHUNKS("1" X60 "xxx\r\na\r\n0;\r\n\r\n", "a|END @75"), /* 63 and 1 bytes of extension */
        IN_CHUNKS("1" X60 "xxxx\r\na\r\n0;\r\n\r\n", "a|BAD chunk extension: is longer than 64"),
        IN_CHUNKS("1" X60 "xxxxx\r\na", "|BAD chunk extension: is longer than 64"),
        IN_CHUNKS("ffffffff\r\nabc", "abc|MORE @13"),
        IN_CHUNKS("5\r\nhel", "hel|MORE @6"),
        IN_CHUNKS("5\r\nhello\r", "hello|MORE @9"),
        IN_CHUNKS("0\r\n\r", "|MORE @4"),
        IN_CHUNKS("", "|MORE @0"),
        IN_CHUNKS("\r\n", "|BAD chunk size: has the byte 0x0d"),
        IN_CHUNKS("\n", "|BAD chunk size: has the byte 0x0a"),
        IN_CHUNKS(" 5\r\n", "|BAD chunk size: has the byte 0x20"),
        IN_CHUNKS("5 \r\n", "|BAD chunk size: has the byte 0x20"),
        IN_CHUNKS("5\t\r\n", "|BAD chunk size: has the byte 0x09"),
        IN_CHUNKS("+5\r\n", "|BAD chunk size: has the byte 0x2b"),
        IN_CHUNKS("-5\r\n", "|BAD chunk size: has the byte 0x2d"),
        IN_CHUNKS("0x5\r\n", "|BAD chunk size: has the byte 0x78"),
        IN_CHUNKS("5h\r\n", "|BAD chunk size: has the byte 0x68"),
        IN_CHUNKS("1_0\r\n", "|BAD chunk size: has the byte 0x5f"),
        IN_CHUNKS("g\r\n", "|BAD chunk size: has the byte 0x67"),
        IN_CHUNKS("G\r\n", "|BAD chunk size: has the byte 0x47"),
        IN_CHUNKS(";x\r\n", "|BAD chunk size: has the byte 0x3b"),
        IN_CHUNKS("\0\r\n", "|BAD chunk size: has the byte 0x00"),
        IN_CHUNKS("\xff\r\n", "|BAD chunk size: has the byte 0xff"),
        IN_CHUNKS("000000001\r\n", "|BAD chunk size: has more than 8"),
        IN_CHUNKS("100000000\r\n", "|BAD chunk size: has more than 8"),
        IN_CHUNKS("5\nhello", "|BAD chunk size: has the byte 0x0a"),
        IN_CHUNKS("5\rhello", "|BAD chunk: has the byte 0x68"),
        IN_CHUNKS("5\r\rhello", "|BAD chunk: has the byte 0x0d"),
        IN_CHUNKS("5;a\nhello", "|BAD chunk extension: has the byte 0x0a"),
        IN_CHUNKS("5;a\0\r\n", "|BAD chunk extension: has the byte 0x00"),
        IN_CHUNKS("5;a\x7f\r\n", "|BAD chunk extension: has the byte 0x7f"),
        IN_CHUNKS("5;a\rb", "|BAD chunk: has the byte 0x62"),
        IN_CHUNKS("5\r\nhelloX\n0\r\n\r\n", "hello|BAD chunk: has the byte 0x58"),
        IN_CHUNKS("5\r\nhello\rX0\r\n\r\n", "hello|BAD chunk: has the byte 0x58"),
        IN_CHUNKS("5\r\nhello\n\n0\r\n\r\n", "hello|BAD chunk: has the byte 0x0a"),
        IN_CHUNKS("5\r\nhello!\r\n0\r\n\r\n", "hello|BAD chunk: has the byte 0x21"),
        IN_CHUNKS("5\r\nhell\r\n0\r\n\r\n", "hell\r|BAD chunk: has the byte 0x0a"),
        IN_CHUNKS("5\r\nhello\r\n\r\n0\r\n\r\n", "hello|BAD chunk size: has the byte 0x0d"),
        IN_CHUNKS("0\r\nX: y\r\n\r\n", "|BAD chunk: has the byte 0x58 behind the last chunk; "
                                       "expected an empty line: trailers"),
        IN_CHUNKS("0\r\n\n", "|BAD chunk: has the byte 0x0a"),
        IN_CHUNKS("0\r\n\r\r", "|BAD chunk: has the byte 0x0d"),
        IN_CHUNKS("0\n\r\n", "|BAD chunk size: has the byte 0x0a"),
        IN_CHUNKS("1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\nGET / HTTP/1.1\r\n",
                "abc|BAD chunk: has the byte 0x47"),
};

static void test_bodies__read_the_same_at_every_cut(void **state)
{
    (void)state;
    struct buf trace;
    buf_init(&trace, CUT_TRACE_BYTES_MAX);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const struct body_case *c = &cases[i];
        cut_check(run_body, c, c->input, &trace);
        /* The want may hold a NUL: it is compared up to its '|' by length, so strlen would lie
         * for that one. */
        struct slice want = c->length == 3 ? SLICE("\0\r\n|END @3") : slice_cstr(c->want);
        if (!slice_starts(buf_slice(&trace), want)) {
            print_error("case %zu: wanted %s, got %.*s\n", i, c->want, SLICE_ARG(trace));
            fail();
        }
    }
    buf_fini(&trace);
}

static void test_no_body__is_at_its_end_without_a_byte(void **state)
{
    (void)state;
    static struct http_request q;
    struct http_body b;
    struct fault f;
    struct slice piece;
    size_t used = 1;
    http_body_begin(&b, &q);
    assert_int_equal(http_body_read(&b, SLICE(""), &used, &piece, &f), HTTP_BODY_END);
    assert_int_equal(used, 0);
    assert_int_equal(piece.len, 0);
    assert_int_equal(http_body_read(&b, SLICE("GET"), &used, &piece, &f), HTTP_BODY_END);
    assert_int_equal(used, 0);
}

static void test_pieces__borrow_the_bytes_that_were_pushed(void **state)
{
    (void)state;
    static struct http_request q = {.chunked = true};
    struct http_body b;
    struct fault f;
    struct slice piece;
    struct slice bytes = SLICE("3\r\nabcdef");
    size_t used;
    http_body_begin(&b, &q);
    assert_int_equal(http_body_read(&b, bytes, &used, &piece, &f), HTTP_BODY_MORE);
    assert_ptr_equal(piece.ptr, bytes.ptr + 3);
    assert_int_equal(piece.len, 3);
    assert_int_equal(used, 6);
    assert_int_equal(b.bytes, 3);
    assert_int_equal(http_body_read(&b, slice_from(bytes, used), &used, &piece, &f), HTTP_BODY_BAD);
    assert_int_equal(http_body_read(&b, SLICE("\r\n0\r\n\r\n"), &used, &piece, &f), HTTP_BODY_BAD);
}

static void test_a_million_chunks_of_one_byte__pass_through(void **state)
{
    (void)state;
    static struct http_request q = {.chunked = true};
    struct http_body b;
    struct fault f;
    struct slice piece;
    size_t used;
    http_body_begin(&b, &q);
    for (int i = 0; i < 1000000; i++) {
        assert_int_equal(http_body_read(&b, SLICE("1\r\nx"), &used, &piece, &f), HTTP_BODY_MORE);
        assert_int_equal(http_body_read(&b, SLICE("\r\n"), &used, &piece, &f), HTTP_BODY_MORE);
    }
    assert_int_equal(b.bytes, 1000000);
    assert_int_equal(http_body_read(&b, SLICE("0\r\n\r\n"), &used, &piece, &f), HTTP_BODY_END);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_bodies__read_the_same_at_every_cut),
            cmocka_unit_test(test_no_body__is_at_its_end_without_a_byte),
            cmocka_unit_test(test_pieces__borrow_the_bytes_that_were_pushed),
            cmocka_unit_test(test_a_million_chunks_of_one_byte__pass_through),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
