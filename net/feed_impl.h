/* feed_impl.h - inside of feeds; only net/feed.c, net/conn_send.c and net/loop.c include it. */
#ifndef TAVLA_NET_FEED_IMPL_H
#define TAVLA_NET_FEED_IMPL_H

#include "core/base/blob.h"
#include "core/base/chain.h"
#include "net/feed.h"

/* Frames laid end to end. Bytes are only ever appended and never move, so a send may read while
 * others are added. A segment is freed when its feed dropped it and no chunk pins it. */
struct segment {
    struct segment *next;
    uint64_t start;               /* where it begins in the feed's stream of bytes */
    uint64_t seq_first, seq_next; /* frames [seq_first, seq_next) are in it, whole */
    int64_t last_ms;              /* when its last frame came */
    uint32_t pins;                /* chunks being sent */
    bool dropped;
    size_t len, cap;
    uint8_t bytes[];
};

#define FOLLOWER_AHEAD UINT64_MAX /* `at` of one who follows from a frame that does not exist yet */

/* One subscriber, 32 bytes: a fan-out walks an array of these. Between chunks `at` is a frame's
 * first byte; while a chunk is sent it is already the chunk's end. */
struct follower {
    uint64_t at;      /* offset in the feed's stream */
    uint64_t next;    /* seq of the frame there */
    uint64_t stop_at; /* nothing at or beyond this seq is sent */
    struct conn *conn;
};

struct feed {
    struct chain_link all;   /* in loop.feeds */
    struct chain_link dirty; /* in loop.feeds_dirty: followers are left to be looked at */
    struct loop *loop;
    struct segment *first, *last;
    size_t bytes_kept;
    uint64_t head;     /* offset behind the last frame */
    uint64_t next;     /* seq of the next frame */
    uint64_t *offsets; /* of frame seq, at [seq & (offsets_cap - 1)] */
    size_t offsets_cap;
    struct follower *followers;
    size_t follower_count, follower_cap;
    size_t scan;    /* where the sweep goes on */
    size_t unswept; /* followers not yet looked at since the last append */
    int64_t idle_since_ms;
    /* the newest aside, as frames; version 0: there was none */
    uint64_t aside_from, aside_to;
    struct blob *aside_step, *aside_whole;
};

/* A run of whole frames for one send. */
struct chunk {
    struct segment *segment;
    uint64_t at, end;
    uint64_t next; /* seq behind it */
};

/* What a follower may be sent now: from its cursor to the head of the segment, below seq `limit`,
 * at most about FEED_CHUNK_BYTES when `small`. False: nothing. */
bool feed_chunk(
        const struct feed *feed, struct follower *f, uint64_t limit, bool small, struct chunk *ret);
/* What a follower that has the whole stream may be handed of what is beside it. NULL: nothing. */
struct blob *feed_aside_for(const struct feed *feed, const struct follower *f);
/* The first frame boundary at or behind offset `at`, and the seq of the frame there. */
uint64_t segment_boundary(const struct segment *s, uint64_t at, uint64_t *ret_seq);
void segment_unpin(struct segment *s);

void feed_add_follower(struct feed *feed, struct conn *conn, uint64_t next);
void feed_remove_follower(struct feed *feed, uint32_t index);
/* sends to followers until the budget is used */
void feed_sweep(struct feed *feed, uint32_t *budget);
/* drops segments everyone has and that grew old */
void feed_age(struct feed *feed, int64_t now_ms);

#endif
