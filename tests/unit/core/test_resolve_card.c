#include "core/base/limits.h"
#include "tests/unit/core/engine_fixture.h"

#define LIST1 "100000000000000000000000"
#define CARD  "400000000000000000000000"
#define BOB   "650200000000000000000000"
#define VOTE(on) "[{\"op\":\"card.vote\",\"id\":\"" CARD "\",\"on\":" on "}]"

static void voting(struct fixture *f, const char *who)
{
    char op[100];
    snprintf(op, sizeof op, "[{\"op\":\"board.set\",\"prefs\":{\"voting\":\"%s\"}}]", who);
    run_ok(f, ada, op);
}

static const struct value *votes(struct fixture *f)
{
    return object_value(object_at(f, KIND_CARD, CARD), F_CARD_ID_MEMBERS_VOTED);
}

static void test_resolve_card__the_board_says_who_votes(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(run_err(f, bob, VOTE("true")), ERR_FORBIDDEN);
    voting(f, "members");
    run_ok(f, bob, VOTE("true"));
    assert_true(value_set_has(votes(f), bob));
    run_ok(f, ada, "[{\"op\":\"member.role\",\"idMember\":\"" BOB "\",\"role\":\"observer\"}]");
    assert_int_equal(run_err(f, bob, VOTE("false")), ERR_FORBIDDEN);
    voting(f, "observers");
    run_ok(f, bob, VOTE("false"));
    assert_false(value_set_has(votes(f), bob));
    voting(f, "disabled");
    assert_int_equal(run_err(f, ada, VOTE("true")), ERR_FORBIDDEN);
    assert_int_equal(run_err(f, eve, VOTE("true")), ERR_NOT_FOUND);
}

static void test_resolve_card__a_vote_counts_once(void **state)
{
    struct fixture *f = *state;
    voting(f, "members");
    run_ok(f, ada, VOTE("true"));
    uint64_t s = object_at(f, KIND_CARD, CARD)->s;
    run_ok(f, ada, VOTE("true"));
    assert_int_equal(votes(f)->set->count, 1);
    assert_int_equal(object_at(f, KIND_CARD, CARD)->s, s);
}

static void test_resolve_card__votes_leave_with_whom_they_are_of(void **state)
{
    struct fixture *f = *state;
    voting(f, "members");
    run_ok(f, bob, VOTE("true"));
    run_ok(f, ada, "[{\"op\":\"member.remove\",\"idMember\":\"" BOB "\"}]");
    assert_false(value_set_has(votes(f), bob));
}

#define COVER(json) "[{\"op\":\"card.set\",\"id\":\"" CARD "\",\"cover\":" json "}]"
#define LINK  "700000000000000000000000"
#define LINKED                                                                                     \
    "[{\"op\":\"attachment.create\",\"id\":\"" LINK "\",\"idCard\":\"" CARD                        \
    "\",\"url\":\"https://example.org/a.png\"}]"

static void cover_is(struct fixture *f, const char *want)
{
    struct slice have = value_slice(object_value(object_at(f, KIND_CARD, CARD), F_CARD_COVER));
    assert_true(slice_eq(have, slice_cstr(want)));
}

static void test_resolve_card__a_cover_is_one_of_trellos(void **state)
{
    struct fixture *f = *state;
    static const char *const wrong[] = {COVER("{\"color\":\"grey\"}"), COVER("{\"color\":7}"),
            COVER("{\"color\":\"red\",\"size\":\"huge\"}"), COVER("{\"brightness\":\"dim\"}"),
            COVER("{\"url\":\"https://example.org/a.png\"}"),
            COVER("{\"idUploadedBackground\":\"" LINK "\"}"),
            COVER("{\"color\":\"red\",\"idAttachment\":\"" LINK "\"}"),
            COVER("{\"idAttachment\":\"x\"}")};
    for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
        struct actor actor = {.member = ada};
        struct command *c = command_new(board_id, &actor);
        struct fault fault;
        assert_int_equal(command_decode(c, slice_cstr(wrong[i]), false, &fault), ERR_INVALID);
        assert_string_equal(fault.field, "cover");
        command_free(c);
    }
    run_ok(f, ada, COVER("{\"size\":\"full\",\"color\":\"sky\",\"idPlugin\":null,\"more\":[]}"));
    cover_is(f, "{\"brightness\":\"dark\",\"color\":\"sky\",\"idAttachment\":null,"
                "\"size\":\"full\"}");
    run_ok(f, ada, COVER("{\"size\":\"full\"}"));
    cover_is(f, "");
}

static void test_resolve_card__a_cover_shows_an_attachment_of_its_card(void **state)
{
    struct fixture *f = *state;
    static const char shown[] = "{\"brightness\":\"dark\",\"color\":null,\"idAttachment\":\"" LINK
                                "\",\"size\":\"normal\"}";
    assert_int_equal(run_err(f, ada, COVER("{\"idAttachment\":\"" LINK "\"}")), ERR_NOT_FOUND);
    run_ok(f, ada, LINKED);
    run_ok(f, ada, COVER("{\"idAttachment\":\"" LINK "\"}"));
    cover_is(f, shown);
    run_ok(f, ada, "[{\"op\":\"attachment.delete\",\"id\":\"" LINK "\"}]");
    cover_is(f, "");
}

int main(void)
{
    json_start();
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(test_resolve_card__##name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
            TEST(the_board_says_who_votes),
            TEST(a_vote_counts_once),
            TEST(votes_leave_with_whom_they_are_of),
            TEST(a_cover_is_one_of_trellos),
            TEST(a_cover_shows_an_attachment_of_its_card),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
