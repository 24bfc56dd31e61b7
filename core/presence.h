/* presence.h - who is on one board, and what each of them is at: which card is open, which field is
 * being written, where the caret stands, what is being dragged.
 *
 *   put, drop, forget --> [ seats ] -- due? --> step: what changed since the last frame
 *                                           \-> whole: everybody, for whoever missed a step
 *
 * Ephemeral: never stored, never in the log, and never worth waiting for. A seat keeps its latest
 * value only, so that however much is said between two frames, one value a seat leaves. A seat
 * whose connection ended stays for PRESENCE_GRACE_MS, so that a reload does not blink. At most
 * PRESENCE_LISTED_MAX seats are listed, the others are counted. Pure: `now` comes in. One
 * thread. */
#ifndef TAVLA_CORE_PRESENCE_H
#define TAVLA_CORE_PRESENCE_H

#include "core/base/chain.h"
#include "core/base/err.h"
#include "core/base/id.h"
#include "core/base/json_write.h"
#include "core/base/limits.h"
#include "core/base/map.h"

struct presence {   /* what one session shows; all zero: it is just there */
    struct id card; /* open; none: the board itself */
    char field[PRESENCE_FIELD_CHARS_MAX + 1]; /* of the card, being written; "": none */
    bool has_sel;
    uint32_t anchor, head;           /* of the selection, UTF-16 units ... */
    uint64_t seq;                    /* ... of the text as it was at this seq */
    struct id drag;                  /* a card under way; none */
    struct id drag_list, drag_after; /* where it would fall; after none: at the top */
    bool idle;
};

/* Takes {"card","field","sel","drag","idle"} over what p has: a key that is absent leaves its
 * value, null clears it, unknown keys are dropped. ERR_INVALID: p is as it was. */
enum err presence_merge(struct presence *p, const json_t *d, struct fault *fault)
        __attribute__((warn_unused_result));

struct seat { /* one session */
    uint64_t sid;
    struct id member;
    struct presence at;
    int64_t heard_ms;
    int64_t gone_ms; /* its connection ended then; 0: it is there */
    bool listed;
    bool told; /* a frame named it */
    struct chain_link on_changed, on_waiting, on_busy, on_gone;
    UT_hash_handle hh;
};

struct presence_table {
    struct seat *seats;   /* by sid */
    struct chain changed; /* listed, and to be told */
    struct chain waiting; /* not listed for want of room, oldest first */
    struct chain busy;    /* with a field or a drag, the longest silent first */
    struct chain gone;    /* in their grace, the oldest first */
    uint32_t count, listed;
    uint32_t count_told;
    uint64_t left[PRESENCE_LISTED_MAX]; /* told of, and gone since */
    uint32_t left_count;
    int64_t told_ms; /* when the last frame was made */
};

void presence_init(struct presence_table *t);
void presence_fini(struct presence_table *t);

/* A session is there with this; its member's seats in their grace go. */
void presence_put(struct presence_table *t, uint64_t sid, struct id member,
        const struct presence *at, int64_t now_ms);
/* its connection ended; unknown: nothing happens */
void presence_drop(struct presence_table *t, uint64_t sid, int64_t now_ms);
/* at once, and the next frame is due at once */
void presence_forget(struct presence_table *t, struct id member);
/* Ends graces, and clears what silent seats were at. About once a second. */
void presence_sweep(struct presence_table *t, int64_t now_ms);

bool presence_has(const struct presence_table *t, uint64_t sid);
/* Is there anything to tell, now or in a moment? Not to somebody alone. */
bool presence_wants(const struct presence_table *t);
/* Wants, and the last frame is old enough for the crowd; pressed: the board has better things to
 * do. */
bool presence_due(const struct presence_table *t, int64_t now_ms, bool pressed);
/* The frame that brings whoever had the last one up to now, {"t":"pres","u":[..],"x":[..],"n":..},
 * and the one for anybody, {"t":"roster","u":[..],"n":..}. Appended to the bufs. */
void presence_tell(
        struct presence_table *t, int64_t now_ms, struct buf *ret_step, struct buf *ret_whole);

#endif
