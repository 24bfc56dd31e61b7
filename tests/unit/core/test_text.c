#include "core/text.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "core/base/check.h"
#include "core/base/rng.h"
#include "core/base/utf.h"

static struct arena arena;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 16, (size_t)1 << 28);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_fini(&arena);
    return 0;
}

static enum err read_delta(const char *json, struct delta *ret_delta)
{
    json_t *tree;
    struct fault fault = {0};
    assert_int_equal(json_read(&arena, slice_cstr(json), &tree, &fault), ERR_OK);
    enum err err = delta_read(&arena, tree, ret_delta, &fault);
    if (err != ERR_OK) assert_string_equal(fault.field, "delta");
    return err;
}

static struct slice written(const struct delta *d)
{
    struct buf text;
    buf_init(&text, 1 << 20);
    struct json_out j = json_out(&text);
    delta_write(&j, d);
    struct slice copy = arena_dup(&arena, buf_slice(&text));
    buf_fini(&text);
    return copy;
}

static void test_text__deltas_apply_and_invert(void **state)
{
    (void)state;
    static const struct {
        const char *from, *delta, *to, *inverse;
    } rows[] = {
            {"", "[]", "", "[]"},
            {"", "[\"hello\"]", "hello", "[-5]"},
            {"hello", "[-5]", "", "[\"hello\"]"},
            {"hello", "[1,\"i\",-1]", "hillo", "[1,\"e\",-1]"},
            {"hello", "[5,\" world\"]", "hello world", "[5,-6]"},
            {"hello world", "[-6]", "world", "[\"hello \"]"},
            {"abcdef", "[1,-1,1,-1,1,\"x\",-1]", "acex", "[1,\"b\",1,\"d\",1,\"f\",-1]"},
            {"\xc3\xa9\xc3\xa9", "[1,\"-\"]", "\xc3\xa9-\xc3\xa9", "[1,-1]"},
            {"\xf0\x9f\x8e\x89!", "[2,-1]", "\xf0\x9f\x8e\x89", "[2,\"!\"]"},
            {"a\xf0\x9f\x8e\x89", "[1,-2]", "a", "[1,\"\xf0\x9f\x8e\x89\"]"},
            {"\xe2\x82\xac", "[\"\xf0\x9f\x8e\x89\",-1]", "\xf0\x9f\x8e\x89",
                    "[\"\xe2\x82\xac\",-2]"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct delta d, inverse;
        struct slice to, back;
        assert_int_equal(read_delta(rows[i].delta, &d), ERR_OK);
        assert_true(slice_eq(written(&d), slice_cstr(rows[i].delta)));
        assert_int_equal(delta_apply(&arena, slice_cstr(rows[i].from), &d, 100, &to, NULL), ERR_OK);
        assert_true(slice_eq(to, slice_cstr(rows[i].to)));
        assert_int_equal(delta_invert(&arena, slice_cstr(rows[i].from), &d, &inverse), ERR_OK);
        assert_true(slice_eq(written(&inverse), slice_cstr(rows[i].inverse)));
        assert_int_equal(delta_apply(&arena, to, &inverse, 100, &back, NULL), ERR_OK);
        assert_true(slice_eq(back, slice_cstr(rows[i].from)));
    }
}

static void test_text__only_canonical_deltas_are_read(void **state)
{
    (void)state;
    static const char *const bad[] = {
            "{}",
            "[0]",
            "[\"\"]",
            "[1]",
            "[-1,2]",
            "[1,2,\"x\"]",
            "[-1,-1]",
            "[\"a\",\"b\"]",
            "[-1,\"a\"]",
            "[1.5,\"a\"]",
            "[null]",
            "[true]",
            "[[1]]",
            "[99999999999,\"x\"]",
            "[-99999999999]",
    };
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
        struct delta d;
        assert_int_equal(read_delta(bad[i], &d), ERR_INVALID);
    }
}

static void test_text__a_boundary_outside_the_text_or_inside_a_pair_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *from, *delta;
    } rows[] = {
            {"abc", "[4,\"x\"]"},
            {"abc", "[-4]"},
            {"abc", "[2,-2]"},
            {"", "[-1]"},
            {"\xf0\x9f\x8e\x89", "[1,\"x\"]"},
            {"\xf0\x9f\x8e\x89", "[-1]"},
            {"a\xf0\x9f\x8e\x89", "[1,-1]"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct delta d, inverse;
        struct slice to;
        struct fault fault = {0};
        assert_int_equal(read_delta(rows[i].delta, &d), ERR_OK);
        assert_int_equal(
                delta_apply(&arena, slice_cstr(rows[i].from), &d, 100, &to, &fault), ERR_INVALID);
        assert_string_equal(fault.field, "delta");
        assert_int_equal(delta_invert(&arena, slice_cstr(rows[i].from), &d, &inverse), ERR_INVALID);
    }
}

static void test_text__the_result_is_held_to_the_limit_in_units(void **state)
{
    (void)state;
    struct delta d;
    struct slice to;
    struct fault fault = {0};
    assert_int_equal(read_delta("[3,\"\xf0\x9f\x8e\x89\"]", &d), ERR_OK);
    assert_int_equal(delta_apply(&arena, SLICE("abc"), &d, 5, &to, &fault), ERR_OK);
    assert_int_equal(delta_apply(&arena, SLICE("abc"), &d, 4, &to, &fault), ERR_TOO_LARGE);
}

/* Random text of one- to four-byte characters. */
static struct slice random_text(struct rng *rng)
{
    static const char *const characters[] = {"a", "b", "\xc3\xa9", "\xc3\xa8", "\xe2\x82\xac",
            "\xe2\x82\xad", "\xf0\x9f\x8e\x89", "\xf0\x9f\x8e\x88", "\xf0\x9f\x8f\x88"};
    char *text = arena_alloc(&arena, 128);
    size_t len = 0;
    for (uint64_t n = rng_below(rng, 12); n > 0; n--) {
        const char *c = characters[rng_below(rng, ARRAY_COUNT(characters))];
        memcpy(text + len, c, strlen(c));
        len += strlen(c);
    }
    return slice_of(text, len);
}

static void test_text__a_difference_turns_one_text_into_the_other_and_back(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 5);
    for (int i = 0; i < 20000; i++) {
        struct slice from = random_text(&rng), to = random_text(&rng), got, back;
        struct delta d, again, inverse;
        delta_diff(&arena, from, to, &d);
        assert_int_equal(delta_apply(&arena, from, &d, 1000, &got, NULL), ERR_OK);
        assert_true(slice_eq(got, to));
        assert_true(utf_valid(got));
        assert_int_equal(delta_invert(&arena, from, &d, &inverse), ERR_OK);
        assert_int_equal(delta_apply(&arena, got, &inverse, 1000, &back, NULL), ERR_OK);
        assert_true(slice_eq(back, from));
        struct slice json = written(&d);
        assert_int_equal(read_delta(arena_cstr(&arena, json), &again), ERR_OK); /* canonical */
        assert_int_equal(read_delta(arena_cstr(&arena, written(&inverse)), &again), ERR_OK);
        if (slice_eq(from, to)) assert_int_equal(d.count, 0);
        if (i % 100 == 0) arena_reset(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(test_text__deltas_apply_and_invert, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_text__only_canonical_deltas_are_read, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_text__a_boundary_outside_the_text_or_inside_a_pair_is_refused, setup,
                    teardown),
            cmocka_unit_test_setup_teardown(
                    test_text__the_result_is_held_to_the_limit_in_units, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_text__a_difference_turns_one_text_into_the_other_and_back, setup,
                    teardown),
    };
    json_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
