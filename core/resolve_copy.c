/* A card once more, with as much of what hangs on it as is asked for, in one event.
 *
 * Who copies need not have seen the card's parts, so the op brings the id of the new card only.
 * Those of its parts are made here from what is sequenced (the card and the event): whoever
 * resolves the op again makes the same ones, and in the order in which the parts stood, as
 * comments are told apart by nothing else. */
#include "core/base/hash.h"
#include "core/base/limits.h"
#include "core/cover.h"
#include "core/resolve.h"

#define PART_BITS 32 /* of an id: which of the parts */

struct copy {
    struct change *ch;
    const struct op *op;
    struct object *source;
    uint64_t bits;
};

static bool keeps(const struct copy *c, enum keep what)
{
    return (c->op->keep & (1u << what)) != 0;
}

/* Ids that exist already are passed over. */
static struct id next_id(struct copy *c)
{
    struct id id;
    do
        id = id_make((uint32_t)(c->ch->event->ts / 1000), c->bits++);
    while (board_find(c->ch->board, id) != NULL);
    return id;
}

/* -- the card */

/* KEEP_COUNT: always. What is not here is the new card's own, or begins anew: votes, its state. */
static const struct {
    enum field field;
    enum keep keep;
} taken[] = {{F_CARD_ADDRESS, KEEP_COUNT}, {F_CARD_CARD_ROLE, KEEP_COUNT},
        {F_CARD_COORDINATES, KEEP_COUNT}, {F_CARD_DUE, KEEP_DUE}, {F_CARD_DUE_REMINDER, KEEP_DUE},
        {F_CARD_ID_LABELS, KEEP_LABELS}, {F_CARD_ID_MEMBERS, KEEP_MEMBERS},
        {F_CARD_LOCATION_NAME, KEEP_COUNT}, {F_CARD_NAME, KEEP_COUNT}, {F_CARD_START, KEEP_START}};

/* A colour always; a picture with the attachment that it shows, which is a copy too. */
static void copy_cover(const struct copy *c, struct value *values, struct id shown)
{
    struct cover cover;
    if (!cover_read(object_value(c->source, F_CARD_COVER), &cover)) return;
    if (!id_is_none(cover.attachment)) cover.attachment = shown;
    *values_at(values, F_CARD_COVER) = cover_value(&cover);
}

static void add_card(struct copy *c, const struct object *list, struct id shown)
{
    struct change *ch = c->ch;
    struct value *values = values_new(ch, KIND_CARD);
    for (size_t i = 0; i < ARRAY_COUNT(taken); i++) {
        struct value *value = values_at(values, taken[i].field);
        if (taken[i].keep != KEEP_COUNT && !keeps(c, taken[i].keep)) continue;
        value_fini(value);
        *value = value_copy(object_value(c->source, taken[i].field));
    }
    copy_cover(c, values, shown);
    const struct doc *doc = board_doc(ch->board, c->source->id, F_CARD_DESC);
    CHECK(doc != NULL); /* the engine fetched what op_needs named */
    card_add(ch, c->op, list, values,
            c->op->has_text ? c->op->text : arena_dup(ch->arena, doc->text));
}

/* -- its parts */

static struct value *part_values(struct copy *c, const struct object *o)
{
    const struct kind_info *info = kind_info(o->kind);
    struct value *values = values_new(c->ch, o->kind);
    for (unsigned i = 0; i < info->count; i++) {
        value_fini(&values[i]);
        values[i] = value_copy(&o->fields[i]);
    }
    *values_at(values, kind_card_field(o->kind)) = value_id(c->op->id);
    return values;
}

static void copy_items(struct copy *c, struct id from, struct id to)
{
    struct id *items;
    uint32_t count = children_ids(c->ch, KIND_CHECK_ITEM, from, &items);
    for (uint32_t i = 0; i < count; i++) {
        struct value *values =
                part_values(c, board_get(c->ch->board, KIND_CHECK_ITEM, items[i]));
        *values_at(values, F_CHECK_ITEM_ID_CHECKLIST) = value_id(to);
        if (!keeps(c, KEEP_MEMBERS))
            *values_at(values, F_CHECK_ITEM_ID_MEMBER) = (struct value){.type = VALUE_NULL};
        change_add(c->ch, KIND_CHECK_ITEM, next_id(c), values);
    }
}

