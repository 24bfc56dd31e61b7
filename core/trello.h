/* trello.h - the projection: our objects as Trello's REST and export show them. One table of what
 * is derived and nested.
 *
 * Used on the home (answer to a write, from live state) and on readers (from a board_view_load).
 * Pure; nothing here decides rights. */
#ifndef TAVLA_CORE_TRELLO_H
#define TAVLA_CORE_TRELLO_H

#include "core/base/json_write.h"
#include "core/board.h"

/* Which members of an object to write: all, or a comma list as in `fields=`. Unknown names are
 * ERR_INVALID. */
struct trello_fields {
    bool all;
    struct slice list; /* borrowed */
};

enum err trello_fields_read(
        enum kind kind, struct slice text, struct trello_fields *ret_fields, struct fault *fault);

struct trello_options {
    struct slice base_url; /* "https://host" for url and shortUrl, without a slash at the end */
    struct trello_fields fields;
    /* TEXT of an object: desc. NULL: as empty. */
    struct slice (*text)(void *context, struct id id, enum field field);
    void *context;
};

/* One object in Trello's shape: board, list, card (with labels nested), label, membership. */
void trello_write(struct json_out *j, const struct board *b, const struct object *o,
        const struct trello_options *options);

enum trello_filter { TRELLO_NONE, TRELLO_OPEN, TRELLO_CLOSED, TRELLO_ALL, TRELLO_VISIBLE };
bool trello_filter_read(struct slice text, enum trello_filter *ret_filter);
/* visible: open cards in open lists. */
bool trello_filter_allows(const struct board *b, const struct object *o, enum trello_filter filter);

/* Nested collections of a board: what GET /boards/{id}?lists=..&cards=.. and the export are made
 * of. */
struct trello_nested {
    enum trello_filter lists, cards;
    bool labels;
    bool memberships;
    struct trello_fields list_fields, card_fields, label_fields;
};

/* The board object with its nested collections, in one pass, piece by piece into out: flush is
 * called whenever out holds more than 64 KiB, so a large export needs no large buffer. flush may be
 * NULL. */
enum err trello_board_write(struct buf *out, const struct board *b,
        const struct trello_options *options, const struct trello_nested *nested,
        enum err (*flush)(void *context, struct buf *out), void *context);

#endif
