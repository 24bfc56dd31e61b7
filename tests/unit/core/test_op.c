#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/limits.h"
#include "core/op.h"

static struct arena arena;
static struct op *ops;
static uint32_t op_count;
static struct fault fault;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, KIB(4), MIB(64));
    ops = NULL;
    op_count = 0;
    fault = (struct fault){0};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ops_fini(ops, op_count);
    arena_fini(&arena);
    return 0;
}

static enum err decode(const char *text, bool internal)
{
    json_t *tree;
    assert_int_equal(json_read(&arena, slice_cstr(text), &tree, &fault), ERR_OK);
    return ops_decode(&arena, tree, internal, &ops, &op_count, &fault);
}

static void refused(const char *text, const char *field)
{
    assert_int_equal(decode(text, false), ERR_INVALID);
    assert_string_equal(fault.field, field);
    assert_true(fault.wrong[0] != '\0');
    assert_true(fault.expected[0] != '\0');
}

#define ID "\"id\":\"400000000000000000000000\""

static void test_op__reads_fields_and_place(void **state)
{
    (void)state;
    assert_int_equal(decode("[{\"op\":\"card.create\"," ID
                            ",\"idList\":\"100000000000000000000000\",\"name\":\"Milk\",\"pos\":"
                            "\"top\",\"desc\":\"two\",\"due\":null}]",
                             false),
            ERR_OK);
    assert_int_equal(op_count, 1);
    assert_int_equal(ops[0].name, OP_CARD_CREATE);
    assert_int_equal(ops[0].place.how, PLACE_TOP);
    assert_int_equal(ops[0].set_count, 2);
    assert_true(slice_eq(ops[0].text, SLICE("two")));
    assert_true(ops[0].if_s == UINT64_MAX);
}

static void test_op__an_empty_after_is_the_head_of_the_list(void **state)
{
    (void)state;
    assert_int_equal(decode("[{\"op\":\"card.move\"," ID
                            ",\"after\":\"\",\"before\":\"410000000000000000000000\"}]",
                             false),
            ERR_OK);
    assert_int_equal(ops[0].place.how, PLACE_TOP);
}

static void test_op__a_date_is_a_moment_in_utc(void **state)
{
    static const struct {
        const char *given, *kept;
    } cases[] = {
            {"2030-01-01", "2030-01-01T00:00:00.000Z"},
            {"2030-01-01T12:30", "2030-01-01T12:30:00.000Z"},
            {"2030-01-01T01:00:00.5+02:00", "2029-12-31T23:00:00.500Z"},
            {"2030-01-01T12:30:00.000Z", "2030-01-01T12:30:00.000Z"},
    };
    static const struct {
        const char *op, *field;
    } fields[] = {{"card.set", "due"}, {"card.set", "start"}, {"checkItem.set", "due"}};
    char text[200];
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases) * ARRAY_COUNT(fields); i++) {
        size_t which = i % ARRAY_COUNT(cases), f = i / ARRAY_COUNT(cases);
        snprintf(text, sizeof text, "[{\"op\":\"%s\"," ID ",\"%s\":\"%s\"}]", fields[f].op,
                fields[f].field, cases[which].given);
        assert_int_equal(decode(text, false), ERR_OK);
        struct slice kept = value_slice(&ops[0].sets[0].values[0]);
        assert_true(slice_eq(kept, slice_cstr(cases[which].kept)));
        ops_fini(ops, op_count);
        op_count = 0;
    }
}

static void test_op__names_what_it_does_not_know(void **state)
{
    (void)state;
    refused("[{\"op\":\"card.fly\"}]", "op");
    refused("[{\"op\":\"card.move\"," ID ",\"speed\":9}]", "speed");
    refused("[{\"op\":\"card.set\"," ID ",\"pos\":9}]", "pos");
    refused("[{\"op\":\"card.set\"," ID ",\"idShort\":9}]", "idShort");
}

