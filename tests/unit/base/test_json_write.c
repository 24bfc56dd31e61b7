#include "core/base/json_write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "core/base/json.h"
#include "core/base/rng.h"
#include "tests/unit/base/dies.h"

static struct buf out;
static struct arena arena;

static int setup(void **state)
{
    (void)state;
    buf_init(&out, 1 << 20);
    arena_init(&arena, 4096, 1 << 24);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    buf_fini(&out);
    arena_fini(&arena);
    return 0;
}

static void assert_out(const char *want)
{
    buf_add_char(&out, '\0');
    assert_true(buf_ok(&out));
    assert_string_equal(out.ptr, want);
    buf_clear(&out);
}

static double from_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

static void test_json_write__numbers_of_rfc_8785_appendix_b(void **state)
{
    static const struct {
        uint64_t bits;
        const char *text;
    } rows[] = {
            {0x0000000000000000, "0"},
            {0x8000000000000000, "0"},
            {0x0000000000000001, "5e-324"},
            {0x8000000000000001, "-5e-324"},
            {0x7fefffffffffffff, "1.7976931348623157e+308"},
            {0xffefffffffffffff, "-1.7976931348623157e+308"},
            {0x4340000000000000, "9007199254740992"},
            {0xc340000000000000, "-9007199254740992"},
            {0x4430000000000000, "295147905179352830000"},
            {0x44b52d02c7e14af5, "9.999999999999997e+22"},
            {0x44b52d02c7e14af6, "1e+23"},
            {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
            {0x444b1ae4d6e2ef4e, "999999999999999700000"},
            {0x444b1ae4d6e2ef4f, "999999999999999900000"},
            {0x444b1ae4d6e2ef50, "1e+21"},
            {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
            {0x3eb0c6f7a0b5ed8d, "0.000001"},
            {0x41b3de4355555553, "333333333.3333332"},
            {0x41b3de4355555554, "333333333.33333325"},
            {0x41b3de4355555555, "333333333.3333333"},
            {0x41b3de4355555556, "333333333.3333334"},
            {0x41b3de4355555557, "333333333.33333343"},
            {0xbecbf647612f3696, "-0.0000033333333333333333"},
            {0x43143ff3c1cb0959, "1424953923781206.2"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_num_to(&out, from_bits(rows[i].bits));
        assert_out(rows[i].text);
    }
}

static void test_json_write__numbers_change_form_where_ecmascript_does(void **state)
{
    static const struct {
        double value;
        const char *text;
    } rows[] = {
            {1e-7, "1e-7"},
            {1.5e-7, "1.5e-7"},
            {0.1, "0.1"},
            {-1.25, "-1.25"},
            {65536, "65536"},
            {65536.5, "65536.5"},
            {123456789012345680.0, "123456789012345680"},
            {1e20, "100000000000000000000"},
            {1e22, "1e+22"},
            {9007199254740991.0, "9007199254740991"},
            {-9007199254740991.0, "-9007199254740991"},
            {100, "100"},
            {4503599627370495.5, "4503599627370495.5"},
            {DBL_MIN, "2.2250738585072014e-308"},
            {DBL_EPSILON, "2.220446049250313e-16"},
            {0x1p-44, "5.684341886080802e-14"},
            {1e300, "1e+300"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_num_to(&out, rows[i].value);
        assert_out(rows[i].text);
    }
}

static void test_json_write__every_number_reads_back_as_itself(void **state)
{
    struct rng rng;
    (void)state;
    rng_init(&rng, 1);
    for (int i = 0; i < 20000; i++) {
        double value = from_bits(i % 4 == 0 ? rng_next(&rng) & 0xfff0000000000000 : rng_next(&rng));
        if (!isfinite(value)) continue;
        json_num_to(&out, value);
        buf_add_char(&out, '\0');
        assert_true(strtod(out.ptr, NULL) == value);
        buf_clear(&out);
    }
}

static void write_infinity(void)
{
    struct buf b;
    buf_init(&b, 100);
    json_num_to(&b, (double)INFINITY);
}

static void test_json_write__infinity_is_our_bug(void **state)
{
    (void)state;
    assert_true(dies(write_infinity));
}

static void test_json_write__strings_get_the_shortest_escapes(void **state)
{
    (void)state;
    json_str_to(&out, slice_of("\0\x01\b\t\n\v\f\r\x1f \"\\/\x7f\xe2\x82\xac", 17));
    assert_out("\"\\u0000\\u0001\\b\\t\\n\\u000b\\f\\r\\u001f \\\"\\\\/\x7f\xe2\x82\xac\"");
    json_str_to(&out, slice_of(NULL, 0));
    assert_out("\"\"");
}

static void test_json_write__finds_what_wants_an_escape_at_any_place(void **state)
{
    char text[20];
    (void)state;
    for (unsigned c = 0; c < 256; c++)
        for (size_t at = 0; at < sizeof text; at++) {
            memset(text, at % 2 == 0 ? 'a' : '!', sizeof text);
            text[at] = (char)c;
            json_str_to(&out, slice_of(text, sizeof text));
            bool letter = c != 0 && strchr("\"\\\b\t\n\f\r", (int)c) != NULL;
            assert_int_equal(out.len, sizeof text + 2 + (letter ? 1 : c < 0x20 ? 5 : 0));
            assert_memory_equal(out.ptr + 1, text, at);
            assert_memory_equal(out.ptr + out.len - (sizeof text - at), text + at + 1,
                    sizeof text - at - 1);
            buf_clear(&out);
        }
}

static void test_json_write__puts_commas_and_colons_itself(void **state)
{
    struct json_out j = json_out(&out);
    (void)state;
    json_object_begin(&j);
    JSON_KEY(&j, "a");
    json_array_begin(&j);
    json_u64(&j, 1);
    json_array_begin(&j);
    json_array_end(&j);
    json_object_begin(&j);
    json_object_end(&j);
    json_nil(&j);
    json_array_end(&j);
    json_key(&j, SLICE("b\n"));
    json_bool(&j, true);
    JSON_KEY(&j, "c");
    json_id(&j, id_make(1, 2));
    JSON_KEY(&j, "d");
    json_id(&j, (struct id){{0}});
    JSON_KEY(&j, "e");
    json_raw(&j, SLICE("[1]"));
    JSON_KEY(&j, "f");
    json_num(&j, 1.5);
    JSON_KEY(&j, "g");
    json_str(&j, SLICE("x"));
    JSON_KEY(&j, "h");
    json_bool(&j, false);
    json_object_end(&j);
    assert_out("{\"a\":[1,[],{},null],\"b\\n\":true,\"c\":\"000000010000000000000002\",\"d\":null,"
               "\"e\":[1],"
               "\"f\":1.5,\"g\":\"x\",\"h\":false}");
}

static void assert_tree(const char *text, const char *want)
{
    struct json_out j = json_out(&out);
    json_t *tree = NULL;
    assert_int_equal(json_read(&arena, slice_cstr(text), &tree, NULL), ERR_OK);
    json_tree(&j, tree);
    assert_out(want);
}

static void test_json_write__trees_come_out_canonical(void **state)
{
    (void)state;
    assert_tree(" { \"b\" : [ 1.0 , 2e0, -0, -0.0, \"\\u0041\\/\" ] , \"a\" : null, \"\": true, "
                "\"aa\": false } ",
            "{\"\":true,\"a\":null,\"aa\":false,\"b\":[1,2,0,0,\"A/\"]}");
    /* RFC 8785 3.2.3: the emoji's first unit is D83D, so it comes before U+FB33, whose UTF-8 bytes
     * are smaller. */
    assert_tree("{\"\\u20ac\":1,\"\\r\":2,\"\\ufb33\":3,\"1\":4,\"\\ud83d\\ude00\":5,\"\\u0080\":6,"
                "\"\\u00f6\":7}",
            "{\"\\r\":2,\"1\":4,\"\xc2\x80\":6,\"\xc3\xb6\":7,\"\xe2\x82\xac\":1,"
            "\"\xf0\x9f\x98\x80\":5,\"\xef\xac\xb3\":3}");
}

static void test_json_write__sorts_more_members_than_fit_the_stack(void **state)
{
    struct buf text;
    (void)state;
    buf_init(&text, 10000);
    for (int i = 99; i >= 0; i--)
        buf_add_format(&text, "%s\"%02d\":%d", i == 99 ? "{" : ",", i, i);
    BUF_ADD(&text, "}");
    json_t *tree = NULL;
    struct json_out j = json_out(&out);
    assert_int_equal(json_read(&arena, buf_slice(&text), &tree, NULL), ERR_OK);
    json_tree(&j, tree);
    assert_true(slice_starts(buf_slice(&out), SLICE("{\"00\":0,\"01\":1,\"02\":2,")));
    assert_true(slice_ends(buf_slice(&out), SLICE(",\"99\":99}")));
    buf_clear(&out);
    buf_fini(&text);
}

static void test_json_write__overflow_shows_in_the_buf(void **state)
{
    struct buf small;
    (void)state;
    buf_init(&small, 8);
    struct json_out j = json_out(&small);
    json_array_begin(&j);
    json_str(&j, SLICE("too long for it"));
    json_array_end(&j);
    assert_false(buf_ok(&small));
    buf_fini(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_json_write__numbers_of_rfc_8785_appendix_b),
            cmocka_unit_test(test_json_write__numbers_change_form_where_ecmascript_does),
            cmocka_unit_test(test_json_write__every_number_reads_back_as_itself),
            cmocka_unit_test(test_json_write__infinity_is_our_bug),
            cmocka_unit_test(test_json_write__strings_get_the_shortest_escapes),
            cmocka_unit_test(test_json_write__finds_what_wants_an_escape_at_any_place),
            cmocka_unit_test(test_json_write__puts_commas_and_colons_itself),
            cmocka_unit_test(test_json_write__trees_come_out_canonical),
            cmocka_unit_test(test_json_write__sorts_more_members_than_fit_the_stack),
            cmocka_unit_test(test_json_write__overflow_shows_in_the_buf),
    };
    json_start();
    return cmocka_run_group_tests(tests, setup, teardown);
}
