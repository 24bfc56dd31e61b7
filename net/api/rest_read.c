/* rest_read.c - a request on a reader thread: find the object, open its board for the actor,
 * load what is wanted, write it. */
#include "core/base/json.h"
#include "net/api/rest.h"
#include "net/api/shard_impl.h"

struct rest_job {
    struct shard_read read; /* first */
    struct rest *rest;
};

static const enum perm access_perms[] = {
        [ACCESS_ANYONE] = PERM_NONE,
        [ACCESS_SIGNED_IN] = PERM_NONE,
        [ACCESS_READ] = PERM_READ,
        [ACCESS_EDIT] = PERM_EDIT,
        [ACCESS_ADMIN] = PERM_ADMIN,
        [ACCESS_OPERATOR] = PERM_SYSTEM,
};

static enum err not_there(struct rest *r)
{
    return fault_set(&r->fault, ERR_NOT_FOUND, "", "", "");
}

static enum err rest_locate(struct rest *r, struct view *v)
{
    struct id id;
    bool is_id = id_parse(r->key, &id);
    if (!is_id && !short_link_valid(r->key))
        return fault_set(&r->fault, ERR_INVALID, "id", "is not an id",
                "24 lower-case hex digits or a short link");
    if (is_id && r->kind == KIND_BOARD) {
        r->at = (struct location){.board = id, .kind = KIND_BOARD, .id = id};
        return ERR_OK;
    }
    enum err err = is_id ? v->ops->locate(v, id, &r->at) : v->ops->locate_short(v, r->key, &r->at);
    if (err == ERR_NOT_FOUND || (err == ERR_OK && r->at.kind != r->kind)) return not_there(r);
    return err;
}

static enum err rest_open_board(struct rest *r, struct view *v, struct board_view *ret_view)
{
    if (r->kind == KIND_NONE) {
        *ret_view = (struct board_view){.view = v, .actor = r->actor};
        return ERR_OK;
    }
    enum err err = rest_locate(r, v);
    if (err != ERR_OK) return err;
    if (id_is_none(r->at.board)) return not_there(r); /* the directory is no board */
    return board_view_open(v, &r->actor, r->at.board, r->perm, ret_view, &r->fault);
}

static void rest_job_run(struct shard_read *read, struct view *v)
{
    struct rest *r = ((struct rest_job *)read)->rest;
    struct board_view bv;
    r->fault = (struct fault){0};
    read->err = rest_open_board(r, v, &bv);
    if (read->err == ERR_OK) read->err = r->run(r, &bv);
}

static void rest_job_done(struct shard_read *read, struct shard *s, struct conn *conn)
{
    struct rest *r = ((struct rest_job *)read)->rest;
    (void)s, (void)conn;
    if (!r->conn) {
        rest_unref(r);
        return;
    }
    if (read->err == ERR_OK) { /* still ours, as in a handler */
        r->then(r);
        rest_unref(r);
        return;
    }
    r->pending--;
    if (r->wrote) { /* gone again since, or out of sight: the write itself has happened */
        rest_answer_json(r, SLICE("{}"));
        return;
    }
    if (r->fault.err != read->err) fault_set(&r->fault, read->err, "", "", "");
    rest_fail(r);
}

void rest_read(struct rest *r, enum kind kind, struct slice key, rest_run *run, rest_then *then)
{
    r->kind = kind;
    r->key = key;
    r->run = run;
    r->then = then ? then : rest_answer_out;
    r->perm = r->wrote ? PERM_READ : access_perms[r->route->access];
    buf_clear(&r->out);
    struct rest_job *job = shard_read_new(r->shard, r->conn, sizeof *job);
    job->rest = r;
    job->read.run = rest_job_run;
    job->read.done = rest_job_done;
    r->pending++;
    shard_read(r->shard, &job->read);
}

/* -- on the reader thread */

enum err rest_load(struct rest *r, struct board_view *bv, uint64_t kinds, struct board **ret_board)
{
    return board_view_load(bv, kinds, ret_board, &r->fault);
}

struct trello_context { /* in the view's arena */
    struct rest *rest;
    struct board_view *bv;
    struct shelf shelf;
};

static struct slice rest_text(void *context, struct id id, enum field field)
{
    const struct board_view *bv = ((struct trello_context *)context)->bv;
    uint64_t s;
    struct slice text;
    if (bv->view->ops->text(bv->view, bv->board, id, field, &s, &text) != ERR_OK) return SLICE("");
    return text;
}

static bool rest_person(void *context, struct id member, struct json_out *j)
{
    const struct trello_context *c = context;
    return rest_member_write(c->rest, c->bv->view, member, j);
}

struct trello_options rest_trello_options(struct rest *r, struct board_view *bv)
{
    struct trello_context *c = ARENA_NEW(bv->view->arena, struct trello_context);
    *c = (struct trello_context){.rest = r, .bv = bv};
    if (shelf_read(bv->view, r->actor.member, bv->board, &c->shelf) != ERR_OK)
        c->shelf = (struct shelf){0};
    return (struct trello_options){.base_url = r->shard->server->base_url,
            .fields = {.all = true},
            .text = rest_text,
            .person = rest_person,
            .context = c,
            .viewer = r->actor.member,
            .shelf = &c->shelf};
}

enum err rest_fields(
        struct rest *r, const char *name, enum kind kind, struct trello_fields *ret_fields)
{
    const struct param *p = params_find(&r->params, name);
    if (!p || p->text.len == 0) return ERR_OK;
    enum err err = trello_fields_read(kind, p->text, ret_fields, &r->fault);
    if (err != ERR_OK) snprintf(r->fault.field, sizeof r->fault.field, "%s", name);
    return err;
}

