/* ring_probe.c - does io_uring work here? Setup alone proves little: seccomp profiles, sysctls and
 * kernel bugs show only in use, so the whole life of a connection is played on a loopback pair
 * before a server trusts it. */
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/ring_impl.h"

#define PROBE_BUFFERS      2
#define PROBE_BUFFER_BYTES 64
#define PROBE_WAIT_MS      20
#define PROBE_TRIES        25 /* half a second for the slowest step */

static const struct ring_id listener_id = {.slot = 1, .generation = 1};
static const struct ring_id conn_id = {.slot = 2, .generation = 7};

struct probe {
    struct ring *ring;
    int listener, client, server;
    size_t received;
    bool recv_over, starved;
    int32_t kept[PROBE_BUFFERS]; /* buffers not given back, so that they run out */
    size_t kept_count;
    bool keep;
    bool seen[RING_OP_COUNT];
    int32_t result[RING_OP_COUNT]; /* of the last completion */
    bool wrong;                    /* a completion that fits no request */
};

static void probe_recv_done(struct probe *p, const struct ring_completion *c)
{
    p->recv_over = !c->more;
    if (c->result == -ENOBUFS) p->starved = true;
    if (c->buffer == RING_NO_BUFFER) return;
    struct slice bytes = ring_buffer(p->ring, c->buffer, c->result);
    for (size_t i = 0; i < bytes.len; i++)
        p->wrong |= bytes.ptr[i] != (char)('a' + (p->received + i) % 26);
    p->received += bytes.len;
    if (p->keep && p->kept_count < PROBE_BUFFERS)
        p->kept[p->kept_count++] = c->buffer;
    else
        ring_buffer_return(p->ring, c->buffer);
}

static void probe_turn(struct probe *p)
{
    struct ring_completion done[8];
    size_t count = ring_wait(p->ring, PROBE_WAIT_MS, done, ARRAY_COUNT(done));
    for (size_t i = 0; i < count; i++) {
        const struct ring_completion *c = &done[i];
        const struct ring_id *id = c->op == RING_ACCEPT ? &listener_id : &conn_id;
        p->wrong |=
                c->op >= RING_WAKE ||
                (c->op != RING_CANCEL && (c->slot != id->slot || c->generation != id->generation));
        if (p->wrong) return;
        p->seen[c->op] = true;
        p->result[c->op] = c->result;
        if (c->op == RING_RECV) probe_recv_done(p, c);
        if (c->op == RING_ACCEPT && c->result >= 0) p->server = c->result;
    }
}

/* Turns until op completed once more. */
static bool probe_await(struct probe *p, enum ring_op op)
{
    for (int i = 0; i < PROBE_TRIES && !p->seen[op] && !p->wrong; i++)
        probe_turn(p);
    bool seen = p->seen[op];
    p->seen[op] = false;
    return seen && !p->wrong;
}

static bool probe_say(struct probe *p, size_t from, size_t len)
{
    char text[PROBE_BUFFER_BYTES * 4];
    CHECK(len <= sizeof(text));
    for (size_t i = 0; i < len; i++)
        text[i] = (char)('a' + (from + i) % 26);
    return send(p->client, text, len, MSG_NOSIGNAL) == (ssize_t)len;
}

static bool probe_connect(struct probe *p)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    p->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    p->client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (p->listener < 0 || p->client < 0) return false;
    if (bind(p->listener, (struct sockaddr *)&address, len) < 0 || listen(p->listener, 4) < 0)
        return false;
    if (getsockname(p->listener, (struct sockaddr *)&address, &len) < 0) return false;
    ring_accept(p->ring, listener_id, p->listener);
    if (connect(p->client, (struct sockaddr *)&address, len) < 0) return false;
    return probe_await(p, RING_ACCEPT) && p->server >= 0;
}

/* More bytes than buffers, which must end the receive with ENOBUFS; given back, everything arrives
 * in order. */
