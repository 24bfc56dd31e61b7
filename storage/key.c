#include "storage/key.h"

#include <endian.h>

#include "core/base/check.h"

static void add(struct key *k, const void *bytes, size_t len)
{
    CHECK(k->len + len <= KEY_BYTES_MAX);
    if (len > 0) memcpy(k->bytes + k->len, bytes, len);
    k->len += len;
}

static void add_id(struct key *k, struct id id)
{
    add(k, id.bytes, ID_BYTES);
}

static void add_kind(struct key *k, enum kind kind)
{
    CHECK((unsigned)kind < KIND_LIMIT);
    uint8_t number = (uint8_t)kind;
    add(k, &number, 1);
}

struct key key_id(struct id id)
{
    struct key k = {.len = 0};
    add_id(&k, id);
    return k;
}

struct key key_entity_kind(struct id board, enum kind kind)
{
    struct key k = key_id(board);
    add_kind(&k, kind);
    return k;
}

struct key key_entity(struct id board, enum kind kind, struct id id)
{
    struct key k = key_entity_kind(board, kind);
    add_id(&k, id);
    return k;
}

struct key key_text(struct id board, struct id id, enum field field)
{
    struct key k = key_id(board);
    struct slice name = field_info(field)->name;
    add_id(&k, id);
    add(&k, name.ptr, name.len);
    return k;
}

struct key key_event(struct id board, uint64_t seq)
{
    struct key k = key_id(board);
    uint64_t big = htobe64(seq);
    add(&k, &big, sizeof(big));
    return k;
}

struct key key_client(struct id board, struct id actor, struct slice cl)
{
    struct key k = key_id(board);
    add_id(&k, actor);
    add(&k, cl.ptr, cl.len);
    return k;
}

struct key key_member(struct id member, struct id board)
{
    struct key k = key_id(member);
    add_id(&k, board);
    return k;
}

struct key key_parts(struct id board, struct id card)
{
    struct key k = key_id(board);
    add_id(&k, card);
    return k;
}

struct key key_part(struct id board, struct id card, enum kind kind, struct id id)
{
    struct key k = key_parts(board, card);
    add_kind(&k, kind);
    add_id(&k, id);
    return k;
}

struct key key_bytes(struct slice bytes)
{
    struct key k = {.len = 0};
    add(&k, bytes.ptr, bytes.len);
    return k;
}

static struct id id_at(struct slice key, size_t offset)
{
    struct id id;
    CHECK(offset + ID_BYTES <= key.len);
    memcpy(id.bytes, key.ptr + offset, ID_BYTES);
    return id;
}

bool key_board(struct slice key, struct id *ret_board)
{
    if (key.len < ID_BYTES) return false;
    *ret_board = id_at(key, 0);
    return true;
}

bool key_entity_read(struct slice key, struct id *ret_board, enum kind *ret_kind, struct id *ret_id)
{
    if (key.len != 2 * ID_BYTES + 1) return false;
    unsigned number = (uint8_t)key.ptr[ID_BYTES];
    if (!kind_known(number)) return false;
    *ret_board = id_at(key, 0);
    *ret_kind = (enum kind)number;
    *ret_id = id_at(key, ID_BYTES + 1);
    return true;
}

bool key_part_read(struct slice key, struct id *ret_board, struct id *ret_card, enum kind *ret_kind,
        struct id *ret_id)
{
    if (key.len != 3 * ID_BYTES + 1 || !kind_known((unsigned char)key.ptr[2 * ID_BYTES]))
        return false;
    *ret_board = id_at(key, 0);
    *ret_card = id_at(key, ID_BYTES);
    *ret_kind = (enum kind)(unsigned char)key.ptr[2 * ID_BYTES];
    *ret_id = id_at(key, 2 * ID_BYTES + 1);
    return true;
}

bool key_event_read(struct slice key, struct id *ret_board, uint64_t *ret_seq)
{
    uint64_t big;
    if (key.len != ID_BYTES + sizeof(big)) return false;
    memcpy(&big, key.ptr + ID_BYTES, sizeof(big));
    *ret_board = id_at(key, 0);
    *ret_seq = be64toh(big);
    return true;
}

bool key_client_read(
        struct slice key, struct id *ret_board, struct id *ret_actor, struct slice *ret_cl)
{
    if (key.len < 2 * ID_BYTES) return false;
    *ret_board = id_at(key, 0);
    *ret_actor = id_at(key, ID_BYTES);
    *ret_cl = slice_from(key, 2 * ID_BYTES);
    return true;
}

bool key_pair_read(struct slice key, struct id *ret_first, struct id *ret_second)
{
    if (key.len < 2 * ID_BYTES) return false;
    *ret_first = id_at(key, 0);
    *ret_second = id_at(key, ID_BYTES);
    return true;
}
