/* Rows of ops with what becomes of each: what is refused says why and leaves no trace. Built with
 * the core of small limits, so that a full board, card or set is a few ops away. */
#include "core/base/date.h"
#include "tests/unit/core/rows.h"

/* -- boards, lists, labels, people */

static void test_limits__of_a_board(void **state)
{
    static const struct row rows[] = {
            {ADA_DOES, ERR_EXISTS, "[{'op':'board.create','name':'Again'}]"},
            {ADA_DOES, ERR_OK, "[{'op':'board.set','prefs':{}}]"},
            {ADA_DOES, ERR_OK, "[{'op':'board.set','prefs':{'a':1,'b':2}}]"},
            {ADA_DOES, ERR_OK, "[{'op':'board.set','name':'N','prefs':{'b':3}}]"},
            {ADA_DOES, ERR_OK, "[{'op':'board.set','prefs':{}}]"},
            {ADA_DOES, ERR_CONFLICT, "[{'op':'board.set','name':'N','if':1}]"},
            {ADA_DOES, ERR_CONFLICT, "[{'op':'board.set','name':'N','if':{'name':1}}]"},
            {ADA_DOES, ERR_CONFLICT, "[{'op':'board.set','name':'N','if':{'prefs':1}}]"},
            {ADA_DOES, ERR_CONFLICT, "[{'op':'board.set','name':'N','if':{'whatever':1}}]"},
            {ADA_DOES, ERR_OK, "[{'op':'board.set','name':'N','if':{'closed':1}}]"},
            {ADA_DOES, ERR_OK, "[{'op':'board.close'}]"},
            {ADA_DOES, ERR_OK, "[{'op':'board.reopen'}]"},
            {ADA_DOES, ERR_CONFLICT, "[{'op':'board.delete'}]"},
            {BOB_DOES, ERR_FORBIDDEN, "[{'op':'board.delete','force':true}]"},
            {ADA_DOES, ERR_NOT_FOUND, "[{'op':'board.delete','force':true},{'op':'board.close'}]"},
            {SYSTEM_DOES, ERR_OK, "[{'op':'board.close'},{'op':'board.delete'}]"},
            {ADA_DOES, ERR_NOT_FOUND, "[{'op':'board.set','name':'N'}]"},
            {ADA_DOES, ERR_NOT_FOUND, "[{'op':'board.create','name':'N'}]"},
    };
    ROWS_RUN(*state, rows);
}

static void test_limits__of_lists_and_labels(void **state)
{
    static const struct row rows[] = {
            {ADA_DOES, ERR_EXISTS, "[{'op':'list.create','id':'" LIST1 "','name':'x'}]"},
            {ADA_DOES, ERR_NOT_FOUND, "[{'op':'list.set','id':'" NONE "','name':'x'}]"},
            {ADA_DOES, ERR_OK, "[{'op':'list.move','id':'" LIST2 "','pos':'top'}]"},
            {ADA_DOES, ERR_OK, "[{'op':'list.move','id':'" LIST2 "','after':'" LIST1 "'}]"},
            {ADA_DOES, ERR_OK, "[{'op':'list.sort','id':'" LIST2 "','by':'name'}]"},
            {ADA_DOES, ERR_OK, "[{'op':'list.archiveCards','id':'" LIST2 "'}]"},
            {ADA_DOES, ERR_OK, "[{'op':'list.moveCards','id':'" LIST2 "','idList':'" LIST1 "'}]"},
            {ADA_DOES, ERR_NOT_FOUND,
                    "[{'op':'list.moveCards','id':'" LIST1 "','idList':'" NONE "'}]"},
            {ADA_DOES, ERR_OK, "[{'op':'list.close','id':'" LIST2 "'}]"},
            {ADA_DOES, ERR_GONE, "[{'op':'list.moveCards','id':'" LIST1 "','idList':'" LIST2 "'}]"},
            {ADA_DOES, ERR_OK, "[{'op':'list.delete','id':'" LIST2 "'}]"},
            {ADA_DOES, ERR_GONE, "[{'op':'list.set','id':'" LIST2 "','name':'x'}]"},
            {ADA_DOES, ERR_EXISTS, "[{'op':'list.create','id':'" LIST2 "','name':'x'}]"},
            {ADA_DOES, ERR_EXISTS, "[{'op':'label.create','id':'" LABEL "','name':'x'}]"},
            {ADA_DOES, ERR_INVALID,
                    "[{'op':'label.create','id':'310000000000000000000000','color':'mud'}]"},
            {ADA_DOES, ERR_INVALID, "[{'op':'label.set','id':'" LABEL "','color':'mud'}]"},
            {ADA_DOES, ERR_OK, "[{'op':'label.set','id':'" LABEL "','color':null}]"},
            {ADA_DOES, ERR_OK,
                    "[{'op':'card.label','id':'" CARD "','element':'" LABEL "','on':false}]"},
            {ADA_DOES, ERR_NOT_FOUND,
                    "[{'op':'card.label','id':'" CARD "','element':'" NONE "','on':true}]"},
            {ADA_DOES, ERR_OK, "[{'op':'label.delete','id':'" LABEL "'}]"},
            {ADA_DOES, ERR_GONE, "[{'op':'label.delete','id':'" LABEL "'}]"},
            {ADA_DOES, ERR_OK,
                    "[{'op':'card.delete','id':'" CARD "','force':true},"
                    "{'op':'list.delete','id':'" LIST1 "'}]"},
            {ADA_DOES, ERR_GONE,
                    "[{'op':'card.create','id':'" CARD2 "','idList':'" LIST1 "','name':'n'}]"},
    };
    ROWS_RUN(*state, rows);
}

