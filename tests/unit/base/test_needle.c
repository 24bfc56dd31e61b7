/* What needle_in finds is what is found by folding everything. */
#include "core/base/needle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/base/check.h"
#include "core/base/fold_char.h"
#include "core/base/rng.h"
#include "core/base/utf.h"

#define CASES       40000
#define NEEDLES     8 /* for each text */
#define PIECES_MAX  60
#define BYTES_MAX   4096
#define SEED_RANDOM 20261121

static struct buf text, folded, scratch;

static int setup(void **state)
{
    (void)state;
    buf_init(&text, BYTES_MAX);
    buf_init(&folded, 4 * BYTES_MAX);
    buf_init(&scratch, 4 * BYTES_MAX);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    buf_fini(&text);
    buf_fini(&folded);
    buf_fini(&scratch);
    return 0;
}

/* Few letters, so that much is found, and everything that is folded in a way of its own: marks,
 * ligatures, full width, Greek with its final sigma, scripts without case, what is beyond U+FFFF.
 */
static uint32_t any_point(struct rng *rng)
{
    static const uint16_t dear[] = {0xe9, 0xc9, 0x65, 0x301, 0x308, 0xdf, 0x17f, 0x130, 0x131,
            0x1e9e, 0xfb01, 0xfb02, 0xfb05, 0x2026, 0xbd, 0x132, 0x13f, 0x149, 0x1c4, 0xff46,
            0xff26, 0x212a, 0x2126, 0xb5, 0x3bc, 0x39c, 0x3c2, 0x3c3, 0x3a3, 0x3ac, 0x1f00, 0x390,
            0x434, 0x414, 0x439, 0x419, 0x451, 0x627, 0x623, 0x64b, 0x5d0, 0x5b0, 0x770b, 0x677f,
            0x3042, 0x304c, 0x3000, 0xac00, 0xa0, 0x2019, 0xfe0f, 0x1e00, 0x23a, 0x2c65, 0xaa, 0xd7,
            0xf7, 0xe01, 0x1100};
    switch (rng_below(rng, 8)) {
    case 0: return (uint32_t)dear[rng_below(rng, ARRAY_COUNT(dear))];
    case 1: return (uint32_t)(0xa0 + rng_below(rng, 0x560));
    case 2: return (uint32_t)(0x1e00 + rng_below(rng, 0x400));
    case 3: return (uint32_t)(0x1f300 + rng_below(rng, 64));
    case 4: {
        uint32_t point = (uint32_t)(0x80 + rng_below(rng, 0xff80));
        return point >= 0xd800 && point < 0xe000 ? 0x4e00 : point;
    }
    default: return (uint32_t) " aAeEfFiIkKlLsSzZ1-_."[rng_below(rng, 21)];
    }
}

static void text_make(struct rng *rng)
{
    char bytes[CHAR_BYTES_MAX];
    uint64_t pieces = rng_below(rng, PIECES_MAX);
    buf_clear(&text);
    for (uint64_t i = 0; i < pieces; i++) {
        uint32_t point = any_point(rng);
        uint64_t times = rng_chance(rng, 3) ? rng_below(rng, 40) : 1;
        for (uint64_t k = 0; k < times; k++)
            buf_add(&text, slice_of(bytes, char_write(point, bytes)));
    }
    assert_true(buf_ok(&text) && utf_valid(buf_slice(&text)));
}

/* A piece of the folded text, of a few characters or the most of it; or any characters at all. */
static struct slice needle_make(struct rng *rng, struct buf *out)
{
    char bytes[CHAR_BYTES_MAX];
    buf_clear(out);
    if (folded.len == 0 || rng_chance(rng, 30)) {
        for (uint64_t left = 1 + rng_below(rng, 3); left > 0; left--)
            fold_add(out, slice_of(bytes, char_write(any_point(rng), bytes)));
        return buf_slice(out);
    }
    size_t from = (size_t)rng_below(rng, folded.len);
    size_t len = (size_t)rng_below(rng, rng_chance(rng, 80) ? 12 : folded.len) + 1;
    while (from > 0 && ((uint8_t)folded.ptr[from] & 0xc0) == 0x80)
        from--;
    struct slice piece = slice_from(buf_slice(&folded), from);
    return utf_head(piece, len < CHAR_BYTES_MAX ? CHAR_BYTES_MAX : len);
}

