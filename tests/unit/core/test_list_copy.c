/* A copy of a list: what is written out of a board, and what becomes of it when it is added. */
#include "core/list_copy.h"

#include "core/cover.h"
#include "tests/unit/core/engine_fixture.h"

#define LIST  "100000000000000000000000"
#define LABEL "300000000000000000000000"
#define CARD  "400000000000000000000000"
#define COPY  "990000000000000000000000"

static const struct id source = {{0x10}}, copied = {{0x99}};

/* Of everything that hangs on a card, some; and an archived card. */
static void furnish(struct fixture *f)
{
    run_ok(f, ada,
            "[{\"op\":\"checklist.create\",\"id\":\"500000000000000000000000\",\"idCard\":\"" CARD
            "\",\"name\":\"Steps\"},"
            "{\"op\":\"checkItem.create\",\"id\":\"510000000000000000000000\",\"idChecklist\":"
            "\"500000000000000000000000\",\"name\":\"one\",\"state\":\"complete\"},"
            "{\"op\":\"attachment.create\",\"id\":\"520000000000000000000000\",\"idCard\":\"" CARD
            "\",\"url\":\"https://example.org/\"},"
            "{\"op\":\"comment.create\",\"id\":\"530000000000000000000000\",\"idCard\":\"" CARD
            "\",\"text\":\"stays\"},"
            "{\"op\":\"card.set\",\"id\":\"" CARD
            "\",\"cover\":{\"idAttachment\":\"520000000000000000000000\"}},"
            "{\"op\":\"card.create\",\"id\":\"410000000000000000000000\",\"idList\":\"" LIST
            "\",\"name\":\"Gone\"},"
            "{\"op\":\"card.close\",\"id\":\"410000000000000000000000\"}]");
}

static struct slice some_text(void *context, struct id id, enum field field)
{
    (void)context, (void)id;
    assert_int_equal(field, F_CARD_DESC);
    return SLICE("described");
}

/* The op, as text. */
static uint32_t written(struct fixture *f, struct buf *ret_op)
{
    buf_init(ret_op, MIB(1));
    struct json_out j = json_out(ret_op);
    BUF_ADD(ret_op, "[{\"op\":\"list.copy\",\"objects\":");
    json_array_begin(&j);
    struct list_copy copy = {.b = engine_board(f->engine, board_id),
            .source = source,
            .root = copied,
            .name = SLICE("Copy"),
            .text = some_text,
            .j = &j};
    list_copy_write(&copy);
    json_array_end(&j);
    BUF_ADD(ret_op, ",\"pos\":\"top\"}]");
    buf_add_char(ret_op, '\0');
    return copy.count;
}

static struct object *only_child(struct fixture *f, enum kind kind, struct id parent)
{
    const struct siblings *s = board_children(engine_board(f->engine, board_id), kind, parent);
    assert_non_null(s);
    assert_int_equal(s->count, 1);
    return s->at[0];
}

static void test_list_copy__has_what_is_open_and_what_hangs_on_it(void **state)
{
    struct fixture *f = *state;
    struct buf op;
    struct cover cover;
    furnish(f);
    assert_int_equal(written(f, &op), 5); /* list, card, checklist, item, attachment */
    run_ok(f, bob, op.ptr);
    buf_fini(&op);
    struct object *list = object_at(f, KIND_LIST, COPY);
    assert_non_null(list);
    assert_true(slice_eq(value_slice(object_value(list, F_LIST_NAME)), SLICE("Copy")));
    assert_true(object_value(list, F_LIST_POS)->num <
                object_value(object_at(f, KIND_LIST, LIST), F_LIST_POS)->num);
    struct object *card = only_child(f, KIND_CARD, copied);
    assert_true(slice_eq(value_slice(object_value(card, F_CARD_NAME)), SLICE("Milk")));
    assert_int_equal(object_value(card, F_CARD_ID_LABELS)->set->count, 1);
    assert_true(slice_eq(value_slice(object_value(card, F_CARD_BADGES)),
            SLICE("{\"attachments\":1,\"checkItems\":1,\"checkItemsChecked\":1,"
                  "\"description\":true}")));
    assert_true(object_value(card, F_CARD_ID_SHORT)->num >
                object_value(object_at(f, KIND_CARD, CARD), F_CARD_ID_SHORT)->num);
    struct object *checklist = only_child(f, KIND_CHECKLIST, card->id);
    only_child(f, KIND_CHECK_ITEM, checklist->id);
    struct object *attachment = only_child(f, KIND_ATTACHMENT, card->id);
    assert_true(cover_read(object_value(card, F_CARD_COVER), &cover));
    assert_true(id_eq(cover.attachment, attachment->id));
    assert_null(board_children(engine_board(f->engine, board_id), KIND_COMMENT, card->id));
}

