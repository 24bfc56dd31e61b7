/* ring_epoll.c - the ring on epoll, for hosts that forbid io_uring. Same requests, same
 * completions.
 *
 * Each descriptor in use has a watch: what is armed on it and what epoll last said. Edge-triggered,
 * registered once; an armed request whose side may be ready puts the watch on the ready chain, and
 * ring_wait works through that chain. Completions go to a queue first, so that a cancel can answer
 * at once. */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/chain.h"
#include "core/base/mem.h"
#include "net/ring_impl.h"

#define EVENTS_PER_WAIT 256
/* receives or accepts of one descriptor before the others have their turn */
#define TRIES_PER_STEP 4

struct watch {
    struct chain_link ready;
    int fd;
    bool readable, writable; /* not known to block */
    bool ended;              /* the peer's side or the socket is over: read until that shows */
    bool armed[RING_OP_COUNT];
    struct ring_id id[RING_OP_COUNT];
    struct slice sending;
};

struct epoll {
    struct ring base;
    int epoll_fd;
    struct watch **watches; /* by descriptor */
    size_t watches_cap;
    struct chain ready;
    uint32_t *idle;               /* stack of free buffers */
    struct ring_completion *done; /* a queue: done[done_first .. done_count) */
    size_t done_first, done_count, done_cap;
};

static struct epoll *epoll_of(struct ring *r)
{
    CHECK(r->kind == RING_EPOLL);
    return CONTAINER_OF(r, struct epoll, base);
}

/* -- completions */

static void epoll_done(struct epoll *e, const struct ring_completion *c)
{
    if (e->done_count == e->done_cap) {
        e->done_cap = e->done_cap ? e->done_cap * 2 : EVENTS_PER_WAIT;
        e->done = mem_resize(e->done, e->done_cap * sizeof(*e->done));
    }
    e->done[e->done_count++] = *c;
}

static void epoll_complete(
        struct epoll *e, struct watch *w, enum ring_op op, int32_t result, int32_t buffer)
{
    bool more = op != RING_SEND && (op == RING_ACCEPT ? result >= 0 : result > 0);
    w->armed[op] = more;
    epoll_done(e, &(struct ring_completion){.op = op,
                          .slot = w->id[op].slot,
                          .generation = w->id[op].generation,
                          .result = result,
                          .buffer = buffer,
                          .more = more});
}

/* -- watches */

static void watch_ready(struct epoll *e, struct watch *w)
{
    if (!chain_linked(&w->ready)) chain_push(&e->ready, &w->ready);
}

static struct watch *watch_get(struct epoll *e, int fd)
{
    size_t index = (size_t)fd;
    if (index >= e->watches_cap) {
        size_t cap = e->watches_cap ? e->watches_cap : 64;
        while (cap <= index)
            cap *= 2;
        e->watches = mem_resize(e->watches, cap * sizeof(struct watch *));
        memset(e->watches + e->watches_cap, 0, (cap - e->watches_cap) * sizeof(struct watch *));
        e->watches_cap = cap;
    }
    if (e->watches[index]) return e->watches[index];
    struct watch *w = MEM_NEW(struct watch);
    w->fd = fd;
    w->readable = w->writable = true; /* a first try finds out */
    e->watches[index] = w;
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.fd = fd};
    /* A descriptor that cannot be watched fails its first request with the reason. */
    if (epoll_ctl(e->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) w->ended = true;
    return w;
}

static void watch_arm(struct epoll *e, enum ring_op op, struct ring_id id, int fd)
{
    struct watch *w = watch_get(e, fd);
    CHECK(!w->armed[op]);
    w->armed[op] = true;
    w->id[op] = id;
    watch_ready(e, w);
}

static bool blocked(int error)
{
    return error == EAGAIN; /* which is EWOULDBLOCK on Linux */
}

static void watch_send(struct epoll *e, struct watch *w)
{
    ssize_t sent = send(w->fd, w->sending.ptr, w->sending.len, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) return;
    if (sent < 0 && blocked(errno)) {
        w->writable = false;
        return;
    }
    epoll_complete(e, w, RING_SEND, sent < 0 ? -errno : (int32_t)sent, RING_NO_BUFFER);
}

