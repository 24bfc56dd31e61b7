/* Checklists of cards and their items: a card's parts. Whatever changes them changes the card's
 * badges in the same event. */
#include "core/base/limits.h"
#include "core/resolve.h"

/* -- checklists */

static size_t count_of(const struct siblings *s)
{
    return s == NULL ? 0 : s->count;
}

static struct object *card_of(const struct change *ch, struct object *part)
{
    struct object *card =
            board_get(ch->board, KIND_CARD, object_value(part, kind_card_field(part->kind))->id);
    CHECK(card != NULL); /* its parts go with it */
    return card;
}

static enum err checklist_create(struct change *ch, const struct op *op)
{
    struct object *card;
    enum err err = change_fresh(ch, op->id);
    if (!err) err = change_find(ch, KIND_CARD, op->id_card, "idCard", &card);
    if (!err) err = change_quota(ch, KIND_CHECKLIST, CHECKLISTS_PER_BOARD_MAX);
    if (err) return err;
    const struct siblings *others = board_children(ch->board, KIND_CHECKLIST, card->id);
    if (count_of(others) >= CHECKLISTS_PER_CARD_MAX)
        return change_refuse(ch, ERR_QUOTA, card,
                (struct why){"idCard", "has as many checklists as it may", "fewer on one card"});
    double *pos = change_place(ch, others, NULL, &op->place, 1);
    struct value *values = values_new(ch, KIND_CHECKLIST);
    values_sets(values, op);
    *values_at(values, F_CHECKLIST_ID_CARD) = value_id(card->id);
    *values_at(values, F_CHECKLIST_POS) = value_num(pos[0]);
    change_add(ch, KIND_CHECKLIST, op->id, values);
    change_touch(ch, card->id, false);
    return ERR_OK;
}

static void checklist_delete(struct change *ch, struct object *checklist)
{
    struct id *ids;
    uint32_t count = children_ids(ch, KIND_CHECK_ITEM, checklist->id, &ids);
    struct id id = checklist->id;
    change_del(ch, KIND_CHECK_ITEM, ids, count);
    change_del(ch, KIND_CHECKLIST, &id, 1);
}

enum err resolve_checklist(struct change *ch, const struct op *op)
{
    struct object *checklist;
    struct columns c = {0};
    if (op->name == OP_CHECKLIST_CREATE) return checklist_create(ch, op);
    enum err err = change_find(ch, KIND_CHECKLIST, op->id, "id", &checklist);
    if (!err) err = change_if(ch, op, checklist);
    if (err) return err;
    struct id card = card_of(ch, checklist)->id;
    if (op->name == OP_CHECKLIST_DELETE) {
        checklist_delete(ch, checklist);
    } else if (op->name == OP_CHECKLIST_SET) {
        change_overwrites(ch, op, checklist);
        columns_sets(ch, &c, op);
        change_set_one(ch, checklist, &c);
    } else {
        double *pos = change_place(
                ch, board_children(ch->board, KIND_CHECKLIST, card), checklist, &op->place, 1);
        columns_put(ch, &c, F_CHECKLIST_POS, value_num(pos[0]));
        change_set_one(ch, checklist, &c);
    }
    change_touch(ch, card, false);
    return ERR_OK;
}

/* -- items */

static enum err check_values(struct change *ch, const struct op *op)
{
    for (uint32_t i = 0; i < op->set_count; i++) {
        const struct value *v = &op->sets[i].values[0];
        if (op->sets[i].field == F_CHECK_ITEM_STATE && !check_state_known(v))
            return fault_setf(ch->fault, ERR_INVALID, "state", "complete or incomplete",
                    "is \"%.*s\"", SLICE_ARG(slice_head(value_slice(v), 40)));
        if (op->sets[i].field == F_CHECK_ITEM_ID_MEMBER && v->type == VALUE_ID &&
                board_membership(ch->board, v->id) == NULL)
            return fault_set(ch->fault, ERR_NOT_FOUND, "idMember", "names no member of this board",
                    "a member of the board");
    }
    return ERR_OK;
}

bool check_state_known(const struct value *state)
{
    return slice_eq(value_slice(state), SLICE("complete")) ||
           slice_eq(value_slice(state), SLICE("incomplete"));
}

