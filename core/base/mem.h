/* mem.h - the one place that calls malloc.
 *
 * Running out of memory for our own structures aborts; anything a peer can size goes through a
 * capped buf instead, which fails with an error. Any thread. */
#ifndef TAVLA_BASE_MEM_H
#define TAVLA_BASE_MEM_H

#include <stddef.h>

void *mem_new(size_t bytes);               /* zeroed, never NULL */
void *mem_raw(size_t bytes);               /* not zeroed, never NULL */
void *mem_resize(void *ptr, size_t bytes); /* new part not zeroed, never NULL */
void *mem_free(void *ptr);                 /* NULL is fine; returns NULL for `p = mem_free(p)` */

#define MEM_NEW(type)              ((type *)mem_new(sizeof(type)))
#define MEM_NEW_ARRAY(type, count) ((type *)mem_new(sizeof(type) * (size_t)(count)))

#endif
