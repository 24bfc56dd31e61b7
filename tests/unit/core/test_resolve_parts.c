/* Parts of cards: what their ops make of the part, and of the face of the card. */
#include "core/badges.h"
#include "core/base/limits.h"
#include "tests/unit/core/engine_fixture.h"

#define CARD "400000000000000000000000"
#define LIST "500000000000000000000000"
#define MORE "510000000000000000000000"
#define ITEM "600000000000000000000000"
#define NEXT "610000000000000000000000"
#define BOB  "650200000000000000000000"
#define EVE  "650300000000000000000000"

#define CHECKLIST(id)                                                                              \
    "{\"op\":\"checklist.create\",\"id\":\"" id "\",\"idCard\":\"" CARD "\",\"name\":\"Tools\"}"
#define CHECK_ITEM(id, more)                                                                       \
    "{\"op\":\"checkItem.create\",\"id\":\"" id "\",\"idChecklist\":\"" LIST                       \
    "\",\"name\":\"Spade\"" more "}"

static void badges_are(struct fixture *f, const char *expected)
{
    struct slice badges = value_slice(object_value(object_at(f, KIND_CARD, CARD), F_CARD_BADGES));
    if (!slice_eq(badges, slice_cstr(expected)))
        fail_msg("badges are %.*s, not %s", SLICE_ARG(badges), expected);
}

static void with_items(struct fixture *f)
{
    run_ok(f, ada,
            "[" CHECKLIST(LIST) "," CHECK_ITEM(ITEM, "") "," CHECK_ITEM(
                    NEXT, ",\"due\":\"2026-12-24T10:00:00.000Z\"") "]");
}

static void test_checklist__comes_with_its_cards_badges_in_one_event(void **state)
{
    struct fixture *f = *state;
    uint64_t seq = engine_board(f->engine, board_id)->head.seq;
    with_items(f);
    assert_int_equal(engine_board(f->engine, board_id)->head.seq, seq + 1);
    badges_are(f, "{\"checkItems\":2,\"checkItemsEarliestDue\":\"2026-12-24T10:00:00.000Z\"}");
    assert_non_null(strstr(f->last, "[\"add\",\"checkItem\",\"" ITEM "\",{\"due\":null,"
                                    "\"dueReminder\":null,\"idCard\":\"" CARD "\""));
    const char *set = strstr(f->last, "[\"set\",\"card\"");
    assert_non_null(set);
    assert_null(strstr(set + 1, "[\"set\",\"card\"")); /* once, however many parts changed */
}

static void test_check_item__done_counts_and_its_due_date_counts_no_more(void **state)
{
    struct fixture *f = *state;
    with_items(f);
    run_ok(f, bob, "[{\"op\":\"checkItem.set\",\"id\":\"" NEXT "\",\"state\":\"complete\"}]");
    badges_are(f, "{\"checkItems\":2,\"checkItemsChecked\":1}");
    run_ok(f, bob, "[{\"op\":\"checkItem.delete\",\"id\":\"" NEXT "\"}]");
    badges_are(f, "{\"checkItems\":1}");
    run_ok(f, bob, "[{\"op\":\"checklist.delete\",\"id\":\"" LIST "\"}]");
    badges_are(f, "{}");
    assert_null(object_at(f, KIND_CHECK_ITEM, ITEM));
}

