/* put.h - rows of batches into a write transaction, sealed in place.
 *
 * Values are built in LMDB's own page (MDB_RESERVE): no staging copy. Functions return LMDB's
 * code, 0 when fine; after another one the transaction must be aborted. Writer thread. */
#ifndef TAVLA_STORAGE_PUT_H
#define TAVLA_STORAGE_PUT_H

#include "core/oplog.h"
#include "storage/db.h"

/* One row by itself. */
int put_value(struct db *db, MDB_txn *txn, enum table t, const struct key *key, struct slice value);

/* Everything of the batches but heads, ids and short links; a twin is a batch of its own here.
 * Batches should stand in key order of their boards: then each table's rows are put in key order
 * through one cursor, which seldom has to search from the root. */
int put_batches(struct db *db, MDB_txn *txn, struct batch *const *batches, size_t count,
        struct arena *scratch);

/* Claims the ids and short links of what the batch and its twin create. ret_taken: the first that
 * belongs to something else (then what was claimed is given back), or none. An object that was
 * deleted may come back under its own id; one that the batch deletes may go on in the twin. */
int put_claims(struct db *db, MDB_txn *txn, const struct batch *b, struct id *ret_taken);

#endif
