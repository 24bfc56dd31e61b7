/* core.c - what the core costs on one large board (big_board.h): each line with its goal, and what
 * limits it. Everything runs in this process; the board is in a real store of its own.
 *
 * `core ops` measures the ops alone, for a profiler: see bench/README.md. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench/big_board.h"
#include "bench/cost.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/rng.h"
#include "net/api/catchup.h"
#include "storage/store.h"

#define RUNS    15
#define BATCHES 40 /* of BATCH_EVENTS_MAX events, for each kind of op */
#define TEXTS   16 /* that are written in: the engine keeps them in memory */
#define NOW     INT64_C(1800000000000)

/* Of this thread: on a machine that does other things too, wall time is theirs. */
static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof values[0], by_size);
    return values[count / 2];
}

static void row(const char *what, double value, const char *unit, double goal, bool at_least,
        const char *limit)
{
    bool missed = at_least ? value < goal : value > goal;
    printf("%-34s %9.*f %-5s goal %7.0f  %s%s\n", what, value < 100 ? 2 : 0, value, unit, goal,
            missed ? "MISSED; " : "", limit);
    fflush(stdout);
}

/* -- reads: a job on a reader thread, waited for */

struct read {
    struct read_job job; /* first */
    struct doorbell done;
    struct board_load load;
    struct catchup catchup;
    struct buf text;
    uint64_t text_s;
    enum err text_err;
    struct id id;
    double ms;
};

static struct oplog *oplog;

static void read_finished(struct read_job *job)
{
    doorbell_ring(&((struct read *)job)->done);
}

static void read_now(struct read *r, void (*run)(struct read_job *job, struct view *v))
{
    r->job = (struct read_job){.run = run, .finished = read_finished};
    doorbell_init(&r->done);
    oplog->read(oplog, &r->job);
    doorbell_wait(&r->done, -1);
    CHECK(r->job.err == ERR_OK);
}

static void run_load(struct read_job *job, struct view *v)
{
    struct read *r = (struct read *)job;
    double from = now_ms();
    board_load_run(&r->load, v);
    r->ms = now_ms() - from;
}

static void run_snapshot(struct read_job *job, struct view *v)
{
    struct read *r = (struct read *)job;
    double from = now_ms();
    catchup_run(&r->catchup.read, v);
    r->ms = now_ms() - from;
}

static void run_text(struct read_job *job, struct view *v)
{
    struct read *r = (struct read *)job;
    struct slice text = {0};
    r->text_err = v->ops->text(v, big_board_id(), r->id, F_CARD_DESC, &r->text_s, &text);
    buf_add(&r->text, text); /* ERR_NOT_FOUND: it is empty */
}

static void measure_load(void)
{
    double ms[RUNS], megabytes = 0;
    for (int i = 0; i < RUNS; i++) {
        struct read r = {.load = {.board = big_board_id(), .after = UINT64_MAX}};
        struct mallinfo2 before = mallinfo2();
        read_now(&r, run_load);
        CHECK(r.load.err == ERR_OK && r.load.state->count[KIND_CARD] == BIG_CARDS);
        ms[i] = r.ms;
        megabytes = (double)(mallinfo2().uordblks - before.uordblks) / 1e6;
        board_load_fini(&r.load);
    }
    row("cold load of tier 1", median(ms, RUNS), "ms", 150, false,
            "stepping from key to key of every row, a string allocated for every text");
    row("board in memory", megabytes, "MB", 25, false,
            "24 bytes for every field of a card, set or not, and its strings");
}

static void measure_snapshot(void)
{
    double ms[RUNS], megabytes = 0;
    for (int i = 0; i < RUNS; i++) {
        struct read r = {.catchup = {.board = big_board_id(), .snapshot = true}};
        r.catchup.read.actor.member = big_member_id();
        arena_init(&r.catchup.read.arena, KIB(4), MIB(1));
        read_now(&r, run_snapshot);
        CHECK(r.catchup.read.err == ERR_OK && r.catchup.parts != NULL);
        ms[i] = r.ms;
        megabytes = (double)r.catchup.parts->bytes / 1e6;
        parts_unref(r.catchup.parts);
        arena_fini(&r.catchup.read.arena);
    }
    char limit[96];
    snprintf(limit, sizeof limit, "the checksum and the copy of %.1f MB of stored values",
            megabytes);
    row("snapshot from stored values", median(ms, RUNS), "ms", 15, false, limit);
}

/* -- ops: the engine, over a port that answers when it is told to */

struct stage {
    struct engine *engine;
    struct batch *batch;
    double judged, formed; /* when the last event was sealed; when its batch left */
    unsigned left;         /* events until then */
};

static struct stage stage;

