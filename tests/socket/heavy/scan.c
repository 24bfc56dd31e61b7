#include "tests/socket/heavy/scan.h"

#include <string.h>

/* at: behind the opening quote; -> behind the closing one */
static const char *text_end(const char *at, const char *end)
{
    while (at < end && *at != '"')
        at += *at == '\\' ? 2 : 1;
    return at < end ? at + 1 : end;
}

const char *value_end(const char *at, const char *end)
{
    int depth = 0;
    while (at < end) {
        char c = *at;
        if (depth == 0 && (c == ',' || c == '}' || c == ']')) return at;
        if (c == '"') {
            at = text_end(at + 1, end);
            continue;
        }
        if (c == '{' || c == '[') depth++;
        if (c == '}' || c == ']') depth--;
        at++;
    }
    return at;
}

bool member_next(const char **at, const char *end, struct text *ret_key, struct text *ret_value)
{
    const char *c = *at;
    while (c < end && (*c == '{' || *c == ','))
        c++;
    if (c >= end || *c != '"') return false;
    const char *key_end = text_end(c + 1, end);
    if (key_end >= end || *key_end != ':') return false;
    *ret_key = (struct text){c + 1, (size_t)(key_end - c - 2)};
    const char *value = key_end + 1;
    *at = value_end(value, end);
    *ret_value = (struct text){value, (size_t)(*at - value)};
    return true;
}

bool text_is(struct text t, const char *what)
{
    return t.len == strlen(what) && memcmp(t.ptr, what, t.len) == 0;
}

uint64_t text_number(struct text t, unsigned base)
{
    uint64_t value = 0;
    for (size_t i = 0; i < t.len; i++) {
        unsigned char c = (unsigned char)t.ptr[i];
        if (c == '"') continue;
        unsigned digit = c >= 'a' ? c - 'a' + 10u : c - '0' + 0u;
        if (digit >= base) break;
        value = value * base + digit;
    }
    return value;
}

struct text message_get(struct text message, const char *name)
{
    const char *at = message.ptr, *end = message.ptr + message.len;
    struct text key, value;
    while (member_next(&at, end, &key, &value)) {
        if (text_is(key, name)) return value;
    }
    return (struct text){"", 0};
}
