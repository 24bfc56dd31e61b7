#include "core/base/limits.h"
#include "core/resolve.h"

struct object *first_open_list(const struct change *ch)
{
    const struct siblings *lists = board_children(ch->board, KIND_LIST, ch->board->id);
    for (size_t i = 0; lists != NULL && i < lists->count; i++)
        if (!object_value(lists->at[i], F_LIST_CLOSED)->boolean) return lists->at[i];
    return NULL;
}

static enum err list_create(struct change *ch, const struct op *op)
{
    enum err err = change_fresh(ch, op->id);
    if (!err) err = change_quota(ch, KIND_LIST, LISTS_PER_BOARD_MAX);
    if (err) return err;
    double *pos = change_place(
            ch, board_children(ch->board, KIND_LIST, ch->board->id), NULL, &op->place, 1);
    struct value *values = values_new(ch, KIND_LIST);
    values_sets(values, op);
    *values_at(values, F_LIST_POS) = value_num(pos[0]);
    change_add(ch, KIND_LIST, op->id, values);
    return ERR_OK;
}

enum err resolve_list(struct change *ch, const struct op *op)
{
    struct object *list;
    struct columns c = {0};
    if (op->name == OP_LIST_CREATE) return list_create(ch, op);
    enum err err = change_find(ch, KIND_LIST, op->id, "id", &list);
    if (!err) err = change_if(ch, op, list);
    if (err) return err;
    if (op->name == OP_LIST_SET) {
        change_overwrites(ch, op, list);
        columns_sets(ch, &c, op);
    } else if (op->name == OP_LIST_MOVE) {
        double *pos = change_place(
                ch, board_children(ch->board, KIND_LIST, ch->board->id), list, &op->place, 1);
        columns_put(ch, &c, F_LIST_POS, value_num(pos[0]));
    } else {
        columns_put(ch, &c, F_LIST_CLOSED, value_bool(op->name == OP_LIST_CLOSE));
    }
    change_set_one(ch, list, &c);
    return ERR_OK;
}
