/* peer.h - one of the connections of crowd.c: follows a board and checks what it is promised.
 *
 *   DOWN --due--> CONNECTING --> UPGRADING --101--> JOINING --live--> LIVE
 *     ^------ dropped, closed by the server, due to come back ------------'
 *
 * Every event must be the one after the last, and the same bytes for everybody: the first peer to
 * have an event keeps it in `book`, the others compare. A broken promise is written down by fault()
 * and never forgotten. One thread. */
#ifndef TAVLA_TESTS_PEER_H
#define TAVLA_TESTS_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SUBS_KEPT 16

struct position {
    uint64_t seq;
    uint64_t h;
};

enum peer_state { PEER_DOWN, PEER_CONNECTING, PEER_UPGRADING, PEER_JOINING, PEER_LIVE };

struct asked { /* one sub: what it asked for, until its answer says what comes */
    uint64_t id;
    bool has_since;
    struct position since;
};

struct peer {
    unsigned index;
    enum peer_state state;
    int fd;
    const char *token;
    int receive_bytes;               /* SO_RCVBUF; 0: the system's */
    bool is_author, narrow, stopped; /* narrow: one of those that stop reading */
    int64_t due_us;                  /* DOWN: comes back; others: churns, or reads again */
    bool has_position;
    struct position at;    /* the last event had */
    struct position parts; /* of the snapshot that is coming */
    uint64_t sub_id;
    struct asked asked[SUBS_KEPT];
    uint64_t n, acked; /* author: the last n sent, how many came back */
    int64_t *sent_us;  /* author: by n */
    size_t sent_cap;
    char *bytes; /* of an unfinished frame */
    size_t used, cap;
};

struct tally {
    uint64_t events, deliveries, connects, replays, snapshots, resyncs, rejected, faults;
    uint64_t closed[5000]; /* by close code; 0: without one */
};

extern struct tally tally;
extern struct position head; /* the newest event anybody had */
extern bool measuring;       /* keep latencies, of those that read */
extern uint32_t *latencies;  /* us */
extern size_t latency_count;

int64_t clock_us(void);
void die(const char *what);
__attribute__((format(printf, 2, 3))) void fault(const struct peer *p, const char *format, ...);
const char *fault_text(size_t i); /* NULL: there are no more */

/* -- life. peer_open begins to connect; peer_drop leaves, politely or with a reset. */
void peer_setup(int port, const char *board, int poller);
void peer_open(struct peer *p);
void peer_ready(struct peer *p, unsigned events); /* of epoll */
void peer_drop(struct peer *p, bool politely, int64_t back_us);
void peer_read(struct peer *p, bool reads); /* stops reading, reads again */

/* -- what it says */
void peer_sub(struct peer *p, bool with_since);
void peer_rewind(struct peer *p, uint64_t events); /* to an older position that is in the book */
void peer_op(struct peer *p, const char *card, uint64_t number);

#endif
