#include "core/value.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "core/base/check.h"
#include "core/base/limits.h"

static struct arena arena;
static struct fault fault;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 16, (size_t)1 << 26);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_fini(&arena);
    return 0;
}

/* From the tree and from the text: the same comes of both. */
static enum err read_as(enum field f, const char *json, struct value *ret_value)
{
    json_t *tree;
    struct value of_text;
    struct fault why = {0};
    memset(&fault, 0, sizeof(fault));
    assert_int_equal(json_read(&arena, slice_cstr(json), &tree, &fault), ERR_OK);
    enum err err = value_read(f, tree, ret_value, &fault);
    assert_int_equal(value_read_text(f, &arena, slice_cstr(json), &of_text, &why), err);
    assert_string_equal(why.wrong, fault.wrong);
    if (err == ERR_OK) {
        assert_true(value_eq(&of_text, ret_value));
        value_fini(&of_text);
    }
    return err;
}

static void assert_round(enum field f, const char *json, const char *canonical)
{
    struct value v;
    assert_int_equal(read_as(f, json, &v), ERR_OK);
    struct value copy = value_copy(&v);
    assert_true(value_eq(&v, &copy));
    value_fini(&v);
    assert_int_equal(v.type, VALUE_NULL);
    struct buf text;
    buf_init(&text, KIB(64));
    struct json_out j = json_out(&text);
    value_write(&j, &copy);
    buf_add_char(&text, '\0');
    assert_string_equal(text.ptr, canonical);
    value_fini(&copy);
    buf_fini(&text);
}

#define ID_A "\"65a000000000000000000001\""
#define ID_B "\"65a000000000000000000002\""

static void test_value__every_type_is_written_as_it_was_read(void **state)
{
    (void)state;
    assert_round(F_CARD_CLOSED, "true", "true");
    assert_round(F_CARD_POS, "140737488355328.5", "140737488355328.5");
    assert_round(F_CARD_POS, "-0.0", "0");
    assert_round(F_CARD_POS, "-0", "0");
    assert_round(F_CARD_POS, "0", "0");
    assert_round(F_CARD_POS, "-12", "-12");
    assert_round(F_CARD_POS, "9007199254740991", "9007199254740991");
    assert_round(F_CARD_NAME, "\"S\xc3\xb6k\"", "\"S\xc3\xb6k\"");
    assert_round(F_CARD_ID_LABELS, "[" ID_A "]", "[" ID_A "]");
    assert_round(F_CARD_NAME, "\"S\\u00f6k \\ud83c\\udf89\"", "\"S\xc3\xb6k \xf0\x9f\x8e\x89\"");
    assert_round(F_CARD_NAME, "\"\"", "\"\"");
    assert_round(F_CARD_DUE, "\"2026-11-20T09:15:00.000Z\"", "\"2026-11-20T09:15:00.000Z\"");
    assert_round(F_CARD_DUE, "null", "null");
    assert_round(F_CARD_ID_LIST, ID_A, ID_A);
    assert_round(F_CARD_ID_LABELS, "[" ID_B "," ID_A "]", "[" ID_B "," ID_A "]");
    assert_round(F_CARD_ID_LABELS, "[]", "[]");
    assert_round(F_CARD_COVER, "{\"b\":[1.0,2],\"a\":{}}", "{\"a\":{},\"b\":[1,2]}");
    assert_round(F_CARD_COVER, "{\"\":\"\",\"a\":[],\"b\":[null,{\"c\":-7}]}",
            "{\"\":\"\",\"a\":[],\"b\":[null,{\"c\":-7}]}");
    assert_round(F_CARD_COVER, "{\"b\":[ ],\"a\":-0,\"c\":\"\\/\"}",
            "{\"a\":0,\"b\":[],\"c\":\"/\"}");
    assert_round(F_CARD_COVER, "{\"\xef\xbf\xbd\":1,\"\xf0\x9f\x8e\x89\":2}",
            "{\"\xf0\x9f\x8e\x89\":2,\"\xef\xbf\xbd\":1}");
    assert_round(F_CARD_COVER, "{\"a\":[[[[[[[1]]]]]]]}", "{\"a\":[[[[[[[1]]]]]]]}");
    assert_round(F_COMMENT_REACTIONS, "[{\"a\":1}]", "[{\"a\":1}]");
    assert_round(F_CARD_BADGES, "{}", "{}");
    assert_round(F_CARD_COORDINATES, "\"59.3,18.1\"", "\"59.3,18.1\"");
    assert_round(F_CARD_DESC, "\"text\"", "\"text\"");
}

