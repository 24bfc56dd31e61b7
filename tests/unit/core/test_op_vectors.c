/* Ops, the effects that the server makes of them, and the state behind the last one: cases shared
 * with the browser client (tests/vectors/ops.json), one after the other on one board. What stands
 * in the file beside names and ops was written by this program: VECTORS_WRITE=1 does so again. */
#include <stdlib.h>

#include "tests/unit/core/engine_fixture.h"
#include "tests/unit/core/vectors.h"

#define NAME "ops.json"

static struct arena arena;

/* Parts of cards too. */
static struct slice state_of(struct fixture *f)
{
    const struct board *b = engine_board(f->engine, board_id);
    struct buf text;
    buf_init(&text, VECTORS_BYTES_MAX);
    struct json_out j = json_out(&text);
    board_objects_write(b, KIND_LIMIT, &j);
    struct slice copy = arena_dup(&arena, buf_slice(&text));
    buf_fini(&text);
    return copy;
}

static struct slice effects_of(struct fixture *f)
{
    json_t *tree;
    assert_int_equal(json_read(&arena, slice_cstr(f->last), &tree, NULL), ERR_OK);
    return vectors_canonical(&arena, json_object_get(tree, "e"));
}

/* Another board, for cards to go to. */
static int setup(void **state)
{
    assert_int_equal(fixture_setup(state), 0);
    struct fixture *f = *state;
    struct command *c =
            command(ada, "", 0, "[{\"op\":\"board.create\",\"name\":\"There\",\"lists\":true}]");
    c->board = (struct id){{2}};
    engine_submit(f->engine, c, NOW);
    turn(f);
    struct board_load none = {.board = c->board, .err = ERR_NOT_FOUND};
    engine_loaded(f->engine, &none, NOW);
    turn(f);
    answer(f, OPLOG_COMMITTED);
    forget(f);
    return 0;
}

static void assert_text(const char *what, struct slice got, const json_t *expected)
{
    struct slice text = expected == NULL ? (struct slice){0} : vectors_canonical(&arena, expected);
    if (!slice_eq(got, text))
        fail_msg("%s\n  got      %.*s\n  expected %.*s", what, SLICE_ARG(got), SLICE_ARG(text));
}

static void member_write(struct json_out *j, const char *name, struct slice json)
{
    json_key(j, slice_cstr(name));
    json_raw(j, json);
}

static struct slice step_run(struct fixture *f, const json_t *step)
{
    struct slice by;
    struct id member = {{0}};
    assert_true(json_get_slice(step, "by", &by) && id_parse(by, &member));
    run_ok(f, member, arena_cstr(&arena, vectors_canonical(&arena, json_object_get(step, "ops"))));
    return effects_of(f);
}

static void write_all(struct fixture *f, const json_t *steps)
{
    static const char *const kept[] = {"by", "name", "ops"};
    FILE *file = fopen("tests/vectors/" NAME, "wb");
    assert_non_null(file);
    for (size_t i = 0; i < json_array_size(steps); i++) {
        const json_t *step = json_array_get(steps, i);
        struct buf text;
        buf_init(&text, VECTORS_BYTES_MAX);
        struct json_out j = json_out(&text);
        json_object_begin(&j);
        if (i == 0) member_write(&j, "before", state_of(f));
        for (size_t k = 0; k < ARRAY_COUNT(kept); k++)
            member_write(&j, kept[k], vectors_canonical(&arena, json_object_get(step, kept[k])));
        member_write(&j, "e", step_run(f, step));
        if (i + 1 == json_array_size(steps)) member_write(&j, "after", state_of(f));
        json_object_end(&j);
        fprintf(file, "%s%.*s", i == 0 ? "[\n" : ",\n", SLICE_ARG(buf_slice(&text)));
        buf_fini(&text);
    }
    fprintf(file, "\n]\n");
    fclose(file);
}

static void test_ops__make_the_effects_that_the_client_expects(void **state)
{
    struct fixture *f = *state;
    arena_init(&arena, MIB(1), VECTORS_ARENA_BYTES_MAX);
    const json_t *steps = vectors_read(&arena, NAME);
    if (getenv("VECTORS_WRITE") != NULL) {
        write_all(f, steps);
        arena_fini(&arena);
        return;
    }
    size_t count = json_array_size(steps);
    assert_true(count > 0);
    assert_text("before", state_of(f), json_object_get(json_array_get(steps, 0), "before"));
    for (size_t i = 0; i < count; i++) {
        const json_t *step = json_array_get(steps, i);
        struct slice name;
        assert_true(json_get_slice(step, "name", &name));
        assert_text(arena_cstr(&arena, name), step_run(f, step), json_object_get(step, "e"));
    }
    assert_text("after", state_of(f), json_object_get(json_array_get(steps, count - 1), "after"));
    arena_fini(&arena);
}

int main(void)
{
    json_start();
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(test_ops__make_the_effects_that_the_client_expects,
                    setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
