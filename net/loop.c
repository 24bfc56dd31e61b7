#include "net/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/metric.h"
#include "net/conn_impl.h"

#define COMPLETIONS_PER_TURN 512
#define TICK_MS              100
#define AGE_CHECK_MS         1000
#define ACCEPT_RETRY_MS      100
#define SCRATCH_BYTES_MAX    MIB(1)
#define LISTENER_SLOT(index) (RING_SLOT_MAX - (index)) /* far above any connection's slot */

/* -- slots */

struct conn *loop_slot(const struct loop *loop, uint32_t slot)
{
    if (slot >= loop->slots_made) return NULL;
    return &loop->blocks[slot / CONNS_PER_BLOCK][slot % CONNS_PER_BLOCK];
}

/* Slots are made in blocks when first needed, so that an idle server is small. */
static void loop_make_slots(struct loop *loop)
{
    uint32_t first = loop->slots_made;
    if (!chain_empty(&loop->free) || first >= loop->options.conns_max) return;
    struct conn *block = MEM_NEW_ARRAY(struct conn, CONNS_PER_BLOCK);
    loop->blocks[first / CONNS_PER_BLOCK] = block;
    uint32_t count = loop->options.conns_max - first;
    if (count > CONNS_PER_BLOCK) count = CONNS_PER_BLOCK;
    for (uint32_t i = 0; i < count; i++)
        conn_init(&block[i], loop, first + i);
    loop->slots_made += count;
}

struct conn *loop_conn(struct loop *loop, struct conn_handle handle)
{
    CHECK(handle.loop == loop->options.index);
    struct conn *c = loop_slot(loop, handle.slot);
    if (c == NULL || c->generation != handle.generation) return NULL;
    return c->state == CONN_FREE || c->state == CONN_CLOSING ? NULL : c;
}

void loop_each_conn(struct loop *loop, void (*fn)(struct conn *conn, void *context), void *context)
{
    for (uint32_t i = 0; i < loop->slots_made; i++) {
        struct conn *c = loop_slot(loop, i);
        if (c->state != CONN_FREE && c->state != CONN_CLOSING) fn(c, context);
    }
}

/* Any thread. The lock keeps the ring there; it is free of contention, because only a post into an
 * empty inbox wakes. */
static void loop_wake(struct loop *loop)
{
    pthread_mutex_lock(&loop->lock);
    if (loop->ring) ring_wake(loop->ring);
    pthread_mutex_unlock(&loop->lock);
}

/* -- listeners */

void loop_listen(struct loop *loop, int fd, bool local)
{
    const int on = 1, unsent = (int)NOTSENT_LOWAT_BYTES;
    if (!local) {
        /* Accepted sockets inherit both: no delay for small frames, and no megabytes of kernel
         * memory for a peer that stopped reading. */
        CHECK(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0);
        CHECK(setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof(unsent)) == 0);
    }
    pthread_mutex_lock(&loop->lock);
    CHECK(loop->listener_count < LISTENERS_MAX);
    loop->listeners[loop->listener_count++] = (struct listener){.fd = fd, .local = local};
    pthread_mutex_unlock(&loop->lock);
    atomic_store(&loop->listeners_new, true);
    loop_wake(loop);
}

static void loop_arm_listeners(struct loop *loop)
{
    pthread_mutex_lock(&loop->lock);
    for (uint32_t i = 0; i < loop->listener_count; i++) {
        struct listener *l = &loop->listeners[i];
        if (l->fd < 0 || l->armed || loop->now_ms < l->retry_ms) continue;
        l->armed = true;
        ring_accept(loop->ring, (struct ring_id){.slot = LISTENER_SLOT(i), .generation = 1}, l->fd);
    }
    pthread_mutex_unlock(&loop->lock);
}

/* No descriptor is left for the connection at the head of the backlog. The spare one takes it in
 * and turns it away, else it would wait for ever, and accepting rests a moment. */
static void loop_shed(struct loop *loop, struct listener *l)
{
    metric_add(METRIC_connections_refused_total, 1);
    if (loop->spare_fd >= 0) {
        close(loop->spare_fd);
        int fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0) close(fd);
        loop->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    }
    l->retry_ms = loop->now_ms + ACCEPT_RETRY_MS;
}

static void loop_accept_failed(struct loop *loop, struct listener *l, int error)
{
    switch (error) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM: loop_shed(loop, l); break;
    case EAGAIN:
    case EINTR:
    case ECANCELED:
    /* and the other errors of a connection that died in the backlog (accept(2)) */
    case ECONNABORTED:
    case EPROTO:
    case ENETDOWN:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EPERM: break;
    default: l->retry_ms = loop->now_ms + ACCEPT_RETRY_MS; break;
    }
}

