#include "core/base/limits.h"
#include "core/resolve.h"
#include "core/walk.h"

/* -- create */

static enum err check_elements(struct change *ch, const struct op *op)
{
    for (uint32_t i = 0; i < op->set_count; i++) {
        const struct value *v = &op->sets[i].values[0];
        bool labels = op->sets[i].field == F_CARD_ID_LABELS,
             members = op->sets[i].field == F_CARD_ID_MEMBERS;
        if ((!labels && !members) || v->set == NULL) continue;
        for (uint32_t k = 0; k < v->set->count; k++) {
            if (labels && board_get(ch->board, KIND_LABEL, v->set->ids[k]) == NULL)
                return fault_set(ch->fault, ERR_NOT_FOUND, "idLabels",
                        "names no label of this board", "labels that exist");
            if (members && board_membership(ch->board, v->set->ids[k]) == NULL)
                return fault_set(ch->fault, ERR_NOT_FOUND, "idMembers",
                        "names no member of this board", "members of the board");
        }
    }
    return ERR_OK;
}

/* A card for a list that is deleted or archived goes to the first open one: its content is worth
 * more than its place. */
static enum err list_for_create(struct change *ch, struct id id, struct object **ret_list)
{
    struct object *list = board_get(ch->board, KIND_LIST, id);
    if (list == NULL && !tail_deleted(ch->tail, id))
        return change_find(ch, KIND_LIST, id, "idList", ret_list);
    if (list == NULL || object_value(list, F_LIST_CLOSED)->boolean) list = first_open_list(ch);
    if (list == NULL)
        return change_refuse(ch, ERR_GONE, board_get(ch->board, KIND_LIST, id),
                (struct why){
                        "idList", "is archived or deleted, and no list is open", "an open list"});
    *ret_list = list;
    return ERR_OK;
}

enum err card_check_new(struct change *ch, const struct op *op, struct object **ret_list)
{
    enum err err = list_for_create(ch, op->id_list, ret_list);
    if (!err) err = check_elements(ch, op);
    if (!err) err = cover_check_op(ch, op, &op->id, 1);
    return err;
}

void card_add(struct change *ch, const struct op *op, const struct object *list,
        struct value *values, struct slice desc)
{
    char short_link[SHORT_LINK_TEXT + 1];
    double *pos =
            change_place(ch, board_children(ch->board, KIND_CARD, list->id), NULL, &op->place, 1);
    values_sets(values, op);
    short_link_make(op->id, short_link);
    uint32_t id_short = ch->board->head.next_short; /* from 1 */
    CHECK(id_short > 0);
    *values_at(values, F_CARD_DATE_LAST_ACTIVITY) = value_str(change_date(ch));
    *values_at(values, F_CARD_ID_LIST) = value_id(list->id);
    *values_at(values, F_CARD_ID_SHORT) = value_num(id_short);
    *values_at(values, F_CARD_POS) = value_num(pos[0]);
    *values_at(values, F_CARD_SHORT_LINK) = value_str(slice_cstr(short_link));
    struct badges badges = {.description = desc.len > 0};
    *values_at(values, F_CARD_BADGES) = value_json(badges_json(ch->arena, &badges));
    change_add_text(ch, KIND_CARD, op->id, values, desc);
}

static enum err card_create(struct change *ch, const struct op *op)
{
    struct object *list;
    enum err err = change_fresh(ch, op->id);
    if (!err) err = change_quota(ch, KIND_CARD, CARDS_PER_BOARD_MAX);
    if (!err) err = card_check_new(ch, op, &list);
    if (err) return err;
    card_add(ch, op, list, values_new(ch, KIND_CARD), op->text);
    return ERR_OK;
}

/* -- change */

static enum err card_move(struct change *ch, const struct op *op, struct object *card)
{
    struct columns c = {0};
    struct object *list = NULL;
    bool elsewhere = !id_is_none(op->id_list);
    struct id target = elsewhere ? op->id_list : object_value(card, F_CARD_ID_LIST)->id;
    enum err err = change_find(ch, KIND_LIST, target, "idList", &list);
    if (err) return err;
    if (elsewhere && object_value(list, F_LIST_CLOSED)->boolean)
        return change_refuse(
                ch, ERR_GONE, list, (struct why){"idList", "is an archived list", "an open list"});
    double *pos =
            change_place(ch, board_children(ch->board, KIND_CARD, target), card, &op->place, 1);
    columns_put(ch, &c, F_CARD_ID_LIST, value_id(target)); /* always both: one place for a card */
    columns_put(ch, &c, F_CARD_POS, value_num(pos[0]));
    columns_activity(ch, &c);
    change_set_one(ch, card, &c);
    return ERR_OK;
}

