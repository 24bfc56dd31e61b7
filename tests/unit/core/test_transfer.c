/* Cards that move to another board: what comes along, and that the two boards stay one thing to
 * the port. */
#include "tests/unit/core/transfer_fixture.h"

#define MOVE  "[{\"op\":\"card.transfer\",\"id\":\"" CARD "\",\"idBoard\":\"" THERE "\"}]"
#define BACK  "[{\"op\":\"card.transfer\",\"id\":\"" CARD "\",\"idBoard\":\"" HERE "\"}]"
#define NAME(id, name)                                                                             \
    "[{\"op\":\"card.set\",\"id\":\"" id "\",\"name\":\"" name "\"}]"

/* -- what comes along */

static void test_transfer__moves_the_card_with_its_place_and_short_link(void **state)
{
    struct fixture *f = *state;
    struct value link =
            value_copy(object_value(at(f, board_id, KIND_CARD, CARD), F_CARD_SHORT_LINK));
    ok_at(f, board_id, ada,
            "[{\"op\":\"card.transfer\",\"id\":\"" CARD "\",\"idBoard\":\"" THERE "\","
            "\"pos\":\"top\"}]");
    assert_true(moved(f));
    struct object *card = at(f, there_id, KIND_CARD, CARD);
    assert_true(value_eq(&link, object_value(card, F_CARD_SHORT_LINK)));
    assert_true(object_value(card, F_CARD_ID_SHORT)->num == 2);
    assert_true(object_value(card, F_CARD_POS)->num == POS_STEP / 2);
    value_fini(&link);
}

static void test_transfer__brings_every_part_under_its_own_id(void **state)
{
    struct fixture *f = *state;
    ok_at(f, board_id, ada,
            "[{\"op\":\"checklist.create\",\"id\":\"710000000000000000000000\",\"idCard\":\"" CARD
            "\",\"name\":\"K\"},"
            "{\"op\":\"checkItem.create\",\"id\":\"720000000000000000000000\",\"idChecklist\":"
            "\"710000000000000000000000\",\"name\":\"I\",\"idMember\":\"" BOB "\"},"
            "{\"op\":\"comment.create\",\"id\":\"730000000000000000000000\",\"idCard\":\"" CARD
            "\",\"text\":\"said\"},"
            "{\"op\":\"attachment.create\",\"id\":\"740000000000000000000000\",\"idCard\":\"" CARD
            "\",\"url\":\"https://example.org/a\"},"
            "{\"op\":\"text.put\",\"kind\":\"card\",\"id\":\"" CARD
            "\",\"field\":\"desc\",\"text\":\"a text\"}]");
    struct value badges = value_copy(object_value(at(f, board_id, KIND_CARD, CARD), F_CARD_BADGES));
    ok_at(f, board_id, ada, MOVE);
    const struct board *here = engine_board(f->engine, board_id);
    assert_int_equal(here->count[KIND_CHECKLIST] + here->count[KIND_CHECK_ITEM] +
                             here->count[KIND_COMMENT] + here->count[KIND_ATTACHMENT],
            0);
    assert_non_null(at(f, there_id, KIND_CHECKLIST, "710000000000000000000000"));
    struct object *item = at(f, there_id, KIND_CHECK_ITEM, "720000000000000000000000");
    assert_int_equal(object_value(item, F_CHECK_ITEM_ID_MEMBER)->type, VALUE_NULL);
    struct object *comment = at(f, there_id, KIND_COMMENT, "730000000000000000000000");
    assert_true(id_eq(object_value(comment, F_COMMENT_ID_MEMBER_CREATOR)->id, ada));
    assert_non_null(at(f, there_id, KIND_ATTACHMENT, "740000000000000000000000"));
    struct object *card = at(f, there_id, KIND_CARD, CARD);
    assert_true(value_eq(&badges, object_value(card, F_CARD_BADGES)));
    const struct doc *doc = board_doc(engine_board(f->engine, there_id), card->id, F_CARD_DESC);
    assert_true(slice_eq(doc->text, SLICE("a text")));
    value_fini(&badges);
}

