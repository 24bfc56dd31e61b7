#include "storage/record.h"

#include <endian.h>

#include "core/base/check.h"
#include "core/base/digits.h"

static char *put_u64(char *to, uint64_t value)
{
    uint64_t little = htole64(value);
    memcpy(to, &little, sizeof(little));
    return to + sizeof(little);
}

static uint64_t get_u64(const char *from)
{
    uint64_t little;
    memcpy(&little, from, sizeof(little));
    return le64toh(little);
}

static char *put_slice(char *to, struct slice s)
{
    if (s.len > 0) memcpy(to, s.ptr, s.len);
    return to + s.len;
}

size_t record_event_bytes(const struct event *e)
{
    return sizeof(uint32_t) + e->public_json.len + e->old_json.len;
}

void record_event_write(const struct event *e, char *to)
{
    CHECK(e->public_json.len > 0 && e->public_json.len <= UINT32_MAX);
    uint32_t little = htole32((uint32_t)e->public_json.len);
    memcpy(to, &little, sizeof(little));
    put_slice(put_slice(to + sizeof(little), e->public_json), e->old_json);
}

bool record_event_read(struct slice value, struct slice *ret_public, struct slice *ret_old)
{
    uint32_t little;
    if (value.len < sizeof(little)) return false;
    memcpy(&little, value.ptr, sizeof(little));
    struct slice rest = slice_from(value, sizeof(little));
    size_t len = le32toh(little);
    if (len == 0 || len > rest.len) return false;
    *ret_public = slice_head(rest, len);
    *ret_old = slice_from(rest, len);
    return true;
}

bool record_event_ts(struct slice public_json, int64_t *ret_ts)
{
    /* Only ids and numbers stand before "ts", so the first match is the member itself. */
    static const char name[] = "\"ts\":";
    const char *at = memmem(public_json.ptr, public_json.len, name, sizeof(name) - 1);
    if (at == NULL) return false;
    struct slice rest = slice_from(public_json, (size_t)(at - public_json.ptr) + sizeof(name) - 1);
    struct slice number;
    return slice_cut(&rest, ',', &number) && slice_to_i64(number, ret_ts);
}

static bool hex_digit(char c, unsigned *ret_value)
{
    if (c >= '0' && c <= '9') {
        *ret_value = (unsigned)(c - '0');
    } else if (c >= 'a' && c <= 'f') {
        *ret_value = (unsigned)(c - 'a') + 10;
    } else {
        return false;
    }
    return true;
}

