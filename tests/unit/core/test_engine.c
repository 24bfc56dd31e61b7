#include "tests/unit/core/engine_fixture.h"

#define CARD           "400000000000000000000000"
#define SET_NAME(name) "[{\"op\":\"card.set\",\"id\":\"" CARD "\",\"name\":\"" name "\"}]"

static struct slice card_name(struct fixture *f)
{
    return value_slice(object_value(object_at(f, KIND_CARD, CARD), F_CARD_NAME));
}

static void test_engine__answers_and_publishes_only_after_the_commit(void **state)
{
    struct fixture *f = *state;
    send(f, ada, "c", 1, SET_NAME("Bread"));
    turn(f);
    assert_non_null(f->batch);
    assert_int_equal(f->said_count, 0);
    answer(f, OPLOG_COMMITTED);
    assert_string_equal(f->said[0], "publish 3");
    assert_string_equal(f->said[1], "answer 1");
    assert_int_equal(f->answers[0]->verdict, VERDICT_ACCEPTED);
    assert_int_equal(f->answers[0]->seq, 3);
}

static void test_engine__judges_later_commands_only_after_the_answer(void **state)
{
    struct fixture *f = *state;
    send(f, ada, "c", 1, SET_NAME("one"));
    turn(f);
    send(f, ada, "c", 2, SET_NAME("two"));
    turn(f);
    assert_true(slice_eq(card_name(f), SLICE("one")));
    answer(f, OPLOG_COMMITTED);
    assert_true(slice_eq(card_name(f), SLICE("two")));
    assert_int_equal(f->batch->before.seq, 3);
    answer(f, OPLOG_COMMITTED);
}

static void test_engine__holds_back_rejections_that_depend_on_the_batch(void **state)
{
    struct fixture *f = *state;
    send(f, ada, "c", 1, "[{\"op\":\"card.close\",\"id\":\"" CARD "\"}]");
    send(f, ada, "c", 2, "[{\"op\":\"card.set\",\"id\":\"" CARD "\",\"name\":\"x\",\"if\":2}]");
    turn(f);
    assert_int_equal(f->answer_count, 0);
    answer(f, OPLOG_COMMITTED);
    assert_int_equal(f->answer_count, 2);
    assert_int_equal(f->answers[1]->fault.err, ERR_CONFLICT);
    assert_int_equal(f->answers[1]->at, 3);
    assert_true(f->answers[1]->current.len > 0);
}

static void test_engine__answers_a_resend_as_a_duplicate(void **state)
{
    struct fixture *f = *state;
    send(f, ada, "c", 5, SET_NAME("Bread"));
    turn(f);
    answer(f, OPLOG_COMMITTED);
    send(f, ada, "c", 5, SET_NAME("Butter"));
    turn(f);
    assert_null(f->batch);
    assert_int_equal(f->answers[1]->verdict, VERDICT_DUPLICATE);
    assert_int_equal(f->answers[1]->seq, 3);
    assert_true(slice_eq(card_name(f), SLICE("Bread")));
}

static void test_engine__keeps_people_with_the_same_client_id_apart(void **state)
{
    struct fixture *f = *state;
    send(f, ada, "c", 5, SET_NAME("Bread"));
    send(f, bob, "c", 5, SET_NAME("Butter"));
    turn(f);
    answer(f, OPLOG_COMMITTED);
    assert_int_equal(f->answers[1]->verdict, VERDICT_ACCEPTED);
}

static void test_engine__remembers_what_it_refused(void **state)
{
    struct fixture *f = *state;
    send(f, ada, "c", 1,
            "[{\"op\":\"card.set\",\"id\":\"990000000000000000000000\",\"name\":\"x\"}]");
    send(f, ada, "c", 2, SET_NAME("Bread"));
    turn(f);
    assert_int_equal(f->batch->client_count, 1);
    assert_int_equal(f->batch->clients[0].last_n, 2);
    assert_int_equal(f->batch->clients[0].refused_count, 1);
    assert_int_equal(f->batch->clients[0].refused[0], 1);
    answer(f, OPLOG_COMMITTED);
    send(f, ada, "c", 1, SET_NAME("again"));
    turn(f);
    assert_int_equal(f->answers[2]->verdict, VERDICT_DUPLICATE);
    assert_int_equal(f->answers[2]->refused[0], 1);
}

