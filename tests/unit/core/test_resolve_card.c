#include "core/badges.h"
#include "core/cover.h"
#include "core/base/hash.h"
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

#define COMMENT_OP(verb, id, more)                                                                 \
    "[{\"op\":\"comment." verb "\",\"id\":\"" id "\"" more "}]"
#define SAY(id)      COMMENT_OP("create", id, ",\"idCard\":\"" CARD "\",\"text\":\"x\"")
#define LIKE(id)     COMMENT_OP("react", id, ",\"emoji\":\"1f44d\",\"on\":true")
#define TAKE_OUT(id) COMMENT_OP("delete", id, "")
#define COMMENT1     "610000000000000000000000"
#define COMMENT2     "620000000000000000000000"

static void comments(struct fixture *f, const char *who)
{
    char op[100];
    snprintf(op, sizeof op, "[{\"op\":\"board.set\",\"prefs\":{\"comments\":\"%s\"}}]", who);
    run_ok(f, ada, op);
}

static void test_resolve_card__the_board_says_who_comments(void **state)
{
    struct fixture *f = *state;
    run_ok(f, bob, SAY(COMMENT1));
    run_ok(f, ada, "[{\"op\":\"member.role\",\"idMember\":\"" BOB "\",\"role\":\"observer\"}]");
    assert_int_equal(run_err(f, bob, SAY(COMMENT2)), ERR_FORBIDDEN);
    assert_int_equal(run_err(f, bob, LIKE(COMMENT1)), ERR_FORBIDDEN);
    assert_int_equal(run_err(f, bob, TAKE_OUT(COMMENT1)), ERR_FORBIDDEN);
    comments(f, "observers");
    run_ok(f, bob, SAY(COMMENT2));
    run_ok(f, bob, LIKE(COMMENT2));
    run_ok(f, bob, TAKE_OUT(COMMENT2));
    comments(f, "disabled");
    assert_int_equal(run_err(f, ada, LIKE(COMMENT1)), ERR_FORBIDDEN);
    run_ok(f, ada, TAKE_OUT(COMMENT1)); /* an admin moderates whatever the board says */
    assert_int_equal(run_err(f, eve, SAY(COMMENT2)), ERR_NOT_FOUND);
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

#define COPY  "480000000000000000000000"
#define ITEMS "800000000000000000000000"
#define COPIED(more)                                                                               \
    "[{\"op\":\"card.copy\",\"id\":\"" COPY "\",\"idSource\":\"" CARD "\",\"idList\":\"" LIST1     \
    "\"" more "}]"
#define PART(op, id, more)                                                                         \
    "[{\"op\":\"" op ".create\",\"id\":\"" id "\"," more "}]"
#define ON_CARD "\"idCard\":\"" CARD "\""

static void fill(struct fixture *f)
{
    voting(f, "members");
    run_ok(f, ada, VOTE("true"));
    run_ok(f, ada, LINKED);
    run_ok(f, ada, COVER("{\"idAttachment\":\"" LINK "\",\"size\":\"full\"}"));
    run_ok(f, ada, "[{\"op\":\"card.member\",\"id\":\"" CARD "\",\"element\":\"" BOB
                   "\",\"on\":true},{\"op\":\"card.set\",\"id\":\"" CARD
                   "\",\"due\":\"2026-12-01T10:00:00.000Z\",\"dueComplete\":true}]");
    run_ok(f, ada, PART("checklist", ITEMS, ON_CARD ",\"name\":\"Steps\""));
    run_ok(f, ada, PART("checkItem", "810000000000000000000000",
                           "\"idChecklist\":\"" ITEMS "\",\"name\":\"one\",\"state\":"
                           "\"complete\""));
    run_ok(f, ada, PART("checkItem", "820000000000000000000000",
                           "\"idChecklist\":\"" ITEMS "\",\"name\":\"two\""));
    run_ok(f, bob, PART("comment", "900000000000000000000000", ON_CARD ",\"text\":\"b\""));
    run_ok(f, ada, PART("comment", "910000000000000000000000", ON_CARD ",\"text\":\"a\""));
    run_ok(f, ada, "[{\"op\":\"text.put\",\"kind\":\"card\",\"id\":\"" CARD
                   "\",\"field\":\"desc\",\"text\":\"all of it\"}]");
}

static struct object *child(struct fixture *f, enum kind kind, const char *parent, size_t index)
{
    struct id id;
    assert_true(id_parse(slice_cstr(parent), &id));
    const struct siblings *s = board_children(engine_board(f->engine, board_id), kind, id);
    assert_true(s != NULL && index < s->count);
    return s->at[index];
}

static void text_is(struct object *o, enum field field, const char *want)
{
    assert_true(slice_eq(value_slice(object_value(o, field)), slice_cstr(want)));
}

static void test_resolve_card__a_copy_has_all_of_it_under_new_ids(void **state)
{
    struct fixture *f = *state;
    char checklist[ID_TEXT + 1];
    struct cover cover;
    fill(f);
    struct object *card = object_at(f, KIND_CARD, CARD);
    struct badges had = badges_of(card);
    run_ok(f, ada, COPIED(""));
    struct object *copy = object_at(f, KIND_CARD, COPY);
    assert_true(value_eq(object_value(copy, F_CARD_NAME), object_value(card, F_CARD_NAME)));
    assert_true(value_set_has(object_value(copy, F_CARD_ID_MEMBERS), bob));
    text_is(copy, F_CARD_DUE, "2026-12-01T10:00:00.000Z");
    assert_false(object_value(copy, F_CARD_DUE_COMPLETE)->boolean);
    assert_null(object_value(copy, F_CARD_ID_MEMBERS_VOTED)->set);
    assert_true(slice_eq(board_doc(engine_board(f->engine, board_id), copy->id, F_CARD_DESC)->text,
            SLICE("all of it")));
    struct badges has = badges_of(copy);
    assert_true(has.check_items == 2 && has.check_items_checked == 1 && has.description);
    assert_true(has.comments == had.comments && has.attachments == had.attachments);
    id_format(child(f, KIND_CHECKLIST, COPY, 0)->id, checklist);
    assert_string_not_equal(checklist, ITEMS);
    text_is(child(f, KIND_CHECK_ITEM, checklist, 1), F_CHECK_ITEM_NAME, "two");
    text_is(child(f, KIND_COMMENT, COPY, 0), F_COMMENT_TEXT, "b");
    assert_true(id_eq(
            object_value(child(f, KIND_COMMENT, COPY, 0), F_COMMENT_ID_MEMBER_CREATOR)->id, bob));
    assert_true(cover_read(object_value(copy, F_CARD_COVER), &cover) && cover.full);
    assert_true(id_eq(cover.attachment, child(f, KIND_ATTACHMENT, COPY, 0)->id));
    assert_int_equal(object_value(copy, F_CARD_ID_SHORT)->num,
            object_value(card, F_CARD_ID_SHORT)->num + 1);
}

static void test_resolve_card__a_copy_keeps_what_it_is_told(void **state)
{
    struct fixture *f = *state;
    fill(f);
    run_ok(f, ada, COPIED(",\"keep\":[\"due\"],\"name\":\"Other\",\"start\":null"));
    struct object *copy = object_at(f, KIND_CARD, COPY);
    text_is(copy, F_CARD_NAME, "Other");
    text_is(copy, F_CARD_BADGES, "{\"description\":true}");
    assert_true(object_value(copy, F_CARD_COVER)->type == VALUE_NULL);
    assert_null(object_value(copy, F_CARD_ID_MEMBERS)->set);
    text_is(copy, F_CARD_DUE, "2026-12-01T10:00:00.000Z");
    assert_int_equal(run_err(f, ada, COPIED("")), ERR_EXISTS);
    run_ok(f, ada, "[{\"op\":\"card.delete\",\"id\":\"" CARD "\",\"force\":true}]");
    assert_int_equal(run_err(f, ada,
                             "[{\"op\":\"card.copy\",\"id\":\"490000000000000000000000\","
                             "\"idSource\":\"" CARD "\",\"idList\":\"" LIST1 "\"}]"),
            ERR_GONE);
}

static void test_resolve_card__a_copy_may_have_another_description(void **state)
{
    struct fixture *f = *state;
    struct id copy;
    fill(f);
    run_ok(f, ada, COPIED(",\"desc\":\"less of it\""));
    assert_true(id_parse(SLICE(COPY), &copy));
    assert_true(slice_eq(board_doc(engine_board(f->engine, board_id), copy, F_CARD_DESC)->text,
            SLICE("less of it")));
}

static void test_resolve_card__a_copys_parts_pass_over_ids_that_are_taken(void **state)
{
    struct fixture *f = *state;
    struct id copy;
    char text[200], taken[ID_TEXT + 1];
    run_ok(f, ada, PART("checklist", ITEMS, ON_CARD ",\"name\":\"Steps\""));
    uint64_t seq = engine_board(f->engine, board_id)->head.seq + 2; /* the copy's */
    assert_true(id_parse(SLICE(COPY), &copy));
    uint64_t bits = hash64(slice_of(copy.bytes, ID_BYTES), seq) >> 32 << 32;
    id_format(id_make((uint32_t)(NOW / 1000), bits), taken);
    snprintf(text, sizeof text, PART("label", "%s", "\"name\":\"l\""), taken);
    run_ok(f, ada, text);
    run_ok(f, ada, COPIED(""));
    assert_true(id_eq(child(f, KIND_CHECKLIST, COPY, 0)->id,
            id_make((uint32_t)(NOW / 1000), bits + 1)));
}

int main(void)
{
    json_start();
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(test_resolve_card__##name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
            TEST(the_board_says_who_votes),
            TEST(the_board_says_who_comments),
            TEST(a_vote_counts_once),
            TEST(votes_leave_with_whom_they_are_of),
            TEST(a_cover_is_one_of_trellos),
            TEST(a_cover_shows_an_attachment_of_its_card),
            TEST(a_copy_has_all_of_it_under_new_ids),
            TEST(a_copy_keeps_what_it_is_told),
            TEST(a_copy_may_have_another_description),
            TEST(a_copys_parts_pass_over_ids_that_are_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
