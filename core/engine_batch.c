#include "core/base/limits.h"
#include "core/engine_room.h"

#define BATCH_BLOCK_BYTES     KIB(64)
#define BATCH_ARENA_BYTES_MAX ((size_t)1 << 36) /* bounded by the board it is a part of */

static struct batch *batch_new(struct room *r)
{
    struct batch *batch = MEM_NEW(struct batch);
    batch->board = r->id;
    batch->before = r->board->head;
    arena_init(&batch->arena, BATCH_BLOCK_BYTES, BATCH_ARENA_BYTES_MAX);
    return batch;
}

struct batch *batch_free(struct batch *batch)
{
    if (batch == NULL) return NULL;
    for (struct event *event = batch->events; event != NULL; event = event->next)
        event_fini(event);
    batch_free(batch->twin);
    arena_fini(&batch->arena);
    return mem_free(batch);
}

/* -- rows */

static bool indexed(enum kind kind)
{
    return kind == KIND_CARD || kind == KIND_BOARD;
}

static struct id card_of(struct object *o)
{
    enum field f = kind_card_field(o->kind);
    return f == FIELD_COUNT ? (struct id){{0}} : object_value(o, f)->id;
}

static void row_put(struct room *r, struct batch *batch, struct object *o, struct buf *text)
{
    struct entity_row *row = &batch->entities[batch->entity_count++];
    buf_clear(text);
    object_write(o, text);
    o->dirty = false;
    *row = (struct entity_row){.kind = o->kind, .id = o->id, .fresh = o->sum == 0, .object = o};
    row->card = card_of(o);
    row->json = arena_dup(&batch->arena, buf_slice(text));
    row->sum = entity_sum(o->kind, o->id, row->json);
    if (indexed(o->kind)) {
        struct slice link = value_slice(
                object_value(o, o->kind == KIND_CARD ? F_CARD_SHORT_LINK : F_BOARD_SHORT_LINK));
        if (link.len == SHORT_LINK_TEXT) memcpy(row->short_link, link.ptr, SHORT_LINK_TEXT);
    }
    r->board->head.sum += row->sum - o->sum;
    if (row->fresh) r->board->head.entities++;
}

/* An object that came and went within the batch was never stored, so there is nothing to delete. */
static void row_delete(struct room *r, struct batch *batch, struct object *o)
{
    if (o->sum == 0) return;
    struct entity_row *row = &batch->entities[batch->entity_count++];
    *row = (struct entity_row){.kind = o->kind, .id = o->id, .card = card_of(o)};
    if (indexed(o->kind)) {
        struct slice link = value_slice(
                object_value(o, o->kind == KIND_CARD ? F_CARD_SHORT_LINK : F_BOARD_SHORT_LINK));
        if (link.len == SHORT_LINK_TEXT) memcpy(row->short_link, link.ptr, SHORT_LINK_TEXT);
    }
    r->board->head.sum -= o->sum;
    r->board->head.entities--;
}

static void text_put(struct room *r, struct batch *batch, const struct event *event, struct id id,
        enum field field)
{
    const struct doc *doc = board_doc(r->board, id, field);
    if (doc == NULL || doc->s != event->seq) return; /* a later event has it, or it is deleted */
    batch->texts[batch->text_count++] = (struct text_row){
            .id = id, .field = field, .s = doc->s, .text = arena_dup(&batch->arena, doc->text)};
}

static void text_rows(
        struct room *r, struct batch *batch, const struct event *event, const struct effect *fx)
{
    if (fx->form == EFFECT_TXT) text_put(r, batch, event, fx->ids[0], fx->field);
    for (uint32_t i = 0; i < fx->text_count; i++) {
        struct id id = fx->ids[fx->texts[i].index];
        if (fx->form == EFFECT_ADD)
            text_put(r, batch, event, id, fx->texts[i].field);
        else
            batch->texts[batch->text_count++] =
                    (struct text_row){.id = id, .field = fx->texts[i].field, .gone = true};
    }
}

static void member_put(struct room *r, struct batch *batch, struct object *membership)
{
    struct id member = object_value(membership, F_MEMBERSHIP_ID_MEMBER)->id;
    enum role role = r->board->head.deleted ? ROLE_NONE : board_role(r->board, member);
    batch->members[batch->member_count++] = (struct member_row){member, role};
}

