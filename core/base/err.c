#include "core/base/err.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/base/check.h"
#include "core/base/json_write.h"
#include "core/base/utf.h"

#define NAME_BYTES 24

struct err_row {
    int http;
    uint16_t close;
    const char *why;
    const char *text;
};

static const struct err_row rows[ERR_COUNT] = {
#define X(name, http, close, why, text) [ERR_##name] = {http, close, why, text},
        ERR_TABLE(X)
#undef X
};

/* As in the table until names_lower, which runs before main. */
static char names[ERR_COUNT][NAME_BYTES] = {
#define X(name, http, close, why, text) [ERR_##name] = #name,
        ERR_TABLE(X)
#undef X
};

__attribute__((constructor)) static void names_lower(void)
{
    for (size_t i = 0; i < ERR_COUNT; i++) {
        for (char *c = names[i]; *c != '\0'; c++) {
            if (*c >= 'A' && *c <= 'Z') *c = (char)(*c + ('a' - 'A'));
        }
    }
}

static const struct err_row *row_of(enum err e)
{
    CHECK((unsigned)e < ERR_COUNT);
    return &rows[e];
}

int err_http(enum err e)
{
    return row_of(e)->http;
}

uint16_t err_close(enum err e)
{
    return row_of(e)->close;
}

const char *err_why(enum err e)
{
    return row_of(e)->why;
}

const char *err_text(enum err e)
{
    return row_of(e)->text;
}

const char *err_name(enum err e)
{
    CHECK((unsigned)e < ERR_COUNT);
    return names[e];
}

/* Texts may quote what a peer sent, cut by printf in the middle of a character; they leave as JSON,
 * so they must be valid UTF-8 all the same. */
static void copy_cut(char *to, size_t bytes, const char *from)
{
    struct slice head = utf_head(slice_cstr(from), bytes - 1);
    bool valid = utf_valid(head);
    for (size_t i = 0; i < head.len; i++)
        to[i] = valid || (uint8_t)head.ptr[i] < 0x80 ? head.ptr[i] : '?';
    to[head.len] = '\0';
}

enum err fault_set(
        struct fault *f, enum err err, const char *field, const char *wrong, const char *expected)
{
    if (f == NULL) return err;
    f->err = err;
    copy_cut(f->field, sizeof(f->field), field);
    copy_cut(f->wrong, sizeof(f->wrong), wrong);
    copy_cut(f->expected, sizeof(f->expected), expected);
    return err;
}

enum err fault_setf(struct fault *f, enum err err, const char *field, const char *expected,
        const char *wrong_format, ...)
{
    char wrong[2 * FAULT_TEXT_MAX]; /* more than is kept: the cut sees whole characters */
    va_list args;
    if (f == NULL) return err;
    va_start(args, wrong_format);
    vsnprintf(wrong, sizeof(wrong), wrong_format, args);
    va_end(args);
    return fault_set(f, err, field, wrong, expected);
}

static void member(struct json_out *j, struct slice key, const char *value)
{
    if (value[0] == '\0') return;
    json_key(j, key);
    json_str(j, slice_cstr(value));
}

void fault_json(const struct fault *f, struct buf *out)
{
    struct json_out j = json_out(out);
    json_object_begin(&j);
    member(&j, SLICE("why"), err_why(f->err));
    member(&j, SLICE("field"), f->field);
    member(&j, SLICE("wrong"), f->wrong);
    member(&j, SLICE("expected"), f->expected);
    member(&j, SLICE("msg"), err_text(f->err));
    json_object_end(&j);
}

void fault_text(const struct fault *f, struct buf *out)
{
    if (f->field[0] != '\0') {
        buf_add(out, slice_cstr(f->field));
        BUF_ADD(out, ": ");
    }
    if (f->wrong[0] == '\0' && f->expected[0] == '\0') buf_add(out, slice_cstr(err_text(f->err)));
    buf_add(out, slice_cstr(f->wrong));
    if (f->expected[0] != '\0') {
        if (f->wrong[0] != '\0') BUF_ADD(out, "; ");
        BUF_ADD(out, "expected ");
        buf_add(out, slice_cstr(f->expected));
    }
}
