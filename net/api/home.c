#include "net/api/home.h"

#include "core/base/json.h"
#include "core/base/log.h"
#include "core/base/metric.h"
#include "net/api/own_hub.h"
#include "net/api/presence_hub.h"
#include "net/api/shard_impl.h"

/* boards paused at once; beyond it late joiners of a paused board are simply not told */
#define PAUSED_MAX 1024

struct home {
    struct server *server;
    struct engine *engine;
    struct presence_hub *presence;
    struct own_hub *own;
    struct mail *first, *last; /* what loop 0 itself gets, in order */
    bool in_engine;            /* engine_out may only be called while this is set */
    bool following;            /* the directory's events come to us */
    bool attaching;            /* to the directory */
    bool ended;                /* the loops and the store are gone */
    uint64_t batches;          /* with the writer */
    uint64_t reads;            /* loads with readers */
    struct id paused[PAUSED_MAX];
    uint32_t paused_count;
    void (*ready)(struct server *server, enum err err, uint64_t members);
    struct arena scratch;
};

/* Wall clock of this turn. The shard knows its loop from the loop's own thread; server.loops is
 * filled by another. */
static int64_t home_now_ms(const struct home *h)
{
    return loop_wall_ms(h->server->shards[0]->loop);
}

/* -- what the engine says */

static void home_send(struct home *h, uint32_t loop, struct mail *mail, enum mail_kind kind)
{
    CHECK(h->in_engine);
    mail->kind = kind;
    mail->next = NULL;
    if (loop != 0) {
        loop_post(h->server->loops[loop], mail);
        return;
    }
    if (h->last) {
        h->last->next = mail;
    } else {
        h->first = mail;
    }
    h->last = mail;
}

static void home_send_board(
        struct home *h, uint32_t loop, enum mail_kind kind, const struct mail_board *like)
{
    struct mail_board *m = MEM_NEW(struct mail_board);
    *m = *like;
    home_send(h, loop, &m->mail, kind);
}

static void home_follow_directory(struct home *h)
{
    if (h->following || h->attaching) return;
    h->attaching = true;
    struct attach *a = MEM_NEW(struct attach);
    arena_init(&a->arena, KIB(1), KIB(64));
    a->board = DIRECTORY_ID;
    a->actor.system = true;
    a->context = h; /* marks it as ours */
    engine_attach(h->engine, a, home_now_ms(h));
}

static void home_answer(void *context, struct command *c)
{
    struct home *h = context;
    struct origin *origin = c->context;
    metric_add(METRIC_ops_total, 1);
    if (c->verdict == VERDICT_REJECTED) metric_add(METRIC_ops_rejected_total, 1);
    if (c->verdict == VERDICT_DUPLICATE) metric_add(METRIC_ops_duplicate_total, 1);
    if (c->verdict == VERDICT_ACCEPTED && c->ops[0].name == OP_CARD_TRANSFER)
        metric_add(METRIC_transfers_total, 1);
    home_send(h, origin->loop, &c->mail, MAIL_ANSWER);
}

static void home_attached(void *context, struct attach *a)
{
    struct home *h = context;
    struct id board = a->board;
    if (h->ended) {
        arena_fini(&a->arena);
        mem_free(a);
        return;
    }
    uint32_t loop = a->loop;
    bool followed = a->err == ERR_OK && a->context != h && !attach_is_own(a);
    home_send(h, loop, &a->mail, MAIL_ATTACHED);
    if (followed) presence_hub_attach(h->presence, board, loop);
    for (uint32_t i = 0; i < h->paused_count; i++) {
        if (id_eq(h->paused[i], board)) {
            home_send_board(h, loop, MAIL_PAUSE, &(struct mail_board){.board = board, .seq = 1});
        }
    }
}

static void home_session_gone(struct home *h, const json_t *id)
{
    struct mail_board m = {.board = DIRECTORY_ID};
    if (!json_is_string(id) || !id_parse(json_slice(id), &m.member)) return;
    for (uint32_t i = 0; i < h->server->loop_count; i++)
        home_send_board(h, i, MAIL_SESSION_GONE, &m);
}

/* The directory has no subscribers but us: of its events only the end of a session matters to
 * the loops. */