#define FIELD(id, type)                                                                            \
    "{\"op\":\"customField.create\",\"id\":\"" id "\",\"name\":\"f\",\"type\":\"" type "\"}"
#define OPTION(id, field)                                                                          \
    "{\"op\":\"customFieldOption.create\",\"id\":\"" id "\",\"idCustomField\":\"" field            \
    "\",\"text\":\"o\"}"
#define HAS(id, field, what)                                                                       \
    "{\"op\":\"customFieldItem.set\",\"id\":\"" id "0000000000000000000000\",\"idCard\":\"" CARD   \
    "\",\"idCustomField\":\"" field "\"," what "}"
#define TEXT  "900000000000000000000000" /* even: they stay */
#define TEXT2 "910000000000000000000000"
#define PICK  "920000000000000000000000"
#define PICK2 "930000000000000000000000"

static void test_list_copy__leaves_out_what_is_gone_meanwhile(void **state)
{
    struct fixture *f = *state;
    struct buf op;
    run_ok(f, ada,
            "[" FIELD(TEXT, "text") "," FIELD(TEXT2, "text") "," FIELD(PICK, "list") "," FIELD(
                    PICK2, "list") "," OPTION("a00000000000000000000000",
                    PICK) "," OPTION("a10000000000000000000000", PICK2) "]");
    run_ok(f, ada,
            "[" HAS("b0", TEXT, "\"value\":{\"text\":\"stays\"}") "," HAS("b1", TEXT2,
                    "\"value\":{\"text\":\"goes\"}") "," HAS("b2", PICK,
                    "\"idValue\":\"a00000000000000000000000\"") "," HAS("b3", PICK2,
                    "\"idValue\":\"a10000000000000000000000\"") "]");
    assert_int_equal(written(f, &op), 6); /* list, card, four values */
    run_ok(f, ada,
            "[{\"op\":\"label.delete\",\"id\":\"" LABEL "\"},"
            "{\"op\":\"customField.delete\",\"id\":\"" TEXT2 "\"},"
            "{\"op\":\"customFieldOption.delete\",\"id\":\"a10000000000000000000000\"}]");
    run_ok(f, ada, op.ptr);
    struct object *card = only_child(f, KIND_CARD, copied);
    const struct siblings *values =
            board_children(engine_board(f->engine, board_id), KIND_FIELD_ITEM, card->id);
    assert_int_equal(values->count, 2);
    for (size_t i = 0; i < values->count; i++)
        assert_int_not_equal(
                object_value(values->at[i], F_FIELD_ITEM_ID_CUSTOM_FIELD)->id.bytes[0] & 1, 1);
    assert_false(value_set_has(object_value(card, F_CARD_ID_LABELS), (struct id){{0x30}}));
    assert_int_equal(run_err(f, ada, op.ptr), ERR_EXISTS); /* and a second time there is no room */
    buf_fini(&op);
}

/* What comes first has the place that the op names, whatever it is, if it has one at all. */
static void test_list_copy__places_what_comes_first(void **state)
{
    struct fixture *f = *state;
    run_ok(f, ada,
            "[{\"op\":\"list.copy\",\"objects\":[[\"card\",{\"id\":\"410000000000000000000000\","
            "\"idList\":\"" LIST "\",\"name\":\"c\"}]],\"pos\":\"top\"}]");
    const struct siblings *cards =
            board_children(engine_board(f->engine, board_id), KIND_CARD, source);
    assert_int_equal(cards->count, 2);
    assert_true(cards->at[0]->id.bytes[0] == 0x41);
    run_ok(f, ada,
            "[{\"op\":\"list.copy\",\"objects\":[[\"label\",{\"id\":\"310000000000000000000000\","
            "\"name\":\"l\"}]],\"pos\":\"top\"}]");
    assert_non_null(object_at(f, KIND_LABEL, "310000000000000000000000"));
}

#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(test_list_copy__##name, fixture_setup, fixture_teardown)

int main(void)
{
    json_start();
    const struct CMUnitTest tests[] = {
            TEST(has_what_is_open_and_what_hangs_on_it),
            TEST(leaves_out_what_is_gone_meanwhile),
            TEST(places_what_comes_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
