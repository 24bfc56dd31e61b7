#include "core/base/mem.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/check.h"

/* What malloc keeps apart for each thread, which calloc does not look at; of large pieces only
 * calloc knows whether they are zero already. */
#define SMALL_BYTES 1024

void *mem_new(size_t bytes)
{
    if (bytes <= SMALL_BYTES) return memset(mem_raw(bytes), 0, bytes);
    void *ptr = calloc(1, bytes);
    CHECK(ptr != NULL);
    return ptr;
}

void *mem_raw(size_t bytes)
{
    /* malloc(0) may answer NULL, which would read as failure. */
    void *ptr = malloc(bytes == 0 ? 1 : bytes);
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
