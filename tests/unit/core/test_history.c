#include "core/history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/base/limits.h"
#include "tests/unit/core/effects.h"

#define EVENTS 200

/* A log in memory, and a view that reads it. */
struct record {
    struct slice public_json, old_json;
    int64_t ts;
    uint64_t text; /* hash of the board's text behind it */
};

static struct {
    struct arena arena;
    struct record log[EVENTS + 2]; /* by seq */
    struct board *board;
    struct view view;
    struct board_view bv;
} stage;

static enum err fake_events(struct view *v, struct id board, uint64_t from,
        enum err (*fn)(
                void *context, uint64_t seq, struct slice public_json, struct slice old_json),
        void *context)
{
    (void)v, (void)board;
    if (from <= stage.bv.head.floor) return ERR_GONE_POSITION;
    for (uint64_t seq = from; seq <= stage.board->head.seq; seq++) {
        const struct record *r = &stage.log[seq];
        enum err err = fn(context, seq, r->public_json, r->old_json);
        if (err != ERR_OK) return err;
    }
    return ERR_OK;
}

static const struct view_ops ops = {.events = fake_events};

static uint64_t text_of(const struct board *b)
{
    struct buf text;
    buf_init(&text, MIB(16));
    struct json_out j = json_out(&text);
    board_objects_write(b, KIND_LIMIT, &j);
    uint64_t hash = hash64(buf_slice(&text), 0);
    buf_fini(&text);
    return hash;
}

static void note(struct event *e)
{
    stage.log[e->seq] = (struct record){e->public_json, e->old_json, e->ts, text_of(stage.board)};
}

static void play(uint64_t seed)
{
    struct test_maker m = {.next_id = 100};
    rng_init(&m.rng, seed);
    arena_reset(&stage.arena);
    stage.board = test_board(&stage.arena);
    stage.log[0].text = 0;
    stage.log[1].text = text_of(stage.board);
    stage.log[1].ts = stage.board->head.ts;
    while (stage.board->head.seq <= EVENTS) {
        struct event e;
        test_make(&m, stage.board, &e, &stage.arena);
        test_commit(stage.board, &e, &stage.arena);
        note(&e);
        event_fini(&e);
    }
    stage.view = (struct view){.ops = &ops, .arena = &stage.arena};
    stage.bv = (struct board_view){
            .view = &stage.view, .board = stage.board->id, .head = stage.board->head};
    stage.bv.head.floor = 1; /* the first record is not kept here */
}

/* What a reader would load: a copy, by way of the stored form and without texts. */
static struct board *loaded(void)
{
    struct board *b = board_new(stage.board->id);
    struct buf text;
    buf_init(&text, MIB(1));
    b->head = stage.bv.head;
    for (struct object *o = stage.board->objects; o != NULL; o = o->hh.next) {
        struct object *copy;
        buf_clear(&text);
        object_write(o, &text);
        assert_int_equal(
                object_read(o->kind, &stage.arena, buf_slice(&text), &copy, NULL), ERR_OK);
        board_fill(b, copy);
    }
    board_fill_end(b);
    buf_fini(&text);
    return b;
}

static int setup(void **state)
{
    (void)state;
    arena_init(&stage.arena, MIB(1), ARENA_TEST_BYTES);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_fini(&stage.arena);
    return 0;
}

/* A few, from the first seed on, unless the suite of that name says otherwise (tests/sizes). */
static uint64_t asked(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    if (getenv("TAVLA_COUNT_HISTORIES") == NULL || text == NULL) return otherwise;
    return strtoull(text, NULL, 10);
}

static void test_history__undone_from_the_end_is_what_was_at_every_step(void **state)
{
    (void)state;
    uint64_t first = asked("TAVLA_SEED", 1), end = first + asked("TAVLA_COUNT_HISTORIES", 40);
    for (uint64_t seed = first; seed < end; seed++) {
        play(seed);
        struct board *b = loaded();
        struct board_view bv = stage.bv;
        for (uint64_t seq = stage.board->head.seq; seq >= 1; seq--) {
            struct fault fault = {0};
            bv.head.seq = b->head.seq;
            assert_int_equal(history_rewind(&bv, b, seq, &fault), ERR_OK);
            assert_int_equal(b->head.seq, seq);
            if (text_of(b) != stage.log[seq].text)
                fail_msg("seed %llu: not what was at %llu", (unsigned long long)seed,
                        (unsigned long long)seq);
        }
        board_free(b);
        board_free(stage.board);
    }
}

