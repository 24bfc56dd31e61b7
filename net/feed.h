/* feed.h - a board's outgoing stream on one loop, in one stream form: frames laid end to end.
 *
 *      segment             segment                 segment (newest)
 *   [f41 f42 f43 f44] -> [f45 f46 ...... f58] -> [f59 f60 |          ]
 *         ^ cursor of a slow reader                   ^ ^ cursors of the others   ^ head
 *
 * Serving a subscriber is one send from its cursor towards the head, however many events came
 * meanwhile: no copy, no allocation, no call per subscriber and event. Segments are
 * reference-counted (a send in flight pins one), 4 KiB doubling to 256 KiB, kept up to
 * FEED_BYTES_KEPT or FEED_IDLE_MS. A cursor older than the feed is not an error: its connection is
 * told `stuck`, when it has taken what was queued for it, and catches up from the log. One loop,
 * one thread. */
#ifndef TAVLA_NET_FEED_H
#define TAVLA_NET_FEED_H

#include "core/base/slice.h"
#include "net/loop.h"

struct feed;

/* empty; the first frame appended will be `next` or later */
struct feed *feed_new(struct loop *loop, uint64_t next);
struct feed *feed_free(struct feed *feed); /* CHECKs that nobody follows it */

/* Appends event `seq`'s payload as one WebSocket text frame, and marks the feed for this turn's
 * flush: all events of a turn leave in one send per subscriber. seq must be feed_next. */
void feed_append(struct feed *feed, uint64_t seq, struct slice payload);

/* Replaces what is shown beside the stream and is worth nothing later (presence): `step` brings
 * whoever had version `from` to version `to`, `whole` brings anybody there. A follower is handed
 * one when it has the whole stream and nothing else waits for it; it has none queued, so that a
 * slow one skips to the newest. Copied once, however many follow. from < to; step.ptr NULL: whole
 * for all. */
void feed_aside(
        struct feed *feed, uint64_t from, uint64_t to, struct slice step, struct slice whole);

uint64_t feed_next(const struct feed *feed);  /* seq the next frame will have */
uint64_t feed_floor(const struct feed *feed); /* first seq still held; == feed_next when empty */
size_t feed_followers(const struct feed *feed);
/* when the last follower left; INT64_MAX while followed */
int64_t feed_idle_since_ms(const struct feed *feed);
void feed_each(struct feed *feed, void (*fn)(struct conn *conn, void *context), void *context);

#endif
