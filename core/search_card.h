/* search_card.h - what a search wants of a card, taken from its stored value without making an
 * object of it: one pass finds where each member stands, and only what a term asks for is read.
 * Any thread. */
#ifndef TAVLA_CORE_SEARCH_CARD_H
#define TAVLA_CORE_SEARCH_CARD_H

#include "core/model.h"
#include "core/search.h"

/* clang-format off */
#define SEARCH_CARD_TABLE(X) /* all up to the name, in the order of their keys */ \
    X(ADDRESS,     "address")          \
    X(BADGES,      "badges")           \
    X(ROLE,        "cardRole")         \
    X(CLOSED,      "closed")           \
    X(COORDINATES, "coordinates")      \
    X(COVER,       "cover")            \
    X(ACTIVITY,    "dateLastActivity") \
    X(DUE,         "due")              \
    X(COMPLETE,    "dueComplete")      \
    X(REMINDER,    "dueReminder")      \
    X(ID,          "id")               \
    X(LABELS,      "idLabels")         \
    X(LIST,        "idList")           \
    X(MEMBERS,     "idMembers")        \
    X(VOTED,       "idMembersVoted")   \
    X(NUMBER,      "idShort")          \
    X(TEMPLATE,    "isTemplate")       \
    X(LOCATION,    "locationName")     \
    X(NAME,        "name")
/* clang-format on */

enum card_member {
#define X(name, key) CARD_##name,
    SEARCH_CARD_TABLE(X)
#undef X
            CARD_MEMBER_COUNT
};

struct search_card { /* borrows the value */
    struct id id;
    bool archived; /* of itself, or with its list: its reader's to set */
    struct slice members[CARD_MEMBER_COUNT]; /* JSON; ptr NULL: absent */
};

/* False: not a stored object. */
bool search_card_read(struct id id, struct slice json, struct search_card *ret);
/* The value as JSON; ptr NULL: absent. */
struct slice search_card_member(const struct search_card *c, enum card_member member);
/* Terms about the card's own fields; false for all others. */
bool search_card_holds(const struct search_card *c, const struct search_term *t, int64_t now_ms);
bool search_card_described(const struct search_card *c);

/* The next id of a list like CARD_LABELS, from where *at stands; begin with the list. */
bool search_id_next(struct slice *at, struct id *ret_id);
/* Unix ms of a JSON date; INT64_MIN: it is none. */
int64_t search_date(struct slice json);
/* The characters of a JSON string: within it where it has no escapes, else in scratch. Not a
 * string: empty. */
struct slice json_text(struct slice json, struct buf *scratch);

#endif