static void test_transfer__finds_or_makes_labels_by_name_and_colour(void **state)
{
    struct fixture *f = *state;
    ok_at(f, board_id, ada, MOVE);
    struct object *label = only(f, there_id, KIND_LABEL), *card = at(f, there_id, KIND_CARD, CARD);
    assert_true(slice_eq(value_slice(object_value(label, F_LABEL_NAME)), SLICE("Urgent")));
    assert_true(value_set_has(object_value(card, F_CARD_ID_LABELS), label->id));
    assert_int_equal(object_value(card, F_CARD_ID_LABELS)->set->count, 1);
    ok_at(f, there_id, ada, BACK); /* and finds its own again */
    card = at(f, board_id, KIND_CARD, CARD);
    assert_true(value_set_has(
            object_value(card, F_CARD_ID_LABELS), only(f, board_id, KIND_LABEL)->id));
}

static void test_transfer__takes_members_off_who_are_not_there(void **state)
{
    struct fixture *f = *state;
    ok_at(f, board_id, ada,
            "[{\"op\":\"card.member\",\"id\":\"" CARD "\",\"element\":\"" ADA "\",\"on\":true},"
            "{\"op\":\"card.member\",\"id\":\"" CARD "\",\"element\":\"" BOB "\",\"on\":true}]");
    forget(f);
    send_at(f, board_id, ada, 1, MOVE);
    assert_non_null(f->batch->twin);
    struct slice tx = f->batch->events->tx, twin_tx = f->batch->twin->events->tx;
    assert_true(slice_ends(tx, SLICE(",\"left\":[\"" BOB "\"],\"to\":\"" THERE "\"}")));
    assert_true(slice_starts(twin_tx, SLICE("{\"from\":\"" HERE "\",\"id\":\"")));
    assert_memory_equal(tx.ptr + 1, twin_tx.ptr + sizeof "{\"from\":\"" HERE "\"," - 1,
            sizeof "\"id\":\"" HERE - 1);
    assert_int_equal(f->batch->twin->events->cl.len, 0); /* it is nobody's by number */
    answer(f, OPLOG_COMMITTED);
    struct object *card = at(f, there_id, KIND_CARD, CARD);
    assert_true(value_set_has(object_value(card, F_CARD_ID_MEMBERS), ada));
    assert_false(value_set_has(object_value(card, F_CARD_ID_MEMBERS), bob));
}

static void test_transfer__brings_custom_fields_with_their_options(void **state)
{
    struct fixture *f = *state;
    ok_at(f, board_id, ada,
            "[{\"op\":\"customField.create\",\"id\":\"810000000000000000000000\",\"name\":\"Size\","
            "\"type\":\"list\"},"
            "{\"op\":\"customFieldOption.create\",\"id\":\"820000000000000000000000\","
            "\"idCustomField\":\"810000000000000000000000\",\"text\":\"S\"},"
            "{\"op\":\"customFieldOption.create\",\"id\":\"830000000000000000000000\","
            "\"idCustomField\":\"810000000000000000000000\",\"text\":\"L\"},"
            "{\"op\":\"customFieldItem.set\",\"id\":\"840000000000000000000000\",\"idCard\":\"" CARD
            "\",\"idCustomField\":\"810000000000000000000000\",\"idValue\":"
            "\"830000000000000000000000\"}]");
    ok_at(f, board_id, ada, MOVE);
    struct object *field = only(f, there_id, KIND_CUSTOM_FIELD);
    struct object *value = at(f, there_id, KIND_FIELD_ITEM, "840000000000000000000000");
    assert_int_equal(engine_board(f->engine, there_id)->count[KIND_FIELD_OPTION], 2);
    assert_true(id_eq(object_value(value, F_FIELD_ITEM_ID_CUSTOM_FIELD)->id, field->id));
    struct object *option = board_get(engine_board(f->engine, there_id), KIND_FIELD_OPTION,
            object_value(value, F_FIELD_ITEM_ID_VALUE)->id);
    assert_true(slice_eq(value_slice(object_value(option, F_FIELD_OPTION_TEXT)), SLICE("L")));
    /* an option that is new there comes along on the way back */
    ok_at(f, board_id, ada,
            "[{\"op\":\"customFieldOption.delete\",\"id\":\"830000000000000000000000\"}]");
    ok_at(f, there_id, ada, BACK);
    assert_int_equal(engine_board(f->engine, board_id)->count[KIND_FIELD_OPTION], 2);
    value = at(f, board_id, KIND_FIELD_ITEM, "840000000000000000000000");
    assert_non_null(board_get(engine_board(f->engine, board_id), KIND_FIELD_OPTION,
            object_value(value, F_FIELD_ITEM_ID_VALUE)->id));
}

