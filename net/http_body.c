/* http_body.c - bodies of a stated length and in chunks (RFC 9112 sections 6 and 7), passed
 * through piece by piece. */
#include "net/http.h"

#include "core/base/check.h"

void http_body_begin(struct http_body *b, const struct http_request *q)
{
    CHECK(!(q->chunked && q->has_length));
    memset(b, 0, sizeof(*b));
    b->state = q->chunked ? HTTP_BODY_AT_SIZE : HTTP_BODY_AT_LENGTH;
    b->left = q->has_length ? q->content_length : 0;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

static enum err take_size(struct http_body *b, char c, struct fault *f)
{
    int digit = hex_digit(c);
    if (digit >= 0) {
        if (b->size_digits == HTTP_CHUNK_SIZE_DIGITS_MAX) {
            return fault_set(
                    f, ERR_INVALID, "chunk size", "has more than 8 digits", "1 to 8 hex digits");
        }
        b->size_digits++;
        b->left = b->left * 16 + (unsigned)digit;
        return ERR_OK;
    }
    if (b->size_digits == 0 || (c != '\r' && c != ';')) {
        return fault_setf(f, ERR_INVALID, "chunk size", "1 to 8 hex digits, then CR LF or ';'",
                "has the byte 0x%02x", (unsigned char)c);
    }
    b->extension_bytes += c == ';';
    b->state = c == ';' ? HTTP_BODY_AT_EXTENSION : HTTP_BODY_AT_SIZE_LF;
    return ERR_OK;
}

static enum err take_extension(struct http_body *b, char c, struct fault *f)
{
    if (c == '\r') {
        b->state = HTTP_BODY_AT_SIZE_LF;
        return ERR_OK;
    }
    if (((unsigned char)c < 0x20 && c != '\t') || c == 0x7f) {
        return fault_setf(f, ERR_INVALID, "chunk extension", "text, then CR LF",
                "has the byte 0x%02x", (unsigned char)c);
    }
    b->extension_bytes++;
    return ERR_OK;
}

static enum err take_exact(struct http_body *b, char c, char want, struct fault *f)
{
    if (c == want) return ERR_OK;
    bool trailer = b->state == HTTP_BODY_AT_END_CR;
    return fault_setf(f, ERR_INVALID, "chunk",
            trailer ? "an empty line: trailers are not read" : "CR LF", "has the byte 0x%02x %s",
            (unsigned char)c, trailer ? "behind the last chunk" : "where its line ends");
}

/* Everything of the chunked form but the data itself, a byte at a time. */
static enum err take_byte(struct http_body *b, char c, struct fault *f)
{
    enum err e = ERR_OK;
    switch (b->state) {
    case HTTP_BODY_AT_SIZE: e = take_size(b, c, f); break;
    case HTTP_BODY_AT_EXTENSION: e = take_extension(b, c, f); break;
    case HTTP_BODY_AT_SIZE_LF:
        e = take_exact(b, c, '\n', f);
        b->state = b->left > 0 ? HTTP_BODY_AT_DATA : HTTP_BODY_AT_END_CR;
        b->size_digits = 0;
        break;
    case HTTP_BODY_AT_DATA_CR:
        e = take_exact(b, c, '\r', f);
        b->state = HTTP_BODY_AT_DATA_LF;
        break;
    case HTTP_BODY_AT_DATA_LF:
        e = take_exact(b, c, '\n', f);
        b->state = HTTP_BODY_AT_SIZE;
        break;
    case HTTP_BODY_AT_END_CR:
        e = take_exact(b, c, '\r', f);
        b->state = HTTP_BODY_AT_END_LF;
        break;
    case HTTP_BODY_AT_END_LF:
        e = take_exact(b, c, '\n', f);
        b->state = HTTP_BODY_AT_DONE;
        break;
    case HTTP_BODY_AT_LENGTH:
    case HTTP_BODY_AT_DATA:
    case HTTP_BODY_AT_DONE:
    case HTTP_BODY_AT_FAILED: UNREACHABLE();
    }
    if (e == ERR_OK && b->extension_bytes > HTTP_CHUNK_EXTENSION_BYTES_MAX) {
        e = fault_set(f, ERR_INVALID, "chunk extension", "is longer than 64 bytes over the body",
                "no extensions");
    }
    return e;
}

static bool at_data(const struct http_body *b)
{
    return b->state == HTTP_BODY_AT_LENGTH || b->state == HTTP_BODY_AT_DATA;
}

static struct slice take_data(struct http_body *b, struct slice bytes)
{
    struct slice piece = slice_head(bytes, b->left < bytes.len ? (size_t)b->left : bytes.len);
    b->left -= piece.len;
    b->bytes += piece.len;
    if (b->left == 0)
        b->state = b->state == HTTP_BODY_AT_LENGTH ? HTTP_BODY_AT_DONE : HTTP_BODY_AT_DATA_CR;
    return piece;
}

enum http_body_status http_body_read(struct http_body *b, struct slice bytes, size_t *ret_used,
        struct slice *ret_piece, struct fault *ret_fault)
{
    size_t used = 0;
    *ret_piece = slice_of(bytes.ptr, 0);
    if (b->state == HTTP_BODY_AT_FAILED) {
        *ret_used = 0;
        fault_set(ret_fault, ERR_INVALID, "chunk", "was refused before", "a new connection");
        return HTTP_BODY_BAD;
    }
    while (!at_data(b) && b->state != HTTP_BODY_AT_DONE && used < bytes.len) {
        if (take_byte(b, bytes.ptr[used++], ret_fault) != ERR_OK) {
            b->state = HTTP_BODY_AT_FAILED;
            *ret_used = used;
            return HTTP_BODY_BAD;
        }
    }
    if (at_data(b)) {
        *ret_piece = take_data(b, slice_from(bytes, used));
        used += ret_piece->len;
    }
    *ret_used = used;
    return b->state == HTTP_BODY_AT_DONE ? HTTP_BODY_END : HTTP_BODY_MORE;
}
