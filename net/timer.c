#include "net/timer.h"

void timers_init(struct timers *ts, int64_t now_ms)
{
    ts->step = now_ms / TIMER_STEP_MS;
    for (size_t i = 0; i < TIMER_SLOTS; i++)
        chain_init(&ts->slots[i]);
}

static struct chain *timers_slot(struct timers *ts, int64_t step)
{
    return &ts->slots[step & (TIMER_SLOTS - 1)];
}

void timer_set(struct timers *ts, struct timer *t, int64_t due_ms)
{
    CHECK(t->fn);
    timer_clear(t);
    t->due_ms = due_ms;
    int64_t step = due_ms / TIMER_STEP_MS;
    /* slots behind are not looked at before the wheel comes around */
    if (step < ts->step) step = ts->step;
    chain_push(timers_slot(ts, step), &t->link);
}

void timer_clear(struct timer *t)
{
    if (chain_linked(&t->link)) chain_unlink(&t->link);
}

void timers_run(struct timers *ts, int64_t now_ms)
{
    int64_t last = now_ms / TIMER_STEP_MS;
    int64_t step = ts->step;
    if (last - step >= TIMER_SLOTS) step = last - TIMER_SLOTS + 1;
    /* The slot of `last` is looked at again next time: it may hold timers due later within this
     * step. */
    ts->step = last;
    for (; step <= last; step++) {
        struct chain *slot = timers_slot(ts, step);
        struct chain waiting;
        chain_init(&waiting);
        for (struct chain_link *l; (l = chain_pop(slot));)
            chain_push(&waiting, l);
        for (struct chain_link *l; (l = chain_pop(&waiting));) {
            struct timer *t = chain_entry(l, struct timer, link);
            if (t->due_ms <= now_ms)
                t->fn(t);
            else
                chain_push(slot, l);
        }
    }
}

int64_t timers_wait_ms(const struct timers *ts, int64_t now_ms, int64_t most_ms)
{
    int64_t last = (now_ms + most_ms) / TIMER_STEP_MS;
    for (int64_t step = now_ms / TIMER_STEP_MS; step <= last; step++) {
        const struct chain *slot = &ts->slots[step & (TIMER_SLOTS - 1)];
        if (chain_empty(slot)) continue;
        int64_t wait = (step + 1) * TIMER_STEP_MS - now_ms;
        return wait < most_ms ? wait : most_ms;
    }
    return most_ms;
}
