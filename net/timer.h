/* timer.h - one loop's deadlines: a hashed wheel, so that setting and clearing cost the same with
 * ten thousand connections.
 *
 * A timer sits in the slot of its due time; one whose time lies further ahead than the wheel is met
 * early and left in place. Timers fire up to TIMER_STEP_MS late. Owned by one loop, one thread. */
#ifndef TAVLA_NET_TIMER_H
#define TAVLA_NET_TIMER_H

#include <stdint.h>

#include "core/base/chain.h"

#define TIMER_STEP_MS 16
#define TIMER_SLOTS   1024 /* a power of two: 16 seconds around */

struct timer {
    struct chain_link link; /* linked: it is set */
    int64_t due_ms;
    void (*fn)(struct timer *timer);
};

struct timers {
    int64_t step; /* the step that was looked at last */
    struct chain slots[TIMER_SLOTS];
};

void timers_init(struct timers *ts, int64_t now_ms);
/* fires what is due; fn may set and clear any timer */
void timers_run(struct timers *ts, int64_t now_ms);
/* until a timer may be due */
int64_t timers_wait_ms(const struct timers *ts, int64_t now_ms, int64_t most_ms);
/* again when it is set already */
void timer_set(struct timers *ts, struct timer *t, int64_t due_ms);
void timer_clear(struct timer *t); /* fine when it is not set */

#endif
