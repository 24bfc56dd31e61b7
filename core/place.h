/* place.h - where something goes among its siblings: Trello's positions, exactly the same in the
 * browser client.
 *
 * Order is (pos, id); equal positions are legal and arrive from imports. Midpoint between
 * neighbours, steps of 65,536 at the tail, half of the first at the top, a given number verbatim.
 * When the gap underflows, all siblings get k * 65,536 in the same event. Closed siblings keep
 * their places and count as neighbours. */
#ifndef TAVLA_CORE_PLACE_H
#define TAVLA_CORE_PLACE_H

#include "core/board.h"

enum place_how { PLACE_BOTTOM, PLACE_TOP, PLACE_NUMBER, PLACE_AFTER };

struct place {
    enum place_how how;
    double number;   /* PLACE_NUMBER: > 0, finite, < POS_MAX */
    struct id after; /* PLACE_AFTER: right behind this sibling if it is there, */
    /* else right before this one if it is there, else at the bottom; none id: not given */
    struct id before;
};

/* Where `run` things go, one behind another. Arrays are in the arena of the call. */
struct placing {
    double *pos;   /* [run]; with renumber for the caller to fill */
    bool renumber; /* the gap was too small: positions are (index + 1) * POS_STEP by order */
    struct object **order; /* with renumber: the siblings' new order, NULL where the run stands */
    size_t order_count;    /* siblings and the run */
};

/* siblings without `self` (may be NULL) decide. */
void place_find(struct arena *a, const struct siblings *siblings, const struct object *self,
        const struct place *place, uint32_t run, struct placing *ret_placing);

#endif
