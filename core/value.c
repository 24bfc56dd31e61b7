#include "core/value.h"

#include <math.h>

#include "core/base/check.h"
#include "core/base/date.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/utf.h"

#define SET_CAP_FIRST 4

void value_fini(struct value *v)
{
    if (v->type == VALUE_STR || v->type == VALUE_JSON) mem_free(v->str);
    if (v->type == VALUE_SET) mem_free(v->set);
    *v = (struct value){.type = VALUE_NULL};
}

static struct text_bytes *bytes_new(struct slice text)
{
    CHECK(text.len <= UINT32_MAX);
    if (text.len == 0) return NULL;
    struct text_bytes *t = mem_raw(sizeof(*t) + text.len);
    t->len = (uint32_t)text.len;
    memcpy(t->bytes, text.ptr, text.len);
    return t;
}

struct value value_str(struct slice text)
{
    return (struct value){.type = VALUE_STR, .str = bytes_new(text)};
}

struct value value_json(struct slice canonical)
{
    /* {} is NULL in memory whichever way it came, so that equal values are equal. */
    bool empty = slice_eq(canonical, SLICE("{}"));
    CHECK(canonical.len > 0);
    return (struct value){.type = VALUE_JSON, .str = empty ? NULL : bytes_new(canonical)};
}

struct value value_num(double n)
{
    CHECK(isfinite(n));
    return (struct value){.type = VALUE_NUM, .num = n};
}

struct value value_bool(bool b)
{
    return (struct value){.type = VALUE_BOOL, .boolean = b};
}

struct value value_id(struct id id)
{
    return (struct value){.type = VALUE_ID, .id = id};
}

static size_t set_bytes(size_t cap)
{
    return sizeof(struct id_set) + cap * sizeof(struct id);
}

static struct id_set *set_copy(const struct id_set *from)
{
    if (from == NULL || from->count == 0) return NULL;
    struct id_set *set = mem_raw(set_bytes(from->count));
    set->count = set->cap = from->count;
    memcpy(set->ids, from->ids, from->count * sizeof(struct id));
    return set;
}

struct value value_copy(const struct value *v)
{
    struct value copy = *v;
    if ((v->type == VALUE_STR || v->type == VALUE_JSON) && v->str != NULL)
        copy.str = bytes_new(slice_of(v->str->bytes, v->str->len));
    if (v->type == VALUE_SET) copy.set = set_copy(v->set);
    return copy;
}

static bool set_eq(const struct id_set *a, const struct id_set *b)
{
    uint32_t a_count = a == NULL ? 0 : a->count, b_count = b == NULL ? 0 : b->count;
    if (a_count != b_count) return false;
    return a_count == 0 || memcmp(a->ids, b->ids, a_count * sizeof(struct id)) == 0;
}

bool value_eq(const struct value *a, const struct value *b)
{
    if (a->type != b->type) return false;
    switch (a->type) {
    case VALUE_NULL: return true;
    case VALUE_BOOL: return a->boolean == b->boolean;
    case VALUE_NUM: return a->num == b->num;
    case VALUE_STR:
    case VALUE_JSON: return slice_eq(value_slice(a), value_slice(b));
    case VALUE_ID: return id_eq(a->id, b->id);
    case VALUE_SET: return set_eq(a->set, b->set);
    }
    UNREACHABLE();
}

struct slice value_slice(const struct value *v)
{
    if (v->type != VALUE_STR && v->type != VALUE_JSON) {
        CHECK(v->type == VALUE_NULL);
        return slice_of(NULL, 0);
    }
    if (v->str != NULL) return slice_of(v->str->bytes, v->str->len);
    return v->type == VALUE_JSON ? SLICE("{}") : SLICE("");
}

size_t value_bytes(const struct value *v)
{
    if (v->type == VALUE_STR || v->type == VALUE_JSON)
        return v->str == NULL ? 0 : sizeof(*v->str) + v->str->len;
    if (v->type == VALUE_SET) return v->set == NULL ? 0 : set_bytes(v->set->cap);
    return 0;
}

/* -- sets */

size_t value_set_index(const struct value *v, struct id element)
{
    CHECK(v->type == VALUE_SET);
    for (size_t i = 0; v->set != NULL && i < v->set->count; i++) {
        if (id_eq(v->set->ids[i], element)) return i;
    }
    return SIZE_MAX;
}

bool value_set_has(const struct value *v, struct id element)
{
    return value_set_index(v, element) != SIZE_MAX;
}

void value_set_insert(struct value *v, size_t index, struct id element)
{
    CHECK(!value_set_has(v, element));
    size_t count = v->set == NULL ? 0 : v->set->count;
    CHECK(index <= count);
    if (v->set == NULL || v->set->count == v->set->cap) {
        size_t cap = count == 0 ? SET_CAP_FIRST : count * 2;
        v->set = mem_resize(v->set, set_bytes(cap));
        v->set->cap = (uint32_t)cap;
    }
    struct id *at = &v->set->ids[index];
    memmove(at + 1, at, (count - index) * sizeof(struct id));
    *at = element;
    v->set->count = (uint32_t)count + 1;
}

