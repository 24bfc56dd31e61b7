/* shelf.h - what one member keeps of one board for themself: the star they gave it, and what on it
 * they watch.
 *
 * Nothing of this is the board's: everybody who may read a board reads the same of it. So shelves
 * are objects of the directory, one for each member and board, under an id made from the two: to
 * look at one takes no search. A shelf stays when it is empty, and when its member leaves the
 * board: nobody is shown it then, and it is there again when they come back. Any thread. */
#ifndef TAVLA_CORE_SHELF_H
#define TAVLA_CORE_SHELF_H

#include "core/view.h"

struct shelf {
    struct id id;
    bool starred;
    double star; /* its place among the member's stars */
    const struct id *watched;
    size_t watched_count;
};

struct id shelf_id(struct id member, struct id board);
/* An empty one when there is none. In the view's arena. */
enum err shelf_read(struct view *v, struct id member, struct id board, struct shelf *ret_shelf);
bool shelf_watches(const struct shelf *shelf, struct id id); /* NULL: nothing */
/* What it watches and the board has no more, at most WATCHES_CLEARED_MAX: how many. What was
 * deleted cannot be left by hand, so it goes when something new comes. */
size_t shelf_gone(struct view *v, struct id board, const struct shelf *shelf, struct id *ret_ids);

#endif
