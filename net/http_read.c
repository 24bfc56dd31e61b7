/* http_read.c - the head of a request: bytes to lines, lines to fields, fields to what they mean
 * together. */
#include "net/http.h"

#include "core/base/check.h"

#define HTTP_METHOD_CHARS_MAX 32
#define HTTP_KEPT_BYTES       KIB(4) /* a larger head buffer is given back between requests */

/* tchar of RFC 9110 section 5.6.2, one bit a byte. */
static bool is_token_char(unsigned char c)
{
    static const uint32_t bits[4] = {0, 0x03ff6cfau, 0xc7fffffeu, 0x57ffffffu};
    return c < 128 && (bits[c >> 5] >> (c & 31) & 1) != 0;
}

static bool is_token(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (!is_token_char((unsigned char)s.ptr[i])) return false;
    }
    return s.len > 0;
}

void http_reader_init(struct http_reader *r)
{
    memset(r, 0, sizeof(*r));
    /* Both limits are enforced on their own while reading; this is their sum, with the two line
     * ends. */
    buf_init(&r->head, HTTP_LINE_BYTES_MAX_SIGNED + HTTP_HEAD_BYTES_MAX + 4);
    r->line_bytes_max = HTTP_LINE_BYTES_MAX;
}

void http_reader_fini(struct http_reader *r)
{
    buf_fini(&r->head);
    memset(&r->request, 0, sizeof(r->request));
}

void http_reader_next(struct http_reader *r)
{
    CHECK(r->state == HTTP_AT_DONE);
    buf_clear(&r->head);
    if (r->head.cap > HTTP_KEPT_BYTES) buf_shrink(&r->head);
    memset(&r->request, 0, sizeof(r->request));
    r->line_bytes_max = HTTP_LINE_BYTES_MAX;
    r->state = HTTP_AT_START;
    r->skipped_line = r->line_long_said = false;
    r->fields_at = r->line_at = 0;
}

bool http_reader_is_idle(const struct http_reader *r)
{
    return r->state == HTTP_AT_START && r->head.len == 0;
}

/* -- the request line */

static enum err read_version(struct slice s, int *ret_minor, struct fault *f)
{
    if (slice_eq(s, SLICE("HTTP/1.1")) || slice_eq(s, SLICE("HTTP/1.0"))) {
        *ret_minor = s.ptr[7] - '0';
        return ERR_OK;
    }
    bool shaped = s.len == 8 && slice_starts(s, SLICE("HTTP/")) && s.ptr[5] >= '0' &&
                  s.ptr[5] <= '9' && s.ptr[6] == '.' && s.ptr[7] >= '0' && s.ptr[7] <= '9';
    if (shaped) {
        return fault_setf(
                f, ERR_VERSION, "version", "HTTP/1.1 or HTTP/1.0", "is %.*s", SLICE_ARG(s));
    }
    return fault_set(f, ERR_INVALID, "request line", "does not end in a version",
            "method, target and HTTP/1.1");
}

/* Host without its brackets' content checked in full: enough that nothing but a name, an address
 * and a port gets through. */
static bool is_authority(struct slice s)
{
    size_t i = 0;
    if (s.len > 0 && s.ptr[0] == '[') {
        for (i = 1; i < s.len && s.ptr[i] != ']'; i++) {
            if (memchr("0123456789abcdefABCDEF:.", s.ptr[i], 24) == NULL) return false;
        }
        if (i < 3 || i >= s.len) return false;
        i++;
    } else {
        while (i < s.len && s.ptr[i] != ':') {
            unsigned char c = (unsigned char)s.ptr[i];
            bool letter =
                    (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!letter && c != '.' && c != '-' && c != '_') return false;
            i++;
        }
        if (i == 0) return false;
    }
    if (i == s.len) return true;
    if (s.ptr[i] != ':' || s.len - i > 6) return false;
    for (i++; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9') return false;
    }
    return true;
}

/* The authority of an absolute-form target, and what is left behind it. */
static bool cut_absolute(struct slice target, struct slice *ret_authority, struct slice *ret_rest)
{
    size_t scheme = slice_eq_nocase(slice_head(target, 7), SLICE("http://"))    ? 7
                    : slice_eq_nocase(slice_head(target, 8), SLICE("https://")) ? 8
                                                                                : 0;
    if (scheme == 0) return false;
    struct slice rest = slice_from(target, scheme);
    size_t len = 0;
    while (len < rest.len && rest.ptr[len] != '/' && rest.ptr[len] != '?') {
        len++;
    }
    *ret_authority = slice_head(rest, len);
    *ret_rest = slice_from(rest, len);
    return is_authority(*ret_authority);
}

