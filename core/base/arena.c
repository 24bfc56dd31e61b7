#include "core/base/arena.h"

#include "core/base/check.h"
#include "core/base/mem.h"

/*  arena.blocks -> [current: bump here] -> [older or oversized] -> ... -> NULL
 *
 * An allocation that would fill most of a fresh block gets a block of its own, linked behind the
 * current one, so that the room left in the current block is not lost. */
struct arena_block {
    struct arena_block *next;
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
    free_blocks(a->blocks);
    *a = (struct arena){.block_bytes = a->block_bytes, .bytes_max = a->bytes_max};
}

/* `left` of what the current block has: what may still be handed out at all, in whole steps. */
static void limit_left(struct arena *a, size_t left)
{
    size_t may = (a->bytes_max - a->used_bytes) & ~(size_t)(ALIGN - 1);
    a->left = left < may ? left : may;
}

static void make_current(struct arena *a, struct arena_block *block)
{
    block->next = a->blocks;
    a->blocks = block;
    a->at = block->bytes;
    limit_left(a, block->cap);
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
    }
    arena_fini(a);
    if (keep != NULL) make_current(a, keep);
}

static struct arena_block *block_new(size_t cap)
{
    /* Not zeroed as a whole: arena_try zeroes what it hands out, which is usually little of a
     * block. */
    struct arena_block *block = mem_resize(NULL, sizeof(struct arena_block) + cap);
    block->next = NULL;
    block->cap = cap;
    return block;
}

/* A block of its own; what the current one has left stays in use. */
static void *alone(struct arena *a, size_t bytes)
{
    struct arena_block *own = block_new(bytes), *current = a->blocks;
    own->next = current->next;
    current->next = own;
    a->used_bytes += bytes;
    limit_left(a, a->left);
    return own->bytes;
}

static void *take(struct arena *a, size_t rounded)
{
    char *ptr = a->at;
    a->at += rounded;
    a->left -= rounded;
    a->used_bytes += rounded;
    return ptr;
}

/* Where the current block has no room, or nothing is asked for; NULL: past bytes_max. */
static void *take_elsewhere(struct arena *a, size_t bytes)
{
    if (bytes > a->bytes_max) return NULL;
    size_t rounded = align_up(bytes == 0 ? 1 : bytes);
    if (rounded > a->bytes_max || a->used_bytes > a->bytes_max - rounded) return NULL;
    if (rounded > a->left) {
        if (a->blocks != NULL && rounded > a->block_bytes / 2) return alone(a, rounded);
        make_current(a, block_new(rounded > a->block_bytes ? rounded : a->block_bytes));
    }
    return take(a, rounded);
}

/* `left` is whole steps, so what fits before it is rounded up fits afterwards. */
static inline void *raw_try(struct arena *a, size_t bytes)
{
    if (__builtin_expect(bytes == 0 || bytes > a->left, 0)) return take_elsewhere(a, bytes);
    return take(a, align_up(bytes));
}

void *arena_try(struct arena *a, size_t bytes)
{
    void *ptr = raw_try(a, bytes);
    return ptr == NULL ? NULL : memset(ptr, 0, bytes);
}

void *arena_alloc(struct arena *a, size_t bytes)
{
    void *ptr = raw_try(a, bytes);
    CHECK(ptr != NULL);
    return memset(ptr, 0, bytes);
}

void *arena_raw(struct arena *a, size_t bytes)
{
    void *ptr = raw_try(a, bytes);
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
    char *copy = arena_raw(a, s.len + 1);
    if (s.len > 0) memcpy(copy, s.ptr, s.len);
    copy[s.len] = '\0';
    return copy;
}