static enum err card_closed(struct change *ch, struct object *card, bool closed)
{
    struct columns c = {0};
    columns_put(ch, &c, F_CARD_CLOSED, value_bool(closed));
    columns_activity(ch, &c);
    change_set_one(ch, card, &c);
    return ERR_OK;
}

static enum err card_delete(struct change *ch, const struct op *op, struct object *card)
{
    if (!op->force && !object_value(card, F_CARD_CLOSED)->boolean)
        return change_refuse(ch, ERR_CONFLICT, card,
                (struct why){
                        "closed", "is false", "a card that was archived before it is deleted"});
    change_del_parts(ch, op->id);
    change_del(ch, KIND_CARD, &op->id, 1);
    return ERR_OK;
}

static enum err check_element(struct change *ch, const struct op *op, const struct value *set)
{
    bool label = op->name == OP_CARD_LABEL;
    struct object *found;
    if (!op->on) return ERR_OK;
    if (label) {
        enum err err = change_find(ch, KIND_LABEL, op->element, "element", &found);
        if (err) return err;
    } else if (board_membership(ch->board, op->element) == NULL) {
        return fault_set(ch->fault, ERR_NOT_FOUND, "element", "names no member of this board",
                "a member of the board");
    }
    if (!value_set_has(set, op->element) && set->set != NULL && set->set->count >= SET_ELEMENTS_MAX)
        return fault_set(ch->fault, ERR_QUOTA, "element",
                "comes to a card that has as many as it may", "fewer on one card");
    return ERR_OK;
}

static enum err card_tag(struct change *ch, const struct op *op, struct object *card)
{
    struct columns c = {0};
    enum field field = op->name == OP_CARD_LABEL ? F_CARD_ID_LABELS : F_CARD_ID_MEMBERS;
    struct effect tag = {.field = field, .element = op->element, .on = op->on};
    enum err err = check_element(ch, op, object_value(card, field));
    if (err) return err;
    change_tag(ch, KIND_CARD, &op->id, 1, &tag);
    columns_activity(ch, &c);
    change_set_one(ch, card, &c);
    return ERR_OK;
}

static enum err card_vote(struct change *ch, const struct op *op, struct object *card)
{
    struct columns c = {0};
    struct effect tag = {.field = F_CARD_ID_MEMBERS_VOTED,
            .element = ch->grant.actor.member,
            .on = op->on};
    const struct value *votes = object_value(card, tag.field);
    if (id_is_none(tag.element))
        return fault_set(ch->fault, ERR_FORBIDDEN, "", "comes from nobody", "a member");
    enum err err = change_lets(ch, SLICE("voting"), SLICE("disabled"), "is a vote");
    if (err || value_set_has(votes, tag.element) == op->on) return err;
    if (op->on && votes->set != NULL && votes->set->count >= VOTES_PER_CARD_MAX)
        return change_refuse(ch, ERR_QUOTA, card,
                (struct why){"id", "has as many votes as a card may", "fewer on one card"});
    change_tag(ch, KIND_CARD, &op->id, 1, &tag);
    columns_activity(ch, &c);
    change_set_one(ch, card, &c);
    return ERR_OK;
}

enum err resolve_card(struct change *ch, const struct op *op)
{
    struct object *card;
    struct columns c = {0};
    if (op->name == OP_CARD_CREATE) return card_create(ch, op);
    if (op->name == OP_CARD_COPY) return card_copy(ch, op);
    enum err err = change_find(ch, KIND_CARD, op->id, "id", &card);
    if (!err) err = change_if(ch, op, card);
    if (err) return err;
    if (op->name == OP_CARD_MOVE) return card_move(ch, op, card);
    if (op->name == OP_CARD_DELETE) return card_delete(ch, op, card);
    if (op->name == OP_CARD_LABEL || op->name == OP_CARD_MEMBER) return card_tag(ch, op, card);
    if (op->name == OP_CARD_VOTE) return card_vote(ch, op, card);
    if (op->name != OP_CARD_SET) return card_closed(ch, card, op->name == OP_CARD_CLOSE);
    err = cover_check_op(ch, op, &op->id, 1);
    if (err) return err;
    change_overwrites(ch, op, card);
    columns_sets(ch, &c, op);
    columns_activity(ch, &c);
    change_set_one(ch, card, &c);
    return ERR_OK;
}

