#include "net/api/rest_nouns.h"

const struct param_spec list_get_params[] = {
        {"fields", PARAM_ANY, NULL},
        {"cards", PARAM_ANY, NULL},
        {"card_fields", PARAM_ANY, NULL},
        {"board", PARAM_BOOL, NULL},
        {"board_fields", PARAM_ANY, NULL},
        {0},
};
const struct param_spec list_put_params[] = {
        {"name", PARAM_TEXT, "name"},
        {"color", PARAM_OPTION, "color"},
        {"softLimit", PARAM_NUMBER, "softLimit"},
        {"pos", PARAM_POS, NULL},
        {"closed", PARAM_BOOL, NULL},
        {"subscribed", PARAM_BOOL, NULL},
        {"idBoard", PARAM_KEY, NULL},
        {0},
};
const struct param_spec list_post_params[] = {
        {"name", PARAM_TEXT, "name"},
        {"color", PARAM_OPTION, "color"},
        {"softLimit", PARAM_NUMBER, "softLimit"},
        {"closed", PARAM_BOOL, "closed"},
        {"pos", PARAM_POS, "pos"},
        {"idBoard", PARAM_KEY, NULL},
        {"idListSource", PARAM_ID, NULL},
        {0},
};
const struct param_spec list_move_params[] = {
        {"idList", PARAM_ID, NULL}, {"idBoard", PARAM_KEY, NULL}, {0}};

/* -- reading */

static enum err list_nested(
        struct rest *r, struct board_view *bv, struct board *b, enum trello_filter filter)
{
    struct trello_options options = rest_trello_options(r, bv);
    struct json_out j = object_reopen(r);
    const struct siblings *cards = board_children(b, KIND_CARD, r->at.id);
    bool board = false;
    enum err err = rest_fields(r, "card_fields", KIND_CARD, &options.fields);
    if (err == ERR_OK && filter != TRELLO_NONE) {
        JSON_KEY(&j, "cards");
        json_array_begin(&j);
        for (size_t i = 0; cards && i < cards->count; i++) {
            if (trello_filter_allows(b, cards->at[i], filter))
                trello_write(&j, b, cards->at[i], &options);
        }
        json_array_end(&j);
    }
    if (err == ERR_OK) err = params_bool(&r->params, "board", &board, &r->fault);
    options = rest_trello_options(r, bv);
    if (err == ERR_OK) err = rest_fields(r, "board_fields", KIND_BOARD, &options.fields);
    if (err == ERR_OK && board) {
        JSON_KEY(&j, "board");
        trello_write(&j, b, board_self(b), &options);
    }
    json_object_end(&j);
    return err;
}

static enum err list_run(struct rest *r, struct board_view *bv)
{
    enum trello_filter filter = TRELLO_NONE;
    struct board *b;
    bool nested = params_find(&r->params, "cards") || params_find(&r->params, "board");
    enum err err = rest_filter(r, params_text(&r->params, "cards"), "cards", &filter);
    if (err == ERR_OK) err = rest_object_run(r, bv);
    if (err != ERR_OK || !nested) return err;
    r->s = 0;
    err = rest_load(r, bv,
            KINDS(LIST) | KINDS(LABEL) |
                    (filter != TRELLO_NONE ? KINDS(CARD) | KINDS(CHECKLIST) : 0),
            &b);
    if (err != ERR_OK) return err;
    err = list_nested(r, bv, b, filter);
    board_free(b);
    return err;
}

void list_get(struct rest *r)
{
    rest_read(r, KIND_LIST, r->args[0], list_run, NULL);
}

static enum err list_field_run(struct rest *r, struct board_view *bv)
{
    enum err err = rest_object_run(r, bv);
    return err == ERR_OK ? rest_one_field(r, r->args[1]) : err;
}

void list_get_field(struct rest *r)
{
    rest_read(r, KIND_LIST, r->args[0], list_field_run, NULL);
}

static enum err list_board_run(struct rest *r, struct board_view *bv)
{
    r->at = (struct location){.board = bv->board, .kind = KIND_BOARD, .id = bv->board};
    return rest_object_run(r, bv);
}

void list_board(struct rest *r)
{
    rest_read(r, KIND_LIST, r->args[0], list_board_run, NULL);
}

/* -- writing */

static enum err list_post_run(struct rest *r, struct board_view *bv)
{
    struct ops_out ops = rest_ops(r);
    (void)bv;
    r->want_kind = KIND_LIST;
    r->want_id = rest_new_id(r);
    op_begin(r, &ops, SLICE("list.create"), r->want_id);
    /* Trello puts a list without a pos at the top. */
    if (!params_find(&r->params, "pos")) {
        JSON_KEY(&ops.j, "pos");
        json_str(&ops.j, SLICE("top"));
    }
    enum err err = op_sets(r, &ops, list_post_params);
    op_end(&ops);
    rest_ops_end(&ops);
    return err;
}

