#include "core/trello_in.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/cover.h"
#include "core/trello.h"

/* Public exports, where this machine has them; the project's own fixtures are always there. */
#define FIXTURES "tests/fixtures/trello/"
#define SAMPLES  "../shared/samples/trello/"

struct mapping {
    struct slice old;
    struct id new;
};

struct import {
    struct arena arena;
    struct slice file;
    struct trello_in *in;
    struct board *board;
    enum kind last_kind;
    struct mapping maps[256];
    size_t map_count;
    struct slice taken;       /* an id that the server has already */
    struct slice taken_short; /* and a short link */
    size_t emitted;
    size_t refuse_after;
    bool files; /* the text is this server's own copy */
    const struct import_person *people;
    size_t people_count;
    struct slice report, fields;
    struct fault fault;
};

static bool id_free(void *context, struct id id)
{
    struct import *im = context;
    struct id taken;
    return !(id_parse(im->taken, &taken) && id_eq(taken, id));
}

static bool short_free(void *context, struct slice short_link)
{
    struct import *im = context;
    return !slice_eq(im->taken_short, short_link);
}

static void mapped(void *context, struct slice old, struct id new)
{
    struct import *im = context;
    assert_true(im->map_count < ARRAY_COUNT(im->maps));
    im->maps[im->map_count++] = (struct mapping){arena_dup(&im->arena, old), new};
}

/* Cards come behind what they name, their parts behind them and behind the custom fields. */
static int rank(enum kind kind)
{
    return kind > KIND_TIER1_LAST ? 2 : kind == KIND_CARD || kind > KIND_MEMBERSHIP;
}

/* What import.add does with it: an object of the board, its text a document. */
static enum err emit(void *context, enum kind kind, struct slice json)
{
    struct import *im = context;
    json_t *tree;
    struct id id;
    struct slice text = {0};
    assert_int_equal(json_read(&im->arena, json, &tree, &im->fault), ERR_OK);
    assert_true(slice_eq(json_slice(json_array_get(tree, 0)), kind_info(kind)->name));
    assert_true(rank(kind) >= rank(im->last_kind));
    im->last_kind = kind;
    json_t *fields = json_array_get(tree, 1);
    assert_true(json_get_slice(fields, "id", &text));
    assert_true(id_parse(text, &id));
    struct object *o = object_new(kind, id);
    for (void *i = json_object_iter(fields); i != NULL; i = json_object_iter_next(fields, i)) {
        struct slice name = slice_of(json_object_iter_key(i), json_object_iter_key_len(i));
        enum field f;
        struct value v;
        if (slice_eq(name, SLICE("id"))) continue;
        assert_true(field_parse(kind, name, &f));
        assert_int_equal(value_read(f, json_object_iter_value(i), &v, &im->fault), ERR_OK);
        if (field_info(f)->type == FIELD_TEXT) {
            board_doc_put(im->board, id, f, 0, value_slice(&v));
            value_fini(&v);
        } else {
            value_fini(object_value(o, f));
            *object_value(o, f) = v;
        }
    }
    board_insert(im->board, o);
    return ++im->emitted == im->refuse_after ? ERR_STORAGE : ERR_OK;
}

static bool load(struct import *im, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) return false;
    char *text = arena_alloc(&im->arena, MIB(1));
    size_t len = fread(text, 1, MIB(1), file);
    fclose(file);
    im->file = slice_of(text, len);
    return true;
}

static void import_init(struct import *im)
{
    memset(im, 0, sizeof(*im));
    arena_init(&im->arena, KIB(64), MIB(256));
    im->board = board_new(id_make(1, 1));
    board_insert(im->board, object_new(KIND_BOARD, im->board->id));
}

static void import_fini(struct import *im)
{
    trello_in_free(im->in);
    board_free(im->board);
    arena_fini(&im->arena);
}

static enum err import_run(struct import *im, size_t piece)
{
    struct trello_in_options options = {.board = im->board->id,
            .seed = 7,
            .now_ms = 1700000000000,
            .files = im->files,
            .people = im->people,
            .people_count = im->people_count,
            .id_free = id_free,
            .short_free = short_free,
            .emit = emit,
            .mapped = mapped,
            .context = im};
    enum err err = ERR_OK;
    im->in = trello_in_new(&options);
    for (int pass = 1; pass <= TRELLO_IN_PASSES && err == ERR_OK; pass++) {
        for (struct slice rest = im->file; rest.len > 0 && err == ERR_OK;) {
            struct slice part = slice_head(rest, piece);
            rest = slice_from(rest, part.len);
            err = trello_in_feed(im->in, pass, part, &im->fault);
        }
        if (err == ERR_OK) err = trello_in_end(im->in, pass, &im->fault);
    }
    struct buf text;
    buf_init(&text, MIB(1));
    trello_in_report(im->in, &text);
    im->report = arena_dup(&im->arena, buf_slice(&text));
    buf_clear(&text);
    trello_in_board(im->in, &text);
    im->fields = arena_dup(&im->arena, buf_slice(&text));
    buf_fini(&text);
    return err;
}

