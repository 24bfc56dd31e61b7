/* differential.c - the server's half of the comparison with the client: reads cases as lines,
 * answers each with a line.
 *
 *   ["apply", text, delta]           [after, inverse], or null where the delta does not fit
 *   ["diff", from, to]               the delta
 *   ["transform", delta, over]       [as the first, as the second]
 *   ["compose", delta, then]         the delta, or null where `then` cuts a pair
 *   ["place", [[id, pos], ..], place, id or null, run]      {"pos":[..]} or {"order":[..]}
 *
 * The other half is static/test/differential.ts. */
#include <stdio.h>

#include "core/base/check.h"
#include "core/place.h"
#include "core/text.h"

#define LINE_BYTES_MAX  ((size_t)1 << 20)
#define ARENA_BYTES_MAX ((size_t)64 << 20)

static struct arena arena;

static struct delta delta_at(const json_t *line, size_t index)
{
    struct delta d;
    struct fault fault = {0};
    CHECK(delta_read(&arena, json_array_get(line, index), &d, &fault) == ERR_OK);
    return d;
}

static struct slice text_at(const json_t *line, size_t index)
{
    return json_slice(json_array_get(line, index));
}

static void apply(struct json_out *j, const json_t *line)
{
    struct slice text = text_at(line, 1), after;
    struct delta d = delta_at(line, 2), inverse;
    struct fault fault = {0};
    if (delta_apply(&arena, text, &d, SIZE_MAX, &after, &fault) != ERR_OK) {
        json_nil(j);
        return;
    }
    CHECK(delta_invert(&arena, text, &d, &inverse) == ERR_OK);
    json_array_begin(j);
    json_str(j, after);
    delta_write(j, &inverse);
    json_array_end(j);
}

static void diff(struct json_out *j, const json_t *line)
{
    struct delta d;
    delta_diff(&arena, text_at(line, 1), text_at(line, 2), &d);
    delta_write(j, &d);
}

static void transform(struct json_out *j, const json_t *line)
{
    struct delta d = delta_at(line, 1), over = delta_at(line, 2), moved;
    json_array_begin(j);
    for (int i = 0; i < 2; i++) {
        delta_transform(&arena, &d, &over, i == 0, &moved);
        delta_write(j, &moved);
    }
    json_array_end(j);
}

static void compose(struct json_out *j, const json_t *line)
{
    struct delta d = delta_at(line, 1), then = delta_at(line, 2), both;
    if (delta_compose(&arena, &d, &then, &both) == ERR_OK)
        delta_write(j, &both);
    else
        json_nil(j);
}

/* -- places */

static struct id id_of(const json_t *json)
{
    struct id id = {{0}};
    if (json_is_string(json) && json_string_length(json) > 0)
        CHECK(id_parse(json_slice(json), &id));
    return id;
}

static struct place place_of(const json_t *json)
{
    struct place place = {.how = PLACE_BOTTOM};
    const json_t *pos = json_object_get(json, "pos"), *after = json_object_get(json, "after"),
                 *before = json_object_get(json, "before");
    if (json_is_number(pos)) {
        place.how = PLACE_NUMBER;
        place.number = json_number_value(pos);
    } else if (pos != NULL) {
        place.how = slice_eq(json_slice(pos), SLICE("top")) ? PLACE_TOP : PLACE_BOTTOM;
    } else if (after != NULL && json_string_length(after) == 0) {
        place.how = PLACE_TOP;
    } else if (after != NULL || before != NULL) {
        place.how = PLACE_AFTER;
        place.after = id_of(after);
        place.before = id_of(before);
    }
    return place;
}

static void write_placed(struct json_out *j, const struct placing *p, uint32_t run)
{
    json_object_begin(j);
    json_key(j, p->renumber ? SLICE("order") : SLICE("pos"));
    json_array_begin(j);
    for (size_t i = 0; i < (p->renumber ? p->order_count : run); i++) {
        if (!p->renumber)
            json_num(j, p->pos[i]);
        else if (p->order[i] == NULL)
            json_nil(j);
        else
            json_id(j, p->order[i]->id);
    }
    json_array_end(j);
    json_object_end(j);
}

static void place(struct json_out *j, const json_t *line)
{
    const json_t *rows = json_array_get(line, 1);
    struct id list = id_make(1, 1), self_id = id_of(json_array_get(line, 3));
    struct board *b = board_new(id_make(1, 2));
    struct object *self = NULL;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        struct object *o = object_new(KIND_CARD, id_of(json_array_get(row, 0)));
        *object_value(o, F_CARD_ID_LIST) = value_id(list);
        *object_value(o, F_CARD_POS) = value_num(json_number_value(json_array_get(row, 1)));
        board_insert(b, o);
        if (id_eq(o->id, self_id)) self = o;
    }
    uint32_t run = (uint32_t)json_integer_value(json_array_get(line, 4));
    struct place where = place_of(json_array_get(line, 2));
    struct placing p;
    place_find(&arena, board_children(b, KIND_CARD, list), self, &where, run, &p);
    write_placed(j, &p, run);
    board_free(b);
}

/* -- lines */

static void answer(struct json_out *j, const json_t *line)
{
    static const struct {
        const char *name;
        void (*run)(struct json_out *, const json_t *);
    } rows[] = {{"apply", apply}, {"diff", diff}, {"transform", transform}, {"compose", compose},
            {"place", place}};
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
        if (slice_eq(text_at(line, 0), slice_cstr(rows[i].name))) {
            rows[i].run(j, line);
            return;
        }
    UNREACHABLE(); /* the other half asks for nothing else */
}

int main(void)
{
    static char bytes[LINE_BYTES_MAX];
    struct buf out;
    json_start();
    arena_init(&arena, 1 << 16, ARENA_BYTES_MAX);
    buf_init(&out, LINE_BYTES_MAX);
    while (fgets(bytes, sizeof bytes, stdin) != NULL) {
        struct fault fault = {0};
        json_t *line;
        struct slice text = slice_cstr(bytes);
        CHECK(json_read(&arena, slice_head(text, text.len - 1), &line, &fault) == ERR_OK);
        struct json_out j = json_out(&out);
        answer(&j, line);
        CHECK(buf_ok(&out));
        printf("%.*s\n", SLICE_ARG(buf_slice(&out)));
        buf_clear(&out);
        arena_reset(&arena);
    }
    buf_fini(&out);
    arena_fini(&arena);
    return 0;
}
