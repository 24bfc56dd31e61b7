/* rest_admin.c - what only the operator may ask, over the admin socket: a member, their rights
 * on a board, and a way in.
 *
 *   is the board there? -> directory: dir.member (if new) and dir.link in one event
 *                       -> board: member.add -> the link */
#include "core/base/date.h"
#include "core/base/json.h"
#include "net/api/rest_nouns.h"

#define LINK_DAYS   7
#define TOKEN_BYTES 32

const struct param_spec admin_link_params[] = {
        {"name", PARAM_TEXT, NULL},   /* of a new member */
        {"member", PARAM_TEXT, NULL}, /* or the user name of one who is here already */
        {"board", PARAM_KEY, NULL},
        {"role", PARAM_TEXT, NULL},
        {0},
};

struct admin_link {
    char token[2 * TOKEN_BYTES + 1];
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
    struct buf url;
    buf_init(&url, KIB(4));
    buf_add(&url, r->shard->server->base_url);
    buf_add_format(&url, "/link/%s", a->token);
    json_str(&j, buf_slice(&url));
    buf_fini(&url);
    JSON_KEY(&j, "token");
    json_str(&j, slice_cstr(a->token));
    json_object_end(&j);
    rest_answer_json(r, buf_slice(&r->out));
}

static void admin_judged(struct shard *s, struct conn *conn, struct command *c, void *data);

static void admin_submit(struct rest *r, struct id board)
{
    struct command *c = command_new(board, &(struct actor){.system = true});
    if (command_decode(c, buf_slice(&r->out), true, &r->fault) != ERR_OK) {
        command_free(c);
        rest_fail(r);
        return;
    }
    r->pending++;
    shard_submit(r->shard, c,
            &(struct origin){.conn = conn_handle(r->conn), .done = admin_judged, .data = r});
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

static void hex_member(struct json_out *j, const char *key, const uint8_t *bytes, size_t len)
{
    struct buf hex;
    buf_init(&hex, KIB(1));
    buf_add_hex(&hex, bytes, len);
    json_key(j, slice_cstr(key));
    json_str(j, buf_slice(&hex));
    buf_fini(&hex);
}

static void admin_directory(struct rest *r)
{
    struct admin_link *a = r->user;
    uint8_t secret[TOKEN_BYTES], hash[CRYPTO_SHA256_BYTES];
    char expires[DATE_TEXT + 1];
    struct id link;
    struct buf text = {.ptr = a->token, .cap = sizeof a->token, .bytes_max = sizeof a->token};
    crypto_random(secret, sizeof secret);
    buf_add_hex(&text, secret, sizeof secret);
    token_hash(slice_of(a->token, 2 * TOKEN_BYTES), hash);
    memcpy(link.bytes, hash, ID_BYTES);
    date_format(r->now_ms + (int64_t)LINK_DAYS * 86400000, expires);
    struct ops_out ops = rest_ops(r);
    if (a->fresh) {
        op_begin(r, &ops, SLICE("dir.member"), a->member);
        JSON_KEY(&ops.j, "fullName");
        json_str(&ops.j, params_text(&r->params, "name"));
        op_end(&ops);
    }
    op_begin(r, &ops, SLICE("dir.link"), link);
    hex_member(&ops.j, "hash", hash, sizeof hash);
    JSON_KEY(&ops.j, "idMember");
    json_id(&ops.j, a->member);
    JSON_KEY(&ops.j, "expires");
    json_str(&ops.j, slice_cstr(expires));
    op_end(&ops);
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
