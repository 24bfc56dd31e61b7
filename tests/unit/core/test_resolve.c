#include "core/base/date.h"
#include "core/base/limits.h"
#include "core/cover.h"
#include "core/shelf.h"
#include "tests/unit/core/engine_fixture.h"

#include "core/cover.h"

#define LIST1 "100000000000000000000000"
#define LIST2 "200000000000000000000000"
#define LABEL "300000000000000000000000"
#define CARD  "400000000000000000000000"
#define CARD2 "410000000000000000000000"
#define BOB   "650200000000000000000000"
#define EVE   "650300000000000000000000"
#define MAKE(id, list, more)                                                                       \
    "{\"op\":\"card.create\",\"id\":\"" id "\",\"idList\":\"" list "\",\"name\":\"n" id "\"" more  \
    "}"

static double pos_of(struct fixture *f, const char *id)
{
    return object_value(object_at(f, KIND_CARD, id), F_CARD_POS)->num;
}

static bool in_list(struct fixture *f, const char *card, const char *list)
{
    struct id id;
    assert_true(id_parse(slice_cstr(list), &id));
    return id_eq(object_value(object_at(f, KIND_CARD, card), F_CARD_ID_LIST)->id, id);
}

static void test_resolve__refuses_strangers_as_if_nothing_were_there(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(
            run_err(f, eve, "[{\"op\":\"card.close\",\"id\":\"" CARD "\"}]"), ERR_NOT_FOUND);
}

static void test_resolve__keeps_admin_ops_from_normal_members(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(run_err(f, bob, "[{\"op\":\"board.set\",\"name\":\"Mine\"}]"), ERR_FORBIDDEN);
    assert_int_equal(run_err(f, bob,
                             "[{\"op\":\"text.put\",\"kind\":\"board\",\"id\":"
                             "\"010000000000000000000000\",\"field\":\"desc\",\"text\":\"x\"}]"),
            ERR_FORBIDDEN);
}

static void test_resolve__keeps_observers_from_editing(void **state)
{
    struct fixture *f = *state;
    run_ok(f, ada, "[{\"op\":\"member.role\",\"idMember\":\"" BOB "\",\"role\":\"observer\"}]");
    assert_int_equal(
            run_err(f, bob, "[{\"op\":\"card.close\",\"id\":\"" CARD "\"}]"), ERR_FORBIDDEN);
    /* but anybody may leave */
    run_ok(f, bob, "[{\"op\":\"member.remove\",\"idMember\":\"" BOB "\"}]");
}

static void test_resolve__a_message_is_all_or_nothing(void **state)
{
    struct fixture *f = *state;
    struct command *c = run(f, ada,
            "[{\"op\":\"card.close\",\"id\":\"" CARD "\"},{\"op\":\"card.close\",\"id\":\"" CARD2
            "\"}]");
    assert_int_equal(c->verdict, VERDICT_REJECTED);
    assert_string_equal(c->fault.field, "ops[1].id");
    assert_false(object_value(object_at(f, KIND_CARD, CARD), F_CARD_CLOSED)->boolean);
}

static void test_resolve__a_card_moves_with_one_effect(void **state)
{
    struct fixture *f = *state;
    run_ok(f, bob,
            "[{\"op\":\"card.move\",\"id\":\"" CARD "\",\"idList\":\"" LIST2
            "\",\"pos\":\"top\"}]");
    assert_true(in_list(f, CARD, LIST2));
    assert_non_null(
            strstr(f->last, "\"e\":[[\"set\",\"card\",\"" CARD "\",{\"dateLastActivity\":\""));
    assert_non_null(strstr(f->last, "\"idList\":\"" LIST2 "\",\"pos\":65536}]]"));
}

static void test_resolve__cards_stand_where_they_are_put(void **state)
{
    struct fixture *f = *state;
    run_ok(f, ada,
            "[" MAKE("a10000000000000000000000", LIST2, "") "," MAKE(
                    "a20000000000000000000000", LIST2, "") "," MAKE("a30000000000000000000000",
                    LIST2, ",\"after\":\"a10000000000000000000000\"") "]");
    assert_true(pos_of(f, "a10000000000000000000000") < pos_of(f, "a30000000000000000000000"));
    assert_true(pos_of(f, "a30000000000000000000000") < pos_of(f, "a20000000000000000000000"));
    run_ok(f, ada, "[{\"op\":\"card.move\",\"id\":\"a20000000000000000000000\",\"after\":\"\"}]");
    assert_true(pos_of(f, "a20000000000000000000000") < pos_of(f, "a10000000000000000000000"));
}

