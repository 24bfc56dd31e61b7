/* rest_checklist.c - checklists: on their card, by themselves, and their items as a collection. */
#include "net/api/rest_nouns.h"

const struct param_spec checklist_params[] = {
        {"name", PARAM_TEXT, "name"},
        {"pos", PARAM_POS, NULL},
        {0},
};
const struct param_spec checklist_post_params[] = {
        {"name", PARAM_TEXT, NULL},
        {"pos", PARAM_POS, "pos"},
        {"idCard", PARAM_KEY, NULL},
        {"idChecklistSource", PARAM_ID, NULL},
        {0},
};
const struct param_spec check_item_post_params[] = {
        {"name", PARAM_TEXT, "name"},
        {"pos", PARAM_POS, "pos"},
        {"checked", PARAM_BOOL, NULL},
        {"state", PARAM_ANY, NULL},
        {"due", PARAM_DATE, "due"},
        {"dueReminder", PARAM_NUMBER, "dueReminder"},
        {"idMember", PARAM_OPTION, "idMember"},
        {0},
};

/* -- reading */

static enum err card_checklists_run(struct rest *r, struct board_view *bv)
{
    struct trello_options options = rest_trello_options(r, bv);
    struct json_out j = json_out(&r->out);
    struct board *b;
    enum err err = rest_fields(r, "fields", KIND_CHECKLIST, &options.fields);
    if (err == ERR_OK) err = rest_load(r, bv, 0, &b);
    if (err != ERR_OK) return err;
    err = board_view_parts(bv, b, r->at.id, &r->fault);
    if (err == ERR_OK) trello_children_write(&j, b, KIND_CHECKLIST, r->at.id, &options);
    board_free(b);
    return err;
}

void card_checklists(struct rest *r)
{
    rest_read(r, KIND_CARD, r->args[0], card_checklists_run, NULL);
}

static enum err board_checklists_run(struct rest *r, struct board_view *bv)
{
    struct trello_options options = rest_trello_options(r, bv);
    struct json_out j = json_out(&r->out);
    struct board *b;
    enum err err = rest_fields(r, "fields", KIND_CHECKLIST, &options.fields);
    if (err == ERR_OK) err = rest_load(r, bv, KINDS(CHECKLIST) | KINDS(CHECK_ITEM), &b);
    if (err != ERR_OK) return err;
    json_array_begin(&j);
    for (struct object *o = b->objects; o && err == ERR_OK; o = o->hh.next) {
        if (o->kind != KIND_CHECKLIST) continue;
        trello_write(&j, b, o, &options);
        err = rest_flush(r, &r->out);
    }
    json_array_end(&j);
    board_free(b);
    return err;
}

void board_checklists(struct rest *r)
{
    rest_read(r, KIND_BOARD, r->args[0], board_checklists_run, NULL);
}

void checklist_get(struct rest *r)
{
    rest_read(r, KIND_CHECKLIST, r->args[0], rest_object_run, NULL);
}

static enum err checklist_field_run(struct rest *r, struct board_view *bv)
{
    enum err err = rest_object_run(r, bv);
    return err == ERR_OK ? rest_one_field(r, r->args[1]) : err;
}

void checklist_get_field(struct rest *r)
{
    rest_read(r, KIND_CHECKLIST, r->args[0], checklist_field_run, NULL);
}

/* The board with the one checklist, its items, and everything else of its card. */
static enum err checklist_open(struct rest *r, struct board_view *bv, struct board **ret_board,
        struct object **ret_checklist)
{
    enum err err = rest_load(r, bv, 0, ret_board);
    if (err != ERR_OK) return err;
    err = load_entity(r, bv, *ret_board, KIND_CHECKLIST, r->at.id, ret_checklist);
    if (err == ERR_OK)
        err = board_view_parts(
                bv, *ret_board, object_value(*ret_checklist, F_CHECKLIST_ID_CARD)->id, &r->fault);
    if (err != ERR_OK) board_free(*ret_board);
    return err;
}

static enum err checklist_items_run(struct rest *r, struct board_view *bv)
{
    struct trello_options options = rest_trello_options(r, bv);
    struct json_out j = json_out(&r->out);
    struct board *b;
    struct object *checklist;
    struct slice filter = params_text(&r->params, "filter");
    enum err err = rest_fields(r, "fields", KIND_CHECK_ITEM, &options.fields);
    if (err == ERR_OK) err = checklist_open(r, bv, &b, &checklist);
    if (err != ERR_OK) return err;
    const struct siblings *items = board_children(b, KIND_CHECK_ITEM, checklist->id);
    json_array_begin(&j);
    for (size_t i = 0; items && i < items->count && !slice_eq(filter, SLICE("none")); i++)
        trello_write(&j, b, items->at[i], &options);
    json_array_end(&j);
    board_free(b);
    return ERR_OK;
}

