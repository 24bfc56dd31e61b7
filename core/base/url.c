#include "core/base/url.h"

#include "core/base/utf.h"

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool url_decode(struct arena *a, struct slice text, bool plus_is_space, struct slice *ret_text)
{
    char *to = arena_alloc(a, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '%') {
            int high = text.len - i > 2 ? hex_value(text.ptr[i + 1]) : -1;
            int low = text.len - i > 2 ? hex_value(text.ptr[i + 2]) : -1;
            if (high < 0 || low < 0) return false;
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        if (c == '\0') return false;
        to[len++] = c;
    }
    /* Checked after decoding: that is where overlong forms hide. */
    if (!utf_valid(slice_of(to, len))) return false;
    *ret_text = slice_of(to, len);
    return true;
}

bool url_query_next(struct arena *a, struct slice *rest, struct slice *ret_name,
        struct slice *ret_value, bool *ret_bad)
{
    struct slice part, raw_name, name, value;
    *ret_bad = false;
    do { /* "a=1&&b=2" has an empty part, which says nothing */
        if (!slice_next(rest, '&', &part)) return false;
    } while (part.len == 0);
    if (!slice_cut(&part, '=', &raw_name)) {
        raw_name = part;
        part = SLICE("");
    }
    if (!url_decode(a, raw_name, true, &name) || !url_decode(a, part, true, &value)) {
        *ret_bad = true;
        return false;
    }
    *ret_name = name;
    *ret_value = value;
    return true;
}
