#include "core/base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "core/base/check.h"
#include "core/base/limits.h"
#include "tests/unit/base/dies.h"

static struct arena arena;
static struct fault fault;

static enum err read_text(struct slice text, json_t **ret_tree)
{
    arena_reset(&arena);
    memset(&fault, 0, sizeof(fault));
    return json_read(&arena, text, ret_tree, &fault);
}

static json_t *must_read(const char *text)
{
    json_t *tree = NULL;
    assert_int_equal(read_text(slice_cstr(text), &tree), ERR_OK);
    return tree;
}

static void assert_refused(struct slice text, const char *wrong_part)
{
    json_t *tree = NULL;
    assert_int_equal(read_text(text, &tree), ERR_INVALID);
    assert_null(tree);
    if (strstr(fault.wrong, wrong_part) == NULL)
        fail_msg("'%s' does not contain '%s'", fault.wrong, wrong_part);
}

static void test_json__reads_any_value_at_the_top(void **state)
{
    (void)state;
    assert_true(json_is_object(must_read("{}")));
    assert_true(json_is_string(must_read("\"x\"")));
    assert_true(json_is_null(must_read(" null ")));
    assert_true(json_is_integer(must_read("12")));
    assert_true(json_is_real(must_read("1.5")));
    assert_true(json_is_true(must_read("true")));
}

static void test_json__members_are_taken_by_type(void **state)
{
    json_t *tree =
            must_read("{\"s\":\"text\",\"n\":41,\"neg\":-1,\"real\":1.5,\"big\":9007199254740991,"
                      "\"bigger\":9007199254740992}");
    struct slice s = SLICE("kept");
    uint64_t n = 7;
    (void)state;
    assert_false(json_get_slice(tree, "n", &s));
    assert_false(json_get_slice(tree, "absent", &s));
    assert_true(slice_eq(s, SLICE("kept")));
    assert_true(json_get_slice(tree, "s", &s) && slice_eq(s, SLICE("text")));
    assert_false(json_get_u64(tree, "neg", &n));
    assert_false(json_get_u64(tree, "real", &n));
    assert_false(json_get_u64(tree, "s", &n));
    assert_int_equal(n, 7);
    assert_true(json_get_u64(tree, "n", &n) && n == 41);
    assert_false(json_get_u64(tree, "bigger", &n)); /* could not be written again */
    assert_true(json_get_u64(tree, "big", &n) && n == 9007199254740991);
    assert_string_equal(json_type_name(tree), "an object");
    assert_string_equal(json_type_name(NULL), "absent");
    assert_string_equal(json_type_name(json_object_get(tree, "real")), "a number");
    assert_false(json_get_u64(must_read("[1]"), "n", &n));
}

static void test_json__refuses_what_rfc_8259_leaves_open_or_forbids(void **state)
{
    (void)state;
    assert_refused(SLICE(""), "line 1");
    assert_refused(slice_of(NULL, 0), "line 1");
    assert_refused(SLICE("{\"a\":1,\"a\":2}"), "duplicate");
    assert_refused(SLICE("\"\\ud800\""), "line 1");
    assert_refused(SLICE("\"\\udc00\\ud800\""), "line 1");
    assert_refused(SLICE("\"\\u0000\""), "line 1");
    assert_refused(slice_of("\"\0\"", 3), "line 1");
    assert_refused(SLICE("\"\xff\""), "line 1");
    assert_refused(SLICE("\"\xed\xa0\x80\""), "line 1");
    assert_refused(SLICE("\"a\nb\""), "line 1");
    assert_refused(SLICE("{} x"), "line 1");
    assert_refused(SLICE("[1,]"), "line 1");
    assert_refused(SLICE("[01]"), "line 1");
    assert_refused(SLICE("\"open"), "line 1");
    assert_refused(SLICE("\"open\\"), "line 1");
    assert_refused(SLICE("nul"), "line 1");
    assert_refused(SLICE("]"), "line 1");
    assert_refused(SLICE(","), "line 1");
}

