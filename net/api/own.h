/* own.h - a member's own stream on one loop: what is theirs as it was read last, and the events
 * that lead from one reading to the next.
 *
 *      MAIL_OWN, ATTACHED      turn            done
 *   CLEAN --------------> DIRTY ----> READING -----> CLEAN, or DIRTY again
 *                                        |
 *                                        +-- what differs --> events, appended to the feed
 *
 * The position is (seq, h): seq counts the events of this stream on this loop, h is made of all
 * that is in it, whatever the order. So a client whose (seq, h) is the present one has the present
 * state, whichever stream counted it, and everybody else is given a snapshot, which is at hand. A
 * reading begins behind a commit and is diffed as a whole: changes that came together may come as
 * one event, none is skipped at the end. Loop thread only. */
#ifndef TAVLA_API_OWN_H
#define TAVLA_API_OWN_H

#include "net/api/own_read.h"
#include "net/api/parts.h"

struct own_verdict; /* of an op, waiting for a reading that began behind it */

struct own_board {
    struct id id;
    struct slice json, shelf; /* heap; see own_read.h */
    uint64_t seen;            /* the last reading that had it */
    UT_hash_handle hh;
};

struct own {
    struct shard *shard;
    struct board_entry *entry;
    struct id member;
    bool attached; /* the home tells us of changes */
    bool loaded;   /* read once: the entry has a feed and a head */
    bool reading;
    /* to be read */
    bool all;
    struct id dirty[OWN_WANTED_MAX];
    uint32_t dirty_count;
    struct chain_link on_dirty; /* linked: the turn begins a reading */
    uint64_t begun, done;       /* readings */
    /* state */
    struct own_board *boards; /* by id */
    struct slice me;          /* heap */
    struct chain waiting;     /* joins that wait for a reading: struct live.on_catchups */
    struct own_verdict *first, *last;
};

struct own *own_new(struct shard *s, struct board_entry *e);
struct own *own_free(struct own *own);

/* From the home: it tells us from now on; something changed. what: see own_hub.h. */
void own_attached(struct own *own);
void own_changed(struct own *own, struct id what);
/* once a turn: begins what readings are due */
void own_turn(struct shard *s);

/* The reading behind which everything is known that the home has said up to now: own->done has to
 * come to it. */
uint64_t own_due(const struct own *own);
struct parts *own_snapshot(const struct own *own);
/* What became of a connection's op, said behind a reading that has it. n of cl was accepted: an
 * event says so (text NULL); else text is what that connection is told. */
void own_verdict(struct own *own, struct conn *conn, struct slice cl, uint64_t n,
        const struct buf *text);

#endif