static const json_t *parse(struct import *im, struct slice text)
{
    json_t *tree;
    if (slice_starts(text, SLICE("\xef\xbb\xbf"))) text = slice_from(text, 3);
    assert_int_equal(json_read(&im->arena, text, &tree, &im->fault), ERR_OK);
    return tree;
}

static uint64_t number_at(const json_t *object, const char *group, const char *name)
{
    uint64_t n = 0;
    json_get_u64(json_object_get(object, group), name, &n);
    return n;
}

static bool has_note(const json_t *report, const char *part)
{
    const json_t *notes = json_object_get(report, "notes");
    for (size_t i = 0; i < json_array_size(notes); i++) {
        if (strstr(json_string_value(json_array_get(notes, i)), part) != NULL) return true;
    }
    return false;
}

/* -- there and back: file -> import -> board -> Trello's shape again */

static struct slice doc_text(void *context, struct id id, enum field f)
{
    struct import *im = context;
    struct doc *doc = board_doc(im->board, id, f);
    return doc == NULL ? SLICE("") : doc->text;
}

static const json_t *exported(struct import *im)
{
    struct trello_options options = {.base_url = SLICE("https://x"),
            .fields = {.all = true},
            .text = doc_text,
            .context = im};
    struct trello_nested nested = {.lists = TRELLO_ALL,
            .cards = TRELLO_ALL,
            .checklists = true,
            .checklist_fields.all = true,
            .comments = true,
            .custom_fields = true,
            .card_field_items = true,
            .labels = true,
            .list_fields = {.all = true},
            .card_fields = {.all = true},
            .label_fields = {.all = true}};
    struct buf out;
    buf_init(&out, MIB(16));
    assert_int_equal(trello_board_write(&out, im->board, &options, &nested, NULL, NULL), ERR_OK);
    const json_t *tree = parse(im, arena_dup(&im->arena, buf_slice(&out)));
    buf_fini(&out);
    return tree;
}

static const char *new_id(struct import *im, const json_t *old)
{
    const char *text = json_string_value(old);
    for (size_t i = 0; i < im->map_count; i++) {
        if (!slice_eq(im->maps[i].old, slice_cstr(text))) continue;
        char *copy = arena_alloc(&im->arena, ID_TEXT + 1);
        id_format(im->maps[i].new, copy);
        return copy;
    }
    return text;
}

static const json_t *by_id(const json_t *array, const char *id)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *o = json_array_get(array, i);
        if (strcmp(json_string_value(json_object_get(o, "id")), id) == 0) return o;
    }
    return NULL;
}

/* Pictures do not come along, nor what Trello makes of them. */
static void assert_same_cover(const json_t *x, const json_t *y)
{
    static const char *const kept[] = {"color", "size", "brightness"};
    bool color = json_is_string(json_object_get(x, "color"));
    assert_true(json_is_null(json_object_get(y, "idAttachment")));
    for (size_t i = 0; color && i < ARRAY_COUNT(kept); i++)
        assert_true(json_equal(json_object_get(x, kept[i]), json_object_get(y, kept[i])));
}

static void assert_same(const json_t *a, const json_t *b, const char *field)
{
    const json_t *x = json_object_get(a, field), *y = json_object_get(b, field);
    if (x == NULL || json_is_null(x)) return; /* absent in the file: a default of ours */
    if (json_is_number(x) && json_is_number(y))
        assert_true(json_number_value(x) == json_number_value(y));
    else if (strcmp(field, "cover") == 0)
        assert_same_cover(x, y);
    else if (!json_equal(x, y))
        fail_msg("field %s differs", field);
}

static double pos_at(const json_t *array, size_t i)
{
    return json_number_value(json_object_get(json_array_get(array, i), "pos"));
}

static void assert_lists_and_labels(struct import *im, const json_t *in, const json_t *out)
{
    const json_t *lists = json_object_get(in, "lists"), *labels = json_object_get(in, "labels");
    const json_t *out_lists = json_object_get(out, "lists");
    assert_int_equal(json_array_size(out_lists), json_array_size(lists));
    for (size_t i = 0; i < json_array_size(lists); i++) {
        const json_t *a = json_array_get(lists, i),
                     *b = by_id(out_lists, new_id(im, json_object_get(a, "id")));
        static const char *const same[] = {"name", "closed", "pos", "softLimit"};
        assert_non_null(b);
        for (size_t k = 0; k < ARRAY_COUNT(same); k++)
            assert_same(a, b, same[k]);
        if (i > 0) assert_true(pos_at(out_lists, i - 1) <= pos_at(out_lists, i));
    }
    for (size_t i = 0; i < json_array_size(labels); i++) {
        const json_t *a = json_array_get(labels, i);
        const json_t *b =
                by_id(json_object_get(out, "labels"), new_id(im, json_object_get(a, "id")));
        assert_non_null(b);
        assert_same(a, b, "name");
        assert_same(a, b, "color");
    }
}

