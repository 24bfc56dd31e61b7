#include "core/base/limits.h"
#include "core/resolve.h"

/* A delta counts from the text its sender saw, so a newer text refuses it; the sender rebases
 * over the difference. */
static enum err text_delta(struct change *ch, const struct op *op, const struct object *o,
        const struct doc *doc, struct delta *ret_delta)
{
    struct slice after;
    if (op->name == OP_TEXT_PUT) {
        delta_diff(ch->arena, doc->text, op->text, ret_delta);
        return ERR_OK;
    }
    if (doc->s > ch->base)
        return change_refuse(ch, ERR_STALE, o,
                (struct why){"base", "is older than the text's last change",
                        "the seq of the text's last change, or a later one"});
    enum err err = delta_apply(ch->arena, doc->text, &op->delta, TEXT_UNITS_MAX, &after, ch->fault);
    if (err) return err;
    *ret_delta = op->delta;
    return ERR_OK;
}

/* A card's face says whether there is a description; the text itself comes when it is opened. */
struct slice badges_with_text(bool has_text)
{
    return has_text ? SLICE("{\"description\":true}") : SLICE("{}");
}

static void columns_badges(struct change *ch, struct columns *c, struct object *card, bool has_text)
{
    struct value badges = value_json(badges_with_text(has_text));
    if (value_eq(&badges, object_value(card, F_CARD_BADGES)))
        value_fini(&badges);
    else
        columns_put(ch, c, F_CARD_BADGES, badges);
}

enum err resolve_text(struct change *ch, const struct op *op)
{
    struct object *o;
    struct columns c = {0};
    struct delta delta;
    enum err err = change_find(ch, op->kind, op->id, "id", &o);
    if (!err) err = change_if(ch, op, o);
    if (err) return err;
    const struct doc *doc = board_doc(ch->board, op->id, op->text_field);
    CHECK(doc != NULL); /* the engine fetched what op_needs named */
    err = text_delta(ch, op, o, doc, &delta);
    if (err) return err;
    change_txt(ch, op->kind, op->id, op->text_field, &delta);
    if (op->kind != KIND_CARD) return ERR_OK;
    columns_badges(ch, &c, o, board_doc(ch->board, op->id, op->text_field)->text.len > 0);
    columns_activity(ch, &c);
    change_set_one(ch, o, &c);
    return ERR_OK;
}
