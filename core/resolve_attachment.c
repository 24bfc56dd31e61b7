/* Attachments of cards: links, and files that the server has stored before it says so here. What
 * is deleted stays in the log, and with it the name of its file: it can be brought back. */
#include "core/attachment.h"
#include "core/base/limits.h"
#include "core/resolve.h"

static struct object *card_of(const struct change *ch, struct object *attachment)
{
    struct object *card =
            board_get(ch->board, KIND_CARD, object_value(attachment, F_ATTACHMENT_ID_CARD)->id);
    CHECK(card != NULL); /* its parts go with it */
    return card;
}

/* A link as it may be, or the name of a file as storage gives it. */
static enum err check_source(struct change *ch, const struct op *op, struct value *values)
{
    struct slice url = value_slice(values_at(values, F_ATTACHMENT_URL));
    if (op->name == OP_ATTACHMENT_CREATE && !attachment_url_valid(url))
        return fault_set(ch->fault, ERR_INVALID, "url", "is no link that can be followed",
                "an address with http:// or https://");
    if (op->name == OP_ATTACHMENT_FILE &&
            (!file_hash_valid(value_slice(values_at(values, F_ATTACHMENT_FILE))) ||
                    value_slice(values_at(values, F_ATTACHMENT_FILE_NAME)).len == 0))
        return fault_set(ch->fault, ERR_INVALID, "file", "has no hash or no name", "both");
    return ERR_OK;
}

static void complete(struct change *ch, const struct op *op, struct value *values)
{
    struct value *name = values_at(values, F_ATTACHMENT_NAME);
    bool file = op->name == OP_ATTACHMENT_FILE;
    if (value_slice(name).len == 0) {
        value_fini(name);
        *name = value_copy(
                values_at(values, file ? F_ATTACHMENT_FILE_NAME : F_ATTACHMENT_URL));
    }
    *values_at(values, F_ATTACHMENT_IS_UPLOAD) = value_bool(file);
    value_fini(values_at(values, F_ATTACHMENT_DATE));
    *values_at(values, F_ATTACHMENT_DATE) = value_str(change_date(ch));
    if (!id_is_none(ch->grant.actor.member))
        *values_at(values, F_ATTACHMENT_ID_MEMBER) = value_id(ch->grant.actor.member);
}

static void values_drop(struct value *values)
{
    for (unsigned i = 0; i < kind_info(KIND_ATTACHMENT)->count; i++)
        value_fini(&values[i]);
}

static enum err attachment_create(struct change *ch, const struct op *op)
{
    struct object *card;
    enum err err = change_fresh(ch, op->id);
    if (!err) err = change_find(ch, KIND_CARD, op->id_card, "idCard", &card);
    if (!err) err = change_quota(ch, KIND_ATTACHMENT, ATTACHMENTS_PER_BOARD_MAX);
    if (err) return err;
    const struct siblings *others = board_children(ch->board, KIND_ATTACHMENT, card->id);
    if (others != NULL && others->count >= ATTACHMENTS_PER_CARD_MAX)
        return change_refuse(ch, ERR_QUOTA, card,
                (struct why){"idCard", "has as many attachments as it may", "fewer on one card"});
    struct value *values = values_new(ch, KIND_ATTACHMENT);
    values_sets(values, op);
    err = check_source(ch, op, values);
    if (err) {
        values_drop(values);
        return err;
    }
    complete(ch, op, values);
    double *pos = change_place(ch, others, NULL, &op->place, 1);
    *values_at(values, F_ATTACHMENT_ID_CARD) = value_id(card->id);
    *values_at(values, F_ATTACHMENT_POS) = value_num(pos[0]);
    change_add(ch, KIND_ATTACHMENT, op->id, values);
    change_touch(ch, card->id, false);
    return ERR_OK;
}

enum err resolve_attachment(struct change *ch, const struct op *op)
{
    struct object *attachment;
    struct columns c = {0};
    if (op->name == OP_ATTACHMENT_CREATE || op->name == OP_ATTACHMENT_FILE)
        return attachment_create(ch, op);
    enum err err = change_find(ch, KIND_ATTACHMENT, op->id, "id", &attachment);
    if (!err) err = change_if(ch, op, attachment);
    if (err) return err;
    struct id card = card_of(ch, attachment)->id;
    if (op->name == OP_ATTACHMENT_DELETE) {
        cover_forget(ch, attachment);
        change_del(ch, KIND_ATTACHMENT, &op->id, 1);
    } else if (op->name == OP_ATTACHMENT_SET) {
        change_overwrites(ch, op, attachment);
        columns_sets(ch, &c, op);
        change_set_one(ch, attachment, &c);
    } else {
        double *pos = change_place(
                ch, board_children(ch->board, KIND_ATTACHMENT, card), attachment, &op->place, 1);
        columns_put(ch, &c, F_ATTACHMENT_POS, value_num(pos[0]));
        change_set_one(ch, attachment, &c);
    }
    change_touch(ch, card, false);
    return ERR_OK;
}