static bool hex_read(struct slice text, uint8_t *to, size_t len)
{
    if (text.len != 2 * len) return false;
    for (size_t i = 0; i < len; i++) {
        unsigned high, low;
        if (!hex_digit(text.ptr[2 * i], &high) || !hex_digit(text.ptr[2 * i + 1], &low))
            return false;
        to[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static bool hex_read_u64(struct slice text, uint64_t *ret_value)
{
    uint64_t big;
    if (!hex_read(text, (uint8_t *)&big, sizeof(big))) return false;
    *ret_value = be64toh(big);
    return true;
}

bool record_event_h(struct slice public_json, uint64_t *ret_h)
{
    const struct slice name = SLICE("\"h\":\""), end = SLICE("\"}");
    const size_t digits = 2 * sizeof(uint64_t), tail = name.len + digits + end.len;
    if (public_json.len < tail || !slice_ends(public_json, end)) return false;
    struct slice s = slice_from(public_json, public_json.len - tail);
    return slice_starts(s, name) && hex_read_u64(slice_of(s.ptr + name.len, digits), ret_h);
}

static void member_hex(struct json_out *j, struct slice name, const void *bytes, size_t len)
{
    char text[2 * sizeof(struct hash128)];
    CHECK(len <= sizeof(struct hash128));
    hex_put(text, bytes, len);
    json_key(j, name);
    json_str(j, slice_of(text, 2 * len));
}

static void member_u64(struct json_out *j, struct slice name, uint64_t value)
{
    json_key(j, name);
    json_u64(j, value);
}

void record_head_write(const struct board_head *head, struct buf *out)
{
    struct json_out j = json_out(out);
    uint64_t sum = htobe64(head->sum);
    CHECK(head->ts >= 0);
    json_object_begin(&j);
    member_hex(&j, SLICE("chain"), head->chain.bytes, sizeof(head->chain));
    JSON_KEY(&j, "deleted");
    json_bool(&j, head->deleted);
    member_u64(&j, SLICE("entities"), head->entities);
    member_u64(&j, SLICE("floor"), head->floor);
    member_hex(&j, SLICE("floorChain"), head->floor_chain.bytes, sizeof(head->floor_chain));
    member_u64(&j, SLICE("nextShort"), head->next_short);
    member_u64(&j, SLICE("number"), head->number);
    member_u64(&j, SLICE("seq"), head->seq);
    member_hex(&j, SLICE("sum"), &sum, sizeof(sum)); /* as text: 64 bits do not fit a JSON number */
    member_u64(&j, SLICE("ts"), (uint64_t)head->ts);
    json_object_end(&j);
}

static bool read_u32(const json_t *tree, const char *key, uint32_t *ret_value)
{
    uint64_t value;
    if (!json_get_u64(tree, key, &value) || value > UINT32_MAX) return false;
    *ret_value = (uint32_t)value;
    return true;
}

enum err record_head_read(struct arena *scratch, struct slice value, struct board_head *ret_head)
{
    json_t *tree;
    struct slice chain, floor_chain, sum;
    uint64_t ts;
    struct board_head h = {.seq = 0};
    if (json_read(scratch, value, &tree, NULL) != ERR_OK || !json_is_object(tree))
        return ERR_CORRUPT;
    if (!json_get_slice(tree, "chain", &chain) || !json_get_slice(tree, "sum", &sum) ||
            !json_get_slice(tree, "floorChain", &floor_chain))
        return ERR_CORRUPT;
    if (!hex_read(chain, h.chain.bytes, sizeof(h.chain)) || !hex_read_u64(sum, &h.sum) ||
            !hex_read(floor_chain, h.floor_chain.bytes, sizeof(h.floor_chain)))
        return ERR_CORRUPT;
    if (!json_get_u64(tree, "entities", &h.entities) || !json_get_u64(tree, "floor", &h.floor) ||
            !json_get_u64(tree, "seq", &h.seq) || !json_get_u64(tree, "ts", &ts) ||
            !read_u32(tree, "number", &h.number) || !read_u32(tree, "nextShort", &h.next_short))
        return ERR_CORRUPT;
    h.ts = (int64_t)ts;
    h.deleted = json_is_true(json_object_get(tree, "deleted"));
    *ret_head = h;
    return ERR_OK;
}

size_t record_text_bytes(struct slice text)
{
    return sizeof(uint64_t) + text.len;
}

void record_text_write(uint64_t s, struct slice text, char *to)
{
    put_slice(put_u64(to, s), text);
}

bool record_text_read(struct slice value, uint64_t *ret_s, struct slice *ret_text)
{
    if (value.len < sizeof(uint64_t)) return false;
    *ret_s = get_u64(value.ptr);
    *ret_text = slice_from(value, sizeof(uint64_t));
    return true;
}

#define CLIENT_FIXED_BYTES (3 * sizeof(uint64_t))

size_t record_client_bytes(const struct client_row *row)
{
    CHECK(row->refused_count <= ARRAY_COUNT(row->refused));
    return CLIENT_FIXED_BYTES + row->refused_count * sizeof(uint64_t);
}

void record_client_write(const struct client_row *row, char *to)
{
    to = put_u64(to, row->last_n);
    to = put_u64(to, row->seq);
    to = put_u64(to, (uint64_t)row->used_ms);
    for (uint32_t i = 0; i < row->refused_count; i++)
        to = put_u64(to, row->refused[i]);
}

bool record_client_read(struct slice value, struct client_row *ret_row)
{
    struct client_row *row = ret_row;
    if (value.len < CLIENT_FIXED_BYTES || value.len % sizeof(uint64_t) != 0) return false;
    size_t refused = (value.len - CLIENT_FIXED_BYTES) / sizeof(uint64_t);
    if (refused > ARRAY_COUNT(row->refused)) return false;
    row->last_n = get_u64(value.ptr);
    row->seq = get_u64(value.ptr + 8);
    row->used_ms = (int64_t)get_u64(value.ptr + 16);
    row->refused_count = (uint32_t)refused;
    for (size_t i = 0; i < refused; i++)
        row->refused[i] = get_u64(value.ptr + CLIENT_FIXED_BYTES + 8 * i);
    return true;
}

void record_location_write(struct id board, enum kind kind, char to[LOCATION_BYTES])
{
    memcpy(to, board.bytes, ID_BYTES);
    to[ID_BYTES] = (char)kind;
}

bool record_location_read(struct slice value, struct location *ret_location)
{
    if (value.len != LOCATION_BYTES && value.len != LOCATION_SHORT_BYTES) return false;
    unsigned number = (uint8_t)value.ptr[ID_BYTES];
    if (!kind_known(number)) return false;
    memcpy(ret_location->board.bytes, value.ptr, ID_BYTES);
    ret_location->kind = (enum kind)number;
    if (value.len == LOCATION_SHORT_BYTES)
        memcpy(ret_location->id.bytes, value.ptr + LOCATION_BYTES, ID_BYTES);
    return true;
}

bool record_role_read(struct slice value, enum role *ret_role)
{
    if (value.len != 1 || value.ptr[0] <= ROLE_NONE || value.ptr[0] > ROLE_ADMIN) return false;
    *ret_role = (enum role)value.ptr[0];
    return true;
}
