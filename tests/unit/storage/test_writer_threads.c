/* Writer and readers together, for the thread sanitizer too: every read sees one moment, every
 * batch is answered once. */
#include "tests/unit/storage/store_case.h"

#include <pthread.h>
#include <stdatomic.h>

#include "core/base/limits.h"
#include "core/base/mem.h"

enum { BOARDS = 3, ROUNDS = 60, READERS = 3 };

static struct case_store store;
static atomic_bool ended;

/* Whatever moment it is, head and entities and log are of the same one. */
struct moment {
    struct id board;
    uint64_t entities, sum, last;
    uint64_t seen; /* greatest head so far: time does not run backwards */
};

static enum err sum_entity(void *context, enum kind kind, struct id id, struct slice json)
{
    struct moment *m = context;
    m->entities++;
    m->sum += entity_sum(kind, id, json);
    return ERR_OK;
}

static enum err last_event(
        void *context, uint64_t seq, struct slice public_json, struct slice old_json)
{
    struct moment *m = context;
    assert_true(public_json.len > 0 && old_json.len > 0);
    m->last = seq;
    return ERR_OK;
}

static void look(struct view *v, void *context)
{
    struct moment *m = context;
    struct board_head head;
    m->entities = m->sum = m->last = 0;
    enum err err = v->ops->head(v, m->board, &head);
    if (err == ERR_NOT_FOUND) return;
    assert_int_equal(err, ERR_OK);
    assert_int_equal(v->ops->entities(v, m->board, KIND_BOARD, KIND_LINK, sum_entity, m), ERR_OK);
    assert_int_equal(v->ops->events(v, m->board, 1, last_event, m), ERR_OK);
    assert_true(m->entities == head.entities && m->sum == head.sum && m->last == head.seq);
    assert_true(head.seq >= m->seen);
    m->seen = head.seq;
}

static void *reader(void *context)
{
    struct twin t;
    struct moment m = {.seen = 0};
    uint32_t *number = context;
    twin_init(&t, *number);
    m.board = t.board;
    while (!atomic_load(&ended))
        case_read(&store, look, &m);
    return NULL;
}

static void *writer(void *context)
{
    struct twin t;
    struct rng rng;
    uint32_t *number = context;
    rng_init(&rng, *number);
    twin_init(&t, *number);
    for (unsigned i = 0; i < ROUNDS; i++)
        twin_commit(&store, &t, &rng, 1 + (uint32_t)rng_below(&rng, 9));
    twin_check_in(&t, &store);
    return NULL;
}

static void test_writer__keeps_readers_in_one_moment(void **state)
{
    const char *dir = case_dir();
    pthread_t writers[BOARDS], readers[READERS];
    uint32_t numbers[BOARDS];
    (void)state;
    case_open(&store, dir, NULL);
    atomic_store(&ended, false);
    for (uint32_t i = 0; i < BOARDS; i++) {
        numbers[i] = i + 1;
        pthread_create(&writers[i], NULL, writer, &numbers[i]);
    }
    for (uint32_t i = 0; i < READERS; i++)
        pthread_create(&readers[i], NULL, reader, &numbers[i % BOARDS]);
    for (uint32_t i = 0; i < BOARDS; i++)
        pthread_join(writers[i], NULL);
    atomic_store(&ended, true);
    for (uint32_t i = 0; i < READERS; i++)
        pthread_join(readers[i], NULL);
    case_close(&store);
    case_clean(dir);
    case_dir_gone(dir);
}

static int now_and_then(void *context, enum db_moment moment)
{
    unsigned *count = context;
    if (moment == DB_AFTER_COMMIT) return 0;
    return ++*count % 4 == 0 ? MDB_PANIC : 0;
}

static void test_writer__opens_again_under_readers(void **state)
{
    const char *dir = case_dir();
    pthread_t readers[READERS];
    uint32_t number = 1;
    unsigned commits = 0, unknown = 0;
    struct store_options o = {.db = {.commit_fault = now_and_then, .fault_context = &commits}};
    struct twin t;
    struct rng rng;
    (void)state;
    rng_init(&rng, 5);
    twin_init(&t, number);
    case_open(&store, dir, &o);
    atomic_store(&ended, false);
    for (uint32_t i = 0; i < READERS; i++)
        pthread_create(&readers[i], NULL, reader, &number);
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct batch *b = twin_batch(&t, &rng, 4);
        while (case_put(&store, b) == OPLOG_UNKNOWN)
            unknown++;
        assert_int_equal(b->answer, OPLOG_COMMITTED);
        twin_batch_free(b);
    }
    assert_true(unknown >= 10);
    atomic_store(&ended, true);
    for (uint32_t i = 0; i < READERS; i++)
        pthread_join(readers[i], NULL);
    twin_check_in(&t, &store);
    case_close(&store);
    case_clean(dir);
    case_dir_gone(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_writer__keeps_readers_in_one_moment),
            cmocka_unit_test(test_writer__opens_again_under_readers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
