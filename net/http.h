/* http.h - HTTP/1.1 requests read and responses written (RFC 9110, RFC 9112), without a socket.
 *
 * The readers are pushed bytes as they arrive, cut anywhere, and give the same result at every
 * cut; they stop behind what they understood, so the rest belongs to the body, the next request
 * or the WebSocket. They are strict where lenient servers were smuggled past: CRLF only, no
 * folding, no blank before a colon, one Host, one way to state the length of a body, no
 * trailers. Every refusal is final: answer it once, close, never look for the next request
 * behind it.
 *
 * A reader is owned by one conn and used by its loop's thread only. It holds one head of at most
 * HTTP_LINE_BYTES_MAX (or HTTP_LINE_BYTES_MAX_SIGNED) + HTTP_HEAD_BYTES_MAX bytes; bodies are
 * not kept, they pass through as borrowed pieces. */
#ifndef TAVLA_NET_HTTP_H
#define TAVLA_NET_HTTP_H

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/limits.h"

struct http_field {
    struct slice name;  /* as sent: compare without case */
    struct slice value; /* without blanks around it */
};

/* Slices point into the reader's head and live until http_reader_next or http_reader_fini. */
struct http_request {
    struct slice method; /* case-sensitive token */
    struct slice target; /* as sent */
    struct slice path;  /* target without scheme, authority and query; starts with '/', or is "*" */
    struct slice query; /* behind the first '?', ptr NULL when there is none */
    int minor_version;  /* 0 or 1 */
    struct http_field fields[HTTP_FIELDS_MAX];
    size_t field_count;
    bool keep_alive; /* the peer allows another request on this connection */
    bool chunked;    /* exclusive with has_length; with neither there is no body */
    bool has_length;
    uint64_t content_length;
    bool expect_continue; /* the peer waits for "100 Continue" before it sends the body */
};

/* Where the next byte of a head goes.
 *
 *   START -> LINE -> FIELDS -> DONE      START swallows one empty line (RFC 9112 section 2.2)
 *     \-------\--------\-----> FAILED    final; every later call answers the same fault */
enum http_reader_state {
    HTTP_AT_START,
    HTTP_AT_LINE,
    HTTP_AT_FIELDS,
    HTTP_AT_DONE,
    HTTP_AT_FAILED
};

struct http_reader {
    /* everything of this head so far; after HTTP_LINE_LONG the line's beginning */
    struct buf head;
    size_t line_bytes_max;       /* may be raised once, after HTTP_LINE_LONG */
    struct http_request request; /* whole after HTTP_HEAD */
    /* private */
    enum http_reader_state state;
    bool skipped_line; /* the one empty line before a request was there */
    bool line_long_said;
    size_t fields_at;                       /* offset of the first field line */
    size_t line_at;                         /* offset of the line being read */
    uint32_t field_at[HTTP_FIELDS_MAX + 1]; /* offsets, because head moves when it grows */
    struct fault fault;
};

enum http_status {
    HTTP_MORE, /* all bytes used, the head goes on */
    HTTP_HEAD, /* the request is complete; its body, if any, follows */
    /* line_bytes_max bytes without a line's end: raise it and go on, or answer 431 */
    HTTP_LINE_LONG,
    HTTP_BAD, /* fault says why: err INVALID, HEAD_TOO_LARGE, VERSION or UNIMPLEMENTED */
};

void http_reader_init(struct http_reader *r); /* allocates nothing yet */
void http_reader_fini(struct http_reader *r);
/* forgets the request, ready for the next one; gives large memory back */
void http_reader_next(struct http_reader *r);
bool http_reader_is_idle(const struct http_reader *r); /* no byte of a request has come */
enum http_status http_read_head(
        struct http_reader *r, struct slice bytes, size_t *ret_used, struct fault *ret_fault);

