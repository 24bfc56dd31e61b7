/* A card that moves to another board, with the real engine over the real store: its two halves
 * are stored together, and ids and short links lead where it is. */
#include "tests/unit/storage/engine_rig.h"
#include "tests/unit/storage/store_case.h"

#include <errno.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>

#include "core/base/limits.h"

#define CARD  "65a000000000000000000040"
#define ITEM  "65a000000000000000000041"
#define MOVE  "[{\"op\":\"card.transfer\",\"id\":\"" CARD "\",\"idBoard\":\"%s\"}]"

struct plan { /* of commits: which do not go well; or that they wait */
    atomic_bool hold;
    sem_t entered, go;
    unsigned times;
    int rc;
    enum db_moment moment;
};

struct stage {
    const char *dir;
    struct case_store store;
    struct rig rig;
    struct plan plan;
    struct id here, there, member;
    char here_text[ID_TEXT + 1], there_text[ID_TEXT + 1];
};

static int strike(void *context, enum db_moment moment)
{
    struct plan *p = context;
    if (p->hold && moment == DB_BEFORE_COMMIT) {
        sem_post(&p->entered);
        sem_wait(&p->go);
    }
    if (moment != p->moment) return 0;
    if (p->times == 0) return 0;
    p->times--;
    return p->rc;
}

static void stage_open(struct stage *s)
{
    struct store_options o = {.db = {.commit_fault = strike, .fault_context = &s->plan}};
    case_open(&s->store, s->dir, &o);
    rig_init(&s->rig, s->store.oplog);
}

static void stage_close(struct stage *s)
{
    rig_fini(&s->rig);
    case_close(&s->store);
    case_clean(s->dir);
}

static void must(struct stage *s)
{
    rig_settle(&s->rig);
    if (s->rig.rejected > 0) fail_msg("%s", s->rig.last_fault);
}

static int setup(void **state)
{
    struct stage *s = MEM_NEW(struct stage);
    char member[ID_TEXT + 1];
    s->dir = case_dir();
    sem_init(&s->plan.entered, 0, 0);
    sem_init(&s->plan.go, 0, 0);
    s->here = id_make(1700000001, 1);
    s->there = id_make(1700000001, 2);
    s->member = id_make(1700000002, 1);
    id_format(s->here, s->here_text);
    id_format(s->there, s->there_text);
    id_format(s->member, member);
    stage_open(s);
    rig_submit(&s->rig, DIRECTORY_ID, s->member, true,
            "[{\"op\":\"dir.member\",\"id\":\"%s\",\"fullName\":\"Ada\"}]", member);
    must(s);
    rig_submit(&s->rig, s->here, s->member, false,
            "[{\"op\":\"board.create\",\"name\":\"Here\",\"lists\":true}]");
    rig_submit(&s->rig, s->there, s->member, false,
            "[{\"op\":\"board.create\",\"name\":\"There\",\"lists\":true}]");
    must(s);
    rig_submit(&s->rig, s->here, s->member, false,
            "[{\"op\":\"list.create\",\"id\":\"65a000000000000000000010\",\"name\":\"L\"},"
            "{\"op\":\"label.create\",\"id\":\"65a000000000000000000030\",\"name\":\"Own\"},"
            "{\"op\":\"card.create\",\"id\":\"" CARD "\",\"idList\":\"65a000000000000000000010\","
            "\"name\":\"C\",\"desc\":\"a text\",\"idLabels\":[\"65a000000000000000000030\"]},"
            "{\"op\":\"comment.create\",\"id\":\"" ITEM "\",\"idCard\":\"" CARD
            "\",\"text\":\"said\"}]");
    must(s);
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    struct stage *s = *state;
    stage_close(s);
    case_dir_gone(s->dir);
    mem_free(s);
    return 0;
}

struct where {
    struct stage *stage;
    struct id board; /* where all of it must be, and nothing of it elsewhere */
};

static void check_where(struct view *v, void *context)
{
    struct where *w = context;
    struct location at;
    struct id card, comment, other;
    char link[SHORT_LINK_TEXT + 1];
    struct slice json, text;
    uint64_t s;
    assert_true(id_parse(SLICE(CARD), &card));
    assert_true(id_parse(SLICE(ITEM), &comment));
    other = id_eq(w->board, w->stage->here) ? w->stage->there : w->stage->here;
    short_link_make(card, link);
    assert_int_equal(v->ops->locate(v, card, &at), ERR_OK);
    assert_true(id_eq(at.board, w->board));
    assert_int_equal(v->ops->locate(v, comment, &at), ERR_OK);
    assert_true(id_eq(at.board, w->board));
    assert_int_equal(v->ops->locate_short(v, slice_cstr(link), &at), ERR_OK);
    assert_true(id_eq(at.board, w->board) && id_eq(at.id, card));
    assert_int_equal(v->ops->entity(v, w->board, KIND_CARD, card, &json), ERR_OK);
    assert_int_equal(v->ops->entity(v, other, KIND_CARD, card, &json), ERR_NOT_FOUND);
    assert_int_equal(v->ops->entity(v, w->board, KIND_COMMENT, comment, &json), ERR_OK);
    assert_int_equal(v->ops->entity(v, other, KIND_COMMENT, comment, &json), ERR_NOT_FOUND);
    assert_int_equal(v->ops->text(v, w->board, card, F_CARD_DESC, &s, &text), ERR_OK);
    assert_true(slice_eq(text, SLICE("a text")));
    assert_int_equal(v->ops->text(v, other, card, F_CARD_DESC, &s, &text), ERR_NOT_FOUND);
}