static void test_resolve__a_gap_without_room_is_renumbered_in_the_same_event(void **state)
{
    struct fixture *f = *state;
    run_ok(f, ada,
            "[" MAKE("a10000000000000000000000", LIST2, ",\"pos\":1") "," MAKE(
                    "a20000000000000000000000", LIST2, ",\"pos\":1.0000000000000002") "]");
    uint64_t seq = engine_board(f->engine, board_id)->head.seq;
    run_ok(f, ada,
            "[" MAKE("a30000000000000000000000", LIST2,
                    ",\"after\":\"a10000000000000000000000\"") "]");
    assert_int_equal(engine_board(f->engine, board_id)->head.seq, seq + 1);
    assert_true(pos_of(f, "a10000000000000000000000") == 65536);
    assert_true(pos_of(f, "a30000000000000000000000") == 131072);
    assert_true(pos_of(f, "a20000000000000000000000") == 196608);
}

static void test_resolve__a_card_for_an_archived_list_goes_to_the_first_open_one(void **state)
{
    struct fixture *f = *state;
    run_ok(f, ada, "[{\"op\":\"list.close\",\"id\":\"" LIST1 "\"}]");
    run_ok(f, ada, "[" MAKE(CARD2, LIST1, "") "]");
    assert_true(in_list(f, CARD2, LIST2));
}

static void test_resolve__a_card_does_not_move_to_an_archived_list(void **state)
{
    struct fixture *f = *state;
    run_ok(f, ada, "[{\"op\":\"list.close\",\"id\":\"" LIST2 "\"}]");
    struct command *c =
            run(f, ada, "[{\"op\":\"card.move\",\"id\":\"" CARD "\",\"idList\":\"" LIST2 "\"}]");
    assert_int_equal(c->fault.err, ERR_GONE);
    assert_true(c->current.len > 0);
}

static void test_resolve__an_edit_of_a_deleted_card_is_gone(void **state)
{
    struct fixture *f = *state;
    run_ok(f, ada, "[{\"op\":\"card.delete\",\"id\":\"" CARD "\",\"force\":true}]");
    assert_int_equal(run_err(f, bob, "[{\"op\":\"card.set\",\"id\":\"" CARD "\",\"name\":\"x\"}]"),
            ERR_GONE);
    assert_int_equal(run_err(f, bob, "[{\"op\":\"card.set\",\"id\":\"" CARD2 "\",\"name\":\"x\"}]"),
            ERR_NOT_FOUND);
    assert_int_equal(run_err(f, bob, "[" MAKE(CARD, LIST1, "") "]"), ERR_EXISTS);
}

static void test_resolve__deleting_a_label_takes_it_off_every_card(void **state)
{
    struct fixture *f = *state;
    run_ok(f, ada, "[{\"op\":\"label.delete\",\"id\":\"" LABEL "\"}]");
    assert_non_null(strstr(f->last, "[\"tag\",\"card\",\"" CARD "\",\"idLabels\",\"" LABEL
                                    "\",0],[\"del\",\"label\",\"" LABEL "\"]"));
}

static void test_resolve__labels_have_trellos_colours(void **state)
{
    struct fixture *f = *state;
    run_ok(f, ada, "[{\"op\":\"label.set\",\"id\":\"" LABEL "\",\"color\":\"lime_light\"}]");
    run_ok(f, ada, "[{\"op\":\"label.set\",\"id\":\"" LABEL "\",\"color\":null}]");
    assert_int_equal(
            run_err(f, ada, "[{\"op\":\"label.set\",\"id\":\"" LABEL "\",\"color\":\"beige\"}]"),
            ERR_INVALID);
}

static void test_resolve__a_deleted_list_leaves_its_cards_to_its_neighbour(void **state)
{
    struct fixture *f = *state;
    run_ok(f, ada, "[{\"op\":\"list.delete\",\"id\":\"" LIST1 "\"}]");
    assert_true(in_list(f, CARD, LIST2));
    assert_true(object_value(object_at(f, KIND_CARD, CARD), F_CARD_CLOSED)->boolean);
    assert_int_equal(
            run_err(f, ada, "[{\"op\":\"list.delete\",\"id\":\"" LIST2 "\"}]"), ERR_CONFLICT);
}

