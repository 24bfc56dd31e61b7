/* Custom fields: what a board's cards have beside their own fields; the options of those that are
 * lists; and the value that a card has for one. */
#include "core/base/limits.h"
#include "core/custom_field.h"
#include "core/resolve.h"

/* -- fields and options */

static enum err check_type(struct change *ch, const struct op *op)
{
    for (uint32_t i = 0; i < op->set_count; i++)
        if (op->sets[i].field == F_CUSTOM_FIELD_TYPE) {
            if (custom_field_type_known(value_slice(&op->sets[i].values[0]))) return ERR_OK;
            break;
        }
    return fault_set(ch->fault, ERR_INVALID, "type", "is no type of a field",
            "checkbox, date, list, number or text");
}

/* Under what it stands in order, and how many may stand there; ERR_OK. */
static enum err parent_of(
        struct change *ch, const struct op *op, struct id *ret_parent, size_t *ret_most)
{
    struct object *field;
    *ret_parent = ch->board->id;
    *ret_most = CUSTOM_FIELDS_MAX;
    if (op->kind == KIND_CUSTOM_FIELD) return ERR_OK;
    struct id id = {{0}};
    for (uint32_t i = 0; i < op->set_count; i++)
        if (op->sets[i].field == F_FIELD_OPTION_ID_CUSTOM_FIELD) id = op->sets[i].values[0].id;
    enum err err = change_find(ch, KIND_CUSTOM_FIELD, id, "idCustomField", &field);
    if (err) return err;
    *ret_parent = id;
    *ret_most = OPTIONS_PER_FIELD_MAX;
    if (slice_eq(value_slice(object_value(field, F_CUSTOM_FIELD_TYPE)), SLICE("list")))
        return ERR_OK;
    return change_refuse(ch, ERR_INVALID, field,
            (struct why){
                    "idCustomField", "is no list, and has no options", "a field of type list"});
}

static enum err create(struct change *ch, const struct op *op)
{
    struct id parent;
    size_t most;
    enum err err = change_fresh(ch, op->id);
    if (!err && op->kind == KIND_CUSTOM_FIELD) err = check_type(ch, op);
    if (!err) err = parent_of(ch, op, &parent, &most);
    if (err) return err;
    const struct siblings *others = board_children(ch->board, op->kind, parent);
    if (others != NULL && others->count >= most)
        return fault_setf(
                ch->fault, ERR_QUOTA, "", "fewer of them", "there are %zu already", others->count);
    double *pos = change_place(ch, others, NULL, &op->place, 1);
    struct value *values = values_new(ch, op->kind);
    values_sets(values, op);
    *values_at(values, kind_pos_field(op->kind)) = value_num(pos[0]);
    change_add(ch, op->kind, op->id, values);
    return ERR_OK;
}

/* The values of cards for this field, or of this option. */
static void delete_values(struct change *ch, const struct object *o)
{
    struct id *ids = ARENA_NEW_ARRAY(ch->arena, struct id, ch->board->count[KIND_FIELD_ITEM]);
    enum field f =
            o->kind == KIND_CUSTOM_FIELD ? F_FIELD_ITEM_ID_CUSTOM_FIELD : F_FIELD_ITEM_ID_VALUE;
    uint32_t count = 0;
    for (struct object *item = ch->board->objects; item != NULL; item = item->hh.next) {
        if (item->kind != KIND_FIELD_ITEM) continue;
        const struct value *v = object_value(item, f);
        if (v->type == VALUE_ID && id_eq(v->id, o->id)) ids[count++] = item->id;
    }
    change_del(ch, KIND_FIELD_ITEM, ids, count);
}

static void delete_field(struct change *ch, struct object *o)
{
    struct id *options, id = o->id;
    enum kind kind = o->kind;
    delete_values(ch, o);
    uint32_t count = children_ids(ch, KIND_FIELD_OPTION, id, &options);
    change_del(ch, KIND_FIELD_OPTION, options, count);
    change_del(ch, kind, &id, 1);
}

