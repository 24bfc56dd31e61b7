/* ws_read.c - a client's bytes to frames, frames to messages; RFC 6455 sections 5 to 8. */
#include "net/ws.h"

#include "core/base/check.h"

#define KEPT_BYTES KIB(16) /* a message buffer larger than this is given back after its message */
#define WS_1002    1002
#define WS_1007    1007
#define WS_1009    1009

void ws_reader_init(struct ws_reader *r, size_t message_bytes_max, bool deflate)
{
    memset(r, 0, sizeof(*r));
    CHECK(message_bytes_max <= WS_MESSAGE_BYTES_MAX);
    r->message_bytes_max = message_bytes_max;
    r->deflate = deflate;
    r->head_need = 2;
    buf_init(&r->message, WS_MESSAGE_BYTES_MAX);
}

void ws_reader_fini(struct ws_reader *r)
{
    buf_fini(&r->message);
    r->inflater = inflater_free(r->inflater);
}

bool ws_reader_is_inside(const struct ws_reader *r)
{
    return r->in_message || r->head_len > 0 || r->state == WS_AT_PAYLOAD;
}

bool ws_close_code_is_valid(uint16_t code)
{
    if (code >= 3000) return code <= 4999;
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}

/* The first breach decides; every step below returns false once one is noted. */
static bool bad(struct ws_reader *r, uint16_t code, const char *why)
{
    r->state = WS_AT_FAILED;
    r->bad_code = code;
    r->bad_why = why;
    return false;
}

static uint8_t opcode_of(const struct ws_reader *r)
{
    return r->head[0] & 15;
}

static bool is_control(const struct ws_reader *r)
{
    return opcode_of(r) >= WS_OP_CLOSE;
}

/* -- the frame's head, judged byte by byte so that a wrong first byte needs no second */

static bool judge_first_byte(struct ws_reader *r)
{
    uint8_t op = opcode_of(r);
    bool fin = (r->head[0] & 0x80) != 0;
    bool packed = (r->head[0] & 0x40) != 0;
    if ((r->head[0] & 0x30) != 0) return bad(r, WS_1002, "RSV2 or RSV3 is set; expected 0");
    if (op > WS_OP_PONG || (op > WS_OP_BINARY && op < WS_OP_CLOSE)) {
        return bad(r, WS_1002, "unknown opcode; expected 0, 1, 2, 8, 9 or 10");
    }
    if (packed && !r->deflate) return bad(r, WS_1002, "RSV1 is set, but no compression was agreed");
    if (is_control(r)) {
        if (!fin) return bad(r, WS_1002, "a control frame is fragmented; expected FIN");
        if (packed) return bad(r, WS_1002, "a control frame is compressed; expected RSV1 0");
        return true;
    }
    if (op == WS_OP_CONTINUATION) {
        if (!r->in_message)
            return bad(r, WS_1002, "a continuation without a message; expected opcode 1 or 2");
        if (packed)
            return bad(r, WS_1002, "RSV1 on a continuation; expected it on the first frame only");
        if (++r->fragments > WS_FRAGMENTS_MAX) {
            return bad(r, WS_1002, "a message in more than 64 fragments; expected fewer");
        }
        return true;
    }
    if (r->in_message)
        return bad(r, WS_1002, "a new message inside a fragmented one; expected opcode 0");
    return true;
}

static bool judge_second_byte(struct ws_reader *r)
{
    uint8_t length = r->head[1] & 127;
    if ((r->head[1] & 0x80) == 0)
        return bad(r, WS_1002, "a frame is not masked; expected a client's mask");
    if (is_control(r) && length > WS_CONTROL_BYTES_MAX) {
        return bad(r, WS_1002, "a control frame is longer than 125 bytes");
    }
    if (opcode_of(r) == WS_OP_CLOSE && length == 1) {
        return bad(r, WS_1002, "a close frame of one byte; expected none or a code of two");
    }
    r->head_need = (uint8_t)(length == 127 ? 14 : length == 126 ? 8 : 6);
    return true;
}

