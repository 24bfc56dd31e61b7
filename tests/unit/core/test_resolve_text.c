/* What becomes of text ops that were made from an older text: core/resolve_text.c. */
#include "tests/unit/core/engine_fixture.h"

#include "core/base/limits.h"

#define CARD  "400000000000000000000000"
#define OTHER "410000000000000000000000"
#define OTHER2 "420000000000000000000000"
#define PUT_OP(id, text)                                                                           \
    "{\"op\":\"text.put\",\"kind\":\"card\",\"id\":\"" id "\",\"field\":\"desc\",\"text\":\"" text \
    "\"}"
#define PUT(text) "[" PUT_OP(CARD, text) "]"
#define PUT_IF(text, if_s)                                                                         \
    "[{\"op\":\"text.put\",\"kind\":\"card\",\"id\":\"" CARD                                       \
    "\",\"field\":\"desc\",\"text\":\"" text "\",\"if\":" if_s "}]"
#define DELTA(delta)                                                                               \
    "{\"op\":\"text\",\"kind\":\"card\",\"id\":\"" CARD "\",\"field\":\"desc\",\"delta\":" delta "}"

static uint64_t head_of(struct fixture *f)
{
    return engine_board(f->engine, board_id)->head.seq;
}

/* With the seq that its sender had seen, as client cl (NULL: none). */
static struct command *run_from(
        struct fixture *f, struct id member, const char *cl, uint64_t base, const char *ops)
{
    static uint64_t n;
    forget(f);
    struct command *c = command(member, cl == NULL ? "" : cl, cl == NULL ? 0 : ++n, ops);
    c->base = base;
    engine_submit(f->engine, c, NOW);
    turn(f);
    if (f->batch != NULL) answer(f, OPLOG_COMMITTED);
    assert_int_equal(f->answer_count, 1);
    return f->answers[0];
}

static void merged(struct fixture *f, uint64_t base, const char *ops, const char *effect)
{
    char txt[200];
    struct command *c = run_from(f, bob, NULL, base, ops);
    if (c->verdict != VERDICT_ACCEPTED) fail_msg("%s %s", c->fault.field, c->fault.wrong);
    snprintf(txt, sizeof txt, "[\"txt\",\"card\",\"" CARD "\",\"desc\",%s]", effect);
    if (strstr(f->last, txt) == NULL) fail_msg("%s\n  expected %s", f->last, txt);
}

static void test_text__a_delta_is_merged_with_what_came_since(void **state)
{
    struct fixture *f = *state;
    run_ok(f, ada, PUT("one two"));
    uint64_t base = head_of(f);
    run_ok(f, ada, "[" DELTA("[\"a \"]") "]");
    run_ok(f, ada, "[" DELTA("[9,\" three\"]") "]");
    merged(f, base, "[" DELTA("[\"b \"]") "]", "[2,\"b \"]");
    merged(f, base, "[" DELTA("[3,-4]") "]", "[7,-4]");
    merged(f, base, "[" DELTA("[3,-4]") "]", "[]");
    merged(f, base, PUT("ALL"), "[\"ALL\",-13]");
}

/* Two texts of one message, and none of them a card's. */
static void test_text__one_message_changes_several(void **state)
{
    struct fixture *f = *state;
    run_ok(f, ada,
            "[{\"op\":\"card.create\",\"id\":\"" OTHER
            "\",\"idList\":\"100000000000000000000000\",\"name\":\"c\"}]");
    run_ok(f, ada, "[" PUT_OP(CARD, "one") "," PUT_OP(OTHER, "two") "]");
    run_ok(f, ada,
            "[" DELTA("[\"a\"]") ",{\"op\":\"text\",\"kind\":\"board\",\"id\":"
                                 "\"010000000000000000000000\",\"field\":\"desc\",\"delta\":[\"b\"]"
                                 "}]");
    assert_non_null(
            strstr(f->last, "[\"txt\",\"board\",\"010000000000000000000000\",\"desc\",[\"b\"]]"));
    assert_int_equal(run_err(f, ada, "[" DELTA("[\"a\"]") "," DELTA("[\"b\"]") "]"), ERR_INVALID);
}

static void test_text__a_delta_below_the_tail_is_stale(void **state)
{
    struct fixture *f = *state;
    run_ok(f, ada, PUT("new"));
    uint64_t base = head_of(f) - 1;
    for (int i = 0; i < TAIL_EVENTS_MAX; i++)
        run_ok(f, ada, "[" DELTA("[\"x\"]") "]");
    struct command *c = run_from(f, bob, NULL, base, "[" DELTA("[\"y\"]") "]");
    assert_int_equal(c->fault.err, ERR_STALE);
    assert_string_equal(c->fault.field, "base");
    c = run_from(f, bob, NULL, base + 1, "[" DELTA("[\"y\"]") "]");
    assert_int_equal(c->verdict, VERDICT_ACCEPTED);
}

