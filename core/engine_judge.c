#include <stdio.h>

#include "core/base/limits.h"
#include "core/engine_room.h"
#include "core/organization.h"
#include "core/resolve.h"

#define N_MAX (((uint64_t)1 << 53) - 1) /* what JSON can carry to every client */

/* -- verdicts */

void command_reset(struct command *c)
{
    c->verdict = VERDICT_NONE;
    c->seq = c->at = 0;
    c->position = (struct position){0};
    c->fault = (struct fault){0};
    c->current = c->body = (struct slice){0};
    c->refused_count = 0;
}

static bool numbered(const struct command *c)
{
    return c->cl.len > 0 && c->cl.len <= CLIENT_ID_CHARS_MAX && c->n > 0 && c->n <= N_MAX;
}

static bool known_here(const struct room *r, const struct command *c)
{
    return c->actor.system || board_role(r->board, c->actor.member) != ROLE_NONE;
}

void command_reject(const struct room *r, struct command *c, const struct fault *fault)
{
    CHECK(fault->err != ERR_OK);
    c->verdict = VERDICT_REJECTED;
    if (fault != &c->fault) c->fault = *fault;
    c->at = r->board->head.seq;
}

/* Its sender must send it again. Whatever else comes from there before that would overtake it,
 * and is unknown as well. */
void command_unknown(struct room *r, struct command *c)
{
    command_reset(c);
    c->verdict = VERDICT_UNKNOWN;
    fault_set(&c->fault, ERR_UNKNOWN, "", "the store gave no answer",
            "the same request again: it is known by its number");
    if (numbered(c)) client_unknown(dedupe_get(&r->clients, c->actor.member, c->cl), c->n);
}

static bool in_order(struct room *r, struct command *c)
{
    struct client *client = c->cl.len > 0 ? dedupe_find(&r->clients, c->actor.member, c->cl) : NULL;
    return client == NULL || client_in_order(client, c->n);
}

/* Also of somebody who is no member any more, or never was, as who visits and joins: it is their
 * own that they ask about, and a number is not judged twice. They hear nothing newer with it. */
bool command_duplicate(struct room *r, struct command *c)
{
    if (!numbered(c)) return false;
    const struct client *client = dedupe_find(&r->clients, c->actor.member, c->cl);
    if (client == NULL || c->n > client->row.last_n) return false;
    c->verdict = VERDICT_DUPLICATE;
    c->seq = client->row.seq;
    c->at = known_here(r, c) ? r->board->head.seq : client->row.seq;
    c->refused_count = client->row.refused_count;
    memcpy(c->refused, client->row.refused, sizeof c->refused);
    return true;
}

/* -- resolving */

static enum perm op_perm(const struct op *op, const struct actor *actor)
{
    if ((op->name == OP_TEXT || op->name == OP_TEXT_PUT) && op->kind == KIND_BOARD)
        return PERM_ADMIN;
    if (op->name == OP_REVERT) return revert_perm(op);
    if (op->name == OP_MEMBER_REMOVE && !id_is_none(actor->member) &&
            id_eq(op->member, actor->member))
        return PERM_READ;
    return op_info(op->name)->perm;
}

static void name_op(struct fault *fault, uint32_t index, uint32_t count)
{
    char field[sizeof fault->field];
    if (count < 2) return;
    snprintf(field, sizeof field, "ops[%u]%s%.30s", index, fault->field[0] == '\0' ? "" : ".",
            fault->field);
    memcpy(fault->field, field, sizeof field);
}

static enum err resolve_all(struct change *ch, const struct room *r, const struct command *c,
        struct board *other)
{
    for (uint32_t i = 0; i < c->op_count; i++) {
        struct grant grant;
        const struct op *op = &c->ops[i];
        enum err err = ERR_OK;
        if (id_is_none(r->id) != op_on_directory(op->name))
            err = fault_set(ch->fault, ERR_NOT_FOUND, "op", "is not for this object",
                    "an op of the board or of the directory");
        if (!err)
            err = grant_open(
                    r->board, ch->directory, &c->actor, op_perm(op, &c->actor), &grant, ch->fault);
        if (!err) {
            change_begin(ch, &grant);
            if (other != NULL)
                err = grant_open(other, ch->directory, &c->actor, op_perm(op, &c->actor), &grant,
                        ch->fault);
        }
        if (!err && other != NULL) change_begin(ch->other, &grant);
        if (!err) err = resolve_op(ch, op);
        if (err) {
            name_op(ch->fault, i, c->op_count);
            return err;
        }
    }
    if (ch->board != NULL) change_finish(ch);
    return ERR_OK;
}

