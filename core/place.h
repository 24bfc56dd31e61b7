/* place.h - where something goes among its siblings: Trello's positions, exactly the same in the browser client.
 *
 * Order is (pos, id); equal positions are legal and arrive from imports. Midpoint between neighbours, steps of 65,536 at the tail, half
 * of the first at the top, a given number verbatim. When the gap underflows, all siblings get k * 65,536 in the same event. Closed siblings keep
 * their places and count as neighbours. */
#ifndef TAVLA_CORE_PLACE_H
#define TAVLA_CORE_PLACE_H

#include "core/board.h"

enum place_how { PLACE_BOTTOM, PLACE_TOP, PLACE_NUMBER, PLACE_AFTER };

struct place {
    enum place_how how;
    double number;     /* PLACE_NUMBER: > 0, finite, < POS_MAX */
    struct id after;   /* PLACE_AFTER: right behind this sibling if it is there, */
    struct id before;  /* else right before this one if it is there, else at the bottom; none id: not given */
};

/* siblings without `self` (may be NULL) decide. *ret_renumber: the gap was too small; then ret_order (in a, count + `run` entries) is the
 * siblings' new order with NULL at the run's place(s), and new positions are (index + 1) * POS_STEP. Else ret_pos[0 .. run-1] are the positions of
 * `run` things placed one behind another. */
void place_find(struct arena *a, const struct siblings *siblings, const struct object *self, const struct place *place, uint32_t run,
        double *ret_pos, bool *ret_renumber, struct object ***ret_order, size_t *ret_order_count);

#endif
