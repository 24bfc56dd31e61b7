/* What a list does to its cards: sort, archive, move, and delete, which first finds them another
 * home. */
#include <strings.h>

#include "core/base/date.h"
#include "core/base/limits.h"
#include "core/resolve.h"

/* -- sort */

static int compare_text(struct slice a, struct slice b)
{
    int order = strncasecmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);
    if (order != 0) return order;
    return a.len < b.len ? -1 : a.len > b.len;
}

static bool instant_of(const struct value *v, int64_t *ret_ms)
{
    if (v->type == VALUE_NULL) return false;
    CHECK(date_parse(value_slice(v), ret_ms)); /* it was read as one */
    return true;
}

/* By instants: one may be written with an offset or without its milliseconds. Cards without a date
 * stand last in both directions. */
static int compare_dates(const struct value *a, const struct value *b, int sign)
{
    int64_t p = 0, q = 0;
    bool dated = instant_of(a, &p), other_dated = instant_of(b, &q);
    if (!dated || !other_dated) return other_dated - dated;
    return p == q ? 0 : sign * (p < q ? -1 : 1);
}

struct order {
    struct slice by;
    int sign;
};

static int compare_cards(const void *x, const void *y, void *context)
{
    struct object *a = *(struct object *const *)x, *b = *(struct object *const *)y;
    const struct order *o = context;
    int order = 0;
    if (slice_eq(o->by, SLICE("name")))
        order = o->sign * compare_text(value_slice(object_value(a, F_CARD_NAME)),
                                  value_slice(object_value(b, F_CARD_NAME)));
    else if (slice_eq(o->by, SLICE("due")))
        order = compare_dates(object_value(a, F_CARD_DUE), object_value(b, F_CARD_DUE), o->sign);
    else if (slice_eq(o->by, SLICE("dateLastActivity")))
        order = compare_dates(object_value(a, F_CARD_DATE_LAST_ACTIVITY),
                object_value(b, F_CARD_DATE_LAST_ACTIVITY), o->sign);
    else if (slice_eq(o->by, SLICE("id")))
        order = o->sign * id_cmp(a->id, b->id);
    if (order != 0) return order;
    double p = object_value(a, F_CARD_POS)->num, q = object_value(b, F_CARD_POS)->num;
    int sign = slice_eq(o->by, SLICE("pos")) ? o->sign : 1;
    order = (p > q) - (p < q);
    return sign * (order != 0 ? order : id_cmp(a->id, b->id));
}

/* Open cards change places among themselves; closed ones keep theirs. Everyone gets a round
 * position, as equal ones cannot be told apart. */
static enum err list_sort(struct change *ch, const struct op *op, const struct siblings *cards)
{
    struct order order = {op->by, op->on ? -1 : 1};
    struct object **open = ARENA_NEW_ARRAY(ch->arena, struct object *, cards->count);
    struct id *ids = ARENA_NEW_ARRAY(ch->arena, struct id, cards->count);
    struct columns c = {0};
    size_t open_count = 0, next = 0;
    for (size_t i = 0; i < cards->count; i++)
        if (!object_value(cards->at[i], F_CARD_CLOSED)->boolean) open[open_count++] = cards->at[i];
    if (open_count == 0) return ERR_OK;
    qsort_r(open, open_count, sizeof(struct object *), compare_cards, &order);
    struct value *pos = columns_many(ch, &c, F_CARD_POS, (uint32_t)cards->count);
    for (size_t i = 0; i < cards->count; i++) {
        bool closed = object_value(cards->at[i], F_CARD_CLOSED)->boolean;
        ids[i] = closed ? cards->at[i]->id : open[next++]->id;
        pos[i] = value_num((double)(i + 1) * POS_STEP);
    }
    change_set(ch, KIND_CARD, ids, (uint32_t)cards->count, &c);
    return ERR_OK;
}

/* -- archive, move */

static struct id *card_ids(
        struct change *ch, const struct siblings *cards, bool open_only, uint32_t *ret_count)
{
    struct id *ids = ARENA_NEW_ARRAY(ch->arena, struct id, cards->count);
    uint32_t count = 0;
    for (size_t i = 0; i < cards->count; i++)
        if (!open_only || !object_value(cards->at[i], F_CARD_CLOSED)->boolean)
            ids[count++] = cards->at[i]->id;
    *ret_count = count;
    return ids;
}

