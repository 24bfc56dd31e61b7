/* rest_copy.c - copies of lists: made on a reader, where descriptions and parts can be read
 * without being held in memory, and added by the board's home in one event.
 *
 *   reader: original -> objects with new ids -> home: list.copy in the sender's name -> the copy */
#include "core/list_copy.h"

#include "core/base/limits.h"
#include "net/api/rest_nouns.h"

/* The op as far as its objects, which `copy` is ready to write. */
static void copy_begin(struct rest *r, struct board_view *bv, struct ops_out *ops,
        struct list_copy *copy, struct board *b)
{
    struct trello_options options = rest_trello_options(r, bv);
    r->want_kind = r->at.kind;
    r->want_id = rest_new_id(r);
    r->trusted = true;
    *copy = (struct list_copy){.b = b,
            .source = r->at.id,
            .root = r->want_id,
            .name = params_text(&r->params, "name"),
            .text = options.text,
            .context = options.context,
            .j = &ops->j};
    op_begin(r, ops, SLICE("list.copy"), (struct id){0});
    JSON_KEY(&ops->j, "objects");
    json_array_begin(&ops->j);
}

static enum err copy_end(struct rest *r, struct ops_out *ops, const struct list_copy *copy)
{
    json_array_end(&ops->j);
    if (r->at.kind == KIND_LIST && !params_find(&r->params, "pos")) {
        JSON_KEY(&ops->j, "pos"); /* as of any new list */
        json_str(&ops->j, SLICE("top"));
    }
    enum err err = op_param(r, ops, "pos", "pos", PARAM_POS);
    op_end(ops);
    rest_ops_end(ops);
    if (err != ERR_OK) return err;
    if (copy->count > COPY_OBJECTS_MAX || r->out.len > COPY_BYTES_MAX)
        return fault_setf(&r->fault, ERR_TOO_LARGE, "",
                "one with fewer cards, or a copy of the board",
                "the original has %u cards and parts of cards", copy->count);
    return ERR_OK;
}

static enum err parts_load(struct rest *r, struct board_view *bv, struct board *b, struct id list)
{
    const struct siblings *cards = board_children(b, KIND_CARD, list);
    enum err err = ERR_OK;
    for (size_t i = 0; cards && i < cards->count && err == ERR_OK; i++) {
        if (!object_value(cards->at[i], F_CARD_CLOSED)->boolean)
            err = board_view_parts(bv, b, cards->at[i]->id, &r->fault);
    }
    return err;
}

static enum err list_copy_run(struct rest *r, struct board_view *bv)
{
    struct board *b;
    struct list_copy copy;
    enum err err = same_board(r, bv);
    if (err == ERR_OK) err = rest_load(r, bv, KINDS(LIST) | KINDS(CARD), &b);
    if (err != ERR_OK) return err;
    err = board_get(b, KIND_LIST, r->at.id) ? parts_load(r, bv, b, r->at.id) : ERR_NOT_FOUND;
    if (err == ERR_OK) {
        struct ops_out ops = rest_ops(r);
        copy_begin(r, bv, &ops, &copy, b);
        list_copy_write(&copy);
        err = copy_end(r, &ops, &copy);
    }
    board_free(b);
    return err;
}

void list_copy(struct rest *r, struct slice source)
{
    rest_read(r, KIND_LIST, source, list_copy_run, rest_submit);
}