bool value_set_put(struct value *v, struct id element, bool on)
{
    size_t index = value_set_index(v, element);
    if ((index != SIZE_MAX) == on) return false;
    if (on) {
        value_set_insert(v, v->set == NULL ? 0 : v->set->count, element);
        return true;
    }
    struct id *at = &v->set->ids[index];
    v->set->count--;
    memmove(at, at + 1, (v->set->count - index) * sizeof(struct id));
    if (v->set->count == 0) v->set = mem_free(v->set);
    return true;
}

/* -- reading */

static enum err refuse_type(
        enum field f, const json_t *json, const char *expected, struct fault *fault)
{
    char wrong[48];
    snprintf(wrong, sizeof(wrong), "is %s", json_type_name(json));
    return fault_set(fault, ERR_INVALID, field_info(f)->name.ptr, wrong, expected);
}

bool field_never_empty(enum field f)
{
    return f == F_BOARD_NAME || f == F_LIST_NAME || f == F_CHECK_ITEM_NAME || f == F_COMMENT_TEXT ||
           f == F_CUSTOM_FIELD_NAME || f == F_ATTACHMENT_NAME ||
           f == F_ORGANIZATION_DISPLAY_NAME || f == F_ORGANIZATION_NAME;
}

size_t field_units_max(enum field f)
{
    if (field_info(f)->type == FIELD_TEXT || f == F_COMMENT_TEXT || f == F_ATTACHMENT_URL ||
            f == F_ORGANIZATION_DESC)
        return TEXT_UNITS_MAX;
    return slice_eq(field_info(f)->name, SLICE("name")) ? NAME_UNITS_MAX : SHORT_TEXT_UNITS_MAX;
}

size_t field_elements_max(enum field f)
{
    return f == F_CARD_ID_MEMBERS_VOTED ? VOTES_PER_CARD_MAX : SET_ELEMENTS_MAX;
}

static enum err read_str(
        enum field f, const json_t *json, struct value *ret_value, struct fault *fault)
{
    if (!json_is_string(json)) return refuse_type(f, json, "a string", fault);
    struct slice text = json_slice(json);
    size_t max = field_units_max(f);
    size_t units = text.len <= max ? 0 : utf_units(text); /* never more units than bytes */
    if (units > max) {
        char expected[48];
        snprintf(expected, sizeof(expected), "at most %zu UTF-16 units", max);
        return fault_setf(fault, ERR_INVALID, field_info(f)->name.ptr, expected,
                "is a string of %zu UTF-16 units", units);
    }
    *ret_value = value_str(text);
    return ERR_OK;
}

static enum err read_date(
        enum field f, const json_t *json, struct value *ret_value, struct fault *fault)
{
    static const char expected[] = "an ISO 8601 date such as 2026-11-20T09:15:00.000Z";
    int64_t ms;
    if (!json_is_string(json)) return refuse_type(f, json, expected, fault);
    struct slice text = json_slice(json);
    if (text.len > SHORT_TEXT_UNITS_MAX || !date_parse(text, &ms))
        return fault_setf(fault, ERR_INVALID, field_info(f)->name.ptr, expected, "is \"%.*s\"",
                SLICE_ARG(utf_head(text, 60)));
    *ret_value = value_str(text);
    return ERR_OK;
}

static enum err read_num(
        enum field f, const json_t *json, struct value *ret_value, struct fault *fault)
{
    if (!json_is_number(json)) return refuse_type(f, json, "a number", fault);
    double n = json_number_value(json);
    bool good = isfinite(n) && fabs(n) < POS_MAX;
    const char *expected = "a number between -2^53 and 2^53";
    if (f == F_CARD_ID_SHORT) {
        good = n >= 0 && n <= ID_SHORT_MAX && n == floor(n);
        expected = "a whole number";
    }
    if (!good)
        return fault_setf(fault, ERR_INVALID, field_info(f)->name.ptr, expected, "is %.17g", n);
    *ret_value = value_num(n + 0.0); /* no negative zero: its canonical form is 0 */
    return ERR_OK;
}

static enum err read_id(
        enum field f, const json_t *json, struct value *ret_value, struct fault *fault)
{
    struct id id;
    if (!json_is_string(json) || !id_parse(json_slice(json), &id) || id_is_none(id))
        return refuse_type(f, json, "an id of 24 hexadecimal digits", fault);
    *ret_value = value_id(id);
    return ERR_OK;
}