/* Called when the length is whole, before the mask: nothing was reserved yet. */
static bool judge_length(struct ws_reader *r)
{
    uint8_t code = r->head[1] & 127;
    size_t extra = code == 127 ? 8 : code == 126 ? 2 : 0;
    uint64_t length = extra == 0 ? code : 0;
    for (size_t i = 0; i < extra; i++) {
        length = length << 8 | r->head[2 + i];
    }
    if (length >> 63 != 0) return bad(r, WS_1002, "a length with its top bit set");
    if ((extra == 2 && length < 126) || (extra == 8 && length <= UINT16_MAX)) {
        return bad(r, WS_1002, "a length in more bytes than it needs; expected the shortest form");
    }
    r->payload_left = length;
    if (is_control(r)) return true;
    bool packed = opcode_of(r) == WS_OP_CONTINUATION ? r->packed : (r->head[0] & 0x40) != 0;
    uint64_t have = opcode_of(r) != WS_OP_CONTINUATION ? 0
                    : packed                           ? r->packed_bytes
                                                       : r->message.len;
    if (length > r->message_bytes_max || have + length > r->message_bytes_max) {
        return bad(r, WS_1009, "a message larger than the limit");
    }
    return true;
}

static void begin_payload(struct ws_reader *r)
{
    r->state = WS_AT_PAYLOAD;
    r->mask_at = 0;
    if (is_control(r)) {
        r->control_len = 0;
        return;
    }
    if (opcode_of(r) == WS_OP_CONTINUATION) return;
    r->in_message = true;
    r->text = opcode_of(r) == WS_OP_TEXT;
    r->packed = (r->head[0] & 0x40) != 0;
    r->fragments = 1;
    r->packed_bytes = 0;
    utf_check_init(&r->utf);
    if (r->packed) {
        if (r->inflater == NULL) r->inflater = inflater_new();
        inflater_begin(r->inflater);
    }
}

static bool take_head_byte(struct ws_reader *r, uint8_t c)
{
    r->head[r->head_len++] = c;
    if (r->head_len == 1) return judge_first_byte(r);
    if (r->head_len == 2 && !judge_second_byte(r)) return false;
    if (r->head_len == r->head_need - 4 && !judge_length(r)) return false;
    if (r->head_len == r->head_need) begin_payload(r);
    return true;
}

/* -- payload */

/* out may be in; the mask goes on where the last piece of this frame ended. */
static void unmask(struct ws_reader *r, const char *in, size_t len, char *out)
{
    const uint8_t *mask = r->head + r->head_need - 4;
    uint8_t turned[8];
    for (size_t i = 0; i < 8; i++) {
        turned[i] = mask[(r->mask_at + i) & 3];
    }
    uint64_t wide;
    memcpy(&wide, turned, 8);
    size_t at = 0;
    for (; at + 8 <= len; at += 8) {
        uint64_t word;
        memcpy(&word, in + at, 8);
        word ^= wide;
        memcpy(out + at, &word, 8);
    }
    for (; at < len; at++) {
        out[at] = (char)((uint8_t)in[at] ^ turned[at & 7]);
    }
    r->mask_at = (uint8_t)((r->mask_at + len) & 3);
}

static bool judge_text(struct ws_reader *r, size_t from)
{
    if (!r->text || utf_check_feed(&r->utf, slice_from(buf_slice(&r->message), from))) return true;
    return bad(r, WS_1007, "text that is not UTF-8");
}

static bool judge_inflate(struct ws_reader *r, enum inflate_status s, size_t from)
{
    if (!judge_text(r, from)) return false;
    if (s == INFLATE_FULL) return bad(r, WS_1009, "a message larger than the limit once inflated");
    if (s == INFLATE_BAD) return bad(r, WS_1007, "a compressed message that is not deflate data");
    return true;
}

static bool take_packed(struct ws_reader *r, struct slice piece)
{
    char plain[1024];
    r->packed_bytes += piece.len;
    while (piece.len > 0) {
        struct slice in = slice_head(piece, sizeof(plain));
        piece = slice_from(piece, in.len);
        unmask(r, in.ptr, in.len, plain);
        in.ptr = plain;
        enum inflate_status s = INFLATE_BLOCK;
        while (s == INFLATE_BLOCK) {
            size_t from = r->message.len;
            s = inflater_feed(r->inflater, &in, &r->message, r->message_bytes_max);
            if (!judge_inflate(r, s, from)) return false;
        }
    }
    return true;
}

