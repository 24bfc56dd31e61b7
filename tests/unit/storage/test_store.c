/* The store through its port: what was answered COMMITTED is there, now and after any end of the
 * process; what was not leaves nothing. */
#include "tests/unit/storage/store_case.h"

#include "core/base/limits.h"

static void test_store__gives_back_what_was_committed_after_reopening(void **state)
{
    const char *dir = case_dir();
    struct case_store c;
    struct twin twins[5];
    struct rng rng;
    (void)state;
    rng_init(&rng, 11);
    case_open(&c, dir, NULL);
    for (uint32_t i = 0; i < 5; i++)
        twin_init(&twins[i], i + 1);
    for (uint32_t round = 0; round < 60; round++)
        twin_commit(&c, &twins[rng_below(&rng, 5)], &rng, 1 + (uint32_t)rng_below(&rng, 30));
    for (uint32_t i = 0; i < 5; i++)
        twin_check_in(&twins[i], &c);
    case_close(&c);
    case_clean(dir);
    case_open(&c, dir, NULL);
    for (uint32_t i = 0; i < 5; i++) {
        twin_check_in(&twins[i], &c);
        for (uint32_t k = 0; k < i; k++)
            assert_true(twins[i].head.number != twins[k].head.number); /* each board has its own */
    }
    case_close(&c);
    case_dir_gone(dir);
}

static void test_store__commits_many_boards_in_one_transaction(void **state)
{
    enum { BOARDS = 40 };
    const char *dir = case_dir();
    struct case_store c;
    static struct twin twins[BOARDS];
    struct batch *batches[BOARDS];
    struct rng rng;
    (void)state;
    rng_init(&rng, 12);
    case_open(&c, dir, NULL);
    for (uint32_t i = 0; i < BOARDS; i++) {
        twin_init(&twins[i], i + 1);
        batches[i] = twin_batch(&twins[i], &rng, 9);
    }
    for (uint32_t i = 0; i < BOARDS; i++)
        case_append(&c, batches[BOARDS - 1 - i]);
    for (uint32_t i = 0; i < BOARDS; i++) {
        assert_int_equal(case_wait(&c, batches[i]), OPLOG_COMMITTED);
        twin_batch_free(batches[i]);
        twin_check_in(&twins[i], &c);
    }
    case_close(&c);
    case_clean(dir);
    case_dir_gone(dir);
}

static void test_store__refuses_an_id_that_exists_and_hurts_nobody_else(void **state)
{
    const char *dir = case_dir();
    struct case_store c;
    struct twin a, b, before;
    struct rng rng;
    (void)state;
    rng_init(&rng, 13);
    case_open(&c, dir, NULL);
    twin_init(&a, 1);
    twin_init(&b, 2);
    twin_commit(&c, &a, &rng, 5);
    twin_commit(&c, &b, &rng, 5);
    before = b;
    struct batch *clash = twin_batch(&b, &rng, 8), *fine = twin_batch(&a, &rng, 3);
    struct id claimed = {{0}};
    for (uint32_t i = 0; i + 1 < clash->entity_count; i++)
        if (clash->entities[i].fresh) claimed = clash->entities[i].id;
    assert_false(id_is_none(claimed));
    struct entity_row *row = &clash->entities[clash->entity_count - 1];
    row->kind = KIND_CARD;
    row->id = a.cards[0].id;
    row->fresh = true;
    row->json = SLICE("{}");
    case_append(&c, clash);
    case_append(&c, fine);
    assert_int_equal(case_wait(&c, clash), OPLOG_REFUSED);
    assert_int_equal(clash->err, ERR_EXISTS);
    assert_true(id_eq(clash->taken, a.cards[0].id));
    assert_int_equal(case_wait(&c, fine), OPLOG_COMMITTED);
    twin_batch_free(clash);
    twin_batch_free(fine);
    b = before;
    twin_check_in(&b, &c);
    twin_check_in(&a, &c);
    /* What the refused batch had claimed before it failed is free again, for another board too. */
    struct twin third;
    twin_init(&third, 3);
    struct batch *heir = twin_batch(&third, &rng, 1);
    heir->entities[heir->entity_count - 1].id = claimed;
    assert_int_equal(case_put(&c, heir), OPLOG_COMMITTED);
    twin_batch_free(heir);
    case_close(&c);
    case_dir_gone(dir);
}

