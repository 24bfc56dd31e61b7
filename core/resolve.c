#include "core/resolve.h"

#include "core/base/date.h"
#include "core/base/limits.h"

void change_begin(struct change *ch, const struct grant *grant)
{
    CHECK(grant->board != NULL);
    CHECK(ch->board == NULL || ch->board == grant->board);
    ch->grant = *grant;
    ch->board = grant->board;
}

void change_undo(struct change *ch)
{
    struct event *e = ch->event;
    if (e->applied) event_unapply(ch->board, e, ch->arena);
    event_fini(e);
    e->effect_count = 0;
}

/* -- effects */

/* The place behind what an array holds already: it has its first bracket. */
static struct json_out in_array(struct buf *array)
{
    return (struct json_out){.buf = array, .comma = array->len > 1};
}

/* Encodes, applies, encodes what was replaced. A failed buf is noticed once, when the command is
 * finished. */
static void change_push(struct change *ch, const struct effect *effect)
{
    struct event *e = ch->event;
    if (e->effect_count == ch->effect_cap) {
        uint32_t cap = ch->effect_cap == 0 ? 1 : ch->effect_cap * 2;
        struct effect *more = ARENA_NEW_ARRAY(ch->arena, struct effect, cap);
        if (e->effect_count > 0) memcpy(more, e->effects, e->effect_count * sizeof *more);
        e->effects = more;
        ch->effect_cap = cap;
    }
    struct effect *fx = &e->effects[e->effect_count++];
    *fx = *effect;
    struct json_out public = in_array(ch->public_json), old = in_array(ch->old_json);
    effect_write(&public, fx);
    event_apply_last(ch->board, e, ch->arena);
    effect_write_old(&old, fx);
}

static struct id *copy_ids(struct change *ch, const struct id *ids, uint32_t count)
{
    struct id *copy = ARENA_NEW_ARRAY(ch->arena, struct id, count);
    memcpy(copy, ids, count * sizeof *copy);
    return copy;
}

void change_add_text(
        struct change *ch, enum kind kind, struct id id, struct value *values, struct slice text)
{
    const struct kind_info *info = kind_info(kind);
    enum field text_field = FIELD_COUNT; /* no kind has two */
    struct effect fx = {
            .form = EFFECT_ADD, .kind = kind, .id_count = 1, .ids = copy_ids(ch, &id, 1)};
    fx.columns = ARENA_NEW_ARRAY(ch->arena, struct effect_column, info->count);
    for (unsigned i = 0; i < info->count; i++) {
        enum field f = (enum field)((unsigned)info->first + i);
        if (field_info(f)->type == FIELD_TEXT) {
            text_field = f;
            continue;
        }
        fx.columns[fx.column_count++] =
                (struct effect_column){.field = f, .count = 1, .values = &values[i]};
    }
    if (text.len > 0 && ALWAYS(text_field != FIELD_COUNT)) { /* where else would it be from */
        fx.texts = ARENA_NEW(ch->arena, struct effect_text);
        fx.texts[0] = (struct effect_text){.field = text_field, .text = arena_dup(ch->arena, text)};
        fx.text_count = 1;
    }
    change_push(ch, &fx);
    /* A new object's texts are known to be empty: nobody needs to look for them. */
    if (text_field != FIELD_COUNT && text.len == 0)
        board_doc_put(ch->board, id, text_field, 0, (struct slice){0});
}

void change_add(struct change *ch, enum kind kind, struct id id, struct value *values)
{
    change_add_text(ch, kind, id, values, (struct slice){0});
}

/* The part of a column for the ids from .. from + count. A value for all of them is copied for
 * every part but the last. */
static struct effect_column column_part(
        struct change *ch, const struct effect_column *c, uint32_t from, uint32_t count, bool last)
{
    struct effect_column part = *c;
    if (c->count > 1) {
        part.values = c->values + from;
        part.count = count;
    } else if (!last) {
        part.values = ARENA_NEW(ch->arena, struct value);
        part.values[0] = value_copy(&c->values[0]);
    }
    return part;
}

