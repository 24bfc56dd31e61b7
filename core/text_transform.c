/* Walks two deltas side by side, in steps that end where a part of either ends, and writes one raw
 * part a step. The raw parts then become canonical in one pass, so that a long delta that is cut to
 * pieces costs no more than its pieces. */
#include "core/base/check.h"
#include "core/base/utf.h"
#include "core/text.h"

enum step { STEP_RETAIN, STEP_INSERT, STEP_DELETE };

struct cursor {
    const struct delta_part *next, *end;
    enum step step; /* of the part being read; behind the last it is a retain without end */
    int64_t units;  /* left of it */
    struct slice text;
};

static void cursor_next(struct cursor *c)
{
    if (c->next == c->end) {
        c->step = STEP_RETAIN;
        c->units = INT64_MAX;
        return;
    }
    const struct delta_part *p = c->next++;
    c->step = p->count > 0 ? STEP_RETAIN : p->count < 0 ? STEP_DELETE : STEP_INSERT;
    c->text = p->text;
    c->units = p->count > 0 ? p->count : p->count < 0 ? -p->count : (int64_t)utf_units(p->text);
}

static struct cursor cursor_of(const struct delta *d)
{
    struct cursor c = {.next = d->parts, .end = d->parts};
    if (d->count > 0) c.end += d->count;
    cursor_next(&c);
    return c;
}

static bool cursor_ended(const struct cursor *c)
{
    return c->units == INT64_MAX;
}

static void cursor_pass(struct cursor *c, int64_t units)
{
    if (cursor_ended(c)) return;
    CHECK(units <= c->units);
    c->units -= units;
    if (c->units == 0) cursor_next(c);
}

/* -- raw parts */

static struct delta raw_new(struct arena *a, const struct delta *x, const struct delta *y)
{
    return (struct delta){.parts = ARENA_NEW_ARRAY(a, struct delta_part, x->count + y->count)};
}

static void raw_count(struct delta *raw, int64_t count)
{
    raw->parts[raw->count++].count = count;
}

static void raw_text(struct delta *raw, struct slice text)
{
    raw->parts[raw->count++] = (struct delta_part){.text = text};
}

/* The texts among count parts, one behind the other. */
static struct slice joined(struct arena *a, const struct delta_part *parts, uint32_t count)
{
    struct slice only = {0};
    size_t bytes = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (parts[i].count != 0) continue;
        only = parts[i].text;
        bytes += only.len;
    }
    if (bytes == only.len) return only;
    char *all = arena_alloc(a, bytes);
    size_t len = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (parts[i].count != 0) continue;
        memcpy(all + len, parts[i].text.ptr, parts[i].text.len);
        len += parts[i].text.len;
    }
    return slice_of(all, bytes);
}

/* Between two retains everything happens at one spot: one insert, then one delete. In place: a
 * spot never has more parts canonical than raw. */
static struct delta canonical(struct arena *a, struct delta raw)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < raw.count;) {
        int64_t retained = 0, deleted = 0;
        for (; i < raw.count && raw.parts[i].count > 0; i++)
            retained += raw.parts[i].count;
        uint32_t from = i;
        for (; i < raw.count && raw.parts[i].count <= 0; i++)
            deleted += raw.parts[i].count;
        if (from == i) break; /* a retain at the end says nothing */
        struct slice text = joined(a, raw.parts + from, i - from);
        if (retained > 0) raw.parts[count++] = (struct delta_part){.count = retained};
        if (text.len > 0) raw.parts[count++] = (struct delta_part){.text = text};
        if (deleted < 0) raw.parts[count++] = (struct delta_part){.count = deleted};
        CHECK(count <= i);
    }
    raw.count = count;
    return raw;
}

/* -- transform, compose */

void delta_transform(struct arena *a, const struct delta *d, const struct delta *over, bool first,
        struct delta *ret_delta)
{
    struct delta raw = raw_new(a, d, over);
    struct cursor mine = cursor_of(d), theirs = cursor_of(over);
    while (!cursor_ended(&mine)) {
        if (mine.step == STEP_INSERT && (first || theirs.step != STEP_INSERT)) {
            raw_text(&raw, mine.text);
            cursor_next(&mine);
            continue;
        }
        if (theirs.step == STEP_INSERT) {
            raw_count(&raw, theirs.units);
            cursor_next(&theirs);
            continue;
        }
        int64_t units = mine.units < theirs.units ? mine.units : theirs.units;
        if (theirs.step == STEP_RETAIN) raw_count(&raw, mine.step == STEP_RETAIN ? units : -units);
        cursor_pass(&mine, units);
        cursor_pass(&theirs, units);
    }
    *ret_delta = canonical(a, raw);
}

/* The first units of the insert being read; false: they end inside a pair. */
static bool cut_text(struct cursor *c, int64_t units, struct slice *ret_text)
{
    size_t bytes;
    if (!utf_offset(c->text, (size_t)units, &bytes)) return false;
    *ret_text = slice_of(c->text.ptr, bytes);
    c->text = slice_from(c->text, bytes);
    return true;
}

enum err delta_compose(
        struct arena *a, const struct delta *d, const struct delta *then, struct delta *ret_delta)
{
    struct delta raw = raw_new(a, d, then);
    struct cursor one = cursor_of(d), two = cursor_of(then);
    while (!cursor_ended(&one) || !cursor_ended(&two)) {
        if (two.step == STEP_INSERT) {
            raw_text(&raw, two.text);
            cursor_next(&two);
            continue;
        }
        if (one.step == STEP_DELETE) {
            raw_count(&raw, -one.units);
            cursor_next(&one);
            continue;
        }
        int64_t units = one.units < two.units ? one.units : two.units;
        struct slice text = {0};
        if (one.step == STEP_INSERT && !cut_text(&one, units, &text)) return ERR_INVALID;
        if (two.step == STEP_RETAIN && one.step == STEP_INSERT)
            raw_text(&raw, text);
        else if (one.step == STEP_RETAIN)
            raw_count(&raw, two.step == STEP_RETAIN ? units : -units);
        cursor_pass(&one, units);
        cursor_pass(&two, units);
    }
    *ret_delta = canonical(a, raw);
    return ERR_OK;
}