static void test_engine__judges_again_a_refusal_with_nothing_accepted_after_it(void **state)
{
    struct fixture *f = *state;
    send(f, ada, "c", 1, "[{\"op\":\"card.delete\",\"id\":\"" CARD "\"}]");
    turn(f);
    assert_int_equal(f->answers[0]->fault.err, ERR_CONFLICT);
    send(f, ada, "c", 1, SET_NAME("Bread"));
    turn(f);
    answer(f, OPLOG_COMMITTED);
    assert_int_equal(f->answers[1]->verdict, VERDICT_ACCEPTED);
}

static void test_engine__takes_everything_back_when_the_store_refuses(void **state)
{
    struct fixture *f = *state;
    struct board_head before = engine_board(f->engine, board_id)->head;
    send(f, ada, "c", 1, SET_NAME("Bread"));
    send(f, ada, "c", 2,
            "[{\"op\":\"card.create\",\"id\":\"410000000000000000000000\",\"idList\":"
            "\"100000000000000000000000\",\"name\":\"New\"}]");
    turn(f);
    f->batch->err = ERR_READ_ONLY;
    answer(f, OPLOG_REFUSED);
    assert_int_equal(f->answers[0]->fault.err, ERR_READ_ONLY);
    assert_int_equal(f->answers[1]->fault.err, ERR_READ_ONLY);
    assert_true(slice_eq(card_name(f), SLICE("Milk")));
    assert_memory_equal(&before, &engine_board(f->engine, board_id)->head, sizeof before);
    assert_int_equal(f->said_count, 2);
}

static void test_engine__rejects_only_the_command_whose_id_is_taken(void **state)
{
    struct fixture *f = *state;
    send(f, ada, "c", 1,
            "[{\"op\":\"card.create\",\"id\":\"410000000000000000000000\",\"idList\":"
            "\"100000000000000000000000\",\"name\":\"New\"}]");
    send(f, ada, "c", 2, SET_NAME("Bread"));
    turn(f);
    f->batch->err = ERR_EXISTS;
    f->batch->taken = (struct id){{0x41}};
    answer(f, OPLOG_REFUSED);
    assert_int_equal(f->answer_count, 0);
    assert_int_equal(f->batch->event_count, 1);
    answer(f, OPLOG_COMMITTED);
    assert_int_equal(f->answers[0]->fault.err, ERR_EXISTS);
    assert_int_equal(f->answers[1]->verdict, VERDICT_ACCEPTED);
    assert_null(object_at(f, KIND_CARD, "410000000000000000000000"));
}

static void test_engine__rejects_every_command_whose_id_is_taken(void **state)
{
    struct fixture *f = *state;
    send(f, ada, "c", 1,
            "[{\"op\":\"card.create\",\"id\":\"410000000000000000000000\",\"idList\":"
            "\"100000000000000000000000\",\"name\":\"New\"}]");
    send(f, ada, "c", 2,
            "[{\"op\":\"card.create\",\"id\":\"420000000000000000000000\",\"idList\":"
            "\"100000000000000000000000\",\"name\":\"New\"}]");
    send(f, ada, "c", 3, SET_NAME("Bread"));
    turn(f);
    for (uint8_t first = 0x41; first <= 0x42; first++) {
        f->batch->err = ERR_EXISTS;
        f->batch->taken = (struct id){{first}};
        answer(f, OPLOG_REFUSED);
        assert_int_equal(f->answer_count, 0);
    }
    assert_int_equal(f->batch->event_count, 1);
    answer(f, OPLOG_COMMITTED);
    assert_int_equal(f->answers[0]->fault.err, ERR_EXISTS);
    assert_int_equal(f->answers[1]->fault.err, ERR_EXISTS);
    assert_int_equal(f->answers[2]->verdict, VERDICT_ACCEPTED);
}

static void test_engine__says_unknown_and_loads_again(void **state)
{
    struct fixture *f = *state;
    f->load_asked = false;
    send(f, ada, "c", 1, SET_NAME("Bread"));
    turn(f);
    answer(f, OPLOG_UNKNOWN);
    assert_int_equal(f->answers[0]->verdict, VERDICT_UNKNOWN);
    send(f, ada, "c", 2, SET_NAME("Butter"));
    turn(f);
    assert_true(f->load_asked);
    assert_int_equal(f->load_after, 2); /* the last seq that was published */
}

