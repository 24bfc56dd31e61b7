/* Taking events back through the engine, from the very records that it logged: what is refused, and
 * what of it is done for one object only. */
#include "tests/unit/core/engine_fixture.h"

#define LIST1 "100000000000000000000000"
#define LIST2 "200000000000000000000000"
#define LABEL "300000000000000000000000"
#define CARD  "400000000000000000000000"
#define CARD2 "410000000000000000000000"
#define KIT   "500000000000000000000000"
#define ITEM  "600000000000000000000000"
#define SAID  "700000000000000000000000"
#define LINK  "800000000000000000000000"
#define FIELD "900000000000000000000000"
#define PICK  "a00000000000000000000000"
#define VALUE "b00000000000000000000000"
#define BOB   "650200000000000000000000"
#define BOARD "010000000000000000000000"

#define VALUE_SET(id, field, value)                                                                \
    "[{'op':'customFieldItem.set','id':'" id "','idCard':'" CARD "','idCustomField':'" field       \
    "'," value "}]"
#define VALUE_IS(option)  VALUE_SET(VALUE, FIELD, "'idValue':" option)
#define WRITTEN_IS(value) VALUE_SET("b10000000000000000000000", "910000000000000000000000", value)

struct record {
    char text[8192]; /* of [public,old], two strings */
};

static const char *quoted(const char *text)
{
    static char out[8192];
    size_t len = strlen(text);
    assert_true(len < sizeof out);
    for (size_t i = 0; i <= len; i++)
        out[i] = text[i] == '\'' ? '"' : text[i];
    return out;
}

static void done_by(struct fixture *f, struct id who, const char *ops, struct record *ret_record)
{
    forget(f);
    send(f, who, "", 0, quoted(ops));
    turn(f);
    if (f->batch == NULL) fail_msg("%s: %s", ops, f->answers[0]->fault.wrong);
    const struct event *e = f->batch->events;
    struct buf text;
    buf_init(&text, sizeof ret_record->text - 1);
    struct json_out j = json_out(&text);
    json_array_begin(&j);
    json_str(&j, e->public_json);
    json_str(&j, e->old_json);
    json_array_end(&j);
    assert_true(buf_ok(&text));
    snprintf(ret_record->text, sizeof ret_record->text, "%.*s", SLICE_ARG(buf_slice(&text)));
    buf_fini(&text);
    answer(f, OPLOG_COMMITTED);
}

static void done(struct fixture *f, const char *ops, struct record *ret_record)
{
    done_by(f, ada, ops, ret_record);
}

static enum err back_by(struct fixture *f, struct id who, const struct record *r, const char *id)
{
    char text[sizeof r->text + 128];
    snprintf(text, sizeof text, "[{\"op\":\"event.revert\",\"record\":%s%s%s%s}]", r->text,
            id ? ",\"id\":\"" : "", id ? id : "", id ? "\"" : "");
    struct command *c = run(f, who, text);
    return c->verdict == VERDICT_ACCEPTED ? ERR_OK : c->fault.err;
}

static enum err back(struct fixture *f, const struct record *r)
{
    return back_by(f, ada, r, NULL);
}

static void plain(struct fixture *f, const char *ops)
{
    run_ok(f, ada, quoted(ops));
}

static void test_take_back__of_what_is_gone(void **state)
{
    struct fixture *f = *state;
    struct record named, made, tagged, closed;
    done(f, "[{'op':'card.create','id':'" CARD2 "','idList':'" LIST1 "','name':'x'}]", &made);
    done(f, "[{'op':'card.set','id':'" CARD2 "','name':'y'}]", &named);
    done(f, "[{'op':'card.label','id':'" CARD2 "','element':'" LABEL "','on':true}]", &tagged);
    done(f, "[{'op':'cards.set','ids':['" CARD "','" CARD2 "'],'fields':{'dueComplete':true}}]",
            &closed);
    assert_int_equal(back(f, &made), ERR_CONFLICT);
    plain(f, "[{'op':'card.delete','id':'" CARD2 "','force':true}]");
    assert_int_equal(back(f, &made), ERR_GONE);
    assert_int_equal(back(f, &named), ERR_GONE);
    assert_int_equal(back(f, &tagged), ERR_GONE);
    assert_int_equal(back(f, &closed), ERR_OK); /* of the one that is there */
    assert_false(object_value(object_at(f, KIND_CARD, CARD), F_CARD_DUE_COMPLETE)->boolean);
}

