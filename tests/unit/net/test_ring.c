/* The ring's promises, each checked on both back ends. */
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/check.h"
#include "net/ring.h"
#include "tests/unit/net/backends.h"

#define BUFFERS      4
#define BUFFER_BYTES 64
#define PAIRS_MAX    64

struct fixture {
    struct ring *ring;
    int client[PAIRS_MAX], server[PAIRS_MAX];
    struct ring_completion last[RING_OP_COUNT];
    int count[RING_OP_COUNT];
    char text[65536];
    size_t text_len;
    bool keep; /* buffers are not given back */
    int32_t kept[BUFFERS];
    int kept_count;
};

static enum ring_backend backend_under_test;

static struct ring_id id_of(int pair)
{
    return (struct ring_id){.slot = (uint32_t)pair, .generation = 0xfffffff0u + (uint32_t)pair % 8};
}

static void pair_open(int *ret_client, int *ret_server)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(a);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&a, len), 0);
    assert_int_equal(listen(listener, 8), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&a, &len), 0);
    *ret_client = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(*ret_client, (struct sockaddr *)&a, len), 0);
    *ret_server = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    assert_true(*ret_server >= 0);
    close(listener);
}

static int setup_with(void **state, uint32_t entries, int pairs)
{
    static struct fixture f;
    char why[RING_WHY_BYTES] = "";
    f = (struct fixture){.keep = false};
    const struct ring_options options = {.backend = backend_under_test,
            .entries = entries,
            .buffers = BUFFERS,
            .buffer_bytes = BUFFER_BYTES};
    for (int i = 0; i < PAIRS_MAX; i++)
        f.client[i] = f.server[i] = -1;
    f.ring = ring_open(&options, why);
    if (f.ring == NULL) {
        print_message("%s\n", why);
        return -1;
    }
    for (int i = 0; i < pairs; i++)
        pair_open(&f.client[i], &f.server[i]);
    *state = &f;
    return 0;
}

static int setup(void **state)
{
    return setup_with(state, 32, 2);
}

static int setup_tiny_queue(void **state)
{
    return setup_with(state, 4, PAIRS_MAX);
}

static void take(struct fixture *f, const struct ring_completion *c)
{
    f->count[c->op]++;
    f->last[c->op] = *c;
    if (c->buffer == RING_NO_BUFFER) return;
    struct slice bytes = ring_buffer(f->ring, c->buffer, c->result);
    if (f->text_len + bytes.len <= sizeof(f->text))
        memcpy(f->text + f->text_len, bytes.ptr, bytes.len);
    f->text_len += bytes.len;
    if (f->keep)
        f->kept[f->kept_count++] = c->buffer;
    else
        ring_buffer_return(f->ring, c->buffer);
}

static void turn(struct fixture *f, int timeout_ms)
{
    struct ring_completion done[16];
    size_t count = ring_wait(f->ring, timeout_ms, done, ARRAY_COUNT(done));
    for (size_t i = 0; i < count; i++)
        take(f, &done[i]);
}

/* Turns until op completed `count` times in all. */
static void await_op(struct fixture *f, enum ring_op op, int count)
{
    for (int i = 0; i < 200 && f->count[op] < count; i++)
        turn(f, 20);
    assert_int_equal(f->count[op], count);
}

static void await_text(struct fixture *f, size_t len)
{
    for (int i = 0; i < 200 && f->text_len < len; i++)
        turn(f, 20);
    assert_int_equal(f->text_len, len);
}

static void end_pair(struct fixture *f, int i)
{
    if (f->server[i] < 0) return;
    shutdown(f->server[i], SHUT_RDWR);
    int cancels = f->count[RING_CANCEL] + 1;
    ring_cancel_fd(f->ring, id_of(i), f->server[i]);
    await_op(f, RING_CANCEL, cancels);
    turn(f, 1);
    ring_close_fd(f->ring, f->server[i]);
    close(f->client[i]);
    f->server[i] = -1;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    f->keep = false;
    while (f->kept_count > 0)
        ring_buffer_return(f->ring, f->kept[--f->kept_count]);
    for (int i = 0; i < PAIRS_MAX; i++)
        end_pair(f, i);
    assert_int_equal(ring_buffers_free(f->ring), BUFFERS);
    ring_close(f->ring);
    return 0;
}

