/* conn_send.c - what leaves a connection: private frames, the feed and what is beside it, taking
 * turns chunk by chunk, one send under way. */
#include <errno.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include "core/base/mem.h"
#include "core/base/metric.h"
#include "net/conn_impl.h"

#define BLOCK_BYTES_FIRST 1024 /* most answers and rejections fit; the next ones are larger */
#define BLOCK_BYTES       KIB(16)

/* -- private queue */

static struct private_block *block_new(size_t cap, uint64_t after)
{
    struct private_block *b = mem_resize(NULL, sizeof(*b) + cap);
    *b = (struct private_block){.cap = cap, .after = after};
    return b;
}

static void block_add(struct private_block *b, struct slice s)
{
    CHECK(s.len <= b->cap - b->len);
    if (s.len) memcpy(b->bytes + b->len, s.ptr, s.len);
    b->len += s.len;
}

static void private_unshift(struct conn *c, struct private_block *b)
{
    b->next = c->private_first;
    c->private_first = b;
    if (c->private_last == NULL) c->private_last = b;
}

/* Whether private frames that leave before feed frame `after` may leave now. 0: they stand in no
 * relation to the feed. */
static bool private_may_leave(const struct conn *c, uint64_t after)
{
    if (after == 0 || c->feed == NULL) return true;
    const struct follower *f = &c->feed->followers[c->follower];
    return f->next >= after || f->next >= f->stop_at;
}

/* The queue is strictly first in, first out. So a frame may join the last block when it need not
 * leave later than that: its barrier is none or earlier, or both were reached. Barriers thus grow
 * along the queue. A barrier reached is kept all the same: catch-up from the log is queued while no
 * feed is followed, and must leave before what the feed brings afterwards. */
static bool private_may_join(
        const struct conn *c, const struct private_block *last, uint64_t after, size_t bytes)
{
    if (last->cap - last->len < bytes) return false;
    return after <= last->after ||
           (private_may_leave(c, after) && private_may_leave(c, last->after));
}

void conn_private(struct conn *c, struct slice head, struct slice body, uint64_t barrier)
{
    size_t bytes = head.len + body.len;
    uint64_t after = barrier == CONN_NO_BARRIER ? 0 : barrier + 1;
    struct private_block *last = c->private_last;
    if (last && after < last->after) after = last->after;
    if (last && private_may_join(c, last, after, bytes)) {
        last->after = after;
    } else {
        size_t cap = last ? BLOCK_BYTES : BLOCK_BYTES_FIRST;
        struct private_block *b = block_new(cap < bytes ? bytes : cap, after);
        if (last)
            last->next = b;
        else
            c->private_first = b;
        c->private_last = b;
    }
    block_add(c->private_last, head);
    block_add(c->private_last, body);
    c->private_bytes += bytes;
    if (!conn_private_low(c)) c->private_high = true;
    if (c->private_bytes >= PRIVATE_QUEUE_BYTES_MAX) c->private_full = true;
    conn_ready(c);
}

/* One pong at most waits: a later ping's payload replaces the earlier (RFC 6455 section 5.5.3). */
void conn_private_pong(struct conn *c, struct slice payload)
{
    CHECK(payload.len <= WS_CONTROL_BYTES_MAX);
    uint8_t head[WS_FRAME_HEAD_BYTES_MAX];
    size_t head_len = ws_frame_head(head, WS_OP_PONG, payload.len);
    if (c->pong == NULL) c->pong = block_new(2 + WS_CONTROL_BYTES_MAX, 0);
    c->pong->len = 0;
    block_add(c->pong, slice_of(head, head_len));
    block_add(c->pong, payload);
    conn_ready(c);
}

static void private_free_from(struct conn *c, struct private_block *b)
{
    while (b) {
        struct private_block *next = b->next;
        c->private_bytes -= b->len - b->sent;
        mem_free(b);
        b = next;
    }
}

void conn_private_drop(struct conn *c)
{
    struct private_block *keep = c->source == FROM_PRIVATE ? c->private_first : NULL;
    private_free_from(c, keep ? keep->next : c->private_first);
    if (keep) {
        /* Frames behind the chunk in the same block. */
        c->private_bytes -= keep->len - keep->chunk_end;
        keep->len = keep->chunk_end;
        keep->next = NULL;
    }
    c->private_first = c->private_last = keep;
    c->pong = mem_free(c->pong);
}

