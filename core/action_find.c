#include "core/action.h"

#include "core/action_impl.h"
#include "core/base/limits.h"
#include "core/history.h"

#define EVENT_BLOCK_BYTES     KIB(64)
#define EVENT_ARENA_BYTES_MAX (64 * EVENT_BYTES_MAX)

/* -- ids */

struct id action_id_make(int64_t ts, uint32_t number, struct action_mark mark)
{
    uint64_t bits = (uint64_t)(number & 0xfffff) << 44 | (mark.seq & 0xfffffff) << 16 |
                    (mark.index & ACTION_INDEX_MAX);
    struct id id = id_make((uint32_t)(ts / 1000), 0);
    for (int i = 0; i < 8; i++)
        id.bytes[4 + i] = (uint8_t)(bits >> (56 - 8 * i));
    return id;
}

static uint64_t id_bits(struct id id)
{
    uint64_t bits = 0;
    for (int i = 0; i < 8; i++)
        bits = bits << 8 | id.bytes[4 + i];
    return bits;
}

uint32_t action_id_number(struct id id)
{
    return (uint32_t)(id_bits(id) >> 44);
}

bool action_id_read(struct id id, uint32_t number, struct action_mark *ret_mark)
{
    uint64_t bits = id_bits(id);
    if (action_id_number(id) != (number & 0xfffff)) return false;
    *ret_mark = (struct action_mark){bits >> 16 & 0xfffffff, (uint32_t)(bits & ACTION_INDEX_MAX)};
    return ret_mark->seq > 0;
}

/* -- the walk */

struct seen_text { /* the newest edit of a text, of a run that is not over */
    struct id id;
    enum field field;
    struct id by;
    int64_t ts;
    UT_hash_handle hh;
};

struct finder {
    const struct action_query *query;
    struct board_view *bv;
    action_fn *fn;
    void *context;
    struct past past;
    struct arena arena; /* of one event */
    struct seen_text *seen;
    char card[ID_TEXT + 1]; /* "": every record is of interest */
    uint64_t looked, read;
    uint32_t skipped;
    struct action_page page;
};

static bool mark_below(struct action_mark a, struct action_mark b)
{
    return a.seq != b.seq ? a.seq < b.seq : a.index < b.index;
}

static bool in_range(const struct finder *f, const struct action *a)
{
    const struct action_query *q = f->query;
    if (q->before.seq > 0 && !mark_below(a->mark, q->before)) return false;
    if (q->since.seq > 0 && !mark_below(q->since, a->mark)) return false;
    if (q->since_ms > 0 && a->event->ts <= q->since_ms) return false;
    return id_is_none(q->by) || id_eq(q->by, a->event->by);
}

/* -- whose it is */

/* The card that an object is, or is a part of. */
static struct id card_of(struct finder *f, const struct action *a)
{
    enum kind kind = a->effect->kind;
    enum field field;
    if (kind == KIND_CARD) return a->effect->ids[a->at];
    if (!field_parse(kind, SLICE("idCard"), &field)) return (struct id){{0}};
    struct object *o = a->effect->form == EFFECT_DEL
                               ? a->effect->objects[a->at]
                               : past_get(&f->past, kind, a->effect->ids[a->at]);
    return o == NULL ? (struct id){{0}} : object_value(o, field)->id;
}

static bool in_list(struct finder *f, const struct action *a, struct id card)
{
    const struct effect *fx = a->effect;
    struct id list = f->query->list;
    if (fx->kind == KIND_LIST) return id_eq(fx->ids[a->at], list);
    if (id_is_none(card)) return false;
    if (fx->form == EFFECT_SET && fx->columns[a->column].field == F_CARD_ID_LIST &&
            id_eq(fx->columns[a->column].values[a->at].id, list))
        return true;
    struct object *o = fx->form == EFFECT_DEL && fx->kind == KIND_CARD
                               ? fx->objects[a->at]
                               : past_get(&f->past, KIND_CARD, card);
    return o != NULL && id_eq(object_value(o, F_CARD_ID_LIST)->id, list);
}

