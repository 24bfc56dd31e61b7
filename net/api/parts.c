#include "net/api/parts.h"

#include <stdlib.h>

#include "core/base/limits.h"
#include "core/base/mem.h"

/* -- people */

static int compare_ids(const void *a, const void *b)
{
    return id_cmp(*(const struct id *)a, *(const struct id *)b);
}

void people_add(struct people *p, struct id member)
{
    if (p->count == p->cap) {
        p->cap = p->cap ? 2 * p->cap : 8;
        p->at = mem_resize(p->at, p->cap * sizeof *p->at);
    }
    p->at[p->count++] = member;
}

void people_ready(struct people *p)
{
    if (p->count) qsort(p->at, p->count, sizeof *p->at, compare_ids);
}

bool people_have(const struct people *p, const struct actor *actor)
{
    if (actor->system) return true;
    return p->count && bsearch(&actor->member, p->at, p->count, sizeof *p->at, compare_ids);
}

void people_fini(struct people *p)
{
    mem_free(p->at);
    *p = (struct people){0};
}

/* -- parts */

struct parts *parts_new(void)
{
    struct parts *p = MEM_NEW(struct parts);
    p->refs = 1;
    buf_init(&p->open, SNAPSHOT_PART_BYTES + EVENT_BYTES_MAX + KIB(64));
    return p;
}

struct parts *parts_ref(struct parts *p)
{
    CHECK(p->refs > 0);
    p->refs++;
    return p;
}

struct parts *parts_unref(struct parts *p)
{
    if (!p) return NULL;
    CHECK(p->refs > 0);
    if (--p->refs > 0) return NULL;
    for (uint32_t i = 0; i < p->count; i++) mem_free((void *)(uintptr_t)p->at[i].ptr);
    mem_free(p->at);
    people_fini(&p->people);
    buf_fini(&p->open);
    return mem_free(p);
}

void parts_close(struct parts *p)
{
    CHECK(buf_ok(&p->open) && p->open.len > 0);
    if (p->count == p->cap) {
        p->cap = p->cap ? 2 * p->cap : 4;
        p->at = mem_resize(p->at, p->cap * sizeof *p->at);
    }
    char *bytes = mem_new(p->open.len);
    memcpy(bytes, p->open.ptr, p->open.len);
    p->at[p->count++] = slice_of(bytes, p->open.len);
    p->bytes += p->open.len;
    buf_clear(&p->open);
}
