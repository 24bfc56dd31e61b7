#include "core/value.h"

#include "core/base/check.h"
#include "core/base/date.h"
#include "core/base/limits.h"
#include "core/base/utf.h"

#define WHOLE_DIGITS_MAX 15 /* so many are below POS_MAX, and exact */
#define ELEMENT_BYTES    (ID_TEXT + 3) /* "id" and what stands before it */

/* The characters of a string that has no escapes. Not bytes one by one: the compiler looks at
 * sixteen of them at a time, if it need not stop at the first that is wrong. */
static bool plain_string(struct slice json, struct slice *ret_text)
{
    if (json.len < 2 || json.ptr[0] != '"' || json.ptr[json.len - 1] != '"') return false;
    struct slice text = slice_of(json.ptr + 1, json.len - 2);
    uint8_t wrong = 0, all = 0;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = (uint8_t)text.ptr[i];
        wrong |= (uint8_t)((c < 0x20) | (c == '\\') | (c == '"'));
        all |= c;
    }
    if (wrong != 0 || (all >= 0x80 && !utf_valid(text))) return false;
    *ret_text = text;
    return true;
}

static bool plain_text(enum field f, struct slice json, struct value *ret_value)
{
    struct slice text;
    int64_t ms;
    bool date = field_info(f)->type == FIELD_DATE;
    size_t max = date ? SHORT_TEXT_UNITS_MAX : field_units_max(f);
    /* There are never more units than bytes. */
    if (json.len > max || !plain_string(json, &text)) return false;
    if (date && !date_parse(text, &ms)) return false;
    *ret_value = value_str(text);
    return true;
}

static bool whole_number(struct slice json, int64_t *ret_number)
{
    struct slice digits = json.len > 0 && json.ptr[0] == '-' ? slice_from(json, 1) : json;
    if (digits.len > WHOLE_DIGITS_MAX || !slice_to_i64(json, ret_number)) return false;
    return digits.ptr[0] != '0' || json.len == 1;
}

static bool plain_number(enum field f, struct slice json, struct value *ret_value)
{
    int64_t number;
    if (!whole_number(json, &number)) return false;
    if (f == F_CARD_ID_SHORT && (number < 0 || number > ID_SHORT_MAX)) return false;
    *ret_value = value_num((double)number);
    return true;
}

static bool plain_id(struct slice json, struct id *ret_id)
{
    struct id id;
    if (json.len != ID_TEXT + 2 || json.ptr[0] != '"' || json.ptr[json.len - 1] != '"')
        return false;
    if (!id_parse(slice_of(json.ptr + 1, ID_TEXT), &id) || id_is_none(id)) return false;
    *ret_id = id;
    return true;
}

static bool plain_set(enum field f, struct slice json, struct value *ret_value)
{
    struct value set = {.type = VALUE_SET};
    struct id id;
    size_t count = json.len / ELEMENT_BYTES;
    bool empty = slice_eq(json, SLICE("[]"));
    if (!empty && (count == 0 || json.len != count * ELEMENT_BYTES + 1)) return false;
    if (json.ptr[json.len - 1] != ']' || count > field_elements_max(f)) return false;
    for (size_t i = 0; i < count; i++) {
        struct slice element = slice_of(json.ptr + i * ELEMENT_BYTES, ELEMENT_BYTES);
        if (element.ptr[0] == (i == 0 ? '[' : ',') && plain_id(slice_from(element, 1), &id) &&
                value_set_put(&set, id, true))
            continue;
        value_fini(&set);
        return false;
    }
    *ret_value = set;
    return true;
}

/* -- objects and arrays that are canonical already, as everything stored is */

struct canonical {
    const char *at, *end;
    size_t items; /* of all arrays and objects */
};

static bool canonical_take(struct canonical *c, char byte)
{
    if (c->at == c->end || *c->at != byte) return false;
    c->at++;
    return true;
}

static bool canonical_string(struct canonical *c, struct slice *ret_text)
{
    const char *start = c->at, *quote;
    if (!canonical_take(c, '"')) return false;
    if ((quote = memchr(c->at, '"', (size_t)(c->end - c->at))) == NULL) return false;
    c->at = quote + 1;
    return plain_string(slice_of(start, (size_t)(c->at - start)), ret_text);
}

