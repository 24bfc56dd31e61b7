#include "core/base/slice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/base/dies.h"

static void assert_slice(struct slice got, const char *want)
{
    assert_int_equal(got.len, strlen(want));
    assert_memory_equal(got.ptr, want, got.len);
}

static void test_slice__compares_by_bytes_with_prefixes_first(void **state)
{
    (void)state;
    assert_true(slice_cmp(SLICE("ab"), SLICE("abc")) < 0);
    assert_true(slice_cmp(SLICE("b"), SLICE("abc")) > 0);
    assert_true(slice_cmp(SLICE("\xff"), SLICE("a")) > 0);
    assert_true(slice_cmp(slice_of(NULL, 0), SLICE("")) == 0);
    assert_true(slice_eq(slice_of(NULL, 0), SLICE("")));
    assert_false(slice_eq(SLICE("a"), SLICE("b")));
    assert_true(slice_eq_nocase(SLICE("Upgrade@["), SLICE("uPGRADE@[")));
    assert_false(slice_eq_nocase(SLICE("@"), SLICE("`"))); /* 32 apart, but no letters */
}

static void test_slice__cuts_at_the_first_separator_or_changes_nothing(void **state)
{
    struct slice rest = SLICE("a=b=c"), head;
    (void)state;
    assert_true(slice_cut(&rest, '=', &head));
    assert_slice(head, "a");
    assert_slice(rest, "b=c");
    head = SLICE("kept");
    assert_false(slice_cut(&rest, ';', &head));
    assert_slice(head, "kept");
    assert_slice(rest, "b=c");
}

static void test_slice__next_visits_every_part_the_empty_ones_too(void **state)
{
    const char *want[] = {"a", "", "b", ""};
    struct slice rest = SLICE("a,,b,"), part;
    size_t count = 0;
    (void)state;
    while (slice_next(&rest, ',', &part))
        assert_slice(part, want[count++]);
    assert_int_equal(count, 4);
}

static void test_slice__trims_and_takes_ends(void **state)
{
    (void)state;
    assert_slice(slice_trim(SLICE(" \t a b \t")), "a b");
    assert_slice(slice_trim(SLICE(" \t ")), "");
    assert_slice(slice_head(SLICE("abc"), 9), "abc");
    assert_slice(slice_head(SLICE("abc"), 2), "ab");
    assert_slice(slice_from(SLICE("abc"), 3), "");
    assert_true(slice_starts(SLICE("abc"), SLICE("ab")));
    assert_false(slice_starts(SLICE("ab"), SLICE("abc")));
    assert_true(slice_ends(SLICE("abc"), SLICE("bc")));
    assert_false(slice_ends(SLICE("abc"), SLICE("ab")));
}

static void from_beyond(void)
{
    slice_from(SLICE("abc"), 4);
}

static void test_slice__from_beyond_the_end_is_our_bug(void **state)
{
    (void)state;
    assert_true(dies(from_beyond));
}

static void test_slice__reads_integers_to_the_last_one_that_fits(void **state)
{
    uint64_t u = 7;
    int64_t i = 7;
    (void)state;
    assert_true(slice_to_u64(SLICE("18446744073709551615"), &u) && u == UINT64_MAX);
    u = 7;
    assert_false(slice_to_u64(SLICE("18446744073709551616"), &u));
    assert_false(slice_to_u64(SLICE("99999999999999999999"), &u));
    assert_false(slice_to_u64(SLICE(""), &u));
    assert_false(slice_to_u64(SLICE("+1"), &u));
    assert_false(slice_to_u64(SLICE("1 "), &u));
    assert_int_equal(u, 7);
    assert_true(slice_to_i64(SLICE("-9223372036854775808"), &i) && i == INT64_MIN);
    assert_true(slice_to_i64(SLICE("9223372036854775807"), &i) && i == INT64_MAX);
    i = 7;
    assert_false(slice_to_i64(SLICE("9223372036854775808"), &i));
    assert_false(slice_to_i64(SLICE("-9223372036854775809"), &i));
    assert_false(slice_to_i64(SLICE("-"), &i));
    assert_int_equal(i, 7);
}

static void test_slice__reads_doubles_in_json_grammar_only(void **state)
{
    static const char *bad[] = {"", "-", "01", "1.", ".5", "1e", "1e+", "+1", "0x10", "inf", "nan",
            "1e999", "1 ", " 1", "1,5"};
    double d = 7;
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(slice_to_double(slice_cstr(bad[i]), &d));
    assert_true(d == 7);
    assert_true(slice_to_double(SLICE("-0.5e+1"), &d) && d == -5);
    assert_true(slice_to_double(SLICE("65536"), &d) && d == 65536);
    assert_true(slice_to_double(SLICE("0"), &d) && d == 0);
}

static void test_slice__reads_booleans(void **state)
{
    bool b = false;
    (void)state;
    assert_true(slice_to_bool(SLICE("true"), &b) && b);
    assert_true(slice_to_bool(SLICE("false"), &b) && !b);
    assert_false(slice_to_bool(SLICE("True"), &b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_slice__compares_by_bytes_with_prefixes_first),
            cmocka_unit_test(test_slice__cuts_at_the_first_separator_or_changes_nothing),
            cmocka_unit_test(test_slice__next_visits_every_part_the_empty_ones_too),
            cmocka_unit_test(test_slice__trims_and_takes_ends),
            cmocka_unit_test(test_slice__from_beyond_the_end_is_our_bug),
            cmocka_unit_test(test_slice__reads_integers_to_the_last_one_that_fits),
            cmocka_unit_test(test_slice__reads_doubles_in_json_grammar_only),
            cmocka_unit_test(test_slice__reads_booleans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
