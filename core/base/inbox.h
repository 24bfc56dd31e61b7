/* inbox.h - how anything crosses threads: an intrusive many-producer, one-consumer mail queue.
 *
 * Posting gives the mail away; the consumer takes everything in arrival order. The first post into
 * an empty inbox returns true: then, and only then, the poster wakes the consumer. Lock-free: a
 * push-only stack that the consumer swaps out whole and reverses. */
#ifndef TAVLA_BASE_INBOX_H
#define TAVLA_BASE_INBOX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mail {
    struct mail *next;
    uint32_t kind; /* the owner of the inbox defines the kinds */
};

struct inbox {
    _Atomic(struct mail *) head;
};

void inbox_init(struct inbox *in);
bool inbox_post(
        struct inbox *in, struct mail *m); /* any thread; true: it was empty, wake the consumer */
struct mail *inbox_take(
        struct inbox *in); /* consumer only; oldest first, chained by next; NULL: empty */

/* A blocking consumer's side for plain threads (writer, readers, jobs): inbox + futex-backed
 * sleep. */
struct doorbell {
    _Atomic uint32_t rung;
};

void doorbell_init(struct doorbell *d);
void doorbell_ring(struct doorbell *d); /* any thread */
/* Returns at once if rung since the last wait; -1: no timeout (a timed one may end early). */
void doorbell_wait(struct doorbell *d, int timeout_ms);

#endif
