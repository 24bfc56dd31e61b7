/* Who is told what of a batch: the members whose own it changes, where they follow, and nobody
 * else. */
#include "net/api/own_hub.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static const struct id board_id = {{1}}, ada = {{2}}, ben = {{3}}, eve = {{4}};

struct told {
    uint32_t loop;
    struct id member, board;
};

static struct own_hub *hub;
static struct told told[16];
static size_t told_count;
static struct batch batch;

static void tell(void *context, uint32_t loop, struct id member, struct id board)
{
    (void)context;
    assert_true(told_count < ARRAY_COUNT(told));
    told[told_count++] = (struct told){loop, member, board};
}

static size_t tells(uint32_t loop, struct id member, struct id board)
{
    size_t count = 0;
    for (size_t i = 0; i < told_count; i++)
        count += told[i].loop == loop && id_eq(told[i].member, member) &&
                 id_eq(told[i].board, board);
    return count;
}

static int setup(void **state)
{
    (void)state;
    told_count = 0;
    batch = (struct batch){.board = board_id, .answer = OPLOG_COMMITTED};
    hub = own_hub_new(tell, NULL);
    own_hub_follow(hub, ada, 0);
    own_hub_follow(hub, ada, 3);
    own_hub_follow(hub, ben, 1);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    hub = own_hub_free(hub);
    return 0;
}

static struct object *object(enum kind kind, struct id id, enum field f, struct id value)
{
    struct object *o = object_new(kind, id);
    *object_value(o, f) = value_id(value);
    return o;
}

static struct board *board_of(struct id a, struct id b)
{
    struct board *board = board_new(board_id);
    board_insert(board, object(KIND_MEMBERSHIP, (struct id){{11}}, F_MEMBERSHIP_ID_MEMBER, a));
    board_insert(board, object(KIND_MEMBERSHIP, (struct id){{12}}, F_MEMBERSHIP_ID_MEMBER, b));
    return board;
}

static void test_own_hub__a_membership_concerns_its_member_on_every_loop_they_follow(void **state)
{
    (void)state;
    struct member_row rows[] = {{ada, ROLE_NONE}, {eve, ROLE_NORMAL}};
    batch.members = rows;
    batch.member_count = 2;
    own_hub_batch(hub, &batch, NULL);
    assert_int_equal(told_count, 2);
    assert_int_equal(tells(0, ada, board_id), 1);
    assert_int_equal(tells(3, ada, board_id), 1);
}

static void test_own_hub__a_shelf_concerns_its_member_alone(void **state)
{
    (void)state;
    struct object *shelf = object(KIND_SHELF, (struct id){{20}}, F_SHELF_ID_MEMBER, ben);
    *object_value(shelf, F_SHELF_ID_BOARD) = value_id(board_id);
    struct entity_row rows[] = {
            {.kind = KIND_SHELF, .id = shelf->id, .object = shelf},
            {.kind = KIND_SESSION, .id = ada},
            {.kind = KIND_LINK, .id = ada},
            {.kind = KIND_MEMBER, .id = eve},
    };
    batch.board = DIRECTORY_ID;
    batch.entities = rows;
    batch.entity_count = ARRAY_COUNT(rows);
    own_hub_batch(hub, &batch, NULL);
    assert_int_equal(told_count, 1);
    assert_int_equal(tells(1, ben, board_id), 1);
    object_free(shelf);
}

static void test_own_hub__a_board_concerns_its_members_when_what_is_listed_changes(void **state)
{
    (void)state;
    struct board *board = board_of(ada, eve);
    struct effect_column column = {.field = F_BOARD_DATE_LAST_ACTIVITY};
    struct effect effect = {
            .form = EFFECT_SET, .kind = KIND_BOARD, .columns = &column, .column_count = 1};
    struct event event = {.effects = &effect, .effect_count = 1};
    batch.events = &event;
    own_hub_batch(hub, &batch, board);
    assert_int_equal(told_count, 0);
    column.field = F_BOARD_NAME;
    own_hub_batch(hub, &batch, board);
    assert_int_equal(told_count, 2);
    assert_int_equal(tells(0, ada, board_id), 1);
    assert_int_equal(tells(3, ada, board_id), 1);
    effect.kind = KIND_CARD;
    own_hub_batch(hub, &batch, board);
    assert_int_equal(told_count, 2);
    board_free(board);
}

static void test_own_hub__what_is_not_known_concerns_all_and_what_was_refused_nobody(void **state)
{
    (void)state;
    struct member_row row = {ada, ROLE_NORMAL};
    batch.members = &row;
    batch.member_count = 1;
    batch.answer = OPLOG_REFUSED;
    own_hub_batch(hub, &batch, NULL);
    assert_int_equal(told_count, 0);
    batch.answer = OPLOG_UNKNOWN;
    own_hub_batch(hub, &batch, NULL);
    assert_int_equal(told_count, 3);
    assert_int_equal(tells(1, ben, (struct id){{0}}), 1);
}

static void test_own_hub__who_left_a_loop_is_told_there_no_more(void **state)
{
    (void)state;
    struct member_row rows[] = {{ada, ROLE_NORMAL}, {ben, ROLE_NORMAL}};
    batch.members = rows;
    batch.member_count = 2;
    own_hub_leave(hub, ada, 3);
    own_hub_leave(hub, ben, 1);
    own_hub_leave(hub, eve, 1);
    own_hub_batch(hub, &batch, NULL);
    assert_int_equal(told_count, 1);
    assert_int_equal(tells(0, ada, board_id), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(test_own_hub__##name, setup, teardown)
            T(a_membership_concerns_its_member_on_every_loop_they_follow),
            T(a_shelf_concerns_its_member_alone),
            T(a_board_concerns_its_members_when_what_is_listed_changes),
            T(what_is_not_known_concerns_all_and_what_was_refused_nobody),
            T(who_left_a_loop_is_told_there_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
