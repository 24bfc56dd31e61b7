#include "storage/db.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "core/base/json.h"
#include "core/base/json_write.h"
#include "core/base/limits.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/metric.h"
#include "storage/envelope.h"

#define FORMAT_NUMBER 1
#define FORMAT_KEY    SLICE("format")
#define AHEAD_BYTES   640 /* most cards */
#define CACHE_LINE    64

static const char *const names[TABLE_COUNT] = {
#define X(name, number, text) [TABLE_##name] = text,
        TABLE_TABLE(X)
#undef X
};

const char *table_name(enum table t)
{
    CHECK((unsigned)t < TABLE_COUNT);
    return names[t];
}

static enum err wrong(struct buf *why, const char *dir, const char *what, int rc)
{
    buf_add_format(why, "%s: %s: %s", dir, what, mdb_strerror(rc));
    return ERR_STORAGE;
}

static enum err format_check(struct slice stored, const char *dir, struct buf *why)
{
    struct key key = key_bytes(FORMAT_KEY);
    struct slice value, magic = SLICE("");
    struct arena scratch;
    json_t *tree = NULL;
    uint64_t number = 0;
    enum err err = ERR_OK;
    arena_init(&scratch, KIB(4), KIB(64));
    if (envelope_open(TABLE_META, key_slice(&key), stored, &value) == ERR_OK)
        (void)json_read(&scratch, value, &tree, NULL);
    if (tree == NULL || !json_get_slice(tree, "magic", &magic) ||
            !slice_eq(magic, SLICE("tavla")) || !json_get_u64(tree, "format", &number)) {
        buf_add_format(
                why, "%s holds data that is not Tavla's, or its format record is damaged", dir);
        err = ERR_CORRUPT;
    } else if (number != FORMAT_NUMBER) {
        buf_add_format(why,
                "%s was written by %s version (format %llu; this program reads %d): run that "
                "version, or "
                "export there and import here",
                dir, number > FORMAT_NUMBER ? "a newer" : "an older", (unsigned long long)number,
                FORMAT_NUMBER);
        err = ERR_VERSION;
    }
    arena_fini(&scratch);
    return err;
}

static int format_write(struct db *db, MDB_txn *txn)
{
    struct key key = key_bytes(FORMAT_KEY);
    char stored[ENVELOPE_BYTES + 64];
    int len = snprintf(stored + ENVELOPE_BYTES, sizeof(stored) - ENVELOPE_BYTES,
            "{\"format\":%d,\"magic\":\"tavla\"}", FORMAT_NUMBER);
    envelope_seal(stored, TABLE_META, key_slice(&key), (size_t)len);
    MDB_val k = val_of(key_slice(&key)), v = {ENVELOPE_BYTES + (size_t)len, stored};
    return mdb_put(txn, db->dbi[TABLE_META], &k, &v, MDB_NOOVERWRITE);
}

/* An environment with tables of which none is `meta` is somebody else's; one without any is new. */
static enum err tables_check(struct db *db, MDB_txn *txn, bool *ret_fresh, struct buf *why)
{
    MDB_dbi main_dbi, meta;
    MDB_stat stat;
    int rc = mdb_dbi_open(txn, NULL, 0, &main_dbi);
    if (rc != 0 || (rc = mdb_stat(txn, main_dbi, &stat)) != 0)
        return wrong(why, db->dir, "reading", rc);
    *ret_fresh = stat.ms_entries == 0;
    if (*ret_fresh) return ERR_OK;
    struct key key = key_bytes(FORMAT_KEY);
    MDB_val k = val_of(key_slice(&key)), v = {0, NULL};
    rc = mdb_dbi_open(txn, names[TABLE_META], 0, &meta);
    if (rc == 0) rc = mdb_get(txn, meta, &k, &v);
    if (rc == MDB_NOTFOUND || rc == MDB_INCOMPATIBLE)
        v.mv_size = 0;
    else if (rc != 0)
        return wrong(why, db->dir, "reading", rc);
    return format_check(val_slice(&v), db->dir, why);
}

static enum err tables_open(struct db *db, struct buf *why)
{
    MDB_txn *txn;
    bool fresh = false;
    int rc = mdb_txn_begin(db->env, NULL, 0, &txn);
    if (rc != 0) return wrong(why, db->dir, "beginning", rc);
    enum err err = tables_check(db, txn, &fresh, why);
    if (err != ERR_OK) {
        mdb_txn_abort(txn);
        return err;
    }
    for (unsigned t = 0; t < TABLE_COUNT && rc == 0; t++)
        rc = mdb_dbi_open(txn, names[t], MDB_CREATE, &db->dbi[t]);
    if (rc == 0 && fresh) rc = format_write(db, txn);
    if (rc != 0) {
        mdb_txn_abort(txn);
        return wrong(why, db->dir, "making the tables", rc);
    }
    rc = mdb_txn_commit(txn);
    return rc == 0 ? ERR_OK : wrong(why, db->dir, "making the tables", rc);
}

