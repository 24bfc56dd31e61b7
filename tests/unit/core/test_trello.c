#include "core/trello.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "core/base/check.h"
#include "core/base/json.h"
#include "core/base/limits.h"

static struct arena arena;
static struct board *board;
static struct id list_id, card_id, label_id;

static struct id id_of(uint32_t n)
{
    return id_make(0x65a00000u + n, n);
}

static struct object *put(enum kind kind, uint32_t n)
{
    struct object *o = object_new(kind, id_of(n));
    return o;
}

static void set_text(struct object *o, enum field f, const char *text)
{
    value_fini(object_value(o, f));
    *object_value(o, f) = value_str(slice_cstr(text));
}

/* A board with one open and one closed list, three cards, a label, a membership. */
static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 16, MIB(64));
    board = board_new(id_of(1));
    struct object *self = put(KIND_BOARD, 1);
    set_text(self, F_BOARD_NAME, "Min tavla: 2026!");
    set_text(self, F_BOARD_SHORT_LINK, "BoardAAA");
    *object_value(self, F_BOARD_PREFS) =
            value_json(SLICE("{\"background\":\"sky\",\"voting\":\"members\"}"));
    board_insert(board, self);
    label_id = id_of(5);
    struct object *label = put(KIND_LABEL, 5);
    set_text(label, F_LABEL_NAME, "Urgent");
    set_text(label, F_LABEL_COLOR, "red");
    board_insert(board, label);
    list_id = id_of(2);
    for (uint32_t i = 0; i < 2; i++) {
        struct object *list = put(KIND_LIST, 2 + i);
        set_text(list, F_LIST_NAME, i == 0 ? "Open" : "Archived");
        object_value(list, F_LIST_POS)->num = 2 - i;
        object_value(list, F_LIST_CLOSED)->boolean = i == 1;
        board_insert(board, list);
    }
    card_id = id_of(10);
    for (uint32_t i = 0; i < 3; i++) {
        struct object *card = put(KIND_CARD, 10 + i);
        set_text(card, F_CARD_NAME,
                i == 0   ? "K\xc3\xb6p mj\xc3\xb6lk"
                : i == 1 ? "Closed"
                         : "\xf0\x9f\x8e\x89");
        if (i == 0) set_text(card, F_CARD_SHORT_LINK, "CardAAAA");
        object_value(card, F_CARD_ID_LIST)->id = id_of(i == 2 ? 3 : 2);
        object_value(card, F_CARD_POS)->num = 100 - i;
        object_value(card, F_CARD_ID_SHORT)->num = i + 1;
        object_value(card, F_CARD_CLOSED)->boolean = i == 1;
        if (i < 2) value_set_put(object_value(card, F_CARD_ID_LABELS), label_id, true);
        board_insert(board, card);
    }
    set_text(board_find(board, card_id), F_CARD_DUE, "2026-12-01T10:00:00.000Z");
    struct value *badges = object_value(board_find(board, card_id), F_CARD_BADGES);
    *badges = value_json(SLICE("{\"description\":true}"));
    struct object *membership = put(KIND_MEMBERSHIP, 30);
    set_text(membership, F_MEMBERSHIP_MEMBER_TYPE, "admin");
    object_value(membership, F_MEMBERSHIP_ID_MEMBER)->id = id_of(31);
    board_insert(board, membership);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    board_free(board);
    arena_fini(&arena);
    return 0;
}

static struct slice desc(void *context, struct id id, enum field f)
{
    (void)context;
    return id_eq(id, card_id) && f == F_CARD_DESC ? SLICE("two litres") : SLICE("");
}

static const json_t *written(struct id id, struct trello_fields fields)
{
    struct trello_options options = {
            .base_url = SLICE("https://tavla.example"), .fields = fields, .text = desc};
    struct buf out;
    json_t *tree;
    struct fault fault;
    buf_init(&out, MIB(1));
    struct json_out j = json_out(&out);
    trello_write(&j, board, board_find(board, id), &options);
    assert_int_equal(json_read(&arena, arena_dup(&arena, buf_slice(&out)), &tree, &fault), ERR_OK);
    buf_fini(&out);
    return tree;
}

static const char *text_at(const json_t *o, const char *key)
{
    assert_true(json_is_string(json_object_get(o, key)));
    return json_string_value(json_object_get(o, key));
}

