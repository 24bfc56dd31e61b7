#include "tests/unit/core/effects.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "core/base/limits.h"
#include "core/walk.h"

#define EVENTS 150
#define SEEDS  10

struct record {
    struct slice public_json, old_json;
    struct hash128 chain;
};

static struct arena arena;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 16, ARENA_TEST_BYTES);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_fini(&arena);
    return 0;
}

static void assert_dump(const struct board *b, struct buf *expected, struct buf *scratch)
{
    test_dump(b, scratch);
    buf_add_char(scratch, '\0');
    buf_add_char(expected, '\0');
    assert_string_equal(scratch->ptr, expected->ptr);
    expected->len--;
}

static void assert_ordered(const struct board *b)
{
    size_t placed = 0;
    for (const struct siblings *s = b->siblings; s != NULL; s = s->hh.next) {
        placed += s->count;
        for (size_t i = 0; i < s->count; i++)
            assert_int_equal(siblings_index(s, s->at[i]), i);
    }
    assert_int_equal(placed, b->count[KIND_CARD] + b->count[KIND_LIST]);
}

static void replay(struct board *b, const struct record *r)
{
    struct event e;
    struct fault fault = {0};
    enum err err = event_decode(&arena, r->public_json, slice_of(NULL, 0), &e, &fault);
    if (err != ERR_OK) print_error("%s\n", fault.wrong);
    assert_int_equal(err, ERR_OK);
    event_apply(b, &e, &arena);
    assert_true(event_chain(b->head.chain, r->public_json, r->old_json, &e.chain));
    assert_memory_equal(&e.chain, &r->chain, sizeof(r->chain));
    event_follow(b, &e);
    event_fini(&e);
}

static struct slice effects_text(const struct event *e)
{
    struct buf text;
    buf_init(&text, (size_t)1 << 24);
    struct json_out j = json_out(&text);
    effects_write(&j, e->effects, e->effect_count);
    struct slice copy = arena_dup(&arena, buf_slice(&text));
    buf_fini(&text);
    return copy;
}

static bool contains(struct slice text, struct slice part)
{
    return memmem(text.ptr, text.len, part.ptr, part.len) != NULL;
}

static void run_seed(uint64_t seed, struct buf *text, struct buf *scratch)
{
    struct record *log = ARENA_NEW_ARRAY(&arena, struct record, EVENTS);
    struct test_maker m = {.next_id = 100};
    struct board *b = test_board(&arena), *follower = test_board(&arena);
    rng_init(&m.rng, seed);
    struct buf first;
    buf_init(&first, (size_t)1 << 24);
    test_dump(b, &first);
    for (size_t i = 0; i < EVENTS; i++) {
        struct event e;
        test_dump(b, text);
        test_make(&m, b, &e, &arena);
        test_commit(b, &e, &arena);
        assert_ordered(b);
        event_unapply(b, &e, &arena);
        assert_dump(b, text, scratch);
        assert_ordered(b);
        test_commit(b, &e, &arena);
        log[i] = (struct record){e.public_json, e.old_json, e.chain};
        replay(follower, &log[i]);
        test_dump(b, text);
        assert_dump(follower, text, scratch);
        size_t bytes = b->bytes;
        event_unapply(b, &e, &arena);
        event_apply(b, &e, &arena);
        event_follow(b, &e);
        assert_dump(b, text, scratch);
        assert_true(b->bytes <= bytes + 64 * 1024);
        event_fini(&e);
    }
    /* The whole history backwards, from what the log kept. Chain and ts are in the record before
     * each. */
    for (size_t i = EVENTS; i > 0; i--) {
        struct event e;
        struct fault fault = {0};
        enum err err =
                event_decode(&arena, log[i - 1].public_json, log[i - 1].old_json, &e, &fault);
        if (err != ERR_OK) print_error("%s in %.*s\n", fault.wrong, SLICE_ARG(log[i - 1].old_json));
        assert_int_equal(err, ERR_OK);
        event_unapply(follower, &e, &arena);
        assert_true(contains(log[i - 1].public_json, effects_text(&e))); /* as before apply */
        event_fini(&e);
    }
    struct board *fresh = test_board(&arena);
    follower->head.chain = fresh->head.chain;
    follower->head.ts = fresh->head.ts;
    assert_dump(follower, &first, scratch);
    board_free(fresh);
    board_free(follower);
    board_free(b);
    buf_fini(&first);
}

