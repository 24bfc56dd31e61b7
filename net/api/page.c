#include "net/api/page.h"

#include "core/base/b64.h"

#define PAGE_BYTES_MAX MIB(4)

/* Without any referrer a browser names no Origin with our own form either. */
static const char policy[] = "Content-Security-Policy: default-src 'none'; style-src 'sha256-%s'; "
                             "form-action 'self'; base-uri 'none'; frame-ancestors 'none'\r\n"
                             "Referrer-Policy: same-origin\r\n"
                             "Cross-Origin-Opener-Policy: same-origin\r\n"
                             "Cache-Control: no-store\r\n";

/* The client's own look (static/src/css/base.css), without its files: somebody who is not signed in
 * sees this. */
static const char style[] =
        ":root{color-scheme:light dark}*{box-sizing:border-box}"
        "body{margin:0;min-height:100vh;display:grid;place-content:center;padding:24px 16px 12vh;"
        "font:16px/24px system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;"
        "background:light-dark(#f5f7f5,#111513);color:light-dark(#17211c,#e6ece8)}"
        "main{width:min(480px,calc(100vw - 32px));padding:32px;border-radius:12px;"
        "background:light-dark(#fff,#1e2522);"
        "box-shadow:0 1px 2px rgb(0 0 0/20%),0 8px 32px rgb(0 0 0/8%)}"
        "main::before{content:'';display:block;width:40px;height:40px;margin-bottom:24px;"
        "border-radius:10px;background:linear-gradient(#fff,#fff) 10px 10px/5px 20px,"
        "linear-gradient(#ffd27d,#ffd27d) 17.5px 10px/5px 12px,"
        "linear-gradient(#9be0c6,#9be0c6) 25px 10px/5px 16px,#1c5d4c;background-repeat:no-repeat}"
        "h1{margin:0 0 8px;font-size:24px;line-height:32px;letter-spacing:-.015em}"
        "p{margin:0 0 16px}"
        "form{margin:24px 0 0}a{color:light-dark(#0b5a8a,#86c5f0)}ul{margin:0;padding-left:20px}"
        "small{color:light-dark(#516059,#a3b1aa)}"
        "code{padding:2px 6px;border-radius:4px;background:light-dark(#f1f4f1,#161b19);"
        "font:14px/20px ui-monospace,Menlo,Consolas,monospace}"
        "button{min-height:44px;padding:0 24px;border:0;border-radius:8px;font:inherit;"
        "font-weight:600;background:light-dark(#1c5d4c,#7fd1b4);"
        "color:light-dark(#fff,#0c211a);cursor:pointer}"
        "button:hover{filter:brightness(1.1)}"
        ":focus-visible{outline:2px solid light-dark(#0b62c4,#7db8ff);outline-offset:2px}";

void html_text(struct buf *out, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        switch (text.ptr[i]) {
        case '&': BUF_ADD(out, "&amp;"); break;
        case '<': BUF_ADD(out, "&lt;"); break;
        case '>': BUF_ADD(out, "&gt;"); break;
        case '"': BUF_ADD(out, "&quot;"); break;
        case '\'': BUF_ADD(out, "&#39;"); break;
        default: buf_add_char(out, text.ptr[i]);
        }
    }
}

/* The page around `body`, and the field lines that go with it. */
static void page_write(
        const char *title, struct slice body, struct buf *ret_fields, struct buf *ret_page)
{
    uint8_t digest[CRYPTO_SHA256_BYTES];
    struct buf hash;
    buf_init(&hash, KIB(1));
    crypto_sha256(slice_cstr(style), digest);
    b64_encode(&hash, slice_of(digest, sizeof digest));
    buf_add_char(&hash, '\0');
    buf_add_format(ret_fields, policy, hash.ptr);
    buf_fini(&hash);
    buf_add_format(ret_page,
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta "
            "name=\"viewport\" "
            "content=\"width=device-width,initial-scale=1\"><title>%s</title><style>%s</style></"
            "head><body><main>\n<h1>%s</h1>\n",
            title, style, title);
    buf_add(ret_page, body);
    BUF_ADD(ret_page, "\n</main></body></html>\n");
}

void page_answer(
        struct rest *r, int status, const char *title, struct slice fields, struct slice body)
{
    struct buf all, page;
    buf_init(&all, KIB(4));
    buf_init(&page, PAGE_BYTES_MAX);
    page_write(title, body, &all, &page);
    buf_add(&all, fields);
    rest_answer(r, status, SLICE("text/html; charset=utf-8"), buf_slice(&all), buf_slice(&page));
    buf_fini(&all);
    buf_fini(&page);
}

bool page_wanted(const struct http_request *q)
{
    struct slice list = http_field_get(q, "accept"), part;
    if (!slice_eq(q->method, SLICE("GET")) && !slice_eq(q->method, SLICE("HEAD"))) return false;
    while (slice_next(&list, ',', &part))
        if (slice_starts(slice_trim(part), SLICE("text/html"))) return true;
    return false;
}

void page_missing(struct conn *conn)
{
    struct buf fields, page;
    buf_init(&fields, KIB(4));
    buf_init(&page, PAGE_BYTES_MAX);
    page_write("There is nothing here",
            SLICE("<p>No page of this server has this address. It may be mistyped, or cut "
                  "short.</p><p><a href=\"/\">Your boards</a></p>"),
            &fields, &page);
    conn_answer(conn, &(struct http_answer){.status = err_http(ERR_NOT_FOUND),
                              .content_type = SLICE("text/html; charset=utf-8"),
                              .fields = buf_slice(&fields),
                              .body = buf_slice(&page)});
    buf_fini(&fields);
    buf_fini(&page);
}
