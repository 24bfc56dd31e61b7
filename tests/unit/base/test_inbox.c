#include "core/base/inbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <time.h>

#define PRODUCERS 4
#define MAILS     20000

struct note {
    struct mail mail;
    uint32_t producer;
    uint32_t number;
};

static struct inbox inbox;
static struct doorbell bell;
static struct note notes[PRODUCERS][MAILS];

static void test_inbox__keeps_order_and_wakes_once(void **state)
{
    struct mail mails[3] = {{.kind = 1}, {.kind = 2}, {.kind = 3}};
    (void)state;
    inbox_init(&inbox);
    assert_null(inbox_take(&inbox));
    assert_true(inbox_post(&inbox, &mails[0]));
    assert_false(inbox_post(&inbox, &mails[1]));
    assert_false(inbox_post(&inbox, &mails[2]));
    uint32_t want = 1;
    for (struct mail *m = inbox_take(&inbox); m != NULL; m = m->next)
        assert_int_equal(m->kind, want++);
    assert_int_equal(want, 4);
    assert_null(inbox_take(&inbox));
    assert_true(inbox_post(&inbox, &mails[0]));
}

static void *produce(void *argument)
{
    struct note *mine = argument;
    for (uint32_t i = 0; i < MAILS; i++) {
        mine[i].number = i;
        if (inbox_post(&inbox, &mine[i].mail)) doorbell_ring(&bell);
    }
    return NULL;
}

static void test_inbox__loses_nothing_between_threads_that_sleep(void **state)
{
    pthread_t threads[PRODUCERS];
    uint32_t next[PRODUCERS] = {0}, total = 0;
    (void)state;
    inbox_init(&inbox);
    doorbell_init(&bell);
    for (uint32_t p = 0; p < PRODUCERS; p++) {
        for (uint32_t i = 0; i < MAILS; i++)
            notes[p][i].producer = p;
        assert_int_equal(pthread_create(&threads[p], NULL, produce, notes[p]), 0);
    }
    while (total < PRODUCERS * MAILS) {
        struct mail *m = inbox_take(&inbox);
        if (m == NULL) doorbell_wait(&bell, -1); /* a lost wake would hang here */
        for (; m != NULL; m = m->next, total++) {
            struct note *note = (struct note *)(void *)m;
            assert_int_equal(note->number, next[note->producer]++);
        }
    }
    for (uint32_t p = 0; p < PRODUCERS; p++)
        pthread_join(threads[p], NULL);
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void test_doorbell__remembers_a_ring_and_times_out_without_one(void **state)
{
    (void)state;
    doorbell_init(&bell);
    doorbell_ring(&bell);
    doorbell_ring(&bell);
    int64_t start = now_ms();
    doorbell_wait(&bell, 10000);
    assert_true(now_ms() - start < 5000);
    start = now_ms();
    doorbell_wait(&bell, 50); /* both rings were one */
    assert_true(now_ms() - start >= 45);
}

static void *wait_for_ring(void *argument)
{
    (void)argument;
    doorbell_wait(&bell, -1);
    return NULL;
}

static void test_doorbell__wakes_a_sleeper(void **state)
{
    pthread_t sleeper;
    struct timespec deadline;
    (void)state;
    doorbell_init(&bell);
    assert_int_equal(pthread_create(&sleeper, NULL, wait_for_ring, NULL), 0);
    nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL); /* long asleep by now */
    doorbell_ring(&bell);
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += 5;
    assert_int_equal(pthread_timedjoin_np(sleeper, NULL, &deadline), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_inbox__keeps_order_and_wakes_once),
            cmocka_unit_test(test_inbox__loses_nothing_between_threads_that_sleep),
            cmocka_unit_test(test_doorbell__wakes_a_sleeper),
            cmocka_unit_test(test_doorbell__remembers_a_ring_and_times_out_without_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
