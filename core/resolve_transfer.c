/* Cards on their way to another board, with everything that hangs on them: one event there adds
 * them, one here deletes them, and the store takes both or none.
 *
 * Cards and parts keep their ids and short links. What belongs to a board is looked for there by
 * what people see of it: labels by name and colour, custom fields by name and type, options by
 * text; what is missing is made. Its ids come of what is sequenced, so whoever resolves the op
 * again makes the same ones. Who is no member there is taken off, and named in both events. */
#include "core/base/hash.h"
#include "core/base/limits.h"
#include "core/resolve.h"

#define PART_BITS 32 /* of an id: which of those that are made */

/* What stands there for a label, a field or an option that is here. */
struct pair {
    struct pair *next;
    struct id here, there;
};

struct transfer {
    struct change *from, *to;
    const struct op *op;
    struct object *list; /* there */
    struct id *cards;
    uint32_t count;
    struct pair *pairs;
    struct object **labels; /* all that are there; NULL: to be looked for */
    size_t label_count;
    uint64_t hash, bits; /* of the transfer's id, of the next one that is made */
    struct value left;   /* members who were taken off: a set */
};

static struct pair *pair_find(const struct transfer *t, struct id here)
{
    struct pair *p = t->pairs;
    while (p != NULL && !id_eq(p->here, here))
        p = p->next;
    return p;
}

static bool pair_taken(const struct transfer *t, struct id there)
{
    for (const struct pair *p = t->pairs; p != NULL; p = p->next)
        if (id_eq(p->there, there)) return true;
    return false;
}

static void pair_add(struct transfer *t, struct id here, struct id there)
{
    struct pair *p = ARENA_NEW(t->from->arena, struct pair);
    *p = (struct pair){t->pairs, here, there};
    t->pairs = p;
}

static struct id next_id(struct transfer *t)
{
    struct id id;
    do
        id = id_make((uint32_t)(t->from->event->ts / 1000), t->bits++);
    while (board_find(t->to->board, id) != NULL);
    return id;
}

static struct value *values_of(struct transfer *t, const struct object *o)
{
    struct value *values = values_new(t->to, o->kind);
    for (unsigned i = 0; i < kind_info(o->kind)->count; i++) {
        value_fini(&values[i]);
        values[i] = value_copy(&o->fields[i]);
    }
    return values;
}

/* -- room */

static enum err room_for(struct transfer *t, enum kind kind, size_t count)
{
    size_t has = t->to->board->count[kind], quota = kind_quota(kind);
    if (count == 0 || has + count <= quota) return ERR_OK;
    return fault_setf(t->from->fault, ERR_QUOTA, "idBoard", "a board with room for what comes",
            "names a board that has %zu of kind %.*s", has, SLICE_ARG(kind_info(kind)->name));
}

static const enum kind parts[] = {KIND_CHECKLIST, KIND_COMMENT, KIND_ATTACHMENT, KIND_FIELD_ITEM};

static size_t count_children(const struct transfer *t, enum kind kind, struct id parent)
{
    const struct siblings *s = board_children(t->from->board, kind, parent);
    return s == NULL ? 0 : s->count;
}

static size_t count_items(const struct transfer *t, struct id card)
{
    const struct siblings *s = board_children(t->from->board, KIND_CHECKLIST, card);
    size_t count = 0;
    for (size_t i = 0; s != NULL && i < s->count; i++)
        count += count_children(t, KIND_CHECK_ITEM, s->at[i]->id);
    return count;
}

static enum err room_for_all(struct transfer *t)
{
    size_t items = 0, effects = t->count;
    enum err err = room_for(t, KIND_CARD, t->count);
    for (uint32_t i = 0; i < t->count; i++)
        items += count_items(t, t->cards[i]);
    for (size_t k = 0; k < ARRAY_COUNT(parts) && !err; k++) {
        size_t count = 0;
        for (uint32_t i = 0; i < t->count; i++)
            count += count_children(t, parts[k], t->cards[i]);
        err = room_for(t, parts[k], count);
        effects += count;
    }
    if (!err) err = room_for(t, KIND_CHECK_ITEM, items);
    /* before the work is done that would be too much for one event */
    if (!err && effects + items >= JSON_ITEMS_MAX)
        return fault_setf(t->from->fault, ERR_TOO_LARGE, "ids", "fewer cards at once",
                "names cards with %zu parts", effects + items);
    return err;
}

/* -- what belongs to a board: labels, fields, options */

