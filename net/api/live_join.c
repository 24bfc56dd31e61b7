/* live_join.c - from a position, or from nothing, to the feed, without a gap. See live.h and
 * catchup.h.
 *
 *   sub -> ATTACH ... ATTACHED -> since? -- log read --> ops parts --+-> conn_follow -> live
 *                                   |          | resync              |       | feed too new:
 * from the log again
 *                                   +----------+--> snapshot parts --+ <-----+ */
#include "core/base/json.h"
#include "core/base/log.h"
#include "core/base/metric.h"
#include "net/api/catchup.h"
#include "net/api/live_impl.h"

static void live_catch_up(struct live *l);

/* -- leaving */

static void live_held_drop(struct live *l)
{
    while (l->held) {
        struct held *h = l->held;
        l->held = h->next;
        mem_free(h);
    }
    l->held_last = NULL;
}

static void live_held_send(struct live *l)
{
    conn_unpark(l->conn);
    for (struct held *h = l->held; h; h = h->next) {
        struct buf text = { .ptr = h->bytes, .len = h->len };
        live_send(l, &text, l->state == LIVE_FOLLOWING ? h->barrier : CONN_NO_BARRIER);
    }
    live_held_drop(l);
}

/* Whatever is under way for this live is not wanted any more. Held frames stay. */
static void live_leave(struct live *l)
{
    l->round++;
    if (l->state == LIVE_FOLLOWING) conn_unfollow(l->conn);
    l->live_said = false;
    if (chain_linked(&l->on_catchups)) chain_unlink(&l->on_catchups);
    l->wants_snapshot = false;
    l->parts = parts_unref(l->parts);
    if (l->state != LIVE_HELLO) l->state = LIVE_READY;
}

void live_join_stop(struct live *l)
{
    live_leave(l);
    live_held_drop(l);
}

static void live_join_failed(struct live *l, enum err err, const struct fault *fault)
{
    live_leave(l);
    live_held_send(l);
    if (fault->err != ERR_OK) {
        live_error(l, &l->sub_id, fault);
    } else {
        live_error_text(l, &l->sub_id, err, err_text(err));
    }
}

/* -- sub */

struct join { /* attach->context, in its arena */
    struct conn_handle conn;
    uint32_t round;
};

