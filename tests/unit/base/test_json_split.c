#include "core/base/json_split.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/base/json.h"

/* What the splitter said, as text: one line an element, then the verdict. */
struct told {
    struct buf text;
    size_t refuse_at; /* lines told before fn refuses; SIZE_MAX: never */
    size_t lines;
};

static enum err tell(void *context, struct slice key, size_t index, struct slice json)
{
    struct told *told = context;
    if (told->lines == told->refuse_at) return ERR_QUOTA;
    told->lines++;
    buf_add(&told->text, key);
    if (index != SIZE_MAX) buf_add_format(&told->text, "[%zu]", index);
    BUF_ADD(&told->text, "=");
    buf_add(&told->text, json);
    BUF_ADD(&told->text, "\n");
    return ERR_OK;
}

static const struct json_split_limits limits = {.element_bytes_max = 40, .depth_max = 3};

/* The text in pieces of `piece` bytes behind a first one of `first`. */
static void split(struct told *told, struct slice text, size_t first, size_t piece)
{
    struct fault fault = {0};
    struct json_split *s = json_split_new(limits, tell, told);
    enum err err = json_split_feed(s, slice_head(text, first), &fault);
    text = slice_from(text, first < text.len ? first : text.len);
    while (text.len > 0) {
        struct slice head = slice_head(text, piece);
        err = json_split_feed(s, head, &fault);
        text = slice_from(text, head.len);
    }
    err = json_split_end(s, &fault);
    buf_add_format(&told->text, "%s %s", err_name(err), fault.wrong);
    json_split_free(s);
}

static void told_init(struct told *told, size_t refuse_at)
{
    *told = (struct told){.refuse_at = refuse_at};
    buf_init(&told->text, 10000);
}

static void assert_told(struct slice text, const char *want)
{
    struct told told;
    told_init(&told, SIZE_MAX);
    split(&told, text, text.len, 1);
    buf_add_char(&told.text, '\0');
    assert_string_equal(told.text.ptr, want);
    buf_fini(&told.text);
}

#define SAMPLE                                                                                     \
    "\xef\xbb\xbf \n{\"name\":\"B\\\"x\\\\\",\"n\" : -1.5e3 "                                      \
    ",\n\"cards\":[{\"a\":[1,{}]},\"s\xf0\x9f\x98\x80\", 12,true\n],\n"                            \
    "\"empty\":[ ],\"p\":{\"k\":\"}]\"},\"la\\u0073t\":null}\n "

static void test_json_split__hands_over_members_and_array_elements(void **state)
{
    (void)state;
    assert_told(SLICE(SAMPLE), "name=\"B\\\"x\\\\\"\nn=-1.5e3\ncards[0]={\"a\":[1,{}]}\n"
                               "cards[1]=\"s\xf0\x9f\x98\x80\"\ncards[2]=12\ncards[3]=true\n"
                               "p={\"k\":\"}]\"}\nlast=null\nok ");
    assert_told(SLICE("{}"), "ok ");
}

/* Good and broken texts; each must tell the same story however it is cut. */
#define TEXT(literal)                                                                              \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }
static const struct slice texts[] = {
        TEXT(SAMPLE),
        TEXT("{\"a\":[1,2\n,x{]}"),
        TEXT("{\"a\":\"0123456789012345678901234567890123456\"}"),
        TEXT("{\"a\":\"01234567890123456789012345678901234567\"}"),
        TEXT("{\"a\":\"012345678901234567890123456789012345678\"}"),
        TEXT("{\"a\":\"0123456789012345678901234567890123456789\x01"),
        TEXT("{\"a\":[[[[1]]]]}"),
        TEXT("{\"a\":[[[[[1]]]]]}"),
        TEXT("{\"a\":\"\xf0\x9f\x98\"}"),
        TEXT("{\"a\":\"\xed\xa0\x80\"}"),
        TEXT("{\"a\":\"\\\xc3\xa9\"}"),
        TEXT("{\"\\ud800\":1}"),
        TEXT("{\"a\":{\"b\":[1}}"),
        TEXT("{\"a\":1,}"),
        TEXT("{\"a\":[1,]}"),
        TEXT("{\"a\":1}x"),
        TEXT("{\"a\":1\n\n,\n5"),
        TEXT("\xef\xbb {"),
        TEXT("\n\xef\xbb\xbf{}"),
        TEXT("[{\"a\":1}]"),
        TEXT("{\"a\""),
        TEXT(""),
};