static void test_transfer__moves_several_in_the_order_in_which_they_are_named(void **state)
{
    struct fixture *f = *state;
    ok_at(f, board_id, ada,
            "[{\"op\":\"card.create\",\"id\":\"410000000000000000000000\",\"idList\":"
            "\"100000000000000000000000\",\"name\":\"b\"}]");
    ok_at(f, board_id, ada,
            "[{\"op\":\"card.transfer\",\"ids\":[\"410000000000000000000000\",\"" CARD
            "\",\"420000000000000000000000\"],\"idBoard\":\"" THERE
            "\",\"idList\":\"500000000000000000000000\",\"after\":\"600000000000000000000000\"}]");
    const struct siblings *cards = board_children(
            engine_board(f->engine, there_id), KIND_CARD, (struct id){{0x50}});
    assert_int_equal(cards->count, 3);
    assert_int_equal(cards->at[0]->id.bytes[0], 0x60);
    assert_int_equal(cards->at[1]->id.bytes[0], 0x41);
    assert_int_equal(cards->at[2]->id.bytes[0], 0x40);
}

/* -- who may, and where to */

static void test_transfer__wants_the_right_to_edit_on_both_boards(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(err_at(f, board_id, bob, MOVE), ERR_NOT_FOUND);
    assert_int_equal(err_at(f, board_id, eve, MOVE), ERR_NOT_FOUND);
    ok_at(f, there_id, ada,
            "[{\"op\":\"member.add\",\"idMember\":\"" BOB "\",\"role\":\"observer\"}]");
    assert_int_equal(err_at(f, board_id, bob, MOVE), ERR_FORBIDDEN);
    ok_at(f, there_id, ada,
            "[{\"op\":\"member.role\",\"idMember\":\"" BOB "\",\"role\":\"normal\"}]");
    ok_at(f, board_id, bob, MOVE);
}

static void test_transfer__is_forbidden_to_who_reads_that_board_by_its_workspace(void **state)
{
    struct fixture *f = *state;
    ok_at(f, DIRECTORY_ID, ada,
            "[{\"op\":\"organization.create\",\"id\":\"900000000000000000000000\","
            "\"displayName\":\"Crew\"}]");
    ok_at(f, DIRECTORY_ID, ada,
            "[{\"op\":\"organization.memberAdd\",\"id\":\"900000000000000000000000\","
            "\"idMember\":\"" BOB "\",\"role\":\"normal\"}]");
    ok_at(f, there_id, ada,
            "[{\"op\":\"board.set\",\"idOrganization\":\"900000000000000000000000\","
            "\"prefs\":{\"permissionLevel\":\"org\"}}]");
    assert_int_equal(err_at(f, board_id, bob, MOVE), ERR_FORBIDDEN);
    /* said of what is committed: until then it waits, and keeps nobody from his turn */
    forget(f);
    f->hold = true;
    send_at(f, DIRECTORY_ID, ada, 0,
            "[{\"op\":\"organization.memberRemove\",\"id\":\"900000000000000000000000\","
            "\"idMember\":\"" BOB "\"}]");
    send_at(f, board_id, bob, 0, MOVE);
    send_at(f, there_id, ada, 0, NAME("600000000000000000000000", "x"));
    assert_int_equal(f->answer_count, 0);
    answer(f, OPLOG_COMMITTED);
    assert_int_equal(f->answer_count, 1);
    f->hold = false;
    f->held->answer = OPLOG_COMMITTED;
    engine_answer(f->engine, f->held, NOW);
    f->held = NULL;
    turn(f);
    assert_int_equal(f->answer_count, 3);
    assert_int_equal(f->answers[2]->fault.err, ERR_NOT_FOUND);
}

