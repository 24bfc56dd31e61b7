#include "net/api/shard.h"

#include "core/base/log.h"
#include "net/api/home.h"
#include "net/api/live.h"
#include "net/api/parts.h"
#include "net/api/own.h"
#include "net/api/shard_impl.h"
#include "net/api/state.h"

#define SCRATCH_BYTES_MAX MIB(64) /* the tree of one message of WS_MESSAGE_BYTES_MAX, generously */
#define SWEEP_MS 1000
#define SNAPSHOT_KEPT_MS 2000
/* one read's own memory: a loaded board's bookkeeping and scratch */
#define READ_ARENA_BYTES_MAX MIB(256)

struct shard *shard_new(struct server *server, uint32_t index)
{
    struct shard *s = MEM_NEW(struct shard);
    s->server = server;
    s->index = index;
    chain_init(&s->lives);
    chain_init(&s->catchups);
    chain_init(&s->presences);
    chain_init(&s->owns_dirty);
    CHECK(server->loop_count > 0);
    s->catchups_max = CATCHUPS_PER_SERVER_MAX / server->loop_count;
    if (s->catchups_max == 0) s->catchups_max = 1;
    arena_init(&s->scratch, KIB(16), SCRATCH_BYTES_MAX);
    return s;
}

static void entry_free(struct shard *s, struct board_entry *e)
{
    CHECK(e->live_count == 0 && e->attaching == 0 && !e->snapshot_reading);
    if (e->own) {
        HASH_DEL(s->owns, e);
        own_free(e->own);
    } else {
        HASH_DEL(s->boards, e);
    }
    e->snapshot = parts_unref(e->snapshot);
    e->present = blob_unref(e->present);
    if (e->feed) feed_free(e->feed);
    mem_free(e);
}

struct shard *shard_free(struct shard *s)
{
    if (!s) return NULL;
    CHECK(s->live_count == 0 && s->reads_running == 0 && IMPLIES(s->loop, s->ended));
    struct board_entry *e, *next;
    HASH_ITER(hh, s->boards, e, next)
    {
        e->attaching = 0; /* their answers died with the home */
        entry_free(s, e);
    }
    HASH_ITER(hh, s->owns, e, next)
    {
        e->attaching = 0;
        entry_free(s, e);
    }
    sessions_forget_all(s);
    states_sweep(s, true);
    arena_fini(&s->scratch);
    return mem_free(s);
}

/* -- to the home */

static void home_post(
        struct server *server, struct id board, struct mail *mail, enum mail_kind kind)
{
    mail->kind = kind;
    loop_post(server->loops[home_of(board)], mail);
}

void server_submit(
        struct server *server, uint32_t loop, struct command *c, const struct origin *origin)
{
    CHECK(loop < server->loop_count);
    struct origin *kept = ARENA_NEW(&c->arena, struct origin);
    *kept = *origin;
    kept->loop = loop;
    c->context = kept;
    home_post(server, c->board, &c->mail, MAIL_COMMAND);
}

void shard_submit(struct shard *s, struct command *c, const struct origin *origin)
{
    server_submit(s->server, s->index, c, origin);
}

static struct board_entry *entry_new(struct id id)
{
    struct board_entry *e = MEM_NEW(struct board_entry);
    e->id = id;
    e->state = ENTRY_ATTACHING;
    chain_init(&e->lives);
    return e;
}

struct board_entry *shard_entry(struct shard *s, struct id board, bool make)
{
    struct board_entry *e;
    HASH_FIND(hh, s->boards, &board, sizeof board, e);
    if (e || !make) return e;
    e = entry_new(board);
    HASH_ADD(hh, s->boards, id, sizeof e->id, e);
    return e;
}

struct board_entry *own_entry(struct shard *s, struct id member, bool make)
{
    struct board_entry *e;
    HASH_FIND(hh, s->owns, &member, sizeof member, e);
    if (e || !make) return e;
    e = entry_new(member);
    e->own = own_new(s, e);
    HASH_ADD(hh, s->owns, id, sizeof e->id, e);
    return e;
}

static struct board_entry *attach_entry(struct shard *s, const struct attach *a, bool make)
{
    return attach_is_own(a) ? own_entry(s, a->actor.member, make) : shard_entry(s, a->board, make);
}

void shard_attach(struct shard *s, struct attach *a)
{
    attach_entry(s, a, true)->attaching++;
    a->loop = s->index;
    home_post(s->server, a->board, &a->mail, MAIL_ATTACH);
}

void shard_post_presence(struct shard *s, struct mail_presence *m)
{
    home_post(s->server, m->board, &m->mail, MAIL_PRESENCE);
}

static void entry_detach(struct shard *s, struct board_entry *e)
{
    struct mail_board *m = MEM_NEW(struct mail_board);
    if (e->own)
        m->member = e->id;
    else
        m->board = e->id;
    m->loop = s->index;
    home_post(s->server, m->board, &m->mail, MAIL_DETACH);
    entry_free(s, e);
}