static void test_resolve__sorting_leaves_archived_cards_where_they_are(void **state)
{
    struct fixture *f = *state;
    run_ok(f, ada,
            "[" MAKE("a30000000000000000000000", LIST2, "") "," MAKE(
                    "a20000000000000000000000", LIST2, "") "," MAKE("a10000000000000000000000",
                    LIST2, "") ",{\"op\":\"card.close\",\"id\":\"a20000000000000000000000\"}]");
    run_ok(f, ada, "[{\"op\":\"list.sort\",\"id\":\"" LIST2 "\",\"by\":\"name\"}]");
    assert_true(pos_of(f, "a10000000000000000000000") == 65536);
    assert_true(pos_of(f, "a20000000000000000000000") == 131072);
    assert_true(pos_of(f, "a30000000000000000000000") == 196608);
}

static void test_resolve__dates_are_sorted_as_instants(void **state)
{
    struct fixture *f = *state;
    run_ok(f, ada,
            "[" MAKE("a10000000000000000000000", LIST2,
                    ",\"due\":\"2026-11-20T09:00:00Z\"") "," MAKE("a20000000000000000000000", LIST2,
                    "") "," MAKE("a30000000000000000000000", LIST2,
                    ",\"due\":\"2026-11-20T10:30:00+02:00\"") "]");
    run_ok(f, ada, "[{\"op\":\"list.sort\",\"id\":\"" LIST2 "\",\"by\":\"due\"}]");
    assert_true(pos_of(f, "a30000000000000000000000") == 65536);
    assert_true(pos_of(f, "a10000000000000000000000") == 131072);
    assert_true(pos_of(f, "a20000000000000000000000") == 196608);
}

static void test_resolve__the_last_admin_stays(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(
            run_err(f, ada,
                    "[{\"op\":\"member.remove\",\"idMember\":\"650100000000000000000000\"}]"),
            ERR_CONFLICT);
    assert_int_equal(run_err(f, ada,
                             "[{\"op\":\"member.role\",\"idMember\":\"650100000000000000000000\","
                             "\"role\":\"normal\"}]"),
            ERR_CONFLICT);
    run_ok(f, ada, "[{\"op\":\"member.role\",\"idMember\":\"" BOB "\",\"role\":\"admin\"}]");
    run_ok(f, ada, "[{\"op\":\"member.remove\",\"idMember\":\"650100000000000000000000\"}]");
}

static void test_resolve__only_people_of_the_server_become_members(void **state)
{
    struct fixture *f = *state;
    run_ok(f, ada, "[{\"op\":\"member.add\",\"idMember\":\"" EVE "\",\"role\":\"normal\"}]");
    assert_int_equal(
            run_err(f, ada,
                    "[{\"op\":\"member.add\",\"idMember\":\"" EVE "\",\"role\":\"normal\"}]"),
            ERR_CONFLICT);
    assert_int_equal(run_err(f, ada,
                             "[{\"op\":\"member.add\",\"idMember\":\"990000000000000000000000\","
                             "\"role\":\"normal\"}]"),
            ERR_NOT_FOUND);
}

/* A link of the board to a member, made at now_ms. */
static enum err directory_link(
        struct fixture *f, unsigned number, const char *board, int64_t now_ms)
{
    struct actor system = {.system = true};
    struct command *c = command_new(DIRECTORY_ID, &system);
    char text[320], expires[DATE_TEXT + 1];
    date_format(now_ms + 1000, expires);
    snprintf(text, sizeof text,
            "[{\"op\":\"dir.link\",\"id\":\"70%022x\",\"hash\":\"x\",\"idMember\":"
            "\"" BOB "\",\"idBoard\":%s,\"expires\":\"%s\"}]",
            number, board, expires);
    assert_int_equal(command_decode(c, slice_cstr(text), true, NULL), ERR_OK);
    forget(f);
    engine_submit(f->engine, c, now_ms);
    for (int i = 0; i < 3; i++)
        engine_turn(f->engine, now_ms);
    assert_int_equal(f->answer_count, 1);
    return f->answers[0]->fault.err;
}