/* [["<card>","due","<by>",41,"2026-.."]] */
static struct slice overwrites_json(struct arena *a, const struct overwrite *overwrites)
{
    struct buf text;
    if (overwrites == NULL) return (struct slice){0};
    buf_init(&text, EVENT_BYTES_MAX);
    struct json_out j = json_out(&text);
    json_array_begin(&j);
    for (const struct overwrite *w = overwrites; w != NULL; w = w->next) {
        json_array_begin(&j);
        json_id(&j, w->id);
        json_str(&j, w->field);
        json_id(&j, w->by);
        json_u64(&j, w->s);
        json_raw(&j, w->old);
        json_array_end(&j);
    }
    json_array_end(&j);
    struct slice made = buf_ok(&text) ? arena_dup(a, buf_slice(&text)) : (struct slice){0};
    buf_fini(&text);
    return made;
}

static enum err check_size(const struct change *ch)
{
    const struct event *event = ch->event;
    size_t bytes =
            ch->public_json->len + ch->old_json->len + event->ow.len + event->tx.len + KIB(1);
    if (buf_ok(ch->public_json) && buf_ok(ch->old_json) && bytes <= EVENT_BYTES_MAX &&
            event->effect_count <= JSON_ITEMS_MAX)
        return ERR_OK;
    return fault_setf(ch->fault, ERR_TOO_LARGE, "ops", "a change that fits one event",
            "make %u effects in %zu bytes or more", event->effect_count, bytes);
}

/* at: 1 for a twin, whose event is nobody's by number. */
static struct change change_open(struct engine *e, struct room *r, struct batch *batch,
        struct command *c, size_t at, int64_t now_ms)
{
    struct event *event = ARENA_NEW(&batch->arena, struct event);
    const struct board_head *head = &r->board->head;
    struct change ch = {.arena = &batch->arena,
            .event = event,
            .base = at == 0 ? c->base : UINT64_MAX,
            .fault = &c->fault,
            .tail = &r->tail,
            .public_json = &e->public_json[at],
            .old_json = &e->old_json[at]};
    event->seq = head->seq + 1;
    event->ts = now_ms > head->ts ? now_ms : head->ts;
    event->by = c->actor.member;
    if (at == 0) {
        event->cl = arena_dup(&batch->arena, c->cl);
        event->n = c->n;
    }
    if (r != e->directory && e->directory->state == ROOM_HOT) ch.directory = e->directory->board;
    buf_clear(ch.public_json);
    buf_clear(ch.old_json);
    BUF_ADD(ch.public_json, "[");
    BUF_ADD(ch.old_json, "[");
    return ch;
}

static enum err change_close(struct change *ch)
{
    BUF_ADD(ch->public_json, "]");
    BUF_ADD(ch->old_json, "]");
    ch->event->ow = overwrites_json(ch->arena, ch->overwrites);
    return check_size(ch);
}

static void change_seal(struct change *ch)
{
    struct event *event = ch->event;
    /* an op that found nothing to do */
    if (!event->applied) event_apply(ch->board, event, ch->arena);
    event_seal(ch->board, event, ch->arena, buf_slice(ch->public_json), buf_slice(ch->old_json));
}

/* The event for this command, and that of its twin, applied and sealed; or a refusal that left no
 * trace. */