void checklist_items(struct rest *r)
{
    rest_read(r, KIND_CHECKLIST, r->args[0], checklist_items_run, NULL);
}

static enum err checklist_board_run(struct rest *r, struct board_view *bv)
{
    r->at = (struct location){.board = bv->board, .kind = KIND_BOARD, .id = bv->board};
    return rest_object_run(r, bv);
}

void checklist_board(struct rest *r)
{
    rest_read(r, KIND_CHECKLIST, r->args[0], checklist_board_run, NULL);
}

/* An array of the one card, as Trello has it. */
static enum err checklist_cards_run(struct rest *r, struct board_view *bv)
{
    struct board *b;
    struct object *checklist;
    enum err err = checklist_open(r, bv, &b, &checklist);
    if (err != ERR_OK) return err;
    r->at.kind = KIND_CARD;
    r->at.id = object_value(checklist, F_CHECKLIST_ID_CARD)->id;
    board_free(b);
    buf_add_char(&r->out, '[');
    err = rest_object_run(r, bv);
    buf_add_char(&r->out, ']');
    r->s = 0;
    return err;
}

void checklist_cards(struct rest *r)
{
    rest_read(r, KIND_CHECKLIST, r->args[0], checklist_cards_run, NULL);
}

/* -- making */

static void op_copied_item(struct rest *r, struct ops_out *ops, struct object *item)
{
    op_begin(r, ops, SLICE("checkItem.create"), rest_new_id(r));
    JSON_KEY(&ops->j, "idChecklist");
    json_id(&ops->j, r->want_id);
    static const struct {
        const char *name;
        enum field field;
    } copied[] = {{"due", F_CHECK_ITEM_DUE}, {"dueReminder", F_CHECK_ITEM_DUE_REMINDER},
            {"name", F_CHECK_ITEM_NAME}, {"pos", F_CHECK_ITEM_POS}, {"state", F_CHECK_ITEM_STATE}};
    for (size_t i = 0; i < ARRAY_COUNT(copied); i++) {
        json_key(&ops->j, slice_cstr(copied[i].name));
        value_write(&ops->j, object_value(item, copied[i].field));
    }
    op_end(ops);
}

static enum err source_of(struct rest *r, struct board_view *bv, struct board **ret_board,
        struct object **ret_checklist)
{
    struct location card = r->at;
    struct id id;
    struct slice text = params_text(&r->params, "idChecklistSource");
    enum err err = ERR_NOT_FOUND;
    if (id_parse(text, &id)) err = bv->view->ops->locate(bv->view, id, &r->at);
    if (err == ERR_OK && (r->at.kind != KIND_CHECKLIST || !id_eq(r->at.board, bv->board)))
        err = ERR_NOT_FOUND;
    if (err == ERR_OK) err = checklist_open(r, bv, ret_board, ret_checklist);
    r->at = card;
    if (err == ERR_NOT_FOUND)
        return fault_set(&r->fault, ERR_INVALID, "idChecklistSource",
                "names no checklist of this board", "the id of one");
    return err;
}

static enum err checklist_post_run(struct rest *r, struct board_view *bv)
{
    struct ops_out ops = rest_ops(r);
    struct slice name = params_text(&r->params, "name");
    struct board *b = NULL;
    struct object *source = NULL;
    enum err err = ERR_OK;
    if (params_find(&r->params, "idChecklistSource")) err = source_of(r, bv, &b, &source);
    if (err != ERR_OK) return err;
    if (!name.ptr && source) name = value_slice(object_value(source, F_CHECKLIST_NAME));
    r->want_kind = KIND_CHECKLIST;
    r->want_id = rest_new_id(r);
    op_begin(r, &ops, SLICE("checklist.create"), r->want_id);
    JSON_KEY(&ops.j, "idCard");
    json_id(&ops.j, r->at.id);
    JSON_KEY(&ops.j, "name");
    json_str(&ops.j, name.ptr ? name : SLICE("Checklist"));
    err = op_sets(r, &ops, checklist_post_params);
    op_end(&ops);
    const struct siblings *items = source ? board_children(b, KIND_CHECK_ITEM, source->id) : NULL;
    for (size_t i = 0; items && i < items->count; i++)
        op_copied_item(r, &ops, items->at[i]);
    rest_ops_end(&ops);
    board_free(b);
    return err;
}

void card_checklist_post(struct rest *r)
{
    rest_read(r, KIND_CARD, r->args[0], checklist_post_run, rest_submit);
}

