#include "net/api/live.h"

#include "core/base/json.h"
#include "core/base/log.h"
#include "net/api/live_impl.h"

#define PROTOCOL SLICE("tavla.v1")
/* so that those who heard the same last event do not all get theirs at once */
#define HEARTBEAT_SPREAD_MS 2000
#define BYE_AFTER_MS 1500
#define LEAVE_MS 5000    /* a reader that lost access gets so long to take what was before */
#define LEAVE_LOOK_MS 20

static const struct bucket_rate live_others_rate = { 20, 200 }; /* messages that are not ops */

static const struct ctx_ops live_ops;

/* -- saying */

void live_send(struct live *l, const struct buf *text, uint64_t barrier)
{
    CHECK(buf_ok(text));
    if (l->closing) return;
    l->sent_ms = loop_now_ms(l->shard->loop);
    conn_send(l->conn, buf_slice(text), barrier);
}

void live_send_behind(struct live *l, const struct buf *text, uint64_t at)
{
    CHECK(buf_ok(text));
    if (l->closing) return;
    if (l->state != LIVE_JOINING && (l->state != LIVE_FOLLOWING || conn_follows(l->conn))) {
        live_send(l, text, at);
        return;
    }
    if (!l->held) l->held_bytes = 0;
    l->held_bytes += text->len;
    if (l->held_bytes > PRIVATE_QUEUE_BYTES_MAX) {
        live_close(l, 4202, "too many answers waited for a reader that is behind");
        return;
    }
    struct held *h = mem_new(sizeof *h + text->len);
    h->barrier = at;
    h->len = text->len;
    memcpy(h->bytes, text->ptr, text->len);
    if (l->held_last) {
        l->held_last->next = h;
    } else {
        l->held = h;
    }
    l->held_last = h;
}

void live_error(struct live *l, const uint64_t *re, const struct fault *fault)
{
    struct buf out, text;
    buf_init(&out, KIB(8));
    buf_init(&text, KIB(1));
    fault_text(fault, &text);
    struct json_out j = json_out(&out);
    json_object_begin(&j);
    JSON_KEY(&j, "t");
    json_str(&j, SLICE("err"));
    if (re) {
        JSON_KEY(&j, "re");
        json_u64(&j, *re);
    }
    JSON_KEY(&j, "code");
    json_str(&j, slice_cstr(err_why(fault->err)));
    JSON_KEY(&j, "msg");
    json_str(&j, text.len ? buf_slice(&text) : slice_cstr(err_text(fault->err)));
    json_object_end(&j);
    live_send(l, &out, CONN_NO_BARRIER);
    buf_fini(&text);
    buf_fini(&out);
}

void live_error_text(struct live *l, const uint64_t *re, enum err err, const char *text)
{
    struct fault fault = { .err = err };
    snprintf(fault.wrong, sizeof fault.wrong, "%s", text);
    live_error(l, re, &fault);
}

void live_close(struct live *l, uint16_t code, const char *reason)
{
    if (l->closing) return;
    live_join_stop(l);
    live_presence_leave(l);
    l->closing = true;
    conn_close(l->conn, code, slice_cstr(reason));
}

/* -- not reading further: each reason at most once */

void live_pause(struct live *l, enum live_pause why)
{
    uint8_t bit = (uint8_t)(1u << why);
    if (l->pauses & bit) return;
    if (l->pauses == 0) conn_pause(l->conn);
    l->pauses |= bit;
}

void live_resume(struct live *l, enum live_pause why)
{
    uint8_t bit = (uint8_t)(1u << why);
    if (!(l->pauses & bit)) return;
    l->pauses &= (uint8_t)~bit;
    if (l->pauses == 0) conn_resume(l->conn);
}

/* -- the upgrade */

static void live_refuse(struct conn *conn, enum err err, const char *wrong, const char *expected)
{
    struct fault fault = { 0 };
    struct buf body;
    fault_set(&fault, err, "", wrong, expected);
    buf_init(&body, KIB(4));
    fault_json(&fault, &body);
    conn_answer(conn, &(struct http_answer){
        .status = err_http(err),
        .content_type = SLICE("application/json"),
        .fields = err == ERR_UPGRADE ? ws_open_refusal_fields() : SLICE(""),
        .body = buf_slice(&body),
        .close = true,
    });
    buf_fini(&body);
}

