/* ws_open.c - the handshake, RFC 6455 section 4.2. */
#include "net/ws.h"

#include "core/base/b64.h"
#include "core/base/check.h"
#include "net/crypto.h"

#define KEY_BYTES 16

static enum err judge_request(const struct http_request *q, struct fault *f)
{
    if (!http_field_has_token(q, "upgrade", "websocket") ||
            !http_field_has_token(q, "connection", "upgrade")) {
        return fault_set(f, ERR_UPGRADE, "Upgrade", "does not ask for a WebSocket",
                "Upgrade: websocket and Connection: Upgrade; a proxy in between must pass both on");
    }
    if (!slice_eq(q->method, SLICE("GET"))) {
        return fault_set(f, ERR_INVALID, "method", "is not GET", "GET to open a WebSocket");
    }
    if (q->minor_version < 1) {
        return fault_set(f, ERR_INVALID, "version", "is HTTP/1.0", "HTTP/1.1 to open a WebSocket");
    }
    if (q->chunked || q->content_length > 0) {
        return fault_set(f, ERR_INVALID, "body", "comes with a WebSocket handshake", "no body");
    }
    if (http_field_count(q, "sec-websocket-version") != 1) {
        return fault_set(
                f, ERR_INVALID, "Sec-WebSocket-Version", "does not come exactly once", "13");
    }
    if (!slice_eq(http_field_get(q, "sec-websocket-version"), SLICE("13"))) {
        return fault_set(
                f, ERR_UPGRADE, "Sec-WebSocket-Version", "is a version not spoken here", "13");
    }
    return ERR_OK;
}

static enum err judge_key(const struct http_request *q, struct fault *f)
{
    if (http_field_count(q, "sec-websocket-key") != 1) {
        return fault_set(f, ERR_INVALID, "Sec-WebSocket-Key", "does not come exactly once",
                "16 bytes in base64");
    }
    struct buf bytes;
    buf_init(&bytes, KEY_BYTES + 2); /* a decoder may reserve whole groups of three */
    bool good =
            b64_decode(&bytes, http_field_get(q, "sec-websocket-key")) && bytes.len == KEY_BYTES;
    buf_fini(&bytes);
    if (good) return ERR_OK;
    return fault_set(
            f, ERR_INVALID, "Sec-WebSocket-Key", "is not 16 bytes in base64", "16 bytes in base64");
}

static void make_accept(struct slice key, char ret_accept[WS_ACCEPT_CHARS + 1])
{
    uint8_t digest[CRYPTO_SHA1_BYTES];
    struct buf text;
    buf_init(&text, 128);
    buf_add(&text, key);
    BUF_ADD(&text, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    CHECK(buf_ok(&text));
    crypto_sha1(buf_slice(&text), digest);
    buf_clear(&text);
    b64_encode(&text, slice_of(digest, sizeof(digest)));
    CHECK(text.len == WS_ACCEPT_CHARS);
    memcpy(ret_accept, text.ptr, WS_ACCEPT_CHARS);
    ret_accept[WS_ACCEPT_CHARS] = 0;
    buf_fini(&text);
}

/* Subprotocols are compared with case: RFC 6455 section 4.1. */
static bool lists_protocol(const struct http_request *q, struct slice protocol)
{
    for (size_t i = 0; i < q->field_count; i++) {
        if (!slice_eq_nocase(q->fields[i].name, SLICE("sec-websocket-protocol"))) continue;
        struct slice rest = q->fields[i].value;
        for (struct slice part; slice_next(&rest, ',', &part);) {
            if (slice_eq(slice_trim(part), protocol)) return true;
        }
    }
    return false;
}

enum err ws_open_check(const struct http_request *q, struct slice protocol,
        char ret_accept[WS_ACCEPT_CHARS + 1], bool *ret_protocol_chosen, struct fault *ret_fault)
{
    enum err e = judge_request(q, ret_fault);
    if (e == ERR_OK) e = judge_key(q, ret_fault);
    if (e != ERR_OK) return e;
    make_accept(http_field_get(q, "sec-websocket-key"), ret_accept);
    *ret_protocol_chosen = lists_protocol(q, protocol);
    return ERR_OK;
}

bool ws_open_has_protocols(const struct http_request *q)
{
    return http_field_count(q, "sec-websocket-protocol") > 0;
}

struct slice ws_open_refusal_fields(void)
{
    return SLICE("Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n");
}

bool ws_open_answer(
        struct buf *out, const char *accept, const char *protocol, const char *extension)
{
    BUF_ADD(out,
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n");
    http_field_add(out, "Sec-WebSocket-Accept", slice_cstr(accept));
    if (protocol != NULL) http_field_add(out, "Sec-WebSocket-Protocol", slice_cstr(protocol));
    if (extension != NULL) http_field_add(out, "Sec-WebSocket-Extensions", slice_cstr(extension));
    return BUF_ADD(out, "\r\n") && buf_ok(out);
}
