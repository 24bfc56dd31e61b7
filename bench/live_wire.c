#include "bench/live_wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

#define INPUT_BYTES 65536

static int poller = -1;

void die(const char *what)
{
    fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
    exit(1);
}

double clock_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (n < 0) die("send");
        bytes += n;
        len -= (size_t)n;
    }
}

/* A masked text frame; the mask is zero, which a server may not tell from any other. */
size_t frame(char *out, const char *text, size_t len)
{
    size_t at = 0;
    out[at++] = (char)0x81;
    if (len < 126) {
        out[at++] = (char)(0x80 | len);
    } else {
        out[at++] = (char)(0x80 | 126);
        out[at++] = (char)(len >> 8);
        out[at++] = (char)len;
    }
    memset(out + at, 0, 4);
    memcpy(out + at + 4, text, len);
    return at + 4 + len;
}

void say(struct peer *p, const char *text)
{
    char out[1024];
    write_all(p->fd, out, frame(out, text, strlen(text)));
}

static int dial(int port)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0) die("connect");
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

bool begins(const char *bytes, size_t len, const char *with)
{
    return len >= strlen(with) && memcmp(bytes, with, strlen(with)) == 0;
}

void upgrade(struct peer *p, int port, const char *board)
{
    p->fd = dial(port);
    char text[512];
    int n = snprintf(text, sizeof text,
            "GET /v1/boards/%s/live HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: tavla.v1\r\n\r\n",
            board, port);
    write_all(p->fd, text, (size_t)n);
    size_t got = 0;
    while (got < 4 || !memmem(text, got, "\r\n\r\n", 4)) {
        /* byte by byte: nothing of the first frame is taken */
        ssize_t r = recv(p->fd, text + got, 1, 0);
        if (r <= 0 || ++got >= sizeof text) die("upgrade");
    }
    if (memcmp(text, "HTTP/1.1 101", 12) != 0) {
        fprintf(stderr, "bench: %.*s\n", (int)got, text);
        exit(1);
    }
    if (poller < 0 && (poller = epoll_create1(EPOLL_CLOEXEC)) < 0) die("epoll");
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = p};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, p->fd, &e) != 0) die("epoll_ctl");
}

/* A server hangs up on who does not answer a ping. */
static void pong(const struct peer *p, const char *payload, size_t len)
{
    char out[6 + 125] = {(char)0x8a, (char)(0x80 | len)};
    memcpy(out + 6, payload, len);
    write_all(p->fd, out, 6 + len);
}

/* Bytes wanted in p->head: of the frame's head, then also of its payload as much as fits. Once they
 * are all there the frame is seen, and what remains of it is skipped. */
static size_t frame_want(struct peer *p)
{
    if (p->used < 2) return 2;
    unsigned small = (unsigned char)p->head[1] & 0x7f;
    size_t head = small < 126 ? 2 : small == 126 ? 4 : 10;
    if (p->used < head) return head;
    uint64_t size = small < 126 ? small : 0;
    for (size_t i = 2; i < head; i++)
        size = size << 8 | (unsigned char)p->head[i];
    uint64_t keep = size < sizeof p->head - head ? size : sizeof p->head - head;
    if (p->used < head + keep) return head + (size_t)keep;
    if ((p->head[0] & 0x0f) == 9)
        pong(p, p->head + head, (size_t)keep); /* 125 bytes at most: all of them */
    else
        frame_seen(p, p->head + head, (size_t)keep, size);
    p->skip = size - keep;
    p->used = 0;
    return 0;
}

static void take(struct peer *p, const char *bytes, size_t len)
{
    while (len > 0) {
        size_t n = p->skip < len ? (size_t)p->skip : len;
        p->skip -= n;
        bytes += n;
        len -= n;
        /* A frame that ends with this input is seen now: the last call may bring no byte. */
        for (size_t want; p->skip == 0 && (want = frame_want(p)) > 0 && len > 0;) {
            n = want - p->used < len ? want - p->used : len;
            memcpy(p->head + p->used, bytes, n);
            p->used += n;
            bytes += n;
            len -= n;
        }
    }
}

void pump(int timeout_ms)
{
    static char input[INPUT_BYTES];
    struct epoll_event events[256];
    int n = epoll_wait(poller, events, 256, timeout_ms);
    for (int i = 0; i < n; i++) {
        struct peer *p = events[i].data.ptr;
        ssize_t r = recv(p->fd, input, sizeof input, MSG_DONTWAIT);
        if (r == 0 || (r < 0 && errno != EAGAIN && errno != EINTR)) die("a connection ended");
        if (r > 0) take(p, input, (size_t)r);
    }
}

void join_all(const char *tokens)
{
    for (unsigned i = 0; i < peer_count; i++) {
        char text[512];
        size_t len = strcspn(tokens, ",");
        snprintf(text, sizeof text,
                "{\"t\":\"hello\",\"v\":1,\"cl\":\"bench%u\",\"inst\":\"i%u\",\"token\":\"%.*s\"}",
                i, i, (int)len, tokens);
        if ((i + 1) % CONNS_A_TOKEN == 0 && tokens[len] == ',') tokens += len + 1;
        say(&peers[i], text);
        say(&peers[i], "{\"t\":\"sub\",\"id\":1}");
    }
    for (double give_up = clock_s() + 60;;) {
        unsigned live = 0;
        for (unsigned i = 0; i < peer_count; i++)
            live += peers[i].live;
        if (live == peer_count) return;
        if (clock_s() > give_up) die("not all became live");
        pump(100);
    }
}
