/* live_op.c - ops and reads of a live: decoded here, judged at home, answered behind what they
 * stand on. */
#include "core/base/json.h"
#include "core/op.h"
#include "core/view.h"
#include "net/api/live_impl.h"

/* -- pacing */

static void live_rate_over(struct conn *conn)
{
    live_resume((struct live *)conn_ctx(conn), PAUSE_RATE);
}

/* Over its rate a connection is read more slowly, never punished: an honest client may come back
 * with a long queue. */
static void live_rate(struct live *l)
{
    struct bucket_rate rate = l->shard->server->op_rate;
    int64_t now_ms = loop_now_ms(l->shard->loop);
    bucket_take(&l->ops, rate, now_ms);
    int64_t wait_ms = bucket_wait_ms(&l->ops, rate, now_ms);
    if (wait_ms <= 0) return;
    live_pause(l, PAUSE_RATE);
    conn_timer(l->conn, wait_ms, live_rate_over);
}

static void live_asked(struct live *l)
{
    if (++l->unanswered >= CONN_COMMANDS_MAX) live_pause(l, PAUSE_UNANSWERED);
}

void live_answered(struct live *l)
{
    CHECK(l->unanswered > 0);
    if (--l->unanswered < CONN_COMMANDS_MAX) live_resume(l, PAUSE_UNANSWERED);
}

/* -- verdicts */

static void refused_write(struct json_out *j, const uint64_t *refused, uint32_t count)
{
    json_array_begin(j);
    for (uint32_t i = 0; i < count; i++) json_u64(j, refused[i]);
    json_array_end(j);
}

void live_rej_write(const struct command *c, struct buf *out)
{
    struct json_out j = json_out(out);
    json_object_begin(&j);
    JSON_KEY(&j, "t");
    json_str(&j, SLICE("rej"));
    JSON_KEY(&j, "n");
    json_u64(&j, c->n);
    JSON_KEY(&j, "why");
    json_str(&j, slice_cstr(err_why(c->fault.err)));
    JSON_KEY(&j, "at");
    json_u64(&j, c->at);
    JSON_KEY(&j, "d");
    struct buf d;
    buf_init(&d, KIB(8));
    fault_json(&c->fault, &d);
    CHECK(buf_ok(&d) && d.len >= 2 && d.ptr[d.len - 1] == '}');
    if (c->current.len) {
        d.len--;
        if (d.len > 1) buf_add_char(&d, ',');
        BUF_ADD(&d, "\"current\":");
        buf_add(out, buf_slice(&d));
        buf_add(out, c->current);
        buf_add_char(out, '}');
    } else {
        buf_add(out, buf_slice(&d));
    }
    j.comma = true;
    json_object_end(&j);
    buf_fini(&d);
}

void live_dup_write(const struct command *c, struct buf *out)
{
    struct json_out j = json_out(out);
    json_object_begin(&j);
    JSON_KEY(&j, "t");
    json_str(&j, SLICE("dup"));
    JSON_KEY(&j, "n");
    json_u64(&j, c->n);
    JSON_KEY(&j, "s");
    json_u64(&j, c->seq);
    JSON_KEY(&j, "refused");
    refused_write(&j, c->refused, c->refused_count);
    json_object_end(&j);
}

static void live_rej(struct live *l, const struct command *c)
{
    struct buf out;
    buf_init(&out, EVENT_BYTES_MAX + KIB(16));
    live_rej_write(c, &out);
    live_send_behind(l, &out, c->at);
    buf_fini(&out);
}

static void live_dup(struct live *l, const struct command *c)
{
    struct buf out;
    buf_init(&out, KIB(8));
    live_dup_write(c, &out);
    live_send_behind(l, &out, c->seq);
    buf_fini(&out);
}

static void live_op_done(struct shard *s, struct conn *conn, struct command *c, void *data)
{
    (void)s, (void)data;
    if (!conn) return;
    struct live *l = (struct live *)conn_ctx(conn);
    live_answered(l);
    switch (c->verdict) {
    case VERDICT_ACCEPTED: break; /* its own event in the feed is the acknowledgement */
    case VERDICT_DUPLICATE: live_dup(l, c); break;
    case VERDICT_REJECTED: live_rej(l, c); break;
    case VERDICT_UNKNOWN:
        live_close(l, 1011, "not known whether the change was stored; resend");
        break;
    case VERDICT_NONE: UNREACHABLE();
    }
}

/* -- ops */

void live_unfit(struct command *c, const struct fault *fault)
{
    struct fault *kept = ARENA_NEW(&c->arena, struct fault);
    *kept = *fault;
    c->unfit = kept;
    c->ops = NULL;
    c->op_count = 0;
}

/* What every op message must have, else it is not even refused under its number. */
static bool live_op_head(struct live *l, const json_t *tree, struct command *c)
{
    if (!json_get_u64(tree, "n", &c->n) || c->n == 0) {
        live_error_text(l, NULL, ERR_INVALID, "n: expected a number from 1");
    } else if (!l->live_said) {
        live_error_text(l, NULL, ERR_INVALID, "ops: sub first, and wait for live");
    } else if (l->cl[0] == '\0') {
        live_error_text(l, NULL, ERR_INVALID, "cl: ops want a hello with a client id");
    } else {
        return true;
    }
    return false;
}

