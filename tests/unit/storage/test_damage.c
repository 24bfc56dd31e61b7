/* Damage in the data folder: every flipped bit is noticed where it is read, and verify names
 * each kind of harm. */
#include "tests/unit/storage/store_case.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/metric.h"
#include "storage/envelope.h"
#include "storage/put.h"
#include "storage/record.h"
#include "storage/verify.h"
#include "storage/view_lmdb.h"

enum { BOARDS = 3 };

static struct twin twins[BOARDS];

static const char *filled(void)
{
    const char *dir = case_dir();
    struct case_store c;
    struct rng rng;
    rng_init(&rng, 21);
    case_open(&c, dir, NULL);
    for (uint32_t i = 0; i < BOARDS; i++) {
        twin_init(&twins[i], i + 1);
        for (unsigned k = 0; k < 4; k++)
            twin_commit(&c, &twins[i], &rng, 20);
    }
    case_close(&c);
    return dir;
}

static void open_db(struct db *db, const char *dir)
{
    struct buf why;
    buf_init(&why, KIB(4));
    assert_int_equal(db_open(db, dir, NULL, &why), ERR_OK);
    buf_fini(&why);
}

/* The row number `index` of a table, its stored bytes as they are. */
static void row_at(struct db *db, MDB_txn *txn, enum table t, size_t index, struct key *ret_key,
        struct buf *ret_stored)
{
    MDB_cursor *cursor;
    MDB_val k, v;
    assert_int_equal(mdb_cursor_open(txn, db->dbi[t], &cursor), 0);
    assert_int_equal(mdb_cursor_get(cursor, &k, &v, MDB_FIRST), 0);
    while (index-- > 0)
        assert_int_equal(mdb_cursor_get(cursor, &k, &v, MDB_NEXT), 0);
    *ret_key = key_bytes(slice_of(k.mv_data, k.mv_size));
    buf_clear(ret_stored);
    buf_add(ret_stored, slice_of(v.mv_data, v.mv_size));
    mdb_cursor_close(cursor);
}

static void put_raw(
        struct db *db, MDB_txn *txn, enum table t, const struct key *key, struct slice stored)
{
    MDB_val k = val_of(key_slice(key)), v = val_of(stored);
    assert_int_equal(mdb_put(txn, db->dbi[t], &k, &v, 0), 0);
}

static size_t rows_in(struct db *db, MDB_txn *txn, enum table t)
{
    MDB_stat stat;
    assert_int_equal(mdb_stat(txn, db->dbi[t], &stat), 0);
    return stat.ms_entries;
}

static enum err skip_entity(void *context, enum kind kind, struct id id, struct slice json)
{
    (void)context;
    (void)kind;
    (void)id;
    (void)json;
    return ERR_OK;
}

static enum err skip_event(void *context, uint64_t seq, struct slice a, struct slice b)
{
    (void)context;
    (void)seq;
    (void)a;
    (void)b;
    return ERR_OK;
}

static enum err skip_client(void *context, const struct client_row *row)
{
    (void)context;
    (void)row;
    return ERR_OK;
}

static enum err skip_membership(void *context, struct id board, enum role role)
{
    (void)context;
    (void)board;
    (void)role;
    return ERR_OK;
}

/* Reads this row in the way the product reads it. */
static enum err read_row(struct view *v, enum table t, const struct key *key)
{
    struct slice k = key_slice(key), value;
    struct id first, second, part;
    struct board_head head;
    struct location at;
    enum kind kind;
    uint64_t number;
    memset(&second, 0, sizeof(second));
    assert_true(key_board(k, &first) || t == TABLE_SHORTS || t == TABLE_META);
    switch (t) {
    case TABLE_HEADS: return v->ops->head(v, first, &head);
    case TABLE_ENTITIES:
        assert_true(key_entity_read(k, &first, &kind, &second));
        enum err one = v->ops->entity(v, first, kind, second, &value);
        assert_int_equal(v->ops->entities(v, first, KIND_BOARD, KIND_LINK, skip_entity, NULL), one);
        return one;
    case TABLE_TEXTS:
        assert_true(key_pair_read(k, &first, &second));
        return v->ops->text(v, first, second, F_CARD_DESC, &number, &value);
    case TABLE_EVENTS: return v->ops->events(v, first, 1, skip_event, NULL);
    case TABLE_CLIENTS: return v->ops->clients(v, first, skip_client, NULL);
    case TABLE_IDS: return v->ops->locate(v, first, &at);
    case TABLE_SHORTS: return v->ops->locate_short(v, k, &at);
    case TABLE_MEMBERS: return v->ops->memberships(v, first, skip_membership, NULL);
    case TABLE_PARTS:
        assert_true(key_part_read(k, &first, &second, &kind, &part));
        return v->ops->parts(v, first, second, skip_entity, NULL);
    case TABLE_META:
    case TABLE_COUNT: break;
    }
    return ERR_CORRUPT;
}

