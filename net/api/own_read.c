#include "net/api/own_read.h"

#include "core/base/json.h"
#include "core/base/json_write.h"
#include "core/shelf.h"
#include "net/api/shard_impl.h"

#define OBJECT_BYTES_MAX MIB(1)

struct reading {
    struct own_read *r;
    struct view *view;
    struct arena scratch; /* of one board */
    struct buf text;
};

static bool wanted(const struct own_read *r, struct id id)
{
    for (uint32_t i = 0; i < r->wanted_count; i++)
        if (id_eq(r->wanted[i], id)) return true;
    return r->all;
}

static struct own_row *row_new(struct own_read *r, struct id board)
{
    if (r->count == r->cap) {
        r->cap = r->cap ? 2 * r->cap : 16;
        struct own_row *rows = ARENA_NEW_ARRAY(&r->read.arena, struct own_row, r->cap);
        if (r->count) memcpy(rows, r->rows, r->count * sizeof *rows);
        r->rows = rows;
    }
    struct own_row *row = &r->rows[r->count++];
    *row = (struct own_row){.board = board};
    return row;
}

static struct slice taken(struct reading *in)
{
    CHECK(buf_ok(&in->text)); /* every part of it is bounded where it is written */
    struct slice text = arena_dup(&in->r->read.arena, buf_slice(&in->text));
    buf_clear(&in->text);
    return text;
}

static void field_put(struct json_out *j, const json_t *tree, const char *key)
{
    const json_t *value = json_object_get(tree, key);
    if (!value) return;
    json_key(j, slice_cstr(key));
    json_tree(j, value);
}

static void board_put(struct buf *out, const json_t *tree, enum role role)
{
    struct json_out j = json_out(out);
    json_object_begin(&j);
    field_put(&j, tree, "closed");
    field_put(&j, tree, "id");
    field_put(&j, tree, "idOrganization");
    JSON_KEY(&j, "memberType");
    json_str(&j, role_name(role));
    field_put(&j, tree, "name");
    field_put(&j, tree, "prefs");
    field_put(&j, tree, "shortLink");
    json_object_end(&j);
}

static void shelf_put(struct buf *out, const struct shelf *shelf, struct id board)
{
    struct json_out j = json_out(out);
    json_object_begin(&j);
    JSON_KEY(&j, "id");
    json_id(&j, shelf->id);
    JSON_KEY(&j, "idBoard");
    json_id(&j, board);
    JSON_KEY(&j, "star");
    if (shelf->starred)
        json_num(&j, shelf->star);
    else
        json_nil(&j);
    JSON_KEY(&j, "subscribed");
    json_array_begin(&j);
    for (size_t i = 0; i < shelf->watched_count; i++)
        json_id(&j, shelf->watched[i]);
    json_array_end(&j);
    json_object_end(&j);
}

static enum err board_look(void *context, struct id board, enum role role)
{
    struct reading *in = context;
    struct shelf shelf;
    struct slice json;
    json_t *tree;
    if (!wanted(in->r, board)) return ERR_OK;
    enum err err = in->view->ops->entity(in->view, board, KIND_BOARD, board, &json);
    if (err == ERR_NOT_FOUND) return ERR_OK; /* deleted */
    arena_reset(&in->scratch);
    if (err == ERR_OK && json_read(&in->scratch, json, &tree, NULL) != ERR_OK) err = ERR_CORRUPT;
    if (err == ERR_OK) err = shelf_read(in->view, in->r->member, board, &shelf);
    if (err != ERR_OK) return err;
    struct own_row *row = row_new(in->r, board);
    board_put(&in->text, tree, role);
    row->json = taken(in);
    if (!shelf.starred && shelf.watched_count == 0) return ERR_OK;
    shelf_put(&in->text, &shelf, board);
    row->shelf = taken(in);
    return ERR_OK;
}

/* What was asked for by name and is not theirs: a row that says so. */
static void rows_absent(struct own_read *r)
{
    uint32_t there = r->count;
    for (uint32_t i = 0; i < r->wanted_count; i++) {
        bool found = id_eq(r->wanted[i], r->member);
        for (uint32_t k = 0; k < there && !found; k++)
            found = id_eq(r->rows[k].board, r->wanted[i]);
        if (!found) row_new(r, r->wanted[i]);
    }
}

void own_read_run(struct shard_read *read, struct view *v)
{
    struct own_read *r = (struct own_read *)read;
    struct reading in = {.r = r, .view = v};
    arena_init(&in.scratch, KIB(16), MIB(64));
    buf_init(&in.text, OBJECT_BYTES_MAX);
    if (wanted(r, r->member)) {
        if (member_write(v, &in.scratch, r->member, &in.text))
            r->me = taken(&in);
        else
            read->err = ERR_NOT_FOUND;
    }
    if (read->err == ERR_OK) read->err = v->ops->memberships(v, r->member, board_look, &in);
    if (read->err == ERR_OK && !r->all) rows_absent(r);
    buf_fini(&in.text);
    arena_fini(&in.scratch);
}
