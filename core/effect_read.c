#include "core/effect.h"

#include "core/base/limits.h"
#include "core/walk.h"

#define SEQ_MAX ((uint64_t)POS_MAX - 1)

/* Ids by the thousand are legal in an event, so records are walked, and only single values
 * become trees. */
struct reader {
    struct arena *a;
    struct fault *fault;
    struct id board;
};

static enum err corrupt(struct reader *r, const char *what)
{
    return fault_set(r->fault, ERR_CORRUPT, "", what, "a record as it was logged");
}

/* -- single values */

/* A copy of the value's text as a tree, for what may hold escapes or nesting. */
static enum err leaf(struct reader *r, struct slice json, json_t **ret_tree)
{
    enum err err = json_read(r->a, json, ret_tree, r->fault);
    return err == ERR_OK ? ERR_OK : corrupt(r, "holds a value that is not JSON");
}

static bool id_of(struct slice json, struct id *ret_id)
{
    if (json.len != ID_TEXT + 2 || json.ptr[0] != '"' || json.ptr[json.len - 1] != '"')
        return false;
    struct id id;
    if (!id_parse(slice_of(json.ptr + 1, ID_TEXT), &id) || id_is_none(id)) return false;
    *ret_id = id;
    return true;
}

static bool id_or_null(struct slice json, struct id *ret_id)
{
    if (!slice_eq(json, SLICE("null"))) return id_of(json, ret_id);
    *ret_id = (struct id){{0}};
    return true;
}

static bool number_of(struct slice json, uint64_t max, uint64_t *ret_number)
{
    uint64_t number;
    if (!slice_to_u64(json, &number) || number > max) return false;
    *ret_number = number;
    return true;
}

static enum err read_value(
        struct reader *r, enum field f, struct slice json, struct value *ret_value)
{
    if (value_text_default(f, json)) {
        *ret_value = value_default(f);
        return ERR_OK;
    }
    if (value_read_text(f, r->a, json, ret_value, r->fault) == ERR_OK) return ERR_OK;
    return corrupt(r, "holds a value that its field does not take");
}

static enum err read_delta(struct reader *r, struct slice json, struct delta *ret_delta)
{
    json_t *tree;
    enum err err = leaf(r, json, &tree);
    if (err == ERR_OK && delta_read(r->a, tree, ret_delta, r->fault) != ERR_OK)
        err = corrupt(r, "holds a delta that is not canonical");
    return err;
}

/* -- arrays: counted first, so that the memory is taken once */

static size_t count_elements(struct slice array)
{
    struct walk w = walk_of(array);
    struct slice json;
    size_t count = 0;
    if (!walk_take(&w, '[')) return SIZE_MAX;
    while (walk_element(&w, &count) && walk_value(&w, &json))
        ;
    return walk_end(&w) && count <= UINT32_MAX ? count : SIZE_MAX;
}

/* The elements' texts of an array that must have `count` of them; NULL when it has not. */
static struct slice *elements_of(struct reader *r, struct slice array, size_t count)
{
    if (count_elements(array) != count) return NULL;
    struct slice *elements = ARENA_NEW_ARRAY(r->a, struct slice, count);
    struct walk w = walk_of(array);
    size_t n = 0;
    walk_take(&w, '[');
    while (walk_element(&w, &n))
        CHECK(walk_value(&w, &elements[n - 1]));
    return elements;
}

static enum err read_ids(struct reader *r, struct slice json, struct effect *fx, bool *ret_many)
{
    bool many = json.ptr[0] == '[';
    size_t count = many ? count_elements(json) : 1;
    struct slice *elements = many && count != SIZE_MAX ? elements_of(r, json, count) : &json;
    if (count == SIZE_MAX || count == 0) return corrupt(r, "has an effect on no object");
    fx->ids = ARENA_NEW_ARRAY(r->a, struct id, count);
    fx->id_count = (uint32_t)count;
    for (size_t i = 0; i < count; i++) {
        if (!id_of(elements[i], &fx->ids[i])) return corrupt(r, "has an id of another form");
    }
    *ret_many = many;
    return ERR_OK;
}

