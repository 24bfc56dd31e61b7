/* parts.h - a snapshot or a stretch of the log as whole wire messages, made once on a reader
 * thread and sent at the pace of each reader. Immutable once finished; the reference count
 * belongs to one loop's thread. */
#ifndef TAVLA_API_PARTS_H
#define TAVLA_API_PARTS_H

#include "core/base/buf.h"
#include "core/board.h"
#include "core/perm.h"

/* Who were a board's members when it was read. What was read for one person is handed to another
 * only if both were: a loss of access may be in it before its barrier has come to this loop. */
struct people {
    struct id *at; /* heap */
    size_t count, cap;
};

void people_add(struct people *p, struct id member);
void people_ready(struct people *p); /* behind the last add, before the first question */
/* may it be handed to this actor? */
bool people_have(const struct people *p, const struct actor *actor);
void people_fini(struct people *p);

struct parts {
    uint32_t refs;
    uint32_t count, cap;
    struct slice *at;         /* heap */
    size_t bytes;             /* of all parts */
    struct position position; /* what the board is at behind the last part */
    struct people people;     /* a snapshot's: the board's members at that position */
    /* while it is being made: */
    struct buf open;          /* the part that is not full yet */
};

struct parts *parts_new(void); /* one reference */
struct parts *parts_ref(struct parts *p);
struct parts *parts_unref(struct parts *p);    /* NULL is fine; returns NULL */
void parts_close(struct parts *p);             /* open becomes the next part */

#endif