/* An organization's boards are found as a member's are. */
static void readers_put(struct batch *batch, const struct value *organization, enum role role)
{
    if (organization->type != VALUE_ID) return;
    batch->members[batch->member_count++] = (struct member_row){organization->id, role};
}

static void organization_rows(struct room *r, struct batch *batch, const struct effect *fx)
{
    struct object *self = board_self(r->board);
    for (uint32_t i = 0; fx->form == EFFECT_SET && i < fx->column_count; i++)
        if (fx->columns[i].field == F_BOARD_ID_ORGANIZATION) /* what it was before */
            readers_put(batch, &fx->columns[i].values[0], ROLE_NONE);
    if (fx->form == EFFECT_DEL)
        readers_put(batch, object_value(fx->objects[0], F_BOARD_ID_ORGANIZATION), ROLE_NONE);
    if (self != NULL)
        readers_put(batch, object_value(self, F_BOARD_ID_ORGANIZATION), ROLE_OBSERVER);
}

static void effect_rows(struct room *r, struct batch *batch, const struct event *event,
        const struct effect *fx, struct buf *text)
{
    for (uint32_t i = 0; i < fx->id_count; i++) {
        struct object *o = board_find(r->board, fx->ids[i]);
        if (o != NULL && fx->kind == KIND_MEMBERSHIP) member_put(r, batch, o);
        if (o != NULL && o->dirty) row_put(r, batch, o, text);
        if (fx->form != EFFECT_DEL) continue;
        row_delete(r, batch, fx->objects[i]);
        if (fx->kind == KIND_MEMBERSHIP) member_put(r, batch, fx->objects[i]);
    }
    if (fx->kind == KIND_BOARD) organization_rows(r, batch, fx);
    text_rows(r, batch, event, fx);
}

static void client_rows(struct room *r, struct batch *batch)
{
    uint32_t count = 0;
    for (const struct dedupe_undo *u = r->undo; u != NULL; u = u->next)
        count += u->client->row.last_n != u->row.last_n;
    batch->clients = ARENA_NEW_ARRAY(&batch->arena, struct client_row, count);
    for (const struct dedupe_undo *u = r->undo; u != NULL; u = u->next) {
        if (u->client->row.last_n == u->row.last_n) continue;
        struct client_row *row = &batch->clients[batch->client_count++];
        *row = u->client->row;
        row->cl = arena_dup(&batch->arena, row->cl);
    }
}

void batch_rows(struct room *r, struct batch *batch)
{
    size_t ids = 0, texts = 0;
    struct buf text; /* of one row at a time */
    buf_init(&text, SIZE_MAX);
    for (const struct event *event = batch->events; event != NULL; event = event->next)
        for (uint32_t i = 0; i < event->effect_count; i++) {
            ids += event->effects[i].id_count;
            texts += event->effects[i].text_count + (event->effects[i].form == EFFECT_TXT);
        }
    batch->entities = ARENA_NEW_ARRAY(&batch->arena, struct entity_row, ids);
    batch->texts = ARENA_NEW_ARRAY(&batch->arena, struct text_row, texts);
    batch->members = ARENA_NEW_ARRAY(
            &batch->arena, struct member_row, 2 * ids + r->board->count[KIND_MEMBERSHIP]);
    for (const struct event *event = batch->events; event != NULL; event = event->next)
        for (uint32_t i = 0; i < event->effect_count; i++)
            effect_rows(r, batch, event, &event->effects[i], &text);
    buf_fini(&text);
    for (struct object *o = r->board->objects; r->board->head.deleted && o != NULL; o = o->hh.next)
        if (o->kind == KIND_MEMBERSHIP) member_put(r, batch, o);
    client_rows(r, batch);
    batch->after = r->board->head;
}

void batch_sums(struct board *b, const struct batch *batch)
{
    for (uint32_t i = 0; i < batch->entity_count; i++)
        if (batch->entities[i].object != NULL)
            batch->entities[i].object->sum = batch->entities[i].sum;
    b->head.number = batch->after.number;
}

/* -- the drain */

/* The op puts the board into an organization, takes back that it left one, or may bring people of
 * one along. */
