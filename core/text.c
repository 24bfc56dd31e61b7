#include "core/text.h"

#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/base/utf.h"

#define COUNT_MAX 1000000000 /* of one part: far beyond any text, far below overflow */

/* -- wire form */

static enum err refuse(struct fault *fault, size_t index, const char *wrong)
{
    return fault_setf(fault, ERR_INVALID, "delta",
            "parts that are counts or texts, merged, insert before delete, no retain at the end",
            "part %zu %s", index, wrong);
}

static int part_sign(const struct delta_part *p)
{
    return (p->count > 0) - (p->count < 0);
}

static enum err read_part(struct arena *a, const json_t *json, size_t index,
        struct delta_part *ret_part, struct fault *fault)
{
    if (json_is_string(json)) {
        struct slice text = json_slice(json);
        if (text.len == 0) return refuse(fault, index, "is an empty text");
        *ret_part = (struct delta_part){.text = arena_dup(a, text)};
        return ERR_OK;
    }
    if (!json_is_integer(json)) return refuse(fault, index, "is neither a whole number nor a text");
    int64_t count = json_integer_value(json);
    if (count == 0) return refuse(fault, index, "is zero");
    if (count > COUNT_MAX || count < -COUNT_MAX) return refuse(fault, index, "is too large");
    *ret_part = (struct delta_part){.count = count};
    return ERR_OK;
}

enum err delta_read(
        struct arena *a, const json_t *json, struct delta *ret_delta, struct fault *fault)
{
    if (!json_is_array(json))
        return fault_setf(fault, ERR_INVALID, "delta", "an array of counts and texts", "is %s",
                json_type_name(json));
    size_t count = json_array_size(json);
    struct delta_part *parts = ARENA_NEW_ARRAY(a, struct delta_part, count);
    for (size_t i = 0; i < count; i++) {
        enum err err = read_part(a, json_array_get(json, i), i, &parts[i], fault);
        if (err != ERR_OK) return err;
        if (i == 0) continue;
        int sign = part_sign(&parts[i]), before = part_sign(&parts[i - 1]);
        if (sign == before) return refuse(fault, i, "continues the one before it");
        if (sign == 0 && before < 0)
            return refuse(fault, i, "inserts behind a delete at the same spot");
    }
    if (count > 0 && parts[count - 1].count > 0)
        return refuse(fault, count - 1, "retains up to the end");
    *ret_delta = (struct delta){.parts = parts, .count = (uint32_t)count};
    return ERR_OK;
}

void delta_write(struct json_out *j, const struct delta *d)
{
    json_array_begin(j);
    for (uint32_t i = 0; i < d->count; i++) {
        const struct delta_part *p = &d->parts[i];
        if (p->count == 0)
            json_str(j, p->text);
        else
            json_num(j, (double)p->count);
    }
    json_array_end(j);
}

/* -- walking a text */

/* *at moves over `units` units. False: beyond the end, or inside a pair. */
static bool step(struct slice text, size_t *at, int64_t units)
{
    size_t bytes;
    if (!utf_offset(slice_from(text, *at), (size_t)units, &bytes)) return false;
    *at += bytes;
    return true;
}

static int64_t magnitude(int64_t count)
{
    return count < 0 ? -count : count;
}

enum err delta_check(struct slice text, const struct delta *d, size_t units_max, size_t *ret_bytes,
        struct fault *fault)
{
    size_t at = 0, bytes = text.len, gone = 0, come = 0;
    for (uint32_t i = 0; i < d->count; i++) {
        const struct delta_part *p = &d->parts[i];
        size_t from = at;
        if (p->count != 0 && !step(text, &at, magnitude(p->count)))
            return fault_setf(fault, ERR_INVALID, "delta",
                    "counts within the text, between whole characters",
                    "part %u leads beyond the text's end or into a surrogate pair", i);
        if (p->count < 0) {
            bytes -= at - from;
            gone += (size_t)-p->count;
        }
        if (p->count == 0) {
            bytes += p->text.len;
            come += utf_units(p->text);
        }
    }
    *ret_bytes = bytes;
    if (bytes <= units_max) return ERR_OK; /* never more units than bytes: they need no count */
    size_t units = utf_units(text) - gone + come;
    if (units <= units_max) return ERR_OK;
    return fault_setf(fault, ERR_TOO_LARGE, "delta", "a text within the limit",
            "makes a text of %zu UTF-16 units, where %zu are allowed", units, units_max);
}

