/* rest_import.c - the upload, and the question how far it is. */
#include "net/api/rest_import.h"

#include "core/base/json.h"
#include "net/api/rest_nouns.h"

#define UPLOAD_HELD_MAX MIB(1) /* received and not yet on disk; then the peer is not read */

const struct param_spec import_params[] = {
        {"name", PARAM_TEXT, NULL}, {"owner", PARAM_TEXT, NULL}, {"idOrganization", PARAM_ID, NULL},
        {0}};
const struct param_spec import_get_params[] = {{0}};

struct upload {     /* in the rest's arena */
    struct job job; /* first */
    struct rest *rest;
    struct import *import; /* NULL: refused, or handed over */
    struct buf held;       /* the loop adds */
    struct buf writing;    /* the io lane has it */
    bool busy, ended;
    enum err err;
    char why[160];
};

/* -- to the disk */

static void upload_write(struct job *job) /* io lane */
{
    struct upload *u = (struct upload *)job;
    struct import *import = u->import;
    if (!import->spool) import->spool = spool_new(import->server->data_dir, u->why);
    u->err = import->spool ? spool_write(import->spool, buf_slice(&u->writing)) : ERR_STORAGE;
}

static void upload_drop(struct upload *u)
{
    if (u->import) import_forget(u->import->server, u->import);
    u->import = NULL;
    buf_fini(&u->held);
    buf_fini(&u->writing);
}

void import_answer(struct rest *r, struct id id)
{
    char text[ID_TEXT + 1];
    id_format(id, text);
    buf_clear(&r->out);
    buf_add_format(&r->out, "{\"id\":\"%s\",\"status\":\"/1/boards/import/%s\"}", text, text);
    rest_answer(r, 202, SLICE("application/json; charset=utf-8"),
            SLICE("Cache-Control: no-store\r\n"), buf_slice(&r->out));
}

static void upload_go(struct upload *u);

static void upload_written(struct job *job, struct shard *shard)
{
    struct upload *u = (struct upload *)job;
    struct rest *r = u->rest;
    (void)shard;
    u->busy = false;
    if (!r->conn) {
        upload_drop(u);
        rest_unref(r);
        return;
    }
    r->pending--;
    if (u->err != ERR_OK) {
        upload_drop(u);
        rest_refuse(r, ERR_STORAGE, "", "the file could not be stored",
                "free space in the data folder");
        return;
    }
    upload_go(u);
}

/* The next write, or the end. */
static void upload_go(struct upload *u)
{
    struct rest *r = u->rest;
    if (u->busy) return;
    if (r->paused && u->held.len < UPLOAD_HELD_MAX) {
        r->paused = false;
        conn_resume(r->conn);
    }
    if (u->held.len || (u->ended && !u->import->spool)) {
        struct buf swap = u->writing;
        u->writing = u->held;
        u->held = swap;
        buf_clear(&u->held);
        u->busy = true;
        r->pending++;
        u->job.run = upload_write;
        u->job.done = upload_written;
        jobs_post(r->shard->server->jobs, JOBS_IO, r->shard->index, &u->job);
        return;
    }
    if (!u->ended) return;
    struct import *import = u->import;
    struct id id = import->id;
    u->import = NULL;
    import_start(r->shard->server, import, r->shard->index);
    upload_drop(u);
    import_answer(r, id);
}

void import_body(struct conn *conn, struct ctx *ctx, struct slice piece, bool end)
{
    struct rest *r = (struct rest *)(void *)ctx;
    struct upload *u = r->user;
    if (!u || !u->import) return; /* was refused */
    u->ended = end;
    if (u->import->total + piece.len > HTTP_IMPORT_BYTES_MAX) {
        if (!u->busy) upload_drop(u);
        rest_refuse(r, ERR_TOO_LARGE, "", "the file is too large", "at most 1 GiB");
        return;
    }
    import_progress(u->import, u->import->bytes + piece.len, 0);
    u->import->total += piece.len;
    CHECK(buf_add(&u->held, piece));
    if (u->held.len >= UPLOAD_HELD_MAX / 4 || end) upload_go(u);
    if (u->busy && u->held.len >= UPLOAD_HELD_MAX && !r->paused && !end) {
        r->paused = true;
        conn_pause(conn);
    }
}

void import_closed(struct conn *conn, struct ctx *ctx)
{
    struct rest *r = (struct rest *)(void *)ctx;
    struct upload *u = r->user;
    (void)conn;
    if (u && !u->busy) upload_drop(u);
    r->conn = NULL;
    r->pending++;
    rest_unref(r);
}

