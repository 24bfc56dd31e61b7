/* resolve_revert.c - an event taken back, as another event: what it replaced is put there again
 * where it is untouched since, else the whole is refused and says what was changed.
 *
 * The record came out of this board's own log by way of a reader, so its form is not doubted; the
 * board may have gone on since, so everything else is. */
#include "core/base/limits.h"
#include "core/resolve.h"

struct revert {
    struct change *ch;
    const struct op *op;
    const struct event *after;  /* with the values it set */
    const struct event *before; /* with those it replaced */
    bool has_text, has_parts;
};

enum perm revert_perm(const struct op *op)
{
    const struct event *e = op->record;
    for (uint32_t i = 0; i < e->effect_count; i++) {
        const struct effect *fx = &e->effects[i];
        bool list_made = fx->form == EFFECT_ADD && fx->kind == KIND_LIST;
        if (list_made || fx->kind == KIND_BOARD) return PERM_ADMIN; /* as list.delete, board.set */
    }
    return PERM_EDIT;
}

static enum err changed_since(struct revert *r, const struct object *o, struct slice field)
{
    char name[48];
    snprintf(name, sizeof name, "%.*s", SLICE_ARG(field));
    return change_refuse(r->ch, ERR_CONFLICT, o,
            (struct why){name, "was changed since", "what the event made of it"});
}

static enum err not_this(struct revert *r)
{
    return fault_set(r->ch->fault, ERR_INVALID, "s", "names an event that cannot be taken back",
            "a change of lists, cards and labels");
}

/* With `id` only what was done to that object, and to what hangs on it. */
static bool chosen(const struct revert *r, const struct object *o, struct id id)
{
    enum field f;
    if (id_is_none(r->op->id) || id_eq(r->op->id, id)) return true;
    return o != NULL && field_parse(o->kind, SLICE("idCard"), &f) &&
           id_eq(object_value((struct object *)(uintptr_t)o, f)->id, r->op->id);
}

/* -- what hangs on cards */

/* Its card's face is to be counted anew. */
static void touch_card(struct revert *r, struct object *o)
{
    enum field f = kind_card_field(o->kind);
    if (f != FIELD_COUNT) change_touch(r->ch, object_value(o, f)->id, false);
}

/* What one said is taken back by oneself; a comment that was made, by an admin as well. */
static enum err may_take_back(struct revert *r, const struct effect *fx)
{
    const struct grant *g = &r->ch->grant;
    if (fx->form == EFFECT_TAG && fx->field == F_CARD_ID_MEMBERS_VOTED && !g->actor.system &&
            !id_eq(fx->element, g->actor.member))
        return fault_set(r->ch->fault, ERR_FORBIDDEN, "s", "is somebody else's vote",
                "a vote of one's own");
    if (fx->kind != KIND_COMMENT || g->actor.system || id_eq(r->after->by, g->actor.member))
        return ERR_OK;
    if (fx->form == EFFECT_ADD && g->role == ROLE_ADMIN) return ERR_OK;
    return fault_set(r->ch->fault, ERR_FORBIDDEN, "s", "is about somebody else's comment",
            "an event of one's own");
}

/* Under what it hung must be there. */
static enum err check_above(struct revert *r, enum kind kind, struct value *values)
{
    static const struct {
        enum field field;
        enum kind above;
    } all[] = {{F_CHECKLIST_ID_CARD, KIND_CARD}, {F_CHECK_ITEM_ID_CHECKLIST, KIND_CHECKLIST},
            {F_COMMENT_ID_CARD, KIND_CARD}, {F_FIELD_ITEM_ID_CARD, KIND_CARD},
            {F_ATTACHMENT_ID_CARD, KIND_CARD},
            {F_FIELD_ITEM_ID_CUSTOM_FIELD, KIND_CUSTOM_FIELD},
            {F_FIELD_ITEM_ID_VALUE, KIND_FIELD_OPTION}, /* null where its field is no list */
            {F_FIELD_OPTION_ID_CUSTOM_FIELD, KIND_CUSTOM_FIELD}};
    enum err err = ERR_OK;
    for (size_t i = 0; i < ARRAY_COUNT(all) && err == ERR_OK; i++) {
        struct object *o;
        if (field_info(all[i].field)->kind != kind) continue;
        const struct value *above = values_at(values, all[i].field);
        if (above->type == VALUE_ID) err = change_find(r->ch, all[i].above, above->id, "s", &o);
    }
    return err;
}

/* -- set */

