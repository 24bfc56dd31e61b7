/* conn.h - one accepted socket, from accept to the last completion: HTTP/1.1, then perhaps
 * WebSocket.
 *
 *   FREE -> HTTP -> LIVE -> DRAIN -> CLOSING -> FREE
 *             \-------------^
 *
 * Any open state may go to CLOSING; only CLOSING with nothing in flight goes to FREE.
 * HTTP: requests one at a time; the next is not parsed before the answer of the last was given.
 * LIVE: WebSocket messages. DRAIN: our close frame or last answer is queued; what arrives is thrown
 * away. CLOSING: shut down, cancelled, waiting for completions. A connection belongs to its loop;
 * other threads hold a conn_handle and send mail.
 *
 * Output has three sources, served in turn in chunks that end on frame boundaries:
 *   - private bytes: answers, rejections, snapshot parts, pongs. Each private frame may carry a
 *     barrier: it leaves only after every feed frame up to that seq, and later feed frames wait
 *     behind it.
 *   - a feed (net/feed.h): the connection is a cursor into shared bytes;
 *   - what is beside that feed: the newest frame of it, when nothing else waits. */
#ifndef TAVLA_NET_CONN_H
#define TAVLA_NET_CONN_H

#include "core/base/err.h"
#include "core/base/slice.h"
#include "net/http.h"
#include "net/ws.h"

struct conn;
struct feed;
struct loop;

struct conn_handle {
    uint32_t loop;
    uint32_t slot;
    uint32_t generation; /* of the slot; 0 is never a valid one */
};

struct conn_handler {
    /* A request's head is complete. Exactly one conn_answer* must follow, now or later. If a body
     * follows it comes to `body` unless the request was answered first. Slices of request live
     * until the answer. */
    void (*request)(struct conn *conn, const struct http_request *request);
    /* The request line passed HTTP_LINE_BYTES_MAX: may it grow to HTTP_LINE_BYTES_MAX_SIGNED? line:
     * the bytes so far. */
    bool (*line_grow)(struct conn *conn, struct slice line);
    /* A piece of the body, borrowed; end: the last (piece may be empty). May call conn_pause. */
    void (*body)(struct conn *conn, struct slice piece, bool end);
    void (*message)(struct conn *conn, struct slice text); /* one whole WebSocket text message */
    /* conn_private_low is true again */
    void (*drained)(struct conn *conn);
    /* The feed dropped what the cursor still needed, and what was queued before has left: catch up
     * from the log. Not earlier, so that a reader that stops is owed one catch-up at most. */
    void (*stuck)(struct conn *conn);
    void (*closed)(struct conn *conn); /* exactly once, whatever the reason; free conn_user here */
};

struct conn_handle conn_handle(const struct conn *conn);
struct loop *conn_loop(const struct conn *conn);
void *conn_user(const struct conn *conn);
void conn_set_user(struct conn *conn, void *user);
bool conn_local(const struct conn *conn);        /* came over the admin socket */
bool conn_is_live(const struct conn *conn);      /* WebSocket, open */
struct slice conn_peer(const struct conn *conn); /* "127.0.0.1:54321", "unix" */

/* -- HTTP answers */
struct http_answer {
    int status;
    struct slice content_type; /* empty: none */
    struct slice fields;       /* extra field lines, each "Name: value\r\n" */
    struct slice body;         /* copied */
    bool close;                /* end the connection after this answer */
    bool has_length;           /* of conn_answer_begin: so many bytes will follow */
    uint64_t length;
};
void conn_answer(struct conn *conn, const struct http_answer *answer);
/* A body in pieces: of unknown length chunked for HTTP/1.1, until close for 1.0. Room as for
 * private bytes: use conn_private_low and `drained` to pace it. */
void conn_answer_begin(struct conn *conn, const struct http_answer *head);
void conn_answer_piece(struct conn *conn, struct slice piece);
void conn_answer_end(struct conn *conn);
/* 101 and the state LIVE; message_bytes_max applies from now on and can be raised with
 * conn_message_max. */
void conn_upgrade(
        struct conn *conn, const char accept[29], const char *protocol, size_t message_bytes_max);
void conn_message_max(struct conn *conn, size_t bytes);

/* -- WebSocket private messages */
#define CONN_NO_BARRIER UINT64_MAX
/* Copied; dropped when not LIVE. What brings a subscriber up from the log carries the seq it ends
 * with as its barrier, also while no feed is followed: then it leaves before what the feed brings
 * after conn_follow. Without a barrier it would take turns. */
void conn_send(struct conn *conn, struct slice text, uint64_t barrier);
/* fewer than PRIVATE_QUEUE_BYTES_LOW bytes are queued: more of what is long may come */
bool conn_private_low(const struct conn *conn);
/* bytes that may be queued before the peer is not read any more */
size_t conn_private_room(const struct conn *conn);
/* Close frame with code and reason behind everything queued, then the socket. In HTTP state: closes
 * after the flush. */
void conn_close(struct conn *conn, uint16_t code, struct slice reason);
void conn_abort(struct conn *conn); /* at once, without a word */

/* -- reading and timers */
/* counted: as many resumes. Nothing further is parsed; the kernel pushes back. */
void conn_pause(struct conn *conn);
void conn_resume(struct conn *conn);
/* The handler's own deadline on this connection; `closed` cancels it. fn runs on the loop. 0 delay
 * clears it. */
void conn_timer(struct conn *conn, int64_t delay_ms, void (*fn)(struct conn *conn));

/* -- feed */
/* Follow the feed from `next`: frames below it are skipped. False: the feed no longer holds frame
 * `next` (it is below feed_floor): catch up from the log first. The feed is referenced until
 * conn_unfollow or close. */
bool conn_follow(struct conn *conn, struct feed *feed, uint64_t next);
void conn_unfollow(struct conn *conn);
/* Frames that wait for feed frames which had not left when the feed was lost or left stay aside
 * until the next conn_follow, and come behind what was queued meanwhile. This lets them go now. */
void conn_unpark(struct conn *conn);
/* false also between losing the feed's tail and `stuck` */
bool conn_follows(const struct conn *conn);
uint64_t conn_feed_next(const struct conn *conn); /* the first seq not yet handed to the kernel */
/* It was told what is beside the feed as of `version` in a private frame: it wants the steps from
 * there. Until then, and from each conn_follow on, it has nothing of it. */
void conn_aside_seen(struct conn *conn, uint64_t version);
/* Nothing at or beyond `seq` of the feed is sent on this connection any more (loss of access). */
void conn_feed_stop(struct conn *conn, uint64_t seq);

#endif