/* First field of that name; ptr NULL when absent. `lower_name` is matched without case. */
struct slice http_field_get(const struct http_request *q, const char *lower_name);
size_t http_field_count(const struct http_request *q, const char *lower_name);
/* Looks through every field of that name as one comma-separated list, without case. */
bool http_field_has_token(const struct http_request *q, const char *lower_name, const char *token);
/* One of the tags in If-None-Match, weak ones too (RFC 9110 section 13.1.2). */
bool http_tag_listed(struct slice list, struct slice tag);
/* Value of the first cookie of that name (case-sensitive, RFC 6265 section 5.4); ptr NULL when
 * absent. */
struct slice http_cookie(const struct http_request *q, const char *name);

enum http_body_state {
    HTTP_BODY_AT_LENGTH,    /* Content-Length bytes, `left` to come */
    HTTP_BODY_AT_SIZE,      /* hex digits of a chunk's size */
    HTTP_BODY_AT_EXTENSION, /* ";..." behind it, skipped */
    HTTP_BODY_AT_SIZE_LF,
    HTTP_BODY_AT_DATA, /* `left` bytes of the chunk to come */
    HTTP_BODY_AT_DATA_CR,
    HTTP_BODY_AT_DATA_LF,
    HTTP_BODY_AT_END_CR, /* behind the last chunk: no trailers */
    HTTP_BODY_AT_END_LF,
    HTTP_BODY_AT_DONE,
    HTTP_BODY_AT_FAILED,
};

struct http_body {
    uint64_t bytes; /* of content handed over so far: the owner compares it with its own limit */
    /* private */
    enum http_body_state state;
    uint64_t left;
    uint32_t size_digits;
    uint32_t extension_bytes; /* over the whole body */
};

enum http_body_status { HTTP_BODY_MORE, HTTP_BODY_END, HTTP_BODY_BAD };

#define HTTP_CHUNK_SIZE_DIGITS_MAX     8
#define HTTP_CHUNK_EXTENSION_BYTES_MAX 64 /* of one body; unbounded ones were an attack elsewhere */

void http_body_begin(struct http_body *b, const struct http_request *q);
/* At most one piece a call: *ret_piece is borrowed from `bytes` and may be empty, also together
 * with HTTP_BODY_END. While it answers HTTP_BODY_MORE and bytes are left, call again with
 * slice_from(bytes, used). A request without a body is at its end at once, with no byte used. */
enum http_body_status http_body_read(struct http_body *b, struct slice bytes, size_t *ret_used,
        struct slice *ret_piece, struct fault *ret_fault);

/* -- responses */

struct http_response_head {
    const char *content_type; /* NULL: no content */
    uint64_t content_length;  /* not written for 1xx, 204 and 304, nor with chunked */
    /* the body follows through http_chunk_add and http_chunk_end; HTTP/1.1 peers only */
    bool chunked;
    bool until_close; /* the body ends with the connection (streams to HTTP/1.0 peers) */
    bool keep_alive;
    struct slice date;   /* IMF-fixdate text from the caller's clock; empty: no Date field */
    struct slice fields; /* further lines, each with its CRLF, made with http_field_add */
};

#define HTTP_DATE_TEXT 29

const char *http_reason(int status); /* "Not Found"; "Status" for one we never send */
/* Fri, 20 Nov 2026 09:15:00 GMT */
void http_date_format(int64_t unix_ms, char ret_text[HTTP_DATE_TEXT + 1]);
/* Appends "name: value". False, with nothing appended and out failed, when the value has a
 * control byte: what people typed must not become a second line. */
bool http_field_add(struct buf *out, const char *name, struct slice value);
/* Every response says nosniff and Connection. False when out is full. */
bool http_write_head(struct buf *out, int status, const struct http_response_head *h);
/* nothing for no bytes: an empty chunk would be the end */
bool http_chunk_add(struct buf *out, struct slice bytes);
bool http_chunk_end(struct buf *out);
bool http_write_continue(struct buf *out);
/* A whole response with the fault as JSON, for errors below the routes; the connection closes
 * after it. */
bool http_write_fault(struct buf *out, const struct fault *f, struct slice date);

#endif