static bool about(struct finder *f, const struct action *a)
{
    const struct action_query *q = f->query;
    if (id_is_none(q->card) && id_is_none(q->list)) return true;
    struct id card = card_of(f, a);
    if (!id_is_none(q->card) && !id_eq(card, q->card)) return false;
    return id_is_none(q->list) || in_list(f, a, card);
}

/* -- from effects to actions */

static enum err give(struct finder *f, struct action *a, struct slice type)
{
    const struct action_query *q = f->query;
    a->type = type;
    if (a->mark.index > ACTION_INDEX_MAX || !in_range(f, a) || !action_filter_allows(q->filter, a))
        return ERR_OK;
    if (!about(f, a)) return ERR_OK;
    a->id = a->effect->kind == KIND_COMMENT && a->effect->form == EFFECT_ADD
                    ? a->effect->ids[a->at]
                    : action_id_make(a->event->ts, f->bv->head.number, a->mark);
    if (f->skipped < q->skip) {
        f->skipped++;
        return ERR_OK;
    }
    if (f->page.count == q->limit) {
        f->page.more = true;
        return ERR_BUSY; /* enough */
    }
    f->page.count++;
    f->page.next = a->mark;
    return f->fn(f->context, &f->past, a);
}

/* A card that changes its list has a new place there: that is one thing. Where many change their
 * places at once nobody wants to hear of each. */
static bool pos_tells(const struct effect *fx, uint32_t at, struct past *p)
{
    if (fx->id_count > 1) return false;
    if (fx->kind != KIND_CARD) return true;
    struct object *card = past_get(p, KIND_CARD, fx->ids[at]);
    for (uint32_t c = 0; c < fx->column_count && card != NULL; c++) {
        if (fx->columns[c].field == F_CARD_ID_LIST &&
                !value_eq(&fx->columns[c].values[at], object_value(card, F_CARD_ID_LIST)))
            return false;
    }
    return true;
}

static enum err set_one(struct finder *f, struct action *a)
{
    const struct effect *fx = a->effect;
    const struct effect_column *c = &fx->columns[a->column];
    const struct action_rule *rule =
            action_rule_find(EFFECT_SET, fx->kind, c->field, a->event->tx.len > 0);
    if (rule == NULL) return ERR_OK;
    if (!id_is_none(f->query->card) && fx->kind == KIND_CARD &&
            !id_eq(fx->ids[a->at], f->query->card))
        return ERR_OK;
    bool pos = c->field == F_CARD_POS || c->field == F_LIST_POS;
    if (pos && !pos_tells(fx, a->at, &f->past)) return ERR_OK;
    struct object *o = past_get(&f->past, fx->kind, fx->ids[a->at]);
    if (o == NULL || value_eq(&c->values[a->at], object_value(o, c->field))) return ERR_OK;
    const struct value *now = object_value(o, c->field);
    bool off = now->type == VALUE_NULL && rule->type_off.len > 0;
    a->field = field_info(c->field)->name;
    if (c->field == F_CHECK_ITEM_ID_MEMBER)
        a->member = now->type == VALUE_ID ? now->id : c->values[a->at].id;
    if (c->field != F_MEMBERSHIP_MEMBER_TYPE) return give(f, a, off ? rule->type_off : rule->type);
    a->member = object_value(o, F_MEMBERSHIP_ID_MEMBER)->id;
    return give(f, a, action_role_type(value_slice(now)));
}

/* Whoever types makes an event of every few keys. */
static bool run_goes_on(struct finder *f, const struct event *e, const struct effect *fx)
{
    struct seen_text key, *seen = NULL;
    memset(&key, 0, sizeof key);
    key.id = fx->ids[0];
    key.field = fx->field;
    HASH_FIND(hh, f->seen, &key, offsetof(struct seen_text, by), seen);
    bool same = seen != NULL && id_eq(seen->by, e->by) &&
                seen->ts - e->ts <= ACTIONS_TEXT_RUN_MS;
    if (seen == NULL) {
        seen = MEM_NEW(struct seen_text);
        seen->id = key.id;
        seen->field = key.field;
        HASH_ADD(hh, f->seen, id, offsetof(struct seen_text, by), seen);
    }
    seen->by = e->by;
    seen->ts = e->ts;
    return same && !f->query->every_edit;
}