static enum err make_events(struct engine *e, struct room *r, struct batch *batch,
        struct command *c, int64_t now_ms, struct event *ret_events[2])
{
    struct room *guest = batch->twin == NULL ? NULL : room_find(e, batch->twin->board);
    struct change ch = change_open(e, r, batch, c, 0, now_ms), other = {0};
    if (guest != NULL) {
        other = change_open(e, guest, batch->twin, c, 1, now_ms);
        ch.other = &other;
    }
    enum err err = resolve_all(&ch, r, c, guest == NULL ? NULL : guest->board);
    if (!err) err = change_close(&ch);
    if (!err && guest != NULL) err = change_close(&other);
    if (err) {
        if (ch.board != NULL) change_undo(&ch);
        if (other.board != NULL) change_undo(&other);
        c->current = arena_dup(&c->arena, ch.current);
        return err;
    }
    change_seal(&ch);
    if (guest != NULL) change_seal(&other);
    ret_events[0] = ch.event;
    ret_events[1] = other.event;
    return ERR_OK;
}

/* What the sender asked to see: the state right after its own event. */
static void project(struct room *r, struct command *c)
{
    struct buf body;
    const struct object *o = NULL;
    bool written;
    if (c->want_kind == KIND_BOARD)
        o = board_self(r->board);
    else if (c->want_kind != KIND_NONE)
        o = board_get(r->board, c->want_kind, c->want_id);
    if (c->project == NULL && o == NULL) return;
    buf_init(&body, EVENT_BYTES_MAX);
    if (c->project != NULL) {
        written = c->project(c, r->board, &body);
    } else {
        object_write(o, &body);
        written = true;
    }
    if (written && buf_ok(&body)) c->body = arena_dup(&c->arena, buf_slice(&body));
    buf_fini(&body);
}

static void batch_add(struct room *r, struct batch *batch, struct event *event)
{
    event->readers = board_readers(r->board);
    tail_push(&r->tail, event);
    if (r->newest != NULL)
        r->newest->next = event;
    else
        batch->events = event;
    r->newest = event;
    batch->event_count++;
    batch->bytes += event->public_json.len + event->old_json.len;
}

/* guest: of a transfer, where the cards are now; else NULL. */
static void accept(struct room *r, struct batch *batch, struct command *c, struct room *guest,
        struct event *const *events)
{
    const struct event *event = events[0];
    c->verdict = VERDICT_ACCEPTED;
    c->seq = c->at = event->seq;
    c->position = (struct position){event->seq, hash_head(event->chain)};
    if (c->cl.len > 0) {
        struct client *client = dedupe_get(&r->clients, c->actor.member, c->cl);
        dedupe_save(client, &batch->arena, &r->undo);
        dedupe_accept(&r->clients, client, c->n, event->seq, event->ts);
    }
    batch_add(r, batch, events[0]);
    if (guest != NULL) batch_add(guest, batch->twin, events[1]);
    project(guest != NULL ? guest : r, c);
}

/* Whether it is this command's turn to be judged; else it has its answer. */
static bool judgeable(struct room *r, struct command *c)
{
    command_reset(c);
    if (c->cl.len > CLIENT_ID_CHARS_MAX || (c->cl.len > 0 && (c->n == 0 || c->n > N_MAX))) {
        fault_set(&c->fault, ERR_INVALID, "n", "is no client id and number that can be judged",
                "at most 32 characters, and n from 1 to 2^53 - 1");
        command_reject(r, c, &c->fault);
        return false;
    }
    if (command_duplicate(r, c)) return false;
    if (in_order(r, c)) return true;
    command_unknown(r, c);
    return false;
}

/* The port refused its id, or its text cannot be read: it is not tried again. */
static void judge_doomed(struct room *r, struct command *c)
{
    struct fault why = c->fault;
    if (judgeable(r, c)) command_reject(r, c, &why);
}

void command_judge(
        struct engine *e, struct room *r, struct batch *batch, struct command *c, int64_t now_ms)
{
    struct event *events[2];
    if (c->verdict == VERDICT_REJECTED) {
        judge_doomed(r, c);
        return;
    }
    if (!judgeable(r, c)) return;
    if (c->unfit != NULL)
        command_reject(r, c, c->unfit);
    else if (make_events(e, r, batch, c, now_ms, events) != ERR_OK)
        command_reject(r, c, &c->fault);
    else
        accept(r, batch, c, batch->twin == NULL ? NULL : room_find(e, batch->twin->board), events);
}
