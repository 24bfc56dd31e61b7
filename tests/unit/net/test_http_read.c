/* What is a request, what is not, and why; and that no cut changes the answer. */
#include "tests/unit/net/cut.h"

#include "net/http.h"

/* Feeds the pieces as a conn would, following HTTP_LINE_LONG when context asks for it, and
 * writes what was read. */
static void run_head(
        const void *context, const struct slice *pieces, size_t count, struct buf *trace)
{
    static struct http_reader r;
    const bool *raise = context;
    enum http_status s = HTTP_MORE;
    struct fault f = {0};
    size_t total = 0;
    http_reader_init(&r);
    for (size_t i = 0; i < count && (s == HTTP_MORE || s == HTTP_LINE_LONG); i++) {
        struct slice rest = pieces[i];
        do {
            size_t used = SIZE_MAX;
            s = http_read_head(&r, rest, &used, &f);
            assert_true(used <= rest.len);
            assert_true(s != HTTP_MORE || used == rest.len);
            total += used;
            rest = slice_from(rest, used);
            if (s == HTTP_LINE_LONG) BUF_ADD(trace, "LONG ");
            if (s == HTTP_LINE_LONG && *raise) r.line_bytes_max = HTTP_LINE_BYTES_MAX_SIGNED;
        } while (s == HTTP_LINE_LONG);
    }
    const struct http_request *q = &r.request;
    if (s == HTTP_MORE) BUF_ADD(trace, "MORE");
    if (s == HTTP_BAD) {
        struct fault again = {0};
        size_t used;
        assert_int_equal(
                http_read_head(&r, SLICE("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), &used, &again),
                HTTP_BAD);
        assert_int_equal(used, 0);
        assert_memory_equal(&f, &again, sizeof(f));
        buf_add_format(trace, "BAD %s ", err_name(f.err));
        fault_text(&f, trace);
    }
    if (s == HTTP_HEAD) {
        buf_add_format(trace, "[%.*s] path=[%.*s] query=%s[%.*s] 1.%d", SLICE_ARG(q->method),
                SLICE_ARG(q->path), q->query.ptr == NULL ? "none" : "", SLICE_ARG(q->query),
                q->minor_version);
        buf_add_format(trace, "%s%s%s", q->keep_alive ? " keep" : " close",
                q->chunked ? " chunked" : "", q->expect_continue ? " expect" : "");
        if (q->has_length)
            buf_add_format(trace, " length=%llu", (unsigned long long)q->content_length);
        for (size_t i = 0; i < q->field_count; i++) {
            buf_add_format(trace, " {%.*s=%.*s}", SLICE_ARG(q->fields[i].name),
                    SLICE_ARG(q->fields[i].value));
        }
    }
    buf_add_format(trace, " @%zu", total);
    http_reader_fini(&r);
}

struct bad_case {
    struct slice input;
    enum err err;
    const char *says; /* must stand in the fault's text */
};

#define BAD(text, e, part)                                                                         \
    {                                                                                              \
        BYTES(text), ERR_##e, part                                                                 \
    }
/* A wrong line among right ones, at the front, in the middle and at the end of the fields. */
#define FIRST "GET / HTTP/1.1\r\n"
#define LINE(line, e, part)                                                                        \
    BAD(FIRST line "\r\nHost: a\r\n\r\n", e, part),                                                \
            BAD(FIRST "Host: a\r\n" line "\r\nAccept: */*\r\n\r\n", e, part),                      \
            BAD(FIRST "Host: a\r\n" line "\r\n\r\n", e, part)
#define WITH(fields, e, part) BAD("POST / HTTP/1.1\r\nHost: a\r\n" fields "\r\n", e, part)

static const struct bad_case bad_cases[] = {
        /* request line */
        BAD("\r\n\r\n", INVALID, "is empty"),
        BAD("\n", INVALID, "LF stands alone"),
        BAD("GET / HTTP/1.1\nHost: a\n\n", INVALID, "LF stands alone"),
        BAD("GET / HTTP/1.1\rHost: a\r\n\r\n", INVALID, "CR stands alone"),
        BAD("GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", INVALID, "CR stands alone"),
        BAD("GET /\r\n\r\n", INVALID, "three parts"),
        BAD("GET\r\n\r\n", INVALID, "three parts"),
        BAD(" GET / HTTP/1.1\r\n", INVALID, "not a token"),
        BAD("GET  / HTTP/1.1\r\n", INVALID, "version"),
        BAD("GET /  HTTP/1.1\r\n", INVALID, "version"),
        BAD("GET / HTTP/1.1 \r\n", INVALID, "version"),
        BAD("GET / HTTP/1.1 x\r\n", INVALID, "version"),
        BAD("GET /a b HTTP/1.1\r\n", INVALID, "version"),
        BAD("GET\t/\tHTTP/1.1\r\n", INVALID, "three parts"),
        BAD("GET / \tHTTP/1.1\r\n", INVALID, "version"),
        BAD("GET / http/1.1\r\n", INVALID, "version"),
        BAD("GET / HTTP/1\r\n", INVALID, "version"),
        BAD("GET / HTTP/11\r\n", INVALID, "version"),
        BAD("GET / HTTP/1.10\r\n", INVALID, "version"),
        BAD("GET / HTTP/1,1\r\n", INVALID, "version"),
        BAD("GET / HTTP/a.b\r\n", INVALID, "version"),
        BAD("GET / HTTP/+1.1\r\n", INVALID, "version"),
        BAD("GET / XTTP/1.1\r\n", INVALID, "version"),
        BAD("GET / \r\n", INVALID, "version"),
        BAD("GET / HTTP/2.0\r\n", VERSION, "HTTP/2.0"),
        BAD("PRI * HTTP/2.0\r\n", VERSION, "HTTP/2.0"),
        BAD("GET / HTTP/1.2\r\n", VERSION, "HTTP/1.2"),
        BAD("GET / HTTP/0.9\r\n", VERSION, "HTTP/0.9"),
        BAD("GET / HTTP/3.1\r\n", VERSION, "HTTP/3.1"),
        BAD("G(T / HTTP/1.1\r\n", INVALID, "not a token"),
        BAD("G\xc3\x84T / HTTP/1.1\r\n", INVALID, "not a token"),
        BAD("GET: / HTTP/1.1\r\n", INVALID, "not a token"),
        BAD("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG / HTTP/1.1\r\n", INVALID, "32 characters"),
        BAD("CONNECT a:1 HTTP/1.1\r\n", UNIMPLEMENTED, "CONNECT"),
        BAD("GET a HTTP/1.1\r\n", INVALID, "neither a path"),
        BAD("GET * HTTP/1.1\r\n", INVALID, "without OPTIONS"),
        BAD("GET ?a HTTP/1.1\r\n", INVALID, "neither a path"),
        BAD("GET ftp://a/ HTTP/1.1\r\n", INVALID, "neither a path"),
        BAD("GET http:/a HTTP/1.1\r\n", INVALID, "neither a path"),
        BAD("GET http:/// HTTP/1.1\r\n", INVALID, "neither a path"),
        BAD("GET http://u@a/ HTTP/1.1\r\n", INVALID, "neither a path"),
        BAD("GET http://a HTTP/1.1\r\n", INVALID, "without a path"),
        BAD("GET http://a?x HTTP/1.1\r\n", INVALID, "without a path"),
        BAD("GET /a#b HTTP/1.1\r\n", INVALID, "0x23"),
        BAD("GET /\xc3\xa9 HTTP/1.1\r\n", INVALID, "0xc3"),
        BAD("GET /\x7f HTTP/1.1\r\n", INVALID, "0x7f"),
        BAD("GET /\0 HTTP/1.1\r\n", INVALID, "0x00"),
        BAD("\x16\x03\x01\x02", INVALID, "0x16"),
        BAD("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", INVALID, "is empty"),
        /* field lines */
        LINE(" X: a", INVALID, "folded"),
        LINE("\tX: a", INVALID, "folded"),
        LINE(" ", INVALID, "folded"),
        LINE("X: a\r\n b", INVALID, "folded"),
        LINE("X: a\r\n\tb", INVALID, "folded"),
        LINE("X : a", INVALID, "before a colon"),
        LINE("X\t: a", INVALID, "before a colon"),
        LINE("Content-Length : 1", INVALID, "before a colon"),
        LINE(": a", INVALID, "no name"),
        LINE(":", INVALID, "no name"),
        LINE("X", INVALID, "no colon"),
        LINE("X Y: a", INVALID, "not a token"),
        LINE("X\"Y: a", INVALID, "not a token"),
        LINE("X(Y): a", INVALID, "not a token"),
        LINE("X[0]: a", INVALID, "not a token"),
        LINE("X/Y: a", INVALID, "not a token"),
        LINE("X@Y: a", INVALID, "not a token"),
        LINE("X\xc3\xa4: a", INVALID, "not a token"),
        LINE("X: a\rb", INVALID, "CR stands alone"),
        LINE("X: a\nb", INVALID, "LF stands alone"),
        LINE("X: a\r\r", INVALID, "CR stands alone"),
        LINE("X: a\0b", INVALID, "0x00"),
        LINE("X\0: a", INVALID, "0x00"),
        LINE("X: \x01", INVALID, "0x01"),
        LINE("X: \x0b", INVALID, "0x0b"),
        LINE("X: \x1f", INVALID, "0x1f"),
        LINE("X: \x7f", INVALID, "0x7f"),
        /* Host */
        BAD("GET / HTTP/1.1\r\n\r\n", INVALID, "Host: is missing"),
        BAD("GET / HTTP/1.1\r\nX-Host: a\r\n\r\n", INVALID, "Host: is missing"),
        BAD("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", INVALID, "2 times"),
        BAD("GET / HTTP/1.1\r\nHost: a\r\nhOST: b\r\n\r\n", INVALID, "2 times"),
        BAD("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", INVALID, "2 times"),
        BAD("GET / HTTP/1.1\r\nHost:\r\n\r\n", INVALID, "not a host"),
        BAD("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", INVALID, "not a host"),
        BAD("GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", INVALID, "not a host"),
        BAD("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", INVALID, "not a host"),
        BAD("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", INVALID, "not a host"),
        BAD("GET / HTTP/1.1\r\nHost: http://a\r\n\r\n", INVALID, "not a host"),
        BAD("GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", INVALID, "not a host"),
        BAD("GET / HTTP/1.1\r\nHost: a:1:2\r\n\r\n", INVALID, "not a host"),
        BAD("GET / HTTP/1.1\r\nHost: a:123456\r\n\r\n", INVALID, "not a host"),
        BAD("GET / HTTP/1.1\r\nHost: :80\r\n\r\n", INVALID, "not a host"),
        BAD("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", INVALID, "not a host"),
        BAD("GET / HTTP/1.1\r\nHost: []\r\n\r\n", INVALID, "not a host"),
        BAD("GET / HTTP/1.1\r\nHost: [::1]x\r\n\r\n", INVALID, "not a host"),
        BAD("GET / HTTP/1.1\r\nHost: [x]\r\n\r\n", INVALID, "not a host"),
        BAD("GET / HTTP/1.1\r\nHost: a\xc3\xa9\r\n\r\n", INVALID, "not a host"),
        BAD("GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", INVALID, "differs"),
        BAD("GET http://a:80/ HTTP/1.1\r\nHost: a\r\n\r\n", INVALID, "differs"),
        /* the length of a body */
        WITH("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", INVALID,
                "comes with Content-Length"),
        WITH("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n", INVALID,
                "comes with Content-Length"),
        WITH("transfer-encoding: chunked\r\ncontent-length: 5\r\n", INVALID,
                "comes with Content-Length"),
        WITH("TRANSFER-ENCODING: identity\r\nCONTENT-LENGTH: 5\r\n", INVALID,
                "comes with Content-Length"),
        WITH("Content-Length: 1\r\nContent-Length: 2\r\n", INVALID, "2 times"),
        WITH("Content-Length: 1\r\nContent-Length: 1\r\n", INVALID, "2 times"),
        WITH("Content-Length: 1\r\nX: y\r\ncontent-length: 1\r\n", INVALID, "2 times"),
        WITH("Content-Length: 1, 1\r\n", INVALID, "not a number"),
        WITH("Content-Length: 1,2\r\n", INVALID, "not a number"),
        WITH("Content-Length: +1\r\n", INVALID, "not a number"),
        WITH("Content-Length: -1\r\n", INVALID, "not a number"),
        WITH("Content-Length: 1_0\r\n", INVALID, "not a number"),
        WITH("Content-Length: 0x10\r\n", INVALID, "not a number"),
        WITH("Content-Length: 1 0\r\n", INVALID, "not a number"),
        WITH("Content-Length: 1.0\r\n", INVALID, "not a number"),
        WITH("Content-Length: 1e3\r\n", INVALID, "not a number"),
        WITH("Content-Length: ten\r\n", INVALID, "not a number"),
        WITH("Content-Length:\r\n", INVALID, "not a number"),
        WITH("Content-Length: \"1\"\r\n", INVALID, "not a number"),
        WITH("Content-Length: 18446744073709551616\r\n", INVALID, "not a number"),
        WITH("Content-Length: 99999999999999999999\r\n", INVALID, "not a number"),
        WITH("Transfer-Encoding: gzip\r\n", INVALID, "exactly chunked"),
        WITH("Transfer-Encoding: gzip, chunked\r\n", INVALID, "exactly chunked"),
        WITH("Transfer-Encoding: chunked, gzip\r\n", INVALID, "exactly chunked"),
        WITH("Transfer-Encoding: chunked, chunked\r\n", INVALID, "exactly chunked"),
        WITH("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", INVALID,
                "exactly chunked"),
        WITH("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", INVALID,
                "exactly chunked"),
        WITH("Transfer-Encoding: identity\r\n", INVALID, "exactly chunked"),
        WITH("Transfer-Encoding:\r\n", INVALID, "exactly chunked"),
        WITH("Transfer-Encoding: xchunked\r\n", INVALID, "exactly chunked"),
        WITH("Transfer-Encoding: chunked;q=1\r\n", INVALID, "exactly chunked"),
        WITH("Transfer-Encoding: \"chunked\"\r\n", INVALID, "exactly chunked"),
        WITH("Transfer-Encoding: chunked,\r\n", INVALID, "exactly chunked"),
        WITH("Transfer-Encoding: ,chunked\r\n", INVALID, "exactly chunked"),
        BAD("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", INVALID, "HTTP/1.0"),
        WITH("Expect: 200-ok\r\n", INVALID, "100-continue"),
        WITH("Expect: 100-continue\r\nExpect: 100-continue\r\n", INVALID, "100-continue"),
};

static void test_bad_requests__are_refused_with_the_reason_at_every_cut(void **state)
{
    (void)state;
    bool raise = false;
    struct buf trace;
    buf_init(&trace, CUT_TRACE_BYTES_MAX);
    for (size_t i = 0; i < sizeof(bad_cases) / sizeof(*bad_cases); i++) {
        const struct bad_case *c = &bad_cases[i];
        cut_check(run_head, &raise, c->input, &trace);
        buf_add_char(&trace, 0);
        char want[64];
        snprintf(want, sizeof(want), "BAD %s ", err_name(c->err));
        if (strncmp(trace.ptr, want, strlen(want)) != 0 || strstr(trace.ptr, c->says) == NULL) {
            print_error("case %zu: %s\nwanted %s with \"%s\"\n", i, trace.ptr, want, c->says);
            fail();
        }
        /* every refusal says what would have been right */
        assert_non_null(strstr(trace.ptr, "expected "));
    }
    buf_fini(&trace);
}

struct good_case {
    struct slice input;
    const char *want;
};

#define GOOD(text, expect)                                                                         \
    {                                                                                              \
        BYTES(text), expect                                                                        \
    }

static const struct good_case good_cases[] = {
        GOOD("GET / HTTP/1.1\r\nHost: a\r\n\r\n",
                "[GET] path=[/] query=none[] 1.1 keep {Host=a} @27"),
        GOOD("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /next",
                "[GET] path=[/] query=none[] 1.1 keep {Host=a} @27"),
        GOOD("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
                "[GET] path=[/] query=none[] 1.1 keep {Host=a} @29"),
        GOOD("GET /a?b=c HTTP/1.1\r\nHost: a\r\n\r\n",
                "[GET] path=[/a] query=[b=c] 1.1 keep {Host=a} @32"),
        GOOD("GET /? HTTP/1.1\r\nHost: a\r\n\r\n", "[GET] path=[/] query=[] 1.1 keep {Host=a} @28"),
        GOOD("GET /a?b?c HTTP/1.1\r\nHost: a\r\n\r\n",
                "[GET] path=[/a] query=[b?c] 1.1 keep {Host=a} @32"),
        GOOD("GET //a HTTP/1.1\r\nHost: a\r\n\r\n",
                "[GET] path=[//a] query=none[] 1.1 keep {Host=a} @29"),
        GOOD("GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n",
                "[GET] path=[/%00] query=none[] 1.1 keep {Host=a} @30"),
        GOOD("GET /{|}\"<> HTTP/1.1\r\nHost: a\r\n\r\n",
                "[GET] path=[/{|}\"<>] query=none[] 1.1 keep {Host=a} @33"),
        GOOD("GET http://a/x?y HTTP/1.1\r\nHost: a\r\n\r\n",
                "[GET] path=[/x] query=[y] 1.1 keep {Host=a} @38"),
        GOOD("GET HTTPS://A:1/ HTTP/1.1\r\nHost: a:1\r\n\r\n",
                "[GET] path=[/] query=none[] 1.1 keep {Host=a:1} @40"),
        GOOD("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
                "[OPTIONS] path=[*] query=none[] 1.1 keep {Host=a} @31"),
        GOOD("M-SEARCH / HTTP/1.1\r\nHost: a\r\n\r\n",
                "[M-SEARCH] path=[/] query=none[] 1.1 keep {Host=a} @32"),
        GOOD("get / HTTP/1.1\r\nHost: a\r\n\r\n",
                "[get] path=[/] query=none[] 1.1 keep {Host=a} @27"),
        GOOD("GET / HTTP/1.0\r\n\r\n", "[GET] path=[/] query=none[] 1.0 close @18"),
        GOOD("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
                "[GET] path=[/] query=none[] 1.0 keep {Connection=keep-alive} @42"),
        GOOD("GET / HTTP/1.0\r\nConnection: keep-alive, Close\r\n\r\n",
                "[GET] path=[/] query=none[] 1.0 close {Connection=keep-alive, Close} @49"),
        GOOD("GET / HTTP/1.1\r\nHost: a\r\nConnection: x ,close\r\n\r\n",
                "[GET] path=[/] query=none[] 1.1 close {Host=a} {Connection=x ,close} @49"),
        GOOD("GET / HTTP/1.1\r\nHost: a\r\nConnection: closed\r\n\r\n",
                "[GET] path=[/] query=none[] 1.1 keep {Host=a} {Connection=closed} @47"),
        GOOD("GET / HTTP/1.1\r\nHost:a\r\n\r\n",
                "[GET] path=[/] query=none[] 1.1 keep {Host=a} @26"),
        GOOD("GET / HTTP/1.1\r\nHost: \t a \t \r\n\r\n",
                "[GET] path=[/] query=none[] 1.1 keep {Host=a} @32"),
        GOOD("GET / HTTP/1.1\r\nhOsT: [::1]:80\r\n\r\n",
                "[GET] path=[/] query=none[] 1.1 keep {hOsT=[::1]:80} @34"),
        GOOD("GET / HTTP/1.1\r\nHost: my_host-1.x:\r\n\r\n",
                "[GET] path=[/] query=none[] 1.1 keep {Host=my_host-1.x:} @38"),
        GOOD("GET / HTTP/1.1\r\nHost: a\r\nX:\r\n\r\n",
                "[GET] path=[/] query=none[] 1.1 keep {Host=a} {X=} @31"),
        GOOD("GET / HTTP/1.1\r\nHost: a\r\nX: a:b\tc \xc3\xa9\r\n\r\n",
                "[GET] path=[/] query=none[] 1.1 keep {Host=a} {X=a:b\tc \xc3\xa9} @40"),
        GOOD("GET / HTTP/1.1\r\nHost: a\r\n!#$%&'*+-.^_`|~09azAZ: 1\r\n\r\n",
                "[GET] path=[/] query=none[] 1.1 keep {Host=a} {!#$%&'*+-.^_`|~09azAZ=1} @53"),
        GOOD("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
                "[POST] path=[/] query=none[] 1.1 keep length=0 {Host=a} {Content-Length=0} @47"),
        GOOD("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551615\r\n\r\n",
                "[POST] path=[/] query=none[] 1.1 keep length=18446744073709551615 {Host=a} "
                "{Content-Length="
                "18446744073709551615} @66"),
        GOOD("POST / HTTP/1.1\r\nHost: a\r\ncontent-length: 007\r\n\r\n1234567",
                "[POST] path=[/] query=none[] 1.1 keep length=7 {Host=a} {content-length=007} @49"),
        GOOD("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\n",
                "[POST] path=[/] query=none[] 1.1 keep chunked {Host=a} "
                "{Transfer-Encoding=Chunked} @56"),
        GOOD("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n",
                "[PUT] path=[/] query=none[] 1.1 keep expect length=1 {Host=a} "
                "{Expect=100-Continue} {Content-Length=1} @68"),
        GOOD("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n",
                "[PUT] path=[/] query=none[] 1.1 keep length=0 {Host=a} {Expect=100-continue} "
                "{Content-Length=0} @68"),
        GOOD("PUT / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n",
                "[PUT] path=[/] query=none[] 1.0 close length=1 {Expect=100-continue} "
                "{Content-Length=1} @59"),
        GOOD("", "MORE @0"),
        GOOD("G", "MORE @1"),
        GOOD("\r\n", "MORE @2"),
        GOOD("GET / HTTP/1.1\r\nHost: a\r\n\r", "MORE @26"),
};

static void test_good_requests__read_the_same_at_every_cut(void **state)
{
    (void)state;
    bool raise = false;
    struct buf trace;
    buf_init(&trace, CUT_TRACE_BYTES_MAX);
    for (size_t i = 0; i < sizeof(good_cases) / sizeof(*good_cases); i++) {
        cut_check(run_head, &raise, good_cases[i].input, &trace);
        buf_add_char(&trace, 0);
        assert_string_equal(trace.ptr, good_cases[i].want);
    }
    buf_fini(&trace);
}

/* Every byte value at a place of a request, against what RFC 9110 allows there. */
static void check_bytes(
        const char *before, const char *after, const char *allowed_text, bool allow_high)
{
    bool raise = false;
    struct buf text;
    struct buf trace;
    buf_init(&text, KIB(1));
    buf_init(&trace, CUT_TRACE_BYTES_MAX);
    for (int c = 0; c < 256; c++) {
        buf_clear(&text);
        buf_add(&text, slice_cstr(before));
        buf_add_char(&text, (char)c);
        buf_add(&text, slice_cstr(after));
        struct slice whole = buf_slice(&text);
        buf_clear(&trace);
        run_head(&raise, &whole, 1, &trace);
        bool allowed =
                (c != 0 && c < 128 && strchr(allowed_text, c) != NULL) || (c >= 128 && allow_high);
        if (allowed != !slice_starts(buf_slice(&trace), SLICE("BAD"))) {
            print_error("byte 0x%02x after %s: %.*s\n", (unsigned)c, before, SLICE_ARG(trace));
            fail();
        }
    }
    buf_fini(&text);
    buf_fini(&trace);
}

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

static void test_every_byte__is_taken_only_where_the_grammar_has_it(void **state)
{
    (void)state;
    static const char tail[] = " HTTP/1.1\r\nHost: a\r\n\r\n";
    char method_tail[64];
    snprintf(method_tail, sizeof(method_tail), "T /%s", tail);
    check_bytes("G", method_tail, LETTERS "!#$%&'*+-.^_`|~", false);
    check_bytes("GET /a", tail, LETTERS "!\"$%&'()*+,-./:;<=>?@[\\]^_`{|}~", false);
    check_bytes(
            "GET / HTTP/1.1\r\nHost: a\r\nX", "y: 1\r\n\r\n", LETTERS "!#$%&'*+-.^_`|~:", false);
    check_bytes("GET / HTTP/1.1\r\nHost: a\r\nX: p", "q\r\n\r\n",
            LETTERS "\t !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", true);
    check_bytes("GET / HTTP/1.1\r\nHost: p", "q\r\n\r\n", LETTERS ".-_", false);
    check_bytes(
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1", "2\r\n\r\n", "0123456789", false);
    check_bytes(
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked", "\r\n\r\n", " \t", false);
}

static void make_request(
        struct buf *out, size_t line_bytes, size_t fields_bytes, size_t field_count)
{
    buf_clear(out);
    BUF_ADD(out, "GET /");
    while (out->len < line_bytes - 9) {
        buf_add_char(out, 'a');
    }
    BUF_ADD(out, " HTTP/1.1\r\n");
    size_t start = out->len;
    BUF_ADD(out, "Host: a\r\n");
    for (size_t i = 1; i + 1 < field_count; i++) {
        BUF_ADD(out, "X: y\r\n");
    }
    if (field_count > 1) BUF_ADD(out, "Z: ");
    while (out->len - start + 4 < fields_bytes) {
        buf_add_char(out, 'z');
    }
    BUF_ADD(out, "\r\n\r\n");
}

static void check_limit(size_t line, size_t fields, size_t count, bool raise, const char *want)
{
    struct buf text;
    struct buf trace;
    buf_init(&text, MIB(1));
    buf_init(&trace, CUT_TRACE_BYTES_MAX);
    make_request(&text, line, fields, count);
    cut_check(run_head, &raise, buf_slice(&text), &trace);
    if (!slice_starts(buf_slice(&trace), slice_cstr(want))) {
        print_error("wanted %s, got %.120s\n", want, trace.ptr);
        fail();
    }
    buf_fini(&text);
    buf_fini(&trace);
}

static void test_limits__hold_at_one_below_at_and_above(void **state)
{
    (void)state;
    check_limit(HTTP_LINE_BYTES_MAX - 1, 64, 2, false, "[GET]");
    check_limit(HTTP_LINE_BYTES_MAX, 64, 2, false, "[GET]");
    check_limit(HTTP_LINE_BYTES_MAX + 1, 64, 2, false,
            "LONG BAD head_too_large request line: is longer");
    check_limit(HTTP_LINE_BYTES_MAX + 1, 64, 2, true, "LONG [GET]");
    check_limit(HTTP_LINE_BYTES_MAX_SIGNED, 64, 2, true, "LONG [GET]");
    check_limit(HTTP_LINE_BYTES_MAX_SIGNED + 1, 64, 2, true, "LONG BAD head_too_large");
    check_limit(64, HTTP_HEAD_BYTES_MAX - 1, 2, false, "[GET]");
    check_limit(64, HTTP_HEAD_BYTES_MAX, 2, false, "[GET]");
    check_limit(64, HTTP_HEAD_BYTES_MAX + 1, 2, false, "BAD head_too_large header: is larger");
    check_limit(64, 64, HTTP_FIELDS_MAX - 1, false, "[GET]");
    check_limit(64, 64, HTTP_FIELDS_MAX, false, "[GET]");
    check_limit(64, 64, HTTP_FIELDS_MAX + 1, false,
            "BAD head_too_large header: has more than 100 fields");
    check_limit(
            HTTP_LINE_BYTES_MAX_SIGNED, HTTP_HEAD_BYTES_MAX, HTTP_FIELDS_MAX, true, "LONG [GET]");
}

static void test_a_long_line__shows_its_beginning_before_it_is_raised(void **state)
{
    (void)state;
    static struct http_reader r;
    struct buf text;
    struct fault f;
    size_t used;
    buf_init(&text, MIB(1));
    make_request(&text, HTTP_LINE_BYTES_MAX + 100, 64, 2);
    http_reader_init(&r);
    assert_int_equal(http_read_head(&r, buf_slice(&text), &used, &f), HTTP_LINE_LONG);
    assert_int_equal(used, HTTP_LINE_BYTES_MAX);
    assert_int_equal(r.head.len, HTTP_LINE_BYTES_MAX);
    assert_memory_equal(r.head.ptr, text.ptr, HTTP_LINE_BYTES_MAX);
    http_reader_fini(&r);
    buf_fini(&text);
}

static void test_next__reads_pipelined_requests_one_by_one(void **state)
{
    (void)state;
    static struct http_reader r;
    struct slice rest =
            SLICE("GET /1 HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\nGET /2?q HTTP/1.0\r\n\r\n");
    struct fault f;
    size_t used;
    http_reader_init(&r);
    assert_true(http_reader_is_idle(&r));
    assert_int_equal(http_read_head(&r, rest, &used, &f), HTTP_HEAD);
    assert_true(slice_eq(r.request.path, SLICE("/1")));
    assert_int_equal(r.request.field_count, 2);
    rest = slice_from(rest, used);
    http_reader_next(&r);
    assert_true(http_reader_is_idle(&r));
    assert_int_equal(http_read_head(&r, slice_head(rest, 3), &used, &f), HTTP_MORE);
    assert_false(http_reader_is_idle(&r));
    rest = slice_from(rest, used);
    assert_int_equal(http_read_head(&r, rest, &used, &f), HTTP_HEAD);
    assert_true(slice_eq(r.request.path, SLICE("/2")));
    assert_int_equal(r.request.field_count, 0);
    assert_int_equal(used, rest.len);
    http_reader_fini(&r);
}

static void test_fields_and_cookies__are_found_by_name(void **state)
{
    (void)state;
    static struct http_reader r;
    struct fault f;
    size_t used;
    http_reader_init(&r);
    struct slice text =
            SLICE("GET / HTTP/1.1\r\nHost: a\r\nConnection: a, B\r\nConnection: ,Upgrade\r\n"
                  "Cookie: sid=1; sid=2;t=a=b; q=\r\nCookie: u=3\r\n\r\n");
    assert_int_equal(http_read_head(&r, text, &used, &f), HTTP_HEAD);
    const struct http_request *q = &r.request;
    assert_true(slice_eq(http_field_get(q, "connection"), SLICE("a, B")));
    assert_null(http_field_get(q, "connect").ptr);
    assert_int_equal(http_field_count(q, "connection"), 2);
    assert_true(http_field_has_token(q, "connection", "b"));
    assert_true(http_field_has_token(q, "connection", "upgrade"));
    assert_false(http_field_has_token(q, "connection", "up"));
    assert_false(http_field_has_token(q, "upgrade", "a"));
    assert_true(slice_eq(http_cookie(q, "sid"), SLICE("1")));
    assert_true(slice_eq(http_cookie(q, "t"), SLICE("a=b")));
    assert_true(slice_eq(http_cookie(q, "u"), SLICE("3")));
    assert_non_null(http_cookie(q, "q").ptr);
    assert_null(http_cookie(q, "SID").ptr);
    assert_null(http_cookie(q, "si").ptr);
    http_reader_fini(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_bad_requests__are_refused_with_the_reason_at_every_cut),
            cmocka_unit_test(test_good_requests__read_the_same_at_every_cut),
            cmocka_unit_test(test_every_byte__is_taken_only_where_the_grammar_has_it),
            cmocka_unit_test(test_limits__hold_at_one_below_at_and_above),
            cmocka_unit_test(test_a_long_line__shows_its_beginning_before_it_is_raised),
            cmocka_unit_test(test_next__reads_pipelined_requests_one_by_one),
            cmocka_unit_test(test_fields_and_cookies__are_found_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
