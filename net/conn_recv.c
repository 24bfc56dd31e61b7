/* conn_recv.c - what arrives: parsed at once where possible, held where it must wait, and the
 * receive armed to fit. */
#include <errno.h>

#include "core/base/metric.h"
#include "net/conn_impl.h"

static bool conn_may_parse(const struct conn *c)
{
    if (c->state == CONN_DRAIN) return true;
    if (c->paused > 0 || c->private_full) return false;
    return c->state == CONN_LIVE || (c->state == CONN_HTTP && conn_http_reading(c));
}

/* -- the receive */

void conn_arm(struct conn *c)
{
    if (!chain_linked(&c->arm)) chain_push(&c->loop->arm, &c->arm);
}

void conn_arm_now(struct conn *c)
{
    if (c->recv_armed || c->peer_ended || c->state == CONN_CLOSING) return;
    if (!conn_may_parse(c) || c->held.len > 0) return; /* armed when that has been parsed */
    c->recv_armed = true;
    c->in_flight++;
    ring_recv(c->loop->ring, conn_ring_id(c), c->fd);
}

/* The kernel then pushes back on the peer. */
static void conn_disarm(struct conn *c)
{
    if (!c->recv_armed || c->recv_cancelling) return;
    c->recv_cancelling = true;
    c->in_flight++;
    ring_cancel(c->loop->ring, conn_ring_id(c), c->fd, RING_RECV);
}

/* -- parsing */

static void conn_input(struct conn *c, struct slice bytes, size_t *ret_used)
{
    size_t used = 0;
    CHECK(!c->parsing);
    c->parsing = true;
    while (used < bytes.len && c->state != CONN_CLOSING && conn_may_parse(c)) {
        struct slice rest = slice_from(bytes, used);
        if (c->state == CONN_HTTP)
            used += conn_http_input(c, rest);
        else if (c->state == CONN_LIVE)
            used += conn_ws_input(c, rest);
        else
            used = bytes.len;
    }
    c->parsing = false;
    /* this was the request for the upgrade */
    if (c->state == CONN_LIVE && c->http) conn_http_free(c);
    *ret_used = used;
}

static void conn_received(struct conn *c, struct slice bytes)
{
    size_t used = 0;
    if (c->state == CONN_CLOSING) return;
    if (c->held.len == 0) conn_input(c, bytes, &used);
    if (used == bytes.len || c->state == CONN_DRAIN || c->state == CONN_CLOSING) return;
    if (!buf_add(&c->held, slice_from(bytes, used))) {
        conn_abort(c);
        return;
    }
    conn_disarm(c);
}

/* Nothing further will come, and all that came has been parsed. */
static void conn_ended(struct conn *c)
{
    switch ((enum conn_state)c->state) {
    case CONN_HTTP: conn_http_ended(c); return;
    case CONN_LIVE: conn_abort(c); return;
    case CONN_DRAIN:
        if (c->flushed) conn_abort(c);
        return;
    case CONN_FREE:
    case CONN_CLOSING:
    case CONN_STATE_COUNT: return;
    }
}

void conn_resume_later(struct conn *c)
{
    if (!chain_linked(&c->resume)) chain_push(&c->loop->resume, &c->resume);
}

void conn_resume_now(struct conn *c)
{
    size_t used = 0;
    if (c->state == CONN_CLOSING || !conn_may_parse(c)) return;
    if (c->held.len > 0) {
        /* Handlers may end the connection, which frees `held`; the bytes stay until here. */
        struct buf held = c->held;
        buf_init(&c->held, held.bytes_max);
        conn_input(c, buf_slice(&held), &used);
        if (c->state == CONN_HTTP || c->state == CONN_LIVE) {
            buf_drop_front(&held, used);
            CHECK(c->held.len == 0);
            c->held = held;
        } else {
            buf_fini(&held);
        }
    }
    if (c->state == CONN_CLOSING || c->held.len > 0) return;
    buf_shrink(&c->held);
    if (c->peer_ended)
        conn_ended(c);
    else
        conn_arm(c);
}

void conn_pause(struct conn *c)
{
    c->paused++;
}

void conn_resume(struct conn *c)
{
    CHECK(c->paused > 0);
    if (--c->paused == 0 && c->state != CONN_CLOSING) conn_resume_later(c);
}

/* -- completions */

/* A connection that sends without pause gets its share of the buffers, then the others are served
 * first. */
static void conn_count_buffer(struct conn *c)
{
    if (c->turn != c->loop->turn) {
        c->turn = c->loop->turn;
        c->turn_buffers = 0;
    }
    if (++c->turn_buffers > RECV_BUFFERS_PER_TURN) conn_disarm(c);
}

static void conn_recv_failed(struct conn *c, int error)
{
    if (error == ENOBUFS) {
        metric_add(METRIC_recv_starved_total, 1);
        if (!chain_linked(&c->arm)) chain_push(&c->loop->starved, &c->arm);
    } else if (error == ECANCELED || error == EAGAIN || error == EINTR) {
        conn_arm(c);
    } else {
        conn_abort(c);
    }
}

void conn_recv_done(struct conn *c, const struct ring_completion *done)
{
    CHECK(c->recv_armed && c->in_flight > 0);
    if (!done->more) {
        c->recv_armed = false;
        c->in_flight--;
    }
    if (done->buffer != RING_NO_BUFFER) {
        c->last_in_ms = c->loop->now_ms;
        c->ping_ms = 0; /* any byte is life */
        conn_count_buffer(c);
        conn_received(c, ring_buffer(c->loop->ring, done->buffer, done->result));
        ring_buffer_return(c->loop->ring, done->buffer);
        if (!done->more && c->state != CONN_CLOSING) conn_arm(c);
    } else if (c->state == CONN_CLOSING) {
        return;
    } else if (done->result == 0) {
        c->peer_ended = true;
        if (c->held.len == 0) conn_ended(c);
    } else {
        conn_recv_failed(c, -done->result);
    }
}