static enum err read_set(
        enum field f, const json_t *json, struct value *ret_value, struct fault *fault)
{
    static const char expected[] = "an array of different ids of 24 hexadecimal digits";
    if (!json_is_array(json)) return refuse_type(f, json, expected, fault);
    if (json_array_size(json) > field_elements_max(f))
        return fault_setf(fault, ERR_INVALID, field_info(f)->name.ptr, "fewer elements",
                "has %zu elements", json_array_size(json));
    struct value set = {.type = VALUE_SET};
    for (size_t i = 0; i < json_array_size(json); i++) {
        const json_t *element = json_array_get(json, i);
        struct id id;
        if (!json_is_string(element) || !id_parse(json_slice(element), &id) || id_is_none(id) ||
                !value_set_put(&set, id, true)) {
            value_fini(&set);
            return fault_setf(fault, ERR_INVALID, field_info(f)->name.ptr, expected,
                    "has another element at index %zu", i);
        }
    }
    *ret_value = set;
    return ERR_OK;
}

/* Recursion ends at JSON_DEPTH_MAX: trees come from json_read. */
static size_t tree_depth(const json_t *tree)
{
    size_t deepest = 0;
    if (json_is_array(tree)) {
        for (size_t i = 0; i < json_array_size(tree); i++) {
            size_t depth = tree_depth(json_array_get(tree, i));
            deepest = depth > deepest ? depth : deepest;
        }
        return deepest + 1;
    }
    if (!json_is_object(tree)) return 0;
    json_t *object =
            (json_t *)(uintptr_t)tree; /* Jansson's iterators want it writable and do not write */
    for (void *i = json_object_iter(object); i != NULL; i = json_object_iter_next(object, i)) {
        size_t depth = tree_depth(json_object_iter_value(i));
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest + 1;
}

static enum err read_json(
        enum field f, const json_t *json, struct value *ret_value, struct fault *fault)
{
    /* Trello writes coordinates both as {latitude, longitude} and as "59.3,18.1". */
    bool good = json_is_object(json) || (f == F_CARD_COORDINATES && json_is_string(json)) ||
                (f == F_COMMENT_REACTIONS && json_is_array(json));
    if (!good) return refuse_type(f, json, "an object", fault);
    if (tree_depth(json) > VALUE_JSON_DEPTH_MAX)
        return fault_set(fault, ERR_INVALID, field_info(f)->name.ptr, "is nested too deeply",
                "at most 8 levels of brackets");
    struct buf text;
    buf_init(&text, JSON_FIELD_BYTES_MAX);
    struct json_out j = json_out(&text);
    json_tree(&j, json);
    enum err err = ERR_OK;
    if (buf_ok(&text))
        *ret_value = value_json(buf_slice(&text));
    else
        err = fault_set(fault, ERR_INVALID, field_info(f)->name.ptr,
                "is larger than 16 KiB as JSON", "at most 16 KiB");
    buf_fini(&text);
    return err;
}

enum err value_read(enum field f, const json_t *json, struct value *ret_value, struct fault *fault)
{
    const struct field_info *info = field_info(f);
    if (json_is_null(json)) {
        if (!info->null_allowed) return refuse_type(f, json, "a value", fault);
        *ret_value = (struct value){.type = VALUE_NULL};
        return ERR_OK;
    }
    switch (info->type) {
    case FIELD_BOOL:
        if (!json_is_boolean(json)) return refuse_type(f, json, "true or false", fault);
        *ret_value = value_bool(json_is_true(json));
        return ERR_OK;
    case FIELD_NUM: return read_num(f, json, ret_value, fault);
    case FIELD_STR:
    case FIELD_TEXT: return read_str(f, json, ret_value, fault);
    case FIELD_DATE: return read_date(f, json, ret_value, fault);
    case FIELD_ID: return read_id(f, json, ret_value, fault);
    case FIELD_SET: return read_set(f, json, ret_value, fault);
    case FIELD_JSON: return read_json(f, json, ret_value, fault);
    }
    UNREACHABLE();
}

/* -- writing */

void value_write(struct json_out *j, const struct value *v)
{
    switch (v->type) {
    case VALUE_NULL: json_nil(j); return;
    case VALUE_BOOL: json_bool(j, v->boolean); return;
    case VALUE_NUM: json_num(j, v->num); return;
    case VALUE_STR: json_str(j, value_slice(v)); return;
    case VALUE_JSON: json_raw(j, value_slice(v)); return;
    case VALUE_ID: json_id(j, v->id); return;
    case VALUE_SET:
        json_array_begin(j);
        for (size_t i = 0; v->set != NULL && i < v->set->count; i++)
            json_id(j, v->set->ids[i]);
        json_array_end(j);
        return;
    }
    UNREACHABLE();
}

struct value value_default(enum field f)
{
    static const enum value_type types[] = {
            [FIELD_BOOL] = VALUE_BOOL,
            [FIELD_NUM] = VALUE_NUM,
            [FIELD_STR] = VALUE_STR,
            [FIELD_DATE] = VALUE_STR,
            [FIELD_ID] = VALUE_ID,
            [FIELD_SET] = VALUE_SET,
            [FIELD_JSON] = VALUE_JSON,
            [FIELD_TEXT] = VALUE_NULL,
    };
    const struct field_info *info = field_info(f);
    /* All-zero is false, 0, "", the none id, [] and {}. */
    return (struct value){.type = info->null_allowed ? VALUE_NULL : types[info->type]};
}