/* -- receiving */

static void test_recv__repeats_and_keeps_the_order(void **state)
{
    struct fixture *f = *state;
    ring_recv(f->ring, id_of(0), f->server[0]);
    for (int i = 0; i < 20; i++) {
        char line[8];
        snprintf(line, sizeof(line), "line %02d", i);
        assert_int_equal(send(f->client[0], line, 7, 0), 7);
        await_text(f, (size_t)(i + 1) * 7);
    }
    assert_memory_equal(f->text, "line 00line 01line 02", 21);
    assert_memory_equal(f->text + 19 * 7, "line 19", 7);
    assert_true(f->last[RING_RECV].more);
    assert_int_equal(f->last[RING_RECV].generation, id_of(0).generation);
}

static void test_recv__answers_0_once_at_the_end(void **state)
{
    struct fixture *f = *state;
    ring_recv(f->ring, id_of(0), f->server[0]);
    assert_int_equal(send(f->client[0], "bye", 3, 0), 3);
    shutdown(f->client[0], SHUT_WR);
    await_op(f, RING_RECV, 2);
    assert_int_equal(f->text_len, 3);
    assert_int_equal(f->last[RING_RECV].result, 0);
    assert_false(f->last[RING_RECV].more);
    turn(f, 20);
    assert_int_equal(f->count[RING_RECV], 2);
}

static void test_recv__armed_late_still_finds_the_end_behind_the_data(void **state)
{
    struct fixture *f = *state;
    ring_send(f->ring, id_of(0), f->server[0], SLICE("first"));
    await_op(f, RING_SEND, 1);
    assert_int_equal(send(f->client[0], "bye", 3, 0), 3);
    shutdown(f->client[0], SHUT_WR);
    turn(f, 20);
    turn(f, 20);
    ring_recv(f->ring, id_of(0), f->server[0]);
    await_op(f, RING_RECV, 2);
    assert_int_equal(f->text_len, 3);
    assert_int_equal(f->last[RING_RECV].result, 0);
}

static void test_recv__ends_without_buffers_and_goes_on_with_them(void **state)
{
    struct fixture *f = *state;
    char bytes[BUFFER_BYTES * 6];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)('a' + i % 26);
    f->keep = true;
    ring_recv(f->ring, id_of(0), f->server[0]);
    assert_int_equal(send(f->client[0], bytes, sizeof(bytes), 0), sizeof(bytes));
    await_op(f, RING_RECV, BUFFERS + 1);
    assert_int_equal(f->last[RING_RECV].result, -ENOBUFS);
    assert_false(f->last[RING_RECV].more);
    assert_int_equal(ring_buffers_free(f->ring), 0);
    while (f->kept_count > 0)
        ring_buffer_return(f->ring, f->kept[--f->kept_count]);
    f->keep = false;
    for (int i = 0; i < 50 && f->text_len < sizeof(bytes); i++) {
        if (!f->last[RING_RECV].more) ring_recv(f->ring, id_of(0), f->server[0]);
        f->last[RING_RECV].more = true;
        turn(f, 20);
    }
    assert_int_equal(f->text_len, sizeof(bytes));
    assert_memory_equal(f->text, bytes, sizeof(bytes));
}

static void test_recv__cancelled_completes_and_so_does_the_cancel(void **state)
{
    struct fixture *f = *state;
    ring_recv(f->ring, id_of(0), f->server[0]);
    ring_recv(f->ring, id_of(1), f->server[1]);
    turn(f, 0);
    ring_cancel(f->ring, id_of(0), f->server[0], RING_RECV);
    await_op(f, RING_CANCEL, 1);
    await_op(f, RING_RECV, 1);
    assert_int_equal(f->last[RING_RECV].result, -ECANCELED);
    assert_int_equal(f->last[RING_RECV].slot, 0);
    assert_false(f->last[RING_RECV].more);
    assert_int_equal(send(f->client[0], "later", 5, 0), 5);
    turn(f, 20);
    assert_int_equal(f->text_len, 0);
    ring_recv(f->ring, id_of(0), f->server[0]);
    await_text(f, 5);
}