static void test_store__refuses_a_short_link_that_exists(void **state)
{
    const char *dir = case_dir();
    struct case_store c;
    struct twin a, b, before;
    struct rng rng;
    (void)state;
    rng_init(&rng, 14);
    case_open(&c, dir, NULL);
    twin_init(&a, 1);
    twin_init(&b, 2);
    twin_commit(&c, &a, &rng, 1);
    before = b;
    struct batch *clash = twin_batch(&b, &rng, 1);
    for (uint32_t i = 0; i < clash->entity_count; i++)
        if (clash->entities[i].kind == KIND_CARD)
            short_link_make(a.cards[0].id, clash->entities[i].short_link);
    assert_int_equal(case_put(&c, clash), OPLOG_REFUSED);
    assert_int_equal(clash->err, ERR_EXISTS);
    twin_batch_free(clash);
    b = before;
    twin_check_in(&b, &c);
    twin_commit(&c, &b, &rng, 1);
    case_close(&c);
    case_clean(dir);
    case_dir_gone(dir);
}

struct where {
    struct id id;
    enum err by_id, by_short;
};

static void locate(struct view *v, void *context)
{
    struct where *w = context;
    struct location at;
    char link[SHORT_LINK_TEXT + 1];
    short_link_make(w->id, link);
    w->by_id = v->ops->locate(v, w->id, &at);
    w->by_short = v->ops->locate_short(v, slice_cstr(link), &at);
}

static void assert_located(struct case_store *c, struct id id, enum err err)
{
    struct where w = {.id = id};
    case_read(c, locate, &w);
    assert_int_equal(w.by_id, err);
    assert_int_equal(w.by_short, err);
}

static void test_store__lets_a_deleted_object_come_back_under_its_id(void **state)
{
    const char *dir = case_dir();
    struct case_store c;
    struct twin t;
    struct rng rng;
    (void)state;
    rng_init(&rng, 15);
    case_open(&c, dir, NULL);
    twin_init(&t, 1);
    twin_commit(&c, &t, &rng, 1);
    struct entity_row card = {.kind = KIND_CARD, .id = t.cards[0].id};
    struct batch *gone = twin_batch(&t, &rng, 1);
    gone->entities = &card;
    gone->entity_count = 1;
    assert_located(&c, card.id, ERR_OK);
    assert_int_equal(case_put(&c, gone), OPLOG_COMMITTED);
    assert_located(&c, card.id, ERR_NOT_FOUND);
    for (unsigned again = 0; again < 2; again++) {
        struct twin before = t;
        struct batch *back = twin_batch(&t, &rng, 1);
        card.json = SLICE("{\"again\":1}");
        card.fresh = true;
        short_link_make(card.id, card.short_link);
        back->entities = &card;
        back->entity_count = 1;
        assert_int_equal(case_put(&c, back), again == 0 ? OPLOG_COMMITTED : OPLOG_REFUSED);
        assert_located(&c, card.id, ERR_OK);
        if (again == 1) t = before;
        twin_batch_free(back);
    }
    twin_batch_free(gone);
    case_close(&c);
    case_dir_gone(dir);
}

static void test_store__keeps_what_goes_and_comes_back_in_one_batch(void **state)
{
    const char *dir = case_dir();
    struct case_store c;
    struct twin t;
    struct rng rng;
    (void)state;
    rng_init(&rng, 15);
    case_open(&c, dir, NULL);
    twin_init(&t, 1);
    twin_commit(&c, &t, &rng, 1);
    struct entity_row rows[2] = {
            {.kind = KIND_CARD, .id = t.cards[0].id, .json = SLICE("{}"), .fresh = true},
            {.kind = KIND_CARD, .id = t.cards[0].id}};
    for (unsigned turn = 0; turn < 2; turn++) {
        struct batch *both = twin_batch(&t, &rng, 1);
        both->entities = rows;
        both->entity_count = 2;
        assert_int_equal(case_put(&c, both), OPLOG_COMMITTED);
        assert_located(&c, rows[0].id, ERR_OK);
        twin_batch_free(both);
        struct entity_row first = rows[0];
        rows[0] = rows[1];
        rows[1] = first;
    }
    case_close(&c);
    case_dir_gone(dir);
}