static void test_check_item__moves_within_its_card_only(void **state)
{
    struct fixture *f = *state;
    with_items(f);
    run_ok(f, ada, "[{\"op\":\"checkItem.move\",\"id\":\"" NEXT "\",\"after\":\"\"}]");
    assert_true(object_pos(object_at(f, KIND_CHECK_ITEM, NEXT)) <
                object_pos(object_at(f, KIND_CHECK_ITEM, ITEM)));
    run_ok(f, ada,
            "[" CHECKLIST(
                    MORE) ",{\"op\":\"checkItem.move\",\"id\":\"" ITEM "\",\"idChecklist\":\"" MORE
                          "\"},{\"op\":\"checklist.move\",\"id\":\"" MORE "\",\"pos\":\"top\"}]");
    assert_int_equal(board_children(engine_board(f->engine, board_id), KIND_CHECK_ITEM,
                             object_at(f, KIND_CHECKLIST, MORE)->id)
                             ->count,
            1);
    run_ok(f, ada,
            "[{\"op\":\"card.create\",\"id\":\"410000000000000000000000\",\"idList\":"
            "\"100000000000000000000000\",\"name\":\"x\"},{\"op\":\"checklist.create\",\"id\":"
            "\"520000000000000000000000\",\"idCard\":\"410000000000000000000000\",\"name\":\"\"}]");
    assert_int_equal(run_err(f, ada,
                             "[{\"op\":\"checkItem.move\",\"id\":\"" ITEM
                             "\",\"idChecklist\":\"520000000000000000000000\"}]"),
            ERR_INVALID);
}

static void test_check_item__is_for_members_and_has_two_states(void **state)
{
    struct fixture *f = *state;
    with_items(f);
    run_ok(f, ada, "[{\"op\":\"checkItem.set\",\"id\":\"" ITEM "\",\"idMember\":\"" BOB "\"}]");
    assert_int_equal(
            run_err(f, ada,
                    "[{\"op\":\"checkItem.set\",\"id\":\"" ITEM "\",\"idMember\":\"" EVE "\"}]"),
            ERR_NOT_FOUND);
    assert_int_equal(
            run_err(f, ada, "[{\"op\":\"checkItem.set\",\"id\":\"" ITEM "\",\"state\":\"half\"}]"),
            ERR_INVALID);
    run_ok(f, ada, "[{\"op\":\"member.remove\",\"idMember\":\"" BOB "\"}]");
    assert_int_equal(
            object_value(object_at(f, KIND_CHECK_ITEM, ITEM), F_CHECK_ITEM_ID_MEMBER)->type,
            VALUE_NULL);
}

static void test_card__takes_its_parts_along_and_a_refusal_brings_them_back(void **state)
{
    struct fixture *f = *state;
    with_items(f);
    assert_int_equal(run_err(f, ada,
                             "[{\"op\":\"card.delete\",\"id\":\"" CARD
                             "\",\"force\":true},{\"op\":\"card.close\",\"id\":\"" CARD "\"}]"),
            ERR_NOT_FOUND);
    assert_non_null(object_at(f, KIND_CHECK_ITEM, ITEM));
    badges_are(f, "{\"checkItems\":2,\"checkItemsEarliestDue\":\"2026-12-24T10:00:00.000Z\"}");
    run_ok(f, ada, "[{\"op\":\"card.delete\",\"id\":\"" CARD "\",\"force\":true}]");
    assert_null(object_at(f, KIND_CHECK_ITEM, ITEM));
    assert_null(object_at(f, KIND_CHECKLIST, LIST));
    assert_int_equal(
            run_err(f, bob,
                    "[{\"op\":\"checkItem.set\",\"id\":\"" ITEM "\",\"state\":\"complete\"}]"),
            ERR_GONE);
}

static void test_description__leaves_the_other_badges_alone(void **state)
{
    struct fixture *f = *state;
    with_items(f);
    run_ok(f, ada,
            "[{\"op\":\"checkItem.delete\",\"id\":\"" NEXT "\"},{\"op\":\"text.put\","
            "\"kind\":\"card\",\"id\":\"" CARD "\",\"field\":\"desc\",\"text\":\"x\"}]");
    badges_are(f, "{\"checkItems\":1,\"description\":true}");
}

#define COMMENT "700000000000000000000000"
#define COMMENT_CREATE                                                                             \
    "[{\"op\":\"comment.create\",\"id\":\"" COMMENT "\",\"idCard\":\"" CARD "\",\"text\":\"hm\"}]"

