#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/rng.h"
#include "net/timer.h"

struct alarm {
    struct timer timer;
    int rang;
};

static struct timers timers;
static int64_t now_ms;

static void ring_once(struct timer *t)
{
    assert_true(now_ms >= t->due_ms);
    CONTAINER_OF(t, struct alarm, timer)->rang++;
}

static void ring_again(struct timer *t)
{
    struct alarm *a = CONTAINER_OF(t, struct alarm, timer);
    a->rang++;
    timer_set(&timers, t, now_ms);
}

static int setup(void **state)
{
    (void)state;
    now_ms = 123456789;
    timers_init(&timers, now_ms);
    return 0;
}

static void pass(int64_t ms)
{
    now_ms += ms;
    timers_run(&timers, now_ms);
}

static void test_timer__fires_once_and_at_most_a_step_late(void **state)
{
    (void)state;
    const int64_t delays[] = {0, 1, 15, 16, 17, 100, 5000, 16383, 16384, 16385, 60000};
    for (size_t i = 0; i < ARRAY_COUNT(delays); i++) {
        struct alarm a = {.timer.fn = ring_once};
        timer_set(&timers, &a.timer, now_ms + delays[i]);
        int64_t waited = 0;
        while (!a.rang && waited <= delays[i] + TIMER_STEP_MS) {
            int64_t wait = timers_wait_ms(&timers, now_ms, 100);
            assert_true(wait <= 100);
            if (wait == 0) wait = 1;
            pass(wait);
            waited += wait;
        }
        assert_int_equal(a.rang, 1);
        assert_true(waited >= delays[i]);
        pass(20000);
        assert_int_equal(a.rang, 1);
    }
}

static void test_timer__cleared_never_fires_and_set_again_fires_at_the_new_time(void **state)
{
    (void)state;
    struct alarm a = {.timer.fn = ring_once}, b = {.timer.fn = ring_once};
    timer_set(&timers, &a.timer, now_ms + 50);
    timer_set(&timers, &b.timer, now_ms + 50);
    timer_clear(&a.timer);
    timer_clear(&a.timer);
    timer_set(&timers, &b.timer, now_ms + 500);
    pass(400);
    assert_int_equal(b.rang, 0);
    pass(200);
    assert_int_equal(a.rang, 0);
    assert_int_equal(b.rang, 1);
}

static void test_timer__that_sets_itself_for_now_does_not_hold_the_turn(void **state)
{
    (void)state;
    struct alarm a = {.timer.fn = ring_again};
    timer_set(&timers, &a.timer, now_ms);
    for (int i = 0; i < 10; i++)
        pass(20);
    assert_true(a.rang >= 10 && a.rang <= 21);
    timer_clear(&a.timer);
}

static void test_timers__survive_a_clock_that_jumps(void **state)
{
    (void)state;
    struct alarm alarms[100] = {{.rang = 0}};
    struct rng rng;
    rng_init(&rng, 1);
    for (size_t i = 0; i < ARRAY_COUNT(alarms); i++) {
        alarms[i].timer.fn = ring_once;
        timer_set(&timers, &alarms[i].timer, now_ms + (int64_t)rng_below(&rng, 3600000));
    }
    pass(3600000 + TIMER_STEP_MS);
    for (size_t i = 0; i < ARRAY_COUNT(alarms); i++)
        assert_int_equal(alarms[i].rang, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup(test_timer__fires_once_and_at_most_a_step_late, setup),
            cmocka_unit_test_setup(
                    test_timer__cleared_never_fires_and_set_again_fires_at_the_new_time, setup),
            cmocka_unit_test_setup(
                    test_timer__that_sets_itself_for_now_does_not_hold_the_turn, setup),
            cmocka_unit_test_setup(test_timers__survive_a_clock_that_jumps, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