static void is_at(struct stage *s, struct id board)
{
    case_read(&s->store, check_where, &(struct where){s, board});
}

static void fail_next(struct stage *s, int rc, enum db_moment moment)
{
    s->plan.times = 1;
    s->plan.rc = rc;
    s->plan.moment = moment;
}

static uint64_t reject(struct stage *s)
{
    uint64_t before = s->rig.rejected;
    rig_submit(&s->rig, s->here, s->member, false, MOVE, s->there_text);
    rig_settle(&s->rig);
    uint64_t more = s->rig.rejected - before;
    s->rig.rejected = before;
    return more;
}

static void test_pair__leads_to_where_the_card_is(void **state)
{
    struct stage *s = *state;
    is_at(s, s->here);
    for (int i = 0; i < 2; i++) {
        rig_submit(&s->rig, s->here, s->member, false, MOVE, s->there_text);
        must(s);
        is_at(s, s->there);
        stage_close(s);
        stage_open(s);
        is_at(s, s->there);
        rig_submit(&s->rig, s->there, s->member, false, MOVE, s->here_text);
        must(s);
        is_at(s, s->here);
    }
}

static void test_pair__is_stored_as_one_or_not_at_all(void **state)
{
    struct stage *s = *state;
    fail_next(s, ENOSPC, DB_BEFORE_COMMIT);
    assert_int_equal(reject(s), 1);
    is_at(s, s->here);
    fail_next(s, EIO, DB_BEFORE_COMMIT);
    assert_int_equal(reject(s), 1); /* unknown: and nothing of it is there */
    is_at(s, s->here);
    fail_next(s, EIO, DB_AFTER_COMMIT);
    assert_int_equal(reject(s), 1); /* unknown: and all of it is there */
    is_at(s, s->there);
}

/* The last thing that it makes there has, of all ids, that of a board. */
static void name_taken(struct rig *r, struct batch *batch)
{
    struct stage *s = r->context;
    if (batch->twin == NULL) return;
    struct entity_row *row = &batch->twin->entities[batch->twin->entity_count - 1];
    assert_true(row->fresh && row->kind == KIND_COMMENT);
    row->id = s->here;
}

static void test_pair__gives_all_claims_back_when_one_is_taken(void **state)
{
    struct stage *s = *state;
    struct id third = id_make(1700000001, 3);
    rig_submit(&s->rig, third, s->member, false, "[{\"op\":\"board.create\",\"name\":\"3\"}]");
    must(s);
    s->rig.context = s;
    s->rig.tap = name_taken;
    s->plan.hold = true; /* so that what is claimed is in one transaction with somebody else's */
    rig_submit(&s->rig, DIRECTORY_ID, s->member, true,
            "[{\"op\":\"dir.member\",\"id\":\"65a000000000000000000099\",\"fullName\":\"Bob\"}]");
    rig_turn(&s->rig, 0);
    sem_wait(&s->plan.entered);
    rig_submit(&s->rig, s->here, s->member, false, MOVE, s->there_text);
    rig_submit(&s->rig, third, s->member, false, "[{\"op\":\"board.set\",\"name\":\"x\"}]");
    rig_turn(&s->rig, 0);
    s->plan.hold = false;
    sem_post(&s->plan.go);
    rig_settle(&s->rig);
    assert_int_equal(s->rig.rejected, 1);
    s->rig.rejected = 0;
    s->rig.tap = NULL;
    is_at(s, s->here);
    rig_submit(&s->rig, s->here, s->member, false, MOVE, s->there_text);
    must(s);
    is_at(s, s->there);
}

static void test_pair__has_one_verdict_when_one_of_its_bases_is_gone(void **state)
{
    const char *dir = case_dir();
    struct case_store c;
    struct twin a, b;
    struct rng rng;
    (void)state;
    rng_init(&rng, 4);
    case_open(&c, dir, NULL);
    twin_init(&a, 1);
    twin_init(&b, 2);
    struct batch *first = twin_batch(&a, &rng, 2), *second = twin_batch(&b, &rng, 1);
    first->twin = second;
    assert_int_equal(case_put(&c, first), OPLOG_COMMITTED);
    a.head.number = first->after.number;
    b.head.number = second->after.number;
    assert_int_equal(a.head.number + b.head.number, 3);
    twin_check_in(&a, &c);
    twin_check_in(&b, &c);
    assert_int_equal(case_put(&c, first), OPLOG_VOID); /* once more: both are there */
    assert_int_equal(first->winners->seq, 1);
    assert_int_equal(second->winners->seq, 1);
    first->twin = NULL;
    struct batch *next = twin_batch(&a, &rng, 1);
    next->twin = second; /* whose base is gone, while the other's is not */
    assert_int_equal(case_put(&c, next), OPLOG_VOID);
    assert_null(next->winners);
    assert_non_null(second->winners);
    next->twin = NULL;
    assert_int_equal(case_put(&c, next), OPLOG_COMMITTED);
    twin_check_in(&a, &c);
    twin_check_in(&b, &c);
    twin_batch_free(first);
    twin_batch_free(second);
    twin_batch_free(next);
    case_close(&c);
    case_clean(dir);
    case_dir_gone(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(test_pair__leads_to_where_the_card_is, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_pair__is_stored_as_one_or_not_at_all, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_pair__gives_all_claims_back_when_one_is_taken, setup, teardown),
            cmocka_unit_test(test_pair__has_one_verdict_when_one_of_its_bases_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
