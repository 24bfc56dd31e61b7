/* action.h - Trello's actions, out of the log: who did what when, newest first.
 *
 * Nothing is stored for them. One effect of an event becomes one action for each object and each
 * field that it changed, by the table in core/action_rules.c; its id is made of where it stands:
 *
 *   time (8 hex digits) | board number (5) | seq (7) | place within the event (4)
 *
 * so it is the same whenever it is asked for, and leads back to the event without an index. A place
 * is given to every object and field of the event, whether it makes an action or not. What has an
 * id of its own that is an action's too (a comment) keeps that.
 *
 * There is no index from a card to its events: a reader looks for the card's id in the records,
 * which is a search in memory at a gigabyte a second, and the writer, of which there is one, pays
 * nothing. Both the looking and the decoding are bounded (ACTIONS_LOOKED_MAX, ACTIONS_READ_MAX).
 * Reader thread. */
#ifndef TAVLA_CORE_ACTION_H
#define TAVLA_CORE_ACTION_H

#include "core/past.h"

struct action_mark { /* a place in the log */
    uint64_t seq;
    uint32_t index;
};

#define ACTION_INDEX_MAX 0xffffu

struct id action_id_make(int64_t ts, uint32_t number, struct action_mark mark);
/* False: not the id of an action of that board (or of any, by `number` ~0). */
bool action_id_read(struct id id, uint32_t number, struct action_mark *ret_mark);
uint32_t action_id_number(struct id id);

struct action {
    struct id id;
    struct slice type;  /* "updateCard" */
    struct slice field; /* of an update: what was changed */
    struct action_mark mark;
    struct id member; /* whom it is about; none */
    const struct event *event;
    const struct effect *effect;
    uint32_t at, column; /* which of its ids, which of its columns */
};

/* "all", or "createCard,updateCard:idList". An empty one allows all. */
bool action_filter_allows(struct slice filter, const struct action *action);

struct action_query {
    struct id card, list; /* none: the whole board */
    struct slice filter;
    struct action_mark before; /* seq 0: no bound */
    struct action_mark since;
    int64_t since_ms; /* 0: no bound */
    struct id by;                /* none: anyone's */
    uint32_t skip, limit;
    /* Every edit of a text by itself; else a run of one person's is one action, its last. */
    bool every_edit;
};

struct action_page {
    uint32_t count;
    bool more; /* below `next`, or perhaps, where looking became too long */
    struct action_mark next; /* as `before` of the next page */
};

/* action and past belong to the call: action_data_write(j, past, action) writes its data. */
typedef enum err action_fn(void *context, struct past *past, const struct action *action);
enum err actions_find(struct board_view *bv, const struct action_query *query, action_fn *fn,
        void *context, struct action_page *ret_page);
void action_data_write(struct json_out *j, struct past *past, const struct action *action);

#endif