void checklist_post(struct rest *r)
{
    struct slice card = required(r, "idCard");
    if (card.ptr) rest_read(r, KIND_CARD, card, checklist_post_run, rest_submit);
}

static enum err check_item_post_run(struct rest *r, struct board_view *bv)
{
    struct ops_out ops = rest_ops(r);
    struct slice state = params_text(&r->params, "state");
    bool checked = slice_eq(state, SLICE("complete")) || slice_eq(state, SLICE("true"));
    (void)bv;
    r->want_kind = KIND_CHECK_ITEM;
    r->want_id = rest_new_id(r);
    enum err err = params_bool(&r->params, "checked", &checked, &r->fault);
    op_begin(r, &ops, SLICE("checkItem.create"), r->want_id);
    JSON_KEY(&ops.j, "idChecklist");
    json_id(&ops.j, r->at.id);
    JSON_KEY(&ops.j, "state");
    json_str(&ops.j, checked ? SLICE("complete") : SLICE("incomplete"));
    if (err == ERR_OK) err = op_sets(r, &ops, check_item_post_params);
    op_end(&ops);
    rest_ops_end(&ops);
    return err;
}

void check_item_post(struct rest *r)
{
    struct slice name = required(r, "name");
    me_as_id(r, "idMember");
    if (name.ptr) rest_read(r, KIND_CHECKLIST, r->args[0], check_item_post_run, rest_submit);
}

/* -- changing */

static enum err checklist_put_run(struct rest *r, struct board_view *bv)
{
    struct ops_out ops = rest_ops(r);
    enum err err = ERR_OK;
    (void)bv;
    r->want_kind = KIND_CHECKLIST;
    r->want_id = r->at.id;
    if (any_sets(r, checklist_params)) {
        op_begin(r, &ops, SLICE("checklist.set"), r->at.id);
        op_if(r, &ops);
        err = op_sets(r, &ops, checklist_params);
        op_end(&ops);
    }
    if (err == ERR_OK && params_find(&r->params, "pos")) {
        op_begin(r, &ops, SLICE("checklist.move"), r->at.id);
        op_if(r, &ops);
        err = op_param(r, &ops, "pos", "pos", PARAM_POS);
        op_end(&ops);
    }
    rest_ops_end(&ops);
    return err;
}

void checklist_put(struct rest *r)
{
    rest_read(r, KIND_CHECKLIST, r->args[0], checklist_put_run, rest_submit);
}

void checklist_put_field(struct rest *r)
{
    if (value_as_field(r, checklist_params, r->args[1])) checklist_put(r);
}

static enum err op_delete(struct rest *r, struct slice name, struct id id)
{
    struct ops_out ops = rest_ops(r);
    op_begin(r, &ops, name, id);
    op_if(r, &ops);
    op_end(&ops);
    rest_ops_end(&ops);
    r->fixed = SLICE("{\"limits\":{}}");
    return ERR_OK;
}

static enum err checklist_delete_run(struct rest *r, struct board_view *bv)
{
    (void)bv;
    return op_delete(r, SLICE("checklist.delete"), r->at.id);
}

void checklist_delete(struct rest *r)
{
    rest_read(r, KIND_CHECKLIST, r->args[0], checklist_delete_run, rest_submit);
}

static enum err card_checklist_delete_run(struct rest *r, struct board_view *bv)
{
    struct id id;
    enum err err = child_id(r, bv, F_CHECKLIST_ID_CARD, r->args[1], &id);
    return err == ERR_OK ? op_delete(r, SLICE("checklist.delete"), id) : err;
}

void card_checklist_delete(struct rest *r)
{
    rest_read(r, KIND_CARD, r->args[0], card_checklist_delete_run, rest_submit);
}

static enum err check_item_get_run(struct rest *r, struct board_view *bv)
{
    struct id id;
    enum err err = child_id(r, bv, F_CHECK_ITEM_ID_CHECKLIST, r->args[1], &id);
    if (err != ERR_OK) return err;
    r->at = (struct location){.board = bv->board, .kind = KIND_CHECK_ITEM, .id = id};
    return rest_object_run(r, bv);
}

void check_item_get(struct rest *r)
{
    rest_read(r, KIND_CHECKLIST, r->args[0], check_item_get_run, NULL);
}

static enum err check_item_delete_run(struct rest *r, struct board_view *bv)
{
    struct id id;
    enum err err = child_id(r, bv, F_CHECK_ITEM_ID_CHECKLIST, r->args[1], &id);
    return err == ERR_OK ? op_delete(r, SLICE("checkItem.delete"), id) : err;
}

void check_item_delete(struct rest *r)
{
    rest_read(r, KIND_CHECKLIST, r->args[0], check_item_delete_run, rest_submit);
}
