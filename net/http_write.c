/* http_write.c - the bytes of a response's head and of chunks. */
#include "net/http.h"

#include <inttypes.h>

#include "core/base/check.h"

const char *http_reason(int status)
{
    static const struct {
        int status;
        const char *reason;
    } rows[] = {
            {100, "Continue"},
            {101, "Switching Protocols"},
            {200, "OK"},
            {201, "Created"},
            {202, "Accepted"},
            {204, "No Content"},
            {206, "Partial Content"},
            {301, "Moved Permanently"},
            {302, "Found"},
            {303, "See Other"},
            {304, "Not Modified"},
            {307, "Temporary Redirect"},
            {308, "Permanent Redirect"},
            {400, "Bad Request"},
            {401, "Unauthorized"},
            {403, "Forbidden"},
            {404, "Not Found"},
            {405, "Method Not Allowed"},
            {406, "Not Acceptable"},
            {408, "Request Timeout"},
            {409, "Conflict"},
            {410, "Gone"},
            {411, "Length Required"},
            {412, "Precondition Failed"},
            {413, "Content Too Large"},
            {414, "URI Too Long"},
            {415, "Unsupported Media Type"},
            {416, "Range Not Satisfiable"},
            {417, "Expectation Failed"},
            {422, "Unprocessable Content"},
            {426, "Upgrade Required"},
            {428, "Precondition Required"},
            {429, "Too Many Requests"},
            {431, "Request Header Fields Too Large"},
            {500, "Internal Server Error"},
            {501, "Not Implemented"},
            {502, "Bad Gateway"},
            {503, "Service Unavailable"},
            {504, "Gateway Timeout"},
            {505, "HTTP Version Not Supported"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        if (rows[i].status == status) return rows[i].reason;
    }
    return "Status";
}

/* Days to a date by the era method: 400-year eras of 146,097 days that start on March 1st. */
void http_date_format(int64_t unix_ms, char ret_text[HTTP_DATE_TEXT + 1])
{
    static const char week[] = "ThuFriSatSunMonTueWed";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    CHECK(unix_ms >= 0 && unix_ms < 253402300800000); /* years 1970-9999 */
    int64_t seconds = unix_ms / 1000;
    int64_t days = seconds / 86400;
    int64_t z = days + 719468;
    int64_t era = z / 146097;
    int64_t day_of_era = z - era * 146097;
    int64_t year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t m = (5 * day_of_year + 2) / 153;
    int64_t day = day_of_year - (153 * m + 2) / 5 + 1;
    int64_t month = m < 10 ? m + 3 : m - 9;
    int64_t year = year_of_era + era * 400 + (month <= 2);
    int64_t time = seconds % 86400;
    char text[64];
    int len = snprintf(text, sizeof(text),
            "%.3s, %02" PRId64 " %.3s %04" PRId64 " %02" PRId64 ":%02" PRId64 ":%02" PRId64 " GMT",
            week + days % 7 * 3, day, months + (month - 1) * 3, year, time / 3600, time / 60 % 60,
            time % 60);
    CHECK(len == HTTP_DATE_TEXT);
    memcpy(ret_text, text, HTTP_DATE_TEXT + 1);
}

static bool is_field_value(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f) return false;
    }
    return true;
}

bool http_field_add(struct buf *out, const char *name, struct slice value)
{
    if (!is_field_value(value)) {
        out->failed = true;
        return false;
    }
    buf_add(out, slice_cstr(name));
    BUF_ADD(out, ": ");
    buf_add(out, value);
    return BUF_ADD(out, "\r\n");
}

static bool has_content(int status)
{
    return status >= 200 && status != 204 && status != 304;
}

bool http_write_head(struct buf *out, int status, const struct http_response_head *h)
{
    CHECK(status >= 100 && status <= 599);
    CHECK(!(h->until_close && (h->keep_alive || h->chunked)));
    CHECK(h->fields.len == 0 || slice_ends(h->fields, SLICE("\r\n")));
    buf_add_format(out, "HTTP/1.1 %d %s\r\n", status, http_reason(status));
    if (h->date.len > 0) http_field_add(out, "Date", h->date);
    if (has_content(status)) {
        if (h->content_type != NULL)
            http_field_add(out, "Content-Type", slice_cstr(h->content_type));
        if (h->chunked) {
            BUF_ADD(out, "Transfer-Encoding: chunked\r\n");
        } else if (!h->until_close) {
            buf_add_format(out, "Content-Length: %" PRIu64 "\r\n", h->content_length);
        }
    }
    BUF_ADD(out, "X-Content-Type-Options: nosniff\r\n");
    buf_add(out,
            h->keep_alive ? SLICE("Connection: keep-alive\r\n") : SLICE("Connection: close\r\n"));
    buf_add(out, h->fields);
    return BUF_ADD(out, "\r\n") && buf_ok(out);
}

bool http_chunk_add(struct buf *out, struct slice bytes)
{
    if (bytes.len == 0) return buf_ok(out);
    buf_add_format(out, "%zx\r\n", bytes.len);
    buf_add(out, bytes);
    return BUF_ADD(out, "\r\n");
}

bool http_chunk_end(struct buf *out)
{
    return BUF_ADD(out, "0\r\n\r\n");
}

bool http_write_continue(struct buf *out)
{
    return BUF_ADD(out, "HTTP/1.1 100 Continue\r\n\r\n");
}

bool http_write_fault(struct buf *out, const struct fault *f, struct slice date)
{
    struct buf body;
    buf_init(&body, KIB(8));
    fault_json(f, &body);
    CHECK(buf_ok(&body)); /* a fault's texts are short, even when every byte is escaped */
    struct http_response_head head = {
            .content_type = "application/json; charset=utf-8",
            .content_length = body.len,
            .date = date,
    };
    http_write_head(out, err_http(f->err), &head);
    buf_add(out, buf_slice(&body));
    buf_fini(&body);
    return buf_ok(out);
}
