/* engine_fixture.h - a real engine with everything that leaves it kept in order, for tests of the
 * engine and of the resolvers. The test plays
 * the port: it answers appends and loads itself. */
#ifndef TAVLA_TEST_ENGINE_FIXTURE_H
#define TAVLA_TEST_ENGINE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/engine.h"

#define SAID_MAX 2048
#define NOW      INT64_C(1700000000000)

static const struct id board_id = {{1}}, ada = {{0x65, 1}}, bob = {{0x65, 2}}, eve = {{0x65, 3}};

struct fixture {
    struct engine *engine;
    struct batch *batch; /* appended, not answered */
    struct batch *second; /* of another board, appended while that was not answered */
    bool hold;           /* the directory's batches and loads, too: */
    struct batch *held;
    struct id load_id;
    uint64_t load_after;
    bool load_asked;
    uint32_t texts_asked;
    struct id text_id;
    struct command *answers[SAID_MAX];
    size_t answer_count;
    struct attach *attaches[8];
    size_t attach_count;
    /* in order: "answer", "publish 3", "barrier 4", "pause", "resume" */
    char said[SAID_MAX][16];
    size_t said_count;
    char last[16384];  /* JSON of the last event published */
    char there[16384]; /* ... of the last one of a board that is not board_id */
};

static inline void fixture_say(struct fixture *f, const char *what, uint64_t number)
{
    assert_true(f->said_count < SAID_MAX);
    snprintf(f->said[f->said_count++], sizeof f->said[0], "%s %u", what, (unsigned)number);
}

static inline void fx_answer(void *context, struct command *c)
{
    struct fixture *f = context;
    fixture_say(f, "answer", c->n);
    f->answers[f->answer_count++] = c;
}

static inline void fx_publish(void *context, struct id board, uint64_t loops, const struct event *e)
{
    struct fixture *f = context;
    (void)loops;
    if (id_is_none(board)) return;
    fixture_say(f, "publish", e->seq);
    snprintf(f->last, sizeof f->last, "%.*s", SLICE_ARG(e->public_json));
    if (!id_eq(board, board_id))
        snprintf(f->there, sizeof f->there, "%.*s", SLICE_ARG(e->public_json));
}

static inline void fx_barrier(
        void *context, struct id board, uint64_t loops, struct id member, uint64_t seq)
{
    (void)board;
    (void)loops;
    (void)member;
    fixture_say(context, "barrier", seq);
}

static inline void fx_attached(void *context, struct attach *a)
{
    struct fixture *f = context;
    f->attaches[f->attach_count++] = a;
}

static inline void fx_append(void *context, struct batch *batch)
{
    struct fixture *f = context;
    if (f->hold && id_is_none(batch->board)) {
        assert_null(f->held);
        f->held = batch;
        return;
    }
    if (id_is_none(batch->board)) { /* the directory's commits are not what these tests are about */
        batch->answer = OPLOG_COMMITTED;
        engine_answer(f->engine, batch, NOW);
        return;
    }
    assert_null(f->second);
    if (f->batch == NULL)
        f->batch = batch;
    else
        f->second = batch;
}

static inline void fx_load(void *context, struct id board, uint64_t after)
{
    struct fixture *f = context;
    if (id_is_none(board) && !f->hold) {
        struct board_load none = {.board = board, .err = ERR_NOT_FOUND};
        engine_loaded(f->engine, &none, NOW);
        return;
    }
    f->load_id = board;
    f->load_after = after;
    f->load_asked = true;
}

static inline void fx_load_text(void *context, struct id board, struct id id, enum field field)
{
    struct fixture *f = context;
    (void)board;
    (void)field;
    f->texts_asked++;
    f->text_id = id;
}

static inline void fx_pause(void *context, struct id board, bool on)
{
    (void)board;
    fixture_say(context, on ? "pause" : "resume", 0);
}

static inline void turn(struct fixture *f)
{
    for (int i = 0; i < 3; i++)
        engine_turn(f->engine, NOW);
}

static inline struct command *command(struct id member, const char *cl, uint64_t n, const char *ops)
{
    struct actor actor = {.member = member, .system = id_is_none(member)};
    struct command *c = command_new(board_id, &actor);
    struct fault fault = {0};
    enum err err = command_decode(c, slice_cstr(ops), true, &fault);
    if (err) fail_msg("%s: %s; expected %s", fault.field, fault.wrong, fault.expected);
    c->cl = slice_cstr(cl);
    c->n = n;
    return c;
}

static inline void send(
        struct fixture *f, struct id member, const char *cl, uint64_t n, const char *ops)
{
    engine_submit(f->engine, command(member, cl, n, ops), NOW);
}