void change_set(struct change *ch, enum kind kind, const struct id *ids, uint32_t id_count,
        const struct columns *columns)
{
    uint32_t column_count = columns->count;
    CHECK(id_count > 0 && column_count > 0);
    for (uint32_t from = 0; from < id_count; from += EFFECT_IDS_MAX) {
        uint32_t left = id_count - from;
        uint32_t count = left < EFFECT_IDS_MAX ? left : EFFECT_IDS_MAX;
        struct effect fx = {.form = EFFECT_SET, .kind = kind, .id_count = count};
        fx.ids = copy_ids(ch, ids + from, count);
        fx.columns = ARENA_NEW_ARRAY(ch->arena, struct effect_column, column_count);
        fx.column_count = column_count;
        for (uint32_t c = 0; c < column_count; c++)
            fx.columns[c] = column_part(ch, &columns->at[c], from, count, left == count);
        change_push(ch, &fx);
    }
}

void change_del(struct change *ch, enum kind kind, const struct id *ids, uint32_t id_count)
{
    for (uint32_t from = 0; from < id_count; from += EFFECT_IDS_MAX) {
        uint32_t left = id_count - from;
        struct effect fx = {.form = EFFECT_DEL, .kind = kind};
        fx.id_count = left < EFFECT_IDS_MAX ? left : EFFECT_IDS_MAX;
        fx.ids = copy_ids(ch, ids + from, fx.id_count);
        change_push(ch, &fx);
    }
}

void change_tag(struct change *ch, enum kind kind, const struct id *ids, uint32_t id_count,
        const struct effect *tag)
{
    for (uint32_t from = 0; from < id_count; from += EFFECT_IDS_MAX) {
        uint32_t left = id_count - from;
        struct effect fx = *tag;
        fx.form = EFFECT_TAG;
        fx.kind = kind;
        fx.id_count = left < EFFECT_IDS_MAX ? left : EFFECT_IDS_MAX;
        fx.ids = copy_ids(ch, ids + from, fx.id_count);
        change_push(ch, &fx);
    }
}

void change_txt(struct change *ch, enum kind kind, struct id id, enum field field,
        const struct delta *delta)
{
    struct effect fx = {
            .form = EFFECT_TXT, .kind = kind, .id_count = 1, .field = field, .delta = *delta};
    fx.ids = copy_ids(ch, &id, 1);
    change_push(ch, &fx);
}

/* -- columns */

void columns_put(struct change *ch, struct columns *c, enum field field, struct value value)
{
    CHECK(c->count < COLUMNS_MAX);
    struct value *values = ARENA_NEW(ch->arena, struct value);
    values[0] = value;
    uint32_t at = c->count++;
    for (; at > 0 && c->at[at - 1].field > field; at--) /* canonical order */
        c->at[at] = c->at[at - 1];
    c->at[at] = (struct effect_column){.field = field, .count = 1, .values = values};
}

struct value *columns_many(
        struct change *ch, struct columns *c, enum field field, uint32_t id_count)
{
    columns_put(ch, c, field, (struct value){0});
    for (uint32_t i = 0; ALWAYS(i < c->count); i++) { /* it was put just now */
        if (c->at[i].field != field) continue;
        c->at[i].count = id_count;
        return c->at[i].values = ARENA_NEW_ARRAY(ch->arena, struct value, id_count);
    }
    UNREACHABLE();
}

void columns_sets(struct change *ch, struct columns *c, const struct op *op)
{
    for (uint32_t i = 0; i < op->set_count; i++)
        columns_put(ch, c, op->sets[i].field, value_copy(&op->sets[i].values[0]));
}

void values_sets(struct value *values, const struct op *op)
{
    for (uint32_t i = 0; i < op->set_count; i++) {
        struct value *v = values_at(values, op->sets[i].field);
        value_fini(v);
        *v = value_copy(&op->sets[i].values[0]);
    }
}

struct slice change_date(struct change *ch)
{
    char text[DATE_TEXT + 1];
    date_format(ch->event->ts, text);
    return arena_dup(ch->arena, slice_cstr(text));
}

void columns_activity(struct change *ch, struct columns *c)
{
    char text[DATE_TEXT + 1];
    date_format(ch->event->ts, text);
    columns_put(ch, c, F_CARD_DATE_LAST_ACTIVITY, value_str(slice_of(text, DATE_TEXT)));
}

void change_set_one(struct change *ch, const struct object *o, const struct columns *c)
{
    change_set(ch, o->kind, &o->id, 1, c);
}