static void test_effect__unapply_is_the_exact_inverse_and_followers_agree(void **state)
{
    (void)state;
    struct buf text, scratch;
    buf_init(&text, (size_t)1 << 24);
    buf_init(&scratch, (size_t)1 << 24);
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        run_seed(seed, &text, &scratch);
        arena_reset(&arena);
    }
    buf_fini(&text);
    buf_fini(&scratch);
}

/* A list and three cards, the last two labelled. */
static struct board *small_board(struct id ret_cards[3], struct id *ret_label)
{
    struct board *b = test_board(&arena);
    struct event e = {.effects = ARENA_NEW_ARRAY(&arena, struct effect, 8), .ts = 1700000000001};
    struct id list = test_id(10);
    *ret_label = test_id(11);
    test_ids(&arena, test_effect(&e, EFFECT_ADD, KIND_LIST), &list, 1);
    test_ids(&arena, test_effect(&e, EFFECT_ADD, KIND_LABEL), ret_label, 1);
    for (uint32_t i = 0; i < 3; i++) {
        struct effect *fx = test_effect(&e, EFFECT_ADD, KIND_CARD);
        ret_cards[i] = test_id(20 + i);
        test_ids(&arena, fx, &ret_cards[i], 1);
        *test_column(&arena, fx, F_CARD_POS, 1) = value_num(POS_STEP * (i + 1));
        *test_column(&arena, fx, F_CARD_ID_LIST, 1) = value_id(list);
        *test_column(&arena, fx, F_CARD_ID_SHORT, 1) = value_num(i + 1);
        struct value *labels = test_column(&arena, fx, F_CARD_ID_LABELS, 1);
        *labels = (struct value){.type = VALUE_SET};
        if (i == 0) continue;
        value_set_put(labels, test_id(11), true);
        value_set_put(labels, test_id(90 + i), true);
    }
    test_commit(b, &e, &arena);
    event_fini(&e);
    return b;
}

static struct event event_of(uint32_t effects)
{
    return (struct event){
            .effects = ARENA_NEW_ARRAY(&arena, struct effect, effects), .ts = 1700000000002};
}

static void test_effect__a_record_has_the_documented_form(void **state)
{
    (void)state;
    struct id cards[3], label;
    struct board *b = small_board(cards, &label);
    struct event e = event_of(1);
    e.by = test_id(7);
    e.cl = SLICE("c1");
    e.n = 3;
    e.ow = SLICE("[[\"name\",1]]");
    struct effect *fx = test_effect(&e, EFFECT_SET, KIND_CARD);
    test_ids(&arena, fx, &cards[0], 1);
    *test_column(&arena, fx, F_CARD_NAME, 1) = value_str(SLICE("n"));
    *test_column(&arena, fx, F_CARD_CLOSED, 1) = value_bool(true);
    struct hash128 before = b->head.chain;
    test_commit(b, &e, &arena);
    char by[ID_TEXT + 1], board[ID_TEXT + 1], card[ID_TEXT + 1], h[17], expected[512];
    id_format(e.by, by);
    id_format(b->id, board);
    id_format(cards[0], card);
    hash_head_format(b->head.chain, h);
    snprintf(expected, sizeof(expected),
            "{\"t\":\"op\",\"b\":\"%s\",\"s\":3,\"by\":\"%s\",\"ts\":1700000000002,\"cl\":\"c1\","
            "\"n\":3,\"e\":[[\"set\","
            "\"card\",\"%s\",{\"closed\":true,\"name\":\"n\"}]],\"ow\":[[\"name\",1]],\"h\":\"%"
            "s\"}",
            board, by, card, h);
    assert_int_equal(e.public_json.len, strlen(expected));
    assert_memory_equal(e.public_json.ptr, expected, strlen(expected));
    assert_true(slice_eq(
            e.old_json, SLICE("[{\"s\":[2],\"v\":{\"closed\":[false],\"name\":[\"\"]}}]")));
    struct slice body = slice_head(e.public_json, e.public_json.len - 24);
    struct hash128 link = hash_chain(before, body, e.old_json);
    assert_memory_equal(&link, &b->head.chain, sizeof(link));
    assert_int_equal(b->head.seq, 3);
    assert_int_equal(b->head.ts, 1700000000002);
    event_fini(&e);
    board_free(b);
}

