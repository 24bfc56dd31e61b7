/* conn_impl.h - inside of connections; only net/conn*.c, net/feed.c and net/loop.c include it. */
#ifndef TAVLA_NET_CONN_IMPL_H
#define TAVLA_NET_CONN_IMPL_H

#include "net/feed_impl.h"
#include "net/loop_impl.h"
#include "net/peers.h"

enum conn_state { CONN_FREE, CONN_HTTP, CONN_LIVE, CONN_DRAIN, CONN_CLOSING, CONN_STATE_COUNT };

/* Whose chunk is being sent. It is finished before the other source has its turn. */
enum conn_source { FROM_NONE, FROM_PRIVATE, FROM_FEED, FROM_ASIDE };

/* Private bytes: whole frames, appended while there is room. The memory does not move, so a send
 * may read it meanwhile. */
struct private_block {
    struct private_block *next;
    /* leaves when the feed stands here or beyond, and before feed frame `after`; 0: whenever */
    uint64_t after;
    size_t len, cap;
    size_t sent;
    size_t chunk_end; /* of the chunk being sent; always a frame boundary */
    char bytes[];
};

/* One request and its answer; there only while a request is being read or answered. */
struct conn_http {
    struct http_reader reader;
    struct http_body body;
    bool in_request; /* the head is complete and the answer not yet given in full */
    bool has_body;
    bool body_ended;
    bool answer_begun, answered;
    bool chunked;    /* the streamed answer's form */
    bool head_only;  /* HEAD: no content */
    bool keep_alive; /* another request may follow */
};

struct conn {
    /* hot: what a fan-out touches */
    int fd;
    uint32_t slot, generation;
    uint8_t state;
    uint8_t source;
    bool sending;       /* a send is under way */
    bool last_private;  /* the last chunk was a private one: the feed's turn */
    uint32_t in_flight; /* requests at the ring, cancels included */
    uint32_t follower;  /* index in feed->followers */
    struct feed *feed;
    struct chunk chunk;   /* being sent, when source is FROM_FEED; pins its segment */
    uint64_t chunk_first; /* seq of its first frame */
    /* still followed since the chunk began; NULL: the chunk goes out whole */
    struct feed *chunk_feed;
    bool chunk_cut;   /* end it at the next frame boundary */
    bool chunk_stuck; /* and then the follower is stuck */
    bool stuck;       /* tell the handler */
    struct blob *aside; /* being sent, when source is FROM_ASIDE */
    size_t aside_sent;
    uint64_t aside_seen; /* version of the last one handed out; 0: none */
    struct private_block *private_first, *private_last;
    struct private_block *parked; /* waited for a feed that is not followed now */
    struct private_block *pong; /* a pong that waits for a frame boundary */
    size_t private_bytes;
    uint64_t sent_bytes; /* all that the kernel took */
    struct loop *loop;
    struct chain_link ready, resume, arm, closing; /* arm also links starved and free */

    /* reading */
    bool recv_armed, recv_cancelling;
    bool peer_ended;   /* the peer shut its side down */
    bool private_full; /* not read until private bytes are fewer */
    bool private_high; /* the handler is owed a `drained` */
    bool parsing;      /* inside conn_input: answers continue there, not here */
    bool flushed;      /* DRAIN: all was sent and our side shut down */
    bool local;
    uint32_t paused;
    uint32_t turn_buffers;
    uint64_t turn;
    struct buf held; /* received, not yet parsed */
    struct conn_http *http;
    uint32_t requests;

    /* WebSocket */
    struct ws_reader ws;
    int64_t message_ms; /* when the unfinished message began; 0: none */

    /* clocks */
    int64_t deadline_ms; /* of the state; 0: none */
    struct timer timer, user_timer;
    void (*user_timer_fn)(struct conn *conn);
    int64_t last_in_ms;
    int64_t ping_ms;     /* when the unanswered ping was sent; 0: none */
    uint64_t ping_acked; /* bytes acknowledged then */
    int64_t slow_ms;     /* since when `slow_acked` has not moved; 0: nothing waits */
    uint64_t slow_acked;

    void *user;
    uint64_t feed_next; /* where the last feed was left */
    struct peer_key peer_key;
    bool peer_entered;
    char peer[54]; /* "[" 45 characters of IPv6 "]:65535" */
};

/* An idle connection is this and nothing else. */
_Static_assert(sizeof(struct conn) <= 1024, "a slot is at most 1 KiB");

/* -- conn.c */
void conn_init(struct conn *c, struct loop *loop, uint32_t slot);
bool conn_open(struct loop *loop, int fd, bool local); /* false: refused, fd closed */
void conn_move(struct conn *c, enum conn_state to);
/* nothing more is queued: flush, shut down, wait a little, close */
void conn_drain(struct conn *c);
void conn_drained_out(struct conn *c);              /* DRAIN and all is sent */
bool conn_closing_step(struct conn *c);             /* true: the slot is free */
void conn_deadline(struct conn *c, int64_t due_ms); /* 0: none */
void conn_ready(struct conn *c);
void conn_slow_check(struct conn *c);
uint64_t conn_acked(const struct conn *c);
struct ring_id conn_ring_id(const struct conn *c);

/* -- conn_recv.c */
void conn_recv_done(struct conn *c, const struct ring_completion *done);
void conn_arm(struct conn *c); /* the receive, at the end of the turn */
void conn_arm_now(struct conn *c);
void conn_resume_later(struct conn *c); /* parse what is held, outside of any handler */
void conn_resume_now(struct conn *c);

/* -- conn_http.c */
size_t conn_http_input(struct conn *c, struct slice bytes); /* one step; returns the bytes used */
bool conn_http_reading(const struct conn *c);               /* not waiting for an answer */
void conn_http_deadline_passed(struct conn *c);
void conn_http_free(struct conn *c);
void conn_http_ended(struct conn *c); /* the peer sends no more */

/* -- conn_ws.c */
size_t conn_ws_input(struct conn *c, struct slice bytes);
void conn_ws_deadline_passed(struct conn *c);
void conn_ws_schedule(struct conn *c);
/* close frame, then DRAIN */
void conn_ws_close(struct conn *c, uint16_t code, struct slice reason);

/* -- conn_send.c */
void conn_private(struct conn *c, struct slice head, struct slice body, uint64_t barrier);
void conn_private_pong(struct conn *c, struct slice payload);
void conn_private_drop(struct conn *c); /* all but the chunk being sent */
void conn_private_forget(struct conn *c); /* what waits for a feed that is not followed now */
bool conn_waits(const struct conn *c);  /* has private bytes or an unfinished chunk */
/* at most one send; false: the budget for feeds is used */
bool conn_serve(struct conn *c, uint32_t *budget);
void conn_send_chunk(struct conn *c, struct follower *f, const struct chunk *chunk);
void conn_send_aside(struct conn *c, struct blob *aside);
void conn_send_done(struct conn *c, int32_t result);
void conn_send_fini(struct conn *c);
/* its feed dropped what it needs next */
void conn_stuck(struct conn *c);
void conn_chunk_cut(struct conn *c); /* its feed drops the segment of its chunk */

#endif
