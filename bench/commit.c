/* What a durable op costs, and how much of that is LMDB's own.
 *
 * Phase A drives the real engine over the real store with card.move and card.set, so many in
 * flight, on one board or spread over 64, and writes down every row of every transaction. Phase
 * B puts the same rows, in the same transactions, into a fresh environment with a bare loop of
 * mdb_put and mdb_txn_commit. Both alternate, so that a disk that changes its mind changes it
 * for both. Prints the median of the runs and their spread.
 *
 *   bench/commit [DIR [BOARDS IN_FLIGHT OPS]]
 *
 * DIR is where the folders go (default /tmp); it should be on the disk that the server will use.
 * With the numbers only that case is run. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/metric.h"
#include "core/base/rng.h"
#include "storage/envelope.h"
#include "storage/record.h"
#include "storage/store.h"
#include "tests/unit/storage/engine_rig.h"

/* The same cards in all, on one board or on 64: 200 on each of four lists, or 12,800 on 256. */
enum { RUNS = 5, BOARDS_MAX = 64, LISTS = 256, CARDS = 12800 };

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu_s(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)u.ru_utime.tv_sec + (double)u.ru_stime.tv_sec +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* -- rows as they were stored */

struct row { /* key and value follow each other in `bytes` */
    size_t at;
    uint32_t key_bytes, value_bytes;
    uint8_t table;
    bool gone;
};

struct capture {
    struct buf bytes;
    struct row *rows;
    size_t row_count, row_cap;
    size_t *ends; /* of transactions, in rows */
    size_t end_count, end_cap;
    bool on;
    uint64_t commits; /* as of the last batch written down */
};

static struct capture capture;

static void row_add(enum table t, const struct key *key, struct slice value, bool gone)
{
    struct capture *c = &capture;
    if (c->row_count == c->row_cap) {
        c->row_cap = c->row_cap ? 2 * c->row_cap : 4096;
        c->rows = mem_resize(c->rows, c->row_cap * sizeof(c->rows[0]));
    }
    struct row *r = &c->rows[c->row_count++];
    *r = (struct row){
            .at = c->bytes.len, .key_bytes = (uint32_t)key->len, .table = (uint8_t)t, .gone = gone};
    r->value_bytes = gone ? 0 : (uint32_t)(ENVELOPE_BYTES + value.len);
    CHECK(buf_reserve(&c->bytes, key->len + r->value_bytes));
    buf_add(&c->bytes, key_slice(key));
    if (gone) return;
    char *stored = c->bytes.ptr + c->bytes.len;
    if (value.len > 0) memcpy(stored + ENVELOPE_BYTES, value.ptr, value.len);
    envelope_seal(stored, t, key_slice(key), value.len);
    c->bytes.len += r->value_bytes;
}

static void end_add(void)
{
    struct capture *c = &capture;
    if (c->end_count > 0 && c->ends[c->end_count - 1] == c->row_count) return;
    if (c->end_count == c->end_cap) {
        c->end_cap = c->end_cap ? 2 * c->end_cap : 1024;
        c->ends = mem_resize(c->ends, c->end_cap * sizeof(c->ends[0]));
    }
    c->ends[c->end_count++] = c->row_count;
}

static void batch_capture(const struct batch *b)
{
    struct buf text;
    struct key key = key_id(b->board);
    buf_init(&text, MIB(2));
    record_head_write(&b->after, &text);
    row_add(TABLE_HEADS, &key, buf_slice(&text), false);
    for (const struct event *e = b->events; e != NULL; e = e->next) {
        key = key_event(b->board, e->seq);
        buf_clear(&text);
        CHECK(buf_reserve(&text, record_event_bytes(e)));
        record_event_write(e, text.ptr);
        row_add(TABLE_EVENTS, &key, slice_of(text.ptr, record_event_bytes(e)), false);
    }
    for (uint32_t i = 0; i < b->entity_count; i++) {
        key = key_entity(b->board, b->entities[i].kind, b->entities[i].id);
        row_add(TABLE_ENTITIES, &key, b->entities[i].json, b->entities[i].json.len == 0);
    }
    for (uint32_t i = 0; i < b->client_count; i++) {
        char stored[1024];
        key = key_client(b->board, b->clients[i].actor, b->clients[i].cl);
        record_client_write(&b->clients[i], stored);
        row_add(TABLE_CLIENTS, &key, slice_of(stored, record_client_bytes(&b->clients[i])), false);
    }
    buf_fini(&text);
}

