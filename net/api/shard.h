/* shard.h - one loop's part of the server: its boards, its sessions, and what it waits for.
 *
 *      handlers (REST, live)                          other threads
 *        | shard_submit  shard_read  shard_auth          ^  |
 *        v                                               |  v
 *   [ shard ] -- MAIL_COMMAND, ATTACH, DETACH --> home (loop 0), read jobs --> reader threads
 *        ^ MAIL_ANSWER, ATTACHED, EVENT, BARRIER, PAUSE, READ ...: one switch, shard_mail
 *
 * loop_context() of every loop is its struct shard, and everything here is used by that loop's
 * thread only. Whatever waits for another thread holds a conn_handle, never a conn: when the
 * connection is gone meanwhile, `done` is called with conn NULL, so that it can give back what
 * it holds, and the answer ends there. */
#ifndef TAVLA_API_SHARD_H
#define TAVLA_API_SHARD_H

#include "core/base/chain.h"
#include "core/base/map.h"
#include "net/api/mail.h"
#include "net/api/server.h"
#include "net/crypto.h"
#include "net/feed.h"

struct live;
struct own;
struct parts;
struct state;

#define SESSION_CACHE_MS 60000      /* a cached session is read again after so long */
/* of one loop; when hit the oldest is forgotten and read again if it comes back */
#define SESSIONS_CACHED_MAX 16384
/* snapshot and catch-up reads at once; the rest wait in a fifo */
#define CATCHUPS_PER_SERVER_MAX 64

/* -- boards that this loop follows
 *
 *   ATTACHING --ATTACHED--> LIVE --idle, DETACH sent--> (freed)
 *
 * Mail from the home comes in order, so an event that arrives while ATTACHING belongs to the
 * time before a DETACH and is dropped; no DETACH is sent while an ATTACH is unanswered. */
enum entry_state { ENTRY_ATTACHING, ENTRY_LIVE };

struct board_entry {
    struct id id;
    enum entry_state state;
    struct feed *feed;            /* LIVE only */
    struct position head;         /* newest event in the feed */
    int64_t event_ms;             /* loop_now_ms of the newest event */
    uint32_t attaching;           /* ATTACHes unanswered */
    struct chain lives;           /* every live that named this board: struct live.on_board */
    uint32_t live_count;
    bool paused;                  /* the home's queue for it is full */
    struct parts *snapshot;       /* newest one taken, shared by those who join within a moment */
    int64_t snapshot_ms;
    struct blob *present;         /* who is here, the newest `roster` message; NULL: nobody was */
    uint64_t present_version;
    bool snapshot_reading;        /* one is being taken: whoever joins waits for it */
    struct own *own;              /* a member's own stream, id being theirs; NULL: a board's */
    UT_hash_handle hh;
};

/* -- sessions */
struct session {
    uint8_t hash[CRYPTO_SHA256_BYTES]; /* of the token */
    struct actor actor;
    struct slice me;              /* {"fullName","id","initials","username"} as JSON; heap */
    int64_t expires_wall_ms;
    int64_t read_ms;              /* loop_now_ms when it was read */
    UT_hash_handle hh;
};

struct shard {
    struct server *server;
    struct loop *loop;            /* set by its first turn */
    uint32_t index;
    struct board_entry *boards;
    struct board_entry *owns;     /* members' own streams, by member */
    struct chain owns_dirty;      /* struct own.on_dirty: to be read at the end of the turn */
    struct session *sessions;
    /* grows with every SESSION_GONE: an answer read before one is read again */
    struct state *states;         /* state.c: snapshots made for HTTP */
    uint64_t sessions_epoch;
    struct chain lives;           /* struct live.on_shard */
    uint32_t live_count;
    struct chain presences;       /* struct live.on_presences */
    struct chain catchups;        /* joins that wait for a reader: struct live.on_catchups */
    uint32_t catchups_running, catchups_max;
    uint32_t reads_running;
    int64_t swept_ms;
    bool draining;                /* bye was said */
    bool ended;                   /* the loop has no connection left; late mail is only freed */
    /* for handlers: reset it yourself before use, nothing in it outlives your call */
    struct arena scratch;
};