static void test_damage__is_never_read_as_data(void **state)
{
    const char *dir = filled();
    struct db db;
    struct rng rng;
    struct buf stored;
    struct arena arena;
    size_t flips = 0, missed = 0, gone = 0;
    (void)state;
    rng_init(&rng, 22);
    buf_init(&stored, MIB(1));
    arena_init(&arena, KIB(64), MIB(64));
    open_db(&db, dir);
    uint64_t counted = metric_values[METRIC_corrupt_records_total];
    while (flips < 2400) {
        MDB_txn *txn;
        struct key key;
        struct view_lmdb v;
        enum table t = (enum table)(1 + rng_below(&rng, TABLE_COUNT - 1));
        assert_int_equal(mdb_txn_begin(db.env, NULL, 0, &txn), 0);
        row_at(&db, txn, t, rng_below(&rng, rows_in(&db, txn, t)), &key, &stored);
        struct view *view = view_lmdb_init(&v, &db, txn, &arena);
        enum err before = read_row(view, t, &key);
        size_t bit = rng_below(&rng, stored.len * 8);
        stored.ptr[bit / 8] ^= (char)(1 << bit % 8);
        put_raw(&db, txn, t, &key, buf_slice(&stored));
        enum err after = read_row(view, t, &key);
        /* Rows of ids outlive their object: there NOT_FOUND is the whole answer, damaged or not
         * damaged. */
        if (before == ERR_NOT_FOUND) gone++;
        if (after != ERR_CORRUPT) missed++;
        view_lmdb_fini(&v);
        mdb_txn_abort(txn);
        arena_reset(&arena);
        flips++;
    }
    assert_int_equal(missed, 0);
    assert_true(gone < flips / 4);
    assert_true(metric_values[METRIC_corrupt_records_total] - counted >= flips);
    db_close(&db);
    arena_fini(&arena);
    buf_fini(&stored);
    case_dir_gone(dir);
}

static void test_damage__moved_rows_are_noticed(void **state)
{
    const char *dir = filled();
    struct db db;
    struct buf a, b;
    struct slice value;
    struct key key_a, key_b;
    MDB_txn *txn;
    (void)state;
    buf_init(&a, MIB(1));
    buf_init(&b, MIB(1));
    open_db(&db, dir);
    assert_int_equal(mdb_txn_begin(db.env, NULL, 0, &txn), 0);
    row_at(&db, txn, TABLE_ENTITIES, 5, &key_a, &a);
    row_at(&db, txn, TABLE_ENTITIES, 6, &key_b, &b);
    put_raw(&db, txn, TABLE_ENTITIES, &key_a, buf_slice(&b)); /* under another key */
    assert_int_equal(db_get(&db, txn, TABLE_ENTITIES, &key_a, &value), ERR_CORRUPT);
    put_raw(&db, txn, TABLE_TEXTS, &key_b, buf_slice(&b)); /* in another table */
    assert_int_equal(db_get(&db, txn, TABLE_TEXTS, &key_b, &value), ERR_CORRUPT);
    assert_int_equal(db_get(&db, txn, TABLE_ENTITIES, &key_b, &value), ERR_OK);
    mdb_txn_abort(txn);
    db_close(&db);
    buf_fini(&a);
    buf_fini(&b);
    case_dir_gone(dir);
}

/* -- verify: each planted harm has a valid checksum, so only the walk can find it */

struct harm {
    const char *name;
    void (*plant)(struct db *db, MDB_txn *txn);
    const char *said; /* in one of the findings */
};

static void replace(
        struct db *db, MDB_txn *txn, enum table t, const struct key *key, struct slice value)
{
    assert_int_equal(put_value(db, txn, t, key, value), 0);
}

static void drop(struct db *db, MDB_txn *txn, enum table t, const struct key *key)
{
    MDB_val k = val_of(key_slice(key));
    assert_int_equal(mdb_del(txn, db->dbi[t], &k, NULL), 0);
}