/* -- phase A */

struct drive {
    struct rig rig;
    unsigned boards, in_flight;
    uint64_t wanted, submitted, done;
    unsigned lists, cards; /* of one board */
    struct id member, board[BOARDS_MAX], list[LISTS], card[CARDS];
    struct rng rng;
    void (*answered)(void *context, struct batch *batch);
};

static struct drive *drive_now;

/* Between the store and the engine, on the writer's thread: batches of one transaction come back
 * under one count of commits. */
static void answered_tap(void *context, struct batch *b)
{
    if (capture.on) {
        uint64_t commits = atomic_load(&metric_values[METRIC_commits_total]);
        if (commits != capture.commits) end_add();
        capture.commits = commits;
        CHECK(b->answer == OPLOG_COMMITTED);
        batch_capture(b);
    }
    drive_now->answered(context, b);
}

static void one_op(struct drive *d)
{
    char card[ID_TEXT + 1], list[ID_TEXT + 1];
    unsigned b = (unsigned)rng_below(&d->rng, d->boards);
    id_format(d->card[b * d->cards + rng_below(&d->rng, d->cards)], card);
    id_format(d->list[b * d->lists + rng_below(&d->rng, d->lists)], list);
    bool sent = rng_chance(&d->rng, 50) ? rig_submit(&d->rig, d->board[b], d->member, false,
                                                  "[{\"op\":\"card.move\",\"id\":\"%s\",\"idList\":"
                                                  "\"%s\",\"pos\":\"bottom\"}]",
                                                  card, list)
                                        : rig_submit(&d->rig, d->board[b], d->member, false,
                                                  "[{\"op\":\"card.set\",\"id\":\"%s\",\"name\":"
                                                  "\"a card's new name %u\"}]",
                                                  card, (unsigned)rng_below(&d->rng, 100000));
    CHECK(sent);
    d->submitted++;
}

static void one_answer(struct rig *r, struct command *c)
{
    (void)c;
    struct drive *d = r->context;
    d->done++;
}

static void board_make(struct drive *d, unsigned b)
{
    char id[ID_TEXT + 1], list[ID_TEXT + 1];
    d->board[b] = id_make(1700000001, b + 1);
    CHECK(rig_submit(&d->rig, d->board[b], d->member, false,
            "[{\"op\":\"board.create\",\"name\":\"board %u\"}]", b));
    struct id *lists = &d->list[b * d->lists], *cards = &d->card[b * d->cards];
    for (unsigned i = 0; i < d->lists; i++) {
        lists[i] = id_make(1700000003, (uint64_t)b << 20 | i);
        id_format(lists[i], id);
        CHECK(rig_submit(&d->rig, d->board[b], d->member, false,
                "[{\"op\":\"list.create\",\"id\":\"%s\",\"name\":\"list\"}]", id));
    }
    for (unsigned i = 0; i < d->cards; i++) {
        cards[i] = id_make(1700000004, (uint64_t)b << 20 | i);
        id_format(cards[i], id);
        id_format(lists[i % d->lists], list);
        CHECK(rig_submit(&d->rig, d->board[b], d->member, false,
                "[{\"op\":\"card.create\",\"id\":\"%s\",\"idList\":\"%s\",\"name\":\"a card with a "
                "usual name\"}]",
                id, list));
    }
    rig_settle(&d->rig);
}

struct result {
    double rate, lmdb_share, cpu_us, events_per_commit;
};

