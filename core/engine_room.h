/* engine_room.h - the engine's inside: a room is one board with everything that waits for it or
 * depends on it.
 *
 *            load                 loaded, or there is none yet
 *    COLD ---------> LOADING ---------------------------------> HOT --+-- idle: freed
 *      ^                |                                        |
 *      +----------------+ it failed: everybody is told           | UNKNOWN: rolled back, load again
 *      +---------------------------------------------------------+
 *
 * Commands wait in `queue`; those judged together with the batch in flight wait in `judged` for its
 * answer. A room whose next command changes a second board (engine_transfer.c) and must wait for
 * it is parked among that room's `waiters`:
 *
 *   room A: queue [A to B, ..]          parked ---->  room B: waiters {A}, batch in flight
 *   B free: batch of A, its twin in B   ---- one append, one answer ---->  both rooms go on
 *
 * A room with waiters is not idle, and is loaded for them. Internal to core/engine*.c; home
 * thread. */
#ifndef TAVLA_CORE_ENGINE_ROOM_H
#define TAVLA_CORE_ENGINE_ROOM_H

#include "core/base/chain.h"
#include "core/base/limits.h"
#include "core/dedupe.h"
#include "core/engine.h"
#include "core/tail.h"

enum room_state { ROOM_COLD, ROOM_LOADING, ROOM_HOT };

struct command_queue {
    struct command *first, *last;
    size_t count;
};

struct text_wait {
    struct text_wait *next;
    struct id id;
    enum field field;
};

struct room {
    struct id id;
    enum room_state state;
    struct board *board; /* HOT; LOADING after UNKNOWN: what was followed so far */
    struct dedupe clients;
    struct tail tail;
    struct command_queue queue;  /* not judged; past BOARD_QUEUE_MAX senders pause */
    struct command_queue judged; /* answered when the batch is */
    struct batch *batch;         /* in flight */
    struct event *newest;        /* of the batch being formed */
    struct dedupe_undo *undo;    /* of the batch being formed or in flight; in its arena */
    uint64_t slow_hash;          /* of the board before the batch, where CHECK_SLOW is on */
    struct attach *attaches, *attaches_last;
    struct text_wait *waits; /* texts asked for; the queue's first command needs them */
    enum err text_err;       /* one of them could not be read */
    uint64_t loops;          /* who follows */
    uint64_t published;      /* seq; UINT64_MAX: nobody ever followed, nothing is owed */
    struct id readers;       /* as published: the organization whose members may read */
    struct id *visitors;     /* of those who follow, who came that way; some may have left */
    uint32_t visitor_count, visitor_cap;
    bool paused;
    int64_t used_ms;
    int64_t retry_ms; /* COLD after a failure: not before */
    struct chain waiters;     /* rooms whose next command changes this board, too */
    struct chain_link parked; /* in such a one's waiters */
    struct room *served_by;   /* it is the turn of this waiter */
    bool yields;              /* the last turn was another room's: the next is its own */
    struct chain_link ready;
    UT_hash_handle hh;
};

struct engine {
    struct engine_out out;
    void *context;
    struct room *rooms;
    struct room *directory;           /* always there */
    struct chain ready;               /* rooms with something to do this turn */
    size_t writer_events;             /* in flight, over all boards */
    int64_t sweep_ms;                 /* next look for idle rooms */
    bool again;                       /* some room can go on in this turn */
    /* of the event being made, and of its twin */
    struct buf public_json[2], old_json[2];
};

static inline void queue_push(struct command_queue *q, struct command *c)
{
    c->next = NULL;
    if (q->last != NULL)
        q->last->next = c;
    else
        q->first = c;
    q->last = c;
    q->count++;
}

static inline struct command *queue_pop(struct command_queue *q) /* NULL: empty */
{
    struct command *c = q->first;
    if (c == NULL) return NULL;
    q->first = c->next;
    if (q->first == NULL) q->last = NULL;
    c->next = NULL;
    q->count--;
    return c;
}

static inline void room_ready(struct engine *e, struct room *r)
{
    if (!chain_linked(&r->ready)) chain_push(&e->ready, &r->ready);
}

struct room *room_find(const struct engine *e, struct id board); /* NULL: not there */
struct room *room_get(struct engine *e, struct id board, int64_t now_ms); /* made when new */
void room_pace(struct engine *e, struct room *r);                /* pause or resume the senders */

/* engine_visitor.c: who follows a board by way of its organization, and loses it */
/* Organizations can be asked about: the directory is in memory, and all of it is committed. */
bool directory_settled(const struct engine *e);
/* Does only the directory know whether this actor may read the board? */
bool room_asks_directory(const struct room *r, const struct actor *actor);
void visitor_add(struct room *r, struct id member);
/* From seq on the board is for the members of another organization, or of none. */
void visitors_out(struct engine *e, struct room *r, struct id readers, uint64_t seq);
/* An event of the directory was committed: memberships that it deleted. */
void organization_losses(struct engine *e, const struct event *event);
/* The directory was read anew: memberships that it has no more. */
void organization_lost(struct engine *e, const struct board *before, const struct board *now);

/* engine_load.c */
void room_load(struct engine *e, struct room *r);
/* all documents c needs are in memory */
bool room_texts_ready(struct engine *e, struct room *r, const struct command *c, bool ask);
void room_drop_state(struct room *r);

/* engine_judge.c: gives the command its verdict; an accepted one's event is applied and added to
 * the batch. */
void command_judge(
        struct engine *e, struct room *r, struct batch *batch, struct command *c, int64_t now_ms);
/* Judged again should it come again, until something after it is accepted: see dedupe.h. */
void command_reject(const struct room *r, struct command *c, const struct fault *fault);
void command_unknown(struct room *r, struct command *c);
/* (actor, cl, n) was judged before: then that is the answer */
bool command_duplicate(struct room *r, struct command *c);
void command_reset(struct command *c); /* to be judged again */

/* engine_transfer.c: the second board of a command, if it wants one */
bool command_guest(struct room *r, struct command *c, struct id *ret_board);
/* That board's room if it is free for r now; NULL: r is parked with it */
struct room *room_guest(struct engine *e, struct room *r, struct id board, int64_t now_ms);
/* Gives the turn to the first of those that wait for r; false: the turn is r's own. */
bool room_serve(struct engine *e, struct room *r, int64_t now_ms);
/* r cannot be read: what waits for it is refused. */
void room_turn_away(struct engine *e, struct room *r, const struct fault *fault);

/* engine_batch.c */
void room_drain(struct engine *e, struct room *r, int64_t now_ms);
/* encodes every object touched by the batch's events, once */
void batch_rows(struct room *r, struct batch *batch);
void batch_sums(struct board *b, const struct batch *batch); /* what is stored now */

/* engine_answer.c */
void room_publish(struct engine *e, struct room *r, const struct event *event);
void room_deliver(struct engine *e, struct room *r); /* answers everything judged */
uint64_t room_hash(const struct room *r);            /* 0 unless CHECK_SLOW is on */

#endif
