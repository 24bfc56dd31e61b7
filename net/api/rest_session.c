/* rest_session.c - signing in by a one-time link, signing out, and the page at /.
 *
 * A link is shown by GET and used up only by POST: what looks at links before people do (mail
 * scanners, previews) must not use them up. Links and sessions are 256 random bits; only their
 * SHA-256 is kept. */
#include "core/base/date.h"
#include "core/base/json.h"
#include "net/api/auth.h"
#include "net/api/page.h"
#include "net/api/rest_nouns.h"

#define TOKEN_BYTES  32
#define TOKEN_HEX    (2 * TOKEN_BYTES)
#define SESSION_DAYS 90

const struct param_spec link_params[] = {{"token", PARAM_ANY, NULL}, {0}};

struct sign_in {
    char token[TOKEN_HEX + 1]; /* of the new session */
    char expires[DATE_TEXT + 1];
    struct id session;
    bool page;
};

static void hex_of(const void *bytes, size_t len, char *ret_text)
{
    struct buf hex = {.ptr = ret_text, .cap = 2 * len + 1, .bytes_max = 2 * len + 1};
    buf_add_hex(&hex, bytes, len);
    ret_text[2 * len] = '\0';
}

static const char used_up[] =
        "<p>This sign-in link is unknown, was used already, or is too old.</p>"
        "<p>Ask an admin of your board for a new one, or the person who runs this server: "
        "<code>tavla link</code> prints it.</p>";

static void sign_in_refused(struct rest *r)
{
    const struct sign_in *s = r->user;
    if (s->page) {
        page_answer(r, 401, "Sign in", (struct slice){0}, slice_cstr(used_up));
    } else {
        rest_refuse(r, ERR_UNAUTHORIZED, "token", "the link is unknown, used up or too old",
                "a fresh sign-in link: `tavla link` prints one");
    }
}

static void sign_in_page(struct rest *r)
{
    const struct sign_in *s = r->user;
    const struct server *server = r->shard->server;
    struct buf fields;
    buf_init(&fields, KIB(2));
    buf_add_format(&fields,
            "Set-Cookie: %s=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Lax%s\r\nLocation: /\r\n",
            session_cookie_name(server), s->token, SESSION_DAYS * 86400,
            server->secure ? "; Secure" : "");
    page_answer(r, 303, "Signed in", buf_slice(&fields), SLICE("<p><a href=\"/\">Go on</a></p>"));
    buf_fini(&fields);
}

/* Whose session is it? */
static enum err sign_in_member_run(struct rest *r, struct board_view *bv)
{
    const struct sign_in *s = r->user;
    struct json_out j = json_out(&r->out);
    struct slice json;
    json_t *tree;
    enum err err = bv->view->ops->entity(bv->view, DIRECTORY_ID, KIND_SESSION, s->session, &json);
    if (err == ERR_OK) err = json_read(&r->arena, json, &tree, &r->fault);
    if (err != ERR_OK) return err;
    json_object_begin(&j);
    JSON_KEY(&j, "token");
    json_str(&j, slice_cstr(s->token));
    JSON_KEY(&j, "idMember");
    json_tree(&j, json_object_get(tree, "idMember"));
    JSON_KEY(&j, "expires");
    json_str(&j, slice_cstr(s->expires));
    json_object_end(&j);
    return ERR_OK;
}

static void sign_in_judged(struct shard *shard, struct conn *conn, struct command *c, void *data)
{
    struct rest *r = data;
    const struct sign_in *s = r->user;
    (void)shard, (void)conn;
    if (!r->conn) {
        rest_unref(r);
        return;
    }
    r->pending--;
    if (c->verdict == VERDICT_REJECTED && c->fault.err == ERR_UNAUTHORIZED) {
        sign_in_refused(r);
    } else if (c->verdict != VERDICT_ACCEPTED) {
        r->fault = c->fault;
        if (r->fault.err == ERR_OK) fault_set(&r->fault, ERR_UNKNOWN, "", "", "");
        rest_fail(r);
    } else if (s->page) {
        sign_in_page(r);
    } else {
        rest_read(r, KIND_NONE, (struct slice){0}, sign_in_member_run, NULL);
    }
}

static void op_id(struct json_out *j, const char *key, const uint8_t hash[CRYPTO_SHA256_BYTES])
{
    struct id id;
    memcpy(id.bytes, hash, ID_BYTES);
    json_key(j, slice_cstr(key));
    json_id(j, id);
}

static void op_hash(struct json_out *j, const char *key, const uint8_t hash[CRYPTO_SHA256_BYTES])
{
    char hex[2 * CRYPTO_SHA256_BYTES + 1];
    hex_of(hash, CRYPTO_SHA256_BYTES, hex);
    json_key(j, slice_cstr(key));
    json_str(j, slice_cstr(hex));
}

static void sign_in(struct rest *r, struct slice link, bool page)
{
    uint8_t secret[TOKEN_BYTES], hash[CRYPTO_SHA256_BYTES], link_hash[CRYPTO_SHA256_BYTES];
    struct sign_in *s = ARENA_NEW(&r->arena, struct sign_in);
    r->user = s;
    s->page = page;
    if (link.len == 0 || link.len > 4 * TOKEN_HEX) {
        sign_in_refused(r);
        return;
    }
    crypto_random(secret, sizeof secret);
    hex_of(secret, sizeof secret, s->token);
    token_hash(slice_cstr(s->token), hash);
    token_hash(link, link_hash);
    memcpy(s->session.bytes, hash, ID_BYTES);
    date_format(r->now_ms + (int64_t)SESSION_DAYS * 86400000, s->expires);
    struct ops_out ops = rest_ops(r);
    op_begin(r, &ops, SLICE("dir.signIn"), s->session);
    op_hash(&ops.j, "hash", hash);
    op_id(&ops.j, "idLink", link_hash);
    op_hash(&ops.j, "linkHash", link_hash);
    JSON_KEY(&ops.j, "expires");
    json_str(&ops.j, slice_cstr(s->expires));
    op_end(&ops);
    rest_ops_end(&ops);
    /* The directory is the server's own: whoever asked, the server itself writes it. */
    rest_submit_for(r, &(struct actor){.system = true}, DIRECTORY_ID, sign_in_judged);
}