/* -- the request */

struct owner_search {
    struct rest *rest;
    struct arena *arena;
    struct slice username; /* empty: the first member there is */
    struct id found;
};

static enum err owner_look(void *context, enum kind kind, struct id id, struct slice json)
{
    struct owner_search *search = context;
    struct slice username;
    json_t *tree;
    (void)kind;
    if (!id_is_none(search->found)) return ERR_OK;
    bool fits = search->username.len == 0;
    if (!fits && json_read(search->arena, json, &tree, NULL) == ERR_OK &&
            json_get_slice(tree, "username", &username))
        fits = slice_eq_nocase(username, search->username);
    if (fits) search->found = id;
    return ERR_OK;
}

static enum err import_owner_run(struct rest *r, struct board_view *bv)
{
    struct owner_search search = {
            .rest = r, .arena = bv->view->arena, .username = params_text(&r->params, "owner")};
    enum err err = bv->view->ops->entities(
            bv->view, DIRECTORY_ID, KIND_MEMBER, KIND_MEMBER, owner_look, &search);
    if (err == ERR_OK && id_is_none(search.found))
        err = fault_set(&r->fault, ERR_INVALID, "owner", "is no member's user name",
                "the user name of a member");
    r->want_id = search.found;
    return err;
}

/* The file's own organization is another server's, so only the request names one. */
static enum err import_organization(struct rest *r, struct buf *ret_ops)
{
    if (!params_find(&r->params, "idOrganization")) return ERR_OK;
    struct ops_out ops = rest_ops(r);
    op_begin(r, &ops, SLICE("board.set"), (struct id){0});
    enum err err = op_param(r, &ops, "idOrganization", "idOrganization", PARAM_ID);
    op_end(&ops);
    rest_ops_end(&ops);
    buf_init(ret_ops, KIB(4));
    buf_add(ret_ops, buf_slice(&r->out));
    return err;
}

static void import_begin(struct rest *r)
{
    struct import *import = MEM_NEW(struct import);
    struct slice name = params_text(&r->params, "name");
    import->id = rest_new_id(r);
    import->member = r->actor.system ? r->want_id : r->actor.member;
    import->actor = r->actor;
    if (r->actor.system) import->actor = (struct actor){.member = import->member};
    import->now_ms = r->now_ms;
    id_parse(params_text(&r->params, "idOrganization"), &import->organization); /* or none */
    snprintf(import->name, sizeof import->name, "%.*s",
            SLICE_ARG(slice_head(name, sizeof import->name - 1)));
    if (import_organization(r, &import->ops) != ERR_OK) {
        buf_fini(&import->ops);
        mem_free(import);
        rest_fail(r);
        return;
    }
    if (!import_add(r->shard->server, import)) {
        rest_refuse(r, ERR_BUSY, "", "too many imports are under way", "a new try in a while");
        return;
    }
    struct upload *u = ARENA_NEW(&r->arena, struct upload);
    u->rest = r;
    u->import = import;
    buf_init(&u->held, 4 * UPLOAD_HELD_MAX);
    buf_init(&u->writing, 4 * UPLOAD_HELD_MAX);
    r->user = u;
    r->paused = false;
    conn_resume(r->conn);
}

void import_post(struct rest *r)
{
    if (!r->has_body) {
        rest_refuse(r, ERR_INVALID, "body", "is empty", "a board as Trello exports it, as JSON");
        return;
    }
    if (!r->json) {
        rest_refuse(
                r, ERR_MEDIA, "", "the body's content type is not read here", "application/json");
        return;
    }
    if (params_text(&r->params, "name").len >= sizeof((struct import *)0)->name) {
        rest_refuse(r, ERR_INVALID, "name", "is too long", "at most 511 bytes");
        return;
    }
    if (r->actor.system)
        rest_read(r, KIND_NONE, (struct slice){0}, import_owner_run, import_begin);
    else if (params_find(&r->params, "owner"))
        rest_refuse(r, ERR_FORBIDDEN, "owner", "may be named by the operator only",
                "no owner: you become the admin");
    else
        import_begin(r);
}

void import_get(struct rest *r)
{
    struct json_out j = json_out(&r->out);
    struct id id;
    if (id_parse(r->args[0], &id) && import_status(r->shard->server, &r->actor, id, &j))
        rest_answer_out(r);
    else
        rest_refuse(r, ERR_NOT_FOUND, "", "", "");
}