static void test_take_back__for_one_object(void **state)
{
    struct fixture *f = *state;
    struct record both, tags, gone, parts, label;
    plain(f, "[{'op':'card.create','id':'" CARD2 "','idList':'" LIST1 "','name':'x'}]");
    done(f, "[{'op':'cards.set','ids':['" CARD "','" CARD2 "'],'fields':{'dueComplete':true}}]",
            &both);
    assert_int_equal(back_by(f, ada, &both, CARD2), ERR_OK);
    assert_true(object_value(object_at(f, KIND_CARD, CARD), F_CARD_DUE_COMPLETE)->boolean);
    assert_int_equal(back_by(f, ada, &both, LIST2), ERR_CONFLICT); /* nothing of it */
    done(f,
            "[{'op':'card.label','id':'" CARD2 "','element':'" LABEL "','on':true},"
            "{'op':'card.label','id':'" CARD "','element':'" LABEL "','on':false}]",
            &tags);
    assert_int_equal(back_by(f, ada, &tags, CARD), ERR_OK);
    assert_true(value_set_has(
            object_value(object_at(f, KIND_CARD, CARD2), F_CARD_ID_LABELS), (struct id){{0x30}}));
    done(f, "[{'op':'label.delete','id':'" LABEL "'}]", &label);
    assert_int_equal(back_by(f, ada, &label, LABEL), ERR_OK);
    plain(f, "[{'op':'checklist.create','id':'" KIT "','idCard':'" CARD "','name':'k'},"
             "{'op':'checkItem.create','id':'" ITEM "','idChecklist':'" KIT "','name':'i'}]");
    done(f,
            "[{'op':'card.delete','id':'" CARD "','force':true},{'op':'card.delete','id':'" CARD2
            "','force':true}]",
            &gone);
    assert_int_equal(back_by(f, ada, &gone, CARD), ERR_OK);
    assert_non_null(object_at(f, KIND_CHECK_ITEM, ITEM));
    assert_null(object_at(f, KIND_CARD, CARD2));
    assert_int_equal(back_by(f, ada, &gone, CARD), ERR_CONFLICT);
    done(f,
            "[{'op':'checkItem.set','id':'" ITEM "','state':'complete'},"
            "{'op':'card.set','id':'" CARD "','name':'n'}]",
            &parts);
    assert_int_equal(back_by(f, ada, &parts, CARD), ERR_OK); /* and what hangs on it */
    assert_true(slice_eq(
            value_slice(object_value(object_at(f, KIND_CHECK_ITEM, ITEM), F_CHECK_ITEM_STATE)),
            SLICE("incomplete")));
}

static void test_take_back__of_parts_needs_what_they_hung_on(void **state)
{
    struct fixture *f = *state;
    struct record item, kit, made, said, value, field, pick;
    done(f, "[{'op':'checklist.create','id':'" KIT "','idCard':'" CARD "','name':'k'}]", &made);
    plain(f, "[{'op':'checkItem.create','id':'" ITEM "','idChecklist':'" KIT "','name':'i'}]");
    assert_int_equal(back(f, &made), ERR_CONFLICT); /* it has an item by now */
    done(f, "[{'op':'checkItem.delete','id':'" ITEM "'}]", &item);
    done(f, "[{'op':'checklist.delete','id':'" KIT "'}]", &kit);
    assert_int_equal(back(f, &item), ERR_GONE);
    assert_int_equal(back(f, &kit), ERR_OK);
    assert_int_equal(back(f, &item), ERR_OK);
    plain(f, "[{'op':'comment.create','id':'" SAID "','idCard':'" CARD "','text':'t'}]");
    done(f, "[{'op':'comment.delete','id':'" SAID "'}]", &said);
    plain(f, "[{'op':'customField.create','id':'" FIELD "','name':'f','type':'list'},"
             "{'op':'customFieldOption.create','id':'" PICK "','idCustomField':'" FIELD
             "','text':'p'}]");
    done(f,
            "[{'op':'customFieldItem.set','id':'" VALUE "','idCard':'" CARD
            "','idCustomField':'" FIELD "','idValue':'" PICK "'}]",
            &value);
    done(f, "[{'op':'customFieldOption.delete','id':'" PICK "'}]", &pick);
    done(f, "[{'op':'customField.delete','id':'" FIELD "'}]", &field);
    assert_int_equal(back(f, &pick), ERR_GONE);
    assert_int_equal(back(f, &field), ERR_OK);
    assert_int_equal(back(f, &pick), ERR_OK);
    assert_non_null(object_at(f, KIND_FIELD_ITEM, VALUE));
    plain(f, "[{'op':'card.delete','id':'" CARD "','force':true}]");
    assert_int_equal(back(f, &said), ERR_GONE);
}

