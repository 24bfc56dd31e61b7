/* id.h - object ids: 24 lowercase hex digits, 12 bytes, the first four the Unix time in seconds.
 *
 * Trello's shape, so imported ids stay valid and creation time is readable. Byte order is creation
 * order. The all-zero id is "none" and never names an object except the directory. Any thread. */
#ifndef TAVLA_BASE_ID_H
#define TAVLA_BASE_ID_H

#include "core/base/slice.h"

#define ID_BYTES        12
#define ID_TEXT         24
#define SHORT_LINK_TEXT 8

struct id {
    uint8_t bytes[ID_BYTES];
};

/* exactly 24 of 0-9 a-f; anything else false */
bool id_parse(struct slice text, struct id *ret_id);
void id_format(struct id id, char ret_text[ID_TEXT + 1]); /* with a terminating zero */
struct id id_make(uint32_t unix_seconds, uint64_t random_bits);
uint32_t id_seconds(struct id id);

static inline bool id_eq(struct id a, struct id b)
{
    return memcmp(a.bytes, b.bytes, ID_BYTES) == 0;
}

static inline int id_cmp(struct id a, struct id b)
{
    return memcmp(a.bytes, b.bytes, ID_BYTES);
}

static inline bool id_is_none(struct id id)
{
    static const struct id none;
    return id_eq(id, none);
}

/* The 8 base62 characters that stand for an object in short links, derived from its id, so that no
 * state is needed to make one; the server's ids table refuses the rare collision. */
void short_link_make(struct id id, char ret_text[SHORT_LINK_TEXT + 1]);
bool short_link_valid(struct slice text); /* 8 of 0-9 A-Z a-z */

#endif
