/* How each key of an op is read: from wire JSON to a member of struct op. */
#include "core/op_keys.h"

#include <math.h>

#include "core/base/limits.h"
#include "core/base/utf.h"

enum err op_bad(struct decode *d, const json_t *json, const char *expected)
{
    return fault_setf(d->fault, ERR_INVALID, d->name, expected, "is %s", json_type_name(json));
}

static enum err read_any_id(struct decode *d, const json_t *json, struct id *ret_id)
{
    struct id id;
    if (!json_is_string(json) || !id_parse(json_slice(json), &id) || id_is_none(id))
        return op_bad(d, json, "an id of 24 lower-case hex digits");
    *ret_id = id;
    return ERR_OK;
}

static enum err read_any_bool(struct decode *d, const json_t *json, bool *ret_value)
{
    bool number = json_is_integer(json) &&
                  (json_integer_value(json) == 0 || json_integer_value(json) == 1);
    if (!json_is_boolean(json) && !number) return op_bad(d, json, "true or false");
    *ret_value = number ? json_integer_value(json) == 1 : json_is_true(json);
    return ERR_OK;
}

static enum err read_id(struct decode *d, const json_t *json)
{
    return read_any_id(d, json, &d->op->id);
}

static int compare_ids(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct id));
}

static enum err read_ids(struct decode *d, const json_t *json)
{
    size_t count = json_array_size(json);
    if (!json_is_array(json) || count == 0) return op_bad(d, json, "an array of at least one id");
    struct id *ids = ARENA_NEW_ARRAY(d->arena, struct id, count);
    struct id *sorted = ARENA_NEW_ARRAY(d->arena, struct id, count);
    for (size_t i = 0; i < count; i++) {
        enum err err = read_any_id(d, json_array_get(json, i), &ids[i]);
        if (err) return err;
    }
    memcpy(sorted, ids, count * sizeof *ids);
    qsort(sorted, count, sizeof *sorted, compare_ids);
    for (size_t i = 1; i < count; i++)
        if (id_eq(sorted[i - 1], sorted[i]))
            return fault_set(d->fault, ERR_INVALID, d->name, "names an id twice", "each id once");
    d->op->ids = ids;
    d->op->id_count = (uint32_t)count;
    return ERR_OK;
}

static enum err read_id_list(struct decode *d, const json_t *json)
{
    return read_any_id(d, json, &d->op->id_list);
}

static enum err read_id_board(struct decode *d, const json_t *json)
{
    return read_any_id(d, json, &d->op->id_board);
}

static enum err read_id_card(struct decode *d, const json_t *json)
{
    return read_any_id(d, json, &d->op->id_card);
}

static enum err read_id_checklist(struct decode *d, const json_t *json)
{
    return read_any_id(d, json, &d->op->id_checklist);
}

static enum err read_element(struct decode *d, const json_t *json)
{
    return read_any_id(d, json, &d->op->element);
}

static enum err read_on(struct decode *d, const json_t *json)
{
    return read_any_bool(d, json, &d->op->on);
}

static enum err read_force(struct decode *d, const json_t *json)
{
    return read_any_bool(d, json, &d->op->force);
}

static enum err placed(struct decode *d, bool beside)
{
    if (d->op->has_place && (d->op->place.how == PLACE_NUMBER || !beside))
        return fault_set(d->fault, ERR_INVALID, d->name, "comes together with another place",
                "either `pos`, or `after` and `before`");
    d->op->has_place = true;
    return ERR_OK;
}

/* "" is the head for `after` and the end for `before`. */
static enum err read_after(struct decode *d, const json_t *json)
{
    enum err err = placed(d, true);
    if (err) return err;
    if (json_is_string(json) && json_string_length(json) == 0) {
        d->op->place.how = PLACE_TOP;
        return ERR_OK;
    }
    d->op->place.how = PLACE_AFTER;
    return read_any_id(d, json, &d->op->place.after);
}

