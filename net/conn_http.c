/* conn_http.c - a connection in the state HTTP: one request at a time, the next is not parsed
 * before the answer. */
#include "core/base/mem.h"
#include "core/base/metric.h"
#include "net/conn_impl.h"

#define CONTENT_TYPE_MAX 127

static struct conn_http *http_get(struct conn *c)
{
    if (c->http) return c->http;
    c->http = MEM_NEW(struct conn_http);
    http_reader_init(&c->http->reader);
    return c->http;
}

void conn_http_free(struct conn *c)
{
    if (c->http == NULL) return;
    http_reader_fini(&c->http->reader);
    c->http = mem_free(c->http);
}

bool conn_http_reading(const struct conn *c)
{
    const struct conn_http *h = c->http;
    return h == NULL || !h->in_request || !h->body_ended;
}

static void http_count(int status)
{
    metric_add(METRIC_http_requests_total, 1);
    if (status >= 400) metric_add(METRIC_http_errors_total, 1);
}

/* -- end of a request */

/* One answer and the end: nothing behind a broken request is looked at. */
static void http_fail(struct conn *c, const struct fault *fault)
{
    if (c->http == NULL || !c->http->answer_begun) {
        struct buf *out = &c->loop->scratch;
        buf_clear(out);
        CHECK(http_write_fault(out, fault, loop_date(c->loop)));
        conn_private(c, buf_slice(out), SLICE(""), CONN_NO_BARRIER);
        http_count(err_http(fault->err));
    }
    conn_drain(c);
}

static void http_timeout(struct conn *c, const char *wrong, const char *expected)
{
    struct fault fault;
    fault_set(&fault, ERR_TIMEOUT, "", wrong, expected);
    http_fail(c, &fault);
}

static void http_finish(struct conn *c)
{
    struct conn_http *h = c->http;
    CHECK(h->in_request && h->answered);
    if (!h->keep_alive || c->loop->stopping) {
        conn_drain(c);
        return;
    }
    conn_http_free(c); /* an idle connection keeps no reader */
    conn_deadline(c, c->loop->now_ms + HTTP_IDLE_TIMEOUT_MS);
}

/* Inside a handler the request's slices are still looked at; the parser then ends the request
 * itself. */
static void http_answered(struct conn *c)
{
    c->http->answered = true;
    if (c->parsing) return;
    http_finish(c);
    conn_resume_later(c);
}

/* -- answers */

static void http_begin(struct conn *c, const struct http_answer *a, bool streamed)
{
    struct conn_http *h = c->http;
    CHECK(h && h->in_request && !h->answer_begun);
    CHECK(a->content_type.len <= CONTENT_TYPE_MAX);
    char type[CONTENT_TYPE_MAX + 1];
    if (a->content_type.len) memcpy(type, a->content_type.ptr, a->content_type.len);
    type[a->content_type.len] = 0;
    h->answer_begun = true;
    bool open_end = streamed && !a->has_length;
    h->chunked = open_end && h->reader.request.minor_version >= 1;
    /* A body that is still coming would be taken for the next request. */
    h->keep_alive = h->keep_alive && !a->close && h->body_ended && (!open_end || h->chunked);
    struct http_response_head head = {
            .content_type = a->content_type.len ? type : NULL,
            .content_length = a->has_length ? a->length : a->body.len,
            .chunked = h->chunked,
            .until_close = open_end && !h->chunked,
            .keep_alive = h->keep_alive,
            .date = loop_date(c->loop),
            .fields = a->fields,
    };
    bool no_body = h->head_only || a->status == 204 || a->status == 304;
    struct buf *out = &c->loop->scratch;
    buf_clear(out);
    CHECK(http_write_head(out, a->status, &head));
    conn_private(c, buf_slice(out), no_body ? SLICE("") : a->body, CONN_NO_BARRIER);
    conn_deadline(c, 0);
    http_count(a->status);
}

void conn_answer(struct conn *c, const struct http_answer *answer)
{
    if (c->state != CONN_HTTP) return;
    http_begin(c, answer, false);
    http_answered(c);
}

void conn_answer_begin(struct conn *c, const struct http_answer *head)
{
    if (c->state != CONN_HTTP) return;
    CHECK(head->body.len == 0);
    http_begin(c, head, true);
}

void conn_answer_piece(struct conn *c, struct slice piece)
{
    if (c->state != CONN_HTTP) return;
    CHECK(c->http && c->http->answer_begun && !c->http->answered);
    if (c->http->head_only || piece.len == 0) return;
    if (!c->http->chunked) {
        conn_private(c, piece, SLICE(""), CONN_NO_BARRIER);
        return;
    }
    struct buf *out = &c->loop->scratch;
    while (piece.len > 0) {
        struct slice part = slice_head(piece, FEED_CHUNK_BYTES);
        buf_clear(out);
        CHECK(http_chunk_add(out, part));
        conn_private(c, buf_slice(out), SLICE(""), CONN_NO_BARRIER);
        piece = slice_from(piece, part.len);
    }
}