/* The cookie speaks for a person whose browser was led here by any page: it counts only for
 * pages of our own origin. Without an Origin (no browser) or without a cookie the token has to
 * come in hello. False: refused. */
static bool live_cookie(struct conn *conn, const struct http_request *q,
        const struct server *server, struct slice *ret_token)
{
    struct slice origin = http_field_get(q, "origin"), cookie = session_cookie(server, q);
    *ret_token = (struct slice){ NULL, 0 };
    if (!cookie.ptr || !origin.ptr) return true;
    if (http_field_count(q, "origin") != 1 || !origin_allowed(server, origin)) {
        live_refuse(conn, ERR_FORBIDDEN, "the Origin of the page is not this server's",
                "a page of this server, or a token in hello and no cookie");
        return false;
    }
    *ret_token = cookie;
    return true;
}

static void live_hello_late(struct conn *conn)
{
    struct live *l = (struct live *)conn_ctx(conn);
    live_close(l, 4009, "hello did not come in time");
}

void live_open(struct conn *conn, const struct http_request *request, const struct id *board)
{
    struct shard *s = shard_of(conn);
    char accept[WS_ACCEPT_CHARS + 1];
    bool chosen = false;
    struct fault fault = { 0 };
    struct slice token;
    enum err err = ws_open_check(request, PROTOCOL, accept, &chosen, &fault);
    if (err != ERR_OK) {
        live_refuse(conn, err, fault.wrong, fault.expected);
        return;
    }
    if (ws_open_has_protocols(request) && !chosen) {
        live_refuse(
                conn, ERR_INVALID, "none of the offered subprotocols is spoken here", "tavla.v1");
        return;
    }
    if (!live_cookie(conn, request, s->server, &token)) return;
    if (s->draining) {
        live_refuse(conn, ERR_BUSY, "the server is about to stop", "a new try in a moment");
        return;
    }
    struct live *l = MEM_NEW(struct live);
    l->ctx.ops = &live_ops;
    l->conn = conn;
    l->shard = s;
    l->own = board == NULL;
    if (board) l->board = *board;
    l->state = LIVE_HELLO;
    l->session_until_ms = INT64_MAX;
    crypto_random(&l->sid, sizeof l->sid);
    l->actor.system = conn_local(conn);
    if (token.ptr) {
        token_hash(token, l->hash);
        l->has_cookie = true;
    }
    int64_t now_ms = loop_now_ms(s->loop);
    bucket_init(&l->ops, s->server->op_rate, now_ms);
    bucket_init(&l->others, live_others_rate, now_ms);
    l->sent_ms = now_ms;
    chain_push(&s->lives, &l->on_shard);
    s->live_count++;
    conn_set_user(conn, l);
    conn_upgrade(conn, accept, chosen ? "tavla.v1" : NULL, WS_MESSAGE_BYTES_MAX_FIRST);
    conn_timer(conn, LIVE_HELLO_TIMEOUT_MS, live_hello_late);
}

/* -- hello */

