/* slice.h - borrowed bytes.
 *
 * A slice never owns, is never freed and has no terminating zero. Pass it by value. It is valid as
 * long as what it points into; copy it into an arena or a buf to keep it longer. Any thread. */
#ifndef TAVLA_BASE_SLICE_H
#define TAVLA_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
    const char *ptr;
    size_t len;
};

#define SLICE(literal) ((struct slice){"" literal, sizeof(literal) - 1})
#define SLICE_ARG(s)   (int)(s).len, (s).ptr /* for "%.*s" */

static inline struct slice slice_of(const void *ptr, size_t len)
{
    return (struct slice){(const char *)ptr, len};
}

static inline struct slice slice_cstr(const char *text)
{
    return (struct slice){text, strlen(text)};
}

static inline bool slice_eq(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool slice_eq_nocase(struct slice a, struct slice b); /* ASCII letters only */
int slice_cmp(struct slice a, struct slice b);        /* byte order; a prefix sorts first */
bool slice_starts(struct slice s, struct slice prefix);
bool slice_ends(struct slice s, struct slice suffix);
struct slice slice_trim(struct slice s);                /* space and tab at both ends */
struct slice slice_from(struct slice s, size_t offset); /* CHECKs offset <= len */
struct slice slice_head(struct slice s, size_t len);    /* at most len bytes */

/* Cuts `rest` at the first `sep`: the part before it goes to ret_head, rest becomes the part behind
 * it. False when sep is absent: nothing changed. */
bool slice_cut(struct slice *rest, char sep, struct slice *ret_head);

/* As slice_cut, but the last part counts too: false only when rest is exhausted (ptr == NULL).
 * `for (struct slice part; slice_next(&rest, ',', &part);)` visits every comma-separated part. */
bool slice_next(struct slice *rest, char sep, struct slice *ret_part);

/* Whole slice as a number: decimal digits only, no sign, no blanks. False on anything else or
 * overflow. */
bool slice_to_u64(struct slice s, uint64_t *ret_value);
bool slice_to_i64(struct slice s, int64_t *ret_value);   /* an optional leading '-' */
bool slice_to_double(struct slice s, double *ret_value); /* JSON number grammar, finite */
bool slice_to_bool(struct slice s, bool *ret_value);     /* "true" or "false" */

#endif