/* -- many */

/* Cards that are gone meanwhile are left out; only when none is left there is nothing to do. */
enum err cards_find(
        struct change *ch, const struct op *op, struct id **ret_ids, uint32_t *ret_count)
{
    struct id *ids = ARENA_NEW_ARRAY(ch->arena, struct id, op->id_count);
    struct object *card;
    uint32_t count = 0;
    for (uint32_t i = 0; i < op->id_count; i++)
        if (board_get(ch->board, KIND_CARD, op->ids[i]) != NULL) ids[count++] = op->ids[i];
    /* why one is gone takes a walk over the tail: asked once, not for every id */
    if (count == 0) return change_find(ch, KIND_CARD, op->ids[op->id_count - 1], "ids", &card);
    *ret_ids = ids;
    *ret_count = count;
    return ERR_OK;
}

static int compare_places(const void *x, const void *y)
{
    uintptr_t a = (uintptr_t) * (struct object *const *)x;
    uintptr_t b = (uintptr_t) * (struct object *const *)y;
    return (a > b) - (a < b);
}

/* The list's cards without those that are moved: their own places must not decide. */
static struct siblings others(
        struct change *ch, struct id list, const struct id *ids, uint32_t id_count)
{
    const struct siblings *all = board_children(ch->board, KIND_CARD, list);
    struct siblings rest = {.parent = list};
    if (all == NULL) return rest;
    rest.at = ARENA_NEW_ARRAY(ch->arena, struct object *, all->count);
    struct object **moved = ARENA_NEW_ARRAY(ch->arena, struct object *, id_count);
    size_t moved_count = 0;
    for (uint32_t i = 0; i < id_count; i++) {
        struct object *card = board_get(ch->board, KIND_CARD, ids[i]);
        if (id_eq(object_value(card, F_CARD_ID_LIST)->id, list)) moved[moved_count++] = card;
    }
    if (moved_count > 0) qsort(moved, moved_count, sizeof *moved, compare_places);
    for (size_t i = 0; i < all->count; i++) {
        if (moved_count == 0 ||
                bsearch(&all->at[i], moved, moved_count, sizeof *moved, compare_places) == NULL)
            rest.at[rest.count++] = all->at[i];
    }
    return rest;
}

static enum err cards_move(struct change *ch, const struct op *op)
{
    struct id *ids;
    uint32_t count;
    struct object *list;
    struct columns c = {0};
    enum err err = cards_find(ch, op, &ids, &count);
    if (!err) err = change_find(ch, KIND_LIST, op->id_list, "idList", &list);
    if (err) return err;
    if (object_value(list, F_LIST_CLOSED)->boolean)
        return change_refuse(
                ch, ERR_GONE, list, (struct why){"idList", "is an archived list", "an open list"});
    struct siblings rest = others(ch, op->id_list, ids, count);
    double *places = change_place(ch, &rest, NULL, &op->place, count);
    columns_put(ch, &c, F_CARD_ID_LIST, value_id(op->id_list));
    columns_activity(ch, &c);
    struct value *pos = columns_many(ch, &c, F_CARD_POS, count);
    for (uint32_t i = 0; i < count; i++)
        pos[i] = value_num(places[i]);
    change_set(ch, KIND_CARD, ids, count, &c);
    return ERR_OK;
}

enum err resolve_cards(struct change *ch, const struct op *op)
{
    struct id *ids;
    uint32_t count;
    struct columns c = {0};
    if (op->name == OP_CARDS_MOVE) return cards_move(ch, op);
    enum err err = cards_find(ch, op, &ids, &count);
    if (!err) err = cover_check_op(ch, op, ids, count);
    if (err) return err;
    for (uint32_t i = 0; i < count && i < OVERWRITTEN_CARDS_MAX; i++)
        change_overwrites(ch, op, board_get(ch->board, KIND_CARD, ids[i]));
    columns_sets(ch, &c, op);
    columns_activity(ch, &c);
    change_set(ch, KIND_CARD, ids, count, &c);
    return ERR_OK;
}
