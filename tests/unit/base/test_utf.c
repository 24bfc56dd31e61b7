#include "core/base/utf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct {
    struct slice text;
    bool valid;
} cases[] = {
        {{"", 0}, true},
        {{"plain ASCII, longer than a word", 31}, true},
        {{"\x7f\xc2\x80\xdf\xbf", 5}, true},
        {{"\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf", 12}, true},
        {{"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", 8}, true},
        {{"12345678\xc3\xa9"
          "12345678",
                 18},
                true},
        {{"\x80", 1}, false},
        {{"\xc0\x80", 2}, false}, /* overlong NUL */
        {{"\xc1\xbf", 2}, false},
        {{"\xe0\x9f\xbf", 3}, false},     /* overlong */
        {{"\xed\xa0\x80", 3}, false},     /* surrogate */
        {{"\xf0\x8f\xbf\xbf", 4}, false}, /* overlong */
        {{"\xf4\x90\x80\x80", 4}, false}, /* above U+10FFFF */
        {{"\xf5\x80\x80\x80", 4}, false},
        {{"\xff", 1}, false},
        {{"\xc3", 1}, false}, /* cut off */
        {{"\xf0\x90\x80", 3}, false},
        {{"\xc3"
          "a",
                 2},
                false},
        {{"12345678\xa9", 9}, false},
};

static void test_utf__accepts_exactly_rfc_3629_at_every_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct slice text = cases[i].text;
        assert_int_equal(utf_valid(text), cases[i].valid);
        for (size_t cut = 0; cut <= text.len; cut++) {
            struct utf_check u;
            utf_check_init(&u);
            bool ok = utf_check_feed(&u, slice_head(text, cut));
            ok = utf_check_feed(&u, slice_from(text, cut)) && ok;
            assert_int_equal(ok && utf_check_end(&u), cases[i].valid);
        }
    }
}

static void test_utf__fails_at_the_first_bad_byte_and_for_good(void **state)
{
    struct utf_check u;
    (void)state;
    utf_check_init(&u);
    assert_true(utf_check_feed(&u, SLICE("\xed")));
    assert_false(utf_check_feed(&u, SLICE("\xa0"))); /* not only at the third byte */
    assert_false(utf_check_feed(&u, SLICE("plain")));
    assert_false(utf_check_end(&u));
}

static void test_utf__counts_utf_16_units(void **state)
{
    (void)state;
    assert_int_equal(utf_units(SLICE("")), 0);
    assert_int_equal(utf_units(SLICE("a\xc3\xa9\xe2\x82\xac")), 3);
    assert_int_equal(utf_units(SLICE("\xf0\x9f\x98\x80")), 2);
}

static void test_utf__finds_offsets_but_not_inside_a_pair(void **state)
{
    struct slice s = SLICE("a\xf0\x9f\x98\x80\xc3\xa9");
    size_t at = 99;
    (void)state;
    assert_true(utf_offset(s, 0, &at) && at == 0);
    assert_true(utf_offset(s, 1, &at) && at == 1);
    at = 99;
    assert_false(utf_offset(s, 2, &at));
    assert_int_equal(at, 99);
    assert_true(utf_offset(s, 3, &at) && at == 5);
    assert_true(utf_offset(s, 4, &at) && at == 7);
    assert_false(utf_offset(s, 5, &at));
    assert_true(utf_offset(SLICE(""), 0, &at) && at == 0);
}

static void test_utf__head_never_cuts_a_character(void **state)
{
    struct slice s = SLICE("a\xf0\x9f\x98\x80z");
    const size_t want[] = {0, 1, 1, 1, 1, 5, 6, 6};
    (void)state;
    for (size_t max = 0; max < 8; max++)
        assert_int_equal(utf_head(s, max).len, want[max]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_utf__accepts_exactly_rfc_3629_at_every_cut),
            cmocka_unit_test(test_utf__fails_at_the_first_bad_byte_and_for_good),
            cmocka_unit_test(test_utf__counts_utf_16_units),
            cmocka_unit_test(test_utf__finds_offsets_but_not_inside_a_pair),
            cmocka_unit_test(test_utf__head_never_cuts_a_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
