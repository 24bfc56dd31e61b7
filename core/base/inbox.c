#include "core/base/inbox.h"

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "core/base/check.h"

void inbox_init(struct inbox *in)
{
    atomic_init(&in->head, NULL);
}

/*  head -> newest -> ... -> oldest -> NULL
 *
 * Producers only push and the consumer only swaps the whole stack out, so no node is ever popped
 * alone while another thread looks at it: the ABA problem of lock-free stacks has no place to
 * arise. */
bool inbox_post(struct inbox *in, struct mail *m)
{
    struct mail *head = atomic_load_explicit(&in->head, memory_order_relaxed);
    do {
        CHECK(head != m);
        m->next = head;
        /* Release: the consumer must see the mail's content. */
    } while (!atomic_compare_exchange_weak_explicit(
            &in->head, &head, m, memory_order_seq_cst, memory_order_relaxed));
    return head == NULL;
}

struct mail *inbox_take(struct inbox *in)
{
    /* Looking first keeps an idle consumer from taking the cache line away from the producers. */
    if (atomic_load_explicit(&in->head, memory_order_relaxed) == NULL) return NULL;
    struct mail *stack = atomic_exchange_explicit(&in->head, NULL, memory_order_acq_rel);
    struct mail *oldest = NULL;
    while (stack != NULL) {
        struct mail *next = stack->next;
        stack->next = oldest;
        oldest = stack;
        stack = next;
    }
    return oldest;
}

void doorbell_init(struct doorbell *d)
{
    atomic_init(&d->rung, 0);
}

/* The futex is the word `rung` itself; glibc has no wrapper for the call. */
static long futex(struct doorbell *d, int op, uint32_t value, const struct timespec *timeout)
{
    return syscall(SYS_futex, &d->rung, op | FUTEX_PRIVATE_FLAG, value, timeout, NULL, 0);
}

void doorbell_ring(struct doorbell *d)
{
    /* Whoever turned 0 into 1 wakes; a second ring before the wait has nothing to add. */
    if (atomic_exchange(&d->rung, 1) == 0) futex(d, FUTEX_WAKE, 1, NULL);
}

void doorbell_wait(struct doorbell *d, int timeout_ms)
{
    struct timespec timeout = {
            .tv_sec = timeout_ms / 1000, .tv_nsec = timeout_ms % 1000 * 1000000L};
    while (atomic_exchange(&d->rung, 0) == 0) {
        /* The kernel sleeps only if the word is still 0, so a ring between the exchange and here is
         * not lost. */
        long rc = futex(d, FUTEX_WAIT, 0, timeout_ms < 0 ? NULL : &timeout);
        int error = errno;
        CHECK(rc == 0 || error == EAGAIN || error == EINTR || error == ETIMEDOUT);
        /* With a timeout a signal may end the wait early: callers look at their inbox and wait
         * again anyway. */
        if (rc != 0 && error != EAGAIN && timeout_ms >= 0) break;
    }
}
