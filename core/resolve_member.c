#include "core/base/limits.h"
#include "core/resolve.h"
#include "core/walk.h"

static enum role role_of(struct object *membership)
{
    enum role role = ROLE_NONE;
    role_parse(value_slice(object_value(membership, F_MEMBERSHIP_MEMBER_TYPE)), &role);
    return role;
}

static bool last_admin(struct change *ch, struct object *membership)
{
    if (role_of(membership) != ROLE_ADMIN) return false;
    for (struct object *o = ch->board->objects; o != NULL; o = o->hh.next)
        if (o->kind == KIND_MEMBERSHIP && o != membership && role_of(o) == ROLE_ADMIN) return false;
    return true;
}

static enum err member_add(struct change *ch, const struct op *op)
{
    struct object *membership = board_membership(ch->board, op->member);
    if (membership != NULL)
        return change_refuse(ch, ERR_CONFLICT, membership,
                (struct why){"idMember", "is a member already", "someone who is not yet a member"});
    if (NEVER(ch->directory == NULL) || board_get(ch->directory, KIND_MEMBER, op->member) == NULL)
        return fault_set(ch->fault, ERR_NOT_FOUND, "idMember", "names no member of this server",
                "the id of a person who has an account");
    enum err err = change_quota(ch, KIND_MEMBERSHIP, MEMBERS_PER_BOARD_MAX);
    if (err) return err;
    membership_add(ch, op->member, op->role);
    return ERR_OK;
}

/* Who reads by way of the organization makes themself a member, where the board lets them. */
static enum err member_join(struct change *ch)
{
    struct slice prefs = value_slice(object_value(board_self(ch->board), F_BOARD_PREFS)), may;
    struct id member = ch->grant.actor.member;
    if (!ch->grant.visitor)
        return change_refuse(ch, ERR_CONFLICT, board_membership(ch->board, member),
                (struct why){"idMember", "is a member already", "someone who is not yet a member"});
    if (!walk_find(prefs, SLICE("selfJoin"), &may) || !slice_eq(may, SLICE("true")))
        return fault_set(ch->fault, ERR_FORBIDDEN, "idMember", "is not asked to join by themself",
                "an invitation, or a board whose prefs.selfJoin is true");
    enum err err = change_quota(ch, KIND_MEMBERSHIP, MEMBERS_PER_BOARD_MAX);
    if (!err) membership_add(ch, member, ROLE_NORMAL);
    return err;
}

/* Items of checklists that were theirs are nobody's. */
static void unassign(struct change *ch, struct id member)
{
    struct columns c = {0};
    struct id *ids = ARENA_NEW_ARRAY(ch->arena, struct id, ch->board->count[KIND_CHECK_ITEM]);
    uint32_t count = 0;
    for (struct object *o = ch->board->objects; o != NULL; o = o->hh.next) {
        if (o->kind != KIND_CHECK_ITEM) continue;
        const struct value *v = object_value(o, F_CHECK_ITEM_ID_MEMBER);
        if (v->type == VALUE_ID && id_eq(v->id, member)) ids[count++] = o->id;
    }
    if (count == 0) return;
    columns_put(ch, &c, F_CHECK_ITEM_ID_MEMBER, (struct value){.type = VALUE_NULL});
    change_set(ch, KIND_CHECK_ITEM, ids, count, &c);
}

/* Who leaves is taken off the cards too, by effects of their own. */
static void take_off(struct change *ch, enum field field, struct id member)
{
    struct effect tag = {.field = field, .element = member, .on = false};
    struct id *ids = ARENA_NEW_ARRAY(ch->arena, struct id, ch->board->count[KIND_CARD]);
    uint32_t count = 0;
    for (struct object *o = ch->board->objects; o != NULL; o = o->hh.next)
        if (o->kind == KIND_CARD && value_set_has(object_value(o, field), member))
            ids[count++] = o->id;
    if (count > 0) change_tag(ch, KIND_CARD, ids, count, &tag);
}

/* Votes go too: nobody could take them back any more. */
static void member_remove(struct change *ch, const struct op *op, struct object *membership)
{
    take_off(ch, F_CARD_ID_MEMBERS, op->member);
    take_off(ch, F_CARD_ID_MEMBERS_VOTED, op->member);
    unassign(ch, op->member);
    change_del(ch, KIND_MEMBERSHIP, &membership->id, 1);
}

enum err resolve_member(struct change *ch, const struct op *op)
{
    struct columns c = {0};
    if (op->name == OP_MEMBER_ADD) return member_add(ch, op);
    if (op->name == OP_MEMBER_JOIN) return member_join(ch);
    struct object *membership = board_membership(ch->board, op->member);
    if (membership == NULL)
        return fault_set(ch->fault, ERR_NOT_FOUND, "idMember", "names no member of this board",
                "a member of the board");
    bool loses = op->name == OP_MEMBER_REMOVE || op->role != ROLE_ADMIN;
    if (loses && last_admin(ch, membership))
        return change_refuse(ch, ERR_CONFLICT, membership,
                (struct why){"idMember", "is the board's last admin", "another admin first"});
    if (op->name == OP_MEMBER_REMOVE) {
        member_remove(ch, op, membership);
        return ERR_OK;
    }
    columns_put(ch, &c, F_MEMBERSHIP_MEMBER_TYPE, value_str(role_name(op->role)));
    change_set_one(ch, membership, &c);
    return ERR_OK;
}