static void live_welcome(struct live *l, struct slice me)
{
    struct buf out;
    buf_init(&out, KIB(256));
    struct json_out j = json_out(&out);
    char sid[17];
    snprintf(sid, sizeof sid, "%016llx", (unsigned long long)l->sid);
    json_object_begin(&j);
    JSON_KEY(&j, "t");
    json_str(&j, SLICE("hello"));
    JSON_KEY(&j, "v");
    json_u64(&j, 1);
    JSON_KEY(&j, "sid");
    json_str(&j, slice_cstr(sid));
    JSON_KEY(&j, "me");
    if (me.len) {
        json_raw(&j, me);
    } else {
        json_nil(&j);
    }
    JSON_KEY(&j, "now");
    json_u64(&j, (uint64_t)loop_wall_ms(l->shard->loop));
    JSON_KEY(&j, "hb");
    json_u64(&j, LIVE_HEARTBEAT_MS / 1000);
    JSON_KEY(&j, "max");
    json_object_begin(&j);
    JSON_KEY(&j, "op");
    json_u64(&j, OP_BYTES_MAX);
    JSON_KEY(&j, "msg");
    json_u64(&j, WS_MESSAGE_BYTES_MAX);
    json_object_end(&j);
    JSON_KEY(&j, "version");
    json_str(&j, SLICE(TAVLA_VERSION));
    json_object_end(&j);
    l->state = LIVE_READY;
    conn_timer(l->conn, 0, NULL);
    conn_message_max(l->conn, WS_MESSAGE_BYTES_MAX);
    live_send(l, &out, CONN_NO_BARRIER);
    buf_fini(&out);
}

static void live_hello_authed(
        struct shard *s, struct conn *conn, enum err err, const struct session *session, void *data)
{
    (void)data;
    if (!conn) return;
    struct live *l = (struct live *)conn_ctx(conn);
    if (l->closing) return;
    CHECK(l->state == LIVE_HELLO);
    live_resume(l, PAUSE_AUTH);
    if (err != ERR_OK) {
        struct fault fault = { 0 };
        fault_set(&fault, err, "token",
                err == ERR_UNAUTHORIZED ? "is not that of a session, or the session has ended" : "",
                "the token of a session");
        live_error(l, NULL, &fault);
        live_close(l, err == ERR_UNAUTHORIZED ? 4010 : 4100, err_text(err));
        return;
    }
    if (!server_member_enter(s->server, session->actor.member)) {
        live_error_text(l, NULL, ERR_BUSY, "this person has 50 connections already");
        live_close(l, 4100, "too many connections of one person");
        return;
    }
    l->counted = true;
    l->actor = session->actor;
    l->session_until_ms = session->expires_wall_ms;
    live_welcome(l, session->me);
}

static bool client_id_valid(struct slice cl)
{
    if (cl.len == 0 || cl.len > CLIENT_ID_CHARS_MAX) return false;
    for (size_t i = 0; i < cl.len; i++) {
        if (cl.ptr[i] <= ' ' || cl.ptr[i] >= 0x7f || cl.ptr[i] == '"' || cl.ptr[i] == '\\')
            return false;
    }
    return true;
}

static void live_hello(struct live *l, const json_t *message)
{
    uint64_t version = 0;
    struct slice cl, token;
    if (!json_get_u64(message, "v", &version) || version != 1) {
        live_error_text(l, NULL, ERR_VERSION, "v: this server speaks version 1");
        live_close(l, 4006, "this server speaks version 1");
        return;
    }
    if (json_object_get(message, "cl")) {
        if (!json_get_slice(message, "cl", &cl) || !client_id_valid(cl)) {
            live_error_text(l, NULL, ERR_INVALID,
                    "cl: expected 1 to 32 visible ASCII characters, without quotes");
            return;
        }
        memcpy(l->cl, cl.ptr, cl.len);
        l->cl[cl.len] = '\0';
    }
    if (l->actor.system) {
        live_welcome(l, SLICE(""));
        return;
    }
    if (json_get_slice(message, "token", &token)) {
        token_hash(token, l->hash);
    } else if (!l->has_cookie) {
        live_error_text(l, NULL, ERR_UNAUTHORIZED, "neither a token in hello nor a session cookie");
        live_close(l, 4009, "sign in first");
        return;
    }
    live_pause(l, PAUSE_AUTH);
    shard_auth(l->shard, l->conn, l->hash, live_hello_authed, NULL);
}

/* -- messages */

static void live_ping(struct live *l, const json_t *message)
{
    struct buf out;
    buf_init(&out, KIB(4));
    struct json_out j = json_out(&out);
    const json_t *x = json_object_get(message, "x");
    json_object_begin(&j);
    JSON_KEY(&j, "t");
    json_str(&j, SLICE("pong"));
    JSON_KEY(&j, "x");
    if (x && (json_is_integer(x) || (json_is_string(x) && json_string_length(x) <= 64))) {
        json_tree(&j, x);
    } else {
        json_nil(&j);
    }
    json_object_end(&j);
    live_send(l, &out, CONN_NO_BARRIER);
    buf_fini(&out);
}