static struct slice comment_field(struct fixture *f, enum field field)
{
    return value_slice(object_value(object_at(f, KIND_COMMENT, COMMENT), field));
}

static void test_comment__has_its_author_and_date_and_counts_on_the_face(void **state)
{
    struct fixture *f = *state;
    run_ok(f, bob, COMMENT_CREATE);
    badges_are(f, "{\"comments\":1}");
    assert_true(id_eq(
            object_value(object_at(f, KIND_COMMENT, COMMENT), F_COMMENT_ID_MEMBER_CREATOR)->id,
            bob));
    assert_true(comment_field(f, F_COMMENT_DATE).len > 0);
    run_ok(f, bob, "[{\"op\":\"comment.delete\",\"id\":\"" COMMENT "\"}]");
    badges_are(f, "{}");
}

static void test_comment__is_changed_by_its_author_and_deleted_by_an_admin(void **state)
{
    static const char set[] = "[{\"op\":\"comment.set\",\"id\":\"" COMMENT "\",\"text\":\"well\"}]";
    static const char delete[] = "[{\"op\":\"comment.delete\",\"id\":\"" COMMENT "\"}]";
    struct fixture *f = *state;
    run_ok(f, bob, COMMENT_CREATE);
    assert_int_equal(run_err(f, ada, set), ERR_FORBIDDEN);
    run_ok(f, bob, set);
    assert_true(slice_eq(comment_field(f, F_COMMENT_TEXT), SLICE("well")));
    assert_true(comment_field(f, F_COMMENT_DATE_LAST_EDITED).len > 0);
    run_ok(f, ada, delete);
    run_ok(f, ada,
            "[{\"op\":\"comment.create\",\"id\":\"720000000000000000000000\",\"idCard\":\"" CARD
            "\",\"text\":\"mine\"}]");
    assert_int_equal(
            run_err(f, bob, "[{\"op\":\"comment.delete\",\"id\":\"720000000000000000000000\"}]"),
            ERR_FORBIDDEN);
    run_ok(f, ada, "[{\"op\":\"card.delete\",\"id\":\"" CARD "\",\"force\":true}]");
    assert_null(object_at(f, KIND_COMMENT, "720000000000000000000000"));
}

static void react(struct fixture *f, struct id actor, const char *emoji, const char *on)
{
    char ops[256];
    snprintf(ops, sizeof ops,
            "[{\"op\":\"comment.react\",\"id\":\"" COMMENT "\",\"emoji\":\"%s\",\"on\":%s}]", emoji,
            on);
    run_ok(f, actor, ops);
}

static void test_reaction__is_one_a_person_and_emoji(void **state)
{
    struct fixture *f = *state;
    char expected[128], ids[2][ID_TEXT + 1];
    id_format(ada, ids[0]);
    id_format(bob, ids[1]);
    run_ok(f, bob, COMMENT_CREATE);
    react(f, ada, "+", "true");
    react(f, bob, "+", "true");
    react(f, ada, "+", "true");
    snprintf(expected, sizeof expected, "[[\"%s\",\"+\"],[\"%s\",\"+\"]]", ids[0], ids[1]);
    assert_true(slice_eq(comment_field(f, F_COMMENT_REACTIONS), slice_cstr(expected)));
    react(f, ada, "+", "false");
    react(f, bob, "+", "false");
    react(f, bob, "+", "false");
    assert_int_equal(object_value(object_at(f, KIND_COMMENT, COMMENT), F_COMMENT_REACTIONS)->type,
            VALUE_NULL);
}

#define FILE_ONE "900000000000000000000000"
#define FILE_TWO "910000000000000000000000"
#define HASH     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define BY_TYPE(board, card)                                                                       \
    "\"attachmentsByType\":{\"trello\":{\"board\":" #board ",\"card\":" #card "}}"
#define LINK(id, url)                                                                              \
    "[{\"op\":\"attachment.create\",\"id\":\"" id "\",\"idCard\":\"" CARD "\",\"url\":\"" url "\"}]"
