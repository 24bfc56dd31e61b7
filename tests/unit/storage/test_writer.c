/* The writer when commits fail or the process ends in the middle: nothing answered COMMITTED is
 * lost, nothing half done is there. */
#include "tests/unit/storage/store_case.h"

#include <errno.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/limits.h"
#include "core/base/metric.h"

struct plan {
    enum db_moment moment;
    unsigned skip, times; /* leaves out `skip` commits, then strikes `times` times */
    int rc;
    bool die;
};

static int strike(void *context, enum db_moment moment)
{
    struct plan *f = context;
    if (moment != f->moment) return 0;
    if (f->skip > 0) {
        f->skip--;
        return 0;
    }
    if (f->times == 0) return 0;
    f->times--;
    if (f->die) _exit(7);
    return f->rc;
}

static void open_with(struct case_store *c, const char *dir, struct plan *f)
{
    struct store_options o = {.db = {.commit_fault = strike, .fault_context = f}};
    case_open(c, dir, &o);
}

static void test_writer__answers_unknown_and_opens_again(void **state)
{
    const char *dir = case_dir();
    struct case_store c;
    struct plan f = {.moment = DB_BEFORE_COMMIT, .skip = 1, .times = 1, .rc = EIO};
    struct twin t, before;
    struct rng rng;
    (void)state;
    rng_init(&rng, 1);
    twin_init(&t, 1);
    open_with(&c, dir, &f);
    twin_commit(&c, &t, &rng, 3);
    twin_check_in(&t, &c); /* this reader's transaction must not outlive the environment */
    before = t;
    struct batch *b = twin_batch(&t, &rng, 3);
    assert_int_equal(case_put(&c, b), OPLOG_UNKNOWN);
    assert_int_equal(b->err, ERR_UNKNOWN);
    twin_check_in(&before, &c); /* reads go on: here nothing was stored */
    assert_int_equal(case_put(&c, b), OPLOG_COMMITTED);
    twin_batch_free(b);
    t.head.number = 1;
    twin_check_in(&t, &c);
    /* Stored, but the answer was lost on the way: the resend finds its base gone and learns what
     * is there. */
    f = (struct plan){.moment = DB_AFTER_COMMIT, .times = 1, .rc = EIO};
    b = twin_batch(&t, &rng, 2);
    assert_int_equal(case_put(&c, b), OPLOG_UNKNOWN);
    twin_check_in(&t, &c);
    assert_int_equal(case_put(&c, b), OPLOG_VOID);
    assert_int_equal(b->winners->seq, b->events->seq);
    twin_batch_free(b);
    case_close(&c);
    case_clean(dir);
    case_dir_gone(dir);
}

static void test_writer__refuses_on_a_full_disk_and_goes_on(void **state)
{
    const char *dir = case_dir();
    struct case_store c;
    struct plan f = {.moment = DB_BEFORE_COMMIT, .times = 1, .rc = ENOSPC};
    struct twin t, before;
    struct rng rng;
    (void)state;
    rng_init(&rng, 2);
    twin_init(&t, 1);
    open_with(&c, dir, &f);
    before = t;
    struct batch *b = twin_batch(&t, &rng, 3);
    assert_int_equal(case_put(&c, b), OPLOG_REFUSED);
    assert_int_equal(b->err, ERR_STORAGE);
    twin_batch_free(b);
    t = before;
    twin_commit(&c, &t, &rng, 3);
    twin_check_in(&t, &c);
    case_close(&c);
    case_clean(dir);
    case_dir_gone(dir);
}

/* Holds the first commit until everything else waits in the inbox; the second, which has all of
 * it, finds the disk full; so does the fourth, which by then is the second board's alone. */
struct hold {
    sem_t entered, go;
    unsigned commits;
};

static int hold(void *context, enum db_moment moment)
{
    struct hold *h = context;
    if (moment != DB_BEFORE_COMMIT) return 0;
    h->commits++;
    if (h->commits == 1) {
        sem_post(&h->entered);
        sem_wait(&h->go);
    }
    return h->commits == 2 || h->commits == 4 ? ENOSPC : 0;
}

