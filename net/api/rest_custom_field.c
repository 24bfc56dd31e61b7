/* rest_custom_field.c - custom fields of a board, their options, and what cards have in them. */
#include "net/api/rest_nouns.h"

const struct param_spec custom_field_params[] = {
        {"name", PARAM_TEXT, "name"},
        {"pos", PARAM_POS, NULL},
        {"display/cardFront", PARAM_BOOL, NULL},
        {"display_cardFront", PARAM_BOOL, NULL},
        {0},
};
const struct param_spec custom_field_post_params[] = {
        {"name", PARAM_TEXT, "name"},
        {"type", PARAM_TEXT, "type"},
        {"pos", PARAM_POS, "pos"},
        {"idModel", PARAM_KEY, NULL},
        {"modelType", PARAM_ANY, NULL},
        {"display_cardFront", PARAM_BOOL, NULL},
        {"display/cardFront", PARAM_BOOL, NULL},
        {"options", PARAM_ANY, NULL},
        {0},
};
const struct param_spec field_option_params[] = {
        {"value", PARAM_ANY, NULL},
        {"color", PARAM_OPTION, NULL},
        {"pos", PARAM_POS, "pos"},
        {0},
};
const struct param_spec field_item_params[] = {
        {"value", PARAM_ANY, NULL},
        {"idValue", PARAM_ANY, NULL},
        {0},
};

/* -- reading */

static enum err field_load(struct rest *r, struct board_view *bv, struct board **ret_board)
{
    return rest_load(r, bv, KINDS(CUSTOM_FIELD) | KINDS(FIELD_OPTION), ret_board);
}

static enum err custom_field_run(struct rest *r, struct board_view *bv)
{
    struct trello_options options = rest_trello_options(r, bv);
    struct json_out j = json_out(&r->out);
    struct board *b;
    enum err err = field_load(r, bv, &b);
    if (err != ERR_OK) return err;
    const struct object *field = board_get(b, r->at.kind, r->at.id);
    if (field == NULL) err = ERR_NOT_FOUND;
    if (err == ERR_OK) {
        trello_write(&j, b, field, &options);
        r->s = field->s;
    }
    board_free(b);
    return err;
}

void custom_field_get(struct rest *r)
{
    rest_read(r, KIND_CUSTOM_FIELD, r->args[0], custom_field_run, NULL);
}

static enum err children_run(struct rest *r, struct board_view *bv, enum kind kind)
{
    struct trello_options options = rest_trello_options(r, bv);
    struct json_out j = json_out(&r->out);
    struct board *b;
    enum err err = field_load(r, bv, &b);
    if (err != ERR_OK) return err;
    trello_children_write(&j, b, kind, r->at.id, &options);
    board_free(b);
    return ERR_OK;
}

static enum err board_fields_run(struct rest *r, struct board_view *bv)
{
    return children_run(r, bv, KIND_CUSTOM_FIELD);
}

void board_custom_fields(struct rest *r)
{
    rest_read(r, KIND_BOARD, r->args[0], board_fields_run, NULL);
}

static enum err options_run(struct rest *r, struct board_view *bv)
{
    return children_run(r, bv, KIND_FIELD_OPTION);
}

void field_options(struct rest *r)
{
    rest_read(r, KIND_CUSTOM_FIELD, r->args[0], options_run, NULL);
}

static enum err option_run(struct rest *r, struct board_view *bv)
{
    struct id id;
    enum err err = child_id(r, bv, F_FIELD_OPTION_ID_CUSTOM_FIELD, r->args[1], &id);
    if (err != ERR_OK) return err;
    r->at = (struct location){.board = bv->board, .kind = KIND_FIELD_OPTION, .id = id};
    return custom_field_run(r, bv);
}

void field_option_get(struct rest *r)
{
    rest_read(r, KIND_CUSTOM_FIELD, r->args[0], option_run, NULL);
}

static enum err items_run(struct rest *r, struct board_view *bv)
{
    struct trello_options options = rest_trello_options(r, bv);
    struct json_out j = json_out(&r->out);
    struct board *b;
    enum err err = rest_load(r, bv, 0, &b);
    if (err != ERR_OK) return err;
    err = board_view_parts(bv, b, r->at.id, &r->fault);
    if (err == ERR_OK) trello_children_write(&j, b, KIND_FIELD_ITEM, r->at.id, &options);
    board_free(b);
    return err;
}

void card_field_items(struct rest *r)
{
    rest_read(r, KIND_CARD, r->args[0], items_run, NULL);
}

/* -- fields */

/* It came as display_cardFront, display/cardFront or {"display":{..}}. */
static enum err op_display(struct rest *r, struct ops_out *ops)
{
    const char *name = params_find(&r->params, "display_cardFront") ? "display_cardFront"
                                                                    : "display/cardFront";
    bool front = false;
    if (!params_find(&r->params, name)) return ERR_OK;
    enum err err = params_bool(&r->params, name, &front, &r->fault);
    if (err != ERR_OK) return err;
    JSON_KEY(&ops->j, "display");
    json_object_begin(&ops->j);
    JSON_KEY(&ops->j, "cardFront");
    json_bool(&ops->j, front);
    json_object_end(&ops->j);
    return ERR_OK;
}

