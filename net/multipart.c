#include "net/multipart.h"

#include "core/base/check.h"

/* -- heads */

/* A value of `key=value` or `key="value"`, unquoted in place. rest is behind it afterwards. */
static struct slice take_value(struct slice *rest)
{
    char *from = (char *)(uintptr_t)rest->ptr, *to = from; /* in m->head, or a copy */
    size_t at = 0, len = 0;
    bool quoted = rest->len > 0 && from[0] == '"';
    for (at = quoted ? 1 : 0; at < rest->len; at++) {
        char c = from[at];
        if (quoted ? c == '"' : c == ';') break;
        /* only a quote is escaped: a backslash may be part of an old path */
        if (quoted && c == '\\' && at + 1 < rest->len && from[at + 1] == '"') c = from[++at];
        /* browsers write a quote so */
        if (quoted && c == '%' && rest->len - at > 2 && from[at + 1] == '2' &&
                from[at + 2] == '2') {
            c = '"';
            at += 2;
        }
        to[len++] = c;
    }
    *rest = slice_from(*rest, at + (quoted && at < rest->len));
    struct slice value = slice_of(to, len);
    return quoted ? value : slice_trim(value);
}

/* Calls for each `; key=value`. */
static void read_parameters(struct slice rest,
        void (*fn)(void *context, struct slice key, struct slice value), void *context)
{
    struct slice key;
    while (slice_cut(&rest, ';', &key)) {
        struct slice ahead = slice_trim(rest);
        if (!slice_cut(&ahead, '=', &key)) return;
        struct slice value = take_value(&ahead);
        fn(context, slice_trim(key), value);
        rest = ahead;
    }
}

static void take_disposition(void *context, struct slice key, struct slice value)
{
    struct multipart *m = context;
    if (slice_eq_nocase(key, SLICE("name"))) m->name = value;
    if (!slice_eq_nocase(key, SLICE("filename"))) return;
    m->file_name = value;
    m->has_file_name = true;
}

static bool starts_nocase(struct slice text, struct slice head)
{
    return slice_eq_nocase(slice_head(text, head.len), head);
}

/* "\r\n" alone, or lines that each end so and one more. */
static bool head_complete(const struct multipart *m)
{
    struct slice head = slice_of(m->head, m->head_len);
    return slice_eq(head, SLICE("\r\n")) || slice_ends(head, SLICE("\r\n\r\n"));
}

static enum err head_read(struct multipart *m, struct fault *f)
{
    struct slice rest = slice_of(m->head, m->head_len), line, name;
    m->name = m->file_name = m->type = (struct slice){0};
    m->has_file_name = false;
    while (slice_cut(&rest, '\n', &line)) {
        if (slice_ends(line, SLICE("\r"))) line.len--;
        if (!slice_cut(&line, ':', &name)) continue;
        line = slice_trim(line);
        if (slice_eq_nocase(name, SLICE("content-type"))) m->type = line;
        if (slice_eq_nocase(name, SLICE("content-disposition")) &&
                starts_nocase(line, SLICE("form-data")))
            read_parameters(line, take_disposition, m);
    }
    if (m->name.len > 0) return ERR_OK;
    return fault_set(f, ERR_INVALID, "body", "has a part without a name",
            "Content-Disposition: form-data; name=\"..\"");
}

/* -- boundaries */

static void take_boundary(void *context, struct slice key, struct slice value)
{
    if (slice_eq_nocase(key, SLICE("boundary"))) *(struct slice *)context = value;
}

bool multipart_boundary(struct slice content_type, char ret_boundary[MULTIPART_BOUNDARY_MAX + 1])
{
    char text[256];
    struct slice boundary = {0};
    if (!starts_nocase(content_type, SLICE("multipart/form-data")) ||
            content_type.len > sizeof text)
        return false;
    memcpy(text, content_type.ptr, content_type.len);
    read_parameters(slice_of(text, content_type.len), take_boundary, &boundary);
    if (boundary.len == 0 || boundary.len > MULTIPART_BOUNDARY_MAX) return false;
    for (size_t i = 0; i < boundary.len; i++)
        if ((unsigned char)boundary.ptr[i] < 0x20) return false;
    memcpy(ret_boundary, boundary.ptr, boundary.len);
    ret_boundary[boundary.len] = '\0';
    return true;
}

void multipart_init(struct multipart *m, struct slice boundary)
{
    CHECK(boundary.len >= 1 && boundary.len <= MULTIPART_BOUNDARY_MAX);
    CHECK(memchr(boundary.ptr, '\r', boundary.len) == NULL);
    memset(m, 0, sizeof(*m));
    memcpy(m->delimiter, "\r\n--", 4);
    memcpy(m->delimiter + 4, boundary.ptr, boundary.len);
    m->delimiter_len = 4 + boundary.len;
    m->matched = 2; /* the first has no line before it */
}