/* One op message into c. What cannot be decoded goes home too, as unfit: the refusal has its
 * place in the order and in what is remembered of this client. False: not even that, and it was
 * said. */
static bool live_op_read(struct live *l, struct slice text, struct command *c)
{
    struct fault fault = { 0 };
    json_t *tree;
    bool large = text.len > OP_BYTES_MAX;
    struct arena *arena = large ? &l->shard->scratch : &c->arena;
    if (large) arena_reset(arena);
    enum err err = json_read(arena, text, &tree, &fault);
    if (err != ERR_OK) {
        live_error(l, NULL, &fault);
        return false;
    }
    if (!live_op_head(l, tree, c)) return false;
    const json_t *base = json_object_get(tree, "base");
    c->base = UINT64_MAX;
    if (large) {
        err = fault_setf(&fault, ERR_TOO_LARGE, "ops", "at most 131072 bytes",
                "the message has %zu bytes", text.len);
    } else if (base && !json_get_u64(tree, "base", &c->base)) {
        err = fault_set(&fault, ERR_INVALID, "base", "is not a seq",
                "the seq of the last event the sender had");
    } else if (l->own) {
        err = live_own_read(c, json_object_get(tree, "ops"), &fault);
    } else {
        err = ops_decode(
                &c->arena, json_object_get(tree, "ops"), false, &c->ops, &c->op_count, &fault);
    }
    if (err != ERR_OK) live_unfit(c, &fault);
    return true;
}

void live_op(struct live *l, struct slice text)
{
    live_rate(l);
    struct command *c = command_new(l->board, &l->actor);
    if (!live_op_read(l, text, c)) {
        command_free(c);
        return;
    }
    c->cl = arena_dup(&c->arena, slice_cstr(l->cl));
    live_asked(l);
    if (l->own) {
        live_own_op(l, c);
        return;
    }
    shard_submit(l->shard, c, &(struct origin){.conn = conn_handle(l->conn), .done = live_op_done});
}

/* -- get: tier 2 of one card */

#define CARD_BYTES_MAX MIB(32) /* its parts too */

struct card_read {
    struct shard_read read; /* first */
    struct id board, card;
    uint64_t id;            /* the request's */
    uint64_t at;
    uint32_t parts;
    struct buf out;
};

static enum err card_read_part(void *context, enum kind kind, struct id id, struct slice json)
{
    struct card_read *r = context;
    (void)id;
    buf_add_format(&r->out, "%s[\"%s\",", r->parts++ > 0 ? "," : "", kind_info(kind)->name.ptr);
    buf_add(&r->out, json);
    buf_add_char(&r->out, ']');
    return buf_ok(&r->out) ? ERR_OK : ERR_TOO_LARGE;
}

static void card_read_run(struct shard_read *read, struct view *v)
{
    struct card_read *r = (struct card_read *)read;
    struct board_view bv;
    struct slice card, text = SLICE("");
    uint64_t text_s;
    read->err = board_view_open(v, &read->actor, r->board, PERM_READ, &bv, &read->fault);
    if (read->err != ERR_OK) return;
    read->err = v->ops->entity(v, r->board, KIND_CARD, r->card, &card);
    if (read->err != ERR_OK) return;
    read->err = v->ops->text(v, r->board, r->card, F_CARD_DESC, &text_s, &text);
    if (read->err == ERR_NOT_FOUND) read->err = ERR_OK;
    if (read->err != ERR_OK) return;
    r->at = bv.head.seq;
    buf_add_format(&r->out, "{\"t\":\"card\",\"id\":%llu,\"at\":%llu,\"card\":{\"desc\":",
            (unsigned long long)r->id, (unsigned long long)r->at);
    json_str_to(&r->out, text);
    CHECK(card.len > 2 && card.ptr[0] == '{');
    buf_add_char(&r->out, ',');
    buf_add(&r->out, slice_from(card, 1));
    BUF_ADD(&r->out, ",\"parts\":[");
    read->err = v->ops->parts(v, r->board, r->card, card_read_part, r);
    BUF_ADD(&r->out, "]}");
}

static void card_read_done(struct shard_read *read, struct shard *s, struct conn *conn)
{
    (void)s;
    struct card_read *r = (struct card_read *)read;
    if (conn) {
        struct live *l = (struct live *)conn_ctx(conn);
        live_answered(l);
        if (read->err == ERR_OK) {
            live_send_behind(l, &r->out, r->at);
        } else if (read->fault.err != ERR_OK) {
            live_error(l, &r->id, &read->fault);
        } else {
            live_error_text(l, &r->id, read->err, "card: there is none of this id on the board");
        }
    }
    buf_fini(&r->out);
}

void live_get(struct live *l, const json_t *message)
{
    uint64_t id = 0;
    struct slice card;
    struct id card_id;
    json_get_u64(message, "id", &id);
    if (!json_get_slice(message, "card", &card) || !id_parse(card, &card_id)) {
        live_error_text(l, &id, ERR_INVALID, "card: expected an id of 24 hex digits");
        return;
    }
    struct card_read *r = shard_read_new(l->shard, l->conn, sizeof *r);
    r->board = l->board;
    r->card = card_id;
    r->id = id;
    buf_init(&r->out, CARD_BYTES_MAX);
    r->read.actor = l->actor;
    r->read.run = card_read_run;
    r->read.done = card_read_done;
    live_asked(l);
    shard_read(l->shard, &r->read);
}