void board_list_post(struct rest *r)
{
    rest_read(r, KIND_BOARD, r->args[0], list_post_run, rest_submit);
}

void list_post(struct rest *r)
{
    struct slice source = params_text(&r->params, "idListSource");
    if (source.len) {
        if (required(r, "idBoard").ptr) list_copy(r, source);
        return;
    }
    struct slice board = required(r, "idBoard");
    if (board.ptr) rest_read(r, KIND_BOARD, board, list_post_run, rest_submit);
}

static enum err op_closed(struct rest *r, struct ops_out *ops)
{
    bool closed = false;
    if (!params_find(&r->params, "closed")) return ERR_OK;
    enum err err = params_bool(&r->params, "closed", &closed, &r->fault);
    if (err != ERR_OK) return err;
    op_begin(r, ops, closed ? SLICE("list.close") : SLICE("list.reopen"), r->at.id);
    op_if(r, ops);
    op_end(ops);
    return ERR_OK;
}

static enum err list_put_run(struct rest *r, struct board_view *bv)
{
    struct ops_out ops = rest_ops(r);
    r->want_kind = KIND_LIST;
    r->want_id = r->at.id;
    enum err err = same_board(r, bv);
    if (err == ERR_OK) err = watch_asked(r);
    if (err == ERR_OK && any_sets(r, list_put_params)) {
        op_begin(r, &ops, SLICE("list.set"), r->at.id);
        op_if(r, &ops);
        err = op_sets(r, &ops, list_put_params);
        op_end(&ops);
    }
    if (err == ERR_OK && params_find(&r->params, "pos")) {
        op_begin(r, &ops, SLICE("list.move"), r->at.id);
        op_if(r, &ops);
        err = op_param(r, &ops, "pos", "pos", PARAM_POS);
        op_end(&ops);
    }
    if (err == ERR_OK) err = op_closed(r, &ops);
    rest_ops_end(&ops);
    return err;
}

void list_put(struct rest *r)
{
    rest_read(r, KIND_LIST, r->args[0], list_put_run, rest_submit);
}

void list_put_field(struct rest *r)
{
    if (value_as_field(r, list_put_params, r->args[1])) list_put(r);
}

static enum err list_archive_run(struct rest *r, struct board_view *bv)
{
    struct ops_out ops = rest_ops(r);
    (void)bv;
    op_begin(r, &ops, SLICE("list.archiveCards"), r->at.id);
    op_end(&ops);
    rest_ops_end(&ops);
    r->fixed = SLICE("{}");
    return ERR_OK;
}

void list_archive_cards(struct rest *r)
{
    rest_read(r, KIND_LIST, r->args[0], list_archive_run, rest_submit);
}

/* Its open cards in their order, to another board. */
static enum err list_transfer(struct rest *r, struct board_view *bv, struct id board)
{
    struct ops_out ops = rest_ops(r);
    struct board *b;
    uint32_t count = 0;
    enum err err = rest_load(r, bv, KINDS(LIST) | KINDS(CARD), &b);
    if (err != ERR_OK) return err;
    const struct siblings *cards = board_children(b, KIND_CARD, r->at.id);
    op_begin(r, &ops, SLICE("card.transfer"), (struct id){{0}});
    JSON_KEY(&ops.j, "ids");
    json_array_begin(&ops.j);
    for (size_t i = 0; cards && i < cards->count; i++) {
        if (!trello_filter_allows(b, cards->at[i], TRELLO_OPEN)) continue;
        json_id(&ops.j, cards->at[i]->id);
        count++;
    }
    json_array_end(&ops.j);
    board_free(b);
    if (count > JSON_ITEMS_MAX)
        return fault_setf(&r->fault, ERR_TOO_LARGE, "", "fewer of them",
                "has %u open cards, and %u go at once", count, (unsigned)JSON_ITEMS_MAX);
    JSON_KEY(&ops.j, "idBoard");
    json_id(&ops.j, board);
    err = op_param(r, &ops, "idList", "idList", PARAM_ID);
    op_end(&ops);
    if (count == 0) ops = rest_ops(r);
    rest_ops_end(&ops);
    return err;
}

static enum err list_move_run(struct rest *r, struct board_view *bv)
{
    struct id board;
    enum err err = other_board(r, bv, &board);
    r->fixed = SLICE("[]");
    if (err == ERR_OK && !id_is_none(board)) return list_transfer(r, bv, board);
    struct ops_out ops = rest_ops(r);
    op_begin(r, &ops, SLICE("list.moveCards"), r->at.id);
    if (err == ERR_OK) err = op_param(r, &ops, "idList", "idList", PARAM_ID);
    op_end(&ops);
    rest_ops_end(&ops);
    return err;
}

void list_move_cards(struct rest *r)
{
    if (required(r, "idList").ptr) rest_read(r, KIND_LIST, r->args[0], list_move_run, rest_submit);
}
