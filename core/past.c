#include "core/past.h"

#include "core/base/limits.h"

#define SCRATCH_BYTES     KIB(16)
#define SCRATCH_BYTES_MAX MIB(64)

struct past_object {
    struct id id;
    struct object *object; /* NULL: it was not there */
    UT_hash_handle hh;
};

void past_init(struct past *p, struct board_view *bv, struct id card)
{
    *p = (struct past){.bv = bv, .card = card, .texts = board_new(bv->board)};
}

void past_fini(struct past *p)
{
    struct past_object *one, *next;
    HASH_ITER(hh, p->objects, one, next)
    {
        HASH_DEL(p->objects, one);
        object_free(one->object);
        mem_free(one);
    }
    p->texts = board_free(p->texts);
}

static struct past_object *find(const struct past *p, struct id id)
{
    struct past_object *one = NULL;
    HASH_FIND(hh, p->objects, id.bytes, ID_BYTES, one);
    return one;
}

static void put(struct past *p, struct id id, struct object *o)
{
    struct past_object *one = find(p, id);
    if (one == NULL) {
        one = MEM_NEW(struct past_object);
        one->id = id;
        HASH_ADD(hh, p->objects, id, ID_BYTES, one);
    }
    object_free(one->object);
    one->object = o;
}

struct object *past_get(struct past *p, enum kind kind, struct id id)
{
    struct past_object *one = find(p, id);
    struct view *v = p->bv->view;
    struct object *o = NULL;
    struct slice json;
    struct arena scratch;
    if (one != NULL) return one->object != NULL && one->object->kind == kind ? one->object : NULL;
    if (v->ops->entity(v, p->bv->board, kind, id, &json) == ERR_OK) {
        arena_init(&scratch, SCRATCH_BYTES, SCRATCH_BYTES_MAX);
        if (object_read(kind, &scratch, json, &o, NULL) != ERR_OK) o = NULL;
        arena_fini(&scratch);
    }
    put(p, id, o);
    return o;
}

static struct doc *text_doc(struct past *p, struct id id, enum field field)
{
    struct doc *doc = board_doc(p->texts, id, field);
    struct view *v = p->bv->view;
    struct slice text;
    uint64_t s;
    if (doc != NULL) return doc;
    if (v->ops->text(v, p->bv->board, id, field, &s, &text) != ERR_OK) {
        s = 0;
        text = SLICE("");
    }
    board_doc_put(p->texts, id, field, s, text);
    return board_doc(p->texts, id, field);
}

struct slice past_text(struct past *p, struct id id, enum field field)
{
    return text_doc(p, id, field)->text;
}

/* -- back */

/* What nobody names an object by. A sort of a thousand cards is not worth reading them all. */
static bool telling(const struct effect *fx)
{
    for (uint32_t i = 0; i < fx->column_count; i++) {
        enum field f = fx->columns[i].field;
        if (f != F_CARD_POS && f != F_CARD_DATE_LAST_ACTIVITY && f != F_CARD_BADGES &&
                f != F_LIST_POS)
            return true;
    }
    return false;
}

static bool wanted(const struct past *p, enum kind kind, struct id id)
{
    return kind != KIND_CARD || id_is_none(p->card) || id_eq(p->card, id);
}

static void set_back(struct past *p, struct effect *fx)
{
    bool tells = telling(fx);
    for (uint32_t i = 0; i < fx->id_count; i++) {
        if (!wanted(p, fx->kind, fx->ids[i])) continue;
        if (!tells && find(p, fx->ids[i]) == NULL) continue;
        struct object *o = past_get(p, fx->kind, fx->ids[i]);
        for (uint32_t c = 0; c < fx->column_count && o != NULL; c++) {
            struct value *in_object = object_value(o, fx->columns[c].field);
            struct value *in_effect = &fx->columns[c].values[i];
            struct value swapped = *in_object;
            *in_object = *in_effect;
            *in_effect = swapped;
        }
    }
}

static void del_back(struct past *p, struct effect *fx)
{
    for (uint32_t i = 0; i < fx->id_count; i++) {
        put(p, fx->ids[i], fx->objects[i]);
        fx->objects[i] = NULL;
    }
    for (uint32_t i = 0; i < fx->text_count; i++) {
        const struct effect_text *t = &fx->texts[i];
        board_doc_put(p->texts, fx->ids[t->index], t->field, t->s, t->text);
    }
}

static enum err txt_back(struct past *p, struct effect *fx, struct arena *a)
{
    struct slice text;
    if (!fx->has_inverse || !wanted(p, fx->kind, fx->ids[0])) return ERR_OK;
    const struct doc *doc = text_doc(p, fx->ids[0], fx->field);
    enum err err = delta_apply(a, doc->text, &fx->inverse, SIZE_MAX, &text, NULL);
    if (err != ERR_OK) return ERR_CORRUPT;
    board_doc_put(p->texts, fx->ids[0], fx->field, fx->old_doc_s, text);
    return ERR_OK;
}

enum err past_take_back(struct past *p, struct effect *fx, struct arena *a)
{
    switch (fx->form) {
    case EFFECT_ADD: put(p, fx->ids[0], NULL); return ERR_OK;
    case EFFECT_SET: set_back(p, fx); return ERR_OK;
    case EFFECT_DEL: del_back(p, fx); return ERR_OK;
    case EFFECT_TAG: return ERR_OK; /* nothing is named by what it carries */
    case EFFECT_TXT: return txt_back(p, fx, a);
    }
    UNREACHABLE();
}