/* What waits for feed frames that will not come this way must not leave as if they had: it waits
 * aside until a feed is followed again, behind what is queued meanwhile. */
static void private_park(struct conn *c)
{
    struct private_block **at = &c->private_first, *last = NULL;
    while (*at && private_may_leave(c, (*at)->after)) {
        last = *at;
        at = &last->next;
    }
    if (*at == NULL) return;
    CHECK(c->parked == NULL);
    c->parked = *at;
    *at = NULL;
    c->private_last = last;
}

void conn_unpark(struct conn *c)
{
    uint64_t after = c->private_last ? c->private_last->after : 0;
    struct private_block **at = c->private_last ? &c->private_last->next : &c->private_first;
    *at = c->parked;
    for (struct private_block *b = c->parked; b; b = b->next) {
        if (b->after < after) b->after = after; /* barriers grow along the queue */
        c->private_last = b;
    }
    c->parked = NULL;
    if (c->private_first) conn_ready(c);
}

/* The connection ends: who asked comes back and is answered then. */
void conn_private_forget(struct conn *c)
{
    private_free_from(c, c->parked);
    c->parked = NULL;
}

bool conn_private_low(const struct conn *c)
{
    return c->private_bytes < PRIVATE_QUEUE_BYTES_LOW;
}

size_t conn_private_room(const struct conn *c)
{
    return c->private_bytes >= PRIVATE_QUEUE_BYTES_MAX ? 0
                                                       : PRIVATE_QUEUE_BYTES_MAX - c->private_bytes;
}

/* -- sending */

bool conn_waits(const struct conn *c)
{
    return c->private_first || c->pong || c->source != FROM_NONE;
}

static void conn_submit(struct conn *c, struct slice bytes)
{
    CHECK(!c->sending);
    c->sending = true;
    c->in_flight++;
    ring_send(c->loop->ring, conn_ring_id(c), c->fd, bytes);
}

static void conn_submit_feed(struct conn *c)
{
    const struct chunk *k = &c->chunk;
    conn_submit(c, slice_of(k->segment->bytes + (k->at - k->segment->start), k->end - k->at));
}

static void conn_submit_private(struct conn *c)
{
    const struct private_block *b = c->private_first;
    conn_submit(c, slice_of(b->bytes + b->sent, b->chunk_end - b->sent));
}

static void conn_submit_aside(struct conn *c)
{
    conn_submit(c, slice_from(blob_slice(c->aside), c->aside_sent));
}

void conn_send_chunk(struct conn *c, struct follower *f, const struct chunk *chunk)
{
    CHECK(c->source == FROM_NONE);
    c->source = FROM_FEED;
    c->last_private = false;
    c->chunk = *chunk;
    c->chunk_feed = c->feed;
    c->chunk_first = f->next;
    c->chunk.segment->pins++;
    f->at = chunk->end;
    f->next = chunk->next;
    conn_submit_feed(c);
}

static void conn_send_private(struct conn *c)
{
    CHECK(c->source == FROM_NONE);
    c->source = FROM_PRIVATE;
    c->last_private = true;
    c->private_first->chunk_end = c->private_first->len;
    conn_submit_private(c);
}

void conn_send_aside(struct conn *c, struct blob *aside)
{
    CHECK(c->source == FROM_NONE);
    c->source = FROM_ASIDE;
    c->last_private = false;
    c->aside = blob_ref(aside);
    c->aside_sent = 0;
    c->aside_seen = c->feed->aside_to;
    c->loop->asides++;
    conn_submit_aside(c);
}

/* The seq that the feed may not pass before private frames leave. */
static uint64_t conn_feed_limit(const struct conn *c)
{
    for (const struct private_block *b = c->private_first; b; b = b->next) {
        if (b->after != 0) return b->after;
    }
    return UINT64_MAX;
}

/* Between chunks: whose turn? A private frame whose barrier was reached goes before later feed
 * frames; without a barrier the two sources alternate. */
static bool conn_pick(struct conn *c, uint32_t *budget)
{
    if (c->pong) {
        private_unshift(c, c->pong);
        c->private_bytes += c->pong->len;
        c->pong = NULL;
        conn_send_private(c);
        return true;
    }
    const struct private_block *b = c->private_first;
    bool private_may = b && private_may_leave(c, b->after);
    if (private_may && (b->after != 0 || c->feed == NULL || !c->last_private)) {
        conn_send_private(c);
        return true;
    }
    struct chunk chunk;
    struct follower *f = c->feed ? &c->feed->followers[c->follower] : NULL;
    if (f && feed_chunk(c->feed, f, conn_feed_limit(c), b != NULL, &chunk)) {
        if (*budget == 0) return false;
        (*budget)--;
        conn_send_chunk(c, f, &chunk);
        return true;
    }
    struct blob *aside = f && !b ? feed_aside_for(c->feed, f) : NULL;
    if (private_may) {
        conn_send_private(c);
    } else if (aside) {
        if (*budget == 0) return false;
        (*budget)--;
        conn_send_aside(c, aside);
    }
    return true;
}

