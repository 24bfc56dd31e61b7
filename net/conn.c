/* conn.c - life of a connection: accept, states, clocks, close. */
#include "net/conn.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/metric.h"
#include "net/conn_impl.h"

/* more than can be under way when a receive is cancelled */
#define HELD_BYTES_MAX (RECV_BUFFER_BYTES * RECV_BUFFERS * 2)

#define B(state) (1u << CONN_##state)
static const uint8_t conn_next[CONN_STATE_COUNT] = {
        [CONN_FREE] = B(HTTP),
        [CONN_HTTP] = B(LIVE) | B(DRAIN) | B(CLOSING),
        [CONN_LIVE] = B(DRAIN) | B(CLOSING),
        [CONN_DRAIN] = B(CLOSING),
        [CONN_CLOSING] = B(FREE),
};
#undef B

void conn_move(struct conn *c, enum conn_state to)
{
    CHECK(conn_next[c->state] & (1u << to));
    CHECK(IMPLIES(to == CONN_FREE, c->in_flight == 0)); /* the kernel may still use our memory */
    c->state = (uint8_t)to;
}

struct ring_id conn_ring_id(const struct conn *c)
{
    return (struct ring_id){.slot = c->slot, .generation = c->generation};
}

/* -- clocks */

/* Most changes move the deadline further away; the timer is then left, fires early and sets itself
 * again. */
void conn_deadline(struct conn *c, int64_t due_ms)
{
    c->deadline_ms = due_ms;
    if (due_ms == 0) return;
    if (chain_linked(&c->timer.link) && c->timer.due_ms <= due_ms) return;
    timer_set(&c->loop->timers, &c->timer, due_ms);
}

static void conn_deadline_passed(struct conn *c)
{
    switch ((enum conn_state)c->state) {
    case CONN_HTTP: conn_http_deadline_passed(c); return;
    case CONN_LIVE: conn_ws_deadline_passed(c); return;
    case CONN_DRAIN: conn_abort(c); return;
    case CONN_FREE:
    case CONN_CLOSING:
    case CONN_STATE_COUNT: return;
    }
}

static void conn_timer_fired(struct timer *t)
{
    struct conn *c = CONTAINER_OF(t, struct conn, timer);
    if (c->deadline_ms == 0) return;
    if (c->loop->now_ms < c->deadline_ms)
        timer_set(&c->loop->timers, t, c->deadline_ms);
    else
        conn_deadline_passed(c);
}

static void conn_user_timer_fired(struct timer *t)
{
    struct conn *c = CONTAINER_OF(t, struct conn, user_timer);
    if (c->state != CONN_CLOSING) c->user_timer_fn(c);
}

void conn_timer(struct conn *c, int64_t delay_ms, void (*fn)(struct conn *conn))
{
    timer_clear(&c->user_timer);
    if (delay_ms == 0 || c->state == CONN_CLOSING) return;
    CHECK(fn && delay_ms > 0);
    c->user_timer_fn = fn;
    timer_set(&c->loop->timers, &c->user_timer, c->loop->now_ms + delay_ms);
}

static void conn_slow_close(struct conn *c)
{
    metric_add(METRIC_closed_slow_total, 1);
    if (c->state != CONN_LIVE) {
        conn_abort(c);
        return;
    }
    /* The frame being sent cannot be left; behind it only the reason, for a peer that reads on
     * after all. */
    conn_private_drop(c);
    conn_ws_close(c, 4202, SLICE("no byte taken for too long"));
    conn_deadline(c, c->loop->now_ms + CONN_LINGER_MS);
}

void conn_slow_check(struct conn *c)
{
    bool ending = c->state == CONN_CLOSING || (c->state == CONN_DRAIN && c->deadline_ms != 0);
    if (!c->sending || ending) {
        c->slow_ms = 0;
        return;
    }
    uint64_t acked = conn_acked(c);
    if (c->slow_ms == 0 || acked != c->slow_acked) {
        c->slow_ms = c->loop->now_ms;
        c->slow_acked = acked;
    } else if (c->loop->now_ms - c->slow_ms >= SLOW_CLOSE_MS) {
        conn_slow_close(c);
    }
}

/* -- opening */

void conn_init(struct conn *c, struct loop *loop, uint32_t slot)
{
    c->loop = loop;
    c->slot = slot;
    c->fd = -1;
    chain_push(&loop->free, &c->arm);
}

static void conn_name_peer(struct conn *c, const struct sockaddr_storage *a)
{
    char host[INET6_ADDRSTRLEN] = "";
    if (a->ss_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)a;
        inet_ntop(AF_INET, &v4->sin_addr, host, sizeof(host));
        snprintf(c->peer, sizeof(c->peer), "%s:%u", host, ntohs(v4->sin_port));
    } else if (a->ss_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)a;
        bool mapped = IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr);
        if (mapped)
            inet_ntop(AF_INET, v6->sin6_addr.s6_addr + 12, host, sizeof(host));
        else
            inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof(host));
        snprintf(
                c->peer, sizeof(c->peer), mapped ? "%s:%u" : "[%s]:%u", host, ntohs(v6->sin6_port));
    } else {
        snprintf(c->peer, sizeof(c->peer), "unix");
    }
}

