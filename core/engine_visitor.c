/* Visitors: people who follow a board because its organization may read it, without being members
 * of it. What they came by is the directory's, or the board's own word, and either can end it: at
 * once for the board's order, from the next event that leaves.
 *
 * Only what is committed lets somebody in, so nobody has to be put out for what never was. */
#include "core/engine_room.h"
#include "core/organization.h"

bool directory_settled(const struct engine *e)
{
    return e->directory->state == ROOM_HOT && e->directory->batch == NULL;
}

bool room_asks_directory(const struct room *r, const struct actor *actor)
{
    if (actor->system || board_role(r->board, actor->member) != ROLE_NONE) return false;
    return !id_is_none(board_readers(r->board));
}

void visitor_add(struct room *r, struct id member)
{
    for (uint32_t i = 0; i < r->visitor_count; i++)
        if (id_eq(r->visitors[i], member)) return;
    if (r->visitor_count == r->visitor_cap) {
        r->visitor_cap = r->visitor_cap == 0 ? 8 : 2 * r->visitor_cap;
        r->visitors = mem_resize(r->visitors, r->visitor_cap * sizeof *r->visitors);
    }
    r->visitors[r->visitor_count++] = member;
}

/* Who joined meanwhile stays, as soon as that is committed. */
static void visitor_out(struct engine *e, struct room *r, struct id member, uint64_t seq)
{
    const struct object *membership = board_membership(r->board, member);
    if (membership == NULL || membership->sum == 0)
        e->out.barrier(e->context, r->id, r->loops, member, seq);
}

void visitors_out(struct engine *e, struct room *r, struct id readers, uint64_t seq)
{
    for (uint32_t i = 0; i < r->visitor_count; i++)
        visitor_out(e, r, r->visitors[i], seq);
    r->visitor_count = 0;
    r->readers = readers;
}

static void membership_lost(struct engine *e, struct object *membership)
{
    struct id organization = object_value(membership, F_ORG_MEMBERSHIP_ID_ORGANIZATION)->id;
    struct id member = object_value(membership, F_ORG_MEMBERSHIP_ID_MEMBER)->id;
    for (struct room *r = e->rooms; r != NULL; r = r->hh.next) {
        if (!id_eq(r->readers, organization)) continue;
        for (uint32_t i = 0; i < r->visitor_count; i++) {
            if (!id_eq(r->visitors[i], member)) continue;
            r->visitors[i] = r->visitors[--r->visitor_count];
            visitor_out(e, r, member, r->published + 1);
            break;
        }
    }
}

void organization_losses(struct engine *e, const struct event *event)
{
    for (uint32_t i = 0; i < event->effect_count; i++) {
        const struct effect *fx = &event->effects[i];
        if (fx->form != EFFECT_DEL || fx->kind != KIND_ORG_MEMBERSHIP) continue;
        for (uint32_t k = 0; k < fx->id_count; k++)
            membership_lost(e, fx->objects[k]);
    }
}

void organization_lost(struct engine *e, const struct board *before, const struct board *now)
{
    for (struct object *o = before->objects; o != NULL; o = o->hh.next)
        if (o->kind == KIND_ORG_MEMBERSHIP && board_get(now, KIND_ORG_MEMBERSHIP, o->id) == NULL)
            membership_lost(e, o);
}