bool conn_serve(struct conn *c, uint32_t *budget)
{
    if (c->sending || c->state == CONN_CLOSING) return true;
    switch ((enum conn_source)c->source) {
    case FROM_FEED: conn_submit_feed(c); return true;
    case FROM_PRIVATE: conn_submit_private(c); return true;
    case FROM_ASIDE: conn_submit_aside(c); return true;
    case FROM_NONE: break;
    }
    if (!conn_pick(c, budget)) return false;
    if (!c->sending && c->state == CONN_DRAIN && !conn_waits(c)) conn_drained_out(c);
    return true;
}

/* -- completions */

static bool conn_has_more(const struct conn *c)
{
    if (conn_waits(c)) return true;
    if (c->state == CONN_DRAIN) return true;
    if (c->stuck) return true; /* now it is told */
    if (!c->feed) return false;
    const struct follower *f = &c->feed->followers[c->follower];
    return f->next < c->feed->next || feed_aside_for(c->feed, f);
}

static void conn_chunk_end(struct conn *c)
{
    c->loop->deliveries += c->chunk.next - c->chunk_first;
    segment_unpin(c->chunk.segment);
    c->chunk.segment = NULL;
    c->chunk_feed = NULL;
    c->source = FROM_NONE;
    c->chunk_cut = false;
}

/* Ends the chunk with the frame that is being sent. What is left of that frame goes to the front of
 * the private queue: the memory that it lies in can then be given up. */
static void conn_chunk_cut_finish(struct conn *c)
{
    struct chunk *k = &c->chunk;
    uint64_t seq;
    uint64_t end = segment_boundary(k->segment, k->at, &seq);
    size_t rest = end - k->at;
    struct private_block *b = rest ? block_new(rest, 0) : NULL;
    if (b) block_add(b, slice_of(k->segment->bytes + (k->at - k->segment->start), rest));
    if (c->chunk_feed) {
        CHECK(c->chunk_feed == c->feed);
        c->feed->followers[c->follower].at = end;
        c->feed->followers[c->follower].next = seq;
    }
    k->next = seq;
    conn_chunk_end(c);
    if (b) {
        private_unshift(c, b);
        c->private_bytes += rest;
        b->chunk_end = rest;
        c->source = FROM_PRIVATE;
    }
    bool is_stuck =
            c->chunk_stuck && c->feed && c->feed->followers[c->follower].next < feed_floor(c->feed);
    c->chunk_stuck = false;
    if (is_stuck) conn_stuck(c);
}

static void conn_feed_sent(struct conn *c, size_t bytes)
{
    struct chunk *k = &c->chunk;
    CHECK(bytes <= k->end - k->at);
    k->at += bytes;
    if (c->chunk_cut)
        conn_chunk_cut_finish(c);
    else if (k->at == k->end)
        conn_chunk_end(c);
}

static void conn_private_sent(struct conn *c, size_t bytes)
{
    struct private_block *b = c->private_first;
    CHECK(bytes <= b->chunk_end - b->sent && bytes <= c->private_bytes);
    b->sent += bytes;
    c->private_bytes -= bytes;
    if (b->sent == b->chunk_end) c->source = FROM_NONE;
    if (b->sent == b->len) {
        c->private_first = b->next;
        if (c->private_first == NULL) c->private_last = NULL;
        mem_free(b);
    }
    if (!c->private_high || !conn_private_low(c)) return;
    c->private_high = false;
    if (c->private_full) {
        c->private_full = false;
        conn_resume_later(c);
    }
    const struct conn_handler *handler = c->loop->options.handler;
    if (handler->drained && (c->state == CONN_HTTP || c->state == CONN_LIVE)) handler->drained(c);
}

static void conn_aside_end(struct conn *c)
{
    c->aside = blob_unref(c->aside);
    c->source = FROM_NONE;
}