static void test_limits__of_members(void **state)
{
    static const struct row rows[] = {
            {ADA_DOES, ERR_NOT_FOUND,
                    "[{'op':'member.add','idMember':'" NONE "','role':'normal'}]"},
            {ADA_DOES, ERR_CONFLICT, "[{'op':'member.add','idMember':'" BOB "','role':'normal'}]"},
            {ADA_DOES, ERR_NOT_FOUND,
                    "[{'op':'member.role','idMember':'" NONE "','role':'normal'}]"},
            {ADA_DOES, ERR_CONFLICT, "[{'op':'member.role','idMember':'" ADA "','role':'normal'}]"},
            {ADA_DOES, ERR_CONFLICT, "[{'op':'member.remove','idMember':'" ADA "'}]"},
            {ADA_DOES, ERR_OK, "[{'op':'member.role','idMember':'" BOB "','role':'admin'}]"},
            {ADA_DOES, ERR_OK,
                    "[{'op':'card.member','id':'" CARD "','element':'" BOB "','on':true}]"},
            {ADA_DOES, ERR_NOT_FOUND,
                    "[{'op':'card.member','id':'" CARD "','element':'" EVE "','on':true}]"},
            {ADA_DOES, ERR_OK,
                    "[{'op':'checklist.create','name':'k','id':'500000000000000000000000',"
                    "'idCard':'" CARD "'},{'op':'checkItem.create','id':"
                    "'600000000000000000000000','idChecklist':"
                    "'500000000000000000000000','name':'i','idMember':'" BOB "'}]"},
            {ADA_DOES, ERR_OK, "[{'op':'member.remove','idMember':'" BOB "'}]"},
            {ADA_DOES, ERR_NOT_FOUND, "[{'op':'member.remove','idMember':'" BOB "'}]"},
    };
    struct fixture *f = *state;
    ROWS_RUN(f, rows);
    struct object *card = object_at(f, KIND_CARD, CARD);
    assert_false(value_set_has(object_value(card, F_CARD_ID_MEMBERS), bob));
}

/* -- cards */

static void test_limits__of_a_card(void **state)
{
#define CREATE(id, list, more)                                                                     \
    "[{'op':'card.create','id':'" id "','idList':'" list "','name':'n'" more "}]"
    static const struct row rows[] = {
            {ADA_DOES, ERR_EXISTS, CREATE(CARD, LIST1, "")},
            {ADA_DOES, ERR_NOT_FOUND, CREATE(CARD2, NONE, "")},
            {ADA_DOES, ERR_NOT_FOUND, CREATE(CARD2, LIST1, ",'idLabels':['" NONE "']")},
            {ADA_DOES, ERR_NOT_FOUND, CREATE(CARD2, LIST1, ",'idMembers':['" EVE "']")},
            {ADA_DOES, ERR_OK,
                    CREATE(CARD2, LIST1,
                            ",'idMembers':['" BOB "'],'idLabels':['" LABEL "'],'desc':'d'")},
            {ADA_DOES, ERR_NOT_FOUND, "[{'op':'card.close','id':'" NONE "'}]"},
            {ADA_DOES, ERR_CONFLICT, "[{'op':'card.set','id':'" CARD2 "','name':'x','if':0}]"},
            {ADA_DOES, ERR_NOT_FOUND, "[{'op':'card.move','id':'" CARD "','idList':'" NONE "'}]"},
            {ADA_DOES, ERR_NOT_FOUND, "[{'op':'cards.set','ids':['" NONE "'],'dueComplete':true}]"},
            {ADA_DOES, ERR_NOT_FOUND,
                    "[{'op':'cards.move','ids':['" CARD "'],'idList':'" NONE "'}]"},
            {ADA_DOES, ERR_OK,
                    "[{'op':'cards.move','ids':['" CARD "','" NONE "','" CARD2 "'],'idList':'" LIST1
                    "','pos':'top'}]"},
            {ADA_DOES, ERR_OK, "[{'op':'cards.move','ids':['" CARD "'],'idList':'" LIST2 "'}]"},
            {ADA_DOES, ERR_OK, "[{'op':'list.close','id':'" LIST2 "'}]"},
            {ADA_DOES, ERR_GONE, "[{'op':'cards.move','ids':['" CARD2 "'],'idList':'" LIST2 "'}]"},
            {ADA_DOES, ERR_GONE, "[{'op':'card.move','id':'" CARD2 "','idList':'" LIST2 "'}]"},
            {ADA_DOES, ERR_CONFLICT, "[{'op':'card.delete','id':'" CARD2 "'}]"},
            {ADA_DOES, ERR_OK, "[{'op':'card.delete','id':'" CARD2 "','force':true}]"},
            {ADA_DOES, ERR_GONE, "[{'op':'cards.set','ids':['" CARD2 "'],'dueComplete':true}]"},
            {ADA_DOES, ERR_EXISTS, CREATE(CARD2, LIST1, "")},
            {ADA_DOES, ERR_OK, CREATE("430000000000000000000000", LIST1, ",'idLabels':[]")},
            {ADA_DOES, ERR_OK, "[{'op':'list.close','id':'" LIST1 "'}]"},
            {ADA_DOES, ERR_GONE, CREATE("420000000000000000000000", LIST1, "")},
            {ADA_DOES, ERR_OK, "[{'op':'list.delete','id':'" LIST2 "'}]"},
            {ADA_DOES, ERR_GONE, CREATE("420000000000000000000000", LIST2, "")},
            {ADA_DOES, ERR_CONFLICT, "[{'op':'list.delete','id':'" LIST1 "'}]"},
    };
    ROWS_RUN(*state, rows);
}

static void test_limits__of_votes(void **state)
{
#define VOTE(on) "[{'op':'card.vote','id':'" CARD "','on':" on "}]"
    static const struct row rows[] = {
            {ADA_DOES, ERR_FORBIDDEN, VOTE("true")},
            {ADA_DOES, ERR_OK, "[{'op':'board.set','prefs':{'voting':'members'}}]"},
            {SYSTEM_DOES, ERR_FORBIDDEN, VOTE("true")},
            {ADA_DOES, ERR_OK, VOTE("true")},
            {ADA_DOES, ERR_OK, VOTE("true")},
            {ADA_DOES, ERR_OK, VOTE("false")},
            {ADA_DOES, ERR_OK, "[{'op':'member.role','idMember':'" BOB "','role':'observer'}]"},
            {BOB_DOES, ERR_FORBIDDEN, VOTE("true")},
            {ADA_DOES, ERR_OK, "[{'op':'board.set','prefs':{'voting':'observers'}}]"},
            {ADA_DOES, ERR_OK, "[{'op':'board.set','prefs':{'voting':'org'}}]"},
            {ADA_DOES, ERR_OK, VOTE("true")},
            {ADA_DOES, ERR_OK, "[{'op':'board.set','prefs':{'voting':'public'}}]"},
            {ADA_DOES, ERR_OK, VOTE("false")},
    };
    ROWS_RUN(*state, rows);
}