/* What came after it waits to be sent again behind it. */
static void test_engine__lets_nothing_overtake_what_is_unknown(void **state)
{
    struct fixture *f = *state;
    send(f, ada, "c", 1, SET_NAME("Bread"));
    turn(f);
    answer(f, OPLOG_UNKNOWN);
    send(f, ada, "c", 2, SET_NAME("Butter"));
    turn(f);
    struct board_load load = {.board = board_id, .state = board_new(board_id)};
    load.state->head = engine_board(f->engine, board_id)->head;
    arena_init(&load.arena, KIB(4), MIB(1));
    engine_loaded(f->engine, &load, NOW);
    turn(f);
    assert_int_equal(f->answers[1]->verdict, VERDICT_UNKNOWN);
    for (uint64_t n = 1; n <= 2; n++) {
        send(f, ada, "c", n, SET_NAME("Bread"));
        turn(f);
        assert_int_equal(f->answers[1 + n]->verdict, VERDICT_REJECTED); /* nothing was loaded */
    }
    arena_fini(&load.arena);
}

static void test_engine__asks_for_a_text_before_it_resolves(void **state)
{
    struct fixture *f = *state;
    /* Twenty texts and more are forgotten after a batch, so these push the first card's out. */
    char ops[4096] = "[{\"op\":\"cards.create\",\"cards\":[";
    for (int i = 0; i < 25; i++)
        snprintf(ops + strlen(ops), sizeof ops - strlen(ops),
                "%s{\"id\":\"42%02d00000000000000000000\",\"idList\":\"100000000000000000000000\","
                "\"name\":\"x\"}",
                i > 0 ? "," : "", i);
    snprintf(ops + strlen(ops), sizeof ops - strlen(ops), "]}]");
    run_ok(f, ada, ops);
    forget(f);
    send(f, ada, "c", 1,
            "[{\"op\":\"text\",\"kind\":\"card\",\"id\":\"" CARD
            "\",\"field\":\"desc\",\"delta\":[3,\"!\"]}]");
    turn(f);
    assert_int_equal(f->texts_asked, 1);
    assert_null(f->batch);
    struct text_read read = {.board = board_id,
            .id = f->text_id,
            .field = F_CARD_DESC,
            .s = 2,
            .text = SLICE("abc")};
    engine_text(f->engine, &read, NOW);
    turn(f);
    assert_int_equal(f->batch->text_count, 1);
    assert_true(slice_eq(f->batch->texts[0].text, SLICE("abc!")));
    answer(f, OPLOG_COMMITTED);
}

static void test_engine__sends_the_barrier_before_the_removal(void **state)
{
    struct fixture *f = *state;
    send(f, ada, "", 0, "[{\"op\":\"member.remove\",\"idMember\":\"650200000000000000000000\"}]");
    send(f, bob, "", 0, SET_NAME("mine"));
    turn(f);
    answer(f, OPLOG_COMMITTED);
    assert_string_equal(f->said[0], "barrier 3");
    assert_string_equal(f->said[1], "publish 3");
    assert_int_equal(f->answers[1]->fault.err, ERR_NOT_FOUND);
}

static void test_engine__tells_who_attaches_the_head_and_what_was_judged(void **state)
{
    struct fixture *f = *state;
    struct attach a = {.board = board_id, .actor = {.member = ada}, .cl = SLICE("c")};
    send(f, ada, "c", 9, SET_NAME("Bread"));
    turn(f);
    engine_attach(f->engine, &a, NOW);
    turn(f);
    assert_int_equal(f->attach_count, 0); /* not while the head is not durable */
    answer(f, OPLOG_COMMITTED);
    assert_int_equal(f->attach_count, 1);
    assert_int_equal(a.err, ERR_OK);
    assert_int_equal(a.head.seq, 3);
    assert_int_equal(a.last_n, 9);
    struct attach b = {.board = board_id, .actor = {.member = eve}};
    engine_attach(f->engine, &b, NOW);
    turn(f);
    assert_int_equal(b.err, ERR_NOT_FOUND);
}

