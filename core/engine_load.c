#include "core/engine_room.h"
#include "core/organization.h"

#define RETRY_MS 1000

void room_load(struct engine *e, struct room *r)
{
    CHECK(r->state == ROOM_COLD && r->batch == NULL);
    r->state = ROOM_LOADING;
    e->out.load(e->context, r->id, r->published);
}

void room_drop_state(struct room *r)
{
    r->board = board_free(r->board);
    dedupe_fini(&r->clients);
    tail_fini(&r->tail);
}

static void refuse_all(struct engine *e, struct room *r, const struct fault *fault)
{
    for (struct command *c; (c = queue_pop(&r->queue)) != NULL;) {
        if (c->cl.len > 0) {
            /* what was judged of its sender cannot be seen, so neither can this be */
            command_unknown(r, c);
        } else {
            c->verdict = VERDICT_REJECTED;
        }
        c->fault = *fault;
        e->out.answer(e->context, c);
    }
    struct attach *a = r->attaches;
    r->attaches = r->attaches_last = NULL;
    for (struct attach *next; a != NULL; a = next) {
        next = (struct attach *)a->mail.next;
        a->fault = *fault;
        a->err = fault->err;
        e->out.attached(e->context, a);
    }
}

/* Who was a member in what we had and is none now: cut off before the first of the events that
 * we did not see ourselves. */
static void lost_members(struct engine *e, struct room *r, const struct board *now)
{
    for (struct object *o = r->board->objects; o != NULL; o = o->hh.next) {
        if (o->kind != KIND_MEMBERSHIP) continue;
        struct id member = object_value(o, F_MEMBERSHIP_ID_MEMBER)->id;
        if (board_role(now, member) == ROLE_NONE)
            e->out.barrier(e->context, r->id, r->loops, member, r->published + 1);
    }
}

/* A stored record's h is at its end: ..,"h":"0123456789abcdef"}. Whoever follows needs only
 * these 64 bits of the chain. */
static void read_h(struct event *event)
{
    uint64_t h = 0;
    CHECK(event->public_json.len > 18);
    const char *digits = event->public_json.ptr + event->public_json.len - 18;
    for (int i = 0; i < 16; i++)
        h = h << 4 | (uint64_t)(digits[i] <= '9' ? digits[i] - '0' : digits[i] - 'a' + 10);
    for (int i = 0; i < 8; i++)
        event->chain.bytes[i] = (uint8_t)(h >> (56 - 8 * i));
    CHECK(hash_head(event->chain) == h);
}

static void take_state(struct engine *e, struct room *r, struct board_load *load, int64_t now_ms)
{
    struct board *state = load->state;
    /* there may be one after its board.create */
    if (load->err == ERR_NOT_FOUND) state = board_new(r->id);
    load->state = NULL;
    struct id readers = board_readers(state);
    if (r->board != NULL && r->published != UINT64_MAX) {
        lost_members(e, r, state);
        if (!id_eq(readers, r->readers)) visitors_out(e, r, readers, r->published + 1);
    }
    if (r == e->directory && r->board != NULL) organization_lost(e, r->board, state);
    r->readers = readers;
    struct dedupe clients;
    dedupe_init(&clients);
    dedupe_load(&clients, load->clients, load->client_count, now_ms);
    dedupe_adopt(&clients, &r->clients);
    room_drop_state(r);
    r->board = state;
    r->clients = clients;
    tail_init(&r->tail, state->head.seq);
    r->state = ROOM_HOT;
    for (struct event *event = load->events; event != NULL; event = event->next) {
        if (r->published == UINT64_MAX || event->seq <= r->published) continue;
        CHECK(event->seq == r->published + 1);
        read_h(event);
        e->out.publish(e->context, r->id, r->loops, event);
        r->published = event->seq;
    }
    CHECK(r->published == UINT64_MAX || r->published == state->head.seq);
    r->published = state->head.seq;
}