static void test_json_split__tells_the_same_at_every_cut(void **state)
{
    (void)state;
    for (size_t t = 0; t < sizeof(texts) / sizeof(texts[0]); t++) {
        for (size_t refuse_at = 0; refuse_at < 4; refuse_at++) {
            struct told whole, cut;
            size_t at = refuse_at == 3 ? SIZE_MAX : refuse_at;
            told_init(&whole, at);
            split(&whole, texts[t], texts[t].len, 1);
            for (size_t first = 0; first <= texts[t].len; first++) {
                for (size_t piece = 1; piece < 100; piece = piece * 3 + 1) {
                    told_init(&cut, at);
                    split(&cut, texts[t], first, piece);
                    assert_true(slice_eq(buf_slice(&cut.text), buf_slice(&whole.text)));
                    buf_fini(&cut.text);
                }
            }
            buf_fini(&whole.text);
        }
    }
}

static void test_json_split__refuses_with_line_and_column(void **state)
{
    (void)state;
    assert_told(texts[1], "a[0]=1\na[1]=2\na[2]=x\ninvalid line 2, column 3: unexpected '{'");
    assert_told(SLICE("[1]"), "invalid line 1, column 1: an array at the top");
    assert_told(SLICE("{\"a\":1}\n x"), "a=1\ninvalid line 2, column 2: unexpected 'x'");
    assert_told(SLICE("{\"a\":[1}"), "a[0]=1\ninvalid line 1, column 8: unexpected '}'");
    assert_told(SLICE("{\"a\":{\"b\":[1}}"), "invalid line 1, column 13: unexpected '}'");
    assert_told(SLICE("{\"a\":1"), "invalid line 1, column 7: the text is cut off here");
    assert_told(SLICE(""), "invalid line 1, column 1: the text is cut off here");
    assert_told(SLICE("{\"a\":\"\xff\"}"), "invalid line 1, column 7: not UTF-8");
    assert_told(SLICE("{\"a\":\"\n\"}"), "invalid line 1, column 7: unexpected byte 0x0a");
    assert_told(SLICE("{\"\\ud800\":1}"), "invalid line 1, column 10: a key with a bad escape");
    assert_told(SLICE("{\"a\":,}"), "invalid line 1, column 6: unexpected ','");
    assert_told(SLICE("{a:1}"), "invalid line 1, column 2: unexpected 'a'");
    assert_told(SLICE("{\"a\" 1}"), "invalid line 1, column 6: unexpected '1'");
}

static void test_json_split__holds_elements_up_to_the_cap(void **state)
{
    (void)state;
    assert_told(texts[3], "a=\"01234567890123456789012345678901234567\"\nok "); /* 40 bytes */
    assert_told(texts[4], "too_large line 1, column 46: an element is too long");
    assert_told(SLICE("{\"a\":[[[[1]]]]}"), "a[0]=[[[1]]]\nok ");
    assert_told(SLICE("{\"a\":[[[[[1]]]]]}"), "invalid line 1, column 10: nested too deeply");
}

static void test_json_split__bounds_keys(void **state)
{
    struct buf text;
    struct told told;
    (void)state;
    buf_init(&text, 5000);
    buf_add_format(&text, "{\"%0*d\":1}", 1025, 0);
    told_init(&told, SIZE_MAX);
    split(&told, buf_slice(&text), 1, 7);
    assert_true(slice_starts(buf_slice(&told.text), SLICE("too_large ")));
    buf_fini(&told.text);
    buf_fini(&text);
}

static void test_json_split__stops_for_good_when_an_element_is_refused(void **state)
{
    struct told told;
    struct fault fault = {.wrong = "fn's own words"};
    (void)state;
    told_init(&told, 1);
    struct json_split *s = json_split_new(limits, tell, &told);
    assert_int_equal(json_split_feed(s, SLICE("{\"a\":[1,2,3"), &fault), ERR_QUOTA);
    assert_int_equal(json_split_feed(s, SLICE("]}"), &fault), ERR_QUOTA);
    assert_int_equal(json_split_end(s, &fault), ERR_QUOTA);
    assert_string_equal(fault.wrong, "fn's own words");
    assert_int_equal(told.lines, 1);
    json_split_free(s);
    buf_fini(&told.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_json_split__hands_over_members_and_array_elements),
            cmocka_unit_test(test_json_split__tells_the_same_at_every_cut),
            cmocka_unit_test(test_json_split__refuses_with_line_and_column),
            cmocka_unit_test(test_json_split__holds_elements_up_to_the_cap),
            cmocka_unit_test(test_json_split__bounds_keys),
            cmocka_unit_test(test_json_split__stops_for_good_when_an_element_is_refused),
    };
    json_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