static void conn_aside_sent(struct conn *c, size_t bytes)
{
    c->aside_sent += bytes;
    CHECK(c->aside_sent <= c->aside->len);
    if (c->aside_sent == c->aside->len) conn_aside_end(c);
}

void conn_send_done(struct conn *c, int32_t result)
{
    CHECK(c->sending && c->in_flight > 0);
    c->sending = false;
    c->in_flight--;
    if (c->state == CONN_CLOSING) return;
    /* EAGAIN and EINTR: nothing left and nothing broke. ECANCELED: a cut, seen below. The rest ends
     * this connection only. */
    if (result < 0 && result != -EAGAIN && result != -EINTR && result != -ECANCELED) {
        conn_abort(c);
        return;
    }
    size_t bytes = result > 0 ? (size_t)result : 0;
    c->sent_bytes += bytes;
    switch ((enum conn_source)c->source) {
    case FROM_FEED: conn_feed_sent(c, bytes); break;
    case FROM_PRIVATE: conn_private_sent(c, bytes); break;
    case FROM_ASIDE: conn_aside_sent(c, bytes); break;
    case FROM_NONE: UNREACHABLE();
    }
    if (conn_has_more(c)) conn_ready(c);
}

void conn_send_fini(struct conn *c)
{
    CHECK(!c->sending);
    private_free_from(c, c->private_first);
    c->private_first = c->private_last = NULL;
    conn_private_forget(c);
    c->pong = mem_free(c->pong);
    if (c->chunk.segment) segment_unpin(c->chunk.segment);
    c->chunk.segment = NULL;
    c->chunk_feed = NULL;
    c->aside = blob_unref(c->aside);
    c->source = FROM_NONE;
}

/* Bytes that the peer's kernel confirmed. */
uint64_t conn_acked(const struct conn *c)
{
    int queued = 0;
    if (ioctl(c->fd, SIOCOUTQ, &queued) < 0 || queued < 0) queued = 0;
    return c->sent_bytes - ((uint64_t)queued < c->sent_bytes ? (uint64_t)queued : c->sent_bytes);
}

/* -- feeds */

bool conn_follow(struct conn *c, struct feed *feed, uint64_t next)
{
    CHECK(c->feed == NULL && feed->loop == c->loop);
    if (next < feed_floor(feed)) return false;
    if (c->state != CONN_LIVE) return true; /* its `closed` is on the way */
    feed_add_follower(feed, c, next);
    conn_unpark(c);
    c->stuck = c->chunk_stuck = false;
    if (next < feed->next || feed->aside_to > 0) conn_ready(c);
    return true;
}

void conn_unfollow(struct conn *c)
{
    if (c->feed == NULL) return;
    const struct follower *f = &c->feed->followers[c->follower];
    c->feed_next = f->next;
    /* Everything below feed_next must leave, so a chunk that was to be cut goes out whole, unless
     * it was to stop. */
    if (c->chunk_stuck && f->stop_at >= f->next) c->chunk_cut = false;
    c->chunk_stuck = false;
    c->chunk_feed = NULL;
    private_park(c);
    feed_remove_follower(c->feed, c->follower);
    if (c->private_first) conn_ready(c);
}

void conn_aside_seen(struct conn *c, uint64_t version)
{
    if (c->feed) c->aside_seen = version;
}

bool conn_follows(const struct conn *c)
{
    return c->feed != NULL;
}

uint64_t conn_feed_next(const struct conn *c)
{
    return c->feed ? c->feed->followers[c->follower].next : c->feed_next;
}

void conn_feed_stop(struct conn *c, uint64_t seq)
{
    if (c->feed == NULL) return;
    struct follower *f = &c->feed->followers[c->follower];
    if (seq < f->stop_at) f->stop_at = seq;
    if (c->chunk_feed && c->chunk.next > f->stop_at) {
        if (c->sending)
            c->chunk_cut = true;
        else
            conn_chunk_cut_finish(c);
    }
    if (c->private_first) conn_ready(c);
}

void conn_stuck(struct conn *c)
{
    conn_unfollow(c);
    c->stuck = true;
    conn_ready(c);
}

void conn_chunk_cut(struct conn *c)
{
    CHECK(c->chunk_feed && c->source == FROM_FEED);
    c->chunk_stuck = true;
    if (!c->sending) {
        conn_chunk_cut_finish(c);
        return;
    }
    c->chunk_cut = true;
    c->in_flight++;
    ring_cancel(c->loop->ring, conn_ring_id(c), c->fd, RING_SEND);
}
