/* rest_write.c - a change over REST is an op message like any other: build it, submit it, answer
 * with what became of the object.
 *
 * Idempotency-Key becomes a client id (with the actor and the board it is the key of a stored
 * client row) and the request's own hash becomes n. A repeated request finds its n judged and is
 * answered with the object as it is now; another request under the same key finds another n and
 * is refused 422. Two different requests that race under one key may both be carried out. */
#include "core/base/json.h"
#include "core/dedupe.h"
#include "net/api/rest.h"

/* -- ops */

struct ops_out rest_ops(struct rest *r)
{
    buf_clear(&r->out);
    struct ops_out ops = {.j = json_out(&r->out)};
    json_array_begin(&ops.j);
    return ops;
}

void rest_ops_end(struct ops_out *ops)
{
    json_array_end(&ops->j);
}

void op_begin(struct rest *r, struct ops_out *ops, struct slice name, struct id id)
{
    (void)r;
    json_object_begin(&ops->j);
    JSON_KEY(&ops->j, "op");
    json_str(&ops->j, name);
    if (!id_is_none(id)) {
        JSON_KEY(&ops->j, "id");
        json_id(&ops->j, id);
    }
    ops->count++;
}

void op_end(struct ops_out *ops)
{
    json_object_end(&ops->j);
}

void op_if(struct rest *r, struct ops_out *ops)
{
    if (!r->has_if || ops->if_said) return;
    ops->if_said = true;
    JSON_KEY(&ops->j, "if");
    json_u64(&ops->j, r->if_s);
}

enum err op_param(struct rest *r, struct ops_out *ops, const char *member, const char *name,
        enum param_type type)
{
    const struct param *p = params_find(&r->params, name);
    if (!p) return ERR_OK;
    json_key(&ops->j, slice_cstr(member));
    return param_write(&ops->j, p, type, &r->fault);
}

/* -- idempotency */

/* Who asks is part of the key anyway: rows are kept by (board, actor, cl). */
static void idempotency(struct rest *r)
{
    if (r->idempotency.len == 0 || r->cl[0]) return;
    uint8_t digest[CRYPTO_SHA256_BYTES];
    struct buf text;
    buf_init(&text, HTTP_BODY_BYTES_MAX + KIB(512));
    crypto_sha256(r->idempotency, digest);
    buf_add_char(&text, CLIENT_REQUEST_MARK);
    buf_add_hex(&text, digest, sizeof digest);
    memcpy(r->cl, text.ptr, CLIENT_REQUEST_HEX + 1);
    r->cl[CLIENT_REQUEST_HEX + 1] = '\0';
    buf_clear(&text);
    buf_add(&text, r->method);
    buf_add(&text, r->path);
    for (uint32_t i = 0; i < r->params.count; i++) {
        const struct param *p = &r->params.at[i];
        if (slice_eq(p->name, SLICE("token")) || slice_eq(p->name, SLICE("key"))) continue;
        buf_add_format(&text, "\n%zu:%zu:", p->name.len, p->text.len);
        buf_add(&text, p->name);
        buf_add(&text, p->text);
    }
    r->n = (hash64(buf_slice(&text), 0) >> 12) | 1; /* below 2^53, never 0 */
    buf_fini(&text);
}

struct row_search {
    const struct rest *rest;
    uint64_t last_n, seq;
};

static enum err row_look(void *context, const struct client_row *row)
{
    struct row_search *search = context;
    if (!id_eq(row->actor, search->rest->actor.member) ||
            !slice_eq(row->cl, slice_cstr(search->rest->cl)))
        return ERR_OK;
    search->last_n = row->last_n;
    search->seq = row->seq;
    return ERR_OK;
}

static enum err key_reused(struct rest *r)
{
    return fault_set(&r->fault, ERR_REUSED, "Idempotency-Key", "was used for another request",
            "a key of its own for every request");
}

/* The first object an event made: what a repeated create is answered with. */
static enum err first_added(
        void *context, uint64_t seq, struct slice public_json, struct slice old_json)
{
    struct rest *r = context;
    json_t *tree;
    (void)seq, (void)old_json;
    if (json_read(&r->arena, public_json, &tree, NULL) != ERR_OK) return ERR_CORRUPT;
    const json_t *effect = json_array_get(json_object_get(tree, "e"), 0);
    const json_t *form = json_array_get(effect, 0), *kind = json_array_get(effect, 1),
                 *id = json_array_get(effect, 2);
    if (json_is_string(form) && slice_eq(json_slice(form), SLICE("add")) && json_is_string(kind) &&
            json_is_string(id) && kind_parse(json_slice(kind), &r->want_kind)) {
        id_parse(json_slice(id), &r->want_id);
    }
    return ERR_BUSY; /* enough */
}

/* Reader: which request was it that the key was used for? */
static enum err duplicate_run(struct rest *r, struct board_view *bv)
{
    struct row_search search = {.rest = r};
    enum err err = bv->view->ops->clients(bv->view, bv->board, row_look, &search);
    if (err != ERR_OK) return err;
    if (search.last_n != r->n) {
        r->wrote = false;
        return key_reused(r);
    }
    bv->view->ops->events(bv->view, bv->board, search.seq, first_added,
            r); /* below the floor: answered without */
    return ERR_OK;
}

