/* What cards find on the board they move to: labels, fields and options that are there or are made,
 * and no room. Built with the core of small limits. */
#include "core/base/hash.h"
#include "core/base/limits.h"
#include "tests/unit/core/transfer_fixture.h"

#define CARD2 "410000000000000000000000"
#define CARD3 "420000000000000000000000"
#define LIST  "100000000000000000000000"

/* The store's answer, if it was asked: no card of these tests has a description. */
static void texts_come(struct fixture *f, struct id board)
{
    for (uint8_t i = 0; i < 3; i++) {
        struct text_read none = {.board = board,
                .id = {{(uint8_t)(0x40 + i)}},
                .field = F_CARD_DESC,
                .err = ERR_NOT_FOUND};
        engine_text(f->engine, &none, NOW);
    }
    turn(f);
}

/* With ' for " */
static struct command *run_text(struct fixture *f, struct id board, const char *text)
{
    char *ops = MEM_NEW_ARRAY(char, strlen(text) + 1);
    for (size_t i = 0; i <= strlen(text); i++)
        ops[i] = text[i] == '\'' ? '"' : text[i];
    forget(f);
    send_at(f, board, ada, 0, ops);
    mem_free(ops);
    texts_come(f, board);
    if (f->batch != NULL) answer(f, OPLOG_COMMITTED);
    assert_int_equal(f->answer_count, 1);
    return f->answers[0];
}

static void ok(struct fixture *f, struct id board, const char *text)
{
    struct command *c = run_text(f, board, text);
    if (c->verdict != VERDICT_ACCEPTED)
        fail_msg(
                "%s\n%s: %s; expected %s", text, c->fault.field, c->fault.wrong, c->fault.expected);
}

#define MOVED(cards) "[{'op':'card.transfer','ids':[" cards "],'idBoard':'" THERE "'}]"

/* Nothing is left of it on either board. */
static void refused(struct fixture *f, const char *ops, enum err err, const char *wrong)
{
    const struct board *here = engine_board(f->engine, board_id),
                       *there = engine_board(f->engine, there_id);
    unsigned count = HASH_CNT(hh, here->objects), count_there = HASH_CNT(hh, there->objects);
    struct command *c = run_text(f, board_id, ops);
    assert_int_equal(c->verdict, VERDICT_REJECTED);
    assert_string_equal(c->fault.wrong, wrong);
    assert_int_equal(c->fault.err, err);
    assert_string_equal(c->fault.field, err == ERR_QUOTA ? "idBoard" : "ids");
    assert_int_equal(HASH_CNT(hh, here->objects), count);
    assert_int_equal(HASH_CNT(hh, there->objects), count_there);
}

static size_t count_there(struct fixture *f, enum kind kind)
{
    return engine_board(f->engine, there_id)->count[kind];
}

/* `count` objects with ids of `prefix`, by an import: the rest of their fields. */
static void fill(struct fixture *f, struct id board, const char *kind, const char *prefix,
        size_t count, const char *fields)
{
    for (size_t made = 0; made < count;) {
        struct buf text;
        buf_init(&text, MIB(1));
        BUF_ADD(&text, "[{'op':'import.add','objects':[");
        for (size_t i = 0; i < 20 && made < count; i++, made++)
            buf_add_format(&text, "%s['%s',{'id':'%s%0*zx',%s}]", i > 0 ? "," : "", kind, prefix,
                    (int)(ID_TEXT - strlen(prefix)), made + 1, fields);
        BUF_ADD(&text, "]}]");
        buf_add_char(&text, '\0');
        assert_true(buf_ok(&text));
        ok(f, board, text.ptr);
        buf_fini(&text);
    }
}

/* -- labels */