static void copy_row(
        struct db *db, MDB_txn *txn, enum table t, const struct key *from, const struct key *to)
{
    struct slice value;
    struct arena a;
    arena_init(&a, KIB(64), MIB(1));
    assert_int_equal(db_get(db, txn, t, from, &value), ERR_OK);
    replace(db, txn, t, to, arena_dup(&a, value));
    arena_fini(&a);
}

static void edit_head(struct db *db, MDB_txn *txn, void (*edit)(struct board_head *h))
{
    struct board_head head;
    struct slice value;
    struct arena a;
    struct buf text;
    struct key key = key_id(twins[1].board);
    arena_init(&a, KIB(4), KIB(64));
    buf_init(&text, KIB(4));
    assert_int_equal(db_get(db, txn, TABLE_HEADS, &key, &value), ERR_OK);
    assert_int_equal(record_head_read(&a, value, &head), ERR_OK);
    edit(&head);
    record_head_write(&head, &text);
    replace(db, txn, TABLE_HEADS, &key, buf_slice(&text));
    buf_fini(&text);
    arena_fini(&a);
}

static void flip_value(struct db *db, MDB_txn *txn)
{
    struct buf stored;
    struct key key;
    buf_init(&stored, MIB(1));
    row_at(db, txn, TABLE_TEXTS, 3, &key, &stored);
    stored.ptr[stored.len - 1] ^= 4;
    put_raw(db, txn, TABLE_TEXTS, &key, buf_slice(&stored));
    buf_fini(&stored);
}

static void lost_event(struct db *db, MDB_txn *txn)
{
    struct key key = key_event(twins[1].board, 40);
    drop(db, txn, TABLE_EVENTS, &key);
}

static void lost_tail(struct db *db, MDB_txn *txn)
{
    struct key key = key_event(twins[1].board, twins[1].head.seq);
    drop(db, txn, TABLE_EVENTS, &key);
}

static void event_elsewhere(struct db *db, MDB_txn *txn)
{
    struct key from = key_event(twins[0].board, 40), to = key_event(twins[1].board, 40);
    copy_row(db, txn, TABLE_EVENTS, &from, &to);
}

static void event_beyond(struct db *db, MDB_txn *txn)
{
    struct key from = key_event(twins[0].board, 40),
               to = key_event(twins[1].board, twins[1].head.seq + 1);
    copy_row(db, txn, TABLE_EVENTS, &from, &to);
}

static void other_chain(struct board_head *h)
{
    h->chain.bytes[15] ^= 1; /* not in h: only the whole chain shows it */
}

static void chain_harm(struct db *db, MDB_txn *txn)
{
    edit_head(db, txn, other_chain);
}

static void less_sum(struct board_head *h)
{
    h->sum--;
}

static void sum_harm(struct db *db, MDB_txn *txn)
{
    edit_head(db, txn, less_sum);
}

static void old_entity(struct db *db, MDB_txn *txn)
{
    struct key key = key_entity(twins[1].board, KIND_CARD, twins[1].cards[0].id);
    char id[ID_TEXT + 1], json[128];
    id_format(twins[1].cards[0].id, id);
    int len = snprintf(json, sizeof(json), "{\"id\":\"%s\",\"name\":\"old\",\"s\":1}", id);
    replace(db, txn, TABLE_ENTITIES, &key, slice_of(json, (size_t)len));
}

static void lost_entity(struct db *db, MDB_txn *txn)
{
    struct key key = key_entity(twins[1].board, KIND_CARD, twins[1].cards[0].id);
    drop(db, txn, TABLE_ENTITIES, &key);
}

static void lost_id(struct db *db, MDB_txn *txn)
{
    struct key key = key_id(twins[1].cards[0].id);
    drop(db, txn, TABLE_IDS, &key);
}

static void other_id(struct db *db, MDB_txn *txn)
{
    struct key from = key_id(twins[0].cards[0].id), to = key_id(twins[1].cards[0].id);
    copy_row(db, txn, TABLE_IDS, &from, &to);
}

static void lost_short(struct db *db, MDB_txn *txn)
{
    char link[SHORT_LINK_TEXT + 1];
    short_link_make(twins[1].cards[0].id, link);
    struct key key = key_bytes(slice_cstr(link));
    drop(db, txn, TABLE_SHORTS, &key);
}

static void lost_member(struct db *db, MDB_txn *txn)
{
    struct key key = key_member(twins[1].member, twins[1].board);
    drop(db, txn, TABLE_MEMBERS, &key);
}