static void take_answer(void *context, struct command *c)
{
    (void)context;
    if (c->verdict != VERDICT_ACCEPTED) {
        fprintf(stderr, "%s %s\n", c->fault.field, c->fault.wrong);
        exit(1);
    }
    command_free(c);
}

static void take_batch(void *context, struct batch *batch)
{
    (void)context;
    stage.formed = now_ms();
    stage.batch = batch;
}

static void take_load(void *context, struct id board, uint64_t after)
{
    (void)context;
    struct read r = {.load = {.board = board, .after = after}};
    read_now(&r, run_load);
    engine_loaded(stage.engine, &r.load, NOW);
    board_load_fini(&r.load);
}

static void take_load_text(void *context, struct id board, struct id id, enum field field)
{
    (void)context;
    struct read r = {.id = id};
    buf_init(&r.text, MIB(1));
    read_now(&r, run_text);
    struct text_read read = {.board = board, .id = id, .field = field, .s = r.text_s};
    read.err = r.text_err;
    read.text = buf_slice(&r.text);
    engine_text(stage.engine, &read, NOW);
    buf_fini(&r.text);
}

static void take_event(void *context, struct id board, uint64_t loops, const struct event *event)
{
    (void)context, (void)board, (void)loops, (void)event;
}

static void take_barrier(
        void *context, struct id board, uint64_t loops, struct id member, uint64_t seq)
{
    (void)context, (void)board, (void)loops, (void)member, (void)seq;
}

static void take_attached(void *context, struct attach *attach)
{
    (void)context, (void)attach;
}

static void take_pause(void *context, struct id board, bool on)
{
    (void)context, (void)board, (void)on;
}

/* Called right behind the event of its command; writes nothing. */
static bool event_made(struct command *c, struct board *b, struct buf *out)
{
    (void)c, (void)b, (void)out;
    if (--stage.left == 0) stage.judged = now_ms();
    return false;
}

enum op_shape { MOVE, RENAME, DUE, LABEL, TYPE, OP_SHAPES };

static const char *const shape_names[] = {
        "card.move", "card.set name", "card.set due", "card.label", "text"};

static struct command *op_make(struct rng *rng, enum op_shape shape)
{
    char card[ID_TEXT + 1], other[ID_TEXT + 1], text[512];
    id_format(big_card_id((unsigned)rng_below(rng, shape == TYPE ? TEXTS : BIG_CARDS)), card);
    int len = 0;
    switch (shape) {
    case MOVE:
        id_format(big_list_id((unsigned)rng_below(rng, BIG_LISTS)), other);
        len = snprintf(text, sizeof text,
                "[{\"op\":\"card.move\",\"id\":\"%s\",\"idList\":\"%s\",\"pos\":\"%s\"}]", card,
                other, rng_chance(rng, 50) ? "top" : "bottom");
        break;
    case RENAME:
        len = snprintf(text, sizeof text,
                "[{\"op\":\"card.set\",\"id\":\"%s\",\"name\":\"a card's new name %u\"}]", card,
                (unsigned)rng_below(rng, 100000));
        break;
    case DUE:
        len = snprintf(text, sizeof text,
                "[{\"op\":\"card.set\",\"id\":\"%s\",\"due\":\"2026-11-22T10:00:%02u.000Z\"}]",
                card, (unsigned)rng_below(rng, 60));
        break;
    case LABEL:
        id_format(big_label_id((unsigned)rng_below(rng, BIG_LABELS)), other);
        len = snprintf(text, sizeof text,
                "[{\"op\":\"card.label\",\"id\":\"%s\",\"element\":\"%s\",\"on\":%s}]", card, other,
                rng_chance(rng, 50) ? "true" : "false");
        break;
    case TYPE:
        len = snprintf(text, sizeof text,
                "[{\"op\":\"text\",\"kind\":\"card\",\"id\":\"%s\",\"field\":\"desc\",\"delta\":"
                "[\"y\",-1]}]",
                card);
        break;
    case OP_SHAPES: UNREACHABLE();
    }
    CHECK(len > 0 && (size_t)len < sizeof text);
    return big_command(slice_of(text, (size_t)len));
}

struct spent { /* us an event, one a batch */
    double judge[BATCHES], all[BATCHES];
};

static void settle(void)
{
    while (!engine_idle(stage.engine)) {
        engine_turn(stage.engine, NOW);
        if (stage.batch == NULL) continue;
        struct batch *batch = stage.batch;
        stage.batch = NULL;
        batch->answer = OPLOG_COMMITTED;
        engine_answer(stage.engine, batch, NOW);
    }
}

