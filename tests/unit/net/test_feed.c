/* Feeds over real sockets: everybody gets every frame once and in order, however slow, and private
 * frames keep their place. */
#include "core/base/rng.h"
#include "tests/unit/net/backends.h"
#include "tests/unit/net/fixture.h"

#define CONNS     64
#define FRAME_MAX 40000

static struct feed *feed;
static struct conn *conns[CONNS]; /* loop's thread only; in order of upgrade */
static uint64_t catch_up[CONNS];  /* seq to go on with from the log; 0: follows */
static _Atomic uint32_t upgraded;
static _Atomic int stuck_count;
static _Atomic bool join_on_upgrade, skip_when_stuck;

/* The log of these tests: what frame `seq` says follows from seq. */
static struct slice frame_text(uint64_t seq)
{
    static _Thread_local char text[FRAME_MAX];
    size_t len = (size_t)snprintf(text, sizeof(text), "%08u:", (unsigned)seq);
    size_t fill = (seq * 7919) % 300;
    if (seq % 50 == 0) fill = 3000 + (seq * 31) % 30000;
    memset(text + len, 'a' + (int)(seq % 26), fill);
    return slice_of(text, len + fill);
}

static size_t index_of(const struct conn *conn)
{
    return (size_t)(uintptr_t)conn_user(conn);
}

/* From the log while there is room, then back to the feed. */
static void catch_up_more(struct conn *conn)
{
    uint64_t *next = &catch_up[index_of(conn)];
    while (*next != 0) {
        if (conn_follow(conn, feed, *next)) {
            *next = 0;
        } else {
            if (!conn_private_low(conn)) return;
            conn_send(conn, frame_text(*next), *next);
            (*next)++;
        }
    }
}

static void on_request(struct conn *conn, const struct http_request *q)
{
    upgrade(conn, q, 4096);
    uint32_t index = upgraded;
    conn_set_user(conn, (void *)(uintptr_t)index);
    conns[index] = conn;
    catch_up[index] = 0;
    if (join_on_upgrade) assert_true(conn_follow(conn, feed, feed_next(feed)));
    upgraded++;
}

static void on_message(struct conn *conn, struct slice text)
{
    conn_send(conn, text, feed_next(feed) - 1);
}

static void on_stuck(struct conn *conn)
{
    stuck_count++;
    if (skip_when_stuck) {
        conn_send(conn, SLICE("skipped"), feed_next(feed) - 1);
        assert_true(conn_follow(conn, feed, feed_next(feed)));
        return;
    }
    catch_up[index_of(conn)] = conn_feed_next(conn);
    catch_up_more(conn);
}

static void on_closed(struct conn *conn)
{
    conns[index_of(conn)] = NULL;
}

static const struct conn_handler handler = {.request = on_request,
        .message = on_message,
        .drained = catch_up_more,
        .stuck = on_stuck,
        .closed = on_closed};

static void make_feed(struct loop *l, void *context)
{
    (void)context;
    feed = feed_new(l, 1);
}

static void on_idle(struct loop *l)
{
    (void)l;
    feed = feed_free(feed);
}

static const struct loop_hooks hooks = {.mail = task_mail, .idle = on_idle};

