/* presence_hub.h - the home's side of presence: one table a board, one pair of frames a board and
 * tick, for every loop that follows it.
 *
 *   live -- MAIL_PRESENCE --> table (core/presence.h) -- MAIL_PRESENT --> entry, feed_aside
 *
 * A loop gets the newest whole with its ATTACHED, so that a joiner's `live` has a roster. A person
 * who lost access leaves in the turn of the barrier; words of theirs that are still on the way are
 * not taken, because the engine's board does not know them any more. Loop 0's thread only. */
#ifndef TAVLA_API_PRESENCE_HUB_H
#define TAVLA_API_PRESENCE_HUB_H

#include "net/api/mail.h"

struct presence_hub;

/* How it reaches the loops, and what it asks of the home. */
struct presence_home {
    void (*send)(void *context, uint32_t loop, struct mail *mail, enum mail_kind kind);
    bool (*is_member)(void *context, struct id board, struct id member);
    bool (*is_pressed)(void *context, struct id board);
    void *context;
};

struct presence_hub *presence_hub_new(const struct presence_home *home);
struct presence_hub *presence_hub_free(struct presence_hub *h);

void presence_hub_take(
        struct presence_hub *h, struct mail_presence *m, int64_t now_ms); /* takes m */
/* a loop follows the board from now on, or no more */
void presence_hub_attach(struct presence_hub *h, struct id board, uint32_t loop);
void presence_hub_detach(struct presence_hub *h, struct id board, uint32_t loop);
void presence_hub_forget(struct presence_hub *h, struct id board, struct id member);
/* once a turn: sends what is due */
void presence_hub_turn(struct presence_hub *h, int64_t now_ms);

#endif