static void test_cancel__of_nothing_completes_too(void **state)
{
    struct fixture *f = *state;
    ring_cancel(f->ring, id_of(1), f->server[1], RING_SEND);
    await_op(f, RING_CANCEL, 1);
    assert_int_equal(f->last[RING_CANCEL].slot, 1);
}

/* -- sending */

static void test_send__gives_the_bytes_to_the_peer(void **state)
{
    struct fixture *f = *state;
    char back[16];
    ring_send(f->ring, id_of(0), f->server[0], SLICE("hello, peer"));
    await_op(f, RING_SEND, 1);
    assert_int_equal(f->last[RING_SEND].result, 11);
    assert_int_equal(recv(f->client[0], back, sizeof(back), 0), 11);
    assert_memory_equal(back, "hello, peer", 11);
}

static void test_send__is_short_then_waits_for_a_peer_that_does_not_read(void **state)
{
    static char bytes[8 << 20];
    struct fixture *f = *state;
    size_t sent = 0;
    int sends = 0;
    for (; sends < 100; sends++) {
        ring_send(f->ring, id_of(0), f->server[0], slice_of(bytes, sizeof(bytes)));
        for (int i = 0; i < 5 && f->count[RING_SEND] == sends; i++)
            turn(f, 20);
        if (f->count[RING_SEND] == sends) break; /* it waits */
        assert_true(f->last[RING_SEND].result > 0);
        sent += (size_t)f->last[RING_SEND].result;
    }
    assert_true(sent > 0 && sent < sizeof(bytes) * 100);
    ring_cancel(f->ring, id_of(0), f->server[0], RING_SEND);
    await_op(f, RING_CANCEL, 1);
    await_op(f, RING_SEND, sends + 1);
    assert_int_equal(f->last[RING_SEND].result, -ECANCELED);
}

static void test_send__to_a_peer_that_reset_fails_without_a_signal(void **state)
{
    struct fixture *f = *state;
    struct linger hard = {.l_onoff = 1, .l_linger = 0};
    setsockopt(f->client[0], SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
    close(f->client[0]);
    f->client[0] = -1;
    for (int i = 1; i <= 3; i++) {
        ring_send(f->ring, id_of(0), f->server[0], SLICE("anybody there?"));
        await_op(f, RING_SEND, i);
    }
    int32_t result = f->last[RING_SEND].result;
    assert_true(result == -EPIPE || result == -ECONNRESET);
}

static void test_queue__of_4_entries_loses_no_request(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < PAIRS_MAX; i++) {
        ring_recv(f->ring, id_of(i), f->server[i]);
        ring_send(f->ring, id_of(i), f->server[i], SLICE("many"));
    }
    await_op(f, RING_SEND, PAIRS_MAX);
    for (int i = 0; i < PAIRS_MAX; i++) {
        char back[8];
        assert_int_equal(recv(f->client[i], back, sizeof(back), MSG_DONTWAIT), 4);
    }
}

/* -- accepting, closing, waking */

static void test_accept__repeats_and_gives_non_blocking_descriptors(void **state)
{
    struct fixture *f = *state;
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(a);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&a, len), 0);
    assert_int_equal(listen(listener, 8), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&a, &len), 0);
    const struct ring_id id = {.slot = RING_SLOT_MAX, .generation = 1};
    ring_accept(f->ring, id, listener);
    for (int i = 1; i <= 3; i++) {
        int client = socket(AF_INET, SOCK_STREAM, 0);
        assert_int_equal(connect(client, (struct sockaddr *)&a, len), 0);
        await_op(f, RING_ACCEPT, i);
        assert_true(f->last[RING_ACCEPT].result >= 0 && f->last[RING_ACCEPT].more);
        assert_int_equal(f->last[RING_ACCEPT].slot, RING_SLOT_MAX);
        char byte;
        assert_int_equal(recv(f->last[RING_ACCEPT].result, &byte, 1, 0), -1);
        assert_int_equal(errno, EAGAIN);
        close(f->last[RING_ACCEPT].result);
        close(client);
    }
    ring_cancel_fd(f->ring, id, listener);
    await_op(f, RING_CANCEL, 1);
    await_op(f, RING_ACCEPT, 4);
    assert_true(f->last[RING_ACCEPT].result < 0 && !f->last[RING_ACCEPT].more);
    ring_close_fd(f->ring, listener);
}