/* -- reads */

void *shard_read_new(struct shard *s, const struct conn *conn, size_t bytes)
{
    CHECK(bytes >= sizeof(struct shard_read));
    struct shard_read *r = mem_new(bytes);
    r->server = s->server;
    r->loop = s->index;
    if (conn) r->conn = conn_handle(conn);
    arena_init(&r->arena, KIB(4), READ_ARENA_BYTES_MAX);
    return r;
}

static void shard_read_run(struct read_job *job, struct view *v)
{
    struct shard_read *r = (struct shard_read *)job;
    r->run(r, v);
}

static void shard_read_finished(struct read_job *job) /* reader thread */
{
    struct shard_read *r = (struct shard_read *)job;
    job->mail.kind = MAIL_READ;
    loop_post(r->server->loops[r->loop], &job->mail);
}

void shard_read(struct shard *s, struct shard_read *r)
{
    CHECK(r->run && r->done);
    r->job.run = shard_read_run;
    r->job.finished = shard_read_finished;
    s->reads_running++;
    s->server->log->read(s->server->log, &r->job);
}

static void shard_read_done(struct shard *s, struct shard_read *r)
{
    CHECK(s->reads_running > 0);
    s->reads_running--;
    if (r->job.err != ERR_OK) r->err = r->job.err;
    r->done(r, s, r->conn.generation ? loop_conn(s->loop, r->conn) : NULL);
    arena_fini(&r->arena);
    mem_free(r);
}

void job_post(struct server *server, uint32_t loop, struct job_mail *m,
        void (*fn)(struct job_mail *m, struct shard *shard))
{
    m->fn = fn;
    m->mail.kind = MAIL_JOB;
    loop_post(server->loops[loop], &m->mail);
}

void server_call(struct server *server, uint32_t loop,
        void (*fn)(struct mail_call *call, struct loop *loop), void *data)
{
    struct mail_call *call = MEM_NEW(struct mail_call);
    call->fn = fn;
    call->data = data;
    call->mail.kind = MAIL_CALL;
    loop_post(server->loops[loop], &call->mail);
}

/* -- from the home */

static void shard_answered(struct shard *s, struct command *c)
{
    struct origin *origin = c->context;
    struct conn *conn = origin->conn.generation ? loop_conn(s->loop, origin->conn) : NULL;
    origin->done(s, conn, c, origin->data);
    command_free(c);
}

static void shard_attached(struct shard *s, struct attach *a)
{
    struct board_entry *e = attach_entry(s, a, false);
    CHECK(e && e->attaching > 0);
    e->attaching--;
    if (e->own) { /* its feed begins with its first reading */
        if (a->err == ERR_OK && !s->ended) own_attached(e->own);
        live_attached(s, a);
        return;
    }
    if (a->err == ERR_OK && e->state == ENTRY_ATTACHING && !s->ended) {
        e->feed = feed_new(s->loop, a->head.seq + 1);
        e->head = a->head;
        e->event_ms = loop_now_ms(s->loop);
        e->state = ENTRY_LIVE;
    }
    live_attached(s, a);
    /* Nobody followed and nobody will: the home does not know of us either. */
    if (e->state == ENTRY_ATTACHING && e->attaching == 0 && e->live_count == 0) entry_free(s, e);
}

static void shard_event(struct shard *s, struct mail_event *m)
{
    struct board_entry *e = shard_entry(s, m->board, false);
    if (e && e->feed) {
        feed_append(e->feed, m->seq, blob_slice(m->payload));
        e->head = (struct position){ m->seq, m->h };
        e->event_ms = loop_now_ms(s->loop);
    }
    blob_unref(m->payload);
    mem_free(m);
}

static void shard_present(struct shard *s, struct mail_present *m)
{
    struct board_entry *e = shard_entry(s, m->board, false);
    if (e && e->feed) {
        feed_aside(e->feed, m->from, m->to, m->step ? blob_slice(m->step) : (struct slice){NULL, 0},
                blob_slice(m->whole));
        blob_unref(e->present);
        e->present = blob_ref(m->whole);
        e->present_version = m->to;
    }
    blob_unref(m->step);
    blob_unref(m->whole);
    mem_free(m);
}

static void shard_barrier(struct shard *s, struct mail_board *m)
{
    struct board_entry *e = shard_entry(s, m->board, false);
    if (e) live_barrier(s, e, m->member, m->seq);
    mem_free(m);
}

static void shard_pause(struct shard *s, struct mail_board *m)
{
    struct board_entry *e = shard_entry(s, m->board, false);
    if (e && e->paused != (m->seq != 0)) {
        e->paused = m->seq != 0;
        live_paused(s, e);
    }
    mem_free(m);
}

