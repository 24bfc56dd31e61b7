#include "net/api/page.h"

#include "core/base/b64.h"

#define PAGE_BYTES_MAX MIB(4)

/* Without any referrer a browser names no Origin with our own form either. */
static const char policy[] = "Content-Security-Policy: default-src 'none'; style-src 'sha256-%s'; "
                             "form-action 'self'; base-uri 'none'; frame-ancestors 'none'\r\n"
                             "Referrer-Policy: same-origin\r\n"
                             "Cross-Origin-Opener-Policy: same-origin\r\n"
                             "Cache-Control: no-store\r\n";

static const char style[] =
        "body{margin:0;font:16px/1.5 system-ui,sans-serif;background:#f4f5f7;color:#172b4d}"
        "main{max-width:36rem;margin:12vh "
        "auto;padding:2rem;background:#fff;border-radius:12px;box-shadow:0 1px 4px #091e4240}"
        "h1{margin:0 0 "
        "1rem;font-size:1.5rem}a{color:#0c66e4}ul{padding-left:1.2rem}small{color:#626f86}"
        "button{font:inherit;padding:.6rem "
        "1.4rem;border:0;border-radius:8px;background:#0c66e4;color:#fff;cursor:pointer}"
        "@media(prefers-color-scheme:dark){body{background:#161a1d;color:#c7d1db}main{background:#"
        "22272b}a{color:#579dff}}";

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

void page_answer(
        struct rest *r, int status, const char *title, struct slice fields, struct slice body)
{
    uint8_t digest[CRYPTO_SHA256_BYTES];
    struct buf hash, all, page;
    buf_init(&hash, KIB(1));
    buf_init(&all, KIB(4));
    buf_init(&page, PAGE_BYTES_MAX);
    crypto_sha256(slice_cstr(style), digest);
    b64_encode(&hash, slice_of(digest, sizeof digest));
    buf_add_char(&hash, '\0');
    buf_add_format(&all, policy, hash.ptr);
    buf_add(&all, fields);
    buf_add_format(&page,
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta "
            "name=\"viewport\" "
            "content=\"width=device-width,initial-scale=1\"><title>%s</title><style>%s</style></"
            "head><body><main>\n<h1>%s</h1>\n",
            title, style, title);
    buf_add(&page, body);
    BUF_ADD(&page, "\n</main></body></html>\n");
    rest_answer(r, status, SLICE("text/html; charset=utf-8"), buf_slice(&all), buf_slice(&page));
    buf_fini(&hash);
    buf_fini(&all);
    buf_fini(&page);
}
