#include "core/base/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/blob.h"
#include "core/base/bucket.h"
#include "core/base/rng.h"
#include "tests/unit/base/dies.h"

static void test_date__formats_and_reads_back(void **state)
{
    static const struct {
        int64_t ms;
        const char *text;
    } rows[] = {
            {0, "1970-01-01T00:00:00.000Z"},
            {-1, "1969-12-31T23:59:59.999Z"},
            {1795166100000, "2026-11-20T09:15:00.000Z"},
            {951782400000, "2000-02-29T00:00:00.000Z"},
            {253402300799999, "9999-12-31T23:59:59.999Z"},
            {-62167219200000, "0000-01-01T00:00:00.000Z"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[DATE_TEXT + 1];
        int64_t ms = 7;
        date_format(rows[i].ms, text);
        assert_string_equal(text, rows[i].text);
        assert_true(date_parse(slice_cstr(text), &ms) && ms == rows[i].ms);
    }
}

static void test_date__every_day_of_four_centuries_survives(void **state)
{
    char text[DATE_TEXT + 1], last[DATE_TEXT + 1] = "";
    (void)state;
    for (int64_t day = -100000; day < 60000; day++) {
        int64_t ms;
        date_format(day * 86400000, text);
        assert_true(date_parse(slice_of(text, 10), &ms) && ms == day * 86400000);
        assert_true(strcmp(text, last) > 0);
        memcpy(last, text, sizeof(last));
    }
}

static void test_date__accepts_the_short_forms_and_offsets(void **state)
{
    static const char *same[] = {"2026-11-20T09:15", "2026-11-20T09:15Z", "2026-11-20T09:15:00",
            "2026-11-20T09:15:00.0Z", "2026-11-20T10:15:00+01:00", "2026-11-20T03:45:00.000-05:30",
            "2026-11-20T09:15:00.0009Z"};
    int64_t ms;
    (void)state;
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
        assert_true(date_parse(slice_cstr(same[i]), &ms) && ms == 1795166100000);
    assert_true(date_parse(SLICE("2026-11-20T09:15:00.25Z"), &ms) && ms == 1795166100250);
}

static void test_date__refuses_everything_else(void **state)
{
    static const char *bad[] = {"", "2026", "2026-11", "2026-13-01", "2026-00-01", "2026-02-29",
            "2100-02-29", "2026-04-31", "2026-11-20T", "2026-11-20T24:00", "2026-11-20T09:60",
            "2026-11-20T09:15:60", "2026-11-20T09:15:00.Z", "2026-11-20T09:15:00+0100",
            "2026-11-20T09:15:00Zx", "2026-11-20 09:15", "26-11-20", "2026-1-2", "x",
            "2026-11-20T09:15:00+24:00", "0000-01-01T00:00+01:00", "9999-12-31T23:59-01:00",
            "2026-11-20Z"};
    int64_t ms = 7;
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(date_parse(slice_cstr(bad[i]), &ms));
    assert_int_equal(ms, 7);
}

static void year_10000(void)
{
    char text[DATE_TEXT + 1];
    date_format(253402300800000, text);
}

static void test_date__a_year_of_five_digits_is_our_bug(void **state)
{
    (void)state;
    assert_true(dies(year_10000));
}

static void test_bucket__gives_the_burst_then_the_rate(void **state)
{
    const struct bucket_rate rate = {.per_second = 50, .burst = 200};
    struct bucket b;
    int taken = 0;
    (void)state;
    bucket_init(&b, rate, 1000);
    while (bucket_take(&b, rate, 1000))
        taken++;
    assert_int_equal(taken, 200);
    assert_int_equal(bucket_wait_ms(&b, rate, 1000), 20);
    assert_false(bucket_take(&b, rate, 1019));
    assert_int_equal(bucket_wait_ms(&b, rate, 1019), 1);
    assert_true(bucket_take(&b, rate, 1020));
    assert_false(bucket_take(&b, rate, 1020));
    for (int64_t ms = 1021; ms <= 11020; ms++)
        taken += bucket_take(&b, rate, ms) ? 1 : 0;
    assert_int_equal(taken, 200 + 500);
    taken = 0;
    while (bucket_take(&b, rate, 3600000))
        taken++;
    assert_int_equal(taken, 200); /* an hour of silence saves up no more than the burst */
    assert_int_equal(bucket_wait_ms(&b, rate, INT64_MAX), 0); /* full, not overflowed */
    assert_false(bucket_take(&b, rate, 5)); /* a clock that went back gives nothing */
}

static void test_rng__is_the_published_sequence_and_repeats_by_seed(void **state)
{
    struct rng r = {.state = {1, 2, 3, 4}};
    int hits = 0;
    (void)state;
    assert_true(rng_next(&r) == 11520);
    assert_true(rng_next(&r) == 0);
    assert_true(rng_next(&r) == 1509978240);
    assert_true(rng_next(&r) == 1215971899390074240);
    struct rng a, b;
    rng_init(&a, 0);
    rng_init(&b, 0);
    assert_true(rng_next(&a) == rng_next(&b) && a.state[0] != 0);
    for (int i = 0; i < 10000; i++) {
        assert_true(rng_below(&a, 7) < 7);
        hits += rng_chance(&a, 30) ? 1 : 0;
    }
    assert_in_range(hits, 2700, 3300);
    assert_true(rng_below(&a, 1) == 0);
}

static void test_blob__lives_until_the_last_reference(void **state)
{
    struct blob *b = blob_copy(SLICE("shared"));
    (void)state;
    assert_ptr_equal(blob_ref(b), b);
    assert_null(blob_unref(b));
    assert_true(slice_eq(
            blob_slice(b), SLICE("shared"))); /* the sanitizer would tell if it were gone */
    assert_null(blob_unref(b));
    assert_null(blob_unref(NULL));
    b = blob_new(0);
    assert_int_equal(blob_slice(b).len, 0);
    blob_unref(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_date__formats_and_reads_back),
            cmocka_unit_test(test_date__every_day_of_four_centuries_survives),
            cmocka_unit_test(test_date__accepts_the_short_forms_and_offsets),
            cmocka_unit_test(test_date__refuses_everything_else),
            cmocka_unit_test(test_date__a_year_of_five_digits_is_our_bug),
            cmocka_unit_test(test_bucket__gives_the_burst_then_the_rate),
            cmocka_unit_test(test_rng__is_the_published_sequence_and_repeats_by_seed),
            cmocka_unit_test(test_blob__lives_until_the_last_reference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
