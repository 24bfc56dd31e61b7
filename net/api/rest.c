#include "net/api/rest.h"

#include "core/base/log.h"
#include "net/api/auth.h"
#include "net/api/rest_import.h"
#include "net/api/rest_nouns.h"
#include "net/api/rest_upload.h"
#include "net/multipart.h"

struct rest *rest_of(struct conn *conn)
{
    return (struct rest *)(void *)conn_ctx(conn);
}

static void rest_free(struct rest *r)
{
    CHECK(!r->conn && r->pending == 0);
    buf_fini(&r->body);
    buf_fini(&r->out);
    spool_free(r->spool);
    blob_unref(r->blob);
    arena_fini(&r->arena);
    mem_free(r);
}

void rest_unref(struct rest *r)
{
    CHECK(r->pending > 0);
    if (--r->pending == 0 && !r->conn) rest_free(r);
}

static void rest_closed(struct conn *conn, struct ctx *ctx)
{
    struct rest *r = (struct rest *)(void *)ctx;
    (void)conn;
    r->conn = NULL;
    if (r->pending == 0) rest_free(r);
}

struct id rest_new_id(struct rest *r)
{
    uint64_t bits;
    crypto_random(&bits, sizeof bits);
    return id_make((uint32_t)(r->now_ms / 1000), bits);
}

/* -- from a whole request to its handler */

static void rest_run_handler(struct rest *r)
{
    struct fault *fault = &r->fault;
    if (r->route->access == ACCESS_OPERATOR && !r->actor.system &&
            !(r->near && r->route->fn == metrics_get)) {
        rest_refuse(r, ERR_NOT_FOUND, "", "", "");
        return;
    }
    if (params_check(&r->params, r->route->params, fault) != ERR_OK) {
        rest_fail(r);
        return;
    }
    r->pending++; /* a handler may look at r behind its own refusal */
    r->route->fn(r);
    rest_unref(r);
}

static void rest_begin(struct rest *r)
{
    struct slice body = slice_trim(buf_slice(&r->body));
    enum err err = ERR_OK;
    if (body.len && r->other_type && body.ptr[0] != '{') {
        rest_refuse(r, ERR_MEDIA, "", "the body's content type is not read here",
                "application/json or application/x-www-form-urlencoded");
        return;
    }
    if (body.len && r->form)
        err = params_query(&r->arena, &r->params, body, &r->fault);
    else if (body.len)
        err = params_json(&r->arena, &r->params, body, &r->fault);
    if (err != ERR_OK) {
        rest_fail(r);
        return;
    }
    auth_start(r, rest_run_handler);
}

static void rest_body(struct conn *conn, struct ctx *ctx, struct slice piece, bool end)
{
    struct rest *r = (struct rest *)(void *)ctx;
    (void)conn;
    if (!buf_add(&r->body, piece)) {
        rest_refuse(r, ERR_TOO_LARGE, "", "the body is too large", "at most 1 MiB");
        return;
    }
    if (end) rest_begin(r);
}

static const struct ctx_ops rest_ops_kept = {
        .body = rest_body, .drained = rest_drained, .closed = rest_closed};
static const struct ctx_ops rest_ops_spooled = {
        .body = import_body, .drained = rest_drained, .closed = import_closed};

static const struct ctx_ops rest_ops_form = {
        .body = upload_body, .drained = rest_drained, .closed = upload_closed};

/* -- the head */

static struct slice copy(struct rest *r, const struct http_request *q, const char *field)
{
    return arena_dup(&r->arena, http_field_get(q, field));
}

/* If-Match: "57". Weak tags and * say nothing we could hold to. */
static enum err rest_if_match(struct rest *r, struct slice value)
{
    if (!value.ptr) return ERR_OK;
    if (value.len > 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"' &&
            slice_to_u64(slice_of(value.ptr + 1, value.len - 2), &r->if_s) &&
            r->if_s < (UINT64_C(1) << 53)) {
        r->has_if = true;
        return ERR_OK;
    }
    return fault_set(&r->fault, ERR_INVALID, "If-Match", "is not a tag of this server",
            "an ETag as it was answered");
}

