/* loop.h - one I/O thread: a ring, its connections, its inbox, its timers.
 *
 * A turn is: wait in the ring -> completions -> inbox -> timers -> hooks.turn (the engine, on loop
 * 0) -> feeds and private queues are flushed -> one submit. Handlers only queue work; bytes leave
 * once, at the end of the turn. now_ms is read once a turn. Everything here belongs to the loop's
 * own thread except loop_post, loop_stop and loop_listen. */
#ifndef TAVLA_NET_LOOP_H
#define TAVLA_NET_LOOP_H

#include <pthread.h>

#include "core/base/chain.h"
#include "core/base/inbox.h"
#include "core/base/limits.h"
#include "net/conn.h"
#include "net/ring.h"

struct loop;

struct loop_hooks {
    void (*mail)(struct loop *loop, struct mail *mail); /* ownership passes */
    /* once a turn, after mail and completions */
    void (*turn)(struct loop *loop);
    void (*tick)(struct loop *loop); /* about every 100 ms */
    /* the loop is stopping and every connection is closed */
    void (*idle)(struct loop *loop);
};

struct loop_options {
    uint32_t index;
    enum ring_backend backend;
    uint32_t conns_max; /* slots of this loop */
    const struct loop_hooks *hooks;
    const struct conn_handler *handler;
    void *context; /* for hooks and handlers: loop_context() */
};

/* Opens a loop on its own thread, which makes the ring (a ring belongs to the thread that uses it).
 * Returns when the ring is up, or NULL with a line in ret_why. */
struct loop *loop_open(const struct loop_options *options, char ret_why[160]);
struct loop *loop_close(struct loop *loop); /* joins the thread; after loop_stop */

/* Listens on fd (non-blocking, bound, listening; ownership passes). Any thread, before loop_stop.
 * local marks the admin socket: its connections are the operator's. */
void loop_listen(struct loop *loop, int fd, bool local);

/* Any thread, until loop_close returns; wakes the loop when needed. Mail that comes after the
 * loop's thread ended is given to hooks.mail by loop_close. Always true. */
bool loop_post(struct loop *loop, struct mail *mail);
/* Any thread: stop accepting, say bye (4200) to WebSockets, finish answers, flush for at most
 * grace_ms, then end. */
void loop_stop(struct loop *loop, int grace_ms);

uint32_t loop_index(const struct loop *loop);
void *loop_context(const struct loop *loop);
int64_t loop_now_ms(const struct loop *loop);                         /* monotonic, of this turn */
int64_t loop_wall_ms(const struct loop *loop);                        /* Unix time, of this turn */
struct conn *loop_conn(struct loop *loop, struct conn_handle handle); /* NULL: gone or reused */
/* Visits every open connection. fn may close connections. */
void loop_each_conn(struct loop *loop, void (*fn)(struct conn *conn, void *context), void *context);

#endif