static void test_engine__pauses_senders_of_a_full_board(void **state)
{
    struct fixture *f = *state;
    send(f, ada, "", 0, SET_NAME("first"));
    turn(f);
    for (int i = 0; i < BOARD_QUEUE_MAX + 1; i++)
        send(f, ada, "", 0, "[{\"op\":\"card.delete\",\"id\":\"" CARD "\"}]");
    assert_string_equal(f->said[0], "pause 0");
    forget(f);
    answer(f, OPLOG_COMMITTED);
    assert_string_equal(f->said[f->said_count - 1], "resume 0");
}

/* -- what a sender gets, and may send */

static bool written_name(struct command *c, struct board *b, struct buf *out)
{
    (void)c;
    return buf_add(out, value_slice(object_value(board_self(b), F_BOARD_NAME)));
}

static void test_engine__shows_the_state_after_the_command(void **state)
{
    struct fixture *f = *state;
    static const enum kind wanted[] = {KIND_NONE, KIND_BOARD, KIND_CARD, KIND_LIST, KIND_NONE};
    static const char *const parts[] = {"", "\"name\":\"Home\"", "\"name\":\"Bread\"", "", "Home"};
    for (size_t i = 0; i < ARRAY_COUNT(wanted); i++) {
        struct command *c = command(ada, "", 0, SET_NAME("Bread"));
        c->want_kind = wanted[i]; /* no list has that id */
        c->want_id = (struct id){{0x40}};
        if (i == ARRAY_COUNT(wanted) - 1) c->project = written_name;
        forget(f);
        engine_submit(f->engine, c, NOW);
        turn(f);
        answer(f, OPLOG_COMMITTED);
        char body[2048];
        snprintf(body, sizeof body, "%.*s", SLICE_ARG(c->body));
        assert_non_null(strstr(body, parts[i]));
        assert_int_equal(body[0] != '\0', parts[i][0] != '\0');
    }
}

static void test_engine__refuses_numbers_that_cannot_be_judged(void **state)
{
    struct fixture *f = *state;
    static const char longest[] = "12345678901234567890123456789012";
    static const struct {
        const char *cl;
        uint64_t n;
        bool good;
    } rows[] = {{"c", 0, false}, {"c", (UINT64_C(1) << 53), false},
            {"123456789012345678901234567890123", 1, false}, {longest, 1, true}, {"", 0, true}};
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        forget(f);
        send(f, ada, rows[i].cl, rows[i].n, SET_NAME("Bread"));
        turn(f);
        if (rows[i].good) {
            answer(f, OPLOG_COMMITTED);
            assert_int_equal(f->answers[0]->verdict, VERDICT_ACCEPTED);
            continue;
        }
        assert_null(f->batch);
        assert_int_equal(f->answers[0]->fault.err, ERR_INVALID);
        assert_string_equal(f->answers[0]->fault.field, "n");
    }
}

static void test_engine__keeps_ops_of_boards_and_of_the_directory_apart(void **state)
{
    struct fixture *f = *state;
    static const char person[] =
            "[{\"op\":\"dir.member\",\"id\":\"660000000000000000000000\",\"fullName\":\"X\"}]";
    assert_int_equal(run_err(f, (struct id){{0}}, person), ERR_NOT_FOUND);
    assert_string_equal(f->answers[0]->fault.field, "op");
    forget(f);
    struct command *c = command((struct id){{0}}, "", 0, SET_NAME("Bread"));
    c->board = DIRECTORY_ID;
    engine_submit(f->engine, c, NOW);
    turn(f);
    assert_int_equal(f->answers[0]->fault.err, ERR_NOT_FOUND);
    assert_string_equal(f->answers[0]->fault.field, "op");
}

/* -- void */

