/* perm.h - who may do what: one table of permissions by role, and the only way to a handle that
 * mutators accept.
 *
 * A resolver gets its objects through struct grant, which exists only if grant_open said yes for
 * that actor, that board and that permission. A
 * reader gets its objects through struct board_view (core/view.h), opened the same way.
 * Forgetting the check does not compile. */
#ifndef TAVLA_CORE_PERM_H
#define TAVLA_CORE_PERM_H

#include "core/board.h"

/* clang-format off */
#define PERM_TABLE(X) /*        observer normal admin */ \
    X(NONE,   true,  true,  true)  /* any signed-in person, no board needed: create a board, read oneself */ \
    X(READ,   true,  true,  true)  \
    X(EDIT,   false, true,  true)  \
    X(ADMIN,  false, false, true)  \
    X(SYSTEM, false, false, false) /* the server itself, and the operator on the admin socket */
/* clang-format on */

enum perm {
#define X(name, observer, normal, admin) PERM_##name,
    PERM_TABLE(X)
#undef X
            PERM_COUNT
};

struct actor {
    struct id member;  /* none: anonymous, or the system */
    struct id session; /* none: not by session */
    bool system;       /* the operator (admin socket) or the server itself */
};

bool perm_allows(enum role role, enum perm perm);

/* The proof that `actor` may do `perm` on `board`. Fields are private to core/perm.c's callers
 * in core/resolve*. */
struct grant {
    struct board *board;
    struct actor actor;
    enum role role;
    enum perm perm;
    bool visitor; /* reads by way of the board's organization, and is no member of the board */
};

/* directory: says who is in the board's organization; NULL: nobody is.
 * ERR_NOT_FOUND for a stranger, a removed member and a board that is gone (all alike);
 * ERR_FORBIDDEN for a member whose role does not
 * allow it; ERR_UNAUTHORIZED for nobody. */
enum err grant_open(struct board *board, const struct board *directory, const struct actor *actor,
        enum perm perm, struct grant *ret_grant, struct fault *fault)
        __attribute__((warn_unused_result));

#endif