static void test_resolve__open_links_of_a_board_are_bounded(void **state)
{
    struct fixture *f = *state;
    static const char one[] = "\"010000000000000000000000\"",
                      other[] = "\"020000000000000000000000\"";
    unsigned number = 0;
    for (; number < LINKS_PER_BOARD_MAX; number++)
        assert_int_equal(directory_link(f, number, one, NOW), ERR_OK);
    assert_int_equal(directory_link(f, number++, one, NOW), ERR_QUOTA);
    assert_int_equal(directory_link(f, number++, other, NOW), ERR_OK);
    for (unsigned i = 0; i <= LINKS_PER_BOARD_MAX; i++) /* the operator's are not counted */
        assert_int_equal(directory_link(f, number++, "null", NOW), ERR_OK);
}

static void test_resolve__links_past_their_time_make_room(void **state)
{
    struct fixture *f = *state;
    static const char one[] = "\"010000000000000000000000\"";
    const struct board *directory = engine_board(f->engine, DIRECTORY_ID);
    unsigned number = 0;
    for (; number < LINKS_PER_BOARD_MAX; number++)
        assert_int_equal(directory_link(f, number, one, NOW), ERR_OK);
    assert_int_equal(directory->count[KIND_LINK], LINKS_PER_BOARD_MAX);
    assert_int_equal(directory_link(f, number, one, NOW + 1000), ERR_OK);
    assert_int_equal(directory->count[KIND_LINK], 1);
}

/* dir.star or dir.watch: `rest` is what comes behind whose it is. */
static enum err shelf_op(struct fixture *f, const char *op, const char *shelf, const char *rest)
{
    struct actor system = {.system = true};
    struct command *c = command_new(DIRECTORY_ID, &system);
    char text[320];
    snprintf(text, sizeof text,
            "[{\"op\":\"%s\",\"id\":\"%s\",\"idMember\":\"" BOB
            "\",\"idBoard\":\"010000000000000000000000\",%s}]",
            op, shelf, rest);
    assert_int_equal(command_decode(c, slice_cstr(text), true, NULL), ERR_OK);
    forget(f);
    engine_submit(f->engine, c, NOW);
    for (int i = 0; i < 3; i++)
        engine_turn(f->engine, NOW);
    assert_int_equal(f->answer_count, 1);
    return f->answers[0]->fault.err;
}

static void test_resolve__a_shelf_holds_one_star_and_bounded_watches(void **state)
{
    struct fixture *f = *state;
    const struct board *directory = engine_board(f->engine, DIRECTORY_ID);
    struct id member, board;
    char shelf[ID_TEXT + 1], watch[80];
    id_parse(SLICE(BOB), &member);
    id_parse(SLICE("010000000000000000000000"), &board);
    struct id id = shelf_id(member, board);
    id_format(id, shelf);
    assert_int_equal(
            shelf_op(f, "dir.star", "710000000000000000000000", "\"star\":1"), ERR_INVALID);
    assert_int_equal(shelf_op(f, "dir.star", shelf, "\"star\":7.5"), ERR_OK);
    struct object *o = board_get(directory, KIND_SHELF, id);
    assert_non_null(o);
    assert_true(object_value(o, F_SHELF_STAR)->num == 7.5);
    for (unsigned i = 1; i <= SET_ELEMENTS_MAX + 1; i++) {
        snprintf(watch, sizeof watch, "\"element\":\"72%022x\",\"on\":true", i);
        assert_int_equal(shelf_op(f, "dir.watch", shelf, watch),
                i <= SET_ELEMENTS_MAX ? ERR_OK : ERR_QUOTA);
    }
    assert_int_equal(shelf_op(f, "dir.star", shelf, "\"star\":null"), ERR_OK);
    assert_int_equal(object_value(o, F_SHELF_STAR)->type, VALUE_NULL);
    assert_int_equal(object_value(o, F_SHELF_SUBSCRIBED)->set->count, SET_ELEMENTS_MAX);
    assert_int_equal(directory->count[KIND_SHELF], 1);
}

static void test_resolve__whoever_leaves_is_taken_off_the_cards(void **state)
{
    struct fixture *f = *state;
    run_ok(f, ada,
            "[{\"op\":\"card.member\",\"id\":\"" CARD "\",\"element\":\"" BOB "\",\"on\":true}]");
    run_ok(f, ada, "[{\"op\":\"member.remove\",\"idMember\":\"" BOB "\"}]");
    assert_false(
            value_set_has(object_value(object_at(f, KIND_CARD, CARD), F_CARD_ID_MEMBERS), bob));
}