static enum err read_target(struct http_request *q, struct fault *f)
{
    static const char expected[] = "a path that starts with '/'";
    for (size_t i = 0; i < q->target.len; i++) {
        unsigned char c = (unsigned char)q->target.ptr[i];
        if (c <= 0x20 || c >= 0x7f || c == '#') {
            return fault_setf(f, ERR_INVALID, "target",
                    "visible ASCII without '#', the rest percent-encoded", "has the byte 0x%02x",
                    c);
        }
    }
    struct slice rest = q->target;
    struct slice authority;
    if (rest.len > 0 && rest.ptr[0] != '/' && !slice_eq(rest, SLICE("*"))) {
        if (!cut_absolute(q->target, &authority, &rest)) {
            return fault_set(
                    f, ERR_INVALID, "target", "is neither a path nor an http URL", expected);
        }
        if (rest.len == 0 || rest.ptr[0] == '?') {
            return fault_set(f, ERR_INVALID, "target", "is a URL without a path", expected);
        }
    }
    if (rest.len == 0) return fault_set(f, ERR_INVALID, "target", "is empty", expected);
    if (rest.ptr[0] == '*' && !slice_eq(q->method, SLICE("OPTIONS"))) {
        return fault_set(f, ERR_INVALID, "target", "is * without OPTIONS", expected);
    }
    q->path = rest;
    if (slice_cut(&rest, '?', &q->path)) q->query = rest;
    return ERR_OK;
}

/* Slices of q are made from `line`, which may move later: the caller sets them anew at the end. */
static enum err read_request_line(struct http_request *q, struct slice line, struct fault *f)
{
    struct slice rest = line;
    if (!slice_cut(&rest, ' ', &q->method) || !slice_cut(&rest, ' ', &q->target)) {
        return fault_set(f, ERR_INVALID, "request line", "does not have three parts",
                "method, target and HTTP/1.1 with one space between");
    }
    if (!is_token(q->method) || q->method.len > HTTP_METHOD_CHARS_MAX) {
        return fault_set(f, ERR_INVALID, "method", "is not a token",
                "a method such as GET, at most 32 characters");
    }
    enum err e = read_version(rest, &q->minor_version, f);
    if (e != ERR_OK) return e;
    if (slice_eq(q->method, SLICE("CONNECT"))) {
        return fault_set(f, ERR_UNIMPLEMENTED, "method", "is CONNECT",
                "a request to this server, which is no proxy");
    }
    return read_target(q, f);
}

/* -- one field line */

static enum err read_field(struct slice line, struct http_field *ret, struct fault *f)
{
    static const char form[] = "name, colon, value on one line";
    struct slice rest = line;
    struct slice name;
    if (line.ptr[0] == ' ' || line.ptr[0] == '\t') {
        return fault_set(f, ERR_INVALID, "header",
                "a line starts with a blank: folded lines are not read", form);
    }
    if (!slice_cut(&rest, ':', &name)) {
        return fault_set(f, ERR_INVALID, "header", "a line has no colon", form);
    }
    if (name.len == 0) return fault_set(f, ERR_INVALID, "header", "a field has no name", form);
    if (name.ptr[name.len - 1] == ' ' || name.ptr[name.len - 1] == '\t') {
        return fault_set(f, ERR_INVALID, "header", "a blank stands before a colon", form);
    }
    if (!is_token(name)) {
        return fault_set(f, ERR_INVALID, "header", "a field's name is not a token",
                "letters, digits and !#$%&'*+-.^_`|~");
    }
    ret->name = name;
    ret->value = slice_trim(rest);
    return ERR_OK;
}

/* -- the whole head */

static enum err judge_host(const struct http_request *q, struct fault *f)
{
    size_t count = http_field_count(q, "host");
    if (count > 1)
        return fault_setf(f, ERR_INVALID, "Host", "exactly one", "comes %zu times", count);
    if (count == 0) {
        if (q->minor_version == 0) return ERR_OK;
        return fault_set(f, ERR_INVALID, "Host", "is missing", "the server's name");
    }
    struct slice host = http_field_get(q, "host");
    if (!is_authority(host)) {
        return fault_set(f, ERR_INVALID, "Host", "is not a host",
                "a name or address, with :port or without");
    }
    struct slice authority;
    struct slice rest;
    if (q->target.ptr[0] != '/' && q->target.ptr[0] != '*' &&
            cut_absolute(q->target, &authority, &rest) && !slice_eq_nocase(authority, host)) {
        return fault_set(
                f, ERR_INVALID, "Host", "differs from the target's", "the same host in both");
    }
    return ERR_OK;
}

