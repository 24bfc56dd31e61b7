/* What all resolvers of a card's parts share: the card's badges, its activity, and that parts go
 * with their card. */
#include "core/badges.h"
#include "core/resolve.h"

void columns_badges(
        struct change *ch, struct columns *c, struct object *card, const struct badges *badges)
{
    struct value json = value_json(badges_json(ch->arena, badges));
    if (value_eq(&json, object_value(card, F_CARD_BADGES)))
        value_fini(&json);
    else
        columns_put(ch, c, F_CARD_BADGES, json);
}

void change_touch(struct change *ch, struct id card, bool quiet)
{
    struct touched **link = &ch->touched;
    for (; *link != NULL; link = &(*link)->next) {
        if (!id_eq((*link)->card, card)) continue;
        (*link)->quiet = (*link)->quiet && quiet;
        return;
    }
    *link = ARENA_NEW(ch->arena, struct touched);
    **link = (struct touched){.card = card, .quiet = quiet};
}

void change_finish(struct change *ch)
{
    for (const struct touched *t = ch->touched; t != NULL; t = t->next) {
        struct columns c = {0};
        struct object *card = board_get(ch->board, KIND_CARD, t->card);
        if (card == NULL) continue; /* deleted by a later op */
        struct badges badges = badges_count(ch->arena, ch->board, card);
        columns_badges(ch, &c, card, &badges);
        if (!t->quiet) columns_activity(ch, &c);
        if (c.count > 0) change_set_one(ch, card, &c);
    }
}

enum err resolve_badges(struct change *ch, const struct op *op)
{
    for (uint32_t i = 0; i < op->id_count; i++)
        change_touch(ch, op->ids[i], true);
    return ERR_OK;
}

uint32_t children_ids(struct change *ch, enum kind kind, struct id parent, struct id **ret_ids)
{
    const struct siblings *s = board_children(ch->board, kind, parent);
    size_t count = s == NULL ? 0 : s->count;
    struct id *ids = ARENA_NEW_ARRAY(ch->arena, struct id, count);
    for (size_t i = 0; i < count; i++)
        ids[i] = s->at[i]->id;
    *ret_ids = ids;
    return (uint32_t)count;
}

void change_del_parts(struct change *ch, struct id card)
{
    struct id *checklists, *items;
    uint32_t checklist_count = children_ids(ch, KIND_CHECKLIST, card, &checklists);
    for (uint32_t i = 0; i < checklist_count; i++) {
        uint32_t count = children_ids(ch, KIND_CHECK_ITEM, checklists[i], &items);
        change_del(ch, KIND_CHECK_ITEM, items, count);
    }
    change_del(ch, KIND_CHECKLIST, checklists, checklist_count);
    uint32_t comment_count = children_ids(ch, KIND_COMMENT, card, &items);
    change_del(ch, KIND_COMMENT, items, comment_count);
    uint32_t attachment_count = children_ids(ch, KIND_ATTACHMENT, card, &items);
    change_del(ch, KIND_ATTACHMENT, items, attachment_count);
    uint32_t value_count = children_ids(ch, KIND_FIELD_ITEM, card, &items);
    change_del(ch, KIND_FIELD_ITEM, items, value_count);
}
