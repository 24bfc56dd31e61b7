#include "core/engine.h"

#include "core/engine_room.h"

#define SWEEP_MS (BOARD_IDLE_MS / 10)

struct room *room_find(const struct engine *e, struct id board)
{
    struct room *r;
    HASH_FIND(hh, e->rooms, &board, sizeof board, r);
    return r;
}

struct room *room_get(struct engine *e, struct id board, int64_t now_ms)
{
    struct room *r = room_find(e, board);
    if (r == NULL) {
        r = MEM_NEW(struct room);
        r->id = board;
        r->published = UINT64_MAX;
        chain_init(&r->waiters);
        HASH_ADD(hh, e->rooms, id, sizeof r->id, r);
    }
    r->used_ms = now_ms;
    room_ready(e, r);
    return r;
}

static void queue_free(struct command_queue *q)
{
    for (struct command *c; (c = queue_pop(q)) != NULL;)
        command_free(c);
}

static void room_free(struct engine *e, struct room *r)
{
    if (chain_linked(&r->ready)) chain_unlink(&r->ready);
    if (chain_linked(&r->parked)) chain_unlink(&r->parked);
    HASH_DEL(e->rooms, r);
    queue_free(&r->queue);
    queue_free(&r->judged);
    for (struct text_wait *w = r->waits, *next; w != NULL; w = next) {
        next = w->next;
        mem_free(w);
    }
    room_drop_state(r);
    mem_free(r->visitors);
    mem_free(r);
}

struct engine *engine_new(const struct engine_out *out, void *context)
{
    struct engine *e = MEM_NEW(struct engine);
    e->out = *out;
    e->context = context;
    chain_init(&e->ready);
    for (size_t i = 0; i < ARRAY_COUNT(e->public_json); i++) {
        buf_init(&e->public_json[i], EVENT_BYTES_MAX);
        buf_init(&e->old_json[i], EVENT_BYTES_MAX);
    }
    e->directory = room_get(e, DIRECTORY_ID, 0);
    return e;
}

struct engine *engine_free(struct engine *e)
{
    struct room *r, *next;
    if (e == NULL) return NULL;
    for (r = e->rooms; r != NULL; r = r->hh.next)
        while (chain_pop(&r->waiters) != NULL) {} /* before one of the two is gone */
    HASH_ITER(hh, e->rooms, r, next)
    {
        for (struct attach *a = r->attaches, *later; a != NULL; a = later) {
            later = (struct attach *)a->mail.next;
            a->err = fault_set(
                    &a->fault, ERR_BUSY, "", "the server is closing", "another try in a moment");
            e->out.attached(e->context, a);
        }
        room_free(e, r);
    }
    for (size_t i = 0; i < ARRAY_COUNT(e->public_json); i++) {
        buf_fini(&e->public_json[i]);
        buf_fini(&e->old_json[i]);
    }
    return mem_free(e);
}

void room_pace(struct engine *e, struct room *r)
{
    bool full = r->queue.count > BOARD_QUEUE_MAX, low = r->queue.count <= BOARD_QUEUE_MAX / 2;
    if (r->paused ? !low : !full) return;
    r->paused = !r->paused;
    e->out.pause(e->context, r->id, r->paused);
}

void engine_submit(struct engine *e, struct command *c, int64_t now_ms)
{
    struct room *r = room_get(e, c->board, now_ms);
    CHECK((c->op_count > 0) != (c->unfit != NULL) && c->verdict == VERDICT_NONE);
    queue_push(&r->queue, c);
    room_pace(e, r);
}

/* -- followers */

static void attach_push(struct engine *e, struct room *r, struct attach *a)
{
    a->mail.next = NULL;
    if (r->attaches_last != NULL)
        r->attaches_last->mail.next = &a->mail;
    else
        r->attaches = a;
    r->attaches_last = a;
    room_ready(e, r);
}

void engine_attach(struct engine *e, struct attach *a, int64_t now_ms)
{
    CHECK(a->loop < 64);
    attach_push(e, room_get(e, a->board, now_ms), a);
}

void engine_detach(struct engine *e, struct id board, uint32_t loop)
{
    struct room *r = room_find(e, board);
    CHECK(loop < 64);
    if (r == NULL) return;
    r->loops &= ~(UINT64_C(1) << loop);
    if (r->loops == 0) r->visitor_count = 0;
}

/* Only while nothing is in flight: then the head is committed, and so is what the clients' rows
 * say. */
