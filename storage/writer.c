#include "storage/writer.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "core/base/limits.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/metric.h"
#include "storage/judge.h"
#include "storage/put.h"

struct writer {
    struct db *db;
    struct oplog *log;
    struct inbox inbox;
    struct doorbell bell;
    pthread_t thread;
    atomic_bool stopping;
    atomic_bool read_only;
    struct judged *drain; /* taken from the inbox, not yet answered */
    size_t drain_count, drain_cap;
    struct batch **rows; /* of one transaction: those that are stored */
    size_t rows_cap;
    struct arena scratch;
    unsigned failures; /* in a row that left it unknown what is stored */
    int64_t tick_due_ms, readers_due_ms, trim_due_ms;
    struct trim trim;
    struct trim_limits trim_limits;
    struct sweep sweep;
};

enum outcome {
    OUTCOME_STORED, /* every batch has its answer */
    OUTCOME_FAILED, /* nothing was stored: try smaller, else refuse */
    OUTCOME_UNKNOWN /* the commit failed in a way that says nothing */
};

static int64_t clock_ms(clockid_t clock)
{
    struct timespec t;
    CHECK(clock_gettime(clock, &t) == 0);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static uint64_t clock_us(void)
{
    struct timespec t;
    CHECK(clock_gettime(CLOCK_MONOTONIC, &t) == 0);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* -- opening again */

static void give_up(const char *why)
{
    log_error("storage-gone", "why=%s", why);
    fprintf(stderr, "tavla: storage failed and could not be opened again: %s\n", why);
    _exit(EXIT_FAILURE); /* not exit: other threads still run */
}

static void open_again(struct writer *w, int rc)
{
    struct buf why;
    buf_init(&why, KIB(4));
    log_error("storage-failed", "why=\"%s\" in_a_row=%u", mdb_strerror(rc), w->failures + 1);
    if (++w->failures >= STORAGE_FAILURES_MAX) give_up("several commits in a row failed");
    if (db_reopen(w->db, &why) != ERR_OK) {
        buf_add_char(&why, '\0');
        give_up(why.ptr);
    }
    buf_fini(&why);
}

/* -- room */

static void read_only_set(struct writer *w, bool on, uint64_t free_bytes)
{
    if (atomic_load_explicit(&w->read_only, memory_order_relaxed) == on) return;
    atomic_store_explicit(&w->read_only, on, memory_order_relaxed);
    if (on) {
        log_error("storage-read-only", "free_bytes=%llu", (unsigned long long)free_bytes);
        folder_ballast_drop(w->db->dir);
    } else {
        log_info("storage-writable", "free_bytes=%llu", (unsigned long long)free_bytes);
        folder_ballast_make(w->db->dir);
    }
}

static void space_check(struct writer *w)
{
    uint64_t free_bytes;
    switch (folder_space(w->db->dir, &w->db->options.space, &free_bytes)) {
    case SPACE_LOW: read_only_set(w, true, free_bytes); break;
    case SPACE_FINE: read_only_set(w, false, free_bytes); break;
    case SPACE_BETWEEN: break; /* stays what it is */
    }
}

static bool no_room(struct writer *w, int rc)
{
    if (rc == ENOSPC || rc == EDQUOT || rc == MDB_MAP_FULL) return true;
    /* LMDB turns a short write, which is what a full disk gives first, into EIO. */
    uint64_t free_bytes;
    return rc == EIO && folder_space(w->db->dir, &(struct space_limits){.low_bytes = KIB(256)},
                                &free_bytes) == SPACE_LOW;
}

/* -- one transaction */

static int committed(struct writer *w, MDB_txn *txn, bool *ret_attempted)
{
    const struct db_options *o = &w->db->options;
    int rc = o->commit_fault ? o->commit_fault(o->fault_context, DB_BEFORE_COMMIT) : 0;
    if (rc != 0) {
        mdb_txn_abort(txn);
        *ret_attempted = true;
        return rc;
    }
    *ret_attempted = true;
    rc = mdb_txn_commit(txn);
    if (rc == 0 && o->commit_fault) rc = o->commit_fault(o->fault_context, DB_AFTER_COMMIT);
    return rc;
}

static int rows_put(
        struct writer *w, MDB_txn *txn, struct judged *group, size_t count, size_t *ret_stored)
{
    size_t stored = 0;
    struct judge judge = {.db = w->db, .txn = txn, .scratch = &w->scratch};
    int rc = 0;
    for (size_t i = 0; i < count && rc == 0; i++) {
        struct batch *b = group[i].batch;
        rc = judge_batch(&judge, &group[i]);
        if (rc != 0 || b->answer != OPLOG_COMMITTED) continue;
        w->rows[stored++] = b;
        if (b->twin != NULL) w->rows[stored++] = b->twin;
    }
    if (rc == 0) rc = put_batches(w->db, txn, w->rows, stored, &w->scratch);
    *ret_stored = stored;
    return rc;
}

static enum outcome group_try(struct writer *w, struct judged *group, size_t count, int *ret_rc)
{
    MDB_txn *txn;
    size_t stored = 0;
    bool attempted = false;
    int rc = mdb_txn_begin(w->db->env, NULL, 0, &txn);
    if (rc == 0) {
        rc = rows_put(w, txn, group, count, &stored);
        if (rc == 0 && stored > 0)
            rc = committed(w, txn, &attempted);
        else
            mdb_txn_abort(txn);
    }
    *ret_rc = rc;
    if (rc == 0) return OUTCOME_STORED;
    metric_add(METRIC_commit_failures_total, 1);
    return attempted && !no_room(w, rc) ? OUTCOME_UNKNOWN : OUTCOME_FAILED;
}

static void answer(struct writer *w, struct judged *j, enum oplog_answer what, enum err err)
{
    struct batch *b = j->batch;
    b->answer = what;
    b->err = err;
    if (what == OPLOG_COMMITTED) b->after = j->head;
    if (what == OPLOG_COMMITTED && b->twin != NULL) b->twin->after = j->twin_head;
    w->log->answered(w->log->context, b); /* gives it away */
}

static void group_answer(struct writer *w, struct judged *group, size_t count, uint64_t took_us)
{
    uint64_t events = 0;
    for (size_t i = 0; i < count; i++) {
        const struct batch *b = group[i].batch;
        if (b->answer != OPLOG_COMMITTED) continue;
        events += b->event_count + (b->twin == NULL ? 0 : b->twin->event_count);
    }
    if (events > 0) {
        w->failures = 0;
        metric_add(METRIC_commits_total, 1);
        metric_add(METRIC_commit_events_total, events);
        metric_add(METRIC_commit_us_total, took_us);
    }
    for (size_t i = 0; i < count; i++)
        answer(w, &group[i], group[i].batch->answer, group[i].batch->err);
}

static void group_fail(
        struct writer *w, struct judged *group, size_t count, enum oplog_answer what, enum err err)
{
    for (size_t i = 0; i < count; i++)
        answer(w, &group[i], what, err);
}

static void group_store(struct writer *w, struct judged *group, size_t count)
{
    int rc;
    uint64_t start = clock_us();
    if (writer_read_only(w)) {
        group_fail(w, group, count, OPLOG_REFUSED, ERR_READ_ONLY);
        return;
    }
    switch (group_try(w, group, count, &rc)) {
    case OUTCOME_STORED: group_answer(w, group, count, clock_us() - start); return;
    case OUTCOME_UNKNOWN:
        /* Readers of the answer load again, so the environment must be good before they do. */
        open_again(w, rc);
        group_fail(w, group, count, OPLOG_UNKNOWN, ERR_UNKNOWN);
        return;
    case OUTCOME_FAILED: break;
    }
    if (rc == ENOSPC || rc == EDQUOT) space_check(w);
    if (count > 1) {
        for (size_t i = 0; i < count; i++)
            group_store(w, &group[i], 1);
        return;
    }
    if (no_room(w, rc))
        log_error("storage-full", "why=\"%s\"", mdb_strerror(rc));
    else
        open_again(w, rc);
    group_fail(w, group, count, OPLOG_REFUSED, ERR_STORAGE);
}

/* -- the drain */

static void drain_add(struct writer *w, struct batch *b)
{
    if (w->drain_count == w->drain_cap) {
        w->drain_cap = w->drain_cap ? 2 * w->drain_cap : 64;
        w->drain = mem_resize(w->drain, w->drain_cap * sizeof(w->drain[0]));
    }
    w->drain[w->drain_count] = (struct judged){.batch = b, .order = w->drain_count};
    w->drain_count++;
}

static int drain_order(const void *a, const void *b)
{
    const struct judged *x = a, *y = b;
    int by_board = id_cmp(x->batch->board, y->batch->board);
    if (by_board != 0) return by_board;
    return x->order < y->order ? -1 : 1;
}

static size_t batch_bytes(const struct batch *b)
{
    return b->bytes + (b->twin == NULL ? 0 : b->twin->bytes);
}

/* Takes what came in order of arrival, cut where a transaction would get too large. */
static void drain_store(struct writer *w)
{
    for (size_t first = 0, end; first < w->drain_count; first = end) {
        size_t bytes = 0;
        for (end = first; end < w->drain_count && (end == first || bytes < STORAGE_TXN_BYTES_MAX);
                end++)
            bytes += batch_bytes(w->drain[end].batch);
        for (size_t i = first; i < end; i++)
            sweep_spare(&w->sweep, w->drain[i].batch);
        if (2 * (end - first) > w->rows_cap) { /* each may have a twin */
            w->rows_cap = 2 * (end - first);
            w->rows = mem_resize(w->rows, w->rows_cap * sizeof(struct batch *));
        }
        qsort(w->drain + first, end - first, sizeof(w->drain[0]), drain_order);
        group_store(w, w->drain + first, end - first);
    }
    w->drain_count = 0;
}

/* -- between drains */

static void tick(struct writer *w, int64_t now)
{
    int dead = 0;
    if (now >= w->tick_due_ms) {
        space_check(w);
        w->tick_due_ms = now + STORAGE_TICK_MS;
    }
    if (now >= w->readers_due_ms) {
        if (mdb_reader_check(w->db->env, &dead) == 0 && dead > 0)
            log_warn("storage-stale-readers", "count=%d", dead);
        w->readers_due_ms = now + STORAGE_READER_CHECK_MS;
    }
    if (now >= w->trim_due_ms && !writer_read_only(w)) {
        bool more = false;
        int rc = trim_step(&w->trim, w->db, &w->trim_limits, clock_ms(CLOCK_REALTIME), &more);
        if (rc != 0 && !no_room(w, rc)) open_again(w, rc);
        /* A round over the boards, a step a second, then rest: trimming must not show in
         * anyone's latency. */
        w->trim_due_ms = now + (more ? 1000 : STORAGE_READER_CHECK_MS);
    }
    sweep_step(&w->sweep, now); /* also when there is no room: it makes some */
}

static int next_due(const struct writer *w, int64_t now)
{
    int64_t due = w->tick_due_ms;
    if (w->readers_due_ms < due) due = w->readers_due_ms;
    if (w->trim_due_ms < due) due = w->trim_due_ms;
    if (writer_read_only(w)) due = w->tick_due_ms; /* trimming waits then */
    if (w->sweep.due_ms < due) due = w->sweep.due_ms;
    return due > now ? (int)(due - now) : 0;
}

static void *writer_thread(void *context)
{
    struct writer *w = context;
    for (;;) {
        bool stopping = atomic_load_explicit(&w->stopping, memory_order_acquire);
        for (struct mail *m = inbox_take(&w->inbox), *next; m != NULL; m = next) {
            next = m->next;
            drain_add(w, CONTAINER_OF(m, struct batch, mail));
        }
        if (w->drain_count > 0) {
            drain_store(w);
        } else if (stopping) {
            return NULL;
        }
        int64_t now = clock_ms(CLOCK_MONOTONIC);
        tick(w, now);
        if (!stopping) doorbell_wait(&w->bell, next_due(w, now));
    }
}

struct writer *writer_new(struct db *db, struct oplog *log, const struct trim_limits *trim,
        const struct sweep_limits *sweep)
{
    struct writer *w = MEM_NEW(struct writer);
    int64_t now = clock_ms(CLOCK_MONOTONIC);
    w->db = db;
    w->log = log;
    w->trim_limits = *trim;
    sweep_init(&w->sweep, db, log->files, sweep, now);
    inbox_init(&w->inbox);
    doorbell_init(&w->bell);
    arena_init(&w->scratch, KIB(64), MIB(64));
    folder_ballast_make(db->dir);
    space_check(w);
    w->tick_due_ms = now + STORAGE_TICK_MS;
    w->readers_due_ms = w->trim_due_ms = now + STORAGE_READER_CHECK_MS;
    CHECK(pthread_create(&w->thread, NULL, writer_thread, w) == 0);
    return w;
}

struct writer *writer_free(struct writer *w)
{
    if (w == NULL) return NULL;
    atomic_store_explicit(&w->stopping, true, memory_order_release);
    doorbell_ring(&w->bell);
    pthread_join(w->thread, NULL);
    arena_fini(&w->scratch);
    mem_free(w->drain);
    mem_free(w->rows);
    return mem_free(w);
}

void writer_post(struct writer *w, struct batch *batch)
{
    CHECK(batch->answer == OPLOG_PENDING);
    if (inbox_post(&w->inbox, &batch->mail)) doorbell_ring(&w->bell);
}

bool writer_read_only(const struct writer *w)
{
    return atomic_load_explicit(&w->read_only, memory_order_relaxed);
}