struct value *values_new(struct change *ch, enum kind kind)
{
    const struct kind_info *info = kind_info(kind);
    struct value *values = ARENA_NEW_ARRAY(ch->arena, struct value, info->count);
    for (unsigned i = 0; i < info->count; i++)
        values[i] = value_default((enum field)((unsigned)info->first + i));
    return values;
}

struct value *values_at(struct value *values, enum field field)
{
    return &values[field_info(field)->slot];
}

/* -- asking */

enum err change_refuse(struct change *ch, enum err err, const struct object *o, struct why why)
{
    if (o != NULL) {
        struct buf text;
        buf_init(&text, EVENT_BYTES_MAX);
        object_write(o, &text);
        /* fields have limits far below it */
        if (ALWAYS(buf_ok(&text))) ch->current = arena_dup(ch->arena, buf_slice(&text));
        buf_fini(&text);
    }
    return fault_set(ch->fault, err, why.field, why.wrong, why.expected);
}

enum err change_find(struct change *ch, enum kind kind, struct id id, const char *field,
        struct object **ret_object)
{
    struct object *o = board_get(ch->board, kind, id);
    if (o != NULL) {
        *ret_object = o;
        return ERR_OK;
    }
    struct slice name = kind_info(kind)->name;
    if (tail_deleted(ch->tail, id))
        return fault_setf(ch->fault, ERR_GONE, field, "one that still exists",
                "names a %.*s that was deleted", SLICE_ARG(name));
    return fault_setf(ch->fault, ERR_NOT_FOUND, field, "the id of one",
            "names no %.*s of this board", SLICE_ARG(name));
}

static bool field_changed(struct change *ch, const struct object *o, const char *name, uint64_t s)
{
    enum field f;
    struct tail_hit hit;
    if (o->s <= s) return false;
    if (ch->tail->floor > s) return true; /* it cannot be told */
    if (!field_parse(o->kind, slice_cstr(name), &f)) return true;
    return tail_find(ch->tail, o->id, f, s, &hit);
}

enum err change_if(struct change *ch, const struct op *op, const struct object *o)
{
    json_t *fields = (json_t *)(uintptr_t)op->if_fields;
    /* a whole text says with it what it was made from, and is merged with what came since */
    bool merges = op->name == OP_TEXT_PUT;
    if (!merges && op->if_s != UINT64_MAX && o->s > op->if_s)
        return change_refuse(ch, ERR_CONFLICT, o,
                (struct why){
                        "if", "is older than the last change", "the object's `s` as it is now"});
    for (void *it = fields == NULL ? NULL : json_object_iter(fields); it != NULL;
            it = json_object_iter_next(fields, it)) {
        const char *name = json_object_iter_key(it);
        uint64_t s = (uint64_t)json_integer_value(json_object_iter_value(it));
        if (merges && slice_eq(slice_cstr(name), field_info(op->text_field)->name)) continue;
        if (field_changed(ch, o, name, s))
            return change_refuse(ch, ERR_CONFLICT, o,
                    (struct why){name, "was changed since the version named in `if`",
                            "the object's `s` as it is now"});
    }
    return ERR_OK;
}

enum err change_fresh(struct change *ch, struct id id)
{
    if (board_find(ch->board, id) == NULL && !tail_deleted(ch->tail, id)) return ERR_OK;
    return fault_set(ch->fault, ERR_EXISTS, "id", "is taken", "an id that was never used");
}

enum err change_quota(struct change *ch, enum kind kind, size_t limit)
{
    if (ch->board->count[kind] < limit) return ERR_OK;
    struct slice name = kind_info(kind)->name;
    return fault_setf(ch->fault, ERR_QUOTA, "", "fewer of them", "the board has %zu of kind %.*s",
            ch->board->count[kind], SLICE_ARG(name));
}

static bool noted(const struct change *ch, struct id id, enum field field)
{
    for (const struct overwrite *w = ch->overwrites; w != NULL; w = w->next)
        if (id_eq(w->id, id) && slice_eq(w->field, field_info(field)->name)) return true;
    return false;
}