static void test_resolve__preferences_are_merged_key_by_key(void **state)
{
    struct fixture *f = *state;
    run_ok(f, ada,
            "[{\"op\":\"board.set\",\"prefs\":{\"background\":\"blue\",\"voting\":\"members\"}}]");
    run_ok(f, ada, "[{\"op\":\"board.set\",\"prefs\":{\"background\":\"red\",\"a\":1}}]");
    struct object *board = board_self(engine_board(f->engine, board_id));
    assert_true(slice_eq(value_slice(object_value(board, F_BOARD_PREFS)),
            SLICE("{\"a\":1,\"background\":\"red\",\"voting\":\"members\"}")));
}

static void test_resolve__a_board_is_closed_before_it_is_deleted(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(run_err(f, ada, "[{\"op\":\"board.delete\"}]"), ERR_CONFLICT);
    run_ok(f, ada, "[{\"op\":\"board.close\"}]");
    run_ok(f, ada, "[{\"op\":\"board.delete\"}]");
    assert_int_equal(run_err(f, ada, "[{\"op\":\"board.reopen\"}]"), ERR_NOT_FOUND);
    assert_int_equal(
            run_err(f, ada, "[{\"op\":\"board.create\",\"name\":\"Again\"}]"), ERR_NOT_FOUND);
}

static void test_resolve__who_is_overwritten_is_named(void **state)
{
    struct fixture *f = *state;
    run_ok(f, ada, "[{\"op\":\"card.set\",\"id\":\"" CARD "\",\"name\":\"Ada's\"}]");
    forget(f);
    struct command *c =
            command(bob, "", 0, "[{\"op\":\"card.set\",\"id\":\"" CARD "\",\"name\":\"Bob's\"}]");
    c->base = 2;
    engine_submit(f->engine, c, NOW);
    turn(f);
    answer(f, OPLOG_COMMITTED);
    assert_non_null(
            strstr(f->last, "\"ow\":[[\"" CARD
                            "\",\"name\",\"650100000000000000000000\",3,\"Ada's\"]]"));
    /* she saw it: base is the head */
    run_ok(f, ada, "[{\"op\":\"card.set\",\"id\":\"" CARD "\",\"name\":\"Ada's again\"}]");
    assert_null(strstr(f->last, "\"ow\""));
}

static void test_resolve__many_cards_at_once_name_everybody_overwritten(void **state)
{
    struct fixture *f = *state;
    run_ok(f, ada, "[" MAKE(CARD2, LIST1, "") "]");
    run_ok(f, ada, "[{\"op\":\"card.set\",\"id\":\"" CARD "\",\"name\":\"A\"}]");
    run_ok(f, ada, "[{\"op\":\"card.set\",\"id\":\"" CARD2 "\",\"name\":\"B\"}]");
    struct command *c = command(bob, "", 0,
            "[{\"op\":\"cards.set\",\"ids\":[\"" CARD "\",\"" CARD2
            "\"],\"fields\":{\"name\":\"One\"}}]");
    c->base = 3;
    engine_submit(f->engine, c, NOW);
    turn(f);
    answer(f, OPLOG_COMMITTED);
    assert_non_null(strstr(f->last,
            "\"ow\":[[\"" CARD "\",\"name\",\"650100000000000000000000\",4,\"A\"],[\"" CARD2
            "\",\"name\",\"650100000000000000000000\",5,\"B\"]]"));
}

static void test_resolve__if_guards_one_field_or_the_whole_object(void **state)
{
    struct fixture *f = *state;
    run_ok(f, ada,
            "[{\"op\":\"card.set\",\"id\":\"" CARD "\",\"due\":\"2026-12-01T10:00:00.000Z\"}]");
    run_ok(f, ada,
            "[{\"op\":\"card.set\",\"id\":\"" CARD "\",\"name\":\"x\",\"if\":{\"name\":2}}]");
    assert_int_equal(run_err(f, ada,
                             "[{\"op\":\"card.set\",\"id\":\"" CARD
                             "\",\"name\":\"y\",\"if\":{\"name\":2}}]"),
            ERR_CONFLICT);
    assert_int_equal(
            run_err(f, ada, "[{\"op\":\"card.set\",\"id\":\"" CARD "\",\"name\":\"y\",\"if\":3}]"),
            ERR_CONFLICT);
    run_ok(f, ada, "[{\"op\":\"card.set\",\"id\":\"" CARD "\",\"name\":\"y\",\"if\":4}]");
}

