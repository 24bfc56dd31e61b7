/* rest_links.c - a board's admins invite by a one-time link: make one, see which are open,
 * withdraw one.
 *
 *   POST    may they? -> directory: dir.member and dir.link in one event
 *                     -> board: member.add, in the admin's name -> the link, said this once
 *                        refused: directory: dir.unlink -> why
 *   DELETE  may they? -> directory: dir.unlink -> board: member.remove
 *
 * A link is always for somebody new: one for a member who is here already would sign in whoever
 * made it as that person. The directory judges sign-in and withdrawal one behind the other, so that
 * whoever signed in first stays on the board. */
#include "core/base/date.h"
#include "core/base/json.h"
#include "core/base/utf.h"
#include "net/api/rest_nouns.h"
#include "net/api/sign_in_link.h"

const struct param_spec link_post_params[] = {
        {"name", PARAM_TEXT, NULL}, {"role", PARAM_TEXT, NULL}, {0}};

struct invitation {
    struct sign_in_link link;
    struct id board, member;
    enum role role;
};

/* Is the verdict yes? Else r->fault says why not. */
static bool accepted(struct rest *r, const struct command *c)
{
    if (c->verdict == VERDICT_ACCEPTED) return true;
    r->fault = c->fault;
    if (r->fault.err == ERR_OK) fault_set(&r->fault, ERR_UNKNOWN, "", "", "");
    return false;
}

/* NULL: nobody waits any more. */
static struct rest *judged(void *data)
{
    struct rest *r = data;
    if (r->conn) {
        r->pending--;
        return r;
    }
    rest_unref(r);
    return NULL;
}

static void unlink_op(struct rest *r, struct id link)
{
    struct ops_out ops = rest_ops(r);
    op_begin(r, &ops, SLICE("dir.unlink"), link);
    op_end(&ops);
    rest_ops_end(&ops);
}

/* -- making one */

static void invitation_answer(struct rest *r)
{
    const struct invitation *v = r->user;
    buf_clear(&r->out);
    struct json_out j = json_out(&r->out);
    json_object_begin(&j);
    JSON_KEY(&j, "expires");
    json_str(&j, slice_cstr(v->link.expires));
    JSON_KEY(&j, "idMember");
    json_id(&j, v->member);
    JSON_KEY(&j, "url");
    sign_in_link_url(&v->link, r->shard->server->base_url, &j);
    json_object_end(&j);
    rest_answer_json(r, buf_slice(&r->out));
}

static void invitation_undone(struct shard *s, struct conn *conn, struct command *c, void *data)
{
    struct rest *r = judged(data);
    (void)s, (void)conn, (void)c;
    if (r) rest_fail(r); /* with what the board said */
}

static void invitation_joined(struct shard *s, struct conn *conn, struct command *c, void *data)
{
    struct rest *r = judged(data);
    (void)s, (void)conn;
    if (!r) return;
    const struct invitation *v = r->user;
    if (accepted(r, c)) {
        invitation_answer(r);
        return;
    }
    unlink_op(r, v->link.id);
    rest_submit_for(r, &(struct actor){.system = true}, DIRECTORY_ID, invitation_undone);
}

static void invitation_linked(struct shard *s, struct conn *conn, struct command *c, void *data)
{
    struct rest *r = judged(data);
    (void)s, (void)conn;
    if (!r) return;
    const struct invitation *v = r->user;
    if (!accepted(r, c)) {
        rest_fail(r);
        return;
    }
    struct ops_out ops = rest_ops(r);
    op_begin(r, &ops, SLICE("member.add"), (struct id){0});
    JSON_KEY(&ops.j, "idMember");
    json_id(&ops.j, v->member);
    JSON_KEY(&ops.j, "role");
    json_str(&ops.j, role_name(v->role));
    op_end(&ops);
    rest_ops_end(&ops);
    rest_submit_for(r, &r->actor, v->board, invitation_joined);
}

