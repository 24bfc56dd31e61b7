/* ws_write.c - frames of a server: whole, final, unmasked. */
#include "net/ws.h"

#include "core/base/check.h"

size_t ws_frame_head(
        uint8_t ret_head[WS_FRAME_HEAD_BYTES_MAX], enum ws_opcode op, uint64_t payload_bytes)
{
    CHECK(IMPLIES(op >= WS_OP_CLOSE && op <= WS_OP_PONG, payload_bytes <= WS_CONTROL_BYTES_MAX));
    CHECK(payload_bytes <= INT64_MAX);
    ret_head[0] = (uint8_t)(0x80 | op);
    if (payload_bytes < 126) {
        ret_head[1] = (uint8_t)payload_bytes;
        return 2;
    }
    size_t extra = payload_bytes <= UINT16_MAX ? 2 : 8;
    ret_head[1] = extra == 2 ? 126 : 127;
    for (size_t i = 0; i < extra; i++) {
        ret_head[2 + i] = (uint8_t)(payload_bytes >> (8 * (extra - 1 - i)));
    }
    return 2 + extra;
}

bool ws_frame_add(struct buf *out, enum ws_opcode op, struct slice payload)
{
    uint8_t head[WS_FRAME_HEAD_BYTES_MAX];
    size_t head_bytes = ws_frame_head(head, op, payload.len);
    if (!buf_reserve(out, head_bytes + payload.len)) return false;
    buf_add(out, slice_of(head, head_bytes));
    return buf_add(out, payload);
}

bool ws_close_add(struct buf *out, uint16_t code, struct slice reason)
{
    if (code == WS_CLOSE_NO_STATUS) return ws_frame_add(out, WS_OP_CLOSE, slice_of("", 0));
    CHECK(ws_close_code_is_valid(code));
    uint8_t payload[WS_CONTROL_BYTES_MAX] = {(uint8_t)(code >> 8), (uint8_t)code};
    struct slice text = utf_head(reason, sizeof(payload) - 2);
    if (text.len > 0) memcpy(payload + 2, text.ptr, text.len);
    return ws_frame_add(out, WS_OP_CLOSE, slice_of(payload, 2 + text.len));
}
