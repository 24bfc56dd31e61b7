/* Covers that show an attachment: it is one of the card's own, and a cover does not outlive it. */
#include "core/cover.h"
#include "core/resolve.h"

enum err cover_check(struct change *ch, const struct value *value, struct id card)
{
    struct cover cover;
    if (!cover_read(value, &cover) || id_is_none(cover.attachment)) return ERR_OK;
    struct object *attachment = board_get(ch->board, KIND_ATTACHMENT, cover.attachment);
    if (attachment != NULL && id_eq(object_value(attachment, F_ATTACHMENT_ID_CARD)->id, card))
        return ERR_OK;
    return fault_set(ch->fault, ERR_NOT_FOUND, "cover",
            "has an idAttachment that names no attachment of the card", "one of its own");
}

enum err cover_check_op(
        struct change *ch, const struct op *op, const struct id *cards, uint32_t count)
{
    enum err err = ERR_OK;
    for (uint32_t i = 0; i < op->set_count; i++)
        for (uint32_t k = 0; op->sets[i].field == F_CARD_COVER && k < count && !err; k++)
            err = cover_check(ch, &op->sets[i].values[0], cards[k]);
    return err;
}

void cover_forget(struct change *ch, struct object *attachment)
{
    struct cover cover;
    struct columns c = {0};
    struct object *card =
            board_get(ch->board, KIND_CARD, object_value(attachment, F_ATTACHMENT_ID_CARD)->id);
    CHECK(card != NULL); /* its parts go with it */
    if (!cover_read(object_value(card, F_CARD_COVER), &cover) ||
            !id_eq(cover.attachment, attachment->id))
        return;
    columns_put(ch, &c, F_CARD_COVER, (struct value){.type = VALUE_NULL});
    change_set_one(ch, card, &c);
}