static void invitation_submit(struct rest *r)
{
    rest_submit_for(r, &(struct actor){.system = true}, DIRECTORY_ID, invitation_linked);
}

/* Whoever comes gets this name, so there has to be one. */
static enum err invitation_name(struct rest *r, struct slice *ret_name)
{
    const struct param *p = params_find(&r->params, "name");
    struct slice name = p ? slice_trim(p->text) : (struct slice){0};
    if (p && p->json && !json_is_string(p->json))
        return fault_set(&r->fault, ERR_INVALID, "name", "is no text", "the name of a person");
    if (name.len == 0)
        return fault_set(&r->fault, ERR_INVALID, "name", "is missing", "the name of a person");
    if (!utf_valid(name))
        return fault_set(&r->fault, ERR_INVALID, "name", "is not UTF-8", "the name of a person");
    if (utf_units(name) > PERSON_NAME_UNITS_MAX)
        return fault_setf(&r->fault, ERR_INVALID, "name", "a shorter name",
                "has more than %u characters", PERSON_NAME_UNITS_MAX);
    *ret_name = name;
    return ERR_OK;
}

static enum err invitation_run(struct rest *r, struct board_view *bv)
{
    struct invitation *v = r->user;
    struct slice name, role = params_text(&r->params, "role");
    enum err err = invitation_name(r, &name);
    if (err != ERR_OK) return err;
    if (role.len == 0)
        return fault_set(
                &r->fault, ERR_INVALID, "role", "is missing", "admin, normal or observer");
    if (!role_parse(role, &v->role))
        return fault_setf(&r->fault, ERR_INVALID, "role", "admin, normal or observer",
                "is \"%.*s\"", SLICE_ARG(slice_head(role, 40)));
    if (r->idempotency.len)
        return fault_set(&r->fault, ERR_INVALID, "Idempotency-Key",
                "is of no use here: a link can be said only once", "a request without it");
    v->board = bv->board;
    struct ops_out ops = rest_ops(r);
    op_begin(r, &ops, SLICE("dir.member"), v->member);
    JSON_KEY(&ops.j, "fullName");
    json_str(&ops.j, name);
    op_end(&ops);
    sign_in_link_op(&v->link, v->member, v->board, &ops.j);
    rest_ops_end(&ops);
    return ERR_OK;
}

void board_link_post(struct rest *r)
{
    struct invitation *v = ARENA_NEW(&r->arena, struct invitation);
    r->user = v;
    v->member = rest_new_id(r);
    sign_in_link_make(&v->link, r->now_ms);
    rest_read(r, KIND_BOARD, r->args[0], invitation_run, invitation_submit);
}

/* -- those of a board */

struct links_walk {
    struct rest *rest;
    struct board_view *bv;
    struct board *board; /* its members */
    struct json_out *j;  /* NULL: looks for `member` */
    struct id member;
    struct id found; /* a link */
};

static void link_write(const struct links_walk *w, struct id member, struct slice expires)
{
    struct json_out *j = w->j;
    enum role role = board_role(w->board, member);
    struct slice json, name = SLICE(""), username = SLICE("");
    struct view *v = w->bv->view;
    json_t *tree;
    if (v->ops->entity(v, DIRECTORY_ID, KIND_MEMBER, member, &json) == ERR_OK &&
            json_read(v->arena, json, &tree, NULL) == ERR_OK) {
        json_get_slice(tree, "fullName", &name);
        json_get_slice(tree, "username", &username);
    }
    json_object_begin(j);
    JSON_KEY(j, "expires");
    json_str(j, expires);
    JSON_KEY(j, "fullName");
    json_str(j, name);
    JSON_KEY(j, "idMember");
    json_id(j, member);
    JSON_KEY(j, "role");
    if (role == ROLE_NONE)
        json_nil(j); /* was taken off the board since */
    else
        json_str(j, role_name(role));
    JSON_KEY(j, "username");
    json_str(j, username);
    json_object_end(j);
}

