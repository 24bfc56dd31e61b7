/* live.h - a connection that follows a board by the native protocol, v1, subprotocol tavla.v1.
 *
 *   HELLO --hello, session known--> READY --sub--> JOINING --snapshot or ops queued--> FOLLOWING
 *                                     ^---- err ------'  ^------- sub again, stuck ------'
 *
 * JOINING is: ATTACH to the home (from its answer on the loop's feed misses nothing), then a
 * reader thread takes the log or a snapshot up to some S, its parts leave paced by the
 * connection's private room, and the cursor is set to S+1. What was taken is older than the
 * feed's floor when the reader is slow: then another round goes on from S. Frames that must
 * leave behind an event (rej, dup, card) are held back while no feed is followed. Loop thread
 * only.
 *
 * A member's own stream (GET /v1/me/live) is followed by the same steps. JOINING is shorter there:
 * ATTACH, a reading that began behind it, and the state out of this loop's memory (own.h). */
#ifndef TAVLA_API_LIVE_H
#define TAVLA_API_LIVE_H

#include "core/base/bucket.h"
#include "net/api/ctx.h"
#include "net/api/shard.h"

/* GET /v1/boards/{id}/live, or, board being NULL, /v1/me/live: answers 101, or refuses. */
void live_open(struct conn *conn, const struct http_request *request, const struct id *board);

/* -- from the shard's mail */
void live_attached(struct shard *s, struct attach *a);                          /* takes a */
void live_barrier(struct shard *s, struct board_entry *e, struct id member, uint64_t seq);
/* e->paused changed */
void live_paused(struct shard *s, struct board_entry *e);
void live_session_gone(struct shard *s, struct id session);
/* about once a second: heartbeats, expired sessions */
void live_sweep(struct shard *s);
/* once a turn: presence that is to go home */
void live_presence_turn(struct shard *s);
/* the server is about to stop */
void live_bye(struct shard *s);

#endif
