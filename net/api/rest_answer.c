/* rest_answer.c - answers and refusals, and large answers at the pace of their reader. */
#include "net/api/jobs.h"
#include "net/api/rest.h"

#define STREAM_PIECE_BYTES KIB(128)
#define STREAM_WHOLE_BYTES KIB(256) /* smaller answers leave in one go */

/* The connection is free for the next request; r ends with the last thing it waits for. */
static struct conn *rest_leave(struct rest *r)
{
    struct conn *conn = r->conn;
    CHECK(conn);
    conn_set_user(conn, NULL);
    if (r->paused) conn_resume(conn);
    r->conn = NULL;
    r->pending++; /* freed by the caller's rest_unref, behind the use of its memory */
    return conn;
}

void rest_answer(
        struct rest *r, int status, struct slice type, struct slice fields, struct slice body)
{
    struct conn *conn = rest_leave(r);
    conn_answer(
            conn, &(struct http_answer){
                          .status = status, .content_type = type, .fields = fields, .body = body});
    rest_unref(r);
}

#define JSON_TYPE SLICE("application/json; charset=utf-8")
#define TEXT_TYPE SLICE("text/plain; charset=utf-8")
#define NO_STORE  SLICE("Cache-Control: no-store\r\n")

void rest_answer_json(struct rest *r, struct slice body)
{
    rest_answer(r, 200, JSON_TYPE, NO_STORE, body);
}

/* -- refusals */

static void fail_text(const struct rest *r, struct buf *out)
{
    const struct fault *f = &r->fault;
    if (r->moved) BUF_ADD(out, "the card has moved, but not all that was asked for: ");
    if (f->err == ERR_NOT_FOUND || f->err == ERR_METHOD) {
        buf_add(out, slice_cstr(err_text(f->err)));
    } else if (f->err == ERR_UNAUTHORIZED) {
        buf_add(out, slice_cstr(f->wrong[0] ? f->wrong : "unauthorized permission requested"));
    } else {
        if (f->err == ERR_INVALID && f->field[0]) BUF_ADD(out, "invalid value for ");
        fault_text(f, out);
    }
}

void rest_fail(struct rest *r)
{
    struct fault *f = &r->fault;
    struct buf out;
    CHECK(f->err != ERR_OK);
    buf_init(&out, KIB(4));
    /* What may not be seen and what is not there look alike, to the byte. */
    if (f->err == ERR_NOT_FOUND) *f = (struct fault){.err = ERR_NOT_FOUND};
    int status = err_http(f->err);
    struct slice fields = status == 429 || status == 503
                                  ? SLICE("Cache-Control: no-store\r\nRetry-After: 2\r\n")
                                  : NO_STORE;
    if (status == 401) fields = SLICE("Cache-Control: no-store\r\nWWW-Authenticate: Bearer\r\n");
    if (r->native) {
        fault_json(f, &out);
        rest_answer(r, status, JSON_TYPE, fields, buf_slice(&out));
    } else {
        fail_text(r, &out);
        rest_answer(r, status, TEXT_TYPE, fields, buf_slice(&out));
    }
    buf_fini(&out);
}

void rest_refuse(
        struct rest *r, enum err err, const char *field, const char *wrong, const char *expected)
{
    fault_set(&r->fault, err, field, wrong, expected);
    rest_fail(r);
}

/* -- answers that were written to out, and what went before it to the spool */

struct stream {
    struct job job; /* first */
    struct rest *rest;
    uint64_t at; /* of spool and out together */
    bool reading;
    bool begun;
    size_t len, want;
    enum err err;
    char piece[STREAM_PIECE_BYTES];
};

static struct slice stream_tail(const struct rest *r)
{
    return r->blob ? blob_slice(r->blob) : buf_slice(&r->out);
}

static uint64_t stream_total(const struct rest *r)
{
    return (r->spool ? r->spool->bytes : 0) + stream_tail(r).len;
}

static void stream_read(struct job *job) /* job thread */
{
    struct stream *s = (struct stream *)job;
    s->err = spool_read(s->rest->spool, s->at, s->piece, s->want, &s->len);
    if (s->err == ERR_OK && s->len == 0) s->err = ERR_STORAGE;
}

