#include "core/list_copy.h"

#include "core/base/hash.h"
#include "core/walk.h"

static struct id copy_id(const struct list_copy *c, struct id id)
{
    char key[2 * ID_BYTES];
    if (id_eq(id, c->source)) return c->root;
    memcpy(key, c->root.bytes, ID_BYTES);
    memcpy(key + ID_BYTES, id.bytes, ID_BYTES);
    return id_make(id_seconds(c->root), hash64(slice_of(key, sizeof key), 0));
}

/* A cover may be one of the card's attachments, which has another id in the copy. */
static void cover_write(const struct list_copy *c, struct slice cover)
{
    struct slice attachment;
    struct id id;
    char text[ID_TEXT + 1];
    if (!walk_find(cover, SLICE("idAttachment"), &attachment) || attachment.len != ID_TEXT + 2 ||
            !id_parse(slice_of(attachment.ptr + 1, ID_TEXT), &id)) {
        json_raw(c->j, cover);
        return;
    }
    struct buf made;
    buf_init(&made, cover.len + 1);
    id_format(copy_id(c, id), text);
    buf_add(&made, slice_head(cover, (size_t)(attachment.ptr + 1 - cover.ptr)));
    buf_add(&made, slice_cstr(text));
    buf_add(&made, slice_from(cover, (size_t)(attachment.ptr + 1 + ID_TEXT - cover.ptr)));
    json_raw(c->j, buf_slice(&made));
    buf_fini(&made);
}

static bool stays_behind(enum field f)
{
    return f == F_CARD_ID_SHORT || f == F_CARD_SHORT_LINK || f == F_CARD_DATE_LAST_ACTIVITY ||
           f == F_CARD_ID_MEMBERS_VOTED || f == F_CARD_BADGES;
}

static void field_write(const struct list_copy *c, const struct object *o, enum field f)
{
    const struct field_info *info = field_info(f);
    const struct value *v = &o->fields[info->slot];
    bool up = f == kind_parent_field(o->kind) || f == kind_card_field(o->kind);
    if (info->type == FIELD_TEXT || v->type == VALUE_NULL || stays_behind(f)) return;
    json_key(c->j, info->name);
    if (f == F_LIST_NAME && id_eq(o->id, c->source) && c->name.ptr != NULL)
        json_str(c->j, c->name);
    else if (up)
        json_id(c->j, copy_id(c, v->id));
    else if (f == F_CARD_COVER)
        cover_write(c, value_slice(v));
    else
        value_write(c->j, v);
}

static void object_copy(struct list_copy *c, const struct object *o)
{
    const struct kind_info *kind = kind_info(o->kind);
    struct slice desc = {0};
    if (o->kind == KIND_CARD && c->text != NULL) desc = c->text(c->context, o->id, F_CARD_DESC);
    json_array_begin(c->j);
    json_str(c->j, kind->name);
    json_object_begin(c->j);
    JSON_KEY(c->j, "id");
    json_id(c->j, copy_id(c, o->id));
    for (unsigned i = 0; i < kind->count; i++)
        field_write(c, o, (enum field)((unsigned)kind->first + i));
    if (desc.len > 0) {
        JSON_KEY(c->j, "badges");
        json_raw(c->j, SLICE("{\"description\":true}"));
        JSON_KEY(c->j, "desc");
        json_str(c->j, desc);
    }
    json_object_end(c->j);
    json_array_end(c->j);
    c->count++;
}

static void children_copy(struct list_copy *c, enum kind kind, struct id parent)
{
    const struct siblings *s = board_children(c->b, kind, parent);
    for (size_t i = 0; s != NULL && i < s->count; i++) {
        object_copy(c, s->at[i]);
        if (kind == KIND_CHECKLIST) children_copy(c, KIND_CHECK_ITEM, s->at[i]->id);
    }
}

static void card_copy(struct list_copy *c, const struct object *card)
{
    object_copy(c, card);
    children_copy(c, KIND_CHECKLIST, card->id);
    children_copy(c, KIND_ATTACHMENT, card->id);
    children_copy(c, KIND_FIELD_ITEM, card->id);
}

void list_copy_write(struct list_copy *c)
{
    const struct object *list = board_get(c->b, KIND_LIST, c->source);
    const struct siblings *cards = board_children(c->b, KIND_CARD, c->source);
    CHECK(list != NULL);
    object_copy(c, list);
    for (size_t i = 0; cards != NULL && i < cards->count; i++)
        if (!object_value(cards->at[i], F_CARD_CLOSED)->boolean) card_copy(c, cards->at[i]);
}
