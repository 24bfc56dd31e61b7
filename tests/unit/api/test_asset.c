#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/check.h"
#include "net/api/asset.h"

#define BYTES(text) { text, sizeof(text) - 1 }

static const struct asset rows[] = {
    { "/assets/a.js", "text/javascript", "aaaa", true,
            { BYTES("plain"), BYTES("gzipped"), BYTES("brotli") } },
    { "/icon.svg", "image/svg+xml", "iiii", false, { BYTES("<svg/>") } },
    { "/index.html", "text/html; charset=utf-8", "hhhh", false,
            { BYTES("<html>"), BYTES("gzipped html") } },
};

static const struct assets built = { rows, ARRAY_COUNT(rows), NULL };

static struct http_request request_with(const char *name, const char *value)
{
    struct http_request q = { .method = SLICE("GET"), .path = SLICE("/"), .field_count = 1 };
    q.fields[0] = (struct http_field){ .name = slice_cstr(name), .value = slice_cstr(value) };
    return q;
}

static bool has(const struct http_answer *answer, const char *text)
{
    return memmem(answer->fields.ptr, answer->fields.len, text, strlen(text)) != NULL;
}

static void test_asset__pages_are_the_index(void **state)
{
    (void)state;
    const char *pages[] = { "/", "/b/abcdefgh", "/b/abcdefgh/garden", "/c/abcdefgh" };
    for (size_t i = 0; i < ARRAY_COUNT(pages); i++)
        assert_ptr_equal(asset_find(&built, slice_cstr(pages[i])), &rows[2]);
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
        assert_ptr_equal(asset_find(&built, slice_cstr(rows[i].path)), &rows[i]);
}

static void test_asset__other_paths_are_not_ours(void **state)
{
    (void)state;
    const char *others[] = { "/1/boards", "/v1/link", "/assets/", "/assets/b.js", "/link/x", "/b",
        "/bb/x", "/index.html/", "/../etc/passwd", "" };
    for (size_t i = 0; i < ARRAY_COUNT(others); i++)
        assert_null(asset_find(&built, slice_cstr(others[i])));
    assert_null(asset_find(&(struct assets){ 0 }, SLICE("/")));
}

static void test_asset__prefers_br_then_gzip_then_plain(void **state)
{
    (void)state;
    static const struct {
        const char *accept;
        enum asset_coding script, icon, page;
    } cases[] = {
        { "gzip, deflate, br, zstd", ASSET_BR, ASSET_PLAIN, ASSET_GZIP },
        { "gzip", ASSET_GZIP, ASSET_PLAIN, ASSET_GZIP },
        { "GZIP;q=0.5 , br;q=0", ASSET_GZIP, ASSET_PLAIN, ASSET_GZIP },
        { "br;q=0.001", ASSET_BR, ASSET_PLAIN, ASSET_PLAIN },
        { "gzip;q=0.0", ASSET_PLAIN, ASSET_PLAIN, ASSET_PLAIN },
        { "broccoli", ASSET_PLAIN, ASSET_PLAIN, ASSET_PLAIN },
        { "", ASSET_PLAIN, ASSET_PLAIN, ASSET_PLAIN },
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct slice accept = slice_cstr(cases[i].accept);
        assert_int_equal(asset_choose(&rows[0], accept), cases[i].script);
        assert_int_equal(asset_choose(&rows[1], accept), cases[i].icon);
        assert_int_equal(asset_choose(&rows[2], accept), cases[i].page);
    }
}

static void test_asset__hashed_files_are_kept_for_ever_and_pages_asked_for_again(void **state)
{
    (void)state;
    struct http_request q = request_with("accept-encoding", "br");
    struct buf fields;
    buf_init(&fields, KIB(4));
    struct http_answer answer = asset_answer(&rows[0], &q, &fields);
    assert_int_equal(answer.status, 200);
    assert_true(slice_eq(answer.body, SLICE("brotli")));
    assert_true(has(&answer, "Content-Encoding: br\r\n"));
    assert_true(has(&answer, "Vary: Accept-Encoding\r\n"));
    assert_true(has(&answer, "immutable"));
    assert_false(has(&answer, "Content-Security-Policy"));
    buf_clear(&fields);
    answer = asset_answer(&rows[2], &q, &fields);
    assert_true(slice_eq(answer.body, SLICE("<html>")));
    assert_false(has(&answer, "Content-Encoding"));
    assert_true(has(&answer, "Cache-Control: no-cache\r\n"));
    assert_true(has(&answer, "script-src 'self';"));
    assert_true(has(&answer, "default-src 'none'"));
    assert_true(has(&answer, "require-trusted-types-for 'script'"));
    assert_true(has(&answer, "trusted-types tavla-worker\r\n"));
    buf_fini(&fields);
}

static void test_asset__a_known_tag_is_not_sent_again(void **state)
{
    (void)state;
    static const struct {
        const char *tag;
        int status;
    } cases[] = {
        { "\"hhhh\"", 304 }, { "W/\"hhhh\"", 304 }, { "\"x\", \"hhhh\"", 304 }, { "*", 304 },
        { "\"hhhh-gzip\"", 200 }, { "hhhh", 200 }, { "\"\"", 200 }, { "", 200 },
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct http_request q = request_with("if-none-match", cases[i].tag);
        struct buf fields;
        buf_init(&fields, KIB(4));
        struct http_answer answer = asset_answer(&rows[2], &q, &fields);
        assert_int_equal(answer.status, cases[i].status);
        assert_true(has(&answer, "ETag: \"hhhh\"\r\n"));
        assert_int_equal(answer.body.len, cases[i].status == 304 ? 0 : 6);
        buf_fini(&fields);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_asset__pages_are_the_index),
        cmocka_unit_test(test_asset__other_paths_are_not_ours),
        cmocka_unit_test(test_asset__prefers_br_then_gzip_then_plain),
        cmocka_unit_test(test_asset__hashed_files_are_kept_for_ever_and_pages_asked_for_again),
        cmocka_unit_test(test_asset__a_known_tag_is_not_sent_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
