#include "core/walk.h"

#include "core/base/check.h"

struct walk walk_of(struct slice text)
{
    const char *at = text.ptr == NULL ? "" : text.ptr;
    return (struct walk){.at = at, .end = at + text.len};
}

static void skip_white(struct walk *w)
{
    while (w->at < w->end && (*w->at == ' ' || *w->at == '\n' || *w->at == '\r' || *w->at == '\t'))
        w->at++;
}

static bool fail(struct walk *w)
{
    w->bad = true;
    return false;
}

bool walk_is(struct walk *w, char c)
{
    skip_white(w);
    return !w->bad && w->at < w->end && *w->at == c;
}

bool walk_take(struct walk *w, char c)
{
    if (!walk_is(w, c)) return fail(w);
    w->at++;
    return true;
}

bool walk_literal(struct walk *w, struct slice text)
{
    if (w->bad || !slice_starts(slice_of(w->at, (size_t)(w->end - w->at)), text)) return fail(w);
    w->at += text.len;
    return true;
}

bool walk_end(struct walk *w)
{
    skip_white(w);
    return !w->bad && w->at == w->end;
}

/* Behind the opening quote; afterwards behind the closing one. */
static bool skip_string(struct walk *w)
{
    const char *start = w->at, *quote;
    while ((quote = memchr(w->at, '"', (size_t)(w->end - w->at))) != NULL) {
        const char *slash = quote;
        while (slash > start && slash[-1] == '\\')
            slash--;
        w->at = quote + 1;
        if ((quote - slash) % 2 == 0) return true; /* else it is escaped */
    }
    return fail(w);
}

static bool is_scalar_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '+' || c == '.' ||
           c == 'E';
}

/* Brackets are counted, not matched by kind: json_read does that where the value is kept. */
static bool skip_nested(struct walk *w)
{
    size_t depth = 0;
    do {
        if (w->at == w->end) return fail(w);
        char c = *w->at++;
        if (c == '"' && !skip_string(w)) return false;
        depth += c == '[' || c == '{' ? 1 : 0;
        depth -= c == ']' || c == '}' ? 1 : 0;
    } while (depth > 0);
    return true;
}

bool walk_value(struct walk *w, struct slice *ret_json)
{
    skip_white(w);
    if (w->bad || w->at == w->end) return fail(w);
    const char *start = w->at;
    if (*start == '"') {
        w->at++;
        if (!skip_string(w)) return false;
    } else if (*start == '[' || *start == '{') {
        if (!skip_nested(w)) return false;
    } else {
        while (w->at < w->end && is_scalar_char(*w->at))
            w->at++;
        if (w->at == start) return fail(w);
    }
    *ret_json = slice_of(start, (size_t)(w->at - start));
    return true;
}

static bool take_string(struct walk *w, struct slice *ret_text)
{
    if (!walk_take(w, '"')) return false;
    const char *start = w->at;
    if (!skip_string(w)) return false;
    *ret_text = slice_of(start, (size_t)(w->at - start) - 1);
    return true;
}

bool walk_plain(struct walk *w, struct slice *ret_text)
{
    struct slice text;
    if (!take_string(w, &text)) return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\\' || (uint8_t)text.ptr[i] < 0x20) return fail(w);
    }
    *ret_text = text;
    return true;
}

/* Between two things: the comma, or the closing bracket. */
static bool more(struct walk *w, size_t *count, char close)
{
    if (walk_is(w, close)) {
        w->at++;
        return false;
    }
    if (*count > 0 && !walk_take(w, ',')) return false;
    (*count)++;
    return !w->bad;
}

bool walk_element(struct walk *w, size_t *count)
{
    return more(w, count, ']');
}

bool walk_member(struct walk *w, size_t *count, struct slice *ret_key)
{
    struct slice key;
    if (!more(w, count, '}') || !take_string(w, &key) || !walk_take(w, ':')) return false;
    *ret_key = key;
    return true;
}

bool walk_find(struct slice object, struct slice key, struct slice *ret_json)
{
    struct walk w = walk_of(object);
    struct slice name, json;
    size_t count = 0;
    if (!walk_take(&w, '{')) return false;
    while (walk_member(&w, &count, &name) && walk_value(&w, &json)) {
        if (!slice_eq(name, key)) continue;
        *ret_json = json;
        return true;
    }
    return false;
}
