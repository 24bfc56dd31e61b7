/* Comments on cards: whom the board's prefs.comments lets writes them, in their own name. */
#include "core/base/limits.h"
#include "core/resolve.h"

_Static_assert(REACTIONS_PER_COMMENT_MAX *(EMOJI_BYTES_MAX + ID_TEXT + 8) < JSON_FIELD_BYTES_MAX,
        "all reactions fit into their field");

static struct object *card_of(const struct change *ch, struct object *comment)
{
    struct object *card =
            board_get(ch->board, KIND_CARD, object_value(comment, F_COMMENT_ID_CARD)->id);
    CHECK(card != NULL); /* its parts go with it */
    return card;
}

static enum err comment_create(struct change *ch, const struct op *op)
{
    struct object *card;
    enum err err = change_fresh(ch, op->id);
    if (!err) err = change_find(ch, KIND_CARD, op->id_card, "idCard", &card);
    if (!err) err = change_quota(ch, KIND_COMMENT, COMMENTS_PER_BOARD_MAX);
    if (err) return err;
    const struct siblings *others = board_children(ch->board, KIND_COMMENT, card->id);
    if (others != NULL && others->count >= COMMENTS_PER_CARD_MAX)
        return change_refuse(ch, ERR_QUOTA, card,
                (struct why){"idCard", "has as many comments as it may", "fewer on one card"});
    struct value *values = values_new(ch, KIND_COMMENT);
    values_sets(values, op);
    *values_at(values, F_COMMENT_DATE) = value_str(change_date(ch));
    *values_at(values, F_COMMENT_ID_CARD) = value_id(card->id);
    if (!id_is_none(ch->grant.actor.member))
        *values_at(values, F_COMMENT_ID_MEMBER_CREATOR) = value_id(ch->grant.actor.member);
    change_add(ch, KIND_COMMENT, op->id, values);
    change_touch(ch, card->id, false);
    return ERR_OK;
}

static bool is_author(const struct change *ch, struct object *comment)
{
    const struct value *by = object_value(comment, F_COMMENT_ID_MEMBER_CREATOR);
    return by->type == VALUE_ID && id_eq(by->id, ch->grant.actor.member);
}

/* -- reactions */

static void write_reaction(struct json_out *j, struct slice member, struct slice emoji)
{
    json_array_begin(j);
    json_str(j, member);
    json_str(j, emoji);
    json_array_end(j);
}

/* The stored array without this reaction of the actor's, or with it at the end. */
static enum err reactions_with(struct change *ch, const struct op *op, struct object *comment,
        struct buf *out, bool *ret_was)
{
    char own[ID_TEXT + 1];
    json_t *tree = NULL;
    struct slice stored = value_slice(object_value(comment, F_COMMENT_REACTIONS));
    struct json_out j = json_out(out);
    size_t count = 0;
    bool was = false;
    id_format(ch->grant.actor.member, own);
    if (stored.len > 0) CHECK(json_read(ch->arena, stored, &tree, NULL) == ERR_OK);
    json_array_begin(&j);
    for (size_t i = 0; i < json_array_size(tree); i++) {
        const json_t *pair = json_array_get(tree, i);
        struct slice member = json_slice(json_array_get(pair, 0)),
                     emoji = json_slice(json_array_get(pair, 1));
        bool same = slice_eq(member, slice_cstr(own)) && slice_eq(emoji, op->text);
        was = was || same;
        if (same && !op->on) continue;
        write_reaction(&j, member, emoji);
        count++;
    }
    if (op->on && !was) write_reaction(&j, slice_cstr(own), op->text);
    json_array_end(&j);
    *ret_was = was;
    if (op->on && !was && count >= REACTIONS_PER_COMMENT_MAX)
        return change_refuse(ch, ERR_QUOTA, comment,
                (struct why){"emoji", "has as many others as a comment may", "fewer"});
    return ERR_OK;
}

static enum err comment_react(struct change *ch, const struct op *op, struct object *comment)
{
    struct columns c = {0};
    struct buf out;
    bool was;
    if (id_is_none(ch->grant.actor.member))
        return fault_set(ch->fault, ERR_FORBIDDEN, "", "comes from nobody", "a member");
    buf_init(&out, JSON_FIELD_BYTES_MAX);
    enum err err = reactions_with(ch, op, comment, &out, &was);
    CHECK(buf_ok(&out));
    if (!err && was != op->on) {
        bool none = out.len == 2;
        columns_put(ch, &c, F_COMMENT_REACTIONS,
                none ? (struct value){.type = VALUE_NULL} : value_json(buf_slice(&out)));
        change_set_one(ch, comment, &c);
    }
    buf_fini(&out);
    return err;
}

/* -- */

enum err resolve_comment(struct change *ch, const struct op *op)
{
    struct object *comment;
    struct columns c = {0};
    bool moderates = op->name == OP_COMMENT_DELETE && ch->grant.role == ROLE_ADMIN;
    enum err err = moderates ? ERR_OK
                             : change_lets(ch, SLICE("comments"), SLICE("members"), "is a comment");
    if (err) return err;
    if (op->name == OP_COMMENT_CREATE) return comment_create(ch, op);
    err = change_find(ch, KIND_COMMENT, op->id, "id", &comment);
    if (!err) err = change_if(ch, op, comment);
    if (err) return err;
    if (op->name == OP_COMMENT_REACT) return comment_react(ch, op, comment);
    bool removes = op->name == OP_COMMENT_DELETE;
    if (!is_author(ch, comment) && !moderates)
        return fault_set(ch->fault, ERR_FORBIDDEN, "id", "is somebody else's comment",
                removes ? "one's own, or an admin" : "one's own");
    struct id card = card_of(ch, comment)->id;
    if (removes) {
        change_del(ch, KIND_COMMENT, &op->id, 1);
    } else {
        change_overwrites(ch, op, comment);
        columns_sets(ch, &c, op);
        columns_put(ch, &c, F_COMMENT_DATE_LAST_EDITED, value_str(change_date(ch)));
        change_set_one(ch, comment, &c);
    }
    change_touch(ch, card, false);
    return ERR_OK;
}
