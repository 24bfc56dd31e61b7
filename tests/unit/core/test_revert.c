#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/base/limits.h"
#include "core/resolve.h"
#include "tests/unit/core/effects.h"

#define EVENTS 160
#define SEEDS  40

struct record {
    struct slice public_json, old_json;
};

static struct {
    struct arena arena;
    struct board *board;
    struct tail tail;
    struct record log[2 * EVENTS + 2]; /* by seq */
    struct test_maker maker;
    struct buf public_json, old_json;
} stage;

static uint64_t value_sum(const struct value *v)
{
    struct buf text;
    uint64_t sum = 0;
    if (v->type == VALUE_SET) { /* who is in it, not since when */
        for (uint32_t i = 0; v->set != NULL && i < v->set->count; i++)
            sum += hash64(slice_of(v->set->ids[i].bytes, ID_BYTES), 3);
        return sum;
    }
    buf_init(&text, MIB(1));
    struct json_out j = json_out(&text);
    value_write(&j, v);
    sum = hash64(buf_slice(&text), 2);
    buf_fini(&text);
    return sum;
}

/* All that a person sees of the board: without seqs, times of changes, badges. */
static uint64_t sight(const struct board *b)
{
    uint64_t sum = 0;
    for (struct object *o = b->objects; o != NULL; o = o->hh.next) {
        uint64_t one = hash64(slice_of(o->id.bytes, ID_BYTES), 1);
        for (unsigned i = 0; i < kind_info(o->kind)->count; i++) {
            enum field f = (enum field)((unsigned)kind_info(o->kind)->first + i);
            if (f == F_CARD_DATE_LAST_ACTIVITY || f == F_CARD_BADGES) continue;
            one = one * 31 + value_sum(&o->fields[i]);
        }
        sum += one;
    }
    for (const struct doc *d = b->docs; d != NULL; d = d->hh.next)
        if (d->text.len > 0) sum += hash64(d->text, hash64(slice_of(d->id.bytes, ID_BYTES), 7));
    return sum;
}

static void note(struct event *e)
{
    stage.log[e->seq] = (struct record){e->public_json, e->old_json};
    tail_push(&stage.tail, e);
}

static void play(void)
{
    struct event e;
    test_make(&stage.maker, stage.board, &e, &stage.arena);
    test_commit(stage.board, &e, &stage.arena);
    note(&e);
    event_fini(&e);
}

static void begin(uint64_t seed)
{
    arena_reset(&stage.arena);
    stage.maker = (struct test_maker){.next_id = 100};
    rng_init(&stage.maker.rng, seed);
    stage.board = test_board(&stage.arena);
    tail_init(&stage.tail, stage.board->head.seq);
}

static void end(void)
{
    tail_fini(&stage.tail);
    board_free(stage.board);
}

/* As the engine does it: an event more, or a refusal that leaves no trace. */
static enum err take_back(uint64_t seq, struct fault *fault)
{
    struct event record, replaced;
    struct arena *a = &stage.arena;
    const struct record *r = &stage.log[seq];
    struct grant grant = {.board = stage.board, .actor = {.system = true}, .perm = PERM_ADMIN};
    assert_int_equal(event_decode(a, r->public_json, (struct slice){0}, &record, fault), ERR_OK);
    assert_int_equal(event_decode(a, r->public_json, r->old_json, &replaced, fault), ERR_OK);
    struct op op = {
            .name = OP_REVERT, .record = &record, .replaced = &replaced, .if_s = UINT64_MAX};
    struct event e = {.seq = stage.board->head.seq + 1, .ts = stage.board->head.ts + 5};
    struct change ch = {.arena = a,
            .event = &e,
            .base = UINT64_MAX,
            .fault = fault,
            .tail = &stage.tail,
            .public_json = &stage.public_json,
            .old_json = &stage.old_json};
    buf_clear(&stage.public_json);
    buf_clear(&stage.old_json);
    BUF_ADD(&stage.public_json, "[");
    BUF_ADD(&stage.old_json, "[");
    change_begin(&ch, &grant);
    enum err err = resolve_revert(&ch, &op);
    BUF_ADD(&stage.public_json, "]");
    BUF_ADD(&stage.old_json, "]");
    if (err == ERR_OK) {
        event_seal(stage.board, &e, a, buf_slice(&stage.public_json), buf_slice(&stage.old_json));
        note(&e);
        event_fini(&e);
    } else {
        change_undo(&ch);
    }
    ops_fini(&op, 1);
    return err;
}

static int setup(void **state)
{
    (void)state;
    arena_init(&stage.arena, MIB(1), ARENA_TEST_BYTES);
    buf_init(&stage.public_json, MIB(16));
    buf_init(&stage.old_json, MIB(16));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    buf_fini(&stage.public_json);
    buf_fini(&stage.old_json);
    arena_fini(&stage.arena);
    return 0;
}

static void test_revert__the_newest_event_leaves_what_was_before_it(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        begin(seed);
        for (int i = 0; i < EVENTS; i++) {
            struct fault fault = {0};
            uint64_t before = sight(stage.board), seq = stage.board->head.seq + 1;
            play();
            uint64_t after = sight(stage.board);
            if (i % 2 == 0) continue;
            enum err err = take_back(seq, &fault);
            /* a text that nobody had loaded has no way back, and an empty event nothing to undo */
            if (err == ERR_CONFLICT && after == before) continue;
            if (err != ERR_OK || sight(stage.board) != before)
                fail_msg("seed %llu seq %llu: %s %s %s\n%.*s\n%.*s", (unsigned long long)seed,
                        (unsigned long long)seq, err_name(err), fault.field, fault.wrong,
                        SLICE_ARG(stage.log[seq].public_json), SLICE_ARG(stage.log[seq].old_json));
            if (i % 4 == 1) continue;
            assert_int_equal(take_back(stage.board->head.seq, &fault), ERR_OK); /* redo */
            assert_true(sight(stage.board) == after);
        }
        end();
    }
}

static void test_revert__of_any_old_event_is_whole_or_leaves_no_trace(void **state)
{
    struct buf before, after;
    uint64_t done = 0, refused = 0;
    (void)state;
    buf_init(&before, MIB(16));
    buf_init(&after, MIB(16));
    for (uint64_t seed = 100; seed < 100 + SEEDS; seed++) {
        begin(seed);
        for (int i = 0; i < EVENTS; i++) {
            struct fault fault = {0};
            play();
            if (i < 5) continue;
            test_dump(stage.board, &before);
            uint64_t seq = 2 + rng_below(&stage.maker.rng, stage.board->head.seq - 1);
            enum err err = take_back(seq, &fault);
            if (err == ERR_OK) {
                done++;
                continue;
            }
            refused++;
            if (err != ERR_CONFLICT && err != ERR_GONE && err != ERR_NOT_FOUND)
                fail_msg("seed %llu seq %llu: %s %s %s", (unsigned long long)seed,
                        (unsigned long long)seq, err_name(err), fault.field, fault.wrong);
            test_dump(stage.board, &after);
            assert_true(before.len == after.len);
            assert_memory_equal(before.ptr, after.ptr, before.len);
        }
        end();
    }
    assert_true(done > 500 && refused > 500);
    buf_fini(&before);
    buf_fini(&after);
}

int main(void)
{
    json_start();
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_revert__the_newest_event_leaves_what_was_before_it),
            cmocka_unit_test(test_revert__of_any_old_event_is_whole_or_leaves_no_trace),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