void conn_answer_end(struct conn *c)
{
    if (c->state != CONN_HTTP) return;
    CHECK(c->http && c->http->answer_begun && !c->http->answered);
    if (c->http->chunked && !c->http->head_only) {
        struct buf *out = &c->loop->scratch;
        buf_clear(out);
        CHECK(http_chunk_end(out));
        conn_private(c, buf_slice(out), SLICE(""), CONN_NO_BARRIER);
    }
    http_answered(c);
}

/* -- input */

static void http_continue(struct conn *c)
{
    struct buf *out = &c->loop->scratch;
    buf_clear(out);
    CHECK(http_write_continue(out));
    conn_private(c, buf_slice(out), SLICE(""), CONN_NO_BARRIER);
}

static void http_request(struct conn *c)
{
    struct conn_http *h = c->http;
    const struct http_request *q = &h->reader.request;
    h->in_request = true;
    h->has_body = q->chunked || q->content_length > 0;
    h->body_ended = !h->has_body;
    h->head_only = slice_eq(q->method, SLICE("HEAD"));
    h->keep_alive = q->keep_alive && ++c->requests < HTTP_REQUESTS_PER_CONN_MAX;
    http_body_begin(&h->body, q);
    conn_deadline(c, h->has_body ? c->loop->now_ms + HTTP_BODY_SILENCE_MS : 0);
    c->loop->options.handler->request(c, q);
    if (c->state != CONN_HTTP) return;
    if (h->answered)
        http_finish(c);
    else if (h->has_body && q->expect_continue && !h->answer_begun)
        http_continue(c);
}

static void http_line_long(struct conn *c)
{
    struct http_reader *r = &c->http->reader;
    const struct conn_handler *handler = c->loop->options.handler;
    if (r->line_bytes_max < HTTP_LINE_BYTES_MAX_SIGNED && handler->line_grow &&
            handler->line_grow(c, buf_slice(&r->head))) {
        r->line_bytes_max = HTTP_LINE_BYTES_MAX_SIGNED;
        return;
    }
    struct fault fault;
    fault_set(&fault, ERR_HEAD_TOO_LARGE, "", "the request line is too long", "at most 16 KiB");
    if (c->state == CONN_HTTP) http_fail(c, &fault);
}

static size_t http_input_head(struct conn *c, struct slice bytes)
{
    struct conn_http *h = http_get(c);
    bool was_idle = http_reader_is_idle(&h->reader);
    size_t used = 0;
    struct fault fault;
    switch (http_read_head(&h->reader, bytes, &used, &fault)) {
    case HTTP_MORE:
        CHECK(used == bytes.len);
        /* The first request's time runs from the accept. */
        if (was_idle && c->requests > 0) conn_deadline(c, c->loop->now_ms + HTTP_HEAD_TIMEOUT_MS);
        break;
    case HTTP_LINE_LONG: http_line_long(c); break;
    case HTTP_BAD: http_fail(c, &fault); break;
    case HTTP_HEAD: http_request(c); break;
    }
    return used;
}

static size_t http_input_body(struct conn *c, struct slice bytes)
{
    struct conn_http *h = c->http;
    struct slice piece = SLICE("");
    struct fault fault;
    size_t used = 0;
    enum http_body_status status = http_body_read(&h->body, bytes, &used, &piece, &fault);
    if (status == HTTP_BODY_BAD) {
        http_fail(c, &fault);
        return used;
    }
    h->body_ended = status == HTTP_BODY_END;
    conn_deadline(c, h->body_ended ? 0 : c->loop->now_ms + HTTP_BODY_SILENCE_MS);
    if (!h->answered && (piece.len > 0 || h->body_ended))
        c->loop->options.handler->body(c, piece, h->body_ended);
    if (c->state == CONN_HTTP && h->answered) http_finish(c);
    return used;
}

size_t conn_http_input(struct conn *c, struct slice bytes)
{
    if (c->http && c->http->in_request) return http_input_body(c, bytes);
    return http_input_head(c, bytes);
}

/* -- ends and clocks */

/* A peer that shut its side down may still wait for the answer to a whole request. */
void conn_http_ended(struct conn *c)
{
    struct conn_http *h = c->http;
    if (h && h->in_request && h->body_ended && !h->answered)
        h->keep_alive = false;
    else
        conn_drain(c);
}

void conn_http_deadline_passed(struct conn *c)
{
    const struct conn_http *h = c->http;
    if (h && h->in_request) {
        /* While we do not read, the silence is ours. */
        if (c->paused > 0 || c->private_full)
            conn_deadline(c, c->loop->now_ms + HTTP_BODY_SILENCE_MS);
        else if (!h->body_ended)
            http_timeout(c, "the body stopped coming", "a byte at least every 10 s");
    } else if (h && !http_reader_is_idle(&h->reader)) {
        http_timeout(c, "the request's head is not complete", "a whole head within 10 s");
    } else {
        conn_drain(c);
    }
}