static void assert_cards(struct import *im, const json_t *in, const json_t *out)
{
    static const char *const same[] = {"name", "desc", "closed", "pos", "idShort", "due",
            "dueComplete", "start", "dueReminder", "dateLastActivity", "isTemplate", "cardRole",
            "address", "locationName", "coordinates", "cover"};
    const json_t *cards = json_object_get(in, "cards"), *out_cards = json_object_get(out, "cards");
    assert_int_equal(json_array_size(out_cards), json_array_size(cards));
    for (size_t i = 0; i < json_array_size(cards); i++) {
        const json_t *a = json_array_get(cards, i),
                     *b = by_id(out_cards, new_id(im, json_object_get(a, "id")));
        assert_non_null(b);
        for (size_t k = 0; k < ARRAY_COUNT(same); k++)
            assert_same(a, b, same[k]);
        assert_string_equal(new_id(im, json_object_get(a, "idList")),
                json_string_value(json_object_get(b, "idList")));
        const json_t *labels = json_object_get(a, "idLabels"),
                     *out_labels = json_object_get(b, "idLabels");
        assert_int_equal(json_array_size(labels), json_array_size(out_labels));
        for (size_t k = 0; k < json_array_size(labels); k++)
            assert_string_equal(new_id(im, json_array_get(labels, k)),
                    json_string_value(json_array_get(out_labels, k)));
        if (short_link_valid(json_slice(json_object_get(a, "shortLink"))))
            assert_same(a, b, "shortLink");
        assert_true(json_is_null(json_object_get(b, "email")));
    }
    for (size_t i = 1; i < json_array_size(out_cards); i++) {
        const json_t *a = json_array_get(out_cards, i - 1), *b = json_array_get(out_cards, i);
        if (json_equal(json_object_get(a, "idList"), json_object_get(b, "idList")))
            assert_true(pos_at(out_cards, i - 1) <= pos_at(out_cards, i));
    }
}

static void assert_checklists(struct import *im, const json_t *in, const json_t *out)
{
    static const char *const same[] = {"name", "pos", "state", "due", "dueReminder"};
    const json_t *lists = json_object_get(in, "checklists");
    for (size_t i = 0; i < json_array_size(lists); i++) {
        const json_t *a = json_array_get(lists, i);
        const json_t *b =
                by_id(json_object_get(out, "checklists"), new_id(im, json_object_get(a, "id")));
        const json_t *items = json_object_get(a, "checkItems");
        assert_non_null(b);
        assert_same(a, b, "name");
        assert_same(a, b, "pos");
        assert_string_equal(new_id(im, json_object_get(a, "idCard")),
                json_string_value(json_object_get(b, "idCard")));
        assert_int_equal(json_array_size(items), json_array_size(json_object_get(b, "checkItems")));
        for (size_t k = 0; k < json_array_size(items); k++) {
            const json_t *x = json_array_get(items, k);
            const json_t *y =
                    by_id(json_object_get(b, "checkItems"), new_id(im, json_object_get(x, "id")));
            assert_non_null(y);
            for (size_t f = 0; f < ARRAY_COUNT(same); f++)
                assert_same(x, y, same[f]);
        }
    }
}

static void assert_custom_fields(struct import *im, const json_t *in, const json_t *out)
{
    const json_t *fields = json_object_get(in, "customFields"),
                 *cards = json_object_get(in, "cards");
    for (size_t i = 0; i < json_array_size(fields); i++) {
        const json_t *a = json_array_get(fields, i), *options = json_object_get(a, "options");
        const json_t *b =
                by_id(json_object_get(out, "customFields"), new_id(im, json_object_get(a, "id")));
        assert_non_null(b);
        assert_same(a, b, "name");
        assert_same(a, b, "type");
        assert_same(a, b, "pos");
        assert_same(a, b, "display");
        for (size_t k = 0; k < json_array_size(options); k++) {
            const json_t *x = json_array_get(options, k);
            const json_t *y =
                    by_id(json_object_get(b, "options"), new_id(im, json_object_get(x, "id")));
            assert_non_null(y);
            assert_same(x, y, "value");
            assert_same(x, y, "color");
            assert_same(x, y, "pos");
        }
    }
    for (size_t i = 0; i < json_array_size(cards); i++) {
        const json_t *a = json_array_get(cards, i),
                     *items = json_object_get(a, "customFieldItems");
        const json_t *b =
                by_id(json_object_get(out, "cards"), new_id(im, json_object_get(a, "id")));
        for (size_t k = 0; k < json_array_size(items); k++) {
            const json_t *x = json_array_get(items, k);
            const json_t *y = by_id(
                    json_object_get(b, "customFieldItems"), new_id(im, json_object_get(x, "id")));
            assert_non_null(y);
            assert_same(x, y, "value");
            if (!json_is_null(json_object_get(x, "idValue")) && json_object_get(x, "idValue"))
                assert_string_equal(new_id(im, json_object_get(x, "idValue")),
                        json_string_value(json_object_get(y, "idValue")));
        }
    }
}

