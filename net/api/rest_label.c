#include "net/api/rest_nouns.h"

const struct param_spec fields_params[] = {{"fields", PARAM_ANY, NULL}, {0}};
const struct param_spec label_params[] = {
        {"name", PARAM_TEXT, "name"},
        {"color", PARAM_OPTION, "color"},
        {0},
};
const struct param_spec label_post_params[] = {
        {"name", PARAM_TEXT, "name"},
        {"color", PARAM_OPTION, "color"},
        {"idBoard", PARAM_KEY, NULL},
        {0},
};

void label_get(struct rest *r)
{
    rest_read(r, KIND_LABEL, r->args[0], rest_object_run, NULL);
}

static enum err label_field_run(struct rest *r, struct board_view *bv)
{
    enum err err = rest_object_run(r, bv);
    return err == ERR_OK ? rest_one_field(r, r->args[1]) : err;
}

void label_get_field(struct rest *r)
{
    rest_read(r, KIND_LABEL, r->args[0], label_field_run, NULL);
}

static enum err label_post_run(struct rest *r, struct board_view *bv)
{
    struct ops_out ops = rest_ops(r);
    (void)bv;
    r->want_kind = KIND_LABEL;
    r->want_id = rest_new_id(r);
    op_begin(r, &ops, SLICE("label.create"), r->want_id);
    enum err err = op_sets(r, &ops, label_params);
    op_end(&ops);
    rest_ops_end(&ops);
    return err;
}

void board_label_post(struct rest *r)
{
    rest_read(r, KIND_BOARD, r->args[0], label_post_run, rest_submit);
}

void label_post(struct rest *r)
{
    struct slice board = required(r, "idBoard");
    if (board.ptr) rest_read(r, KIND_BOARD, board, label_post_run, rest_submit);
}

static enum err label_put_run(struct rest *r, struct board_view *bv)
{
    struct ops_out ops = rest_ops(r);
    enum err err = ERR_OK;
    (void)bv;
    r->want_kind = KIND_LABEL;
    r->want_id = r->at.id;
    if (any_sets(r, label_params)) {
        op_begin(r, &ops, SLICE("label.set"), r->at.id);
        op_if(r, &ops);
        err = op_sets(r, &ops, label_params);
        op_end(&ops);
    }
    rest_ops_end(&ops);
    return err;
}

void label_put(struct rest *r)
{
    rest_read(r, KIND_LABEL, r->args[0], label_put_run, rest_submit);
}

void label_put_field(struct rest *r)
{
    if (value_as_field(r, label_params, r->args[1])) label_put(r);
}

static enum err label_delete_run(struct rest *r, struct board_view *bv)
{
    struct ops_out ops = rest_ops(r);
    (void)bv;
    op_begin(r, &ops, SLICE("label.delete"), r->at.id);
    op_if(r, &ops);
    op_end(&ops);
    rest_ops_end(&ops);
    r->fixed = SLICE("{\"limits\":{}}");
    return ERR_OK;
}

void label_delete(struct rest *r)
{
    rest_read(r, KIND_LABEL, r->args[0], label_delete_run, rest_submit);
}