static void order_is(struct fixture *f, const char *digits)
{
    const struct siblings *s = board_children(
            engine_board(f->engine, board_id), KIND_CARD, (struct id){{0x20}});
    char order[8] = "";
    for (size_t i = 0; i < s->count && i + 1 < sizeof order; i++)
        order[i] = (char)('0' + (s->at[i]->id.bytes[0] & 15));
    assert_string_equal(order, digits);
}

static void test_limits__of_sorting(void **state)
{
#define NAMED(id, name, more)                                                                      \
    "{'op':'card.create','id':'" id "','idList':'" LIST2 "','name':'" name "'" more "}"
#define SORT(by, more) "[{'op':'list.sort','id':'" LIST2 "','by':'" by "'" more "}]"
    static const struct row rows[] = {
            {ADA_DOES, ERR_OK,
                    "[" NAMED("430000000000000000000000", "", "") "," NAMED(
                            "440000000000000000000000", "b",
                            ",'due':'2026-11-22T10:00:00.000Z'") "," NAMED("45000000000000000000000"
                                                                           "0",
                            "a", ",'due':'2026-11-22T11:00:00.000+01:00'") "," NAMED("4600000000000"
                                                                                     "00000000000",
                            "", ",'due':'2026-11-21T10:00:00.000Z'") "," NAMED("4700000000000000000"
                                                                               "00000",
                            "ab",
                            ",'pos':7") "," NAMED("480000000000000000000000", "a", ",'pos':7") "]"},
    };
    static const struct row far = {ADA_DOES, ERR_OK,
            "[{'op':'list.create','id':'210000000000000000000000','name':'l'},"
            "{'op':'cards.move','ids':['430000000000000000000000',"
            "'440000000000000000000000'],'idList':'210000000000000000000000',"
            "'pos':9007199254740990}]"};
    static const struct {
        const char *ops, *order; /* ids' second digits; the first has two cards at one place */
    } sorted[] = {{SORT("pos", ",'desc':true"), "654387"}, {SORT("pos", ""), "654387"},
            {SORT("pos", ",'desc':true"), "783456"}, {SORT("name", ""), "368574"},
            {SORT("name", ",'desc':true"), "478536"}, {SORT("due", ""), "645783"},
            {SORT("due", ",'desc':true"), "456783"}, {SORT("dateLastActivity", ""), "456783"},
            {SORT("id", ",'desc':true"), "876543"}};
    struct fixture *f = *state;
    ROWS_RUN(f, rows);
    for (size_t i = 0; i < ARRAY_COUNT(sorted); i++) {
        run_ok(f, ada, quoted(sorted[i].ops));
        order_is(f, sorted[i].order);
    }
    row_run(f, &far);
    assert_true(object_pos(object_at(f, KIND_CARD, "480000000000000000000000")) <
                object_pos(object_at(f, KIND_CARD, "470000000000000000000000")));
}

/* -- parts */

static void test_limits__of_parts(void **state)
{
    static const struct row rows[] = {
            {ADA_DOES, ERR_NOT_FOUND,
                    "[{'op':'checklist.create','name':'k','id':'500000000000000000000000','idCard':"
                    "'" NONE "'}]"},
            {ADA_DOES, ERR_OK,
                    "[{'op':'checklist.create','name':'k','id':'500000000000000000000000','idCard':"
                    "'" CARD "'}]"},
            {ADA_DOES, ERR_EXISTS,
                    "[{'op':'checklist.create','name':'k','id':'500000000000000000000000','idCard':"
                    "'" CARD "'}]"},
            {ADA_DOES, ERR_NOT_FOUND,
                    "[{'op':'checkItem.create','id':'600000000000000000000000',"
                    "'idChecklist':'" NONE "','name':'i'}]"},
            {ADA_DOES, ERR_NOT_FOUND,
                    "[{'op':'checkItem.create','id':'600000000000000000000000',"
                    "'idChecklist':'500000000000000000000000','name':'i',"
                    "'idMember':'" EVE "'}]"},
            {ADA_DOES, ERR_OK,
                    "[{'op':'checkItem.create','id':'600000000000000000000000',"
                    "'idChecklist':'500000000000000000000000','name':'i'}]"},
            {ADA_DOES, ERR_EXISTS,
                    "[{'op':'checkItem.create','id':'600000000000000000000000',"
                    "'idChecklist':'500000000000000000000000','name':'i'}]"},
            {ADA_DOES, ERR_INVALID,
                    "[{'op':'checkItem.set','id':'600000000000000000000000','state':'perhaps'}]"},
            {ADA_DOES, ERR_OK,
                    "[{'op':'checkItem.set','id':'600000000000000000000000',"
                    "'idMember':'" BOB "'}]"},
            {ADA_DOES, ERR_OK,
                    "[{'op':'checkItem.set','id':'600000000000000000000000','idMember':null}]"},
            {ADA_DOES, ERR_NOT_FOUND,
                    "[{'op':'checkItem.move','id':'600000000000000000000000',"
                    "'idChecklist':'" NONE "'}]"},
            {ADA_DOES, ERR_NOT_FOUND,
                    "[{'op':'comment.create','id':'700000000000000000000000','idCard':'" NONE
                    "','text':'t'}]"},
            {ADA_DOES, ERR_OK,
                    "[{'op':'comment.create','id':'700000000000000000000000','idCard':'" CARD
                    "','text':'t'}]"},
            {SYSTEM_DOES, ERR_OK,
                    "[{'op':'comment.create','id':'710000000000000000000000','idCard':'" CARD
                    "','text':'t'}]"},
            {ADA_DOES, ERR_EXISTS,
                    "[{'op':'comment.create','id':'700000000000000000000000','idCard':'" CARD
                    "','text':'t'}]"},
            {BOB_DOES, ERR_FORBIDDEN,
                    "[{'op':'comment.set','id':'700000000000000000000000','text':'u'}]"},
            {BOB_DOES, ERR_FORBIDDEN,
                    "[{'op':'comment.set','id':'710000000000000000000000','text':'u'}]"},
            {ADA_DOES, ERR_OK, "[{'op':'board.set','prefs':{'comments':1}}]"}, /* says nothing */
            {BOB_DOES, ERR_OK,
                    "[{'op':'comment.create','id':'720000000000000000000000','idCard':'" CARD
                    "','text':'t'}]"},
            {BOB_DOES, ERR_FORBIDDEN, "[{'op':'comment.delete','id':'700000000000000000000000'}]"},
            {BOB_DOES, ERR_OK,
                    "[{'op':'comment.react','id':'700000000000000000000000',"
                    "'emoji':'+','on':true}]"},
            {BOB_DOES, ERR_OK,
                    "[{'op':'comment.react','id':'700000000000000000000000',"
                    "'emoji':'+','on':true}]"},
            {SYSTEM_DOES, ERR_FORBIDDEN,
                    "[{'op':'comment.react','id':'700000000000000000000000',"
                    "'emoji':'+','on':true}]"},
            {ADA_DOES, ERR_OK, "[{'op':'comment.delete','id':'710000000000000000000000'}]"},
    };
    ROWS_RUN(*state, rows);
}

