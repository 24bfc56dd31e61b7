/* board.h - one board's current state in memory: objects by id, order within parents, the log's
 * head.
 *
 * The same struct is the engine's authoritative copy, a reader thread's temporary view, and a model
 * for tests. Text fields (desc) are not in it: see docs. One thread at a time. */
#ifndef TAVLA_CORE_BOARD_H
#define TAVLA_CORE_BOARD_H

#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/base/map.h"
#include "core/value.h"

struct object {
    struct id id;
    enum kind kind;
    bool dirty;   /* changed since the last commit was formed */
    uint64_t s;   /* seq that last changed it: its ETag */
    uint64_t sum; /* entity_sum of its stored value; 0 before it is stored */
    UT_hash_handle hh;
    struct value fields[]; /* kind_info(kind)->count, by slot; TEXT slots stay null */
};

/* A position in a board's log: resume is allowed only where the server's own record at seq has the
 * same h. */
struct position {
    uint64_t seq;
    uint64_t h;
};

struct board_head {  /* what is stored beside the log, written with every batch */
    uint32_t number; /* the board's number on this server, from 1; part of made action ids */
    uint64_t seq;
    struct hash128 chain; /* over all records up to seq */
    uint64_t floor;       /* records <= floor were dropped; their chain value: */
    struct hash128 floor_chain;
    int64_t ts;          /* of the last event: time never runs backwards on a board */
    uint64_t sum;        /* sum (mod 2^64) of entity_sum over its stored entities */
    uint64_t entities;   /* how many */
    uint32_t next_short; /* idShort of the next card */
    bool deleted;        /* the board object was deleted: everything on it is gone */
};

/* Cards of one list, items of one checklist, lists of the board: sorted by (pos, id), by id alone
 * where the kind has no place. */
struct siblings {
    struct id parent; /* list id, card id ..., or the board's own id */
    uint8_t kind;     /* of what is in it: with the parent its key */
    struct object **at;
    size_t count, cap;
    UT_hash_handle hh;
};

/* A text document while it is in memory: fetched before an op that needs it is resolved. */
struct doc {
    struct id id; /* of the object */
    enum field field;
    uint64_t s;        /* last txt event */
    struct slice text; /* UTF-8, owned (mem) */
    UT_hash_handle hh; /* keyed by id and field */
};

struct board {
    struct id id;
    struct board_head head;
    struct object *objects;    /* by id */
    struct object *self;       /* the one of kind BOARD: every op asks for it */
    struct siblings *siblings; /* by parent */
    struct doc *docs;          /* loaded texts only */
    /* count[KIND_MEMBERSHIP] of them: every check of a right looks here */
    struct object **memberships;
    size_t membership_cap;
    size_t count[KIND_LIMIT];
    size_t bytes; /* approximate memory */
};

struct board *board_new(struct id id);
struct board *board_free(struct board *b);

struct object *board_find(const struct board *b, struct id id); /* any kind; NULL: none */
struct object *board_get(const struct board *b, enum kind kind, struct id id); /* of that kind */
/* the BOARD object; NULL before create, after delete */
static inline struct object *board_self(const struct board *b)
{
    return b->self;
}
/* NULL: none */
const struct siblings *board_children(const struct board *b, enum kind kind, struct id parent);
struct object *board_membership(const struct board *b, struct id member); /* NULL: not a member */
enum role board_role(const struct board *b, struct id member);
struct doc *board_doc(const struct board *b, struct id id, enum field field); /* NULL: not loaded */
/* the text is copied */
void board_doc_put(struct board *b, struct id id, enum field field, uint64_t s, struct slice text);
void board_doc_drop(struct board *b, struct doc *doc);
double object_pos(const struct object *o); /* 0 where the kind has no place */
bool field_places(enum field f);           /* an object with another value stands elsewhere */
size_t siblings_index(const struct siblings *s, const struct object *o); /* CHECKs it is there */

static inline struct value *object_value(struct object *o, enum field f)
{
    CHECK(field_info(f)->kind == o->kind);
    return &o->fields[field_info(f)->slot];
}

/* Objects in and out, keeping counts and order right. Used by apply and by loading; nobody else
 * changes a board. */
struct object *object_new(enum kind kind, struct id id); /* fields at their defaults */
struct object *object_free(struct object *o);
void board_insert(struct board *b, struct object *o); /* takes it; CHECKs the id is free */
/* Loading: many inserts without an order, then the order once. Nothing else may be called in
 * between. */
void board_fill(struct board *b, struct object *o);
void board_fill_end(struct board *b);
/* gives it back to the caller, who frees it */
void board_remove(struct board *b, struct object *o);
/* Before and after a change of pos or idList: takes it out of its siblings, puts it in again. */
void board_unplace(struct board *b, struct object *o);
void board_place(struct board *b, struct object *o);

/* The stored and wire form: canonical JSON, fields by name, with "id" and "s" (and no TEXT). A
 * snapshot is the concatenation of these. */
void object_write(const struct object *o, struct buf *out);
/* From that form; a missing field takes its default (older data), an unknown one is dropped. */
enum err object_read(enum kind kind, struct arena *scratch, struct slice json,
        struct object **ret_object, struct fault *fault);
uint64_t entity_sum(enum kind kind, struct id id, struct slice json);

/* [[kind,{..}],..] up to kind number `last`, by (kind number, id). */
void board_objects_write(const struct board *b, enum kind last, struct json_out *j);
/* Whole tier 1 as canonical JSON: {"objects":[[kind,{..}],..],"pos":[seq,"h"]} with objects by
 * (kind number, id). Equal boards have equal text: the convergence check of tests and clients. */
void board_write(const struct board *b, struct buf *out);

#endif
