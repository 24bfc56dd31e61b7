/* resolve.h - from intents to effects: what a resolver may use. Internal to core/resolve_*.c and
 * the engine.
 *
 * A change is one command on its way to becoming an event. It is made only from a struct grant, and
 * its change_* calls are the only way to alter a
 * board: each encodes one effect, applies it at once and writes down what it replaced, so a later
 * op of the same command sees it and a
 * refusal takes everything back. Resolvers copy values out of the op, because the same command
 * may be judged again. Home thread. */
#ifndef TAVLA_CORE_RESOLVE_H
#define TAVLA_CORE_RESOLVE_H

#include "core/badges.h"
#include "core/op.h"
#include "core/tail.h"

struct overwrite { /* one element of `ow` */
    struct overwrite *next;
    struct id id;
    struct slice field;
    struct id by;
    uint64_t s;
    struct slice old; /* JSON */
};

struct touched {
    struct touched *next;
    struct id card;
    bool quiet; /* an import: nobody was active now */
};

struct change {
    struct grant grant; /* of the op being resolved */
    struct board *board;
    const struct board *directory; /* NULL: this is the directory itself */
    struct change *other; /* of a transfer: the half on the other board; else NULL */
    const struct tail *tail;
    struct arena *arena; /* the batch's */
    struct event *event; /* effects so far, applied */
    uint32_t effect_cap;
    uint64_t base;           /* seq the sender had seen; UINT64_MAX: head */
    struct buf *public_json; /* the effects: an array, still open */
    struct buf *old_json;
    struct overwrite *overwrites;
    struct touched *touched; /* cards whose parts changed */
    struct fault *fault;
    struct slice current; /* of a refusal: the object as it is */
};

struct why { /* of a refusal */
    const char *field, *wrong, *expected;
};

#define COLUMNS_MAX 32

struct columns {
    struct effect_column at[COLUMNS_MAX];
    uint32_t count;
};

/* one value for all ids */
/* The first grant makes the change; later ops of the command bring theirs. */
void change_begin(struct change *ch, const struct grant *grant);
void change_undo(struct change *ch); /* as if it had never been */

/* -- effects; ids and columns are copied, values taken */
/* values: one a slot */
void change_add(struct change *ch, enum kind kind, struct id id, struct value *values);
void change_add_text(
        struct change *ch, enum kind kind, struct id id, struct value *values, struct slice text);
void change_set(struct change *ch, enum kind kind, const struct id *ids, uint32_t id_count,
        const struct columns *columns);
void change_del(struct change *ch, enum kind kind, const struct id *ids, uint32_t id_count);
/* field, element, on of tag */
void change_tag(struct change *ch, enum kind kind, const struct id *ids, uint32_t id_count,
        const struct effect *tag);
void change_txt(struct change *ch, enum kind kind, struct id id, enum field field,
        const struct delta *delta);

/* -- building columns: at most COLUMNS_MAX in one effect */
void columns_put(struct change *ch, struct columns *c, enum field field, struct value value);
/* one an id: to be filled */
struct value *columns_many(
        struct change *ch, struct columns *c, enum field field, uint32_t id_count);
/* copies of the op's own fields */
void columns_sets(struct change *ch, struct columns *c, const struct op *op);
/* a card's badges, if they are others */
void columns_badges(
        struct change *ch, struct columns *c, struct object *card, const struct badges *badges);
/* a card's dateLastActivity */
void columns_activity(struct change *ch, struct columns *c);
void change_set_one(struct change *ch, const struct object *o, const struct columns *c);
struct value *values_new(struct change *ch, enum kind kind); /* defaults, by slot */
struct value *values_at(struct value *values, enum field field);
void values_sets(struct value *values, const struct op *op); /* copies of the op's own fields */
struct slice change_date(struct change *ch); /* the event's ts as ISO 8601 */

/* -- a card's parts */
/* Its badges are to be counted anew, its activity is now: with every change of its parts. */
void change_touch(struct change *ch, struct id card, bool quiet);
void change_finish(struct change *ch); /* behind the command's last op: does that, once a card */
void change_del_parts(struct change *ch, struct id card); /* before the card itself */
/* In their order, in the arena. */
uint32_t children_ids(struct change *ch, enum kind kind, struct id parent, struct id **ret_ids);
bool check_state_known(const struct value *state);
/* -- new cards: whether it may be so, and where; then it is, with what the op says beside values */
enum err card_check_new(struct change *ch, const struct op *op, struct object **ret_list);
/* Those of op's `ids` that are there. */
enum err cards_find(
        struct change *ch, const struct op *op, struct id **ret_ids, uint32_t *ret_count);