static void test_transfer__refuses_what_is_no_place_for_a_card(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(err_at(f, board_id, ada, BACK), ERR_INVALID);
    ok_at(f, there_id, ada,
            "[{\"op\":\"list.close\",\"id\":\"500000000000000000000000\"}]");
    assert_int_equal(err_at(f, board_id, ada, MOVE), ERR_GONE);
    assert_int_equal(err_at(f, board_id, ada,
                             "[{\"op\":\"card.transfer\",\"id\":\"" CARD "\",\"idBoard\":\"" THERE
                             "\",\"idList\":\"500000000000000000000000\"}]"),
            ERR_GONE);
    assert_int_equal(err_at(f, board_id, ada,
                             "[{\"op\":\"card.transfer\",\"id\":\"" CARD "\",\"idBoard\":\"" THERE
                             "\",\"idList\":\"990000000000000000000000\"}]"),
            ERR_NOT_FOUND);
    assert_false(moved(f));
}

static void test_transfer__leaves_nothing_of_the_card_to_change(void **state)
{
    struct fixture *f = *state;
    ok_at(f, board_id, ada, MOVE);
    assert_int_equal(err_at(f, board_id, ada, NAME(CARD, "x")), ERR_GONE);
    assert_int_equal(err_at(f, board_id, ada, MOVE), ERR_GONE);
    assert_int_equal(err_at(f, board_id, ada,
                             "[{\"op\":\"text\",\"kind\":\"card\",\"id\":\"" CARD
                             "\",\"field\":\"desc\",\"delta\":[\"x\"]}]"),
            ERR_GONE);
    ok_at(f, there_id, ada, NAME(CARD, "x"));
}

static void test_transfer__stands_alone_in_its_message(void **state)
{
    static const char *const wrong[] = {
            "[{\"op\":\"card.transfer\",\"id\":\"" CARD "\",\"idBoard\":\"" THERE
            "\"},{\"op\":\"card.close\",\"id\":\"" CARD "\"}]",
            "[{\"op\":\"card.transfer\",\"idBoard\":\"" THERE "\"}]",
            "[{\"op\":\"card.transfer\",\"id\":\"" CARD "\"}]",
            "[{\"op\":\"card.transfer\",\"id\":\"" CARD "\",\"ids\":[\"" CARD
            "\"],\"idBoard\":\"" THERE "\"}]"};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
        struct actor actor = {.member = ada};
        struct command *c = command_new(board_id, &actor);
        struct fault fault = {0};
        assert_int_equal(command_decode(c, slice_cstr(wrong[i]), false, &fault), ERR_INVALID);
        command_free(c);
    }
}

static char *record_of(const char *public_json, struct slice old_json)
{
    struct buf out;
    buf_init(&out, MIB(1));
    struct json_out j = json_out(&out);
    BUF_ADD(&out, "[{\"op\":\"event.revert\",\"record\":");
    json_array_begin(&j);
    json_str(&j, slice_cstr(public_json));
    json_str(&j, old_json);
    json_array_end(&j);
    BUF_ADD(&out, "}]");
    buf_add_char(&out, '\0');
    return out.ptr;
}