static void watch_recv(struct epoll *e, struct watch *w)
{
    struct ring *r = &e->base;
    if (r->buffers_free == 0) {
        epoll_complete(e, w, RING_RECV, -ENOBUFS, RING_NO_BUFFER);
        return;
    }
    uint32_t buffer = e->idle[r->buffers_free - 1];
    ssize_t got = recv(w->fd, ring_memory(r, buffer), r->buffer_bytes, MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) return;
    if (got < 0 && blocked(errno)) {
        w->readable = false;
        return;
    }
    if (got <= 0) {
        epoll_complete(e, w, RING_RECV, got < 0 ? -errno : 0, RING_NO_BUFFER);
        return;
    }
    ring_lend(r, buffer, (int32_t)got);
    /* A short read emptied the socket, and what comes later is a new edge; an end already announced
     * is not. */
    if ((size_t)got < r->buffer_bytes && !w->ended) w->readable = false;
    epoll_complete(e, w, RING_RECV, (int32_t)got, (int32_t)buffer);
}

static void watch_accept(struct epoll *e, struct watch *w)
{
    int fd = accept4(w->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0 && errno == EINTR) return;
    if (fd < 0 && blocked(errno)) {
        w->readable = false;
        return;
    }
    epoll_complete(e, w, RING_ACCEPT, fd < 0 ? -errno : fd, RING_NO_BUFFER);
}

static bool watch_can(const struct watch *w)
{
    return (w->armed[RING_SEND] && w->writable) ||
           ((w->armed[RING_RECV] || w->armed[RING_ACCEPT]) && w->readable);
}

static void watch_step(struct epoll *e, struct watch *w)
{
    if (w->armed[RING_SEND] && w->writable) watch_send(e, w);
    for (int i = 0; i < TRIES_PER_STEP && w->readable && w->armed[RING_RECV]; i++)
        watch_recv(e, w);
    for (int i = 0; i < TRIES_PER_STEP && w->readable && w->armed[RING_ACCEPT]; i++)
        watch_accept(e, w);
    if (watch_can(w)) watch_ready(e, w);
}

/* -- the interface */

static void epoll_accept(struct ring *r, struct ring_id id, int fd)
{
    watch_arm(epoll_of(r), RING_ACCEPT, id, fd);
}

static void epoll_recv(struct ring *r, struct ring_id id, int fd)
{
    watch_arm(epoll_of(r), RING_RECV, id, fd);
}

static void epoll_send(struct ring *r, struct ring_id id, int fd, struct slice bytes)
{
    struct epoll *e = epoll_of(r);
    watch_arm(e, RING_SEND, id, fd);
    e->watches[fd]->sending = bytes;
}

static bool watch_cancel(struct epoll *e, struct watch *w, enum ring_op op)
{
    if (!w->armed[op]) return false;
    epoll_complete(e, w, op, -ECANCELED, RING_NO_BUFFER);
    return true;
}

static void epoll_cancelled(struct epoll *e, struct ring_id id, bool found)
{
    epoll_done(e, &(struct ring_completion){.op = RING_CANCEL,
                          .slot = id.slot,
                          .generation = id.generation,
                          .result = found ? 0 : -ENOENT,
                          .buffer = RING_NO_BUFFER});
}

static void epoll_cancel(struct ring *r, struct ring_id id, int fd, enum ring_op op)
{
    struct epoll *e = epoll_of(r);
    epoll_cancelled(e, id, watch_cancel(e, watch_get(e, fd), op));
}

static void epoll_cancel_fd(struct ring *r, struct ring_id id, int fd)
{
    struct epoll *e = epoll_of(r);
    struct watch *w = watch_get(e, fd);
    bool found = watch_cancel(e, w, RING_SEND);
    found = watch_cancel(e, w, RING_RECV) || found;
    found = watch_cancel(e, w, RING_ACCEPT) || found;
    epoll_cancelled(e, id, found);
}

static struct watch *watch_free(struct watch *w)
{
    if (chain_linked(&w->ready)) chain_unlink(&w->ready);
    return mem_free(w);
}

static void epoll_close_fd(struct ring *r, int fd)
{
    struct epoll *e = epoll_of(r);
    struct watch *w = (size_t)fd < e->watches_cap ? e->watches[fd] : NULL;
    if (w) {
        CHECK(!w->armed[RING_SEND] && !w->armed[RING_RECV] && !w->armed[RING_ACCEPT]);
        e->watches[fd] = watch_free(w);
    }
    close(fd); /* which also takes it out of epoll */
}

