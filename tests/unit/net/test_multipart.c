/* Forms in parts: what comes out, and what is refused, the same at every cut. */
#include "tests/unit/net/cut.h"

#include "core/base/check.h"
#include "net/multipart.h"

#define PIECE "BOUND"

static void run_form(
        const void *context, const struct slice *pieces, size_t count, struct buf *trace)
{
    static struct multipart m;
    struct fault f = {0};
    enum multipart_status s = MULTIPART_MORE;
    (void)context;
    multipart_init(&m, SLICE(PIECE));
    for (size_t i = 0; i < count && s != MULTIPART_BAD; i++) {
        struct slice rest = pieces[i], piece;
        do {
            size_t used = SIZE_MAX;
            s = multipart_read(&m, rest, &used, &piece, &f);
            assert_true(used <= rest.len);
            rest = slice_from(rest, used);
            if (s == MULTIPART_PART) {
                buf_add_format(trace, "[%.*s", SLICE_ARG(m.name));
                if (m.has_file_name) buf_add_format(trace, " file %.*s", SLICE_ARG(m.file_name));
                if (m.type.len > 0) buf_add_format(trace, " as %.*s", SLICE_ARG(m.type));
                BUF_ADD(trace, "|");
            }
            if (s == MULTIPART_DATA) buf_add(trace, piece);
            if (s == MULTIPART_PART_END) BUF_ADD(trace, "]");
            if (s == MULTIPART_END) BUF_ADD(trace, "END");
        } while (s != MULTIPART_MORE && s != MULTIPART_BAD);
        assert_true(s == MULTIPART_BAD || rest.len == 0);
    }
    if (s == MULTIPART_BAD) {
        BUF_ADD(trace, "BAD ");
        fault_text(&f, trace);
    } else if (!multipart_ended(&m)) {
        BUF_ADD(trace, "CUT OFF");
    }
}

#define B    "--" PIECE "\r\n"
#define LAST "\r\n--" PIECE "--"
#define NAME(name) "Content-Disposition: form-data; name=\"" name "\"\r\n\r\n"

struct form_case {
    struct slice input;
    const char *want; /* or how it begins */
};

static const struct form_case cases[] = {
        {BYTES(B NAME("a") "1" LAST "\r\n"), "[a|1]END"},
        {BYTES(B NAME("a") "1\r\n" B NAME("b") "2" LAST), "[a|1][b|2]END"},
        {BYTES("\r\n" B NAME("a") "1" LAST), "[a|1]END"},
        {BYTES("words before it\r\n" B NAME("a") "1" LAST "\r\nand behind"), "[a|1]END"},
        {BYTES(B NAME("a") LAST), "[a|]END"},
        {BYTES(B NAME("a") "\r\n--BOUN\r\n\r\r\n--\r\n-" LAST),
                "[a|\r\n--BOUN\r\n\r\r\n--\r\n-]END"},
        {BYTES(B NAME("a") "\r\r\n--BOUNd\r" LAST), "[a|\r\r\n--BOUNd\r]END"},
        {BYTES(B NAME("a") "--BOUND--" LAST), "[a|--BOUND--]END"},
        {BYTES("--BOUND \t\r\n" NAME("a") "1" LAST), "[a|1]END"},
        {BYTES("--BOUND--"), "END"},
        {BYTES(B "content-type: text/plain\r\nCONTENT-DISPOSITION:form-data;filename=\"x y.png\" ; "
                 "name=file\r\n\r\nabc" LAST),
                "[file file x y.png as text/plain|abc]END"},
        {BYTES(B "Content-Disposition: form-data; name=\"f\"; "
                 "filename=\"C:\\a\\b \\\"q\\\" %22;%2.png\"\r\n\r\n" LAST),
                "[f file C:\\a\\b \"q\" \";%2.png|]END"},
        {BYTES(B "Content-Disposition: form-data; name=f; filename=\r\n\r\n" LAST),
                "[f file |]END"},
        {BYTES(B "Content-Disposition: attachment; name=f\r\n\r\n" LAST),
                "BAD body: has a part without a name"},
        {BYTES(B "\r\nabc" LAST), "BAD body: has a part without a name"},
        {BYTES(B "Content-Disposition: form-data; name=\"\"\r\n\r\n" LAST),
                "BAD body: has a part without a name"},
        {BYTES("--BOUNDx"), "BAD body: has something else behind"},
        {BYTES("--BOUND\rx"), "BAD body: has something else behind"},
        {BYTES("--BOUND-x"), "BAD body: has something else behind"},
        {BYTES(B NAME("a") "1\r\n--BOUND"), "[a|1]CUT OFF"},
        {BYTES(B NAME("a") "1\r\n--BOUND-"), "[a|1]CUT OFF"},
        {BYTES(B "Content-Disposition: form-data; name=\"a\"\r\n"), "CUT OFF"},
        {BYTES(""), "CUT OFF"},
        {BYTES("nothing of the kind"), "CUT OFF"},
};

static void test_multipart__gives_the_same_at_every_cut(void **state)
{
    struct buf trace;
    (void)state;
    buf_init(&trace, CUT_TRACE_BYTES_MAX);
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct slice want = slice_cstr(cases[i].want);
        cut_check(run_form, NULL, cases[i].input, &trace);
        bool whole = !slice_starts(want, SLICE("BAD"));
        if (whole ? !slice_eq(buf_slice(&trace), want) : !slice_starts(buf_slice(&trace), want))
            fail_msg("case %zu: %.*s", i, SLICE_ARG(buf_slice(&trace)));
    }
    buf_fini(&trace);
}

static void test_multipart__head_has_a_limit(void **state)
{
    struct buf input, trace;
    struct slice many = cut_repeat('x', MULTIPART_HEAD_BYTES_MAX);
    (void)state;
    buf_init(&input, KIB(16));
    buf_init(&trace, CUT_TRACE_BYTES_MAX);
    BUF_ADD(&input, B "x: ");
    buf_add(&input, many);
    cut_check(run_form, NULL, buf_slice(&input), &trace);
    assert_true(slice_starts(buf_slice(&trace), SLICE("BAD body: has a part with a head of over")));
    test_free((void *)(uintptr_t)many.ptr);
    buf_fini(&input);
    buf_fini(&trace);
}

static void test_multipart__boundary_is_found_in_the_type(void **state)
{
    static const struct {
        const char *type, *want; /* NULL: none */
    } types[] = {
            {"multipart/form-data; boundary=abc", "abc"},
            {"Multipart/Form-Data;charset=utf-8; BOUNDARY=\"a b;c\"", "a b;c"},
            {"multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW",
                    "----WebKitFormBoundary7MA4YWxkTrZu0gW"},
            {"multipart/form-data", NULL},
            {"multipart/form-data; boundary=", NULL},
            {"multipart/form-data; boundary=\"\"", NULL},
            {"multipart/mixed; boundary=abc", NULL},
            {"multipart/form-data; "
             "boundary=12345678901234567890123456789012345678901234567890123456789012345678901",
                    NULL},
            {"", NULL},
    };
    char boundary[MULTIPART_BOUNDARY_MAX + 1];
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(types); i++) {
        bool found = multipart_boundary(slice_cstr(types[i].type), boundary);
        assert_int_equal(found, types[i].want != NULL);
        if (found) assert_string_equal(boundary, types[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_multipart__gives_the_same_at_every_cut),
            cmocka_unit_test(test_multipart__head_has_a_limit),
            cmocka_unit_test(test_multipart__boundary_is_found_in_the_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
