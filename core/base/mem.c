#include "core/base/mem.h"

#include <stdlib.h>

#include "core/base/check.h"

void *mem_new(size_t bytes)
{
    /* calloc(0) may answer NULL, which would read as failure. */
    void *ptr = calloc(1, bytes == 0 ? 1 : bytes);
    CHECK(ptr != NULL);
    return ptr;
}

void *mem_resize(void *ptr, size_t bytes)
{
    void *moved = realloc(ptr, bytes == 0 ? 1 : bytes);
    CHECK(moved != NULL);
    return moved;
}

void *mem_free(void *ptr)
{
    free(ptr);
    return NULL;
}