static void test_close__lets_the_peer_see_the_end_though_a_receive_was_armed(void **state)
{
    struct fixture *f = *state;
    char byte;
    ring_recv(f->ring, id_of(0), f->server[0]);
    turn(f, 0);
    shutdown(f->server[0], SHUT_RDWR);
    ring_cancel_fd(f->ring, id_of(0), f->server[0]);
    await_op(f, RING_CANCEL, 1);
    await_op(f, RING_RECV, 1);
    ring_close_fd(f->ring, f->server[0]);
    assert_int_equal(recv(f->client[0], &byte, 1, 0), 0);
    close(f->client[0]);
    f->server[0] = -1;
}

static void *wake_soon(void *context)
{
    const struct timespec moment = {.tv_nsec = 20000000};
    nanosleep(&moment, NULL);
    ring_wake(context);
    return NULL;
}

static int64_t now_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void test_wake__ends_a_wait_from_another_thread_each_time(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 3; i++) {
        pthread_t thread;
        int64_t before = now_ms();
        assert_int_equal(pthread_create(&thread, NULL, wake_soon, f->ring), 0);
        turn(f, 5000);
        pthread_join(thread, NULL);
        assert_true(now_ms() - before < 2500);
    }
}

static void test_wait__lasts_as_long_as_asked(void **state)
{
    struct fixture *f = *state;
    turn(f, 0);
    int64_t before = now_ms();
    turn(f, 50);
    int64_t waited = now_ms() - before;
    assert_true(waited >= 45 && waited < 1000);
}

/* -- the probe */

static void test_probe__takes_what_was_asked_and_says_why(void **state)
{
    char why[RING_WHY_BYTES] = "";
    (void)state;
    assert_int_equal(ring_probe(RING_EPOLL, why), RING_EPOLL);
    assert_string_equal(why, "as configured");
    enum ring_backend chosen = ring_probe(RING_AUTO, why);
    assert_true(chosen == RING_URING || chosen == RING_EPOLL);
    assert_true(strlen(why) > 0);
    print_message("probe: %s, %s\n", ring_backend_name(chosen), why);
}

#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

static int run(enum ring_backend backend)
{
    const struct CMUnitTest tests[] = {
            CASE(recv__repeats_and_keeps_the_order),
            CASE(recv__answers_0_once_at_the_end),
            CASE(recv__armed_late_still_finds_the_end_behind_the_data),
            CASE(recv__ends_without_buffers_and_goes_on_with_them),
            CASE(recv__cancelled_completes_and_so_does_the_cancel),
            CASE(cancel__of_nothing_completes_too),
            CASE(send__gives_the_bytes_to_the_peer),
            CASE(send__is_short_then_waits_for_a_peer_that_does_not_read),
            CASE(send__to_a_peer_that_reset_fails_without_a_signal),
            cmocka_unit_test_setup_teardown(
                    test_queue__of_4_entries_loses_no_request, setup_tiny_queue, teardown),
            CASE(accept__repeats_and_gives_non_blocking_descriptors),
            CASE(close__lets_the_peer_see_the_end_though_a_receive_was_armed),
            CASE(wake__ends_a_wait_from_another_thread_each_time),
            CASE(wait__lasts_as_long_as_asked),
    };
    backend_under_test = backend;
    return cmocka_run_group_tests_name(ring_backend_name(backend), tests, NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest probe[] = {
            cmocka_unit_test(test_probe__takes_what_was_asked_and_says_why)};
    return cmocka_run_group_tests_name("probe", probe, NULL, NULL) + on_every_backend(run);
}
