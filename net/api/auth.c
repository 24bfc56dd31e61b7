#include "net/api/auth.h"

#define TOKEN_CHARS_MAX 256 /* ours have 64; anything longer was never ours */

static struct slice oauth_value(struct slice fields, const char *name)
{
    struct slice part;
    while (slice_next(&fields, ',', &part)) {
        struct slice key, value = slice_trim(part);
        if (!slice_cut(&value, '=', &key) || !slice_eq(slice_trim(key), slice_cstr(name))) continue;
        value = slice_trim(value);
        if (value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
            return slice_of(value.ptr + 1, value.len - 2);
        return value;
    }
    return (struct slice){0};
}

static bool scheme(struct slice *value, const char *name)
{
    size_t len = strlen(name);
    if (value->len <= len || value->ptr[len] != ' ' ||
            !slice_eq_nocase(slice_head(*value, len), slice_cstr(name)))
        return false;
    *value = slice_trim(slice_from(*value, len));
    return true;
}

void auth_fields(struct rest *r, const struct http_request *q)
{
    struct slice value =
            http_field_get(q, "authorization"); /* "null" is what one client sends for nothing */
    if (value.ptr && scheme(&value, "Bearer")) {
        r->bearer = arena_dup(&r->arena, value);
    } else if (value.ptr && scheme(&value, "OAuth")) {
        r->oauth = arena_dup(&r->arena, oauth_value(value, "oauth_token"));
    }
    r->cookie = arena_dup(&r->arena, session_cookie(r->shard->server, q));
    r->origin = arena_dup(&r->arena, http_field_get(q, "origin"));
    r->fetch_site = arena_dup(&r->arena, http_field_get(q, "sec-fetch-site"));
}

struct slice auth_line_token(struct slice line)
{
    struct slice path = line, head;
    if (!slice_cut(&path, ' ', &head) || !slice_starts(path, SLICE("/1/")) ||
            !slice_cut(&path, '?', &head))
        return (struct slice){0};
    struct slice pair;
    while (slice_cut(&path, '&', &pair)) { /* the last one may be cut off: not looked at */
        if (slice_starts(pair, SLICE("token="))) return slice_from(pair, 6);
    }
    return (struct slice){0};
}

static bool is_read(const struct rest *r)
{
    return slice_eq(r->method, SLICE("GET")) || slice_eq(r->method, SLICE("HEAD"));
}

/* A cookie comes along by itself, from whatever page: a change asks for a sign that it was ours. */
static bool cookie_allowed(const struct rest *r)
{
    if (is_read(r)) return true;
    if (r->origin.len) return origin_allowed(r->shard->server, r->origin);
    return slice_eq(r->fetch_site, SLICE("same-origin")) || slice_eq(r->fetch_site, SLICE("none"));
}

/* What a browser says of the page wins over the Origin: it cannot be made up by one, and it is
 * right behind any name of this server. */
bool auth_foreign_page(const struct rest *r)
{
    if (r->fetch_site.len)
        return !slice_eq(r->fetch_site, SLICE("same-origin")) &&
               !slice_eq(r->fetch_site, SLICE("none"));
    return r->origin.len && !origin_allowed(r->shard->server, r->origin);
}

struct auth {
    struct rest *rest;
    rest_then *then;
};

static void auth_done(
        struct shard *s, struct conn *conn, enum err err, const struct session *session, void *data)
{
    struct auth *auth = data; /* in the rest's arena */
    struct rest *r = auth->rest;
    (void)s, (void)conn;
    if (err == ERR_OK) {
        r->actor = session->actor;
        r->me = arena_dup(&r->arena, session->me);
    }
    CHECK(r->pending > 0);
    if (!r->conn) {
        rest_unref(r);
        return;
    }
    r->pending--;
    if (err == ERR_OK || (err == ERR_UNAUTHORIZED && r->route->access == ACCESS_ANYONE)) {
        auth->then(r);
    } else if (err == ERR_UNAUTHORIZED) {
        rest_refuse(r, err, "", "invalid token", "a token of a session that has not ended");
    } else {
        rest_refuse(r, err, "", "the session could not be read", "");
    }
}

void auth_start(struct rest *r, rest_then *then)
{
    struct slice token = r->bearer.len ? r->bearer : r->oauth;
    if (!token.len) token = params_text(&r->params, "token");
    if (!token.len) token = params_text(&r->params, "oauth_token");
    if (conn_local(r->conn)) {
        r->actor.system = true;
        then(r);
        return;
    }
    if (!token.len && r->cookie.len) {
        if (r->route->access != ACCESS_ANYONE && !cookie_allowed(r)) {
            rest_refuse(r, ERR_FORBIDDEN, "",
                    "the request came with a cookie from another site's page",
                    "this server's own page, or a token instead of the cookie");
            return;
        }
        token = r->cookie;
    }
    if (!token.len || token.len > TOKEN_CHARS_MAX) {
        if (r->route->access == ACCESS_ANYONE || r->route->access == ACCESS_OPERATOR)
            then(r);
        else if (token.len)
            rest_refuse(r, ERR_UNAUTHORIZED, "", "invalid token", "a token of a session");
        else
            rest_refuse(r, ERR_UNAUTHORIZED, "", "unauthorized permission requested", "a token");
        return;
    }
    uint8_t hash[CRYPTO_SHA256_BYTES];
    struct auth *auth = ARENA_NEW(&r->arena, struct auth);
    *auth = (struct auth){.rest = r, .then = then};
    token_hash(token, hash);
    r->pending++;
    shard_auth(r->shard, r->conn, hash, auth_done, auth);
}