static void test_transfer__is_not_taken_back_by_half(void **state)
{
    struct fixture *f = *state;
    send_at(f, board_id, ada, 1, MOVE);
    struct slice old = f->batch->events->old_json;
    char copy[16384], public_json[16384];
    snprintf(copy, sizeof copy, "%.*s", SLICE_ARG(old));
    snprintf(public_json, sizeof public_json, "%.*s", SLICE_ARG(f->batch->events->public_json));
    answer(f, OPLOG_COMMITTED);
    char *ops = record_of(public_json, slice_cstr(copy));
    assert_int_equal(err_at(f, board_id, ada, ops), ERR_CONFLICT);
    mem_free(ops);
}

static uint64_t hash_of(const struct board *b)
{
    struct buf text;
    buf_init(&text, MIB(1));
    struct json_out j = json_out(&text);
    board_objects_write(b, KIND_LIMIT, &j);
    buf_add_format(&text, "%u", b->head.next_short);
    uint64_t hash = hash64(buf_slice(&text), 0);
    buf_fini(&text);
    return hash;
}

static void unapply(struct fixture *f, struct id board, struct arena *a, const struct event *sealed)
{
    struct board *b = (struct board *)(uintptr_t)engine_board(f->engine, board);
    struct event e = {0};
    assert_int_equal(
            event_decode(a, sealed->public_json, sealed->old_json, &e, NULL), ERR_OK);
    assert_true(slice_eq(e.tx, sealed->tx));
    event_unapply(b, &e, a);
    event_fini(&e);
}

/* What shows a past state does so by the records of one board. */
static void test_transfer__goes_backwards_in_each_log(void **state)
{
    struct fixture *f = *state;
    struct arena a;
    struct event here = {0}, there = {0};
    arena_init(&a, KIB(64), MIB(64));
    ok_at(f, board_id, ada,
            "[{\"op\":\"text.put\",\"kind\":\"card\",\"id\":\"" CARD
            "\",\"field\":\"desc\",\"text\":\"a text\"},"
            "{\"op\":\"comment.create\",\"id\":\"730000000000000000000000\",\"idCard\":\"" CARD
            "\",\"text\":\"said\"}]");
    uint64_t before = hash_of(engine_board(f->engine, board_id)),
             before_there = hash_of(engine_board(f->engine, there_id));
    forget(f);
    send_at(f, board_id, ada, 1, MOVE);
    here.public_json = arena_dup(&a, f->batch->events->public_json);
    here.old_json = arena_dup(&a, f->batch->events->old_json);
    here.tx = arena_dup(&a, f->batch->events->tx);
    there.public_json = arena_dup(&a, f->batch->twin->events->public_json);
    there.old_json = arena_dup(&a, f->batch->twin->events->old_json);
    there.tx = arena_dup(&a, f->batch->twin->events->tx);
    answer(f, OPLOG_COMMITTED);
    assert_true(moved(f));
    unapply(f, board_id, &a, &here);
    unapply(f, there_id, &a, &there);
    assert_true(hash_of(engine_board(f->engine, board_id)) == before);
    assert_true(hash_of(engine_board(f->engine, there_id)) == before_there);
    const struct doc *doc =
            board_doc(engine_board(f->engine, board_id), (struct id){{0x40}}, F_CARD_DESC);
    assert_true(slice_eq(doc->text, SLICE("a text")));
    arena_fini(&a);
}

/* -- the two as one */

static void test_transfer__is_one_append_and_seen_after_one_answer(void **state)
{
    struct fixture *f = *state;
    send_at(f, board_id, ada, 1, MOVE);
    assert_non_null(f->batch);
    assert_non_null(f->batch->twin);
    assert_null(f->second);
    assert_int_equal(f->said_count, 0);
    answer(f, OPLOG_COMMITTED);
    assert_int_equal(f->said_count, 3);
    assert_string_equal(f->said[0], "publish 3"); /* there, before its sender hears of it */
    assert_string_equal(f->said[1], "publish 3");
    assert_string_equal(f->said[2], "answer 1");
    assert_int_equal(f->answers[0]->seq, 3);
    send_at(f, board_id, ada, 1, MOVE);
    assert_int_equal(f->answers[1]->verdict, VERDICT_DUPLICATE);
}

