/* A request's head, whole and cut in three where the input says: the same answer, and a request
 * that holds together. */
#include "tests/fuzz/fuzz.h"

#include "core/base/check.h"
#include "net/deflate.h"
#include "net/ws.h"

struct answer {
    enum http_status status;
    struct fault fault;
    size_t used;
};

static struct http_reader whole;
static struct http_reader cut;

static struct answer feed(struct http_reader *r, struct slice bytes, size_t cut_a, size_t cut_b)
{
    struct answer a = {.status = HTTP_MORE};
    size_t ends[3] = {cut_a, cut_b, bytes.len};
    http_reader_init(r);
    for (size_t i = 0; i < 3 && a.status == HTTP_MORE; i++) {
        while (a.used < ends[i] && (a.status == HTTP_MORE || a.status == HTTP_LINE_LONG)) {
            size_t used = 0;
            a.status = http_read_head(
                    r, slice_of(bytes.ptr + a.used, ends[i] - a.used), &used, &a.fault);
            a.used += used;
            if (a.status == HTTP_LINE_LONG) r->line_bytes_max = HTTP_LINE_BYTES_MAX_SIGNED;
        }
        if (a.status == HTTP_LINE_LONG) a.status = HTTP_MORE;
    }
    CHECK(a.used <= bytes.len);
    return a;
}

static bool inside(struct slice s, struct slice outer)
{
    return s.ptr >= outer.ptr && s.ptr + s.len <= outer.ptr + outer.len;
}

static void check_request(const struct http_reader *r)
{
    const struct http_request *q = &r->request;
    struct slice head = buf_slice(&r->head);
    CHECK(q->method.len > 0 && inside(q->method, head));
    CHECK(q->path.len > 0 && (q->path.ptr[0] == '/' || slice_eq(q->path, SLICE("*"))));
    CHECK(!(q->chunked && q->has_length));
    CHECK(q->field_count <= HTTP_FIELDS_MAX);
    CHECK(q->minor_version == 0 || http_field_count(q, "host") == 1);
    for (size_t i = 0; i < q->field_count; i++) {
        CHECK(q->fields[i].name.len > 0 && inside(q->fields[i].name, head));
        CHECK(inside(q->fields[i].value, head));
        CHECK(memchr(q->fields[i].value.ptr, '\n', q->fields[i].value.len) == NULL);
    }
}

/* Whoever looks into a request must cope with what the reader let through. */
static void look_into(const struct http_request *q)
{
    char accept[WS_ACCEPT_CHARS + 1];
    bool chosen;
    struct fault f;
    struct ws_deflate d;
    http_cookie(q, "sid");
    http_field_has_token(q, "connection", "upgrade");
    if (ws_open_check(q, SLICE("tavla.v1"), accept, &chosen, &f) == ERR_OK)
        CHECK(strlen(accept) == WS_ACCEPT_CHARS);
    if (ws_deflate_offer(q, &d)) {
        struct buf answer;
        buf_init(&answer, 256);
        CHECK(ws_deflate_answer(&d, &answer));
        buf_fini(&answer);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) return 0;
    struct slice bytes = slice_of(data + 2, size - 2);
    size_t first = bytes.len * data[0] / 256;
    size_t second = first + (bytes.len - first) * data[1] / 256;
    struct answer a = feed(&whole, bytes, bytes.len, bytes.len);
    struct answer b = feed(&cut, bytes, first, second);
    CHECK(a.status == b.status && a.used == b.used);
    if (a.status == HTTP_BAD) {
        CHECK(memcmp(&a.fault, &b.fault, sizeof(a.fault)) == 0);
        CHECK(a.fault.wrong[0] != 0 && a.fault.expected[0] != 0);
    }
    CHECK(slice_eq(buf_slice(&whole.head), buf_slice(&cut.head)));
    if (a.status == HTTP_HEAD) {
        check_request(&whole);
        check_request(&cut);
        look_into(&whole.request);
    }
    http_reader_fini(&whole);
    http_reader_fini(&cut);
    return 0;
}
