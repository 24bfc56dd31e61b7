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

/* The members between the braces, id first. */
void trello_members(
        const struct trello_writer *w, const struct object *o, const struct trello_fields *fields);

static inline const struct value *value_of(const struct object *o, enum field f)
{
    CHECK(field_info(f)->kind == o->kind);
    return &o->fields[field_info(f)->slot];
}

#endif