static void home_directory_event(struct home *h, const struct event *event)
{
    json_t *tree;
    arena_reset(&h->scratch);
    if (json_read(&h->scratch, event->public_json, &tree, NULL) != ERR_OK) {
        log_error("directory_event", "seq=%llu does not decode", (unsigned long long)event->seq);
        return;
    }
    const json_t *effects = json_object_get(tree, "e");
    for (size_t i = 0; i < json_array_size(effects); i++) {
        const json_t *effect = json_array_get(effects, i);
        const json_t *form = json_array_get(effect, 0), *kind = json_array_get(effect, 1),
                     *ids = json_array_get(effect, 2);
        if (!json_is_string(form) || !slice_eq(json_slice(form), SLICE("del"))) continue;
        if (!json_is_string(kind) || !slice_eq(json_slice(kind), SLICE("session"))) continue;
        if (json_is_string(ids)) home_session_gone(h, ids);
        for (size_t k = 0; k < json_array_size(ids); k++)
            home_session_gone(h, json_array_get(ids, k));
    }
}

/* h of an event as its record says it, last of all: ..."h":"16 hex"} */
static uint64_t event_h(struct slice public_json)
{
    uint64_t h = 0;
    CHECK(public_json.len > 18);
    for (const char *p = public_json.ptr + public_json.len - 18; *p != '"'; p++) {
        h = h << 4 | (uint64_t)(*p <= '9' ? *p - '0' : *p - 'a' + 10);
    }
    return h;
}

static void home_publish(void *context, struct id board, uint64_t loops, const struct event *event)
{
    struct home *h = context;
    metric_add(METRIC_events_total, 1);
    if (id_eq(board, DIRECTORY_ID)) {
        home_directory_event(h, event);
        return;
    }
    if (loops == 0) return;
    uint64_t chain = event_h(event->public_json);
    struct blob *payload = blob_copy(event->public_json);
    for (uint64_t rest = loops; rest != 0; rest &= rest - 1) {
        struct mail_event *m = MEM_NEW(struct mail_event);
        m->board = board;
        m->seq = event->seq;
        m->h = chain;
        m->payload = blob_ref(payload);
        home_send(h, (uint32_t)__builtin_ctzll(rest), &m->mail, MAIL_EVENT);
    }
    blob_unref(payload);
}

static void home_barrier(
        void *context, struct id board, uint64_t loops, struct id member, uint64_t seq)
{
    struct home *h = context;
    for (uint64_t rest = loops; rest != 0; rest &= rest - 1) {
        home_send_board(h, (uint32_t)__builtin_ctzll(rest), MAIL_BARRIER,
                &(struct mail_board){.board = board, .member = member, .seq = seq});
    }
    presence_hub_forget(h->presence, board, member);
}

static void home_append(void *context, struct batch *batch)
{
    struct home *h = context;
    h->batches++;
    CHECK(!h->ended);
    h->server->log->append(h->server->log, batch);
}

static void home_batch_answered(void *context, struct batch *batch) /* writer thread */
{
    struct server *server = context;
    batch->mail.kind = MAIL_BATCH;
    loop_post(server->loops[0], &batch->mail);
}

static void home_pause(void *context, struct id board, bool on)
{
    struct home *h = context;
    uint32_t at = 0;
    while (at < h->paused_count && !id_eq(h->paused[at], board))
        at++;
    if (on && at == h->paused_count && at < PAUSED_MAX) h->paused[h->paused_count++] = board;
    if (!on && at < h->paused_count) h->paused[at] = h->paused[--h->paused_count];
    for (uint32_t i = 0; i < h->server->loop_count; i++) {
        home_send_board(h, i, MAIL_PAUSE, &(struct mail_board){.board = board, .seq = on});
    }
}

static void home_own(void *context, uint32_t loop, struct id member, struct id board)
{
    home_send_board(
            context, loop, MAIL_OWN, &(struct mail_board){.board = board, .member = member});
}

/* -- what the engine wants read */

struct home_load {
    struct shard_read read; /* first */
    struct board_load load;
};

static void home_load_run(struct shard_read *read, struct view *v)
{
    board_load_run(&((struct home_load *)read)->load, v);
}

static void home_mend(struct home *h, struct id board);

static void home_mended(struct shard *s, struct conn *conn, struct command *c, void *data)
{
    (void)s, (void)conn;
    if (c->verdict == VERDICT_ACCEPTED) home_mend(data, c->board);
}

static void home_mend(struct home *h, struct id board)
{
    struct command *c = h->ended ? NULL : engine_mend(h->engine, board);
    if (c) server_submit(h->server, 0, c, &(struct origin){.done = home_mended, .data = h});
}

static void home_load_done(struct shard_read *read, struct shard *s, struct conn *conn)
{
    (void)conn;
    struct home *h = s->server->home;
    struct home_load *l = (struct home_load *)read;
    h->reads--;
    if (read->err != ERR_OK) l->load.err = read->err;
    h->in_engine = true;
    engine_loaded(h->engine, &l->load, home_now_ms(h));
    h->in_engine = false;
    struct id board = l->load.board;
    board_load_fini(&l->load);
    home_mend(h, board);
}

