#include "core/base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "tests/unit/base/dies.h"

static void assert_holds(const struct buf *b, const char *want)
{
    assert_int_equal(b->len, strlen(want));
    assert_memory_equal(b->ptr, want, b->len);
}

static void test_buf__holds_exactly_its_cap_and_not_a_byte_more(void **state)
{
    struct buf b;
    (void)state;
    buf_init(&b, 5);
    assert_true(BUF_ADD(&b, "12345"));
    assert_true(buf_ok(&b));
    assert_true(b.cap <= 5);
    assert_false(buf_add_char(&b, '6'));
    assert_false(buf_ok(&b));
    assert_holds(&b, "12345");
    buf_fini(&b);
}

static void test_buf__refuses_everything_after_a_refusal_until_cleared(void **state)
{
    struct buf b;
    (void)state;
    buf_init(&b, 4);
    assert_false(BUF_ADD(&b, "12345"));
    assert_false(BUF_ADD(&b, "1")); /* would fit, but would follow a hole */
    assert_int_equal(b.len, 0);
    buf_clear(&b);
    assert_true(BUF_ADD(&b, "1"));
    assert_true(buf_ok(&b));
    buf_fini(&b);
}

static void test_buf__does_not_wrap_around_on_huge_requests(void **state)
{
    struct buf b;
    (void)state;
    buf_init(&b, SIZE_MAX);
    assert_true(BUF_ADD(&b, "x"));
    assert_false(buf_reserve(&b, SIZE_MAX));
    buf_fini(&b);
}

static void test_buf__writes_numbers_hex_and_formats(void **state)
{
    struct buf b;
    (void)state;
    buf_init(&b, 2000);
    assert_true(buf_add_u64(&b, 0) && buf_add_char(&b, ' ') && buf_add_u64(&b, UINT64_MAX));
    assert_true(buf_add_char(&b, ' ') && buf_add_hex(&b, "\x00\xab\xff", 3));
    assert_true(buf_add_format(&b, " %d %s", -7, "x"));
    assert_holds(&b, "0 18446744073709551615 00abff -7 x");
    buf_clear(&b);
    assert_true(buf_add_format(&b, "%0*d", 1500, 7)); /* longer than the stack's share */
    assert_int_equal(b.len, 1500);
    assert_true(b.ptr[1499] == '7' && b.ptr[0] == '0');
    assert_false(buf_add_format(&b, "%0*d", 501, 7));
    assert_int_equal(b.len, 1500);
    buf_fini(&b);
}

static void test_buf__drops_from_the_front_and_shrinks_when_empty(void **state)
{
    struct buf b;
    (void)state;
    buf_init(&b, 100);
    BUF_ADD(&b, "abcdef");
    buf_drop_front(&b, 4);
    assert_holds(&b, "ef");
    buf_drop_front(&b, 2);
    assert_int_equal(b.len, 0);
    buf_shrink(&b);
    assert_null(b.ptr);
    assert_true(BUF_ADD(&b, "again"));
    assert_holds(&b, "again");
    buf_fini(&b);
}

static void drop_too_much(void)
{
    struct buf b;
    buf_init(&b, 100);
    BUF_ADD(&b, "ab");
    buf_drop_front(&b, 3);
}

static void test_buf__dropping_more_than_it_holds_is_our_bug(void **state)
{
    (void)state;
    assert_true(dies(drop_too_much));
}

static void test_mem__gives_zeroed_memory_even_for_no_bytes(void **state)
{
    char *ptr = mem_new(64);
    (void)state;
    for (size_t i = 0; i < 64; i++)
        assert_int_equal(ptr[i], 0);
    ptr = mem_resize(ptr, 128);
    assert_non_null(ptr);
    assert_null(mem_free(ptr));
    void *nothing = mem_new(0);
    assert_non_null(nothing);
    assert_null(mem_free(nothing));
    assert_null(mem_free(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_buf__holds_exactly_its_cap_and_not_a_byte_more),
            cmocka_unit_test(test_buf__refuses_everything_after_a_refusal_until_cleared),
            cmocka_unit_test(test_buf__does_not_wrap_around_on_huge_requests),
            cmocka_unit_test(test_buf__writes_numbers_hex_and_formats),
            cmocka_unit_test(test_buf__drops_from_the_front_and_shrinks_when_empty),
            cmocka_unit_test(test_buf__dropping_more_than_it_holds_is_our_bug),
            cmocka_unit_test(test_mem__gives_zeroed_memory_even_for_no_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
