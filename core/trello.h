/* trello.h - the projection: our objects as Trello's REST and export show them. One table of what
 * is derived and nested.
 *
 * Used on the home (answer to a write, from live state) and on readers (from a board_view_load).
 * Pure; nothing here decides rights. */
#ifndef TAVLA_CORE_TRELLO_H
#define TAVLA_CORE_TRELLO_H

#include "core/base/json_write.h"
#include "core/board.h"
#include "core/shelf.h"

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
    /* Somebody as an object; false: nobody of that id, nothing was written. NULL: knows none. */
    bool (*person)(void *context, struct id member, struct json_out *j);
    void *context;
    struct id viewer; /* who asks; none: nobody */
    /* What the reader starred and watches; NULL: nothing. */
    const struct shelf *shelf;
    bool files; /* for a copy: attachments say which stored file they are; nobody outside sees it */
};

/* One object in Trello's shape: board, list, card (with labels nested), label, membership,
 * checklist (with its items, as far as they are loaded), checkItem, attachment, customField (with
 * its options), customFieldOption, customFieldItem. */
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
    bool checklists;
    bool card_checklists; /* in each card too */
    bool comments;        /* as actions, newest first */
    bool custom_fields;
    bool card_field_items; /* in each card */
    bool card_attachments; /* in each card */
    struct trello_fields list_fields, card_fields, label_fields, checklist_fields,
            attachment_fields;
};

/* What stands under something (the checklists of a card, ..) as an array, in order. */
void trello_children_write(struct json_out *j, const struct board *b, enum kind kind,
        struct id parent, const struct trello_options *options);

/* A comment as Trello has it: an action of type commentCard. Card and list are named as far as they
 * are loaded. */
void trello_comment_write(struct json_out *j, const struct board *b, const struct object *comment,
        const struct trello_options *options);
/* All of them, newest first, without the brackets around them. */
enum err trello_comments_write(struct json_out *j, const struct board *b,
        const struct trello_options *options, enum err (*flush)(void *context, struct buf *out),
        void *context);
/* What it is known by in REST: of whom, on which comment, which emoji. */
struct id trello_reaction_id(struct id comment, struct slice member, struct slice emoji);
/* `only`: none for all. False: there is none of that id. */
bool trello_reactions_write(struct json_out *j, const struct object *comment, struct id only,
        const struct trello_options *options);

/* The board object with its nested collections, in one pass, piece by piece into out: flush is
 * called whenever out holds more than 64 KiB, so a large export needs no large buffer. flush may be
 * NULL. */
enum err trello_board_write(struct buf *out, const struct board *b,
        const struct trello_options *options, const struct trello_nested *nested,
        enum err (*flush)(void *context, struct buf *out), void *context);

#endif