static void test_limits__of_attachments(void **state)
{
    static const struct row rows[] = {
            {ADA_DOES, ERR_NOT_FOUND,
                    "[{'op':'attachment.create','id':'800000000000000000000000','idCard':'" NONE
                    "','url':'https://example.org/'}]"},
            {SYSTEM_DOES, ERR_OK,
                    "[{'op':'attachment.create','id':'800000000000000000000000','idCard':'" CARD
                    "','url':'https://example.org/'}]"},
            {ADA_DOES, ERR_INVALID,
                    "[{'op':'attachment.create','id':'810000000000000000000000','idCard':'" CARD
                    "','url':'ftp://example.org/'}]"},
            {ADA_DOES, ERR_INVALID,
                    "[{'op':'attachment.file','id':'810000000000000000000000','idCard':'" CARD
                    "','file':'00','fileName':'a'}]"},
            {ADA_DOES, ERR_EXISTS,
                    "[{'op':'attachment.create','id':'800000000000000000000000','idCard':'" CARD
                    "','url':'https://example.org/'}]"},
            {ADA_DOES, ERR_INVALID,
                    "[{'op':'attachment.file','id':'810000000000000000000000','idCard':'" CARD
                    "','file':'" HASH "','fileName':''}]"},
            {ADA_DOES, ERR_OK,
                    "[{'op':'attachment.file','id':'810000000000000000000000','idCard':'" CARD
                    "','file':'" HASH "','fileName':'a.txt'}]"},
    };
    ROWS_RUN(*state, rows);
}

static void test_limits__of_custom_fields(void **state)
{
#define FIELD(id, type) "{'op':'customField.create','id':'" id "','name':'f','type':'" type "'}"
#define VALUE(id, field, what)                                                                     \
    "[{'op':'customFieldItem.set','id':'" id "','idCard':'" CARD "','idCustomField':'" field       \
    "'," what "}]"
#define F1 "900000000000000000000000"
#define F2 "910000000000000000000000"
#define O1 "a00000000000000000000000"
#define O2 "a10000000000000000000000"
#define V1 "b00000000000000000000000"
#define V2 "b10000000000000000000000"
#define F3 "920000000000000000000000"
    static const struct row rows[] = {
            {ADA_DOES, ERR_INVALID, "[" FIELD(F1, "colour") "]"},
            {ADA_DOES, ERR_INVALID, "[{'op':'customField.create','id':'" F1 "','name':'f'}]"},
            {ADA_DOES, ERR_OK,
                    "[" FIELD(F1, "text") "," FIELD(F2, "list") "," FIELD(F3, "list") "]"},
            {ADA_DOES, ERR_EXISTS, "[" FIELD(F1, "text") "]"},
            {ADA_DOES, ERR_OK, "[{'op':'customField.move','id':'" F2 "','pos':'top'}]"},
            {ADA_DOES, ERR_OK, "[{'op':'customField.set','id':'" F2 "','name':'g'}]"},
            {ADA_DOES, ERR_NOT_FOUND, "[{'op':'customField.set','id':'" NONE "','name':'g'}]"},
            {ADA_DOES, ERR_NOT_FOUND,
                    "[{'op':'customFieldOption.create','id':'" O1 "','idCustomField':'" NONE
                    "','text':'o'}]"},
            {ADA_DOES, ERR_INVALID,
                    "[{'op':'customFieldOption.create','id':'" O1 "','idCustomField':'" F1
                    "','text':'o'}]"},
            {ADA_DOES, ERR_OK,
                    "[{'op':'customFieldOption.create','id':'" O1 "','idCustomField':'" F2
                    "','text':'o'},"
                    "{'op':'customFieldOption.create','id':'" O2 "','idCustomField':'" F3
                    "','text':'p'}]"},
            {ADA_DOES, ERR_OK, "[{'op':'customFieldOption.move','id':'" O1 "','pos':'top'}]"},
            {ADA_DOES, ERR_OK, "[{'op':'customFieldOption.set','id':'" O1 "','color':'red'}]"},
            {ADA_DOES, ERR_NOT_FOUND, VALUE(V1, NONE, "'value':{'text':'t'}")},
            {ADA_DOES, ERR_INVALID, VALUE(V1, F1, "'value':{'number':'1'}")},
            {ADA_DOES, ERR_INVALID, VALUE(V1, F1, "'idValue':'" O1 "'")},
            {ADA_DOES, ERR_INVALID, VALUE(V1, F2, "'value':{'text':'t'}")},
            {ADA_DOES, ERR_INVALID, VALUE(V1, F2, "'idValue':'" O2 "'")},
            {ADA_DOES, ERR_INVALID, VALUE(V1, F2, "'idValue':'" NONE "'")},
            {ADA_DOES, ERR_OK, VALUE(V1, F1, "'value':null")},
            {ADA_DOES, ERR_OK, VALUE(V1, F1, "'value':{'text':'t'}")},
            {ADA_DOES, ERR_EXISTS, VALUE(V1, F2, "'idValue':'" O1 "'")},
            {ADA_DOES, ERR_OK, VALUE(V2, F2, "'idValue':'" O1 "'")},
            {ADA_DOES, ERR_OK, VALUE(V1, F1, "'value':{'text':'u'}")},
            {ADA_DOES, ERR_OK, "[{'op':'customFieldOption.delete','id':'" O2 "'}]"},
            {ADA_DOES, ERR_OK, "[{'op':'customFieldOption.delete','id':'" O1 "'}]"},
            {ADA_DOES, ERR_OK, VALUE(V1, F1, "'value':null")},
            {ADA_DOES, ERR_OK, "[{'op':'customField.delete','id':'" F2 "'}]"},
    };
    struct fixture *f = *state;
    ROWS_RUN(f, rows);
    assert_int_equal(engine_board(f->engine, board_id)->count[KIND_FIELD_ITEM], 0);
}