static int setup(void **state)
{
    (void)state;
    upgraded = 0;
    stuck_count = 0;
    join_on_upgrade = true;
    skip_when_stuck = false;
    loop_begin(&hooks, &handler, CONNS);
    on_loop(make_feed, NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    loop_end();
    return 0;
}

static void append(struct loop *l, void *context)
{
    const uint64_t *count = context;
    (void)l;
    for (uint64_t i = 0; i < *count; i++)
        feed_append(feed, feed_next(feed), frame_text(feed_next(feed)));
}

static void append_frames(uint64_t count)
{
    on_loop(append, &count);
}

static void hear_frame(int fd, uint64_t seq)
{
    static char text[FRAME_MAX];
    size_t len;
    assert_int_equal(ws_hear_data(fd, text, sizeof(text), &len), 0x81);
    struct slice expected = frame_text(seq);
    if (len != expected.len || memcmp(text, expected.ptr, len) != 0)
        fail_msg("expected frame %u, got %.12s", (unsigned)seq, text);
}

static int join(void)
{
    uint32_t before = upgraded;
    int fd = ws_dial_with(8192);
    while (upgraded == before)
        nap_ms(1);
    return fd;
}

/* -- order */

static void test_feed__everybody_hears_every_frame_in_order(void **state)
{
    (void)state;
    int fds[40];
    for (int i = 0; i < 40; i++)
        fds[i] = join();
    for (uint64_t at = 1; at <= 200; at += 10) {
        append_frames(10);
        for (int i = 0; i < 40; i++) {
            for (uint64_t seq = at; seq < at + 10; seq++)
                hear_frame(fds[i], seq);
        }
    }
    for (int i = 0; i < 40; i++)
        close(fds[i]);
}

static void barrier_in_the_middle(struct loop *l, void *context)
{
    uint64_t three = 3;
    append(l, &three);
    conn_send(conns[0], SLICE("behind 2"), 2);
    conn_send(conns[0], SLICE("behind 2 too"), CONN_NO_BARRIER);
    conn_send(conns[0], SLICE("behind 3"), 3);
    (void)context;
}

static void barrier_to_come(struct loop *l, void *context)
{
    (void)l;
    (void)context;
    conn_send(conns[0], SLICE("behind 5"), 5);
}

static void test_barrier__holds_a_private_frame_in_its_place(void **state)
{
    (void)state;
    int fd = join();
    on_loop(barrier_in_the_middle, NULL);
    hear_frame(fd, 1);
    hear_frame(fd, 2);
    ws_hear_text(fd, "behind 2");
    ws_hear_text(fd, "behind 2 too");
    hear_frame(fd, 3);
    ws_hear_text(fd, "behind 3");
    on_loop(barrier_to_come, NULL);
    append_frames(1);
    hear_frame(fd, 4);
    append_frames(2);
    hear_frame(fd, 5);
    ws_hear_text(fd, "behind 5");
    hear_frame(fd, 6);
    close(fd);
}

static void barrier_then_unfollow(struct loop *l, void *context)
{
    (void)l;
    (void)context;
    conn_send(conns[0], SLICE("behind 9"), 9);
    conn_unfollow(conns[0]);
    conn_send(conns[0], SLICE("behind 99"), 99);
}

static void follow_from_10(struct loop *l, void *context)
{
    (void)l;
    (void)context;
    conn_send(conns[0], SLICE("meanwhile"), 9);
    assert_true(conn_follow(conns[0], feed, 10));
    conn_send(conns[0], SLICE("afterwards"), 9);
}

/* The events it waits for come another way, from the log, and it leaves behind those. */
static void test_barrier__waits_aside_while_no_feed_is_followed(void **state)
{
    (void)state;
    int fd = join();
    on_loop(barrier_then_unfollow, NULL);
    ws_hear_text(fd, "behind 99"); /* asked for without a feed: nothing to wait for */
    on_loop(follow_from_10, NULL);
    ws_hear_text(fd, "meanwhile");
    ws_hear_text(fd, "behind 9");
    ws_hear_text(fd, "afterwards");
    close(fd);
}

static void unpark(struct loop *l, void *context)
{
    (void)l;
    (void)context;
    conn_unpark(conns[0]);
}

static void test_barrier__can_be_let_go(void **state)
{
    (void)state;
    int fd = join();
    on_loop(barrier_then_unfollow, NULL);
    ws_hear_text(fd, "behind 99");
    on_loop(unpark, NULL);
    ws_hear_text(fd, "behind 9");
    close(fd);
}

static void join_ahead_and_behind(struct loop *l, void *context)
{
    (void)l;
    (void)context;
    assert_true(conn_follow(conns[0], feed, 5));
    assert_true(conn_follow(conns[1], feed, 1));
    assert_true(conn_follow(conns[2], feed, 3));
    assert_int_equal(conn_feed_next(conns[0]), 5);
    assert_int_equal(feed_followers(feed), 3);
}

static void test_follow__starts_exactly_where_asked(void **state)
{
    (void)state;
    join_on_upgrade = false;
    int ahead = join(), behind = join(), middle = join();
    append_frames(2);
    on_loop(join_ahead_and_behind, NULL);
    append_frames(2);
    append_frames(2);
    for (uint64_t seq = 5; seq <= 6; seq++)
        hear_frame(ahead, seq);
    for (uint64_t seq = 1; seq <= 6; seq++)
        hear_frame(behind, seq);
    for (uint64_t seq = 3; seq <= 6; seq++)
        hear_frame(middle, seq);
    close(ahead);
    close(behind);
    close(middle);
}

static void stop_at_3(struct loop *l, void *context)
{
    uint64_t two = 2, three = 3;
    append(l, &two);
    conn_feed_stop(conns[0], 3);
    append(l, &three);
    conn_send(conns[0], SLICE("no access"), 5);
    (void)context;
}

static void test_stop__sends_nothing_at_or_beyond(void **state)
{
    (void)state;
    int fd = join(), other = join();
    on_loop(stop_at_3, NULL);
    append_frames(3);
    hear_frame(fd, 1);
    hear_frame(fd, 2);
    ws_hear_text(fd, "no access");
    struct pollfd p = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&p, 1, 100), 0);
    for (uint64_t seq = 1; seq <= 8; seq++)
        hear_frame(other, seq);
    close(fd);
    close(other);
}

