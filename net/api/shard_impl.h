/* shard_impl.h - what shard.c, session.c and home.c share behind shard.h. Loop thread only,
 * unless said otherwise. */
#ifndef TAVLA_API_SHARD_IMPL_H
#define TAVLA_API_SHARD_IMPL_H

#include "net/api/shard.h"

/* -- session.c */
void sessions_forget(struct shard *s, struct id session);
void sessions_forget_all(struct shard *s);
/* A member's public part as JSON, appended to out. On a reader thread, in its arena. */
bool member_write(struct view *v, struct arena *a, struct id member, struct buf *out);

/* A wish to follow not the board but the actor's own stream. It goes to the directory, which has
 * what was judged of the client. The operator, who is no member, may ask for the directory
 * itself. */
static inline bool attach_is_own(const struct attach *a)
{
    return id_is_none(a->board) && a->actor.system && !id_is_none(a->actor.member);
}

/* -- shard.c: takes mail that came from the home */
void shard_take(struct shard *s, struct mail *mail);

/* -- home.c: what the engine said to loop 0 */
void home_deliver_all(struct home *h);

#endif
