#include "core/effect.h"

static void swap_value(struct board *b, struct value *x, struct value *in_board)
{
    b->bytes += value_bytes(x);
    b->bytes -= value_bytes(in_board);
    struct value swapped = *x;
    *x = *in_board;
    *in_board = swapped;
}

static struct object *target(const struct board *b, const struct effect *fx, uint32_t index)
{
    struct object *o = board_get(b, fx->kind, fx->ids[index]);
    CHECK(o != NULL);
    return o;
}

static void touch(struct object *o, uint64_t s)
{
    o->s = s;
    o->dirty = true;
}

/* -- add */

static void apply_add(struct board *b, struct effect *fx, uint64_t seq)
{
    CHECK(fx->id_count == 1);
    CHECK(fx->kind != KIND_BOARD || id_eq(fx->ids[0], b->id));
    struct object *o = object_new(fx->kind, fx->ids[0]);
    touch(o, seq);
    for (uint32_t i = 0; i < fx->column_count; i++) {
        struct value *v = object_value(o, fx->columns[i].field);
        struct value swapped = *v;
        *v = fx->columns[i].values[0];
        fx->columns[i].values[0] = swapped;
    }
    board_insert(b, o);
    for (uint32_t i = 0; i < fx->text_count; i++)
        board_doc_put(b, o->id, fx->texts[i].field, seq, fx->texts[i].text);
    fx->old_next_short = 0;
    if (fx->kind != KIND_CARD) return;
    uint32_t next = (uint32_t)object_value(o, F_CARD_ID_SHORT)->num + 1;
    if (next <= b->head.next_short) return;
    fx->old_next_short = b->head.next_short;
    b->head.next_short = next;
}

static void drop_docs(struct board *b, const struct object *o)
{
    const struct kind_info *info = kind_info(o->kind);
    for (unsigned i = 0; i < info->count && b->docs != NULL; i++) {
        enum field f = (enum field)((unsigned)info->first + i);
        struct doc *doc = field_info(f)->type == FIELD_TEXT ? board_doc(b, o->id, f) : NULL;
        if (doc != NULL) board_doc_drop(b, doc);
    }
}

static void unapply_add(struct board *b, struct effect *fx)
{
    struct object *o = target(b, fx, 0);
    if (fx->old_next_short != 0) b->head.next_short = fx->old_next_short;
    fx->old_next_short = 0;
    drop_docs(b, o);
    board_remove(b, o);
    for (uint32_t i = 0; i < fx->column_count; i++) {
        struct value *v = object_value(o, fx->columns[i].field);
        struct value swapped = *v;
        *v = fx->columns[i].values[0];
        fx->columns[i].values[0] = swapped;
    }
    object_free(o);
}

/* -- set */

static bool moves(const struct effect *fx)
{
    for (uint32_t i = 0; i < fx->column_count; i++) {
        if (field_places(fx->columns[i].field)) return true;
    }
    return false;
}

/* One value for many ids becomes one each, so that each place can hold what it replaced. */
static void spread(struct effect_column *c, uint32_t id_count, struct arena *a)
{
    if (c->count == id_count) return;
    CHECK(c->count == 1);
    struct value *values = ARENA_NEW_ARRAY(a, struct value, id_count);
    values[0] = c->values[0];
    for (uint32_t i = 1; i < id_count; i++)
        values[i] = value_copy(&values[0]);
    c->values = values;
    c->count = id_count;
    c->spread = true;
}

static void unspread(struct effect_column *c)
{
    if (!c->spread) return;
    for (uint32_t i = 1; i < c->count; i++)
        value_fini(&c->values[i]);
    c->count = 1;
    c->spread = false;
}

/* The same for apply and un-apply: values and s change places, and whoever moved is placed anew
 * once all have their values. */
static void swap_set(struct board *b, struct effect *fx, struct object **objects)
{
    bool moving = moves(fx);
    for (uint32_t i = 0; i < fx->id_count; i++) {
        objects[i] = target(b, fx, i);
        if (moving) board_unplace(b, objects[i]);
    }
    for (uint32_t c = 0; c < fx->column_count; c++) {
        struct effect_column *column = &fx->columns[c];
        CHECK(column->count == fx->id_count);
        for (uint32_t i = 0; i < fx->id_count; i++)
            swap_value(b, &column->values[i], object_value(objects[i], column->field));
    }
    for (uint32_t i = 0; i < fx->id_count && moving; i++)
        board_place(b, objects[i]);
}

static struct object **targets_room(const struct effect *fx, struct object **one, struct arena *a)
{
    return fx->id_count == 1 ? one : ARENA_NEW_ARRAY(a, struct object *, fx->id_count);
}

