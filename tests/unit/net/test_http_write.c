/* What our responses say, and what a value can never do to them. */
#include "tests/unit/net/cut.h"

#include "net/http.h"

static struct buf out;

static int setup(void **state)
{
    (void)state;
    buf_init(&out, KIB(8));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    buf_fini(&out);
    return 0;
}

static void assert_text(const char *want)
{
    buf_add_char(&out, 0);
    assert_string_equal(out.ptr, want);
}

static void test_a_head__has_length_type_and_nosniff(void **state)
{
    (void)state;
    struct http_response_head h = {.content_type = "text/html",
            .content_length = 12,
            .keep_alive = true,
            .date = SLICE("Fri, 20 Nov 2026 09:15:00 GMT"),
            .fields = SLICE("ETag: \"1\"\r\n")};
    assert_true(http_write_head(&out, 200, &h));
    assert_text(
            "HTTP/1.1 200 OK\r\nDate: Fri, 20 Nov 2026 09:15:00 GMT\r\nContent-Type: text/html\r\n"
            "Content-Length: 12\r\nX-Content-Type-Options: nosniff\r\nConnection: "
            "keep-alive\r\nETag: \"1\"\r\n\r\n");
}

static void test_a_head_without_content__has_no_length(void **state)
{
    (void)state;
    struct http_response_head h = {.content_type = "text/html", .keep_alive = true};
    assert_true(http_write_head(&out, 304, &h));
    assert_true(http_write_head(&out, 204, &h));
    assert_text("HTTP/1.1 304 Not Modified\r\nX-Content-Type-Options: nosniff\r\nConnection: "
                "keep-alive\r\n\r\n"
                "HTTP/1.1 204 No Content\r\nX-Content-Type-Options: nosniff\r\nConnection: "
                "keep-alive\r\n\r\n");
}

static void test_an_empty_answer__still_states_its_length(void **state)
{
    (void)state;
    struct http_response_head h = {.keep_alive = true};
    assert_true(http_write_head(&out, 404, &h));
    assert_text("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nX-Content-Type-Options: nosniff\r\n"
                "Connection: keep-alive\r\n\r\n");
}

static void test_chunks__are_hex_sized_and_never_empty(void **state)
{
    (void)state;
    struct http_response_head h = {.content_type = "text/plain", .chunked = true};
    assert_true(http_write_head(&out, 200, &h));
    assert_true(http_chunk_add(&out, SLICE("0123456789abcdef")));
    assert_true(http_chunk_add(&out, SLICE("")));
    assert_true(http_chunk_end(&out));
    assert_text("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n"
                "X-Content-Type-Options: nosniff\r\nConnection: "
                "close\r\n\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n");
}

static void test_a_stream_until_close__has_neither_length_nor_chunks(void **state)
{
    (void)state;
    struct http_response_head h = {.content_type = "text/event-stream", .until_close = true};
    assert_true(http_write_head(&out, 200, &h));
    assert_text("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nX-Content-Type-Options: "
                "nosniff\r\n"
                "Connection: close\r\n\r\n");
}

static void test_a_value_with_control_bytes__writes_nothing(void **state)
{
    (void)state;
    static const struct slice values[] = {BYTES("a\r\nSet-Cookie: x"), BYTES("a\n"), BYTES("\r"),
            BYTES("a\0b"), BYTES("\x1b[2J"), BYTES("\x7f")};
    for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
        buf_clear(&out);
        assert_false(http_field_add(&out, "Location", values[i]));
        assert_false(buf_ok(&out));
        assert_int_equal(out.len, 0);
    }
    buf_clear(&out);
    assert_true(http_field_add(&out, "Location", SLICE("/a?b=\xc3\xa9\t")));
    assert_text("Location: /a?b=\xc3\xa9\t\r\n");
}

static void test_a_full_buffer__is_reported(void **state)
{
    (void)state;
    struct buf small;
    buf_init(&small, 40);
    struct http_response_head h = {.keep_alive = true};
    assert_false(http_write_head(&small, 200, &h));
    buf_fini(&small);
}

static void test_a_fault__becomes_a_whole_closing_answer(void **state)
{
    (void)state;
    struct fault f;
    fault_set(&f, ERR_HEAD_TOO_LARGE, "header", "is \"large\"", "less");
    assert_true(http_write_fault(&out, &f, SLICE("")));
    buf_add_char(&out, 0);
    const char *body = strstr(out.ptr, "\r\n\r\n");
    assert_non_null(body);
    body += 4;
    char length[40];
    snprintf(length, sizeof(length), "Content-Length: %zu\r\n", strlen(body));
    assert_non_null(strstr(out.ptr, length));
    assert_non_null(strstr(out.ptr, "HTTP/1.1 431 Request Header Fields Too Large\r\n"));
    assert_non_null(strstr(out.ptr, "Connection: close\r\n"));
    assert_non_null(strstr(body, "\"wrong\":\"is \\\"large\\\"\""));
}

static void test_dates__are_written_as_the_calendar_has_them(void **state)
{
    (void)state;
    static const struct {
        int64_t seconds;
        const char *want;
    } rows[] = {
            {0, "Thu, 01 Jan 1970 00:00:00 GMT"},
            {784111777, "Sun, 06 Nov 1994 08:49:37 GMT"},
            {951782400, "Tue, 29 Feb 2000 00:00:00 GMT"},
            {951868800, "Wed, 01 Mar 2000 00:00:00 GMT"},
            {1735689599, "Tue, 31 Dec 2024 23:59:59 GMT"},
            {1795166100, "Fri, 20 Nov 2026 09:15:00 GMT"},
            {4107542400, "Mon, 01 Mar 2100 00:00:00 GMT"},
            {253402300799, "Fri, 31 Dec 9999 23:59:59 GMT"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char text[HTTP_DATE_TEXT + 1];
        http_date_format(rows[i].seconds * 1000 + 999, text);
        assert_string_equal(text, rows[i].want);
    }
}

static void test_every_error_of_the_table__has_a_reason(void **state)
{
    (void)state;
    for (int e = 0; e < ERR_COUNT; e++) {
        assert_string_not_equal(http_reason(err_http((enum err)e)), "Status");
    }
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
            CASE(test_a_head__has_length_type_and_nosniff),
            CASE(test_a_head_without_content__has_no_length),
            CASE(test_an_empty_answer__still_states_its_length),
            CASE(test_chunks__are_hex_sized_and_never_empty),
            CASE(test_a_stream_until_close__has_neither_length_nor_chunks),
            CASE(test_a_value_with_control_bytes__writes_nothing),
            CASE(test_a_full_buffer__is_reported),
            CASE(test_a_fault__becomes_a_whole_closing_answer),
            CASE(test_dates__are_written_as_the_calendar_has_them),
            CASE(test_every_error_of_the_table__has_a_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