/* How many there are, of cards that are there. */
static size_t assert_comments(struct import *im, const json_t *in, const json_t *out)
{
    const json_t *actions = json_object_get(in, "actions");
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(actions); i++) {
        const json_t *a = json_array_get(actions, i), *data = json_object_get(a, "data");
        const json_t *card = json_object_get(json_object_get(data, "card"), "id");
        if (strcmp(json_string_value(json_object_get(a, "type")), "commentCard") != 0 ||
                by_id(json_object_get(in, "cards"), json_string_value(card)) == NULL)
            continue;
        const json_t *b =
                by_id(json_object_get(out, "actions"), new_id(im, json_object_get(a, "id")));
        assert_non_null(b);
        assert_same(a, b, "date");
        assert_same(a, b, "type");
        assert_same(data, json_object_get(b, "data"), "text");
        assert_same(data, json_object_get(b, "data"), "dateLastEdited");
        assert_same(json_object_get(a, "memberCreator"), json_object_get(b, "memberCreator"),
                "fullName");
        assert_string_equal(new_id(im, card),
                json_string_value(json_object_get(
                        json_object_get(json_object_get(b, "data"), "card"), "id")));
        count++;
    }
    return count;
}

static void there_and_back(const char *path, size_t piece)
{
    struct import *im = MEM_NEW(struct import);
    import_init(im);
    if (load(im, path)) {
        enum err err = import_run(im, piece);
        if (err != ERR_OK) print_error("%s: %s %s\n", path, im->fault.field, im->fault.wrong);
        assert_int_equal(err, ERR_OK);
        const json_t *in = parse(im, im->file), *out = exported(im),
                     *report = parse(im, im->report);
        assert_lists_and_labels(im, in, out);
        assert_cards(im, in, out);
        assert_int_equal(number_at(report, "imported", "cards"),
                json_array_size(json_object_get(in, "cards")));
        size_t comments = assert_comments(im, in, out);
        assert_int_equal(number_at(report, "imported", "comments"), comments);
        assert_int_equal(number_at(report, "unsupported", "actions") + comments,
                json_array_size(json_object_get(in, "actions")));
        assert_checklists(im, in, out);
        assert_custom_fields(im, in, out);
        assert_int_equal(number_at(report, "unsupported", "customFieldItems"), 0);
        assert_int_equal(number_at(report, "unsupported", "checklists"), 0);
        assert_int_equal(number_at(report, "imported", "checklists"),
                json_array_size(json_object_get(in, "checklists")));
        const json_t *fields = parse(im, im->fields);
        assert_same(in, fields, "name");
        assert_same(in, fields, "desc");
        assert_same(in, fields, "prefs");
        assert_same(in, fields, "closed");
    } else {
        assert_true(strncmp(path, SAMPLES, strlen(SAMPLES)) == 0);
    }
    import_fini(im);
    mem_free(im);
}

static void test_trello_in__a_board_comes_back_as_it_was(void **state)
{
    (void)state;
    there_and_back(FIXTURES "garden.json", SIZE_MAX);
    there_and_back(FIXTURES "garden.json", 1);
    there_and_back(FIXTURES "garden.json", 777);
}

static void test_trello_in__real_exports_come_back_as_they_were(void **state)
{
    (void)state;
    there_and_back(SAMPLES "nextcloud-deck-minimal.json", 4096);
    there_and_back(SAMPLES "trello-to-deck-kanban-template.json", 4096);
    there_and_back(SAMPLES "trello2planka-simple-project-board.json", 4096);
    there_and_back(SAMPLES "wekan-project100.json", 4096);
}

/* -- traps */

static const struct object *any_of(const struct board *b, enum kind kind)
{
    const struct object *o = b->objects;
    while (o != NULL && o->kind != kind)
        o = o->hh.next;
    assert_non_null(o);
    return o;
}

static const struct object *object_named(const struct board *b, enum field f, const char *text)
{
    for (struct object *o = b->objects; o != NULL; o = o->hh.next)
        if (o->kind == field_info(f)->kind &&
                slice_eq(value_slice(object_value(o, f)), slice_cstr(text)))
            return o;
    fail_msg("nothing is %s", text);
    return NULL;
}

#define card_named(b, name) object_named((b), F_CARD_NAME, (name))
#define list_named(b, name) object_named((b), F_LIST_NAME, (name))

#define FIELD(o, f) object_value((struct object *)(uintptr_t)(o), (f))

static void assert_traps(struct import *im)
{
    struct board *b = im->board;
    const struct object *a = card_named(b, "Tie A"), *tie = card_named(b, "Tie B"),
                        *lost = card_named(b, "List unknown");
    const struct object *archived = card_named(b, "Open in an archived list"),
                        *bare = card_named(b, "No number, no place");
    const struct object *open = list_named(b, "Open");
    assert_int_equal(b->count[KIND_CARD], 7);
    assert_int_equal(b->count[KIND_LIST], 3);
    assert_int_equal(b->count[KIND_LABEL], 1);
    /* A label that only cards know. */
    assert_int_equal(FIELD(a, F_CARD_ID_LABELS)->set->count, 1);
    assert_true(id_eq(
            FIELD(a, F_CARD_ID_LABELS)->set->ids[0], FIELD(tie, F_CARD_ID_LABELS)->set->ids[0]));
    assert_non_null(board_get(b, KIND_LABEL, FIELD(a, F_CARD_ID_LABELS)->set->ids[0]));
    /* Equal positions stay equal; the lower id comes first. */
    assert_true(FIELD(a, F_CARD_POS)->num == 65535 && FIELD(tie, F_CARD_POS)->num == 65535);
    assert_true(siblings_index(board_children(b, KIND_CARD, open->id), tie) <
                siblings_index(board_children(b, KIND_CARD, open->id), a));
    /* One short link for two cards: the first keeps it. */
    assert_true(slice_eq(value_slice(FIELD(a, F_CARD_SHORT_LINK)), SLICE("TrapAAAA")));
    assert_false(slice_eq(value_slice(FIELD(tie, F_CARD_SHORT_LINK)), SLICE("TrapAAAA")));
    assert_true(id_eq(FIELD(archived, F_CARD_ID_LIST)->id, list_named(b, "Archived")->id));
    assert_false(FIELD(archived, F_CARD_CLOSED)->boolean);
    assert_true(FIELD(archived, F_CARD_POS)->num == 140737488355328.0);
    assert_true(id_eq(FIELD(lost, F_CARD_ID_LIST)->id, list_named(b, "")->id) ||
                id_eq(FIELD(lost, F_CARD_ID_LIST)->id, open->id));
    assert_int_equal(FIELD(lost, F_CARD_DUE)->type, VALUE_NULL);
    assert_true(FIELD(bare, F_CARD_ID_SHORT)->num == 10); /* behind the highest of the file */
    assert_true(FIELD(bare, F_CARD_POS)->num > 0);
}