/* -- slow readers */

static void test_slow_reader__catches_up_from_the_log_without_gap_or_double(void **state)
{
    (void)state;
    int slow[3], quick = join();
    for (int i = 0; i < 3; i++)
        slow[i] = join();
    for (uint64_t at = 1; at <= 9000; at += 100) {
        append_frames(100);
        for (uint64_t seq = at; seq < at + 100; seq++)
            hear_frame(quick, seq);
    }
    for (int i = 0; i < 3; i++) {
        for (uint64_t seq = 1; seq <= 9000; seq++)
            hear_frame(slow[i], seq);
        close(slow[i]);
    }
    assert_true(stuck_count >= 3);
    close(quick);
}

/* What it would be told then only piles up for somebody who does not read. */
static void test_slow_reader__is_told_nothing_until_it_reads(void **state)
{
    (void)state;
    static char text[FRAME_MAX];
    size_t len;
    skip_when_stuck = true;
    int fd = join();
    for (int i = 0; i < 100; i++)
        append_frames(100); /* more than the kernel takes and the feed keeps */
    int before = stuck_count;
    for (int i = 0; i < 100; i++)
        append_frames(100);
    assert_int_equal(stuck_count, before);
    do {
        assert_int_equal(ws_hear_data(fd, text, sizeof(text), &len), 0x81);
    } while (len != 7 || memcmp(text, "skipped", 7) != 0);
    assert_int_equal(stuck_count, before + 1);
    append_frames(1);
    hear_frame(fd, 20001);
    close(fd);
}

static void test_slow_reader__leaves_while_its_segment_is_dropped(void **state)
{
    (void)state;
    for (int round = 0; round < 5; round++) {
        int fds[4];
        for (int i = 0; i < 4; i++)
            fds[i] = join();
        append_frames(2000);
        close(fds[0]);
        append_frames(2000);
        for (int i = 1; i < 4; i++)
            close(fds[i]);
    }
}

static void follow_and_fall_behind(struct loop *l, void *context)
{
    uint64_t most = 4000;
    (void)context;
    assert_true(conn_follow(conns[0], feed, 5));
    append(l, &most); /* before anything is sent */
    assert_true(feed_floor(feed) > 5);
}

static void test_follow__ahead_of_the_head_may_fall_behind_like_anyone(void **state)
{
    (void)state;
    join_on_upgrade = false;
    int fd = join();
    on_loop(follow_and_fall_behind, NULL);
    for (uint64_t seq = 5; seq <= 4000; seq++)
        hear_frame(fd, seq);
    assert_true(stuck_count >= 1);
    close(fd);
}