/* They hang on nothing, so they are looked for among all that is on the board: once. */
static void find_labels(struct transfer *t)
{
    const struct board *b = t->to->board;
    if (t->labels != NULL) return;
    t->labels = ARENA_NEW_ARRAY(t->from->arena, struct object *, b->count[KIND_LABEL] + 1);
    t->label_count = 0;
    for (struct object *o = b->objects; o != NULL; o = o->hh.next)
        if (o->kind == KIND_LABEL) t->labels[t->label_count++] = o;
}

/* Of several that look alike the one with the least id: labels have no order. */
static struct object *label_like(struct transfer *t, struct object *here)
{
    struct object *found = NULL;
    find_labels(t);
    for (size_t i = 0; i < t->label_count; i++) {
        struct object *o = t->labels[i];
        if (found != NULL && id_cmp(found->id, o->id) < 0) continue;
        if (value_eq(object_value(o, F_LABEL_NAME), object_value(here, F_LABEL_NAME)) &&
                value_eq(object_value(o, F_LABEL_COLOR), object_value(here, F_LABEL_COLOR)))
            found = o;
    }
    return found;
}

static enum err pair_label(struct transfer *t, struct id id)
{
    struct object *here = board_get(t->from->board, KIND_LABEL, id);
    if (here == NULL || pair_find(t, id) != NULL) return ERR_OK;
    const struct object *there = label_like(t, here);
    if (there != NULL) {
        pair_add(t, id, there->id);
        return ERR_OK;
    }
    enum err err = room_for(t, KIND_LABEL, 1);
    if (err) return err;
    struct id made = next_id(t);
    change_add(t->to, KIND_LABEL, made, values_of(t, here));
    t->labels = NULL;
    pair_add(t, id, made);
    return ERR_OK;
}

static struct value last_place(struct transfer *t, enum kind kind, struct id parent)
{
    static const struct place bottom = {.how = PLACE_BOTTOM};
    return value_num(
            change_place(t->to, board_children(t->to->board, kind, parent), NULL, &bottom, 1)[0]);
}

static void make_option(struct transfer *t, struct object *here, struct id field)
{
    struct value *values = values_of(t, here);
    struct id made = next_id(t);
    *values_at(values, F_FIELD_OPTION_ID_CUSTOM_FIELD) = value_id(field);
    *values_at(values, F_FIELD_OPTION_POS) = last_place(t, KIND_FIELD_OPTION, field);
    change_add(t->to, KIND_FIELD_OPTION, made, values);
    pair_add(t, here->id, made);
}

static enum err make_field(struct transfer *t, struct object *here)
{
    struct id *options, made = next_id(t);
    uint32_t count = children_ids(t->from, KIND_FIELD_OPTION, here->id, &options);
    enum err err = room_for(t, KIND_CUSTOM_FIELD, 1);
    if (err) return err;
    struct value *values = values_of(t, here);
    *values_at(values, F_CUSTOM_FIELD_POS) =
            last_place(t, KIND_CUSTOM_FIELD, t->to->board->id);
    change_add(t->to, KIND_CUSTOM_FIELD, made, values);
    pair_add(t, here->id, made);
    for (uint32_t i = 0; i < count; i++)
        make_option(t, board_get(t->from->board, KIND_FIELD_OPTION, options[i]), made);
    return ERR_OK;
}

/* Two fields of one name and type stay two: a card has one value of each. */
static enum err pair_field(struct transfer *t, struct id id)
{
    struct object *here = board_get(t->from->board, KIND_CUSTOM_FIELD, id);
    const struct siblings *all =
            board_children(t->to->board, KIND_CUSTOM_FIELD, t->to->board->id);
    if (pair_find(t, id) != NULL) return ERR_OK;
    CHECK(here != NULL); /* values go with their field */
    for (size_t i = 0; all != NULL && i < all->count; i++) {
        struct object *o = all->at[i];
        if (pair_taken(t, o->id) ||
                !value_eq(object_value(o, F_CUSTOM_FIELD_NAME),
                        object_value(here, F_CUSTOM_FIELD_NAME)) ||
                !value_eq(object_value(o, F_CUSTOM_FIELD_TYPE),
                        object_value(here, F_CUSTOM_FIELD_TYPE)))
            continue;
        pair_add(t, id, o->id);
        return ERR_OK;
    }
    return make_field(t, here);
}

