#include "core/place.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "core/base/limits.h"
#include "core/base/rng.h"

static struct arena arena;
static struct board *board;
static struct id list;
static uint32_t next_id;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 16, (size_t)1 << 28);
    board = board_new(id_make(1, 1));
    list = id_make(2, 1);
    next_id = 100;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    board_free(board);
    arena_fini(&arena);
    return 0;
}

static struct object *insert(double pos)
{
    struct object *o = object_new(KIND_CARD, id_make(next_id++, 1));
    object_value(o, F_CARD_ID_LIST)->id = list;
    object_value(o, F_CARD_POS)->num = pos;
    board_insert(board, o);
    return o;
}

static struct placing find(const struct object *self, struct place place, uint32_t run)
{
    struct placing p;
    place_find(&arena, board_children(board, KIND_CARD, list), self, &place, run, &p);
    return p;
}

static void test_place__follows_trellos_numbers(void **state)
{
    (void)state;
    assert_true(find(NULL, (struct place){.how = PLACE_BOTTOM}, 1).pos[0] == 65536);
    assert_true(find(NULL, (struct place){.how = PLACE_TOP}, 1).pos[0] == 65536);
    struct object *a = insert(16384), *b = insert(32768);
    assert_true(find(NULL, (struct place){.how = PLACE_BOTTOM}, 1).pos[0] == 98304);
    assert_true(find(NULL, (struct place){.how = PLACE_TOP}, 1).pos[0] == 8192);
    assert_true(
            find(NULL, (struct place){.how = PLACE_NUMBER, .number = 16384}, 1).pos[0] == 16384);
    assert_true(find(NULL, (struct place){.how = PLACE_AFTER, .after = a->id}, 1).pos[0] == 24576);
    assert_true(find(NULL, (struct place){.how = PLACE_AFTER, .after = b->id}, 1).pos[0] == 98304);
    struct id gone = id_make(1, 9);
    assert_true(find(NULL, (struct place){.how = PLACE_AFTER, .after = gone, .before = b->id}, 1)
                        .pos[0] == 24576);
    assert_true(find(NULL, (struct place){.how = PLACE_AFTER, .before = a->id}, 1).pos[0] == 8192);
    assert_true(find(NULL, (struct place){.how = PLACE_AFTER, .after = gone, .before = gone}, 1)
                        .pos[0] == 98304);
}

static void test_place__self_is_no_sibling_of_its_own(void **state)
{
    (void)state;
    struct object *a = insert(10), *b = insert(20), *c = insert(30);
    assert_true(find(b, (struct place){.how = PLACE_AFTER, .after = a->id}, 1).pos[0] == 20);
    assert_true(find(c, (struct place){.how = PLACE_BOTTOM}, 1).pos[0] == 20 + POS_STEP);
    assert_true(find(a, (struct place){.how = PLACE_TOP}, 1).pos[0] == 10);
    assert_true(find(a, (struct place){.how = PLACE_AFTER, .after = a->id, .before = c->id}, 1)
                        .pos[0] == 25);
}

static void test_place__a_run_stays_together(void **state)
{
    (void)state;
    struct object *a = insert(100);
    insert(200);
    struct placing p = find(NULL, (struct place){.how = PLACE_AFTER, .after = a->id}, 3);
    assert_true(p.pos[0] == 125 && p.pos[1] == 150 && p.pos[2] == 175);
    p = find(NULL, (struct place){.how = PLACE_BOTTOM}, 2);
    assert_true(p.pos[0] == 200 + POS_STEP && p.pos[1] == 200 + 2 * POS_STEP);
    p = find(NULL, (struct place){.how = PLACE_NUMBER, .number = 150}, 2);
    assert_true(p.pos[0] == 150 && p.pos[1] == 175);
}