static void test_transfer__takes_the_least_of_labels_that_look_alike(void **state)
{
    struct fixture *f = *state;
    ok(f, board_id,
            "[{'op':'label.create','id':'360000000000000000000000','name':'Other','color':'red'},"
            "{'op':'card.label','id':'" CARD "','element':'360000000000000000000000','on':true},"
            "{'op':'card.create','id':'" CARD2 "','idList':'" LIST "','name':'b','idLabels':["
            "'300000000000000000000000']}]");
    ok(f, there_id,
            "[{'op':'label.create','id':'320000000000000000000000','name':'Urgent','color':'red'},"
            "{'op':'label.create','id':'310000000000000000000000','name':'Urgent','color':'red'},"
            "{'op':'label.create','id':'330000000000000000000000','name':'Urgent','color':'red'},"
            "{'op':'label.create','id':'040000000000000000000000','name':'Urgent','color':'blue'},"
            "{'op':'label.create','id':'350000000000000000000000','name':'Other','color':'red'}]");
    ok(f, board_id, MOVED("'" CARD "','" CARD2 "'"));
    assert_int_equal(count_there(f, KIND_LABEL), 5);
    const struct value *first = object_value(at(f, there_id, KIND_CARD, CARD), F_CARD_ID_LABELS);
    const struct value *second = object_value(at(f, there_id, KIND_CARD, CARD2), F_CARD_ID_LABELS);
    assert_int_equal(first->set->count, 2);
    assert_true(value_set_has(first, (struct id){{0x31}}));
    assert_true(value_set_has(first, (struct id){{0x35}}));
    assert_int_equal(second->set->count, 1);
    assert_true(value_set_has(second, (struct id){{0x31}}));
}

static void test_transfer__makes_the_next_id_when_one_is_taken(void **state)
{
    struct fixture *f = *state;
    uint64_t seq = engine_board(f->engine, board_id)->head.seq + 1;
    uint64_t bits = hash64(slice_of(board_id.bytes, ID_BYTES), seq) >> 32 << 32;
    struct id taken = id_make(NOW / 1000, bits), next = id_make(NOW / 1000, bits + 1);
    char text[256], id[ID_TEXT + 1];
    id_format(taken, id);
    snprintf(
            text, sizeof text, "[{'op':'label.create','id':'%s','name':'Taken','color':null}]", id);
    ok(f, there_id, text);
    ok(f, board_id, MOVED("'" CARD "'"));
    id_format(next, id);
    struct object *label = at(f, there_id, KIND_LABEL, id);
    assert_non_null(label);
    assert_true(slice_eq(value_slice(object_value(label, F_LABEL_NAME)), SLICE("Urgent")));
    assert_int_equal(count_there(f, KIND_LABEL), 2);
}

/* -- custom fields */

#define FIELD(id, name, type)                                                                      \
    "{'op':'customField.create','id':'" id "00000000000000000000','name':'" name "','type':'" type \
    "'}"
#define OPTION(id, field, text)                                                                    \
    "{'op':'customFieldOption.create','id':'" id "00000000000000000000','idCustomField':'" field   \
    "00000000000000000000','text':'" text "'}"
#define ITEM(id, card, field, value)                                                               \
    "{'op':'customFieldItem.set','id':'" id "00000000000000000000','idCard':'" card                \
    "','idCustomField':'" field "00000000000000000000'," value "}"
#define CHOSEN(option) "'idValue':'" option "00000000000000000000'"

static bool item_is(struct fixture *f, const char *item, struct id field, struct id option)
{
    struct object *o = at(f, there_id, KIND_FIELD_ITEM, item);
    assert_non_null(o);
    return id_eq(object_value(o, F_FIELD_ITEM_ID_CUSTOM_FIELD)->id, field) &&
           id_eq(object_value(o, F_FIELD_ITEM_ID_VALUE)->id, option);
}

static struct id field_of(struct fixture *f, const char *item)
{
    return object_value(at(f, there_id, KIND_FIELD_ITEM, item), F_FIELD_ITEM_ID_CUSTOM_FIELD)->id;
}

