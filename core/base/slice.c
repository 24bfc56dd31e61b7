#include "core/base/slice.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/check.h"

/* A longer number is nobody's position or date; the bound keeps the copy for strtod on the
 * stack. */
#define NUMBER_CHARS_MAX 127

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool slice_eq_nocase(struct slice a, struct slice b)
{
    if (a.len != b.len) return false;
    for (size_t i = 0; i < a.len; i++) {
        if (lower(a.ptr[i]) != lower(b.ptr[i])) return false;
    }
    return true;
}

int slice_cmp(struct slice a, struct slice b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common == 0 ? 0 : memcmp(a.ptr, b.ptr, common);
    if (order != 0) return order;
    return (a.len > b.len) - (a.len < b.len);
}

bool slice_starts(struct slice s, struct slice prefix)
{
    return s.len >= prefix.len && slice_eq(slice_of(s.ptr, prefix.len), prefix);
}

bool slice_ends(struct slice s, struct slice suffix)
{
    return s.len >= suffix.len && slice_eq(slice_from(s, s.len - suffix.len), suffix);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

struct slice slice_trim(struct slice s)
{
    while (s.len > 0 && is_blank(s.ptr[0])) {
        s.ptr++;
        s.len--;
    }
    while (s.len > 0 && is_blank(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

struct slice slice_from(struct slice s, size_t offset)
{
    CHECK(offset <= s.len);
    /* NULL + 0 is undefined before C23. */
    return offset == 0 ? s : slice_of(s.ptr + offset, s.len - offset);
}

struct slice slice_head(struct slice s, size_t len)
{
    return slice_of(s.ptr, len < s.len ? len : s.len);
}

bool slice_cut(struct slice *rest, char sep, struct slice *ret_head)
{
    const char *at = rest->len == 0 ? NULL : memchr(rest->ptr, sep, rest->len);
    if (at == NULL) return false;
    size_t head_len = (size_t)(at - rest->ptr);
    *ret_head = slice_of(rest->ptr, head_len);
    *rest = slice_of(at + 1, rest->len - head_len - 1);
    return true;
}

bool slice_next(struct slice *rest, char sep, struct slice *ret_part)
{
    if (rest->ptr == NULL) return false;
    if (!slice_cut(rest, sep, ret_part)) {
        *ret_part = *rest;
        *rest = slice_of(NULL, 0);
    }
    return true;
}

bool slice_to_u64(struct slice s, uint64_t *ret_value)
{
    uint64_t value = 0;
    if (s.len == 0) return false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9') return false;
        if (__builtin_mul_overflow(value, (uint64_t)10, &value) ||
                __builtin_add_overflow(value, (uint64_t)(s.ptr[i] - '0'), &value))
            return false;
    }
    *ret_value = value;
    return true;
}

bool slice_to_i64(struct slice s, int64_t *ret_value)
{
    bool negative = s.len > 0 && s.ptr[0] == '-';
    uint64_t magnitude;
    if (!slice_to_u64(negative ? slice_from(s, 1) : s, &magnitude)) return false;
    if (magnitude > (uint64_t)INT64_MAX + (negative ? 1 : 0)) return false;
    /* Unsigned negation, so that INT64_MIN does not overflow on the way. */
    *ret_value = (int64_t)(negative ? 0 - magnitude : magnitude);
    return true;
}

static size_t count_digits(struct slice s, size_t from)
{
    size_t at = from;
    while (at < s.len && s.ptr[at] >= '0' && s.ptr[at] <= '9')
        at++;
    return at - from;
}

/* RFC 8259 section 6: -? (0 | [1-9][0-9]*) (\.[0-9]+)? ([eE][+-]?[0-9]+)? */
static bool is_json_number(struct slice s)
{
    size_t at = s.len > 0 && s.ptr[0] == '-' ? 1 : 0;
    size_t digits = count_digits(s, at);
    if (digits == 0 || (digits > 1 && s.ptr[at] == '0')) return false;
    at += digits;
    if (at < s.len && s.ptr[at] == '.') {
        digits = count_digits(s, ++at);
        if (digits == 0) return false;
        at += digits;
    }
    if (at < s.len && (s.ptr[at] == 'e' || s.ptr[at] == 'E')) {
        at++;
        if (at < s.len && (s.ptr[at] == '+' || s.ptr[at] == '-')) at++;
        digits = count_digits(s, at);
        if (digits == 0) return false;
        at += digits;
    }
    return at == s.len;
}

bool slice_to_double(struct slice s, double *ret_value)
{
    char text[NUMBER_CHARS_MAX + 1];
    if (s.len > NUMBER_CHARS_MAX || !is_json_number(s)) return false;
    memcpy(text, s.ptr, s.len);
    text[s.len] = '\0';
    double value = strtod(text, NULL);
    if (!isfinite(value)) return false;
    *ret_value = value;
    return true;
}

bool slice_to_bool(struct slice s, bool *ret_value)
{
    bool yes = slice_eq(s, SLICE("true"));
    if (!yes && !slice_eq(s, SLICE("false"))) return false;
    *ret_value = yes;
    return true;
}
