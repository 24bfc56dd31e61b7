#include "core/base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/base/dies.h"

static void test_arena__gives_zeroed_aligned_memory_after_reset_too(void **state)
{
    struct arena a;
    (void)state;
    arena_init(&a, 1024, 1 << 20);
    for (int round = 0; round < 3; round++) {
        for (size_t bytes = 0; bytes < 300; bytes += 7) {
            char *ptr = arena_alloc(&a, bytes);
            assert_int_equal((uintptr_t)ptr % 16, 0);
            for (size_t i = 0; i < bytes; i++)
                assert_int_equal(ptr[i], 0);
            memset(ptr, 0xff, bytes);
        }
        arena_reset(&a);
        assert_int_equal(a.used_bytes, 0);
    }
    arena_fini(&a);
}

static void test_arena__large_pieces_do_not_waste_the_current_block(void **state)
{
    struct arena a;
    (void)state;
    arena_init(&a, 1024, 1 << 20);
    char *first = arena_alloc(&a, 16);
    char *large = arena_alloc(&a, 5000);
    memset(large, 1, 5000);
    char *second = arena_alloc(&a, 16);
    assert_ptr_equal(second, first + 16);
    arena_reset(&a);
    assert_ptr_equal(arena_alloc(&a, 16), first); /* the usual block was kept, not the large one */
    arena_fini(&a);
}

static void test_arena__copies_live_apart_from_their_source(void **state)
{
    struct arena a;
    char text[] = "hello";
    (void)state;
    arena_init(&a, 64, 1 << 20);
    struct slice copy = arena_dup(&a, slice_of(text, 5));
    const char *c = arena_cstr(&a, slice_of(text, 4));
    text[0] = 'X';
    assert_true(slice_eq(copy, SLICE("hello")));
    assert_string_equal(c, "hell");
    assert_string_equal(arena_cstr(&a, slice_of(NULL, 0)), "");
    arena_fini(&a);
}

static void test_arena__try_refuses_at_the_cap_where_alloc_dies(void **state)
{
    struct arena a;
    (void)state;
    arena_init(&a, 64, 160);
    assert_non_null(arena_try(&a, 128));
    assert_non_null(arena_try(&a, 32));
    assert_null(arena_try(&a, 1));
    assert_null(arena_try(&a, SIZE_MAX));
    arena_reset(&a);
    assert_non_null(arena_try(&a, 160));
    arena_fini(&a);
}

static void test_arena__a_large_piece_counts_against_the_cap_of_the_current_block(void **state)
{
    struct arena a;
    (void)state;
    arena_init(&a, 1024, 1200);
    assert_non_null(arena_try(&a, 16));
    assert_non_null(arena_try(&a, 1100));
    assert_null(arena_try(&a, 100));
    assert_non_null(arena_raw(&a, 80));
    assert_null(arena_try(&a, 1));
    arena_fini(&a);
}

static void pass_the_cap(void)
{
    struct arena a;
    arena_init(&a, 64, 100);
    arena_alloc(&a, 101);
}

static void test_arena__passing_the_cap_is_our_bug(void **state)
{
    (void)state;
    assert_true(dies(pass_the_cap));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_arena__gives_zeroed_aligned_memory_after_reset_too),
            cmocka_unit_test(test_arena__large_pieces_do_not_waste_the_current_block),
            cmocka_unit_test(test_arena__copies_live_apart_from_their_source),
            cmocka_unit_test(test_arena__try_refuses_at_the_cap_where_alloc_dies),
            cmocka_unit_test(test_arena__a_large_piece_counts_against_the_cap_of_the_current_block),
            cmocka_unit_test(test_arena__passing_the_cap_is_our_bug),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
