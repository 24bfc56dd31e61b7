#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/base/check.h"
#include "core/base/rng.h"
#include "core/base/utf.h"
#include "core/text.h"

#define CASES 20000

static struct arena arena;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 16, (size_t)1 << 28);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_fini(&arena);
    return 0;
}

static struct delta delta_of(const char *json)
{
    json_t *tree;
    struct delta d;
    struct fault fault = {0};
    assert_int_equal(json_read(&arena, slice_cstr(json), &tree, &fault), ERR_OK);
    if (delta_read(&arena, tree, &d, &fault) != ERR_OK) fail_msg("%s: %s", json, fault.wrong);
    return d;
}

static const char *written(const struct delta *d)
{
    struct buf text;
    buf_init(&text, 1 << 20);
    struct json_out j = json_out(&text);
    delta_write(&j, d);
    const char *copy = arena_cstr(&arena, buf_slice(&text));
    buf_fini(&text);
    return copy;
}

static struct slice applied(struct slice text, struct delta d)
{
    struct slice after;
    struct fault fault = {0};
    if (delta_apply(&arena, text, &d, SIZE_MAX, &after, &fault) != ERR_OK)
        fail_msg("%s on %.*s: %s", written(&d), SLICE_ARG(text), fault.wrong);
    assert_true(utf_valid(after));
    return after;
}

static struct delta over(struct delta d, struct delta other, bool first)
{
    struct delta moved;
    delta_transform(&arena, &d, &other, first, &moved);
    delta_of(written(&moved)); /* canonical, or it would not be read */
    return moved;
}

static struct delta composed(struct delta d, struct delta then)
{
    struct delta both;
    assert_int_equal(delta_compose(&arena, &d, &then, &both), ERR_OK);
    delta_of(written(&both));
    return both;
}

/* -- random ones */

static const char *const characters[] = {
        "a", "b", "c", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x8e\x89", "\xf0\x9f\x8e\x88"};

static struct slice random_text(struct rng *rng, uint64_t max)
{
    char *text = arena_alloc(&arena, 4 * (size_t)max + 1);
    size_t len = 0;
    for (uint64_t n = rng_below(rng, max + 1); n > 0; n--) {
        const char *c = characters[rng_below(rng, ARRAY_COUNT(characters))];
        memcpy(text + len, c, strlen(c));
        len += strlen(c);
    }
    return slice_of(text, len);
}

/* Moves over some whole characters; returns their units. */
static int64_t some(struct rng *rng, struct slice text, size_t *at)
{
    size_t from = *at;
    for (uint64_t n = rng_below(rng, 4); n > 0 && *at < text.len; n--) {
        (*at)++;
        while (*at < text.len && ((uint8_t)text.ptr[*at] & 0xc0) == 0x80)
            (*at)++;
    }
    return (int64_t)utf_units(slice_of(text.ptr + from, *at - from));
}

static struct delta random_delta(struct rng *rng, struct slice text)
{
    struct delta d = {.parts = ARENA_NEW_ARRAY(&arena, struct delta_part, 3 * text.len + 3)};
    size_t at = 0;
    do {
        int64_t kept = some(rng, text, &at);
        if (kept == 0 && d.count > 0) continue;
        if (kept > 0) d.parts[d.count++].count = kept;
        struct slice insert = random_text(rng, rng_below(rng, 3));
        int64_t gone = rng_chance(rng, 50) ? some(rng, text, &at) : 0;
        if (insert.len == 0 && gone == 0 && kept > 0) {
            at = text.len; /* two retains may not follow each other */
            d.count--;
        }
        if (insert.len > 0) d.parts[d.count++].text = insert;
        if (gone > 0) d.parts[d.count++].count = -gone;
    } while (at < text.len);
    return d;
}

/* -- what transforming means */

static void test_transform__examples(void **state)
{
    (void)state;
    static const struct {
        const char *delta, *over, *first, *second;
    } rows[] = {
            {"[]", "[\"x\"]", "[]", "[]"},
            {"[\"a\"]", "[]", "[\"a\"]", "[\"a\"]"},
            {"[\"a\"]", "[\"bc\"]", "[\"a\"]", "[2,\"a\"]"},
            {"[2,\"a\"]", "[2,\"\xf0\x9f\x8e\x89\"]", "[2,\"a\"]", "[4,\"a\"]"},
            {"[3,\"a\"]", "[-5]", "[\"a\"]", "[\"a\"]"},
            {"[-3]", "[1,-1]", "[-2]", "[-2]"},
            {"[-3]", "[1,\"x\"]", "[-1,1,-2]", "[-1,1,-2]"},
            {"[-3]", "[-3]", "[]", "[]"},
            {"[1,\"a\",2,\"b\"]", "[-5]", "[\"ab\"]", "[\"ab\"]"},
            {"[1,\"a\",-1,1,\"b\",-1]", "[-4]", "[\"ab\"]", "[\"ab\"]"},
            {"[\"a\",-1]", "[\"b\",-1]", "[\"a\"]", "[1,\"a\"]"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct delta d = delta_of(rows[i].delta), other = delta_of(rows[i].over);
        struct delta first = over(d, other, true), second = over(d, other, false);
        assert_string_equal(written(&first), rows[i].first);
        assert_string_equal(written(&second), rows[i].second);
    }
}

static void test_transform__two_sides_come_to_one_text(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 3);
    for (int i = 0; i < CASES; i++) {
        struct slice text = random_text(&rng, 12);
        struct delta a = random_delta(&rng, text), b = random_delta(&rng, text);
        struct slice one = applied(applied(text, a), over(b, a, false));
        struct slice two = applied(applied(text, b), over(a, b, true));
        if (!slice_eq(one, two))
            fail_msg("case %d: %s, %s: %.*s is not %.*s", i, written(&a), written(&b),
                    SLICE_ARG(one), SLICE_ARG(two));
        if (i % 100 == 0) arena_reset(&arena);
    }
}

static void test_compose__is_one_after_the_other(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 4);
    for (int i = 0; i < CASES; i++) {
        struct slice text = random_text(&rng, 12);
        struct delta a = random_delta(&rng, text);
        struct slice then = applied(text, a);
        struct delta b = random_delta(&rng, then), both = composed(a, b);
        assert_true(slice_eq(applied(text, both), applied(then, b)));
        if (i % 100 == 0) arena_reset(&arena);
    }
}

static void test_compose__with_the_inverse_changes_nothing(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 6);
    for (int i = 0; i < CASES; i++) {
        struct slice text = random_text(&rng, 12);
        struct delta a = random_delta(&rng, text), back;
        assert_int_equal(delta_invert(&arena, text, &a, &back), ERR_OK);
        assert_true(slice_eq(applied(text, composed(a, back)), text));
        if (i % 100 == 0) arena_reset(&arena);
    }
}

static void test_compose__half_a_pair_is_refused(void **state)
{
    (void)state;
    struct delta a = delta_of("[\"\xf0\x9f\x8e\x89\"]"), b = delta_of("[1,\"x\"]"), both;
    assert_int_equal(delta_compose(&arena, &a, &b, &both), ERR_INVALID);
    b = delta_of("[-1]");
    assert_int_equal(delta_compose(&arena, &a, &b, &both), ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(test_transform__examples, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_transform__two_sides_come_to_one_text, setup, teardown),
            cmocka_unit_test_setup_teardown(test_compose__is_one_after_the_other, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_compose__with_the_inverse_changes_nothing, setup, teardown),
            cmocka_unit_test_setup_teardown(test_compose__half_a_pair_is_refused, setup, teardown),
    };
    json_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
