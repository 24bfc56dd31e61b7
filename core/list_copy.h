/* list_copy.h - what a copy of a list consists of: objects for the op list.copy, made where the
 * original can be read. A list has too many descriptions to hold them all in memory, so this is the
 * work of a reader, and of its view of the board.
 *
 * Ids of the copy follow from the id of the new list and those of the originals. What belongs to
 * the originals alone stays behind: numbers, links, votes, comments, and all that is archived.
 * Pure; any thread. */
#ifndef TAVLA_CORE_LIST_COPY_H
#define TAVLA_CORE_LIST_COPY_H

#include "core/base/json_write.h"
#include "core/board.h"

struct list_copy {
    const struct board *b; /* with the parts of what is copied */
    struct id source, root; /* the list, and its copy */
    struct slice name;      /* of the copy; ptr NULL: as the original */
    /* TEXT of an object. NULL: all are empty. */
    struct slice (*text)(void *context, struct id id, enum field field);
    void *context;
    struct json_out *j; /* an array that is open: [kind, {..}] go there */
    uint32_t count;     /* written so far */
};

void list_copy_write(struct list_copy *c);

#endif