static enum err read_numbers(
        struct reader *r, struct slice json, uint32_t count, uint64_t *ret_numbers)
{
    struct slice *elements = elements_of(r, json, count);
    if (elements == NULL) return corrupt(r, "has another number of old values than ids");
    for (uint32_t i = 0; i < count; i++) {
        if (!number_of(elements[i], SEQ_MAX, &ret_numbers[i]))
            return corrupt(r, "has an old seq that is not a number");
    }
    return ERR_OK;
}

/* -- add and set */

/* many: the ids were an array, so an array gives one value an id. */
static enum err read_column(struct reader *r, const struct effect *fx, struct slice json, bool many,
        struct effect_column *c)
{
    bool each = many && json.ptr[0] == '[';
    uint32_t count = each ? fx->id_count : 1;
    struct slice *elements = each ? elements_of(r, json, count) : &json;
    if (elements == NULL) return corrupt(r, "has another number of values than ids");
    c->values = ARENA_NEW_ARRAY(r->a, struct value, count);
    enum err err = ERR_OK;
    for (c->count = 0; c->count < count && err == ERR_OK; c->count += err == ERR_OK ? 1 : 0)
        err = read_value(r, c->field, elements[c->count], &c->values[c->count]);
    return err;
}

static enum err read_text(struct reader *r, struct effect *fx, enum field f, struct slice json)
{
    json_t *tree;
    struct value v;
    if (fx->form != EFFECT_ADD) return corrupt(r, "sets a text");
    enum err err = leaf(r, json, &tree);
    if (err != ERR_OK) return err;
    if (value_read(f, tree, &v, r->fault) != ERR_OK)
        return corrupt(r, "adds a text over the limit");
    value_fini(&v);
    fx->texts[fx->text_count++] = (struct effect_text){.field = f, .text = json_slice(tree)};
    return ERR_OK;
}

static enum err read_fields(struct reader *r, struct effect *fx, struct slice json, bool many)
{
    struct walk w = walk_of(json);
    struct slice name, value;
    uint64_t seen = 0;
    size_t count = 0;
    uint8_t slots = kind_info(fx->kind)->count;
    fx->columns = ARENA_NEW_ARRAY(r->a, struct effect_column, slots);
    fx->texts = ARENA_NEW_ARRAY(r->a, struct effect_text, slots);
    if (!walk_take(&w, '{')) return corrupt(r, "has fields that are no object");
    while (walk_member(&w, &count, &name) && walk_value(&w, &value)) {
        enum field f;
        if (!field_parse(fx->kind, name, &f)) return corrupt(r, "names a field that is not known");
        uint64_t bit = UINT64_C(1) << field_info(f)->slot;
        if ((seen & bit) != 0) return corrupt(r, "names a field twice");
        seen |= bit;
        enum err err;
        if (field_info(f)->type == FIELD_TEXT) {
            err = read_text(r, fx, f, value);
        } else {
            struct effect_column *c = &fx->columns[fx->column_count++];
            c->field = f;
            err = read_column(r, fx, value, many, c);
        }
        if (err != ERR_OK) return err;
    }
    return walk_end(&w) ? ERR_OK : corrupt(r, "has fields that are cut off");
}

/* -- effects */

static bool form_parse(struct slice name, enum effect_form *ret_form)
{
    static const char names[][4] = {"add", "set", "del", "tag", "txt"};
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        if (!slice_eq(name, slice_of(names[i], 3))) continue;
        *ret_form = (enum effect_form)i;
        return true;
    }
    return false;
}

static size_t parts_of(enum effect_form form)
{
    static const uint8_t parts[] = {[EFFECT_ADD] = 4,
            [EFFECT_SET] = 4,
            [EFFECT_DEL] = 3,
            [EFFECT_TAG] = 6,
            [EFFECT_TXT] = 5};
    return parts[form];
}

static bool string_of(struct slice json, struct slice *ret_text)
{
    struct walk w = walk_of(json);
    return walk_plain(&w, ret_text) && walk_end(&w);
}