static void below_the_floor(struct loop *l, void *context)
{
    (void)l;
    (void)context;
    assert_true(feed_floor(feed) > 1);
    assert_false(conn_follow(conns[0], feed, feed_floor(feed) - 1));
    assert_int_equal(feed_followers(feed), 0);
    assert_true(conn_follow(conns[0], feed, feed_floor(feed)));
    conn_unfollow(conns[0]);
    assert_true(conn_feed_next(conns[0]) >= feed_floor(feed));
}

static void test_follow__below_the_floor_is_refused(void **state)
{
    (void)state;
    join_on_upgrade = false;
    int fd = join();
    append_frames(5000);
    on_loop(below_the_floor, NULL);
    close(fd);
}

/* -- beside the stream */

/* Version `to` replaces to - 1; `whole` only when it is asked for. */
static void aside(struct loop *l, void *context)
{
    const uint64_t *to = context;
    char step[32], whole[32];
    (void)l;
    int step_len = snprintf(step, sizeof(step), "step %u", (unsigned)*to);
    int whole_len = snprintf(whole, sizeof(whole), "whole %u", (unsigned)*to);
    feed_aside(feed, *to - 1, *to, slice_of(step, (size_t)step_len),
            slice_of(whole, (size_t)whole_len));
}

static void aside_to(uint64_t to)
{
    on_loop(aside, &to);
}

static void hear_nothing(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&p, 1, 100), 0);
}

static void test_aside__brings_the_step_or_the_whole(void **state)
{
    (void)state;
    int fd = join();
    aside_to(1);
    ws_hear_text(fd, "step 1"); /* who has nothing has version 0 */
    aside_to(2);
    ws_hear_text(fd, "step 2");
    int late = join();
    ws_hear_text(late, "whole 2");
    append_frames(1);
    aside_to(3);
    hear_frame(fd, 1);
    ws_hear_text(fd, "step 3");
    hear_frame(late, 1);
    ws_hear_text(late, "step 3");
    close(fd);
    close(late);
}

static void know_version(struct loop *l, void *context)
{
    const uint64_t *version = context;
    (void)l;
    assert_true(conn_follow(conns[0], feed, feed_next(feed)));
    conn_aside_seen(conns[0], *version);
}

static void test_aside__is_not_repeated_to_who_knows_it(void **state)
{
    (void)state;
    uint64_t two = 2;
    join_on_upgrade = false;
    int fd = join();
    aside_to(2);
    on_loop(know_version, &two);
    hear_nothing(fd);
    aside_to(3);
    ws_hear_text(fd, "step 3");
    close(fd);
}

static void stop_now(struct loop *l, void *context)
{
    (void)l;
    (void)context;
    conn_feed_stop(conns[0], feed_next(feed));
}

static void test_aside__does_not_reach_who_lost_access(void **state)
{
    (void)state;
    int fd = join(), other = join();
    on_loop(stop_now, NULL);
    aside_to(1);
    ws_hear_text(other, "step 1");
    hear_nothing(fd);
    close(fd);
    close(other);
}

/* One that reads nothing has one frame under way at most, and comes back to the newest. */
static void test_aside__a_slow_reader_skips_to_the_newest(void **state)
{
    (void)state;
    enum { STEPS = 400 };
    static char text[FRAME_MAX];
    size_t len;
    int slow = join(), quick = join();
    append_frames(2000); /* more than the kernel takes */
    for (uint64_t seq = 1; seq <= 2000; seq++)
        hear_frame(quick, seq);
    for (uint64_t to = 1; to <= STEPS; to++) {
        aside_to(to);
        char expected[32];
        snprintf(expected, sizeof(expected), "step %u", (unsigned)to);
        ws_hear_text(quick, expected);
    }
    for (uint64_t seq = 1; seq <= 2000; seq++)
        hear_frame(slow, seq);
    ws_hear_data(slow, text, sizeof(text), &len);
    assert_string_equal(text, "whole 400");
    hear_nothing(slow);
    aside_to(STEPS + 1);
    ws_hear_text(slow, "step 401");
    close(slow);
    close(quick);
}

