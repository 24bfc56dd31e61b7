/* fuzz_value.c - a value read of its text is the value read of the text's tree, for every field;
 * what is refused is refused both ways. Likewise an object.
 *
 * Input: one byte, the field, or from FIELD_COUNT on a kind's object; the text. */
#include "tests/fuzz/fuzz.h"

#include "core/base/check.h"
#include "core/board.h"
#include "core/walk.h"

#define ARENA_BYTES_MAX ((size_t)64 << 20)

static struct arena arena;

static void check_value(enum field f, struct slice text)
{
    struct value of_text, of_tree;
    struct slice json;
    struct walk w = walk_of(text);
    json_t *tree;
    if (!walk_value(&w, &json) || json.len != text.len) return; /* there is white space */
    bool taken = value_read_text(f, &arena, json, &of_text, NULL) == ERR_OK;
    bool expected = json_read(&arena, json, &tree, NULL) == ERR_OK &&
                    value_read(f, tree, &of_tree, NULL) == ERR_OK;
    CHECK(taken == expected);
    if (!taken) return;
    CHECK(value_eq(&of_text, &of_tree));
    value_fini(&of_text);
    value_fini(&of_tree);
}

static struct slice object_text(const struct object *o)
{
    struct buf text;
    buf_init(&text, ARENA_BYTES_MAX / 4);
    object_write(o, &text);
    CHECK(buf_ok(&text));
    struct slice copy = arena_dup(&arena, buf_slice(&text));
    buf_fini(&text);
    return copy;
}

/* An object that holds what no kind knows is read through its tree: put before the others, it
 * must change nothing. */
static void check_object(enum kind kind, struct slice text)
{
    static const char unknown[] = "from the future";
    struct object *o, *through_tree;
    struct buf more;
    bool taken = object_read(kind, &arena, text, &o, NULL) == ERR_OK;
    if (text.len < 2 || text.ptr[0] != '{' || text.ptr[1] != '"' ||
            memmem(text.ptr, text.len, unknown, sizeof unknown - 1) != NULL) {
        if (taken) object_free(o);
        return;
    }
    buf_init(&more, ARENA_BYTES_MAX / 4);
    buf_add_format(&more, "{\"%s\":0,", unknown);
    buf_add(&more, slice_from(text, 1));
    bool expected = object_read(kind, &arena, buf_slice(&more), &through_tree, NULL) == ERR_OK;
    buf_fini(&more);
    CHECK(taken == expected);
    if (!taken) return;
    CHECK(slice_eq(object_text(o), object_text(through_tree)));
    object_free(o);
    object_free(through_tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool started;
    if (!started) json_start();
    started = true;
    if (size == 0 || size > 16384) return 0;
    struct slice text = slice_of(data + 1, size - 1);
    unsigned number = data[0];
    arena_init(&arena, 4096, ARENA_BYTES_MAX);
    if (number < FIELD_COUNT)
        check_value((enum field)number, text);
    else if (kind_known((number - FIELD_COUNT) % KIND_LIMIT))
        check_object((enum kind)((number - FIELD_COUNT) % KIND_LIMIT), text);
    arena_fini(&arena);
    return 0;
}