static enum err pair_option(struct transfer *t, struct id id, struct id field)
{
    struct object *here = board_get(t->from->board, KIND_FIELD_OPTION, id);
    const struct siblings *all = board_children(t->to->board, KIND_FIELD_OPTION, field);
    if (here == NULL || pair_find(t, id) != NULL) return ERR_OK; /* see says_nothing */
    for (size_t i = 0; all != NULL && i < all->count; i++) {
        if (!value_eq(object_value(all->at[i], F_FIELD_OPTION_TEXT),
                    object_value(here, F_FIELD_OPTION_TEXT)))
            continue;
        pair_add(t, id, all->at[i]->id);
        return ERR_OK;
    }
    if (all != NULL && all->count >= OPTIONS_PER_FIELD_MAX)
        return fault_setf(t->from->fault, ERR_QUOTA, "idBoard",
                "a field with room for the card's option",
                "names a board whose field has %zu options", all->count);
    make_option(t, here, field);
    return ERR_OK;
}

/* Everything that may still be refused. */
static enum err pair_all(struct transfer *t, struct object *card)
{
    enum err err = ERR_OK;
    const struct value *labels = object_value(card, F_CARD_ID_LABELS);
    for (uint32_t i = 0; !err && labels->set != NULL && i < labels->set->count; i++)
        err = pair_label(t, labels->set->ids[i]);
    const struct siblings *items = board_children(t->from->board, KIND_FIELD_ITEM, card->id);
    for (size_t i = 0; !err && items != NULL && i < items->count; i++) {
        struct id field = object_value(items->at[i], F_FIELD_ITEM_ID_CUSTOM_FIELD)->id;
        const struct value *option = object_value(items->at[i], F_FIELD_ITEM_ID_VALUE);
        err = pair_field(t, field);
        if (!err && option->type == VALUE_ID)
            err = pair_option(t, option->id, pair_find(t, field)->there);
    }
    return err;
}

/* -- there */

static bool comes_along(struct transfer *t, struct id member)
{
    if (board_membership(t->to->board, member) != NULL) return true;
    value_set_put(&t->left, member, true);
    return false;
}

static void keep_members(struct transfer *t, struct value *set)
{
    for (uint32_t i = 0; set->set != NULL && i < set->set->count;) {
        struct id member = set->set->ids[i];
        if (comes_along(t, member))
            i++;
        else
            value_set_put(set, member, false);
    }
}

static void map_labels(struct transfer *t, struct value *set)
{
    struct value there = {.type = VALUE_SET};
    for (uint32_t i = 0; set->set != NULL && i < set->set->count; i++) {
        const struct pair *p = pair_find(t, set->set->ids[i]);
        if (p != NULL) value_set_put(&there, p->there, true);
    }
    value_fini(set);
    *set = there;
}

static void add_card(struct transfer *t, struct object *card, double pos)
{
    struct change *to = t->to;
    struct value *values = values_of(t, card);
    const struct doc *doc = board_doc(t->from->board, card->id, F_CARD_DESC);
    CHECK(doc != NULL); /* the engine fetched what op_needs named */
    map_labels(t, values_at(values, F_CARD_ID_LABELS));
    keep_members(t, values_at(values, F_CARD_ID_MEMBERS));
    keep_members(t, values_at(values, F_CARD_ID_MEMBERS_VOTED));
    value_fini(values_at(values, F_CARD_DATE_LAST_ACTIVITY));
    *values_at(values, F_CARD_DATE_LAST_ACTIVITY) = value_str(change_date(to));
    *values_at(values, F_CARD_ID_LIST) = value_id(t->list->id);
    *values_at(values, F_CARD_ID_SHORT) = value_num(to->board->head.next_short);
    *values_at(values, F_CARD_POS) = value_num(pos);
    change_add_text(to, KIND_CARD, card->id, values, doc->text);
}

static void add_part(struct transfer *t, struct object *o)
{
    struct value *values = values_of(t, o);
    if (o->kind == KIND_CHECK_ITEM) {
        struct value *member = values_at(values, F_CHECK_ITEM_ID_MEMBER);
        if (member->type == VALUE_ID && !comes_along(t, member->id))
            *member = (struct value){.type = VALUE_NULL};
    }
    if (o->kind == KIND_FIELD_ITEM) {
        struct value *field = values_at(values, F_FIELD_ITEM_ID_CUSTOM_FIELD);
        struct value *option = values_at(values, F_FIELD_ITEM_ID_VALUE);
        field->id = pair_find(t, field->id)->there;
        if (option->type == VALUE_ID) option->id = pair_find(t, option->id)->there;
    }
    change_add(t->to, o->kind, o->id, values);
}

/* A value whose option was deleted before the value came, by an import or back again. */
static bool says_nothing(const struct transfer *t, struct object *o)
{
    if (o->kind != KIND_FIELD_ITEM) return false;
    const struct value *option = object_value(o, F_FIELD_ITEM_ID_VALUE);
    return option->type == VALUE_ID && pair_find(t, option->id) == NULL;
}

