/* badges.h - what a card's face tells of its parts, stored on the card so that a board is drawn
 * without them.
 *
 * Resolvers change it in the same event as the parts. What is 0, empty or false is left out. Pure;
 * any thread.
 *
 * The values of custom fields are {idCustomField: value or idValue, ..}, of all fields, whether a
 * face shows them or not: so showing one is a change of that field alone, however many cards
 * have it. Deleting one is, too: what a face has of a field or an option that is gone is no value,
 * and leaves with the card's next change. A long text is there as far as a face could show it. */
#ifndef TAVLA_CORE_BADGES_H
#define TAVLA_CORE_BADGES_H

#include "core/base/arena.h"
#include "core/board.h"

struct badges {
    uint32_t attachments;
    uint32_t links_to_boards, links_to_cards; /* among them, here or at Trello */
    uint32_t check_items, check_items_checked;
    uint32_t comments;
    struct slice earliest_due; /* of the items that are not done; empty: none */
    struct slice fields;       /* canonical JSON; empty: none */
    bool description;
};

/* As the card has them. Borrowed from it. */
struct badges badges_of(const struct object *card);
/* The same with everything counted that is in memory: the card's parts, not its text. */
struct badges badges_count(struct arena *a, const struct board *b, const struct object *card);
/* The card was stored before cards said of their custom fields what they have. */
bool badges_fields_missing(const struct board *b, const struct object *card);
/* The card says of them what it has. Uses the arena for a while only. */
bool badges_fields_right(struct arena *a, const struct board *b, const struct object *card);
struct slice badges_json(struct arena *a, const struct badges *badges); /* canonical */

#endif