/* -- what comes from a file */

static void test_limits__of_an_import(void **state)
{
#define ADD(kind, fields) "[{'op':'import.add','objects':[['" kind "',{" fields "}]]}]"
    static const struct row rows[] = {
            {ADA_DOES, ERR_INVALID, ADD("member", "'id':'c00000000000000000000000'")},
            {ADA_DOES, ERR_INVALID, ADD("list", "'id':'no'")},
            {ADA_DOES, ERR_INVALID, ADD("list", "'name':'x'")},
            {ADA_DOES, ERR_INVALID, ADD("list", "'id':'000000000000000000000000'")},
            {ADA_DOES, ERR_EXISTS, ADD("list", "'id':'" LIST1 "'")},
            {ADA_DOES, ERR_INVALID, ADD("list", "'id':'c00000000000000000000000','odd':1")},
            {ADA_DOES, ERR_INVALID, ADD("list", "'id':'c00000000000000000000000','name':7")},
            {ADA_DOES, ERR_OK,
                    ADD("list", "'id':'c00000000000000000000000','s':3,'name':null,'color':null")},
            {ADA_DOES, ERR_INVALID, ADD("card", "'id':'c10000000000000000000000'")},
            {ADA_DOES, ERR_INVALID,
                    ADD("card", "'id':'c10000000000000000000000','idList':'" NONE "'")},
            {ADA_DOES, ERR_OK,
                    ADD("card", "'id':'c10000000000000000000000','idList':'" LIST1
                                "','shortLink':'odd'")},
            {ADA_DOES, ERR_OK,
                    ADD("card", "'id':'c20000000000000000000000','idList':'" LIST1
                                "','desc':'d','idShort':17,'shortLink':'AbCd0123'")},
            {ADA_DOES, ERR_OK,
                    ADD("card", "'id':'c60000000000000000000000','idList':'" LIST1
                                "','idShort':4294967294")},
            {ADA_DOES, ERR_OK,
                    ADD("membership", "'id':'c70000000000000000000000','idMember':'" EVE
                                      "','memberType':'observer'")},
    };
    struct fixture *f = *state;
    ROWS_RUN(f, rows);
    /* the board is in no workspace: a file brings nobody */
    assert_null(board_membership(engine_board(f->engine, board_id), eve));
}

static void test_limits__of_imported_parts(void **state)
{
    static const struct row rows[] = {
            {ADA_DOES, ERR_INVALID, ADD("checklist", "'id':'c30000000000000000000000'")},
            {ADA_DOES, ERR_INVALID,
                    ADD("checklist", "'id':'c30000000000000000000000','idCard':'" NONE "'")},
            {ADA_DOES, ERR_OK,
                    ADD("checklist", "'id':'c30000000000000000000000','idCard':'" CARD "'")},
            {ADA_DOES, ERR_INVALID, ADD("checkItem", "'id':'c40000000000000000000000'")},
            {ADA_DOES, ERR_INVALID,
                    ADD("checkItem", "'id':'c40000000000000000000000','idChecklist':'" NONE "'")},
            {ADA_DOES, ERR_OK,
                    ADD("checkItem", "'id':'c40000000000000000000000','idChecklist':"
                                     "'c30000000000000000000000','state':'odd'")},
            {ADA_DOES, ERR_OK,
                    ADD("checkItem", "'id':'c50000000000000000000000','idChecklist':"
                                     "'c30000000000000000000000','state':'complete'")},
            {ADA_DOES, ERR_INVALID,
                    ADD("attachment", "'id':'d00000000000000000000000','idCard':'" CARD "'")},
            {ADA_DOES, ERR_INVALID,
                    ADD("attachment", "'id':'d00000000000000000000000','idCard':'" CARD
                                      "','url':'http://x.org','file':'00'")},
            {ADA_DOES, ERR_OK,
                    ADD("attachment", "'id':'d00000000000000000000000','idCard':'" CARD
                                      "','url':'http://x.org'")},
            {ADA_DOES, ERR_OK,
                    ADD("attachment", "'id':'d10000000000000000000000','idCard':'" CARD
                                      "','url':'http://x.org','name':'n'")},
            {ADA_DOES, ERR_INVALID,
                    ADD("customField", "'id':'e00000000000000000000000','type':'odd'")},
            {ADA_DOES, ERR_OK, ADD("customField", "'id':'e00000000000000000000000','type':'text'")},
            {ADA_DOES, ERR_INVALID,
                    ADD("customFieldOption",
                            "'id':'e10000000000000000000000','idCustomField':'" NONE "'")},
            {ADA_DOES, ERR_OK,
                    ADD("customFieldOption", "'id':'e10000000000000000000000','idCustomField':"
                                             "'e00000000000000000000000'")},
            {ADA_DOES, ERR_INVALID,
                    ADD("customFieldItem", "'id':'e20000000000000000000000','idCard':'" CARD
                                           "','idCustomField':'e00000000000000000000000',"
                                           "'value':{'number':'1'}")},
            {ADA_DOES, ERR_OK,
                    ADD("customFieldItem", "'id':'e20000000000000000000000','idCard':'" CARD
                                           "','idCustomField':'e00000000000000000000000',"
                                           "'value':{'text':'t'}")},
            {ADA_DOES, ERR_OK,
                    ADD("comment",
                            "'id':'f00000000000000000000000','idCard':'" CARD "','text':'t'")},
            {ADA_DOES, ERR_INVALID, ADD("odd", "'id':'f20000000000000000000000'")},
            {ADA_DOES, ERR_INVALID, ADD("board", "'id':'f20000000000000000000000'")},
            {ADA_DOES, ERR_OK,
                    "[{'op':'checklist.create','id':'f30000000000000000000000','name':'k','idCard':"
                    "'" CARD "'},{'op':'import.add','objects':[['checklist',{'id':"
                    "'f40000000000000000000000','idCard':'" CARD "'}],['checklist',{'id':"
                    "'f50000000000000000000000','idCard':'" CARD "'}]]}]"},
            {ADA_DOES, ERR_OK,
                    "[{'op':'import.add','objects':[['comment',{'id':'f60000000000000000000000',"
                    "'idCard':'" CARD "'}],['comment',{'id':'f70000000000000000000000','idCard':"
                    "'" CARD "'}]]},{'op':'comment.create','id':'f80000000000000000000000',"
                    "'idCard':'" CARD "','text':'t'}]"},
            {ADA_DOES, ERR_OK, ADD("label", "'id':'f10000000000000000000000'")},
    };
    struct object *undated;
    ROWS_RUN(*state, rows);
    undated = object_at(*state, KIND_COMMENT, "f00000000000000000000000");
    assert_true(value_slice(object_value(undated, F_COMMENT_DATE)).len > 0);
}

