#include "core/base/needle.h"

#include "core/base/bytes16.h"
#include "core/base/check.h"
#include "core/base/fold_char.h"
#include "core/base/utf.h"

#define WIDE_TRIES   8 /* so many characters of a needle are tried for an anchor */
#define STEPS_A_BYTE 4 /* in comparing, until folding is cheaper */
#define NOT_A_FIRST  0xff

/* -- the anchor */

struct forms {
    struct needle *n;
    size_t count; /* of forms; NEEDLE_FORMS_MAX + 1: too many */
};

/* The last two bytes tell more than the first: those of a script are alike. */
static void form_add(void *context, uint32_t source)
{
    struct forms *f = context;
    char bytes[CHAR_BYTES_MAX];
    size_t len = char_write(source, bytes);
    const bytes16 pair[2] = {
            bytes16_all((uint8_t)bytes[len - 2]), bytes16_all((uint8_t)bytes[len - 1])};
    for (size_t i = 0; i < f->count && i < NEEDLE_FORMS_MAX; i++) {
        if (memcmp(f->n->wide.forms[i], pair, sizeof pair) == 0) return;
    }
    if (f->count < NEEDLE_FORMS_MAX) memcpy(f->n->wide.forms[f->count], pair, sizeof pair);
    if (f->count <= NEEDLE_FORMS_MAX) f->count++;
}

static bool anchor_wide(struct needle *n)
{
    uint32_t point;
    size_t tries = 0;
    for (size_t at = 0, len; at < n->text.len && tries < WIDE_TRIES; at += len) {
        len = char_read(slice_from(n->text, at), &point);
        if (point < 0x80) continue;
        struct forms f = {.n = n};
        form_add(&f, point);
        fold_sources(point, form_add, &f);
        tries++;
        if (f.count > NEEDLE_FORMS_MAX) continue;
        n->wide.count = (uint8_t)f.count;
        n->scan = NEEDLE_WIDE;
        n->spot = at;
        n->spot_end = at + len;
        n->anchor = point;
        return true;
    }
    return false;
}

/* Of what few texts have, the more the better. Vowels, c, n and y have forms in everyday text. */
static int rarity(char c)
{
    if ((uint8_t)c >= 0x80) return -1;
    static const char common[] = " eaoiuyncrtslhdm10g.,-pfwbvk_23456789jxqz";
    const char *place = memchr(common, c, sizeof common - 1);
    return place ? (int)(place - common) : (int)sizeof common;
}

struct range {
    uint8_t low, span;
};

/* By the script their first byte stands for: Latin and its neighbours, signs, full width. */
static void range_add(void *context, uint32_t source)
{
    struct range *ranges = context;
    char bytes[CHAR_BYTES_MAX];
    char_write(source, bytes);
    uint8_t first = (uint8_t)bytes[0];
    size_t i = first < 0xe0 ? 0 : first < 0xe8 ? 1 : 2;
    struct range *r = &ranges[i];
    uint8_t high = r->low == NOT_A_FIRST ? first : (uint8_t)(r->low + r->span);
    if (first < r->low) r->low = first;
    if (first > high) high = first;
    r->span = (uint8_t)(high - r->low);
}

static uint8_t case_bit(char c)
{
    return c >= 'a' && c <= 'z' ? 0x20 : 0;
}

static bool anchor_plain(struct needle *n)
{
    size_t best = 0, last = n->text.len - 1;
    for (size_t at = 1; at <= last; at++) {
        /* The last one has no byte behind it to compare. */
        if (at < last && rarity(n->text.ptr[at]) > rarity(n->text.ptr[best])) best = at;
    }
    char c = n->text.ptr[best];
    if ((uint8_t)c >= 0x80) return false;
    n->scan = NEEDLE_PLAIN;
    n->spot = best;
    n->spot_end = best + 1;
    n->anchor = (uint8_t)c;
    memset(&n->plain, 0, sizeof n->plain);
    n->plain.byte = bytes16_all((uint8_t)c);
    n->plain.byte_case = bytes16_all(case_bit(c));
    if (best < last) {
        n->plain.behind = bytes16_all((uint8_t)n->text.ptr[best + 1]);
        n->plain.behind_case = bytes16_all(case_bit(n->text.ptr[best + 1]));
    } else {
        n->plain.last = bytes16_all(0xff);
    }
    struct range ranges[NEEDLE_RANGES_MAX];
    for (size_t i = 0; i < NEEDLE_RANGES_MAX; i++)
        ranges[i] = (struct range){.low = NOT_A_FIRST};
    fold_sources(n->anchor, range_add, ranges);
    for (size_t i = 0; i < NEEDLE_RANGES_MAX; i++) {
        n->plain.low[i] = bytes16_all(ranges[i].low);
        n->plain.span[i] = bytes16_all(ranges[i].span);
    }
    return true;
}

