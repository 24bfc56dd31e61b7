/* catchup.h - what a reader thread takes for whoever joins a board: a stretch of the log, or a
 * snapshot.
 *
 * A stretch is at most CATCHUP_ROUND_BYTES a round, so that a follower waits with little memory;
 * `more` says that the log goes on. It becomes a snapshot where the position cannot be resumed
 * or the stretch is dearer than one. Everything is read in one transaction, behind the rights
 * check of that same transaction. */
#ifndef TAVLA_API_CATCHUP_H
#define TAVLA_API_CATCHUP_H

#include "net/api/parts.h"
#include "net/api/shard.h"

#define CATCHUP_ROUND_BYTES KIB(256)

struct catchup {
    struct shard_read read; /* first */
    struct id board;
    uint32_t round;         /* of the live that asked */
    bool snapshot;          /* asked for one */
    bool check;             /* since.h came from outside */
    struct position since;
    /* result, unless read.err: */
    const char *resync;     /* not NULL: no stretch, a snapshot is needed, and why */
    struct position head;
    struct parts *parts;    /* one reference; NULL: nothing happened since */
    bool more;
};

void catchup_run(struct shard_read *read, struct view *v);

#endif
