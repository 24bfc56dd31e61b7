#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/limits.h"
#include "core/tail.h"

static const struct id card = {{4}}, ada = {{1}};

static struct event name_event(
        uint64_t seq, struct effect *fx, struct effect_column *column, struct id *id)
{
    *column = (struct effect_column){.field = F_CARD_NAME, .count = 1};
    *fx = (struct effect){.form = EFFECT_SET,
            .kind = KIND_CARD,
            .id_count = 1,
            .ids = id,
            .columns = column,
            .column_count = 1};
    return (struct event){.seq = seq, .by = ada, .effects = fx, .effect_count = 1};
}

static void push_of(struct tail *t, uint64_t seq, struct id id)
{
    struct effect fx;
    struct effect_column column;
    struct event e = name_event(seq, &fx, &column, &id);
    tail_push(t, &e);
}

static void push(struct tail *t, uint64_t seq)
{
    push_of(t, seq, card);
}

static void test_tail__finds_the_newest_change_after_a_seq(void **state)
{
    struct tail t;
    struct tail_hit hit;
    (void)state;
    tail_init(&t, 10);
    push(&t, 11);
    push(&t, 12);
    assert_true(tail_find(&t, card, F_CARD_NAME, 10, &hit));
    assert_int_equal(hit.seq, 12);
    assert_true(id_eq(hit.by, ada));
    assert_true(tail_find(&t, card, F_CARD_NAME, 11, &hit));
    assert_false(tail_find(&t, card, F_CARD_NAME, 12, &hit));
    assert_false(tail_find(&t, card, F_CARD_DUE, 10, &hit));
    tail_fini(&t);
}

static void test_tail__pops_what_was_taken_back(void **state)
{
    struct tail t;
    struct tail_hit hit;
    (void)state;
    tail_init(&t, 10);
    push(&t, 11);
    push(&t, 12);
    tail_pop(&t, 12);
    assert_true(tail_find(&t, card, F_CARD_NAME, 0, &hit));
    assert_int_equal(hit.seq, 11);
    push(&t, 12);
    tail_fini(&t);
}

static void test_tail__drops_the_oldest_and_says_so(void **state)
{
    struct tail t;
    (void)state;
    tail_init(&t, 0);
    for (uint64_t seq = 1; seq <= TAIL_EVENTS_MAX + 5; seq++)
        push(&t, seq);
    assert_int_equal(t.count, TAIL_EVENTS_MAX);
    assert_int_equal(t.floor, 5);
    tail_fini(&t);
}

static void test_tail__knows_what_was_deleted(void **state)
{
    struct tail t;
    struct id id = card;
    struct effect fx = {.form = EFFECT_DEL, .kind = KIND_CARD, .id_count = 1, .ids = &id};
    struct event e = {.seq = 2, .effects = &fx, .effect_count = 1};
    (void)state;
    tail_init(&t, 0);
    push(&t, 1);
    assert_false(tail_deleted(&t, card));
    tail_push(&t, &e);
    assert_true(tail_deleted(&t, card));
    tail_pop(&t, 2);
    assert_false(tail_deleted(&t, card));
    tail_push(&t, &e);
    assert_true(tail_deleted(&t, card));
    for (uint64_t seq = 3; seq < TAIL_EVENTS_MAX + 2; seq++)
        push_of(&t, seq, ada);
    assert_true(tail_deleted(&t, card));
    push_of(&t, TAIL_EVENTS_MAX + 2, ada);
    assert_false(tail_deleted(&t, card));
    assert_null(t.deletions);
    tail_fini(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_tail__finds_the_newest_change_after_a_seq),
            cmocka_unit_test(test_tail__pops_what_was_taken_back),
            cmocka_unit_test(test_tail__drops_the_oldest_and_says_so),
            cmocka_unit_test(test_tail__knows_what_was_deleted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
