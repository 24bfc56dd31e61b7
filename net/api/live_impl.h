/* live_impl.h - what live.c, live_join.c, live_op.c and live_own.c share: the state of one
 * follower. Loop thread only. */
#ifndef TAVLA_API_LIVE_IMPL_H
#define TAVLA_API_LIVE_IMPL_H

#include "core/base/json_write.h"
#include "core/presence.h"
#include "net/api/live.h"
#include "net/api/own.h"
#include "net/api/parts.h"

enum live_state { LIVE_HELLO, LIVE_READY, LIVE_JOINING, LIVE_FOLLOWING };

struct held { /* a private frame that must leave behind an event, while no feed is followed */
    struct held *next;
    uint64_t barrier;
    size_t len;
    char bytes[];
};

enum live_pause { PAUSE_AUTH, PAUSE_BOARD, PAUSE_RATE, PAUSE_UNANSWERED };

struct live {
    struct ctx ctx; /* first */
    struct conn *conn;
    struct shard *shard;
    struct board_entry *entry; /* from the first sub to the end; NULL before */
    struct id board;           /* none: one's own stream */
    bool own;
    enum live_state state;
    uint64_t sid;
    char cl[CLIENT_ID_CHARS_MAX + 1];
    struct actor actor;
    int64_t session_until_ms;  /* wall clock; INT64_MAX: no session (operator) */
    bool has_cookie;           /* hash is that of the cookie's token */
    bool counted;              /* server_member_enter said yes */
    bool closing;              /* conn_close was called: nothing more is said or heard */
    uint8_t hash[CRYPTO_SHA256_BYTES];
    struct chain_link on_shard, on_board, on_catchups;
    /* pacing what comes in */
    uint8_t pauses;            /* bit per enum live_pause */
    uint32_t unanswered;       /* commands and gets */
    struct bucket ops, others;
    int64_t sent_ms;           /* last private frame */
    uint64_t stop_seq;         /* after a loss of access: nothing from here on */
    int64_t leave_due_ms;
    /* presence */
    struct presence presence;  /* what was said last */
    bool present;              /* the home was told of it */
    int64_t presence_ms;       /* when it was told last */
    struct chain_link on_presences; /* linked: it is to be told again */
    /* joining */
    /* grows with every sub, stuck and end: answers to an older one are dropped */
    uint32_t round;
    uint64_t sub_id;
    bool sub_answered;         /* this sub's `sub` frame is out */
    bool live_said;            /* this sub's first `live` is out: ops may come */
    bool live_due;             /* `live` is to be said where the stream joins the feed */
    bool has_since;            /* `since` is to be checked against the log */
    bool from_log;             /* `since` is our own: no check */
    bool wants_snapshot;       /* waits for one of its board */
    struct position since;
    const char *resync;        /* why, when a snapshot comes instead of what was asked */
    uint64_t attached_seq;     /* head when the home took us in */
    uint64_t last_n;
    uint64_t refused[REFUSED_KEPT];
    uint32_t refused_count;
    struct parts *parts;       /* being sent */
    uint32_t part_next;
    bool parts_more;           /* the log goes on behind them */
    struct held *held, *held_last;
    size_t held_bytes; /* past PRIVATE_QUEUE_BYTES_MAX: a slow reader */
    /* one's own stream */
    uint64_t own_due;  /* the reading that this join waits for */
    struct command *asks, *asks_last; /* ops that wait for the one being asked about */
    bool asking;
};

/* -- live.c */
void live_send(struct live *l, const struct buf *text, uint64_t barrier);      /* now */
/* after the event `at`: held while joining */
void live_send_behind(struct live *l, const struct buf *text, uint64_t at);
void live_error(struct live *l, const uint64_t *re, const struct fault *fault);
void live_error_text(struct live *l, const uint64_t *re, enum err err, const char *text);
void live_close(struct live *l, uint16_t code, const char *reason);
void live_pause(struct live *l, enum live_pause why);
void live_resume(struct live *l, enum live_pause why);

/* -- live_join.c */
void live_sub(struct live *l, const json_t *message);
void live_join_stop(struct live *l);  /* back to READY */
void live_pump(struct live *l);       /* sends parts as room allows */
void live_stuck(struct live *l);

/* sends parts, then `live` from head on; more: the log goes on behind them */
void live_deliver(struct live *l, struct parts *parts, struct position head, bool more);

/* -- live_own.c: a join, when live_sub's ATTACH is answered */
void live_own_catch_up(struct live *l);
void live_own_ready(struct live *l); /* a reading is done */
void live_own_failed(struct board_entry *e);
/* An op message's list into the command, as what is to be asked; then, in order, to the home. */
enum err live_own_read(struct command *c, const json_t *ops, struct fault *fault);
void live_own_op(struct live *l, struct command *c); /* takes c */
void live_own_next(struct live *l);
void live_own_closed(struct live *l);

/* -- live_presence.c */
void live_presence(struct live *l, const json_t *message);
void live_presence_join(struct live *l);
void live_presence_leave(struct live *l);
struct slice live_roster(const struct live *l); /* JSON; borrowed from the entry */

/* -- live_op.c */
void live_op(struct live *l, struct slice text);
void live_get(struct live *l, const json_t *message);
void live_unfit(struct command *c, const struct fault *fault); /* goes home all the same */
void live_answered(struct live *l);
/* The messages of a verdict, at c->at and c->seq. */
void live_rej_write(const struct command *c, struct buf *out);
void live_dup_write(const struct command *c, struct buf *out);

#endif
