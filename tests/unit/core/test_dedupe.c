#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/dedupe.h"

static const struct id ada = {{1}}, bob = {{2}};

static void test_dedupe__keeps_the_refused_of_the_last_64(void **state)
{
    struct dedupe d;
    (void)state;
    dedupe_init(&d);
    struct client *c = dedupe_get(&d, ada, SLICE("c"));
    dedupe_accept(&d, c, 91, 1, 0);
    assert_int_equal(c->row.refused_count, REFUSED_KEPT - 1);
    assert_int_equal(c->row.refused[0], 91 - REFUSED_KEPT + 1);
    dedupe_accept(&d, c, 92, 2, 0);
    assert_int_equal(c->row.refused_count, REFUSED_KEPT - 2);
    assert_int_equal(c->row.refused[REFUSED_KEPT - 3], 90);
    dedupe_accept(&d, c, UINT64_MAX, 3, 0);
    assert_int_equal(c->row.refused_count, REFUSED_KEPT - 1);
    assert_true(c->row.refused[REFUSED_KEPT - 2] == UINT64_MAX - 1);
    dedupe_fini(&d);
}

static void test_dedupe__what_was_passed_over_was_not_accepted(void **state)
{
    struct dedupe d;
    (void)state;
    dedupe_init(&d);
    struct client *c = dedupe_get(&d, ada, SLICE("c"));
    dedupe_accept(&d, c, 1, 1, 0);
    assert_int_equal(c->row.refused_count, 0);
    dedupe_accept(&d, c, 4, 2, 0);
    assert_int_equal(c->row.refused_count, 2);
    assert_int_equal(c->row.refused[0], 2);
    assert_int_equal(c->row.refused[1], 3);
    dedupe_accept(&d, c, 5, 3, 0);
    assert_int_equal(c->row.refused_count, 2);
    dedupe_fini(&d);
}

static void test_dedupe__between_requests_there_is_nothing(void **state)
{
    struct dedupe d;
    (void)state;
    dedupe_init(&d);
    struct client *c = dedupe_get(&d, ada, SLICE("k0123456789abcdef0123456789abcde"));
    dedupe_accept(&d, c, UINT64_C(1) << 50, 1, 0);
    assert_int_equal(c->row.refused_count, 0);
    dedupe_fini(&d);
}

static void test_dedupe__rolls_back_to_what_was(void **state)
{
    struct dedupe d;
    struct dedupe_undo *undo = NULL;
    struct arena a;
    (void)state;
    arena_init(&a, KIB(4), MIB(1));
    dedupe_init(&d);
    struct client *c = dedupe_get(&d, ada, SLICE("c"));
    dedupe_accept(&d, c, 4, 9, 0);
    dedupe_save(c, &a, &undo);
    dedupe_accept(&d, c, 6, 10, 0);
    dedupe_save(dedupe_get(&d, bob, SLICE("c")), &a, &undo);
    dedupe_rollback(&d, undo);
    assert_int_equal(c->row.last_n, 4);
    assert_int_equal(c->row.refused_count, 3);
    assert_null(dedupe_find(&d, bob, SLICE("c")));
    dedupe_fini(&d);
    arena_fini(&a);
}

static void test_dedupe__nothing_overtakes_what_is_unknown(void **state)
{
    struct dedupe d;
    (void)state;
    dedupe_init(&d);
    struct client *c = dedupe_get(&d, ada, SLICE("c"));
    client_unknown(c, 5);
    assert_false(client_in_order(c, 7));
    assert_true(client_in_order(c, 5));
    assert_true(client_in_order(c, 7));
    dedupe_fini(&d);
}

static void test_dedupe__a_reload_keeps_what_only_memory_knew(void **state)
{
    struct dedupe old, fresh;
    struct client_row row = {.actor = ada, .cl = SLICE("c"), .last_n = 6, .used_ms = 1};
    (void)state;
    dedupe_init(&old);
    dedupe_init(&fresh);
    client_unknown(dedupe_get(&old, ada, SLICE("c")), 5);
    client_unknown(dedupe_get(&old, ada, SLICE("c")), 8);
    dedupe_load(&fresh, &row, 1, 2);
    dedupe_adopt(&fresh, &old);
    struct client *c = dedupe_find(&fresh, ada, SLICE("c"));
    assert_int_equal(c->unknown_count, 1);
    assert_false(client_in_order(c, 9));
    dedupe_fini(&old);
    dedupe_fini(&fresh);
}