static void test_json__says_line_and_column(void **state)
{
    (void)state;
    assert_refused(SLICE("{\n \"a\": 1,\n \"b\": x}"), "line 3, column 7");
    assert_refused(SLICE("{\n \"a\": 99999999999999999999}"), "line 2, column 7");
}

static void test_json__bounds_depth_items_and_number_length(void **state)
{
    struct buf text;
    char deep[2 * JSON_DEPTH_MAX + 3];
    json_t *tree;
    (void)state;
    memset(deep, '[', JSON_DEPTH_MAX + 1);
    memset(deep + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
    deep[2 * JSON_DEPTH_MAX + 2] = '\0';
    assert_int_equal(read_text(slice_of(deep + 1, 2 * JSON_DEPTH_MAX), &tree), ERR_OK);
    assert_refused(slice_cstr(deep), "deep");
    /* text is not structure */
    must_read("[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[[[[[[[[[[[[[[[[[[[\"]");

    buf_init(&text, MIB(1));
    BUF_ADD(&text, "[1");
    for (int i = 1; i < JSON_ITEMS_MAX; i++)
        BUF_ADD(&text, ",1");
    BUF_ADD(&text, "]");
    assert_int_equal(read_text(buf_slice(&text), &tree), ERR_OK);
    assert_int_equal(json_array_size(tree), JSON_ITEMS_MAX);
    text.len--;
    BUF_ADD(&text, ",1]");
    assert_refused(buf_slice(&text), "too many items");
    buf_fini(&text);

    must_read("[0.000000000000000000000000000012]");
    assert_refused(SLICE("[0.0000000000000000000000000000123]"), "characters");
}

static void test_json__refuses_numbers_it_could_not_read_back(void **state)
{
    (void)state;
    assert_true(json_integer_value(must_read("9223372036854774784")) == 9223372036854774784);
    assert_refused(SLICE("[9223372036854775808]"), "64 bits");
    assert_refused(SLICE("[-9223372036854775809]"), "64 bits");
    assert_refused(SLICE("1e20"), "64 bits");
    assert_refused(SLICE("1e400"), "64 bits");
    must_read("1e18");
    must_read("1e-400");
}

static void test_json__a_tree_larger_than_the_arena_is_refused_not_fatal(void **state)
{
    struct arena tiny;
    json_t *tree = NULL;
    char deep[] = "[[[],[],[],[],[],[],[],[],[],{}],{\"k\":\"a long enough string to grow a buffer "
                  "a few times\"}]";
    (void)state;
    for (size_t bytes = 16; bytes < 4096; bytes += 16) {
        arena_init(&tiny, 256, bytes);
        enum err err = json_read(&tiny, slice_cstr(deep), &tree, &fault);
        assert_true(err == ERR_OK || err == ERR_TOO_LARGE);
        assert_true(IMPLIES(err == ERR_OK, json_array_size(tree) == 2));
        arena_fini(&tiny);
    }
}

static void allocate_outside(void)
{
    json_string("x");
}

static void test_json__trees_made_outside_json_read_are_our_bug(void **state)
{
    (void)state;
    assert_true(dies(allocate_outside));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_json__reads_any_value_at_the_top),
            cmocka_unit_test(test_json__members_are_taken_by_type),
            cmocka_unit_test(test_json__refuses_what_rfc_8259_leaves_open_or_forbids),
            cmocka_unit_test(test_json__says_line_and_column),
            cmocka_unit_test(test_json__bounds_depth_items_and_number_length),
            cmocka_unit_test(test_json__refuses_numbers_it_could_not_read_back),
            cmocka_unit_test(test_json__a_tree_larger_than_the_arena_is_refused_not_fatal),
            cmocka_unit_test(test_json__trees_made_outside_json_read_are_our_bug),
    };
    json_start();
    arena_init(&arena, 4096, MIB(4));
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_fini(&arena);
    return failed;
}