static void test_text__one_text_op_of_a_client_is_in_flight(void **state)
{
    struct fixture *f = *state;
    uint64_t base = head_of(f);
    assert_int_equal(
            run_from(f, bob, "b", base, "[" DELTA("[\"x\"]") "]")->verdict, VERDICT_ACCEPTED);
    struct command *c = run_from(f, bob, "b", base, "[" DELTA("[1,\"y\"]") "]");
    assert_int_equal(c->fault.err, ERR_STALE);
    /* of another client with the same name, and of the same one that has seen it */
    assert_int_equal(
            run_from(f, ada, "b", base, "[" DELTA("[\"y\"]") "]")->verdict, VERDICT_ACCEPTED);
    assert_int_equal(
            run_from(f, bob, "b", base + 1, "[" DELTA("[1,\"z\"]") "]")->verdict, VERDICT_ACCEPTED);
}

static void test_text__a_message_changes_a_text_once(void **state)
{
    struct fixture *f = *state;
    struct command *c = run(f, ada, "[" DELTA("[\"x\"]") "," DELTA("[1,\"y\"]") "]");
    assert_int_equal(c->fault.err, ERR_INVALID);
    assert_string_equal(c->fault.field, "ops[1].id");
}

static void test_text__a_merged_text_is_held_to_the_limit(void **state)
{
    struct fixture *f = *state;
    static char op[TEXT_UNITS_MAX + 200], text[TEXT_UNITS_MAX];
    memset(text, 'x', sizeof text - 1);
    snprintf(op, sizeof op,
            "[{\"op\":\"text.put\",\"kind\":\"card\",\"id\":\"%s\",\"field\":\"desc\",\"text\":\"%"
            "s\"}]",
            CARD, text);
    run_ok(f, ada, op);
    uint64_t base = head_of(f);
    run_ok(f, ada, "[" DELTA("[\"x\"]") "]");
    assert_int_equal(
            run_from(f, bob, NULL, base, "[" DELTA("[5,\"y\"]") "]")->fault.err, ERR_TOO_LARGE);
}

static void test_text__a_whole_text_is_merged_from_the_version_it_names(void **state)
{
    struct fixture *f = *state;
    char op[300];
    run_ok(f, ada, PUT("one two three"));
    uint64_t base = head_of(f);
    run_ok(f, ada, "[" DELTA("[\"zero \",-4]") "]");
    run_ok(f, ada, "[" DELTA("[5,\"2 \",-4]") "]");
    snprintf(op, sizeof op, PUT_IF("one two four", "%u"), (unsigned)base);
    merged(f, UINT64_MAX, op, "[7,\"four\",-5]");
    snprintf(op, sizeof op, PUT_IF("one two three five", "{\"desc\":%u}"), (unsigned)base);
    merged(f, UINT64_MAX, op, "[11,\" five\"]");
    snprintf(op, sizeof op, PUT_IF("new", "%u"), (unsigned)head_of(f));
    merged(f, UINT64_MAX, op, "[\"new\",-16]");
}

static void test_text__a_version_that_is_forgotten_is_a_conflict(void **state)
{
    struct fixture *f = *state;
    run_ok(f, ada, PUT("one"));
    for (int i = 0; i < TAIL_EVENTS_MAX; i++)
        run_ok(f, ada, "[" DELTA("[\"x\"]") "]");
    struct command *c = run(f, ada, PUT_IF("two", "1"));
    assert_int_equal(c->fault.err, ERR_CONFLICT);
    assert_true(c->current.len > 0);
}

static void test_text__a_whole_text_over_a_newer_one_says_whose(void **state)
{
    struct fixture *f = *state;
    run_ok(f, ada, PUT("one"));
    uint64_t base = head_of(f);
    run_ok(f, ada, PUT("hers"));
    merged(f, base, PUT("his"), "[1,\"i\",-2]");
    assert_non_null(strstr(f->last,
            "\"ow\":[[\"" CARD "\",\"desc\",\"650100000000000000000000\",4,\"hers\"]]"));
    run_ok(f, bob, PUT("his own"));
    assert_null(strstr(f->last, "\"ow\""));
    base = head_of(f);
    run_ok(f, ada, PUT("hers"));
    merged(f, base + 1, PUT("seen"), "[\"seen\",-4]");
    assert_null(strstr(f->last, "\"ow\""));
    base = head_of(f);
    run_ok(f, ada, PUT("the same"));
    merged(f, base, PUT("the same"), "[]");
    assert_null(strstr(f->last, "\"ow\""));
}

static void test_text__each_of_two_whole_texts_has_its_notice(void **state)
{
    struct fixture *f = *state;
    run_ok(f, ada,
            "[{\"op\":\"card.create\",\"id\":\"" OTHER
            "\",\"idList\":\"100000000000000000000000\",\"name\":\"New\"}]");
    uint64_t base = head_of(f);
    run_ok(f, ada, PUT("hers"));
    run_ok(f, ada, "[" PUT_OP(OTHER, "hers") "]");
    struct command *c =
            run_from(f, bob, NULL, base, "[" PUT_OP(CARD, "his") "," PUT_OP(OTHER, "his") "]");
    assert_int_equal(c->verdict, VERDICT_ACCEPTED);
    const char *ow = strstr(f->last, "\"ow\":[[\"" CARD "\",\"desc\",");
    assert_non_null(ow);
    assert_non_null(strstr(ow, "],[\"" OTHER "\",\"desc\","));
}

