#include "core/base/arena.h"

#include "core/base/check.h"
#include "core/base/mem.h"

/*  arena.blocks -> [current: bump here] -> [older or oversized] -> ... -> NULL
 *
 * An allocation that would fill most of a fresh block gets a block of its own, linked behind the
 * current one, so that the room left in the current block is not lost. */
struct arena_block {
    struct arena_block *next;
    size_t used;
    size_t cap; /* of bytes */
    _Alignas(16) char bytes[];
};

#define ALIGN 16

static size_t align_up(size_t bytes)
{
    return (bytes + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

void arena_init(struct arena *a, size_t block_bytes, size_t bytes_max)
{
    CHECK(block_bytes >= ALIGN);
    *a = (struct arena){.block_bytes = align_up(block_bytes), .bytes_max = bytes_max};
}

static struct arena_block *free_blocks(struct arena_block *block)
{
    while (block != NULL) {
        struct arena_block *next = block->next;
        mem_free(block);
        block = next;
    }
    return NULL;
}

void arena_fini(struct arena *a)
{
    a->blocks = free_blocks(a->blocks);
    a->used_bytes = 0;
}

void arena_reset(struct arena *a)
{
    struct arena_block *keep = NULL;
    struct arena_block **link = &a->blocks;
    /* The block to keep is one of the usual size: a single large request must not pin its memory
     * for good. */
    while (*link != NULL && (*link)->cap != a->block_bytes)
        link = &(*link)->next;
    if (*link != NULL) {
        keep = *link;
        *link = keep->next;
        keep->next = NULL;
        keep->used = 0;
    }
    free_blocks(a->blocks);
    a->blocks = keep;
    a->used_bytes = 0;
}

static struct arena_block *block_new(size_t cap)
{
    /* Not zeroed as a whole: arena_try zeroes what it hands out, which is usually little of a
     * block. */
    struct arena_block *block = mem_resize(NULL, sizeof(struct arena_block) + cap);
    block->next = NULL;
    block->used = 0;
    block->cap = cap;
    return block;
}

static struct arena_block *block_for(struct arena *a, size_t bytes)
{
    struct arena_block *current = a->blocks;
    if (current != NULL && bytes <= current->cap - current->used) return current;
    if (current != NULL && bytes > a->block_bytes / 2) {
        struct arena_block *own = block_new(bytes);
        own->next = current->next;
        current->next = own;
        return own;
    }
    struct arena_block *fresh = block_new(bytes > a->block_bytes ? bytes : a->block_bytes);
    fresh->next = current;
    a->blocks = fresh;
    return fresh;
}

void *arena_try(struct arena *a, size_t bytes)
{
    if (bytes > a->bytes_max) return NULL;
    size_t rounded = align_up(bytes == 0 ? 1 : bytes);
    if (rounded > a->bytes_max || a->used_bytes > a->bytes_max - rounded) return NULL;
    struct arena_block *block = block_for(a, rounded);
    char *ptr = block->bytes + block->used;
    block->used += rounded;
    a->used_bytes += rounded;
    CHECK(block->used <= block->cap);
    memset(ptr, 0, rounded);
    return ptr;
}

void *arena_alloc(struct arena *a, size_t bytes)
{
    void *ptr = arena_try(a, bytes);
    CHECK(ptr != NULL);
    return ptr;
}

struct slice arena_dup(struct arena *a, struct slice s)
{
    return slice_of(arena_cstr(a, s), s.len);
}

const char *arena_cstr(struct arena *a, struct slice s)
{
    CHECK(s.len < SIZE_MAX);
    char *copy = arena_alloc(a, s.len + 1);
    if (s.len > 0) memcpy(copy, s.ptr, s.len);
    return copy;
}
