/* loop_impl.h - inside of a loop; only net/loop.c, net/conn*.c and net/feed.c include it. */
#ifndef TAVLA_NET_LOOP_IMPL_H
#define TAVLA_NET_LOOP_IMPL_H

#include "core/base/buf.h"
#include "net/http.h"
#include "net/loop.h"
#include "net/timer.h"

#define LISTENERS_MAX   8
#define CONNS_PER_BLOCK 64
#define SEND_BUDGET     ((uint32_t)FEED_SENDS_PER_TURN)

struct listener {
    int fd;
    bool local;
    bool armed;       /* an accept is under way */
    bool cancelling;  /* a cancel of it is under way */
    int64_t retry_ms; /* out of descriptors: not before this time */
};

struct loop {
    struct loop_options options;
    struct ring *ring;
    pthread_t thread;
    struct inbox inbox;
    int64_t now_ms, wall_ms;
    uint64_t turn;

    /* connections: blocks of slots, made when first needed */
    struct conn **blocks;
    uint32_t slots_made;
    struct chain free; /* slots */
    uint32_t open_count;
    struct chain ready;   /* have something to send or to say */
    struct chain resume;  /* have bytes to parse that had to wait */
    struct chain arm;     /* want their receive armed */
    struct chain starved; /* found no receive buffer */
    struct chain closing; /* their handler is to be told */

    struct chain feeds, feeds_dirty;
    struct timers timers;
    int64_t tick_due_ms, age_due_ms, slow_due_ms;
    uint64_t deliveries, asides; /* not yet in the metric */

    struct buf scratch; /* for building one answer or frame */
    int64_t date_second;
    char date[HTTP_DATE_TEXT + 1];

    int spare_fd;         /* given up for a moment to refuse connections when descriptors run out */
    pthread_mutex_t lock; /* start, and listeners that come from other threads */
    pthread_cond_t started;
    bool is_started;
    char why[RING_WHY_BYTES];
    struct listener listeners[LISTENERS_MAX];
    uint32_t listener_count; /* under lock when written */
    _Atomic bool listeners_new;

    _Atomic int stop_grace_ms; /* -1: not asked to stop */
    bool stopping;
    int64_t stop_due_ms;
};

struct conn *loop_slot(const struct loop *loop, uint32_t slot); /* NULL: never made */
struct slice loop_date(struct loop *loop);

#endif
