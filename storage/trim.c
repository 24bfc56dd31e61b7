#include "storage/trim.h"

#include "core/base/limits.h"
#include "core/base/metric.h"
#include "core/dedupe.h"
#include "storage/put.h"
#include "storage/record.h"

struct step {
    struct db *db;
    MDB_txn *txn;
    const struct trim_limits *limits;
    int64_t now_ms;
    uint32_t left; /* records this transaction may still drop */
    uint32_t dropped;
    uint32_t records; /* of them, of the log */
    struct arena scratch;
    struct buf text;
};

/* False: this record stays, and so does everything behind it. */
static bool record_drop(struct step *s, struct id board, struct board_head *head, int *ret_rc)
{
    struct slice value, public_json, old_json;
    struct hash128 chain;
    int64_t ts;
    struct key key = key_event(board, head->floor + 1);
    if (head->seq - head->floor <= s->limits->keep_events) return false;
    /* A damaged record is left for verify to find: dropping it would lose the proof. */
    if (db_get(s->db, s->txn, TABLE_EVENTS, &key, &value) != ERR_OK) return false;
    if (!record_event_read(value, &public_json, &old_json) || !record_event_ts(public_json, &ts))
        return false;
    if (ts > s->now_ms - s->limits->keep_ms) return false;
    if (!event_chain(head->floor_chain, public_json, old_json, &chain)) return false;
    MDB_val k = val_of(key_slice(&key));
    *ret_rc = mdb_del(s->txn, s->db->dbi[TABLE_EVENTS], &k, NULL);
    if (*ret_rc != 0) return false;
    head->floor++;
    head->floor_chain = chain;
    return true;
}

static int log_trim(struct step *s, struct id board, struct board_head *head)
{
    int rc = 0;
    uint64_t before = head->floor;
    while (s->left > 0 && record_drop(s, board, head, &rc)) {
        s->left--;
        s->dropped++;
        s->records++;
    }
    if (rc != 0 || head->floor == before) return rc;
    buf_clear(&s->text);
    record_head_write(head, &s->text);
    struct key key = key_id(board);
    return put_value(s->db, s->txn, TABLE_HEADS, &key, buf_slice(&s->text));
}

static int clients_trim(struct step *s, struct id board)
{
    struct scan scan;
    struct slice key, value;
    struct key start = key_id(board);
    int rc = 0;
    enum err err;
    if (scan_open(&scan, s->db, s->txn, TABLE_CLIENTS, &start, ID_BYTES) != ERR_OK)
        return MDB_PANIC;
    while (rc == 0 && s->left > 0 &&
            ((err = scan_next(&scan, &key, &value)) == ERR_OK || err == ERR_CORRUPT)) {
        struct id of;
        struct client_row row;
        if (err != ERR_OK || !key_client_read(key, &of, &row.actor, &row.cl) ||
                !record_client_read(value, &row))
            continue;
        int64_t kept_ms = client_kept_ms(row.cl);
        if (kept_ms > s->limits->client_ms) kept_ms = s->limits->client_ms;
        if (row.used_ms >= s->now_ms - kept_ms) continue;
        rc = mdb_cursor_del(scan.cursor, 0); /* the next MDB_NEXT gives the row behind it */
        s->left--;
        s->dropped++;
    }
    scan_close(&scan);
    return rc;
}

/* The first board at or behind `from`. ERR_NOT_FOUND: none. */
static enum err board_at(
        struct step *s, struct id from, struct id *ret_board, struct board_head *ret_head)
{
    struct scan scan;
    struct slice key, value;
    struct key start = key_id(from);
    enum err err = scan_open(&scan, s->db, s->txn, TABLE_HEADS, &start, 0);
    if (err != ERR_OK) return err;
    while ((err = scan_next(&scan, &key, &value)) == ERR_OK || err == ERR_CORRUPT) {
        if (err == ERR_CORRUPT || !key_board(key, ret_board)) continue;
        arena_reset(&s->scratch);
        if (record_head_read(&s->scratch, value, ret_head) == ERR_OK) break;
    }
    scan_close(&scan);
    return err;
}

static bool id_next(struct id *id)
{
    for (int i = ID_BYTES - 1; i >= 0; i--)
        if (++id->bytes[i] != 0) return true;
    return false;
}

#define TRIM_BOARDS_PER_STEP 64 /* looked at in one transaction, trimmed or not */

static int boards_trim(struct trim *t, struct step *s, bool *ret_more)
{
    for (unsigned boards = 0; boards < TRIM_BOARDS_PER_STEP; boards++) {
        struct id board;
        struct board_head head;
        enum err err = board_at(s, t->next, &board, &head);
        if (err != ERR_OK) {
            t->begun = false; /* round once */
            *ret_more = false;
            return err == ERR_NOT_FOUND ? 0 : MDB_PANIC;
        }
        int rc = log_trim(s, board, &head);
        if (rc == 0) rc = clients_trim(s, board);
        if (rc != 0) return rc;
        t->next = board;
        if (s->left == 0) break; /* this board again, in the next transaction */
        if (!id_next(&t->next)) {
            t->begun = false;
            *ret_more = false;
            return 0;
        }
    }
    *ret_more = true;
    return 0;
}

int trim_step(struct trim *t, struct db *db, const struct trim_limits *limits, int64_t now_ms,
        bool *ret_more)
{
    struct step s = {.db = db, .limits = limits, .now_ms = now_ms, .left = limits->records_max};
    bool more = false;
    CHECK(limits->records_max > 0);
    int rc = mdb_txn_begin(db->env, NULL, 0, &s.txn);
    if (rc != 0) return rc;
    if (!t->begun) *t = (struct trim){.begun = true};
    struct trim before = *t;
    arena_init(&s.scratch, KIB(4), KIB(64));
    buf_init(&s.text, KIB(4));
    rc = boards_trim(t, &s, &more);
    if (rc != 0 || s.dropped == 0) {
        mdb_txn_abort(s.txn); /* nothing to write: no sync either */
    } else {
        rc = mdb_txn_commit(s.txn);
    }
    if (rc != 0) *t = before;
    buf_fini(&s.text);
    arena_fini(&s.scratch);
    if (rc == 0) *ret_more = more;
    if (rc == 0) metric_add(METRIC_log_dropped_total, s.records);
    return rc;
}
