/* trim.h - the log's floor: old records leave, whole, in small transactions; (seq, chain) of the
 * floor stays in the head.
 *
 * A record is dropped when it is both older than the kept days and further back than the kept
 * events. Client rows that nobody used for client_ms, or for the shorter time that is theirs,
 * leave with the same walk. Writer thread only, or a test that owns the environment. */
#ifndef TAVLA_STORAGE_TRIM_H
#define TAVLA_STORAGE_TRIM_H

#include "core/base/arena.h"
#include "storage/db.h"

struct trim_limits {
    uint64_t keep_events;
    int64_t keep_ms;
    int64_t client_ms;
    uint32_t records_max; /* dropped in one call, which is one transaction */
};

struct trim {
    struct id next; /* the walk over the boards goes on here */
    bool begun;
};

/* One bounded step. *ret_more: call again soon; false: the walk went round once. LMDB's code, 0
 * when fine; nothing changed otherwise. */
int trim_step(struct trim *t, struct db *db, const struct trim_limits *limits, int64_t now_ms,
        bool *ret_more);

#endif