/* Keys rise, in the order of UTF-16 units: those that are not ASCII are left to the tree. */
static bool canonical_key(struct canonical *c, struct slice *last)
{
    struct slice key;
    if (!canonical_string(c, &key) || !canonical_take(c, ':')) return false;
    if (utf_units(key) != key.len || (last->ptr != NULL && slice_cmp(*last, key) >= 0))
        return false;
    *last = key;
    return true;
}

static bool canonical_scalar(struct canonical *c)
{
    const char *start = c->at;
    bool yes;
    int64_t number;
    while (c->at < c->end && memchr(",]}", *c->at, 3) == NULL)
        c->at++;
    struct slice json = slice_of(start, (size_t)(c->at - start));
    return slice_eq(json, SLICE("null")) || slice_to_bool(json, &yes) ||
           whole_number(json, &number);
}

/* `depth`: so many brackets may be open at once. Recursion ends with it. */
static bool canonical_value(struct canonical *c, unsigned depth)
{
    struct slice text, last_key = {0};
    bool object = c->at < c->end && *c->at == '{';
    bool array = c->at < c->end && *c->at == '[';
    char close = object ? '}' : ']';
    if (c->at < c->end && *c->at == '"') return canonical_string(c, &text);
    if (!object && !array) return canonical_scalar(c);
    if (depth == 0) return false;
    c->at++;
    if (canonical_take(c, close)) return true;
    do {
        if (++c->items >= JSON_ITEMS_MAX) return false;
        if (object && !canonical_key(c, &last_key)) return false;
        if (!canonical_value(c, depth - 1)) return false;
    } while (canonical_take(c, ','));
    return canonical_take(c, close);
}

static bool plain_json(enum field f, struct slice json, struct value *ret_value)
{
    struct canonical c = {.at = json.ptr, .end = json.ptr + json.len};
    if (json.len == 0 || json.len >= JSON_FIELD_BYTES_MAX) return false;
    if (json.ptr[0] != '{' && !(f == F_COMMENT_REACTIONS && json.ptr[0] == '[')) return false;
    if (!canonical_value(&c, VALUE_JSON_DEPTH_MAX) || c.at != c.end) return false;
    *ret_value = value_json(json);
    return true;
}

/* What value_read makes of it, where that can be seen without a tree; false: where it cannot. */
static bool plain_value(enum field f, struct slice json, struct value *ret_value)
{
    const struct field_info *info = field_info(f);
    struct id id;
    bool yes;
    if (info->null_allowed && slice_eq(json, SLICE("null"))) {
        *ret_value = (struct value){.type = VALUE_NULL};
        return true;
    }
    switch (info->type) {
    case FIELD_BOOL:
        if (!slice_to_bool(json, &yes)) return false;
        *ret_value = value_bool(yes);
        return true;
    case FIELD_NUM: return plain_number(f, json, ret_value);
    case FIELD_STR:
    case FIELD_TEXT:
    case FIELD_DATE: return plain_text(f, json, ret_value);
    case FIELD_ID:
        if (!plain_id(json, &id)) return false;
        *ret_value = value_id(id);
        return true;
    case FIELD_SET: return plain_set(f, json, ret_value);
    case FIELD_JSON: return plain_json(f, json, ret_value);
    }
    UNREACHABLE();
}

bool value_text_default(enum field f, struct slice json)
{
    const struct field_info *info = field_info(f);
    if (info->null_allowed) return false;
    return slice_eq(json, SLICE("null")) ||
           (info->type == FIELD_DATE && slice_eq(json, SLICE("\"\"")));
}

enum err value_read_text(enum field f, struct arena *scratch, struct slice json,
        struct value *ret_value, struct fault *fault)
{
    json_t *tree;
    if (plain_value(f, json, ret_value)) return ERR_OK;
    enum err err = json_read(scratch, json, &tree, fault);
    return err == ERR_OK ? value_read(f, tree, ret_value, fault) : err;
}
