/* A command that changes two boards: card.transfer. Its room is that of the board the cards leave;
 * the other is its guest, with a batch of its own that hangs on the first as `twin`. Both are
 * alone in their batch, and the port stores both or neither.
 *
 *   next in the queue -- the other room is free --> judged, both batches fly
 *         |                                              ^
 *         +-- it is not: parked among its waiters -------+ its turn, and theirs before its own
 *
 * A parked room has nothing in flight, so two that wait for each other do not stand in each other's
 * way. Between two waiters a room has one turn for itself: neither starves. */
#include "core/base/limits.h"
#include "core/engine_room.h"

/* Does c want a second board, and can it still have it? */
bool command_guest(struct room *r, struct command *c, struct id *ret_board)
{
    if (c->op_count != 1 || c->ops[0].name != OP_CARD_TRANSFER) return false;
    if (id_is_none(r->id) || id_eq(c->ops[0].id_board, r->id)) return false; /* to be refused */
    if (c->verdict == VERDICT_REJECTED || command_duplicate(r, c)) return false;
    *ret_board = c->ops[0].id_board;
    return true;
}

static bool is_free(const struct room *r)
{
    return r->state == ROOM_HOT && r->batch == NULL && r->waits == NULL;
}

static bool own_turn(const struct room *r)
{
    return r->yields && r->queue.first != NULL && !chain_linked(&r->parked);
}

struct room *room_guest(struct engine *e, struct room *r, struct id board, int64_t now_ms)
{
    struct room *guest = room_get(e, board, now_ms);
    bool first = r->served_by == guest || (chain_empty(&guest->waiters) && !own_turn(guest));
    e->again = true; /* the guest may have had its turn already */
    if (is_free(guest) && first) {
        guest->yields = true;
        return guest;
    }
    chain_push(&guest->waiters, &r->parked);
    return NULL;
}

bool room_serve(struct engine *e, struct room *r, int64_t now_ms)
{
    if (chain_empty(&r->waiters) || !is_free(r) || own_turn(r)) return false;
    struct room *waiter = chain_entry(chain_pop(&r->waiters), struct room, parked);
    room_ready(e, r);
    room_ready(e, waiter);
    e->again = true;
    if (waiter->state != ROOM_HOT || waiter->batch != NULL) return true; /* it comes again */
    waiter->served_by = r;
    room_drain(e, waiter, now_ms);
    waiter->served_by = NULL;
    room_pace(e, waiter);
    return true;
}

void room_turn_away(struct engine *e, struct room *r, const struct fault *fault)
{
    for (struct chain_link *l; (l = chain_pop(&r->waiters)) != NULL;) {
        struct room *waiter = chain_entry(l, struct room, parked);
        struct command *c = waiter->queue.first;
        struct id board;
        room_ready(e, waiter);
        if (c == NULL || waiter->state != ROOM_HOT || !command_guest(waiter, c, &board) ||
                !id_eq(board, r->id))
            continue;
        c->verdict = VERDICT_REJECTED;
        c->fault = *fault;
    }
}