static struct result run_engine(const char *dir, unsigned boards, unsigned in_flight, uint64_t ops)
{
    static struct drive d;
    struct oplog *oplog;
    struct buf why;
    char id[ID_TEXT + 1];
    d = (struct drive){.boards = boards,
            .in_flight = in_flight,
            .wanted = ops,
            .lists = LISTS / boards,
            .cards = CARDS / boards,
            .member = id_make(1700000002, 1)};
    drive_now = &d;
    buf_init(&why, KIB(4));
    if (store_open(dir, NULL, &oplog, &why) != ERR_OK) {
        fprintf(stderr, "%.*s\n", SLICE_ARG(buf_slice(&why)));
        exit(1);
    }
    rng_init(&d.rng, 7);
    rig_init(&d.rig, oplog);
    d.answered = oplog->answered;
    oplog->answered = answered_tap;
    id_format(d.member, id);
    CHECK(rig_submit(&d.rig, DIRECTORY_ID, d.member, true,
            "[{\"op\":\"dir.member\",\"id\":\"%s\",\"fullName\":\"Ada\"}]", id));
    rig_settle(&d.rig);
    for (unsigned b = 0; b < boards; b++)
        board_make(&d, b);
    d.rig.context = &d;
    d.rig.answer = one_answer;
    uint64_t us = atomic_load(&metric_values[METRIC_commit_us_total]),
             commits = atomic_load(&metric_values[METRIC_commits_total]);
    double start = now_s(), cpu = cpu_s();
    while (d.done < d.wanted) {
        while (d.submitted < d.wanted && d.submitted - d.done < d.in_flight)
            one_op(&d);
        rig_turn(&d.rig, 100);
    }
    double took = now_s() - start;
    struct result r = {.rate = (double)ops / took, .cpu_us = (cpu_s() - cpu) * 1e6 / (double)ops};
    r.lmdb_share = (double)(atomic_load(&metric_values[METRIC_commit_us_total]) - us) / 1e6 / took;
    r.events_per_commit =
            (double)ops / (double)(atomic_load(&metric_values[METRIC_commits_total]) - commits);
    CHECK(d.rig.rejected == 0);
    rig_fini(&d.rig);
    if (capture.on) end_add();
    store_close(oplog);
    buf_fini(&why);
    return r;
}

/* -- phase B */

static double run_bare(const char *dir, size_t first_row, size_t first_end, uint64_t ops)
{
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi dbi[TABLE_COUNT];
    double start = 0;
    CHECK(mdb_env_create(&env) == 0 && mdb_env_set_maxdbs(env, TABLE_COUNT) == 0);
    CHECK(mdb_env_set_mapsize(env, STORAGE_MAP_BYTES_MIN) == 0 &&
            mdb_env_open(env, dir, 0, 0600) == 0);
    CHECK(mdb_txn_begin(env, NULL, 0, &txn) == 0);
    for (unsigned t = 0; t < TABLE_COUNT; t++)
        CHECK(mdb_dbi_open(txn, table_name((enum table)t), MDB_CREATE, &dbi[t]) == 0);
    CHECK(mdb_txn_commit(txn) == 0);
    size_t row = 0;
    for (size_t end = 0; end < capture.end_count; end++) {
        if (end == first_end) {
            CHECK(row == first_row);
            start = now_s();
        }
        CHECK(mdb_txn_begin(env, NULL, 0, &txn) == 0);
        for (; row < capture.ends[end]; row++) {
            const struct row *r = &capture.rows[row];
            MDB_val k = {r->key_bytes, capture.bytes.ptr + r->at},
                    v = {r->value_bytes, capture.bytes.ptr + r->at + r->key_bytes};
            int rc = r->gone ? mdb_del(txn, dbi[r->table], &k, NULL)
                             : mdb_put(txn, dbi[r->table], &k, &v, 0);
            CHECK(rc == 0 || (r->gone && rc == MDB_NOTFOUND));
        }
        CHECK(mdb_txn_commit(txn) == 0);
    }
    double took = now_s() - start;
    mdb_env_close(env);
    return (double)ops / took;
}

/* -- the table */

static int order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static const char *fresh(const char *base)
{
    static char dir[256];
    snprintf(dir, sizeof(dir), "%s/tavla-bench-XXXXXX", base);
    if (mkdtemp(dir) == NULL) {
        perror(dir);
        exit(1);
    }
    return dir;
}

static void gone(const char *dir)
{
    static const char *const files[] = {"data.mdb", "lock.mdb", "lock", "ballast"};
    char path[320];
    for (size_t i = 0; i < ARRAY_COUNT(files); i++) {
        snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
        unlink(path);
    }
    rmdir(dir);
}