static void add_children(struct transfer *t, enum kind kind, struct id parent)
{
    struct id *ids;
    uint32_t count = children_ids(t->from, kind, parent, &ids);
    /* the card's face names the fields of that board */
    if (kind == KIND_FIELD_ITEM && count > 0) change_touch(t->to, parent, true);
    for (uint32_t i = 0; i < count; i++) {
        struct object *o = board_get(t->from->board, kind, ids[i]);
        if (says_nothing(t, o)) continue;
        add_part(t, o);
        if (kind == KIND_CHECKLIST) add_children(t, KIND_CHECK_ITEM, ids[i]);
    }
}

/* -- */

static enum err find_list(struct transfer *t)
{
    struct object *list = NULL;
    if (id_is_none(t->op->id_list)) {
        list = first_open_list(t->to);
        if (list == NULL)
            return fault_set(t->from->fault, ERR_GONE, "idBoard",
                    "names a board without open lists", "a board with an open list");
    } else {
        enum err err = change_find(t->to, KIND_LIST, t->op->id_list, "idList", &list);
        if (err) return err;
        if (object_value(list, F_LIST_CLOSED)->boolean)
            return change_refuse(t->from, ERR_GONE, list,
                    (struct why){"idList", "is an archived list", "an open list"});
    }
    t->list = list;
    return ERR_OK;
}

static enum err find_all(struct transfer *t)
{
    struct change *from = t->from;
    struct object *card;
    enum err err = ERR_OK;
    if (!id_is_none(t->op->id)) err = change_find(from, KIND_CARD, t->op->id, "id", &card);
    if (!err) err = cards_find(from, t->op, &t->cards, &t->count);
    for (uint32_t i = 0; i < t->count && !err; i++)
        err = change_if(from, t->op, board_get(from->board, KIND_CARD, t->cards[i]));
    if (!err) err = find_list(t);
    return err ? err : room_for_all(t);
}

static enum err carry(struct transfer *t)
{
    double *places = change_place(t->to, board_children(t->to->board, KIND_CARD, t->list->id), NULL,
            &t->op->place, t->count);
    for (uint32_t i = 0; i < t->count; i++) {
        struct object *card = board_get(t->from->board, KIND_CARD, t->cards[i]);
        enum err err = pair_all(t, card);
        if (err) return err;
        add_card(t, card, places[i]);
        for (size_t k = 0; k < ARRAY_COUNT(parts); k++)
            add_children(t, parts[k], card->id);
        if (!buf_ok(t->to->public_json))
            return fault_set(t->from->fault, ERR_TOO_LARGE, "ids", "has more than one event holds",
                    "fewer cards at once");
    }
    change_finish(t->to);
    for (uint32_t i = 0; i < t->count; i++)
        change_del_parts(t->from, t->cards[i]);
    change_del(t->from, KIND_CARD, t->cards, t->count);
    return ERR_OK;
}

/* What both halves say of each other: where the rest is, and under which id. */
static void write_tx(struct transfer *t, struct change *half, const struct change *rest)
{
    struct buf text;
    buf_init(&text, EVENT_BYTES_MAX);
    struct json_out j = json_out(&text);
    json_object_begin(&j);
    if (half == t->to) {
        JSON_KEY(&j, "from");
        json_id(&j, rest->board->id);
    }
    JSON_KEY(&j, "id");
    json_id(&j, id_make((uint32_t)(t->from->event->ts / 1000), t->hash));
    if (t->left.set != NULL) {
        JSON_KEY(&j, "left");
        value_write(&j, &t->left);
    }
    if (half == t->from) {
        JSON_KEY(&j, "to");
        json_id(&j, rest->board->id);
    }
    json_object_end(&j);
    /* at most the members of the board that the cards were on */
    if (ALWAYS(buf_ok(&text))) half->event->tx = arena_dup(half->arena, buf_slice(&text));
    buf_fini(&text);
}

enum err resolve_transfer(struct change *ch, const struct op *op)
{
    struct transfer t = {.from = ch, .to = ch->other, .op = op, .left = {.type = VALUE_SET}};
    if (t.to == NULL)
        return fault_set(ch->fault, ERR_INVALID, "idBoard", "is the board of the card",
                "another board: card.move stays on this one");
    t.hash = hash64(slice_of(ch->board->id.bytes, ID_BYTES), ch->event->seq);
    t.bits = t.hash >> PART_BITS << PART_BITS;
    enum err err = find_all(&t);
    if (!err) err = carry(&t);
    if (!err) {
        write_tx(&t, t.from, t.to);
        write_tx(&t, t.to, t.from);
    }
    value_fini(&t.left);
    return err;
}