static void test_transfer__finds_fields_by_name_and_type_and_options_by_text(void **state)
{
    struct fixture *f = *state;
    ok(f, board_id,
            "[" FIELD("8100", "Size", "list") "," OPTION("8201", "8100", "S") "," OPTION(
                    "8202", "8100", "L") "," FIELD("8400", "Size", "text") "," FIELD("8500", "Size",
                    "text") "," FIELD("8600", "Shape", "list") "," OPTION("8203", "8600",
                    "round") "]");
    ok(f, board_id,
            "[{'op':'card.create','id':'" CARD2 "','idList':'" LIST "','name':'b'},"
            "{'op':'card.create','id':'" CARD3 "','idList':'" LIST
            "','name':'c'}," ITEM("8701", CARD, "8100", CHOSEN("8202")) "," ITEM(
                    "8702", CARD, "8400", "'value':{'text':'a'}") "," ITEM("8703", CARD, "8500",
                    "'value':{'text':'b'}") "," ITEM("8704", CARD2, "8100",
                    CHOSEN("8202")) "," ITEM("8705", CARD3, "8100", CHOSEN("8201")) "," ITEM("8706",
                    CARD3, "8600", CHOSEN("8203")) "]");
    ok(f, there_id,
            "[" FIELD("9100", "Weight", "list") "," FIELD("9200", "Size", "text") "," FIELD(
                    "9300", "Size", "list") "," OPTION("9401", "9300", "M") "," OPTION("9402",
                    "9300", "L") "," FIELD("9500", "Shape", "list") "]");
    ok(f, board_id, MOVED("'" CARD "','" CARD2 "'"));
    struct id list = {{0x93}}, large = {{0x94, 0x02}}, text = {{0x92}};
    assert_true(item_is(f, "870100000000000000000000", list, large));
    assert_true(item_is(f, "870400000000000000000000", list, large));
    assert_int_equal(count_there(f, KIND_FIELD_OPTION), 2);
    /* two fields that look alike stay two */
    struct id twin = field_of(f, "870300000000000000000000");
    assert_true(id_eq(field_of(f, "870200000000000000000000"), text));
    assert_false(id_eq(twin, text));
    assert_int_equal(count_there(f, KIND_CUSTOM_FIELD), 5);
    ok(f, board_id, MOVED("'" CARD3 "'")); /* whose options are not there */
    assert_int_equal(count_there(f, KIND_FIELD_OPTION), 4);
    assert_int_equal(count_there(f, KIND_CUSTOM_FIELD), 5);
    assert_true(id_eq(field_of(f, "870500000000000000000000"), list));
    assert_true(id_eq(field_of(f, "870600000000000000000000"), (struct id){{0x95}}));
}

/* The importer says them of a board that people may change meanwhile. */
static void test_transfer__leaves_behind_what_names_what_is_gone(void **state)
{
    struct fixture *f = *state;
    ok(f, board_id, "[" FIELD("8100", "Size", "list") "]");
    ok(f, board_id,
            "[{'op':'import.add','objects':[['card',{'id':'" CARD2 "','idList':'" LIST
            "','name':'b','idLabels':['990000000000000000000000','300000000000000000000000']}],"
            "['customFieldItem',{'id':'870100000000000000000000','idCard':'" CARD2
            "','idCustomField':'810000000000000000000000','idValue':"
            "'990000000000000000000000'}]]}]");
    struct value *face = object_value(at(f, board_id, KIND_CARD, CARD2), F_CARD_BADGES);
    assert_false(slice_eq(value_slice(face), SLICE("{}")));
    ok(f, board_id, MOVED("'" CARD2 "'"));
    struct object *card = at(f, there_id, KIND_CARD, CARD2);
    assert_true(slice_eq(value_slice(object_value(card, F_CARD_BADGES)), SLICE("{}")));
    assert_int_equal(object_value(card, F_CARD_ID_LABELS)->set->count, 1);
    assert_true(
            value_set_has(object_value(card, F_CARD_ID_LABELS), only(f, there_id, KIND_LABEL)->id));
    assert_int_equal(count_there(f, KIND_FIELD_ITEM), 0);
    assert_int_equal(engine_board(f->engine, board_id)->count[KIND_FIELD_ITEM], 0);
}

/* -- no room */

static void test_transfer__is_refused_where_there_is_no_room(void **state)
{
    struct fixture *f = *state;
    ok(f, there_id,
            "[{'op':'checklist.create','id':'710000000000000000000000','idCard':"
            "'600000000000000000000000','name':'K'}]");
    fill(f, there_id, "checkItem", "72", CHECK_ITEMS_PER_BOARD_MAX,
            "'idChecklist':'710000000000000000000000','name':'i'");
    fill(f, there_id, "comment", "73", COMMENTS_PER_BOARD_MAX - 1,
            "'idCard':'600000000000000000000000','text':'t'");
    ok(f, board_id,
            "[{'op':'checklist.create','id':'740000000000000000000000','idCard':'" CARD
            "','name':'K'},{'op':'checkItem.create','id':'750000000000000000000000','idChecklist':"
            "'740000000000000000000000','name':'I'},"
            "{'op':'card.create','id':'" CARD2 "','idList':'" LIST "','name':'b'},"
            "{'op':'card.create','id':'" CARD3 "','idList':'" LIST "','name':'b'},"
            "{'op':'comment.create','id':'760000000000000000000000','idCard':'" CARD2
            "','text':'t'},{'op':'comment.create','id':'770000000000000000000000','idCard':'" CARD3
            "','text':'t'}]");
    refused(f, MOVED("'" CARD "'"), ERR_QUOTA, "names a board that has 200 of kind checkItem");
    refused(f, MOVED("'" CARD2 "','" CARD3 "'"), ERR_QUOTA,
            "names a board that has 199 of kind comment");
    ok(f, board_id, MOVED("'" CARD2 "'")); /* the last one that may come */
    fill(f, there_id, "card", "61", CARDS_PER_BOARD_MAX - 2,
            "'idList':'500000000000000000000000','name':'c'");
    refused(f, MOVED("'" CARD "'"), ERR_QUOTA, "names a board that has 400 of kind card");
}