struct shard *shard_new(struct server *server, uint32_t index);
struct shard *shard_free(struct shard *s); /* after its loop has ended */
extern const struct loop_hooks shard_hooks;

static inline struct shard *shard_of(const struct conn *conn)
{
    return (struct shard *)loop_context(conn_loop(conn));
}

/* -- commands: an op message for a board's home */

/* Where an answer goes; shard_submit keeps a copy in the command's arena. */
struct origin {
    struct conn_handle conn;      /* generation 0: not from a connection */
    /* On the loop that submitted, exactly once. conn NULL: gone, or there was none. command is
     * freed behind it. */
    void (*done)(struct shard *shard, struct conn *conn, struct command *command, void *data);
    void *data;
    uint32_t loop;                /* filled by shard_submit */
};

void shard_submit(struct shard *s, struct command *c, const struct origin *origin); /* takes c */
/* The same from a job's thread: done runs on loop `loop`. */
void server_submit(
        struct server *server, uint32_t loop, struct command *c, const struct origin *origin);

/* -- reads: something for a reader thread, and what to do with it here */
struct shard_read {
    struct read_job job;          /* first; job.err: no view could be opened, run was not called */
    struct server *server;
    uint32_t loop;
    struct conn_handle conn;      /* generation 0: not for a connection */
    void (*run)(struct shard_read *r, struct view *v);          /* on a reader thread */
    /* on the loop, exactly once; conn may be NULL */
    void (*done)(struct shard_read *r, struct shard *shard, struct conn *conn);
    struct arena arena;           /* of the read; run may use it */
    struct actor actor;           /* for board_view_open, if it is wanted */
    enum err err;                 /* run's own result; filled with job.err when that is set */
    struct fault fault;
};

/* A zeroed struct of `bytes` bytes that starts with struct shard_read. conn NULL: for no
 * connection. Freed, arena and all, behind done. */
void *shard_read_new(struct shard *s, const struct conn *conn, size_t bytes);
void shard_read(struct shard *s, struct shard_read *r);

/* -- who is it */

/* ERR_OK and session (borrowed for the call), or ERR_UNAUTHORIZED, ERR_BUSY ... and NULL. May be
 * called before shard_auth returns. */
typedef void shard_auth_done(struct shard *s, struct conn *conn, enum err err,
        const struct session *session, void *data);
void shard_auth(struct shard *s, struct conn *conn, const uint8_t token_hash[CRYPTO_SHA256_BYTES],
        shard_auth_done *done, void *data);
void token_hash(struct slice token, uint8_t ret_hash[CRYPTO_SHA256_BYTES]);
/* Value of the session cookie; ptr NULL: none. The name has the __Host- prefix when served over
 * TLS. */
struct slice session_cookie(const struct server *server, const struct http_request *q);
const char *session_cookie_name(const struct server *server);
/* May a request with this Origin use the cookie? Exact comparison with the server's own origins. */
bool origin_allowed(const struct server *server, struct slice origin);

/* -- jobs: a MAIL_JOB node starts with this; fn owns it */
struct job_mail {
    struct mail mail;
    void (*fn)(struct job_mail *m, struct shard *shard);
};
/* any thread */
void job_post(struct server *server, uint32_t loop, struct job_mail *m,
        void (*fn)(struct job_mail *m, struct shard *shard));

/* -- boards, for live */
struct board_entry *shard_entry(struct shard *s, struct id board, bool make); /* NULL: none */
struct board_entry *own_entry(struct shard *s, struct id member, bool make);   /* NULL: none */
/* takes a; comes back to live_attached */
void shard_attach(struct shard *s, struct attach *a);
void shard_post_presence(struct shard *s, struct mail_presence *m); /* takes m */

#endif
