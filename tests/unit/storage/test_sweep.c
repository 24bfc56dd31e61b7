/* Uploaded files: what nothing names goes, and nothing else, whatever happens meanwhile. */
#include "tests/unit/storage/engine_rig.h"
#include "tests/unit/storage/store_case.h"

#include <unistd.h>

#include "core/base/limits.h"
#include "storage/files.h"
#include "storage/put.h"
#include "storage/trim.h"

enum { GRACE_MS = 5000 };

static const struct sweep_limits limits = {.first_ms = 1000,
        .every_ms = 100000,
        .grace_ms = GRACE_MS,
        .step_ms = 10,
        .rows_max = 3,
        .files_max = 2,
        .names_max = 1000,
        .bytes_max = 2000};

/* A store of nothing but rows and files, whose clock the test turns. */
struct sweeping {
    const char *dir;
    struct db db;
    struct files *files;
    struct sweep sweep;
    int64_t now_ms;
};

static void start(struct sweeping *t)
{
    struct buf why;
    t->dir = case_dir();
    t->now_ms = 7;
    buf_init(&why, KIB(4));
    assert_int_equal(db_open(&t->db, t->dir, NULL, &why), ERR_OK);
    buf_fini(&why);
    t->files = files_new(t->dir, &(struct space_limits){.low_bytes = 1, .high_bytes = 2});
    sweep_init(&t->sweep, &t->db, t->files, &limits, t->now_ms);
}

static void end(struct sweeping *t)
{
    files_free(t->files);
    db_close(&t->db);
    case_dir_gone(t->dir);
}

static void keep(struct files *files, const char *content, char ret_hash[SHA256_TEXT + 1])
{
    struct file_draft *draft;
    assert_int_equal(files->begin(files, &draft), ERR_OK);
    assert_int_equal(files->add(draft, slice_cstr(content)), ERR_OK);
    assert_int_equal(files->keep(draft, ret_hash), ERR_OK);
}

static bool there(struct files *files, const char *hash)
{
    uint64_t bytes;
    int fd = files->open(files, slice_cstr(hash), &bytes);
    if (fd >= 0) close(fd);
    return fd >= 0;
}

static struct id board_of(unsigned n)
{
    return id_make(1700000000, n);
}

/* json NULL: the row goes. */
static void row(struct sweeping *t, enum table table, const struct key *key, const char *json)
{
    MDB_txn *txn;
    MDB_val k = val_of(key_slice(key));
    assert_int_equal(mdb_txn_begin(t->db.env, NULL, 0, &txn), 0);
    if (json != NULL)
        assert_int_equal(put_value(&t->db, txn, table, key, slice_cstr(json)), 0);
    else
        assert_int_equal(mdb_del(txn, t->db.dbi[table], &k, NULL), 0);
    assert_int_equal(mdb_txn_commit(txn), 0);
}

static void attach(struct sweeping *t, unsigned board, unsigned n, const char *hash)
{
    char json[200];
    struct key key = key_entity(board_of(board), KIND_ATTACHMENT, id_make(1, n));
    snprintf(json, sizeof json, "{\"file\":\"%s\",\"fileName\":\"file\"}", hash);
    row(t, TABLE_ENTITIES, &key, json);
}

static void detach(struct sweeping *t, unsigned board, unsigned n)
{
    struct key key = key_entity(board_of(board), KIND_ATTACHMENT, id_make(1, n));
    row(t, TABLE_ENTITIES, &key, NULL);
}

static void record(struct sweeping *t, unsigned board, uint64_t seq, const char *hash)
{
    char json[5000];
    struct key key = key_event(board_of(board), seq);
    snprintf(json, sizeof json, "[%3000s{\"x\":\"file\",\"file\":\"no\"},{\"file\":\"%s\"}]", "",
            hash);
    row(t, TABLE_EVENTS, &key, json);
}

static void others(struct sweeping *t, unsigned board)
{
    for (unsigned i = 0; i < 5; i++) {
        struct key card = key_entity(board_of(board), KIND_CARD, id_make(2, i));
        struct key shelf = key_entity(board_of(board), KIND_SHELF, id_make(3, i));
        row(t, TABLE_ENTITIES, &card, "{\"name\":\"c\"}");
        row(t, TABLE_ENTITIES, &shelf, "{}");
    }
}

static void step(struct sweeping *t)
{
    t->now_ms = t->sweep.due_ms;
    sweep_step(&t->sweep, t->now_ms);
}

static void until(struct sweeping *t, enum sweep_state state)
{
    for (unsigned i = 0; t->sweep.state != state; i++) {
        if (i > 5000) fail_msg("still in state %d", t->sweep.state);
        step(t);
    }
}

static void a_round(struct sweeping *t)
{
    if (t->sweep.state == SWEEP_REST) step(t);
    until(t, SWEEP_REST);
}

