/* ws.h - WebSocket (RFC 6455) at the server's end: handshake, frames to messages, messages to
 * frames. No socket here.
 *
 *     0               1               2 ...
 *    +-+-+-+-+-------+-+-------------+----------------+-----------+---------+
 *    |F|R|R|R| opcode|M| length      | 16 or 64 bits  | mask (4)  | payload |
 *    |I|1|2|3|       | | 0-125 / 126 | more length if | only from | masked  |
 *    |N| | | |       | | / 127       | 126 / 127      | a client  |         |
 *    +-+-+-+-+-------+-+-------------+----------------+-----------+---------+
 *
 * The reader is pushed bytes cut anywhere and fails at the first byte that breaks a rule: a
 * length beyond the limit is refused from the frame's head, before anything is kept; text is
 * checked as UTF-8 while it comes. It keeps at most one message of message_bytes_max bytes and,
 * while the peer compresses, one inflater. One conn, one thread. */
#ifndef TAVLA_NET_WS_H
#define TAVLA_NET_WS_H

#include "core/base/utf.h"
#include "net/deflate.h"

/* With 0x40 (RSV1) added for a message packed by ws_deflate_pack. */
enum ws_opcode {
    WS_OP_CONTINUATION = 0,
    WS_OP_TEXT = 1,
    WS_OP_BINARY = 2,
    WS_OP_CLOSE = 8,
    WS_OP_PING = 9,
    WS_OP_PONG = 10,
    WS_OP_TEXT_DEFLATED = 0x41,
    WS_OP_BINARY_DEFLATED = 0x42,
};

#define WS_CONTROL_BYTES_MAX    125
#define WS_FRAME_HEAD_BYTES_MAX 10   /* of ours: no mask */
#define WS_CLOSE_NO_STATUS      1005 /* a close frame without a code; never sent */
#define WS_ACCEPT_CHARS         28

/* -- handshake (ws_open.c) */

/* ERR_OK: answer 101 with ws_open_answer. ERR_UPGRADE (426, add ws_open_refusal_fields) or
 * ERR_INVALID (400) otherwise. `protocol` is the one we speak; whether the client listed it goes
 * to ret_protocol_chosen. Origin is the caller's to judge. */
enum err ws_open_check(const struct http_request *q, struct slice protocol,
        char ret_accept[WS_ACCEPT_CHARS + 1], bool *ret_protocol_chosen, struct fault *ret_fault);
/* browsers fail a handshake that picks none of what they listed */
bool ws_open_has_protocols(const struct http_request *q);
struct slice ws_open_refusal_fields(void); /* lines for http_response_head.fields of a 426 */
/* protocol, extension: NULL when none was agreed. */
bool ws_open_answer(
        struct buf *out, const char *accept, const char *protocol, const char *extension);

/* -- reading (ws_read.c) */

enum ws_event {
    WS_MORE,    /* all bytes used */
    WS_MESSAGE, /* whole */
    WS_PING,    /* answer with a pong of the same payload */
    WS_PONG,
    WS_CLOSE, /* close_code is 1005 when the peer gave none; later bytes are swallowed */
    WS_BAD,   /* send a close with the code given, then close; final */
};

struct ws_message {
    bool text;
    struct slice payload; /* until the next ws_read; for WS_CLOSE the reason */
    uint16_t close_code;  /* of WS_CLOSE; for WS_BAD the one to send: 1002, 1007 or 1009 */
    const char *why;      /* of WS_BAD, for the close frame */
};

enum ws_reader_state { WS_AT_HEAD, WS_AT_PAYLOAD, WS_AT_CLOSED, WS_AT_FAILED };

struct ws_reader {
    /* inflated; the owner may raise it up to WS_MESSAGE_BYTES_MAX at any time */
    size_t message_bytes_max;
    /* private */
    bool deflate; /* RSV1 is allowed */
    enum ws_reader_state state;
    uint8_t head[14];
    /* bytes of this frame's head so far, and in total as far as known */
    uint8_t head_len, head_need;
    uint8_t mask_at; /* which of the mask's bytes is next */
    uint64_t payload_left;
    bool in_message; /* a data frame without FIN was begun and not ended */
    bool text, packed;
    bool delivered; /* message holds what was handed out: cleared at the next call */
    uint32_t fragments;
    uint64_t packed_bytes; /* of the message being read, before inflating */
    struct utf_check utf;
    struct buf message;
    struct inflater *inflater; /* NULL until the first packed message */
    uint8_t control[WS_CONTROL_BYTES_MAX];
    uint8_t control_len;
    uint16_t bad_code;
    const char *bad_why;
};

void ws_reader_init(struct ws_reader *r, size_t message_bytes_max, bool deflate);
void ws_reader_fini(struct ws_reader *r);
/* True between a message's first byte and its last: the owner's clock (WS_MESSAGE_TIMEOUT_MS)
 * runs. */
bool ws_reader_is_inside(const struct ws_reader *r);
/* One event a call; while bytes are left, call again with slice_from(bytes, used). *ret is
 * filled for every event but WS_MORE and untouched by that. */
enum ws_event ws_read(
        struct ws_reader *r, struct slice bytes, size_t *ret_used, struct ws_message *ret);
/* may stand in a close frame: RFC 6455 section 7.4 and the IANA list */
bool ws_close_code_is_valid(uint16_t code);

/* -- writing (ws_write.c) */

/* Head of one whole (FIN), unmasked frame; returns its length, 2 to 10. */
size_t ws_frame_head(
        uint8_t ret_head[WS_FRAME_HEAD_BYTES_MAX], enum ws_opcode op, uint64_t payload_bytes);
/* False, with nothing of the frame in out, when it does not fit. */
bool ws_frame_add(struct buf *out, enum ws_opcode op, struct slice payload);
/* 1005 makes a close without a code. The reason is cut to 123 bytes at a character. */
bool ws_close_add(struct buf *out, uint16_t code, struct slice reason);

#endif
