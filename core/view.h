/* view.h - reading committed state: the port's read side, and the checked way through it.
 *
 * A view is one read transaction on some reader thread: head, entities and log in it belong
 * together. Storage fills the calls (LMDB), tests and simulation too. Slices are borrowed until the
 * view's function returns. ERR_CORRUPT: a checksum failed. */
#ifndef TAVLA_CORE_VIEW_H
#define TAVLA_CORE_VIEW_H

#include "core/perm.h"

struct view;

struct location { /* where an id or short link leads */
    struct id board;
    enum kind kind;
    struct id id;
};

struct client_row { /* one (board, actor, cl): what has been judged */
    struct id actor;
    struct slice cl;
    uint64_t last_n;
    uint64_t seq; /* of the event that last_n became */
    int64_t used_ms;
    uint64_t refused[64];
    uint32_t refused_count;
};

struct view_ops {
    /* ERR_NOT_FOUND */
    enum err (*head)(struct view *v, struct id board, struct board_head *ret_head);
    enum err (*entity)(
            struct view *v, struct id board, enum kind kind, struct id id, struct slice *ret_json);
    /* All entities of kinds from .. to (inclusive), in key order: (kind number, id). fn's error
     * stops and is returned. */
    enum err (*entities)(struct view *v, struct id board, enum kind from, enum kind to,
            enum err (*fn)(void *context, enum kind kind, struct id id, struct slice json),
            void *context);
    /* The parts of one card, by (kind number, id). */
    enum err (*parts)(struct view *v, struct id board, struct id card,
            enum err (*fn)(void *context, enum kind kind, struct id id, struct slice json),
            void *context);
    /* ERR_NOT_FOUND: empty */
    enum err (*text)(struct view *v, struct id board, struct id id, enum field field,
            uint64_t *ret_s, struct slice *ret_text);
    /* Events from seq `from` on, contiguous and ascending; ERR_GONE_POSITION when `from` <=
     * floor. */
    enum err (*events)(struct view *v, struct id board, uint64_t from,
            enum err (*fn)(
                    void *context, uint64_t seq, struct slice public_json, struct slice old_json),
            void *context);
    /* chain's first 64 bits at seq; seq 0 and floor included */
    enum err (*event_h)(struct view *v, struct id board, uint64_t seq, uint64_t *ret_h);
    enum err (*locate)(struct view *v, struct id id, struct location *ret_location);
    enum err (*locate_short)(
            struct view *v, struct slice short_link, struct location *ret_location);
    /* Was the id, or the short link (whichever is given), ever used? Also by what is deleted:
     * neither is given out twice. */
    enum err (*known)(struct view *v, struct id id, struct slice short_link, bool *ret_known);
    /* Boards of a member. */
    enum err (*memberships)(struct view *v, struct id member,
            enum err (*fn)(void *context, struct id board, enum role role), void *context);
    enum err (*clients)(struct view *v, struct id board,
            enum err (*fn)(void *context, const struct client_row *row), void *context);
};

struct view {
    const struct view_ops *ops;
    struct arena *arena; /* scratch for this view's users; reset when it closes */
};

/* The checked handle for reading a board: every read route gets its objects through this. Same
 * answers as grant_open. */
struct board_view {
    struct view *view;
    struct id board;
    struct board_head head;
    struct actor actor;
    enum role role;
    bool visitor; /* as in struct grant */
};

enum err board_view_open(struct view *v, const struct actor *actor, struct id board, enum perm perm,
        struct board_view *ret_view, struct fault *fault) __attribute__((warn_unused_result));

/* Loads kinds (a bitmask of 1 << kind number) of a board into memory; BOARD and MEMBERSHIP always
 * come. For REST projections and the engine. */
enum err board_view_load(
        struct board_view *bv, uint64_t kinds, struct board **ret_board, struct fault *fault);

/* The parts of one card that is loaded already. */
enum err board_view_parts(
        struct board_view *bv, struct board *b, struct id card, struct fault *fault);

/* Everything the engine needs to own a board: state, clients, and the events after `after` (for
 * what was not published). */
struct board_load {
    struct id board;
    uint64_t after; /* UINT64_MAX: no events wanted */
    enum err err;   /* ERR_NOT_FOUND: there is no such board */
    struct board *state;
    struct client_row *clients; /* in arena */
    uint32_t client_count;
    struct event *events; /* chained; in arena, public_json only */
    struct arena arena;
    void *context; /* of who asked */
};

void board_load_run(struct board_load *load, struct view *v);
void board_load_fini(struct board_load *load); /* what was not taken */

/* Sessions and links, by the SHA-256 of their secret: the object's id is its first 12 bytes, the
 * whole hash is compared by the caller's constant-time `equal`. ERR_UNAUTHORIZED: none, or expired
 * at now_ms. */
enum err session_find(struct view *v, const uint8_t hash[32], int64_t now_ms,
        bool (*equal)(const void *a, const void *b, size_t len), struct actor *ret_actor);

#endif
