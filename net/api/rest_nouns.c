#include "net/api/rest_nouns.h"

enum err op_sets(struct rest *r, struct ops_out *ops, const struct param_spec *specs)
{
    for (; specs->name; specs++) {
        if (!specs->field) continue;
        enum err err = op_param(r, ops, specs->field, specs->name, specs->type);
        if (err != ERR_OK) return err;
    }
    return ERR_OK;
}

bool any_sets(const struct rest *r, const struct param_spec *specs)
{
    for (; specs->name; specs++) {
        if (specs->field && params_find(&r->params, specs->name)) return true;
    }
    return false;
}

bool value_as_field(struct rest *r, const struct param_spec *specs, struct slice field)
{
    const struct param_spec *spec = params_spec(specs, field);
    const struct param *value = params_find(&r->params, "value");
    if (!spec) {
        rest_refuse(r, ERR_NOT_FOUND, "", "", "");
        return false;
    }
    if (!value) {
        rest_refuse(r, ERR_INVALID, "value", "is missing", "the field's new value");
        return false;
    }
    r->params.at[value - r->params.at].name = field;
    return true;
}

bool says_yes(const struct rest *r, const char *name)
{
    struct slice text = params_text(&r->params, name);
    return text.len > 0 && !slice_eq(text, SLICE("none")) && !slice_eq(text, SLICE("false"));
}

void me_as_id(struct rest *r, const char *name)
{
    char *id;
    if (!slice_eq_nocase(params_text(&r->params, name), SLICE("me"))) return;
    id = ARENA_NEW_ARRAY(&r->arena, char, ID_TEXT + 1);
    id_format(r->actor.member, id);
    params_put(&r->arena, &r->params, slice_cstr(name), slice_of(id, ID_TEXT));
}

struct slice required(struct rest *r, const char *name)
{
    struct slice text = params_text(&r->params, name);
    if (text.len) return text;
    rest_refuse(r, ERR_INVALID, name, "is missing", "this parameter");
    return (struct slice){0};
}

struct json_out object_reopen(struct rest *r)
{
    struct json_out j = json_out(&r->out);
    CHECK(r->out.len > 0 && r->out.ptr[r->out.len - 1] == '}');
    r->out.len--;
    j.comma = !(r->out.len > 0 && r->out.ptr[r->out.len - 1] == '{');
    return j;
}

enum err op_desc(struct rest *r, struct ops_out *ops, enum kind kind, struct id id)
{
    if (!params_find(&r->params, "desc")) return ERR_OK;
    op_begin(r, ops, SLICE("text.put"), id);
    op_if(r, ops);
    JSON_KEY(&ops->j, "kind");
    json_str(&ops->j, kind_info(kind)->name);
    JSON_KEY(&ops->j, "field");
    json_str(&ops->j, SLICE("desc"));
    enum err err = op_param(r, ops, "text", "desc", PARAM_TEXT);
    op_end(ops);
    return err;
}

enum err load_entity(struct rest *r, struct board_view *bv, struct board *b, enum kind kind,
        struct id id, struct object **ret_object)
{
    struct slice json;
    struct object *o = board_get(b, kind, id);
    if (!o) {
        enum err err = bv->view->ops->entity(bv->view, bv->board, kind, id, &json);
        if (err == ERR_OK) err = object_read(kind, bv->view->arena, json, &o, &r->fault);
        if (err != ERR_OK) return err;
        board_insert(b, o);
    }
    *ret_object = o;
    return ERR_OK;
}

enum err child_id(struct rest *r, struct board_view *bv, enum field parent, struct slice text,
        struct id *ret_id)
{
    enum kind kind = field_info(parent)->kind;
    struct id id;
    struct slice json;
    struct object *o;
    if (!id_parse(text, &id)) return ERR_NOT_FOUND;
    enum err err = bv->view->ops->entity(bv->view, bv->board, kind, id, &json);
    if (err == ERR_OK) err = object_read(kind, bv->view->arena, json, &o, &r->fault);
    if (err != ERR_OK) return err;
    bool own = id_eq(object_value(o, parent)->id, r->at.id);
    object_free(o);
    if (!own) return ERR_NOT_FOUND;
    *ret_id = id;
    return ERR_OK;
}

struct object *object_id(
        const struct board *b, const struct object *o, enum field f, enum kind kind)
{
    const struct value *v = &o->fields[field_info(f)->slot];
    return v->type == VALUE_ID ? board_get(b, kind, v->id) : NULL;
}

static bool is_own(const struct board_view *bv, struct slice board)
{
    char own[ID_TEXT + 1], own_short[SHORT_LINK_TEXT + 1];
    id_format(bv->board, own);
    short_link_make(bv->board, own_short);
    return !board.ptr || slice_eq(board, slice_cstr(own)) ||
           slice_eq(board, slice_cstr(own_short));
}

enum err same_board(struct rest *r, struct board_view *bv)
{
    if (is_own(bv, params_text(&r->params, "idBoard"))) return ERR_OK;
    return fault_set(&r->fault, ERR_UNIMPLEMENTED, "idBoard", "is another board", "its own board");
}

enum err other_board(struct rest *r, struct board_view *bv, struct id *ret_board)
{
    struct slice key = params_text(&r->params, "idBoard");
    struct location at = {.kind = KIND_BOARD};
    struct board_view other;
    enum err err = ERR_OK;
    *ret_board = (struct id){{0}};
    if (is_own(bv, key)) return ERR_OK;
    if (!id_parse(key, &at.board)) {
        if (!short_link_valid(key))
            return fault_set(&r->fault, ERR_INVALID, "idBoard", "is not an id",
                    "24 lower-case hex digits or a short link");
        err = bv->view->ops->locate_short(bv->view, key, &at);
    }
    if (err == ERR_OK && at.kind != KIND_BOARD) err = ERR_NOT_FOUND;
    if (err == ERR_OK && id_eq(at.board, bv->board)) return ERR_OK;
    if (err == ERR_OK)
        err = board_view_open(bv->view, &r->actor, at.board, PERM_EDIT, &other, &r->fault);
    if (err == ERR_OK) *ret_board = at.board;
    return err;
}

enum err ops_check(struct rest *r)
{
    if (r->out.len == 2) return ERR_OK; /* none */
    struct command *c = command_new(r->at.board, &r->actor);
    enum err err = command_decode(c, buf_slice(&r->out), false, &r->fault);
    command_free(c);
    return err;
}