/* -- too many: until it is refused, and at least `least` before */

static void fill(struct fixture *f, const char *prefix, const char *format, size_t least)
{
    for (size_t made = 0; made < 2000; made++) {
        char text[1024], id[ID_TEXT + 1];
        snprintf(id, sizeof id, "%s%0*zx", prefix, (int)(ID_TEXT - strlen(prefix)), made + 1);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(text, sizeof text, format, id);
#pragma GCC diagnostic pop
        struct command *c = run(f, ada, quoted(text));
        if (c->verdict == VERDICT_ACCEPTED) continue;
        if (c->fault.err != ERR_QUOTA) fail_msg("%s: %s %s", text, c->fault.field, c->fault.wrong);
        assert_true(made >= least);
        return;
    }
    fail_msg("%s has no end", prefix);
}

static void test_limits__of_how_many(void **state)
{
    struct fixture *f = *state;
    run_ok(f, ada,
            quoted("[" FIELD(F1, "list") ",{'op':'checklist.create','name':'k','id':"
                                         "'500000000000000000000000','idCard':'" CARD
                                         "'},{'op':'comment.create','id':"
                                         "'700000000000000000000000','idCard':'" CARD
                                         "','text':'t'}]"));
    fill(f, "e1", "[{'op':'comment.react','id':'700000000000000000000000','emoji':'%s','on':true}]",
            1);
    fill(f, "51", "[{'op':'checklist.create','name':'k','id':'%s','idCard':'" CARD "'}]", 3);
    fill(f, "61",
            "[{'op':'checkItem.create','id':'%s','idChecklist':'500000000000000000000000',"
            "'name':'i'}]",
            5);
    fill(f, "71", "[{'op':'comment.create','id':'%s','idCard':'" CARD "','text':'t'}]", 5);
    fill(f, "81",
            "[{'op':'attachment.create','id':'%s','idCard':'" CARD "','url':'https://x.org/'}]", 3);
    fill(f, "91", "[{'op':'customField.create','id':'%s','name':'f','type':'text'}]", 3);
    fill(f, "a2",
            "[{'op':'customFieldOption.create','id':'%s','idCustomField':'" F1 "','text':'o'}]", 3);
    fill(f, "31", "[{'op':'label.create','id':'%s','name':'l','color':'red'}]", 10);
    fill(f, "21", "[{'op':'list.create','id':'%s','name':'l'}]", 10);
    fill(f, "42", "[{'op':'card.create','id':'%s','idList':'" LIST1 "','name':'c'}]", 100);
    assert_int_equal(run_err(f, ada,
                             quoted("[{'op':'card.copy','id':'" CARD2 "','idSource':'" CARD
                                    "','idList':'" LIST1 "'}]")),
            ERR_QUOTA);
}

/* -- the directory */

