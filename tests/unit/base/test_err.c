#include "core/base/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/utf.h"

static void assert_holds(const struct buf *b, const char *want)
{
    assert_true(slice_eq(buf_slice(b), slice_cstr(want)));
}

static void test_err__rows_answer_with_status_close_code_and_name(void **state)
{
    (void)state;
    assert_int_equal(err_http(ERR_GONE_POSITION), 410);
    assert_int_equal(err_close(ERR_TOO_LARGE), 1009);
    assert_string_equal(err_why(ERR_STALE), "stale");
    assert_string_equal(err_name(ERR_NOT_FOUND), "not_found");
    assert_string_equal(err_text(ERR_NOT_FOUND), "The requested resource was not found.");
    for (unsigned e = 1; e < ERR_COUNT; e++) {
        assert_true(err_http(e) >= 400 && err_http(e) < 600);
        assert_true(err_close(e) >= 1000 && err_close(e) < 5000);
        assert_true(err_why(e)[0] != '\0' && err_text(e)[0] != '\0');
    }
}

static void test_fault__reads_as_one_line_and_as_json(void **state)
{
    struct fault f;
    struct buf out;
    (void)state;
    buf_init(&out, 1000);
    assert_int_equal(
            fault_setf(&f, ERR_INVALID, "pos", "a positive number", "is \"%s\"", "x"), ERR_INVALID);
    fault_text(&f, &out);
    assert_holds(&out, "pos: is \"x\"; expected a positive number");
    buf_clear(&out);
    fault_json(&f, &out);
    assert_holds(&out, "{\"why\":\"invalid\",\"field\":\"pos\",\"wrong\":\"is \\\"x\\\"\","
                       "\"expected\":\"a positive number\",\"msg\":\"the request is not of the "
                       "expected form\"}");
    fault_set(&f, ERR_BUSY, "", "", "");
    buf_clear(&out);
    fault_text(&f, &out);
    assert_holds(&out, "the server is busy; try again later");
    buf_clear(&out);
    fault_json(&f, &out);
    assert_holds(&out, "{\"why\":\"quota\",\"msg\":\"the server is busy; try again later\"}");
    buf_fini(&out);
}

static void test_fault__cuts_long_texts_between_characters(void **state)
{
    struct fault f;
    char text[600] = "x";
    (void)state;
    for (size_t i = 0; i < 290; i++)
        memcpy(text + 1 + 2 * i, "\xc3\xa9", 2);
    fault_set(&f, ERR_INVALID, text, text, text);
    assert_true(utf_valid(slice_cstr(f.field)) && strlen(f.field) >= sizeof(f.field) - 2);
    assert_true(utf_valid(slice_cstr(f.wrong)) && strlen(f.wrong) >= sizeof(f.wrong) - 2);
    assert_true(utf_valid(slice_cstr(f.expected)));
}

static void test_fault__never_holds_invalid_utf_8(void **state)
{
    struct fault f;
    (void)state;
    fault_set(&f, ERR_INVALID, "", "near '\xff\xc3'", "");
    assert_string_equal(f.wrong, "near '\?\?'");
}

static void test_fault__may_be_absent(void **state)
{
    (void)state;
    assert_int_equal(fault_set(NULL, ERR_RATE, "a", "b", "c"), ERR_RATE);
    assert_int_equal(fault_setf(NULL, ERR_RATE, "a", "b", "%d", 1), ERR_RATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_err__rows_answer_with_status_close_code_and_name),
            cmocka_unit_test(test_fault__reads_as_one_line_and_as_json),
            cmocka_unit_test(test_fault__cuts_long_texts_between_characters),
            cmocka_unit_test(test_fault__never_holds_invalid_utf_8),
            cmocka_unit_test(test_fault__may_be_absent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