static void test_value__a_text_that_is_no_json_is_refused(void **state)
{
    (void)state;
    static const struct {
        enum field f;
        const char *text;
    } bad[] = {
            {F_CARD_NAME, ""},
            {F_CARD_NAME, "\""},
            {F_CARD_NAME, "\"a\nb\""},
            {F_CARD_NAME, "\"a\\\""},
            {F_CARD_NAME, "\"a\"b\""},
            {F_CARD_NAME, "\"\xc3\""},
            {F_CARD_NAME, "\"\xed\xa0\x80\""},
            {F_CARD_NAME, "\"\xf5\x80\x80\x80\""},
            {F_CARD_DUE, "\"2026-11-20T09:15:00.000Z"},
            {F_CARD_POS, "01"},
            {F_CARD_POS, "-"},
            {F_CARD_POS, "1x"},
            {F_CARD_CLOSED, "truee"},
            {F_CARD_ID_LIST, "\"65a000000000000000000001"},
            {F_CARD_ID_LABELS, "]"},
            {F_CARD_ID_LABELS, "[" ID_A "," ID_B},
            {F_CARD_ID_LABELS, "[" ID_A " " ID_B "]"},
            {F_CARD_ID_LABELS, "," ID_A "," ID_B "]"},
            {F_CARD_ID_LABELS, "[" ID_A "," ID_B "}"},
            {F_CARD_BADGES, "{"},
            {F_CARD_BADGES, "{\"a\":1}}"},
            {F_CARD_BADGES, "{\"a\":1,}"},
            {F_CARD_BADGES, "{\"a\":[1}"},
            {F_CARD_BADGES, "{\"a\":1,\"a\":2}"},
            {F_CARD_BADGES, "{\"a\":01}"},
            {F_CARD_BADGES, "{\"a\":nul}"},
            {F_CARD_BADGES, "{\"a\"}"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
        struct value v;
        struct slice text = slice_cstr(bad[i].text);
        assert_int_equal(value_read_text(bad[i].f, &arena, text, &v, &fault), ERR_INVALID);
    }
}

static void test_value__what_a_field_does_not_take_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        enum field f;
        const char *json, *field;
    } bad[] = {
            {F_CARD_CLOSED, "1", "closed"},
            {F_CARD_CLOSED, "null", "closed"},
            {F_CARD_NAME, "null", "name"},
            {F_CARD_NAME, "7", "name"},
            {F_CARD_POS, "\"top\"", "pos"},
            {F_CARD_POS, "9007199254740992", "pos"},
            {F_CARD_ID_SHORT, "1.5", "idShort"},
            {F_CARD_ID_SHORT, "-1", "idShort"},
            {F_CARD_DUE, "\"tomorrow\"", "due"},
            {F_CARD_ID_LIST, "\"65A000000000000000000001\"", "idList"},
            {F_CARD_ID_LIST, "\"000000000000000000000000\"", "idList"},
            {F_CARD_ID_LABELS, "[" ID_A "," ID_A "]", "idLabels"},
            {F_CARD_ID_LABELS, ID_A, "idLabels"},
            {F_CARD_COVER, "[]", "cover"},
            {F_CARD_COVER, "{\"a\":[[[[[[[[1]]]]]]]]}", "cover"},
            {F_BOARD_PREFS, "\"x\"", "prefs"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
        struct value v;
        assert_int_equal(read_as(bad[i].f, bad[i].json, &v), ERR_INVALID);
        assert_string_equal(fault.field, bad[i].field);
        assert_true(fault.wrong[0] != '\0' && fault.expected[0] != '\0');
    }
}

/* length units of two-byte characters. */
static const char *long_string(size_t units)
{
    char *text = arena_alloc(&arena, 2 * units + 3);
    text[0] = '"';
    for (size_t i = 0; i < units; i++)
        memcpy(text + 1 + 2 * i, "\xc3\xa9", 2);
    text[1 + 2 * units] = '"';
    return text;
}

