/* arena.h - bump allocation that ends all at once.
 *
 * One per request, per engine step, per decoded op. Memory is zeroed, but for arena_raw's, and
 * 16-byte aligned, and lives until reset or fini. Passing bytes_max CHECKs: what a peer can size is
 * bounded before it gets here. One thread. */
#ifndef TAVLA_BASE_ARENA_H
#define TAVLA_BASE_ARENA_H

#include "core/base/slice.h"

struct arena_block;

struct arena {
    struct arena_block *blocks; /* the newest of the usual size first */
    char *at;                   /* free memory of that one */
    size_t left;                /* bytes there, or as many as bytes_max allows */
    size_t block_bytes;         /* size of a fresh block */
    size_t used_bytes;          /* handed out since the last reset */
    size_t bytes_max;
};

void arena_init(struct arena *a, size_t block_bytes, size_t bytes_max); /* allocates nothing yet */
void arena_fini(struct arena *a);
void arena_reset(struct arena *a); /* keeps one block */
void *arena_alloc(struct arena *a, size_t bytes);
void *arena_raw(struct arena *a, size_t bytes); /* not zeroed: the caller fills it */
void *arena_try(struct arena *a, size_t bytes); /* as arena_alloc, but NULL where that CHECKs */
struct slice arena_dup(struct arena *a, struct slice s);
const char *arena_cstr(struct arena *a, struct slice s); /* copied, with a terminating zero */

#define ARENA_NEW(a, type)              ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_NEW_ARRAY(a, type, count) ((type *)arena_alloc((a), sizeof(type) * (size_t)(count)))

#endif