/* cl: of whose client it is; "": the server's. */
static struct event *winner(struct arena *a, struct board *copy, const char *cl)
{
    struct event *e = ARENA_NEW(a, struct event);
    struct effect *fx = ARENA_NEW(a, struct effect);
    struct buf public_json, old_json;
    *fx = (struct effect){.form = EFFECT_ADD, .kind = KIND_LIST, .id_count = 1, .column_count = 1};
    fx->ids = ARENA_NEW(a, struct id);
    fx->ids[0] = (struct id){{0x77}};
    fx->columns = ARENA_NEW(a, struct effect_column);
    fx->columns[0] = (struct effect_column){
            .field = F_LIST_NAME, .count = 1, .values = ARENA_NEW(a, struct value)};
    fx->columns[0].values[0] = value_str(SLICE("elsewhere"));
    *e = (struct event){.ts = NOW, .effects = fx, .effect_count = 1, .cl = slice_cstr(cl)};
    if (e->cl.len > 0) {
        e->by = ada;
        e->n = 1;
    }
    buf_init(&public_json, KIB(4));
    buf_init(&old_json, KIB(4));
    struct json_out j = json_out(&public_json);
    effects_write(&j, fx, 1);
    event_apply(copy, e, a);
    j = json_out(&old_json);
    effects_write_old(&j, fx, 1);
    event_seal(copy, e, a, buf_slice(&public_json), buf_slice(&old_json));
    buf_fini(&public_json);
    buf_fini(&old_json);
    event_fini(e);
    e->effect_count = 0;
    return e;
}

static struct event *other_won(struct fixture *f, const char *cl)
{
    send(f, ada, "c", 1, SET_NAME("Bread"));
    turn(f);
    struct board *copy = board_new(board_id);
    copy->head = f->batch->before;
    f->batch->winners = winner(&f->batch->arena, copy, cl);
    board_free(copy);
    return f->batch->winners;
}

static void test_engine__judges_again_on_top_of_the_winners(void **state)
{
    struct fixture *f = *state;
    other_won(f, "");
    answer(f, OPLOG_VOID);
    assert_string_equal(f->said[0], "publish 3");
    assert_int_equal(f->answer_count, 0);
    assert_non_null(object_at(f, KIND_LIST, "770000000000000000000000"));
    assert_int_equal(f->batch->before.seq, 3);
    answer(f, OPLOG_COMMITTED);
    assert_int_equal(f->answers[0]->seq, 4);
}

/* Sent to another node, too. */
static void test_engine__finds_its_own_command_among_the_winners(void **state)
{
    struct fixture *f = *state;
    other_won(f, "c");
    answer(f, OPLOG_VOID);
    assert_int_equal(f->answers[0]->verdict, VERDICT_DUPLICATE);
    assert_int_equal(f->answers[0]->seq, 3);
    assert_null(f->batch);
}

static void test_engine__follows_no_record_that_does_not_fit(void **state)
{
    struct fixture *f = *state;
    for (int chained = 0; chained < 2; chained++) {
        struct event *e = other_won(f, "");
        if (chained)
            e->old_json = SLICE("[0]");
        else
            e->public_json = SLICE("{}");
        f->load_asked = false;
        answer(f, OPLOG_VOID);
        assert_int_equal(f->answers[0]->verdict, VERDICT_UNKNOWN);
        assert_int_equal(f->said_count, 1); /* that answer: nothing of it is published */
        send(f, ada, "c", 2, SET_NAME("late"));
        turn(f);
        assert_true(f->load_asked);
        fixture_teardown(state);
        fixture_setup(state);
        f = *state;
    }
}

int main(void)
{
    json_start();
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(test_engine__##name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
            TEST(answers_and_publishes_only_after_the_commit),
            TEST(judges_later_commands_only_after_the_answer),
            TEST(holds_back_rejections_that_depend_on_the_batch),
            TEST(answers_a_resend_as_a_duplicate),
            TEST(keeps_people_with_the_same_client_id_apart),
            TEST(remembers_what_it_refused),
            TEST(judges_again_a_refusal_with_nothing_accepted_after_it),
            TEST(takes_everything_back_when_the_store_refuses),
            TEST(rejects_only_the_command_whose_id_is_taken),
            TEST(rejects_every_command_whose_id_is_taken),
            TEST(says_unknown_and_loads_again),
            TEST(lets_nothing_overtake_what_is_unknown),
            TEST(asks_for_a_text_before_it_resolves),
            TEST(sends_the_barrier_before_the_removal),
            TEST(tells_who_attaches_the_head_and_what_was_judged),
            TEST(pauses_senders_of_a_full_board),
            TEST(shows_the_state_after_the_command),
            TEST(refuses_numbers_that_cannot_be_judged),
            TEST(keeps_ops_of_boards_and_of_the_directory_apart),
            TEST(judges_again_on_top_of_the_winners),
            TEST(finds_its_own_command_among_the_winners),
            TEST(follows_no_record_that_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