static void test_writer__tries_a_failed_transaction_board_by_board(void **state)
{
    enum { BOARDS = 4 };
    const char *dir = case_dir();
    struct case_store c;
    struct hold h = {.commits = 0};
    struct store_options o = {.db = {.commit_fault = hold, .fault_context = &h}};
    struct twin twins[BOARDS], before[BOARDS];
    struct batch *batches[BOARDS];
    struct rng rng;
    (void)state;
    sem_init(&h.entered, 0, 0);
    sem_init(&h.go, 0, 0);
    rng_init(&rng, 2);
    case_open(&c, dir, &o);
    for (uint32_t i = 0; i < BOARDS; i++) {
        twin_init(&twins[i], i + 1);
        before[i] = twins[i];
        batches[i] = twin_batch(&twins[i], &rng, 3);
        case_append(&c, batches[i]);
        if (i == 0) sem_wait(&h.entered);
    }
    sem_post(&h.go);
    unsigned refused = 0;
    for (uint32_t i = 0; i < BOARDS; i++) {
        if (case_wait(&c, batches[i]) == OPLOG_REFUSED) {
            assert_int_equal(i, 2);
            refused++;
            twins[i] = before[i];
        } else {
            assert_int_equal(batches[i]->answer, OPLOG_COMMITTED);
        }
        twin_check_in(&twins[i], &c);
    }
    assert_int_equal(refused, 1);
    assert_int_equal(h.commits, 5);
    for (uint32_t i = 0; i < BOARDS; i++)
        twin_batch_free(batches[i]);
    case_close(&c);
    case_clean(dir);
    case_dir_gone(dir);
}

static void test_writer__ends_the_program_at_the_third_failure_in_a_row(void **state)
{
    const char *dir = case_dir();
    int status;
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        struct case_store c;
        struct plan f = {.moment = DB_BEFORE_COMMIT, .skip = 1, .times = 9, .rc = EIO};
        struct twin t;
        struct rng rng;
        assert_non_null(freopen("/dev/null", "w", stderr));
        rng_init(&rng, 3);
        twin_init(&t, 1);
        open_with(&c, dir, &f);
        twin_commit(&c, &t, &rng, 3);
        struct batch *b = twin_batch(&t, &rng, 1);
        for (unsigned i = 0; i < 3; i++)
            case_put(&c, b);
        _exit(0); /* not reached */
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_FAILURE);
    case_dir_gone(dir);
}

/* A child commits until it dies at a chosen moment, and tells through a pipe what was answered. */
static uint64_t die_at(const char *dir, enum db_moment moment, unsigned skip)
{
    int pipes[2], status;
    uint64_t seq = 0, told;
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        struct case_store c;
        struct plan f = {.moment = moment, .skip = skip, .times = 1, .die = true};
        struct twin t;
        struct rng rng;
        rng_init(&rng, 4);
        twin_init(&t, 1);
        open_with(&c, dir, &f);
        for (;;) {
            twin_commit(&c, &t, &rng, 7);
            if (write(pipes[1], &t.head.seq, sizeof(t.head.seq)) != sizeof(t.head.seq)) _exit(1);
        }
    }
    close(pipes[1]);
    while (read(pipes[0], &told, sizeof(told)) == sizeof(told))
        seq = told;
    close(pipes[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 7);
    return seq;
}

static void test_writer__loses_nothing_answered_when_the_process_dies(void **state)
{
    (void)state;
    for (unsigned skip = 0; skip < 12; skip++) {
        for (enum db_moment moment = DB_BEFORE_COMMIT; moment <= DB_AFTER_COMMIT; moment++) {
            const char *dir = case_dir();
            struct case_store c;
            struct twin t;
            struct rng rng;
            uint64_t answered = die_at(dir, moment, skip);
            assert_int_equal(answered, skip * 7);
            /* Before the commit nothing of the batch may be there, after it everything. */
            rng_init(&rng, 4);
            twin_init(&t, 1);
            for (unsigned i = 0; i < skip + (moment == DB_AFTER_COMMIT); i++)
                twin_batch_free(twin_batch(&t, &rng, 7));
            case_open(&c, dir, NULL);
            twin_check_in(&t, &c);
            case_close(&c);
            case_clean(dir);
            case_dir_gone(dir);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_writer__answers_unknown_and_opens_again),
            cmocka_unit_test(test_writer__refuses_on_a_full_disk_and_goes_on),
            cmocka_unit_test(test_writer__tries_a_failed_transaction_board_by_board),
            cmocka_unit_test(test_writer__ends_the_program_at_the_third_failure_in_a_row),
            cmocka_unit_test(test_writer__loses_nothing_answered_when_the_process_dies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
