#include "core/board.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "core/base/limits.h"
#include "tests/unit/core/effects.h"

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

static struct slice object_text(const struct object *o)
{
    struct buf text;
    buf_init(&text, 1 << 20);
    object_write(o, &text);
    struct slice copy = arena_dup(&arena, buf_slice(&text));
    buf_fini(&text);
    return copy;
}

static void test_object__is_written_canonically_with_id_and_s_at_their_places(void **state)
{
    (void)state;
    struct object *o = object_new(KIND_LIST, test_id(5));
    o->s = 3;
    object_value(o, F_LIST_NAME)[0] = value_str(SLICE("To \"do\""));
    object_value(o, F_LIST_POS)->num = 65536;
    char id[ID_TEXT + 1], expected[256];
    id_format(o->id, id);
    snprintf(expected, sizeof(expected),
            "{\"closed\":false,\"color\":null,\"id\":\"%s\",\"name\":\"To "
            "\\\"do\\\"\",\"pos\":65536,\"s\":3,"
            "\"softLimit\":null}",
            id);
    struct slice text = object_text(o);
    assert_int_equal(text.len, strlen(expected));
    assert_memory_equal(text.ptr, expected, text.len);
    object_free(o);
}

/* Sorted members: what json_tree writes of the text is the text itself. */
static void test_object__of_every_kind_is_canonical_and_read_back(void **state)
{
    (void)state;
    for (unsigned k = 0; k < KIND_LIMIT; k++) {
        if (!kind_known(k)) continue;
        struct object *o = object_new((enum kind)k, test_id(k)), *back;
        o->s = 41;
        for (unsigned i = 0; i < kind_info(o->kind)->count; i++) {
            struct value *v = &o->fields[i];
            if (v->type == VALUE_SET) value_set_put(v, test_id(9), true);
            if (v->type == VALUE_JSON) *v = value_json(SLICE("{\"a\":1}"));
            if (v->type == VALUE_NUM) v->num = 7;
            if (field_info((enum field)((unsigned)kind_info(o->kind)->first + i))->type ==
                    FIELD_DATE) {
                value_fini(v);
                *v = value_str(SLICE("2026-01-01T00:00:00.000Z"));
            } else if (v->type == VALUE_STR) {
                *v = value_str(SLICE("x"));
            }
        }
        struct slice text = object_text(o);
        json_t *tree;
        struct fault fault = {0};
        assert_int_equal(json_read(&arena, text, &tree, &fault), ERR_OK);
        struct buf again;
        buf_init(&again, 1 << 20);
        struct json_out j = json_out(&again);
        json_tree(&j, tree);
        assert_true(slice_eq(buf_slice(&again), text));
        buf_fini(&again);
        assert_int_equal(object_read(o->kind, &arena, text, &back, &fault), ERR_OK);
        assert_true(slice_eq(object_text(back), text));
        object_free(back);
        object_free(o);
    }
}

/* An import once stored what had no date with an empty one. In order, and as a tree. */
static void test_object__an_empty_date_is_none(void **state)
{
    static const char *const texts[] = {
            "{\"date\":\"\",\"id\":\"c00000000000000000000000\",\"s\":3}",
            "{\"s\":3,\"id\":\"c00000000000000000000000\",\"odd\":1,\"date\":\"\"}"};
    struct fault fault = {0};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
        struct object *o;
        struct slice text = slice_cstr(texts[i]);
        assert_int_equal(object_read(KIND_COMMENT, &arena, text, &o, &fault), ERR_OK);
        assert_int_equal(value_slice(object_value(o, F_COMMENT_DATE)).len, 0);
        object_free(o);
    }
}

static void test_object__older_and_newer_data_are_read(void **state)
{
    (void)state;
    struct object *o;
    struct fault fault = {0};
    struct slice text = SLICE(
            "{\"id\":\"65a000000000000000000001\",\"name\":\"n\",\"fromTheFuture\":[1],\"s\":2}");
    assert_int_equal(object_read(KIND_CARD, &arena, text, &o, &fault), ERR_OK);
    assert_true(slice_eq(value_slice(object_value(o, F_CARD_NAME)), SLICE("n")));
    assert_int_equal(object_value(o, F_CARD_DUE)->type, VALUE_NULL);
    assert_int_equal(object_value(o, F_CARD_ID_LABELS)->type, VALUE_SET);
    assert_true(slice_eq(value_slice(object_value(o, F_CARD_BADGES)), SLICE("{}")));
    object_free(o);
    static const char *const bad[] = {"", "[]", "{\"s\":1}",
            "{\"id\":\"65a000000000000000000001\"}", "{\"id\":\"x\",\"s\":1}",
            "{\"id\":\"65a000000000000000000001\",\"s\":-1}",
            "{\"id\":\"65a000000000000000000001\",\"s\":1,\"pos\":\"x\"}"};
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
        assert_int_equal(
                object_read(KIND_CARD, &arena, slice_cstr(bad[i]), &o, &fault), ERR_INVALID);
}