static void attach_answer(struct engine *e, struct room *r, struct attach *a)
{
    struct grant grant;
    const struct client *client = NULL;
    const struct board *directory = directory_settled(e) ? e->directory->board : NULL;
    a->err = grant_open(r->board, directory, &a->actor, PERM_READ, &grant, &a->fault);
    if (!a->err) {
        if (grant.visitor) visitor_add(r, a->actor.member);
        a->head = (struct position){r->board->head.seq, hash_head(r->board->head.chain)};
        a->role = grant.role;
        r->loops |= UINT64_C(1) << a->loop;
        if (a->cl.len > 0 && a->cl.len <= CLIENT_ID_CHARS_MAX)
            client = dedupe_find(&r->clients, a->actor.member, a->cl);
    }
    if (client != NULL) {
        a->last_n = client->row.last_n;
        a->refused_count = client->row.refused_count;
        memcpy(a->refused, client->row.refused, sizeof a->refused);
    }
    e->out.attached(e->context, a);
}

static void serve_attaches(struct engine *e, struct room *r)
{
    struct attach *a = r->attaches;
    r->attaches = r->attaches_last = NULL;
    for (struct attach *next; a != NULL; a = next) {
        next = (struct attach *)a->mail.next;
        if (!room_asks_directory(r, &a->actor) || directory_settled(e))
            attach_answer(e, r, a);
        else
            attach_push(e, r, a);
    }
}

/* -- the turn */

static bool room_busy(const struct room *r)
{
    return r->queue.first != NULL || r->batch != NULL || r->attaches != NULL ||
           r->state == ROOM_LOADING || r->waits != NULL || !chain_empty(&r->waiters);
}

static void room_turn(struct engine *e, struct room *r, int64_t now_ms)
{
    bool wanted = room_busy(r) || r->loops != 0 || r == e->directory;
    switch (r->state) {
    case ROOM_COLD:
        if (wanted && now_ms >= r->retry_ms)
            room_load(e, r);
        else if (wanted)
            room_ready(e, r);
        return;
    case ROOM_LOADING: return;
    case ROOM_HOT:
        if (r->batch != NULL) return;
        serve_attaches(e, r);
        if (room_serve(e, r, now_ms)) return;
        r->yields = false;
        if (!chain_linked(&r->parked)) room_drain(e, r, now_ms);
        if (chain_empty(&r->waiters) || r->batch != NULL || r->waits != NULL) return;
        room_ready(e, r); /* nothing came of its own turn */
        e->again = true;
        return;
    }
}

/* A board that nobody uses leaves memory; one that does not exist leaves at once. */
static bool room_idle(const struct engine *e, const struct room *r, int64_t now_ms)
{
    if (r == e->directory || room_busy(r) || r->loops != 0) return false;
    bool nothing = r->state == ROOM_HOT && r->board->head.seq == 0;
    return nothing || now_ms - r->used_ms >= BOARD_IDLE_MS;
}

static void sweep(struct engine *e, int64_t now_ms)
{
    struct room *r, *next;
    if (now_ms < e->sweep_ms) return;
    e->sweep_ms = now_ms + SWEEP_MS;
    HASH_ITER(hh, e->rooms, r, next)
    if (room_idle(e, r, now_ms)) room_free(e, r);
}

/* Each room once: what becomes ready meanwhile is for the next time. */
static void rooms_turn(struct engine *e, int64_t now_ms)
{
    size_t count = 0;
    chain_each(&e->ready, link) count++;
    for (; count > 0 && !chain_empty(&e->ready); count--) {
        struct room *r = chain_entry(chain_pop(&e->ready), struct room, ready);
        room_turn(e, r, now_ms);
        room_pace(e, r);
        if (r->state == ROOM_HOT && r->board->head.seq == 0 && room_idle(e, r, now_ms))
            room_free(e, r);
    }
}

void engine_turn(struct engine *e, int64_t now_ms)
{
    do {
        e->again = false;
        rooms_turn(e, now_ms);
    } while (e->again);
    sweep(e, now_ms);
}

const struct board *engine_board(const struct engine *e, struct id board)
{
    const struct room *r = room_find(e, board);
    return r == NULL ? NULL : r->board;
}

bool engine_idle(const struct engine *e)
{
    for (const struct room *r = e->rooms; r != NULL; r = r->hh.next)
        if (room_busy(r)) return false;
    return true;
}
