/* deflate.c - gzip and permessage-deflate over zlib; see deflate.h. */
#include "net/deflate.h"

#define ZLIB_CONST
#include <zlib.h>

#include "core/base/check.h"
#include "core/base/mem.h"

#define BLOCK_BYTES     4096
#define OUR_WINDOW_BITS 12 /* messages are small: a larger window costs memory and finds nothing */
#define MEMORY_LEVEL    8

/* zlib's own memory comes from where ours comes from: running out is one answer, an abort. */
static void *zlib_alloc(void *opaque, unsigned count, unsigned size)
{
    (void)opaque;
    return mem_new((size_t)count * size);
}

static void zlib_free(void *opaque, void *ptr)
{
    (void)opaque;
    mem_free(ptr);
}

/* Runs a set-up deflate stream over the whole of `in`, ends it, and appends; all or nothing. */
static enum err pack(z_stream *z, struct buf *out, struct slice in, int flush)
{
    size_t bound = deflateBound(z, in.len) + 16;
    enum err e = ERR_TOO_LARGE;
    CHECK(in.len <= UINT32_MAX && bound <= UINT32_MAX);
    size_t room = out->bytes_max - out->len;
    if (bound < room) room = bound;
    if (room > 0 && buf_reserve(out, room)) {
        z->next_in = (const Bytef *)(in.len > 0 ? in.ptr : "");
        z->avail_in = (uInt)in.len;
        z->next_out = (Bytef *)out->ptr + out->len;
        z->avail_out = (uInt)room;
        int r = deflate(z, flush);
        /* A sync flush is complete only when it left room: zlib says to go on as long as there
         * is none. */
        bool done = flush == Z_FINISH ? r == Z_STREAM_END
                                      : r == Z_OK && z->avail_in == 0 && z->avail_out > 0;
        if (done) {
            out->len += room - z->avail_out;
            e = ERR_OK;
        } else {
            out->failed = true;
        }
    } else {
        out->failed = true;
    }
    deflateEnd(z);
    return e;
}

enum err gzip_pack(struct buf *out, struct slice in, int level)
{
    CHECK(level >= 1 && level <= 9);
    z_stream z = {.zalloc = zlib_alloc, .zfree = zlib_free};
    int r = deflateInit2(&z, level, Z_DEFLATED, 15 + 16, MEMORY_LEVEL, Z_DEFAULT_STRATEGY);
    CHECK(r == Z_OK);
    return pack(&z, out, in, Z_FINISH);
}

/* -- negotiation, RFC 7692 sections 5 and 7.1 */

enum offer_param {
    PARAM_SERVER_NO_CONTEXT,
    PARAM_CLIENT_NO_CONTEXT,
    PARAM_SERVER_BITS,
    PARAM_CLIENT_BITS,
    PARAM_COUNT
};

static const char *const param_names[PARAM_COUNT] = {
        [PARAM_SERVER_NO_CONTEXT] = "server_no_context_takeover",
        [PARAM_CLIENT_NO_CONTEXT] = "client_no_context_takeover",
        [PARAM_SERVER_BITS] = "server_max_window_bits",
        [PARAM_CLIENT_BITS] = "client_max_window_bits",
};

/* 8 to 15 without leading zero, quoted or not. */
static bool read_bits(struct slice value, uint8_t *ret_bits)
{
    if (value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"') {
        value = slice_of(value.ptr + 1, value.len - 2);
    }
    uint64_t bits;
    if (value.len == 0 || value.ptr[0] == '0' || !slice_to_u64(value, &bits) || bits < 8 ||
            bits > 15)
        return false;
    *ret_bits = (uint8_t)bits;
    return true;
}

/* One "name" or "name=value" of an offer. False: the whole offer is declined. */
static bool take_param(struct slice text, bool seen[PARAM_COUNT], struct ws_deflate *d)
{
    struct slice name = text;
    struct slice value = {NULL, 0};
    struct slice rest = text;
    if (slice_cut(&rest, '=', &name)) value = rest;
    size_t p = 0;
    while (p < PARAM_COUNT && !slice_eq_nocase(name, slice_cstr(param_names[p]))) {
        p++;
    }
    if (p == PARAM_COUNT || seen[p]) return false;
    seen[p] = true;
    uint8_t bits = 15;
    if (p == PARAM_SERVER_NO_CONTEXT || p == PARAM_CLIENT_NO_CONTEXT) return value.ptr == NULL;
    if (value.ptr != NULL && !read_bits(value, &bits)) return false;
    if (p == PARAM_SERVER_BITS) {
        /* zlib cannot write raw deflate with a window of 2^8 */
        if (value.ptr == NULL || bits < 9) return false;
        d->server_bits_said = true;
        d->server_window_bits = bits < OUR_WINDOW_BITS ? bits : OUR_WINDOW_BITS;
        return true;
    }
    d->client_bits_said = true;
    d->client_window_bits = bits < OUR_WINDOW_BITS ? bits : OUR_WINDOW_BITS;
    return true;
}

static bool take_offer(struct slice offer, struct ws_deflate *ret)
{
    struct ws_deflate d = {.server_window_bits = OUR_WINDOW_BITS, .client_window_bits = 15};
    bool seen[PARAM_COUNT] = {false};
    struct slice part;
    if (!slice_next(&offer, ';', &part) ||
            !slice_eq_nocase(slice_trim(part), SLICE("permessage-deflate")))
        return false;
    while (slice_next(&offer, ';', &part)) {
        if (!take_param(slice_trim(part), seen, &d)) return false;
    }
    d.on = true;
    *ret = d;
    return true;
}