static bool take_payload(struct ws_reader *r, struct slice piece)
{
    r->payload_left -= piece.len;
    if (piece.len == 0) return true;
    if (is_control(r)) {
        unmask(r, piece.ptr, piece.len, (char *)r->control + r->control_len);
        r->control_len = (uint8_t)(r->control_len + piece.len);
        return true;
    }
    if (r->packed) return take_packed(r, piece);
    size_t from = r->message.len;
    bool fits = buf_reserve(&r->message, piece.len);
    CHECK(fits); /* judge_length compared with a limit not above the buffer's */
    unmask(r, piece.ptr, piece.len, r->message.ptr + from);
    r->message.len += piece.len;
    return judge_text(r, from);
}

/* -- the frame's end */

static enum ws_event end_close(struct ws_reader *r, struct ws_message *ret)
{
    struct slice payload = slice_of(r->control, r->control_len);
    uint16_t code = WS_CLOSE_NO_STATUS;
    if (payload.len >= 2) {
        code = (uint16_t)(r->control[0] << 8 | r->control[1]);
        payload = slice_from(payload, 2);
        if (!ws_close_code_is_valid(code)) {
            bad(r, WS_1002,
                    "a close code that must not be sent; expected 1000-1003, 1007-1014 or "
                    "3000-4999");
            return WS_BAD;
        }
        if (!utf_valid(payload)) {
            bad(r, WS_1007, "a close reason that is not UTF-8");
            return WS_BAD;
        }
    }
    r->state = WS_AT_CLOSED;
    *ret = (struct ws_message){.text = true, .payload = payload, .close_code = code};
    return WS_CLOSE;
}

static enum ws_event end_message(struct ws_reader *r, struct ws_message *ret)
{
    enum inflate_status s = r->packed ? INFLATE_BLOCK : INFLATE_MORE;
    while (s == INFLATE_BLOCK) {
        size_t from = r->message.len;
        s = inflater_end(r->inflater, &r->message, r->message_bytes_max);
        if (!judge_inflate(r, s, from)) return WS_BAD;
    }
    if (r->text && !utf_check_end(&r->utf)) {
        bad(r, WS_1007, "text that ends inside a character");
        return WS_BAD;
    }
    r->in_message = false;
    r->delivered = true;
    *ret = (struct ws_message){.text = r->text, .payload = buf_slice(&r->message)};
    return WS_MESSAGE;
}

static enum ws_event end_frame(struct ws_reader *r, struct ws_message *ret)
{
    uint8_t op = opcode_of(r);
    bool fin = (r->head[0] & 0x80) != 0;
    r->state = WS_AT_HEAD;
    r->head_len = 0;
    r->head_need = 2;
    if (op == WS_OP_CLOSE) return end_close(r, ret);
    if (op == WS_OP_PING || op == WS_OP_PONG) {
        *ret = (struct ws_message){.payload = slice_of(r->control, r->control_len)};
        return op == WS_OP_PING ? WS_PING : WS_PONG;
    }
    return fin ? end_message(r, ret) : WS_MORE;
}

/* What was handed out is gone now, and the memory of a large message with it. */
static void forget_delivered(struct ws_reader *r)
{
    if (!r->delivered) return;
    r->delivered = false;
    buf_clear(&r->message);
    if (r->message.cap > KEPT_BYTES) buf_shrink(&r->message);
}

enum ws_event ws_read(
        struct ws_reader *r, struct slice bytes, size_t *ret_used, struct ws_message *ret)
{
    CHECK(r->message_bytes_max <= WS_MESSAGE_BYTES_MAX);
    size_t used = 0;
    enum ws_event event = WS_MORE;
    forget_delivered(r);
    if (r->state == WS_AT_CLOSED) used = bytes.len;
    while (used < bytes.len && event == WS_MORE && r->state != WS_AT_FAILED) {
        if (r->state == WS_AT_HEAD) {
            take_head_byte(r, (uint8_t)bytes.ptr[used++]);
        } else {
            struct slice piece = slice_from(bytes, used);
            if (piece.len > r->payload_left) piece.len = (size_t)r->payload_left;
            used += piece.len;
            take_payload(r, piece);
        }
        if (r->state == WS_AT_PAYLOAD && r->payload_left == 0) event = end_frame(r, ret);
    }
    *ret_used = used;
    if (r->state != WS_AT_FAILED) return event;
    *ret = (struct ws_message){.close_code = r->bad_code, .why = r->bad_why};
    return WS_BAD;
}