static void measure(const char *base, unsigned boards, unsigned in_flight, uint64_t ops)
{
    double ours[RUNS], bare[RUNS], ratio[RUNS], share[RUNS], store[RUNS], cpu[RUNS], events = 0;
    for (unsigned run = 0; run < RUNS; run++) {
        capture.on = true;
        capture.row_count = capture.end_count = 0;
        buf_clear(&capture.bytes);
        /* The capture costs the writer's thread a copy of every row, so the timed run is one
         * without it and the rows come from another. */
        const char *dir = fresh(base);
        run_engine(dir, boards, in_flight, ops);
        gone(dir);
        capture.on = false;
        dir = fresh(base);
        struct result r = run_engine(dir, boards, in_flight, ops);
        gone(dir);
        /* The boards' making is put, but not timed: the last transactions that hold as many
         * events are. */
        size_t first_end = capture.end_count, first_row = capture.row_count;
        uint64_t events_seen = 0;
        while (first_end > 0 && events_seen < ops) {
            first_end--;
            for (first_row = first_end > 0 ? capture.ends[first_end - 1] : 0;
                    first_row < capture.ends[first_end]; first_row++)
                events_seen += capture.rows[first_row].table == TABLE_EVENTS;
            first_row = first_end > 0 ? capture.ends[first_end - 1] : 0;
        }
        dir = fresh(base);
        bare[run] = run_bare(dir, first_row, first_end, events_seen);
        gone(dir);
        ours[run] = r.rate;
        share[run] = r.lmdb_share;
        store[run] = r.rate / r.lmdb_share / bare[run];
        cpu[run] = r.cpu_us;
        events = r.events_per_commit;
        ratio[run] = ours[run] / bare[run];
    }
    qsort(ours, RUNS, sizeof(double), order);
    qsort(bare, RUNS, sizeof(double), order);
    qsort(ratio, RUNS, sizeof(double), order);
    qsort(share, RUNS, sizeof(double), order);
    qsort(store, RUNS, sizeof(double), order);
    qsort(cpu, RUNS, sizeof(double), order);
    printf("%6u %9u %9.0f (%.0f-%.0f) %9.0f (%.0f-%.0f) %6.2f (%.2f-%.2f) %5.0f%% %6.2f "
           "(%.2f-%.2f) %6.1f %8.1f\n",
            boards, in_flight, ours[RUNS / 2], ours[0], ours[RUNS - 1], bare[RUNS / 2], bare[0],
            bare[RUNS - 1], ratio[RUNS / 2], ratio[0], ratio[RUNS - 1], share[RUNS / 2] * 100,
            store[RUNS / 2], store[0], store[RUNS - 1], cpu[RUNS / 2], events);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    static const struct {
        unsigned boards, in_flight;
        uint64_t ops;
    } cases[] = {
            {1, 1, 1000}, {1, 64, 20000}, {1, 1024, 60000}, {64, 64, 20000}, {64, 1024, 60000}};
    const char *base = argc > 1 ? argv[1] : "/tmp";
    json_start();
    buf_init(&capture.bytes, SIZE_MAX / 2);
    printf("Durable ops a second: every one is answered after LMDB's two flushes (fdatasync, then "
           "an O_DSYNC write).\n"
           "Median of %d alternating runs (least-most). ratio: engine and store beside the bare "
           "loop. share: of the time\n"
           "that a transaction was open. store: ops in that time beside the bare loop. cpu: us an "
           "op. events: a commit.\n\n"
           "boards in flight  engine+store             bare loop              ratio            "
           "share  store            cpu    events\n",
            RUNS);
    if (argc == 5) {
        unsigned boards = (unsigned)strtoul(argv[2], NULL, 10);
        CHECK(boards > 0 && boards <= BOARDS_MAX);
        measure(base, boards, (unsigned)strtoul(argv[3], NULL, 10), strtoul(argv[4], NULL, 10));
        return 0;
    }
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
        measure(base, cases[i].boards, cases[i].in_flight, cases[i].ops);
    return 0;
}