static void badges_are(struct fixture *f, const char *expected)
{
    struct id id;
    assert_true(id_parse(SLICE(CARD), &id));
    const struct object *card = board_get(engine_board(f->engine, board_id), KIND_CARD, id);
    const struct value *v = &card->fields[field_info(F_CARD_BADGES)->slot];
    struct slice badges = v->str == NULL ? SLICE("{}") : value_slice(v);
    assert_true(slice_eq(badges, slice_cstr(expected)));
}

static void test_resolve__a_card_shows_that_it_has_a_description(void **state)
{
    struct fixture *f = *state;
#define PUT(text)                                                                                  \
    "[{\"op\":\"text.put\",\"kind\":\"card\",\"id\":\"" CARD                                       \
    "\",\"field\":\"desc\",\"text\":\"" text "\"}]"
    badges_are(f, "{}");
    run_ok(f, ada, PUT("words"));
    badges_are(f, "{\"description\":true}");
    run_ok(f, ada, PUT(""));
    badges_are(f, "{}");
}

static void test_resolve__import_adds_as_it_is_told(void **state)
{
    struct fixture *f = *state;
    run_ok(f, ada,
            "[{\"op\":\"import.add\",\"objects\":[[\"list\",{\"id\":\"500000000000000000000000\","
            "\"name\":\"Old\",\"pos\":5,\"closed\":true}],"
            "[\"card\",{\"id\":\"510000000000000000000000\",\"idList\":"
            "\"500000000000000000000000\",\"name\":\"Older\",\"pos\":7,\"idShort\":90,"
            "\"shortLink\":\"abcd1234\",\"desc\":\"text\"}]]}]");
    assert_true(object_value(object_at(f, KIND_LIST, "500000000000000000000000"), F_LIST_CLOSED)
                        ->boolean);
    assert_true(object_value(object_at(f, KIND_CARD, "510000000000000000000000"), F_CARD_ID_SHORT)
                        ->num == 90);
    assert_int_equal(engine_board(f->engine, board_id)->head.next_short, 91);
    assert_int_equal(run_err(f, ada,
                             "[{\"op\":\"import.add\",\"objects\":[[\"card\",{\"id\":"
                             "\"520000000000000000000000\",\"idList\":\"990000000000000000000000\","
                             "\"name\":\"x\"}]]}]"),
            ERR_INVALID);
}

#define WITH_FILE(files)                                                                           \
    "[{\"op\":\"import.add\"," files "\"objects\":["                                               \
    "[\"list\",{\"id\":\"530000000000000000000000\",\"name\":\"l\"}],"  \
    "[\"card\",{\"id\":\"540000000000000000000000\",\"idList\":\"530000000000000000000000\","      \
    "\"name\":\"c\",\"cover\":{\"idAttachment\":\"550000000000000000000000\"}}],"                \
    "[\"attachment\",{\"id\":\"550000000000000000000000\",\"idCard\":"                             \
    "\"540000000000000000000000\",\"name\":\"f\",\"fileName\":\"f\",\"file\":"                     \
    "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"}]]}]"

static void test_resolve__import_takes_files_of_the_servers_own_copies_only(void **state)
{
    struct fixture *f = *state;
    struct cover cover;
    assert_int_equal(run_err(f, ada, WITH_FILE("")), ERR_INVALID);
    assert_int_equal(run_err(f, ada, WITH_FILE("\"files\":false,")), ERR_INVALID);
    run_ok(f, ada, WITH_FILE("\"files\":true,"));
    struct object *card = object_at(f, KIND_CARD, "540000000000000000000000");
    assert_true(cover_read(object_value(card, F_CARD_COVER), &cover));
    assert_non_null(object_at(f, KIND_ATTACHMENT, "550000000000000000000000"));
    assert_int_equal(cover.attachment.bytes[0], 0x55);
    badges_are(f, "{}");
}