/* What the writer shows the sweep before it stores it. */
static void stored(struct sweeping *t, const char *old_with)
{
    char old[200];
    snprintf(old, sizeof old, "[[{\"file\":\"%s\"}]]", old_with);
    struct event e = {.public_json = SLICE("{\"e\":[]}"), .old_json = slice_cstr(old)};
    sweep_spare(&t->sweep, &(struct batch){.events = &e, .event_count = 1});
}

static void test_sweep__removes_what_nothing_names_and_nothing_else(void **state)
{
    struct sweeping t;
    char of_rows[4][SHA256_TEXT + 1], of_log[3][SHA256_TEXT + 1], gone[5][SHA256_TEXT + 1];
    char text[20];
    (void)state;
    start(&t);
    for (unsigned i = 0; i < 4; i++) {
        snprintf(text, sizeof text, "row %u", i);
        keep(t.files, text, of_rows[i]);
        others(&t, i);
        attach(&t, i, 1, of_rows[i]);
        attach(&t, i, 2, of_rows[0]);
    }
    for (unsigned i = 0; i < 3; i++) {
        snprintf(text, sizeof text, "log %u", i);
        keep(t.files, text, of_log[i]);
        record(&t, i, 1, of_rows[0]);
        record(&t, i, 2, of_log[i]);
    }
    for (unsigned i = 0; i < 5; i++) {
        snprintf(text, sizeof text, "gone %u", i);
        keep(t.files, text, gone[i]);
    }
    a_round(&t);
    for (unsigned i = 0; i < 4; i++) assert_true(there(t.files, of_rows[i]));
    for (unsigned i = 0; i < 3; i++) assert_true(there(t.files, of_log[i]));
    for (unsigned i = 0; i < 5; i++) assert_false(there(t.files, gone[i]));
    /* The next round finds what has lost its last name since. */
    detach(&t, 3, 1);
    record(&t, 1, 2, of_rows[0]);
    a_round(&t);
    assert_false(there(t.files, of_rows[3]));
    assert_false(there(t.files, of_log[1]));
    assert_true(there(t.files, of_rows[2]) && there(t.files, of_log[2]));
    end(&t);
}

static void test_sweep__finds_a_name_that_moves(void **state)
{
    struct sweeping t;
    char back[SHA256_TEXT + 1], away[SHA256_TEXT + 1], other[SHA256_TEXT + 1];
    (void)state;
    start(&t);
    keep(t.files, "brought back", back);
    keep(t.files, "deleted", away);
    keep(t.files, "nobody's", other);
    attach(&t, 9, 1, away);
    record(&t, 9, 1, back);
    until(&t, SWEEP_ROWS);
    stored(&t, away); /* before the walk sees the row, it is a record of a log */
    detach(&t, 9, 1);
    until(&t, SWEEP_LOG);
    stored(&t, back); /* it is a row now, where the walk has been, and its record is trimmed */
    attach(&t, 1, 1, back);
    struct key key = key_event(board_of(9), 1);
    row(&t, TABLE_EVENTS, &key, NULL);
    a_round(&t);
    assert_true(there(t.files, back) && there(t.files, away));
    assert_false(there(t.files, other));
    end(&t);
}

static void test_sweep__leaves_time_to_what_is_on_its_way(void **state)
{
    struct sweeping t;
    char late[SHA256_TEXT + 1], again[SHA256_TEXT + 1], other[SHA256_TEXT + 1];
    (void)state;
    start(&t);
    keep(t.files, "late", late);
    keep(t.files, "again", again);
    keep(t.files, "nobody's", other);
    until(&t, SWEEP_WAIT);
    int64_t since = t.now_ms;
    sweep_step(&t.sweep, since + GRACE_MS - 1);
    assert_int_equal(t.sweep.state, SWEEP_WAIT);
    stored(&t, late);              /* an event that read the name before */
    keep(t.files, "again", again); /* the same bytes once more, and no event yet */
    until(&t, SWEEP_REMOVE);
    assert_true(t.now_ms >= since + GRACE_MS);
    assert_true(there(t.files, other));
    a_round(&t);
    assert_true(there(t.files, late) && there(t.files, again));
    assert_false(there(t.files, other));
    end(&t);
}

static void test_sweep__removes_nothing_when_a_record_cannot_be_read(void **state)
{
    struct sweeping t;
    char other[SHA256_TEXT + 1];
    struct key key = key_event(board_of(1), 1);
    MDB_txn *txn;
    MDB_val k = val_of(key_slice(&key)), damaged = val_of(SLICE("damaged"));
    (void)state;
    start(&t);
    keep(t.files, "nobody's", other);
    assert_int_equal(mdb_txn_begin(t.db.env, NULL, 0, &txn), 0);
    assert_int_equal(mdb_put(txn, t.db.dbi[TABLE_EVENTS], &k, &damaged, 0), 0);
    assert_int_equal(mdb_txn_commit(txn), 0);
    a_round(&t);
    assert_true(there(t.files, other));
    row(&t, TABLE_EVENTS, &key, NULL);
    key = key_entity_kind(board_of(1), KIND_ATTACHMENT); /* no id */
    row(&t, TABLE_ENTITIES, &key, "{}");
    a_round(&t);
    assert_true(there(t.files, other));
    row(&t, TABLE_ENTITIES, &key, NULL);
    a_round(&t);
    assert_false(there(t.files, other));
    end(&t);
}