static void stream_go(struct rest *r);

static void stream_read_done(struct job *job, struct shard *shard)
{
    struct stream *s = (struct stream *)job;
    struct rest *r = s->rest;
    (void)shard;
    s->reading = false;
    if (!r->conn) {
        rest_unref(r);
        return;
    }
    r->pending--;
    if (s->err != ERR_OK) {
        conn_abort(r->conn); /* half an answer: the peer must not take it for a whole one */
        return;
    }
    conn_answer_piece(r->conn, slice_of(s->piece, s->len));
    s->at += s->len;
    stream_go(r);
}

/* Pieces as long as few wait; then `drained` goes on. */
static void stream_go(struct rest *r)
{
    struct stream *s = r->user;
    uint64_t spooled = r->spool ? r->spool->bytes : 0;
    while (!s->reading && s->at < stream_total(r) && conn_private_low(r->conn)) {
        if (s->at < spooled) {
            uint64_t left = spooled - s->at;
            s->want = left < sizeof s->piece ? (size_t)left : sizeof s->piece;
            s->reading = true;
            r->pending++;
            s->job.run = stream_read;
            s->job.done = stream_read_done;
            jobs_post(r->shard->server->jobs, JOBS_IO, r->shard->index, &s->job);
            return;
        }
        struct slice rest = slice_head(
                slice_from(stream_tail(r), (size_t)(s->at - spooled)), STREAM_PIECE_BYTES);
        conn_answer_piece(r->conn, rest);
        s->at += rest.len;
    }
    if (s->reading || s->at < stream_total(r)) return;
    struct conn *conn = rest_leave(r);
    conn_answer_end(conn);
    rest_unref(r);
}

void rest_drained(struct conn *conn, struct ctx *ctx)
{
    struct rest *r = (struct rest *)(void *)ctx;
    (void)conn;
    struct stream *s = r->user;
    if (s && r->streaming && !s->reading) stream_go(r);
}

static void stream_start(struct rest *r, const struct http_answer *head, uint64_t from)
{
    struct stream *s = ARENA_NEW(&r->arena, struct stream);
    bool head_only = slice_eq(r->method, SLICE("HEAD"));
    s->rest = r;
    s->at = head_only ? stream_total(r) : from;
    r->user = s;
    r->streaming = true;
    conn_answer_begin(r->conn, head);
    stream_go(r);
}

static void stream_json(struct rest *r, struct slice fields)
{
    stream_start(r,
            &(struct http_answer){.status = 200, .content_type = JSON_TYPE, .fields = fields}, 0);
}

void rest_answer_file(
        struct rest *r, int status, struct slice type, struct slice fields, uint64_t from)
{
    CHECK(r->spool && from <= r->spool->bytes);
    buf_clear(&r->out);
    stream_start(r,
            &(struct http_answer){.status = status,
                    .content_type = type,
                    .fields = fields,
                    .has_length = true,
                    .length = r->spool->bytes - from},
            from);
}

void rest_answer_out(struct rest *r)
{
    char text[128];
    struct slice fields = NO_STORE;
    if (!buf_ok(&r->out)) {
        rest_refuse(r, ERR_TOO_LARGE, "", "the answer is too large", "fewer fields or a filter");
        return;
    }
    if (r->s) {
        snprintf(text, sizeof text, "Cache-Control: private, no-cache\r\nETag: \"%llu\"\r\n",
                (unsigned long long)r->s);
        fields = slice_cstr(text);
    }
    if (!r->spool && r->out.len <= STREAM_WHOLE_BYTES)
        rest_answer(r, 200, JSON_TYPE, fields, buf_slice(&r->out));
    else
        stream_json(r, fields);
}

void rest_answer_blob(struct rest *r, struct blob *blob, struct slice fields)
{
    if (blob->len <= STREAM_WHOLE_BYTES) {
        rest_answer(r, 200, JSON_TYPE, fields, blob_slice(blob));
        return;
    }
    r->blob = blob_ref(blob);
    stream_json(r, fields);
}
