#include "core/perm.h"

#include "core/organization.h"

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

/* Who is not on the board reads it where its organization may, as an observer does. */
static enum role role_on(const struct board *board, const struct board *directory,
        const struct actor *actor, bool *ret_visitor)
{
    enum role role = board_role(board, actor->member);
    if (role != ROLE_NONE || directory == NULL) return role;
    *ret_visitor = organization_role(directory, board_readers(board), actor->member) != ROLE_NONE;
    return *ret_visitor ? ROLE_OBSERVER : ROLE_NONE;
}

enum err grant_open(struct board *board, const struct board *directory, const struct actor *actor,
        enum perm perm, struct grant *ret_grant, struct fault *fault)
{
    CHECK(board != NULL);
    CHECK((unsigned)perm < PERM_COUNT);
    bool is_directory = id_is_none(board->id), visitor = false;
    bool nobody = id_is_none(actor->member) && !actor->system;
    bool gone = board->head.deleted ||
                (!is_directory && perm != PERM_NONE && board_self(board) == NULL);
    enum role role = ROLE_NONE;
    if (nobody)
        return fault_set(fault, ERR_UNAUTHORIZED, "", "came without a valid session or token",
                "a signed-in member");
    if (gone) return nothing_here(fault);
    if (actor->system)
        role = ROLE_ADMIN;
    else if (!is_directory)
        role = role_on(board, directory, actor, &visitor);
    if (!actor->system && perm != PERM_NONE) {
        if (role == ROLE_NONE) return nothing_here(fault);
        if (!perm_allows(role, perm))
            return fault_setf(fault, ERR_FORBIDDEN, "", "a member whose role allows it",
                    "you are %.*s of this board", SLICE_ARG(role_name(role)));
    }
    *ret_grant = (struct grant){
            .board = board, .actor = *actor, .role = role, .perm = perm, .visitor = visitor};
    return ERR_OK;
}