/* The text of an option: {"value":{"text":".."}}, or only the text. */
static void op_option_text(struct ops_out *ops, const json_t *value, struct slice otherwise)
{
    struct slice text = otherwise;
    if (json_is_object(value)) json_get_slice(value, "text", &text);
    JSON_KEY(&ops->j, "text");
    json_str(&ops->j, text.ptr ? text : SLICE(""));
}

static void op_color(struct ops_out *ops, struct slice color)
{
    if (!color.len || slice_eq(color, SLICE("none"))) return;
    JSON_KEY(&ops->j, "color");
    json_str(&ops->j, color);
}

/* Options that come with a new field. */
static void op_options(struct rest *r, struct ops_out *ops, struct id field)
{
    const struct param *given = params_find(&r->params, "options");
    const json_t *list = given ? given->json : NULL;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *option = json_array_get(list, i);
        struct slice color = {0};
        op_begin(r, ops, SLICE("customFieldOption.create"), rest_new_id(r));
        JSON_KEY(&ops->j, "idCustomField");
        json_id(&ops->j, field);
        op_option_text(ops, json_object_get(option, "value"), (struct slice){0});
        if (json_get_slice(option, "color", &color)) op_color(ops, color);
        op_end(ops);
    }
}

static enum err field_post_run(struct rest *r, struct board_view *bv)
{
    struct ops_out ops = rest_ops(r);
    (void)bv;
    r->want_kind = KIND_CUSTOM_FIELD;
    r->want_id = rest_new_id(r);
    r->want_run = custom_field_run;
    op_begin(r, &ops, SLICE("customField.create"), r->want_id);
    enum err err = op_sets(r, &ops, custom_field_post_params);
    if (err == ERR_OK) err = op_display(r, &ops);
    op_end(&ops);
    op_options(r, &ops, r->want_id);
    rest_ops_end(&ops);
    return err;
}

void custom_field_post(struct rest *r)
{
    struct slice board = required(r, "idModel");
    if (board.ptr) rest_read(r, KIND_BOARD, board, field_post_run, rest_submit);
}

static enum err field_put_run(struct rest *r, struct board_view *bv)
{
    struct ops_out ops = rest_ops(r);
    enum err err = ERR_OK;
    (void)bv;
    r->want_kind = KIND_CUSTOM_FIELD;
    r->want_id = r->at.id;
    r->want_run = custom_field_run;
    if (any_sets(r, custom_field_params) || params_find(&r->params, "display_cardFront") ||
            params_find(&r->params, "display/cardFront")) {
        op_begin(r, &ops, SLICE("customField.set"), r->at.id);
        op_if(r, &ops);
        err = op_sets(r, &ops, custom_field_params);
        if (err == ERR_OK) err = op_display(r, &ops);
        op_end(&ops);
    }
    if (err == ERR_OK && params_find(&r->params, "pos")) {
        op_begin(r, &ops, SLICE("customField.move"), r->at.id);
        op_if(r, &ops);
        err = op_param(r, &ops, "pos", "pos", PARAM_POS);
        op_end(&ops);
    }
    rest_ops_end(&ops);
    return err;
}

void custom_field_put(struct rest *r)
{
    rest_read(r, KIND_CUSTOM_FIELD, r->args[0], field_put_run, rest_submit);
}

static enum err op_delete(struct rest *r, struct slice name, struct id id, struct slice answer)
{
    struct ops_out ops = rest_ops(r);
    op_begin(r, &ops, name, id);
    op_if(r, &ops);
    op_end(&ops);
    rest_ops_end(&ops);
    r->fixed = answer;
    return ERR_OK;
}

static enum err field_delete_run(struct rest *r, struct board_view *bv)
{
    (void)bv;
    return op_delete(r, SLICE("customField.delete"), r->at.id, SLICE("{\"limits\":{}}"));
}

void custom_field_delete(struct rest *r)
{
    rest_read(r, KIND_CUSTOM_FIELD, r->args[0], field_delete_run, rest_submit);
}

/* -- options */

static enum err option_post_run(struct rest *r, struct board_view *bv)
{
    struct ops_out ops = rest_ops(r);
    const struct param *value = params_find(&r->params, "value");
    (void)bv;
    r->want_kind = KIND_FIELD_OPTION;
    r->want_id = rest_new_id(r);
    r->want_run = custom_field_run;
    op_begin(r, &ops, SLICE("customFieldOption.create"), r->want_id);
    JSON_KEY(&ops.j, "idCustomField");
    json_id(&ops.j, r->at.id);
    op_option_text(&ops, value ? value->json : NULL, value ? value->text : SLICE(""));
    op_color(&ops, params_text(&r->params, "color"));
    enum err err = op_sets(r, &ops, field_option_params);
    op_end(&ops);
    rest_ops_end(&ops);
    return err;
}

