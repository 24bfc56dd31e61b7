/* The folder and the environment: whose they are, and that nothing is taken for ours that is
 * not. */
#include "tests/unit/storage/store_case.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/limits.h"
#include "storage/put.h"
#include "storage/verify.h"

static void assert_refused(const char *dir, enum err err, const char *said)
{
    struct db db;
    struct buf why;
    buf_init(&why, KIB(4));
    assert_int_equal(db_open(&db, dir, NULL, &why), err);
    assert_true(buf_add_char(&why, '\0'));
    if (strstr(why.ptr, said) == NULL) fail_msg("\"%s\" does not say \"%s\"", why.ptr, said);
    buf_fini(&why);
}

static void open_db(struct db *db, const char *dir)
{
    struct buf why;
    buf_init(&why, KIB(4));
    assert_int_equal(db_open(db, dir, NULL, &why), ERR_OK);
    buf_fini(&why);
}

static void test_db__opens_with_default_flags_and_close_on_exec(void **state)
{
    const char *dir = case_dir();
    struct db db;
    unsigned flags;
    int fd;
    MDB_envinfo info;
    (void)state;
    open_db(&db, dir);
    assert_int_equal(mdb_env_get_flags(db.env, &flags), 0);
    assert_int_equal(flags & (MDB_NOSYNC | MDB_NOMETASYNC | MDB_WRITEMAP | MDB_MAPASYNC |
                                     MDB_NOLOCK | MDB_NOMEMINIT),
            0);
    assert_int_equal(mdb_env_get_fd(db.env, &fd), 0);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(mdb_env_info(db.env, &info), 0);
    assert_true(info.me_mapsize >= STORAGE_MAP_BYTES_MIN);
    for (unsigned t = 0; t < TABLE_COUNT; t++) {
        MDB_txn *txn;
        assert_int_equal(mdb_txn_begin(db.env, NULL, MDB_RDONLY, &txn), 0);
        assert_int_equal(mdb_dbi_flags(txn, db.dbi[t], &flags), 0);
        assert_int_equal(flags, 0);
        mdb_txn_abort(txn);
    }
    db_close(&db);
    case_dir_gone(dir);
}

static void test_db__says_who_holds_the_folder(void **state)
{
    const char *dir = case_dir();
    char said[64];
    struct db db;
    (void)state;
    open_db(&db, dir);
    snprintf(said, sizeof(said), "is in use by process %ld", (long)getpid());
    assert_refused(dir, ERR_STORAGE, said);
    db_close(&db);
    open_db(&db, dir); /* and is free again */
    db_close(&db);
    case_dir_gone(dir);
}

static void test_db__refuses_a_folder_that_cannot_be_made(void **state)
{
    (void)state;
    assert_refused("/proc/none/of/this", ERR_STORAGE, "cannot make the folder");
}

static void test_db__refuses_a_file_that_is_not_lmdb(void **state)
{
    const char *dir = case_dir();
    char path[256];
    (void)state;
    snprintf(path, sizeof(path), "%s/data.mdb", dir);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    for (unsigned i = 0; i < 4096; i++)
        fputs("tavla? ", f);
    fclose(f);
    assert_refused(dir, ERR_STORAGE, "is not a data file of this program");
    case_dir_gone(dir);
}

static void test_db__refuses_the_environment_of_another_program(void **state)
{
    const char *dir = case_dir();
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi dbi;
    MDB_val k = {1, (void *)(uintptr_t) "k"}, v = {1, (void *)(uintptr_t) "v"};
    (void)state;
    assert_int_equal(mdb_env_create(&env), 0);
    assert_int_equal(mdb_env_set_maxdbs(env, 4), 0);
    assert_int_equal(mdb_env_open(env, dir, 0, 0600), 0);
    assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
    assert_int_equal(mdb_dbi_open(txn, "theirs", MDB_CREATE, &dbi), 0);
    assert_int_equal(mdb_put(txn, dbi, &k, &v, 0), 0);
    assert_int_equal(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
    assert_refused(dir, ERR_CORRUPT, "not Tavla's");
    case_dir_gone(dir);
}

static void format_set(const char *dir, struct slice value)
{
    struct db db;
    MDB_txn *txn;
    struct key key = key_bytes(SLICE("format"));
    open_db(&db, dir);
    assert_int_equal(mdb_txn_begin(db.env, NULL, 0, &txn), 0);
    assert_int_equal(put_value(&db, txn, TABLE_META, &key, value), 0);
    assert_int_equal(mdb_txn_commit(txn), 0);
    db_close(&db);
}

static void test_db__refuses_other_formats_by_name(void **state)
{
    const char *newer = case_dir(), *older = case_dir(), *other = case_dir();
    (void)state;
    format_set(newer, SLICE("{\"format\":2,\"magic\":\"tavla\"}"));
    assert_refused(newer, ERR_VERSION, "a newer version (format 2; this program reads 1)");
    format_set(older, SLICE("{\"format\":0,\"magic\":\"tavla\"}"));
    assert_refused(older, ERR_VERSION, "an older version");
    format_set(other, SLICE("{\"format\":1,\"magic\":\"tavern\"}"));
    assert_refused(other, ERR_CORRUPT, "not Tavla's");
    case_dir_gone(newer);
    case_dir_gone(older);
    case_dir_gone(other);
}

static void test_verify_folder__does_not_touch_a_folder_in_use(void **state)
{
    const char *dir = case_dir();
    struct verify_out out = {.finding = NULL};
    struct verify_report report;
    struct buf why;
    struct db db;
    (void)state;
    buf_init(&why, KIB(4));
    open_db(&db, dir);
    assert_int_equal(verify_folder(dir, false, &out, &report, &why), 2);
    assert_true(why.len > 0);
    db_close(&db);
    buf_fini(&why);
    case_dir_gone(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_db__opens_with_default_flags_and_close_on_exec),
            cmocka_unit_test(test_db__says_who_holds_the_folder),
            cmocka_unit_test(test_db__refuses_a_folder_that_cannot_be_made),
            cmocka_unit_test(test_db__refuses_a_file_that_is_not_lmdb),
            cmocka_unit_test(test_db__refuses_the_environment_of_another_program),
            cmocka_unit_test(test_db__refuses_other_formats_by_name),
            cmocka_unit_test(test_verify_folder__does_not_touch_a_folder_in_use),
    };
    json_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