void card_add(struct change *ch, const struct op *op, const struct object *list,
        struct value *values, struct slice desc);
enum err card_copy(struct change *ch, const struct op *op);
/* -- covers: of these cards, an attachment of theirs */
enum err cover_check(struct change *ch, const struct value *cover, struct id card);
enum err cover_check_op(
        struct change *ch, const struct op *op, const struct id *cards, uint32_t count);
void cover_forget(struct change *ch, struct object *attachment); /* before it goes */


/* -- asking */
/* The op's object. ERR_GONE when it was deleted lately, else ERR_NOT_FOUND. */
enum err change_find(struct change *ch, enum kind kind, struct id id, const char *field,
        struct object **ret_object);
/* ERR_CONFLICT with current */
enum err change_if(struct change *ch, const struct op *op, const struct object *o);
enum err change_fresh(struct change *ch, struct id id); /* ERR_EXISTS */
/* ERR_FORBIDDEN unless the board's prefs.<name> lets the actor do it: "disabled" nobody, "members"
 * who may edit, "observers" (or Trello's wider "org", "public") every member. otherwise: what an
 * unset one says. what: names the deed in the fault. The system passes. */
enum err change_lets(
        struct change *ch, struct slice name, struct slice otherwise, const char *what);
size_t kind_quota(enum kind kind); /* on one board; 0: not for boards */
/* room for one more */
enum err change_quota(struct change *ch, enum kind kind, size_t limit);
/* ERR_GONE with the object as it is. */
enum err change_refuse(struct change *ch, enum err err, const struct object *o, struct why why);
/* Notes for `ow` each of the op's fields whose value is newer than base and another's. Before
 * the set. */
void change_overwrites(struct change *ch, const struct op *op, const struct object *o);
/* The same for a whole text that is replaced. */
void change_overwritten_text(struct change *ch, struct id id, enum field field, struct slice old,
        const struct tail_hit *hit);

/* Positions for `run` things among siblings (NULL: none), renumbering them first where the gap
 * is too small. */
double *change_place(struct change *ch, const struct siblings *siblings, const struct object *self,
        const struct place *place, uint32_t run);

/* -- resolvers, one file a family */
enum err resolve_op(struct change *ch, const struct op *op);
enum err resolve_board(struct change *ch, const struct op *op);
enum err resolve_list(struct change *ch, const struct op *op);
/* what a list does to its cards */
enum err resolve_list_cards(struct change *ch, const struct op *op);
enum err resolve_card(struct change *ch, const struct op *op);
enum err resolve_cards(struct change *ch, const struct op *op);
enum err resolve_transfer(struct change *ch, const struct op *op);
enum err resolve_badges(struct change *ch, const struct op *op); /* resolve_parts.c */
enum err resolve_checklist(struct change *ch, const struct op *op);
enum err resolve_check_item(struct change *ch, const struct op *op);
enum err resolve_comment(struct change *ch, const struct op *op);
enum err resolve_attachment(struct change *ch, const struct op *op);
enum err resolve_custom_field(struct change *ch, const struct op *op);
enum err resolve_field_item(struct change *ch, const struct op *op);
enum err resolve_label(struct change *ch, const struct op *op);
enum err resolve_text(struct change *ch, const struct op *op);
enum err resolve_member(struct change *ch, const struct op *op);
enum err resolve_import(struct change *ch, const struct op *op);
enum err resolve_revert(struct change *ch, const struct op *op);
enum perm revert_perm(const struct op *op);
enum err resolve_directory(struct change *ch, const struct op *op);
enum err resolve_shelf(struct change *ch, const struct op *op);
enum err resolve_organization(struct change *ch, const struct op *op);
/* May a board be given to this organization by whoever asks? The directory must be in memory. */
enum err organization_check(struct change *ch, const struct value *organization);

/* Adds a membership: board.create's and member.add's. */
void membership_add(struct change *ch, struct id member, enum role role);
bool label_color_known(const struct value *color);
struct object *first_open_list(const struct change *ch); /* NULL: none */

#endif