static void live_other(struct live *l, struct slice type, const json_t *message)
{
    if (slice_eq(type, SLICE("hello"))) {
        live_error_text(l, NULL, ERR_INVALID, "hello was said already");
    } else if (slice_eq(type, SLICE("sub"))) {
        live_sub(l, message);
    } else if (slice_eq(type, SLICE("ping"))) {
        live_ping(l, message);
    } else if (slice_eq(type, SLICE("get")) && !l->own) {
        live_get(l, message);
    } else if (slice_eq(type, SLICE("pres")) && !l->own) {
        live_presence(l, message);
    } /* others are of a newer protocol, or of a board's stream: ignored */
}

static void live_message(struct conn *conn, struct ctx *ctx, struct slice text)
{
    struct live *l = (struct live *)ctx;
    struct fault fault = { 0 };
    struct slice type;
    json_t *tree;
    if (l->closing) return;
    if (l->state != LIVE_HELLO && slice_starts(text, SLICE("{\"t\":\"op\","))) { /* nearly always */
        live_op(l, text);
        return;
    }
    struct arena *scratch = &l->shard->scratch;
    arena_reset(scratch);
    enum err err = json_read(scratch, text, &tree, &fault);
    if (err == ERR_OK && (!json_is_object(tree) || !json_get_slice(tree, "t", &type))) {
        err = fault_set(&fault, ERR_INVALID, "t", "the message is not an object with a string `t`",
                "{\"t\":\"op\",...}");
    }
    if (err == ERR_OK && l->state != LIVE_HELLO && slice_eq(type, SLICE("op"))) {
        live_op(l, text);
        return;
    }
    if (!bucket_take(&l->others, live_others_rate, loop_now_ms(conn_loop(conn)))) {
        live_close(l, 4101, "too many messages that are not ops");
    } else if (err != ERR_OK) {
        live_error(l, NULL, &fault);
    } else if (l->state != LIVE_HELLO) {
        live_other(l, type, tree);
    } else if (slice_eq(type, SLICE("hello"))) {
        live_hello(l, tree);
    } else {
        live_error_text(l, NULL, ERR_INVALID, "the first message has to be hello");
    }
}

static void live_drained(struct conn *conn, struct ctx *ctx)
{
    (void)conn;
    live_pump((struct live *)ctx);
}

static void live_conn_stuck(struct conn *conn, struct ctx *ctx)
{
    (void)conn;
    live_stuck((struct live *)ctx);
}

static void live_closed(struct conn *conn, struct ctx *ctx)
{
    (void)conn;
    struct live *l = (struct live *)ctx;
    struct shard *s = l->shard;
    live_join_stop(l);
    live_presence_leave(l);
    if (l->entry) {
        chain_unlink(&l->on_board);
        CHECK(l->entry->live_count > 0);
        l->entry->live_count--;
    }
    live_own_closed(l);
    if (l->counted) server_member_leave(s->server, l->actor.member);
    chain_unlink(&l->on_shard);
    CHECK(s->live_count > 0);
    s->live_count--;
    mem_free(l);
}

static const struct ctx_ops live_ops = {
    .message = live_message,
    .drained = live_drained,
    .stuck = live_conn_stuck,
    .closed = live_closed,
};

/* -- from the shard */

/* The feed goes on to what was before the loss; the close waits for that, but not for long. */
static void live_leave_late(struct conn *conn)
{
    struct live *l = (struct live *)conn_ctx(conn);
    bool sent = conn_feed_next(conn) >= l->stop_seq &&
                conn_private_room(conn) == PRIVATE_QUEUE_BYTES_MAX;
    if (sent || loop_now_ms(conn_loop(conn)) >= l->leave_due_ms) {
        conn_close(conn, 4009, SLICE("no longer a member of this board"));
    } else {
        conn_timer(conn, LEAVE_LOOK_MS, live_leave_late);
    }
}