/* RFC 9112 section 6.3, without its tolerance: one statement of the length, in one form. */
static enum err judge_length(struct http_request *q, struct fault *f)
{
    size_t lengths = http_field_count(q, "content-length");
    size_t codings = http_field_count(q, "transfer-encoding");
    if (lengths > 0 && codings > 0) {
        return fault_set(
                f, ERR_INVALID, "Transfer-Encoding", "comes with Content-Length", "one of the two");
    }
    if (lengths > 1) {
        return fault_setf(
                f, ERR_INVALID, "Content-Length", "at most one", "comes %zu times", lengths);
    }
    if (lengths == 1) {
        if (!slice_to_u64(http_field_get(q, "content-length"), &q->content_length)) {
            return fault_set(f, ERR_INVALID, "Content-Length", "is not a number of bytes",
                    "decimal digits only");
        }
        q->has_length = true;
    }
    if (codings == 0) return ERR_OK;
    if (codings > 1 || !slice_eq_nocase(http_field_get(q, "transfer-encoding"), SLICE("chunked"))) {
        return fault_set(f, ERR_INVALID, "Transfer-Encoding", "is not exactly chunked",
                "chunked, once, or nothing");
    }
    if (q->minor_version == 0) {
        return fault_set(f, ERR_INVALID, "Transfer-Encoding", "comes in HTTP/1.0",
                "Content-Length, or HTTP/1.1");
    }
    q->chunked = true;
    return ERR_OK;
}

static enum err judge_expect(struct http_request *q, struct fault *f)
{
    struct slice expect = http_field_get(q, "expect");
    if (expect.ptr == NULL || q->minor_version == 0) return ERR_OK;
    if (http_field_count(q, "expect") > 1 || !slice_eq_nocase(expect, SLICE("100-continue"))) {
        return fault_set(
                f, ERR_INVALID, "Expect", "is not 100-continue", "100-continue or nothing");
    }
    q->expect_continue = q->chunked || q->content_length > 0;
    return ERR_OK;
}

static enum err finish(struct http_reader *r, struct fault *f)
{
    struct http_request *q = &r->request;
    struct slice head = buf_slice(&r->head);
    enum err e = read_request_line(q, slice_of(head.ptr, r->fields_at - 2), f);
    CHECK(e == ERR_OK); /* it was read once already */
    for (size_t i = 0; i < q->field_count; i++) {
        size_t len = r->field_at[i + 1] - r->field_at[i] - 2;
        e = read_field(slice_of(head.ptr + r->field_at[i], len), &q->fields[i], f);
        CHECK(e == ERR_OK);
    }
    e = judge_host(q, f);
    if (e == ERR_OK) e = judge_length(q, f);
    if (e == ERR_OK) e = judge_expect(q, f);
    bool close = http_field_has_token(q, "connection", "close");
    q->keep_alive = !close &&
                    (q->minor_version == 1 || http_field_has_token(q, "connection", "keep-alive"));
    return e;
}

/* -- bytes to lines */

/* One whole line, without its CRLF, lies at line_at. */
static enum err take_line(struct http_reader *r, struct fault *f)
{
    size_t at = r->line_at;
    struct slice line = slice_of(r->head.ptr + at, r->head.len - 2 - at);
    r->line_at = r->head.len;
    if (r->state != HTTP_AT_FIELDS) {
        if (line.len == 0) {
            if (r->skipped_line) {
                return fault_set(
                        f, ERR_INVALID, "request line", "is empty", "method, target and HTTP/1.1");
            }
            r->skipped_line = true;
            buf_clear(&r->head);
            r->line_at = 0;
            r->state = HTTP_AT_START;
            return ERR_OK;
        }
        enum err e = read_request_line(&r->request, line, f);
        r->fields_at = r->head.len;
        r->state = HTTP_AT_FIELDS;
        return e;
    }
    size_t count = r->request.field_count;
    r->field_at[count] = (uint32_t)at;
    if (line.len == 0) {
        r->state = HTTP_AT_DONE;
        return finish(r, f);
    }
    if (count == HTTP_FIELDS_MAX) {
        return fault_setf(f, ERR_HEAD_TOO_LARGE, "header", "fewer fields",
                "has more than %d fields", HTTP_FIELDS_MAX);
    }
    r->request.field_count++;
    struct http_field field;
    return read_field(line, &field, f);
}

/* What no byte of a head may be, whatever line it is in. A CR must be followed by LF, an LF must
 * follow a CR. */
static enum err judge_byte(const struct http_reader *r, unsigned char c, struct fault *f)
{
    size_t len = r->head.len;
    bool after_cr = len > r->line_at && r->head.ptr[len - 1] == '\r';
    if (after_cr != (c == '\n')) {
        return fault_set(f, ERR_INVALID, "header",
                after_cr ? "a CR stands alone" : "an LF stands alone", "lines that end in CR LF");
    }
    if ((c < 0x20 && c != '\r' && c != '\n' && c != '\t') || c == 0x7f) {
        return fault_setf(
                f, ERR_INVALID, "header", "text without control bytes", "has the byte 0x%02x", c);
    }
    return ERR_OK;
}

