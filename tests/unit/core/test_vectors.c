/* Cases shared with the browser client (tests/vectors, written by static/test/make_vectors.ts):
 * both must come to the same state, the same positions and the same texts, byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/effect.h"
#include "core/place.h"
#include "tests/unit/core/vectors.h"

static struct arena arena;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 16, VECTORS_ARENA_BYTES_MAX);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_fini(&arena);
    return 0;
}

/* The array of cases in a file. */
static const json_t *vectors(const char *name)
{
    const json_t *tree = vectors_read(&arena, name);
    assert_true(json_array_size(tree) > 0);
    return tree;
}

static const char *name_of(const json_t *vector)
{
    struct slice name;
    assert_true(json_get_slice(vector, "name", &name));
    return arena_cstr(&arena, name);
}

static struct slice canonical(const json_t *tree)
{
    return vectors_canonical(&arena, tree);
}

static void assert_text(const char *name, struct slice got, struct slice expected)
{
    if (!slice_eq(got, expected))
        fail_msg("%s\n  got      %.*s\n  expected %.*s", name, SLICE_ARG(got), SLICE_ARG(expected));
}

static struct id id_at(const json_t *object, const char *key)
{
    struct slice text;
    struct id id = {{0}};
    if (json_get_slice(object, key, &text) && text.len > 0) assert_true(id_parse(text, &id));
    return id;
}

/* -- effects */

static struct board *board_read(const json_t *before)
{
    const json_t *objects = json_object_get(before, "objects");
    struct board *b = NULL;
    for (size_t i = 0; i < json_array_size(objects); i++) {
        const json_t *row = json_array_get(objects, i);
        struct fault fault = {0};
        struct object *o;
        enum kind kind;
        assert_true(kind_parse(json_slice(json_array_get(row, 0)), &kind));
        if (object_read(kind, &arena, canonical(json_array_get(row, 1)), &o, &fault) != ERR_OK)
            fail_msg("%s %s", fault.field, fault.wrong);
        if (b == NULL) b = board_new(o->id); /* the board's own object comes first */
        board_fill(b, o);
    }
    assert_non_null(b);
    board_fill_end(b);
    b->head.seq = (uint64_t)json_integer_value(json_array_get(json_object_get(before, "pos"), 0));
    return b;
}

/* The members in the order in which event_seal writes them. */
static struct slice record_of(const json_t *event)
{
    static const char *const names[] = {"b", "s", "by", "ts", "e", "h"};
    struct buf text;
    buf_init(&text, VECTORS_BYTES_MAX);
    struct json_out j = json_out(&text);
    json_object_begin(&j);
    JSON_KEY(&j, "t");
    json_str(&j, SLICE("op"));
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        json_key(&j, slice_cstr(names[i]));
        json_raw(&j, canonical(json_object_get(event, names[i])));
    }
    json_object_end(&j);
    struct slice copy = arena_dup(&arena, buf_slice(&text));
    buf_fini(&text);
    return copy;
}

static struct slice objects_of(const struct board *b)
{
    struct buf text;
    buf_init(&text, VECTORS_BYTES_MAX);
    board_write(b, &text);
    assert_true(buf_ok(&text));
    struct slice copy = arena_dup(&arena, buf_slice(&text));
    buf_fini(&text);
    struct slice end = SLICE(",\"pos\":["); /* h is of a chain that a vector does not have */
    for (size_t i = copy.len; i > 0; i--)
        if (slice_starts(slice_from(copy, i - 1), end)) return slice_head(copy, i - 1);
    fail();
    return copy;
}