/* Up to the next thing to tell of content: a piece of it, or its end. Of what looked like the
 * delimiter and was not, the bytes are known: they are the delimiter's own. It begins with the
 * only CR that it has, so the next try begins behind them. */
static enum multipart_status read_content(
        struct multipart *m, struct slice bytes, size_t *used, struct slice *ret_piece)
{
    struct slice rest = slice_from(bytes, *used);
    if (m->matched == 0) {
        const char *cr = rest.len > 0 ? memchr(rest.ptr, '\r', rest.len) : NULL;
        size_t plain = cr == NULL ? rest.len : (size_t)(cr - rest.ptr);
        *used += plain;
        *ret_piece = slice_head(rest, plain);
        if (plain > 0) return MULTIPART_DATA;
    }
    while (*used < bytes.len && bytes.ptr[*used] == m->delimiter[m->matched]) {
        ++*used;
        if (++m->matched < m->delimiter_len) continue;
        m->matched = 0;
        return MULTIPART_PART_END;
    }
    if (*used == bytes.len) return MULTIPART_MORE;
    *ret_piece = slice_of(m->delimiter, m->matched);
    m->matched = 0;
    return MULTIPART_DATA;
}

/* -- */

static enum multipart_status bad(struct multipart *m, struct fault *f, const char *wrong)
{
    m->state = MULTIPART_AT_FAILED;
    fault_set(f, ERR_INVALID, "body", wrong, "a form as browsers send it");
    return MULTIPART_BAD;
}

static enum multipart_status read_head(struct multipart *m, char c, struct fault *f)
{
    if (m->head_len == sizeof m->head) return bad(m, f, "has a part with a head of over 4 KiB");
    m->head[m->head_len++] = c;
    if (!head_complete(m)) return MULTIPART_MORE;
    if (head_read(m, f) != ERR_OK) {
        m->state = MULTIPART_AT_FAILED;
        return MULTIPART_BAD;
    }
    m->state = MULTIPART_AT_CONTENT;
    return MULTIPART_PART;
}

/* One byte of what lies between the contents. */
static enum multipart_status read_byte(struct multipart *m, char c, struct fault *f)
{
    switch (m->state) {
    case MULTIPART_AT_BEHIND:
        if (c == ' ' || c == '\t') return MULTIPART_MORE; /* padding of transports */
        if (c != '-' && c != '\r') return bad(m, f, "has something else behind a boundary");
        m->state = c == '-' ? MULTIPART_AT_DASH : MULTIPART_AT_LF;
        return MULTIPART_MORE;
    case MULTIPART_AT_DASH:
        if (c != '-') return bad(m, f, "has something else behind a boundary");
        m->state = MULTIPART_AT_END;
        return MULTIPART_END;
    case MULTIPART_AT_LF:
        if (c != '\n') return bad(m, f, "has something else behind a boundary");
        m->state = MULTIPART_AT_HEAD;
        m->head_len = 0;
        return MULTIPART_MORE;
    case MULTIPART_AT_HEAD: return read_head(m, c, f);
    case MULTIPART_AT_PREAMBLE:
    case MULTIPART_AT_CONTENT:
    case MULTIPART_AT_END:
    case MULTIPART_AT_FAILED: break;
    }
    UNREACHABLE();
}

enum multipart_status multipart_read(struct multipart *m, struct slice bytes, size_t *ret_used,
        struct slice *ret_piece, struct fault *ret_fault)
{
    size_t used = 0;
    enum multipart_status status = MULTIPART_MORE;
    *ret_piece = (struct slice){0};
    while (status == MULTIPART_MORE && used < bytes.len) {
        bool content = m->state == MULTIPART_AT_CONTENT;
        if (m->state == MULTIPART_AT_END) {
            used = bytes.len;
        } else if (m->state == MULTIPART_AT_FAILED) {
            status = bad(m, ret_fault, "was refused before");
        } else if (content || m->state == MULTIPART_AT_PREAMBLE) {
            status = read_content(m, bytes, &used, ret_piece);
            if (status == MULTIPART_PART_END) m->state = MULTIPART_AT_BEHIND;
            if (!content) status = MULTIPART_MORE; /* what stands before the first is nobody's */
        } else {
            status = read_byte(m, bytes.ptr[used++], ret_fault);
        }
    }
    *ret_used = used;
    return status;
}
