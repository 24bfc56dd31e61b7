/* live_own.c - a live that follows its member's own stream: joining it, and the ops on it.
 *
 *   op -> may they see the board? a read, one after the other -> dir.star, dir.watch at home
 *      -> verdict -> said behind the reading that has it (own.h)
 *
 * What is asked goes to the directory, which only the server itself writes: so the ops are made
 * here anew, of the two that there are, under the asker's own shelf. */
#include "core/base/json.h"
#include "core/op.h"
#include "core/shelf.h"
#include "net/api/live_impl.h"

#define OPS_BYTES_MAX MIB(1)

/* -- joining */

static void live_own_deliver(struct live *l)
{
    const struct own *own = l->entry->own;
    struct position head = l->entry->head;
    bool same = l->has_since && l->since.seq == head.seq && l->since.h == head.h;
    struct parts *parts = same && !l->from_log ? parts_new() : own_snapshot(own);
    parts->position = head;
    if (l->has_since && (!same || l->from_log)) {
        l->resync = l->from_log ? "lag" : "floor";
        l->has_since = l->from_log = false;
    }
    live_deliver(l, parts, head, false);
    parts_unref(parts);
}

void live_own_ready(struct live *l)
{
    if (l->own_due <= l->entry->own->done) live_own_deliver(l);
}

void live_own_catch_up(struct live *l)
{
    struct own *own = l->entry->own;
    l->own_due = own_due(own);
    chain_push(&own->waiting, &l->on_catchups);
    own_attached(own);
    live_own_ready(l);
}

void live_own_failed(struct board_entry *e)
{
    chain_each(&e->lives, on)
        live_close(chain_entry(on, struct live, on_board), 4100, "it could not be read just now");
}

/* -- ops */

struct own_want {
    bool watch, on;
    struct id board, element;
    const json_t *star; /* a number or null */
};

struct own_ask { /* command->context while it waits; in its arena */
    struct own_want *wants;
    uint32_t count;
};

static enum err want_read(const json_t *op, struct own_want *want, struct fault *fault)
{
    struct slice name, id;
    if (!json_is_object(op) || !json_get_slice(op, "op", &name))
        return fault_set(fault, ERR_INVALID, "op", "is missing", "dir.star or dir.watch");
    want->watch = slice_eq(name, SLICE("dir.watch"));
    if (!want->watch && !slice_eq(name, SLICE("dir.star")))
        return fault_set(fault, ERR_INVALID, "op", "is not known in one's own stream",
                "dir.star or dir.watch");
    if (!json_get_slice(op, "idBoard", &id) || !id_parse(id, &want->board) ||
            id_is_none(want->board))
        return fault_set(fault, ERR_INVALID, "idBoard", "is no id", "the id of a board");
    if (!want->watch) {
        want->star = json_object_get(op, "star");
        if (json_is_number(want->star) || json_is_null(want->star)) return ERR_OK;
        return fault_set(fault, ERR_INVALID, "star", "is neither a number nor null",
                "its place among the stars, or null");
    }
    if (!json_get_slice(op, "element", &id) || !id_parse(id, &want->element))
        return fault_set(
                fault, ERR_INVALID, "element", "is no id", "the id of a board, list or card");
    if (!json_is_boolean(json_object_get(op, "on")))
        return fault_set(fault, ERR_INVALID, "on", "is no truth value", "true or false");
    want->on = json_is_true(json_object_get(op, "on"));
    return ERR_OK;
}

enum err live_own_read(struct command *c, const json_t *ops, struct fault *fault)
{
    struct own_ask *ask = ARENA_NEW(&c->arena, struct own_ask);
    size_t count = json_array_size(ops);
    enum err err = ERR_OK;
    if (count == 0 || count > OPS_PER_MESSAGE_MAX)
        return fault_set(fault, ERR_INVALID, "ops", "is not a list of ops", "[{\"op\":..},..]");
    ask->wants = ARENA_NEW_ARRAY(&c->arena, struct own_want, count);
    ask->count = (uint32_t)count;
    for (size_t i = 0; i < count && err == ERR_OK; i++)
        err = want_read(json_array_get(ops, i), &ask->wants[i], fault);
    c->context = ask;
    return err;
}

struct own_check {
    struct shard_read read; /* first */
    struct command *command;
    const struct own_ask *ask;
    struct buf ops;
};

static void op_put(struct own_check *k, struct json_out *j, const struct own_want *want)
{
    struct id member = k->read.actor.member;
    json_object_begin(j);
    JSON_KEY(j, "op");
    json_str(j, want->watch ? SLICE("dir.watch") : SLICE("dir.star"));
    JSON_KEY(j, "id");
    json_id(j, shelf_id(member, want->board));
    JSON_KEY(j, "idBoard");
    json_id(j, want->board);
    JSON_KEY(j, "idMember");
    json_id(j, member);
    if (want->watch) {
        JSON_KEY(j, "element");
        json_id(j, want->element);
        JSON_KEY(j, "on");
        json_bool(j, want->on);
    } else {
        JSON_KEY(j, "star");
        json_tree(j, want->star);
    }
    json_object_end(j);
}