/* The ids that are still there. Of one that is gone it is said, of some among many it is not. */
static enum err find_ids(
        struct revert *r, const struct effect *fx, uint32_t **ret_at, uint32_t *ret_count)
{
    uint32_t *at = ARENA_NEW_ARRAY(r->ch->arena, uint32_t, fx->id_count), count = 0;
    struct object *o;
    bool any = false;
    for (uint32_t i = 0; i < fx->id_count; i++) {
        o = board_get(r->ch->board, fx->kind, fx->ids[i]);
        if (!chosen(r, o, fx->ids[i])) continue;
        any = true;
        if (o != NULL) at[count++] = i;
    }
    if (any && count == 0) return change_find(r->ch, fx->kind, fx->ids[0], "s", &o);
    *ret_at = at;
    *ret_count = count;
    return ERR_OK;
}

static bool put_back(const struct revert *r, enum field f)
{
    if (f == F_CARD_DATE_LAST_ACTIVITY) return false;
    /* texts and parts see to their own */
    return f != F_CARD_BADGES || (!r->has_text && !r->has_parts);
}

/* Places may have been made anew without anyone's doing: they are put back as they were. */
static enum err check_column(struct revert *r, const struct effect_column *after,
        const struct effect_column *before, const struct object *o, uint32_t at)
{
    const struct value *now = &o->fields[field_info(after->field)->slot];
    const struct value *set = &after->values[after->count > 1 ? at : 0];
    const struct value *old = &before->values[at];
    struct object *list;
    if (after->field == kind_pos_field(o->kind)) return ERR_OK;
    if (!value_eq(now, set)) return changed_since(r, o, field_info(after->field)->name);
    if (after->field == F_BOARD_ID_ORGANIZATION) return organization_check(r->ch, old);
    if (after->field == F_CARD_COVER) return cover_check(r->ch, old, o->id);
    if (after->field == F_FIELD_ITEM_ID_VALUE && old->type == VALUE_ID)
        return change_find(r->ch, KIND_FIELD_OPTION, old->id, "idValue", &list);
    if (after->field == F_CHECK_ITEM_ID_CHECKLIST)
        return change_find(r->ch, KIND_CHECKLIST, old->id, "idChecklist", &list);
    if (after->field != F_CARD_ID_LIST) return ERR_OK;
    return change_find(r->ch, KIND_LIST, old->id, "idList", &list);
}

static enum err set_back(struct revert *r, const struct effect *after, const struct effect *before)
{
    struct change *ch = r->ch;
    struct columns c = {0};
    uint32_t *at = NULL, count = 0;
    enum err err = find_ids(r, after, &at, &count);
    if (err != ERR_OK || count == 0) return err;
    struct id *ids = ARENA_NEW_ARRAY(ch->arena, struct id, count);
    for (uint32_t i = 0; i < count; i++)
        ids[i] = after->ids[at[i]];
    for (uint32_t k = 0; k < after->column_count; k++) {
        const struct effect_column *a = &after->columns[k], *b = &before->columns[k];
        if (!put_back(r, a->field)) continue;
        for (uint32_t i = 0; i < count && err == ERR_OK; i++)
            err = check_column(r, a, b, board_get(ch->board, after->kind, ids[i]), at[i]);
    }
    if (err != ERR_OK) return err;
    for (uint32_t k = 0; k < after->column_count; k++) {
        const struct effect_column *b = &before->columns[k];
        if (!put_back(r, b->field)) continue;
        struct value *values = columns_many(ch, &c, b->field, count);
        for (uint32_t i = 0; i < count; i++)
            values[i] = value_copy(&b->values[at[i]]);
    }
    if (c.count == 0) return ERR_OK;
    if (after->kind == KIND_CARD) columns_activity(ch, &c);
    change_set(ch, after->kind, ids, count, &c);
    for (uint32_t i = 0; i < count; i++)
        touch_card(r, board_get(ch->board, after->kind, ids[i]));
    return ERR_OK;
}

/* -- del */

/* Labels and members that are gone meanwhile are not put on it again. */
static void drop_gone(struct change *ch, struct value *set, bool labels)
{
    for (uint32_t i = set->set == NULL ? 0 : set->set->count; i > 0; i--) {
        struct id id = set->set->ids[i - 1];
        bool there = labels ? board_get(ch->board, KIND_LABEL, id) != NULL
                            : board_membership(ch->board, id) != NULL;
        if (!there) value_set_put(set, id, false);
    }
}