static void check(uint64_t seed, struct slice looked_for)
{
    struct needle n;
    needle_init(&n, looked_for);
    for (enum fold_find how = FOLD_ANYWHERE; how <= FOLD_WORDS; how++) {
        bool expected = fold_has(buf_slice(&folded), looked_for, how);
        if (needle_in(&n, buf_slice(&text), how, &scratch) != expected)
            fail_msg("seed %ju, how %d: %s of \"%.*s\" in \"%.*s\"", (uintmax_t)seed, how,
                    expected ? "a miss" : "a false find", SLICE_ARG(looked_for),
                    SLICE_ARG(buf_slice(&text)));
    }
}

static void test_needle__finds_what_is_found_in_folded_text(void **state)
{
    const char *given = getenv("TAVLA_SEED");
    uint64_t first = given ? strtoull(given, NULL, 10) : SEED_RANDOM;
    struct buf own;
    unsigned found = 0, anchored = 0;
    (void)state;
    buf_init(&own, BYTES_MAX);
    for (uint64_t seed = first; seed < first + (given ? 1 : CASES / NEEDLES); seed++) {
        struct rng rng;
        rng_init(&rng, seed);
        text_make(&rng);
        buf_clear(&folded);
        fold_add(&folded, buf_slice(&text));
        for (int i = 0; i < NEEDLES; i++) {
            struct needle n;
            struct slice looked_for = needle_make(&rng, &own);
            check(seed, looked_for);
            needle_init(&n, looked_for);
            anchored += n.scan != NEEDLE_FOLDED;
            found += fold_has(buf_slice(&folded), looked_for, FOLD_ANYWHERE);
        }
    }
    buf_fini(&own);
    if (given) return;
    print_message("seeds %ju to %ju, %u found, %u with an anchor\n", (uintmax_t)first,
            (uintmax_t)(first + CASES / NEEDLES - 1), found, anchored);
    assert_in_range(found, CASES / 3, CASES); /* else it is not the finding that is tested */
    assert_in_range(anchored, CASES * 3 / 4, CASES);
}

/* At every offset, so that each stands across the border of two blocks once. */
static void test_needle__finds_at_every_place(void **state)
{
    static const char *const pairs[][2] = {{"shelf", "sh\xc3\xa9LF"}, {"k", "\xe2\x84\xaa"},
            {"\xd0\xb4\xd0\xbe\xd0\xbc", "\xd0\x94\xd0\xbe\xd0\xbc"},
            {"\xe7\x9c\x8b\xe6\x9d\xbf", "\xe7\x9c\x8b\xe6\x9d\xbf"},
            {"\xf0\x9f\x8e\xa8", "\xf0\x9f\x8e\xa8"}, {"fin", "\xef\xac\x81n"},
            {"\xcf\x83", "\xcf\x82"}, {"1/", "\xc2\xb9/"}};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(pairs); i++) {
        struct needle n;
        needle_init(&n, slice_cstr(pairs[i][0]));
        for (size_t before = 0; before < 40; before++) {
            for (size_t behind = 0; behind < 20; behind++) {
                buf_clear(&text);
                for (size_t k = 0; k < before; k++)
                    BUF_ADD(&text, "-");
                buf_add(&text, slice_cstr(pairs[i][1]));
                for (size_t k = 0; k < behind; k++)
                    BUF_ADD(&text, "-");
                assert_true(needle_in(&n, buf_slice(&text), FOLD_WORDS, &scratch));
            }
        }
    }
}

/* Neither a text nor a needle of one letter repeated makes it compare each place with each. */
static void test_needle__folds_when_comparing_goes_on_too_long(void **state)
{
    struct needle n;
    char many[BYTES_MAX];
    (void)state;
    memset(many, 'a', sizeof many);
    needle_init(&n, SLICE("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"));
    buf_clear(&scratch);
    n.spot = 0; /* as if `b` were no rarer */
    n.spot_end = 1;
    n.anchor = 'a';
    n.plain.byte = n.plain.behind = bytes16_all('a');
    n.plain.behind_case = bytes16_all(0x20);
    n.plain.last = bytes16_all(0);
    assert_false(needle_in(&n, slice_of(many, sizeof many), FOLD_ANYWHERE, &scratch));
    assert_int_equal(scratch.len, sizeof many);
    needle_init(&n, SLICE(""));
    assert_false(needle_in(&n, slice_of(many, sizeof many), FOLD_ANYWHERE, &scratch));
    needle_init(&n, SLICE("\xff")); /* not UTF-8 */
    assert_true(needle_in(&n, SLICE("a\xff"), FOLD_ANYWHERE, &scratch));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_needle__finds_what_is_found_in_folded_text),
            cmocka_unit_test(test_needle__finds_at_every_place),
            cmocka_unit_test(test_needle__folds_when_comparing_goes_on_too_long),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