/* One batch of ops, which are decoded before the clock starts. `shape` OP_SHAPES: all by turns. */
static void batch_run(struct rng *rng, enum op_shape shape, double *ret_judge, double *ret_all)
{
    unsigned count = BATCH_EVENTS_MAX;
    for (unsigned i = 0; i < count; i++) {
        struct command *c =
                op_make(rng, shape == OP_SHAPES ? (enum op_shape)(i % OP_SHAPES) : shape);
        c->project = event_made;
        engine_submit(stage.engine, c, NOW);
    }
    stage.left = count;
    double from = now_ms();
    engine_turn(stage.engine, NOW);
    CHECK(stage.left == 0 && stage.batch != NULL);
    *ret_judge = (stage.judged - from) * 1e3 / count;
    *ret_all = (stage.formed - from) * 1e3 / count;
    settle();
}

/* Into memory; each begins with a character that may be replaced. */
static void texts_fetch(void)
{
    char card[ID_TEXT + 1], text[256];
    for (unsigned i = 0; i < TEXTS; i++) {
        id_format(big_card_id(i), card);
        int len = snprintf(text, sizeof text,
                "[{\"op\":\"text\",\"kind\":\"card\",\"id\":\"%s\",\"field\":\"desc\",\"delta\":"
                "[\"x\"%s]}]",
                card, i == 0 ? ",-15000" : ""); /* the first one is full */
        engine_submit(stage.engine, big_command(slice_of(text, (size_t)len)), NOW);
        settle();
    }
}

/* Events a second: up to the event alone, and with the rows of its batch. */
static double shape_run(enum op_shape shape, double *ret_with_rows)
{
    static struct spent spent;
    struct rng rng;
    rng_init(&rng, 5);
    batch_run(&rng, shape, &spent.judge[0], &spent.all[0]); /* not counted */
    for (unsigned i = 0; i < BATCHES; i++)
        batch_run(&rng, shape, &spent.judge[i], &spent.all[i]);
    if (ret_with_rows != NULL) *ret_with_rows = 1e6 / median(spent.all, BATCHES);
    return 1e6 / median(spent.judge, BATCHES);
}

static void measure_ops(void)
{
    static const struct engine_out out = {.answer = take_answer,
            .publish = take_event,
            .barrier = take_barrier,
            .attached = take_attached,
            .append = take_batch,
            .load = take_load,
            .load_text = take_load_text,
            .pause = take_pause};
    double with_rows;
    stage.engine = engine_new(&out, NULL);
    texts_fetch();
    double rate = shape_run(OP_SHAPES, &with_rows);
    row("decoded op to event with `old`", rate, "/s", 400000, true,
            "memory: what an op names is cold; then the event's JSON and checksum");
    for (unsigned shape = 0; shape < OP_SHAPES; shape++)
        printf("    %-30s %9.0f /s\n", shape_names[shape], shape_run((enum op_shape)shape, NULL));
    printf("    %-30s %9.0f /s\n", "all, with rows to store", with_rows);
    stage.engine = engine_free(stage.engine);
}

static void measure_reads(void)
{
    measure_load();
    measure_snapshot();
    row("transform, 16,384 units, 50 deltas", text_cost(TEXT_KEYSTROKE, TEXT_PARAGRAPH), "us", 20,
            false, "the parts of both deltas; units are counted once");
    row("  the dearest: every line on both", text_cost(TEXT_EVERY_LINE, TEXT_EVERY_LINE), "us", 20,
            false, "768 parts on either side");
    row("search, a word that many have",
            search_cost(oplog, big_board_id(), big_member_id(), "shelf"), "ms", 10, false,
            "the first touch and checksum of all, cards' members, the words");
    row("search, a word that none has",
            search_cost(oplog, big_board_id(), big_member_id(), "nothingsuch"), "ms", 10, false,
            "the same");
}

int main(int argc, char **argv)
{
    /* Valgrind has not the address space of a server's map. */
    static const struct store_options options = {.db.map_bytes = MIB(1024)};
    char dir[] = "/tmp/tavla-bench-XXXXXX";
    struct buf why;
    struct rig rig;
    json_start();
    buf_init(&why, KIB(4));
    CHECK(mkdtemp(dir));
    if (store_open(dir, &options, &oplog, &why) != ERR_OK) {
        fprintf(stderr, "%.*s\n", (int)why.len, why.ptr);
        return 1;
    }
    rig_init(&rig, oplog);
    big_board_make(&rig);
    rig_fini(&rig);
    printf("%d cards in %d lists; processor time, medians\n", BIG_CARDS, BIG_LISTS);
    measure_ops();
    if (argc < 2 || strcmp(argv[1], "ops") != 0) measure_reads();
    store_close(oplog);
    printf("left in %s\n", dir);
    buf_fini(&why);
    return 0;
}