static void test_trello__a_card_has_what_clients_look_for(void **state)
{
    (void)state;
    const json_t *card = written(card_id, (struct trello_fields){.all = true});
    static const char *const keys[] = {"id", "idShort", "shortLink", "shortUrl", "url", "name",
            "desc", "descData", "closed", "pos", "idBoard", "idList", "idLabels", "labels",
            "idMembers", "idMembersVoted", "idChecklists", "idAttachmentCover",
            "manualCoverAttachment", "cover", "badges", "checkItemStates", "due", "start",
            "dueComplete", "dueReminder", "dateLastActivity", "isTemplate", "subscribed", "email",
            "address", "locationName", "coordinates", "cardRole"};
    for (size_t i = 0; i < ARRAY_COUNT(keys); i++)
        assert_non_null(json_object_get(card, keys[i]));
    assert_string_equal(text_at(card, "desc"), "two litres");
    assert_string_equal(text_at(card, "url"), "https://tavla.example/c/CardAAAA/1-k-p-mj-lk");
    assert_string_equal(text_at(card, "shortUrl"), "https://tavla.example/c/CardAAAA");
    const json_t *badges = json_object_get(card, "badges");
    assert_true(json_is_true(json_object_get(badges, "description")));
    assert_string_equal(text_at(badges, "due"), "2026-12-01T10:00:00.000Z");
    assert_int_equal(json_integer_value(json_object_get(badges, "comments")), 0);
    assert_string_equal(
            text_at(json_array_get(json_object_get(card, "labels"), 0), "name"), "Urgent");
    assert_string_equal(text_at(json_object_get(card, "cover"), "size"), "normal");
}

static void test_trello__a_name_without_letters_gives_a_link_without_a_slug(void **state)
{
    (void)state;
    const json_t *card = written(id_of(12), (struct trello_fields){.all = true});
    char link[SHORT_LINK_TEXT + 1], expected[80];
    short_link_make(id_of(12), link); /* none is stored */
    snprintf(expected, sizeof(expected), "https://tavla.example/c/%s/3", link);
    assert_string_equal(text_at(card, "url"), expected);
    const json_t *self = written(board->id, (struct trello_fields){.all = true});
    assert_string_equal(text_at(self, "url"), "https://tavla.example/b/BoardAAA/min-tavla-2026");
}

static void test_trello__a_board_fills_prefs_and_names_its_labels(void **state)
{
    (void)state;
    const json_t *self = written(board->id, (struct trello_fields){.all = true});
    const json_t *prefs = json_object_get(self, "prefs");
    assert_string_equal(text_at(prefs, "background"), "sky");
    assert_string_equal(text_at(prefs, "voting"), "members");
    assert_string_equal(text_at(prefs, "permissionLevel"), "private");
    assert_string_equal(text_at(json_object_get(self, "labelNames"), "red"), "Urgent");
    assert_int_equal(json_object_size(json_object_get(self, "labelNames")), 30);
    assert_null(
            json_object_get(self, "idOrganization")); /* clients take absence better than null */
    const json_t *label = written(label_id, (struct trello_fields){.all = true});
    assert_int_equal(json_integer_value(json_object_get(label, "uses")), 2);
}

static void test_trello__only_the_fields_asked_for_are_written(void **state)
{
    (void)state;
    struct trello_fields fields;
    struct fault fault = {0};
    assert_int_equal(trello_fields_read(KIND_CARD, SLICE("name,pos"), &fields, &fault), ERR_OK);
    assert_int_equal(json_object_size(written(card_id, fields)), 3); /* and id */
    assert_int_equal(trello_fields_read(KIND_CARD, SLICE(""), &fields, &fault), ERR_OK);
    assert_int_equal(json_object_size(written(card_id, fields)), 1);
    assert_int_equal(trello_fields_read(KIND_CARD, SLICE("all"), &fields, &fault), ERR_OK);
    assert_true(fields.all);
    assert_int_equal(
            trello_fields_read(KIND_CARD, SLICE("name,nome"), &fields, &fault), ERR_INVALID);
    assert_string_equal(fault.wrong, "names \"nome\"");
    assert_int_equal(trello_fields_read(KIND_LIST, SLICE("due"), &fields, &fault), ERR_INVALID);
}

