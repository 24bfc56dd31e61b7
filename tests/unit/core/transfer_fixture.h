/* transfer_fixture.h - the engine fixture with a second board, for tests of cards that move between
 * the two. */
#ifndef TAVLA_TEST_TRANSFER_FIXTURE_H
#define TAVLA_TEST_TRANSFER_FIXTURE_H

#include "tests/unit/core/engine_fixture.h"

#define CARD  "400000000000000000000000"
#define HERE  "010000000000000000000000"
#define THERE "020000000000000000000000"
#define ADA   "650100000000000000000000"
#define BOB   "650200000000000000000000"
#define EVE   "650300000000000000000000"

static const struct id there_id = {{2}};

static inline void send_at(
        struct fixture *f, struct id board, struct id member, uint64_t n, const char *ops)
{
    struct command *c = command(member, n == 0 ? "" : "c", n, ops);
    c->board = board;
    engine_submit(f->engine, c, NOW);
    turn(f);
}

static inline struct command *run_at(
        struct fixture *f, struct id board, struct id member, const char *ops)
{
    forget(f);
    send_at(f, board, member, 0, ops);
    if (f->batch != NULL) answer(f, OPLOG_COMMITTED);
    assert_int_equal(f->answer_count, 1);
    return f->answers[0];
}

static inline void ok_at(struct fixture *f, struct id board, struct id member, const char *ops)
{
    struct command *c = run_at(f, board, member, ops);
    if (c->verdict != VERDICT_ACCEPTED)
        fail_msg("%s: %s; expected %s", c->fault.field, c->fault.wrong, c->fault.expected);
}

static inline enum err err_at(struct fixture *f, struct id board, struct id member, const char *ops)
{
    struct command *c = run_at(f, board, member, ops);
    assert_int_equal(c->verdict, VERDICT_REJECTED);
    assert_true(c->fault.wrong[0] != '\0' && c->fault.expected[0] != '\0');
    return c->fault.err;
}

static inline void no_such_board(struct fixture *f)
{
    struct board_load none = {.board = f->load_id, .err = ERR_NOT_FOUND};
    assert_true(f->load_asked);
    f->load_asked = false;
    engine_loaded(f->engine, &none, NOW);
    turn(f);
}

/* A second board of ada's with a list 50.. and a card 60..; nobody else is on it. */
static inline int transfer_setup(void **state)
{
    assert_int_equal(fixture_setup(state), 0);
    struct fixture *f = *state;
    f->load_asked = false;
    send_at(f, there_id, ada, 0, "[{\"op\":\"board.create\",\"name\":\"There\"}]");
    no_such_board(f);
    answer(f, OPLOG_COMMITTED);
    ok_at(f, there_id, ada,
            "[{\"op\":\"list.create\",\"id\":\"500000000000000000000000\",\"name\":\"L\"},"
            "{\"op\":\"card.create\",\"id\":\"600000000000000000000000\",\"idList\":"
            "\"500000000000000000000000\",\"name\":\"First\"}]");
    forget(f);
    return 0;
}

static inline struct object *at(
        struct fixture *f, struct id board, enum kind kind, const char *id_text)
{
    struct id id;
    assert_true(id_parse(slice_cstr(id_text), &id));
    return board_get(engine_board(f->engine, board), kind, id);
}

static inline bool moved(struct fixture *f)
{
    bool here = at(f, board_id, KIND_CARD, CARD) != NULL,
         there = at(f, there_id, KIND_CARD, CARD) != NULL;
    assert_true(here != there);
    return there;
}

static inline struct object *only(struct fixture *f, struct id board, enum kind kind)
{
    struct object *found = NULL;
    for (struct object *o = engine_board(f->engine, board)->objects; o != NULL; o = o->hh.next) {
        if (o->kind != kind) continue;
        assert_null(found);
        found = o;
    }
    assert_non_null(found);
    return found;
}

#endif
