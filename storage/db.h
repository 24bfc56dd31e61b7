/* db.h - the LMDB environment: opened once, with default flags only, and the checked way to read
 * a row.
 *
 * Default flags are what makes a commit durable and the tests see to it. One write transaction
 * at a time, by the writer thread; any number of read transactions, one a thread, each under the
 * gate, so that the writer may close and open the environment again after a failed commit. Never
 * used after a fork. Slices from LMDB are valid until the transaction ends; in a write
 * transaction until its next write. */
#ifndef TAVLA_STORAGE_DB_H
#define TAVLA_STORAGE_DB_H

#include <lmdb.h>
#include <pthread.h>

#include "core/base/chain.h"
#include "core/base/err.h"
#include "storage/folder.h"
#include "storage/key.h"

/* clang-format off */
/* Numbers are part of every checksum: never renumber. */
#define TABLE_TABLE(X) /* name   number  stored name  */ \
    X(META,     0, "meta")     \
    X(HEADS,    1, "heads")    \
    X(ENTITIES, 2, "entities") \
    X(TEXTS,    3, "texts")    \
    X(EVENTS,   4, "events")   \
    X(CLIENTS,  5, "clients")  \
    X(IDS,      6, "ids")      \
    X(SHORTS,   7, "shorts")   \
    X(MEMBERS,  8, "members")  \
    X(PARTS,    9, "parts")
/* clang-format on */

enum table {
#define X(name, number, text) TABLE_##name = number,
    TABLE_TABLE(X)
#undef X
            TABLE_COUNT
};

const char *table_name(enum table t);

enum db_moment { DB_BEFORE_COMMIT, DB_AFTER_COMMIT };

struct db_options {
    bool force;                /* remote file systems too */
    uint64_t map_bytes;        /* 0: max(64 GiB, 4 x file) */
    struct space_limits space; /* zeroes: from the disk's size */
    /* For tests: called around every commit of the writer. Not 0: taken as the commit's result
     * (before: nothing was stored). */
    int (*commit_fault)(void *context, enum db_moment moment);
    void *fault_context;
};

struct db_reader { /* one reading thread's transaction, kept between jobs */
    struct chain_link link;
    MDB_txn *txn; /* reset while idle; NULL: none */
};

struct db {
    char *dir;
    struct db_options options;
    int lock_fd;
    MDB_env *env;
    MDB_dbi dbi[TABLE_COUNT];
    /* shared: a read transaction is active; exclusive: the environment is being opened again */
    pthread_rwlock_t gate;
    pthread_mutex_t readers_lock;
    struct chain readers;
};

/* Foreign or newer data, a held lock, a remote disk: an error, and why says what is wrong and
 * what to do. */
enum err db_open(struct db *db, const char *dir, const struct db_options *options, struct buf *why);
void db_close(struct db *db);
/* Waits for the readers, closes, opens again. On failure the environment stays closed. Writer
 * only. */
enum err db_reopen(struct db *db, struct buf *why);

void db_reader_init(struct db *db, struct db_reader *r);
void db_reader_fini(struct db *db, struct db_reader *r);
/* NULL: no transaction could be had (the environment is gone, or all reader slots are taken). */
MDB_txn *db_read_begin(struct db *db, struct db_reader *r);
void db_read_end(struct db *db, struct db_reader *r);

/* ERR_NOT_FOUND, ERR_CORRUPT (counted and logged here), ERR_STORAGE. */
enum err db_get(
        struct db *db, MDB_txn *txn, enum table t, const struct key *key, struct slice *ret_value);
/* The same with a cursor that stays where it was last, at *cursor (NULL: it is opened): rows beside
 * each other are found without going down the tree for each. */
enum err db_get_near(struct db *db, MDB_txn *txn, enum table t, MDB_cursor **cursor,
        const struct key *key, struct slice *ret_value);

/* Rows of one table in key order, checked. */
struct scan {
    struct db *db;
    MDB_cursor *cursor;
    enum table table;
    struct key prefix; /* rows must start with it */
    bool started;
    struct key from;
};

/* Rows whose key is at least `from` and starts with the first prefix_bytes of it. */
enum err scan_open(struct scan *s, struct db *db, MDB_txn *txn, enum table t,
        const struct key *from, size_t prefix_bytes);
/* ERR_NOT_FOUND: no more. ERR_CORRUPT: this row is damaged (*ret_key is set); calling again goes
 * on behind it. */
enum err scan_next(struct scan *s, struct slice *ret_key, struct slice *ret_value);
void scan_close(struct scan *s);

static inline MDB_val val_of(struct slice s)
{
    return (MDB_val){.mv_size = s.len,
            .mv_data = (void *)(uintptr_t)s.ptr}; /* LMDB does not write through keys */
}

static inline struct slice val_slice(const MDB_val *v)
{
    return slice_of(v->mv_data, v->mv_size);
}

#endif
