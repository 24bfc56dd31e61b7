#include "core/base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <time.h>

#include "core/base/metric.h"
#include "core/base/utf.h"

static char last[2000];
static int lines;

static void sink(enum log_level level, struct slice line)
{
    (void)level;
    lines++;
    memcpy(last, line.ptr, line.len);
    last[line.len] = '\0';
}

/* Begins a second of the wall clock, so that a burst falls into one. */
static void next_second(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    struct timespec rest = {.tv_nsec = 999999999 - now.tv_nsec};
    nanosleep(&rest, NULL);
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static void test_log__writes_time_level_event_and_values(void **state)
{
    (void)state;
    log_start(sink, LOG_INFO);
    lines = 0;
    log_debug("hidden", "n=%d", 1);
    assert_int_equal(lines, 0);
    log_warn("disk_full", "bytes=%d path=%s", 12, "x");
    assert_int_equal(lines, 1);
    assert_string_equal(last + 24, " warn disk_full bytes=12 path=x\n");
    assert_true(last[23] == 'Z' && last[10] == 'T');
    log_start(NULL, LOG_INFO);
    log_error("nobody", "n=%d", 1);
    assert_int_equal(lines, 1);
}

static void test_log__no_value_can_forge_a_line(void **state)
{
    char quoted[40];
    (void)state;
    log_start(sink, LOG_INFO);
    log_info("x", "a=%s", "b\n2026 error forged\x1b[2J");
    assert_string_equal(last + 24, " info x a=b?2026 error forged?[2J\n");
    assert_string_equal(log_quote(SLICE("a\"b\\\n\x7f\xc3\xa9"), quoted, sizeof(quoted)),
            "\"a\\\"b\\\\\\x0a\\x7f\xc3\xa9\"");
    assert_string_equal(log_quote(SLICE("\xff"), quoted, sizeof(quoted)), "\"\\xff\"");
    char large[3000];
    memset(large, 'y', sizeof(large));
    log_info("x", "%.*s", (int)sizeof(large), large);
    assert_int_equal(last[strlen(last) - 1], '\n');
    assert_true(strlen(last) <= 1024);
}

static void test_log_quote__cuts_to_what_fits_between_characters(void **state)
{
    char quoted[20];
    (void)state;
    for (size_t bytes = 3; bytes <= sizeof(quoted); bytes++) {
        log_quote(SLICE("a\xf0\x9f\x98\x80\n\xc3\xa9"
                        "bcdefghijkl"),
                quoted, bytes);
        size_t len = strlen(quoted);
        assert_true(len < bytes && quoted[0] == '"' && quoted[len - 1] == '"' && len >= 2);
        assert_true(utf_valid(slice_cstr(quoted)));
    }
}

static void test_log__drops_above_100_lines_a_second_and_says_how_many(void **state)
{
    (void)state;
    log_start(sink, LOG_INFO);
    next_second();
    lines = 0;
    for (int i = 0; i < 150; i++)
        log_info("burst", "i=%d", i);
    assert_int_equal(lines, 100);
    next_second();
    log_info("after", "n=%d", 1);
    assert_string_equal(last + 24, " info after suppressed=50 n=1\n");
    log_info("after", "n=%d", 2);
    assert_string_equal(last + 24, " info after n=2\n");
}

static void test_metric__renders_every_row_for_prometheus(void **state)
{
    struct buf out;
    size_t rows = 0;
    (void)state;
    buf_init(&out, 100000);
    metric_add(METRIC_connections, 5);
    metric_sub(METRIC_connections, 2);
    metric_render(&out);
    assert_true(buf_ok(&out));
    assert_true(slice_starts(
            buf_slice(&out), SLICE("# HELP tavla_connections open connections\n"
                                   "# TYPE tavla_connections gauge\ntavla_connections 3\n")));
    for (struct slice rest = buf_slice(&out), line; slice_cut(&rest, '\n', &line);)
        rows += line.ptr[0] == '#' ? 0 : 1;
    assert_int_equal(rows, METRIC_COUNT);
    buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_log__writes_time_level_event_and_values),
            cmocka_unit_test(test_log__no_value_can_forge_a_line),
            cmocka_unit_test(test_log_quote__cuts_to_what_fits_between_characters),
            cmocka_unit_test(test_log__drops_above_100_lines_a_second_and_says_how_many),
            cmocka_unit_test(test_metric__renders_every_row_for_prometheus),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