static void test_trello_in__the_traps_of_real_files_are_survived_and_reported(void **state)
{
    (void)state;
    struct import *im = MEM_NEW(struct import);
    import_init(im);
    assert_true(load(im, FIXTURES "traps.json"));
    assert_int_equal(import_run(im, 1000), ERR_OK);
    assert_traps(im);
    const json_t *report = parse(im, im->report);
    assert_int_equal(number_at(report, "imported", "cards"), 7);
    assert_int_equal(number_at(report, "unsupported", "stickers"), 3);
    assert_true(has_note(report, "rebuilt from its cards"));
    assert_true(has_note(report, "its list is not in the file"));
    assert_true(has_note(report, "name of 17000 characters is cut to 16384"));
    assert_true(has_note(report, "desc of 18000 characters is cut to 16384"));
    assert_true(has_note(report, "due is \"someday\""));
    assert_true(has_note(report, "labels that the file does not describe"));
    uint64_t count = 0;
    assert_true(json_get_u64(report, "mapped", &count));
    /* Three lists and a card with ids of another form, one id used twice, one card without. */
    assert_int_equal(count, 6);
    import_fini(im);
    mem_free(im);
}

static void test_trello_in__ids_and_short_links_that_are_taken_are_made_anew(void **state)
{
    (void)state;
    struct import *im = MEM_NEW(struct import);
    import_init(im);
    assert_true(load(im, FIXTURES "garden.json"));
    im->taken = SLICE("6560aa000000000000000010"); /* the first list */
    im->taken_short = SLICE("Card0003");
    assert_int_equal(import_run(im, SIZE_MAX), ERR_OK);
    assert_int_equal(im->map_count, 1);
    assert_true(slice_eq(im->maps[0].old, im->taken));
    assert_int_equal(id_seconds(im->maps[0].new), 0x6560aa00); /* its age is kept */
    const struct object *beans = card_named(im->board, "Sow beans");
    assert_true(id_eq(FIELD(beans, F_CARD_ID_LIST)->id, im->maps[0].new));
    const struct object *water = card_named(im->board, "Water the tomatoes");
    assert_false(slice_eq(value_slice(FIELD(water, F_CARD_SHORT_LINK)), im->taken_short));
    assert_true(
            slice_eq(value_slice(FIELD(beans, F_CARD_BADGES)), SLICE("{\"description\":true}")));
    assert_true(slice_eq(value_slice(FIELD(water, F_CARD_BADGES)), SLICE("{}")));
    const json_t *report = parse(im, im->report);
    assert_int_equal(number_at(report, "imported", "comments"), 1);
    assert_int_equal(number_at(report, "unsupported", "members"), 1);
    assert_int_equal(number_at(report, "unsupported", "idMembers"), 1);
    assert_int_equal(number_at(report, "imported", "attachments"), 1);
    assert_true(has_note(report, "1 attached files are not in the file"));
    assert_true(has_note(report, "attachment \"nothing\": it leads nowhere"));
    const struct object *plan = any_of(im->board, KIND_ATTACHMENT);
    assert_true(slice_eq(value_slice(FIELD(plan, F_ATTACHMENT_FILE_NAME)), SLICE("plan.png")));
    assert_false(FIELD(plan, F_ATTACHMENT_IS_UPLOAD)->boolean); /* a link, now */
    assert_true(FIELD(plan, F_ATTACHMENT_BYTES)->num == 512);
    assert_int_equal(number_at(report, "imported", "customFieldItems"), 1);
    assert_int_equal(number_at(report, "unsupported", "premiumFeatures"),
            0); /* of a plan, not of the board */
    assert_true(strstr(arena_cstr(&im->arena, im->report), "secret") == NULL);
    import_fini(im);
    mem_free(im);
}

static enum err run_text(const char *text, struct import *im)
{
    import_init(im);
    im->file = slice_cstr(text);
    return import_run(im, 7);
}

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define PICTURE(id) "\"cover\":{\"idAttachment\":\"" id "\",\"size\":\"full\"}"

