#include "net/feed.h"

#include "core/base/mem.h"
#include "core/base/metric.h"
#include "net/conn_impl.h"

#define FOLLOWERS_FIRST 8
#define OFFSETS_FIRST   64

/* -- segments */

static void segment_free(struct segment *s)
{
    CHECK(s->dropped && s->pins == 0);
    mem_free(s);
}

void segment_unpin(struct segment *s)
{
    CHECK(s->pins > 0);
    if (--s->pins == 0 && s->dropped) segment_free(s);
}

/* Length of the frame at `p`, from its head (RFC 6455 section 5.2; ours carry no mask). */
static size_t frame_bytes(const uint8_t *p)
{
    size_t len = p[1] & 0x7f;
    if (len < 126) return 2 + len;
    if (len == 126) return 4 + ((size_t)p[2] << 8 | p[3]);
    size_t wide = 0;
    for (int i = 0; i < 8; i++)
        wide = wide << 8 | p[2 + i];
    return 10 + wide;
}

uint64_t segment_boundary(const struct segment *s, uint64_t at, uint64_t *ret_seq)
{
    CHECK(at >= s->start && at <= s->start + s->len);
    size_t offset = 0;
    uint64_t seq = s->seq_first;
    while (s->start + offset < at) {
        offset += frame_bytes(s->bytes + offset);
        seq++;
    }
    CHECK(offset <= s->len && seq <= s->seq_next);
    *ret_seq = seq;
    return s->start + offset;
}

static struct segment *feed_segment(const struct feed *feed, uint64_t at)
{
    if (at >= feed->last->start) return feed->last;
    struct segment *s = feed->first;
    while (at >= s->start + s->len)
        s = s->next;
    CHECK(at >= s->start);
    return s;
}

static struct segment *feed_extend(struct feed *feed, size_t bytes)
{
    size_t cap = FEED_SEGMENT_BYTES_FIRST;
    if (feed->last)
        cap = feed->last->cap < FEED_SEGMENT_BYTES_MAX / 2 ? feed->last->cap * 2
                                                           : FEED_SEGMENT_BYTES_MAX;
    if (cap < bytes) cap = bytes;
    struct segment *s = mem_resize(NULL, sizeof(*s) + cap);
    *s = (struct segment){
            .start = feed->head, .seq_first = feed->next, .seq_next = feed->next, .cap = cap};
    if (feed->last)
        feed->last->next = s;
    else
        feed->first = s;
    feed->last = s;
    feed->bytes_kept += cap;
    return s;
}

static void feed_unlink_first(struct feed *feed)
{
    struct segment *s = feed->first;
    feed->first = s->next;
    if (feed->first == NULL) feed->last = NULL;
    feed->bytes_kept -= s->cap;
    s->dropped = true;
    if (s->pins == 0) segment_free(s);
}

/* Whoever still needs the oldest segment is left to catch up from the log. By seq, not by offset:
 * who followed ahead of the head knows none until its first chunk. */
static void feed_drop_first(struct feed *feed)
{
    struct segment *s = feed->first;
    for (size_t i = feed->follower_count; i > 0; i--) {
        struct follower *f = &feed->followers[i - 1];
        struct conn *c = f->conn;
        if (c->chunk_feed == feed && c->chunk.segment == s)
            conn_chunk_cut(c);
        else if (f->next < s->seq_next && !c->chunk_stuck)
            conn_stuck(c);
    }
    feed_unlink_first(feed);
}

void feed_age(struct feed *feed, int64_t now_ms)
{
    while (feed->first && now_ms - feed->first->last_ms > FEED_IDLE_MS) {
        if (feed->first->pins > 0) return;
        for (size_t i = 0; i < feed->follower_count; i++) {
            if (feed->followers[i].next < feed->first->seq_next) return;
        }
        feed_unlink_first(feed);
    }
}

/* -- index from seq to offset */

static uint64_t feed_offset(const struct feed *feed, uint64_t seq)
{
    if (seq == feed->next) return feed->head;
    CHECK(seq >= feed_floor(feed) && seq < feed->next);
    return feed->offsets[seq & (feed->offsets_cap - 1)];
}