/* -- the whole of it: engine, writer, trim */

static const struct sweep_limits at_once = {
        .every_ms = 1, .rows_max = 100, .files_max = 100, .names_max = 1000, .bytes_max = MIB(1)};

struct whole {
    const char *dir;
    struct case_store c;
    struct rig r;
    struct id board, member;
};

static void whole_open(struct whole *w, const struct sweep_limits *sweep)
{
    case_open(&w->c, w->dir, &(struct store_options){.sweep = sweep});
    rig_init(&w->r, w->c.oplog);
}

static void whole_close(struct whole *w)
{
    rig_fini(&w->r);
    case_close(&w->c);
    case_clean(w->dir);
}

static void ops(struct whole *w, struct id board, const char *json)
{
    assert_true(rig_submit(&w->r, board, w->member, true, "%s", json));
    rig_settle(&w->r);
    if (w->r.rejected > 0) fail_msg("%s", w->r.last_fault);
}

#define CARD "0123456789abcdef01234568"
#define FILE_ID "0123456789abcdef01234569"

static void whole_begin(struct whole *w, const char *hash)
{
    char json[1000], id[ID_TEXT + 1];
    id_format(w->member, id);
    snprintf(json, sizeof json, "[{\"op\":\"dir.member\",\"id\":\"%s\",\"fullName\":\"Ada\"}]", id);
    ops(w, DIRECTORY_ID, json);
    ops(w, w->board, "[{\"op\":\"board.create\",\"name\":\"board\"}]");
    ops(w, w->board,
            "[{\"op\":\"list.create\",\"id\":\"0123456789abcdef01234567\",\"name\":\"l\"},"
            "{\"op\":\"card.create\",\"id\":\"" CARD "\",\"idList\":\"0123456789abcdef01234567\","
            "\"name\":\"c\"}]");
    snprintf(json, sizeof json,
            "[{\"op\":\"attachment.file\",\"id\":\"" FILE_ID "\",\"idCard\":\"" CARD "\","
            "\"bytes\":1,\"file\":\"%s\",\"fileName\":\"f\",\"mimeType\":\"a/b\",\"name\":\"f\"}]",
            hash);
    ops(w, w->board, json);
}

/* Rounds go over and over: one that began now has ended when a file of no name is gone. */
static void a_whole_round(struct whole *w)
{
    char hash[SHA256_TEXT + 1];
    keep(w->c.oplog->files, "a mark", hash);
    for (unsigned i = 0; there(w->c.oplog->files, hash); i++) {
        if (i > 3000) fail_msg("no round ends");
        usleep(10000);
    }
}

static void trim_all(const char *dir, int64_t now_ms)
{
    struct trim trim = {.begun = false};
    struct trim_limits all = {
            .keep_events = 1, .keep_ms = 1, .client_ms = INT64_MAX / 2, .records_max = 100};
    struct db db;
    struct buf why;
    bool more = true;
    buf_init(&why, KIB(4));
    assert_int_equal(db_open(&db, dir, NULL, &why), ERR_OK);
    while (more) assert_int_equal(trim_step(&trim, &db, &all, now_ms, &more), 0);
    db_close(&db);
    buf_fini(&why);
}

static void test_sweep__waits_for_the_log_to_forget(void **state)
{
    struct whole w = {.dir = case_dir(),
            .board = id_make(1700000001, 1),
            .member = id_make(1700000002, 1)};
    char hash[SHA256_TEXT + 1];
    (void)state;
    whole_open(&w, NULL); /* not yet: at_once has no grace */
    keep(w.c.oplog->files, "x", hash);
    whole_begin(&w, hash);
    whole_close(&w);
    whole_open(&w, &at_once);
    a_whole_round(&w);
    assert_true(there(w.c.oplog->files, hash)); /* attached */
    ops(&w, w.board, "[{\"op\":\"attachment.delete\",\"id\":\"" FILE_ID "\"}]");
    a_whole_round(&w);
    assert_true(there(w.c.oplog->files, hash)); /* could be brought back */
    ops(&w, w.board, "[{\"op\":\"card.set\",\"id\":\"" CARD "\",\"name\":\"later\"}]");
    int64_t later = w.r.now_ms + 1000000;
    whole_close(&w);
    trim_all(w.dir, later);
    whole_open(&w, &at_once);
    a_whole_round(&w);
    a_whole_round(&w); /* the first may have begun before */
    assert_false(there(w.c.oplog->files, hash));
    whole_close(&w);
    case_dir_gone(w.dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_sweep__removes_what_nothing_names_and_nothing_else),
            cmocka_unit_test(test_sweep__finds_a_name_that_moves),
            cmocka_unit_test(test_sweep__leaves_time_to_what_is_on_its_way),
            cmocka_unit_test(test_sweep__removes_nothing_when_a_record_cannot_be_read),
            cmocka_unit_test(test_sweep__waits_for_the_log_to_forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