static enum err list_archive_cards(struct change *ch, const struct siblings *cards)
{
    struct columns c = {0};
    uint32_t count;
    struct id *ids = card_ids(ch, cards, true, &count);
    if (count == 0) return ERR_OK;
    columns_put(ch, &c, F_CARD_CLOSED, value_bool(true));
    columns_activity(ch, &c);
    change_set(ch, KIND_CARD, ids, count, &c);
    return ERR_OK;
}

/* All cards, or the open ones, to the bottom of another list, in their order. */
static void move_cards(struct change *ch, const struct siblings *cards, const struct object *target,
        bool open_only, bool close)
{
    static const struct place bottom = {.how = PLACE_BOTTOM};
    struct columns c = {0};
    uint32_t count;
    struct id *ids = card_ids(ch, cards, open_only, &count);
    if (count == 0) return;
    double *places = change_place(
            ch, board_children(ch->board, KIND_CARD, target->id), NULL, &bottom, count);
    columns_put(ch, &c, F_CARD_ID_LIST, value_id(target->id));
    columns_activity(ch, &c);
    if (close) columns_put(ch, &c, F_CARD_CLOSED, value_bool(true));
    struct value *pos = columns_many(ch, &c, F_CARD_POS, count);
    for (uint32_t i = 0; i < count; i++)
        pos[i] = value_num(places[i]);
    change_set(ch, KIND_CARD, ids, count, &c);
}

static enum err find_target(struct change *ch, const struct op *op, struct object **ret_list)
{
    struct object *target;
    enum err err = change_find(ch, KIND_LIST, op->id_list, "idList", &target);
    if (err) return err;
    if (id_eq(op->id_list, op->id))
        return change_refuse(ch, ERR_INVALID, NULL,
                (struct why){"idList", "is the list itself", "another list"});
    if (object_value(target, F_LIST_CLOSED)->boolean)
        return change_refuse(ch, ERR_GONE, target,
                (struct why){"idList", "is an archived list", "an open list"});
    *ret_list = target;
    return ERR_OK;
}

/* -- delete */

/* The list to the left, else the one to the right. */
static struct object *neighbour(struct change *ch, const struct object *list)
{
    const struct siblings *lists = board_children(ch->board, KIND_LIST, ch->board->id);
    size_t at = siblings_index(lists, list);
    if (at > 0) return lists->at[at - 1];
    return lists->count > 1 ? lists->at[1] : NULL;
}

static enum err list_delete(
        struct change *ch, const struct op *op, struct object *list, const struct siblings *cards)
{
    struct object *target = NULL;
    bool given = !id_is_none(op->id_list);
    enum err err = given ? find_target(ch, op, &target) : ERR_OK;
    if (err) return err;
    if (!given) target = neighbour(ch, list);
    if (cards != NULL) { /* then there is one */
        if (target == NULL)
            return change_refuse(ch, ERR_CONFLICT, list,
                    (struct why){"id", "is the last list and has cards",
                            "another list that can take them"});
        move_cards(ch, cards, target, false, !given);
    }
    change_del(ch, KIND_LIST, &op->id, 1);
    return ERR_OK;
}

enum err resolve_list_cards(struct change *ch, const struct op *op)
{
    struct object *list, *target = NULL;
    enum err err = change_find(ch, KIND_LIST, op->id, "id", &list);
    if (!err) err = change_if(ch, op, list);
    if (!err && op->name == OP_LIST_MOVE_CARDS) err = find_target(ch, op, &target);
    if (err) return err;
    const struct siblings *cards = board_children(ch->board, KIND_CARD, list->id);
    if (op->name == OP_LIST_DELETE) return list_delete(ch, op, list, cards);
    if (cards == NULL) return ERR_OK;
    if (op->name == OP_LIST_SORT) return list_sort(ch, op, cards);
    if (op->name == OP_LIST_ARCHIVE_CARDS) return list_archive_cards(ch, cards);
    move_cards(ch, cards, target, true, false);
    return ERR_OK;
}
