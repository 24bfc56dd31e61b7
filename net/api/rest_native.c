/* rest_native.c - the live protocol's ops over plain HTTP, and what the machine room asks for. */
#include "core/base/json.h"
#include "core/base/metric.h"
#include "core/history.h"
#include "core/walk.h"
#include "net/api/rest_nouns.h"

#define OPS_LIMIT_MAX 1000
#define OPS_BYTES_MAX MIB(1)

const struct param_spec ops_get_params[] = {
        {"since", PARAM_ANY, NULL},
        {"limit", PARAM_NUMBER, NULL},
        {"wait", PARAM_NUMBER, NULL},
        {0},
};
const struct param_spec ops_post_params[] = {
        {"t", PARAM_ANY, NULL},
        {"cl", PARAM_TEXT, NULL},
        {"n", PARAM_NUMBER, NULL},
        {"base", PARAM_NUMBER, NULL},
        {"ops", PARAM_ANY, NULL},
        {0},
};

const struct param_spec revert_params[] = {
        {"s", PARAM_NUMBER, NULL},
        {"id", PARAM_ID, NULL},
        {"cl", PARAM_TEXT, NULL},
        {"n", PARAM_NUMBER, NULL},
        {0},
};

void position_write(struct json_out *j, uint64_t seq, uint64_t h)
{
    char text[17];
    snprintf(text, sizeof text, "%016llx", (unsigned long long)h);
    json_array_begin(j);
    json_u64(j, seq);
    json_str(j, slice_cstr(text));
    json_array_end(j);
}

/* -- GET ops: what happened since a position */

struct catch_up {
    uint64_t since, h;
    uint64_t limit, count, last;
    struct rest *rest;
    struct json_out j;
    bool more;
};

static enum err ops_one(
        void *context, uint64_t seq, struct slice public_json, struct slice old_json)
{
    struct catch_up *c = context;
    (void)old_json;
    if (c->count == c->limit || c->rest->out.len > OPS_BYTES_MAX) {
        c->more = true;
        return ERR_BUSY; /* enough */
    }
    json_raw(&c->j, public_json);
    c->count++;
    c->last = seq;
    return ERR_OK;
}

static bool since_read(struct slice text, struct catch_up *c)
{
    struct slice seq, h = text;
    char hex[17], *end;
    if (!slice_cut(&h, ',', &seq) || !slice_to_u64(seq, &c->since) || h.len != 16) return false;
    memcpy(hex, h.ptr, 16);
    hex[16] = '\0';
    c->h = strtoull(hex, &end, 16);
    return *end == '\0';
}

static enum err ops_get_run(struct rest *r, struct board_view *bv)
{
    struct catch_up *c = r->user;
    uint64_t h = 0;
    enum err err = bv->view->ops->event_h(bv->view, bv->board, c->since, &h);
    if (err == ERR_NOT_FOUND || err == ERR_GONE_POSITION || (err == ERR_OK && h != c->h))
        return fault_setf(&r->fault, ERR_GONE_POSITION, "since",
                "a position of this board; start again from /state",
                "is not in the log, whose head is %llu", (unsigned long long)bv->head.seq);
    if (err != ERR_OK) return err;
    c->rest = r;
    c->last = c->since;
    c->j = json_out(&r->out);
    json_object_begin(&c->j);
    JSON_KEY(&c->j, "list");
    json_array_begin(&c->j);
    err = bv->view->ops->events(bv->view, bv->board, c->since + 1, ops_one, c);
    if (err == ERR_BUSY && c->more) err = ERR_OK;
    json_array_end(&c->j);
    JSON_KEY(&c->j, "more");
    json_bool(&c->j, c->more);
    if (err == ERR_OK) err = bv->view->ops->event_h(bv->view, bv->board, c->last, &h);
    JSON_KEY(&c->j, "pos");
    position_write(&c->j, c->last, h);
    json_object_end(&c->j);
    return err;
}

void ops_get(struct rest *r)
{
    struct catch_up *c = ARENA_NEW(&r->arena, struct catch_up);
    struct slice since = required(r, "since"), limit = params_text(&r->params, "limit");
    if (!since.ptr) return;
    c->limit = OPS_LIMIT_MAX;
    if (!since_read(since, c)) {
        rest_refuse(r, ERR_INVALID, "since", "is not a position", "SEQ,H as in pos");
        return;
    }
    if (limit.len &&
            (!slice_to_u64(limit, &c->limit) || c->limit == 0 || c->limit > OPS_LIMIT_MAX)) {
        rest_refuse(r, ERR_INVALID, "limit", "is out of range", "a whole number from 1 to 1000");
        return;
    }
    r->user = c;
    rest_read(r, KIND_BOARD, r->args[0], ops_get_run, NULL);
}

/* -- POST ops: one op message */