static void epoll_give(struct ring *r, uint32_t buffer)
{
    epoll_of(r)->idle[r->buffers_free - 1] = buffer;
}

/* One step for each watch that is ready now; those that stay ready come again in the next wait. */
static void epoll_work(struct epoll *e, size_t max)
{
    struct chain_link *last = e->ready.head.prev;
    bool more = !chain_empty(&e->ready);
    while (more && e->done_count - e->done_first < max) {
        struct chain_link *l = chain_pop(&e->ready);
        more = l != last;
        watch_step(e, chain_entry(l, struct watch, ready));
    }
}

static void epoll_event(struct epoll *e, const struct epoll_event *event)
{
    if (event->data.fd == e->base.wake_fd) {
        uint64_t count;
        (void)!read(e->base.wake_fd, &count, sizeof(count));
        return;
    }
    struct watch *w = e->watches[event->data.fd];
    if (w == NULL) return;
    if (event->events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) w->ended = true;
    if (event->events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) w->readable = true;
    if (event->events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) w->writable = true;
    if (watch_can(w)) watch_ready(e, w);
}

static size_t epoll_take(struct epoll *e, struct ring_completion *ret, size_t max)
{
    size_t count = e->done_count - e->done_first;
    if (count > max) count = max;
    if (count) memcpy(ret, e->done + e->done_first, count * sizeof(*ret));
    e->done_first += count;
    if (e->done_first == e->done_count) e->done_first = e->done_count = 0;
    return count;
}

static size_t epoll_ring_wait(
        struct ring *r, int timeout_ms, struct ring_completion *ret, size_t max)
{
    struct epoll *e = epoll_of(r);
    epoll_work(e, max);
    if (e->done_count > e->done_first || !chain_empty(&e->ready)) timeout_ms = 0;
    struct epoll_event events[EVENTS_PER_WAIT];
    int count = epoll_wait(e->epoll_fd, events, EVENTS_PER_WAIT, timeout_ms);
    CHECK(count >= 0 || errno == EINTR);
    for (int i = 0; i < count; i++)
        epoll_event(e, &events[i]);
    if (count > 0) epoll_work(e, max);
    return epoll_take(e, ret, max);
}

/* -- life */

static void epoll_ring_close(struct ring *r)
{
    struct epoll *e = epoll_of(r);
    for (size_t i = 0; i < e->watches_cap; i++) {
        if (e->watches[i]) e->watches[i] = watch_free(e->watches[i]);
    }
    close(e->epoll_fd);
    ring_fini(r);
    mem_free(e->watches);
    mem_free(e->idle);
    mem_free(e->done);
    mem_free(e);
}

static const struct ring_calls epoll_calls = {
        .close = epoll_ring_close,
        .accept = epoll_accept,
        .recv = epoll_recv,
        .send = epoll_send,
        .cancel = epoll_cancel,
        .cancel_fd = epoll_cancel_fd,
        .close_fd = epoll_close_fd,
        .wait = epoll_ring_wait,
        .give = epoll_give,
};

struct ring *ring_epoll_open(const struct ring_options *options, char ret_why[RING_WHY_BYTES])
{
    struct epoll *e = MEM_NEW(struct epoll);
    e->base.calls = &epoll_calls;
    e->base.kind = RING_EPOLL;
    chain_init(&e->ready);
    if (!ring_init(&e->base, options, ret_why)) {
        mem_free(e);
        return NULL;
    }
    struct epoll_event event = {.events = EPOLLIN, .data.fd = e->base.wake_fd};
    e->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (e->epoll_fd < 0 || epoll_ctl(e->epoll_fd, EPOLL_CTL_ADD, e->base.wake_fd, &event) < 0) {
        snprintf(ret_why, RING_WHY_BYTES, "epoll: %s", strerror(errno));
        if (e->epoll_fd >= 0) close(e->epoll_fd);
        ring_fini(&e->base);
        mem_free(e);
        return NULL;
    }
    e->idle = MEM_NEW_ARRAY(uint32_t, options->buffers);
    for (uint32_t i = 0; i < options->buffers; i++)
        e->idle[i] = options->buffers - 1 - i;
    return &e->base;
}
