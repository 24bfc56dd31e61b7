#include "net/api/rest_nouns.h"

const struct param_spec card_get_params[] = {
        {"fields", PARAM_ANY, NULL},
        {"board", PARAM_BOOL, NULL},
        {"board_fields", PARAM_ANY, NULL},
        {"list", PARAM_BOOL, NULL},
        {"list_fields", PARAM_ANY, NULL},
        {"members", PARAM_BOOL, NULL},
        {"membersVoted", PARAM_BOOL, NULL},
        {"checklists", PARAM_ANY, NULL},
        {"checklist_fields", PARAM_ANY, NULL},
        {"customFieldItems", PARAM_ANY, NULL},
        {"attachments", PARAM_ANY, NULL},
        {"attachment_fields", PARAM_ANY, NULL},
        {0},
};

/* clang-format off */
#define CARD_SETS                                                  \
    { "due", PARAM_DATE, "due" },                                  \
    { "start", PARAM_DATE, "start" },                              \
    { "dueComplete", PARAM_BOOL, "dueComplete" },                  \
    { "dueReminder", PARAM_NUMBER, "dueReminder" },                \
    { "cover", PARAM_JSON, "cover" },                              \
    { "address", PARAM_OPTION, "address" },                        \
    { "locationName", PARAM_OPTION, "locationName" },              \
    { "coordinates", PARAM_PLACE, "coordinates" },                 \
    { "isTemplate", PARAM_BOOL, "isTemplate" },                    \
    { "cardRole", PARAM_OPTION, "cardRole" }
/* clang-format on */

const struct param_spec card_put_params[] = {
        {"name", PARAM_TEXT, "name"},
        CARD_SETS,
        {"desc", PARAM_TEXT, NULL},
        {"closed", PARAM_BOOL, NULL},
        {"idList", PARAM_ID, NULL},
        {"pos", PARAM_POS, NULL},
        {"idLabels", PARAM_IDS, NULL},
        {"idMembers", PARAM_IDS, NULL},
        {"idBoard", PARAM_KEY, NULL},
        {"idAttachmentCover", PARAM_OPTION, NULL},
        {"subscribed", PARAM_BOOL, NULL},
        {0},
};
const struct param_spec card_board_params[] = {
        {"value", PARAM_KEY, NULL}, {"idList", PARAM_ID, NULL}, {"pos", PARAM_POS, NULL}, {0}};
const struct param_spec card_post_params[] = {
        {"name", PARAM_TEXT, NULL},
        CARD_SETS,
        {"desc", PARAM_TEXT, "desc"},
        {"idList", PARAM_ID, "idList"},
        {"pos", PARAM_POS, "pos"},
        {"idLabels", PARAM_IDS, "idLabels"},
        {"idMembers", PARAM_IDS, "idMembers"},
        {"idBoard", PARAM_KEY, NULL},
        {"idCardSource", PARAM_ID, "idSource"},
        {"keepFromSource", PARAM_TEXT, NULL},
        {0},
};

/* -- reading */

static enum err card_list_nested(struct rest *r, struct board_view *bv, struct board *b,
        const struct object *card, struct json_out *j)
{
    struct trello_options options = rest_trello_options(r, bv);
    struct object *list;
    enum err err = rest_fields(r, "list_fields", KIND_LIST, &options.fields);
    const struct value *id = &card->fields[field_info(F_CARD_ID_LIST)->slot];
    if (err == ERR_OK) err = load_entity(r, bv, b, KIND_LIST, id->id, &list);
    if (err != ERR_OK) return err;
    JSON_KEY(j, "list");
    trello_write(j, b, list, &options);
    return ERR_OK;
}

static enum err card_checklists_nested(
        struct rest *r, struct board_view *bv, struct board *b, struct json_out *j)
{
    struct trello_options options = rest_trello_options(r, bv);
    enum err err = rest_fields(r, "checklist_fields", KIND_CHECKLIST, &options.fields);
    if (err == ERR_OK) err = board_view_parts(bv, b, r->at.id, &r->fault);
    if (err != ERR_OK) return err;
    JSON_KEY(j, "checklists");
    trello_children_write(j, b, KIND_CHECKLIST, r->at.id, &options);
    return ERR_OK;
}

