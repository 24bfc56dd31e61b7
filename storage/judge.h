/* judge.h - whether a batch may be stored, inside the transaction that would store it.
 *
 * COMMITTED: its base is the stored head, its ids are claimed, its new head is put; its rows may
 * follow. VOID: the stored log went on without it; the records that came instead are attached.
 * REFUSED: an id is taken, or the stored head is damaged; nothing of it is in the transaction.
 * UNKNOWN: base and log do not belong together and the log cannot say how; load again. A batch with
 * a twin is judged with it, and has the one verdict for both. Writer thread. */
#ifndef TAVLA_STORAGE_JUDGE_H
#define TAVLA_STORAGE_JUDGE_H

#include "core/oplog.h"
#include "storage/db.h"

struct judge {
    struct db *db;
    MDB_txn *txn;
    struct arena *scratch;
};

struct judged {
    struct batch *batch;
    size_t order;           /* of arrival */
    struct board_head head; /* as stored: after, with the number and the floor that storage gives */
    struct board_head twin_head;
};

/* Sets batch->answer (and err, taken, winners). LMDB's code, 0 when fine; after another the
 * transaction must be aborted and every judgement in it forgotten. */
int judge_batch(struct judge *j, struct judged *ret_judged);

#endif