static bool event_has(const struct event *e, enum effect_form form, enum kind kind, struct id id)
{
    for (uint32_t i = 0; i < e->effect_count; i++) {
        const struct effect *fx = &e->effects[i];
        for (uint32_t k = 0; fx->form == form && fx->kind == kind && k < fx->id_count; k++)
            if (id_eq(fx->ids[k], id)) return true;
    }
    return false;
}

/* Comments go with their card, options come and go with their field: that is told with it. A
 * message has OPS_PER_MESSAGE_MAX of those at most. */
static bool told_above(struct finder *f, const struct action *a)
{
    const struct effect *fx = a->effect;
    bool del = fx->form == EFFECT_DEL, comment = fx->kind == KIND_COMMENT;
    if (!(comment ? del : fx->kind == KIND_FIELD_OPTION)) return false;
    enum field above = comment ? F_COMMENT_ID_CARD : F_FIELD_OPTION_ID_CUSTOM_FIELD;
    struct object *o =
            del ? fx->objects[a->at] : past_get(&f->past, fx->kind, fx->ids[a->at]);
    return o != NULL && event_has(a->event, fx->form, comment ? KIND_CARD : KIND_CUSTOM_FIELD,
                                object_value(o, above)->id);
}

static enum err one(struct finder *f, struct action *a)
{
    const struct effect *fx = a->effect;
    bool named = fx->form == EFFECT_TAG || fx->form == EFFECT_TXT;
    if (fx->form == EFFECT_SET) return set_one(f, a);
    const struct action_rule *rule = action_rule_find(
            fx->form, fx->kind, named ? fx->field : FIELD_COUNT, a->event->tx.len > 0);
    if (rule == NULL || told_above(f, a)) return ERR_OK;
    if (fx->form == EFFECT_TAG && fx->was[a->at] == fx->on) return ERR_OK;
    /* who was taken off the board has not voted */
    if (fx->form == EFFECT_TAG && fx->field == F_CARD_ID_MEMBERS_VOTED &&
            !id_eq(fx->element, a->event->by))
        return ERR_OK;
    if (fx->form == EFFECT_TXT) {
        a->field = field_info(fx->field)->name;
        if (run_goes_on(f, a->event, fx)) return ERR_OK;
    }
    if (fx->form == EFFECT_TAG && fx->field == F_CARD_ID_MEMBERS) a->member = fx->element;
    if (fx->kind == KIND_MEMBERSHIP) {
        struct object *o = fx->form == EFFECT_DEL
                                   ? fx->objects[a->at]
                                   : past_get(&f->past, KIND_MEMBERSHIP, fx->ids[a->at]);
        if (o == NULL) return ERR_OK;
        a->member = object_value(o, F_MEMBERSHIP_ID_MEMBER)->id;
        /* whoever makes a board is on it */
        if (fx->form == EFFECT_ADD && a->event->effects[0].form == EFFECT_ADD &&
                a->event->effects[0].kind == KIND_BOARD)
            return ERR_OK;
    }
    return give(f, a, fx->form == EFFECT_TAG && !fx->on ? rule->type_off : rule->type);
}

static uint32_t places_of(const struct effect *fx)
{
    return fx->form == EFFECT_SET ? fx->id_count * fx->column_count : fx->id_count;
}