enum err delta_apply(struct arena *a, struct slice text, const struct delta *d, size_t units_max,
        struct slice *ret_text, struct fault *fault)
{
    size_t bytes, len = 0, at = 0;
    enum err err = delta_check(text, d, units_max, &bytes, fault);
    if (err) return err;
    char *out = arena_raw(a, bytes);
    for (uint32_t i = 0; i < d->count; i++) {
        const struct delta_part *p = &d->parts[i];
        size_t from = at;
        if (p->count != 0) CHECK(step(text, &at, magnitude(p->count)));
        struct slice piece = p->count == 0 ? p->text : slice_of(text.ptr + from, at - from);
        if (p->count < 0 || piece.len == 0) continue;
        memcpy(out + len, piece.ptr, piece.len);
        len += piece.len;
    }
    if (at < text.len) memcpy(out + len, text.ptr + at, text.len - at);
    CHECK(len + (text.len - at) == bytes);
    *ret_text = slice_of(out, bytes);
    return ERR_OK;
}

/* An insert and a delete at the same spot change roles, and with them their order. */
enum err delta_invert(
        struct arena *a, struct slice text, const struct delta *d, struct delta *ret_inverse)
{
    struct delta_part *parts = ARENA_NEW_ARRAY(a, struct delta_part, d->count);
    size_t at = 0;
    for (uint32_t i = 0; i < d->count; i++) {
        const struct delta_part *p = &d->parts[i];
        size_t from = at;
        if (p->count != 0 && !step(text, &at, magnitude(p->count))) return ERR_INVALID;
        if (p->count > 0) parts[i] = *p;
        if (p->count == 0) parts[i].count = -(int64_t)utf_units(p->text);
        if (p->count >= 0) continue;
        struct delta_part lost = {.text = arena_dup(a, slice_of(text.ptr + from, at - from))};
        bool swap = i > 0 && d->parts[i - 1].count == 0;
        parts[i] = swap ? parts[i - 1] : lost;
        if (swap) parts[i - 1] = lost;
    }
    *ret_inverse = (struct delta){.parts = parts, .count = d->count};
    return ERR_OK;
}

/* -- difference */

static bool inside_character(struct slice s, size_t at)
{
    return at < s.len && ((uint8_t)s.ptr[at] & 0xc0) == 0x80;
}

void delta_diff(struct arena *a, struct slice from, struct slice to, struct delta *ret_delta)
{
    size_t shorter = from.len < to.len ? from.len : to.len, head = 0, tail = 0;
    while (head < shorter && from.ptr[head] == to.ptr[head])
        head++;
    while (inside_character(from, head) || inside_character(to, head))
        head--;
    while (tail < shorter - head && from.ptr[from.len - 1 - tail] == to.ptr[to.len - 1 - tail])
        tail++;
    /* Equal bytes, so the character begins at the same place in both, or in neither. */
    while (tail > 0 && inside_character(from, from.len - tail))
        tail--;
    struct slice gone = slice_of(from.ptr == NULL ? NULL : from.ptr + head, from.len - head - tail);
    struct slice come = slice_of(to.ptr == NULL ? NULL : to.ptr + head, to.len - head - tail);
    struct delta d = {.parts = ARENA_NEW_ARRAY(a, struct delta_part, 3)};
    if (gone.len + come.len > 0 && head > 0)
        d.parts[d.count++].count = (int64_t)utf_units(slice_of(from.ptr, head));
    if (come.len > 0) d.parts[d.count++].text = arena_dup(a, come);
    if (gone.len > 0) d.parts[d.count++].count = -(int64_t)utf_units(gone);
    *ret_delta = d;
}