static void test_effect__a_changed_record_breaks_its_chain(void **state)
{
    (void)state;
    struct id cards[3], label;
    struct board *b = small_board(cards, &label);
    struct event e = event_of(1);
    test_ids(&arena, test_effect(&e, EFFECT_DEL, KIND_CARD), cards, 2);
    struct hash128 before = b->head.chain, link;
    test_commit(b, &e, &arena);
    assert_true(event_chain(before, e.public_json, e.old_json, &link));
    assert_false(event_chain(b->head.chain, e.public_json, e.old_json, &link));
    assert_false(event_chain(before, e.public_json, SLICE("[]"), &link));
    assert_false(event_chain(before, SLICE("{}"), e.old_json, &link));
    struct slice copy = arena_dup(&arena, e.public_json);
    for (size_t i = 0; i < copy.len; i++) {
        char *at = (char *)(uintptr_t)copy.ptr + i;
        *at ^= 1;
        assert_false(event_chain(before, copy, e.old_json, &link));
        *at ^= 1;
    }
    event_fini(&e);
    board_free(b);
}

static void test_effect__time_never_runs_backwards_on_a_board(void **state)
{
    (void)state;
    struct board *b = test_board(&arena);
    struct event e = event_of(1);
    e.ts = 5;
    test_commit(b, &e, &arena);
    assert_int_equal(e.ts, 1700000000000);
    board_free(b);
}

static void test_effect__undoing_a_tag_puts_the_element_back_at_its_place(void **state)
{
    (void)state;
    struct id cards[3], label;
    struct board *b = small_board(cards, &label);
    struct event e = event_of(1);
    struct effect *fx = test_effect(&e, EFFECT_TAG, KIND_CARD);
    test_ids(&arena, fx, cards, 3);
    fx->field = F_CARD_ID_LABELS;
    fx->element = label;
    test_commit(b, &e, &arena);
    const struct value *v = object_value(board_find(b, cards[1]), F_CARD_ID_LABELS);
    assert_int_equal(v->set->count, 1);
    event_unapply(b, &e, &arena);
    v = object_value(board_find(b, cards[1]), F_CARD_ID_LABELS);
    assert_int_equal(v->set->count, 2);
    assert_true(id_eq(v->set->ids[0], label));
    assert_int_equal(board_find(b, cards[1])->s, 2);
    event_fini(&e);
    board_free(b);
}

static void test_effect__adding_a_card_moves_the_next_short_number_and_undo_restores_it(
        void **state)
{
    (void)state;
    struct id cards[3], label, id = test_id(50);
    struct board *b = small_board(cards, &label);
    assert_int_equal(b->head.next_short, 4);
    struct event e = event_of(1);
    struct effect *fx = test_effect(&e, EFFECT_ADD, KIND_CARD);
    test_ids(&arena, fx, &id, 1);
    *test_column(&arena, fx, F_CARD_ID_SHORT, 1) = value_num(41);
    test_commit(b, &e, &arena);
    assert_int_equal(b->head.next_short, 42);
    assert_true(slice_eq(e.old_json, SLICE("[{\"next\":4}]")));
    event_unapply(b, &e, &arena);
    assert_int_equal(b->head.next_short, 4);
    assert_null(board_find(b, id));
    event_fini(&e);
    board_free(b);
}