static void other_role(struct db *db, MDB_txn *txn)
{
    struct key key = key_member(twins[1].member, twins[1].board);
    replace(db, txn, TABLE_MEMBERS, &key, SLICE("\1"));
}

static void more_members(struct db *db, MDB_txn *txn)
{
    struct key key = key_member(twins[1].member, twins[2].board);
    replace(db, txn, TABLE_MEMBERS, &key, SLICE("\3"));
}

static void lost_head(struct db *db, MDB_txn *txn)
{
    struct key key = key_id(twins[1].board);
    drop(db, txn, TABLE_HEADS, &key);
}

static enum err read_log(struct db *db, MDB_txn *txn)
{
    struct arena a;
    struct view_lmdb v;
    arena_init(&a, KIB(64), MIB(1));
    struct view *view = view_lmdb_init(&v, db, txn, &a);
    enum err err = view->ops->events(view, twins[1].board, 30, skip_event, NULL);
    arena_fini(&a);
    return err;
}

static void test_damage__a_log_with_a_hole_or_without_its_tail_is_not_read_as_whole(void **state)
{
    void (*const plants[])(struct db *, MDB_txn *) = {lost_event, lost_tail};
    const char *dir = filled();
    struct db db;
    MDB_txn *txn;
    (void)state;
    open_db(&db, dir);
    for (size_t i = 0; i < ARRAY_COUNT(plants); i++) {
        assert_int_equal(mdb_txn_begin(db.env, NULL, 0, &txn), 0);
        assert_int_equal(read_log(&db, txn), ERR_OK);
        plants[i](&db, txn);
        assert_int_equal(read_log(&db, txn), ERR_CORRUPT);
        mdb_txn_abort(txn);
    }
    db_close(&db);
    case_dir_gone(dir);
}

static const struct harm harms[] = {
        {"a flipped bit", flip_value, "fails its checksum"},
        {"a lost record", lost_event, "where 40 comes next"},
        {"a lost tail", lost_tail, "but the log ends at"},
        {"a record of another board", event_elsewhere, "does not follow"},
        {"a record beyond the head", event_beyond, "does not follow"},
        {"another chain", chain_harm, "has another chain"},
        {"another sum", sum_harm, "has another sum"},
        {"an old entity", old_entity, "has another sum"},
        {"a lost entity", lost_entity, "counts"},
        {"a lost id", lost_id, "is missing in ids"},
        {"another object's id", other_id, "is another object in ids"},
        {"a lost short link", lost_short, "is missing in shorts"},
        {"a lost member", lost_member, "is missing in members"},
        {"another role", other_role, "has another role in members"},
        {"a member too many", more_members, "stand for no membership"},
        {"a lost head", lost_head, "a board that does not exist"},
};

struct heard {
    const char *said;
    bool found;
    unsigned lines;
};

static void hear(void *context, const char *line)
{
    struct heard *h = context;
    h->lines++;
    if (strstr(line, h->said) != NULL) h->found = true;
}

static void test_verify__names_each_planted_harm(void **state)
{
    const char *dir = filled();
    (void)state;
    case_clean(dir);
    for (size_t i = 0; i < ARRAY_COUNT(harms); i++) {
        struct db db;
        MDB_txn *txn;
        struct heard heard = {.said = harms[i].said};
        struct verify_out out = {.finding = hear, .context = &heard};
        struct verify_report report;
        struct buf why;
        buf_init(&why, KIB(4));
        open_db(&db, dir);
        assert_int_equal(mdb_txn_begin(db.env, NULL, 0, &txn), 0);
        harms[i].plant(&db, txn);
        assert_int_equal(mdb_txn_commit(txn), 0);
        db_close(&db);
        assert_int_equal(verify_folder(dir, false, &out, &report, &why), 1);
        if (!heard.found) fail_msg("%s was not named", harms[i].name);
        assert_int_equal(report.findings, heard.lines);
        buf_fini(&why);
        case_dir_gone(dir);
        dir = filled(); /* afresh: findings must not add up */
    }
    case_dir_gone(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_damage__is_never_read_as_data),
            cmocka_unit_test(test_damage__moved_rows_are_noticed),
            cmocka_unit_test(
                    test_damage__a_log_with_a_hole_or_without_its_tail_is_not_read_as_whole),
            cmocka_unit_test(test_verify__names_each_planted_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