/* A card whose list is gone goes to the first open one, as a new one would. */
static enum err fit_card(struct revert *r, struct value *values)
{
    struct value *list = values_at(values, F_CARD_ID_LIST);
    if (board_get(r->ch->board, KIND_LIST, list->id) == NULL) {
        struct object *open = first_open_list(r->ch);
        if (open == NULL)
            return change_refuse(r->ch, ERR_GONE, NULL,
                    (struct why){"idList", "was deleted, and no list is open", "an open list"});
        list->id = open->id;
    }
    drop_gone(r->ch, values_at(values, F_CARD_ID_LABELS), true);
    drop_gone(r->ch, values_at(values, F_CARD_ID_MEMBERS), false);
    drop_gone(r->ch, values_at(values, F_CARD_ID_MEMBERS_VOTED), false);
    value_fini(values_at(values, F_CARD_DATE_LAST_ACTIVITY));
    *values_at(values, F_CARD_DATE_LAST_ACTIVITY) = value_str(change_date(r->ch));
    return ERR_OK;
}

static struct slice text_of(const struct effect *before, uint32_t index)
{
    for (uint32_t i = 0; i < before->text_count; i++)
        if (before->texts[i].index == index) return before->texts[i].text;
    return (struct slice){0};
}

static enum err bring_back(struct revert *r, const struct effect *before, uint32_t index)
{
    const struct object *o = before->objects[index];
    struct object *there = board_find(r->ch->board, o->id);
    enum err err = change_quota(r->ch, o->kind, kind_quota(o->kind));
    if (there != NULL) return changed_since(r, there, SLICE("id"));
    if (err != ERR_OK) return err;
    struct value *values = values_new(r->ch, o->kind);
    for (unsigned i = 0; i < kind_info(o->kind)->count; i++) {
        value_fini(&values[i]);
        values[i] = value_copy(&o->fields[i]);
    }
    if (o->kind == KIND_CARD) err = fit_card(r, values);
    if (err == ERR_OK) err = check_above(r, o->kind, values);
    if (err != ERR_OK) {
        for (unsigned i = 0; i < kind_info(o->kind)->count; i++)
            value_fini(&values[i]);
        return err;
    }
    change_add_text(r->ch, o->kind, o->id, values, text_of(before, index));
    touch_card(r, board_get(r->ch->board, o->kind, o->id));
    return ERR_OK;
}

static enum err del_back(struct revert *r, const struct effect *before)
{
    enum err err = ERR_OK;
    for (uint32_t i = before->id_count; i > 0 && err == ERR_OK; i--)
        if (chosen(r, before->objects[i - 1], before->ids[i - 1]))
            err = bring_back(r, before, i - 1);
    return err;
}

/* -- add, tag, txt */

/* What came under it since would go with it. A card takes its parts along as it does when it is
 * deleted. */
static bool has_children(const struct revert *r, const struct object *o)
{
    static const struct {
        enum kind above, kind;
    } all[] = {{KIND_LIST, KIND_CARD}, {KIND_CHECKLIST, KIND_CHECK_ITEM},
            {KIND_CUSTOM_FIELD, KIND_FIELD_OPTION}};
    for (size_t i = 0; i < ARRAY_COUNT(all); i++) {
        const struct siblings *s = all[i].above == o->kind
                                           ? board_children(r->ch->board, all[i].kind, o->id)
                                           : NULL;
        if (s != NULL) return true; /* then there is one */
    }
    return false;
}

static enum err add_back(struct revert *r, const struct effect *fx)
{
    struct op op = {.name = OP_CARD_DELETE,
            .kind = fx->kind,
            .id = fx->ids[0],
            .force = true,
            .if_s = UINT64_MAX};
    struct object *o;
    enum err err = change_find(r->ch, fx->kind, fx->ids[0], "s", &o);
    if (err != ERR_OK) return err;
    /* as far as this op itself has not touched it */
    if (o->s != r->after->seq && o->s != r->ch->event->seq)
        return changed_since(r, o, kind_info(fx->kind)->name);
    if (has_children(r, o)) return changed_since(r, o, SLICE("id"));
    touch_card(r, o);
    if (fx->kind == KIND_CARD) return resolve_card(r->ch, &op);
    op.name = OP_LABEL_DELETE;
    if (fx->kind == KIND_LABEL) return resolve_label(r->ch, &op);
    op.name = fx->kind == KIND_CUSTOM_FIELD ? OP_CUSTOM_FIELD_DELETE : OP_FIELD_OPTION_DELETE;
    if (fx->kind == KIND_CUSTOM_FIELD || fx->kind == KIND_FIELD_OPTION)
        return resolve_custom_field(r->ch, &op);
    if (fx->kind == KIND_ATTACHMENT) cover_forget(r->ch, o);
    change_del(r->ch, fx->kind, fx->ids, 1);
    return ERR_OK;
}