static void test_dedupe__forgets_rows_of_a_month_ago(void **state)
{
    struct dedupe d;
    struct client_row row = {.actor = ada, .cl = SLICE("c"), .last_n = 6, .used_ms = 0};
    (void)state;
    dedupe_init(&d);
    dedupe_load(&d, &row, 1, INT64_C(31) * 86400000);
    assert_null(dedupe_find(&d, ada, SLICE("c")));
    dedupe_load(&d, &row, 1, INT64_C(29) * 86400000);
    assert_non_null(dedupe_find(&d, ada, SLICE("c")));
    dedupe_fini(&d);
}

#define REQUEST SLICE("k0123456789abcdef0123456789abcde")

static void test_dedupe__forgets_requests_of_yesterday(void **state)
{
    struct dedupe d;
    struct client_row row = {.actor = ada, .cl = REQUEST, .last_n = 6, .used_ms = 0};
    (void)state;
    dedupe_init(&d);
    dedupe_load(&d, &row, 1, INT64_C(25) * 3600000);
    assert_null(dedupe_find(&d, ada, REQUEST));
    dedupe_load(&d, &row, 1, INT64_C(23) * 3600000);
    assert_non_null(dedupe_find(&d, ada, REQUEST));
    dedupe_fini(&d);
}

static struct client *accepted(struct dedupe *d, struct slice cl, int64_t now_ms)
{
    struct client *c = dedupe_get(d, ada, cl);
    dedupe_accept(d, c, c->row.last_n + 1, 1, now_ms);
    return c;
}

static void test_dedupe__a_new_one_takes_the_place_of_what_is_past_its_time(void **state)
{
    const int64_t day_ms = 86400000;
    struct dedupe d;
    (void)state;
    dedupe_init(&d);
    accepted(&d, SLICE("old"), 0);
    accepted(&d, SLICE("used"), 0);
    accepted(&d, REQUEST, 27 * day_ms);
    accepted(&d, SLICE("used"), 28 * day_ms);
    for (int i = 0; HASH_COUNT(d.clients) < CLIENTS_PER_BOARD_MAX; i++) {
        char cl[16];
        snprintf(cl, sizeof cl, "c%d", i);
        accepted(&d, slice_cstr(cl), 28 * day_ms);
    }
    accepted(&d, SLICE("one"), 28 * day_ms);
    assert_non_null(dedupe_find(&d, ada, REQUEST));
    assert_non_null(dedupe_find(&d, ada, SLICE("old")));
    accepted(&d, SLICE("one"), 31 * day_ms);
    accepted(&d, SLICE("two"), 31 * day_ms);
    assert_null(dedupe_find(&d, ada, REQUEST));
    assert_null(dedupe_find(&d, ada, SLICE("old")));
    assert_non_null(dedupe_find(&d, ada, SLICE("used")));
    assert_int_equal(HASH_COUNT(d.clients), CLIENTS_PER_BOARD_MAX);
    dedupe_fini(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_dedupe__keeps_the_refused_of_the_last_64),
            cmocka_unit_test(test_dedupe__what_was_passed_over_was_not_accepted),
            cmocka_unit_test(test_dedupe__between_requests_there_is_nothing),
            cmocka_unit_test(test_dedupe__rolls_back_to_what_was),
            cmocka_unit_test(test_dedupe__nothing_overtakes_what_is_unknown),
            cmocka_unit_test(test_dedupe__a_reload_keeps_what_only_memory_knew),
            cmocka_unit_test(test_dedupe__forgets_rows_of_a_month_ago),
            cmocka_unit_test(test_dedupe__forgets_requests_of_yesterday),
            cmocka_unit_test(test_dedupe__a_new_one_takes_the_place_of_what_is_past_its_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