bool ws_deflate_offer(const struct http_request *q, struct ws_deflate *ret)
{
    memset(ret, 0, sizeof(*ret));
    for (size_t i = 0; i < q->field_count; i++) {
        if (!slice_eq_nocase(q->fields[i].name, SLICE("sec-websocket-extensions"))) continue;
        struct slice rest = q->fields[i].value;
        for (struct slice offer; slice_next(&rest, ',', &offer);) {
            if (take_offer(offer, ret)) return true;
        }
    }
    return false;
}

bool ws_deflate_answer(const struct ws_deflate *d, struct buf *out)
{
    CHECK(d->on);
    BUF_ADD(out, "permessage-deflate; server_no_context_takeover; client_no_context_takeover");
    if (d->server_bits_said)
        buf_add_format(out, "; server_max_window_bits=%d", d->server_window_bits);
    if (d->client_bits_said)
        buf_add_format(out, "; client_max_window_bits=%d", d->client_window_bits);
    return buf_ok(out);
}

enum err ws_deflate_pack(struct buf *out, struct slice message, const struct ws_deflate *d)
{
    CHECK(d->on && d->server_window_bits >= 9 && d->server_window_bits <= 15);
    /* section 7.2.3.6 */
    if (message.len == 0) return buf_add_char(out, 0) ? ERR_OK : ERR_TOO_LARGE;
    z_stream z = {.zalloc = zlib_alloc, .zfree = zlib_free};
    int r = deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -d->server_window_bits,
            MEMORY_LEVEL, Z_DEFAULT_STRATEGY);
    CHECK(r == Z_OK);
    enum err e = pack(&z, out, message, Z_SYNC_FLUSH);
    if (e != ERR_OK) return e;
    CHECK(out->len >= 4 && memcmp(out->ptr + out->len - 4, "\0\0\377\377", 4) == 0);
    out->len -= 4; /* the receiver puts it back: section 7.2.1 */
    return ERR_OK;
}

/* -- inflating */

struct inflater {
    z_stream z;
    bool fresh;      /* nothing fed since the last stream's start: the message may end here */
    bool tail_begun; /* inflater_end was called */
    struct slice tail;
};

struct inflater *inflater_new(void)
{
    struct inflater *i = MEM_NEW(struct inflater);
    i->z.zalloc = zlib_alloc;
    i->z.zfree = zlib_free;
    /* The full window whatever was agreed: a smaller one saves memory only while a message is
     * read. */
    int r = inflateInit2(&i->z, -15);
    CHECK(r == Z_OK);
    inflater_begin(i);
    return i;
}

struct inflater *inflater_free(struct inflater *i)
{
    if (i == NULL) return NULL;
    inflateEnd(&i->z);
    return mem_free(i);
}

void inflater_begin(struct inflater *i)
{
    int r = inflateReset(&i->z);
    CHECK(r == Z_OK);
    i->fresh = true;
    i->tail_begun = false;
}

enum inflate_status inflater_feed(
        struct inflater *i, struct slice *in, struct buf *out, size_t bytes_max)
{
    CHECK(out->len <= bytes_max);
    uint8_t over; /* at the limit one byte more is asked for: it says that there is more */
    size_t room = bytes_max - out->len < BLOCK_BYTES ? bytes_max - out->len : BLOCK_BYTES;
    if (room > 0 && !buf_reserve(out, room)) return INFLATE_FULL;
    size_t given = in->len < UINT32_MAX ? in->len : UINT32_MAX;
    size_t asked = room > 0 ? room : sizeof(over);
    i->z.next_in = (const Bytef *)in->ptr;
    i->z.avail_in = (uInt)given;
    i->z.next_out = room > 0 ? (Bytef *)out->ptr + out->len : &over;
    i->z.avail_out = (uInt)asked;
    int r = inflate(&i->z, Z_SYNC_FLUSH);
    size_t wrote = asked - i->z.avail_out;
    size_t used = given - i->z.avail_in;
    *in = slice_from(*in, used);
    if (used > 0) i->fresh = false;
    if (used == 0 && wrote == 0 && in->len > 0) return INFLATE_BAD; /* a data error, said again */
    if (room == 0 && wrote > 0) return INFLATE_FULL;
    out->len += wrote;
    if (r == Z_STREAM_END) {
        /* A final block may come before the message's end (section 7.2.3.5): the next stream
         * follows at once. */
        int reset = inflateReset(&i->z);
        CHECK(reset == Z_OK);
        i->fresh = true;
        return in->len > 0 || wrote > 0 ? INFLATE_BLOCK : INFLATE_MORE;
    }
    if (r != Z_OK && r != Z_BUF_ERROR) return INFLATE_BAD;
    if (i->z.avail_out == 0 || in->len > 0) return INFLATE_BLOCK;
    return INFLATE_MORE;
}

enum inflate_status inflater_end(struct inflater *i, struct buf *out, size_t bytes_max)
{
    if (!i->tail_begun) {
        if (i->fresh) return INFLATE_MORE;
        i->tail_begun = true;
        i->tail = SLICE("\0\0\377\377");
    }
    enum inflate_status s = inflater_feed(i, &i->tail, out, bytes_max);
    if (s != INFLATE_MORE) return s;
    /* zlib's data_type: 128 at a block's boundary, the low bits are bits held back. Anything
     * else was cut off. */
    bool whole = i->fresh || ((i->z.data_type & 128) != 0 && (i->z.data_type & 63) == 0);
    return whole ? INFLATE_MORE : INFLATE_BAD;
}
