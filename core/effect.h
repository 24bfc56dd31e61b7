/* effect.h - what an event does to a board: five forms, a closed set, used in log, broadcast,
 * history and import.
 *
 *   ["add", kind, id, {fields}]                          ["del", kind, id|[ids]]
 *   ["set", kind, id|[ids], {field: value | [values], ..}]
 *   ["tag", kind, id|[ids], field, element, 0|1]        ["txt", kind, id, field, delta]
 *
 * Where ids is an array, a value that is an array of the same length gives one value an id. A set's
 * or JSON field's columns are always written that way then, so that a value which is an array
 * itself is not mistaken.
 *
 * After apply an effect holds what it replaced, so un-apply is apply of the same struct backwards:
 * values are swapped between effect and object, never copied. One thread; memory of the arrays is
 * the event's arena, of values the heap. */
#ifndef TAVLA_CORE_EFFECT_H
#define TAVLA_CORE_EFFECT_H

#include "core/board.h"
#include "core/text.h"

enum effect_form { EFFECT_ADD, EFFECT_SET, EFFECT_DEL, EFFECT_TAG, EFFECT_TXT };

struct effect_column { /* one field of an add or set */
    enum field field;
    uint32_t count; /* 1, or the number of ids */
    /* before apply: new ones; after: for a set, one replaced value an id (`count` ids) */
    struct value *values;
    bool spread; /* after apply: one value was given for many ids; un-apply makes it one again */
};

struct effect_text { /* one TEXT field of an add or a del */
    enum field field;
    uint32_t index;    /* which of the ids */
    uint64_t s;        /* del: the document's */
    struct slice text; /* in the event's arena */
};

struct effect {
    enum effect_form form;
    enum kind kind;
    uint32_t id_count;
    struct id *ids;
    struct effect_column *columns; /* add, set */
    uint32_t column_count;
    struct object **objects; /* del after apply: the removed objects, one an id */
    uint64_t *old_s;         /* after apply: each object's s before */
    enum field field;        /* tag, txt */
    struct id element;       /* tag */
    bool on;                 /* tag */
    bool *was;               /* tag after apply: the bit before, one an id */
    /* tag after apply: where in the set the element was, one an id; only where `was` */
    uint32_t *places;
    struct delta delta;   /* txt; after apply still the forward delta */
    struct delta inverse; /* txt after apply, if the document was loaded: */
    bool has_inverse;
    uint64_t old_doc_s;        /* with it: the document's s before */
    struct effect_text *texts; /* add: TEXT fields given with it; del: those lost */
    uint32_t text_count;
    /* add of a card after apply: head.next_short before; 0: it did not change */
    uint32_t old_next_short;
};

struct event_before { /* the head as apply found it */
    struct hash128 chain;
    int64_t ts;
    /* false for an event decoded with its `old`: un-apply then leaves chain and ts alone */
    bool known;
};

struct event {
    uint64_t seq;
    int64_t ts;      /* Unix ms, max(now, last ts) */
    struct id by;    /* member; none: the server itself */
    struct slice cl; /* client id; empty for server events */
    uint64_t n;
    struct effect *effects;
    uint32_t effect_count;
    struct slice ow; /* "ow" member, [[id,field,by,s,old],..], or empty */
    /* "tx" member of an event that is half of a transfer, or empty: {"id":"..","to":board} where
     * the cards went from, {"from":board,"id":".."} where they came to. The id is the same in
     * both. `left` among them: members who were taken off, as they are on the other board only. */
    struct slice tx;
    /* encoded by event_encode: */
    /* the wire's op message, exactly as broadcast and as the log keeps it */
    struct slice public_json;
    struct slice old_json; /* ["old"-array]: kept in the log, never broadcast */
    struct hash128 chain;  /* after this event */
    bool applied;          /* the effects hold what they replaced */
    struct event_before before;
    /* the engine's: the organization whose members may read the board from here on */
    struct id readers;
    struct event *next;
};

/* Applies effects in order; sets every touched object's s (and dateLastActivity is an effect of its
 * own, not done here). Total: CHECKs what resolve has ensured. Marks objects dirty. A txt on a
 * document that is not loaded changes only s. e->seq is head.seq + 1, and set to that when it is
 * still 0. head.seq, chain and ts move with event_seal, or event_follow for a record that came
 * sealed. */
void event_apply(struct board *b, struct event *e, struct arena *a);
/* the last effect alone, of an event that is applied as it is made */
void event_apply_last(struct board *b, struct event *e, struct arena *a);
/* exact inverse, including s, order, head */
void event_unapply(struct board *b, struct event *e, struct arena *a);
void effect_fini(struct effect *e); /* frees values it still owns */
void event_fini(struct event *e);   /* all its effects */
/* The head moves on to a sealed event of another's making, after event_apply. Takes e->chain. */
void event_follow(struct board *b, const struct event *e);

/* Wire and log form. Called around apply: effects_write before (new values are still in the
 * effects), effects_write_old after. Old is one element an effect:
 *   add {} or {"next":idShort before}   set {"s":[..],"v":{field:[..]}}
 *   del {"o":[{..}],"t":[[index,field,s,text],..]}
 *   tag {"at":[place or -1],"s":[..]}   txt {"s":s} or {"d":inverse,"ds":document's s,"s":s}
 * event_seal puts ts, seq and h in and advances head.seq, head.chain, head.ts:
 *   {"t":"op","b":"<id>","s":58,"by":"..","ts":ms,"cl":"..","n":3,"e":[..],"ow":[..],"tx":{..},
 *    "h":"16 hex"}
 * h is last so that the chain can be computed over everything before it; cl, n, ow, tx are left
 * out when empty. */
void effect_write(struct json_out *j, const struct effect *fx);
void effect_write_old(struct json_out *j, const struct effect *fx);
void effects_write(struct json_out *j, const struct effect *effects, uint32_t count);
void effects_write_old(struct json_out *j, const struct effect *effects, uint32_t count);
void event_seal(struct board *b, struct event *e, struct arena *a, struct slice effects_json,
        struct slice old_json);
/* Recomputes a record's link: for verify, resume and re-reading. False when public_json is not of
 * the sealed form, or its h is not this link's. */
bool event_chain(struct hash128 prev, struct slice public_json, struct slice old_json,
        struct hash128 *ret_chain);

/* From a log record back to effects (values heap, arrays in a). With old_json the event is as after
 * apply (for un-apply), without it as before apply. ERR_CORRUPT with a fault when it does not
 * decode. */
enum err event_decode(struct arena *a, struct slice public_json, struct slice old_json,
        struct event *ret_event, struct fault *fault);

#endif