void engine_loaded(struct engine *e, struct board_load *load, int64_t now_ms)
{
    struct room *r = room_find(e, load->board);
    if (r == NULL || r->state != ROOM_LOADING) return;
    room_ready(e, r);
    if (load->err == ERR_OK || load->err == ERR_NOT_FOUND) {
        take_state(e, r, load, now_ms);
        return;
    }
    struct fault fault = {0};
    fault_set(&fault, load->err, "", "the board could not be read", "stored data that can be read");
    r->state = ROOM_COLD;
    r->retry_ms = now_ms + RETRY_MS;
    refuse_all(e, r, &fault);
    room_turn_away(e, r, &fault);
    room_pace(e, r);
}

/* -- texts */

struct needs {
    struct engine *engine;
    struct room *room;
    bool ask, ready;
};

static void need(void *context, struct id id, enum field field)
{
    struct needs *n = context;
    struct room *r = n->room;
    if (id_is_none(id)) id = r->id;
    /* it will be refused, or is made before by the same command */
    if (board_get(r->board, field_info(field)->kind, id) == NULL) return;
    if (board_doc(r->board, id, field) != NULL) return;
    n->ready = false;
    if (!n->ask) return;
    for (struct text_wait *w = r->waits; w != NULL; w = w->next)
        if (id_eq(w->id, id) && w->field == field) return;
    struct text_wait *w = MEM_NEW(struct text_wait);
    *w = (struct text_wait){.next = r->waits, .id = id, .field = field};
    r->waits = w;
}

/* Asks only while nothing is pending on the board, so that what is read is the current text. */
bool room_texts_ready(struct engine *e, struct room *r, const struct command *c, bool ask)
{
    if (c->verdict == VERDICT_REJECTED) return true; /* doomed already */
    struct needs n = {.engine = e, .room = r, .ask = ask, .ready = true};
    CHECK(IMPLIES(ask, r->batch == NULL && r->waits == NULL));
    for (uint32_t i = 0; i < c->op_count; i++)
        op_needs(&c->ops[i], need, &n);
    /* The answers may come at once, so the list is walked by a copy of what to ask. */
    size_t count = 0;
    for (struct text_wait *w = r->waits; w != NULL; w = w->next)
        count++;
    if (count == 0 || !ask) return n.ready;
    struct text_wait *wanted = MEM_NEW_ARRAY(struct text_wait, count), *w = r->waits;
    for (size_t i = 0; i < count; i++, w = w->next)
        wanted[i] = *w;
    for (size_t i = 0; i < count; i++)
        e->out.load_text(e->context, r->id, wanted[i].id, wanted[i].field);
    mem_free(wanted);
    return false;
}

/* Without its text the command that waits for it cannot be resolved: it is the one that will be
 * refused. */
static void text_failed(struct room *r)
{
    struct command *c = r->queue.first;
    CHECK(c != NULL);
    c->verdict = VERDICT_REJECTED;
    fault_set(&c->fault, r->text_err, "", "the text could not be read",
            "stored data that can be read");
    r->text_err = ERR_OK;
}

void engine_text(struct engine *e, const struct text_read *read, int64_t now_ms)
{
    struct room *r = room_find(e, read->board);
    if (r == NULL || r->state != ROOM_HOT) return;
    struct text_wait **link = &r->waits;
    while (*link != NULL && !(id_eq((*link)->id, read->id) && (*link)->field == read->field))
        link = &(*link)->next;
    if (*link == NULL) return;
    struct text_wait *w = *link;
    *link = w->next;
    mem_free(w);
    CHECK(r->batch == NULL);
    if (read->err == ERR_OK)
        board_doc_put(r->board, read->id, read->field, read->s, read->text);
    else if (read->err == ERR_NOT_FOUND)
        board_doc_put(r->board, read->id, read->field, 0, (struct slice){0});
    else
        r->text_err = read->err;
    r->used_ms = now_ms;
    if (r->waits != NULL) return;
    if (r->text_err) text_failed(r);
    room_ready(e, r);
}
