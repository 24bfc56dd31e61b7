/* oplog.h - the port between the product and whatever keeps it: append batches, run reads.
 *
 * Embedded, storage/ answers with LMDB and nothing is ever VOID. `sim` (tests) answers late, VOID,
 * REFUSED, UNKNOWN from a seed. It is also the seam for a
 * replicated log. append gives a batch away; it comes back through `answered`, exactly once, on
 * any thread. A batch with a twin, of another board, is stored with it or not at all, and the one
 * answer is for both. read runs a job on a thread that may block. */
#ifndef TAVLA_CORE_OPLOG_H
#define TAVLA_CORE_OPLOG_H

#include "core/base/inbox.h"
#include "core/effect.h"
#include "core/files.h"
#include "core/view.h"

enum oplog_answer {
    OPLOG_PENDING,
    OPLOG_COMMITTED, /* durable: everything that depends on it may leave */
    /* another record took the place (cluster only): un-apply, apply `winners`, resolve again */
    OPLOG_VOID,
    OPLOG_REFUSED, /* nothing was stored: disk or map full, or an id that exists */
    OPLOG_UNKNOWN  /* cannot be said: no verdict to anyone, load again */
};

struct entity_row {
    enum kind kind;
    struct id id;
    struct slice json; /* empty: delete the row */
    struct id card;    /* of a part: whose; none: it is no part */
    uint64_t sum;      /* entity_sum of json, 0 for a delete */
    /* new object: insert its id (and short link) without overwrite, else REFUSED */
    bool fresh;
    char short_link[SHORT_LINK_TEXT + 1]; /* "" when the kind has none */
    struct object *object;                /* engine's own, may be NULL */
};

struct text_row {
    struct id id;
    enum field field;
    uint64_t s;
    struct slice text;
    bool gone;
};

struct member_row { /* index member -> boards */
    struct id member;
    enum role role; /* ROLE_NONE: delete */
};

/* One board's events that commit together, with every row they change. All memory is in `arena`
 * (or the board's). */
struct batch {
    struct mail mail; /* for the inboxes on its way; comes back in the same node */
    struct id board;
    struct board_head before; /* base: before.seq is what it was validated against */
    struct board_head after;
    struct event *events; /* chained, in order */
    uint32_t event_count;
    size_t bytes;
    struct entity_row *entities;
    uint32_t entity_count;
    struct text_row *texts;
    uint32_t text_count;
    struct member_row *members;
    uint32_t member_count;
    struct client_row *clients;
    uint32_t client_count;
    /* Commits with this one or not at all, and comes and goes with it. What it creates may be what
     * this one deletes: those ids and short links pass over to its board. */
    struct batch *twin;
    /* answer: */
    enum oplog_answer answer;
    enum err err;    /* REFUSED: ERR_EXISTS, ERR_STORAGE, ERR_READ_ONLY */
    struct id taken; /* REFUSED with ERR_EXISTS: the id that was there */
    /* VOID: records to apply instead, chained, public_json and old_json set; of a pair one may
     * have none */
    struct event *winners;
    struct arena arena;
    void *context; /* the engine's */
};

struct read_job {
    struct mail mail;
    /* on a reader thread, inside one read transaction */
    void (*run)(struct read_job *job, struct view *v);
    /* on the reader thread, after the view is closed: post it home */
    void (*finished)(struct read_job *job);
    /* set before finished when no view could be opened: run was not called */
    enum err err;
};

struct oplog {
    void (*append)(struct oplog *log, struct batch *batch);
    void (*read)(struct oplog *log, struct read_job *job);
    /* set by the owner before the first append */
    void (*answered)(void *context, struct batch *batch);
    void *context;
    struct files *files; /* where uploads go; NULL: nowhere */
};

#endif