static void apply_set(struct board *b, struct effect *fx, uint64_t seq, struct arena *a)
{
    struct object *one, **objects = targets_room(fx, &one, a);
    for (uint32_t c = 0; c < fx->column_count; c++)
        spread(&fx->columns[c], fx->id_count, a);
    swap_set(b, fx, objects);
    fx->old_s = ARENA_NEW_ARRAY(a, uint64_t, fx->id_count);
    for (uint32_t i = 0; i < fx->id_count; i++) {
        fx->old_s[i] = objects[i]->s;
        touch(objects[i], seq);
    }
}

/* Backwards, as the same id might stand in the effect twice. */
static void restore_s(struct board *b, const struct effect *fx)
{
    for (uint32_t i = fx->id_count; i > 0; i--)
        touch(target(b, fx, i - 1), fx->old_s[i - 1]);
}

static void unapply_set(struct board *b, struct effect *fx, struct arena *a)
{
    struct object *one;
    swap_set(b, fx, targets_room(fx, &one, a));
    for (uint32_t c = 0; c < fx->column_count; c++)
        unspread(&fx->columns[c]);
    restore_s(b, fx);
}

/* -- del */

static void take_docs(struct board *b, struct effect *fx, uint32_t index, struct arena *a)
{
    const struct kind_info *info = kind_info(fx->kind);
    for (unsigned i = 0; i < info->count && b->docs != NULL; i++) {
        enum field f = (enum field)((unsigned)info->first + i);
        struct doc *doc =
                field_info(f)->type == FIELD_TEXT ? board_doc(b, fx->ids[index], f) : NULL;
        if (doc == NULL) continue;
        fx->texts[fx->text_count++] = (struct effect_text){
                .field = f, .index = index, .s = doc->s, .text = arena_dup(a, doc->text)};
        board_doc_drop(b, doc);
    }
}

static uint32_t text_fields(enum kind kind)
{
    const struct kind_info *info = kind_info(kind);
    uint32_t count = 0;
    for (unsigned i = 0; i < info->count; i++)
        count += field_info((enum field)((unsigned)info->first + i))->type == FIELD_TEXT;
    return count;
}

static void apply_del(struct board *b, struct effect *fx, struct arena *a)
{
    fx->objects = ARENA_NEW_ARRAY(a, struct object *, fx->id_count);
    fx->texts = ARENA_NEW_ARRAY(a, struct effect_text, fx->id_count * text_fields(fx->kind));
    fx->text_count = 0;
    for (uint32_t i = 0; i < fx->id_count; i++) {
        struct object *o = target(b, fx, i);
        take_docs(b, fx, i, a);
        board_remove(b, o);
        fx->objects[i] = o;
    }
    if (fx->kind == KIND_BOARD) b->head.deleted = true;
}

static void unapply_del(struct board *b, struct effect *fx)
{
    if (fx->kind == KIND_BOARD) b->head.deleted = false;
    for (uint32_t i = fx->id_count; i > 0; i--) {
        board_insert(b, fx->objects[i - 1]);
        fx->objects[i - 1]->dirty = true;
        fx->objects[i - 1] = NULL;
    }
    for (uint32_t i = 0; i < fx->text_count; i++) {
        const struct effect_text *t = &fx->texts[i];
        board_doc_put(b, fx->ids[t->index], t->field, t->s, t->text);
    }
    fx->text_count = 0;
}

/* -- tag */

static void apply_tag(struct board *b, struct effect *fx, uint64_t seq, struct arena *a)
{
    fx->old_s = ARENA_NEW_ARRAY(a, uint64_t, fx->id_count);
    fx->was = ARENA_NEW_ARRAY(a, bool, fx->id_count);
    fx->places = ARENA_NEW_ARRAY(a, uint32_t, fx->id_count);
    for (uint32_t i = 0; i < fx->id_count; i++) {
        struct object *o = target(b, fx, i);
        struct value *v = object_value(o, fx->field);
        size_t place = value_set_index(v, fx->element);
        fx->was[i] = place != SIZE_MAX;
        fx->places[i] = fx->was[i] ? (uint32_t)place : 0;
        fx->old_s[i] = o->s;
        b->bytes -= value_bytes(v);
        value_set_put(v, fx->element, fx->on);
        b->bytes += value_bytes(v);
        touch(o, seq);
    }
}

static void unapply_tag(struct board *b, struct effect *fx)
{
    for (uint32_t i = fx->id_count; i > 0; i--) {
        struct value *v = object_value(target(b, fx, i - 1), fx->field);
        b->bytes -= value_bytes(v);
        if (fx->on && !fx->was[i - 1]) value_set_put(v, fx->element, false);
        if (!fx->on && fx->was[i - 1]) value_set_insert(v, fx->places[i - 1], fx->element);
        b->bytes += value_bytes(v);
    }
    restore_s(b, fx);
}

