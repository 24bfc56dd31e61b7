#include "core/perm.h"

static const bool allowed[PERM_COUNT][ROLE_ADMIN + 1] = {
#define X(name, observer, normal, admin)                                                           \
    [PERM_##name] = {[ROLE_OBSERVER] = observer, [ROLE_NORMAL] = normal, [ROLE_ADMIN] = admin},
        PERM_TABLE(X)
#undef X
};

bool perm_allows(enum role role, enum perm perm)
{
    CHECK((unsigned)role <= ROLE_ADMIN);
    CHECK((unsigned)perm < PERM_COUNT);
    return allowed[perm][role];
}

/* A stranger learns nothing, not even whether the board exists. */
static enum err nothing_here(struct fault *fault)
{
    return fault_set(fault, ERR_NOT_FOUND, "idBoard", "names no board that you can see",
            "the id of a board that you are a member of");
}

enum err grant_open(struct board *board, const struct actor *actor, enum perm perm,
        struct grant *ret_grant, struct fault *fault)
{
    CHECK(board != NULL);
    CHECK((unsigned)perm < PERM_COUNT);
    bool directory = id_is_none(board->id);
    bool nobody = id_is_none(actor->member) && !actor->system;
    bool gone =
            board->head.deleted || (!directory && perm != PERM_NONE && board_self(board) == NULL);
    enum role role = ROLE_NONE;
    if (nobody)
        return fault_set(fault, ERR_UNAUTHORIZED, "", "came without a valid session or token",
                "a signed-in member");
    if (gone) return nothing_here(fault);
    if (actor->system)
        role = ROLE_ADMIN;
    else if (!directory)
        role = board_role(board, actor->member);
    if (!actor->system && perm != PERM_NONE) {
        if (role == ROLE_NONE) return nothing_here(fault);
        if (!perm_allows(role, perm))
            return fault_setf(fault, ERR_FORBIDDEN, "", "a member whose role allows it",
                    "you are %.*s of this board", SLICE_ARG(role_name(role)));
    }
    *ret_grant = (struct grant){.board = board, .actor = *actor, .role = role, .perm = perm};
    return ERR_OK;
}
