/* parts.h - a snapshot or a stretch of the log as whole wire messages, made once on a reader
 * thread and sent at the pace of each reader. Immutable once finished; the reference count
 * belongs to one loop's thread. */
#ifndef TAVLA_API_PARTS_H
#define TAVLA_API_PARTS_H

#include "core/base/buf.h"
#include "core/board.h"

struct parts {
    uint32_t refs;
    uint32_t count, cap;
    struct slice *at;         /* heap */
    size_t bytes;             /* of all parts */
    struct position position; /* what the board is at behind the last part */
    /* while it is being made: */
    struct buf open;          /* the part that is not full yet */
};

struct parts *parts_new(void); /* one reference */
struct parts *parts_ref(struct parts *p);
struct parts *parts_unref(struct parts *p);    /* NULL is fine; returns NULL */
void parts_close(struct parts *p);             /* open becomes the next part */

#endif