static uint64_t map_bytes(const struct db *db)
{
    char path[PATH_MAX];
    struct stat st;
    if (db->options.map_bytes > 0) return db->options.map_bytes;
    uint64_t bytes = STORAGE_MAP_BYTES_MIN;
    int len = snprintf(path, sizeof(path), "%s/data.mdb", db->dir);
    if (len < PATH_MAX && stat(path, &st) == 0 && (uint64_t)st.st_size * 4 > bytes)
        bytes = (uint64_t)st.st_size * 4;
    return bytes;
}

static enum err env_open(struct db *db, struct buf *why)
{
    int fd, dead = 0;
    int rc = mdb_env_create(&db->env);
    if (rc != 0) return wrong(why, db->dir, "opening", rc);
    mdb_env_set_maxdbs(db->env, TABLE_COUNT);
    mdb_env_set_maxreaders(db->env, STORAGE_READERS_MAX);
    rc = mdb_env_set_mapsize(db->env, map_bytes(db));
    if (rc == 0) rc = mdb_env_open(db->env, db->dir, 0, 0600);
    if (rc == MDB_INVALID)
        buf_add_format(why, "%s/data.mdb is not a data file of this program: ", db->dir);
    /* This LMDB opens its data file without close-on-exec; a child must not inherit it. */
    if (rc == 0) rc = mdb_env_get_fd(db->env, &fd);
    if (rc == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) rc = errno;
    if (rc == 0) rc = mdb_reader_check(db->env, &dead);
    enum err err = rc == 0 ? tables_open(db, why) : wrong(why, db->dir, "opening", rc);
    if (err != ERR_OK) {
        mdb_env_close(db->env);
        db->env = NULL;
    }
    return err;
}

static void gate_init(pthread_rwlock_t *gate)
{
    pthread_rwlockattr_t attr;
    pthread_rwlockattr_init(&attr);
    /* Opening again must not wait behind an endless stream of readers. */
    pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    CHECK(pthread_rwlock_init(gate, &attr) == 0);
    pthread_rwlockattr_destroy(&attr);
}

enum err db_open(struct db *db, const char *dir, const struct db_options *options, struct buf *why)
{
    *db = (struct db){.lock_fd = -1};
    if (options != NULL) db->options = *options;
    db->lock_fd = folder_open(dir, db->options.force, why);
    if (db->lock_fd < 0) return ERR_STORAGE;
    size_t len = strlen(dir);
    db->dir = mem_new(len + 1);
    memcpy(db->dir, dir, len);
    enum err err = env_open(db, why);
    if (err != ERR_OK) {
        folder_close(db->lock_fd);
        db->dir = mem_free(db->dir);
        return err;
    }
    gate_init(&db->gate);
    CHECK(pthread_mutex_init(&db->readers_lock, NULL) == 0);
    chain_init(&db->readers);
    return ERR_OK;
}

void db_close(struct db *db)
{
    if (db->dir == NULL) return;
    CHECK(chain_empty(&db->readers));
    if (db->env != NULL) mdb_env_close(db->env);
    db->env = NULL;
    pthread_rwlock_destroy(&db->gate);
    pthread_mutex_destroy(&db->readers_lock);
    folder_close(db->lock_fd);
    db->dir = mem_free(db->dir);
}

enum err db_reopen(struct db *db, struct buf *why)
{
    CHECK(pthread_rwlock_wrlock(&db->gate) == 0);
    /* Nobody reads now, but the readers keep their reset transactions: these belong to the old
     * environment. */
    CHECK(pthread_mutex_lock(&db->readers_lock) == 0);
    chain_each(&db->readers, l)
    {
        struct db_reader *r = chain_entry(l, struct db_reader, link);
        if (r->txn != NULL) mdb_txn_abort(r->txn);
        r->txn = NULL;
    }
    pthread_mutex_unlock(&db->readers_lock);
    if (db->env != NULL) mdb_env_close(db->env);
    db->env = NULL;
    enum err err = env_open(db, why);
    pthread_rwlock_unlock(&db->gate);
    return err;
}

void db_reader_init(struct db *db, struct db_reader *r)
{
    *r = (struct db_reader){.txn = NULL};
    CHECK(pthread_mutex_lock(&db->readers_lock) == 0);
    chain_push(&db->readers, &r->link);
    pthread_mutex_unlock(&db->readers_lock);
}

void db_reader_fini(struct db *db, struct db_reader *r)
{
    CHECK(pthread_rwlock_rdlock(&db->gate) == 0);
    if (r->txn != NULL) mdb_txn_abort(r->txn);
    r->txn = NULL;
    CHECK(pthread_mutex_lock(&db->readers_lock) == 0);
    chain_unlink(&r->link);
    pthread_mutex_unlock(&db->readers_lock);
    pthread_rwlock_unlock(&db->gate);
}

