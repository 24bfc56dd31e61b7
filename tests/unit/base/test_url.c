#include "core/base/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/b64.h"

static struct arena arena;

static void test_url__decodes_what_is_well_formed_and_refuses_the_rest(void **state)
{
    static const char *bad[] = {
            "%", "%4", "%zz", "a%0", "%00", "%ff", "%c0%80", "%ed%a0%80", "%c3"};
    struct slice text = SLICE("kept");
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(url_decode(&arena, slice_cstr(bad[i]), true, &text));
    assert_true(slice_eq(text, SLICE("kept")));
    assert_true(url_decode(&arena, SLICE("a%20b+c%2B%C3%a9"), false, &text));
    assert_true(slice_eq(text, SLICE("a b+c+\xc3\xa9")));
    assert_true(url_decode(&arena, SLICE("a+b%2b"), true, &text));
    assert_true(slice_eq(text, SLICE("a b+")));
    assert_true(url_decode(&arena, SLICE(""), true, &text) && text.len == 0);
}

static void test_url__query_visits_pairs_and_tells_bad_from_done(void **state)
{
    struct slice rest = SLICE("&a=1&&b%20c=x%3Dy=z&flag&e=&"), name, value;
    bool bad = true;
    (void)state;
    static const char *want[][2] = {{"a", "1"}, {"b c", "x=y=z"}, {"flag", ""}, {"e", ""}};
    for (size_t i = 0; i < 4; i++) {
        assert_true(url_query_next(&arena, &rest, &name, &value, &bad));
        assert_true(slice_eq(name, slice_cstr(want[i][0])));
        assert_true(slice_eq(value, slice_cstr(want[i][1])));
    }
    assert_false(url_query_next(&arena, &rest, &name, &value, &bad));
    assert_false(bad);
    rest = SLICE("a=%zz&b=1");
    assert_false(url_query_next(&arena, &rest, &name, &value, &bad));
    assert_true(bad);
    rest = slice_of(NULL, 0);
    assert_false(url_query_next(&arena, &rest, &name, &value, &bad));
    assert_false(bad);
}

static void test_b64__speaks_the_vectors_of_rfc_4648(void **state)
{
    static const char *rows[][2] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"},
            {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"},
            {"\xfb\xff\xbf", "+/+/"}};
    struct buf out;
    (void)state;
    buf_init(&out, 100);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        buf_clear(&out);
        assert_true(b64_encode(&out, slice_cstr(rows[i][0])));
        assert_true(slice_eq(buf_slice(&out), slice_cstr(rows[i][1])));
        buf_clear(&out);
        assert_true(b64_decode(&out, slice_cstr(rows[i][1])));
        assert_true(slice_eq(buf_slice(&out), slice_cstr(rows[i][0])));
    }
    buf_fini(&out);
}

static void test_b64__has_one_spelling_only(void **state)
{
    static const char *bad[] = {"Zg",
            "Zg=", "Zg===", "Z===", "====", "Zh==", "Zm9=", "Zg==Zg==", "Zm9v\n", "Zm-v",
            "Z=g=", "Zm9vYm\xff="};
    struct buf out;
    (void)state;
    buf_init(&out, 100);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(b64_decode(&out, slice_cstr(bad[i])));
        assert_int_equal(out.len, 0);
    }
    buf_fini(&out);
    buf_init(&out, 5);
    assert_false(b64_encode(&out, SLICE("abcd")));
    assert_false(buf_ok(&out));
    buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_url__decodes_what_is_well_formed_and_refuses_the_rest),
            cmocka_unit_test(test_url__query_visits_pairs_and_tells_bad_from_done),
            cmocka_unit_test(test_b64__speaks_the_vectors_of_rfc_4648),
            cmocka_unit_test(test_b64__has_one_spelling_only),
    };
    arena_init(&arena, 1024, 1 << 20);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_fini(&arena);
    return failed;
}