/* A slot begins as if it was never used, apart from what ties it to its place. */
static void conn_reset(struct conn *c)
{
    uint32_t generation = c->generation + 1;
    *c = (struct conn){
            .loop = c->loop, .slot = c->slot, .fd = -1, .generation = generation ? generation : 1};
    c->timer.fn = conn_timer_fired;
    c->user_timer.fn = conn_user_timer_fired;
    buf_init(&c->held, HELD_BYTES_MAX);
}

static struct conn *conn_take_slot(struct loop *loop)
{
    struct chain_link *l = chain_pop(&loop->free);
    return l ? chain_entry(l, struct conn, arm) : NULL;
}

bool conn_open(struct loop *loop, int fd, bool local)
{
    struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
    socklen_t len = sizeof(address);
    /* Fails for a peer gone already, and for descriptors that some kernels made up in multishot
     * accepts. */
    if (getpeername(fd, (struct sockaddr *)&address, &len) < 0) {
        if (errno != EBADF) close(fd);
        return false;
    }
    struct peer_key key = peer_key(&address);
    if (!peers_enter(&key)) {
        metric_add(METRIC_connections_refused_total, 1);
        close(fd);
        return false;
    }
    struct conn *c = conn_take_slot(loop);
    if (c == NULL) {
        peers_leave(&key);
        metric_add(METRIC_connections_refused_total, 1);
        close(fd);
        return false;
    }
    conn_reset(c);
    conn_move(c, CONN_HTTP);
    c->fd = fd;
    c->local = local;
    c->peer_key = key;
    c->last_in_ms = loop->now_ms;
    conn_name_peer(c, &address);
    conn_deadline(c, loop->now_ms + HTTP_HEAD_TIMEOUT_MS);
    conn_arm(c);
    loop->open_count++;
    metric_add(METRIC_connections, 1);
    metric_add(METRIC_connections_total, 1);
    return true;
}

/* -- closing */

void conn_ready(struct conn *c)
{
    if (!chain_linked(&c->ready)) chain_push(&c->loop->ready, &c->ready);
}

void conn_drain(struct conn *c)
{
    if (c->state == CONN_DRAIN || c->state == CONN_CLOSING) return;
    conn_unfollow(c);
    conn_private_forget(c);
    conn_move(c, CONN_DRAIN);
    conn_deadline(c, 0);
    buf_fini(&c->held);
    /* what still comes is read and thrown away, else the kernel answers it with a reset */
    conn_arm(c);
    conn_ready(c);
}

/* Our end goes out at once; the peer has a moment to end its side, so that our last bytes are not
 * lost to a reset. */
void conn_drained_out(struct conn *c)
{
    if (c->flushed) return;
    c->flushed = true;
    if (c->peer_ended) {
        conn_abort(c);
        return;
    }
    shutdown(c->fd, SHUT_WR);
    conn_deadline(c, c->loop->now_ms + CONN_LINGER_MS);
}

void conn_close(struct conn *c, uint16_t code, struct slice reason)
{
    if (c->state == CONN_LIVE)
        conn_ws_close(c, code, reason);
    else
        conn_drain(c);
}

void conn_abort(struct conn *c)
{
    if (c->state == CONN_CLOSING) return;
    conn_unfollow(c);
    conn_move(c, CONN_CLOSING);
    shutdown(c->fd, SHUT_RDWR);
    if (c->in_flight > 0) {
        c->in_flight++;
        ring_cancel_fd(c->loop->ring, conn_ring_id(c), c->fd);
    }
    timer_clear(&c->timer);
    timer_clear(&c->user_timer);
    chain_push(&c->loop->closing, &c->closing);
}

static void conn_unlink(struct conn *c)
{
    if (chain_linked(&c->ready)) chain_unlink(&c->ready);
    if (chain_linked(&c->resume)) chain_unlink(&c->resume);
    if (chain_linked(&c->arm)) chain_unlink(&c->arm);
}

/* The handler was told; the slot goes back when the kernel is done with it. */
bool conn_closing_step(struct conn *c)
{
    if (c->state != CONN_CLOSING || c->in_flight > 0 || chain_linked(&c->closing)) return false;
    CHECK(!c->recv_armed && !c->sending);
    conn_unlink(c);
    conn_send_fini(c);
    conn_http_free(c);
    ws_reader_fini(&c->ws);
    buf_fini(&c->held);
    ring_close_fd(c->loop->ring, c->fd);
    c->fd = -1;
    peers_leave(&c->peer_key);
    conn_move(c, CONN_FREE);
    chain_push(&c->loop->free, &c->arm);
    c->loop->open_count--;
    metric_sub(METRIC_connections, 1);
    return true;
}

/* -- what handlers ask */

struct conn_handle conn_handle(const struct conn *c)
{
    return (struct conn_handle){
            .loop = c->loop->options.index, .slot = c->slot, .generation = c->generation};
}

struct loop *conn_loop(const struct conn *c)
{
    return c->loop;
}

void *conn_user(const struct conn *c)
{
    return c->user;
}

void conn_set_user(struct conn *c, void *user)
{
    c->user = user;
}

bool conn_local(const struct conn *c)
{
    return c->local;
}

bool conn_is_live(const struct conn *c)
{
    return c->state == CONN_LIVE;
}

struct slice conn_peer(const struct conn *c)
{
    return slice_cstr(c->peer);
}