static enum err read_field_name(
        struct reader *r, struct effect *fx, struct slice json, enum field_type type)
{
    struct slice name;
    if (!string_of(json, &name) || !field_parse(fx->kind, name, &fx->field) ||
            field_info(fx->field)->type != type)
        return corrupt(r, "names a field of another type");
    return ERR_OK;
}

static enum err read_tag(struct reader *r, struct effect *fx, const struct slice *parts)
{
    fx->on = slice_eq(parts[5], SLICE("1"));
    if (!id_of(parts[4], &fx->element) || (!fx->on && !slice_eq(parts[5], SLICE("0"))))
        return corrupt(r, "has a tag of another form");
    return read_field_name(r, fx, parts[3], FIELD_SET);
}

static enum err read_effect(struct reader *r, struct slice json, struct effect *fx)
{
    struct slice name;
    bool many = false;
    size_t count = count_elements(json);
    struct slice *parts = count == SIZE_MAX || count < 3 ? NULL : elements_of(r, json, count);
    if (parts == NULL || !string_of(parts[0], &name) || !form_parse(name, &fx->form) ||
            count != parts_of(fx->form))
        return corrupt(r, "has an effect of no known form");
    if (!string_of(parts[1], &name) || !kind_parse(name, &fx->kind))
        return corrupt(r, "has an effect on an unknown kind");
    enum err err = read_ids(r, parts[2], fx, &many);
    if (err != ERR_OK) return err;
    bool single = fx->form == EFFECT_ADD || fx->form == EFFECT_TXT || fx->kind == KIND_BOARD;
    if (single && fx->id_count != 1) return corrupt(r, "has an effect on many that is for one");
    if (fx->kind == KIND_BOARD && !id_eq(fx->ids[0], r->board))
        return corrupt(r, "has an effect on another board");
    switch (fx->form) {
    case EFFECT_ADD:
    case EFFECT_SET: return read_fields(r, fx, parts[3], many);
    case EFFECT_DEL: return ERR_OK;
    case EFFECT_TAG: return read_tag(r, fx, parts);
    case EFFECT_TXT:
        err = read_field_name(r, fx, parts[3], FIELD_TEXT);
        return err == ERR_OK ? read_delta(r, parts[4], &fx->delta) : err;
    }
    UNREACHABLE();
}

/* -- what was replaced: from the form before apply to the form after it */

static enum err read_old_s(struct reader *r, struct effect *fx, struct slice old)
{
    struct slice json;
    if (!walk_find(old, SLICE("s"), &json)) return corrupt(r, "has no old seq");
    fx->old_s = ARENA_NEW_ARRAY(r->a, uint64_t, fx->id_count);
    return read_numbers(r, json, fx->id_count, fx->old_s);
}

static enum err read_old_add(struct reader *r, struct effect *fx, struct slice old)
{
    struct slice json;
    uint64_t next = 0;
    if (walk_find(old, SLICE("next"), &json) && !number_of(json, UINT32_MAX, &next))
        return corrupt(r, "has an old idShort that is not a number");
    fx->old_next_short = (uint32_t)next;
    return ERR_OK;
}

static enum err read_old_set(struct reader *r, struct effect *fx, struct slice old)
{
    struct slice values, json;
    if (!walk_find(old, SLICE("v"), &values)) return corrupt(r, "has no old values");
    for (uint32_t i = 0; i < fx->column_count; i++) {
        struct effect_column *c = &fx->columns[i];
        bool one_for_many = c->count < fx->id_count;
        for (uint32_t k = 0; k < c->count; k++)
            value_fini(&c->values[k]);
        c->count = 0;
        if (!walk_find(values, field_info(c->field)->name, &json) || json.ptr[0] != '[')
            return corrupt(r, "lacks the old value of a field");
        enum err err = read_column(r, fx, json, true, c);
        if (err != ERR_OK) return err;
        c->spread = one_for_many;
    }
    return read_old_s(r, fx, old);
}