static void test_text__a_rolled_back_change_is_not_merged_with(void **state)
{
    struct fixture *f = *state;
    run_ok(f, ada, PUT("one"));
    uint64_t base = head_of(f);
    forget(f);
    send(f, ada, "", 0, "[" DELTA("[\"lost \"]") "]");
    turn(f);
    answer(f, OPLOG_REFUSED);
    merged(f, base, "[" DELTA("[3,\"!\"]") "]", "[3,\"!\"]");
}

/* What is deleted is cut to pieces by what came into it: they must fit the log. */
static void test_text__a_merged_delta_is_held_to_what_can_be_read_again(void **state)
{
    struct fixture *f = *state;
    static char x[JSON_ITEMS_MAX + 1], op[JSON_ITEMS_MAX * 8];
    memset(x, 'x', sizeof x - 1);
    snprintf(op, sizeof op, PUT("%s"), x);
    run_ok(f, ada, op);
    uint64_t base = head_of(f);
    size_t len = (size_t)snprintf(op, sizeof op, "[" DELTA("[1,\"y\"")) - 1; /* and goes on */
    for (int i = 1; i < JSON_ITEMS_MAX / 2; i++)
        len += (size_t)snprintf(op + len, sizeof op - len, ",1,\"y\"");
    snprintf(op + len, sizeof op - len, "]}]");
    run_ok(f, ada, op);
    snprintf(op, sizeof op, "[" DELTA("[-%d]") "]", JSON_ITEMS_MAX);
    struct command *c = run_from(f, bob, NULL, base, op);
    assert_int_equal(c->fault.err, ERR_TOO_LARGE);
    assert_string_equal(c->fault.field, "delta");
    snprintf(op, sizeof op, "[" DELTA("[-%d]") "]", JSON_ITEMS_MAX / 2);
    assert_int_equal(run_from(f, bob, NULL, base, op)->verdict, VERDICT_ACCEPTED);
}

/* Of a text that was not in memory, what another node did to it has no way back. */
static void test_text__a_version_before_another_nodes_change_is_a_conflict(void **state)
{
    static const char effects[] =
            "[[\"txt\",\"card\",\"" CARD "\",\"desc\",[\"theirs\"]]]";
    struct fixture *f = *state;
    char ops[4096] = "[{\"op\":\"cards.create\",\"cards\":[";
    for (int i = 0; i <= DOCS_PER_BOARD_KEPT; i++) /* these push it out */
        snprintf(ops + strlen(ops), sizeof ops - strlen(ops),
                "%s{\"id\":\"42%022x\",\"idList\":\"100000000000000000000000\",\"name\":\"x\"}",
                i > 0 ? "," : "", i);
    snprintf(ops + strlen(ops), sizeof ops - strlen(ops), "]}]");
    run_ok(f, ada, ops);
    uint64_t base = head_of(f);
    send(f, ada, "", 0, "[{\"op\":\"card.set\",\"id\":\"" OTHER2 "\",\"name\":\"y\"}]");
    turn(f);
    struct board *copy = board_new(board_id);
    copy->head = f->batch->before;
    struct event *winner = ARENA_NEW(&f->batch->arena, struct event);
    *winner = (struct event){.ts = NOW};
    event_apply(copy, winner, &f->batch->arena);
    event_seal(copy, winner, &f->batch->arena, slice_cstr(effects), SLICE("[{\"s\":2}]"));
    f->batch->winners = winner;
    board_free(copy);
    answer(f, OPLOG_VOID);
    answer(f, OPLOG_COMMITTED);
    forget(f);
    char op[300];
    snprintf(op, sizeof op, PUT_IF("mine", "%u"), (unsigned)base);
    send(f, ada, "", 0, op);
    turn(f);
    struct text_read read = {.board = board_id, .id = f->text_id, .s = base + 1};
    read.field = F_CARD_DESC;
    read.text = SLICE("theirs");
    engine_text(f->engine, &read, NOW);
    turn(f);
    assert_int_equal(f->answer_count, 1);
    assert_int_equal(f->answers[0]->fault.err, ERR_CONFLICT);
    assert_string_equal(f->answers[0]->fault.field, "if");
}

int main(void)
{
    json_start();
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(test_text__##name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
            TEST(a_delta_is_merged_with_what_came_since),
            TEST(one_message_changes_several),
            TEST(a_delta_below_the_tail_is_stale),
            TEST(one_text_op_of_a_client_is_in_flight),
            TEST(a_message_changes_a_text_once),
            TEST(a_merged_text_is_held_to_the_limit),
            TEST(a_merged_delta_is_held_to_what_can_be_read_again),
            TEST(a_version_before_another_nodes_change_is_a_conflict),
            TEST(a_whole_text_is_merged_from_the_version_it_names),
            TEST(a_version_that_is_forgotten_is_a_conflict),
            TEST(a_whole_text_over_a_newer_one_says_whose),
            TEST(each_of_two_whole_texts_has_its_notice),
            TEST(a_rolled_back_change_is_not_merged_with),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