#define ONE  "6560ab000000000000000001"
#define TWO  "6560ab000000000000000002"
#define CARD(n, name) "{\"id\":\"6560aa00000000000000009" n "\",\"name\":\"" name "\","

static const char with_files[] =
        "{\"name\":\"b\",\"lists\":[],\"cards\":["
        CARD("0", "picture") PICTURE(ONE) ",\"attachments\":["
        "{\"id\":\"" ONE "\",\"name\":\"p\",\"fileName\":\"p.png\",\"isUpload\":true,"
        "\"url\":\"https://here/\",\"file\":\"" HASH "\"}]},"
        CARD("1", "link") PICTURE(TWO) ",\"attachments\":["
        "{\"id\":\"" TWO "\",\"name\":\"l\",\"url\":\"https://there/\",\"file\":\"../lock\"}]},"
        CARD("2", "other") PICTURE(ONE) ",\"attachments\":[]},"
        CARD("3", "odd") PICTURE(ONE) ",\"attachments\":7}]}";

static struct cover cover_of(const struct import *im, const char *card)
{
    struct cover cover;
    cover_read(FIELD(card_named(im->board, card), F_CARD_COVER), &cover);
    return cover;
}

/* What names a stored file gets it: so nobody's text may, but the server's own copy does. */
static void test_trello_in__only_the_servers_own_copy_brings_files_and_pictures(void **state)
{
    (void)state;
    struct import *im = MEM_NEW(struct import);
    assert_int_equal(run_text(with_files, im), ERR_OK);
    for (const struct object *o = im->board->objects; o != NULL; o = o->hh.next) {
        if (o->kind != KIND_ATTACHMENT) continue;
        assert_int_equal(value_slice(FIELD(o, F_ATTACHMENT_FILE)).len, 0);
        assert_false(FIELD(o, F_ATTACHMENT_IS_UPLOAD)->boolean);
    }
    assert_true(id_is_none(cover_of(im, "picture").attachment));
    assert_int_equal(number_at(parse(im, im->report), "unsupported", "covers with a picture"), 4);
    import_fini(im);
    import_init(im);
    im->files = true;
    im->taken = SLICE("6560ab000000000000000001");
    im->file = slice_cstr(with_files);
    assert_int_equal(import_run(im, 100), ERR_OK);
    struct cover cover = cover_of(im, "picture");
    const struct object *file = board_get(im->board, KIND_ATTACHMENT, cover.attachment);
    assert_non_null(file);
    assert_true(cover.full && id_eq(cover.attachment, im->maps[0].new));
    assert_true(slice_eq(value_slice(FIELD(file, F_ATTACHMENT_FILE)), SLICE(HASH)));
    assert_true(FIELD(file, F_ATTACHMENT_IS_UPLOAD)->boolean);
    assert_int_equal(value_slice(FIELD(file, F_ATTACHMENT_URL)).len, 0);
    assert_int_equal(im->board->count[KIND_ATTACHMENT], 2);
    assert_true(id_is_none(cover_of(im, "link").attachment)); /* nothing that could be shown */
    assert_true(id_is_none(cover_of(im, "other").attachment));
    assert_int_equal(number_at(parse(im, im->report), "unsupported", "covers with a picture"), 3);
    import_fini(im);
    mem_free(im);
}

/* -- people: of the file mia (who imports), ann, bob and carl; dora commented and is gone */

static const struct import_person people[] = {
        {{{0x65, 1}}, {"mia", 3}},
        {{{0x65, 0x60, 0xad, 0, 0, 0, 0, 0, 0, 0, 0, 2}}, {"ann_here", 8}},
        {{{0x65, 3}}, {"BOB", 3}},
        {{{0x65, 0x60, 0xad, 0, 0, 0, 0, 0, 0, 0, 0, 5}}, {"dora", 4}},
};

static void import_people_file(struct import *im, size_t count)
{
    import_init(im);
    assert_true(load(im, FIXTURES "people.json"));
    im->people = people;
    im->people_count = count;
    assert_int_equal(import_run(im, 50), ERR_OK);
}

static void assert_person(const struct object *o, enum field f, const struct import_person *who)
{
    const struct value *v = FIELD(o, f);
    assert_int_equal(v->type, who == NULL ? VALUE_NULL : VALUE_ID);
    if (who != NULL) assert_true(id_eq(v->id, who->id));
}

static void assert_people(const struct object *o, enum field f, const size_t *who, size_t count)
{
    const struct id_set *set = FIELD(o, f)->set;
    assert_int_equal(set == NULL ? 0 : set->count, count);
    for (size_t i = 0; i < count; i++)
        assert_true(id_eq(set->ids[i], people[who[i]].id));
}

/* Who wrote "Said n"; NULL: a name. */
static void assert_said(const struct import *im, const char *text, const struct import_person *who,
        const char *name)
{
    const struct object *o = object_named(im->board, F_COMMENT_TEXT, text);
    assert_person(o, F_COMMENT_ID_MEMBER_CREATOR, who);
    assert_true(slice_eq(value_slice(FIELD(o, F_COMMENT_AUTHOR)), slice_cstr(name)));
}