static void test_transfer__takes_both_halves_back_when_the_store_refuses(void **state)
{
    struct fixture *f = *state;
    struct board_head here = engine_board(f->engine, board_id)->head,
                      there = engine_board(f->engine, there_id)->head;
    send_at(f, board_id, ada, 1, MOVE);
    f->batch->err = ERR_READ_ONLY;
    answer(f, OPLOG_REFUSED);
    assert_int_equal(f->answers[0]->fault.err, ERR_READ_ONLY);
    assert_memory_equal(&here, &engine_board(f->engine, board_id)->head, sizeof here);
    assert_memory_equal(&there, &engine_board(f->engine, there_id)->head, sizeof there);
    assert_false(moved(f));
    assert_int_equal(engine_board(f->engine, there_id)->count[KIND_LABEL], 0);
    ok_at(f, board_id, ada, MOVE);
}

static void test_transfer__is_refused_when_an_id_that_it_made_is_taken(void **state)
{
    struct fixture *f = *state;
    send_at(f, board_id, ada, 1, MOVE);
    f->batch->err = ERR_EXISTS;
    f->batch->taken = f->batch->twin->events->effects[0].ids[0];
    answer(f, OPLOG_REFUSED);
    assert_int_equal(f->answers[0]->fault.err, ERR_EXISTS);
    assert_false(moved(f));
}

static void test_transfer__loads_both_boards_when_nobody_knows(void **state)
{
    struct fixture *f = *state;
    send_at(f, board_id, ada, 1, MOVE);
    f->load_asked = false;
    answer(f, OPLOG_UNKNOWN);
    assert_int_equal(f->answers[0]->verdict, VERDICT_UNKNOWN);
    send_at(f, there_id, ada, 2, NAME(CARD, "x")); /* asks for the board that it is for */
    assert_true(f->load_asked);
    assert_null(f->batch);
}

/* One record of another node on the board, as the port gives it. */
static void win(struct fixture *f, struct batch *batch)
{
    struct board *b = board_new(batch->board);
    struct event *e = ARENA_NEW(&batch->arena, struct event);
    (void)f;
    b->head = batch->before;
    e->ts = NOW;
    b->head.seq = batch->before.seq;
    e->seq = b->head.seq + 1;
    event_apply(b, e, &batch->arena);
    event_seal(b, e, &batch->arena, SLICE("[]"), SLICE("[]"));
    batch->winners = e;
    board_free(b);
}

static void test_transfer__is_judged_again_on_top_of_either_boards_winners(void **state)
{
    struct fixture *f = *state;
    for (int twin = 0; twin < 2; twin++) {
        forget(f);
        send_at(f, twin ? there_id : board_id, ada, 0, twin ? BACK : MOVE);
        win(f, twin ? f->batch->twin : f->batch);
        answer(f, OPLOG_VOID);
        assert_int_equal(f->answer_count, 0);
        assert_non_null(f->batch->twin);
        answer(f, OPLOG_COMMITTED);
        assert_int_equal(f->answers[0]->verdict, VERDICT_ACCEPTED);
        assert_int_equal(moved(f), !twin);
    }
}

/* -- waiting */

static void test_transfer__waits_for_a_board_with_a_batch_in_flight(void **state)
{
    struct fixture *f = *state;
    send_at(f, there_id, ada, 1, NAME("600000000000000000000000", "x"));
    send_at(f, board_id, ada, 1, MOVE);
    send_at(f, board_id, ada, 2, NAME(CARD, "late"));
    send_at(f, there_id, ada, 2, NAME("600000000000000000000000", "y"));
    assert_null(f->second);
    answer(f, OPLOG_COMMITTED);
    assert_non_null(f->batch->twin); /* before what that board had waiting itself */
    answer(f, OPLOG_COMMITTED);
    assert_true(moved(f));
    assert_null(f->batch->twin);
    answer(f, OPLOG_COMMITTED);
    assert_int_equal(f->answer_count, 4);
    assert_true(engine_idle(f->engine));
}