static enum err card_attachments_nested(
        struct rest *r, struct board_view *bv, struct board *b, struct json_out *j)
{
    struct trello_options options = rest_trello_options(r, bv);
    enum err err = rest_fields(r, "attachment_fields", KIND_ATTACHMENT, &options.fields);
    if (err == ERR_OK) err = board_view_parts(bv, b, r->at.id, &r->fault);
    if (err != ERR_OK) return err;
    JSON_KEY(j, "attachments");
    trello_children_write(j, b, KIND_ATTACHMENT, r->at.id, &options);
    return ERR_OK;
}

static enum err card_nested(struct rest *r, struct board_view *bv, struct board *b)
{
    struct trello_options options = rest_trello_options(r, bv);
    struct json_out j = object_reopen(r);
    struct object *card;
    bool board = false, list = false, members = false;
    enum err err = load_entity(r, bv, b, KIND_CARD, r->at.id, &card);
    if (err == ERR_OK) err = params_bool(&r->params, "board", &board, &r->fault);
    if (err == ERR_OK) err = params_bool(&r->params, "list", &list, &r->fault);
    if (err == ERR_OK) err = params_bool(&r->params, "members", &members, &r->fault);
    if (err == ERR_OK) err = rest_fields(r, "board_fields", KIND_BOARD, &options.fields);
    if (err == ERR_OK && board) {
        JSON_KEY(&j, "board");
        trello_write(&j, b, board_self(b), &options);
    }
    if (err == ERR_OK && list) err = card_list_nested(r, bv, b, card, &j);
    if (err == ERR_OK && members) {
        JSON_KEY(&j, "members");
        card_people_write(r, bv, card, F_CARD_ID_MEMBERS, &j);
    }
    if (err == ERR_OK && says_yes(r, "membersVoted")) {
        JSON_KEY(&j, "membersVoted");
        card_people_write(r, bv, card, F_CARD_ID_MEMBERS_VOTED, &j);
    }
    if (err == ERR_OK && says_yes(r, "checklists")) err = card_checklists_nested(r, bv, b, &j);
    if (err == ERR_OK && says_yes(r, "attachments")) err = card_attachments_nested(r, bv, b, &j);
    if (err == ERR_OK && says_yes(r, "customFieldItems")) {
        options.fields = (struct trello_fields){.all = true};
        err = board_view_parts(bv, b, r->at.id, &r->fault);
        JSON_KEY(&j, "customFieldItems");
        trello_children_write(&j, b, KIND_FIELD_ITEM, r->at.id, &options);
    }
    json_object_end(&j);
    return err;
}

static enum err card_run(struct rest *r, struct board_view *bv)
{
    struct board *b;
    bool nested = params_find(&r->params, "board") || params_find(&r->params, "list") ||
                  params_find(&r->params, "members") || says_yes(r, "membersVoted") ||
                  says_yes(r, "checklists") || says_yes(r, "customFieldItems") ||
                  says_yes(r, "attachments");
    enum err err = rest_object_run(r, bv);
    if (err == ERR_OK && nested) {
        err = rest_load(r, bv, 0, &b);
        if (err != ERR_OK) return err;
        err = card_nested(r, bv, b);
        board_free(b);
    }
    return err == ERR_OK ? actions_asked(r, bv) : err;
}

void card_get(struct rest *r)
{
    rest_read(r, KIND_CARD, r->args[0], card_run, NULL);
}

static enum err card_field_run(struct rest *r, struct board_view *bv)
{
    enum err err = rest_object_run(r, bv);
    return err == ERR_OK ? rest_one_field(r, r->args[1]) : err;
}

void card_get_field(struct rest *r)
{
    rest_read(r, KIND_CARD, r->args[0], card_field_run, NULL);
}

/* -- writing */

/* A comma list, of which `all` is the default. */
static void keep_write(struct rest *r, struct ops_out *ops)
{
    struct slice rest = params_text(&r->params, "keepFromSource"), part;
    if (rest.len == 0 || slice_eq(rest, SLICE("all"))) return;
    JSON_KEY(&ops->j, "keep");
    json_array_begin(&ops->j);
    while (slice_next(&rest, ',', &part))
        if (!slice_eq(slice_trim(part), SLICE("none"))) json_str(&ops->j, slice_trim(part));
    json_array_end(&ops->j);
}