#define UPLOAD(id, more)                                                                           \
    "[{\"op\":\"attachment.file\",\"id\":\"" id "\",\"idCard\":\"" CARD "\",\"bytes\":3," more "}]"

static struct slice attachment_field(struct fixture *f, const char *id, enum field field)
{
    return value_slice(object_value(object_at(f, KIND_ATTACHMENT, id), field));
}

static void test_attachment__is_a_link_that_can_be_followed(void **state)
{
    struct fixture *f = *state;
    run_ok(f, bob, LINK(FILE_ONE, "https://example.org/plan"));
    badges_are(f, "{\"attachments\":1}");
    assert_true(slice_eq(attachment_field(f, FILE_ONE, F_ATTACHMENT_NAME),
            SLICE("https://example.org/plan")));
    assert_true(attachment_field(f, FILE_ONE, F_ATTACHMENT_DATE).len > 0);
    assert_true(id_eq(
            object_value(object_at(f, KIND_ATTACHMENT, FILE_ONE), F_ATTACHMENT_ID_MEMBER)->id,
            bob));
    static const char *const nowhere[] = {LINK(FILE_TWO, "javascript:alert(1)"),
            LINK(FILE_TWO, "data:text/html,x"), LINK(FILE_TWO, "https://"),
            LINK(FILE_TWO, "https:///x"), LINK(FILE_TWO, "https://a b"),
            LINK(FILE_TWO, " https://a"), LINK(FILE_TWO, "")};
    for (size_t i = 0; i < ARRAY_COUNT(nowhere); i++)
        assert_int_equal(run_err(f, ada, nowhere[i]), ERR_INVALID);
    assert_null(object_at(f, KIND_ATTACHMENT, FILE_TWO));
}

static void test_attachment__links_to_boards_and_cards_are_counted_apart(void **state)
{
    struct fixture *f = *state;
    run_ok(f, ada, LINK(FILE_ONE, "https://trello.com/c/abCD1234/7-beans"));
    run_ok(f, ada, LINK(FILE_TWO, "http://localhost:8080/b/abCD1234"));
    badges_are(f, "{\"attachments\":2," BY_TYPE(1, 1) "}");
    run_ok(f, ada, "[{\"op\":\"attachment.delete\",\"id\":\"" FILE_TWO "\"}]");
    badges_are(f, "{\"attachments\":1," BY_TYPE(0, 1) "}");
    run_ok(f, ada, "[{\"op\":\"attachment.delete\",\"id\":\"" FILE_ONE "\"}]");
    badges_are(f, "{}");
}

static void refused(const char *ops)
{
    struct command *c = command_new(board_id, &(struct actor){.member = ada});
    struct fault fault;
    assert_int_equal(command_decode(c, slice_cstr(ops), false, &fault), ERR_INVALID);
    command_free(c);
}

/* Whoever could name a stored file by its hash could read those of others. */
static void test_attachment__only_the_server_says_which_file_it_is(void **state)
{
    struct fixture *f = *state;
    static const char *const ops[] = {
            UPLOAD(FILE_ONE, "\"file\":\"" HASH "\",\"fileName\":\"a.png\""),
            "[{\"op\":\"attachment.create\",\"id\":\"" FILE_ONE "\",\"idCard\":\"" CARD
            "\",\"url\":\"https://a\",\"file\":\"" HASH "\"}]"};
    refused(ops[0]);
    refused(ops[1]);
    run_ok(f, bob, ops[0]); /* as the server itself says it */
    assert_true(slice_eq(attachment_field(f, FILE_ONE, F_ATTACHMENT_NAME), SLICE("a.png")));
    assert_true(object_value(object_at(f, KIND_ATTACHMENT, FILE_ONE), F_ATTACHMENT_IS_UPLOAD)
                        ->boolean);
    assert_int_equal(
            run_err(f, ada, UPLOAD(FILE_TWO, "\"file\":\"../lock\",\"fileName\":\"a\"")),
            ERR_INVALID);
}