static void rest_types(struct rest *r, const struct http_request *q)
{
    struct slice type = http_field_get(q, "content-type"), head;
    if (slice_cut(&type, ';', &head)) type = head;
    type = slice_trim(type);
    r->json = slice_eq_nocase(type, SLICE("application/json"));
    r->form = slice_eq_nocase(type, SLICE("application/x-www-form-urlencoded"));
    r->other_type = type.len > 0 && !r->json && !r->form;
    char boundary[MULTIPART_BOUNDARY_MAX + 1];
    if (r->route->body == BODY_FORM &&
            multipart_boundary(http_field_get(q, "content-type"), boundary))
        r->boundary = arena_dup(&r->arena, slice_cstr(boundary));
    r->gzip = http_field_has_token(q, "accept-encoding", "gzip");
}

/* A proxy on this machine is near as well; it says so in one of these, and asks for others. */
static bool is_near(const struct rest *r, const struct http_request *q)
{
    static const char *const proxied[] = {"x-forwarded-for", "forwarded", "x-real-ip", "via"};
    struct slice peer = conn_peer(r->conn);
    for (size_t i = 0; i < sizeof proxied / sizeof proxied[0]; i++)
        if (http_field_get(q, proxied[i]).ptr) return false;
    return slice_starts(peer, SLICE("127.")) || slice_starts(peer, SLICE("[::1]"));
}

static enum err rest_length(struct rest *r, uint64_t bytes)
{
    uint64_t most = HTTP_BODY_BYTES_MAX;
    char expected[40];
    if (r->route->body == BODY_SPOOLED) most = HTTP_IMPORT_BYTES_MAX;
    if (r->boundary.len > 0) most = r->shard->server->attachment_bytes_max;
    /* the form around a file is not counted */
    if (bytes <= most + (r->boundary.len > 0 ? HTTP_BODY_BYTES_MAX : 0)) return ERR_OK;
    snprintf(expected, sizeof expected, "at most %llu MiB", (unsigned long long)(most >> 20));
    return fault_setf(&r->fault, ERR_TOO_LARGE, "", expected, "the body has %llu bytes",
            (unsigned long long)bytes);
}

static enum err rest_head(struct rest *r, const struct http_request *q)
{
    auth_fields(r, q);
    rest_types(r, q);
    r->if_none_match = copy(r, q, "if-none-match");
    r->range = copy(r, q, "range");
    r->if_range = copy(r, q, "if-range");
    r->idempotency = copy(r, q, "idempotency-key");
    r->near = is_near(r, q);
    enum err err = rest_if_match(r, http_field_get(q, "if-match"));
    if (err == ERR_OK && q->query.len)
        err = params_query(&r->arena, &r->params, arena_dup(&r->arena, q->query), &r->fault);
    struct slice type = http_field_get(q, "content-type");
    if (err == ERR_OK && r->boundary.len == 0 &&
            slice_eq_nocase(slice_head(type, 10), SLICE("multipart/")))
        err = fault_set(&r->fault, ERR_MEDIA, "", "multipart bodies are not read here",
                "application/json or a form without files");
    return err == ERR_OK ? rest_length(r, q->content_length) : err;
}

void rest_open(struct conn *conn, const struct http_request *q, const struct route *route,
        const struct slice *args)
{
    struct rest *r = MEM_NEW(struct rest);
    bool spooled = route->body == BODY_SPOOLED;
    r->ctx.ops = spooled ? &rest_ops_spooled : &rest_ops_kept;
    r->shard = shard_of(conn);
    r->conn = conn;
    r->route = route;
    r->now_ms = loop_wall_ms(r->shard->loop);
    arena_init(&r->arena, KIB(4), REST_ARENA_BYTES_MAX);
    buf_init(&r->body, HTTP_BODY_BYTES_MAX);
    buf_init(&r->out, REST_OUT_BYTES_MAX);
    r->method = arena_dup(&r->arena, q->method);
    r->path = arena_dup(&r->arena, q->path);
    r->has_body = q->chunked || q->content_length > 0;
    r->native = !slice_starts(r->path, SLICE("/1/"));
    for (uint32_t i = 0; i < ROUTE_ARGS_MAX; i++)
        r->args[i] = arena_dup(&r->arena, args[i]);
    conn_set_user(conn, r);
    enum err err = rest_head(r, q);
    bool parts = r->boundary.len > 0;
    if (parts) r->ctx.ops = &rest_ops_form;
    if (err != ERR_OK) {
        rest_fail(r);
        return;
    }
    if (spooled || parts) {
        conn_pause(conn); /* nothing is written to disk for a stranger */
        r->paused = true;
        auth_start(r, rest_run_handler);
    } else if (!r->has_body) {
        rest_begin(r);
    }
}
