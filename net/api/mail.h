/* mail.h - every message that crosses threads, in one table. Ownership of the node passes with the
 * post. */
#ifndef TAVLA_API_MAIL_H
#define TAVLA_API_MAIL_H

#include "core/base/blob.h"
#include "core/engine.h"
#include "core/presence.h"
#include "net/conn.h"

/* clang-format off */
#define MAIL_TABLE(X) /* name     node               from -> to      meaning */                                        \
    X(COMMAND,  struct command)     /* loop -> home: an op message to judge */                                          \
    X(ANSWER,   struct command)     /* home -> loop: its verdict */                                                     \
    X(ATTACH,   struct attach)      /* loop -> home: a subscriber wants to join */                                      \
    X(ATTACHED, struct attach)      /* home -> loop: head, role, what was judged */                                     \
    X(DETACH,   struct mail_board)  /* loop -> home: this loop follows the board no more */                             \
    X(EVENT,    struct mail_event)  /* home -> loop: one committed event, encoded once */                               \
    X(BARRIER,  struct mail_board)  /* home -> loop: member gets nothing of board from seq on; before that seq's EVENT */ \
    X(SESSION_GONE, struct mail_board) /* home -> every loop: forget this session, close its connections */             \
    X(BATCH,    struct batch)       /* writer -> home: answered */                                                      \
    X(READ,     struct read_job)    /* reader -> loop: a finished read */                                               \
    X(PRESENCE, struct mail_presence) /* loop -> home: what a session shows, or that it left */                         \
    X(PRESENT,  struct mail_present)  /* home -> loop: what is beside a board's feed now */                             \
    X(OWN,      struct mail_board)  /* home -> loop: of what is the member's own something changed, in board */         \
    X(PAUSE,    struct mail_board)  /* home -> loops: the board's queue is full (seq 1) or has room again (seq 0) */    \
    X(JOB,      struct mail)        /* job thread -> loop: progress or end of a slow job; node embeds mail first */     \
    X(CALL,     struct mail_call)   /* anyone -> loop: run fn there */
/* clang-format on */

enum mail_kind {
    MAIL_NONE,
#define X(name, node) MAIL_##name,
    MAIL_TABLE(X)
#undef X
};

struct mail_board {
    struct mail mail;
    struct id board;
    struct id member; /* or the session */
    uint32_t loop;
    uint32_t generation;
    uint64_t seq;
};

struct mail_event {
    struct mail mail;
    struct id board;
    uint64_t seq;
    uint64_t h;
    struct blob *payload; /* the wire's op message */
};

enum presence_verb { PRESENCE_PUT, PRESENCE_LEAVE };

struct mail_presence {
    struct mail mail;
    struct id board;
    struct id member;
    uint64_t sid;
    enum presence_verb verb;
    struct presence at;
};

struct mail_present {
    struct mail mail;
    struct id board;
    uint64_t from, to;  /* versions: see feed_aside */
    struct blob *step;  /* NULL: none */
    struct blob *whole; /* the wire's messages */
};

struct mail_call {
    struct mail mail;
    void (*fn)(struct mail_call *call, struct loop *loop); /* owns call: a mem_new */
    void *data;
};

#endif