static void live_forbid(struct live *l, uint64_t seq)
{
    struct buf out;
    bool following = l->state == LIVE_FOLLOWING && conn_follows(l->conn);
    if (following) {
        conn_feed_stop(l->conn, seq);
    } else {
        live_join_stop(l); /* what was not sent yet stays here */
    }
    buf_init(&out, KIB(1));
    buf_add_format(&out,
            "{\"t\":\"err\",\"re\":%llu,\"code\":\"forbidden\",\"msg\":\"you are no longer a "
            "member of this board\"}",
            (unsigned long long)l->sub_id);
    live_send(l, &out, following ? seq - 1 : CONN_NO_BARRIER);
    buf_fini(&out);
    live_presence_leave(l);
    l->closing = true; /* nothing more in or out */
    l->stop_seq = following ? seq : 0;
    l->leave_due_ms = loop_now_ms(l->shard->loop) + LEAVE_MS;
    conn_timer(l->conn, LEAVE_LOOK_MS, live_leave_late);
}

void live_barrier(struct shard *s, struct board_entry *e, struct id member, uint64_t seq)
{
    (void)s;
    CHECK(seq > 0);
    chain_each(&e->lives, on)
    {
        struct live *l = chain_entry(on, struct live, on_board);
        if (l->closing || l->actor.system || !id_eq(l->actor.member, member)) continue;
        live_forbid(l, seq);
    }
}

void live_paused(struct shard *s, struct board_entry *e)
{
    (void)s;
    chain_each(&e->lives, on)
    {
        struct live *l = chain_entry(on, struct live, on_board);
        if (e->paused) {
            live_pause(l, PAUSE_BOARD);
        } else {
            live_resume(l, PAUSE_BOARD);
        }
    }
}

void live_session_gone(struct shard *s, struct id session)
{
    chain_each(&s->lives, on)
    {
        struct live *l = chain_entry(on, struct live, on_shard);
        if (l->counted && id_eq(l->actor.session, session))
            live_close(l, 4015, "the session was ended");
    }
}

static void live_heartbeat(struct live *l, int64_t now_ms)
{
    if (l->state != LIVE_FOLLOWING) return;
    int64_t last_ms = l->sent_ms > l->entry->event_ms ? l->sent_ms : l->entry->event_ms;
    int64_t early_ms = (int64_t)(l->sid % HEARTBEAT_SPREAD_MS);
    if (now_ms - last_ms < LIVE_HEARTBEAT_MS - early_ms) return;
    if (conn_feed_next(l->conn) != feed_next(l->entry->feed)) return; /* busy reading */
    struct buf out;
    buf_init(&out, KIB(1));
    buf_add_format(&out, "{\"t\":\"hb\",\"now\":%lld,\"pos\":[%llu,\"%016llx\"]}",
            (long long)loop_wall_ms(l->shard->loop), (unsigned long long)l->entry->head.seq,
            (unsigned long long)l->entry->head.h);
    live_send(l, &out, l->entry->head.seq);
    buf_fini(&out);
}

void live_sweep(struct shard *s)
{
    int64_t now_ms = loop_now_ms(s->loop), wall_ms = loop_wall_ms(s->loop);
    chain_each(&s->lives, on)
    {
        struct live *l = chain_entry(on, struct live, on_shard);
        if (l->closing) continue;
        if (wall_ms >= l->session_until_ms) {
            live_close(l, 4015, "the session has ended");
        } else {
            live_heartbeat(l, now_ms);
        }
    }
}

void live_bye(struct shard *s)
{
    s->draining = true;
    chain_each(&s->lives, on)
    {
        struct live *l = chain_entry(on, struct live, on_shard);
        struct buf out;
        buf_init(&out, KIB(1));
        buf_add_format(&out, "{\"t\":\"bye\",\"code\":4200,\"after\":%d}", BYE_AFTER_MS);
        live_send(l, &out, CONN_NO_BARRIER);
        buf_fini(&out);
    }
}
