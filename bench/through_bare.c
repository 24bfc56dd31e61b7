/* through_bare.c - what LMDB alone takes for the records that a run of bench/through left: a loop
 * of mdb_put and mdb_txn_commit.
 *
 *   through_bare FOLDER NEW_FOLDER COMMITS
 *
 * Reads the bench's events from the data folder (of a server that is gone), and with each the rows
 * that were stored beside it: its card, its client, its board's head. Puts them into a new
 * environment, board by board in turn, in COMMITS equal transactions; a row that several events
 * of one transaction change is put once in it, as the server does. Prints the events and the wall
 * seconds. */
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/live_wire.h"
#include "core/base/check.h"
#include "core/base/id.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "storage/db.h"
#include "storage/envelope.h"
#include "storage/record.h"

struct peer *peers;
unsigned peer_count;

void frame_seen(struct peer *p, const char *payload, size_t have, uint64_t len)
{
    (void)p, (void)payload, (void)have, (void)len;
}

struct stored { /* one event and what was stored with it; all of it lies in the old environment */
    uint64_t seq;
    MDB_val keys[4], values[4]; /* event, card, client, head */
};

static const enum table tables[4] = {TABLE_EVENTS, TABLE_ENTITIES, TABLE_CLIENTS, TABLE_HEADS};

static struct stored *rows;
static size_t row_count, row_cap;

static MDB_env *env_open(const char *dir, unsigned flags, MDB_dbi dbi[TABLE_COUNT])
{
    MDB_env *env;
    MDB_txn *txn;
    CHECK(mdb_env_create(&env) == 0 && mdb_env_set_maxdbs(env, TABLE_COUNT) == 0);
    CHECK(mdb_env_set_mapsize(env, STORAGE_MAP_BYTES_MIN) == 0);
    CHECK(mdb_env_open(env, dir, flags, 0600) == 0);
    CHECK(mdb_txn_begin(env, NULL, flags, &txn) == 0);
    for (unsigned t = 0; t < TABLE_COUNT; t++)
        CHECK(mdb_dbi_open(txn, table_name((enum table)t), flags ? 0 : MDB_CREATE, &dbi[t]) == 0);
    CHECK(mdb_txn_commit(txn) == 0);
    return env;
}

/* The plain string behind `name` in an event. */
static struct slice text_behind(struct slice event, const char *name)
{
    const char *at = memmem(event.ptr, event.len, name, strlen(name));
    CHECK(at != NULL);
    at += strlen(name);
    const char *end = memchr(at, '"', (size_t)(event.ptr + event.len - at));
    CHECK(end != NULL);
    return slice_of(at, (size_t)(end - at));
}

static MDB_val keep(struct key key)
{
    char *copy = mem_new(key.len);
    memcpy(copy, key.bytes, key.len);
    return (MDB_val){key.len, copy};
}

static void row_take(MDB_txn *txn, const MDB_dbi *dbi, MDB_val key, MDB_val value)
{
    struct id board, card, by;
    uint64_t seq;
    struct slice stored = slice_of(value.mv_data, value.mv_size), event, old;
    CHECK(key_event_read(slice_of(key.mv_data, key.mv_size), &board, &seq));
    CHECK(record_event_read(slice_from(stored, ENVELOPE_BYTES), &event, &old));
    if (memmem(event.ptr, event.len, "\"cl\":\"bench", 11) == NULL) return;
    if (row_count == row_cap) {
        row_cap = row_cap ? 2 * row_cap : 1024;
        rows = mem_resize(rows, row_cap * sizeof rows[0]);
    }
    struct stored *r = &rows[row_count++];
    *r = (struct stored){.seq = seq, .keys = {key}, .values = {value}};
    CHECK(id_parse(text_behind(event, "[\"set\",\"card\",\""), &card));
    CHECK(id_parse(text_behind(event, "\"by\":\""), &by));
    r->keys[1] = keep(key_entity(board, KIND_CARD, card));
    r->keys[2] = keep(key_client(board, by, text_behind(event, "\"cl\":\"")));
    r->keys[3] = keep(key_id(board));
    for (unsigned i = 1; i < 4; i++)
        CHECK(mdb_get(txn, dbi[tables[i]], &r->keys[i], &r->values[i]) == 0);
}

static int by_turn(const void *a, const void *b)
{
    const struct stored *x = a, *y = b;
    if (x->seq != y->seq) return x->seq < y->seq ? -1 : 1;
    return memcmp(x->keys[0].mv_data, y->keys[0].mv_data, x->keys[0].mv_size);
}

/* Was this stored value put in this transaction already? */
static bool put_before(const void *value, size_t transaction)
{
    static struct {
        const void *value;
        size_t transaction;
    } seen[1 << 16];
    size_t at = ((uintptr_t)value >> 3) * UINT64_C(0x9e3779b97f4a7c15) >> 48;
    while (seen[at].value != NULL && seen[at].transaction == transaction) {
        if (seen[at].value == value) return true;
        at = (at + 1) % ARRAY_COUNT(seen);
    }
    seen[at].value = value;
    seen[at].transaction = transaction;
    return false;
}

static double replay(MDB_env *env, const MDB_dbi *dbi, size_t commits)
{
    double from = clock_s();
    for (size_t c = 0, row = 0; c < commits; c++) {
        MDB_txn *txn;
        CHECK(mdb_txn_begin(env, NULL, 0, &txn) == 0);
        for (; row < row_count * (c + 1) / commits; row++) {
            for (unsigned i = 0; i < 4; i++) {
                if (i > 0 && put_before(rows[row].values[i].mv_data, c + 1)) continue;
                CHECK(mdb_put(txn, dbi[tables[i]], &rows[row].keys[i], &rows[row].values[i], 0) ==
                        0);
            }
        }
        CHECK(mdb_txn_commit(txn) == 0);
    }
    return clock_s() - from;
}

int main(int argc, char **argv)
{
    MDB_dbi from[TABLE_COUNT], to[TABLE_COUNT];
    MDB_txn *txn;
    MDB_cursor *cursor;
    MDB_val key, value;
    CHECK(argc == 4);
    size_t commits = strtoul(argv[3], NULL, 10);
    MDB_env *old = env_open(argv[1], MDB_RDONLY, from);
    CHECK(mdb_txn_begin(old, NULL, MDB_RDONLY, &txn) == 0);
    CHECK(mdb_cursor_open(txn, from[TABLE_EVENTS], &cursor) == 0);
    while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0)
        row_take(txn, from, key, value);
    CHECK(row_count > 0 && commits > 0);
    qsort(rows, row_count, sizeof rows[0], by_turn);
    MDB_env *fresh = env_open(argv[2], 0, to);
    double wall = replay(fresh, to, commits);
    printf("%zu %.6f\n", row_count, wall);
    mdb_env_close(fresh);
    mdb_cursor_close(cursor);
    mdb_txn_abort(txn);
    mdb_env_close(old);
    return 0;
}
