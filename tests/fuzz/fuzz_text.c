/* fuzz_text.c - any two deltas are moved past each other and joined without a crash; two that apply
 * to one text come to one text whichever goes first, and joined do what they do one by one.
 *
 * The bytes are a recipe: first the text, then steps of each delta. A step keeps, deletes or
 * inserts; a "wild" delta takes the same steps without looking at the text. */
#include "tests/fuzz/fuzz.h"

#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/base/utf.h"
#include "core/text.h"

#define ARENA_BYTES_MAX ((size_t)256 << 20)
#define STEPS_MAX       200

static const char *const characters[] = {
        "a", "b", "\n", "\"", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x8e\x89", "\xf0\x9f\x8e\x88"};

struct recipe {
    const uint8_t *at, *end;
};

static uint8_t take(struct recipe *r)
{
    return r->at < r->end ? *r->at++ : 0;
}

static struct slice take_text(struct arena *a, struct recipe *r, size_t count)
{
    char *text = arena_alloc(a, 4 * count + 1);
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        const char *c = characters[take(r) % ARRAY_COUNT(characters)];
        memcpy(text + len, c, strlen(c));
        len += strlen(c);
    }
    return slice_of(text, len);
}

/* Units of the next whole characters; wild: any number. */
static int64_t take_units(struct slice text, size_t *at, size_t count, bool wild)
{
    size_t from = *at;
    if (wild) return (int64_t)count + 1;
    for (; count > 0 && *at < text.len; count--) {
        (*at)++;
        while (*at < text.len && ((uint8_t)text.ptr[*at] & 0xc0) == 0x80)
            (*at)++;
    }
    return (int64_t)utf_units(slice_of(text.ptr + from, *at - from));
}

/* Composing with nothing makes it canonical. */
static struct delta take_delta(struct arena *a, struct recipe *r, struct slice text, bool wild)
{
    struct delta raw = {.parts = ARENA_NEW_ARRAY(a, struct delta_part, STEPS_MAX)}, none = {0}, d;
    size_t at = 0;
    for (size_t steps = take(r) % STEPS_MAX; raw.count < steps && r->at < r->end;) {
        uint8_t step = take(r);
        struct delta_part *p = &raw.parts[raw.count];
        int64_t units = 0;
        if (step % 3 == 0)
            p->text = take_text(a, r, 1 + step / 64);
        else
            units = take_units(text, &at, step / 8, wild);
        p->count = step % 3 == 1 ? units : -units;
        if (units == 0 && p->text.len == 0) break;
        raw.count++;
    }
    CHECK(delta_compose(a, &none, &raw, &d) == ERR_OK);
    return d;
}

static struct slice applied(struct arena *a, struct slice text, const struct delta *d)
{
    struct slice after;
    struct fault fault = {0};
    CHECK(delta_apply(a, text, d, SIZE_MAX, &after, &fault) == ERR_OK);
    CHECK(utf_valid(after));
    return after;
}

static void check_canonical(const struct delta *d)
{
    for (uint32_t i = 0; i < d->count; i++) {
        const struct delta_part *p = &d->parts[i];
        CHECK(p->count != 0 || p->text.len > 0);
        if (i == 0) continue;
        int64_t before = d->parts[i - 1].count;
        CHECK(IMPLIES(p->count > 0, before <= 0));
        CHECK(IMPLIES(p->count == 0, before > 0));
        CHECK(IMPLIES(p->count < 0, before >= 0));
    }
    CHECK(d->count == 0 || d->parts[d->count - 1].count <= 0);
}

/* Deltas of one text. */
static void tame(struct arena *a, struct recipe *r, struct slice text)
{
    struct delta x = take_delta(a, r, text, false), y = take_delta(a, r, text, false);
    struct delta x_then, y_then, both, inverse;
    delta_transform(a, &x, &y, true, &x_then);
    delta_transform(a, &y, &x, false, &y_then);
    check_canonical(&x_then);
    check_canonical(&y_then);
    struct slice after = applied(a, text, &x), all = applied(a, after, &y_then);
    CHECK(slice_eq(all, applied(a, applied(a, text, &y), &x_then)));
    CHECK(delta_compose(a, &x, &y_then, &both) == ERR_OK);
    check_canonical(&both);
    CHECK(slice_eq(all, applied(a, text, &both)));
    CHECK(delta_invert(a, text, &both, &inverse) == ERR_OK);
    CHECK(slice_eq(text, applied(a, all, &inverse)));
}

static void wild(struct arena *a, struct recipe *r, struct slice text)
{
    struct delta x = take_delta(a, r, text, true), y = take_delta(a, r, text, true), moved;
    struct slice after;
    struct fault fault = {0};
    delta_transform(a, &x, &y, false, &moved);
    check_canonical(&moved);
    if (delta_compose(a, &x, &y, &moved) == ERR_OK) check_canonical(&moved);
    if (delta_apply(a, text, &moved, TEXT_UNITS_MAX, &after, &fault) == ERR_OK)
        CHECK(utf_valid(after));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct recipe r = {data, data + size};
    struct arena arena;
    if (size > OP_BYTES_MAX) return 0;
    arena_init(&arena, 1 << 16, ARENA_BYTES_MAX);
    uint8_t how = take(&r);
    struct slice text = take_text(&arena, &r, how / 2);
    if (how % 2 == 0)
        tame(&arena, &r, text);
    else
        wild(&arena, &r, text);
    arena_fini(&arena);
    return 0;
}
