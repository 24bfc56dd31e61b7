/* rest_admin.c - what only the operator may ask, over the admin socket: a member, their rights
 * on a board, and a way in.
 *
 *   is the board there? -> directory: dir.member (if new) and dir.link in one event
 *                       -> board: member.add -> the link */
#include "core/base/json.h"
#include "net/api/rest_nouns.h"
#include "net/api/sign_in_link.h"

const struct param_spec admin_link_params[] = {
        {"name", PARAM_TEXT, NULL},   /* of a new member */
        {"member", PARAM_TEXT, NULL}, /* or the user name of one who is here already */
        {"board", PARAM_KEY, NULL},
        {"role", PARAM_TEXT, NULL},
        {0},
};

struct admin_link {
    struct sign_in_link link;
    struct id member, board;
    bool fresh; /* the member is to be made */
    struct slice role;
};

static void link_answer(struct rest *r)
{
    const struct admin_link *a = r->user;
    buf_clear(&r->out);
    struct json_out j = json_out(&r->out);
    json_object_begin(&j);
    JSON_KEY(&j, "idMember");
    json_id(&j, a->member);
    JSON_KEY(&j, "link");
    sign_in_link_url(&a->link, r->shard->server->base_url, &j);
    JSON_KEY(&j, "token");
    json_str(&j, slice_cstr(a->link.token));
    json_object_end(&j);
    rest_answer_json(r, buf_slice(&r->out));
}

static void admin_judged(struct shard *s, struct conn *conn, struct command *c, void *data);

static void admin_submit(struct rest *r, struct id board)
{
    rest_submit_for(r, &(struct actor){.system = true}, board, admin_judged);
}

static void admin_join(struct rest *r)
{
    const struct admin_link *a = r->user;
    struct ops_out ops = rest_ops(r);
    op_begin(r, &ops, SLICE("member.add"), (struct id){0});
    JSON_KEY(&ops.j, "idMember");
    json_id(&ops.j, a->member);
    JSON_KEY(&ops.j, "role");
    json_str(&ops.j, a->role);
    op_end(&ops);
    rest_ops_end(&ops);
    admin_submit(r, a->board);
}

static void admin_judged(struct shard *s, struct conn *conn, struct command *c, void *data)
{
    struct rest *r = data;
    const struct admin_link *a = r->user;
    (void)s, (void)conn;
    if (!r->conn) {
        rest_unref(r);
        return;
    }
    r->pending--;
    bool directory = id_is_none(c->board);
    if (c->verdict == VERDICT_ACCEPTED && directory && !id_is_none(a->board)) {
        admin_join(r);
    } else if (c->verdict == VERDICT_ACCEPTED || (!directory && c->fault.err == ERR_CONFLICT)) {
        link_answer(r); /* a member of the board already: nothing to add */
    } else {
        r->fault = c->fault;
        if (r->fault.err == ERR_OK) fault_set(&r->fault, ERR_UNKNOWN, "", "", "");
        rest_fail(r);
    }
}

static void admin_directory(struct rest *r)
{
    struct admin_link *a = r->user;
    sign_in_link_make(&a->link, r->now_ms);
    struct ops_out ops = rest_ops(r);
    if (a->fresh) {
        op_begin(r, &ops, SLICE("dir.member"), a->member);
        JSON_KEY(&ops.j, "fullName");
        json_str(&ops.j, params_text(&r->params, "name"));
        op_end(&ops);
    }
    sign_in_link_op(&a->link, a->member, (struct id){0}, &ops.j);
    rest_ops_end(&ops);
    admin_submit(r, DIRECTORY_ID);
}

/* -- who and where: reader */

struct member_search {
    struct arena *arena;
    struct slice username;
    struct id found;
};

static enum err member_look(void *context, enum kind kind, struct id id, struct slice json)
{
    struct member_search *search = context;
    struct slice username;
    json_t *tree;
    (void)kind;
    if (json_read(search->arena, json, &tree, NULL) == ERR_OK &&
            json_get_slice(tree, "username", &username) &&
            slice_eq_nocase(username, search->username)) {
        search->found = id;
    }
    return ERR_OK;
}

static enum err admin_look_run(struct rest *r, struct board_view *bv)
{
    struct admin_link *a = r->user;
    struct member_search search = {
            .arena = bv->view->arena, .username = params_text(&r->params, "member")};
    a->board = bv->board;
    if (a->fresh) return ERR_OK;
    enum err err = bv->view->ops->entities(
            bv->view, DIRECTORY_ID, KIND_MEMBER, KIND_MEMBER, member_look, &search);
    if (err == ERR_OK && id_is_none(search.found))
        err = fault_set(&r->fault, ERR_INVALID, "member", "is no member's user name",
                "the user name of a member");
    a->member = search.found;
    return err;
}

void admin_link(struct rest *r)
{
    struct admin_link *a = ARENA_NEW(&r->arena, struct admin_link);
    struct slice name = params_text(&r->params, "name"), member = params_text(&r->params, "member"),
                 board = params_text(&r->params, "board");
    enum role role;
    r->user = a;
    a->role = params_text(&r->params, "role");
    if (!a->role.len) a->role = SLICE("normal");
    a->fresh = name.len > 0;
    a->member = rest_new_id(r);
    if (!role_parse(a->role, &role))
        rest_refuse(r, ERR_INVALID, "role", "is none of the known", "admin, normal or observer");
    else if (a->fresh == (member.len > 0))
        rest_refuse(r, ERR_INVALID, "name", "must be given, or member",
                "the name of a new member, or a member's user name");
    else
        rest_read(r, board.len ? KIND_BOARD : KIND_NONE, board, admin_look_run, admin_directory);
}
