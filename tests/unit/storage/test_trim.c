/* The log's floor: what is kept, what leaves, and that a trimmed log still proves itself. */
#include "tests/unit/storage/store_case.h"

#include "core/base/limits.h"
#include "storage/record.h"
#include "storage/trim.h"

enum { EVENTS = 300 };

static void open_db(struct db *db, const char *dir)
{
    struct buf why;
    buf_init(&why, KIB(4));
    assert_int_equal(db_open(db, dir, NULL, &why), ERR_OK);
    buf_fini(&why);
}

/* One round over all boards. Returns the steps it took. */
static unsigned round_of(const char *dir, const struct trim_limits *limits, int64_t now_ms)
{
    struct trim trim = {.begun = false};
    struct db db;
    bool more = true;
    unsigned steps = 0;
    open_db(&db, dir);
    for (; more; steps++)
        assert_int_equal(trim_step(&trim, &db, limits, now_ms, &more), 0);
    db_close(&db);
    return steps;
}

static uint64_t floor_of(struct twin *t, const char *dir)
{
    struct db db;
    struct arena a;
    struct slice value;
    struct board_head head;
    MDB_txn *txn;
    struct key key = key_id(t->board);
    arena_init(&a, KIB(4), KIB(64));
    open_db(&db, dir);
    assert_int_equal(mdb_txn_begin(db.env, NULL, MDB_RDONLY, &txn), 0);
    assert_int_equal(db_get(&db, txn, TABLE_HEADS, &key, &value), ERR_OK);
    assert_int_equal(record_head_read(&a, value, &head), ERR_OK);
    mdb_txn_abort(txn);
    db_close(&db);
    arena_fini(&a);
    return head.floor;
}

static void fill(struct twin *t, uint32_t number, const char *dir)
{
    struct case_store c;
    struct rng rng;
    rng_init(&rng, number);
    twin_init(t, number);
    case_open(&c, dir, NULL);
    for (unsigned i = 0; i < EVENTS / 50; i++)
        twin_commit(&c, t, &rng, 50);
    case_close(&c);
}

static enum err never(void *context, uint64_t seq, struct slice a, struct slice b)
{
    (void)context;
    (void)seq;
    (void)a;
    (void)b;
    fail_msg("a record below the floor was read");
    return ERR_OK;
}

struct below {
    struct twin *t;
    uint64_t floor;
};

static void check_below(struct view *v, void *context)
{
    struct below *b = context;
    uint64_t h;
    assert_int_equal(v->ops->events(v, b->t->board, b->floor, never, NULL), ERR_GONE_POSITION);
    assert_int_equal(v->ops->event_h(v, b->t->board, b->floor - 1, &h), ERR_GONE_POSITION);
    assert_int_equal(v->ops->event_h(v, b->t->board, b->floor, &h), ERR_OK);
}

static void test_trim__keeps_what_is_young_or_near(void **state)
{
    const char *dir = case_dir();
    struct twin t;
    (void)state;
    fill(&t, 1, dir);
    struct trim_limits limits = {.keep_events = 100,
            .keep_ms = 1000 * 1000,
            .client_ms = INT64_MAX / 2,
            .records_max = 32};
    round_of(dir, &limits, t.head.ts); /* all are younger than keep_ms */
    assert_int_equal(floor_of(&t, dir), 0);
    limits.keep_ms = 250 * 1000; /* one event a second: the first 50 are older */
    unsigned steps = round_of(dir, &limits, t.head.ts);
    assert_int_equal(floor_of(&t, dir), 50);
    assert_true(steps >= 2); /* bounded work */
    limits.keep_ms = 1;
    round_of(dir, &limits, t.head.ts + 10000);
    assert_int_equal(floor_of(&t, dir), EVENTS - 100);
    /* no record below the floor is left, and the rest follows from the floor's chain */
    case_clean(dir);
    case_dir_gone(dir);
}

static void test_trim__goes_round_all_boards_and_on_with_their_logs(void **state)
{
    enum { BOARDS = 4 };
    const char *dir = case_dir();
    struct twin twins[BOARDS];
    struct case_store c;
    struct rng rng;
    (void)state;
    for (uint32_t i = 0; i < BOARDS; i++)
        fill(&twins[i], i + 1, dir);
    struct trim_limits limits = {
            .keep_events = 10, .keep_ms = 1, .client_ms = INT64_MAX / 2, .records_max = 70};
    round_of(dir, &limits, twins[0].head.ts + 10000);
    case_clean(dir);
    rng_init(&rng, 5);
    case_open(&c, dir, NULL);
    for (uint32_t i = 0; i < BOARDS; i++) {
        /* The engine's head still has the old floor: storage's stands. */
        struct below below = {.t = &twins[i], .floor = EVENTS - 10};
        assert_int_equal(twins[i].head.floor, 0);
        twin_commit(&c, &twins[i], &rng, 5);
        twin_check_in(&twins[i], &c);
        case_read(&c, check_below, &below);
    }
    case_close(&c);
    for (uint32_t i = 0; i < BOARDS; i++)
        assert_int_equal(floor_of(&twins[i], dir), EVENTS - 10);
    case_clean(dir);
    case_dir_gone(dir);
}

static enum err count_client(void *context, const struct client_row *row)
{
    (void)row;
    ++*(unsigned *)context;
    return ERR_OK;
}

struct clients {
    struct twin *t;
    unsigned count;
};

static void count_clients(struct view *v, void *context)
{
    struct clients *c = context;
    assert_int_equal(v->ops->clients(v, c->t->board, count_client, &c->count), ERR_OK);
}

static void test_trim__forgets_clients_that_stayed_away(void **state)
{
    const char *dir = case_dir();
    struct case_store c;
    struct twin t;
    struct trim_limits limits = {
            .keep_events = 1000, .keep_ms = 1, .client_ms = 5000, .records_max = 70};
    (void)state;
    fill(&t, 1, dir);
    for (unsigned wanted = 2; wanted-- > 0;) {
        struct clients clients = {.t = &t};
        round_of(dir, &limits, t.head.ts + (wanted == 1 ? 4000 : 6000));
        case_open(&c, dir, NULL);
        case_read(&c, count_clients, &clients);
        case_close(&c);
        assert_int_equal(clients.count, wanted);
    }
    case_dir_gone(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_trim__keeps_what_is_young_or_near),
            cmocka_unit_test(test_trim__goes_round_all_boards_and_on_with_their_logs),
            cmocka_unit_test(test_trim__forgets_clients_that_stayed_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