/* The byte is appended already; a line's CR and LF do not count towards its limit. */
static enum err judge_size(const struct http_reader *r, struct fault *f)
{
    size_t fields_bytes = r->state == HTTP_AT_FIELDS ? r->head.len - r->fields_at : 0;
    if (fields_bytes <= HTTP_HEAD_BYTES_MAX) return ERR_OK;
    return fault_setf(f, ERR_HEAD_TOO_LARGE, "header", "a smaller head", "is larger than %zu bytes",
            HTTP_HEAD_BYTES_MAX);
}

static bool line_is_full(const struct http_reader *r, char next)
{
    return r->state != HTTP_AT_FIELDS && next != '\r' && next != '\n' &&
           r->head.len >= r->line_bytes_max;
}

static enum err take_byte(struct http_reader *r, char c, struct fault *f)
{
    enum err e = judge_byte(r, (unsigned char)c, f);
    if (e != ERR_OK) return e;
    if (!buf_add_char(&r->head, c)) {
        return fault_set(
                f, ERR_HEAD_TOO_LARGE, "header", "is larger than the limit", "a smaller head");
    }
    if (r->state == HTTP_AT_START) r->state = HTTP_AT_LINE;
    e = judge_size(r, f);
    if (e != ERR_OK) return e;
    return c == '\n' ? take_line(r, f) : ERR_OK;
}

static enum http_status fail(struct http_reader *r, struct fault *ret_fault)
{
    r->state = HTTP_AT_FAILED;
    *ret_fault = r->fault;
    return HTTP_BAD;
}

enum http_status http_read_head(
        struct http_reader *r, struct slice bytes, size_t *ret_used, struct fault *ret_fault)
{
    CHECK(r->state != HTTP_AT_DONE); /* http_reader_next comes first */
    *ret_used = 0;
    if (r->state == HTTP_AT_FAILED) return fail(r, ret_fault);
    for (size_t i = 0; i < bytes.len; i++) {
        if (line_is_full(r, bytes.ptr[i])) {
            *ret_used = i;
            if (!r->line_long_said) {
                r->line_long_said = true;
                return HTTP_LINE_LONG;
            }
            fault_setf(&r->fault, ERR_HEAD_TOO_LARGE, "request line",
                    "a shorter address, or the text in the body", "is longer than %zu bytes",
                    r->line_bytes_max);
            return fail(r, ret_fault);
        }
        enum err e = take_byte(r, bytes.ptr[i], &r->fault);
        *ret_used = i + 1;
        if (e != ERR_OK) return fail(r, ret_fault);
        if (r->state == HTTP_AT_DONE) return HTTP_HEAD;
    }
    return HTTP_MORE;
}

/* -- looking into a request */

struct slice http_field_get(const struct http_request *q, const char *lower_name)
{
    for (size_t i = 0; i < q->field_count; i++) {
        if (slice_eq_nocase(q->fields[i].name, slice_cstr(lower_name))) return q->fields[i].value;
    }
    return (struct slice){NULL, 0};
}

size_t http_field_count(const struct http_request *q, const char *lower_name)
{
    size_t count = 0;
    for (size_t i = 0; i < q->field_count; i++) {
        count += slice_eq_nocase(q->fields[i].name, slice_cstr(lower_name));
    }
    return count;
}

bool http_field_has_token(const struct http_request *q, const char *lower_name, const char *token)
{
    for (size_t i = 0; i < q->field_count; i++) {
        if (!slice_eq_nocase(q->fields[i].name, slice_cstr(lower_name))) continue;
        struct slice rest = q->fields[i].value;
        for (struct slice part; slice_next(&rest, ',', &part);) {
            if (slice_eq_nocase(slice_trim(part), slice_cstr(token))) return true;
        }
    }
    return false;
}

struct slice http_cookie(const struct http_request *q, const char *name)
{
    for (size_t i = 0; i < q->field_count; i++) {
        if (!slice_eq_nocase(q->fields[i].name, SLICE("cookie"))) continue;
        struct slice rest = q->fields[i].value;
        for (struct slice part; slice_next(&rest, ';', &part);) {
            struct slice key;
            part = slice_trim(part);
            if (slice_cut(&part, '=', &key) && slice_eq(key, slice_cstr(name))) return part;
        }
    }
    return (struct slice){NULL, 0};
}

bool http_tag_listed(struct slice list, struct slice tag)
{
    struct slice part;
    while (slice_next(&list, ',', &part)) {
        part = slice_trim(part);
        if (slice_starts(part, SLICE("W/"))) part = slice_from(part, 2);
        if (slice_eq(part, tag) || slice_eq(part, SLICE("*"))) return true;
    }
    return false;
}