/* Newest first within the event too, each while the past is what it was right after it. */
static enum err effect_actions(
        struct finder *f, const struct event *e, const struct effect *fx, uint32_t first_place)
{
    enum err err = ERR_OK;
    for (uint32_t place = places_of(fx); place > 0 && err == ERR_OK; place--) {
        uint32_t columns = fx->form == EFFECT_SET ? fx->column_count : 1;
        struct action a = {.event = e,
                .effect = fx,
                .mark = {e->seq, first_place + place - 1},
                .at = (place - 1) / columns,
                .column = (place - 1) % columns};
        err = one(f, &a);
    }
    return err;
}

static enum err event_actions(struct finder *f, struct event *e)
{
    enum err err = ERR_OK;
    uint32_t place = 0;
    for (uint32_t i = 0; i < e->effect_count; i++)
        place += places_of(&e->effects[i]);
    for (uint32_t i = e->effect_count; i > 0 && err == ERR_OK; i--) {
        struct effect *fx = &e->effects[i - 1];
        place -= places_of(fx);
        err = effect_actions(f, e, fx, place);
        if (err == ERR_OK) err = past_take_back(&f->past, fx, &f->arena);
    }
    return err;
}

static bool holds(struct slice text, struct slice part)
{
    return memmem(text.ptr, text.len, part.ptr, part.len) != NULL;
}

/* For one card: what names it, and what changes the names of lists and labels it had. */
static bool of_interest(
        const struct finder *f, struct slice public_json, struct slice old_json)
{
    struct slice card = slice_cstr(f->card);
    return card.len == 0 || holds(public_json, card) || holds(old_json, card) ||
           holds(public_json, SLICE("\"list\",")) || holds(public_json, SLICE("\"label\","));
}

static enum err walk_one(
        void *context, uint64_t seq, struct slice public_json, struct slice old_json)
{
    struct finder *f = context;
    struct event e;
    if (seq < f->query->since.seq) return ERR_BUSY; /* enough */
    if (f->looked++ >= ACTIONS_LOOKED_MAX || f->read >= ACTIONS_READ_MAX) {
        f->page.more = true;
        f->page.next = (struct action_mark){seq + 1, 0};
        return ERR_BUSY;
    }
    if (!of_interest(f, public_json, old_json)) return ERR_OK;
    f->read++;
    arena_reset(&f->arena);
    enum err err = event_decode(&f->arena, public_json, old_json, &e, NULL);
    if (err != ERR_OK) return err;
    if (f->query->since_ms > 0 && e.ts <= f->query->since_ms)
        err = ERR_BUSY;
    else
        err = event_actions(f, &e);
    event_fini(&e);
    return err;
}

/* Names are what they were at the time, as far as that can be told: the walk begins at the head,
 * but not more than so many events above the first one wanted. */
static uint64_t walk_from(const struct finder *f)
{
    uint64_t head = f->bv->head.seq, before = f->query->before.seq;
    uint64_t most = f->card[0] != '\0' ? ACTIONS_LOOKED_MAX / 2 : ACTIONS_READ_MAX / 2;
    if (before == 0 || before >= head || head - before <= most) return head;
    return before + most;
}

enum err actions_find(struct board_view *bv, const struct action_query *query, action_fn *fn,
        void *context, struct action_page *ret_page)
{
    struct finder f = {.query = query, .bv = bv, .fn = fn, .context = context};
    struct seen_text *seen, *next;
    enum err err = ERR_OK;
    if (!id_is_none(query->card)) id_format(query->card, f.card);
    past_init(&f.past, bv, query->card);
    arena_init(&f.arena, EVENT_BLOCK_BYTES, EVENT_ARENA_BYTES_MAX);
    if (bv->head.seq > bv->head.floor && query->limit > 0)
        err = history_walk(bv, walk_from(&f), bv->head.floor + 1, walk_one, &f);
    HASH_ITER(hh, f.seen, seen, next)
    {
        HASH_DEL(f.seen, seen);
        mem_free(seen);
    }
    arena_fini(&f.arena);
    past_fini(&f.past);
    if (err != ERR_OK && err != ERR_BUSY) return err;
    *ret_page = f.page;
    return ERR_OK;
}
