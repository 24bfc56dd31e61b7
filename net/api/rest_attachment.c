/* rest_attachment.c - what is attached to a card: links and files, without the files' bytes, which
 * come by rest_upload.c and go by rest_download.c. */
#include "net/api/rest_nouns.h"
#include "net/api/rest_upload.h"

const struct param_spec attachment_params[] = {
        {"name", PARAM_TEXT, "name"},
        {"pos", PARAM_POS, NULL},
        {0},
};
const struct param_spec attachment_post_params[] = {
        {"url", PARAM_TEXT, "url"},
        {"name", PARAM_TEXT, NULL},
        {"mimeType", PARAM_TEXT, "mimeType"},
        {"pos", PARAM_POS, "pos"},
        {"setCover", PARAM_BOOL, NULL},
        {0},
};
const struct param_spec attachments_params[] = {
        {"fields", PARAM_ANY, NULL},
        {"filter", PARAM_ANY, NULL},
        {0},
};

/* -- reading */

static enum err attachments_run(struct rest *r, struct board_view *bv)
{
    struct trello_options options = rest_trello_options(r, bv);
    struct json_out j = json_out(&r->out);
    struct board *b;
    enum err err = rest_fields(r, "fields", KIND_ATTACHMENT, &options.fields);
    if (err == ERR_OK) err = rest_load(r, bv, 0, &b);
    if (err != ERR_OK) return err;
    err = board_view_parts(bv, b, r->at.id, &r->fault);
    if (err == ERR_OK) trello_children_write(&j, b, KIND_ATTACHMENT, r->at.id, &options);
    board_free(b);
    return err;
}

void card_attachments(struct rest *r)
{
    rest_read(r, KIND_CARD, r->args[0], attachments_run, NULL);
}

static enum err attachment_get_run(struct rest *r, struct board_view *bv)
{
    struct id id;
    enum err err = child_id(r, bv, F_ATTACHMENT_ID_CARD, r->args[1], &id);
    if (err != ERR_OK) return err;
    r->at = (struct location){.board = bv->board, .kind = KIND_ATTACHMENT, .id = id};
    return rest_object_run(r, bv);
}

void attachment_get(struct rest *r)
{
    rest_read(r, KIND_CARD, r->args[0], attachment_get_run, NULL);
}

/* -- writing */

static enum err attachment_link_run(struct rest *r, struct board_view *bv)
{
    struct ops_out ops = rest_ops(r);
    struct slice name = params_text(&r->params, "name");
    (void)bv;
    r->want_kind = KIND_ATTACHMENT;
    r->want_id = rest_new_id(r);
    op_begin(r, &ops, SLICE("attachment.create"), r->want_id);
    JSON_KEY(&ops.j, "idCard");
    json_id(&ops.j, r->at.id);
    if (name.len > 0) {
        JSON_KEY(&ops.j, "name");
        json_str(&ops.j, name);
    }
    enum err err = op_sets(r, &ops, attachment_post_params);
    op_end(&ops);
    rest_ops_end(&ops);
    return err;
}

void attachment_post(struct rest *r)
{
    if (r->boundary.len > 0)
        upload_start(r);
    else
        attachment_link(r);
}

void attachment_link(struct rest *r)
{
    struct slice url = required(r, "url");
    if (url.ptr) rest_read(r, KIND_CARD, r->args[0], attachment_link_run, rest_submit);
}

static enum err attachment_put_run(struct rest *r, struct board_view *bv)
{
    struct ops_out ops = rest_ops(r);
    struct id id;
    enum err err = child_id(r, bv, F_ATTACHMENT_ID_CARD, r->args[1], &id);
    if (err != ERR_OK) return err;
    r->want_kind = KIND_ATTACHMENT;
    r->want_id = id;
    if (any_sets(r, attachment_params)) {
        op_begin(r, &ops, SLICE("attachment.set"), id);
        op_if(r, &ops);
        err = op_sets(r, &ops, attachment_params);
        op_end(&ops);
    }
    if (err == ERR_OK && params_find(&r->params, "pos")) {
        op_begin(r, &ops, SLICE("attachment.move"), id);
        op_if(r, &ops);
        err = op_param(r, &ops, "pos", "pos", PARAM_POS);
        op_end(&ops);
    }
    rest_ops_end(&ops);
    return err;
}

void attachment_put(struct rest *r)
{
    rest_read(r, KIND_CARD, r->args[0], attachment_put_run, rest_submit);
}

static enum err attachment_delete_run(struct rest *r, struct board_view *bv)
{
    struct ops_out ops = rest_ops(r);
    struct id id;
    enum err err = child_id(r, bv, F_ATTACHMENT_ID_CARD, r->args[1], &id);
    if (err != ERR_OK) return err;
    op_begin(r, &ops, SLICE("attachment.delete"), id);
    op_if(r, &ops);
    op_end(&ops);
    rest_ops_end(&ops);
    r->fixed = SLICE("{\"limits\":{}}");
    return ERR_OK;
}

void attachment_delete(struct rest *r)
{
    rest_read(r, KIND_CARD, r->args[0], attachment_delete_run, rest_submit);
}
