/* The handshake: the RFC's own example, what browsers and proxies send, and what must be
 * refused. */
#include "tests/unit/net/cut.h"

#include "net/ws.h"

static struct http_reader reader;

static const struct http_request *read_request(struct slice text)
{
    struct fault f = {0};
    size_t used;
    http_reader_fini(&reader);
    http_reader_init(&reader);
    if (http_read_head(&reader, text, &used, &f) != HTTP_HEAD)
        fail_msg("not read: %s: %s", f.field, f.wrong);
    return &reader.request;
}

struct open_case {
    struct slice text;
    enum err err;
    const char *field; /* of the fault; for ERR_OK "tavla.v1" when it is chosen */
};

#define KEY            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define VERSION        "Sec-WebSocket-Version: 13\r\n"
#define UPGRADE        "Upgrade: websocket\r\nConnection: Upgrade\r\n"
#define REQUEST(lines) "GET /live HTTP/1.1\r\nHost: a\r\n" lines "\r\n"
#define OPENS(lines, protocol)                                                                     \
    {                                                                                              \
        BYTES(REQUEST(lines)), ERR_OK, protocol                                                    \
    }
#define REFUSED(lines, e, field)                                                                   \
    {                                                                                              \
        BYTES(REQUEST(lines)), ERR_##e, field                                                      \
    }

static const struct open_case cases[] = {
        OPENS(UPGRADE KEY VERSION, ""),
        OPENS("Upgrade: WebSocket\r\nConnection: keep-alive, upgrade\r\n" KEY VERSION, ""),
        OPENS("connection: UPGRADE\r\nupgrade: WEBSOCKET\r\nsec-websocket-version: 13\r\n"
              "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
                ""),
        OPENS("Connection: keep-alive\r\nConnection: Upgrade\r\nUpgrade: foo, websocket\r\n" KEY
                        VERSION,
                ""),
        OPENS(UPGRADE KEY VERSION "Content-Length: 0\r\n", ""),
        OPENS(UPGRADE KEY VERSION "Sec-WebSocket-Protocol: tavla.v1\r\n", "tavla.v1"),
        OPENS(UPGRADE KEY VERSION "Sec-WebSocket-Protocol: x, tavla.v1 ,y\r\n", "tavla.v1"),
        OPENS(UPGRADE KEY VERSION
                "Sec-WebSocket-Protocol: x\r\nSec-WebSocket-Protocol: tavla.v1\r\n",
                "tavla.v1"),
        OPENS(UPGRADE KEY VERSION "Sec-WebSocket-Protocol: Tavla.v1\r\n", ""),
        OPENS(UPGRADE KEY VERSION "Sec-WebSocket-Protocol: tavla.v11, tavla\r\n", ""),
        REFUSED("", UPGRADE, "Upgrade"),
        REFUSED(KEY VERSION, UPGRADE, "Upgrade"),
        REFUSED("Connection: Upgrade\r\n" KEY VERSION, UPGRADE, "Upgrade"),
        REFUSED("Upgrade: websocket\r\n" KEY VERSION, UPGRADE, "Upgrade"),
        REFUSED("Upgrade: websocket\r\nConnection: close\r\n" KEY VERSION, UPGRADE, "Upgrade"),
        REFUSED("Upgrade: h2c\r\nConnection: Upgrade\r\n" KEY VERSION, UPGRADE, "Upgrade"),
        REFUSED("Upgrade: websockets\r\nConnection: Upgrade\r\n" KEY VERSION, UPGRADE, "Upgrade"),
        REFUSED("Upgrade: websocket\r\nConnection: Upgraded\r\n" KEY VERSION, UPGRADE, "Upgrade"),
        REFUSED(UPGRADE KEY, INVALID, "Sec-WebSocket-Version"),
        REFUSED(UPGRADE KEY VERSION VERSION, INVALID, "Sec-WebSocket-Version"),
        REFUSED(UPGRADE KEY "Sec-WebSocket-Version: 8\r\n", UPGRADE, "Sec-WebSocket-Version"),
        REFUSED(UPGRADE KEY "Sec-WebSocket-Version: 14\r\n", UPGRADE, "Sec-WebSocket-Version"),
        REFUSED(UPGRADE KEY "Sec-WebSocket-Version: 13, 8\r\n", UPGRADE, "Sec-WebSocket-Version"),
        REFUSED(UPGRADE KEY "Sec-WebSocket-Version: 013\r\n", UPGRADE, "Sec-WebSocket-Version"),
        REFUSED(UPGRADE KEY "Sec-WebSocket-Version:\r\n", UPGRADE, "Sec-WebSocket-Version"),
        REFUSED(UPGRADE VERSION, INVALID, "Sec-WebSocket-Key"),
        REFUSED(UPGRADE VERSION KEY KEY, INVALID, "Sec-WebSocket-Key"),
        REFUSED(UPGRADE VERSION "Sec-WebSocket-Key:\r\n", INVALID, "Sec-WebSocket-Key"),
        REFUSED(UPGRADE VERSION "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ\r\n", INVALID,
                "Sec-WebSocket-Key"),
        REFUSED(UPGRADE VERSION "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j\r\n", INVALID,
                "Sec-WebSocket-Key"),
        REFUSED(UPGRADE VERSION "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZWU=\r\n", INVALID,
                "Sec-WebSocket-Key"),
        REFUSED(UPGRADE VERSION "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ= =\r\n", INVALID,
                "Sec-WebSocket-Key"),
        REFUSED(UPGRADE VERSION "Sec-WebSocket-Key: dGhl-HNhbXBsZSBub25jZQ==\r\n", INVALID,
                "Sec-WebSocket-Key"),
        REFUSED(UPGRADE VERSION "Sec-WebSocket-Key: \"dGhlIHNhbXBsZSBub25jZQ==\"\r\n", INVALID,
                "Sec-WebSocket-Key"),
        REFUSED(UPGRADE KEY VERSION "Content-Length: 1\r\n", INVALID, "body"),
        REFUSED(UPGRADE KEY VERSION "Transfer-Encoding: chunked\r\n", INVALID, "body"),
        {BYTES("POST /live HTTP/1.1\r\nHost: a\r\n" UPGRADE KEY VERSION "\r\n"), ERR_INVALID,
                "method"},
        {BYTES("get /live HTTP/1.1\r\nHost: a\r\n" UPGRADE KEY VERSION "\r\n"), ERR_INVALID,
                "method"},
        {BYTES("GET /live HTTP/1.0\r\nHost: a\r\n" UPGRADE KEY VERSION "\r\n"), ERR_INVALID,
                "version"},
        /* a proxy that drops Upgrade: told so, never left waiting */
        {BYTES("GET /live HTTP/1.0\r\n\r\n"), ERR_UPGRADE, "Upgrade"},
};