void needle_init(struct needle *n, struct slice folded)
{
    *n = (struct needle){.text = folded};
    if (folded.len == 0 || !utf_valid(folded) || anchor_wide(n) || anchor_plain(n)) return;
    n->scan = NEEDLE_FOLDED;
}

/* -- around a place where the anchor may be */

enum fit { FIT_NO, FIT_YES, FIT_UNSURE };

struct trial {
    const struct needle *n;
    struct slice text;
    enum fold_find how;
    size_t steps; /* that are left */
};

/* Where the character before `at` begins; `at` itself when that is not valid UTF-8. */
static size_t step_back(struct slice text, size_t at, uint32_t *ret_point)
{
    size_t start = at;
    do {
        start--;
    } while (start > 0 && at - start < CHAR_BYTES_MAX && ((uint8_t)text.ptr[start] & 0xc0) == 0x80);
    return start + char_read(slice_of(text.ptr + start, text.len - start), ret_point) == at ? start
                                                                                            : at;
}

/* Folds the next character that does not vanish and steps over it; CHAR_GONE: there is none. */
static uint32_t fold_next(struct trial *t, size_t *at)
{
    uint32_t point, to = CHAR_GONE;
    while (to == CHAR_GONE && *at < t->text.len) {
        size_t len = char_read(slice_of(t->text.ptr + *at, t->text.len - *at), &point);
        if (t->steps == 0 || (len == 1 && point >= 0x80)) return CHAR_LONG;
        t->steps--;
        *at += len;
        to = fold_char(point);
    }
    return to;
}

static uint32_t fold_before(struct trial *t, size_t *at)
{
    uint32_t point, to = CHAR_GONE;
    while (to == CHAR_GONE && *at > 0) {
        size_t start = step_back(t->text, *at, &point);
        if (t->steps == 0 || start == *at) return CHAR_LONG;
        t->steps--;
        *at = start;
        to = fold_char(point);
    }
    return to;
}

static enum fit ahead(struct trial *t, size_t at, size_t *ret_end)
{
    uint32_t want;
    for (size_t of = t->n->spot_end; of < t->n->text.len;) {
        of += char_read(slice_from(t->n->text, of), &want);
        uint32_t to = fold_next(t, &at);
        if (to != want) return to == CHAR_LONG ? FIT_UNSURE : FIT_NO;
    }
    *ret_end = at;
    return FIT_YES;
}

static enum fit behind(struct trial *t, size_t at, size_t *ret_start)
{
    uint32_t want;
    for (size_t of = t->n->spot; of > 0;) {
        of = step_back(t->n->text, of, &want);
        uint32_t to = fold_before(t, &at);
        if (to != want) return to == CHAR_LONG ? FIT_UNSURE : FIT_NO;
    }
    *ret_start = at;
    return FIT_YES;
}

static enum fit stands(struct trial *t, size_t start, size_t end)
{
    uint32_t first, last, neighbour;
    char_read(t->n->text, &first);
    step_back(t->n->text, t->n->text.len, &last);
    if (t->how == FOLD_ANYWHERE) return FIT_YES;
    neighbour = fold_before(t, &start);
    if (neighbour == CHAR_LONG) return FIT_UNSURE;
    if (neighbour != CHAR_GONE && char_joins(neighbour, first)) return FIT_NO;
    if (t->how == FOLD_STARTS_WORD) return FIT_YES;
    neighbour = fold_next(t, &end);
    if (neighbour == CHAR_LONG) return FIT_UNSURE;
    return neighbour != CHAR_GONE && char_joins(last, neighbour) ? FIT_NO : FIT_YES;
}