enum err resolve_custom_field(struct change *ch, const struct op *op)
{
    struct object *o;
    struct columns c = {0};
    if (op->name == OP_CUSTOM_FIELD_CREATE || op->name == OP_FIELD_OPTION_CREATE)
        return create(ch, op);
    enum err err = change_find(ch, op->kind, op->id, "id", &o);
    if (!err) err = change_if(ch, op, o);
    if (err) return err;
    if (op->name == OP_CUSTOM_FIELD_DELETE || op->name == OP_FIELD_OPTION_DELETE) {
        delete_field(ch, o);
    } else if (op->name == OP_CUSTOM_FIELD_SET || op->name == OP_FIELD_OPTION_SET) {
        change_overwrites(ch, op, o);
        columns_sets(ch, &c, op);
        change_set_one(ch, o, &c);
    } else {
        struct id parent = op->kind == KIND_CUSTOM_FIELD
                                   ? ch->board->id
                                   : object_value(o, F_FIELD_OPTION_ID_CUSTOM_FIELD)->id;
        double *pos =
                change_place(ch, board_children(ch->board, op->kind, parent), o, &op->place, 1);
        columns_put(ch, &c, kind_pos_field(op->kind), value_num(pos[0]));
        change_set_one(ch, o, &c);
    }
    return ERR_OK;
}

/* -- a card's value */

static const struct value *given(const struct op *op, enum field f)
{
    static const struct value none = {.type = VALUE_NULL};
    for (uint32_t i = 0; i < op->set_count; i++)
        if (op->sets[i].field == f) return &op->sets[i].values[0];
    return &none;
}

static enum err check_value(struct change *ch, const struct op *op, struct object *field)
{
    const struct value *value = given(op, F_FIELD_ITEM_VALUE),
                       *option = given(op, F_FIELD_ITEM_ID_VALUE);
    struct slice type = value_slice(object_value(field, F_CUSTOM_FIELD_TYPE));
    bool list = slice_eq(type, SLICE("list"));
    struct object *of =
            option->type == VALUE_ID ? board_get(ch->board, KIND_FIELD_OPTION, option->id) : NULL;
    bool good = list ? value->type == VALUE_NULL : option->type == VALUE_NULL;
    if (good && option->type == VALUE_ID)
        good = of != NULL && id_eq(object_value(of, F_FIELD_OPTION_ID_CUSTOM_FIELD)->id, field->id);
    if (good && !list) good = custom_field_value_fits(type, value);
    if (good) return ERR_OK;
    return fault_setf(ch->fault, ERR_INVALID, list ? "idValue" : "value",
            list ? "null, or one of the field's options" : "null, or {type: string}",
            "is no value of a field of type %.*s", SLICE_ARG(type));
}

static struct object *item_of(struct change *ch, struct id card, struct id field)
{
    const struct siblings *items = board_children(ch->board, KIND_FIELD_ITEM, card);
    for (size_t i = 0; items != NULL && i < items->count; i++)
        if (id_eq(object_value(items->at[i], F_FIELD_ITEM_ID_CUSTOM_FIELD)->id, field))
            return items->at[i];
    return NULL;
}

enum err resolve_field_item(struct change *ch, const struct op *op)
{
    struct columns c = {0};
    struct object *card, *field;
    const struct value *value = given(op, F_FIELD_ITEM_VALUE),
                       *option = given(op, F_FIELD_ITEM_ID_VALUE);
    struct id id = given(op, F_FIELD_ITEM_ID_CUSTOM_FIELD)->id;
    enum err err = change_find(ch, KIND_CARD, op->id_card, "idCard", &card);
    if (!err) err = change_find(ch, KIND_CUSTOM_FIELD, id, "idCustomField", &field);
    if (!err) err = check_value(ch, op, field);
    if (err) return err;
    struct object *item = item_of(ch, card->id, id);
    bool none = value->type == VALUE_NULL && option->type == VALUE_NULL;
    if (none && item == NULL) return ERR_OK;
    if (none) {
        struct id gone = item->id;
        change_del(ch, KIND_FIELD_ITEM, &gone, 1);
    } else if (item != NULL) {
        change_overwrites(ch, op, item);
        columns_put(ch, &c, F_FIELD_ITEM_VALUE, value_copy(value));
        columns_put(ch, &c, F_FIELD_ITEM_ID_VALUE, value_copy(option));
        change_set_one(ch, item, &c);
    } else {
        err = change_fresh(ch, op->id);
        if (!err) err = change_quota(ch, KIND_FIELD_ITEM, FIELD_ITEMS_PER_BOARD_MAX);
        if (err) return err;
        struct value *values = values_new(ch, KIND_FIELD_ITEM);
        values_sets(values, op);
        *values_at(values, F_FIELD_ITEM_ID_CARD) = value_id(card->id);
        change_add(ch, KIND_FIELD_ITEM, op->id, values);
    }
    change_touch(ch, card->id, false);
    return ERR_OK;
}