static void feed_offsets_grow(struct feed *feed)
{
    size_t cap = feed->offsets_cap ? feed->offsets_cap * 2 : OFFSETS_FIRST;
    uint64_t *offsets = MEM_NEW_ARRAY(uint64_t, cap);
    for (uint64_t seq = feed_floor(feed); seq < feed->next; seq++)
        offsets[seq & (cap - 1)] = feed_offset(feed, seq);
    mem_free(feed->offsets);
    feed->offsets = offsets;
    feed->offsets_cap = cap;
}

/* The most frames from `next` that end within FEED_CHUNK_BYTES, and at least one. */
static uint64_t feed_small_end(const struct feed *feed, const struct follower *f, uint64_t limit)
{
    uint64_t low = f->next + 1, high = limit;
    while (low < high) {
        uint64_t middle = low + (high - low + 1) / 2;
        if (feed_offset(feed, middle) - f->at <= FEED_CHUNK_BYTES)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

bool feed_chunk(
        const struct feed *feed, struct follower *f, uint64_t limit, bool small, struct chunk *ret)
{
    if (limit > f->stop_at) limit = f->stop_at;
    if (f->next >= limit || f->next >= feed->next) return false;
    if (f->at == FOLLOWER_AHEAD) f->at = feed_offset(feed, f->next);
    struct segment *s = feed_segment(feed, f->at);
    struct chunk chunk = {.segment = s, .at = f->at, .end = s->start + s->len, .next = s->seq_next};
    if (limit < chunk.next) {
        chunk.next = limit;
        chunk.end = feed_offset(feed, limit);
    }
    if (small && chunk.end - chunk.at > FEED_CHUNK_BYTES) {
        chunk.next = feed_small_end(feed, f, chunk.next);
        chunk.end = feed_offset(feed, chunk.next);
    }
    CHECK(chunk.end > chunk.at && chunk.next > f->next);
    *ret = chunk;
    return true;
}

/* -- beside the stream */

static struct blob *aside_frame(struct slice payload)
{
    uint8_t head[WS_FRAME_HEAD_BYTES_MAX];
    size_t head_len = ws_frame_head(head, WS_OP_TEXT, payload.len);
    struct blob *b = blob_new(head_len + payload.len);
    memcpy(b->bytes, head, head_len);
    memcpy(b->bytes + head_len, payload.ptr, payload.len);
    return b;
}

struct blob *feed_aside_for(const struct feed *feed, const struct follower *f)
{
    const struct conn *c = f->conn;
    if (c->aside_seen == feed->aside_to || c->state != CONN_LIVE) return NULL;
    if (f->next < feed->next || f->stop_at != UINT64_MAX) return NULL;
    return feed->aside_step && c->aside_seen == feed->aside_from ? feed->aside_step
                                                                 : feed->aside_whole;
}

/* -- followers */

static void feed_mark(struct feed *feed)
{
    feed->unswept = feed->follower_count;
    if (feed->unswept > 0 && !chain_linked(&feed->dirty))
        chain_push(&feed->loop->feeds_dirty, &feed->dirty);
}

void feed_add_follower(struct feed *feed, struct conn *conn, uint64_t next)
{
    if (feed->follower_count == feed->follower_cap) {
        feed->follower_cap = feed->follower_cap ? feed->follower_cap * 2 : FOLLOWERS_FIRST;
        feed->followers =
                mem_resize(feed->followers, feed->follower_cap * sizeof(*feed->followers));
    }
    conn->feed = feed;
    conn->follower = (uint32_t)feed->follower_count++;
    conn->aside_seen = 0;
    feed->followers[conn->follower] = (struct follower){
            .at = next <= feed->next ? feed_offset(feed, next) : FOLLOWER_AHEAD,
            .next = next,
            .stop_at = UINT64_MAX,
            .conn = conn,
    };
    feed->idle_since_ms = INT64_MAX;
    metric_add(METRIC_live_subscribers, 1);
}

void feed_remove_follower(struct feed *feed, uint32_t index)
{
    CHECK(index < feed->follower_count);
    feed->followers[index].conn->feed = NULL;
    struct follower *last = &feed->followers[--feed->follower_count];
    if (index < feed->follower_count) {
        feed->followers[index] = *last;
        last->conn->follower = index;
    }
    /* The one that moved may have gone from the part to be looked at to the part that was. */
    if (feed->unswept > 0) feed->unswept = feed->follower_count;
    if (feed->follower_count == 0) {
        feed->followers = mem_free(feed->followers);
        feed->follower_cap = 0;
        feed->idle_since_ms = feed->loop->now_ms;
    }
    metric_sub(METRIC_live_subscribers, 1);
}

/* The fan-out. Whoever is being sent to, or has private bytes in its queue, is looked at again by
 * conn_serve. */
void feed_sweep(struct feed *feed, uint32_t *budget)
{
    while (feed->unswept > 0 && *budget > 0) {
        if (feed->scan >= feed->follower_count) feed->scan = 0;
        struct follower *f = &feed->followers[feed->scan++];
        struct conn *c = f->conn;
        feed->unswept--;
        if (c->sending) continue;
        if (conn_waits(c)) {
            conn_ready(c);
            continue;
        }
        struct chunk chunk;
        struct blob *aside;
        if (feed_chunk(feed, f, UINT64_MAX, false, &chunk)) {
            conn_send_chunk(c, f, &chunk);
        } else if ((aside = feed_aside_for(feed, f))) {
            conn_send_aside(c, aside);
        } else {
            continue;
        }
        (*budget)--;
    }
}

/* -- the interface */

struct feed *feed_new(struct loop *loop, uint64_t next)
{
    struct feed *feed = MEM_NEW(struct feed);
    feed->loop = loop;
    feed->next = next;
    feed->idle_since_ms = loop->now_ms;
    chain_push(&loop->feeds, &feed->all);
    return feed;
}

struct feed *feed_free(struct feed *feed)
{
    if (feed == NULL) return NULL;
    CHECK(feed->follower_count == 0);
    while (feed->first)
        feed_unlink_first(feed);
    chain_unlink(&feed->all);
    if (chain_linked(&feed->dirty)) chain_unlink(&feed->dirty);
    blob_unref(feed->aside_step);
    blob_unref(feed->aside_whole);
    mem_free(feed->followers);
    mem_free(feed->offsets);
    return mem_free(feed);
}

void feed_append(struct feed *feed, uint64_t seq, struct slice payload)
{
    /* An empty feed without followers may begin later than it was made for; nobody could miss
     * anything. */
    if (feed->first == NULL && feed->follower_count == 0 && seq > feed->next) feed->next = seq;
    CHECK(seq == feed->next);
    uint8_t head[WS_FRAME_HEAD_BYTES_MAX];
    size_t head_len = ws_frame_head(head, WS_OP_TEXT, payload.len);
    struct segment *s = feed->last;
    if (s == NULL || s->cap - s->len < head_len + payload.len)
        s = feed_extend(feed, head_len + payload.len);
    if (seq - feed_floor(feed) >= feed->offsets_cap) feed_offsets_grow(feed);
    feed->offsets[seq & (feed->offsets_cap - 1)] = feed->head;
    memcpy(s->bytes + s->len, head, head_len);
    if (payload.len) memcpy(s->bytes + s->len + head_len, payload.ptr, payload.len);
    s->len += head_len + payload.len;
    s->seq_next = seq + 1;
    s->last_ms = feed->loop->now_ms;
    feed->head = s->start + s->len;
    feed->next = seq + 1;
    while (feed->bytes_kept > FEED_BYTES_KEPT && feed->first != feed->last)
        feed_drop_first(feed);
    feed_mark(feed);
}

void feed_aside(
        struct feed *feed, uint64_t from, uint64_t to, struct slice step, struct slice whole)
{
    CHECK(from < to && to > feed->aside_to && whole.len > 0);
    blob_unref(feed->aside_step);
    blob_unref(feed->aside_whole);
    feed->aside_from = from;
    feed->aside_to = to;
    feed->aside_step = step.ptr ? aside_frame(step) : NULL;
    feed->aside_whole = aside_frame(whole);
    feed_mark(feed);
}

uint64_t feed_next(const struct feed *feed)
{
    return feed->next;
}

uint64_t feed_floor(const struct feed *feed)
{
    return feed->first ? feed->first->seq_first : feed->next;
}

size_t feed_followers(const struct feed *feed)
{
    return feed->follower_count;
}

int64_t feed_idle_since_ms(const struct feed *feed)
{
    return feed->idle_since_ms;
}

void feed_each(struct feed *feed, void (*fn)(struct conn *conn, void *context), void *context)
{
    for (size_t i = feed->follower_count; i > 0; i--) {
        if (i <= feed->follower_count) fn(feed->followers[i - 1].conn, context);
    }
}
