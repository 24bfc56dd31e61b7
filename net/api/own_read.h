/* own_read.h - what is one member's own, read on a reader thread: the member, the boards that are
 * theirs, and their shelf of each. Nothing else of the directory can come out of here: every key
 * that is looked up is made from the member's id. */
#ifndef TAVLA_API_OWN_READ_H
#define TAVLA_API_OWN_READ_H

#include "net/api/shard.h"

/* changes between two reads that are told apart; beyond it all of it is read */
#define OWN_WANTED_MAX 32

struct own_row {
    struct id board;
    struct slice json;  /* {closed,id,memberType,name,prefs,shortLink ..}; empty: not theirs */
    struct slice shelf; /* {id,idBoard,star,subscribed}; empty: nothing on it */
};

struct own_read {
    struct shard_read read; /* first */
    struct id member;
    bool all;
    struct id wanted[OWN_WANTED_MAX]; /* boards, or the member's own id; unless all */
    uint32_t wanted_count;
    /* result, in read.arena: what was wanted, with empty rows for what is not there */
    struct slice me; /* empty: was not wanted */
    struct own_row *rows;
    uint32_t count, cap;
};

void own_read_run(struct shard_read *read, struct view *v);

#endif