static void test_trello_in__people_of_the_workspace_come_along(void **state)
{
    (void)state;
    struct import *im = MEM_NEW(struct import);
    import_people_file(im, ARRAY_COUNT(people));
    struct board *b = im->board;
    const struct object *card = card_named(b, "Card");
    assert_int_equal(b->count[KIND_MEMBERSHIP], 2); /* the importer is there, dora was not */
    assert_int_equal(board_role(b, people[1].id), ROLE_NORMAL); /* in the file an admin */
    assert_int_equal(board_role(b, people[2].id), ROLE_OBSERVER);
    assert_people(card, F_CARD_ID_MEMBERS, (const size_t[]){0, 1, 2}, 3);
    assert_people(card, F_CARD_ID_MEMBERS_VOTED, (const size_t[]){2}, 1);
    assert_person(object_named(b, F_CHECK_ITEM_NAME, "i0"), F_CHECK_ITEM_ID_MEMBER, &people[1]);
    assert_person(object_named(b, F_CHECK_ITEM_NAME, "i1"), F_CHECK_ITEM_ID_MEMBER, NULL);
    assert_person(object_named(b, F_CHECK_ITEM_NAME, "i2"), F_CHECK_ITEM_ID_MEMBER, NULL);
    assert_person(object_named(b, F_ATTACHMENT_NAME, "a0"), F_ATTACHMENT_ID_MEMBER, &people[0]);
    assert_person(object_named(b, F_ATTACHMENT_NAME, "a1"), F_ATTACHMENT_ID_MEMBER, NULL);
    assert_said(im, "Said 0", &people[0], "");
    assert_said(im, "Said 1", &people[0], ""); /* under an id of before */
    assert_said(im, "Said 2", &people[1], "");
    assert_said(im, "Said 3", NULL, "Carl C");
    assert_said(im, "Said 4", NULL, "Dora D");
    const json_t *report = parse(im, im->report);
    assert_true(has_note(report, "3 of 4 people are known here; not carl"));
    assert_int_equal(number_at(report, "unsupported", "members"), 1);
    assert_int_equal(number_at(report, "unsupported", "idMembers"), 1);
    assert_int_equal(number_at(report, "unsupported", "idMembersVoted"), 2);
    assert_int_equal(number_at(report, "unsupported", "checkItemMembers"), 1);
    assert_int_equal(number_at(report, "unsupported", "attachmentMembers"), 1);
    import_fini(im);
    mem_free(im);
}

static void test_trello_in__without_a_workspace_only_the_importer_is_known(void **state)
{
    (void)state;
    struct import *im = MEM_NEW(struct import);
    import_people_file(im, 1);
    const struct object *card = card_named(im->board, "Card");
    assert_int_equal(im->board->count[KIND_MEMBERSHIP], 0);
    assert_people(card, F_CARD_ID_MEMBERS, (const size_t[]){0}, 1);
    assert_people(card, F_CARD_ID_MEMBERS_VOTED, NULL, 0);
    assert_said(im, "Said 0", &people[0], "");
    assert_said(im, "Said 2", NULL, "Ann A");
    assert_true(has_note(parse(im, im->report), "1 of 4 people are known here; not ann_there, "
                                                "bob, carl"));
    import_fini(im);
    import_people_file(im, 0); /* a copy brings nobody */
    card = card_named(im->board, "Card");
    assert_people(card, F_CARD_ID_MEMBERS, NULL, 0);
    assert_said(im, "Said 0", NULL, "Mia M");
    import_fini(im);
    mem_free(im);
}

static void test_trello_in__an_observer_stays_one_whatever_comes_first(void **state)
{
    (void)state;
    struct import *im = MEM_NEW(struct import);
    import_init(im);
    im->file = slice_cstr("{\"name\":\"x\",\"lists\":[],\"members\":[{\"id\":\"b\",\"username\":"
                          "\"bob\"},{\"id\":\"m\",\"username\":\"mia\"}],\"memberships\":["
                          "{\"idMember\":\"b\",\"memberType\":\"observer\"},"
                          "{\"idMember\":\"m\",\"memberType\":\"observer\"}]}");
    im->people = people;
    im->people_count = ARRAY_COUNT(people);
    assert_int_equal(import_run(im, 7), ERR_OK);
    assert_int_equal(im->board->count[KIND_MEMBERSHIP], 1);
    assert_int_equal(board_role(im->board, people[2].id), ROLE_OBSERVER);
    import_fini(im);
    mem_free(im);
}

/* The note names as many as it has room for. */
static void test_trello_in__very_many_strangers_are_counted(void **state)
{
    (void)state;
    struct import *im = MEM_NEW(struct import);
    struct buf text;
    import_init(im);
    buf_init(&text, MIB(4));
    BUF_ADD(&text, "{\"name\":\"x\",\"lists\":[],\"members\":[{\"id\":\"odd\"}");
    for (unsigned i = 0; i <= MEMBERS_PER_BOARD_MAX; i++)
        buf_add_format(&text, ",{\"id\":\"%x\",\"username\":\"somebody%u\"}", i, i);
    BUF_ADD(&text, ",{\"username\":\"mia\"}]}");
    im->file = buf_slice(&text);
    im->people = people;
    im->people_count = 1;
    assert_int_equal(import_run(im, 4096), ERR_OK);
    const json_t *report = parse(im, im->report);
    char more[64];
    snprintf(more, sizeof more, "somebody11 and %u more", MEMBERS_PER_BOARD_MAX + 3 - 13);
    assert_true(has_note(report, "people are known here; not odd, somebody0, somebody1, "));
    assert_true(has_note(report, more));
    assert_int_equal(number_at(report, "unsupported", "members"), MEMBERS_PER_BOARD_MAX + 3);
    buf_fini(&text);
    import_fini(im);
    mem_free(im);
}

