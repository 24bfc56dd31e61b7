/* cut.h - the same bytes, cut everywhere, must give the same result.
 *
 * A test hands over a run: it feeds the pieces it gets to a fresh parser and writes what
 * happened as text. cut_check runs it whole, in two at every offset (at 64 offsets of long
 * inputs) and byte by byte, and compares the texts. */
#ifndef TAVLA_TESTS_CUT_H
#define TAVLA_TESTS_CUT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/base/buf.h"

#define CUT_TRACE_BYTES_MAX ((size_t)8 << 20)

/* A slice in a static table: C takes no compound literal there. */
#define BYTES(literal)                                                                             \
    {                                                                                              \
        "" literal, sizeof(literal) - 1                                                            \
    }

typedef void cut_run(
        const void *context, const struct slice *pieces, size_t count, struct buf *trace);

static inline void cut_compare(struct slice want, const struct buf *got, size_t at)
{
    if (slice_eq(want, buf_slice(got))) return;
    print_error(
            "cut at %zu:\n  whole: %.*s\n  cut:   %.*s\n", at, SLICE_ARG(want), SLICE_ARG(*got));
    fail();
}

/* trace holds the whole run's text afterwards. */
static inline void cut_check(
        cut_run *run, const void *context, struct slice bytes, struct buf *trace)
{
    struct buf other;
    buf_init(&other, CUT_TRACE_BYTES_MAX);
    buf_clear(trace);
    run(context, &bytes, 1, trace);
    size_t step = bytes.len > 2048 ? bytes.len / 64 : 1;
    for (size_t at = 0; at <= bytes.len; at += step) {
        /* Each piece is its own exact allocation, so that reading past it is seen by the
         * sanitizer. */
        char *first = test_malloc(at + 1);
        char *second = test_malloc(bytes.len - at + 1);
        memcpy(first + 1, bytes.ptr, at);
        memcpy(second + 1, bytes.ptr + at, bytes.len - at);
        struct slice two[2] = {slice_of(first + 1, at), slice_of(second + 1, bytes.len - at)};
        buf_clear(&other);
        run(context, two, 2, &other);
        cut_compare(buf_slice(trace), &other, at);
        test_free(first);
        test_free(second);
    }
    struct slice *all = test_calloc(bytes.len + 1, sizeof(*all));
    for (size_t i = 0; i < bytes.len; i++) {
        all[i] = slice_of(bytes.ptr + i, 1);
    }
    buf_clear(&other);
    run(context, all, bytes.len, &other);
    cut_compare(buf_slice(trace), &other, bytes.len);
    test_free(all);
    buf_fini(&other);
}

/* A text of `count` times c, from the test's heap. */
static inline struct slice cut_repeat(char c, size_t count)
{
    char *text = test_malloc(count + 1);
    memset(text, c, count);
    return slice_of(text, count);
}

#endif