MDB_txn *db_read_begin(struct db *db, struct db_reader *r)
{
    int rc = MDB_PANIC;
    CHECK(pthread_rwlock_rdlock(&db->gate) == 0);
    if (db->env != NULL) {
        if (r->txn != NULL) {
            rc = mdb_txn_renew(r->txn);
            if (rc != 0) {
                mdb_txn_abort(r->txn);
                r->txn = NULL;
            }
        } else {
            rc = mdb_txn_begin(db->env, NULL, MDB_RDONLY, &r->txn);
            if (rc != 0) r->txn = NULL;
        }
    }
    if (rc != 0) {
        pthread_rwlock_unlock(&db->gate);
        return NULL;
    }
    return r->txn;
}

void db_read_end(struct db *db, struct db_reader *r)
{
    CHECK(r->txn != NULL);
    mdb_txn_reset(r->txn);
    pthread_rwlock_unlock(&db->gate);
}

static enum err opened(enum table t, struct slice key, struct slice stored, struct slice *ret_value)
{
    enum err err = envelope_open(t, key, stored, ret_value);
    if (err != ERR_OK) {
        char hex[2 * KEY_BYTES_MAX + 1] = "";
        for (size_t i = 0; i < key.len && i < KEY_BYTES_MAX; i++)
            snprintf(hex + 2 * i, 3, "%02x", (uint8_t)key.ptr[i]);
        metric_add(METRIC_corrupt_records_total, 1);
        log_error("storage-corrupt", "table=%s key=%s", table_name(t), hex);
    }
    return err;
}

enum err db_get(
        struct db *db, MDB_txn *txn, enum table t, const struct key *key, struct slice *ret_value)
{
    MDB_val k = val_of(key_slice(key)), v;
    int rc = mdb_get(txn, db->dbi[t], &k, &v);
    if (rc == MDB_NOTFOUND) return ERR_NOT_FOUND;
    if (rc != 0) return ERR_STORAGE;
    return opened(t, key_slice(key), val_slice(&v), ret_value);
}

enum err db_get_near(struct db *db, MDB_txn *txn, enum table t, MDB_cursor **cursor,
        const struct key *key, struct slice *ret_value)
{
    struct slice wanted = key_slice(key);
    MDB_val k = {0, NULL}, v;
    int rc = MDB_NOTFOUND;
    if (*cursor != NULL)
        rc = mdb_cursor_get(*cursor, &k, &v, MDB_NEXT);
    else if (mdb_cursor_open(txn, db->dbi[t], cursor) != 0)
        return ERR_STORAGE;
    if (rc != 0 || !slice_eq(val_slice(&k), wanted)) {
        k = val_of(wanted);
        rc = mdb_cursor_get(*cursor, &k, &v, MDB_SET);
    }
    if (rc == MDB_NOTFOUND) return ERR_NOT_FOUND;
    if (rc != 0) return ERR_STORAGE;
    return opened(t, wanted, val_slice(&v), ret_value);
}

enum err scan_open(struct scan *s, struct db *db, MDB_txn *txn, enum table t,
        const struct key *from, size_t prefix_bytes)
{
    CHECK(prefix_bytes <= from->len);
    *s = (struct scan){.db = db, .table = t, .from = *from, .prefix = *from};
    s->prefix.len = prefix_bytes;
    return mdb_cursor_open(txn, db->dbi[t], &s->cursor) == 0 ? ERR_OK : ERR_STORAGE;
}

enum err scan_next(struct scan *s, struct slice *ret_key, struct slice *ret_value)
{
    MDB_val k = val_of(key_slice(&s->from)), v;
    MDB_cursor_op op = MDB_NEXT;
    if (!s->started)
        op = s->from.len > 0 ? MDB_SET_RANGE : MDB_FIRST; /* an empty key is none to LMDB */
    s->started = true;
    int rc = mdb_cursor_get(s->cursor, &k, &v, op);
    if (rc == MDB_NOTFOUND) return ERR_NOT_FOUND;
    if (rc != 0) return ERR_STORAGE;
    struct slice key = val_slice(&k);
    if (!slice_starts(key, key_slice(&s->prefix))) return ERR_NOT_FOUND;
    *ret_key = key;
    /* Rows that came in order lie one below the other: the next is fetched while this is read. */
    for (size_t i = CACHE_LINE; i <= AHEAD_BYTES; i += CACHE_LINE)
        __builtin_prefetch(key.ptr - i);
    return opened(s->table, key, val_slice(&v), ret_value);
}

void scan_close(struct scan *s)
{
    if (s->cursor != NULL) mdb_cursor_close(s->cursor);
    s->cursor = NULL;
}