static void note_overwrite(struct change *ch, struct id id, enum field field, struct slice old,
        const struct tail_hit *hit)
{
    struct overwrite *w = ARENA_NEW(ch->arena, struct overwrite);
    *w = (struct overwrite){.id = id, .by = hit->by, .s = hit->seq};
    w->field = field_info(field)->name;
    w->old = arena_dup(ch->arena, old);
    struct overwrite **link = &ch->overwrites;
    while (*link != NULL)
        link = &(*link)->next;
    *link = w;
}

void change_overwritten_text(struct change *ch, struct id id, enum field field, struct slice old,
        const struct tail_hit *hit)
{
    struct buf text; /* noted once: a message changes a text once */
    buf_init(&text, EVENT_BYTES_MAX);
    struct json_out j = json_out(&text);
    json_str(&j, old);
    note_overwrite(ch, id, field, buf_slice(&text), hit);
    buf_fini(&text);
}

static void overwritten_value(struct change *ch, const struct object *o,
        const struct effect_column *set, const struct tail_hit *hit)
{
    struct buf text;
    const struct value *old = &o->fields[field_info(set->field)->slot];
    if (noted(ch, o->id, set->field) || value_eq(old, &set->values[0])) return;
    buf_init(&text, EVENT_BYTES_MAX);
    struct json_out j = json_out(&text);
    value_write(&j, old);
    note_overwrite(ch, o->id, set->field, buf_slice(&text), hit);
    buf_fini(&text);
}

void change_overwrites(struct change *ch, const struct op *op, const struct object *o)
{
    if (ch->base >= ch->board->head.seq || ch->tail->floor > ch->base) return;
    for (uint32_t i = 0; i < op->set_count; i++) {
        struct tail_hit hit;
        if (!tail_find(ch->tail, o->id, op->sets[i].field, ch->base, &hit)) continue;
        if (id_eq(hit.by, ch->event->by)) continue;
        overwritten_value(ch, o, &op->sets[i], &hit);
    }
}

/* -- order */

static void renumber(struct change *ch, struct object *const *order, size_t count)
{
    struct columns c = {0};
    struct id *ids = ARENA_NEW_ARRAY(ch->arena, struct id, count);
    uint32_t used = 0;
    enum kind kind = KIND_NONE;
    for (size_t i = 0; i < count; i++) {
        if (order[i] == NULL) continue;
        kind = order[i]->kind;
        ids[used++] = order[i]->id;
    }
    if (used == 0) return;
    struct value *values = columns_many(ch, &c, kind_pos_field(kind), used);
    for (size_t i = 0, at = 0; i < count; i++)
        if (order[i] != NULL) values[at++] = value_num((double)(i + 1) * POS_STEP);
    change_set(ch, kind, ids, used, &c);
}

double *change_place(struct change *ch, const struct siblings *siblings, const struct object *self,
        const struct place *place, uint32_t run)
{
    struct placing p;
    place_find(ch->arena, siblings, self, place, run, &p);
    if (!p.renumber) return p.pos;
    for (size_t i = 0, at = 0; i < p.order_count; i++)
        if (p.order[i] == NULL) p.pos[at++] = (double)(i + 1) * POS_STEP;
    renumber(ch, p.order, p.order_count);
    return p.pos;
}

/* -- dispatch: which family sees to an op */

typedef enum err resolver(struct change *ch, const struct op *op);