enum err rest_filter(
        struct rest *r, struct slice text, const char *name, enum trello_filter *ret_filter)
{
    if (!text.ptr) return ERR_OK;
    if (trello_filter_read(text, ret_filter)) return ERR_OK;
    return fault_setf(&r->fault, ERR_INVALID, name, "open, closed, all, none or visible",
            "is \"%.*s\"", SLICE_ARG(slice_head(text, 40)));
}

/* Everything but the last byte, which may have to give way to more members. */
enum err rest_flush(void *context, struct buf *out)
{
    struct rest *r = context;
    char why[160];
    if (!buf_ok(out)) return ERR_TOO_LARGE;
    if (out->len < REST_SPOOL_BYTES) return ERR_OK;
    if (!r->spool) r->spool = spool_new(r->shard->server->data_dir, why);
    if (!r->spool)
        return fault_set(&r->fault, ERR_STORAGE, "", "no room for a large answer",
                "free space in the data folder");
    enum err err = spool_write(r->spool, slice_head(buf_slice(out), out->len - 1));
    if (err == ERR_OK) buf_drop_front(out, out->len - 1);
    return err;
}

/* One entity beside what is loaded already. */
static enum err load_one(
        struct rest *r, struct board_view *bv, struct board *b, struct object **ret_object)
{
    struct slice json;
    struct object *o = board_find(b, r->at.id);
    if (!o) {
        enum err err = bv->view->ops->entity(bv->view, bv->board, r->at.kind, r->at.id, &json);
        if (err == ERR_OK) err = object_read(r->at.kind, bv->view->arena, json, &o, &r->fault);
        if (err != ERR_OK) return err;
        board_insert(b, o);
    }
    *ret_object = o;
    return ERR_OK;
}

/* A card names its checklists, a checklist holds its items. */
static enum err load_parts_of(
        struct rest *r, struct board_view *bv, struct board *b, struct object *o)
{
    if (o->kind == KIND_CARD) return board_view_parts(bv, b, o->id, &r->fault);
    if (o->kind != KIND_CHECKLIST) return ERR_OK;
    return board_view_parts(bv, b, object_value(o, F_CHECKLIST_ID_CARD)->id, &r->fault);
}

enum err rest_object_run(struct rest *r, struct board_view *bv)
{
    struct trello_options options = rest_trello_options(r, bv);
    struct json_out j = json_out(&r->out);
    struct board *b;
    struct object *o;
    uint64_t kinds = 0;                                             /* most stand alone, */
    if (r->at.kind == KIND_CARD) kinds = UINT64_C(1) << KIND_LABEL; /* a card shows its labels, */
    if (r->at.kind == KIND_LABEL) kinds = UINT64_C(1) << KIND_CARD; /* a label counts its cards */
    enum err err = rest_load(r, bv, kinds, &b);
    if (err != ERR_OK) return err;
    err = load_one(r, bv, b, &o);
    if (err == ERR_OK) err = load_parts_of(r, bv, b, o);
    if (err == ERR_OK && !r->wrote) err = rest_fields(r, "fields", r->at.kind, &options.fields);
    if (err == ERR_OK) {
        trello_write(&j, b, o, &options);
        r->s = o->s;
    }
    board_free(b);
    return err;
}

enum err rest_one_field(struct rest *r, struct slice field)
{
    json_t *tree;
    enum err err = json_read(&r->arena, arena_dup(&r->arena, buf_slice(&r->out)), &tree, &r->fault);
    if (err != ERR_OK) return err;
    const json_t *value = json_object_get(tree, arena_cstr(&r->arena, field));
    if (!value) return not_there(r);
    buf_clear(&r->out);
    struct json_out j = json_out(&r->out);
    json_object_begin(&j);
    JSON_KEY(&j, "_value");
    json_tree(&j, value);
    json_object_end(&j);
    return ERR_OK;
}

/* -- people */

static void key_text(struct json_out *j, const char *key, struct slice text)
{
    json_key(j, slice_cstr(key));
    json_str(j, text);
}

bool rest_member_write(struct rest *r, struct view *v, struct id member, struct json_out *j)
{
    struct slice json, full_name = SLICE(""), initials = SLICE(""), username = SLICE("");
    json_t *tree;
    if (v->ops->entity(v, DIRECTORY_ID, KIND_MEMBER, member, &json) != ERR_OK) return false;
    if (json_read(v->arena, json, &tree, NULL) != ERR_OK) return false;
    json_get_slice(tree, "fullName", &full_name);
    json_get_slice(tree, "initials", &initials);
    json_get_slice(tree, "username", &username);
    char url[256];
    snprintf(url, sizeof url, "%.*s/%.*s", SLICE_ARG(slice_head(r->shard->server->base_url, 160)),
            SLICE_ARG(slice_head(username, 80)));
    json_object_begin(j);
    JSON_KEY(j, "id");
    json_id(j, member);
    key_text(j, "fullName", full_name);
    key_text(j, "initials", initials);
    key_text(j, "username", username);
    key_text(j, "memberType", SLICE("normal"));
    key_text(j, "url", slice_cstr(url));
    JSON_KEY(j, "avatarHash");
    json_nil(j);
    JSON_KEY(j, "avatarUrl");
    json_nil(j);
    JSON_KEY(j, "activityBlocked");
    json_bool(j, false);
    JSON_KEY(j, "confirmed");
    json_bool(j, true);
    json_object_end(j);
    return true;
}

enum err rest_members_write(
        struct rest *r, struct board_view *bv, struct board *b, struct json_out *j)
{
    json_array_begin(j);
    for (size_t i = 0; i < b->count[KIND_MEMBERSHIP]; i++) {
        rest_member_write(
                r, bv->view, object_value(b->memberships[i], F_MEMBERSHIP_ID_MEMBER)->id, j);
    }
    json_array_end(j);
    return ERR_OK;
}