static void shard_own(struct shard *s, struct mail_board *m)
{
    struct board_entry *e = own_entry(s, m->member, false);
    if (e) own_changed(e->own, m->board);
    mem_free(m);
}

static void shard_session_gone(struct shard *s, struct mail_board *m)
{
    sessions_forget(s, m->member);
    live_session_gone(s, m->member);
    mem_free(m);
}

void shard_take(struct shard *s, struct mail *mail)
{
    switch ((enum mail_kind)mail->kind) {
    case MAIL_COMMAND:
    case MAIL_ATTACH:
    case MAIL_DETACH:
    case MAIL_PRESENCE:
    case MAIL_BATCH: home_mail(s->server->home, mail); break;
    case MAIL_ANSWER: shard_answered(s, CONTAINER_OF(mail, struct command, mail)); break;
    case MAIL_ATTACHED: shard_attached(s, CONTAINER_OF(mail, struct attach, mail)); break;
    case MAIL_EVENT: shard_event(s, CONTAINER_OF(mail, struct mail_event, mail)); break;
    case MAIL_PRESENT: shard_present(s, CONTAINER_OF(mail, struct mail_present, mail)); break;
    case MAIL_BARRIER: shard_barrier(s, CONTAINER_OF(mail, struct mail_board, mail)); break;
    case MAIL_SESSION_GONE:
        shard_session_gone(s, CONTAINER_OF(mail, struct mail_board, mail));
        break;
    case MAIL_OWN: shard_own(s, CONTAINER_OF(mail, struct mail_board, mail)); break;
    case MAIL_READ: shard_read_done(s, CONTAINER_OF(mail, struct shard_read, job.mail)); break;
    case MAIL_PAUSE: shard_pause(s, CONTAINER_OF(mail, struct mail_board, mail)); break;
    case MAIL_JOB: {
        struct job_mail *m = CONTAINER_OF(mail, struct job_mail, mail);
        m->fn(m, s);
        break;
    }
    case MAIL_CALL: {
        struct mail_call *m = CONTAINER_OF(mail, struct mail_call, mail);
        m->fn(m, s->loop);
        break;
    }
    case MAIL_NONE: UNREACHABLE();
    }
}

/* -- the loop's hooks */

/* The thread has ended: what the store still answered is delivered to nobody, in order, so that
 * it is freed. */
static void shard_late(struct shard *s)
{
    if (s->index == 0) home_deliver_all(s->server->home);
}

static void shard_mail(struct loop *loop, struct mail *mail)
{
    struct shard *s = loop_context(loop);
    s->loop = loop;
    shard_take(s, mail);
    if (s->ended) shard_late(s);
}

static void shard_turn(struct loop *loop)
{
    struct shard *s = loop_context(loop);
    s->loop = loop;
    live_presence_turn(s);
    if (s->index == 0) home_turn(s->server->home);
    own_turn(s);
}

static void entry_sweep(struct shard *s, struct board_entry *e, int64_t now_ms)
{
    if (e->snapshot && now_ms - e->snapshot_ms > SNAPSHOT_KEPT_MS)
        e->snapshot = parts_unref(e->snapshot);
    if (e->live_count > 0 || e->attaching > 0 || e->snapshot_reading) return;
    if (e->own && e->own->reading) return;
    if (e->own && e->state == ENTRY_ATTACHING) {
        entry_detach(s, e); /* the home knows of it all the same */
    } else if (e->state == ENTRY_ATTACHING) {
        entry_free(s, e);
    } else if (feed_followers(e->feed) == 0 &&
               now_ms - feed_idle_since_ms(e->feed) > FEED_IDLE_MS) {
        entry_detach(s, e);
    }
}

static void shard_tick(struct loop *loop)
{
    struct shard *s = loop_context(loop);
    s->loop = loop;
    int64_t now_ms = loop_now_ms(loop);
    if (now_ms - s->swept_ms < SWEEP_MS) return;
    s->swept_ms = now_ms;
    struct board_entry *e, *next;
    HASH_ITER(hh, s->boards, e, next) entry_sweep(s, e, now_ms);
    HASH_ITER(hh, s->owns, e, next) entry_sweep(s, e, now_ms);
    live_sweep(s);
    states_sweep(s, false);
}

static void shard_idle(struct loop *loop)
{
    struct shard *s = loop_context(loop);
    struct board_entry *e, *next;
    HASH_ITER(hh, s->boards, e, next) e->feed = feed_free(e->feed); /* feeds end with their loop */
    HASH_ITER(hh, s->owns, e, next) e->feed = feed_free(e->feed);
    s->ended = true;
    server_loop_idle(s->server, s->index);
}

const struct loop_hooks shard_hooks = {
    .mail = shard_mail,
    .turn = shard_turn,
    .tick = shard_tick,
    .idle = shard_idle,
};