static void test_transfer__is_refused_where_nothing_more_can_be_made(void **state)
{
    struct fixture *f = *state;
    ok(f, board_id,
            "[" FIELD("8100", "Size", "list") "," OPTION("8201", "8100", "S") "," FIELD("8300",
                    "Weight",
                    "number") ",{'op':'card.create','id':'" CARD2 "','idList':'" LIST
                              "','name':'b'},{'op':'card.create','id':'" CARD3 "','idList':'" LIST
                              "','name':'c'}," ITEM("8701", CARD2, "8100", CHOSEN("8201")) "," ITEM(
                                      "8702", CARD3, "8300", "'value':{'number':'1'}") "]");
    fill(f, there_id, "customField", "91", CUSTOM_FIELDS_MAX, "'name':'Size','type':'list'");
    fill(f, there_id, "customFieldOption", "92", OPTIONS_PER_FIELD_MAX,
            "'idCustomField':'910000000000000000000001','text':'o'");
    fill(f, there_id, "label", "93", LABELS_PER_BOARD_MAX, "'name':'l','color':'red'");
    refused(f, MOVED("'" CARD2 "'"), ERR_QUOTA, "names a board whose field has 6 options");
    refused(f, MOVED("'" CARD3 "'"), ERR_QUOTA, "names a board that has 6 of kind customField");
    refused(f, MOVED("'" CARD "'"), ERR_QUOTA, "names a board that has 40 of kind label");
}

static void test_transfer__is_refused_when_it_is_too_much_at_once(void **state)
{
    struct fixture *f = *state;
    ok(f, board_id,
            "[{'op':'checklist.create','id':'710000000000000000000000','idCard':'" CARD
            "','name':'K'},"
            "{'op':'card.create','id':'" CARD2 "','idList':'" LIST "','name':'b'}]");
    fill(f, board_id, "checkItem", "72", 100,
            "'idChecklist':'710000000000000000000000','name':'i'");
    fill(f, board_id, "comment", "73", 97, "'idCard':'" CARD "','text':'t'");
    ok(f, board_id,
            "[{'op':'attachment.create','id':'740000000000000000000000','idCard':'" CARD2
            "','url':'https://example.org/a'}]");
    refused(f, MOVED("'" CARD "','" CARD2 "'"), ERR_TOO_LARGE, "names cards with 201 parts");
    ok(f, board_id, MOVED("'" CARD "'")); /* 199 */
}

static void test_transfer__is_refused_when_it_is_too_large_for_an_event(void **state)
{
    enum { COMMENTS = 24 };
    struct fixture *f = *state;
    struct buf fields;
    buf_init(&fields, MIB(1));
    BUF_ADD(&fields, "'idCard':'" CARD "','text':'");
    for (size_t i = 0; i < TEXT_UNITS_MAX; i++)
        BUF_ADD(&fields, "\xe2\x82\xac");
    BUF_ADD(&fields, "'");
    buf_add_char(&fields, '\0');
    for (unsigned i = 0; i < COMMENTS; i++) {
        char prefix[8];
        snprintf(prefix, sizeof prefix, "73%02x", i);
        fill(f, board_id, "comment", prefix, 1, fields.ptr);
    }
    buf_fini(&fields);
    refused(f, MOVED("'" CARD "'"), ERR_TOO_LARGE, "has more than one event holds");
}

#define T(name)                                                                                    \
    cmocka_unit_test_setup_teardown(test_transfer__##name, transfer_setup, fixture_teardown)

int main(void)
{
    json_start();
    const struct CMUnitTest tests[] = {
            T(takes_the_least_of_labels_that_look_alike),
            T(makes_the_next_id_when_one_is_taken),
            T(finds_fields_by_name_and_type_and_options_by_text),
            T(leaves_behind_what_names_what_is_gone),
            T(is_refused_where_there_is_no_room),
            T(is_refused_where_nothing_more_can_be_made),
            T(is_refused_when_it_is_too_much_at_once),
            T(is_refused_when_it_is_too_large_for_an_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