static void test_attachment__is_renamed_and_moved_and_nothing_else(void **state)
{
    struct fixture *f = *state;
    run_ok(f, ada, LINK(FILE_ONE, "https://a"));
    run_ok(f, ada, LINK(FILE_TWO, "https://b"));
    run_ok(f, bob, "[{\"op\":\"attachment.set\",\"id\":\"" FILE_ONE "\",\"name\":\"A\"}]");
    run_ok(f, bob, "[{\"op\":\"attachment.move\",\"id\":\"" FILE_TWO "\",\"pos\":\"top\"}]");
    assert_true(slice_eq(attachment_field(f, FILE_ONE, F_ATTACHMENT_NAME), SLICE("A")));
    assert_true(object_pos(object_at(f, KIND_ATTACHMENT, FILE_TWO)) <
                object_pos(object_at(f, KIND_ATTACHMENT, FILE_ONE)));
    refused("[{\"op\":\"attachment.set\",\"id\":\"" FILE_ONE "\",\"url\":\"https://c\"}]");
    refused("[{\"op\":\"attachment.set\",\"id\":\"" FILE_ONE "\",\"name\":\"\"}]");
    run_ok(f, ada, "[{\"op\":\"card.delete\",\"id\":\"" CARD "\",\"force\":true}]");
    assert_null(object_at(f, KIND_ATTACHMENT, FILE_ONE));
}

#define FIELD  "800000000000000000000000"
#define OPTION "810000000000000000000000"
#define VALUE  "820000000000000000000000"
#define FIELD_CREATE(type)                                                                         \
    "{\"op\":\"customField.create\",\"id\":\"" FIELD "\",\"name\":\"Size\",\"type\":\"" type "\"}"
#define VALUE_SET(more)                                                                            \
    "[{\"op\":\"customFieldItem.set\",\"id\":\"" VALUE "\",\"idCard\":\"" CARD                     \
    "\",\"idCustomField\":\"" FIELD "\"" more "}]"

static void test_custom_field__holds_one_value_a_card_of_its_type(void **state)
{
    struct fixture *f = *state;
    run_ok(f, ada, "[" FIELD_CREATE("number") "]");
    run_ok(f, bob, VALUE_SET(",\"value\":{\"number\":\"3.5\"}"));
    run_ok(f, ada,
            "[{\"op\":\"customFieldItem.set\",\"id\":\"830000000000000000000000\",\"idCard\":"
            "\"" CARD "\",\"idCustomField\":\"" FIELD "\",\"value\":{\"number\":\"4\"}}]");
    assert_null(object_at(f, KIND_FIELD_ITEM, "830000000000000000000000"));
    assert_true(slice_eq(
            value_slice(object_value(object_at(f, KIND_FIELD_ITEM, VALUE), F_FIELD_ITEM_VALUE)),
            SLICE("{\"number\":\"4\"}")));
    assert_int_equal(run_err(f, ada, VALUE_SET(",\"value\":{\"number\":\"four\"}")), ERR_INVALID);
    assert_int_equal(run_err(f, ada, VALUE_SET(",\"value\":{\"text\":\"4\"}")), ERR_INVALID);
    assert_int_equal(run_err(f, ada, VALUE_SET(",\"value\":{\"number\":\"4\",\"text\":\"4\"}")),
            ERR_INVALID);
    run_ok(f, ada, VALUE_SET(""));
    assert_null(object_at(f, KIND_FIELD_ITEM, VALUE));
}