/* shown: the attachment that is the cover; its copy's id is known before. */
static void copy_parts(struct copy *c, enum kind kind, struct id shown, struct id shown_copy)
{
    struct id *ids;
    uint32_t count = children_ids(c->ch, kind, c->source->id, &ids);
    for (uint32_t i = 0; i < count; i++) {
        struct value *values = part_values(c, board_get(c->ch->board, kind, ids[i]));
        struct id id = id_eq(ids[i], shown) ? shown_copy : next_id(c);
        if (kind == KIND_COMMENT) {
            value_fini(values_at(values, F_COMMENT_REACTIONS));
            *values_at(values, F_COMMENT_REACTIONS) = (struct value){.type = VALUE_NULL};
        }
        change_add(c->ch, kind, id, values);
        if (kind == KIND_CHECKLIST) copy_items(c, ids[i], id);
    }
}

static const struct {
    enum keep keep;
    enum kind kind;
} parts[] = {{KEEP_CHECKLISTS, KIND_CHECKLIST}, {KEEP_COMMENTS, KIND_COMMENT},
        {KEEP_ATTACHMENTS, KIND_ATTACHMENT}, {KEEP_CUSTOM_FIELDS, KIND_FIELD_ITEM}};

static size_t count_children(const struct copy *c, enum kind kind, struct id parent)
{
    const struct siblings *s = board_children(c->ch->board, kind, parent);
    return s == NULL ? 0 : s->count;
}

static size_t count_items(const struct copy *c)
{
    const struct siblings *s = board_children(c->ch->board, KIND_CHECKLIST, c->source->id);
    size_t count = 0;
    for (size_t i = 0; s != NULL && i < s->count; i++)
        count += count_children(c, KIND_CHECK_ITEM, s->at[i]->id);
    return count;
}

static enum err room_for(struct copy *c, enum kind kind, size_t count)
{
    size_t has = c->ch->board->count[kind]; /* and so many are copied, which are among them */
    return count == 0 || has + count <= kind_quota(kind) ? ERR_OK : change_quota(c->ch, kind, 0);
}

static enum err room_for_all(struct copy *c)
{
    enum err err = room_for(c, KIND_CARD, 1);
    size_t effects = 0;
    for (size_t i = 0; i < ARRAY_COUNT(parts) && !err; i++) {
        size_t count = keeps(c, parts[i].keep)
                               ? count_children(c, parts[i].kind, c->source->id)
                               : 0;
        err = room_for(c, parts[i].kind, count);
        effects += count;
    }
    size_t items = keeps(c, KEEP_CHECKLISTS) ? count_items(c) : 0;
    if (!err) err = room_for(c, KIND_CHECK_ITEM, items);
    /* before the work is done that would be too much for one event */
    if (!err && effects + items >= JSON_ITEMS_MAX)
        return fault_setf(c->ch->fault, ERR_TOO_LARGE, "keep", "fewer of the card's parts",
                "makes a card with %zu parts", effects + items);
    return err;
}

/* -- */

enum err card_copy(struct change *ch, const struct op *op)
{
    struct copy c = {.ch = ch, .op = op};
    struct object *list;
    struct cover cover;
    struct id shown = {{0}}, shown_copy = {{0}};
    enum err err = change_fresh(ch, op->id);
    if (!err) err = change_find(ch, KIND_CARD, op->element, "idSource", &c.source);
    if (!err) err = room_for_all(&c);
    if (!err) err = card_check_new(ch, op, &list);
    if (err) return err;
    uint64_t hash = hash64(slice_of(op->id.bytes, ID_BYTES), ch->event->seq);
    c.bits = hash >> PART_BITS << PART_BITS;
    if (keeps(&c, KEEP_ATTACHMENTS) &&
            cover_read(object_value(c.source, F_CARD_COVER), &cover)) {
        shown = cover.attachment;
        if (!id_is_none(shown)) shown_copy = next_id(&c);
    }
    add_card(&c, list, shown_copy);
    for (size_t i = 0; i < ARRAY_COUNT(parts); i++)
        if (keeps(&c, parts[i].keep)) copy_parts(&c, parts[i].kind, shown, shown_copy);
    change_touch(ch, op->id, true);
    return ERR_OK;
}
