#include "core/custom_field.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/check.h"
#include "core/base/date.h"
#include "core/walk.h"

static const struct {
    const char *type, *member;
} types[] = {{"checkbox", "checked"}, {"date", "date"}, {"list", NULL}, {"number", "number"},
        {"text", "text"}};

bool custom_field_type_known(struct slice type)
{
    for (size_t i = 0; i < ARRAY_COUNT(types); i++)
        if (slice_eq(type, slice_cstr(types[i].type))) return true;
    return false;
}

static bool is_number(struct slice text)
{
    char copy[64], *end;
    if (text.len == 0 || text.len >= sizeof copy) return false;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    if (strspn(copy, "0123456789+-.eE") != text.len) return false;
    errno = 0;
    strtod(copy, &end);
    return *end == '\0' && errno == 0;
}

static bool content_fits(const char *member, struct slice json)
{
    struct slice text = slice_of(json.ptr + 1, json.len - 2);
    int64_t ms;
    if (strcmp(member, "checked") == 0)
        return slice_eq(text, SLICE("true")) || slice_eq(text, SLICE("false"));
    if (strcmp(member, "date") == 0) return date_parse(text, &ms);
    if (strcmp(member, "number") == 0) return is_number(text);
    return true;
}

bool custom_field_value_fits(struct slice type, const struct value *value)
{
    struct walk w = walk_of(value_slice(value));
    struct slice key, json;
    size_t count = 0;
    if (value->type == VALUE_NULL) return true;
    for (size_t i = 0; i < ARRAY_COUNT(types); i++) {
        if (!slice_eq(type, slice_cstr(types[i].type)) || types[i].member == NULL) continue;
        return walk_take(&w, '{') && walk_member(&w, &count, &key) && walk_value(&w, &json) &&
               !walk_member(&w, &count, &key) && !w.bad &&
               slice_eq(key, slice_cstr(types[i].member)) && json.len >= 2 && json.ptr[0] == '"' &&
               content_fits(types[i].member, json);
    }
    return false;
}