static void test_effect__deleting_the_board_object_marks_the_head(void **state)
{
    (void)state;
    struct board *b = test_board(&arena);
    struct event e = event_of(1);
    test_ids(&arena, test_effect(&e, EFFECT_DEL, KIND_BOARD), &b->id, 1);
    test_commit(b, &e, &arena);
    assert_true(b->head.deleted);
    assert_null(board_self(b));
    event_unapply(b, &e, &arena);
    assert_false(b->head.deleted);
    assert_non_null(board_self(b));
    event_fini(&e);
    board_free(b);
}

static void test_effect__a_text_that_is_not_loaded_only_moves_s(void **state)
{
    (void)state;
    struct id cards[3], label;
    struct board *b = small_board(cards, &label);
    struct event e = event_of(1);
    struct effect *fx = test_effect(&e, EFFECT_TXT, KIND_CARD);
    test_ids(&arena, fx, &cards[0], 1);
    fx->field = F_CARD_DESC;
    delta_diff(&arena, SLICE(""), SLICE("x"), &fx->delta);
    test_commit(b, &e, &arena);
    assert_int_equal(board_find(b, cards[0])->s, 3);
    assert_null(board_doc(b, cards[0], F_CARD_DESC));
    assert_true(slice_eq(e.old_json, SLICE("[{\"s\":2}]")));
    event_unapply(b, &e, &arena);
    assert_int_equal(board_find(b, cards[0])->s, 2);
    board_free(b);
}

static void test_effect__one_value_for_many_is_written_once_unless_it_is_json(void **state)
{
    (void)state;
    struct id cards[3], label;
    struct board *b = small_board(cards, &label);
    struct event e = event_of(1);
    struct effect *fx = test_effect(&e, EFFECT_SET, KIND_CARD);
    test_ids(&arena, fx, cards, 3);
    *test_column(&arena, fx, F_CARD_CLOSED, 1) = value_bool(true);
    *test_column(&arena, fx, F_CARD_COVER, 1) = value_json(SLICE("{\"size\":\"full\"}"));
    struct buf text;
    buf_init(&text, 4096);
    struct json_out j = json_out(&text);
    effects_write(&j, e.effects, 1);
    buf_add_char(&text, '\0');
    assert_non_null(strstr(text.ptr, "{\"closed\":true,\"cover\":[{\"size\":\"full\"},{\"size\":"
                                     "\"full\"},{\"size\":\"full\"}]}"));
    buf_fini(&text);
    test_commit(b, &e, &arena);
    event_unapply(b, &e, &arena);
    assert_int_equal(fx->columns[0].count, 1);
    event_fini(&e);
    board_free(b);
}

static void test_effect__ten_thousand_ids_survive_the_way_through_the_log(void **state)
{
    (void)state;
    struct board *b = test_board(&arena);
    enum { COUNT = 10000 };
    struct id *ids = ARENA_NEW_ARRAY(&arena, struct id, COUNT);
    struct event e = event_of(COUNT);
    struct id list = test_id(10);
    for (uint32_t i = 0; i < COUNT; i++) {
        ids[i] = test_id(1000 + i);
        struct effect *fx = test_effect(&e, EFFECT_ADD, KIND_CARD);
        test_ids(&arena, fx, &ids[i], 1);
        fx->columns = ARENA_NEW_ARRAY(&arena, struct effect_column, 1);
        *test_column(&arena, fx, F_CARD_ID_LIST, 1) = value_id(list);
    }
    test_commit(b, &e, &arena);
    event_fini(&e);
    e = event_of(1);
    struct effect *fx = test_effect(&e, EFFECT_SET, KIND_CARD);
    test_ids(&arena, fx, ids, COUNT);
    struct value *pos = test_column(&arena, fx, F_CARD_POS, COUNT);
    for (uint32_t i = 0; i < COUNT; i++)
        pos[i] = value_num(POS_STEP * (COUNT - i));
    test_commit(b, &e, &arena);
    struct event back;
    struct fault fault;
    assert_int_equal(event_decode(&arena, e.public_json, e.old_json, &back, &fault), ERR_OK);
    assert_int_equal(back.effects[0].id_count, COUNT);
    assert_true(board_children(b, KIND_CARD, list)->at[0] == board_find(b, ids[COUNT - 1]));
    event_unapply(b, &back, &arena);
    assert_true(board_children(b, KIND_CARD, list)->at[0] == board_find(b, ids[0]));
    event_fini(&back);
    event_fini(&e);
    board_free(b);
}

