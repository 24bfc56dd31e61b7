/* op_keys.h - the keys that ops have beside fields of their object, in one table: name, wire name,
 * reader. Private to core/op_*.c. */
#ifndef TAVLA_CORE_OP_KEYS_H
#define TAVLA_CORE_OP_KEYS_H

#include "core/op.h"

struct decode {
    struct arena *arena;
    struct op *op;
    struct fault *fault;
    const char *name; /* of the member being read */
};

/* clang-format off */
#define OP_KEY_TABLE(X) \
    X(ID,        "id",       read_id)       X(IDS,       "ids",      read_ids)      \
    X(ID_LIST,   "idList",   read_id_list)  X(ELEMENT,   "element",  read_element)  \
    X(ON,        "on",       read_on)       X(LISTS,     "lists",    read_on)       \
    X(AFTER,     "after",    read_after)    X(BEFORE,    "before",   read_before)   \
    X(POS,       "pos",      read_pos)      X(IF,        "if",       read_if)       \
    X(BY,        "by",       read_by)       X(DESCENDING,"desc",     read_on)       \
    X(DESC,      "desc",     read_desc)     X(FORCE,     "force",    read_force)    \
    X(DELTA,     "delta",    read_delta)    X(TEXT,      "text",     read_text)     \
    X(KIND,      "kind",     read_kind)     X(FIELD,     "field",    read_field)    \
    X(MEMBER,    "idMember", read_member)   X(ROLE,      "role",     read_role)     \
    X(OBJECTS,   "objects",  read_objects)  X(LINK,      "idLink",   read_element)  \
    X(LINK_HASH, "linkHash", read_hash)     X(FIELDS,    "fields",   op_fields_read)   \
    X(RECORD,    "record",   read_record)   X(EMOJI,     "emoji",    read_emoji)    \
    X(ID_CARD,   "idCard",   read_id_card)  X(ID_CHECKLIST, "idChecklist", read_id_checklist) \
    X(SOURCE,    "idSource", read_element)  X(KEEP,      "keep",     read_keep)     \
    X(FILES,     "files",    read_on)       X(ID_BOARD,  "idBoard",  read_id_board)
/* clang-format on */

enum {
#define X(name, wire, read) KEY_##name,
    OP_KEY_TABLE(X)
#undef X
            OP_KEY_COUNT
};

_Static_assert(OP_KEY_COUNT <= 32, "a payload has its keys in 32 bits");

struct op_key {
    const char *wire;
    enum err (*read)(struct decode *d, const json_t *json);
};

const struct op_key *op_key(unsigned key);
enum err op_bad(struct decode *d, const json_t *json, const char *expected);
/* op_decode.c: fields of the op's kind, as far as the op may set them */
enum err op_fields_read(struct decode *d, const json_t *json);

#endif
