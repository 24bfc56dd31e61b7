/* view_lmdb.h - core/view.h over one LMDB read transaction.
 *
 * Slices point into the map: no copies. Lives on a reader thread between db_read_begin and
 * db_read_end. */
#ifndef TAVLA_STORAGE_VIEW_LMDB_H
#define TAVLA_STORAGE_VIEW_LMDB_H

#include "core/view.h"
#include "storage/db.h"

struct view_lmdb {
    struct view view;
    struct db *db;
    MDB_txn *txn;
    MDB_cursor *texts; /* NULL until one is read */
};

struct view *view_lmdb_init(struct view_lmdb *v, struct db *db, MDB_txn *txn, struct arena *arena);
void view_lmdb_fini(struct view_lmdb *v); /* before the transaction ends */

#endif
