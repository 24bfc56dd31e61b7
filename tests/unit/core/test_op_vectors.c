/* Ops, the effects that the server makes of them, and the state behind the last one: cases shared
 * with the browser client (tests/vectors/ops.json), one after the other on one board. Cards go from
 * it to another one: `there` is what happens on that. What stands in the file beside names and ops
 * was written by this program: VECTORS_WRITE=1 does so again. */
#include <stdlib.h>

#include "tests/unit/core/engine_fixture.h"
#include "tests/unit/core/vectors.h"

#define NAME "ops.json"

static const struct id there_id = {{2}};
static struct arena arena;

/* Parts of cards too. */
static struct slice state_of(struct fixture *f, struct id board)
{
    const struct board *b = engine_board(f->engine, board);
    struct buf text;
    buf_init(&text, VECTORS_BYTES_MAX);
    struct json_out j = json_out(&text);
    board_objects_write(b, KIND_LIMIT, &j);
    struct slice copy = arena_dup(&arena, buf_slice(&text));
    buf_fini(&text);
    return copy;
}

static struct slice effects_of(const char *event) /* empty: of none */
{
    json_t *tree;
    if (event[0] == '\0') return (struct slice){0};
    assert_int_equal(json_read(&arena, slice_cstr(event), &tree, NULL), ERR_OK);
    return vectors_canonical(&arena, json_object_get(tree, "e"));
}

static void submit(struct fixture *f, struct id board, const char *ops)
{
    struct command *c = command(ada, "", 0, ops);
    c->board = board;
    engine_submit(f->engine, c, NOW);
    turn(f);
}

/* A workspace, and another board, for cards to go to: it knows one of their labels. */
static int setup(void **state)
{
    assert_int_equal(fixture_setup(state), 0);
    struct fixture *f = *state;
    submit(f, DIRECTORY_ID,
            "[{\"op\":\"organization.create\",\"id\":\"0a0000000000000000000000\","
            "\"displayName\":\"Crew\"}]");
    submit(f, there_id, "[{\"op\":\"board.create\",\"name\":\"There\",\"lists\":true}]");
    struct board_load none = {.board = there_id, .err = ERR_NOT_FOUND};
    engine_loaded(f->engine, &none, NOW);
    turn(f);
    answer(f, OPLOG_COMMITTED);
    submit(f, there_id,
            "[{\"op\":\"label.create\",\"id\":\"3a0000000000000000000000\",\"name\":\"Newer\","
            "\"color\":null}]");
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

static void step_run(struct fixture *f, const json_t *step)
{
    struct slice by;
    struct id member = {{0}};
    assert_true(json_get_slice(step, "by", &by) && id_parse(by, &member));
    f->there[0] = '\0';
    run_ok(f, member, arena_cstr(&arena, vectors_canonical(&arena, json_object_get(step, "ops"))));
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
        if (i == 0) {
            member_write(&j, "before", state_of(f, board_id));
            member_write(&j, "thereBefore", state_of(f, there_id));
        }
        for (size_t k = 0; k < ARRAY_COUNT(kept); k++)
            member_write(&j, kept[k], vectors_canonical(&arena, json_object_get(step, kept[k])));
        step_run(f, step);
        member_write(&j, "e", effects_of(f->last));
        if (f->there[0] != '\0') member_write(&j, "there", effects_of(f->there));
        if (i + 1 == json_array_size(steps)) {
            member_write(&j, "after", state_of(f, board_id));
            member_write(&j, "thereAfter", state_of(f, there_id));
        }
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
    const json_t *first = json_array_get(steps, 0), *last = json_array_get(steps, count - 1);
    assert_text("before", state_of(f, board_id), json_object_get(first, "before"));
    assert_text("before, there", state_of(f, there_id), json_object_get(first, "thereBefore"));
    for (size_t i = 0; i < count; i++) {
        const json_t *step = json_array_get(steps, i);
        struct slice name;
        assert_true(json_get_slice(step, "name", &name));
        step_run(f, step);
        assert_text(arena_cstr(&arena, name), effects_of(f->last), json_object_get(step, "e"));
        assert_text(arena_cstr(&arena, name), effects_of(f->there), json_object_get(step, "there"));
    }
    assert_text("after", state_of(f, board_id), json_object_get(last, "after"));
    assert_text("after, there", state_of(f, there_id), json_object_get(last, "thereAfter"));
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