#define ID_1 "65a000000000000000000001"
#define ID_2 "65a000000000000000000002"

/* Members in another order, or of another form, are read another way: to the same object. */
static void test_object__members_are_read_in_any_order_and_once(void **state)
{
    (void)state;
    static const char *const same[] = {
            "{\"due\":null,\"id\":\"" ID_1 "\",\"idList\":\"" ID_2
            "\",\"name\":\"n\",\"s\":2}",
            "{\"s\":2,\"name\":\"n\",\"idList\":\"" ID_2 "\",\"id\":\"" ID_1 "\"}",
            " {\"id\" : \"" ID_1 "\" , \"idList\" : \"" ID_2
            "\", \"name\":\"\\u006e\", \"s\" : 2 } ",
            "{\"desc\":\"d\",\"id\":\"" ID_1 "\",\"idLabels\":null,\"idList\":\"" ID_2
            "\",\"name\":\"n\",\"s\":2}",
    };
    static const char *const bad[] = {
            "{\"id\":\"" ID_1 "\",\"id\":\"" ID_1 "\",\"s\":2}",
            "{\"id\":\"" ID_1 "\",\"name\":\"n\",\"name\":\"n\",\"s\":2}",
            "{\"id\":\"" ID_1 "\",\"s\":2,\"s\":2}",
            "{\"id\":\"" ID_1 "\",\"s\":2}x",
            "{\"id\":\"" ID_1 "\",\"s\":02}",
            "{\"id\":\"" ID_1 "\",\"s\":9007199254740992}",
            "{\"id\":\"000000000000000000000000\",\"s\":2}",
    };
    struct object *first, *o;
    struct fault fault = {0};
    assert_int_equal(object_read(KIND_CARD, &arena, slice_cstr(same[0]), &first, &fault), ERR_OK);
    for (size_t i = 1; i < ARRAY_COUNT(same); i++) {
        assert_int_equal(object_read(KIND_CARD, &arena, slice_cstr(same[i]), &o, &fault), ERR_OK);
        assert_true(slice_eq(object_text(o), object_text(first)));
        object_free(o);
    }
    object_free(first);
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
        assert_int_equal(
                object_read(KIND_CARD, &arena, slice_cstr(bad[i]), &o, &fault), ERR_INVALID);
}

static struct object *card(uint32_t n, struct id list, double pos)
{
    struct object *o = object_new(KIND_CARD, test_id(n));
    object_value(o, F_CARD_ID_LIST)->id = list;
    object_value(o, F_CARD_POS)->num = pos;
    return o;
}

static void test_board__siblings_stay_sorted_by_pos_then_id(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 3);
    struct board *one = board_new(test_id(1)), *many = board_new(test_id(1));
    struct id list = test_id(2);
    for (uint32_t i = 0; i < 500; i++) {
        double pos = (double)rng_below(&rng, 50);
        board_insert(one, card(100 + i, list, pos));
        board_fill(many, card(100 + i, list, pos));
    }
    board_fill_end(many);
    const struct siblings *a = board_children(one, KIND_CARD, list),
                          *b = board_children(many, KIND_CARD, list);
    assert_int_equal(a->count, 500);
    for (size_t i = 0; i < a->count; i++) {
        assert_true(id_eq(a->at[i]->id, b->at[i]->id));
        assert_int_equal(siblings_index(a, a->at[i]), i);
        if (i == 0) continue;
        double before = object_value(a->at[i - 1], F_CARD_POS)->num,
               here = object_value(a->at[i], F_CARD_POS)->num;
        assert_true(
                before < here || (before == here && id_cmp(a->at[i - 1]->id, a->at[i]->id) < 0));
    }
    size_t empty = sizeof(*one);
    while (board_children(one, KIND_CARD, list) != NULL) {
        struct object *o = board_children(one, KIND_CARD, list)->at[0];
        board_remove(one, o);
        object_free(o);
    }
    assert_int_equal(one->bytes, empty);
    assert_int_equal(one->count[KIND_CARD], 0);
    board_free(one);
    board_free(many);
}