static enum err card_post_run(struct rest *r, struct board_view *bv)
{
    struct ops_out ops = rest_ops(r);
    struct slice name = params_text(&r->params, "name");
    (void)bv;
    r->want_kind = KIND_CARD;
    r->want_id = rest_new_id(r);
    bool copy = params_find(&r->params, "idCardSource") != NULL;
    op_begin(r, &ops, copy ? SLICE("card.copy") : SLICE("card.create"), r->want_id);
    if (!copy || name.len > 0) {
        JSON_KEY(&ops.j, "name");
        json_str(&ops.j, name.ptr ? name : SLICE(""));
    }
    if (copy) keep_write(r, &ops);
    enum err err = op_sets(r, &ops, card_post_params);
    op_end(&ops);
    rest_ops_end(&ops);
    return err;
}

void card_post(struct rest *r)
{
    struct slice list = required(r, "idList");
    if (list.ptr) rest_read(r, KIND_LIST, list, card_post_run, rest_submit);
}

struct set_diff {
    struct rest *rest;
    struct ops_out *ops;
    struct slice op;
    const struct value *have; /* NULL: look at nothing, only remember */
    struct value want;
};

static void op_element(struct set_diff *d, struct id element, bool on)
{
    op_begin(d->rest, d->ops, d->op, d->rest->at.id);
    JSON_KEY(&d->ops->j, "element");
    json_id(&d->ops->j, element);
    JSON_KEY(&d->ops->j, "on");
    json_bool(&d->ops->j, on);
    op_if(d->rest, d->ops);
    op_end(d->ops);
}

static enum err set_want(void *context, struct id id)
{
    struct set_diff *d = context;
    if (value_set_put(&d->want, id, true) && !value_set_has(d->have, id)) op_element(d, id, true);
    return ERR_OK;
}

/* A whole set given: what is missing is put in, what is too much is taken out. */
static enum err op_set(struct rest *r, struct ops_out *ops, const char *name, struct slice op,
        const struct value *have)
{
    struct set_diff d = {
            .rest = r, .ops = ops, .op = op, .have = have, .want = {.type = VALUE_SET}};
    const struct param *p = params_find(&r->params, name);
    if (!p) return ERR_OK;
    enum err err = param_ids(p, set_want, &d, &r->fault);
    for (uint32_t i = 0; err == ERR_OK && have->set && i < have->set->count; i++) {
        if (!value_set_has(&d.want, have->set->ids[i])) op_element(&d, have->set->ids[i], false);
    }
    value_fini(&d.want);
    return err;
}

static enum err card_sets(struct rest *r, struct board_view *bv, struct ops_out *ops)
{
    struct slice json;
    struct object *card;
    if (!params_find(&r->params, "idLabels") && !params_find(&r->params, "idMembers"))
        return ERR_OK;
    enum err err = bv->view->ops->entity(bv->view, bv->board, KIND_CARD, r->at.id, &json);
    if (err == ERR_OK) err = object_read(KIND_CARD, bv->view->arena, json, &card, &r->fault);
    if (err != ERR_OK) return err;
    err = op_set(r, ops, "idLabels", SLICE("card.label"), object_value(card, F_CARD_ID_LABELS));
    if (err == ERR_OK)
        err = op_set(
                r, ops, "idMembers", SLICE("card.member"), object_value(card, F_CARD_ID_MEMBERS));
    object_free(card);
    return err;
}

static enum err card_move(struct rest *r, struct ops_out *ops)
{
    if (!params_find(&r->params, "idList") && !params_find(&r->params, "pos")) return ERR_OK;
    op_begin(r, ops, SLICE("card.move"), r->at.id);
    op_if(r, ops);
    enum err err = op_param(r, ops, "idList", "idList", PARAM_ID);
    if (err == ERR_OK) err = op_param(r, ops, "pos", "pos", PARAM_POS);
    op_end(ops);
    return err;
}

static enum err card_closed(struct rest *r, struct ops_out *ops)
{
    bool closed = false;
    if (!params_find(&r->params, "closed")) return ERR_OK;
    enum err err = params_bool(&r->params, "closed", &closed, &r->fault);
    if (err != ERR_OK) return err;
    op_begin(r, ops, closed ? SLICE("card.close") : SLICE("card.reopen"), r->at.id);
    op_if(r, ops);
    op_end(ops);
    return ERR_OK;
}