static void test_op__names_what_has_the_wrong_type(void **state)
{
    (void)state;
    refused("[{\"op\":\"card.close\",\"id\":7}]", "id");
    refused("[{\"op\":\"card.set\"," ID ",\"dueComplete\":\"yes\"}]", "dueComplete");
    refused("[{\"op\":\"card.move\"," ID ",\"pos\":-1}]", "pos");
    refused("[{\"op\":\"card.move\"," ID ",\"pos\":1,\"after\":\"\"}]", "after");
    refused("[{\"op\":\"cards.move\",\"ids\":[\"400000000000000000000000\","
            "\"400000000000000000000000\"],\"idList\":\"100000000000000000000000\"}]",
            "ids");
}

static void test_op__names_what_is_missing(void **state)
{
    (void)state;
    refused("[{\"op\":\"card.create\"," ID ",\"name\":\"x\"}]", "idList");
    refused("[{\"op\":\"list.create\"," ID "}]", "name");
    refused("[{\"op\":\"card.set\"," ID "}]", "");
    refused("[{\"op\":\"list.set\"," ID ",\"name\":\"\"}]", "name");
    refused("[]", "ops");
}

static void test_op__many_new_cards_become_one_op_each(void **state)
{
    (void)state;
    assert_int_equal(decode("[{\"op\":\"cards.create\",\"cards\":[{" ID
                            ",\"idList\":\"100000000000000000000000\",\"name\":\"a\"},{\"id\":"
                            "\"410000000000000000000000\",\"idList\":\"100000000000000000000000\","
                            "\"name\":\"b\"}]}]",
                             false),
            ERR_OK);
    assert_int_equal(op_count, 2);
    assert_int_equal(ops[1].name, OP_CARD_CREATE);
    assert_int_equal(ops[1].id.bytes[0], 0x41);
}

static void test_op__what_is_the_servers_own_does_not_exist_for_others(void **state)
{
    (void)state;
    refused("[{\"op\":\"import.add\",\"objects\":[]}]", "op");
    refused("[{\"op\":\"dir.signOut\"," ID "}]", "op");
    assert_int_equal(decode("[{\"op\":\"dir.signOut\"," ID "}]", true), ERR_OK);
}

static void test_op__too_many_are_too_large(void **state)
{
    (void)state;
    char text[8192] = "[";
    for (int i = 0; i <= OPS_PER_MESSAGE_MAX; i++)
        strncat(text, i > 0 ? ",{\"op\":\"board.close\"}" : "{\"op\":\"board.close\"}",
                sizeof text - strlen(text) - 1);
    strncat(text, "]", sizeof text - strlen(text) - 1);
    assert_int_equal(decode(text, false), ERR_TOO_LARGE);
}

static void test_op__permissions_grow_with_the_role(void **state)
{
    (void)state;
    for (unsigned p = 0; p < PERM_COUNT; p++) {
        assert_false(perm_allows(ROLE_NONE, (enum perm)p));
        assert_true(!perm_allows(ROLE_OBSERVER, (enum perm)p) ||
                    perm_allows(ROLE_NORMAL, (enum perm)p));
        assert_true(
                !perm_allows(ROLE_NORMAL, (enum perm)p) || perm_allows(ROLE_ADMIN, (enum perm)p));
    }
    assert_false(perm_allows(ROLE_OBSERVER, PERM_EDIT));
    assert_false(perm_allows(ROLE_NORMAL, PERM_ADMIN));
    assert_false(perm_allows(ROLE_ADMIN, PERM_SYSTEM));
}

int main(void)
{
    json_start();
#define TEST(name) cmocka_unit_test_setup_teardown(test_op__##name, setup, teardown)
    const struct CMUnitTest tests[] = {
            TEST(reads_fields_and_place),
            TEST(an_empty_after_is_the_head_of_the_list),
            TEST(a_date_is_a_moment_in_utc),
            TEST(names_what_it_does_not_know),
            TEST(names_what_has_the_wrong_type),
            TEST(names_what_is_missing),
            TEST(many_new_cards_become_one_op_each),
            TEST(what_is_the_servers_own_does_not_exist_for_others),
            TEST(too_many_are_too_large),
            TEST(permissions_grow_with_the_role),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
