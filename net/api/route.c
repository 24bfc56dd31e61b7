#include "net/api/route.h"

#include "core/base/url.h"
#include "net/api/asset.h"
#include "net/api/auth.h"
#include "net/api/live.h"
#include "net/api/page.h"
#include "net/api/rest.h"

#define SEGMENTS_MAX 12

/* Collections that Trello's clients also write in the singular. */
static const char *const singulars[][2] = {
        {"board", "boards"},
        {"card", "cards"},
        {"list", "lists"},
        {"label", "labels"},
        {"checklist", "checklists"},
        {"member", "members"},
        {"action", "actions"},
};

/* The decoded parts of a path. False: too many, or not decodable. A slash at the end makes no
 * part. */
static bool split(
        struct arena *a, struct slice path, struct slice parts[SEGMENTS_MAX], size_t *ret_count)
{
    struct slice part;
    size_t count = 0;
    if (path.len == 0 || path.ptr[0] != '/') return false;
    path = slice_from(path, 1);
    while (slice_next(&path, '/', &part)) {
        if (part.len == 0 && (!path.ptr || path.len == 0)) continue;
        if (count == SEGMENTS_MAX || !url_decode(a, part, false, &parts[count])) return false;
        count++;
    }
    *ret_count = count;
    return true;
}

static bool literal_matches(struct slice word, struct slice part, size_t index)
{
    if (slice_eq_nocase(word, part)) return true;
    if (index != 1) return false;
    for (size_t i = 0; i < ARRAY_COUNT(singulars); i++) {
        if (slice_eq_nocase(part, slice_cstr(singulars[i][0])) &&
                slice_eq(word, slice_cstr(singulars[i][1])))
            return true;
    }
    return false;
}

static bool parts_match(const char *pattern, const struct slice *parts, size_t count,
        struct slice ret_args[ROUTE_ARGS_MAX])
{
    struct slice words = slice_from(slice_cstr(pattern), 1), word;
    size_t i = 0, args = 0;
    if (words.len == 0) return count == 0;
    while (slice_next(&words, '/', &word)) {
        if (i == count) return false;
        if (word.len && word.ptr[0] == '{') {
            if (parts[i].len == 0) return false;
            CHECK(args < ROUTE_ARGS_MAX);
            ret_args[args++] = parts[i];
        } else if (!literal_matches(word, parts[i], i)) {
            return false;
        }
        i++;
    }
    return i == count;
}

bool route_matches(struct arena *a, const char *pattern, struct slice path,
        struct slice ret_args[ROUTE_ARGS_MAX])
{
    struct slice parts[SEGMENTS_MAX];
    size_t count;
    return split(a, path, parts, &count) && parts_match(pattern, parts, count, ret_args);
}

static void answer_text(struct conn *conn, enum err err, struct slice fields)
{
    conn_answer(conn, &(struct http_answer){.status = err_http(err),
                              .content_type = SLICE("text/plain; charset=utf-8"),
                              .fields = fields,
                              .body = slice_cstr(err_text(err))});
}

static void answer_missing(struct conn *conn, const struct http_request *q)
{
    if (page_wanted(q))
        page_missing(conn);
    else
        answer_text(conn, ERR_NOT_FOUND, (struct slice){0});
}

/* The path exists, but not with this method. */
static bool answer_method(struct conn *conn, const struct slice *parts, size_t count)
{
    struct slice args[ROUTE_ARGS_MAX];
    struct buf fields;
    bool any = false;
    buf_init(&fields, KIB(4));
    BUF_ADD(&fields, "Allow: ");
    for (size_t i = 0; i < route_count; i++) {
        bool said = false;
        if (!parts_match(route_table[i].pattern, parts, count, args)) continue;
        for (size_t k = 0; k < i && !said; k++)
            said = strcmp(route_table[k].method, route_table[i].method) == 0 &&
                   parts_match(route_table[k].pattern, parts, count, args);
        if (said) continue;
        if (any) BUF_ADD(&fields, ", ");
        buf_add(&fields, slice_cstr(route_table[i].method));
        any = true;
    }
    BUF_ADD(&fields, "\r\n");
    if (any) answer_text(conn, ERR_METHOD, buf_slice(&fields));
    buf_fini(&fields);
    return any;
}

/* HEAD is GET without the body, which the connection leaves out. */
static bool method_matches(const char *method, struct slice got)
{
    return slice_eq(got, slice_cstr(method)) ||
           (slice_eq(got, SLICE("HEAD")) && strcmp(method, "GET") == 0);
}

static void route_go(struct conn *conn, const struct http_request *q, const struct route *route,
        const struct slice *args)
{
    struct id board;
    if (route->fn)
        rest_open(conn, q, route, args);
    else if (!args[0].ptr)
        live_open(conn, q, NULL);
    else if (id_parse(args[0], &board))
        live_open(conn, q, &board);
    else
        answer_text(conn, ERR_NOT_FOUND, (struct slice){0});
}

void route_request(struct conn *conn, const struct http_request *q)
{
    struct slice parts[SEGMENTS_MAX], args[ROUTE_ARGS_MAX] = {{0}};
    size_t count;
    struct arena a;
    const struct assets *assets = shard_of(conn)->server->assets;
    if (assets && asset_request(assets, conn, q)) return;
    arena_init(&a, KIB(1), MIB(2));
    if (!split(&a, q->path, parts, &count)) {
        answer_missing(conn, q);
        arena_fini(&a);
        return;
    }
    for (size_t i = 0; i < route_count; i++) {
        if (!method_matches(route_table[i].method, q->method) ||
                !parts_match(route_table[i].pattern, parts, count, args))
            continue;
        route_go(conn, q, &route_table[i], args);
        arena_fini(&a);
        return;
    }
    if (!answer_method(conn, parts, count)) answer_missing(conn, q);
    arena_fini(&a);
}

/* The session turned out not to exist: nothing longer is read from this peer. */
static void grow_judged(
        struct shard *s, struct conn *conn, enum err err, const struct session *session, void *data)
{
    (void)s, (void)session, (void)data;
    if (err != ERR_OK && conn && !conn_user(conn)) conn_abort(conn);
}

bool route_line_grow(struct conn *conn, struct slice line)
{
    uint8_t hash[CRYPTO_SHA256_BYTES];
    if (conn_local(conn)) return true;
    struct slice token = auth_line_token(line);
    if (token.len == 0 || token.len > 256) return false;
    token_hash(token, hash);
    shard_auth(shard_of(conn), conn, hash, grow_judged, NULL);
    return true;
}