static void verdict_write(struct json_out *j, const struct command *c)
{
    json_object_begin(j);
    if (c->verdict == VERDICT_ACCEPTED) {
        JSON_KEY(j, "n");
        json_u64(j, c->n);
        JSON_KEY(j, "pos");
        position_write(j, c->position.seq, c->position.h);
        JSON_KEY(j, "s");
        json_u64(j, c->seq);
        JSON_KEY(j, "t");
        json_str(j, SLICE("ok"));
    } else {
        JSON_KEY(j, "n");
        json_u64(j, c->n);
        JSON_KEY(j, "refused");
        json_array_begin(j);
        for (uint32_t i = 0; i < c->refused_count; i++)
            json_u64(j, c->refused[i]);
        json_array_end(j);
        JSON_KEY(j, "s");
        json_u64(j, c->seq);
        JSON_KEY(j, "t");
        json_str(j, SLICE("dup"));
    }
    json_object_end(j);
}

static void rejection_write(struct json_out *j, const struct command *c)
{
    struct buf d;
    buf_init(&d, KIB(8));
    fault_json(&c->fault, &d);
    json_object_begin(j);
    JSON_KEY(j, "at");
    json_u64(j, c->at);
    if (c->current.len) {
        JSON_KEY(j, "current");
        json_raw(j, c->current);
    }
    JSON_KEY(j, "d");
    json_raw(j, buf_slice(&d));
    JSON_KEY(j, "n");
    json_u64(j, c->n);
    JSON_KEY(j, "t");
    json_str(j, SLICE("rej"));
    JSON_KEY(j, "why");
    json_str(j, slice_cstr(err_why(c->fault.err)));
    json_object_end(j);
    buf_fini(&d);
}

static void ops_judged(struct shard *s, struct conn *conn, struct command *c, void *data)
{
    struct rest *r = data;
    (void)s, (void)conn;
    if (!r->conn) {
        rest_unref(r);
        return;
    }
    r->pending--;
    if (c->verdict == VERDICT_UNKNOWN) {
        rest_refuse(r, ERR_UNKNOWN, "", "", "");
        return;
    }
    buf_clear(&r->out);
    struct json_out j = json_out(&r->out);
    if (c->verdict == VERDICT_REJECTED) {
        rejection_write(&j, c);
        rest_answer(r, err_http(c->fault.err), SLICE("application/json; charset=utf-8"),
                SLICE("Cache-Control: no-store\r\n"), buf_slice(&r->out));
    } else {
        verdict_write(&j, c);
        rest_answer_json(r, buf_slice(&r->out));
    }
}

/* Whose message it is, so that one sent twice is known as such. */
static enum err client_read(struct rest *r, struct command *c)
{
    struct slice n = params_text(&r->params, "n"), cl = params_text(&r->params, "cl");
    if (cl.len > CLIENT_ID_CHARS_MAX)
        return fault_set(&r->fault, ERR_INVALID, "cl", "is too long", "at most 32 characters");
    if (cl.len && (!slice_to_u64(n, &c->n) || c->n == 0 || c->n >= (UINT64_C(1) << 53)))
        return fault_set(&r->fault, ERR_INVALID, "n", "is not a number from 1",
                "a number that grows with every message of this `cl`");
    c->cl = arena_dup(&c->arena, cl);
    return ERR_OK;
}

static enum err ops_read(struct rest *r, struct command *c)
{
    const struct param *ops = params_find(&r->params, "ops");
    struct slice base = params_text(&r->params, "base");
    enum err err = client_read(r, c);
    if (err != ERR_OK) return err;
    if (base.len && !slice_to_u64(base, &c->base))
        return fault_set(&r->fault, ERR_INVALID, "base", "is not a seq",
                "the seq of the last event the sender had");
    if (!ops) return fault_set(&r->fault, ERR_INVALID, "ops", "is missing", "an array of ops");
    if (ops->text.len > OP_BYTES_MAX)
        return fault_setf(&r->fault, ERR_TOO_LARGE, "ops", "at most 131072 bytes",
                "has %zu bytes", ops->text.len);
    return command_decode(c, ops->text, false, &r->fault);
}

static enum err nothing_run(struct rest *r, struct board_view *bv)
{
    (void)r, (void)bv;
    return ERR_OK;
}

/* The board is there for this person; what they may do on it is each op's own question. */
static void command_send(struct rest *r, enum err (*read)(struct rest *r, struct command *c))
{
    struct command *c = command_new(r->at.board, &r->actor);
    if (read(r, c) != ERR_OK) {
        command_free(c);
        rest_fail(r);
        return;
    }
    r->pending++;
    shard_submit(r->shard, c,
            &(struct origin){.conn = conn_handle(r->conn), .done = ops_judged, .data = r});
}

static void ops_send(struct rest *r)
{
    command_send(r, ops_read);
}