/* A value is not put back to an option that was deleted. */
static void test_take_back__of_values_needs_their_options(void **state)
{
    struct fixture *f = *state;
    struct record moved, none, both;
    plain(f, "[{'op':'customField.create','id':'" FIELD "','name':'f','type':'list'},"
             "{'op':'customFieldOption.create','id':'" PICK "','idCustomField':'" FIELD
             "','text':'p'},{'op':'customFieldOption.create','id':'a10000000000000000000000',"
             "'idCustomField':'" FIELD "','text':'q'}]");
    plain(f, VALUE_IS("'" PICK "'"));
    done(f, VALUE_IS("'a10000000000000000000000'"), &moved);
    assert_int_equal(back(f, &moved), ERR_OK);
    plain(f, VALUE_IS("'a10000000000000000000000'"));
    done(f, "[{'op':'customFieldOption.delete','id':'" PICK "'}]", &none);
    assert_int_equal(back(f, &moved), ERR_GONE);
    done(f, VALUE_IS("null"), &none);
    assert_int_equal(back(f, &none), ERR_OK);
    done(f, "[{'op':'customFieldOption.delete','id':'a10000000000000000000000'}]", &both);
    assert_int_equal(back_by(f, ada, &both, CARD), ERR_GONE); /* the value, not the option */
    assert_int_equal(back(f, &none), ERR_GONE);
    assert_null(object_at(f, KIND_FIELD_ITEM, VALUE));
    assert_int_equal(back(f, &both), ERR_OK);
    assert_non_null(object_at(f, KIND_FIELD_ITEM, VALUE));
    plain(f, "[{'op':'customField.create','id':'910000000000000000000000','name':'t','type':"
             "'text'}]");
    plain(f, WRITTEN_IS("'value':{'text':'a'}"));
    done(f, WRITTEN_IS("'value':{'text':'b'}"), &moved);
    assert_int_equal(back(f, &moved), ERR_OK); /* which has none */
    done(f, WRITTEN_IS("'value':null"), &none);
    assert_int_equal(back(f, &none), ERR_OK);
    assert_non_null(object_at(f, KIND_FIELD_ITEM, "b10000000000000000000000"));
}

static void test_take_back__of_what_others_said(void **state)
{
    struct fixture *f = *state;
    struct record made, edited, vote, reaction;
    plain(f, "[{'op':'board.set','prefs':{'voting':'members'}}]");
    done_by(f, bob, "[{'op':'comment.create','id':'" SAID "','idCard':'" CARD "','text':'t'}]",
            &made);
    done_by(f, bob, "[{'op':'comment.react','id':'" SAID "','emoji':'+','on':true}]", &reaction);
    done_by(f, bob, "[{'op':'comment.set','id':'" SAID "','text':'u'}]", &edited);
    done_by(f, bob, "[{'op':'card.vote','id':'" CARD "','on':true}]", &vote);
    assert_int_equal(back(f, &vote), ERR_FORBIDDEN);
    assert_int_equal(back(f, &edited), ERR_FORBIDDEN);
    assert_int_equal(back(f, &reaction), ERR_FORBIDDEN);
    assert_int_equal(back_by(f, bob, &vote, NULL), ERR_OK);
    assert_int_equal(back_by(f, bob, &edited, NULL), ERR_OK);
    assert_int_equal(
            back_by(f, (struct id){{0}}, &vote, NULL), ERR_CONFLICT); /* it is so already */
    done_by(f, bob,
            "[{'op':'comment.create','id':'710000000000000000000000','idCard':'" CARD
            "','text':'t'}]",
            &made);
    assert_int_equal(back(f, &made), ERR_OK); /* an admin may */
    done_by(f, bob, "[{'op':'comment.set','id':'" SAID "','text':'v'}]", &edited);
    assert_int_equal(back(f, &edited), ERR_FORBIDDEN);
    assert_int_equal(back_by(f, (struct id){{0}}, &edited, NULL), ERR_OK); /* and so the server */
}