static const char hash_a[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                  hash_b[] = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

static enum err link_make(struct fixture *f, const char *id, const char *member, const char *more)
{
    char text[512];
    snprintf(text, sizeof text,
            "[{'op':'dir.link','id':'%s','hash':'%s','idMember':'%s','expires':%s}]", id, hash_a,
            member, more);
    return directory_run(f, text);
}

static enum err sign_in(struct fixture *f, const char *id, const char *link, const char *hash)
{
    char text[512];
    snprintf(text, sizeof text,
            "[{'op':'dir.signIn','id':'%s','idLink':'%s','linkHash':'%s','hash':'%s','expires':"
            "'2030-01-01T00:00:00.000Z'}]",
            id, link, hash, hash_b);
    return directory_run(f, text);
}

static struct slice username_of(struct fixture *f, const char *member)
{
    struct id id;
    assert_true(id_parse(slice_cstr(member), &id));
    struct object *o = board_get(engine_board(f->engine, DIRECTORY_ID), KIND_MEMBER, id);
    return value_slice(object_value(o, F_MEMBER_USERNAME));
}

static void test_limits__of_the_directory(void **state)
{
    struct fixture *f = *state;
    const char *later = "'2030-01-01T00:00:00.000Z'", *past = "'2001-01-01T00:00:00.000Z'";
    char id[ID_TEXT + 1];
    assert_int_equal(
            directory_run(f, "[{'op':'dir.member','id':'" ADA "','fullName':'A'}]"), ERR_EXISTS);
    static const char *const names[] = {"ada lovelace", "  Zo\xc3\xab  ",
            "\xe6\x9d\x8e \xe6\x98\x8e", "\xf0\x9f\x8e\xa8", "1 ~:", ":x {y", "a-b 9",
            "a very long name of somebody with a great many names",
            "0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789"};
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        char text[512];
        snprintf(text, sizeof text, "[{'op':'dir.member','id':'66%022zx','fullName':'%s'}]", i + 1,
                names[i]);
        assert_int_equal(directory_run(f, text), ERR_OK);
    }
    snprintf(id, sizeof id, "66%022zx", ARRAY_COUNT(names));
    assert_int_equal(username_of(f, id).len, 60);
    assert_int_equal(directory_run(f, "[{'op':'dir.member','id':'670000000000000000000001',"
                                      "'fullName':'X','username':'xx','initials':'Q'}]"),
            ERR_OK);
    assert_int_equal(directory_run(f, "[{'op':'dir.member','id':'670000000000000000000002',"
                                      "'fullName':'X','username':'xx'}]"),
            ERR_EXISTS);
    assert_int_equal(link_make(f, "680000000000000000000001", NONE, later), ERR_NOT_FOUND);
    assert_int_equal(link_make(f, "680000000000000000000001", ADA, past), ERR_OK);
    assert_int_equal(sign_in(f, "690000000000000000000001", "680000000000000000000001", hash_a),
            ERR_UNAUTHORIZED);
    assert_int_equal(link_make(f, "680000000000000000000002", ADA, later), ERR_OK);
    assert_int_equal(link_make(f, "680000000000000000000002", ADA, later), ERR_EXISTS);
    assert_int_equal(sign_in(f, "690000000000000000000001", NONE, hash_a), ERR_UNAUTHORIZED);
    assert_int_equal(sign_in(f, "690000000000000000000001", "680000000000000000000002", hash_b),
            ERR_UNAUTHORIZED);
    assert_int_equal(
            sign_in(f, "690000000000000000000001", "680000000000000000000002", hash_a), ERR_OK);
    assert_int_equal(
            sign_in(f, "690000000000000000000001", "680000000000000000000002", hash_a), ERR_EXISTS);
    assert_int_equal(directory_run(f, "[{'op':'dir.signOut','id':'" NONE "'}]"), ERR_NOT_FOUND);
    assert_int_equal(
            directory_run(f, "[{'op':'dir.signOut','id':'690000000000000000000001'}]"), ERR_OK);
    assert_int_equal(directory_run(f, "[{'op':'dir.star','id':'" NONE "','star':7}]"), ERR_INVALID);
    assert_int_equal(directory_run(f, "[{'op':'dir.unlink','id':'" NONE "'}]"), ERR_NOT_FOUND);
    assert_int_equal(link_make(f, "680000000000000000000003", ADA, later), ERR_OK);
    assert_int_equal(
            directory_run(f, "[{'op':'dir.unlink','id':'680000000000000000000003'}]"), ERR_OK);
    directory_run(f, "[{'op':'dir.link','id':'680000000000000000000004','hash':'" HASH
                     "','idMember':'" ADA "'}]"); /* without a date it is past it */
    assert_int_equal(link_make(f, "680000000000000000000005", ADA, later), ERR_OK);
    assert_int_equal(link_make(f, "680000000000000000000006", ADA, past), ERR_OK);
    assert_int_equal(link_make(f, "680000000000000000000007", ADA,
                             "'2030-01-01T00:00:00.000Z','idBoard':'" CARD "'"),
            ERR_OK);
    assert_int_equal(directory_run(f, "[{'op':'dir.member','id':'670000000000000000000003',"
                                      "'fullName':'\xc3\x89va ~x','username':'yy'}]"),
            ERR_OK);
    enum err err = ERR_OK;
    for (unsigned i = 0; i < 200 && err == ERR_OK; i++) {
        char more[128];
        snprintf(id, sizeof id, "6a%022x", i + 1);
        snprintf(more, sizeof more, "%s,'idBoard':'" BOARD "'", i == 0 ? past : later);
        err = link_make(f, id, ADA, more);
    }
    assert_int_equal(err, ERR_QUOTA);
}

#define ORG "510000000000000000000000"

static void test_limits__of_people(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(directory_run_as(f, (struct actor){.member = ada},
                             "[{'op':'organization.create','id':'" ORG "','displayName':'C'}]"),
            ERR_OK);
    assert_int_equal(directory_run(f, "[{'op':'organization.memberAdd','id':'" ORG
                                      "','idMember':'" EVE "','role':'normal'}]"),
            ERR_OK);
    run_ok(f, ada,
            quoted("[{'op':'board.set','idOrganization':'" ORG
                   "','prefs':{'permissionLevel':'org','selfJoin':true}}]"));
    for (unsigned i = 0; i < 200; i++) {
        char text[256];
        snprintf(text, sizeof text, "[{'op':'dir.member','id':'6b%022x','fullName':'P'}]", i + 1);
        assert_int_equal(directory_run(f, text), ERR_OK);
        snprintf(text, sizeof text, "[{'op':'member.add','idMember':'6b%022x','role':'normal'}]",
                i + 1);
        struct command *c = run(f, ada, quoted(text));
        if (c->verdict == VERDICT_ACCEPTED) continue;
        assert_int_equal(c->fault.err, ERR_QUOTA);
        assert_true(i > 20);
        assert_int_equal(run_err(f, eve, quoted("[{'op':'member.join'}]")), ERR_QUOTA);
        return;
    }
    fail_msg("a board has no end");
}