void ops_post(struct rest *r)
{
    rest_read(r, KIND_BOARD, r->args[0], nothing_run, ops_send);
}

/* -- POST revert: an event taken back, or what one deleted brought back */

struct search { /* for the event that deleted something */
    struct slice id; /* its text */
    struct slice public_json, old_json;
    bool found;
};

static enum err record_take(
        void *context, uint64_t seq, struct slice public_json, struct slice old_json)
{
    struct search *s = context;
    (void)seq;
    s->public_json = public_json;
    s->old_json = old_json;
    s->found = true;
    return ERR_BUSY; /* enough */
}

static enum err deletion_look(
        void *context, uint64_t seq, struct slice public_json, struct slice old_json)
{
    struct search *s = context;
    const char *del = memmem(public_json.ptr, public_json.len, "[\"del\",", 7);
    for (; del; del = memmem(del + 1, (size_t)(public_json.ptr + public_json.len - del - 1),
                        "[\"del\",", 7)) {
        struct walk w = walk_of(slice_of(del, (size_t)(public_json.ptr + public_json.len - del)));
        struct slice effect;
        if (walk_value(&w, &effect) && memmem(effect.ptr, effect.len, s->id.ptr, s->id.len))
            return record_take(context, seq, public_json, old_json);
    }
    return ERR_OK;
}

static enum err revert_find(struct rest *r, struct board_view *bv, struct search *s)
{
    struct slice text = params_text(&r->params, "s");
    const struct board_head *head = &bv->head;
    uint64_t seq = 0, to = head->floor + 1;
    enum err err;
    struct id id;
    s->id = params_text(&r->params, "id");
    if (s->id.len && !id_parse(s->id, &id))
        return fault_set(&r->fault, ERR_INVALID, "id", "is not an id", "24 lower-case hex digits");
    if (text.len && (!slice_to_u64(text, &seq) || seq == 0 || seq > head->seq))
        return fault_setf(&r->fault, ERR_INVALID, "s", "the seq of an event of this board",
                "is \"%.*s\"", SLICE_ARG(slice_head(text, 40)));
    if (!text.len && !s->id.len)
        return fault_set(&r->fault, ERR_INVALID, "s", "is missing",
                "the seq of an event, or the id of what was deleted");
    if (seq > 0 && seq <= head->floor) return history_gone(bv, &r->fault, "s");
    if (seq > 0) {
        err = bv->view->ops->events(bv->view, bv->board, seq, record_take, s);
    } else {
        if (head->seq > to + ACTIONS_LOOKED_MAX) to = head->seq - ACTIONS_LOOKED_MAX;
        err = head->seq < to ? ERR_OK : history_walk(bv, head->seq, to, deletion_look, s);
    }
    if (err != ERR_OK && err != ERR_BUSY) return err;
    if (s->found) return ERR_OK;
    return fault_set(&r->fault, ERR_NOT_FOUND, "id", "names nothing that was deleted lately",
            "the id of a deleted card, list or label");
}

static enum err revert_run(struct rest *r, struct board_view *bv)
{
    struct search s = {0};
    struct ops_out ops = rest_ops(r);
    struct id only = {{0}};
    enum err err = revert_find(r, bv, &s);
    if (err != ERR_OK) return err;
    id_parse(s.id, &only);
    op_begin(r, &ops, SLICE("event.revert"), only);
    JSON_KEY(&ops.j, "record");
    json_array_begin(&ops.j);
    json_str(&ops.j, s.public_json);
    json_str(&ops.j, s.old_json);
    json_array_end(&ops.j);
    op_end(&ops);
    rest_ops_end(&ops);
    return buf_ok(&r->out) ? ERR_OK : ERR_TOO_LARGE;
}

/* The op is the server's own making, the right to it the sender's. */
static enum err revert_read(struct rest *r, struct command *c)
{
    enum err err = client_read(r, c);
    return err ? err : command_decode(c, buf_slice(&r->out), true, &r->fault);
}

static void revert_send(struct rest *r)
{
    command_send(r, revert_read);
}

void revert_post(struct rest *r)
{
    rest_read(r, KIND_BOARD, r->args[0], revert_run, revert_send);
}

/* -- the machine room */

void health_get(struct rest *r)
{
    char text[64];
    snprintf(text, sizeof text, "ok\nbackend %s\n", ring_backend_name(r->shard->server->backend));
    rest_answer(r, 200, SLICE("text/plain; charset=utf-8"), SLICE("Cache-Control: no-store\r\n"),
            slice_cstr(text));
}

void metrics_get(struct rest *r)
{
    metric_render(&r->out);
    rest_answer(r, 200, SLICE("text/plain; version=0.0.4"), SLICE("Cache-Control: no-store\r\n"),
            buf_slice(&r->out));
}