/* Is it something of the board that can be watched? What is watched no more need not be there. */
static enum err watch_check(struct own_check *k, struct view *v, const struct own_want *want)
{
    struct location at = {.kind = KIND_NONE};
    if (!want->on || id_eq(want->element, want->board)) return ERR_OK;
    enum err err = v->ops->locate(v, want->element, &at);
    if (err != ERR_OK && err != ERR_NOT_FOUND) return err;
    if (err == ERR_OK && id_eq(at.board, want->board) &&
            (at.kind == KIND_LIST || at.kind == KIND_CARD))
        return ERR_OK;
    return fault_set(&k->read.fault, ERR_NOT_FOUND, "element", "names nothing on this board",
            "the id of the board, or of a list or card on it");
}

static enum err want_check(
        struct own_check *k, struct view *v, struct json_out *j, const struct own_want *want)
{
    struct board_view bv;
    struct shelf shelf;
    struct id gone[WATCHES_CLEARED_MAX];
    enum err err = board_view_open(
            v, &k->read.actor, want->board, PERM_READ, &bv, &k->read.fault);
    if (err == ERR_OK && want->watch) err = watch_check(k, v, want);
    if (err == ERR_OK && want->watch && want->on) {
        err = shelf_read(v, k->read.actor.member, want->board, &shelf);
        size_t count = err == ERR_OK ? shelf_gone(v, want->board, &shelf, gone) : 0;
        for (size_t i = 0; i < count; i++)
            op_put(k, j, &(struct own_want){.watch = true, .board = want->board,
                    .element = gone[i]});
    }
    if (err == ERR_OK) op_put(k, j, want);
    return err;
}

static void own_check_run(struct shard_read *read, struct view *v)
{
    struct own_check *k = (struct own_check *)read;
    struct json_out j = json_out(&k->ops);
    json_array_begin(&j);
    for (uint32_t i = 0; i < k->ask->count && read->err == ERR_OK; i++)
        read->err = want_check(k, v, &j, &k->ask->wants[i]);
    json_array_end(&j);
    if (read->err == ERR_OK && !buf_ok(&k->ops)) read->err = ERR_TOO_LARGE;
}

static void live_own_done(struct shard *s, struct conn *conn, struct command *c, void *data)
{
    (void)s, (void)data;
    if (!conn) return;
    struct live *l = (struct live *)conn_ctx(conn);
    struct own *own = l->entry->own;
    struct buf text;
    live_answered(l);
    if (l->closing) return;
    if (c->verdict == VERDICT_UNKNOWN) {
        live_close(l, 1011, "not known whether the change was stored; resend");
        return;
    }
    c->seq = c->at = l->entry->head.seq; /* the directory's own count is nobody's business */
    if (c->verdict == VERDICT_ACCEPTED) {
        own_verdict(own, conn, c->cl, c->n, NULL);
        return;
    }
    buf_init(&text, EVENT_BYTES_MAX + KIB(16));
    if (c->verdict == VERDICT_DUPLICATE)
        live_dup_write(c, &text);
    else
        live_rej_write(c, &text);
    own_verdict(own, conn, c->cl, c->n, &text);
    buf_fini(&text);
}

static void live_own_submit(struct shard *s, struct live *l, struct command *c)
{
    c->context = NULL;
    shard_submit(s, c, &(struct origin){.conn = conn_handle(l->conn), .done = live_own_done});
}

static void own_check_done(struct shard_read *read, struct shard *s, struct conn *conn)
{
    struct own_check *k = (struct own_check *)read;
    struct command *c = k->command;
    struct fault fault = read->fault;
    if (!conn) {
        command_free(c);
    } else {
        struct live *l = (struct live *)conn_ctx(conn);
        enum err err = read->err;
        if (err != ERR_OK && fault.err == ERR_OK) fault_set(&fault, err, "", "", "");
        if (err == ERR_OK)
            err = command_decode(
                    c, arena_dup(&c->arena, buf_slice(&k->ops)), true, &fault);
        if (err != ERR_OK) live_unfit(c, &fault);
        live_own_submit(s, l, c);
        l->asking = false;
        live_own_next(l);
    }
    buf_fini(&k->ops);
}

static void own_check_begin(struct live *l, struct command *c)
{
    struct own_check *k = shard_read_new(l->shard, l->conn, sizeof *k);
    k->command = c;
    k->ask = c->context;
    buf_init(&k->ops, OPS_BYTES_MAX);
    k->read.actor = l->actor;
    k->read.run = own_check_run;
    k->read.done = own_check_done;
    l->asking = true;
    shard_read(l->shard, &k->read);
}

/* One after the other: the home takes their numbers in order. */
void live_own_next(struct live *l)
{
    while (!l->asking && l->asks) {
        struct command *c = l->asks;
        l->asks = c->next;
        if (!l->asks) l->asks_last = NULL;
        c->next = NULL;
        if (c->unfit)
            live_own_submit(l->shard, l, c);
        else
            own_check_begin(l, c);
    }
}

void live_own_op(struct live *l, struct command *c)
{
    c->board = DIRECTORY_ID;
    c->actor.system = true; /* it may write the directory; whose shelf it is was decided here */
    c->base = UINT64_MAX;
    if (l->asks_last)
        l->asks_last->next = c;
    else
        l->asks = c;
    l->asks_last = c;
    live_own_next(l);
}

void live_own_closed(struct live *l)
{
    for (struct command *c; (c = l->asks) != NULL;) {
        l->asks = c->next;
        command_free(c);
    }
    l->asks_last = NULL;
}
