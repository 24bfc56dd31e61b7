/* session.c - who sends: tokens to actors, cached on each loop.
 *
 * Only the SHA-256 of a token is ever kept. A cached answer ends with the session's own expiry,
 * with MAIL_SESSION_GONE, and after SESSION_CACHE_MS. A read that began before a SESSION_GONE
 * arrived may have seen the session alive: it is done again. */
#include "core/base/date.h"
#include "core/base/json.h"
#include "core/base/json_write.h"
#include "core/view.h"
#include "net/api/shard.h"
#include "net/api/shard_impl.h"

#define SESSION_READS_AGAIN_MAX 3

struct session_read {
    struct shard_read read; /* first */
    uint8_t hash[CRYPTO_SHA256_BYTES];
    int64_t wall_ms;
    uint64_t epoch;
    uint32_t tries;
    struct slice me; /* in read.arena */
    int64_t expires_wall_ms;
    shard_auth_done *done;
    void *data;
};

void token_hash(struct slice token, uint8_t ret_hash[CRYPTO_SHA256_BYTES])
{
    crypto_sha256(token, ret_hash);
}

const char *session_cookie_name(const struct server *server)
{
    return server->secure ? "__Host-session" : "session";
}

struct slice session_cookie(const struct server *server, const struct http_request *q)
{
    return http_cookie(q, session_cookie_name(server));
}

bool origin_allowed(const struct server *server, struct slice origin)
{
    for (uint32_t i = 0; i < server->origin_count; i++) {
        if (slice_eq(server->origins[i], origin)) return true;
    }
    return false;
}

static struct session *session_forget(struct shard *s, struct session *session)
{
    HASH_DEL(s->sessions, session);
    mem_free((void *)(uintptr_t)session->me.ptr);
    return mem_free(session);
}

void sessions_forget_all(struct shard *s)
{
    struct session *session, *next;
    HASH_ITER(hh, s->sessions, session, next) session_forget(s, session);
}

void sessions_forget(struct shard *s, struct id id)
{
    struct session *session, *next;
    s->sessions_epoch++;
    HASH_ITER(hh, s->sessions, session, next)
    {
        if (id_eq(session->actor.session, id)) session_forget(s, session);
    }
}

/* NULL: not known, or not any more. */
static struct session *session_cached(struct shard *s, const uint8_t hash[CRYPTO_SHA256_BYTES])
{
    struct session *session;
    HASH_FIND(hh, s->sessions, hash, CRYPTO_SHA256_BYTES, session);
    if (!session) return NULL;
    if (loop_now_ms(s->loop) - session->read_ms < SESSION_CACHE_MS &&
            loop_wall_ms(s->loop) < session->expires_wall_ms) {
        return session;
    }
    return session_forget(s, session);
}

static struct session *session_keep(struct shard *s, const struct session_read *r)
{
    struct session *session = session_cached(s, r->hash);
    if (session) session_forget(s, session); /* two connections asked at once */
    if (HASH_COUNT(s->sessions) >= SESSIONS_CACHED_MAX) session_forget(s, s->sessions);
    session = MEM_NEW(struct session);
    memcpy(session->hash, r->hash, sizeof session->hash);
    session->actor = r->read.actor;
    char *me = mem_new(r->me.len + 1);
    if (r->me.len) memcpy(me, r->me.ptr, r->me.len);
    session->me = slice_of(me, r->me.len);
    session->expires_wall_ms = r->expires_wall_ms;
    session->read_ms = loop_now_ms(s->loop);
    HASH_ADD(hh, s->sessions, hash, sizeof session->hash, session);
    return session;
}

/* The public part of a member, for `me` and `who`; false when there is no such member. */
bool member_write(struct view *v, struct arena *a, struct id member, struct buf *out)
{
    struct slice json;
    json_t *tree;
    if (v->ops->entity(v, DIRECTORY_ID, KIND_MEMBER, member, &json) != ERR_OK) return false;
    if (json_read(a, json, &tree, NULL) != ERR_OK) return false;
    struct slice full_name = SLICE(""), initials = SLICE(""), username = SLICE("");
    json_get_slice(tree, "fullName", &full_name);
    json_get_slice(tree, "initials", &initials);
    json_get_slice(tree, "username", &username);
    struct json_out j = json_out(out);
    json_object_begin(&j);
    JSON_KEY(&j, "fullName");
    json_str(&j, full_name);
    JSON_KEY(&j, "id");
    json_id(&j, member);
    JSON_KEY(&j, "initials");
    json_str(&j, initials);
    JSON_KEY(&j, "username");
    json_str(&j, username);
    json_object_end(&j);
    return true;
}

static int64_t session_expires(struct view *v, struct arena *a, struct id session)
{
    struct slice json, text;
    json_t *tree;
    int64_t expires = 0;
    if (v->ops->entity(v, DIRECTORY_ID, KIND_SESSION, session, &json) != ERR_OK) return 0;
    if (json_read(a, json, &tree, NULL) != ERR_OK) return 0;
    if (!json_get_slice(tree, "expires", &text) || !date_parse(text, &expires)) return 0;
    return expires;
}

static void session_read_run(struct shard_read *read, struct view *v)
{
    struct session_read *r = (struct session_read *)read;
    read->err = session_find(v, r->hash, r->wall_ms, crypto_equal, &read->actor);
    if (read->err != ERR_OK) return;
    r->expires_wall_ms = session_expires(v, &read->arena, read->actor.session);
    struct buf me;
    buf_init(&me, MIB(1));
    if (member_write(v, &read->arena, read->actor.member, &me) && buf_ok(&me)) {
        r->me = arena_dup(&read->arena, buf_slice(&me));
    } else {
        read->err = ERR_UNAUTHORIZED; /* a session of nobody */
    }
    buf_fini(&me);
}

static void session_read_start(struct shard *s, struct conn *conn, const struct session_read *like);

static void session_read_done(struct shard_read *read, struct shard *s, struct conn *conn)
{
    struct session_read *r = (struct session_read *)read;
    if (read->err != ERR_OK) {
        r->done(s, conn, read->err, NULL, r->data);
    } else if (r->epoch == s->sessions_epoch) {
        r->done(s, conn, ERR_OK, session_keep(s, r), r->data);
    } else if (r->tries < SESSION_READS_AGAIN_MAX && conn) {
        session_read_start(s, conn, r);
    } else {
        r->done(s, conn, ERR_BUSY, NULL, r->data);
    }
}

static void session_read_start(struct shard *s, struct conn *conn, const struct session_read *like)
{
    struct session_read *r = shard_read_new(s, conn, sizeof *r);
    memcpy(r->hash, like->hash, sizeof r->hash);
    r->done = like->done;
    r->data = like->data;
    r->tries = like->tries + 1;
    r->wall_ms = loop_wall_ms(s->loop);
    r->epoch = s->sessions_epoch;
    r->read.run = session_read_run;
    r->read.done = session_read_done;
    shard_read(s, &r->read);
}

void shard_auth(struct shard *s, struct conn *conn, const uint8_t hash[CRYPTO_SHA256_BYTES],
        shard_auth_done *done, void *data)
{
    struct session *session = session_cached(s, hash);
    if (session) {
        done(s, conn, ERR_OK, session, data);
        return;
    }
    struct session_read like = { .done = done, .data = data };
    memcpy(like.hash, hash, sizeof like.hash);
    session_read_start(s, conn, &like);
}
