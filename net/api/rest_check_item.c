/* rest_check_item.c - items of checklists by way of their card, in both forms that clients use. */
#include "net/api/rest_nouns.h"

const struct param_spec check_item_params[] = {
        {"name", PARAM_TEXT, "name"},
        {"state", PARAM_ANY, NULL},
        {"due", PARAM_DATE, "due"},
        {"dueReminder", PARAM_NUMBER, "dueReminder"},
        {"idMember", PARAM_OPTION, "idMember"},
        {"idChecklist", PARAM_ID, NULL},
        {"pos", PARAM_POS, NULL},
        {0},
};

/* The item's id is the last but `field`. */
static struct slice item_arg(const struct rest *r)
{
    return r->args[2].len ? r->args[2] : r->args[1];
}

static enum err item_of_card(struct rest *r, struct board_view *bv, struct id *ret_id)
{
    return child_id(r, bv, F_CHECK_ITEM_ID_CARD, item_arg(r), ret_id);
}

static enum err card_item_get_run(struct rest *r, struct board_view *bv)
{
    struct id id;
    enum err err = item_of_card(r, bv, &id);
    if (err != ERR_OK) return err;
    r->at = (struct location){.board = bv->board, .kind = KIND_CHECK_ITEM, .id = id};
    return rest_object_run(r, bv);
}

void card_item_get(struct rest *r)
{
    rest_read(r, KIND_CARD, r->args[0], card_item_get_run, NULL);
}

/* Items that are done, as {idCheckItem, state}. */
static enum err card_item_states_run(struct rest *r, struct board_view *bv)
{
    struct json_out j = json_out(&r->out);
    struct board *b;
    enum err err = rest_load(r, bv, 0, &b);
    if (err != ERR_OK) return err;
    err = board_view_parts(bv, b, r->at.id, &r->fault);
    json_array_begin(&j);
    for (struct object *o = b->objects; o && err == ERR_OK; o = o->hh.next) {
        if (o->kind != KIND_CHECK_ITEM) continue;
        const struct value *state = object_value(o, F_CHECK_ITEM_STATE);
        if (!slice_eq(value_slice(state), SLICE("complete"))) continue;
        json_object_begin(&j);
        JSON_KEY(&j, "idCheckItem");
        json_id(&j, o->id);
        JSON_KEY(&j, "state");
        value_write(&j, state);
        json_object_end(&j);
    }
    json_array_end(&j);
    board_free(b);
    return err;
}

void card_item_states(struct rest *r)
{
    rest_read(r, KIND_CARD, r->args[0], card_item_states_run, NULL);
}

/* -- writing */

/* Trello's older clients say true and false. */
static void op_state(struct rest *r, struct ops_out *ops)
{
    struct slice state = params_text(&r->params, "state");
    bool checked;
    if (!state.ptr) return;
    if (slice_to_bool(state, &checked)) state = checked ? SLICE("complete") : SLICE("incomplete");
    JSON_KEY(&ops->j, "state");
    json_str(&ops->j, state);
}

static enum err card_item_put_run(struct rest *r, struct board_view *bv)
{
    struct ops_out ops = rest_ops(r);
    struct id id;
    enum err err = item_of_card(r, bv, &id);
    if (err != ERR_OK) return err;
    r->want_kind = KIND_CHECK_ITEM;
    r->want_id = id;
    if (any_sets(r, check_item_params) || params_find(&r->params, "state")) {
        op_begin(r, &ops, SLICE("checkItem.set"), id);
        op_if(r, &ops);
        err = op_sets(r, &ops, check_item_params);
        op_state(r, &ops);
        op_end(&ops);
    }
    if (err == ERR_OK &&
            (params_find(&r->params, "pos") || params_find(&r->params, "idChecklist"))) {
        op_begin(r, &ops, SLICE("checkItem.move"), id);
        op_if(r, &ops);
        err = op_param(r, &ops, "idChecklist", "idChecklist", PARAM_ID);
        if (err == ERR_OK) err = op_param(r, &ops, "pos", "pos", PARAM_POS);
        op_end(&ops);
    }
    rest_ops_end(&ops);
    return err;
}

void card_item_put(struct rest *r)
{
    me_as_id(r, "idMember");
    rest_read(r, KIND_CARD, r->args[0], card_item_put_run, rest_submit);
}

/* The path names the checklist too; which one it is follows from the item. */
void card_item_put_field(struct rest *r)
{
    if (value_as_field(r, check_item_params, r->args[3])) card_item_put(r);
}

static enum err card_item_delete_run(struct rest *r, struct board_view *bv)
{
    struct ops_out ops = rest_ops(r);
    struct id id;
    enum err err = item_of_card(r, bv, &id);
    if (err != ERR_OK) return err;
    op_begin(r, &ops, SLICE("checkItem.delete"), id);
    op_if(r, &ops);
    op_end(&ops);
    rest_ops_end(&ops);
    r->fixed = SLICE("{\"limits\":{}}");
    return ERR_OK;
}

void card_item_delete(struct rest *r)
{
    rest_read(r, KIND_CARD, r->args[0], card_item_delete_run, rest_submit);
}