static void test_history__any_past_moment_is_what_was_there(void **state)
{
    struct rng rng;
    (void)state;
    uint64_t first = asked("TAVLA_SEED", 1), end = first + asked("TAVLA_COUNT_HISTORIES", 10);
    rng_init(&rng, 7);
    for (uint64_t seed = first; seed < end; seed++) {
        play(seed);
        for (int i = 0; i < 8; i++) {
            uint64_t seq = 1 + rng_below(&rng, stage.board->head.seq);
            struct fault fault = {0};
            struct board *b = loaded();
            assert_int_equal(history_rewind(&stage.bv, b, seq, &fault), ERR_OK);
            assert_true(text_of(b) == stage.log[seq].text);
            board_free(b);
        }
        board_free(stage.board);
    }
}

static void test_history__refuses_what_is_not_in_the_log(void **state)
{
    struct fault fault = {0};
    (void)state;
    play(1);
    stage.bv.head.floor = 20;
    assert_int_equal(history_check(&stage.bv, 19, &fault), ERR_GONE_POSITION);
    assert_non_null(strstr(fault.expected, "from 20 to"));
    assert_int_equal(history_check(&stage.bv, 20, &fault), ERR_OK);
    assert_int_equal(history_check(&stage.bv, stage.bv.head.seq + 1, &fault), ERR_INVALID);
    stage.bv.head.seq = HISTORY_EVENTS_MAX + 21;
    assert_int_equal(history_check(&stage.bv, 20, &fault), ERR_TOO_LARGE);
    board_free(stage.board);
}

static void test_history__a_time_leads_to_the_last_event_before_it(void **state)
{
    uint64_t seq;
    struct fault fault = {0};
    (void)state;
    play(2);
    for (uint64_t want = 2; want <= stage.board->head.seq; want++) {
        int64_t ts = stage.log[want].ts;
        assert_int_equal(history_seq_at(&stage.bv, ts, &seq, &fault), ERR_OK);
        assert_int_equal(seq, want);
        assert_int_equal(history_seq_at(&stage.bv, ts + 1, &seq, &fault), ERR_OK);
        assert_int_equal(seq, want);
    }
    int64_t first = stage.log[2].ts;
    assert_int_equal(history_seq_at(&stage.bv, first - 1, &seq, &fault), ERR_GONE_POSITION);
    assert_int_equal(history_seq_at(&stage.bv, INT64_MAX, &seq, &fault), ERR_OK);
    assert_int_equal(seq, stage.board->head.seq);
    board_free(stage.board);
}

static enum err count_down(
        void *context, uint64_t seq, struct slice public_json, struct slice old_json)
{
    uint64_t *next = context;
    (void)public_json, (void)old_json;
    assert_int_equal(seq, *next);
    *next -= 1;
    return ERR_OK;
}

static void test_history__walks_down_over_every_record_once(void **state)
{
    (void)state;
    play(3);
    uint64_t head = stage.board->head.seq, next = head;
    assert_int_equal(history_walk(&stage.bv, head, 2, count_down, &next), ERR_OK);
    assert_int_equal(next, 1);
    next = 70;
    assert_int_equal(history_walk(&stage.bv, 70, 70, count_down, &next), ERR_OK);
    assert_int_equal(next, 69);
    board_free(stage.board);
}

int main(void)
{
    json_start();
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_history__undone_from_the_end_is_what_was_at_every_step),
            cmocka_unit_test(test_history__any_past_moment_is_what_was_there),
            cmocka_unit_test(test_history__refuses_what_is_not_in_the_log),
            cmocka_unit_test(test_history__a_time_leads_to_the_last_event_before_it),
            cmocka_unit_test(test_history__walks_down_over_every_record_once),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
