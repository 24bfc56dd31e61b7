/* own_hub.h - the home's side of the members' own streams: who follows theirs, on which loops, and
 * what of a committed batch concerns whom.
 *
 *   batch COMMITTED --> rows of memberships, shelves, members; what the board itself changed
 *                   --> MAIL_OWN {member, board} to the loops where that member follows --> own.h
 *
 * It names what changed and carries nothing of it: a loop reads it again, as that member. A batch
 * costs a look at its rows, and one mail for each loop of each member concerned who follows.
 * Loop 0's thread only. */
#ifndef TAVLA_API_OWN_HUB_H
#define TAVLA_API_OWN_HUB_H

#include "net/api/mail.h"

struct own_hub;

/* loops of `member` are told that their own part of `board` changed (the none id: all of it; the
 * member's own id: the member) */
typedef void own_hub_tell(void *context, uint32_t loop, struct id member, struct id board);

struct own_hub *own_hub_new(own_hub_tell *tell, void *context);
struct own_hub *own_hub_free(struct own_hub *h);

void own_hub_follow(struct own_hub *h, struct id member, uint32_t loop);
void own_hub_leave(struct own_hub *h, struct id member, uint32_t loop);
/* A batch that was answered, before anything that depends on it leaves. board: as it is in memory
 * behind the batch; NULL: not there. */
void own_hub_batch(struct own_hub *h, const struct batch *batch, const struct board *board);

#endif