void field_option_post(struct rest *r)
{
    rest_read(r, KIND_CUSTOM_FIELD, r->args[0], option_post_run, rest_submit);
}

static enum err option_put_run(struct rest *r, struct board_view *bv)
{
    struct ops_out ops = rest_ops(r);
    const struct param *value = params_find(&r->params, "value");
    struct slice color = params_text(&r->params, "color");
    struct id id;
    enum err err = child_id(r, bv, F_FIELD_OPTION_ID_CUSTOM_FIELD, r->args[1], &id);
    if (err != ERR_OK) return err;
    r->want_kind = KIND_FIELD_OPTION;
    r->want_id = id;
    r->want_run = custom_field_run;
    if (value || color.ptr) {
        op_begin(r, &ops, SLICE("customFieldOption.set"), id);
        op_if(r, &ops);
        if (value) op_option_text(&ops, value->json, value->text);
        op_color(&ops, color);
        op_end(&ops);
    }
    if (params_find(&r->params, "pos")) {
        op_begin(r, &ops, SLICE("customFieldOption.move"), id);
        err = op_param(r, &ops, "pos", "pos", PARAM_POS);
        op_end(&ops);
    }
    rest_ops_end(&ops);
    return err;
}

void field_option_put(struct rest *r)
{
    rest_read(r, KIND_CUSTOM_FIELD, r->args[0], option_put_run, rest_submit);
}

static enum err option_delete_run(struct rest *r, struct board_view *bv)
{
    struct id id;
    enum err err = child_id(r, bv, F_FIELD_OPTION_ID_CUSTOM_FIELD, r->args[1], &id);
    return err == ERR_OK ? op_delete(r, SLICE("customFieldOption.delete"), id, SLICE("{}")) : err;
}

void field_option_delete(struct rest *r)
{
    rest_read(r, KIND_CUSTOM_FIELD, r->args[0], option_delete_run, rest_submit);
}

/* -- a card's value */

/* As it is now; {} when it was taken away. */
static enum err item_run(struct rest *r, struct board_view *bv)
{
    struct trello_options options = rest_trello_options(r, bv);
    struct json_out j = json_out(&r->out);
    struct board *b;
    struct id field;
    const struct object *found = NULL;
    enum err err = rest_load(r, bv, 0, &b);
    if (err != ERR_OK) return err;
    err = board_view_parts(bv, b, r->at.id, &r->fault);
    const struct siblings *items = board_children(b, KIND_FIELD_ITEM, r->at.id);
    for (size_t i = 0; items && i < items->count && id_parse(r->args[1], &field); i++)
        if (id_eq(object_value(items->at[i], F_FIELD_ITEM_ID_CUSTOM_FIELD)->id, field))
            found = items->at[i];
    if (err == ERR_OK && found)
        trello_write(&j, b, found, &options);
    else
        BUF_ADD(&r->out, "{}");
    board_free(b);
    return err;
}

/* "" and null take it away, as they do at Trello. */
static void op_value(struct rest *r, struct ops_out *ops)
{
    const struct param *value = params_find(&r->params, "value");
    struct slice option = params_text(&r->params, "idValue"), text = {0};
    json_t *tree = NULL;
    if (value && json_is_object(value->json) && json_object_size(value->json) > 0) {
        JSON_KEY(&ops->j, "value");
        json_tree(&ops->j, value->json);
    } else if (value && json_read(&r->arena, value->text, &tree, NULL) == ERR_OK &&
               json_is_object(tree) && json_object_size(tree) > 0) {
        JSON_KEY(&ops->j, "value");
        json_tree(&ops->j, tree);
    }
    if (option.len && !slice_eq(option, SLICE("null"))) text = option;
    if (text.len) {
        JSON_KEY(&ops->j, "idValue");
        json_str(&ops->j, text);
    }
}

static enum err item_put_run(struct rest *r, struct board_view *bv)
{
    struct ops_out ops = rest_ops(r);
    struct id field;
    (void)bv;
    if (!id_parse(r->args[1], &field)) return ERR_NOT_FOUND;
    r->want_kind = KIND_CARD;
    r->want_id = r->at.id;
    r->want_run = item_run;
    op_begin(r, &ops, SLICE("customFieldItem.set"), rest_new_id(r));
    JSON_KEY(&ops.j, "idCard");
    json_id(&ops.j, r->at.id);
    JSON_KEY(&ops.j, "idCustomField");
    json_id(&ops.j, field);
    op_value(r, &ops);
    op_end(&ops);
    rest_ops_end(&ops);
    return ERR_OK;
}

void card_field_item_put(struct rest *r)
{
    rest_read(r, KIND_CARD, r->args[0], item_put_run, rest_submit);
}