static void test_value__limits_count_utf16_units_not_bytes(void **state)
{
    (void)state;
    struct value v;
    assert_int_equal(read_as(F_CARD_NAME, long_string(NAME_UNITS_MAX), &v), ERR_OK);
    value_fini(&v);
    assert_int_equal(read_as(F_CARD_NAME, long_string(NAME_UNITS_MAX + 1), &v), ERR_INVALID);
    assert_string_equal(fault.wrong, "is a string of 16385 UTF-16 units");
    assert_int_equal(read_as(F_LIST_COLOR, long_string(SHORT_TEXT_UNITS_MAX + 1), &v), ERR_INVALID);
    assert_int_equal(read_as(F_CARD_DESC, long_string(TEXT_UNITS_MAX + 1), &v), ERR_INVALID);
}

static void test_value__a_json_field_over_its_bytes_is_refused(void **state)
{
    (void)state;
    struct value v;
    char *text = arena_alloc(&arena, JSON_FIELD_BYTES_MAX + 64);
    memset(text, 'x', JSON_FIELD_BYTES_MAX + 10);
    memcpy(text, "{\"a\":\"", 6);
    memcpy(text + JSON_FIELD_BYTES_MAX - 2, "\"}", 3);
    assert_int_equal(read_as(F_BOARD_PREFS, text, &v), ERR_OK);
    value_fini(&v);
    memcpy(text + JSON_FIELD_BYTES_MAX - 2, "x\"}", 4);
    assert_int_equal(read_as(F_BOARD_PREFS, text, &v), ERR_INVALID);
}

static struct id id_of(uint32_t n)
{
    return id_make(n, 1);
}

static void test_value__a_set_keeps_the_order_in_which_elements_came(void **state)
{
    (void)state;
    struct value v = {.type = VALUE_SET};
    for (uint32_t i = 1; i <= 20; i++)
        assert_true(value_set_put(&v, id_of(i), true));
    assert_false(value_set_put(&v, id_of(3), true));
    assert_true(value_set_put(&v, id_of(3), false));
    assert_false(value_set_put(&v, id_of(3), false));
    assert_int_equal(value_set_index(&v, id_of(4)), 2);
    value_set_insert(&v, 2, id_of(3));
    for (uint32_t i = 1; i <= 20; i++)
        assert_int_equal(value_set_index(&v, id_of(i)), i - 1);
    struct value copy = value_copy(&v);
    assert_true(value_eq(&copy, &v));
    value_set_put(&copy, id_of(1), false);
    value_set_put(&copy, id_of(1), true);
    assert_false(value_eq(&copy, &v));
    for (uint32_t i = 1; i <= 20; i++)
        value_set_put(&v, id_of(i), false);
    assert_null(v.set);
    value_fini(&copy);
}

static void test_model__tables_agree_with_each_other(void **state)
{
    (void)state;
    for (unsigned f = 0; f < FIELD_COUNT; f++) {
        const struct field_info *info = field_info((enum field)f);
        enum field found;
        assert_true(field_parse(info->kind, info->name, &found));
        assert_int_equal(found, f);
        assert_int_equal((unsigned)kind_info(info->kind)->first + info->slot, f);
    }
    enum kind k;
    assert_true(kind_parse(SLICE("membership"), &k));
    assert_int_equal(k, KIND_MEMBERSHIP);
    assert_false(kind_parse(SLICE(""), &k));
    assert_false(kind_parse(SLICE("cards"), &k));
    assert_false(kind_known(0));
    assert_false(kind_known(KIND_LIMIT));
    enum field f;
    assert_false(field_parse(KIND_LIST, SLICE("due"), &f));
    enum role role;
    for (enum role r = ROLE_OBSERVER; r <= ROLE_ADMIN; r++) {
        assert_true(role_parse(role_name(r), &role));
        assert_int_equal(role, r);
    }
    assert_false(role_parse(SLICE(""), &role));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(
                    test_value__every_type_is_written_as_it_was_read, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_value__a_text_that_is_no_json_is_refused, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_value__what_a_field_does_not_take_is_refused_by_name, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_value__limits_count_utf16_units_not_bytes, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_value__a_json_field_over_its_bytes_is_refused, setup, teardown),
            cmocka_unit_test(test_value__a_set_keeps_the_order_in_which_elements_came),
            cmocka_unit_test(test_model__tables_agree_with_each_other),
    };
    json_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