static void home_load(void *context, struct id board, uint64_t after)
{
    struct home *h = context;
    struct shard *s = h->server->shards[0];
    struct home_load *l = shard_read_new(s, NULL, sizeof *l);
    l->load.board = board;
    l->load.after = after;
    arena_init(&l->load.arena, KIB(16), MIB(256));
    l->read.run = home_load_run;
    l->read.done = home_load_done;
    metric_add(METRIC_board_loads_total, 1);
    h->reads++;
    shard_read(s, &l->read);
}

struct home_text {
    struct shard_read read; /* first */
    struct id board, id;
    enum field field;
    uint64_t s;
    struct slice text; /* in read.arena */
};

static void home_text_run(struct shard_read *read, struct view *v)
{
    struct home_text *t = (struct home_text *)read;
    struct slice text = SLICE("");
    read->err = v->ops->text(v, t->board, t->id, t->field, &t->s, &text);
    if (read->err == ERR_NOT_FOUND) { /* never written: empty */
        read->err = ERR_OK;
        text = SLICE("");
        t->s = 0;
    }
    if (read->err == ERR_OK) t->text = arena_dup(&read->arena, text);
}

static void home_text_done(struct shard_read *read, struct shard *s, struct conn *conn)
{
    (void)conn;
    struct home *h = s->server->home;
    struct home_text *t = (struct home_text *)read;
    h->reads--;
    h->in_engine = true;
    struct text_read got = {.board = t->board,
            .id = t->id,
            .field = t->field,
            .err = read->err,
            .s = t->s,
            .text = t->text};
    engine_text(h->engine, &got, home_now_ms(h));
    h->in_engine = false;
}

static void home_load_text(void *context, struct id board, struct id id, enum field field)
{
    struct home *h = context;
    struct shard *s = h->server->shards[0];
    struct home_text *t = shard_read_new(s, NULL, sizeof *t);
    t->board = board;
    t->id = id;
    t->field = field;
    t->read.run = home_text_run;
    t->read.done = home_text_done;
    h->reads++;
    shard_read(s, &t->read);
}

static const struct engine_out home_out = {
        .answer = home_answer,
        .publish = home_publish,
        .barrier = home_barrier,
        .attached = home_attached,
        .append = home_append,
        .load = home_load,
        .load_text = home_load_text,
        .pause = home_pause,
};

/* -- what presence wants */

static void home_presence_send(
        void *context, uint32_t loop, struct mail *mail, enum mail_kind kind)
{
    home_send(context, loop, mail, kind);
}

static bool home_is_member(void *context, struct id board, struct id member)
{
    const struct home *h = context;
    const struct board *b = engine_board(h->engine, board);
    return !b || board_role(b, member) != ROLE_NONE;
}

static bool home_is_pressed(void *context, struct id board)
{
    const struct home *h = context;
    for (uint32_t i = 0; i < h->paused_count; i++) {
        if (id_eq(h->paused[i], board)) return true;
    }
    return false;
}

/* -- life */

struct home *home_new(struct server *server)
{
    struct home *h = MEM_NEW(struct home);
    h->server = server;
    h->engine = engine_new(&home_out, h);
    h->own = own_hub_new(home_own, h);
    h->presence = presence_hub_new(&(struct presence_home){
            .send = home_presence_send,
            .is_member = home_is_member,
            .is_pressed = home_is_pressed,
            .context = h,
    });
    arena_init(&h->scratch, KIB(16), MIB(16));
    server->log->answered = home_batch_answered;
    server->log->context = server;
    return h;
}

struct home *home_free(struct home *h)
{
    if (!h) return NULL;
    CHECK(!h->first);
    h->ended = true;
    h->engine = engine_free(h->engine);
    h->presence = presence_hub_free(h->presence);
    h->own = own_hub_free(h->own);
    arena_fini(&h->scratch);
    return mem_free(h);
}

struct home_census {
    struct shard_read read; /* first */
    uint64_t members;
};

static enum err census_count(void *context, enum kind kind, struct id id, struct slice json)
{
    (void)kind, (void)id, (void)json;
    ++*(uint64_t *)context;
    return ERR_OK;
}

static void home_census_run(struct shard_read *read, struct view *v)
{
    struct home_census *c = (struct home_census *)read;
    read->err =
            v->ops->entities(v, DIRECTORY_ID, KIND_MEMBER, KIND_MEMBER, census_count, &c->members);
    if (read->err == ERR_NOT_FOUND) read->err = ERR_OK;
}

