/* A connection over real sockets, each promise on both back ends. */
#include "tests/unit/net/backends.h"
#include "tests/unit/net/fixture.h"

#define MESSAGE_MAX 4096
#define CONNS       24

static _Atomic int closed_count;
static _Atomic int drained_count;
/* the connection whose request is answered later: slot | generation */
static _Atomic uint64_t waiting;
static _Atomic uint64_t live; /* the last upgraded */
static size_t body_bytes;
static uint32_t body_sum;
static char body_text[65536];

static uint64_t pack(struct conn_handle handle)
{
    return (uint64_t)handle.slot << 32 | handle.generation;
}

static struct conn *unpack(struct loop *l, uint64_t packed)
{
    return loop_conn(l,
            (struct conn_handle){.slot = (uint32_t)(packed >> 32), .generation = (uint32_t)packed});
}

/* -- the handler: a little echo server */

static void answer_text(struct conn *conn, int status, struct slice text, bool close)
{
    const struct http_answer answer = {
            .status = status, .content_type = SLICE("text/plain"), .body = text, .close = close};
    conn_answer(conn, &answer);
}

static void answer_stream(struct conn *conn)
{
    const struct http_answer head = {.status = 200, .content_type = SLICE("text/plain")};
    conn_answer_begin(conn, &head);
    conn_answer_piece(conn, SLICE("one,"));
    conn_answer_piece(conn, SLICE("two"));
    conn_answer_end(conn);
}

static void on_request(struct conn *conn, const struct http_request *q)
{
    body_bytes = body_sum = 0;
    if (slice_eq(q->path, SLICE("/ws"))) {
        upgrade(conn, q, MESSAGE_MAX);
        live = pack(conn_handle(conn));
    } else if (slice_eq(q->path, SLICE("/later"))) {
        waiting = pack(conn_handle(conn));
    } else if (slice_eq(q->path, SLICE("/stream"))) {
        answer_stream(conn);
    } else if (slice_eq(q->path, SLICE("/abort"))) {
        conn_abort(conn);
    } else if (slice_eq(q->path, SLICE("/refuse"))) {
        answer_text(conn, 413, SLICE("no"), false);
    } else if (!slice_eq(q->method, SLICE("POST"))) {
        answer_text(conn, 200, q->target, false);
    }
}

static bool on_line_grow(struct conn *conn, struct slice line)
{
    (void)conn;
    return slice_starts(line, SLICE("GET /1/"));
}

static void on_body(struct conn *conn, struct slice piece, bool end)
{
    if (body_bytes + piece.len <= sizeof(body_text)) {
        memcpy(body_text + body_bytes, piece.ptr, piece.len);
    }
    for (size_t i = 0; i < piece.len; i++)
        body_sum = body_sum * 31 + (uint8_t)piece.ptr[i];
    body_bytes += piece.len;
    if (!end) return;
    char sum[32];
    int len = snprintf(sum, sizeof(sum), "%zu %u", body_bytes, body_sum);
    bool whole = body_bytes <= sizeof(body_text);
    answer_text(
            conn, 200, whole ? slice_of(body_text, body_bytes) : slice_of(sum, (size_t)len), false);
}

static void on_user_timer(struct conn *conn)
{
    conn_send(conn, SLICE("rang"), CONN_NO_BARRIER);
}

static void on_message(struct conn *conn, struct slice text)
{
    if (slice_eq(text, SLICE("pause"))) conn_pause(conn);
    if (slice_eq(text, SLICE("bye"))) conn_close(conn, 4001, SLICE("stop"));
    if (slice_eq(text, SLICE("abort"))) conn_abort(conn);
    if (slice_eq(text, SLICE("timer"))) conn_timer(conn, 30, on_user_timer);
    conn_send(conn, text, CONN_NO_BARRIER);
}

static void on_drained(struct conn *conn)
{
    (void)conn;
    drained_count++;
}

static void on_closed(struct conn *conn)
{
    assert_true(conn_peer(conn).len > 0);
    closed_count++;
}

