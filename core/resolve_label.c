#include "core/base/limits.h"
#include "core/resolve.h"

/* Trello's ten colours, each plain, dark and light; null is a label without one. */
bool label_color_known(const struct value *color)
{
    static const char *const hues[] = {
            "green", "yellow", "orange", "red", "purple", "blue", "sky", "lime", "pink", "black"};
    struct slice text = value_slice(color);
    if (color->type == VALUE_NULL) return true;
    if (slice_ends(text, SLICE("_dark")))
        text.len -= 5;
    else if (slice_ends(text, SLICE("_light")))
        text.len -= 6;
    for (size_t i = 0; i < ARRAY_COUNT(hues); i++)
        if (slice_eq(text, slice_cstr(hues[i]))) return true;
    return false;
}

static enum err check_color(struct change *ch, const struct op *op)
{
    for (uint32_t i = 0; i < op->set_count; i++)
        if (op->sets[i].field == F_LABEL_COLOR && !label_color_known(&op->sets[i].values[0]))
            return fault_setf(ch->fault, ERR_INVALID, "color",
                    "null or green, yellow, orange, red, purple, blue, sky, lime, pink, black, "
                    "with _dark or _light",
                    "is \"%.*s\"", SLICE_ARG(value_slice(&op->sets[i].values[0])));
    return ERR_OK;
}

static enum err label_create(struct change *ch, const struct op *op)
{
    enum err err = change_fresh(ch, op->id);
    if (!err) err = change_quota(ch, KIND_LABEL, LABELS_PER_BOARD_MAX);
    if (err) return err;
    struct value *values = values_new(ch, KIND_LABEL);
    values_sets(values, op);
    change_add(ch, KIND_LABEL, op->id, values);
    return ERR_OK;
}

/* Every carrier loses it by an effect of its own, so that nobody who follows needs a rule for
 * it. */
static enum err label_delete(struct change *ch, const struct op *op)
{
    struct effect tag = {.field = F_CARD_ID_LABELS, .element = op->id, .on = false};
    struct id *ids = ARENA_NEW_ARRAY(ch->arena, struct id, ch->board->count[KIND_CARD]);
    uint32_t count = 0;
    for (struct object *o = ch->board->objects; o != NULL; o = o->hh.next)
        if (o->kind == KIND_CARD && value_set_has(object_value(o, F_CARD_ID_LABELS), op->id))
            ids[count++] = o->id;
    if (count > 0) change_tag(ch, KIND_CARD, ids, count, &tag);
    change_del(ch, KIND_LABEL, &op->id, 1);
    return ERR_OK;
}

enum err resolve_label(struct change *ch, const struct op *op)
{
    struct object *label;
    struct columns c = {0};
    enum err err = check_color(ch, op);
    if (err) return err;
    if (op->name == OP_LABEL_CREATE) return label_create(ch, op);
    err = change_find(ch, KIND_LABEL, op->id, "id", &label);
    if (!err) err = change_if(ch, op, label);
    if (err) return err;
    if (op->name == OP_LABEL_DELETE) return label_delete(ch, op);
    change_overwrites(ch, op, label);
    columns_sets(ch, &c, op);
    change_set_one(ch, label, &c);
    return ERR_OK;
}