static void test_effect__broken_records_are_refused(void **state)
{
    (void)state;
#define RECORD(effects)                                                                            \
    "{\"t\":\"op\",\"b\":\"65a000000000000000000001\",\"s\":1,\"by\":null,\"ts\":1,\"e\":" effects \
    ",\"h\":\"0123456789abcdef\"}"
#define ID1 "\"65a000000000000000000001\""
    static const char *const bad[] = {
            "",
            "{}",
            "[]",
            RECORD("{}"),
            RECORD("[1]"),
            RECORD("[[]]"),
            RECORD("[[\"add\",\"card\"]]"),
            RECORD("[[\"mul\",\"card\"," ID1 "]]"),
            RECORD("[[\"del\",\"ghost\"," ID1 "]]"),
            RECORD("[[\"del\",\"card\",[]]]"),
            RECORD("[[\"del\",\"card\",\"x\"]]"),
            RECORD("[[\"set\",\"card\"," ID1 ",{\"name\":1}]]"),
            RECORD("[[\"set\",\"card\"," ID1 ",{\"nome\":\"x\"}]]"),
            RECORD("[[\"set\",\"card\"," ID1 ",{\"name\":\"a\",\"name\":\"b\"}]]"),
            RECORD("[[\"set\",\"card\"," ID1 ",{\"desc\":\"b\"}]]"),
            RECORD("[[\"set\",\"card\",[" ID1 "],{\"pos\":[1,2]}]]"),
            RECORD("[[\"tag\",\"card\"," ID1 ",\"name\"," ID1 ",1]]"),
            RECORD("[[\"tag\",\"card\"," ID1 ",\"idLabels\"," ID1 ",2]]"),
            RECORD("[[\"txt\",\"card\"," ID1 ",\"desc\",[0]]]"),
            RECORD("[[\"txt\",\"card\"," ID1 ",\"name\",[\"x\"]]]"),
            RECORD("[[\"del\",\"board\",\"65a000000000000000000002\"]]"),
    };
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
        struct event e;
        struct fault fault = {0};
        assert_int_equal(event_decode(&arena, slice_cstr(bad[i]), slice_of(NULL, 0), &e, &fault),
                ERR_CORRUPT);
        assert_true(strlen(fault.wrong) > 0);
    }
    struct event e;
    struct fault fault;
    assert_int_equal(event_decode(&arena, SLICE(RECORD("[[\"del\",\"card\"," ID1 "]]")),
                             slice_of(NULL, 0), &e, &fault),
            ERR_OK);
    assert_int_equal(event_decode(&arena, SLICE(RECORD("[[\"del\",\"card\"," ID1 "]]")),
                             SLICE("[{}]"), &e, &fault),
            ERR_CORRUPT);
    assert_int_equal(event_decode(&arena, SLICE(RECORD("[[\"del\",\"card\"," ID1 "]]")),
                             SLICE("[]"), &e, &fault),
            ERR_CORRUPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(
                    test_effect__unapply_is_the_exact_inverse_and_followers_agree, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_effect__a_record_has_the_documented_form, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_effect__a_changed_record_breaks_its_chain, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_effect__time_never_runs_backwards_on_a_board, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_effect__undoing_a_tag_puts_the_element_back_at_its_place, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_effect__adding_a_card_moves_the_next_short_number_and_undo_restores_it,
                    setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_effect__deleting_the_board_object_marks_the_head, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_effect__a_text_that_is_not_loaded_only_moves_s, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_effect__one_value_for_many_is_written_once_unless_it_is_json, setup,
                    teardown),
            cmocka_unit_test_setup_teardown(
                    test_effect__ten_thousand_ids_survive_the_way_through_the_log, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_effect__broken_records_are_refused, setup, teardown),
    };
    json_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