static void test_take_back__never_of_people_and_boards(void **state)
{
    struct fixture *f = *state;
    struct record role, board, list;
    done(f, "[{'op':'member.role','idMember':'" BOB "','role':'observer'}]", &role);
    assert_int_equal(back(f, &role), ERR_INVALID);
    done(f, "[{'op':'board.set','name':'n','prefs':{'a':1}}]", &board);
    assert_int_equal(back(f, &board), ERR_OK);
    assert_int_equal(back(f, &board), ERR_CONFLICT);
    done(f, "[{'op':'list.create','id':'210000000000000000000000','name':'l'}]", &list);
    plain(f, "[{'op':'card.move','id':'" CARD "','idList':'210000000000000000000000'}]");
    assert_int_equal(back(f, &list), ERR_CONFLICT);
    struct record moved;
    done(f, "[{'op':'card.move','id':'" CARD "','idList':'" LIST1 "'}]", &moved);
    plain(f, "[{'op':'list.delete','id':'210000000000000000000000'}]");
    assert_int_equal(back(f, &moved), ERR_GONE);
    struct record first = {
            "[\"{\\\"t\\\":\\\"op\\\",\\\"b\\\":\\\"" BOARD
            "\\\",\\\"s\\\":1,\\\"by\\\":null,\\\"ts\\\":1,\\\"e\\\":[[\\\"add\\\",\\\"board\\\","
            "\\\"" BOARD "\\\",{\\\"name\\\":\\\"n\\\"}]],\\\"h\\\":\\\"0000000000000000\\\"}\","
            "\"[{}]\"]"};
    assert_int_equal(back(f, &first), ERR_INVALID);
}

static void test_take_back__of_a_card_without_a_list(void **state)
{
    struct fixture *f = *state;
    struct record gone;
    plain(f, "[{'op':'card.member','id':'" CARD "','element':'" BOB "','on':true}]");
    done(f, "[{'op':'card.delete','id':'" CARD "','force':true}]", &gone);
    plain(f, "[{'op':'list.delete','id':'" LIST1 "'},{'op':'label.delete','id':'" LABEL
             "'},{'op':'member.remove','idMember':'" BOB "'}]");
    plain(f, "[{'op':'list.close','id':'" LIST2 "'}]");
    assert_int_equal(back(f, &gone), ERR_GONE);
    plain(f, "[{'op':'list.reopen','id':'" LIST2 "'}]");
    assert_int_equal(back(f, &gone), ERR_OK);
    struct object *card = object_at(f, KIND_CARD, CARD);
    assert_null(object_value(card, F_CARD_ID_LABELS)->set);
    assert_null(object_value(card, F_CARD_ID_MEMBERS)->set);
}

static void test_take_back__of_a_text(void **state)
{
    struct fixture *f = *state;
    struct record text, other;
    done(f, "[{'op':'text','kind':'card','id':'" CARD "','field':'desc','delta':['one two']}]",
            &text);
    done(f,
            "[{'op':'text.put','kind':'card','id':'" CARD
            "','field':'desc','text':'one 2','if':{'name':99}},{'op':'card.set','id':'" CARD
            "','name':'n'}]",
            &other);
    assert_int_equal(back_by(f, ada, &other, LIST1), ERR_CONFLICT);
    assert_int_equal(back_by(f, ada, &other, CARD), ERR_OK);
    assert_int_equal(back(f, &text), ERR_OK);
    const struct doc *doc =
            board_doc(engine_board(f->engine, board_id), (struct id){{0x40}}, F_CARD_DESC);
    assert_non_null(doc);
    assert_true(slice_eq(doc->text, SLICE("two"))); /* brought back: other characters */
}

