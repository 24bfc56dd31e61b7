/* trello_out.h - what the two halves of the projection share: one object's members, and a
 * board's collections. Private to core/trello_*.c. */
#ifndef TAVLA_CORE_TRELLO_OUT_H
#define TAVLA_CORE_TRELLO_OUT_H

#include "core/base/check.h"
#include "core/trello.h"

/* How often labels are carried: counted once where a whole board is written. */
struct label_uses {
    struct id id;
    uint64_t count;
    UT_hash_handle hh;
};

struct trello_writer {
    struct json_out *j;
    const struct board *b;
    const struct trello_options *options;
    bool counted; /* uses is complete; else a label's carriers are counted when asked */
    const struct label_uses *uses;
};

typedef void member_fn(const struct trello_writer *w, const struct object *o);

/* One member of an object in Trello's shape: stored as it is, always the same, or made. */
struct member {
    struct slice name;
    enum { FROM_FIELD, FROM_CONSTANT, FROM_FUNCTION } from;
    enum field field;
    struct slice json;
    member_fn *fn;
    bool skip_null; /* in "all": clients take absence better than null */
};

/* clang-format off */
#define NAME(text) .name = {"" text, sizeof(text) - 1}
#define STORED(text, f) {NAME(text), .from = FROM_FIELD, .field = (f)}
#define STORED_OR_NOT(text, f) {NAME(text), .from = FROM_FIELD, .field = (f), .skip_null = true}
#define CONSTANT(text, raw) {NAME(text), .from = FROM_CONSTANT, .json = {"" raw, sizeof(raw) - 1}}
#define MADE(text, f) {NAME(text), .from = FROM_FUNCTION, .fn = (f)}
/* clang-format on */
#define MEMBERS(table) ((struct members){(table), ARRAY_COUNT(table)})

struct members {
    const struct member *at;
    size_t count;
};

member_fn trello_id_board;
struct members trello_part_members(enum kind kind); /* trello_parts.c */

/* The members between the braces, id first. */
void trello_members(
        const struct trello_writer *w, const struct object *o, const struct trello_fields *fields);

static inline const struct value *value_of(const struct object *o, enum field f)
{
    CHECK(field_info(f)->kind == o->kind);
    return &o->fields[field_info(f)->slot];
}

#endif