static void run_effects(const json_t *vector)
{
    const json_t *events = json_object_get(vector, "events");
    struct board *b = board_read(json_object_get(vector, "before"));
    for (size_t i = 0; i < json_array_size(events); i++) {
        struct event e;
        struct fault fault = {0};
        if (event_decode(&arena, record_of(json_array_get(events, i)), slice_of(NULL, 0), &e,
                    &fault) != ERR_OK)
            fail_msg("%s: event %zu %s", name_of(vector), i, fault.wrong);
        event_apply(b, &e, &arena);
        event_follow(b, &e);
        event_fini(&e);
    }
    const json_t *after = json_object_get(vector, "after");
    struct buf expected;
    buf_init(&expected, VECTORS_BYTES_MAX);
    BUF_ADD(&expected, "{\"objects\":");
    buf_add(&expected, canonical(json_object_get(after, "objects")));
    assert_text(name_of(vector), objects_of(b), buf_slice(&expected));
    assert_int_equal(
            b->head.seq, json_integer_value(json_array_get(json_object_get(after, "pos"), 0)));
    buf_fini(&expected);
    board_free(b);
}

static void test_effects__come_to_the_state_of_the_client(void **state)
{
    (void)state;
    const json_t *all = vectors("effects.json");
    for (size_t i = 0; i < json_array_size(all); i++)
        run_effects(json_array_get(all, i));
}

/* -- places */

static struct place place_of(const json_t *json)
{
    struct place place = {.how = PLACE_BOTTOM};
    struct slice text;
    const json_t *pos = json_object_get(json, "pos");
    if (json_is_number(pos)) {
        place.how = PLACE_NUMBER;
        place.number = json_number_value(pos);
    } else if (json_get_slice(json, "pos", &text)) {
        place.how = slice_eq(text, SLICE("top")) ? PLACE_TOP : PLACE_BOTTOM;
    } else if (json_get_slice(json, "after", &text) && text.len == 0) {
        place.how = PLACE_TOP;
    } else if (json_object_size(json) > 0) {
        place.how = PLACE_AFTER;
        place.after = id_at(json, "after");
        place.before = id_at(json, "before");
    }
    return place;
}

static void write_placed(struct json_out *j, const struct placing *p, uint32_t run)
{
    json_array_begin(j);
    size_t count = p->renumber ? p->order_count : run;
    for (size_t i = 0; i < count; i++) {
        if (!p->renumber)
            json_num(j, p->pos[i]);
        else if (p->order[i] == NULL)
            json_nil(j);
        else
            json_id(j, p->order[i]->id);
    }
    json_array_end(j);
}

static void run_place(const json_t *vector)
{
    const json_t *rows = json_object_get(vector, "siblings");
    struct id list = id_make(1, 1), self_id = id_at(vector, "self");
    struct board *b = board_new(id_make(1, 2));
    struct object *self = NULL;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        struct id id;
        assert_true(id_parse(json_slice(json_array_get(json_array_get(rows, i), 0)), &id));
        struct object *o = object_new(KIND_CARD, id);
        *object_value(o, F_CARD_ID_LIST) = value_id(list);
        *object_value(o, F_CARD_POS) =
                value_num(json_number_value(json_array_get(json_array_get(rows, i), 1)));
        board_insert(b, o);
        if (id_eq(id, self_id)) self = o;
    }
    uint32_t run = (uint32_t)json_integer_value(json_object_get(vector, "run"));
    struct place place = place_of(json_object_get(vector, "place"));
    struct placing p;
    place_find(&arena, board_children(b, KIND_CARD, list), self, &place, run, &p);
    struct buf got;
    buf_init(&got, VECTORS_BYTES_MAX);
    struct json_out j = json_out(&got);
    write_placed(&j, &p, run);
    const json_t *expected = json_object_get(vector, p.renumber ? "order" : "pos");
    if (expected == NULL)
        fail_msg("%s: %s", name_of(vector), p.renumber ? "renumbered" : "not renumbered");
    assert_text(name_of(vector), buf_slice(&got), canonical(expected));
    buf_fini(&got);
    board_free(b);
}

static void test_places__are_those_of_the_client(void **state)
{
    (void)state;
    const json_t *all = vectors("place.json");
    for (size_t i = 0; i < json_array_size(all); i++)
        run_place(json_array_get(all, i));
}

/* -- texts */

static struct slice delta_text(const struct delta *d)
{
    struct buf text;
    buf_init(&text, VECTORS_BYTES_MAX);
    struct json_out j = json_out(&text);
    delta_write(&j, d);
    struct slice copy = arena_dup(&arena, buf_slice(&text));
    buf_fini(&text);
    return copy;
}