static bool names_organization(const struct op *op)
{
    if (op->name == OP_IMPORT_ADD) return true;
    for (uint32_t i = 0; i < op->set_count; i++)
        if (op->sets[i].field == F_BOARD_ID_ORGANIZATION) return true;
    for (uint32_t i = 0; op->name == OP_REVERT && i < op->record->effect_count; i++)
        if (op->record->effects[i].kind == KIND_BOARD) return true;
    return false;
}

/* Someone is made a member only of what the directory has; until it is in memory that cannot be
 * said. What an organization allows is said of what is committed. */
static bool directory_ready(const struct engine *e, const struct room *r, const struct command *c)
{
    bool organization = r != e->directory && room_asks_directory(r, &c->actor);
    for (uint32_t i = 0; i < c->op_count; i++) {
        if (c->ops[i].name == OP_MEMBER_ADD && e->directory->state != ROOM_HOT) return false;
        organization = organization || (r != e->directory && names_organization(&c->ops[i]));
    }
    return !organization || directory_settled(e);
}

static bool batch_full(const struct engine *e, const struct batch *batch)
{
    return batch->event_count >= BATCH_EVENTS_MAX ||
           batch->bytes > BATCH_BYTES_MAX - EVENT_BYTES_MAX ||
           e->writer_events + batch->event_count >= WRITER_EVENTS_MAX;
}

static void batch_begin(struct room *r)
{
    r->undo = NULL;
    r->newest = NULL;
    r->slow_hash = room_hash(r);
}

/* A command that wants a second board: it is alone in its batches. */
static void judge_pair(struct engine *e, struct room *r, struct batch *batch, struct id board,
        int64_t now_ms)
{
    if (r->judged.first != NULL) { /* they go first */
        e->again = true;
        room_ready(e, r);
        return;
    }
    if (e->writer_events + 2 > WRITER_EVENTS_MAX) {
        room_ready(e, r);
        return;
    }
    struct room *guest = room_find(e, board);
    /* before it has its turn: that would be for nothing, again and again */
    if (guest != NULL && guest->state == ROOM_HOT && !directory_settled(e) &&
            room_asks_directory(guest, &r->queue.first->actor)) {
        room_ready(e, r);
        return;
    }
    guest = room_guest(e, r, board, now_ms);
    if (guest == NULL) return;
    batch->twin = batch_new(guest);
    batch_begin(guest);
    room_ready(e, r);
    queue_push(&r->judged, queue_pop(&r->queue));
    command_judge(e, r, batch, r->judged.first, now_ms);
}

/* Judges what waits, in order, until the batch is full or a command needs something that is not
 * in memory. */
static void judge_waiting(struct engine *e, struct room *r, struct batch *batch, int64_t now_ms)
{
    while (r->queue.first != NULL) {
        struct command *c = r->queue.first;
        struct id board;
        if (batch_full(e, batch)) {
            room_ready(e, r);
            return;
        }
        if (!directory_ready(e, r, c)) {
            room_ready(e, r);
            return;
        }
        if (r->waits != NULL || !room_texts_ready(e, r, c, batch->event_count == 0)) {
            if (batch->event_count > 0 || r->waits == NULL) room_ready(e, r);
            return;
        }
        if (command_guest(r, c, &board)) {
            judge_pair(e, r, batch, board, now_ms);
            return;
        }
        queue_push(&r->judged, queue_pop(&r->queue));
        command_judge(e, r, batch, c, now_ms);
    }
}

static void batch_close(struct engine *e, struct room *r, struct batch *batch)
{
    batch_rows(r, batch);
    e->writer_events += batch->event_count;
    r->batch = batch;
}

void room_drain(struct engine *e, struct room *r, int64_t now_ms)
{
    CHECK(r->state == ROOM_HOT && r->batch == NULL && r->judged.first == NULL);
    if (r->queue.first == NULL) return;
    struct batch *batch = batch_new(r);
    batch_begin(r);
    judge_waiting(e, r, batch, now_ms);
    r->used_ms = now_ms;
    if (batch->event_count == 0) {
        dedupe_commit(r->undo);
        r->undo = NULL;
        batch_free(batch);
        room_deliver(e, r);
        return;
    }
    batch_close(e, r, batch);
    if (batch->twin != NULL) batch_close(e, room_find(e, batch->twin->board), batch->twin);
    e->out.append(e->context, batch);
}