static void test_handshakes__open_or_are_refused_with_the_field_to_blame(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const struct open_case *c = &cases[i];
        struct fault f = {0};
        char accept[WS_ACCEPT_CHARS + 1] = "untouched";
        bool chosen = false;
        enum err e = ws_open_check(read_request(c->text), SLICE("tavla.v1"), accept, &chosen, &f);
        if (e != c->err) fail_msg("case %zu: %s %s %s", i, err_name(e), f.field, f.wrong);
        if (e == ERR_OK) {
            assert_string_equal(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="); /* RFC 6455 section 1.3 */
            assert_int_equal(chosen, c->field[0] != 0);
        } else {
            assert_string_equal(f.field, c->field);
            assert_string_equal(accept, "untouched");
        }
    }
}

static void test_protocols__are_known_to_be_offered_or_not(void **state)
{
    (void)state;
    assert_false(ws_open_has_protocols(read_request(SLICE(REQUEST(UPGRADE)))));
    assert_true(
            ws_open_has_protocols(read_request(SLICE(REQUEST("Sec-WebSocket-Protocol: x\r\n")))));
}

static void test_answer__names_only_what_was_agreed(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, KIB(1));
    assert_true(ws_open_answer(&out, "abc=", NULL, NULL));
    assert_true(slice_eq(
            buf_slice(&out), SLICE("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                                   "Connection: Upgrade\r\nSec-WebSocket-Accept: abc=\r\n\r\n")));
    buf_clear(&out);
    assert_true(ws_open_answer(&out, "abc=", "tavla.v1", "permessage-deflate"));
    assert_true(slice_ends(buf_slice(&out),
            SLICE("Sec-WebSocket-Accept: abc=\r\nSec-WebSocket-Protocol: tavla.v1\r\n"
                  "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n")));
    buf_fini(&out);
    assert_true(slice_ends(ws_open_refusal_fields(), SLICE("Sec-WebSocket-Version: 13\r\n")));
}

static int teardown(void **state)
{
    (void)state;
    http_reader_fini(&reader);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_handshakes__open_or_are_refused_with_the_field_to_blame),
            cmocka_unit_test(test_protocols__are_known_to_be_offered_or_not),
            cmocka_unit_test(test_answer__names_only_what_was_agreed),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
