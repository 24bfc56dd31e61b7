/* What a member keeps of a board for themself. Whether they may see the board was asked where the
 * request came in; here is only the directory. */
#include "core/base/limits.h"
#include "core/resolve.h"
#include "core/shelf.h"

static struct id given(const struct op *op, enum field f)
{
    for (uint32_t i = 0; i < op->set_count; i++)
        if (op->sets[i].field == f) return op->sets[i].values[0].id;
    return (struct id){{0}};
}

/* The shelf, made if it is the first thing on it. */
static enum err shelf_get(struct change *ch, const struct op *op, struct object **ret_shelf)
{
    struct id member = given(op, F_SHELF_ID_MEMBER), board = given(op, F_SHELF_ID_BOARD);
    struct object *known;
    if (id_is_none(member) || id_is_none(board) || !id_eq(op->id, shelf_id(member, board)))
        return fault_set(ch->fault, ERR_INVALID, "id", "is not the shelf of this member and board",
                "the id made from idMember and idBoard");
    *ret_shelf = board_get(ch->board, KIND_SHELF, op->id);
    if (*ret_shelf != NULL) return ERR_OK;
    enum err err = change_find(ch, KIND_MEMBER, member, "idMember", &known);
    if (!err) err = change_fresh(ch, op->id);
    if (err) return err;
    struct value *values = values_new(ch, KIND_SHELF);
    *values_at(values, F_SHELF_ID_MEMBER) = value_id(member);
    *values_at(values, F_SHELF_ID_BOARD) = value_id(board);
    change_add(ch, KIND_SHELF, op->id, values);
    *ret_shelf = board_get(ch->board, KIND_SHELF, op->id);
    return ERR_OK;
}

static enum err watch(struct change *ch, const struct op *op, const struct object *shelf)
{
    const struct value *watched = &shelf->fields[field_info(F_SHELF_SUBSCRIBED)->slot];
    struct effect tag = {.field = F_SHELF_SUBSCRIBED, .element = op->element, .on = op->on};
    if (value_set_has(watched, op->element) == op->on) return ERR_OK;
    if (op->on && watched->set != NULL && watched->set->count >= SET_ELEMENTS_MAX)
        return fault_setf(ch->fault, ERR_QUOTA, "subscribed", "something else not watched any more",
                "you watch %u things on this board", watched->set->count);
    change_tag(ch, KIND_SHELF, &op->id, 1, &tag);
    return ERR_OK;
}

enum err resolve_shelf(struct change *ch, const struct op *op)
{
    struct object *shelf = NULL;
    struct columns c = {0};
    CHECK(id_is_none(ch->board->id)); /* a board's ops were told apart before */
    enum err err = shelf_get(ch, op, &shelf);
    if (err) return err;
    if (op->name == OP_DIR_WATCH) return watch(ch, op, shelf);
    for (uint32_t i = 0; i < op->set_count; i++)
        if (op->sets[i].field == F_SHELF_STAR)
            columns_put(ch, &c, F_SHELF_STAR, value_copy(&op->sets[i].values[0]));
    change_set_one(ch, shelf, &c);
    return ERR_OK;
}