static void test_custom_field__takes_options_and_values_along(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(run_err(f, ada, "[" FIELD_CREATE("colour") "]"), ERR_INVALID);
    run_ok(f, ada,
            "[" FIELD_CREATE("list") ",{\"op\":\"customFieldOption.create\",\"id\":\"" OPTION
                                     "\",\"idCustomField\":\"" FIELD "\",\"text\":\"Large\"}]");
    run_ok(f, bob, VALUE_SET(",\"idValue\":\"" OPTION "\""));
    assert_int_equal(
            run_err(f, bob, VALUE_SET(",\"idValue\":\"840000000000000000000000\"")), ERR_INVALID);
    run_ok(f, bob, "[{\"op\":\"customFieldOption.delete\",\"id\":\"" OPTION "\"}]");
    assert_null(object_at(f, KIND_FIELD_ITEM, VALUE));
    run_ok(f, bob, "[{\"op\":\"customField.delete\",\"id\":\"" FIELD "\"}]");
    assert_null(object_at(f, KIND_CUSTOM_FIELD, FIELD));
}

#define TWO_FIELDS                                                                                 \
    "[" FIELD_CREATE("list") ",{\"op\":\"customFieldOption.create\",\"id\":\"" OPTION             \
    "\",\"idCustomField\":\"" FIELD "\",\"text\":\"Large\"},"                                      \
    "{\"op\":\"customField.create\",\"id\":\"" TEXT_FIELD                                          \
    "\",\"name\":\"Words\",\"type\":\"text\"}]"
#define TEXT_FIELD "700000000000000000000000"
#define WORDS_SET(words)                                                                           \
    "[{\"op\":\"customFieldItem.set\",\"id\":\"" NEXT "\",\"idCard\":\"" CARD                     \
    "\",\"idCustomField\":\"" TEXT_FIELD "\",\"value\":" words "}]"
#define TEN     "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static bool face_right(struct fixture *f)
{
    struct arena a;
    arena_init(&a, KIB(4), MIB(1));
    bool right = badges_fields_right(
            &a, engine_board(f->engine, board_id), object_at(f, KIND_CARD, CARD));
    arena_fini(&a);
    return right;
}

static void test_custom_field__is_on_the_cards_face_in_the_same_event(void **state)
{
    struct fixture *f = *state;
    run_ok(f, ada, TWO_FIELDS);
    run_ok(f, bob, VALUE_SET(",\"idValue\":\"" OPTION "\""));
    badges_are(f, "{\"customFields\":{\"" FIELD "\":\"" OPTION "\"}}");
    assert_non_null(strstr(f->last, "\"badges\":{\"customFields\""));
    run_ok(f, bob, WORDS_SET("{\"text\":\"x\"}"));
    badges_are(f, "{\"customFields\":{\"" TEXT_FIELD "\":{\"text\":\"x\"},\"" FIELD "\":\"" OPTION
                  "\"}}");
    run_ok(f, bob, "[{\"op\":\"text.put\",\"kind\":\"card\",\"id\":\"" CARD
                   "\",\"field\":\"desc\",\"text\":\"d\"}]");
    badges_are(f, "{\"customFields\":{\"" TEXT_FIELD "\":{\"text\":\"x\"},\"" FIELD "\":\"" OPTION
                  "\"},\"description\":true}");
    /* What is gone is no value of the face, and leaves with the card's next change. */
    run_ok(f, bob, "[{\"op\":\"customFieldOption.delete\",\"id\":\"" OPTION "\"}]");
    assert_true(face_right(f));
    run_ok(f, bob, WORDS_SET("{\"text\":\"y\"}"));
    badges_are(f, "{\"customFields\":{\"" TEXT_FIELD "\":{\"text\":\"y\"}},\"description\":true}");
    run_ok(f, bob, "[{\"op\":\"customField.delete\",\"id\":\"" TEXT_FIELD "\"}]");
    assert_true(face_right(f));
    run_ok(f, bob, "[" CHECKLIST(LIST) "]");
    badges_are(f, "{\"description\":true}");
}

