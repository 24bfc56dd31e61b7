/* fixture.h - one loop on its own thread and clients over loopback sockets, for test_conn and
 * test_feed. */
#ifndef TAVLA_TESTS_NET_FIXTURE_H
#define TAVLA_TESTS_NET_FIXTURE_H

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/metric.h"
#include "net/feed.h"
#include "net/listen.h"
#include "net/loop.h"

#define CLIENT_WAIT_MS 4000

static enum ring_backend backend_under_test;
static struct loop *loop;
static uint16_t port;

static inline int64_t clock_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static inline void nap_ms(int64_t ms)
{
    const struct timespec ts = {.tv_sec = ms / 1000, .tv_nsec = (ms % 1000) * 1000000};
    nanosleep(&ts, NULL);
}

/* -- work on the loop's thread */

struct task {
    struct mail mail;
    void (*fn)(struct loop *loop, void *context);
    void *context;
    struct doorbell done;
};

static inline void task_mail(struct loop *l, struct mail *mail)
{
    struct task *t = (struct task *)(void *)mail;
    t->fn(l, t->context);
    doorbell_ring(&t->done);
}

static inline void on_loop(void (*fn)(struct loop *loop, void *context), void *context)
{
    struct task t = {.fn = fn, .context = context};
    doorbell_init(&t.done);
    assert_true(loop_post(loop, &t.mail));
    doorbell_wait(&t.done, -1);
}

static inline void loop_begin(
        const struct loop_hooks *hooks, const struct conn_handler *handler, uint32_t conns_max)
{
    char why[RING_WHY_BYTES] = "";
    int fd = -1;
    const struct loop_options options = {.backend = backend_under_test,
            .conns_max = conns_max,
            .hooks = hooks,
            .handler = handler};
    loop = loop_open(&options, why);
    if (loop == NULL) print_message("%s\n", why);
    assert_non_null(loop);
    assert_true(listen_tcp(SLICE("127.0.0.1:0"), 1, &fd, why));
    port = listen_port(fd);
    loop_listen(loop, fd, false);
}

static inline void loop_end(void)
{
    loop_stop(loop, 1000);
    loop = loop_close(loop);
    assert_int_equal(atomic_load(&metric_values[METRIC_connections]), 0);
    assert_int_equal(atomic_load(&metric_values[METRIC_live_subscribers]), 0);
    assert_int_equal(atomic_load(&metric_values[METRIC_stale_completions_total]), 0);
}

/* -- clients */

static inline int dial_with(int recv_buffer)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
            .sin_port = htons(port),
            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct timeval wait = {.tv_sec = CLIENT_WAIT_MS / 1000};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (recv_buffer) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &recv_buffer, sizeof(recv_buffer));
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
    assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
    return fd;
}

static inline int dial(void)
{
    return dial_with(0);
}

static inline void say_bytes(int fd, const void *bytes, size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t n = send(fd, (const char *)bytes + done, len - done, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        assert_true(n > 0);
        done += (size_t)n;
    }
}

static inline void say(int fd, const char *text)
{
    say_bytes(fd, text, strlen(text));
}

static inline void hear(int fd, void *ret, size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t n = recv(fd, (char *)ret + done, len - done, 0);
        if (n < 0 && errno == EINTR) continue; /* a ring once used on this thread may interrupt */
        if (n <= 0)
            fail_msg("got %zu of %zu bytes: %s", done, len, n == 0 ? "end" : strerror(errno));
        done += (size_t)n;
    }
}

/* Everything until the peer's end. */
static inline size_t hear_end(int fd, char *ret, size_t max)
{
    size_t done = 0;
    for (;;) {
        assert_true(done < max);
        ssize_t n = recv(fd, ret + done, max - done - 1, 0);
        if (n < 0 && errno == ECONNRESET) break;
        if (n < 0 && errno == EINTR) continue;
        assert_true(n >= 0);
        if (n == 0) break;
        done += (size_t)n;
    }
    ret[done] = 0;
    return done;
}

/* A response's head, with its final empty line, and its body by Content-Length. */
static inline void hear_answer(int fd, char *ret, size_t max)
{
    size_t len = 0;
    while (len < 4 || memcmp(ret + len - 4, "\r\n\r\n", 4) != 0) {
        assert_true(len + 2 < max);
        hear(fd, ret + len, 1);
        ret[++len] = 0;
    }
    const char *field = strstr(ret, "Content-Length: ");
    size_t body = field ? strtoul(field + 16, NULL, 10) : 0;
    assert_true(len + body < max);
    hear(fd, ret + len, body);
    ret[len + body] = 0;
}