static const struct conn_handler handler = {
        .request = on_request,
        .line_grow = on_line_grow,
        .body = on_body,
        .message = on_message,
        .drained = on_drained,
        .closed = on_closed,
};
static const struct loop_hooks hooks = {.mail = task_mail};

static int setup(void **state)
{
    (void)state;
    closed_count = 0;
    drained_count = 0;
    loop_begin(&hooks, &handler, CONNS);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    loop_end();
    return 0;
}

static void await_closed(int count)
{
    for (int i = 0; i < 300 && closed_count < count; i++)
        nap_ms(10);
    assert_int_equal(closed_count, count);
}

/* -- HTTP */

static void test_http__keeps_the_connection_for_the_next_request(void **state)
{
    (void)state;
    char text[2048];
    int fd = dial();
    for (int i = 0; i < 3; i++) {
        say(fd, "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
        hear_answer(fd, text, sizeof(text));
        assert_non_null(strstr(text, "HTTP/1.1 200 OK\r\n"));
        assert_non_null(strstr(text, "\r\n\r\n/hello"));
    }
    close(fd);
    await_closed(1);
}

static void test_http__answers_the_same_at_every_cut(void **state)
{
    (void)state;
    char text[2048];
    const char request[] = "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
    for (size_t cut = 1; cut + 1 < sizeof(request); cut++) {
        int fd = dial();
        say_bytes(fd, request, cut);
        nap_ms(1);
        say_bytes(fd, request + cut, sizeof(request) - 1 - cut);
        hear_answer(fd, text, sizeof(text));
        assert_non_null(strstr(text, "\r\n\r\nhello"));
        close(fd);
    }
}

static void test_http__answers_pipelined_requests_in_order(void **state)
{
    (void)state;
    static char requests[400 * 64];
    char text[2048], expected[64];
    size_t len = 0;
    for (int i = 0; i < 400; i++) {
        len += (size_t)snprintf(
                requests + len, sizeof(requests) - len, "GET /p%d HTTP/1.1\r\nHost: a\r\n\r\n", i);
    }
    int fd = dial();
    say_bytes(fd, requests, len);
    for (int i = 0; i < 400; i++) {
        hear_answer(fd, text, sizeof(text));
        snprintf(expected, sizeof(expected), "\r\n\r\n/p%d", i);
        assert_non_null(strstr(text, expected));
    }
    close(fd);
}

static void answer_waiting(struct loop *l, void *context)
{
    struct conn *conn = unpack(l, waiting);
    (void)context;
    assert_non_null(conn);
    answer_text(conn, 200, SLICE("at last"), false);
}

static void test_http__parses_nothing_before_the_answer_was_given(void **state)
{
    (void)state;
    char text[2048];
    int fd = dial();
    say(fd, "GET /later HTTP/1.1\r\nHost: a\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n");
    struct pollfd p = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&p, 1, 100), 0);
    on_loop(answer_waiting, NULL);
    hear_answer(fd, text, sizeof(text));
    assert_non_null(strstr(text, "at last"));
    hear_answer(fd, text, sizeof(text));
    assert_non_null(strstr(text, "/next"));
    close(fd);
}