static enum err read_old_texts(struct reader *r, struct effect *fx, struct slice json)
{
    size_t count = count_elements(json);
    struct slice *texts = count == SIZE_MAX ? NULL : elements_of(r, json, count);
    if (texts == NULL) return corrupt(r, "has old texts of another form");
    fx->texts = ARENA_NEW_ARRAY(r->a, struct effect_text, count);
    for (size_t i = 0; i < count; i++) {
        struct slice *parts = elements_of(r, texts[i], 4);
        struct slice name;
        struct effect_text *t = &fx->texts[i];
        uint64_t index;
        json_t *tree;
        if (parts == NULL || !number_of(parts[0], fx->id_count - 1, &index) ||
                !string_of(parts[1], &name) || !field_parse(fx->kind, name, &t->field) ||
                field_info(t->field)->type != FIELD_TEXT || !number_of(parts[2], SEQ_MAX, &t->s))
            return corrupt(r, "has an old text of another form");
        t->index = (uint32_t)index;
        enum err err = leaf(r, parts[3], &tree);
        if (err != ERR_OK) return err;
        if (!json_is_string(tree)) return corrupt(r, "has an old text that is no string");
        t->text = json_slice(tree);
    }
    fx->text_count = (uint32_t)count;
    return ERR_OK;
}

static enum err read_old_del(struct reader *r, struct effect *fx, struct slice old)
{
    struct slice json;
    struct slice *objects =
            walk_find(old, SLICE("o"), &json) ? elements_of(r, json, fx->id_count) : NULL;
    if (objects == NULL) return corrupt(r, "lacks a deleted object");
    fx->objects = ARENA_NEW_ARRAY(r->a, struct object *, fx->id_count);
    for (uint32_t i = 0; i < fx->id_count; i++) {
        struct fault ignored;
        if (object_read(fx->kind, r->a, objects[i], &fx->objects[i], &ignored) != ERR_OK ||
                !id_eq(fx->objects[i]->id, fx->ids[i]))
            return corrupt(r, "holds a deleted object that cannot be read");
    }
    if (!walk_find(old, SLICE("t"), &json)) return corrupt(r, "lacks deleted texts");
    return read_old_texts(r, fx, json);
}

static enum err read_old_tag(struct reader *r, struct effect *fx, struct slice old)
{
    struct slice json;
    struct slice *places =
            walk_find(old, SLICE("at"), &json) ? elements_of(r, json, fx->id_count) : NULL;
    if (places == NULL) return corrupt(r, "lacks a tag's old places");
    fx->was = ARENA_NEW_ARRAY(r->a, bool, fx->id_count);
    fx->places = ARENA_NEW_ARRAY(r->a, uint32_t, fx->id_count);
    uint64_t max = field_elements_max(fx->field);
    for (uint32_t i = 0; i < fx->id_count; i++) {
        uint64_t place = 0;
        fx->was[i] = !slice_eq(places[i], SLICE("-1"));
        if (fx->was[i] && !number_of(places[i], max, &place))
            return corrupt(r, "has a tag's old place that is not a number");
        fx->places[i] = (uint32_t)place;
    }
    return read_old_s(r, fx, old);
}

static enum err read_old_txt(struct reader *r, struct effect *fx, struct slice old)
{
    struct slice json;
    fx->old_s = ARENA_NEW(r->a, uint64_t);
    if (!walk_find(old, SLICE("s"), &json) || !number_of(json, SEQ_MAX, &fx->old_s[0]))
        return corrupt(r, "has no old seq");
    if (!walk_find(old, SLICE("d"), &json)) return ERR_OK;
    enum err err = read_delta(r, json, &fx->inverse);
    if (err != ERR_OK) return err;
    fx->has_inverse = true;
    if (!walk_find(old, SLICE("ds"), &json) || !number_of(json, SEQ_MAX, &fx->old_doc_s))
        return corrupt(r, "has no old seq of a text");
    return ERR_OK;
}

static enum err read_old(struct reader *r, struct effect *fx, struct slice old)
{
    if (old.ptr[0] != '{') return corrupt(r, "has an old part that is no object");
    switch (fx->form) {
    case EFFECT_ADD: return read_old_add(r, fx, old);
    case EFFECT_SET: return read_old_set(r, fx, old);
    case EFFECT_DEL: return read_old_del(r, fx, old);
    case EFFECT_TAG: return read_old_tag(r, fx, old);
    case EFFECT_TXT: return read_old_txt(r, fx, old);
    }
    UNREACHABLE();
}