static void test_store__answers_void_with_the_winning_records(void **state)
{
    const char *dir = case_dir();
    struct case_store c;
    struct twin t, loser;
    struct rng rng, rng2;
    (void)state;
    rng_init(&rng, 16);
    rng_init(&rng2, 99);
    case_open(&c, dir, NULL);
    twin_init(&t, 1);
    twin_commit(&c, &t, &rng, 4);
    loser = t;
    struct batch *late = twin_batch(&loser, &rng2, 2);
    twin_commit(&c, &t, &rng, 3);
    assert_int_equal(case_put(&c, late), OPLOG_VOID);
    uint64_t seq = 4;
    struct hash128 chain = late->before.chain;
    for (struct event *e = late->winners; e != NULL; e = e->next) {
        assert_int_equal(e->seq, ++seq);
        assert_true(event_chain(chain, e->public_json, e->old_json, &chain));
    }
    assert_int_equal(seq, 7);
    twin_batch_free(late);
    twin_check_in(&t, &c);
    /* A base that this log never had: nothing can be applied to it. */
    loser = t;
    loser.head.chain.bytes[3] ^= 1;
    struct batch *foreign = twin_batch(&loser, &rng2, 1);
    assert_int_equal(case_put(&c, foreign), OPLOG_UNKNOWN);
    twin_batch_free(foreign);
    twin_check_in(&t, &c);
    case_close(&c);
    case_dir_gone(dir);
}

static void test_store__refuses_when_the_map_is_full_and_recovers(void **state)
{
    const char *dir = case_dir();
    struct case_store c;
    struct store_options small = {.db = {.map_bytes = MIB(1)}};
    struct twin big, slim, before;
    struct rng rng;
    (void)state;
    rng_init(&rng, 17);
    case_open(&c, dir, &small);
    twin_init(&big, 1);
    twin_init(&slim, 2);
    twin_commit(&c, &slim, &rng, 3);
    twin_commit(&c, &big, &rng, 3);
    bool refused = false;
    for (unsigned i = 0; i < 200 && !refused; i++) {
        before = big;
        struct batch *b = twin_batch(&big, &rng, 200), *other = NULL;
        struct twin slim_before = slim;
        other = twin_batch(&slim, &rng, 1); /* in the same drain, perhaps: it must not suffer */
        case_append(&c, b);
        case_append(&c, other);
        refused = case_wait(&c, b) != OPLOG_COMMITTED;
        if (refused) {
            assert_int_equal(b->answer, OPLOG_REFUSED);
            assert_int_equal(b->err, ERR_STORAGE);
            big = before;
        }
        if (case_wait(&c, other) != OPLOG_COMMITTED) {
            assert_int_equal(other->answer, OPLOG_REFUSED);
            slim = slim_before;
        }
        twin_batch_free(b);
        twin_batch_free(other);
    }
    assert_true(refused);
    twin_check_in(&big, &c); /* what is stored stays readable */
    twin_check_in(&slim, &c);
    case_close(&c);
    small.db.map_bytes = MIB(16);
    case_open(&c, dir, &small);
    twin_check_in(&big, &c);
    twin_commit(&c, &big, &rng, 200);
    twin_check_in(&big, &c);
    case_close(&c);
    case_clean(dir);
    case_dir_gone(dir);
}

static void test_store__is_read_only_while_the_disk_is_low(void **state)
{
    const char *dir = case_dir();
    struct case_store c;
    struct store_options low = {
            .db = {.space = {.low_bytes = (uint64_t)1 << 60, .high_bytes = (uint64_t)1 << 61}}};
    struct twin t, before;
    struct rng rng;
    (void)state;
    rng_init(&rng, 18);
    twin_init(&t, 1);
    case_open(&c, dir, NULL);
    twin_commit(&c, &t, &rng, 3);
    case_close(&c);
    case_open(&c, dir, &low);
    assert_true(store_read_only(c.oplog));
    before = t;
    struct batch *b = twin_batch(&t, &rng, 1);
    assert_int_equal(case_put(&c, b), OPLOG_REFUSED);
    assert_int_equal(b->err, ERR_READ_ONLY);
    twin_batch_free(b);
    twin_check_in(&before, &c);
    case_close(&c);
    case_dir_gone(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_store__gives_back_what_was_committed_after_reopening),
            cmocka_unit_test(test_store__commits_many_boards_in_one_transaction),
            cmocka_unit_test(test_store__refuses_an_id_that_exists_and_hurts_nobody_else),
            cmocka_unit_test(test_store__refuses_a_short_link_that_exists),
            cmocka_unit_test(test_store__lets_a_deleted_object_come_back_under_its_id),
            cmocka_unit_test(test_store__keeps_what_goes_and_comes_back_in_one_batch),
            cmocka_unit_test(test_store__answers_void_with_the_winning_records),
            cmocka_unit_test(test_store__refuses_when_the_map_is_full_and_recovers),
            cmocka_unit_test(test_store__is_read_only_while_the_disk_is_low),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
