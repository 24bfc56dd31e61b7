/* tail.h - a board's hot tail: who touched which field at which seq, for `ow`, `if` and `gone`, and
 * what was done to its texts, for deltas that were made before.
 *
 * The last TAIL_EVENTS_MAX events or TAIL_BYTES_MAX bytes of touches and texts, oldest dropped
 * first. Values are not kept: what an op overwrites is what the object holds. Filled as events are
 * applied, so an op sees those of its own batch; a rolled back event is popped. Home thread. */
#ifndef TAVLA_CORE_TAIL_H
#define TAVLA_CORE_TAIL_H

#include "core/base/map.h"
#include "core/effect.h"

struct tail_event;
struct tail_deletion;

struct tail {
    struct tail_event *events; /* a circle of TAIL_EVENTS_MAX, made with the first push */
    size_t first, count;
    struct tail_deletion *deletions; /* ids with one in the tail */
    size_t bytes;                    /* of touches and texts */
    uint64_t floor;                  /* events <= floor are not known here */
};

struct tail_hit { /* who changed it, when */
    uint64_t seq;
    struct id by;
};

struct tail_text { /* one change of a text; lives as long as its event is in the tail */
    uint64_t seq;
    struct id by;
    struct slice cl;
    struct delta delta, inverse;
    bool has_inverse; /* false: the text was not in memory */
};

void tail_init(struct tail *t, uint64_t seq); /* empty: knows nothing up to seq */
void tail_fini(struct tail *t);
void tail_push(struct tail *t, const struct event *e); /* seq follows the newest */
/* undoes the push of seq, if it is still there */
void tail_pop(struct tail *t, uint64_t seq);
/* The newest event > after that changed this field of this object; false: none known. A deletion
 * or creation counts for every field. */
bool tail_find(const struct tail *t, struct id id, enum field field, uint64_t after,
        struct tail_hit *ret_hit);
/* What was done to a text behind `after`, which is not below the floor; oldest first. */
uint32_t tail_texts(const struct tail *t, struct arena *a, const struct doc *doc, uint64_t after,
        const struct tail_text ***ret_texts);
bool tail_deleted(const struct tail *t, struct id id); /* deleted within the tail */

#endif