static bool probe_starve(struct probe *p)
{
    const size_t total = 10 + PROBE_BUFFER_BYTES * 3;
    p->keep = true;
    ring_recv(p->ring, conn_id, p->server);
    if (!probe_say(p, 0, 10) || !probe_await(p, RING_RECV) || p->recv_over) return false;
    if (!probe_say(p, 10, PROBE_BUFFER_BYTES * 3)) return false;
    for (int i = 0; i < PROBE_TRIES && !p->recv_over; i++)
        probe_turn(p);
    if (!p->starved || p->wrong) return false;
    p->keep = false;
    for (int i = 0; i < PROBE_TRIES && p->received < total && !p->wrong; i++) {
        while (p->kept_count > 0)
            ring_buffer_return(p->ring, p->kept[--p->kept_count]);
        if (p->recv_over) {
            p->recv_over = false;
            ring_recv(p->ring, conn_id, p->server);
        }
        probe_turn(p);
    }
    return p->received == total && !p->wrong;
}

static bool probe_cancel(struct probe *p)
{
    if (p->recv_over) ring_recv(p->ring, conn_id, p->server);
    p->seen[RING_RECV] = p->recv_over = false;
    ring_cancel(p->ring, conn_id, p->server, RING_RECV);
    return probe_await(p, RING_CANCEL) && (p->recv_over || probe_await(p, RING_RECV)) &&
           p->recv_over;
}

static bool probe_send(struct probe *p)
{
    char back[8];
    ring_send(p->ring, conn_id, p->server, SLICE("goodbye!"));
    if (!probe_await(p, RING_SEND) || p->result[RING_SEND] != (int32_t)sizeof(back)) return false;
    return recv(p->client, back, sizeof(back), MSG_WAITALL) == (ssize_t)sizeof(back) &&
           memcmp(back, "goodbye!", sizeof(back)) == 0;
}

/* Shutdown, cancel, wait, close: after which the peer must see the end although a receive was
 * armed. */
static bool probe_finish(struct probe *p)
{
    char byte;
    p->seen[RING_RECV] = p->seen[RING_CANCEL] = p->recv_over = false;
    ring_recv(p->ring, conn_id, p->server);
    probe_turn(p);
    shutdown(p->server, SHUT_RDWR);
    ring_cancel_fd(p->ring, conn_id, p->server);
    for (int i = 0; i < PROBE_TRIES && !(p->recv_over && p->seen[RING_CANCEL]); i++)
        probe_turn(p);
    if (!p->recv_over || !p->seen[RING_CANCEL]) return false;
    ring_close_fd(p->ring, p->server);
    p->server = -1;
    if (recv(p->client, &byte, 1, 0) != 0) return false;
    p->seen[RING_CANCEL] = p->seen[RING_ACCEPT] = false;
    ring_cancel_fd(p->ring, listener_id, p->listener);
    return probe_await(p, RING_CANCEL) && probe_await(p, RING_ACCEPT) && p->result[RING_ACCEPT] < 0;
}

static const struct probe_step {
    const char *name;
    bool (*run)(struct probe *p);
} probe_steps[] = {
        {"accept", probe_connect},
        {"receive with exhausted buffers", probe_starve},
        {"cancel", probe_cancel},
        {"send", probe_send},
        {"shutdown, cancel and close", probe_finish},
};

enum ring_backend ring_probe(enum ring_backend wanted, char ret_why[RING_WHY_BYTES])
{
    if (wanted != RING_AUTO) {
        snprintf(ret_why, RING_WHY_BYTES, "as configured");
        return wanted;
    }
    const struct ring_options options = {.backend = RING_URING,
            .entries = 16,
            .buffers = PROBE_BUFFERS,
            .buffer_bytes = PROBE_BUFFER_BYTES};
    struct probe p = {.listener = -1, .client = -1, .server = -1};
    p.ring = ring_uring_open(&options, ret_why);
    if (p.ring == NULL) return RING_EPOLL;
    const char *failed = NULL;
    for (size_t i = 0; i < ARRAY_COUNT(probe_steps) && failed == NULL; i++) {
        if (!probe_steps[i].run(&p)) failed = probe_steps[i].name;
    }
    if (failed)
        snprintf(ret_why, RING_WHY_BYTES, "self-test failed at: %s", failed);
    else
        snprintf(ret_why, RING_WHY_BYTES, "self-test passed");
    ring_close(p.ring);
    if (p.listener >= 0) close(p.listener);
    if (p.client >= 0) close(p.client);
    if (p.server >= 0) close(p.server);
    return failed ? RING_EPOLL : RING_URING;
}
