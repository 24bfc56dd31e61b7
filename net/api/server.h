/* server.h - the running program: loops, home, port, and the words they all need.
 *
 * One struct server, made by main, never changed after the loops start. struct shard is one loop's own part: what it knows of boards, sessions and
 * parked requests; it is the loop's context. Shard 0 is the home: it owns the engine. */
#ifndef TAVLA_API_SERVER_H
#define TAVLA_API_SERVER_H

#include "core/engine.h"
#include "core/oplog.h"
#include "net/loop.h"

#define LOOPS_MAX 64 /* loop masks are 64 bits wide */

struct shard;
struct home;

struct server {
    struct oplog *log;
    struct slice base_url;    /* "http://localhost:8080": for links and the url fields; no slash at the end */
    const char *data_dir;     /* for spooled imports */
    bool secure;              /* served over TLS: Secure and __Host- cookies */
    uint32_t loop_count;
    struct loop *loops[LOOPS_MAX];
    struct shard *shards[LOOPS_MAX];
    struct home *home;        /* used by loop 0's thread only */
    struct jobs *jobs;        /* slow jobs: import */
    int64_t started_ms;
    _Atomic bool stopping;
};

/* home_of: which loop owns a board. All boards live on loop 0 now; nothing stored depends on it. */
static inline uint32_t home_of(struct id board)
{
    (void)board;
    return 0;
}

#endif