static void test_transfer__is_refused_to_who_lost_access_while_it_waited(void **state)
{
    struct fixture *f = *state;
    ok_at(f, there_id, ada,
            "[{\"op\":\"member.add\",\"idMember\":\"" BOB "\",\"role\":\"normal\"}]");
    forget(f);
    send_at(f, there_id, ada, 0, "[{\"op\":\"member.remove\",\"idMember\":\"" BOB "\"}]");
    send_at(f, board_id, bob, 0, MOVE);
    assert_int_equal(f->answer_count, 0);
    answer(f, OPLOG_COMMITTED);
    assert_int_equal(f->answer_count, 2);
    assert_int_equal(f->answers[1]->fault.err, ERR_NOT_FOUND);
    assert_false(moved(f));
}

static void test_transfer__leaves_turns_to_the_other_board(void **state)
{
    struct fixture *f = *state;
    bool own = false;
    send_at(f, board_id, ada, 1, "[{\"op\":\"card.create\",\"id\":\"410000000000000000000000\","
                                 "\"idList\":\"100000000000000000000000\",\"name\":\"b\"}]");
    answer(f, OPLOG_COMMITTED);
    send_at(f, board_id, ada, 2, MOVE);
    send_at(f, board_id, ada, 3,
            "[{\"op\":\"card.transfer\",\"id\":\"410000000000000000000000\",\"idBoard\":\"" THERE
            "\"}]");
    send_at(f, there_id, ada, 1, NAME("600000000000000000000000", "own"));
    answer(f, OPLOG_COMMITTED); /* the first transfer */
    while (f->batch != NULL && f->batch->twin == NULL) {
        own = true;
        answer(f, OPLOG_COMMITTED);
    }
    assert_true(own);
    answer(f, OPLOG_COMMITTED);
    assert_true(engine_idle(f->engine));
}

static void test_transfer__of_two_that_cross_both_arrive(void **state)
{
    struct fixture *f = *state;
    send_at(f, board_id, ada, 1, NAME(CARD, "x"));
    send_at(f, there_id, ada, 1, NAME("600000000000000000000000", "x"));
    assert_non_null(f->second);
    send_at(f, board_id, ada, 2, MOVE);
    send_at(f, there_id, ada, 2,
            "[{\"op\":\"card.transfer\",\"id\":\"600000000000000000000000\",\"idBoard\":\"" HERE
            "\",\"idList\":\"100000000000000000000000\"}]");
    for (int i = 0; i < 4; i++)
        answer(f, OPLOG_COMMITTED);
    assert_true(moved(f));
    assert_non_null(at(f, board_id, KIND_CARD, "600000000000000000000000"));
    assert_int_equal(f->answer_count, 4);
    assert_true(engine_idle(f->engine));
}

static void test_transfer__loads_a_board_that_is_not_in_memory(void **state)
{
    struct fixture *f = *state;
    f->load_asked = false;
    send_at(f, board_id, ada, 1,
            "[{\"op\":\"card.transfer\",\"id\":\"" CARD
            "\",\"idBoard\":\"030000000000000000000000\"}]");
    assert_true(f->load_asked);
    assert_int_equal(f->load_id.bytes[0], 3);
    assert_false(engine_idle(f->engine));
    no_such_board(f);
    assert_int_equal(f->answers[0]->fault.err, ERR_NOT_FOUND);
    assert_null(engine_board(f->engine, (struct id){{3}}));
    assert_true(engine_idle(f->engine));
}

static void test_transfer__is_refused_when_that_board_cannot_be_read(void **state)
{
    struct fixture *f = *state;
    send_at(f, board_id, ada, 1,
            "[{\"op\":\"card.transfer\",\"id\":\"" CARD
            "\",\"idBoard\":\"030000000000000000000000\"}]");
    struct board_load bad = {.board = {{3}}, .err = ERR_CORRUPT};
    engine_loaded(f->engine, &bad, NOW);
    turn(f);
    assert_int_equal(f->answers[0]->verdict, VERDICT_REJECTED);
    assert_int_equal(f->answers[0]->fault.err, ERR_CORRUPT);
    assert_true(engine_idle(f->engine));
}