/* -- records */

static bool optional(struct walk *w, struct slice key)
{
    if (w->bad || !slice_starts(slice_of(w->at, (size_t)(w->end - w->at)), key)) return false;
    return walk_literal(w, key);
}

static bool member(struct walk *w, struct slice key, struct slice *ret_json)
{
    return walk_literal(w, key) && walk_value(w, ret_json);
}

static enum err read_client(struct reader *r, struct walk *w, struct event *e)
{
    struct slice json;
    json_t *tree;
    if (!optional(w, SLICE(",\"cl\":"))) return ERR_OK;
    if (!walk_value(w, &json)) return corrupt(r, "has a client id that is cut off");
    enum err err = leaf(r, json, &tree);
    if (err != ERR_OK) return err;
    if (!json_is_string(tree) || !member(w, SLICE(",\"n\":"), &json) ||
            !number_of(json, SEQ_MAX, &e->n))
        return corrupt(r, "has a client id of another form");
    e->cl = json_slice(tree);
    return ERR_OK;
}

/* The members around the effects, in the order in which event_seal writes them. */
static enum err read_record(
        struct reader *r, struct slice text, struct event *e, struct slice *ret_effects)
{
    struct walk w = walk_of(text);
    struct slice json, h;
    if (!member(&w, SLICE("{\"t\":\"op\",\"b\":"), &json) || !id_or_null(json, &r->board) ||
            !member(&w, SLICE(",\"s\":"), &json) || !number_of(json, SEQ_MAX, &e->seq) ||
            e->seq == 0 || !member(&w, SLICE(",\"by\":"), &json) || !id_or_null(json, &e->by) ||
            !member(&w, SLICE(",\"ts\":"), &json) || !slice_to_i64(json, &e->ts))
        return corrupt(r, "does not begin as a record does");
    enum err err = read_client(r, &w, e);
    if (err != ERR_OK) return err;
    if (!member(&w, SLICE(",\"e\":"), ret_effects)) return corrupt(r, "has no effects");
    if (optional(&w, SLICE(",\"ow\":")) && !walk_value(&w, &e->ow))
        return corrupt(r, "is cut off in ow");
    if (optional(&w, SLICE(",\"tx\":")) && !walk_value(&w, &e->tx))
        return corrupt(r, "is cut off in tx");
    if (!member(&w, SLICE(",\"h\":"), &h) || !string_of(h, &h) || h.len != 16 ||
            !walk_take(&w, '}') || !walk_end(&w))
        return corrupt(r, "does not end as a record does");
    return ERR_OK;
}

enum err event_decode(struct arena *a, struct slice public_json, struct slice old_json,
        struct event *ret_event, struct fault *fault)
{
    struct reader r = {.a = a, .fault = fault};
    struct event e = {
            .public_json = public_json, .old_json = old_json, .applied = old_json.len > 0};
    struct slice effects_json;
    enum err err = read_record(&r, public_json, &e, &effects_json);
    if (err != ERR_OK) return err;
    size_t count = count_elements(effects_json);
    struct slice *effects = count == SIZE_MAX ? NULL : elements_of(&r, effects_json, count);
    if (effects == NULL) return corrupt(&r, "has effects that are no array");
    struct slice *old = e.applied ? elements_of(&r, old_json, count) : NULL;
    if (e.applied && old == NULL) return corrupt(&r, "has an old part of another length");
    e.effects = ARENA_NEW_ARRAY(a, struct effect, count);
    for (size_t i = 0; i < count && err == ERR_OK; i++) {
        e.effect_count++;
        err = read_effect(&r, effects[i], &e.effects[i]);
        if (err == ERR_OK && old != NULL) err = read_old(&r, &e.effects[i], old[i]);
    }
    if (err != ERR_OK) {
        event_fini(&e);
        return err;
    }
    *ret_event = e;
    return ERR_OK;
}