void link_use(struct rest *r)
{
    sign_in(r, params_text(&r->params, "token"), false);
}

/* Another site's page must not sign a person in as somebody else. */
void link_use_page(struct rest *r)
{
    if (auth_foreign_page(r)) {
        page_answer(r, 403, "Sign in", (struct slice){0},
                SLICE("<p>Another site's page sent this. Open the sign-in link itself.</p>"));
        return;
    }
    sign_in(r, r->args[0], true);
}

void link_page(struct rest *r)
{
    page_answer(r, 200, "Sign in", (struct slice){0},
            SLICE("<p>This link signs you in on this browser. It works once.</p><form "
                  "method=\"post\"><button>Sign in</button></form>"));
}

/* -- out */

static void sign_out_judged(struct shard *shard, struct conn *conn, struct command *c, void *data)
{
    struct rest *r = data;
    char fields[160];
    (void)shard, (void)conn;
    if (!r->conn) {
        rest_unref(r);
        return;
    }
    r->pending--;
    if (c->verdict != VERDICT_ACCEPTED && c->fault.err != ERR_NOT_FOUND &&
            c->fault.err != ERR_GONE) {
        r->fault = c->fault;
        if (r->fault.err == ERR_OK) fault_set(&r->fault, ERR_UNKNOWN, "", "", "");
        rest_fail(r);
        return;
    }
    snprintf(fields, sizeof fields,
            "Set-Cookie: %s=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax%s\r\nCache-Control: "
            "no-store\r\n",
            session_cookie_name(r->shard->server), r->shard->server->secure ? "; Secure" : "");
    rest_answer(r, 200, SLICE("application/json; charset=utf-8"), slice_cstr(fields), SLICE("{}"));
}

void session_delete(struct rest *r)
{
    if (id_is_none(r->actor.session)) {
        rest_refuse(r, ERR_INVALID, "", "there is no session to end",
                "a request with a session's token");
        return;
    }
    struct ops_out ops = rest_ops(r);
    op_begin(r, &ops, SLICE("dir.signOut"), r->actor.session);
    op_end(&ops);
    rest_ops_end(&ops);
    rest_submit_for(r, &(struct actor){.system = true}, DIRECTORY_ID, sign_out_judged);
}

/* -- / */

static enum err my_board(void *context, struct id board, enum role role)
{
    struct rest *r = context;
    (void)role;
    return buf_add(&r->body, slice_of(board.bytes, ID_BYTES)) ? ERR_OK : ERR_TOO_LARGE;
}

static void board_item(struct rest *r, struct view *v, struct id id)
{
    struct slice json, name = SLICE("");
    char text[ID_TEXT + 1];
    json_t *tree;
    bool closed;
    if (v->ops->entity(v, id, KIND_BOARD, id, &json) != ERR_OK ||
            json_read(&r->arena, json, &tree, NULL) != ERR_OK)
        return;
    json_get_slice(tree, "name", &name);
    closed = json_is_true(json_object_get(tree, "closed"));
    id_format(id, text);
    buf_add_format(&r->out, "<li><a href=\"/v1/boards/%s/export\">", text);
    html_text(&r->out, name);
    BUF_ADD(&r->out, "</a>");
    if (closed) BUF_ADD(&r->out, " <small>closed</small>");
    BUF_ADD(&r->out, "</li>");
}

static enum err home_run(struct rest *r, struct board_view *bv)
{
    buf_clear(&r->body);
    enum err err = bv->view->ops->memberships(bv->view, r->actor.member, my_board, r);
    if (err != ERR_OK) return err;
    BUF_ADD(&r->out, "<ul>");
    for (size_t at = 0; at < r->body.len; at += ID_BYTES) {
        struct id id;
        memcpy(id.bytes, r->body.ptr + at, ID_BYTES);
        board_item(r, bv->view, id);
    }
    BUF_ADD(&r->out, "</ul>");
    return ERR_OK;
}

static void home_answer(struct rest *r)
{
    struct buf body;
    buf_init(&body, MIB(4));
    if (id_is_none(r->actor.member)) {
        BUF_ADD(&body, "<p>The server runs. To sign in, open the link that it printed when it "
                       "first started, or ask for one: "
                       "<code>tavla link</code>.</p>");
    } else {
        struct slice name = SLICE("");
        json_t *me;
        if (json_read(&r->arena, r->me, &me, NULL) == ERR_OK) json_get_slice(me, "fullName", &name);
        BUF_ADD(&body, "<p>The server runs. You are signed in as <b>");
        html_text(&body, name);
        BUF_ADD(&body, "</b>. Your boards:</p>");
        buf_add(&body, buf_slice(&r->out));
    }
    BUF_ADD(&body, "<p><small>Tavla " TAVLA_VERSION
                   ", built without its browser client.</small></p>");
    page_answer(r, 200, "Tavla", (struct slice){0}, buf_slice(&body));
    buf_fini(&body);
}

void home_page(struct rest *r)
{
    if (id_is_none(r->actor.member))
        home_answer(r);
    else
        rest_read(r, KIND_NONE, (struct slice){0}, home_run, home_answer);
}