static enum err link_look(void *context, enum kind kind, struct id id, struct slice json)
{
    struct links_walk *w = context;
    struct slice board_text, member_text, expires;
    struct id board, member;
    int64_t expires_ms;
    json_t *tree;
    (void)kind;
    if (json_read(w->bv->view->arena, json, &tree, NULL) != ERR_OK) return ERR_CORRUPT;
    if (!json_get_slice(tree, "idBoard", &board_text) || !id_parse(board_text, &board) ||
            !id_eq(board, w->bv->board) || !json_get_slice(tree, "idMember", &member_text) ||
            !id_parse(member_text, &member) || !json_get_slice(tree, "expires", &expires) ||
            !date_parse(expires, &expires_ms) || expires_ms <= w->rest->now_ms)
        return ERR_OK;
    if (w->j)
        link_write(w, member, expires);
    else if (id_eq(member, w->member))
        w->found = id;
    return ERR_OK;
}

static enum err links_walk(struct links_walk *w)
{
    struct view *v = w->bv->view;
    return v->ops->entities(v, DIRECTORY_ID, KIND_LINK, KIND_LINK, link_look, w);
}

static enum err links_run(struct rest *r, struct board_view *bv)
{
    struct json_out j = json_out(&r->out);
    struct links_walk w = {.rest = r, .bv = bv, .j = &j};
    enum err err = rest_load(r, bv, 0, &w.board);
    if (err != ERR_OK) return err;
    json_array_begin(&j);
    err = links_walk(&w);
    json_array_end(&j);
    board_free(w.board);
    return err;
}

void board_links(struct rest *r)
{
    rest_read(r, KIND_BOARD, r->args[0], links_run, NULL);
}

/* -- withdrawing one */

static void withdrawal_done(struct shard *s, struct conn *conn, struct command *c, void *data)
{
    struct rest *r = judged(data);
    (void)s, (void)conn;
    if (!r) return;
    if (accepted(r, c) || r->fault.err == ERR_NOT_FOUND)
        rest_answer_json(r, SLICE("{}")); /* not found: taken off the board before */
    else
        rest_fail(r);
}

static void withdrawal_unlinked(struct shard *s, struct conn *conn, struct command *c, void *data)
{
    struct rest *r = judged(data);
    (void)s, (void)conn;
    if (!r) return;
    const struct invitation *v = r->user;
    if (!accepted(r, c)) {
        rest_fail(r); /* used since it was found: the person is in, and stays */
        return;
    }
    struct ops_out ops = rest_ops(r);
    op_begin(r, &ops, SLICE("member.remove"), (struct id){0});
    JSON_KEY(&ops.j, "idMember");
    json_id(&ops.j, v->member);
    op_end(&ops);
    rest_ops_end(&ops);
    rest_submit_for(r, &r->actor, v->board, withdrawal_done);
}

static void withdrawal_submit(struct rest *r)
{
    rest_submit_for(r, &(struct actor){.system = true}, DIRECTORY_ID, withdrawal_unlinked);
}

static enum err withdrawal_run(struct rest *r, struct board_view *bv)
{
    struct invitation *v = r->user;
    struct links_walk w = {.rest = r, .bv = bv};
    if (!id_parse(r->args[1], &w.member))
        return fault_set(
                &r->fault, ERR_INVALID, "idMember", "is not an id", "24 lower-case hex digits");
    enum err err = links_walk(&w);
    if (err == ERR_OK && id_is_none(w.found)) err = fault_set(&r->fault, ERR_NOT_FOUND, "", "", "");
    if (err != ERR_OK) return err;
    v->board = bv->board;
    v->member = w.member;
    unlink_op(r, w.found);
    return ERR_OK;
}

void board_link_delete(struct rest *r)
{
    r->user = ARENA_NEW(&r->arena, struct invitation);
    rest_read(r, KIND_BOARD, r->args[0], withdrawal_run, withdrawal_submit);
}
