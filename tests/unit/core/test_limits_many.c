/* Ops that touch many things at once, in the core of small limits: what one effect and one event
 * hold, and what a board has room for. */
#include "core/base/date.h"
#include "core/shelf.h"
#include "tests/unit/core/rows.h"

#define CARDS (EFFECT_IDS_MAX + 5)
#define COPY  "480000000000000000000000"
#define STEPS "500000000000000000000000"

/* So many objects of one kind, from the id <prefix>000..1 on. */
static void import(struct fixture *f, const char *kind, const char *prefix, const char *rest)
{
    struct buf text;
    buf_init(&text, MIB(1));
    BUF_ADD(&text, "[{\"op\":\"import.add\",\"objects\":[");
    for (unsigned i = 1; i <= JSON_ITEMS_MAX / 2; i++)
        buf_add_format(&text, "%s[\"%s\",{\"id\":\"%s%022x\",%s}]", i > 1 ? "," : "", kind, prefix,
                i, quoted(rest));
    BUF_ADD(&text, "]}]");
    buf_add_char(&text, '\0');
    run_ok(f, ada, text.ptr);
    buf_fini(&text);
}

/* More ids than one effect holds: the value that is one for all is there for each. */
static void test_limits_many__of_one_effect(void **state)
{
    struct fixture *f = *state;
    struct buf text;
    buf_init(&text, KIB(16));
    BUF_ADD(&text, "[{'op':'cards.create','cards':[");
    for (unsigned i = 0; i < CARDS; i++)
        buf_add_format(&text, "%s{'id':'43%022x','idList':'" LIST2 "','name':'c'}",
                i > 0 ? "," : "", i);
    BUF_ADD(&text, "]}]");
    buf_add_char(&text, '\0');
    run_ok(f, ada, quoted(text.ptr));
    buf_fini(&text);
    run_ok(f, ada, quoted("[{'op':'list.archiveCards','id':'" LIST2 "'}]"));
    char date[DATE_TEXT + 1];
    date_format(NOW, date);
    for (unsigned i = 0; i < CARDS; i++) {
        char id[ID_TEXT + 1];
        snprintf(id, sizeof id, "43%022x", i);
        struct object *card = object_at(f, KIND_CARD, id);
        assert_true(object_value(card, F_CARD_CLOSED)->boolean);
        assert_true(slice_eq(value_slice(object_value(card, F_CARD_DATE_LAST_ACTIVITY)),
                slice_cstr(date)));
    }
}

#define COPIED(id, more)                                                                           \
    "[{'op':'card.copy','id':'" id "','idSource':'" CARD "','idList':'" LIST1 "'" more "}]"

static void test_limits_many__of_a_copy(void **state)
{
    static const struct row rows[] = {
            {ADA_DOES, ERR_TOO_LARGE, COPIED(COPY, "")},
            {ADA_DOES, ERR_OK, COPIED(COPY, ",'keep':['comments']")}, /* the last that has room */
            {ADA_DOES, ERR_QUOTA, COPIED("490000000000000000000000", ",'keep':['comments']")},
            {ADA_DOES, ERR_OK, COPIED("490000000000000000000000", ",'keep':['checklists']")},
            {ADA_DOES, ERR_QUOTA, COPIED("4a0000000000000000000000", ",'keep':['checklists']")},
    };
    struct fixture *f = *state;
    _Static_assert(COMMENTS_PER_BOARD_MAX == JSON_ITEMS_MAX, "there is room for one copy");
    _Static_assert(CHECK_ITEMS_PER_BOARD_MAX == JSON_ITEMS_MAX, "there is room for one copy");
    import(f, "comment", "70", "'text':'t','idCard':'" CARD "'");
    run_ok(f, ada,
            quoted("[{'op':'checklist.create','name':'k','id':'" STEPS "','idCard':'" CARD "'}]"));
    import(f, "checkItem", "60", "'name':'i','idChecklist':'" STEPS "'");
    run_err(f, ada, quoted(COPIED(COPY, "")));
    assert_string_equal(f->answers[0]->fault.field, "keep"); /* said before the work is done */
    ROWS_RUN(f, rows);
    assert_int_equal(
            engine_board(f->engine, board_id)->count[KIND_COMMENT], COMMENTS_PER_BOARD_MAX);
}

static enum err link_at(
        struct fixture *f, unsigned number, const char *board, const char *expires, int64_t now_ms)
{
    char text[512];
    snprintf(text, sizeof text,
            "[{'op':'dir.link','id':'68%022x','hash':'" HASH "','idMember':'" ADA
            "','idBoard':%s,'expires':'%s'}]",
            number, board, expires);
    return directory_run_at(f, (struct actor){.system = true}, text, now_ms);
}

/* One event ends only so many, and what is left of them takes no room. */
static void test_limits_many__of_links_past_their_time(void **state)
{
    struct fixture *f = *state;
    const struct board *directory = engine_board(f->engine, DIRECTORY_ID);
    char soon[DATE_TEXT + 1], later[DATE_TEXT + 1];
    unsigned number = 0;
    date_format(NOW + 1000, soon);
    date_format(NOW + 2000, later);
    while (number < EFFECT_IDS_MAX)
        assert_int_equal(link_at(f, ++number, "null", soon, NOW), ERR_OK);
    for (unsigned i = 0; i < LINKS_PER_BOARD_MAX; i++)
        assert_int_equal(link_at(f, ++number, "'" BOARD "'", soon, NOW), ERR_OK);
    assert_int_equal(link_at(f, ++number, "'" BOARD "'", later, NOW), ERR_QUOTA);
    assert_int_equal(directory->count[KIND_LINK], EFFECT_IDS_MAX + LINKS_PER_BOARD_MAX);
    assert_int_equal(link_at(f, ++number, "'" BOARD "'", later, NOW + 1000), ERR_OK);
    assert_int_equal(directory->count[KIND_LINK], LINKS_PER_BOARD_MAX + 1);
    assert_int_equal(link_at(f, ++number, "'" BOARD "'", later, NOW + 1000), ERR_OK);
    assert_int_equal(directory->count[KIND_LINK], 2);
}

static enum err star(struct fixture *f, struct id shelf, const char *rest)
{
    char text[512], id[ID_TEXT + 1];
    id_format(shelf, id);
    snprintf(text, sizeof text, "[{'op':'dir.star','id':'%s','star':7,%s}]", id, rest);
    return directory_run(f, text);
}

static void test_limits_many__of_shelves(void **state)
{
    struct fixture *f = *state;
    const struct board *directory = engine_board(f->engine, DIRECTORY_ID);
    struct id none = {{0}}, stranger;
    assert_true(id_parse(SLICE(NONE), &stranger));
    assert_int_equal(star(f, shelf_id(ada, none), "'idMember':'" ADA "'"), ERR_INVALID);
    assert_int_equal(star(f, shelf_id(stranger, board_id),
                             "'idMember':'" NONE "','idBoard':'" BOARD "'"),
            ERR_NOT_FOUND);
    assert_int_equal(directory->count[KIND_SHELF], 0);
    assert_int_equal(
            star(f, shelf_id(ada, board_id), "'idMember':'" ADA "','idBoard':'" BOARD "'"),
            ERR_OK);
    assert_int_equal(directory->count[KIND_SHELF], 1);
}

int main(void)
{
    json_start();
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(test_limits_many__##name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
            TEST(of_one_effect),
            TEST(of_a_copy),
            TEST(of_links_past_their_time),
            TEST(of_shelves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
