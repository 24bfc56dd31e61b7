#include "core/base/limits.h"
#include "core/engine_room.h"
#include "core/organization.h"

/* The cost of the whole board, so only where CHECK_SLOW is on. */
uint64_t room_hash(const struct room *r)
{
#ifdef TAVLA_CHECK_SLOW
    struct buf text;
    buf_init(&text, SIZE_MAX);
    board_write(r->board, &text);
    uint64_t docs = 0;
    for (const struct doc *d = r->board->docs; d != NULL; d = d->hh.next)
        docs += hash64(d->text, hash64(slice_of(d->id.bytes, ID_BYTES), d->s));
    const struct board_head *h = &r->board->head;
    buf_add_format(&text, "%llu %u %llu", (unsigned long long)h->sum, h->next_short,
            (unsigned long long)h->entities);
    uint64_t hash = hash64(buf_slice(&text), docs);
    buf_fini(&text);
    return hash;
#else
    (void)r;
    return 0;
#endif
}

/* -- out */

/* Each member the event took off the board: nothing of it from this seq on is theirs. */
static void barriers(struct engine *e, struct room *r, const struct event *event)
{
    for (uint32_t i = 0; i < event->effect_count; i++) {
        const struct effect *fx = &event->effects[i];
        if (fx->form != EFFECT_DEL || fx->kind != KIND_MEMBERSHIP) continue;
        for (uint32_t k = 0; k < fx->id_count; k++)
            e->out.barrier(e->context, r->id, r->loops,
                    object_value(fx->objects[k], F_MEMBERSHIP_ID_MEMBER)->id, event->seq);
    }
}

void room_publish(struct engine *e, struct room *r, const struct event *event)
{
    CHECK(event->seq == r->published + 1);
    barriers(e, r, event);
    if (!id_eq(event->readers, r->readers)) visitors_out(e, r, event->readers, event->seq);
    e->out.publish(e->context, r->id, r->loops, event);
    r->published = event->seq;
    if (r == e->directory) organization_losses(e, event);
}

void room_deliver(struct engine *e, struct room *r)
{
    struct command_queue judged = r->judged;
    r->judged = (struct command_queue){0};
    for (struct command *c; (c = queue_pop(&judged)) != NULL;) {
        CHECK(c->verdict != VERDICT_NONE);
        e->out.answer(e->context, c);
    }
}

/* -- back */

static void clean(struct board *b, const struct event *event)
{
    for (uint32_t i = 0; i < event->effect_count; i++)
        for (uint32_t k = 0; k < event->effects[i].id_count; k++) {
            struct object *o = board_find(b, event->effects[i].ids[k]);
            if (o != NULL) o->dirty = false;
        }
}

/* The board, its clients and its tail are as they were before the batch. */
static void roll_back(struct room *r, struct batch *batch)
{
    struct event **events = ARENA_NEW_ARRAY(&batch->arena, struct event *, batch->event_count);
    size_t count = 0;
    for (struct event *event = batch->events; event != NULL; event = event->next)
        events[count++] = event;
    CHECK(count == batch->event_count);
    while (count-- > 0) {
        tail_pop(&r->tail, events[count]->seq);
        event_unapply(r->board, events[count], &batch->arena);
    }
    for (struct event *event = batch->events; event != NULL; event = event->next)
        clean(r->board, event);
    r->board->head = batch->before;
    dedupe_rollback(&r->clients, r->undo);
    r->undo = NULL;
    CHECK_SLOW(room_hash(r) == r->slow_hash);
}

/* Everything judged goes before what came later, in its order. */
static void judge_again(struct room *r)
{
    for (struct command *c = r->judged.first; c != NULL; c = c->next)
        if (!c->id_taken) command_reset(c);
    if (r->judged.last == NULL) return;
    r->judged.last->next = r->queue.first;
    if (r->queue.last == NULL) r->queue.last = r->judged.last;
    r->queue.first = r->judged.first;
    r->queue.count += r->judged.count;
    r->judged = (struct command_queue){0};
}

/* -- committed */

static void drop_docs(struct board *b)
{
    struct doc *doc, *next;
    if (HASH_COUNT(b->docs) <= DOCS_PER_BOARD_KEPT) return;
    HASH_ITER(hh, b->docs, doc, next)
    board_doc_drop(b, doc);
}

static void committed(struct engine *e, struct room *r, struct batch *batch)
{
    batch_sums(r->board, batch);
    dedupe_commit(r->undo);
    r->undo = NULL;
    for (const struct event *event = batch->events; event != NULL; event = event->next)
        room_publish(e, r, event);
    drop_docs(r->board);
    room_deliver(e, r);
}

/* -- void */

static bool follow(
        struct engine *e, struct room *r, struct batch *batch, const struct event *record)
{
    struct event *event = ARENA_NEW(&batch->arena, struct event);
    struct fault fault;
    struct hash128 chain;
    if (event_decode(&batch->arena, record->public_json, (struct slice){0}, event, &fault) !=
            ERR_OK)
        return false;
    if (event->seq != r->board->head.seq + 1 ||
            !event_chain(r->board->head.chain, record->public_json, record->old_json, &chain)) {
        event_fini(event);
        return false;
    }
    event->chain = chain;
    event->public_json = record->public_json;
    event->old_json = record->old_json;
    event_apply(r->board, event, &batch->arena);
    event_follow(r->board, event);
    event->readers = board_readers(r->board);
    tail_push(&r->tail, event);
    if (event->cl.len > 0 && event->cl.len <= CLIENT_ID_CHARS_MAX) {
        struct client *client = dedupe_get(&r->clients, event->by, event->cl);
        if (event->n > client->row.last_n)
            dedupe_accept(&r->clients, client, event->n, event->seq, event->ts);
    }
    struct event **link = &batch->events;
    while (*link != NULL)
        link = &(*link)->next;
    *link = event;
    batch->event_count++;
    room_publish(e, r, event);
    return true;
}