static void test_resolve__a_card_has_so_many_labels(void **state)
{
    struct fixture *f = *state;
    char text[256];
    for (unsigned i = 0; i <= SET_ELEMENTS_MAX; i++) {
        snprintf(text, sizeof text, "[{\"op\":\"label.create\",\"id\":\"31%022x\",\"name\":\"l\"}]",
                i);
        run_ok(f, ada, text);
        snprintf(text, sizeof text,
                "[{\"op\":\"card.label\",\"id\":\"" CARD "\",\"element\":\"31%022x\",\"on\":true}]",
                i);
        struct command *c = run(f, ada, text);
        if (c->verdict != VERDICT_REJECTED) continue;
        assert_int_equal(c->fault.err, ERR_QUOTA);
        break;
    }
    size_t count = object_value(object_at(f, KIND_CARD, CARD), F_CARD_ID_LABELS)->set->count;
    assert_int_equal(count, SET_ELEMENTS_MAX);
    snprintf(text, sizeof text,
            "[{\"op\":\"card.label\",\"id\":\"" CARD "\",\"element\":\"31%022x\",\"on\":true}]", 1);
    run_ok(f, ada, text); /* which it has */
}

/* Of a change of very many cards not everybody is told who was overwritten. */
static void test_resolve__the_first_cards_name_who_is_overwritten(void **state)
{
    struct fixture *f = *state;
    struct buf ids, set;
    unsigned count = OVERWRITTEN_CARDS_MAX + 6;
    buf_init(&ids, KIB(16));
    buf_init(&set, KIB(16));
    for (unsigned i = 0; i < count; i++) {
        char text[256];
        snprintf(text, sizeof text,
                "[{\"op\":\"card.create\",\"id\":\"42%022x\",\"idList\":\"" LIST1
                "\",\"name\":\"c\"}]",
                i);
        run_ok(f, ada, text);
        buf_add_format(&ids, "%s\"42%022x\"", i > 0 ? "," : "", i);
    }
    buf_add_format(&set, "[{\"op\":\"cards.set\",\"ids\":[%.*s],\"fields\":{\"name\":\"n\"}}]%c",
            SLICE_ARG(buf_slice(&ids)), 0);
    run_ok(f, ada, set.ptr);
    set.ptr[strlen(set.ptr) - strlen("\"n\"}}]") + 1] = 'm';
    forget(f);
    struct command *c = command(bob, "", 0, set.ptr);
    c->base = engine_board(f->engine, board_id)->head.seq - 1;
    engine_submit(f->engine, c, NOW);
    turn(f);
    answer(f, OPLOG_COMMITTED);
    size_t named = 0;
    for (const char *at = strstr(f->last, "\"ow\":"); at && (at = strstr(at, "[\"42")); at++)
        named++;
    assert_int_equal(named, OVERWRITTEN_CARDS_MAX);
    buf_fini(&ids);
    buf_fini(&set);
}

int main(void)
{
    json_start();
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(test_resolve__##name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
            TEST(refuses_strangers_as_if_nothing_were_there),
            TEST(keeps_admin_ops_from_normal_members),
            TEST(keeps_observers_from_editing),
            TEST(a_message_is_all_or_nothing),
            TEST(a_card_moves_with_one_effect),
            TEST(cards_stand_where_they_are_put),
            TEST(a_gap_without_room_is_renumbered_in_the_same_event),
            TEST(a_card_for_an_archived_list_goes_to_the_first_open_one),
            TEST(a_card_does_not_move_to_an_archived_list),
            TEST(an_edit_of_a_deleted_card_is_gone),
            TEST(deleting_a_label_takes_it_off_every_card),
            TEST(labels_have_trellos_colours),
            TEST(a_deleted_list_leaves_its_cards_to_its_neighbour),
            TEST(sorting_leaves_archived_cards_where_they_are),
            TEST(dates_are_sorted_as_instants),
            TEST(the_last_admin_stays),
            TEST(only_people_of_the_server_become_members),
            TEST(open_links_of_a_board_are_bounded),
            TEST(links_past_their_time_make_room),
            TEST(a_shelf_holds_one_star_and_bounded_watches),
            TEST(whoever_leaves_is_taken_off_the_cards),
            TEST(preferences_are_merged_key_by_key),
            TEST(a_board_is_closed_before_it_is_deleted),
            TEST(who_is_overwritten_is_named),
            TEST(many_cards_at_once_name_everybody_overwritten),
            TEST(if_guards_one_field_or_the_whole_object),
            TEST(a_card_shows_that_it_has_a_description),
            TEST(import_adds_as_it_is_told),
            TEST(import_takes_files_of_the_servers_own_copies_only),
            TEST(a_card_has_so_many_labels),
            TEST(the_first_cards_name_who_is_overwritten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