static enum err read_before(struct decode *d, const json_t *json)
{
    bool top = d->op->has_place && d->op->place.how == PLACE_TOP;
    enum err err = placed(d, true);
    if (err) return err;
    if (!top) d->op->place.how = PLACE_AFTER;
    if (json_is_string(json) && json_string_length(json) == 0) return ERR_OK;
    return read_any_id(d, json, &d->op->place.before);
}

static enum err read_pos(struct decode *d, const json_t *json)
{
    static const char expected[] = "a positive number, \"top\" or \"bottom\"";
    enum err err = placed(d, false);
    if (err) return err;
    if (json_is_string(json)) {
        struct slice text = json_slice(json);
        if (slice_eq(text, SLICE("top")))
            d->op->place.how = PLACE_TOP;
        else if (slice_eq(text, SLICE("bottom")))
            d->op->place.how = PLACE_BOTTOM;
        else
            return fault_setf(d->fault, ERR_INVALID, d->name, expected, "is \"%.*s\"",
                    SLICE_ARG(utf_head(text, 40)));
        return ERR_OK;
    }
    if (!json_is_number(json)) return op_bad(d, json, expected);
    double number = json_number_value(json);
    if (!(number > 0) || !isfinite(number) || number >= POS_MAX)
        return fault_setf(d->fault, ERR_INVALID, d->name, expected, "is %g", number);
    d->op->place.how = PLACE_NUMBER;
    d->op->place.number = number;
    return ERR_OK;
}

static enum err read_if(struct decode *d, const json_t *json)
{
    if (json_is_integer(json) && json_integer_value(json) >= 0) {
        d->op->if_s = (uint64_t)json_integer_value(json);
        return ERR_OK;
    }
    if (!json_is_object(json)) return op_bad(d, json, "a seq, or an object {field: seq}");
    for (void *it = json_object_iter((json_t *)(uintptr_t)json); it != NULL;
            it = json_object_iter_next((json_t *)(uintptr_t)json, it)) {
        const json_t *s = json_object_iter_value(it);
        if (!json_is_integer(s) || json_integer_value(s) < 0)
            return op_bad(d, s, "a seq for each field");
    }
    d->op->if_fields = json;
    return ERR_OK;
}

static enum err read_by(struct decode *d, const json_t *json)
{
    static const char *const orders[] = {"name", "due", "dateLastActivity", "pos", "id"};
    for (size_t i = 0; json_is_string(json) && i < ARRAY_COUNT(orders); i++)
        if (slice_eq(json_slice(json), slice_cstr(orders[i]))) {
            d->op->by = slice_cstr(orders[i]);
            return ERR_OK;
        }
    return op_bad(d, json, "\"name\", \"due\", \"dateLastActivity\", \"pos\" or \"id\"");
}

/* A text that comes with a create. Units are checked as for the field it will be. */
static enum err read_text_of(struct decode *d, const json_t *json, enum field field)
{
    struct value value;
    enum err err = value_read(field, json, &value, d->fault);
    if (err) return err;
    d->op->text = arena_dup(d->arena, value_slice(&value));
    d->op->has_text = true;
    value_fini(&value);
    return ERR_OK;
}

static enum err read_desc(struct decode *d, const json_t *json)
{
    return read_text_of(d, json, d->op->kind == KIND_BOARD ? F_BOARD_DESC : F_CARD_DESC);
}

static enum err read_delta(struct decode *d, const json_t *json)
{
    return delta_read(d->arena, json, &d->op->delta, d->fault);
}

static enum err read_text(struct decode *d, const json_t *json)
{
    if (!json_is_string(json)) return op_bad(d, json, "a string");
    return read_text_of(d, json, F_CARD_DESC);
}

static enum err read_kind(struct decode *d, const json_t *json)
{
    enum kind kind;
    if (!json_is_string(json) || !kind_parse(json_slice(json), &kind) ||
            (kind != KIND_CARD && kind != KIND_BOARD))
        return op_bad(d, json, "\"card\" or \"board\"");
    d->op->kind = kind;
    return ERR_OK;
}

