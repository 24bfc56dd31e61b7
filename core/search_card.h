/* search_card.h - what a search wants of a card, taken from its stored value without making an
 * object of it: one pass finds where each member is, and only what a term asks for is read. Any
 * thread. */
#ifndef TAVLA_CORE_SEARCH_CARD_H
#define TAVLA_CORE_SEARCH_CARD_H

#include "core/model.h"
#include "core/search.h"

struct search_card { /* borrows the value; members as JSON, ptr NULL: absent */
    struct id id;
    bool archived; /* of itself, or with its list: its reader's to set */
    struct slice badges, closed, coordinates, cover, activity, due, complete, labels, list, members,
            number, is_template, location, name;
};

/* False: not a stored object. */
bool search_card_read(struct id id, struct slice json, struct search_card *ret);
/* Terms about the card's own fields; false for all others. */
bool search_card_holds(const struct search_card *c, const struct search_term *t, int64_t now_ms);
bool search_card_described(const struct search_card *c);

/* The next id of a list like c->labels, from where *at stands; begin with the list. */
bool search_id_next(struct slice *at, struct id *ret_id);
/* Unix ms of a JSON date; INT64_MIN: it is none. */
int64_t search_date(struct slice json);
/* The characters of a JSON string: within it where it has no escapes, else in scratch. Not a
 * string: empty. */
struct slice json_text(struct slice json, struct buf *scratch);

#endif