/* Is there a match with the anchor in the character at `at`, a form of it or something alike? */
static enum fit fit_at(struct trial *t, size_t at)
{
    uint32_t point;
    size_t start, end, len = char_read(slice_of(t->text.ptr + at, t->text.len - at), &point);
    if (len == 1 && point >= 0x80) return FIT_UNSURE;
    uint32_t to = fold_char(point);
    if (to == CHAR_LONG) {
        struct slice anchor = slice_head(t->n->text, t->n->spot_end);
        anchor = slice_from(anchor, t->n->spot);
        return fold_has(fold_char_long(point), anchor, FOLD_ANYWHERE) ? FIT_UNSURE : FIT_NO;
    }
    if (to != t->n->anchor) return FIT_NO;
    enum fit fit = ahead(t, at + len, &end);
    if (fit == FIT_YES) fit = behind(t, at, &start);
    return fit == FIT_YES ? stands(t, start, end) : fit;
}

/* -- sixteen bytes at a time */

/* Of each byte, in its highest bit: may the anchor begin here (plain), or end with it and the next
 * one (wide)? Reads one byte more than a block. */
static inline bytes16 plain_block(const struct needle *n, const char *from)
{
    bytes16 b = bytes16_load(from), next = bytes16_load(from + 1);
    bytes16 here = (bytes16)((b | n->plain.byte_case) == n->plain.byte);
    bytes16 goes_on = (bytes16)((next | n->plain.behind_case) == n->plain.behind);
    here &= goes_on | next | n->plain.last; /* the bit is set in a next that is not ASCII */
    for (int i = 0; i < NEEDLE_RANGES_MAX; i++)
        here |= (bytes16)(b - n->plain.low[i] <= n->plain.span[i]);
    return here;
}

static inline bytes16 wide_block(const struct needle *n, const char *from)
{
    bytes16 b = bytes16_load(from), next = bytes16_load(from + 1), here = {0};
    for (int i = 0; i < n->wide.count; i++)
        here |= (bytes16)(b == n->wide.forms[i][0]) & (bytes16)(next == n->wide.forms[i][1]);
    return here;
}

/* A wide anchor was seen by its last two bytes: where does the character begin? */
static size_t char_start(struct slice text, size_t at)
{
    for (int i = 0; i < 2 && at > 0 && ((uint8_t)text.ptr[at] & 0xc0) == 0x80; i++)
        at--;
    return at;
}

static enum fit fit_in_block(struct trial *t, struct places block, size_t at)
{
    for (size_t i; places_next(&block, &i);) {
        size_t spot = at + i;
        if (spot >= t->text.len) return FIT_NO; /* it is not of the text */
        if (t->n->scan == NEEDLE_WIDE) spot = char_start(t->text, spot);
        enum fit fit = fit_at(t, spot);
        if (fit != FIT_NO) return fit;
    }
    return FIT_NO;
}

static inline bytes16 block_of(const struct needle *n, const char *from)
{
    return n->scan == NEEDLE_WIDE ? wide_block(n, from) : plain_block(n, from);
}

/* Before the first block that has a place, and not at the end: two at a time. */
static size_t skip_blocks(const struct needle *n, struct slice text, size_t at)
{
    while (text.len - at > 2 * BYTES16) {
        const char *from = text.ptr + at;
        if (!places_none(places_of(block_of(n, from) | block_of(n, from + BYTES16)))) break;
        at += 2 * BYTES16;
    }
    return at;
}

static enum fit fit_anywhere(struct trial *t)
{
    char rest[BYTES16 + 1] = {0}; /* the end of the text */
    enum fit fit = FIT_NO;
    for (size_t at = 0; at < t->text.len && fit == FIT_NO; at += BYTES16) {
        at = skip_blocks(t->n, t->text, at);
        const char *from = t->text.ptr + at;
        if (t->text.len - at < sizeof rest) {
            memcpy(rest, from, t->text.len - at);
            from = rest;
        }
        struct places block = places_of(block_of(t->n, from));
        if (!places_none(block)) fit = fit_in_block(t, block, at);
    }
    return fit;
}

bool needle_in(const struct needle *n, struct slice text, enum fold_find how, struct buf *scratch)
{
    struct trial t = {.n = n, .text = text, .how = how, .steps = STEPS_A_BYTE * text.len};
    enum fit fit = n->scan == NEEDLE_FOLDED ? FIT_UNSURE : fit_anywhere(&t);
    if (fit != FIT_UNSURE) return fit == FIT_YES;
    buf_clear(scratch);
    fold_add(scratch, text);
    return fold_has(buf_slice(scratch), n->text, how);
}