static enum err read_field(struct decode *d, const json_t *json)
{
    if (!json_is_string(json) || !slice_eq(json_slice(json), SLICE("desc")))
        return op_bad(d, json, "\"desc\"");
    return ERR_OK;
}

static enum err read_member(struct decode *d, const json_t *json)
{
    return read_any_id(d, json, &d->op->member);
}

static enum err read_role(struct decode *d, const json_t *json)
{
    if (!json_is_string(json) || !role_parse(json_slice(json), &d->op->role))
        return op_bad(d, json, "\"admin\", \"normal\" or \"observer\"");
    return ERR_OK;
}

static enum err read_objects(struct decode *d, const json_t *json)
{
    for (size_t i = 0; i < json_array_size(json); i++) {
        const json_t *pair = json_array_get(json, i);
        if (json_array_size(pair) != 2 || !json_is_string(json_array_get(pair, 0)) ||
                !json_is_object(json_array_get(pair, 1)))
            return op_bad(d, pair, "an array of [kind, {fields}]");
    }
    return json_is_array(json) ? ERR_OK : op_bad(d, json, "an array of [kind, {fields}]");
}

/* Both forms of one record of the log. */
static enum err read_record(struct decode *d, const json_t *json)
{
    const json_t *public_json = json_array_get(json, 0), *old_json = json_array_get(json, 1);
    struct event *record = ARENA_NEW(d->arena, struct event);
    struct event *replaced = ARENA_NEW(d->arena, struct event);
    if (!json_is_string(public_json) || !json_is_string(old_json))
        return op_bad(d, json, "two texts, as the log keeps them");
    enum err err = event_decode(
            d->arena, json_slice(public_json), (struct slice){0}, record, d->fault);
    if (err) return err;
    d->op->record = record;
    err = event_decode(
            d->arena, json_slice(public_json), json_slice(old_json), replaced, d->fault);
    if (!err) d->op->replaced = replaced;
    return err;
}

static enum err read_hash(struct decode *d, const json_t *json)
{
    if (!json_is_string(json)) return op_bad(d, json, "a string");
    d->op->text = json_slice(json);
    d->op->has_text = true;
    return ERR_OK;
}

/* A character or a few that make one picture; not letters, which would be words. */
static enum err read_emoji(struct decode *d, const json_t *json)
{
    if (!json_is_string(json)) return op_bad(d, json, "one emoji");
    struct slice text = json_slice(json);
    if (text.len == 0 || text.len > EMOJI_BYTES_MAX)
        return fault_set(d->fault, ERR_INVALID, d->name, "is no emoji", "one emoji");
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < 0x20 || strchr("\"\\\x7f", text.ptr[i]) != NULL)
            return fault_set(d->fault, ERR_INVALID, d->name, "is no emoji", "one emoji");
    d->op->text = text;
    d->op->has_text = true;
    return ERR_OK;
}

static enum err read_keep(struct decode *d, const json_t *json)
{
    static const char *const names[] = {
#define X(name, wire) [KEEP_##name] = wire,
            KEEP_TABLE(X)
#undef X
    };
    if (!json_is_array(json)) return op_bad(d, json, "an array of what is to be copied");
    d->op->keep = 0;
    for (size_t i = 0; i < json_array_size(json); i++) {
        const json_t *element = json_array_get(json, i);
        unsigned k = 0;
        while (k < KEEP_COUNT &&
                !(json_is_string(element) && slice_eq(json_slice(element), slice_cstr(names[k]))))
            k++;
        if (k == KEEP_COUNT)
            return fault_set(d->fault, ERR_INVALID, d->name, "names what no card has",
                    "attachments, checklists, comments, customFields, due, labels, members, start");
        d->op->keep |= 1u << k;
    }
    return ERR_OK;
}

static const struct op_key keys[OP_KEY_COUNT] = {
#define X(name, wire, read) [KEY_##name] = {wire, read},
        OP_KEY_TABLE(X)
#undef X
};

const struct op_key *op_key(unsigned key)
{
    CHECK(key < OP_KEY_COUNT);
    return &keys[key];
}
