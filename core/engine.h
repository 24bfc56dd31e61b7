/* engine.h - the sequencer: commands in, events out, in one total order a board.
 *
 *   command -> wait (board cold? load; text needed? fetch; batch in flight? wait)
 *           -> resolve against state -> effects -> event (seq) -> apply
 *           -> batch -> oplog.append ... answer -> gate opens: answers and events leave
 *
 * Pure: no I/O, no clock, no randomness; `now` comes in, everything goes out through engine_out,
 * called from within engine_* calls. At most one batch per
 * board is in flight; commands that arrive meanwhile wait unresolved. Whatever was judged together
 * with a batch (rejections and duplicates too) is answered
 * only when the batch is COMMITTED; on VOID it is judged again. Home thread only. */
#ifndef TAVLA_CORE_ENGINE_H
#define TAVLA_CORE_ENGINE_H

#include "core/base/limits.h"
#include "core/op.h"
#include "core/oplog.h"

struct engine;

enum verdict {
    VERDICT_NONE,
    VERDICT_ACCEPTED,  /* seq is the event's */
    VERDICT_DUPLICATE, /* (cl, n) was judged before: seq of the row, refused list */
    VERDICT_REJECTED,  /* fault says why; at is the head it was judged against */
    VERDICT_UNKNOWN    /* close the connection: a resend of (cl, n) will tell */
};

/* One op message on its way to the home and back. Made by a loop, owned by the engine from
 * submit to answer. */
struct command {
    struct mail mail;
    struct id board;
    struct actor actor;
    struct slice cl; /* empty: no dedupe (REST without a key) */
    uint64_t n;
    uint64_t base; /* seq the sender had seen; UINT64_MAX: head */
    struct op *ops;
    uint32_t op_count;
    /* set by a sender that could not decode the ops: REJECTED with this, so that n is known as
     * refused */
    const struct fault *unfit;
    struct arena arena; /* everything above and the answer */
    /* what the sender wants back, as JSON of the state right after its event: */
    enum kind want_kind; /* KIND_NONE: nothing */
    struct id want_id;
    /* overrides: writes the answer's body; NULL: object_write */
    bool (*project)(struct command *c, struct board *b, struct buf *out);
    void *context; /* sender's: where the answer goes */
    /* the verdict: */
    enum verdict verdict;
    uint64_t seq;
    uint64_t at;              /* head judged against: the answer's barrier */
    struct position position; /* of the event */
    struct fault fault;
    /* conflict, gone...: the entity as it is now (JSON), for `d`; may be empty */
    struct slice current;
    struct slice body; /* want's JSON */
    uint64_t refused[REFUSED_KEPT];
    uint32_t refused_count;
    bool id_taken; /* the store said so: REJECTED however often its batch is judged */
    struct command *next;
};

struct command *command_new(struct id board, const struct actor *actor);
struct command *command_free(struct command *c);
/* Decodes {"ops":[..]}'s list into the command. json: the text of the array. */
enum err command_decode(
        struct command *c, struct slice ops_json, bool internal, struct fault *fault);

/* A board that was loaded: what is to be mended on it, for the caller to submit; and again when it
 * was accepted. NULL: nothing. */
struct command *engine_mend(struct engine *e, struct id board);

/* A subscriber's wish to join: answered with the head as committed and what was judged of this
 * client. */
struct attach {
    struct mail mail;
    struct id board;
    struct actor actor;
    struct slice cl;
    uint32_t loop;
    void *context;
    struct arena arena;
    /* answer: */
    enum err err;
    struct fault fault;
    struct position head;
    enum role role;
    uint64_t last_n;
    uint64_t refused[REFUSED_KEPT];
    uint32_t refused_count;
};

struct text_read { /* what came of a load_text */
    struct id board, id;
    enum field field;
    enum err err; /* ERR_NOT_FOUND: never written, so empty */
    uint64_t s;
    struct slice text; /* borrowed */
};

struct engine_out {
    void (*answer)(void *context, struct command *command); /* ownership back */
    /* committed; loops: mask of who follows */
    void (*publish)(void *context, struct id board, uint64_t loops, const struct event *event);
    /* before publish of seq: member gets nothing from seq on */
    void (*barrier)(void *context, struct id board, uint64_t loops, struct id member, uint64_t seq);
    void (*attached)(void *context, struct attach *attach); /* ownership back */
    void (*append)(void *context, struct batch *batch);
    /* answer with engine_loaded */
    void (*load)(void *context, struct id board, uint64_t after);
    /* answer with engine_text */
    void (*load_text)(void *context, struct id board, struct id id, enum field field);
    /* the board's queue passed BOARD_QUEUE_MAX, or fell below half */
    void (*pause)(void *context, struct id board, bool on);
};

struct engine *engine_new(const struct engine_out *out, void *context);
/* unanswered commands are freed without an answer; attaches get ERR_BUSY */
struct engine *engine_free(struct engine *e);
/* for the port, when the engine that made it is gone */
struct batch *batch_free(struct batch *batch);

void engine_submit(struct engine *e, struct command *c, int64_t now_ms);
void engine_attach(struct engine *e, struct attach *a, int64_t now_ms);
/* the loop's last subscriber left */
void engine_detach(struct engine *e, struct id board, uint32_t loop);
void engine_answer(struct engine *e, struct batch *batch, int64_t now_ms);
void engine_loaded(struct engine *e, struct board_load *load, int64_t now_ms); /* state is taken */
void engine_text(struct engine *e, const struct text_read *read, int64_t now_ms);
/* Resolves what waits, forms batches, appends them. Call once a turn after the inbox; evicts
 * idle boards. */
void engine_turn(struct engine *e, int64_t now_ms);

/* For tests and metrics: the board in memory, or NULL; state beyond the last commit may be in
 * it. */
const struct board *engine_board(const struct engine *e, struct id board);
bool engine_idle(const struct engine *e); /* nothing queued, nothing in flight */

#endif
