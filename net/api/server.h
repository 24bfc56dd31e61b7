/* server.h - the running program: loops, home, port, and the words they all need.
 *
 * One struct server, made by main, never changed after the loops start. struct shard is one
 * loop's own part: what it knows of boards, sessions and parked requests; it is the loop's
 * context. Shard 0 is the home: it owns the engine. */
#ifndef TAVLA_API_SERVER_H
#define TAVLA_API_SERVER_H

#include "core/base/bucket.h"
#include "core/engine.h"
#include "core/oplog.h"
#include "net/loop.h"

#define OP_RATE_MAX 100000
#define LOOPS_MAX 64 /* loop masks are 64 bits wide */

struct assets;
struct shard;
struct home;
struct jobs;
struct imports;
struct mail_call;

struct server {
    struct oplog *log;
    /* "http://localhost:8080": for links and the url fields; no slash at the end */
    struct slice base_url;
    const char *data_dir;     /* for spooled imports */
    bool secure;              /* served over TLS: Secure and __Host- cookies */
    uint32_t loop_count;
    struct loop *loops[LOOPS_MAX];
    struct shard *shards[LOOPS_MAX];
    struct home *home;        /* used by loop 0's thread only */
    struct jobs *jobs;        /* slow jobs: import */
    struct imports *imports;  /* those under way and those that ended lately */
    enum ring_backend backend; /* chosen at start */
    struct bucket_rate op_rate; /* of one connection */
    uint64_t attachment_bytes_max; /* of one file */
    int64_t started_ms;
    const struct assets *assets; /* the browser client; NULL: there is none */
    _Atomic bool stopping;
    /* whose pages may use the session cookie on an upgrade: base_url's, and loopback names of
     * the default one */
    struct slice origins[4];
    uint32_t origin_count;
    struct server_own *own;   /* server.c's */
};

/* home_of: which loop owns a board. All boards live on loop 0 now; nothing stored depends on it. */
static inline uint32_t home_of(struct id board)
{
    (void)board;
    return 0;
}

/* -- starting and stopping; used by main and by commands that need a server for a moment */

/* How main lends us the store, which net/api does not see. */
struct store_port {
    struct oplog *(*open)(const char *data_dir, char ret_why[256]); /* NULL: see ret_why */
    /* behind everything appended; every batch and read came back */
    void (*close)(struct oplog *log);
};

struct server_options {
    const char *data_dir;
    const char *listen;        /* "127.0.0.1:8080", "[::1]:0"; NULL: the admin socket only */
    const char *base_url;      /* NULL: made from the bound address */
    uint32_t loops;            /* 0: one a core */
    enum ring_backend backend;
    uint32_t op_rate;          /* ops a second of one connection; 0: LIVE_OPS_PER_SECOND */
    uint32_t attachment_max;   /* MiB of one attached file; 0: ATTACHMENT_MIB_DEFAULT */
    bool demo;                 /* a demo board on the first start */
    const struct assets *assets; /* the browser client; NULL: none */
    bool quiet;                /* no lines for people on standard error */
};

/* Opens the store, the loops and the sockets, loads the directory. NULL: ret_why says what went
 * wrong, everything is closed. On the first start (no members) an administrator is made and a
 * sign-in link printed. Call process_prepare first. */
struct server *server_start(
        const struct server_options *options, const struct store_port *port, char ret_why[256]);
void server_wait(struct server *s);               /* until SIGTERM or SIGINT; a second one cuts */
struct server *server_stop(struct server *s);     /* drains, closes everything, frees */
/* umask, SIGPIPE, descriptor limit, map seed, JSON, log sink: once, before anything else. */
void process_prepare(void);

/* Any thread: one more live of this member? At most CONNS_PER_MEMBER_MAX over all loops. */
bool server_member_enter(struct server *s, struct id member);
void server_member_leave(struct server *s, struct id member);
void server_loop_idle(struct server *s, uint32_t index); /* a loop's idle hook */
/* any thread */
void server_call(struct server *s, uint32_t loop,
        void (*fn)(struct mail_call *call, struct loop *loop), void *data);

#endif
