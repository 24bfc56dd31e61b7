/* organization.h - who is in an organization (a workspace), and which boards that lets them read.
 *
 * Organizations and their memberships are objects of the directory. A membership is under an id
 * made from its organization and its member: to ask for one takes no search. A board names its
 * organization; while its prefs.permissionLevel is "org" the organization's members read it, as
 * observers do, without being members of it: visitors. An organization that was deleted has no
 * members left, so a board that still names it is read by its own members alone. Any thread. */
#ifndef TAVLA_CORE_ORGANIZATION_H
#define TAVLA_CORE_ORGANIZATION_H

#include "core/view.h"

struct id org_membership_id(struct id organization, struct id member);
/* In the directory, as it is in memory. ROLE_NONE: of another one, or of the none id. */
enum role organization_role(
        const struct board *directory, struct id organization, struct id member);
/* The organization whose members may read the board; the none id: only its own members may. */
struct id board_readers(const struct board *b);

/* -- in a view */
enum err organization_role_read(
        struct view *v, struct id organization, struct id member, enum role *ret_role);
/* Everybody who is in it; of the none id nobody. */
enum err organization_people(struct view *v, struct id organization,
        void (*fn)(void *context, struct id member), void *context);
/* Not asked about the board's own members. */
enum err organization_lets_read(struct view *v, struct id board, struct id member, bool *ret_yes);

#endif
