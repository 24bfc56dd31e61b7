/* key.h - the sortable keys of every table, byte by byte.
 *
 * Numbers are big-endian, so that memcmp order is numeric order and everything of one board lies
 * together in the order in which it is read. Field names, not the enum's numbers, are part of a
 * text's key: the enum may grow in the middle.
 *
 *   heads     board(12)
 *   entities  board(12) kind(1) id(12)          a snapshot is one scan
 *   texts     board(12) id(12) field name
 *   events    board(12) seq(8)
 *   clients   board(12) actor(12) cl(0..32)
 *   ids       id(12)
 *   shorts    short link(8)
 *   members   member(12) board(12)
 *   parts     board(12) card(12) kind(1) id(12)     nothing behind it: where a card's parts are
 *   meta      name
 *
 * Pure functions, any thread. */
#ifndef TAVLA_STORAGE_KEY_H
#define TAVLA_STORAGE_KEY_H

#include "core/model.h"

#define KEY_BYTES_MAX 64 /* LMDB takes 511 */

struct key {
    uint8_t bytes[KEY_BYTES_MAX];
    size_t len;
};

struct key key_id(struct id id); /* heads, ids; the prefix of a board's or member's rows too */
struct key key_entity(struct id board, enum kind kind, struct id id);
struct key key_entity_kind(struct id board, enum kind kind); /* where a kind's rows begin */
struct key key_text(struct id board, struct id id, enum field field);
struct key key_event(struct id board, uint64_t seq);
struct key key_client(struct id board, struct id actor, struct slice cl);
struct key key_member(struct id member, struct id board);
struct key key_parts(struct id board, struct id card); /* the prefix of a card's rows */
struct key key_part(struct id board, struct id card, enum kind kind, struct id id);
struct key key_bytes(struct slice bytes); /* shorts, meta */

static inline struct slice key_slice(const struct key *k)
{
    return slice_of(k->bytes, k->len);
}

/* Back from stored bytes. False: not of that table's form. */
bool key_board(struct slice key, struct id *ret_board);
bool key_entity_read(
        struct slice key, struct id *ret_board, enum kind *ret_kind, struct id *ret_id);
bool key_part_read(struct slice key, struct id *ret_board, struct id *ret_card, enum kind *ret_kind,
        struct id *ret_id);
bool key_event_read(struct slice key, struct id *ret_board, uint64_t *ret_seq);
bool key_client_read(
        struct slice key, struct id *ret_board, struct id *ret_actor, struct slice *ret_cl);
bool key_pair_read(struct slice key, struct id *ret_first,
        struct id *ret_second); /* members; head of a text's key */

#endif