static void run_text_apply(const json_t *vector)
{
    struct slice text, expected, after;
    struct delta d, inverse;
    struct fault fault = {0};
    assert_true(json_get_slice(vector, "text", &text));
    assert_int_equal(delta_read(&arena, json_object_get(vector, "delta"), &d, &fault), ERR_OK);
    enum err err = delta_apply(&arena, text, &d, SIZE_MAX, &after, &fault);
    if (!json_get_slice(vector, "after", &expected)) {
        if (err != ERR_INVALID) fail_msg("%s: applied", name_of(vector));
        return;
    }
    if (err != ERR_OK) fail_msg("%s: %s", name_of(vector), fault.wrong);
    assert_text(name_of(vector), after, expected);
    assert_int_equal(delta_invert(&arena, text, &d, &inverse), ERR_OK);
    assert_text(
            name_of(vector), delta_text(&inverse), canonical(json_object_get(vector, "inverse")));
}

static void test_texts__become_those_of_the_client(void **state)
{
    (void)state;
    const json_t *all = vectors("text_apply.json");
    for (size_t i = 0; i < json_array_size(all); i++)
        run_text_apply(json_array_get(all, i));
}

static void test_deltas__are_read_as_by_the_client(void **state)
{
    (void)state;
    const json_t *all = vectors("text_read.json");
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *vector = json_array_get(all, i);
        struct delta d;
        struct fault fault = {0};
        bool good = delta_read(&arena, json_object_get(vector, "delta"), &d, &fault) == ERR_OK;
        if (good != json_is_true(json_object_get(vector, "good"))) fail_msg("%s", name_of(vector));
    }
}

static void test_differences__are_those_of_the_client(void **state)
{
    (void)state;
    const json_t *all = vectors("text_diff.json");
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *vector = json_array_get(all, i);
        struct slice from, to;
        struct delta d;
        assert_true(json_get_slice(vector, "from", &from));
        assert_true(json_get_slice(vector, "to", &to));
        delta_diff(&arena, from, to, &d);
        assert_text(arena_cstr(&arena, from), delta_text(&d),
                canonical(json_object_get(vector, "delta")));
    }
}

static struct delta delta_at(const json_t *vector, const char *key)
{
    struct delta d;
    struct fault fault = {0};
    assert_int_equal(delta_read(&arena, json_object_get(vector, key), &d, &fault), ERR_OK);
    return d;
}

static void test_deltas__move_past_each_other_as_in_the_client(void **state)
{
    (void)state;
    const json_t *all = vectors("text_transform.json");
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *vector = json_array_get(all, i);
        struct delta d = delta_at(vector, "delta"), over = delta_at(vector, "over"), moved;
        delta_transform(&arena, &d, &over, true, &moved);
        assert_text(
                name_of(vector), delta_text(&moved), canonical(json_object_get(vector, "first")));
        delta_transform(&arena, &d, &over, false, &moved);
        assert_text(
                name_of(vector), delta_text(&moved), canonical(json_object_get(vector, "second")));
    }
}

static void test_deltas__become_one_as_in_the_client(void **state)
{
    (void)state;
    const json_t *all = vectors("text_compose.json");
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *vector = json_array_get(all, i), *expected = json_object_get(vector, "both");
        struct delta d = delta_at(vector, "delta"), then = delta_at(vector, "then"), both;
        enum err err = delta_compose(&arena, &d, &then, &both);
        if (json_is_null(expected)) {
            assert_int_equal(err, ERR_INVALID);
            continue;
        }
        assert_int_equal(err, ERR_OK);
        assert_text(name_of(vector), delta_text(&both), canonical(expected));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(
                    test_effects__come_to_the_state_of_the_client, setup, teardown),
            cmocka_unit_test_setup_teardown(test_places__are_those_of_the_client, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_texts__become_those_of_the_client, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_deltas__are_read_as_by_the_client, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_differences__are_those_of_the_client, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_deltas__move_past_each_other_as_in_the_client, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_deltas__become_one_as_in_the_client, setup, teardown),
    };
    json_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