static void test_trello_in__what_is_no_board_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"{\"hello\":\"world\",\"items\":[1,2]}", "[]", "{",
            "{\"name\":\"x\",\"cards\":[{]}", ""};
    struct import *im = MEM_NEW(struct import);
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
        assert_int_equal(run_text(bad[i], im), ERR_INVALID);
        assert_true(im->fault.wrong[0] != '\0');
        import_fini(im);
    }
    mem_free(im);
}

static void test_trello_in__an_empty_board_and_cards_without_lists_are_boards(void **state)
{
    (void)state;
    struct import *im = MEM_NEW(struct import);
    assert_int_equal(run_text("{\"name\":\"Empty\",\"cards\":[],\"lists\":[]}", im), ERR_OK);
    assert_true(slice_eq(
            im->fields, SLICE("{\"closed\":false,\"desc\":\"\",\"name\":\"Empty\",\"prefs\":{}}")));
    assert_int_equal(im->emitted, 0);
    import_fini(im);
    assert_int_equal(run_text("{\"cards\":[{\"name\":\"a\",\"id\":\"000000000000000000000000\"},7,{"
                              "\"name\":\"b\",\"labels\":[{\"color\":\"red\"}]},"
                              "{\"name\":\"c\",\"labels\":[{\"color\":\"red\"}]}]}",
                             im),
            ERR_OK);
    assert_int_equal(im->board->count[KIND_LIST], 1);
    assert_int_equal(im->board->count[KIND_CARD], 3);
    assert_int_equal(im->board->count[KIND_LABEL], 1); /* labels without ids, as before 2015 */
    assert_int_equal(FIELD(card_named(im->board, "c"), F_CARD_ID_LABELS)->set->count, 1);
    import_fini(im);
    mem_free(im);
}

static void test_trello_in__prefs_over_the_limit_lose_their_largest_members(void **state)
{
    (void)state;
    struct import *im = MEM_NEW(struct import);
    import_init(im);
    struct buf text;
    buf_init(&text, MIB(1));
    BUF_ADD(&text, "{\"name\":\"x\",\"lists\":[],\"prefs\":{\"background\":\"sky\","
                   "\"backgroundImageScaled\":[\"");
    for (size_t i = 0; i < 40000; i++)
        buf_add_char(&text, 'x');
    BUF_ADD(&text, "\"],\"voting\":\"disabled\"}}");
    im->file = buf_slice(&text);
    assert_int_equal(import_run(im, 4096), ERR_OK);
    const json_t *prefs = json_object_get(parse(im, im->fields), "prefs");
    assert_int_equal(json_object_size(prefs), 2);
    assert_true(has_note(parse(im, im->report), "prefs.backgroundImageScaled is too large"));
    buf_fini(&text);
    import_fini(im);
    mem_free(im);
}

static void test_trello_in__a_refused_object_stops_the_import(void **state)
{
    (void)state;
    struct import *im = MEM_NEW(struct import);
    import_init(im);
    assert_true(load(im, FIXTURES "garden.json"));
    im->refuse_after = 2;
    assert_int_equal(import_run(im, 4096), ERR_STORAGE);
    assert_int_equal(im->emitted, 2);
    import_fini(im);
    import_init(im);
    assert_true(load(im, FIXTURES "garden.json"));
    im->refuse_after = 6; /* among the cards */
    assert_int_equal(import_run(im, 4096), ERR_STORAGE);
    assert_int_equal(im->emitted, 6);
    import_fini(im);
    mem_free(im);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_trello_in__a_board_comes_back_as_it_was),
            cmocka_unit_test(test_trello_in__real_exports_come_back_as_they_were),
            cmocka_unit_test(test_trello_in__the_traps_of_real_files_are_survived_and_reported),
            cmocka_unit_test(test_trello_in__ids_and_short_links_that_are_taken_are_made_anew),
            cmocka_unit_test(test_trello_in__only_the_servers_own_copy_brings_files_and_pictures),
            cmocka_unit_test(test_trello_in__people_of_the_workspace_come_along),
            cmocka_unit_test(test_trello_in__without_a_workspace_only_the_importer_is_known),
            cmocka_unit_test(test_trello_in__an_observer_stays_one_whatever_comes_first),
            cmocka_unit_test(test_trello_in__very_many_strangers_are_counted),
            cmocka_unit_test(test_trello_in__what_is_no_board_is_refused),
            cmocka_unit_test(test_trello_in__an_empty_board_and_cards_without_lists_are_boards),
            cmocka_unit_test(test_trello_in__prefs_over_the_limit_lose_their_largest_members),
            cmocka_unit_test(test_trello_in__a_refused_object_stops_the_import),
    };
    json_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
