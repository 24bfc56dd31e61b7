#include "net/api/cli_http.h"

#include <errno.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/limits.h"

#define HEAD_BYTES_MAX KIB(64)
#define PIECE_BYTES    KIB(64)

struct answer {
    int fd;
    struct buf in; /* received, not yet used */
    bool chunked;
    bool ended;      /* the peer */
    uint64_t length; /* UINT64_MAX: until close */
    FILE *save;
    struct buf *out;
};

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
    int why = errno;
    close(fd);
    errno = why;
    return -1;
}

bool cli_connects(const char *socket_path)
{
    int fd = connect_to(socket_path);
    if (fd >= 0) close(fd);
    return fd >= 0;
}

static bool send_all(int fd, struct slice bytes)
{
    while (bytes.len > 0) {
        ssize_t sent = send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return false;
        bytes = slice_from(bytes, (size_t)sent);
    }
    return true;
}

/* An early answer ends the sending: it is read all the same. */
static void send_file(int fd, const struct cli_request *q)
{
    char piece[PIECE_BYTES];
    uint64_t sent = 0;
    while (sent < q->file_bytes) {
        size_t got = fread(piece, 1, sizeof piece, q->file);
        if (got == 0 || !send_all(fd, slice_of(piece, got))) return;
        sent += got;
    }
}

static bool receive(struct answer *a)
{
    if (a->ended) return false;
    if (!buf_reserve(&a->in, PIECE_BYTES)) return false;
    for (;;) {
        ssize_t got = recv(a->fd, a->in.ptr + a->in.len, PIECE_BYTES, 0);
        if (got < 0 && errno == EINTR) continue;
        a->ended = got <= 0;
        if (got > 0) a->in.len += (size_t)got;
        return got > 0;
    }
}

static bool give(struct answer *a, struct slice bytes)
{
    if (a->save) return fwrite(bytes.ptr, 1, bytes.len, a->save) == bytes.len;
    return buf_add(a->out, bytes);
}

/* Exactly `bytes` of body, or until the end for UINT64_MAX. */
static bool take_body(struct answer *a, uint64_t bytes)
{
    while (bytes > 0) {
        if (a->in.len == 0 && !receive(a)) return bytes == UINT64_MAX;
        size_t part = a->in.len < bytes ? a->in.len : (size_t)bytes;
        if (!give(a, slice_of(a->in.ptr, part))) return false;
        buf_drop_front(&a->in, part);
        if (bytes != UINT64_MAX) bytes -= part;
    }
    return true;
}

/* One line without its end; false when there is none. */
static bool take_line(struct answer *a, char *ret_line, size_t max)
{
    for (;;) {
        const char *end = a->in.len ? memchr(a->in.ptr, '\n', a->in.len) : NULL;
        if (end) {
            size_t len = (size_t)(end - a->in.ptr), used = len + 1;
            if (len && a->in.ptr[len - 1] == '\r') len--;
            if (len >= max) return false;
            memcpy(ret_line, a->in.ptr, len);
            ret_line[len] = '\0';
            buf_drop_front(&a->in, used);
            return true;
        }
        if (a->in.len > HEAD_BYTES_MAX || !receive(a)) return false;
    }
}

static bool take_chunks(struct answer *a)
{
    char line[64];
    for (;;) {
        if (!take_line(a, line, sizeof line)) return false;
        uint64_t bytes = strtoull(line, NULL, 16);
        if (!take_body(a, bytes) || !take_line(a, line, sizeof line)) return false;
        if (bytes == 0) return true;
    }
}

static bool take_head(struct answer *a, int *ret_status)
{
    char line[4096];
    int status = 0;
    do {
        if (!take_line(a, line, sizeof line) || strlen(line) < 12) return false;
        status = (int)strtol(line + 9, NULL, 10);
        a->length = UINT64_MAX;
        while (take_line(a, line, sizeof line) && line[0]) {
            if (strncasecmp(line, "content-length:", 15) == 0)
                a->length = strtoull(line + 15, NULL, 10);
            if (strncasecmp(line, "transfer-encoding:", 18) == 0) a->chunked = true;
        }
    } while (status == 100);
    *ret_status = status;
    return true;
}

static bool exchange(int fd, const struct cli_request *q, int *ret_status, struct buf *body_out)
{
    struct answer a = {.fd = fd, .out = body_out};
    struct buf head;
    buf_init(&a.in, MIB(1));
    buf_init(&head, MIB(1));
    uint64_t bytes = q->file ? q->file_bytes : q->body.len;
    buf_add_format(&head, "%s ", q->method);
    buf_add(&head, q->target);
    buf_add_format(&head, " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
    if (bytes)
        buf_add_format(&head, "Content-Type: application/json\r\nContent-Length: %llu\r\n",
                (unsigned long long)bytes);
    BUF_ADD(&head, "\r\n");
    buf_add(&head, q->body);
    if (send_all(fd, buf_slice(&head)) && q->file) send_file(fd, q);
    bool ok = take_head(&a, ret_status);
    if (ok && *ret_status == 200) a.save = q->save;
    if (ok) ok = a.chunked ? take_chunks(&a) : take_body(&a, a.length);
    buf_fini(&head);
    buf_fini(&a.in);
    return ok;
}

bool cli_http(const struct cli_request *q, int *ret_status, struct buf *body_out, char ret_why[256])
{
    int fd = connect_to(q->socket_path);
    if (fd < 0) {
        snprintf(ret_why, 256, "%.150s: %s", q->socket_path, strerror(errno));
        return false;
    }
    bool ok = exchange(fd, q, ret_status, body_out);
    if (!ok) snprintf(ret_why, 256, "the server closed the connection before its answer was whole");
    close(fd);
    return ok;
}