/* While it waits its own board takes a card, and nobody knows whether it did. */
static void test_transfer__is_not_judged_by_a_board_that_is_not_known(void **state)
{
    struct fixture *f = *state;
    struct board_load bad = {.board = {{3}}, .err = ERR_CORRUPT};
    send_at(f, board_id, ada, 1,
            "[{\"op\":\"card.transfer\",\"id\":\"" CARD
            "\",\"idBoard\":\"030000000000000000000000\"}]");
    send_at(f, there_id, ada, 1,
            "[{\"op\":\"card.transfer\",\"id\":\"600000000000000000000000\",\"idBoard\":\"" HERE
            "\"}]");
    assert_non_null(f->batch->twin);
    answer(f, OPLOG_UNKNOWN);
    assert_int_equal(f->answer_count, 1);
    engine_loaded(f->engine, &bad, NOW);
    turn(f);
    assert_int_equal(f->answer_count, 1);
    struct board_load load = {.board = board_id, .state = board_new(board_id)};
    load.state->head = engine_board(f->engine, board_id)->head;
    arena_init(&load.arena, KIB(4), MIB(1));
    engine_loaded(f->engine, &load, NOW);
    turn(f);
    assert_int_equal(f->answer_count, 1); /* it waits again, for a board that may be read by now */
    assert_false(engine_idle(f->engine));
    arena_fini(&load.arena);
}

static void test_transfer__fetches_the_text_first(void **state)
{
    struct fixture *f = *state;
    struct board *here = (struct board *)(uintptr_t)engine_board(f->engine, board_id);
    struct id card = {{0x40}};
    board_doc_drop(here, board_doc(here, card, F_CARD_DESC));
    send_at(f, board_id, ada, 1, MOVE);
    assert_null(f->batch);
    assert_int_equal(f->texts_asked, 1);
    struct text_read read = {
            .board = board_id, .id = card, .field = F_CARD_DESC, .text = SLICE("kept"), .s = 2};
    engine_text(f->engine, &read, NOW);
    turn(f);
    answer(f, OPLOG_COMMITTED);
    const struct doc *doc = board_doc(engine_board(f->engine, there_id), card, F_CARD_DESC);
    assert_true(slice_eq(doc->text, SLICE("kept")));
}

#define T(name)                                                                                    \
    cmocka_unit_test_setup_teardown(test_transfer__##name, transfer_setup, fixture_teardown)

int main(void)
{
    json_start();
    const struct CMUnitTest tests[] = {
            T(moves_the_card_with_its_place_and_short_link),
            T(brings_every_part_under_its_own_id),
            T(finds_or_makes_labels_by_name_and_colour),
            T(takes_members_off_who_are_not_there),
            T(brings_custom_fields_with_their_options),
            T(moves_several_in_the_order_in_which_they_are_named),
            T(wants_the_right_to_edit_on_both_boards),
            T(is_forbidden_to_who_reads_that_board_by_its_workspace),
            T(refuses_what_is_no_place_for_a_card),
            T(leaves_nothing_of_the_card_to_change),
            T(stands_alone_in_its_message),
            T(is_not_taken_back_by_half),
            T(goes_backwards_in_each_log),
            T(is_one_append_and_seen_after_one_answer),
            T(takes_both_halves_back_when_the_store_refuses),
            T(is_refused_when_an_id_that_it_made_is_taken),
            T(loads_both_boards_when_nobody_knows),
            T(is_judged_again_on_top_of_either_boards_winners),
            T(waits_for_a_board_with_a_batch_in_flight),
            T(is_refused_to_who_lost_access_while_it_waited),
            T(leaves_turns_to_the_other_board),
            T(of_two_that_cross_both_arrive),
            T(loads_a_board_that_is_not_in_memory),
            T(is_refused_when_that_board_cannot_be_read),
            T(is_not_judged_by_a_board_that_is_not_known),
            T(fetches_the_text_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