/* -- WebSocket clients */

static inline size_t ws_client_frame(uint8_t *out, uint8_t first, const void *payload, size_t len)
{
    const uint8_t mask[4] = {0x12, 0x34, 0x56, 0x78};
    size_t at = 0;
    out[at++] = first;
    if (len < 126) {
        out[at++] = (uint8_t)(0x80 | len);
    } else if (len < 65536) {
        out[at++] = 0x80 | 126;
        out[at++] = (uint8_t)(len >> 8);
        out[at++] = (uint8_t)len;
    } else {
        out[at++] = 0x80 | 127;
        for (int i = 7; i >= 0; i--)
            out[at++] = (uint8_t)((uint64_t)len >> (8 * i));
    }
    memcpy(out + at, mask, 4);
    at += 4;
    for (size_t i = 0; i < len; i++)
        out[at++] = ((const uint8_t *)payload)[i] ^ mask[i & 3];
    return at;
}

static inline void ws_say(int fd, uint8_t first, const void *payload, size_t len)
{
    uint8_t *frame = mem_new(len + 14);
    say_bytes(fd, frame, ws_client_frame(frame, first, payload, len));
    mem_free(frame);
}

static inline void ws_say_text(int fd, const char *text)
{
    ws_say(fd, 0x81, text, strlen(text));
}

/* One frame; returns the first byte. */
static inline uint8_t ws_hear(int fd, char *ret, size_t max, size_t *ret_len)
{
    uint8_t head[10];
    hear(fd, head, 2);
    size_t len = head[1] & 0x7f;
    assert_int_equal(head[1] & 0x80, 0);
    if (len == 126) {
        hear(fd, head + 2, 2);
        len = (size_t)head[2] << 8 | head[3];
    } else if (len == 127) {
        hear(fd, head + 2, 8);
        len = 0;
        for (int i = 0; i < 8; i++)
            len = len << 8 | head[2 + i];
    }
    assert_true(len < max);
    hear(fd, ret, len);
    ret[len] = 0;
    if (ret_len) *ret_len = len;
    return head[0];
}

/* The same behind pings, which are answered: the clocks of a tiny build are quick. */
static inline uint8_t ws_hear_data(int fd, char *ret, size_t max, size_t *ret_len)
{
    for (;;) {
        uint8_t first = ws_hear(fd, ret, max, ret_len);
        if (first != 0x89) return first;
        ws_say(fd, 0x8a, "", 0);
    }
}

static inline void ws_hear_text(int fd, const char *expected)
{
    char text[4096];
    assert_int_equal(ws_hear_data(fd, text, sizeof(text), NULL), 0x81);
    assert_string_equal(text, expected);
}

static inline void ws_hear_close(int fd, int code)
{
    char text[256];
    size_t len;
    assert_int_equal(ws_hear(fd, text, sizeof(text), &len), 0x88);
    assert_true(len >= 2);
    assert_int_equal((uint8_t)text[0] << 8 | (uint8_t)text[1], code);
}

#define UPGRADE                                                                                    \
    "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"         \
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"                 \
    "Sec-WebSocket-Protocol: tavla.v1\r\n\r\n"

static inline int ws_dial_with(int recv_buffer)
{
    char head[1024];
    int fd = dial_with(recv_buffer);
    say(fd, UPGRADE);
    hear_answer(fd, head, sizeof(head));
    assert_non_null(strstr(head, "HTTP/1.1 101 "));
    assert_non_null(strstr(head, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    return fd;
}

static inline int ws_dial(void)
{
    return ws_dial_with(0);
}

/* Upgrades any request. */
static inline void upgrade(
        struct conn *conn, const struct http_request *request, size_t message_bytes_max)
{
    char accept[WS_ACCEPT_CHARS + 1];
    bool chosen;
    struct fault fault;
    assert_int_equal(ws_open_check(request, SLICE("tavla.v1"), accept, &chosen, &fault), ERR_OK);
    conn_upgrade(conn, accept, chosen ? "tavla.v1" : NULL, message_bytes_max);
}

#endif