/* -- everything at once */

struct mover {
    struct rng rng;
    uint64_t frames;
    uint64_t version;
};

static void move_at_random(struct loop *l, void *context)
{
    struct mover *m = context;
    uint64_t count = rng_below(&m->rng, 4) == 0 ? 60 : rng_below(&m->rng, 5);
    append(l, &count);
    m->frames += count;
    for (size_t i = 0; i < 8; i++) {
        if (conns[i] == NULL || catch_up[i] != 0 || rng_below(&m->rng, 3) != 0) continue;
        char text[32];
        uint64_t barrier = feed_next(feed) - 1 + rng_below(&m->rng, 3);
        int len = snprintf(text, sizeof(text), "private %u", (unsigned)barrier);
        conn_send(conns[i], slice_of(text, (size_t)len), barrier);
    }
    uint64_t version = ++m->version;
    if (rng_below(&m->rng, 3) == 0) aside(l, &version);
}

/* Frames must follow one another; a private frame must stand behind its barrier, and directly
 * unless it was merged with a later one. */
static uint64_t hear_mixed(int fd, uint64_t last)
{
    static char text[FRAME_MAX];
    size_t len;
    assert_int_equal(ws_hear_data(fd, text, sizeof(text), &len), 0x81);
    if (memcmp(text, "private ", 8) == 0) {
        assert_true(last >= strtoul(text + 8, NULL, 10));
        return last;
    }
    if (memcmp(text, "step ", 5) == 0 || memcmp(text, "whole ", 6) == 0) return last;
    struct slice expected = frame_text(last + 1);
    assert_int_equal(len, expected.len);
    assert_memory_equal(text, expected.ptr, len);
    return last + 1;
}

static void test_feed__keeps_its_promises_under_a_random_load(void **state)
{
    (void)state;
    struct mover m = {.frames = 0};
    uint64_t last[8] = {0};
    int fds[8];
    rng_init(&m.rng, 4711);
    for (int i = 0; i < 8; i++)
        fds[i] = join();
    for (int step = 0; step < 300; step++) {
        on_loop(move_at_random, &m);
        /* The first half reads what is there; private frames with barriers need readers that keep
         * up. */
        for (int i = 0; i < 8; i++) {
            uint64_t wanted = i < 4 ? m.frames : m.frames > 400 ? m.frames - 400 : 0;
            while (last[i] < wanted)
                last[i] = hear_mixed(fds[i], last[i]);
        }
    }
    append_frames(3);
    for (int i = 0; i < 8; i++) {
        while (last[i] < m.frames + 3)
            last[i] = hear_mixed(fds[i], last[i]);
        close(fds[i]);
    }
    assert_int_equal(stuck_count, 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

static int run(enum ring_backend backend)
{
    const struct CMUnitTest tests[] = {
            CASE(feed__everybody_hears_every_frame_in_order),
            CASE(barrier__holds_a_private_frame_in_its_place),
            CASE(barrier__waits_aside_while_no_feed_is_followed),
            CASE(barrier__can_be_let_go),
            CASE(follow__starts_exactly_where_asked),
            CASE(stop__sends_nothing_at_or_beyond),
            CASE(slow_reader__catches_up_from_the_log_without_gap_or_double),
            CASE(slow_reader__is_told_nothing_until_it_reads),
            CASE(slow_reader__leaves_while_its_segment_is_dropped),
            CASE(follow__ahead_of_the_head_may_fall_behind_like_anyone),
            CASE(follow__below_the_floor_is_refused),
            CASE(aside__brings_the_step_or_the_whole),
            CASE(aside__is_not_repeated_to_who_knows_it),
            CASE(aside__does_not_reach_who_lost_access),
            CASE(aside__a_slow_reader_skips_to_the_newest),
            CASE(feed__keeps_its_promises_under_a_random_load),
    };
    backend_under_test = backend;
    return cmocka_run_group_tests_name(ring_backend_name(backend), tests, NULL, NULL);
}

int main(void)
{
    return on_every_backend(run);
}