/* Who is in it is the server's own to say, too. */
static void test_limits__of_an_organization(void **state)
{
    struct fixture *f = *state;
    char text[256];
    enum err err = directory_run_as(f, (struct actor){.member = ada},
            "[{'op':'organization.create','id':'510000000000000000000000','displayName':'C'}]");
    assert_int_equal(err, ERR_OK);
    for (unsigned i = 1; i <= MEMBERS_PER_ORGANIZATION_MAX; i++) {
        snprintf(text, sizeof text, "[{'op':'dir.member','id':'6c%022x','fullName':'P'}]", i);
        assert_int_equal(directory_run(f, text), ERR_OK);
        snprintf(text, sizeof text,
                "[{'op':'organization.memberAdd','id':'510000000000000000000000',"
                "'idMember':'6c%022x','role':'normal'}]",
                i);
        assert_int_equal(
                directory_run(f, text), i < MEMBERS_PER_ORGANIZATION_MAX ? ERR_OK : ERR_QUOTA);
    }
}

static void test_limits__of_how_many_vote(void **state)
{
    struct fixture *f = *state;
    run_ok(f, ada, quoted("[{'op':'board.set','prefs':{'voting':'members'}}]"));
    for (unsigned i = 0; i <= VOTES_PER_CARD_MAX; i++) {
        char text[256], who[ID_TEXT + 1];
        struct id voter;
        snprintf(who, sizeof who, "6b%022x", i + 1);
        assert_true(id_parse(slice_cstr(who), &voter));
        snprintf(text, sizeof text, "[{'op':'dir.member','id':'%s','fullName':'P'}]", who);
        assert_int_equal(directory_run(f, text), ERR_OK);
        snprintf(text, sizeof text, "[{'op':'member.add','idMember':'%s','role':'normal'}]", who);
        run_ok(f, ada, quoted(text));
        if (i == VOTES_PER_CARD_MAX) {
            assert_int_equal(run_err(f, voter, quoted(VOTE("true"))), ERR_QUOTA);
            return;
        }
        run_ok(f, voter, quoted(VOTE("true")));
    }
}

/* What one op may give, two may not leave together. */
static void test_limits__of_prefs(void **state)
{
    struct fixture *f = *state;
    for (unsigned turn_of = 0; turn_of < 2; turn_of++) {
        struct buf text;
        buf_init(&text, MIB(1));
        BUF_ADD(&text, "[{'op':'board.set','prefs':{");
        for (unsigned i = 0; i < 150; i++)
            buf_add_format(&text, "%s'k%u_%u':1", i > 0 ? "," : "", turn_of, i);
        BUF_ADD(&text, "}}]");
        buf_add_char(&text, '\0');
        struct command *c = run(f, ada, quoted(text.ptr));
        buf_fini(&text);
        assert_int_equal(c->verdict, turn_of == 0 ? VERDICT_ACCEPTED : VERDICT_REJECTED);
    }
}

/* Two ops of one message on a field that somebody changed meanwhile: it is noted once. */
static void test_limits__of_what_is_noted(void **state)
{
    struct fixture *f = *state;
    run_ok(f, bob, quoted("[{'op':'card.set','id':'" CARD "','name':'his'}]"));
    forget(f);
    struct command *c = command(ada, "", 0,
            quoted("[{'op':'card.set','id':'" CARD "','name':'hers'},{'op':'card.set','id':'" CARD
                   "','name':'hers too'}]"));
    c->base = 2;
    engine_submit(f->engine, c, NOW);
    turn(f);
    answer(f, OPLOG_COMMITTED);
    const char *first = strstr(f->last, "\"his\"");
    assert_non_null(first);
    assert_null(strstr(first + 1, "\"hers\","));
}

/* The server itself makes a board: it is nobody's. */
static void test_limits__of_nobodys_board(void **state)
{
    struct fixture *f = *state;
    struct actor system = {.system = true};
    struct command *c = command_new(id_make(2, 2), &system);
    forget(f);
    assert_int_equal(
            command_decode(c, slice_cstr(quoted("[{'op':'board.create','name':'N','lists':true}]")),
                    true, NULL),
            ERR_OK);
    engine_submit(f->engine, c, NOW);
    turn(f);
    struct board_load none = {.board = id_make(2, 2), .err = ERR_NOT_FOUND};
    engine_loaded(f->engine, &none, NOW);
    turn(f);
    answer(f, OPLOG_COMMITTED);
    assert_int_equal(f->answers[0]->verdict, VERDICT_ACCEPTED);
    assert_int_equal(engine_board(f->engine, id_make(2, 2))->count[KIND_MEMBERSHIP], 0);
}

/* Nor is one made in an organization that its maker is not in. */
static void test_limits__of_a_board_elsewhere(void **state)
{
    struct fixture *f = *state;
    struct actor actor = {.member = ada};
    struct command *c = command_new(id_make(2, 3), &actor);
    struct fault fault = {0};
    forget(f);
    static const char ops[] = "[{'op':'board.create','name':'N','idOrganization':'" NONE "',"
                              "'prefs':{'a':1}}]";
    if (command_decode(c, slice_cstr(quoted(ops)), false, &fault) != ERR_OK)
        fail_msg("%s %s", fault.field, fault.wrong);
    engine_submit(f->engine, c, NOW);
    turn(f);
    struct board_load none = {.board = id_make(2, 3), .err = ERR_NOT_FOUND};
    engine_loaded(f->engine, &none, NOW);
    turn(f);
    assert_int_equal(f->answers[0]->verdict, VERDICT_REJECTED);
    assert_string_equal(f->answers[0]->fault.field, "idOrganization");
}

int main(void)
{
    json_start();
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
            TEST(test_limits__of_a_board),
            TEST(test_limits__of_lists_and_labels),
            TEST(test_limits__of_members),
            TEST(test_limits__of_a_card),
            TEST(test_limits__of_votes),
            TEST(test_limits__of_parts),
            TEST(test_limits__of_attachments),
            TEST(test_limits__of_custom_fields),
            TEST(test_limits__of_an_import),
            TEST(test_limits__of_imported_parts),
            TEST(test_limits__of_how_many),
            TEST(test_limits__of_the_directory),
            TEST(test_limits__of_sorting),
            TEST(test_limits__of_people),
            TEST(test_limits__of_an_organization),
            TEST(test_limits__of_how_many_vote),
            TEST(test_limits__of_prefs),
            TEST(test_limits__of_what_is_noted),
            TEST(test_limits__of_nobodys_board),
            TEST(test_limits__of_a_board_elsewhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