static void test_board__memberships_give_roles(void **state)
{
    (void)state;
    struct board *b = board_new(test_id(1));
    static const char *const types[] = {"observer", "normal", "admin", "ghost"};
    static const enum role roles[] = {ROLE_OBSERVER, ROLE_NORMAL, ROLE_ADMIN, ROLE_NONE};
    for (uint32_t i = 0; i < 4; i++) {
        struct object *o = object_new(KIND_MEMBERSHIP, test_id(10 + i));
        object_value(o, F_MEMBERSHIP_ID_MEMBER)->id = test_id(50 + i);
        *object_value(o, F_MEMBERSHIP_MEMBER_TYPE) = value_str(slice_cstr(types[i]));
        board_insert(b, o);
    }
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(board_role(b, test_id(50 + i)), roles[i]);
    assert_int_equal(board_role(b, test_id(60)), ROLE_NONE);
    assert_int_equal(board_role(b, (struct id){{0}}), ROLE_NONE);
    struct object *first = board_membership(b, test_id(50));
    board_remove(b, first);
    object_free(first);
    assert_null(board_membership(b, test_id(50)));
    assert_int_equal(board_role(b, test_id(52)), ROLE_ADMIN);
    board_free(b);
}

static void test_board__documents_are_kept_by_object_and_field(void **state)
{
    (void)state;
    struct board *b = board_new(test_id(1));
    size_t bytes = b->bytes;
    board_doc_put(b, test_id(2), F_CARD_DESC, 4, SLICE("one"));
    board_doc_put(b, test_id(2), F_BOARD_DESC, 5, SLICE("two"));
    board_doc_put(b, test_id(2), F_CARD_DESC, 6, board_doc(b, test_id(2), F_BOARD_DESC)->text);
    assert_true(slice_eq(board_doc(b, test_id(2), F_CARD_DESC)->text, SLICE("two")));
    assert_int_equal(board_doc(b, test_id(2), F_CARD_DESC)->s, 6);
    assert_null(board_doc(b, test_id(3), F_CARD_DESC));
    board_doc_drop(b, board_doc(b, test_id(2), F_CARD_DESC));
    board_doc_drop(b, board_doc(b, test_id(2), F_BOARD_DESC));
    assert_int_equal(b->bytes, bytes);
    board_free(b);
}

static void test_board__equal_boards_have_equal_text_whatever_the_order_of_insertion(void **state)
{
    (void)state;
    struct board *a = board_new(test_id(1)), *b = board_new(test_id(1));
    for (uint32_t i = 0; i < 20; i++) {
        board_insert(a, card(100 + i, test_id(2), i));
        board_insert(b, card(119 - i, test_id(2), 19 - i));
    }
    struct buf x, y;
    buf_init(&x, 1 << 20);
    buf_init(&y, 1 << 20);
    board_write(a, &x);
    board_write(b, &y);
    assert_true(slice_eq(buf_slice(&x), buf_slice(&y)));
    assert_true(slice_starts(buf_slice(&x), SLICE("{\"objects\":[[\"card\",{\"address\":null")));
    assert_true(slice_ends(buf_slice(&x), SLICE("],\"pos\":[0,\"0000000000000000\"]}")));
    buf_fini(&x);
    buf_fini(&y);
    board_free(a);
    board_free(b);
}

static void test_board__a_sum_depends_on_kind_id_and_content(void **state)
{
    (void)state;
    uint64_t sum = entity_sum(KIND_CARD, test_id(1), SLICE("{}"));
    assert_true(sum == entity_sum(KIND_CARD, test_id(1), SLICE("{}")));
    assert_true(sum != entity_sum(KIND_LIST, test_id(1), SLICE("{}")));
    assert_true(sum != entity_sum(KIND_CARD, test_id(2), SLICE("{}")));
    assert_true(sum != entity_sum(KIND_CARD, test_id(1), SLICE("{ }")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(
                    test_object__is_written_canonically_with_id_and_s_at_their_places, setup,
                    teardown),
            cmocka_unit_test_setup_teardown(
                    test_object__of_every_kind_is_canonical_and_read_back, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_object__an_empty_date_is_none, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_object__older_and_newer_data_are_read, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_object__members_are_read_in_any_order_and_once, setup, teardown),
            cmocka_unit_test(test_board__siblings_stay_sorted_by_pos_then_id),
            cmocka_unit_test(test_board__memberships_give_roles),
            cmocka_unit_test(test_board__documents_are_kept_by_object_and_field),
            cmocka_unit_test(
                    test_board__equal_boards_have_equal_text_whatever_the_order_of_insertion),
            cmocka_unit_test(test_board__a_sum_depends_on_kind_id_and_content),
    };
    json_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