static void home_census_done(struct shard_read *read, struct shard *s, struct conn *conn)
{
    (void)conn;
    struct home *h = s->server->home;
    h->reads--;
    h->ready(s->server, read->err, ((struct home_census *)read)->members);
}

void home_start(
        struct home *h, void (*ready)(struct server *server, enum err err, uint64_t members))
{
    h->ready = ready;
    h->in_engine = true;
    home_follow_directory(h);
    h->in_engine = false;
    struct shard *s = h->server->shards[0];
    struct home_census *c = shard_read_new(s, NULL, sizeof *c);
    c->read.run = home_census_run;
    c->read.done = home_census_done;
    h->reads++;
    shard_read(s, &c->read);
}

static void home_count(enum oplog_answer answer)
{
    switch (answer) {
    case OPLOG_COMMITTED: break; /* the writer counts those */
    case OPLOG_VOID: metric_add(METRIC_batches_void_total, 1); break;
    case OPLOG_REFUSED: metric_add(METRIC_batches_refused_total, 1); break;
    case OPLOG_UNKNOWN: metric_add(METRIC_batches_unknown_total, 1); break;
    case OPLOG_PENDING: UNREACHABLE();
    }
}

static void home_detach(struct home *h, const struct mail_board *m)
{
    if (!id_is_none(m->member)) { /* the member's own stream: the directory we follow ourselves */
        own_hub_leave(h->own, m->member, m->loop);
        return;
    }
    engine_detach(h->engine, m->board, m->loop);
    presence_hub_detach(h->presence, m->board, m->loop);
}

void home_mail(struct home *h, struct mail *mail)
{
    int64_t now_ms = home_now_ms(h);
    h->in_engine = true;
    if (mail->kind == MAIL_COMMAND) {
        engine_submit(h->engine, CONTAINER_OF(mail, struct command, mail), now_ms);
    } else if (mail->kind == MAIL_ATTACH) {
        struct attach *a = CONTAINER_OF(mail, struct attach, mail);
        if (attach_is_own(a)) own_hub_follow(h->own, a->actor.member, a->loop);
        engine_attach(h->engine, a, now_ms);
    } else if (mail->kind == MAIL_DETACH) {
        struct mail_board *m = CONTAINER_OF(mail, struct mail_board, mail);
        home_detach(h, m);
        mem_free(m);
    } else if (mail->kind == MAIL_PRESENCE) {
        struct mail_presence *m = CONTAINER_OF(mail, struct mail_presence, mail);
        presence_hub_take(h->presence, m, loop_now_ms(h->server->shards[0]->loop));
    } else {
        CHECK(mail->kind == MAIL_BATCH && h->batches > 0);
        struct batch *batch = CONTAINER_OF(mail, struct batch, mail);
        h->batches--;
        home_count(batch->answer);
        own_hub_batch(h->own, batch, engine_board(h->engine, batch->board));
        engine_answer(h->engine, batch, now_ms);
    }
    h->in_engine = false;
}

/* Our own wish to follow the directory came back. Before the first member there may be no
 * directory: asked again then. */
static void home_directory_attached(struct home *h, struct attach *a)
{
    h->attaching = false;
    h->following = a->err == ERR_OK;
    arena_fini(&a->arena);
    mem_free(a);
}

static void home_deliver(struct home *h, struct mail *mail)
{
    bool grown = false;
    if (mail->kind == MAIL_ATTACHED) {
        struct attach *a = CONTAINER_OF(mail, struct attach, mail);
        if (a->context == h) {
            home_directory_attached(h, a);
            return;
        }
    }
    if (mail->kind == MAIL_ANSWER) {
        const struct command *c = CONTAINER_OF(mail, struct command, mail);
        grown = !h->following && c->verdict == VERDICT_ACCEPTED && id_eq(c->board, DIRECTORY_ID);
    }
    shard_take(h->server->shards[0], mail);
    if (grown) {
        h->in_engine = true;
        home_follow_directory(h);
        h->in_engine = false;
    }
}

void home_deliver_all(struct home *h)
{
    while (h->first) {
        struct mail *mail = h->first;
        h->first = mail->next;
        if (!h->first) h->last = NULL;
        mail->next = NULL;
        home_deliver(h, mail);
    }
}

void home_turn(struct home *h)
{
    if (!h->ready) return; /* the loops are not all known yet */
    h->in_engine = true;
    engine_turn(h->engine, home_now_ms(h));
    presence_hub_turn(h->presence, loop_now_ms(h->server->shards[0]->loop));
    h->in_engine = false;
    home_deliver_all(h);
}

bool home_idle(const struct home *h)
{
    return engine_idle(h->engine) && h->batches == 0 && h->reads == 0 && !h->first;
}