static const json_t *board_written(struct trello_nested nested)
{
    struct trello_options options = {
            .base_url = SLICE("https://x"), .fields = {.list = SLICE("name")}};
    struct buf out;
    json_t *tree;
    struct fault fault;
    nested.list_fields.all = nested.card_fields.all = nested.label_fields.all = true;
    buf_init(&out, MIB(1));
    assert_int_equal(trello_board_write(&out, board, &options, &nested, NULL, NULL), ERR_OK);
    assert_int_equal(json_read(&arena, arena_dup(&arena, buf_slice(&out)), &tree, &fault), ERR_OK);
    buf_fini(&out);
    return tree;
}

static void test_trello__collections_follow_their_filters_and_order(void **state)
{
    (void)state;
    static const struct {
        enum trello_filter filter;
        size_t lists, cards;
    } rows[] = {
            {TRELLO_OPEN, 1, 2}, {TRELLO_CLOSED, 1, 1}, {TRELLO_ALL, 2, 3}, {TRELLO_VISIBLE, 1, 1}};
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        const json_t *tree = board_written(
                (struct trello_nested){.lists = rows[i].filter, .cards = rows[i].filter});
        assert_int_equal(json_array_size(json_object_get(tree, "lists")), rows[i].lists);
        assert_int_equal(json_array_size(json_object_get(tree, "cards")), rows[i].cards);
    }
    const json_t *tree = board_written(
            (struct trello_nested){.labels = true, .memberships = true, .lists = TRELLO_ALL});
    assert_null(json_object_get(tree, "cards"));
    assert_string_equal(text_at(json_array_get(json_object_get(tree, "lists"), 0), "name"),
            "Archived"); /* pos 1 */
    assert_int_equal(json_integer_value(json_object_get(
                             json_array_get(json_object_get(tree, "labels"), 0), "uses")),
            2);
    assert_string_equal(
            text_at(json_array_get(json_object_get(tree, "memberships"), 0), "memberType"),
            "admin");
    enum trello_filter filter;
    assert_true(trello_filter_read(SLICE("visible"), &filter));
    assert_int_equal(filter, TRELLO_VISIBLE);
    assert_false(trello_filter_read(SLICE("some"), &filter));
}

struct flushed {
    size_t times, bytes, largest;
    bool refuse;
};

static enum err flush(void *context, struct buf *out)
{
    struct flushed *f = context;
    f->times++;
    f->bytes += out->len;
    f->largest = out->len > f->largest ? out->len : f->largest;
    buf_clear(out);
    return f->refuse ? ERR_STORAGE : ERR_OK;
}

static void test_trello__a_large_board_leaves_in_pieces(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 1000; i++) {
        struct object *card = put(KIND_CARD, 1000 + i);
        object_value(card, F_CARD_ID_LIST)->id = list_id;
        board_insert(board, card);
    }
    struct trello_options options = {.base_url = SLICE("https://x"), .fields = {.all = true}};
    struct trello_nested nested = {.cards = TRELLO_ALL, .card_fields = {.all = true}};
    struct flushed f = {0};
    struct buf out, whole;
    buf_init(&out, KIB(80));
    buf_init(&whole, MIB(16));
    assert_int_equal(trello_board_write(&whole, board, &options, &nested, NULL, NULL), ERR_OK);
    assert_int_equal(trello_board_write(&out, board, &options, &nested, flush, &f), ERR_OK);
    assert_true(f.times > 5);
    assert_int_equal(f.bytes + out.len, whole.len);
    assert_true(f.largest < KIB(70));
    f.refuse = true;
    buf_clear(&out);
    assert_int_equal(trello_board_write(&out, board, &options, &nested, flush, &f), ERR_STORAGE);
    buf_clear(&out);
    assert_int_equal(trello_board_write(&out, board, &options, &nested, NULL, NULL), ERR_TOO_LARGE);
    buf_fini(&out);
    buf_fini(&whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(
                    test_trello__a_card_has_what_clients_look_for, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_trello__a_name_without_letters_gives_a_link_without_a_slug, setup,
                    teardown),
            cmocka_unit_test_setup_teardown(
                    test_trello__a_board_fills_prefs_and_names_its_labels, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_trello__only_the_fields_asked_for_are_written, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_trello__collections_follow_their_filters_and_order, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_trello__a_large_board_leaves_in_pieces, setup, teardown),
    };
    json_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