static void test_take_back__of_an_event_on_several_cards(void **state)
{
    struct fixture *f = *state;
    struct record parts, made;
    plain(f, "[{'op':'card.create','id':'" CARD2 "','idList':'" LIST1 "','name':'x'},"
             "{'op':'checklist.create','id':'" KIT "','idCard':'" CARD "','name':'k'},"
             "{'op':'checkItem.create','id':'" ITEM "','idChecklist':'" KIT "','name':'i'}]");
    done(f,
            "[{'op':'checkItem.set','id':'" ITEM "','state':'complete'},"
            "{'op':'card.set','id':'" CARD2 "','name':'y'}]",
            &parts);
    assert_int_equal(back_by(f, ada, &parts, CARD2), ERR_OK); /* not what hangs on the other */
    assert_true(slice_eq(
            value_slice(object_value(object_at(f, KIND_CHECK_ITEM, ITEM), F_CHECK_ITEM_STATE)),
            SLICE("complete")));
    assert_true(slice_eq(value_slice(object_value(object_at(f, KIND_CARD, CARD2), F_CARD_NAME)),
            SLICE("x")));
    done(f,
            "[{'op':'card.create','id':'420000000000000000000000','idList':'" LIST1
            "','name':'x'},{'op':'card.set','id':'" CARD "','name':'y'}]",
            &made);
    assert_int_equal(back_by(f, ada, &made, CARD), ERR_OK);
    assert_non_null(object_at(f, KIND_CARD, "420000000000000000000000"));
    assert_true(slice_eq(value_slice(object_value(object_at(f, KIND_CARD, CARD), F_CARD_NAME)),
            SLICE("Milk")));
}

static void test_take_back__of_an_item_moved_elsewhere(void **state)
{
    struct fixture *f = *state;
    struct record moved;
    struct id kit;
    plain(f, "[{'op':'checklist.create','id':'" KIT "','idCard':'" CARD "','name':'k'},"
             "{'op':'checklist.create','id':'510000000000000000000000','idCard':'" CARD
             "','name':'l'},"
             "{'op':'checkItem.create','id':'" ITEM "','idChecklist':'" KIT "','name':'i'}]");
    done(f,
            "[{'op':'checkItem.move','id':'" ITEM "','idChecklist':'510000000000000000000000'}]",
            &moved);
    assert_int_equal(back(f, &moved), ERR_OK);
    assert_true(id_parse(SLICE(KIT), &kit));
    assert_true(id_eq(
            object_value(object_at(f, KIND_CHECK_ITEM, ITEM), F_CHECK_ITEM_ID_CHECKLIST)->id, kit));
    plain(f, "[{'op':'checkItem.move','id':'" ITEM "','idChecklist':'510000000000000000000000'},"
             "{'op':'checklist.delete','id':'" KIT "'}]");
    assert_int_equal(back(f, &moved), ERR_GONE);
}

/* What an old program had not counted, and was mended since. */
static void test_take_back__of_counted_badges(void **state)
{
    struct fixture *f = *state;
    struct record counted;
    plain(f, "[{'op':'import.add','objects':[['card',{'id':'" CARD2 "','idList':'" LIST1
             "','badges':{'votes':7}}]]}]");
    struct value old = value_copy(object_value(object_at(f, KIND_CARD, CARD2), F_CARD_BADGES));
    done_by(f, (struct id){{0}}, "[{'op':'cards.badges','ids':['" CARD2 "']}]", &counted);
    assert_false(value_eq(&old, object_value(object_at(f, KIND_CARD, CARD2), F_CARD_BADGES)));
    assert_int_equal(back(f, &counted), ERR_OK);
    assert_true(value_eq(&old, object_value(object_at(f, KIND_CARD, CARD2), F_CARD_BADGES)));
    value_fini(&old);
}