static bool since_read(const json_t *since, struct position *ret)
{
    if (!json_is_array(since) || json_array_size(since) != 2) return false;
    const json_t *seq = json_array_get(since, 0), *h = json_array_get(since, 1);
    if (!json_is_integer(seq) || json_integer_value(seq) < 0 || !json_is_string(h)) return false;
    struct slice text = json_slice(h);
    if (text.len != 16) return false;
    uint64_t value = 0;
    for (size_t i = 0; i < 16; i++) {
        char c = text.ptr[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
        value = value << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    *ret = (struct position){ (uint64_t)json_integer_value(seq), value };
    return true;
}

static void live_name_board(struct live *l)
{
    if (l->entry) return;
    l->entry = l->own ? own_entry(l->shard, l->actor.member, true)
                      : shard_entry(l->shard, l->board, true);
    chain_push(&l->entry->lives, &l->on_board);
    l->entry->live_count++;
    if (l->entry->paused) live_pause(l, PAUSE_BOARD);
}

void live_sub(struct live *l, const json_t *message)
{
    uint64_t id = 0;
    struct position since = { 0 };
    json_get_u64(message, "id", &id);
    const json_t *from = json_object_get(message, "since");
    bool has_since = from && !json_is_null(from);
    if (has_since && !since_read(from, &since)) {
        live_error_text(l, &id, ERR_INVALID, "since: expected [seq, \"16 hex digits\"]");
        return;
    }
    if (l->own && id_is_none(l->actor.member)) {
        live_error_text(l, &id, ERR_FORBIDDEN, "a member's own stream wants a member");
        return;
    }
    live_leave(l);
    live_name_board(l);
    l->state = LIVE_JOINING;
    l->sub_id = id;
    l->sub_answered = false;
    l->live_due = true;
    l->resync = NULL;
    l->has_since = has_since;
    l->from_log = false;
    l->since = since;
    struct attach *a = MEM_NEW(struct attach);
    arena_init(&a->arena, KIB(1), KIB(64));
    a->board = l->board;
    a->actor = l->actor;
    a->actor.system |= l->own; /* the directory says what it judged of this client */
    a->cl = arena_dup(&a->arena, slice_cstr(l->cl));
    struct join *join = ARENA_NEW(&a->arena, struct join);
    join->conn = conn_handle(l->conn);
    join->round = l->round;
    a->context = join;
    shard_attach(l->shard, a);
}

/* The live that asked, when it still waits for this very answer. */
static struct live *live_waiting(struct conn *conn, uint32_t round)
{
    if (!conn) return NULL;
    struct live *l = (struct live *)conn_ctx(conn);
    return !l->closing && l->state == LIVE_JOINING && l->round == round ? l : NULL;
}

void live_attached(struct shard *s, struct attach *a)
{
    const struct join *join = a->context;
    struct live *l = live_waiting(loop_conn(s->loop, join->conn), join->round);
    if (l && a->err != ERR_OK) {
        live_join_failed(l, a->err, &a->fault);
    } else if (l) {
        l->attached_seq = a->head.seq;
        l->last_n = a->last_n;
        l->refused_count = a->refused_count;
        memcpy(l->refused, a->refused, sizeof l->refused);
        live_catch_up(l);
    }
    arena_fini(&a->arena);
    mem_free(a);
}

/* -- sending what was read */

static void live_sub_answer(struct live *l, struct position position)
{
    struct buf out;
    buf_init(&out, KIB(8));
    bool replay = l->has_since && !l->resync;
    buf_add_format(&out,
            "{\"t\":\"sub\",\"id\":%llu,\"pos\":[%llu,\"%016llx\"],\"mode\":\"%s\",\"n\":%llu,"
            "\"refused\":[",
            (unsigned long long)l->sub_id, (unsigned long long)position.seq,
            (unsigned long long)position.h, replay ? "replay" : "snapshot",
            (unsigned long long)l->last_n);
    for (uint32_t i = 0; i < l->refused_count; i++) {
        buf_add_format(&out, "%s%llu", i ? "," : "", (unsigned long long)l->refused[i]);
    }
    BUF_ADD(&out, "]}");
    l->sub_answered = true;
    live_send(l, &out, CONN_NO_BARRIER);
    buf_fini(&out);
}

static void live_resync_say(struct live *l)
{
    struct buf out;
    buf_init(&out, KIB(1));
    metric_add(METRIC_resyncs_total, 1);
    buf_add_format(&out, "{\"t\":\"resync\",\"why\":\"%s\"}", l->resync);
    live_send(l, &out, CONN_NO_BARRIER);
    buf_fini(&out);
    /* The snapshot begins a new stream. Ops are taken all the same: those under way were sent
     * before this was heard, and to refuse some without a verdict and take later ones would lose
     * them. */
    l->live_due = true;
}

static void live_join_done(struct live *l, struct position position)
{
    if (!conn_follow(l->conn, l->entry->feed, position.seq + 1)) {
        l->since = position;
        l->has_since = l->from_log = true;
        live_catch_up(l);
        return;
    }
    l->state = LIVE_FOLLOWING;
    l->resync = NULL;
    if (l->live_due) {
        struct buf out;
        buf_init(&out, MIB(2));
        buf_add_format(&out, "{\"t\":\"live\",\"pos\":[%llu,\"%016llx\"]",
                (unsigned long long)position.seq, (unsigned long long)position.h);
        if (!l->own) {
            BUF_ADD(&out, ",\"roster\":");
            buf_add(&out, live_roster(l));
            conn_aside_seen(l->conn, l->entry->present_version);
        }
        buf_add_char(&out, '}');
        l->live_said = true;
        l->live_due = false;
        live_send(l, &out, position.seq);
        buf_fini(&out);
        if (!l->own) live_presence_join(l);
    }
    live_held_send(l);
}

void live_pump(struct live *l)
{
    struct parts *p = l->parts;
    if (!p || l->closing) return;
    while (l->part_next < p->count) {
        struct slice part = p->at[l->part_next];
        if (!conn_private_low(l->conn)) return; /* drained calls again */
        l->part_next++;
        l->sent_ms = loop_now_ms(l->shard->loop);
        /* The barrier keeps the feed, once it is followed, behind what is still queued of this. */
        conn_send(l->conn, part, p->position.seq);
    }
    struct position position = p->position;
    l->parts = parts_unref(p);
    if (l->parts_more) {
        l->since = position;
        l->has_since = l->from_log = true;
        live_catch_up(l);
    } else {
        live_join_done(l, position);
    }
}

void live_deliver(struct live *l, struct parts *parts, struct position head, bool more)
{
    CHECK(l->state == LIVE_JOINING && !l->parts);
    l->wants_snapshot = false;
    if (chain_linked(&l->on_catchups)) chain_unlink(&l->on_catchups);
    if (!l->sub_answered) live_sub_answer(l, head);
    if (l->resync) live_resync_say(l);
    l->parts = parts_ref(parts);
    l->part_next = 0;
    l->parts_more = more;
    live_pump(l);
}

/* -- reading */

static void catchups_go(struct shard *s);

/* For somebody else's read too: rights are looked at as they were in that read. */
static bool snapshot_fits(const struct live *l, const struct parts *p)
{
    return p && people_have(&p->people, &l->actor) && p->position.seq >= l->attached_seq &&
           p->position.seq + 1 >= feed_floor(l->entry->feed);
}

static void live_snapshot_deliver(struct live *l, struct parts *p)
{
    metric_add(METRIC_snapshots_total, 1);
    live_deliver(l, p, p->position, false);
}

static void live_resync(struct live *l, const struct catchup *c)
{
    if (c->resync[0] == 'p') {
        char board[ID_TEXT + 1];
        id_format(l->board, board);
        log_warn("position_differs", "board=%s theirs=%llu,%016llx head=%llu", board,
                (unsigned long long)l->since.seq, (unsigned long long)l->since.h,
                (unsigned long long)c->head.seq);
    }
    l->resync = c->resync;
    l->has_since = l->from_log = false;
    live_catch_up(l);
}

static void live_log_done(struct shard_read *read, struct shard *s, struct conn *conn)
{
    struct catchup *c = (struct catchup *)read;
    struct live *l = live_waiting(conn, c->round);
    CHECK(s->catchups_running > 0);
    s->catchups_running--;
    if (l && read->err != ERR_OK) {
        live_join_failed(l, read->err, &read->fault);
    } else if (l && c->resync) {
        live_resync(l, c);
    } else if (l) {
        metric_add(METRIC_catchups_total, 1);
        live_deliver(l, c->parts, c->head, c->more);
    }
    parts_unref(c->parts);
    catchups_go(s);
}

/* Everybody who waits for a snapshot of this board gets this one, if it is new enough for them and
 * they are members in it. Who is not has a read of their own, which says so. */
static void live_snapshot_done(struct shard_read *read, struct shard *s, struct conn *conn)
{
    struct catchup *c = (struct catchup *)read;
    struct board_entry *e = shard_entry(s, c->board, false);
    struct live *asker = live_waiting(conn, c->round);
    CHECK(e && e->snapshot_reading && s->catchups_running > 0);
    s->catchups_running--;
    e->snapshot_reading = false;
    if (read->err != ERR_OK) {
        if (asker) live_join_failed(asker, read->err, &read->fault);
    } else {
        parts_unref(e->snapshot);
        e->snapshot = c->parts;
        e->snapshot_ms = loop_now_ms(s->loop);
    }
    chain_each(&e->lives, on)
    {
        struct live *l = chain_entry(on, struct live, on_board);
        if (!l->wants_snapshot || chain_linked(&l->on_catchups)) continue;
        if (snapshot_fits(l, e->snapshot)) {
            live_snapshot_deliver(l, e->snapshot);
        } else {
            chain_push(&s->catchups, &l->on_catchups);
        }
    }
    catchups_go(s);
}

static void live_read(struct live *l)
{
    struct shard *s = l->shard;
    struct catchup *c = shard_read_new(s, l->conn, sizeof *c);
    c->board = l->board;
    c->round = l->round;
    c->snapshot = l->wants_snapshot;
    c->check = !l->from_log;
    c->since = l->since;
    c->read.actor = l->actor;
    c->read.run = catchup_run;
    c->read.done = c->snapshot ? live_snapshot_done : live_log_done;
    if (c->snapshot) l->entry->snapshot_reading = true;
    s->catchups_running++;
    shard_read(s, &c->read);
}

static void catchups_go(struct shard *s)
{
    while (s->catchups_running < s->catchups_max && !chain_empty(&s->catchups)) {
        struct live *l = chain_entry(chain_pop(&s->catchups), struct live, on_catchups);
        CHECK(l->state == LIVE_JOINING);
        if (!l->wants_snapshot) {
            live_read(l);
        } else if (snapshot_fits(l, l->entry->snapshot)) {
            live_snapshot_deliver(l, l->entry->snapshot);
        } else if (!l->entry->snapshot_reading) {
            live_read(l);
        } /* else it gets the one being read, or is queued again behind it */
    }
}

static void live_catch_up(struct live *l)
{
    CHECK(l->state == LIVE_JOINING && !chain_linked(&l->on_catchups));
    if (l->own) {
        live_own_catch_up(l);
        return;
    }
    l->wants_snapshot = !l->has_since;
    chain_push(&l->shard->catchups, &l->on_catchups);
    catchups_go(l->shard);
}

/* The feed dropped what this reader still needed: what it misses comes from the log. The stream
 * goes on, so no `live` is said. */
void live_stuck(struct live *l)
{
    if (l->closing || l->state != LIVE_FOLLOWING) return;
    l->round++;
    l->state = LIVE_JOINING;
    l->since = (struct position){ conn_feed_next(l->conn) - 1, 0 };
    l->has_since = l->from_log = true;
    live_catch_up(l);
}
