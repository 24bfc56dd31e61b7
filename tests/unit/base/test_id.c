#include "core/base/id.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/hash.h"
#include "core/base/map.h"

static void test_id__reads_24_lower_case_hex_digits_and_nothing_else(void **state)
{
    struct id id;
    char text[ID_TEXT + 1];
    (void)state;
    assert_true(id_parse(SLICE("5f0e9a1b2c3d4e5f60718293"), &id));
    id_format(id, text);
    assert_string_equal(text, "5f0e9a1b2c3d4e5f60718293");
    assert_int_equal(id_seconds(id), 0x5f0e9a1b);
    assert_false(id_parse(SLICE("5F0e9a1b2c3d4e5f60718293"), &id));
    assert_false(id_parse(SLICE("5f0e9a1b2c3d4e5f6071829"), &id));
    assert_false(id_parse(SLICE("5f0e9a1b2c3d4e5f607182933"), &id));
    assert_false(id_parse(SLICE("5f0e9a1b2c3d4e5f6071829g"), &id));
}

static void test_id__sorts_by_creation_time(void **state)
{
    struct id a = id_make(1000, UINT64_MAX), b = id_make(1001, 0), none = {0};
    (void)state;
    assert_true(id_cmp(a, b) < 0);
    assert_int_equal(id_seconds(a), 1000);
    assert_true(id_is_none(none));
    assert_false(id_is_none(a));
    assert_false(id_eq(a, b));
    assert_true(id_eq(a, a));
}

static void test_id__short_links_are_stable_valid_and_apart(void **state)
{
    char text[SHORT_LINK_TEXT + 1], other[SHORT_LINK_TEXT + 1];
    (void)state;
    for (uint64_t i = 0; i < 1000; i++) {
        short_link_make(id_make(5, i), text);
        short_link_make(id_make(5, i + 1), other);
        assert_true(short_link_valid(slice_cstr(text)));
        assert_string_not_equal(text, other);
    }
    short_link_make(id_make(0x5f0e9a1b, 0x2c3d4e5f60718293), text);
    assert_string_equal(text, "JihwH3gi"); /* links that people keep must not change */
    assert_false(short_link_valid(SLICE("abcdefg")));
    assert_false(short_link_valid(SLICE("abcdefg-")));
}

static void test_hash__chain_depends_on_every_part(void **state)
{
    struct hash128 zero = {{0}};
    struct hash128 a = hash_chain(zero, SLICE("x"), SLICE("y"));
    struct hash128 b = hash_chain(a, SLICE("x"), SLICE("y"));
    struct hash128 c = hash_chain(zero, SLICE("x"), SLICE("z"));
    struct hash128 joined = hash_chain(zero, SLICE("xy"), slice_of(NULL, 0));
    char text[17];
    (void)state;
    assert_true(memcmp(&a, &b, 16) != 0);
    assert_true(memcmp(&a, &c, 16) != 0);
    assert_memory_equal(
            &a, &joined, 16); /* plain concatenation: a and b are cut by the caller's format */
    hash_head_format(a, text);
    assert_int_equal(strtoull(text, NULL, 16), hash_head(a));
    assert_int_equal(strlen(text), 16);
}

static void test_hash__is_xxh3_on_every_machine(void **state)
{
    (void)state;
    assert_true(hash64(SLICE(""), 0) ==
                0x2d06800538d394c2ull); /* the published value of the empty input */
    assert_true(hash64(SLICE("a"), 0) != hash64(SLICE("a"), 1));
}

struct entry {
    struct id id;
    int value;
    UT_hash_handle hh;
};

static void test_map__finds_entries_and_walks_in_order_of_insertion_for_any_seed(void **state)
{
    (void)state;
    for (map_seed = 0; map_seed < 3; map_seed++) {
        struct entry entries[200], *map = NULL, *found, *next;
        int seen = 0;
        for (int i = 0; i < 200; i++) {
            entries[i] = (struct entry){.id = id_make(1, (uint64_t)(i * 7919 % 200)), .value = i};
            HASH_ADD(hh, map, id, sizeof(struct id), &entries[i]);
        }
        struct id key = id_make(1, 7919 % 200), absent = id_make(2, 0);
        HASH_FIND(hh, map, &key, sizeof(key), found);
        assert_ptr_equal(found, &entries[1]);
        HASH_FIND(hh, map, &absent, sizeof(absent), found);
        assert_null(found);
        HASH_ITER(hh, map, found, next)
        assert_int_equal(found->value, seen++);
        assert_int_equal(seen, 200);
        HASH_CLEAR(hh, map);
    }
    map_seed = 0;
    unsigned before = map_hash("key", 3);
    map_seed = 1;
    assert_true(map_hash("key", 3) != before);
    map_seed = 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_id__reads_24_lower_case_hex_digits_and_nothing_else),
            cmocka_unit_test(test_id__sorts_by_creation_time),
            cmocka_unit_test(test_id__short_links_are_stable_valid_and_apart),
            cmocka_unit_test(test_hash__chain_depends_on_every_part),
            cmocka_unit_test(test_hash__is_xxh3_on_every_machine),
            cmocka_unit_test(test_map__finds_entries_and_walks_in_order_of_insertion_for_any_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