static void test_take_back__where_there_is_no_room_left(void **state)
{
    struct fixture *f = *state;
    struct record gone;
    plain(f, "[{'op':'customField.create','id':'" FIELD "','name':'f','type':'text'}]");
    done(f, "[{'op':'customField.delete','id':'" FIELD "'}]", &gone);
    for (unsigned made = 0; made < CUSTOM_FIELDS_MAX; made++) {
        char text[200];
        snprintf(text, sizeof text,
                "[{'op':'customField.create','id':'91%022x','name':'f','type':'text'}]", made);
        plain(f, text);
    }
    assert_int_equal(back(f, &gone), ERR_QUOTA);
    plain(f, "[{'op':'customField.delete','id':'910000000000000000000000'}]");
    assert_int_equal(back(f, &gone), ERR_OK);
}

static void test_take_back__of_fields_and_their_options(void **state)
{
    struct fixture *f = *state;
    struct record field, pick;
    done(f, "[{'op':'customField.create','id':'" FIELD "','name':'f','type':'list'}]", &field);
    done(f,
            "[{'op':'customFieldOption.create','id':'" PICK "','idCustomField':'" FIELD
            "','text':'p'}]",
            &pick);
    plain(f, "[{'op':'customFieldItem.set','id':'" VALUE "','idCard':'" CARD
             "','idCustomField':'" FIELD "','idValue':'" PICK "'}]");
    assert_int_equal(back(f, &field), ERR_CONFLICT); /* it has an option */
    assert_int_equal(back(f, &pick), ERR_OK);
    assert_null(object_at(f, KIND_FIELD_ITEM, VALUE)); /* and what chose it */
    assert_int_equal(back(f, &field), ERR_OK);
    assert_null(object_at(f, KIND_CUSTOM_FIELD, FIELD));
}

#define PUT(text, more)                                                                            \
    "[{'op':'text.put','kind':'card','id':'" CARD "','field':'desc','text':'" text "'" more "}]"

static void put(struct fixture *f, const char *words)
{
    char text[200];
    snprintf(text, sizeof text, PUT("%s", ""), words);
    plain(f, text);
}

/* Deleted, and brought back by taking back an older deletion, with an older text: what was done to
 * the newer one leads nowhere. Then a text is put that says it was made from the newer one. */
static enum err put_over(struct fixture *f, const char *first, const char *newer, const char *last,
        const char *after)
{
    struct record old, gone;
    char text[200];
    put(f, first);
    done(f, "[{'op':'card.delete','id':'" CARD "','force':true}]", &old);
    assert_int_equal(back(f, &old), ERR_OK);
    put(f, newer);
    snprintf(text, sizeof text, PUT("new", ",'if':%u"),
            (unsigned)engine_board(f->engine, board_id)->head.seq);
    put(f, last);
    done(f, "[{'op':'card.delete','id':'" CARD "','force':true}]", &gone);
    assert_int_equal(back(f, &old), ERR_OK);
    put(f, after);
    enum err err = run_err(f, ada, quoted(text));
    assert_string_equal(f->answers[0]->fault.field, "if");
    return err;
}

static void test_take_back__and_a_text_from_before(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(put_over(f, "ab", "abcdefgh", "abcdefgh and more", "abc"), ERR_CONFLICT);
    /* between the halves of a character */
    assert_int_equal(put_over(f, "\xf0\x9f\x8e\xa8", "a", "ab", ""), ERR_CONFLICT);
}

int main(void)
{
    json_start();
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
            TEST(test_take_back__of_what_is_gone),
            TEST(test_take_back__for_one_object),
            TEST(test_take_back__of_parts_needs_what_they_hung_on),
            TEST(test_take_back__of_values_needs_their_options),
            TEST(test_take_back__of_what_others_said),
            TEST(test_take_back__never_of_people_and_boards),
            TEST(test_take_back__of_a_card_without_a_list),
            TEST(test_take_back__of_a_text),
            TEST(test_take_back__of_an_event_on_several_cards),
            TEST(test_take_back__of_an_item_moved_elsewhere),
            TEST(test_take_back__of_counted_badges),
            TEST(test_take_back__where_there_is_no_room_left),
            TEST(test_take_back__of_fields_and_their_options),
            TEST(test_take_back__and_a_text_from_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