/* Another node's records took the place: they are applied, and the same commands are judged on
 * top of them. */
static bool voided(struct engine *e, struct room *r, struct batch *batch)
{
    roll_back(r, batch);
    for (struct event *event = batch->events; event != NULL; event = event->next)
        event_fini(event);
    batch->events = NULL;
    batch->event_count = batch->entity_count = batch->text_count = batch->member_count =
            batch->client_count = 0;
    for (const struct event *record = batch->winners; record != NULL; record = record->next)
        if (!follow(e, r, batch, record)) return false;
    batch_rows(r, batch); /* who wrote the records stored these rows, too */
    batch_sums(r->board, batch);
    judge_again(r);
    return true;
}

/* -- refused */

/* The batch's event that adds an object of this id; NULL: none. */
static const struct event *added_by(const struct batch *batch, struct id id)
{
    for (const struct event *event = batch->events; event != NULL; event = event->next)
        for (uint32_t i = 0; i < event->effect_count; i++)
            if (event->effects[i].form == EFFECT_ADD && id_eq(event->effects[i].ids[0], id))
                return event;
    return NULL;
}

/* The command whose new object's id exists elsewhere: it alone is to blame. */
static bool blame(struct room *r, const struct batch *batch)
{
    const struct event *event = added_by(batch, batch->taken);
    /* a pair is of one command */
    if (event == NULL && batch->twin != NULL && added_by(batch->twin, batch->taken) != NULL)
        event = batch->events;
    uint64_t seq = event == NULL ? 0 : event->seq;
    for (struct command *c = r->judged.first; c != NULL && seq != 0; c = c->next) {
        if (c->verdict != VERDICT_ACCEPTED || c->seq != seq) continue;
        c->verdict = VERDICT_REJECTED;
        c->id_taken = true;
        if (c->ops[0].name == OP_REVERT)
            fault_set(&c->fault, ERR_CONFLICT, "s", "is about what is on another board now",
                    "something that was not moved there since");
        else
            fault_set(&c->fault, ERR_EXISTS, "id", "is taken", "an id that was never used");
        return true;
    }
    return false;
}

static void reject_all(struct room *r, enum err err)
{
    struct fault fault = {0};
    fault_set(&fault, err, "", "it could not be stored",
            "a disk with room, and a server that may write");
    for (struct command *c = r->judged.first; c != NULL; c = c->next) {
        bool unknown = c->verdict == VERDICT_UNKNOWN;
        command_reset(c);
        if (unknown) command_unknown(r, c);
        /* a duplicate is of what was stored long ago */
        else if (!command_duplicate(r, c))
            command_reject(r, c, &fault);
    }
}

static void refused(struct engine *e, struct room *r, struct room *guest, struct batch *batch)
{
    enum err err = batch->err == ERR_OK ? ERR_STORAGE : batch->err;
    bool one = err == ERR_EXISTS && blame(r, batch);
    roll_back(r, batch);
    if (guest != NULL) roll_back(guest, batch->twin);
    if (one) {
        judge_again(r);
        return;
    }
    reject_all(r, err);
    room_deliver(e, r);
}

/* -- unknown */

static void unknown(struct engine *e, struct room *r)
{
    for (struct command *c = r->judged.first; c != NULL; c = c->next)
        command_unknown(r, c);
    r->state = ROOM_COLD;
    room_deliver(e, r);
}

static struct room *land(struct engine *e, const struct batch *batch, int64_t now_ms)
{
    struct room *r = room_find(e, batch->board);
    CHECK(r != NULL && r->batch == batch);
    CHECK(e->writer_events >= batch->event_count);
    e->writer_events -= batch->event_count;
    r->batch = NULL;
    r->used_ms = now_ms;
    room_ready(e, r);
    return r;
}

void engine_answer(struct engine *e, struct batch *batch, int64_t now_ms)
{
    struct batch *twin = batch->twin;
    struct room *r = land(e, batch, now_ms);
    struct room *guest = twin == NULL ? NULL : land(e, twin, now_ms);
    CHECK(batch->answer != OPLOG_PENDING);
    switch (batch->answer) {
    case OPLOG_PENDING: break;
    case OPLOG_COMMITTED:
        if (guest != NULL) committed(e, guest, twin); /* before the sender hears of it */
        committed(e, r, batch);
        break;
    case OPLOG_VOID:
        if (guest != NULL && !voided(e, guest, twin)) unknown(e, guest);
        if (!voided(e, r, batch)) unknown(e, r);
        break;
    case OPLOG_REFUSED: refused(e, r, guest, batch); break;
    case OPLOG_UNKNOWN:
        roll_back(r, batch);
        unknown(e, r);
        if (guest == NULL) break;
        roll_back(guest, twin);
        unknown(e, guest);
        break;
    }
    batch_free(batch);
    room_pace(e, r);
}