struct board_rows {
    struct row_search search;
    struct view *view;
    struct id here;
};

static enum err board_rows_look(void *context, struct id board, enum role role)
{
    struct board_rows *rows = context;
    (void)role;
    if (rows->search.last_n != 0 || id_eq(board, rows->here)) return ERR_OK;
    return rows->view->ops->clients(rows->view, board, row_look, &rows->search);
}

enum err rest_done_elsewhere(struct rest *r, struct board_view *bv, bool *ret_done)
{
    struct board_rows rows = {.search.rest = r, .view = bv->view, .here = bv->board};
    *ret_done = false;
    if (r->idempotency.len == 0) return ERR_OK;
    idempotency(r);
    enum err err = bv->view->ops->memberships(bv->view, r->actor.member, board_rows_look, &rows);
    if (err == ERR_OK && rows.search.last_n != 0 && rows.search.last_n != r->n)
        return key_reused(r);
    *ret_done = rows.search.last_n == r->n;
    return err;
}

/* -- the verdict */

static void rest_accepted(struct rest *r)
{
    char text[ID_TEXT + 1];
    rest_then *next = r->next;
    r->next = NULL;
    if (next) {
        r->wrote = false;
        next(r);
        return;
    }
    r->wrote = true;
    if (r->fixed.len) {
        rest_answer_json(r, r->fixed);
        return;
    }
    id_format(r->want_id, text);
    rest_read(r, r->want_kind, arena_dup(&r->arena, slice_cstr(text)),
            r->want_run ? r->want_run : rest_object_run, NULL);
}

static void rest_duplicate(struct rest *r)
{
    char text[ID_TEXT + 1];
    id_format(r->at.board, text);
    r->wrote = true;
    rest_read(r, KIND_BOARD, arena_dup(&r->arena, slice_cstr(text)), duplicate_run, rest_accepted);
}

static void rest_judged(struct shard *s, struct conn *conn, struct command *c, void *data)
{
    struct rest *r = data;
    (void)s, (void)conn;
    if (!r->conn) {
        rest_unref(r);
        return;
    }
    r->pending--;
    switch (c->verdict) {
    case VERDICT_ACCEPTED: rest_accepted(r); return;
    case VERDICT_DUPLICATE: rest_duplicate(r); return;
    case VERDICT_REJECTED: r->fault = c->fault; break;
    case VERDICT_UNKNOWN: fault_set(&r->fault, ERR_UNKNOWN, "", "", ""); break;
    case VERDICT_NONE: UNREACHABLE();
    }
    rest_fail(r);
}

/* Reader: a key is looked up before anything is sent, so that another request under it never
 * gets through. */
static enum err key_run(struct rest *r, struct board_view *bv)
{
    struct row_search search = {.rest = r};
    enum err err = bv->view->ops->clients(bv->view, bv->board, row_look, &search);
    if (err == ERR_OK && search.last_n != 0 && search.last_n != r->n) err = key_reused(r);
    return err;
}

struct kept_ops {
    struct slice json;
    struct location at;
};

static void rest_send(struct rest *r, struct slice ops, struct id board)
{
    struct command *c = command_new(board, &r->actor);
    c->cl = arena_dup(&c->arena, slice_cstr(r->cl));
    c->n = r->n;
    if (command_decode(c, ops, r->trusted, &r->fault) != ERR_OK) {
        command_free(c);
        rest_fail(r);
        return;
    }
    r->pending++;
    shard_submit(r->shard, c,
            &(struct origin){.conn = conn_handle(r->conn), .done = rest_judged, .data = r});
}

static void rest_send_kept(struct rest *r)
{
    struct kept_ops *kept = r->user;
    r->at = kept->at;
    rest_send(r, kept->json, kept->at.board);
}

void rest_submit_for(struct rest *r, const struct actor *actor, struct id board,
        void (*done)(struct shard *s, struct conn *conn, struct command *c, void *data))
{
    struct command *c = command_new(board, actor);
    bool internal = actor->system || r->trusted;
    if (command_decode(c, buf_slice(&r->out), internal, &r->fault) != ERR_OK) {
        command_free(c);
        rest_fail(r);
        return;
    }
    r->pending++;
    shard_submit(
            r->shard, c, &(struct origin){.conn = conn_handle(r->conn), .done = done, .data = r});
}

void rest_submit(struct rest *r)
{
    char text[ID_TEXT + 1];
    if (!buf_ok(&r->out) || (!r->trusted && r->out.len > OP_BYTES_MAX)) {
        rest_refuse(r, ERR_TOO_LARGE, "", "the change is too large", "at most 128 KiB");
        return;
    }
    idempotency(r);
    if (r->out.len == 2) { /* nothing to change: the object as it is */
        r->wrote = true;
        rest_accepted(r);
        return;
    }
    if (r->cl[0] == '\0' || r->kind == KIND_NONE) {
        rest_send(r, buf_slice(&r->out), r->at.board);
        return;
    }
    struct kept_ops *kept = ARENA_NEW(&r->arena, struct kept_ops);
    *kept = (struct kept_ops){.json = arena_dup(&r->arena, buf_slice(&r->out)), .at = r->at};
    r->user = kept;
    id_format(r->at.board, text);
    rest_read(r, KIND_BOARD, arena_dup(&r->arena, slice_cstr(text)), key_run, rest_send_kept);
}