static void loop_accept_done(struct loop *loop, const struct ring_completion *done)
{
    struct listener *l = &loop->listeners[RING_SLOT_MAX - done->slot];
    if (!done->more) l->armed = false;
    if (done->result < 0) {
        if (!loop->stopping) loop_accept_failed(loop, l, -done->result);
    } else if (loop->stopping) {
        close(done->result);
    } else {
        loop_make_slots(loop);
        conn_open(loop, done->result, l->local);
    }
    if (!l->armed) atomic_store(&loop->listeners_new, true);
}

static void loop_stop_listening(struct loop *loop)
{
    for (uint32_t i = 0; i < loop->listener_count; i++) {
        struct listener *l = &loop->listeners[i];
        if (!l->armed) continue;
        l->cancelling = true;
        ring_cancel_fd(
                loop->ring, (struct ring_id){.slot = LISTENER_SLOT(i), .generation = 1}, l->fd);
    }
}

/* True when all are closed. */
static bool loop_close_listeners(struct loop *loop)
{
    bool all = true;
    for (uint32_t i = 0; i < loop->listener_count; i++) {
        struct listener *l = &loop->listeners[i];
        if (l->fd < 0) continue;
        all = all && !l->armed && !l->cancelling;
        if (l->armed || l->cancelling) continue;
        ring_close_fd(loop->ring, l->fd);
        l->fd = -1;
    }
    return all;
}

/* -- completions */

static void loop_done(struct loop *loop, const struct ring_completion *done)
{
    if (done->slot > RING_SLOT_MAX - LISTENERS_MAX) {
        if (done->op == RING_ACCEPT)
            loop_accept_done(loop, done);
        else
            loop->listeners[RING_SLOT_MAX - done->slot].cancelling = false;
        return;
    }
    struct conn *c = loop_slot(loop, done->slot);
    if (c == NULL || c->generation != done->generation || c->state == CONN_FREE) {
        metric_add(METRIC_stale_completions_total, 1);
        if (done->buffer != RING_NO_BUFFER) ring_buffer_return(loop->ring, done->buffer);
        return;
    }
    switch (done->op) {
    case RING_RECV: conn_recv_done(c, done); break;
    case RING_SEND: conn_send_done(c, done->result); break;
    case RING_CANCEL:
        CHECK(c->in_flight > 0);
        c->in_flight--;
        /* Cancels end in the order asked; whichever it was, a new one may be asked for now. */
        c->recv_cancelling = false;
        break;
    case RING_ACCEPT:
    case RING_WAKE:
    case RING_OP_COUNT: UNREACHABLE();
    }
    conn_closing_step(c);
}

/* -- the turn */