static void test_custom_field__has_as_much_on_a_face_as_fits(void **state)
{
    struct fixture *f = *state;
    run_ok(f, ada, TWO_FIELDS);
    run_ok(f, ada, WORDS_SET("{\"text\":\"" HUNDRED "\"}"));
    badges_are(f, "{\"customFields\":{\"" TEXT_FIELD "\":{\"text\":\"" TEN TEN TEN TEN TEN "\"}}}");
    assert_true(face_right(f));
    run_ok(f, ada, WORDS_SET("null"));
    badges_are(f, "{}");
    char op[1000];
    for (unsigned i = 0; i < CUSTOM_FIELDS_MAX - 2; i++) {
        snprintf(op, sizeof op,
                "[{\"op\":\"customField.create\",\"id\":\"8600000000000000%08x\",\"name\":\"n\","
                "\"type\":\"text\"},{\"op\":\"customFieldItem.set\",\"id\":\"8700000000000000%08x"
                "\",\"idCard\":\"" CARD "\",\"idCustomField\":\"8600000000000000%08x\",\"value\":{"
                "\"text\":\"" HUNDRED "\"}}]",
                i, i, i);
        run_ok(f, ada, op);
    }
    struct slice badges = value_slice(object_value(object_at(f, KIND_CARD, CARD), F_CARD_BADGES));
    assert_in_range(badges.len, KIB(12), JSON_FIELD_BYTES_MAX);
    assert_true(face_right(f));
}

/* As programs stored cards before faces said anything of fields. */
static void test_custom_field__comes_to_faces_of_old_cards_when_their_board_is_loaded(void **state)
{
    struct fixture *f = *state;
    assert_null(engine_mend(f->engine, board_id));
    assert_null(engine_mend(f->engine, ada)); /* no board that is loaded */
    run_ok(f, ada, TWO_FIELDS);
    run_ok(f, bob, WORDS_SET("{\"text\":\"x\"}"));
    assert_null(engine_mend(f->engine, board_id));
    struct value *badges = object_value(object_at(f, KIND_CARD, CARD), F_CARD_BADGES);
    value_fini(badges);
    *badges = value_json(SLICE("{\"comments\":3}"));
    assert_false(face_right(f));
    struct command *c = engine_mend(f->engine, board_id);
    assert_non_null(c);
    forget(f);
    engine_submit(f->engine, c, NOW);
    turn(f);
    answer(f, OPLOG_COMMITTED);
    assert_int_equal(c->verdict, VERDICT_ACCEPTED);
    badges_are(f, "{\"customFields\":{\"" TEXT_FIELD "\":{\"text\":\"x\"}}}");
    assert_null(strstr(f->last, "dateLastActivity"));
    assert_null(engine_mend(f->engine, board_id));
}

#define T(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    json_start();
    const struct CMUnitTest tests[] = {
            T(test_checklist__comes_with_its_cards_badges_in_one_event),
            T(test_check_item__done_counts_and_its_due_date_counts_no_more),
            T(test_check_item__moves_within_its_card_only),
            T(test_check_item__is_for_members_and_has_two_states),
            T(test_card__takes_its_parts_along_and_a_refusal_brings_them_back),
            T(test_description__leaves_the_other_badges_alone),
            T(test_comment__has_its_author_and_date_and_counts_on_the_face),
            T(test_comment__is_changed_by_its_author_and_deleted_by_an_admin),
            T(test_reaction__is_one_a_person_and_emoji),
            T(test_attachment__is_a_link_that_can_be_followed),
            T(test_attachment__links_to_boards_and_cards_are_counted_apart),
            T(test_attachment__only_the_server_says_which_file_it_is),
            T(test_attachment__is_renamed_and_moved_and_nothing_else),
            T(test_custom_field__holds_one_value_a_card_of_its_type),
            T(test_custom_field__takes_options_and_values_along),
            T(test_custom_field__is_on_the_cards_face_in_the_same_event),
            T(test_custom_field__has_as_much_on_a_face_as_fits),
            T(test_custom_field__comes_to_faces_of_old_cards_when_their_board_is_loaded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