/* The older way to a cover: an attachment's id, or nothing. */
static enum err card_cover(struct rest *r, struct ops_out *ops)
{
    const struct param *p = params_find(&r->params, "idAttachmentCover");
    if (!p) return ERR_OK;
    bool none = p->text.len == 0 || slice_eq(p->text, SLICE("null"));
    op_begin(r, ops, SLICE("card.set"), r->at.id);
    op_if(r, ops);
    JSON_KEY(&ops->j, "cover");
    json_object_begin(&ops->j);
    enum err err = none ? ERR_OK
                        : op_param(r, ops, "idAttachment", "idAttachmentCover", PARAM_ID);
    json_object_end(&ops->j);
    op_end(ops);
    return err;
}

static enum err card_ops(struct rest *r, struct board_view *bv, struct ops_out *ops)
{
    enum err err = card_cover(r, ops);
    if (err == ERR_OK && any_sets(r, card_put_params)) {
        op_begin(r, ops, SLICE("card.set"), r->at.id);
        op_if(r, ops);
        err = op_sets(r, ops, card_put_params);
        op_end(ops);
    }
    if (err == ERR_OK) err = op_desc(r, ops, KIND_CARD, r->at.id);
    if (err == ERR_OK) err = card_closed(r, ops);
    if (err == ERR_OK && !r->moved) err = card_move(r, ops);
    if (err == ERR_OK) err = card_sets(r, bv, ops);
    rest_ops_end(ops);
    return err;
}

/* The rest of what was asked for, where the card is now. */
static void card_put_moved(struct rest *r)
{
    r->moved = true;
    r->has_if = false; /* said with the move */
    card_put(r);
}

/* To another board goes a message of its own. Labels and people that are given with it are those
 * of the other board, so what else is asked for follows there; what is wrong with its form is said
 * before anything has happened. */
static enum err card_transfer(struct rest *r, struct board_view *bv, struct id board)
{
    struct ops_out ops = rest_ops(r);
    enum err err = card_ops(r, bv, &ops);
    if (err == ERR_OK) err = ops_check(r);
    if (err != ERR_OK) return err;
    r->next = card_put_moved;
    ops = rest_ops(r);
    op_begin(r, &ops, SLICE("card.transfer"), r->at.id);
    op_if(r, &ops);
    JSON_KEY(&ops.j, "idBoard");
    json_id(&ops.j, board);
    err = op_param(r, &ops, "idList", "idList", PARAM_ID);
    if (err == ERR_OK) err = op_param(r, &ops, "pos", "pos", PARAM_POS);
    op_end(&ops);
    rest_ops_end(&ops);
    return err;
}

/* One atomic message whatever is given together, as long as the card stays on its board. */
static enum err card_put_run(struct rest *r, struct board_view *bv)
{
    struct id board;
    bool done = r->moved;
    r->want_kind = KIND_CARD;
    r->want_id = r->at.id;
    enum err err = other_board(r, bv, &board);
    if (err == ERR_OK) err = watch_asked(r);
    if (err == ERR_OK && !id_is_none(board)) return card_transfer(r, bv, board);
    if (err == ERR_OK && !done && params_find(&r->params, "idBoard"))
        err = rest_done_elsewhere(r, bv, &done);
    if (err != ERR_OK) return err;
    r->moved = done;
    struct ops_out ops = rest_ops(r);
    return card_ops(r, bv, &ops);
}

void card_put(struct rest *r)
{
    rest_read(r, KIND_CARD, r->args[0], card_put_run, rest_submit);
}

void card_put_board(struct rest *r)
{
    if (value_as_field(r, card_put_params, SLICE("idBoard"))) card_put(r);
}

void card_put_field(struct rest *r)
{
    if (value_as_field(r, card_put_params, r->args[1])) card_put(r);
}

static enum err card_delete_run(struct rest *r, struct board_view *bv)
{
    struct ops_out ops = rest_ops(r);
    (void)bv;
    op_begin(r, &ops, SLICE("card.delete"), r->at.id);
    JSON_KEY(&ops.j, "force");
    json_bool(&ops.j, true);
    op_if(r, &ops);
    op_end(&ops);
    rest_ops_end(&ops);
    r->fixed = SLICE("{\"limits\":{}}");
    return ERR_OK;
}

void card_delete(struct rest *r)
{
    rest_read(r, KIND_CARD, r->args[0], card_delete_run, rest_submit);
}
