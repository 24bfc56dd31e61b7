/* chain.h - intrusive doubly linked lists whose nodes know whether they are linked.
 *
 * `list` is Trello's list, so the data structure is a chain. A zeroed link is unlinked; unlinking
 * clears it, so a double insert is caught. One thread. */
#ifndef TAVLA_BASE_CHAIN_H
#define TAVLA_BASE_CHAIN_H

#include <stddef.h>

#include "core/base/check.h"

struct chain_link {
    struct chain_link *next, *prev;
};

struct chain {
    struct chain_link head; /* a ring through itself once initialised */
};

static inline void chain_init(struct chain *c)
{
    c->head.next = c->head.prev = &c->head;
}

static inline bool chain_linked(const struct chain_link *l)
{
    return l->next != NULL;
}

static inline bool chain_empty(const struct chain *c)
{
    return c->head.next == &c->head;
}

static inline void chain_push(struct chain *c, struct chain_link *l) /* at the back */
{
    CHECK(!chain_linked(l));
    l->prev = c->head.prev;
    l->next = &c->head;
    l->prev->next = l;
    c->head.prev = l;
}

static inline void chain_unlink(struct chain_link *l)
{
    CHECK(chain_linked(l));
    l->prev->next = l->next;
    l->next->prev = l->prev;
    l->next = l->prev = NULL;
}

static inline struct chain_link *chain_first(const struct chain *c) /* NULL: empty */
{
    return chain_empty(c) ? NULL : c->head.next;
}

static inline struct chain_link *chain_pop(struct chain *c) /* from the front; NULL: empty */
{
    struct chain_link *l = chain_first(c);
    if (l) chain_unlink(l);
    return l;
}

#define chain_entry(link, type, member) CONTAINER_OF(link, type, member)
/* The body may unlink l itself. */
#define chain_each(c, l)                                                                           \
    for (struct chain_link *l = (c)->head.next, *l##_next = l->next; l != &(c)->head;              \
            l = l##_next, l##_next = l->next)

#endif
