/* blob.h - shared bytes that never change: encoded once, referenced from many threads. */
#ifndef TAVLA_BASE_BLOB_H
#define TAVLA_BASE_BLOB_H

#include <stdatomic.h>

#include "core/base/slice.h"

struct blob {
    _Atomic uint32_t refs;
    size_t len;
    char bytes[];
};

struct blob *blob_new(size_t len);          /* one reference; fill bytes before sharing it */
struct blob *blob_copy(struct slice bytes); /* one reference */
struct blob *blob_ref(struct blob *b);
struct blob *blob_unref(struct blob *b); /* NULL is fine; returns NULL */

static inline struct slice blob_slice(const struct blob *b)
{
    return slice_of(b->bytes, b->len);
}

#endif