/* Of what a board has, only cards have sets. */
static enum err tag_back(struct revert *r, const struct effect *after, const struct effect *before)
{
    struct change *ch = r->ch;
    struct effect tag = {.field = after->field, .element = after->element, .on = !after->on};
    struct id *ids = ARENA_NEW_ARRAY(ch->arena, struct id, after->id_count);
    uint32_t count = 0;
    bool labels = after->field == F_CARD_ID_LABELS;
    if (tag.on && (labels ? board_get(ch->board, KIND_LABEL, tag.element) == NULL
                          : board_membership(ch->board, tag.element) == NULL))
        return ERR_OK; /* what is gone is on nothing */
    for (uint32_t i = 0; i < after->id_count; i++) {
        struct object *o = board_get(ch->board, after->kind, after->ids[i]);
        if (o == NULL || !chosen(r, o, after->ids[i]) || before->was[i] == after->on) continue;
        if (value_set_has(object_value(o, after->field), tag.element) == after->on)
            ids[count++] = after->ids[i];
    }
    if (count == 0) return ERR_OK;
    struct columns c = {0};
    change_tag(ch, KIND_CARD, ids, count, &tag);
    columns_activity(ch, &c);
    change_set(ch, KIND_CARD, ids, count, &c);
    return ERR_OK;
}

/* The way back is one more change of the text, past what was written since. */
static enum err txt_back(struct revert *r, const struct effect *before)
{
    struct op op = {.name = OP_TEXT,
            .kind = before->kind,
            .id = before->ids[0],
            .text_field = before->field,
            .delta = before->inverse,
            .if_s = UINT64_MAX};
    uint64_t base = r->ch->base;
    if (!before->has_inverse || !chosen(r, NULL, op.id)) return ERR_OK;
    r->ch->base = r->before->seq;
    enum err err = resolve_text(r->ch, &op);
    r->ch->base = base;
    if (err != ERR_INVALID) return err;
    /* the card was deleted and made anew meanwhile, with another text */
    return changed_since(
            r, board_get(r->ch->board, op.kind, op.id), field_info(op.text_field)->name);
}

/* -- all of it, the last first */

static enum err effect_back(struct revert *r, uint32_t i)
{
    const struct effect *after = &r->after->effects[i], *before = &r->before->effects[i];
    bool whole = after->form == EFFECT_ADD || after->form == EFFECT_DEL;
    if (after->kind == KIND_MEMBERSHIP || (whole && after->kind == KIND_BOARD)) return not_this(r);
    enum err err = may_take_back(r, after);
    if (err != ERR_OK) return err;
    switch (after->form) {
    case EFFECT_ADD: return chosen(r, NULL, after->ids[0]) ? add_back(r, after) : ERR_OK;
    case EFFECT_SET: return set_back(r, after, before);
    case EFFECT_DEL: return del_back(r, before);
    case EFFECT_TAG: return tag_back(r, after, before);
    case EFFECT_TXT: return txt_back(r, before);
    }
    UNREACHABLE();
}

enum err resolve_revert(struct change *ch, const struct op *op)
{
    struct revert r = {.ch = ch, .op = op, .after = op->record, .before = op->replaced};
    enum err err = ERR_OK;
    CHECK(r.after->effect_count == r.before->effect_count);
    if (r.after->tx.len > 0) /* its other half would stay */
        return fault_set(ch->fault, ERR_CONFLICT, "s", "is a move between two boards",
                "the card moved back to where it was");
    for (uint32_t i = 0; i < r.after->effect_count; i++) {
        const struct effect *fx = &r.after->effects[i];
        r.has_text |= fx->form == EFFECT_TXT;
        r.has_parts |= kind_card_field(fx->kind) != FIELD_COUNT;
    }
    for (uint32_t i = r.after->effect_count; i > 0 && err == ERR_OK; i--)
        err = effect_back(&r, i - 1);
    if (err == ERR_OK && ch->event->effect_count == 0)
        return fault_set(ch->fault, ERR_CONFLICT, "s", "was taken back already",
                "an event of which something is left");
    return err;
}
