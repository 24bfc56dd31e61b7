#include "core/base/limits.h"
#include "core/resolve.h"

/* What was done to the text behind the seq that the sender had seen. */
struct since {
    const struct tail_text **texts;
    uint32_t count;
};

static enum err stale(struct change *ch, const struct object *o, const char *wrong)
{
    return change_refuse(ch, ERR_STALE, o,
            (struct why){"base", wrong, "the seq of the text's last change, or a later one"});
}

static enum err over_all(struct change *ch, const struct since *since, struct delta *delta)
{
    for (uint32_t i = 0; i < since->count; i++)
        delta_transform(ch->arena, delta, &since->texts[i]->delta, false, delta);
    /* what is logged can be read again */
    if (delta->count <= JSON_ITEMS_MAX) return ERR_OK;
    return fault_setf(ch->fault, ERR_TOO_LARGE, "delta", "fewer, larger changes at once",
            "becomes %u parts behind what others changed meanwhile", delta->count);
}

/* -- a delta: what was sequenced before stands left */

/* Of one client's ops on a text at most one is in flight: a delta made on top of another that was
 * not acknowledged does not say what it counts from. */
static bool has_own(const struct change *ch, const struct since *since)
{
    const struct event *e = ch->event;
    for (uint32_t i = 0; i < since->count; i++)
        if (e->cl.len > 0 && slice_eq(since->texts[i]->cl, e->cl) &&
                id_eq(since->texts[i]->by, e->by))
            return true;
    return false;
}

static enum err from_base(struct change *ch, const struct op *op, const struct object *o,
        const struct doc *doc, struct delta *ret_delta)
{
    struct since since;
    *ret_delta = op->delta;
    if (doc->s <= ch->base) return ERR_OK;
    if (ch->base < ch->tail->floor)
        return stale(ch, o, "is older than what is remembered of the text's changes");
    since.count = tail_texts(ch->tail, ch->arena, doc, ch->base, &since.texts);
    if (has_own(ch, &since))
        return stale(ch, o, "is older than the sender's own last change of the text");
    return over_all(ch, &since, ret_delta);
}

/* -- a whole text: its difference from the version its writer had seen */

static uint64_t version_of(const struct op *op)
{
    json_t *fields = (json_t *)(uintptr_t)op->if_fields;
    uint64_t s;
    if (fields != NULL && json_get_u64(fields, field_info(op->text_field)->name.ptr, &s)) return s;
    return op->if_s;
}

static enum err forgotten(struct change *ch, const struct object *o)
{
    return change_refuse(ch, ERR_CONFLICT, o,
            (struct why){"if", "names a version of the text that is not remembered",
                    "the object's `s` as it is now"});
}

static enum err from_version(struct change *ch, const struct op *op, const struct object *o,
        const struct doc *doc, struct delta *ret_delta)
{
    struct since since;
    struct delta back = {0};
    struct slice text;
    uint64_t version = version_of(op);
    if (version < ch->tail->floor) return forgotten(ch, o);
    since.count = tail_texts(ch->tail, ch->arena, doc, version, &since.texts);
    for (uint32_t i = since.count; i-- > 0;) {
        const struct tail_text *t = since.texts[i];
        if (!t->has_inverse || delta_compose(ch->arena, &back, &t->inverse, &back) != ERR_OK)
            return forgotten(ch, o);
    }
    /* not so where the object was made anew meanwhile */
    if (delta_apply(ch->arena, doc->text, &back, SIZE_MAX, &text, ch->fault) != ERR_OK)
        return forgotten(ch, o);
    delta_diff(ch->arena, text, op->text, ret_delta);
    return over_all(ch, &since, ret_delta);
}

/* It replaces all of what is there: whoever wrote that since the sender looked is told. */
static void overwrites(struct change *ch, const struct op *op, const struct doc *doc)
{
    const struct tail_text **texts;
    if (doc->s <= ch->base || ch->base < ch->tail->floor) return;
    if (slice_eq(doc->text, op->text)) return;
    uint32_t count = tail_texts(ch->tail, ch->arena, doc, ch->base, &texts);
    while (count > 0 && id_eq(texts[count - 1]->by, ch->event->by))
        count--;
    if (count == 0) return;
    struct tail_hit hit = {texts[count - 1]->seq, texts[count - 1]->by};
    change_overwritten_text(ch, op->id, op->text_field, doc->text, &hit);
}

static enum err text_delta(struct change *ch, const struct op *op, const struct object *o,
        const struct doc *doc, struct delta *ret_delta)
{
    size_t bytes;
    enum err err = ERR_OK;
    if (op->name == OP_TEXT) {
        err = from_base(ch, op, o, doc, ret_delta);
    } else if (doc->s > version_of(op)) {
        err = from_version(ch, op, o, doc, ret_delta);
    } else {
        overwrites(ch, op, doc);
        delta_diff(ch->arena, doc->text, op->text, ret_delta);
    }
    if (err) return err;
    return delta_check(doc->text, ret_delta, TEXT_UNITS_MAX, &bytes, ch->fault);
}

/* A second one of the same message would count from a text that nobody has seen. */
static enum err first_of_message(struct change *ch, const struct op *op)
{
    for (uint32_t i = 0; i < ch->event->effect_count; i++) {
        const struct effect *fx = &ch->event->effects[i];
        if (fx->form == EFFECT_TXT && fx->field == op->text_field && id_eq(fx->ids[0], op->id))
            return fault_set(ch->fault, ERR_INVALID, "id",
                    "names a text that this message changes already",
                    "one text op for a text in one message");
    }
    return ERR_OK;
}

enum err resolve_text(struct change *ch, const struct op *op)
{
    struct object *o;
    struct columns c = {0};
    struct delta delta;
    enum err err = change_find(ch, op->kind, op->id, "id", &o);
    if (!err) err = change_if(ch, op, o);
    if (!err) err = first_of_message(ch, op);
    if (err) return err;
    const struct doc *doc = board_doc(ch->board, op->id, op->text_field);
    CHECK(doc != NULL); /* the engine fetched what op_needs named */
    err = text_delta(ch, op, o, doc, &delta);
    if (err) return err;
    change_txt(ch, op->kind, op->id, op->text_field, &delta);
    if (op->kind != KIND_CARD) return ERR_OK;
    /* its face says whether there is a description; the text comes when it is opened */
    struct badges badges = badges_of(o);
    bool written = board_doc(ch->board, op->id, op->text_field)->text.len > 0;
    if (badges.description != written) {
        badges.description = written;
        columns_badges(ch, &c, o, &badges);
    }
    columns_activity(ch, &c);
    change_set_one(ch, o, &c);
    return ERR_OK;
}