static void test_http__answers_a_peer_that_shut_its_side_down(void **state)
{
    (void)state;
    char text[2048];
    int fd = dial();
    say(fd, "GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
    shutdown(fd, SHUT_WR);
    nap_ms(50);
    on_loop(answer_waiting, NULL);
    hear_end(fd, text, sizeof(text));
    assert_non_null(strstr(text, "at last"));
    close(fd);
    await_closed(1);
}

static void test_http__answers_a_broken_request_once_and_closes(void **state)
{
    (void)state;
    char text[4096];
    int fd = dial();
    say(fd, "GET /a HTTP/1.1\r\nHost : a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n");
    hear_end(fd, text, sizeof(text));
    assert_non_null(strstr(text, "HTTP/1.1 400 "));
    assert_null(strstr(text, "/b"));
    assert_null(strstr(text + 1, "HTTP/1.1 "));
    close(fd);
    await_closed(1);
}

static void test_http__streams_in_chunks_and_until_close_for_1_0(void **state)
{
    (void)state;
    char text[2048];
    int fd = dial();
    say(fd, "GET /stream HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    hear_end(fd, text, sizeof(text));
    assert_non_null(strstr(text, "Transfer-Encoding: chunked\r\n"));
    assert_non_null(strstr(text, "\r\n\r\n4\r\none,\r\n3\r\ntwo\r\n0\r\n\r\n"));
    close(fd);
    fd = dial();
    say(fd, "GET /stream HTTP/1.0\r\nHost: a\r\n\r\n");
    hear_end(fd, text, sizeof(text));
    assert_non_null(strstr(text, "\r\n\r\none,two"));
    assert_null(strstr(text, "chunked"));
    close(fd);
}

static void test_http__head_has_the_length_but_no_body(void **state)
{
    (void)state;
    char text[2048];
    int fd = dial();
    say(fd, "HEAD /abcde HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    hear_end(fd, text, sizeof(text));
    assert_non_null(strstr(text, "Content-Length: 6\r\n"));
    assert_string_equal(text + strlen(text) - 4, "\r\n\r\n");
    close(fd);
}

static void test_http__closes_when_the_answer_came_before_the_body(void **state)
{
    (void)state;
    char text[2048];
    int fd = dial();
    say(fd, "POST /refuse HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
    say(fd, "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
    hear_end(fd, text, sizeof(text));
    assert_non_null(strstr(text, "HTTP/1.1 413 "));
    assert_non_null(strstr(text, "Connection: close\r\n"));
    assert_null(strstr(text, "smuggled"));
    close(fd);
}

static void test_http__asks_for_the_body_that_waits_for_it(void **state)
{
    (void)state;
    char text[2048];
    int fd = dial();
    say(fd, "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    hear_answer(fd, text, sizeof(text));
    assert_non_null(strstr(text, "HTTP/1.1 100 "));
    say(fd, "abc");
    hear_answer(fd, text, sizeof(text));
    assert_non_null(strstr(text, "\r\n\r\nabc"));
    close(fd);
}

static void test_http__lets_a_long_line_grow_only_where_allowed(void **state)
{
    (void)state;
    static char request[HTTP_LINE_BYTES_MAX + 30000], text[HTTP_LINE_BYTES_MAX + 40000];
    for (int allowed = 0; allowed < 2; allowed++) {
        size_t len = (size_t)snprintf(request, sizeof(request), "GET %s", allowed ? "/1/" : "/2/");
        memset(request + len, 'x', HTTP_LINE_BYTES_MAX + 20000);
        len += HTTP_LINE_BYTES_MAX + 20000;
        len += (size_t)snprintf(request + len, sizeof(request) - len,
                " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        int fd = dial();
        say_bytes(fd, request, len);
        hear_end(fd, text, sizeof(text));
        assert_non_null(strstr(text, allowed ? "HTTP/1.1 200 " : "HTTP/1.1 431 "));
        close(fd);
    }
}

static void test_http__a_head_that_stops_coming_is_answered_408(void **state)
{
    (void)state;
    char text[2048];
    int fd = dial(), silent = dial(), body = dial();
    say(fd, "GET / HTTP/1.1\r\nHo");
    say(body, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
    hear_end(fd, text, sizeof(text));
    assert_non_null(strstr(text, "HTTP/1.1 408 "));
    hear_end(body, text, sizeof(text));
    assert_non_null(strstr(text, "HTTP/1.1 408 "));
    assert_int_equal(hear_end(silent, text, sizeof(text)), 0);
    close(fd);
    close(silent);
    close(body);
    await_closed(3);
}

static void test_http__an_idle_connection_ends_without_a_word(void **state)
{
    (void)state;
    char text[2048];
    int fd = dial();
    say(fd, "GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
    hear_answer(fd, text, sizeof(text));
    int64_t before = clock_ms();
    assert_int_equal(hear_end(fd, text, sizeof(text)), 0);
    assert_true(clock_ms() - before >= HTTP_IDLE_TIMEOUT_MS - 50);
    close(fd);
}

/* -- WebSocket */

static void test_ws__echoes_messages_cut_anywhere(void **state)
{
    (void)state;
    uint8_t frame[64];
    size_t len = ws_client_frame(frame, 0x81, "h\xc3\xa9llo", 6);
    for (size_t cut = 1; cut < len; cut++) {
        int fd = ws_dial();
        say_bytes(fd, frame, cut);
        nap_ms(1);
        say_bytes(fd, frame + cut, len - cut);
        ws_hear_text(fd, "h\xc3\xa9llo");
        close(fd);
    }
}

static void test_ws__takes_a_message_sent_with_the_upgrade(void **state)
{
    (void)state;
    char head[1024];
    uint8_t bytes[1024];
    size_t len = strlen(UPGRADE);
    memcpy(bytes, UPGRADE, len);
    len += ws_client_frame(bytes + len, 0x81, "early", 5);
    int fd = dial();
    say_bytes(fd, bytes, len);
    hear_answer(fd, head, sizeof(head));
    ws_hear_text(fd, "early");
    close(fd);
}

static void expect_close(uint8_t first, const void *payload, size_t len, int code)
{
    char rest[512];
    int fd = ws_dial();
    ws_say(fd, first, payload, len);
    ws_hear_close(fd, code);
    assert_int_equal(hear_end(fd, rest, sizeof(rest)), 0);
    close(fd);
}

static void test_ws__closes_with_the_code_of_the_fault(void **state)
{
    (void)state;
    static char big[MESSAGE_MAX + 1];
    memset(big, 'x', sizeof(big));
    expect_close(0x81, big, sizeof(big), 1009);
    expect_close(0x81, "\xff", 1, 1007);
    expect_close(0x82, "binary", 6, 1003);
    expect_close(0xc1, "rsv", 3, 1002);
    expect_close(0x88, "\x03\xe8", 2, 1000);
    expect_close(0x88, "\x03\xed", 2, 1002);
    expect_close(0x81, "bye", 3, 4001);
    int fd = ws_dial();
    say_bytes(fd, "\x81\x02hi", 4);
    ws_hear_close(fd, 1002);
    close(fd);
    await_closed(8);
}

static void test_ws__answers_a_flood_of_pings_with_the_last_ones(void **state)
{
    (void)state;
    char text[256];
    size_t len;
    int fd = ws_dial();
    for (int i = 0; i < 2000; i++) {
        char number[8];
        ws_say(fd, 0x89, number, (size_t)snprintf(number, sizeof(number), "%04d", i));
    }
    int pongs = 0;
    do {
        assert_int_equal(ws_hear(fd, text, sizeof(text), &len), 0x8a);
        pongs++;
    } while (strcmp(text, "1999") != 0);
    assert_true(pongs <= 2000);
    ws_say_text(fd, "still here");
    ws_hear_text(fd, "still here");
    close(fd);
}

static void resume_live(struct loop *l, void *context)
{
    (void)context;
    conn_resume(unpack(l, live));
}

static void test_ws__a_paused_connection_is_not_read_and_loses_nothing(void **state)
{
    (void)state;
    static char text[3000];
    char back[4096], number[8];
    memset(text, 'y', sizeof(text));
    int fd = ws_dial();
    ws_say_text(fd, "pause");
    ws_hear_text(fd, "pause");
    for (int i = 0; i < 100; i++) {
        memcpy(text, number, (size_t)snprintf(number, sizeof(number), "%04d", i));
        ws_say(fd, 0x81, text, sizeof(text));
    }
    struct pollfd p = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&p, 1, 100), 0);
    on_loop(resume_live, NULL);
    for (int i = 0; i < 100; i++) {
        snprintf(number, sizeof(number), "%04d", i);
        assert_int_equal(ws_hear(fd, back, sizeof(back), NULL), 0x81);
        assert_memory_equal(back, number, 4);
    }
    close(fd);
}

static void fill_live(struct loop *l, void *context)
{
    static char part[KIB(64)];
    struct conn *conn = unpack(l, live);
    (void)context;
    memset(part, 'z', sizeof(part));
    while (conn_private_room(conn) >= sizeof(part) + 10)
        conn_send(conn, slice_of(part, sizeof(part)), CONN_NO_BARRIER);
}

static void test_ws__says_drained_when_little_waits_for_a_slow_peer(void **state)
{
    (void)state;
    static char back[KIB(65)];
    int fd = ws_dial_with(4096);
    on_loop(fill_live, NULL);
    assert_int_equal(drained_count, 0);
    for (int i = 0; i < 31; i++) {
        size_t len;
        assert_int_equal(ws_hear(fd, back, sizeof(back), &len), 0x81);
        assert_int_equal(len, KIB(64));
    }
    for (int i = 0; i < 100 && drained_count == 0; i++)
        nap_ms(10);
    assert_int_equal(drained_count, 1);
    close(fd);
}

static void test_ws__a_peer_that_takes_nothing_is_closed(void **state)
{
    (void)state;
    uint64_t slow = atomic_load(&metric_values[METRIC_closed_slow_total]);
    int fd = ws_dial_with(4096);
    on_loop(fill_live, NULL);
    await_closed(0);
    for (int i = 0; i < 600 && closed_count == 0; i++)
        nap_ms(10);
    assert_int_equal(closed_count, 1);
    assert_int_equal(atomic_load(&metric_values[METRIC_closed_slow_total]), slow + 1);
    close(fd);
}

static void test_ws__pings_a_silent_peer_and_closes_one_that_stays_silent(void **state)
{
    (void)state;
    char text[256];
    int fd = ws_dial();
    assert_int_equal(ws_hear(fd, text, sizeof(text), NULL), 0x89);
    ws_say(fd, 0x8a, "", 0);
    assert_int_equal(ws_hear(fd, text, sizeof(text), NULL), 0x89);
    ws_hear_close(fd, 4201);
    close(fd);
}

static void test_ws__an_unfinished_message_is_closed(void **state)
{
    (void)state;
    char text[256];
    int fd = ws_dial();
    ws_say(fd, 0x01, "begun", 5);
    if (ws_hear(fd, text, sizeof(text), NULL) == 0x89) {
        ws_hear_close(fd, 1002);
    } else {
        assert_int_equal((uint8_t)text[0] << 8 | (uint8_t)text[1], 1002);
    }
    close(fd);
}

/* More bytes under way than receive buffers, and one that never stops beside others. */
static void test_recv__starved_connections_are_all_served(void **state)
{
    (void)state;
    static char text[4000];
    char back[4096], number[8];
    int fds[CONNS];
    memset(text, 's', sizeof(text));
    for (int i = 0; i < CONNS; i++)
        fds[i] = ws_dial();
    for (int n = 0; n < 50; n++) {
        memcpy(text, number, (size_t)snprintf(number, sizeof(number), "%04d", n));
        for (int i = 0; i < CONNS; i++)
            ws_say(fds[i], 0x81, text, sizeof(text));
    }
    for (int i = CONNS; i > 0; i--) {
        for (int n = 0; n < 50; n++) {
            snprintf(number, sizeof(number), "%04d", n);
            assert_int_equal(ws_hear(fds[i - 1], back, sizeof(back), NULL), 0x81);
            assert_memory_equal(back, number, 4);
        }
        close(fds[i - 1]);
    }
}

static void hold_the_loop(struct loop *l, void *context)
{
    (void)l;
    (void)context;
    nap_ms(300);
}

static void *hold_thread(void *context)
{
    on_loop(hold_the_loop, NULL);
    return context;
}

/* While the loop is held up the kernel gathers more than all buffers hold. */
static void test_recv__without_a_free_buffer_goes_on_when_one_is_back(void **state)
{
    (void)state;
    char back[4096];
    int fds[CONNS];
    pthread_t thread;
    uint64_t starved = atomic_load(&metric_values[METRIC_recv_starved_total]);
    for (int i = 0; i < CONNS; i++)
        fds[i] = ws_dial();
    assert_int_equal(pthread_create(&thread, NULL, hold_thread, NULL), 0);
    nap_ms(30);
    for (int i = 0; i < CONNS; i++) {
        for (int n = 0; n < 50; n++)
            ws_say(fds[i], 0x81, back, 0);
        for (int n = 0; n < 20; n++) {
            memset(back, 'b', 4000);
            ws_say(fds[i], 0x81, back, 4000);
        }
    }
    pthread_join(thread, NULL);
    for (int i = 0; i < CONNS; i++) {
        for (int n = 0; n < 70; n++) {
            size_t len;
            assert_int_equal(ws_hear(fds[i], back, sizeof(back), &len), 0x81);
            assert_int_equal(len, n < 50 ? 0 : 4000);
        }
        close(fds[i]);
    }
    /* epoll takes so few at a time that it hardly ever runs out. */
    if (backend_under_test == RING_EPOLL) return;
    assert_true(atomic_load(&metric_values[METRIC_recv_starved_total]) > starved);
}

/* One that sends faster than its share of buffers is stopped for a turn and then goes on. */
static void test_recv__a_large_body_arrives_whole_past_the_share_of_a_turn(void **state)
{
    (void)state;
    static char body[3 << 20];
    char text[512], expected[64];
    uint32_t sum = 0;
    pthread_t thread;
    for (size_t i = 0; i < sizeof(body); i++)
        body[i] = (char)(i * 7 + (i >> 12));
    for (size_t i = 0; i < sizeof(body); i++)
        sum = sum * 31 + (uint8_t)body[i];
    for (int round = 0; round < 5; round++) {
        int fd = dial();
        snprintf(text, sizeof(text), "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n",
                sizeof(body));
        say(fd, text);
        assert_int_equal(pthread_create(&thread, NULL, hold_thread, NULL), 0);
        nap_ms(20);
        say_bytes(fd, body, sizeof(body));
        hear_answer(fd, text, sizeof(text));
        pthread_join(thread, NULL);
        snprintf(expected, sizeof(expected), "\r\n\r\n%zu %u", sizeof(body), sum);
        assert_non_null(strstr(text, expected));
        close(fd);
    }
}

static void test_conn__timer_rings_once(void **state)
{
    (void)state;
    int fd = ws_dial();
    ws_say_text(fd, "timer");
    ws_hear_text(fd, "timer");
    ws_hear_text(fd, "rang");
    struct pollfd p = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&p, 1, 100), 0);
    close(fd);
}

/* -- opening and closing */

static void test_conn__abort_in_a_handler_closes_once(void **state)
{
    (void)state;
    char text[256];
    int fd = dial();
    say(fd, "GET /abort HTTP/1.1\r\nHost: a\r\n\r\n");
    int64_t before = clock_ms();
    assert_int_equal(hear_end(fd, text, sizeof(text)), 0);
    assert_true(clock_ms() - before < 100);
    close(fd);
    fd = ws_dial();
    ws_say_text(fd, "abort");
    assert_int_equal(hear_end(fd, text, sizeof(text)), 0);
    close(fd);
    await_closed(2);
}

static void test_conn__full_table_refuses_and_slots_come_back(void **state)
{
    (void)state;
    char text[2048];
    int fds[CONNS];
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < CONNS; i++)
            fds[i] = ws_dial();
        int extra = dial();
        assert_int_equal(hear_end(extra, text, sizeof(text)), 0);
        close(extra);
        for (int i = 0; i < CONNS; i++)
            close(fds[i]);
        await_closed(CONNS * (round + 1));
        nap_ms(20);
    }
}

static void check_stale(struct loop *l, void *context)
{
    (void)context;
    assert_null(unpack(l, live));
}

static void test_conn__handle_of_a_closed_connection_gives_nothing(void **state)
{
    (void)state;
    int fd = ws_dial();
    uint64_t old = live;
    close(fd);
    await_closed(1);
    for (int i = 2; i < 200; i++) {
        fd = ws_dial();
        if (live >> 32 == old >> 32) break;
        close(fd);
        await_closed(i);
    }
    assert_int_equal(live >> 32, old >> 32);
    assert_int_not_equal(live, old);
    live = old;
    on_loop(check_stale, NULL);
    close(fd);
}

static void test_conn__resets_at_any_moment_are_survived(void **state)
{
    (void)state;
    const struct linger hard = {.l_onoff = 1, .l_linger = 0};
    for (int i = 0; i < 200; i++) {
        int fd = i % 2 ? ws_dial() : dial();
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
        if (i % 2)
            ws_say_text(fd, "hello");
        else
            say(fd, "GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
        if (i % 3 == 0) nap_ms(1);
        close(fd);
        if (i % 16 == 15) nap_ms(5);
    }
    for (int i = 0; i < 300 && atomic_load(&metric_values[METRIC_connections]) > 0; i++)
        nap_ms(10);
    assert_int_equal(atomic_load(&metric_values[METRIC_connections]), 0);
}

static void test_loop__stop_says_4200_and_finishes_answers(void **state)
{
    (void)state;
    char text[2048];
    int ws = ws_dial(), http = dial(), idle = dial();
    say(http, "GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
    nap_ms(50);
    loop_stop(loop, 3000);
    ws_hear_close(ws, 4200);
    assert_int_equal(hear_end(idle, text, sizeof(text)), 0);
    on_loop(answer_waiting, NULL);
    hear_end(http, text, sizeof(text));
    assert_non_null(strstr(text, "at last"));
    close(ws);
    close(http);
    close(idle);
    await_closed(3);
}

#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

static int run(enum ring_backend backend)
{
    const struct CMUnitTest tests[] = {
            CASE(http__keeps_the_connection_for_the_next_request),
            CASE(http__answers_the_same_at_every_cut),
            CASE(http__answers_pipelined_requests_in_order),
            CASE(http__parses_nothing_before_the_answer_was_given),
            CASE(http__answers_a_peer_that_shut_its_side_down),
            CASE(http__answers_a_broken_request_once_and_closes),
            CASE(http__streams_in_chunks_and_until_close_for_1_0),
            CASE(http__head_has_the_length_but_no_body),
            CASE(http__closes_when_the_answer_came_before_the_body),
            CASE(http__asks_for_the_body_that_waits_for_it),
            CASE(http__lets_a_long_line_grow_only_where_allowed),
            CASE(http__a_head_that_stops_coming_is_answered_408),
            CASE(http__an_idle_connection_ends_without_a_word),
            CASE(ws__echoes_messages_cut_anywhere),
            CASE(ws__takes_a_message_sent_with_the_upgrade),
            CASE(ws__closes_with_the_code_of_the_fault),
            CASE(ws__answers_a_flood_of_pings_with_the_last_ones),
            CASE(ws__a_paused_connection_is_not_read_and_loses_nothing),
            CASE(ws__says_drained_when_little_waits_for_a_slow_peer),
            CASE(ws__a_peer_that_takes_nothing_is_closed),
            CASE(ws__pings_a_silent_peer_and_closes_one_that_stays_silent),
            CASE(ws__an_unfinished_message_is_closed),
            CASE(recv__starved_connections_are_all_served),
            CASE(recv__without_a_free_buffer_goes_on_when_one_is_back),
            CASE(recv__a_large_body_arrives_whole_past_the_share_of_a_turn),
            CASE(conn__timer_rings_once),
            CASE(conn__abort_in_a_handler_closes_once),
            CASE(conn__full_table_refuses_and_slots_come_back),
            CASE(conn__handle_of_a_closed_connection_gives_nothing),
            CASE(conn__resets_at_any_moment_are_survived),
            CASE(loop__stop_says_4200_and_finishes_answers),
    };
    backend_under_test = backend;
    return cmocka_run_group_tests_name(ring_backend_name(backend), tests, NULL, NULL);
}

int main(void)
{
    return on_every_backend(run);
}
