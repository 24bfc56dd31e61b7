/* conn_ws.c - a connection in the state LIVE: messages in, pings, close handshake (RFC 6455
 * sections 5.5, 7). */
#include "core/base/mem.h"
#include "core/base/metric.h"
#include "net/conn_impl.h"

#define PING_FRAME_BYTES 2
#define PING_RETRY_MS    1000 /* a send was pending when a ping was due */

void conn_upgrade(
        struct conn *c, const char accept[29], const char *protocol, size_t message_bytes_max)
{
    if (c->state != CONN_HTTP) return;
    CHECK(c->http && c->http->in_request && !c->http->answer_begun);
    struct buf *out = &c->loop->scratch;
    buf_clear(out);
    CHECK(ws_open_answer(out, accept, protocol, NULL));
    conn_private(c, buf_slice(out), SLICE(""), CONN_NO_BARRIER);
    metric_add(METRIC_http_requests_total, 1);
    c->http->answered = true; /* freed when the parser is out of it */
    ws_reader_init(&c->ws, message_bytes_max, false);
    conn_move(c, CONN_LIVE);
    if (!c->parsing) {
        conn_http_free(c);
        conn_resume_later(c);
    }
    conn_ws_schedule(c);
}

void conn_message_max(struct conn *c, size_t bytes)
{
    c->ws.message_bytes_max = bytes;
}

void conn_send(struct conn *c, struct slice text, uint64_t barrier)
{
    if (c->state != CONN_LIVE) return;
    uint8_t head[WS_FRAME_HEAD_BYTES_MAX];
    size_t head_len = ws_frame_head(head, WS_OP_TEXT, text.len);
    conn_private(c, slice_of(head, head_len), text, barrier);
}

void conn_ws_close(struct conn *c, uint16_t code, struct slice reason)
{
    CHECK(c->state == CONN_LIVE);
    struct buf *out = &c->loop->scratch;
    buf_clear(out);
    CHECK(ws_close_add(out, code, reason));
    conn_unfollow(c);
    conn_private(c, buf_slice(out), SLICE(""), CONN_NO_BARRIER);
    conn_drain(c);
}

/* -- input */

static void conn_ws_bad(struct conn *c, uint16_t code, const char *why)
{
    metric_add(METRIC_closed_protocol_total, 1);
    conn_ws_close(c, code, slice_cstr(why));
}

static void conn_ws_message(struct conn *c, const struct ws_message *m)
{
    if (!m->text) {
        conn_ws_bad(c, 1003, "only text messages");
        return;
    }
    metric_add(METRIC_ws_messages_in_total, 1);
    c->loop->options.handler->message(c, m->payload);
}

static void conn_ws_event(struct conn *c, enum ws_event event, const struct ws_message *m)
{
    switch (event) {
    case WS_MESSAGE: conn_ws_message(c, m); break;
    case WS_PING: conn_private_pong(c, m->payload); break;
    case WS_CLOSE:
        /* echoed; 1005 becomes a close without a code */
        conn_ws_close(c, m->close_code, SLICE(""));
        break;
    case WS_MORE:
    case WS_PONG:
    case WS_BAD: break;
    }
}

size_t conn_ws_input(struct conn *c, struct slice bytes)
{
    struct ws_message m;
    size_t used = 0;
    enum ws_event event = ws_read(&c->ws, bytes, &used, &m);
    CHECK(used <= bytes.len && (used > 0 || event != WS_MORE));
    if (event == WS_BAD) {
        conn_ws_bad(c, m.close_code, m.why);
        return bytes.len;
    }
    conn_ws_event(c, event, &m);
    if (c->state != CONN_LIVE) return used;
    if (!ws_reader_is_inside(&c->ws)) {
        c->message_ms = 0;
    } else if (c->message_ms == 0) {
        c->message_ms = c->loop->now_ms;
        conn_ws_schedule(c);
    }
    return used;
}

/* -- liveness */

void conn_ws_schedule(struct conn *c)
{
    int64_t due =
            c->ping_ms ? c->ping_ms + LIVE_PONG_TIMEOUT_MS : c->last_in_ms + LIVE_HEARTBEAT_MS;
    if (c->message_ms && due > c->message_ms + WS_MESSAGE_TIMEOUT_MS)
        due = c->message_ms + WS_MESSAGE_TIMEOUT_MS;
    conn_deadline(c, due);
}

static void conn_ws_ping(struct conn *c)
{
    uint8_t head[WS_FRAME_HEAD_BYTES_MAX];
    size_t head_len = ws_frame_head(head, WS_OP_PING, 0);
    CHECK(head_len == PING_FRAME_BYTES);
    c->ping_ms = c->loop->now_ms;
    c->ping_acked = conn_acked(c);
    conn_private(c, slice_of(head, head_len), SLICE(""), CONN_NO_BARRIER);
}

void conn_ws_deadline_passed(struct conn *c)
{
    int64_t now = c->loop->now_ms;
    if (c->paused > 0 || c->private_full) {
        /* What the peer says is not read now, so its silence means nothing. */
        c->last_in_ms = now;
        c->ping_ms = 0;
        if (c->message_ms) c->message_ms = now;
    }
    if (c->message_ms && now - c->message_ms >= WS_MESSAGE_TIMEOUT_MS) {
        conn_ws_bad(c, 1002, "a message took too long");
        return;
    }
    /* Bytes received ended the wait already. Acknowledged ones are life too, but not the ping
     * itself: the peer's kernel takes it also when nobody is behind it any more. */
    if (c->ping_ms && conn_acked(c) > c->ping_acked + PING_FRAME_BYTES) {
        c->last_in_ms = now;
        c->ping_ms = 0;
    }
    if (c->ping_ms && now - c->ping_ms >= LIVE_PONG_TIMEOUT_MS) {
        conn_private_drop(c);
        conn_ws_close(c, 4201, SLICE("no answer to a ping"));
        conn_deadline(c, now + CONN_LINGER_MS);
        return;
    }
    if (c->ping_ms || now - c->last_in_ms < LIVE_HEARTBEAT_MS) {
        conn_ws_schedule(c);
    } else if (c->sending || conn_waits(c)) {
        /* what waits is itself a sign of life, or else slow */
        conn_deadline(c, now + PING_RETRY_MS);
    } else {
        conn_ws_ping(c);
        conn_ws_schedule(c);
    }
}