static resolver *const resolvers[OP_COUNT] = {
        [OP_BOARD_CREATE] = resolve_board,
        [OP_BOARD_SET] = resolve_board,
        [OP_BOARD_CLOSE] = resolve_board,
        [OP_BOARD_REOPEN] = resolve_board,
        [OP_BOARD_DELETE] = resolve_board,
        [OP_LIST_CREATE] = resolve_list,
        [OP_LIST_SET] = resolve_list,
        [OP_LIST_MOVE] = resolve_list,
        [OP_LIST_CLOSE] = resolve_list,
        [OP_LIST_REOPEN] = resolve_list,
        [OP_LIST_SORT] = resolve_list_cards,
        [OP_LIST_ARCHIVE_CARDS] = resolve_list_cards,
        [OP_LIST_MOVE_CARDS] = resolve_list_cards,
        [OP_LIST_DELETE] = resolve_list_cards,
        [OP_CARD_CREATE] = resolve_card,
        [OP_CARD_COPY] = resolve_card,
        [OP_CARD_SET] = resolve_card,
        [OP_CARD_MOVE] = resolve_card,
        [OP_CARD_TRANSFER] = resolve_transfer,
        [OP_CARD_CLOSE] = resolve_card,
        [OP_CARD_REOPEN] = resolve_card,
        [OP_CARD_DELETE] = resolve_card,
        [OP_CARD_LABEL] = resolve_card,
        [OP_CARD_MEMBER] = resolve_card,
        [OP_CARD_VOTE] = resolve_card,
        [OP_CARDS_CREATE] = NULL, /* decoded into card.create */
        [OP_CARDS_MOVE] = resolve_cards,
        [OP_CARDS_SET] = resolve_cards,
        [OP_CARDS_BADGES] = resolve_badges,
        [OP_CHECKLIST_CREATE] = resolve_checklist,
        [OP_CHECKLIST_SET] = resolve_checklist,
        [OP_CHECKLIST_MOVE] = resolve_checklist,
        [OP_CHECKLIST_DELETE] = resolve_checklist,
        [OP_CHECK_ITEM_CREATE] = resolve_check_item,
        [OP_CHECK_ITEM_SET] = resolve_check_item,
        [OP_CHECK_ITEM_MOVE] = resolve_check_item,
        [OP_CHECK_ITEM_DELETE] = resolve_check_item,
        [OP_COMMENT_CREATE] = resolve_comment,
        [OP_COMMENT_SET] = resolve_comment,
        [OP_COMMENT_DELETE] = resolve_comment,
        [OP_COMMENT_REACT] = resolve_comment,
        [OP_ATTACHMENT_CREATE] = resolve_attachment,
        [OP_ATTACHMENT_FILE] = resolve_attachment,
        [OP_ATTACHMENT_SET] = resolve_attachment,
        [OP_ATTACHMENT_MOVE] = resolve_attachment,
        [OP_ATTACHMENT_DELETE] = resolve_attachment,
        [OP_CUSTOM_FIELD_CREATE] = resolve_custom_field,
        [OP_CUSTOM_FIELD_SET] = resolve_custom_field,
        [OP_CUSTOM_FIELD_MOVE] = resolve_custom_field,
        [OP_CUSTOM_FIELD_DELETE] = resolve_custom_field,
        [OP_FIELD_OPTION_CREATE] = resolve_custom_field,
        [OP_FIELD_OPTION_SET] = resolve_custom_field,
        [OP_FIELD_OPTION_MOVE] = resolve_custom_field,
        [OP_FIELD_OPTION_DELETE] = resolve_custom_field,
        [OP_FIELD_ITEM_SET] = resolve_field_item,
        [OP_LABEL_CREATE] = resolve_label,
        [OP_LABEL_SET] = resolve_label,
        [OP_LABEL_DELETE] = resolve_label,
        [OP_TEXT] = resolve_text,
        [OP_TEXT_PUT] = resolve_text,
        [OP_MEMBER_ADD] = resolve_member,
        [OP_MEMBER_REMOVE] = resolve_member,
        [OP_MEMBER_ROLE] = resolve_member,
        [OP_MEMBER_JOIN] = resolve_member,
        [OP_ORG_CREATE] = resolve_organization,
        [OP_ORG_SET] = resolve_organization,
        [OP_ORG_DELETE] = resolve_organization,
        [OP_ORG_MEMBER_ADD] = resolve_organization,
        [OP_ORG_MEMBER_ROLE] = resolve_organization,
        [OP_ORG_MEMBER_REMOVE] = resolve_organization,
        [OP_IMPORT_ADD] = resolve_import,
        [OP_LIST_COPY] = resolve_import,
        [OP_REVERT] = resolve_revert,
        [OP_DIR_MEMBER] = resolve_directory,
        [OP_DIR_LINK] = resolve_directory,
        [OP_DIR_UNLINK] = resolve_directory,
        [OP_DIR_SIGN_IN] = resolve_directory,
        [OP_DIR_SIGN_OUT] = resolve_directory,
        [OP_DIR_STAR] = resolve_shelf,
        [OP_DIR_WATCH] = resolve_shelf,
};

enum err resolve_op(struct change *ch, const struct op *op)
{
    CHECK(op->name < OP_COUNT && resolvers[op->name] != NULL);
    return resolvers[op->name](ch, op);
}
