/* Which files are shown by themselves, and under what names files are kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/check.h"
#include "net/api/file_type.h"

#define IS(bytes, type) {{"" bytes, sizeof(bytes) - 1}, type}

static void test_file_type__is_told_by_the_first_bytes(void **state)
{
    static const struct {
        struct slice first;
        const char *type; /* NULL: not one of them */
    } cases[] = {
            IS("\x89PNG\r\n\x1a\n....", "image/png"),
            IS("\xff\xd8\xff\xe0", "image/jpeg"),
            IS("GIF89a", "image/gif"),
            IS("GIF87a", "image/gif"),
            IS("RIFF....WEBPVP8 ", "image/webp"),
            IS("....ftypavif", "image/avif"),
            IS("\x89PNG\r\n\x1a", NULL),
            IS("GIF88a", NULL),
            IS("RIFF....AVI ", NULL),
            IS("XIFF....WEBP", NULL),
            IS("....ftypmp42", NULL),
            IS("<svg xmlns=", NULL),
            IS("%PDF-1.7", NULL),
            IS("", NULL),
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct slice type = file_image_type(cases[i].first);
        if (cases[i].type == NULL)
            assert_null(type.ptr);
        else
            assert_true(slice_eq(type, slice_cstr(cases[i].type)));
    }
}

static void claim_is(const char *claimed, struct slice first, const char *want)
{
    struct slice type = file_claimed_type(slice_cstr(claimed), first);
    if (!slice_eq(type, slice_cstr(want))) fail_msg("%s: %.*s", claimed, SLICE_ARG(type));
}

static void test_file_type__a_claim_makes_no_image(void **state)
{
    (void)state;
    claim_is("text/plain; charset=utf-8", SLICE("abc"), "text/plain");
    claim_is("application/vnd.ms-excel", SLICE("abc"), "application/vnd.ms-excel");
    claim_is("text/html", SLICE("GIF89a"), "image/gif");
    claim_is("IMAGE/PNG", SLICE("<html>"), "");
    claim_is("image/svg+xml", SLICE("<svg>"), "image/svg+xml"); /* never shown by itself */
    claim_is("a/b/c", SLICE(""), "");
    claim_is("text", SLICE(""), "");
    claim_is("text/", SLICE(""), "");
    claim_is("text/pl ain", SLICE(""), "");
    claim_is("text/pl\r\nX: y", SLICE(""), "");
    claim_is("", SLICE(""), "");
}

static void name_is(const char *name, size_t bytes_max, const char *want)
{
    char scratch[300];
    struct slice clean = file_name_clean(slice_cstr(name), scratch, bytes_max);
    if (!slice_eq(clean, slice_cstr(want))) fail_msg("%s: %.*s", name, SLICE_ARG(clean));
}

static void test_file_name__has_no_path_and_no_control_characters(void **state)
{
    (void)state;
    name_is("plan.png", 255, "plan.png");
    name_is("../../etc/passwd", 255, "passwd");
    name_is("C:\\a\\b.txt", 255, "b.txt");
    name_is("a\r\nb\t\x7f.txt", 255, "a__b__.txt");
    name_is(" \xc3\xa4 ", 255, "\xc3\xa4");
    name_is("a\xc3\xa4", 2, "a"); /* no half of a character */
    name_is("a\xff", 255, "file");
    name_is("..", 255, "file");
    name_is("a/", 255, "file");
    name_is("", 255, "file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_file_type__is_told_by_the_first_bytes),
            cmocka_unit_test(test_file_type__a_claim_makes_no_image),
            cmocka_unit_test(test_file_name__has_no_path_and_no_control_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
