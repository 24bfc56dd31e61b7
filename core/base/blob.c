#include "core/base/blob.h"

#include "core/base/check.h"
#include "core/base/mem.h"

struct blob *blob_new(size_t len)
{
    CHECK(len <= SIZE_MAX - sizeof(struct blob));
    struct blob *b = mem_resize(NULL, sizeof(struct blob) + len); /* the caller fills all of it */
    atomic_init(&b->refs, 1);
    b->len = len;
    return b;
}

struct blob *blob_copy(struct slice bytes)
{
    struct blob *b = blob_new(bytes.len);
    if (bytes.len > 0) memcpy(b->bytes, bytes.ptr, bytes.len);
    return b;
}

struct blob *blob_ref(struct blob *b)
{
    /* Relaxed: whoever refs holds a reference already, so nothing can be freed under it. */
    uint32_t before = atomic_fetch_add_explicit(&b->refs, 1, memory_order_relaxed);
    CHECK(before > 0 && before < UINT32_MAX);
    return b;
}

struct blob *blob_unref(struct blob *b)
{
    if (b == NULL) return NULL;
    /* Release and acquire: every other thread's reads happen before the free. */
    uint32_t before = atomic_fetch_sub_explicit(&b->refs, 1, memory_order_acq_rel);
    CHECK(before > 0);
    if (before == 1) mem_free(b);
    return NULL;
}
