/* rest_actions.h - what the two ways to ask for actions share: of one board (rest_actions.c), and
 * of a person on all theirs (rest_actions_by.c). */
#ifndef TAVLA_API_REST_ACTIONS_H
#define TAVLA_API_REST_ACTIONS_H

#include "core/action.h"
#include "net/api/rest_nouns.h"

struct action_writer {
    struct rest *rest;
    struct board_view *bv;
    struct json_out j;
    struct slice fields; /* empty: all */
    bool creator, seq;
    struct id only; /* none: every one that comes */
    bool found;
    bool without_comments;
    struct board *lists; /* since the first comment; NULL: none was there */
};

enum err action_writer_init(struct action_writer *w, struct rest *r, struct board_view *bv);
void action_writer_fini(struct action_writer *w);
/* Each an action_fn: into w->j; nothing, for whoever counts. */
enum err action_write(void *context, struct past *past, const struct action *action);
enum err action_count(void *context, struct past *past, const struct action *action);
void action_count_write(struct json_out *j, uint64_t count); /* {"_value":n} */
/* filter, limit and page of a request; before and since, as this board understands them. */
enum err actions_limits(struct rest *r, struct action_query *ret_query);
enum err actions_bounds(struct rest *r, struct board_view *bv, struct action_query *q);

#endif