static enum err room_for_item(struct change *ch, const struct object *checklist)
{
    if (count_of(board_children(ch->board, KIND_CHECK_ITEM, checklist->id)) <
            ITEMS_PER_CHECKLIST_MAX)
        return ERR_OK;
    return change_refuse(ch, ERR_QUOTA, checklist,
            (struct why){"idChecklist", "has as many items as it may", "fewer in one checklist"});
}

static enum err item_create(struct change *ch, const struct op *op)
{
    struct object *checklist;
    enum err err = change_fresh(ch, op->id);
    if (!err) err = change_find(ch, KIND_CHECKLIST, op->id_checklist, "idChecklist", &checklist);
    if (!err) err = change_quota(ch, KIND_CHECK_ITEM, CHECK_ITEMS_PER_BOARD_MAX);
    if (!err) err = room_for_item(ch, checklist);
    if (!err) err = check_values(ch, op);
    if (err) return err;
    struct id card = card_of(ch, checklist)->id;
    double *pos = change_place(
            ch, board_children(ch->board, KIND_CHECK_ITEM, checklist->id), NULL, &op->place, 1);
    struct value *values = values_new(ch, KIND_CHECK_ITEM);
    *values_at(values, F_CHECK_ITEM_STATE) = value_str(SLICE("incomplete"));
    values_sets(values, op);
    *values_at(values, F_CHECK_ITEM_ID_CARD) = value_id(card);
    *values_at(values, F_CHECK_ITEM_ID_CHECKLIST) = value_id(checklist->id);
    *values_at(values, F_CHECK_ITEM_POS) = value_num(pos[0]);
    change_add(ch, KIND_CHECK_ITEM, op->id, values);
    change_touch(ch, card, false);
    return ERR_OK;
}

/* Within its card: who has not opened the other card could not show an item that comes to it. */
static enum err item_move(struct change *ch, const struct op *op, struct object *item)
{
    struct columns c = {0};
    struct object *checklist;
    bool elsewhere = !id_is_none(op->id_checklist) &&
                     !id_eq(op->id_checklist, object_value(item, F_CHECK_ITEM_ID_CHECKLIST)->id);
    struct id target =
            elsewhere ? op->id_checklist : object_value(item, F_CHECK_ITEM_ID_CHECKLIST)->id;
    enum err err = change_find(ch, KIND_CHECKLIST, target, "idChecklist", &checklist);
    if (!err && elsewhere) err = room_for_item(ch, checklist);
    if (err) return err;
    if (!id_eq(object_value(checklist, F_CHECKLIST_ID_CARD)->id,
                object_value(item, F_CHECK_ITEM_ID_CARD)->id))
        return change_refuse(ch, ERR_INVALID, checklist,
                (struct why){"idChecklist", "is on another card", "a checklist of its own card"});
    double *pos = change_place(
            ch, board_children(ch->board, KIND_CHECK_ITEM, target), item, &op->place, 1);
    columns_put(ch, &c, F_CHECK_ITEM_ID_CHECKLIST, value_id(target));
    columns_put(ch, &c, F_CHECK_ITEM_POS, value_num(pos[0]));
    change_set_one(ch, item, &c);
    return ERR_OK;
}

enum err resolve_check_item(struct change *ch, const struct op *op)
{
    struct object *item;
    struct columns c = {0};
    if (op->name == OP_CHECK_ITEM_CREATE) return item_create(ch, op);
    enum err err = change_find(ch, KIND_CHECK_ITEM, op->id, "id", &item);
    if (!err) err = change_if(ch, op, item);
    if (!err) err = check_values(ch, op);
    if (err) return err;
    struct id card = card_of(ch, item)->id;
    if (op->name == OP_CHECK_ITEM_DELETE) {
        change_del(ch, KIND_CHECK_ITEM, &op->id, 1);
    } else if (op->name == OP_CHECK_ITEM_MOVE) {
        err = item_move(ch, op, item);
    } else {
        change_overwrites(ch, op, item);
        columns_sets(ch, &c, op);
        change_set_one(ch, item, &c);
    }
    if (!err) change_touch(ch, card, false);
    return err;
}