static inline void answer(struct fixture *f, enum oplog_answer answer)
{
    struct batch *batch = f->batch;
    assert_non_null(batch);
    f->batch = f->second;
    f->second = NULL;
    batch->answer = answer;
    if (answer == OPLOG_COMMITTED && batch->after.number == 0) batch->after.number = 7;
    engine_answer(f->engine, batch, NOW);
    turn(f);
}

static inline void forget(struct fixture *f)
{
    for (size_t i = 0; i < f->answer_count; i++)
        command_free(f->answers[i]);
    f->answer_count = f->said_count = 0;
}

/* One command to its end: what became of it. A text that it asks for was never written. */
static inline struct command *run(struct fixture *f, struct id member, const char *ops)
{
    uint32_t asked = f->texts_asked;
    forget(f);
    send(f, member, "", 0, ops);
    turn(f);
    if (f->texts_asked > asked) {
        struct text_read none = {.board = board_id, .id = f->text_id, .err = ERR_NOT_FOUND};
        none.field = F_CARD_DESC;
        engine_text(f->engine, &none, NOW);
        turn(f);
    }
    if (f->batch != NULL) answer(f, OPLOG_COMMITTED);
    assert_int_equal(f->answer_count, 1);
    return f->answers[0];
}

static inline void run_ok(struct fixture *f, struct id member, const char *ops)
{
    struct command *c = run(f, member, ops);
    if (c->verdict != VERDICT_ACCEPTED)
        fail_msg("%s: %s; expected %s", c->fault.field, c->fault.wrong, c->fault.expected);
}

static inline enum err run_err(struct fixture *f, struct id member, const char *ops)
{
    struct command *c = run(f, member, ops);
    assert_int_equal(c->verdict, VERDICT_REJECTED);
    assert_true(c->fault.wrong[0] != '\0' && c->fault.expected[0] != '\0');
    return c->fault.err;
}

/* People in the directory; a board of ada's with lists 10.. 20.., a label 30.. and a card 40..;
 * bob is a member, eve is not. */
static inline int fixture_setup(void **state)
{
    static const struct engine_out out = {fx_answer, fx_publish, fx_barrier, fx_attached, fx_append,
            fx_load, fx_load_text, fx_pause};
    static const struct id people[] = {{{0x65, 1}}, {{0x65, 2}}, {{0x65, 3}}};
    struct fixture *f = MEM_NEW(struct fixture);
    char text[256], id[ID_TEXT + 1];
    f->engine = engine_new(&out, f);
    turn(f);
    for (size_t i = 0; i < 3; i++) {
        struct actor system = {.system = true};
        struct command *c = command_new(DIRECTORY_ID, &system);
        id_format(people[i], id);
        snprintf(text, sizeof text,
                "[{\"op\":\"dir.member\",\"id\":\"%s\",\"fullName\":\"Some One\"}]", id);
        assert_int_equal(command_decode(c, slice_cstr(text), true, NULL), ERR_OK);
        engine_submit(f->engine, c, NOW);
    }
    turn(f);
    send(f, ada, "", 0, "[{\"op\":\"board.create\",\"name\":\"Home\"}]");
    turn(f);
    struct board_load none = {.board = board_id, .err = ERR_NOT_FOUND};
    assert_true(f->load_asked);
    engine_loaded(f->engine, &none, NOW);
    turn(f);
    answer(f, OPLOG_COMMITTED);
    run_ok(f, ada,
            "[{\"op\":\"member.add\",\"idMember\":\"650200000000000000000000\",\"role\":\"normal\"}"
            ","
            "{\"op\":\"list.create\",\"id\":\"100000000000000000000000\",\"name\":\"One\"},"
            "{\"op\":\"list.create\",\"id\":\"200000000000000000000000\",\"name\":\"Two\"},"
            "{\"op\":\"label.create\",\"id\":\"300000000000000000000000\",\"name\":\"Urgent\","
            "\"color\":\"red\"},"
            "{\"op\":\"card.create\",\"id\":\"400000000000000000000000\",\"idList\":"
            "\"100000000000000000000000\",\"name\":\"Milk\",\"idLabels\":["
            "\"300000000000000000000000\"]}]");
    forget(f);
    *state = f;
    return 0;
}

static inline int fixture_teardown(void **state)
{
    struct fixture *f = *state;
    forget(f);
    engine_free(f->engine);
    batch_free(f->batch);
    batch_free(f->second);
    batch_free(f->held);
    mem_free(f);
    return 0;
}

static inline struct object *object_at(struct fixture *f, enum kind kind, const char *id_text)
{
    struct id id;
    assert_true(id_parse(slice_cstr(id_text), &id));
    return board_get(engine_board(f->engine, board_id), kind, id);
}

#endif