static void loop_read_clock(struct loop *loop)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    loop->now_ms = (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
    clock_gettime(CLOCK_REALTIME, &ts);
    loop->wall_ms = (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

struct slice loop_date(struct loop *loop)
{
    if (loop->date_second != loop->wall_ms / 1000) {
        loop->date_second = loop->wall_ms / 1000;
        http_date_format(loop->wall_ms, loop->date);
    }
    return slice_of(loop->date, HTTP_DATE_TEXT);
}

static void loop_mail(struct loop *loop)
{
    for (struct mail *m = inbox_take(&loop->inbox), *next; m; m = next) {
        next = m->next;
        loop->options.hooks->mail(loop, m);
    }
}

static void loop_clocks(struct loop *loop)
{
    timers_run(&loop->timers, loop->now_ms);
    if (loop->now_ms >= loop->slow_due_ms) {
        loop->slow_due_ms = loop->now_ms + SLOW_CHECK_MS;
        for (uint32_t i = 0; i < loop->slots_made; i++) {
            struct conn *c = loop_slot(loop, i);
            if (c->state != CONN_FREE) conn_slow_check(c);
        }
    }
    if (loop->now_ms >= loop->age_due_ms) {
        loop->age_due_ms = loop->now_ms + AGE_CHECK_MS;
        chain_each(&loop->feeds, l) feed_age(chain_entry(l, struct feed, all), loop->now_ms);
        atomic_store(&loop->listeners_new, true);
    }
    if (loop->now_ms >= loop->tick_due_ms) {
        loop->tick_due_ms = loop->now_ms + TICK_MS;
        if (loop->options.hooks->tick) loop->options.hooks->tick(loop);
    }
}

/* Only what is linked now: whoever is linked again meanwhile has its turn in the next one. */
static void loop_resume(struct loop *loop)
{
    struct chain_link *last = loop->resume.head.prev;
    bool more = !chain_empty(&loop->resume);
    while (more) {
        struct chain_link *l = chain_pop(&loop->resume);
        more = l != last && !chain_empty(&loop->resume);
        conn_resume_now(chain_entry(l, struct conn, resume));
    }
}

static void loop_sweep(struct loop *loop)
{
    uint32_t budget = SEND_BUDGET;
    while (budget > 0 && !chain_empty(&loop->feeds_dirty)) {
        struct feed *feed = chain_entry(chain_pop(&loop->feeds_dirty), struct feed, dirty);
        uint32_t share = budget < SEND_BUDGET / 4 ? budget : SEND_BUDGET / 4;
        budget -= share;
        feed_sweep(feed, &share);
        budget += share;
        if (feed->unswept > 0) chain_push(&loop->feeds_dirty, &feed->dirty);
    }
}

static void loop_serve(struct loop *loop)
{
    uint32_t budget = SEND_BUDGET;
    struct chain_link *last = loop->ready.head.prev;
    bool more = !chain_empty(&loop->ready);
    while (more) {
        struct chain_link *l = chain_pop(&loop->ready);
        more = l != last && !chain_empty(&loop->ready);
        struct conn *c = chain_entry(l, struct conn, ready);
        if (c->stuck && c->state == CONN_LIVE && !conn_waits(c)) {
            c->stuck = false;
            if (loop->options.handler->stuck) loop->options.handler->stuck(c);
        }
        if (!conn_serve(c, &budget)) conn_ready(c);
    }
}

static void loop_arm(struct loop *loop)
{
    for (struct chain_link *l; (l = chain_pop(&loop->arm));)
        conn_arm_now(chain_entry(l, struct conn, arm));
    /* As many as there are buffers: more would only find none again. */
    for (uint32_t room = ring_buffers_free(loop->ring); room > 0; room--) {
        struct chain_link *l = chain_pop(&loop->starved);
        if (l == NULL) break;
        conn_arm_now(chain_entry(l, struct conn, arm));
    }
    if (atomic_exchange(&loop->listeners_new, false) && !loop->stopping) loop_arm_listeners(loop);
}

static void loop_tell_closed(struct loop *loop)
{
    for (struct chain_link *l; (l = chain_pop(&loop->closing));) {
        struct conn *c = chain_entry(l, struct conn, closing);
        loop->options.handler->closed(c);
        conn_closing_step(c);
    }
}

static void loop_flush(struct loop *loop)
{
    loop_sweep(loop);
    loop_serve(loop);
    loop_tell_closed(loop);
    loop_arm(loop);
    if (loop->deliveries > 0) metric_add(METRIC_deliveries_total, loop->deliveries);
    loop->deliveries = 0;
    if (loop->asides > 0) metric_add(METRIC_presence_sent_total, loop->asides);
    loop->asides = 0;
}

static int loop_patience(const struct loop *loop)
{
    if (!chain_empty(&loop->ready) || !chain_empty(&loop->resume) ||
            !chain_empty(&loop->feeds_dirty))
        return 0;
    if (!chain_empty(&loop->closing) || !chain_empty(&loop->arm) || !chain_empty(&loop->starved))
        return 0;
    int64_t most = loop->tick_due_ms - loop->now_ms;
    if (most <= 0) return 0;
    return (int)timers_wait_ms(&loop->timers, loop->now_ms, most);
}

/* -- stopping */

static void loop_say_bye(struct conn *c, void *context)
{
    const struct conn_http *h = c->http;
    (void)context;
    if (c->state == CONN_LIVE)
        conn_close(c, 4200, SLICE("the server is stopping"));
    else if (c->state == CONN_HTTP && (h == NULL || !h->in_request))
        conn_close(c, 4200, SLICE(""));
}

static void loop_abort(struct conn *c, void *context)
{
    (void)context;
    conn_abort(c);
}

static void loop_check_stop(struct loop *loop)
{
    int grace_ms = atomic_load(&loop->stop_grace_ms);
    if (grace_ms < 0) return;
    if (!loop->stopping) {
        loop->stopping = true;
        loop->stop_due_ms = loop->now_ms + grace_ms;
        loop_stop_listening(loop);
    }
    loop_each_conn(loop, loop_say_bye, NULL); /* each turn: an upgrade may have been under way */
    if (loop->now_ms >= loop->stop_due_ms) loop_each_conn(loop, loop_abort, NULL);
}

static bool loop_turn(struct loop *loop)
{
    struct ring_completion done[COMPLETIONS_PER_TURN];
    size_t count = ring_wait(loop->ring, loop_patience(loop), done, COMPLETIONS_PER_TURN);
    loop->turn++;
    loop_read_clock(loop);
    for (size_t i = 0; i < count; i++)
        loop_done(loop, &done[i]);
    loop_mail(loop);
    loop_check_stop(loop);
    loop_clocks(loop);
    loop_resume(loop);
    if (loop->options.hooks->turn) loop->options.hooks->turn(loop);
    loop_flush(loop);
    return !(loop->stopping && loop_close_listeners(loop) && loop->open_count == 0);
}

/* -- the thread */

static bool loop_start(struct loop *loop)
{
    const struct ring_options options = {
            .backend = loop->options.backend,
            .entries = RING_ENTRIES,
            .buffers = RECV_BUFFERS,
            .buffer_bytes = (uint32_t)RECV_BUFFER_BYTES,
    };
    loop_read_clock(loop);
    timers_init(&loop->timers, loop->now_ms);
    loop->slow_due_ms = loop->now_ms + SLOW_CHECK_MS;
    pthread_mutex_lock(&loop->lock);
    loop->ring = ring_open(&options, loop->why);
    loop->is_started = true;
    pthread_cond_signal(&loop->started);
    pthread_mutex_unlock(&loop->lock);
    return loop->ring != NULL;
}

static void *loop_main(void *context)
{
    struct loop *loop = context;
    char name[16];
    snprintf(name, sizeof(name), "loop-%u", loop->options.index);
    pthread_setname_np(pthread_self(), name);
    if (!loop_start(loop)) return NULL;
    while (loop_turn(loop))
        continue;
    if (loop->options.hooks->idle) loop->options.hooks->idle(loop);
    CHECK(chain_empty(&loop->feeds));
    pthread_mutex_lock(&loop->lock);
    struct ring *ring = loop->ring;
    loop->ring = NULL;
    pthread_mutex_unlock(&loop->lock);
    ring_close(ring);
    return NULL;
}

static bool loop_spawn(struct loop *loop)
{
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old); /* signals are for the main thread */
    bool ok = pthread_create(&loop->thread, NULL, loop_main, loop) == 0;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (!ok) return false;
    pthread_mutex_lock(&loop->lock);
    while (!loop->is_started)
        pthread_cond_wait(&loop->started, &loop->lock);
    pthread_mutex_unlock(&loop->lock);
    if (loop->ring) return true;
    pthread_join(loop->thread, NULL);
    return false;
}

static struct loop *loop_free(struct loop *loop)
{
    for (uint32_t i = 0; i < loop->slots_made; i += CONNS_PER_BLOCK)
        mem_free(loop->blocks[i / CONNS_PER_BLOCK]);
    mem_free(loop->blocks);
    buf_fini(&loop->scratch);
    if (loop->spare_fd >= 0) close(loop->spare_fd);
    pthread_cond_destroy(&loop->started);
    pthread_mutex_destroy(&loop->lock);
    return mem_free(loop);
}

struct loop *loop_open(const struct loop_options *options, char ret_why[160])
{
    CHECK(options->conns_max > 0 && options->conns_max <= RING_SLOT_MAX - LISTENERS_MAX);
    CHECK(options->hooks && options->hooks->mail && options->handler && options->handler->closed);
    struct loop *loop = MEM_NEW(struct loop);
    loop->options = *options;
    loop->blocks = MEM_NEW_ARRAY(struct conn *, options->conns_max / CONNS_PER_BLOCK + 1);
    struct chain *chains[] = {&loop->free, &loop->ready, &loop->resume, &loop->arm, &loop->starved,
            &loop->closing, &loop->feeds, &loop->feeds_dirty};
    for (size_t i = 0; i < ARRAY_COUNT(chains); i++)
        chain_init(chains[i]);
    inbox_init(&loop->inbox);
    buf_init(&loop->scratch, SCRATCH_BYTES_MAX);
    pthread_mutex_init(&loop->lock, NULL);
    pthread_cond_init(&loop->started, NULL);
    loop->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    loop->stop_grace_ms = -1;
    loop->date_second = -1;
    if (loop_spawn(loop)) return loop;
    snprintf(ret_why, RING_WHY_BYTES, "%s", loop->why[0] ? loop->why : "no thread could be made");
    return loop_free(loop);
}

struct loop *loop_close(struct loop *loop)
{
    if (loop == NULL) return NULL;
    CHECK(atomic_load(&loop->stop_grace_ms) >= 0);
    pthread_join(loop->thread, NULL);
    loop_mail(loop); /* came too late for the thread; every connection it could name is gone */
    return loop_free(loop);
}

/* -- what others ask */

bool loop_post(struct loop *loop, struct mail *mail)
{
    if (inbox_post(&loop->inbox, mail)) loop_wake(loop);
    return true;
}

void loop_stop(struct loop *loop, int grace_ms)
{
    CHECK(grace_ms >= 0);
    atomic_store(&loop->stop_grace_ms, grace_ms);
    loop_wake(loop);
}

uint32_t loop_index(const struct loop *loop)
{
    return loop->options.index;
}

void *loop_context(const struct loop *loop)
{
    return loop->options.context;
}

int64_t loop_now_ms(const struct loop *loop)
{
    return loop->now_ms;
}

int64_t loop_wall_ms(const struct loop *loop)
{
    return loop->wall_ms;
}