static void test_place__a_tie_or_an_empty_gap_renumbers(void **state)
{
    (void)state;
    struct object *a = insert(5), *b = insert(5), *c = insert(6);
    struct placing p = find(NULL, (struct place){.how = PLACE_AFTER, .after = a->id}, 2);
    assert_true(p.renumber);
    assert_int_equal(p.order_count, 5);
    assert_true(p.order[0] == a && p.order[1] == NULL && p.order[2] == NULL && p.order[3] == b &&
                p.order[4] == c);
    p = find(c, (struct place){.how = PLACE_AFTER, .after = a->id}, 1);
    assert_true(p.renumber && p.order_count == 3 && p.order[1] == NULL && p.order[2] == b);
}

static void test_place__between_neighbouring_doubles_renumbers(void **state)
{
    (void)state;
    /* Of two such gaps, one's midpoint rounds down and the other's up. */
    struct object *a = insert(5), *b = insert(nextafter(5, 6));
    insert(nextafter(nextafter(5, 6), 6));
    assert_true(find(NULL, (struct place){.how = PLACE_AFTER, .after = a->id}, 1).renumber);
    assert_true(find(NULL, (struct place){.how = PLACE_AFTER, .after = b->id}, 1).renumber);
}

static void test_place__imported_positions_of_zero_and_below_renumber_at_the_top(void **state)
{
    (void)state;
    insert(0);
    assert_true(find(NULL, (struct place){.how = PLACE_TOP}, 1).renumber);
    insert(-5);
    assert_true(find(NULL, (struct place){.how = PLACE_TOP}, 1).renumber);
}

static void test_place__near_the_end_of_the_scale_renumbers(void **state)
{
    (void)state;
    insert(POS_MAX - 2 * POS_STEP);
    assert_false(find(NULL, (struct place){.how = PLACE_BOTTOM}, 1).renumber);
    assert_true(find(NULL, (struct place){.how = PLACE_BOTTOM}, 2).renumber);
}

static void renumber(struct placing p, struct object **fresh)
{
    for (size_t i = 0; i < p.order_count; i++) {
        struct object *o = p.order[i];
        if (o != NULL) board_unplace(board, o);
    }
    for (size_t i = 0; i < p.order_count; i++) {
        struct object *o = p.order[i];
        double pos = POS_STEP * (double)(i + 1);
        if (o == NULL) {
            *fresh = insert(pos);
            continue;
        }
        object_value(o, F_CARD_POS)->num = pos;
        board_place(board, o);
    }
}

/* Whatever is asked, in whatever state: the new one stands where it was asked for. */
static void test_place__stays_ordered_after_3000_random_inserts(void **state)
{
    (void)state;
    struct rng rng;
    size_t renumbered = 0;
    rng_init(&rng, 11);
    insert(65536);
    for (int i = 0; i < 3000; i++) {
        const struct siblings *s = board_children(board, KIND_CARD, list);
        /* Mostly the same spot, so that gaps do run out. */
        size_t at = rng_chance(&rng, 90) ? s->count / 2 : rng_below(&rng, s->count);
        struct object *after = s->at[at], *o = NULL;
        struct object *next = at + 1 < s->count ? s->at[at + 1] : NULL;
        struct placing p = find(NULL, (struct place){.how = PLACE_AFTER, .after = after->id}, 1);
        if (p.renumber)
            renumber(p, &o);
        else
            o = insert(p.pos[0]);
        renumbered += p.renumber;
        s = board_children(board, KIND_CARD, list);
        size_t index = siblings_index(s, o);
        assert_true(s->at[index - 1] == after);
        assert_true(next == NULL ? index + 1 == s->count : s->at[index + 1] == next);
        if (i % 50 == 0) arena_reset(&arena);
    }
    assert_true(renumbered > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(test_place__follows_trellos_numbers, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_place__self_is_no_sibling_of_its_own, setup, teardown),
            cmocka_unit_test_setup_teardown(test_place__a_run_stays_together, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_place__a_tie_or_an_empty_gap_renumbers, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_place__between_neighbouring_doubles_renumbers, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_place__imported_positions_of_zero_and_below_renumber_at_the_top, setup,
                    teardown),
            cmocka_unit_test_setup_teardown(
                    test_place__near_the_end_of_the_scale_renumbers, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_place__stays_ordered_after_3000_random_inserts, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