/* -- txt */

static void apply_txt(struct board *b, struct effect *fx, uint64_t seq, struct arena *a)
{
    CHECK(fx->id_count == 1);
    CHECK(field_info(fx->field)->type == FIELD_TEXT);
    struct object *o = target(b, fx, 0);
    fx->old_s = ARENA_NEW(a, uint64_t);
    fx->old_s[0] = o->s;
    touch(o, seq);
    struct doc *doc = board_doc(b, o->id, fx->field);
    fx->has_inverse = doc != NULL;
    if (doc == NULL) return;
    struct slice text;
    fx->old_doc_s = doc->s;
    CHECK(delta_invert(a, doc->text, &fx->delta, &fx->inverse) == ERR_OK);
    CHECK(delta_apply(a, doc->text, &fx->delta, SIZE_MAX, &text, NULL) == ERR_OK);
    board_doc_put(b, o->id, fx->field, seq, text);
}

static void unapply_txt(struct board *b, struct effect *fx, struct arena *a)
{
    struct doc *doc = board_doc(b, fx->ids[0], fx->field);
    if (doc != NULL && fx->has_inverse) {
        struct slice text;
        CHECK(delta_apply(a, doc->text, &fx->inverse, SIZE_MAX, &text, NULL) == ERR_OK);
        board_doc_put(b, fx->ids[0], fx->field, fx->old_doc_s, text);
    } else if (doc != NULL) {
        board_doc_drop(b, doc); /* it came after apply, so it is not the text of before */
    }
    fx->has_inverse = false;
    restore_s(b, fx);
}

/* -- events */

static void effect_apply(struct board *b, struct effect *fx, uint64_t seq, struct arena *a)
{
    switch (fx->form) {
    case EFFECT_ADD: apply_add(b, fx, seq); break;
    case EFFECT_SET: apply_set(b, fx, seq, a); break;
    case EFFECT_DEL: apply_del(b, fx, a); break;
    case EFFECT_TAG: apply_tag(b, fx, seq, a); break;
    case EFFECT_TXT: apply_txt(b, fx, seq, a); break;
    }
}

static void event_begin(struct board *b, struct event *e)
{
    if (e->seq == 0) e->seq = b->head.seq + 1;
    CHECK(e->seq == b->head.seq + 1);
    e->before = (struct event_before){.chain = b->head.chain, .ts = b->head.ts, .known = true};
    e->applied = true;
}

void event_apply(struct board *b, struct event *e, struct arena *a)
{
    CHECK(!e->applied);
    event_begin(b, e);
    for (uint32_t i = 0; i < e->effect_count; i++)
        effect_apply(b, &e->effects[i], e->seq, a);
}

void event_apply_last(struct board *b, struct event *e, struct arena *a)
{
    CHECK(e->effect_count > 0);
    if (!e->applied) event_begin(b, e);
    effect_apply(b, &e->effects[e->effect_count - 1], e->seq, a);
}

void event_unapply(struct board *b, struct event *e, struct arena *a)
{
    CHECK(e->applied);
    for (uint32_t i = e->effect_count; i > 0; i--) {
        struct effect *fx = &e->effects[i - 1];
        switch (fx->form) {
        case EFFECT_ADD: unapply_add(b, fx); break;
        case EFFECT_SET: unapply_set(b, fx, a); break;
        case EFFECT_DEL: unapply_del(b, fx); break;
        case EFFECT_TAG: unapply_tag(b, fx); break;
        case EFFECT_TXT: unapply_txt(b, fx, a); break;
        }
    }
    e->applied = false;
    b->head.seq = e->seq - 1;
    if (!e->before.known) return;
    b->head.chain = e->before.chain;
    b->head.ts = e->before.ts;
}

void event_follow(struct board *b, const struct event *e)
{
    CHECK(e->applied && e->seq == b->head.seq + 1);
    b->head.seq = e->seq;
    b->head.chain = e->chain;
    b->head.ts = e->ts;
}

void effect_fini(struct effect *e)
{
    for (uint32_t c = 0; c < e->column_count; c++) {
        for (uint32_t i = 0; i < e->columns[c].count; i++)
            value_fini(&e->columns[c].values[i]);
    }
    for (uint32_t i = 0; e->objects != NULL && i < e->id_count; i++)
        e->objects[i] = object_free(e->objects[i]);
}

void event_fini(struct event *e)
{
    for (uint32_t i = 0; i < e->effect_count; i++)
        effect_fini(&e->effects[i]);
}
